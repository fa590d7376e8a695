"""Where an orientation onward can go from where it stands, and when its place is asked again.

"Prepared" is a paper that she carries: the place knows nothing yet. "Sent" is a place that was told, by mail or by
phone. The three answers (she arrived, she did not come, the place cannot) may be corrected into one another.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

PREPARED = "prepared"
SENT = "sent"
ARRIVED = "arrived"
NOT_COME = "not_come"
PLACE_CANNOT = "place_cannot"
CALLED_OFF = "called_off"

WAYS: dict[str, frozenset[str]] = {
    PREPARED: frozenset({SENT, ARRIVED, NOT_COME, PLACE_CANNOT, CALLED_OFF}),
    SENT: frozenset({SENT, ARRIVED, NOT_COME, PLACE_CANNOT, CALLED_OFF}),
    ARRIVED: frozenset({NOT_COME, PLACE_CANNOT}),
    # She goes later after all: told again, or simply arrived.
    NOT_COME: frozenset({SENT, ARRIVED, PLACE_CANNOT, CALLED_OFF}),
    PLACE_CANNOT: frozenset({ARRIVED, NOT_COME}),
    CALLED_OFF: frozenset(),
}
WAITING = (PREPARED, SENT)
ANSWERS = (ARRIVED, NOT_COME, PLACE_CANNOT)

EMAIL, PAPER, PHONE = "email", "paper", "phone"
REFUSED = "refused"

# What she may let the place know, in the order of the page. "referrer" is for whoever referred her, not for the place.
SHARES = ("first_name", "family_name", "asks", "languages", "phone", "referrer")
# Ticked until she says otherwise: what a place needs to receive her.
USUAL_SHARES = ("first_name", "asks", "languages")

# A reason or a word that says something has so many signs at least.
LEAST_WORDS = 3

# From so many answers on, the usual time of a place is told where places are compared.
ENOUGH_ANSWERS = 3

# The link of the place stays open this long after it was made.
LINK_LIFE = timedelta(days=92)


def may_go(state: str, to: str) -> bool:
    """Whether ``to`` may follow ``state``."""
    return to in WAYS[state]


@dataclass(frozen=True, slots=True)
class Silence:
    """What to do with a place that has not answered, and since when it was asked."""

    todo: Literal["", "remind", "call"]
    since: datetime


def silence(
    state: str,
    by_way: str,
    asked_at: datetime,
    reminded_at: datetime | None,
    now: datetime,
    *,
    days: int,
) -> Silence:
    """After ``days`` without an answer: a place that has a mail is reminded once; then, and for others, someone calls.

    ``asked_at`` is when it was told (or the paper given), ``reminded_at`` when it was reminded.
    """
    wait = timedelta(days=days)
    if state not in WAITING or now - asked_at < wait:
        return Silence("", asked_at)
    if by_way == EMAIL and reminded_at is None:
        return Silence("remind", asked_at)
    if reminded_at is not None and now - reminded_at < wait:
        return Silence("", asked_at)
    return Silence("call", asked_at)


def checked_shares(ticked: list[str] | tuple[str, ...]) -> tuple[str, ...]:
    """What was ticked, in the order of the page; raises :class:`ValueError` for what cannot be shared."""
    unknown = set(ticked) - set(SHARES)
    if unknown:
        raise ValueError(f"not something to share: {', '.join(sorted(unknown))}")
    return tuple(one for one in SHARES if one in ticked)


def typical_days(waits: list[timedelta]) -> int | None:
    """The median number of whole days that a place took to answer; ``None`` when it never did."""
    if not waits:
        return None
    ordered = sorted(waits)
    middle = len(ordered) // 2
    wait = ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    return wait.days
