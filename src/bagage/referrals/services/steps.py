"""What every act on a referral stands on: the locked row, the step, the row of the trail."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bagage.accounts.models import User, actor_of, name_of
from bagage.common.errors import Conflict
from bagage.people.models import ContactWay
from bagage.referrals.domain import lifecycle
from bagage.referrals.models import (
    Referral,
    ReferralState,
    ReferralStep,
)
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

By = User | Actor
CALLED = (ContactWay.Kind.SMS, ContactWay.Kind.CALL)


def locked(referral: Referral) -> Referral:
    """The row as it is now, held until the act is done."""
    return all_locked().get(pk=referral.pk)


def all_locked() -> QuerySet[Referral]:
    """The rows that will be read, each held until the act is done, with what the words about them need."""
    return Referral.objects.select_for_update(of=("self",)).select_related(
        "site__organisation", "organisation", "referrer", "person", "appointment__adviser"
    )


def go(
    referral: Referral, state: str, *, by: By, at: datetime, step_words: str = "", fields: Iterable[str] = ()
) -> None:
    """Bring a locked referral to ``state`` and write the step; refused when the table does not lead there."""
    if not lifecycle.may_go(referral.state, state):
        raise Conflict(already(referral))
    referral.state, referral.state_at = state, at
    referral.save(update_fields=["state", "state_at", *fields])
    ReferralStep.objects.create(
        referral=referral, state=state, at=at, words=step_words[:200], by=name_of(by)[:80]
    )


def already(referral: Referral) -> str:
    return _("Cette orientation est déjà : %(state)s. Rien n’a changé.") % {
        "state": str(ReferralState(referral.state).label).lower()
    }


def place_of(referral: Referral) -> str:
    return str(referral.site.organisation.uuid)


def note(
    referral: Referral, verb: str, *, by: By, at: datetime, reason: str = "", fields: Iterable[str] = ()
) -> None:
    record(
        actor_of(by),
        verb,
        at=at,
        place=place_of(referral),
        person=referral.person.uuid if referral.person else "",
        thing=f"referral:{referral.uuid}",
        fields=list(fields),
        reason=reason,
    )
