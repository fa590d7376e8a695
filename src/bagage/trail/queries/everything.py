"""All that is held of one person, as it is handed to her: through the declarations, in plain words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext

from bagage.common import words
from bagage.trail.models import Entry
from bagage.trail.queries.held import references_of
from bagage.trail.queries.reading import actor_names
from bagage.trail.registry import MONEY_FIELDS, Declaration, all_processings, of_persons

# What the file says of its own form, for who reads it by a program.
FORMAT = "bagage-person/1"


@dataclass(frozen=True, slots=True)
class Held:
    """The rows of one table: each is ``{field: value}``, with ``labels`` for a reader."""

    declaration: Declaration
    labels: Mapping[str, str]
    rows: list[dict[str, Any]]

    @property
    def title(self) -> str:
        """What it is."""
        return str(self.declaration.what)


@dataclass(frozen=True, slots=True)
class Looked:
    """Someone opened her file."""

    at: datetime
    name: str
    verb: str


def all_held(files: Sequence[int], *, sees: Callable[[str], bool]) -> list[Held]:
    """What is in each table of these files that says something of her; one query a table and one a kind of name.

    ``sees`` says of a group of facts whether whoever takes this out may read it: what she may
    not is left out. Her own file comes first, the others by purpose, rows in the order in which they were written.
    """
    things = references_of(files)
    order = [each.name for each in all_processings()]
    found = []
    for each in sorted(
        of_persons(), key=lambda one: (one.person != "pk", order.index(one.processing), one.model)
    ):
        names = [name for name in each.export if sees(each.group_of(name))]
        if not names:
            continue
        related = [name for name in names if isinstance(each.table._meta.get_field(name), models.ForeignKey)]
        rows = each.rows_of(files, things).order_by("pk").distinct()
        if related:
            rows = rows.select_related(*related, *_beyond(each, related))
        values = [{name: _value(row, name) for name in names} for row in rows]
        if values:
            labels = {name: str(each.export[name]) for name in names}
            found.append(Held(each, labels, values))
    return found


def all_readings(uuids: Sequence[UUID | str]) -> list[Looked]:
    """Who opened her files, and when, newest first: all that the trail still holds. Two queries."""
    entries = list(
        Entry.objects.filter(person__in=[str(each) for each in uuids], is_reading=True).order_by("-at", "-pk")
    )
    names = actor_names(entry.actor for entry in entries)
    return [Looked(entry.at, names.get(entry.actor, ""), entry.verb) for entry in entries]


def for_programs(held: Sequence[Held], readings: Sequence[Looked], *, at: datetime) -> dict[str, Any]:
    """The whole as JSON: times as ISO 8601, money in cents, closed lists by their code."""
    purposes = {each.name: each for each in all_processings()}
    return {
        "format": FORMAT,
        "made_at": at.isoformat(timespec="seconds"),
        "held": [
            {
                "table": each.declaration.model,
                "what": each.title,
                "why": str(each.declaration.why),
                "purpose": str(purposes[each.declaration.processing].title),
                "fields": dict(each.labels),
                "rows": [{name: _plain(value) for name, value in row.items()} for row in each.rows],
            }
            for each in held
        ],
        "readings": [
            {"at": each.at.isoformat(timespec="seconds"), "by": each.name, "what": each.verb}
            for each in readings
        ],
    }


def shown(value: Any) -> str:
    """A value in words; empty for what is not known or was never said."""
    if isinstance(value, Choice):
        return value.label
    if isinstance(value, Cents):
        return words.money(Decimal(value) / 100)
    if value is None or value == "" or value in ([], {}):
        return ""
    if isinstance(value, bool):
        return gettext("oui") if value else gettext("non")
    if isinstance(value, datetime):
        return f"{words.day_short(value, year=True)}, {words.hour(timezone.localtime(value))}"
    if isinstance(value, date):
        return words.day_short(value, year=True)
    if isinstance(value, dict):
        return " · ".join(
            f"{words.before_colon(key)} {shown(each)}" for key, each in value.items() if shown(each)
        )
    if isinstance(value, list | tuple):
        return " · ".join(text for each in value if (text := shown(each)))
    return str(value)


class Cents(int):
    """An amount: whole cents for a program, euros for a reader."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a closed list, with its words."""

    value: Any
    label: str


def _beyond(declaration: Declaration, related: Sequence[str]) -> list[str]:
    """What a related row needs to be called by its name: a site is called as its organisation is."""
    found = []
    for name in related:
        target: Any = declaration.table._meta.get_field(name).related_model
        if any(each.name == "organisation" for each in target._meta.concrete_fields):
            found.append(f"{name}__organisation")
    return found


def _value(row: models.Model, name: str) -> Any:
    place: Any = row._meta.get_field(name)
    value = getattr(row, name)
    if isinstance(place, models.ForeignKey):
        return None if value is None else _name_of(value)
    if place.choices and value not in ("", None):
        label = getattr(row, f"get_{name}_display")()
        return Choice(value, str(label))
    return Cents(value) if name in MONEY_FIELDS and isinstance(value, int) else value


def _name_of(thing: Any) -> str:
    """How a row of another table is called: its title, else its name."""
    for name in ("full_name", "title_fr", "topic", "title", "name", "model"):
        text = getattr(thing, name, "")
        if isinstance(text, str) and text:
            return text
    return str(thing)


def _plain(value: Any) -> Any:
    if isinstance(value, Choice):
        return value.value
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, UUID):
        return str(value)
    return value
