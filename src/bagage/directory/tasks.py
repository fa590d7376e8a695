"""What the panorama does by itself: sources are read when their hour comes."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.utils import timezone

from bagage.common.jobs import job
from bagage.directory.services.comparing import compare_waiting
from bagage.directory.services.due import due_feeds, read_address
from bagage.directory.services.held import BeingRead, note_cut_off
from bagage.trail.domain.actor import Actor

logger = logging.getLogger(__name__)


@job("read_sources", every=timedelta(minutes=15))
def read_sources() -> int | None:
    """Note the readings that were cut off, then ask the addresses whose hour has come; how many were asked."""
    note_cut_off()
    asked = 0
    for feed in due_feeds(timezone.now()):
        try:
            read_address(feed, by=Actor.system("read_sources"))
        except BeingRead:
            # By the screen or a command: that reading will do.
            continue
        except Exception:
            # The others are read all the same.
            logger.exception("source %s could not be read", feed.slug)
        asked += 1
    return asked or None


@job("compare_places", every=timedelta(hours=1))
def compare_places() -> int | None:
    """Look for records that may be one place among what large readings brought; how many pairs were found."""
    return compare_waiting() or None
