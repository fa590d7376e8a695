"""Which places answer a question, and in which order: columns of numbers compared at once, no row of a table read.

A place that says nothing of what is asked stays in, after those that say yes. What is asked and denied leaves out:
other needs than those asked, closed, paid, alone; that is counted by why, and comes back when one asks for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from bagage.directory.domain.communes import folded
from bagage.directory.domain.matching import ALONE, CLOSED, LEFT_OUT, OTHERS, PAID, Fit
from bagage.directory.domain.needs import FOR_EVERYONE, WITH_SOMEONE, Cost
from bagage.directory.search.asked import Question
from bagage.directory.search.columns import Flags, Numbers, metres_from, spread
from bagage.directory.search.state import Panorama
from bagage.directory.search.vocabulary import COST_BIT, KIND_BIT, NEED_BIT, UNKNOWN_NEED, Bits

# The reach when none is asked: the next one when the one before holds fewer good answers than said.
REACHES_KM = ((5.0, 10), (20.0, 3), (50.0, 0))
NEAR_M = 5_000
# Of a place that is not of the kind, the programme or the name asked for.
OTHER_THING = 2
WHOLE_NAME, PART_OF_NAME = 0.65, 0.3


@dataclass(slots=True)
class Answer:
    """The places that answer, best first: each of the columns has one value a place.

    ``said`` has, by condition, whether the place says it. ``out`` is why it would be left out, as a number.
    """

    groups: Numbers
    metres: Numbers | None
    fit: NDArray[np.int8]
    out: NDArray[np.int8]
    states: NDArray[np.int8]
    said: dict[str, Flags]
    total: int = 0
    saying: int = 0
    counted_out: dict[str, int] = field(default_factory=dict)


def answer_to(question: Question, panorama: Panorama, *, offset: int, limit: int) -> Answer:
    """The places from ``offset`` on, at most ``limit``, and how many answer in all."""
    if question.point is None or question.radius_km is not None:
        return _Search(question, panorama, question.radius_km).answer(offset, limit)
    answer = None
    for reach, enough in REACHES_KM:
        search = _Search(question, panorama, reach)
        if search.good >= enough:
            return search.answer(offset, limit)
        answer = search
    assert answer is not None
    return answer.answer(offset, limit)


class _Search:
    """One question within one reach."""

    def __init__(self, question: Question, panorama: Panorama, radius_km: float | None) -> None:
        self.question, self.panorama = question, panorama
        self.said: dict[str, Flags] = {}
        self.groups, self.metres = self._within(radius_km)
        self._keep_words()
        count = len(self.groups)
        self.given = panorama.needs[self.groups]
        self.hits, self.fit = self._fits()
        self.rows, self.owner, self.matched = self._services()
        self.has_matched = np.zeros(count, dtype=bool)
        self.has_matched[self.owner[self.matched]] = True
        self.losses = np.zeros(count, dtype="i8")
        self.misses = np.zeros(count, dtype="i8")
        self.states = np.full(count, -1, dtype="i1")
        self.out = np.zeros(count, dtype="i1")
        self._identity()
        self._conditions()
        self._leave_out()
        self._rank()

    # ---------- which ----------
    def _within(self, radius_km: float | None) -> tuple[Numbers, Numbers | None]:
        question, panorama = self.question, self.panorama
        if question.point is not None:
            groups, metres = panorama.around(*question.point, radius_km or REACHES_KM[-1][0])
            if question.code and question.radius_km is None:
                # All of a large commune is in it, however far its edges are.
                there = panorama.in_communes(question.communes)
                more = there[~np.isin(there, groups)]
                if len(more):
                    far = self._metres(more)
                    groups, metres = np.concatenate([groups, more]), np.concatenate([metres, far])
            return groups, metres
        if question.code:
            return np.sort(panorama.in_communes(question.communes)), None
        if question.department:
            return np.sort(panorama.in_department(question.department)), None
        return np.arange(panorama.size), None

    def _metres(self, groups: Numbers) -> Numbers:
        panorama, point = self.panorama, self.question.point
        assert point is not None
        metres = metres_from(*point, panorama.latitude[groups], panorama.longitude[groups])
        return np.rint(np.nan_to_num(metres, nan=0.0)).astype("i8")

    def _keep(self, kept: Flags) -> None:
        self.groups = self.groups[kept]
        if self.metres is not None:
            self.metres = self.metres[kept]

    def _keep_words(self) -> None:
        """Only the places of which every word that must be written is written."""
        for word in self.question.words:
            tokens = self.panorama.words.tokens_holding(word)
            self._keep(np.isin(self.groups, self.panorama.groups_with(tokens)))

    def _fits(self) -> tuple[Numbers, NDArray[np.int8]]:
        """How many of the things asked each place gives, and how well that answers."""
        question, panorama = self.question, self.panorama
        hits = np.zeros(len(self.groups), dtype="i8")
        if not question.needs:
            return hits, np.zeros(len(self.groups), dtype="i1")
        for asked in question.needs:
            mask = sum({NEED_BIT[need] for need in asked.needs})
            hit = (self.given & mask) != 0
            if asked.theme:
                hit |= panorama.with_theme(asked.theme)[1][self.groups]
            hits += hit
        is_said = (self.given & ~UNKNOWN_NEED) != 0
        fit = np.where(is_said, Fit.OTHERS_ONLY, Fit.NOT_SAID)
        fit = np.where(hits > 0, Fit.SOME, fit)
        return hits, np.where(hits == len(question.needs), Fit.ALL, fit).astype("i1")

    def _services(self) -> tuple[Numbers, Numbers, Flags]:
        """The services of these places where a condition looks at them, whose they are, which of them are asked for."""
        question, panorama = self.question, self.panorama
        if not question.needs or not self._looks_at_services():
            none = np.zeros(0, dtype="i8")
            return none, none, none.astype(bool)
        rows, owner = spread(panorama.given, self.groups)
        mask = sum({NEED_BIT[need] for need in question.all_needs})
        matched = (panorama.services["needs"][rows] & mask) != 0
        for asked in question.needs:
            if asked.theme:
                matched |= panorama.with_theme(asked.theme)[0][rows]
        return rows[matched], owner[matched], np.ones(int(matched.sum()), dtype=bool)

    def _looks_at_services(self) -> bool:
        asked = self.question
        return bool(
            asked.cost
            or asked.with_someone
            or asked.publics
            or asked.languages
            or asked.access
            or asked.care
            or asked.modes
            or (asked.begins is not None and self.panorama.has_own_hours)
        )

    def _bits(self, name: str) -> Numbers:
        """What the services asked for say, together; of all services of a place that gives none of them."""
        panorama = self.panorama
        found = np.zeros(len(self.groups), dtype="i8")
        if len(self.rows):
            np.bitwise_or.at(found, self.owner, panorama.services[name][self.rows].astype("i8"))
        others = np.flatnonzero(~self.has_matched)
        if len(others) and name in {"cost", "modes"}:
            whole = panorama.costs if name == "cost" else panorama.modes
            found[others] = whole[self.groups[others]]
        elif len(others):
            rows, owner = spread(panorama.given, self.groups[others])
            np.bitwise_or.at(found, others[owner], panorama.services[name][rows].astype("i8"))
        return found

    # ---------- what it is ----------
    def _identity(self) -> None:
        """Kinds, programmes and names: what is another thing comes later, and only if it gives all that is asked."""
        question, panorama = self.question, self.panorama
        count = len(self.groups)
        is_it = np.ones(count, dtype=bool)
        is_asked = False
        self.bonus = np.zeros(count, dtype="i8")
        if question.kinds:
            mask = sum({KIND_BIT.get(kind, 0) for kind in question.kinds})
            of_kind = (panorama.kinds[self.groups] & mask) != 0
            self.said["kind"] = of_kind
            is_it &= of_kind
            is_asked = True
        if question.kind_words:
            called = self._likeness(question.kind_words, only_names=True)
            self.bonus -= np.rint(called * 2).astype("i8")
        if question.labels:
            mask = panorama.words.labels.of(question.labels)
            labelled = (panorama.labels[self.groups] & mask) != 0
            for label in question.labels:
                names = [word.rstrip("s") for word in folded(label).split()]
                labelled |= self._likeness(names, only_names=True) >= 1.0
            self.said["label"] = labelled
            is_it &= labelled
            is_asked = True
        if question.rest:
            likeness = np.maximum(
                self._likeness(question.rest, only_names=True), 0.8 * self._likeness(question.rest)
            )
            whole, some = likeness >= WHOLE_NAME, likeness >= PART_OF_NAME
            self.said["name"] = whole
            if question.needs or question.kinds or question.labels:
                self.bonus -= np.rint(likeness * 4).astype("i8")
            elif np.any(some):
                # A name was all that was asked: what is not called so is not an answer.
                is_it &= some
                is_asked = True
                self.bonus -= np.rint(likeness * 20).astype("i8")
        if is_asked:
            self.losses[~is_it] += OTHER_THING
            gives_all = bool(question.needs) & (self.fit == Fit.ALL)
            self._drop(is_it | gives_all)

    def _drop(self, kept: Flags) -> None:
        if np.all(kept):
            return
        places = np.cumsum(kept) - 1
        mine = kept[self.owner]
        self.rows, self.owner, self.matched = self.rows[mine], places[self.owner[mine]], self.matched[mine]
        self._keep(kept)
        for name in ("given", "hits", "fit", "has_matched", "losses", "misses", "states", "out", "bonus"):
            setattr(self, name, getattr(self, name)[kept])
        self.said = {name: flags[kept] for name, flags in self.said.items()}

    def _likeness(
        self, words: tuple[str, ...] | list[str], *, only_names: bool = False
    ) -> NDArray[np.float64]:
        """How much of these words is written of each place, 0 to 1; a long word counts more."""
        panorama = self.panorama
        found = np.zeros(len(self.groups))
        total = 0.0
        for word in words:
            weight = float(min(len(word), 8))
            total += weight
            best = np.zeros(len(self.groups))
            by_score: dict[float, list[int]] = {}
            for token, score in panorama.words.tokens_like(word).items():
                by_score.setdefault(score, []).append(token)
            for score, tokens in sorted(by_score.items()):
                best[np.isin(self.groups, panorama.groups_with(tokens, only_names=only_names))] = score
            found += weight * best
        return found / total if total else found

    # ---------- conditions ----------
    def _conditions(self) -> None:
        """What each place says of the conditions; one that nobody says costs a place, one that is denied more."""
        question, words = self.question, self.panorama.words
        if question.begins is not None and question.ends is not None:
            self._opening(question)
        self.paid = self.alone = np.zeros(len(self.groups), dtype=bool)
        if question.cost and question.cost != Cost.UNKNOWN:
            bits = self._bits("cost")
            wanted = COST_BIT[Cost.FREE]
            if question.cost == Cost.CONDITIONS:
                wanted |= COST_BIT[Cost.CONDITIONS]
            if question.cost == Cost.PAID:
                wanted = sum(COST_BIT.values())
            self._note("cost", (bits & wanted) != 0)
            self.paid = (bits != 0) & ((bits & wanted) == 0)
        if question.with_someone:
            bits = self._bits("modes")
            helped = (bits & sum({words.modes.bit(mode) for mode in WITH_SOMEONE})) != 0
            if not question.modes:
                self._note("with_someone", helped)
            else:
                self.said["with_someone"] = helped
            self.alone = (bits != 0) & ~helped
        if question.modes:
            self._among("modes", question.modes, words.modes)
        if question.publics:
            self._among("publics", (*question.publics, *FOR_EVERYONE), words.publics)
        if question.access:
            self._among("access", question.access, words.access)
        if question.care:
            self._among("care", question.care, words.care)
        if question.languages:
            self._among("languages", question.languages, words.languages)

    def _note(self, name: str, says: Flags, *, weight: int = 2) -> None:
        self.said[name] = says
        self.misses += np.where(says, 0, weight)

    def _among(self, name: str, codes: tuple[str, ...], bits: Bits) -> None:
        """Who names one of these; who names others only comes a little after who names none."""
        found = self._bits(name)
        mask = sum({bits.bit(code) for code in codes})
        self._note(name, (found & mask) != 0)
        self.misses += (found != 0) & ((found & mask) == 0)

    def _opening(self, question: Question) -> None:
        panorama, words = self.panorama, self.panorama.words
        assert question.begins is not None
        assert question.ends is not None
        numbers = panorama.hours[self.groups]
        self.states = words.open_at(numbers, question.begins, question.ends)
        if panorama.has_own_hours and len(self.rows):
            own = panorama.services["hours"][self.rows]
            mine = own != 0
            if np.any(mine):
                # A service with hours of its own is open when it is, whatever the place says.
                owners = self.owner[mine]
                best = np.full(len(self.groups), -2, dtype="i1")
                np.maximum.at(best, owners, words.open_at(own[mine], question.begins, question.ends))
                self.states = np.where(best > -2, best, self.states)
        is_shut = panorama.closed[self.groups] >= question.begins.toordinal()
        self.states = np.where(is_shut, 0, self.states).astype("i1")
        self._note("open", self.states == 1)

    def _leave_out(self) -> None:
        """Why each place would be left out: the first of the reasons that holds."""
        for number, reason in reversed(list(enumerate(LEFT_OUT))):
            holds = {
                OTHERS: self.fit == Fit.OTHERS_ONLY,
                CLOSED: (self.states == 0) & (self.question.begins is not None),
                PAID: self.paid,
                ALONE: self.alone,
            }[reason]
            self.out[holds] = number + 1

    # ---------- the order ----------
    def _rank(self) -> None:
        question, panorama = self.question, self.panorama
        # By the number of a reason, 0 for none: whether who is left out for it is shown.
        is_back = np.array([True, *(reason in question.also for reason in LEFT_OUT)])
        self.shown = is_back[self.out]
        self.losses += np.where(self.fit == Fit.NOT_SAID, 2, np.minimum(self.fit, 2))
        far = np.zeros(len(self.groups), dtype="i8")
        if self.metres is not None and question.radius_km is None:
            is_there = self._is_in_commune()
            far = np.where(is_there | (self.metres <= NEAR_M), 0, np.where(self.metres <= 20_000, 1, 2))
        self.losses += np.where(self.misses > 0, 1, 0) + far
        metres = self.metres if self.metres is not None else np.zeros(len(self.groups), dtype="i8")
        short = np.minimum(len(question.needs) - self.hits, 7)
        # One number a place, the smaller the better. From the left: left out, losses, a name, fit, needs not given,
        # conditions not said, metres, its place by name.
        key = (self.out != 0).astype("i8")
        for value, bits in (
            (self.losses, 4),
            (self.bonus + 24, 5),
            (self.fit.astype("i8"), 2),
            (short, 3),
            (self.misses, 5),
            (metres, 25),
        ):
            key = (key << bits) | np.minimum(value, (1 << bits) - 1)
        shift = max(0, int(panorama.size).bit_length() - 18)
        self.key = (key << 18) | (panorama.order[self.groups] >> shift)
        self.good = int(np.count_nonzero(self.shown & (self.out == 0) & (self.losses <= 1)))

    def _is_in_commune(self) -> Flags:
        communes = self.panorama.words.communes
        is_wanted = np.zeros(len(communes.texts), dtype=bool)
        is_wanted[[communes.numbers[code] for code in self.question.communes if code in communes.numbers]] = (
            True
        )
        found: Flags = is_wanted[self.panorama.commune[self.groups]]
        return found

    def answer(self, offset: int, limit: int) -> Answer:
        """The places from ``offset`` on."""
        shown = np.flatnonzero(self.shown)
        wanted = offset + limit
        keys = self.key[shown]
        if wanted < len(keys):
            first = np.argpartition(keys, wanted)[:wanted]
            # Those that are equal in all else come by their number, so that pages follow each other.
            edge = keys[first].max() if len(first) else -1
            first = np.flatnonzero(keys <= edge)
        else:
            first = np.arange(len(keys))
        first = first[np.lexsort((self.groups[shown[first]], keys[first]))][offset:wanted]
        chosen = shown[first]
        counted = np.bincount(self.out[~self.shown], minlength=len(LEFT_OUT) + 1)
        return Answer(
            self.groups[chosen],
            None if self.metres is None else self.metres[chosen],
            self.fit[chosen],
            self.out[chosen],
            self.states[chosen],
            {name: flags[chosen] for name, flags in self.said.items()},
            int(np.count_nonzero(self.shown)),
            int(np.count_nonzero(self.shown & (self.fit <= Fit.SOME))),
            {
                reason: int(counted[number + 1])
                for number, reason in enumerate(LEFT_OUT)
                if counted[number + 1]
            },
        )
