"""Where a journey and a follow-up stand, and the ways between."""

OPEN, CLOSED = "open", "closed"

# Who comes back goes on with the same journey: it is reopened, as often as it takes.
JOURNEY_WAYS: dict[str, frozenset[str]] = {OPEN: frozenset({CLOSED}), CLOSED: frozenset({OPEN})}

DUE, ANSWERED, NOT_REACHED, CALLED_OFF = "due", "answered", "not_reached", "called_off"

# A person who was given up may still turn up and tell. Coming back makes the question pointless.
FOLLOW_UP_WAYS: dict[str, frozenset[str]] = {
    DUE: frozenset({ANSWERED, NOT_REACHED, CALLED_OFF}),
    NOT_REACHED: frozenset({ANSWERED, CALLED_OFF}),
    ANSWERED: frozenset(),
    CALLED_OFF: frozenset(),
}


def can_journey_go(old: str, new: str) -> bool:
    """Whether a journey may pass from one state to another."""
    return new in JOURNEY_WAYS[old]


def can_follow_up_go(old: str, new: str) -> bool:
    """Whether a follow-up may pass from one state to another."""
    return new in FOLLOW_UP_WAYS[old]
