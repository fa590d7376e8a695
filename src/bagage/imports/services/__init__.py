"""What is done with files that come in. Each act checks, writes, and leaves its line in the trail."""

from bagage.imports.services.exporting import note_export
from bagage.imports.services.reading import (
    CREATE,
    WAIT,
    check_batch,
    decide_all,
    decide_row,
    drop_batch,
    mend_rows,
    propose_mapping,
    read_file,
    set_columns,
    skip_row,
)
from bagage.imports.services.writing import (
    batches_left,
    empty_old_batches,
    rows_days,
    start_undoing,
    start_writing,
    undo_batch,
    write_batch,
)

__all__ = [
    "CREATE",
    "WAIT",
    "batches_left",
    "check_batch",
    "decide_all",
    "decide_row",
    "drop_batch",
    "empty_old_batches",
    "mend_rows",
    "note_export",
    "propose_mapping",
    "read_file",
    "rows_days",
    "set_columns",
    "skip_row",
    "start_undoing",
    "start_writing",
    "undo_batch",
    "write_batch",
]
