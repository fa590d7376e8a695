"""Sessions of a group, and the seats in them: booked, waited for, taken, left."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import models
from django.db.models import Count, F, Q
from django.utils.translation import gettext_lazy as _

from bagage.accounts.models import User
from bagage.common.models import PublicId
from bagage.people.models import Person
from bagage.permanences import words
from bagage.permanences.models.sites import Room, Site
from bagage.skills.models import Item


class Level(models.TextChoices):
    """For whom a session is; empty is for everyone."""

    ANY = "", _("tous niveaux")
    FIRST = "first", _("pour débuter")
    SOME = "some", _("avec un peu de pratique")
    FURTHER = "further", _("pour aller plus loin")


class SessionState(models.TextChoices):
    """Where a session stands; see ``domain/lifecycle.py`` for the ways between."""

    PLANNED = "planned", _("Prévue")
    HELD = "held", _("Fermée")
    CANCELLED = "cancelled", _("Annulée")


class SeatState(models.TextChoices):
    """Where a booking stands; see ``domain/lifecycle.py`` for the ways between."""

    BOOKED = "booked", _("Inscrite")
    WAITING = "waiting", _("Attend une place")
    PRESENT = "present", _("Présente")
    ABSENT = "absent", _("Absente")
    EXCUSED = "excused", _("Excusée")
    LEFT = "left", _("A laissé sa place")
    CALLED_OFF = "called_off", _("Décommandée")


# Who holds a seat: booked, there, or absent (the seat was kept for her).
TAKEN_SEATS = ["booked", "present", "absent"]
# Of these, a person has one at most in a session.
LIVE_SEATS = ["booked", "waiting", "present", "absent"]
# Her time is promised: nothing else is booked for her at that hour.
AHEAD_SEATS = ["booked", "waiting", "present"]


class SessionQuerySet(models.QuerySet["Session"]):
    """Filters on sessions."""

    def at_nodes(self, node_ids: Iterable[int]) -> SessionQuerySet:
        """Those of the permanences of these nodes."""
        return self.filter(site__organisation__in=list(node_ids))

    def between(self, start: datetime, end: datetime) -> SessionQuerySet:
        """Those that start in [start, end)."""
        return self.filter(starts_at__gte=start, starts_at__lt=end)

    def with_counts(self) -> SessionQuerySet:
        """With ``taken_count``, ``waiting_count``, ``present_count`` and ``to_mark_count``; one query."""
        return self.annotate(
            taken_count=Count("bookings", filter=Q(bookings__state__in=TAKEN_SEATS)),
            waiting_count=Count("bookings", filter=Q(bookings__state="waiting")),
            present_count=Count("bookings", filter=Q(bookings__state="present")),
            to_mark_count=Count("bookings", filter=Q(bookings__state="booked")),
        )

    def shown(self) -> SessionQuerySet:
        """With what a list of them says: place, room, who leads, counts. One query, one more for the items."""
        return (
            self.select_related("site__organisation", "room", "leader")
            .prefetch_related("items")
            .with_counts()
        )


class Session(PublicId):
    """A group learns something together at one moment: ``topic`` in words, ``items`` what can be observed there.

    ``needs_computer`` says what a seat is: a computer in working order of the room, or a seat of it. Seats are read
    from the room each time, never stored. ``room`` is empty for a past session whose room is gone since. This is the
    row that is locked while a seat is taken.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="sessions")
    room = models.ForeignKey(Room, null=True, blank=True, on_delete=models.SET_NULL, related_name="sessions")
    topic = models.CharField(max_length=120)
    items = models.ManyToManyField(Item, blank=True, related_name="sessions")
    level = models.CharField(max_length=10, choices=Level, blank=True, default=Level.ANY)
    language = models.CharField(max_length=60, blank=True)
    needs_computer = models.BooleanField(default=True)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    leader = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="led_sessions"
    )
    state = models.CharField(max_length=10, choices=SessionState, default=SessionState.PLANNED)
    reason = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=64, unique=True)
    planned_at = models.DateTimeField()
    planned_by = models.CharField(max_length=80, blank=True)
    changed_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="permanences_session_order"),
            models.CheckConstraint(
                condition=Q(state__in=SessionState.values), name="permanences_session_known_state"
            ),
            models.CheckConstraint(
                condition=Q(state="held", closed_at__isnull=False) | (~Q(state="held") & Q(closed_at=None)),
                name="permanences_session_held_is_closed",
            ),
            # Behind the lock on the room, which sees overlaps that do not start together too.
            models.UniqueConstraint(
                fields=["room", "starts_at"],
                condition=~Q(state="cancelled"),
                name="permanences_session_one_per_room",
            ),
        ]
        indexes = [
            models.Index(fields=["site", "starts_at"], name="permanences_session_day"),
            models.Index(fields=["leader", "starts_at"], name="permanences_session_leader"),
            models.Index(fields=["starts_at"], name="permanences_session_start"),
        ]

    def __str__(self) -> str:
        return self.topic

    @property
    def seats(self) -> int:
        """How many can take part: computers in working order, or seats, of the room."""
        if self.room is None:
            return 0
        return self.room.computers if self.needs_computer else self.room.seats

    @property
    def seats_left(self) -> int:
        """Seats that nobody has; needs ``with_counts``."""
        return max(0, self.seats - self.taken_count)  # type: ignore[attr-defined]

    @property
    def missing_seats(self) -> int:
        """How many who have a seat would find none: computers broke since; needs ``with_counts``."""
        return max(0, self.taken_count - self.seats)  # type: ignore[attr-defined]

    @property
    def is_planned(self) -> bool:
        """Whether it is still to come or not closed yet."""
        return self.state == SessionState.PLANNED

    @property
    def when(self) -> str:
        """``"jeudi 26 novembre à 14 h"``."""
        return words.moment(self.starts_at)


class SessionBooking(PublicId):
    """One person's place in a session, or an unplanned arrival by first name (``person`` empty until it is known who).

    The order of waiting is that of ``booked_at``. ``seated_at`` is when she got a seat: at once, or once one came
    free; empty while she waits and for who arrived unplanned.
    """

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="bookings")
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.CASCADE, related_name="session_bookings"
    )
    first_name = models.CharField(max_length=80, blank=True)
    is_unplanned = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=SeatState, default=SeatState.BOOKED)
    reason = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=80, unique=True)
    booked_at = models.DateTimeField()
    booked_by = models.CharField(max_length=80, blank=True)
    seated_at = models.DateTimeField(null=True, blank=True)
    changed_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["session", "person"],
                condition=Q(state__in=LIVE_SEATS),
                name="permanences_seat_one_per_person",
            ),
            models.CheckConstraint(
                condition=Q(state__in=SeatState.values), name="permanences_seat_known_state"
            ),
            models.CheckConstraint(
                condition=Q(person__isnull=False) | ~Q(first_name=""), name="permanences_seat_is_someones"
            ),
        ]
        indexes = [
            models.Index(fields=["session", "state", "booked_at"], name="permanences_seat_line"),
            models.Index(fields=["person", "-booked_at"], name="permanences_seat_who"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def short_name(self) -> str:
        """``"Adama K."``, or the first name of who arrived unplanned; reads the person, so load her with it."""
        return self.person.short_name if self.person is not None else self.first_name

    @property
    def state_word(self) -> str:
        """The state, agreed with how one speaks of her; reads the person, so load her with it."""
        return words.seat_word(self.state, self.person.grammar if self.person is not None else "")
