"""The list of files that are alike, who lives with whom, and a lost card: screens."""

import re

import pytest

from bagage.accounts.domain.roles import Role
from bagage.people import services
from bagage.people.models import CardCode, HouseholdMember, Merge, NotTheSame, Person
from bagage.people.queries.households import lives_with
from bagage.permanences.models import Site
from bagage.trail.models import Entry
from tests.people.factories import make_network, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def net(now):
    network = make_network()
    for node in (network.riquet, network.saint_denis):
        Site.objects.create(organisation=node, address="14 rue Riquet", city="Paris", phone="+33199001234")
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


@pytest.fixture
def her(net, adviser):
    return make_person(
        net.riquet, "Fatoumata Diarra", by=adviser, grammar="she", birth_year=1985, phone="+33639984127"
    )


def shown(response):
    """What a reader sees: no tags, no doubled spaces."""
    text = re.sub(r"<(script|style).*?</\1>", " ", response.content.decode(), flags=re.S)
    return " ".join(re.sub(r"<[^>]+>", " ", text).replace("\xa0", " ").split())


def shown_text(html):
    return re.sub(r"<[^>]+>", "", html).strip()


# ---------- files that are alike ----------
def test_duplicates_are_looked_for_listed_and_compared(desk, net, adviser, her):
    other = make_person(net.riquet, "Diarra Fatou", by=adviser, phone="+33639984127")
    make_person(net.riquet, "Moussa Camara", by=adviser, phone="+33639984127")
    assert "Aucun dossier n’attend votre réponse." in shown(desk.get("/people/alike/"))
    page = desk.post("/people/alike/", follow=True)
    assert "3 dossiers comparés. Tous les dossiers ont été comparés." in shown(page)
    assert "même téléphone" in shown(page)
    assert "Moussa" not in shown(page)
    url = f"/people/{her.uuid}/same/{other.uuid}/"
    assert f"{url}?back=duplicates" in page.content.decode()
    assert "Réunir les deux" in shown(desk.get(f"{url}?back=duplicates"))
    assert Merge.objects.count() == 0
    desk.post(url, {"do": "merge", "why": "même téléphone", "back": "duplicates"})
    assert (Merge.objects.count(), "Diarra Fatou" in shown(desk.get("/people/alike/"))) == (1, False)


def test_two_persons_of_the_list_are_not_proposed_again_and_one_goes_on_in_the_list(desk, net, adviser, her):
    other = make_person(net.riquet, "Diarra Fatou", by=adviser, phone="+33639984127")
    services.search_alike()
    answer = desk.post(f"/people/{her.uuid}/same/{other.uuid}/", {"do": "apart", "back": "duplicates"})
    assert (answer.status_code, answer.url) == (302, "/people/alike/")
    assert NotTheSame.objects.count() == 1
    assert "Diarra Fatou" not in shown(desk.get("/people/alike/"))


def test_preview_tells_cards_phones_and_places_side_by_side(desk, net, adviser, her):
    other = make_person(net.riquet, "Fatoumata Diarra", by=adviser, phone="+33639989999", where="Saint-Denis")
    page = shown(desk.get(f"/people/{her.uuid}/same/{other.uuid}/"))
    code, its = (f"{each.code[:3]} {each.code[3:]}" for each in (her, other))
    for part in (
        f"Carte {code} {its} {code} et {its}",
        "Téléphone 06 39 98 41 27 06 39 98 99 99 06 39 98 41 27, 06 39 98 99 99",
        "Où elle vit on ne sait pas Saint-Denis Saint-Denis",
    ):
        assert part in page


def test_look_up_says_which_words_it_took_for_a_place(desk, net, adviser):
    make_person(net.riquet, "Fatoumata Diarra", by=adviser, where="Saint-Denis, foyer")
    page = desk.post("/people/look-up/", {"q": "fatou Saint-Denis"}, follow=True)
    assert "Compris ainsi : fatou Saint-Denis" in shown(page)
    chips = re.findall(r'<span class="chip">.*?</span>', page.content.decode(), flags=re.S)
    assert [shown_text(chip) for chip in chips] == ["fatou", "Saint-Denis"]


def test_duplicates_of_another_site_are_not_listed(client, desk, net, adviser, there, her):
    other = make_person(net.saint_denis, "Fatouma Diarra", by=there, birth_year=1985, phone="+33639984127")
    services.search_alike()
    assert "Fatouma" not in shown(desk.get("/people/alike/"))
    lead = make_user(net.root, Role.PROGRAMME_LEAD)
    client.force_login(lead)
    assert "Fatouma Diarra" in shown(client.get("/people/alike/"))
    assert "Fatouma Diarra" not in shown(client.get(f"/people/alike/?site={net.riquet.uuid}"))
    assert client.get(f"/people/{her.uuid}/same/{other.uuid}/").status_code == 200


def test_duplicates_ask_as_much_for_three_as_for_one(desk, net, adviser, django_assert_num_queries):
    def add(name):
        for _ in range(2):
            make_person(net.riquet, name, by=adviser, birth_year=1985, phone="+33639984127")
        services.search_alike()

    add("Zéphyrine Oyélaran")
    desk.get("/people/alike/")
    with django_assert_num_queries(15):
        desk.get("/people/alike/")
    add("Oksana Moroz")
    add("Murugan Sivakumar")
    desk.get("/people/alike/")
    with django_assert_num_queries(15):
        desk.get("/people/alike/")


def test_merge_write_in_both_and_separate_loses_nothing(desk, net, adviser, her):
    other = make_person(net.riquet, "Diarra Fatou", by=adviser, phone="+33639984127")
    desk.post(f"/people/{her.uuid}/same/{other.uuid}/", {"do": "merge"})
    desk.post(f"/people/{her.uuid}/identity/name/", {"text": "Фатума", "kind": "spelling"})
    services.add_name(other, "Fatim", by=adviser)
    page = shown(desk.get(f"/people/{her.uuid}/identity/"))
    assert ("Фатума" in page, "Fatim" in page) == (True, True)
    desk.post(f"/people/{her.uuid}/same/", {"merge": str(Merge.objects.get().uuid)})
    mine, its = (shown(desk.get(f"/people/{each.uuid}/identity/")) for each in (her, other))
    assert ("Фатума" in mine, "Fatim" in mine, "Фатума" in its, "Fatim" in its) == (True, False, False, True)


# ---------- who lives with whom ----------
def test_household_by_look_up_and_by_the_same_phone(desk, net, adviser, her):
    husband = make_person(net.riquet, "Moussa Camara", by=adviser, phone="+33639984127")
    url = f"/people/{her.uuid}/household/"
    page = shown(desk.get(url))
    assert ("Jointes au même téléphone" in page, "Moussa Camara" in page) == (True, True)
    assert "Moussa Camara" in shown(desk.post(url, {"q": "musa kamara"}))
    done = desk.post(url, {"do": "join", "other": str(husband.uuid), "kind": "adult"}, follow=True)
    assert "Noté : Moussa vit avec elle." in shown(done)
    assert "Jointes au même téléphone" not in shown(done)
    assert "Moussa Camara" in shown(desk.get(f"/people/{her.uuid}/identity/"))
    member = HouseholdMember.objects.get(person=husband)
    desk.post(url, {"do": "leave", "member": str(member.uuid)})
    assert lives_with(her) == []


def test_household_is_told_where_an_appointment_is_given(desk, net, adviser, there, her):
    child = make_person(net.riquet, "Awa Diarra", by=adviser)
    elsewhere = make_person(net.saint_denis, "Zéphyrine Oyélaran", by=there)
    url = f"/today/appointments/new/?person={her.uuid}"
    assert "Vit avec elle" not in shown(desk.get(url))
    services.say_they_live_together(her, child, kind="child", by=adviser)
    services.say_they_live_together(her, elsewhere, by=make_user(net.root, Role.PROGRAMME_LEAD))
    page = shown(desk.get(url))
    assert "Dans le même foyer : Awa Diarra (enfant). Un même rendez-vous peut être pour plusieurs." in page
    assert "Zéphyrine" not in page


def test_household_opens_a_file_for_a_child_once(desk, net, her):
    url = f"/people/{her.uuid}/household/"
    assert "Un prénom ou un surnom suffit." in shown(desk.post(url, {"do": "child", "key": "one"}))
    for _ in range(2):
        desk.post(url, {"do": "child", "chosen_name": "Awa", "birth": "9 ans", "key": "one"})
    (member,) = lives_with(her)
    assert (member.person.chosen_name, member.person.is_birth_year_about, member.kind) == (
        "Awa",
        True,
        "child",
    )
    assert Person.objects.count() == 2


def test_household_shows_no_name_of_a_file_followed_elsewhere(client, desk, net, adviser, there, her):
    other = make_person(net.saint_denis, "Zéphyrine Oyélaran", by=there)
    services.say_they_live_together(her, other, by=make_user(net.root, Role.PROGRAMME_LEAD))
    for page in (f"/people/{her.uuid}/household/", f"/people/{her.uuid}/identity/"):
        text = shown(desk.get(page))
        assert ("Zéphyrine" in text, "Quelqu’un qu’une autre permanence suit" in text) == (False, True)
    url = f"/people/{her.uuid}/household/"
    desk.post(url, {"do": "leave", "member": str(HouseholdMember.objects.get(person=other).uuid)})
    assert len(lives_with(her)) == 1
    assert desk.post(url, {"do": "join", "other": str(other.uuid), "kind": "adult"}).status_code == 404
    client.force_login(there)
    assert client.get(url).status_code == 404


# ---------- a lost card ----------
def test_lost_card_says_how_sure_and_makes_a_new_one(desk, net, adviser, her):
    make_person(net.riquet, "Fatoumata Diarra", by=adviser, birth_year=1962)
    old = her.code
    page = shown(
        desk.post("/people/card-lost/", {"name": "fatouma diara", "birth": "1985", "phone": "0639984127"})
    )
    assert "3 réponses sur 3 s’accordent." in page
    assert "Très probable" in page
    desk.post(f"/people/{her.uuid}/card/new/", {"found_by": ["name", "birth", "phone", "forged"]})
    her.refresh_from_db()
    assert (her.code == old, CardCode.objects.get(code=old).ended_at is None) == (False, False)
    entry = Entry.objects.get(verb="replace_card")
    assert entry.fields == "code,found_by_name,found_by_birth,found_by_phone"
    assert Entry.objects.filter(verb="look_up").count() == 1


@pytest.mark.parametrize(
    "data", [{}, {"name": "Fatoumata"}, {"birth": "1985", "where": "Paris"}, {"phone": "0639984127"}]
)
def test_lost_card_asks_two_things_and_keeps_what_was_typed(desk, her, data):
    response = desk.post("/people/card-lost/", data)
    assert "Il faut deux réponses, dont son nom ou son téléphone" in shown(response)
    assert "refaire sa carte" not in shown(response)
    for value in data.values():
        assert value in response.content.decode().replace(" ", "") or value in response.content.decode()


def test_lost_card_with_one_answer_that_agrees_makes_none(desk, net, adviser, her):
    page = shown(desk.post("/people/card-lost/", {"name": "fatouma diara", "birth": "1962"}))
    assert ("Demandez-lui autre chose" in page, "refaire sa carte" in page) == (True, False)


def test_lost_card_of_another_site_shows_no_fact_and_is_limited(desk, net, there):
    make_person(net.saint_denis, "Zéphyrine Oyélaran", by=there, birth_year=1985, languages="yoruba")
    page = shown(desk.post("/people/card-lost/", {"name": "zefirine oyelaran", "birth": "1985"}))
    assert "Un dossier existe peut-être à Saint-Denis" in page
    assert ("Zéphyrine" in page, "yoruba" in page) == (False, False)
    answers = [
        desk.post("/people/card-lost/", {"name": "zefirine", "birth": str(year)}).status_code
        for year in range(1950, 1985)
    ]
    assert (answers[0], answers[-1]) == (200, 429)
