"""The panorama for anyone, without an account: the search, its list and its map, one place, a frame for partners."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from csp.decorators import csp_replace, csp_update
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.http import require_safe

from bagage.common.words import before_colon, quoted
from bagage.directory import words
from bagage.directory.domain.communes import find_communes, nearest_commune
from bagage.directory.domain.matching import Fit
from bagage.directory.forms import FIRST_NEEDS, OTHER_NEEDS, PublicForm, need_choices
from bagage.directory.models import Structure
from bagage.directory.queries import Found, Near, failing, row_of, search_services
from bagage.directory.views.listed import (
    Shown,
    asked_for,
    changed_url,
    choices_of,
    choices_shown,
    map_url,
    provenance_of,
    service_words,
    shown_place,
    total_words,
    understood_words,
)

SHOWN = 20
MOST = 100
# Pictures of the map may come from there; everything else stays here.
TILES = {"img-src": [settings.MAP_TILES_ORIGIN]} if settings.MAP_TILES_ORIGIN else {}
FRAMED = {"frame-ancestors": list(settings.EMBED_ORIGINS)}


@dataclass(frozen=True, slots=True)
class Around:
    """Where one looks: what the search takes, its name, and why it is nowhere."""

    near: Near = None
    name: str = ""
    problem: str = ""


@require_safe
@login_not_required
@csp_update(TILES)
def places(request: HttpRequest) -> HttpResponse:
    """Who helps around, as a list and a map; a plain form, that works without any script."""
    return _listing(request, "directory/public_list.html")


@require_safe
@login_not_required
@xframe_options_exempt
@csp_replace(FRAMED)
@csp_update(TILES)
def embedded(request: HttpRequest) -> HttpResponse:
    """The same list and map alone, for the site of a partner; what is looked for stands in the address."""
    return _listing(request, "directory/public_embed.html")


def _listing(request: HttpRequest, template: str) -> HttpResponse:
    form = PublicForm(request.GET)
    is_valid = form.is_valid()
    asked = form.cleaned_data
    around = _around(form)
    now = timezone.now()
    found = None
    is_asked = bool(around.near is not None or form.words_free or form.needs)
    if is_valid and not around.problem and is_asked:
        found = search_services(**form.question(now), near=around.near, limit=asked.get("shown") or SHOWN)
    needs = asked_for(form, found)
    wanted = found.wanted if found is not None else {}
    shown = [
        shown_place(row, str(at), needs, now, wanted=wanted) for at, row in enumerate(found or (), start=1)
    ]
    unsaid = next((each for each in shown if needs and each.row.fit not in {Fit.ALL, Fit.SOME}), None)
    context: dict[str, Any] = {
        "form": form,
        "around": around,
        "found": found,
        "shown": [(each, reverse("directory:place", args=[each.row.structure.uuid])) for each in shown],
        "total": _total(found, bool(needs)),
        "first_unsaid": unsaid.number if unsaid is not None else "",
        "unsaid": words.unsaid_words(found.total - found.saying)
        if found is not None and unsaid is not None
        else "",
        "needs": choices_of(need_choices((*FIRST_NEEDS, *OTHER_NEEDS)), form.needs),
        **choices_shown(form),
        "understood": understood_words(found, place_holds=around.near is None),
        "out": [
            (words.out_words(reason, count), changed_url(request, also=[*(asked.get("also") or ()), reason]))
            for reason, count in (found.out.items() if found is not None else ())
        ],
        "more_url": _more_url(request, found, len(shown)),
        "problems": [
            (before_colon(form.fields[name].label or name), " ".join(str(error) for error in errors))
            for name, errors in form.errors.items()
        ],
        "failing": failing(),
        "map": _map(shown, found),
        "now": now,
        "whole_url": f"{reverse('directory:places')}?{request.GET.urlencode()}",
        "embed_url": request.build_absolute_uri(f"{reverse('directory:embedded')}?{request.GET.urlencode()}"),
    }
    return render(request, template, context, status=422 if form.errors or around.problem else 200)


def _total(found: Found | None, is_asked: bool) -> str:
    if found is None:
        return ""
    return words.saying_words(found.saying, found.total) if is_asked else total_words(found.total)


def _around(form: PublicForm) -> Around:
    """A point that the browser or a link gave, else the commune that was written."""
    place, near = form.cleaned_data.get("place") or "", form.cleaned_data.get("near")
    if near is not None and not place:
        there = nearest_commune(*near)
        return Around(near, there.name if there else _("ce point"))
    if not place:
        return Around()
    found = find_communes(place, 1)
    if not found:
        said = _("On ne trouve pas %(place)s. Écrivez un code postal, ou le nom d’une commune.")
        return Around(name=place, problem=said % {"place": quoted(place)})
    return Around(found[0].code, found[0].name)


def _more_url(request: HttpRequest, found: Found | None, count: int) -> str:
    if found is None or count >= min(found.total, MOST):
        return ""
    return changed_url(request, shown=[str(min(MOST, count + SHOWN))])


def _map(shown: list[Shown], found: Found | None) -> dict[str, Any]:
    """What the map draws: numbered points, and where one looks from. Positions are degrees."""
    pins = [
        {
            "at": [each.row.structure.latitude, each.row.structure.longitude],
            "number": each.number,
            "css": each.css,
            "name": each.name,
        }
        for each in shown
        if each.row.structure.latitude is not None
    ]
    return {
        "pins": pins,
        "point": list(found.point) if found is not None and found.point else None,
        "tiles": settings.MAP_TILES,
        "credit": settings.MAP_CREDIT,
    }


# ---------- one place ----------
@require_safe
@login_not_required
@csp_update(TILES)
def place(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One place: what it gives, when, where, and who says so. Its address stays, also once nobody lists it."""
    found = (
        Structure.objects.select_related("same_as", "feed")
        .prefetch_related("services")
        .filter(uuid=uuid)
        .first()
    )
    if found is None:
        raise Http404
    now = timezone.now()
    row = row_of(found, now=now)
    shown = shown_place(row, "", (), now)
    return render(
        request,
        "directory/public_place.html",
        {
            "structure": found,
            "shown": shown,
            "services": [service_words(service) for service in row.services],
            "source": words.source_words(found.source),
            "kind": words.kind_words(found),
            "address": words.place_words(found),
            "map_url": map_url(found),
            "provenance": provenance_of(found),
            "same_url": reverse("directory:place", args=[found.same_as.uuid]) if found.same_as else "",
            "around_url": _around_url(found),
            "linked_data": _linked_data(request, found),
            "closed_until": found.closed_until
            if found.closed_until and found.closed_until >= now.date()
            else None,
        },
    )


def _around_url(structure: Structure) -> str:
    if structure.latitude is None or structure.longitude is None:
        return reverse("directory:places")
    near = f"{structure.latitude:.5f},{structure.longitude:.5f}"
    return f"{reverse('directory:places')}?{urlencode({'near': near})}"


def _linked_data(request: HttpRequest, structure: Structure) -> str:
    """The place in the words of schema.org, for machines that read pages: JSON that cannot end the block it is in."""
    found: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "Library" if structure.kind == Structure.Kind.LIBRARY else "CivicStructure",
        "@id": request.build_absolute_uri(reverse("directory:place", args=[structure.uuid])),
        "name": structure.name,
    }
    if structure.address or structure.city:
        found["address"] = {
            "@type": "PostalAddress",
            "streetAddress": structure.address,
            "postalCode": structure.postcode,
            "addressLocality": structure.city,
            "addressCountry": "FR",
        }
    if structure.position == Structure.Position.EXACT:
        found["geo"] = {
            "@type": "GeoCoordinates",
            "latitude": structure.latitude,
            "longitude": structure.longitude,
        }
    more = {"telephone": structure.phone, "url": structure.website, "openingHours": structure.hours}
    whole = {**found, **{name: value for name, value in more.items() if value}}
    text = json.dumps(whole, ensure_ascii=False)
    for sign in "<>&":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return mark_safe(text)
