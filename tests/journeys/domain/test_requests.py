"""Where a request stands, as sessions tell, and what is written by hand."""

from datetime import date, datetime, timedelta

import pytest

from bagage.journeys.domain.requests import Answer, Written, may_tell, state_told

DAY = date(2026, 11, 26)
NOON = datetime(2026, 11, 26, 12)


def written(state: str, minute: int, source: str = "") -> Written:
    return Written(state, DAY, NOON + timedelta(minutes=minute), source)


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ([], "open"),
        ([("booked", {})], "under_way"),
        ([("waiting", {})], "under_way"),
        ([("called_off", {})], "open"),
        ([("absent", {}), ("left", {})], "open"),
        ([("excused", {}), ("booked", {})], "under_way"),
        ([("present", {})], "under_way"),
        ([("present", {"K7": 3})], "met"),
        ([("present", {"K7": 3, "K8": 2})], "under_way"),
        ([("present", {"K7": 3, "K8": None})], "under_way"),
        ([("booked", {"K7": 3})], "under_way"),  # seen at another time, not there
        ([("present", {"K7": 1}), ("present", {"K7": 3})], "met"),
    ],
)
def test_state_told_by_the_sessions_of_a_request(answers, state) -> None:
    assert state_told(Answer(*one) for one in answers) == state


@pytest.mark.parametrize(
    ("told", "now", "steps", "may"),
    [
        ("under_way", "open", [], True),
        ("open", "open", [], False),
        ("under_way", "dropped", [], False),
        # Written before the session was tied to it: the session speaks.
        ("under_way", "open", [written("open", -1)], True),
        # Written since: "met" holds, "open" gives way only to what was seen.
        ("open", "met", [written("under_way", 0, "session:1"), written("met", 5)], False),
        ("under_way", "open", [written("open", 5)], False),
        ("met", "open", [written("open", 5)], True),
        # What sessions wrote themselves never holds against them.
        ("open", "under_way", [written("under_way", 5, "session:1")], True),
    ],
)
def test_may_tell_what_was_written_by_hand_since_holds(told, now, steps, may) -> None:
    assert may_tell(told, now, steps, NOON) is may
