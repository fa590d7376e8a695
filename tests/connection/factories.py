"""A catalogue, and offers in short."""

from datetime import date, datetime
from typing import Any

from bagage.connection.domain.programme import Line as SoldLine
from bagage.connection.domain.programme import Offer as SoldOffer
from bagage.connection.models import Line, Offer
from bagage.connection.services.catalogue import add_line, add_offer
from bagage.trail.domain.actor import Actor

KEEPER = Actor.system("tests")
START = date(2026, 10, 1)


def sold_line(code: str = "carte", **values: Any) -> SoldLine:
    """A prepaid card as the engine reads it."""
    told: dict[str, Any] = {"operator": "Exemple", "name": "La Carte", "sim_price": 1000}
    return SoldLine(id=code, offers=(), **{**told, **values})


def sold_offer(code: str = "carte-5", **values: Any) -> SoldOffer:
    """A top-up of 5 €, seven days, verified a week before the tests' day."""
    told: dict[str, Any] = {
        "name": "Recharge 5",
        "kind": "top_up",
        "price": 500,
        "validity_days": 7,
        "allowances": {"voice_min": 20, "sms": None},
        "requires": (frozenset({"identity_document"}),),
        "source": "exemple inventé",
        "as_of": "2026-11",
        "verified_on": "2026-11-19",
    }
    return SoldOffer(id=code, **{**told, **values})


def make_line(
    code: str = "carte", *, begins_on: date = START, at: datetime | None = None, **values: Any
) -> Line:
    """A line of the catalogue."""
    return add_line(sold_line(code, **values), begins_on=begins_on, by=KEEPER, at=at)


def make_offer(
    line: Line, code: str = "carte-5", *, begins_on: date = START, at: datetime | None = None, **values: Any
) -> Offer:
    """An offer on it."""
    return add_offer(line, sold_offer(code, **values), begins_on=begins_on, by=KEEPER, at=at)
