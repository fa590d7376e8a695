"""What is sold and at what price; the figures of the programme."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts.domain.roles import Ability
from bagage.common.errors import BusinessError
from bagage.connection.queries.lines import ranges_on_sale
from bagage.shop import words
from bagage.shop.forms import ProductForm, RulesForm
from bagage.shop.models import Product
from bagage.shop.permissions import can_run_shop, can_see_products
from bagage.shop.queries.rights import shop_rules
from bagage.shop.services import add_product, change_product, change_rules, end_product, resume_product
from bagage.shop.views.shared import show_refusal, status_of, who


def _may_run(request: HttpRequest) -> None:
    if not can_run_shop(who(request)):
        raise PermissionDenied


@require_safe
def products(request: HttpRequest) -> HttpResponse:
    """All that is sold, and what was."""
    user = who(request)
    if not can_see_products(user):
        raise PermissionDenied
    found = list(Product.objects.select_related("line", "offer"))
    return render(
        request,
        "shop/products.html",
        {
            "on_sale": [one for one in found if one.is_on_sale],
            "ended": [one for one in found if not one.is_on_sale],
            "icons": words.KIND_ICONS,
            "may_run": can_run_shop(user),
            "may_sell": user.can(Ability.SELL),
            "rules": shop_rules(),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def product_add(request: HttpRequest) -> HttpResponse:
    """A product more."""
    _may_run(request)
    form = ProductForm(request.POST or None, ranges=ranges_on_sale(timezone.localdate()))
    if request.method == "POST" and form.is_valid():
        try:
            product = add_product(**form.values, key=form.cleaned_data["key"], by=who(request))
        except BusinessError as error:
            show_refusal(form, error, line="choice", offer="choice")
        else:
            messages.success(request, _("%(name)s est en vente.") % {"name": product.name})
            return redirect("shop:products")
    return render(request, "shop/product_form.html", {"form": form, "product": None}, status=status_of(form))


@require_http_methods(["GET", "HEAD", "POST"])
def product_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Its price, its name, what it counts in; sales keep what they had."""
    _may_run(request)
    product = get_object_or_404(Product.objects.select_related("line", "offer"), uuid=uuid)
    form = ProductForm(request.POST or None, ranges=ranges_on_sale(timezone.localdate()), product=product)
    if request.method == "POST" and form.is_valid():
        try:
            product = change_product(product, by=who(request), **form.values)
        except BusinessError as error:
            show_refusal(form, error, line="choice", offer="choice")
        else:
            messages.success(request, _("C’est changé. Les ventes déjà faites gardent leur prix."))
            return redirect("shop:products")
    return render(
        request, "shop/product_form.html", {"form": form, "product": product}, status=status_of(form)
    )


@require_POST
def product_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """It is sold no more."""
    _may_run(request)
    product = end_product(get_object_or_404(Product, uuid=uuid), by=who(request))
    messages.success(request, _("%(name)s ne se vend plus. Son stock reste compté.") % {"name": product.name})
    return redirect("shop:products")


@require_POST
def product_resume(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """It is sold again."""
    _may_run(request)
    product = resume_product(get_object_or_404(Product, uuid=uuid), by=who(request))
    messages.success(request, _("%(name)s est de nouveau en vente.") % {"name": product.name})
    return redirect("shop:products")


@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """The figures of the programme: examples until someone writes them."""
    _may_run(request)
    known = shop_rules()
    form = RulesForm(request.POST or None, rules=known)
    if request.method == "POST" and form.is_valid():
        try:
            change_rules(by=who(request), **form.cleaned_data)
        except BusinessError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("C’est noté. Ce qui est déjà ouvert ou vendu reste comme il était."))
            return redirect("shop:rules")
    return render(request, "shop/rules.html", {"form": form, "rules": known}, status=status_of(form))
