"""Where a message may go from where it is.

``queued`` → ``sending`` (claimed) → ``accepted`` by the server → ``delivered`` once someone or something says so. A
mail that the server puts off goes back to ``queued``; one that it refuses is ``failed``; one of which the answer is
not known is ``uncertain`` and leaves again only when a human asks; so is one that waited in a back-up that was put
back. On paper: ``queued`` → ``delivered`` by who told it.
"""

from typing import Final

TRANSITIONS: Final[dict[str, frozenset[str]]] = {
    "queued": frozenset({"sending", "cancelled", "delivered", "failed", "uncertain"}),
    "sending": frozenset({"accepted", "queued", "failed", "uncertain"}),
    "accepted": frozenset({"delivered", "failed"}),
    "delivered": frozenset({"queued"}),
    "failed": frozenset({"queued", "cancelled"}),
    "uncertain": frozenset({"accepted", "queued", "failed", "cancelled"}),
    "cancelled": frozenset(),
}

# From these a human may have it sent again; from these she may take it back.
RESENDABLE: Final = frozenset({"failed", "uncertain"})
CANCELLABLE: Final = frozenset({"queued", "failed", "uncertain"})


def may_go(state: str, to: str) -> bool:
    """Whether the table allows this step."""
    return to in TRANSITIONS[state]
