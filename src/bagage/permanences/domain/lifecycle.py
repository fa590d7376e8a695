"""Where an appointment and someone in the queue stand, and the ways between."""

from datetime import timedelta

BOOKED, ARRIVED, UNDER_WAY, DONE = "booked", "arrived", "under_way", "done"
NO_SHOW, EXCUSED, CANCELLED, MOVED = "no_show", "excused", "cancelled", "moved"

# From each state, where an act may lead. A no-show who comes after all has arrived; one who called was excused.
WAYS: dict[str, frozenset[str]] = {
    BOOKED: frozenset({ARRIVED, UNDER_WAY, NO_SHOW, EXCUSED, CANCELLED, MOVED}),
    ARRIVED: frozenset({UNDER_WAY, DONE, CANCELLED, MOVED}),
    UNDER_WAY: frozenset({DONE}),
    DONE: frozenset(),
    NO_SHOW: frozenset({ARRIVED, EXCUSED}),
    EXCUSED: frozenset(),
    CANCELLED: frozenset(),
    MOVED: frozenset(),
}

# A step can be undone for as long: a mistake is seen the same half-day; later it is history.
UNDO_WINDOW = timedelta(hours=4)

WAITING, CALLED, LEFT = "waiting", "called", "left"
QUEUE_WAYS: dict[str, frozenset[str]] = {
    WAITING: frozenset({CALLED, LEFT}),
    CALLED: frozenset({DONE, LEFT}),
    DONE: frozenset(),
    LEFT: frozenset(),
}


def can_go(old: str, new: str) -> bool:
    """Whether an appointment may pass from one state to another."""
    return new in WAYS[old]


def state_before(state: str, *, has_arrived: bool, has_started: bool) -> str:
    """Where undoing the last step leads; ``""`` when there is no step to undo.

    Read from the moments that are kept, so that two steps in a row can be undone one after the other.
    """
    if state == BOOKED:
        return ""
    if state == DONE and has_started:
        return UNDER_WAY
    if state in {DONE, UNDER_WAY, CANCELLED, MOVED} and has_arrived:
        return ARRIVED
    return BOOKED


def queue_state_before(state: str, *, was_called: bool) -> str:
    """Where undoing the last step of someone in the queue leads; ``""`` when she still waits."""
    if state == WAITING:
        return ""
    return CALLED if state in {DONE, LEFT} and was_called else WAITING
