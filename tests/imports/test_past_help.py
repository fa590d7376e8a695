"""Past help of someone who has a file is a passage in it; a person who came in by a file has her row in the trail."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from bagage.accounts.domain.roles import Role
from bagage.imports import services
from bagage.imports.queries import brought_in
from bagage.people.models import Person, PersonReference
from bagage.permanences.models import NamelessHelp, QueueEntry, Site
from bagage.trail.domain.actor import Actor
from bagage.trail.models import Entry
from bagage.trail.queries.reading import verification
from bagage.trail.services import record_many
from tests.imports.factories import Ground, codes, read, states
from tests.people.factories import make_person, make_user

pytestmark = pytest.mark.django_db

HEADINGS = "Date;Sujet;Minutes;Combien;Identifiant"


@pytest.fixture
def ground(now):
    made = Ground()
    Site.objects.create(organisation=made.network.riquet, address="14 rue Riquet", city="Paris")
    return made


@pytest.fixture
def awa(ground, now):
    person = make_person(ground.network.riquet, "Awa Koné", by=ground.lead)
    PersonReference.objects.create(person=person, source="import", reference="A1", added_at=now)
    return person


def bring_in(ground, *rows):
    return read(ground, list(rows), kind="help", headings=HEADINGS)


def test_help_with_an_identifier_is_a_passage_in_her_file_and_without_one_it_counts_nameless(
    ground, awa, client
):
    batch = bring_in(
        ground, "12/03/2026;impression;15;;A1", "12/03/2026;caf;20;3;", f"13/03/2026;mail;;;{awa.code}"
    )
    services.write_batch(batch, by=ground.lead)
    assert list(
        QueueEntry.objects.order_by("came_at").values_list("person", "topic", "state", "first_name")
    ) == [
        (awa.pk, "Imprimer ou scanner", "done", "Awa"),
        (awa.pk, "Un mail, un mot de passe", "done", "Awa"),
    ]
    first = QueueEntry.objects.earliest("came_at")
    assert (timezone.localdate(first.came_at), first.left_at - first.came_at) == (
        date(2026, 3, 12),
        timedelta(minutes=15),
    )
    assert NamelessHelp.objects.count() == 3
    client.force_login(make_user(ground.network.riquet, Role.RECEPTIONIST, "Samira"))
    page = client.get(reverse("desk:person", args=[awa.uuid])).content.decode()
    assert page.count("Passage sans rendez-vous") == 2


def test_what_cannot_be_tied_is_set_aside_with_its_reason(ground, awa):
    elsewhere = make_person(ground.network.saint_denis, "Yao Kouassi", by=ground.lead)
    reader = make_user(ground.network.riquet, Role.PROGRAMME_LEAD, "Lucie")
    batch = read(
        ground,
        ["12/03/2026;caf;10;;A9", "12/03/2026;caf;10;4;A1", "12/03/2026;caf;10;;A1", "12/03/2026;caf;10;;A1",
         f"12/03/2026;caf;10;;{elsewhere.code}"],
        kind="help", headings=HEADINGS, by=reader,
    )  # fmt: skip
    assert codes(batch) == {
        2: ["not_found"], 3: ["one_at_a_time"], 5: ["twice_in_file"], 6: ["not_found"],
    }  # fmt: skip
    services.write_batch(batch, by=reader)
    assert QueueEntry.objects.count() == 1


def test_undone_the_passages_are_gone_and_those_of_the_desk_stay(ground, awa, now):
    site = Site.objects.get()
    QueueEntry.objects.create(site=site, first_name="Awa", person=awa, key="desk", state="done", came_at=now)
    batch = bring_in(ground, "12/03/2026;caf;10;;A1")
    services.write_batch(batch, by=ground.lead)
    assert QueueEntry.objects.count() == 2
    services.undo_batch(batch, by=ground.lead)
    assert list(QueueEntry.objects.values_list("key", flat=True)) == ["desk"]
    assert states(batch) == {2: "undone"}


def test_a_person_brought_in_then_helped_is_taken_back_once_the_help_is(ground):
    persons = read(ground, ["B7;Moussa;Keita"], headings="Identifiant;Prénom;Nom")
    services.write_batch(persons, by=ground.lead)
    helped = bring_in(ground, "12/03/2026;caf;10;;B7")
    services.write_batch(helped, by=ground.lead)
    services.undo_batch(helped, by=ground.lead)
    services.undo_batch(persons, by=ground.lead)
    assert Person.objects.filter(chosen_name="Moussa").count() == 0


# ---------- the trail ----------
def test_each_person_brought_in_has_her_row_and_her_file_says_so(ground, client):
    batch = read(ground, ["B7;Moussa;Keita", "B8;Ines;Haddad"], headings="Identifiant;Prénom;Nom")
    services.write_batch(batch, by=ground.lead)
    persons = list(Person.objects.filter(chosen_name__in=["Moussa", "Ines"]).order_by("pk"))
    entries = Entry.objects.filter(verb="import.brought_in").order_by("pk")
    assert [(one.person, one.thing, one.fields) for one in entries] == [
        (str(person.uuid), batch.thing, "file") for person in persons
    ]
    told = brought_in([persons[0].uuid])
    assert [(one.file_name, one.by) for one in told] == [(batch.file_name, ground.lead.full_name)]
    client.force_login(make_user(ground.network.riquet, Role.RECEPTIONIST, "Samira"))
    for name in ("desk:person", "desk:person_readings"):
        page = client.get(reverse(name, args=[persons[0].uuid])).content.decode()
        assert page.count(f"Dossier entré par l’import du fichier « {batch.file_name} ».") == 1


def test_many_rows_of_the_trail_are_one_chain(ground, django_assert_num_queries, now):
    persons = [f"00000000-0000-4000-8000-{number:012d}" for number in range(700)]
    actor = Actor.system("test")
    with transaction.atomic():
        assert (
            record_many(actor, "import.brought_in", at=now, place=ground.network.riquet.uuid, persons=[]) == 0
        )
        assert (
            record_many(actor, "import.brought_in", at=now, place=ground.network.riquet.uuid, persons=persons)
            == 700
        )
    assert Entry.objects.filter(verb="import.brought_in").count() == 700
    assert verification().breaks == []
