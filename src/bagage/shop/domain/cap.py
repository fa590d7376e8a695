"""What remains of a cap, and what still fits in it. Money is whole cents."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from bagage.shop.domain.period import Use, most_used_with, period_of, renews_on

Priced = TypeVar("Priced")


@dataclass(frozen=True, slots=True)
class Left:
    """Where her cap stands on a day: ``cap``, ``used`` and ``left`` in cents, in the period from ``period_first`` to
    ``period_last``. ``left`` is never below zero, even after the cap was lowered. ``more_on`` is the first day on which
    more can be bought again; ``None`` when nothing is used."""

    cap: int
    used: int
    left: int
    period_first: date
    period_last: date
    more_on: date | None = None


def left_on(uses: Iterable[Use], day: date, *, kind: str, cap: int) -> Left:
    """What remains on ``day`` of a cap of ``cap`` cents, after these uses."""
    known = list(uses)
    period = period_of(day, kind)
    used = most_used_with(known, day, kind)
    return Left(cap, used, max(0, cap - used), period.first, period.last, renews_on(known, day, kind))


def missing(left: int, amount: int) -> int:
    """How many cents are missing to buy for ``amount``: 0 when it fits."""
    return max(0, amount - left)


def fitting(left: int, priced: Sequence[tuple[Priced, int]]) -> list[Priced]:
    """Of things with their price, those that fit in what is left, the dearest first: the nearest to what was wanted."""
    fits = [(thing, price) for thing, price in priced if price <= left]
    return [thing for thing, _price in sorted(fits, key=lambda pair: -pair[1])]
