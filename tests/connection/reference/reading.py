"""Money and conditions out of the JSON of a programme and of a person."""

from collections.abc import Iterable
from fractions import Fraction
from typing import Any

RESOURCES = ("voice_min", "sms", "data_mb")
OBSTACLES = (
    "bank_account",
    "fixed_address",
    "email",
    "identity_document",
    "internet_access",
    "smartphone",
)
ELIGIBILITY = ("social_referral", "local_residence", "income_proof")
MONTH = 30
UNLIMITED = "unlimited"

type_of_json = dict[str, Any]


def cents(text: str | None) -> int | None:
    """ "5.00" → 500; None stays None."""
    if text is None:
        return None
    value = Fraction(text) * 100
    assert value.denominator == 1, text
    return int(value)


def hundredths(text: str) -> int:
    """A unit price in hundredths of a cent: "0.0525" → 525."""
    value = Fraction(text) * 10_000
    assert value.denominator == 1, text
    return int(value)


def euros(value: int) -> str:
    """1083 → "10.83"; −5 → "-0.05"."""
    sign = "-" if value < 0 else ""
    return f"{sign}{abs(value) // 100}.{abs(value) % 100:02d}"


def half_up(value: Fraction) -> int:
    """The nearest whole number; a half goes up (away from zero for what is owed, which is never negative here)."""
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)


def items(offer: type_of_json) -> list[list[str]]:
    """What the offer asks: each item as the list of its alternatives."""
    return [[item] if isinstance(item, str) else list(item) for item in offer.get("requires", [])]


def missing(offer: type_of_json, has: Iterable[str]) -> list[str | list[str]]:
    """The items that a person with ``has`` does not meet, in the offer's order."""
    held = set(has)
    return [
        item[0] if len(item) == 1 else sorted(item) for item in items(offer) if not held.intersection(item)
    ]


def needs(person: type_of_json, percent: int = 100) -> dict[str, int]:
    """Use of one day, per resource that is used at all, in 1/3000 of a unit (100 per cent · 30 days)."""
    return {
        name: person["usage"][name] * percent for name in RESOURCES if person["usage"].get(name, 0) * percent
    }


UNIT = 3000  # one unit of a resource, in the measure of needs()
CENT = UNIT * 100  # one cent, in the measure (1/3000 of a unit) · (1/100 of a cent)
