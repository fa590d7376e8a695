"""What lies where: always the sum of movements."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from bagage.common.prepared import prepared
from bagage.common.together import Asking, together
from bagage.permanences.models import Site
from bagage.shop.models import Product, StockMovement, StockPlace


@dataclass(frozen=True, slots=True)
class Stocked:
    """One product at a site: how many lie there, and how many at other open sites."""

    product: Product
    here: int
    elsewhere: int

    @property
    def is_low(self) -> bool:
        """Whether it is at or below its low level."""
        return self.product.is_on_sale and self.here <= self.product.low_level


@prepared
def _lying_at(site: int) -> QuerySet[StockPlace, tuple[int, int]]:
    places = StockPlace.objects.filter(site_id=site).order_by().values("product_id")
    return places.annotate(here=Sum("movements__quantity", default=0)).values_list("product_id", "here")


@prepared
def _stocked_on_sale() -> QuerySet[Product]:
    return Product.objects.on_sale().filter(is_stocked=True)


def stock_at(site: Site) -> dict[int, int]:
    """How many lie at a site, by the key of the product. One query."""
    return dict(_lying_at(site.pk))


def stock_elsewhere(site: Site, products: Iterable[int]) -> dict[int, list[tuple[str, int]]]:
    """Where else these products lie, the most first: site and how many. One query."""
    # Summed place by place, from the index alone: joined, every movement would carry its site along to be grouped.
    summed = StockMovement.objects.filter(place=OuterRef("pk")).order_by().values("place")
    places = (
        StockPlace.objects.filter(product_id__in=list(products), site__organisation__is_open=True)
        .exclude(site=site)
        .select_related("site__organisation")
        .annotate(here=Coalesce(Subquery(summed.annotate(lie=Sum("quantity")).values("lie")), 0))
    )
    found: dict[int, list[tuple[str, int]]] = {}
    for place in sorted(places, key=lambda one: (-one.here, one.pk)):
        if place.here > 0:
            found.setdefault(place.product_id, []).append((str(place.site), place.here))
    return found


def stocked_at(site: Site) -> list[Stocked]:
    """All that is kept in stock, on sale or still lying there, in the order of the counter. Three queries."""
    here = stock_at(site)
    products = list(Product.objects.filter(is_stocked=True))
    elsewhere = stock_elsewhere(site, [product.pk for product in products])
    return [
        Stocked(
            product,
            here.get(product.pk, 0),
            sum(count for _name, count in elsewhere.get(product.pk, [])),
        )
        for product in products
        if product.is_on_sale or here.get(product.pk, 0)
    ]


@together
def low_at(site: Site) -> Asking[list[Stocked]]:
    """Products on sale whose stock is low at a site. Two queries."""
    lying, products = yield [_lying_at.of(site.pk), _stocked_on_sale.of()]
    here = dict(lying)
    shown = [Stocked(product, here.get(product.pk, 0), 0) for product in products]
    # A site that never had any does not sell it.
    return [one for one in shown if one.is_low and one.product.pk in here]


def movements_at(site: Site, product: Product | None = None, limit: int = 30) -> list[StockMovement]:
    """The newest movements at a site. Two queries."""
    places = StockPlace.objects.filter(site=site)
    if product is not None:
        places = places.filter(product=product)
    # The newest of the site are not older than the last of as many at any one place: from there on, an index leads.
    newest = StockMovement.objects.filter(place=OuterRef("pk")).order_by("-written_at")
    last = newest.values("written_at")[limit - 1 : limit]
    since = dict(places.order_by().annotate(since=Subquery(last)).values_list("pk", "since"))
    found = StockMovement.objects.filter(place_id__in=list(since))
    full = [one for one in since.values() if one is not None]
    if full:
        found = found.filter(written_at__gte=max(full))
    return list(
        found.select_related("place__product", "other__site__organisation", "sale_line__sale").order_by(
            "-written_at", "-pk"
        )[:limit]
    )
