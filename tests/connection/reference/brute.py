"""Every calendar of a tiny line of top-ups, tried.

The days are walked forward. A state is what lives (per resource and in money, the amount that each last day still
holds) and what the month has cost; from each state every multiset of purchases that the budget, the day's limit and
the month's cap allow is tried, and the day is then used up in the operator's order. Equal states are told apart only
by what can matter later: (cost, purchases, paid on day 0), of which those beaten in all three are dropped. Nothing else
is dropped but

- amounts that can't be used before they end (cut to the use of the days that they have left: the order never reaches
  further), and with that a further copy that changes nothing;
- what can't end within the budget, by a bound that a child can check: the most that any one euro can bring of the one
  resource that lacks most.

The budget starts at that bound and grows until a calendar is found; whatever costs no more than the budget has been
tried. ``bound=False`` does without the bound, to check it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.connection.reference.reading import CENT, MONTH, UNIT, UNLIMITED, cents, hundredths


class TooLarge(Exception):
    """More states than asked for: the instance is not tiny."""


@dataclass(frozen=True)
class Found:
    """A calendar: cost without the SIM, number of purchases, cost of day 0 without the SIM, (day, offer id) of each."""

    cost: int
    count: int
    first: int
    purchases: tuple[tuple[int, str], ...]


@dataclass(frozen=True)
class _TopUp:
    id: str
    price: int
    days: int
    amounts: tuple[int | None, ...]  # per used resource; None = unlimited
    credit: int


class Tiny:
    """The top-ups of one line and the use of one person, made ready."""

    def __init__(
        self,
        line: dict[str, Any],
        offers: list[dict[str, Any]],
        need: dict[str, int],
        *,
        horizon: int,
        max_payment: int | None,
        already_bought: int = 0,
        limit: int = 400_000,
        bound: bool = True,
    ) -> None:
        self.names = list(need)
        self.use = [need[name] for name in self.names]
        self.unit = [
            hundredths(line["unit_prices"][name]) if name in line.get("unit_prices", {}) else None
            for name in self.names
        ]
        self.day_cost = sum(use * unit for use, unit in zip(self.use, self.unit, strict=True) if unit)
        self.horizon = horizon
        self.sim = cents(line["sim_price"])
        self.most = max_payment
        self.cap = cents(line.get("monthly_cap"))
        self.already = already_bought
        self.limit = limit
        self.bound = bound
        self.tried = 0
        self.offers = [self._top_up(offer) for offer in offers if offer["kind"] == "top_up"]
        self.rates = [self._rate(index) for index in range(len(self.names))]

    def _top_up(self, offer: dict[str, Any]) -> _TopUp:
        allowances = offer.get("allowances", {})
        return _TopUp(
            id=offer["id"],
            price=cents(offer["price"]),
            days=offer["validity_days"],
            amounts=tuple(
                None if allowances.get(name) == UNLIMITED else allowances.get(name, 0) * UNIT
                for name in self.names
            ),
            credit=cents(offer.get("credit", "0.00")) * CENT,
        )

    def _rate(self, index: int) -> Fraction | None:
        """The least price in cents of one measure of a resource, over all top-ups; None when none brings any."""
        best = None
        for offer in self.offers:
            most = offer.days * self.use[index]
            amount = most if offer.amounts[index] is None else min(most, offer.amounts[index])
            brought = Fraction(amount)
            if self.unit[index]:
                brought += Fraction(offer.credit, self.unit[index])
            if brought and (best is None or offer.price / brought < best):
                best = offer.price / brought
        return best

    def unsourced(self) -> list[str]:
        """The resources that no top-up brings, neither as an allowance nor through priced credit."""
        return [name for index, name in enumerate(self.names) if self.rates[index] is None]

    def search(self) -> list[Found]:
        """All calendars worth knowing within 5 % of the least total, SIM included; empty when none serves.

        The first is the least in (total, paid on day 0, purchases).
        """
        if self.most is not None and self.sim > self.most:
            return []
        if not self.names:
            return [Found(0, 0, 0, ())]
        if self.unsourced():
            return []
        budget = self._at_least(0, self._start())
        while True:
            ends, next_budget = self._walk(budget)
            if ends:
                best = min(end.cost for end in ends)
                wide = (self.sim + best) * 105 // 100 - self.sim
                if wide > budget:
                    ends, _ = self._walk(wide)
                return sorted(
                    (end for end in ends if end.cost <= wide),
                    key=lambda end: (end.cost, end.first, end.count, end.purchases),
                )
            if next_budget is None:
                return []
            budget = max(next_budget, budget + budget // 8)

    # ---------- the walk ----------

    def _start(self) -> tuple[Any, ...]:
        return (*(() for _ in self.names), ())

    def _at_least(self, day: int, state: tuple[Any, ...]) -> int:
        """A bound in cents on what is still to be paid from the morning of ``day``."""
        if not self.bound:
            return 0
        worst = Fraction(0)
        money = sum(amount for _, amount in state[-1])
        for index, rate in enumerate(self.rates):
            lacking = Fraction(self.use[index] * (self.horizon - day))
            lacking -= sum(amount for _, amount in state[index])
            if self.unit[index]:
                lacking -= Fraction(money, self.unit[index])
            if rate is not None and lacking > 0:
                worst = max(worst, lacking * rate)
        return -(-worst.numerator // worst.denominator)

    def _walk(self, budget: int) -> tuple[list[Found], int | None]:
        """All ends that cost at most ``budget``; and the least bound that was refused, None when none was."""
        refused: int | None = None
        # (state, spent this month) → undominated (cost, count, first, purchases as a chain)
        layer: dict[tuple[Any, int], list[tuple[int, int, int, Any]]] = {
            (self._start(), self.already): [(0, 0, 0, None)]
        }
        for day in range(self.horizon):
            following: dict[tuple[Any, int], list[tuple[int, int, int, Any]]] = {}
            for (state, spent), ways in layer.items():
                if day and day % MONTH == 0:
                    spent = 0
                cheapest = min(way[0] for way in ways)
                for paid, count, bought, after, over in self._choices(day, state, spent, budget - cheapest):
                    if over is not None:
                        refused = cheapest + over if refused is None else min(refused, cheapest + over)
                        continue
                    evening = self._use(day, after)
                    if evening is None:
                        continue
                    self.tried += 1
                    if self.tried > self.limit:
                        raise TooLarge(f"{self.tried} states")
                    least = self._at_least(day + 1, evening)
                    key = (evening, spent + paid if self.cap is not None else 0)
                    for way in ways:
                        cost = way[0] + paid
                        if cost + least > budget:
                            refused = cost + least if refused is None else min(refused, cost + least)
                            continue
                        chain = (way[3], day, bought) if bought else way[3]
                        new = (cost, way[1] + count, way[2] if day else paid, chain)
                        _keep(following.setdefault(key, []), new)
            layer = {key: ways for key, ways in following.items() if ways}
        ends = [
            Found(cost, count, first, _unchain(chain, self.offers))
            for ways in layer.values()
            for cost, count, first, chain in ways
        ]
        return ends, refused

    def _choices(
        self, day: int, state: tuple[Any, ...], spent: int, purse: int
    ) -> Iterator[tuple[int, int, tuple[int, ...], tuple[Any, ...], int | None]]:
        """Every multiset of purchases of a morning: (paid, count, copies, state after, None).

        Where the purse is too small, only the last of these is set: what would have been paid.
        """
        allowed = []
        if self.most is not None:
            allowed.append(self.most - (self.sim if day == 0 else 0))
        if self.cap is not None:
            allowed.append(self.cap - spent)
        most = min(allowed) if allowed else None

        def extend(
            index: int, paid: int, count: int, copies: tuple[int, ...], now: tuple[Any, ...]
        ) -> Iterator[tuple[int, int, tuple[int, ...], tuple[Any, ...], int | None]]:
            if index == len(self.offers):
                yield paid, count, copies if count else (), now, None
                return
            offer = self.offers[index]
            copy = 0
            while True:
                yield from extend(index + 1, paid, count + copy, (*copies, copy), now)
                paid += offer.price
                copy += 1
                if most is not None and paid > most:
                    return
                if paid > purse:
                    yield 0, 0, (), (), paid
                    return
                more = self._add(day, now, offer)
                if more == now:
                    return
                now = more

        yield from extend(0, 0, 0, (), state)

    def _add(self, day: int, state: tuple[Any, ...], offer: _TopUp) -> tuple[Any, ...]:
        """The state with one copy more."""
        end = min(day + offer.days, self.horizon)
        left = end - day
        new = []
        for index, stock in enumerate(state[:-1]):
            amount = offer.amounts[index]
            most = left * self.use[index]
            new.append(_put(stock, end, most if amount is None else amount, most))
        new.append(_put(state[-1], end, offer.credit, left * self.day_cost))
        return tuple(new)

    def _use(self, day: int, state: tuple[Any, ...]) -> tuple[Any, ...] | None:
        """What the evening leaves; None when the day can't be served in full."""
        due = 0
        evening = []
        left_days = day + 1
        for index, use in enumerate(self.use):
            stock, short = _take(state[index], use, left_days, use)
            if short:
                if self.unit[index] is None:
                    return None
                due += short * self.unit[index]
            evening.append(stock)
        money, short = _take(state[-1], due, left_days, self.day_cost)
        if short:
            return None
        evening.append(money)
        return tuple(evening)


def _put(stock: tuple[tuple[int, int], ...], end: int, amount: int, most: int) -> tuple[tuple[int, int], ...]:
    if not amount or not most:
        return stock
    amounts = dict(stock)
    amounts[end] = min(amounts.get(end, 0) + amount, most)
    return tuple(sorted(amounts.items()))


def _take(
    stock: tuple[tuple[int, int], ...], wanted: int, tomorrow: int, daily: int
) -> tuple[tuple[tuple[int, int], ...], int]:
    """Take ``wanted``, earliest-ending first; what ends tonight is gone, what can't be used up is cut."""
    left = []
    for end, amount in stock:
        taken = min(amount, wanted)
        wanted -= taken
        amount = min(amount - taken, (end - tomorrow) * daily)
        if amount > 0:
            left.append((end, amount))
    return tuple(left), wanted


def _keep(ways: list[tuple[int, int, int, Any]], new: tuple[int, int, int, Any]) -> None:
    """Add a way unless another is as good in cost, count and day 0; drop those that it beats."""
    for way in ways:
        if way[0] <= new[0] and way[1] <= new[1] and way[2] <= new[2]:
            return
    ways[:] = [way for way in ways if not (new[0] <= way[0] and new[1] <= way[1] and new[2] <= way[2])]
    ways.append(new)


def _unchain(chain: Any, offers: list[_TopUp]) -> tuple[tuple[int, str], ...]:
    found: list[tuple[int, str]] = []
    while chain is not None:
        chain, day, copies = chain
        found.extend((day, offer.id) for offer, copy in zip(offers, copies, strict=True) for _ in range(copy))
    return tuple(sorted(found))
