"""Nothing of another site's person comes out: every address, export and paper, for every role.

A person has a row in each table that can hold something of hers, every text of it a mark that stands nowhere else.
Those who work elsewhere ask for every address of the table of rights, with the ids of her rows in the place of theirs.
"""

import io
import re
import time
import zipfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection, transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from pypdf import PdfReader
from pytest_django import DjangoDbBlocker

from bagage.accounts.domain.roles import ABILITIES, Role
from bagage.accounts.models import Membership, Organisation
from bagage.people.models import Attachment, Person
from bagage.trail.models import Entry
from tests.conftest import NOON, Clock
from tests.privacy.planting import SIGN, Planter, write_files
from tests.rights import Row, all_rows
from tests.rights.world import HER_FAMILY_NAME, HER_NAME, PERSONAS, SECRETS, World, build_world, place_of

MARK = re.compile(rf"{SIGN}[0-9]{{3}}")
DRAWN = re.compile(r"[A-Za-z0-9_-]{32,}")
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"


def opens_most(persona: str) -> bool:
    """Whether no other role opens all that this one does, and more."""
    opened = ABILITIES[Role(persona.rpartition("_")[0])]
    return not any(opened < more for more in ABILITIES.values())


# The roles that open most, at one of the other sites: to the planted person they are all alike.
STRANGERS = tuple(persona for persona in PERSONAS if place_of(persona) == "here" and opens_most(persona))
# What a role opens is decided in Python, and was tried on SQLite: the other database is asked for one of them.
if connection.vendor != "sqlite":
    STRANGERS = ("adviser_here",)


@dataclass
class Ground:
    """The world of the table of rights, and in its network one more site, with the planted person."""

    world: World
    planter: Planter
    person: Person


class TakenBack(Exception):
    """Rolls all back at the end."""


@pytest.fixture(scope="module")
def planted(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Ground]:
    standing = Clock(NOON)
    with (
        django_db_blocker.unblock(),
        translation.override("fr"),
        pytest.MonkeyPatch.context() as patch,
        suppress(TakenBack),
        transaction.atomic(),
    ):
        patch.setattr(timezone, "now", standing.now)
        from django.conf import settings

        patch.setattr(settings, "MEDIA_ROOT", tmp_path_factory.mktemp("files"), raising=False)
        world = build_world(standing.now())
        planter = Planter(standing.now())
        Organisation.objects.move(
            planter.node, Organisation.objects.get(pk=world.network.pk), pos="last-child"
        )
        planter.made["accounts.Organisation"] = planter.node = Organisation.objects.get(pk=planter.node.pk)
        Membership.objects.filter(user=planter.user).update(organisation=planter.node)
        person = planter.plant()
        Attachment.objects.filter(person=person).update(removed_at=None)
        write_files(person, planter)
        yield Ground(world, planter, person)
        raise TakenBack


@pytest.fixture
def ground(planted: Ground, db: None, clock: Clock) -> Ground:
    return replace(planted, world=replace(planted.world, made={}))


class Substitute:
    """Puts the planted row of the same table in the place of a row of the world."""

    def __init__(self, ground: Ground) -> None:
        self.planted = {
            row._meta.label: row.uuid for row in ground.planter.made.values() if getattr(row, "uuid", None)
        }
        self.planted["people.Person"] = ground.person.uuid
        self.codes = {ground.world.person.code: ground.person.code}
        # One question for all tables: it is put thousands of times.
        tables = {label: apps.get_model(label)._meta.db_table for label in self.planted}
        self.question = " UNION ALL ".join(
            f"SELECT '{label}' FROM {table} WHERE uuid = %s" for label, table in tables.items()
        )

    def __call__(self, value: Any) -> Any:
        text = str(value)
        if text in self.codes:
            return self.codes[text]
        try:
            asked = UUID(text)
        except ValueError:
            return value
        key = asked if connection.features.has_native_uuid_field else asked.hex
        with connection.cursor() as cursor:
            cursor.execute(self.question, [key] * len(self.planted))
            found = cursor.fetchone()
        return self.planted[found[0]] if found else value


def read_answer(response: HttpResponseBase) -> str:
    """All the text of an answer, whatever its kind: a page, a table, a paper; and its headers.

    Drawn tokens (of forms, of sessions, of links) are left out: in hundreds of them a mark stands by chance.
    """
    content = b"".join(response) if response.streaming else response.content  # type: ignore[attr-defined]
    kind = response.headers.get("Content-Type", "")
    text = content.decode("utf-8", "replace")
    if kind == "application/pdf" and content.startswith(b"%PDF-1"):
        text += "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)
    if "openxmlformats" in kind:
        with zipfile.ZipFile(io.BytesIO(content)) as book:
            text += "".join(book.read(name).decode("utf-8", "replace") for name in book.namelist())
    return DRAWN.sub("", text + str(response.headers))


def told(response: HttpResponseBase) -> set[str]:
    """The marks in an answer."""
    return set(MARK.findall(read_answer(response)))


def asked(row: Row, name: str, world: World, hers: Substitute) -> tuple[str, dict[str, Any]]:
    address = reverse(name, kwargs={key: hers(value) for key, value in row.kwargs(world).items()})
    query = {key: hers(value) for key, value in row.query(world).items()}
    data = {key: hers(value) for key, value in row.data(world).items()}
    return address + (f"?{urlencode(query)}" if query else ""), data


def answers(client: Client, row: Row, address: str, data: dict[str, Any]) -> Iterator[HttpResponseBase]:
    """The answer, and the same list as a file when the page offers it."""
    answer = getattr(client, row.method)(address, data, headers=dict(row.headers))
    yield answer
    if row.method == "get" and answer.status_code == 200 and not answer.streaming:
        for kind in ("csv", "xlsx"):
            if f"export={kind}".encode() in answer.content:
                yield client.get(address, {"export": kind})


def leaks(ground: Ground, user: Any, *, may_break: bool = False) -> dict[str, set[str]]:
    """The marks that each address told this user; each is tried in a transaction of its own.

    ``may_break``: texts that were planted where a word of a list stands break some of the pages that show them.
    """
    hers, found = Substitute(ground), {}
    signed_in = Client()
    signed_in.force_login(user, backend=BACKEND)
    for name, rows in sorted(all_rows().items()):
        for number, row in enumerate(rows):
            with transaction.atomic():
                world = replace(ground.world, made={})
                address, data = asked(row, name, world, hers)
                client = Client(raise_request_exception=False)
                client.cookies = SimpleCookie(signed_in.cookies.output(header=""))
                marks: set[str] = set()
                for answer in answers(client, row, address, data):
                    marks |= told(answer)
                    if answer.status_code == 500 and not may_break:
                        marks.add("500")
                # What she typed herself is shown to her again.
                marks -= set(MARK.findall(f"{address} {data}"))
                if marks:
                    found[f"{row.method} {name} {number}"] = marks
                transaction.set_rollback(True)
    return found


@pytest.mark.slow
@pytest.mark.parametrize("persona", STRANGERS)
def test_nothing_of_another_site_comes_out(persona: str, ground: Ground):
    assert leaks(ground, ground.world.users[persona]) == {}


@pytest.mark.slow
def test_what_was_planted_does_come_out_for_who_follows_her(ground: Ground):
    found = leaks(ground, ground.planter.user, may_break=True)
    assert len(found) >= 25
    assert len(set().union(*found.values())) >= 40


def test_a_look_up_that_is_probed_is_limited_and_says_nothing_more(
    ground: Ground, monkeypatch: pytest.MonkeyPatch
):
    """A thousand guesses of her year, from another site: thirty are answered in a minute, none with a fact of hers."""
    from allauth.core.internal import ratelimit as engine

    # The log stands still, and outlives this test however slow the machine is.
    standing = time.time() + 3000
    monkeypatch.setattr(engine.time, "time", lambda: standing)
    client = Client(headers={"hx-request": "true"})
    client.force_login(ground.world.users["adviser_elsewhere"], backend=BACKEND)
    statuses, seen = [], set()
    for guess in range(1000):
        answer = client.post(
            "/people/look-up/", {"q": f"{HER_NAME} {HER_FAMILY_NAME}", "year": str(1926 + guess % 100)}
        )
        statuses.append(answer.status_code)
        body = answer.content.decode().partition('class="hits"')[2]
        seen |= {secret for secret in SECRETS if secret in body}
    assert {status: statuses.count(status) for status in sorted(set(statuses))} == {200: 30, 429: 970}
    assert seen == set()
    assert [entry.verb for entry in Entry.objects.filter(is_reading=True)].count("look_up") == 1
