"""Who is told, and how: whoever referred by mail or on paper, the person by the way she agreed to."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from bagage.common.words import written_for
from bagage.messaging import services as messaging
from bagage.people.models import ContactWay
from bagage.referrals import queries, words
from bagage.referrals.models import (
    Referral,
    ReferralState,
)
from bagage.referrals.services.steps import CALLED, place_of

# A step noted by mistake is mostly undone at once: what tells of it leaves a little later.
SECOND_THOUGHTS = timedelta(minutes=5)


def about(referral: Referral) -> str:
    return f"referral:{referral.uuid}"


def message_key(referral: Referral, line: str, *, person: bool = False) -> str:
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


def words_of_referrer(referral: Referral) -> AbstractContextManager[None]:
    """What is written inside is in the language of whoever referred."""
    return written_for(referral.referrer.language if referral.referrer else "")


def tell_referrer(
    referral: Referral, line: str, *, at: datetime, step_words: str = "", second_thoughts: bool = False
) -> None:
    with words_of_referrer(referral):
        news = words.news(referral, line, step_words=step_words)
    tell_referrer_line(
        referral,
        news,
        key=message_key(referral, line),
        at=at,
        not_before=at + SECOND_THOUGHTS if second_thoughts else None,
    )


def tell_referrer_line(
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
        with words_of_referrer(referral):
            to_tell_her = "\n\n" + _("Vous êtes le moyen de la joindre : dites-le-lui.")
    address = referral.referrer.email if referral.referrer else referral.referrer_email
    if address:
        with words_of_referrer(referral):
            subject = words.subject(referral)
            body = words.mail_body(referral, line + to_tell_her, queries.follow_url(referral, at))
        messaging.queue_email(
            to=address,
            subject=subject,
            body=body,
            key=key,
            about=about(referral),
            place=place_of(referral),
            not_before=not_before,
            at=at,
        )
    else:
        messaging.queue_paper(
            to=f"{referral.referrer_name}, {referral.organisation.name}"[:254],
            body=line + to_tell_her,
            key=key,
            about=about(referral),
            place=place_of(referral),
            not_before=not_before,
            at=at,
        )


def tell_person(referral: Referral, state: str, *, at: datetime, starts_at: datetime | None = None) -> None:
    """Tell her by the way she agreed to. There is no SMS yet: it goes on the paper list of the permanence.

    Through the referrer: the referrer's own mail says so. On paper only: her slip, and who she meets.
    """
    if referral.reach not in CALLED:
        return
    with written_for():
        to = words.way_words(referral)
        body = words.message_to_person(
            name=referral.chosen_name,
            site=referral.site,
            state=state,
            is_discreet=referral.is_phone_shared,
            code=referral.code if state in {"sent", "appointment"} else "",
            starts_at=starts_at,
        )
    messaging.queue_paper(
        to=to,
        body=body,
        key=message_key(referral, state, person=True),
        about=about(referral),
        place=place_of(referral),
        at=at,
    )
