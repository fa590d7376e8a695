"""Places as the open standards say them, read and written without loss of what each can carry."""

from bagage.directory.domain.standards.reading import (
    FORMATS,
    HSDS,
    LIBRARIES,
    TABLE,
    Unreadable,
    detect_format,
    format_named,
    read_records,
    to_place,
)

__all__ = [
    "FORMATS",
    "HSDS",
    "LIBRARIES",
    "TABLE",
    "Unreadable",
    "detect_format",
    "format_named",
    "read_records",
    "to_place",
]
