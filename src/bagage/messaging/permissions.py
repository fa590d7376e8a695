"""Who may tell messages, see what leaves, and say how mail leaves."""

from bagage.trail.permissions import Staff


def can_tell(user: Staff) -> bool:
    """Reception, advisers and programme leads."""
    return user.can("tell")


def told_places(user: Staff) -> dict[str, str]:
    """The places whose messages she tells, with their names; ``""`` (of no place) for who works at the root."""
    return _places(user, "tell")


def can_see_outbox(user: Staff) -> bool:
    """Those who tell messages, and administrators."""
    return user.can("tell") or user.can("run_house")


def outbox_places(user: Staff) -> dict[str, str]:
    """The places whose messages she sees leave, with their names."""
    return _places(user, "tell") | _places(user, "run_house")


def can_read_message(user: Staff, place: str) -> bool:
    """Who tells the messages of that place: an administrator sees that one left, not what it says nor to whom."""
    return place in told_places(user)


def can_run_transport(user: Staff) -> bool:
    """Administrators of the whole installation: those whose role stands at the root."""
    return user.can("run_house") and any(node.depth == 1 for node in user.nodes("run_house"))


def _places(user: Staff, ability: str) -> dict[str, str]:
    nodes = user.nodes(ability)
    places = {str(node.uuid): node.name for node in nodes}
    if any(node.depth == 1 for node in nodes):
        places[""] = ""
    return places
