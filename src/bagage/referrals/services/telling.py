"""Who is told, and how: whoever referred by mail or on paper, the person by the way she agreed to."""

from __future__ import annotations

from contextlib import AbstractContextManager
from datetime import datetime, timedelta

from django.utils.translation import gettext as _

from bagage.common.words import written_for
from bagage.messaging import services as messaging
from bagage.messaging.models import Message, State
from bagage.people.models import ContactWay
from bagage.referrals import queries, words
from bagage.referrals.domain.lifecycle import LINK_LIFE
from bagage.referrals.models import (
    Referral,
    ReferralNews,
    ReferralState,
)
from bagage.referrals.services.steps import CALLED, place_of

# A step noted by mistake is mostly undone at once: what tells of it leaves a little later.
SECOND_THOUGHTS = timedelta(minutes=5)
# The mail that tells of the acceptance says what it opened, so that one act makes one mail.
WITH_ITS_RIGHT = frozenset({"accepted", "appointment"})


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


def is_to_her(referral: Referral, key: str) -> bool:
    """Whether the message of this key is for the person herself, not for whoever referred."""
    return key.startswith(f"referral:{referral.uuid}:person:")


# An act that is undone and done again is told again, under a key of its own.
TIMES = 9


def _variants(key: str) -> list[str]:
    return [key, *(f"{key}:again{number}" for number in range(2, TIMES + 1))]


def free_key(key: str) -> str:
    """The key under which this is written: the plain one, or the next when the one before was taken back."""
    states = dict(Message.objects.filter(key__in=_variants(key)).values_list("key", "state"))
    for variant in _variants(key):
        if states.get(variant) != State.CANCELLED:
            return variant
    return key


def take_back(key: str, *, at: datetime | None = None) -> bool:
    """Take back what did not leave yet, however often it was written; whether there was something."""
    return bool(messaging.cancel_messages(keys=_variants(key), at=at))


def words_of_referrer(referral: Referral) -> AbstractContextManager[None]:
    """What is written inside is in the language of whoever referred."""
    return written_for(referral.referrer.language if referral.referrer else "")


def tell_referrer(
    referral: Referral, line: str, *, at: datetime, step_words: str = "", second_thoughts: bool = False
) -> None:
    with words_of_referrer(referral):
        news = words.news(referral, line, step_words=step_words)
    if line in WITH_ITS_RIGHT:
        opened = referral.news.filter(kind=ReferralNews.Kind.RIGHT, at=at, taken_back_at=None).first()
        news = f"{news} {opened.words}" if opened else news
    tell_referrer_line(
        referral,
        news,
        key=free_key(message_key(referral, line)),
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
            # A link lives three months; what she agreed to have told lives as long as her journey.
            is_open = referral.referrer_id is not None or at < referral.sent_at + LINK_LIFE
            url = queries.follow_url(referral, at) if is_open else ""
            body = words.mail_body(referral, line + to_tell_her, url)
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
    key = message_key(referral, state, person=True)
    # What still waits to be told her of this referral is no longer so.
    waiting = Message.objects.filter(about=about(referral), state=State.QUEUED).exclude(key=key)
    older = [one for one in waiting.values_list("key", flat=True) if is_to_her(referral, one)]
    if older:
        messaging.cancel_messages(keys=older, at=at)
    messaging.queue_paper(
        to=to,
        body=body,
        key=key,
        about=about(referral),
        place=place_of(referral),
        at=at,
    )
