"""What the life of a device tells about the device pocket.

E1 (a device of her own that works) follows the handover. E2 (a charger, a battery that holds) and E3 (she knows where
to have it repaired) are so when they were checked at the handover, and only then: what was not checked stays as others
observed it.
"""

from __future__ import annotations

from collections.abc import Iterable

# Given back is no device; stolen, gone or out of order is "lost", the word of the pocket for what she had.
E1 = {"handed_over": "yes", "repaired": "yes", "returned": "no", "lost": "lost", "broken": "lost"}
POWER = frozenset({"charger", "battery"})
REPAIR = "repair"


def answers_of(what: str, checks: Iterable[str]) -> dict[str, str]:
    """E1 to E3 as far as this handover tells them; nothing for one that was taken back as a mistake.

    ``what`` is what happened last: ``handed_over returned lost broken repaired undone``. ``checks`` are those that were
    ticked: ``charger``, ``battery``, ``repair`` (she was told where to have it repaired).
    """
    if what not in E1:
        return {}
    answers = {"E1": E1[what]}
    ticked = set(checks)
    if answers["E1"] == "yes":
        if ticked >= POWER:
            answers["E2"] = "yes"
        if REPAIR in ticked:
            answers["E3"] = "yes"
    return answers
