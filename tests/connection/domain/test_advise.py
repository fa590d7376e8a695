"""The answer where a word of the question decides it, worked out by hand; and what is told when time is short."""

import json
from importlib.resources import files

import pytest

from bagage.connection.domain.advise import advise
from bagage.connection.domain.programme import read_person, read_programme
from tests.connection.reference import generator


def line(name, *offers, **more):
    return {
        "id": name,
        "operator": "Exemple",
        "name": name,
        "sim_price": "0.00",
        "offers": list(offers),
        **more,
    }


def top_up(name, price, days, requires=(), **more):
    return {
        "id": name,
        "kind": "top_up",
        "price": price,
        "validity_days": days,
        "requires": list(requires),
        **more,
    }


def plan(name, price, requires=(), **more):
    return {"id": name, "kind": "plan", "price": price, "requires": list(requires), **more}


def answer(lines, person, **more):
    return advise(read_programme({"lines": lines}), read_person(person), **more).as_json()


def test_overage_is_rounded_for_each_resource_and_month():
    offer = plan(
        "p", "2.00", allowances={"voice_min": 0, "sms": 0}, overage={"voice_min": "0.0050", "sms": "0.0050"}
    )
    told = answer([line("a", offer)], {"usage": {"voice_min": 1, "sms": 1}, "horizon_days": 60})
    # Two months, two resources, half a cent each: 4 × 0.01 beside 4.00.
    assert (told["best"]["total"], told["best"]["overage"]) == ("4.04", "0.04")


def test_commitment_is_owed_past_the_horizon():
    offer = plan("p", "5.00", allowances={"sms": "unlimited"}, commitment_months=12)
    told = answer([line("a", offer)], {"usage": {"sms": 1}, "horizon_days": 30})
    assert (told["best"]["total"], told["best"]["owed_after"]) == ("60.00", "55.00")
    assert [each["day"] for each in told["best"]["purchases"]] == [0]


def test_no_usage_costs_the_sim_alone():
    told = answer([line("a", top_up("t", "5.00", 30), sim_price="3.00")], {"usage": {}})
    assert (told["best"]["total"], told["best"]["purchases"]) == ("3.00", [])


def test_closed_names_what_is_missing_or_the_limit():
    lines = [
        line(
            "a",
            top_up("t", "5.00", 30, [["email", "smartphone"], "bank_account"], allowances={"sms": 10}),
            top_up("dear", "20.00", 30, allowances={"sms": 10}),
        )
    ]
    told = answer(lines, {"usage": {"sms": 1}, "max_payment": "10.00"})
    assert told["closed"] == [
        {"offer": "t", "missing": [["email", "smartphone"], "bank_account"]},
        {"offer": "dear", "limit": "max_payment"},
    ]
    assert told["best"] is None
    assert told["premium"]["opens_with"] == [["max_payment"]]


def test_unserved_names_the_resource_or_the_limit():
    capped = line("b", top_up("u", "6.00", 15, allowances={"sms": "unlimited"}), monthly_cap="10.00")
    lines = [line("a", top_up("t", "5.00", 30, allowances={"voice_min": 10})), capped]
    told = answer(lines, {"usage": {"sms": 1}})
    assert told["unserved"] == [
        {"line": "a", "resource": "sms"},
        {"line": "b", "limit": "monthly_cap"},
    ]


def test_shares_sum_to_the_premium_and_a_pair_that_acts_together_shares_it():
    lines = [
        line("card", top_up("t", "10.00", 30, allowances={"sms": 10})),
        line("plan", plan("p", "2.00", ["bank_account", "email"], allowances={"sms": 10})),
    ]
    told = answer(lines, {"usage": {"sms": 5}, "has": ["identity_document"]})
    shares = {each["condition"]: (each["alone"], each["share"]) for each in told["premium"]["obstacles"]}
    assert told["premium"]["total"] == "24.00"
    assert shares["bank_account"] == shares["email"] == ("0.00", "12.00")
    assert shares["smartphone"] == ("0.00", "0.00")


def test_keep_or_change_against_today():
    lines = [line("card", top_up("t", "10.00", 30, allowances={"sms": 10}))]
    current = {"pays_per_month": "12.00", "commitment_owed": "10.00"}
    told = answer(lines, {"usage": {"sms": 5}, "current": current})
    assert told["against_today"] == {"keep": True, "saving": "-4.00"}
    told = answer(lines, {"usage": {"sms": 5}, "current": {**current, "commitment_owed": "0.00"}})
    assert told["against_today"] == {"keep": False, "saving": "6.00"}


def test_day_limit_that_the_first_day_breaks_leaves_the_line_unserved():
    lines = [
        line(
            "a",
            top_up("voice", "6.00", 3, allowances={"voice_min": 2}),
            top_up("data", "6.00", 3, allowances={"data_mb": 2}),
        )
    ]
    person = {"usage": {"voice_min": 30, "data_mb": 30}, "horizon_days": 4}
    free = answer(lines, person)
    held = answer(lines, {**person, "max_payment": "6.00"})
    assert [each["day"] for each in free["best"]["purchases"]] == [0, 0, 2, 2]
    # On day 0 both are needed at once, and nothing can be bought before it.
    assert (held["best"], held["unserved"]) == (None, [{"line": "a", "limit": "max_payment"}])


def demonstration():
    text = files("bagage.connection").joinpath("data/demo_catalogue.json").read_text()
    return json.loads(text)["lines"]


def test_out_of_time_is_told_and_never_as_proven():
    person = {"usage": {"voice_min": 103, "sms": 43, "data_mb": 2400}, "has": ["identity_document"]}
    told = answer(demonstration(), person, out_of_time=lambda: True)
    unproven = [each for each in told["ranking"] if not each["proven"]]
    assert unproven
    assert all(each["at_least"] is not None for each in unproven)


def test_answer_cut_short_keeps_a_calendar_and_a_bound_below_it():
    person = {"usage": {"voice_min": 103, "sms": 43, "data_mb": 2400}, "has": ["identity_document"]}
    whole = answer(demonstration(), person)["best"]["total"]
    for most in (3, 10, 30, 100):
        asked = iter(range(10**9))
        best = answer(demonstration(), person, out_of_time=lambda asked=asked, most=most: next(asked) > most)[
            "best"
        ]
        if best is None:
            continue
        assert float(best["total"]) >= float(whole)
        assert best["proven"] or float(best["at_least"]) <= float(whole)


def generated(seed: int):
    return read_programme(generator.catalogue(seed)), read_person(generator.person(seed, everything=False))


@pytest.mark.parametrize("seed", [0, 6])
def test_what_decides_is_known_before_the_rest_begins(seed):
    whole = advise(*generated(seed), start_the_rest=lambda: lambda: True)
    assert whole.best is not None
    assert (whole.best.proven, whole.is_fewest_proven, whole.is_130_proven, whole.premium.proven) == (
        True,
    ) * 4
    # The rest had no time: it is told as bounds, and none of them is below the best.
    rest = [each for each in (*whole.ranking, *whole.undecided) if not each.proven]
    assert len(rest) > 5
    assert min(each.at_least for each in rest) >= whole.best.total


@pytest.mark.parametrize("seed", [3, 11])
def test_the_rest_with_a_little_time_keeps_what_decides_and_proves_more(seed):
    def looks(count: int):
        asked = iter(range(10**9))
        return lambda: lambda: next(asked) > count

    none = advise(*generated(seed), start_the_rest=looks(0))
    some = advise(*generated(seed), start_the_rest=looks(400))
    assert (some.best, some.fewest, some.if_usage_130, some.premium) == (
        none.best,
        none.fewest,
        none.if_usage_130,
        none.premium,
    )
    proven = [sum(each.proven for each in told.ranking) for told in (none, some)]
    assert proven[0] < proven[1]
    before = {each.line.id: each for each in (*none.ranking, *none.undecided)}
    for each in (*some.ranking, *some.undecided):
        assert each.at_least >= before[each.line.id].at_least
        earlier = before[each.line.id].total
        assert each.total is None or earlier is None or each.total <= earlier


def test_pathological_catalogue_does_not_hold_its_caller():
    packs = [
        top_up(f"t{number}", f"0.{number:02d}", 1 + number % 3, allowances={"data_mb": 1, "sms": number % 5})
        for number in range(1, 12)
    ]
    asked = iter(range(10**9))
    person = {"usage": {"data_mb": 10**9, "sms": 10**6}, "horizon_days": 360}
    told = answer([line("a", *packs)], person, out_of_time=lambda: next(asked) > 20)
    assert next(asked) < 2000
    assert all(not each["proven"] for each in told["ranking"])
