"""``bagage load_demo``: fill an empty home with the demonstration network."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bagage.accounts.models import Installation
from bagage.accounts.queries import demonstration_accounts
from bagage.common.errors import BusinessError
from bagage.demo.network import PASSWORD
from bagage.demo.services import PERSONS, load_demonstration


class Command(BaseCommand):
    """Loads it once; a second call says so and changes nothing."""

    help = "fill an empty home with the demonstration network (invented persons)"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many persons, and the seed that makes them the same again."""
        parser.add_argument(
            "--persons", type=int, default=PERSONS, help=f"how many to invent ({PERSONS}; 1 to 5000)"
        )
        parser.add_argument("--seed", type=int, default=2014, help="the same seed makes the same network")

    def handle(self, *args: Any, persons: int, seed: int, **options: Any) -> None:
        """Load, and print the accounts."""
        if not 1 <= persons <= 5000:
            raise CommandError("--persons takes a whole number from 1 to 5000", returncode=2)
        if Installation.objects.filter(is_demonstration=True).exists():
            self.stdout.write("The demonstration network is already loaded here.")
            return
        try:
            load_demonstration(seed=seed, persons=persons)
        except BusinessError as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(f"Demonstration network loaded: {persons} invented persons.")
        self.stdout.write(f"One account a role, all with the password {PASSWORD}:")
        for account in demonstration_accounts():
            self.stdout.write(f"  {account.username:<10}{account.role}, {account.name} ({account.place})")
