"""A network with two cities, and people with roles in it."""

from itertools import count
from typing import Any

from bagage.accounts.domain.roles import Role
from bagage.accounts.models import Installation, Membership, Organisation, User

_number = count(1)
PASSWORD = "les canards du canal"


def make_root(name: str = "Réseau des Passeurs", **fields: Any) -> Organisation:
    """A network, alone in its tree."""
    return Organisation.objects.add_root(create_kwargs={"kind": "network", "name": name, **fields})


def make_under(parent: Organisation, kind: str, name: str, **fields: Any) -> Organisation:
    """A node under another."""
    return Organisation.objects.add_child(parent, create_kwargs={"kind": kind, "name": name, **fields})


def make_user(
    role: Role | None = None,
    node: Organisation | None = None,
    first_name: str = "Claire",
    *,
    password: str | None = PASSWORD,
    **fields: Any,
) -> User:
    """An account, with a role when given one."""
    username = fields.pop("username", f"compte{next(_number)}")
    user = User.objects.create_user(username, password, first_name=first_name, **fields)
    if role is not None:
        assert node is not None
        Membership.objects.create(user=user, organisation=node, role=role)
    return user


class Network:
    """Réseau > Lille (Wazemmes, CCAS de Lille), Lyon (Guillotière)."""

    def __init__(self) -> None:
        Installation.objects.update_or_create(pk=1, defaults={"name": "Les Passeurs du Canal"})
        self.root = make_root()
        self.lille = make_under(self.root, "antenna", "Lille", city="Lille")
        self.lyon = make_under(self.root, "antenna", "Lyon", city="Lyon")
        self.wazemmes = make_under(self.lille, "permanence", "Wazemmes", city="Lille")
        self.ccas = make_under(self.lille, "referring", "CCAS de Lille", city="Lille")
        self.guillotiere = make_under(self.lyon, "permanence", "Guillotière", city="Lyon")
        self.admin = make_user(Role.ADMINISTRATOR, self.root, "Claire")
        self.lille_admin = make_user(Role.ADMINISTRATOR, self.lille, "Omar")
        self.adviser = make_user(Role.ADVISER, self.wazemmes, "Hélène")
        self.lyon_adviser = make_user(Role.ADVISER, self.guillotiere, "Solenne")


def fresh(user: User) -> User:
    """The account as the database has it, remembering nothing."""
    return User.objects.get(pk=user.pk)
