"""One line's top-ups, one person's use: the question of the calendar in whole numbers.

Amounts are counted in fractions of a unit so that a day's use is whole (``scale`` to the unit: 30 for a month's use
spread over its days, 300 when it is multiplied by 1.3), credit in hundredths of a cent over the same fraction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bagage.connection.domain.programme import Line, Offer

MONTH = 30
USUAL_SCALE = 30


@dataclass(frozen=True)
class Item:
    """A top-up: what it gives is cut at what its days of validity can use."""

    offer: Offer
    price: int
    days: int
    gives: tuple[int, ...]
    credit: int


@dataclass(frozen=True)
class Task:
    """A day's use and unit price of each resource that is used, and the top-ups that may be bought.

    ``day_limit``: cents that one day's payments may reach, ``sim`` being paid on day 0; ``month_limit``: cents that a
    month's purchases may reach, ``bought`` having been spent in the first.
    """

    resources: tuple[str, ...]
    use: tuple[int, ...]
    unit: tuple[int, ...]
    items: tuple[Item, ...]
    horizon: int
    sim: int = 0
    day_limit: int | None = None
    month_limit: int | None = None
    bought: int = 0

    @property
    def full_credit(self) -> int:
        """What a day costs in credit when no allowance is left."""
        return sum(price * use for price, use in zip(self.unit, self.use, strict=True))


def read_task(
    line: Line,
    offers: Sequence[Offer],
    usage: Mapping[str, int],
    *,
    horizon: int,
    scale: int = USUAL_SCALE,
    day_limit: int | None = None,
    bought: int = 0,
) -> Task:
    """The task of a line with these of its top-ups; ``usage`` is a day's use of each resource times ``scale``."""
    resources = tuple(resource for resource, amount in usage.items() if amount)
    use = tuple(usage[resource] for resource in resources)
    unit = tuple(line.unit_prices.get(resource, 0) for resource in resources)
    full = sum(price * each for price, each in zip(unit, use, strict=True))
    items = []
    for offer in offers:
        days = min(offer.validity_days or 0, horizon)
        gives = []
        for resource, each in zip(resources, use, strict=True):
            amount = offer.allowances.get(resource, 0)
            most = each * days
            gives.append(most if amount is None else min(amount * scale, most))
        credit = min(offer.credit * 100 * scale, full * days)
        if credit or any(gives):
            items.append(Item(offer, offer.price, days, tuple(gives), credit))
    return Task(
        resources,
        use,
        unit,
        tuple(_without_the_dominated(items)),
        horizon,
        line.sim_price,
        day_limit,
        line.monthly_cap,
        bought,
    )


def _without_the_dominated(items: list[Item]) -> list[Item]:
    """Without those that another replaces at no more cost, with no less of anything, for no fewer days."""

    def replaces(other: Item, item: Item) -> bool:
        return (
            other.price <= item.price
            and other.days >= item.days
            and other.credit >= item.credit
            and all(more >= less for more, less in zip(other.gives, item.gives, strict=True))
        )

    kept: list[Item] = []
    for item in items:
        if not any(replaces(other, item) for other in kept):
            kept = [other for other in kept if not replaces(item, other)] + [item]
    return kept
