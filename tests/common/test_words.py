"""Dates, money, phones and lists as people write them."""

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from django.utils import translation

from bagage.common import words

PARIS = ZoneInfo("Europe/Paris")
NOW = datetime(2026, 11, 26, 10, 30, tzinfo=PARIS)


@pytest.mark.parametrize(
    ("value", "french", "english"),
    [
        (date(2026, 11, 26), "jeudi 26 novembre", "Thursday 26 November"),
        (date(2026, 12, 1), "mardi 1er décembre", "Tuesday 1 December"),
        # Half past midnight in Paris is the day before in UTC.
        (datetime(2026, 11, 25, 23, 30, tzinfo=UTC), "jeudi 26 novembre", "Thursday 26 November"),
    ],
)
def test_day_in_both_languages(value: date, french: str, english: str) -> None:
    assert words.day(value) == french
    with translation.override("en"):
        assert words.day(value) == english


def test_day_with_its_year() -> None:
    assert words.day(date(2026, 11, 26), year=True) == "jeudi 26 novembre 2026"


def test_hour_leaves_out_minutes_on_the_hour() -> None:
    assert [words.hour(time(10, 30)), words.hour(time(14)), words.hour(time(9, 5))] == [
        "10\u00a0h\u00a030",
        "14\u00a0h",
        "9\u00a0h\u00a005",
    ]
    assert words.hour(time(9), full=True) == "9\u00a0h\u00a000"
    with translation.override("en"):
        assert [words.hour(time(10, 30)), words.hour(time(14))] == ["10:30", "14:00"]


def test_hour_is_that_of_the_installation() -> None:
    assert words.hour(datetime(2026, 7, 1, 8, 0, tzinfo=UTC)) == "10\u00a0h"


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (timedelta(seconds=20), "à l’instant"),
        (timedelta(minutes=12), "il y a 12 min"),
        (timedelta(hours=2), "à 8\u00a0h\u00a030"),
        (timedelta(hours=20), "hier à 14\u00a0h\u00a030"),
        (timedelta(days=45), "le 12 octobre"),
        (timedelta(days=400), "le 22 octobre 2025"),
        (timedelta(minutes=-12), "dans 12 min"),
        (timedelta(days=-1), "demain à 10\u00a0h\u00a030"),
    ],
)
def test_ago_says_what_a_person_would(step: timedelta, said: str) -> None:
    assert words.ago(NOW - step, NOW) == said


@pytest.mark.parametrize(
    ("step", "said"),
    [
        (timedelta(minutes=65), "depuis 1\u00a0h\u00a005"),
        (timedelta(days=1), "depuis hier"),
        (timedelta(days=3), "depuis 3 jours"),
        (timedelta(days=45), "depuis le 12 octobre"),
    ],
)
def test_since_says_how_long(step: timedelta, said: str) -> None:
    assert words.since(NOW - step, NOW) == said


def test_span_rounds_down() -> None:
    spans = [
        timedelta(seconds=59),
        timedelta(minutes=18),
        timedelta(hours=1),
        timedelta(days=3),
        timedelta(days=100),
    ]
    assert [words.span(one) for one in spans] == ["0 min", "18 min", "1\u00a0h", "3 jours", "3 mois"]


def test_money_in_both_languages() -> None:
    assert words.money(Decimal("10")) == "10,00\u00a0€"
    assert words.money(Decimal("1234.5")) == "1\u202f234,50\u00a0€"
    assert words.money(None) == "on ne sait pas"
    with translation.override("en"):
        assert words.money(Decimal("1234.5")) == "€1,234.50"


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("+33639984127", "06 39 98 41 27"),
        ("0639984127", "06 39 98 41 27"),
        ("+442079460000", "+44 20 7946 0000"),
        ("inconnu", "inconnu"),
    ],
)
def test_phone_is_grouped(stored: str, shown: str) -> None:
    assert words.phone(stored).replace("\u00a0", " ") == shown


def test_joined_as_a_sentence() -> None:
    assert [
        words.joined([]),
        words.joined(["a"]),
        words.joined(["a", "b"]),
        words.joined(["a", "", "b", "c"]),
    ] == [
        "",
        "a",
        "a et b",
        "a, b et c",
    ]
    assert words.joined(["a", "b"], last="ou") == "a ou b"


def test_listed_keeps_apart_what_holds_a_comma() -> None:
    assert words.listed(["un code", "", "une ligne"]) == "un code, une ligne"
    assert words.listed(["toucher l’écran, tenir une souris", "imprimer"]) == (
        "toucher l’écran, tenir une souris\N{NO-BREAK SPACE}; imprimer"
    )
    with translation.override("en"):
        assert words.listed(["touch, hold a mouse", "print"]) == "touch, hold a mouse; print"


def test_of_elides_before_a_vowel() -> None:
    assert [words.of("Mariam"), words.of("Awa"), words.of("Élise")] == ["de Mariam", "d’Awa", "d’Élise"]


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        (1, "1 octet"),
        (999, "999 octets"),
        (1000, "1 Ko"),
        (87_900, "88 Ko"),
        (999_499, "999 Ko"),
        (999_500, "1,0 Mo"),
        (4_194_304, "4,2 Mo"),
        (1_340_000_000, "1,3 Go"),
    ],
)
def test_weight_of_a_file_in_plain_units(size: int, shown: str) -> None:
    assert words.weight(size) == shown
