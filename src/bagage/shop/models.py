"""Rights of access, what is sold, what lies in stock, the till, and every sale with its counter-entries.

Money is whole cents. Nothing here counts: what remains of a cap, of a stock, in a till is a sum of rows, under a lock.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db import models
from django.db.models import F, Q, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from bagage.accounts.models import Organisation
from bagage.common.models import PublicId
from bagage.connection.models import HeldLine, Line, LineEvent, Offer
from bagage.equipment.models import Reservation
from bagage.people.models import Person
from bagage.permanences.models import Site
from bagage.shop.domain import period
from bagage.shop.domain.rights import LIVES, standing

MOST_CENTS = 1_000_000


class ShopRules(models.Model):
    """One row: the figures of the programme. They are examples until someone confirms them (``is_example``).

    Where they come from: 9 months renewable once [archives.aubervilliers.fr, 2014-09-05], 30 € per person and month
    [infocatho.cef.fr, 2013-04-23]; every association has its own. ``cap`` is in cents.
    """

    class PeriodKind(models.TextChoices):
        """Over what the cap counts."""

        CALENDAR_MONTH = period.CALENDAR_MONTH, _("Le mois du calendrier")
        ROLLING_30 = period.ROLLING_30, _("Les 30 derniers jours")

    right_months = models.PositiveSmallIntegerField(default=9)
    renewals = models.PositiveSmallIntegerField(default=1)
    cap = models.PositiveIntegerField(default=3000)
    period = models.CharField(max_length=14, choices=PeriodKind, default=PeriodKind.CALENDAR_MONTH)
    # How many days before its last one a right is said to end.
    warn_days = models.PositiveSmallIntegerField(default=30)
    is_example = models.BooleanField(default=True)
    changed_by = models.CharField(max_length=120, blank=True)
    changed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(pk=1), name="shop_rules_one_row"),
            models.CheckConstraint(condition=Q(right_months__range=(1, 60)), name="shop_rules_months"),
            models.CheckConstraint(condition=Q(renewals__lte=10), name="shop_rules_renewals"),
            models.CheckConstraint(
                condition=Q(period__in=["calendar_month", "rolling_30"]), name="shop_rules_period"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.right_months} {self.cap} {self.period}"


class AccessRightQuerySet(models.QuerySet["AccessRight"]):
    """Filters on rights."""

    def of_persons(self, person_ids: Iterable[int]) -> AccessRightQuerySet:
        """Those of these files, but for what was opened by mistake."""
        return self.filter(person_id__in=list(person_ids), is_mistake=False)

    def living(self, today: date) -> AccessRightQuerySet:
        """Those that hold on this day."""
        return self.filter(Q(ended_on=None) | Q(ended_on__gt=today), begins_on__lte=today, ends_on__gte=today)

    def ending(self, today: date, until: date) -> AccessRightQuerySet:
        """Those that hold, whose last day is ``until`` at most, and that no other follows; the nearest first."""
        return (
            self.living(today)
            # By the column that is joined on: so PostgreSQL knows that few are left out, and reads them in order.
            .filter(ends_on__lte=until, renewed_by__renews=None, is_mistake=False)
            .order_by("ends_on", "pk")
        )


class AccessRight(PublicId):
    """A window in which she may buy the solidarity offers: from ``begins_on`` up to and with ``ends_on``.

    ``source`` says what opened it: ``referral:<uuid>``, ``voucher:<number>``, ``decision`` or ``renewal``. A referral
    and a voucher open one window each. ``renews`` is the window before it. ``ended_on`` is the first day on which it
    holds no more when it was ended early, with ``end_reason``; ``is_mistake`` says that it never counted.
    """

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="access_rights")
    node = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="access_rights")
    source = models.CharField(max_length=80)
    begins_on = models.DateField()
    ends_on = models.DateField()
    renews = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="renewed_by"
    )
    ended_on = models.DateField(null=True, blank=True)
    end_reason = models.CharField(max_length=200, blank=True)
    is_mistake = models.BooleanField(default=False)
    key = models.CharField(max_length=64, unique=True)
    opened_by = models.CharField(max_length=120, blank=True)
    opened_at = models.DateTimeField()
    ended_by = models.CharField(max_length=120, blank=True)

    objects = AccessRightQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("begins_on")), name="shop_right_dates"),
            models.CheckConstraint(
                condition=Q(ended_on=None, end_reason="", is_mistake=False)
                | (Q(ended_on__isnull=False) & ~Q(end_reason="")),
                name="shop_right_ended_with_a_reason",
            ),
            models.CheckConstraint(condition=~Q(source=""), name="shop_right_has_a_source"),
            models.UniqueConstraint(
                fields=["source"],
                condition=Q(is_mistake=False)
                & (Q(source__startswith="voucher:") | Q(source__startswith="referral:")),
                name="shop_right_one_for_a_source",
            ),
        ]
        indexes = [
            models.Index(fields=["person", "ends_on"], name="shop_right_person"),
            models.Index(fields=["ends_on"], name="shop_right_ends"),
        ]

    def __str__(self) -> str:
        return f"{self.source} {self.begins_on}"

    def standing_on(self, today: date) -> str:
        """Where it stands on that day: lives, coming, over, ended."""
        return standing(self.begins_on, self.ends_on, self.ended_on, today)

    def lives_on(self, today: date) -> bool:
        """Whether it holds on that day."""
        return self.standing_on(today) == LIVES


class ProductQuerySet(models.QuerySet["Product"]):
    """Filters on products."""

    def on_sale(self) -> ProductQuerySet:
        """Those that are sold now."""
        return self.filter(ended_at=None)


class Product(PublicId):
    """What the counter sells, at a price of its own, in cents.

    A SIM or a top-up may name the operator's range (``line``) and what the catalogue has for it (``offer``, of which
    the row that holds on the day of sale is taken); else ``days`` says for how long it lives. ``needs_right``: only
    within a window of access. ``low_level``: at or below it the stock is said to be low.
    """

    class Kind(models.TextChoices):
        """What it is."""

        SIM = "sim", _("Carte SIM")
        TOP_UP = "top_up", _("Recharge")
        ACCESSORY = "accessory", _("Accessoire")

    kind = models.CharField(max_length=9, choices=Kind)
    name = models.CharField(max_length=120)
    details = models.CharField(max_length=120, blank=True)
    line = models.ForeignKey(Line, null=True, blank=True, on_delete=models.PROTECT, related_name="products")
    offer = models.ForeignKey(Offer, null=True, blank=True, on_delete=models.PROTECT, related_name="products")
    days = models.PositiveSmallIntegerField(null=True, blank=True)
    price = models.PositiveIntegerField()
    needs_right = models.BooleanField(default=True)
    counts_in_cap = models.BooleanField(default=True)
    is_stocked = models.BooleanField(default=True)
    low_level = models.PositiveSmallIntegerField(default=5)
    position = models.PositiveIntegerField(default=0)
    key = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = ProductQuerySet.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["sim", "top_up", "accessory"]), name="shop_product_known_kind"
            ),
            models.CheckConstraint(condition=Q(price__lte=MOST_CENTS), name="shop_product_price"),
            models.CheckConstraint(
                condition=Q(offer=None) | Q(line__isnull=False), name="shop_product_offer_is_of_a_range"
            ),
            models.CheckConstraint(
                condition=~Q(kind="accessory") | Q(line=None, offer=None), name="shop_product_line_is_for_sim"
            ),
            models.UniqueConstraint(
                fields=["name"], condition=Q(ended_at=None), name="shop_product_one_name_on_sale"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_on_sale(self) -> bool:
        """Whether it is sold now."""
        return self.ended_at is None

    @property
    def touches_a_line(self) -> bool:
        """Whether selling it opens or tops up a line."""
        return self.kind in {self.Kind.SIM, self.Kind.TOP_UP}


class StockPlace(models.Model):
    """One product at one site: the row that is locked whenever something comes or goes. What lies there is the sum of
    its movements."""

    product = models.ForeignKey(Product, on_delete=models.CASCADE, related_name="places")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="stock_places")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["product", "site"], name="shop_stockplace_once"),
        ]

    def __str__(self) -> str:
        return f"{self.product_id} {self.site_id}"


class Till(PublicId):
    """Cash at one site from an opening to a closing; amounts in cents. One is open at a site at a time.

    ``counted`` is what was found at the closing; when it differs from what must be there, ``word`` says why.
    """

    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="tills")
    float_amount = models.PositiveIntegerField()
    opened_by = models.CharField(max_length=120, blank=True)
    opened_at = models.DateTimeField()
    counted = models.PositiveIntegerField(null=True, blank=True)
    word = models.CharField(max_length=200, blank=True)
    closed_by = models.CharField(max_length=120, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    key = models.CharField(max_length=64, unique=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["site"], condition=Q(closed_at=None), name="shop_till_one_open_at_a_site"
            ),
            models.CheckConstraint(
                condition=Q(closed_at=None, counted=None) | Q(closed_at__isnull=False, counted__isnull=False),
                name="shop_till_closed_is_counted",
            ),
        ]
        indexes = [models.Index(fields=["site", "-opened_at"], name="shop_till_newest")]

    def __str__(self) -> str:
        return str(self.uuid)

    @property
    def is_open(self) -> bool:
        """Whether it is not closed."""
        return self.closed_at is None


class SaleQuerySet(models.QuerySet["Sale"]):
    """Filters on sales."""

    def of_persons(self, person_ids: Iterable[int]) -> SaleQuerySet:
        """Those of these files, counter-entries included."""
        return self.filter(person_id__in=list(person_ids))


class Sale(PublicId):
    """Money that came in for something, or went back: never edited, never deleted.

    A refund (something is given back) and a correction (it was written by mistake) name the sale that they take back,
    wholly or in part. ``number`` runs without a gap for a site and a year; ``total`` in cents is the sum of its lines,
    negative for a counter-entry; ``given`` is the cash handed over.
    """

    class Kind(models.TextChoices):
        """What it is."""

        SALE = "sale", _("Vente")
        REFUND = "refund", _("Remboursement")
        CORRECTION = "correction", _("Correction")

    class Payment(models.TextChoices):
        """How it was paid."""

        CASH = "cash", _("Espèces")
        CARD = "card", _("Carte")
        VOUCHER = "voucher", _("Bon d’aide")

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.SALE)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="sales")
    site = models.ForeignKey(Site, on_delete=models.PROTECT, related_name="sales")
    till = models.ForeignKey(Till, on_delete=models.PROTECT, related_name="sales")
    year = models.PositiveSmallIntegerField()
    number = models.PositiveIntegerField()
    on = models.DateField()
    total = models.IntegerField()
    payment = models.CharField(max_length=7, choices=Payment)
    payment_note = models.CharField(max_length=60, blank=True)
    given = models.PositiveIntegerField(null=True, blank=True)
    refunds = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="counter_entries"
    )
    reason = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=64, unique=True)
    sold_by = models.CharField(max_length=120, blank=True)
    sold_at = models.DateTimeField()

    objects = SaleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["site", "year", "number"], name="shop_sale_receipt_number"),
            models.CheckConstraint(
                condition=Q(kind="sale", refunds=None, reason="", total__gte=0)
                | (Q(kind__in=["refund", "correction"], refunds__isnull=False, total__lte=0) & ~Q(reason="")),
                name="shop_sale_counter_entry_names_its_sale",
            ),
            models.CheckConstraint(
                condition=Q(payment__in=["cash", "card", "voucher"]), name="shop_sale_known_payment"
            ),
            models.CheckConstraint(
                condition=Q(given=None) | Q(payment="cash", given__gte=F("total")), name="shop_sale_given"
            ),
            models.CheckConstraint(condition=Q(number__gte=1), name="shop_sale_number_from_one"),
        ]
        indexes = [
            models.Index(fields=["site", "-sold_at"], name="shop_sale_newest"),
            models.Index(fields=["person", "-sold_at"], name="shop_sale_person"),
        ]

    def __str__(self) -> str:
        return self.receipt

    @property
    def receipt(self) -> str:
        """The number on the receipt: ``"2026-0042"``; a site has its own row of numbers each year."""
        return f"{self.year}-{self.number:04d}"

    @property
    def change(self) -> int | None:
        """What was given back, in cents; ``None`` when it was not said what was handed over."""
        return None if self.given is None else self.given - self.total

    @property
    def is_sale(self) -> bool:
        """Whether it is a sale, and no counter-entry."""
        return self.kind == self.Kind.SALE


class SaleLineQuerySet(models.QuerySet["SaleLine"]):
    """Filters on lines of sales."""

    def in_cap(self, person_ids: Iterable[int], first: date, last: date) -> SaleLineQuerySet:
        """What counts in the cap of these files, for the days from ``first`` to ``last``."""
        return self.filter(
            sale__person_id__in=list(person_ids), counts_in_cap=True, counts_on__range=(first, last)
        )


class SaleLine(PublicId):
    """One thing sold, with its name and price as they were; ``quantity`` is negative where it is taken back.

    ``counts_on`` is the day for which it counts in the cap: of a counter-entry, the day of the sale that it takes back.
    ``line_event`` is what it wrote on her line. A SIM or a top-up has a line of its own each. A device
    that was kept for her (``reservation``) never counts in the cap.
    """

    sale = models.ForeignKey(Sale, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(
        Product, null=True, blank=True, on_delete=models.PROTECT, related_name="sale_lines"
    )
    reservation = models.ForeignKey(
        Reservation, null=True, blank=True, on_delete=models.PROTECT, related_name="sale_lines"
    )
    name = models.CharField(max_length=160)
    unit_price = models.PositiveIntegerField()
    quantity = models.SmallIntegerField()
    counts_in_cap = models.BooleanField()
    counts_on = models.DateField()
    takes_back = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="taken_back_by"
    )
    held_line = models.ForeignKey(
        HeldLine, null=True, blank=True, on_delete=models.SET_NULL, related_name="sale_lines"
    )
    line_event = models.ForeignKey(
        LineEvent, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )

    objects = SaleLineQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(quantity__gt=0, takes_back=None) | Q(quantity__lt=0, takes_back__isnull=False),
                name="shop_saleline_sign",
            ),
            models.CheckConstraint(condition=~Q(name=""), name="shop_saleline_has_a_name"),
            models.CheckConstraint(
                condition=Q(product__isnull=False, reservation=None)
                | Q(product=None, reservation__isnull=False, counts_in_cap=False),
                name="shop_saleline_is_a_product_or_a_device",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.quantity} {self.name}"

    @property
    def amount(self) -> int:
        """Its price in cents, negative where it is taken back."""
        return self.unit_price * self.quantity


class StockMovement(PublicId):
    """So many pieces that came or went. Never edited nor deleted.

    ``counted`` is what a count found, ``quantity`` then the difference with what should have been there. A move between
    sites is two movements that name each other's place in ``other``.
    """

    class Kind(models.TextChoices):
        """Why something came or went."""

        RECEIVED = "received", _("Reçu")
        SOLD = "sold", _("Vendu")
        REFUNDED = "refunded", _("Rendu")
        ADJUSTED = "adjusted", _("Compté")
        MOVED = "moved", _("Déplacé")

    place = models.ForeignKey(StockPlace, on_delete=models.CASCADE, related_name="movements")
    kind = models.CharField(max_length=8, choices=Kind)
    quantity = models.IntegerField()
    counted = models.PositiveIntegerField(null=True, blank=True)
    other = models.ForeignKey(
        StockPlace, null=True, blank=True, on_delete=models.CASCADE, related_name="moved_with"
    )
    sale_line = models.ForeignKey(
        SaleLine, null=True, blank=True, on_delete=models.PROTECT, related_name="movements"
    )
    reason = models.CharField(max_length=200, blank=True)
    key = models.CharField(max_length=80, unique=True)
    written_by = models.CharField(max_length=120, blank=True)
    written_at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind="received", quantity__gt=0)
                | Q(kind="sold", quantity__lt=0, sale_line__isnull=False)
                | Q(kind="refunded", quantity__gt=0, sale_line__isnull=False)
                | Q(kind="adjusted", counted__isnull=False)
                | (Q(kind="moved", other__isnull=False) & ~Q(quantity=0)),
                name="shop_movement_sign",
            ),
        ]
        indexes = [
            models.Index(fields=["place", "-written_at"], name="shop_movement_newest"),
            # The sum of a place is read from the index alone.
            models.Index(fields=["place", "quantity"], name="shop_movement_sum"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.quantity}"


def quantity_of(**conditions: Any) -> Coalesce:
    """For an annotation on :class:`StockPlace`: what lies there."""
    return Coalesce(Sum("movements__quantity", **conditions), 0)
