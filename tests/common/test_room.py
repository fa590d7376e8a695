"""A call above room for others gives what it gives."""

import sys

import pytest

from bagage.common.room import PLACES, with_room


def add(one: int, *, other: int = 1) -> int:
    """As it is."""
    return one + other


def test_it_gives_and_fails_as_the_call_does() -> None:
    assert (with_room(add)(2, other=3), with_room(add)(2)) == (5, 3)
    assert (with_room(add).__name__, with_room(add).__doc__) == ("add", "As it is.")
    with pytest.raises(ZeroDivisionError):
        with_room(lambda: 1 // 0)()
    with pytest.raises(TypeError):
        with_room(add)()


def test_the_call_stands_above_the_room() -> None:
    def sizes() -> list[int]:
        frame, found = sys._getframe(), []
        while frame.f_back is not None:
            frame = frame.f_back
            found.append(frame.f_code.co_stacksize)
        return found

    assert with_room(sizes)()[0] == PLACES
    assert PLACES not in sizes()
