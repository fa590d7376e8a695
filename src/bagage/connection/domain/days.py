"""One day after another on one line: what a purchase brings, what a day takes, and when a purchase can be of use.

Useful is a copy that is *used* on the day on which it is bought: else it can be bought the next day just as well,
unless the next day is full (a daily limit), or the next month is (a monthly limit).
"""

from collections.abc import Callable, Sequence

from bagage.connection.domain import stock as held
from bagage.connection.domain.bound import NEVER
from bagage.connection.domain.stock import Stock
from bagage.connection.domain.task import MONTH, Item, Task

_LOOKS_BETWEEN_THE_CLOCK = 32

Stocks = tuple[Stock, ...]  # one a resource, and the credit last


def never_out_of_time() -> bool:
    return False


class OutOfTime(Exception):
    """The time given is over; what is known so far is told."""


class Days:
    """The days of one task."""

    def __init__(
        self,
        task: Task,
        *,
        ahead_of_limits: bool = True,
        most_looks: int = NEVER,
        out_of_time: Callable[[], bool] = never_out_of_time,
    ) -> None:
        """``ahead_of_limits``: whether to buy before the use because a limit is in the way then."""
        self.task = task
        self.most_looks = most_looks
        self.out_of_time = out_of_time
        self.count = len(task.use)
        self.resources = range(self.count)
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

    def look(self) -> None:
        """Count one step of work; OutOfTime when there have been enough."""
        self.looks += 1
        if self.looks > self.most_looks or (
            self.looks % _LOOKS_BETWEEN_THE_CLOCK == 0 and self.out_of_time()
        ):
            raise OutOfTime

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
            most = self.asked_until(end, day, allowances)
            until = kept + by_then - ended
            if until >= most:
                # Enough until then: whatever of it ends before may as well end then.
                cut = cut or until > most or bool(pairs)
                pairs.clear()
                until, kept = most, 0
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

    def asked_until(self, end: int, day: int, allowances: Sequence[Stock]) -> int:
        """The most that may be asked of credit before ``end``: allowances in hand are used first."""
        most = 0
        for resource, price in enumerate(self.unit):
            if price:
                stock = allowances[resource]
                open_units = self.use[resource] * (end - day)
                if stock:
                    open_units -= stock[0][1]
                if open_units > 0:
                    most += open_units * price
        return most

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
                and not held.lasts(stock, end, day, self.use[resource])
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
        if asked <= held.ending_by(money, end):
            return False
        ends, left = money[0]
        return ends < end or left - (money[1][1] if len(money) > 1 else 0) < self.asked_until(
            ends, day, without
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
                    if stock[-1][0] > min(day + self.spares[resource], task.horizon) and stock[0][
                        1
                    ] < task.use[resource] * (stock[-1][0] - day):
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

    def to_first_failure(self, day: int, stocks: Stocks) -> tuple[int, Stocks]:
        """The first morning whose day cannot be served without a purchase; the horizon when there is none."""
        while day < self.task.horizon:
            after = self.evening(day, stocks)
            if after is None:
                break
            day, stocks = day + 1, after
        return day, stocks

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
