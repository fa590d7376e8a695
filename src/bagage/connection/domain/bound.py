"""What the days to come cost at the least, the calendar forgotten.

The window of each purchase is kept, its place in time is not. Then, for any worth given to a unit of each resource, a
purchase is worth at most what its own allowances serve in its window, and its credit what it can pay of the rest; the
worth of all that is still to be served is a sum that the purchases, whole ones, must reach. One worth gives one
*direction*, and the cheapest whole purchases that reach each sum are told once, as a stair. The bound is the highest of
the directions': each resource alone, and the worths that a linear programme finds best for all of them together.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import heappop, heappush
from itertools import combinations

from bagage.connection.domain.task import Task

_MOST_STEPS = 4000  # a stair is cut short there: a top-up that serves a thousandth of a day
FINE = 1 << 20  # how finely the worths that the linear programme finds are kept, as whole numbers


@dataclass(frozen=True)
class Direction:
    """``worth`` of a unit of each resource, ``rates`` at which credit earns worth, and the worth of each item."""

    worth: tuple[int, ...]
    rates: tuple[tuple[int, int], ...]  # (worth a unit of credit earns, resource), the best first
    of_items: tuple[int, ...]

    def of_credit(self, credit: int, open_units: Sequence[int], unit: Sequence[int]) -> int:
        """The most that ``credit`` can earn where ``open_units`` of each resource are not covered otherwise."""
        earned = 0
        for rate, resource in self.rates:
            if credit <= 0:
                break
            paid = min(credit, open_units[resource] * unit[resource])
            earned += paid * rate
            credit -= paid
        return earned


def direction(task: Task, rates: Sequence[int]) -> Direction:
    """The direction in which a unit of resource r is worth ``rates[r]`` × its unit price (× 1 where it has none)."""
    worth = tuple(rate * (price or 1) for rate, price in zip(rates, task.unit, strict=True))
    order = tuple(
        (rate, resource)
        for rate, resource in sorted(
            ((rate, resource) for resource, rate in enumerate(rates) if task.unit[resource] and rate),
            reverse=True,
        )
    )
    bare = Direction(worth, order, ())
    of_items = []
    for item in task.items:
        rest = [use * item.days - gives for use, gives in zip(task.use, item.gives, strict=True)]
        earned = sum(value * gives for value, gives in zip(worth, item.gives, strict=True))
        of_items.append(earned + bare.of_credit(item.credit, rest, task.unit))
    return Direction(worth, order, tuple(of_items))


def directions(task: Task) -> list[Direction]:
    """Each resource alone, then those that the linear programme finds best together."""
    count = len(task.use)
    found = [[int(each == resource) for each in range(count)] for resource in range(count)]
    best = best_rates(task)
    if sum(1 for rate in best if rate) > 1:
        found.append(best)
    unique = {tuple(rates) for rates in found}
    return [direction(task, rates) for rates in sorted(unique)]


def best_rates(task: Task) -> list[int]:
    """The dual prices of the linear covering of all use: what a unit of credit's worth should earn on each resource.

    For every set S of priced resources, a purchase gives S at most its allowances there (at unit prices) and what of
    its credit they leave uncovered; the relaxation asks no more (what a purchase can give forms a polymatroid).
    """
    count = len(task.use)
    priced = [resource for resource in range(count) if task.unit[resource]]
    sets: list[tuple[int, ...]] = [(resource,) for resource in range(count) if not task.unit[resource]]
    if any(item.credit for item in task.items):
        for size in range(1, len(priced) + 1):
            sets += combinations(priced, size)
    else:
        sets += [(resource,) for resource in priced]
    price = [each or 1 for each in task.unit]
    rows = []
    for item in task.items:
        row: list[float] = []
        for group in sets:
            given = sum(price[r] * item.gives[r] for r in group)
            if task.unit[group[0]]:
                rest = sum(price[r] * (task.use[r] * item.days - item.gives[r]) for r in group)
                given += min(item.credit, rest)
            row.append(float(given))
        rows.append(row)
    needed = [float(sum(price[r] * task.use[r] for r in group)) for group in sets]
    scale = [need or 1.0 for need in needed]
    solved = _maximise(
        [1.0] * len(sets),
        [[value / size for value, size in zip(row, scale, strict=True)] for row in rows],
        [float(item.price) for item in task.items],
    )
    rates = [0.0] * count
    for group, gain, need in zip(sets, solved, scale, strict=True):
        for resource in group:
            rates[resource] += gain / need
    top = max(rates)
    return [round(rate / top * FINE) for rate in rates] if top > 0 else [0] * count


def _maximise(goal: list[float], rows: list[list[float]], limits: list[float]) -> list[float]:
    """A small linear programme, ``rows`` · x ≤ ``limits``, x ≥ 0, limits above zero, by the simplex method.

    Its answer only steers: whatever comes out is a valid direction, so its rounding can cost speed, never exactness.
    """
    count = len(goal)
    table = [
        row + [float(place == each) for each in range(len(rows))] + [limits[place]]
        for place, row in enumerate(rows)
    ]
    costs = [-value for value in goal] + [0.0] * (len(rows) + 1)
    basis = [count + place for place in range(len(rows))]
    for _ in range(60):
        enters = min(range(len(costs) - 1), key=costs.__getitem__)
        if costs[enters] > -1e-9:
            break
        leaves, ratio = -1, float("inf")
        for place, row in enumerate(table):
            if row[enters] > 1e-12 and row[-1] / row[enters] < ratio:
                leaves, ratio = place, row[-1] / row[enters]
        if leaves < 0:
            break
        pivot = table[leaves][enters]
        chosen = table[leaves] = [value / pivot for value in table[leaves]]
        for place, row in enumerate(table):
            if place != leaves and row[enters]:
                factor = row[enters]
                table[place] = [value - factor * by for value, by in zip(row, chosen, strict=True)]
        factor = costs[enters]
        costs = [value - factor * by for value, by in zip(costs, chosen, strict=True)]
        basis[leaves] = enters
    solved = [0.0] * (count + len(rows))
    for place, variable in enumerate(basis):
        solved[variable] = max(0.0, table[place][-1])
    return solved[:count]


class Stair:
    """The least weight of whole purchases whose worth reaches a sum: ``weight(sum)``; None where nothing reaches it."""

    def __init__(self, pairs: Iterable[tuple[int, int]], highest: int) -> None:
        """``pairs``: (weight, worth) of each item; the stair goes as far as ``highest``."""
        steps = sorted({pair for pair in pairs if pair[1] > 0})
        self.worths = [0]
        self.weights = [0]
        self.highest = highest
        self.cheapest = min(steps, key=lambda pair: Fraction(*pair), default=None)
        heap = [(weight, -worth) for weight, worth in steps]
        best = 0
        while heap and best < highest and len(self.worths) < _MOST_STEPS:
            weight, negative = heappop(heap)
            worth = -negative
            if worth <= best:
                continue
            best = worth
            self.worths.append(worth)
            self.weights.append(weight)
            for step_weight, step_worth in steps:
                heappush(heap, (weight + step_weight, -(worth + step_worth)))

    def weight(self, worth: int) -> int | None:
        """The step that reaches ``worth``; beyond a stair that was cut short, what the best rate makes of it."""
        place = bisect_left(self.worths, worth)
        if place < len(self.worths):
            return self.weights[place]
        if self.cheapest is None:
            return None
        weight, gained = self.cheapest
        return max(self.weights[-1], -(-worth * weight // gained))
