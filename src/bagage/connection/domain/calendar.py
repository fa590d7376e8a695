"""The cheapest calendar of purchases of one line, proven: best first, by day, with dominance and a bound.

A label is a morning: the day, what is left of each resource and of credit, what was weighed so far. From it, every
useful set of purchases of the day is tried. Useful: each copy is *used* that day, else it can be bought the next day
just as well; unless the next day is full (a daily limit), or the next month is (a monthly limit). A label that costs no
less and holds no more than another of its day is dropped: the forced order of use is monotone, more stock never hurts.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from heapq import heappop, heappush

from bagage.connection.domain import stock as held
from bagage.connection.domain.bound import NEVER, Cover, Needs
from bagage.connection.domain.stock import EMPTY, Stock
from bagage.connection.domain.task import MONTH, Task

_COUNT_BITS = 20
_MONEY_BITS = 28
_MOST_QUICK_PURCHASES = 2000
_LOOKS_BETWEEN_THE_CLOCK = 64

Stocks = tuple[Stock, ...]  # one a resource, and the credit last
# Weight, sum of what is still to be had, cents, spent this month, cents due today, due this month, stocks.
Seen = tuple[int, int, int, int, int, int, Stocks]
Trace = tuple["Trace | None", int, int] | None  # (before, day, item): the purchases, the last first


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


@dataclass(frozen=True)
class Calendar:
    """Purchases (day, item's place in the task), their cents without the SIM, and whether they are proven the least.

    ``purchases`` is None where none was found: with ``proven``, none counts (``is_impossible``: there is none at all).
    ``at_least``: no calendar costs fewer cents.
    """

    purchases: tuple[tuple[int, int], ...] | None
    cents: int
    proven: bool
    at_least: int
    is_impossible: bool = False


def never_out_of_time() -> bool:
    return False


class OutOfTime(Exception):
    """The time given is over; what is known so far is told."""


class Search:
    """One task, searched for one weighing."""

    def __init__(
        self,
        task: Task,
        weighing: Weighing,
        *,
        most_cents: int | None = None,
        below: int = NEVER,
        out_of_time: Callable[[], bool] = never_out_of_time,
    ) -> None:
        """``most_cents``: purchases may cost this much, whatever they weigh; ``below``: only weights below count."""
        self.task = task
        self.weighing = weighing
        self.most_cents = most_cents
        self.below = below
        self.out_of_time = out_of_time
        self.count = len(task.use)
        self.resources = range(self.count)
        self.cover = Cover(task, weighing.of_items, 0 if weighing.count_first else weighing.cents_place)
        self.money = (
            Cover(task, tuple(item.price for item in task.items))
            if most_cents is not None or task.month_limit is not None
            else None
        )
        self.full = task.full_credit
        self.spares = [
            min((item.days for item in task.items if item.gives[resource]), default=task.horizon)
            for resource in self.resources
        ]
        self.limited = task.day_limit is not None
        self.capped = task.month_limit is not None
        self.looks = 0
        self.was_cut = False  # whether something was left aside only because it weighs too much

    # -- the bound ------------------------------------------------------------------------------------------------

    def needs(self, day: int, stocks: Stocks) -> Needs:
        """What is still to be had for the days from this morning on."""
        days = self.task.horizon - day
        rest = [
            use * days - (stock[0][1] if stock else 0)
            for use, stock in zip(self.task.use, stocks, strict=False)
        ]
        return self.cover.needs(rest, stocks[-1][0][1] if stocks[-1] else 0)

    # -- a day ----------------------------------------------------------------------------------------------------

    def short(self, stocks: Stocks) -> tuple[int, bool]:
        """What the day asks of credit, allowances used; and whether a resource without a unit price is short."""
        asked = 0
        for resource in self.resources:
            stock = stocks[resource]
            lacking = self.task.use[resource] - (stock[0][1] if stock else 0)
            if lacking > 0:
                price = self.task.unit[resource]
                if not price:
                    return 0, True
                asked += lacking * price
        return asked, False

    def evening(self, day: int, stocks: Stocks) -> Stocks | None:
        """The next morning's stocks, or None when the day cannot be served in full."""
        asked, missing = self.short(stocks)
        if missing or asked > held.whole(stocks[-1]):
            return None
        after = [
            held.after_use(stock, use, day + 1) for stock, use in zip(stocks, self.task.use, strict=False)
        ]
        after.append(held.after_use(stocks[-1], asked, day + 1))
        return tuple(after)

    def bought(self, day: int, stocks: Stocks, place: int) -> Stocks:
        """The stocks with one more copy of an item bought this morning."""
        item = self.task.items[place]
        end = min(day + item.days, self.task.horizon)
        allowances = [
            held.add(stock, gives, end, day, use)
            for stock, gives, use in zip(stocks, item.gives, self.task.use, strict=False)
        ]
        credit = held.add(stocks[-1], item.credit, end, day, self.full)
        return (*allowances, self.payable(day, allowances, credit))

    def payable(self, day: int, allowances: list[Stock], credit: Stock) -> Stock:
        """The credit without what can never be paid with it: until it ends, allowances in hand are used first."""
        if not credit:
            return credit
        pairs: list[tuple[int, int]] = []
        total = credit[0][1]
        kept = ended = 0
        count = len(credit)
        for place in range(count):
            end = credit[place][0]
            by_then = total - (credit[place + 1][1] if place + 1 < count else 0)
            most = 0
            for stock, use, price in zip(allowances, self.task.use, self.task.unit, strict=True):
                if price:
                    open_units = use * (end - day) - (stock[0][1] if stock else 0)
                    if open_units > 0:
                        most += open_units * price
            until = min(kept + by_then - ended, most)
            ended = by_then
            if until > kept:
                pairs.append((end, until))
                kept = until
        before = 0
        told = []
        for end, until in pairs:
            told.append((end, kept - before))
            before = until
        return tuple(told)

    def is_used(self, day: int, without: Stocks, place: int) -> bool:
        """Whether a copy bought this morning beside the stocks ``without`` it serves something that day."""
        item = self.task.items[place]
        end = min(day + item.days, self.task.horizon)
        for resource in self.resources:
            if item.gives[resource] and held.ending_by(without[resource], end) < self.task.use[resource]:
                return True
        if not item.credit:
            return False
        asked = 0
        for resource in self.resources:
            lacking = self.task.use[resource] - held.whole(without[resource]) - item.gives[resource]
            if lacking > 0:
                asked += lacking * self.task.unit[resource]
        return asked > held.ending_by(without[-1], end)

    def to_next_choice(self, day: int, stocks: Stocks) -> tuple[int, Stocks] | None:
        """The first morning, this one or later, on which a purchase may be useful; None when all days are served."""
        task = self.task
        while day < task.horizon:
            asked, missing = self.short(stocks)
            if missing or asked > held.whole(stocks[-1]):
                return day, stocks
            if self.limited or (self.capped and day % MONTH == MONTH - 1):
                return day, stocks
            if not asked:
                # All is served by allowances: skip the days on which no shorter-lived purchase could spare any of them.
                calm = task.horizon - day
                for resource in self.resources:
                    stock = stocks[resource]
                    if stock[-1][0] > min(day + self.spares[resource], task.horizon):
                        calm = 0
                        break
                    calm = min(calm, stock[0][1] // task.use[resource])
                if calm and self.capped:
                    calm = min(calm, MONTH - 1 - day % MONTH)
                if calm:
                    day += calm
                    stocks = (
                        *(
                            held.after_use(stock, use * calm, day)
                            for stock, use in zip(stocks, task.use, strict=False)
                        ),
                        tuple(pair for pair in stocks[-1] if pair[0] > day),
                    )
                    continue
            if any(self.is_used(day, stocks, place) for place in range(len(task.items))):
                return day, stocks
            after = self.evening(day, stocks)
            assert after is not None
            stocks = after
            day += 1
        return None

    # -- the search -----------------------------------------------------------------------------------------------

    def run(self) -> Calendar:
        """Search; ``proven`` unless time ran out first. Only calendars that weigh less than ``below`` count."""
        start: Stocks = (EMPTY,) * (self.count + 1)
        first = self.cover.least(self.needs(0, start))
        if first >= NEVER:
            return Calendar(None, 0, True, 0, is_impossible=True)
        if first >= self.below:
            return Calendar(None, 0, True, self.weighing.cents(first))
        quick = self.quick()
        if quick is not None:
            if quick[0] == first and quick[0] < self.below:
                return self.calendar(quick[1], quick[0], proven=True)
            self.below = min(self.below, quick[0])
        best: tuple[int, Trace] | None = quick
        heap: list[tuple[int, int, int, int, int, int, int, int, Stocks, Trace]] = []
        # (weight with the bound, -day, order of birth, weight, cents, spent this month, cents due today,
        #  cents due this month, stocks, purchases)
        heap.append((first, 0, 0, 0, 0, self.task.bought, 0, 0, start, None))
        seen: dict[int, list[Seen]] = {}
        births = 0
        total = first
        try:
            while heap:
                total, negative, _, weight, cents, spent, due, due_month, stocks, trace = heappop(heap)
                if total >= self.below:
                    break
                day = -negative
                if day >= self.task.horizon:
                    return self.calendar(trace, weight, proven=True)
                lacks = sum(self.needs(day, stocks))
                if self.is_dominated(seen, day, (weight, lacks, cents, spent, due, due_month, stocks)):
                    continue
                for child in self.mornings_after(day, weight, cents, spent, due, due_month, stocks, trace):
                    births += 1
                    heappush(heap, (child[0], -child[1], births, *child[2:]))
        except OutOfTime:
            if best is None:
                return Calendar(None, 0, False, self.weighing.cents(total))
            found = self.calendar(best[1], best[0], proven=False)
            return replace(found, at_least=min(self.weighing.cents(total), found.cents))
        if best is not None:
            return self.calendar(best[1], best[0], proven=True)
        return Calendar(None, 0, True, self.weighing.cents(min(total, self.below)), not self.was_cut)

    def calendar(self, trace: Trace, weight: int, *, proven: bool) -> Calendar:
        purchases: list[tuple[int, int]] = []
        while trace is not None:
            trace, day, place = trace
            purchases.append((day, place))
        purchases.reverse()
        cents = self.weighing.cents(weight)
        return Calendar(tuple(purchases), cents, proven, cents)

    def quick(self) -> tuple[int, Trace] | None:
        """A calendar found by going straight ahead, each day buying what the bound likes best; None when stuck.

        What it weighs is below ``below``: else it is of no use.
        """
        task, weighing = self.task, self.weighing
        day, weight, cents, spent, paid_today = 0, 0, 0, task.bought, task.sim
        stocks: Stocks = (EMPTY,) * (self.count + 1)
        trace: Trace = None
        for _ in range(_MOST_QUICK_PURCHASES):
            best: tuple[int, int, int, int, Stocks] | None = None
            for place, item in enumerate(task.items):
                if task.day_limit is not None and paid_today + item.price > task.day_limit:
                    continue
                if task.month_limit is not None and spent + item.price > task.month_limit:
                    continue
                if not self.is_used(day, stocks, place):
                    continue
                then, more = self.to_first_failure(day, self.bought(day, stocks, place))
                added = weighing.of_items[place] + (weighing.on_day_0[place] if day == 0 else 0)
                ahead = 0 if then >= task.horizon else self.cover.least(self.needs(then, more))
                if ahead < NEVER and (best is None or added + ahead < best[0]):
                    best = (added + ahead, place, added, then, more)
            if best is None:
                return None
            _, place, added, then, stocks = best
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

    def to_first_failure(self, day: int, stocks: Stocks) -> tuple[int, Stocks]:
        """The first morning whose day cannot be served without a purchase; the horizon when there is none."""
        while day < self.task.horizon:
            after = self.evening(day, stocks)
            if after is None:
                break
            day, stocks = day + 1, after
        return day, stocks

    def is_dominated(self, seen: dict[int, list[Seen]], day: int, label: Seen) -> bool:
        """Whether an earlier label of the day is no worse in all; if not, the label is kept among the seen."""
        others = seen.setdefault(day, [])
        weight, lacks, cents, spent, due, due_month, stocks = label
        second = self.most_cents is not None
        covers = held.covers
        for other in others:
            if (
                other[0] <= weight
                and other[1] <= lacks
                and (not second or other[2] <= cents)
                and other[3] <= spent
                and other[4] <= due
                and other[5] <= due_month
            ):
                for more, less in zip(other[6], stocks, strict=True):
                    if less and not covers(more, less):
                        break
                else:
                    return True
        others.append(label)
        return False

    def mornings_after(
        self,
        day: int,
        weight: int,
        cents: int,
        spent: int,
        due: int,
        due_month: int,
        stocks: Stocks,
        trace: Trace,
    ) -> Iterator[tuple[int, int, int, int, int, int, int, Stocks, Trace]]:
        """Each next choice that one day's useful purchases lead to, unless the bound forbids it."""
        task, weighing = self.task, self.weighing
        last_of_month = day % MONTH == MONTH - 1
        ends_month = (day + 1) % MONTH == 0
        free_ahead = day + 1 < task.horizon and (self.limited or (self.capped and last_of_month))
        limit = task.day_limit
        room = NEVER if limit is None else limit - (task.sim if day == 0 else 0)
        if self.capped:
            room = min(room, task.month_limit - spent)  # type: ignore[operator]
        pile: list[tuple[int, Stocks, int, int, int, Trace, int, tuple[int, ...]]] = [
            (0, stocks, 0, weight, 0, trace, NEVER, ())
        ]
        while pile:
            self.looks += 1
            if self.looks % _LOOKS_BETWEEN_THE_CLOCK == 0 and self.out_of_time():
                raise OutOfTime
            start, now, paid, heavy, idle, path, smallest_idle, taken = pile.pop()
            if paid >= due:
                after = self.evening(day, now)
                if after is not None and not (
                    not free_ahead and len(taken) > 1 and self.has_an_idle_copy(day, stocks, taken)
                ):
                    morning = self.morning(
                        day,
                        after,
                        heavy,
                        cents + paid,
                        spent + paid,
                        smallest_idle,
                        due_month - paid,
                        ends_month,
                        path,
                    )
                    if morning is not None:
                        yield morning
            for place in range(start, len(task.items)):
                price = task.items[place].price
                if paid + price > room:
                    continue
                used = self.is_used(day, now, place)
                if not used and not free_ahead:
                    continue
                more = self.bought(day, now, place)
                if more == now:
                    continue
                heavier = heavy + weighing.of_items[place] + (weighing.on_day_0[place] if day == 0 else 0)
                if heavier >= self.below:
                    self.was_cut = True
                    continue
                pile.append(
                    (
                        place,
                        more,
                        paid + price,
                        heavier,
                        idle + (not used),
                        (path, day, place),
                        smallest_idle if used else min(smallest_idle, price),
                        (*taken, place),
                    )
                )

    def has_an_idle_copy(self, day: int, stocks: Stocks, taken: tuple[int, ...]) -> bool:
        """Whether one of the copies bought this morning serves nothing that day beside all the others."""
        for left_out in set(taken):
            others = list(taken)
            others.remove(left_out)
            without = stocks
            for place in others:
                without = self.bought(day, without, place)
            if not self.is_used(day, without, left_out):
                return True
        return False

    def morning(
        self,
        day: int,
        stocks: Stocks,
        weight: int,
        cents: int,
        spent: int,
        smallest_idle: int,
        due_month: int,
        ends_month: bool,
        trace: Trace,
    ) -> tuple[int, int, int, int, int, int, int, Stocks, Trace] | None:
        """The label of the next choice after a day, or None when it cannot lead to anything."""
        task = self.task
        due = 0
        due_month = max(0, due_month)
        if self.capped and ends_month:
            if due_month:
                return None
            spent = 0
        if smallest_idle < NEVER:
            # It was bought before its use: only right if it could not have been bought a day later.
            by_day = by_month = None
            if task.day_limit is not None:
                by_day = task.day_limit - smallest_idle + 1
            if task.month_limit is not None and ends_month:
                by_month = task.month_limit - smallest_idle + 1
            if by_day is not None and by_month is None:
                due = by_day
            elif by_month is not None and by_day is None:
                due_month = by_month
        day += 1
        if not due and not due_month:
            choice = self.to_next_choice(day, stocks)
            if choice is None:
                if weight >= self.below or (self.most_cents is not None and cents > self.most_cents):
                    self.was_cut = True
                    return None
                return (weight, task.horizon, weight, cents, 0, 0, 0, (), trace)
            if self.capped and choice[0] // MONTH != day // MONTH:
                spent = 0
            day, stocks = choice
        elif day >= task.horizon:
            return None
        needs = self.needs(day, stocks)
        ahead = self.cover.least(needs)
        if ahead >= NEVER:
            return None
        if weight + ahead >= self.below:
            self.was_cut = True
            return None
        if self.money is not None:
            money = self.money.least(needs)
            if self.most_cents is not None and cents + money > self.most_cents:
                self.was_cut = True
                return None
            if task.month_limit is not None:
                months = -(-task.horizon // MONTH) - day // MONTH
                if money > months * task.month_limit - spent:
                    return None
        return (weight + ahead, day, weight, cents, spent, due, due_month, stocks, trace)
