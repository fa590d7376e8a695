"""What lies at a site: received, counted, moved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bagage.accounts.domain.roles import Ability
from bagage.common.errors import BusinessError
from bagage.permanences.models import Site
from bagage.permanences.queries import sites_for
from bagage.shop import words
from bagage.shop.forms import StockCountForm, StockMoveForm, StockReceiveForm
from bagage.shop.models import Product
from bagage.shop.permissions import can_keep_stock, can_sell
from bagage.shop.queries.stock import movements_at, stock_at, stocked_at
from bagage.shop.services import count_stock, move_stock, receive_stock
from bagage.shop.views.shared import show_refusal, site_for, status_of, stock_ability, who


@require_safe
def stock(request: HttpRequest) -> HttpResponse:
    """What lies here, what is low, what came and went."""
    user = who(request)
    site = site_for(request, stock_ability(user))
    if site is None:
        return render(request, "shop/counter_none.html")
    return render(
        request,
        "shop/stock.html",
        {
            "here": site,
            "others": [one for one in sites_for(user, stock_ability(user)) if one.pk != site.pk],
            "rows": stocked_at(site),
            "movements": [(one, words.movement_words(one)) for one in movements_at(site)],
            "icons": words.MOVEMENT_ICONS,
            "may_keep": can_keep_stock(user, site),
            "can_sell_here": can_sell(user, site),
        },
    )


def _place(request: HttpRequest, uuid: UUID) -> tuple[Product, Site]:
    """A product, at a site whose stock one keeps."""
    site = site_for(request, Ability.KEEP_STOCK)
    if site is None:
        raise PermissionDenied
    return get_object_or_404(Product, uuid=uuid), site


def _act(
    request: HttpRequest,
    product: Product,
    site: Site,
    form: forms.Form,
    save: Callable[[dict[str, Any]], object],
    **facts: str,
) -> HttpResponse:
    """One act on the stock of one product: the form, the service, the stock as it now is."""
    if request.method == "POST" and form.is_valid():
        try:
            save(form.cleaned_data)
        except BusinessError as error:
            show_refusal(form, error)
        else:
            here = stock_at(site).get(product.pk, 0)
            messages.success(
                request,
                _("C’est noté. %(name)s : il y en a %(count)s ici.") % {"name": product.name, "count": here},
            )
            return redirect(f"{reverse('shop:stock')}?site={site.uuid}")
    return render(
        request,
        "shop/stock_act.html",
        {
            "product": product,
            "here": site,
            "count": stock_at(site).get(product.pk, 0),
            "form": form,
            **facts,
        },
        status=status_of(form),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def stock_receive(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What came in."""
    product, site = _place(request, uuid)
    return _act(
        request,
        product,
        site,
        StockReceiveForm(request.POST or None),
        lambda data: receive_stock(
            product,
            site=site,
            quantity=data["quantity"],
            reason=data["reason"],
            key=data["key"],
            by=who(request),
        ),
        heading=_("Noter du stock reçu"),
        send=_("Ajouter au stock"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def stock_count(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What was found."""
    product, site = _place(request, uuid)
    return _act(
        request,
        product,
        site,
        StockCountForm(request.POST or None),
        lambda data: count_stock(
            product,
            site=site,
            counted=data["counted"],
            reason=data["reason"],
            key=data["key"],
            by=who(request),
        ),
        heading=_("Compter le stock"),
        send=_("Noter ce qui est compté"),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def stock_move(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What goes to another site."""
    product, site = _place(request, uuid)
    others = [one for one in sites_for(who(request), Ability.KEEP_STOCK) if one.pk != site.pk]
    form = StockMoveForm(request.POST or None, sites=others)
    return _act(
        request,
        product,
        site,
        form,
        lambda data: move_stock(
            product,
            source=site,
            target=form.site,
            quantity=data["quantity"],
            reason=data["reason"],
            key=data["key"],
            by=who(request),
        ),
        heading=_("Déplacer vers une autre permanence"),
        send=_("Déplacer"),
    )
