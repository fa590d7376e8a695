"""Devices, who they are kept for, who has them, and all that happened to each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bagage.common.models import PublicId
from bagage.equipment.domain import grading, lifecycle
from bagage.people.models import Person
from bagage.permanences.models import Site


class Kind(models.TextChoices):
    """What it is."""

    SMARTPHONE = grading.SMARTPHONE, _("Téléphone")
    LAPTOP = grading.LAPTOP, _("Ordinateur portable")
    TABLET = grading.TABLET, _("Tablette")
    DESKTOP = grading.DESKTOP, _("Ordinateur fixe")


# The letter that a number begins with.
LETTERS = {Kind.SMARTPHONE: "S", Kind.LAPTOP: "P", Kind.TABLET: "T", Kind.DESKTOP: "F"}


class State(models.TextChoices):
    """Where a device stands: the published list of the networks that refurbish, and "lost"."""

    TO_PROCESS = lifecycle.TO_PROCESS, _("À traiter")
    IN_WORKSHOP = lifecycle.IN_WORKSHOP, _("En atelier")
    NOT_REUSABLE = lifecycle.NOT_REUSABLE, _("Pas réemployable")
    READY_TO_ORDER = lifecycle.READY_TO_ORDER, _("Prêt à commander")
    IN_DELIVERY = lifecycle.IN_DELIVERY, _("En livraison")
    READY = lifecycle.READY, _("Prêt à remettre")
    HANDED_OVER = lifecycle.HANDED_OVER, _("Remis")
    AFTER_SALES = lifecycle.AFTER_SALES, _("Après-vente")
    LOST = lifecycle.LOST, _("Perdu ou volé")


class StorageKind(models.TextChoices):
    """On what it keeps."""

    SSD = grading.SSD, _("SSD")
    NVME = grading.NVME, _("SSD NVMe")
    HDD = grading.HDD, _("disque dur")
    FLASH = grading.FLASH, _("mémoire du téléphone ou de la tablette")


class System(models.TextChoices):
    """What runs on it."""

    ANDROID = "android", _("Android")
    IOS = "ios", _("iOS")
    LINUX = "linux", _("Linux")
    MACOS = "macos", _("macOS")
    WINDOWS_10 = grading.WINDOWS_10, _("Windows 10")
    WINDOWS_11 = "windows_11", _("Windows 11")
    NONE = "none", _("aucun système")


class Technical(models.TextChoices):
    """How it works."""

    WORKS = grading.WORKS, _("tout marche")
    SMALL_FAULT = grading.SMALL_FAULT, _("un petit défaut")
    LOCKED = grading.LOCKED, _("bloqué par un compte ou un code")
    TO_REPAIR = grading.TO_REPAIR, _("à réparer")
    DEAD = grading.DEAD, _("hors d’usage")


class Look(models.TextChoices):
    """How it looks."""

    AS_NEW = grading.AS_NEW, _("comme neuf")
    CLEAN = grading.CLEAN, _("propre")
    WORN = grading.WORN, _("marqué")
    DAMAGED = grading.DAMAGED, _("abîmé")


class EquipmentRules(models.Model):
    """What each network decides: one row. The values given at first are examples, and said so until they are looked at.

    ``devices_per_person`` counts the devices a person has now, over all sites; no published figure exists
    (``domain_facts.md``: "per-person equipment cap: not found"). ``undo_hours``: for how long a handover can be undone.
    ``slow_days``: a device that waits longer to be processed asks attention; ``low_ready``: fewer ready ones do.
    """

    devices_per_person = models.PositiveSmallIntegerField(default=1)
    warranty_months = models.PositiveSmallIntegerField(default=6)
    reservation_days = models.PositiveSmallIntegerField(default=7)
    undo_hours = models.PositiveSmallIntegerField(default=24)
    slow_days = models.PositiveSmallIntegerField(default=30)
    low_ready = models.PositiveSmallIntegerField(default=3)
    is_example = models.BooleanField(default=True)
    changed_at = models.DateTimeField(null=True, blank=True)
    changed_by = models.CharField(max_length=120, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="equipment_rules_one_row"),
            models.CheckConstraint(condition=Q(devices_per_person__gte=1), name="equipment_rules_one_device"),
            models.CheckConstraint(condition=Q(reservation_days__gte=1), name="equipment_rules_one_day"),
        ]

    def __str__(self) -> str:
        return "rules"


class DeviceCounter(models.Model):
    """The last number given to a kind; the row is locked while the next one is taken."""

    kind = models.CharField(max_length=12, choices=Kind, unique=True)
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="equipment_counter_known_kind")
        ]

    def __str__(self) -> str:
        return self.kind


class DeviceQuerySet(models.QuerySet["Device"]):
    """Filters on devices."""

    def at_nodes(self, node_ids: Iterable[int]) -> DeviceQuerySet:
        """Those of the sites of these nodes."""
        return self.filter(site__organisation_id__in=list(node_ids))

    def free(self) -> DeviceQuerySet:
        """Ready to hand over, and kept for nobody."""
        held = Reservation.objects.filter(state=lifecycle.HELD, device=models.OuterRef("pk"))
        return self.filter(~models.Exists(held), state=State.READY)


class Device(PublicId):
    """One device. ``number`` is on its label ("S-0744"); ``price`` is in cents, 0 when it is given.

    Memory and storage are in GB; ``cpu_mark`` is the index of a computer's processor, of a telephone's speed;
    ``battery`` in per cent. What nobody has measured is empty. ``grade`` is empty until all is measured; its lines
    (``grade_lines``, as :class:`bagage.equipment.domain.grading.Line`) are kept with it, with the day it was computed.
    """

    number = models.CharField(max_length=12, unique=True)
    kind = models.CharField(max_length=12, choices=Kind)
    brand = models.CharField(max_length=60, blank=True)
    model = models.CharField(max_length=80)
    serial = models.CharField(max_length=60, blank=True)
    imei = models.CharField(max_length=20, blank=True)
    system = models.CharField(max_length=12, choices=System, blank=True)
    memory = models.DecimalField(max_digits=5, decimal_places=1, null=True, blank=True)
    storage = models.PositiveIntegerField(null=True, blank=True)
    storage_kind = models.CharField(max_length=8, choices=StorageKind, blank=True)
    cpu_mark = models.PositiveIntegerField(null=True, blank=True)
    battery = models.PositiveSmallIntegerField(null=True, blank=True)
    technical = models.CharField(max_length=12, choices=Technical, blank=True)
    technical_note = models.CharField(max_length=200, blank=True)
    look = models.CharField(max_length=10, choices=Look, blank=True)
    look_note = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=16, choices=State, default=State.TO_PROCESS)
    state_since = models.DateTimeField()
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="devices")
    price = models.PositiveIntegerField(default=0)  # cents
    lot = models.CharField(max_length=80, blank=True)
    donor = models.CharField(max_length=120, blank=True)
    received_on = models.DateField()
    grade = models.CharField(max_length=8, blank=True)
    grade_points = models.SmallIntegerField(null=True, blank=True)
    grade_lines = models.JSONField(default=list, blank=True)
    graded_on = models.DateField(null=True, blank=True)
    changed_at = models.DateTimeField()

    objects = DeviceQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["serial"], condition=~Q(serial=""), name="equipment_device_one_serial"
            ),
            models.UniqueConstraint(fields=["imei"], condition=~Q(imei=""), name="equipment_device_one_imei"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="equipment_device_known_kind"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="equipment_device_known_state"),
            models.CheckConstraint(condition=~Q(model=""), name="equipment_device_has_a_model"),
            models.CheckConstraint(
                condition=Q(battery=None) | Q(battery__lte=100), name="equipment_device_battery"
            ),
            models.CheckConstraint(
                condition=Q(grade="", grade_points=None) | (~Q(grade="") & Q(grade_points__isnull=False)),
                name="equipment_device_grade_has_points",
            ),
        ]
        indexes = [
            models.Index(fields=["site", "state", "state_since"], name="equipment_device_board"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def name(self) -> str:
        """What it is called: "Samsung Galaxy A14"."""
        return f"{self.brand} {self.model}".strip()

    @property
    def measures(self) -> grading.Measures:
        """What was measured, for its grade."""
        return grading.Measures(
            kind=self.kind,
            memory=None if self.memory is None else float(self.memory),
            storage=self.storage,
            storage_kind=self.storage_kind,
            processor=self.cpu_mark,
            technical=self.technical,
            look=self.look,
            system=self.system,
        )


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
