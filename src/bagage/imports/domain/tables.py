"""A spreadsheet that someone hands in, as headings and rows of text; what it is not is said by a code.

Nothing of its name is believed: a file is what its first bytes say. Read are XLSX, XLS and ODS, and text with any
separator in UTF-8, UTF-16, Windows-1252, Mac or DOS letters, and lists of JSON objects.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from rapidfuzz import fuzz

LARGEST_FILE = 20_000_000  # bytes
LARGEST_UNPACKED = 400_000_000
MOST_ROWS = 60_000
MOST_COLUMNS = 100
MOST_LETTERS = 2_000
# Titles and empty lines may stand above the headings.
HEAD_WITHIN = 15

EMPTY, TOO_LARGE, LOCKED, OTHER_FILE, BROKEN, TOO_MANY_ROWS, NO_ROWS, NO_SHEET = (
    "empty",
    "too_large",
    "locked",
    "other_file",
    "broken",
    "too_many_rows",
    "no_rows",
    "no_sheet",
)
SEPARATORS = (";", ",", "\t", "|")
_NOT_TEXT = (b"%PDF", b"\x89PNG", b"\xff\xd8", b"GIF8", b"\x1f\x8b", b"PK\x05\x06", b"Rar!", b"7z\xbc\xaf")
# Letters that French texts hold, to tell encodings of one byte apart.
_USUAL = frozenset("éèêëàâçùûüîïôöœÉÈÊÀÇÂÎÔ’«»°€")


class Unreadable(ValueError):
    """The file cannot be read; ``code`` is one of the above, ``detail`` names a sheet."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code} {detail}".strip())
        self.code, self.detail = code, detail


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds.

    ``rows`` are ``(number, cells)``: the number is that of the row in the file, counted from 1 as a spreadsheet shows
    it, and there are as many cells as headings. ``encoding`` is named when it had to be guessed, ``other_sheets`` are
    those that hold something and were not read. Without ``has_headings`` they were made: "Colonne 1".
    """

    headings: tuple[str, ...]
    rows: list[tuple[int, list[str]]]
    sheet: str = ""
    other_sheets: tuple[str, ...] = ()
    encoding: str = ""
    separator: str = ""
    has_headings: bool = True


def folded(text: str) -> str:
    """Small letters and digits without accents, words parted by one space: "Né(e) le" is "ne e le"."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("°", " "))
    plain = "".join(sign for sign in plain if not unicodedata.combining(sign))
    return " ".join(re.findall(r"[^\W_]+", plain))


def read_table(content: bytes, known: Iterable[str] = (), *, sheet: str = "") -> Table:
    """Tell what a file is, and read it. ``known`` are folded headings: they help to find the row that holds them.

    Raises :class:`Unreadable`.
    """
    if len(content) > LARGEST_FILE:
        raise Unreadable(TOO_LARGE)
    if not content.strip(b"\x00 \t\r\n"):
        raise Unreadable(EMPTY)
    words = frozenset(known)
    if content.startswith((b"PK\x03\x04", b"\xd0\xcf\x11\xe0")):
        return _workbook(content, words, sheet)
    text, encoding = _text(content)
    if text.lstrip()[:1] in ("[", "{"):
        return _objects(text, encoding)
    rows, separator = _split(text)
    headings, found, has_headings = _with_headings(rows, words)
    return Table(headings, found, encoding=encoding, separator=separator, has_headings=has_headings)


# ---------- JSON ----------
def _objects(text: str, encoding: str) -> Table:
    """A list of objects, or an object with such a list in it, as a table: one column a name, in the order they come."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Unreadable(BROKEN) from error
    if isinstance(found, dict):
        found = next((value for value in found.values() if isinstance(value, list)), [])
    objects = [(number, each) for number, each in enumerate(found, start=1) if isinstance(each, dict)]
    if not objects:
        raise Unreadable(NO_ROWS)
    if len(objects) > MOST_ROWS:
        raise Unreadable(TOO_MANY_ROWS)
    names = list(dict.fromkeys(name for _number, each in objects for name in each))[:MOST_COLUMNS]
    rows = [(number, [_value_text(each.get(name)) for name in names]) for number, each in objects]
    rows = [(number, cells) for number, cells in rows if any(cells)]
    if not rows:
        raise Unreadable(NO_ROWS)
    return Table(tuple(clean(name)[:120] or "?" for name in names), rows, encoding=encoding)


def _value_text(value: object) -> str:
    """Several values are parted by a vertical bar, as the national standard of places parts them."""
    if isinstance(value, list):
        return clean("|".join(_value_text(each) for each in value))
    if isinstance(value, dict):
        return clean(json.dumps(value, ensure_ascii=False))
    return _cell_text(value)


# ---------- text ----------
def _text(content: bytes) -> tuple[str, str]:
    """The text and, when it is not UTF-8, the encoding that was taken for it."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16"), "UTF-16"
        except UnicodeDecodeError as error:
            raise Unreadable(BROKEN) from error
    if content.startswith(_NOT_TEXT) or b"\x00" in content[:4096]:
        raise Unreadable(OTHER_FILE)
    try:
        return content.decode("utf-8-sig").replace("\x00", ""), ""
    except UnicodeDecodeError:
        pass
    best, name, most = "", "", -1.0
    for encoding, title in (("cp1252", "Windows-1252"), ("mac_roman", "Mac"), ("cp850", "DOS")):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        odd = [sign for sign in text if ord(sign) > 127]
        usual = sum(1 for sign in odd if sign in _USUAL) / len(odd) if odd else 0.0
        if usual > most:
            best, name, most = text, title, usual
    if not best:
        best, name = content.decode("latin-1"), "ISO-8859-1"
    return best.replace("\x00", ""), name


def _split(text: str) -> tuple[list[tuple[int, list[str]]], str]:
    """Rows of cells with their numbers, and the separator: the one that makes the most even table."""
    lines = [line for line in text.splitlines()[:200] if line.strip()][:60]
    declared = re.fullmatch(r"sep=(.)", lines[0].strip(), re.IGNORECASE) if lines else None
    separator = declared[1] if declared else _separator(lines)
    rows: list[tuple[int, list[str]]] = []
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
        for number, cells in enumerate(reader, start=1):
            if declared and number == 1:
                continue
            if number > MOST_ROWS + HEAD_WITHIN:
                raise Unreadable(TOO_MANY_ROWS)
            rows.append((number, [clean(_unquoted(cell)) for cell in cells[:MOST_COLUMNS]]))
    except csv.Error as error:
        raise Unreadable(BROKEN) from error
    return rows, separator


def _separator(lines: Sequence[str]) -> str:
    best, most = ";", 0.0
    for separator in SEPARATORS:
        try:
            widths = Counter(len(row) for row in csv.reader(lines, delimiter=separator))
        except csv.Error:
            continue
        width, count = max(widths.items(), key=lambda each: (each[1] if each[0] > 1 else 0, each[0]))
        if width > 1:
            worth = count / sum(widths.values()) + min(width, 20) / 100
            if worth > most:
                best, most = separator, worth
    return best


def _unquoted(cell: str) -> str:
    """Without the apostrophe that keeps a spreadsheet from running the text."""
    return cell[1:] if re.match(r"'\s*[=+\-@]|'[\t\r\n]", cell) else cell


def clean(text: str) -> str:
    """One line, no NUL and no half of a letter (no database keeps them), at most 2,000 letters."""
    if not text.isascii() or "\x00" in text:
        text = text.replace("\x00", "").replace("\u00a0", " ").replace("\u202f", " ").replace("\ufeff", "")
        text = text.encode("utf-8", "ignore").decode()
    return " ".join(text.split())[:MOST_LETTERS]


# ---------- workbooks ----------
def _workbook(content: bytes, known: frozenset[str], wanted: str) -> Table:
    import python_calamine

    if content.startswith(b"PK"):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                unpacked = sum(each.file_size for each in archive.infolist())
                names = set(archive.namelist())
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise Unreadable(BROKEN) from error
        if unpacked > LARGEST_UNPACKED:
            raise Unreadable(TOO_LARGE)
        if not names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"}:
            raise Unreadable(OTHER_FILE)
    try:
        book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    except python_calamine.PasswordError as error:
        raise Unreadable(LOCKED) from error
    except Exception as error:
        # A workbook can be broken in more ways than its library names; none of them is ours to repair.
        raise Unreadable(BROKEN) from error
    sizes: dict[str, int] = {}
    try:
        for each in book.sheets_metadata:
            if each.typ == python_calamine.SheetTypeEnum.WorkSheet:
                sheet = book.get_sheet_by_name(each.name)
                hidden = each.visible != python_calamine.SheetVisibleEnum.Visible
                sizes[each.name] = 0 if hidden and each.name != wanted else sheet.height * min(sheet.width, 3)
    except Exception as error:
        raise Unreadable(BROKEN) from error
    if wanted and wanted not in sizes:
        raise Unreadable(NO_SHEET, wanted)
    # The first of the largest: lists of choices and notes are small.
    name = wanted or max(sizes, key=lambda one: sizes[one], default="")
    if not name or (not sizes[name] and not wanted):
        raise Unreadable(EMPTY)
    rows: list[tuple[int, list[str]]] = []
    try:
        sheet = book.get_sheet_by_name(name)
        if sheet.total_height > MOST_ROWS + HEAD_WITHIN:
            raise Unreadable(TOO_MANY_ROWS)
        for number, cells in enumerate(sheet.to_python(skip_empty_area=False), start=1):
            rows.append((number, [_cell_text(cell) for cell in cells[:MOST_COLUMNS]]))
    except Unreadable:
        raise
    except Exception as error:
        raise Unreadable(BROKEN) from error
    headings, found, has_headings = _with_headings(rows, known)
    others = tuple(each for each, size in sizes.items() if size and each != name)
    return Table(headings, found, sheet=name, other_sheets=others, has_headings=has_headings)


def _cell_text(value: object) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, str):
        return clean(_unquoted(value))
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, float):
        # A spreadsheet keeps 612345678 as 612345678.0, and 0.1 + 0.2 as 0.30000000000000004.
        return str(int(value)) if value.is_integer() and abs(value) < 1e16 else repr(round(value, 6))
    if isinstance(value, dt.datetime):
        return value.date().isoformat() if value.time() == dt.time(0) else f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, dt.time):
        return f"{value:%H:%M}"
    return clean(str(value))


# ---------- headings ----------
def _with_headings(
    rows: list[tuple[int, list[str]]], known: frozenset[str]
) -> tuple[tuple[str, ...], list[tuple[int, list[str]]], bool]:
    """The headings, the rows below them that hold something, and whether the headings were in the file."""
    filled = [(number, cells) for number, cells in rows if any(cells)]
    if not filled:
        raise Unreadable(EMPTY)
    width = max(_width(cells) for _number, cells in filled)
    at = _heading_at(filled[:HEAD_WITHIN], known)
    body = filled[at + 1 :] if at is not None else filled
    if at is not None and not body:
        raise Unreadable(NO_ROWS)
    if len(body) > MOST_ROWS:
        raise Unreadable(TOO_MANY_ROWS)
    head = filled[at][1] if at is not None else []
    headings: list[str] = []
    for position in range(width):
        said = head[position][:120] if position < len(head) else ""
        name = said or f"Colonne {position + 1}"
        # Two columns of one name are two columns.
        count = sum(1 for each in headings if each == name or each.startswith(f"{name} ("))
        headings.append(f"{name} ({count + 1})" if count else name)
    # A column that no row and no heading fills is none.
    used = [
        position
        for position in range(width)
        if (position < len(head) and head[position])
        or any(position < len(cells) and cells[position] for _number, cells in body)
    ]
    found = [
        (number, [cells[position] if position < len(cells) else "" for position in used])
        for number, cells in body
    ]
    found = [(number, cells) for number, cells in found if any(cells)]
    return tuple(headings[position] for position in used), found, at is not None


def _width(cells: Sequence[str]) -> int:
    return max((position + 1 for position, cell in enumerate(cells) if cell), default=0)


def _heading_at(rows: Sequence[tuple[int, list[str]]], known: frozenset[str]) -> int | None:
    """Which of the first rows holds the headings: the one with the most known ones, else the first that is full."""
    best, most = None, 0.0
    for position, (_number, cells) in enumerate(rows):
        said = [folded(cell) for cell in cells if cell]
        worth = sum(1.0 for text in said if text in known)
        worth += sum(0.5 for text in said if text not in known and _is_near(text, known))
        if worth > most:
            best, most = position, worth
    if most >= 1.0:
        return best
    widths = [sum(1 for cell in cells if cell) for _number, cells in rows]
    first = next((at for at, width in enumerate(widths) if width >= 0.6 * max(widths)), 0)
    return None if _is_data(rows[first][1]) else first


def _is_near(text: str, known: frozenset[str]) -> bool:
    return len(text) >= 4 and any(fuzz.ratio(text, each) >= 88 for each in known)


def _is_data(cells: Sequence[str]) -> bool:
    """A row with a phone, a date or a year is one of the list, not its headings."""
    return any(
        re.fullmatch(r"\+?[\d .\-/]{4,}", cell) and sum(sign.isdigit() for sign in cell) >= 4
        for cell in cells
        if cell
    )
