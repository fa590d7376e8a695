"""How long a file is kept."""

import calendar
from datetime import datetime


def months_earlier(moment: datetime, months: int) -> datetime:
    """The same day and hour ``months`` calendar months before; the last day of the month where there is no such day.

    ``months_earlier(2026-04-30 10:00, 2)`` is 2026-02-28 10:00.
    """
    index = moment.year * 12 + moment.month - 1 - months
    year, month = divmod(index, 12)
    day = min(moment.day, calendar.monthrange(year, month + 1)[1])
    return moment.replace(year=year, month=month + 1, day=day)
