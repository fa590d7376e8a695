"""Bringing the places of public files into the panorama."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from bagage.accounts.models import Installation, User, actor_of
from bagage.directory.domain.communes import distance_km, folded
from bagage.directory.domain.places import (
    LIBRARIES,
    MEDIATION,
    Place,
    SetAside,
    can_be_near,
    read_row,
    shipped_rows,
)
from bagage.directory.models import Structure
from bagage.directory.services.writing import write_places
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

NEAR_KM = 30.0
# Rows written at once: memory stays flat, and a statement stays under what SQLite takes.
BATCH = 500


@dataclass(slots=True)
class Loaded:
    """What a load did, in rows: ``elsewhere`` were further than asked, ``set_aside`` and ``defects`` are by reason.

    A place with a defect is in the panorama all the same. ``namesakes`` share name and commune with another row.
    """

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    ended: int = 0
    elsewhere: int = 0
    namesakes: int = 0
    set_aside: Counter[str] = field(default_factory=Counter)
    defects: Counter[str] = field(default_factory=Counter)


@transaction.atomic
def load_shipped_places(
    *,
    by: User | Actor,
    at: datetime | None = None,
    near: Sequence[tuple[float, float]] | None = None,
    radius_km: float = NEAR_KM,
) -> Loaded:
    """The places that come with the package, written into the panorama; running it again changes what has changed.

    ``near`` keeps those at most ``radius_km`` from one of these points (degrees); a place without a point is kept only
    without ``near``. A place that is no longer in a file ends (only without ``near``); one that comes back begins
    again. Nothing is deleted but what a place no longer gives.
    """
    at = at or timezone.now()
    # Two loads at once would each believe that they are the first.
    list(Installation.objects.select_for_update(of=("self",)).values_list("pk", flat=True))
    done = Loaded()
    wanted = _read_all(done, near, radius_km)
    known = {
        (source, source_id): (pk, fingerprint, ended_at)
        for pk, source, source_id, fingerprint, ended_at in Structure.objects.filter(
            Q(source=LIBRARIES) | Q(source__startswith=MEDIATION),
            # Those of a feed end with it.
            feed=None,
        ).values_list("pk", "source", "source_id", "fingerprint", "ended_at")
    }
    changed = []
    for place in wanted:
        _pk, fingerprint, ended_at = known.get((place.source, place.source_id), (0, "", None))
        if not _pk:
            done.created += 1
        elif fingerprint != place.fingerprint or ended_at is not None:
            done.updated += 1
        else:
            done.unchanged += 1
            continue
        changed.append(place)
    for start in range(0, len(changed), BATCH):
        write_places([(place, place.fingerprint, None) for place in changed[start : start + BATCH]], at=at)
    if near is None:
        done.ended = _end_others(wanted, known, at)
    if done.created or done.updated or done.ended:
        record(
            actor_of(by),
            "directory.load_places",
            at=at,
            reason=f"{done.created} created, {done.updated} updated, {done.ended} ended",
        )
    return done


def _read_all(done: Loaded, near: Sequence[tuple[float, float]] | None, radius_km: float) -> list[Place]:
    """The places wanted, each key once: the last row of a key wins."""
    found: dict[tuple[str, str], Place] = {}
    for shape, row in shipped_rows():
        done.read += 1
        if near is not None and not can_be_near(shape, row, near, radius_km):
            done.elsewhere += 1
            continue
        try:
            place = read_row(shape, row)
        except SetAside as aside:
            done.set_aside[aside.reason] += 1
            continue
        if near is not None and not _is_near(place, near, radius_km):
            done.elsewhere += 1
            continue
        done.defects.update(place.defects)
        found[place.source, place.source_id] = place
    names = Counter((folded(place.name), place.commune_code or place.city) for place in found.values())
    done.namesakes = sum(count for count in names.values() if count > 1)
    return list(found.values())


def _is_near(place: Place, near: Sequence[tuple[float, float]], radius_km: float) -> bool:
    if place.latitude is None or place.longitude is None:
        return False
    return any(
        # A degree of latitude is 111 km: most of the country is told apart without trigonometry.
        abs(latitude - place.latitude) * 111 <= radius_km + 1
        and distance_km(latitude, longitude, place.latitude, place.longitude) <= radius_km
        for latitude, longitude in near
    )


def _end_others(
    wanted: Iterable[Place], known: dict[tuple[str, str], tuple[int, str, datetime | None]], at: datetime
) -> int:
    """Places of these sources that are in no file any more end today."""
    here = {(place.source, place.source_id) for place in wanted}
    gone = [pk for key, (pk, _print, ended_at) in known.items() if key not in here and ended_at is None]
    for start in range(0, len(gone), BATCH):
        Structure.objects.filter(pk__in=gone[start : start + BATCH]).update(ended_at=at, changed_at=at)
    return len(gone)
