"""The cheapest calendar of purchases of one line, proven: best first, by day, with dominance and a bound.

A label is a morning: the day, what is left of each resource and of credit, what was weighed so far. From it, every
useful set of purchases of the day is tried. Useful: each copy is *used* that day, else it can be bought the next day
just as well; unless the next day is full (a daily limit), or the next month is (a monthly limit). A label that costs no
less and holds no more than another of its day is dropped: the forced order of use is monotone, more stock never hurts.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush

from bagage.connection.domain import stock as held
from bagage.connection.domain.bound import NEVER, Copies, Cover, Needs
from bagage.connection.domain.stock import EMPTY, Stock
from bagage.connection.domain.task import MONTH, Item, Task

_COUNT_BITS = 20
_MONEY_BITS = 28
_MOST_QUICK_PURCHASES = 2000
_LOOKS_BETWEEN_THE_CLOCK = 32

Stocks = tuple[Stock, ...]  # one a resource, and the credit last
Trace = tuple["Trace | None", int, int] | None  # (before, day, item): the purchases, the last first


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
    weight: int = 0


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
        ahead_of_limits: bool = True,
        most_looks: int = NEVER,
        out_of_time: Callable[[], bool] = never_out_of_time,
    ) -> None:
        """``most_cents``: purchases may cost this much, whatever they weigh; ``below``: only weights below count.

        ``ahead_of_limits``: whether to look at purchases made before their use because a limit is in the way then.
        """
        self.task = task
        self.weighing = weighing
        self.most_cents = most_cents
        self.below = below
        self.most_looks = most_looks
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
        # A resource that comes alone, in purchases that give nothing else, need not be spared by buying before it runs
        # out: the same purchases in the same order, each put off until less than a day's use is in hand, serve at
        # least as much each day. So it is for credit where nothing else serves. Only where each purchase has a day to
        # spare, for it may begin on a day that needs little of it; and not where there are limits: put off, it may
        # fall on a day or in a month that is full.
        is_free = task.day_limit is None and task.month_limit is None
        self.comes_alone = [
            is_free
            and all(
                not item.credit
                and item.gives[resource] <= task.use[resource] * (item.days - 1)
                and not any(item.gives[other] for other in self.resources if other != resource)
                for item in task.items
                if item.gives[resource]
            )
            for resource in self.resources
        ]
        self.credit_comes_alone = (
            is_free
            and all(item.credit <= self.full * (item.days - 1) for item in task.items if item.credit)
            and not any(
                item.gives[resource]
                for item in task.items
                for resource in self.resources
                if task.unit[resource]
            )
        )
        # For each item the one thing that it gives, when that comes alone: a resource's place, or -1 for credit.
        self.alone: list[int | None] = []
        for item in task.items:
            given = [resource for resource in self.resources if item.gives[resource]]
            if len(given) == 1 and self.comes_alone[given[0]]:
                self.alone.append(given[0])
            else:
                self.alone.append(-1 if self.credit_comes_alone and not given else None)
        self.alone_now = [*self.comes_alone, self.credit_comes_alone]
        # What each item gives: days, (resource, amount) pairs, credit; read all the time.
        self.parts = [
            (
                item.days,
                tuple(
                    (resource, item.gives[resource]) for resource in self.resources if item.gives[resource]
                ),
                item.credit,
            )
            for item in task.items
        ]
        self.places = range(len(task.items))
        self.use, self.unit, self.horizon = task.use, task.unit, task.horizon
        self.spares = [
            task.horizon
            if self.comes_alone[resource]
            else min((item.days for item in task.items if item.gives[resource]), default=task.horizon)
            for resource in self.resources
        ]
        self.limited = task.day_limit is not None and ahead_of_limits
        # A day's need may have to be bought on so many days; what makes a day too full costs so much at the least.
        self.days_of_one_need = 1
        self.least_due = 0
        if task.day_limit is not None:
            most = sum(item.price * self.copies_a_day(item) for item in task.items)
            self.days_of_one_need = 1 + most // max(1, task.day_limit)
            self.least_due = task.day_limit - max(item.price for item in task.items) + 1
        self.capped = task.month_limit is not None
        self.ahead_of_limits = ahead_of_limits
        self.looks = 0
        self.was_cut = False  # whether something was left aside only because it weighs too much

    # -- the bound ------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Count one step of work; OutOfTime when there have been enough."""
        self.looks += 1
        if self.looks > self.most_looks or (
            self.looks % _LOOKS_BETWEEN_THE_CLOCK == 0 and self.out_of_time()
        ):
            raise OutOfTime

    def needs(self, day: int, stocks: Stocks) -> Needs:
        """What is still to be had for the days from this morning on."""
        days = self.horizon - day
        rest = []
        for resource, use in enumerate(self.use):
            stock = stocks[resource]
            rest.append(use * days - stock[0][1] if stock else use * days)
        credit = stocks[-1]
        return self.cover.needs(rest, credit[0][1] if credit else 0)

    # -- a day ----------------------------------------------------------------------------------------------------

    def copies_a_day(self, item: Item) -> int:
        """So many copies of an item can be used on one day."""
        most = -(-self.full // item.credit) if item.credit else 0
        for use, gives in zip(self.task.use, item.gives, strict=True):
            if gives:
                most = max(most, -(-use // gives))
        return most

    def short(self, stocks: Stocks) -> tuple[int, bool]:
        """What the day asks of credit, allowances used; and whether a resource without a unit price is short."""
        asked = 0
        for resource, use in enumerate(self.use):
            stock = stocks[resource]
            lacking = use - stock[0][1] if stock else use
            if lacking > 0:
                price = self.unit[resource]
                if not price:
                    return 0, True
                asked += lacking * price
        return asked, False

    def evening(self, day: int, stocks: Stocks) -> Stocks | None:
        """The next morning's stocks, or None when the day cannot be served in full."""
        asked, missing = self.short(stocks)
        credit = stocks[-1]
        if missing or asked > (credit[0][1] if credit else 0):
            return None
        return self.used_up(day + 1, stocks, asked)

    def used_up(self, next_day: int, stocks: Stocks, asked: int) -> Stocks:
        """The stocks after a day's use, of which credit pays ``asked``."""
        after_use = held.after_use
        after = []
        for resource, use in enumerate(self.use):
            stock = stocks[resource]
            after.append(after_use(stock, use, next_day) if stock else stock)
        credit = stocks[-1]
        after.append(after_use(credit, asked, next_day) if credit else credit)
        return tuple(after)

    def bought(self, day: int, stocks: Stocks, place: int) -> Stocks:
        """The stocks with one more copy of an item bought this morning."""
        days, parts, credit = self.parts[place]
        end = min(day + days, self.horizon)
        after = list(stocks)
        for resource, gives in parts:
            after[resource] = held.add(stocks[resource], gives, end, day, self.use[resource])
        if credit:
            after[-1] = held.add(stocks[-1], credit, end, day, self.full)
        if after[-1]:
            after[-1] = self.payable(day, after, after[-1])
        return tuple(after)

    def payable(self, day: int, allowances: list[Stock], credit: Stock) -> Stock:
        """The credit without what can never be paid with it: until it ends, allowances in hand are used first."""
        total = credit[0][1]
        kept = ended = 0
        last = len(credit) - 1
        cut = False
        pairs: list[tuple[int, int]] = []
        for place, (end, _) in enumerate(credit):
            by_then = total - credit[place + 1][1] if place < last else total
            most = 0
            for resource, price in enumerate(self.unit):
                if price:
                    stock = allowances[resource]
                    open_units = self.use[resource] * (end - day)
                    if stock:
                        open_units -= stock[0][1]
                    if open_units > 0:
                        most += open_units * price
            until = kept + by_then - ended
            if until > most:
                until, cut = most, True
            ended = by_then
            if until > kept:
                pairs.append((end, until))
                kept = until
        if not cut:
            return credit
        before = 0
        told = []
        for end, until in pairs:
            told.append((end, kept - before))
            before = until
        return tuple(told)

    def is_used(self, day: int, without: Stocks, place: int) -> bool:
        """Whether a copy bought this morning beside the stocks ``without`` it serves something that day."""
        days, parts, credit = self.parts[place]
        end = min(day + days, self.horizon)
        for resource, _ in parts:
            stock = without[resource]
            if not stock or stock[0][1] < self.use[resource]:
                return True
            if (
                stock[-1][0] > end
                and not self.alone_now[resource]
                and held.ending_by(stock, end) < self.use[resource]
            ):
                return True
        if not credit:
            return False
        asked = 0
        given = dict(parts)
        for resource, price in enumerate(self.unit):
            if price:
                stock = without[resource]
                lacking = self.use[resource] - given.get(resource, 0)
                if stock:
                    lacking -= stock[0][1]
                if lacking > 0:
                    asked += lacking * price
        if not asked:
            return False
        money = without[-1]
        if not money or asked > money[0][1]:
            return True
        if money[-1][0] <= end or (self.credit_comes_alone and not parts):
            return False
        return asked > held.ending_by(money, end)

    def to_next_choice(self, day: int, stocks: Stocks) -> tuple[int, Stocks] | None:
        """The first morning, this one or later, on which a purchase may be useful; None when all days are served."""
        task = self.task
        while day < task.horizon:
            asked, missing = self.short(stocks)
            if missing or asked > held.whole(stocks[-1]):
                return day, stocks
            if self.capped and self.ahead_of_limits and day % MONTH == MONTH - 1:
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
                if self.limited:
                    calm -= self.days_of_one_need
                if calm > 0:
                    day += calm
                    stocks = (
                        *(
                            held.after_use(stock, use * calm, day)
                            for stock, use in zip(stocks, task.use, strict=False)
                        ),
                        tuple(pair for pair in stocks[-1] if pair[0] > day),
                    )
                    continue
            for place in self.places:
                if self.is_used(day, stocks, place):
                    return day, stocks
            after = self.used_up(day + 1, stocks, asked)
            if self.limited and self.may_be_full(day + 1, after, self.least_due):
                return day, stocks
            stocks = after
            day += 1
        return None

    def may_be_full(self, day: int, stocks: Stocks, due: int) -> bool:
        """Whether on one of the next days so much may be usefully paid that something must have been bought before.

        Bought meanwhile, anything could only make less useful; so days without a purchase are looked at.
        """
        for _ in range(self.days_of_one_need):
            if day >= self.task.horizon:
                return False
            if self.may_pay(day, stocks, due):
                return True
            asked, missing = self.short(stocks)
            if missing or asked > held.whole(stocks[-1]):
                # It fails unless something is bought before: what is usefully bought then is not seen from here.
                return True
            after = self.evening(day, stocks)
            assert after is not None
            day, stocks = day + 1, after
        return False

    def may_pay(self, day: int, stocks: Stocks, due: int) -> bool:
        """Whether copies that are all used on the day can cost ``due`` or more, within the limit of the day."""
        limit = self.task.day_limit or 0
        pile: list[tuple[int, Stocks, int, tuple[int, ...]]] = [(0, stocks, 0, ())]
        while pile:
            self.look()
            start, now, paid, taken = pile.pop()
            for place in range(start, len(self.task.items)):
                sum_paid = paid + self.task.items[place].price
                if sum_paid > limit or not self.is_used(day, now, place):
                    continue
                both = (*taken, place)
                if sum_paid >= due and not (len(both) > 1 and self.has_an_idle_copy(day, stocks, both)):
                    return True
                pile.append((place, self.bought(day, now, place), sum_paid, both))
        return False

    # -- the search -----------------------------------------------------------------------------------------------

    def at_least(self) -> int:
        """A rough bound on the weight, at once; NEVER when the bound sees that no calendar serves."""
        return self.cover.rough(self.needs(0, (EMPTY,) * (self.count + 1)))

    def run(self) -> Calendar:
        """Search; ``proven`` unless time ran out first. Only calendars that weigh less than ``below`` count."""
        start: Stocks = (EMPTY,) * (self.count + 1)
        needs = self.needs(0, start)
        if self.out_of_time():
            return Calendar(None, 0, False, self.weighing.cents(self.cover.rough(needs)))
        first, copies = self.cover.least(needs)
        if first >= NEVER:
            return Calendar(None, 0, True, 0, is_impossible=True)
        if first >= self.below:
            return Calendar(None, 0, True, self.weighing.cents(first))
        best: tuple[int, Trace] | None = None
        try:
            best = quick = self.quick()
        except OutOfTime:
            return Calendar(None, 0, False, self.weighing.cents(first))
        if quick is not None:
            if quick[0] == first and quick[0] < self.below:
                return self.calendar(quick[1], quick[0], proven=True)
            self.below = min(self.below, quick[0])
        births = 0
        label = Label(0, 0, 0, self.task.bought, 0, 0, start, None, needs, first, copies, True)
        try:
            straight = self.dive(label)
        except OutOfTime:
            straight = None
        if straight is not None:
            best = straight
            if straight[0] == first:
                return self.calendar(straight[1], straight[0], proven=True)
            self.below = min(self.below, straight[0])
        heap: list[tuple[int, int, int, Label]] = [(first, 0, 0, label)]
        seen: dict[int, list[Seen]] = {}
        total = first
        try:
            while heap:
                total, _, _, label = heappop(heap)
                if total >= self.below:
                    break
                if label.day >= self.task.horizon:
                    return self.calendar(label.trace, label.weight, proven=True)
                if self.is_dominated(seen, label):
                    continue
                if not label.is_solved:
                    ahead, copies = self.cover.least(label.needs, label.ahead, label.copies)
                    rose = ahead > label.ahead
                    label.ahead, label.copies, label.is_solved = ahead, copies, True
                    if rose:
                        if label.weight + ahead < self.below:
                            births += 1
                            heappush(heap, (label.weight + ahead, -label.day, births, label))
                        else:
                            self.was_cut = True
                        continue
                self.keep(seen, label)
                for child in self.mornings_after(label):
                    births += 1
                    heappush(heap, (child.weight + child.ahead, -child.day, births, child))
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

    def dive(self, label: Label) -> tuple[int, Trace] | None:
        """A calendar found by taking, choice after choice, the morning that the bound likes best; None when stuck."""
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

    def to_first_failure(self, day: int, stocks: Stocks) -> tuple[int, Stocks]:
        """The first morning whose day cannot be served without a purchase; the horizon when there is none."""
        while day < self.task.horizon:
            after = self.evening(day, stocks)
            if after is None:
                break
            day, stocks = day + 1, after
        return day, stocks

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
                for more, less in zip(other.stocks, label.stocks, strict=True):
                    if less and not covers(more, less):
                        break
                else:
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
                    self.was_cut = True
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

    def is_timely(self, day: int, stocks: Stocks, now: Stocks, taken: tuple[int, ...], place: int) -> bool:
        """Whether one more copy may be of use today, ``taken`` being bought of which ``now`` results."""
        alone = self.alone[place]
        if alone is None:
            return self.is_used(day, now, place)
        items = self.task.items
        if alone < 0:
            use, amounts = self.full, [items[each].credit for each in taken if self.alone[each] == alone]
            amounts.append(items[place].credit)
        else:
            use = self.task.use[alone]
            amounts = [items[each].gives[alone] for each in taken if self.alone[each] == alone]
            amounts.append(items[place].gives[alone])
        return held.whole(stocks[alone]) + sum(amounts) - max(amounts) < use

    def has_an_idle_copy(self, day: int, stocks: Stocks, taken: tuple[int, ...]) -> bool:
        """Whether one of the copies bought this morning serves nothing that day beside all the others."""
        for left_out in set(taken):
            if self.alone[left_out] is not None:
                continue
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
                    self.was_cut = True
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
            self.was_cut = True
            return None
        if self.money is not None:
            money = self.money.rough(needs)
            if self.most_cents is not None and cents + money > self.most_cents:
                self.was_cut = True
                return None
            if task.month_limit is not None:
                months = -(-task.horizon // MONTH) - day // MONTH
                if money > months * task.month_limit - spent:
                    return None
        return Label(
            day, weight, cents, spent, due, due_month, stocks, trace, needs, ahead, copies, copies is not None
        )


def least_calendar(
    task: Task,
    weigh: Callable[[Task], Weighing],
    *,
    most_cents: int | None = None,
    below: int = NEVER,
    most_looks: int = NEVER,
    out_of_time: Callable[[], bool] = never_out_of_time,
    remembered: dict[object, Calendar] | None = None,
) -> Calendar:
    """The calendar of least weight, limits kept; ``remembered`` holds what was found without limits.

    Limits are dear to search under and seldom in the way: first without them; if that calendar breaks one, then with
    them but without buying ahead; and if that one weighs more, buying ahead too, between the two.
    """

    def search(task: Task, below: int, *, ahead: bool = True) -> Calendar:
        return Search(
            task,
            weigh(task),
            most_cents=most_cents,
            below=below,
            ahead_of_limits=ahead,
            most_looks=most_looks,
            out_of_time=out_of_time,
        ).run()

    key = (weigh, task.use, task.horizon, tuple(item.offer.id for item in task.items), most_cents)
    free = remembered.get(key) if remembered is not None else None
    if free is None:
        free = search(replace(task, day_limit=None, month_limit=None), below)
        if remembered is not None and free.purchases is not None and free.proven:
            remembered[key] = free
    elif free.weight >= below:
        return Calendar(None, 0, True, free.cents)
    if free.purchases is None:
        return free if free.proven else replace(free, is_impossible=False)
    if keeps_limits(task, free.purchases):
        return free
    floor = free.weight if free.proven else None
    strict = search(task, below, ahead=False)
    if strict.purchases is not None and strict.weight == floor:
        return strict
    found = search(task, below if strict.purchases is None else strict.weight)
    if found.purchases is not None:
        return found
    if strict.purchases is not None:
        proven = found.proven
        return replace(
            strict, proven=proven, at_least=strict.cents if proven else max(found.at_least, free.at_least)
        )
    return found if found.proven else replace(found, at_least=max(found.at_least, free.at_least))


def keeps_limits(task: Task, purchases: tuple[tuple[int, int], ...]) -> bool:
    """Whether no day costs more than its limit, SIM included on day 0, and no month more than its own."""
    days: Counter[int] = Counter({0: task.sim})
    months: Counter[int] = Counter({0: task.bought})
    for day, place in purchases:
        days[day] += task.items[place].price
        months[day // MONTH] += task.items[place].price
    return (task.day_limit is None or max(days.values()) <= task.day_limit) and (
        task.month_limit is None or max(months.values()) <= task.month_limit
    )
