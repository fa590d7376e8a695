"""The till of a site: what must lie in it, what was sold from it."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from bagage.permanences.models import Site
from bagage.shop.domain.money import cash_expected
from bagage.shop.models import Sale, Till


@dataclass(frozen=True, slots=True)
class TillShown:
    """A till with its figures, in cents: ``cash`` is what must lie in it, ``sales`` how many sales it saw.

    ``difference`` is what was counted more than expected, ``None`` while it is open.
    """

    till: Till
    cash: int
    cash_taken: int
    card: int
    voucher: int
    sales: int
    counter_entries: int

    @property
    def difference(self) -> int | None:
        """What was found too much (above zero) or too little."""
        return None if self.till.counted is None else self.till.counted - self.cash

    @property
    def over(self) -> int:
        """What was found too much, in cents; 0 when nothing was."""
        return max(0, self.difference or 0)

    @property
    def short(self) -> int:
        """What was missing, in cents; 0 when nothing was."""
        return max(0, -(self.difference or 0))


def open_till_of(site: Site) -> Till | None:
    """The till that is open there."""
    return Till.objects.filter(site=site, closed_at=None).first()


def cash_in(till: Till) -> int:
    """What must lie in it now, in cents."""
    taken = till.sales.filter(payment=Sale.Payment.CASH).aggregate(sum=Sum("total"))["sum"] or 0
    return cash_expected(till.float_amount, taken)


def _totals() -> dict[str, object]:
    def of(payment: str) -> Sum:
        return Sum("sales__total", filter=Q(sales__payment=payment), default=0)

    return {
        "cash_taken": of("cash"),
        "card": of("card"),
        "voucher": of("voucher"),
        "sale_count": Count("sales", filter=Q(sales__kind="sale")),
        "counter_count": Count("sales", filter=~Q(sales__kind="sale") & Q(sales__isnull=False)),
    }


def tills_of(site: Site) -> QuerySet[Till]:
    """All tills of a site with their figures, the newest first."""
    return Till.objects.filter(site=site).annotate(**_totals()).order_by("-opened_at", "-pk")


def till_shown(till: Till) -> TillShown:
    """Its figures; one query unless it comes from :func:`tills_of`."""
    row = till if hasattr(till, "cash_taken") else Till.objects.annotate(**_totals()).get(pk=till.pk)
    taken: int = row.cash_taken  # type: ignore[attr-defined]
    return TillShown(
        till,
        cash_expected(till.float_amount, taken),
        taken,
        row.card,  # type: ignore[attr-defined]
        row.voucher,  # type: ignore[attr-defined]
        row.sale_count,  # type: ignore[attr-defined]
        row.counter_count,  # type: ignore[attr-defined]
    )
