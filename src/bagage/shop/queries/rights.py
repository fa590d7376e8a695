"""The rules of the programme, her right, and what remains of her cap: over all sites and all files marked as hers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from django.db.models import F, QuerySet, Sum

from bagage.common.prepared import prepared
from bagage.common.together import Asking, together
from bagage.shop.domain.cap import Left, left_on
from bagage.shop.domain.period import Use, reach_of
from bagage.shop.models import AccessRight, SaleLine, ShopRules

__all__ = ["Left", "last_right_of", "left_in_cap", "right_of", "rights_of", "shop_rules", "uses_of"]


@prepared
def _rules() -> QuerySet[ShopRules]:
    return ShopRules.objects.filter(pk=1)


@together
def shop_rules() -> Asking[ShopRules]:
    """The rules; those of the example until someone wrote them. One query."""
    return next(iter((yield from _rules.asking())), None) or ShopRules(pk=1)


def right_of(files: Iterable[int], today: date) -> AccessRight | None:
    """The window of access that lives on this day, ``None`` when none does. One query.

    ``files`` are the keys of all files that are hers (``people.queries.identity_ids``).
    """
    return (
        AccessRight.objects.of_persons(files)
        .living(today)
        .select_related("node")
        .order_by("-ends_on", "-pk")
        .first()
    )


def last_right_of(
    files: Iterable[int], today: date, rights: list[AccessRight] | None = None
) -> AccessRight | None:
    """The one that lives, else the newest of those that are over, were ended or are to come. One query.

    ``rights`` are those of :func:`rights_of`, where they were read already: no query.
    """
    rights = rights_of(files) if rights is None else rights
    found = sorted(
        (one for one in rights if not one.is_mistake), key=lambda one: (one.ends_on, one.pk), reverse=True
    )
    living = [one for one in found if one.lives_on(today)]
    return next(iter(living or found), None)


@prepared
def rights_of(files: Iterable[int]) -> QuerySet[AccessRight]:
    """All her windows of access, the newest first, what was opened by mistake included. One query."""
    return (
        AccessRight.objects.filter(person_id__in=files)
        .select_related("node", "renews")
        .order_by("-begins_on", "-pk")
    )


@prepared
def _uses(files: Iterable[int], first: date, last: date) -> QuerySet[SaleLine, tuple[date, int]]:
    return (
        SaleLine.objects.in_cap(files, first, last)
        .order_by()
        .values("counts_on")
        .annotate(used=Sum(F("unit_price") * F("quantity")))
        .values_list("counts_on", "used")
    )


@together
def uses_of(files: Iterable[int], first: date, last: date) -> Asking[list[Use]]:
    """What counts in her cap for these days, a sum a day; counter-entries count for the day of what they take back."""
    return [Use(on, amount) for on, amount in (yield from _uses.asking(files, first, last))]


@together
def left_in_cap(files: Iterable[int], today: date, rules: ShopRules | None = None) -> Asking[Left]:
    """What remains of her cap on this day, in cents. Two queries, one when ``rules`` are given."""
    rules = rules or (yield from shop_rules.asking())
    reach = reach_of(today, rules.period)
    uses = yield from uses_of.asking(files, reach.first, reach.last)
    return left_on(uses, today, kind=rules.period, cap=rules.cap)
