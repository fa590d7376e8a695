"""How long a window of access lasts."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bagage.shop.domain.money import cash_expected, change_of, likely_notes
from bagage.shop.domain.rights import (
    COMING,
    ENDED,
    LIVES,
    OVER,
    last_day,
    months_later,
    renewal_begins,
    standing,
)

bounded = settings(max_examples=150, derandomize=True, deadline=None, database=None)
days = st.dates(date(2024, 1, 1), date(2030, 12, 31))


@pytest.mark.parametrize(
    ("begins", "months", "last"),
    [
        (date(2026, 10, 6), 9, date(2027, 7, 5)),
        (date(2026, 1, 31), 1, date(2026, 2, 27)),
        (date(2026, 3, 1), 12, date(2027, 2, 28)),
        (date(2026, 5, 31), 9, date(2027, 2, 27)),
    ],
)
def test_last_day(begins, months, last):
    assert last_day(begins, months) == last


@bounded
@given(days, st.integers(1, 60))
def test_months_later_is_never_in_another_month(day, months):
    later = months_later(day, months)
    assert later.year * 12 + later.month == day.year * 12 + day.month + months
    assert later.day <= day.day


@bounded
@given(days, st.integers(1, 24), days, st.one_of(st.none(), days))
def test_it_lives_on_its_days_and_on_no_other(begins, months, today, ended):
    ends = last_day(begins, months)
    holds = begins <= today <= ends and (ended is None or today < ended)
    assert (standing(begins, ends, ended, today) == LIVES) == holds


def test_standing_names_the_others():
    begins, ends = date(2026, 3, 1), date(2026, 11, 30)
    assert [
        standing(begins, ends, None, date(2026, 2, 1)),
        standing(begins, ends, None, date(2026, 12, 1)),
        standing(begins, ends, date(2026, 5, 1), date(2026, 5, 1)),
    ] == [COMING, OVER, ENDED]


@bounded
@given(days, st.integers(1, 24), days)
def test_a_renewal_follows_without_overlap(begins, months, today):
    ends = last_day(begins, months)
    assert renewal_begins(ends, None, today) == max(today, ends + timedelta(days=1))


def test_cash():
    assert cash_expected(5000, -250) == 4750
    assert change_of(1000, 2000) == 1000
    assert likely_notes(1000) == [1000, 2000, 5000]
    assert likely_notes(6000) == []
