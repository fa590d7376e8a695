"""On which of her lines something goes, and until when it then lives."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date

from bagage.connection.domain import lifecycle
from bagage.connection.models import HeldLine, Offer
from bagage.shop.models import Product


def live_lines_of(files: Iterable[int]) -> list[HeldLine]:
    """Her lines whose number is still hers, the newest first. One query."""
    return list(
        HeldLine.objects.of_persons(files)
        .live()
        .select_related("line", "person__merged_into")
        .order_by("-opened_at", "-pk")
    )


def lines_for(product: Product, lines: Sequence[HeldLine]) -> list[HeldLine]:
    """Of her live lines, those that a top-up can go on: of its range, or any when it names none."""
    if product.line_id is None:
        return list(lines)
    return [line for line in lines if line.line_id == product.line_id]


def offer_of(product: Product, today: date) -> Offer | None:
    """The offer of the catalogue as it holds on that day; ``None`` when it names none or it has been withdrawn."""
    if product.offer is None:
        return None
    found: Offer | None = (
        Offer.objects.on(today).filter(line_id=product.line_id, code=product.offer.code).first()
    )
    return found


def last_day_of(product: Product, today: date, offer: Offer | None) -> date | None:
    """Until when a line lives that it is sold for; ``None`` when nobody knows, or the offer says it itself."""
    if offer is not None or not product.days:
        return None
    return lifecycle.last_day(today, product.days)


def would_live_until(product: Product, held: HeldLine | None, today: date) -> date | None:
    """The last day of her line once this top-up is on it; ``None`` when nobody knows. One query."""
    offer = offer_of(product, today) if held is None or held.line_id == product.line_id else None
    days = offer.validity_days if offer is not None else product.days
    new = lifecycle.last_day(today, days) if days else None
    if held is not None and held.has_no_end:
        return None
    old = held.live_until if held is not None else None
    return max((one for one in (old, new) if one is not None), default=None)
