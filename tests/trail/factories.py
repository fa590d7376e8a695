"""A small tree with staff, for the screens that only need someone who may and someone who may not."""

from bagage.accounts.domain.roles import Role
from bagage.accounts.models import Installation, Membership, Organisation, User
from tests.strict import StrictClient


def network(name: str = "Réseau d’essai") -> Organisation:
    """The root of a tree, in an installation that is set up."""
    Installation.objects.update_or_create(pk=1, defaults={"set_up_at": "2026-01-01T00:00:00Z"})
    return Organisation.objects.add_root(create_kwargs={"kind": Organisation.Kind.NETWORK, "name": name})


def permanence(parent: Organisation, name: str) -> Organisation:
    """A permanence below it."""
    parent.refresh_from_db()
    return Organisation.objects.add_child(
        parent, create_kwargs={"kind": Organisation.Kind.PERMANENCE, "name": name, "city": "Paris"}
    )


def staff(first_name: str, role: Role, node: Organisation, *, last_name: str = "") -> User:
    """An account with one role on one node."""
    user = User.objects.create_user(
        f"{first_name}-{role}-{node.pk}".lower(), first_name=first_name, last_name=last_name
    )
    Membership.objects.create(user=user, organisation=node, role=role)
    return user


def signed_in(user: User, **headers: str) -> StrictClient:
    """A browser in which she signed in."""
    client = StrictClient(headers=headers)
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client
