"""What referrals do when something happens below: an appointment changes, an account closes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.utils.translation import ngettext

from bagage.accounts.events import account_closing, account_closing_foreseen
from bagage.accounts.models import User
from bagage.permanences.events import appointment_changed
from bagage.permanences.models import Appointment
from bagage.referrals import services
from bagage.referrals.models import OPEN_STATES, Referral
from bagage.trail.domain.actor import Actor


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
