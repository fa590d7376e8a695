"""The screen of the trail: whose entries, who did them, searched, taken away, verified."""

import csv
import io
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils.html import strip_tags

from bagage.accounts.domain.roles import Role
from bagage.trail.domain.actor import Actor
from bagage.trail.models import NETWORK, Entry
from bagage.trail.queries import readings_of
from bagage.trail.services import record, record_reading
from tests.conftest import trail_unlocked
from tests.trail.factories import network, permanence, signed_in, staff

PERSON = uuid4()


@pytest.fixture
def root(db):
    return network()


@pytest.fixture
def here(root):
    return permanence(root, "Permanence Ici")


@pytest.fixture
def elsewhere(root):
    return permanence(root, "Permanence Ailleurs")


@pytest.fixture
def lead(here):
    return staff("Jeanne", Role.PROGRAMME_LEAD, here)


def act(verb: str, *, by: Actor, place: object = NETWORK, **more: object) -> Entry:
    with transaction.atomic():
        return record(by, verb, place=place, **more)


def rows(response) -> list[list[str]]:
    """What the list shows, cell by cell, as text."""
    return [[strip(cell) for cell in row] for row in response.context["table"].rows]


def strip(html: str) -> str:
    return strip_tags(str(html).replace("<br>", " · "))


def test_log_shows_who_did_what_in_her_places_only(clock, lead, here, elsewhere):
    anna = staff("Anna", Role.ADVISER, here, last_name="Blum")
    far = staff("Lointaine", Role.ADVISER, elsewhere)
    act("message.tell", by=anna.actor, place=here.uuid, person=PERSON, fields=("state",))
    act("message.tell", by=far.actor, place=elsewhere.uuid, person=PERSON)
    act("transport.change", by=far.actor)
    response = signed_in(lead).get(reverse("trail:log"))
    assert rows(response) == [
        [
            "26 novembre, 10\u00a0h",
            "Anna Blum",
            "a dit ou posté un message · champs\u00a0: state",
            "Permanence Ici",
            str(PERSON)[:8],
        ]
    ]
    assert "Lointaine" not in response.content.decode()


def test_log_of_who_leads_from_the_root_holds_the_network(clock, root, here):
    act("transport.change", by=Actor.system("demo"))
    act("message.tell", by=Actor.link("x"), place=here.uuid)
    response = signed_in(staff("Odile", Role.ADMINISTRATOR, root)).get(reverse("trail:log"))
    assert [row[1:4] for row in rows(response)] == [
        ["Quelqu’un avec un lien", "a dit ou posté un message", "Permanence Ici"],
        ["Bagage, de lui-même", "a changé l’envoi des mails", "Réseau"],
    ]


@pytest.mark.parametrize(
    "role", [Role.ADVISER, Role.RECEPTIONIST, Role.VOLUNTEER, Role.REFERRER, Role.LOGISTICS]
)
@pytest.mark.parametrize(("name", "method"), [("trail:log", "get"), ("trail:verify", "post")])
def test_log_is_closed_to_who_does_not_answer_for_it(role, name, method, here):
    client = signed_in(staff("Anna", role, here))
    assert getattr(client, method)(reverse(name)).status_code == 403


def test_log_notes_that_it_was_read_once_in_15_minutes(clock, lead):
    client = signed_in(lead)
    client.get(reverse("trail:log"))
    client.get(reverse("trail:log"))
    assert list(Entry.objects.values_list("verb", "actor", "is_reading")) == [
        ("trail.read", str(lead.actor), True)
    ]


def test_log_of_a_person_shows_hers_only(clock, lead, here):
    act("message.tell", by=lead.actor, place=here.uuid, person=PERSON)
    act("message.untell", by=lead.actor, place=here.uuid, person=uuid4())
    client = signed_in(lead)
    response = client.get(reverse("trail:log"), {"person": str(PERSON)})
    assert [row[2] for row in rows(response)] == ["a dit ou posté un message"]
    assert Entry.objects.get(verb="trail.read").person == str(PERSON)
    assert client.get(reverse("trail:log"), {"person": "x"}).status_code == 404


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "anna blum"}, ["message.tell"]),
        ({"q": "BLUM"}, ["message.tell"]),
        ({"q": "posté"}, ["message.tell"]),
        ({"q": str(PERSON)[:8]}, ["person.read"]),
        ({"q": "erreur de saisie"}, ["message.cancel"]),
        ({"q": "100%_"}, []),
        ({"kind": "reading"}, ["person.read"]),
        ({"verb": "message.cancel"}, ["message.cancel"]),
        ({"period": "7"}, ["person.read", "message.tell"]),
        ({"period": "nonsense"}, ["person.read", "message.tell", "message.cancel"]),
        ({"sort": "at"}, ["message.cancel", "message.tell", "person.read"]),
    ],
)
def test_log_is_searched_filtered_and_sorted(query, expected, clock, lead, here):
    anna = staff("Anna", Role.ADVISER, here, last_name="Blum")
    now = clock.now()
    act(
        "message.cancel",
        by=lead.actor,
        place=here.uuid,
        at=now - timedelta(days=20),
        reason="erreur de saisie",
    )
    act("message.tell", by=anna.actor, place=here.uuid, at=now - timedelta(days=2))
    record_reading(lead.actor, "person.read", place=here.uuid, person=PERSON, at=now)
    response = signed_in(lead).get(reverse("trail:log"), query)
    assert [entry.verb for entry in response.context["table"].found] == expected


def test_log_leaves_as_a_file_and_that_is_noted(clock, lead, here):
    entry = act("message.tell", by=lead.actor, place=here.uuid, person=PERSON, fields=("state",))
    response = signed_in(lead).get(reverse("trail:log"), {"export": "csv"})
    text = b"".join(response.streaming_content) if response.streaming else response.content
    lines = list(csv.reader(io.StringIO(text.decode("utf-8-sig")), delimiter=";"))
    assert lines[0][:5] == ["Quand", "Qui", "A fait", "Lieu", "Personne"]
    assert lines[1][1:5] == ["Jeanne", "a dit ou posté un message", "Permanence Ici", str(PERSON)]
    assert lines[1][-1] == entry.hash
    assert len(lines) == 2
    assert Entry.objects.filter(verb="trail.export", actor=str(lead.actor)).count() == 1


@pytest.mark.parametrize("count", [1, 3])
def test_log_costs_the_same_queries_whatever_its_length(count, clock, lead, here):
    client = signed_in(lead)
    client.get(reverse("trail:log"))
    for number in range(count):
        someone = staff(f"Anna{number}", Role.ADVISER, here)
        act("message.tell", by=someone.actor, place=here.uuid, person=uuid4())

    with CaptureQueriesContext(
        connection,
    ) as asked:
        client.get(reverse("trail:log"))
    on_trail = [query for query in asked if "trail_entry" in query["sql"]]
    on_users = [query for query in asked if '"accounts_user"."uuid" IN' in query["sql"]]
    assert (len(on_trail), len(on_users)) == (4, 1)


def test_verify_says_that_the_chain_holds(clock, lead, here):
    act("message.tell", by=lead.actor, place=here.uuid)
    client = signed_in(lead)
    response = client.post(reverse("trail:verify"))
    assert response.context["verification"]["is_whole"]
    assert "La chaîne tient." in response.content.decode()
    assert "<h1>" in response.content.decode()
    fragment = signed_in(lead, **{"hx-request": "true"}).post(reverse("trail:verify"))
    assert fragment.content.decode().strip().startswith('<div id="verification"')
    assert client.get(reverse("trail:verify")).status_code == 405


def test_verify_says_where_the_chain_is_broken(transactional_db, clock):
    root = network()
    here = permanence(root, "Permanence Ici")
    lead = staff("Jeanne", Role.PROGRAMME_LEAD, here)
    act("message.tell", by=lead.actor, place=here.uuid)
    with trail_unlocked():
        Entry.objects.update(reason="other")
    response = signed_in(lead).post(reverse("trail:verify"))
    assert response.context["verification"]["breaks"] == [
        {"where": "Permanence Ici, 2026-11, ligne 1", "why": "la ligne a été changée"}
    ]


def test_readings_of_a_person_name_who_read(clock, lead, here, django_assert_num_queries):
    merged = uuid4()
    record_reading(lead.actor, "person.read", place=here.uuid, person=PERSON)
    clock.move(minutes=1)
    record_reading(Actor.link("x"), "referral.read", place=here.uuid, person=merged)
    record_reading(lead.actor, "person.read", place=here.uuid, person=uuid4())
    act("person.correct", by=lead.actor, place=here.uuid, person=PERSON)
    with django_assert_num_queries(2):
        found = readings_of([PERSON, merged])
    assert [(one.name, one.verb) for one in found] == [("", "referral.read"), ("Jeanne", "person.read")]
