"""What columns hold as numbers: needs, publics and the rest as bits, names, hours and words as numbers of a list."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from bagage.common.hours import UnreadableHours, out_of_zone, parsed
from bagage.common.school import is_holiday
from bagage.directory.domain.needs import Cost, Need
from bagage.directory.models import Structure
from bagage.directory.search.columns import Numbers

NEED_BIT = {str(need): 1 << number for number, need in enumerate(Need)}
UNKNOWN_NEED = NEED_BIT[Need.UNKNOWN]
COST_BIT = {Cost.FREE: 1, Cost.CONDITIONS: 2, Cost.PAID: 4, Cost.UNKNOWN: 0}
KINDS = tuple(Structure.Kind.values)
KIND_BIT = {kind: 1 << number for number, kind in enumerate(KINDS)}


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
def _evaluator(hours: str, in_holidays: bool) -> Any:
    try:
        return parsed(hours, in_holidays=in_holidays)
    except UnreadableHours:
        return None


def state_of(text: str, begins: datetime, ends: datetime) -> int:
    """1: open at some time of the span (both ends the same: at that moment); 0: closed; -1: nobody knows."""
    hours, zone = out_of_zone(text)
    evaluator = _evaluator(hours, is_holiday(begins.date(), zone))
    if evaluator is None:
        return -1
    if evaluator.is_open(begins):
        return 1
    if begins < ends:
        opens = evaluator.next_change(begins)
        return int(opens is not None and opens < ends and evaluator.is_open(opens))
    return 0
