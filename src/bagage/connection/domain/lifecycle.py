"""The life of a line that someone holds, told by dated events; its state is computed from them and from nothing else.

A top-up lives on the day it is bought and on, for the days of its offer: bought on 1 November for 7 days, the line
lives up to and with 7 November and lapses on the 8th. A plan has no end. What nobody knows stays unknown. Nothing is
ever taken out: a mistake is followed by a counter-entry that says which event does not hold.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

ACTIVE, LAPSED, LOST, PORTED = "active", "lapsed", "lost", "ported"
LEFT_FOR_PLAN, CLOSED, VOID = "left_for_plan", "closed", "void"

ACTIVATED, TOPPED_UP, CORRECTED = "activated", "topped_up", "corrected"

# While a line is in one of these, its number is hers on this line: topping up brings it back.
LIVE = frozenset({ACTIVE, LAPSED})

# From each state, what may happen next and where it leads. Before anything happened the state is VOID.
WAYS: dict[str, dict[str, str]] = {
    VOID: {ACTIVATED: ACTIVE},
    ACTIVE: {
        TOPPED_UP: ACTIVE,
        LAPSED: LAPSED,
        LOST: LOST,
        PORTED: PORTED,
        LEFT_FOR_PLAN: LEFT_FOR_PLAN,
        CLOSED: CLOSED,
    },
    LAPSED: {
        TOPPED_UP: ACTIVE,
        LOST: LOST,
        PORTED: PORTED,
        LEFT_FOR_PLAN: LEFT_FOR_PLAN,
        CLOSED: CLOSED,
    },
    LOST: {},
    PORTED: {},
    LEFT_FOR_PLAN: {},
    CLOSED: {},
}


class LineHappening(Protocol):
    """One event; the rows of ``connection.LineEvent`` are such. ``order`` is the order in which they were written."""

    @property
    def kind(self) -> str: ...
    @property
    def on(self) -> date: ...
    @property
    def order(self) -> int: ...
    @property
    def live_until(self) -> date | None: ...
    @property
    def has_no_end(self) -> bool: ...
    @property
    def corrects_order(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Life:
    """Where a line stands. ``since`` is the day of the event that decided it.

    ``live_until`` is its last day, ``None`` when it has no end (``has_no_end``) or nobody knows it. ``last`` is the
    order of the event written last that still holds, the one that can be undone; ``None`` when none is left. A lapse
    is never that one: it follows by itself from what was bought.
    """

    state: str
    since: date | None = None
    live_until: date | None = None
    has_no_end: bool = False
    last: int | None = None


class ImpossibleLife(ValueError):
    """These events cannot follow each other; ``kind`` is the one that does not fit, ``state`` where it came."""

    def __init__(self, kind: str, state: str) -> None:
        super().__init__(f"{kind} cannot follow {state}")
        self.kind = kind
        self.state = state


def can_happen(state: str, kind: str) -> bool:
    """Whether this may happen to a line in that state."""
    return kind in WAYS[state]


def last_day(bought_on: date, validity_days: int) -> date:
    """The last day that a purchase of that day gives: the day itself counts."""
    return bought_on + timedelta(days=validity_days - 1)


def lapses_on(live_until: date) -> date:
    """The first day on which a line no longer lives."""
    return live_until + timedelta(days=1)


def life_of(events: Iterable[LineHappening]) -> Life:
    """Where a line stands after these events, in whatever order they come.

    They are told by their day, then as they were written. A shorter top-up never shortens what lives already. A lapse
    does not hold when what was bought before it, though written down later, reaches over its day, or when the line
    had ended before. Raises :class:`ImpossibleLife` for events that cannot follow each other.
    """
    told = list(events)
    corrected = {one.corrects_order for one in told if one.kind == CORRECTED}
    held = [one for one in told if one.kind != CORRECTED and one.order not in corrected]
    state, since = VOID, None
    until: date | None = None
    has_no_end = False
    for one in sorted(held, key=lambda event: (event.on, event.order)):
        if one.kind == LAPSED and (state != ACTIVE or has_no_end or (until is not None and until >= one.on)):
            continue
        if not can_happen(state, one.kind):
            raise ImpossibleLife(one.kind, state)
        new = WAYS[state][one.kind]
        if new != state or one.kind in {ACTIVATED, TOPPED_UP}:
            since = one.on
        state = new
        if one.kind in {ACTIVATED, TOPPED_UP}:
            has_no_end = has_no_end or one.has_no_end
            if one.live_until is not None and (until is None or one.live_until > until):
                until = one.live_until
    return Life(
        state,
        since,
        None if has_no_end else until,
        has_no_end,
        max((one.order for one in held if one.kind != LAPSED), default=None),
    )


def days_left(live_until: date | None, today: date) -> int | None:
    """How many days of life are left after today: 0 on the last one, ``None`` when no last day is known."""
    return None if live_until is None else (live_until - today).days
