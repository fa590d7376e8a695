"""Where an appointment, someone in the queue, a session and a seat in it stand, and the ways between."""

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

PLANNED, HELD = "planned", "held"
SESSION_WAYS: dict[str, frozenset[str]] = {
    PLANNED: frozenset({HELD, CANCELLED}),
    HELD: frozenset({PLANNED}),
    CANCELLED: frozenset(),
}
# A closed session can be opened again for a week: the sheet that was filled by hand is copied within days.
REOPEN_WINDOW = timedelta(days=7)

PRESENT, ABSENT, CALLED_OFF = "present", "absent", "called_off"
# From each state of a seat, where an act may lead. Who gave her seat back and comes all the same is there: presence is
# seen, never argued with. Marks of a session that is open can be taken back; a seat that was given back cannot.
SEAT_WAYS: dict[str, frozenset[str]] = {
    BOOKED: frozenset({PRESENT, ABSENT, EXCUSED, LEFT, CALLED_OFF}),
    WAITING: frozenset({BOOKED, PRESENT, EXCUSED, LEFT, CALLED_OFF}),
    PRESENT: frozenset({BOOKED, WAITING, ABSENT, EXCUSED, LEFT}),
    ABSENT: frozenset({BOOKED, PRESENT, EXCUSED, CALLED_OFF}),
    EXCUSED: frozenset({PRESENT}),
    LEFT: frozenset({PRESENT}),
    CALLED_OFF: frozenset(),
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


def can_seat_go(old: str, new: str) -> bool:
    """Whether a seat in a session may pass from one state to another."""
    return new in SEAT_WAYS[old]


def unmarked_state(*, is_unplanned: bool, had_seat: bool) -> str:
    """Where taking back a mark leads: still to mark, still in line, or gone for an arrival noted by mistake."""
    if is_unplanned:
        return LEFT
    return BOOKED if had_seat else WAITING
