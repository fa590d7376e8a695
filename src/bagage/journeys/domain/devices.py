"""What the life of a device tells about the device pocket.

E1 (a device of her own that works) follows the handover. E2 (a charger, a battery that holds) is so when the charger
was given, the device was seen to switch on, and the workshop had found that all of it works; what was not looked at
stays as others observed it. E3 (she knows where to have it repaired) is so from the handover on: the terms she said yes
to tell where to come when it breaks.
"""

from __future__ import annotations

from collections.abc import Iterable

# Given back is no device; stolen, gone or out of order is "lost", the word of the pocket for what she had.
HANDED_OVER, RETURNED, UNDONE = "handed_over", "returned", "undone"
E1 = {HANDED_OVER: "yes", "repaired": "yes", RETURNED: "no", "lost": "lost", "broken": "lost"}
# Ticked at the handover, and found by the workshop.
POWER = frozenset({"powers_on", "charger", "works"})


def answers_of(what: str, looked_at: Iterable[str]) -> dict[str, str]:
    """E1 to E3 as far as this handover tells them; nothing for one that was taken back as a mistake.

    ``what`` is what happened last: ``handed_over repaired returned lost broken undone``. ``looked_at`` is what was
    found to be so: ``powers_on`` and ``charger`` at the handover, ``works`` in the workshop.
    """
    if what not in E1:
        return {}
    answers = {"E1": E1[what]}
    if answers["E1"] == "yes":
        if set(looked_at) >= POWER:
            answers["E2"] = "yes"
        answers["E3"] = "yes"
    return answers
