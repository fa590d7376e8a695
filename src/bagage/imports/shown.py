"""What the pages of a batch show: columns with their reasons, rows beside whom they may be, rows to mend."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy, ngettext

from bagage.accounts.models import User
from bagage.imports import queries
from bagage.imports.domain.lifecycle import RowState
from bagage.imports.kinds import Ground, Kind, Line, Reading, Words
from bagage.imports.models import Batch, Row
from bagage.imports.words import fault_words

ALIKE_LISTED = 300
# All that is told of someone whom the reader may not see.
ELSEWHERE = gettext_lazy("un dossier existe peut-être ailleurs")


@dataclass(frozen=True, slots=True)
class ShownColumn:
    """One column: its three values, what it becomes, and why."""

    at: int
    heading: str
    values: list[str]
    field: str
    why: str
    asks: bool


def columns_shown(batch: Batch, kind: Kind) -> list[ShownColumn]:
    """The columns of a batch, in the order of the file."""
    return [
        ShownColumn(
            at=at,
            heading=column["heading"],
            values=column["values"],
            field=column["field"],
            why=_why(column, kind),
            asks=not column["field"] and column["why"] == "none" and bool(column["facts"].get("filled")),
        )
        for at, column in enumerate(batch.columns)
    ]


def _why(column: Mapping[str, Any], kind: Kind) -> str:
    """Like "le titre, 3 alphabets"."""
    said = {
        "heading": gettext("le titre"),
        "values": gettext("les valeurs"),
        "both": gettext("le titre et les valeurs"),
        "saved": gettext("comme la dernière fois"),
        "chosen": gettext("choisi"),
    }.get(column["why"], "")
    if not column["field"]:
        return said
    facts = column["facts"]
    looks = next((each.looks for each in kind.fields if each.name == column["field"]), "")
    parts = [said] if said else []
    if facts.get("scripts", 0) > 1:
        parts.append(gettext("%(count)s alphabets") % {"count": facts["scripts"]})
    if looks == "birth" and facts.get("about"):
        parts.append(gettext("%(count)s « vers »") % {"count": facts["about"]})
    if looks == "phone" and facts.get("twice"):
        parts.append(
            ngettext("%(count)s partagé", "%(count)s partagés", facts["twice"]) % {"count": facts["twice"]}
        )
    if column["field"] in {"referrer", "commune", "languages"} and facts.get("different"):
        said = ngettext("%(count)s différente", "%(count)s différentes", facts["different"])
        parts.append(said % {"count": facts["different"]})
    return ", ".join(parts)


# ---------- rows like someone known ----------
@dataclass(slots=True)
class ShownAlike:
    """A row beside whom it may be; ``position`` of ``count`` that wait."""

    row: Row
    position: int
    count: int
    who: str
    other_title: Words
    is_sure: bool
    reasons: list[Any]
    lines: list[Line]
    same_as: str
    url: str
    others: list[tuple[str, str]] = field(default_factory=list)

    @property
    def previous(self) -> int:
        """The position before; 0 for none."""
        return self.position - 1

    @property
    def following(self) -> int:
        """The position after; 0 for none."""
        return self.position + 1 if self.position < self.count else 0


def alike_shown(batch: Batch, kind: Kind, user: User, position: int) -> ShownAlike | None:
    """The row at that position among those that wait for a decision; the last one beyond; ``None`` when none waits."""
    rows = queries.rows_alike(batch)
    count = rows.count()
    if not count:
        return None
    position = min(position, count)
    row = rows[position - 1]
    ground = kind.ground(batch, timezone.now())
    reading = _reading(kind, ground, row)
    best = row.alike[0]
    other: str | Reading = best["thing"]
    is_seen = True
    if best["row"]:
        earlier = Row.objects.get(batch=batch, number=best["row"])
        other = _reading(kind, ground, earlier)
        title, url = gettext("Votre fichier, ligne %(row)s") % {"row": best["row"]}, ""
    elif kind.name_of_thing(best["thing"], user):
        title, url = gettext("Dans Bagage"), kind.url_of_thing(best["thing"])
    else:
        title, url, is_seen = ELSEWHERE, "", False
    return ShownAlike(
        row=row,
        position=position,
        count=count,
        who=kind.who(reading.cells),
        other_title=title,
        is_sure=best["band"] == "very_likely",
        reasons=kind.reason_words(reading, other) if is_seen else [ELSEWHERE],
        lines=kind.side_by_side(reading, other) if is_seen else [],
        same_as=(best["thing"] or f"row:{best['row']}") if is_seen else "",
        url=url,
        others=_others(batch, row, kind, user),
    )


def _others(batch: Batch, row: Row, kind: Kind, user: User) -> list[tuple[str, str]]:
    """Those it may be beside the first: what to send and what to say."""
    found = []
    for each in row.alike[1:]:
        if each["row"]:
            found.append((f"row:{each['row']}", gettext("La ligne %(row)s") % {"row": each["row"]}))
        elif name := kind.name_of_thing(each["thing"], user):
            found.append((each["thing"], name))
    return found


def _reading(kind: Kind, ground: Ground, row: Row) -> Reading:
    return kind.read(row.number, kind.cells(ground.batch, row.values), ground)


@dataclass(frozen=True, slots=True)
class Waiting:
    """One line of the list of all that wait."""

    number: int
    position: int
    who: str
    other: str
    score: int
    reasons: str


def waiting_shown(batch: Batch, kind: Kind, user: User) -> list[Waiting]:
    """The rows that wait for a decision, each with whom it may be and why; the first 300."""
    ground = kind.ground(batch, timezone.now())
    rows = list(queries.rows_alike(batch)[:ALIKE_LISTED])
    numbers = {row.alike[0]["row"] for row in rows} - {0}
    earlier = {row.number: row for row in Row.objects.filter(batch=batch, number__in=numbers)}
    shown = []
    for position, row in enumerate(rows, start=1):
        reading, best = _reading(kind, ground, row), row.alike[0]
        other: str | Reading = best["thing"]
        if best["row"]:
            other = _reading(kind, ground, earlier[best["row"]])
            name = gettext("ligne %(row)s, %(who)s") % {"row": best["row"], "who": kind.who(other.cells)}
        else:
            name = kind.name_of_thing(best["thing"], user)
        reasons = kind.reason_words(reading, other) if name else [ELSEWHERE]
        said = ", ".join(str(reason) for reason in reasons)
        shown.append(
            Waiting(row.number, position, kind.who(reading.cells), name, round(best["score"] * 100), said)
        )
    return shown


# ---------- rows to mend ----------
@dataclass(frozen=True, slots=True)
class ShownFault:
    """One cell to mend: ``proposed`` stands in it when something likely was meant."""

    name: str
    label: str
    words: str
    value: str
    proposed: str

    @property
    def filled(self) -> str:
        """What stands in the field."""
        return self.proposed or self.value


@dataclass(frozen=True, slots=True)
class ShownAside:
    """A row that was set aside."""

    number: int
    who: str
    faults: list[ShownFault]
    words: str


def aside_shown(batch: Batch, kind: Kind, limit: int) -> list[ShownAside]:
    """The first rows that were set aside, each cell at fault once."""
    shown = []
    for row in queries.rows_in(batch, RowState.SET_ASIDE)[:limit]:
        cells = kind.cells(batch, row.values)
        faults: dict[str, ShownFault] = {}
        whole = []
        for fault in row.errors:
            said = kind.fault_words(fault) or fault_words(fault)
            if not fault["field"]:
                whole.append(said)
            elif fault["field"] not in faults:
                faults[fault["field"]] = ShownFault(
                    fault["field"], kind.label_of(fault["field"]), said, fault["value"], fault["proposed"]
                )
        shown.append(ShownAside(row.number, kind.who(cells), list(faults.values()), " ".join(whole)))
    return shown


@dataclass(frozen=True, slots=True)
class Kept:
    """What undoing left."""

    number: int
    name: str
    url: str
    words: str


def kept_shown(batch: Batch, kind: Kind, user: User) -> list[Kept]:
    """What undoing left, one by one, with why."""
    shown = []
    for row in queries.kept_rows(batch)[:ALIKE_LISTED]:
        name = kind.name_of_thing(row.thing, user)
        said = " ".join(kind.fault_words(fault) or fault_words(fault) for fault in row.errors)
        shown.append(Kept(row.number, name, kind.url_of_thing(row.thing) if name else "", said))
    return shown
