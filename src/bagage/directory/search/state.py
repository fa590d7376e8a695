"""One state of the panorama, ready to be searched: rows that speak of one place are one group."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bagage.directory.domain.communes import KM_A_DEGREE
from bagage.directory.domain.matching import SAME_PLACE_KM
from bagage.directory.search.columns import Flags, Numbers, Part, metres_from, starts_of
from bagage.directory.search.told import Told
from bagage.directory.search.vocabulary import UNKNOWN_NEED, Vocabulary

# A band of latitude holds the places of a tenth of a degree, from west to east.
BAND = 0.1
BAND_WIDTH = 1000.0


class Panorama:
    """One state of it, ready to be searched. A *group* is a place: one row of the files, or several that speak of it.

    Columns of groups: ``latitude``, ``longitude``, ``commune``, ``needs`` (bits of all services), ``kinds``, ``labels``
    ``hours`` (numbers), ``closed`` (a day as a number), ``order`` (by name). ``rows`` are the places of each group, the
    one that says most first, from ``starts[group]`` on; ``services`` are those of each group from ``given[group]`` on.
    """

    def __init__(
        self, part: Part, words: Vocabulary, apart: set[tuple[int, int]], told: Told | None = None
    ) -> None:
        """``apart``: pairs of keys that somebody told apart; ``told``: what is kept of the places of this state."""
        self.part, self.words = part, words
        self.told = told or Told()
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
        self.given = starts_of(np.bincount(owners, minlength=self.size)) if count else np.zeros(1, dtype="i8")
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
            until = starts_of(of_theme.astype("i8"))
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
    return group_of, in_groups, starts_of(np.bincount(group_of, minlength=len(_heads)))


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
