"""Fair connection for programs, ``/api/v1/``."""

import json
import re
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bagage.accounts.domain.roles import Role
from bagage.accounts.models import ApiToken
from bagage.accounts.services import make_api_token, revoke_api_token
from bagage.connection.queries import kept
from tests.accounts.factories import PASSWORD, Network, make_user
from tests.strict import StrictClient

ADDRESS = "/api/v1/connection/advice"
PROGRAMME = {
    "lines": [
        {
            "id": "carte",
            "name": "La Carte",
            "operator": "Essai",
            "sim_price": "10.00",
            "unit_prices": {"voice_min": "0.50"},
            "offers": [
                {
                    "id": "carte-5",
                    "name": "Recharge « 5 »",
                    "kind": "top_up",
                    "price": "5.00",
                    "validity_days": 30,
                    "credit": "5.00",
                    "allowances": {},
                },
                {
                    "id": "forfait-2",
                    "name": "Forfait 2",
                    "kind": "plan",
                    "price": "2.00",
                    "allowances": {"voice_min": 60},
                    "requires": ["bank_account"],
                },
            ],
        }
    ]
}
PERSON = {"usage": {"voice_min": 10}, "has": ["identity_document"]}


@pytest.fixture
def network(db, now) -> Network:
    return Network()


@pytest.fixture
def bearer(network) -> dict[str, str]:
    made = make_api_token(
        network.adviser, name="essai", ends_on=timezone.localdate() + timedelta(days=9), by=network.adviser
    )
    return {"authorization": f"Bearer {made.secret}"}


def ask(client, body, *, headers=None, content_type="application/json"):
    content = body if isinstance(body, bytes | str) else json.dumps(body)
    return client.post(ADDRESS, content, content_type=content_type, headers=headers or {})


def test_advice_is_the_answer_of_the_command_to_the_byte(client, bearer, tmp_path):
    (tmp_path / "offers.json").write_text(json.dumps(PROGRAMME))
    (tmp_path / "person.json").write_text(json.dumps(PERSON))
    printed = StringIO()
    call_command(
        "advise_connection",
        str(tmp_path / "offers.json"),
        str(tmp_path / "person.json"),
        "--json",
        stdout=printed,
    )
    answer = ask(client, {"offers": PROGRAMME, "person": PERSON}, headers=bearer)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "application/json")
    assert answer.content.decode() + "\n" == printed.getvalue()
    assert answer.json()["best"]["total"] == "25.00"


def test_advice_keeps_nothing_but_the_count_of_askings(client, bearer):
    ask(client, {"offers": PROGRAMME, "person": PERSON}, headers=bearer)
    with CaptureQueriesContext(connection) as asked:
        ask(client, {"offers": PROGRAMME, "person": PERSON}, headers=bearer)
    written = [each["sql"] for each in asked if re.match("INSERT|UPDATE|DELETE", each["sql"])]
    assert [sql for sql in written if '"cache"' not in sql[:25]] == []


def test_advice_on_the_catalogue_of_the_installation(client, bearer, monkeypatch):
    from bagage.connection import rest
    from bagage.connection.domain.programme import read_programme

    monkeypatch.setattr(rest, "programme_today", lambda today: read_programme(PROGRAMME))
    assert ask(client, {"person": PERSON}, headers=bearer).json()["best"]["line"] == "carte"
    assert ask(client, {"offers": None, "person": PERSON}, headers=bearer).json()["best"]["line"] == "carte"


def test_advice_of_an_empty_installation_says_so(client, bearer):
    kept._programme.cache_clear()
    answer = ask(client, {"person": PERSON}, headers=bearer)
    assert (answer.status_code, answer.json()["problems"]) == (
        422,
        [
            {
                "where": "offers",
                "place": "",
                "rule": "the catalogue of this installation has nothing on sale",
                "code": "empty",
            }
        ],
    )


def test_advice_names_each_broken_rule(client, bearer):
    wrong = json.loads(json.dumps(PROGRAMME))
    wrong["lines"][0]["offers"][0]["price"] = "5.005"
    answer = ask(
        client,
        {"offers": wrong, "person": {"usage": {"voice_min": -1}}, "persons": []},
        headers=bearer,
    )
    assert (answer.status_code, answer.headers["Content-Type"]) == (422, "application/problem+json")
    document = answer.json()
    assert [(each["where"], each["place"]) for each in document["problems"]] == [
        ("body", "persons"),
        ("offers", "lines[0].offers[0].price"),
        ("person", "usage.voice_min"),
    ]
    assert (document["status"], document["problems"][1]["rule"]) == (422, "at most 2 decimals")


@pytest.mark.parametrize(
    ("body", "status", "place"),
    [
        (b" ", 400, ""),
        (b"{", 400, "line 1, column 2"),
        (b"\xff\xfe{}", 400, "byte 1"),
        (b'{"person": NaN}', 400, "person"),
        (b'{"person": {}, "person": {}}', 400, "person"),
        (b"[" * 100_000, 400, ""),
        (b"[]", 422, ""),
        (b"null", 422, ""),
        (b'{"offers": []}', 422, ""),
        (b'{"offers": {"lines": []}, "person": {"usage": {}}}', 422, "lines"),
    ],
)
def test_advice_refuses_a_body_with_its_place(client, bearer, body, status, place):
    answer = ask(client, body, headers=bearer)
    assert (answer.status_code, answer.json()["problems"][0]["place"]) == (status, place)


def test_advice_refuses_what_is_too_big_and_what_is_not_json(client, bearer):
    assert ask(client, b" " * 1_000_001, headers=bearer).status_code == 413
    assert ask(client, b" " * 3_000_000, headers=bearer).status_code == 413
    assert ask(client, b"{}", headers=bearer, content_type="text/plain").status_code == 415
    assert (
        ask(client, b"{}", headers=bearer, content_type="application/json; charset=utf-8").status_code == 422
    )


@pytest.mark.parametrize("header", ["", "Bearer", "Bearer bagage_forged", "Basic eDp5", "bearer  "])
def test_advice_needs_a_token(client, bearer, header):
    answer = ask(client, {"person": PERSON}, headers={"authorization": header} if header else {})
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="Bagage"')
    assert answer.json() == {
        "type": "about:blank",
        "title": "A token, or a session, is needed.",
        "status": 401,
    }


def test_advice_refuses_a_revoked_token(client, network, bearer):
    revoke_api_token(ApiToken.objects.get(), by=network.adviser)
    assert ask(client, {"person": PERSON}, headers=bearer).status_code == 401


def test_advice_refuses_who_only_refers(client, network):
    referrer = make_user(Role.REFERRER, network.ccas, "Nadia")
    client.force_login(referrer, backend="allauth.account.auth_backends.AuthenticationBackend")
    answer = ask(client, {"offers": PROGRAMME, "person": PERSON})
    assert (answer.status_code, answer.json()["title"]) == (
        403,
        "This account has no role that reads the catalogue.",
    )


def test_advice_by_a_session_needs_the_csrf_token(network):
    client = StrictClient(enforce_csrf_checks=True)
    client.get("/accounts/login/")
    token = client.cookies["csrftoken"].value
    client.post(
        "/accounts/login/",
        {"login": network.adviser.username, "password": PASSWORD, "csrfmiddlewaretoken": token},
    )
    body = {"offers": PROGRAMME, "person": PERSON}
    assert ask(client, body).json()["title"] == "The CSRF token is missing or wrong."
    client.get("/accounts/me/")
    answer = ask(client, body, headers={"x-csrftoken": client.cookies["csrftoken"].value})
    assert answer.status_code == 200


def test_advice_is_asked_120_times_a_minute_at_most(client, bearer, monkeypatch):
    monkeypatch.setattr("bagage.connection.rest.RATE", "2/m/key")
    body = {"offers": PROGRAMME, "person": PERSON}
    assert [ask(client, body, headers=bearer).status_code for _ in range(3)] == [200, 200, 429]
    refused = ask(client, body, headers=bearer)
    assert (refused.headers["Content-Type"], 1 <= int(refused.headers["Retry-After"]) <= 60) == (
        "application/problem+json",
        True,
    )


def test_advice_ends_with_its_time(client, bearer, settings, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "bagage.connection.rest.out_of_time_after", lambda seconds: asked.append(seconds) or (lambda: True)
    )
    settings.ADVICE_BUDGET_SECONDS, settings.ADVICE_REST_SECONDS = 0.25, 0.125
    assert ask(client, {"offers": PROGRAMME, "person": PERSON}, headers=bearer).status_code == 200
    assert asked == [0.25, 0.125]


@pytest.mark.django_db
def test_openapi_document_describes_the_advice(client):
    document = client.get("/api/v1/openapi.json").json()
    operation = document["paths"][ADDRESS]["post"]
    assert (document["openapi"], document["info"]["title"]) == ("3.1.0", "Bagage")
    assert sorted(operation["responses"]) == ["200", "400", "401", "403", "413", "415", "422", "429"]
    assert sorted(document["components"]["securitySchemes"]) == ["BySession", "ByToken"]
    assert sorted(operation["requestBody"]["content"]["application/json"]["schema"]["properties"]) == [
        "offers",
        "person",
    ]


def test_unknown_address_of_the_interface_is_a_problem_document(client, bearer):
    answer = client.get("/api/v1/nothing/", headers=bearer)
    assert (answer.status_code, answer.headers["Content-Type"]) == (404, "application/problem+json")
