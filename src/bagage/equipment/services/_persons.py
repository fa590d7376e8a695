"""What acts on a device and a person share.

Locks are taken in one order everywhere: the file of the person that is kept, then the device, then the reservation. So
one device goes to one person, and the limit of devices holds over all sites and all files marked as one person.
"""

from __future__ import annotations

from datetime import date, datetime

from bagage.accounts.models import name_of
from bagage.common.errors import BusinessError
from bagage.equipment.events import device_changed
from bagage.equipment.models import Device, Handover, Reservation
from bagage.equipment.queries.persons import limit_told
from bagage.equipment.services._common import By, locked_device, locked_person
from bagage.people.models import Person
from bagage.permanences.models import Site


def locked_all(reservation: Reservation) -> tuple[Person, Device, Reservation]:
    """The file that is kept, the device, the reservation: locked in this order, as they are now."""
    her = locked_person(Person.objects.get(pk=reservation.person_id))
    device = locked_device(reservation.device_id)
    return (
        her,
        device,
        Reservation.objects.select_for_update(of=("self",)).get(pk=reservation.pk),
    )


def has_lapsed(reservation: Reservation, today: date) -> bool:
    return reservation.is_held and reservation.until < today and reservation.paid_at is None


def end_reservation(reservation: Reservation, state: str, *, by: By, at: datetime, reason: str = "") -> None:
    reservation.state, reservation.ended_at, reservation.ended_by = state, at, name_of(by)
    reservation.end_reason = " ".join(reason.split())[:200]
    reservation.save(update_fields=["state", "ended_at", "ended_by", "end_reason"])


def check_limit(her: Person, files: list[int], site: Site, *, limit: int, held_on: date | None) -> None:
    """Raise :class:`BusinessError` when she has as many devices as the rules allow. Her row is locked."""
    told = limit_told(her, files, site, limit=limit, held_on=held_on)
    if told:
        raise BusinessError(told)


def tell(device: Device, person: Person, handover: Handover | None, what: str, by: By, at: datetime) -> None:
    device_changed.send(
        sender=Device, device=device, person=person, handover=handover, what=what, by=by, at=at
    )
