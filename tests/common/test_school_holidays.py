"""Hours that say something of school holidays: told in words, held to in them, never taken for those of term time."""

from datetime import date, datetime, time

import pytest

from bagage.common import school
from bagage.common.hour_words import hours_in_words
from bagage.common.hours import in_zone, openness, out_of_zone, parsed, school_holidays, usual_week

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


# ---------- by zone: the winter holidays of 2027 begin on 6 February in C, 13 in A, 20 in B ----------
def test_each_departement_of_the_mainland_has_one_zone():
    numbers = [number for lines in school.ZONES.values() for line in lines for number in line.split()]
    assert sorted(numbers) == [f"{number:02}" for number in range(1, 96) if number != 20]


@pytest.mark.parametrize(
    ("code", "zone"), [("38185", "A"), ("29019", "B"), ("75119", "C"), ("2A004", ""), ("97411", ""), ("", "")]
)
def test_zone_is_told_by_a_commune_or_a_postcode(code: str, zone: str):
    assert school.zone_of(code) == zone


@pytest.mark.parametrize(
    ("zone", "day", "is_one"),
    [("C", 5, False), ("C", 8, True), ("A", 8, False), ("A", 15, True), ("B", 15, False),
     ("B", 22, True), ("", 22, False)],
)  # fmt: skip
def test_holidays_differ_by_zone(zone: str, day: int, is_one: bool):
    assert school.is_holiday(date(2027, 2, day), zone) is is_one


IN_TERM, IN_HOLIDAYS = datetime(2027, 1, 26, 10, 30), datetime(2027, 2, 9, 10, 30)  # Tuesdays, in zone C


@pytest.mark.parametrize(
    ("hours", "in_term", "in_holidays"),
    [
        ("Mo-Fr 09:00-12:00; SH off", True, False),
        ("Mo-Fr 09:00-12:00; PH,SH off", True, False),
        ("Mo-Fr 09:00-12:00; SH,PH off", True, False),
        ("SH Mo-Fr 10:00-11:00", False, True),
        ("Mo-Fr 14:00-17:00; SH Tu 10:00-11:00", False, True),
        ("Mo-Fr 09:00-12:00; SH Mo-Fr 14:00-17:00", True, False),
        ("We,SH 09:00-12:00", False, True),
        ("Tu 09:00-12:00; SH We 10:00-11:00", True, True),
        ("Mo-Fr 09:00-12:00; Jul-Aug SH off", True, True),
    ],
)
def test_hours_of_school_holidays_hold_in_them(hours: str, in_term: bool, in_holidays: bool):
    assert openness(hours, IN_TERM, zone="C").is_open is in_term
    assert openness(hours, IN_HOLIDAYS, zone="C").is_open is in_holidays
    # In another zone it is a week of term; where no zone is known, all are.
    assert openness(hours, IN_HOLIDAYS, zone="B").is_open is in_term
    assert openness(hours, IN_HOLIDAYS).is_open is in_term


def test_it_opens_again_after_the_holidays():
    found = openness("Mo-Fr 09:00-12:00; SH off", datetime(2027, 2, 9, 10), zone="C")
    assert (found.is_open, found.opens_at) == (False, datetime(2027, 2, 22, 9))


def test_hours_and_zone_go_as_one_text_where_the_zone_says_something():
    assert in_zone("Mo-Fr 09:00-12:00", "C") == "Mo-Fr 09:00-12:00"
    assert out_of_zone(in_zone("Mo-Fr 09:00-12:00; SH off", "C")) == ("Mo-Fr 09:00-12:00; SH off", "C")
    assert out_of_zone(in_zone("Mo-Fr 09:00-12:00; SH off", "")) == ("Mo-Fr 09:00-12:00; SH off", "")
