"""Lines and offers as data: each row holds from a day to a day and is never edited.

Money is whole numbers: cents for prices, hundredths of a cent for unit prices (a minute, a message, a megabyte).
"""

from __future__ import annotations

import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from bagage.common.models import PublicId
from bagage.connection.domain import programme


class Catalogue(models.Model):
    """One row: what changes the catalogue locks it, and gives it a new ``stamp`` that says "read it again".

    ``about`` is what a file said of itself, shown above the offers: "exemple inventé".
    """

    stamp = models.UUIDField(default=uuid.uuid4)
    about = models.TextField(blank=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(pk=1), name="connection_catalogue_one_row")]

    def __str__(self) -> str:
        return str(self.stamp)


class CatalogueImport(PublicId):
    """A file that was read: its offers wait in ``programme`` until someone confirms; then ``done`` says what to undo.

    ``problems`` are the rows set aside, each with row, column, rule and what was written, so that nothing is lost.
    """

    class State(models.TextChoices):
        """A preview writes nothing; an undone import has taken away all that it brought."""

        PREVIEW = "preview", _("À confirmer")
        DONE = "done", _("Importé")
        UNDONE = "undone", _("Défait")

    file_name = models.CharField(max_length=120)
    state = models.CharField(max_length=8, choices=State, default=State.PREVIEW)
    begins_on = models.DateField()
    programme = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    done = models.JSONField(default=dict)
    read_by = models.CharField(max_length=120, blank=True)
    read_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=["preview", "done", "undone"]), name="connection_import_state"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} {self.state}"


class Line(PublicId):
    """One SIM of one operator's range. ``code`` is its id in programme files; what it costs is in :class:`LineTerms`.

    A line without terms is only history: offers that a source tells of, never ranked.
    """

    code = models.CharField(max_length=80, unique=True)
    operator = models.CharField(max_length=120)
    name = models.CharField(max_length=120, blank=True)
    is_solidarity = models.BooleanField(default=False)
    # The order of the catalogue settles the last ties of a ranking.
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    imported_by = models.ForeignKey(
        CatalogueImport, null=True, blank=True, on_delete=models.PROTECT, related_name="lines"
    )

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.code

    @property
    def title(self) -> str:
        """``"Opérateur, La Carte"``."""
        return ", ".join(part for part in (self.operator, self.name) if part) or self.code


class DatedQuerySet(models.QuerySet):  # type: ignore[type-arg]
    """Rows that hold from ``begins_on`` on, up to the day before ``ends_on``."""

    def on(self, day: date) -> DatedQuerySet:
        """Those that hold on this day."""
        return self.filter(Q(begins_on__lte=day) & (Q(ends_on=None) | Q(ends_on__gt=day)))


class LineTerms(PublicId):
    """What the SIM costs and what its credit pays, from a day to the day before another. Never edited."""

    line = models.ForeignKey(Line, on_delete=models.CASCADE, related_name="terms")
    sim_price = models.PositiveIntegerField()  # cents
    monthly_cap = models.PositiveIntegerField(null=True, blank=True)  # cents
    unit_prices = models.JSONField(default=dict, blank=True)  # resource: hundredths of a cent
    begins_on = models.DateField()
    ends_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    imported_by = models.ForeignKey(
        CatalogueImport, null=True, blank=True, on_delete=models.PROTECT, related_name="terms"
    )

    objects = DatedQuerySet.as_manager()

    class Meta:
        ordering = ["begins_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("begins_on")), name="connection_terms_dates"
            ),
            models.UniqueConstraint(
                fields=["line"], condition=Q(ends_on=None), name="connection_terms_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.line_id} {self.begins_on}"

    def as_sold(self, offers: tuple[programme.Offer, ...] = ()) -> programme.Line:
        """The line as the engine reads it, with these offers; ``line`` must be loaded."""
        return programme.Line(
            id=self.line.code,
            operator=self.line.operator,
            name=self.line.name,
            sim_price=self.sim_price,
            offers=offers,
            monthly_cap=self.monthly_cap,
            solidarity=self.line.is_solidarity,
            unit_prices=self.unit_prices,
        )


class OfferQuerySet(DatedQuerySet):
    """Filters on offers."""

    def on(self, day: date) -> OfferQuerySet:
        """Those on sale on this day; what is only history never is."""
        return super().on(day).filter(is_history=False)  # type: ignore[return-value]

    def history(self) -> OfferQuerySet:
        """What sources tell of, from other times."""
        return self.filter(is_history=True)


class Offer(PublicId):
    """A plan or a top-up as it is sold from ``begins_on`` on, up to the day before ``ends_on``. Never edited.

    When something about it changes, this row ends and another with the same ``code`` begins, which ``replaces`` it.
    Saying that it still holds (``verified_on``) is the one thing written on it later. ``requires`` is a list; each
    item is a condition or a list of alternatives. ``unknown`` names what the source does not say: such an offer is
    to be checked, and never ranked. ``is_history``: a source tells of it, ``as_written`` keeps its very words.
    """

    class Kind(models.TextChoices):
        """A plan is paid every 30 days; a top-up is bought when it is wanted."""

        PLAN = "plan", _("Forfait")
        TOP_UP = "top_up", _("Recharge")

    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="offers")
    code = models.CharField(max_length=80)
    name = models.CharField(max_length=160)
    kind = models.CharField(max_length=6, choices=Kind)
    price = models.PositiveIntegerField(null=True, blank=True)  # cents
    validity_days = models.PositiveIntegerField(null=True, blank=True)
    allowances = models.JSONField(default=dict, blank=True)  # resource: amount, or null for unlimited
    credit = models.PositiveIntegerField(default=0)  # cents
    overage = models.JSONField(default=dict, blank=True)  # resource: hundredths of a cent
    commitment_months = models.PositiveSmallIntegerField(default=0)
    requires = models.JSONField(default=list, blank=True)
    source = models.TextField(blank=True)
    as_of = models.CharField(max_length=80, blank=True)
    verified_on = models.DateField(null=True, blank=True)
    unknown = models.JSONField(default=list, blank=True)
    note = models.TextField(blank=True)
    begins_on = models.DateField(null=True, blank=True)
    ends_on = models.DateField(null=True, blank=True)
    replaces = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by"
    )
    is_history = models.BooleanField(default=False)
    as_written = models.JSONField(default=dict, blank=True)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()
    imported_by = models.ForeignKey(
        CatalogueImport, null=True, blank=True, on_delete=models.PROTECT, related_name="offers"
    )

    objects = OfferQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=["plan", "top_up"]), name="connection_offer_kind"),
            models.CheckConstraint(
                condition=Q(price=None) | Q(price__gt=0) | Q(is_history=True), name="connection_offer_price"
            ),
            models.CheckConstraint(
                condition=Q(begins_on__isnull=False) | Q(is_history=True), name="connection_offer_begins"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(ends_on__gte=F("begins_on")), name="connection_offer_dates"
            ),
            # The same thing is not sold twice at once: one open row a code.
            models.UniqueConstraint(
                fields=["code"],
                condition=Q(ends_on=None, is_history=False),
                name="connection_offer_one_open",
            ),
        ]
        indexes = [models.Index(fields=["line", "code"], name="connection_offer_line_code")]

    def __str__(self) -> str:
        return self.code

    @property
    def is_to_check(self) -> bool:
        """Whether its source leaves something out."""
        return bool(self.unknown)

    def is_coming(self, today: date) -> bool:
        """Whether it is announced for a later day."""
        return bool(self.begins_on and self.begins_on > today)

    def is_past(self, today: date) -> bool:
        """Whether it was sold, and is not any more."""
        return bool(not self.is_history and self.ends_on and self.ends_on <= today)

    def is_sold(self, today: date) -> bool:
        """Whether one can have it on this day."""
        return not self.is_history and not self.is_coming(today) and not self.is_past(today)

    @property
    def as_sold(self) -> programme.Offer:
        """The offer as the engine reads it. ``allowances.sms`` in ``unknown`` makes ``allowances`` unknown there."""
        return programme.Offer(
            id=self.code,
            name=self.name,
            kind=self.kind,
            price=self.price or 0,
            validity_days=self.validity_days,
            allowances=self.allowances,
            credit=self.credit,
            overage=self.overage,
            commitment_months=self.commitment_months,
            requires=tuple(
                frozenset([item]) if isinstance(item, str) else frozenset(item) for item in self.requires
            ),
            source=self.source,
            as_of=self.as_of,
            verified_on=self.verified_on.isoformat() if self.verified_on else "",
            unknown=tuple(dict.fromkeys(name.partition(".")[0] for name in self.unknown)),
        )
