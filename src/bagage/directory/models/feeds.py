"""Where the places of the panorama come from: open files and addresses, what each reading brought, rows set aside."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bagage.common.models import PublicId


class Feed(PublicId):
    """One source of places that is read again and again: a file given by hand, or an address on a schedule.

    ``mapping`` says which column becomes which field, for files of no standard. ``every_hours`` is ``None`` for a file
    given by hand. ``etag`` and ``last_modified`` are as the address answered last, to ask only for what changed.
    ``failing_since`` is when the address first failed after its last good answer; what was read before stays.
    ``compare_since``: what changed since then was not compared with other places yet, but for communes up to the code
    ``compared_up_to``.
    """

    class Format(models.TextChoices):
        """What its rows are."""

        MEDIATION = "mediation", _("Standard des lieux de médiation numérique")
        DATA_INCLUSION = "data_inclusion", _("data·inclusion")
        HSDS = "hsds", _("HSDS 3")
        LIBRARIES = "libraries", _("Bibliothèques publiques")
        TABLE = "table", _("Un autre tableau, colonnes à choisir")

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    format = models.CharField(max_length=16, choices=Format)
    licence = models.CharField(max_length=80, blank=True)
    url = models.CharField(max_length=500, blank=True)
    mapping = models.JSONField(default=dict, blank=True)
    every_hours = models.PositiveSmallIntegerField(null=True, blank=True)
    etag = models.CharField(max_length=200, blank=True)
    last_modified = models.CharField(max_length=60, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    loaded_at = models.DateTimeField(null=True, blank=True)
    failing_since = models.DateTimeField(null=True, blank=True)
    failure = models.CharField(max_length=200, blank=True)
    compare_since = models.DateTimeField(null=True, blank=True)
    compared_up_to = models.CharField(max_length=5, blank=True)
    created_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="directory_feed_is_named"),
            models.CheckConstraint(
                condition=Q(format__in=["mediation", "data_inclusion", "hsds", "libraries", "table"]),
                name="directory_feed_known_format",
            ),
            models.CheckConstraint(
                condition=Q(every_hours=None) | (Q(every_hours__gte=1, every_hours__lte=744) & ~Q(url="")),
                name="directory_feed_schedule_has_address",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FeedRun(PublicId):
    """One reading of a feed. ``counts`` are rows: read, created, updated, unchanged, ended, set_aside, by name.

    ``CUT_OFF``: its process ended in the middle; what it had written stands, and the next reading goes on from there.
    """

    class State(models.TextChoices):
        """How it ended."""

        RUNNING = "running", _("en cours")
        DONE = "done", _("lu")
        UNCHANGED = "unchanged", _("rien de nouveau")
        FAILED = "failed", _("n’a pas pu être lu")
        CUT_OFF = "cut_off", _("coupé au milieu")

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=10, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    moved_at = models.DateTimeField()
    counts = models.JSONField(default=dict, blank=True)
    failure = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["running", "done", "unchanged", "failed", "cut_off"]),
                name="directory_feed_run_known_state",
            ),
            models.CheckConstraint(
                condition=Q(state="running", ended_at=None)
                | (~Q(state="running") & Q(ended_at__gte=F("started_at"))),
                name="directory_feed_run_ends",
            ),
        ]
        indexes = [models.Index(fields=["feed", "-started_at"], name="directory_feed_run_newest")]

    def __str__(self) -> str:
        return f"{self.feed_id} {self.started_at:%Y-%m-%d %H:%M}"


class FeedRow(PublicId):
    """A row that could not be read as a place, kept whole with the reason until it is mended, here or at its source.

    ``key`` is its identifier in the source, or ``#12`` for the twelfth row of a file without one. ``values`` is the row
    as it came, ``mended`` the values that someone here wrote instead; ``faults`` are ``field``, ``code``, ``value``,
    ``proposed`` each.
    """

    class State(models.TextChoices):
        """Where it stands."""

        ASIDE = "aside", _("mise de côté")
        MENDED = "mended", _("corrigée")
        LEFT = "left", _("laissée")

    feed = models.ForeignKey(Feed, on_delete=models.CASCADE, related_name="rows")
    run = models.ForeignKey(FeedRun, null=True, blank=True, on_delete=models.SET_NULL, related_name="rows")
    key = models.CharField(max_length=120)
    number = models.PositiveIntegerField()
    values = models.JSONField(default=dict)
    mended = models.JSONField(default=dict, blank=True)
    faults = models.JSONField(default=list)
    state = models.CharField(max_length=8, choices=State, default=State.ASIDE)
    moved_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["feed", "key"], name="directory_feed_row_once"),
            models.CheckConstraint(
                condition=Q(state__in=["aside", "mended", "left"]), name="directory_feed_row_known_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.feed_id} {self.key}"
