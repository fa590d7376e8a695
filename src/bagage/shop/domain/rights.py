"""A window of access: how long it lasts, whether it lives, whether it can be renewed.

Source: "9 months, renewable once" [archives.aubervilliers.fr, 2014-09-05]; both figures are settings.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta

LIVES, COMING, OVER, ENDED = "lives", "coming", "over", "ended"


def months_later(day: date, months: int) -> date:
    """The same day so many months later; the last day of a month that is too short for it."""
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def last_day(begins_on: date, months: int) -> date:
    """The last day of a window of so many months: opened on 6 October for 9 months, it lasts up to and with 5 July."""
    return months_later(begins_on, months) - timedelta(days=1)


def standing(begins_on: date, ends_on: date, ended_on: date | None, today: date) -> str:
    """Where a window stands on a day: it lives, is coming, is over, or was ended early.

    ``ends_on`` is its last day; from ``ended_on`` on it holds no more.
    """
    if ended_on is not None and ended_on <= today:
        return ENDED
    if today > ends_on:
        return OVER
    return COMING if today < begins_on else LIVES


def renewal_begins(ends_on: date, ended_on: date | None, today: date) -> date:
    """When a renewal begins: the day after the last one, or today when that is past."""
    last = ends_on if ended_on is None else min(ends_on, ended_on - timedelta(days=1))
    return max(today, last + timedelta(days=1))
