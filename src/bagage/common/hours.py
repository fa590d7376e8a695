"""Opening hours: read, grouped, and whether a place is open now.

Hours are kept in OpenStreetMap form (``"Mo-Fr 09:00-12:30,14:00-17:00; PH off"``) and evaluated by opening-hours-py,
public holidays of France included. Datetimes here are naive and local; the caller knows the time zone.

School holidays (``SH``) are those of the zone of a place (:mod:`bagage.common.school`): the library has no calendar of
them, and would take ``SH Mo-Fr 10:00-11:00`` for every week of the year. Hours are therefore read twice, as they are in
term and as they are in holidays; where the zone is not known, all weeks are weeks of term.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from itertools import pairwise

import opening_hours
from opening_hours import OpeningHours, State

from bagage.common import school

# Missing from the stubs of the library.
ParserError: type[Exception] = opening_hours.ParserError  # type: ignore[attr-defined]

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
# A week without any French public holiday, for reading what a usual week looks like.
USUAL_MONDAY = date(2024, 1, 8)
HOLIDAYS_OFF = "PH off"
_SCHOOL = re.compile(r"\bSH\b")
_IN_A_LIST = re.compile(r",\s*SH\b|\bSH\s*,\s*")
_HOLIDAYS = re.compile(r"(?:PH,)?SH(?:,PH)?")

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
def parsed(hours: str, *, in_holidays: bool = False) -> OpeningHours:
    """The evaluator of these hours, in term or in school holidays. Raises :class:`UnreadableHours`."""
    try:
        whole = OpeningHours(hours, country="FR")
        if not _SCHOOL.search(hours):
            return whole
        return OpeningHours(_in_holidays(hours) if in_holidays else _in_term(hours), country="FR")
    except ParserError as error:
        raise UnreadableHours(hours) from error


def _parsed_on(hours: str, day: date, zone: str) -> OpeningHours:
    """The evaluator for that day in that zone. Raises :class:`UnreadableHours`."""
    return parsed(hours, in_holidays=bool(_SCHOOL.search(hours)) and school.is_holiday(day, zone))


def _rules(hours: str) -> list[tuple[str, str]]:
    """Each rule: the days it is for, and what it says of them."""
    found = []
    for rule in hours.split(";"):
        days = re.split(r"\d\d:\d\d|\boff\b|\bclosed\b|\bopen\b", rule)[0]
        found.append((days.strip(), rule[len(days) :].strip()))
    return found


def _in_term(hours: str) -> str:
    """The rules that hold outside school holidays; ``"PH,SH off"`` still closes on public ones.

    >>> _in_term("Mo-Fr 09:00-17:00; PH,SH off"), _in_term("SH Mo 10:00-12:00")
    ('Mo-Fr 09:00-17:00; PH off', 'off')
    """
    kept = []
    for days, said in _rules(hours):
        others = _IN_A_LIST.sub("", days)
        if not _SCHOOL.search(others):
            kept.append(f"{others} {said}".strip())
    return "; ".join(rule for rule in kept if rule) or "off"


def _in_holidays(hours: str) -> str:
    """The rules that hold in school holidays: those for them, in their place, on the days that they name, or on all.

    >>> _in_holidays("Mo-Fr 09:00-17:00; SH Mo-Fr 10:00-12:00"), _in_holidays("Mo-Fr 09:00-17:00; PH,SH off")
    ('Mo-Fr 09:00-17:00; Mo-Fr 10:00-12:00', 'Mo-Fr 09:00-17:00; off')
    """
    kept = []
    for days, said in _rules(hours):
        if _SCHOOL.search(days):
            first, _, others = days.partition(" ")
            if _HOLIDAYS.fullmatch(first):  # weekdays may narrow them: "PH,SH Sa"
                days = others
            else:  # beside weekdays, "Mo-Fr,SH", they are all days; else something narrows them: "Jul-Aug SH"
                days = "" if _IN_A_LIST.search(days) else _SCHOOL.sub("", days).strip()
        kept.append(f"{days} {said}".strip())
    return "; ".join(rule for rule in kept if rule) or "off"


def school_holidays(hours: str) -> str:
    """What hours say of school holidays: ``"off"`` (closed), ``"other"`` (other hours), ``""`` (nothing)."""
    rules = [rule for rule in hours.split(";") if _SCHOOL.search(rule)]
    if not rules:
        return ""
    return "off" if all(re.search(r"\b(?:off|closed)\b", rule) for rule in rules) else "other"


def spans_of_day(hours: str, day: date, zone: str = "") -> tuple[Span, ...]:
    """When it is open on that day, ``zone`` being that of its school holidays.

    A span that passes midnight is cut there and ends at 23:59.
    """
    if not hours:
        return ()
    start = datetime.combine(day, time())
    found = []
    for begins, ends, state, _comment in _parsed_on(hours, day, zone).intervals(
        start, start + timedelta(days=1)
    ):
        if state == State.OPEN:
            end = ends.time() if ends.date() == day else time(23, 59)
            found.append((begins.time(), end))
    return tuple(found)


@lru_cache(maxsize=512)
def usual_week(hours: str) -> Week:
    """The spans of each day of a week without public holiday, Monday first."""
    return tuple(spans_of_day(hours, USUAL_MONDAY + timedelta(days=number)) for number in range(7))


# Of a text that goes with its zone: in no hours.
_AT = "\x1f"


def in_zone(hours: str, zone: str) -> str:
    """The hours and the zone as one text, for who keeps many; the hours alone where the zone says nothing."""
    return f"{hours}{_AT}{zone}" if zone and _SCHOOL.search(hours) else hours


def out_of_zone(text: str) -> tuple[str, str]:
    """The hours and the zone of such a text."""
    hours, _, zone = text.partition(_AT)
    return hours, zone


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
    hours: str,
    now: datetime,
    closed: Mapping[date, str] | Sequence[date] = (),
    *,
    days: int = 31,
    zone: str = "",
) -> Openness:
    """Whether it is open at ``now`` (naive, local); ``closed`` are days shut in spite of the hours.

    ``zone`` is that of its school holidays (:func:`bagage.common.school.zone_of`).
    """
    for number in range(days):
        day = now.date() + timedelta(days=number)
        if day in closed:
            continue
        for begin, end in spans_of_day(hours, day, zone):
            starts, ends = datetime.combine(day, begin), datetime.combine(day, end)
            if starts <= now < ends:
                return Openness(True, until=ends)
            if starts > now:
                return Openness(False, opens_at=starts)
    return Openness(False)
