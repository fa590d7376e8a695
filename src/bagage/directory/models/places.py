"""Places where someone is helped, and what each gives: a published listing, not who signs in.

:class:`bagage.accounts.models.Organisation` is who works here and who refers; a structure may be linked to one.
"""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bagage.accounts.models import Organisation
from bagage.common.models import PublicId
from bagage.directory.domain import places
from bagage.directory.domain.needs import Cost, Need


class StructureQuerySet(models.QuerySet["Structure"]):
    """Filters on places."""

    def current(self) -> StructureQuerySet:
        """Those that their source still lists."""
        return self.filter(ended_at=None)

    def current_anywhere(self) -> StructureQuerySet:
        """The same, for a search that reads the whole table.

        Said the other way round: for ``IS NULL`` SQLite goes through an index of the current ones, row after row.
        """
        return self.exclude(ended_at__isnull=False)

    def within(self, south: float, north: float, west: float, east: float) -> StructureQuerySet:
        """Those whose point lies in the box, in degrees."""
        return self.filter(latitude__range=(south, north), longitude__range=(west, east))


class Structure(PublicId):
    """One place as its source lists it. Empty text and ``None`` mean that nobody said; nothing is supposed.

    ``position`` says what the point is: of the place, or of the middle of its commune. ``hours`` are in OpenStreetMap
    form, ``weekly_hours`` how many hours a week it opens where only that is known. ``fields_from`` names the fields
    that do not come from the source as it is (``{"kind": "name"}``: the name says it). ``verified_on``: someone here
    asked. ``ended_at``: its source lists it no more.
    """

    class Kind(models.TextChoices):
        """What the place is."""

        LIBRARY = places.LIBRARY, _("Bibliothèque")
        DIGITAL_SPACE = places.DIGITAL_SPACE, _("Espace public numérique")
        FRANCE_SERVICES = places.FRANCE_SERVICES, _("France Services")
        ASSOCIATION = places.ASSOCIATION, _("Association")
        TOWN_SERVICE = places.TOWN_SERVICE, _("Service de la commune")
        SOCIAL_CENTRE = places.SOCIAL_CENTRE, _("Centre social")
        EMPLOYMENT = places.EMPLOYMENT, _("Service pour l’emploi")
        YOUTH = places.YOUTH, _("Lieu pour les jeunes")
        THIRD_PLACE = places.THIRD_PLACE, _("Tiers-lieu")
        POST_OFFICE = places.POST_OFFICE, _("Bureau de poste")
        STATE_SERVICE = places.STATE_SERVICE, _("Service public")
        PERMANENCE = places.PERMANENCE, _("Permanence du réseau")
        UNKNOWN = places.UNKNOWN, _("Lieu d’aide, on ne sait pas lequel")

    class Position(models.TextChoices):
        """What its point is."""

        EXACT = places.EXACT, _("son adresse")
        COMMUNE = places.COMMUNE, _("le centre de sa commune")
        UNKNOWN = places.NOWHERE, _("on ne sait pas")

    # SIRET or number in the register of associations.
    pivot = models.CharField(max_length=14, blank=True)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=16, choices=Kind, default=Kind.UNKNOWN)
    kind_words = models.CharField(max_length=80, blank=True)
    parent = models.CharField(max_length=120, blank=True)
    address = models.CharField(max_length=200, blank=True)
    address_more = models.CharField(max_length=120, blank=True)
    postcode = models.CharField(max_length=10, blank=True)
    city = models.CharField(max_length=80, blank=True)
    commune_code = models.CharField(max_length=5, blank=True)
    latitude = models.FloatField(null=True, blank=True)
    longitude = models.FloatField(null=True, blank=True)
    position = models.CharField(max_length=8, choices=Position, default=Position.UNKNOWN)
    is_mobile = models.BooleanField(null=True, blank=True)
    phone = models.CharField(max_length=20, blank=True)
    email = models.CharField(max_length=254, blank=True)
    website = models.CharField(max_length=300, blank=True)
    booking_url = models.CharField(max_length=300, blank=True)
    hours = models.CharField(max_length=300, blank=True)
    weekly_hours = models.FloatField(null=True, blank=True)
    presentation = models.TextField(blank=True)
    description = models.TextField(blank=True)
    accessibility = models.CharField(max_length=300, blank=True)
    labels = models.JSONField(default=list, blank=True)
    # What the source says and no column holds, by the name that it has there: exports give it back.
    more = models.JSONField(default=dict, blank=True)
    # Closed for a while, said by the place or by someone here: the last day of it.
    closed_until = models.DateField(null=True, blank=True)
    same_as = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.SET_NULL, related_name="same_places"
    )
    feed = models.ForeignKey(
        "directory.Feed", null=True, blank=True, on_delete=models.PROTECT, related_name="structures"
    )
    organisation = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.SET_NULL, related_name="structures"
    )
    source = models.CharField(max_length=60)
    source_id = models.CharField(max_length=120)
    source_url = models.CharField(max_length=500, blank=True)
    licence = models.CharField(max_length=80, blank=True)
    source_date = models.DateField(null=True, blank=True)
    verified_on = models.DateField(null=True, blank=True)
    fields_from = models.JSONField(default=dict, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    # What is searched: name, parent, address and city, folded.
    folded = models.CharField(max_length=600, blank=True)
    # Of what was read; the same as long as the source says the same.
    fingerprint = models.CharField(max_length=64, blank=True)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = StructureQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["source", "source_id"], name="directory_structure_once_a_source"),
            models.CheckConstraint(condition=~Q(name=""), name="directory_structure_is_named"),
            models.CheckConstraint(
                condition=Q(same_as=None) | ~Q(same_as=F("id")), name="directory_structure_not_same_as_itself"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "library",
                        "digital_space",
                        "france_services",
                        "association",
                        "town_service",
                        "social_centre",
                        "employment",
                        "youth",
                        "third_place",
                        "post_office",
                        "state_service",
                        "permanence",
                        "unknown",
                    ]
                ),
                name="directory_structure_known_kind",
            ),
            models.CheckConstraint(
                condition=Q(position="unknown", latitude=None, longitude=None)
                | Q(
                    position__in=["exact", "commune"],
                    latitude__range=(-90, 90),
                    longitude__range=(-180, 180),
                    latitude__isnull=False,
                    longitude__isnull=False,
                ),
                name="directory_structure_known_point",
            ),
            models.CheckConstraint(
                condition=Q(weekly_hours=None) | Q(weekly_hours__gt=0, weekly_hours__lte=168),
                name="directory_structure_hours_of_a_week",
            ),
        ]
        indexes = [
            models.Index(
                fields=["latitude", "longitude"],
                condition=Q(ended_at=None),
                name="directory_structure_point",
            ),
            # The change feed, page after page.
            models.Index(fields=["changed_at", "id"], name="directory_structure_changes"),
            models.Index(
                fields=["commune_code"], condition=Q(ended_at=None), name="directory_structure_commune"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Service(PublicId):
    """One thing that a place gives. What is not said stays unknown; ``words`` and ``cost_words`` are the source's own.

    The lists hold codes of :mod:`bagage.directory.domain.needs`, or the source's word where it is in none of them.
    ``accessibility`` is what is said of it, or the address of its page on Acceslibre. A source that names services one
    by one gives each its ``source_id``, and may say several needs (``needs``, ``need`` being the first) and other
    ``themes`` (codes of data·inclusion v1); a source that only lists what a place gives has one row a need, without.
    """

    class NeedChoice(models.TextChoices):
        """What someone comes for."""

        USE_COMPUTER_HERE = Need.USE_COMPUTER_HERE.value, _("Utiliser un ordinateur sur place")
        GET_DEVICE = Need.GET_DEVICE.value, _("Obtenir un appareil")
        USE_WIFI_HERE = Need.USE_WIFI_HERE.value, _("Se connecter sur place")
        GET_CONNECTION = Need.GET_CONNECTION.value, _("Obtenir une connexion")
        LEARN_BASICS = Need.LEARN_BASICS.value, _("Apprendre")
        ONLINE_PROCEDURES = Need.ONLINE_PROCEDURES.value, _("Faire une démarche")
        UNDERSTAND = Need.UNDERSTAND.value, _("Comprendre le numérique")
        STAY_SAFE = Need.STAY_SAFE.value, _("Se protéger en ligne")
        FIND_WORK = Need.FIND_WORK.value, _("Chercher un travail en ligne")
        RAISE_CHILDREN = Need.RAISE_CHILDREN.value, _("Accompagner ses enfants")
        CREATE = Need.CREATE.value, _("Loisirs et création")
        PRINT_SCAN = Need.PRINT_SCAN.value, _("Imprimer, scanner")
        HELPED_AT_HOME = Need.HELPED_AT_HOME.value, _("Être aidé chez soi")
        OTHER = Need.OTHER.value, _("Une aide qui n’est pas numérique")
        UNKNOWN = Need.UNKNOWN.value, _("Aide au numérique, on ne sait pas laquelle")

    class CostChoice(models.TextChoices):
        """What it costs whoever comes."""

        FREE = Cost.FREE.value, _("Gratuit")
        CONDITIONS = Cost.CONDITIONS.value, _("Gratuit sous conditions")
        PAID = Cost.PAID.value, _("Payant")
        UNKNOWN = Cost.UNKNOWN.value, _("Prix : on ne sait pas")

    structure = models.ForeignKey(Structure, on_delete=models.CASCADE, related_name="services")
    need = models.CharField(max_length=20, choices=NeedChoice, default=NeedChoice.UNKNOWN)
    needs = models.JSONField(default=list, blank=True)
    source_id = models.CharField(max_length=120, blank=True)
    name = models.CharField(max_length=200, blank=True)
    description = models.TextField(blank=True)
    themes = models.JSONField(default=list, blank=True)
    # Hours of this service, where they are others than those of the place.
    hours = models.CharField(max_length=300, blank=True)
    source_date = models.DateField(null=True, blank=True)
    more = models.JSONField(default=dict, blank=True)
    words = models.CharField(max_length=200, blank=True)
    cost = models.CharField(max_length=21, choices=CostChoice, default=CostChoice.UNKNOWN)
    cost_words = models.CharField(max_length=120, blank=True)
    languages = models.JSONField(default=list, blank=True)
    publics = models.JSONField(default=list, blank=True)
    care = models.JSONField(default=list, blank=True)
    modes = models.JSONField(default=list, blank=True)
    access = models.JSONField(default=list, blank=True)
    accessibility = models.CharField(max_length=300, blank=True)

    class Meta:
        # As its source lists them, on either database.
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["structure", "need", "source_id"], name="directory_service_once_a_place"
            ),
            models.CheckConstraint(
                condition=Q(
                    need__in=[
                        "use_computer_here",
                        "get_device",
                        "use_wifi_here",
                        "get_connection",
                        "learn_basics",
                        "online_procedures",
                        "understand",
                        "stay_safe",
                        "find_work",
                        "raise_children",
                        "create",
                        "print_scan",
                        "helped_at_home",
                        "other",
                        "unknown",
                    ]
                ),
                name="directory_service_known_need",
            ),
            models.CheckConstraint(
                condition=Q(cost__in=["free", "free_under_conditions", "paid", "unknown"]),
                name="directory_service_known_cost",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.need} {self.structure_id}"

    @property
    def is_known(self) -> bool:
        """Whether it is said what is given."""
        return self.need != Need.UNKNOWN

    @property
    def all_needs(self) -> list[str]:
        """Every need that it answers, the first one first."""
        return list(self.needs) or [self.need]
