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
from bagage.directory import queries
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
        ({"text": "x" * 201}, "Avec vos mots :"),
        ({"language": "klingon"}, "On y parle :"),
        ({"public": "magic"}, "Pour qui :"),
        ({"access": "closed_to_public"}, "Pour venir :"),
        ({"care": "magic"}, "On y sait accueillir :"),
        ({"day": "Xx"}, "Jour :"),
        ({"day": "Th", "hour": "25:00"}, "Heure :"),
        ({"day": "Th", "only": "open"}, "Choisissez un jour, ou « Ouvert maintenant »"),
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
    assert (shown(answer), answer.context["form"].folded) == (["Ici"], ("find_work",))
    assert 'name="other" value="find_work" checked' in text_of(answer)
    assert shown(signed_in.get(URL, {**NEAR, "need": "unknown"})) == ["Ici"]


def test_panorama_for_a_file_that_was_marked_as_another_names_the_whole_person(signed_in, site):
    mariam, other = make_person(site, "Mariam", family_name="Traoré"), make_person(site, "Mariame")
    mark_as_same(mariam, other, by=make_user(site))
    make_place("Ici")
    assert "Mariam Traoré" in text_of(signed_in.get(URL, {**NEAR, "person": other.uuid}))


# ---------- free words and the choices that are folded away ----------
def test_panorama_reads_free_words_misspelt_and_says_how(signed_in):
    make_place("Médiathèque")
    make_place("Espace du Canal", ("learn_basics",), hours="Th 09:00-18:00")
    make_place("Le lundi", ("learn_basics",), hours="Mo 09:00-18:00")
    answer = signed_in.get(URL, {**NEAR, "text": "aprendre la souri jeudi apres midi"})
    assert shown(answer) == ["Espace du Canal", "Médiathèque"]
    assert answer.context["understood"].replace("\u00a0", " ") == "Apprendre, jeudi de 13 h 30 à 18 h"
    page = text_of(answer)
    assert "Lu ainsi : Apprendre, jeudi de 13 h 30 à 18 h" in page
    assert "1 lieu dit le proposer" in page
    assert 'value="aprendre la souri jeudi apres midi"' in page


def test_panorama_finds_a_name_by_free_words_with_a_slip(signed_in):
    make_place("Emmaüs Connect", ("get_device",))
    make_place("Bibliothèque Riquet")
    found = signed_in.get(URL, {**NEAR, "text": "emaus connect"})
    assert (shown(found), found.context["understood"]) == (
        ["Emmaüs Connect"],
        "«\u00a0emaus connect\u00a0»",
    )
    unfound = signed_in.get(URL, {**NEAR, "text": "zyxwv"}).context["understood"].replace("\u00a0", " ")
    assert unfound == "« zyxwv » : pas trouvé tel quel"


def test_panorama_a_town_in_free_words_holds_over_one_that_nobody_typed(signed_in):
    make_place("Ici", ("learn_basics",))
    make_place("À Marseille", ("learn_basics",), latitude=43.3, longitude=5.38, commune_code="13201")
    usual = signed_in.get(URL)
    assert 'name="usual" value="Paris"' in text_of(usual)
    asked = {"place": "Paris", "usual": "Paris", "text": "apprendre Marseille", "radius": "10"}
    for where in (asked, {**NEAR, "near_of": "Riquet", "text": "apprendre Marseille", "radius": "10"}):
        answer = signed_in.get(URL, where)
        assert (answer.context["centre"].name, shown(answer)) == ("Marseille", ["À Marseille"])
        assert answer.context["understood"] == "Apprendre, Marseille"
    typed = signed_in.get(URL, {**asked, "usual": "", "place": "Paris"})
    assert (typed.context["centre"].name, shown(typed)) == ("Paris", ["Ici"])
    assert typed.context["understood"] == "Apprendre"


def test_panorama_without_any_town_looks_in_the_departement_that_is_written(signed_in):
    make_place("Loin", ("learn_basics",), north_km=300, commune_code="38185")
    make_place("Ici", ("learn_basics",))
    answer = signed_in.get(URL, {"text": "apprendre isère"})
    assert (shown(answer), answer.context["plan"]) == (["Loin"], None)
    assert "dans le département 38" in text_of(answer)


@pytest.mark.parametrize(
    ("asked", "field", "says", "other", "reason", "instead", "unknown"),
    [
        ("language", "languages", "ar", "en", "On y parle : arabe", "On y parle : anglais", "les langues"),
        (
            "public",
            "publics",
            "seniors",
            "young",
            "Pour qui : personnes âgées",
            "Pour qui : jeunes",
            "pour qui",
        ),
        (
            "access",
            "access",
            "call",
            "come",
            "Pour venir : téléphoner",
            "Pour venir : se présenter",
            "comment y",
        ),
        (
            "care",
            "care",
            "deaf",
            "sight",
            "On y sait accueillir : surdité",
            "difficultés à voir",
            "qui l’on y sait",
        ),
    ],
)
def test_panorama_choices_put_first_who_says_it_and_hide_nobody(
    signed_in, asked, field, says, other, reason, instead, unknown
):
    for name, said in (("Autre", [other]), ("Rien", []), ("Oui", [says])):
        make_place(name, ("learn_basics",)).services.update(**{field: said})
    answer = signed_in.get(URL, {**NEAR, "need": "learn_basics", asked: says})
    first, second, third = answer.context["shown"]
    assert [first.name, second.name, third.name] == ["Oui", "Rien", "Autre"]
    assert reason in [line.replace("\u00a0", " ") for line in first.reasons]
    assert unknown in " ".join(second.unknown)
    assert instead in " ".join(third.unknown).replace("\u00a0", " ")
    assert unknown not in " ".join(third.unknown)
    page = text_of(answer)
    assert '<details class="more-choices" open>' in page
    assert "Plus de choix, 1 actif<" in page
    assert f'value="{says}" {"selected" if asked == "language" else "checked"}>' in page


def test_panorama_choices_are_folded_until_one_is_on(signed_in):
    make_place("Ici")
    page = text_of(signed_in.get(URL, {**NEAR, "only": "open", "language": "", "need": "learn_basics"}))
    assert '<details class="more-choices"><summary>' in page
    assert ">Plus de choix<" in page


def test_panorama_a_place_for_everyone_is_for_any_public(signed_in):
    make_place("Pour tous", ("learn_basics",)).services.update(publics=["everyone"])
    make_place("Autre", ("learn_basics",), north_km=-0.1).services.update(publics=["women"])
    answer = signed_in.get(URL, {**NEAR, "need": "learn_basics", "public": "young"})
    assert shown(answer) == ["Pour tous", "Autre"]
    assert "Pour qui : tout le monde" in text_of(answer)


def test_panorama_on_a_day_at_an_hour_says_whether_it_is_open_then(signed_in):
    make_place("Le mardi", ("learn_basics",), hours="Tu 14:00-18:00")
    make_place("Le lundi", ("learn_basics",), hours="Mo 09:00-18:00")
    make_place("On ne sait pas", ("learn_basics",))
    answer = signed_in.get(URL, {**NEAR, "need": "learn_basics", "day": "Tu", "hour": "15:00"})
    assert shown(answer) == ["Le mardi", "On ne sait pas"]
    page = text_of(answer)
    assert "Mardi 1er décembre à 15 h : ouvert, jusqu’à 18 h" in page
    assert "1 autre lieu est fermé." in page
    assert 'value="Tu" selected' in page
    assert 'value="15:00" selected' in page
    # An hour alone asks for nothing: it always stands beside the day.
    assert len(shown(signed_in.get(URL, {**NEAR, "hour": "15:00"}))) == 3


def test_panorama_on_a_whole_day_says_from_when_it_is_open(signed_in):
    make_place("Ici", ("learn_basics",), hours="Tu 14:00-18:00")
    page = text_of(signed_in.get(URL, {**NEAR, "text": "apprendre mardi"}))
    assert "Mardi 1er décembre à 14 h : ouvert, jusqu’à 18 h" in page


def test_panorama_choices_stand_in_the_file_that_is_taken_away(signed_in, tmp_path):
    make_place("Ici", ("learn_basics",))
    asked = {"text": "apprendre", "language": ["ar", "ta"], "day": "Tu", "hour": "15:00"}
    answer = signed_in.get(URL, {**NEAR, **asked, "export": "xlsx"})
    file = tmp_path / "list.xlsx"
    file.write_bytes(b"".join(answer.streaming_content))
    about = {row[0].value: row[1].value for row in load_workbook(file).worksheets[1].iter_rows()}
    assert about["Filtres"].replace("\u00a0", " ") == (
        "à moins de 2 km de Riquet, ouvert le mardi à 15 h, On y parle : arabe et tamoul, « apprendre »"
    )


@pytest.mark.parametrize("count", [1, 3])
def test_panorama_asks_once_how_all_places_answer(signed_in, site, monkeypatch, count):
    asked = []

    def answering(places):
        asked.append(places)
        return [f"Répond à {number}" for number, _rows in enumerate(places, start=1)]

    monkeypatch.setattr(queries, "ANSWERING", [answering])
    for number in range(count):
        make_place("", north_km=0.1 * number)
    answer = signed_in.get(URL, {**NEAR, "person": make_person(site, "Mariam").uuid})
    assert [place.answering for place in answer.context["shown"]] == [
        f"Répond à {number}" for number in range(1, count + 1)
    ]
    assert [len(places) for places in asked] == [count]
    assert f"Répond à {count}" in text_of(answer)


def test_panorama_alone_says_nothing_of_how_places_answer(signed_in, monkeypatch):
    monkeypatch.setattr(queries, "ANSWERING", [])
    make_place("Ici")
    assert [place.answering for place in signed_in.get(URL, NEAR).context["shown"]] == [""]


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


def test_panorama_does_not_send_her_on_to_where_she_is_followed(signed_in, site, monkeypatch):
    mariam = make_person(site, "Mariam")
    monkeypatch.setattr(views, "_address", lambda name, *args: f"/{name}/" if "onward" in name else "")
    ours = make_place("Ici", ("get_device",))
    other = make_place("Ailleurs", ("get_device",))
    for place, node in ((ours, site.organisation), (other, make_site("Permanence Rivage").organisation)):
        place.source, place.source_id = "bagage", str(node.uuid)
        place.save()
    question = {**NEAR, "need": "get_device", "person": mariam.uuid}
    shown = signed_in.get(URL, question).context["shown"]
    assert {place.name: bool(place.onward) for place in shown} == {"Ici": False, "Ailleurs": True}
    page = signed_in.get(f"/panorama/{ours.uuid}/", {"person": mariam.uuid})
    assert page.context["shown"].onward == ""


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
