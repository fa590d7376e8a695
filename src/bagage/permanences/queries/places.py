"""Where one works, days and closed days, whether a site is open, who works there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from bagage.accounts.domain.roles import Ability, roles_with
from bagage.accounts.models import Membership, User
from bagage.common.hours import Openness, UnreadableHours, openness
from bagage.common.prepared import prepared
from bagage.common.school import zone_of
from bagage.common.together import Asking, together
from bagage.permanences.models import Closure, Site

SITE_KEY = "site"


# ---------- where one works ----------
def sites_for(user: User, ability: Ability) -> list[Site]:
    """The open permanences where a role of this user opens this act, by name."""
    nodes = user.node_ids(ability)
    if not nodes:
        return []
    return _open_sites(nodes)


@prepared
def _open_sites(nodes: Iterable[int]) -> QuerySet[Site]:
    return (
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


@together
def closed_days(sites: Iterable[Site], first: date, last: date) -> Asking[dict[int, dict[date, str]]]:
    """By site, the days in [first, last] that are closed in spite of the hours, with the reason. One query."""
    found: dict[int, dict[date, str]] = defaultdict(dict)
    for closure in (yield from _closures.asking([site.pk for site in sites], first, last)):
        day = max(closure.first_day, first)
        while day <= min(closure.last_day, last):
            found[closure.site_id][day] = closure.reason
            day += timedelta(days=1)
    return found


@prepared
def _closures(sites: Iterable[int], first: date, last: date) -> QuerySet[Closure]:
    return Closure.objects.filter(site_id__in=sites, first_day__lte=last, last_day__gte=first)


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
        return openness(site.hours, local.replace(tzinfo=None), list(closed), zone=zone_of(site.postcode))
    except UnreadableHours:
        return None


def advisers_at(site: Site) -> list[User]:
    """Who can be booked at a site: a role that says so on it or above it. One query."""

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
