"""What journeys do when something happens below.

Her line or her device changes, and with it a pocket of the bag and what she asked for in it; a place in a session
changes, and with it the requests that it answers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import User
from bagage.common.words import day_short, written_for
from bagage.connection.events import line_changed
from bagage.connection.models import HeldLine, LineEvent, LineState
from bagage.equipment.events import device_changed
from bagage.equipment.models import Device, Handover, Technical
from bagage.journeys.domain import devices
from bagage.journeys.domain.baggage import CONNECTION, DEVICE
from bagage.journeys.domain.lines import answers_of
from bagage.journeys.models import Evidence
from bagage.journeys.services import record_evidence
from bagage.journeys.services.bookings import follow_booking
from bagage.journeys.services.things import meet_by_thing, unmeet_by_thing
from bagage.people.models import Person
from bagage.people.queries import identity_ids
from bagage.permanences.events import booking_changed, booking_observed
from bagage.permanences.models import SessionBooking
from bagage.trail.domain.actor import Actor

By = User | Actor


# ---------- her line ----------
@receiver(line_changed)
def pocket_follows_line(
    sender: Any, *, line: HeldLine, old_state: str, new_state: str, by: By, at: datetime, **_: Any
) -> None:
    """What her line tells becomes evidence for the connection pocket, of the day on which it became so.

    A line that ended tells nothing while another of hers lives. What an earlier act on this line told and no longer
    holds gives way to what others had observed before, or is unknown again. The row of the trail is that of the act.
    """
    files = identity_ids(line.person)
    lives_elsewhere = (
        new_state != LineState.ACTIVE
        and HeldLine.objects.filter(person_id__in=files, state=LineState.ACTIVE).exclude(pk=line.pk).exists()
    )
    events = list(line.events.all())
    corrected = {one.corrects_id for one in events}
    held = sorted(
        (one for one in events if one.pk not in corrected and one.kind != LineEvent.Kind.CORRECTED),
        key=lambda one: (one.on, one.pk),
    )
    told = {} if lives_elsewhere else answers_of(new_state, held)
    day = line.since if line.since is not None else timezone.localdate(at)
    _tell(
        line.person,
        files,
        CONNECTION,
        told,
        notes={"C1": _line_note(line, held, at)},
        source=f"line:{line.uuid}",
        day=day,
        by=by,
        at=at,
    )
    if new_state == LineState.ACTIVE and old_state != new_state:
        meet_by_thing(files, "connection", source=f"line:{line.uuid}", day=day, by=by, at=at)
    elif new_state == LineState.VOID:
        unmeet_by_thing(files, "connection", source=f"line:{line.uuid}", by=by, at=at)


def _line_note(line: HeldLine, held: list[LineEvent], at: datetime) -> str:
    """What the pocket says of her line, in the language of the installation."""
    values = {"line": line.title, "to": held[-1].what if held else ""}
    with written_for():
        if line.state == LineState.LEFT_FOR_PLAN:
            text = _("Forfait chez %(to)s") % values
        elif line.state == LineState.PORTED:
            text = _("Numéro porté chez %(to)s") % values
        elif line.state == LineState.ACTIVE and line.live_until is not None:
            far = line.live_until.year != timezone.localdate(at).year
            day = day_short(line.live_until, year=far)
            text = _("%(line)s, jusqu’au %(day)s") % {**values, "day": day}
        else:
            text = line.title
    return f"{text[:199]}."


# ---------- her device ----------
@receiver(device_changed)
def pocket_follows_device(
    sender: Any,
    *,
    device: Device,
    person: Person | None,
    handover: Handover | None,
    what: str,
    by: By,
    at: datetime,
    **_: Any,
) -> None:
    """What a handover tells becomes evidence for the device pocket: only the newest act on it speaks.

    Keeping a device for her tells nothing yet. One that came back tells nothing while she has another; undone, the
    handover gives way to what was known before.
    """
    if person is None or handover is None or what not in {*devices.E1, devices.UNDONE}:
        return
    files = identity_ids(person)
    has_another = (
        devices.E1.get(what) != "yes"
        and Handover.objects.open().of_persons(files).exclude(pk=handover.pk).exists()
    )
    looked_at = [*handover.checks, *(["works"] if device.technical == Technical.WORKS else [])]
    told = {} if has_another else devices.answers_of(what, looked_at)
    _tell(
        person,
        files,
        DEVICE,
        told,
        notes={"E1": _device_note(device, handover, what, at)},
        source=f"handover:{handover.uuid}",
        day=timezone.localdate(at),
        by=by,
        at=at,
    )
    if what == devices.HANDED_OVER:
        meet_by_thing(
            files, "device", source=f"handover:{handover.uuid}", day=timezone.localdate(at), by=by, at=at
        )
    elif what == devices.UNDONE:
        unmeet_by_thing(files, "device", source=f"handover:{handover.uuid}", by=by, at=at)


def _device_note(device: Device, handover: Handover, what: str, at: datetime) -> str:
    """What the pocket says of her device, in the language of the installation."""
    with written_for():
        told = {"device": device.name, "day": day_short(handover.handed_over_at, year=True)}
        if what == devices.RETURNED:
            text = _("%(device)s, rendu le %(day)s") % {**told, "day": day_short(at, year=True)}
        else:
            text = _("%(device)s, remis le %(day)s") % told
    return f"{text[:199]}."


# ---------- what both share ----------
def _tell(
    person: Person,
    files: Sequence[int],
    items: Sequence[str],
    told: Mapping[str, str],
    *,
    notes: Mapping[str, str],
    source: str,
    day: date,
    by: By,
    at: datetime,
) -> None:
    """Write what ``source`` tells now of some items; what it told before and tells no more gives way.

    It gives way to what others had observed before, or is unknown again. Nothing is written twice.
    """
    known = list(
        Evidence.objects.filter(person_id__in=files, item__in=items).order_by(
            "observed_on", "written_at", "pk"
        )
    )
    for item in items:
        mine = [one for one in known if one.item == item and one.source == source]
        others = [one for one in known if one.item == item and one.source != source]
        if item not in told and not mine:
            continue
        on = max([day, *(one.observed_on for one in mine)])
        if item in told:
            answer, how, words = told[item], "seen", notes.get(item, "")
        elif others:
            answer, how, words = others[-1].answer, others[-1].how, others[-1].note
            on = max(on, others[-1].observed_on)
        else:
            answer, how, words = Evidence.Answer.UNKNOWN.value, "said", ""
        if (
            mine
            and not others_since(mine[-1], others)
            and (mine[-1].answer, mine[-1].note) == (answer, words)
        ):
            continue
        record_evidence(
            person, item, answer, how=how, note=words, observed_on=on, source=source, by=by, at=at
        )


def others_since(mine: Evidence, others: list[Evidence]) -> bool:
    """Whether someone observed something else after what this source told last."""
    return bool(others) and (others[-1].observed_on, others[-1].written_at) > (
        mine.observed_on,
        mine.written_at,
    )


# ---------- her place in a session ----------
@receiver(booking_changed)
def requests_follow_booking(
    sender: Any, *, booking: SessionBooking, old_state: str, new_state: str, by: By, at: datetime, **_: Any
) -> None:
    """A place that is called off, left, excused or empty answers nothing more: its requests are open again."""
    follow_booking(booking, by=by, at=at)


@receiver(booking_observed)
def requests_follow_observation(
    sender: Any, *, booking: SessionBooking, by: By, at: datetime, **_: Any
) -> None:
    """What was seen of her at a session tells whether the requests that it answers are met."""
    follow_booking(booking, by=by, at=at)
