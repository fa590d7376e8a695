"""The till of a site: opened, closed, and those before."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bagage.accounts.domain.roles import Ability
from bagage.common.errors import BusinessError
from bagage.connection.words import euros
from bagage.shop.forms import TillCloseForm, TillOpenForm
from bagage.shop.queries.tills import open_till_of, till_shown, tills_of
from bagage.shop.services import close_till, open_till
from bagage.shop.views.shared import show_refusal, site_for, status_of, who

SHOWN = 20


@require_http_methods(["GET", "HEAD", "POST"])
def till(request: HttpRequest) -> HttpResponse:
    """Open it, or count and close it; those before with their difference and the word that explains it."""
    site = site_for(request, Ability.SELL)
    if site is None:
        return render(request, "shop/counter_none.html")
    current = open_till_of(site)
    closes = request.POST.get("act") == "close"
    # The one that was counted, whatever was opened since.
    asked = request.POST.get("till", "")
    closing = next((one for one in tills_of(site)[:SHOWN] if str(one.uuid) == asked), None) or current
    form: TillOpenForm | TillCloseForm
    # A form that was sent for what is no longer so is still read as what it was.
    if (request.method == "POST" and closes) or (request.method != "POST" and current is not None):
        form = TillCloseForm(request.POST or None)
    else:
        form = TillOpenForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            if isinstance(form, TillOpenForm):
                open_till(site, float_amount=data["float_amount"], key=data["key"], by=who(request))
                messages.success(request, _("La caisse est ouverte."))
                return redirect("shop:counter")
            if closing is None:
                raise BusinessError(_("La caisse n’est pas ouverte."))
            closed = close_till(closing, counted=data["counted"], word=data["word"], by=who(request))
            messages.success(
                request, _("La caisse est fermée, avec %(money)s.") % {"money": euros(closed.counted)}
            )
            return redirect("shop:till")
        except BusinessError as error:
            show_refusal(form, error)
    return render(
        request,
        "shop/till.html",
        {
            "here": site,
            "form": form,
            "closes": isinstance(form, TillCloseForm),
            "closing": closing,
            "current": till_shown(current) if current else None,
            "tills": [till_shown(one) for one in tills_of(site)[:SHOWN] if not one.is_open],
        },
        status=status_of(form),
    )
