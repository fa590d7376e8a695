"""The replayer, on calendars worked out by hand: whoever judges the engine is judged first."""

from typing import Any

import pytest

from tests.connection.reference.replay import Broken, replay


def line(*offers: dict[str, Any], **changed: Any) -> dict[str, Any]:
    return {
        "id": "line",
        "sim_price": "1.00",
        "monthly_cap": None,
        "unit_prices": {},
        "offers": [{"requires": [], "credit": "0.00", **offer} for offer in offers],
        **changed,
    }


def person(days: int, **usage: int) -> dict[str, Any]:
    return {"usage": usage, "has": [], "max_payment": None, "already_bought": "0.00", "horizon_days": days}


def bought(*pairs: tuple[int, str], price: str = "5.00") -> list[dict[str, Any]]:
    return [{"day": day, "offer": offer, "price": price} for day, offer in pairs]


def top_up(id: str, days: int, credit: str = "0.00", **allowances: Any) -> dict[str, Any]:
    return {
        "id": id,
        "kind": "top_up",
        "price": "5.00",
        "validity_days": days,
        "credit": credit,
        "allowances": allowances,
    }


def test_allowance_serves_its_days_and_no_more() -> None:
    """3 minutes a day; 9 minutes valid 3 days serve days 0 to 2; on day 3 the rest of a second one is needed."""
    shelf = line(top_up("a", 3, voice_min=9))
    assert replay(shelf, person(3, voice_min=90), bought((0, "a"))) == (600, 600, 1)
    with pytest.raises(Broken, match="day 3"):
        replay(shelf, person(4, voice_min=90), bought((0, "a")))
    assert replay(shelf, person(4, voice_min=90), bought((0, "a"), (3, "a"))) == (1100, 600, 2)


def test_nothing_is_served_from_what_has_ended() -> None:
    """100 minutes valid 2 days leave 94 that nobody has on day 2."""
    with pytest.raises(Broken, match="day 2"):
        replay(line(top_up("a", 2, voice_min=100)), person(3, voice_min=90), bought((0, "a")))


def test_earliest_ending_goes_first() -> None:
    """Of 6 minutes for 2 days and 6 for 4 days, the short ones are used first: 4 days of 3 minutes are served."""
    shelf = line(top_up("short", 2, voice_min=6), top_up("long", 4, voice_min=6))
    assert replay(shelf, person(4, voice_min=90), bought((0, "long"), (0, "short"))) == (1100, 1100, 2)


def test_allowance_goes_before_credit_even_when_credit_ends_first() -> None:
    """3 minutes a day at 1 euro each. Credit of 3 euros for one day, and 3 minutes for two days: the operator takes the
    minutes on day 0, the credit ends that night, and day 1 has nothing. Chosen freely, both days would be served.
    """
    shelf = line(
        top_up("money", 1, credit="3.00"),
        top_up("minutes", 2, voice_min=3),
        unit_prices={"voice_min": "1.00"},
    )
    with pytest.raises(Broken, match="day 1"):
        replay(shelf, person(2, voice_min=90), bought((0, "money"), (0, "minutes")))
    assert replay(shelf, person(2, voice_min=90), bought((0, "minutes"), (1, "money"))) == (1100, 600, 2)


def test_credit_pays_all_resources_of_the_day_together() -> None:
    """A minute at 50 cents and two messages at 25 cents: 1 euro a day."""
    prices = {"voice_min": "0.50", "sms": "0.25"}
    shelf = line(top_up("money", 9, credit="2.00"), unit_prices=prices)
    assert replay(shelf, person(2, voice_min=30, sms=60), bought((0, "money"))) == (600, 600, 1)
    with pytest.raises(Broken, match="day 2"):
        replay(shelf, person(3, voice_min=30, sms=60), bought((0, "money")))


def test_credit_pays_nothing_without_a_unit_price() -> None:
    shelf = line(top_up("money", 9, credit="99.00"), unit_prices={"sms": "0.10"})
    with pytest.raises(Broken, match="no unit price"):
        replay(shelf, person(1, voice_min=30), bought((0, "money")))


def test_fractions_of_a_unit_are_exact() -> None:
    """10 messages in 30 days are a third of one a day: one message serves three days and not four."""
    shelf = line(top_up("a", 9, sms=1))
    assert replay(shelf, person(3, sms=10), bought((0, "a"))) == (600, 600, 1)
    with pytest.raises(Broken, match="day 3"):
        replay(shelf, person(4, sms=10), bought((0, "a")))


def test_payment_of_a_day_stays_within_the_limit() -> None:
    """SIM included: 1 + 5 euros on day 0."""
    shelf, someone = line(top_up("a", 3, voice_min=9)), person(3, voice_min=90)
    assert replay(shelf, {**someone, "max_payment": "6.00"}, bought((0, "a"))) == (600, 600, 1)
    with pytest.raises(Broken, match="at most"):
        replay(shelf, {**someone, "max_payment": "5.99"}, bought((0, "a")))


def test_month_stays_within_the_cap_from_day_to_day_thirty() -> None:
    """Days 0 to 29 are one month, the SIM is not counted, what was bought before is."""
    shelf = line(top_up("a", 16, voice_min="unlimited"), monthly_cap="10.00")
    someone = person(31, voice_min=90)
    with pytest.raises(Broken, match="month 0"):
        replay(shelf, {**someone, "already_bought": "0.01"}, bought((0, "a"), (15, "a")))
    assert replay(shelf, someone, bought((0, "a"), (15, "a"))) == (1100, 600, 2)
    with pytest.raises(Broken, match="month 0"):
        replay(shelf, someone, bought((0, "a"), (14, "a"), (29, "a")))
    assert replay(shelf, someone, bought((0, "a"), (14, "a"), (30, "a"))) == (1600, 600, 3)


PLAN = {
    "id": "plan",
    "kind": "plan",
    "price": "5.00",
    "allowances": {"voice_min": 60, "sms": "unlimited"},
    "overage": {"voice_min": "0.05"},
    "commitment_months": 0,
}


def test_plan_starts_afresh_every_month() -> None:
    """90 minutes of 60: 30 at 5 cents in a full month. The 15 days after use 45: nothing goes beyond."""
    assert replay(line(PLAN), person(45, voice_min=90, sms=999), bought((0, "plan"), (30, "plan"))) == (
        100 + 1000 + 150,
        600,
        2,
    )


def test_overage_is_rounded_half_up_once_a_month() -> None:
    """31 minutes beyond 60, at 0.0050 euros: 15.5 cents are 16."""
    plan = {**PLAN, "overage": {"voice_min": "0.0050"}}
    assert replay(line(plan), person(30, voice_min=91), bought((0, "plan"))) == (100 + 500 + 16, 600, 1)


def test_commitment_is_owed_past_the_horizon() -> None:
    plan = {**PLAN, "commitment_months": 3}
    assert replay(line(plan), person(10, sms=30), bought((0, "plan"))) == (100 + 1500, 600, 1)


def test_plan_does_not_serve_what_it_does_not_price() -> None:
    with pytest.raises(Broken, match="data_mb"):
        replay(line(PLAN), person(30, data_mb=30), bought((0, "plan")))


def test_plan_is_taken_alone() -> None:
    with pytest.raises(Broken, match="alone"):
        replay(line(PLAN, top_up("a", 3, data_mb=9)), person(3, data_mb=90), bought((0, "plan"), (0, "a")))
