"""Columns are guessed from what they are called and from what stands in them."""

from bagage.imports.domain.guessing import guess_columns
from bagage.people.importing.fields import FIELDS

WANTED = [field.wanted for field in FIELDS]


def guess(headings: list[str], rows: list[list[str]]) -> dict[str, str]:
    return {column.heading: column.field for column in guess_columns(headings, rows, WANTED)}


def test_french_headings_that_people_use():
    headings = [
        "Identifiant", "Prénom", "Nom", "Année de naissance", "Date de naissance", "Téléphone", "Langue", "Commune",
        "Orienté par",
    ]  # fmt: skip
    row = ["A1", "Awa", "Ba", "1985", "12/03/1985", "06 39 98 00 01", "bambara", "Paris", "CCAS"]
    assert list(guess(headings, [row] * 3).values()) == [
        "reference", "chosen_name", "family_name", "birth_year", "birth_date", "phone", "languages", "commune",
        "referrer",
    ]  # fmt: skip


def test_headings_of_a_real_list():
    headings = ["Prénom usuel", "NOM", "né(e)", "Tél", "lg", "Orienté par", "Oui/non"]
    rows = [
        ["Fatoumata", "DIARRA", "12/03/85", "06 39 98 10 44", "bambara", "CCAS 19", "O"],
        ["Nguyen Thi", "Hoa", "vers 1990", "0639981045", "vietnamien", "Mme Aubry", "N"],
        ["Olena", "Прокопенко", "1971", "+33 6 39 98 11 02", "ukr.", "siao75", "O"],
    ]
    columns = guess_columns(headings, rows, WANTED)
    assert [column.field for column in columns] == [
        "chosen_name", "family_name", "birth_date", "phone", "languages", "referrer", "",
    ]  # fmt: skip
    assert columns[1].values == ("DIARRA", "Прокопенко", "Hoa")
    assert columns[1].facts["scripts"] == 2
    assert columns[2].facts["about"] == 1
    assert (columns[6].why, columns[6].values) == ("none", ("O", "N", "O"))


def test_values_tell_what_a_heading_does_not():
    rows = [["Awa", "06 39 98 00 01", "12/03/1985", "bambara"], ["Moussa", "07 39 98 00 02", "1990", "arabe"]]
    assert guess(["Qui", "C2", "C3", "C4"], rows) == {
        "Qui": "", "C2": "phone", "C3": "birth_date", "C4": "languages",
    }  # fmt: skip


def test_values_speak_against_a_heading():
    rows = [["Awa", "appeler Mme Aubry"], ["Moussa", "le soir seulement"]]
    assert guess(["Prénom", "Contact"], rows) == {"Prénom": "chosen_name", "Contact": ""}


def test_dates_of_visits_are_not_births():
    rows = [["Awa", "12/03/2024"], ["Moussa", "14/05/2025"]]
    assert guess(["Prénom", "Venue le"], rows)["Venue le"] == ""


def test_a_field_goes_to_one_column():
    rows = [["06 39 98 00 01", "01 39 98 00 02"]] * 3
    assert guess(["Tél", "Tél fixe"], rows) == {"Tél": "phone", "Tél fixe": "other_phone"}
    assert sorted(guess(["Téléphone", "Portable"], rows).values()) == ["other_phone", "phone"]


def test_a_misspelt_heading_is_understood():
    assert guess(["Prenon", "Telephonne"], [["Awa", "06 39 98 00 01"]] * 2) == {
        "Prenon": "chosen_name", "Telephonne": "phone",
    }  # fmt: skip


def test_a_column_written_month_first_says_so():
    columns = guess_columns(["Naissance"], [["03/25/1985"], ["04/05/1990"]], WANTED)
    assert columns[0].order == "mdy"
