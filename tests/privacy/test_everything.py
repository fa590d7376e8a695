"""All that is held of her is handed to her: each of her marks is in it, and none of another's."""

import json
from datetime import datetime
from io import BytesIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pypdf import PdfReader

from bagage.accounts.domain.roles import Role
from bagage.people.models import Person
from bagage.trail.models import Entry
from bagage.trail.queries.everything import all_held, all_readings, for_programs, shown
from bagage.trail.registry import of_persons, text_fields
from bagage.trail.services import record_reading
from tests.people.factories import make_person, make_user
from tests.privacy.planting import SIGN, Planter
from tests.trail.factories import signed_in


def everything(group: str) -> bool:
    """Whoever takes it out may read all of it."""
    return True


@pytest.fixture
def planter(db: None, now: datetime) -> Planter:
    return Planter(now)


def test_every_text_of_hers_is_in_it(planter: Planter, now: datetime):
    person = planter.plant()
    told = json.dumps(for_programs(all_held([person.pk], sees=everything), [], at=now), ensure_ascii=False)
    missing = []
    for each in of_persons():
        given = [name for name in text_fields(each.table) if name in each.export]
        rows = each.rows_of([person.pk], [f"person:{person.uuid}"])
        for name in given:
            for value in rows.values_list(name, flat=True):
                text = value if isinstance(value, str) else json.dumps(value)
                if SIGN in text and text.strip('[]{}"')[-5:] not in told:
                    missing.append(f"{each.model}.{name}")
    assert missing == []
    assert told.count(SIGN) > 50


def test_nothing_of_another_is_in_it(planter: Planter, now: datetime):
    person = planter.plant()
    other = Person.objects.create(
        code="OTHER1", chosen_name="Zoubida", note="à rappeler", created_at=now, last_contact_at=now
    )
    other.contact_ways.create(kind="sms", phone="+33639980001", started_at=now)
    told = json.dumps(for_programs(all_held([person.pk], sees=everything), [], at=now))
    assert [word for word in ("Zoubida", "rappeler", "+33639980001") if word in told] == []


def test_files_marked_as_the_same_are_told_together(planter: Planter, now: datetime):
    person = planter.plant()
    merged = Person.objects.create(
        code="SAME01", chosen_name="Fatou", merged_into=person, created_at=now, last_contact_at=now
    )
    held = all_held([person.pk, merged.pk], sees=everything)
    assert [row["chosen_name"] for row in held[0].rows] == [person.chosen_name, "Fatou"]


def test_it_asks_as_much_for_three_rows_as_for_one(
    planter: Planter, now: datetime, django_assert_num_queries
):
    person = planter.plant()
    with CaptureQueriesContext(connection) as asked:
        all_held([person.pk], sees=everything)
    for _number in range(2):
        planter.make("permanences.QueueEntry", keep=False)
        planter.make("people.ContactWay", keep=False)
    with django_assert_num_queries(len(asked)):
        all_held([person.pk], sees=everything)


def test_values_are_said_in_words(now: datetime):
    assert [shown(value) for value in (True, False, None, "", [], now, now.date(), ["a", "b"], {"k": "v"})] == [
        "oui", "non", "", "", "", "26 novembre 2026, 10\xa0h", "26 novembre 2026", "a · b", "k\xa0: v",
    ]  # fmt: skip


def test_who_read_her_file_is_told_without_numbers(planter: Planter, now: datetime):
    person = planter.plant()
    record_reading(planter.user.actor, "read_file", at=now, person=person.uuid)
    told = for_programs([], all_readings([person.uuid]), at=now)["readings"]
    assert told == [{"at": "2026-11-26T09:00:00+00:00", "by": "Hélène", "what": "read_file"}]


# ---------- the pages ----------


@pytest.fixture
def her(planter: Planter, now: datetime) -> Person:
    return make_person(planter.node, "Mariam Koné", by=planter.user, phone="+33639980002", at=now)


def test_the_file_for_programs(planter: Planter, her: Person):
    adviser = make_user(planter.node)
    response = signed_in(adviser).get(f"/people/{her.uuid}/privacy/everything.json")
    assert response.status_code == 200
    assert response.headers["Content-Disposition"] == f'attachment; filename="dossier-{her.code}.json"'
    told = json.loads(response.content)
    assert (told["format"], told["held"][0]["table"]) == ("bagage-person/1", "people.Person")
    assert told["held"][0]["rows"][0]["chosen_name"] == "Mariam"
    # Taking it is a reading that she can see, in this very file.
    assert [each["what"] for each in told["readings"]] == ["export_person"]
    entry = Entry.objects.get(verb="export_person")
    assert (entry.person, entry.is_reading, entry.fields) == (str(her.uuid), True, "json")


def test_the_paper_is_in_plain_words(planter: Planter, her: Person):
    adviser = make_user(planter.node)
    response = signed_in(adviser).get(f"/people/{her.uuid}/privacy/everything.pdf")
    assert response.status_code == 200
    text = "\n".join(page.extract_text() for page in PdfReader(BytesIO(response.content)).pages)
    words = [
        "Ce que nous gardons de vous", "Mariam Koné", "Vous pouvez demander que tout soit effacé.",
        "Façons de joindre la personne", "+33639980002", "Qui a lu votre dossier",
    ]  # fmt: skip
    assert [word for word in words if word not in text] == []


def test_the_paper_speaks_her_language(planter: Planter, her: Person):
    Person.objects.filter(pk=her.pk).update(languages="anglais")
    adviser = make_user(planter.node)
    response = signed_in(adviser).get(f"/people/{her.uuid}/privacy/everything.pdf")
    assert response.status_code == 200


def test_a_receptionist_takes_out_no_more_than_she_may_read(planter: Planter, her: Person):
    receptionist = make_user(planter.node, Role.RECEPTIONIST)
    client = signed_in(receptionist)
    assert client.get(f"/people/{her.uuid}/privacy/everything.json").status_code == 403
    page = client.get(f"/people/{her.uuid}/privacy/").content.decode()
    assert "everything.json" not in page
    assert "Geler le dossier" in page
    assert Entry.objects.filter(verb="export_person").count() == 0
