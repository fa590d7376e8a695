"""Persons and nodes, made with few words."""

from datetime import datetime, timedelta
from itertools import count

from django.utils import timezone

from bagage.accounts.domain.roles import Role
from bagage.accounts.models import Installation, Membership, Organisation, User
from bagage.people.models import Following, Person
from bagage.permanences.models import Appointment, OpeningBlock, Site

_numbers = count(1)


def make_node(name: str = "Riquet, Paris 19e") -> Organisation:
    """A permanence in a network of its own."""
    Installation.objects.update_or_create(pk=1, defaults={"name": "Essai", "set_up_at": timezone.now()})
    root = Organisation.objects.add_root(create_kwargs={"name": "Réseau", "kind": "network"})
    return Organisation.objects.add_child(
        root, create_kwargs={"name": name, "kind": "permanence", "city": "Paris"}
    )


def make_user(node: Organisation, role: Role = Role.ADVISER, first_name: str = "Hélène") -> User:
    """Someone with one role on one node."""
    user = User.objects.create_user(f"user{next(_numbers)}", first_name=first_name, last_name="Lenoir")
    Membership.objects.create(user=user, organisation=node, role=role)
    return user


def make_person(
    node: Organisation | None = None, *, name: str = "Fanta", grammar: str = "she", **fields: object
) -> Person:
    """Someone who is welcomed, followed at ``node``."""
    now = timezone.now()
    person = Person.objects.create(
        code=f"T{next(_numbers):05d}",
        chosen_name=name,
        grammar=grammar,
        created_at=now,
        last_contact_at=now,
        **fields,
    )
    if node is not None:
        Following.objects.create(person=person, node=node, started_at=now - timedelta(days=3))
    return person


def make_appointment(
    person: Person, node: Organisation, adviser: User, starts_at: datetime, **fields: object
) -> Appointment:
    """A booked half hour."""
    site, _ = Site.objects.get_or_create(
        organisation=node, defaults={"address": "1 rue Riquet", "city": "Paris"}
    )
    block = OpeningBlock.objects.create(
        site=site, adviser=adviser, starts_at=starts_at, ends_at=starts_at + timedelta(hours=1)
    )
    now = timezone.now()
    return Appointment.objects.create(
        **{
            "site": site,
            "block": block,
            "adviser": adviser,
            "person": person,
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(minutes=30),
            "subject": "Premier entretien",
            "booked_at": now,
            "changed_at": now,
            **fields,
        }
    )
