"""Windows of access: opened by a referral, a voucher or a decision, renewed, ended early."""

from __future__ import annotations

from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import Organisation, User, actor_of, name_of
from bagage.common.errors import BusinessError, Conflict, FormUsed
from bagage.common.words import day_short
from bagage.people.models import Person
from bagage.people.queries import identity_ids
from bagage.shop.domain import rights
from bagage.shop.events import right_changed
from bagage.shop.models import AccessRight, Sale
from bagage.shop.queries.rights import shop_rules
from bagage.shop.services.locks import locked_person
from bagage.shop.words import no_more_renewal_words, renewals_left
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

By = User | Actor
ONCE = ("voucher:", "referral:")


@transaction.atomic
def open_right(
    person: Person,
    *,
    node: Organisation,
    source: str = "decision",
    begins_on: date | None = None,
    key: str,
    by: By,
    at: datetime | None = None,
) -> AccessRight:
    """Open a window of access for her, for as long as the rules say.

    ``source`` is ``referral:<uuid>``, ``voucher:<number>`` or ``decision``. One that lives already, or is to come, is
    returned as it is; so is the one that this very source or this ``key`` opened before. Raises
    :class:`BusinessError` for a day to come or a window that would be over, and for a voucher without a number;
    :class:`Conflict` for a voucher or a referral that opened the right of someone else, or a ``key`` that served for
    something else.
    """
    at = at or timezone.now()
    today = timezone.localdate(at)
    source = _read_source(source)
    known = AccessRight.objects.filter(key=key[:64]).first()
    if known is not None:
        if known.source != source or known.person_id not in identity_ids(person):
            raise _form_used()
        return known
    held = locked_person(person)
    files = identity_ids(held)
    if source.startswith(ONCE):
        before = AccessRight.objects.filter(source=source, is_mistake=False).first()
        if before is not None and before.person_id in files:
            return before
        if before is not None:
            raise _already_used(before)
    earlier = list(AccessRight.objects.of_persons(files).order_by("-ends_on", "-pk"))
    for one in earlier:
        if one.standing_on(today) in {rights.LIVES, rights.COMING}:
            return one
    begins = begins_on or today
    if begins > today:
        raise BusinessError(_("Cette date n’est pas encore passée."), field="begins_on")
    for one in earlier:
        begins = max(begins, min(rights.renewal_begins(one.ends_on, one.ended_on, begins), today))
    ends = rights.last_day(begins, shop_rules().right_months)
    if ends < today:
        raise BusinessError(
            _("Ces droits seraient déjà finis, le %(day)s. Relisez la date du bon.")
            % {"day": day_short(ends, year=True)},
            field="begins_on",
        )
    right = AccessRight(
        person=held,
        node=node,
        source=source,
        begins_on=begins,
        ends_on=ends,
        key=key[:64],
        opened_by=name_of(by),
        opened_at=at,
    )
    return _written(right, "opened", "right.open", by=by, at=at)


@transaction.atomic
def renew_right(right: AccessRight, *, key: str, by: By, at: datetime | None = None) -> AccessRight:
    """Add a window after this one: from the day after its last one, or from today when that is past.

    Raises :class:`BusinessError` when it was renewed as often as the rules allow, :class:`Conflict` when it was
    renewed already, was opened by mistake or ended early, when another one lives, or when the ``key`` served for
    another.
    """
    at = at or timezone.now()
    today = timezone.localdate(at)
    known = AccessRight.objects.filter(key=key[:64]).first()
    if known is not None:
        if known.renews_id != right.pk:
            raise _form_used()
        return known
    held = locked_person(right.person)
    right = AccessRight.objects.select_related("renews", "node").get(pk=right.pk)
    follower = AccessRight.objects.filter(renews=right).first()
    if follower is not None:
        raise Conflict(
            _("Ces droits sont déjà renouvelés, jusqu’au %(day)s.")
            % {"day": day_short(follower.ends_on, year=True)}
        )
    if right.ended_on is not None:
        raise Conflict(
            _("Ces droits ont été fermés : ils ne se renouvellent pas. Ouvrez-en d’autres, par un bon.")
        )
    rules = shop_rules()
    if renewals_left(right, rules) < 1:
        raise BusinessError(no_more_renewal_words(rules))
    others = AccessRight.objects.of_persons(identity_ids(held)).exclude(pk=right.pk)
    for one in others:
        if one.standing_on(today) in {rights.LIVES, rights.COMING}:
            raise Conflict(
                _("D’autres droits sont ouverts jusqu’au %(day)s.")
                % {"day": day_short(one.ends_on, year=True)}
            )
    begins = rights.renewal_begins(right.ends_on, None, today)
    renewal = AccessRight(
        person=held,
        node=right.node,
        source="renewal",
        begins_on=begins,
        ends_on=rights.last_day(begins, rules.right_months),
        renews=right,
        key=key[:64],
        opened_by=name_of(by),
        opened_at=at,
    )
    return _written(renewal, "renewed", "right.renew", by=by, at=at)


@transaction.atomic
def end_right(
    right: AccessRight, *, reason: str, is_mistake: bool = False, by: By, at: datetime | None = None
) -> AccessRight:
    """It holds no more from today on, nor does what would follow it. ``is_mistake``: it never counted.

    Raises :class:`BusinessError` without a reason, or for a mistake after something was bought; :class:`Conflict`
    when it is over already.
    """
    at = at or timezone.now()
    today = timezone.localdate(at)
    reason = " ".join(reason.split())[:200]
    held = locked_person(right.person)
    right = AccessRight.objects.select_for_update(of=("self",)).get(pk=right.pk)
    if right.ended_on is not None:
        return right
    if not reason:
        raise BusinessError(_("Écrivez pourquoi : cela reste dans l’histoire."), field="reason")
    if right.standing_on(today) == rights.OVER:
        raise Conflict(
            _("Ces droits sont déjà finis, le %(day)s.") % {"day": day_short(right.ends_on, year=True)}
        )
    if is_mistake and Sale.objects.of_persons(identity_ids(held)).filter(on__gte=right.begins_on).exists():
        raise BusinessError(
            _("Des achats ont été faits avec ces droits. Fermez-les sans cocher l’erreur."),
            field="is_mistake",
        )
    follower = AccessRight.objects.select_for_update(of=("self",)).filter(renews=right, ended_on=None).first()
    for one in filter(None, (follower, right)):
        one.ended_on, one.end_reason, one.is_mistake = today, reason, is_mistake
        one.ended_by = name_of(by)
        one.save(update_fields=["ended_on", "end_reason", "is_mistake", "ended_by"])
    right_changed.send(sender=AccessRight, right=right, what="ended", by=by, at=at)
    _trail(right, "right.end", by=by, at=at)
    return right


# ---------- inside ----------
def _read_source(source: str) -> str:
    kind, _colon, rest = source.partition(":")
    if kind == "voucher":
        rest = "".join(rest.upper().split())[:40]
        if not rest:
            raise BusinessError(_("Écrivez le numéro du bon."), field="number")
        return f"voucher:{rest}"
    if kind not in {"referral", "decision"} or (kind == "referral" and not rest):
        raise ValueError(f"a right is not opened by {source!r}")
    return source[:80]


def _form_used() -> FormUsed:
    return FormUsed(_("Cette page a déjà servi. Envoyez à nouveau : ce que vous avez tapé est gardé."))


def _already_used(before: AccessRight) -> Conflict:
    """Says when, never by whom."""
    return Conflict(
        _("Ce bon a déjà ouvert des droits le %(day)s. Relisez son numéro.")
        % {"day": day_short(before.opened_at, year=True)},
        field="number",
    )


def _written(right: AccessRight, what: str, verb: str, *, by: By, at: datetime) -> AccessRight:
    try:
        with transaction.atomic():
            right.save(force_insert=True)
    except IntegrityError as error:  # the same voucher, for someone else at this moment; or the same form
        before = AccessRight.objects.filter(source=right.source, is_mistake=False).first()
        raise (_already_used(before) if before else Conflict(_("C’est déjà noté."))) from error
    right_changed.send(sender=AccessRight, right=right, what=what, by=by, at=at)
    _trail(right, verb, by=by, at=at)
    return right


def _trail(right: AccessRight, verb: str, *, by: By, at: datetime) -> None:
    record(
        actor_of(by),
        verb,
        at=at,
        place=right.node.uuid,
        person=right.person.uuid,
        thing=f"access_right:{right.uuid}",
    )
