from datetime import date, datetime, time

import pytest
from django.utils import translation

from bagage.common import hours
from bagage.common.hour_words import hours_in_words
from bagage.permanences.words import openness_in_words

NB = "\u00a0"
CANAL = "Mo,Tu,Th 09:00-12:30,14:00-17:00; Fr 09:00-12:30"


def plain(text: str) -> str:
    return text.replace(NB, " ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (CANAL, "lundi, mardi et jeudi de 9 h à 12 h 30 et de 14 h à 17 h. Vendredi de 9 h à 12 h 30."),
        ("Mo-Fr 09:00-12:30", "du lundi au vendredi de 9 h à 12 h 30."),
        ("Mo-Fr 09:00-12:30; PH off", "du lundi au vendredi de 9 h à 12 h 30."),
        ("Tu,We 10:00-18:00", "mardi et mercredi de 10 h à 18 h."),
        ("", ""),
        ("sur rendez-vous", "sur rendez-vous"),
    ],
)
def test_hours_in_words(text, said):
    assert plain(hours_in_words(text)) == said


def test_hours_in_words_in_english():
    with translation.override("en"):
        assert hours_in_words("Mo 09:00-12:30").startswith("Monday ")


@pytest.mark.parametrize("text", [CANAL, "Mo-Fr 09:00-12:30; PH off", "Sa,Su 10:00-12:00; PH off"])
def test_written_hours_read_back_the_same(text):
    week = hours.usual_week(text)
    written = hours.written(week, holidays_off=hours.closes_on_holidays(text))
    assert hours.usual_week(written) == week
    assert hours.closes_on_holidays(written) == hours.closes_on_holidays(text)


def test_week_never_open_is_written_empty():
    assert hours.written([[]] * 7) == ""


def test_unreadable_hours_say_so():
    with pytest.raises(hours.UnreadableHours):
        hours.parsed("when we can")


@pytest.mark.parametrize(
    ("spans", "wrong"),
    [
        ([(time(9), time(12))], ""),
        ([(time(12), time(9))], "order"),
        ([(time(9), time(9))], "order"),
        ([(time(9), time(13)), (time(12), time(17))], "overlap"),
        ([(time(9), time(12)), (time(12), time(17))], ""),
    ],
)
def test_what_is_wrong_with_a_day(spans, wrong):
    assert hours.what_is_wrong(spans) == wrong


@pytest.mark.parametrize(
    ("now", "said"),
    [
        (datetime(2026, 11, 26, 10, 0), "Ouvert jusqu’à 12 h 30"),
        (datetime(2026, 11, 26, 12, 30), "Fermé, ouvre à 14 h"),
        (datetime(2026, 11, 25, 10, 0), "Fermé, ouvre jeudi 26 novembre à 9 h"),
        (datetime(2026, 11, 27, 13, 0), "Fermé, ouvre lundi 30 novembre à 9 h"),
    ],
)
def test_openness(now, said):
    assert plain(openness_in_words(hours.openness(CANAL, now), now)) == said


def test_openness_leaps_over_closed_days():
    now = datetime(2026, 11, 26, 10, 0)
    closed = [date(2026, 11, 26), date(2026, 11, 27)]
    assert hours.openness(CANAL, now, closed).opens_at == datetime(2026, 11, 30, 9, 0)


def test_openness_knows_public_holidays():
    first_of_may = datetime(2026, 5, 1, 10, 0)
    assert hours.openness("Mo-Fr 09:00-12:30; PH off", first_of_may).is_open is False
    assert hours.openness("Mo-Fr 09:00-12:30", first_of_may).is_open is True
