"""Persons from a file: what becomes of each row, written once, taken back whole."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bagage.common.errors import BusinessError, Conflict
from bagage.imports import services
from bagage.imports.domain.lifecycle import BatchState
from bagage.imports.models import Batch, Mapping, Row
from bagage.people import services as people
from bagage.people.models import (
    CardCode,
    ContactWay,
    Following,
    NameKey,
    Person,
    PersonName,
    PersonReference,
    SituationFact,
)
from bagage.trail.models import Entry
from tests.imports.factories import BAD, GOOD, Ground, codes, states
from tests.people.factories import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground(now):
    return Ground()


def test_rows_stand_where_they_belong(ground):
    batch = ground.read(*GOOD, *BAD)
    assert batch.state == BatchState.PREVIEW
    assert states(batch) == {2: "to_write", 3: "to_write", 4: "set_aside", 5: "set_aside", 6: "set_aside"}
    assert codes(batch) == {4: ["too_old"], 5: ["no_name"], 6: ["phone_missing"]}
    assert Row.objects.get(batch=batch, number=4).errors[0]["proposed"] == "1985"
    assert Person.objects.count() == 0


def test_what_is_written_is_what_stood_there(ground, now):
    batch = ground.read(*GOOD)
    assert services.write_batch(batch, by=ground.lead)
    awa, olena = Person.objects.order_by("pk")
    assert (awa.full_name, awa.birth_date, awa.birth_year, awa.languages, awa.where, awa.commune_code) == (
        "Awa Sangaré", date(1985, 3, 12), 1985, "bambara", "Paris 19e", "75119",
    )  # fmt: skip
    assert awa.note == "Orientation : CCAS 19."
    assert (olena.full_name, olena.birth_year, olena.is_birth_year_about, olena.languages) == (
        "Olena Tkachenko", 1990, True, "ukrainien",
    )  # fmt: skip
    way = ContactWay.objects.get()
    assert (way.person, way.kind, way.phone) == (awa, "sms", "+33639980001")
    assert set(PersonReference.objects.values_list("person", "source", "reference")) == {
        (awa.pk, "import", "A1"), (olena.pk, "import", "A2"),
    }  # fmt: skip
    assert Following.objects.filter(node=ground.network.riquet, ended_at=None).count() == 2
    assert CardCode.objects.filter(person=awa, code=awa.code).count() == 1
    assert NameKey.objects.filter(person=awa, word="sangare").count() == 1
    rows = {row.number: (row.state, row.thing) for row in Row.objects.filter(batch=batch)}
    assert rows == {2: ("written", f"person:{awa.uuid}"), 3: ("written", f"person:{olena.uuid}")}
    batch.refresh_from_db()
    assert (batch.state, batch.written_at) == (BatchState.WRITTEN, now)
    verbs = Entry.objects.filter(thing=f"import:{batch.uuid}").order_by("pk").values_list("verb", flat=True)
    assert list(verbs) == ["import.read", "import.write", *["import.brought_in"] * 2, "import.written"]


def test_many_more_rows_take_no_more_questions(ground):
    def written(count: int, letter: str) -> int:
        rows = [f"{letter}{at};Nom{letter}{at}x;Famille{at}y;19{60 + at};;;;" for at in range(count)]
        batch = ground.read(*rows, on_alike="create")
        with CaptureQueriesContext(connection) as asked:
            services.write_batch(batch, by=ground.lead)
        return len(asked)

    # Beside the row of the trail of each, by which the chain moves on: one statement adds it, one moves the chain.
    assert written(3, "F") == written(1, "E") + 2 * 2


def test_columns_that_say_more(ground):
    headings = "Civilité;Nom complet;Surnom;Âge;Tél;Téléphone partagé;Compte bancaire;Dernier passage;Code postal;Ville"
    batch = ground.read(
        "Mme;DIARRA Fatou;Fatima;41;06 39 98 00 01 / 01 39 98 00 02;oui;non;20/11/2026;75018;Paris",
        headings=headings,
    )
    assert codes(batch) == {}
    services.write_batch(batch, by=ground.lead)
    person = Person.objects.get()
    assert (person.chosen_name, person.family_name, person.grammar) == ("Fatou", "Diarra", "she")
    assert (person.birth_year, person.is_birth_year_about) == (1985, True)
    assert timezone.localdate(person.last_contact_at) == date(2026, 11, 20)
    assert (person.where, person.commune_code) == ("Paris", "75118")
    assert [name.text for name in PersonName.objects.all()] == ["Fatima"]
    ways = list(ContactWay.objects.order_by("pk").values_list("kind", "phone", "is_shared"))
    assert ways == [("sms", "+33639980001", True), ("call", "+33139980002", True)]
    fact = SituationFact.objects.get()
    assert (fact.obstacle, fact.answer, fact.source) == ("bank_account", "no", f"import:{batch.uuid}")


def test_a_date_and_a_year_that_differ_are_set_aside(ground):
    batch = ground.read("Awa;1984;12/03/1985", headings="Prénom;Année de naissance;Date de naissance")
    assert codes(batch) == {2: ["years_differ"]}


def test_who_may_be_known_waits_for_an_answer(ground):
    known = make_person(
        ground.network.riquet, "Fatoumata Sangaré", by=ground.lead, phone="+33639980001", birth_year=1985
    )
    batch = ground.read(
        "A1;Fatouma;SANGARÉ;vers 1985;06 39 98 00 04;bambara;;", "A2;Olena;Tkachenko;1990;;;;"
    )
    assert states(batch) == {2: "alike", 3: "to_write"}
    alike = Row.objects.get(batch=batch, number=2).alike
    assert [(each["thing"], each["row"]) for each in alike] == [(f"person:{known.uuid}", 0)]
    services.write_batch(batch, by=ground.lead)
    assert Person.objects.count() == 2
    assert states(batch) == {2: "alike", 3: "written"}


def test_nothing_of_another_place_is_told(ground):
    make_person(
        ground.network.saint_denis, "Fatoumata Sangaré", by=ground.lead, phone="+33639980001", birth_year=1985
    )
    batch = ground.read("A1;Fatoumata;Sangaré;1985;06 39 98 00 01;;;")
    assert states(batch) == {2: "to_write"}


def test_someone_who_stands_twice_in_the_file(ground):
    batch = ground.read(
        "A1;Fatoumata;Sangaré;12/03/1985;06 39 98 00 01;;;", "A2;Fatouma;Sangaré;12/03/1985;06 39 98 00 01;;;"
    )
    assert states(batch) == {2: "to_write", 3: "alike"}
    assert [each["row"] for each in Row.objects.get(batch=batch, number=3).alike] == [2]


def test_two_persons_are_two_files(ground):
    make_person(ground.network.riquet, "Fatoumata Sangaré", by=ground.lead, birth_year=1985)
    batch = ground.read("A1;Fatoumata;Sangaré;1985;;;;")
    services.decide_row(batch, 2, "new", by=ground.lead)
    services.write_batch(batch, by=ground.lead)
    assert Person.objects.filter(chosen_name="Fatoumata", merged_into=None).count() == 2


def test_the_same_person_is_completed_and_nothing_of_hers_is_changed(ground, clock):
    known = make_person(
        ground.network.riquet, "Fatoumata Sangaré", by=ground.lead, birth_year=1985, where="Lyon"
    )
    clock.move(days=1)
    batch = ground.read("A1;Fatouma;Sangaré;12/03/1985;06 39 98 00 01;bambara;Paris 19e;")
    services.decide_row(batch, 2, "same", same_as=f"person:{known.uuid}", by=ground.lead)
    services.write_batch(batch, by=ground.lead)
    known.refresh_from_db()
    assert Person.objects.count() == 1
    assert (known.full_name, known.where, known.languages, known.birth_date) == (
        "Fatoumata Sangaré", "Lyon", "bambara", date(1985, 3, 12),
    )  # fmt: skip
    assert [name.text for name in known.names.all()] == ["Fatouma Sangaré"]
    assert ContactWay.objects.get(person=known).phone == "+33639980001"
    assert PersonReference.objects.get(person=known).reference == "A1"

    services.undo_batch(batch, by=ground.lead)
    known = Person.objects.get(pk=known.pk)
    assert (known.full_name, known.where, known.languages, known.birth_date, known.birth_year) == (
        "Fatoumata Sangaré", "Lyon", "", None, 1985,
    )  # fmt: skip
    assert known.names.count() == 0
    assert ContactWay.objects.filter(person=known, ended_at=None).count() == 0
    assert PersonReference.objects.count() == 0
    assert states(batch) == {2: "undone"}


def test_a_row_joins_another_row_of_the_file(ground):
    batch = ground.read(
        "A1;Fatoumata;Sangaré;12/03/1985;06 39 98 00 01;;;",
        "A2;Fatouma;Sangaré;12/03/1985;06 39 98 00 01;bambara;;",
    )
    services.decide_row(batch, 3, "same", same_as="row:2", by=ground.lead)
    services.write_batch(batch, by=ground.lead)
    person = Person.objects.get()
    assert (person.full_name, person.languages) == ("Fatoumata Sangaré", "bambara")
    assert set(person.references.values_list("reference", flat=True)) == {"A1", "A2"}
    services.undo_batch(batch, by=ground.lead)
    assert Person.objects.count() == 0


def test_only_those_that_were_offered_can_be_the_same(ground):
    other = make_person(ground.network.saint_denis, "Quelqu’un d’Ailleurs", by=ground.lead)
    make_person(ground.network.riquet, "Fatoumata Sangaré", by=ground.lead, birth_year=1985)
    batch = ground.read("A1;Fatoumata;Sangaré;1985;;;;")
    with pytest.raises(BusinessError):
        services.decide_row(batch, 2, "same", same_as=f"person:{other.uuid}", by=ground.lead)


def test_the_same_file_again_brings_nobody_twice(ground):
    services.write_batch(ground.read(*GOOD), by=ground.lead)
    batch = ground.read(*GOOD)
    assert states(batch) == {2: "skipped", 3: "skipped"}
    with pytest.raises(BusinessError):
        services.write_batch(batch, by=ground.lead)
    assert Person.objects.count() == 2


def test_an_identifier_of_someone_else_is_set_aside(ground):
    services.write_batch(ground.read(*GOOD), by=ground.lead)
    assert codes(ground.read("A1;Bintou;Keïta;1999;;;;")) == {2: ["reference_of_other"]}
    # The identifiers of another list are other identifiers.
    assert states(ground.read("A1;Bintou;Keïta;1999;;;;", source="Lille")) == {2: "to_write"}


def test_an_identifier_of_another_place_says_nothing(ground):
    other = make_person(ground.network.saint_denis, "Bintou Keïta", by=ground.lead)
    PersonReference.objects.create(person=other, source="import", reference="A1", added_at=timezone.now())
    here = {"source": "import:here"}
    assert states(ground.read("A1;Bintou;Keïta;1999;;;;", **here)) == {2: "to_write"}
    assert states(ground.read("A1;Moussa;Camara;1999;;;;", **here)) == {2: "to_write"}
    # Of a person who is seen here, the identifier of the house is known.
    known = make_person(ground.network.riquet, "Yao Kouassi", by=ground.lead)
    PersonReference.objects.create(person=known, source="import", reference="A2", added_at=timezone.now())
    assert states(ground.read("A2;Yao;Kouassi;;;;;", **here)) == {2: "skipped"}


def test_an_identifier_twice_in_one_file_is_set_aside(ground):
    assert codes(ground.read("A1;Awa;Ba;1990;;;;", "A1;Moussa;Camara;1971;;;;")) == {3: ["twice_in_file"]}


# ---------- mending ----------
def test_a_row_is_mended_in_place_before_and_after_writing(ground):
    batch = ground.read(*GOOD, *BAD)
    assert services.mend_rows(batch, {4: {"birth_date": "1985"}}, by=ground.lead) == (1, 0)
    services.write_batch(batch, by=ground.lead)
    assert Person.objects.count() == 3
    assert services.mend_rows(batch, {6: {"phone": ""}, 5: {"chosen_name": ""}}, by=ground.lead) == (1, 1)
    services.write_batch(batch, by=ground.lead)
    assert Person.objects.filter(chosen_name="Wei").count() == 1
    assert states(batch) == {2: "written", 3: "written", 4: "written", 5: "set_aside", 6: "written"}


def test_a_mended_row_is_compared_with_the_others(ground):
    batch = ground.read(
        "A1;Fatoumata;Sangaré;12/03/1985;06 39 98 00 01;;;", "A2;Fatouma;Sangaré;1885;06 39 98 00 01;;;"
    )
    assert states(batch) == {2: "to_write", 3: "set_aside"}
    services.mend_rows(batch, {3: {"birth_date": "1985"}}, by=ground.lead)
    assert states(batch) == {2: "to_write", 3: "alike"}


def test_a_field_that_no_column_holds_gets_one(ground):
    batch = ground.read("Ba;1990", headings="Nom;Naissance")
    services.set_columns(batch, ["", "birth_date"], by=ground.lead)
    services.check_batch(batch)
    assert codes(batch) == {2: ["no_name"]}
    services.mend_rows(batch, {2: {"chosen_name": "Awa"}}, by=ground.lead)
    services.write_batch(batch, by=ground.lead)
    assert Person.objects.get().full_name == "Awa"


def test_columns_said_by_someone_serve_the_next_file(ground):
    batch = ground.read("Awa;bambara", "Ines;arabe", headings="Qui;Parle")
    assert batch.fields == ["", "languages"]
    services.set_columns(batch, ["chosen_name", "languages"], by=ground.lead)
    assert services.check_batch(batch)
    assert states(batch) == {2: "to_write", 3: "to_write"}
    assert ground.read("Moussa;peul", headings="qui ;PARLE").fields == ["chosen_name", "languages"]
    assert Mapping.objects.count() == 1


def test_a_field_for_two_columns_is_refused(ground):
    batch = ground.read("Awa;Ba", headings="A;B")
    with pytest.raises(BusinessError, match="deux colonnes"):
        services.set_columns(batch, ["chosen_name", "chosen_name"], by=ground.lead)


# ---------- taking back ----------
def test_a_batch_is_taken_back_with_all_that_it_wrote(ground, now):
    before = [
        model.objects.count() for model in (Person, CardCode, Following, NameKey, ContactWay, PersonReference)
    ]
    batch = ground.read(*GOOD)
    services.write_batch(batch, by=ground.lead)
    assert services.undo_batch(batch, by=ground.lead)
    after = [
        model.objects.count() for model in (Person, CardCode, Following, NameKey, ContactWay, PersonReference)
    ]
    assert after == before == [0, 0, 0, 0, 0, 0]
    batch.refresh_from_db()
    assert (batch.state, batch.undone_at) == (BatchState.UNDONE, now)
    with pytest.raises(Conflict):
        services.undo_batch(batch, by=ground.lead)


def test_a_file_that_has_served_stays_and_says_why(ground, clock):
    batch = ground.read(*GOOD, "A9;Ines;Haddad;1999;;;;")
    services.write_batch(batch, by=ground.lead)
    awa, olena, ines = Person.objects.order_by("pk")
    clock.move(hours=1)
    people.add_contact_way(awa, kind="paper", by=ground.lead)
    # A row of another table, even one that leaves no line in the trail.
    ines.agreements.create(kind="informed", answer="agreed", said_at=clock.now())
    services.undo_batch(batch, by=ground.lead)
    assert set(Person.objects.values_list("pk", flat=True)) == {awa.pk, ines.pk}
    assert (states(batch), codes(batch)) == (
        {2: "kept", 3: "undone", 4: "kept"},
        {2: ["acted"], 4: ["linked"]},
    )
    assert awa.name_keys.exists()
    assert not Person.objects.filter(pk=olena.pk).exists()


def test_reading_a_file_is_not_using_it(ground, clock):
    batch = ground.read(*GOOD)
    services.write_batch(batch, by=ground.lead)
    from django.db import transaction

    from bagage.trail.services import record_reading

    with transaction.atomic():
        record_reading(ground.lead.actor, "read_file", person=Person.objects.first().uuid)
    services.undo_batch(batch, by=ground.lead)
    assert Person.objects.count() == 0


def test_pressing_twice_writes_once(ground):
    batch = ground.read(*GOOD)
    services.start_writing(batch, by=ground.lead)
    services.start_writing(batch, by=ground.lead)
    services.write_batch(batch, by=ground.lead)
    with pytest.raises(BusinessError):
        services.write_batch(batch, by=ground.lead)
    assert Person.objects.count() == 2


def test_a_writing_goes_on_where_it_stopped_and_can_be_taken_back_from_its_middle(ground, monkeypatch):
    monkeypatch.setattr("bagage.imports.services.writing.PIECE", 2)
    rows = [f"A{at};Prénom{at};Famille{at};19{50 + at};;;;" for at in range(6)]
    batch = ground.read(*rows, on_alike="create")
    assert services.write_batch(batch, by=ground.lead, seconds=0) is False
    assert Person.objects.count() == 2
    assert services.write_batch(batch, by=ground.lead, seconds=0) is False
    assert Person.objects.count() == 4
    assert services.undo_batch(batch, by=ground.lead) is True
    assert Person.objects.count() == 0
    assert sorted(set(states(batch).values())) == ["to_write", "undone"]


def test_what_the_base_refuses_is_set_aside_and_the_others_are_written(ground, monkeypatch):
    batch = ground.read(*GOOD)
    from bagage.people.importing import kinds

    def picky(files, **options):
        if any(one.chosen_name == "Olena" for one in files):
            raise BusinessError("Non.")
        return real(files, **options)

    real = kinds.open_files
    monkeypatch.setattr(kinds, "open_files", picky)
    services.write_batch(batch, by=ground.lead)
    assert (states(batch), codes(batch)) == ({2: "written", 3: "set_aside"}, {3: ["refused"]})


# ---------- forgetting ----------
def test_a_file_given_up_is_forgotten_at_once(ground):
    batch = ground.read(*GOOD)
    services.drop_batch(batch, by=ground.lead)
    batch.refresh_from_db()
    assert (batch.state, batch.rows.count()) == (BatchState.DROPPED, 0)
    assert [column["values"] for column in batch.columns] == [[]] * 8
    with pytest.raises(Conflict):
        services.drop_batch(batch, by=ground.lead)


def test_rows_of_a_finished_file_are_forgotten_after_their_days(ground, clock):
    written, left = ground.read(*GOOD), ground.read("B1;Ines;Haddad;1999;;;;")
    services.write_batch(written, by=ground.lead)
    clock.move(days=29)
    assert services.empty_old_batches() == 0
    clock.move(days=2)
    assert services.empty_old_batches() == 2
    assert list(Row.objects.filter(batch=written).values_list("values", "alike", "errors", "written")) == [
        ([], [], [], {}), ([], [], [], {}),
    ]  # fmt: skip
    assert Row.objects.filter(batch=left).count() == 0
    assert Batch.objects.filter(state=BatchState.DROPPED).count() == 1
    assert Person.objects.count() == 2
    with pytest.raises(BusinessError, match="30 jours"):
        services.undo_batch(Batch.objects.get(pk=written.pk), by=ground.lead)


def test_a_batch_left_in_its_middle_goes_on_by_itself(ground, clock):
    from bagage.imports.tasks import go_on_with_imports

    batch = ground.read(*GOOD, check=False)
    assert go_on_with_imports() is None
    clock.move(minutes=2)
    assert go_on_with_imports() == 1
    batch.refresh_from_db()
    assert batch.state == BatchState.PREVIEW
    services.start_writing(batch, by=ground.lead)
    clock.move(minutes=2)
    assert go_on_with_imports() == 1
    assert Person.objects.count() == 2
    services.start_undoing(batch, by=ground.lead)
    clock.move(minutes=2)
    assert go_on_with_imports() == 1
    assert Person.objects.count() == 0
    assert services.batches_left(clock.now(), after=timedelta()) == []
