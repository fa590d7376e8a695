"""``bagage reset_password``."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bagage.accounts import services
from bagage.accounts.models import User
from bagage.common.codes import shown_code
from bagage.common.errors import BusinessError
from bagage.trail.domain.actor import Actor


class Command(BaseCommand):
    help = "Print a new invitation code for an account whose password or second step is lost."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("user", metavar="USER", help="user name or e-mail")

    def handle(self, *args: Any, user: str, **options: Any) -> None:
        try:
            invited = services.invite_again(find_user(user), by=Actor.system("reset_password"))
        except BusinessError as error:
            raise CommandError(f"USER {user!r}: {error}", returncode=2) from error
        self.stdout.write(
            f"User name: {invited.user.username}\nCode: {shown_code(invited.code)}\n"
            f"Address: {services.invitation_link(invited.code)}\nGood until {invited.invitation.expires_at:%Y-%m-%d}."
        )


def find_user(name: str) -> User:
    """The account of a user name or an e-mail, whatever the capitals; CommandError otherwise."""
    field = "email__iexact" if "@" in name else "username__iexact"
    found = User.objects.filter(**{field: name}).first() if name else None
    if found is None:
        raise CommandError(f"USER {name!r}: no account has this user name or e-mail.", returncode=2)
    return found
