"""``bagage create_account``."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bagage.accounts import services
from bagage.accounts.domain.roles import Role
from bagage.accounts.models import Organisation
from bagage.common.codes import shown_code
from bagage.common.errors import BusinessError
from bagage.trail.domain.actor import Actor


class Command(BaseCommand):
    help = (
        "Invite someone with a role on a node of the tree; prints the code with which the account is opened."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("first_name", metavar="FIRST_NAME")
        parser.add_argument("role", metavar="ROLE", help=", ".join(Role))
        parser.add_argument("--node", default="", help="name of the node; the network when left out")
        parser.add_argument("--last-name", default="")
        parser.add_argument("--email", default="", help="the link of the invitation is sent there too")

    def handle(
        self, *args: Any, first_name: str, role: str, node: str, last_name: str, email: str, **options: Any
    ) -> None:
        if role not in set(Role):
            raise CommandError(f"ROLE: must be one of {', '.join(Role)}, not {role!r}.", returncode=2)
        try:
            invited = services.invite(
                first_name=first_name,
                last_name=last_name,
                role=Role(role),
                node=find_node(node),
                email=email,
                by=Actor.system("create_account"),
            )
        except BusinessError as error:
            raise CommandError(f"{error.field or 'account'}: {error}", returncode=2) from error
        self.stdout.write(
            f"User name: {invited.user.username}\nCode: {shown_code(invited.code)}\n"
            f"Address: {services.invitation_link(invited.code)}\nGood until {invited.invitation.expires_at:%Y-%m-%d}."
        )


def find_node(name: str) -> Organisation:
    """The node of that name, whatever its capitals; the network for ``""``. CommandError names the choices."""
    nodes = (
        Organisation.objects.filter(name__iexact=name)
        if name
        else Organisation.objects.filter(kind="network")
    )
    found = list(nodes.order_by("path")[:3])
    if len(found) == 1:
        return found[0]
    names = ", ".join(Organisation.objects.order_by("path").values_list("name", flat=True)[:40]) or "none yet"
    reason = "several nodes have this name" if found else "no node has this name"
    raise CommandError(f"--node {name!r}: {reason}. Nodes: {names}.", returncode=2)
