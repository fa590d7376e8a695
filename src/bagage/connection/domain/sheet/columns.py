"""The columns of the table, and what a reading of it gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from bagage.connection.domain.programme import RESOURCES, Programme

LINE_COLUMNS = (
    "line_id",
    "operator",
    "line_name",
    "solidarity",
    "sim_price",
    "monthly_cap",
    *(f"unit_{resource}" for resource in RESOURCES),
)
OFFER_COLUMNS = (
    "offer_id",
    "offer_name",
    "kind",
    "price",
    "validity_days",
    *RESOURCES,
    "credit",
    *(f"over_{resource}" for resource in RESOURCES),
    "commitment_months",
    "requires",
    "source",
    "as_of",
    "verified_on",
    "unknown",
)
OWN_COLUMNS = ("begins_on", "ends_on", "note")
COLUMNS = (*LINE_COLUMNS, *OFFER_COLUMNS, *OWN_COLUMNS)
NEEDED = ("line_id", "offer_id", "kind", "price")
# The columns of the table under the names that a programme file has for them.
NAMES = {
    "operator": "operator",
    "line_name": "name",
    "sim_price": "sim_price",
    "monthly_cap": "monthly_cap",
}


# How many letters the catalogue keeps.
LONGEST = {"id": 80, "operator": 120, "name": 120, "as_of": 80}


@dataclass(frozen=True)
class Extra:
    """What the catalogue keeps of an offer beside what the engine reads. Days are ISO text or empty."""

    begins_on: str = ""
    ends_on: str = ""
    note: str = ""


@dataclass(frozen=True)
class Words:
    """The words that stand for codes in a table: ``columns``, ``conditions``, ``fields``, ``kinds`` map words to codes.

    ``unlimited``, ``yes`` and ``no`` are the words that mean it. All are compared without case or accents.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    conditions: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[str, str] = field(default_factory=dict)
    unlimited: frozenset[str] = frozenset()
    yes: frozenset[str] = frozenset()
    no: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Fault:
    """One cell that breaks a rule. ``row`` counts from 1, the headings included; 0 when the file has no rows."""

    row: int
    column: str
    code: str
    rule: str
    value: str
    offer: str = ""
    place: str = ""


@dataclass(frozen=True)
class Reading:
    """What a file holds: a programme of what is right, and what is set aside with its faults."""

    programme: Programme
    extras: Mapping[str, Extra]
    faults: tuple[Fault, ...]
    aside: tuple[Mapping[str, str], ...]  # the rows set aside, as they were written
    ignored: tuple[str, ...] = ()  # headings that mean nothing here
    columns: tuple[str, ...] = ()  # those that a table has; none for a programme file

    @property
    def is_table(self) -> bool:
        """Whether it came as rows, which lack a column at times."""
        return bool(self.columns)


class WrongHeadings(ValueError):
    """The first row is not the headings of a catalogue; ``missing`` are the columns without which nothing is read."""

    def __init__(self, missing: tuple[str, ...], found: tuple[str, ...]) -> None:
        super().__init__(", ".join(missing))
        self.missing, self.found = missing, found
