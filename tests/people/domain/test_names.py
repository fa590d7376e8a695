"""Readings of names: no database."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bagage.common import codes
from bagage.people.domain import asking
from bagage.people.domain.asking import understand
from bagage.people.domain.likeness import Band, Known, compare, compare_words
from bagage.people.domain.names import (
    fold,
    is_said_for,
    keys_of,
    name_words,
    other_forms,
    sought_skeletons,
    sound,
)
from bagage.people.domain.phones import PhoneProblem, near_phones, phone_slip, read_phone, shown_phone
from bagage.people.domain.years import Year, find_year

TODAY = date(2026, 11, 24)


def word(text: str):
    return name_words(text)[0]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Fatoumata", "fatoumata"),
        ("Фатума Диара", "fatuma diara"),
        ("Nguyễn Thị", "nguyen thi"),
        ("N’Diaye", "ndiaye"),
        ("Jean-Marc", "jean marc"),
        ("Şahin", "sahin"),
        ("Œuvray", "oeuvray"),
        ("", ""),
        ("12 34", ""),
    ],
)
def test_fold_any_script_in_plain_letters(text, folded):
    assert fold(text) == folded


@pytest.mark.parametrize(
    "spellings",
    [
        ["Mohamed", "Mohammed", "Muhammad", "Mouhamed", "Mohamad"],
        ["Diara", "Diarra"],
        ["Fatouma", "Fatuma", "Фатума"],
        ["Ousmane", "Usman", "Ousman"],
        ["Щербак", "Chtcherbak", "Shcherbak"],
        ["Aicha", "Aïcha", "Aysha"],
        ["Koné", "Kone"],
    ],
)
def test_sound_is_one_for_all_spellings(spellings):
    assert len({word(spelling).sound for spelling in spellings}) == 1


def test_sound_keeps_other_names_apart():
    names = [
        "Mohamed",
        "Mamadou",
        "Moussa",
        "Fatou",
        "Fanta",
        "Awa",
        "Diallo",
        "Diarra",
        "Traoré",
        "Konaté",
        "Koné",
    ]
    assert len({word(name).sound for name in names}) == len(names)


@pytest.mark.parametrize(
    ("arabic", "latin"),
    [("محمد", "Mohamed"), ("يوسف", "Youssef"), ("فاطمة", "Fatima"), ("خديجة", "Khadija"), ("عائشة", "Aïcha")],
)
def test_skeleton_brings_arabic_and_latin_together(arabic, latin):
    stored = {key[2] for key in keys_of([arabic])}
    assert set(sought_skeletons(word(latin))) & stored != set()
    assert set(sought_skeletons(word(arabic))) & {key[2] for key in keys_of([latin])} != set()
    assert compare_words(word(arabic), word(latin))[0] >= 0.8


def test_two_consonants_do_not_bring_latin_names_together():
    assert sought_skeletons(word("Awa")) == ()
    assert sought_skeletons(word("Diallo")) == ("~dl",)


def test_said_for_reads_the_table_both_ways():
    assert is_said_for("fatou", "fatoumata")
    assert is_said_for("fatoumata", "fatou")
    assert not is_said_for("fatou", "fatou")
    assert not is_said_for("mamadou", "mohamed")
    assert "fatouma" in other_forms("fatou")


@given(st.text(max_size=40))
def test_readings_hold_whatever_is_typed(text):
    for one in name_words(text):
        assert one.folded.isascii()
        assert 2 <= len(one.folded) <= 60
        assert 1 <= len(one.sound) <= 20
        assert len(one.skeleton) <= 12


NAMES = st.sampled_from(
    [
        "Fatoumata",
        "Diarra",
        "Mohamed",
        "Traore",
        "Ousmane",
        "Nguyen",
        "Kateryna",
        "Mariam",
        "Bakary",
        "Svetlana",
    ]
)


@given(NAMES, NAMES, st.data())
def test_one_slip_in_one_word_still_finds_her(given_name, family_name, data):
    at = data.draw(st.integers(1, len(given_name) - 2))
    letter = data.draw(st.sampled_from("abcdefghijklmnopqrstuvwxyz"))
    slip = data.draw(st.sampled_from(["change", "drop", "add", "swap"]))
    typed = {
        "change": given_name[:at] + letter + given_name[at + 1 :],
        "drop": given_name[:at] + given_name[at + 1 :],
        "add": given_name[:at] + letter + given_name[at:],
        "swap": given_name[:at] + given_name[at + 1] + given_name[at] + given_name[at + 2 :],
    }[slip]
    likeness = compare(
        understand(f"{typed} {family_name}", TODAY).sought, Known((f"{given_name} {family_name}",))
    )
    assert likeness.band != Band.NO


@given(NAMES, NAMES)
def test_the_order_of_names_does_not_hide_her(one, other):
    likeness = compare(understand(f"{other} {one}", TODAY).sought, Known((f"{one} {other}",)))
    assert likeness.score >= 0.9
    assert likeness.band != Band.NO


def test_likeness_of_the_drawn_screen():
    sought = understand("fatouma diara 85", TODAY).sought
    first = compare(sought, Known(("Fatoumata Diarra",), 1985, False, date(1985, 3, 12)))
    assert (first.band, [reason.kind for reason in first.reasons]) == (
        Band.VERY_LIKELY,
        ["said_for", "one_letter", "birth"],
    )
    second = compare(sought, Known(("Diarra Fatou",)))
    assert second.band == Band.POSSIBLE
    assert [reason.kind for reason in second.reasons] == [
        "said_for",
        "one_letter",
        "swapped",
        "birth_unknown",
    ]
    third = compare(sought, Known(("Фатума Диара",), 1987))
    assert third.band == Band.POSSIBLE
    assert [(reason.kind, reason.speaks) for reason in third.reasons][-1] == ("birth_other", False)
    assert compare(sought, Known(("Moussa Camara",), 1985)).band == Band.NO


def test_likeness_of_a_shared_phone_alone_is_only_possible():
    sought = understand("06 39 98 41 27", TODAY).sought
    likeness = compare(sought, Known(("Awa Sow",), phones=("+33639984127",)))
    assert (likeness.band, likeness.facts) == (Band.POSSIBLE, frozenset({"phone"}))


def test_likeness_of_two_first_names_of_a_family_is_not_very_likely():
    sought = understand("Mamadou Diallo 06 39 98 41 27", TODAY).sought
    likeness = compare(sought, Known(("Aminata Diallo",), phones=("+33639984127",)))
    assert likeness.band != Band.VERY_LIKELY


# ---------- years ----------
@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("85", Year(1985, True)),
        ("1985", Year(1985)),
        ("vers 1985", Year(1985, True)),
        ("41 ans", Year(1985, True)),
        ("12/03/1985", Year(1985, on=date(1985, 3, 12))),
        ("1985-03-12", Year(1985, on=date(1985, 3, 12))),
        ("05", Year(2005, True)),
        ("24", Year(1924, True)),
        ("31/02/1985", Year(1985)),
        ("12 mars 1985", Year(1985, on=date(1985, 3, 12))),
        ("1er août 1985", Year(1985, on=date(1985, 8, 1))),
        ("March 1985", Year(1985)),
        ("31 février 1985", Year(1985)),
        ("Marc 1985", Year(1985)),
        ("2050", None),
        ("fatou", None),
    ],
)
def test_find_year(text, year):
    assert find_year(text, TODAY)[0] == year


# ---------- phones ----------
@pytest.mark.parametrize(
    "text",
    [
        "06 39 98 41 27",
        "06.39.98.41.27",
        "0639984127",
        "+33 6 39 98 41 27",
        "0033639984127",
        "+33 (0)6 39 98 41 27",
        "33639984127",
        "639984127",
    ],
)
def test_read_phone_in_every_way_it_is_written(text):
    assert read_phone(text) == "+33639984127"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("06 39 98 41", "Il manque 2 chiffres."),
        ("06 39 98 41 2", "Il manque 1 chiffre."),
        ("06 39 98 41 27 8", "Il y a 1 chiffre de trop."),
        ("chez ma sœur", "Un numéro s’écrit avec des chiffres."),
        ("", "Un numéro s’écrit avec des chiffres."),
        ("+999 12345678", "Ce numéro n’existe dans aucun pays que nous connaissons."),
        ("+221 77 123 45", "Il manque 2 chiffres."),
    ],
)
def test_read_phone_says_what_is_wrong(text, message):
    with pytest.raises(PhoneProblem) as error:
        read_phone(text)
    assert str(error.value) == message


def test_shown_phone_in_the_way_of_its_country():
    assert shown_phone("+33639984127") == "06 39 98 41 27"
    assert shown_phone("+221771234567") == "+221 77 123 45 67"


@pytest.mark.parametrize(
    ("sought", "slip"),
    [
        ("+33639984127", "same"),
        ("+33639984117", "digit"),
        ("+33639984172", "swapped"),
        ("+3363998412", "missing"),
        ("+336399841277", "extra"),
        ("+33639984136", ""),
    ],
)
def test_phone_slip(sought, slip):
    assert phone_slip(sought, "+33639984127") == slip
    assert ("+33639984127" in near_phones(sought)) == (slip not in ("", "same"))


# ---------- the one field ----------
def test_understand_tells_a_text_apart():
    understood = understand("Mme Fatouma DIARA née vers 1985, 06 39 98 41 27", TODAY)
    assert understood == asking.Understood(name="Fatouma DIARA", year=Year(1985, True), phone="+33639984127")
    assert understand("b7k 4m6", TODAY).code == "B7K4M6"
    assert understand("B7K-4M6", TODAY).code == "B7K4M6"
    both = understand("Martha", TODAY)
    assert (both.name, both.code, both.codes) == ("Martha", "", ("MARTHA",))


def test_understand_nothing_is_empty():
    assert understand("  ", TODAY).is_empty
    assert understand("85", TODAY).is_empty
    assert understand("?!", TODAY).is_empty


def test_understand_knows_the_signs_of_codes():
    assert (asking.CODE_SIGNS, asking.CODE_LENGTH) == (codes.ALPHABET, codes.LENGTH)


@given(st.text(max_size=60))
def test_understand_holds_whatever_is_typed(text):
    understood = understand(text, TODAY)
    compare(
        understood.sought, Known(("Fatoumata Diarra",), 1985, phones=("+33639984127",), codes=("B7K4M6",))
    )


def test_sound_of_a_word_of_silent_letters_is_never_empty():
    assert sound("hh") != ""
