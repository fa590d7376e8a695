"""Reading that stands out, and the papers of the house."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from bagage.trail import papers as house
from bagage.trail.permissions import (
    can_read_papers,
    can_read_trail,
    can_set_privacy_rules,
    trail_places,
)
from bagage.trail.queries import UnusualReading, privacy_rules, unusual_readings
from bagage.trail.services import record, record_reading


@require_safe
def unusual(request: HttpRequest) -> HttpResponse:
    """Many files in a day, files at night, files of other sites: at her places, in the last 31 days."""
    user: Any = request.user
    if not can_read_trail(user):
        raise PermissionDenied
    rules = privacy_rules()
    found = unusual_readings(trail_places(user), rules, timezone.now())
    record_reading(user.actor, "trail.unusual", person="")
    return render(
        request,
        "trail/unusual.html",
        {
            "rules": rules,
            "found": [(each, unusual_words(each)) for each in found],
            "may_change": can_set_privacy_rules(user),
        },
    )


def unusual_words(each: UnusualReading) -> str:
    """``"41 dossiers lus ce jour-là"``."""
    if each.why == "many":
        words = ngettext("%(count)s dossier lu ce jour-là", "%(count)s dossiers lus ce jour-là", each.count)
    elif each.why == "hours":
        words = ngettext(
            "%(count)s dossier lu en dehors des heures",
            "%(count)s dossiers lus en dehors des heures",
            each.count,
        )
    else:
        words = ngettext(
            "%(count)s dossier d’un autre lieu ouvert en 31 jours",
            "%(count)s dossiers d’autres lieux ouverts en 31 jours",
            each.count,
        )
    return words % {"count": each.count}


def _papers_of(request: HttpRequest) -> None:
    user: Any = request.user
    if not can_read_papers(user):
        raise PermissionDenied


@require_safe
def papers(request: HttpRequest) -> HttpResponse:
    """The four papers, each to read and to print."""
    _papers_of(request)
    icons = {"register": "list-checks", "impact": "scale", "notice": "file-text", "breach": "triangle-alert"}
    shown = [(kind, icons[kind], *words) for kind, words in house.titles().items()]
    user: Any = request.user
    return render(
        request,
        "trail/papers.html",
        {"papers": shown, "rules": privacy_rules(), "may_change": can_set_privacy_rules(user)},
    )


def _paper(kind: str) -> house.Paper:
    if kind not in house.KINDS:
        raise Http404
    return house.paper(kind, privacy_rules())


@require_safe
def paper(request: HttpRequest, kind: str) -> HttpResponse:
    """One paper on the screen."""
    _papers_of(request)
    return render(
        request,
        "trail/paper.html",
        {"paper": _paper(kind), "pdf_url": reverse("trail:paper_pdf", args=[kind])},
    )


@require_safe
def paper_pdf(request: HttpRequest, kind: str) -> HttpResponse:
    """The same as a file; taking it is noted."""
    _papers_of(request)
    written, user = _paper(kind), request.user
    content = house.paper_pdf(written, at=timezone.now())
    with transaction.atomic():
        record(user.actor, "trail.papers", reason=kind)  # type: ignore[union-attr]
    response = HttpResponse(content, content_type="application/pdf")
    names = {
        "register": _("registre"),
        "impact": _("analyse-d-impact"),
        "notice": _("notice"),
        "breach": _("fuite"),
    }
    response["Content-Disposition"] = f'inline; filename="{names[kind]}.pdf"'
    return response
