"""A programme file, read with what breaks a rule set aside; what both readers share."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from bagage.connection.domain.programme import Line, Offer, Problem, Programme, Refused, read_programme
from bagage.connection.domain.sheet.columns import LONGEST, Fault, Reading


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
        number, rank = indices(each.place)
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
        broken_line = any(indices(each.place) == (number, -1) for each in problems)
        if not broken_line:
            good = [offer for rank, offer in enumerate(offers) if rank not in bad.get(number, ())]
            kept.append({**line, "offers": good})
    programme = programme_of({**data, "lines": kept}, where)
    return Reading(programme, {}, tuple(faults), tuple(aside))


def programme_of(data: Mapping[str, object], where: str) -> Programme:
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


def indices(place: str) -> tuple[int, int]:
    """``"lines[2].offers[1].price"`` → (2, 1); (2, -1) for what is wrong with the line itself."""
    found = re.match(r"lines\[(\d+)\](?:\.offers\[(\d+)\])?", place)
    if not found:
        return -1, -1
    return int(found[1]), -1 if found[2] is None else int(found[2])


def _fault(problem: Problem, row: int, column: str, offer: str) -> Fault:
    value = "" if problem.value is None else str(problem.value)
    return Fault(row, column, problem.code, problem.rule, value[:200], offer[:80], problem.place)
