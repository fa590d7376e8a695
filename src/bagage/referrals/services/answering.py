"""What the permanence does with a referral, and how whoever sent it takes it back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import name_of
from bagage.common.errors import BusinessError, Conflict
from bagage.journeys import services as journeys
from bagage.journeys.models import Journey
from bagage.messaging import services as messaging
from bagage.people import services as people
from bagage.people.models import Agreement, Answer, ContactWay, Person
from bagage.people.queries import identity_ids
from bagage.permanences import services as permanences
from bagage.permanences.models import Appointment, OpeningBlock
from bagage.referrals import words
from bagage.referrals.domain import lifecycle
from bagage.referrals.models import (
    OPEN_STATES,
    Referral,
    ReferralState,
    ReferralStep,
)
from bagage.referrals.services.steps import CALLED, By, already, go, locked, note
from bagage.referrals.services.telling import (
    about,
    take_back,
    tell_person,
    tell_referrer,
    words_of_referrer,
)
from bagage.shop.services import rights


@transaction.atomic
def receive_referral(referral: Referral, *, by: By, at: datetime | None = None) -> Referral:
    """The permanence opened it for the first time; opening it again changes nothing."""
    at = at or timezone.now()
    referral = locked(referral)
    if referral.state != ReferralState.SENT:
        return referral
    go(referral, ReferralState.RECEIVED, by=by, at=at)
    tell_referrer(referral, "received", at=at)
    note(referral, "referral.receive", by=by, at=at)
    return referral


@transaction.atomic
def accept_referral(
    referral: Referral, *, person: Person | None = None, by: By, at: datetime | None = None
) -> Person:
    """She is expected: a new file is opened for her, or this referral joins the file of ``person``.

    What the referrer typed is in her file from now on: how to reach her, what blocks, what she agreed to, her request
    in her own words; her right to buy is opened. Accepting again gives the same person back; saying that it is someone
    else is refused.
    """
    at = at or timezone.now()
    if person is not None:
        _hold(person)
    referral = locked(referral)
    if referral.person is not None:
        if person is not None and person.pk != referral.person_id:
            raise Conflict(_("Cette orientation est déjà dans un dossier. Rouvrez la page."))
        return referral.person
    if referral.state not in OPEN_STATES:
        raise Conflict(already(referral))
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
        go(referral, ReferralState.RECEIVED, by=by, at=at)
    elif referral.state == ReferralState.RECEIVED:
        with words_of_referrer(referral):
            step_words = _("Elle est attendue. Un rendez-vous suivra.")
        ReferralStep.objects.create(
            referral=referral,
            state=ReferralState.RECEIVED,
            at=at,
            words=step_words,
            by=name_of(by)[:80],
        )
    # A referral is worth a voucher: accepted, it opens her right to buy; one that lives already stays as it is.
    rights.open_right(
        person,
        node=node,
        source=f"referral:{referral.uuid}",
        key=f"referral:{referral.uuid}",
        by=by,
        at=at,
    )
    tell_referrer(referral, "accepted", at=at)
    note(referral, "referral.accept", by=by, at=at, fields=["person"])
    return person


def _hold(person: Person) -> None:
    """Her file and her journeys before the referral, in the order of whoever hands her a device or ends her journey.

    Those acts reach her referrals last, to tell who sent them: the other way round, two would wait for each other.
    """
    files = identity_ids(person)
    list(Person.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=files).order_by("pk"))
    list(Journey.objects.select_for_update(of=("self",)).filter(person_id__in=files).order_by("pk"))


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
    people.record_situations(
        person,
        dict.fromkeys(referral.obstacle_list, Answer.NO),
        said_on=said_on,
        source=source,
        by=by,
        at=at,
        written_by=author,
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
    journey = journeys.open_journey(person, referral.site.organisation, came_by="referred", by=by, at=at)
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
    # The block before the referral, as whoever gives an appointment elsewhere does: two never wait for each other.
    OpeningBlock.objects.select_for_update().get(pk=block.pk)
    referral = locked(referral)
    if referral.person is None:
        raise BusinessError(_("Dites d’abord qui elle est : un dossier existant, ou un nouveau."))
    if referral.is_closed:
        raise Conflict(already(referral))
    if block.site_id != referral.site_id:
        raise BusinessError(_("Ce créneau est d’une autre permanence."))
    appointment: Appointment = permanences.give_appointment(
        block=block,
        starts_at=starts_at,
        person=referral.person,
        subject=_("Premier entretien"),
        # Shown to whoever looks for an interpreter: French needs none.
        language="" if referral.languages.casefold() == "français" else referral.languages[:60],
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
    if block is not None:
        OpeningBlock.objects.select_for_update().get(pk=block.pk)
    accepted = accept_referral(referral, person=person, by=by, at=at)
    if block is not None and starts_at is not None:
        take_back(f"referral:{referral.uuid}:accepted:1", at=at)
        give_referral_appointment(referral, block=block, starts_at=starts_at, by=by, at=at)
    return accepted


@transaction.atomic
def decline_referral(referral: Referral, *, reason: str, by: By, at: datetime | None = None) -> Referral:
    """It cannot be answered here; the reason is told to the referrer, as it stands. Never without one."""
    at = at or timezone.now()
    reason = " ".join(reason.split())[:300]
    if len(reason) < 3:
        raise BusinessError(_("Dites pourquoi : la raison est envoyée à qui oriente."), field="reason")
    referral = locked(referral)
    referral.declined_reason, referral.answered_at = reason, at
    go(
        referral,
        ReferralState.DECLINED,
        by=by,
        at=at,
        step_words=reason,
        fields=["declined_reason", "answered_at"],
    )
    tell_referrer(referral, "declined", at=at)
    tell_person(referral, "declined", at=at)
    note(referral, "referral.decline", by=by, at=at)
    return referral


@transaction.atomic
def withdraw_referral(referral: Referral, *, by: By, at: datetime | None = None) -> Referral:
    """Whoever sent it takes it back, before she came; the permanence stops contacting her, what is planned stays."""
    at = at or timezone.now()
    referral = locked(referral)
    go(referral, ReferralState.WITHDRAWN, by=by, at=at)
    messaging.cancel_messages(about(referral))
    note(referral, "referral.withdraw", by=by, at=at)
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
    referral = locked(referral)
    if referral.state not in lifecycle.HELPED:
        raise Conflict(already(referral))
    go(referral, ReferralState.LEFT_WITH, by=by, at=at, step_words=text)
    tell_referrer(referral, "left_with", at=at, step_words=text)
    note(referral, "referral.left_with", by=by, at=at)
    return referral
