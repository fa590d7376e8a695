"""Free slots = block ÷ duration − bookings."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

Span = tuple[datetime, datetime]


def grid(starts_at: datetime, ends_at: datetime, minutes: int) -> Iterator[Span]:
    """The slots of a block, whole ones only: a rest shorter than a slot is not given."""
    step = timedelta(minutes=minutes)
    begin = starts_at
    while begin + step <= ends_at:
        yield begin, begin + step
        begin += step


def is_on_grid(starts_at: datetime, ends_at: datetime, minutes: int, moment: datetime) -> bool:
    """Whether a slot of the block starts at ``moment``."""
    step = timedelta(minutes=minutes)
    # Before the end is first: nothing is added to the last hour of all years.
    return (
        starts_at <= moment < ends_at
        and moment + step <= ends_at
        and (moment - starts_at) % step == timedelta(0)
    )


def overlaps(one: Span, other: Span) -> bool:
    """Whether two stretches share a moment; touching is not sharing."""
    return one[0] < other[1] and other[0] < one[1]


def free(slots: Iterable[Span], busy: Iterable[Span], now: datetime) -> Iterator[Span]:
    """The slots that start from ``now`` on and that nothing busy overlaps."""
    taken = list(busy)
    for slot in slots:
        if slot[0] >= now and not any(overlaps(slot, other) for other in taken):
            yield slot
