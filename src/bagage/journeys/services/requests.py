"""Opening a journey, writing down what she asks for."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import Organisation, User, actor_of, name_of
from bagage.common.errors import BusinessError
from bagage.journeys.models import Journey, Pocket, Request, RequestStep
from bagage.people.models import Person
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

WORDS_MAX = 300


@transaction.atomic
def open_journey(
    person: Person, node: Organisation, *, by: User | Actor, at: datetime | None = None
) -> Journey:
    """The open journey of this person, opened at ``node`` if she has none."""
    at = at or timezone.now()
    found = Journey.objects.filter(person=person, closed_at=None).first()
    if found:
        return found
    try:
        with transaction.atomic():
            journey = Journey.objects.create(person=person, node=node, opened_at=at)
    except IntegrityError:  # someone else opened it at the same moment
        return Journey.objects.get(person=person, closed_at=None)
    record(
        actor_of(by),
        "open_journey",
        at=at,
        place=node.uuid,
        person=person.uuid,
        thing=f"journey:{journey.uuid}",
    )
    return journey


@transaction.atomic
def add_request(
    journey: Journey,
    *,
    words: str,
    pocket: str = "",
    said_on: date,
    source: str = "",
    by: User | Actor,
    at: datetime | None = None,
) -> Request:
    """What she asks for, in her words (at most 300 signs); ``pocket`` may stay unknown.

    The same words said twice in one journey are one request: it is given back as it stands, and takes the pocket if
    it had none. Raises :class:`BusinessError` without words, when they are too long, or for a day to come.
    """
    at = at or timezone.now()
    words = _checked_words(words)
    _check_pocket(pocket)
    if said_on > timezone.localdate(at):
        raise BusinessError(_("Cette date n’est pas encore passée."), field="said_on")
    Journey.objects.select_for_update().get(
        pk=journey.pk
    )  # two senders of the same words wait for each other
    for request in journey.requests.exclude(state=Request.State.DROPPED):
        if _folded(request.words) == _folded(words):
            if pocket and not request.pocket:
                change_request(request, pocket=pocket, by=by, at=at)
            return request
    request = Request.objects.create(
        journey=journey,
        words=words,
        pocket=pocket,
        said_on=said_on,
        changed_on=said_on,
        source=source,
        written_by=name_of(by),
        written_at=at,
    )
    _record_request(request, "add_request", by=by, at=at)
    return request


@transaction.atomic
def change_request(
    request: Request,
    *,
    state: str | None = None,
    words: str | None = None,
    pocket: str | None = None,
    on: date | None = None,
    by: User | Actor,
    at: datetime | None = None,
) -> Request:
    """Change where a request stands, its words or its pocket; each state reached is kept with its day.

    ``on`` is the day the state was reached, today unless told. Nothing is written when nothing changes.
    """
    at = at or timezone.now()
    on = on or timezone.localdate(at)
    if on > timezone.localdate(at):
        raise BusinessError(_("Cette date n’est pas encore passée."), field="on")
    request = (
        Request.objects.select_for_update(of=("self",))
        .select_related("journey__person", "journey__node")
        .get(pk=request.pk)
    )
    fields: list[str] = []
    if words is not None and _checked_words(words) != request.words:
        request.words = _checked_words(words)
        fields.append("words")
    if pocket is not None and pocket != request.pocket:
        _check_pocket(pocket)
        request.pocket = pocket
        fields.append("pocket")
    if state is not None and state != request.state:
        if state not in Request.State.values:
            raise BusinessError(_("Cette réponse n’existe pas."), field="state")
        request.state = state
        request.changed_on = max(on, request.said_on)
        fields.append("state")
        RequestStep.objects.create(
            request=request, state=state, on=request.changed_on, written_by=name_of(by), written_at=at
        )
    if fields:
        request.save(update_fields=["words", "pocket", "state", "changed_on"])
        _record_request(request, "change_request", by=by, at=at, fields=fields)
    return request


def _record_request(
    request: Request, verb: str, *, by: User | Actor, at: datetime, fields: list[str] | None = None
) -> None:
    record(
        actor_of(by),
        verb,
        at=at,
        place=request.journey.node.uuid,
        person=request.journey.person.uuid,
        thing=f"request:{request.uuid}",
        fields=fields or [],
    )


def _checked_words(words: str) -> str:
    words = " ".join(words.split())
    if not words:
        raise BusinessError(_("Écrivez ses mots, même en deux mots."), field="words")
    if len(words) > WORDS_MAX:
        over = len(words) - WORDS_MAX
        raise BusinessError(_("Il y a %(over)s signes de trop.") % {"over": over}, field="words")
    return words


def _check_pocket(pocket: str) -> None:
    if pocket and pocket not in Pocket.values:
        raise BusinessError(_("Cette réponse n’existe pas."), field="pocket")


def _folded(words: str) -> str:
    return words.casefold().replace("'", "’").strip(" .!?…«»\u00a0")
