"""A place of an answer as programs are given it: the command and the interface say the same."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.utils.translation import get_language
from pydantic_core import to_json

from bagage.directory.domain.asking import Understood, When
from bagage.directory.queries import Row
from bagage.directory.search.reasons import words_of

CACHED = "public, max-age=60"
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def answered(body: object) -> HttpResponse:
    """An answer for programs: JSON that may be kept a minute, and read by pages of partners, without any cookie.

    Written by what django-ninja stands on, several times as fast as the library of Python: an answer of twenty places
    with what they give is 40 kB.
    """
    response = HttpResponse(to_json(body), content_type="application/json")
    response["Cache-Control"] = CACHED
    response["Access-Control-Allow-Origin"] = "*"
    return response


def result_json(row: Row) -> dict[str, Any]:
    """One place.

    ``id`` is ours and stays; ``identifiers`` are what each source calls it. ``distance_m`` is in metres as the crow
    flies, ``None`` without a point. ``why`` are the things asked that it says, ``unknown`` what nobody says of it,
    ``fit`` one of ``all``, ``some``, ``not_said``, ``others_only``.
    """
    told = row.told
    first = told[0]
    language = get_language()
    return {
        "id": first.uuid,
        "name": first.name,
        "city": first.city,
        "distance_m": row.distance_m,
        "identifiers": [{"source": each.source, "id": each.source_id} for each in told],
        "services": [
            {
                "id": service.uuid,
                "need": service.need,
                "name": service.name,
                "identifiers": (
                    [{"source": place.source, "id": service.source_id}] if service.source_id else []
                ),
            }
            for place, service in row.services_told
        ],
        "why": [
            {"code": code, "value": value, "words": words_of(code, value, language)}
            for code, value in row.why
        ],
        "unknown": list(row.unknown),
        "fit": row.fit.name.lower(),
    }


def understood_json(understood: Understood) -> dict[str, Any]:
    """What a text was read as; what was not read out of it is left out."""
    place = understood.place
    read: dict[str, Any] = {
        "department": understood.department,
        "place": {"code": place.code, "name": place.name, "words": understood.place_words} if place else None,
        "needs": list(understood.needs),
        "when": when_words(understood.when) if understood.when else None,
        "cost": understood.cost,
        "publics": list(understood.publics),
        "languages": list(understood.languages),
        "access": list(understood.access),
        "care": list(understood.care),
        "kinds": list(understood.kinds),
        "labels": list(understood.labels),
        "modes": list(understood.modes),
        "with_someone": understood.with_someone,
        "words": understood.rest,
    }
    return {name: value for name, value in read.items() if value}


def when_words(when: When) -> str:
    """``"Th 14:00"``, ``"Th 12:00-18:00"``, ``"+1 08:00-20:00"`` (tomorrow), ``"now"``."""
    if when.begins is None:
        return "now"
    day = f"{DAYS[when.day]} " if when.day is not None else f"+{when.in_days} " if when.in_days else ""
    ends = when.ends or when.begins
    until = f"-{ends:%H:%M}" if ends != when.begins else ""
    return f"{day}{when.begins:%H:%M}{until}"
