"""What permanences do when something happens below."""

from datetime import datetime
from typing import Any

from django.dispatch import receiver
from django.utils import timezone
from django.utils.translation import ngettext

from bagage.accounts.events import account_closing, account_closing_foreseen
from bagage.accounts.models import User
from bagage.permanences.models import Appointment, OpeningBlock
from bagage.permanences.services import hand_over_blocks
from bagage.trail.domain.actor import Actor


@receiver(account_closing, dispatch_uid="permanences.account_closing")
def hand_over(
    sender: type[User], *, user: User, handed_to: User | None, by: Actor, at: datetime, **kwargs: Any
) -> None:
    """Blocks to come pass to the colleague who is free then; what cannot is listed in Today as to be moved."""
    hand_over_blocks(user, handed_to, by=by, at=at)


@receiver(account_closing_foreseen, dispatch_uid="permanences.account_closing_foreseen")
def foresee(sender: type[User], *, user: User, **kwargs: Any) -> list[str]:
    """What closing this account does to blocks and appointments to come."""
    now = timezone.now()
    blocks = OpeningBlock.objects.filter(adviser=user, withdrawn_at=None, ends_at__gt=now).count()
    booked = Appointment.objects.filter(adviser=user, state="booked", starts_at__gte=now).count()
    if not blocks and not booked:
        return []
    told = ngettext(
        "%(count)s plage de rendez-vous passe à la personne choisie, aux heures où elle est libre.",
        "%(count)s plages de rendez-vous passent à la personne choisie, aux heures où elle est libre.",
        blocks,
    ) % {"count": blocks}
    if not booked:
        return [told]
    return [
        told,
        ngettext(
            "%(count)s rendez-vous suit à la même heure, ou s’affiche « à déplacer » dans Aujourd’hui.",
            "%(count)s rendez-vous suivent à la même heure, ou s’affichent « à déplacer » dans Aujourd’hui.",
            booked,
        )
        % {"count": booked},
    ]
