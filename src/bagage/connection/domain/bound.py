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
_MOST_TRIES = 2000  # numbers of copies that one question may try
_FEW_COPIES = 8  # so few are all tried

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
        self.tries = 0
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
        """The least weight that covers the needs (NEVER when none can), and copies of the items that cover them.

        ``floor`` is known to be a bound for who asks, not for these needs: what is below it is not told, and it is not
        remembered. ``hint`` may be a covering. Out of patience, it is a bound without copies.
        """
        known = self.known.get(needs)
        if known is None:
            if self.is_covered(needs, floor, hint):
                return floor, hint
            known = self._solve(needs, floor)
            if known[0] > floor:
                self.known[needs] = known
        return (known[0] if known[0] > floor else floor), known[1]

    def estimate(self, needs: Needs, floor: int, hint: Copies | None) -> tuple[int, Copies | None]:
        """The answer where it is known or ``hint`` is one; else the rough bound, without copies."""
        known = self.known.get(needs)
        if known is not None:
            return (known[0] if known[0] > floor else floor), known[1]
        if self.is_covered(needs, floor, hint):
            return floor, hint
        return max(floor, self.rough(needs)), None

    def is_covered(self, needs: Needs, floor: int, hint: Copies | None) -> bool:
        """Whether ``hint`` covers the needs and weighs no more than ``floor``: then no covering tells more than it."""
        if hint is None or min(hint) < 0:
            return False
        weight = 0
        left = needs
        for copies, each, row in zip(hint, self.weights, self.gains, strict=True):
            if copies:
                weight += copies * each
                if weight > floor:
                    return False
                left = tuple([need - copies * gain for need, gain in zip(left, row, strict=True)])
        return max(left) <= 0

    def without(self, copies: Copies | None, bought: Iterable[int]) -> Copies | None:
        """The copies that are left when these items (places in the task) were bought."""
        if copies is None:
            return None
        left = list(copies)
        for place in bought:
            left[self.rank[place]] -= 1
        return tuple(left)

    def _solve(self, needs: Needs, floor: int) -> tuple[int, Copies | None]:
        """Branch and bound, the best bound first: on the copies of the dearest items, the last two by trying.

        A covering that weighs no more than ``floor`` will do.
        """
        count = len(self.weights)
        last = count - 1
        if max(needs) <= 0:
            return 0, (0,) * count
        if last == 0:
            copies = self._copies(0, needs)
            return (NEVER, None) if copies >= NEVER else (copies * self.weights[0], (copies,))
        first = self._bound(0, needs)
        if first >= NEVER:
            return NEVER, None
        self.tries = 0
        if last == 1:
            best, pair = self._pair(needs, NEVER)
            if self.tries > _MOST_TRIES:
                return first, None
            return (NEVER, None) if best >= NEVER else (best, pair)
        best, found = self._straight(needs)
        enough = max(first, floor)
        heap: list[tuple[int, int, int, int, Needs, Copies]] = [(first, 0, 0, 0, needs, ())]
        births = 0
        for _ in range(_MOST_NODES):
            if best <= enough or not heap or heap[0][0] >= best:
                return best, found
            if self.tries > _MOST_TRIES:
                break
            bound, _, place, weight, lacking, taken = heappop(heap)
            if place == last - 1:
                total, pair = self._pair(lacking, best - weight, max(bound, enough) - weight)
                if self.tries > _MOST_TRIES:
                    # It was left before it was done: what it may still hold weighs as much as its bound.
                    return (best, found) if best <= enough else (bound, None)
                if weight + total < best:
                    best, found = weight + total, (*taken, *pair)
                continue
            row, each = self.gains[place], self.weights[place]
            most = self._most(place, lacking)
            turn = self._turn(place, lacking, most) if most > _FEW_COPIES else 0
            for numbers in (range(turn, most + 1), range(turn - 1, -1, -1)):
                before = NEVER
                for number in numbers:
                    self.tries += 1
                    heavier = weight + number * each
                    left = tuple([need - number * gain for need, gain in zip(lacking, row, strict=True)])
                    if max(left) <= 0:
                        if heavier < best:
                            best, found = heavier, (*taken, number, *(0,) * (last - place))
                        continue
                    rest = self._in_fractions(place + 1, left)
                    bound = heavier + rest
                    if bound >= best:
                        # The bound is convex: where it rises, it rises on.
                        if bound > before and most > _FEW_COPIES:
                            break
                    else:
                        bound = heavier + self._in_steps(place + 1, rest)
                        if bound < best:
                            births -= 1
                            heappush(
                                heap, (max(bound, first), births, place + 1, heavier, left, (*taken, number))
                            )
                    before = heavier + rest
        if heap and heap[0][0] < best:
            return heap[0][0], None
        return best, found

    def _straight(self, needs: Needs) -> tuple[int, Copies | None]:
        """A covering found by taking of each item, one after another, what the bound likes best."""
        weight, taken = 0, []
        for place in range(len(self.weights) - 2):
            number = self._turn(place, needs, self._most(place, needs))
            taken.append(number)
            weight += number * self.weights[place]
            row = self.gains[place]
            needs = tuple([need - number * gain for need, gain in zip(needs, row, strict=True)])
        total, pair = self._pair(needs, NEVER)
        return (NEVER, None) if total >= NEVER else (weight + total, (*taken, *pair))

    def _turn(self, place: int, needs: Needs, most: int) -> int:
        """The copies of an item, ``most`` at the most, from which on more make the bound no lower: it is convex."""
        row, each = self.gains[place], self.weights[place]

        def bound(number: int) -> int:
            left = tuple([need - number * gain for need, gain in zip(needs, row, strict=True)])
            return number * each + self._in_fractions(place + 1, left)

        low, high = 0, most
        while low < high:
            middle = (low + high) // 2
            here = bound(middle)
            if here >= NEVER or bound(middle + 1) < here:
                low = middle + 1
            else:
                high = middle
        return low

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

    def _pair(self, needs: Needs, below: int, enough: int = 0) -> tuple[int, tuple[int, int]]:
        """The least weight, if below ``below``, of the last two items that cover the needs, and their copies.

        What weighs no more than ``enough`` will do.
        """
        first, second = self.weights[-2:]
        pairs = [
            (need, one, other)
            for need, one, other in zip(needs, self.gains[-2], self.gains[-1], strict=True)
            if need > 0
        ]
        best, found = below, (0, 0)
        least = most = 0
        for need, one, other in pairs:
            if one:
                most = max(most, -(-need // one))
            if not other:
                if not one:
                    return NEVER, found
                least = max(least, -(-need // one))
        pairs = [each for each in pairs if each[2]]

        def lacking(number: int) -> tuple[int, int, int]:
            """What asks the most of the other item: so much of a sum, what the one and the other give to it."""
            top, ones, others = 0, 0, 1
            for need, one, other in pairs:
                left = need - number * one
                if left > 0 and left * others > top * other:
                    top, ones, others = left, one, other
            return top, ones, others

        # More of the first item make the whole lighter until here: beyond, and before, the weight only rises.
        low, high = least, most
        while low < high:
            middle = (low + high) // 2
            top, ones, others = lacking(middle)
            if top and first * others < second * ones:
                low = middle + 1
            else:
                high = middle
        for numbers in (range(low, most + 1), range(low - 1, least - 1, -1)):
            for number in numbers:
                self.tries += 1
                if self.tries > _MOST_TRIES and best < NEVER:
                    return best, found
                weight = number * first
                rest = 0
                for need, one, other in pairs:
                    left = need - number * one
                    if left > rest * other:
                        if weight * other + left * second >= best * other:
                            rest = -1
                            break
                        rest = -(-left // other)
                if rest < 0:
                    break
                if weight + rest * second < best:
                    best, found = weight + rest * second, (number, rest)
                    if best <= enough:
                        return best, found
                if not rest and number >= low:
                    break
        return best, found

    def _bound(self, first: int, needs: Needs) -> int:
        """What the linear programme of the items from ``first`` on says, in the steps of their prices."""
        return self._in_steps(first, self._in_fractions(first, needs))

    def _in_steps(self, first: int, bound: int) -> int:
        """A bound rounded up to what sums of prices of the items from ``first`` on can be."""
        cents = bound >> self.place
        between = cents % self.steps[first]
        return (cents - between + self.steps[first]) << self.place if between else bound

    def _in_fractions(self, first: int, needs: Needs) -> int:
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
        return highest

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
