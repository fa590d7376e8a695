"""Times that run out."""

import time

import pytest

from bagage.common.deadline import either, out_of_time_after


def test_out_of_time_after_says_yes_once_its_time_has_passed(monkeypatch):
    at = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: at[0])
    question = out_of_time_after(0.5)
    said = []
    for moment in (100.0, 100.49, 100.5, 101.0):
        at[0] = moment
        said.append(question())
    assert said == [False, False, True, True]


@pytest.mark.parametrize(("one", "other"), [(False, False), (True, False), (False, True), (True, True)])
def test_either_says_yes_as_soon_as_one_does(one, other):
    assert either(lambda: one, lambda: other)() == (one or other)
