"""Sessions that could answer what she asks, those that do, and what many ask without a session."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import (
    Case,
    Count,
    DateField,
    Exists,
    IntegerField,
    Min,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bagage.common.prepared import prepared
from bagage.common.words import day, day_short
from bagage.journeys.domain.requests import ANSWERING, OPEN, UNDER_WAY
from bagage.journeys.models import Interview, Pocket, Request, RequestBooking
from bagage.permanences.models import Session, SessionBooking, Site
from bagage.permanences.queries import sessions_for
from bagage.skills.domain.profile import Profile, profile
from bagage.skills.models import Item

LEVELS = {Profile.A: "first", Profile.B: "some", Profile.C: "further"}


# ---------- the sessions of one request ----------
@dataclass(frozen=True, slots=True)
class SessionChoice:
    """A session that could answer a request: why, and how she stands in it already.

    ``booking`` is her place there, if she has one; ``line`` how many wait before a newcomer (0 when a seat is free).
    """

    session: Session
    why: list[str]
    km: float | None
    booking: SessionBooking | None
    line: int

    @property
    def is_full(self) -> bool:
        """Whether a newcomer would wait."""
        return self.session.seats_left == 0


def level_of(files: Sequence[int]) -> str:
    """For which level of session she is, from the questions of reception; ``""`` when nobody knows. One query."""
    newest = Interview.objects.filter(person_id__in=files).order_by("held_on", "started_at", "pk").last()
    if newest is None:
        return ""
    return LEVELS.get(profile(newest.connected_today, newest.last_time), "")


def choices_for(
    request: Request, *, files: Sequence[int], near: Site | None, now: datetime, limit: int = 8
) -> list[SessionChoice]:
    """The coming sessions that could answer this request, the best first; five queries.

    A session in which she has a place already stands there too, since the same place may answer this request as well:
    first when it is about it, last when it is not.
    """
    person = request.journey.person
    found = sessions_for(
        items=[request.about.code] if request.about is not None else [],
        words=request.words,
        level=level_of(files),
        language=person.languages,
        near=near,
        now=now,
        limit=limit,
    )
    hers = {
        one.session_id: one
        for one in SessionBooking.objects.filter(
            person_id__in=files,
            state__in=["booked", "waiting"],
            session__state="planned",
            session__starts_at__gt=now,
        )
    }
    known = {one.session.pk for one in found}
    others = Session.objects.shown().filter(pk__in=set(hers) - known).order_by("starts_at", "pk")
    rows = [
        SessionChoice(one.session, one.why, one.km, hers.get(one.session.pk), _line(one.session))
        for one in found
    ]
    rows += [SessionChoice(one, [], None, hers[one.pk], _line(one)) for one in others]
    return sorted(rows, key=lambda one: (not one.why, one.booking is None))


def _line(session: Session) -> int:
    return 0 if session.seats_left else int(session.waiting_count)  # type: ignore[attr-defined]


def links_of(request: Request) -> list[RequestBooking]:
    """The places that answer it or did, the newest first, with session and site; one query."""
    return list(
        RequestBooking.objects.filter(request=request)
        .select_related("booking__session__site__organisation", "booking__person")
        .order_by("-linked_at", "-pk")
    )


# ---------- what her file says of each request ----------
@dataclass(frozen=True, slots=True)
class RequestAnswer:
    """The session that comes next for a request, in a few words, and how many others ask the same."""

    words: str
    is_waiting: bool
    when: datetime


@prepared
def _links_ahead(requests: Iterable[int], now: datetime) -> QuerySet[RequestBooking]:
    return (
        RequestBooking.objects.filter(
            request_id__in=requests,
            unlinked_at=None,
            booking__state__in=["booked", "waiting"],
            booking__session__state="planned",
            booking__session__ends_at__gt=now,
        )
        .select_related("booking__session")
        .order_by("booking__session__starts_at", "pk")
    )


def answers_of(requests: Iterable[Request], now: datetime) -> dict[int, RequestAnswer]:
    """Of each request that a coming session answers, which one; by ``pk``. One query."""
    found: dict[int, RequestAnswer] = {}
    for link in _links_ahead([one.pk for one in requests], now):
        session = link.booking.session
        is_waiting = link.booking.state == "waiting"
        days = (timezone.localdate(session.starts_at) - timezone.localdate(now)).days
        when = (
            _("aujourd’hui")
            if days == 0
            else day(session.starts_at).split(" ")[0]
            if days < 7
            else day_short(session.starts_at)
        )
        text = (
            _("Attend une place, %(when)s") % {"when": when}
            if is_waiting
            else _("Séance %(when)s") % {"when": when}
        )
        found.setdefault(link.request_id, RequestAnswer(text, is_waiting, session.starts_at))
    return found


# ---------- what is asked without a session ----------
def unanswered(node_ids: Iterable[int]) -> QuerySet[Request]:
    """Requests still wanted, in the open journeys of these nodes, that no session answers.

    Only what is to be learnt: said to be so, or about one of the fifteen skills. A device or a line needs no session.
    """
    live = RequestBooking.objects.filter(
        request=OuterRef("pk"), unlinked_at=None, booking__state__in=sorted(ANSWERING)
    )
    # Both pockets are said once more by themselves: an index then leads to the few among all that is asked.
    return Request.objects.filter(
        ~Exists(live),
        Q(pocket=Pocket.SKILLS) | Q(pocket="", about__isnull=False),
        pocket__in=[Pocket.SKILLS, ""],
        journey__node__in=list(node_ids),
        journey__closed_at=None,
        journey__person__erased_at=None,
        state__in=[OPEN, UNDER_WAY],
    )


def unanswered_demand(node_ids: Iterable[int], now: datetime, *, language: str = "") -> QuerySet[Item]:
    """Each skill that someone asks for without a session, the most asked first, with ``asking`` (persons), ``oldest``
    (the day) and ``coming``: how many sessions are planned at these nodes where it can be learnt. With some, it is a
    place that lacks. Two queries before the one that lists.

    ``language`` keeps the persons who speak it.
    """
    nodes = list(node_ids)
    asked = unanswered(nodes).filter(about__isnull=False)
    if language:
        asked = asked.filter(journey__person__languages__icontains=language)
    # Counted in one pass: there are fifteen skills, and many requests.
    rows = list(
        asked.order_by()
        .values("about")
        .annotate(persons=Count("journey__person", distinct=True), first=Min("said_on"))
        .values_list("about", "persons", "first")
    )
    planned = Session.objects.at_nodes(nodes).filter(state="planned", starts_at__gt=now)
    coming = Counter(planned.order_by().values_list("items", flat=True))
    return (
        Item.objects.filter(pk__in=[pk for pk, _persons, _first in rows])
        .annotate(
            asking=Case(
                *(When(pk=pk, then=Value(persons)) for pk, persons, _first in rows),
                default=0,
                output_field=IntegerField(),
            ),
            oldest=Case(
                *(When(pk=pk, then=Value(first)) for pk, _persons, first in rows),
                output_field=DateField(),
            ),
            coming=Case(
                *(When(pk=pk, then=Value(coming[pk])) for pk, _persons, _first in rows),
                default=0,
                output_field=IntegerField(),
            ),
        )
        .order_by("-asking", "oldest", "position")
    )


@dataclass(frozen=True, slots=True)
class Wish:
    """What is asked in words that name none of the fifteen skills, and by how many."""

    words: str
    asking: int


def wishes(node_ids: Iterable[int], *, limit: int = 20) -> list[Wish]:
    """The words of requests that are about none of the fifteen skills, the most asked first; one query."""
    rows = (
        unanswered(node_ids)
        .filter(about=None, pocket=Pocket.SKILLS)
        .annotate(folded=Lower("words"))
        .order_by()
        .values("folded")
        .annotate(asking=Count("journey__person", distinct=True), first=Min("said_on"), said=Min("words"))
        .order_by("-asking", "first", "folded")[:limit]
    )
    return [Wish(row["said"], row["asking"]) for row in rows]


def others_asking(request: Request, node_ids: Iterable[int]) -> int:
    """How many others of these nodes ask the same thing without a session: the same skill, else the same words."""
    same = (
        Q(about=request.about_id)
        if request.about_id
        else Q(about=None, pocket=Pocket.SKILLS, words__iexact=request.words)
    )
    return (
        unanswered(node_ids)
        .filter(same)
        .exclude(journey__person=request.journey.person_id)
        .values("journey__person")
        .distinct()
        .count()
    )


def others_words(count: int) -> str:
    """``"5 autres personnes demandent la même chose"``; ``""`` for nobody."""
    if not count:
        return ""
    return ngettext(
        "%(count)s autre personne demande la même chose",
        "%(count)s autres personnes demandent la même chose",
        count,
    ) % {"count": count}
