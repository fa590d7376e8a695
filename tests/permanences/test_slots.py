from datetime import datetime, timedelta

from bagage.permanences.domain import lifecycle, slots

NINE = datetime(2026, 11, 26, 9, 0)


def at(hour: int, minute: int = 0) -> datetime:
    return NINE.replace(hour=hour, minute=minute)


def test_grid_leaves_out_a_rest_shorter_than_a_slot():
    assert [slot[0] for slot in slots.grid(at(9), at(10, 45), 30)] == [at(9), at(9, 30), at(10)]


def test_on_grid():
    assert slots.is_on_grid(at(9), at(10, 45), 30, at(10)) is True
    assert slots.is_on_grid(at(9), at(10, 45), 30, at(10, 30)) is False
    assert slots.is_on_grid(at(9), at(10, 45), 30, at(9, 10)) is False
    assert slots.is_on_grid(at(9), at(10, 45), 30, at(8, 30)) is False


def test_free_slots_are_those_nothing_overlaps_and_not_past():
    grid = slots.grid(at(9), at(11), 30)
    busy = [(at(9, 45), at(10, 5))]
    assert [slot[0] for slot in slots.free(grid, busy, at(9, 1))] == [at(10, 30)]


def test_touching_is_not_overlapping():
    assert slots.overlaps((at(9), at(10)), (at(10), at(11))) is False
    assert slots.overlaps((at(9), at(10)), (at(9, 59), at(11))) is True


def test_every_way_of_an_appointment_can_be_undone():
    for old, ways in lifecycle.WAYS.items():
        for new in ways:
            back = lifecycle.state_before(
                new, has_arrived=old in {"arrived", "under_way"}, has_started=old == "under_way"
            )
            # A no-show who then came, or let us know, goes back to being expected: the absence is no longer known.
            assert back == ("booked" if old == "no_show" else old), (old, new)


def test_expected_has_no_step_to_undo():
    assert lifecycle.state_before("booked", has_arrived=False, has_started=False) == ""
    assert lifecycle.queue_state_before("waiting", was_called=False) == ""


def test_every_way_in_the_queue_can_be_undone():
    for old, ways in lifecycle.QUEUE_WAYS.items():
        for new in ways:
            assert lifecycle.queue_state_before(new, was_called=old == "called" or new == "called") in {
                old,
                "waiting",
            }
    assert timedelta(hours=1) < lifecycle.UNDO_WINDOW < timedelta(hours=12)
