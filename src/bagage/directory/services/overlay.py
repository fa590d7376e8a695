"""What people know better is laid over what a source says, each time that it is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import datetime
from typing import Any

from bagage.directory.domain.places import Place, PlaceService
from bagage.directory.models import Correction

PLACE_FIELDS = {each.name for each in fields(Place)}


def overlaid(read: Sequence[tuple[int, Place]], at: datetime) -> list[Place]:
    """The places (with the ``pk`` of their row, 0 for a new one) as they stand here.

    What the source says of a corrected field is kept with its correction. Two queries at most.
    """
    pks = [pk for pk, _place in read if pk]
    by_place: dict[int, list[Correction]] = {}
    for correction in Correction.objects.filter(structure__in=pks, ended_at=None) if pks else ():
        by_place.setdefault(correction.structure_id, []).append(correction)
    changed = []
    laid = []
    for pk, place in read:
        for correction in by_place.get(pk, ()):
            said = value_of(place, correction.field)
            if correction.source_value != said:
                correction.source_value = said
                changed.append(correction)
            place = with_value(place, correction.field, correction.value)
        laid.append(place)
    Correction.objects.bulk_update(changed, ["source_value"])
    return laid


def value_of(place: Place, field: str) -> Any:
    """What a place says in a field that can be corrected, as JSON takes it."""
    if field == "services":
        return [need for service in place.services for need in service.all_needs]
    value = getattr(place, field, None)
    return list(value) if isinstance(value, tuple) else value


def with_value(place: Place, field: str, value: Any) -> Place:
    """The place with one field as it was corrected; ``services`` is the list of needs that it answers."""
    if field == "services":
        kept = {service.need: service for service in place.services}
        shared = place.services[0] if place.services else PlaceService("unknown")
        return replace(
            place,
            services=tuple(
                kept.get(need) or replace(shared, need=need, words="", source_id="", name="", needs=())
                for need in value
            ),
        )
    if field not in PLACE_FIELDS:
        return place
    return replace(place, **{field: value})
