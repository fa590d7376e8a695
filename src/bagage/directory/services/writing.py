"""Places as they were read become rows, thousands at once, with what is known better here laid over them.

Django's own bulk writing spends most of its time on making and preparing objects; a feed may bring 100,000 places with
three services each. Values are prepared by column, once, and go to the database as it takes them fastest: statements
run many times on SQLite, ``COPY`` on PostgreSQL. Call inside a transaction.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from django.db import connection, models

from bagage.directory.domain.communes import folded
from bagage.directory.domain.places import Place, PlaceService
from bagage.directory.models import Service, Structure
from bagage.directory.services.overlay import overlaid

# Rows written at once: memory stays flat, and a statement stays under what SQLite takes.
BATCH = 1000
_OURS = {"source", "services", "defects", "fingerprint", "uuid", "changed_at", "closed_until"}


def _said(model: type[models.Model], read: Any) -> tuple[str, ...]:
    columns = {column.name for column in model._meta.concrete_fields}
    return tuple(each.name for each in fields(read) if each.name in columns - _OURS)


# What a source says of a place and of a service; the rest of their rows is ours.
SAID = tuple(name for name in _said(Structure, Place) if name != "source_id")
SERVICE_SAID = tuple(name for name in _said(Service, PlaceService) if name not in ("need", "source_id"))


def search_text(place: Place | Structure) -> str:
    """What a place is found by when one writes words: its name, who keeps it, where it is; folded."""
    parts = (place.name, place.parent, place.address, place.address_more, place.postcode, place.city)
    return folded(" ".join(part for part in parts if part))[:600]


def write_places(
    read: Sequence[tuple[Place, str, int | None]], *, at: datetime
) -> dict[tuple[str, str], int]:
    """Insert or renew these places and what they give; the public id of each row stays.

    Each is ``(place, fingerprint of what was read, pk of its feed)``; a place stands once among them. What was
    corrected here holds over what they say. Gives back the ``pk`` of each by source and identifier.
    """
    written: dict[tuple[str, str], int] = {}
    for start in range(0, len(read), BATCH):
        written |= _write_places(read[start : start + BATCH], at)
    return written


def _write_places(read: Sequence[tuple[Place, str, int | None]], at: datetime) -> dict[tuple[str, str], int]:
    before = _pks({(place.source, place.source_id) for place, _print, _feed in read})
    laid = overlaid([(before.get((place.source, place.source_id), 0), place) for place, *_more in read], at)
    rows = [
        (
            place.source,
            place.source_id,
            search_text(place),
            fingerprint,
            feed,
            None,
            at,
            at,
            uuid.uuid4(),
            *_OTHERS_OF_STRUCTURE,
            *[getattr(place, name) for name in SAID],
        )
        for place, (_place, fingerprint, feed) in zip(laid, read, strict=True)
    ]
    _STRUCTURES.write(rows)
    pks = _pks({(place.source, place.source_id) for place in laid})
    write_services({pks[place.source, place.source_id]: place.services for place in laid}, are_new=not before)
    return pks


def write_services(given: Mapping[int, Sequence[PlaceService]], *, are_new: bool = False) -> None:
    """What places give, by the ``pk`` of each: written or renewed; what is given no more is deleted."""
    rows = [
        (
            pk,
            str(service.need),
            service.source_id,
            uuid.uuid4(),
            *_OTHERS_OF_SERVICE,
            *[getattr(service, name) for name in SERVICE_SAID],
        )
        for pk, services in given.items()
        for service in {(service.need, service.source_id): service for service in services}.values()
    ]
    if not are_new:
        kept = {row[:3] for row in rows}
        known = Service.objects.filter(structure_id__in=list(given)).values_list(
            "pk", "structure_id", "need", "source_id"
        )
        gone = [pk for pk, *key in known if tuple(key) not in kept]
        for start in range(0, len(gone), BATCH):
            Service.objects.filter(pk__in=gone[start : start + BATCH]).delete()
    _SERVICES.write(rows)


def _pks(keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """The ``pk`` of the places that exist already, by source and identifier."""
    wanted = list(keys)
    found: dict[tuple[str, str], int] = {}
    for start in range(0, len(wanted), BATCH):
        piece = wanted[start : start + BATCH]
        sources, ids = [source for source, _ in piece], [key for _, key in piece]
        rows: Iterable[tuple[int, str, str]]
        if connection.vendor == "postgresql":
            rows = _pks_of_pairs(sources, ids)
        else:
            there = Structure.objects.filter(source__in=set(sources), source_id__in=ids)
            rows = there.values_list("pk", "source", "source_id")
        found.update(((source, source_id), pk) for pk, source, source_id in rows)
    return {key: found[key] for key in wanted if key in found}


def _pks_of_pairs(sources: list[str], ids: list[str]) -> list[tuple[int, str, str]]:
    """Each pair looked up in the index of both. Of a table that is being filled PostgreSQL has no statistics: asked for
    these sources and these identifiers, it reads all rows of the source for each piece."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_hashjoin = off")
        cursor.execute("SET LOCAL enable_mergejoin = off")
        cursor.execute(
            "SELECT t.id, t.source, t.source_id FROM unnest(%s::text[], %s::text[]) AS k (source, source_id) "
            "JOIN directory_structure t ON t.source = k.source AND t.source_id = k.source_id",
            [sources, ids],
        )
        return list(cursor.fetchall())


# ---------- values as a column takes them ----------
@lru_cache(maxsize=4096)
def _json_of(value: tuple[Any, ...]) -> str:
    return json.dumps(value)


def _json(value: Any) -> str:
    if isinstance(value, tuple):
        try:
            return _json_of(value)
        except TypeError:
            return json.dumps(value)
    return "{}" if value == {} else json.dumps(dict(value) if hasattr(value, "keys") else value)


def _text(longest: int | None) -> Callable[[Any], Any]:
    def prepared(value: Any) -> Any:
        if not value:
            return "" if value is not None else None
        text = str(value)
        if "\x00" in text:
            text = text.replace("\x00", "")
        return text if longest is None or len(text) <= longest else text[:longest]

    return prepared


def _same(value: Any) -> Any:
    return value


def _preparer(column: models.Field[Any, Any]) -> Callable[[Any], Any]:
    is_sqlite = connection.vendor == "sqlite"
    if isinstance(column, models.JSONField):
        return _json
    if isinstance(column, models.CharField | models.TextField):
        return _text(column.max_length)
    if is_sqlite and isinstance(column, models.UUIDField):
        return lambda value: value.hex
    if is_sqlite and isinstance(column, models.DateTimeField):
        return lambda value: connection.ops.adapt_datetimefield_value(value)
    if is_sqlite and isinstance(column, models.DateField):
        return lambda value: value.isoformat() if isinstance(value, date) else value
    return _same


class _Table:
    """Rows of one model written at once: inserted, or renewed where the unique columns are taken."""

    def __init__(
        self, model: type[models.Model], names: Sequence[str], unique: Sequence[str], kept: Collection[str]
    ) -> None:
        known = {column.name: column for column in model._meta.concrete_fields}
        self._columns = [known[name] for name in names]
        self._table = model._meta.db_table
        self._unique = [str(known[name].column) for name in unique]
        self._renewed = [
            str(column.column)
            for name, column in zip(names, self._columns, strict=True)
            if name not in kept and name not in unique
        ]

    def write(self, rows: Iterable[Sequence[Any]]) -> None:
        preparers = [_preparer(column) for column in self._columns]
        quote = connection.ops.quote_name
        names = ", ".join(quote(str(column.column)) for column in self._columns)
        clash = f"ON CONFLICT ({', '.join(map(quote, self._unique))}) DO UPDATE SET " + ", ".join(
            f"{quote(name)} = excluded.{quote(name)}" for name in self._renewed
        )
        table = quote(self._table)
        prepared = (
            tuple([prepare(value) for prepare, value in zip(preparers, row, strict=True)]) for row in rows
        )
        # Names of columns are those of the models; values never stand in the text of a statement.
        with connection.cursor() as cursor:
            if connection.vendor != "postgresql":
                marks = ", ".join(["%s"] * len(self._columns))
                cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks}) {clash}", list(prepared))
                return
            piece = quote(f"piece_of_{self._table}")
            cursor.execute(
                f"CREATE TEMPORARY TABLE {piece} ON COMMIT DROP AS SELECT {names} FROM {table} LIMIT 0"
            )
            with cursor.copy(f"COPY {piece} ({names}) FROM STDIN") as copy:
                for row in prepared:
                    copy.write_row(row)
            cursor.execute(f"INSERT INTO {table} ({names}) SELECT {names} FROM {piece} {clash}")
            cursor.execute(f"DROP TABLE {piece}")


def _others(model: type[models.Model], named: Collection[str]) -> dict[str, Any]:
    """The columns that a source does not say, with what a new row has there."""
    return {
        column.name: column.get_default()
        for column in model._meta.concrete_fields
        if not column.primary_key and column.name not in named
    }


_KEYS = (
    "source",
    "source_id",
    "folded",
    "fingerprint",
    "feed",
    "ended_at",
    "created_at",
    "changed_at",
    "uuid",
)
_MORE = _others(Structure, {*_KEYS, *SAID})
_OTHERS_OF_STRUCTURE = tuple(_MORE.values())
_STRUCTURES = _Table(
    Structure, [*_KEYS, *_MORE, *SAID], ["source", "source_id"], {"created_at", "uuid", *_MORE}
)
_SERVICE_KEYS = ("structure", "need", "source_id", "uuid")
_SERVICE_MORE = _others(Service, {*_SERVICE_KEYS, *SERVICE_SAID})
_OTHERS_OF_SERVICE = tuple(_SERVICE_MORE.values())
_SERVICES = _Table(
    Service,
    [*_SERVICE_KEYS, *_SERVICE_MORE, *SERVICE_SAID],
    ["structure", "need", "source_id"],
    {"uuid", *_SERVICE_MORE},
)
