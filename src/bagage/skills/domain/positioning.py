"""How full the pocket of skills is, from the newest step of each item and from what she asked to learn.

Steps: 0 never done, 1 guided step by step, 2 guided at times, 3 alone; ``None`` is "on ne sait pas".
"""

from collections.abc import Mapping

NEVER, GUIDED, SOMETIMES, ALONE = range(4)

# Without these no request holds for long: to handle the device, to protect oneself, to know whom to ask.
BASE = ("K1", "K2", "K3", "K4", "K9", "K10", "K15")


def known_steps(steps: Mapping[str, int | None]) -> dict[str, int]:
    """The items whose step is known."""
    return {item: step for item, step in steps.items() if step is not None}


def missing_base(steps: Mapping[str, int | None]) -> list[str]:
    """The base items that are known and not yet at "guided at times"."""
    known = known_steps(steps)
    return [item for item in BASE if known.get(item, SOMETIMES) < SOMETIMES]


def unknown_base(steps: Mapping[str, int | None]) -> list[str]:
    """The base items of which nothing is known."""
    known = known_steps(steps)
    return [item for item in BASE if item not in known]


def pocket_state(steps: Mapping[str, int | None], *, asked: int = 0, met: int = 0) -> str:
    """``unknown``, ``empty``, ``half`` or ``full``.

    ``asked`` counts her requests to learn that she still wants, ``met`` those among them that she now manages.

    Full: every base item is known and at least "guided at times", and all she asked to learn is met.
    Half: something is done with help at least, or one request is met.
    Empty: every base item is known, and nothing known is done, not even with help.
    Unknown: everything else. So an item nobody asked about never makes a pocket empty, nor full.
    """
    known = known_steps(steps)
    base_known = all(item in known for item in BASE)
    if base_known and min(known[item] for item in BASE) >= SOMETIMES and met >= asked:
        return "full"
    if met or any(step > NEVER for step in known.values()):
        return "half"
    return "empty" if base_known else "unknown"


# What is worth mentioning first when nothing was asked, each only when it is known to be missing.
WORTH_SAYING = ("K10", "K9", "K15", "K7", "K4", "K3", "K2", "K1")


def suggestions(
    steps: Mapping[str, int | None], *, has_no_mailbox: bool = False, limit: int = 2
) -> list[str]:
    """Items one may mention, at most ``limit``: never a plan. A missing mailbox comes first, unknowns never."""
    known = known_steps(steps)
    found = ["K7"] if has_no_mailbox and known.get("K7", NEVER) < SOMETIMES else []
    found += [item for item in WORTH_SAYING if item not in found and known.get(item, ALONE) < SOMETIMES]
    return found[:limit]
