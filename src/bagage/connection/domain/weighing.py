"""What a search makes least: sums of cents and of purchases, packed into one whole number.

The first of them stands farthest to the left, so that comparing two numbers compares the sums in their order.
"""

from dataclasses import dataclass

from bagage.connection.domain.task import Task

_COUNT_BITS = 20
_MONEY_BITS = 28


@dataclass(frozen=True)
class Weighing:
    """What is made least: ``of_items`` for each purchase, ``on_day_0`` more for one on day 0."""

    of_items: tuple[int, ...]
    on_day_0: tuple[int, ...]

    cents_place: int  # how far to the left of a weight its cents stand
    day_0_place: int | None  # its cents of day 0, where they count
    count_place: int | None  # its number of purchases, where it counts

    @property
    def count_first(self) -> bool:
        return self.count_place is not None and self.count_place > self.cents_place

    def cents(self, weight: int) -> int:
        """The sum of prices in a weight."""
        return (weight >> self.cents_place) & ((1 << _MONEY_BITS) - 1)

    def of(self, cents: int, day_0: int, count: int) -> int:
        """The weight of a calendar of which these sums are known."""
        weight = cents << self.cents_place
        if self.day_0_place is not None:
            weight += day_0 << self.day_0_place
        if self.count_place is not None:
            weight += count << self.count_place
        return weight


def by_price(task: Task) -> Weighing:
    """Cents alone."""
    return Weighing(tuple(item.price for item in task.items), (0,) * len(task.items), 0, None, None)


def by_price_and_ties(task: Task) -> Weighing:
    """Cents, then cents paid on day 0, then the number of purchases."""
    shift = _MONEY_BITS + _COUNT_BITS
    return Weighing(
        tuple((item.price << shift) + 1 for item in task.items),
        tuple(item.price << _COUNT_BITS for item in task.items),
        shift,
        _COUNT_BITS,
        0,
    )


def by_count(task: Task) -> Weighing:
    """The number of purchases, then cents, then cents paid on day 0."""
    return Weighing(
        tuple((1 << (2 * _MONEY_BITS)) + (item.price << _MONEY_BITS) for item in task.items),
        tuple(item.price for item in task.items),
        _MONEY_BITS,
        0,
        2 * _MONEY_BITS,
    )
