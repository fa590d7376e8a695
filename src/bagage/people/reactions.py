"""What happens here when something happens below."""

from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import ngettext

from bagage.accounts.events import account_closing, account_closing_foreseen
from bagage.accounts.models import User
from bagage.people.models import Following
from bagage.people.services import hand_over_followings
from bagage.trail.domain.actor import Actor


def entrust_persons(
    sender: Any, *, user: User, handed_to: User | None, by: Actor, at: datetime, **kwargs: Any
) -> None:
    """Persons whom the leaver knew best pass to her colleague."""
    hand_over_followings(user, handed_to, by=by, at=at)


def foresee_persons(sender: Any, *, user: User, **kwargs: Any) -> list[str]:
    """How many that would be."""
    count = Following.objects.current(timezone.now()).filter(adviser=user).count()
    if not count:
        return []
    return [
        ngettext(
            "%(count)s personne suivie passe à sa ou son collègue.",
            "%(count)s personnes suivies passent à sa ou son collègue.",
            count,
        )
        % {"count": count}
    ]


def connect() -> None:
    """Called when the application starts."""
    account_closing.connect(entrust_persons, dispatch_uid="people.entrust_persons")
    account_closing_foreseen.connect(foresee_persons, dispatch_uid="people.foresee_persons")
