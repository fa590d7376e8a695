"""Devices, kept and handed over with few words."""

from itertools import count

from bagage.accounts.models import User
from bagage.equipment import services
from bagage.equipment.models import Device, Handover, Reservation
from bagage.people.models import Person
from bagage.permanences.models import Site
from bagage.trail.domain.actor import Actor

KEEPER = Actor.system("tests")
CROSS = "M10 10L90 90M90 10L10 90"
# All that a grade needs; a telephone of 8 points, a B.
PHONE = {"memory": 4, "storage": 64, "storage_kind": "flash", "cpu_mark": 200, "technical": "works"}
# 9 points, an A.
LAPTOP = {
    "memory": 8,
    "storage": 256,
    "storage_kind": "ssd",
    "cpu_mark": 4120,
    "technical": "works",
    "look": "clean",
    "system": "linux",
}
_numbers = count(1)


def key() -> str:
    """A key that no form used."""
    return f"test-{next(_numbers)}"


def make_device(site: Site, kind: str = "smartphone", model: str = "Galaxy A14", **fields: object) -> Device:
    """A device that is ready at that site, given for nothing unless told."""
    details = {
        "brand": "",
        "state": "ready",
        **(PHONE if kind in {"smartphone", "tablet"} else LAPTOP),
        **fields,
    }
    values = {"by": KEEPER, "key": key(), **details}
    return services.receive_device(site=site, kind=kind, model=model, **values)


def reserve(device: Device, person: Person, by: User, **fields: object) -> Reservation:
    """It is kept for her where it is."""
    return services.reserve_device(device, person, **{"site": device.site, "key": key(), "by": by, **fields})


def hand_over(reservation: Reservation, by: User, **fields: object) -> Handover:
    """She said yes on paper, and paid if there was something to pay."""
    if reservation.is_to_pay:
        services.note_paid(reservation, receipt=f"2026-{next(_numbers):04d}", by=by)
    return services.hand_over_device(reservation, **{"consent": "paper", "key": key(), "by": by, **fields})


def give(device: Device, person: Person, by: User, **fields: object) -> Handover:
    """Kept for her and handed over at once."""
    return hand_over(reserve(device, person, by), by, **fields)
