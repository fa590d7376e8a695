"""The panorama in memory: what is compared of each place, in columns, read from the tables and renewed as they change.

What is here decides which places answer and in which order; what is shown of them is read from the database. Numbers
stand for words: needs, publics and the rest are bits, names and hours are numbers of a list.

A search first asks the database which place changed last: one row of an index. Places that changed since are read again
and take the place of what was known; once a minute the rows of each change are counted, which finds those that a
long transaction brought late. 18,700 places with 150,000 services take 40 MB and a second and a half of one core, once
for each process.
"""

from __future__ import annotations

import json
import logging
import re
from array import array
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from threading import RLock, Thread
from time import monotonic
from typing import Any

import numpy as np
from django.db import DatabaseError, connection
from django.db.models import Count

from bagage.common.hours import in_zone
from bagage.common.school import zone_of
from bagage.directory.domain.communes import folded
from bagage.directory.domain.places import KIND_IN_NAME
from bagage.directory.models import LikelySame, Service, Structure
from bagage.directory.search.columns import PLACE_TYPES, SERVICE_TYPES, Part
from bagage.directory.search.state import Panorama
from bagage.directory.search.told import Told
from bagage.directory.search.vocabulary import COST_BIT, KIND_BIT, NEED_BIT, Vocabulary

logger = logging.getLogger(__name__)

COUNTED_EVERY = 60.0
# More changed places than this are not worth mending one by one: all is read again.
AT_ONCE = 20_000
CHUNK = 5_000
_KIND_IN_NAME = re.compile(
    "|".join(f"(?P<{kind}>{pattern})" for pattern, kind in KIND_IN_NAME), re.IGNORECASE
)

STRUCTURE_COLUMNS = (
    "id",
    "name",
    "kind",
    "commune_code",
    "postcode",
    "city",
    "latitude",
    "longitude",
    "position",
    "hours",
    "phone",
    "accessibility",
    "labels",
    "closed_until",
    "source_date",
    "same_as_id",
    "folded",
    "ended_at",
)
SERVICE_COLUMNS = (
    "structure_id",
    "need",
    "needs",
    "themes",
    "cost",
    "languages",
    "publics",
    "care",
    "modes",
    "access",
    "hours",
    "accessibility",
)
JSON_COLUMNS = {"labels", "needs", "themes", "languages", "publics", "care", "modes", "access"}


class SearchIndex:
    """The panorama of one database, as it was last read."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.forget()

    def forget(self) -> None:
        """Nothing was read yet."""
        self.newest: tuple[Any, ...] | None = None
        self.counts: dict[Any, int] = {}
        self.counted_at = monotonic()
        self.words = Vocabulary()
        self.part: Part | None = None
        self.panorama: Panorama | None = None

    def current(self) -> tuple[Panorama, bool]:
        """The panorama as the tables say it now, and whether a source fails: one query when nothing changed."""
        newest, some_fail = _newest()
        panorama = self.panorama
        is_due = monotonic() - self.counted_at > COUNTED_EVERY
        if panorama is not None and newest == self.newest and not is_due:
            return panorama, some_fail
        with self.lock:
            if self.panorama is None or newest != self.newest or is_due:
                self._renew(newest)
            assert self.panorama is not None
            return self.panorama, some_fail

    def _renew(self, newest: tuple[Any, ...] | None) -> None:
        counts = _counts()
        self.counted_at = monotonic()
        more = [at for at, count in counts.items() if count > self.counts.get(at, 0)]
        if not more and newest == self.newest and counts == self.counts and self.panorama is not None:
            return
        # A row that changes leaves its count: what is less comes back elsewhere, unless it is gone for good.
        if self.part is None or self._is_another_past() or sum(counts.values()) < sum(self.counts.values()):
            changed = None
        else:
            changed = self._keys_of(more)
        told = Told()
        if changed is None or len(changed) > AT_ONCE:
            self.words = Vocabulary()
            part, _seen = self._read(None)
        else:
            assert self.part is not None
            some, seen = self._read(changed)
            keep = ~np.isin(self.part.places["pk"], seen)
            part = self.part.without(keep).joined(some)
            if self.panorama is not None:
                told = self.panorama.told.without(set(seen))
        apart = set(
            LikelySame.objects.filter(state=LikelySame.State.APART).values_list("first_id", "second_id")
        )
        self.part = part
        self.panorama = Panorama(part, self.words, apart, told)
        self.newest, self.counts = newest, counts

    def _is_another_past(self) -> bool:
        """What was read never came to be: the place that had changed last is no more, or is another one."""
        if self.newest is None:
            return bool(self.counts)
        _changed_at, pk, uuid = self.newest
        return not Structure.objects.filter(pk=pk, uuid=uuid).exists()

    def _keys_of(self, changes: Sequence[Any]) -> list[int]:
        """The places of these changes that are not known as they are now."""
        assert self.part is not None
        known = dict(zip(self.part.places["pk"].tolist(), self.part.places["changed"].tolist(), strict=True))
        numbers = self.words.changes
        rows = Structure.objects.filter(changed_at__in=changes).order_by("pk").values_list("pk", "changed_at")
        return [pk for pk, at in rows if known.get(pk) != numbers.get(at, -1)]

    def _read(self, keys: Sequence[int] | None) -> tuple[Part, list[int]]:
        """Places and what they give, and the keys of all that were read, ended ones too."""
        words = self.words
        places: dict[str, list[Any]] = {name: [] for name in PLACE_TYPES}
        services: dict[str, list[Any]] = {name: [] for name in SERVICE_TYPES}
        tokens: array[int] = array("q")
        given, spelt, seen = [0], [0], []
        kinds_of: dict[str, int] = {}
        for structures, of_each, changes in _rows(keys):
            for row in structures:
                (
                    pk,
                    name,
                    kind,
                    code,
                    postcode,
                    city,
                    latitude,
                    longitude,
                    position,
                    hours,
                    phone,
                    accessibility,
                    labels,
                    closed_until,
                    source_date,
                    same_as,
                    text,
                    ended_at,
                ) = row
                seen.append(pk)
                if ended_at is not None:
                    continue
                plain = folded(name)
                named = kinds_of.get(plain)
                if named is None:
                    named = kinds_of[plain] = _kinds_in(plain)
                # What is searched may be older than the name: a hand mended it.
                spelling = text if text.startswith(plain) else f"{plain} {text}"
                own = spelling.split()
                places["pk"].append(pk)
                places["latitude"].append(np.nan if latitude is None else latitude)
                places["longitude"].append(np.nan if longitude is None else longitude)
                places["commune"].append(words.communes.number(code or folded(city)))
                places["name"].append(words.names.number(plain))
                places["kinds"].append(KIND_BIT.get(kind, 0) | named)
                places["is_exact"].append(position == Structure.Position.EXACT)
                zone = zone_of(code or postcode)
                places["hours"].append(words.hours.number(in_zone(hours.strip(), zone)))
                places["has_phone"].append(bool(phone))
                places["has_access"].append(bool(accessibility))
                places["labels"].append(words.labels.of_json(labels))
                places["closed"].append(_day(closed_until))
                places["dated"].append(_day(source_date))
                places["same_as"].append(same_as or 0)
                places["named"].append(len(plain.split()))
                places["changed"].append(words.changes.setdefault(changes[pk], len(words.changes)))
                number = words.tokens.number
                tokens.extend([number(each) for each in own])
                spelt.append(len(tokens))
                for service in of_each.get(pk, ()):
                    self._add_service(services, service, zone)
                given.append(len(services["needs"]))
        return Part.of_lists(places, services, tokens, given, spelt), seen

    def _add_service(self, services: dict[str, list[Any]], row: Any, zone: str) -> None:
        words = self.words
        _of, need, needs, themes, cost, languages, publics, care, modes, access, hours, accessibility = row
        bits = words.needs.get(needs)
        if bits is None:
            bits = words.needs[needs] = sum({NEED_BIT.get(code, 0) for code in json.loads(needs)})
        services["needs"].append(bits | NEED_BIT[need])
        services["themes"].append(0 if themes == "[]" else words.themes.number(themes))
        services["cost"].append(COST_BIT[cost])
        services["languages"].append(words.languages.of_json(languages))
        services["publics"].append(words.publics.of_json(publics))
        services["care"].append(words.care.of_json(care))
        services["modes"].append(words.modes.of_json(modes))
        services["access"].append(words.access.of_json(access))
        services["hours"].append(words.hours.number(in_zone(hours.strip(), zone)))
        services["has_access"].append(bool(accessibility))


def _kinds_in(name: str) -> int:
    found = 0
    for match in _KIND_IN_NAME.finditer(name):
        found |= KIND_BIT[match.lastgroup or "unknown"]
    return found


def _day(value: Any) -> int:
    """A day as a number; the database may give it as text. 0: nobody said."""
    if not value:
        return 0
    return (date.fromisoformat(value[:10]) if isinstance(value, str) else value).toordinal()


def _newest() -> tuple[tuple[Any, ...] | None, bool]:
    """The place that changed last, and whether a source fails: both are asked for each answer, so they are at once.

    Its public id tells a place from one that took its number after it was undone.
    """
    with connection.cursor() as cursor:
        # In two steps: for one ORDER BY over both, SQLite sorts the whole table where many rows are of one moment.
        cursor.execute(
            "SELECT t.changed_at, t.id, t.uuid, "
            "EXISTS (SELECT 1 FROM directory_feed WHERE stopped_at IS NULL AND failing_since IS NOT NULL) "
            "FROM (SELECT 1) AS one LEFT JOIN directory_structure t ON t.id = (SELECT id FROM directory_structure "
            "WHERE changed_at = (SELECT max(changed_at) FROM directory_structure) ORDER BY id DESC LIMIT 1)"
        )
        *newest, some_fail = cursor.fetchone()
    return None if newest[1] is None else tuple(newest), bool(some_fail)


def _counts() -> dict[Any, int]:
    rows = Structure.objects.order_by().values_list("changed_at")
    return dict(rows.annotate(count=Count("pk")))


def _rows(
    keys: Sequence[int] | None,
) -> Iterator[tuple[list[Any], dict[int, list[Any]], dict[int, datetime]]]:
    """Places, some thousands at a time, the services of each, and when each changed; ``None``: all current ones."""
    first = 0
    while True:
        rows = Structure.objects.order_by("pk").filter(pk__gt=first)
        if keys is None:
            changes = dict(rows.filter(ended_at=None).values_list("pk", "changed_at")[:CHUNK])
            where, params = "t.id > %s AND t.id <= %s", [first, max(changes, default=0)]
        else:
            some = keys[:CHUNK]
            keys = keys[CHUNK:]
            changes = dict(rows.filter(pk__in=some).values_list("pk", "changed_at")) if some else {}
            where, params = f"t.id IN ({', '.join(['%s'] * len(some))})", list(some)
        if not changes:
            return
        own = f"{where} AND t.ended_at IS NULL" if keys is None else where
        structures = [row for row in _asked(Structure, STRUCTURE_COLUMNS, own, params) if row[0] in changes]
        of_each: dict[int, list[Any]] = {}
        for row in _asked(Service, SERVICE_COLUMNS, where.replace("t.id", "t.structure_id"), params):
            of_each.setdefault(row[0], []).append(row)
        yield structures, of_each, changes
        first = max(changes) if keys is None else 0


def _asked(model: Any, names: Sequence[str], where: str, params: list[Any]) -> list[Any]:
    """Rows as the driver gives them; lists as text."""
    columns = ", ".join(f"CAST(t.{name} AS TEXT)" if name in JSON_COLUMNS else f"t.{name}" for name in names)
    question = f"SELECT {columns} FROM {model._meta.db_table} t WHERE {where} ORDER BY t.id"
    with connection.cursor() as cursor:
        cursor.execute(question, params)
        return list(cursor.fetchall())


_indexes: dict[str, SearchIndex] = {}


def panorama() -> tuple[Panorama, bool]:
    """That of the database of this process (tests have another one), and whether one of its sources fails."""
    name = str(connection.settings_dict["NAME"])
    return _indexes.setdefault(name, SearchIndex()).current()


def read_panorama_ahead() -> Thread:
    """Reads it beside what a process does when it starts, with a connection of its own."""

    def read() -> None:
        try:
            panorama()
        except DatabaseError:
            logger.info("the panorama is read at the first search: the database does not answer yet")
        finally:
            connection.close()

    thread = Thread(target=read, name="panorama", daemon=True)
    thread.start()
    return thread
