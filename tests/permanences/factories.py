"""Places, people who receive, and persons, for the tests of what happens at a permanence."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import count

from bagage.accounts.domain.roles import Role
from bagage.accounts.models import Installation, Membership, Organisation, User
from bagage.people.models import ContactWay, Following, Person
from bagage.permanences.models import (
    Appointment,
    OpeningBlock,
    QueueEntry,
    Room,
    Session,
    SessionBooking,
    Site,
)
from bagage.skills.models import Item

_number = count(1)
HOURS = "Mo-Fr 09:00-12:30,13:30-17:30"


def make_node(name: str = "Permanence Canal", parent: Organisation | None = None) -> Organisation:
    """A permanence under a network."""
    root = parent or Organisation.objects.filter(kind="network").first()
    if root is None:
        root = Organisation.objects.add_root(create_kwargs={"kind": "network", "name": "Réseau"})
    return Organisation.objects.add_child(
        root, create_kwargs={"kind": "permanence", "name": name, "city": "Paris"}
    )


def make_site(name: str = "Permanence Canal", **fields: object) -> Site:
    """A site with usual hours."""
    return Site.objects.create(
        **{
            "organisation": make_node(name),
            "address": "3 quai des Essais",
            "postcode": "75019",
            "city": "Paris",
            "hours": HOURS,
            **fields,
        }
    )


def make_user(
    site: Site | None = None, role: Role = Role.ADVISER, first_name: str = "Hélène", **fields: object
) -> User:
    """Someone with a role at a site."""
    user = User.objects.create_user(f"user{next(_number)}", first_name=first_name, **fields)
    if site is not None:
        Membership.objects.create(user=user, organisation=site.organisation, role=role)
    return user


def make_person(
    site: Site | None, name: str = "Fanta", family_name: str = "Diallo", **fields: object
) -> Person:
    """Someone followed at a site for a month."""
    at = datetime.fromisoformat("2026-10-26T09:00:00+01:00")
    number = next(_number)
    person = Person.objects.create(
        **{
            "code": f"T{number:05d}",
            "chosen_name": name,
            "family_name": family_name,
            "created_at": at,
            "last_contact_at": at,
            **fields,
        }
    )
    if site is not None:
        Following.objects.create(person=person, node=site.organisation, started_at=at)
    return person


def make_phone(person: Person, phone: str = "+33639980142", **fields: object) -> ContactWay:
    """A number at which she can be called."""
    return ContactWay.objects.create(
        **{"person": person, "kind": "sms", "phone": phone, "started_at": person.created_at, **fields}
    )


def make_block(
    site: Site, adviser: User, starts_at: datetime, *, hours: float = 3, slot_minutes: int = 30
) -> OpeningBlock:
    """Someone receives for some hours."""
    return OpeningBlock.objects.create(
        site=site,
        adviser=adviser,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=hours),
        slot_minutes=slot_minutes,
    )


def make_appointment(
    block: OpeningBlock, person: Person, starts_at: datetime | None = None, **fields: object
) -> Appointment:
    """One slot of a block, given the day before."""
    starts_at = starts_at or block.starts_at
    return Appointment.objects.create(
        **{
            "site": block.site,
            "block": block,
            "adviser": block.adviser,
            "person": person,
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(minutes=block.slot_minutes),
            "booked_at": starts_at - timedelta(days=1),
            "changed_at": starts_at - timedelta(days=1),
            **fields,
        }
    )


def make_entry(site: Site, came_at: datetime, first_name: str = "Yusuf", **fields: object) -> QueueEntry:
    """Someone in the queue."""
    return QueueEntry.objects.create(
        **{
            "site": site,
            "first_name": first_name,
            "key": f"entry{next(_number)}",
            "came_at": came_at,
            **fields,
        }
    )


def make_installation(now: datetime) -> Installation:
    """The installation is set up: no page leads to the first start."""
    installation, _created = Installation.objects.update_or_create(
        pk=1, defaults={"name": "Essai", "set_up_at": now}
    )
    return installation


def make_room(site: Site, name: str = "Grande salle", *, computers: int = 8, seats: int = 12) -> Room:
    """A room with computers in working order."""
    return Room.objects.create(site=site, name=name, computers=computers, seats=seats)


def make_session(
    site: Site,
    starts_at: datetime,
    *,
    hours: float = 2,
    room: Room | None = None,
    items: Iterable[str] = ("K11",),
    **fields: object,
) -> Session:
    """A session of two hours, in a room of its own unless told."""
    number = next(_number)
    session = Session.objects.create(
        **{
            "site": site,
            "room": room or make_room(site, f"Salle {number}"),
            "topic": "Son compte santé",
            "language": "français",
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=hours),
            "key": f"session{number}",
            "planned_at": starts_at - timedelta(days=7),
            "changed_at": starts_at - timedelta(days=7),
            **fields,
        }
    )
    session.items.set(Item.objects.filter(code__in=list(items)))
    return session


def make_seat(
    session: Session, person: Person | None, state: str = "booked", **fields: object
) -> SessionBooking:
    """A place in a session, asked two days before, each a minute after the one before."""
    number = next(_number)
    asked = session.starts_at - timedelta(days=2) + timedelta(minutes=number)
    has_seat = state not in {"waiting", "excused", "left"}
    return SessionBooking.objects.create(
        **{
            "session": session,
            "person": person,
            "state": state,
            "key": f"seat{number}",
            "booked_at": asked,
            "seated_at": asked if has_seat else None,
            "changed_at": asked,
            **fields,
        }
    )
