"""One person with one member of the team at one moment."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bagage.accounts.models import User
from bagage.common.models import PublicId
from bagage.people.models import Person
from bagage.permanences import words
from bagage.permanences.models.sites import OpeningBlock, Site


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
