"""The cheapest calendar of purchases of one line, proven: best first, by day, with dominance and a bound.

A label is a morning: the day, what is left of each resource and of credit, what was weighed so far. From it, every
useful set of purchases of the day is tried. A label that costs no less and holds no more than another of its day is
dropped: the forced order of use is monotone, more stock never hurts.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush
from typing import Any

from bagage.connection.domain import stock as held
from bagage.connection.domain.bound import NEVER, Copies, Cover, Needs
from bagage.connection.domain.days import Days, OutOfTime, Stocks, never_out_of_time
from bagage.connection.domain.stock import EMPTY
from bagage.connection.domain.task import MONTH, Task
from bagage.connection.domain.weighing import Weighing

_MOST_QUICK_PURCHASES = 2000

Trace = tuple[Any, int, int] | None  # (the trace before, day, item): the purchases, the last first


@dataclass(slots=True)
class Label:
    """A morning with a choice, and how it was come to.

    ``weight`` and ``cents`` so far, cents ``spent`` this month; ``due`` and ``due_month``: cents that must be paid
    today and this month, or something was bought too early for no reason. ``ahead``: the bound on the weight to come,
    with the ``copies`` of a covering that weighs it; not ``is_solved`` while it is only rough.
    """

    day: int
    weight: int
    cents: int
    spent: int
    due: int
    due_month: int
    stocks: Stocks
    trace: Trace
    needs: Needs
    ahead: int
    copies: Copies | None
    is_solved: bool


Seen = tuple[int, Label]  # the sum of what it lacks, and the label


@dataclass(frozen=True)
class Calendar:
    """Purchases (day, item's place in the task), their cents without the SIM, and whether they are proven the least.

    ``purchases`` is None where none was found: with ``proven``, none counts. ``at_least``: no calendar costs fewer
    cents.
    """

    purchases: tuple[tuple[int, int], ...] | None
    cents: int
    proven: bool
    at_least: int
    weight: int = 0


class Search(Days):
    """One task, searched for one weighing."""

    def __init__(
        self,
        task: Task,
        weighing: Weighing,
        *,
        most_cents: int | None = None,
        below: int = NEVER,
        ahead_of_limits: bool = True,
        most_looks: int = NEVER,
        out_of_time: Callable[[], bool] = never_out_of_time,
    ) -> None:
        """``most_cents``: purchases may cost this much, whatever they weigh; ``below``: only weights below count.

        ``ahead_of_limits``: whether to look at purchases made before their use because a limit is in the way then.
        """
        super().__init__(
            task, ahead_of_limits=ahead_of_limits, most_looks=most_looks, out_of_time=out_of_time
        )
        self.weighing = weighing
        self.most_cents = most_cents
        # What a unit of each resource is worth in credit, nothing where it cannot be paid; credit itself is none.
        has_credit = any(item.credit for item in task.items)
        self.prices = tuple(task.unit) if has_credit else (0,) * self.count
        self.below = self.asked_below = below
        # How far it has come.
        self.root: Label | None = None
        self.tried: list[Callable[[], tuple[int, Trace] | None]] = []
        self.best: tuple[int, Trace] | None = None
        self.heap: list[tuple[int, int, int, int, Label]] = []
        self.by = 0  # how many bits of a weight do not count for whose turn it is
        self.seen: dict[int, list[Seen]] = {}
        self.births = 0
        self.cents_suffice = False
        self.cover = Cover(task, weighing.of_items, 0 if weighing.count_first else weighing.cents_place)
        self.money = (
            Cover(task, tuple(item.price for item in task.items))
            if most_cents is not None or task.month_limit is not None
            else None
        )

    def needs(self, day: int, stocks: Stocks) -> Needs:
        """What is still to be had for the days from this morning on."""
        days = self.horizon - day
        rest = []
        for resource, use in enumerate(self.use):
            stock = stocks[resource]
            rest.append(use * days - stock[0][1] if stock else use * days)
        credit = stocks[-1]
        return self.cover.needs(rest, credit[0][1] if credit else 0)

    def at_least(self) -> int:
        """A rough bound on the weight, at once; NEVER when the bound sees that no calendar serves."""
        return self.cover.rough(self.needs(0, (EMPTY,) * (self.count + 1)))

    def run(self) -> Calendar:
        """Search; ``proven`` unless time ran out first. Only calendars that weigh less than ``below`` count.

        Asked again when time ran out, it goes on where it was.
        """
        if self.root is None:
            start: Stocks = (EMPTY,) * (self.count + 1)
            needs = self.needs(0, start)
            if self.out_of_time():
                return Calendar(None, 0, False, self.weighing.cents(self.cover.rough(needs)))
            first, copies = self.cover.least(needs)
            if first >= NEVER:
                return Calendar(None, 0, True, 0)
            self.root = Label(0, 0, 0, self.task.bought, 0, 0, start, None, needs, first, copies, True)
        first = self.root.ahead
        if first >= self.below:
            return Calendar(None, 0, True, self.weighing.cents(first))
        for straight in (self.quick, self.dive):
            if straight in self.tried:
                continue
            try:
                found = straight()
            except OutOfTime:
                return self.so_far(first)
            self.tried.append(straight)
            if found is not None:
                self.best, self.below = found, found[0]
                if found[0] == first:
                    return self.calendar(found[1], found[0], proven=True)
        place = self.weighing.cents_place if self.cents_suffice else 0
        if place != self.by:
            self.by = place
            self.heap = [
                (total >> place, day, births, total, label) for _, day, births, total, label in self.heap
            ]
            heapify(self.heap)
        if not self.births:
            self.push(first, self.root)
        heap, seen = self.heap, self.seen
        total = first
        while heap:
            rank, _, _, total, label = heappop(heap)
            if rank >= self.below >> place:
                if rank > self.below >> place or not place:
                    break
                if self.best is not None:
                    self.push(total, label)
                    return self.so_far(rank << place)
            if total >= self.below or self.is_dominated(seen, label):
                continue
            if not label.is_solved:
                ahead, copies = self.cover.least(label.needs, label.ahead, label.copies)
                rose = ahead > label.ahead
                label.ahead, label.copies, label.is_solved = ahead, copies, True
                if rose:
                    if label.weight + ahead < self.below:
                        self.push(label.weight + ahead, label)
                    continue
            try:
                for child in self.mornings_after(label):
                    if child.day < self.horizon:
                        self.push(child.weight + child.ahead, child)
                    elif child.weight < self.below:
                        self.best, self.below = (child.weight, child.trace), child.weight
            except OutOfTime:
                self.push(total, label)
                return self.so_far(rank << place)
            self.keep(seen, label)
        if self.best is not None:
            return self.calendar(self.best[1], self.best[0], proven=True)
        return Calendar(None, 0, True, self.weighing.cents(min(total, self.below)))

    def go_on(
        self,
        below: int,
        most_looks: int,
        out_of_time: Callable[[], bool],
        *,
        cents_suffice: bool = False,
    ) -> Calendar:
        """Search on, for so many looks more; ``below`` is no more than it was.

        ``cents_suffice``: whether to stop, unproven, once no calendar can cost fewer cents.
        """
        self.cents_suffice = cents_suffice
        self.most_looks, self.out_of_time = self.looks + most_looks, out_of_time
        # What was left out because it weighs ``below`` or more stays out: nobody may ask it for more again.
        self.asked_below = min(self.asked_below, below)
        self.below = min(self.below, below)
        if self.best is not None and self.best[0] >= below:
            self.best = None
        return self.run()

    def push(self, total: int, label: Label) -> None:
        """Wait for the turn of a label: the least first, of equals the latest day."""
        self.births += 1
        heappush(self.heap, (total >> self.by, -label.day, self.births, total, label))

    def so_far(self, at_least: int) -> Calendar:
        """What is known when time runs out: no weight is below ``at_least``."""
        cents = self.weighing.cents(at_least)
        if self.best is None:
            return Calendar(None, 0, False, cents)
        found = self.calendar(self.best[1], self.best[0], proven=False)
        return replace(found, at_least=min(cents, found.cents))

    def calendar(self, trace: Trace, weight: int, *, proven: bool) -> Calendar:
        purchases: list[tuple[int, int]] = []
        while trace is not None:
            trace, day, place = trace
            purchases.append((day, place))
        purchases.reverse()
        cents = self.weighing.cents(weight)
        return Calendar(tuple(purchases), cents, proven, cents, weight=weight)

    def quick(self) -> tuple[int, Trace] | None:
        """A calendar found by going straight ahead, each day buying what the bound likes best; None when stuck.

        What it weighs is below ``below``: else it is of no use.
        """
        task, weighing = self.task, self.weighing
        day, weight, cents, spent, paid_today = 0, 0, 0, task.bought, task.sim
        cover = self.cover
        stocks: Stocks = (EMPTY,) * (self.count + 1)
        trace: Trace = None
        ahead, copies = cover.least(self.needs(day, stocks))
        for _ in range(_MOST_QUICK_PURCHASES):
            self.look()
            best: tuple[int, int, int, int, Stocks, int, Copies | None] | None = None
            for place, item in enumerate(task.items):
                if task.day_limit is not None and paid_today + item.price > task.day_limit:
                    continue
                if task.month_limit is not None and spent + item.price > task.month_limit:
                    continue
                if not self.is_used(day, stocks, place):
                    continue
                then, more = self.to_first_failure(day, self.bought(day, stocks, place))
                added = weighing.of_items[place] + (weighing.on_day_0[place] if day == 0 else 0)
                if then >= task.horizon:
                    rest, left = 0, None
                else:
                    rest, left = cover.estimate(
                        self.needs(then, more),
                        max(0, ahead - weighing.of_items[place]),
                        cover.without(copies, (place,)),
                    )
                if rest < NEVER and (best is None or added + rest < best[0]):
                    best = (added + rest, place, added, then, more, rest, left)
            if best is None:
                return None
            _, place, added, then, stocks, ahead, copies = best
            if copies is None and then < task.horizon:
                ahead, copies = cover.least(self.needs(then, stocks), ahead)
            price = task.items[place].price
            weight, cents, spent, paid_today = (
                weight + added,
                cents + price,
                spent + price,
                paid_today + price,
            )
            trace = (trace, day, place)
            if weight >= self.below or (self.most_cents is not None and cents > self.most_cents):
                return None
            if then >= task.horizon:
                return weight, trace
            if then > day:
                paid_today = 0
                if then // MONTH != day // MONTH:
                    spent = 0
                day = then
        return None

    def dive(self) -> tuple[int, Trace] | None:
        """A calendar found by taking, choice after choice, the morning that the bound likes best; None when stuck."""
        label = self.root
        assert label is not None
        while label.day < self.task.horizon:
            heap = [
                (child.weight + child.ahead, -child.day, rank, child)
                for rank, child in enumerate(self.mornings_after(label))
            ]
            heapify(heap)
            while heap:
                total, _, rank, child = heappop(heap)
                if child.is_solved:
                    break
                ahead, copies = self.cover.least(child.needs, child.ahead, child.copies)
                child.ahead, child.copies, child.is_solved = ahead, copies, True
                heappush(heap, (child.weight + ahead, -child.day, rank, child))
            else:
                return None
            if total >= self.below:
                return None
            label = child
        return label.weight, label.trace

    def is_dominated(self, seen: dict[int, list[Seen]], label: Label) -> bool:
        """Whether a label of the day that was kept is no worse in all."""
        second = self.most_cents is not None
        covers = held.covers
        lacks = sum(label.needs)
        for other_lacks, other in seen.get(label.day, ()):
            if (
                other_lacks <= lacks
                and other.weight <= label.weight
                and (not second or other.cents <= label.cents)
                and other.spent <= label.spent
                and other.due <= label.due
                and other.due_month <= label.due_month
            ):
                owed = until = 0
                for more, less, price in zip(other.stocks, label.stocks, self.prices, strict=False):
                    if less and not covers(more, less):
                        if not price:
                            break
                        # What it lacks, credit that lives as long pays instead.
                        owed += price * held.lacking(more, less)
                        until = max(until, less[-1][0])
                else:
                    if held.covers_with(other.stocks[-1], label.stocks[-1], owed, until):
                        return True
        return False

    def keep(self, seen: dict[int, list[Seen]], label: Label) -> None:
        seen.setdefault(label.day, []).append((sum(label.needs), label))

    def mornings_after(self, label: Label) -> Iterator[Label]:
        """Each next choice that one day's useful purchases lead to, unless the bound forbids it."""
        task, weighing = self.task, self.weighing
        day = label.day
        free_ahead = (
            self.ahead_of_limits
            and day + 1 < task.horizon
            and (self.limited or (self.capped and day % MONTH == MONTH - 1))
        )
        room = NEVER if task.day_limit is None else task.day_limit - (task.sim if day == 0 else 0)
        if task.month_limit is not None:
            room = min(room, task.month_limit - label.spent)
        pile: list[tuple[int, Stocks, int, int, Trace, int, tuple[int, ...]]] = [
            (0, label.stocks, 0, label.weight, label.trace, NEVER, ())
        ]
        while pile:
            self.look()
            start, now, paid, heavy, path, smallest_idle, taken = pile.pop()
            if paid >= label.due:
                after = self.evening(day, now)
                if after is not None and (
                    free_ahead or len(taken) < 2 or not self.has_an_idle_copy(day, label.stocks, taken)
                ):
                    morning = self.morning(label, after, heavy, paid, smallest_idle, path, taken)
                    if morning is not None:
                        yield morning
            for place in range(start, len(task.items)):
                price = task.items[place].price
                if paid + price > room:
                    continue
                used = self.is_timely(day, label.stocks, now, taken, place)
                if not used and not free_ahead:
                    continue
                more = self.bought(day, now, place)
                if more == now:
                    continue
                heavier = heavy + weighing.of_items[place] + (weighing.on_day_0[place] if day == 0 else 0)
                if heavier >= self.below:
                    continue
                pile.append(
                    (
                        place,
                        more,
                        paid + price,
                        heavier,
                        (path, day, place),
                        smallest_idle if used else min(smallest_idle, price),
                        (*taken, place),
                    )
                )

    def morning(
        self,
        label: Label,
        stocks: Stocks,
        weight: int,
        paid: int,
        smallest_idle: int,
        trace: Trace,
        taken: tuple[int, ...],
    ) -> Label | None:
        """The label of the next choice after a day, or None when it cannot lead to anything."""
        task = self.task
        ends_month = (label.day + 1) % MONTH == 0
        cents, spent = label.cents + paid, label.spent + paid
        due, due_month = 0, max(0, label.due_month - paid)
        if self.capped and ends_month:
            if due_month:
                return None
            spent = 0
        if smallest_idle < NEVER:
            # It was bought before its use: only right if it could not have been bought a day later.
            by_day = None if task.day_limit is None else task.day_limit - smallest_idle + 1
            by_month = None
            if task.month_limit is not None and ends_month:
                by_month = task.month_limit - smallest_idle + 1
            if by_month is None:
                due = by_day or 0
                if due and not self.may_be_full(label.day + 1, stocks, due):
                    return None
            elif by_day is None:
                due_month = by_month
        day = label.day + 1
        if due or due_month:
            if day >= task.horizon:
                return None
        else:
            choice = self.to_next_choice(day, stocks)
            if choice is None:
                if weight >= self.below or (self.most_cents is not None and cents > self.most_cents):
                    return None
                return Label(task.horizon, weight, cents, 0, 0, 0, (), trace, (), 0, None, True)
            if choice[0] // MONTH != day // MONTH:
                spent = 0
            day, stocks = choice
        needs = self.needs(day, stocks)
        # A covering of what was lacking before, less what was bought, is the first guess of what is lacking now.
        floor = max(0, label.ahead - sum([self.weighing.of_items[place] for place in taken]))
        hint = self.cover.without(label.copies, taken)
        ahead, copies = self.cover.estimate(needs, floor, hint)
        if ahead >= NEVER:
            return None
        if weight + ahead >= self.below:
            return None
        if self.money is not None:
            money = self.money.rough(needs)
            if self.most_cents is not None and cents + money > self.most_cents:
                return None
            if task.month_limit is not None:
                months = -(-task.horizon // MONTH) - day // MONTH
                if money > months * task.month_limit - spent:
                    return None
        return Label(
            day, weight, cents, spent, due, due_month, stocks, trace, needs, ahead, copies, copies is not None
        )
