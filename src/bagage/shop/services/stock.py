"""What comes to a site, is counted there, or moves to another; sales write their own movements."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import User, actor_of, name_of
from bagage.common.errors import BusinessError, Conflict
from bagage.permanences.models import Site
from bagage.shop.models import Product, StockMovement, StockPlace
from bagage.shop.services.locks import locked_places
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

By = User | Actor
MOST = 100_000


@transaction.atomic
def receive_stock(
    product: Product,
    *,
    site: Site,
    quantity: int,
    reason: str = "",
    key: str,
    by: By,
    at: datetime | None = None,
) -> StockMovement:
    """So many pieces came in at a site; ``reason`` may say from whom. Raises :class:`BusinessError` for none."""
    at = at or timezone.now()
    known = _known(key)
    if known is not None:
        return known
    _check_stocked(product)
    if not 1 <= quantity <= MOST:
        raise BusinessError(_("Un nombre entre 1 et %(most)s.") % {"most": MOST}, field="quantity")
    place = locked_places(site, [product])[product.pk]
    movement = write_movement(
        place, StockMovement.Kind.RECEIVED, quantity, reason=reason, key=key, by=by, at=at
    )
    _trail(product, site, "stock.receive", by=by, at=at)
    return movement


@transaction.atomic
def count_stock(
    product: Product,
    *,
    site: Site,
    counted: int,
    reason: str = "",
    key: str,
    by: By,
    at: datetime | None = None,
) -> StockMovement:
    """So many pieces were counted; the difference with what should be there is written, and needs a word.

    Raises :class:`BusinessError` for a difference without a word.
    """
    at = at or timezone.now()
    known = _known(key)
    if known is not None:
        return known
    _check_stocked(product)
    if not 0 <= counted <= MOST:
        raise BusinessError(_("Un nombre entre 0 et %(most)s.") % {"most": MOST}, field="counted")
    place = locked_places(site, [product])[product.pk]
    expected = quantity_at(place)
    if counted != expected and not reason.strip():
        raise BusinessError(
            _("Il devrait y en avoir %(expected)s. Recomptez, ou écrivez pourquoi.") % {"expected": expected},
            field="reason",
        )
    movement = write_movement(
        place,
        StockMovement.Kind.ADJUSTED,
        counted - expected,
        counted=counted,
        reason=reason,
        key=key,
        by=by,
        at=at,
    )
    _trail(product, site, "stock.count", by=by, at=at)
    return movement


@transaction.atomic
def move_stock(
    product: Product,
    *,
    source: Site,
    target: Site,
    quantity: int,
    reason: str = "",
    key: str,
    by: By,
    at: datetime | None = None,
) -> StockMovement:
    """So many pieces go from one site to another. Raises :class:`BusinessError` when fewer lie there."""
    at = at or timezone.now()
    known = _known(key)
    if known is not None:
        return known
    _check_stocked(product)
    if source.pk == target.pk:
        raise BusinessError(_("Choisissez une autre permanence que celle de départ."), field="target")
    if not 1 <= quantity <= MOST:
        raise BusinessError(_("Un nombre entre 1 et %(most)s.") % {"most": MOST}, field="quantity")
    for site in (source, target):
        StockPlace.objects.get_or_create(product=product, site=site)
    held = {
        place.site_id: place
        for place in StockPlace.objects.select_for_update(of=("self",))
        .filter(product=product, site__in=[source, target])
        .order_by("pk")
    }
    here = quantity_at(held[source.pk])
    if quantity > here:
        raise BusinessError(
            _("Il n’en reste que %(count)s ici : déplacez-en moins, ou comptez d’abord.") % {"count": here},
            field="quantity",
        )
    movement = write_movement(
        held[source.pk],
        StockMovement.Kind.MOVED,
        -quantity,
        other=held[target.pk],
        reason=reason,
        key=key,
        by=by,
        at=at,
    )
    write_movement(
        held[target.pk],
        StockMovement.Kind.MOVED,
        quantity,
        other=held[source.pk],
        reason=reason,
        key=f"{key[:64]}:arrived",
        by=by,
        at=at,
    )
    for site in (source, target):
        _trail(product, site, "stock.move", by=by, at=at)
    return movement


def quantity_at(place: StockPlace) -> int:
    """What lies there: the sum of its movements. Judge by it only while the place is locked."""
    return place.movements.aggregate(sum=Sum("quantity"))["sum"] or 0


def write_movement(
    place: StockPlace, kind: str, quantity: int, *, key: str, by: By, at: datetime, **fields: object
) -> StockMovement:
    """One movement at a place that is locked."""
    reason = " ".join(str(fields.pop("reason", "")).split())[:200]
    movement = StockMovement(
        place=place,
        kind=kind,
        quantity=quantity,
        reason=reason,
        key=key[:80],
        written_by=name_of(by),
        written_at=at,
        **fields,
    )
    try:
        with transaction.atomic():
            movement.save(force_insert=True)
    except IntegrityError as error:  # the same form, sent twice at the same moment
        raise Conflict(_("C’est déjà noté.")) from error
    return movement


def _known(key: str) -> StockMovement | None:
    return StockMovement.objects.filter(key=key[:80]).first()


def _check_stocked(product: Product) -> None:
    if not product.is_stocked:
        raise BusinessError(
            _("Ce produit n’a pas de stock : il se vend sans compter. Cela se change dans « Produits »."),
            field="product",
        )


def _trail(product: Product, site: Site, verb: str, *, by: By, at: datetime) -> None:
    record(actor_of(by), verb, at=at, place=site.organisation.uuid, thing=f"product:{product.uuid}")
