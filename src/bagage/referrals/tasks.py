"""What comes back by itself: places that were written to and did not answer are reminded, once."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from bagage.common.jobs import job
from bagage.referrals.models import Onward
from bagage.referrals.queries import silent_days
from bagage.referrals.services import remind_place
from bagage.trail.domain.actor import Actor


@job("remind_places", every=timedelta(hours=1))
def remind_places() -> int | None:
    """Remind the places that were told of someone by mail and have not answered within the days of the setting."""
    actor = Actor.system("remind_places")
    silent = Onward.objects.to_remind(timezone.now(), silent_days()).order_by("asked_at", "pk")
    return sum(remind_place(onward, by=actor) for onward in silent) or None
