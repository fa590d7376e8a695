"""Sending someone on to a place around, and what becomes of it: confirmed, not hoped for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import Organisation, User, actor_of, name_of
from bagage.common.codes import LENGTH, new_code, read_code
from bagage.common.errors import BusinessError, Conflict, FormUsed
from bagage.common.words import day_short, written_for
from bagage.directory.models import Service, Structure
from bagage.journeys.models import Request
from bagage.messaging import services as messaging
from bagage.people import services as people
from bagage.people.models import Agreement, Person
from bagage.people.queries import identity_ids, whole_person
from bagage.referrals import onward_words, queries
from bagage.referrals.domain import onward_lifecycle as rules
from bagage.referrals.models import ONWARD_WAITING, Onward, OnwardState, OnwardStep
from bagage.referrals.services.hearing import hear_no_more, hear_of_arrival
from bagage.referrals.services.steps import By
from bagage.referrals.services.telling_place import (
    about_onward,
    remind,
    tell_place,
    tell_place_it_is_off,
)
from bagage.trail.services import record


def reminder_days() -> int:
    """After how many days without an answer a place is reminded, then called (``BAGAGE_ONWARD_REMINDER_DAYS``)."""
    return int(settings.ONWARD_REMINDER_DAYS)


@transaction.atomic
def send_onward(
    person: Person,
    *,
    structure: Structure,
    need: str,
    reason: str,
    agreed: str,
    shares: Iterable[str] = (),
    by_way: str,
    email: str = "",
    request: Request | None = None,
    despite_reason: str = "",
    node: Organisation | None = None,
    code: str = "",
    key: str,
    by: By,
    at: datetime | None = None,
) -> Onward:
    """Send her on to a place, as she agreed to; the same ``key`` sends once.

    ``agreed`` is "spoken", "signed" or "refused": then nothing is written, and ``by_way`` is "paper". ``shares`` are
    ticks of :data:`onward_lifecycle.SHARES`. ``email`` is the address of the place, the listed one unless told.
    ``code`` is the one that a preview showed. ``despite_reason`` is asked where she was sent on for that need before.
    ``node`` is the permanence in whose name it is done; unless told, one that follows her where ``by`` may do it.
    """
    at = at or timezone.now()
    known = Onward.objects.filter(key=key).first()
    if known is not None:
        return _sent_before(known, person, structure, need)
    # One at a time for one person: two colleagues do not send her twice for the same need.
    person = Person.objects.select_for_update(of=("self",), no_key=True).get(pk=whole_person(person).pk)
    files = identity_ids(person)
    reason = " ".join(reason.split())[:300]
    _check(structure=structure, need=need, reason=reason, agreed=agreed, by_way=by_way)
    node = node or _node_for(by, files, at)
    if not node.is_open:
        raise BusinessError(_("Cette permanence est fermée : orientez depuis une permanence ouverte."))
    if request is not None and request.journey.person_id not in files:
        raise BusinessError(_("Cette demande n’est pas la sienne. Rouvrez la page."), field="request")
    email = _checked_email(email or structure.email) if by_way == rules.EMAIL else ""
    ticked = _ticked(shares, agreed)
    earlier = _checked_earlier(files, structure, need, despite_reason)
    code = _unused_code(code)
    onward = Onward(
        key=key,
        code=code,
        person=person,
        node=node,
        structure=structure,
        need=need,
        request=request,
        reason=reason,
        agreement=agreed,
        shares=",".join(ticked),
        by_way=by_way,
        email=email,
        state=OnwardState.PREPARED if by_way == rules.PAPER else OnwardState.SENT,
        state_at=at,
        created_at=at,
        asked_at=at,
        despite=earlier,
        despite_reason=" ".join(despite_reason.split())[:200] if earlier else "",
        written_by=name_of(by)[:120],
    )
    if agreed != rules.REFUSED:
        onward.letter = letter_of(
            person, node=node, need=need, reason=reason, code=code, request=request, ticked=ticked
        )
    try:
        with transaction.atomic():
            onward.save(force_insert=True)
    except IntegrityError:
        # The same form, sent at the same moment by another press of the button.
        known = Onward.objects.filter(key=key).first()
        if known is None:
            raise
        return _sent_before(known, person, structure, need)
    _step(onward, onward.state, by=by, at=at)
    people.record_agreement(
        person,
        Agreement.Kind.SHARE_ONWARD,
        Agreement.Answer.REFUSED if agreed == rules.REFUSED else Agreement.Answer.AGREED,
        with_whom=structure.name[:160],
        about=about_onward(onward),
        how="signed" if agreed == Onward.Agreement.SIGNED else "spoken",
        by=by,
        at=at,
    )
    if by_way == rules.EMAIL:
        tell_place(onward, at=at)
    Onward.objects.of_persons(files).filter(need=need).to_think_again().update(seen_at=at)
    _note(onward, "onward.send", by=by, at=at, fields=[by_way, agreed, *ticked])
    return onward


def letter_of(
    person: Person,
    *,
    node: Organisation,
    need: str,
    reason: str,
    code: str,
    request: Request | None,
    ticked: Iterable[str],
) -> str:
    """What the place would read, word for word: in the language of the house, with what is ticked and known."""
    shared = queries.what_can_be_shared(person, request)
    with written_for():
        return onward_words.letter(
            sender=node.name, need=need, reason=reason, code=code, shared=shared, ticked=set(ticked)
        )


def _check(*, structure: Structure, need: str, reason: str, agreed: str, by_way: str) -> None:
    _refuse_ended(structure)
    if need not in Service.NeedChoice.values:
        raise BusinessError(_("Dites pour quoi elle y va."), field="need")
    if len(reason) < rules.LEAST_WORDS:
        raise BusinessError(_("Dites pourquoi ce lieu, en quelques mots : des faits."), field="reason")
    if agreed not in Onward.Agreement.values:
        raise BusinessError(
            _("Demandez-lui. Si elle ne veut pas, le papier suffit : elle y va quand même."), field="agreed"
        )
    if by_way not in Onward.Way.values:
        raise BusinessError(_("Dites comment le lieu est prévenu."), field="by_way")
    if agreed == rules.REFUSED and by_way != rules.PAPER:
        raise BusinessError(
            _("Sans son accord, rien ne part. Choisissez le papier : elle l’emporte."), field="by_way"
        )


def _refuse_ended(structure: Structure) -> None:
    """Raise :class:`BusinessError` for a place that is listed no more: nothing about her is written to it."""
    if structure.ended_at is not None:
        raise BusinessError(
            _("Ce lieu n’est plus dans les listes. Choisissez-en un autre dans le panorama."),
            field="structure",
        )


def _checked_email(email: str) -> str:
    email = email.strip()
    if not email:
        raise BusinessError(
            _("Nous n’avons pas de mail pour ce lieu. Tapez-le, appelez, ou donnez le papier."), field="email"
        )
    try:
        validate_email(email)
    except ValidationError as error:
        raise BusinessError(
            _("Ce n’est pas une adresse mail. Corrigez-la, appelez, ou donnez le papier."), field="email"
        ) from error
    return email[:254]


def _ticked(shares: Iterable[str], agreed: str) -> tuple[str, ...]:
    """What may be told; nothing when she refused."""
    try:
        ticked = rules.checked_shares(list(shares))
    except ValueError as error:
        raise BusinessError(_("Ce choix n’est pas prévu. Rouvrez la page."), field="shares") from error
    return () if agreed == rules.REFUSED else ticked


def _checked_earlier(files: list[int], structure: Structure, need: str, despite_reason: str) -> Onward | None:
    """The newest earlier one for the same need, over all sites; refused when it is not looked in the face.

    Source: ``skills_and_equipment.md``, section 3: to be sent on again and again does harm ("réorientations
    successives", national strategy 2018).
    """
    earlier = queries.earlier_onwards(files, need)
    for one in earlier:
        if one.structure_id == structure.pk and one.is_waiting:
            raise Conflict(
                _(
                    "Elle est déjà orientée vers %(place)s, depuis le %(day)s. Ouvrez cette orientation pour "
                    "relancer le lieu."
                )
                % {"place": structure.name, "day": day_short(one.created_at)}
            )
    if not earlier:
        return None
    if len(despite_reason.strip()) < rules.LEAST_WORDS:
        raise BusinessError(
            _(
                "Elle a déjà été orientée pour cela, vers %(place)s : %(outcome)s. Si ce chemin est le bon, cochez "
                "« quand même » et dites pourquoi."
            )
            % {"place": earlier[0].structure.name, "outcome": onward_words.outcome(earlier[0])},
            field="despite_reason",
        )
    return earlier[0]


def _node_for(by: By, files: list[int], at: datetime) -> Organisation:
    """A permanence that follows her, one where ``by`` sends persons on if there is one."""
    nodes = queries.nodes_that_follow(files, at)
    if isinstance(by, User):
        mine = by.node_ids(Ability.ORIENT)
        nodes.sort(key=lambda node: node.pk not in mine)
    if not nodes:
        raise BusinessError(_("Aucune permanence ne la suit : ouvrez d’abord son dossier ici."))
    return nodes[0]


def _sent_before(known: Onward, person: Person, structure: Structure, need: str) -> Onward:
    """The one that this very form made; refused when the form now speaks of something else."""
    same = (
        known.person_id in identity_ids(person) and known.structure_id == structure.pk and known.need == need
    )
    if not same:
        raise FormUsed(
            _("Cette page a déjà servi. Envoyez à nouveau : ce que vous avez tapé est gardé."), field="key"
        )
    return known


def _unused_code(wanted: str) -> str:
    """The code that the preview showed if nobody has it, else another."""
    code = wanted if len(wanted) == LENGTH and read_code(wanted) == wanted else new_code()
    while Onward.objects.filter(code=code).exists():
        code = new_code()
    return code


# ---------- what becomes of it ----------
@transaction.atomic
def tell_place_again(
    onward: Onward, *, by_way: str, email: str = "", key: str, by: By, at: datetime | None = None
) -> Onward:
    """Tell the place once more, or at last: a new letter by mail, or a call. The links before end.

    Refused where the place is listed no more: someone else may read its mail by now.
    """
    at = at or timezone.now()
    if OnwardStep.objects.filter(key=key).exists():
        return locked_onward(onward)
    onward = locked_onward(onward)
    if onward.is_refused:
        raise BusinessError(
            _(
                "Elle n’a pas voulu que nous écrivions à ce lieu. Si elle change d’avis, orientez-la à nouveau."
            )
        )
    _refuse_ended(onward.structure)
    if by_way not in {rules.EMAIL, rules.PHONE}:
        raise BusinessError(_("Dites comment le lieu est prévenu."), field="by_way")
    if not queries.lets_place_know(onward):
        raise Conflict(_("Elle a changé d’avis : ce lieu n’apprend plus rien d’elle."))
    if not onward.may_go(OnwardState.SENT):
        raise Conflict(already_onward(onward))
    was_told = onward.state != OnwardState.PREPARED
    onward.by_way = by_way
    onward.email = (
        _checked_email(email or onward.email or onward.structure.email) if by_way == rules.EMAIL else ""
    )
    onward.link_number += 1
    onward.asked_at, onward.reminded_at = at, None
    onward.answered_at, onward.answer_words, onward.answered_by_place = None, "", False
    _go(
        onward,
        OnwardState.SENT,
        at=at,
        fields=[
            "by_way",
            "email",
            "link_number",
            "asked_at",
            "reminded_at",
            "answered_at",
            "answer_words",
            "answered_by_place",
        ],
    )
    _step(onward, OnwardStep.Kind.SENT_AGAIN if was_told else OnwardState.SENT, by=by, at=at, key=key)
    messaging.cancel_messages(about_onward(onward), at=at)
    if by_way == rules.EMAIL:
        tell_place(onward, at=at)
    _note(onward, "onward.send_again", by=by, at=at, fields=[by_way])
    return onward


@transaction.atomic
def confirm_arrival(
    onward: Onward,
    *,
    answer: str,
    on: date | None = None,
    words: str = "",
    by: By,
    at: datetime | None = None,
    from_place: bool = True,
) -> Onward:
    """The place says that she arrived (``on`` that day, today unless told), did not come, or that it cannot (why).

    The same answer again changes nothing; another one corrects it. Refused once the orientation was called off.
    """
    at = at or timezone.now()
    today = timezone.localdate(at)
    words = " ".join(words.split())[:200]
    if answer not in rules.ANSWERS:
        raise BusinessError(_("Choisissez une réponse."), field="answer")
    arrived_on = (on or today) if answer == rules.ARRIVED else None
    onward = locked_onward(onward)
    if arrived_on is not None and arrived_on > today:
        raise BusinessError(_("Ce jour n’est pas encore passé."), field="on")
    if arrived_on is not None and arrived_on < timezone.localdate(onward.created_at):
        raise BusinessError(
            _("Elle a été orientée le %(day)s : dites un jour à partir de là.")
            % {"day": day_short(onward.created_at)},
            field="on",
        )
    if answer == rules.PLACE_CANNOT and len(words) < rules.LEAST_WORDS:
        raise BusinessError(
            _("Dites pourquoi en quelques mots : nous chercherons ailleurs avec elle."), field="words"
        )
    if (onward.state, onward.arrived_on, onward.answer_words) == (answer, arrived_on, words):
        return onward
    corrects_itself = onward.state == answer and answer in rules.ANSWERS
    if not corrects_itself and not onward.may_go(answer):
        raise Conflict(already_onward(onward))
    had_arrived = onward.state == OnwardState.ARRIVED
    onward.arrived_on, onward.answer_words = arrived_on, words
    onward.answered_at, onward.answered_by_place = at, from_place
    onward.seen_at = None if from_place else at
    _go(
        onward,
        answer,
        at=at,
        fields=["arrived_on", "answer_words", "answered_at", "answered_by_place", "seen_at"],
    )
    _step(onward, answer, by=by, at=at, on=arrived_on, words=words, from_place=from_place)
    messaging.cancel_messages(about_onward(onward), at=at)
    if answer == rules.ARRIVED and not had_arrived:
        hear_of_arrival(onward, at=at)
    elif had_arrived and answer != rules.ARRIVED:
        hear_no_more(onward.person, about_onward(onward), at=at)
    _note(onward, f"onward.{answer}", by=by, at=at)
    return onward


def note_answer(
    onward: Onward,
    *,
    answer: str,
    on: date | None = None,
    words: str = "",
    by: By,
    at: datetime | None = None,
) -> Onward:
    """Staff write down what the place said by phone, or what she told herself."""
    return confirm_arrival(onward, answer=answer, on=on, words=words, by=by, at=at, from_place=False)


@transaction.atomic
def remind_place(onward: Onward, *, by: By, at: datetime | None = None) -> bool:
    """Remind a place that was written to and has not answered, once; returns whether it was its turn.

    Never one that is listed no more: it is gone, and what is written of her would be read by nobody she agreed to.
    """
    at = at or timezone.now()
    onward = locked_onward(onward)
    if onward.structure.ended_at is not None:
        return False
    if onward.silence(at, reminder_days()).todo != "remind" or not queries.lets_place_know(onward):
        return False
    remind(onward, at=at)
    onward.reminded_at = at
    onward.save(update_fields=["reminded_at"])
    _step(onward, OnwardStep.Kind.REMINDED, by=by, at=at)
    _note(onward, "onward.remind", by=by, at=at)
    return True


@transaction.atomic
def call_off_onward(onward: Onward, *, reason: str, by: By, at: datetime | None = None) -> Onward:
    """It is off: she will not go there. The reason stays here; a place that was written to is told not to wait."""
    at = at or timezone.now()
    reason = " ".join(reason.split())[:200]
    onward = locked_onward(onward)
    if onward.state == OnwardState.CALLED_OFF:
        return onward
    if len(reason) < rules.LEAST_WORDS:
        raise BusinessError(
            _("Dites pourquoi, en quelques mots : cela reste dans son dossier."), field="reason"
        )
    if not onward.may_go(OnwardState.CALLED_OFF):
        raise Conflict(already_onward(onward))
    was_waiting = onward.state in ONWARD_WAITING
    onward.answer_words, onward.seen_at = reason, at
    _go(onward, OnwardState.CALLED_OFF, at=at, fields=["answer_words", "seen_at"])
    _step(onward, OnwardState.CALLED_OFF, by=by, at=at, words=reason)
    if was_waiting:
        tell_place_it_is_off(onward, at=at)
    _note(onward, "onward.call_off", by=by, at=at)
    return onward


@transaction.atomic
def note_seen(onward: Onward, *, by: By, at: datetime | None = None) -> Onward:
    """Someone read that she did not come or that the place cannot, and sees to it: Today stops asking."""
    at = at or timezone.now()
    onward = locked_onward(onward)
    if onward.seen_at is None:
        onward.seen_at = at
        onward.save(update_fields=["seen_at"])
        _note(onward, "onward.see", by=by, at=at)
    return onward


# ---------- inside ----------
def locked_onward(onward: Onward) -> Onward:
    """The row as it is now, held until the act is done."""
    return (
        Onward.objects.select_for_update(of=("self",))
        .select_related("person__merged_into", "node", "structure")
        .get(pk=onward.pk)
    )


def already_onward(onward: Onward) -> str:
    return _("Cette orientation est déjà : %(state)s. Rien n’a changé.") % {
        "state": str(OnwardState(onward.state).label).lower()
    }


def _go(onward: Onward, state: str, *, at: datetime, fields: Iterable[str]) -> None:
    onward.state, onward.state_at = state, at
    onward.save(update_fields=["state", "state_at", *fields])


def _step(
    onward: Onward,
    kind: str,
    *,
    by: By,
    at: datetime,
    on: date | None = None,
    words: str = "",
    from_place: bool = False,
    key: str | None = None,
) -> None:
    OnwardStep.objects.create(
        onward=onward,
        kind=kind,
        at=at,
        on=on,
        words=words,
        by=name_of(by)[:120],
        is_from_place=from_place,
        key=key,
    )


def _note(onward: Onward, verb: str, *, by: By, at: datetime, fields: Iterable[str] = ()) -> None:
    record(
        actor_of(by),
        verb,
        at=at,
        place=onward.node.uuid,
        person=onward.person.uuid,
        thing=about_onward(onward),
        fields=list(fields),
    )
