"""A time that runs out, for rules that must not look at the clock themselves."""

import time
from collections.abc import Callable


def out_of_time_after(seconds: float) -> Callable[[], bool]:
    """A question that is answered no until so many seconds from now have passed, and yes from then on."""
    end = time.monotonic() + seconds
    return lambda: time.monotonic() >= end


def either(*questions: Callable[[], bool]) -> Callable[[], bool]:
    """Yes as soon as one of them is."""
    return lambda: any(question() for question in questions)
