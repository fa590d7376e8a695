"""What happens to a device with a person: kept for her, paid, handed over, undone, brought back, repaired, lost.

Locks are taken in one order everywhere: the file of the person that is kept, then the device, then the reservation. So
one device goes to one person, and the limit of devices holds over all sites and all files marked as one person.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import name_of
from bagage.common.errors import BusinessError, Conflict
from bagage.common.words import day_short, hour, joined
from bagage.equipment import words
from bagage.equipment.domain import lifecycle, terms
from bagage.equipment.domain.signature import clean_signature
from bagage.equipment.events import device_changed
from bagage.equipment.models import Device, DeviceEvent, Handover, Reservation, State
from bagage.equipment.queries.persons import limit_told
from bagage.equipment.services._common import (
    By,
    check_site,
    known_event,
    locked_device,
    locked_person,
    put_in_state,
    rules_now,
    trail,
    write_event,
)
from bagage.people.models import Person
from bagage.people.queries import identity_ids
from bagage.permanences.models import Site

SAID = {"screen", "paper", "witness"}
# What an activity above hears of each way back.
HEARD = {
    lifecycle.RETURNED: "returned",
    lifecycle.BROKEN: "broken",
    lifecycle.REPAIR: "broken",
    lifecycle.LOST: "lost",
    lifecycle.STOLEN: "lost",
}


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
    she has, or is kept, as many devices as the rules allow, when the device is at another site, for a day that is past.
    """
    at = at or timezone.now()
    today = timezone.localdate(at)
    her = locked_person(person)
    device = locked_device(device)
    known = Reservation.objects.select_related("device", "person").filter(key=key[:64]).first()
    if known is not None:
        if known.device_id != device.pk:
            raise Conflict(_("Ce formulaire a déjà servi. Rouvrez la page et recommencez."))
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
    _lapse_past(device, today=today, by=by, at=at)
    _refuse_taken(device)
    files = identity_ids(her)
    _check_limit(her, files, site, limit=rules.devices_per_person, held_on=today)
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
    _tell(device, her, None, "reserved", by, at)
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
    her, device, reservation = _locked(reservation)
    if reservation.state in {lifecycle.RELEASED, lifecycle.LAPSED}:
        return reservation
    if reservation.state == lifecycle.USED:
        raise Conflict(_("Il lui a été remis : notez plutôt son retour."))
    if reservation.paid_at is not None:
        raise Conflict(
            _("%(price)s ont été encaissés, reçu %(receipt)s : remboursez d’abord au comptoir.")
            % {"price": words.euros(reservation.price), "receipt": reservation.paid_receipt}
        )
    _end(reservation, lifecycle.RELEASED, by=by, at=at, reason=reason)
    write_event(device, DeviceEvent.Kind.RELEASED, at=at, by=by, person=her, note=reason)
    _tell(device, her, None, "released", by, at)
    trail(by, "device.release", device, at=at, person=her, thing=f"reservation:{reservation.uuid}")
    return reservation


@transaction.atomic
def lapse_reservation(reservation: Reservation, *, by: By, at: datetime | None = None) -> bool:
    """Its last day is over: the device is free again. A paid one stays. Whether something was written."""
    at = at or timezone.now()
    _her, device, reservation = _locked(reservation)
    if not _has_lapsed(reservation, timezone.localdate(at)):
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
    her, device, reservation = _locked(reservation)
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
    her, device, reservation = _locked(reservation)
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


# ---------- handed over ----------
@transaction.atomic
def hand_over_device(
    reservation: Reservation,
    *,
    consent: str,
    signature: str = "",
    witnesses: Sequence[str] = (),
    language: str = terms.FRENCH,
    checks: Sequence[str] = (),
    key: str,
    by: By,
    at: datetime | None = None,
) -> Handover:
    """The device that is kept for her is hers, with the terms that she accepted in her way.

    ``consent``: ``screen`` needs a drawn ``signature``, ``witness`` two names (who read, who heard), ``paper`` nothing
    here. ``checks`` are among :data:`bagage.equipment.words.CHECKS`. Raises :class:`Conflict` when it is no longer kept
    for her or not ready, :class:`BusinessError` when it is to be paid, when she has as many devices as the rules allow,
    when nothing says how she agreed, on a day on which the site is closed.
    """
    at = at or timezone.now()
    if not key:
        raise ValueError("a handover needs a key, so that sending it twice counts once")
    today = timezone.localdate(at)
    her, device, reservation = _locked(reservation)
    known = Handover.objects.filter(key=key[:64]).first()
    if known is not None:
        if known.reservation_id != reservation.pk:
            raise Conflict(_("Ce formulaire a déjà servi. Rouvrez la page et recommencez."))
        return known
    if not reservation.is_held:
        raise Conflict(words.not_held(reservation))
    if _has_lapsed(reservation, today):
        raise Conflict(words.lapsed(reservation))
    if not lifecycle.leads_to(device.state, lifecycle.HAND_OVER):
        raise Conflict(
            _("%(number)s n’est pas prêt à remettre : %(state)s.")
            % {"number": device.number, "state": State(device.state).label.lower()}
        )
    check_site(device.site, at, today=True)
    if reservation.is_to_pay:
        raise BusinessError(words.to_pay(reservation))
    rules = rules_now()
    _check_limit(her, identity_ids(her), device.site, limit=rules.devices_per_person, held_on=None)
    if language not in terms.LANGUAGES:
        raise BusinessError(_("Choisissez la langue dans laquelle elle a lu."), field="language")
    drawn, reader, witness = _said_yes(consent, signature, witnesses)
    until = lifecycle.months_after(today, rules.warranty_months) if rules.warranty_months else None
    handover = Handover(
        device=device,
        person=her,
        reservation=reservation,
        site=device.site,
        handed_over_at=at,
        handed_over_by=name_of(by),
        terms_version=terms.VERSION,
        language=language,
        consent=consent,
        signature=drawn,
        reader=reader,
        witness=witness,
        checks=[code for code in words.CHECKS if code in set(checks)],
        price=reservation.price,
        receipt=reservation.paid_receipt,
        warranty_months=rules.warranty_months,
        warranty_until=until,
        key=key[:64],
    )
    try:
        with transaction.atomic():
            handover.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("%(number)s vient d’être remis.") % {"number": device.number}) from error
    _end(reservation, lifecycle.USED, by=by, at=at)
    old = put_in_state(device, State.HANDED_OVER, at)
    write_event(
        device,
        DeviceEvent.Kind.HANDED_OVER,
        at=at,
        by=by,
        person=her,
        old_state=old,
        new_state=State.HANDED_OVER,
    )
    _tell(device, her, handover, "handed_over", by, at)
    trail(by, "device.hand_over", device, at=at, person=her, thing=f"handover:{handover.uuid}")
    return handover


@transaction.atomic
def undo_handover(
    handover: Handover, *, reason: str = "", key: str, by: By, at: datetime | None = None
) -> Handover:
    """It was noted by mistake: the device is ready again, and kept for her as before, paid if it was.

    Raises :class:`Conflict` once the hours of the rules are over, or when something followed: a return is noted then.
    """
    at = at or timezone.now()
    her, device, reservation = _locked(handover.reservation)
    handover = Handover.objects.select_for_update(of=("self",)).get(pk=handover.pk)
    if handover.state == lifecycle.UNDONE:
        return handover
    known_event(key, device)
    if not handover.is_open or not lifecycle.leads_to(device.state, lifecycle.UNDO):
        raise Conflict(_("Quelque chose a suivi cette remise : elle ne se défait plus."))
    ends = undo_ends(handover)
    if at > ends:
        raise Conflict(
            _("Une remise se défait jusqu’au %(day)s à %(hour)s. Depuis, notez plutôt un retour.")
            % {"day": day_short(ends), "hour": hour(ends)}
        )
    handover.state, handover.undone_at = lifecycle.UNDONE, at
    handover.save(update_fields=["state", "undone_at"])
    reservation.state, reservation.ended_at, reservation.ended_by = lifecycle.HELD, None, ""
    reservation.until = max(reservation.until, timezone.localdate(at))
    reservation.save(update_fields=["state", "ended_at", "ended_by", "until"])
    old = put_in_state(device, State.READY, at)
    write_event(
        device,
        DeviceEvent.Kind.UNDONE,
        at=at,
        by=by,
        person=her,
        old_state=old,
        new_state=State.READY,
        note=reason,
        key=key,
    )
    _tell(device, her, handover, "undone", by, at)
    trail(by, "device.undo", device, at=at, person=her, thing=f"handover:{handover.uuid}")
    return handover


def undo_ends(handover: Handover) -> datetime:
    """Until when a handover can be undone (``EquipmentRules.undo_hours``)."""
    return handover.handed_over_at + timedelta(hours=rules_now().undo_hours)


# ---------- it comes back ----------
@transaction.atomic
def take_back_device(
    handover: Handover,
    *,
    reason: str,
    note: str = "",
    site: Site | None = None,
    key: str,
    by: By,
    at: datetime | None = None,
) -> Handover:
    """It comes back, or is lost.

    ``reason``: ``returned`` and ``broken`` end the handover, the device is to be processed at ``site``; ``repair``
    leaves it hers while it is mended; ``lost`` and ``stolen`` end the handover without a device. Raises
    :class:`Conflict` when it came back already.
    """
    at = at or timezone.now()
    if reason not in lifecycle.REASONS:
        raise BusinessError(_("Dites comment il revient."), field="reason")
    her, device, _reservation = _locked(handover.reservation)
    handover = Handover.objects.select_for_update(of=("self",)).get(pk=handover.pk)
    if known_event(key, device) is not None:
        return handover
    if not handover.is_open:
        raise Conflict(_("Son retour est déjà noté. Rien d’autre n’a été écrit."))
    state = lifecycle.leads_to(device.state, reason)
    if not state:
        raise Conflict(
            _("Il est déjà là pour réparation : dites s’il est réparé, ou s’il ne revient pas chez elle.")
        )
    if site is not None and reason not in {lifecycle.LOST, lifecycle.STOLEN}:
        check_site(site, at)
        device.site = site
    if reason != lifecycle.REPAIR:
        handover.state = lifecycle.ENDED
        handover.returned_at, handover.returned_by = at, name_of(by)
        handover.return_reason = reason
        handover.save(update_fields=["state", "returned_at", "returned_by", "return_reason"])
    old = put_in_state(device, state, at)
    write_event(device, reason, at=at, by=by, person=her, old_state=old, new_state=state, note=note, key=key)
    _tell(device, her, handover, HEARD[reason], by, at)
    trail(by, f"device.{reason}", device, at=at, person=her, thing=f"handover:{handover.uuid}")
    return handover


@transaction.atomic
def give_back_repaired(
    handover: Handover, *, note: str = "", key: str, by: By, at: datetime | None = None
) -> Handover:
    """It is mended and hers again; the warranty runs on as it was.

    Raises :class:`Conflict` when it is not here to be repaired.
    """
    at = at or timezone.now()
    her, device, _reservation = _locked(handover.reservation)
    handover = Handover.objects.select_for_update(of=("self",)).get(pk=handover.pk)
    if known_event(key, device) is not None:
        return handover
    state = lifecycle.leads_to(device.state, lifecycle.REPAIRED) if handover.is_open else ""
    if not state:
        raise Conflict(_("Il n’est pas en réparation ici : rien n’a été écrit."))
    old = put_in_state(device, state, at)
    write_event(
        device,
        DeviceEvent.Kind.REPAIRED,
        at=at,
        by=by,
        person=her,
        old_state=old,
        new_state=state,
        note=note,
        key=key,
    )
    _tell(device, her, handover, "repaired", by, at)
    trail(by, "device.repaired", device, at=at, person=her, thing=f"handover:{handover.uuid}")
    return handover


# ---------- inside ----------
def _locked(reservation: Reservation) -> tuple[Person, Device, Reservation]:
    """The file that is kept, the device, the reservation: locked in this order, as they are now."""
    her = locked_person(Person.objects.get(pk=reservation.person_id))
    device = locked_device(reservation.device_id)
    return (
        her,
        device,
        Reservation.objects.select_for_update(of=("self",)).get(pk=reservation.pk),
    )


def _has_lapsed(reservation: Reservation, today: date) -> bool:
    return reservation.is_held and reservation.until < today and reservation.paid_at is None


def _lapse_past(device: Device, *, today: date, by: By, at: datetime) -> None:
    """A reservation whose day is over does not keep a locked device, even before the hour at which it is noted."""
    held = Reservation.objects.held().filter(device=device).first()
    if held is not None and _has_lapsed(held, today):
        _lapse(held, device, by=by, at=at)


def _lapse(reservation: Reservation, device: Device, *, by: By, at: datetime) -> None:
    person = reservation.person
    _end(reservation, lifecycle.LAPSED, by=by, at=at)
    write_event(device, DeviceEvent.Kind.LAPSED, at=at, by=by, person=person)
    _tell(device, person, None, "released", by, at)
    trail(by, "device.lapse", device, at=at, person=person, thing=f"reservation:{reservation.uuid}")


def _end(reservation: Reservation, state: str, *, by: By, at: datetime, reason: str = "") -> None:
    reservation.state, reservation.ended_at, reservation.ended_by = state, at, name_of(by)
    reservation.end_reason = " ".join(reason.split())[:200]
    reservation.save(update_fields=["state", "ended_at", "ended_by", "end_reason"])


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


def _check_limit(her: Person, files: list[int], site: Site, *, limit: int, held_on: date | None) -> None:
    """Raise :class:`BusinessError` when she has as many devices as the rules allow. Her row is locked."""
    told = limit_told(her, files, site, limit=limit, held_on=held_on)
    if told:
        raise BusinessError(told)


def _said_yes(consent: str, signature: str, witnesses: Sequence[str]) -> tuple[str, str, str]:
    """What stands for her yes: the drawing, or who read and who heard."""
    if consent not in SAID:
        raise BusinessError(_("Choisissez comment elle dit oui."), field="consent")
    if consent == Handover.Consent.SCREEN:
        drawn = clean_signature(signature)
        if not drawn:
            raise BusinessError(
                _("Rien n’est dessiné. Une croix suffit ; sinon, choisissez le papier ou un témoin."),
                field="signature",
            )
        return drawn, "", ""
    if consent == Handover.Consent.PAPER:
        return "", "", ""
    names = [" ".join(name.split())[:80] for name in witnesses]
    if len(names) != 2 or not all(names):
        missing = "reader" if not names or not names[0] else "witness"
        raise BusinessError(_("Écrivez les deux noms : qui a lu, et qui a entendu."), field=missing)
    if names[0].casefold() == names[1].casefold():
        raise BusinessError(
            _("Il faut deux personnes : l’une lit, l’autre entend. C’est deux fois le même nom."),
            field="witness",
        )
    return "", names[0], names[1]


def _tell(device: Device, person: Person, handover: Handover | None, what: str, by: By, at: datetime) -> None:
    device_changed.send(
        sender=Device, device=device, person=person, handover=handover, what=what, by=by, at=at
    )
