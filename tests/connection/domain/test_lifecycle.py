from dataclasses import dataclass
from datetime import date

import pytest

from bagage.connection.domain.lifecycle import (
    ACTIVE,
    WAYS,
    ImpossibleLife,
    Life,
    can_happen,
    days_left,
    lapses_on,
    last_day,
    life_of,
)


@dataclass(frozen=True)
class Told:
    order: int
    kind: str
    on: date
    live_until: date | None = None
    has_no_end: bool = False
    corrects_order: int | None = None


def november(day: int) -> date:
    return date(2026, 11, day)


OPENED = Told(1, "activated", november(1), november(7))


def test_last_day_counts_the_day_of_the_purchase():
    assert last_day(november(1), 7) == november(7)
    assert lapses_on(november(7)) == november(8)
    assert last_day(november(1), 1) == november(1)


def test_days_left_is_zero_on_the_last_day():
    assert days_left(november(7), november(7)) == 0
    assert days_left(november(7), november(2)) == 5
    assert days_left(None, november(2)) is None


def test_life_of_nothing_is_void():
    assert life_of([]) == Life("void")


def test_life_of_an_opened_line_lives_to_its_last_day():
    assert life_of([OPENED]) == Life("active", november(1), november(7), last=1)


def test_life_of_a_line_opened_with_a_plan_has_no_end():
    plan = Told(1, "activated", november(1), has_no_end=True)
    assert life_of([plan]) == Life("active", november(1), None, True, 1)


def test_life_of_a_line_of_which_nothing_is_known_has_no_known_last_day():
    assert life_of([Told(1, "activated", november(1))]) == Life("active", november(1), last=1)


def test_life_of_a_topped_up_line_moves_its_last_day():
    top_up = Told(2, "topped_up", november(5), november(30))
    assert life_of([OPENED, top_up]) == Life("active", november(5), november(30), last=2)


def test_a_shorter_top_up_never_shortens_what_lives():
    longer = Told(1, "activated", november(1), november(30))
    top_up = Told(2, "topped_up", november(5), november(11))
    assert life_of([longer, top_up]).live_until == november(30)


def test_a_lapsed_line_lives_again_when_topped_up():
    lapsed = Told(2, "lapsed", november(8))
    top_up = Told(3, "topped_up", november(12), november(18))
    assert life_of([OPENED, lapsed]) == Life("lapsed", november(8), november(7), last=1)
    assert life_of([OPENED, lapsed, top_up]) == Life("active", november(12), november(18), last=3)


def test_a_lapse_does_not_hold_when_a_purchase_written_later_reaches_over_it():
    lapsed = Told(2, "lapsed", november(8))
    written_late = Told(3, "topped_up", november(7), november(20))
    assert life_of([OPENED, lapsed, written_late]) == Life("active", november(7), november(20), last=3)


def test_a_lapse_does_not_hold_after_an_end_written_later():
    lapsed = Told(2, "lapsed", november(8))
    lost = Told(3, "lost", november(3))
    assert life_of([OPENED, lapsed, lost]) == Life("lost", november(3), november(7), last=3)


def test_order_of_reading_never_decides():
    told = [OPENED, Told(2, "lapsed", november(8)), Told(3, "topped_up", november(12), november(18))]
    assert life_of(reversed(told)) == life_of(told)


def test_a_counter_entry_takes_one_event_back():
    top_up = Told(2, "topped_up", november(5), november(30))
    undone = Told(3, "corrected", november(6), corrects_order=2)
    assert life_of([OPENED, top_up, undone]) == life_of([OPENED])


def test_a_counter_entry_of_the_opening_leaves_nothing():
    undone = Told(3, "corrected", november(9), corrects_order=1)
    lapsed = Told(2, "lapsed", november(8))
    assert life_of([OPENED, lapsed, undone]) == Life("void", last=None)


@pytest.mark.parametrize("end", ["lost", "ported", "left_for_plan", "closed"])
def test_nothing_happens_to_a_line_that_ended(end):
    ended = Told(2, end, november(3))
    assert life_of([OPENED, ended]) == Life(end, november(3), november(7), last=2)
    with pytest.raises(ImpossibleLife) as error:
        life_of([OPENED, ended, Told(3, "topped_up", november(4), november(10))])
    assert (error.value.kind, error.value.state) == ("topped_up", end)


def test_a_line_is_opened_once():
    with pytest.raises(ImpossibleLife):
        life_of([OPENED, Told(2, "activated", november(2), november(9))])


def test_ways_lead_to_known_states():
    assert {new for ways in WAYS.values() for new in ways.values()} <= set(WAYS)
    assert can_happen(ACTIVE, "topped_up") is True
    assert can_happen("lost", "topped_up") is False
