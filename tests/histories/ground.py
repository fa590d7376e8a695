"""A small network for histories: two permanences, four files of which two are one person, little of each thing."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import count

from django.utils import timezone

from bagage.accounts.domain.roles import Role
from bagage.accounts.models import User
from bagage.equipment import services as equipment
from bagage.equipment.models import Device
from bagage.journeys.models import Journey
from bagage.journeys.services import open_journey
from bagage.people.models import Person
from bagage.people.services import mark_as_same
from bagage.permanences.models import Room, Site
from bagage.shop import services as shop
from bagage.shop.models import Product, ShopRules
from bagage.trail.domain.actor import Actor
from tests.permanences.factories import make_person, make_room, make_site, make_user

KEEPER = Actor.system("histories")
# A Monday at ten: both permanences are open.
START = timezone.make_aware(datetime(2026, 3, 2, 10, 0))
CAP = 3000
COMPUTERS = 2
_numbers = count(1)


def key() -> str:
    """A key that no form used."""
    return f"history-{next(_numbers)}"


@dataclass
class Ground:
    """What the acts of a history choose from."""

    sites: list[Site]
    rooms: list[Room]
    staff: list[User]
    persons: list[Person]
    products: list[Product]
    devices: list[Device]
    journeys: dict[int, Journey] = field(default_factory=dict)

    def files_of(self, person: Person) -> list[int]:
        """The ids of all files of this person, as they were laid out here: the last two are one."""
        last_two = [one.pk for one in self.persons[-2:]]
        return last_two if person.pk in last_two else [person.pk]


def lay_out(*, at: datetime = START) -> Ground:
    """Write the ground into the database."""
    sites = [make_site("Riquet"), make_site("Caquet")]
    rooms = [make_room(site, computers=COMPUTERS, seats=4) for site in sites]
    staff = [make_user(site, Role.ADVISER) for site in sites]
    persons = [
        make_person(sites[0], "Awa", "Sylla"),
        make_person(sites[0], "Yusuf", "Kaya"),
        make_person(sites[0], "Mariam", "Traoré"),
        make_person(sites[1], "Maryam", "Traore"),
    ]
    for person in persons:
        Person.objects.filter(pk=person.pk).update(created_at=at - timedelta(days=30))
    mark_as_same(persons[2], persons[3], reasons="même nom", by=staff[0], at=at)
    for person in persons:
        person.refresh_from_db()
    ShopRules.objects.update_or_create(pk=1, defaults={"cap": CAP})
    add = {"by": KEEPER, "at": at}
    products = [
        shop.add_product(kind="sim", name="Carte SIM", price=250, days=30, key=key(), **add),
        shop.add_product(kind="top_up", name="Recharge 3 Go", price=1000, days=30, key=key(), **add),
        shop.add_product(kind="top_up", name="Recharge 10 Go", price=2000, days=30, key=key(), **add),
        shop.add_product(
            kind="accessory",
            name="Chargeur",
            price=300,
            counts_in_cap=False,
            needs_right=False,
            key=key(),
            **add,
        ),
    ]
    for site in sites:
        shop.open_till(site, float_amount=5000, key=key(), by=KEEPER, at=at)
        for product in products:
            shop.receive_stock(product, site=site, quantity=3, key=key(), by=KEEPER, at=at)
    devices = [
        equipment.receive_device(
            site=site,
            kind="smartphone",
            model="Galaxy A14",
            state="ready",
            price=price,
            received_on=timezone.localdate(at),
            key=key(),
            by=KEEPER,
            at=at,
        )
        for site, price in ((sites[0], 3000), (sites[0], 0), (sites[1], 2000))
    ]
    ground = Ground(sites, rooms, staff, persons, products, devices)
    for person in persons[:3]:
        ground.journeys[person.pk] = open_journey(person, sites[0].organisation, by=staff[0], at=at)
    return ground
