"""She takes her agreement back: what was written about her and has not left yet stays here."""

from __future__ import annotations

from datetime import datetime

from bagage.messaging.models import Message, State
from bagage.messaging.services import cancel_messages
from bagage.people.models import Person
from bagage.people.queries import identity_ids
from bagage.referrals import queries
from bagage.referrals.models import Onward, Referral
from bagage.referrals.services.telling import about, is_to_her
from bagage.referrals.services.telling_place import about_onward


def fall_silent(person: Person, *, at: datetime) -> int:
    """Take back what waits for whoever referred her and for the places she was sent on to, each if she agrees no more.

    Returns how many messages do not leave. What is for herself stays.
    """
    files = identity_ids(person)
    held = 0
    for referral in Referral.objects.filter(person_id__in=files).order_by("pk"):
        if not queries.lets_referrer_know(referral):
            waiting = Message.objects.filter(about=about(referral), state=State.QUEUED).values_list(
                "key", flat=True
            )
            keys = [key for key in waiting if key and not is_to_her(referral, key)]
            held += cancel_messages(keys=keys, at=at) if keys else 0
    for onward in Onward.objects.filter(person_id__in=files).select_related("person").order_by("pk"):
        if not queries.lets_place_know(onward):
            held += cancel_messages(about_onward(onward), at=at)
    return held
