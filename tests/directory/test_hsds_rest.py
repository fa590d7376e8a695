"""The read interface of HSDS 3: its objects pass the official schemas, its pages are its own, its filters filter."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.urls import reverse
from jsonschema import Draft202012Validator, FormatChecker

from bagage.common.ratelimit import PUBLIC
from bagage.directory.domain.standards import hsds
from bagage.directory.models import Service
from tests.accounts.factories import Network
from tests.directory.factories import AT, HERE, make_place

pytestmark = pytest.mark.django_db
DATA = Path(__file__).parent / "data"


def schema(name: str) -> Draft202012Validator:
    """The official schema, compiled."""
    return Draft202012Validator(
        json.loads((DATA / f"hsds_{name}.json").read_text()), format_checker=FormatChecker()
    )


@pytest.fixture(autouse=True)
def _set_up():
    Network()
    PUBLIC.forget()


@pytest.fixture
def anyone() -> Client:
    """Nobody in particular."""
    return Client()


@pytest.fixture
def place():
    found = make_place(
        "Espace Curial",
        ("learn_basics", "use_computer_here"),
        cost="free",
        modes=["workshop"],
        phone="+33142000000",
        hours="Mo-Fr 09:00-12:00; Tu 14:00-18:00",
        pivot="12345678901234",
        accessibility="https://acceslibre.beta.gouv.fr/app/x/",
    )
    Service.objects.filter(structure=found).update(publics=["young"], languages=["fr", "ar"])
    return found


def get(client, name, query=None, **kwargs):
    return client.get(reverse(f"hsds:{name}", kwargs=kwargs), query or {})


def test_root_says_its_version_and_where_it_is_described(anyone):
    body = get(anyone, "root").json()
    assert body["version"] == "3.0"
    assert body["openapi_url"] == "http://testserver/hsds/openapi.json"
    assert anyone.get(body["openapi_url"]).json()["info"]["title"] == "Bagage, HSDS 3"


def test_objects_pass_the_official_schemas(anyone, place):
    service = place.services.get(need="learn_basics")
    whole = get(anyone, "service", uuid=service.uuid).json()
    assert list(schema("service").iter_errors(whole)) == []
    assert whole["organization"]["name"] == "Espace Curial"
    assert [
        term["value"]
        for term in whole["attributes"]
        if term["taxonomy_term"]["taxonomy_id"] == hsds.taxonomy_id("needs")
    ] == ["learn_basics"]
    organization = get(anyone, "organization", {"full_service": "true"}, uuid=place.uuid).json()
    assert list(schema("organization").iter_errors(organization)) == []
    assert [row["identifier"] for row in organization["organization_identifiers"]] == [
        "12345678901234",
        place.source_id,
    ]
    at = get(anyone, "service_at_location", uuid=service.uuid).json()
    assert list(schema("service_at_location").iter_errors(at)) == []
    rules = {(row["byday"], row["opens_at"], row["closes_at"]) for row in at["location"]["schedules"]}
    assert rules == {("MO,WE,TH,FR", "09:00", "12:00"), ("TU", "14:00", "18:00")}


def test_pages_are_numbered_and_a_page_beyond_is_empty(anyone):
    for number in range(5):
        make_place(f"Lieu {number}", ("learn_basics",))
    first = get(anyone, "services", {"per_page": "2"}).json()
    assert (first["total_items"], first["total_pages"], first["page_number"], first["size"]) == (5, 3, 1, 2)
    assert (first["first_page"], first["last_page"], first["empty"]) == (True, False, False)
    last = get(anyone, "services", {"per_page": "2", "page": "3"}).json()
    assert (last["last_page"], last["size"]) == (True, 1)
    beyond = get(anyone, "services", {"per_page": "2", "page": "9"}).json()
    assert (beyond["empty"], beyond["contents"], beyond["total_items"]) == (True, [], 5)


def test_services_are_found_by_term_taxonomy_organization_date_words_and_place(anyone, place):
    make_place("Emmaüs", ("get_device",), north_km=30, changed_at=AT + timedelta(days=2), postcode="95000")

    def names(**query: str) -> list[str]:
        body = get(anyone, "service_at_locations", query).json()
        return sorted({each["location"]["name"] for each in body["contents"]})

    assert names(taxonomy_term_id=hsds.term_id("needs", "get_device")) == ["Emmaüs"]
    assert names(taxonomy_term_id=hsds.term_id("publics", "young")) == ["Espace Curial"]
    assert names(taxonomy_term_id=hsds.term_id("publics", "seniors")) == []
    assert names(taxonomy_id=hsds.taxonomy_id("costs")) == ["Espace Curial"]
    assert names(organization_id=str(place.uuid)) == ["Espace Curial"]
    assert names(modified_after=(AT + timedelta(days=1)).isoformat()) == ["Emmaüs"]
    assert names(search="curial") == ["Espace Curial"]
    assert names(postcode="95000") == ["Emmaüs"]
    assert names(proximity=f"{HERE[0]},{HERE[1]},5") == ["Espace Curial"]


def test_taxonomies_and_their_terms(anyone):
    known = get(anyone, "taxonomies").json()["contents"]
    assert [each["id"] for each in known] == [hsds.taxonomy_id(name) for name in hsds.TAXONOMIES]
    terms = get(anyone, "taxonomy_terms", {"taxonomy_id": hsds.taxonomy_id("access")}).json()["contents"]
    assert {term["code"] for term in terms} == {
        "come",
        "call",
        "mail",
        "book",
        "closed_to_public",
        "prescribe",
    }
    one = get(anyone, "taxonomy_term", uuid=terms[0]["id"]).json()
    assert one == terms[0]
    assert get(anyone, "taxonomy", uuid=known[0]["id"]).json() == known[0]


@pytest.mark.parametrize(
    "name", ["service", "organization", "service_at_location", "taxonomy", "taxonomy_term"]
)
def test_what_does_not_exist_is_said_in_a_problem_document(anyone, name):
    answer = get(anyone, name, uuid="00000000-0000-0000-0000-000000000000")
    assert (answer.status_code, answer["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize(
    "query",
    [
        {"page": "0"},
        {"per_page": "1000"},
        {"taxonomy_id": "x"},
        {"modified_after": "hier"},
        {"full": "oui"},
        {"format": "xml"},
    ],
)
def test_what_breaks_a_rule_is_refused(anyone, query):
    assert get(anyone, "services", query).status_code == 422


def test_queries_are_as_many_whatever_the_number(anyone, django_assert_num_queries):
    make_place("Lieu", ("learn_basics",))
    with django_assert_num_queries(2):
        get(anyone, "services", {"full": "true"})
    for number in range(3):
        make_place(f"Autre {number}", ("learn_basics", "get_device"))
    with django_assert_num_queries(2):
        get(anyone, "services", {"full": "true"})
    with django_assert_num_queries(3):
        get(anyone, "organizations", {"full": "true"})
