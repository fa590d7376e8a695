"""The referrer hears: one line of plain words for each act that the person agreed to have told.

Told: a device handed over, a line, the right that her referral opened or that was renewed, that she came to a session
(not which), that she arrived at a place (which one, only if she said so), with what she leaves, that she came back.
Never: what she buys, what she says, what she can do. An act that can be undone is told a few minutes later.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.common.prepared import prepared
from bagage.common.words import day, day_short, joined
from bagage.messaging import services as messaging
from bagage.people.models import Person
from bagage.people.queries import identity_ids
from bagage.referrals import queries
from bagage.referrals.domain import lifecycle
from bagage.referrals.models import Onward, Referral, ReferralNews, ReferralState, ReferralStep
from bagage.referrals.services.steps import By, all_locked, go, note
from bagage.referrals.services.telling import (
    SECOND_THOUGHTS,
    message_key,
    take_back,
    tell_referrer,
    tell_referrer_line,
    words_of_referrer,
)

Kind = ReferralNews.Kind
# What cannot be heard any more: refused, or taken back by whoever sent it.
DEAF = (ReferralState.DECLINED, ReferralState.WITHDRAWN)


@prepared
def _not_deaf(files: list[int]) -> QuerySet[Referral]:
    return (
        all_locked().filter(person__in=files, link_given_back_at=None).exclude(state__in=DEAF).order_by("pk")
    )


def hearing_referrals(person: Person) -> list[Referral]:
    """The referrals behind her whose sender still hears, locked; of one sender only the newest."""
    newest: dict[object, Referral] = {}
    for referral in _not_deaf(identity_ids(person)):
        sender = referral.referrer_id or referral.referrer_email.casefold()
        newest[sender] = referral
    return [referral for referral in newest.values() if queries.lets_referrer_know(referral)]


def tell_news(
    person: Person,
    kind: str,
    *,
    source: str,
    line: Callable[[Referral], str],
    at: datetime,
    second_thoughts: bool = False,
    moves: bool = False,
    by: By | None = None,
) -> None:
    """One act, one line, one message for each who referred her; the same ``source`` again tells nothing.

    ``moves``: it shows that she came, so that a referral which still waited is under way.
    """
    for referral in hearing_referrals(person):
        tell_one(
            referral,
            kind,
            source=source,
            line=line,
            at=at,
            second_thoughts=second_thoughts,
        )
        to = lifecycle.state_after_coming(referral.state) if moves else ""
        if to and by is not None:
            go(referral, to, by=by, at=at)
            note(referral, f"referral.{to}", by=by, at=at)


def tell_one(
    referral: Referral,
    kind: str,
    *,
    source: str,
    line: Callable[[Referral], str],
    at: datetime,
    second_thoughts: bool = False,
    is_mailed: bool = True,
) -> None:
    """One line to one referrer, kept beside the states of the referral."""
    with words_of_referrer(referral):
        text = line(referral)
    known = ReferralNews.objects.select_for_update().filter(referral=referral, source=source).first()
    if known is None:
        known = ReferralNews.objects.create(
            referral=referral, kind=kind, source=source, words=text[:200], at=at
        )
    elif known.taken_back_at is not None:
        known.words, known.at, known.taken_back_at = text[:200], at, None
        known.times += 1
        known.save(update_fields=["words", "at", "taken_back_at", "times"])
    else:
        return
    if is_mailed:
        tell_referrer_line(
            referral,
            text,
            key=news_key(known),
            at=at,
            not_before=at + SECOND_THOUGHTS if second_thoughts else None,
        )


def news_key(news: ReferralNews) -> str:
    """The key of the message that tells it."""
    return f"referral:{news.referral.uuid}:news:{news.source}:{news.times}"


def hear_no_more(person: Person, source: str, *, at: datetime) -> None:
    """The act was undone: what did not leave is taken back, and what did is corrected by one line."""
    found = (
        ReferralNews.objects.select_for_update(of=("self",))
        .filter(referral__person__in=identity_ids(person), source=source, taken_back_at=None)
        .select_related("referral")
        .order_by("pk")
    )
    for news in found:
        news.taken_back_at = at
        news.save(update_fields=["taken_back_at"])
        referral = all_locked().get(pk=news.referral_id)
        _walk_back(referral, news)
        if messaging.cancel_messages(keys=[news_key(news)], at=at):
            continue
        with words_of_referrer(referral):
            line = _("Correction : « %(words)s » ne tient plus, c’était noté trop tôt.") % {
                "words": news.words.rstrip(".")
            }
        tell_referrer_line(referral, line, key=f"{news_key(news)}:undone", at=at)


def _walk_back(referral: Referral, news: ReferralNews) -> None:
    """A state that this very act brought goes with it."""
    last = referral.steps.last()
    if last is None or last.at != news.at or last.state != ReferralState.UNDER_WAY:
        return
    if referral.state == ReferralState.UNDER_WAY:
        undo_last_step(referral, last)


def undo_last_step(referral: Referral, last: ReferralStep) -> None:
    """The state before, as if the last step had not been made."""
    last.delete()
    before = referral.steps.last()
    if before is not None:
        referral.state, referral.state_at = before.state, before.at
        referral.save(update_fields=["state", "state_at"])


# ---------- each act ----------
DEVICE_WORDS = {
    "smartphone": lambda: _("un téléphone"),
    "laptop": lambda: _("un ordinateur portable"),
    "tablet": lambda: _("une tablette"),
    "desktop": lambda: _("un ordinateur"),
}


def device_words(kind: str) -> str:
    """ "un téléphone"; "un appareil" where nobody knows."""
    return DEVICE_WORDS[kind]() if kind in DEVICE_WORDS else _("un appareil")


def hear_of_device(person: Person, *, kind: str, handover: str, by: By, at: datetime) -> None:
    """She has a device of her own: "Fanta a reçu un téléphone."."""
    tell_news(
        person,
        Kind.DEVICE,
        source=f"handover:{handover}",
        line=lambda referral: (
            _("%(name)s a reçu %(device)s.") % {"name": referral.chosen_name, "device": device_words(kind)}
        ),
        at=at,
        second_thoughts=True,
        moves=True,
        by=by,
    )


def hear_of_line(person: Person, *, line: str, at: datetime) -> None:
    """She has a line. Never its number, its operator, nor what she buys on it."""
    tell_news(
        person,
        Kind.LINE,
        source=f"line:{line}",
        line=lambda referral: _("%(name)s a une ligne de téléphone.") % {"name": referral.chosen_name},
        at=at,
        second_thoughts=True,
    )


def right_line(referral: Referral, until: date) -> str:
    """What her referral opened."""
    return _("%(name)s peut acheter à prix solidaire jusqu’au %(day)s.") % {
        "name": referral.chosen_name,
        "day": day_short(until, year=True),
    }


def hear_of_right(*, referral: str, right: str, until: date, renewed: bool, at: datetime) -> None:
    """The right that this referral opened, until when; of a right that came otherwise nothing is said.

    Opened by the acceptance, it stands in the mail that tells of the acceptance: no second one leaves.
    """
    found = all_locked().filter(uuid=referral).exclude(state__in=DEAF).first()
    if found is None or found.person is None or not queries.lets_referrer_know(found):
        return
    tell_one(
        found,
        Kind.RENEWED if renewed else Kind.RIGHT,
        source=f"right:{right}",
        line=lambda one: right_line(one, until),
        at=at,
        is_mailed=renewed,
    )


def hear_of_session(person: Person, *, booking: str, on: date, by: By, at: datetime) -> None:
    """She came to a session; what it was about is hers to tell."""
    tell_news(
        person,
        Kind.SESSION,
        source=f"booking:{booking}",
        line=lambda referral: (
            _("%(name)s a suivi une séance, %(day)s.") % {"name": referral.chosen_name, "day": day(on)}
        ),
        at=at,
        second_thoughts=True,
        moves=True,
        by=by,
    )


def hear_of_arrival(onward: Onward, *, at: datetime) -> None:
    """She arrived where she was sent on to; which place, only if she ticked that whoever referred her may know."""
    named = "referrer" in onward.share_list

    def line(referral: Referral) -> str:
        values = {"name": referral.chosen_name, "place": onward.structure.name}
        if named:
            return _("%(place)s a reçu %(name)s, sur notre orientation.") % values
        return _("Un autre lieu a reçu %(name)s, sur notre orientation.") % values

    tell_news(onward.person, Kind.ONWARD, source=f"onward:{onward.uuid}", line=line, at=at)


# ---------- her journey ends, or begins again ----------
POCKETS = {
    "device": lambda: _("un appareil"),
    "connection": lambda: _("une ligne"),
    "skills": lambda: _("les bases du numérique"),
}


def leaves_with(states: dict[str, str], device_kind: str = "") -> str:
    """With what she leaves, from the states of her pockets: "un téléphone et une ligne"; nothing is claimed half.

    ``states`` maps "device", "connection" and "skills" to ``full``, ``half``, ``empty``, ``lost`` or ``unknown``.
    """
    full = [pocket for pocket in POCKETS if states.get(pocket) == "full"]
    named = [
        device_words(device_kind) if pocket == "device" and device_kind else POCKETS[pocket]()
        for pocket in full
    ]
    if not named:
        return _("rien de complet pour l’instant, elle peut revenir")
    text = joined(named)
    return text if len(named) == len(POCKETS) else _("%(things)s, pas encore tout") % {"things": text}


def hear_of_exit(
    person: Person, *, states: dict[str, str], device_kind: str = "", by: By, at: datetime
) -> None:
    """Her journey ends: her open referrals reach the end of the road, with what is in her bag."""
    found = all_locked().filter(person__in=identity_ids(person)).exclude(state__in=DEAF).order_by("pk")
    for referral in found:
        with words_of_referrer(referral):
            text = leaves_with(states, device_kind)
        last = referral.steps.last()
        is_said = referral.state == ReferralState.LEFT_WITH and last is not None and last.words == text
        if is_said or not lifecycle.may_go(referral.state, ReferralState.LEFT_WITH):
            continue
        go(referral, ReferralState.LEFT_WITH, by=by, at=at, step_words=text)
        tell_referrer(referral, "left_with", at=at, step_words=text, second_thoughts=True)
        note(referral, "referral.left_with", by=by, at=at)


def hear_of_return(person: Person, *, by: By, at: datetime) -> None:
    """She came back: what had reached the end of the road is under way again; said too soon, it is only taken back."""
    found = all_locked().filter(person__in=identity_ids(person), state=ReferralState.LEFT_WITH).order_by("pk")
    for referral in found:
        key = message_key(referral, "left_with")
        last = referral.steps.last()
        if last is not None and take_back(key, at=at):
            undo_last_step(referral, last)
            continue
        go(referral, ReferralState.UNDER_WAY, by=by, at=at)
        tell_referrer(referral, "back", at=at, second_thoughts=True)
        note(referral, "referral.back", by=by, at=at)


def today_of(moment: datetime) -> date:
    """The day of a moment here."""
    return timezone.localdate(moment)
