"""What people type in cells, understood."""

from datetime import date

import pytest

from bagage.imports.domain.values import (
    Birth,
    Wrong,
    is_unknown,
    month_first,
    read_age,
    read_birth,
    read_day,
    read_languages,
    read_number,
    read_past_day,
    read_yes_no,
)

TODAY = date(2026, 11, 26)


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("12/03/1985", date(1985, 3, 12)),
        ("12.3.85", date(1985, 3, 12)),
        ("12-03-1985", date(1985, 3, 12)),
        ("1985-03-12", date(1985, 3, 12)),
        ("1985-03-12 14:30", date(1985, 3, 12)),
        ("12 mars 1985", date(1985, 3, 12)),
        ("1er janvier 2020", date(2020, 1, 1)),
        ("le 5 août 1999", date(1999, 8, 5)),
        ("12031985", date(1985, 3, 12)),
        ("31118", date(1985, 3, 12)),
        # Thirteen is no month: it can only be so.
        ("03/13/1985", date(1985, 3, 13)),
        ("?", None),
        ("inconnu", None),
        ("", None),
    ],
)
def test_a_day_is_understood(text, day):
    assert read_day(text, TODAY, youngest=3) == day


def test_a_day_is_read_month_first_where_the_column_is():
    assert read_day("03/12/1985", TODAY, order="mdy") == date(1985, 3, 12)
    assert month_first(["03/25/1985", "04/05/1990"]) is True
    assert month_first(["03/25/1985", "25/03/1985"]) is False
    assert month_first(["03/04/1985"]) is False


@pytest.mark.parametrize(
    ("text", "birth"),
    [
        ("1985", Birth(1985)),
        ("1985.0", Birth(1985)),
        ("85", Birth(1985)),
        ("05", Birth(2005)),
        ("vers 1985", Birth(1985, True)),
        ("around 1985", Birth(1985, True)),
        ("env. 1985", Birth(1985, True)),
        ("~1985", Birth(1985, True)),
        ("1985 ?", Birth(1985, True)),
        ("né en 1985", Birth(1985)),
        ("mars 1985", Birth(1985)),
        ("03/1985", Birth(1985)),
        ("00/00/1985", Birth(1985)),
        ("1980-1990", Birth(1985, True)),
        ("41 ans", Birth(1985, True)),
        ("12/03/1985", Birth(1985, False, date(1985, 3, 12))),
        ("vers 12/03/1985", Birth(1985, True)),
        ("on ne sait pas", None),
    ],
)
def test_a_birth_is_understood(text, birth):
    assert read_birth(text, TODAY) == birth


@pytest.mark.parametrize(
    ("text", "code", "proposed"),
    [
        ("1885", "too_old", "1985"),
        ("12/03/1885", "too_old", "12/03/1985"),
        ("2085", "birth_to_come", "1985"),
        ("31/02/1980", "day_impossible", ""),
        ("12/14/19", "day_impossible_or_read", ""),
        ("bientôt", "not_a_day", ""),
        ("99/99/1999", "month_impossible", ""),
    ],
)
def test_a_birth_that_cannot_be_is_said(text, code, proposed):
    if code == "day_impossible_or_read":
        # Fourteen can only be the day.
        assert read_birth(text, TODAY) == Birth(2019, False, date(2019, 12, 14))
        return
    with pytest.raises(Wrong) as wrong:
        read_birth(text, TODAY)
    assert (wrong.value.code, wrong.value.proposed) == (code, proposed)


def test_an_age_is_a_year_about():
    assert read_age("41", TODAY) == Birth(1985, True)
    assert read_age("", TODAY) is None
    with pytest.raises(Wrong, match="not_an_age"):
        read_age("jeune", TODAY)
    with pytest.raises(Wrong, match="too_old"):
        read_age("140", TODAY)


def test_a_visit_is_past():
    assert read_past_day("26/11/2026", TODAY) == TODAY
    for text, code in (("27/11/2026", "day_to_come"), ("12/03/1985", "day_too_old")):
        with pytest.raises(Wrong, match=code):
            read_past_day(text, TODAY)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("oui", True),
        ("O", True),
        ("X", True),
        ("vrai", True),
        ("Non", False),
        ("0", False),
        ("?", None),
        ("", None),
    ],
)
def test_yes_and_no(text, answer):
    assert read_yes_no(text) is answer


def test_what_is_neither_yes_nor_no_is_said():
    with pytest.raises(Wrong, match="not_yes_no"):
        read_yes_no("peut-être")


def test_whole_numbers_in_bounds():
    assert read_number("10", lowest=1, highest=480) == 10
    assert read_number("1 200", lowest=1, highest=2000) == 1200
    assert read_number("-", lowest=1, highest=480) is None
    with pytest.raises(Wrong, match="out_of_bounds"):
        read_number("500", lowest=1, highest=480)
    with pytest.raises(Wrong, match="not_a_number"):
        read_number("dix", lowest=1, highest=480)


def test_languages_in_the_words_of_the_house():
    assert read_languages("ukr. / russe") == "ukrainien, russe"
    assert read_languages("FR et Bambara") == "français, bambara"
    assert read_languages("Zaghawa") == "Zaghawa"
    assert read_languages("nc") == ""


def test_words_for_not_known():
    assert [text for text in ("", "-", "NC", "Inconnue", "ne sait pas", "Ines", "Sans") if is_unknown(text)] == [
        "", "-", "NC", "Inconnue", "ne sait pas", "Sans",
    ]  # fmt: skip
