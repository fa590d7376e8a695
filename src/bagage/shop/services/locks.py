"""The rows that are held until an act is done; their order is told in the package's text."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.translation import gettext as _

from bagage.common.errors import BusinessError, Conflict
from bagage.people.models import Person
from bagage.permanences.models import Site
from bagage.shop.models import Product, StockPlace, Till


def locked_person(person: Person) -> Person:
    """The file that is kept for her, held: what counts for one person waits here, at whatever site it is done."""
    key = person.merged_into_id or person.pk
    while True:
        held = Person.objects.select_for_update(of=("self",)).get(pk=key)
        if held.merged_into_id is None:
            break
        key = held.merged_into_id  # marked as another's meanwhile
    if held.erased_at is not None:
        raise Conflict(_("Ce dossier a été effacé : rien ne s’y ajoute."))
    return held


def locked_till(site: Site) -> Till:
    """The open till of a site, held. Raises :class:`BusinessError` when the site is closed, or none is open there."""
    if not site.organisation.is_open:
        raise BusinessError(_("Cette permanence est fermée : rien ne s’y vend. Choisissez-en une autre."))
    found = Till.objects.filter(site=site, closed_at=None).first()
    held = (
        Till.objects.select_for_update(of=("self",)).filter(pk=found.pk, closed_at=None).first()
        if found
        else None
    )
    if held is None:
        raise BusinessError(_("La caisse n’est pas ouverte. Ouvrez-la, puis recommencez."), field="till")
    return held


def locked_places(site: Site, products: Iterable[Product]) -> dict[int, StockPlace]:
    """The places of these products at a site, by the key of the product, held in the order of their own keys."""
    wanted = sorted({product.pk for product in products})
    for product_id in wanted:
        StockPlace.objects.get_or_create(product_id=product_id, site=site)
    held = (
        StockPlace.objects.select_for_update(of=("self",))
        .filter(site=site, product_id__in=wanted)
        .order_by("pk")
    )
    return {place.product_id: place for place in held}
