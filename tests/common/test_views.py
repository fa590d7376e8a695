"""Pages that anyone may open, and those that say no."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
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


NUL = "Fan\0ta"


@pytest.mark.parametrize(
    ("method", "address", "sent"),
    [
        ("get", "/accounts/login/", {"next": NUL}),
        ("get", "/accounts/login/", {NUL: "1"}),
        ("get", "/places/", {"q": NUL}),
        ("post", "/accounts/login/", {"login": NUL, "password": "x"}),
        ("post", "/accounts/login/", {"login": ["samira", NUL], "password": "x"}),
        ("post", "/today/queue/", {"first_name": NUL}),
        ("get", "/o/%00/", {}),
    ],
)
def test_nul_in_an_address_or_a_form_is_told_by_the_page_of_the_house(
    client: StrictClient, method: str, address: str, sent: dict[str, object]
) -> None:
    answer = getattr(client, method)(address, sent)
    assert answer.status_code == 400
    assert "Cette demande n’a pas pu être lue." in answer.content.decode()


def test_nul_in_a_form_that_is_urlencoded_or_from_htmx_is_refused_too(htmx_client: StrictClient) -> None:
    answer = htmx_client.post(
        "/accounts/login/", "login=Fan%00ta", content_type="application/x-www-form-urlencoded"
    )
    assert (answer.status_code, answer["HX-Reswap"]) == (400, "none")


def test_nul_in_a_file_is_left_to_its_page(client: StrictClient) -> None:
    file = SimpleUploadedFile("a.txt", b"a\0b")
    assert client.post("/accounts/login/", {"login": "samira", "file": file}).status_code != 400


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"not parts at all", "multipart/form-data"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=\xe9"),
        (b"login=" + b"a" * 2_600_000, "application/x-www-form-urlencoded"),
        (b"&".join(b"a=1" for _each in range(1100)), "application/x-www-form-urlencoded"),
    ],
)
def test_form_that_cannot_be_read_is_told_by_the_page_of_the_house(
    client: StrictClient, body: bytes, kind: str
) -> None:
    answer = client.post("/today/queue/", body, content_type=kind)
    assert answer.status_code == 400
    assert "Cette demande n’a pas pu être lue." in answer.content.decode()


def test_nul_sent_by_a_program_is_told_by_the_rule_of_the_interface(client: StrictClient) -> None:
    answer = client.get("/api/v1/services", {"text": NUL})
    assert answer.status_code == 422
    assert answer.json()["problems"] == [{"parameter": "text", "rule": "no NUL character"}]


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
