"""The points of reception for anyone: each permanence of the network, city by city, with whom to ask."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from bagage.accounts.models import Organisation
from bagage.common.school import zone_of
from bagage.common.words import phone as shown_phone
from bagage.directory.domain.matching import opening_at
from bagage.directory.words import hours_words, opening_words
from bagage.permanences.models import Site


@require_safe
@login_not_required
def reception(request: HttpRequest) -> HttpResponse:
    """Where the network welcomes, when, for what, in which languages; the contact of each city. Two queries."""
    now = timezone.now()
    nodes = {
        node.path: node
        for node in Organisation.objects.filter(kind__in=["network", "antenna"], is_open=True).order_by(
            "path"
        )
    }
    sites = (
        Site.objects.filter(organisation__is_open=True)
        .select_related("organisation")
        .order_by("organisation__path")
    )
    cities: dict[str, dict[str, Any]] = {}
    for site in sites:
        antenna = next(
            (nodes[site.organisation.path[:end]] for end in range(len(site.organisation.path), 0, -4)
             if site.organisation.path[:end] in nodes),
            None,
        )  # fmt: skip
        title = (antenna.city or antenna.name) if antenna and antenna.kind == "antenna" else site.city
        city = cities.setdefault(
            title,
            {
                "title": title,
                "phone": antenna.phone if antenna else "",
                "shown_phone": shown_phone(antenna.phone) if antenna and antenna.phone else "",
                "address": antenna.address if antenna else "",
                "sites": [],
            },
        )
        city["sites"].append(_shown(site, now))
    return render(
        request,
        "permanences/reception.html",
        {"cities": list(cities.values()), "calendar_url": reverse("api:sessions")},
    )


def _shown(site: Site, now: Any) -> dict[str, Any]:
    moment = timezone.localtime(now).replace(tzinfo=None)
    opening = opening_at(site.hours, moment, zone_of(site.postcode))
    gives = [
        words
        for is_given, words in (
            (site.offers_device, _("un appareil")),
            (site.offers_connection, _("une connexion")),
            (site.offers_skills, _("apprendre")),
        )
        if is_given
    ]
    access = {"yes": _("accès de plain-pied"), "no": _("des marches à l’entrée")}.get(site.access, "")
    return {
        "site": site,
        "name": site.organisation.name,
        "address": ", ".join(part for part in (site.address, f"{site.postcode} {site.city}".strip()) if part),
        "opening": opening_words(opening, moment),
        "hours": hours_words(site.hours, None),
        "gives": gives,
        "access": access,
        "phone": site.phone,
        "shown_phone": shown_phone(site.phone) if site.phone else "",
        "calendar": f"{reverse('api:sessions')}?site={site.organisation.uuid}",
    }
