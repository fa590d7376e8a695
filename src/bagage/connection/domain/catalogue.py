"""Two catalogues side by side: what a file would change in this one, what changed between two days."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bagage.connection.domain.programme import Line, Offer, Programme

# What makes another offer of it when it changes. Checking it again (verified_on) does not.
OFFER_FIELDS = (
    "name",
    "kind",
    "price",
    "validity_days",
    "allowances",
    "credit",
    "overage",
    "commitment_months",
    "requires",
    "source",
    "as_of",
    "unknown",
)
TERMS_FIELDS = ("sim_price", "monthly_cap", "unit_prices")
NAME_FIELDS = ("operator", "name", "solidarity")


def changed_fields(before: Offer, after: Offer) -> tuple[str, ...]:
    """The fields in which two offers differ, in the order of the form; the order of conditions says nothing."""
    return tuple(name for name in OFFER_FIELDS if _comparable(before, name) != _comparable(after, name))


def changed_line_fields(before: Line, after: Line) -> tuple[str, ...]:
    """The fields in which two lines differ, offers aside."""
    return tuple(
        name
        for name in (*NAME_FIELDS, *TERMS_FIELDS)
        if _comparable(before, name) != _comparable(after, name)
    )


def _comparable(thing: Offer | Line, name: str) -> object:
    value = getattr(thing, name)
    if name == "requires":
        return sorted(sorted(item) for item in value)
    if name == "unknown":
        return sorted(value)
    return dict(value) if name in {"allowances", "overage", "unit_prices"} else value


@dataclass(frozen=True)
class Change:
    """One offer as it was and as it is, with the fields that differ."""

    line: Line
    before: Offer
    after: Offer
    fields: tuple[str, ...]

    @property
    def price_step(self) -> int:
        """Cents more (or, negative, less); 0 when a price is unknown."""
        if {"price"} & {*self.before.unknown, *self.after.unknown}:
            return 0
        return self.after.price - self.before.price


@dataclass(frozen=True)
class LineChange:
    """One line as it was and as it is."""

    before: Line
    after: Line
    fields: tuple[str, ...]


@dataclass(frozen=True)
class Comparison:
    """What differs between two catalogues. Each offer stands in one list only."""

    began: tuple[tuple[Line, Offer], ...]
    ended: tuple[tuple[Line, Offer], ...]
    dearer: tuple[Change, ...]
    cheaper: tuple[Change, ...]
    otherwise: tuple[Change, ...]
    lines: tuple[LineChange, ...]
    same: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing differs."""
        return not (self.began or self.ended or self.dearer or self.cheaper or self.otherwise or self.lines)


def compare(before: Programme, after: Programme) -> Comparison:
    """What began, ended, became dearer, cheaper or otherwise different, by the ids of offers."""
    old = {offer.id: (line, offer) for line in before.lines for offer in line.offers}
    new = {offer.id: (line, offer) for line in after.lines for offer in line.offers}
    changes = [
        Change(line, old[code][1], offer, changed_fields(old[code][1], offer))
        for code, (line, offer) in new.items()
        if code in old
    ]
    changes = [each for each in changes if each.fields]
    lines = {line.id: line for line in before.lines}
    line_changes = [
        LineChange(lines[line.id], line, changed_line_fields(lines[line.id], line))
        for line in after.lines
        if line.id in lines
    ]
    return Comparison(
        began=tuple(pair for code, pair in new.items() if code not in old),
        ended=tuple(pair for code, pair in old.items() if code not in new),
        dearer=tuple(each for each in changes if each.price_step > 0),
        cheaper=tuple(each for each in changes if each.price_step < 0),
        otherwise=tuple(each for each in changes if not each.price_step),
        lines=tuple(each for each in line_changes if each.fields),
        same=len(set(old) & set(new)) - len(changes),
    )


@dataclass(frozen=True)
class Plan:
    """What importing a file would do. Offers of the catalogue that the file does not name stay as they are."""

    new_lines: tuple[Line, ...]
    changed_lines: tuple[LineChange, ...]
    added: tuple[tuple[Line, Offer], ...]
    replaced: tuple[Change, ...]
    verified: tuple[tuple[Line, Offer], ...]
    # Left as they are: the id is that of an offer of another line, or of one that begins later.
    aside: tuple[tuple[Line, Offer], ...]
    same: int

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be written."""
        return not (self.new_lines or self.changed_lines or self.added or self.replaced or self.verified)


def plan_import(current: Programme, announced: Collection[str], file: Programme) -> Plan:
    """Compare a file with what is sold on the day from which it is to hold.

    ``announced`` are the ids of offers that begin after that day: they are left aside, since they would begin twice.
    """
    lines = {line.id: line for line in current.lines}
    sold = {offer.id: (line.id, offer) for line in current.lines for offer in line.offers}
    new_lines: list[Line] = []
    changed_lines: list[LineChange] = []
    added: list[tuple[Line, Offer]] = []
    replaced: list[Change] = []
    verified: list[tuple[Line, Offer]] = []
    aside: list[tuple[Line, Offer]] = []
    same = 0
    for line in file.lines:
        if line.id not in lines:
            new_lines.append(line)
        elif fields := changed_line_fields(lines[line.id], line):
            changed_lines.append(LineChange(lines[line.id], line, fields))
        for offer in line.offers:
            where, before = sold.get(offer.id, ("", None))
            if offer.id in announced or where not in ("", line.id):
                aside.append((line, offer))
            elif before is None:
                added.append((line, offer))
            elif fields := changed_fields(before, offer):
                replaced.append(Change(line, before, offer, fields))
            elif offer.verified_on > before.verified_on:
                verified.append((line, offer))
            else:
                same += 1
    return Plan(
        tuple(new_lines),
        tuple(changed_lines),
        tuple(added),
        tuple(replaced),
        tuple(verified),
        tuple(aside),
        same,
    )
