"""The pages of the panorama: what is shown to whom, what is said when nothing can be, what goes out as a file."""

import re
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from bagage.accounts.domain.roles import Role
from bagage.accounts.models import Organisation
from bagage.directory.models import Feed, Structure
from bagage.directory.views import panorama as views
from bagage.people.services import mark_as_same
from tests.directory.factories import AT, make_place
from tests.permanences.factories import make_installation, make_person, make_site, make_user

pytestmark = pytest.mark.django_db
URL = "/panorama/"
NEAR = {"near": "48.89,2.37", "place": "Riquet"}


@pytest.fixture(autouse=True)
def _set_up(now):
    make_installation(now)


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def signed_in(client, site):
    return log_in(client, make_user(site))


def log_in(client, user):
    client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
    return client


def text_of(response) -> str:
    return response.content.decode().replace("\u00a0", " ")


def shown(response) -> list[str]:
    return [place.name for place in response.context["shown"]]


# ---------- the list ----------
def test_panorama_says_who_answers_why_and_what_is_not_known(signed_in):
    make_place(
        "ESPACE DU CANAL",
        ("use_computer_here",),
        cost="free",
        modes=["individual"],
        hours="Mo-Fr 09:00-19:00",
        north_km=0.45,
    )
    answer = signed_in.get(URL, {**NEAR, "need": "use_computer_here"})
    page = text_of(answer)
    (place,) = answer.context["shown"]
    assert (
        place.name,
        place.opening,
        place.distance.replace("\u00a0", " "),
        place.reasons,
        place.unknown,
    ) == (
        "Espace du Canal",
        "Ouvert, jusqu’à 19\u00a0h",
        "450 m, environ 8 min à pied",
        ("Utiliser un ordinateur sur place", "Gratuit", "Quelqu’un aide, une personne à la fois"),
        ("On ne sait pas : l’accès en fauteuil.",),
    )
    assert '1 lieu <span class="n">à moins de 2 km de Riquet</span>' in page
    assert "Du lundi au vendredi de 9 h à 19 h." in page
    assert "Arrêté le jeudi 26 novembre 2026 à 10 h." in page


def test_panorama_tells_apart_who_says_and_who_does_not(signed_in):
    make_place("Bibliothèque", kind="library", north_km=0.1)
    make_place("Atelier", ("get_device",), north_km=1)
    make_place("Emploi", ("find_work",), north_km=0.2)
    answer = signed_in.get(URL, {**NEAR, "need": "get_device"})
    page = text_of(answer)
    assert shown(answer) == ["Atelier", "Bibliothèque"]
    assert "1 lieu dit le proposer" in page
    assert "De 1 autre lieu, on ne sait pas ce qu’il propose : appelez avant." in page
    assert "1 autre lieu dit proposer autre chose." in page
    seen = signed_in.get(answer.context["out"][0][1])
    assert shown(seen) == ["Atelier", "Bibliothèque", "Emploi"]
    assert "Dit proposer autre chose" in text_of(seen)


def test_panorama_says_that_nobody_says_it(signed_in):
    make_place("Bibliothèque")
    page = text_of(signed_in.get(URL, {**NEAR, "need": "print_scan"} | {"need": "get_connection"}))
    assert "Aucun lieu connu ne dit le proposer" in page


def test_panorama_conditions_leave_out_and_say_how_many(signed_in):
    make_place("Fermé", ("learn_basics",), hours="Mo 09:00-12:00")
    make_place("Payant", ("learn_basics",), hours="Mo-Fr 09:00-17:00", cost="paid")
    make_place("Ouvert", ("learn_basics",), hours="Mo-Fr 09:00-17:00", cost="free")
    answer = signed_in.get(URL, {**NEAR, "need": "learn_basics", "only": ["open", "free"]})
    assert shown(answer) == ["Ouvert"]
    assert [line for line, _url in answer.context["out"]] == [
        "1 autre lieu est fermé.",
        "1 autre lieu n’est pas gratuit pour tous.",
    ]


def test_panorama_around_the_town_where_one_works(signed_in):
    make_place("Espace", latitude=48.857, longitude=2.342)
    answer = signed_in.get(URL)
    assert (answer.context["centre"].name, shown(answer)) == ("Paris", ["Espace"])


def test_panorama_around_what_is_typed_wins_over_the_point_of_a_link(signed_in):
    make_place("Ici")
    make_place("À Marseille", latitude=43.3, longitude=5.38)
    answer = signed_in.get(
        URL, {"near": "48.89,2.37", "near_of": "Riquet", "place": "Marseille", "radius": "10"}
    )
    assert (answer.context["centre"].name, shown(answer)) == ("Marseille", ["À Marseille"])
    answer = signed_in.get(URL, {"near": "48.89,2.37", "near_of": "Riquet", "place": "Riquet"})
    assert (answer.context["centre"].name, shown(answer)) == ("Riquet", ["Ici"])


def test_panorama_names_a_point_by_its_commune(signed_in):
    make_place("Ici")
    assert signed_in.get(URL, {"near": "48.887,2.385"}).context["centre"].name == "Paris 19e"


def test_panorama_without_any_place_asks_where(client):
    node = Organisation.objects.add_root(create_kwargs={"kind": "network", "name": "Sans ville"})
    user = make_user(None)
    user.memberships.create(organisation=node, role=Role.PROGRAMME_LEAD)
    make_place("Ici")
    page = text_of(log_in(client, user).get(URL))
    assert "Autour de quel endroit ?" in page
    assert "Aucun lieu" not in page


def test_panorama_a_place_that_is_not_found_is_not_an_empty_list(signed_in):
    make_place("Ici")
    answer = signed_in.get(URL, {"place": "zzzzqq"})
    page = text_of(answer)
    assert answer.status_code == 422
    assert "On ne trouve pas « zzzzqq »." in page
    assert "Rien n’a été cherché" in page
    assert 'value="zzzzqq"' in page
    assert "Aucun lieu" not in page


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"near": "ici"}, "Un point s’écrit 48.88,2.37"),
        ({"near": "99,2"}, "Un point s’écrit 48.88,2.37"),
        ({"radius": "9999"}, "Jusqu’à :"),
        ({"need": "magic"}, "Ce que l’on cherche :"),
        ({"only": "magic"}, "Conditions :"),
        ({"shown": "100000"}, "100"),
        ({"q": "x" * 101}, "Un nom, une rue :"),
    ],
)
def test_panorama_forged_addresses_are_told(signed_in, asked, said):
    make_place("Ici")
    answer = signed_in.get(URL, asked)
    page = text_of(answer)
    assert answer.status_code == 422
    assert said in page
    assert "Rien n’a été cherché" in page


def test_panorama_that_holds_nothing_says_so(signed_in):
    page = text_of(signed_in.get(URL, NEAR))
    assert "Le panorama ne contient encore aucun lieu." in page


def test_panorama_finds_nothing_here_and_offers_to_look_further(signed_in):
    make_place("Loin", north_km=300)
    answer = signed_in.get(URL, NEAR)
    assert "Aucun lieu connu ne répond à cela ici." in text_of(answer)
    assert answer.context["wider"] == 5


def test_panorama_by_name_in_the_whole_country(signed_in):
    make_place("Médiathèque André-Malraux", north_km=300)
    make_place("Ici")
    answer = signed_in.get(URL, {"place": "", "q": "andre malraux"})
    assert (shown(answer), answer.context["plan"]) == (["Médiathèque André-Malraux"], None)
    assert "en France" in text_of(answer)


def test_panorama_shows_more_when_asked(signed_in):
    for _number in range(14):
        make_place()
    answer = signed_in.get(URL, NEAR)
    assert (len(shown(answer)), answer.context["more"]) == (12, 2)
    assert len(shown(signed_in.get(answer.context["more_url"]))) == 14


def test_panorama_names_cannot_run(signed_in):
    make_place("<script>alert(1)</script>", phone='"><b>')
    page = text_of(signed_in.get(URL, {**NEAR, "place": "<b>x</b>", "near_of": "<b>x</b>"}))
    assert "<script>alert" not in page
    assert "<b>x</b>" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_panorama_takes_the_same_queries_whatever_is_found(signed_in, count):
    for _number in range(count):
        make_place("", ("learn_basics",))
    signed_in.get(URL, NEAR)
    with CaptureQueriesContext(connection) as queries:
        assert len(shown(signed_in.get(URL, NEAR))) == count
    ours = [query["sql"] for query in queries if "directory_" in query["sql"]]
    assert len(ours) == 4


def test_panorama_htmx_gets_the_list_that_a_reload_shows(signed_in, htmx_client, site):
    make_place("Ici", ("learn_basics",))
    whole = text_of(signed_in.get(URL, {**NEAR, "need": "learn_basics"}))
    part = text_of(log_in(htmx_client, make_user(site)).get(URL, {**NEAR, "need": "learn_basics"})).strip()
    swapped, aside, said = part.partition('<p id="found-say" hx-swap-oob="innerHTML">')
    assert swapped.startswith('<div id="found"')
    assert swapped in whole
    assert (aside != "", said.startswith("1 lieu à moins de 2 km de Riquet</p>")) == (True, True)
    assert "hx-swap-oob" not in whole


def test_panorama_takes_any_need_from_a_link(signed_in):
    make_place("Ici", ("find_work",))
    answer = signed_in.get(URL, {**NEAR, "need": "find_work"})
    assert (shown(answer), answer.context["has_other"], answer.context["form"].conditions) == (
        ["Ici"],
        True,
        1,
    )
    assert 'name="other" value="find_work" checked' in text_of(answer)
    assert shown(signed_in.get(URL, {**NEAR, "need": "unknown"})) == ["Ici"]


def test_panorama_for_a_file_that_was_marked_as_another_names_the_whole_person(signed_in, site):
    mariam, other = make_person(site, "Mariam", family_name="Traoré"), make_person(site, "Mariame")
    mark_as_same(mariam, other, by=make_user(site))
    make_place("Ici")
    assert "Mariam Traoré" in text_of(signed_in.get(URL, {**NEAR, "person": other.uuid}))


# ---------- for someone ----------
def test_panorama_for_a_person_offers_to_refer_her(signed_in, site, monkeypatch):
    mariam = make_person(site, "Mariam", family_name="Traoré")
    place = make_place("Atelier", ("get_device",))
    monkeypatch.setattr(
        views, "_address", lambda name, *args: f"/{name}/{args[0]}/" if name == "referrals:onward_new" else ""
    )
    answer = signed_in.get(URL, {**NEAR, "need": "get_device", "person": mariam.uuid})
    page = text_of(answer)
    assert "Mariam Traoré" in page
    assert f'href="/referrals:onward_new/{mariam.uuid}/?structure={place.uuid}&amp;need=get_device"' in page
    assert f"/panorama/{place.uuid}/?person={mariam.uuid}" in page


def test_panorama_without_the_page_of_referring_offers_nothing(signed_in, site, monkeypatch):
    mariam = make_person(site, "Mariam")
    make_place("Atelier")
    monkeypatch.setattr(views, "_address", lambda name, *args: "")
    assert signed_in.get(URL, {**NEAR, "person": mariam.uuid}).context["shown"][0].onward == ""


def test_panorama_for_a_person_of_another_site_is_not_found(signed_in):
    stranger = make_person(make_site("Permanence Ailleurs"), "Zéphyrine")
    make_place("Ici")
    for person in (stranger.uuid, uuid4(), "x"):
        answer = signed_in.get(URL, {**NEAR, "person": person})
        assert answer.status_code == 404
        assert "Zéphyrine" not in text_of(answer)


# ---------- as a file ----------
def test_panorama_as_csv_says_what_is_not_known(signed_in):
    make_place("=1+1", ("learn_basics",), cost="free", kind="library", phone="+33140000000", north_km=0.5)
    answer = signed_in.get(URL, {**NEAR, "export": "csv"})
    lines = b"".join(answer.streaming_content).decode().splitlines()
    head, row = (line.lstrip("\ufeff").split(";") for line in lines)
    told = dict(zip(head, row, strict=True))
    assert (told["Nom"], told["Sorte de lieu"], told["Distance en mètres"]) == (
        "'=1+1",
        "Bibliothèque",
        "500",
    )
    assert (told["Ce qu’on y propose"], told["Prix"], told["Horaires"]) == (
        "Apprendre",
        "Gratuit",
        "on ne sait pas",
    )
    assert (told["Source"], told["Licence"]) == (
        "Lieux de médiation numérique\u00a0: essai",
        "Licence Ouverte 2.0",
    )


def test_panorama_as_xlsx_holds_all_and_says_with_which_filters(signed_in, tmp_path):
    for _number in range(15):
        make_place("", ("learn_basics",))
    answer = signed_in.get(URL, {**NEAR, "need": "learn_basics", "export": "xlsx"})
    file = tmp_path / "list.xlsx"
    file.write_bytes(b"".join(answer.streaming_content))
    book = load_workbook(file)
    assert book.worksheets[0].max_row == 16
    about = {row[0].value: row[1].value for row in book.worksheets[1].iter_rows()}
    assert about["Filtres"] == "à moins de 2 km de Riquet, Apprendre"


# ---------- one place ----------
def test_structure_shows_what_is_known_and_who_says_it(signed_in):
    place = make_place(
        "Espace Essai",
        ("use_computer_here", "unknown"),
        kind="library",
        fields_from={"kind": "name"},
        website="https://essai.example.org/",
        source_date="2022-06-16",
        labels=["France Services"],
    )
    page = text_of(signed_in.get(reverse("directory:structure", args=[place.uuid])))
    for said in (
        "Espace Essai",
        "(d’après son nom)",
        "Utiliser un ordinateur sur place",
        "https://essai.example.org/",
        "Lieux de médiation numérique : essai",
        "Licence Ouverte 2.0",
        "jeudi 16 juin 2022",
        "Labels et programmes : France Services",
        "on ne sait pas, appeler avant",
    ):
        assert said in page


def test_structure_of_which_nothing_is_said(signed_in):
    place = make_place("Bibliothèque", kind="library", weekly_hours=20.0)
    page = text_of(signed_in.get(reverse("directory:structure", args=[place.uuid])))
    assert "On ne sait pas ce qu’on y propose." in page
    assert "Ouvre 20 h par semaine, on ne sait pas quand." in page


def test_structure_names_the_other_rows_of_the_same_place(signed_in):
    place = make_place("Emmaüs")
    other = make_place("EMMAUS", ("get_device",), source="libraries", hours="Mo-Fr 09:00-19:00")
    page = text_of(signed_in.get(reverse("directory:structure", args=[place.uuid])))
    assert reverse("directory:structure", args=[other.uuid]) in page
    assert "Ouvert, jusqu’à 19 h" in page
    assert "Obtenir un appareil" in page


def test_structure_that_ended_warns_and_offers_no_referral(signed_in, site, now, monkeypatch):
    mariam = make_person(site, "Mariam")
    place = make_place("Fini", ended_at=now)
    monkeypatch.setattr(views, "_address", lambda name, *args: "/onward/")
    page = text_of(signed_in.get(reverse("directory:structure", args=[place.uuid]), {"person": mariam.uuid}))
    assert "Sa source ne le donne plus depuis le jeudi 26 novembre 2026." in page
    assert "Orienter" not in re.sub(r"(?s)<nav.*?</nav>", "", page)


def test_structure_unknown_is_not_found(signed_in):
    assert signed_in.get(reverse("directory:structure", args=[uuid4()])).status_code == 404


def test_structure_page_takes_the_same_queries_whatever_it_gives(signed_in):
    one = make_place("Un", ("learn_basics",))
    three = make_place("Trois", ("learn_basics", "get_device", "find_work"))
    counts = []
    for place in (one, one, three):
        with CaptureQueriesContext(connection) as queries:
            signed_in.get(reverse("directory:structure", args=[place.uuid]))
        counts.append(len([query for query in queries if "directory_" in query["sql"]]))
    assert counts == [4, 4, 4]


@pytest.mark.parametrize("role", [Role.LOGISTICS])
def test_panorama_is_not_for_who_neither_welcomes_nor_refers(client, site, role):
    place: Structure = make_place("Ici")
    log_in(client, make_user(site, role))
    assert client.get(URL).status_code == 403
    assert client.get(reverse("directory:structure", args=[place.uuid])).status_code == 403


def test_a_source_that_does_not_answer_is_said_beside_the_list(signed_in):
    make_place("Espace")
    Feed.objects.create(slug="carto", name="Carto", format="mediation", created_at=AT, failing_since=AT)
    assert "Une source ne répond pas." in text_of(signed_in.get(URL, NEAR))
    Feed.objects.update(failing_since=None)
    assert "Une source ne répond pas." not in text_of(signed_in.get(URL, NEAR))
