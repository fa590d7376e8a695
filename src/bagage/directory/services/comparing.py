"""Likely doubles among what a large reading brought: looked for afterwards, some communes at a time.

Where it stands is kept with the source after each piece: cut off, it goes on from there. A reading that begins
meanwhile has it begin again.
"""

from __future__ import annotations

import time
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from bagage.common.installation import held
from bagage.directory.models import Feed, Structure
from bagage.directory.services.held import is_being_read
from bagage.directory.services.likely import keep, pairs_in

# Communes compared in one transaction; seconds that one turn may take.
COMMUNES = 200
SECONDS = 300.0
# Below the code of any commune: told apart from "not begun", which a reading writes.
BEGUN = "0"


def wait_for_comparison(feed: Feed, since: datetime) -> bool:
    """Note that places of a source are about to change; whether earlier ones wait already."""
    of_feed = Feed.objects.filter(pk=feed.pk)
    if of_feed.filter(compare_since__isnull=False).update(compared_up_to=""):
        return True
    of_feed.update(compare_since=since, compared_up_to="")
    return False


def compare_waiting(*, seconds: float = SECONDS) -> int:
    """Compare what waits, as far as it goes within that time; how many pairs were found."""
    until = time.monotonic() + seconds
    count = 0
    with held("compare-places") as lock:
        if lock is None:
            return 0
        for feed in Feed.objects.filter(compare_since__isnull=False).order_by("compare_since", "pk"):
            found: int | None = 0
            while found is not None and time.monotonic() < until:
                count += found
                found = _compare_piece(feed.pk)
    return count


def _compare_piece(pk: int) -> int | None:
    """Compare the next communes of a source: how many pairs were found; ``None`` when nothing is left, or not now."""
    feed = Feed.objects.get(pk=pk)
    since = feed.compare_since
    if since is None or is_being_read(feed):
        return None
    if not feed.compared_up_to:
        feed.compared_up_to = BEGUN
        feed.save(update_fields=["compared_up_to"])
    changed = Structure.objects.filter(feed=feed, ended_at=None, same_as=None, changed_at__gte=since)
    after = changed.filter(commune_code__gt=feed.compared_up_to).order_by("commune_code")
    codes = list(after.values_list("commune_code", flat=True).distinct()[:COMMUNES])
    # Nothing is noted when a reading has begun since.
    same = Feed.objects.filter(pk=pk, compared_up_to=feed.compared_up_to)
    if not codes:
        same.update(compare_since=None, compared_up_to="")
        return None
    fresh = set(changed.filter(commune_code__in=codes).values_list("pk", flat=True))
    pairs = pairs_in(codes, fresh)
    with transaction.atomic():
        keep(pairs, timezone.now())
        same.update(compared_up_to=codes[-1])
    return len(pairs)
