"""What one does with the panorama: sources are read, fields corrected, rows of one place joined."""

from bagage.directory.services.corrections import correct, end_correction
from bagage.directory.services.feeds import (
    Report,
    change_feed,
    leave_row,
    load_feed,
    load_held,
    make_feed,
    mend_row,
    note_loaded,
    stop_feed,
    take_back,
)
from bagage.directory.services.held import BeingRead, is_being_read, note_cut_off, reading_of
from bagage.directory.services.likely import compared, join, likely_among, part, propose_same
from bagage.directory.services.loading import NEAR_KM, Loaded, load_shipped_places
from bagage.directory.services.writing import search_text, write_places

__all__ = [
    "NEAR_KM",
    "BeingRead",
    "Loaded",
    "Report",
    "change_feed",
    "compared",
    "correct",
    "end_correction",
    "is_being_read",
    "join",
    "leave_row",
    "likely_among",
    "load_feed",
    "load_held",
    "load_shipped_places",
    "make_feed",
    "mend_row",
    "note_cut_off",
    "note_loaded",
    "part",
    "propose_same",
    "reading_of",
    "search_text",
    "stop_feed",
    "take_back",
    "write_places",
]
