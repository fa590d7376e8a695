"""From what she does in a week to what it uses in 30 days."""

import pytest

from bagage.connection.domain.usage import USE, USES, month_of, usage_of, usual_figures

MARIAM = {"calls": "often", "sms": "often", "video_calls": "often", "messages": "daily", "sites": "often"}


def test_usage_of_the_drawn_screen_makes_its_figures():
    assert usage_of(MARIAM, usual_figures()) == {"voice_min": 103, "sms": 43, "data_mb": 2421}


def test_usage_of_nothing_is_nothing():
    assert usage_of({}, usual_figures()) == {"voice_min": 0, "sms": 0, "data_mb": 0}
    assert usage_of(dict.fromkeys(USE, "never"), usual_figures()) == {"voice_min": 0, "sms": 0, "data_mb": 0}


def test_usage_is_rounded_once():
    figures = {**usual_figures(), "messages": 1, "sites": 1}
    levels = {"messages": "once", "sites": "once"}
    assert [month_of(key, "once", figures) for key in levels] == [4, 4]
    assert usage_of(levels, figures)["data_mb"] == 9


def test_month_follows_the_figures_of_the_house():
    assert month_of("calls", "often", {"calls": 8}) == 103
    assert month_of("calls", "often", {"calls": 14}) == 180
    assert month_of("calls", "unheard of", {}) == 0


def test_what_no_use_names_is_passed_over():
    assert usage_of({"gardening": "daily"}, usual_figures())["data_mb"] == 0


@pytest.mark.parametrize("use", USES, ids=lambda use: use.key)
def test_each_level_uses_more_than_the_one_before(use):
    figures = usual_figures()
    amounts = [month_of(use.key, level, figures) for level in use.levels]
    assert list(use.levels) == ["never", "once", "often", "daily"]
    assert amounts == sorted(set(amounts))
    assert amounts[0] == 0
