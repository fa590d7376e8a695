"""What happens to a device without a person: it comes in, is measured, passes from one state to another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import actor_of, name_of
from bagage.common.errors import BusinessError, Conflict
from bagage.common.words import day
from bagage.equipment.domain import grading, lifecycle
from bagage.equipment.models import (
    LETTERS,
    Device,
    DeviceCounter,
    DeviceEvent,
    EquipmentRules,
    Kind,
    Reservation,
    State,
)
from bagage.equipment.services._common import (
    By,
    check_site,
    known_event,
    locked_device,
    put_in_state,
    rules_now,
    trail,
    write_event,
)
from bagage.permanences.models import Site
from bagage.trail.services import record

# What someone who keeps the stock may write on the sheet of a device.
DETAILS = (
    "brand",
    "model",
    "serial",
    "imei",
    "system",
    "memory",
    "storage",
    "storage_kind",
    "cpu_mark",
    "battery",
    "technical",
    "technical_note",
    "look",
    "look_note",
    "price",
    "lot",
    "donor",
    "site",
)
LENGTHS = {"brand": 60, "model": 80, "technical_note": 200, "look_note": 200, "lot": 80, "donor": 120}
RULES = (
    "devices_per_person",
    "warranty_months",
    "reservation_days",
    "undo_hours",
    "slow_days",
    "low_ready",
)


@transaction.atomic
def receive_device(
    *,
    site: Site,
    kind: str,
    model: str,
    state: str = State.TO_PROCESS,
    received_on: date | None = None,
    key: str,
    by: By,
    at: datetime | None = None,
    **details: Any,
) -> Device:
    """A device comes in at ``site``: it is given a number, and a grade if all is measured.

    ``details`` are among :data:`DETAILS`; ``price`` in cents, ``memory`` and ``storage`` in GB. ``state`` is one in
    which no person has it. Raises :class:`BusinessError` for a serial number or an IMEI that is known already, naming
    the device that has it; for a day to come; for a site that is closed for good.
    """
    at = at or timezone.now()
    known = known_event(key)
    if known is not None:
        return known.device
    if state in {State.HANDED_OVER, State.AFTER_SALES, State.LOST}:
        raise ValueError("a device that comes in is with nobody")
    received_on = received_on or timezone.localdate(at)
    if received_on > timezone.localdate(at):
        raise BusinessError(_("Cette date n’est pas encore passée."), field="received_on")
    check_site(site, at)
    unknown = set(details) - set(DETAILS)
    if unknown:
        raise TypeError(f"no such detail of a device: {sorted(unknown)}")
    model = " ".join(model.split())
    if not model:
        raise BusinessError(_("Écrivez le modèle."), field="model")
    device = Device(
        site=site,
        kind=Kind(kind),
        model=model,
        state=state,
        state_since=at,
        received_on=received_on,
        changed_at=at,
        **details,
    )
    _clean(device)
    _check_unique(device)
    device.number = _next_number(device.kind)
    _grade(device, at)
    _save(device)
    write_event(device, DeviceEvent.Kind.RECEIVED, at=at, by=by, new_state=state, note=device.lot, key=key)
    trail(by, "device.receive", device, at=at)
    return device


@transaction.atomic
def receive_devices(
    serials: Sequence[str],
    *,
    site: Site,
    kind: str,
    model: str,
    key: str,
    by: By,
    at: datetime | None = None,
    **details: Any,
) -> list[Device]:
    """Several of one model come in at once, one for each serial number; all of them or none.

    Raises :class:`BusinessError` that names the line at fault: a number that stands twice, or is known already.
    """
    at = at or timezone.now()
    cleaned = [" ".join(serial.split()).upper() for serial in serials]
    found = []
    for position, serial in enumerate(cleaned, start=1):
        if serial in cleaned[: position - 1]:
            raise BusinessError(
                _("Ligne %(line)s : le numéro %(serial)s est déjà écrit plus haut.")
                % {"line": position, "serial": serial},
                field="serials",
            )
        try:
            device = receive_device(
                site=site,
                kind=kind,
                model=model,
                serial=serial,
                key=f"{key[:56]}:{position}",
                by=by,
                at=at,
                **details,
            )
        except Conflict:
            raise
        except BusinessError as error:
            if error.field != "serial":
                raise
            raise BusinessError(
                _("Ligne %(line)s : %(why)s") % {"line": position, "why": error}, field="serials"
            ) from error
        found.append(device)
    return found


@transaction.atomic
def change_device(device: Device, values: Mapping[str, Any], *, by: By, at: datetime | None = None) -> Device:
    """What is written of a device changes, and its grade with it; nothing is written when nothing differs.

    ``values`` are among :data:`DETAILS`. A reservation keeps the price at which it was made. Raises
    :class:`BusinessError` for a serial number or an IMEI that is known already; :class:`Conflict` when it would change
    place while it is kept for someone or is not in stock.
    """
    at = at or timezone.now()
    device = locked_device(device)
    unknown = set(values) - set(DETAILS)
    if unknown:
        raise TypeError(f"no such detail of a device: {sorted(unknown)}")
    before = {name: getattr(device, name) for name in values}
    old_site = device.site
    for name, value in values.items():
        setattr(device, name, value)
    _clean(device)
    changed = [name for name in values if getattr(device, name) != before[name]]
    if not changed:
        return device
    if not device.model:
        raise BusinessError(_("Écrivez le modèle."), field="model")
    if "site" in changed:
        if device.state in {State.HANDED_OVER, State.AFTER_SALES, State.LOST}:
            raise Conflict(_("Il n’est pas en stock : son lieu ne change pas."), field="site")
        _refuse_reserved(device)
        check_site(device.site, at)
    _check_unique(device)
    old_grade = device.grade
    _grade(device, at)
    device.changed_at = at
    _save(device)
    note = _("de %(old)s à %(new)s") % {"old": old_site, "new": device.site} if "site" in changed else ""
    write_event(device, DeviceEvent.Kind.CHANGED, at=at, by=by, note=note)
    if device.grade != old_grade:
        write_event(device, DeviceEvent.Kind.GRADED, at=at, by=by, note=device.grade)
    trail(by, "device.change", device, at=at, fields=changed)
    return device


@transaction.atomic
def change_device_state(
    device: Device, state: str, *, reason: str = "", key: str, by: By, at: datetime | None = None
) -> Device:
    """It passes to another state, by hand, with a word on why.

    Raises :class:`Conflict` when it is kept for someone, or when no way leads there (a device that someone has comes
    back by a return); :class:`BusinessError` when it is set aside for good, or found again, without a reason.
    """
    at = at or timezone.now()
    device = locked_device(device)
    if known_event(key, device) is not None:
        return device
    if device.state == state:
        return device
    if not lifecycle.can_go(device.state, state):
        if device.state in {State.HANDED_OVER, State.AFTER_SALES}:
            raise Conflict(_("Quelqu’un l’a : notez d’abord son retour."))
        raise Conflict(
            _("Depuis « %(old)s », il ne passe pas à « %(new)s ».")
            % {"old": State(device.state).label, "new": State(state).label}
        )
    _refuse_reserved(device)
    if not reason.strip() and (
        state == State.NOT_REUSABLE or device.state in {State.NOT_REUSABLE, State.LOST}
    ):
        raise BusinessError(_("Dites pourquoi, en quelques mots."), field="reason")
    old = put_in_state(device, state, at)
    write_event(
        device,
        DeviceEvent.Kind.STATE,
        at=at,
        by=by,
        old_state=old,
        new_state=state,
        note=reason,
        key=key,
    )
    trail(by, "device.state", device, at=at, fields=["state"])
    return device


@transaction.atomic
def change_rules(values: Mapping[str, int], *, by: By, at: datetime | None = None) -> EquipmentRules:
    """The rules are what this network decided: they are no longer examples.

    ``values`` are among :data:`RULES`. What was handed over or kept before stands as it was.
    """
    at = at or timezone.now()
    EquipmentRules.objects.get_or_create(pk=1)
    rules = EquipmentRules.objects.select_for_update().get(pk=1)
    changed = [name for name in RULES if name in values and getattr(rules, name) != values[name]]
    if not changed and not rules.is_example:
        return rules
    for name in changed:
        setattr(rules, name, values[name])
    rules.is_example = False
    rules.changed_at, rules.changed_by = at, name_of(by)
    rules.save()
    record(actor_of(by), "equipment.rules", at=at, fields=changed)
    return rules


# ---------- inside ----------
def _next_number(kind: str) -> str:
    """The next number of that kind: its counter is locked until the act is done."""
    DeviceCounter.objects.get_or_create(kind=kind)
    counter = DeviceCounter.objects.select_for_update().get(kind=kind)
    counter.last += 1
    counter.save(update_fields=["last"])
    return f"{LETTERS[Kind(kind)]}-{counter.last:04d}"


def _clean(device: Device) -> None:
    for name, length in LENGTHS.items():
        setattr(device, name, " ".join(str(getattr(device, name)).split())[:length])
    device.serial = " ".join(device.serial.split()).upper()[:60]
    device.imei = "".join(sign for sign in device.imei if sign.isalnum())[:20]


def _check_unique(device: Device) -> None:
    """No two devices with one serial number or one IMEI; the refusal says which device has it, and where."""
    for name, message in (
        ("serial", _("ce numéro de série est déjà celui de %(number)s, à %(site)s.")),
        ("imei", _("ce numéro IMEI est déjà celui de %(number)s, à %(site)s.")),
    ):
        value = getattr(device, name)
        if not value:
            continue
        other = (
            Device.objects.filter(**{name: value})
            .exclude(pk=device.pk)
            .select_related("site__organisation")
            .first()
        )
        if other is not None:
            text = message % {"number": other.number, "site": other.site}
            raise BusinessError(text[:1].upper() + text[1:], field=name)


def _grade(device: Device, at: datetime) -> None:
    """Compute the grade again; the day is that on which it came to be what it is."""
    graded = grading.grade_of(device.measures)
    lines = [line.as_dict() for line in graded.lines]
    if (graded.grade, graded.points, lines) == (device.grade, device.grade_points, device.grade_lines):
        return
    device.grade, device.grade_points, device.grade_lines = graded.grade, graded.points, lines
    device.graded_on = timezone.localdate(at) if graded.grade else None


def _save(device: Device) -> None:
    try:
        with transaction.atomic():
            device.save()
    except IntegrityError as error:  # the same number, written by someone else at this moment
        raise Conflict(
            _("Ce numéro de série ou IMEI vient d’être écrit pour un autre appareil. Relisez-le."),
            field="serial",
        ) from error


def _refuse_reserved(device: Device) -> None:
    """Raise :class:`Conflict` when the locked device is kept for someone."""
    held = Reservation.objects.held().filter(device=device).first()
    if held is not None:
        raise Conflict(
            _("Il est réservé jusqu’au %(day)s : libérez d’abord cette réservation.")
            % {"day": day(held.until)}
        )


__all__ = [
    "DETAILS",
    "RULES",
    "change_device",
    "change_device_state",
    "change_rules",
    "receive_device",
    "receive_devices",
    "rules_now",
]
