"""Words that a note had better not hold: found as people write them, and not found where they say something else."""

import re

import pytest
from django import forms
from django.template import Context, Template
from django.urls import reverse

from bagage.common.careful import LONGEST, SHOWN, WORDS, Matter, cautions
from bagage.common.widgets import Facts


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Il est agressif et menteur.", [("agressif", "judges"), ("menteur", "judges")]),
        ("Très AGRESSIVE ce matin", [("AGRESSIVE", "judges")]),
        ("de mauvaise foi, aucun effort", [("mauvaise foi", "judges"), ("aucun effort", "judges")]),
        ("Sous antidépresseurs, dépressive depuis mai", [("dépressive", "health")]),
        ("Mme a un cancer ; enceinte de 6 mois", [("cancer", "health"), ("enceinte", "health")]),
        ("problème d’alcoolisme", [("alcoolisme", "health")]),
        ("musulmane, fait le ramadan", [("musulmane", "religion"), ("ramadan", "religion")]),
        ("d’origine malienne", [("d’origine", "origin")]),
        ("Rom, vit en caravane", [("Rom", "origin")]),
        (
            "sort de prison, bracelet électronique",
            [("prison", "police"), ("bracelet électronique", "police")],
        ),
        ("Connu de la police", [("police", "police")]),
        ("délégué syndical, syndiquée", [("syndiquée", "private")]),
        ("He is lazy and was arrested", [("lazy", "judges"), ("arrested", "police")]),
    ],
)
def test_cautions_finds_words_as_they_are_written(text: str, found: list[tuple[str, str]]) -> None:
    assert [(one.word, str(one.matter)) for one in cautions(text)] == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Elle veut écrire à sa sœur et garder ses photos.",
        "Téléphone noir, écran cassé, chargeur d’origine, emballage d’origine.",
        "N’a pas de compte bancaire. Lit un peu. Sans papiers pour le moment.",
        "Parle arabe et soninké. Salle 2, jeudi. Un CD-ROM.",
        "Sa police d’assurance est à son ancien nom. La police de caractères est trop petite.",
        "Fou de joie d’avoir eu sa fille en visio.",
        "Venue avec sa voisine ; rendez-vous manqué, elle a prévenu.",
        "Jugée prioritaire par le SIAO. Racines carrées. Promotion.",
    ],
)
def test_cautions_finds_nothing_in_facts(text: str) -> None:
    assert cautions(text) == []


def test_cautions_says_each_word_once_and_few_of_them() -> None:
    assert [one.word for one in cautions("menteur, Menteur, MENTEUR")] == ["menteur"]
    many = "menteur idiot cancer prison ramadan enceinte"
    assert [one.word for one in cautions(many)] == many.split()[:SHOWN]


def test_cautions_reads_long_text_and_odd_signs_without_losing_the_place() -> None:
    text = "ﬁn de mois ½ … 🙂 « Dépressif » œuvre"
    assert [one.word for one in cautions(text)] == ["Dépressif"]
    assert cautions("x " * LONGEST + "menteur") == []


def test_cautions_lists_plain_words_only_and_each_once() -> None:
    listed = [word for words in WORDS.values() for word in words.split()]
    assert [word for word in listed if not re.fullmatch(r"[a-z_]+…?", word)] == []
    assert len(listed) == len(set(listed))
    assert set(WORDS) == set(Matter)


@pytest.mark.django_db
def test_careful_says_it_while_one_types_and_nothing_of_the_rest_of_the_form(client) -> None:
    page = client.post(reverse("common:careful"), {"words": "Il est menteur."})
    assert page.status_code == 200
    text = page.content.decode()
    assert "« menteur » juge. Écrivez ce qui s’est passé, ou ce qu’elle demande." in text
    assert "Vous décidez." in text


@pytest.mark.django_db
def test_careful_is_silent_over_facts(client) -> None:
    assert (
        client.post(reverse("common:careful"), {"words": "Elle revient jeudi."}).content.decode().strip()
        == ""
    )
    assert client.post(reverse("common:careful")).content.decode().strip() == ""


@pytest.mark.django_db
def test_careful_shows_what_was_typed_as_text(client) -> None:
    text = client.post(reverse("common:careful"), {"words": "<b>menteur</b>"}).content.decode()
    assert "« menteur »" in text
    assert "<b>menteur" not in text


def test_field_of_facts_sends_itself_alone() -> None:
    class Note(forms.Form):
        words = forms.CharField(widget=Facts())

    form = Note()
    drawn = Template("{% field form.words %}").render(Context({"form": form}))
    identifier = form["words"].auto_id
    assert f'hx-post="{reverse("common:careful")}"' in drawn
    assert 'hx-params="words,csrfmiddlewaretoken"' in drawn
    assert f'hx-target="#{identifier}_careful"' in drawn
    assert f'<div id="{identifier}_careful" aria-live="polite"></div>' in drawn
