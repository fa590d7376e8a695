"""A place of an answer as programs are given it: the command and the interface say the same."""

from __future__ import annotations

from typing import Any

from bagage.directory.domain.asking import Understood, When
from bagage.directory.queries import Row

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")


def result_json(row: Row) -> dict[str, Any]:
    """One place.

    ``id`` is ours and stays; ``identifiers`` are what each source calls it. ``distance_m`` is in metres as the crow
    flies, ``None`` without a point. ``why`` are the things asked that it says, ``unknown`` what nobody says of it,
    ``fit`` one of ``all``, ``some``, ``not_said``, ``others_only``.
    """
    structure = row.structure
    return {
        "id": str(structure.uuid),
        "name": structure.name,
        "city": structure.city,
        "distance_m": row.distance_m,
        "identifiers": [{"source": each.source, "id": each.source_id} for each in (structure, *row.also)],
        "services": [
            {
                "id": str(service.uuid),
                "need": service.need,
                "name": service.name or service.words,
                "identifiers": (
                    [{"source": structure.source, "id": service.source_id}] if service.source_id else []
                ),
            }
            for service in row.services
        ],
        "why": [{"code": reason.code, "value": reason.value, "words": reason.words} for reason in row.why],
        "unknown": list(row.unknown),
        "fit": row.fit.name.lower(),
    }


def understood_json(understood: Understood) -> dict[str, Any]:
    """What a text was read as; what was not read out of it is left out."""
    place = understood.place
    read: dict[str, Any] = {
        "place": {"code": place.code, "name": place.name, "words": understood.place_words} if place else None,
        "needs": list(understood.needs),
        "when": when_words(understood.when) if understood.when else None,
        "cost": understood.cost,
        "publics": list(understood.publics),
        "languages": list(understood.languages),
        "access": list(understood.access),
        "care": list(understood.care),
        "kinds": list(understood.kinds),
        "with_someone": understood.with_someone,
        "words": understood.rest,
    }
    return {name: value for name, value in read.items() if value}


def when_words(when: When) -> str:
    """``"Th 14:00"``, ``"Th 12:00-18:00"``, without its day when that is today."""
    day = f"{DAYS[when.day]} " if when.day is not None else ""
    until = f"-{when.ends:%H:%M}" if when.ends != when.begins else ""
    return f"{day}{when.begins:%H:%M}{until}"
