"""Asking for news some months after an exit: is it all still there? Each answer is a fact of its day."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import User, actor_of, name_of
from bagage.common.errors import BusinessError, Conflict
from bagage.journeys.domain import exits, lifecycle
from bagage.journeys.domain.follow_ups import TRIES
from bagage.journeys.models import FollowUp, FollowUpTry, Request
from bagage.journeys.services.evidence import record_evidences
from bagage.journeys.services.requests import change_request
from bagage.people.models import Person
from bagage.people.queries import identity_ids, whole_person
from bagage.skills.domain.positioning import BASE, GUIDED
from bagage.skills.queries import positioning
from bagage.skills.services import record_observations
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

WORDS_MAX = 300
By = User | Actor


@transaction.atomic
def answer_follow_up(
    follow_up: FollowUp,
    *,
    who: str,
    device: str,
    connection: str,
    skills: str,
    no_more: Iterable[UUID] = (),
    words: str = "",
    by: By,
    at: datetime | None = None,
) -> FollowUp:
    """What ``who`` answered: is her device, her line, what she managed still there (``yes no unknown``)?

    It becomes evidence of that day, so the bag says it too: a device or a line that is gone is lost. For skills, "no"
    takes the requests named by ``no_more`` (those she managed) back to under way; with none named, nobody knows any
    more what she does of the base. "Yes" says the base again as it was. "On ne sait pas" adds nothing: asking in vain
    is no observation. The same answer sent twice is one. Raises :class:`BusinessError` for an answer that is missing,
    :class:`Conflict` when it was answered otherwise already, or when she came back meanwhile.
    """
    at = at or timezone.now()
    words = _words(words)
    for name, answer in (("device", device), ("connection", connection), ("skills", skills)):
        if answer not in FollowUp.Still.values:
            raise BusinessError(_("Choisissez une réponse, même « on ne sait pas »."), field=name)
    if who not in FollowUp.Who.values:
        raise BusinessError(_("Dites qui a répondu."), field="who")
    follow_up = _locked(follow_up)
    if follow_up.state == lifecycle.ANSWERED and (
        (follow_up.who, follow_up.device, follow_up.connection, follow_up.skills)
        == (who, device, connection, skills)
    ):
        return follow_up
    _check_way(follow_up, lifecycle.ANSWERED)
    person = whole_person(follow_up.journey.person)
    follow_up.state, follow_up.answered_at = lifecycle.ANSWERED, at
    follow_up.who, follow_up.words, follow_up.written_by = who, words, name_of(by)
    follow_up.device, follow_up.connection, follow_up.skills = device, connection, skills
    follow_up.save()
    left = follow_up.exit
    told = exits.evidence_told(
        exits.Still(device, connection, skills), {"device": left.device, "connection": left.connection}
    )
    today, source = timezone.localdate(at), f"follow_up:{follow_up.uuid}"
    record_evidences(person, told, how="said", observed_on=today, source=source, by=by, at=at)
    if skills != FollowUp.Still.UNKNOWN:
        _tell_skills(person, skills == FollowUp.Still.YES, set(no_more), source=source, by=by, at=at)
    _trail(follow_up, "follow_up.answer", by=by, at=at, fields=["device", "connection", "skills"])
    return follow_up


@transaction.atomic
def note_try(
    follow_up: FollowUp, *, words: str = "", key: str, by: By, at: datetime | None = None
) -> FollowUp:
    """Someone tried to reach her and could not; after :data:`TRIES` of them she is not sought any more.

    The same ``key`` is one try. Raises :class:`Conflict` when it was answered, called off or given up already.
    """
    at = at or timezone.now()
    words = _words(words, 200)
    follow_up = _locked(follow_up)
    if FollowUpTry.objects.filter(key=key).exists():
        return follow_up
    if follow_up.state != lifecycle.DUE:
        _check_way(follow_up, lifecycle.NOT_REACHED)
    FollowUpTry.objects.create(follow_up=follow_up, at=at, words=words, key=key, written_by=name_of(by))
    fields = ["tries"]
    if follow_up.tries.count() >= TRIES:
        follow_up.state = lifecycle.NOT_REACHED
        follow_up.save(update_fields=["state"])
        fields.append("state")
    _trail(follow_up, "follow_up.try", by=by, at=at, fields=fields)
    return follow_up


def _tell_skills(
    person: Person, still: bool, no_more: set[UUID], *, source: str, by: By, at: datetime
) -> None:
    """What an answer about skills makes of requests and observations."""
    files, today = identity_ids(person), timezone.localdate(at)
    if not still:
        met = Request.objects.filter(journey__person_id__in=files, state=Request.State.MET, uuid__in=no_more)
        taken_back = [
            change_request(one, state=Request.State.UNDER_WAY, on=today, source=source, by=by, at=at)
            for one in met.order_by("pk")
        ]
        if taken_back:
            return
    known = positioning(files, until=today)
    steps = {
        code: known[code].step if still else None
        for code in BASE
        if code in known and (known[code].step or 0) >= GUIDED
    }
    record_observations(person, steps, how="said", observed_on=today, source=source, by=by, at=at)


def _locked(follow_up: FollowUp) -> FollowUp:
    return (
        FollowUp.objects.select_for_update(of=("self",))
        .select_related("exit", "journey__node", "journey__person__merged_into")
        .get(pk=follow_up.pk)
    )


def _check_way(follow_up: FollowUp, new: str) -> None:
    if lifecycle.can_follow_up_go(follow_up.state, new):
        return
    refusals = {
        lifecycle.ANSWERED: _(
            "Les nouvelles sont déjà notées. Ce qui a changé depuis se note dans le dossier."
        ),
        lifecycle.CALLED_OFF: _("Le parcours est rouvert : ces nouvelles ne se demandent plus."),
        lifecycle.NOT_REACHED: _("On a cessé de chercher, après %(count)s essais.") % {"count": TRIES},
    }
    raise Conflict(refusals[follow_up.state])


def _words(words: str, limit: int = WORDS_MAX) -> str:
    words = " ".join(words.split())
    if len(words) > limit:
        raise BusinessError(
            _("Il y a %(over)s signes de trop.") % {"over": len(words) - limit}, field="words"
        )
    return words


def _trail(follow_up: FollowUp, verb: str, *, by: By, at: datetime, fields: list[str]) -> None:
    record(
        actor_of(by),
        verb,
        at=at,
        place=follow_up.journey.node.uuid,
        person=whole_person(follow_up.journey.person).uuid,
        thing=f"follow_up:{follow_up.uuid}",
        fields=fields,
    )
