"""Tables and files of offers: what is written reads back, and every fault is named by row, column and rule."""

import io
import json
import zipfile
from dataclasses import replace
from datetime import date
from importlib.resources import files

import openpyxl
import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from bagage.common.exports import csv_lines, xlsx_file
from bagage.connection.catalogue_words import fault_words, sheet_table, sheet_words, unreadable_words
from bagage.connection.domain import catalogue_file
from bagage.connection.domain.catalogue_file import Json, Sheet, Unreadable, open_file
from bagage.connection.domain.programme import (
    CONDITIONS,
    RESOURCES,
    Programme,
    Refused,
    programme_as_json,
    read_programme,
)
from bagage.connection.domain.programme import Line as SoldLine
from bagage.connection.domain.programme import Offer as SoldOffer
from bagage.connection.domain.sheet import (
    COLUMNS,
    Extra,
    Reading,
    WrongHeadings,
    read_json,
    read_rows,
    with_what_is_absent,
    write_rows,
)
from tests.connection.factories import sold_line, sold_offer

HEAD = (
    "line_id;operator;sim_price;offer_id;offer_name;kind;price;validity_days;voice_min;sms;data_mb;"
    "requires;verified_on"
)
GOOD = (
    "carte;Exemple;10,00;carte-5;Recharge 5;recharge;5,00 €;7;30;illimité;1 500;Pièce d’identité;24/11/2026"
)


def example() -> Programme:
    return read_programme(
        json.loads(files("bagage.connection").joinpath("data/demo_catalogue.json").read_text())
    )


def read(text: str | bytes) -> Reading:
    sheet = open_file(text.encode() if isinstance(text, str) else text)
    assert isinstance(sheet, Sheet)
    return read_rows(sheet.rows, sheet_words(), formulas=sheet.formulas)


def faults(*rows: str, head: str = HEAD) -> list[tuple[int, str, str, str]]:
    return [(each.row, each.column, each.code, each.value) for each in read("\n".join([head, *rows])).faults]


# ---------- there and back ----------

letters = st.characters(codec="utf-8", exclude_categories=["Cs", "Cc", "Zl", "Zp"])
# An apostrophe that leads a text is how files keep a spreadsheet from running it.
texts = st.text(letters, max_size=30).map(lambda text: " ".join(text.split()).lstrip("' "))
prices = st.dictionaries(st.sampled_from(RESOURCES), st.integers(1, 10**9), max_size=3)
days = st.dates(date(2000, 1, 1), date(2100, 1, 1)).map(date.isoformat)


def ordered(amounts: dict[str, object]) -> dict[str, object]:
    return {key: amounts[key] for key in RESOURCES if key in amounts}


@st.composite
def offers(draw: st.DrawFn, code: str) -> SoldOffer:
    is_plan = draw(st.booleans())
    unknown = draw(
        st.lists(st.sampled_from(["price", "validity_days", "requires", "allowances"]), unique=True)
    )
    return SoldOffer(
        id=code,
        name=draw(texts),
        kind="plan" if is_plan else "top_up",
        price=0 if "price" in unknown else draw(st.integers(1, 10**8)),
        validity_days=None if is_plan or "validity_days" in unknown else draw(st.integers(1, 3650)),
        allowances=ordered(
            draw(st.dictionaries(st.sampled_from(RESOURCES), st.none() | st.integers(0, 10**9), max_size=3))
        ),
        credit=0 if is_plan else draw(st.integers(0, 10**8)),
        overage=ordered(draw(prices)) if is_plan else {},
        commitment_months=draw(st.integers(0, 60)) if is_plan else 0,
        requires=tuple(
            draw(st.lists(st.frozensets(st.sampled_from(CONDITIONS), min_size=1, max_size=3), max_size=3))
        ),
        source=draw(texts),
        as_of=draw(texts),
        verified_on=draw(st.just("") | days),
        unknown=tuple(unknown),
    )


@st.composite
def programmes(draw: st.DrawFn) -> Programme:
    lines = []
    for number in range(draw(st.integers(1, 3))):
        count = draw(st.integers(1, 3))
        lines.append(
            SoldLine(
                id=f"line-{number}",
                operator=draw(texts),
                name=draw(texts),
                sim_price=draw(st.integers(0, 10**8)),
                offers=tuple(draw(offers(f"o-{number}-{rank}")) for rank in range(count)),
                monthly_cap=draw(st.none() | st.integers(0, 10**8)),
                solidarity=draw(st.booleans()),
                unit_prices=ordered(draw(prices)),
            )
        )
    return Programme(tuple(lines))


@pytest.mark.parametrize("language", ["fr", "en"])
@given(programme=programmes())
def test_table_as_csv_reads_back_without_loss(language, programme):
    with translation.override(language):
        text = "".join(csv_lines(sheet_table(write_rows(programme, {}))))
    reading = read(text)
    assert (reading.faults, reading.programme) == ((), programme)


def test_table_as_xlsx_reads_back_without_loss(now):
    programme = example()
    extras = {"plume-5go": Extra("2026-10-01", "2026-12-31", "=SOMME(A1) n’est qu’une note")}
    rows = sheet_table(write_rows(programme, extras))
    with xlsx_file(rows, title="x", fixed_at=now, filters=[]) as file:
        sheet = open_file(file.read())
    assert isinstance(sheet, Sheet)
    reading = read_rows(sheet.rows, sheet_words(), formulas=sheet.formulas)
    assert (reading.faults, reading.programme) == ((), replace(programme, about=""))
    assert reading.extras["plume-5go"] == extras["plume-5go"]


def test_table_of_a_line_without_offers_keeps_the_line():
    programme = Programme((replace(sold_line(), offers=(sold_offer(),)), sold_line("vide")))
    rows = write_rows(programme, {})
    assert [row["line_id"] for row in rows] == ["carte", "vide"]
    text = "".join(csv_lines(sheet_table(rows)))
    assert read(text).programme == programme


def test_programme_file_reads_back_without_loss():
    programme = example()
    text = json.dumps(programme_as_json(programme))
    opened = open_file(text.encode())
    assert isinstance(opened, Json)
    assert read_json(opened.data).programme == programme


# ---------- as people write ----------


def test_row_as_people_write_it_is_read():
    reading = read(f"{HEAD}\n{GOOD}\n")
    [offer] = reading.programme.lines[0].offers
    assert reading.faults == ()
    assert offer == sold_offer(
        price=500,
        allowances={"voice_min": 30, "sms": None, "data_mb": 1500},
        source="",
        as_of="",
        verified_on="2026-11-24",
    )


def test_headings_in_french_without_accents_are_read():
    head = "CODE DE LA GAMME,code de l'offre,sorte,prix,jours de validite"
    reading = read(f"{head}\ncarte,c5,Recharge,5.00,7\n")
    assert [offer.id for offer in reading.programme.lines[0].offers] == ["c5"]


@pytest.mark.parametrize("separator", [";", ",", "\t"])
def test_any_usual_separator_is_taken(separator):
    rows = ["line_id offer_id kind price validity_days", "carte c5 top_up 5.00 7"]
    reading = read("\n".join(row.replace(" ", separator) for row in rows))
    assert reading.faults == ()


def test_file_of_an_old_windows_is_read_and_said():
    sheet = open_file(f"{HEAD}\n{GOOD}\n".encode("cp1252"))
    assert isinstance(sheet, Sheet)
    assert (sheet.encoding, sheet.rows[1][6]) == ("Windows-1252", "5,00 €")


def test_utf16_is_read():
    sheet = open_file(f"{HEAD}\n{GOOD}\n".encode("utf-16"))
    assert isinstance(sheet, Sheet)
    assert sheet.rows[1][9] == "illimité"


def test_alternatives_are_read_in_each_way_of_writing():
    for told in (
        "bank_account, fixed_address|social_referral",
        "Compte bancaire, Adresse fixe ou Orientation sociale",
    ):
        row = GOOD.replace("Pièce d’identité", told)
        [offer] = read(f"{HEAD}\n{row}").programme.lines[0].offers
        assert offer.requires == (
            frozenset({"bank_account"}),
            frozenset({"fixed_address", "social_referral"}),
        )


def test_headings_that_mean_nothing_are_told():
    reading = read(f"{HEAD};couleur\n{GOOD};rouge")
    assert (reading.ignored, reading.faults) == (("couleur",), ())


def test_absent_columns_leave_what_is_there():
    current = replace(
        sold_line(monthly_cap=3000, unit_prices={"sms": 1000}),
        offers=(sold_offer(allowances={"voice_min": 20, "data_mb": 100}),),
    )
    reading = read("line_id,offer_id,kind,price,validity_days,data_mb\ncarte,carte-5,top_up,6.00,7,200")
    completed = with_what_is_absent(reading.programme.lines[0], current, reading.columns)
    assert completed == replace(
        current, offers=(sold_offer(price=600, allowances={"voice_min": 20, "data_mb": 200}),)
    )


# ---------- faults ----------


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"5,00 €": "cinq"}, ("price", "money", "cinq")),
        ({"5,00 €": "5,005"}, ("price", "money", "5,005")),
        ({"5,00 €": "-5"}, ("price", "money", "-5")),
        ({"5,00 €": "0"}, ("price", "above_zero", "0")),
        ({"5,00 €": ""}, ("price", "required", "")),
        ({"5,00 €": "=A1*2"}, ("price", "formula", "=A1*2")),
        ({";7;": ";sept;"}, ("validity_days", "whole", "sept")),
        ({";7;": ";;"}, ("validity_days", "required", "")),
        ({";7;": ";4000;"}, ("validity_days", "range", "4000")),
        ({";30;": ";-3;"}, ("voice_min", "range", "-3")),
        ({"recharge;": "abonnement;"}, ("kind", "kind", "abonnement")),
        ({"Pièce d’identité": "passeport"}, ("requires", "condition", "passeport")),
        ({"24/11/2026": "31/02/2026"}, ("verified_on", "date", "31/02/2026")),
        ({"carte-5": ""}, ("offer_id", "text", "")),
        ({"carte-5": "x" * 81}, ("offer_id", "long", "x" * 81)),
        ({"10,00": "dix"}, ("sim_price", "money", "dix")),
    ],
)
def test_fault_names_row_column_and_rule(changes, expected):
    row = GOOD
    for before, after in changes.items():
        row = row.replace(before, after, 1)
    assert faults(row) == [(2, *expected)]


def test_faults_of_one_row_are_told_together_and_the_others_are_kept():
    bad = GOOD.replace("carte-5", "carte-6").replace("5,00 €", "cinq").replace("recharge;", "abonnement;")
    reading = read("\n".join([HEAD, bad, GOOD]))
    assert sorted((each.row, each.column) for each in reading.faults) == [(2, "kind"), (2, "price")]
    assert [offer.id for offer in reading.programme.lines[0].offers] == ["carte-5"]
    assert [(row["row"], row["price"], row["kind"]) for row in reading.aside] == [("2", "cinq", "abonnement")]


def test_offer_told_twice_keeps_the_first():
    assert faults(GOOD, GOOD) == [(3, "offer_id", "twice", "carte-5")]


def test_rows_that_write_one_amount_in_two_ways_agree():
    other = GOOD.replace("carte-5", "carte-6").replace("10,00", "10")
    assert faults(GOOD, other) == []


def test_rows_that_disagree_about_their_line_are_told():
    other = GOOD.replace("carte-5", "carte-6").replace("10,00", "12,00")
    assert faults(GOOD, other) == [(3, "sim_price", "other_line", "12,00")]


def test_end_before_the_beginning_is_a_fault():
    head, row = HEAD + ";begins_on;ends_on", GOOD + ";2026-11-10;2026-11-01"
    assert faults(row, head=head) == [(2, "ends_on", "before", "2026-11-01")]


def test_formula_of_a_workbook_is_a_fault():
    book = openpyxl.Workbook()
    book.active.append(["line_id", "offer_id", "kind", "price", "validity_days"])
    book.active.append(["carte", "c5", "top_up", "=2+3", 7])
    book.active.append(["carte", "c6", "top_up", 0.1 + 0.2, 7.0])
    file = io.BytesIO()
    book.save(file)
    reading = read(file.getvalue())
    assert [(each.row, each.column, each.code) for each in reading.faults] == [(2, "price", "formula")]
    assert [(offer.price, offer.validity_days) for offer in reading.programme.lines[0].offers] == [(30, 7)]


def test_other_headings_are_refused_with_what_was_found():
    with pytest.raises(WrongHeadings) as refused:
        read("nom;prénom;téléphone\na;b;c")
    assert refused.value.missing == ("line_id", "offer_id", "kind", "price")
    assert refused.value.found == ("nom", "prénom", "téléphone")


def test_json_keeps_what_is_right():
    data = programme_as_json(example())
    data["lines"][0]["offers"][1]["price"] = "5.001"
    data["lines"][2]["sim_price"] = "-1"
    reading = read_json(data)
    assert [(each.place, each.code) for each in reading.faults] == [
        ("lines[0].offers[1].price", "money"),
        ("lines[2].sim_price", "money"),
    ]
    assert len(reading.programme.lines) == 11
    assert [row["id"] for row in reading.aside] == [
        "passerelle-appels", "plume-2", "plume-5go", "plume-60go", "plume-200go",
    ]  # fmt: skip


@pytest.mark.parametrize("data", [[], {"lines": []}, {"lines": "x"}, {"lignes": []}, {"lines": [], "x": 1}])
def test_json_that_is_no_programme_is_refused(data):
    with pytest.raises(Refused):
        read_json(data)


@pytest.mark.parametrize(
    "data", [{"lines": [1]}, {"lines": [{"id": "a", "offers": 3}]}, {"lines": [{"offers": [None]}]}]
)
def test_json_of_another_shape_is_set_aside(data):
    reading = read_json(data)
    assert reading.programme.lines == ()
    assert len(reading.faults) >= 1


# ---------- files that are something else ----------


def workbook_with(name: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(name, "x")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b"  \n ", "empty"),
        (b"x" * 5_000_001, "too_large"),
        (b"%PDF-1.7 ...", "other_file"),
        (b"\x89PNG\r\n\x1a\n....", "other_file"),
        (b"\x00\x01\x02", "other_file"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "old_excel"),
        (b"PK\x03\x04 broken", "broken"),
        (workbook_with("word/document.xml"), "other_file"),
        (workbook_with("xl/workbook.xml"), "broken"),
        (b"{not json", "bad_json"),
        (b"[" * 100_000, "bad_json"),
        (b"line_id;x\n" * 5_010, "too_many_rows"),
        (b"\xff\xfea", "broken"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{value[:8]!r}",
)
def test_file_that_is_no_catalogue_is_refused(content, code):
    with pytest.raises(Unreadable) as refused:
        open_file(content)
    assert refused.value.code == code
    words = unreadable_words(refused.value)
    assert words != code
    assert words.endswith(".")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'{"lines": [], "lines": []}', "twice"),
        (rb'{"lines": [{"id": "\ud800"}]}', "text"),
        (b'{"lines": NaN}', "number"),
    ],
)
def test_json_with_a_trap_is_refused_at_its_place(content, code):
    with pytest.raises(Refused) as refused:
        open_file(content)
    assert [each.code for each in refused.value.problems] == [code]


def test_json_with_a_number_without_end_is_a_fault():
    opened = open_file(b'{"lines": [{"id": "a", "sim_price": ' + b"1" * 5000 + b', "offers": []}]}')
    assert isinstance(opened, Json)
    assert [each.column for each in read_json(opened.data).faults] == ["sim_price"]


def test_workbook_that_unpacks_too_large_is_refused(monkeypatch):
    monkeypatch.setattr(catalogue_file, "LARGEST_UNPACKED", 10)
    book = io.BytesIO()
    openpyxl.Workbook().save(book)
    with pytest.raises(Unreadable, match="too_large"):
        open_file(book.getvalue())


def test_empty_workbook_is_refused():
    book = io.BytesIO()
    openpyxl.Workbook().save(book)
    with pytest.raises(Unreadable, match="empty"):
        open_file(book.getvalue())


@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(content):
    try:
        opened = open_file(content)
        if isinstance(opened, Json):
            read_json(opened.data)
        else:
            read_rows(opened.rows, sheet_words(), formulas=opened.formulas)
    except (Unreadable, WrongHeadings, Refused):
        pass


@given(
    st.lists(
        st.lists(st.text(max_size=8), min_size=len(COLUMNS), max_size=len(COLUMNS)), min_size=1, max_size=4
    )
)
def test_any_cells_are_read_or_set_aside(rows):
    reading = read_rows([list(COLUMNS), *rows], sheet_words())
    kept = sum(len(line.offers) for line in reading.programme.lines)
    assert kept + len(reading.aside) <= len(rows)
    assert bool(reading.faults) == bool(reading.aside)


def test_every_rule_has_its_french_words():
    codes = ["required", "above_zero", "whole", "range", "text", "long", "kind", "condition", "field", "date",
             "alternatives", "yes_or_no", "twice", "other_line", "before", "formula", "unknown_key", "object", "list",
             "empty"]  # fmt: skip
    assert [code for code in codes if fault_words(code, rule="english") == "english"] == []
    assert fault_words("money", rule="at most 2 decimals") == "Au plus 2 décimales."
    assert fault_words("money", rule="at most 4 decimals") == "Au plus 4 décimales."
    assert fault_words("plan", column="credit") == "Un forfait n’apporte pas de crédit. Laissez vide."
