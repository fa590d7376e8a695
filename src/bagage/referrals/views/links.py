"""The links by which organisations refer without an account."""

from __future__ import annotations

import uuid as uuids

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts.models import User
from bagage.common.errors import BusinessError
from bagage.common.qr import qr_svg
from bagage.referrals import queries, services
from bagage.referrals.forms.referrals import LinkForm
from bagage.referrals.models import OrganisationLink
from bagage.referrals.permissions import can_run_link, can_run_links

SHOWN_ONCE = "referrals.new_link"


def _runner(request: HttpRequest) -> User:
    """Whoever runs referring organisations somewhere; 403 otherwise."""
    assert isinstance(request.user, User)
    if not can_run_links(request.user):
        raise PermissionDenied
    return request.user


@require_http_methods(["GET", "HEAD", "POST"])
def links(request: HttpRequest) -> HttpResponse:
    """The links in use and those that ended; a new one."""
    user = _runner(request)
    organisations = list(queries.referring_organisations_run_by(user))
    form = LinkForm(request.POST or None, organisations=organisations)
    if request.method == "POST" and form.is_valid():
        try:
            link, secret = services.create_organisation_link(
                form.cleaned_data["organisation"], email_domains=[form.cleaned_data["email_domains"]], by=user
            )
        except BusinessError as error:
            form.add_error(error.field or None, str(error))
        else:
            # Kept for the one page that shows it, and taken away by it.
            request.session[SHOWN_ONCE] = {"uuid": str(link.uuid), "secret": secret}
            return redirect("referrals:link_sheet", uuid=link.uuid)
    context = {"form": form, "links": list(queries.links_run_by(user)[:200]), "organisations": organisations}
    return render(request, "referrals/links.html", context, status=422 if form.errors else 200)


def _in_scope(request: HttpRequest, uuid: uuids.UUID) -> tuple[User, OrganisationLink]:
    """A link of an organisation that one runs; 404 for any other."""
    user = _runner(request)
    link = get_object_or_404(OrganisationLink.objects.select_related("organisation"), uuid=uuid)
    if not can_run_link(user, link):
        raise Http404
    return user, link


@require_safe
def sheet(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """The new link with its QR, to print or copy: shown once, since only its hash is kept."""
    _user, link = _in_scope(request, uuid)
    kept = request.session.get(SHOWN_ONCE) or {}
    if kept.get("uuid") != str(link.uuid):
        messages.info(
            request, _("Ce lien ne peut plus être montré. Perdu ? Éteignez-le et faites-en un autre.")
        )
        return redirect("referrals:links")
    if request.method == "GET":
        del request.session[SHOWN_ONCE]
    address = settings.PUBLIC_URL + reverse("referrals:enter", kwargs={"secret": kept["secret"]})
    context = {"link": link, "address": address, "qr": qr_svg(address, _("Code à scanner pour orienter"))}
    return render(request, "referrals/link_sheet.html", context)


@require_POST
def end(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """Put a link out."""
    user, link = _in_scope(request, uuid)
    services.end_organisation_link(link, by=user)
    messages.success(request, _("Le lien est éteint. Ce qui a été orienté par lui continue."))
    return redirect("referrals:links")
