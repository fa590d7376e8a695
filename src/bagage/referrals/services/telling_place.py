"""What is written to the place of an orientation onward: the letter with its link, one reminder, and that it is off."""

from __future__ import annotations

from datetime import datetime

from bagage.common.words import written_for
from bagage.messaging import services as messaging
from bagage.messaging.models import Message
from bagage.permanences.models import Site
from bagage.referrals import onward_words, queries
from bagage.referrals.models import Onward


def about_onward(onward: Onward) -> str:
    """What every message about it is filed under."""
    return f"onward:{onward.uuid}"


def site_of(onward: Onward) -> Site | None:
    """The permanence that sends, with its telephone; ``None`` for a node that is no place."""
    return Site.objects.filter(organisation=onward.node_id).select_related("organisation").first()


def letter_key(onward: Onward) -> str:
    return f"onward:{onward.uuid}:letter:{onward.link_number}"


def tell_place(onward: Onward, *, at: datetime) -> Message:
    """The letter and its link, to the mail of the place; on the paper list where no mail leaves."""
    with written_for():
        subject = onward_words.subject(onward)
        body = onward_words.mail_to_place(onward, queries.arrival_url(onward, at), site_of(onward))
    return messaging.queue_email(
        to=onward.email,
        subject=subject,
        body=body,
        key=letter_key(onward),
        about=about_onward(onward),
        place=str(onward.node.uuid),
        at=at,
    )


def remind(onward: Onward, *, at: datetime) -> Message:
    """The same letter once more, with the question."""
    with written_for():
        subject = onward_words.subject(onward)
        body = onward_words.mail_to_place(
            onward,
            queries.arrival_url(onward, at),
            site_of(onward),
            line=onward_words.reminder_line(onward),
        )
    return messaging.queue_email(
        to=onward.email,
        subject=subject,
        body=body,
        key=f"onward:{onward.uuid}:reminder:{onward.link_number}",
        about=about_onward(onward),
        place=str(onward.node.uuid),
        at=at,
    )


def tell_place_it_is_off(onward: Onward, *, at: datetime) -> None:
    """What did not leave is taken back; a place that was written to reads that she will not come."""
    taken_back = messaging.cancel_messages(keys=[letter_key(onward)], at=at)
    messaging.cancel_messages(about_onward(onward), at=at)
    if taken_back or not onward.email or onward.by_way != Onward.Way.EMAIL:
        return
    with written_for():
        subject = onward_words.subject(onward)
        body = onward_words.taken_back(onward, site_of(onward))
    messaging.queue_email(
        to=onward.email,
        subject=subject,
        body=body,
        key=f"onward:{onward.uuid}:off",
        about=about_onward(onward),
        place=str(onward.node.uuid),
        at=at,
    )
