"""When news is asked for after an exit."""

from __future__ import annotations

import calendar
from collections.abc import Iterable
from datetime import date

# Three and six months: what lasts is what the programme is for (mission.md, M8). The setting may say others.
MONTHS = (3, 6)
# After as many tries in vain, nobody is sought any more.
TRIES = 3


def months_later(day: date, months: int) -> date:
    """The same day so many months later; the last of a month that is shorter."""
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def due_days(exited_on: date, months: Iterable[int] = MONTHS) -> list[tuple[int, date]]:
    """The days on which news is asked for, as (months, day), the nearest first."""
    return [(each, months_later(exited_on, each)) for each in sorted(set(months)) if each > 0]
