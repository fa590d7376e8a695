"""The states of a batch and of its rows, and which follows which."""

from enum import StrEnum


class BatchState(StrEnum):
    """Where a file that came in stands."""

    CHECKING = "checking"  # its rows are being read and compared
    PREVIEW = "preview"  # all is shown, nothing is written
    WRITING = "writing"  # some rows are written
    WRITTEN = "written"
    UNDOING = "undoing"  # some rows are taken back
    UNDONE = "undone"
    DROPPED = "dropped"  # given up before anything was written


class RowState(StrEnum):
    """Where a row stands."""

    READ = "read"  # as it stands in the file, not looked at yet
    TO_WRITE = "to_write"
    ALIKE = "alike"  # someone like it is known: a person decides
    SET_ASIDE = "set_aside"  # it breaks a rule
    WRITTEN = "written"
    SKIPPED = "skipped"  # left out on purpose, or already there
    UNDONE = "undone"
    KEPT = "kept"  # written, and used since: undoing the batch leaves it


_B, _R = BatchState, RowState
BATCH_STEPS: dict[BatchState, frozenset[BatchState]] = {
    _B.CHECKING: frozenset({_B.PREVIEW, _B.DROPPED}),
    _B.PREVIEW: frozenset({_B.CHECKING, _B.WRITING, _B.DROPPED}),
    # Rows that were mended after the others are written by going through "writing" again.
    _B.WRITING: frozenset({_B.WRITTEN, _B.UNDOING}),
    _B.WRITTEN: frozenset({_B.WRITING, _B.UNDOING}),
    _B.UNDOING: frozenset({_B.UNDONE}),
    _B.UNDONE: frozenset(),
    _B.DROPPED: frozenset(),
}
ROW_STEPS: dict[RowState, frozenset[RowState]] = {
    _R.READ: frozenset({_R.TO_WRITE, _R.ALIKE, _R.SET_ASIDE, _R.SKIPPED}),
    _R.TO_WRITE: frozenset({_R.READ, _R.WRITTEN, _R.SET_ASIDE, _R.SKIPPED}),
    _R.ALIKE: frozenset({_R.READ, _R.TO_WRITE, _R.SKIPPED, _R.SET_ASIDE}),
    _R.SET_ASIDE: frozenset({_R.READ, _R.TO_WRITE, _R.ALIKE, _R.SKIPPED}),
    _R.SKIPPED: frozenset({_R.READ}),
    _R.WRITTEN: frozenset({_R.UNDONE, _R.KEPT}),
    _R.UNDONE: frozenset(),
    _R.KEPT: frozenset(),
}
# What someone may still change: columns, values, decisions.
OPEN_ROWS = (_R.READ, _R.TO_WRITE, _R.ALIKE, _R.SET_ASIDE, _R.SKIPPED)
AT_WORK = (_B.CHECKING, _B.WRITING, _B.UNDOING)
FINISHED = (_B.WRITTEN, _B.UNDONE, _B.DROPPED)


def may_become(state: str, new: BatchState) -> bool:
    """Whether a batch in ``state`` may go to ``new``."""
    return new in BATCH_STEPS[BatchState(state)]
