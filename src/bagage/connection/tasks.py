"""What comes back by itself: lines that stopped are noted, and who holds one that is about to stop is told."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from bagage.common.jobs import job
from bagage.connection.models import HeldLine
from bagage.connection.services.lines import note_lapsed, remind_of_lapse, reminder_days
from bagage.trail.domain.actor import Actor


@job("lapse_lines", every=timedelta(hours=1))
def lapse_lines() -> int | None:
    """Note the lines whose last day is over: they lapsed."""
    actor = Actor.system("lapse_lines")
    past = HeldLine.objects.past(timezone.localdate()).order_by("live_until", "pk")
    return sum(note_lapsed(held, by=actor) for held in past) or None


@job("remind_lapsing_lines", every=timedelta(hours=1))
def remind_lapsing_lines() -> int | None:
    """Have those told whose line stops within the days of the setting, once for each last day."""
    actor = Actor.system("remind_lapsing_lines")
    today = timezone.localdate()
    nearing = HeldLine.objects.about_to_lapse(today, today + timedelta(days=reminder_days()))
    return sum(remind_of_lapse(held, by=actor) for held in nearing) or None
