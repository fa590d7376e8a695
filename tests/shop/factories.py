"""Products, stock, tills and rights, made with few words."""

from datetime import date, datetime
from itertools import count

from django.utils import timezone

from bagage.accounts.models import User
from bagage.equipment.models import Device, Reservation
from bagage.people.models import Person
from bagage.permanences.models import Site
from bagage.shop import services
from bagage.shop.models import AccessRight, Product, Sale, ShopRules, Till
from bagage.trail.domain.actor import Actor

_numbers = count(1)
KEEPER = Actor("system", "tests")


def key() -> str:
    """A key that no form used."""
    return f"shop-{next(_numbers)}"


def make_product(
    name: str = "Chargeur", kind: str = "accessory", *, price: int = 300, stock: int = 0, site=None, **fields
) -> Product:
    """A product on sale, with so many pieces at a site."""
    product = services.add_product(kind=kind, name=name, price=price, key=key(), by=KEEPER, **fields)
    if stock:
        services.receive_stock(product, site=site, quantity=stock, key=key(), by=KEEPER)
    return product


def make_till(site: Site, by: User, float_amount: int = 5000, at: datetime | None = None) -> Till:
    """An open till."""
    return services.open_till(site, float_amount=float_amount, key=key(), by=by, at=at)


def make_right(person: Person, site: Site, by: User, **fields) -> AccessRight:
    """A window of access from today."""
    return services.open_right(person, node=site.organisation, key=key(), by=by, **fields)


def sold(person: Person, site: Site, by: User, *products: Product, **fields) -> Sale:
    """One of each, in cash."""
    values = {"payment": "cash", "key": key(), **fields}
    return services.sell(person, site=site, basket=[(product, 1) for product in products], by=by, **values)


def make_rules(**fields) -> ShopRules:
    """Other figures than those of the example."""
    rules, _made = ShopRules.objects.update_or_create(pk=1, defaults=fields)
    return rules


def keep_device(person: Person, site: Site, *, price: int = 3000, number: str = "SMA-0001") -> Reservation:
    """A telephone that is kept for her."""
    at = timezone.now()
    device = Device.objects.create(
        number=number,
        kind="smartphone",
        brand="Samsung",
        model="Galaxy A14",
        state="ready",
        state_since=at,
        site=site,
        price=price,
        received_on=date(2026, 10, 1),
        changed_at=at,
    )
    return Reservation.objects.create(
        device=device,
        person=person,
        site=site,
        price=price,
        until=date(2026, 12, 3),
        reserved_at=at,
        key=key(),
    )
