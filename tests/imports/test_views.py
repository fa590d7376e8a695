"""The pages of imports, pressed as people press them."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from bagage.accounts.domain.roles import Role
from bagage.imports import services
from bagage.imports.domain.lifecycle import BatchState
from bagage.imports.models import Batch, Row
from bagage.people.models import Person
from bagage.trail.domain.actor import Actor
from bagage.trail.models import Entry
from tests.imports.factories import BAD, GOOD, HEADINGS, Ground, states
from tests.people.factories import make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground(now):
    return Ground()


@pytest.fixture
def lead(client, ground):
    client.force_login(ground.lead)
    return client


def upload(text: str, name: str = "liste.csv") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, text.encode(), content_type="text/csv")


def page(client, batch, query: str = "") -> str:
    response = client.get(reverse("imports:batch", args=[batch.uuid]) + query)
    assert response.status_code == 200
    return response.content.decode()


def hand_in(client, ground, text, **more):
    data = {
        "file": upload(text),
        "kind": "persons",
        "node": str(ground.network.riquet.uuid),
        "sheet": "",
        **more,
    }
    return client.post(reverse("imports:batches"), data)


def test_a_file_is_handed_in_shown_written_and_taken_back(lead, ground):
    response = hand_in(lead, ground, "\n".join([HEADINGS, *GOOD, *BAD]))
    batch = Batch.objects.get()
    assert response.headers["Location"] == reverse("imports:batch", args=[batch.uuid])
    shown = page(lead, batch)
    assert "Votre tableau de 5 personnes" in shown
    assert "<b>2</b> nouvelles," in shown
    assert "Naissance en 1885 : plus de 120 ans." in shown
    assert 'value="1985"' in shown
    assert "Écrire 2 personnes" in shown
    assert Person.objects.count() == 0
    lead.post(reverse("imports:batch_write", args=[batch.uuid]))
    assert Person.objects.count() == 2
    shown = page(lead, batch)
    assert "C’est écrit" in shown
    assert "en retire 2." in shown
    lead.post(reverse("imports:batch_undo", args=[batch.uuid]))
    assert Person.objects.count() == 0
    assert "C’est défait" in page(lead, batch)


@pytest.mark.parametrize(
    ("text", "name", "said"),
    [
        ("%PDF-1.7", "a.pdf", "Ce n’est pas un tableau."),
        (" ", "a.csv", "Ce fichier est vide."),
        ("Prénom;Nom\n", "a.csv", "Ce fichier n’a que des titres"),
    ],
)
def test_what_is_no_table_is_said_beside_the_field(lead, ground, text, name, said):
    response = hand_in(lead, ground, text, file=upload(text, name))
    assert response.status_code == 422
    assert said in response.content.decode()
    assert Batch.objects.count() == 0


def test_a_place_that_is_not_hers_is_refused(lead, ground):
    response = hand_in(lead, ground, "Prénom\nAwa\n", node=str(ground.network.saint_denis.uuid))
    assert response.status_code == 422
    assert Batch.objects.count() == 0


def test_columns_are_corrected(lead, ground):
    batch = ground.read("Awa;Ba", "Ines;Haddad", headings="A;B")
    assert "À dire" in page(lead, batch)
    lead.post(
        reverse("imports:batch_columns", args=[batch.uuid]),
        {"column-0": "chosen_name", "column-1": "family_name"},
    )
    assert states(batch) == {2: "to_write", 3: "to_write"}
    response = lead.post(
        reverse("imports:batch_columns", args=[batch.uuid]),
        {"column-0": "chosen_name", "column-1": "chosen_name"},
        follow=True,
    )
    assert "donné à deux colonnes" in response.content.decode()


def test_a_row_beside_whom_it_may_be(lead, ground):
    known = make_person(
        ground.network.riquet, "Fatoumata Sangaré", by=ground.lead, phone="+33639980001", birth_year=1985
    )
    batch = ground.read("A1;Fatouma;SANGARÉ;1985;06 39 98 00 04;bambara;;")
    shown = page(lead, batch, "?d=7")
    assert "1 sur 1" in shown
    assert "06 39 98 00 0<mark>4</mark>" in shown
    assert "06 39 98 00 0<mark>1</mark>" in shown
    assert f'value="same:person:{known.uuid}"' in shown
    assert "Fatouma" in lead.get(reverse("imports:batch_alike", args=[batch.uuid])).content.decode()
    lead.post(
        reverse("imports:batch_decide", args=[batch.uuid]),
        {"row": "2", "decision": f"same:person:{known.uuid}", "next": "1"},
    )
    assert (Row.objects.get().state, Row.objects.get().same_as) == ("to_write", f"person:{known.uuid}")
    # Pressed again, and forged.
    for data, status in (
        ({"row": "2", "decision": "new"}, 302),
        ({"row": "99", "decision": "new"}, 409),
        ({"row": "x", "decision": "new"}, 404),
        ({"row": "2", "decision": "same:person:00000000-0000-0000-0000-000000000000"}, 404),
        ({"row": "2", "decision": "same:row:99"}, 422),
    ):
        response = lead.post(reverse("imports:batch_decide", args=[batch.uuid]), data)
        assert response.status_code == status


def test_someone_of_another_place_is_a_sentence_without_a_fact(lead, ground):
    elsewhere = make_person(
        ground.network.saint_denis, "Fatoumata Sangaré", by=ground.lead, phone="+33639980001", birth_year=1985
    )
    # Brought in at the machine, which compares with all, and left for the screen.
    batch = ground.read("A1;Fatouma;SANGARÉ;1985;06 39 98 00 04;bambara;;", by=Actor.system("import_persons"))
    assert states(batch) == {2: "alike"}
    for address in ("imports:batch", "imports:batch_alike"):
        shown = lead.get(reverse(address, args=[batch.uuid])).content.decode()
        assert "un dossier existe peut-être ailleurs" in shown
        for told in ("Fatoumata", "06 39 98 00 01", str(elsewhere.uuid)):
            assert told not in shown
    response = lead.post(
        reverse("imports:batch_decide", args=[batch.uuid]),
        {"row": "2", "decision": f"same:person:{elsewhere.uuid}"},
    )
    assert response.status_code == 404
    assert states(batch) == {2: "alike"}


def test_rows_are_mended_one_or_all(lead, ground):
    batch = ground.read(*GOOD, *BAD)
    address = reverse("imports:batch_mend", args=[batch.uuid])
    values = {"r4-birth_date": "1985", "r5-chosen_name": "", "r6-phone": ""}
    lead.post(address, {**values, "r6-phone": "06 39 98 12 3", "only": "4"})
    assert states(batch)[4] == "to_write"
    assert states(batch)[6] == "set_aside"
    lead.post(address, values)
    assert states(batch) == {2: "to_write", 3: "to_write", 4: "to_write", 5: "set_aside", 6: "to_write"}
    lead.post(address, {"skip": "5"})
    assert states(batch)[5] == "skipped"


def test_the_enter_key_mends_what_was_typed_and_no_other_row(lead, ground):
    batch = ground.read(*GOOD, *BAD)
    address = reverse("imports:batch_mend", args=[batch.uuid])
    # 1985 stands in row 4 as a proposal: nobody took it yet.
    lead.post(
        address,
        {"r4-birth_date": "1985", "r5-chosen_name": "Ines", "r6-phone": "06 39 98 12 3", "only": "changed"},
    )
    assert states(batch) == {2: "to_write", 3: "to_write", 4: "set_aside", 5: "to_write", 6: "set_aside"}
    # A button of one row takes along what was typed in another.
    lead.post(address, {"r4-birth_date": "1985", "r6-phone": "06 39 98 12 34", "only": "4"})
    assert states(batch) == {2: "to_write", 3: "to_write", 4: "to_write", 5: "to_write", 6: "to_write"}


def test_rows_set_aside_leave_as_a_workbook(lead, ground):
    batch = ground.read(*GOOD, *BAD)
    response = lead.get(reverse("imports:batch_set_aside", args=[batch.uuid]))
    sheet = load_workbook(BytesIO(response.content)).worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[0][:4] == ["À corriger", "Ligne", "Identifiant", "Prénom"]
    assert rows[1][0] == "Date de naissance : Naissance en 1885 : plus de 120 ans."
    assert [row[1] for row in rows[1:]] == [4, 5, 6]
    clean = ground.read(*GOOD, source="autre")
    assert lead.get(reverse("imports:batch_set_aside", args=[clean.uuid])).status_code == 404


def test_long_work_shows_how_far_and_goes_on(lead, ground, monkeypatch, htmx_client):
    monkeypatch.setattr("bagage.imports.views.batches.SLICE", 0.0)
    monkeypatch.setattr("bagage.imports.services.writing.PIECE", 1)
    batch = ground.read(*GOOD, "A9;Ines;Haddad;1999;;;;")
    lead.post(reverse("imports:batch_write", args=[batch.uuid]))
    shown = page(lead, batch)
    assert "Vous pouvez partir" in shown
    assert "<b>1</b> sur 3" in shown
    htmx_client.force_login(ground.lead)
    part = htmx_client.post(reverse("imports:batch_go_on", args=[batch.uuid]))
    assert "<b>2</b> sur 3" in part.content.decode()
    assert "<html" not in part.content.decode()
    for _time in range(3):
        part = htmx_client.post(reverse("imports:batch_go_on", args=[batch.uuid]))
    assert part.headers["HX-Redirect"] == reverse("imports:batch", args=[batch.uuid])
    assert Person.objects.count() == 3


def test_what_undoing_leaves_is_shown_one_by_one(lead, ground, clock):
    batch = ground.read(*GOOD)
    services.write_batch(batch, by=ground.lead)
    awa = Person.objects.order_by("pk")[0]
    clock.move(hours=1)
    awa.agreements.create(kind="informed", answer="agreed", said_at=clock.now())
    assert "en retire 1." in page(lead, batch)
    lead.post(reverse("imports:batch_undo", args=[batch.uuid]))
    shown = page(lead, batch)
    assert "Awa Sangaré" in shown
    assert reverse("desk:person", args=[awa.uuid]) in shown


def test_a_batch_of_another_place_is_not_there(client, ground):
    batch = ground.read(*GOOD)
    other = make_user(ground.network.saint_denis, Role.PROGRAMME_LEAD)
    client.force_login(other)
    assert client.get(reverse("imports:batch", args=[batch.uuid])).status_code == 404
    assert client.post(reverse("imports:batch_write", args=[batch.uuid])).status_code == 404
    assert batch.file_name not in client.get(reverse("imports:batches")).content.decode()


def test_a_given_up_file_is_gone_from_the_list(lead, ground):
    batch = ground.read(*GOOD)
    lead.post(reverse("imports:batch_drop", args=[batch.uuid]))
    batch.refresh_from_db()
    assert batch.state == BatchState.DROPPED
    assert "liste.csv" not in lead.get(reverse("imports:batches")).content.decode()


def test_the_list_asks_as_much_for_three_as_for_one(lead, ground):
    def asked() -> int:
        with CaptureQueriesContext(connection) as found:
            lead.get(reverse("imports:batches"))
        return len(found)

    ground.read(*GOOD)
    asked()
    first = asked()
    ground.read(*GOOD, source="b")
    ground.read(*GOOD, source="c")
    assert asked() == first


def test_an_export_can_be_brought_in_again_and_is_noted(lead, ground, now):
    services.write_batch(ground.read(*GOOD), by=ground.lead)
    make_person(ground.network.riquet, "=cmd|calc Ba", by=ground.lead)
    make_person(ground.network.saint_denis, "Quelqu’un d’Ailleurs", by=ground.lead)
    response = lead.get(reverse("imports:export", args=["persons", "csv"]))
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    lines = text.splitlines()
    assert lines[0].startswith("Identifiant du dossier;Prénom;Nom;")
    assert lines[1] == "A1;Awa;Sangaré;;;1985;1985-03-12;06 39 98 00 01;;bambara;Paris 19e;2026-11-26"
    assert lines[2].startswith("A2;Olena;Tkachenko;;;vers 1990;;")
    assert lines[3].startswith(";'=cmd|calc;Ba")
    assert "Ailleurs" not in text
    entry = Entry.objects.get(verb="import.export")
    assert (entry.actor, entry.fields, entry.is_reading) == (str(ground.lead.actor), "persons", True)
    again = services.read_file(
        text.encode(), "a.csv", kind="persons", node=ground.network.riquet, by=ground.lead
    )
    services.check_batch(again)
    assert states(again) == {2: "skipped", 3: "skipped", 4: "alike"}
