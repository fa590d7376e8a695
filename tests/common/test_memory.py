"""What a server keeps for good is left alone by the garbage collector, once it is loaded and once it is read."""

import gc
import weakref
from collections.abc import Iterator
from itertools import count
from threading import Event, Thread

import pytest
from django.core.signals import request_finished

from bagage.common import memory
from bagage.common.memory import THRESHOLDS, WORTH, settle, settle_after, tidy

# Django looks at its connections when a request is finished.
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()
    request_finished.disconnect(dispatch_uid="bagage.memory")


def test_what_is_loaded_is_no_longer_looked_through():
    gc.unfreeze()
    kept = [[] for _number in range(50)]
    settle()
    assert gc.get_threshold() == THRESHOLDS
    assert gc.get_freeze_count() > 50
    assert not any(each is kept for each in gc.get_objects())


def test_what_is_read_beside_the_start_is_settled_once_it_was_read():
    gc.unfreeze()
    gc.set_threshold(700, 10, 10)
    may_end = Event()
    reader = Thread(target=may_end.wait)
    reader.start()
    waiting = settle_after([reader])
    assert gc.get_threshold() == (700, 10, 10)
    may_end.set()
    waiting.join(10)
    assert gc.get_threshold() == THRESHOLDS
    assert gc.get_freeze_count() > 0


class Ring:
    """It holds itself: only the collector takes it away."""

    def __init__(self) -> None:
        self.own = self


def make_rings(number: int) -> weakref.ref[Ring]:
    """So many of them; the last, as long as it is there."""
    for _number in range(number):
        ring = Ring()
    return weakref.ref(ring)


def test_what_a_page_left_is_taken_away_once_it_was_answered(monkeypatch):
    settle()
    # Python takes what goes meanwhile off its count of what came: how much that is depends on the tests before.
    monkeypatch.setattr(memory, "WORTH", 0)
    left = make_rings(10)
    assert left() is not None
    request_finished.send(sender=None)
    assert left() is None


def test_what_is_not_worth_it_waits_for_more(monkeypatch):
    settle()
    monkeypatch.setattr(memory, "WORTH", THRESHOLDS[0])
    left = make_rings(10)
    request_finished.send(sender=None)
    assert left() is not None


def test_older_things_are_looked_through_more_seldom(monkeypatch):
    looked: list[int] = []
    monkeypatch.setattr(memory.gc, "get_count", lambda: (WORTH, 0, 0))
    monkeypatch.setattr(memory.gc, "collect", looked.append)
    monkeypatch.setattr(memory, "_times", count(1))
    for _page in range(2_500):
        tidy()
    assert [looked.count(generation) for generation in (0, 1, 2)] == [2_450, 49, 1]
