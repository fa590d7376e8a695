"""The engine against references that share no code with it: to the cent, and never "proven" for what is not.

How the references are made: ``tests/connection/reference``; why: docs/decisions/0031-proved-by-two-references.md.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest

import bagage.connection
from tests.connection.compare import course, engine, line_by_brute, line_by_engine, tiny_of
from tests.connection.reference import brute, generator, milp, prove
from tests.connection.reference.answer import answer
from tests.connection.reference.reading import cents, euros
from tests.connection.reference.replay import replay

DEMONSTRATION = Path(bagage.connection.__file__).parent / "data" / "demo_catalogue.json"

TINY = 112  # seeds in one part; at least 100 of them are small enough to try everything
SMALL = 6_000  # states beyond which an instance is left out

WHOLE = 92  # seeds in one part; at least 75 of them are small enough
FROZEN = 2_000
FROZEN_PARTS = 4
# Seeds that the solver finishes quickly.
LIVE = {
    30: (
        1, 18, 43, 63, 99, 117, 143, 168, 192, 212, 237, 252, 278, 303, 331, 351, 381, 399, 422, 438, 459,
        478, 502, 523, 541, 565, 600, 614, 640, 656, 670, 695, 755, 775, 821, 841, 862, 888, 910, 928, 947,
        974, 993, 1022, 1060, 1106, 1120, 1190, 1241, 1310, 1366, 1393, 1455, 1517, 1538, 1577, 1600, 1620,
        1657, 1691
    ),
    60: (
        1, 12, 23, 38, 46, 62, 77, 98, 113, 134, 162, 179, 197, 209, 220, 238, 264, 291, 307, 320, 331, 343,
        368, 385, 403, 421, 430, 442, 461, 471, 492, 501, 518, 535, 543, 558, 572, 584, 595, 605
    ),
}  # fmt: skip
# Tiny lines on which a faster engine was once wrong: it put off what is bought of a resource that comes alone.
ONCE_WRONG = (2497, 2899, 4105, 4801, 5809, 6763, 7405, 12085, 12805, 15685)
CAPPED = (6, 36, 39, 48, 136, 316, 331, 366, 423, 432, 436, 474, 496, 505, 555)


# ---------- against trying everything ----------


@pytest.mark.parametrize("part", range(20))
def test_line_costs_what_trying_everything_finds(part: int) -> None:
    """2,000 tiny lines: total, ties, the fewest purchases within 5 %, or that nothing serves."""
    compared = 0
    for seed in range(part * TINY, (part + 1) * TINY):
        instance = generator.tiny(seed)
        try:
            expected = line_by_brute(instance, limit=SMALL)
        except brute.TooLarge:
            continue
        compared += 1
        assert (seed, line_by_engine(instance["line"], instance["person"])) == (seed, expected)
    assert compared >= 100


@pytest.mark.parametrize("seed", ONCE_WRONG)
def test_line_that_was_once_wrong(seed: int) -> None:
    instance = generator.tiny(seed)
    expected = line_by_brute(instance, limit=SMALL)
    assert line_by_engine(instance["line"], instance["person"]) == expected


def test_long_purchase_is_spared_by_short_ones() -> None:
    """What is bought before it is needed, so that something longer lasts: 300 tiny lines made for it."""
    compared = 0
    for seed in range(310):
        instance = generator.spared(seed)
        try:
            expected = line_by_brute(instance, limit=SMALL)
        except brute.TooLarge:
            continue
        compared += 1
        assert (seed, line_by_engine(instance["line"], instance["person"])) == (seed, expected)
    assert compared >= 300


def test_second_pack_of_a_day_is_partly_wasted() -> None:
    """Packs of one day beside what lasts longer, with credit, caps and limits: 180 tiny lines made for it."""
    compared = 0
    for seed in range(190):
        instance = generator.by_the_day(seed)
        try:
            expected = line_by_brute(instance, limit=SMALL)
        except brute.TooLarge:
            continue
        compared += 1
        assert (seed, line_by_engine(instance["line"], instance["person"])) == (seed, expected)
    assert compared >= 180


def test_limit_just_below_the_best_calendar_is_kept() -> None:
    """What may be paid in a day is one cent less than the best calendar asks: another is found, or none."""
    outcomes: Counter[str] = Counter()
    for seed in range(360):
        instance = generator.tiny(seed)
        line, person = instance["line"], instance["person"]
        try:
            found = tiny_of(instance, limit=SMALL).search()
            if not found or not found[0].purchases:
                continue
            most = max(_paid_by_day(line, found[0].purchases).values()) - 1
            tightened = {**person, "max_payment": euros(most)}
            expected = line_by_brute({**instance, "person": tightened}, limit=SMALL)
        except brute.TooLarge:
            continue
        assert (seed, line_by_engine(line, tightened)) == (seed, expected)
        if expected is None:
            outcomes["none"] += 1
        else:
            outcomes[
                "dearer" if expected[0][0] > cents(line["sim_price"]) + found[0].cost else "as dear"
            ] += 1
    assert outcomes["dearer"] >= 40
    assert outcomes["as dear"] >= 5


def _paid_by_day(line: dict[str, Any], purchases: Iterable[tuple[int, str]]) -> Counter[int]:
    prices = {offer["id"]: cents(offer["price"]) for offer in line["offers"]}
    paid = Counter({0: cents(line["sim_price"])})
    for day, bought in purchases:
        paid[day] += prices[bought]
    return paid


@pytest.mark.parametrize("part", range(4))
def test_answer_is_whole(part: int) -> None:
    """300 small catalogues: what is closed, unserved, to check; ranking, premium, shares, saving, usage + 30 %."""
    compared = 0
    for seed in range(part * WHOLE, (part + 1) * WHOLE):
        instance = generator.programme(seed)
        programme, person = instance["offers"], instance["person"]
        try:
            expected = answer(programme, person, limit=SMALL)
        except brute.TooLarge:
            continue
        compared += 1
        assert (seed, _comparable(engine(programme, person), programme, person)) == (seed, expected)
    assert compared >= 75


def _comparable(told: dict[str, Any], programme: dict[str, Any], person: dict[str, Any]) -> dict[str, Any]:
    """The answer with its calendars replayed and then replaced by their numbers of purchases."""
    best = told["best"]
    if best is None:
        return told
    line = next(line for line in programme["lines"] if line["id"] == best["line"])

    def counted(one: dict[str, Any]) -> dict[str, Any]:
        assert replay(line, person, one["purchases"]) == course(one)
        kept = {key: value for key, value in one.items() if key not in ("overage", "owed_after")}
        return {**kept, "purchases": len(one["purchases"])}

    return {**told, "best": {**counted(best), "fewest": counted(best["fewest"])}}


# ---------- against the integer programme ----------


def _without_solver(row: dict[str, Any]) -> tuple[str | None, bool]:
    """What the engine says of a frozen instance: its total (None: nothing serves), and whether that is proven."""
    told = engine({"lines": [row["line"]]}, row["person"])["best"]
    if told is None:
        return None, True
    assert replay(row["line"], row["person"], told["purchases"]) == course(told)
    return told["total"], told["proven"]


@pytest.mark.parametrize("part", range(FROZEN_PARTS))
def test_line_costs_what_the_integer_programme_proved(part: int) -> None:
    """2,000 frozen instances of 30 and 60 days, the optimum of each proven once (``make prove``)."""
    rows = prove.frozen()[part::FROZEN_PARTS]
    assert len(rows) == FROZEN // FROZEN_PARTS
    for row in rows:
        name = (row["days"], row["seed"])
        assert (name, _without_solver(row)) == (name, (row["total"], True))


def test_frozen_calendars_cost_what_is_frozen() -> None:
    """That the frozen totals can be had needs no solver: their calendars are lived day by day."""
    for row in prove.frozen():
        if row["calendar"] is None:
            continue
        prices = {offer["id"]: offer["price"] for offer in row["line"]["offers"]}
        purchases = [
            {"day": day, "offer": bought, "price": prices[bought]} for day, bought in row["calendar"]
        ]
        assert euros(replay(row["line"], row["person"], purchases)[0]) == row["total"]


def test_frozen_instances_are_the_generators() -> None:
    """One in twenty of the frozen instances comes out of the generator as it was."""
    for row in prove.frozen()[::20]:
        made = generator.month(row["seed"], row["days"])
        assert {key: row[key] for key in ("kind", "line", "person")} == made


@pytest.mark.parametrize("days", [30, 60])
def test_line_costs_what_the_integer_programme_finds_now(days: int) -> None:
    """100 instances solved here and now."""
    rows = {row["seed"]: row for row in prove.frozen() if row["days"] == days}
    for seed in LIVE[days]:
        row = rows[seed]
        found = milp.solve(row["line"], row["person"], seconds=60)
        total = None if found.total is None else euros(found.total)
        assert (seed, found.status != "open", total) == (seed, True, _without_solver(row)[0])


def test_cap_just_below_the_best_calendar_is_kept() -> None:
    """60 days with a monthly cap one cent below what the proven calendar buys in its dearest month."""
    rows = {row["seed"]: row for row in prove.frozen() if row["days"] == 60}
    for seed in CAPPED:
        line, person = rows[seed]["line"], {**rows[seed]["person"], "already_bought": "0.00"}
        prices = {offer["id"]: cents(offer["price"]) for offer in line["offers"]}
        bought: Counter[int] = Counter()
        for day, offer in rows[seed]["calendar"]:
            bought[day // 30] += prices[offer]
        capped = {**line, "monthly_cap": euros(max(bought.values()) - 1)}
        found = milp.solve(capped, person, seconds=60)
        assert (seed, found.status) == (seed, "proven")
        told = engine({"lines": [capped]}, person)["best"]
        assert replay(capped, person, told["purchases"]) == course(told)
        assert (seed, told["total"], told["proven"]) == (seed, euros(found.total or 0), True)


def test_demonstration_costs_what_the_integer_programme_finds() -> None:
    """Every line of top-ups of the demonstration catalogue over 30 days, all conditions met."""
    lines = json.loads(DEMONSTRATION.read_text(encoding="utf-8"))["lines"]
    person = {
        "usage": {"voice_min": 60, "sms": 30, "data_mb": 500},
        "has": [],
        "max_payment": None,
        "already_bought": "0.00",
        "horizon_days": 30,
    }
    compared = 0
    for line in lines:
        offers = [
            {**offer, "requires": []}
            for offer in line["offers"]
            if offer["kind"] == "top_up" and not offer.get("unknown")
        ]
        if not offers:
            continue
        compared += 1
        alone = {**line, "offers": offers}
        found = milp.solve(alone, person, seconds=60)
        ranking = engine({"lines": [alone]}, person)["ranking"]
        expected = [] if found.total is None else [(line["id"], euros(found.total), True)]
        told = [(each["line"], each["total"], each["proven"]) for each in ranking]
        assert (found.status != "open", told) == (True, expected)
    assert compared >= 3


# ---------- the references against each other ----------


def test_references_agree() -> None:
    """Trying everything and the integer programme give one total."""
    for seed in range(0, 600, 12):
        instance = generator.tiny(seed)
        try:
            found = tiny_of(instance, limit=SMALL).search()
        except brute.TooLarge:
            continue
        other = milp.solve(instance["line"], instance["person"])
        sim = cents(instance["line"]["sim_price"])
        assert (seed, other.total) == (seed, sim + found[0].cost if found else None)


def test_bound_of_the_brute_force_hides_nothing() -> None:
    """Without its bound it finds the same."""
    compared = 0
    for seed in range(110):
        instance = generator.tiny(seed)
        try:
            expected = line_by_brute(instance, limit=20_000, bound=False)
        except brute.TooLarge:
            continue
        compared += 1
        assert (seed, line_by_brute(instance, limit=20_000)) == (seed, expected)
    assert compared >= 60


def test_references_share_nothing_with_the_engine() -> None:
    """No reference imports Bagage."""
    folder = Path(brute.__file__).parent
    sources = {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.glob("*.py"))}
    importing = [
        name
        for name, text in sources.items()
        if re.search(r"^\s*(from|import)\s+(bagage|django)\b", text, re.MULTILINE)
    ]
    assert importing == []
