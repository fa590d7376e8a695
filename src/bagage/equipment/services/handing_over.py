"""A device is handed over with what the person accepted; it is undone, comes back, is mended, is lost."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import name_of
from bagage.common.errors import BusinessError, Conflict
from bagage.common.words import day_short, hour
from bagage.equipment import words
from bagage.equipment.domain import lifecycle, terms
from bagage.equipment.domain.signature import clean_signature
from bagage.equipment.models import DeviceEvent, Handover, Reservation, State
from bagage.equipment.services._common import (
    By,
    check_site,
    known_event,
    put_in_state,
    rules_now,
    trail,
    write_event,
)
from bagage.equipment.services._persons import check_limit, end_reservation, has_lapsed, locked_all, tell
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
    shown_months: int | None = None,
    key: str,
    by: By,
    at: datetime | None = None,
) -> Handover:
    """The device that is kept for her is hers, with the terms that she accepted in her way.

    ``consent``: ``screen`` needs a drawn ``signature``, ``witness`` two names (who read, who heard), ``paper`` nothing
    here. ``checks`` are among :data:`bagage.equipment.words.CHECKS`; ``shown_months`` is the warranty that she read of,
    so that nobody signs what she has not read. Raises :class:`Conflict` when it is no longer kept for her or not ready,
    or when the terms have changed since she read them; :class:`BusinessError` when it is to be paid, when she has as
    many devices as the rules allow, when nothing says how she agreed, on a day on which the site is closed.
    """
    at = at or timezone.now()
    if not key:
        raise ValueError("a handover needs a key, so that sending it twice counts once")
    today = timezone.localdate(at)
    her, device, reservation = locked_all(reservation)
    known = Handover.objects.filter(key=key[:64]).first()
    if known is not None:
        if known.reservation_id != reservation.pk:
            raise Conflict(_("Ce formulaire a déjà servi. Rouvrez la page et recommencez."))
        return known
    if not reservation.is_held:
        raise Conflict(words.not_held(reservation))
    if has_lapsed(reservation, today):
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
    if shown_months is not None and shown_months != rules.warranty_months:
        raise Conflict(
            _("Les conditions ont changé pendant la lecture : relisez-les ensemble."), field="shown_months"
        )
    check_limit(her, identity_ids(her), device.site, limit=rules.devices_per_person, held_on=None)
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
    end_reservation(reservation, lifecycle.USED, by=by, at=at)
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
    tell(device, her, handover, "handed_over", by, at)
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
    her, device, reservation = locked_all(handover.reservation)
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
    tell(device, her, handover, "undone", by, at)
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
    her, device, _reservation = locked_all(handover.reservation)
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
    tell(device, her, handover, HEARD[reason], by, at)
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
    her, device, _reservation = locked_all(handover.reservation)
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
    tell(device, her, handover, "repaired", by, at)
    trail(by, "device.repaired", device, at=at, person=her, thing=f"handover:{handover.uuid}")
    return handover


# ---------- inside ----------
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
