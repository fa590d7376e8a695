"""The screens on who she is: look-up, opening a file, identity, cards, two files that are one."""

import re
from io import BytesIO

import pytest
from pypdf import PdfReader

from bagage.accounts.domain.roles import Role
from bagage.people import services
from bagage.people.models import AccessRequest, Agreement, CardCode, ContactWay, Merge, NotTheSame, Person
from bagage.permanences.models import Site
from bagage.trail.models import Entry
from tests.people.factories import make_network, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def net(now):
    network = make_network()
    for node, phone in ((network.riquet, "+33199001234"), (network.saint_denis, "+33199005678")):
        Site.objects.create(organisation=node, address="14 rue Riquet", city="Paris", phone=phone)
    return network


@pytest.fixture
def adviser(net):
    return make_user(net.riquet)


@pytest.fixture
def there(net):
    return make_user(net.saint_denis, first_name="Yao")


@pytest.fixture
def desk(client, adviser):
    client.force_login(adviser)
    return client


def ask(client, text, **data):
    return client.post("/people/look-up/", {"q": text, **data}, follow=True)


def shown(response):
    """What a reader sees: no tags, no doubled spaces."""
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).replace("\xa0", " ").split())


def token_of(response):
    return re.search(r'name="token" value="([^"]+)"', response.content.decode()).group(1)


def test_look_up_shows_reasons_and_never_writes_the_name_in_an_address(desk, net, adviser):
    make_person(net.riquet, "Fatoumata Diarra", by=adviser, grammar="she", birth_year=1985)
    response = ask(desk, "fatouma diara 85")
    assert response.redirect_chain == [("/people/look-up/", 302)]
    text = shown(response)
    for part in (
        "Très probable",
        "Fatouma se dit pour Fatoumata",
        "Diara et Diarra, une lettre",
        "née en 1985",
    ):
        assert part in text
    assert "fatouma" not in "".join(re.findall(r'(?:href|action)="([^"]*)"', response.content.decode()))


def test_look_up_by_htmx_answers_with_the_results_alone(htmx_client, net, adviser):
    make_person(net.riquet, "Fatoumata Diarra", by=adviser)
    htmx_client.force_login(adviser)
    response = htmx_client.post("/people/look-up/", {"q": "fatou", "typing": "1"})
    assert "<html" not in response.content.decode()
    assert "Fatoumata Diarra" in shown(response)


def test_look_up_of_another_site_shows_no_fact(desk, net, there):
    person = make_person(
        net.saint_denis,
        "Zéphyrine Oyélaran",
        by=there,
        birth_year=1985,
        phone="+33639980417",
        languages="yoruba",
    )
    response = ask(desk, "zefirine oyelaran 85")
    text = shown(response)
    assert "Un dossier existe peut-être à Saint-Denis" in text
    for fact in (
        "Zéphyrine",
        "Oyélaran",
        "yoruba",
        "04 17",
        person.code[:3] + " " + person.code[3:],
        "1 ailleurs",
    ):
        assert fact not in text
    assert Entry.objects.filter(verb="look_up").count() == 1
    assert Entry.objects.filter(verb="told_a_file_may_exist", person=str(person.uuid)).count() == 1
    assert "zefirine" not in " ".join(
        map(str, Entry.objects.values_list("fields", "thing", "reason", "person"))
    )


def test_look_up_while_typing_asks_no_other_site(htmx_client, net, adviser, there):
    make_person(net.saint_denis, "Zéphyrine Oyélaran", by=there, birth_year=1985)
    htmx_client.force_login(adviser)
    typing = htmx_client.post("/people/look-up/", {"q": "Zéphyrine Oyélaran 1985", "typing": "1"})
    assert "Saint-Denis" not in shown(typing)
    whole = htmx_client.post("/people/look-up/", {"q": "Zéphyrine Oyélaran 1985"})
    assert "Saint-Denis" in shown(whole)


def test_look_up_is_limited(desk):
    answers = [
        desk.post("/people/look-up/", {"q": f"awa {year}"}, follow=True).status_code
        for year in range(1960, 1991)
    ]
    assert (answers[:30], answers[30]) == ([200] * 30, 429)


@pytest.mark.parametrize("role", [Role.VOLUNTEER, Role.REFERRER, Role.LOGISTICS, Role.ADMINISTRATOR])
def test_look_up_is_closed_to_other_roles(client, net, role):
    client.force_login(make_user(net.riquet, role))
    assert client.get("/people/look-up/").status_code == 403
    assert client.post("/people/look-up/", {"q": "awa"}).status_code == 403


def test_elsewhere_opens_with_her_word(desk, net, adviser, there):
    person = make_person(net.saint_denis, "Zéphyrine Oyélaran", by=there, birth_year=1985)
    token = token_of(ask(desk, "zefirine oyelaran 85"))
    page = desk.post("/people/look-up/elsewhere/", {"token": token})
    assert "Demander à Saint-Denis" in shown(page)
    assert "Oyélaran" not in shown(page)
    refused = desk.post(
        "/people/look-up/elsewhere/", {"token": token, "send": "1", "has_her_word": "no", "reason": "x"}
    )
    assert "l’autre permanence la lira" in shown(refused)
    assert AccessRequest.objects.count() == 0
    opened = desk.post("/people/look-up/elsewhere/", {"token": token, "send": "1", "has_her_word": "yes"})
    assert opened.url == f"/people/{person.uuid}/"
    assert desk.get(opened.url).status_code == 200


def test_elsewhere_token_of_another_user_opens_nothing(desk, client, net, there):
    make_person(net.saint_denis, "Zéphyrine Oyélaran", by=there, birth_year=1985)
    token = token_of(ask(desk, "zefirine oyelaran 85"))
    client.force_login(make_user(net.riquet, first_name="Inès"))
    data = {"token": token, "send": "1", "has_her_word": "yes"}
    assert client.post("/people/look-up/elsewhere/", data).status_code == 404
    assert client.post("/people/look-up/elsewhere/", {**data, "token": "forged"}).status_code == 404
    assert AccessRequest.objects.count() == 0


def test_a_reason_is_read_by_the_other_site_which_may_close_the_file(client, net, adviser, there):
    person = make_person(net.saint_denis, "Zéphyrine Oyélaran", by=there)
    asked = services.request_access(
        person,
        for_node=net.riquet,
        has_her_word=False,
        reason="Elle vient demain, son téléphone est cassé.",
        by=adviser,
    )
    client.force_login(adviser)
    assert "Oyélaran" not in shown(client.get("/people/access/"))
    assert client.post(f"/people/access/{asked.uuid}/", {"answer": "grant"}).status_code == 403
    client.force_login(there)
    assert "son téléphone est cassé" in shown(client.get("/people/access/"))
    assert client.post(f"/people/access/{asked.uuid}/", {"answer": "refuse"}).status_code == 302
    client.force_login(adviser)
    assert client.get(f"/people/{person.uuid}/").status_code == 404


# ---------- opening a file ----------
def new(key="k1", **data):
    return {"chosen_name": "", "family_name": "", "birth": "", "phone": "", "grammar": "", "key": key, **data}


def test_person_new_with_a_first_name_only(desk):
    response = desk.post("/people/new/", new(chosen_name="Fanta"))
    person = Person.objects.get()
    assert (response.status_code, response.url) == (302, f"/people/{person.uuid}/")
    desk.post("/people/new/", new(chosen_name="Fanta", sure="1"))
    assert Person.objects.count() == 1


def test_person_new_shows_who_it_may_be_before(desk, net, adviser):
    make_person(net.riquet, "Fatoumata Diarra", by=adviser, birth_year=1985)
    data = new(chosen_name="Fatouma", family_name="Diara", birth="vers 1985", languages="bambara")
    response = desk.post("/people/new/", data)
    assert "Est-ce l’une de ces personnes ?" in shown(response)
    assert 'value="bambara"' in response.content.decode()
    assert Person.objects.count() == 1
    desk.post("/people/new/", {**data, "sure": "1"})
    assert Person.objects.count() == 2


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"chosen_name": ""}, "Un prénom ou un surnom suffit."),
        (
            {"chosen_name": "Awa", "phone": "06 39 98 41"},
            "Il manque 2 chiffres. Sans téléphone, laissez vide : un coupon suffit.",
        ),
        ({"chosen_name": "Awa", "birth": "jadis"}, "Écrivez une année (1985)"),
        ({"chosen_name": "Awa", "birth": "1850"}, "Écrivez une année (1985)"),
    ],
)
def test_person_new_keeps_what_was_typed_when_refused(desk, data, message):
    response = desk.post("/people/new/", new(**{"languages": "bambara, peul", **data}))
    assert message in shown(response)
    assert 'value="bambara, peul"' in response.content.decode()
    assert Person.objects.count() == 0


def test_person_new_takes_up_what_was_looked_for(desk):
    ask(desk, "fatouma diara vers 1985")
    page = desk.get("/people/new/").content.decode()
    assert all(f'value="{value}"' in page for value in ("Fatouma", "Diara", "vers 1985"))


# ---------- identity ----------
def test_person_identity_corrects_and_keeps_the_former_name(desk, net, adviser):
    person = make_person(net.riquet, "Fatouma Diara", by=adviser)
    url = f"/people/{person.uuid}/identity/"
    response = desk.post(
        url,
        {"chosen_name": "Fatoumata", "family_name": "Diarra", "birth": "12/03/1985", "grammar": "she"},
        follow=True,
    )
    text = shown(response)
    assert "Fatoumata Diarra , naissance : 12 mars 1985" in text
    assert "Fatouma Diara ancien nom" in text


def test_person_identity_contact_ways_and_agreements(desk, net, adviser):
    person = make_person(net.riquet, by=adviser)
    url = f"/people/{person.uuid}/identity/"
    wrong = desk.post(f"{url}contact/", {"kind": "sms", "phone": "06 39"})
    assert "Il manque 6 chiffres." in shown(wrong)
    desk.post(f"{url}contact/", {"kind": "sms", "phone": "06 39 98 41 27", "is_shared": "on"})
    way = ContactWay.objects.get()
    assert (way.phone, way.is_shared) == ("+33639984127", True)
    desk.post(f"{url}contact/{way.uuid}/end/")
    assert ContactWay.objects.get().ended_at is not None
    desk.post(f"{url}agreement/", {"kind": "tell_referrer", "answer": "refused"})
    assert Agreement.objects.get().answer == "refused"
    desk.post(f"{url}name/", {"text": "Фатума", "kind": "spelling"})
    assert "Фатума" in shown(desk.get(url))


def test_person_identity_of_another_site_is_not_there(desk, net, there):
    person = make_person(net.saint_denis, "Zéphyrine Oyélaran", by=there, phone="+33639980417")
    way = ContactWay.objects.get()
    base = f"/people/{person.uuid}"
    for url in (f"{base}/identity/", f"{base}/card/", f"{base}/card.pdf", f"{base}/same/"):
        assert desk.get(url).status_code == 404
    for url in (
        "identity/name/",
        "identity/contact/",
        "identity/agreement/",
        "card/new/",
        f"identity/contact/{way.uuid}/end/",
    ):
        assert desk.post(f"{base}/{url}", {"text": "x", "kind": "spelling"}).status_code == 404


# ---------- two files, one person ----------
def test_two_files_are_compared_marked_and_separated(desk, net, adviser):
    kept = make_person(net.riquet, "Fatoumata Diarra", by=adviser, languages="bambara", birth_year=1985)
    other = make_person(net.riquet, "Diarra Fatou", by=adviser, languages="soninké")
    page = ask(desk, "fatoumata diarra")
    assert "Une seule personne ?" in shown(page)
    assert "bambara, soninké" in shown(page)
    url = f"/people/{kept.uuid}/same/{other.uuid}/"
    desk.post(url, {"do": "merge", "why": "même son"})
    merge = Merge.objects.get()
    assert (merge.kept_id, merge.merged_id, merge.reasons) == (kept.pk, other.pk, "même son")
    assert "Diarra Fatou" in shown(desk.get(f"/people/{kept.uuid}/same/"))
    desk.post(f"/people/{kept.uuid}/same/", {"merge": str(merge.uuid)})
    assert Person.objects.filter(merged_into=None).count() == 2


def test_two_persons_are_not_proposed_again(desk, net, adviser):
    one = make_person(net.riquet, "Fatoumata Diarra", by=adviser)
    other = make_person(net.riquet, "Fatoumata Diara", by=adviser)
    desk.post(f"/people/{one.uuid}/same/{other.uuid}/", {"do": "apart", "back": "look_up"})
    assert NotTheSame.objects.count() == 1
    assert "Une seule personne ?" not in shown(ask(desk, "fatoumata diarra"))
    assert desk.post(f"/people/{one.uuid}/same/{other.uuid}/", {"do": "merge"}).status_code == 422
    desk.post(f"/people/{one.uuid}/same/{other.uuid}/", {"do": "take_back"})
    assert NotTheSame.objects.count() == 0


def test_a_file_of_another_site_is_not_compared(desk, net, adviser, there):
    here = make_person(net.riquet, by=adviser)
    far = make_person(net.saint_denis, "Zéphyrine Oyélaran", by=there)
    for one, other in ((here, far), (far, here)):
        assert desk.get(f"/people/{one.uuid}/same/{other.uuid}/").status_code == 404
        assert desk.post(f"/people/{one.uuid}/same/{other.uuid}/", {"do": "merge"}).status_code == 404
    assert Merge.objects.count() == 0


# ---------- cards ----------
def test_card_prints_and_its_code_opens_her_file(desk, net, adviser):
    person = make_person(net.riquet, "Fanta Diallo", by=adviser)
    page = shown(desk.get(f"/people/{person.uuid}/card/"))
    assert "Bonjour Fanta" in page
    assert "Diallo" not in page.split("Bonjour Fanta")[1]
    pdf = desk.get(f"/people/{person.uuid}/card.pdf")
    assert (pdf["Content-Type"], pdf.content[:5]) == ("application/pdf", b"%PDF-")
    assert desk.get(f"/c/{person.code}/").url == f"/people/{person.uuid}/"
    old = person.code
    desk.post(f"/people/{person.uuid}/card/new/")
    assert CardCode.objects.filter(ended_at=None).exclude(code=old).count() == 1
    assert desk.get(f"/c/{old}/").url == "/people/look-up/"


def test_card_is_written_in_her_language(desk, net, adviser):
    person = make_person(net.riquet, "Fanta Diallo", by=adviser)
    Person.objects.filter(pk=person.pk).update(languages="soninké, anglais")
    page = desk.get(f"/people/{person.uuid}/card/").content.decode()
    around, _article, card = page.partition('<article class="slip" lang="en"')
    assert ("Imprimer" in around, "Keep this paper" in card, "Gardez ce papier" in card) == (
        True,
        True,
        False,
    )
    [paper] = PdfReader(BytesIO(desk.get(f"/people/{person.uuid}/card.pdf").content)).pages
    assert ("Keep this paper" in paper.extract_text(), "Gardez" in paper.extract_text()) == (True, False)


def test_card_tells_a_stranger_the_same_whatever_the_code(client, net, adviser):
    person = make_person(net.riquet, "Zéphyrine Oyélaran", by=adviser)
    known, unknown = client.get(f"/c/{person.code}/"), client.get("/c/B7K4M6/")
    assert known.status_code == unknown.status_code == 200
    assert shown(known).replace(person.code, "") == shown(unknown).replace("B7K4M6", "")
    assert "Zéphyrine" not in shown(known)
    client.force_login(make_user(net.riquet, Role.VOLUNTEER))
    assert shown(client.get(f"/c/{person.code}/")).count("Zéphyrine") == 0


def test_card_of_another_site_leads_to_the_look_up(desk, net, there):
    person = make_person(net.saint_denis, "Zéphyrine Oyélaran", by=there)
    text = shown(desk.get(f"/c/{person.code}/", follow=True))
    assert "Un dossier existe peut-être à Saint-Denis" in text
    assert "Zéphyrine" not in text


# ---------- the list ----------
def test_people_lists_those_followed_here_and_exports_them(desk, net, adviser, there):
    make_person(net.riquet, "Fanta Diallo", by=adviser)
    make_person(net.saint_denis, "Zéphyrine Oyélaran", by=there)
    page = shown(desk.get("/people/"))
    assert "Fanta Diallo" in page
    assert "Zéphyrine" not in page
    export = re.search(r'href="([^"]*csv[^"]*)"', desk.get("/people/").content.decode()).group(1)
    response = desk.get("/people/" + export.replace("&amp;", "&").removeprefix("/people/"))
    text = b"".join(response.streaming_content).decode() if response.streaming else response.content.decode()
    assert "Fanta Diallo" in text
    assert "Zéphyrine" not in text
    assert Entry.objects.filter(verb="export_people").count() == 1


@pytest.mark.parametrize("url", ["/people/", "/people/look-up/"])
def test_lists_ask_as_much_for_three_as_for_one(desk, net, adviser, url, django_assert_max_num_queries):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def count():
        with CaptureQueriesContext(connection) as queries:
            assert desk.get(url).status_code == 200
        return len(queries)

    make_person(net.riquet, "Fanta Diallo", by=adviser)
    ask(desk, "fanta")
    count()
    one = count()
    make_person(net.riquet, "Fanta Sow", by=adviser)
    make_person(net.riquet, "Fanta Barry", by=adviser)
    three = count()
    # Two files that look alike add the comparison, once.
    assert three - one <= (20 if url == "/people/look-up/" else 0)
