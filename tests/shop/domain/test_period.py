"""The days over which a cap counts, and what remains of it."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bagage.shop.domain.cap import Left, fitting, left_on, missing
from bagage.shop.domain.period import (
    CALENDAR_MONTH,
    KINDS,
    ROLLING_30,
    Period,
    Use,
    most_used_with,
    period_of,
    reach_of,
    renews_on,
    used_in,
)

bounded = settings(max_examples=150, derandomize=True, deadline=None, database=None)
days = st.dates(date(2024, 1, 1), date(2027, 12, 31))
near = st.integers(0, 70).map(lambda count: date(2026, 10, 15) + timedelta(days=count))
purchases = st.lists(st.builds(Use, near, st.integers(1, 1500)), max_size=12)


@pytest.mark.parametrize(
    ("day", "kind", "first", "last"),
    [
        (date(2026, 11, 26), CALENDAR_MONTH, date(2026, 11, 1), date(2026, 11, 30)),
        (date(2028, 2, 29), CALENDAR_MONTH, date(2028, 2, 1), date(2028, 2, 29)),
        (date(2026, 12, 31), CALENDAR_MONTH, date(2026, 12, 1), date(2026, 12, 31)),
        (date(2026, 11, 26), ROLLING_30, date(2026, 10, 28), date(2026, 11, 26)),
    ],
)
def test_period_of(day, kind, first, last):
    assert period_of(day, kind) == Period(first, last)


def test_period_of_another_kind_is_refused():
    with pytest.raises(ValueError, match="no such period"):
        period_of(date(2026, 11, 26), "week")


@bounded
@given(days, st.sampled_from(KINDS))
def test_a_day_stands_in_its_period_and_the_period_in_its_reach(day, kind):
    period, reach = period_of(day, kind), reach_of(day, kind)
    assert period.holds(day)
    assert reach.holds(period.first)
    assert reach.holds(period.last)


@bounded
@given(days, days)
def test_two_days_share_a_calendar_month_or_have_nothing_in_common(one, other):
    first, second = period_of(one, CALENDAR_MONTH), period_of(other, CALENDAR_MONTH)
    assert (first == second) == ((one.year, one.month) == (other.year, other.month))
    assert first == second or first.last < second.first or second.last < first.first


@bounded
@given(days)
def test_thirty_days_are_thirty(day):
    period = period_of(day, ROLLING_30)
    assert (period.last - period.first).days + 1 == 30


@bounded
@given(purchases, near, st.integers(0, 3000), st.sampled_from(KINDS))
def test_left_is_never_below_zero_and_counts_what_was_used(uses, day, cap, kind):
    left = left_on(uses, day, kind=kind, cap=cap)
    assert left.left == max(0, cap - left.used)
    assert left.used >= used_in(uses, period_of(day, kind))


@bounded
@given(st.lists(st.tuples(near, st.integers(1, 1500)), max_size=20), st.sampled_from(KINDS))
def test_no_period_is_ever_over_its_cap_in_whatever_order_purchases_come(asked, kind):
    """What is let through, one after the other, even for days that are past, never fills a period beyond the cap."""
    cap, uses = 3000, []
    for day, amount in asked:
        if amount <= left_on(uses, day, kind=kind, cap=cap).left:
            uses.append(Use(day, amount))
    first = date(2026, 10, 1)
    fullest = max(used_in(uses, period_of(first + timedelta(days=count), kind)) for count in range(120))
    assert fullest <= cap


@bounded
@given(purchases, near, st.sampled_from(KINDS))
def test_giving_back_for_the_day_of_the_sale_leaves_what_was_there_before(uses, day, kind):
    before = left_on(uses, day, kind=kind, cap=3000)
    sale = Use(day, 700)
    assert most_used_with([*uses, sale], day, kind) >= before.used
    assert left_on([*uses, sale, Use(sale.on, -sale.amount)], day, kind=kind, cap=3000).left == before.left


@bounded
@given(purchases, near, st.sampled_from(KINDS))
def test_more_can_be_bought_from_the_day_that_is_said(uses, day, kind):
    known = [use for use in uses if use.on <= day]
    more_on = renews_on(known, day, kind)
    if more_on is None:
        assert used_in(known, period_of(day, kind)) == 0
        return
    assert used_in(known, period_of(more_on, kind)) < used_in(known, period_of(day, kind))
    if kind == ROLLING_30:
        the_day_before = period_of(more_on - timedelta(days=1), kind)
        assert used_in(known, the_day_before) == used_in(known, period_of(day, kind))


def test_left_on_says_until_when():
    assert left_on([Use(date(2026, 11, 3), 1000)], date(2026, 11, 26), kind=CALENDAR_MONTH, cap=3000) == Left(
        3000, 1000, 2000, date(2026, 11, 1), date(2026, 11, 30), date(2026, 12, 1)
    )
    assert left_on(
        [Use(date(2026, 11, 3), 1000)], date(2026, 11, 26), kind=ROLLING_30, cap=3000
    ).more_on == date(2026, 12, 3)


def test_what_fits_is_the_dearest_first():
    assert fitting(1000, [("a", 500), ("b", 1500), ("c", 1000)]) == ["c", "a"]
    assert [missing(2500, 3500), missing(2500, 1000)] == [1000, 0]
