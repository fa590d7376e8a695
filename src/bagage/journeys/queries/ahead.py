"""What is still ahead of a person: appointments, places in sessions, devices kept for her."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from bagage.common.words import day_short, hour
from bagage.equipment.models import Reservation
from bagage.permanences.models import Appointment, AppointmentState, SessionBooking


@dataclass(frozen=True, slots=True)
class Ahead:
    """One thing ahead, in words, and the row that it is: one of the three."""

    icon: str
    words: str
    at: datetime | None = None
    appointment: Appointment | None = None
    booking: SessionBooking | None = None
    reservation: Reservation | None = None


def things_ahead(files: Sequence[int], now: datetime) -> list[Ahead]:
    """What is planned for her and not over yet, the nearest first, then the devices; three queries."""
    appointments = Appointment.objects.filter(
        person_id__in=files, state=AppointmentState.BOOKED, ends_at__gt=now
    ).select_related("site__organisation")
    found = [
        Ahead(
            "calendar-check",
            _("un rendez-vous le %(day)s à %(hour)s")
            % {"day": day_short(one.starts_at), "hour": hour(one.starts_at)},
            one.starts_at,
            appointment=one,
        )
        for one in appointments
    ]
    bookings = SessionBooking.objects.filter(
        person_id__in=files,
        state__in=["booked", "waiting"],
        session__state="planned",
        session__ends_at__gt=now,
    ).select_related("session__site__organisation")
    found += [
        Ahead(
            "graduation-cap",
            _("la séance « %(topic)s » du %(day)s")
            % {"topic": one.session.topic, "day": day_short(one.session.starts_at)},
            one.session.starts_at,
            booking=one,
        )
        for one in bookings
    ]
    found.sort(key=lambda one: (one.at or now, one.words))
    reservations = (
        Reservation.objects.held().of_persons(files).select_related("device").order_by("until", "pk")
    )
    found += [
        Ahead(
            "smartphone",
            _("un appareil réservé, %(number)s") % {"number": one.device.number},
            reservation=one,
        )
        for one in reservations
    ]
    return found
