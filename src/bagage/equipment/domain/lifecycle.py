"""The states of a device and the ways between; those of a reservation and of a handover.

Source: the published list of states of the networks that refurbish for Emmaüs Connect (``skills_and_equipment.md``
§6: to process, in processing, not reusable, ready to order, on its way, ready to hand over, handed over, after-sales).
"Lost" is ours: a device that was handed over and that nobody has any more.
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta

TO_PROCESS, IN_WORKSHOP, NOT_REUSABLE = "to_process", "in_workshop", "not_reusable"
READY_TO_ORDER, IN_DELIVERY, READY = "ready_to_order", "in_delivery", "ready"
HANDED_OVER, AFTER_SALES, LOST = "handed_over", "after_sales", "lost"

# Where someone who keeps the stock may lead a device, by hand and with a word on why.
WAYS: dict[str, frozenset[str]] = {
    TO_PROCESS: frozenset({IN_WORKSHOP, READY_TO_ORDER, READY, NOT_REUSABLE}),
    IN_WORKSHOP: frozenset({TO_PROCESS, READY_TO_ORDER, READY, NOT_REUSABLE}),
    NOT_REUSABLE: frozenset({TO_PROCESS}),
    READY_TO_ORDER: frozenset({IN_WORKSHOP, IN_DELIVERY, READY}),
    IN_DELIVERY: frozenset({READY_TO_ORDER, READY, TO_PROCESS}),
    READY: frozenset({TO_PROCESS, IN_WORKSHOP, NOT_REUSABLE, READY_TO_ORDER, IN_DELIVERY}),
    HANDED_OVER: frozenset(),
    AFTER_SALES: frozenset(),
    LOST: frozenset({TO_PROCESS}),
}

# Where an act with a person leads: the handover, its undoing, each kind of return, the end of a repair.
HAND_OVER, UNDO = "hand_over", "undo"
RETURNED, BROKEN, REPAIR, REPAIRED, STOLEN = "returned", "broken", "repair", "repaired", "stolen"
ACTS: dict[str, dict[str, str]] = {
    HAND_OVER: {READY: HANDED_OVER},
    UNDO: {HANDED_OVER: READY},
    RETURNED: {HANDED_OVER: TO_PROCESS, AFTER_SALES: TO_PROCESS},
    BROKEN: {HANDED_OVER: TO_PROCESS, AFTER_SALES: TO_PROCESS},
    REPAIR: {HANDED_OVER: AFTER_SALES},
    REPAIRED: {AFTER_SALES: HANDED_OVER},
    LOST: {HANDED_OVER: LOST},
    STOLEN: {HANDED_OVER: LOST},
}
# How a device comes back; after "repair" it stays hers, the others end the handover.
REASONS = (RETURNED, BROKEN, REPAIR, LOST, STOLEN)

# A reservation.
HELD, USED, RELEASED, LAPSED = "held", "used", "released", "lapsed"
# A handover.
OPEN, ENDED, UNDONE = "open", "ended", "undone"


def can_go(old: str, new: str) -> bool:
    """Whether someone may lead a device from one state to another by hand."""
    return new in WAYS[old]


def leads_to(state: str, act: str) -> str:
    """Where an act with a person leads a device of that state; ``""`` when it cannot happen there."""
    return ACTS[act].get(state, "")


def months_after(day: date, months: int) -> date:
    """The same day some months later; the last of the month where that day does not exist.

    A warranty of 6 months from 31 August ends on 28 February.
    """
    month = day.month - 1 + months
    year, month = day.year + month // 12, month % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))


def last_day_held(today: date, days: int) -> date:
    """The last day of a reservation made today for as many days; today counts as none."""
    return today + timedelta(days=days)
