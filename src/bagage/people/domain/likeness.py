"""How much a file is like what is asked for, and why: the reasons are as important as the figure.

Names, birth, phone and code are each compared by themselves; what is unknown on one side speaks neither for nor
against, and is said. Nothing here decides that two files are one person: someone does.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache

from rapidfuzz.distance import OSA, JaroWinkler

from bagage.people.domain.names import Word, is_said_for, name_words, script_of
from bagage.people.domain.phones import phone_slip
from bagage.people.domain.years import Year

POSSIBLE = 0.55


class Band(StrEnum):
    """How sure one may be."""

    VERY_LIKELY = "very_likely"
    POSSIBLE = "possible"
    NO = "no"


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: ``kind`` and what the sentence needs. ``speaks`` is True for, False against, None neither."""

    kind: str
    speaks: bool | None = True
    one: str = ""
    other: str = ""
    year: int = 0
    sought_year: int = 0
    on: date | None = None


@dataclass(frozen=True, slots=True)
class Sought:
    """What is asked for."""

    words: tuple[Word, ...] = ()
    year: Year | None = None
    phone: str = ""
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What a file says of these same things; ``names`` has the main name first."""

    names: tuple[str, ...]
    birth_year: int | None = None
    is_birth_year_about: bool = False
    birth_date: date | None = None
    phones: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Likeness:
    """The figure from 0 to 1, its band, and the reasons. ``facts`` are those that agree: name, birth, phone, code."""

    score: float
    band: Band
    reasons: tuple[Reason, ...] = ()
    facts: frozenset[str] = field(default_factory=frozenset)


@lru_cache(maxsize=50_000)
def compare_words(sought: Word, known: Word) -> tuple[float, Reason | None]:
    """How near two words are, and why; equal words need no reason of their own."""
    one, other = sought.folded, known.folded

    def why(kind: str) -> Reason:
        return Reason(kind, one=sought.written, other=known.written)

    other_script = script_of(sought.written) != script_of(known.written)
    if one == other:
        return (0.95, why("same_sound")) if other_script else (1.0, None)
    if other_script and sought.sound == known.sound:
        return 0.92, why("same_sound")
    distance = OSA.distance(one, other, score_cutoff=2)
    if distance == 1 and min(len(one), len(other)) >= 3:
        if sorted(one) == sorted(other):
            return 0.9, why("letters_swapped")
        return (0.92 if sought.sound == known.sound else 0.86), why("one_letter")
    if sought.sound == known.sound:
        return 0.92, why("same_sound")
    if is_said_for(one, other):
        return 0.9, why("said_for")
    bare = sought.is_vowelless or known.is_vowelless
    if sought.skeleton and sought.skeleton == known.skeleton:
        if bare:
            return 0.85, why("same_sound")
        if len(sought.skeleton) >= 3 and JaroWinkler.similarity(one, other) >= 0.8:
            return 0.75, why("same_consonants")
    if (
        OSA.distance(sought.sound, known.sound, score_cutoff=1) == 1
        and min(len(sought.sound), len(known.sound)) >= 4
    ):
        return 0.74, why("near_sound")
    if len(one) >= 3 and other.startswith(one):
        return 0.8, why("begins")
    if distance == 2 and min(len(one), len(other)) >= 6:
        return 0.7, why("two_letters")
    if min(len(one), len(other)) >= 5 and JaroWinkler.similarity(one, other) >= 0.9:
        return 0.62, why("near_sound")
    return 0.0, None


def _compare_names(sought: tuple[Word, ...], names: Sequence[str]) -> tuple[float, list[Reason], bool]:
    """The best that any of her names does: figure, reasons, whether given and family name look exchanged."""
    best: tuple[float, list[Reason], bool] = (0.0, [], False)
    weight = sum(len(word.folded) for word in sought)
    for text in names:
        known = name_words(text)
        if not known:
            continue
        pairs = []
        for at, word in enumerate(sought):
            for place, other in enumerate(known):
                score, reason = compare_words(word, other)
                pairs.append((-score, at, place, reason))
        # No two have the same places: the reason is never compared.
        pairs.sort()
        taken: dict[int, int] = {}
        total, reasons = 0.0, []
        for negative, at, place, reason in pairs:
            score = -negative
            if score == 0 or at in taken or place in taken.values():
                continue
            taken[at] = place
            total += score * len(sought[at].folded)
            if reason is not None:
                reasons.append((at, reason))
        figure = total / weight
        # A word that she has and was not said costs little: people give one name of three.
        figure -= 0.02 * min(len(known) - len(taken), 3) if len(known) > len(taken) else 0
        order = [taken[at] for at in sorted(taken)]
        swapped = len(order) >= 2 and order != sorted(order)
        if swapped:
            figure -= 0.03
        if figure > best[0]:
            said = [reason for _, reason in sorted(reasons, key=lambda item: item[0])]
            if not said and figure > 0.5:
                whole = len(taken) == len(sought) and len(taken) == len(known)
                said = [] if swapped else [Reason("same_name" if whole else "part_of_name", one=text)]
            best = (figure, said, swapped)
    return best


def _compare_birth(year: Year, known: Known) -> tuple[float | None, Reason]:
    """How birth agrees: 1 the same, less when near, 0 when not, ``None`` when the file does not say."""
    if known.birth_year is None:
        return None, Reason("birth_unknown", None)
    apart = abs(year.value - known.birth_year)
    about = year.is_about or known.is_birth_year_about
    birth_year = known.birth_year

    def why(kind: str, speaks: bool) -> Reason:
        return Reason(kind, speaks, year=birth_year, sought_year=year.value, on=known.birth_date)

    if year.on and known.birth_date and year.on != known.birth_date and apart <= 1:
        return 0.5, why("birth_other_day", False)
    if apart == 0:
        return 1.0, why("birth_about" if known.is_birth_year_about else "birth", True)
    if about and apart <= 2 and (known.is_birth_year_about or apart <= 1):
        return 0.8, why("birth_near", True)
    return (0.35 if apart <= 3 else 0.0), why("birth_other", False)


def compare(sought: Sought, known: Known) -> Likeness:
    """The likeness of one file with what is asked for."""
    reasons: list[Reason] = []
    facts: set[str] = set()
    compared: list[tuple[float, float]] = []
    against = unknown = False
    name_score, complete = 0.0, False
    if set(sought.codes) & set(known.codes):
        return Likeness(1.0, Band.VERY_LIKELY, (Reason("same_code"),), frozenset({"code"}))
    if sought.words:
        name_score, said, swapped = _compare_names(sought.words, known.names)
        complete = len(sought.words) >= 2 and name_score >= 0.86
        reasons += said
        if swapped and name_score > 0.5:
            reasons.append(Reason("swapped"))
        compared.append((name_score, 0.6))
        if name_score >= 0.8:
            facts.add("name")
    else:
        swapped = False
    if sought.year is not None:
        agrees, reason = _compare_birth(sought.year, known)
        reasons.append(reason)
        if agrees is None:
            unknown = True
        else:
            compared.append((agrees, 0.25))
            against |= agrees < 0.6
            if agrees >= 0.8:
                facts.add("birth")
    if sought.phone:
        slips = {phone_slip(sought.phone, phone) for phone in known.phones}
        if "same" in slips:
            reasons.append(Reason("same_phone"))
            compared.append((1.0, 0.4))
            facts.add("phone")
        elif found := sorted(slips - {""}):
            reasons.append(Reason(f"phone_{found[0]}"))
            compared.append((0.7, 0.4))
        elif known.phones:
            reasons.append(Reason("other_phone", False))
            compared.append((0.2, 0.2))
        else:
            unknown = True
            reasons.append(Reason("phone_unknown", None))
    if not compared:
        return Likeness(0.0, Band.NO)
    figure = sum(value * weight for value, weight in compared) / sum(weight for _, weight in compared)
    if sought.words and name_score < 0.45 and "phone" not in facts:
        # A year alone brings no one up.
        return Likeness(min(figure, 0.3), Band.NO, tuple(reasons), frozenset(facts))
    if not sought.words and "phone" not in facts and figure < 0.65:
        return Likeness(min(figure, 0.3), Band.NO, tuple(reasons), frozenset(facts))
    figure = max(0.0, min(1.0, figure - (0.03 if unknown else 0.0)))
    if figure < POSSIBLE:
        return Likeness(figure, Band.NO, tuple(reasons), frozenset(facts))
    sure = figure >= 0.86 and not against and not unknown and not swapped and (complete or len(facts) >= 2)
    return Likeness(figure, Band.VERY_LIKELY if sure else Band.POSSIBLE, tuple(reasons), frozenset(facts))
