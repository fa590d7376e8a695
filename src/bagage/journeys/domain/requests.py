"""Where a request stands, as the sessions that answer it tell; what was written by hand later holds.

- A session that she is booked in, waits for, or came to: under way.
- All that was seen of her at such a session is done alone: met.
- Nothing answers it any more (called off, left, absent, excused): open again.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

OPEN, UNDER_WAY, MET, DROPPED = "open", "under_way", "met", "dropped"
ALONE = 3
# Bookings that still answer a request, and those that do not any more.
ANSWERING = frozenset({"booked", "waiting", "present"})
ENDED = frozenset({"absent", "excused", "left", "called_off"})


@dataclass(frozen=True, slots=True)
class Answer:
    """One session that answers a request: how she is booked in it, and what was seen of her there, by skill."""

    state: str
    steps: Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Written:
    """One state that a request reached: ``source`` is empty where someone wrote it."""

    state: str
    on: date
    written_at: datetime
    source: str = ""


def state_told(answers: Iterable[Answer]) -> str:
    """What the sessions that answer a request tell together."""
    live = [one for one in answers if one.state in ANSWERING]
    if any(one.state == "present" and _is_done_alone(one.steps) for one in live):
        return MET
    return UNDER_WAY if live else OPEN


def _is_done_alone(steps: Mapping[str, int | None]) -> bool:
    """Something was seen, and all of it is done alone. "On ne sait pas" is not "alone"."""
    return bool(steps) and all(step == ALONE for step in steps.values())


def may_tell(told: str, now: str, steps: Iterable[Written], linked_at: datetime) -> bool:
    """Whether what sessions tell may be written over the state that the request has ``now``.

    ``steps`` are the states it reached, ``linked_at`` when the session that speaks was tied to it. What someone wrote
    after that holds: "met" and "she wants it no more" for good, any other state unless she was seen doing it alone.
    """
    if told == now or now == DROPPED:
        return False
    by_hand = [one for one in steps if not one.source and one.written_at > linked_at]
    if not by_hand:
        return True
    newest = max(by_hand, key=lambda one: one.written_at)
    return newest.state not in {MET, DROPPED} and told == MET
