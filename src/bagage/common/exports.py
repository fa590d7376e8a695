"""Lists as files that a spreadsheet opens right, and from which nothing that was typed can run."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from typing import IO, Any

from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone
from django.utils.translation import gettext

from bagage.common import words

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_response(filename: str, rows: Iterable[Sequence[Any]]) -> StreamingHttpResponse:
    """``rows`` (the head first) as a CSV file that is sent while it is read."""
    response = StreamingHttpResponse(csv_lines(rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{filename}.csv"'
    return response


def csv_lines(rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    """CSV that a double click opens right: a byte-order mark, and the separator of the reader's spreadsheet.

    French spreadsheets split at ``;`` since the comma is their decimal sign; English ones at ``,``.
    """
    buffer = io.StringIO()
    writer = csv.writer(buffer, delimiter=";" if words.is_french() else ",")
    yield "\ufeff"
    for values in rows:
        writer.writerow([csv_text(value) for value in values])
        yield buffer.getvalue()
        buffer.seek(0)
        buffer.truncate()


def xlsx_response(
    filename: str, rows: Iterable[Sequence[Any]], *, title: str, fixed_at: datetime, filters: Sequence[str]
) -> FileResponse:
    """``rows`` (the head first) as a workbook."""
    file = xlsx_file(rows, title=title, fixed_at=fixed_at, filters=filters)
    return FileResponse(file, as_attachment=True, filename=f"{filename}.xlsx", content_type=XLSX)


def xlsx_file(
    rows: Iterable[Sequence[Any]], *, title: str, fixed_at: datetime, filters: Sequence[str]
) -> IO[bytes]:
    """A workbook: the list, and a sheet that says what it is, when it was fixed, and with which filters."""
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    book = Workbook(write_only=True)
    sheet = book.create_sheet(sheet_title(title))
    sheet.freeze_panes = "A2"
    bold = Font(bold=True)
    for number, values in enumerate(rows):
        if number == 0:
            for index, label in enumerate(values, start=1):
                sheet.column_dimensions[get_column_letter(index)].width = max(14, len(str(label)) + 4)
        cells = []
        for value in values:
            cell = WriteOnlyCell(sheet, value=xlsx_value(value))
            if isinstance(cell.value, str):
                # Text stays text: a cell that starts with "=" is no formula.
                cell.data_type = "s"
            if number == 0:
                cell.font = bold
            cells.append(cell)
        sheet.append(cells)
    about = book.create_sheet(gettext("À propos"))
    about.column_dimensions["A"].width = 24
    about.column_dimensions["B"].width = 60
    for name, said in [
        (gettext("Liste"), title),
        (gettext("Arrêtée le"), f"{words.day(fixed_at, year=True)}, {words.hour(fixed_at)}"),
        (gettext("Filtres"), ", ".join(filters) or gettext("aucun")),
    ]:
        cell = WriteOnlyCell(about, value=xlsx_value(said))
        cell.data_type = "s"
        about.append([name, cell])
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    book.save(file)
    file.seek(0)
    return file


def csv_text(value: Any) -> str:
    """A value for CSV. Text that a spreadsheet would run as a formula is led by an apostrophe (OWASP)."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return gettext("oui") if value else gettext("non")
    if isinstance(value, datetime):
        return (timezone.localtime(value) if timezone.is_aware(value) else value).strftime("%Y-%m-%d %H:%M")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time):
        return value.strftime("%H:%M")
    if isinstance(value, Decimal | float):
        text = str(value)
        return text.replace(".", ",") if words.is_french() else text
    if isinstance(value, int):
        return str(value)
    text = str(value).replace("\x00", "")
    if text.lstrip()[:1] in {"=", "+", "-", "@"} or text[:1] in {"\t", "\r", "\n"}:
        return f"'{text}"
    return text


def xlsx_value(value: Any) -> Any:
    """A value for XLSX: numbers and dates as such, all else as text without the characters that XML forbids."""
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    if isinstance(value, bool):
        return gettext("oui") if value else gettext("non")
    if isinstance(value, datetime) and timezone.is_aware(value):
        return timezone.localtime(value).replace(tzinfo=None)
    if value is None or isinstance(value, int | float | Decimal | date | time):
        return value
    return ILLEGAL_CHARACTERS_RE.sub("", str(value))[:32_767]


def sheet_title(text: str) -> str:
    """A name that a workbook takes: 31 characters, none of ``[]:*?/\\``."""
    return "".join(" " if sign in "[]:*?/\\" else sign for sign in text)[:31] or "Bagage"
