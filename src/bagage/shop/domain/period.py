"""The period over which a cap counts: one function, for both kinds, so that no screen reckons its own.

Source: "at most 30 € per person and month" [infocatho.cef.fr, 2013-04-23]; which month is meant is not said, so it is
a setting: the calendar month (default) or the last 30 days.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

CALENDAR_MONTH = "calendar_month"
ROLLING_30 = "rolling_30"
KINDS = (CALENDAR_MONTH, ROLLING_30)
ROLLING_DAYS = 30


@dataclass(frozen=True, slots=True)
class Period:
    """From ``first`` to ``last``, both included."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        """Whether that day lies in it."""
        return self.first <= day <= self.last


@dataclass(frozen=True, slots=True)
class Use:
    """What was bought within a cap on a day, in cents; negative when it was given back for that day."""

    on: date
    amount: int


def period_of(day: date, kind: str) -> Period:
    """The period that a purchase of ``day`` counts in: its calendar month, or the 30 days that end with it.

    Raises :class:`ValueError` for another ``kind``.
    """
    if kind == CALENDAR_MONTH:
        return Period(day.replace(day=1), day.replace(day=monthrange(day.year, day.month)[1]))
    if kind == ROLLING_30:
        return Period(day - timedelta(days=ROLLING_DAYS - 1), day)
    raise ValueError(f"no such period: {kind}")


def reach_of(day: date, kind: str) -> Period:
    """All days whose purchases can stand in one period with a purchase of ``day``: what has to be read to judge it."""
    if kind == CALENDAR_MONTH:
        return period_of(day, kind)
    return Period(period_of(day, kind).first, day + timedelta(days=ROLLING_DAYS - 1))


def used_in(uses: Iterable[Use], period: Period) -> int:
    """What was used in a period, in cents."""
    return sum(use.amount for use in uses if period.holds(use.on))


def most_used_with(uses: Iterable[Use], day: date, kind: str) -> int:
    """What is used, in cents, in the fullest of the periods that ``day`` stands in.

    There is one calendar month. Of rolling periods there are thirty; they differ only when something is written for a
    day that is past, after purchases of later days.
    """
    known = list(uses)
    if kind == CALENDAR_MONTH:
        return used_in(known, period_of(day, kind))
    ends = {day} | {use.on for use in known if day <= use.on < day + timedelta(days=ROLLING_DAYS)}
    return max(used_in(known, period_of(end, kind)) for end in ends)


def renews_on(uses: Iterable[Use], day: date, kind: str) -> date | None:
    """The first day after ``day`` on which more can be bought again; ``None`` when nothing is used."""
    if kind == CALENDAR_MONTH:
        period = period_of(day, kind)
        return period.last + timedelta(days=1) if used_in(uses, period) > 0 else None
    period = period_of(day, kind)
    by_day: dict[date, int] = {}
    for use in uses:
        if period.holds(use.on):
            by_day[use.on] = by_day.get(use.on, 0) + use.amount
    days = [on for on, amount in by_day.items() if amount > 0]
    return min(days) + timedelta(days=ROLLING_DAYS) if days else None
