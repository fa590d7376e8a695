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
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from threading import RLock, Thread
from time import monotonic
from typing import Any

import numpy as np
from django.db import DatabaseError, connection
from django.db.models import Count
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from bagage.common.hours import UnreadableHours, parsed
from bagage.directory.domain.communes import KM_A_DEGREE, folded
from bagage.directory.domain.matching import SAME_PLACE_KM
from bagage.directory.domain.needs import Cost, Need
from bagage.directory.domain.places import KIND_IN_NAME
from bagage.directory.models import LikelySame, Service, Structure

logger = logging.getLogger(__name__)
Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]

COUNTED_EVERY = 60.0
# More changed places than this are not worth mending one by one: all is read again.
AT_ONCE = 20_000
CHUNK = 5_000
NEED_BIT = {str(need): 1 << number for number, need in enumerate(Need)}
UNKNOWN_NEED = NEED_BIT[Need.UNKNOWN]
COST_BIT = {Cost.FREE: 1, Cost.CONDITIONS: 2, Cost.PAID: 4, Cost.UNKNOWN: 0}
KINDS = tuple(Structure.Kind.values)
KIND_BIT = {kind: 1 << number for number, kind in enumerate(KINDS)}
_KIND_IN_NAME = re.compile(
    "|".join(f"(?P<{kind}>{pattern})" for pattern, kind in KIND_IN_NAME), re.IGNORECASE
)
# The sphere, in metres.
EARTH_M = 6_371_000.0
# A band of latitude holds the places of a tenth of a degree, from west to east.
BAND = 0.1
BAND_WIDTH = 1000.0


class Words:
    """Texts by number, and numbers by text; ``""`` is 0."""

    def __init__(self) -> None:
        self.texts: list[str] = [""]
        self.numbers: dict[str, int] = {"": 0}

    def number(self, text: str) -> int:
        """The number of a text, given when it is first met."""
        found = self.numbers.get(text)
        if found is None:
            found = self.numbers[text] = len(self.texts)
            self.texts.append(text)
        return found


class Bits:
    """Codes as bits of one number; from the sixty-third on they share the last one, which is then asked in vain."""

    def __init__(self) -> None:
        self.bits: dict[str, int] = {}
        self.known: dict[str, int] = {"": 0, "[]": 0, "null": 0}

    def bit(self, code: str) -> int:
        """The bit of a code, 0 when nobody ever said it."""
        return self.bits.get(code, 0)

    def of(self, codes: Iterable[str]) -> int:
        """The bits of codes, given when they are first met."""
        found = 0
        for code in codes:
            if code not in self.bits:
                self.bits[code] = 1 << min(len(self.bits), 61)
            found |= self.bits[code]
        return found

    def of_json(self, text: str) -> int:
        """The same of a list as the database keeps it; most places say the same as many others."""
        found = self.known.get(text)
        if found is None:
            found = self.known[text] = self.of(map(str, json.loads(text)))
        return found


STRUCTURE_COLUMNS = (
    "id",
    "name",
    "kind",
    "commune_code",
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
# One row a place: name of the column, and its type.
PLACE_TYPES: dict[str, str] = {
    "pk": "i8",
    "latitude": "f8",
    "longitude": "f8",
    "commune": "i4",
    "name": "i4",
    "kinds": "i4",
    "is_exact": "?",
    "hours": "i4",
    "has_phone": "?",
    "has_access": "?",
    "labels": "i8",
    "closed": "i4",
    "dated": "i4",
    "same_as": "i8",
    "named": "i4",  # how many of its words are of its name
    "changed": "i4",
}
SERVICE_TYPES: dict[str, str] = {
    "needs": "i4",
    "themes": "i4",
    "cost": "i1",
    "languages": "i8",
    "publics": "i8",
    "care": "i8",
    "modes": "i8",
    "access": "i8",
    "hours": "i4",
    "has_access": "?",
}


class Part:
    """Some places as columns: those of the whole panorama, or those that changed.

    ``given`` and ``spelt`` say where the services and the words of each place begin; one more than there are places.
    """

    def __init__(
        self,
        places: dict[str, NDArray[Any]],
        services: dict[str, NDArray[Any]],
        tokens: Numbers,
        given: Numbers,
        spelt: Numbers,
    ) -> None:
        self.places, self.services, self.tokens = places, services, tokens
        self.given, self.spelt = given, spelt

    def __len__(self) -> int:
        return len(self.places["pk"])

    @classmethod
    def of_lists(
        cls,
        places: dict[str, list[Any]],
        services: dict[str, list[Any]],
        tokens: array[int],
        given: list[int],
        spelt: list[int],
    ) -> Part:
        """The same from what was gathered place after place."""
        return cls(
            {name: np.array(places[name], dtype=kind) for name, kind in PLACE_TYPES.items()},
            {name: np.array(services[name], dtype=kind) for name, kind in SERVICE_TYPES.items()},
            np.array(tokens, dtype="i8"),
            np.array(given, dtype="i8"),
            np.array(spelt, dtype="i8"),
        )

    def without(self, keep: Flags) -> Part:
        """Only the places that are kept."""
        services = np.repeat(keep, np.diff(self.given))
        words = np.repeat(keep, np.diff(self.spelt))
        return Part(
            {name: column[keep] for name, column in self.places.items()},
            {name: column[services] for name, column in self.services.items()},
            self.tokens[words],
            _starts(np.diff(self.given)[keep]),
            _starts(np.diff(self.spelt)[keep]),
        )

    def joined(self, other: Part) -> Part:
        """Both, one after the other."""
        return Part(
            {name: np.concatenate([column, other.places[name]]) for name, column in self.places.items()},
            {name: np.concatenate([column, other.services[name]]) for name, column in self.services.items()},
            np.concatenate([self.tokens, other.tokens]),
            np.concatenate([self.given, other.given[1:] + self.given[-1]]),
            np.concatenate([self.spelt, other.spelt[1:] + self.spelt[-1]]),
        )


def _starts(counts: Numbers) -> Numbers:
    """Where each begins, and where the last one ends."""
    return np.concatenate([np.zeros(1, dtype="i8"), np.cumsum(counts, dtype="i8")])


def spread(starts: Numbers, chosen: Numbers) -> tuple[Numbers, Numbers]:
    """The rows that belong to each of the chosen ones, and to which of them (its place in ``chosen``)."""
    counts = starts[chosen + 1] - starts[chosen]
    owner = np.repeat(np.arange(len(chosen)), counts)
    first = np.cumsum(counts) - counts
    return np.repeat(starts[chosen] - first, counts) + np.arange(int(counts.sum())), owner


class Panorama:
    """One state of it, ready to be searched. A *group* is a place: one row of the files, or several that speak of it.

    Columns of groups: ``latitude``, ``longitude``, ``commune``, ``needs`` (bits of all services), ``kinds``, ``labels``
    ``hours`` (numbers), ``closed`` (a day as a number), ``order`` (by name). ``rows`` are the places of each group, the
    one that says most first, from ``starts[group]`` on; ``services`` are those of each group from ``given[group]`` on.
    """

    def __init__(self, part: Part, words: Vocabulary, apart: set[tuple[int, int]]) -> None:
        self.part, self.words = part, words
        places, count = part.places, len(part)
        group_of, self.rows, self.starts = _grouped(part, words, apart)
        heads = self.rows[self.starts[:-1]]
        self.size = len(heads)
        self.heads = heads
        self.group_of = group_of
        self.latitude, self.longitude = places["latitude"][heads], places["longitude"][heads]
        self.is_placed = ~np.isnan(self.latitude)
        self.unplaced = int(np.count_nonzero(np.isnan(places["latitude"])))
        self.commune = places["commune"][heads]
        self.kinds, self.labels = self._any_of("kinds"), self._any_of("labels")
        self.has_phone = self._any_of("has_phone")
        self.closed = self._any_of("closed", np.maximum)
        self.hours = self._first_of("hours")
        # The services of each group, one after the other.
        owners = np.repeat(group_of, np.diff(part.given)) if count else np.zeros(0, dtype="i8")
        in_order = np.argsort(owners, kind="stable")
        self.services = {name: column[in_order] for name, column in part.services.items()}
        self.given = _starts(np.bincount(owners, minlength=self.size)) if count else np.zeros(1, dtype="i8")
        self.needs = self._gathered("needs")
        self.costs = self._gathered("cost")
        self.modes = self._gathered("modes")
        self.has_access = self._any_of("has_access") | (self._gathered("has_access") > 0)
        order = words.order_of_names()
        by_name = np.lexsort((places["pk"][heads], order[places["name"][heads]]))
        self.order = np.empty(self.size, dtype="i8")
        self.order[by_name] = np.arange(self.size)
        # From south to north by bands, in a band from west to east.
        placed = np.flatnonzero(self.is_placed)
        keys = np.floor((self.latitude[placed] + 90) / BAND) * BAND_WIDTH + (self.longitude[placed] + 180)
        sorted_keys = np.argsort(keys, kind="stable")
        self.by_band, self.band_keys = placed[sorted_keys], keys[sorted_keys]
        self.by_commune = np.argsort(self.commune, kind="stable")
        self.sorted_communes = self.commune[self.by_commune]
        self.has_own_hours = bool(np.any(self.services["hours"]))
        self.themes: dict[str, tuple[Flags, Flags]] = {}
        self._by_token: tuple[Numbers, Numbers] | None = None

    def _any_of(self, name: str, how: Any = np.bitwise_or) -> NDArray[Any]:
        column = self.part.places[name][self.rows]
        if not len(column):
            return column
        found: NDArray[Any] = how.reduceat(column, self.starts[:-1])
        return found

    def _first_of(self, name: str) -> NDArray[Any]:
        """The first number that is not 0 among the rows of each group."""
        column = self.part.places[name][self.rows]
        found = column[self.starts[:-1]].copy() if len(column) else column
        for group in np.flatnonzero((np.diff(self.starts) > 1) & (found == 0)):
            some = column[self.starts[group] : self.starts[group + 1]]
            said = some[some != 0]
            if len(said):
                found[group] = said[0]
        return found

    def _gathered(self, name: str) -> NDArray[Any]:
        """The bits of all services of each group together; 0 for a group without."""
        column = self.services[name].astype("i8")
        found = np.zeros(self.size, dtype="i8")
        has = np.diff(self.given) > 0
        if len(column):
            found[has] = np.bitwise_or.reduceat(column, self.given[:-1][has])
        return found

    # ---------- where ----------
    def around(self, latitude: float, longitude: float, radius_km: float) -> tuple[Numbers, Numbers]:
        """The groups at most so far as the crow flies, and how far each is, in metres."""
        height = radius_km / KM_A_DEGREE * 1.001
        # Where the circle is widest, east to west.
        widest = min(abs(latitude) + height, 89.9)
        width = height / max(float(np.cos(np.radians(widest))), 0.01)
        bands = np.arange(
            np.floor((max(latitude - height, -90) + 90) / BAND),
            np.floor((min(latitude + height, 90) + 90) / BAND) + 1,
        )
        west = bands * BAND_WIDTH + max(longitude - width + 180, 0)
        east = bands * BAND_WIDTH + min(longitude + width + 180, 360)
        first = np.searchsorted(self.band_keys, west, side="left")
        last = np.searchsorted(self.band_keys, east, side="right")
        pieces = [self.by_band[start:end] for start, end in zip(first, last, strict=True) if end > start]
        if not pieces:
            return np.zeros(0, dtype="i8"), np.zeros(0, dtype="i8")
        near = np.concatenate(pieces)
        metres = metres_from(latitude, longitude, self.latitude[near], self.longitude[near])
        within = metres <= radius_km * 1000
        return near[within], np.rint(metres[within]).astype("i8")

    def in_communes(self, codes: Iterable[str]) -> Numbers:
        """The groups of these communes."""
        numbers = [self.words.communes.numbers[code] for code in codes if code in self.words.communes.numbers]
        return self._of_numbers(numbers)

    def in_department(self, number: str) -> Numbers:
        """The groups of a département."""
        found = self.words.communes.texts
        return self._of_numbers([at for at, text in enumerate(found) if text[: len(number)] == number])

    def _of_numbers(self, numbers: Sequence[int]) -> Numbers:
        wanted = np.array(numbers, dtype="i4")
        first = np.searchsorted(self.sorted_communes, wanted, side="left")
        last = np.searchsorted(self.sorted_communes, wanted, side="right")
        pieces = [self.by_commune[start:end] for start, end in zip(first, last, strict=True) if end > start]
        return np.concatenate(pieces) if pieces else np.zeros(0, dtype="i8")

    # ---------- what ----------
    def with_theme(self, theme: str) -> tuple[Flags, Flags]:
        """Which services are of a theme of data·inclusion, and which groups give one of them."""
        found = self.themes.get(theme)
        if found is None:
            lists = [
                number for number, text in enumerate(self.words.themes.texts) if text and f'"{theme}"' in text
            ]
            of_theme = np.isin(self.services["themes"], lists)
            until = _starts(of_theme.astype("i8"))
            found = of_theme, until[self.given[1:]] > until[self.given[:-1]]
            if len(self.themes) > 100:
                self.themes = {}
            self.themes[theme] = found
        return found

    # ---------- words ----------
    def groups_with(self, tokens: Iterable[int], *, only_names: bool = False) -> Numbers:
        """The groups in which one of these words is written; ``only_names``: in their names."""
        if self._by_token is None:
            in_order = np.argsort(self.part.tokens, kind="stable")
            self._by_token = in_order, self.part.tokens[in_order]
        in_order, sorted_tokens = self._by_token
        wanted = np.fromiter(tokens, dtype="i8")
        first = np.searchsorted(sorted_tokens, wanted, side="left")
        last = np.searchsorted(sorted_tokens, wanted, side="right")
        pieces = [in_order[start:end] for start, end in zip(first, last, strict=True) if end > start]
        if not pieces:
            return np.zeros(0, dtype="i8")
        at = np.concatenate(pieces)
        row = np.searchsorted(self.part.spelt, at, side="right") - 1
        if only_names:
            row = row[at - self.part.spelt[row] < self.part.places["named"][row]]
        return np.unique(self.group_of[row])


def metres_from(
    latitude: float, longitude: float, north: NDArray[np.float64], east: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How far points are, as the crow flies, in metres; coordinates in degrees (haversine)."""
    one, two = np.radians(latitude), np.radians(north)
    half = (
        np.sin((two - one) / 2) ** 2
        + np.cos(one) * np.cos(two) * np.sin(np.radians(east - longitude) / 2) ** 2
    )
    found: NDArray[np.float64] = 2 * EARTH_M * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return found


def _grouped(part: Part, words: Vocabulary, apart: set[tuple[int, int]]) -> tuple[Numbers, Numbers, Numbers]:
    """The group of each place; all places group by group, in each the one that says most first; where each begins.

    Rows of one place: joined by someone (``same_as``), or of one name in one commune and near each other.
    """
    places, count = part.places, len(part)
    parent = np.arange(count)

    def root(at: int) -> int:
        while parent[at] != at:
            at = int(parent[at])
        return at

    is_nameless = places["name"] == 0
    key = places["commune"].astype("i8") * (len(words.names.texts) + 1) + places["name"]
    in_order = np.argsort(key, kind="stable")
    ordered = key[in_order]
    edges: Numbers | list[int] = (
        np.flatnonzero(np.concatenate([[True], ordered[1:] != ordered[:-1], [True]])) if count else []
    )
    for start, end in pairwise(edges):
        if end - start == 1 or is_nameless[in_order[start]]:
            continue
        heads: list[int] = []
        for at in in_order[start:end]:
            for head in heads:
                if _speak_of_one(places, head, int(at)) and not _are_apart(places, head, int(at), apart):
                    parent[at] = head
                    break
            else:
                heads.append(int(at))
    joined = np.flatnonzero(places["same_as"])
    if len(joined):
        by_pk = {int(pk): at for at, pk in enumerate(places["pk"])}
        for at in joined:
            other = by_pk.get(int(places["same_as"][at]))
            if other is not None:
                one, two = root(int(at)), root(other)
                parent[one] = two
    group_root = parent if count == 0 else _roots(parent)
    _heads, group_of = np.unique(group_root, return_inverse=True)
    known = _known_of_each(part)
    # The row that says most stands for its place; the newest of equals.
    in_groups = np.lexsort(
        (
            -places["pk"],
            -places["dated"],
            ~places["has_phone"],
            places["hours"] == 0,
            -known,
            ~places["is_exact"],
            places["same_as"] != 0,
            group_of,
        )
    )
    return group_of, in_groups, _starts(np.bincount(group_of, minlength=len(_heads)))


def _roots(parent: Numbers) -> Numbers:
    while True:
        above = parent[parent]
        if np.array_equal(above, parent):
            return parent
        parent = above


def _known_of_each(part: Part) -> Numbers:
    """How many services of each place say what they give."""
    is_known = (part.services["needs"] & ~UNKNOWN_NEED) != 0
    total = np.concatenate([[0], np.cumsum(is_known)])
    found: Numbers = total[part.given[1:]] - total[part.given[:-1]]
    return found


def _are_apart(places: dict[str, NDArray[Any]], one: int, other: int, apart: set[tuple[int, int]]) -> bool:
    pair = sorted((int(places["pk"][one]), int(places["pk"][other])))
    return (pair[0], pair[1]) in apart


def _speak_of_one(places: dict[str, NDArray[Any]], one: int, other: int) -> bool:
    if not (places["is_exact"][one] and places["is_exact"][other]):
        return True
    far = metres_from(
        float(places["latitude"][one]),
        float(places["longitude"][one]),
        places["latitude"][other : other + 1],
        places["longitude"][other : other + 1],
    )
    return bool(far[0] <= SAME_PLACE_KM * 1000)


class Vocabulary:
    """The words that columns hold as numbers; only ever added to."""

    def __init__(self) -> None:
        self.names, self.communes, self.hours = Words(), Words(), Words()
        self.themes, self.tokens = Words(), Words()
        self.labels, self.languages, self.publics = Bits(), Bits(), Bits()
        self.care, self.modes, self.access = Bits(), Bits(), Bits()
        self.needs: dict[str, int] = {"[]": 0, "": 0}
        self.changes: dict[datetime, int] = {}
        self._order: NDArray[np.int64] | None = None
        self.states: dict[tuple[datetime, datetime], NDArray[np.int8]] = {}
        self.like: dict[str, tuple[int, dict[int, float]]] = {}

    def order_of_names(self) -> Numbers:
        """For each number of a name, where it stands among all."""
        if self._order is None or len(self._order) != len(self.names.texts):
            in_order = sorted(range(len(self.names.texts)), key=self.names.texts.__getitem__)
            self._order = np.empty(len(in_order), dtype="i8")
            self._order[in_order] = np.arange(len(in_order))
        return self._order

    def open_at(self, wanted: NDArray[Any], begins: datetime, ends: datetime) -> NDArray[np.int8]:
        """For each number of hours: 1 open at some time of that span, 0 closed, -1 nobody knows. Naive, local."""
        states = self.states.get((begins, ends))
        if states is None or len(states) < len(self.hours.texts):
            states = np.full(len(self.hours.texts), -2, dtype="i1")
            states[0] = -1
            if len(self.states) > 20:
                self.states.clear()
            self.states[begins, ends] = states
        for number in np.unique(wanted[states[wanted] == -2]):
            states[number] = state_of(self.hours.texts[number], begins, ends)
        found: NDArray[np.int8] = states[wanted]
        return found

    def tokens_holding(self, piece: str) -> tuple[int, ...]:
        """The words that a piece stands in."""
        return tuple(number for number, text in enumerate(self.tokens.texts) if piece in text)

    def tokens_like(self, word: str) -> dict[int, float]:
        """The words that a word may be, each with how near it is (0 to 1): itself, its beginning, one or two slips."""
        known = self.like.get(word)
        if known is not None and known[0] == len(self.tokens.texts):
            return known[1]
        most = 0 if len(word) < 5 or word.isdigit() else 1 if len(word) < 8 else 2
        found: dict[int, float] = {}
        texts = self.tokens.texts
        if most:
            for _text, slips, number in extract(
                word, texts, scorer=OSA.distance, score_cutoff=most, limit=200
            ):
                if texts[number][:1] == word[0]:
                    found[number] = 0.85 if slips == 1 else 0.7
        if len(word) >= 4:
            found.update((number, 0.9) for number, text in enumerate(texts) if text.startswith(word))
        exact = self.tokens.numbers.get(word)
        if exact is not None:
            found[exact] = 1.0
        if len(self.like) > 2000:
            self.like.clear()
        self.like[word] = len(texts), found
        return found


@lru_cache(maxsize=65_536)
def _evaluator(hours: str) -> Any:
    try:
        return parsed(hours)
    except UnreadableHours:
        return None


def state_of(hours: str, begins: datetime, ends: datetime) -> int:
    """1: open at some time of the span (both ends the same: at that moment); 0: closed; -1: nobody knows."""
    evaluator = _evaluator(hours)
    if evaluator is None:
        return -1
    if evaluator.is_open(begins):
        return 1
    if begins < ends:
        opens = evaluator.next_change(begins)
        return int(opens is not None and opens < ends and evaluator.is_open(opens))
    return 0


# ---------- reading the tables ----------
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

    def current(self) -> Panorama:
        """The panorama as the tables say it now: one query when nothing changed."""
        newest = _newest()
        panorama = self.panorama
        is_due = monotonic() - self.counted_at > COUNTED_EVERY
        if panorama is not None and newest == self.newest and not is_due:
            return panorama
        with self.lock:
            if self.panorama is None or newest != self.newest or is_due:
                self._renew(newest)
            assert self.panorama is not None
            return self.panorama

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
        if changed is None or len(changed) > AT_ONCE:
            self.words = Vocabulary()
            part, _seen = self._read(None)
        else:
            assert self.part is not None
            some, seen = self._read(changed)
            keep = ~np.isin(self.part.places["pk"], seen)
            part = self.part.without(keep).joined(some)
        apart = set(
            LikelySame.objects.filter(state=LikelySame.State.APART).values_list("first_id", "second_id")
        )
        self.part = part
        self.panorama = Panorama(part, self.words, apart)
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
                places["hours"].append(words.hours.number(hours.strip()))
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
                    self._add_service(services, service)
                given.append(len(services["needs"]))
        return Part.of_lists(places, services, tokens, given, spelt), seen

    def _add_service(self, services: dict[str, list[Any]], row: Any) -> None:
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
        services["hours"].append(words.hours.number(hours.strip()))
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


def _newest() -> tuple[Any, ...] | None:
    """The place that changed last. Its public id tells it from one that took its number after it was undone."""
    with connection.cursor() as cursor:
        # In two steps: for one ORDER BY over both, SQLite sorts the whole table where many rows are of one moment.
        cursor.execute(
            "SELECT changed_at, id, uuid FROM directory_structure WHERE changed_at = "
            "(SELECT max(changed_at) FROM directory_structure) ORDER BY id DESC LIMIT 1"
        )
        found = cursor.fetchone()
    return None if found is None else tuple(found)


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


def panorama() -> Panorama:
    """That of the database of this process; tests have another one."""
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


def span_of(moment: datetime, length: timedelta = timedelta(0)) -> tuple[datetime, datetime]:
    """A moment, naive and to the minute, and the end of the span that begins then."""
    begins = moment.replace(second=0, microsecond=0, tzinfo=None)
    return begins, begins + length
