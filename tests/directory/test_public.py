"""The panorama for anyone: what is found without an account, what is said when nothing can be, what goes in a frame."""

import json
import re
from datetime import date

import pytest
from django.urls import reverse

from bagage.directory.models import Correction, Feed, Structure
from tests.accounts.factories import Network
from tests.directory.factories import AT, make_place
from tests.permanences.factories import make_installation, make_site

pytestmark = pytest.mark.django_db
URL = "/places/"


@pytest.fixture(autouse=True)
def _set_up(now):
    make_installation(now)
    Network()


def text_of(response) -> str:
    return response.content.decode().replace("\u00a0", " ")


def names(response) -> list[str]:
    return [place.name for place, _url in response.context["shown"]]


def test_it_begins_with_a_question_and_no_list(client):
    answer = client.get(URL)
    assert answer.status_code == 200
    assert answer.context["found"] is None
    assert "Que cherchez-vous, et où" in text_of(answer)


def test_who_says_it_comes_first_and_the_others_are_told_apart(client):
    make_place("Médiathèque", north_km=0.1)
    make_place("Espace Curial", ("learn_basics",), north_km=1, cost="free")
    answer = client.get(URL, {"place": "75019", "need": "learn_basics"})
    assert names(answer) == ["Espace Curial", "Médiathèque"]
    assert answer.context["first_unsaid"] == "2"
    assert answer.context["total"] == "1 lieu dit le proposer"
    assert len(answer.context["map"]["pins"]) == 2


def test_free_words_are_read_and_their_reading_is_shown(client):
    make_place("Espace Curial", ("learn_basics",))
    answer = client.get(URL, {"q": "aprendre la souris paris 19"})
    assert names(answer) == ["Espace Curial"]
    assert "Apprendre" in answer.context["understood"]


def test_the_choices_are_those_of_the_staff_and_say_what_nobody_knows(client):
    make_place("Rien", ("learn_basics",), north_km=0.1)
    make_place("Espace Curial", ("learn_basics",), north_km=1).services.update(languages=["ar"])
    answer = client.get(URL, {"place": "75019", "need": "learn_basics", "language": ["ar", ""]})
    assert names(answer) == ["Espace Curial", "Rien"]
    page = text_of(answer)
    assert "On y parle : arabe" in page
    assert "les langues qu’on y parle" in page
    assert 'value="ar" selected' in page


def test_a_place_nobody_knows_is_no_empty_list(client):
    answer = client.get(URL, {"place": "Zzyzx"})
    assert answer.status_code == 422
    assert "On ne trouve pas « Zzyzx »" in text_of(answer)
    assert 'value="Zzyzx"' in text_of(answer)


@pytest.mark.parametrize("query", [{"need": "dance"}, {"near": "999,0"}, {"shown": "0"}, {"only": "x"}])
def test_an_address_that_asks_for_nonsense_is_told_so(client, query):
    answer = client.get(URL, query)
    assert answer.status_code == 422
    assert "Rien n’a été cherché" in text_of(answer)


def test_an_outage_is_not_nothing_found(client):
    Feed.objects.create(slug="carto", name="Carto", format="mediation", created_at=AT, failing_since=AT)
    answer = client.get(URL, {"place": "75019"})
    assert "Une source ne répond pas." in text_of(answer)


def test_more_are_shown_on_demand(client):
    for number in range(23):
        make_place(f"Lieu {number}")
    answer = client.get(URL, {"place": "75019"})
    assert len(names(answer)) == 20
    again = client.get(answer.context["more_url"])
    assert len(names(again)) == 23
    assert again.context["more_url"] == ""


def test_only_the_frame_may_stand_on_another_site(client):
    whole, framed = client.get(URL), client.get("/places/embed/", {"place": "75019"})
    assert "frame-ancestors 'none'" in whole["Content-Security-Policy"]
    assert whole["X-Frame-Options"] == "DENY"
    assert "frame-ancestors *" in framed["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed


def test_one_place_says_who_says_what(client):
    place = make_place(
        "Espace Curial",
        ("learn_basics",),
        phone="+33142000000",
        source_date=date(2026, 3, 2),
        fields_from={"kind": "name"},
        closed_until=date(2099, 8, 31),
    )
    Correction.objects.create(structure=place, field="hours", value="Mo-Fr 09:00-12:00", created_at=AT)
    answer = client.get(reverse("directory:place", args=[place.uuid]))
    page = text_of(answer)
    assert answer.context["provenance"] == [
        ("Sorte de lieu", "d’après son nom"),
        ("Horaires", "corrigé par l’équipe locale"),
    ]
    assert "Licence Ouverte 2.0" in page
    assert "Fermé jusqu’au" in page
    said = re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert said is not None
    assert json.loads(said[1])["name"] == "Espace Curial"


def test_a_name_cannot_end_the_block_that_machines_read(client):
    place = make_place("</script><script>alert(1)</script>")
    page = client.get(reverse("directory:place", args=[place.uuid])).content.decode()
    assert "<script>alert" not in page


def test_an_address_stays_when_its_source_lists_the_place_no_more(client):
    place = make_place("Espace Curial", ended_at=AT)
    other = make_place("Espace Curial bis")
    Structure.objects.filter(pk=place.pk).update(same_as=other)
    page = text_of(client.get(reverse("directory:place", args=[place.uuid])))
    assert "Sa source ne le donne plus" in page
    assert reverse("directory:place", args=[other.uuid]) in page
    assert (
        client.get(reverse("directory:place", args=["00000000-0000-0000-0000-000000000000"])).status_code
        == 404
    )


def test_points_of_reception_by_city_with_whom_to_call(client):
    site = make_site()
    answer = client.get(reverse("permanences:reception"))
    shown = [each["name"] for city in answer.context["cities"] for each in city["sites"]]
    assert site.organisation.name in shown
    assert site.address in text_of(answer)
    site.organisation.is_open = False
    site.organisation.save()
    closed = client.get(reverse("permanences:reception"))
    assert site.organisation.name not in [
        each["name"] for city in closed.context["cities"] for each in city["sites"]
    ]


def test_what_programs_may_ask_is_a_page(client):
    page = text_of(client.get("/api/"))
    assert "/api/v1/services" in page
    assert "/hsds/services" in page
    assert "avec une clé" in page
