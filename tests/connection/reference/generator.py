"""Random lines, persons and catalogues for the proofs and the benches; the same seed always makes the same.

Each of them is JSON as ``bagage advise_connection`` reads it. ``tiny`` is for the brute force, ``month`` for the
integer programme, ``programme`` for whole answers, ``catalogue`` for the benches. The kinds are what was hard in
trying.
"""

import random
from collections.abc import Sequence
from typing import Any

from tests.connection.reference.reading import ELIGIBILITY, OBSTACLES, RESOURCES, euros

KINDS = (
    "order",  # allowances and short credit mixed, at prices nearly in proportion: the forced order decides
    "joint",  # credit that all resources of the day draw on together
    "packs",  # packs of one or two days, several copies a day
    "coprime",  # prices without a common divisor
    "cap",  # a monthly cap that binds, something already bought
    "payment",  # a limit on what is paid in one day
    "unlimited",  # unlimited allowances beside amounts
    "alone",  # no credit at all: the resources fall apart
    "free",  # all of it mixed
)

TINY_KINDS = (*KINDS, "months", "ties", "one at a time")

PRIMES = (53, 59, 61, 67, 71, 73, 79, 83, 89, 97, 101, 103, 107, 109, 113, 127, 131, 137, 139, 149, 151, 157)


def unit_price(value: float) -> str:
    """Euros with four decimals, never zero."""
    hundredth = max(1, round(value * 10_000))
    return f"{hundredth // 10_000}.{hundredth % 10_000:04d}"


def tiny(seed: int) -> dict[str, Any]:
    """``{"kind", "line", "person"}``: 1 to 12 days (or a little over a month), 1 to 3 top-ups, 1 to 3 resources."""
    rng = random.Random(f"tiny-{seed}")
    kind = TINY_KINDS[seed % len(TINY_KINDS)]
    if kind == "months":
        return _months(rng)
    if kind == "ties":
        return _ties(rng)
    if kind == "one at a time":
        return _one_at_a_time(rng)
    horizon = rng.randint(1, 12)
    return _instance(
        rng,
        kind,
        horizon=horizon,
        offers=rng.choice((1, 2, 2, 2, 3, 3)),
        shortest=1,
        longest=min(horizon + 2, 7),
        names=rng.sample(RESOURCES, rng.choice((1, 2, 2, 3))),
        daily=(1, 6),
        price=rng.uniform(0.1, 0.6),
    )


def _months(rng: random.Random) -> dict[str, Any]:
    """A little over a month: what the cap forbids in one month can be bought in the other, or ahead of it."""
    horizon = rng.randint(31, 38)
    made = _instance(
        rng,
        rng.choice(("coprime", "order", "alone")),
        horizon=horizon,
        offers=2,
        shortest=12,
        longest=30,
        names=rng.sample(RESOURCES, 1),
        daily=(1, 6),
        price=rng.uniform(0.05, 0.3),
    )
    for offer in made["line"]["offers"]:
        for name, amount in offer["allowances"].items():
            days = made["person"]["usage"][name] / 30 * offer["validity_days"]
            offer["allowances"][name] = max(amount, round(days * rng.uniform(0.6, 1.0)))
    line, person = made["line"], made["person"]
    prices = [int(offer["price"].replace(".", "")) for offer in line["offers"]]
    month = sum(_dear(line, name, amount) for name, amount in person["usage"].items() if amount)
    line["monthly_cap"] = euros(
        max(*prices, round(month * rng.uniform(0.85, 1.3))) + rng.choice((0, 1, min(prices)))
    )
    person["already_bought"] = euros(rng.choice((0, 0, 0, rng.randint(0, min(prices)))))
    return {**made, "kind": "months"}


def _dear(line: dict[str, Any], name: str, amount: int) -> int:
    """About what 30 days of one resource cost in cents, bought where it is cheapest."""
    best = 0.0
    for offer in line["offers"]:
        days = offer["validity_days"]
        brought = offer["allowances"].get(name, 0)
        covered = days if brought == "unlimited" else min(days, brought / (amount / 30))
        if name in line["unit_prices"]:
            covered += float(offer["credit"]) / (float(line["unit_prices"][name]) * amount / 30)
        best = max(best, min(days, covered) / int(offer["price"].replace(".", "")))
    return round(30 / best) if best else 0


def _ties(rng: random.Random) -> dict[str, Any]:
    """Prices exactly in proportion to what they bring: many calendars of one total, told apart by the ties."""
    horizon = rng.randint(3, 10)
    names = sorted(rng.sample(RESOURCES, rng.choice((1, 1, 2))), key=RESOURCES.index)
    use = {name: 30 * rng.randint(1, 3) for name in names}
    shelf = []
    for number in range(rng.choice((2, 2, 3))):
        bundle = names if rng.random() < 0.6 else [rng.choice(names)]
        amount = rng.randint(1, 4)  # days of use
        shelf.append(
            {
                "id": f"o{number}",
                "name": f"Offer {number}",
                "kind": "top_up",
                "price": euros(50 * amount * len(bundle)),
                "validity_days": amount + rng.choice((0, 0, 1, 3)),
                "allowances": {name: amount * use[name] // 30 for name in bundle},
                "credit": "0.00",
                "requires": [],
            }
        )
    unit_prices = {}
    if rng.random() < 0.5:
        unit_prices = {name: unit_price(0.5 / (use[name] // 30)) for name in names}
        days = rng.randint(1, 5)
        shelf[-1].update(allowances={}, credit=euros(50 * days), price=euros(50 * days), validity_days=days)
    return {
        "kind": "ties",
        "line": {
            "id": "line",
            "operator": "Example",
            "name": "Example",
            "sim_price": euros(rng.choice((0, 100, 1000))),
            "monthly_cap": None,
            "solidarity": False,
            "unit_prices": unit_prices,
            "offers": shelf,
        },
        "person": _person(use, horizon),
    }


def _one_at_a_time(rng: random.Random) -> dict[str, Any]:
    """One purchase a day at most, or two small ones: what is needed together is bought ahead, or dearer."""
    horizon = rng.randint(4, 9)
    names = rng.sample(RESOURCES, 2)
    made = _instance(
        rng,
        rng.choice(("payment", "order", "joint", "alone")),
        horizon=horizon,
        offers=3,
        shortest=1,
        longest=6,
        names=names,
        daily=(1, 6),
        price=rng.uniform(0.1, 0.6),
    )
    line, person = made["line"], made["person"]
    # Each resource has an offer of its own, and one offer brings all of it, so that a first day can be paid.
    for offer, (name, amount) in zip(
        line["offers"][1:], ((n, a) for n, a in person["usage"].items() if n in names), strict=False
    ):
        offer["allowances"] = {
            name: max(1, round(amount / 30 * offer["validity_days"] * rng.uniform(0.6, 1.2)))
        }
    days = rng.randint(1, 3)
    line["offers"][0].update(
        allowances={name: "unlimited" for name, amount in person["usage"].items() if amount},
        validity_days=days,
        credit="0.00",
    )
    prices = [int(offer["price"].replace(".", "")) for offer in line["offers"]]
    low, high = sorted(prices[1:])
    line["offers"][0]["price"] = euros(rng.randint(high, high + low - 1))
    line["sim_price"] = "0.00"
    line["monthly_cap"] = None
    person["max_payment"] = euros(
        rng.randint(int(line["offers"][0]["price"].replace(".", "")), high + low - 1)
    )
    return {**made, "kind": "one at a time"}


def spared(seed: int) -> dict[str, Any]:
    """``{"kind", "line", "person"}``: a long purchase that lasts just long enough if short ones spare it day by day."""
    rng = random.Random(f"spared-{seed}")
    horizon = rng.randint(4, 9)
    name = rng.choice(RESOURCES)
    amount = rng.randint(31, 400)  # in 30 days
    daily = amount / 30
    unit = rng.uniform(0.05, 0.3)  # euros
    by_credit = rng.random() < 0.4
    days = rng.choice((1, 1, 1, 2, 3))
    small = daily * days * rng.uniform(0.4, 0.98)
    copies = rng.randint(1, max(1, (horizon - 1) // days))
    large = horizon * daily - copies * small
    sizes = [
        (small, days, rng.uniform(0.85, 1.0)),
        (large, horizon + rng.choice((0, 0, 3)), rng.uniform(0.9, 1.05)),
        (daily * rng.uniform(0.8, 3), rng.randint(1, 4), rng.uniform(0.95, 1.3)),
    ][: rng.choice((2, 3, 3))]
    rng.shuffle(sizes)
    shelf = []
    for number, (size, validity, dear) in enumerate(sizes):
        units = max(1, -(-round(size * 1000) // 1000))
        cents = max(1, -(-round(size * unit * 10_000) // 100))
        shelf.append(
            {
                "id": f"o{number}",
                "name": f"Offer {number}",
                "kind": "top_up",
                "price": euros(max(1, round(100 * size * unit * dear))),
                "validity_days": validity,
                "allowances": {} if by_credit else {name: units},
                "credit": euros(cents if by_credit else 0),
                "requires": [],
            }
        )
    line = {
        "id": "line",
        "operator": "Example",
        "name": "Example",
        "sim_price": euros(rng.choice((0, 500))),
        "monthly_cap": None,
        "solidarity": False,
        "unit_prices": {name: unit_price(unit)} if by_credit else {},
        "offers": shelf,
    }
    someone = _person({name: amount}, horizon)
    if rng.random() < 0.25:
        prices = [int(offer["price"].replace(".", "")) for offer in shelf]
        sim = int(line["sim_price"].replace(".", ""))
        someone["max_payment"] = euros(sim + max(prices) + rng.randint(0, min(prices)))
    return {"kind": "spared", "line": line, "person": someone}


def by_the_day(seed: int) -> dict[str, Any]:
    """``{"kind", "line", "person"}``: packs of one day, of which a second one is partly wasted, beside what lasts."""
    rng = random.Random(f"by-the-day-{seed}")
    horizon = rng.randint(2, 8)
    names = sorted(rng.sample(RESOURCES, rng.choice((1, 2, 2, 3))), key=RESOURCES.index)
    use = {name: rng.randint(20, 200) for name in names}  # in 30 days
    worth = {name: rng.uniform(0.2, 0.8) for name in names}  # euros a day
    with_credit = rng.random() < 0.7
    unit_prices = {}
    if with_credit:
        unit_prices = {
            name: unit_price(worth[name] / (use[name] / 30) * rng.uniform(0.8, 1.4))
            for name in names
            if rng.random() < 0.85
        }
    shelf = []
    for number in range(rng.choice((2, 2, 3))):
        days = 1 if number == 0 or (number == 2 and rng.random() < 0.6) else rng.randint(2, horizon + 2)
        allowances: dict[str, Any] = {}
        value = 0.0
        if number == 0 or not unit_prices or rng.random() < 0.5:
            for name in names if rng.random() < 0.7 else rng.sample(names, 1):
                amount = max(1, round(use[name] / 30 * days * rng.uniform(0.3, 1.1)))
                allowances[name] = amount
                value += worth[name] * amount / (use[name] / 30)
        credit = 0
        if unit_prices and (not allowances or rng.random() < 0.4):
            credit = max(
                1, round(100 * sum(worth[name] for name in unit_prices) * days * rng.uniform(0.2, 1.0))
            )
            value += credit / 100 * rng.uniform(0.7, 1.0)
        shelf.append(
            {
                "id": f"o{number}",
                "name": f"Offer {number}",
                "kind": "top_up",
                "price": euros(max(1, round(100 * value * rng.uniform(0.7, 1.1)))),
                "validity_days": days,
                "allowances": allowances,
                "credit": euros(credit),
                "requires": [],
            }
        )
    rng.shuffle(shelf)
    dearest = max(int(offer["price"].replace(".", "")) for offer in shelf)
    line = {
        "id": "line",
        "operator": "Example",
        "name": "Example",
        "sim_price": euros(rng.choice((0, 500))),
        "monthly_cap": None,
        "solidarity": False,
        "unit_prices": unit_prices,
        "offers": shelf,
    }
    someone = _person(use, horizon)
    sim = int(line["sim_price"].replace(".", ""))
    roll = rng.random()
    if roll < 0.15:
        someone["max_payment"] = euros(sim + dearest + rng.randint(0, dearest))
    elif roll < 0.3:
        line["monthly_cap"] = euros(rng.randint(dearest, dearest * horizon))
    return {"kind": "by the day", "line": line, "person": someone}


def _person(use: dict[str, int], horizon: int) -> dict[str, Any]:
    return {
        "usage": {name: use.get(name, 0) for name in RESOURCES},
        "has": [],
        "max_payment": None,
        "already_bought": "0.00",
        "current": None,
        "horizon_days": horizon,
    }


def month(seed: int, horizon: int) -> dict[str, Any]:
    """``{"kind", "line", "person"}`` over ``horizon`` days (30 or 60): 1 to 4 top-ups, sizes as on a shelf."""
    rng = random.Random(f"month-{horizon}-{seed}")
    kind = KINDS[seed % len(KINDS)]
    step = horizon // 30
    return _instance(
        rng,
        kind,
        horizon=horizon,
        offers=rng.choice((1, 2, 2, 3, 3, 4)),
        shortest=2 * step if kind == "packs" else rng.choice((5, 7, 10)) * step,
        longest=31 * step,
        names=rng.sample(RESOURCES, rng.choice((1, 1, 2, 2, 3))),
        daily=(1, 40),
        price=rng.uniform(0.02, 0.2),
    )


def _instance(
    rng: random.Random,
    kind: str,
    *,
    horizon: int,
    offers: int,
    shortest: int,
    longest: int,
    names: list[str],
    daily: tuple[int, int],
    price: float,
) -> dict[str, Any]:
    """``price`` is the cost in euros of one day's use of one resource."""
    names = sorted(names, key=RESOURCES.index)
    # Uneven use: a whole number in 30 days, rarely a whole number a day.
    use = {name: max(1, rng.randint(daily[0] * 30, daily[1] * 30)) for name in names}
    if rng.random() < 0.06:
        use[rng.choice(names)] = 0
    worth = {name: price * rng.uniform(0.5, 1.6) for name in names}  # of one day
    with_credit = kind not in ("alone", "unlimited") or (kind == "unlimited" and rng.random() < 0.5)
    unit_prices = {}
    if with_credit:
        for name in names:
            if use[name] and (kind == "joint" or rng.random() < 0.8):
                unit_prices[name] = unit_price(worth[name] / (use[name] / 30) * rng.uniform(0.9, 1.5))
    made = []
    primes = rng.sample(PRIMES, offers)
    for number in range(offers):
        if kind == "packs" and number < 2:
            days = rng.randint(1, max(2, shortest))
        else:
            days = rng.randint(shortest, max(shortest, longest))
        allowances: dict[str, Any] = {}
        value = 0.0
        bundle = names if rng.random() < 0.6 else rng.sample(names, 1)
        credit_only = with_credit and unit_prices and (kind == "joint" or rng.random() < 0.3)
        if not credit_only:
            for name in bundle:
                spread = rng.uniform(0.3, 1.3) if kind != "packs" else rng.uniform(0.2, 1.1)
                if kind in ("unlimited", "free") and rng.random() < 0.4:
                    allowances[name] = "unlimited"
                    value += worth[name] * days * 1.1
                else:
                    amount = max(1, round(use[name] / 30 * days * spread))
                    allowances[name] = amount
                    value += worth[name] * (amount * 30 / use[name] if use[name] else 0)
        credit = 0
        if unit_prices and (credit_only or rng.random() < (0.5 if kind in ("order", "free") else 0.25)):
            a_day = sum(worth[name] for name in unit_prices)
            credit = max(1, round(100 * a_day * days * rng.uniform(0.3, 1.2)))
            if kind == "order" and not credit_only:
                days = max(1, min(days, rng.randint(1, 4) if horizon <= 12 else rng.randint(3, 12)))
            value += credit / 100 * rng.uniform(0.7, 1.0)
        near = rng.uniform(0.97, 1.03) if kind in ("order", "packs") else rng.uniform(0.7, 1.3)
        cents = max(1, round(100 * value * near))
        if kind == "coprime":
            cents = primes[number] * max(1, round(cents / primes[number]))
        made.append(
            {
                "id": f"o{number}",
                "name": f"Offer {number}",
                "kind": "top_up",
                "price": euros(cents),
                "validity_days": days,
                "allowances": allowances,
                "credit": euros(credit),
                "requires": [],
            }
        )
    a_day = sum(worth[name] for name in names if use[name]) or price
    sim = rng.choice((0, 100, 500, round(100 * a_day)))
    dearest = max(int(offer["price"].replace(".", "")) for offer in made)
    cap = already = most = None
    if kind == "cap" or (kind == "free" and rng.random() < 0.3):
        cap = round(100 * a_day * min(horizon, 30) * rng.uniform(0.9, 1.8)) + rng.randint(0, dearest)
        already = rng.choice((0, 0, rng.randint(0, cap // 4 + 1)))
    if kind == "payment" or (kind == "free" and rng.random() < 0.3):
        most = max(sim, round(dearest * rng.choice((1.0, 1.0, 1.2, 2.0)))) + rng.choice((0, 0, 1, 37))
        sim = rng.choice((0, sim))
    line = {
        "id": "line",
        "operator": "Example",
        "name": "Example",
        "sim_price": euros(sim),
        "monthly_cap": None if cap is None else euros(cap),
        "solidarity": False,
        "unit_prices": unit_prices,
        "offers": made,
    }
    person = {
        "usage": {name: use.get(name, 0) for name in RESOURCES},
        "has": [],
        "max_payment": None if most is None else euros(most),
        "already_bought": euros(already or 0),
        "current": None,
        "horizon_days": horizon,
    }
    return {"kind": kind, "line": line, "person": person}


# ---------- conditions ----------


def requirements(rng: random.Random, obstacles: Sequence[str] = OBSTACLES, most: int = 3) -> list[Any]:
    """A ``requires``: some of ``obstacles`` and of the three facts, some with alternatives."""
    asked: list[Any] = []
    for _ in range(rng.choice((0, 0, 1, 1, 2, most))):
        if rng.random() < 0.3:
            asked.append(sorted(rng.sample([*obstacles, *ELIGIBILITY], rng.choice((2, 2, 3)))))
        elif rng.random() < 0.8:
            asked.append(rng.choice(obstacles))
        else:
            asked.append(rng.choice(ELIGIBILITY))
    return asked


def programme(seed: int) -> dict[str, Any]:
    """``{"offers", "person"}`` for a whole answer: 1 to 4 tiny lines, plans beside top-ups, conditions, unknowns."""
    rng = random.Random(f"programme-{seed}")
    horizon = rng.choice((1, 2, 3, 4, 5, 6, 7, 8, 30, 31)) if rng.random() < 0.85 else rng.randint(1, 8)
    names = sorted(rng.sample(RESOURCES, rng.choice((1, 1, 2))), key=RESOURCES.index)
    lines = []
    few = horizon > 8
    # Few obstacles, met again and again, act on one another.
    obstacles = sorted(rng.sample(OBSTACLES, 3)) if rng.random() < 0.6 else list(OBSTACLES)
    person: dict[str, Any] = {}
    for number in range(rng.randint(1, 4)):
        made = _instance(
            rng,
            rng.choice(KINDS),
            horizon=horizon,
            offers=rng.randint(1, 2),
            shortest=9 if few else 1,
            longest=16 if few else min(horizon + 2, 7),
            names=names if not few else names[:1],
            daily=(1, 6),
            price=rng.uniform(0.1, 0.6),
        )
        line = made["line"]
        line["id"] = f"line-{number}"
        line["solidarity"] = rng.random() < 0.25
        if not person or rng.random() < 0.3:
            person = made["person"]
        if rng.random() < 0.45:
            line["offers"].insert(rng.randint(0, len(line["offers"])), _plan(rng, names, horizon))
        if rng.random() < 0.15:
            del line["offers"][:-1]
        for rank, offer in enumerate(line["offers"]):
            offer["id"] = f"o{number}-{rank}"
            offer["requires"] = requirements(rng, obstacles)
            # What asks for more is cheaper: the premium.
            cents = int(offer["price"].replace(".", ""))
            offer["price"] = euros(max(1, round(cents * 0.8 ** len(offer["requires"]))))
            if rng.random() < 0.07:
                offer["unknown"] = [rng.choice(("validity_days", "price", "allowances"))]
        lines.append(line)
    if rng.random() < 0.06:
        person["usage"] = dict.fromkeys(RESOURCES, 0)
    person["has"] = sorted(rng.sample(OBSTACLES + ELIGIBILITY, rng.randint(1, 7)))
    person["max_payment"] = None
    if rng.random() < 0.3:
        prices = [
            int(offer["price"].replace(".", "")) + int(line["sim_price"].replace(".", ""))
            for line in lines
            for offer in line["offers"]
        ]
        person["max_payment"] = euros(rng.choice(prices))
    if rng.random() < 0.5:
        person["current"] = {
            "pays_per_month": euros(rng.randint(0, 3000)),
            "commitment_owed": euros(rng.choice((0, 0, rng.randint(1, 900)))),
        }
    return {"offers": {"lines": lines}, "person": person}


def _plan(rng: random.Random, names: list[str], horizon: int) -> dict[str, Any]:
    overage = {name: unit_price(rng.uniform(0.003, 0.09)) for name in names if rng.random() < 0.7}
    allowances: dict[str, Any] = {}
    for name in names:
        roll = rng.random()
        if roll < 0.25:
            allowances[name] = "unlimited"
        elif roll < 0.9:
            allowances[name] = rng.randint(0, 220)
    return {
        "id": "plan",
        "name": "Plan",
        "kind": "plan",
        "price": euros(rng.randint(50, 900) if horizon > 8 else rng.randint(20, 400)),
        "allowances": allowances,
        "overage": overage,
        "commitment_months": rng.choice((0, 0, 0, 1, 2, 3)),
        "requires": [],
    }


# ---------- catalogues for the benches ----------

USAGES = (
    {"voice_min": 60, "sms": 30, "data_mb": 500},
    {"voice_min": 180, "sms": 60, "data_mb": 3000},
    {"voice_min": 300, "sms": 20, "data_mb": 8000},
    {"voice_min": 20, "sms": 10, "data_mb": 100},
    {"voice_min": 600, "sms": 200, "data_mb": 1000},
)


def catalogue(seed: int, lines: int = 100, offers: int = 4) -> dict[str, Any]:
    """A programme file: prepaid cards, bundles, plans, lines for those who are entitled, solidarity lines.

    Sizes, validities and prices are in the range of a European shelf; all nine conditions occur. For its persons see
    ``person``.
    """
    rng = random.Random(f"catalogue-{seed}")
    return {
        "lines": [_shelf(rng, number, offers) for number in range(lines)],
        "about": "Generated for measuring; nothing of it is sold.",
    }


def person(seed: int, *, everything: bool = True, horizon: int = 90) -> dict[str, Any]:
    """A person for ``catalogue``: with ``everything``, all conditions are met; otherwise five obstacles stand."""
    rng = random.Random(f"person-{seed}")
    has = list(OBSTACLES + ELIGIBILITY)
    if not everything:
        kept = rng.choice(OBSTACLES)
        has = [kept, *rng.sample(ELIGIBILITY, 2)]
    scale = rng.uniform(0.6, 1.5)
    return {
        "usage": {name: round(amount * scale) for name, amount in rng.choice(USAGES).items()},
        "has": has,
        "max_payment": None,
        "already_bought": "0.00",
        "current": None,
        "horizon_days": horizon,
    }


def _shelf(rng: random.Random, number: int, offers: int) -> dict[str, Any]:
    style = rng.choice(("prepaid", "prepaid", "bundles", "mixed", "plans"))
    solidarity = rng.random() < 0.04
    unit_prices = {}
    if style in ("prepaid", "mixed"):
        unit_prices = {
            "voice_min": unit_price(rng.choice((0.05, 0.09, 0.15, 0.25, 0.35))),
            "sms": unit_price(rng.choice((0.05, 0.09, 0.1, 0.15))),
            "data_mb": unit_price(rng.choice((0.0049, 0.01, 0.02, 0.05))),
        }
    shelf = []
    for rank in range(offers):
        if style == "plans" or (style == "mixed" and rank == offers - 1 and rng.random() < 0.3):
            offer = _shelf_plan(rng)
        elif style == "prepaid" and (rank < 2 or rng.random() < 0.4):
            amount = rng.choice((5, 10, 15, 20, 25, 35))
            offer = _shelf_top_up(
                amount * 100, {5: 7, 10: 15, 15: 30, 20: 30, 25: 60, 35: 90}[amount], {}, amount * 100
            )
            if rng.random() < 0.4:
                offer["validity_days"] = rng.choice((7, 14, 15, 30, 60))
        else:
            offer = _shelf_bundle(rng, credit=style in ("prepaid", "mixed"))
        offer["id"] = f"g{number}-{rank}"
        offer["name"] = f"Generated {number}-{rank}"
        if solidarity:
            offer["requires"] = ["social_referral"]
        else:
            offer["requires"] = _shelf_conditions(rng, offer["kind"])
        shelf.append(offer)
    return {
        "id": f"g{number}",
        "operator": f"Operator {number % 9}",
        "name": f"Generated {number}",
        "sim_price": euros(rng.choice((0, 0, 500, 990, 1000))),
        "monthly_cap": euros(rng.choice((1500, 2000, 3000))) if solidarity or rng.random() < 0.03 else None,
        "solidarity": solidarity,
        "unit_prices": unit_prices,
        "offers": shelf,
    }


def _shelf_top_up(cents: int, days: int, allowances: dict[str, Any], credit: int) -> dict[str, Any]:
    return {
        "kind": "top_up",
        "price": euros(cents),
        "validity_days": days,
        "allowances": allowances,
        "credit": euros(credit),
    }


# What a bundle of so many days holds on a shelf: minutes, messages, megabytes.
_BUNDLES: dict[int, tuple[tuple[Any, ...], tuple[Any, ...], tuple[int, ...]]] = {
    1: ((0, 10, 30), (0, 20), (100, 250, 500, 1000)),
    3: ((0, 30, 60), (0, 50), (500, 1000, 2000)),
    7: ((0, 30, 60, 120, "unlimited"), (0, 50, 100, "unlimited"), (0, 500, 1000, 3000)),
    14: ((0, 60, 120, "unlimited"), (0, 100, "unlimited"), (0, 1000, 3000, 5000)),
    30: (
        (0, 60, 120, 300, "unlimited"),
        (0, 100, 500, "unlimited"),
        (0, 500, 1000, 5000, 10000, 20000, 40000),
    ),
}


def _shelf_price(days: int, voice: Any, texts: Any, data: int) -> float:
    """Euros: what is more, or lasts longer, costs less than in proportion."""
    lasting = days / 30
    price = 4.5 * (data / 1000) ** 0.4 * lasting**0.3 if data else 0.0
    price += 5.0 * lasting**0.6 if voice == "unlimited" else 0.035 * voice
    price += 2.0 * lasting**0.6 if texts == "unlimited" else 0.01 * texts
    return price


def _shelf_bundle(rng: random.Random, *, credit: bool) -> dict[str, Any]:
    size = rng.choice((1, 3, 7, 7, 14, 30, 30, 30, 30))
    days = rng.choice((28, 30, 30, 31)) if size == 30 else size
    voice, texts, data = (rng.choice(choices) for choices in _BUNDLES[size])
    if not (voice or texts or data):
        data = max(_BUNDLES[size][2])
    told = {"voice_min": voice, "sms": texts, "data_mb": data}
    allowances = {name: amount for name, amount in told.items() if amount}
    money = rng.choice((0, 0, 0, 100, 300)) if credit else 0
    price = _shelf_price(days, voice, texts, data) * rng.uniform(0.75, 1.3) + 0.7 * money / 100
    return _shelf_top_up(_shelf_cents(rng, price), days, allowances, money)


def _shelf_cents(rng: random.Random, price: float) -> int:
    """A price as one sees it: 4.99, 5.00, 4.50."""
    return max(49, round(price * 2) * 50 - rng.choice((0, 1, 1)))


def _shelf_plan(rng: random.Random) -> dict[str, Any]:
    voice: Any = rng.choice((60, 120, 300, "unlimited", "unlimited"))
    texts: Any = rng.choice((100, "unlimited"))
    data = rng.choice((50, 500, 5000, 20000, 60000))
    commitment = rng.choice((0, 0, 0, 12))
    price = 0.7 * _shelf_price(30, voice, texts, data) * rng.uniform(0.8, 1.3) * (0.9 if commitment else 1)
    return {
        "kind": "plan",
        "price": euros(max(199, _shelf_cents(rng, price))),
        "allowances": {"voice_min": voice, "sms": texts, "data_mb": data},
        "overage": {
            "voice_min": unit_price(rng.choice((0.05, 0.1, 0.38))),
            "sms": unit_price(rng.choice((0.05, 0.1))),
            **({"data_mb": unit_price(rng.choice((0.0025, 0.01, 0.05)))} if rng.random() < 0.8 else {}),
        },
        "commitment_months": commitment,
    }


def _shelf_conditions(rng: random.Random, kind: str) -> list[Any]:
    if kind == "plan":
        asked: list[Any] = ["bank_account", "identity_document"]
        if rng.random() < 0.7:
            asked.append(rng.choice(("fixed_address", ["fixed_address", "social_referral"])))
        if rng.random() < 0.6:
            asked.append(rng.choice(("email", "internet_access", ["email", "internet_access"])))
        if rng.random() < 0.15:
            asked.append(rng.choice(("income_proof", "local_residence")))
        return asked
    asked = ["identity_document"] if rng.random() < 0.5 else []
    if rng.random() < 0.3:
        asked.append(rng.choice(("email", "smartphone", "internet_access", "bank_account")))
    if rng.random() < 0.1:
        asked.append(["bank_account", "internet_access"])
    return asked
