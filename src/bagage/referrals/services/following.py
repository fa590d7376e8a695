"""What follows by itself: her appointments, an account that closes, a link that is given back."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import User, actor_of
from bagage.common.errors import BusinessError
from bagage.common.prepared import prepared
from bagage.messaging import services as messaging
from bagage.people.queries import identity_ids
from bagage.permanences.models import Appointment
from bagage.referrals.domain import lifecycle
from bagage.referrals.models import (
    OPEN_STATES,
    Referral,
    ReferralState,
)
from bagage.referrals.services.steps import By, all_locked, go, locked, note
from bagage.referrals.services.telling import (
    about,
    message_key,
    take_back,
    tell_person,
    tell_referrer,
    tell_referrer_line,
    words_of_referrer,
)
from bagage.trail.services import record


@prepared
def _open_ones(files: list[int], site: int) -> QuerySet[Referral]:
    # Asked at each step of each appointment.
    return all_locked().filter(person__in=files, site=site, state__in=OPEN_STATES).order_by("pk")


@transaction.atomic
def follow_appointment(
    appointment: Appointment, *, old_state: str, new_state: str, by: By, at: datetime | None = None
) -> None:
    """Bring her open referrals to the permanence of this appointment along with it, and tell who should know."""
    at = at or timezone.now()
    for referral in _open_ones(identity_ids(appointment.person), appointment.site_id):
        _follow_one(referral, appointment, old_state=old_state, new_state=new_state, by=by, at=at)


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
        go(referral, state, by=by, at=at, fields=fields)
        if told:
            tell_referrer(referral, "undone", at=at)
    else:
        step_words = ""
        if state == ReferralState.RECEIVED:
            with words_of_referrer(referral):
                step_words = _("Le rendez-vous est annulé. Un autre suivra.")
            referral.appointment = None
        go(referral, state, by=by, at=at, step_words=step_words, fields=fields)
        line = "cancelled" if state == ReferralState.RECEIVED else state
        tell_referrer(referral, line, at=at, second_thoughts=state not in {"appointment", "received"})
        # Of a moved or cancelled appointment she is told by who moved it.
        if state == ReferralState.APPOINTMENT and appointment.moved_from_id is None:
            tell_person(referral, "appointment", at=at, starts_at=appointment.starts_at)
    note(referral, f"referral.{state}", by=by, at=at)


def _take_back(referral: Referral) -> bool:
    """Undo the last step: it was noted by mistake. Returns whether the referrer had been told meanwhile."""
    last = referral.steps.last()
    if last is None or last.state not in {"came", "under_way", "not_come", "received"}:
        return False
    key = message_key(referral, last.state if last.state != "received" else "cancelled")
    last.delete()
    return not take_back(key)


@transaction.atomic
def give_back_link(referral: Referral, *, by: By, at: datetime | None = None) -> None:
    """ "This link is not for me": it ends at once, and the permanence sees that nobody follows this referral."""
    at = at or timezone.now()
    referral = locked(referral)
    referral.link_number += 1
    referral.link_given_back_at = at
    referral.save(update_fields=["link_number", "link_given_back_at"])
    messaging.cancel_messages(about(referral))
    note(referral, "referral.give_back_link", by=by, at=at)


@transaction.atomic
def send_new_link(referral: Referral, *, by: By, at: datetime | None = None) -> None:
    """Send whoever referred a new link to the address she confirmed; the ones before it end."""
    at = at or timezone.now()
    referral = locked(referral)
    if referral.referrer_id is not None or referral.state == ReferralState.WITHDRAWN:
        raise BusinessError(_("Cette orientation se suit dans un compte : aucun lien n’est à envoyer."))
    referral.link_number += 1
    referral.link_given_back_at = None
    referral.save(update_fields=["link_number", "link_given_back_at"])
    with words_of_referrer(referral):
        line = _("Voici un nouveau lien pour suivre cette orientation. Le précédent est éteint.")
    tell_referrer_line(
        referral,
        line,
        key=f"referral:{referral.uuid}:link:{referral.link_number}",
        at=at,
    )
    note(referral, "referral.send_link", by=by, at=at)


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
