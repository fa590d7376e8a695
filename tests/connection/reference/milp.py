"""A line of top-ups stated as an integer programme by days, solved by HiGHS, and its calendar replayed exactly.

Per resource and day: what is taken from the allowances that end on each day, what is paid from credit, what is left.
Use of one day is 1 and money is in cents, so that the numbers stay near one. One binary per resource and day holds the
order of use: credit may pay a resource only on a day that leaves nothing of its live allowances. Which of the
allowances is used first need not be said: using the earliest-ending first leaves at least as much for every later day,
so the best calendar of this programme is also the best of the forced order; the replay in whole numbers then confirms
it.

The solver works in floating point. Its calendar is believed only after the replay, its bound only with a margin: prices
are whole cents, so a bound above ``total − 1`` proves ``total``.
"""

from dataclasses import dataclass
from itertools import combinations
from typing import Any

import highspy

from tests.connection.reference.reading import CENT, MONTH, UNIT, UNLIMITED, cents, hundredths, needs
from tests.connection.reference.replay import Broken, replay


@dataclass(frozen=True)
class Answer:
    """``status``: "proven" (total is the optimum), "infeasible", or "open" (why not in ``note``)."""

    status: str
    total: int | None = None
    purchases: tuple[tuple[int, str], ...] = ()
    bound: float = 0.0
    note: str = ""


class _Model:
    """Rows and columns, handed to HiGHS in one piece."""

    def __init__(self) -> None:
        self.columns: list[tuple[float, float, float, bool]] = []
        self.rows: list[tuple[float, float, list[int], list[float]]] = []

    def column(self, low: float, high: float, cost: float = 0.0, *, whole: bool = False) -> int:
        self.columns.append((low, high, cost, whole))
        return len(self.columns) - 1

    def row(self, low: float, high: float, terms: list[tuple[int, float]]) -> None:
        self.rows.append((low, high, [index for index, _ in terms], [value for _, value in terms]))

    def build(self) -> highspy.Highs:
        solver = highspy.Highs()
        solver.setOptionValue("output_flag", False)
        solver.setOptionValue("threads", 1)
        model = highspy.HighsLp()
        model.num_col_ = len(self.columns)
        model.num_row_ = len(self.rows)
        model.col_cost_ = [column[2] for column in self.columns]
        model.col_lower_ = [column[0] for column in self.columns]
        model.col_upper_ = [column[1] for column in self.columns]
        model.row_lower_ = [row[0] for row in self.rows]
        model.row_upper_ = [row[1] for row in self.rows]
        model.integrality_ = [
            highspy.HighsVarType.kInteger if column[3] else highspy.HighsVarType.kContinuous
            for column in self.columns
        ]
        starts, indices, values = [0], [], []
        for _, _, row_indices, row_values in self.rows:
            indices.extend(row_indices)
            values.extend(row_values)
            starts.append(len(indices))
        model.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
        model.a_matrix_.start_ = starts
        model.a_matrix_.index_ = indices
        model.a_matrix_.value_ = values
        solver.passModel(model)
        return solver


INFINITY = highspy.kHighsInf


def solve(line: dict[str, Any], person: dict[str, Any], *, seconds: float = 60.0) -> Answer:
    """The least total of the line's top-ups, SIM included; all of its offers are taken as open to her."""
    need = needs(person)
    horizon = person.get("horizon_days", 90)
    sim = cents(line["sim_price"])
    most = cents(person.get("max_payment"))
    cap = cents(line.get("monthly_cap"))
    already = cents(person.get("already_bought", "0.00"))
    if most is not None and sim > most:
        return Answer("infeasible")
    if not need:
        return Answer("proven", sim)
    offers = [offer for offer in line["offers"] if offer["kind"] == "top_up"]
    names = list(need)
    # Cents that a whole day of a resource costs in credit.
    rate = {
        name: need[name] * hundredths(line["unit_prices"][name]) / CENT
        for name in names
        if name in line.get("unit_prices", {})
    }

    model = _Model()
    buy: dict[tuple[int, int], int] = {}
    copies: list[int] = []
    in_all: list[int] = []
    for number, offer in enumerate(offers):
        price = cents(offer["price"])
        days = min(offer["validity_days"], horizon)
        # A further copy on the same morning brings nothing once every part of it covers its whole window.
        parts = []
        for name in names:
            amount = offer.get("allowances", {}).get(name, 0)
            if amount == UNLIMITED:
                parts.append(1)
            elif amount:
                parts.append(-(-days * need[name] // (amount * UNIT)))
        credit = cents(offer.get("credit", "0.00"))
        if credit and rate:
            parts.append(int(days * sum(rate.values()) / credit) + 1)
        enough = max(parts, default=0)
        for limit in (most, cap):
            if limit is not None:
                enough = min(enough, limit // price)
        copies.append(enough)
        for day in range(horizon):
            buy[number, day] = model.column(0, enough, whole=True)
        # The copies of the whole horizon, told as a whole number too: branching on it moves the bound.
        copies_in_all = model.column(0, enough * horizon, price, whole=True)
        model.row(0, 0, [(copies_in_all, -1.0), *((buy[number, day], 1.0) for day in range(horizon))])
        in_all.append(copies_in_all)

    pay: dict[tuple[str, int], int] = {}
    for name in names:
        for day in range(horizon):
            if name in rate:
                pay[name, day] = model.column(0, 1)
    for name in names:
        _allowances(model, name, need[name], offers, copies, buy, pay if name in rate else None, horizon)
    _in_the_end(model, names, need, rate, offers, in_all, horizon)
    if rate:
        _credit(model, rate, offers, buy, pay, horizon)
    if most is not None:
        for day in range(horizon):
            terms = [(buy[number, day], cents(offer["price"])) for number, offer in enumerate(offers)]
            model.row(-INFINITY, most - (sim if day == 0 else 0), terms)
    if cap is not None:
        for start in range(0, horizon, MONTH):
            terms = [
                (buy[number, day], cents(offer["price"]))
                for number, offer in enumerate(offers)
                for day in range(start, min(start + MONTH, horizon))
            ]
            model.row(-INFINITY, cap - (already if start == 0 else 0), terms)
    return _run(model, line, person, offers, buy, horizon, seconds)


def _allowances(
    model: _Model,
    name: str,
    daily: int,
    offers: list[dict[str, Any]],
    copies: list[int],
    buy: dict[tuple[int, int], int],
    pay: dict[tuple[str, int], int] | None,
    horizon: int,
) -> None:
    """Stocks of one resource by the day they end, in days of use; the binaries of the order where credit may pay."""
    # (validity, days of use that a copy brings), cut to what the window can use up.
    brings: dict[int, tuple[int, float]] = {}
    for number, offer in enumerate(offers):
        amount = offer.get("allowances", {}).get(name, 0)
        days = offer["validity_days"]
        if amount == UNLIMITED:
            brings[number] = (days, float(days))
        elif amount:
            brings[number] = (days, min(amount * UNIT / daily, float(days)))
    served: list[list[tuple[int, float]]] = [[] for _ in range(horizon)]
    left: list[list[tuple[int, float]]] = [[] for _ in range(horizon)]
    ceiling = [0.0] * horizon
    ends = sorted({day + days for days, _ in brings.values() for day in range(horizon)})
    for end in ends:
        sources = {end - days: [] for days, _ in brings.values() if 0 <= end - days < horizon}
        for number, (days, amount) in brings.items():
            if end - days in sources:
                sources[end - days].append((buy[number, end - days], amount, copies[number]))
        before: int | None = None
        bought: list[tuple[int, float]] = []
        high = 0.0
        for day in range(min(sources), min(end, horizon)):
            arriving = sources.get(day, [])
            bought += [(column, -1.0) for column, _, _ in arriving]
            high += sum(amount * most for _, amount, most in arriving)
            take = model.column(0, 1)
            stock = model.column(0, high)
            terms = [(column, amount) for column, amount, _ in arriving]
            if before is not None:
                terms.append((before, 1.0))
            model.row(0, 0, [*terms, (take, -1.0), (stock, -1.0)])
            # A copy serves a day at most once, so half a copy serves at most half a day: a tighter bound.
            model.row(-INFINITY, 0, [(take, 1.0), *bought])
            served[day].append((take, 1.0))
            left[day].append((stock, 1.0))
            ceiling[day] += high
            before = stock
    for day in range(horizon):
        if pay is None:
            model.row(1, 1, served[day])
            continue
        model.row(1, 1, [*served[day], (pay[name, day], 1.0)])
        if left[day]:
            by_credit = model.column(0, 1, whole=True)
            model.row(-INFINITY, 0, [(pay[name, day], 1.0), (by_credit, -1.0)])
            model.row(-INFINITY, ceiling[day], [*left[day], (by_credit, ceiling[day])])


def _in_the_end(
    model: _Model,
    names: list[str],
    need: dict[str, int],
    rate: dict[str, float],
    offers: list[dict[str, Any]],
    in_all: list[int],
    horizon: int,
) -> None:
    """What follows from the rest, said outright: over the horizon every set of resources has what it takes.

    For a set, a copy brings its allowances (cut to its window) and, where all of the set can be paid, its credit.
    """
    for size in range(1, len(names) + 1):
        for chosen in combinations(names, size):
            payable = all(name in rate for name in chosen)
            if size > 1 and not payable:
                continue
            terms = []
            for number, offer in enumerate(offers):
                days = min(offer["validity_days"], horizon)
                brought = 0.0
                for name in chosen:
                    amount = offer.get("allowances", {}).get(name, 0)
                    share = days if amount == UNLIMITED else min(amount * UNIT / need[name], days)
                    brought += share * (rate[name] if payable else 1.0)
                if payable:
                    brought = min(
                        brought + cents(offer.get("credit", "0.00")),
                        days * sum(rate[name] for name in chosen),
                    )
                if brought:
                    terms.append((in_all[number], brought))
            wanted = horizon * (sum(rate[name] for name in chosen) if payable else 1.0)
            model.row(wanted * (1 - 1e-9), INFINITY, terms)


def _credit(
    model: _Model,
    rate: dict[str, float],
    offers: list[dict[str, Any]],
    buy: dict[tuple[int, int], int],
    pay: dict[tuple[str, int], int],
    horizon: int,
) -> None:
    """Money by the day it ends, in cents; what can't be used up may be left."""
    spent: list[list[tuple[int, float]]] = [[] for _ in range(horizon)]
    with_credit = {
        number: (offer["validity_days"], cents(offer["credit"]))
        for number, offer in enumerate(offers)
        if cents(offer.get("credit", "0.00"))
    }
    for end in sorted({day + days for days, _ in with_credit.values() for day in range(horizon)}):
        first = min(end - days for days, _ in with_credit.values() if 0 <= end - days < horizon)
        before: int | None = None
        bought: list[tuple[int, float]] = []
        whole_day = sum(rate.values())
        for day in range(first, min(end, horizon)):
            terms = [
                (buy[number, day], float(amount))
                for number, (days, amount) in with_credit.items()
                if day + days == end
            ]
            bought += [(column, -whole_day) for column, _ in terms]
            if before is not None:
                terms.append((before, 1.0))
            take = model.column(0, whole_day)
            model.row(-INFINITY, 0, [(take, 1.0), *bought])
            stock = model.column(0, INFINITY)
            model.row(0, 0, [*terms, (take, -1.0), (stock, -1.0)])
            spent[day].append((take, 1.0))
            before = stock
    for day in range(horizon):
        due = [(pay[name, day], -value) for name, value in rate.items()]
        model.row(0, 0, [*spent[day], *due])


def _run(
    model: _Model,
    line: dict[str, Any],
    person: dict[str, Any],
    offers: list[dict[str, Any]],
    buy: dict[tuple[int, int], int],
    horizon: int,
    seconds: float,
) -> Answer:
    solver = model.build()
    solver.setOptionValue("time_limit", seconds)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.setOptionValue("mip_abs_gap", 0.9)
    solver.setOptionValue("mip_feasibility_tolerance", 1e-9)
    solver.setOptionValue("primal_feasibility_tolerance", 1e-9)
    solver.setOptionValue("dual_feasibility_tolerance", 1e-9)
    solver.run()
    status = solver.getModelStatus()
    if status == highspy.HighsModelStatus.kInfeasible:
        return Answer("infeasible")
    info = solver.getInfo()
    if status != highspy.HighsModelStatus.kOptimal:
        return Answer("open", bound=info.mip_dual_bound, note=solver.modelStatusToString(status))
    values = solver.getSolution().col_value
    purchases = tuple(
        (day, offer["id"])
        for day in range(horizon)
        for number, offer in enumerate(offers)
        for _ in range(round(values[buy[number, day]]))
    )
    prices = {offer["id"]: offer["price"] for offer in offers}
    try:
        total, _, _ = replay(
            line,
            {
                **person,
                "has": sorted({c for o in offers for item in o.get("requires", []) for c in _flat(item)}),
            },
            [{"day": day, "offer": bought, "price": prices[bought]} for day, bought in purchases],
        )
    except Broken as error:
        return Answer("open", purchases=purchases, bound=info.mip_dual_bound, note=f"replay: {error}")
    sim = cents(line["sim_price"])
    if total - sim - info.mip_dual_bound >= 0.99:
        return Answer("open", total, purchases, info.mip_dual_bound, "the bound is not close enough")
    return Answer("proven", total, purchases, info.mip_dual_bound)


def _flat(item: Any) -> list[str]:
    return [item] if isinstance(item, str) else list(item)
