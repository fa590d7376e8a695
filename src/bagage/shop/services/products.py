"""What is sold and at what price; the figures of the programme."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import User, actor_of, name_of
from bagage.common.errors import BusinessError, Conflict
from bagage.connection.models import Line, Offer
from bagage.connection.words import euros
from bagage.shop.models import MOST_CENTS, Product, ShopRules
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

By = User | Actor
FIELDS = (
    "kind",
    "name",
    "details",
    "line",
    "offer",
    "days",
    "price",
    "needs_right",
    "counts_in_cap",
    "is_stocked",
    "low_level",
)
RULES = ("right_months", "renewals", "cap", "period", "warn_days")


@transaction.atomic
def add_product(
    *,
    kind: str,
    name: str,
    price: int,
    details: str = "",
    line: Line | None = None,
    offer: Offer | None = None,
    days: int | None = None,
    needs_right: bool = True,
    counts_in_cap: bool = True,
    is_stocked: bool = True,
    low_level: int = 5,
    key: str,
    by: By,
    at: datetime | None = None,
) -> Product:
    """A product on sale from now on; ``price`` in cents, ``days`` for how long a top-up lives.

    Raises :class:`BusinessError` for a name that is on sale, a price beyond reason, an offer that is not of the range
    or is no top-up.
    """
    at = at or timezone.now()
    known = Product.objects.filter(key=key[:64]).first()
    if known is not None:
        return known
    product = Product(
        kind=kind,
        name=" ".join(name.split())[:120],
        details=" ".join(details.split())[:120],
        line=line,
        offer=offer,
        days=days,
        price=price,
        needs_right=needs_right,
        counts_in_cap=counts_in_cap,
        is_stocked=is_stocked,
        low_level=low_level,
        position=Product.objects.count(),
        key=key[:64],
        created_at=at,
    )
    _check(product)
    _save(product, force_insert=True)
    _trail(product, "product.add", by=by, at=at)
    return product


@transaction.atomic
def change_product(product: Product, *, by: By, at: datetime | None = None, **fields: Any) -> Product:
    """Change what it is from now on; sales keep the name and the price that they had.

    ``fields`` are those of :func:`add_product`. Raises as it does.
    """
    at = at or timezone.now()
    held = Product.objects.select_for_update(of=("self",)).get(pk=product.pk)
    changed = [name for name in FIELDS if name in fields and getattr(held, name) != fields[name]]
    if not changed:
        return held
    for name in changed:
        value = fields[name]
        setattr(held, name, " ".join(value.split())[:120] if isinstance(value, str) else value)
    _check(held)
    _save(held, update_fields=changed)
    _trail(held, "product.change", by=by, at=at, fields=changed)
    return held


@transaction.atomic
def end_product(product: Product, *, by: By, at: datetime | None = None) -> Product:
    """It is sold no more; what lies in stock stays counted."""
    at = at or timezone.now()
    held = Product.objects.select_for_update(of=("self",)).get(pk=product.pk)
    if held.ended_at is None:
        held.ended_at = at
        held.save(update_fields=["ended_at"])
        _trail(held, "product.end", by=by, at=at)
    return held


@transaction.atomic
def resume_product(product: Product, *, by: By, at: datetime | None = None) -> Product:
    """It is sold again. Raises :class:`BusinessError` when another one has its name meanwhile."""
    at = at or timezone.now()
    held = Product.objects.select_for_update(of=("self",)).get(pk=product.pk)
    if held.ended_at is not None:
        held.ended_at = None
        _save(held, update_fields=["ended_at"])
        _trail(held, "product.resume", by=by, at=at)
    return held


@transaction.atomic
def change_rules(*, by: By, at: datetime | None = None, **fields: Any) -> ShopRules:
    """Write the figures of the programme (``right_months``, ``renewals``, ``cap`` in cents, ``period``, ``warn_days``).

    They are examples no longer, whether they changed or not: someone has confirmed them. What was opened and sold
    before stays as it was.
    """
    at = at or timezone.now()
    ShopRules.objects.get_or_create(pk=1)
    rules = ShopRules.objects.select_for_update(of=("self",)).get(pk=1)
    changed = [name for name in RULES if name in fields and getattr(rules, name) != fields[name]]
    if not changed and not rules.is_example:
        return rules
    for name in changed:
        setattr(rules, name, fields[name])
    if not 0 <= rules.cap <= MOST_CENTS:
        raise BusinessError(_("Un montant entre 0 et %(most)s.") % {"most": euros(MOST_CENTS)}, field="cap")
    rules.is_example, rules.changed_by, rules.changed_at = False, name_of(by), at
    rules.save()
    record(actor_of(by), "shop.rules", at=at, fields=changed)
    return rules


# ---------- inside ----------
def _check(product: Product) -> None:
    if not product.name:
        raise BusinessError(_("Écrivez un nom."), field="name")
    if not 0 <= product.price <= MOST_CENTS:
        raise BusinessError(_("Un montant entre 0 et %(most)s.") % {"most": euros(MOST_CENTS)}, field="price")
    if product.kind == Product.Kind.ACCESSORY and (product.line or product.offer):
        raise BusinessError(_("Un accessoire n’a pas de gamme d’opérateur."), field="line")
    if product.offer is None:
        return
    if product.line is None or product.offer.line_id != product.line.pk:
        raise BusinessError(_("Cette offre ne se vend pas sur cette ligne."), field="offer")
    if product.kind == Product.Kind.TOP_UP and product.offer.kind != Offer.Kind.TOP_UP:
        raise BusinessError(
            _("C’est un forfait, pas une recharge : il se souscrit chez l’opérateur."), field="offer"
        )


def _save(product: Product, **how: Any) -> None:
    try:
        with transaction.atomic():
            product.save(**how)
    except IntegrityError as error:
        raise Conflict(_("Un produit en vente a déjà ce nom. Donnez-en un autre."), field="name") from error


def _trail(product: Product, verb: str, *, by: By, at: datetime, fields: list[str] | None = None) -> None:
    record(actor_of(by), verb, at=at, thing=f"product:{product.uuid}", fields=fields or [])
