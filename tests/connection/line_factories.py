"""Ranges, offers and held lines, made with few words."""

from datetime import date, datetime
from itertools import count

from django.utils import timezone

from bagage.accounts.models import User
from bagage.connection.models import HeldLine, Line, Offer
from bagage.connection.services import lines
from bagage.people.models import Person

_numbers = count(1)


def make_range(operator: str = "Opérateur Essai", name: str = "La Carte", **fields: object) -> Line:
    """A range of the catalogue, without offers."""
    return Line.objects.create(
        code=f"range-{next(_numbers)}", operator=operator, name=name, created_at=timezone.now(), **fields
    )


def make_offer(line: Line, name: str = "Recharge 5 €", *, days: int | None = 7, **fields: object) -> Offer:
    """A top-up of that range, on sale since 2026."""
    values = {
        "kind": "top_up",
        "price": 500,
        "validity_days": days,
        "begins_on": date(2026, 1, 1),
        "verified_on": date(2026, 11, 1),
        "created_at": timezone.now(),
        **fields,
    }
    return Offer.objects.create(line=line, code=f"offer-{next(_numbers)}", name=name, **values)


def key() -> str:
    """A key that no form used."""
    return f"test-{next(_numbers)}"


def hold(
    person: Person,
    by: User,
    on: date,
    *,
    until: date | None = None,
    at: datetime | None = None,
    **fields: object,
) -> HeldLine:
    """A line that she holds since that day."""
    if not fields.get("line"):
        fields.setdefault("words", "Opérateur Essai")
    return lines.activate_line(person, on=on, live_until=until, key=key(), by=by, at=at, **fields)
