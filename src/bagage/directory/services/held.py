"""A source is read by one at a time; a reading that was cut off is told from one that goes on.

Who reads holds a lock of the home (``run/feed-….lock``): the system frees it when the process ends, killed or not, on
either database. So a reading that is still noted as going on, while nobody holds the lock, was cut off.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from bagage.common.errors import Conflict
from bagage.common.installation import held
from bagage.directory.models import Feed, FeedRun

# A row that someone mends holds the lock for less than this, in seconds.
WAIT = 1.0


class BeingRead(Conflict):
    """Someone else reads this source: the screen, the job, or a command."""

    def __init__(self) -> None:
        super().__init__(
            _("Cette source est en train d’être lue. Attendez la fin de cette lecture, puis recommencez.")
        )


@contextmanager
def reading_of(feed: Feed) -> Iterator[None]:
    """Be the only one who writes what a source says. Raises :class:`BeingRead`."""
    with held(_name(feed), wait=WAIT) as lock:
        if lock is None:
            raise BeingRead
        _note(FeedRun.objects.filter(feed=feed, state=FeedRun.State.RUNNING))
        yield


def is_being_read(feed: Feed) -> bool:
    """Whether someone reads a source at this moment."""
    with held(_name(feed)) as lock:
        return lock is None


def note_cut_off() -> int:
    """Note the readings that nobody goes on with; how many."""
    count = 0
    for run in FeedRun.objects.filter(state=FeedRun.State.RUNNING).select_related("feed"):
        with held(_name(run.feed)) as lock:
            if lock is not None:
                # Looked at again: it may have ended well since it was listed.
                count += _note(FeedRun.objects.filter(pk=run.pk, state=FeedRun.State.RUNNING))
    return count


def _name(feed: Feed) -> str:
    return f"feed-{feed.uuid}"


def _note(runs: Iterable[FeedRun]) -> int:
    count = 0
    for run in runs:
        run.state, run.ended_at = FeedRun.State.CUT_OFF, max(timezone.now(), run.started_at)
        run.save(update_fields=["state", "ended_at"])
        count += 1
    return count
