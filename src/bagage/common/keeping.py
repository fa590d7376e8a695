"""Which back-ups are kept: a rule on their moments alone."""

from collections.abc import Callable, Iterable
from datetime import datetime


def to_keep(moments: Iterable[datetime], *, daily: int, weekly: int, monthly: int) -> set[datetime]:
    """The moments to keep: the newest of each of the last ``daily`` days, weeks (ISO) and months that have one.

    Days on which none was made do not count, so that a machine that was off for a month loses nothing. The newest of
    all is always kept. All moments are aware, or all are naive.
    """
    newest_first = sorted(set(moments), reverse=True)
    kept = set(newest_first[:1])
    rules: tuple[tuple[int, Callable[[datetime], object]], ...] = (
        (daily, lambda moment: moment.date()),
        (weekly, lambda moment: moment.isocalendar()[:2]),
        (monthly, lambda moment: (moment.year, moment.month)),
    )
    for count, period_of in rules:
        periods: dict[object, datetime] = {}
        for moment in newest_first:
            periods.setdefault(period_of(moment), moment)
        kept |= set(list(periods.values())[:count])
    return kept
