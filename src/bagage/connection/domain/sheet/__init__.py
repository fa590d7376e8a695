"""The catalogue as a table, one offer a row: it reads back without loss, and every fault of a file is named.

A cell is text. Lists are words with commas (``"bank_account, fixed_address"``), alternatives are joined by ``|``.
Words of the reader's language are taken as well: the caller gives ``Words``.
"""

from bagage.connection.domain.sheet.absent import with_what_is_absent
from bagage.connection.domain.sheet.checking import read_json, too_long
from bagage.connection.domain.sheet.columns import (
    COLUMNS,
    LONGEST,
    Extra,
    Fault,
    Reading,
    Words,
    WrongHeadings,
)
from bagage.connection.domain.sheet.reading import read_rows
from bagage.connection.domain.sheet.values import amount_text, plain, read_day
from bagage.connection.domain.sheet.writing import write_rows

__all__ = [
    "COLUMNS",
    "LONGEST",
    "Extra",
    "Fault",
    "Reading",
    "Words",
    "WrongHeadings",
    "amount_text",
    "plain",
    "read_day",
    "read_json",
    "read_rows",
    "too_long",
    "with_what_is_absent",
    "write_rows",
]
