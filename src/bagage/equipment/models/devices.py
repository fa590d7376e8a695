"""Devices, the numbers they are given, the rules of the network."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bagage.common.models import PublicId
from bagage.equipment.domain import grading, lifecycle
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
        return self.filter(state=State.READY).exclude(reservations__state=lifecycle.HELD)


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
            # The newest of a state, on the board of all sites; with the site, counting them reads this index alone.
            models.Index(fields=["state", "-state_since", "-id", "site"], name="equipment_device_newest"),
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
