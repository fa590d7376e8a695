"""The tree: the network, its cities, permanences, and the organisations that refer or partner."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts import permissions, queries, services
from bagage.accounts.domain.roles import Ability
from bagage.accounts.forms import OrganisationForm, kinds_below
from bagage.accounts.models import Organisation, User
from bagage.common import words
from bagage.common.errors import BusinessError

ICONS = {
    "network": "network",
    "antenna": "building-2",
    "permanence": "map-pin",
    "referring": "send",
    "partner": "handshake",
}


def _me(request: HttpRequest) -> User:
    """Who asks; 403 unless she runs organisations somewhere."""
    user = request.user
    if not isinstance(user, User) or not permissions.can_see_organisations(user):
        raise PermissionDenied
    return user


def _seen(user: User) -> frozenset[int]:
    return user.node_ids(Ability.RUN_STAFF) | user.node_ids(Ability.RUN_REFERRERS)


def _node(user: User, uuid: UUID) -> Organisation:
    """A node of the user's scope; 404 otherwise."""
    return get_object_or_404(Organisation.objects.filter(pk__in=_seen(user)), uuid=uuid)


def _kinds(user: User, parent: Organisation) -> tuple[str, ...]:
    """What the user may add under a node."""
    return tuple(kind for kind in kinds_below(parent) if permissions.can_add_organisation(user, parent, kind))


@require_safe
def organisations(request: HttpRequest) -> HttpResponse:
    """The tree, with who works where."""
    user = _me(request)
    lines: list[dict[str, Any]] = [
        {
            "node": branch.node,
            "depth": branch.depth,
            "people": branch.people,
            "icon": ICONS[branch.node.kind],
            "may_add": branch.node.is_open and bool(_kinds(user, branch.node)),
            "may_run": permissions.can_run_organisation(user, branch.node),
        }
        for branch in queries.organisation_tree(_seen(user))
    ]
    return render(
        request,
        "accounts/organisations.html",
        {"lines": lines, "may_see_staff": permissions.can_see_staff(user)},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def organisation_add(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One more place under this one."""
    user = _me(request)
    parent = _node(user, uuid)
    kinds = _kinds(user, parent)
    if not kinds:
        raise PermissionDenied
    form = OrganisationForm(
        request.POST or None, kinds=kinds, initial={"kind": kinds[0], "city": parent.city}
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.add_organisation(parent, by=user, **form.cleaned_data)
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("« %(name)s » est là.") % {"name": form.cleaned_data["name"]})
            return redirect("accounts:organisations")
    return render(
        request,
        "accounts/organisation_add.html",
        {"form": form, "parent": parent},
        status=422 if form.errors else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def organisation_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Another name, address or phone; closing."""
    user = _me(request)
    node = _node(user, uuid)
    if not permissions.can_run_organisation(user, node):
        raise PermissionDenied
    initial = {name: getattr(node, name) for name in ("name", "city", "address")}
    initial["phone"] = words.phone(node.phone)
    form = OrganisationForm(request.POST or None, kinds=None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_organisation(node, by=user, **form.cleaned_data)
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("C’est noté."))
            return redirect("accounts:organisations")
    return render(
        request,
        "accounts/organisation_edit.html",
        {"form": form, "node": node, "may_close": node.kind != Organisation.Kind.NETWORK},
        status=422 if form.errors else 200,
    )


@require_POST
def organisation_close(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A place that is used no more."""
    user = _me(request)
    node = _node(user, uuid)
    if not permissions.can_run_organisation(user, node):
        raise PermissionDenied
    services.close_organisation(node, by=user)
    messages.success(request, _("« %(name)s » est fermé. Son passé reste.") % {"name": node.name})
    return redirect("accounts:organisations")


@require_POST
def organisation_reopen(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A closed place is used again."""
    user = _me(request)
    node = _node(user, uuid)
    if not permissions.can_run_organisation(user, node):
        raise PermissionDenied
    services.reopen_organisation(node, by=user)
    messages.success(request, _("« %(name)s » est rouvert.") % {"name": node.name})
    return redirect("accounts:organisations")
