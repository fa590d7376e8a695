"""Sites, rooms, days on which they are closed, and the blocks in which someone receives."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bagage.accounts.models import Organisation, User
from bagage.common import hour_words
from bagage.common.models import PublicId


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
        return hour_words.hours_in_words(self.hours)

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
