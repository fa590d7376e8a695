"""``bagage search_services``: what it prints, what it refuses and in which words."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.directory.factories import make_place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _at_ten_on_a_thursday(now):
    """The moment from which a day and an hour are the next."""


def printed(*asked: str) -> str:
    out = StringIO()
    call_command("search_services", *asked, stdout=out)
    return out.getvalue()


def names(*asked: str) -> list[str]:
    return [row["name"] for row in json.loads(printed(*asked, "--json"))]


@pytest.mark.parametrize("near", ["75119", "75019", "Paris 19e", "48.89,2.37", " 48.8900000000000001, 2.37 "])
def test_around_a_code_a_postcode_a_name_or_a_point(near):
    make_place("Espace", ("learn_basics",))
    make_place("Loin", ("learn_basics",), north_km=300, commune_code="80021", postcode="80000", city="Amiens")
    assert names("--near", near, "--need", "learn_basics") == ["Espace"]


def test_a_place_is_told_with_why_and_what_nobody_knows():
    place = make_place("Espace", ("learn_basics",), cost="free", north_km=0.5)
    assert printed("--near", "48.89,2.37", "--need", "learn_basics") == (
        f"Espace, Paris, 500 m (all)  {place.uuid}\n      Apprendre\n      not known: hours, help, access\n"
    )
    assert printed("--near", "Brest") == "No place answers.\n"


@pytest.mark.parametrize(
    ("when", "found"),
    [("Th 14:00", ["Jeudi"]), ("Th 9:00", ["Jeudi"]), ("Mo 10:00", ["Lundi"]), ("now", ["Jeudi"])],
)
def test_only_who_is_open_on_that_day_at_that_hour(when, found):
    make_place("Jeudi", hours="Th 09:00-18:00")
    make_place("Lundi", hours="Mo 09:00-18:00")
    assert names("--near", "75019", "--when", when) == found


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (["--near", "Zzyzx"], "--near: no commune is known by 'Zzyzx'."),
        (["--near", "99,2"], "--near: no commune is known by '99,2'."),
        (
            ["--near", "75019", "--when", "jeudi"],
            "--when is written 'Th 14:00' (Mo Tu We Th Fr Sa Su), not 'jeudi'.",
        ),
        (["--need", "dance"], "--need: 'dance' is no need, service or theme that is known."),
        (["--when", "Th 14:00"], "Say --text, --near or --need."),
        (["--near", "75019", "--size", "0"], "--size takes a whole number from 1 to 100."),
    ],
)
def test_what_it_does_not_read_is_refused_in_words(asked, said):
    with pytest.raises(CommandError) as refused:
        printed(*asked)
    assert (str(refused.value), refused.value.returncode) == (said, 2)
