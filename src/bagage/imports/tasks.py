"""What comes back by itself: files left in their middle go on, rows of finished ones are forgotten."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from bagage.common.jobs import job
from bagage.imports import services
from bagage.imports.domain.lifecycle import BatchState
from bagage.trail.domain.actor import Actor

# So long without a move, nobody is at it any more: the page was left, or the process was stopped.
LEFT_AFTER = timedelta(seconds=90)


@job("go_on_with_imports", every=timedelta(minutes=2))
def go_on_with_imports() -> int | None:
    """Read, write or take back the files that someone started and left, or that a stop cut off."""
    actor = Actor.system("go_on_with_imports")
    done = 0
    for batch in services.batches_left(timezone.now(), after=LEFT_AFTER):
        by = batch.read_by or actor
        if batch.state == BatchState.CHECKING:
            services.check_batch(batch)
        elif batch.state == BatchState.WRITING:
            services.write_batch(batch, by=by)
        else:
            services.undo_batch(batch, by=by)
        done += 1
    return done or None


@job("empty_imports", every=timedelta(hours=24))
def empty_imports() -> int | None:
    """Forget the rows of files finished for 30 days (BAGAGE_IMPORT_ROWS_DAYS); what they wrote stays."""
    return services.empty_old_batches() or None
