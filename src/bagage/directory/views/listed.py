"""What both lists of places show alike: a place in words, choices that are on, the same list with another parameter."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bagage.common.words import before_colon, joined, quoted
from bagage.common.words import phone as shown_phone
from bagage.directory import words
from bagage.directory.domain.matching import State
from bagage.directory.domain.needs import FOR_EVERYONE, Cost, Need
from bagage.directory.forms import FIRST_NEEDS, OTHER_NEEDS, USUAL_HOUR, PanoramaForm, need_choices
from bagage.directory.models import Correction, Service, Structure
from bagage.directory.queries import Found, Row
from bagage.directory.search import reasons

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
    answering: str


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


def asked_for(form: PanoramaForm, found: Found | None) -> tuple[str, ...]:
    """The needs that were ticked, else those that the free words were read as."""
    return form.needs or (tuple(found.understood.needs) if found is not None else ())


def choices_shown(form: PanoramaForm) -> dict[str, Any]:
    """What ``_when.html`` and ``_more_choices.html`` show of a form: its choices, with those that are on."""
    asked = form.cleaned_data
    spoken = asked.get("language") or []
    return {
        "boxes": {
            name: choices_of(form.fields[name].choices, asked.get(name) or ())
            for name in ("only", "public", "access", "care")
        },
        # One list for each language that is asked for, and one for another.
        "spoken": [choices_of(form.fields["language"].choices, [code]) for code in (*spoken, "")],
        "days": choices_of(form.fields["day"].choices, [asked.get("day") or ""]),
        "hours": choices_of(form.fields["hour"].choices, [asked.get("hour") or f"{USUAL_HOUR}:00"]),
    }


def understood_words(found: Found | None, *, place_holds: bool = True) -> str:
    """How the free words were read, so that one sees a misreading; ``""`` when there is nothing to say.

    ``place_holds``: they may say where; not when a place was written beside them.
    """
    if found is None or not found.understood.text.strip():
        return ""
    read = found.understood
    named = dict(need_choices((*FIRST_NEEDS, *OTHER_NEEDS)))
    parts = [
        *(str(named[need]) for need in read.needs if need in named),
        words.when_words(read.when) if read.when is not None else "",
        str(words.COSTS[Cost.FREE]).lower() if read.cost else "",
        _("quelqu’un aide") if read.with_someone else "",
        *(str(words.LANGUAGES.get(code, code)) for code in read.languages),
        *(str(words.PUBLICS.get(code, code)) for code in read.publics),
        *(str(words.ACCESS.get(code, code)) for code in read.access),
    ]
    if place_holds and read.place is not None:
        parts.append(read.place.name)
    elif place_holds and read.department:
        parts.append(department_words(read.department))
    if read.rest:
        is_found = any(reason.code == reasons.NAME for row in found for reason in row.why)
        parts.append(quoted(read.rest) if is_found else _unfound_words(read.rest))
    return ", ".join(part for part in parts if part)


def _unfound_words(rest: str) -> str:
    """Of words that no place of the list is called by: else the list would look like their answer."""
    said = _("pas trouvé tel quel")
    return f"{before_colon(quoted(rest))} {said}"


def department_words(number: str) -> str:
    """``"département 38"``."""
    return _("département %(number)s") % {"number": number}


# ---------- a place ----------
def shown_place(
    row: Row,
    number: str,
    needs: Sequence[str],
    now: datetime,
    *,
    wanted: Mapping[str, Sequence[str]] | None = None,
    url: str = "",
    onward: str = "",
    answering: str = "",
) -> Shown:
    """A place in words. ``needs`` are those asked for, ``wanted`` what else was (:attr:`Found.wanted`).

    ``url`` is its page, ``onward`` where one refers to it, ``answering`` how it answers whom it is sent.
    """
    structure = row.structure
    moment = timezone.localtime(now).replace(tzinfo=None)
    css = CSS[row.opening.state]
    # Asked for a day and an hour, whether it is open is told of them.
    is_later = row.told_at - moment > timedelta(minutes=1)
    is_rough = structure.position == Structure.Position.COMMUNE
    given = [str(service.get_need_display()) for service in row.matched]
    if not needs:
        given = [str(service.get_need_display()) for service in row.services if service.is_known][:4]
    cost = words.cost_words(row.costs)
    known = [*given, *([cost] if cost else [])]
    modes = [code for code in row.modes if code in words.MODES]
    if modes:
        said = words.listed_words(modes, words.MODES)
        known.append(said[:1].upper() + said[1:])
    told, untold, unsaid = _wanted_words(row, wanted or {})
    known += told
    # Whether it is open stands above; what it gives, above those of whom nobody says it.
    said_above = {"hours", "need"} if needs else {"hours"}
    unknown = (*(name for name in row.unknown if name not in said_above), *unsaid)
    open_questions = [*untold, *([words.unknown_words(unknown)] if unknown else [])]
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
        words.opening_words(row.opening, moment, row.told_at if is_later else None),
        words.hours_words(row.hours, row.weekly_hours),
        shown_phone(row.phone) if row.phone else "",
        tuple(known),
        tuple(open_questions),
        words.row_out_words(row.out),
        words.dated_words(structure.verified_on, structure.source_date, timezone.localdate(now)),
        url,
        onward,
        answering,
    )


def _wanted_words(row: Row, wanted: Mapping[str, Sequence[str]]) -> tuple[list[str], list[str], list[str]]:
    """Of what was asked for: what the place says of it, what it says instead, of what it says nothing (names)."""
    told, untold, unsaid = [], [], []
    for name, label, table, code, unknown in (
        ("publics", _("Pour qui"), words.PUBLICS, reasons.PUBLIC, "publics"),
        ("languages", _("On y parle"), words.LANGUAGES, reasons.LANGUAGE, "languages"),
        ("access", _("Pour venir"), words.ACCESS, reasons.ACCESS, "ways"),
        ("care", _("On y sait accueillir"), words.CARE, reasons.CARE, "care"),
    ):
        if not wanted.get(name):
            continue
        answers = [reason.value for reason in row.why if reason.code == code]
        said = [value for service in row.services for value in getattr(service, name)]
        answers = answers or [value for value in said if name == "publics" and value in FOR_EVERYONE]
        if answers:
            told.append(f"{before_colon(label)} {words.listed_words(answers, table)}")
        elif said:
            untold.append(f"{before_colon(label)} {words.listed_words(said, table)}")
        else:
            unsaid.append(unknown)
    return told, untold, unsaid


def service_words(service: Service) -> dict[str, Any]:
    """One service of a place, as its page shows it."""
    cost = str(words.COSTS[service.cost]) if service.cost != "unknown" else ""
    lines = [
        (_("Prix"), cost or (joined(service.cost_words.split("|")) if service.cost_words else "")),
        (_("Comment on y est aidé"), words.listed_words(service.modes, words.MODES)),
        (_("Pour qui"), words.listed_words(service.publics, words.PUBLICS)),
        (_("On y sait accueillir"), words.listed_words(service.care, words.CARE)),
        (_("Pour venir"), words.listed_words(service.access, words.ACCESS)),
        (_("Langues"), words.listed_words(service.languages, words.LANGUAGES)),
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
