"""Sources that have an address are read when their hour comes; one that fails is said, and what it gave stays."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from bagage.directory import fetching
from bagage.directory.domain import standards
from bagage.directory.models import Feed, FeedRun
from bagage.directory.services.feeds import By, Report, end_run, load_held
from bagage.directory.services.held import reading_of


def due_feeds(at: datetime) -> list[Feed]:
    """The sources whose hour has come, the longest waiting first."""
    feeds = (
        Feed.objects.filter(stopped_at=None, every_hours__isnull=False)
        .exclude(url="")
        .order_by("asked_at", "pk")
    )
    return [
        feed
        for feed in feeds
        if feed.asked_at is None or feed.asked_at + timedelta(hours=feed.every_hours or 0) <= at
    ]


def read_address(feed: Feed, *, by: By, at: datetime | None = None) -> Report | None:
    """Ask the address of a source, and read what it gives; ``None`` when nothing changed, or when it failed.

    A failure is kept with its hour until the next good answer; nothing that was read before is touched. Raises
    :class:`~bagage.directory.services.held.BeingRead` while someone else reads it.
    """
    with reading_of(feed):
        return _read_address(feed, by, at or timezone.now())


def _read_address(feed: Feed, by: By, at: datetime) -> Report | None:
    # Said before it is asked: a process that dies in between does not ask again at once.
    Feed.objects.filter(pk=feed.pk).update(asked_at=at)
    # What was given since by another reading is not asked for again.
    feed.refresh_from_db()
    run = FeedRun.objects.create(feed=feed, started_at=at, moved_at=at)
    try:
        with fetching.fetch(feed.url, etag=feed.etag, last_modified=feed.last_modified) as answer:
            if answer.content is None:
                _unchanged(feed, run)
                return None
            report = load_held(feed, answer.content, by=by, run=run)
    except fetching.Unanswered as error:
        _failed(feed, run, str(error), at)
        return None
    except standards.Unreadable as error:
        _failed(feed, run, str(error), at)
        return None
    except Exception as error:
        _failed(feed, run, type(error).__name__, at)
        raise
    # Kept only now: a reading that was cut off asks for all of it again.
    Feed.objects.filter(pk=feed.pk).update(etag=answer.etag, last_modified=answer.last_modified)
    return report


@transaction.atomic
def _unchanged(feed: Feed, run: FeedRun) -> None:
    end_run(run, FeedRun.State.UNCHANGED)
    Feed.objects.filter(pk=feed.pk).update(failing_since=None, failure="")


@transaction.atomic
def _failed(feed: Feed, run: FeedRun, why: str, at: datetime) -> None:
    held = Feed.objects.select_for_update(of=("self",)).get(pk=feed.pk)
    held.failing_since, held.failure = held.failing_since or at, why[:200]
    held.save(update_fields=["failing_since", "failure"])
    end_run(run, FeedRun.State.FAILED, why)
