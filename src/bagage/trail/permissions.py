"""Who may read the trail, and of which places."""

from collections.abc import Sequence
from typing import Any, Protocol
from uuid import UUID

from bagage.trail.domain.actor import Actor
from bagage.trail.models import NETWORK


class Node(Protocol):
    """A node of the tree of organisations, as activities below accounts know one."""

    @property
    def uuid(self) -> UUID: ...
    @property
    def name(self) -> str: ...
    @property
    def depth(self) -> int: ...


class Staff(Protocol):
    """A staff account, as activities below accounts know one: what it may, and on which nodes."""

    @property
    def actor(self) -> Actor: ...
    def can(self, ability: Any) -> bool: ...
    def nodes(self, ability: Any) -> Sequence[Node]: ...


def can_read_trail(user: Staff) -> bool:
    """Programme leads and administrators."""
    return user.can("read_trail")


def trail_places(user: Staff) -> dict[str, str]:
    """The places whose entries she may read, with their names; the network's own for who leads from its root."""
    nodes = user.nodes("read_trail")
    places = {str(node.uuid): node.name for node in nodes}
    if any(node.depth == 1 for node in nodes):
        places[NETWORK] = ""
    return places


def can_read_papers(user: Staff) -> bool:
    """Programme leads and administrators: who answers for what is kept."""
    return user.can("keep_privacy")


def can_set_privacy_rules(user: Staff) -> bool:
    """Those of them whose role stands at the root: how long files are kept is one rule for the whole network."""
    return any(node.depth == 1 for node in user.nodes("keep_privacy"))
