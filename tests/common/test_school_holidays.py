"""Hours that say something of school holidays: told in words, and never taken for those of term time."""

from datetime import datetime, time

import pytest

from bagage.common.hour_words import hours_in_words
from bagage.common.hours import openness, parsed, school_holidays, usual_week

MORNING = ((time(9), time(12)),)
MORNINGS = "du lundi au vendredi de 9 h à 12 h."


@pytest.mark.parametrize(
    ("hours", "said", "words"),
    [
        ("Mo-Fr 09:00-12:00; SH off", "off", f"{MORNINGS} Fermé pendant les vacances scolaires."),
        ("Mo-Fr 09:00-12:00; PH,SH off", "off", f"{MORNINGS} Fermé pendant les vacances scolaires."),
        (
            "Mo-Fr 09:00-12:00; SH Mo-Fr 10:00-11:00; PH off",
            "other",
            f"{MORNINGS} Autres heures pendant les vacances scolaires.",
        ),
        ("Mo-Fr 09:00-12:00; PH off", "", MORNINGS),
    ],
)  # fmt: skip
def test_what_is_said_of_school_holidays_is_told_and_the_usual_week_stays(hours, said, words):
    assert school_holidays(hours) == said
    assert usual_week(hours)[:5] == (MORNING,) * 5
    assert hours_in_words(hours).replace("\u00a0", " ").replace("\u202f", " ") == words


def test_public_holidays_still_close_where_both_are_said():
    assert not openness("Mo-Fr 09:00-12:00; PH,SH off", datetime(2026, 12, 25, 10)).is_open
    assert openness("Mo-Fr 09:00-12:00; SH off", datetime(2026, 12, 1, 10)).is_open


def test_who_opens_in_school_holidays_only_is_not_open_all_year():
    assert not any(usual_week("SH Mo-Fr 10:00-11:00"))
    assert not parsed("SH Mo-Fr 10:00-11:00").is_open(datetime(2026, 11, 26, 10, 30))
