"""Where a referral can go from where it stands, and the road that its referrer sees.

The words of the states are those of ``models.ReferralState``; this table is the rule.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

# From a state, those that may follow. A step taken by mistake is undone by going back one state.
WAYS: dict[str, frozenset[str]] = {
    "sent": frozenset({"received", "appointment", "came", "declined", "withdrawn"}),
    # Her journey may end whatever was noted of the referral: she came another way, or never did.
    "received": frozenset({"appointment", "came", "under_way", "left_with", "declined", "withdrawn"}),
    # Moved makes a new appointment; cancelled leads back to received.
    "appointment": frozenset(
        {"appointment", "received", "came", "under_way", "not_come", "left_with", "withdrawn"}
    ),
    "came": frozenset({"under_way", "left_with", "appointment", "received"}),
    "under_way": frozenset({"left_with", "came", "appointment"}),
    "not_come": frozenset(
        {"appointment", "came", "under_way", "received", "left_with", "declined", "withdrawn"}
    ),
    # Coming back reopens her journey: it is under way again.
    "left_with": frozenset({"left_with", "under_way"}),
    "declined": frozenset(),
    "withdrawn": frozenset(),
}
ROAD = ("sent", "received", "appointment", "came", "under_way", "left_with")

# A referral that nobody answered is late after this time.
LATE_AFTER = timedelta(days=2)
# The referrer's link stays open this long after the referral was sent.
LINK_LIFE = timedelta(days=92)


# Someone may say by hand with what she left only once she came; the end of a journey says it from any open state.
HELPED = frozenset({"came", "under_way", "left_with"})


def may_go(state: str, to: str) -> bool:
    """Whether ``to`` may follow ``state``."""
    return to in WAYS[state]


# She came to something else than an appointment (a session, the counter where a device was handed over): from these
# states help is under way; an appointment that is still to come stays what comes next.
_COMING_MOVES = frozenset({"received", "not_come", "came"})


def state_after_coming(state: str) -> str:
    """The state of a referral once its person came without an appointment of it; ``""`` when it stays."""
    return "under_way" if state in _COMING_MOVES else ""


# What happens to an appointment, as (state before, state now) of the appointment, and what it makes of the referral.
# An empty state before means that it was just booked. What is not here changes nothing for the referrer.
_AFTER_APPOINTMENT: dict[tuple[str, str], str] = {
    ("", "booked"): "appointment",
    ("booked", "arrived"): "came",
    ("booked", "under_way"): "under_way",
    ("arrived", "under_way"): "under_way",
    ("booked", "no_show"): "not_come",
    ("booked", "excused"): "not_come",
    ("booked", "cancelled"): "received",
    ("arrived", "done"): "under_way",
    ("no_show", "arrived"): "came",
    # Undone steps.
    ("done", "arrived"): "came",
    ("cancelled", "arrived"): "came",
    ("moved", "booked"): "appointment",
    ("arrived", "booked"): "appointment",
    ("under_way", "booked"): "appointment",
    ("under_way", "arrived"): "came",
    ("no_show", "booked"): "appointment",
    ("excused", "booked"): "appointment",
    ("cancelled", "booked"): "appointment",
}
UNDOING = frozenset(
    {
        ("arrived", "booked"),
        ("under_way", "booked"),
        ("under_way", "arrived"),
        ("no_show", "booked"),
        ("excused", "booked"),
        ("cancelled", "booked"),
        ("cancelled", "arrived"),
        ("done", "arrived"),
        ("moved", "booked"),
    }
)


def state_after_appointment(referral: str, before: str, now: str) -> str:
    """The state of a referral after its person's appointment went from ``before`` to ``now``; ``""`` when it stays.

    Once she came, only her coming being undone leads back: a second appointment is "what comes next", not a state.
    """
    if referral == "left_with":
        # Over: only her journey, reopened, brings it back.
        return ""
    to = _AFTER_APPOINTMENT.get((before, now), "")
    if not to or (to == referral and to != "appointment"):
        return ""
    has_come = referral in {"came", "under_way"}
    if has_come and (before, now) not in UNDOING and to != "under_way":
        return ""
    return to if may_go(referral, to) else ""


@dataclass(frozen=True, slots=True)
class Milestone:
    """One step of the road: ``place`` is where it stands beside the present state; ``at`` when it was reached."""

    state: str
    at: datetime | None
    place: Literal["done", "current", "to_come"]


def road(state: str, reached: Sequence[tuple[str, datetime]]) -> list[Milestone]:
    """The line of steps for a referral in ``state``, from the steps it ``reached`` in order of time.

    Ends that are not the usual one (declined, withdrawn, did not come) close the road where they came.
    """
    newest = dict(reached)
    if state in ROAD:
        here = ROAD.index(state)
        return [
            Milestone(
                step,
                newest.get(step) if place <= here else None,
                "done" if place < here else "current" if place == here else "to_come",
            )
            for place, step in enumerate(ROAD)
            # A step that was passed over (she came without an appointment) is not drawn as done.
            if place >= here or step in newest
        ]
    passed = [step for step in ROAD if step in newest and newest[step] <= newest.get(state, newest[step])]
    return [
        *(Milestone(step, newest[step], "done") for step in passed),
        Milestone(state, newest.get(state), "current"),
    ]


def is_late(state: str, sent_at: datetime, answered_at: datetime | None, now: datetime) -> bool:
    """Whether nobody has answered this referral for more than two days."""
    return state in {"sent", "received"} and answered_at is None and now - sent_at > LATE_AFTER


def choices_of(lines: str | Iterable[str], *, most: int = 5, longest: int = 50) -> list[str]:
    """The proposed answers of a question: one a line, no empty one, none twice, at most five."""
    rows = lines.splitlines() if isinstance(lines, str) else lines
    cleaned = (" ".join(row.split())[:longest] for row in rows)
    return list(dict.fromkeys(row for row in cleaned if row))[:most]
