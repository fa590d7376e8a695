"""What is done with devices: one function is one thing that someone does."""

from bagage.equipment.services._common import rules_now
from bagage.equipment.services.handing_over import (
    give_back_repaired,
    hand_over_device,
    take_back_device,
    undo_ends,
    undo_handover,
)
from bagage.equipment.services.reserving import (
    lapse_reservation,
    note_paid,
    note_unpaid,
    release_reservation,
    reserve_device,
)
from bagage.equipment.services.stock import (
    change_device,
    change_device_state,
    change_rules,
    receive_device,
    receive_devices,
)

__all__ = [
    "change_device",
    "change_device_state",
    "change_rules",
    "give_back_repaired",
    "hand_over_device",
    "lapse_reservation",
    "note_paid",
    "note_unpaid",
    "receive_device",
    "receive_devices",
    "release_reservation",
    "reserve_device",
    "rules_now",
    "take_back_device",
    "undo_ends",
    "undo_handover",
]
