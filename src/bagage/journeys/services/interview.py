"""Leading the welcome interview, on screen or entered from paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import Organisation, User, actor_of
from bagage.common.errors import BusinessError, Conflict
from bagage.journeys.models import EvidenceItem, Interview, JourneyStep, Request
from bagage.journeys.services.evidence import record_evidences
from bagage.journeys.services.journeys import open_journey
from bagage.journeys.services.requests import WORDS_MAX, add_request, change_request
from bagage.people.models import Obstacle, Person
from bagage.people.services import record_situations
from bagage.people.services.freezing import refuse_frozen
from bagage.permanences.models import Appointment, AppointmentState
from bagage.permanences.services import start_appointment
from bagage.skills.models import Step
from bagage.skills.services import record_observations
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record


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
        open_journey(person, node, said_on=held_on, came_by=JourneyStep.Back.INTERVIEW, by=by, at=at)
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
    interview is open. Raises :class:`BusinessError` for an answer that does not exist, :class:`Conflict` while her file
    is frozen; then nothing is written.
    """
    at = at or timezone.now()
    interview = (
        Interview.objects.select_for_update(of=("self",))
        .select_related("person", "node")
        .get(pk=interview.pk)
    )
    refuse_frozen(interview.person)
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
        journey = open_journey(interview.person, interview.node, said_on=day, by=by, at=at)
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
    journey = open_journey(person, node, said_on=held_on, by=by, at=at)
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
