"""The screen of fair connection, with and without JavaScript; what is kept in the file; the texts of the house."""

import re
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.urls import reverse
from pypdf import PdfReader

from bagage.accounts.domain.roles import Role
from bagage.common.words import NBSP
from bagage.connection.models import Advice, Bill, LiftingText, UsageFigure
from bagage.people.models import Person
from bagage.people.services import record_situations
from bagage.trail.models import Entry
from tests.connection.advice_factories import MARIAM, make_catalogue
from tests.journeys.factories import make_node, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def node(now):
    make_catalogue(now)
    return make_node()


@pytest.fixture
def adviser(node, client, htmx_client):
    user = make_user(node)
    client.force_login(user)
    htmx_client.force_login(user)
    return user


@pytest.fixture
def mariam(node) -> Person:
    return make_person(node, name="Mariam", family_name="Traoré")


def later(clock: Any, client: Any, user: Any, *, days: int) -> None:
    """So many days on; she signs in again."""
    clock.move(days=days)
    client.force_login(user)


def address(name: str, *args: object) -> str:
    return reverse(f"connection:{name}", args=args)


def text_of(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return str(response.content.decode()).replace(NBSP, " ").replace("\u202f", " ")


def answer_of(html: str) -> str:
    """What stands in #answer, without the mark of htmx."""
    start = html.index('<div class="stack-lg" id="answer"')
    body = html[html.index(">", start) + 1 :]
    depth, at = 1, 0
    for found in re.finditer(r"<(/?)div\b", body):
        depth += -1 if found.group(1) else 1
        at = found.start()
        if depth == 0:
            break
    return body[:at]


# ---------- asked and answered ----------
def test_advice_begins_by_saying_what_to_ask(client, adviser, mariam):
    html = text_of(client.get(address("advice", mariam.uuid)))
    assert "Demandez d’abord ce qui est fait en une semaine." in html
    assert "Elle appelle" in html
    assert " checked" not in html.replace('value="90" selected', "")
    assert '<option value="90" selected>3 mois</option>' in html


def test_advice_ticks_what_her_file_says(client, adviser, mariam, now):
    record_situations(
        mariam, {"papers": "yes", "mailbox": "yes", "bank_account": "no"}, said_on=now.date(), by=adviser
    )
    html = text_of(client.get(address("advice", mariam.uuid)))
    ticked = re.findall(r'name="has" value="(\w+)" checked', html)
    assert ticked == ["identity_document", "email"]
    assert "Son dossier a déjà coché ce qui a été dit, jusqu’au 26 novembre." in html


def test_advice_told_in_a_hurry_completes_itself(htmx_client, adviser, mariam, settings, monkeypatch):
    """The screen tells at once what is proven; a moment later it asks for the rest, and does not say that one aloud."""
    settings.ADVICE_SCREEN_SECONDS = 0.05
    monkeypatch.setattr("bagage.connection.queries.kept.is_proven", lambda told: False)
    note = "Les derniers chiffres se comptent encore. En gardant ou en imprimant, tout est compté."
    part = text_of(htmx_client.post(address("advice", mariam.uuid), MARIAM))
    assert (note in part, part.count('hx-vals=\'{"whole": "1"}\''), 'id="answer-say"' in part) == (
        True,
        1,
        True,
    )
    whole = text_of(htmx_client.post(address("advice", mariam.uuid), {**MARIAM, "whole": "1"}))
    assert (note in whole, whole.count("hx-vals"), 'id="answer-say"' in whole) == (False, 0, False)
    assert '<p class="answer-name">Ligne solidaire, recharge 3 Go</p>' in whole


def test_advice_answers_without_javascript(client, adviser, mariam):
    html = text_of(client.post(address("advice", mariam.uuid), MARIAM))
    assert '<p class="answer-name">Ligne solidaire, recharge 3 Go</p>' in html
    assert '<p class="price"><b>10,83 €</b><span>par mois, sur 3 mois</span></p>' in html
    assert [
        re.sub(r"<[^>]+>", " ", one).split()
        for one in re.findall(r"<li[^>]*>(?=<span class=\"d\">).*?</li>", html)
    ] == [
        ["Aujourd’hui", "12,50", "€", "Carte", "SIM", "2,50", "€", "et", "recharge", "3", "Go", "10,00", "€"],
        ["26", "décembre", "10,00", "€", "Recharge", "3", "Go,", "30", "jours"],
        ["25", "janvier", "10,00", "€", "Recharge", "3", "Go,", "30", "jours"],
        ["24", "février,", "total", "32,50", "€", "En", "3", "mois"],
    ]
    assert "En tout : 103 min, 43 SMS, 2,4 Go." in html
    assert "Garder et choisir" in html
    assert ", 12,50 €</span>" in html
    assert "<noscript>" in html
    assert Advice.objects.count() == 0


def test_advice_answers_htmx_with_the_same_words(client, htmx_client, adviser, mariam):
    whole = text_of(client.post(address("advice", mariam.uuid), MARIAM))
    part = text_of(htmx_client.post(address("advice", mariam.uuid), MARIAM))
    assert "<html" not in part
    assert answer_of(part) == answer_of(whole)
    assert 'id="eq-calls" hx-swap-oob="true">103 min<' in part
    assert 'id="eq-watching" hx-swap-oob="true"><' in part
    assert (
        'id="answer-say" hx-swap-oob="innerHTML">Ligne solidaire, recharge 3 Go, 10,83 € par mois.<' in part
    )


def test_advice_tells_the_double_penalty_and_each_obstacle(client, adviser, mariam):
    html = text_of(client.post(address("advice", mariam.uuid), {**MARIAM, "max_payment": ""}))
    assert 'Mariam paie <b class="over-t">17,00 € de plus</b>' in html
    rows = re.findall(r'<span class="ob">.*?</svg>(.*?)</span>', html)
    assert sorted(rows) == sorted(
        ["Compte bancaire", "Boîte mail", "Adresse fixe", "Internet pour souscrire", "Smartphone"]
    )
    assert html.count("Comment faire") == 5
    assert "Comment lever : textes d’exemple, à vérifier." in html


def test_advice_keeps_what_is_wrong_and_says_the_way_out(client, htmx_client, adviser, mariam):
    wrong = {**MARIAM, "max_payment": "quinze", "bill_sms": "-3"}
    html = text_of(client.post(address("advice", mariam.uuid), wrong))
    assert 'value="quinze"' in html
    assert "Un montant en euros, comme 15,00." in html
    assert "answer-name" not in html
    part = text_of(htmx_client.post(address("advice", mariam.uuid), wrong))
    assert "Une réponse à revoir" in part
    assert "answer-name" not in part


@pytest.mark.parametrize(
    ("typed", "cents"),
    [("15", "15.00"), ("15,5", "15.50"), ("15.50 €", "15.50"), ("1 015,00", "1015.00"), ("", None)],
)
def test_advice_reads_amounts_as_they_are_written(client, adviser, mariam, typed, cents):
    client.post(address("advice_keep", mariam.uuid), {**MARIAM, "max_payment": typed, "key": "k"})
    assert Advice.objects.get().asked["max_payment"] == cents


def test_advice_says_how_usage_is_counted(client, adviser, mariam):
    html = text_of(client.get(address("advice", mariam.uuid)))
    assert '<li>Un appel, en minutes : 8 <span class="soft">(exemple)</span></li>' in html


def test_advice_refuses_a_million(client, adviser, mariam):
    html = text_of(client.post(address("advice", mariam.uuid), {**MARIAM, "max_payment": "1000000"}))
    assert "Un montant en euros, comme 15,00." in html


def test_advice_follows_her_last_bill(client, adviser, mariam):
    told = {
        "bill_voice_min": "60", "bill_data_mb": "500", "pays_per_month": "31", "sms": "never",
        "has": ["social_referral"], "horizon_days": "30",
    }  # fmt: skip
    html = text_of(client.post(address("advice", mariam.uuid), told))
    assert "En tout : 60 min, 0,5 Go." in html
    assert "Aujourd’hui, 31,00 € par mois : <b>changer</b> économise 18,50 € en 1 mois." in html
    assert '<details class="def bill" open>' in html


def test_advice_says_when_nothing_is_open(client, adviser, mariam):
    html = text_of(client.post(address("advice", mariam.uuid), {"calls": "often"}))
    assert "Aucune offre ne va pour cet usage" in html
    assert "Dans le commerce, aucune offre n’est ouverte à Mariam pour cet usage" in html
    assert "<li>une pièce d’identité</li>" in html
    assert html.count("Il faut une pièce d’identité.") == 1


def test_advice_on_an_empty_catalogue_says_what_to_do(client, now):
    node = make_node()
    client.force_login(make_user(node))
    person = make_person(node)
    html = text_of(client.post(address("advice", person.uuid), MARIAM))
    assert "Le catalogue est vide" in html
    kept = client.post(address("advice_keep", person.uuid), {**MARIAM, "key": "k"})
    assert kept.status_code == 200
    assert Advice.objects.count() == 0


def test_advice_speaks_of_him_and_of_nobody_known(client, adviser, node):
    for grammar, words in (("he", "Ce qu’il fait"), ("", "L’usage, en une semaine")):
        person = make_person(node, name="Sacha", grammar=grammar)
        assert words in text_of(client.get(address("advice", person.uuid)))


def test_advice_asks_the_database_as_often_for_one_advice_as_for_three(
    client, htmx_client, adviser, mariam, django_assert_num_queries
):
    url = address("advice", mariam.uuid)
    htmx_client.post(url, MARIAM)
    client.get(url)
    for number in (1, 3):
        for each in range(number):
            client.post(address("advice_keep", mariam.uuid), {**MARIAM, "key": f"k{number}{each}"})
        with django_assert_num_queries(12):
            htmx_client.post(url, MARIAM)


def test_advice_reading_is_noted_once(client, htmx_client, adviser, mariam):
    client.get(address("advice", mariam.uuid))
    client.post(address("advice", mariam.uuid), MARIAM)
    htmx_client.post(address("advice", mariam.uuid), MARIAM)
    assert Entry.objects.filter(verb="read_advice").count() == 1


def test_advice_of_a_marked_file_is_that_of_the_person(client, adviser, mariam, node):
    twin = make_person(node, name="Mariama")
    Person.objects.filter(pk=twin.pk).update(merged_into=mariam)
    client.post(address("advice_keep", twin.uuid), {**MARIAM, "key": "k"})
    assert Advice.objects.get().person == mariam


@pytest.mark.parametrize("role", [Role.ADVISER, Role.PROGRAMME_LEAD])
def test_advice_elsewhere_is_not_found(client, node, mariam, role):
    client.force_login(make_user(make_node("Marseille"), role))
    kept = Advice.objects.create(
        person=mariam, key="k", advised_on="2026-11-20", kept_at=mariam.created_at, answer={"best": None}
    )
    for url in (
        address("advice", mariam.uuid),
        address("advices", mariam.uuid),
        address("kept_advice", kept.uuid),
        address("kept_advice_pdf", kept.uuid),
        address("lifting", mariam.uuid, "email"),
    ):
        response = client.get(url)
        assert response.status_code == 404
        assert "Traoré" not in response.content.decode()


# ---------- kept, chosen, compared ----------
def keep(client: Any, person: Person, **values: Any) -> Advice:
    response = client.post(address("advice_keep", person.uuid), {**MARIAM, "key": "k", **values})
    assert response.status_code == 302
    kept = Advice.objects.get(key=values.get("key", "k"))
    assert response.headers["Location"] == address("kept_advice", kept.uuid)
    return kept


def test_advice_keep_then_choose(client, adviser, mariam):
    kept = keep(client, mariam, max_payment="")
    assert keep(client, mariam, max_payment="").pk == kept.pk
    html = text_of(client.get(address("kept_advice", kept.uuid)))
    assert "Conseil du 26 novembre" in html
    assert re.findall(r'name="choice" value="([^"]+)"', html) == ["fewest", "line:carte"]
    response = client.post(address("advice_choose", kept.uuid), {"choice": "line:carte"})
    assert response.status_code == 302
    kept.refresh_from_db()
    assert (kept.choice, kept.chosen_line) == ("line", "carte")
    html = text_of(client.get(address("kept_advice", kept.uuid)))
    assert 'value="line:carte" checked' in html
    assert "Choisi : <b>Soleil, La Carte</b>." in html


@pytest.mark.parametrize("choice", ["", "line:unheard-of", "keep"])
def test_advice_choose_refuses_on_the_page(client, adviser, mariam, choice):
    kept = keep(client, mariam)
    html = text_of(client.post(address("advice_choose", kept.uuid), {"choice": choice}))
    assert 'role="alert"' in html
    kept.refresh_from_db()
    assert kept.choice == ""


def test_advice_keep_needs_something_to_keep(client, adviser, mariam):
    html = text_of(client.post(address("advice_keep", mariam.uuid), {"has": ["smartphone"]}))
    assert "Dites d’abord ce qui est fait en une semaine, ou ce que dit la facture." in html
    assert Advice.objects.count() == 0


def test_advice_begins_where_the_last_one_ended(client, adviser, mariam, clock):
    keep(client, mariam, max_payment="12,5", bill_sms="7")
    later(clock, client, adviser, days=40)
    html = text_of(client.get(address("advice", mariam.uuid)))
    assert "Repris du conseil du 26 novembre." in html
    assert 'name="max_payment" inputmode="decimal" maxlength="14" autocomplete="off" value="12,50"' in html
    assert re.findall(r'type="radio" name="(\w+)" value="(\w+)" checked', html) == [
        ("calls", "often"), ("sms", "often"), ("video_calls", "often"), ("messages", "daily"), ("sites", "often"),
    ]  # fmt: skip
    assert re.findall(r'name="has" value="(\w+)" checked', html) == ["identity_document", "social_referral"]
    record_situations(
        mariam,
        {"papers": "no", "bank_account": "yes"},
        said_on=clock.now().date(),
        by=adviser,
        at=clock.now(),
    )
    html = text_of(client.get(address("advice", mariam.uuid)))
    assert re.findall(r'name="has" value="(\w+)" checked', html) == ["social_referral", "bank_account"]


def test_a_kept_advice_stays_as_it_was(client, adviser, mariam, clock, now):
    kept = keep(client, mariam)
    before = answer_of(text_of(client.get(address("kept_advice", kept.uuid))))
    from bagage.connection.models import Offer
    from bagage.connection.services.catalogue import end_offer
    from tests.connection.factories import KEEPER

    later(clock, client, adviser, days=10)
    for offer in Offer.objects.all():
        end_offer(offer, ends_on=clock.now().date(), by=KEEPER, at=clock.now())
    assert answer_of(text_of(client.get(address("kept_advice", kept.uuid)))) == before
    assert "26 novembre" in before


def test_bill_is_noted_and_compared(client, adviser, mariam, clock):
    keep(client, mariam)
    later(clock, client, adviser, days=31)
    first, last = "2026-11-27", "2026-12-26"
    told = {"kind": "bill", "paid": "12,00", "first_day": first, "last_day": last, "note": "SMS", "key": "b"}
    for _press in range(2):
        response = client.post(address("bill_add", mariam.uuid), told)
        assert response.status_code == 302
    assert Bill.objects.get().paid == 1200
    html = text_of(client.get(address("advices", mariam.uuid)))
    assert "Prévu : 10,83 €. 1,17 € de plus que prévu." in html
    assert "Du 27 novembre au 26 décembre, une facture" in html


def test_bill_is_compared_with_the_advice_of_a_file_that_was_hers(client, adviser, mariam, node):
    twin = make_person(node, name="Mariama")
    kept = keep(client, twin)
    Person.objects.filter(pk=twin.pk).update(merged_into=mariam)
    told = {"kind": "top_ups", "paid": "12", "first_day": "2026-11-26", "last_day": "2026-11-26", "key": "b"}
    assert client.post(address("bill_add", mariam.uuid), told).status_code == 302
    assert Bill.objects.get().advice == kept
    assert kept.uuid.hex in client.get(address("advices", mariam.uuid)).content.decode().replace("-", "")


def test_bill_that_is_wrong_keeps_what_was_typed(client, adviser, mariam):
    told = {"kind": "bill", "paid": "12,00", "first_day": "2026-11-20", "last_day": "2026-11-02", "key": "b"}
    html = text_of(client.post(address("bill_add", mariam.uuid), told))
    assert "La fin est avant le début." in html
    assert 'value="2026-11-20"' in html
    assert Bill.objects.count() == 0


def test_advices_ask_the_database_as_often_for_one_as_for_three(
    client, adviser, mariam, django_assert_num_queries
):
    for number in (1, 3):
        for each in range(number):
            keep(client, mariam, key=f"k{number}{each}")
            told = {
                "kind": "bill", "paid": "12", "first_day": "2026-11-01", "last_day": "2026-11-26",
                "key": f"b{number}{each}",
            }  # fmt: skip
            client.post(address("bill_add", mariam.uuid), told)
        client.get(address("advices", mariam.uuid))
        with django_assert_num_queries(18):
            client.get(address("advices", mariam.uuid))


def test_file_shows_her_last_advice_to_who_reads_the_diagnosis(client, adviser, mariam, node):
    html = text_of(client.get(reverse("desk:person", args=[mariam.uuid])))
    assert "Chercher sa connexion juste" in html
    keep(client, mariam)
    html = text_of(client.get(reverse("desk:person", args=[mariam.uuid])))
    assert "<b>Passerelle, Ligne solidaire</b>, 10,83 € par mois." in html
    assert 'Conseil de connexion gardé. <span class="soft">Hélène Lenoir</span>' in html
    client.force_login(make_user(node, Role.RECEPTIONIST))
    html = text_of(client.get(reverse("desk:person", args=[mariam.uuid])))
    assert "Ligne solidaire" not in html
    assert "Conseil de connexion" not in html
    assert f'href="{address("advice", mariam.uuid)}"' not in html


# ---------- papers ----------
def test_advice_is_printed_from_the_form_and_from_what_was_kept(client, adviser, mariam):
    for response in (
        client.post(address("advice_print", mariam.uuid), MARIAM),
        client.get(address("kept_advice_pdf", keep(client, mariam).uuid)),
    ):
        assert response.status_code == 200
        assert response.headers["Content-Type"] == "application/pdf"
        assert "Traor" not in response.headers["Content-Disposition"]
    assert Entry.objects.filter(verb="advice.print", person=str(mariam.uuid)).count() == 2
    html = text_of(client.post(address("advice_print", mariam.uuid), {}))
    assert "Il n’y a pas encore de réponse à imprimer." in html


def test_letter_is_made_of_what_was_typed_and_nothing_is_kept(client, adviser, mariam):
    url = address("lifting", mariam.uuid, "bank_account")
    html = text_of(client.get(url))
    assert 'value="Mariam Traoré"' in html
    assert "Texte d’exemple : vérifiez-le auprès d’une source avant de vous y fier." in html
    assert address("lifting", mariam.uuid, "bank_refusal") in html
    typed = {
        "name": "Mariam Traoré",
        "address": "Chez Coumba\n75019",
        "to": "Banque de France",
        "city": "Paris",
    }
    response = client.post(url, typed)
    assert response.headers["Content-Type"] == "application/pdf"
    row = Entry.objects.get(verb="advice.print")
    assert (row.thing, row.fields, row.reason) == ("paper:bank_account", "", "")
    assert client.get(address("lifting", mariam.uuid, "unheard_of")).status_code == 404
    assert "Préparer la lettre" not in text_of(client.get(address("lifting", mariam.uuid, "email")))


def test_letter_is_in_the_language_of_the_house_whoever_presses(client, adviser, mariam):
    """An adviser reads English; the bank, and the text that all share, speak French."""
    url, english = address("lifting", mariam.uuid, "bank_account"), {"headers": {"accept-language": "en"}}
    html = text_of(client.get(url, **english))
    assert ("Prepare the letter" in html, "Service du droit au compte" in html) == (True, True)
    reader = PdfReader(BytesIO(client.post(url, {"name": "Mariam Traoré"}, **english).content))
    letter = " ".join(reader.pages[0].extract_text().split())
    assert ("Je demande le droit au compte." in letter, "Dear" in letter) == (True, False)


def test_text_of_the_house_opens_in_its_language_whoever_changes_it(client, node):
    client.force_login(make_user(node, Role.PROGRAMME_LEAD))
    html = text_of(client.get(address("text_edit", "bank_account"), headers={"accept-language": "en"}))
    assert ("Save the text" in html, "Je demande le droit au compte." in html) == (True, True)


# ---------- the house ----------
def test_texts_and_figures_are_kept_by_who_keeps_the_catalogue(client, node, mariam):
    lead = make_user(node, Role.PROGRAMME_LEAD)
    client.force_login(lead)
    assert text_of(client.get(address("texts"))).count("exemple</span>") == 8
    told = {
        "summary": "Mardi à 14 h.", "steps": "Venir\nÉcrire", "link": "example.org/aide", "is_checked": "on",
    }  # fmt: skip
    assert client.post(address("text_edit", "email"), told).status_code == 302
    text = LiftingText.objects.get()
    assert (text.summary, text.link, text.is_example) == ("Mardi à 14 h.", "https://example.org/aide", False)
    html = text_of(client.get(address("lifting", mariam.uuid, "email")))
    assert "<li>Venir</li><li>Écrire</li>" in html
    assert "Vérifié le 26 novembre par Hélène Lenoir." in html
    assert client.post(address("text_edit", "email"), {"do": "restore"}).status_code == 302
    assert LiftingText.objects.count() == 0
    assert "Une lettre a un objet." in text_of(
        client.post(address("text_edit", "email"), {"summary": "Oui", "letter_body": "Madame,"})
    )
    figures = {"calls": "11", "sms": "1", "video_calls": "130", "voice_calls": "6", "messages": "17"}
    response = client.post(address("figures"), {**figures, "watching": "0", "sites": "62"})
    assert response.status_code == 200
    assert UsageFigure.objects.count() == 0
    assert client.post(address("figures"), {**figures, "watching": "700", "sites": "62"}).status_code == 302
    assert list(UsageFigure.objects.values_list("use", "figure")) == [("calls", 11)]
    html = text_of(client.post(address("advice", mariam.uuid), MARIAM))
    assert 'id="eq-calls">141 min<' in html


def test_a_stale_price_is_told(client, adviser, mariam, clock):
    later(clock, client, adviser, days=70)
    html = text_of(client.post(address("advice", mariam.uuid), MARIAM))
    assert "Recharge 3 Go : prix vérifié le 19 novembre 2026, il y a plus de 60 jours." in html
    assert (clock.now() - timedelta(days=70)).date().isoformat() == "2026-11-26"


def test_advice_says_to_keep_what_is_better(client, adviser, mariam):
    html = text_of(client.post(address("advice", mariam.uuid), {**MARIAM, "pays_per_month": "4,99"}))
    assert re.findall(r'<p class="answer-name">(.*?)</p>', html) == [
        "Garder ce qui est là",
        "Ligne solidaire, recharge 3 Go",
    ]
    assert "Changer coûterait 17,53 € de plus en 3 mois." in html
    assert "<b>4,99 €</b><span>par mois, aujourd’hui</span>" in html
    kept = keep(client, mariam, pays_per_month="4,99")
    html = text_of(client.get(address("kept_advice", kept.uuid)))
    assert re.findall(r'name="choice" value="([^"]+)"', html) == ["fewest", "keep"]
    assert client.post(address("advice_choose", kept.uuid), {"choice": "keep"}).status_code == 302
    assert client.get(address("kept_advice_pdf", kept.uuid)).content[:5] == b"%PDF-"
