"""Fair connection: staff read the catalogue, those who keep it change it; referrers see none of it."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from bagage.connection.models import HeldLine
from bagage.connection.services import lines
from tests.rights import Row
from tests.rights.world import HER_PHONE, World

# ---------- the catalogue ----------
CATALOGUE: dict[str, Row | list[Row]] = {}

# ---------- advice ----------
ADVICE: dict[str, Row | list[Row]] = {}

# ---------- lines ----------


def _her_line(world: World) -> HeldLine:
    """A line that she holds, opened by the adviser of her permanence."""
    found = world.made.get("line")
    if not isinstance(found, HeldLine):
        found = lines.activate_line(
            world.person,
            words="Opérateur Essai",
            number=HER_PHONE,
            on=timezone.localdate(world.now),
            key="world-line",
            by=world.users["adviser_here"],
            at=world.now,
        )
        world.made["line"] = found
    return found


def _line(world: World) -> dict[str, Any]:
    return {"uuid": _her_line(world).uuid}


def _her(world: World) -> dict[str, Any]:
    return {"uuid": world.person.uuid}


def _act(**more: str) -> Callable[[World], dict[str, Any]]:
    return lambda world: {"key": "rights", "on": timezone.localdate(world.now).isoformat(), **more}


# A volunteer who is booked with her sees her for a while, never her line; others of the network do not know of her.
READS_LINE: dict[str, int | set[int] | frozenset[int]] = {
    "receptionist_here": 200,
    "adviser_here": 200,
    "programme_lead": 200,
    "programme_lead_elsewhere": 404,
    "everyone": 404,
}
NOTES_LINE: dict[str, int | set[int] | frozenset[int]] = {
    **READS_LINE,
    "receptionist_here": 302,
    "adviser_here": 302,
    "programme_lead": 302,
}


def _form_and_act(kwargs: Callable[[World], dict[str, Any]], **data: str) -> list[Row]:
    return [
        Row(kwargs=kwargs, expected=READS_LINE),
        Row(method="post", kwargs=kwargs, data=_act(**data), expected=NOTES_LINE),
    ]


LINES: dict[str, Row | list[Row]] = {
    "connection:line": Row(kwargs=_line, expected=READS_LINE),
    "connection:line_activate": _form_and_act(_her, choice="other", words="Opérateur Essai"),
    "connection:line_top_up": _form_and_act(_line, what="Recharge 5 €"),
    "connection:line_left_for_plan": _form_and_act(_line, to="Opérateur Deux", kept_number="unknown"),
    "connection:line_ported": _form_and_act(_line, to="Opérateur Deux"),
    "connection:line_lost": _form_and_act(_line),
    "connection:line_close": _form_and_act(_line),
    "connection:line_undo": Row(
        method="post",
        kwargs=lambda world: {**_line(world), "event": _her_line(world).events.get().uuid},
        data=lambda world: {"key": "rights-undo"},
        expected=NOTES_LINE,
    ),
}

ROWS = CATALOGUE | ADVICE | LINES
