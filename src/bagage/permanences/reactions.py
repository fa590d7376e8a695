"""What permanences do when something happens below."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import ngettext

from bagage.accounts.events import account_closing, account_closing_foreseen
from bagage.accounts.models import User
from bagage.permanences.models import Appointment, OpeningBlock, Session
from bagage.permanences.services import hand_over_blocks, hand_over_sessions
from bagage.trail.domain.actor import Actor


@receiver(account_closing, dispatch_uid="permanences.account_closing")
def hand_over(
    sender: type[User], *, user: User, handed_to: User | None, by: Actor, at: datetime, **kwargs: Any
) -> None:
    """Blocks and sessions to come pass to the colleague who is free then; the rest is listed in Today."""
    hand_over_blocks(user, handed_to, by=by, at=at)
    hand_over_sessions(user, handed_to, by=by, at=at)


@receiver(account_closing_foreseen, dispatch_uid="permanences.account_closing_foreseen")
def foresee(sender: type[User], *, user: User, **kwargs: Any) -> list[str]:
    """What closing this account does to blocks, appointments and sessions to come."""
    now = timezone.now()
    blocks = OpeningBlock.objects.filter(adviser=user, withdrawn_at=None, ends_at__gt=now).count()
    booked = Appointment.objects.filter(adviser=user, state="booked", starts_at__gte=now).count()
    sessions = Session.objects.filter(leader=user, state="planned", ends_at__gt=now).count()
    told = []
    if blocks or booked:
        told.append(
            ngettext(
                "%(count)s plage de rendez-vous passe à la personne choisie, aux heures où elle est libre.",
                "%(count)s plages de rendez-vous passent à la personne choisie, aux heures où elle est libre.",
                blocks,
            )
            % {"count": blocks}
        )
    if booked:
        told.append(
            ngettext(
                "%(count)s rendez-vous suit à la même heure, ou s’affiche « à déplacer » dans Aujourd’hui.",
                "%(count)s rendez-vous suivent à la même heure, ou s’affichent « à déplacer » dans Aujourd’hui.",
                booked,
            )
            % {"count": booked}
        )
    if sessions:
        told.append(
            ngettext(
                "%(count)s séance passe à la personne choisie, ou s’affiche sans personne pour l’animer.",
                "%(count)s séances passent à la personne choisie, ou s’affichent sans personne pour les animer.",
                sessions,
            )
            % {"count": sessions}
        )
    return told
