"""What is written in the trail, and what is erased for good: each act in one transaction with its row."""

from bagage.trail.services.erasing import (
    Erased,
    erase_expired,
    erase_leftovers,
    erase_persons,
    erased_file,
    replay_erasures,
    tell_file,
)
from bagage.trail.services.recording import (
    NETWORK,
    READING_WINDOW,
    SEALED_AFTER,
    drop_segments,
    record,
    record_many,
    record_reading,
    seal_segments,
    was_read,
)
from bagage.trail.services.rules import change_privacy_rules

__all__ = [
    "NETWORK",
    "READING_WINDOW",
    "SEALED_AFTER",
    "Erased",
    "change_privacy_rules",
    "drop_segments",
    "erase_expired",
    "erase_leftovers",
    "erase_persons",
    "erased_file",
    "record",
    "record_many",
    "record_reading",
    "replay_erasures",
    "seal_segments",
    "tell_file",
    "was_read",
]
