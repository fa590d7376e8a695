"""An exit: complete only when the bag is full that day, else honestly "not yet" with its reason.

The bag of the exit is kept as it was computed, in plain values, so that a year later it still says what she had.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from bagage.journeys.domain.baggage import Baggage, Line, PocketView

COMPLETE, NOT_YET = "complete", "not_yet"
POCKETS = ("device", "connection", "skills")


def pockets_of(bag: Baggage) -> tuple[tuple[str, PocketView], ...]:
    """The three pockets with their names, in the order that never changes."""
    return (("device", bag.device), ("connection", bag.connection), ("skills", bag.skills))


def not_full(bag: Baggage) -> list[str]:
    """The pockets that are not full."""
    return [name for name, pocket in pockets_of(bag) if pocket.state != "full"]


def photograph(bag: Baggage) -> dict[str, Any]:
    """The bag in values that a JSON column keeps; dates as ``2026-11-26``."""
    return {
        name: {
            "state": pocket.state,
            "as_of": pocket.as_of.isoformat() if pocket.as_of else None,
            "lines": [_kept(line) for line in pocket.lines],
            "missing": [_kept(line) for line in pocket.missing],
            "to_ask": [_kept(line) for line in pocket.to_ask],
        }
        for name, pocket in pockets_of(bag)
    }


def _kept(line: Line) -> list[Any]:
    return [
        line.text,
        {
            name: value.isoformat() if isinstance(value, date) else value
            for name, value in line.values.items()
        },
    ]


def bag_of_photograph(kept: Mapping[str, Any]) -> Baggage:
    """The bag that :func:`photograph` kept; a pocket that is not there is unknown."""
    return Baggage(*(_pocket(kept.get(name) or {}) for name in POCKETS))


def _pocket(kept: Mapping[str, Any]) -> PocketView:
    def lines(name: str) -> tuple[Line, ...]:
        return tuple(Line(text, values) for text, values in kept.get(name) or [])

    return PocketView(
        state=str(kept.get("state") or "unknown"),
        lines=lines("lines"),
        missing=lines("missing"),
        to_ask=lines("to_ask"),
        as_of=date.fromisoformat(kept["as_of"]) if kept.get("as_of") else None,
    )


@dataclass(frozen=True, slots=True)
class Still:
    """What a follow-up learnt of the three pockets: each ``yes``, ``no`` or ``unknown``."""

    device: str
    connection: str
    skills: str


# What each answer hangs on; see the rule of the bag.
HEART = {"device": "E1", "connection": "C1"}


def evidence_told(still: Still, had: Mapping[str, str]) -> dict[str, str]:
    """E1 and C1 as a follow-up tells them; ``had`` are the states of the pockets at the exit.

    Still there: yes. Not any more: "lost" when she had it at her exit, else "no". Not known: nothing is added, for
    asking in vain is no observation; what was known before stays, with its date.
    """
    told = {}
    for pocket, item in HEART.items():
        answer = getattr(still, pocket)
        if answer == "yes":
            told[item] = "yes"
        elif answer == "no":
            told[item] = "lost" if had.get(pocket) in {"half", "full", "lost"} else "no"
    return told
