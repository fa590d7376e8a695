"""What the life of a line tells about the connection pocket."""

from dataclasses import dataclass

import pytest

from bagage.journeys.domain.lines import answers_of


@dataclass(frozen=True)
class Told:
    was_told: bool = False
    kept_number: bool | None = None


@pytest.mark.parametrize(
    ("state", "answer"),
    [
        ("active", "yes"),
        ("lapsed", "lost"),
        ("ported", "yes"),
        ("left_for_plan", "yes"),
        ("closed", "no"),
    ],
)
def test_answers_of_a_line_follow_its_state(state, answer):
    assert answers_of(state, [Told()]) == {"C1": answer}


def test_answers_of_a_lost_line_lose_the_number_too():
    assert answers_of("lost", [Told()]) == {"C1": "lost", "C3": "no"}


def test_answers_of_a_line_written_by_mistake_are_none():
    assert answers_of("void", [Told(was_told=True)]) == {}


def test_answers_of_a_line_know_that_she_was_told_once():
    assert answers_of("active", [Told(was_told=True), Told()]) == {"C1": "yes", "C2": "yes"}


@pytest.mark.parametrize(("kept", "answer"), [(True, "yes"), (False, "no")])
def test_answers_of_a_line_that_was_left_know_what_became_of_the_number(kept, answer):
    assert answers_of("left_for_plan", [Told(), Told(kept_number=kept)]) == {"C1": "yes", "C3": answer}
