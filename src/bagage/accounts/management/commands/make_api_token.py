"""``bagage make_api_token``."""

from datetime import date, timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from bagage.accounts import services
from bagage.accounts.management.commands.reset_password import find_user
from bagage.common.errors import BusinessError
from bagage.trail.domain.actor import Actor


class Command(BaseCommand):
    help = "Print a token with which a program asks in the name of an account. It is shown once."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="user name or e-mail")
        parser.add_argument("name", metavar="NAME", help="what the token is for, such as 'nightly report'")
        parser.add_argument(
            "--ends-on",
            default="",
            metavar="YYYY-MM-DD",
            help="its last day; within a year (default: 90 days from now)",
        )

    def handle(self, *args: Any, user: str, name: str, ends_on: str, **options: Any) -> None:
        owner = find_user(user)
        try:
            last_day = date.fromisoformat(ends_on) if ends_on else timezone.localdate() + timedelta(days=90)
        except ValueError as error:
            raise CommandError(
                f"--ends-on must be a day such as 2027-01-31, not {ends_on!r}.", returncode=2
            ) from error
        try:
            made = services.make_api_token(
                owner, name=name, ends_on=last_day, by=Actor.system("make_api_token")
            )
        except BusinessError as error:
            raise CommandError(f"{error.field or 'account'}: {error}", returncode=2) from error
        self.stdout.write(
            f"Token: {made.secret}\nGood until {made.token.ends_on:%Y-%m-%d}, that day included."
        )
