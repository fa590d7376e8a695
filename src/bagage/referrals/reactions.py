"""What referrals do when something happens below: an appointment changes, an account closes, and all that whoever
referred hears of: a device, a line, a right, a session, the end of a journey and coming back."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import ngettext

from bagage.accounts.events import account_closing, account_closing_foreseen
from bagage.accounts.models import User
from bagage.connection.events import line_changed
from bagage.connection.models import HeldLine, LineState
from bagage.equipment.events import device_changed
from bagage.equipment.models import Device, Handover
from bagage.journeys.events import journey_changed
from bagage.journeys.models import Journey
from bagage.people.events import agreement_recorded
from bagage.people.models import Agreement, Person
from bagage.people.queries import identity_ids
from bagage.permanences.events import appointment_changed, booking_changed
from bagage.permanences.models import Appointment, SeatState, SessionBooking
from bagage.referrals import services
from bagage.referrals.models import OPEN_STATES, Referral
from bagage.referrals.services import hearing
from bagage.referrals.services.silence import fall_silent
from bagage.shop.events import right_changed
from bagage.shop.models import AccessRight
from bagage.trail.domain.actor import Actor

By = User | Actor


@receiver(appointment_changed)
def referral_follows_appointment(
    sender: Any,
    *,
    appointment: Appointment,
    old_state: str,
    new_state: str,
    by: Actor,
    at: datetime,
    **_: Any,
) -> None:
    """The referrals of this person go where her appointment goes, and whoever sent them is told."""
    services.follow_appointment(appointment, old_state=old_state, new_state=new_state, by=by, at=at)


@receiver(account_closing)
def referrals_are_handed_over(
    sender: Any, *, user: User, handed_to: User | None, by: Actor, at: datetime, **_: Any
) -> None:
    """A referrer leaves: a colleague hears of her open referrals from now on."""
    services.hand_over_referrals(user, handed_to=handed_to, by=by, at=at)


@receiver(account_closing_foreseen)
def referrals_to_hand_over(sender: Any, *, user: User, **_: Any) -> list[str]:
    """Says how many referrals will pass to a colleague."""
    count = Referral.objects.filter(referrer=user, state__in=OPEN_STATES).count()
    if not count:
        return []
    return [
        ngettext(
            "%(count)s orientation en cours passe à la personne choisie.",
            "%(count)s orientations en cours passent à la personne choisie.",
            count,
        )
        % {"count": count}
    ]


# ---------- she takes her agreement back ----------
@receiver(agreement_recorded)
def silence_follows_agreement(sender: Any, *, agreement: Agreement, by: By, at: datetime, **_: Any) -> None:
    """What she agreed to no more and has not left yet does not leave."""
    if agreement.answer != Agreement.Answer.AGREED:
        fall_silent(agreement.person, at=at)


# ---------- whoever referred hears ----------
@receiver(device_changed)
def referrer_hears_of_device(
    sender: Any,
    *,
    device: Device,
    person: Person | None,
    handover: Handover | None,
    what: str,
    by: By,
    at: datetime,
    **_: Any,
) -> None:
    """A device was handed over: told; undone: taken back. What becomes of it later is hers."""
    if handover is None or person is None:
        return
    if what == "handed_over":
        hearing.hear_of_device(person, kind=device.kind, handover=str(handover.uuid), by=by, at=at)
    elif what == "undone":
        hearing.hear_no_more(person, f"handover:{handover.uuid}", at=at)


@receiver(line_changed)
def referrer_hears_of_line(
    sender: Any, *, line: HeldLine, old_state: str, new_state: str, by: By, at: datetime, **_: Any
) -> None:
    """A line was opened: told; written by mistake: taken back. Top-ups are purchases, and hers alone."""
    if new_state == LineState.VOID:
        hearing.hear_no_more(line.person, f"line:{line.uuid}", at=at)
    elif old_state == LineState.VOID and new_state == LineState.ACTIVE:
        hearing.hear_of_line(line.person, line=str(line.uuid), at=at)


@receiver(right_changed)
def referrer_hears_of_right(
    sender: Any, *, right: AccessRight, what: str, by: By, at: datetime, **_: Any
) -> None:
    """The right that a referral opened, or that was renewed after it; one that came otherwise is not the referrer's."""
    if right.is_mistake:
        hearing.hear_no_more(right.person, f"right:{right.uuid}", at=at)
        return
    first = right
    while first.renews is not None:
        first = first.renews
    kind, _colon, uuid = first.source.partition(":")
    if kind == "referral" and what in {"opened", "renewed"}:
        hearing.hear_of_right(
            referral=uuid, right=str(right.uuid), until=right.ends_on, renewed=what == "renewed", at=at
        )


@receiver(booking_changed)
def referrer_hears_of_session(
    sender: Any, *, booking: SessionBooking, old_state: str, new_state: str, by: By, at: datetime, **_: Any
) -> None:
    """She came to a session: told, without what it was about; marked so by mistake: taken back."""
    if booking.person is None or old_state == new_state:
        return
    if new_state == SeatState.PRESENT:
        on = timezone.localdate(booking.session.starts_at)
        hearing.hear_of_session(booking.person, booking=str(booking.uuid), on=on, by=by, at=at)
    elif old_state == SeatState.PRESENT:
        hearing.hear_no_more(booking.person, f"booking:{booking.uuid}", at=at)


@receiver(journey_changed)
def referral_follows_journey(
    sender: Any, *, journey: Journey, what: str, by: By, at: datetime, **_: Any
) -> None:
    """Her journey ended: the referral reaches the end of its road, with what is in her bag; or it begins again."""
    if what == "reopened":
        hearing.hear_of_return(journey.person, by=by, at=at)
        return
    left = journey.exits.order_by("exited_at", "pk").last()
    if left is None:
        return
    newest = (
        Handover.objects.filter(person_id__in=identity_ids(journey.person), state=Handover.State.OPEN)
        .select_related("device")
        .order_by("-handed_over_at", "-pk")
        .first()
    )
    states = {"device": left.device, "connection": left.connection, "skills": left.skills}
    kind = newest.device.kind if newest is not None else ""
    hearing.hear_of_exit(journey.person, states=states, device_kind=kind, by=by, at=at)
