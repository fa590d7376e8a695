"""What is read of the trail, and of what is held of persons."""

from bagage.trail.queries.held import (
    HeldBack,
    HeldRows,
    Written,
    expired_files,
    files_together,
    held_back,
    held_rows,
    last_contacts,
    privacy_rules,
    references_of,
    written_too_long,
)
from bagage.trail.queries.reading import (
    SEGMENT_THING,
    Break,
    Reading,
    Verification,
    actor_names,
    all_actor_names,
    entries_at,
    missing_guards,
    readings_of,
    verification,
)
from bagage.trail.queries.unusual import UnusualReading, unusual_readings

__all__ = [
    "SEGMENT_THING",
    "Break",
    "HeldBack",
    "HeldRows",
    "Reading",
    "UnusualReading",
    "Verification",
    "Written",
    "actor_names",
    "all_actor_names",
    "entries_at",
    "expired_files",
    "files_together",
    "held_back",
    "held_rows",
    "last_contacts",
    "missing_guards",
    "privacy_rules",
    "readings_of",
    "references_of",
    "unusual_readings",
    "verification",
    "written_too_long",
]
