"""The ways of a referral, the road that is shown, and what an appointment makes of it."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from bagage.permanences.domain.lifecycle import WAYS as APPOINTMENT_WAYS
from bagage.referrals.domain import lifecycle
from bagage.referrals.domain.lifecycle import (
    ROAD,
    WAYS,
    choices_of,
    is_late,
    may_go,
    road,
    state_after_appointment,
    state_after_coming,
)
from bagage.referrals.domain.secrets import is_address_taken, read_domains

START = datetime(2026, 11, 24, 15, 12, tzinfo=UTC)


def test_ways_lead_to_known_states_only():
    assert {state for ways in WAYS.values() for state in ways} <= set(WAYS)


@pytest.mark.parametrize(("before", "after"), list(pairwise(ROAD)))
def test_road_can_be_walked_step_by_step(before, after):
    assert may_go(before, after)


@pytest.mark.parametrize("state", ["declined", "withdrawn"])
def test_ends_stay_ends(state):
    assert WAYS[state] == frozenset()


def test_each_step_of_an_appointment_has_its_answer():
    """Each change that the table of appointments allows either moves a referral or is known to leave it."""
    silent = {("booked", "moved"), ("arrived", "moved"), ("under_way", "done"), ("no_show", "excused")}
    silent |= {("arrived", "cancelled")}
    changes = {(before, after) for before, ways in APPOINTMENT_WAYS.items() for after in ways}
    assert changes - set(lifecycle._AFTER_APPOINTMENT) == silent


@pytest.mark.parametrize(
    ("state", "before", "after", "to"),
    [
        ("received", "", "booked", "appointment"),
        ("sent", "", "booked", "appointment"),
        ("under_way", "", "booked", ""),
        ("appointment", "", "booked", "appointment"),
        ("appointment", "booked", "arrived", "came"),
        ("received", "booked", "arrived", "came"),
        ("came", "arrived", "under_way", "under_way"),
        ("came", "arrived", "done", "under_way"),
        ("appointment", "booked", "no_show", "not_come"),
        ("under_way", "booked", "no_show", ""),
        ("not_come", "no_show", "arrived", "came"),
        ("appointment", "booked", "cancelled", "received"),
        ("under_way", "booked", "cancelled", ""),
        ("came", "arrived", "booked", "appointment"),
        ("under_way", "under_way", "arrived", "came"),
        ("declined", "", "booked", ""),
        ("left_with", "booked", "arrived", ""),
        ("left_with", "", "booked", ""),
        ("left_with", "arrived", "under_way", ""),
    ],
)
def test_state_after_appointment(state, before, after, to):
    assert state_after_appointment(state, before, after) == to


@pytest.mark.parametrize("state", ["received", "appointment", "came", "under_way", "not_come", "left_with"])
def test_a_journey_can_end_from_each_open_state(state):
    assert may_go(state, "left_with")


@pytest.mark.parametrize(("state", "may"), [("left_with", True), ("declined", False), ("withdrawn", False)])
def test_coming_back_leads_under_way_from_the_end_of_the_road_only(state, may):
    assert may_go(state, "under_way") is may


@pytest.mark.parametrize(
    ("state", "to"),
    [
        ("sent", ""),
        ("received", "under_way"),
        ("appointment", ""),
        ("came", "under_way"),
        ("under_way", ""),
        ("left_with", ""),
        ("not_come", "under_way"),
        ("declined", ""),
        ("withdrawn", ""),
    ],
)
def test_state_after_coming(state, to):
    assert state_after_coming(state) == to


def places(state: str, *reached: str) -> list[tuple[str, str]]:
    steps = [(step, START + timedelta(hours=number)) for number, step in enumerate(reached)]
    return [(milestone.state, milestone.place) for milestone in road(state, steps)]


def test_road_of_someone_under_way():
    assert places("under_way", "sent", "received", "appointment", "came", "under_way") == [
        ("sent", "done"),
        ("received", "done"),
        ("appointment", "done"),
        ("came", "done"),
        ("under_way", "current"),
        ("left_with", "to_come"),
    ]


def test_road_leaves_out_what_was_passed_over():
    assert places("came", "sent", "received", "came") == [
        ("sent", "done"),
        ("received", "done"),
        ("came", "current"),
        ("under_way", "to_come"),
        ("left_with", "to_come"),
    ]


def test_road_of_a_refusal_ends_there():
    assert places("declined", "sent", "received", "declined") == [
        ("sent", "done"),
        ("received", "done"),
        ("declined", "current"),
    ]


def test_road_after_a_cancelled_appointment_is_to_come_again():
    assert places("received", "sent", "received", "appointment", "received")[2] == ("appointment", "to_come")


@pytest.mark.parametrize(
    ("state", "answered", "hours", "late"),
    [
        ("sent", None, 48, False),
        ("sent", None, 49, True),
        ("received", None, 49, True),
        ("received", START, 49, False),
        ("appointment", None, 49, False),
        ("declined", None, 490, False),
    ],
)
def test_is_late(state, answered, hours, late):
    assert is_late(state, START, answered, START + timedelta(hours=hours)) is late


def test_choices_of_five_at_most_none_twice():
    assert choices_of(" Oui \n\nNon\nOui\na\nb\nc\nd") == ["Oui", "Non", "a", "b", "c"]


def test_read_domains():
    assert read_domains("SIAO.example, @ville.example;a.b @") == ["siao.example", "ville.example", "a.b"]


@pytest.mark.parametrize(
    ("email", "domains", "taken"),
    [
        ("a@b.c", [], True),
        ("a@siao.example", ["siao.example"], True),
        ("a@SIAO.example", ["siao.example"], True),
        ("a@paris.siao.example", ["siao.example"], True),
        ("a@notsiao.example", ["siao.example"], False),
        ("a@siao.example.evil", ["siao.example"], False),
    ],
)
def test_is_address_taken(email, domains, taken):
    assert is_address_taken(email, domains) is taken
