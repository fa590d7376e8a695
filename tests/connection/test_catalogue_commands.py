"""Offers go in and out by commands."""

import json
from datetime import date
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from bagage.connection.models import CatalogueImport, Offer
from bagage.connection.queries.catalogue import catalogue_on
from bagage.connection.services.catalogue_imports import load_example, undo_import
from tests.connection.factories import KEEPER

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 26)


@pytest.fixture(autouse=True)
def _clock(now):
    """All happens on the standing day."""


def said(*arguments: str, **options: object) -> str:
    out = StringIO()
    call_command(*arguments, stdout=out, stderr=out, **options)
    return out.getvalue()


@pytest.mark.parametrize("ending", ["json", "csv", "xlsx"])
def test_exported_offers_are_imported_elsewhere(tmp_path, ending):
    batch = load_example(by=KEEPER)
    whole = catalogue_on(TODAY)
    file = str(tmp_path / f"offers.{ending}")
    assert said("export_offers", file) == f"47 offers were written to {file}.\n"
    undo_import(batch, by=KEEPER)
    assert said("import_offers", file).startswith(
        "47 new, 0 replaced, 0 verified, 0 ended, 0 the same, 0 set aside."
    )
    assert Offer.objects.count() == 0
    assert said("import_offers", file, write=True).endswith("page of imports.\n")
    assert catalogue_on(TODAY).lines == whole.lines


def test_import_names_each_fault(tmp_path):
    file = tmp_path / "bad.csv"
    file.write_text("line_id,offer_id,kind,price,validity_days\na,a-1,top_up,five,7\n")
    told = said("import_offers", str(file))
    assert "row 2" in told
    assert "'five'" in told
    assert CatalogueImport.objects.count() == 0


@pytest.mark.parametrize(
    "arguments",
    [
        ("import_offers", "/nowhere/x.json"),
        ("import_offers", "/dev/null"),
        ("import_offers", "/dev/null", "--from", "yesterday"),
        ("export_offers", "x.odt"),
        ("export_offers", "x.json", "--day", "soon"),
        ("export_offers", "/nowhere/x.json"),
    ],
)
def test_refused_input_exits_with_two(arguments):
    with pytest.raises(CommandError) as refused:
        said(*arguments)
    assert refused.value.returncode == 2


def test_history_is_loaded_by_a_command():
    assert said("load_offer_history") == "62 offers of other times were added.\n"
    assert said("load_offer_history") == "0 offers of other times were added.\n"


def test_exported_file_is_a_programme_file(tmp_path):
    load_example(by=KEEPER)
    file = tmp_path / "offers.json"
    said("export_offers", str(file), day="2026-11-26")
    assert len(json.loads(file.read_text())["lines"]) == 12
