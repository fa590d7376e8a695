"""Sites, rooms, opening blocks of advisers, appointments, the walk-in queue, help without a name."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bagage.accounts.models import Organisation, User
from bagage.common.models import PublicId
from bagage.people.models import Person
from bagage.permanences import words


class Site(PublicId):
    """The physical place of one permanence.

    ``hours`` are in OpenStreetMap form ("Mo-Fr 09:00-12:30"), ``offers`` say what it can really help with now,
    ``access`` is step-free access: yes, no or unknown. ``computers`` are those that work.
    """

    organisation = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="site")
    address = models.CharField(max_length=200)
    postcode = models.CharField(max_length=5, blank=True)
    city = models.CharField(max_length=80)
    commune_code = models.CharField(max_length=5, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    way_there = models.CharField(max_length=160, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    hours = models.CharField(max_length=400, blank=True)
    offers_device = models.BooleanField(default=True)
    offers_connection = models.BooleanField(default=True)
    offers_skills = models.BooleanField(default=True)
    device_wait_days = models.PositiveSmallIntegerField(null=True, blank=True)
    languages = models.CharField(max_length=120, blank=True)
    access = models.CharField(
        max_length=10,
        choices=[("yes", _("oui")), ("no", _("non")), ("unknown", _("on ne sait pas"))],
        default="unknown",
    )
    computers = models.PositiveSmallIntegerField(default=0)
    appointment_minutes = models.PositiveSmallIntegerField(default=30)

    def __str__(self) -> str:
        return self.organisation.name

    @property
    def hours_in_words(self) -> str:
        """When it is open, as a sentence; empty when that is not known."""
        return words.hours_in_words(self.hours)

    @property
    def full_address(self) -> str:
        """Street, postcode and city on one line."""
        return f"{self.address}, {self.postcode} {self.city}".replace(",  ", ", ").strip(" ,")


class Room(models.Model):
    """A room of a site, with its computers in working order."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="rooms")
    name = models.CharField(max_length=60)
    seats = models.PositiveSmallIntegerField(default=0)
    computers = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Closure(models.Model):
    """Days on which a site is closed in spite of its hours."""

    site = models.ForeignKey(Site, on_delete=models.CASCADE, related_name="closures")
    first_day = models.DateField()
    last_day = models.DateField()
    reason = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=F("first_day")), name="permanences_closure_order"
            )
        ]

    def __str__(self) -> str:
        return f"{self.first_day} {self.last_day}"


class OpeningBlock(PublicId):
    """A stretch of time in which someone receives on appointment. Free slots = block ÷ duration − bookings.

    This is the row that is locked while one of its slots is taken.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="blocks")
    adviser = models.ForeignKey(User, on_delete=models.PROTECT, related_name="blocks")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    slot_minutes = models.PositiveSmallIntegerField(default=30)
    withdrawn_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="permanences_block_order"),
            models.CheckConstraint(condition=Q(slot_minutes__gt=0), name="permanences_block_slot"),
        ]
        indexes = [models.Index(fields=["site", "starts_at"], name="permanences_block_site")]

    def __str__(self) -> str:
        return str(self.uuid)


class AppointmentState(models.TextChoices):
    """Where an appointment stands; see ``domain/lifecycle.py`` for the ways between."""

    BOOKED = "booked", _("Attendue")
    ARRIVED = "arrived", _("Arrivée")
    UNDER_WAY = "under_way", _("En cours")
    DONE = "done", _("Partie")
    NO_SHOW = "no_show", _("Pas venue")
    EXCUSED = "excused", _("Excusée")
    CANCELLED = "cancelled", _("Annulé")
    MOVED = "moved", _("Déplacé")


HOLDING = ["booked", "arrived", "under_way", "done", "no_show"]


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    """Filters on appointments."""

    def holding(self) -> AppointmentQuerySet:
        """Those that take their slot."""
        return self.filter(state__in=HOLDING)

    def between(self, start: datetime, end: datetime) -> AppointmentQuerySet:
        """Those that start in [start, end)."""
        return self.filter(starts_at__gte=start, starts_at__lt=end)


class Appointment(PublicId):
    """One person with one member of the team at one moment.

    ``subject`` says in a word what for ("Premier entretien"). A moved appointment is two rows: the old one
    ``moved``, the new one with ``moved_from``; nothing is rewritten.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="appointments")
    block = models.ForeignKey(OpeningBlock, on_delete=models.PROTECT, related_name="appointments")
    adviser = models.ForeignKey(User, on_delete=models.PROTECT, related_name="appointments")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="appointments")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=AppointmentState, default=AppointmentState.BOOKED)
    subject = models.CharField(max_length=120, blank=True)
    language = models.CharField(max_length=60, blank=True)
    moved_from = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="moved_to"
    )
    booked_at = models.DateTimeField()
    booked_by = models.CharField(max_length=80, blank=True)
    changed_at = models.DateTimeField()
    arrived_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["adviser", "starts_at"],
                condition=Q(state__in=HOLDING),
                name="permanences_appointment_one_per_slot",
            ),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="permanences_appointment_order"
            ),
            models.CheckConstraint(
                condition=Q(state__in=AppointmentState.values), name="permanences_appointment_known_state"
            ),
        ]
        indexes = [
            models.Index(fields=["site", "starts_at"], name="permanences_appointment_day"),
            models.Index(fields=["person", "-starts_at"], name="permanences_appointment_who"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def state_word(self) -> str:
        """The state, agreed with how one speaks of her; reads the person, so load her with it."""
        return words.state_word(self.state, self.person.grammar)


class QueueEntry(PublicId):
    """Someone who came without an appointment: a first name is enough, a file is not needed.

    ``person`` is filled once it is known who she is. ``helper`` is who called her.
    """

    class State(models.TextChoices):
        """Where she stands."""

        WAITING = "waiting", _("Attend")
        CALLED = "called", _("Appelée")
        DONE = "done", _("Partie")
        LEFT = "left", _("Partie sans attendre")

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="queue")
    first_name = models.CharField(max_length=80)
    topic = models.CharField(max_length=120, blank=True)
    person = models.ForeignKey(
        Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="queue_entries"
    )
    helper = models.ForeignKey(User, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    key = models.CharField(max_length=40, unique=True)
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    came_at = models.DateTimeField()
    called_at = models.DateTimeField(null=True, blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    written_by = models.CharField(max_length=80, blank=True)

    class Meta:
        indexes = [models.Index(fields=["site", "came_at"], name="permanences_queue_day")]

    def __str__(self) -> str:
        return str(self.uuid)


class NamelessHelp(PublicId):
    """Someone was helped for a few minutes and gave no name: topic, minutes, done. Counted, traced to nobody."""

    class Topic(models.TextChoices):
        """What it was about."""

        PRINT = "print", _("Imprimer ou scanner")
        TOP_UP = "top_up", _("Ligne ou recharge")
        PHONE = "phone", _("Un téléphone, un réglage")
        MAIL = "mail", _("Un mail, un mot de passe")
        PROCEDURE = "procedure", _("Une démarche en ligne")
        INFORMATION = "information", _("Un renseignement")
        OTHER = "other", _("Autre chose")

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="nameless_help")
    topic = models.CharField(max_length=12, choices=Topic)
    minutes = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    key = models.CharField(max_length=40, unique=True)
    written_by = models.CharField(max_length=80, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(minutes__range=(1, 480)), name="permanences_namelesshelp_minutes"
            )
        ]
        indexes = [models.Index(fields=["site", "at"], name="permanences_help_day")]

    def __str__(self) -> str:
        return str(self.uuid)
