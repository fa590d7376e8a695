"""One line of a social worker, read: each thing that it says is told apart, in a hurry and misspelt too."""

from datetime import time

import pytest

from bagage.directory.domain.asking import (
    AFTERNOON,
    ALL_DAY,
    LONGEST,
    MORNING,
    NOON,
    Understood,
    When,
    understand,
)
from bagage.directory.domain.needs import needs_named


def place_of(read: Understood) -> str:
    return read.place.code if read.place else ""


# ---------- where ----------
@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("wifi Grenoble", "38185", "grenoble"),
        ("mediatheque grenble", "38185", "grenble"),
        ("apprendre la souris 38000", "38185", "38000"),
        ("apprendre la souris 38 000", "38185", "38000"),
        ("ordinateur pas cher Saint-Denis", "93066", "saint denis"),
        ("saint denis la reunion wifi", "97411", "saint denis la reunion"),
        ("wifi", "", ""),
    ],
)
def test_where(text: str, code: str, words: str):
    read = understand(text)
    assert (place_of(read), read.place_words) == (code, words)


def test_the_nearest_of_namesakes_is_meant():
    assert place_of(understand("wifi saint denis", home=(-20.9, 55.45))) == "97411"
    assert place_of(understand("wifi saint denis", home=(48.9, 2.4))) == "93066"


def test_a_departement_is_told_where_no_commune_is():
    read = understand("ordinateur dans le 93")
    assert (read.place, read.department) == (None, "93")


# ---------- what for ----------
@pytest.mark.parametrize(
    ("text", "needs"),
    [
        ("apprendre la souris", ("learn_basics",)),
        ("aprendre a se servir d'un ordinateur", ("learn_basics",)),
        ("ordinateur pas cher", ("get_device",)),
        ("ordinateur", ("use_computer_here",)),
        ("utiliser un ordinateur", ("use_computer_here",)),
    ],
)
def test_what_for(text: str, needs: tuple[str, ...]):
    assert understand(text).needs == needs


def test_to_use_a_computer_is_not_to_get_one():
    assert "get_device" not in understand("utiliser un ordinateur à Paris").needs
    assert "use_computer_here" not in understand("obtenir un ordinateur à Paris").needs


def test_words_that_nothing_explains_are_left():
    read = understand("Emmaüs Riquet wifi Paris")
    assert "riquet" in read.rest
    assert "wifi" not in read.rest


# ---------- when ----------
@pytest.mark.parametrize(
    ("text", "when"),
    [
        ("jeudi", When(3, *ALL_DAY)),
        ("jeudi après-midi", When(3, *AFTERNOON)),
        ("jeudi apres midi", When(3, *AFTERNOON)),
        ("les lundis matin", When(0, *MORNING)),
        ("entre midi et deux", When(None, *NOON)),
        ("demain", When(None, *ALL_DAY, 1)),
        ("après-demain matin", When(None, *MORNING, 2)),
        ("mardi 14h30", When(1, time(14, 30), time(14, 30))),
        ("mardi de 9h à 11h", When(1, time(9), time(11))),
        ("ouvert maintenant", When(None, None, None, 0)),
        ("le week-end", When(5, *ALL_DAY)),
        ("wifi", None),
    ],
)
def test_when(text: str, when: When | None):
    assert understand(text).when == when


# ---------- for whom, at what price, in which language ----------
def test_age_tells_the_public():
    assert understand("cours pour une dame de 72 ans").publics == ("seniors",)
    assert understand("jeune de 19 ans").publics == ("young",)
    assert understand("homme de 40 ans").publics == ()


def test_price_and_language():
    read = understand("cours gratuit en arabe")
    assert (read.cost, read.languages, read.care) == ("free", ("ar",), ("languages",))


def test_english_is_a_care_of_its_own():
    assert understand("aide en anglais").care == ("english",)


# ---------- what comes in ----------
@pytest.mark.parametrize(
    "text", ["", "   ", "’", "\x00", "?" * 500, "é" * 4000, "38", "00000", "99 ans 99h99"]
)
def test_nothing_breaks_it(text: str):
    assert understand(text).text == text


def test_only_the_beginning_of_a_long_text_is_read():
    assert understand("x " * LONGEST + "Grenoble").place is None


# ---------- names of needs ----------
@pytest.mark.parametrize(
    ("name", "needs"),
    [
        ("get_device", ("get_device",)),
        ("GET_DEVICE", ("get_device",)),
        ("numerique--acquerir-un-equipement", ("get_device",)),
        ("Accès internet et matériel informatique", ("use_computer_here", "use_wifi_here")),
        ("acces internet et materiel informatique", ("use_computer_here", "use_wifi_here")),
        ("", ()),
        ("un ordinateur", ()),
    ],
)
def test_needs_named(name: str, needs: tuple[str, ...]):
    assert needs_named(name) == needs
