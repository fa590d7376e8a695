"""A network of two cities, its people, and the files of persons, made with few words."""

from dataclasses import dataclass
from datetime import datetime
from itertools import count

from django.utils import timezone

from bagage.accounts.domain.roles import Role
from bagage.accounts.models import Installation, Membership, Organisation, User
from bagage.people import services
from bagage.people.models import Person

_numbers = count(1)


@dataclass
class Network:
    """Riquet in Paris, Saint-Denis in another antenna, one network above both."""

    root: Organisation
    riquet: Organisation
    saint_denis: Organisation


def make_network() -> Network:
    """The tree."""
    Installation.objects.update_or_create(pk=1, defaults={"name": "Essai", "set_up_at": timezone.now()})
    root = Organisation.objects.add_root(create_kwargs={"name": "Réseau", "kind": "network"})
    paris = Organisation.objects.add_child(root, create_kwargs={"name": "Paris", "kind": "antenna"})
    north = Organisation.objects.add_child(root, create_kwargs={"name": "Nord", "kind": "antenna"})
    riquet = Organisation.objects.add_child(
        paris, create_kwargs={"name": "Riquet", "kind": "permanence", "city": "Paris"}
    )
    saint_denis = Organisation.objects.add_child(
        north, create_kwargs={"name": "Saint-Denis", "kind": "permanence", "city": "Saint-Denis"}
    )
    return Network(root, riquet, saint_denis)


def make_user(node: Organisation, role: Role = Role.ADVISER, first_name: str = "Hélène") -> User:
    """Someone with one role on one node."""
    user = User.objects.create_user(f"people{next(_numbers)}", first_name=first_name, last_name="Lenoir")
    Membership.objects.create(user=user, organisation=node, role=role)
    return user


def make_person(
    node: Organisation,
    name: str = "Fatoumata Diarra",
    *,
    by: User,
    phone: str = "",
    at: datetime | None = None,
    **fields: object,
) -> Person:
    """A file at ``node``; the first word is the chosen name, the rest the family name."""
    chosen, _, family = name.partition(" ")
    person = services.open_file(chosen_name=chosen, family_name=family, node=node, by=by, at=at, **fields)
    if phone:
        services.add_contact_way(person, kind="sms", phone=phone, by=by, at=at)
    return person
