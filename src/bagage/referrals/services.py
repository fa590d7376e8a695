"""What people do with a referral: send, receive, accept, decline, book, ask, answer, withdraw, say what she left with.

Each act that the referrer should know of adds a step and, in the same transaction, the mail that tells her.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import Organisation, User, actor_of, name_of
from bagage.common.codes import new_code
from bagage.common.errors import BusinessError, Conflict, TooMany
from bagage.journeys import services as journeys
from bagage.messaging import services as messaging
from bagage.messaging.models import State as MessageState
from bagage.people import services as people
from bagage.people.models import Agreement, Answer, CardCode, ContactWay, Person
from bagage.people.queries import identity_ids
from bagage.permanences import services as permanences
from bagage.permanences.models import Appointment, OpeningBlock, Site
from bagage.referrals import queries, words
from bagage.referrals.domain import lifecycle, secrets
from bagage.referrals.models import (
    OPEN_STATES,
    EmailConfirmation,
    OrganisationLink,
    Referral,
    ReferralMessage,
    ReferralState,
    ReferralStep,
)
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

By = User | Actor
CALLED = (ContactWay.Kind.SMS, ContactWay.Kind.CALL)
# A step noted by mistake is mostly undone at once: what tells of it leaves a little later.
SECOND_THOUGHTS = timedelta(minutes=5)


@dataclass(frozen=True, kw_only=True)
class ReferralDraft:
    """What a referrer wrote, checked. ``phone`` in international form; ``needs`` among device, connection, skills;
    ``obstacles`` values of :class:`people.Obstacle`; ``key`` is the form's own: sent twice, it makes one referral.
    """

    key: str
    organisation: Organisation
    site: Site
    referrer_name: str
    chosen_name: str
    needs: Iterable[str]
    reach: str
    has_agreed: bool
    referrer_title: str = ""
    referrer_email: str = ""
    link: OrganisationLink | None = None
    family_name: str = ""
    words: str = ""
    phone: str = ""
    is_phone_shared: bool = False
    where: str = ""
    commune_code: str = ""
    languages: str = ""
    obstacles: Iterable[str] = ()


@transaction.atomic
def send_referral(draft: ReferralDraft, *, by: By, at: datetime | None = None) -> tuple[Referral, bool]:
    """Send a referral; ``False`` beside it when the same form had sent it already. Nothing sent twice makes two.

    Refused without her agreement, without a request, without a phone to call or write to, or to a closed permanence.
    """
    at = at or timezone.now()
    known = Referral.objects.filter(key=draft.key).first()
    if known:
        return _sent_before(known, draft, by), False
    needs = set(draft.needs)
    _check_draft(draft, needs, by)
    referral = Referral(
        key=draft.key,
        code=_unused_code(),
        organisation=draft.organisation,
        referrer=by if isinstance(by, User) else None,
        referrer_name=draft.referrer_name,
        referrer_title=draft.referrer_title,
        referrer_email=draft.referrer_email,
        link=draft.link,
        site=draft.site,
        chosen_name=draft.chosen_name,
        family_name=draft.family_name,
        needs_device="device" in needs,
        needs_connection="connection" in needs,
        needs_skills="skills" in needs,
        words=draft.words,
        reach=draft.reach,
        phone=draft.phone,
        is_phone_shared=draft.is_phone_shared,
        where=draft.where,
        commune_code=draft.commune_code,
        languages=draft.languages,
        obstacles=",".join(draft.obstacles),
        has_agreed=draft.has_agreed,
        state=ReferralState.SENT,
        state_at=at,
        sent_at=at,
    )
    try:
        with transaction.atomic():
            referral.save(force_insert=True)
    except IntegrityError:
        # The same form, sent at the same moment by another press of the button.
        known = Referral.objects.filter(key=draft.key).first()
        if known is None:
            raise
        return _sent_before(known, draft, by), False
    ReferralStep.objects.create(referral=referral, state=ReferralState.SENT, at=at, by=name_of(by))
    if referral.referrer is None:
        _tell_referrer(referral, "sent", at=at)
    _tell_person(referral, "sent", at=at)
    record(
        actor_of(by),
        "referral.send",
        at=at,
        place=referral.site.organisation.uuid,
        thing=f"referral:{referral.uuid}",
    )
    return referral, True


class FormUsed(Conflict):
    """The form was sent before, and now says something else: sending it again needs a key of its own."""


def _sent_before(known: Referral, draft: ReferralDraft, by: By) -> Referral:
    """The referral that this very form made; refused for anyone else, or when it now speaks of someone else."""
    is_hers = (
        known.referrer_id == by.pk
        if isinstance(by, User)
        else known.referrer_id is None and known.referrer_email.lower() == draft.referrer_email.lower()
    )
    if not is_hers:
        raise FormUsed(_("Cette page a déjà servi. Envoyez à nouveau : ce que vous avez tapé est gardé."))
    written = (known.chosen_name, known.family_name, known.words, known.phone, set(known.needs), known.reach)
    now_written = (
        draft.chosen_name,
        draft.family_name,
        draft.words,
        draft.phone,
        set(draft.needs),
        draft.reach,
    )
    if written != now_written or known.site_id != draft.site.pk:
        raise FormUsed(
            _(
                "Cette page a déjà envoyé l’orientation de %(name)s. Pour une autre personne, envoyez à nouveau : "
                "ce que vous avez tapé est gardé."
            )
            % {"name": known.chosen_name}
        )
    return known


def _check_draft(draft: ReferralDraft, needs: set[str], by: By) -> None:
    if not draft.has_agreed:
        raise BusinessError(
            _("Sans son accord, rien ne part. Demandez-lui, puis cochez."), field="has_agreed"
        )
    if not needs or needs - {"device", "connection", "skills"}:
        raise BusinessError(_("Dites ce qu’elle demande : une poche au moins."), field="needs")
    if not draft.chosen_name.strip():
        raise BusinessError(_("Un prénom suffit, celui qu’elle veut."), field="chosen_name")
    if draft.reach not in ContactWay.Kind.values:
        raise BusinessError(
            _("Dites comment la joindre. « Papier seulement » convient aussi."), field="reach"
        )
    if draft.reach in CALLED and not draft.phone:
        raise BusinessError(_("Pour un SMS ou un appel, il faut un numéro."), field="phone")
    if not draft.site.organisation.is_open:
        raise BusinessError(_("Cette permanence est fermée. Choisissez-en une autre."), field="site")
    if not draft.organisation.is_open:
        raise BusinessError(_("Votre organisation n’oriente plus par ici. Appelez la permanence."))
    if isinstance(by, User):
        if not by.can(Ability.REFER, draft.organisation):
            raise BusinessError(_("Vous n’orientez pas pour cette organisation."))
    elif not draft.referrer_email:
        raise BusinessError(_("Sans mail confirmé, vous ne sauriez pas ce qu’elle devient."))


def _unused_code() -> str:
    """A code that is on no slip and no card: it will be hers."""
    while True:
        code = new_code()
        taken = (
            Referral.objects.filter(code=code).exists()
            or CardCode.objects.filter(code=code).exists()
            or Person.objects.filter(code=code).exists()
        )
        if not taken:
            return code


# ---------- steps ----------
def _locked(referral: Referral) -> Referral:
    """The row as it is now, held until the act is done."""
    return (
        Referral.objects.select_for_update(of=("self",))
        .select_related("site__organisation", "organisation", "referrer", "person", "appointment__adviser")
        .get(pk=referral.pk)
    )


def _go(
    referral: Referral, state: str, *, by: By, at: datetime, step_words: str = "", fields: Iterable[str] = ()
) -> None:
    """Bring a locked referral to ``state`` and write the step; refused when the table does not lead there."""
    if not lifecycle.may_go(referral.state, state):
        raise Conflict(_already(referral))
    referral.state, referral.state_at = state, at
    referral.save(update_fields=["state", "state_at", *fields])
    ReferralStep.objects.create(
        referral=referral, state=state, at=at, words=step_words[:200], by=name_of(by)[:80]
    )


def _already(referral: Referral) -> str:
    return _("Cette orientation est déjà : %(state)s. Rien n’a changé.") % {
        "state": str(ReferralState(referral.state).label).lower()
    }


def _place(referral: Referral) -> str:
    return str(referral.site.organisation.uuid)


def _record(
    referral: Referral, verb: str, *, by: By, at: datetime, reason: str = "", fields: Iterable[str] = ()
) -> None:
    record(
        actor_of(by),
        verb,
        at=at,
        place=_place(referral),
        person=referral.person.uuid if referral.person else "",
        thing=f"referral:{referral.uuid}",
        fields=list(fields),
        reason=reason,
    )


@transaction.atomic
def receive_referral(referral: Referral, *, by: By, at: datetime | None = None) -> Referral:
    """The permanence opened it for the first time; opening it again changes nothing."""
    at = at or timezone.now()
    referral = _locked(referral)
    if referral.state != ReferralState.SENT:
        return referral
    _go(referral, ReferralState.RECEIVED, by=by, at=at)
    _tell_referrer(referral, "received", at=at)
    _record(referral, "referral.receive", by=by, at=at)
    return referral


@transaction.atomic
def accept_referral(
    referral: Referral, *, person: Person | None = None, by: By, at: datetime | None = None
) -> Person:
    """She is expected: a new file is opened for her, or this referral joins the file of ``person``.

    What the referrer typed is in her file from now on: how to reach her, what blocks, what she agreed to, her request
    in her own words. Accepting again gives the same person back; saying that it is someone else is refused.
    """
    at = at or timezone.now()
    referral = _locked(referral)
    if referral.person is not None:
        if person is not None and person.pk != referral.person_id:
            raise Conflict(_("Cette orientation est déjà dans un dossier. Rouvrez la page."))
        return referral.person
    if referral.state not in OPEN_STATES:
        raise Conflict(_already(referral))
    node = referral.site.organisation
    if person is None:
        person = people.open_file(
            chosen_name=referral.chosen_name,
            family_name=referral.family_name,
            node=node,
            languages=referral.languages,
            where=referral.where,
            commune_code=referral.commune_code,
            code=referral.code,
            source=f"referral:{referral.uuid}",
            by=by,
            at=at,
        )
    else:
        people.start_following(person, node, by=by, at=at)
        people.add_card_code(person, referral.code, by=by, at=at)
    _copy_what_was_written(referral, person, by=by, at=at)
    referral.person = person
    referral.answered_at = referral.answered_at or at
    referral.save(update_fields=["person", "answered_at"])
    if referral.state == ReferralState.SENT:
        _go(referral, ReferralState.RECEIVED, by=by, at=at)
    elif referral.state == ReferralState.RECEIVED:
        ReferralStep.objects.create(
            referral=referral,
            state=ReferralState.RECEIVED,
            at=at,
            words=_("Elle est attendue. Un rendez-vous suivra."),
            by=name_of(by)[:80],
        )
    _tell_referrer(referral, "accepted", at=at)
    _record(referral, "referral.accept", by=by, at=at, fields=["person"])
    return person


def _copy_what_was_written(referral: Referral, person: Person, *, by: By, at: datetime) -> None:
    """Entered once: what the referrer typed goes into the file, under her name."""
    source = f"referral:{referral.uuid}"
    said_on = timezone.localdate(referral.sent_at)
    author = referral.referrer_name[:120]
    if referral.reach != ContactWay.Kind.PAPER or not person.contact_ways.filter(ended_at=None).exists():
        people.add_contact_way(
            person,
            kind=referral.reach,
            phone=referral.phone if referral.reach in CALLED else "",
            is_shared=referral.is_phone_shared and referral.reach in CALLED,
            through=author if referral.reach == ContactWay.Kind.REFERRER else "",
            by=by,
            at=at,
        )
    for obstacle in referral.obstacle_list:
        people.record_situation(
            person, obstacle, Answer.NO, said_on=said_on, source=source, by=by, at=at, written_by=author
        )
    for kind in (Agreement.Kind.SHARE_REFERRAL, Agreement.Kind.TELL_REFERRER):
        people.record_agreement(
            person,
            kind,
            Agreement.Answer.AGREED,
            with_whom=f"{author}, {referral.organisation.name}"[:160],
            about=source,
            by=by,
            at=at,
            written_by=author,
        )
    journey = journeys.open_journey(person, referral.site.organisation, by=by, at=at)
    needs = referral.needs
    asked: list[tuple[str, str]] = []
    if referral.words:
        asked.append((referral.words[:300], needs[0] if len(needs) == 1 else ""))
    if not referral.words or len(needs) > 1:
        asked += [(words.capital(words.POCKET_WORDS[need]()), need) for need in needs]
    for said, pocket in asked:
        journeys.add_request(
            journey,
            words=said,
            pocket=pocket,
            said_on=said_on,
            source=source,
            by=referral.referrer or by,
            at=at,
        )


@transaction.atomic
def give_referral_appointment(
    referral: Referral, *, block: OpeningBlock, starts_at: datetime, by: By, at: datetime | None = None
) -> Appointment:
    """Give her a first appointment; who she is must have been said. The slot is given once, by permanences."""
    at = at or timezone.now()
    referral = _locked(referral)
    if referral.person is None:
        raise BusinessError(_("Dites d’abord qui elle est : un dossier existant, ou un nouveau."))
    if referral.is_closed:
        raise Conflict(_already(referral))
    if block.site_id != referral.site_id:
        raise BusinessError(_("Ce créneau est d’une autre permanence."))
    appointment: Appointment = permanences.give_appointment(
        block=block,
        starts_at=starts_at,
        person=referral.person,
        subject=_("Premier entretien"),
        language=referral.languages[:60],
        by=by,
        at=at,
    )
    return appointment


@transaction.atomic
def welcome_referral(
    referral: Referral,
    *,
    person: Person | None,
    block: OpeningBlock | None,
    starts_at: datetime | None,
    by: By,
    at: datetime | None = None,
) -> Person:
    """Accept it and, when a slot was chosen, give the appointment: both or neither."""
    at = at or timezone.now()
    accepted = accept_referral(referral, person=person, by=by, at=at)
    if block is not None and starts_at is not None:
        messaging.cancel_messages(keys=[f"referral:{referral.uuid}:accepted:1"])
        give_referral_appointment(referral, block=block, starts_at=starts_at, by=by, at=at)
    return accepted


@transaction.atomic
def decline_referral(referral: Referral, *, reason: str, by: By, at: datetime | None = None) -> Referral:
    """It cannot be answered here; the reason is told to the referrer, as it stands. Never without one."""
    at = at or timezone.now()
    reason = " ".join(reason.split())[:300]
    if len(reason) < 3:
        raise BusinessError(_("Dites pourquoi : la raison est envoyée à qui oriente."), field="reason")
    referral = _locked(referral)
    referral.declined_reason, referral.answered_at = reason, at
    _go(
        referral,
        ReferralState.DECLINED,
        by=by,
        at=at,
        step_words=reason,
        fields=["declined_reason", "answered_at"],
    )
    _tell_referrer(referral, "declined", at=at)
    _tell_person(referral, "declined", at=at)
    _record(referral, "referral.decline", by=by, at=at)
    return referral


@transaction.atomic
def withdraw_referral(referral: Referral, *, by: By, at: datetime | None = None) -> Referral:
    """Whoever sent it takes it back, before she came; the permanence stops contacting her, what is planned stays."""
    at = at or timezone.now()
    referral = _locked(referral)
    _go(referral, ReferralState.WITHDRAWN, by=by, at=at)
    messaging.cancel_messages(_about(referral))
    _record(referral, "referral.withdraw", by=by, at=at)
    return referral


@transaction.atomic
def tell_left_with(referral: Referral, text: str, *, by: By, at: datetime | None = None) -> Referral:
    """Say with what she left ("un téléphone et une ligne"): the end of the road, told to the referrer."""
    at = at or timezone.now()
    text = " ".join(text.split()).rstrip(".")[:200]
    if len(text) < 3:
        raise BusinessError(
            _("Dites avec quoi elle repart : un téléphone, une ligne, une adresse mail…"), field="words"
        )
    referral = _locked(referral)
    _go(referral, ReferralState.LEFT_WITH, by=by, at=at, step_words=text)
    _tell_referrer(referral, "left_with", at=at, step_words=text)
    _record(referral, "referral.left_with", by=by, at=at)
    return referral


# ---------- what happens to her appointments ----------
@transaction.atomic
def follow_appointment(
    appointment: Appointment, *, old_state: str, new_state: str, by: By, at: datetime | None = None
) -> None:
    """Bring her open referrals to the permanence of this appointment along with it, and tell who should know."""
    at = at or timezone.now()
    person_ids = identity_ids(appointment.person)
    mine = Referral.objects.filter(person__in=person_ids, site=appointment.site_id, state__in=OPEN_STATES)
    for pk in list(mine.order_by("pk").values_list("pk", flat=True)):
        _follow_one(
            _locked(Referral(pk=pk)), appointment, old_state=old_state, new_state=new_state, by=by, at=at
        )


def _follow_one(
    referral: Referral, appointment: Appointment, *, old_state: str, new_state: str, by: By, at: datetime
) -> None:
    is_hers = referral.appointment_id in {None, appointment.pk, appointment.moved_from_id}
    state = lifecycle.state_after_appointment(referral.state, old_state, new_state)
    # Of several appointments, only that of the referral, or a new one, moves it.
    if not state or not (is_hers or old_state == "" or new_state in {"arrived", "under_way"}):
        return
    is_undone = (old_state, new_state) in lifecycle.UNDOING
    fields = ["appointment"]
    referral.appointment = appointment
    if referral.answered_at is None:
        referral.answered_at = at
        fields.append("answered_at")
    if is_undone:
        told = _take_back(referral)
        _go(referral, state, by=by, at=at, fields=fields)
        if told:
            _tell_referrer(referral, "undone", at=at)
    else:
        step_words = ""
        if state == ReferralState.RECEIVED:
            step_words = _("Le rendez-vous est annulé. Un autre suivra.")
            referral.appointment = None
        _go(referral, state, by=by, at=at, step_words=step_words, fields=fields)
        line = "cancelled" if state == ReferralState.RECEIVED else state
        _tell_referrer(referral, line, at=at, second_thoughts=state not in {"appointment", "received"})
        # Of a moved or cancelled appointment she is told by who moved it.
        if state == ReferralState.APPOINTMENT and appointment.moved_from_id is None:
            _tell_person(referral, "appointment", at=at, starts_at=appointment.starts_at)
    _record(referral, f"referral.{state}", by=by, at=at)


def _take_back(referral: Referral) -> bool:
    """Undo the last step: it was noted by mistake. Returns whether the referrer had been told meanwhile."""
    last = referral.steps.last()
    if last is None or last.state not in {"came", "under_way", "not_come", "received"}:
        return False
    key = _key(referral, last.state if last.state != "received" else "cancelled")
    last.delete()
    return not messaging.cancel_messages(keys=[key])


# ---------- questions and answers ----------
@transaction.atomic
def ask(
    referral: Referral,
    text: str,
    *,
    choices: Iterable[str] = (),
    from_referrer: bool,
    author: str,
    by: By,
    at: datetime | None = None,
    key: str,
) -> ReferralMessage:
    """Ask the other side something, with answers to choose from. The same ``key`` asks once."""
    at = at or timezone.now()
    text = text.strip()
    if len(text) < 3:
        raise BusinessError(_("Écrivez votre question."), field="text")
    known = ReferralMessage.objects.filter(key=key).first()
    if known:
        if known.referral_id != referral.pk:
            raise Conflict(_("Cette page a déjà servi. Rouvrez-la."))
        return known
    referral = _locked(referral)
    if referral.state == ReferralState.WITHDRAWN:
        raise Conflict(_already(referral))
    message = ReferralMessage.objects.create(
        referral=referral,
        is_from_referrer=from_referrer,
        author=author[:120],
        text=text[:600],
        asks=True,
        choices="\n".join(lifecycle.choices_of(choices))[:300],
        key=key,
        written_at=at,
    )
    if not from_referrer:
        _tell_referrer_line(
            referral,
            _("%(author)s vous pose une question : %(text)s") % {"author": author, "text": message.text},
            key=f"referral:{referral.uuid}:question:{message.uuid}",
            at=at,
        )
    _record(referral, "referral.ask", by=by, at=at)
    return message


@transaction.atomic
def answer(
    message: ReferralMessage,
    text: str,
    *,
    author: str,
    by: By,
    at: datetime | None = None,
    key: str,
) -> ReferralMessage:
    """Answer a question of the other side; one answer a question, the same ``key`` answers once."""
    at = at or timezone.now()
    text = text.strip()
    if not text:
        raise BusinessError(_("Choisissez une réponse, ou écrivez-la."), field="text")
    known = ReferralMessage.objects.filter(key=key).first()
    if known:
        if known.answers_id != message.pk:
            raise Conflict(_("Cette page a déjà servi. Rouvrez-la."))
        return known
    referral = _locked(message.referral)
    if ReferralMessage.objects.filter(answers=message).exists():
        raise Conflict(_("Une réponse est déjà partie. Rouvrez la page pour la lire."))
    reply = ReferralMessage.objects.create(
        referral=referral,
        is_from_referrer=not message.is_from_referrer,
        author=author[:120],
        text=text[:600],
        answers=message,
        key=key,
        written_at=at,
    )
    if message.is_from_referrer:
        _tell_referrer_line(
            referral,
            _("%(author)s vous répond : %(text)s") % {"author": author, "text": reply.text},
            key=f"referral:{referral.uuid}:answer:{reply.uuid}",
            at=at,
        )
    _record(referral, "referral.answer", by=by, at=at)
    return reply


# ---------- who follows it ----------
@transaction.atomic
def give_back_link(referral: Referral, *, by: By, at: datetime | None = None) -> None:
    """ "This link is not for me": it ends at once, and the permanence sees that nobody follows this referral."""
    at = at or timezone.now()
    referral = _locked(referral)
    referral.link_number += 1
    referral.link_given_back_at = at
    referral.save(update_fields=["link_number", "link_given_back_at"])
    messaging.cancel_messages(_about(referral))
    _record(referral, "referral.give_back_link", by=by, at=at)


@transaction.atomic
def send_new_link(referral: Referral, *, by: By, at: datetime | None = None) -> None:
    """Send whoever referred a new link to the address she confirmed; the ones before it end."""
    at = at or timezone.now()
    referral = _locked(referral)
    if referral.referrer_id is not None or referral.state == ReferralState.WITHDRAWN:
        raise BusinessError(_("Cette orientation se suit dans un compte : aucun lien n’est à envoyer."))
    referral.link_number += 1
    referral.link_given_back_at = None
    referral.save(update_fields=["link_number", "link_given_back_at"])
    _tell_referrer_line(
        referral,
        _("Voici un nouveau lien pour suivre cette orientation. Le précédent est éteint."),
        key=f"referral:{referral.uuid}:link:{referral.link_number}",
        at=at,
    )
    _record(referral, "referral.send_link", by=by, at=at)


@transaction.atomic
def hand_over_referrals(user: User, *, handed_to: User | None, by: By, at: datetime | None = None) -> int:
    """A referrer leaves: her open referrals go to a colleague, who hears what follows; returns how many.

    Without a colleague they stay hers: the permanence still answers them, and nobody is told.
    """
    at = at or timezone.now()
    if handed_to is None:
        return 0
    open_ones = Referral.objects.filter(referrer=user, state__in=OPEN_STATES)
    places = list(open_ones.values_list("uuid", "site__organisation__uuid"))
    count = open_ones.update(
        referrer=handed_to,
        referrer_name=handed_to.full_name,
        referrer_title=handed_to.title,
        referrer_email=handed_to.email,
    )
    for uuid, place in places:
        record(
            actor_of(by),
            "referral.hand_over",
            at=at,
            place=place,
            thing=f"referral:{uuid}",
            fields=["referrer"],
        )
    return count


# ---------- telling ----------
def _about(referral: Referral) -> str:
    return f"referral:{referral.uuid}"


def _key(referral: Referral, line: str, *, person: bool = False) -> str:
    """The key of a message: what it tells, and how many times that state was reached."""
    state = {"cancelled": "received", "accepted": "accepted", "undone": "undone"}.get(line, line)
    reached = (
        referral.steps.filter(state=state).count()
        if state in ReferralState.values
        else referral.steps.count()
    )
    if line == "accepted":
        reached = 1
    side = ":person" if person else ""
    return f"referral:{referral.uuid}{side}:{line}:{max(reached, 1)}"


def _tell_referrer(
    referral: Referral, line: str, *, at: datetime, step_words: str = "", second_thoughts: bool = False
) -> None:
    _tell_referrer_line(
        referral,
        words.news(referral, line, step_words=step_words),
        key=_key(referral, line),
        at=at,
        not_before=at + SECOND_THOUGHTS if second_thoughts else None,
    )


def _tell_referrer_line(
    referral: Referral, line: str, *, key: str, at: datetime, not_before: datetime | None = None
) -> None:
    """One line to whoever referred: by mail, else on the permanence's paper list. Not once she disagrees."""
    if (
        referral.state == ReferralState.WITHDRAWN
        or referral.link_given_back_at
        or not queries.lets_referrer_know(referral)
    ):
        return
    to_tell_her = ""
    if referral.reach == ContactWay.Kind.REFERRER:
        to_tell_her = "\n\n" + _("Vous êtes le moyen de la joindre : dites-le-lui.")
    address = referral.referrer.email if referral.referrer else referral.referrer_email
    if address:
        messaging.queue_email(
            to=address,
            subject=words.subject(referral),
            body=words.mail_body(referral, line + to_tell_her, queries.follow_url(referral, at)),
            key=key,
            about=_about(referral),
            place=_place(referral),
            not_before=not_before,
            at=at,
        )
    else:
        messaging.queue_paper(
            to=f"{referral.referrer_name}, {referral.organisation.name}"[:254],
            body=line + to_tell_her,
            key=key,
            about=_about(referral),
            place=_place(referral),
            not_before=not_before,
            at=at,
        )


def _tell_person(referral: Referral, state: str, *, at: datetime, starts_at: datetime | None = None) -> None:
    """Tell her by the way she agreed to. There is no SMS yet: it goes on the paper list of the permanence.

    Through the referrer: the referrer's own mail says so. On paper only: her slip, and who she meets.
    """
    if referral.reach not in CALLED:
        return
    messaging.queue_paper(
        to=words.way_words(referral),
        body=words.message_to_person(
            name=referral.chosen_name,
            site=referral.site,
            state=state,
            is_discreet=referral.is_phone_shared,
            code=referral.code if state in {"sent", "appointment"} else "",
            starts_at=starts_at,
        ),
        key=_key(referral, state, person=True),
        about=_about(referral),
        place=_place(referral),
        at=at,
    )


# ---------- the ways in without an account ----------
@transaction.atomic
def create_organisation_link(
    organisation: Organisation, *, email_domains: Iterable[str] = (), by: User, at: datetime | None = None
) -> tuple[OrganisationLink, str]:
    """A new link for a referring organisation; its secret is given back once, and only its hash is kept."""
    at = at or timezone.now()
    if organisation.kind != Organisation.Kind.REFERRING or not organisation.is_open:
        raise BusinessError(
            _("Un lien est donné à une organisation qui oriente, et qui est ouverte."), field="organisation"
        )
    domains = [domain for text in email_domains for domain in secrets.read_domains(text)]
    for domain in domains:
        if "." not in domain or "@" in domain or len(domain) > 100:
            raise BusinessError(
                _("« %(domain)s » n’est pas un domaine. Écrivez par exemple : ville.fr") % {"domain": domain},
                field="email_domains",
            )
    if len(",".join(domains)) > 300:
        raise BusinessError(_("Trop de domaines pour un lien. Faites-en un second."), field="email_domains")
    secret = secrets.new_secret()
    link = OrganisationLink.objects.create(
        organisation=organisation,
        secret_hash=secrets.hashed(secret),
        email_domains=",".join(domains),
        created_at=at,
        created_by=by,
    )
    record(
        actor_of(by),
        "organisation_link.create",
        at=at,
        place=organisation.uuid,
        thing=f"organisation_link:{link.uuid}",
    )
    return link, secret


@transaction.atomic
def end_organisation_link(link: OrganisationLink, *, by: User, at: datetime | None = None) -> None:
    """Whoever holds it can no longer refer by it; what was referred goes on. Ending it twice changes nothing."""
    at = at or timezone.now()
    ended = OrganisationLink.objects.filter(pk=link.pk, ended_at=None).update(ended_at=at)
    if ended:
        record(
            actor_of(by),
            "organisation_link.end",
            at=at,
            place=link.organisation.uuid,
            thing=f"organisation_link:{link.uuid}",
        )


@transaction.atomic
def send_confirmation_code(
    link: OrganisationLink, email: str, *, name: str, title: str = "", at: datetime | None = None
) -> EmailConfirmation:
    """Send six digits to a work address, good for ten minutes. The view limits how often.

    Refused for an address outside the domains of the link.
    """
    at = at or timezone.now()
    if not secrets.is_address_taken(email, link.domain_list):
        raise BusinessError(
            _("Ce lien prend les adresses de : %(domains)s. Utilisez votre mail de travail.")
            % {"domains": ", ".join(link.domain_list)},
            field="email",
        )
    digits = secrets.new_digits()
    confirmation = EmailConfirmation(
        link=link,
        email=email,
        name=name[:120],
        title=title[:80],
        created_at=at,
        expires_at=at + secrets.CODE_LIFE,
    )
    confirmation.code_hash = secrets.hashed_code(digits, str(confirmation.uuid), settings.SECRET_KEY)
    confirmation.save(force_insert=True)
    message = messaging.queue_email(
        to=email,
        subject=_("Bagage : votre code"),
        body="\n\n".join(
            [
                _("Bonjour,"),
                _("Votre code pour orienter une personne : %(code)s")
                % {"code": f"{digits[:3]} {digits[3:]}"},
                _("Il sert une fois, pendant dix minutes. Vous n’avez rien demandé ? Ne faites rien."),
            ]
        ),
        key=f"secret:confirmation:{confirmation.uuid}",
        about=f"confirmation:{confirmation.uuid}",
        at=at,
    )
    if message.state == MessageState.FAILED:
        raise BusinessError(
            _("Aucun mail ne part d’ici pour l’instant. Appelez la permanence, ou demandez un compte."),
            field="email",
        )
    return confirmation


def confirm_email(
    confirmation: EmailConfirmation, code: str, *, at: datetime | None = None
) -> EmailConfirmation:
    """Check the digits she typed. Five wrong tries or ten minutes end the code; each try counts, even a refused one."""
    at = at or timezone.now()
    error: BusinessError | None = None
    with transaction.atomic():
        confirmation = EmailConfirmation.objects.select_for_update().get(pk=confirmation.pk)
        typed = "".join(sign for sign in code if sign.isdigit())
        hashed = secrets.hashed_code(typed, str(confirmation.uuid), settings.SECRET_KEY)
        if confirmation.confirmed_at is not None:
            error = Conflict(_("Ce code a déjà servi. Demandez-en un autre."), field="code")
        elif at >= confirmation.expires_at:
            error = BusinessError(_("Ce code a plus de dix minutes. Demandez-en un autre."), field="code")
        elif confirmation.tries >= secrets.CODE_TRIES:
            error = TooMany(_("Cinq essais ont été faits. Demandez un autre code."), field="code")
        elif hashed != confirmation.code_hash:
            confirmation.tries += 1
            confirmation.save(update_fields=["tries"])
            left = secrets.CODE_TRIES - confirmation.tries
            if len(typed) < secrets.CODE_DIGITS:
                missing = secrets.CODE_DIGITS - len(typed)
                why = _("Il manque des chiffres : %(missing)s.") % {"missing": missing}
            else:
                why = _("Ce n’est pas ce code.")
            error = BusinessError(
                why
                + " "
                + (
                    _("Essais restants : %(left)s.") % {"left": left}
                    if left
                    else _("Demandez un autre code.")
                ),
                field="code",
            )
        else:
            confirmation.confirmed_at = at
            confirmation.save(update_fields=["confirmed_at"])
    if error is not None:
        raise error
    return confirmation
