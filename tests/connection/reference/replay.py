"""A calendar lived day by day: is every day served, are the limits kept, what was paid?"""

from collections import Counter
from typing import Any

from tests.connection.reference.plans import plan_cost
from tests.connection.reference.reading import (
    CENT,
    MONTH,
    UNIT,
    UNLIMITED,
    cents,
    hundredths,
    missing,
    needs,
)


class Broken(AssertionError):
    """The calendar does not do what it promises."""


def replay(
    line: dict[str, Any],
    person: dict[str, Any],
    purchases: list[dict[str, Any]],
    *,
    percent: int = 100,
) -> tuple[int, int, int]:
    """Live the calendar; return (total with the SIM, paid on day 0, purchases), money in cents.

    Raises Broken when a day is not served in full, when something closed, unknown or out of time is bought, when a
    price is not the offer's, when a day's payment or a month's cap is passed.
    """
    horizon = person.get("horizon_days", 90)
    need = needs(person, percent)
    offers = {offer["id"]: offer for offer in line["offers"]}
    for bought in purchases:
        offer = offers.get(bought["offer"])
        if offer is None:
            raise Broken(f"no such offer: {bought}")
        if missing(offer, person["has"]) or offer.get("unknown"):
            raise Broken(f"not open to her: {bought}")
        if bought["price"] != offer["price"]:
            raise Broken(f"not its price: {bought}")
    if any(offers[bought["offer"]]["kind"] == "plan" for bought in purchases):
        return _replay_plan(line, person, purchases, offers, need)

    sim = cents(line["sim_price"])
    _check_payments(line, person, purchases)
    # What lives: per resource and for money, a list of [last day, amount].
    allowances: dict[str, list[list[Any]]] = {name: [] for name in need}
    credit: list[list[int]] = []
    today: dict[int, list[dict[str, Any]]] = {}
    for bought in purchases:
        if not 0 <= bought["day"] < horizon:
            raise Broken(f"outside of the horizon: {bought}")
        today.setdefault(bought["day"], []).append(offers[bought["offer"]])
    for day in range(horizon):
        for offer in today.get(day, []):
            last = day + offer["validity_days"] - 1
            for name, amount in offer.get("allowances", {}).items():
                if name in need:
                    allowances[name].append([last, None if amount == UNLIMITED else amount * UNIT])
            if cents(offer.get("credit", "0.00")):
                credit.append([last, cents(offer["credit"]) * CENT])
        due = 0
        for name, daily in need.items():
            left = daily
            for bucket in sorted((b for b in allowances[name] if b[0] >= day), key=lambda b: b[0]):
                if bucket[1] is None:
                    left = 0
                    break
                taken = min(left, bucket[1])
                bucket[1] -= taken
                left -= taken
            if left:
                if name not in line.get("unit_prices", {}):
                    raise Broken(f"day {day}: {name} is not served and has no unit price")
                due += left * hundredths(line["unit_prices"][name])
        for bucket in sorted((b for b in credit if b[0] >= day), key=lambda b: b[0]):
            taken = min(due, bucket[1])
            bucket[1] -= taken
            due -= taken
        if due:
            raise Broken(f"day {day}: the credit falls short by {due} / {CENT} cents")
    total = sim + sum(cents(bought["price"]) for bought in purchases)
    day_0 = sim + sum(cents(bought["price"]) for bought in purchases if bought["day"] == 0)
    return total, day_0, len(purchases)


def _check_payments(line: dict[str, Any], person: dict[str, Any], purchases: list[dict[str, Any]]) -> None:
    most = cents(person.get("max_payment"))
    cap = cents(line.get("monthly_cap"))
    paid: Counter[int] = Counter({0: cents(line["sim_price"])})
    spent: Counter[int] = Counter({0: cents(person.get("already_bought", "0.00"))})
    for bought in purchases:
        paid[bought["day"]] += cents(bought["price"])
        spent[bought["day"] // MONTH] += cents(bought["price"])
    for day, amount in paid.items():
        if most is not None and amount > most:
            raise Broken(f"day {day}: {amount} paid, {most} at most")
    for month, amount in spent.items():
        if cap is not None and amount > cap and any(b["day"] // MONTH == month for b in purchases):
            raise Broken(f"month {month}: {amount} bought, {cap} at most")


def _replay_plan(
    line: dict[str, Any],
    person: dict[str, Any],
    purchases: list[dict[str, Any]],
    offers: dict[str, dict[str, Any]],
    need: dict[str, int],
) -> tuple[int, int, int]:
    if len({bought["offer"] for bought in purchases}) != 1:
        raise Broken("a plan is taken alone")
    offer = offers[purchases[0]["offer"]]
    cost, months, price, fails = plan_cost(offer, need, person.get("horizon_days", 90))
    if cost is None:
        raise Broken(f"{fails} goes beyond the plan and has no price")
    if [bought["day"] for bought in purchases] != [MONTH * month for month in range(months)]:
        raise Broken(f"a plan is paid every {MONTH} days, {months} times: {purchases}")
    _check_payments(line, person, purchases)
    sim = cents(line["sim_price"])
    return sim + cost, sim + price, months
