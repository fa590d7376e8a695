"""A device is kept for a person until a day, and paid at the counter."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import name_of
from bagage.common.errors import BusinessError, Conflict, FormUsed
from bagage.common.words import joined
from bagage.equipment import words
from bagage.equipment.domain import lifecycle
from bagage.equipment.models import Device, DeviceEvent, Handover, Reservation, State
from bagage.equipment.services._common import (
    By,
    check_site,
    locked_device,
    locked_person,
    rules_now,
    trail,
    write_event,
)
from bagage.equipment.services._persons import check_limit, end_reservation, has_lapsed, locked_all, tell
from bagage.people.models import Person
from bagage.people.queries import identity_ids
from bagage.permanences.models import Site

# How long a device may be kept: a slip of the keyboard would keep it from everyone for centuries.
LONGEST = timedelta(days=366)


# ---------- kept for her ----------
@transaction.atomic
def reserve_device(
    device: Device,
    person: Person,
    *,
    site: Site,
    until: date | None = None,
    key: str,
    by: By,
    at: datetime | None = None,
) -> Reservation:
    """Keep a ready device for a person, at the price of this moment, until a day (the days of the rules unless told).

    Raises :class:`Conflict` when someone else was faster, with what is free there instead; :class:`BusinessError` when
    she has, or is kept, as many devices as the rules allow, when the device is at another site, for a day that is past
    or more than a year away; :class:`FormUsed` when the ``key`` kept another device, or for someone else.
    """
    at = at or timezone.now()
    today = timezone.localdate(at)
    her = locked_person(person)
    device = locked_device(device)
    known = Reservation.objects.select_related("device", "person").filter(key=key[:64]).first()
    if known is not None:
        if known.device_id != device.pk or known.person_id not in identity_ids(her):
            raise FormUsed(_("Ce formulaire a déjà servi. Rouvrez la page et recommencez."))
        return known
    if not key:
        raise ValueError("a reservation needs a key, so that sending it twice counts once")
    if her.erased_at is not None:
        raise BusinessError(_("Ce dossier a été effacé : rien ne s’y ajoute."))
    check_site(device.site, at)
    if device.site_id != site.pk:
        raise BusinessError(
            _("%(number)s est à %(site)s. Réservez-le là-bas, ou faites-le venir d’abord.")
            % {"number": device.number, "site": device.site}
        )
    rules = rules_now()
    until = until or lifecycle.last_day_held(today, rules.reservation_days)
    if until < today:
        raise BusinessError(_("Cette date est passée."), field="until")
    if until - today > LONGEST:
        raise BusinessError(_("Un appareil est gardé un an au plus."), field="until")
    _lapse_past(device, today=today, by=by, at=at)
    _refuse_taken(device)
    files = identity_ids(her)
    check_limit(her, files, site, limit=rules.devices_per_person, held_on=today)
    reservation = Reservation(
        device=device,
        person=her,
        site=site,
        price=device.price,
        until=until,
        reserved_at=at,
        reserved_by=name_of(by),
        key=key[:64],
    )
    try:
        with transaction.atomic():
            reservation.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_taken_words(device)) from error
    write_event(device, DeviceEvent.Kind.RESERVED, at=at, by=by, person=her)
    tell(device, her, None, "reserved", by, at)
    trail(by, "device.reserve", device, at=at, person=her, thing=f"reservation:{reservation.uuid}")
    return reservation


@transaction.atomic
def release_reservation(
    reservation: Reservation, *, reason: str = "", by: By, at: datetime | None = None
) -> Reservation:
    """It is no longer kept for her. Released already: nothing happens.

    Raises :class:`Conflict` when it was handed over, or is paid: the counter gives the money back first.
    """
    at = at or timezone.now()
    her, device, reservation = locked_all(reservation)
    if reservation.state in {lifecycle.RELEASED, lifecycle.LAPSED}:
        return reservation
    if reservation.state == lifecycle.USED:
        raise Conflict(_("Il lui a été remis : notez plutôt son retour."))
    if reservation.paid_at is not None:
        raise Conflict(
            _("%(price)s ont été encaissés, reçu %(receipt)s : remboursez d’abord au comptoir.")
            % {"price": words.euros(reservation.price), "receipt": reservation.paid_receipt}
        )
    end_reservation(reservation, lifecycle.RELEASED, by=by, at=at, reason=reason)
    write_event(device, DeviceEvent.Kind.RELEASED, at=at, by=by, person=her, note=reason)
    tell(device, her, None, "released", by, at)
    trail(by, "device.release", device, at=at, person=her, thing=f"reservation:{reservation.uuid}")
    return reservation


@transaction.atomic
def lapse_reservation(reservation: Reservation, *, by: By, at: datetime | None = None) -> bool:
    """Its last day is over: the device is free again. A paid one stays. Whether something was written."""
    at = at or timezone.now()
    _her, device, reservation = locked_all(reservation)
    if not has_lapsed(reservation, timezone.localdate(at)):
        return False
    _lapse(reservation, device, by=by, at=at)
    return True


# ---------- paid at the counter ----------
@transaction.atomic
def note_paid(reservation: Reservation, *, receipt: str, by: By, at: datetime | None = None) -> Reservation:
    """The counter took the money for it, under that receipt. The same receipt again: nothing happens.

    Raises :class:`Conflict` when it is no longer kept for her, costs nothing, or is paid under another receipt.
    """
    at = at or timezone.now()
    if not receipt:
        raise ValueError("a payment has a receipt")
    her, device, reservation = locked_all(reservation)
    if reservation.paid_receipt == receipt:
        return reservation
    if reservation.paid_at is not None:
        raise Conflict(_("Il est déjà payé, reçu %(receipt)s.") % {"receipt": reservation.paid_receipt})
    if not reservation.is_held:
        raise Conflict(words.not_held(reservation))
    if reservation.price == 0:
        raise Conflict(_("Cet appareil est donné : il n’y a rien à encaisser."))
    reservation.paid_at, reservation.paid_receipt = at, receipt[:40]
    reservation.save(update_fields=["paid_at", "paid_receipt"])
    write_event(device, DeviceEvent.Kind.PAID, at=at, by=by, person=her, note=receipt)
    trail(by, "device.pay", device, at=at, person=her, thing=f"reservation:{reservation.uuid}")
    return reservation


@transaction.atomic
def note_unpaid(reservation: Reservation, *, by: By, at: datetime | None = None) -> Reservation:
    """The counter gave the money back. Not paid: nothing happens.

    Raises :class:`Conflict` while she has the device: its return is noted first.
    """
    at = at or timezone.now()
    her, device, reservation = locked_all(reservation)
    if reservation.paid_at is None:
        return reservation
    if Handover.objects.open().filter(reservation=reservation).exists():
        raise Conflict(_("L’appareil est chez la personne : notez d’abord son retour."))
    receipt = reservation.paid_receipt
    reservation.paid_at, reservation.paid_receipt = None, ""
    reservation.save(update_fields=["paid_at", "paid_receipt"])
    write_event(device, DeviceEvent.Kind.UNPAID, at=at, by=by, person=her, note=receipt)
    trail(by, "device.unpay", device, at=at, person=her, thing=f"reservation:{reservation.uuid}")
    return reservation


# ---------- inside ----------
def _lapse_past(device: Device, *, today: date, by: By, at: datetime) -> None:
    """A reservation whose day is over does not keep a locked device, even before the hour at which it is noted."""
    held = Reservation.objects.held().filter(device=device).first()
    if held is not None and has_lapsed(held, today):
        _lapse(held, device, by=by, at=at)


def _lapse(reservation: Reservation, device: Device, *, by: By, at: datetime) -> None:
    person = reservation.person
    end_reservation(reservation, lifecycle.LAPSED, by=by, at=at)
    write_event(device, DeviceEvent.Kind.LAPSED, at=at, by=by, person=person)
    tell(device, person, None, "released", by, at)
    trail(by, "device.lapse", device, at=at, person=person, thing=f"reservation:{reservation.uuid}")


def _refuse_taken(device: Device) -> None:
    """Raise :class:`Conflict` when the locked device is not free, with what is free instead."""
    if device.state != State.READY or Reservation.objects.held().filter(device=device).exists():
        raise Conflict(_taken_words(device))


def _taken_words(device: Device) -> str:
    free = list(
        Device.objects.free().filter(site=device.site_id, kind=device.kind).order_by("price", "number")[:3]
    )
    if device.state == State.READY:
        said = _("%(number)s vient d’être réservé pour quelqu’un d’autre.") % {"number": device.number}
    else:
        said = _("%(number)s n’est plus prêt à remettre.") % {"number": device.number}
    if not free:
        return f"{said} " + _("Aucun autre du même type n’est libre ici.")
    names = [f"{one.number} {one.name}, {words.price(one.price)}" for one in free]
    return f"{said} " + _("Libres ici : %(names)s.") % {"names": joined(names)}
