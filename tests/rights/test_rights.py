"""Every persona at every address."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from urllib.parse import urlencode

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone, translation
from pytest_django import DjangoDbBlocker

from tests.conftest import NOON, Clock
from tests.rights import Row, all_rows, url_names
from tests.rights.world import ANONYMOUS, CLOSED, PERSONAS, SECRETS, World, build_world, place_of
from tests.strict import StrictClient

TABLE = all_rows()
CASES = [
    pytest.param(name, row, id=f"{name}-{row.method}{number or ''}")
    for name, rows in sorted(TABLE.items())
    for number, row in enumerate(rows)
]


class TakenBack(Exception):
    """Rolls the world back at the end."""


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
    """The world, written once for the whole table; each address is tried in a transaction of its own within."""
    standing = Clock(NOON)
    with (
        django_db_blocker.unblock(),
        translation.override("fr"),
        pytest.MonkeyPatch.context() as patch,
        suppress(TakenBack),
        transaction.atomic(),
    ):
        patch.setattr(timezone, "now", standing.now)
        yield build_world(standing.now())
        raise TakenBack


@pytest.fixture(scope="module")
def cookies(built: World, django_db_blocker: DjangoDbBlocker) -> dict[str, dict[str, str]]:
    """What the browser of each persona keeps: all of them signed in once, and a page never sees what another did."""
    found: dict[str, dict[str, str]] = {ANONYMOUS: {}}
    with django_db_blocker.unblock():
        for persona, user in built.users.items():
            client = StrictClient()
            client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
            found[persona] = {name: cookie.value for name, cookie in client.cookies.items()}
    return found


@pytest.fixture
def world(built: World, db: None, now: datetime) -> World:
    """The world as it was written: what another address added to it was taken back with it."""
    return replace(built, made={})


def test_every_url_has_a_row():
    assert sorted({name for name, _ in url_names()} - set(TABLE)) == []


def test_every_row_has_a_url():
    assert sorted(set(TABLE) - {name for name, _ in url_names()}) == []


@pytest.mark.parametrize(("name", "row"), CASES)
def test_persona_gets_what_the_table_says(
    name: str, row: Row, world: World, cookies: dict[str, dict[str, str]]
):
    address = reverse(name, kwargs=row.kwargs(world))
    query = row.query(world)
    if query:
        address += "?" + urlencode(query)
    data = row.data(world)
    wrong = []
    for persona in tried():
        expected = row.status_for(persona)
        if expected is None:
            wrong.append(f"{persona}: no key of `expected` covers her")
            continue
        client = StrictClient(headers=dict(row.headers))
        client.cookies.load(cookies[persona])
        with transaction.atomic():
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


# On PostgreSQL: nobody, who is let in, and of those whom a question to the database keeps away the three kinds (by the
# place, by her own name, by all places below).
ON_POSTGRESQL = {
    ANONYMOUS,
    "adviser_here",
    "adviser_elsewhere",
    "referrer_elsewhere",
    "programme_lead_elsewhere",
}


def tried() -> tuple[str, ...]:
    """Everyone on SQLite. What a role opens is decided in Python: on PostgreSQL it would be tried again."""
    return tuple(one for one in PERSONAS if connection.vendor == "sqlite" or one in ON_POSTGRESQL)


def sign_in() -> str:
    return reverse("account_login")
