"""Opening hours: read, grouped, and whether a place is open now.

Hours are kept in OpenStreetMap form (``"Mo-Fr 09:00-12:30,14:00-17:00; PH off"``) and evaluated by opening-hours-py,
public holidays of France included. Datetimes here are naive and local; the caller knows the time zone.

What hours say of school holidays (``SH``) is told, not evaluated: the library has no calendar of them, and would take
``SH Mo-Fr 10:00-11:00`` for every week of the year.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise

import opening_hours
from opening_hours import OpeningHours, State

# Missing from the stubs of the library.
ParserError: type[Exception] = opening_hours.ParserError  # type: ignore[attr-defined]

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
# A week without any French public holiday, for reading what a usual week looks like.
USUAL_MONDAY = date(2024, 1, 8)
HOLIDAYS_OFF = "PH off"
_SCHOOL = re.compile(r"\bSH\b")

Span = tuple[time, time]
Week = tuple[tuple[Span, ...], ...]


class UnreadableHours(ValueError):
    """The text is not in OpenStreetMap form."""


@dataclass(frozen=True, slots=True)
class Openness:
    """Whether a place is open, until when, and when it opens next (``None``: not within what is known)."""

    is_open: bool
    until: datetime | None = None
    opens_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DayGroup:
    """Days of the week (Monday is 0) that have the same hours."""

    days: tuple[int, ...]
    spans: tuple[Span, ...]

    @property
    def is_run(self) -> bool:
        """Whether three days or more follow each other: "du lundi au vendredi"."""
        return len(self.days) > 2 and self.days[-1] - self.days[0] == len(self.days) - 1


@lru_cache(maxsize=512)
def parsed(hours: str) -> OpeningHours:
    """The evaluator of these hours, in term time. Raises :class:`UnreadableHours`."""
    try:
        whole = OpeningHours(hours, country="FR")
        return OpeningHours(_in_term(hours), country="FR") if _SCHOOL.search(hours) else whole
    except ParserError as error:
        raise UnreadableHours(hours) from error


def _in_term(hours: str) -> str:
    """The rules that hold outside school holidays; ``"PH,SH off"`` still closes on public ones."""
    kept = []
    for rule in hours.split(";"):
        selector = re.split(r"\d\d:\d\d|\boff\b|\bclosed\b|\bopen\b", rule)[0]
        if not _SCHOOL.search(selector):
            kept.append(rule.strip())
        elif "PH" in selector:
            kept.append(re.sub(r",\s*SH\b|\bSH\s*,\s*", "", rule).strip())
    return "; ".join(rule for rule in kept if rule) or "off"


def school_holidays(hours: str) -> str:
    """What hours say of school holidays: ``"off"`` (closed), ``"other"`` (other hours), ``""`` (nothing)."""
    rules = [rule for rule in hours.split(";") if _SCHOOL.search(rule)]
    if not rules:
        return ""
    return "off" if all(re.search(r"\b(?:off|closed)\b", rule) for rule in rules) else "other"


def spans_of_day(hours: str, day: date) -> tuple[Span, ...]:
    """When it is open on that day. A span that passes midnight is cut there and ends at 23:59."""
    if not hours:
        return ()
    start = datetime.combine(day, time())
    found = []
    for begins, ends, state, _comment in parsed(hours).intervals(start, start + timedelta(days=1)):
        if state == State.OPEN:
            end = ends.time() if ends.date() == day else time(23, 59)
            found.append((begins.time(), end))
    return tuple(found)


@lru_cache(maxsize=512)
def usual_week(hours: str) -> Week:
    """The spans of each day of a week without public holiday, Monday first."""
    return tuple(spans_of_day(hours, USUAL_MONDAY + timedelta(days=number)) for number in range(7))


def closes_on_holidays(hours: str) -> bool:
    """Whether the hours say that it is closed on public holidays."""
    return any(rule.strip() == HOLIDAYS_OFF for rule in hours.split(";"))


def written(week: Sequence[Sequence[Span]], *, holidays_off: bool = True) -> str:
    """A week in OpenStreetMap form; ``""`` when it is never open.

    >>> written([[(time(9), time(12, 30))], [(time(9), time(12, 30))], [], [], [], [], []], holidays_off=False)
    'Mo,Tu 09:00-12:30'
    """
    rules = []
    for group in groups(tuple(tuple(spans) for spans in week)):
        days = (
            f"{DAYS[group.days[0]]}-{DAYS[group.days[-1]]}"
            if group.is_run
            else ",".join(DAYS[n] for n in group.days)
        )
        rules.append(f"{days} {','.join(f'{begin:%H:%M}-{end:%H:%M}' for begin, end in group.spans)}")
    if rules and holidays_off:
        rules.append(HOLIDAYS_OFF)
    return "; ".join(rules)


def groups(week: Week) -> list[DayGroup]:
    """Open days with the same hours together, in the order of their first day."""
    by_spans: dict[tuple[Span, ...], list[int]] = {}
    for number, spans in enumerate(week):
        if spans:
            by_spans.setdefault(spans, []).append(number)
    return [DayGroup(tuple(days), spans) for spans, days in by_spans.items()]


def what_is_wrong(spans: Sequence[Span]) -> str:
    """``""``, or what is wrong with the spans of one day: ``"order"`` (ends before it starts) or ``"overlap"``."""
    for begin, end in spans:
        if end <= begin:
            return "order"
    ordered = sorted(spans)
    if any(later[0] < earlier[1] for earlier, later in pairwise(ordered)):
        return "overlap"
    return ""


def openness(
    hours: str, now: datetime, closed: Mapping[date, str] | Sequence[date] = (), *, days: int = 31
) -> Openness:
    """Whether it is open at ``now`` (naive, local); ``closed`` are days shut in spite of the hours."""
    for number in range(days):
        day = now.date() + timedelta(days=number)
        if day in closed:
            continue
        for begin, end in spans_of_day(hours, day):
            starts, ends = datetime.combine(day, begin), datetime.combine(day, end)
            if starts <= now < ends:
                return Openness(True, until=ends)
            if starts > now:
                return Openness(False, opens_at=starts)
    return Openness(False)
