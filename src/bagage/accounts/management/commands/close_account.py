"""``bagage close_account``."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bagage.accounts import services
from bagage.accounts.management.commands.reset_password import find_user
from bagage.common.errors import BusinessError
from bagage.trail.domain.actor import Actor


class Command(BaseCommand):
    help = "Close an account: sessions end, roles end, persons followed pass to a colleague."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="user name or e-mail")
        parser.add_argument(
            "--handed-to", default="", metavar="USER", help="colleague who follows her persons"
        )

    def handle(self, *args: Any, user: str, handed_to: str, **options: Any) -> None:
        leaver = find_user(user)
        colleague = find_user(handed_to) if handed_to else None
        try:
            services.close_account(leaver, handed_to=colleague, by=Actor.system("close_account"))
        except BusinessError as error:
            raise CommandError(f"USER {user!r}: {error}", returncode=2) from error
        self.stdout.write(f"The account {leaver.username} is closed.")
