"""All that happened to each device."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bagage.common.models import PublicId
from bagage.equipment.models.devices import Device, State
from bagage.people.models import Person
from bagage.permanences.models import Site


class DeviceEvent(PublicId):
    """Something that happened to a device. Never edited nor deleted.

    ``kind`` is one of :attr:`KINDS`; ``key`` makes a form that is sent twice count once.
    """

    class Kind(models.TextChoices):
        """What happened."""

        RECEIVED = "received", _("Entré")
        CHANGED = "changed", _("Fiche changée")
        GRADED = "graded", _("Grade calculé")
        STATE = "state", _("État changé")
        RESERVED = "reserved", _("Réservé")
        RELEASED = "released", _("Réservation libérée")
        LAPSED = "lapsed", _("Réservation tombée à sa date")
        PAID = "paid", _("Payé")
        UNPAID = "unpaid", _("Paiement défait")
        HANDED_OVER = "handed_over", _("Remis")
        UNDONE = "undone", _("Remise défaite")
        RETURNED = "returned", _("Rendu")
        BROKEN = "broken", _("Rendu cassé")
        REPAIR = "repair", _("Revenu pour réparation")
        REPAIRED = "repaired", _("Rendu réparé à la personne")
        LOST = "lost", _("Perdu")
        STOLEN = "stolen", _("Volé")

    device = models.ForeignKey(Device, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=12, choices=Kind)
    at = models.DateTimeField()
    written_by = models.CharField(max_length=120, blank=True)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    site = models.ForeignKey(Site, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    old_state = models.CharField(max_length=16, choices=State, blank=True)
    new_state = models.CharField(max_length=16, choices=State, blank=True)
    note = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=80, unique=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "received",
                        "changed",
                        "graded",
                        "state",
                        "reserved",
                        "released",
                        "lapsed",
                        "paid",
                        "unpaid",
                        "handed_over",
                        "undone",
                        "returned",
                        "broken",
                        "repair",
                        "repaired",
                        "lost",
                        "stolen",
                    ]
                ),
                name="equipment_event_known_kind",
            ),
        ]
        indexes = [
            models.Index(fields=["device", "-at"], name="equipment_event_day"),
            models.Index(
                fields=["person", "-at"], condition=Q(person__isnull=False), name="equipment_event_person"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.at:%Y-%m-%d}"
