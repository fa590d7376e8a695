"""What the panorama does by itself: sources are read when their hour comes."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from bagage.common.jobs import job
from bagage.directory.services.due import due_feeds, read_address
from bagage.trail.domain.actor import Actor


@job("read_sources", every=timedelta(minutes=15))
def read_sources() -> int | None:
    """Ask the addresses of the sources whose hour has come; how many were asked."""
    feeds = due_feeds(timezone.now())
    for feed in feeds:
        read_address(feed, by=Actor.system("read_sources"))
    return len(feeds) or None
