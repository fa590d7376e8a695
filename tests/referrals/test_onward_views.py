"""The screens of an orientation onward: the form, its page, the list, her paper, and the page of the place."""

import csv
import io
import re
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from bagage.messaging.models import Message
from bagage.people import services as people
from bagage.referrals import queries, services
from bagage.referrals.models import Onward
from bagage.referrals.onward_words import slip
from bagage.trail.domain.actor import Actor
from bagage.trail.models import Entry
from tests.referrals.factories import Town, make_town, make_user
from tests.referrals.onward_factories import make_library, make_mariam, make_onward, make_request
from tests.strict import StrictClient

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
PLACE = Actor.link("00000000-0000-4000-8000-000000000000")


@pytest.fixture
def town(now) -> Town:
    return make_town()


@pytest.fixture
def mariam(town):
    return make_mariam(town)


@pytest.fixture
def library(now):
    return make_library()


def signed_in(user, **options) -> StrictClient:
    client = StrictClient(**options)
    client.force_login(user, backend=BACKEND)
    return client


def page(response) -> str:
    return unescape(response.content.decode())


def address_of(person, structure=None, need="use_computer_here") -> str:
    address = reverse("referrals:onward_new", kwargs={"uuid": person.uuid})
    return f"{address}?structure={structure.uuid}&need={need}" if structure else address


def filled(response, **changes) -> dict:
    """What the form would send as it was shown, without JavaScript, and with some answers changed."""
    form = response.context["form"]
    data = {
        name: form[name].value() for name in form.fields if form[name].value() not in (None, "", [], False)
    }
    data |= {
        "structure": str(response.context["structure"].uuid),
        "need_before": response.context["need"],
        "seen": response.context["seen"],
        **changes,
    }
    return {name: value for name, value in data.items() if value is not None}


# ---------- three taps ----------
def test_onward_new_is_ready_but_for_her_word(town, mariam, library):
    client = signed_in(town.adviser)
    shown = client.get(address_of(mariam, library))
    text = page(shown)
    assert "Elle vient pour\u00a0: utiliser un ordinateur sur place." in text
    assert "À\u00a0: contact@mediatheque.example" in text
    sent = client.post(address_of(mariam), filled(shown, agreed="spoken"))
    onward = Onward.objects.get()
    assert sent.headers["Location"] == reverse("referrals:onward", kwargs={"uuid": onward.uuid})
    assert (onward.state, onward.by_way, onward.share_list, onward.code) == (
        "sent",
        "email",
        ["first_name", "languages"],
        shown.context["form"]["code"].value(),
    )
    assert onward.letter == shown.context["letter"]


def test_onward_new_sends_only_what_was_shown_word_for_word(town, mariam, library):
    client = signed_in(town.adviser)
    shown = client.get(address_of(mariam, library))
    changed = filled(shown, agreed="spoken", reason="Autre chose.")
    again = client.post(address_of(mariam), changed)
    assert (again.status_code, Onward.objects.count()) == (200, 0)
    assert "Relisez ce qui part" in page(again)
    assert "Pourquoi chez vous\u00a0: Autre chose." in page(again)
    client.post(address_of(mariam), {**changed, "seen": again.context["seen"]})
    assert Onward.objects.get().reason == "Autre chose."


def test_onward_new_sent_twice_makes_one(town, mariam, library):
    client = signed_in(town.adviser)
    data = filled(client.get(address_of(mariam, library)), agreed="spoken")
    places = {client.post(address_of(mariam), data).headers["Location"] for _press in range(3)}
    assert (len(places), Onward.objects.count(), Message.objects.filter(channel="email").count()) == (1, 1, 1)


def test_onward_new_refusal_closes_nothing(town, mariam, library):
    client = signed_in(town.adviser)
    shown = client.get(address_of(mariam, library))
    asked = client.post(address_of(mariam), filled(shown, agreed="refused"))
    assert "Rien ne part" in page(asked)
    done = client.post(address_of(mariam), filled(shown, agreed="refused", seen=asked.context["seen"]))
    onward = Onward.objects.get()
    assert (done.status_code, onward.by_way, onward.shares, onward.letter) == (302, "paper", "", "")
    assert Message.objects.count() == 0


def test_onward_new_without_her_word_names_the_field_and_keeps_what_was_typed(town, mariam, library):
    client = signed_in(town.adviser)
    shown = client.get(address_of(mariam, library))
    response = client.post(address_of(mariam), filled(shown, reason="Près de chez elle"))
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["agreed"])
    assert "Près de chez elle" in page(response)


def test_onward_new_earlier_one_stands_out(town, mariam, library):
    first = make_onward(town, mariam, make_library("Espace Curial"))
    services.confirm_arrival(first, answer="place_cannot", words="Complet", by=PLACE)
    client = signed_in(town.adviser)
    shown = client.get(address_of(mariam, library))
    assert "le lieu ne pouvait pas\u00a0: «\u00a0Complet\u00a0»" in page(shown)
    refused = client.post(address_of(mariam), filled(shown, agreed="spoken"))
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["despite"])
    without_why = client.post(address_of(mariam), filled(shown, agreed="spoken", despite="on"))
    assert list(without_why.context["form"].errors) == ["despite_reason"]
    client.post(
        address_of(mariam), filled(shown, agreed="spoken", despite="on", despite_reason="Plus de place")
    )
    assert Onward.objects.latest("pk").despite == first


def test_onward_new_of_the_same_place_leads_to_the_one_that_waits(town, mariam, library):
    first = make_onward(town, mariam, library)
    shown = signed_in(town.adviser).get(address_of(mariam, library))
    assert f'href="{reverse("referrals:onward", kwargs={"uuid": first.uuid})}"' in page(shown)


def test_onward_new_htmx_renews_only_the_preview(town, mariam, library):
    client = signed_in(town.adviser, headers={"hx-request": "true"})
    shown = signed_in(town.adviser).get(address_of(mariam, library))
    response = client.post(address_of(mariam), filled(shown, shares=["languages"], refresh="1"))
    text = page(response)
    assert text.lstrip().startswith('<div class="stack-lg" id="beside">')
    assert "Mariam." not in text.split("</blockquote>")[0]
    seen = re.search(r'name="seen" value="(\w+)"', text)[1]
    assert seen != shown.context["seen"]


def test_onward_new_proposed_reason_follows_the_need_until_someone_changes_it(town, mariam, library):
    client = signed_in(town.adviser)
    shown = client.get(address_of(mariam, library))
    other = client.post(address_of(mariam), filled(shown, need="print_scan", refresh="1"))
    assert other.context["form"]["reason"].value() == "Elle veut imprimer ou scanner un document."
    kept = client.post(address_of(mariam), filled(shown, need="create", reason="Le mien.", refresh="1"))
    assert kept.context["form"]["reason"].value() == "Le mien."


def test_onward_new_with_her_only_request_tells_her_words(town, mariam, library):
    request = make_request(town, mariam)
    shown = signed_in(town.adviser).get(address_of(mariam, library))
    assert shown.context["form"]["request"].value() == str(request.uuid)
    assert "«\u00a0Je veux imprimer mon CV\u00a0»" in page(shown)


@pytest.mark.parametrize(
    "query", ["", "?structure=nonsense", "?structure=00000000-0000-4000-8000-000000000000"]
)
def test_onward_new_without_a_place_leads_to_the_panorama(town, mariam, query):
    response = signed_in(town.adviser).get(address_of(mariam) + query)
    assert response.status_code == 200
    assert f"/panorama/?person={mariam.uuid}" in page(response)


def test_onward_new_place_without_mail_proposes_the_telephone(town, mariam):
    shown = signed_in(town.adviser).get(address_of(mariam, make_library(email="")))
    assert shown.context["by_way"] == "phone"
    assert "Ce que vous direz, et rien de plus" in page(shown)


def test_onward_new_of_someone_elsewhere_is_not_found(town, mariam, library):
    assert signed_in(town.elsewhere).get(address_of(mariam, library)).status_code == 404


# ---------- its page ----------
def act(client, onward, name, **data):
    return client.post(reverse(f"referrals:{name}", kwargs={"uuid": onward.uuid}), data)


def test_onward_page_shows_the_letter_and_notes_an_answer(town, mariam, library):
    onward = make_onward(town, mariam, library)
    client = signed_in(town.reception)
    assert onward.letter.splitlines()[0] in page(
        client.get(reverse("referrals:onward", kwargs={"uuid": onward.uuid}))
    )
    read = Entry.objects.get(verb="read_onward")
    assert (read.actor, read.person, read.is_reading) == (str(town.reception.actor), str(mariam.uuid), True)
    assert act(client, onward, "onward_answer", answer="place_cannot").status_code == 422
    assert act(client, onward, "onward_answer", answer="arrived", on="2026-11-26").status_code == 302
    onward.refresh_from_db()
    assert (onward.state, onward.answered_by_place) == ("arrived", False)


def test_onward_page_tells_again_and_calls_off(town, mariam, library):
    onward = make_onward(town, mariam, library)
    client = signed_in(town.adviser)
    assert act(client, onward, "onward_again", key="k", by_way="email", email="x").status_code == 422
    assert act(client, onward, "onward_again", key="k", by_way="phone").status_code == 302
    assert act(client, onward, "onward_call_off", reason="").status_code == 422
    assert act(client, onward, "onward_call_off", reason="Elle part").status_code == 302
    onward.refresh_from_db()
    assert (onward.state, onward.answer_words) == ("called_off", "Elle part")


def test_onward_page_asks_to_look_elsewhere_until_it_was_seen(town, mariam, library):
    onward = make_onward(town, mariam, library)
    services.confirm_arrival(onward, answer="not_come", by=PLACE)
    client = signed_in(town.adviser)
    address = reverse("referrals:onward", kwargs={"uuid": onward.uuid})
    assert "Chercher ailleurs avec elle" in page(client.get(address))
    assert act(client, onward, "onward_seen").status_code == 302
    assert "Chercher ailleurs avec elle" not in page(client.get(address))


# ---------- the list ----------
def test_onward_list_holds_those_one_follows_and_filters(town, mariam, library, clock):
    make_onward(town, mariam, library)
    elsewhere = people.open_file(chosen_name="Bintou", node=town.saint_denis.organisation, by=town.elsewhere)
    make_onward(town, elsewhere, library, by=town.elsewhere)
    client = signed_in(town.reception)
    address = reverse("referrals:onward_list")
    text = page(client.get(address))
    assert ("Mariam T." in text, "Bintou" in text) == (True, False)
    assert "Mariam T." not in page(client.get(address, {"state": "arrived"}))
    clock.move(days=8)
    services.remind_place(Onward.objects.get(person=mariam), by=PLACE)
    clock.move(days=8)
    later = signed_in(town.reception)
    assert "Pas de réponse depuis le 26 novembre" in page(later.get(address, {"state": "silent"}))


def test_onward_list_as_csv(town, mariam, library):
    onward = make_onward(town, mariam, library)
    services.confirm_arrival(onward, answer="arrived", by=PLACE)
    response = signed_in(town.reception).get(reverse("referrals:onward_list"), {"export": "csv"})
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    head, row = csv.reader(io.StringIO(text), delimiter=";")
    assert dict(zip(head, row, strict=True)) == {
        "Personne": "Mariam T.",
        "Lieu": "Médiathèque du Bassin",
        "Orientée": "2026-11-26 10:00",
        "État": "Arrivée",
        "Pour quoi": "Utiliser un ordinateur sur place",
        "Comment": "Mail au lieu",
        "Arrivée le": "2026-11-26",
        "Permanence": "Permanence Riquet",
    }


def test_onward_list_search_by_name_place_and_code(town, mariam, library):
    onward = make_onward(town, mariam, library)
    client = signed_in(town.reception)
    address = reverse("referrals:onward_list")
    for text, found in (("traor", True), ("bassin", True), (onward.code, True), ("nobody", False)):
        client.post(address, {"q": text})
        assert ("Mariam T." in page(client.get(address))) is found


def test_onward_list_empty_says_what_to_do(town):
    assert "ouvrez le panorama" in page(signed_in(town.reception).get(reverse("referrals:onward_list")))


@pytest.mark.parametrize("rows", [1, 3])
def test_onward_list_asks_the_same_number_of_queries(town, library, rows, django_assert_num_queries):
    for number in range(rows):
        make_onward(town, make_mariam(town, chosen_name=f"Awa{number}"), library)
    client = signed_in(town.reception)
    client.get(reverse("referrals:onward_list"))
    with django_assert_num_queries(LIST_QUERIES):
        client.get(reverse("referrals:onward_list"))


LIST_QUERIES = 14


# ---------- her paper ----------
def test_onward_slip_says_where_when_how_and_whom_to_call(town, mariam, library):
    onward = make_onward(town, mariam, library)
    client = signed_in(town.reception)
    text = page(client.get(reverse("referrals:onward_slip", kwargs={"uuid": onward.uuid})))
    plain = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", text))
    for sentence in (
        "Bonjour Mariam",
        "Médiathèque du Bassin 8 quai de la Loire 75019 Paris",
        "Vous y allez pour utiliser un ordinateur sur place.",
        "C’est à environ 300 mètres de la permanence Riquet.",
        "Du mardi au samedi de 10 h à 19 h.",
        "Ce lieu sait que vous venez.",
        "Dites-nous que cette personne est venue.",
    ):
        assert sentence in plain
    pdf = client.get(reverse("referrals:onward_slip_pdf", kwargs={"uuid": onward.uuid}))
    reader = PdfReader(io.BytesIO(pdf.content))
    assert len(reader.pages) == 1
    assert "Vous y allez pour utiliser un ordinateur sur place." in reader.pages[0].extract_text()
    assert "Mariam" not in pdf.headers["Content-Disposition"]


@pytest.mark.parametrize(
    ("need", "said"),
    [
        ("raise_children", "Vous y allez pour accompagner vos enfants avec le numérique."),
        ("helped_at_home", "Vous y allez pour recevoir de l’aide chez vous."),
        ("stay_safe", "Vous y allez pour vous protéger en ligne."),
        ("find_work", "Vous y allez pour chercher un travail en ligne."),
    ],
)
def test_onward_slip_speaks_to_her(town, mariam, library, need, said):
    onward = make_onward(town, mariam, library, need=need)
    assert slip(onward, site=None, km=None, scans=False).lines[0] == said


def test_onward_slip_of_a_refusal_has_no_square(town, mariam):
    onward = make_onward(
        town, mariam, make_library(hours="", phone=""), agreed="refused", by_way="paper", shares=[]
    )
    text = page(signed_in(town.reception).get(reverse("referrals:onward_slip", kwargs={"uuid": onward.uuid})))
    assert ("Pour le lieu" in text, "Nous n’avons rien dit de vous à ce lieu." in text) == (False, True)
    assert "Nous ne savons pas quand c’est ouvert." in text


# ---------- the place answers, without an account ----------
@pytest.fixture
def sent(town, mariam, library) -> Onward:
    return make_onward(town, mariam, library)


def door(onward: Onward, now) -> str:
    return reverse("referrals:arrival", kwargs={"token": queries.arrival_token(onward, now)})


def test_arrival_says_what_the_link_is_and_only_what_she_ticked(client, sent, now):
    text = page(client.get(door(sent, now)))
    assert (
        "Lien pour Médiathèque du Bassin, où vous dites si une personne est venue, ouvert jusqu’au 26 février"
        in text
    )
    assert ("une personne\u00a0: Mariam." in text, "Traoré" in text, "06\u00a039" in text) == (
        True,
        False,
        False,
    )


def test_arrival_one_gesture_twice_and_corrected(client, sent, now):
    address = door(sent, now)
    for _press in range(2):
        assert client.post(address, {"answer": "arrived"}).status_code == 302
    sent.refresh_from_db()
    assert (sent.state, sent.steps.count()) == ("arrived", 2)
    assert "Vous avez répondu\u00a0: elle est venue" in page(client.get(address))
    refused = client.post(address, {"answer": "place_cannot"})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["words"])
    client.post(address, {"answer": "place_cannot", "words": "Fermé en août"})
    sent.refresh_from_db()
    assert (sent.state, sent.answer_words, sent.arrived_on) == ("place_cannot", "Fermé en août", None)


@pytest.mark.parametrize("data", [{}, {"answer": "maybe"}, {"answer": "arrived", "on": "2027-01-01"}])
def test_arrival_bad_answer_is_said_and_nothing_changes(client, sent, now, data):
    assert client.post(door(sent, now), data).status_code == 422
    sent.refresh_from_db()
    assert sent.state == "sent"


def test_arrival_forged_or_called_off_says_so(client, town, sent, now):
    forged = client.get(reverse("referrals:arrival", kwargs={"token": "forged"}))
    assert (forged.status_code, "Ce lien est incomplet" in page(forged)) == (404, True)
    address = door(sent, now)
    services.call_off_onward(sent, reason="Elle part", by=town.adviser)
    closed = client.get(address)
    assert (closed.status_code, "il n’y a plus rien à répondre" in page(closed)) == (404, True)
    assert client.post(address, {"answer": "arrived"}).status_code == 404


# ---------- what whoever referred sees of it ----------
def test_follow_and_mine_show_what_was_told(town, now):
    from tests.referrals.factories import make_referral

    referral = make_referral(town)
    services.accept_referral(referral, by=town.reception)
    client = signed_in(town.samira)
    follow = page(client.get(reverse("referrals:follow", kwargs={"uuid": referral.uuid})))
    assert "Fanta peut acheter à prix solidaire jusqu’au 25 août 2027." in follow
    assert "Fanta peut acheter à prix solidaire jusqu’au 25 août 2027." in page(
        client.get(reverse("referrals:mine"))
    )
    stranger = make_user(town.siao, "referrer", "Lina")
    assert "prix solidaire" not in page(signed_in(stranger).get(reverse("referrals:mine")))


@pytest.mark.parametrize("count", [1, 4])
def test_panorama_says_how_long_a_place_takes_to_answer_beside_orienting(town, mariam, library, count):
    for name in ("Awa", "Fanta", "Nour"):
        onward = make_onward(town, make_mariam(town, chosen_name=name), library)
        services.confirm_arrival(onward, answer="arrived", by=PLACE)
    for number in range(1, count):
        make_library(f"Bibliothèque {number}")
    client = signed_in(town.adviser)
    query = {"near": "48.8912,2.374", "place": "Riquet", "person": mariam.uuid}
    client.get("/panorama/", query)
    with CaptureQueriesContext(connection) as queries_made:
        answer = client.get("/panorama/", query)
    told = {place.name: place.answering.replace("\u00a0", " ") for place in answer.context["shown"]}
    usual = "Répond d’habitude le jour même (3 orientations)"
    assert told == {
        "Médiathèque du Bassin": usual,
        **{f"Bibliothèque {number}": "" for number in range(1, count)},
    }
    said = page(answer).replace("\u00a0", " ")
    assert (usual in said, "Orienter Mariam" in said) == (True, True)
    assert len([each for each in queries_made if 'FROM "referrals_onward"' in each["sql"]]) == 1
