"""Sites, rooms, opening blocks of advisers, appointments, the walk-in queue, help without a name, sessions."""

from bagage.permanences.models.appointments import (
    HOLDING,
    Appointment,
    AppointmentQuerySet,
    AppointmentState,
)
from bagage.permanences.models.queue import NamelessHelp, QueueEntry
from bagage.permanences.models.sessions import (
    AHEAD_SEATS,
    LIVE_SEATS,
    TAKEN_SEATS,
    Level,
    SeatState,
    Session,
    SessionBooking,
    SessionState,
)
from bagage.permanences.models.sites import Closure, OpeningBlock, Room, Site

__all__ = [
    "AHEAD_SEATS",
    "HOLDING",
    "LIVE_SEATS",
    "TAKEN_SEATS",
    "Appointment",
    "AppointmentQuerySet",
    "AppointmentState",
    "Closure",
    "Level",
    "NamelessHelp",
    "OpeningBlock",
    "QueueEntry",
    "Room",
    "SeatState",
    "Session",
    "SessionBooking",
    "SessionState",
    "Site",
]
