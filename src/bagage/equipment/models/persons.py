"""Who a device is kept for, and who has it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bagage.common.models import PublicId
from bagage.equipment.domain import lifecycle
from bagage.equipment.models.devices import Device
from bagage.people.models import Person
from bagage.permanences.models import Site


class ReservationQuerySet(models.QuerySet["Reservation"]):
    """Filters on reservations."""

    def held(self) -> ReservationQuerySet:
        """Those that keep a device for someone now."""
        return self.filter(state=lifecycle.HELD)

    def of_persons(self, person_ids: Iterable[int]) -> ReservationQuerySet:
        """Those of these files."""
        return self.filter(person_id__in=list(person_ids))

    def past(self, today: date) -> ReservationQuerySet:
        """Held ones whose last day is over."""
        return self.held().filter(until__lt=today)


class Reservation(PublicId):
    """A device is kept for a person until a day. ``price`` (cents) is what it cost when it was kept.

    The counter notes the payment: ``paid_at`` and ``paid_receipt`` go together. A paid one does not lapse by itself.
    """

    class State(models.TextChoices):
        """Where it stands."""

        HELD = lifecycle.HELD, _("Réservé")
        USED = lifecycle.USED, _("Remis")
        RELEASED = lifecycle.RELEASED, _("Libéré")
        LAPSED = lifecycle.LAPSED, _("Tombé à sa date")

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="reservations")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="reservations")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="device_reservations")
    state = models.CharField(max_length=10, choices=State, default=State.HELD)
    price = models.PositiveIntegerField(default=0)  # cents
    until = models.DateField()
    reserved_at = models.DateTimeField()
    reserved_by = models.CharField(max_length=120, blank=True)
    paid_at = models.DateTimeField(null=True, blank=True)
    paid_receipt = models.CharField(max_length=40, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=120, blank=True)
    end_reason = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=64, unique=True)

    objects = ReservationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["device"], condition=Q(state="held"), name="equipment_reservation_one_held"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["held", "used", "released", "lapsed"]),
                name="equipment_reservation_known_state",
            ),
            models.CheckConstraint(
                condition=Q(state="held", ended_at=None) | (~Q(state="held") & Q(ended_at__isnull=False)),
                name="equipment_reservation_ended_once",
            ),
            models.CheckConstraint(
                condition=Q(paid_at=None, paid_receipt="") | (Q(paid_at__isnull=False) & ~Q(paid_receipt="")),
                name="equipment_reservation_paid_with_receipt",
            ),
        ]
        indexes = [
            models.Index(
                fields=["site", "until"], condition=Q(state="held"), name="equipment_reservation_lapses"
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def is_held(self) -> bool:
        """Whether it keeps its device now."""
        return self.state == lifecycle.HELD

    @property
    def is_to_pay(self) -> bool:
        """Whether the counter must take money before the device can be handed over."""
        return self.price > 0 and self.paid_at is None


class HandoverQuerySet(models.QuerySet["Handover"]):
    """Filters on handovers."""

    def open(self) -> HandoverQuerySet:
        """Those whose device is the person's now."""
        return self.filter(state=lifecycle.OPEN)

    def of_persons(self, person_ids: Iterable[int]) -> HandoverQuerySet:
        """Those of these files, but for what was undone."""
        return self.filter(person_id__in=list(person_ids)).exclude(state=lifecycle.UNDONE)


class Handover(PublicId):
    """A device was handed over to a person, who accepted the terms in her way.

    ``terms_version`` and ``language`` say what she read or heard; ``signature`` is what she drew, as the path of an
    SVG in a frame of 400 by 130; two names stand for words said before a witness. ``price`` in cents, with the receipt
    of the counter. Open until the device comes back for good; a repair under warranty does not end it.
    """

    class State(models.TextChoices):
        """Whether it holds."""

        OPEN = lifecycle.OPEN, _("chez la personne")
        ENDED = lifecycle.ENDED, _("rendu")
        UNDONE = lifecycle.UNDONE, _("défait")

    class Consent(models.TextChoices):
        """How she said yes."""

        SCREEN = "screen", _("À l’écran")
        PAPER = "paper", _("Sur papier")
        WITNESS = "witness", _("Devant témoin")

    class Reason(models.TextChoices):
        """How it came back."""

        RETURNED = lifecycle.RETURNED, _("elle n’en a plus besoin")
        BROKEN = lifecycle.BROKEN, _("cassé, elle le laisse")
        LOST = lifecycle.LOST, _("perdu")
        STOLEN = lifecycle.STOLEN, _("volé")

    device = models.ForeignKey(Device, on_delete=models.PROTECT, related_name="handovers")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="handovers")
    reservation = models.ForeignKey(Reservation, on_delete=models.PROTECT, related_name="handovers")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="handovers")
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    handed_over_at = models.DateTimeField()
    handed_over_by = models.CharField(max_length=120, blank=True)
    terms_version = models.CharField(max_length=12)
    language = models.CharField(max_length=8)
    consent = models.CharField(max_length=8, choices=Consent)
    signature = models.TextField(blank=True)
    reader = models.CharField(max_length=80, blank=True)
    witness = models.CharField(max_length=80, blank=True)
    checks = models.JSONField(default=list, blank=True)
    price = models.PositiveIntegerField(default=0)  # cents
    receipt = models.CharField(max_length=40, blank=True)
    warranty_months = models.PositiveSmallIntegerField(default=0)
    warranty_until = models.DateField(null=True, blank=True)
    returned_at = models.DateTimeField(null=True, blank=True)
    returned_by = models.CharField(max_length=120, blank=True)
    return_reason = models.CharField(max_length=10, choices=Reason, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    key = models.CharField(max_length=64, unique=True)

    objects = HandoverQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["device"], condition=Q(state="open"), name="equipment_handover_one_open"
            ),
            models.UniqueConstraint(
                fields=["reservation"], condition=~Q(state="undone"), name="equipment_handover_one_each"
            ),
            models.CheckConstraint(
                condition=Q(state="open", returned_at=None, undone_at=None)
                | Q(state="ended", returned_at__isnull=False, undone_at=None)
                | Q(state="undone", returned_at=None, undone_at__isnull=False),
                name="equipment_handover_known_state",
            ),
            models.CheckConstraint(
                condition=(Q(consent="screen") & ~Q(signature=""))
                | Q(consent="paper")
                | (Q(consent="witness") & ~Q(reader="") & ~Q(witness="")),
                name="equipment_handover_said_yes",
            ),
            models.CheckConstraint(
                condition=Q(price=0) | ~Q(receipt=""), name="equipment_handover_paid_first"
            ),
        ]
        indexes = [
            models.Index(fields=["person", "state"], name="equipment_handover_person"),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def is_open(self) -> bool:
        """Whether the device is hers now."""
        return self.state == lifecycle.OPEN

    def is_warranted(self, today: date) -> bool:
        """Whether a repair is free on that day, the last one included."""
        return self.warranty_until is not None and today <= self.warranty_until
