"""A file of places as records: which format it is, and its rows one after the other.

A record is what the format calls one place: a row of the national standard, a structure of data·inclusion with its
``services``, a row of the libraries of the Ministère, a row of any other table. Nothing of a file’s name is believed
but for telling apart what looks the same; rows are numbered as a spreadsheet shows them.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import python_calamine

from bagage.directory.domain import places
from bagage.directory.domain.places import Place
from bagage.directory.domain.standards import data_inclusion, hsds, mediation, table

LIBRARIES = places.LIBRARIES
TABLE = "table"
HSDS = "hsds"
FORMATS = (mediation.FORMAT, data_inclusion.FORMAT, HSDS, LIBRARIES, TABLE)
Source = Path | bytes | IO[bytes]
Record = dict[str, Any]
# How the command names formats: both spellings are taken.
SPELLINGS = {"data-inclusion": data_inclusion.FORMAT, "mednum": mediation.FORMAT, "csv": TABLE}
HEAD = 65_536


class Unreadable(ValueError):
    """Nothing of the file can be read; ``code`` says why: ``empty``, ``other_file``, ``broken``, ``no_rows``."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code, self.detail = code, detail


def format_named(name: str) -> str:
    """The format of that name. Raises ``KeyError``."""
    known = SPELLINGS.get(name, name)
    if known not in FORMATS:
        raise KeyError(name)
    return known


def detect_format(head: bytes, name: str = "") -> str | None:
    """The format of a file by its first bytes (64 kB will do); ``None``: a table whose columns nobody knows yet."""
    if head.startswith(b"PK\x03\x04"):
        if name.lower().endswith(".zip"):
            return HSDS
        return data_inclusion.FORMAT if _is_template(head) else None
    text = head.decode("utf-8-sig", errors="replace").lstrip()
    if text.startswith(("{", "[")):
        if '"structure_id"' in text or '"thematiques"' in text or '"reseaux_porteurs"' in text:
            return data_inclusion.FORMAT
        if '"lien_source"' in text and '"date_maj"' in text:
            return data_inclusion.FORMAT
        if (
            '"organization_id"' in text
            or '"service_at_locations"' in text
            or '"services_at_location"' in text
        ):
            return HSDS
        return mediation.FORMAT if _is_mediation(set(_json_keys(text))) else None
    headings = set(_headings(text))
    if _is_mediation(headings):
        return mediation.FORMAT
    if {"code_bib", "libelle1"} <= {heading.lower() for heading in headings}:
        return LIBRARIES
    if {"source", "id", "nom", "date_maj"} <= headings and ("siret" in headings or "lien_source" in headings):
        return data_inclusion.FORMAT
    return None


def _is_mediation(headings: set[str]) -> bool:
    """The name, and enough of the columns that only this standard has."""
    own = {"frais_a_charge", "dispositif_programmes_nationaux", "modalites_acces", "modalites_accompagnement",
           "prise_en_charge_specifique", "fiche_acces_libre", "formations_labels", "presentation_resume",
           "publics_specifiquement_adresses"}  # fmt: skip
    return {"id", "nom", "commune", "services"} <= headings and len(own & headings) >= 4


def _headings(text: str) -> list[str]:
    line = text.partition("\n")[0].strip()
    separator = max(",;\t|", key=line.count)
    return [cell.strip().strip('"').strip() for cell in line.split(separator)]


def _json_keys(text: str) -> list[str]:
    start = text.find("{")
    try:
        found, _end = json.JSONDecoder().raw_decode(text[start:])
    except ValueError:
        return []
    return list(found) if isinstance(found, dict) else []


def _is_template(head: bytes) -> bool:
    # The names of the sheets stand in a compressed part: told by reading the book, when it is whole.
    try:
        with zipfile.ZipFile(io.BytesIO(head)) as book:
            sheets = book.read("xl/workbook.xml")
    except (zipfile.BadZipFile, KeyError):
        return False
    return b'"Structures"' in sheets and b'"Services"' in sheets


def content_of(source: Source) -> bytes:
    """All of a file."""
    if isinstance(source, Path):
        return source.read_bytes()
    return source if isinstance(source, bytes) else source.read()


def read_records(
    format: str, source: Source, mapping: Mapping[str, Any] | None = None
) -> Iterator[tuple[int, str, Record]]:
    """The records of a file: the number of the row, its key in the source (``#12`` without one), what it says.

    Raises :class:`Unreadable` when nothing can be read. Tables of text are read row by row, whatever their length.
    """
    if format in {mediation.FORMAT, LIBRARIES}:
        yield from _keyed(_rows(source), "id" if format == mediation.FORMAT else "code_bib")
    elif format == data_inclusion.FORMAT:
        yield from _structures(source)
    elif format == HSDS:
        yield from hsds.read_records(source)
    else:
        yield from table.read_records(source, mapping or {})


def to_place(format: str, record: Mapping[str, Any], mapping: Mapping[str, Any] | None = None) -> Place:
    """A record as a place. Raises :class:`~bagage.directory.domain.places.SetAside`."""
    if format == mediation.FORMAT:
        return mediation.read(record)
    if format == data_inclusion.FORMAT:
        return data_inclusion.read(record)
    if format == LIBRARIES:
        return places.read_library({name: str(value or "") for name, value in record.items()})
    if format == HSDS:
        return hsds.read(record, str((mapping or {}).get("source") or HSDS))
    return table.read(record, mapping or {})


def _keyed(rows: Iterator[tuple[int, Record]], name: str) -> Iterator[tuple[int, str, Record]]:
    for number, row in rows:
        key = str(row.get(name) or "").strip().removesuffix(".0")
        yield number, key[:120] or f"#{number}", row


def _rows(source: Source) -> Iterator[tuple[int, Record]]:
    """The rows of a table of text, or the objects of a JSON list."""
    if isinstance(source, bytes):
        stream: IO[bytes] = io.BytesIO(source)
    else:
        stream = source.open("rb") if isinstance(source, Path) else source
    first = stream.read(HEAD)
    if not first.strip():
        raise Unreadable("empty")
    if first[:4] == b"PK\x03\x04" or first[:4] in (b"%PDF", b"\x89PNG", b"\xff\xd8\xff\xe0"):
        raise Unreadable("other_file")
    rest = _Joined(first, stream)
    if first.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"[", b"{"):
        yield from enumerate(_objects(json_of(rest.read())), start=1)
        return
    encoding = "utf-8-sig" if _is_utf8(first) else "cp1252"
    text = io.TextIOWrapper(io.BufferedReader(rest), encoding=encoding, errors="replace", newline="")
    heading = first.decode(encoding, errors="replace").partition("\n")[0]
    separator = max(",;\t", key=heading.count)
    reader = csv.DictReader(text, delimiter=separator)
    count = 0
    for row in reader:
        row.pop(None, None)  # cells beyond the headings
        if any(row.values()):
            count += 1
            yield reader.line_num, {str(name).strip(): value or "" for name, value in row.items()}
    if not count:
        raise Unreadable("no_rows")


def _is_utf8(first: bytes) -> bool:
    try:
        # A letter may be cut where the head ends.
        first[:-4].decode("utf-8-sig") if len(first) == HEAD else first.decode("utf-8-sig")
    except UnicodeDecodeError:
        return False
    return True


class _Joined(io.RawIOBase):
    """What was read of a stream, then the rest of it."""

    def __init__(self, first: bytes, rest: IO[bytes]) -> None:
        self._first, self._rest = first, rest

    def readable(self) -> bool:
        """It can be."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As much as there is room for."""
        if self._first:
            piece, self._first = self._first[: len(buffer)], self._first[len(buffer) :]
        else:
            piece = self._rest.read(len(buffer))
        buffer[: len(piece)] = piece
        return len(piece)


def json_of(content: bytes) -> Any:
    """What a file of JSON says. Raises :class:`Unreadable` with the place where it stops being JSON."""
    try:
        return json.loads(content.decode("utf-8-sig"))
    except (ValueError, RecursionError) as error:
        detail = (
            f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else ""
        )
        raise Unreadable("broken", detail) from error


def _objects(found: Any) -> list[Record]:
    if isinstance(found, dict):
        found = next((value for value in found.values() if isinstance(value, list)), [found])
    rows = [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
    if not rows:
        raise Unreadable("no_rows")
    return rows


# ---------- data·inclusion ----------
def _structures(source: Source) -> Iterator[tuple[int, str, Record]]:
    """Structures with their services: one JSON object with both lists, a list of either, lines of either, or its book.

    A service whose structure is not in the file is a record of its own: it is set aside with that reason.
    """
    content = content_of(source)
    if not content.strip():
        raise Unreadable("empty")
    if content.startswith(b"PK\x03\x04"):
        structures, services = _of_book(content)
    else:
        structures, services = _of_json(content)
    if not structures and not services:
        raise Unreadable("no_rows")
    by_structure: dict[str, list[Record]] = {}
    for _number, service in services:
        by_structure.setdefault(str(service.get("structure_id") or ""), []).append(service)
    known = set()
    for number, structure in structures:
        key = str(structure.get("id") or "").strip()
        known.add(key)
        own = [*(structure.get("services") or []), *by_structure.get(key, [])]
        yield number, key[:120] or f"#{number}", {**structure, "services": own}
    for number, service in services:
        if str(service.get("structure_id") or "") not in known:
            key = str(service.get("id") or "").strip()
            yield (
                number,
                f"service:{key}"[:120] if key else f"#s{number}",
                {"structure_id": service.get("structure_id"), "service": service},
            )


def _of_json(content: bytes) -> tuple[list[tuple[int, Record]], list[tuple[int, Record]]]:
    try:
        found = json_of(content)
    except Unreadable:
        lines = content.decode("utf-8-sig", errors="replace").splitlines()
        try:
            found = [json.loads(line) for line in lines if line.strip()]
        except ValueError:
            raise Unreadable("broken") from None
    if isinstance(found, dict):
        structures, services = found.get("structures") or [], found.get("services") or []
        if not structures and not services and isinstance(found.get("items"), list):
            found = found["items"]
        elif not structures and not services and "id" in found:
            found = [found]
        else:
            return _numbered(structures), _numbered(services)
    if not isinstance(found, list):
        raise Unreadable("no_rows")
    return (
        _numbered([each for each in found if isinstance(each, dict) and "structure_id" not in each]),
        _numbered([each for each in found if isinstance(each, dict) and "structure_id" in each]),
    )


def _numbered(rows: Any) -> list[tuple[int, Record]]:
    return [(number, each) for number, each in enumerate(rows, start=1) if isinstance(each, dict)]


def _of_book(content: bytes) -> tuple[list[tuple[int, Record]], list[tuple[int, Record]]]:
    """The spreadsheet of data·inclusion: sheets "Structures" and "Services", marked examples left out."""
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except python_calamine.CalamineError as error:
        raise Unreadable("broken") from error
    more: dict[str, list[str]] = {}
    for _number, row in _sheet(book, "Services - Thématiques"):
        if row.get("service_id") and row.get("thématique"):
            more.setdefault(str(row["service_id"]), []).append(str(row["thématique"]))
    services = []
    for number, row in _sheet(book, "Services"):
        themes = data_inclusion._codes(row.get("thematiques")) + more.get(str(row.get("id") or ""), [])
        services.append((number, {**row, "thematiques": list(dict.fromkeys(themes))} if themes else row))
    return _sheet(book, "Structures"), services


def _sheet(book: python_calamine.CalamineWorkbook, name: str) -> list[tuple[int, Record]]:
    if name not in book.sheet_names:
        return []
    rows = iter(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
    headings = [_heading(cell) for cell in next(rows, [])]
    found = []
    for number, cells in enumerate(rows, start=2):
        row: Record = {}
        for heading, cell in zip(headings, cells, strict=False):
            if heading and cell not in (None, "") and heading not in row:
                row[heading] = cell.strip() if isinstance(cell, str) else cell
        if row and str(row.pop("__ignore__", "")).lower() not in {"true", "vrai", "1"}:
            found.append((number, row))
    return found


def _heading(cell: Any) -> str:
    """A heading; the one that holds a day instead is that of the day of change, as the published book has it."""
    if hasattr(cell, "isoformat"):
        return "date_maj"
    return str(cell or "").strip()
