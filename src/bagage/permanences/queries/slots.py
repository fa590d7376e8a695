"""Free slots, and which permanence can help."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import islice

from django.db.models import QuerySet
from django.utils import timezone

from bagage.accounts.models import User
from bagage.common.prepared import prepared
from bagage.directory.domain.communes import distance_km
from bagage.permanences.domain import slots as rules
from bagage.permanences.models import HOLDING, Appointment, OpeningBlock, Site
from bagage.permanences.queries.places import closed_days

# Most places have a slot within four days; asking further at once would read a month of blocks to show one.
SOON = timedelta(days=4)
WEEK = timedelta(days=8)
HORIZON = timedelta(days=42)
# Longer than any block or appointment (14 hours): with this, an index passes over all that is long past.
LONGEST = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Slot:
    """A free moment of someone's day."""

    block: OpeningBlock
    adviser: User
    starts_at: datetime
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class DaySlots:
    """The free slots of one day, by adviser."""

    day: date
    advisers: list[tuple[User, list[Slot]]]


@dataclass(frozen=True, slots=True)
class NearSite:
    """A permanence, how far, when it can receive, and what it can really help with.

    ``km`` is ``None`` when one of the two places is not known. ``can_help`` holds those of the needs it can answer
    ("device", "connection", "skills"), ``waits`` the days to wait for a need, ``unknowns`` what nobody has said:
    ``"distance"``, ``"slot"`` (no slot is open in the coming weeks), ``"device_wait"``, ``"hours"``, ``"access"``.
    """

    site: Site
    km: float | None
    next_slot: Slot | None
    can_help: list[str]
    waits: dict[str, int] = field(default_factory=dict)
    unknowns: list[str] = field(default_factory=list)


# ---------- free slots ----------
@prepared
def _blocks_ahead(
    sites: Iterable[int], first: datetime, since: datetime, end: datetime
) -> QuerySet[OpeningBlock]:
    """Those not over at ``first``, begun after ``since``, in order of time."""
    return OpeningBlock.objects.filter(
        site_id__in=sites,
        withdrawn_at=None,
        ends_at__gt=first,
        starts_at__gt=since,
        starts_at__lt=end,
        adviser__is_active=True,
    ).order_by("starts_at", "adviser__first_name", "pk")


@prepared
def _taken_ahead(
    advisers: Iterable[int], first: datetime, since: datetime, end: datetime
) -> QuerySet[Appointment, tuple[int, datetime, datetime]]:
    """When these advisers are held, at whichever site."""
    return Appointment.objects.filter(
        adviser_id__in=advisers, state__in=HOLDING, ends_at__gt=first, starts_at__gt=since, starts_at__lt=end
    ).values_list("adviser_id", "starts_at", "ends_at")


def _free_by_site(
    sites: Sequence[Site], start: datetime, end: datetime, now: datetime
) -> dict[int, Iterator[Slot]]:
    """By site, the free slots in [start, end) in order of time, computed as they are asked for. Four queries."""
    first = max(start, now)
    blocks = _blocks_ahead([site.pk for site in sites], first, first - LONGEST, end)
    # The same few people and places stand in many blocks: each is made once, not once a block.
    advisers = User.objects.in_bulk({block.adviser_id for block in blocks})
    places = {site.pk: site for site in sites}
    for block in blocks:
        block.adviser, block.site = advisers[block.adviser_id], places[block.site_id]
    closed = closed_days(sites, timezone.localdate(start), timezone.localdate(end))
    busy: dict[int, list[rules.Span]] = defaultdict(list)
    if blocks:
        for adviser_id, starts_at, ends_at in _taken_ahead(sorted(advisers), first, first - LONGEST, end):
            busy[adviser_id].append((starts_at, ends_at))

    def of_site(site: Site) -> Iterator[Slot]:
        shut = closed.get(site.pk, {})
        waiting: list[Slot] = []
        for block in blocks:
            if block.site_id != site.pk or timezone.localdate(block.starts_at) in shut:
                continue
            # Blocks come in order of their start: what is before it can no longer be overtaken.
            waiting.sort(key=lambda slot: slot.starts_at)
            while waiting and waiting[0].starts_at < block.starts_at:
                yield waiting.pop(0)
            for begin, finish in rules.free(
                rules.grid(block.starts_at, block.ends_at, block.slot_minutes), busy[block.adviser_id], now
            ):
                if start <= begin < end:
                    waiting.append(Slot(block, block.adviser, begin, finish))
        yield from sorted(waiting, key=lambda slot: slot.starts_at)

    return {site.pk: of_site(site) for site in sites}


def free_slots(
    site: Site, *, start: datetime, end: datetime, now: datetime, limit: int | None = None
) -> list[Slot]:
    """The slots of a site that start in [start, end) and can still be given at ``now``, the first ``limit`` of them.

    In order of time.
    """
    return list(islice(_free_by_site([site], start, end, now)[site.pk], limit))


def next_free_slots(sites: Sequence[Site], now: datetime) -> dict[int, Slot | None]:
    """By ``site.pk``, the next slot that can be given within six weeks; four queries, or eight."""
    result: dict[int, Slot | None] = dict.fromkeys((site.pk for site in sites), None)
    for ahead in (SOON, HORIZON):
        missing = [site for site in sites if result[site.pk] is None]
        if missing:
            found = _free_by_site(missing, now, now + ahead, now)
            result |= {site.pk: next(found[site.pk], None) for site in missing}
    return result


def slots_by_day(slots: Iterable[Slot]) -> list[DaySlots]:
    """Free slots laid out by day, then by adviser, for a page on which one is chosen."""
    days: dict[date, dict[int, tuple[User, list[Slot]]]] = {}
    for slot in slots:
        day = days.setdefault(timezone.localdate(slot.starts_at), {})
        day.setdefault(slot.adviser.pk, (slot.adviser, []))[1].append(slot)
    return [DaySlots(day, list(advisers.values())) for day, advisers in days.items()]


# ---------- which permanence can help ----------
def nearest_sites(
    *, latitude: float | None, longitude: float | None, needs: Iterable[str], now: datetime, limit: int = 5
) -> list[NearSite]:
    """The permanences that can help with most of what is asked, then the nearest. Constant queries.

    ``needs`` are among "device", "connection" and "skills"; no place is left out for what is unknown of it.
    """
    wanted: list[str] = [need for need in ("device", "connection", "skills") if need in set(needs)]
    sites = list(Site.objects.filter(organisation__is_open=True).select_related("organisation"))
    ranked = []
    for site in sites:
        known = None not in (latitude, longitude, site.latitude, site.longitude)
        km = distance_km(latitude, longitude, site.latitude, site.longitude) if known else None  # type: ignore[arg-type]
        can_help = [need for need in wanted if getattr(site, f"offers_{need}")]
        ranked.append((-len(can_help), km is None, km or 0.0, site.organisation.name, site, km, can_help))
    ranked.sort(key=lambda row: row[:4])
    chosen = ranked[:limit]
    slots = next_free_slots([row[4] for row in chosen], now)
    near = []
    for *_order, site, km, can_help in chosen:
        unknowns = []
        if km is None:
            unknowns.append("distance")
        if slots[site.pk] is None:
            unknowns.append("slot")
        waits = {}
        if "device" in can_help:
            if site.device_wait_days is None:
                unknowns.append("device_wait")
            else:
                waits["device"] = site.device_wait_days
        if not site.hours:
            unknowns.append("hours")
        if site.access == "unknown":
            unknowns.append("access")
        near.append(NearSite(site, km, slots[site.pk], can_help, waits, unknowns))
    return near
