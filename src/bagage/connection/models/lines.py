"""The lines that persons hold, and what happened to each."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from bagage.common.models import PublicId
from bagage.connection.domain import lifecycle
from bagage.connection.models.catalogue import Line, Offer
from bagage.people.models import Person


class LineState(models.TextChoices):
    """Where a held line stands. Leaving for a plan of her own is the success; "void" was written by mistake."""

    ACTIVE = lifecycle.ACTIVE, _("Active")
    LAPSED = lifecycle.LAPSED, _("Arrêtée")
    LOST = lifecycle.LOST, _("Perdue")
    PORTED = lifecycle.PORTED, _("Numéro porté ailleurs")
    LEFT_FOR_PLAN = lifecycle.LEFT_FOR_PLAN, _("Quittée pour un forfait")
    CLOSED = lifecycle.CLOSED, _("Rendue")
    VOID = lifecycle.VOID, _("Notée par erreur")


LIVE_STATES = (LineState.ACTIVE, LineState.LAPSED)


class HeldLineQuerySet(models.QuerySet["HeldLine"]):
    """Filters on held lines."""

    def live(self) -> HeldLineQuerySet:
        """Those whose number is still hers on this line."""
        return self.filter(state__in=LIVE_STATES)

    def of_persons(self, person_ids: Iterable[int]) -> HeldLineQuerySet:
        """Those of these files, but for what was written by mistake."""
        return self.filter(person_id__in=list(person_ids)).exclude(state=LineState.VOID)

    def past(self, today: date) -> HeldLineQuerySet:
        """Active ones whose last day is over."""
        return self.filter(state=LineState.ACTIVE, live_until__lt=today)

    def about_to_lapse(self, first: date, last: date) -> HeldLineQuerySet:
        """Active ones whose last day is one of these, the nearest first."""
        return self.filter(state=LineState.ACTIVE, live_until__range=(first, last)).order_by(
            "live_until", "pk"
        )


class HeldLine(PublicId):
    """One SIM that a person holds. Its events are the truth; state and last day are computed from them at each act.

    ``line`` is the operator's range as the catalogue has it, or else ``words`` name it. ``number`` is in international
    form, and may stay unknown. ``has_no_end``: she pays by a plan; without it and without ``live_until``, nobody knows
    until when it lives.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="lines")
    line = models.ForeignKey(Line, null=True, blank=True, on_delete=models.PROTECT, related_name="held")
    words = models.CharField(max_length=120, blank=True)
    number = models.CharField(max_length=20, blank=True)
    state = models.CharField(max_length=14, choices=LineState)
    since = models.DateField(null=True, blank=True)
    live_until = models.DateField(null=True, blank=True)
    has_no_end = models.BooleanField(default=False)
    # The message that reminded her of the last day; empty when none did, or when it was taken back in time.
    reminder = models.CharField(max_length=100, blank=True)
    opened_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    objects = HeldLineQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=LineState.values), name="connection_heldline_known_state"
            ),
            models.CheckConstraint(
                condition=Q(line__isnull=False) | ~Q(words=""), name="connection_heldline_is_named"
            ),
            models.CheckConstraint(
                condition=Q(has_no_end=False) | Q(live_until=None), name="connection_heldline_one_end"
            ),
            models.UniqueConstraint(
                fields=["number"],
                condition=Q(state__in=["active", "lapsed"]) & ~Q(number=""),
                name="connection_heldline_one_live_number",
            ),
        ]
        indexes = [
            models.Index(
                fields=["live_until"], condition=Q(state="active"), name="connection_heldline_lapses"
            ),
        ]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def title(self) -> str:
        """What the range is called: ``"Opérateur, La Carte"``, or the words that were written."""
        return self.line.title if self.line is not None else self.words

    @property
    def is_live(self) -> bool:
        """Whether its number is still hers on this line."""
        return self.state in lifecycle.LIVE


class LineEvent(PublicId):
    """Something that happened to a line on a day. Never edited nor deleted: a mistake is followed by a counter-entry.

    ``offer`` is what was bought, as the catalogue had it, else ``what`` says it; for a line that was left, ``what``
    names where she went. ``price`` is in cents. ``was_told``: she was told until when her line lives. ``kept_number``:
    the number went with her. ``key`` makes a form that is sent twice count once.
    """

    class Kind(models.TextChoices):
        """What happened."""

        ACTIVATED = lifecycle.ACTIVATED, _("Ligne ouverte")
        TOPPED_UP = lifecycle.TOPPED_UP, _("Rechargée")
        LAPSED = lifecycle.LAPSED, _("Arrêtée, faute de recharge")
        LOST = lifecycle.LOST, _("Perdue")
        PORTED = lifecycle.PORTED, _("Numéro porté ailleurs")
        LEFT_FOR_PLAN = lifecycle.LEFT_FOR_PLAN, _("Quittée pour un forfait")
        CLOSED = lifecycle.CLOSED, _("Rendue")
        CORRECTED = lifecycle.CORRECTED, _("Défait")

    line = models.ForeignKey(HeldLine, on_delete=models.CASCADE, related_name="events")
    kind = models.CharField(max_length=14, choices=Kind)
    on = models.DateField()
    offer = models.ForeignKey(Offer, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    what = models.CharField(max_length=160, blank=True)
    price = models.PositiveIntegerField(null=True, blank=True)  # cents
    live_until = models.DateField(null=True, blank=True)
    has_no_end = models.BooleanField(default=False)
    was_told = models.BooleanField(default=False)
    kept_number = models.BooleanField(null=True, blank=True)
    note = models.CharField(max_length=200, blank=True)
    corrects = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="corrected_by"
    )
    key = models.CharField(max_length=64, unique=True)
    written_by = models.CharField(max_length=120, blank=True)
    written_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "activated",
                        "topped_up",
                        "lapsed",
                        "lost",
                        "ported",
                        "left_for_plan",
                        "closed",
                        "corrected",
                    ]
                ),
                name="connection_lineevent_known_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind="corrected", corrects__isnull=False)
                | (~Q(kind="corrected") & Q(corrects__isnull=True)),
                name="connection_lineevent_corrects_one",
            ),
            models.CheckConstraint(
                condition=Q(live_until=None) | Q(has_no_end=False), name="connection_lineevent_one_end"
            ),
        ]
        indexes = [models.Index(fields=["line", "on"], name="connection_lineevent_day")]

    def __str__(self) -> str:
        return f"{self.kind} {self.on}"

    @property
    def order(self) -> int:
        """The order in which events were written."""
        return self.pk

    @property
    def corrects_order(self) -> int | None:
        """Which event this counter-entry takes back."""
        return self.corrects_id

    @property
    def bought(self) -> str:
        """What was bought, or where she went; ``""`` when it was not said."""
        return self.offer.name if self.offer is not None else self.what
