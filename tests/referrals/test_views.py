"""The screens: referring with an account or by a link, following, answering, the links of organisations."""

import csv
import io
import re
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from bagage.common import words
from bagage.messaging.models import Message
from bagage.people import services as people
from bagage.people.models import Person
from bagage.referrals import queries, services
from bagage.referrals.models import EmailConfirmation, OrganisationLink, Referral, ReferralMessage
from tests.referrals.factories import (
    Town,
    form_data,
    make_block,
    make_link,
    make_link_referral,
    make_referral,
    make_town,
    make_user,
)
from tests.referrals.test_services import booked
from tests.strict import StrictClient

pytestmark = pytest.mark.django_db
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


@pytest.fixture
def town(now) -> Town:
    return make_town()


def signed_in(user, **options) -> StrictClient:
    client = StrictClient(**options)
    client.force_login(user, backend=BACKEND)
    return client


def page(response) -> str:
    return response.content.decode()


# ---------- the form ----------
def test_refer_empty_form_has_eight_answers_of_which_four_required(town):
    response = signed_in(town.samira).get(reverse("referrals:refer"))
    form = response.context["form"]
    answers = {"chosen_name", "family_name", "needs", "words", "reach", "where", "obstacles", "has_agreed"}
    beside = {"phone", "is_phone_shared", "languages", "key", "site", "organisation"}
    assert set(form.fields) == answers | beside
    assert {name for name in answers if form.fields[name].required} == {
        "chosen_name",
        "needs",
        "reach",
        "has_agreed",
    }
    assert response.status_code == 200


def test_refer_sends_and_shows_the_slip(town):
    client = signed_in(town.samira)
    response = client.post(
        reverse("referrals:refer"), form_data(town, where="Paris 18e, porte de la Chapelle")
    )
    referral = Referral.objects.get()
    assert response.headers["Location"] == reverse("referrals:sent", kwargs={"uuid": referral.uuid})
    assert (referral.phone, referral.commune_code, referral.state) == ("+33639984127", "75118", "sent")
    sent = client.get(response.headers["Location"])
    assert reverse("referrals:slip", kwargs={"uuid": referral.uuid}) in page(sent)


def test_refer_sent_twice_makes_one_and_the_same_page(town):
    client = signed_in(town.samira)
    data = form_data(town)
    answers = [client.post(reverse("referrals:refer"), data).headers["Location"] for _ in range(3)]
    assert (len(set(answers)), Referral.objects.count()) == (1, 1)


def test_refer_sent_again_for_someone_else_loses_nothing(town):
    client = signed_in(town.samira)
    data = form_data(town)
    client.post(reverse("referrals:refer"), data)
    response = client.post(reverse("referrals:refer"), {**data, "chosen_name": "Awa"})
    form = response.context["form"]
    assert response.status_code == 422
    assert form.non_field_errors() == [
        "Cette page a déjà envoyé l’orientation de Fanta. Pour une autre personne, envoyez à nouveau\u00a0: "
        "ce que vous avez tapé est gardé."
    ]
    assert (
        client.post(
            reverse("referrals:refer"), {**data, "chosen_name": "Awa", "key": form["key"].value()}
        ).status_code
        == 302
    )
    assert sorted(Referral.objects.values_list("chosen_name", flat=True)) == ["Awa", "Fanta"]


def test_refer_sent_again_where_another_permanence_is_proposed_is_the_same(town):
    client = signed_in(town.samira)
    data = form_data(town)
    first = client.post(reverse("referrals:refer"), data).headers["Location"]
    elsewhere = str(town.saint_denis.uuid)
    again = client.post(reverse("referrals:refer"), {**data, "site": elsewhere, "site_proposed": elsewhere})
    assert (again.headers["Location"], Referral.objects.count()) == (first, 1)


@pytest.mark.parametrize("is_kept", [False, True])
def test_refer_sent_again_to_another_permanence_that_she_chose_says_where_it_went(town, is_kept):
    client = signed_in(town.samira)
    data = form_data(town)
    client.post(reverse("referrals:refer"), data)
    elsewhere = str(town.saint_denis.uuid)
    data["site"] = elsewhere
    # Chosen now, or before the list was drawn again.
    data |= {"site_proposed": elsewhere, "site_chosen": elsewhere} if is_kept else {}
    for _press in range(2):
        response = client.post(reverse("referrals:refer"), data)
        assert response.status_code == 422
        (said,) = response.context["form"].errors["site"]
        assert said.startswith("L’orientation de Fanta est déjà partie, vers ")
        assert response.context["chosen"].site == town.saint_denis
    assert Referral.objects.count() == 1


def test_refer_wrong_phone_keeps_everything_and_says_the_way_out(town):
    data = form_data(
        town, phone="06 39 98 41", family_name="Diallo", words="Je veux appeler", where="Lyon 3e"
    )
    response = signed_in(town.samira).post(reverse("referrals:refer"), data)
    form = response.context["form"]
    assert response.status_code == 422
    said = {name: [error.replace("\u00a0", " ") for error in errors] for name, errors in form.errors.items()}
    assert said == {"phone": ["Il manque 2 chiffres. Sans téléphone, laissez vide : un coupon suffit."]}
    for typed in ("06 39 98 41", "Diallo", "Je veux appeler", "Lyon 3e"):
        assert typed in page(response)
    assert Referral.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"chosen_name": ""}, ["chosen_name"]),
        ({"needs": []}, ["needs"]),
        ({"reach": ""}, ["reach"]),
        ({"has_agreed": None}, ["has_agreed"]),
        ({"phone": ""}, ["phone"]),
        ({"phone": "bonjour"}, ["phone"]),
        ({"site": "00000000-0000-4000-8000-000000000000"}, ["site"]),
        ({"site": "x"}, ["site"]),
        ({"chosen_name": "x" * 81}, ["chosen_name"]),
        ({"words": "x" * 301}, ["words"]),
        ({"needs": ["money"]}, ["needs"]),
        ({"chosen_name": "", "needs": [], "has_agreed": None}, ["chosen_name", "has_agreed", "needs"]),
    ],
)
def test_refer_bad_input_names_the_field(town, fields, wrong):
    response = signed_in(town.samira).post(reverse("referrals:refer"), form_data(town, **fields))
    assert (response.status_code, sorted(response.context["form"].errors)) == (422, wrong)
    assert Referral.objects.count() == 0


@pytest.mark.parametrize("reach", ["referrer", "paper"])
def test_refer_without_a_phone(town, reach):
    signed_in(town.samira).post(reverse("referrals:refer"), form_data(town, reach=reach, phone=""))
    assert Referral.objects.get().reach == reach


def test_refer_list_is_renewed_without_javascript_and_keeps_what_was_typed(town):
    data = form_data(
        town, chosen_name="", where="Saint-Denis 93200", needs=["connection"], refresh="1", site=None
    )
    response = signed_in(town.samira).post(reverse("referrals:refer"), data)
    assert (response.status_code, Referral.objects.count()) == (200, 0)
    assert [near.site for near in response.context["nearest"].sites] == [town.saint_denis, town.riquet]
    assert response.context["chosen"].site == town.saint_denis
    assert "06 39 98 41 27" in page(response)
    assert response.context["form"].errors == {}


def test_refer_list_by_htmx_is_the_same_list(town):
    data = form_data(town, where="Saint-Denis 93200", refresh="1", site=None)
    address = reverse("referrals:refer")
    part = page(signed_in(town.samira, headers={"hx-request": "true"}).post(address, data))
    assert part.strip().startswith('<div class="stack-lg" id="beside"')
    assert part.strip() in page(signed_in(town.samira).post(address, data))


def test_refer_proposed_permanence_gives_way_to_a_nearer_one(town):
    data = form_data(
        town,
        where="Saint-Denis 93200",
        needs=["connection"],
        refresh="1",
        site_proposed=str(town.riquet.uuid),
    )
    response = signed_in(town.samira).post(reverse("referrals:refer"), data)
    assert response.context["chosen"].site == town.saint_denis


def test_refer_chosen_permanence_is_kept_when_the_list_is_renewed(town):
    data = form_data(town, where="Saint-Denis 93200", refresh="1")
    response = signed_in(town.samira).post(reverse("referrals:refer"), data)
    assert response.context["chosen"].site == town.riquet


def test_refer_chosen_permanence_is_kept_however_often_the_list_is_renewed(town):
    client, address = signed_in(town.samira), reverse("referrals:refer")
    data = form_data(town, where="Saint-Denis 93200", refresh="1", site_proposed=str(town.saint_denis.uuid))
    for _time in range(3):
        response = client.post(address, data)
        assert response.context["chosen"].site == town.riquet
        drawn = dict(re.findall(r'name="(site_proposed|site_chosen)" value="([^"]*)"', page(response)))
        assert drawn == {"site_proposed": data["site"], "site_chosen": data["site"]}
        data |= drawn
    # A draft that comes back brings her choice to a list that proposes another.
    proposed = str(town.saint_denis.uuid)
    response = client.post(address, {**data, "site": proposed, "site_proposed": proposed})
    assert response.context["chosen"].site == town.riquet


def test_refer_place_that_is_not_found_is_said(town):
    response = signed_in(town.samira).post(
        reverse("referrals:refer"), form_data(town, where="Zzzzqq", refresh="1")
    )
    assert "On ne trouve pas «\u00a0Zzzzqq\u00a0»" in page(response)


def test_refer_message_is_discreet_when_the_phone_is_shared(town):
    client = signed_in(town.samira)
    own = client.post(reverse("referrals:refer"), form_data(town, refresh="1")).context["message"].text
    shared = client.post(reverse("referrals:refer"), form_data(town, refresh="1", is_phone_shared="on"))
    assert "permanence" in own
    assert "permanence" not in shared.context["message"].text


def test_refer_not_for_a_receptionist(town):
    assert signed_in(town.reception).get(reverse("referrals:refer")).status_code == 403


def test_refer_closed_account_is_sent_to_sign_in(town):
    client = signed_in(town.samira)
    town.samira.is_active = False
    town.samira.save()
    response = client.post(reverse("referrals:refer"), form_data(town))
    assert (response.status_code, Referral.objects.count()) == (302, 0)


@pytest.mark.parametrize("count", [1, 3])
def test_refer_query_count(town, django_assert_num_queries, count):
    for number in range(count):
        make_referral(town, chosen_name=f"Awa {number}")
    client = signed_in(town.samira)
    client.get(reverse("referrals:refer"))
    with django_assert_num_queries(REFER_QUERIES):
        client.get(reverse("referrals:refer"))


REFER_QUERIES = 12


# ---------- by an organisation's link ----------
def code_in(confirmation: EmailConfirmation) -> str:
    message = Message.objects.get(about=f"confirmation:{confirmation.uuid}")
    return re.search(r"\d{3} \d{3}", message.body)[0]


def enter(
    town: Town, client: StrictClient, secret: str, email: str = "aubry@siao.example"
) -> EmailConfirmation:
    response = client.post(
        reverse("referrals:enter", kwargs={"secret": secret}), {"name": "Mme Aubry", "email": email}
    )
    assert response.status_code == 302, page(response)
    return EmailConfirmation.objects.latest("pk")


def confirmed(town: Town, client: StrictClient, secret: str, email: str = "aubry@siao.example") -> None:
    confirmation = enter(town, client, secret, email)
    address = reverse("referrals:enter_code", kwargs={"secret": secret})
    assert client.post(address, {"code": code_in(confirmation)}).status_code == 302


def test_by_link_the_whole_way(town, client):
    _link, secret = make_link(town, "siao.example")
    door = client.get(reverse("referrals:enter", kwargs={"secret": secret}))
    assert door.status_code == 200
    confirmed(town, client, secret)
    address = reverse("referrals:refer_by_link", kwargs={"secret": secret})
    assert client.get(address).status_code == 200
    response = client.post(address, form_data(town))
    referral = Referral.objects.get()
    assert (referral.referrer, referral.referrer_name, referral.referrer_email) == (
        None,
        "Mme Aubry",
        "aubry@siao.example",
    )
    sent = client.get(response.headers["Location"], headers={"referer": f"http://testserver{address}"})
    assert sent.context["another_url"] == address
    assert page(sent).count(f'href="{address}"') == 1
    stranger = StrictClient()
    token = queries.follow_token(referral, referral.sent_at)
    assert stranger.get(reverse("referrals:signed", kwargs={"token": token})).status_code == 200
    again = client.get(address)
    assert [one.pk for one, _url, _line in again.context["recent"]] == [referral.pk]


@pytest.mark.parametrize("came_from", ["", "http://elsewhere.example/r/abc/new/", "http://testserver/help/"])
def test_by_link_sent_offers_no_next_one_when_the_link_is_not_known(town, client, came_from):
    _link, secret = make_link(town)
    confirmed(town, client, secret)
    response = client.post(reverse("referrals:refer_by_link", kwargs={"secret": secret}), form_data(town))
    sent = client.get(response.headers["Location"], headers={"referer": came_from})
    assert (sent.status_code, sent.context["another_url"]) == (200, "")
    assert "Orienter une autre personne" not in page(sent)


def test_by_link_form_needs_a_confirmed_address(town, client):
    _link, secret = make_link(town)
    address = reverse("referrals:refer_by_link", kwargs={"secret": secret})
    response = client.post(address, form_data(town))
    assert response.headers["Location"] == reverse("referrals:enter", kwargs={"secret": secret})
    assert Referral.objects.count() == 0


def test_by_link_a_confirmation_of_another_link_opens_nothing(town, client):
    _one, secret = make_link(town)
    _other, other_secret = make_link(town)
    confirmed(town, client, secret)
    address = reverse("referrals:refer_by_link", kwargs={"secret": other_secret})
    assert client.get(address).status_code == 302


def test_by_link_wrong_domain_refused_and_kept(town, client):
    _link, secret = make_link(town, "siao.example")
    address = reverse("referrals:enter", kwargs={"secret": secret})
    response = client.post(address, {"name": "Mme Aubry", "email": "aubry@ailleurs.example"})
    assert response.status_code == 422
    assert "siao.example" in page(response)
    assert "aubry@ailleurs.example" in page(response)
    assert (EmailConfirmation.objects.count(), Message.objects.count()) == (0, 0)


def test_by_link_lookalike_domain_refused(town, client):
    _link, secret = make_link(town, "siao.example")
    address = reverse("referrals:enter", kwargs={"secret": secret})
    response = client.post(address, {"name": "X", "email": "x@notsiao.example"})
    assert response.status_code == 422
    assert client.post(address, {"name": "X", "email": "x@paris.siao.example"}).status_code == 302


def test_by_link_answer_is_the_same_for_an_address_with_an_account(town, client):
    _link, secret = make_link(town)
    address = reverse("referrals:enter", kwargs={"secret": secret})
    known = client.post(address, {"name": "X", "email": town.samira.email})
    unknown = StrictClient().post(address, {"name": "X", "email": "nobody@siao.example"})
    assert (known.status_code, known.headers["Location"]) == (
        unknown.status_code,
        unknown.headers["Location"],
    )


def test_by_link_five_wrong_tries_end_the_code(town, client):
    _link, secret = make_link(town)
    confirmation = enter(town, client, secret)
    right = code_in(confirmation)
    wrong = "000000" if right != "000 000" else "111111"
    address = reverse("referrals:enter_code", kwargs={"secret": secret})
    for _ in range(5):
        assert client.post(address, {"code": wrong}).status_code == 422
    response = client.post(address, {"code": right})
    assert response.status_code == 422
    assert "Cinq essais" in page(response)


def test_by_link_code_after_ten_minutes_refused(town, client, clock):
    _link, secret = make_link(town)
    confirmation = enter(town, client, secret)
    clock.move(minutes=10)
    response = client.post(
        reverse("referrals:enter_code", kwargs={"secret": secret}), {"code": code_in(confirmation)}
    )
    assert response.status_code == 422


def test_by_link_code_serves_once(town, client):
    _link, secret = make_link(town)
    confirmation = enter(town, client, secret)
    services.confirm_email(confirmation, code_in(confirmation))
    with pytest.raises(Exception, match="déjà servi"):
        services.confirm_email(confirmation, code_in(confirmation))


def test_by_link_codes_are_limited(town, client):
    _link, secret = make_link(town)
    address = reverse("referrals:enter", kwargs={"secret": secret})
    statuses = [client.post(address, {"name": "X", "email": "x@siao.example"}).status_code for _ in range(4)]
    assert statuses == [302, 302, 302, 422]
    assert EmailConfirmation.objects.count() == 3


def test_by_link_forged_secret_404(client, town):
    make_link(town)
    response = client.get(reverse("referrals:enter", kwargs={"secret": "x" * 24}))
    assert response.status_code == 404


def test_by_link_ended_says_whom_to_call(town, client):
    link, secret = make_link(town)
    confirmed(town, client, secret)
    services.end_organisation_link(link, by=town.officer)
    for name in ("enter", "enter_code", "refer_by_link"):
        response = client.get(reverse(f"referrals:{name}", kwargs={"secret": secret}))
        assert response.status_code == 404
        assert "01\u00a099\u00a000\u00a012\u00a034" in page(response)
    response = client.post(reverse("referrals:refer_by_link", kwargs={"secret": secret}), form_data(town))
    assert (response.status_code, Referral.objects.count()) == (404, 0)


def test_by_link_others_of_the_organisation_are_not_seen(town, client):
    _link, secret = make_link(town)
    make_link_referral(town, chosen_name="Zoé", referrer_email="autre@siao.example")
    make_referral(town, chosen_name="Yasmine")
    confirmed(town, client, secret)
    shown = page(client.get(reverse("referrals:refer_by_link", kwargs={"secret": secret})))
    assert ("Zoé" in shown, "Yasmine" in shown) == (False, False)


def test_what_blocks_her_is_read_as_one_sentence(town):
    referral = make_referral(town, obstacles=["bank_account", "mailbox"])
    response = signed_in(town.reception).get(reverse("referrals:detail", kwargs={"uuid": referral.uuid}))
    assert response.context["obstacles"] == "Pas de compte, pas de boîte mail"


# ---------- following ----------
PAGES = ["follow", "sent", "slip", "slip_pdf"]


@pytest.mark.parametrize("name", PAGES)
def test_follow_pages_of_a_colleague_404(town, name):
    referral = make_referral(town)
    colleague = make_user(town.siao, "referrer", "Lina")
    response = signed_in(colleague).get(reverse(f"referrals:{name}", kwargs={"uuid": referral.uuid}))
    assert response.status_code == 404
    assert "Fanta" not in response.content.decode("utf-8", "replace")


@pytest.mark.parametrize("name", ["signed", "signed_sent", "signed_slip", "signed_slip_pdf", "give_back"])
def test_signed_pages_open_for_the_link_and_not_for_a_forged_one(town, client, now, name):
    referral = make_link_referral(town)
    token = queries.follow_token(referral, now)
    assert client.get(reverse(f"referrals:{name}", kwargs={"token": token})).status_code == 200
    for forged in (token[:-1] + ("A" if token[-1] != "A" else "B"), token[:20], "x"):
        response = client.get(reverse(f"referrals:{name}", kwargs={"token": forged}))
        assert response.status_code == 404
        assert "Fanta" not in page(response)


def test_signed_link_of_one_does_not_open_an_account_s(town, client, now):
    referral = make_referral(town)
    token = queries.follow_token(referral, now)
    assert client.get(reverse("referrals:signed", kwargs={"token": token})).status_code == 404


def test_signed_link_of_another_purpose_opens_nothing(town, client):
    from bagage.common.links import make_token

    referral = make_link_referral(town)
    token = make_token("invitation", [str(referral.uuid), 1], timedelta(days=1))
    assert client.get(reverse("referrals:signed", kwargs={"token": token})).status_code == 404


def test_signed_link_expired_says_how_to_get_another(town, client, now, monkeypatch):
    token = queries.follow_token(make_link_referral(town), now)
    late = (now + timedelta(days=400)).timestamp()
    monkeypatch.setattr("bagage.common.links.time.time", lambda: late)
    response = client.get(reverse("referrals:signed", kwargs={"token": token}))
    assert response.status_code == 404
    assert "Demandez-en un autre" in page(response)


def test_follow_shows_state_appointment_and_calendar(town):
    referral = make_referral(town)
    block = make_block(town)
    services.welcome_referral(
        referral, person=None, block=block, starts_at=block.starts_at, by=town.reception
    )
    client = signed_in(town.samira)
    shown = page(client.get(reverse("referrals:follow", kwargs={"uuid": referral.uuid})))
    assert "Elle a rendez-vous vendredi 27 novembre, 9\u00a0h" in shown
    ics = client.get(reverse("referrals:calendar", kwargs={"uuid": referral.uuid}))
    assert ics.headers["Content-Type"] == "text/calendar; charset=utf-8"
    text = page(ics)
    assert "DTSTART:20261127T080000Z\r\n" in text
    assert "Fanta" not in text
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))


def test_follow_does_not_show_the_diagnosis(town):
    referral = make_referral(town)
    person = services.accept_referral(referral, by=town.reception)
    people.record_situation(person, "reading", "no", said_on=referral.sent_at.date(), by=town.adviser)
    from bagage.journeys.services import add_request, open_journey

    journey = open_journey(person, town.riquet.organisation, by=town.adviser)
    add_request(journey, words="Écrire à Philomène", said_on=referral.sent_at.date(), by=town.adviser)
    shown = page(signed_in(town.samira).get(reverse("referrals:follow", kwargs={"uuid": referral.uuid})))
    assert ("Philomène" in shown, "Lire" in shown) == (False, False)


def test_follow_calendar_without_appointment_404(town):
    referral = make_referral(town)
    response = signed_in(town.samira).get(reverse("referrals:calendar", kwargs={"uuid": referral.uuid}))
    assert response.status_code == 404


def test_follow_answers_a_question_once(town):
    referral = make_referral(town)
    services.ask(
        referral, "Un récépissé ?", choices=["Oui", "Non"], from_referrer=False, author="Hélène, Riquet",
        by=town.adviser, key="q",
    )  # fmt: skip
    client = signed_in(town.samira)
    address = reverse("referrals:answer", kwargs={"uuid": referral.uuid})
    shown = client.get(reverse("referrals:follow", kwargs={"uuid": referral.uuid}))
    assert "Répondre à Hélène" in page(shown)
    empty = client.post(address, {"key": "a"})
    assert empty.status_code == 422
    for _ in range(2):
        assert (
            client.post(address, {"key": "a", "choice": "Oui", "text": "Valable en mars"}).status_code == 302
        )
    assert list(ReferralMessage.objects.filter(is_from_referrer=True).values_list("text", flat=True)) == [
        "Oui. Valable en mars"
    ]


def test_follow_asks_a_question_by_signed_link(town, client, now):
    referral = make_link_referral(town)
    token = queries.follow_token(referral, now)
    address = reverse("referrals:signed_ask", kwargs={"token": token})
    assert client.post(address, {"key": "k", "text": ""}).status_code == 422
    assert client.post(address, {"key": "k", "text": "Peut-elle venir avec sa sœur ?"}).status_code == 302
    inbox = signed_in(town.reception).get(reverse("referrals:inbox"))
    assert "Question" in page(inbox)


def test_signed_withdraw_and_give_back_end_the_link(town, client, now):
    one, other = make_link_referral(town), make_link_referral(town)
    for referral, name in ((one, "signed_withdraw"), (other, "give_back")):
        token = queries.follow_token(referral, now)
        assert client.post(reverse(f"referrals:{name}", kwargs={"token": token})).status_code == 200
        assert client.get(reverse("referrals:signed", kwargs={"token": token})).status_code == 404


def test_slip_pdf_is_one_a5_page_without_a_name_in_the_file_name(town):
    referral = make_referral(town)
    response = signed_in(town.samira).get(reverse("referrals:slip_pdf", kwargs={"uuid": referral.uuid}))
    assert response.content.startswith(b"%PDF")
    assert response.headers["Content-Disposition"] == f'inline; filename="coupon-{referral.code}.pdf"'
    assert len(re.findall(rb"/Type\s*/Page\b", response.content)) == 1


@pytest.mark.parametrize(
    ("screen", "languages", "written"),
    [
        ("fr", "soninké, anglais", "en"),
        ("fr", "soninké", "fr"),
        ("en", "soninké", "en"),
        ("en", "français", "fr"),
    ],
)
def test_slip_is_written_in_her_language_and_the_screen_around_it_is_not(town, screen, languages, written):
    referral = make_referral(town, languages=languages)
    client = signed_in(town.reception)
    client.cookies["django_language"] = screen
    response = client.get(reverse("referrals:slip", kwargs={"uuid": referral.uuid}))
    around, _article, sheet = page(response).partition('<article class="slip"')
    assert response.context["slip"].lang == written
    assert sheet.startswith(f' lang="{written}"')
    assert ("Your code" in sheet, "Votre code" in sheet) == (written == "en", written == "fr")
    assert ("Print" in around, "Imprimer" in around) == (screen == "en", screen == "fr")
    address = reverse("referrals:slip_pdf", kwargs={"uuid": referral.uuid})
    [sheet_of_paper] = PdfReader(io.BytesIO(client.get(address).content)).pages
    paper = sheet_of_paper.extract_text()
    assert ("Show this code" in paper, "Montrez ce code" in paper) == (written == "en", written == "fr")


def test_slip_by_the_permanence_and_not_by_another(town):
    referral = make_referral(town)
    address = reverse("referrals:slip", kwargs={"uuid": referral.uuid})
    assert signed_in(town.reception).get(address).status_code == 200
    assert signed_in(town.elsewhere).get(address).status_code == 404
    assert signed_in(town.officer).get(address).status_code == 403


# ---------- my referrals ----------
def test_mine_shows_mine_alone_and_searches_without_a_name_in_the_address(town):
    make_referral(town, chosen_name="Fanta")
    make_referral(town, chosen_name="Mireille")
    colleague = make_user(town.siao, "referrer", "Lina")
    make_referral(town, by=colleague, chosen_name="Zoé")
    client = signed_in(town.samira)
    address = reverse("referrals:mine")
    everything = page(client.get(address))
    assert ("Fanta" in everything, "Mireille" in everything, "Zoé" in everything) == (True, True, False)
    response = client.post(address, {"q": "Mireille"})
    assert response.headers["Location"] == address
    found = page(client.get(address))
    assert ("Fanta" in found, "Mireille" in found) == (False, True)
    exported = b"".join(client.get(address, {"export": "csv"}).streaming_content).decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(exported), delimiter=";"))
    assert [row[0] for row in rows] == ["Personne", "Mireille D."]


@pytest.mark.parametrize("count", [1, 3])
def test_mine_query_count(town, django_assert_num_queries, count):
    for number in range(count):
        make_referral(town, chosen_name=f"Awa {number}")
    client = signed_in(town.samira)
    client.get(reverse("referrals:mine"))
    with django_assert_num_queries(MINE_QUERIES):
        client.get(reverse("referrals:mine"))


MINE_QUERIES = 8


def silent(town, **data):
    """A referral of someone who came, and no longer wishes her referrer to hear of her."""
    referral = make_referral(town, chosen_name="Fanta")
    appointment = booked(town, referral)
    people.record_agreement(referral.person, "tell_referrer", "withdrawn", by=town.adviser, **data)
    referral.refresh_from_db()
    return referral, appointment


def test_who_referred_her_sees_no_more_once_she_changed_her_mind(town, clock):
    heard = make_referral(town, chosen_name="Mireille")
    services.accept_referral(heard, by=town.reception)
    clock.move(minutes=1)
    referral, appointment = silent(town)
    client = signed_in(town.samira)
    hour = words.hour(timezone.localtime(appointment.starts_at))
    follow = page(client.get(reverse("referrals:follow", kwargs={"uuid": referral.uuid})))
    assert "La suite ne se voit plus ici" in follow
    assert "Cette personne ne souhaite plus que l’on vous donne de ses nouvelles" in follow
    assert (hour in follow, town.adviser.first_name in follow) == (False, False)
    told = page(client.get(reverse("referrals:follow", kwargs={"uuid": heard.uuid})))
    assert "La suite ne se voit plus ici" not in told
    exported = b"".join(client.get(reverse("referrals:mine"), {"export": "csv"}).streaming_content)
    rows = {row[0]: row for row in csv.reader(io.StringIO(exported.decode("utf-8-sig")), delimiter=";")}
    assert "La suite ne se voit plus ici" in rows["Fanta D."]
    assert "La suite ne se voit plus ici" not in rows["Mireille D."]
    for name, count in (("referrals:mine", 1), ("referrals:refer", 1)):
        assert page(client.get(reverse(name))).count("La suite ne se voit plus ici") == count
    assert (referral.state, Referral.objects.get(pk=heard.pk).state) == ("appointment", "received")
    for state, named in (("appointment", (False, False)), ("received", (False, True))):
        filtered = page(client.get(reverse("referrals:mine"), {"state": state}))
        assert ("Fanta" in filtered, "Mireille" in filtered) == named


def test_who_referred_her_finds_no_appointment_on_paper_or_in_a_calendar_once_she_changed_her_mind(
    town, clock
):
    referral, appointment = silent(town)
    hour = words.hour(timezone.localtime(appointment.starts_at))
    client = signed_in(town.samira)
    kwargs = {"uuid": referral.uuid}
    assert client.get(reverse("referrals:calendar", kwargs=kwargs)).status_code == 404
    slip = client.get(reverse("referrals:slip", kwargs=kwargs))
    assert (slip.status_code, slip.context["slip"].has_appointment, hour in page(slip)) == (200, False, False)
    # The permanence prints it whole: she has an appointment there.
    theirs = signed_in(town.reception).get(reverse("referrals:slip", kwargs=kwargs))
    assert theirs.context["slip"].has_appointment


def test_where_a_silent_referral_stands_in_the_list_says_nothing(town, clock):
    first = make_referral(town, chosen_name="Mireille")
    clock.move(minutes=1)
    referral, _appointment = silent(town)
    clock.move(minutes=1)
    third = make_referral(town, chosen_name="Paula")
    clock.move(days=1)
    # Something becomes of her, which is not told.
    Referral.objects.filter(pk=referral.pk).update(state="came", state_at=clock.now())
    client = signed_in(town.samira)
    found = client.get(reverse("referrals:mine"), {"sort": "since"}).context["table"].found
    assert found == [first, referral, third]
    assert client.get(reverse("referrals:mine"), {"sort": "state"}).context["table"].found[0] == referral


def test_who_referred_her_hears_again_once_she_agrees_again(town, clock):
    referral, _appointment = silent(town)
    clock.move(minutes=1)
    people.record_agreement(referral.person, "tell_referrer", "agreed", by=town.adviser)
    follow = page(signed_in(town.samira).get(reverse("referrals:follow", kwargs={"uuid": referral.uuid})))
    assert "La suite ne se voit plus ici" not in follow


# ---------- the permanence ----------
def test_inbox_shows_what_to_answer_first_and_no_other_site(town, clock):
    late = make_referral(town, chosen_name="Fanta")
    clock.move(days=3)
    new = make_referral(town, chosen_name="Mireille")
    answered = [make_referral(town, chosen_name=name) for name in ("Paula", "Olena")]
    for each in answered:
        clock.move(minutes=1)
        services.decline_referral(each, reason="Plus de place.", by=town.reception)
    clock.move(minutes=1)
    newest = make_referral(town, chosen_name="Rose")
    services.decline_referral(newest, reason="Plus de place.", by=town.reception)
    make_referral(town, chosen_name="Zoé", site=town.saint_denis)
    response = signed_in(town.reception).get(reverse("referrals:inbox"))
    assert response.context["table"].found == [late, new, newest, *reversed(answered)]
    assert (response.context["waiting"], response.context["late"]) == (2, 1)
    assert "attend depuis 3 jours" in page(response)
    assert "Zoé" not in page(response)
    found = signed_in(town.reception).get(reverse("referrals:inbox"), {"state": "late"})
    assert found.context["table"].found == [late]


@pytest.mark.parametrize("count", [1, 3])
def test_inbox_query_count(town, django_assert_num_queries, count):
    for number in range(count):
        make_referral(town, chosen_name=f"Awa {number}")
    client = signed_in(town.reception)
    client.get(reverse("referrals:inbox"))
    with django_assert_num_queries(INBOX_QUERIES):
        client.get(reverse("referrals:inbox"))


INBOX_QUERIES = 15


def test_detail_first_opening_receives_it(town):
    referral = make_referral(town)
    address = reverse("referrals:detail", kwargs={"uuid": referral.uuid})
    assert signed_in(town.elsewhere).get(address).status_code == 404
    referral.refresh_from_db()
    assert referral.state == "sent"
    client = signed_in(town.reception)
    assert "La permanence l’a reçue" in page(client.get(address))
    client.get(address)
    referral.refresh_from_db()
    assert (referral.state, referral.steps.count()) == ("received", 2)


def test_detail_proposes_who_it_may_be_with_reasons(town):
    known = people.open_file(
        chosen_name="Fanta", family_name="Diallo", node=town.riquet.organisation, by=town.reception
    )
    people.add_contact_way(known, kind="sms", phone="+33639984127", by=town.reception)
    referral = make_referral(town)
    response = signed_in(town.reception).get(reverse("referrals:detail", kwargs={"uuid": referral.uuid}))
    hits = [hit for _choice, hit in response.context["proposals"] if hit]
    assert [hit.person for hit in hits] == [known]
    assert "même téléphone" in page(response).lower()


def test_accept_as_someone_known_with_an_appointment(town):
    known = people.open_file(
        chosen_name="Fanta", family_name="Diallo", node=town.riquet.organisation, by=town.reception
    )
    referral = make_referral(town)
    block = make_block(town)
    client = signed_in(town.reception)
    response = client.post(
        reverse("referrals:accept", kwargs={"uuid": referral.uuid}),
        {"person": str(known.uuid), "slot": f"{block.uuid}|{int(block.starts_at.timestamp())}"},
    )
    assert response.status_code == 302, page(response)
    referral.refresh_from_db()
    assert (referral.person, referral.state) == (known, "appointment")


def test_accept_as_someone_out_of_scope_refused(town):
    hidden = people.open_file(
        chosen_name="Fanta", family_name="Diallo", node=town.saint_denis.organisation, by=town.elsewhere
    )
    referral = make_referral(town)
    response = signed_in(town.reception).post(
        reverse("referrals:accept", kwargs={"uuid": referral.uuid}), {"person": str(hidden.uuid), "slot": ""}
    )
    referral.refresh_from_db()
    assert (response.status_code, referral.person) == (422, None)


def test_accept_without_saying_who_refused(town):
    people.open_file(
        chosen_name="Fanta", family_name="Diallo", node=town.riquet.organisation, by=town.reception
    )
    referral = make_referral(town)
    response = signed_in(town.reception).post(
        reverse("referrals:accept", kwargs={"uuid": referral.uuid}), {"slot": ""}
    )
    assert (response.status_code, list(response.context["accept_form"].errors)) == (422, ["person"])


def test_accept_slot_taken_meanwhile_is_said_and_nothing_written(town):
    referral, other = (
        make_referral(town),
        make_referral(town, chosen_name="Awa", family_name="Ba", phone="+33639984128"),
    )
    block = make_block(town)
    client = signed_in(town.reception)
    services.welcome_referral(other, person=None, block=block, starts_at=block.starts_at, by=town.adviser)
    response = client.post(
        reverse("referrals:accept", kwargs={"uuid": referral.uuid}),
        {"person": "new", "slot": f"{block.uuid}|{int(block.starts_at.timestamp())}"},
    )
    assert (response.status_code, list(response.context["accept_form"].errors)) == (422, ["slot"])
    assert Person.objects.count() == 1


def test_decline_without_reason_refused_and_with_one_told(town):
    referral = make_referral(town)
    client = signed_in(town.reception)
    address = reverse("referrals:decline", kwargs={"uuid": referral.uuid})
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"reason": "other", "words": ""}).status_code == 422
    assert client.post(address, {"reason": "full", "words": "Essayez Saint-Denis."}).status_code == 302
    referral.refresh_from_db()
    assert (
        referral.declined_reason
        == "Nous n’avons plus de place avant plusieurs semaines. Essayez Saint-Denis."
    )
    page = (
        signed_in(town.samira)
        .get(reverse("referrals:follow", kwargs={"uuid": referral.uuid}))
        .content.decode()
    )
    assert f'<a href="{reverse("referrals:refer")}">Orienter à nouveau</a>' in page


def test_question_reply_and_left_with(town, clock):
    referral = make_referral(town)
    block = make_block(town)
    services.welcome_referral(
        referral, person=None, block=block, starts_at=block.starts_at, by=town.reception
    )
    services.ask(referral, "Avec sa sœur ?", from_referrer=True, author="Samira", by=town.samira, key="s")
    client = signed_in(town.adviser)
    uuid = {"uuid": referral.uuid}
    asked = client.post(
        reverse("referrals:question", kwargs=uuid),
        {"key": "q", "text": "Un récépissé ?", "choices": "Oui\nNon"},
    )
    replied = client.post(reverse("referrals:reply", kwargs=uuid), {"key": "r", "text": "Oui, bien sûr."})
    assert (asked.status_code, replied.status_code) == (302, 302)
    assert (
        client.post(reverse("referrals:left_with", kwargs=uuid), {"words": "un téléphone"}).status_code == 422
    )
    from bagage.permanences.services import note_arrival

    referral.refresh_from_db()
    clock.set(referral.appointment.starts_at)
    note_arrival(referral.appointment, by=town.reception)
    client = signed_in(town.adviser)
    assert (
        client.post(reverse("referrals:left_with", kwargs=uuid), {"words": "un téléphone"}).status_code == 302
    )
    assert "Elle repart avec\u00a0: un téléphone" in page(
        client.get(reverse("referrals:detail", kwargs=uuid))
    )


# ---------- the links of organisations ----------
def test_links_new_one_is_shown_once(town):
    client = signed_in(town.officer)
    response = client.post(
        reverse("referrals:links"), {"organisation": str(town.siao.uuid), "email_domains": "siao.example"}
    )
    link = OrganisationLink.objects.get()
    address = reverse("referrals:link_sheet", kwargs={"uuid": link.uuid})
    assert response.headers["Location"] == address
    shown = page(client.get(address))
    secret = re.search(r"/r/([\w-]+)/", shown)[1]
    assert queries.organisation_link(secret) == link
    assert client.get(address).headers["Location"] == reverse("referrals:links")
    assert secret not in page(client.get(reverse("referrals:links")))


def test_links_end(town):
    link, _secret = make_link(town)
    client = signed_in(town.officer)
    address = reverse("referrals:link_end", kwargs={"uuid": link.uuid})
    for _ in range(2):
        assert client.post(address).status_code == 302
    link.refresh_from_db()
    assert link.ended_at is not None


def test_links_of_another_part_of_the_tree_404(town):
    link, _secret = make_link(town)
    north = town.saint_denis.organisation
    officer = make_user(north, "local_officer", "Yann")
    client = signed_in(officer)
    assert client.post(reverse("referrals:link_end", kwargs={"uuid": link.uuid})).status_code == 404
    assert "SIAO" not in page(client.get(reverse("referrals:links")))
    bad = client.post(reverse("referrals:links"), {"organisation": str(town.siao.uuid)})
    assert (bad.status_code, OrganisationLink.objects.count()) == (422, 1)
