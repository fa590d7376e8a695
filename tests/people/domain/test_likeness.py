"""Who is proposed as one person and who stays two: a household, a family, namesakes, someone who moved or married."""

from dataclasses import replace
from datetime import date

import pytest

from bagage.people.domain.likeness import (
    Common,
    Known,
    can_agree,
    compare,
    either_way,
    is_proposed,
    sought_of,
)
from bagage.people.domain.names import is_elsewhere

# A network of 60,000, in which each name is borne by one in a hundred: none of them is rare.
COMMON = Common(60_000, lambda word: 600)
DAY, PHONE = date(1985, 3, 12), "+33639984127"


def person(given, family, **facts):
    """A file; a day says the year too."""
    day = facts.get("birth_date")
    return Known((f"{given} {family}".strip(),), given=given, **{"birth_year": day and day.year, **facts})


def proposed(one, other, common=COMMON):
    """From the one side and from the other: a pair of files has no first."""
    return [is_proposed(compare(sought_of(asked), of, common)) for asked, of in ((one, other), (other, one))]


HER = person("Fatoumata", "Diarra", birth_date=DAY, phones=(PHONE,), where="Paris 19e")


# ---------- who stays two ----------
@pytest.mark.parametrize(
    "other",
    [
        pytest.param(replace(HER, names=("Awa Diarra",), given="Awa"), id="twins"),
        pytest.param(
            person("Awa", "Diarra", birth_year=1985, phones=(PHONE,), where="Paris 19e"),
            id="twins, of one only the year is known",
        ),
        pytest.param(person("Moussa", "Camara", birth_year=1985, phones=(PHONE,)), id="a couple"),
        pytest.param(
            person("Moussa", "Diarra", birth_year=1985, phones=(PHONE,)), id="a couple of one family name"
        ),
        pytest.param(person("Moussa", "Diarra", phones=(PHONE,)), id="a couple, of one no birth is known"),
        pytest.param(
            person("Fatoumata", "Diarra", birth_year=1962, phones=(PHONE,), where="Paris 19e"),
            id="a mother and her daughter of one name",
        ),
        pytest.param(
            person("Fatoumata", "Sissoko", birth_year=1962, phones=(PHONE,)),
            id="a mother and her daughter of one given name",
        ),
        pytest.param(
            person("Fatoumata", "Diarra", birth_year=1985, where="Marseille"), id="namesakes of one year"
        ),
        pytest.param(person("Fatoumata", "Sissoko", birth_year=1985), id="one given name and one year"),
    ],
)
def test_a_household_a_family_and_namesakes_stay_two(other):
    assert proposed(HER, other) == [False, False]


def test_twins_written_family_name_first_stay_two_where_their_given_names_are_told():
    """The first word agrees, and it is no given name: the order of words is never trusted."""
    one = Known(("Diarra Fatoumata",), 1985, birth_date=DAY, phones=(PHONE,), given="Fatoumata")
    other = Known(("Diarra Awa",), 1985, birth_date=DAY, phones=(PHONE,), given="Awa")
    assert proposed(one, other) == [False, False]


def test_another_town_and_another_number_speak_against_namesakes():
    """What was one person of a name and a year that few bear becomes two, when all the rest is another's."""
    few = Common(60_000, lambda word: 250)
    one = person("Fatoumata", "Diarra", birth_year=1985, phones=(PHONE,), where="Paris 19e")
    other = person("Fatoumata", "Diarra", birth_year=1985, phones=("+33712345678",), where="Marseille")
    assert proposed(one, replace(other, phones=(), where=""), few) == [True, True]
    assert proposed(one, other, few) == [False, False]


# ---------- who is one ----------
def test_who_married_is_proposed_by_her_given_name_her_phone_and_her_year():
    married = person("Fatouma", "Sissoko", birth_year=1985, phones=(PHONE,), where="Montreuil")
    assert proposed(HER, married) == [True, True]
    assert can_agree(sought_of(HER), married)
    # Without the telephone there are too many of that name and that year; not told apart, it may be a family name.
    assert proposed(HER, replace(married, phones=())) == [False, False]
    assert proposed(HER, replace(married, given="")) == [False, False]


@pytest.mark.parametrize("where", ["Montreuil", "sans domicile, Montreuil", "SDF Gare de Lyon"])
def test_who_has_no_home_and_moves_stays_one_person(where):
    """Another town, no telephone, the very day: as before."""
    here = person("Moussa", "Camara", birth_date=DAY, where="Paris")
    there = person("Moussa", "Camara", birth_date=DAY, where=where)
    assert proposed(here, there) == [True, True]


def test_of_who_has_no_home_another_town_says_nothing():
    there = person("Moussa", "Camara", birth_year=1985, where="Marseille")
    nowhere = replace(there, where="sans domicile, gare de Lyon")
    here = sought_of(replace(there, where="Paris"))
    chances = [compare(here, other, COMMON).by_chance for other in (nowhere, replace(there, where=""), there)]
    assert chances[0] == chances[1] < chances[2]


def test_one_of_two_given_names_is_found_from_the_side_that_says_less():
    one, other = (
        person("Marie Claire", "Mukendi", birth_date=DAY),
        person("Claire", "Mukendi", birth_date=DAY),
    )
    asked = (sought_of(one), other), (sought_of(other), one)
    assert either_way(asked, COMMON) is not None
    assert either_way(asked[::-1], COMMON) is not None


@pytest.mark.parametrize(("two", "one"), [("Marie Louise", "Marielouise"), ("Noor Jahan", "Nourjahan")])
def test_long_names_written_as_one_word_are_one(two, one):
    apart = person(two, "Mukendi", birth_year=1985)
    whole = person(one, "Mukendi", birth_year=1985)
    likeness = compare(sought_of(whole), apart)
    assert "written_as_one" in {reason.kind for reason in likeness.reasons}
    assert proposed(apart, whole, Common(60_000, lambda word: 60)) == [True, True]


# ---------- places ----------
@pytest.mark.parametrize(
    ("one", "other", "is_other"),
    [
        ("Paris 19e", "Marseille", True),
        ("12 rue de Paris, Montreuil", "Lyon", True),
        ("Paris 19e", "Paris", False),
        ("St-Denis", "Saint-Denis (93)", False),
        ("Saintdenis", "Saint-Denis", False),
        ("Aubervilliers", "Aubervillers", False),
        ("Vitry", "Vitry-sur-Seine", False),
        ("Paris", "", False),
        ("chez sa sœur", "Paris", False),
        ("à la rue", "Paris", False),
        ("sans abri", "Paris", False),
    ],
)
def test_another_place_is_one_without_a_word_in_common(one, other, is_other):
    assert (is_elsewhere(one, other), is_elsewhere(other, one)) == (is_other, is_other)
