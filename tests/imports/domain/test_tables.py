"""Files as they come: any separator, any letters, any workbook; what is none is said."""

import datetime as dt
import io
import zipfile

import pytest
from openpyxl import Workbook

from bagage.imports.domain.tables import MOST_ROWS, Unreadable, folded, read_table

KNOWN = ("prenom", "nom", "telephone", "date de naissance")
ROWS = [["Prénom", "Nom", "Téléphone"], ["Éloïse", "Ça", "06 39 98 00 01"], ["Olena", "Прокопенко", ""]]


def text_of(separator: str, rows=ROWS) -> str:
    return "\r\n".join(separator.join(row) for row in rows) + "\r\n"


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_any_separator_and_any_unicode(separator, encoding):
    table = read_table(text_of(separator).encode(encoding), KNOWN)
    assert table.headings == ("Prénom", "Nom", "Téléphone")
    assert table.rows == [(2, ["Éloïse", "Ça", "06 39 98 00 01"]), (3, ["Olena", "Прокопенко", ""])]


@pytest.mark.parametrize(
    ("encoding", "title"), [("cp1252", "Windows-1252"), ("mac_roman", "Mac"), ("cp850", "DOS")]
)
def test_letters_of_one_byte_are_told_apart(encoding, title):
    rows = [["Prénom", "Nom"], ["Hélène", "Lefèvre"], ["Zoé", "Gonçalvès"]]
    table = read_table(text_of(";", rows).encode(encoding), KNOWN)
    assert (table.encoding, table.rows[0][1], table.rows[1][1]) == (
        title, ["Hélène", "Lefèvre"], ["Zoé", "Gonçalvès"],
    )  # fmt: skip


def test_titles_and_empty_lines_above_the_headings_are_passed_over():
    content = "Liste 2025;;\n;;\nPrénom;Nom;Téléphone\nAwa;Ba;\n".encode()
    table = read_table(content, KNOWN)
    assert (table.headings, table.rows) == (("Prénom", "Nom", "Téléphone"), [(4, ["Awa", "Ba", ""])])


def test_a_list_without_headings_gets_some():
    table = read_table(b"Awa;Ba;06 39 98 00 01\nMoussa;Camara;06 39 98 00 02\n", KNOWN)
    assert table.has_headings is False
    assert table.headings == ("Colonne 1", "Colonne 2", "Colonne 3")
    assert [number for number, _cells in table.rows] == [1, 2]


def test_a_heading_that_stands_twice_is_two_columns_and_an_empty_one_is_none():
    table = read_table(b"Prenom;Tel;Tel;;\nAwa;1;2;;\n", KNOWN)
    assert table.headings == ("Prenom", "Tel", "Tel (2)")


def test_a_cell_on_several_lines_is_one_and_a_guarded_one_is_freed():
    table = read_table("Prénom;Téléphone;Note\n\"Awa\nFatou\";'+33639980001;'=1+1\n".encode(), KNOWN)
    assert table.rows == [(2, ["Awa Fatou", "+33639980001", "=1+1"])]


def test_the_separator_that_the_file_declares():
    assert read_table("sep=,\nPrénom,Nom\nAwa,Ba\n".encode(), KNOWN).rows == [(3, ["Awa", "Ba"])]


def workbook(**sheets: list[list[object]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_a_workbook_gives_its_largest_sheet_with_cells_as_they_are_meant():
    content = workbook(
        Notes=[["à lire"], ["demain"]],
        Accueil=[
            ["Prénom", "Naissance", "Tél", "Mail ?"],
            ["Awa", dt.date(1985, 3, 12), 639980001, True],
            ["Moussa", 1990, "06 39 98 00 02", False],
            ["Ines", "vers 1971", 0.1 + 0.2, None],
        ],
    )
    table = read_table(content, KNOWN)
    assert (table.sheet, table.other_sheets) == ("Accueil", ("Notes",))
    assert table.rows == [
        (2, ["Awa", "1985-03-12", "639980001", "oui"]),
        (3, ["Moussa", "1990", "06 39 98 00 02", "non"]),
        (4, ["Ines", "vers 1971", "0.3", ""]),
    ]
    assert read_table(content, KNOWN, sheet="Notes").sheet == "Notes"


def test_a_sheet_that_is_not_there_is_said():
    with pytest.raises(Unreadable, match="no_sheet Autre"):
        read_table(workbook(A=[["Prénom"], ["Awa"]]), KNOWN, sheet="Autre")


def ods(rows: list[list[str]]) -> bytes:
    """A sheet as LibreOffice writes it, with a date as such in the last column."""

    def cell(text: str) -> str:
        if text.count("-") == 2:
            return f'<table:table-cell office:value-type="date" office:date-value="{text}"/>'
        return f'<table:table-cell office:value-type="string"><text:p>{text}</text:p></table:table-cell>'

    lines = "".join(f"<table:table-row>{''.join(map(cell, row))}</table:table-row>" for row in rows)
    content = (
        '<?xml version="1.0" encoding="UTF-8"?><office:document-content'
        ' xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"'
        ' xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"'
        ' xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2"><office:body>'
        f'<office:spreadsheet><table:table table:name="Accueil">{lines}</table:table></office:spreadsheet>'
        "</office:body></office:document-content>"
    )
    manifest = (
        '<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0">'
        '<manifest:file-entry manifest:full-path="/"'
        ' manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>'
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("content.xml", content)
        archive.writestr("META-INF/manifest.xml", manifest)
    return file.getvalue()


def test_an_open_document_sheet():
    table = read_table(ods([["Prénom", "Nom", "Naissance"], ["Awa", "Ba", "1985-03-12"]]), KNOWN)
    assert (table.sheet, table.headings) == ("Accueil", ("Prénom", "Nom", "Naissance"))
    assert table.rows == [(2, ["Awa", "Ba", "1985-03-12"])]


def odd_zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("photo.txt", "rien")
    return file.getvalue()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty"),
        (b" \n\n", "empty"),
        (b"Pr\xc3\xa9nom;Nom\n", "no_rows"),
        (b"%PDF-1.7 ...", "other_file"),
        (b"\x89PNG\r\n", "other_file"),
        (b"PK\x03\x04 broken", "broken"),
        (b"\xd0\xcf\x11\xe0 broken", "broken"),
        (odd_zip(), "other_file"),
        (b"x" * 20_000_001, "too_large"),
        (b"Prenom\n" + b"Awa\n" * (MOST_ROWS + 20), "too_many_rows"),
    ],
    # Named: a zip holds the hour it was made at, and the workers must find tests of the same names.
    ids=["nothing", "blank", "headings", "pdf", "png", "zip", "xls", "other_zip", "large", "long"],
)
def test_what_is_no_table_is_said(content, code):
    with pytest.raises(Unreadable) as error:
        read_table(content, KNOWN)
    assert error.value.code == code


def test_headings_are_folded():
    assert folded("Né(e) le :") == "ne e le"
    assert folded("N° de dossier") == "n de dossier"
