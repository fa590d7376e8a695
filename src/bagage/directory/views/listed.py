"""What both lists of places show alike: a place in words, choices that are on, the same list with another parameter."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bagage.common.words import joined
from bagage.common.words import phone as shown_phone
from bagage.directory import words
from bagage.directory.domain.matching import State
from bagage.directory.domain.needs import Need
from bagage.directory.models import Correction, Service, Structure
from bagage.directory.queries import Row

CSS = {State.OPEN: "yes", State.SOON: "no", State.CLOSED: "no", State.UNKNOWN: "unk"}
OPEN_ICONS = {"yes": "door-open", "no": "clock", "unk": "circle-help"}


@dataclass(frozen=True, slots=True)
class Shown:
    """One place as the list shows it, all in words."""

    row: Row
    number: str
    is_first_unsaid: bool
    css: str
    icon: str
    name: str
    kind: str
    place: str
    distance: str
    opening: str
    hours: str
    phone: str
    reasons: tuple[str, ...]
    unknown: tuple[str, ...]
    out: str
    dated: str
    url: str
    onward: str


# ---------- a list ----------
def choices_of(choices: Iterable[tuple[str, Any]], chosen: Collection[str]) -> list[dict[str, Any]]:
    """Choices as boxes to tick, with those that are on."""
    return [
        {
            "value": value,
            "label": label,
            "icon": words.NEED_ICONS.get(value, ""),
            "is_on": value in chosen,
        }
        for value, label in choices
    ]


def changed_url(request: HttpRequest, **changes: list[str]) -> str:
    """This list with some parameters changed."""
    query = request.GET.copy()
    for name, values in changes.items():
        query.setlist(name, values)
    return f"{request.path}?{query.urlencode()}"


def total_words(count: int) -> str:
    """``"12 lieux"``."""
    return ngettext("%(count)s lieu", "%(count)s lieux", count) % {"count": count}


# ---------- a place ----------
def shown_place(
    row: Row, number: str, needs: Sequence[str], now: datetime, *, url: str = "", onward: str = ""
) -> Shown:
    """A place in words. ``needs`` are those asked for; ``url`` is its page, ``onward`` where one refers to it."""
    structure = row.structure
    moment = timezone.localtime(now).replace(tzinfo=None)
    css = CSS[row.opening.state]
    is_rough = structure.position == Structure.Position.COMMUNE
    reasons = [str(service.get_need_display()) for service in row.matched]
    if not needs:
        reasons = [str(service.get_need_display()) for service in row.services if service.is_known][:4]
    cost = words.cost_words(row.costs)
    known = [*reasons, *([cost] if cost else [])]
    modes = [code for code in row.modes if code in words.MODES]
    if modes:
        said = words.listed_words(modes, words.MODES)
        known.append(said[:1].upper() + said[1:])
    # Whether it is open stands above; what it gives, above those of whom nobody says it.
    said_above = {"hours", "need"} if needs else {"hours"}
    unknown = tuple(name for name in row.unknown if name not in said_above)
    open_questions = [words.unknown_words(unknown)] if unknown else []
    if structure.is_mobile:
        open_questions.append(_("Il se déplace : demander où il est ce jour-là."))
    if is_rough:
        open_questions.append(_("Sa place sur le plan est celle de sa commune."))
    return Shown(
        row,
        number,
        False,
        css,
        OPEN_ICONS[css],
        words.calm(structure.name),
        words.kind_words(structure),
        words.place_words(structure),
        words.distance_words(row.distance_m, is_rough=is_rough),
        words.opening_words(row.opening, moment),
        words.hours_words(row.hours, row.weekly_hours),
        shown_phone(row.phone) if row.phone else "",
        tuple(known),
        tuple(open_questions),
        words.row_out_words(row.out),
        words.dated_words(structure.verified_on, structure.source_date, timezone.localdate(now)),
        url,
        onward,
    )


def service_words(service: Service) -> dict[str, Any]:
    """One service of a place, as its page shows it."""
    cost = str(words.COSTS[service.cost]) if service.cost != "unknown" else ""
    lines = [
        (_("Prix"), cost or (joined(service.cost_words.split("|")) if service.cost_words else "")),
        (_("Comment on y est aidé"), words.listed_words(service.modes, words.MODES)),
        (_("Pour qui"), words.listed_words(service.publics, words.PUBLICS)),
        (_("On y sait accueillir"), words.listed_words(service.care, words.CARE)),
        (_("Pour venir"), words.listed_words(service.access, words.ACCESS)),
        (_("Langues"), joined(service.languages)),
    ]
    return {
        "icon": words.NEED_ICONS[Need(service.need)],
        "label": service.get_need_display(),
        "words": service.words if service.words != service.get_need_display() else "",
        "lines": [(label, said) for label, said in lines if said],
        "accessibility": service.accessibility,
        "price_is_unknown": not cost and not service.cost_words,
    }


def map_url(structure: Structure) -> str:
    """The place on OpenStreetMap: a link that is followed only when someone presses it."""
    if structure.latitude is None or structure.longitude is None:
        return ""
    point = f"{structure.latitude:.6f}"
    other = f"{structure.longitude:.6f}"
    return f"https://www.openstreetmap.org/?mlat={point}&mlon={other}#map=17/{point}/{other}"


def provenance_of(structure: Structure) -> list[tuple[str, str]]:
    """Fields that do not come from the source as it wrote them, each with who says it."""
    said = {
        "name": _("Nom"),
        "kind": _("Sorte de lieu"),
        "phone": _("Téléphone"),
        "email": _("Mail"),
        "website": _("Site"),
        "hours": _("Horaires"),
        "address": _("Adresse"),
        "services": _("Ce qu’on y propose"),
        "presentation": _("Présentation"),
        "closed_until": _("Fermeture"),
        "commune_code": _("Commune"),
    }
    how = {
        "name": _("d’après son nom"),
        "label": _("d’après ses labels"),
        "city": _("d’après sa ville"),
    }
    lines = [
        (said.get(field, field), how.get(origin, origin)) for field, origin in structure.fields_from.items()
    ]
    for row in Correction.objects.filter(structure=structure, ended_at=None).order_by("created_at"):
        by = _("le lieu lui-même") if row.proposal_id else _("l’équipe locale")
        lines.append((said.get(row.field, row.field), _("corrigé par %(who)s") % {"who": by}))
    return lines
