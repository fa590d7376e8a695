"""The devices of one person: kept for her, hers, and what happened to them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from bagage.common.happenings import Happened
from bagage.common.prepared import prepared
from bagage.common.together import Asking, together
from bagage.common.words import day, joined
from bagage.equipment import words
from bagage.equipment.domain import lifecycle
from bagage.equipment.models import DeviceEvent, Handover, Kind, Reservation
from bagage.equipment.words import StateWords
from bagage.people.models import Person
from bagage.permanences.models import Site

# What her timeline tells; payments are told by the counter.
TOLD = (
    DeviceEvent.Kind.RESERVED,
    DeviceEvent.Kind.RELEASED,
    DeviceEvent.Kind.LAPSED,
    DeviceEvent.Kind.HANDED_OVER,
    DeviceEvent.Kind.UNDONE,
    DeviceEvent.Kind.RETURNED,
    DeviceEvent.Kind.BROKEN,
    DeviceEvent.Kind.REPAIR,
    DeviceEvent.Kind.REPAIRED,
    DeviceEvent.Kind.LOST,
    DeviceEvent.Kind.STOLEN,
)


@dataclass(frozen=True, slots=True)
class ReservationShown:
    """A device that is kept for her, with the next step: pay, then hand over."""

    reservation: Reservation
    state: StateWords

    @property
    def is_to_pay(self) -> bool:
        """Whether the counter must take the money first."""
        return self.reservation.is_to_pay

    @property
    def to_pay(self) -> str:
        """What the counter must take, in words."""
        return words.to_pay(self.reservation)

    @property
    def icon(self) -> str:
        """The picture of what it is."""
        return words.KIND_ICONS[Kind(self.reservation.device.kind)]


@dataclass(frozen=True, slots=True)
class HandoverShown:
    """A device that is hers, or was."""

    handover: Handover
    state: StateWords
    warranty: str

    @property
    def is_in_repair(self) -> bool:
        """Whether it is here to be repaired."""
        return self.handover.is_open and self.handover.device.state == lifecycle.AFTER_SALES

    @property
    def icon(self) -> str:
        """The picture of what it is."""
        return words.KIND_ICONS[Kind(self.handover.device.kind)]


@dataclass(frozen=True, slots=True)
class Panel:
    """The pocket "Ses appareils" of a person's file: what is kept, what is hers, how many she had before."""

    reservations: list[ReservationShown]
    handovers: list[HandoverShown]
    before: int


def reserved_for(files: Iterable[int]) -> list[Reservation]:
    """The devices kept now for whom these files are, the oldest first; for the counter. One query."""
    return _reserved_for(list(files))


@prepared
def _reserved_for(files: Iterable[int]) -> QuerySet[Reservation]:
    return (
        Reservation.objects.held()
        .of_persons(files)
        .select_related("device", "site__organisation", "person")
        .order_by("reserved_at", "pk")
    )


@prepared
def _handed_to(files: Iterable[int]) -> QuerySet[Handover]:
    # The panel names no site: it reads nothing of where the device was.
    return handovers_of(files).select_related(None).select_related("device", "person")


@prepared
def _events_of(files: Iterable[int]) -> QuerySet[DeviceEvent]:
    return (
        DeviceEvent.objects.filter(person_id__in=files, kind__in=TOLD)
        .select_related("device", "person__merged_into")
        .order_by("-at", "-pk")
    )


def handovers_of(files: Iterable[int]) -> QuerySet[Handover]:
    """All that was handed over to her and not undone, what is hers first, the newest first."""
    return (
        Handover.objects.of_persons(files)
        .select_related("device__site__organisation", "site__organisation", "person", "reservation")
        .order_by("-state", "-handed_over_at", "-pk")
    )


def reservations_shown(files: Iterable[int], *, today: date) -> list[ReservationShown]:
    """What is kept for her; one query."""
    return [ReservationShown(one, words.reservation_words(one, today)) for one in reserved_for(files)]


def handovers_shown(files: Iterable[int], *, today: date) -> list[HandoverShown]:
    """What was handed over to her; one query."""
    return [handover_shown(one, today=today) for one in handovers_of(files)]


def handover_shown(handover: Handover, *, today: date) -> HandoverShown:
    """One of them; no query where its device is there already."""
    return HandoverShown(
        handover,
        words.handover_words(handover),
        words.warranty_words(handover.warranty_until, today) if handover.is_open else "",
    )


@together
def person_panel(files: Iterable[int], *, today: date) -> Asking[Panel | None]:
    """What her file shows of her devices; ``None`` when nothing was ever kept or handed over. Two queries."""
    ids = list(files)
    reserved, hers = yield [_reserved_for.of(ids), _handed_to.of(ids)]
    kept = [ReservationShown(one, words.reservation_words(one, today)) for one in reserved]
    handed = [handover_shown(one, today=today) for one in hers]
    if not kept and not handed:
        return None
    now = [one for one in handed if one.handover.is_open]
    return Panel(kept, now, len(handed) - len(now))


@together
def happened(files: Iterable[int], *, details: bool) -> Asking[list[Happened]]:
    """What happened to her devices, for her timeline, the newest first. One query.

    Without ``details`` (reception) the word that was noted with a return is left out.
    """
    found = []
    for event in (yield from _events_of.asking(files)):
        person = event.person
        assert person is not None
        kept = person.merged_into or person
        note = words.event_note(event) if details else ""
        found.append(
            Happened(
                at=event.at,
                icon=words.EVENT_ICONS[event.kind],
                strong=event.device.name,
                text=f"{told_words(event)}{f', {note}' if note else ''}",
                who=event.written_by,
                url=reverse("equipment:person_devices", args=[kept.uuid]),
            )
        )
    return found


def told_words(event: DeviceEvent) -> str:
    """What is said after the name of the device."""
    return {
        DeviceEvent.Kind.RESERVED: _("réservé pour elle"),
        DeviceEvent.Kind.RELEASED: _("n’est plus réservé"),
        DeviceEvent.Kind.LAPSED: _("n’est plus réservé : la date est passée"),
        DeviceEvent.Kind.HANDED_OVER: _("remis"),
        DeviceEvent.Kind.UNDONE: _("remise défaite"),
        DeviceEvent.Kind.RETURNED: _("rendu"),
        DeviceEvent.Kind.BROKEN: _("rendu cassé"),
        DeviceEvent.Kind.REPAIR: _("revenu pour réparation"),
        DeviceEvent.Kind.REPAIRED: _("réparé, de nouveau chez elle"),
        DeviceEvent.Kind.LOST: _("perdu"),
        DeviceEvent.Kind.STOLEN: _("volé"),
    }[DeviceEvent.Kind(event.kind)]


def limit_told(her: Person, files: list[int], site: Site, *, limit: int, held_on: date | None) -> str:
    """Why she can be given no other device, in words; ``""`` when she can. Over all sites and all her files.

    With ``held_on``, what is kept for her on that day counts too. The day is given, another site is never named.
    """
    has = list(Handover.objects.open().filter(person_id__in=files).order_by("handed_over_at", "pk"))
    held: list[Reservation] = []
    if held_on is not None:
        reservations = Reservation.objects.held().of_persons(files).order_by("reserved_at", "pk")
        held = [one for one in reservations if one.until >= held_on or one.paid_at is not None]
    if len(has) + len(held) < limit:
        return ""
    told = [
        (
            _("remis le %(day)s ici")
            if one.site_id == site.pk
            else _("remis le %(day)s dans une autre permanence")
        )
        % {"day": day(one.handed_over_at, year=True)}
        for one in has
    ]
    told += [
        (
            _("réservé ici jusqu’au %(day)s")
            if one.site_id == site.pk
            else _("réservé dans une autre permanence jusqu’au %(day)s")
        )
        % {"day": day(one.until)}
        for one in held
    ]
    rule = (
        _("La règle est d’un appareil par personne.")
        if limit == 1
        else _("La règle est de %(count)s appareils par personne.") % {"count": limit}
    )
    way_out = (
        _("Pour un autre, notez d’abord le retour du premier.")
        if has
        else _("Pour un autre, libérez d’abord cette réservation.")
    )
    return (
        _("%(name)s a déjà un appareil : %(told)s.") % {"name": her.chosen_name, "told": joined(told)}
        + f" {rule} {way_out}"
    )
