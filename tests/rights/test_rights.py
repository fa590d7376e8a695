"""Every persona at every address."""

from urllib.parse import urlencode

import pytest
from django.db import transaction
from django.urls import reverse

from tests.rights import Row, all_rows, url_names
from tests.rights.world import ANONYMOUS, CLOSED, PERSONAS, SECRETS, World, build_world, place_of
from tests.strict import StrictClient

TABLE = all_rows()
CASES = [
    pytest.param(name, row, id=f"{name}-{row.method}{number or ''}")
    for name, rows in sorted(TABLE.items())
    for number, row in enumerate(rows)
]


@pytest.fixture
def world(db, now) -> World:
    return build_world(now)


def test_every_url_has_a_row():
    assert sorted({name for name, _ in url_names()} - set(TABLE)) == []


def test_every_row_has_a_url():
    assert sorted(set(TABLE) - {name for name, _ in url_names()}) == []


@pytest.mark.parametrize(("name", "row"), CASES)
def test_persona_gets_what_the_table_says(name: str, row: Row, world: World):
    address = reverse(name, kwargs=row.kwargs(world))
    query = row.query(world)
    if query:
        address += "?" + urlencode(query)
    data = row.data(world)
    wrong = []
    for persona in PERSONAS:
        expected = row.status_for(persona)
        if expected is None:
            wrong.append(f"{persona}: no key of `expected` covers her")
            continue
        client = StrictClient(headers=dict(row.headers))
        with transaction.atomic():
            if persona != ANONYMOUS:
                client.force_login(
                    world.users[persona], backend="allauth.account.auth_backends.AuthenticationBackend"
                )
            response = getattr(client, row.method)(address, data)
            transaction.set_rollback(True)
        if response.status_code not in expected:
            wrong.append(f"{persona}: {response.status_code}, not {sorted(expected)}")
        location = response.headers.get("Location", "")
        is_stranger = persona in {ANONYMOUS, CLOSED}
        if (
            is_stranger
            and not row.public
            and response.status_code == 302
            and not location.startswith(sign_in())
        ):
            wrong.append(f"{persona}: sent to {location}, not to the sign-in page")
        must_not_know = is_stranger or place_of(persona) == "elsewhere" or response.status_code in {403, 404}
        if must_not_know and persona not in row.may_name:
            body = (
                "" if response.streaming else response.content.decode(response.charset or "utf-8", "replace")
            )
            told = [secret for secret in SECRETS if secret in body or secret in location]
            if told:
                wrong.append(f"{persona}: told {told} with status {response.status_code}")
    assert wrong == [], f"{row.method} {name}\n  " + "\n  ".join(wrong)


def sign_in() -> str:
    return reverse("account_login")
