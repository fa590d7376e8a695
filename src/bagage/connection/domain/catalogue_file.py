"""A file that someone hands in, as rows of text or as JSON; what it is not is said by a code.

Nothing of its name is believed: a file is what its first bytes say.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import warnings
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal

from bagage.connection.domain.exchange import read_json
from bagage.connection.domain.programme import Refused

LARGEST_FILE = 5_000_000  # bytes
LARGEST_UNPACKED = 100_000_000
MOST_ROWS = 5_000
MOST_COLUMNS = 100
MOST_LETTERS = 4_000

EMPTY, TOO_LARGE, OLD_EXCEL, OTHER_FILE, BROKEN, TOO_MANY_ROWS, BAD_JSON = (
    "empty",
    "too_large",
    "old_excel",
    "other_file",
    "broken",
    "too_many_rows",
    "bad_json",
)


class Unreadable(ValueError):
    """The file cannot be read; ``code`` is one of the above, ``detail`` says where for a JSON file."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code, self.detail = code, detail


@dataclass(frozen=True)
class Sheet:
    """Rows of text, headings first. ``formulas`` are (row, column), from 1; ``encoding`` is named when guessed."""

    rows: list[list[str]]
    formulas: frozenset[tuple[int, int]] = frozenset()
    encoding: str = ""


@dataclass(frozen=True)
class Json:
    """What a JSON file holds."""

    data: object


def open_file(content: bytes) -> Sheet | Json:
    """Tell what the file is, and read it. Raises :class:`Unreadable`, and ``Refused`` for a trap in a JSON file."""
    if len(content) > LARGEST_FILE:
        raise Unreadable(TOO_LARGE)
    if not content.strip():
        raise Unreadable(EMPTY)
    if content.startswith(b"PK\x03\x04"):
        return _workbook(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise Unreadable(OLD_EXCEL)
    text, encoding = _text(content)
    if text.lstrip()[:1] in {"{", "["}:
        return _json(text)
    return _csv(text, encoding)


def _text(content: bytes) -> tuple[str, str]:
    """The text and, when it is not UTF-8, the encoding that was taken for it."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16"), "UTF-16"
        except UnicodeDecodeError as error:
            raise Unreadable(BROKEN) from error
    # No text holds such bytes; images, PDF and programs do.
    if content.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8", b"GIF8", b"\x1f\x8b")) or b"\x00" in content:
        raise Unreadable(OTHER_FILE)
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252"), "Windows-1252"
    except UnicodeDecodeError as error:
        raise Unreadable(OTHER_FILE) from error


def _json(text: str) -> Json:
    """Read as programs hand it in; a trap (a key twice, half a letter) is a problem of its place: ``Refused``."""
    try:
        return Json(_clean(read_json(text.encode("utf-8", "surrogatepass"), where="")))
    except Refused as refused:
        first = refused.problems[0]
        if first.code == "json":
            raise Unreadable(BAD_JSON, first.place) from refused
        if first.code in {"depth", "encoding", "empty"}:
            raise Unreadable(BAD_JSON) from refused
        raise


def _clean(value: object) -> object:
    """The same without NUL, which no database keeps."""
    if isinstance(value, str):
        return value.replace("\x00", "")
    if isinstance(value, list):
        return [_clean(each) for each in value]
    if isinstance(value, dict):
        return {_clean(key): _clean(each) for key, each in value.items()}
    return value


def _csv(text: str, encoding: str) -> Sheet:
    head = next((line for line in text.splitlines() if line.strip()), "")
    delimiter = max((";", ",", "\t"), key=head.count)
    if not head.count(delimiter):
        delimiter = ";"
    rows: list[list[str]] = []
    formulas: set[tuple[int, int]] = set()
    try:
        for number, cells in enumerate(
            csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), start=1
        ):
            _count(number)
            formulas.update(
                (number, position) for position, cell in enumerate(cells, start=1) if cell.startswith("=")
            )
            rows.append([_unquoted(cell) for cell in cells[:MOST_COLUMNS]])
    except csv.Error as error:
        raise Unreadable(BROKEN) from error
    return Sheet(rows, frozenset(formulas), encoding)


def _unquoted(cell: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from running the text."""
    text = cell.replace("\x00", "")
    if re.match(r"'\s*[=+\-@]|'[\t\r\n]", text):
        text = text[1:]
    return text[:MOST_LETTERS]


def _count(number: int) -> None:
    if number > MOST_ROWS + 1:
        raise Unreadable(TOO_MANY_ROWS)


def _workbook(content: bytes) -> Sheet:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            unpacked = sum(each.file_size for each in archive.infolist())
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Unreadable(BROKEN) from error
    if "xl/workbook.xml" not in names:
        raise Unreadable(OTHER_FILE)
    if unpacked > LARGEST_UNPACKED:
        raise Unreadable(TOO_LARGE)
    rows: list[list[str]] = []
    formulas: set[tuple[int, int]] = set()
    try:
        for number, cells in enumerate(_cells(content), start=1):
            _count(number)
            row = []
            for position, (value, is_formula) in enumerate(cells, start=1):
                if is_formula:
                    formulas.add((number, position))
                row.append(_cell_text(value))
            rows.append(row)
    except Unreadable:
        raise
    except Exception as error:
        # A workbook can be broken in more ways than its library names; none of them is ours to repair.
        raise Unreadable(BROKEN) from error
    while rows and not any(cell.strip() for cell in rows[-1]):
        rows.pop()
    if not rows:
        raise Unreadable(EMPTY)
    return Sheet(rows, frozenset(formulas))


def _cells(content: bytes) -> Iterator[list[tuple[object, bool]]]:
    """The cells of the first sheet, each with whether it is a formula."""
    from openpyxl import load_workbook  # type: ignore[import-untyped]

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        try:
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            for row in sheet.iter_rows(max_col=MOST_COLUMNS):
                yield [(cell.value, cell.data_type == "f") for cell in row]
        finally:
            book.close()


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float):
        # A spreadsheet keeps 0.1 + 0.2 as 0.30000000000000004: what it shows is meant.
        shown = Decimal(repr(round(value, 6)))
        return format(
            shown.normalize() if shown != shown.to_integral_value() else shown.quantize(Decimal(1)), "f"
        )
    if isinstance(value, dt.datetime):
        return value.date().isoformat()
    if isinstance(value, dt.date):
        return value.isoformat()
    # Neither NUL nor half a letter, which no database keeps.
    return str(value).replace("\x00", "").encode("utf-8", "ignore").decode()[:MOST_LETTERS]
