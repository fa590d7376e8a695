"""Devices, who they are kept for, who has them, and all that happened to each."""

from bagage.equipment.models.devices import (
    LETTERS,
    Device,
    DeviceCounter,
    EquipmentRules,
    Kind,
    Look,
    State,
    StorageKind,
    System,
    Technical,
)
from bagage.equipment.models.history import DeviceEvent
from bagage.equipment.models.persons import Handover, Reservation

__all__ = [
    "LETTERS",
    "Device",
    "DeviceCounter",
    "DeviceEvent",
    "EquipmentRules",
    "Handover",
    "Kind",
    "Look",
    "Reservation",
    "State",
    "StorageKind",
    "System",
    "Technical",
]
