"""What programs are told of places, kept beside the state of the panorama they were read for.

The same few thousand places are told again and again, and half of an answer was reading them. A place that changes is
another one in the next state (:mod:`bagage.directory.search.index`), so what is kept is never older than the search
that names it. 5,000 places with eight services each take 12 MB.
"""

from __future__ import annotations

from collections.abc import Container, Sequence
from typing import Any, NamedTuple

from django.db import connection

KEPT = 5_000


class ServiceTold(NamedTuple):
    """The little of a service that a program is told. ``name`` is its own, else the words of the source."""

    uuid: str
    need: str
    name: str
    source_id: str


class PlaceTold(NamedTuple):
    """The same of a row, with what it gives."""

    uuid: str
    name: str
    city: str
    source: str
    source_id: str
    services: tuple[ServiceTold, ...]


class Told:
    """The places of one state of the panorama as programs are told of them, read when first asked for."""

    def __init__(self, kept: dict[int, PlaceTold] | None = None) -> None:
        self.kept = kept or {}

    def without(self, changed: Container[int]) -> Told:
        """For the next state, in which these places are others."""
        return Told({pk: place for pk, place in self.kept.items() if pk not in changed})

    def of(self, pks: Sequence[int]) -> dict[int, PlaceTold]:
        """By key; who is no more is left out. No query, or one for all that were not told yet."""
        kept = self.kept
        found = {pk: kept[pk] for pk in pks if pk in kept}
        read = _read([pk for pk in pks if pk not in found])
        if read:
            found |= read
            # Threads share it: a table that is full is left to who still reads in it.
            self.kept = {**kept, **read} if len(kept) + len(read) <= KEPT else read
        return found


# Without models, both tables at once. A place that gives nothing is one row.
_QUESTION = (
    "SELECT t.id, CAST(t.uuid AS TEXT), t.name, t.city, t.source, t.source_id, "
    "CAST(s.uuid AS TEXT), s.need, CASE WHEN s.name = '' THEN s.words ELSE s.name END, s.source_id "
    "FROM directory_structure t LEFT JOIN directory_service s ON s.structure_id = t.id WHERE t.id"
)


def _read(pks: list[int]) -> dict[int, PlaceTold]:
    if not pks:
        return {}
    places: dict[int, Any] = {}
    services: dict[int, list[ServiceTold]] = {}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            # One wording, however many they are: its plan is kept.
            cursor.execute(f"{_QUESTION} = ANY(%s) ORDER BY s.id", [pks])
        else:
            cursor.execute(f"{_QUESTION} IN ({', '.join(['%s'] * len(pks))}) ORDER BY s.id", pks)
        for pk, uuid, *place, service, need, name, source_id in cursor.fetchall():
            if pk not in places:
                places[pk] = (_hyphened(uuid), *place)
            if service is not None:
                services.setdefault(pk, []).append(ServiceTold(_hyphened(service), need, name, source_id))
    return {pk: PlaceTold(*place, tuple(services.get(pk, ()))) for pk, place in places.items()}


def _hyphened(uuid: str) -> str:
    """A public id as it is written; SQLite keeps it without hyphens."""
    return uuid if len(uuid) != 32 else f"{uuid[:8]}-{uuid[8:12]}-{uuid[12:16]}-{uuid[16:20]}-{uuid[20:]}"
