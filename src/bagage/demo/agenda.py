"""What is to happen in the demonstration, in the order of time: what one act leads to is noted, and waits its turn.

So receipt numbers, stock, waiting lists and caps are those of the hour at which each act is said to have happened.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable
from datetime import datetime
from itertools import count
from typing import Any

Act = Callable[..., None]


class Agenda:
    """A heap of acts. ``moment`` is where time stands: no act is done before it, none after ``now``."""

    def __init__(self, begins: datetime, now: datetime) -> None:
        self.moment = begins
        self.now = now
        self._acts: list[tuple[datetime, int, Act, tuple[Any, ...]]] = []
        self._order = count()

    def note(self, moment: datetime, act: Act, *args: Any) -> None:
        """Have ``act(at, *args)`` called at that moment; what lies after now is left to who works there today.

        A moment already past is the present one. Acts of one moment are done in the order in which they were noted.
        """
        moment = max(moment, self.moment)
        if moment <= self.now:
            heapq.heappush(self._acts, (moment, next(self._order), act, args))

    def run(self) -> int:
        """Do all of it, with all that it leads to; how many acts it was."""
        done = 0
        while self._acts:
            self.moment, _, act, args = heapq.heappop(self._acts)
            act(self.moment, *args)
            done += 1
        return done
