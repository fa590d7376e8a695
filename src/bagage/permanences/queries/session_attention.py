"""What Today asks about the sessions of a site."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.common import words as common_words
from bagage.common.happenings import Attention
from bagage.common.prepared import prepared
from bagage.common.together import Asking, together
from bagage.permanences.models import Session, Site
from bagage.permanences.queries.places import closed_days

# How far ahead trouble is shown.
TROUBLE_WITHIN = timedelta(days=14)
# A session that nobody closed asks for as long; what is older is history.
UNCLOSED_FOR = timedelta(days=30)


@prepared
def _planned_between(site: int, since: datetime, until: datetime) -> QuerySet[Session]:
    return (
        Session.objects.with_counts()
        .select_related("site__organisation", "room", "leader")
        .filter(site_id=site, state="planned", starts_at__gte=since, starts_at__lt=until)
        .order_by("starts_at", "pk")
    )


@together
def attention(user: User, site: Site, now: datetime) -> Asking[list[Attention]]:
    """Sessions that ask for something at this site: to mark, to close, short of computers, to lead, on a closed day.

    For who leads sessions there; what must be planned again only for who plans. Two queries at most.
    """
    leads, plans = (
        user.can(Ability.LEAD_SESSION, site.organisation),
        user.can(Ability.PLAN_SESSIONS, site.organisation),
    )
    if not leads and not plans:
        return []
    today = timezone.localdate(now)
    found = yield from _planned_between.asking(site.pk, now - UNCLOSED_FOR, now + TROUBLE_WITHIN)
    lines = []
    coming_days = {timezone.localdate(one.starts_at) for one in found if one.starts_at > now}
    shut: dict[date, str] = {}
    if plans and coming_days:
        days = yield from closed_days.asking([site], min(coming_days), max(coming_days))
        shut = days.get(site.pk, {})
    for session in found:
        day = timezone.localdate(session.starts_at)
        if leads and session.starts_at <= now:
            lines.append(_to_close(session, is_today=day == today))
        elif plans and session.starts_at > now:
            line = _trouble(session, is_shut=day in shut)
            if line is not None:
                lines.append(line)
    return lines


def _to_close(session: Session, *, is_today: bool) -> Attention:
    """One that has begun and is not closed."""
    address = reverse("permanences:attendance", args=[session.uuid])
    count: int = session.to_mark_count  # type: ignore[attr-defined]
    hour = common_words.hour(session.starts_at)
    if is_today:
        text = gettext("%(topic)s, %(hour)s : %(count)s à pointer.") % {
            "topic": session.topic,
            "hour": hour,
            "count": count,
        }
        return Attention("users", text, gettext("Pointer"), address, max(count, 1))
    text = gettext("%(topic)s, %(moment)s : la séance n’est pas fermée, %(count)s à pointer.") % {
        "topic": session.topic,
        "moment": session.when,
        "count": count,
    }
    return Attention("users", text, gettext("Fermer la séance"), address)


def _trouble(session: Session, *, is_shut: bool) -> Attention | None:
    """One to come that cannot take place as it is."""
    what: dict[str, object] = {"topic": session.topic, "moment": session.when}
    change = reverse("permanences:session_change", args=[session.uuid])
    if is_shut:
        text = gettext("%(topic)s, %(moment)s : la permanence est fermée ce jour-là.") % what
        return Attention("calendar-off", text, gettext("Changer ou annuler"), change)
    if session.missing_seats:
        seats = session.seats
        has = (
            ngettext("%(count)s ordinateur en état", "%(count)s ordinateurs en état", seats)
            if session.needs_computer
            else ngettext("%(count)s place", "%(count)s places", seats)
        ) % {"count": seats}
        taken: int = session.taken_count  # type: ignore[attr-defined]
        text = ngettext(
            "%(topic)s, %(moment)s : %(count)s personne, %(has)s.",
            "%(topic)s, %(moment)s : %(count)s personnes, %(has)s.",
            taken,
        ) % (what | {"count": taken, "has": has})
        return Attention("monitor", text, gettext("Changer de salle"), change, session.missing_seats)
    if session.leader is None or not session.leader.is_active:
        text = gettext("%(topic)s, %(moment)s : personne ne l’anime.") % what
        return Attention("user", text, gettext("Choisir qui l’anime"), change)
    return None
