"""Every page, file and answer of the API that shows a person's file leaves a reading that she can see."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from io import BytesIO
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone, translation
from pypdf import PdfReader
from pytest_django import DjangoDbBlocker

from bagage.trail.models import Entry, PrivacyRules
from bagage.trail.queries import unusual_readings
from bagage.trail.services import record
from tests.conftest import NOON, Clock
from tests.rights import Row, all_rows
from tests.rights.world import SECRETS, World, build_world
from tests.strict import StrictClient

# Pages that show a name among others, or a form for one act: lists, not files. What each shows of her is a name that
# is known to who works there already, or what was typed in this very request.
NOT_A_FILE = {
    # Lists of a day, of a site, of what waits: names, each leading to a file whose opening is noted.
    "desk:people",
    "desk:queue_who",
    "desk:today",
    "desk:today_sheet",
    "equipment:device",
    "equipment:device_list",
    "journeys:follow_ups",
    "messaging:message",
    "messaging:outbox",
    "messaging:paper_list",
    "permanences:attendance",
    "permanences:session",
    "permanences:session_list",
    "permanences:session_sheet",
    "referrals:inbox",
    "referrals:onward_list",
    "shop:sale_list",
    # An act for her, begun from her file: her name alone stands in the heading.
    "desk:appointment_new",
    "directory:panorama",
    "directory:structure",
    "shop:counter",
    # A spreadsheet that came in or goes out whole: noted by itself, once for the file.
    "imports:batch",
    "imports:batch_alike",
    "imports:export",
}
READERS = ("adviser_here", "programme_lead_here", "receptionist_here")


class TakenBack(Exception):
    """Rolls the world back at the end."""


@pytest.fixture(scope="module")
def built(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[World]:
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


@pytest.fixture
def world(built: World, db: None, now: datetime) -> World:
    return replace(built, made={})


def shows_her(response: object) -> bool:
    """Whether an answer holds something of hers, or is a paper, which cannot be searched."""
    kind = response.headers.get("Content-Type", "")
    content = b"".join(response.streaming_content) if response.streaming else response.content
    if kind.startswith("application/pdf") and content.startswith(b"%PDF-1.7\n%"):
        content = "".join(page.extract_text() for page in PdfReader(BytesIO(content)).pages).encode()
    body = content.decode("utf-8", "replace")
    return any(secret in body for secret in SECRETS)


def opened_without_a_reading(name: str, row: Row, world: World) -> list[str]:
    address = reverse(name, kwargs=row.kwargs(world))
    query = row.query(world)
    wrong = []
    # That a reading is noted hangs on the page and on the role; one of them writes it on PostgreSQL too.
    for persona in READERS if connection.vendor == "sqlite" else READERS[:1]:
        with transaction.atomic():
            client = StrictClient(headers=dict(row.headers))
            client.force_login(
                world.users[persona], backend="allauth.account.auth_backends.AuthenticationBackend"
            )
            before = Entry.objects.filter(is_reading=True, person=str(world.person.uuid)).count()
            response = client.get(address + ("?" + urlencode(query) if query else ""))
            after = Entry.objects.filter(is_reading=True, person=str(world.person.uuid)).count()
            if response.status_code == 200 and shows_her(response) and after == before:
                wrong.append(f"{name} as {persona}")
            transaction.set_rollback(True)
    return wrong


def test_what_shows_her_file_is_noted_as_a_reading(world: World):
    wrong = []
    for name, rows in sorted(all_rows().items()):
        if name in NOT_A_FILE:
            continue
        for row in rows:
            if row.method == "get" and not row.public:
                wrong += opened_without_a_reading(name, row, world)
    assert sorted({each.split(" as ")[0] for each in wrong}) == []


@pytest.mark.parametrize(
    ("address", "verb"),
    [("/people/?export=csv", "export_people"), ("/referrals/onward/?export=csv", "export_list")],
)
def test_a_list_that_is_taken_away_is_noted_once(world: World, address: str, verb: str):
    client = StrictClient()
    client.force_login(
        world.users["adviser_here"], backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    assert client.get(address).status_code == 200
    assert list(Entry.objects.filter(verb__startswith="export_").values_list("verb", flat=True)) == [verb]


# ---------- what is out of the ordinary ----------


def read(world: World, persona: str, at: datetime, person: object, verb: str = "read_file") -> None:
    with transaction.atomic():
        record(
            world.users[persona].actor, verb, at=at, place=world.node_a.uuid, person=person,
            is_reading=verb != "open_elsewhere",
        )  # fmt: skip


def found(world: World, now: datetime, **rules: int) -> list[tuple[str, str, int]]:
    places = {str(world.node_a.uuid)}
    return [
        (each.name, each.why, each.count) for each in unusual_readings(places, PrivacyRules(**rules), now)
    ]


PARIS = ZoneInfo("Europe/Paris")


def test_many_files_in_a_day_stand_out_at_the_number_that_was_set(world: World, now: datetime):
    for number in range(3):
        read(world, "adviser_here", now - timedelta(minutes=number), f"person-{number}")
    read(world, "receptionist_here", now, "person-1")
    assert found(world, now, files_a_day=4) == []
    assert found(world, now, files_a_day=3) == [("Adviser here", "many", 3)]


def test_the_same_file_read_often_is_one_file(world: World, now: datetime):
    for number in range(5):
        read(world, "adviser_here", now - timedelta(minutes=20 * number), "person-1")
    assert found(world, now, files_a_day=2) == []


@pytest.mark.parametrize(
    ("moment", "stands_out"),
    [
        (datetime(2026, 11, 25, 6, 59, tzinfo=PARIS), True),
        (datetime(2026, 11, 25, 7, 0, tzinfo=PARIS), False),
        (datetime(2026, 11, 25, 19, 59, tzinfo=PARIS), False),
        (datetime(2026, 11, 25, 20, 0, tzinfo=PARIS), True),
        # A Sunday, at noon; and a Monday of summer time, by the clock of the wall.
        (datetime(2026, 11, 22, 12, 0, tzinfo=PARIS), True),
    ],
)
def test_files_read_outside_the_hours_stand_out(
    world: World, now: datetime, moment: datetime, stands_out: bool
):
    read(world, "adviser_here", moment, "person-1")
    assert found(world, now) == ([("Adviser here", "hours", 1)] if stands_out else [])


def test_files_of_other_sites_stand_out(world: World, now: datetime):
    for number in range(5):
        read(world, "adviser_here", now - timedelta(days=number), f"person-{number}", "open_elsewhere")
    assert found(world, now) == [("Adviser here", "elsewhere", 5)]
    assert found(world, now, elsewhere_a_month=6) == []


def test_what_is_older_or_elsewhere_is_not_told(world: World, now: datetime):
    read(world, "adviser_here", datetime(2026, 10, 20, 23, 0, tzinfo=PARIS), "person-1")
    with transaction.atomic():
        record(
            world.users["adviser_elsewhere"].actor, "read_file", place=world.node_b.uuid, person="person-2",
            at=datetime(2026, 11, 25, 23, 0, tzinfo=PARIS), is_reading=True,
        )  # fmt: skip
    assert found(world, now) == []


def test_the_list_asks_as_much_for_three_as_for_one(world: World, now: datetime, django_assert_num_queries):
    read(world, "adviser_here", datetime(2026, 11, 25, 22, 0, tzinfo=PARIS), "person-1")
    with django_assert_num_queries(4):
        assert len(found(world, now)) == 1
    for persona in ("receptionist_here", "volunteer_here"):
        read(world, persona, datetime(2026, 11, 25, 22, 0, tzinfo=PARIS), "person-1")
    with django_assert_num_queries(4):
        assert len(found(world, now)) == 3


def test_she_sees_who_read_a_page_of_hers(world: World, now: datetime):
    client = StrictClient()
    client.force_login(
        world.users["adviser_here"], backend="allauth.account.auth_backends.AuthenticationBackend"
    )
    for _time in range(2):
        client.get(reverse("referrals:detail", args=[world.referral.uuid]))
    entry = Entry.objects.get(verb="read_page", person=str(world.person.uuid))
    assert (entry.is_reading, entry.segment.place) == (True, str(world.node_a.uuid))
    page = client.get(reverse("desk:person_readings", args=[world.person.uuid])).content.decode()
    assert "a lu une page de son dossier" in page
