"""The catalogue as a table, one offer a row: it reads back without loss, and every fault of a file is named.

A cell is text. Lists are words with commas (``"bank_account, fixed_address"``), alternatives are joined by ``|``.
Words of the reader's language are taken as well: the caller gives ``Words``.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeVar

from bagage.connection.domain.money import write_money, write_unit_price
from bagage.connection.domain.programme import (
    CONDITIONS,
    PLAN,
    RESOURCES,
    TOP_UP,
    UNLIMITED,
    Line,
    Offer,
    Problem,
    Programme,
    Refused,
    read_programme,
)

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
FIELDS = (
    "name",
    "price",
    "validity_days",
    "allowances",
    "credit",
    "overage",
    "commitment_months",
    "requires",
    "source",
    "as_of",
    "verified_on",
)


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


# ---------- writing ----------


def write_rows(programme: Programme, extras: Mapping[str, Extra]) -> list[dict[str, str]]:
    """The table of a programme: a row an offer, one for a line that has none."""
    rows = []
    for line in programme.lines:
        head = _line_cells(line)
        for offer in line.offers:
            extra = extras.get(offer.id, Extra())
            own = {"begins_on": extra.begins_on, "ends_on": extra.ends_on, "note": extra.note}
            rows.append(head | _offer_cells(offer) | own)
        if not line.offers:
            rows.append(head)
    return rows


def _line_cells(line: Line) -> dict[str, str]:
    return {
        "line_id": line.id,
        "operator": line.operator,
        "line_name": line.name,
        "solidarity": "yes" if line.solidarity else "no",
        "sim_price": write_money(line.sim_price),
        "monthly_cap": "" if line.monthly_cap is None else write_money(line.monthly_cap),
        **{f"unit_{resource}": write_unit_price(price) for resource, price in line.unit_prices.items()},
    }


def _offer_cells(offer: Offer) -> dict[str, str]:
    return {
        "offer_id": offer.id,
        "offer_name": offer.name,
        "kind": offer.kind,
        "price": "" if "price" in offer.unknown else write_money(offer.price),
        "validity_days": "" if offer.validity_days is None else str(offer.validity_days),
        **{key: UNLIMITED if amount is None else str(amount) for key, amount in offer.allowances.items()},
        "credit": write_money(offer.credit) if offer.credit else "",
        **{f"over_{key}": write_unit_price(price) for key, price in offer.overage.items()},
        "commitment_months": str(offer.commitment_months) if offer.commitment_months else "",
        "requires": ", ".join(" | ".join(sorted(item)) for item in offer.requires),
        "source": offer.source,
        "as_of": offer.as_of,
        "verified_on": offer.verified_on,
        "unknown": ", ".join(offer.unknown),
    }


# ---------- reading ----------


def with_what_is_absent(line: Line, current: Line, columns: Collection[str]) -> Line:
    """The line of a file, completed by the present one where the file has no such column. Offers likewise."""
    kept = {
        name: getattr(current, name)
        for column, name in (*NAMES.items(), ("solidarity", "solidarity"))
        if column not in columns
    }
    prices = _kept_amounts(line.unit_prices, current.unit_prices, "unit_", columns)
    known = {offer.id: offer for offer in current.offers}
    offers = tuple(
        _completed(offer, known[offer.id], columns) if offer.id in known else offer for offer in line.offers
    )
    return replace(line, **kept, unit_prices=prices, offers=offers)


def _completed(offer: Offer, current: Offer, columns: Collection[str]) -> Offer:
    simple = {"offer_name": "name"} | {
        name: name
        for name in (
            "validity_days",
            "credit",
            "commitment_months",
            "requires",
            "source",
            "as_of",
            "verified_on",
            "unknown",
        )
    }
    kept = {name: getattr(current, name) for column, name in simple.items() if column not in columns}
    if offer.kind != current.kind:
        kept.pop("validity_days", None)
        kept.pop("credit", None)
        kept.pop("commitment_months", None)
    return replace(
        offer,
        **kept,
        allowances=_kept_amounts(offer.allowances, current.allowances, "", columns),
        overage=_kept_amounts(offer.overage, current.overage, "over_", columns)
        if offer.kind == current.kind
        else offer.overage,
    )


Amount = TypeVar("Amount")


def _kept_amounts(
    told: Mapping[str, Amount], current: Mapping[str, Amount], prefix: str, columns: Collection[str]
) -> dict[str, Amount]:
    """In the order of the resources: what the file says, else what is there when the file has no such column."""
    absent = {key: current[key] for key in current if f"{prefix}{key}" not in columns}
    both = {**absent, **told}
    return {key: both[key] for key in RESOURCES if key in both}


def plain(text: str) -> str:
    """Text without case, accents, or doubled spaces, to compare words."""
    decomposed = unicodedata.normalize("NFKD", text.casefold().replace("’", "'"))
    return " ".join("".join(sign for sign in decomposed if not unicodedata.combining(sign)).split())


class WrongHeadings(ValueError):
    """The first row is not the headings of a catalogue; ``missing`` are the columns without which nothing is read."""

    def __init__(self, missing: tuple[str, ...], found: tuple[str, ...]) -> None:
        super().__init__(", ".join(missing))
        self.missing, self.found = missing, found


def read_rows(
    rows: Iterable[Sequence[str]],
    words: Words,
    *,
    formulas: frozenset[tuple[int, int]] = frozenset(),
    numbers: Sequence[int] = (),
) -> Reading:
    """Read a table, headings first. A fault sets its offer aside; a fault of a line, all the offers of that row.

    ``formulas`` are the (row, column) of cells, from 1, that hold a formula: they are faults. ``numbers`` are the
    numbers of the rows in the file that they came from, when it is another one; headings not included.
    Raises :class:`WrongHeadings` when the table is another one.
    """
    reader = _Reader(words, formulas, numbers)
    return reader.read(list(rows))


def read_json(data: object, *, where: str = "offers") -> Reading:
    """Read a programme file; what is right is kept, each offer or line that breaks a rule is set aside.

    Raises :class:`Refused` when the file is no programme at all.
    """
    faults: list[Fault] = []
    aside: list[Mapping[str, str]] = []
    try:
        programme = read_programme(data, where=where)
        problems = tuple(too_long(programme, where))
        if not problems:
            return Reading(programme, {}, (), ())
    except Refused as refused:
        problems = refused.problems
    if any(not each.place.startswith("lines[") for each in problems) or not isinstance(data, Mapping):
        raise Refused(problems)
    lines = [dict(line) if isinstance(line, Mapping) else {} for line in data["lines"]]
    bad: dict[int, set[int]] = {}
    for each in problems:
        number, rank = _indices(each.place)
        offers = lines[number].get("offers")
        offers = list(offers) if isinstance(offers, list | tuple) else []
        bad.setdefault(number, set()).update({rank} if rank >= 0 else range(len(offers)))
        named = offers[rank] if 0 <= rank < len(offers) and isinstance(offers[rank], Mapping) else {}
        name = str(named.get("id", "")) if rank >= 0 else str(lines[number].get("id", ""))
        faults.append(_fault(each, 0, each.place.rpartition(".")[2], name))
    kept = []
    for number, line in enumerate(lines):
        offers = list(line.get("offers") or []) if isinstance(line.get("offers"), list | tuple) else []
        for rank in sorted(bad.get(number, ())):
            if rank < len(offers) and isinstance(offers[rank], Mapping):
                aside.append({key: str(value) for key, value in offers[rank].items()})
        broken_line = any(_indices(each.place) == (number, -1) for each in problems)
        if not broken_line:
            good = [offer for rank, offer in enumerate(offers) if rank not in bad.get(number, ())]
            kept.append({**line, "offers": good})
    programme = _programme_of({**data, "lines": kept}, where)
    return Reading(programme, {}, tuple(faults), tuple(aside))


def _programme_of(data: Mapping[str, object], where: str) -> Programme:
    """The programme; one that holds no offer is an empty one."""
    lines = data["lines"]
    assert isinstance(lines, list)
    if not any(line["offers"] for line in lines):
        return Programme(())
    programme = read_programme(data, where=where)
    problems = list(too_long(programme, where))
    if problems:
        raise Refused(problems)
    return programme


def too_long(programme: Programme, where: str) -> Iterator[Problem]:
    """What is right for the engine and too long for the columns that keep it."""
    for number, line in enumerate(programme.lines):
        yield from _too_long(line, f"lines[{number}]", where)
        for rank, offer in enumerate(line.offers):
            yield from _too_long(offer, f"lines[{number}].offers[{rank}]", where)


def _too_long(thing: Line | Offer, place: str, where: str) -> Iterator[Problem]:
    for name, longest in LONGEST.items():
        if len(getattr(thing, name, "")) > longest:
            yield Problem(where, f"{place}.{name}", "long", f"at most {longest} letters")


def _indices(place: str) -> tuple[int, int]:
    """``"lines[2].offers[1].price"`` → (2, 1); (2, -1) for what is wrong with the line itself."""
    found = re.match(r"lines\[(\d+)\](?:\.offers\[(\d+)\])?", place)
    if not found:
        return -1, -1
    return int(found[1]), -1 if found[2] is None else int(found[2])


def _fault(problem: Problem, row: int, column: str, offer: str) -> Fault:
    value = "" if problem.value is None else str(problem.value)
    return Fault(row, column, problem.code, problem.rule, value[:200], offer[:80], problem.place)


@dataclass
class _Row:
    number: int
    cells: dict[str, str]
    faults: list[Fault] = field(default_factory=list)

    def say(self, column: str, code: str, rule: str, value: str = "") -> None:
        self.faults.append(
            Fault(self.number, column, code, rule, value[:200], self.cells.get("offer_id", "")[:80])
        )


class _Reader:
    """Turns rows into a programme file and hands that to the one reader that knows the rules."""

    def __init__(
        self, words: Words, formulas: frozenset[tuple[int, int]], numbers: Sequence[int] = ()
    ) -> None:
        self.words, self.formulas, self.numbers = words, formulas, numbers
        self.columns: list[str] = []

    def read(self, table: list[Sequence[str]]) -> Reading:
        heading = next(
            (number for number, row in enumerate(table) if any(cell.strip() for cell in row)), None
        )
        if heading is None:
            raise WrongHeadings(NEEDED, ())
        ignored = self._headings(table[heading])
        rows = []
        for number, cells in enumerate(table[heading + 1 :], start=heading + 2):
            row = _Row(number, {})
            for position, (column, text) in enumerate(zip(self.columns, cells, strict=False), start=1):
                if not column:
                    continue
                row.cells[column] = text.strip()
                if (number, position) in self.formulas:
                    row.say(column, "formula", "a formula: paste its value instead", text)
            if self.numbers:
                row.number = self.numbers[number - heading - 2]
            if any(row.cells.values()):
                rows.append(row)
        return self._reading(rows, ignored)

    def _headings(self, cells: Sequence[str]) -> tuple[str, ...]:
        known = {plain(name): name for name in COLUMNS} | {
            plain(word): name for word, name in self.words.columns.items()
        }
        ignored = []
        for cell in cells:
            name = known.get(plain(cell), "")
            if name in self.columns:
                name = ""
            self.columns.append(name)
            if cell.strip() and not name:
                ignored.append(cell.strip()[:60])
        missing = tuple(name for name in NEEDED if name not in self.columns)
        if missing:
            raise WrongHeadings(missing, tuple(cell.strip()[:60] for cell in cells if cell.strip())[:12])
        return tuple(ignored)

    def _reading(self, rows: list[_Row], ignored: tuple[str, ...]) -> Reading:
        # Once with every row, so that all that is wrong with one is told; then with those that are right.
        told = rows
        while True:
            data, origins, extras = self._as_programme(told)
            try:
                programme = _programme_of(data, "sheet")
            except Refused as refused:
                self._note(refused.problems, origins)
            kept = [row for row in told if not row.faults]
            if len(kept) == len(told):
                break
            told = kept
        faults = sorted((fault for row in rows for fault in row.faults), key=lambda each: each.row)
        aside = tuple({"row": str(row.number), **row.cells} for row in rows if row.faults)
        columns = tuple(name for name in COLUMNS if name in self.columns)
        return Reading(programme, extras, tuple(faults), aside, ignored, columns)

    @staticmethod
    def _note(problems: Sequence[Problem], origins: Mapping[tuple[int, int], list[_Row]]) -> None:
        for each in problems:
            column = _column(each.place)
            for row in origins[_indices(each.place)]:
                if column in {fault.column for fault in row.faults}:
                    continue
                row.say(column, each.code, each.rule, row.cells.get(column, ""))

    def _as_programme(
        self, rows: list[_Row]
    ) -> tuple[dict[str, object], dict[tuple[int, int], list[_Row]], dict[str, Extra]]:
        lines: list[dict[str, object]] = []
        numbers: dict[str, int] = {}
        origins: dict[tuple[int, int], list[_Row]] = {}
        extras: dict[str, Extra] = {}
        for row in rows:
            identifier = row.cells.get("line_id", "")
            line = self._line(row)
            if identifier not in numbers:
                numbers[identifier] = len(lines)
                lines.append({**line, "offers": []})
            number = numbers[identifier]
            told = lines[number]
            for key, value in line.items():
                column = _column(f"lines[0].{key}")
                if told.get(key) != value and column not in {fault.column for fault in row.faults}:
                    rule = "the rows of one line say the same of it"
                    row.say(column, "other_line", rule, row.cells.get(column, ""))
            origins.setdefault((number, -1), []).append(row)
            if not row.cells.get("offer_id") and not any(row.cells.get(each) for each in OFFER_COLUMNS):
                continue
            offers = told["offers"]
            assert isinstance(offers, list)
            origins[number, len(offers)] = [row]
            offers.append(self._offer(row))
            extras[row.cells.get("offer_id", "")] = self._extra(row)
        return {"lines": lines}, origins, extras

    def _line(self, row: _Row) -> dict[str, object]:
        cells = row.cells
        line: dict[str, object] = {
            "id": cells.get("line_id", ""),
            "operator": cells.get("operator", ""),
            "name": cells.get("line_name", ""),
            "solidarity": self._yes(row, "solidarity"),
            "sim_price": amount_text(cells.get("sim_price", "")) or "0.00",
            "monthly_cap": amount_text(cells.get("monthly_cap", "")) or None,
        }
        line["unit_prices"] = {
            resource: amount_text(cells[f"unit_{resource}"])
            for resource in RESOURCES
            if cells.get(f"unit_{resource}")
        }
        return line

    def _offer(self, row: _Row) -> dict[str, object]:
        cells = row.cells
        kind = cells.get("kind", "")
        kinds = {plain(word): code for word, code in self.words.kinds.items()} | {
            PLAN: PLAN,
            TOP_UP: TOP_UP,
        }
        offer: dict[str, object] = {
            "id": cells.get("offer_id", ""),
            "name": cells.get("offer_name", ""),
            "kind": kinds.get(plain(kind), kind),
            "price": amount_text(cells.get("price", "")) or None,
            "allowances": {
                resource: self._whole(cells[resource], may_be_unlimited=True)
                for resource in RESOURCES
                if cells.get(resource)
            },
            "overage": {
                resource: amount_text(cells[f"over_{resource}"])
                for resource in RESOURCES
                if cells.get(f"over_{resource}")
            },
            "requires": self._requires(row),
            "source": cells.get("source", ""),
            "as_of": cells.get("as_of", ""),
            "verified_on": self._day(row, "verified_on"),
            "unknown": self._unknown(row),
        }
        if cells.get("validity_days"):
            offer["validity_days"] = self._whole(cells["validity_days"])
        if cells.get("credit"):
            offer["credit"] = amount_text(cells["credit"])
        if cells.get("commitment_months"):
            offer["commitment_months"] = self._whole(cells["commitment_months"])
        return offer

    def _extra(self, row: _Row) -> Extra:
        extra = Extra(
            begins_on=self._day(row, "begins_on"),
            ends_on=self._day(row, "ends_on"),
            note=row.cells.get("note", ""),
        )
        if extra.begins_on and extra.ends_on and extra.ends_on < extra.begins_on:
            row.say("ends_on", "before", "the end comes after the beginning", extra.ends_on)
        return extra

    def _whole(self, text: str, *, may_be_unlimited: bool = False) -> object:
        if may_be_unlimited and plain(text) in {UNLIMITED, *self.words.unlimited}:
            return UNLIMITED
        compact = re.sub(r"[\s\u00a0\u202f]", "", text)
        compact = re.sub(r"[.,]0+$", "", compact)
        return int(compact) if re.fullmatch(r"-?\d{1,12}", compact) else text

    def _yes(self, row: _Row, column: str) -> object:
        text = plain(row.cells.get(column, ""))
        if text in {"yes", "true", "1", *self.words.yes}:
            return True
        if text in {"", "no", "false", "0", *self.words.no}:
            return False
        row.say(column, "yes_or_no", "yes or no", row.cells[column])
        return False

    def _day(self, row: _Row, column: str) -> str:
        text = row.cells.get(column, "")
        if not text:
            return ""
        day = read_day(text)
        if day is None:
            row.say(column, "date", "a date is written 2026-11-24", text)
            return ""
        return day.isoformat()

    def _requires(self, row: _Row) -> list[object]:
        known = {plain(word): code for word, code in self.words.conditions.items()} | {
            code: code for code in CONDITIONS
        }
        items: list[object] = []
        for part in re.split(r"[,;\n]", row.cells.get("requires", "")):
            if not part.strip():
                continue
            words = [word.strip() for word in re.split(r"\||/| ou | or ", part)]
            codes = [known.get(plain(word), "") for word in words]
            for word, code in zip(words, codes, strict=True):
                if not code:
                    row.say("requires", "condition", f"known are {', '.join(CONDITIONS)}", word)
            items.append(codes[0] if len(codes) == 1 else codes)
        return items

    def _unknown(self, row: _Row) -> list[str]:
        known = {plain(word): code for word, code in self.words.fields.items()} | {
            code: code for code in FIELDS
        }
        found = []
        for part in re.split(r"[,;\n]", row.cells.get("unknown", "")):
            if not part.strip():
                continue
            code = known.get(plain(part), "")
            if not code:
                row.say("unknown", "field", "a field of an offer is named here", part.strip())
            found.append(code)
        return found


def amount_text(text: str) -> str:
    """``"10,00 €"`` → ``"10.00"``; what is no amount stays as it was written, for the rule to name it."""
    compact = re.sub(r"[\s\u00a0\u202f€]", "", text)
    if re.fullmatch(r"-?\d+([.,]\d+)?", compact):
        whole, _point, fraction = compact.replace(",", ".").partition(".")
        # What a spreadsheet shows as 10.0 or 0.5500 is the same amount.
        return f"{int(whole)}.{fraction.rstrip('0').ljust(2, '0')}" if whole != "-0" else compact
    return text


def read_day(text: str) -> dt.date | None:
    """``"2026-11-24"`` or ``"24/11/2026"``; ``None`` when it is neither."""
    text = text.strip()
    french = re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text)
    try:
        if french:
            return dt.date(int(french[3]), int(french[2]), int(french[1]))
        return dt.date.fromisoformat(text)
    except ValueError:
        return None


def _column(place: str) -> str:
    """The column of the table that a place of a programme file comes from."""
    tail = re.sub(r"\[\d+\]", "", place).removeprefix("lines.")
    if tail.startswith("offers"):
        tail = tail.removeprefix("offers.").removeprefix("offers")
        first, _, rest = tail.partition(".")
        if first == "allowances":
            return rest or RESOURCES[0]
        if first == "overage":
            return f"over_{rest}" if rest else f"over_{RESOURCES[0]}"
        return {"id": "offer_id", "name": "offer_name"}.get(first, first)
    first, _, rest = tail.partition(".")
    if first == "unit_prices":
        return f"unit_{rest}" if rest else f"unit_{RESOURCES[0]}"
    return {"id": "line_id", "name": "line_name"}.get(first, first)
