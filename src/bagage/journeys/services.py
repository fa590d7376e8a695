"""Opening a journey, writing down requests and evidence, leading the welcome interview."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import Organisation, User, actor_of, name_of
from bagage.common.errors import BusinessError, Conflict
from bagage.journeys.models import Evidence, EvidenceItem, Interview, Journey, Pocket, Request, RequestStep
from bagage.people.models import Obstacle, Person
from bagage.people.services import record_situations
from bagage.permanences.models import Appointment, AppointmentState
from bagage.permanences.services import start_appointment
from bagage.skills.models import Step
from bagage.skills.services import record_observations
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

WORDS_MAX = 300


# ---------- journeys and requests ----------
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


# ---------- evidence ----------
def record_evidence(
    person: Person,
    item: str,
    answer: str,
    *,
    how: str = "said",
    note: str = "",
    observed_on: date,
    source: str = "",
    by: User | Actor,
    at: datetime | None = None,
) -> Evidence | None:
    """Add one fact about E1–C3, as :func:`record_evidences` does; ``None`` when nothing was added."""
    added = record_evidences(
        person, {item: answer}, how=how, note=note, observed_on=observed_on, source=source, by=by, at=at
    )
    return added[0] if added else None


@transaction.atomic
def record_evidences(
    person: Person,
    answers: Mapping[str, str],
    *,
    how: str = "said",
    note: str = "",
    observed_on: date,
    source: str = "",
    by: User | Actor,
    at: datetime | None = None,
) -> list[Evidence]:
    """Add facts about several of E1–C3; two queries, however many.

    Nothing is added where the newest fact, of the same source and day, already says so. The caller writes the trail: an
    interview makes one row of it. Raises :class:`BusinessError` for an answer that does not exist or a day to come.
    """
    at = at or timezone.now()
    for item, answer in answers.items():
        if (
            item not in EvidenceItem.values
            or answer not in Evidence.Answer.values
            or how not in {"said", "seen"}
        ):
            raise BusinessError(_("Cette réponse n’existe pas."), field=item)
    if observed_on > timezone.localdate(at):
        raise BusinessError(_("Cette date n’est pas encore passée."), field="observed_on")
    newest: dict[str, Evidence] = {}
    for known in Evidence.objects.filter(person=person, item__in=list(answers)).order_by(
        "observed_on", "written_at", "pk"
    ):
        newest[known.item] = known
    added = []
    for item, answer in answers.items():
        before = newest.get(item)
        same = (answer, how, note, source, observed_on)
        if before and (before.answer, before.how, before.note, before.source, before.observed_on) == same:
            continue
        added.append(
            Evidence(
                person=person,
                item=item,
                answer=answer,
                how=how,
                note=note[:200],
                observed_on=observed_on,
                source=source,
                written_by=name_of(by),
                written_at=at,
            )
        )
    return Evidence.objects.bulk_create(added)


# ---------- the interview ----------
def start_interview(
    person: Person,
    *,
    node: Organisation,
    appointment: Appointment | None = None,
    by: User | Actor,
    at: datetime | None = None,
    on_paper: bool = False,
    held_on: date | None = None,
) -> Interview:
    """The open interview of this person, started at ``node`` if there is none; her journey is opened with it.

    ``held_on`` is the day it was held when a form filled on paper is entered later. Raises :class:`BusinessError` for a
    day to come.
    """
    at = at or timezone.now()
    today = timezone.localdate(at)
    if held_on and held_on > today:
        raise BusinessError(_("Cette date n’est pas encore passée."), field="held_on")
    with transaction.atomic():
        found = Interview.objects.filter(person=person, finished_at=None).first()
        if found:
            return found
        try:
            with transaction.atomic():
                interview = Interview.objects.create(
                    person=person,
                    node=node,
                    appointment=appointment,
                    led_by=by if isinstance(by, User) else None,
                    on_paper=on_paper,
                    language=appointment.language if appointment else "",
                    held_on=held_on or today,
                    started_at=at,
                )
        except IntegrityError:  # someone else started it at the same moment
            return Interview.objects.get(person=person, finished_at=None)
        if (
            appointment is not None
            and appointment.state == AppointmentState.ARRIVED
            and isinstance(by, User)
            and by.can(Ability.INTERVIEW, node)
        ):
            # Who leads it has called her in: whoever referred her hears that it is under way.
            start_appointment(appointment, by=by, at=at)
        open_journey(person, node, by=by, at=at)
        record(
            actor_of(by),
            "start_interview",
            at=at,
            place=node.uuid,
            person=person.uuid,
            thing=f"interview:{interview.uuid}",
            fields=["on_paper"] if on_paper else [],
        )
        return interview


INTERVIEW_FIELDS = {"connected_today", "last_time", "wants", "interpreter", "language"}


@transaction.atomic
def answer_interview(
    interview: Interview,
    answers: Mapping[str, str],
    *,
    how: str = "said",
    by: User | Actor,
    at: datetime | None = None,
) -> list[str]:
    """Write down answers, each under its name; the names of those that changed something.

    Names: ``connected_today last_time wants`` (the three questions), ``E1``–``C3`` (yes, lent, no, lost, unknown),
    ``K1``–``K15`` (0 to 3, unknown), the obstacles of ``people`` (yes, partly, no, unknown), ``interpreter`` and
    ``language``. An answer that is not named stays as it was.

    Each becomes a dated fact of this interview: of the day it was held while it is open, of the day of writing once it
    is finished, so that a correction adds a newer fact and erases none. ``how`` is ``said`` or ``seen``, for devices,
    lines and skills.

    What she wants to be able to do is one of her requests as well: it is added, or follows the wording while the
    interview is open. Raises :class:`BusinessError` for an answer that does not exist; then nothing is written.
    """
    at = at or timezone.now()
    interview = (
        Interview.objects.select_for_update(of=("self",))
        .select_related("person", "node")
        .get(pk=interview.pk)
    )
    day = interview.held_on if interview.finished_at is None else timezone.localdate(at)
    source = f"interview:{interview.uuid}"
    facts = {name: answer for name, answer in answers.items() if name in EvidenceItem.values}
    obstacles = {name: answer for name, answer in answers.items() if name in Obstacle.values}
    questions = {name: answer for name, answer in answers.items() if name in INTERVIEW_FIELDS}
    steps = {
        name: _step(name, answer)
        for name, answer in answers.items()
        if not (name in facts or name in obstacles or name in questions)
    }
    changed: list[str] = []
    if facts:
        added = record_evidences(
            interview.person, facts, how=how, observed_on=day, source=source, by=by, at=at
        )
        changed += [fact.item for fact in added]
    if steps:
        observed = record_observations(
            interview.person, steps, how=how, observed_on=day, source=source, by=by, at=at
        )
        changed += [observation.item.code for observation in observed]
    if obstacles:
        said = record_situations(interview.person, obstacles, said_on=day, source=source, by=by, at=at)
        changed += [fact.obstacle for fact in said]
    for name, answer in questions.items():
        if _answer_question(interview, name, answer, day=day, source=source, by=by, at=at):
            changed.append(name)
    if changed:
        if interview.led_by is None and isinstance(by, User):
            interview.led_by = by
            interview.save(update_fields=["led_by"])
        record(
            actor_of(by),
            "answer_interview" if interview.finished_at is None else "correct_interview",
            at=at,
            place=interview.node.uuid,
            person=interview.person.uuid,
            thing=f"interview:{interview.uuid}",
            fields=sorted(changed),
        )
    return changed


def _step(name: str, answer: str) -> int | None:
    if answer == "unknown":
        return None
    if answer not in {str(step) for step in Step.values}:
        raise BusinessError(_("Cette réponse n’existe pas."), field=name)
    return int(answer)


def _answer_question(
    interview: Interview, name: str, answer: str, *, day: date, source: str, by: User | Actor, at: datetime
) -> bool:
    """One of the three questions, or how it is held; whether something changed."""
    answer = " ".join(answer.split())
    allowed: dict[str, list[str]] = {
        "connected_today": Interview.ConnectedToday.values,
        "last_time": Interview.LastTime.values,
    }
    lengths = {"wants": WORDS_MAX, "interpreter": 80, "language": 60}
    if name in allowed:
        if answer not in allowed[name]:
            raise BusinessError(_("Cette réponse n’existe pas."), field=name)
    elif name not in lengths:
        raise BusinessError(_("Cette réponse n’existe pas."), field=name)
    elif len(answer) > lengths[name]:
        over = len(answer) - lengths[name]
        raise BusinessError(_("Il y a %(over)s signes de trop.") % {"over": over}, field=name)
    before = getattr(interview, name)
    if before == answer:
        return False
    setattr(interview, name, answer)
    interview.save(update_fields=[name])
    if name == "wants" and answer:
        journey = open_journey(interview.person, interview.node, by=by, at=at)
        # The request that the words before made, as long as nobody worked on it.
        made = (
            journey.requests.filter(source=source, words=before, state=Request.State.OPEN).first()
            if before
            else None
        )
        if made and interview.finished_at is None:
            change_request(made, words=answer, by=by, at=at)
        else:
            add_request(journey, words=answer, said_on=day, source=source, by=by, at=at)
    return True


@transaction.atomic
def finish_interview(interview: Interview, *, by: User | Actor, at: datetime | None = None) -> Interview:
    """End it; what was not answered stays unknown, and everything can still be corrected.

    Finishing twice is finishing once. Raises :class:`Conflict` when nothing at all was answered: it can be left open.
    """
    at = at or timezone.now()
    interview = (
        Interview.objects.select_for_update(of=("self",))
        .select_related("person", "node")
        .get(pk=interview.pk)
    )
    if interview.finished_at:
        return interview
    source = f"interview:{interview.uuid}"
    asked = interview.connected_today or interview.last_time or interview.wants
    if not asked and not _has_facts(interview.person, source):
        raise Conflict(_("Rien n’a été répondu. Vous pouvez arrêter là et reprendre plus tard."))
    interview.finished_at = at
    interview.save(update_fields=["finished_at"])
    record(
        actor_of(by),
        "finish_interview",
        at=at,
        place=interview.node.uuid,
        person=interview.person.uuid,
        thing=f"interview:{interview.uuid}",
    )
    return interview


@transaction.atomic
def enter_paper_interview(
    person: Person,
    answers: Mapping[str, str],
    *,
    node: Organisation,
    held_on: date,
    requests: Sequence[str] = (),
    by: User | Actor,
    at: datetime | None = None,
) -> Interview:
    """Write down a form that was filled on paper: an interview of the day it was held, finished at once.

    ``answers`` are those of :func:`answer_interview`; ``requests`` are further requests in her words. Raises
    :class:`Conflict` while an interview is open on screen, so that facts of two days are never mixed.
    """
    at = at or timezone.now()
    if Interview.objects.filter(person=person, finished_at=None).exists():
        raise Conflict(
            _("Un entretien est commencé à l’écran. Finissez-le d’abord, puis saisissez cette feuille.")
        )
    interview = start_interview(person, node=node, by=by, at=at, on_paper=True, held_on=held_on)
    answer_interview(interview, answers, by=by, at=at)
    journey = open_journey(person, node, by=by, at=at)
    for words in requests:
        add_request(journey, words=words, said_on=held_on, source=f"interview:{interview.uuid}", by=by, at=at)
    return finish_interview(interview, by=by, at=at)


def _has_facts(person: Person, source: str) -> bool:
    return (
        person.evidence.filter(source=source).exists()
        or person.observations.filter(source=source).exists()
        or person.situation.filter(source=source).exists()
        or Request.objects.filter(journey__person=person, source=source).exists()
    )
