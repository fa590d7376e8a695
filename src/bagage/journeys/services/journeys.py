"""Opening a journey, leaving it with or without a full bag, coming back to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from uuid import uuid4

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import Organisation, User, actor_of, name_of
from bagage.common.errors import BusinessError, Conflict
from bagage.common.templatetags.bagage import level_word
from bagage.common.words import day_short, joined, local_date
from bagage.equipment.services import release_reservation
from bagage.journeys.domain import exits, lifecycle
from bagage.journeys.domain.baggage import Baggage
from bagage.journeys.domain.follow_ups import MONTHS, due_days
from bagage.journeys.events import journey_changed
from bagage.journeys.models import ExitReason, FollowUp, Journey, JourneyExit, JourneyStep, Pocket
from bagage.journeys.queries.ahead import Ahead, things_ahead
from bagage.journeys.queries.baggage import bags_of
from bagage.journeys.queries.summary import facts_of
from bagage.people.models import Person
from bagage.people.queries import identity_ids, whole_person
from bagage.permanences.services import cancel_appointment, leave_session
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

WORDS_MAX = 300
By = User | Actor


def follow_up_months() -> tuple[int, ...]:
    """How many months after an exit news is asked for: the setting ``FOLLOW_UP_MONTHS``, three and six unless told."""
    return tuple(getattr(settings, "FOLLOW_UP_MONTHS", MONTHS))


# ---------- opening ----------
@transaction.atomic
def open_journey(
    person: Person,
    node: Organisation,
    *,
    said_on: date | None = None,
    came_by: str = JourneyStep.Back.ASKED,
    by: By,
    at: datetime | None = None,
) -> Journey:
    """The open journey of this person, opened at ``node`` if she never had one.

    Who had left comes back: her journey is reopened, ``came_by`` says what brought her (decision 39). ``said_on`` is
    the day of what is written down: it does not bring back who left on that day or later.
    """
    at = at or timezone.now()
    files = identity_ids(person)
    journeys = list(Journey.objects.filter(person_id__in=files).order_by("opened_at", "pk"))
    still_open = [one for one in journeys if one.is_open]
    if still_open:
        return still_open[-1]
    if journeys:
        last = max(journeys, key=lambda one: (one.closed_at, one.pk))
        if last.closed_at and said_on is not None and said_on <= local_date(last.closed_at):
            return last
        return reopen_journey(last, reason=came_by, key=f"open:{uuid4().hex}", by=by, at=at)
    try:
        with transaction.atomic():
            journey = Journey.objects.create(person=person, node=node, opened_at=at)
    except IntegrityError:  # someone else opened it at the same moment
        return Journey.objects.get(person=person, closed_at=None)
    _trail(journey, "open_journey", by=by, at=at)
    return journey


# ---------- exit ----------
@transaction.atomic
def exit_journey(
    journey: Journey,
    *,
    kind: str,
    reason: str = "",
    words: str = "",
    release: bool = False,
    follow_up: bool = True,
    key: str,
    by: By,
    at: datetime | None = None,
) -> JourneyExit:
    """She leaves: ``complete`` when her three pockets are full today, else ``not_yet`` with a reason.

    The bag is kept as it is that day. News is asked for after the months of the setting, unless she does not want it
    (``follow_up``). What is still ahead of her (an appointment, a place in a session, a device kept for her) refuses
    the exit, unless ``release`` gives it back. All her open journeys close together when her files were marked as one.

    Raises :class:`BusinessError` without a reason, or for "complete" when a pocket is not full: it says which;
    :class:`Conflict` when she has left already, or when something is ahead: it says what. The same ``key`` is one exit.
    """
    at = at or timezone.now()
    known = JourneyExit.objects.filter(key=key).first()
    if known is not None:
        return known
    words = _words(words)
    _check_kind(kind, reason, words)
    files = identity_ids(journey.person)
    together = list(
        Journey.objects.select_for_update(of=("self",))
        .select_related("person", "node")
        .filter(person_id__in=files)
        .order_by("pk")
    )
    journey = next(one for one in together if one.pk == journey.pk)
    if not lifecycle.can_journey_go(journey.state, lifecycle.CLOSED):
        known = JourneyExit.objects.filter(key=key).first()  # the same form, sent twice at the same moment
        if known is not None:
            return known
        raise Conflict(
            _("La sortie est déjà notée, le %(day)s. En cas de retour, rouvrez le parcours.")
            % {"day": day_short(journey.closed_at or at, year=True)}
        )
    if at < journey.opened_at:
        raise BusinessError(_("Le parcours n’était pas encore ouvert à cette date."))
    today = timezone.localdate(at)
    bag = bags_of({journey.pk: files}, today=today)[journey.pk]
    missing = exits.not_full(bag)
    if kind == exits.COMPLETE and missing:
        raise BusinessError(
            _("Le bagage n’est pas complet : %(pockets)s. Notez « pas encore », avec la raison.")
            % {"pockets": joined([_state_of(name, bag) for name in missing])},
            field="kind",
        )
    ahead = things_ahead(files, at)
    if ahead and not release:
        raise Conflict(
            _(
                "Il reste quelque chose de prévu : %(what)s. Cochez « libérer », ou attendez que ce soit passé."
            )
            % {"what": joined([one.words for one in ahead])},
            field="release",
        )
    if ahead:
        _release(ahead, by=by, at=at)
        bag = bags_of({journey.pk: files}, today=today)[journey.pk]
    left = JourneyExit.objects.create(
        journey=journey,
        node=journey.node,
        kind=kind,
        reason=reason,
        words=words,
        device=bag.device.state,
        connection=bag.connection.state,
        skills=bag.skills.state,
        bag={**exits.photograph(bag), "facts": facts_of(files, today)},
        exited_at=at,
        key=key,
        written_by=name_of(by),
    )
    for one in together:
        if one.closed_at is not None:
            continue
        one.closed_at = at
        one.save(update_fields=["closed_at"])
        JourneyStep.objects.create(
            journey=one,
            kind=JourneyStep.Kind.EXITED,
            exit=left,
            at=at,
            key=f"exit:{one.pk}:{key}",
            written_by=name_of(by),
        )
    if follow_up:
        FollowUp.objects.bulk_create(
            FollowUp(journey=journey, exit=left, months=months, due_on=day)
            for months, day in due_days(today, follow_up_months())
        )
    _trail(journey, "exit_journey", by=by, at=at, fields=["kind", *(["reason"] if reason else [])])
    journey_changed.send(sender=Journey, journey=journey, what="exited", by=by, at=at)
    return left


def _check_kind(kind: str, reason: str, words: str) -> None:
    if kind not in JourneyExit.Kind.values:
        raise BusinessError(_("Choisissez « bagage complet » ou « pas encore »."), field="kind")
    if kind == exits.COMPLETE and reason:
        raise BusinessError(_("Un bagage complet n’a pas besoin de raison."), field="reason")
    if kind == exits.NOT_YET and reason not in ExitReason.values:
        raise BusinessError(
            _("Choisissez la raison : « pas encore » se dit toujours avec elle."), field="reason"
        )
    if reason == ExitReason.OTHER and not words:
        raise BusinessError(_("Dites en quelques mots quelle est la raison."), field="words")


def _state_of(name: str, bag: Baggage) -> str:
    """``"appareil à moitié"``."""
    label = str(Pocket(name).label)
    state = dict(exits.pockets_of(bag))[name].state
    return f"{label[:1].lower()}{label[1:]} {level_word(name, state)}"


def _release(ahead: Sequence[Ahead], *, by: By, at: datetime) -> None:
    """Give back what was ahead of her, each thing by its own service."""
    reason = _("fin du parcours")
    for one in ahead:
        if one.appointment is not None:
            cancel_appointment(one.appointment, reason=reason, by=by, at=at)
        elif one.booking is not None:
            leave_session(one.booking, by=by, at=at)
        elif one.reservation is not None:
            release_reservation(one.reservation, reason=reason, by=by, at=at)


# ---------- coming back ----------
@transaction.atomic
def reopen_journey(
    journey: Journey, *, reason: str, words: str = "", key: str, by: By, at: datetime | None = None
) -> Journey:
    """She comes back: the same journey goes on, with all that it holds. Reopening an open one does nothing.

    Follow-ups that nobody answered yet are called off: she is here. Raises :class:`BusinessError` for a reason that
    does not exist, or for "other" without words.
    """
    at = at or timezone.now()
    words = _words(words)
    if reason not in JourneyStep.Back.values:
        raise BusinessError(_("Choisissez ce qui ramène."), field="reason")
    if reason == JourneyStep.Back.OTHER and not words:
        raise BusinessError(_("Dites en quelques mots ce qui ramène."), field="words")
    journey = (
        Journey.objects.select_for_update(of=("self",)).select_related("person", "node").get(pk=journey.pk)
    )
    is_known = JourneyStep.objects.filter(key=key).exists()
    if is_known or not lifecycle.can_journey_go(journey.state, lifecycle.OPEN):
        return journey
    other = Journey.objects.filter(person_id=journey.person_id, closed_at=None).first()
    if other is not None:
        return other
    journey.closed_at = None
    journey.save(update_fields=["closed_at"])
    JourneyStep.objects.create(
        journey=journey,
        kind=JourneyStep.Kind.REOPENED,
        exit=journey.exits.order_by("exited_at", "pk").last(),
        reason=reason,
        words=words,
        at=at,
        key=key,
        written_by=name_of(by),
    )
    waiting = [
        state for state in FollowUp.State.values if lifecycle.can_follow_up_go(state, lifecycle.CALLED_OFF)
    ]
    files = identity_ids(journey.person)
    FollowUp.objects.filter(journey__person_id__in=files, state__in=waiting).update(
        state=lifecycle.CALLED_OFF
    )
    _trail(journey, "reopen_journey", by=by, at=at, fields=["reason"])
    journey_changed.send(sender=Journey, journey=journey, what="reopened", by=by, at=at)
    return journey


# ---------- inside ----------
def _words(words: str) -> str:
    words = " ".join(words.split())
    if len(words) > WORDS_MAX:
        over = len(words) - WORDS_MAX
        raise BusinessError(_("Il y a %(over)s signes de trop.") % {"over": over}, field="words")
    return words


def _trail(journey: Journey, verb: str, *, by: By, at: datetime, fields: Sequence[str] = ()) -> None:
    record(
        actor_of(by),
        verb,
        at=at,
        place=journey.node.uuid,
        person=whole_person(journey.person).uuid,
        thing=f"journey:{journey.uuid}",
        fields=list(fields),
    )
