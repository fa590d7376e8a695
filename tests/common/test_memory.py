"""What a server keeps for good is left alone by the garbage collector, once it is loaded and once it is read."""

import gc
from collections.abc import Iterator
from threading import Event, Thread

import pytest

from bagage.common.memory import THRESHOLDS, settle, settle_after


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


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
