"""A place keeps its own record true: its page without an account, the link that opens it, what waits to be read."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.common.errors import BusinessError
from bagage.common.ratelimit import limit
from bagage.common.words import is_french
from bagage.directory import words
from bagage.directory.domain.needs import Need
from bagage.directory.forms import OwnRecordForm
from bagage.directory.models import Proposal, Service, Structure
from bagage.directory.services import proposals
from bagage.directory.views.allowed import keeper_of

SHOWN = 50
NOT_ASKED = {Need.UNKNOWN.value, Need.OTHER.value}


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def own(request: HttpRequest, token: str) -> HttpResponse:
    """The record of a place, as it may correct it; "all is true still" is one gesture."""
    limit(request, "own_record", "120/m/ip")
    structure = proposals.structure_of_token(token)
    is_true = request.method == "POST" and "still_true" in request.POST
    form = OwnRecordForm(
        request.POST if request.method == "POST" and not is_true else None, initial=_initial(structure)
    )
    if is_true:
        proposals.propose(structure, {}, key=_key(request))
        messages.success(request, _("Merci : votre fiche est à jour, c’est noté."))
        return redirect("directory:own", token=token)
    if request.method == "POST" and form.is_valid():
        kept = proposals.propose(
            structure,
            form.values,
            words=form.cleaned_data["words"],
            signed_by=form.cleaned_data["signed_by"],
            key=form.cleaned_data["key"],
        )
        said = (
            _("Merci. Quelqu’un lit vos corrections, puis elles paraissent.")
            if kept
            else _("Merci, c’est noté.")
        )
        messages.success(request, said)
        return redirect("directory:own", token=token)
    context = {
        "structure": structure,
        "name": words.calm(structure.name),
        "address": words.place_words(structure),
        "form": form,
        "waiting": Proposal.objects.filter(structure=structure, state=Proposal.State.WAITING).count(),
        "public_url": reverse("directory:place", args=[structure.uuid]),
    }
    return render(request, "directory/own.html", context, status=422 if form.errors else 200)


def _key(request: HttpRequest) -> UUID:
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError as error:
        raise BusinessError(_("Cette page est trop ancienne : rechargez-la.")) from error


def _initial(structure: Structure) -> dict[str, Any]:
    return {
        "phone": structure.phone,
        "email": structure.email,
        "website": structure.website,
        # In words that can be read back; in other languages, in the form that they stand in.
        "hours": (words.hours_words(structure.hours, None) if is_french() else "") or structure.hours,
        "closed_until": structure.closed_until,
        "services": [
            need
            for service in structure.services.all()
            for need in service.all_needs
            if need not in NOT_ASKED
        ],
    }


# ---------- here ----------
@require_POST
def own_link(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The link of a place, to copy into a message or to print; shown once, handed over by who asked for it."""
    user = keeper_of(request)
    structure = Structure.objects.filter(uuid=uuid, ended_at=None).first()
    if structure is None:
        raise Http404
    token = proposals.give_link(structure, by=user)
    return render(
        request,
        "directory/own_link.html",
        {
            "structure": structure,
            "name": words.calm(structure.name),
            "link": request.build_absolute_uri(reverse("directory:own", args=[token])),
            "until": timezone.now() + proposals.LINK_LIFE,
            "back": reverse("directory:structure", args=[structure.uuid]),
        },
    )


@require_POST
def own_link_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take back all the links that were given to a place."""
    user = keeper_of(request)
    structure = Structure.objects.filter(uuid=uuid).first()
    if structure is None:
        raise Http404
    proposals.end_links(structure, by=user)
    messages.success(request, _("Les liens de ce lieu sont retirés : plus aucun n’ouvre sa fiche."))
    return redirect("directory:structure", uuid=uuid)


def _field_words(name: str) -> str:
    return {
        "phone": _("Téléphone"),
        "email": _("Mail"),
        "website": _("Site"),
        "hours": _("Horaires"),
        "services": _("Ce qu’on y propose"),
        "closed_until": _("Fermé jusqu’au"),
    }.get(name, name)


def _value_words(name: str, value: Any) -> str:
    if value in (None, "", []):
        return _("rien")
    if name == "services":
        labels = dict(Service.NeedChoice.choices)
        return ", ".join(str(labels.get(need, need)) for need in value)
    if name == "hours":
        return words.hours_words(str(value), None) or str(value)
    return str(value)


@require_safe
def proposal_list(request: HttpRequest) -> HttpResponse:
    """What places say of themselves and nobody has read yet, the oldest first."""
    keeper_of(request)
    rows = (
        Proposal.objects.filter(state=Proposal.State.WAITING)
        .select_related("structure")
        .order_by("created_at", "pk")
    )
    shown = [
        {
            "proposal": row,
            "name": words.calm(row.structure.name),
            "city": row.structure.city,
            "url": reverse("directory:structure", args=[row.structure.uuid]),
            "lines": [
                {
                    "name": name,
                    "label": _field_words(name),
                    "was": _value_words(name, row.was.get(name)),
                    "value": _value_words(name, value),
                }
                for name, value in row.values.items()
            ],
        }
        for row in rows[:SHOWN]
    ]
    return render(request, "directory/proposals.html", {"shown": shown, "total": rows.count()})


@require_POST
def proposal_decide(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Accept the ticked fields, or refuse with the reason."""
    user = keeper_of(request)
    proposal = Proposal.objects.filter(uuid=uuid).first()
    if proposal is None:
        raise Http404
    if "refuse" in request.POST:
        proposals.refuse(proposal, request.POST.get("reason", ""), by=user)
        messages.success(request, _("Refusé : la fiche reste comme elle était."))
    else:
        proposals.accept(proposal, request.POST.getlist("field"), by=user)
        messages.success(request, _("Accepté : la fiche le dit maintenant."))
    return redirect("directory:proposals")
