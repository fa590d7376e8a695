"""The till of a site: opened with a float, closed with what was counted."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import User, actor_of, name_of
from bagage.common.errors import BusinessError, Conflict
from bagage.connection.words import euros
from bagage.permanences.models import Site
from bagage.shop.models import MOST_CENTS, Till
from bagage.shop.queries.tills import cash_in
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

By = User | Actor


@transaction.atomic
def open_till(site: Site, *, float_amount: int, key: str, by: By, at: datetime | None = None) -> Till:
    """Open the till of a site with so much cash in it, in cents.

    Raises :class:`BusinessError` at a site that is closed or for an amount that is no float, :class:`Conflict` when one
    is open there already.
    """
    at = at or timezone.now()
    known = Till.objects.filter(key=key[:64]).first()
    if known is not None:
        return known
    if not site.organisation.is_open:
        raise BusinessError(_("Cette permanence est fermée : rien ne s’y vend. Choisissez-en une autre."))
    _check_amount(float_amount, "float_amount")
    till = Till(site=site, float_amount=float_amount, opened_by=name_of(by), opened_at=at, key=key[:64])
    try:
        with transaction.atomic():
            till.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("La caisse de cette permanence est déjà ouverte.")) from error
    _trail(till, "till.open", by=by, at=at)
    return till


@transaction.atomic
def close_till(till: Till, *, counted: int, word: str = "", by: By, at: datetime | None = None) -> Till:
    """Close it with what was counted, in cents; a difference with what must be there needs a word.

    Closing it again with the same amount changes nothing. Raises :class:`BusinessError` for a difference without a
    word, :class:`Conflict` when it was closed with another amount.
    """
    at = at or timezone.now()
    word = " ".join(word.split())[:200]
    _check_amount(counted, "counted")
    held = Till.objects.select_for_update(of=("self",)).select_related("site__organisation").get(pk=till.pk)
    if held.closed_at is not None:
        if held.counted == counted:
            return held
        raise Conflict(_("Cette caisse est déjà fermée, avec %(money)s.") % {"money": euros(held.counted)})
    expected = cash_in(held)
    if counted != expected and not word:
        gap = _("Il manque %(money)s.") if counted < expected else _("Il y a %(money)s de trop.")
        raise BusinessError(
            " ".join(
                [
                    gap % {"money": euros(abs(counted - expected))},
                    _("La caisse devrait avoir %(money)s. Recomptez, ou écrivez pourquoi.")
                    % {"money": euros(expected)},
                ]
            ),
            field="word",
        )
    held.counted, held.word = counted, word if counted != expected else ""
    held.closed_by, held.closed_at = name_of(by), at
    held.save(update_fields=["counted", "word", "closed_by", "closed_at"])
    _trail(held, "till.close", by=by, at=at, fields=["word"] if held.word else [])
    return held


def _check_amount(amount: int, field: str) -> None:
    if not 0 <= amount <= MOST_CENTS:
        raise BusinessError(_("Un montant entre 0 et %(most)s.") % {"most": euros(MOST_CENTS)}, field=field)


def _trail(till: Till, verb: str, *, by: By, at: datetime, fields: list[str] | None = None) -> None:
    record(
        actor_of(by),
        verb,
        at=at,
        place=till.site.organisation.uuid,
        thing=f"till:{till.uuid}",
        fields=fields or [],
    )
