"""``bagage load_bulk``: many more invented persons in a demonstration home, to measure speed."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from bagage.common.errors import BusinessError
from bagage.demo.bulk import add_many_persons


class Command(BaseCommand):
    """Adds what is missing to reach the number asked for."""

    help = "add invented persons to a demonstration home until it holds that many"

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How many persons in all."""
        parser.add_argument(
            "--persons", type=int, default=100_000, help="how many in all (100000; 1 to 1000000)"
        )

    def handle(self, *args: Any, persons: int, **options: Any) -> None:
        """Add them."""
        if not 1 <= persons <= 1_000_000:
            raise CommandError("--persons takes a whole number from 1 to 1000000", returncode=2)
        try:
            added = add_many_persons(persons)
        except BusinessError as error:
            raise CommandError(str(error), returncode=2) from error
        self.stdout.write(f"{added} invented persons added.")
