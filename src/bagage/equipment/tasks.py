"""What comes back by itself: a reservation whose last day is over lets its device go."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from bagage.common.jobs import job
from bagage.equipment.models import Reservation
from bagage.equipment.services import lapse_reservation
from bagage.trail.domain.actor import Actor


@job("lapse_reservations", every=timedelta(hours=1))
def lapse_reservations() -> int | None:
    """Free the devices whose reservation is over; a paid one stays kept."""
    actor = Actor.system("lapse_reservations")
    past = Reservation.objects.past(timezone.localdate()).filter(paid_at=None).order_by("until", "pk")
    return sum(lapse_reservation(one, by=actor) for one in past) or None
