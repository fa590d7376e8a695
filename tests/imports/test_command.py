"""``bagage import_persons``, as an administrator at the machine runs it."""

import io
import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from openpyxl import Workbook

from bagage.imports import services
from bagage.imports.models import Batch, Row
from bagage.people.models import Following, Person, PersonReference
from bagage.trail.models import Entry
from tests.imports.factories import BAD, GOOD, HEADINGS, Ground
from tests.people.factories import make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ground(now):
    return Ground()


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "liste.csv"
    path.write_text("\n".join([HEADINGS, *GOOD, *BAD]), encoding="cp1252")
    return path


def run(*arguments) -> dict:
    out = StringIO()
    call_command("import_persons", *map(str, arguments), "--json", stdout=out)
    return json.loads(out.getvalue())


def test_a_french_file_needs_no_mapping(ground, file):
    report = run(file)
    assert (report["read"], report["created"], report["possible_duplicates"]) == (5, 2, [])
    assert [(one["row"], one["fields"]) for one in report["set_aside"]] == [
        (4, ["birth_date"]), (5, ["chosen_name"]), (6, ["phone"]),
    ]  # fmt: skip
    assert report["set_aside"][0]["reasons"] == ["Date de naissance: Naissance en 1885 : plus de 120 ans."]
    assert set(PersonReference.objects.values_list("reference", flat=True)) == {"A1", "A2"}
    assert set(Following.objects.values_list("node__name", flat=True)) == {"Riquet"}
    entry = Entry.objects.get(verb="import.written")
    assert (entry.actor, entry.thing) == ("system:import_persons", f"import:{report['batch']}")


def test_a_possible_duplicate_is_created_and_told(ground, tmp_path):
    known = make_person(
        ground.network.saint_denis, "Fatoumata Sangaré", by=ground.lead, phone="+33639980001", birth_year=1985
    )
    path = tmp_path / "liste.csv"
    path.write_text(
        f"{HEADINGS}\nA1;Fatouma;SANGARÉ;1985;06 39 98 00 01;;;\nA2;Ines;Haddad;12/03/1971;;;;\n"
        "A3;Inès;Haddad;12/03/1971;;;;\n"
    )
    report = run(path)
    assert (report["created"], report["rows_with_possible_duplicates"]) == (3, 2)
    told = {
        (one["row"], one["id"], one["reference"], one["own_reference"])
        for one in report["possible_duplicates"]
    }
    ines = Person.objects.get(references__reference="A2")
    assert told == {(2, str(known.uuid), "", "A1"), (4, str(ines.uuid), "A2", "A3")}
    assert all(one["reasons"] and 0 < one["score"] <= 1 for one in report["possible_duplicates"])
    assert Person.objects.filter(merged_into=None).count() == 4


def test_a_dry_run_tells_the_same_and_writes_nothing(ground, file):
    dry = run(file, "--dry-run")
    assert (dry["read"], dry["created"], dry["batch"], dry["dry_run"]) == (5, 2, "", True)
    assert (Person.objects.count(), Row.objects.count()) == (0, 0)
    assert run(file)["created"] == 2


def test_the_same_file_twice_brings_nobody_twice(ground, file):
    run(file)
    again = run(file)
    assert (again["created"], again["skipped"]) == (0, 2)
    assert Person.objects.count() == 2


def test_a_batch_is_undone_and_says_what_stayed(ground, file, clock):
    batch = run(file)["batch"]
    clock.move(hours=1)
    olena = Person.objects.get(chosen_name="Olena")
    olena.agreements.create(kind="informed", answer="agreed", said_at=clock.now())
    report = run("--undo", batch)
    assert (report["undone"], [(one["row"], one["id"]) for one in report["kept"]]) == (
        1,
        [(3, str(olena.uuid))],
    )
    assert list(Person.objects.all()) == [olena]


def test_a_batch_that_was_cut_off_goes_on(ground, file):
    batch = services.read_file(
        file.read_bytes(), "l.csv", kind="persons", node=ground.network.riquet, by=ground.lead
    )
    report = run("--resume", batch.uuid)
    assert report["created"] == 2


def test_a_mapping_names_columns_by_code_or_by_label(ground, tmp_path):
    path, mapping = tmp_path / "liste.csv", tmp_path / "map.json"
    path.write_text("Qui;Famille;Nom\nAwa;Ba;x\n")
    mapping.write_text(
        json.dumps({"columns": {"Qui": "chosen_name", "FAMILLE": "Nom", "Nom": ""}, "source": "Lille"})
    )
    report = run(path, "--mapping", mapping, "--node", "saint-denis")
    assert report["columns"] == {"Qui": "chosen_name", "Famille": "family_name", "Nom": ""}
    assert Person.objects.get().full_name == "Awa Ba"
    assert Following.objects.get().node == ground.network.saint_denis
    assert Batch.objects.get().options["source"] == "Lille"


def test_a_mapping_may_leave_duplicates_for_the_screen(ground, tmp_path):
    make_person(ground.network.riquet, "Fatoumata Sangaré", by=ground.lead, birth_year=1985)
    path, mapping = tmp_path / "liste.csv", tmp_path / "map.json"
    path.write_text(f"{HEADINGS}\nA1;Fatoumata;Sangaré;1985;;;;\n")
    mapping.write_text('{"columns": {}, "duplicates": "wait"}')
    report = run(path, "--mapping", mapping)
    assert (report["created"], report["waiting"]) == (0, 1)


def test_a_workbook(ground, tmp_path):
    book = Workbook()
    for row in (["Prénom", "Nom"], ["Awa", "Ba"]):
        book.active.append(row)
    content = io.BytesIO()
    book.save(content)
    path = tmp_path / "liste.xlsx"
    path.write_bytes(content.getvalue())
    assert run(path)["created"] == 1


def test_for_someone_who_reads(ground, file):
    out = StringIO()
    call_command("import_persons", str(file), stdout=out)
    lines = out.getvalue().splitlines()
    assert lines[0] == "5 rows read, 2 created at Riquet, 0 may be known already, 3 set aside."
    assert lines[-1].startswith("Batch ")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "give a FILE"),
        (["absent.csv"], "No such file"),
        (["--undo", "rien"], "no such batch"),
        (["--undo", "00000000-0000-0000-0000-000000000000"], "no such batch"),
        (["{file}", "--undo", "x"], "give a FILE"),
        (["{file}", "--node", "Mars"], "there are: Riquet, Saint-Denis"),
        (["{file}", "--mapping", "{file}"], "--mapping"),
        (["{file}", "--mapping", "{wrong}"], "is no field"),
        (["{empty}"], "vide"),
    ],
)
def test_refusals_name_the_rule_and_leave_with_two(ground, file, tmp_path, arguments, said):
    (tmp_path / "wrong.json").write_text('{"Qui": "prénommé"}')
    (tmp_path / "empty.csv").write_text("")
    names = {"file": file, "wrong": tmp_path / "wrong.json", "empty": tmp_path / "empty.csv"}
    with pytest.raises(CommandError) as error:
        call_command("import_persons", *(one.format(**names) for one in arguments))
    assert said in str(error.value)
    assert error.value.returncode == 2
    assert Person.objects.count() == 0


def test_without_any_place_it_says_what_to_do(db, tmp_path):
    path = tmp_path / "liste.csv"
    path.write_text("Prénom\nAwa\n")
    with pytest.raises(CommandError, match="first start"):
        call_command("import_persons", str(path))
