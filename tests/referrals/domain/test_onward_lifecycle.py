"""The ways of an orientation onward, when a place is asked again, and how long it takes to answer."""

from datetime import UTC, datetime, timedelta

import pytest

from bagage.referrals.domain.onward_lifecycle import (
    ANSWERS,
    WAITING,
    WAYS,
    checked_shares,
    may_go,
    silence,
    typical_days,
)

ASKED = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def days(count: float) -> datetime:
    return ASKED + timedelta(days=count)


def test_ways_lead_to_known_states_only():
    assert {state for ways in WAYS.values() for state in ways} <= set(WAYS)


@pytest.mark.parametrize("state", WAITING)
def test_whoever_waits_can_be_answered_and_called_off(state):
    assert [to for to in (*ANSWERS, "called_off", "sent") if not may_go(state, to)] == []


@pytest.mark.parametrize("state", ANSWERS)
def test_an_answer_can_be_corrected_into_each_other(state):
    assert [to for to in ANSWERS if to != state and not may_go(state, to)] == []


def test_what_was_called_off_stays_so():
    assert WAYS["called_off"] == frozenset()


@pytest.mark.parametrize(
    ("state", "by_way", "reminded", "now", "todo"),
    [
        ("sent", "email", None, 6.9, ""),
        ("sent", "email", None, 7, "remind"),
        ("sent", "email", 7, 13.9, ""),
        ("sent", "email", 7, 14, "call"),
        ("sent", "phone", None, 6.9, ""),
        ("sent", "phone", None, 7, "call"),
        ("prepared", "paper", None, 7, "call"),
        ("arrived", "email", None, 70, ""),
        ("not_come", "email", 7, 70, ""),
        ("called_off", "phone", None, 70, ""),
    ],
)
def test_silence(state, by_way, reminded, now, todo):
    at = None if reminded is None else days(reminded)
    found = silence(state, by_way, ASKED, at, days(now), days=7)
    assert (found.todo, found.since) == (todo, ASKED)


def test_checked_shares_in_the_order_of_the_page_none_twice():
    assert checked_shares(["phone", "first_name", "phone"]) == ("first_name", "phone")


def test_checked_shares_refuses_what_cannot_be_shared():
    with pytest.raises(ValueError, match="diagnosis"):
        checked_shares(["first_name", "diagnosis"])


@pytest.mark.parametrize(
    ("waits", "typical"),
    [([], None), ([0.2], 0), ([1, 9, 3], 3), ([1, 3, 4, 40], 3), ([2.5, 2.5], 2)],
)
def test_typical_days_is_the_median(waits, typical):
    assert typical_days([timedelta(days=count) for count in waits]) == typical
