"""What journeys do when something happens below: a line that she holds changes, and with it the connection pocket."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import User
from bagage.common.words import day_short, written_for
from bagage.connection.events import line_changed
from bagage.connection.models import HeldLine, LineEvent, LineState
from bagage.journeys.domain.baggage import CONNECTION
from bagage.journeys.domain.lines import answers_of
from bagage.journeys.models import Evidence
from bagage.journeys.services import record_evidence
from bagage.people.queries import identity_ids
from bagage.trail.domain.actor import Actor


@receiver(line_changed)
def pocket_follows_line(
    sender: Any, *, line: HeldLine, old_state: str, new_state: str, by: User | Actor, at: datetime, **_: Any
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
    source = f"line:{line.uuid}"
    known = list(
        Evidence.objects.filter(person_id__in=files, item__in=CONNECTION).order_by(
            "observed_on", "written_at", "pk"
        )
    )
    note = _note(line, held, at)
    for item in CONNECTION:
        mine = [one for one in known if one.item == item and one.source == source]
        others = [one for one in known if one.item == item and one.source != source]
        if item not in told and not mine:
            continue
        day = line.since if line.since is not None else timezone.localdate(at)
        day = max([day, *(one.observed_on for one in mine)])
        if item in told:
            answer, how, words = told[item], "seen", note if item == "C1" else ""
        elif others:
            answer, how, words = others[-1].answer, others[-1].how, others[-1].note
            day = max(day, others[-1].observed_on)
        else:
            answer, how, words = Evidence.Answer.UNKNOWN.value, "said", ""
        if (
            mine
            and not others_since(mine[-1], others)
            and (mine[-1].answer, mine[-1].note) == (answer, words)
        ):
            continue
        record_evidence(
            line.person, item, answer, how=how, note=words, observed_on=day, source=source, by=by, at=at
        )


def others_since(mine: Evidence, others: list[Evidence]) -> bool:
    """Whether someone observed something else after what this line told last."""
    return bool(others) and (others[-1].observed_on, others[-1].written_at) > (
        mine.observed_on,
        mine.written_at,
    )


def _note(line: HeldLine, held: list[LineEvent], at: datetime) -> str:
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
