"""Free slots, the nearest permanences, the day of a site, and the site one works at."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.http import HttpRequest
from django.utils import timezone

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.directory.domain.communes import distance_km
from bagage.people.models import Person
from bagage.permanences.domain import slots as rules
from bagage.permanences.domain.hours import Openness, UnreadableHours, openness
from bagage.permanences.models import (
    HOLDING,
    Appointment,
    Closure,
    NamelessHelp,
    OpeningBlock,
    QueueEntry,
    Site,
)

SITE_KEY = "site"
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


@dataclass(frozen=True, slots=True)
class DayFigures:
    """What was done on one day, without a name."""

    appointments: int
    came: int
    queue: int
    nameless: int
    minutes: int


# ---------- where one works ----------
def sites_for(user: User, ability: Ability) -> list[Site]:
    """The open permanences where a role of this user opens this act, by name."""
    nodes = user.node_ids(ability)
    if not nodes:
        return []
    return list(
        Site.objects.filter(organisation_id__in=nodes, organisation__is_open=True)
        .select_related("organisation")
        .order_by("organisation__name", "pk")
    )


def sites_where_one_works(request: HttpRequest) -> list[Site]:
    """The permanences where whoever asks welcomes people; read once a request."""
    if not hasattr(request, "_bagage_sites"):
        user = request.user
        found = sites_for(user, Ability.WELCOME) if isinstance(user, User) and user.is_active else []
        request._bagage_sites = found  # type: ignore[attr-defined]
    sites: list[Site] = request._bagage_sites  # type: ignore[attr-defined]
    return sites


def current_site(request: HttpRequest) -> Site | None:
    """The permanence one works at: the one chosen in this session, else the first; ``None`` when there is none."""
    sites = sites_where_one_works(request)
    chosen = request.session.get(SITE_KEY, "")
    return next((site for site in sites if str(site.uuid) == chosen), sites[0] if sites else None)


# ---------- time ----------
def day_bounds(day: date) -> tuple[datetime, datetime]:
    """The first moment of a day and of the next, in the time zone of the installation."""
    zone = timezone.get_current_timezone()
    return (
        datetime.combine(day, time(), tzinfo=zone),
        datetime.combine(day + timedelta(days=1), time(), tzinfo=zone),
    )


def closed_days(sites: Iterable[Site], first: date, last: date) -> dict[int, dict[date, str]]:
    """By site, the days in [first, last] that are closed in spite of the hours, with the reason. One query."""
    closures = Closure.objects.filter(
        site__in=[site.pk for site in sites], first_day__lte=last, last_day__gte=first
    )
    found: dict[int, dict[date, str]] = defaultdict(dict)
    for closure in closures:
        day = max(closure.first_day, first)
        while day <= min(closure.last_day, last):
            found[closure.site_id][day] = closure.reason
            day += timedelta(days=1)
    return found


def openness_of(site: Site, now: datetime, closed: Mapping[date, str] | None = None) -> Openness | None:
    """Whether a site is open at ``now``; ``None`` when its hours are not known or cannot be read.

    ``closed`` are its closed days of the coming month, read here unless given.
    """
    if not site.hours:
        return None
    local = timezone.localtime(now)
    if closed is None:
        closed = closed_days([site], local.date(), local.date() + timedelta(days=31)).get(site.pk, {})
    try:
        return openness(site.hours, local.replace(tzinfo=None), list(closed))
    except UnreadableHours:
        return None


# ---------- free slots ----------
def _free_by_site(
    sites: Sequence[Site], start: datetime, end: datetime, now: datetime
) -> dict[int, Iterator[Slot]]:
    """By site, the free slots in [start, end) in order of time, computed as they are asked for. Four queries."""
    blocks = list(
        OpeningBlock.objects.filter(
            site__in=[site.pk for site in sites],
            withdrawn_at=None,
            ends_at__gt=max(start, now),
            starts_at__gt=max(start, now) - LONGEST,
            starts_at__lt=end,
            adviser__is_active=True,
        ).order_by("starts_at", "adviser__first_name", "pk")
    )
    # The same few people and places stand in many blocks: each is made once, not once a block.
    advisers = User.objects.in_bulk({block.adviser_id for block in blocks})
    places = {site.pk: site for site in sites}
    for block in blocks:
        block.adviser, block.site = advisers[block.adviser_id], places[block.site_id]
    closed = closed_days(sites, timezone.localdate(start), timezone.localdate(end))
    busy: dict[int, list[rules.Span]] = defaultdict(list)
    if blocks:
        taken = Appointment.objects.filter(
            adviser__in={block.adviser_id for block in blocks},
            state__in=HOLDING,
            ends_at__gt=max(start, now),
            starts_at__gt=max(start, now) - LONGEST,
            starts_at__lt=end,
        )
        for adviser_id, starts_at, ends_at in taken.values_list("adviser_id", "starts_at", "ends_at"):
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


# ---------- appointments ----------
def appointments_of(person_ids: Iterable[int]) -> QuerySet[Appointment]:
    """All appointments of these files, the newest first, with site and adviser."""
    return (
        Appointment.objects.filter(person__in=list(person_ids))
        .select_related("site__organisation", "adviser", "block", "person")
        .order_by("-starts_at", "-pk")
    )


def day_appointments(site: Site, day: date) -> QuerySet[Appointment]:
    """What is on that day at a site, in order of time, moved ones left out."""
    start, end = day_bounds(day)
    return (
        Appointment.objects.between(start, end)
        .filter(site=site)
        .exclude(state="moved")
        .select_related("adviser", "person")
        .order_by("starts_at", "adviser__first_name", "pk")
    )


def day_blocks(site: Site, day: date) -> QuerySet[OpeningBlock]:
    """Who receives that day at a site, and from when to when."""
    start, end = day_bounds(day)
    return (
        OpeningBlock.objects.filter(
            site=site, withdrawn_at=None, starts_at__gt=start - LONGEST, starts_at__lt=end, ends_at__gt=start
        )
        .select_related("adviser")
        .order_by("starts_at", "pk")
    )


def appointments_to_move(site: Site, now: datetime) -> QuerySet[Appointment]:
    """Those still expected whose block was withdrawn, whose adviser left, or that fall on a closed day."""
    shut = Closure.objects.filter(
        site=OuterRef("site"), first_day__lte=OuterRef("on"), last_day__gte=OuterRef("on")
    )
    return (
        Appointment.objects.filter(site=site, state="booked", starts_at__gte=now)
        .annotate(on=TruncDate("starts_at"))
        .filter(Q(block__withdrawn_at__isnull=False) | Q(adviser__is_active=False) | Exists(shut))
        .select_related("adviser", "person", "block", "site__organisation")
        .order_by("starts_at", "pk")
    )


def absences_to_call(site: Site, now: datetime, *, days: int = 3) -> QuerySet[Appointment]:
    """Who did not come in the last days and has had no appointment since: someone calls to ask how she is."""
    later = Appointment.objects.filter(
        person=OuterRef("person"), starts_at__gt=OuterRef("starts_at")
    ).exclude(state__in=["cancelled", "moved"])
    return (
        Appointment.objects.filter(
            site=site, state="no_show", starts_at__gte=now - timedelta(days=days), starts_at__lt=now
        )
        .exclude(Exists(later))
        .select_related("person", "adviser", "site__organisation")
        .order_by("starts_at", "pk")
    )


# ---------- the queue and what was done ----------
def day_queue(site: Site, day: date) -> QuerySet[QueueEntry]:
    """Who came without an appointment that day, in order of coming."""
    start, end = day_bounds(day)
    return (
        QueueEntry.objects.filter(site=site, came_at__gte=start, came_at__lt=end)
        .select_related("person", "helper")
        .order_by("came_at", "pk")
    )


def day_nameless_help(site: Site, day: date) -> QuerySet[NamelessHelp]:
    """The helps without a name of that day, the newest first, undone ones left out."""
    start, end = day_bounds(day)
    return NamelessHelp.objects.filter(site=site, at__gte=start, at__lt=end, undone_at=None).order_by(
        "-at", "-pk"
    )


def day_figures(site: Site, day: date) -> DayFigures:
    """The figures of one day at a site. Three queries."""
    start, end = day_bounds(day)
    appointments = (
        Appointment.objects.between(start, end)
        .filter(site=site)
        .aggregate(
            all=Count("pk", filter=Q(state__in=HOLDING)),
            came=Count("pk", filter=Q(state__in=["arrived", "under_way", "done"])),
        )
    )
    queue = QueueEntry.objects.filter(site=site, came_at__gte=start, came_at__lt=end).count()
    nameless = NamelessHelp.objects.filter(site=site, at__gte=start, at__lt=end, undone_at=None).aggregate(
        count=Count("pk"), minutes=Sum("minutes")
    )
    return DayFigures(
        appointments["all"], appointments["came"], queue, nameless["count"], nameless["minutes"] or 0
    )


# ---------- who sees whom for a while ----------
def booked_or_queued_with(user: User, now: datetime) -> Q:
    """Condition on a person: booked or queued with this user, from the day before to the day after.

    A volunteer opens the file of someone from the day before their appointment to the day after; nobody else's.
    """
    today = timezone.localdate(now)
    start, end = day_bounds(today - timedelta(days=1))[0], day_bounds(today + timedelta(days=1))[1]
    if not user.is_active or not user.can(Ability.BE_BOOKED):
        return Q(pk__in=[])
    nodes = user.node_ids(Ability.BE_BOOKED)
    booked: QuerySet[Any] = Appointment.objects.filter(
        adviser=user, starts_at__gte=start, starts_at__lt=end, site__organisation__in=nodes
    ).exclude(state__in=["cancelled", "moved"])
    queued: QuerySet[Any] = QueueEntry.objects.filter(
        helper=user, came_at__gte=start, came_at__lt=end, site__organisation__in=nodes
    )
    merged = Person.objects.filter(merged_into=OuterRef("pk"))
    return (
        Q(Exists(booked.filter(person=OuterRef("pk"))))
        | Q(Exists(queued.filter(person=OuterRef("pk"))))
        | Q(Exists(merged.filter(Q(pk__in=booked.values("person")) | Q(pk__in=queued.values("person")))))
    )


def advisers_at(site: Site) -> list[User]:
    """Who can be booked at a site: a role that says so on it or above it. One query."""
    from bagage.accounts.domain.roles import roles_with
    from bagage.accounts.models import Membership

    path = site.organisation.path
    step = site.organisation.steplen
    above = [path[:length] for length in range(step, len(path) + 1, step)]
    members = (
        Membership.objects.current()
        .with_roles(roles_with(Ability.BE_BOOKED))
        .filter(organisation__path__in=above)
        .select_related("user")
        .order_by("user__first_name", "user__last_name", "user_id")
    )
    return list({member.user_id: member.user for member in members}.values())
