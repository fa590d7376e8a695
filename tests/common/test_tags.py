"""What templates are given: the sign, icons, tags, fields."""

from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation
from pytest_django.asserts import assertInHTML

from tests.strict import problems


def drawn(text: str, **context: Any) -> str:
    """The text as a template, rendered, and refused if a strict browser would refuse it."""
    html = Template(text).render(Context(context))
    assert problems(html) == []
    return html


def test_icon_is_silent_and_comes_from_the_sprite() -> None:
    assert drawn('{% icon "printer" css="after" %}') == (
        '<svg class="i after" aria-hidden="true"><use href="/static/bagage/icons.svg#i-printer"/></svg>'
    )


def test_sign_says_its_three_states() -> None:
    html = drawn('{% sign device="full" connection="half" skills="empty" %}')
    assert html == (
        '<svg class="sac sac-s" viewBox="0 0 20 20" role="img" aria-label="Bagage. Appareil : plein. '
        'Connexion : à moitié. Compétences : vides."><use href="/static/bagage/sign.svg#sac-s"/>'
        '<use class="e-full" href="/static/bagage/sign.svg#sac-s-device-full"/>'
        '<use class="e-half" href="/static/bagage/sign.svg#sac-s-connection-half"/>'
        '<use class="e-empty" href="/static/bagage/sign.svg#sac-s-skills-empty"/></svg>'
    ).replace(" :", "\u00a0:")


@pytest.mark.parametrize(
    "baggage",
    [
        SimpleNamespace(device="lost", connection="unknown", skills="full"),
        {"device": "lost", "connection": "unknown", "skills": "full"},
    ],
)
def test_sign_reads_a_baggage(baggage: Any) -> None:
    html = drawn('{% sign baggage size="l" %}', baggage=baggage)
    assert "Appareil : perdu. Connexion : à demander. Compétences : pleines.".replace(" :", "\u00a0:") in html
    assert html.count("#sac-l") == 4


def test_sign_draws_a_state_it_does_not_know_as_unknown() -> None:
    assert "sac-s-device-unknown" in drawn('{% sign device="broken" %}')


def test_sign_without_a_baggage_is_all_unknown() -> None:
    assert drawn("{% sign None %}").count('class="e-unknown"') == 3


def test_code_tag_groups_the_code() -> None:
    assert drawn('{% code_tag "B7K4M2" %}') == '<span class="tag"><span class="vh">Code </span>B7K 4M2</span>'


def test_pocket_has_a_head_and_its_content() -> None:
    assert drawn(
        '{% pocket "File d’attente" id="h-q" count=4 url="/all" link="Tout" %}<p>a</p>{% endpocket %}'
    ) == (
        '<section class="pocket" aria-labelledby="h-q"><div class="pocket-head"><h2 id="h-q">File d’attente '
        '<span class="n">4</span></h2><a class="push" href="/all">Tout</a></div><p>a</p></section>'
    )


def test_pocket_escapes_its_title() -> None:
    html = drawn('{% pocket title id="h" say=title %}{% endpocket %}', title="<b>Zoé</b>")
    assert html.count("&lt;b&gt;Zoé&lt;/b&gt;") == 2


def test_meter_never_leaves_its_track() -> None:
    assert 'width="100.0"' in drawn('{% meter 50 48 label="50 sur 48" %}')
    assert 'width="0.0"' in drawn('{% meter 1 0 label="1 sur 0" %}')


def test_url_with_changes_and_removes() -> None:
    request = RequestFactory().get("/people/", {"q": "awa", "page": "3"})
    assert (
        drawn("{% url_with page=None sort='name' as x %}{{ x|safe }}", request=request)
        == "/people/?q=awa&sort=name"
    )
    assert drawn("{% url_with page=None q='' %}", request=request) == "/people/"


def test_user_key_is_opaque_and_empty_for_nobody() -> None:
    somebody = SimpleNamespace(is_authenticated=True, pk=12)
    other = SimpleNamespace(is_authenticated=True, pk=13)
    assert drawn("{% user_key %}", user=AnonymousUser()) == drawn("{% user_key %}") == ""
    key = drawn("{% user_key %}", user=somebody)
    assert len(key) == 16
    assert key != drawn("{% user_key %}", user=other)


def test_filters_show_nothing_for_nothing() -> None:
    filters = ["day", "day_year", "day_short", "hour", "hour_full", "ago", "since", "span", "phone"]
    assert [drawn("{{ value|" + name + " }}", value=None) for name in filters] == [""] * len(filters)


# ---------- fields ----------
class Sample(forms.Form):
    first_name = forms.CharField(label="Prénom", help_text="Un prénom suffit.")
    phone = forms.CharField(label="Téléphone", required=False)
    language = forms.ChoiceField(label="Langue", choices=[("fr", "français")])
    way = forms.ChoiceField(
        label="Joindre", choices=[("sms", "SMS"), ("unknown", "on ne sait pas")], widget=forms.RadioSelect
    )
    needs = forms.MultipleChoiceField(
        label="Besoins", choices=[("a", "Un <appareil>")], required=False, widget=forms.CheckboxSelectMultiple
    )
    agrees = forms.BooleanField(label="Elle est d’accord")
    key = forms.CharField(widget=forms.HiddenInput)

    def clean_phone(self) -> str:
        raise forms.ValidationError("Il manque 2 chiffres.")


def test_field_with_help() -> None:
    assert drawn("{% field form.first_name autocomplete='off' %}", form=Sample()) == (
        '<div class="field"><label class="form-label" for="id_first_name">Prénom</label>'
        '<input type="text" name="first_name" autocomplete="off" aria-describedby="id_first_name_help" '
        'class="form-control" required id="id_first_name">'
        '<p class="form-text" id="id_first_name_help">Un prénom suffit.</p></div>\n'
    )


def test_field_in_error_keeps_what_was_typed() -> None:
    html = drawn("{% field form.phone %}", form=Sample({"phone": "06 39 98 41"}))
    assert 'value="06 39 98 41"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_phone_error"' in html
    assert 'class="form-control is-invalid"' in html
    assert 'id="id_phone_error"' in html
    assert 'Téléphone <span class="opt">facultatif</span>' in html
    assert "Il manque 2 chiffres." in html


def test_field_of_radios_is_boxes_with_a_legend() -> None:
    html = drawn("{% field form.way icons=icons %}", form=Sample({"way": "sms"}), icons={"sms": "phone"})
    assert '<fieldset class="field" id="id_way_group"><legend>Joindre</legend><div class="choices">' in html
    assert (
        '<label class="choice"><input type="radio" name="way" value="sms" id="id_way_0" required checked>'
        '<span><svg class="i" aria-hidden="true"><use href="/static/bagage/icons.svg#i-phone"/></svg>SMS</span></label>'
    ) in html


def test_field_of_radios_as_a_segmented_row_marks_the_unknown() -> None:
    html = drawn('{% field form.way kind="seg unk3" %}', form=Sample())
    assert '<div class="seg unk3">' in html
    assert html.count('class="choice q"') == 1


def test_field_of_boxes_escapes_labels() -> None:
    html = drawn("{% field form.needs %}", form=Sample({"needs": ["a"]}))
    assert "<span>Un &lt;appareil&gt;</span>" in html
    assert 'value="a" id="id_needs_0" checked' in html


def test_field_of_one_box_stands_before_its_label() -> None:
    html = drawn("{% field form.agrees %}", form=Sample())
    assert html == (
        '<div class="field"><div class="form-check"><input type="checkbox" name="agrees" class="form-check-input" '
        'required id="id_agrees"><label class="form-check-label" for="id_agrees">'
        "Elle est d’accord</label></div></div>\n"
    )


GROUPED = [
    ("", "—"),
    ("Lundi", [("a|1", "9 h, <Awa>"), ("b", "10 h & quart")]),
    ("Mardi", [("c", "11 h")]),
    (3, "3"),
]


@pytest.mark.parametrize("value", ["", "b", "3", "nothing"])
@pytest.mark.parametrize("kind", [forms.ChoiceField, forms.MultipleChoiceField])
def test_list_to_choose_from_is_written_as_django_writes_it(
    kind: type[forms.ChoiceField], value: str
) -> None:
    class Form(forms.Form):
        slot = kind(choices=GROUPED, label="Heure", required=kind is forms.ChoiceField)

    given = [value] if kind is forms.MultipleChoiceField else value
    for form in (Form({"slot": given}), Form(initial={"slot": given})):
        html = drawn("{% field form.slot size=4 autofocus=True %}", form=form)
        attrs: dict[str, Any] = {"size": 4, "autofocus": True, "class": "form-select"}
        if form.errors:
            attrs |= {"aria-describedby": "id_slot_error", "aria-invalid": "true"}
            attrs["class"] = "form-select is-invalid"
        assertInHTML(form["slot"].as_widget(attrs=attrs), html, count=1)


def test_field_that_is_hidden_is_bare() -> None:
    assert drawn("{% field form.key %}", form=Sample()) == '<input type="hidden" name="key" id="id_key">'


def test_errors_summary_links_to_each_field() -> None:
    form = Sample({"first_name": "Awa", "phone": "06", "language": "fr", "key": "k", "agrees": "on"})
    html = drawn("{% errors_summary form %}", form=form)
    assert "<b>2 réponses à revoir.</b>" in html
    assert 'href="#id_phone"' in html
    assert 'href="#id_way_0"' in html


def test_errors_summary_of_a_rule_that_refuses() -> None:
    form = Sample(
        {"first_name": "Awa", "phone": "06", "language": "fr", "key": "k", "agrees": "on", "way": "sms"}
    )
    form.full_clean()
    form.errors.pop("phone")
    form.add_error(None, "Ce créneau vient d’être pris.")
    html = drawn("{% errors_summary form %}", form=form)
    assert "<p>Ce créneau vient d’être pris.</p>" in html
    assert "revoir" not in html


def test_errors_summary_of_a_form_not_yet_sent_is_nothing() -> None:
    assert drawn("{% errors_summary form %}", form=Sample()) == ""


def test_sign_in_english() -> None:
    with translation.override("en"):
        assert 'role="img"' in drawn("{% sign None %}")
