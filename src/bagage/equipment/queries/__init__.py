"""What is asked of devices: the board, those of one person, what asks attention."""

from bagage.equipment.queries.board import (
    board,
    counts_of,
    devices_seen,
    history_of,
    names_for,
    ready_at,
    ready_by_kind,
    searched,
    sites_of,
)
from bagage.equipment.queries.persons import (
    handovers_of,
    handovers_shown,
    happened,
    person_panel,
    reservations_shown,
    reserved_for,
)
from bagage.equipment.queries.site import attention

__all__ = [
    "attention",
    "board",
    "counts_of",
    "devices_seen",
    "handovers_of",
    "handovers_shown",
    "happened",
    "history_of",
    "names_for",
    "person_panel",
    "ready_at",
    "ready_by_kind",
    "reservations_shown",
    "reserved_for",
    "searched",
    "sites_of",
]
