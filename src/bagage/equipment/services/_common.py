"""What the acts on devices share: the locks, always in the same order, the history, the trail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import uuid4

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import User, actor_of, name_of
from bagage.common.errors import BusinessError, Conflict
from bagage.common.words import day
from bagage.equipment.models import Device, DeviceEvent, EquipmentRules
from bagage.people.models import Person
from bagage.permanences.models import Closure, Site
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

By = User | Actor


def rules_now() -> EquipmentRules:
    """The rules of this installation; those given at first when nobody has looked at them."""
    return EquipmentRules.objects.filter(pk=1).first() or EquipmentRules(pk=1)


def locked_person(person: Person) -> Person:
    """The file that is kept, its row held until the act is done. Locked before any device, always."""
    root = person.merged_into_id or person.pk
    locked = Person.objects.select_for_update(of=("self",)).get(pk=root)
    while locked.merged_into_id is not None:  # marked as another's at this very moment
        locked = Person.objects.select_for_update(of=("self",)).get(pk=locked.merged_into_id)
    return locked


def locked_device(device: Device | int) -> Device:
    """The row as it is now, held until the act is done."""
    pk = device if isinstance(device, int) else device.pk
    return Device.objects.select_for_update(of=("self",)).select_related("site__organisation").get(pk=pk)


def check_site(site: Site, at: datetime, *, today: bool = False) -> None:
    """Raise :class:`BusinessError` when the site no longer receives anyone, or (``today``) is closed on this day."""
    if not site.organisation.is_open:
        raise BusinessError(
            _("%(site)s est fermée : rien ne s’y fait plus. Choisissez une autre permanence.")
            % {"site": site}
        )
    if not today:
        return
    the_day = timezone.localdate(at)
    closure = Closure.objects.filter(site=site, first_day__lte=the_day, last_day__gte=the_day).first()
    if closure is not None:
        reason = f" ({closure.reason})" if closure.reason else ""
        raise BusinessError(
            _(
                "%(site)s est fermée jusqu’au %(day)s%(reason)s. Si elle est ouverte, changez d’abord ses jours fermés."
            )
            % {"site": site, "day": day(closure.last_day), "reason": reason}
        )


def known_event(key: str, device: Device | None = None) -> DeviceEvent | None:
    """The event that this form wrote already; :class:`Conflict` when it was written for another device."""
    if not key:
        raise ValueError("an act on a device needs a key, so that sending it twice counts once")
    known = DeviceEvent.objects.select_related("device").filter(key=key[:64]).first()
    if known is not None and device is not None and known.device_id != device.pk:
        raise Conflict(_("Ce formulaire a déjà servi. Rouvrez la page et recommencez."))
    return known


def write_event(
    device: Device,
    kind: str,
    *,
    at: datetime,
    by: By,
    person: Person | None = None,
    old_state: str = "",
    new_state: str = "",
    note: str = "",
    key: str = "",
) -> DeviceEvent:
    """One line of a device's history. Raises :class:`Conflict` when the same form is being written elsewhere."""
    event = DeviceEvent(
        device=device,
        kind=kind,
        at=at,
        written_by=name_of(by),
        person=person,
        site=device.site,
        old_state=old_state,
        new_state=new_state,
        note=" ".join(note.split())[:200],
        key=key[:64] or uuid4().hex,
    )
    try:
        with transaction.atomic():
            event.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("C’est déjà noté.")) from error
    return event


def put_in_state(device: Device, state: str, at: datetime) -> str:
    """Lead a locked device to a state; the one it was in."""
    old = device.state
    device.state, device.state_since, device.changed_at = state, at, at
    device.save(update_fields=["state", "state_since", "changed_at", "site"])
    return old


def trail(
    by: By,
    verb: str,
    device: Device,
    *,
    at: datetime,
    person: Person | None = None,
    thing: str = "",
    fields: Sequence[str] = (),
    reason: str = "",
) -> None:
    """The row of the trail, at the site of the device. Written last."""
    record(
        actor_of(by),
        verb,
        at=at,
        place=device.site.organisation.uuid,
        person=person.uuid if person is not None else "",
        thing=thing or f"device:{device.uuid}",
        fields=list(fields),
        reason=reason,
    )
