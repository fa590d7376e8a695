"""Pages that anyone may open, and those that say no."""

import json

import pytest
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from bagage.common import views
from tests.strict import StrictClient, problems

pytestmark = pytest.mark.django_db

PUBLIC = ["common:gallery", "common:help", "common:rights_notice", "common:manifest"]


@pytest.mark.parametrize("name", PUBLIC)
def test_public_page_opens_for_anyone(client: StrictClient, name: str) -> None:
    assert client.get(reverse(name)).status_code == 200


@pytest.mark.parametrize("name", ["common:gallery", "common:help", "common:rights_notice"])
def test_public_page_is_whole_in_english(client: StrictClient, name: str) -> None:
    client.cookies["django_language"] = "en"
    assert '<html lang="en">' in client.get(reverse(name)).content.decode()


def test_page_carries_a_strict_policy(client: StrictClient) -> None:
    policy = client.get(reverse("common:help"))["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_ping_touches_no_table(client: StrictClient, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        answer = client.get(reverse("common:ping"))
    assert (answer.status_code, answer["Cache-Control"]) == (204, "no-store")


def test_gallery_asks_the_same_queries_whatever_it_lists(
    client: StrictClient, django_assert_max_num_queries: object
) -> None:
    client.get(reverse("common:gallery"))
    with django_assert_max_num_queries(3):  # type: ignore[operator]
        client.get(reverse("common:gallery"))


def test_gallery_table_filters_sorts_and_exports(client: StrictClient) -> None:
    address = reverse("common:gallery")
    page = client.get(address, {"state": "late"}).content.decode()
    assert "Galaxy A13" in page
    assert "ThinkPad X250" not in page
    assert "Rien ne répond à ces critères." in client.get(address, {"q": "xyz"}).content.decode()
    answer = client.get(address, {"sort": "label", "export": "csv"})
    lines = b"".join(answer.streaming_content).decode("utf-8-sig").splitlines()
    assert [line.split(";")[0] for line in lines] == [
        "Appareil",
        "Galaxy A13",
        "Latitude 5490",
        "ThinkPad X250",
    ]


def test_language_changes_without_javascript(client: StrictClient) -> None:
    answer = client.post(reverse("common:set_language"), {"language": "en", "next": "/help/"})
    assert (answer.status_code, answer["Location"]) == (302, "/help/")
    assert '<html lang="en">' in client.get("/help/").content.decode()


def test_language_never_leads_to_another_site(client: StrictClient) -> None:
    answer = client.post(
        reverse("common:set_language"), {"language": "en", "next": "https://elsewhere.example/"}
    )
    assert answer["Location"] == "/"


REFUSALS = [
    (views.bad_request, 400),
    (views.forbidden, 403),
    (views.not_found, 404),
    (views.server_error, 500),
    (views.csrf_failure, 403),
]


@pytest.mark.parametrize(("view", "status"), REFUSALS)
def test_refusal_as_a_page(view: object, status: int) -> None:
    answer = view(RequestFactory().get("/x"))  # type: ignore[operator]
    assert answer.status_code == status
    assert problems(answer.content.decode()) == []


@pytest.mark.parametrize(("view", "status"), REFUSALS)
def test_refusal_to_htmx_and_to_a_program(view: object, status: int) -> None:
    answer: HttpResponse = view(RequestFactory().get("/x", headers={"hx-request": "true"}))  # type: ignore[operator]
    assert answer.status_code == status
    assert json.loads(answer["HX-Trigger"])["toast"]["level"] == "danger"
    answer = view(RequestFactory().get("/api/v1/x"))  # type: ignore[operator]
    assert answer.status_code == status
    assert json.loads(answer.content)["status"] == status


def test_server_error_needs_no_database(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **named: object) -> None:
        raise AssertionError("a query")

    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", refuse)
    assert views.server_error(HttpRequest()).status_code == 500


def test_form_without_its_token_is_told_kindly() -> None:
    answer = Client(enforce_csrf_checks=True).post(reverse("common:set_language"), {"language": "en"})
    assert answer.status_code == 403
    assert "resté ouvert trop longtemps" in answer.content.decode()


def test_favicon_leads_to_the_icon(client: StrictClient) -> None:
    answer = client.get(reverse("common:favicon"))
    assert (answer.status_code, answer["Location"]) == (302, "/static/bagage/app-icon.svg")


def test_footer_leads_to_the_source_code_where_its_address_is_said(db, client, settings):
    assert "Code source" not in client.get("/help/").content.decode()
    settings.SOURCE_URL = "https://code.example.org/bagage"
    page = client.get("/help/").content.decode()
    assert page.count('<a href="https://code.example.org/bagage" rel="external">Code source</a>') == 1
