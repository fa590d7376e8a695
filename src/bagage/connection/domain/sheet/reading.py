"""A table read: every fault of a row is told, the other rows are kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from bagage.connection.domain.programme import (
    CONDITIONS,
    OFFER_FACTS,
    PLAN,
    RESOURCES,
    TOP_UP,
    UNLIMITED,
    Problem,
    Refused,
)
from bagage.connection.domain.sheet.checking import indices, programme_of
from bagage.connection.domain.sheet.columns import (
    COLUMNS,
    NEEDED,
    OFFER_COLUMNS,
    Extra,
    Fault,
    Reading,
    Words,
    WrongHeadings,
)
from bagage.connection.domain.sheet.values import amount_text, plain, read_day


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
                programme = programme_of(data, "sheet")
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
            for row in origins[indices(each.place)]:
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
            code: code for code in OFFER_FACTS
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
