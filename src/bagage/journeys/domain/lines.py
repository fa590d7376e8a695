"""What the life of a line tells about the connection pocket.

C1 (a line that lives and that she can pay) follows its state. C2 (she knows when it stops) is so once she was told it
with a purchase. C3 (reached at the same number) is so when her number went with her, and not so when it is lost.
What a line does not tell stays as others observed it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

# A line that stopped is a line cut off: "lost" is the word of the pocket for what she had.
C1 = {
    "active": "yes",
    "lapsed": "lost",
    "lost": "lost",
    "ported": "yes",
    "left_for_plan": "yes",
    "closed": "no",
}


class Happening(Protocol):
    """One event of the line that holds."""

    @property
    def was_told(self) -> bool: ...
    @property
    def kept_number(self) -> bool | None: ...


def answers_of(state: str, held: Iterable[Happening]) -> dict[str, str]:
    """C1 to C3 as far as this line tells them; nothing for a line that was written by mistake."""
    if state not in C1:
        return {}
    answers = {"C1": C1[state]}
    for one in held:
        if one.was_told:
            answers["C2"] = "yes"
        if one.kept_number is not None:
            answers["C3"] = "yes" if one.kept_number else "no"
    if state == "lost":
        answers["C3"] = "no"
    return answers
