"""States, days, what was drawn, the terms in each language."""

from datetime import date

import pytest

from bagage.equipment.domain import lifecycle, terms
from bagage.equipment.domain.signature import clean_signature


def test_by_hand_no_way_leads_to_or_from_a_person():
    to_persons = {lifecycle.HANDED_OVER, lifecycle.AFTER_SALES, lifecycle.LOST}
    assert [state for state, ways in lifecycle.WAYS.items() if ways & to_persons] == []
    assert lifecycle.WAYS[lifecycle.HANDED_OVER] | lifecycle.WAYS[lifecycle.AFTER_SALES] == frozenset()


def test_every_state_is_reached():
    reached = set().union(*lifecycle.WAYS.values()) | {
        new for ways in lifecycle.ACTS.values() for new in ways.values()
    }
    assert reached == set(lifecycle.WAYS)


@pytest.mark.parametrize(
    ("state", "act", "new"),
    [
        ("ready", "hand_over", "handed_over"),
        ("to_process", "hand_over", ""),
        ("handed_over", "repair", "after_sales"),
        ("after_sales", "repair", ""),
        ("after_sales", "repaired", "handed_over"),
        ("after_sales", "lost", ""),
        ("handed_over", "undo", "ready"),
    ],
)
def test_where_an_act_leads(state, act, new):
    assert lifecycle.leads_to(state, act) == new


@pytest.mark.parametrize(
    ("day", "months", "then"),
    [
        (date(2026, 11, 24), 6, date(2027, 5, 24)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2027, 8, 31), 6, date(2028, 2, 29)),
        (date(2026, 1, 31), 12, date(2027, 1, 31)),
    ],
)
def test_months_after(day, months, then):
    assert lifecycle.months_after(day, months) == then


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("M10 10L90 90", "M10 10L90 90"),
        ("  M10 10L90 90M90 10L10 90 ", "M10 10L90 90M90 10L10 90"),
        ("", ""),
        ("M10 10", ""),
        ("M10 10L90 90<script>", ""),
        ("M10 10L-9 90", ""),
        ("M10 10L90 90Z", ""),
        ("M10 10" + "L10 10" * 4000, ""),
    ],
)
def test_only_what_the_pad_draws_is_a_signature(text, kept):
    assert clean_signature(text) == kept


def told(language="fr", kind="smartphone", price="30 euros", months=6):
    return terms.terms_for(
        kind, version="2026-11", language=language, price=price, months=months, until="24 mai 2027"
    )


def test_terms_say_the_price_and_the_warranty():
    assert [term.strong for term in told()] == [
        "Ce téléphone est à vous.",
        "Vous payez 30 euros.",
        "La garantie dure 6 mois.",
        "Une chute ou de l’eau, ce n’est pas garanti.",
        "Vous ne le vendez pas avant 6 mois.",
        "Votre code est secret.",
    ]
    assert told()[2].text == "Jusqu’au 24 mai 2027, la réparation est gratuite."
    assert [term.is_refusal for term in told()] == [False, False, False, False, True, False]


def test_terms_of_a_tablet_agree_with_it():
    assert told(kind="tablet")[0].text == "Vous pouvez la garder pour toujours."
    assert told(kind="tablet")[4].strong == "Vous ne la vendez pas avant 6 mois."


def test_terms_of_what_is_given_without_warranty():
    assert [term.strong for term in told(price="", months=0)][1:4] == [
        "Vous ne payez rien.",
        "Il n’y a pas de garantie.",
        "Une chute ou de l’eau, ce n’est pas garanti.",
    ]


@pytest.mark.parametrize("kind", ["smartphone", "laptop", "tablet", "desktop"])
@pytest.mark.parametrize("language", list(terms.LANGUAGES))
def test_every_language_says_as_much(kind, language):
    for price, months in (("30 euros", 6), ("", 0)):
        said = told(language, kind, price, months)
        assert [term.icon for term in said] == [term.icon for term in told("fr", kind, price, months)]
        assert [
            term for term in said if not term.strong or not term.text or "{" in term.strong + term.text
        ] == []
