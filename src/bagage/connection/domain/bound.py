"""What the days to come cost at the least, the calendar forgotten: the fewest cents of whole purchases that cover them.

The window of each purchase is kept, its place in time is not. A set of priced resources can then be given, by one
purchase, its allowances there (at unit prices) and what its credit can pay of the rest; what several purchases give
adds up. To serve the days to come every such set must be given what it still lacks: a covering of a few sums by a few
kinds of purchases, in whole copies, which ``Cover`` solves by branch and bound. (What one purchase can give to the
resources is a polymatroid, and so is the sum: the sets are all that this relaxation can ask.)

What a set lacks does not change while days are served without loss, so the same few questions come back all the time:
they are remembered.
"""

from collections.abc import Iterable
from heapq import heappop, heappush
from itertools import combinations
from math import gcd

from bagage.connection.domain.task import Task

NEVER = 1 << 200
_FINE = 1 << 20  # how finely the worths that the linear programme finds are kept, as whole numbers
_MOST_NODES = 300
_MOST_COPIES = 2000  # beyond, the linear programme is as good: one copy more or less weighs nothing

Needs = tuple[int, ...]
Copies = tuple[int, ...]  # of each item, the dearest first
Ways = list[
    tuple[tuple[tuple[int, int], ...], int, int]
]  # (worth of the sums that count, weight, worth): a rate


class Cover:
    """The least weight of purchases that cover given needs, for one task and one weight of each item."""

    def __init__(self, task: Task, weights: tuple[int, ...], cents_place: int = 0) -> None:
        """``cents_place``: how far to the left of a weight its cents stand, when they weigh the most."""
        count = len(task.use)
        priced = [resource for resource in range(count) if task.unit[resource]]
        groups: list[tuple[int, ...]] = [(resource,) for resource in range(count)]
        if any(item.credit for item in task.items):
            for size in range(2, len(priced) + 1):
                groups += combinations(priced, size)
        price = [each or 1 for each in task.unit]
        self.groups = [(group, bool(task.unit[group[0]])) for group in groups]
        self.price = price
        self.use = task.use
        # The dearest first: few copies of them are tried, and the small ones fill what is left.
        order = sorted(range(len(task.items)), key=lambda place: (-task.items[place].price, place))
        self.weights = [weights[place] for place in order]
        self.gains: list[list[int]] = []
        for place in order:
            item = task.items[place]
            row = []
            for group, is_priced in self.groups:
                gain = sum(price[r] * item.gives[r] for r in group)
                if is_priced:
                    gain += min(
                        item.credit, sum(price[r] * (task.use[r] * item.days - item.gives[r]) for r in group)
                    )
                row.append(gain)
            self.gains.append(row)
        self.a_day = [sum(price[r] * task.use[r] for r in group) for group, _ in self.groups]
        self.ways = [self._ways(first) for first in range(len(order))]
        # Sums of prices come in steps: what lies between two is rounded up.
        self.place = cents_place
        self.steps = [
            gcd(*(weight >> cents_place for weight in self.weights[first:])) for first in range(len(order))
        ]
        self.known: dict[Needs, tuple[int, Copies | None]] = {}
        self.rank = {place: rank for rank, place in enumerate(order)}

    def needs(self, rest: list[int], credit: int) -> Needs:
        """What each set still lacks when ``rest`` of each resource is not covered, ``credit`` being in hand."""
        worth = [self.price[r] * units for r, units in enumerate(rest)]
        needs = []
        for group, is_priced in self.groups:
            need = -credit if is_priced else 0
            for r in group:
                need += worth[r]
            needs.append(need if need > 0 else 0)
        return tuple(needs)

    def rough(self, needs: Needs) -> int:
        """What the linear programme says: no purchases that cover the needs weigh less; NEVER when none can."""
        return self._bound(0, needs)

    def least(self, needs: Needs, floor: int = 0, hint: Copies | None = None) -> tuple[int, Copies | None]:
        """The least weight that covers the needs (NEVER when none can), and copies of the items that weigh it.

        ``floor`` is known to be a bound, ``hint`` may be a covering. Out of time or of patience, it is a bound without
        copies.
        """
        known = self.known.get(needs)
        if known is None:
            known = self.guessed(needs, floor, hint) or self._solve(needs, floor, hint)
            self.known[needs] = known
        return known

    def estimate(self, needs: Needs, floor: int, hint: Copies | None) -> tuple[int, Copies | None]:
        """The answer where it is known or ``hint`` is one; else the rough bound, without copies."""
        known = self.known.get(needs) or self.guessed(needs, floor, hint)
        return known or (max(floor, self.rough(needs)), None)

    def guessed(self, needs: Needs, floor: int, hint: Copies | None) -> tuple[int, Copies] | None:
        """The answer, when ``hint`` covers the needs and weighs no more than ``floor``."""
        if hint is None or min(hint) < 0:
            return None
        weight = 0
        left = needs
        for copies, each, row in zip(hint, self.weights, self.gains, strict=True):
            if copies:
                weight += copies * each
                if weight > floor:
                    return None
                left = tuple([need - copies * gain for need, gain in zip(left, row, strict=True)])
        return (weight, hint) if max(left) <= 0 else None

    def without(self, copies: Copies | None, bought: Iterable[int]) -> Copies | None:
        """The copies that are left when these items (places in the task) were bought."""
        if copies is None:
            return None
        left = list(copies)
        for place in bought:
            left[self.rank[place]] -= 1
        return tuple(left)

    def _solve(self, needs: Needs, floor: int, hint: Copies | None) -> tuple[int, Copies | None]:
        """Branch and bound, the best bound first: on the copies of the dearest items, the last two by trying."""
        count = len(self.weights)
        last = count - 1
        if max(needs) <= 0:
            return 0, (0,) * count
        if last == 0:
            copies = self._copies(0, needs)
            return (NEVER, None) if copies >= NEVER else (copies * self.weights[0], (copies,))
        best, found = NEVER, None
        first = max(floor, self._bound(0, needs))
        if first >= NEVER:
            return NEVER, None
        if any(self._most(place, needs) > _MOST_COPIES for place in range(count)):
            return first, None
        heap: list[tuple[int, int, int, int, Needs, Copies]] = [(first, 0, 0, 0, needs, ())]
        births = 0
        for _ in range(_MOST_NODES):
            if not heap or heap[0][0] >= best:
                return best, found
            _, _, place, weight, lacking, taken = heappop(heap)
            if place == last - 1:
                total, pair = self._pair(lacking, best - weight)
                if weight + total < best:
                    best, found = weight + total, (*taken, *pair)
                continue
            row, each = self.gains[place], self.weights[place]
            for number in range(self._most(place, lacking), -1, -1):
                heavier = weight + number * each
                if heavier >= best:
                    continue
                left = tuple([need - number * gain for need, gain in zip(lacking, row, strict=True)])
                if max(left) <= 0:
                    best, found = heavier, (*taken, number, *(0,) * (last - place))
                    continue
                bound = heavier + self._bound(place + 1, left)
                if bound < best:
                    births -= 1
                    heappush(heap, (max(bound, first), births, place + 1, heavier, left, (*taken, number)))
        if heap and heap[0][0] < best:
            return heap[0][0], None
        return best, found

    def _most(self, place: int, needs: Needs) -> int:
        """So many copies of an item that more would bring nothing."""
        return max(
            [
                -(-need // gain)
                for need, gain in zip(needs, self.gains[place], strict=True)
                if gain and need > 0
            ],
            default=0,
        )

    def _copies(self, place: int, needs: Needs) -> int:
        """The copies of one item that cover the needs alone; NEVER when they cannot."""
        copies = 0
        for need, gain in zip(needs, self.gains[place], strict=True):
            if need > 0:
                if not gain:
                    return NEVER
                copies = max(copies, -(-need // gain))
        return copies

    def _pair(self, needs: Needs, below: int) -> tuple[int, tuple[int, int]]:
        """The least weight, if below ``below``, of the last two items that cover the needs, and their copies."""
        first, second = self.weights[-2:]
        pairs = [
            (need, one, other)
            for need, one, other in zip(needs, self.gains[-2], self.gains[-1], strict=True)
            if need > 0
        ]
        best, found = below, (0, 0)
        number = 0
        for need, one, other in pairs:
            if not other:
                if not one:
                    return NEVER, found
                number = max(number, -(-need // one))
        weight = number * first
        while weight < best:
            rest = 0
            for need, one, other in pairs:
                left = need - number * one
                if left > 0 and left > rest * other:
                    rest = -(-left // other)
            total = weight + rest * second
            if total < best:
                best, found = total, (number, rest)
            if not rest:
                break
            number += 1
            weight += first
        return best, found

    def _bound(self, first: int, needs: Needs) -> int:
        """What the linear programme of the items from ``first`` on says for some worths of the sums."""
        highest = 0
        for way, weight, worth in self.ways[first]:
            asked = 0
            for place, value in way:
                if needs[place] > 0:
                    asked += value * needs[place]
            if asked:
                if not worth:
                    return NEVER
                least = -(-asked * weight // worth)
                if least > highest:
                    highest = least
        cents = highest >> self.place
        between = cents % self.steps[first]
        return (cents - between + self.steps[first]) << self.place if between else highest

    def _ways(self, first: int) -> Ways:
        """Worths of the sums with the rate at which the items from ``first`` on bring them: dual solutions."""
        rows, weights = self.gains[first:], self.weights[first:]
        count = len(self.groups)
        duals = _maximise(
            [1.0] * count,
            [[gain / day for gain, day in zip(row, self.a_day, strict=True)] for row in rows],
            [float(weight) for weight in weights],
        )
        worths = [dual / day for dual, day in zip(duals, self.a_day, strict=True)]
        top = max(worths)
        found = [tuple(int(place == each) for each in range(count)) for place in range(len(self.use))]
        if top > 0:
            found.append(tuple(round(worth / top * _FINE) for worth in worths))
        ways: Ways = []
        for values in found:
            best = (0, 0)
            for row, weight in zip(rows, weights, strict=True):
                worth = sum(value * gain for value, gain in zip(values, row, strict=True))
                if worth and (not best[1] or weight * best[1] < best[0] * worth):
                    best = (weight, worth)
            ways.append((tuple((place, value) for place, value in enumerate(values) if value), *best))
        return ways


def _maximise(goal: list[float], rows: list[list[float]], limits: list[float]) -> list[float]:
    """A small linear programme, ``rows`` · x ≤ ``limits``, x ≥ 0, limits above zero, by the simplex method.

    Its answer only steers: whatever comes out gives valid rates, so its rounding can cost speed, never exactness.
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
