"""The journey of a person as it is shown: where it stands, its exits and returns, the news asked for since."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.common.happenings import Attention, Happened
from bagage.common.prepared import prepared
from bagage.common.together import Asking, beside, together
from bagage.common.words import before_colon, day_short, local_date, quoted
from bagage.journeys.domain import lifecycle
from bagage.journeys.domain.baggage import Baggage
from bagage.journeys.domain.exits import POCKETS, bag_of_photograph
from bagage.journeys.domain.follow_ups import TRIES
from bagage.journeys.models import (
    FollowUp,
    FollowUpTry,
    Journey,
    JourneyExit,
    JourneyStep,
    Pocket,
    RequestBooking,
)
from bagage.people.models import followed_by
from bagage.permanences.models import Site


# ---------- words ----------
def exit_words(left: JourneyExit) -> str:
    """``"Bagage complet"``, ``"Pas encore : plus de nouvelles"``."""
    if left.kind == JourneyExit.Kind.COMPLETE:
        return _("Bagage complet")
    return f"{before_colon(_('Pas encore'))} {lowered(str(left.get_reason_display()))}"


def lowered(text: str) -> str:
    """With a small first letter, to stand inside a sentence."""
    return f"{text[:1].lower()}{text[1:]}"


def bag_of(left: JourneyExit) -> Baggage:
    """The bag as it was at that exit."""
    return bag_of_photograph(left.bag)


def still_words(follow_up: FollowUp) -> list[tuple[str, str, str, str]]:
    """What a follow-up learnt, pocket by pocket: (icon, pocket, answer in words, css of its state)."""
    icons = {"device": "smartphone", "connection": "wifi", "skills": "pointer"}
    css = {"yes": "ok", "no": "bad", "unknown": ""}
    found = []
    for pocket in POCKETS:
        answer = getattr(follow_up, pocket)
        label = str(FollowUp.Still(answer).label) if answer else ""
        found.append((icons[pocket], str(Pocket(pocket).label), label, css.get(answer, "")))
    return found


def follow_up_words(follow_up: FollowUp, today: date) -> str:
    """Where a follow-up stands, in a few words with its date."""
    due = day_short(follow_up.due_on, year=follow_up.due_on.year != today.year)
    if follow_up.state == lifecycle.ANSWERED and follow_up.answered_at is not None:
        when = local_date(follow_up.answered_at)
        return _("Nouvelles prises le %(day)s") % {"day": day_short(when, year=when.year != today.year)}
    if follow_up.state == lifecycle.NOT_REACHED:
        return _("Pas de réponse après %(count)s essais") % {"count": TRIES}
    if follow_up.state == lifecycle.CALLED_OFF:
        return _("Sans objet : le parcours est rouvert")
    if follow_up.due_on <= today:
        return _("À demander depuis le %(day)s") % {"day": due}
    return _("À demander le %(day)s") % {"day": due}


# ---------- the pocket of a file ----------
@dataclass(frozen=True, slots=True)
class FollowUpShown:
    """One follow-up with its words; ``asks`` when it is due, ``answers`` once it is answered."""

    follow_up: FollowUp
    words: str
    asks: bool
    answers: list[tuple[str, str, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class JourneyPanel:
    """Where her journey stands; ``left`` is the exit that holds, ``came_back_at`` the last return of an open one."""

    journey: Journey
    since: date
    came_back_at: datetime | None
    left: JourneyExit | None
    left_words: str
    left_bag: Baggage | None
    exit_count: int
    follow_ups: list[FollowUpShown]

    @property
    def asks(self) -> bool:
        """Whether news is to be asked for."""
        return any(one.asks for one in self.follow_ups)


@prepared
def _journeys_of(files: Iterable[int]) -> QuerySet[Journey]:
    return Journey.objects.filter(person_id__in=files).select_related("node", "person")


@prepared
def _steps_of(files: Iterable[int]) -> QuerySet[JourneyStep]:
    return (
        JourneyStep.objects.filter(journey__person_id__in=files)
        .select_related("exit", "journey__person")
        .order_by("at", "pk")
    )


@prepared
def _follow_ups_of(files: Iterable[int]) -> QuerySet[FollowUp]:
    return FollowUp.objects.filter(journey__person_id__in=files).order_by("due_on", "pk")


@prepared
def _exits_of(files: Iterable[int]) -> QuerySet[JourneyExit]:
    return JourneyExit.objects.filter(journey__person_id__in=files).order_by("exited_at", "pk")


@prepared
def _tries_of(files: Iterable[int]) -> QuerySet[FollowUpTry]:
    return FollowUpTry.objects.filter(follow_up__journey__person_id__in=files).select_related("follow_up")


@prepared
def _sessions_for_requests(files: Iterable[int]) -> QuerySet[RequestBooking]:
    return RequestBooking.objects.filter(request__journey__person_id__in=files).select_related(
        "request", "booking__session"
    )


@together
def journey_of(files: Sequence[int]) -> Asking[Journey | None]:
    """Her open journey, else the one that closed last; one query."""
    found = yield from _journeys_of.asking(files)
    still_open = [one for one in found if one.is_open]
    if still_open:
        return max(still_open, key=lambda one: (one.opened_at, one.pk))
    return max(found, key=lambda one: (one.closed_at, one.pk), default=None)


@dataclass(frozen=True, slots=True)
class JourneyRows:
    """The steps of her journeys, in their order, and the news asked for after her exits, by the day when it is due."""

    steps: list[JourneyStep]
    follow_ups: list[FollowUp]


@together
def journey_rows(files: Sequence[int]) -> Asking[JourneyRows]:
    """What both her panel and her timeline are made of; two queries."""
    return JourneyRows(*(yield [_steps_of.of(files), _follow_ups_of.of(files)]))


@together
def person_panel(
    files: Sequence[int], today: date, rows: JourneyRows | None = None
) -> Asking[JourneyPanel | None]:
    """What her file shows of her journey; ``None`` before it begins. Four queries, two when ``rows`` are given."""
    journey, exits = yield from beside([journey_of.asking(files), _exits_of.asking(files)])
    if journey is None:
        return None
    rows = (yield from journey_rows.asking(files)) if rows is None else rows
    last = exits[-1] if exits else None
    returns = [one for one in rows.steps if one.kind == JourneyStep.Kind.REOPENED]
    follow_ups = [
        FollowUpShown(
            one,
            follow_up_words(one, today),
            one.state == lifecycle.DUE and one.due_on <= today,
            still_words(one) if one.state == lifecycle.ANSWERED else [],
        )
        for one in rows.follow_ups
        if last is not None and one.exit_id == last.pk
    ]
    return JourneyPanel(
        journey=journey,
        since=local_date(journey.opened_at),
        came_back_at=returns[-1].at if returns and journey.is_open else None,
        left=last,
        left_words=exit_words(last) if last else "",
        left_bag=bag_of(last) if last else None,
        exit_count=len(exits),
        follow_ups=follow_ups if not journey.is_open or any(one.answers for one in follow_ups) else [],
    )


# ---------- what happened ----------
@together
def happened(
    files: Sequence[int], *, details: bool, rows: JourneyRows | None = None
) -> Asking[list[Happened]]:
    """Exits, returns, news and sessions found for a request; four queries, two when ``rows`` are given.

    Without ``details`` (reception) neither the reason of an exit nor what a follow-up learnt is told.
    """
    rows = (yield from journey_rows.asking(files)) if rows is None else rows
    tries, sessions = yield [_tries_of.of(files), _sessions_for_requests.of(files)]
    lines = [_step_line(one, details) for one in rows.steps if one.exit is None or _is_told_here(one)]
    for one in rows.follow_ups:
        if one.state == lifecycle.ANSWERED and one.answered_at is not None:
            lines.append(_answer_line(one, details))
    lines += [
        Happened(
            at=one.at,
            icon="phone-off",
            strong=_("Pas de réponse"),
            text=_("en demandant des nouvelles, %(months)s mois après la sortie.")
            % {"months": one.follow_up.months},
            who=one.written_by,
        )
        for one in tries
    ]
    lines += [
        Happened(
            at=one.linked_at,
            icon="graduation-cap",
            strong=_("Une séance pour"),
            text=quoted(one.request.words),
            who=one.linked_by,
            url=reverse("permanences:session", args=[one.booking.session.uuid]),
        )
        for one in sessions
    ]
    return lines


def _is_told_here(step: JourneyStep) -> bool:
    """Where her files were marked as one, an exit closes several journeys: it is told once."""
    return (
        step.kind != JourneyStep.Kind.EXITED or step.exit is None or step.exit.journey_id == step.journey_id
    )


def _step_line(step: JourneyStep, details: bool) -> Happened:
    if step.kind == JourneyStep.Kind.EXITED and step.exit is not None:
        if details or step.exit.kind == JourneyExit.Kind.COMPLETE:
            text = f"{exit_words(step.exit)}."
        else:
            text = _("Le bagage n’était pas encore complet.")
        return Happened(
            at=step.at,
            icon="luggage",
            strong=_("Sortie."),
            text=text,
            who=step.written_by,
            url=reverse("journeys:exit_summary", args=[step.exit.uuid]) if details else "",
        )
    return Happened(
        at=step.at,
        icon="rotate-ccw",
        strong=_("Retour."),
        text=f"{step.get_reason_display()}." if details else "",
        who=step.written_by,
    )


def _answer_line(follow_up: FollowUp, details: bool) -> Happened:
    strong = _("Nouvelles à %(months)s mois.") % {"months": follow_up.months}
    text = ""
    if details:
        told = [
            f"{before_colon(lowered(name))} {answer}" for _icon, name, answer, _css in still_words(follow_up)
        ]
        text = f"{', '.join(told)}."
    assert follow_up.answered_at is not None
    return Happened(
        at=follow_up.answered_at,
        icon="message-circle",
        strong=strong,
        text=text,
        who=follow_up.written_by,
        url=reverse("journeys:follow_up", args=[follow_up.uuid]) if details else "",
    )


# ---------- the news to ask for ----------
def follow_ups_in(node_ids: Iterable[int], now: datetime) -> QuerySet[FollowUp]:
    """The follow-ups of those whom these nodes follow now, with how often they were tried; one query."""
    tries = FollowUpTry.objects.filter(follow_up=OuterRef("pk")).order_by().values("follow_up")
    return (
        FollowUp.objects.filter(followed_by(node_ids, now, "journey__person"))
        .select_related("journey__person__merged_into", "journey__node", "exit")
        .annotate(try_count=Coalesce(Subquery(tries.annotate(count=Count("pk")).values("count")), 0))
    )


def follow_ups_due(node_ids: Iterable[int], now: datetime) -> QuerySet[FollowUp]:
    """Those of them that are due, the oldest first."""
    return FollowUp.objects.filter(
        followed_by(node_ids, now, "journey__person"),
        state=lifecycle.DUE,
        due_on__lte=timezone.localdate(now),
    ).order_by("due_on", "pk")


@prepared
def _how_many_due(node: int, now: datetime, today: date) -> QuerySet[FollowUp, int]:
    followed = FollowUp.objects.filter(followed_by([node], now, "journey__person"))
    due = followed.filter(state=lifecycle.DUE, due_on__lte=today).order_by()
    return due.values("state").annotate(found=Count("pk")).values_list("found", flat=True)


@together
def attention(user: User, site: Site, now: datetime) -> Asking[list[Attention]]:
    """News to ask for at this site, for who closes journeys there; one query."""
    if not user.can(Ability.CLOSE_JOURNEY, site.organisation):
        return []
    waiting = _how_many_due.of(site.organisation_id, now, timezone.localdate(now))
    due = sum((yield waiting.wide("how many")))
    if not due:
        return []
    text = ngettext(
        "%(count)s personne sortie dont on demande des nouvelles : est-ce toujours là ?",
        "%(count)s personnes sorties dont on demande des nouvelles : est-ce toujours là ?",
        due,
    ) % {"count": due}
    url = f"{reverse('journeys:follow_ups')}?site={site.uuid}&state=now"
    return [Attention("luggage", text, _("Demander"), url, due)]
