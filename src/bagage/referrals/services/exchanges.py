"""Questions and answers between the permanence and whoever referred."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.common.errors import BusinessError, Conflict
from bagage.referrals.domain import lifecycle
from bagage.referrals.models import (
    Referral,
    ReferralMessage,
    ReferralState,
)
from bagage.referrals.services.steps import By, already, locked, note
from bagage.referrals.services.telling import (
    tell_referrer_line,
    words_of_referrer,
)


@transaction.atomic
def ask(
    referral: Referral,
    text: str,
    *,
    choices: Iterable[str] = (),
    from_referrer: bool,
    author: str,
    by: By,
    at: datetime | None = None,
    key: str,
) -> ReferralMessage:
    """Ask the other side something, with answers to choose from. The same ``key`` asks once."""
    at = at or timezone.now()
    text = text.strip()
    if len(text) < 3:
        raise BusinessError(_("Écrivez votre question."), field="text")
    known = ReferralMessage.objects.filter(key=key).first()
    if known:
        if known.referral_id != referral.pk:
            raise Conflict(_("Cette page a déjà servi. Rouvrez-la."))
        return known
    referral = locked(referral)
    if referral.state == ReferralState.WITHDRAWN:
        raise Conflict(already(referral))
    message = ReferralMessage.objects.create(
        referral=referral,
        is_from_referrer=from_referrer,
        author=author[:120],
        text=text[:600],
        asks=True,
        choices="\n".join(lifecycle.choices_of(choices))[:300],
        key=key,
        written_at=at,
    )
    if not from_referrer:
        with words_of_referrer(referral):
            line = _("%(author)s vous pose une question : %(text)s") % {
                "author": author,
                "text": message.text,
            }
        tell_referrer_line(
            referral,
            line,
            key=f"referral:{referral.uuid}:question:{message.uuid}",
            at=at,
        )
    note(referral, "referral.ask", by=by, at=at)
    return message


@transaction.atomic
def answer(
    message: ReferralMessage,
    text: str,
    *,
    author: str,
    by: By,
    at: datetime | None = None,
    key: str,
) -> ReferralMessage:
    """Answer a question of the other side; one answer a question, the same ``key`` answers once."""
    at = at or timezone.now()
    text = text.strip()
    if not text:
        raise BusinessError(_("Choisissez une réponse, ou écrivez-la."), field="text")
    known = ReferralMessage.objects.filter(key=key).first()
    if known:
        if known.answers_id != message.pk:
            raise Conflict(_("Cette page a déjà servi. Rouvrez-la."))
        return known
    referral = locked(message.referral)
    if ReferralMessage.objects.filter(answers=message).exists():
        raise Conflict(_("Une réponse est déjà partie. Rouvrez la page pour la lire."))
    reply = ReferralMessage.objects.create(
        referral=referral,
        is_from_referrer=not message.is_from_referrer,
        author=author[:120],
        text=text[:600],
        answers=message,
        key=key,
        written_at=at,
    )
    if message.is_from_referrer:
        with words_of_referrer(referral):
            line = _("%(author)s vous répond : %(text)s") % {"author": author, "text": reply.text}
        tell_referrer_line(
            referral,
            line,
            key=f"referral:{referral.uuid}:answer:{reply.uuid}",
            at=at,
        )
    note(referral, "referral.answer", by=by, at=at)
    return reply
