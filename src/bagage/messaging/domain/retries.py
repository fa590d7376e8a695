"""When a mail that the server put off is tried again."""

from datetime import datetime, timedelta
from typing import Final

# After the first try, the second, and so on: about two days in all, as mail servers do among themselves.
WAITS: Final = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=20),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
)


def next_try(attempts: int, now: datetime) -> datetime | None:
    """The moment of the next try after ``attempts`` of them; None when it is given up."""
    return now + WAITS[attempts - 1] if 1 <= attempts <= len(WAITS) else None
