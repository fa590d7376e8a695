"""How much a file is like what is asked for, and why: the reasons are as important as the figure.

Names, birth, phone and code are each compared by themselves; what is unknown on one side speaks neither for nor
against, and is said. Nothing here decides that two files are one person: someone does.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from functools import lru_cache
from math import log

from rapidfuzz.distance import OSA, JaroWinkler

from bagage.people.domain.names import (
    PARTICLE,
    WHOLE,
    Word,
    bare,
    is_elsewhere,
    is_said_for,
    is_small_word,
    joined_words,
    name_words,
    place_words,
    rough,
    script_of,
)
from bagage.people.domain.phones import phone_slip
from bagage.people.domain.years import Year

# From here on a file is shown; from there on it is very likely.
POSSIBLE, SURELY = 0.55, 0.95
# Very likely: fewer than one in twenty would find another who agrees as well. Proposed as one person: as measured by
# ``benchmarks/bench_look_up.py``, so that fewer than 2 % of entries warn wrongly; three times stricter where two births
# differ.
SURE, PROPOSED = 0.05, 0.15
# What may agree and be told of.
FACTS = frozenset({"name", "birth", "phone", "code"})
# So many words in common of where two live are an address, not only a town; so few share one day of birth.
ADDRESS, A_DAY = 3, 1 / 3_000
# One person in five lives elsewhere or has another number when she comes again (of the invented files): that it differs
# is five times as likely of someone else.
MOVED, OTHER_NUMBER = 5.0, 5.0
# So many years apart, of one name and one telephone, are a mother and her daughter.
GENERATION = 14


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
    """What is asked for. Some of ``words`` may be of where she lives: the file says which; ``where`` surely is."""

    words: tuple[Word, ...] = ()
    year: Year | None = None
    phone: str = ""
    codes: tuple[str, ...] = ()
    where: str = ""
    given: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What a file says of these same things; ``names`` has the main name first, ``where`` is as it was written.

    ``given`` is her given name where it stands apart from a family name, else empty: it is never guessed from the order
    of words, for many write the family name first.
    """

    names: tuple[str, ...]
    birth_year: int | None = None
    is_birth_year_about: bool = False
    birth_date: date | None = None
    phones: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    where: str = ""
    given: str = ""


@dataclass(frozen=True, slots=True)
class Common:
    """How common names are among the ``persons`` of the base: ``count`` says how many bear a word that sounds so.

    A small base says little of what is common: it is read as if ten thousand more persons were there, five of whom
    bear each word.
    """

    persons: int = 0
    count: Callable[[Word], int] = lambda word: 0
    _shares: dict[Word, float] = field(default_factory=dict, compare=False, repr=False)

    OTHERS, OF_EACH = 10_000, 5
    # A base that begins will soon hold as many.
    FEWEST = 1_000

    @property
    def all(self) -> int:
        """Among how many a name is met."""
        return self.persons + self.OTHERS

    @property
    def here(self) -> float:
        """The part of them who are really in the base: by chance, no more than these can agree."""
        return max(self.persons, self.FEWEST) / self.all

    def share(self, word: Word) -> float:
        """The share of persons who bear this word, from 0 to 1."""
        share = self._shares.get(word)
        if share is None:
            if len(self._shares) > 100_000:
                self._shares.clear()
            share = self._shares[word] = min(1.0, (self.count(word) + self.OF_EACH) / self.all)
        return share

    def weight(self, word: Word) -> float:
        """What it says that this word agrees: a rare one more, a very short one less."""
        return (1.0 - log(self.share(word))) * min(1.0, (len(word.folded) + 1) / 5)


EVEN = Common()


@dataclass(frozen=True, slots=True)
class Likeness:
    """The figure from 0 to 1, its band, and the reasons. ``facts`` are those that agree: name, birth, phone, code.

    Beside them stand ``one_name``, ``day`` (a birth to the day) and ``address``, by which no other site may be asked.

    ``by_chance`` is how many persons of the base one would expect to agree as well without being her: far under one,
    the agreement says something; above, many would.

    ``given``: of two who share a telephone and not their whole name, whether the given names agree; ``None`` where that
    is not asked, or not clear.
    """

    score: float
    band: Band
    reasons: tuple[Reason, ...] = ()
    facts: frozenset[str] = field(default_factory=frozenset)
    by_chance: float = 1.0
    given: bool | None = None


@lru_cache(maxsize=200_000)
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
    # Of a word that is nearly all vowels little is left to hear.
    if sought.sound == known.sound and abs(len(one) - len(other)) <= 4:
        return 0.92, why("same_sound")
    if is_said_for(one, other):
        return 0.9, why("said_for")
    return _loosely(sought, known, distance, why)


def _loosely(
    sought: Word, known: Word, distance: int, why: Callable[[str], Reason]
) -> tuple[float, Reason | None]:
    """The looser ways in which two words may be one name."""
    one, other = sought.folded, known.folded
    short = min(len(one), len(other))
    alike = JaroWinkler.similarity(one, other)
    if sought.is_vowelless or known.is_vowelless:
        if sought.skeleton and sought.skeleton == known.skeleton:
            return 0.85, why("same_sound")
        if len(rough(one)) >= 2 and rough(one) == rough(other):
            return 0.8, why("near_sound")
        if len(bare(one)) >= 2 and bare(one) == bare(other):
            return 0.72 if len(bare(one)) >= 3 else 0.62, why("near_sound")
        if min(len(sought.skeleton), len(known.skeleton)) >= 3 and (
            OSA.distance(sought.skeleton, known.skeleton, score_cutoff=1) == 1
        ):
            # The article is heard before some letters and not before others: "Abdelkader", "Abderrahmane".
            return 0.8 if min(len(sought.skeleton), len(known.skeleton)) >= 4 else 0.68, why("near_sound")
    same_start = sought.sound[:1] == known.sound[:1]
    if sought.skeleton and sought.skeleton == known.skeleton:
        if len(sought.skeleton) >= 3 and alike >= 0.8:
            return 0.78, why("same_consonants")
        # Only how it ends is heard otherwise: "Touré" and "Touray", "Bah" and "Ba".
        if short >= 3 and same_start and sought.sound.rstrip("aeio") == known.sound.rstrip("aeio"):
            return 0.8, why("near_sound")
    if OSA.distance(sought.sound, known.sound, score_cutoff=1) == 1:
        if min(len(sought.sound), len(known.sound)) >= 4:
            return 0.74, why("near_sound")
        if short >= 4 and same_start and sought.skeleton == known.skeleton:
            return 0.72, why("near_sound")
    if len(one) >= 3 and other.startswith(one):
        return 0.8, why("begins")
    if len(rough(one)) >= 2 and rough(one) == rough(other) and alike >= 0.7:
        return 0.72, why("near_sound")
    if len(other) >= 3 and one.startswith(other):
        return 0.72, why("short_form")
    if distance == 2 and short >= 6:
        return 0.7, why("two_letters")
    if distance == 2 and short >= 5 and sorted(one) == sorted(other):
        return 0.7, why("two_letters")
    if short >= 5 and alike >= 0.9:
        return 0.62, why("near_sound")
    if short >= 7 and OSA.normalized_similarity(one, other) >= (0.65 if alike >= 0.85 else 0.7):
        return 0.6, why("near_sound")
    if short >= 4 and (one.endswith(other) or other.endswith(one)):
        return 0.6, why("short_form")
    return 0.0, None


@dataclass(frozen=True, slots=True)
class _Names:
    """How the names agree: figure, reasons, whether given and family name look exchanged, how many by chance."""

    figure: float = 0.0
    reasons: tuple[Reason, ...] = ()
    swapped: bool = False
    by_chance: float = 1.0
    has_one: bool = False


def _looseness(score: float) -> float:
    """How many more words agree so loosely, for one that agrees wholly."""
    return (
        1.0
        if score >= 0.99
        else 3.0
        if score >= 0.9
        else 6.0
        if score >= 0.84
        else 15.0
        if score >= 0.7
        else 40.0
    )


def _matched(
    sought: Sequence[Word], known: Sequence[Word]
) -> list[tuple[float, range, range, Reason | None]]:
    """Which words answer which, best first, each used once; neighbours may answer as one word."""
    found = []
    for at, word in enumerate(sought):
        for place, other in enumerate(known):
            score, reason = compare_words(word, other)
            if score:
                found.append((score, range(at, at + 1), range(place, place + 1), reason))
    if len(sought) != len(known) or len(found) < len(sought):
        longest = WHOLE if len(sought) != len(known) else PARTICLE
        for first, last, joined in joined_words(sought, longest):
            for place, other in enumerate(known):
                score = _as_one(joined, other)
                if score >= 0.8:
                    why = Reason("written_as_one", one=joined.written, other=other.written)
                    found.append((score - 0.01, range(first, last), range(place, place + 1), why))
        for first, last, joined in joined_words(known, longest):
            for at, word in enumerate(sought):
                score = _as_one(word, joined)
                if score >= 0.8:
                    why = Reason("written_as_one", one=word.written, other=joined.written)
                    found.append((score - 0.01, range(at, at + 1), range(first, last), why))
    found.sort(
        key=lambda pair: (-pair[0] * max(len(pair[1]), len(pair[2])) ** 0.2, pair[1].start, pair[2].start)
    )
    used, answered = set[int](), set[int]()
    kept = []
    for pair in found:
        if used.isdisjoint(pair[1]) and answered.isdisjoint(pair[2]):
            kept.append(pair)
            used |= set(pair[1])
            answered |= set(pair[2])
    return kept


def _as_one(one: Word, other: Word) -> float:
    """How near two words are of which one is two that were joined.

    Of very different length they are not looked at: most are, and each look costs while someone types.
    """
    if abs(len(one.folded) - len(other.folded)) > 3 and not (one.is_vowelless or other.is_vowelless):
        return 0.0
    return compare_words(one, other)[0]


def _compare_given(sought: Sought, known: Known) -> bool | None:
    """Whether the given names agree, one of two being enough; ``False`` where no word is like any of hers."""
    if not (sought.given and known.given):
        return None
    one, other = name_words(sought.given), name_words(known.given)
    pairs = _matched(one, other)
    near = [pair for pair in pairs if pair[0] >= 0.84]
    answered = sum(len(at) for _, at, _, _ in near), sum(len(place) for _, _, place, _ in near)
    if near and (answered[0] == len(one) or answered[1] == len(other)):
        return True
    others = tuple(word for text in known.names for word in name_words(text))
    return None if _matched(one, others) or _matched(sought.words, other) else False


def _compare_names(sought: tuple[Word, ...], names: Sequence[str], common: Common) -> _Names:
    """The best that any of her names does."""
    best = _Names()
    weights = [common.weight(word) for word in sought]
    for text in names:
        known = name_words(text)
        if not known:
            continue
        pairs = _matched(sought, known)
        total, by_chance = 0.0, float(common.all)
        reasons: list[tuple[int, Reason]] = []
        for score, at, place, reason in pairs:
            total += score * sum(weights[each] for each in at)
            share = min(common.share(known[each]) for each in place)
            by_chance *= min(1.0, share * _looseness(score))
            if reason is not None:
                reasons.append((at.start, reason))
        # Names go together: who bears one of a country bears the other more often, and two that are said as one always.
        by_chance *= 5.0 * 30.0 ** (len(pairs) - 2) if len(pairs) >= 2 else 1.0
        figure = total / sum(weights)
        answered = sum(len(place) for _, _, place, _ in pairs)
        # A word that she has and was not said costs little: people give one name of three.
        figure -= 0.02 * min(len(known) - answered, 3)
        order = [place.start for _, _, place, _ in sorted(pairs, key=lambda pair: pair[1].start)]
        swapped = len(order) >= 2 and order != sorted(order)
        if swapped:
            figure -= 0.03
        if figure > best.figure:
            said = [reason for _, reason in sorted(reasons, key=lambda item: item[0])]
            if not said and figure > 0.5 and not swapped:
                whole = len(pairs) == len(sought) and answered == len(known)
                said = [Reason("same_name" if whole else "part_of_name", one=text)]
            has_one = any(score >= 0.84 for score, _, _, _ in pairs)
            best = _Names(figure, tuple(said), swapped, by_chance, has_one)
    return best


def _compare_birth(year: Year, known: Known) -> tuple[float | None, Reason, float]:
    """How birth agrees: 1 the same, less when near, 0 when not, ``None`` when the file does not say.

    Then why, and the share of others who would agree so.
    """
    if known.birth_year is None:
        return None, Reason("birth_unknown", None), 1.0
    apart = abs(year.value - known.birth_year)
    about = year.is_about or known.is_birth_year_about
    birth_year = known.birth_year

    def why(kind: str, speaks: bool | None) -> Reason:
        return Reason(kind, speaks, year=birth_year, sought_year=year.value, on=known.birth_date)

    if year.on and known.birth_date:
        # The first of January is what is written of someone whose day is not known.
        usual = all((on.month, on.day) == (1, 1) for on in (year.on, known.birth_date))
        if year.on == known.birth_date:
            return 1.0, why("birth", True), 1 / 100 if usual else 1 / 10_000
        if not usual:
            return _compare_days(year.on, known.birth_date, why)
    if apart == 0:
        share = 1 / 10 if about else 1 / 40
        return 1.0, why("birth_about" if known.is_birth_year_about else "birth", True), share
    if about and apart <= 2 and (known.is_birth_year_about or apart <= 1):
        return 0.8, why("birth_near", True), 1 / 8
    digits = OSA.distance(str(year.value), str(known.birth_year))
    return (0.45 if apart == 1 else 0.3 if apart <= 3 or digits == 1 else 0.0), why("birth_other", False), 1.0


def _compare_days(
    one: date, other: date, why: Callable[[str, bool | None], Reason]
) -> tuple[float, Reason, float]:
    """Two days that differ: day and month exchanged, a digit, or simply two days."""
    if (one.year, one.month, one.day) == (other.year, other.day, other.month):
        return 0.8, why("birth_swapped", True), 1 / 3_000
    if OSA.distance(f"{one:%Y%m%d}", f"{other:%Y%m%d}", score_cutoff=1) == 1:
        return 0.7, why("birth_digit", None), 1 / 500
    apart = abs(one.year - other.year)
    return (
        (0.5 if apart == 0 else 0.3 if apart == 1 else 0.0),
        why("birth_other_day" if apart <= 1 else "birth_other", False),
        1.0,
    )


def _words_of_place(sought: tuple[Word, ...], known: Known) -> frozenset[int]:
    """Which of the words are of where she lives, and are no better one of her names."""
    if not known.where:
        return frozenset()
    places = set(place_words(known.where))
    theirs = {at for at, word in enumerate(sought) if _as_place(word) in places}
    if not theirs or len(theirs) == len(sought):
        return frozenset()
    named = {word.folded for text in known.names for word in name_words(text)}
    between = {at for at in range(min(theirs), max(theirs)) if is_small_word(sought[at].folded)}
    return frozenset(at for at in theirs | between if sought[at].folded not in named)


@lru_cache(maxsize=20_000)
def _is_same_address(one: str, other: str) -> bool:
    """Whether two addresses are one, slips and spaces apart; the name of a town alone is too short to say."""
    first, second = ("".join(place_words(text)) for text in (one, other))
    return min(len(first), len(second)) >= 16 and OSA.normalized_similarity(first, second) >= 0.85


def _as_place(word: Word) -> str:
    return {"st": "saint", "ste": "sainte"}.get(word.folded, word.folded)


def compare(sought: Sought, known: Known, common: Common = EVEN) -> Likeness:
    """The likeness of one file with what is asked for; ``common`` says what a name is worth."""
    if set(sought.codes) & set(known.codes):
        return Likeness(1.0, Band.VERY_LIKELY, (Reason("same_code"),), frozenset({"code"}), 0.0)
    reasons: list[Reason] = []
    facts: set[str] = set()
    compared: list[tuple[float, float]] = []
    against = unknown = False
    names, complete, by_chance = _Names(), False, float(common.all)
    if sought.words:
        of_place = _words_of_place(sought.words, known)
        words = tuple(word for at, word in enumerate(sought.words) if at not in of_place)
        names = _compare_names(words, known.names, common)
        by_chance = names.by_chance
        complete = len(words) >= 2 and names.figure >= 0.86
        reasons += names.reasons
        if names.swapped and names.figure > 0.5:
            reasons.append(Reason("swapped"))
        compared.append((names.figure, 0.6))
        if names.figure >= 0.8:
            facts.add("name")
        if names.has_one:
            facts.add("one_name")
        if of_place:
            reasons.append(Reason("place", one=known.where))
            compared.append((1.0, 0.1))
            by_chance /= 8
    if sought.where and known.where:
        places, hers = set(place_words(sought.where)), set(place_words(known.where))
        same = len(places & hers)
        if _is_same_address(sought.where, known.where):
            same = max(same, ADDRESS + 1)
        if same:
            reasons.append(Reason("place", one=known.where))
            compared.append((min(1.0, same / min(len(places), len(hers))), 0.1))
            by_chance /= 3.0 ** min(same, 4)
            if same >= ADDRESS:
                facts.add("address")
    if sought.year is not None:
        agrees, reason, share = _compare_birth(sought.year, known)
        reasons.append(reason)
        by_chance *= share
        if share <= A_DAY:
            facts.add("day")
        if agrees is None:
            unknown = True
        else:
            compared.append((agrees, 0.25))
            against |= agrees < 0.6 or reason.kind == "birth_other"
            if agrees >= 0.8:
                facts.add("birth")
    if sought.phone:
        slips = {phone_slip(sought.phone, phone) for phone in known.phones}
        if "same" in slips:
            reasons.append(Reason("same_phone"))
            compared.append((1.0, 0.4))
            facts.add("phone")
            by_chance /= 20_000
        elif found := sorted(slips - {""}):
            reasons.append(Reason(f"phone_{found[0]}"))
            compared.append((0.8, 0.4))
            by_chance /= 1_000
        elif known.phones:
            reasons.append(Reason("other_phone", False))
            compared.append((0.2, 0.1))
            by_chance *= OTHER_NUMBER
        else:
            unknown = True
            reasons.append(Reason("phone_unknown", None))
    # A number that is kept goes with whoever moves.
    if "phone" not in facts and is_elsewhere(sought.where, known.where):
        by_chance *= MOVED
    if not compared:
        return Likeness(0.0, Band.NO)
    figure = sum(value * weight for value, weight in compared) / sum(weight for _, weight in compared)
    # Asked only where it may decide: one telephone, names that do not agree.
    given = _compare_given(sought, known) if "phone" in facts and "name" not in facts else None
    told = tuple(reasons), frozenset(facts), by_chance, given
    # Of two that agree as well, the one with whom fewer others would agree comes first.
    surprise = 0.03 * max(-3.0, min(3.0, -log(max(by_chance, 1e-9), 10)))
    enough = 0.38 if "birth" in facts else 0.45
    if sought.words and names.figure < enough and "phone" not in facts:
        # A year alone brings no one up.
        return Likeness(min(figure, 0.3), Band.NO, *told)
    if not sought.words and "phone" not in facts and figure < 0.65:
        return Likeness(min(figure, 0.3), Band.NO, *told)
    figure = max(0.0, min(1.0, figure - (0.06 if unknown else 0.0)))
    if figure < POSSIBLE:
        return Likeness(figure, Band.NO, *told)
    sure = (
        figure >= 0.86
        and not against
        and not unknown
        and by_chance < SURE
        and (complete or len(facts & FACTS) >= 2)
        and (not names.swapped or len(facts & FACTS) >= 2)
    )
    score = max(POSSIBLE, min(1.0, figure + surprise))
    if sure:
        return Likeness(max(score, SURELY), Band.VERY_LIKELY, *told)
    return Likeness(min(score, SURELY - 0.001), Band.POSSIBLE, *told)


def is_proposed(likeness: Likeness, share: float = 1.0, most: float = PROPOSED) -> bool:
    """Whether two files may be proposed as one person's: their names agree, and few others would agree as well.

    ``share`` is the part of the base among which it was looked for: in one permanence, fewer agree by chance. ``most``
    is how many may be expected to agree by chance: a list that someone goes through bears more than an entry.
    A shared phone or a family name alone never is: a couple, a mother and her daughter stay two persons.
    """
    facts, by_chance = likeness.facts, likeness.by_chance * share
    speaking = {reason.kind for reason in likeness.reasons}
    if "name" not in facts:
        if likeness.given is False:
            # Twins, brothers, a couple: all but the given name may be one household's.
            return False
        if likeness.given and "birth" in facts:
            # Her given name, telephone and birth: she may have married, or bear the name of her other parent.
            return by_chance < most / 20
        # The very day, with where she lives or one of two names: she may have married, or be called otherwise.
        if "day" not in facts:
            return False
        return by_chance < (most if "address" in facts else most / 20 if "one_name" in facts else 0)
    if likeness.band == Band.NO:
        return False
    if speaking & {"birth_other", "birth_other_day"}:
        # A year may be noted wrongly, but then the rest has to be hers.
        if "phone" in facts and _is_of_other_generation(likeness):
            return False
        if facts & {"phone", "address"}:
            return by_chance < most / 3 and likeness.score >= 0.7
        return "place" in speaking and by_chance < most / 20
    return by_chance < most and likeness.score >= 0.72


def _is_of_other_generation(likeness: Likeness) -> bool:
    """Whether the two births are so far apart that no digit noted wrongly explains it."""
    return any(
        reason.kind == "birth_other"
        and abs(reason.year - reason.sought_year) >= GENERATION
        and OSA.distance(str(reason.year), str(reason.sought_year)) > 1
        for reason in likeness.reasons
    )


def can_agree(sought: Sought, known: Known) -> bool:
    """Whether the comparison could end in a proposal; told from two words each and the day, for long lists.

    ``True`` whenever it takes more to know.
    """
    if sought.year is not None and sought.year.on is not None and sought.year.on == known.birth_date:
        return True
    words = sought.words
    if len(words) != 2 or sought.phone in known.phones:
        return True
    for text in known.names:
        others = name_words(text)
        if len(others) != 2:
            return True
        first, second = ([compare_words(word, other)[0] for other in others] for word in words)
        if (first[0] and second[1]) or (first[1] and second[0]):
            return True
    return not known.names


def sought_of(known: Known) -> Sought:
    """A file as a question to another."""
    year = Year(known.birth_year, known.is_birth_year_about, known.birth_date) if known.birth_year else None
    phone = known.phones[-1] if known.phones else ""
    words = name_words(known.names[0]) if known.names else ()
    return Sought(words=words, year=year, phone=phone, where=known.where, given=known.given)


def either_way(
    asked: Iterable[tuple[Sought, Known]], common: Common = EVEN, most: float = PROPOSED
) -> Likeness | None:
    """The likeness by which two files are proposed, the one asked of the other or the other of the one.

    What is asked for and not answered costs more than what was not asked for: who has two given names in one file and
    one of them in the other is found from that side alone.
    """
    for at, (sought, known) in enumerate(asked):
        if at and len(known.names) == 1 and len(sought.words) == len(name_words(known.names[0])):
            # As many words on both sides: the other side says the same.
            break
        if can_agree(sought, known):
            likeness = compare(sought, known, common)
            if is_proposed(likeness, most=most):
                return likeness
    return None
