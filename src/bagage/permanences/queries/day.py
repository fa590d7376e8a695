"""The day of a site: appointments, the queue, what was done; and who sees whom for a while."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Sum
from django.db.models.functions import TruncDate
from django.utils import timezone

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.common.prepared import prepared
from bagage.common.together import Asking, together
from bagage.people.models import Person
from bagage.permanences.models import (
    HOLDING,
    Appointment,
    Closure,
    NamelessHelp,
    OpeningBlock,
    QueueEntry,
    Site,
)
from bagage.permanences.queries.places import day_bounds
from bagage.permanences.queries.slots import LONGEST


@dataclass(frozen=True, slots=True)
class DayFigures:
    """What was done on one day, without a name."""

    appointments: int
    came: int
    queue: int
    nameless: int
    minutes: int


# ---------- appointments ----------
def appointments_of(person_ids: Iterable[int]) -> QuerySet[Appointment]:
    """All appointments of these files, the newest first, with site and adviser."""
    return (
        Appointment.objects.filter(person__in=list(person_ids))
        .select_related("site__organisation", "adviser", "block", "person")
        .order_by("-starts_at", "-pk")
    )


@together
def day_appointments(site: Site, day: date) -> Asking[list[Appointment]]:
    """What is on that day at a site, in order of time, moved ones left out."""
    return (yield from _appointments_between.asking(site.pk, *day_bounds(day)))


@prepared
def _appointments_between(site: int, start: datetime, end: datetime) -> QuerySet[Appointment]:
    return (
        Appointment.objects.between(start, end)
        .filter(site_id=site)
        .exclude(state="moved")
        .select_related("adviser", "person")
        .order_by("starts_at", "adviser__first_name", "pk")
    )


@together
def day_blocks(site: Site, day: date) -> Asking[list[OpeningBlock]]:
    """Who receives that day at a site, and from when to when."""
    start, end = day_bounds(day)
    return (yield from _blocks_between.asking(site.pk, start - LONGEST, start, end))


@prepared
def _blocks_between(site: int, begun: datetime, start: datetime, end: datetime) -> QuerySet[OpeningBlock]:
    return (
        OpeningBlock.objects.filter(
            site_id=site, withdrawn_at=None, starts_at__gt=begun, starts_at__lt=end, ends_at__gt=start
        )
        .select_related("adviser")
        .order_by("starts_at", "pk")
    )


@together
def appointments_to_move(site: Site, now: datetime) -> Asking[list[Appointment]]:
    """Those still expected whose block was withdrawn, whose adviser left, or that fall on a closed day."""
    return (yield from _to_move.asking(site.pk, now))


@prepared
def _to_move(site: int, now: datetime) -> QuerySet[Appointment]:
    shut = Closure.objects.filter(
        site=OuterRef("site"), first_day__lte=OuterRef("on"), last_day__gte=OuterRef("on")
    )
    return (
        Appointment.objects.filter(site_id=site, state="booked", starts_at__gte=now)
        .annotate(on=TruncDate("starts_at"))
        .filter(Q(block__withdrawn_at__isnull=False) | Q(adviser__is_active=False) | Exists(shut))
        .select_related("adviser", "person", "block", "site__organisation")
        .order_by("starts_at", "pk")
    )


@together
def absences_to_call(site: Site, now: datetime, *, days: int = 3) -> Asking[list[Appointment]]:
    """Who did not come in the last days and has had no appointment since: someone calls to ask how she is."""
    return (yield from _absent_between.asking(site.pk, now - timedelta(days=days), now))


@prepared
def _absent_between(site: int, since: datetime, until: datetime) -> QuerySet[Appointment]:
    later = Appointment.objects.filter(
        person=OuterRef("person"), starts_at__gt=OuterRef("starts_at")
    ).exclude(state__in=["cancelled", "moved"])
    return (
        Appointment.objects.filter(site_id=site, state="no_show", starts_at__gte=since, starts_at__lt=until)
        .exclude(Exists(later))
        .select_related("person", "adviser", "site__organisation")
        .order_by("starts_at", "pk")
    )


# ---------- the queue and what was done ----------
@together
def day_queue(site: Site, day: date) -> Asking[list[QueueEntry]]:
    """Who came without an appointment that day, in order of coming."""
    return (yield from _came_between.asking(site.pk, *day_bounds(day)))


@prepared
def _came_between(site: int, start: datetime, end: datetime) -> QuerySet[QueueEntry]:
    return (
        QueueEntry.objects.filter(site_id=site, came_at__gte=start, came_at__lt=end)
        .select_related("person", "helper")
        .order_by("came_at", "pk")
    )


@together
def day_nameless_help(site: Site, day: date) -> Asking[list[NamelessHelp]]:
    """The helps without a name of that day, the newest first, undone ones left out."""
    return (yield from _helped_between.asking(site.pk, *day_bounds(day)))


@prepared
def _helped_between(site: int, start: datetime, end: datetime) -> QuerySet[NamelessHelp]:
    helped = NamelessHelp.objects.filter(site_id=site, at__gte=start, at__lt=end, undone_at=None)
    return helped.order_by("-at", "-pk")


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
