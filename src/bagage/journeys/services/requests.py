"""Writing down what she asks for, and where it stands."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import User, actor_of, name_of
from bagage.common.errors import BusinessError
from bagage.journeys.domain.topics import topic_of
from bagage.journeys.models import Journey, Pocket, Request, RequestStep
from bagage.skills.models import Item
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

WORDS_MAX = 300


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
        about=_topic(words),
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
    source: str = "",
    by: User | Actor,
    at: datetime | None = None,
) -> Request:
    """Change where a request stands, its words or its pocket; each state reached is kept with its day.

    ``on`` is the day the state was reached, today unless told, never before the day of the state before. ``source``
    says what told it (``"session:<uuid>"``), and is empty for what someone writes. Nothing is written when nothing
    changes.
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
        if request.about_id == getattr(_topic(request.words), "pk", None):  # nobody corrected it
            request.about = _topic(words)
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
        request.changed_on = max(on, request.said_on, request.changed_on)
        fields.append("state")
        RequestStep.objects.create(
            request=request,
            state=state,
            on=request.changed_on,
            source=source,
            written_by=name_of(by),
            written_at=at,
        )
    if fields:
        request.save(update_fields=["words", "pocket", "about", "state", "changed_on"])
        _record_request(request, "change_request", by=by, at=at, fields=fields)
    return request


@transaction.atomic
def set_topic(
    request: Request, item: Item | None, *, by: User | Actor, at: datetime | None = None
) -> Request:
    """Say which skill a request is about, or that it is none of them; her words stay as she said them."""
    at = at or timezone.now()
    request = (
        Request.objects.select_for_update(of=("self",))
        .select_related("journey__person", "journey__node")
        .get(pk=request.pk)
    )
    if request.about_id == (item.pk if item else None):
        return request
    request.about = item
    fields = ["about"]
    if item is not None and not request.pocket:
        request.pocket = Pocket.SKILLS
        fields.append("pocket")
    request.save(update_fields=fields)
    _record_request(request, "change_request", by=by, at=at, fields=fields)
    return request


def _topic(words: str) -> Item | None:
    code = topic_of(words)
    return Item.objects.filter(code=code, is_current=True).first() if code else None


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
