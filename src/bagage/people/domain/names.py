"""Names in any script and any spelling, made comparable.

Four readings of one word, from the strictest to the loosest:

* :func:`fold`: plain small Latin letters ("Фатума" → "fatuma", "Traoré" → "traore");
* :func:`sound`: how a French ear hears it ("Mohamed", "Muhammad", "Mouhammed" → "momad");
* :func:`skeleton`: its consonants, for scripts that write no vowels ("يوسف" and "Youssef" → "sf");
* :func:`rough`: its consonants where languages exchange them ("Хасан" and "Hassan", "Kim" and "김" → "tn", "km").

None of them says that two words are the same name: they say whom to look at, and :mod:`likeness` says why.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii
from rapidfuzz.distance import JaroWinkler

from bagage.people.domain.forms_of_names import SAID_FOR

WORD_LENGTH, SOUND_LENGTH, SKELETON_LENGTH = 60, 20, 12

# Arabic and Hebrew blocks: written without most vowels.
_VOWELLESS = re.compile("[\u0590-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")


def _said_for() -> dict[str, frozenset[int]]:
    table: dict[str, set[int]] = {}
    for number, line in enumerate(SAID_FOR.split("\n")):
        for word in line.split():
            table.setdefault(word, set()).add(number)
    return {word: frozenset(numbers) for word, numbers in table.items()}


_GROUPS = _said_for()
_MEMBERS: dict[int, tuple[str, ...]] = {
    number: tuple(line.split()) for number, line in enumerate(SAID_FOR.split("\n"))
}


@dataclass(frozen=True, slots=True, eq=False)
class Word:
    """One word of a name: as it was written, and its readings. The same word is made once: see :func:`_word`."""

    written: str
    folded: str
    sound: str
    skeleton: str
    is_vowelless: bool


def fold(text: str) -> str:
    """Any script in plain small Latin letters; words parted by one space, what is no letter gone."""
    # An apostrophe inside a word does not part it ("N'Diaye" is "ndiaye"), a hyphen does ("Jean-Marc").
    plain = re.sub("[’'ʼ`´ʹ]", "", text)
    latin = re.sub("['`\"]", "", anyascii(plain)).lower()
    return " ".join(re.findall("[a-z]+", latin))


_SOUNDS = [
    (re.compile(pattern), reading)
    for pattern, reading in (
        ("x", "ks"),
        ("sch|tch|tsh|ch|sh", "C"),
        ("zh", "J"),
        ("ph", "f"),
        ("gu(?=[eiy])|gh", "G"),
        ("dj|j|g(?=[eiy])", "J"),
        ("kh|ck|qu|q|c(?![eiyC])", "k"),
        ("c|z", "s"),
        ("dh", "d"),
        ("th", "t"),
        ("(?<=[^aeiouy])e$", ""),
        ("eau|au|ou|oo|w|u", "o"),
        ("ai|ay|ei|ey", "a"),
        ("ee|ie|y", "i"),
        ("h", ""),
        ("e", "a"),
        ("m(?=[bp])", "n"),
        (r"(.)\1+", r"\1"),
    )
]


@lru_cache(maxsize=50_000)
def sound(word: str) -> str:
    """How a folded word sounds to a French ear, at most 20 signs: doubled and silent letters gone, vowels even."""
    heard = word
    for pattern, reading in _SOUNDS:
        heard = pattern.sub(reading, heard)
    return heard[:SOUND_LENGTH].lower() or word[:SOUND_LENGTH]


_HEARD: dict[str, frozenset[int]] = {}
for _form, _numbers in _GROUPS.items():
    if len(_form) >= 4:
        _HEARD[sound(_form)] = _HEARD.get(sound(_form), frozenset()) | _numbers


@lru_cache(maxsize=50_000)
def skeleton(word: str, is_vowelless: bool = False) -> str:
    """The consonants of a folded word as they sound, at most 12; ``w`` and ``y`` count as vowels, ``h`` as nothing.

    Two like letters are one, unless the word was written without the vowel that stands between them.
    """
    heard = word if is_vowelless else re.sub(r"(.)\1+", r"\1", word)
    for pattern, reading in _SOUNDS[:10]:
        heard = pattern.sub(reading, heard)
    return re.sub("[aeiouywh]", "", heard).lower()[:SKELETON_LENGTH]


_ROUGH = str.maketrans("bpvfdtgkqczjlrmn", "bbffttkkksssrrmm")


@lru_cache(maxsize=50_000)
def rough(word: str) -> str:
    """The consonants of a folded word, those that languages exchange written alike, at most 12.

    ``kh`` is heard as nothing, as ``h`` is; ``b`` and ``p``, ``d`` and ``t``, ``g`` and ``k``, ``l`` and ``r``,
    ``m`` and ``n``, ``f`` and ``v``, and all that hisses are one.
    """
    heard = re.sub("sch|tch|tsh|ch|sh|zh|dj|dz|ts|x", "s", word.replace("kh", "h")).replace("ph", "f")
    # "Diallo" is "Jallow" across a border, "Georges" is "Jorge".
    heard = re.sub(r"g(?=[eiy])|^d[iy](?=[aou])", "s", heard)
    heard = re.sub("[aeiouywh]", "", heard).translate(_ROUGH)
    return re.sub(r"(.)\1+", r"\1", heard)[:SKELETON_LENGTH]


def bare(word: str) -> str:
    """The same, looser by one step, for what is written without vowels: its letters for d, t, s and z go for one."""
    return re.sub(r"t+", "t", rough(word).replace("s", "t"))


@lru_cache(maxsize=20_000)
def name_words(text: str) -> tuple[Word, ...]:
    """The words of a name in their order, each with its readings; a letter alone is left out."""
    found: list[Word] = []
    for whole in re.split(r"[\s\-‐‑–_.,;/()«»\"]+", text):
        # The Arabic article is not heard before half of the letters: "عبد الرحمن" is "Abderrahmane".
        written = whole[2:] if whole.startswith("\u0627\u0644") and len(whole) >= 4 else whole
        # Nor is the h at its end: "فاطمة" is "Fatima".
        if len(written) >= 3 and written[-1] in "\u0629\u0647":
            written = written[:-1]
        # Each sign of these is a word of its own: "李小龍" is "li xiao long".
        apart = re.sub("([\u3400-\u9fff\uac00-\ud7af])", r" \1 ", written)
        for folded in (word for part in apart.split() for word in fold(part).split()):
            if len(folded) >= 2:
                found.append(_word(whole, folded, bool(_VOWELLESS.search(written))))
    return tuple(found)


@lru_cache(maxsize=200_000)
def _word(written: str, folded: str, is_vowelless: bool) -> Word:
    folded = folded[:WORD_LENGTH]
    return Word(written, folded, sound(folded), skeleton(folded, is_vowelless), is_vowelless)


def stored_word(folded: str, is_vowelless: bool) -> Word:
    """A word as it is kept of a file, with its readings."""
    return _word(folded, folded, is_vowelless)


# A word as short as this may be written as one with its neighbour: "Abd El Kader", "Ben Ali", "N Diaye", "Xiao Long".
PARTICLE = 4
# Where two names are compared, one as long as this too: "Marie Louise", "Noor Jahan". What is kept of a file has only
# particles joined: else an eighth more words would be kept, and looked through each time someone types.
WHOLE = 12


@lru_cache(maxsize=50_000)
def joined_words(words: tuple[Word, ...], longest: int = PARTICLE) -> tuple[tuple[int, int, Word], ...]:
    """Neighbours as one word, all but the last no longer than ``longest``: ``(first, after last, word)``.

    Three only where the first two are particles.
    """
    found = []
    for first in range(len(words) - 1):
        for last in range(first + 2, min(first + 3, len(words)) + 1):
            parts = words[first:last]
            most = longest if len(parts) == 2 else PARTICLE
            if any(len(part.folded) > most for part in parts[:-1]):
                break
            folded = "".join(part.folded for part in parts)[:WORD_LENGTH]
            written = " ".join(dict.fromkeys(part.written for part in parts))
            one = _word(written, folded, all(part.is_vowelless for part in parts))
            found.append((first, last, one))
    return tuple(found)


# Before the skeleton of a word that was written without vowels: however short, it may be compared.
BARE = "~"


def stored_skeleton(word: Word) -> str:
    """What is kept of a word of a file: a vowelless one is marked, so that even two consonants find it."""
    return (
        f"{BARE}{word.skeleton}"[:SKELETON_LENGTH] if word.is_vowelless and word.skeleton else word.skeleton
    )


def sought_skeletons(word: Word) -> tuple[str, ...]:
    """What a word that is asked for is compared with: two consonants say too little unless one side has no vowels."""
    if not word.skeleton:
        return ()
    bare = f"{BARE}{word.skeleton}"[:SKELETON_LENGTH]
    return (word.skeleton, bare) if word.is_vowelless or len(word.skeleton) >= 3 else (bare,)


@lru_cache(maxsize=50_000)
def _groups_of(word: str) -> frozenset[int]:
    """The names that a word is a form of: by its letters, and if it is long enough by how it sounds."""
    written = _GROUPS.get(word, frozenset())
    return written | _HEARD.get(sound(word), frozenset()) if len(word) >= 4 else written


def is_said_for(one: str, other: str) -> bool:
    """Whether two folded words are forms of one name ("fatou", "fatoumata")."""
    return one != other and bool(_groups_of(one) & _groups_of(other))


def other_forms(word: str) -> tuple[str, ...]:
    """The other forms of a folded word, from the table."""
    return tuple(
        dict.fromkeys(
            form for number in sorted(_groups_of(word)) for form in _MEMBERS[number] if form != word
        )
    )


def script_of(text: str) -> str:
    """``"cyrillic"``, ``"arabic"``, ``"latin"`` or ``"other"``: for the line that says how a name is written."""
    letters = [sign for sign in text if sign.isalpha()]
    for name, first, last in (
        ("cyrillic", "\u0400", "\u052f"),
        ("arabic", "\u0600", "\u06ff"),
        ("greek", "\u0370", "\u03ff"),
    ):
        if any(first <= sign <= last for sign in letters):
            return name
    return "latin" if all(sign < "\u0250" or "\u1e00" <= sign <= "\u1eff" for sign in letters) else "other"


def keys_of(texts: Iterable[str]) -> list[tuple[str, str, str]]:
    """``(word, sound, stored skeleton)`` of every distinct word of some names: the rows of :class:`NameKey`.

    Short neighbours stand there as one word too: "Ben Ali" is found by "Benali".
    """
    found: dict[tuple[str, str, str], None] = {}
    for text in texts:
        words = name_words(text)
        for word in (*words, *(joined for _, _, joined in joined_words(words))):
            found[(word.folded, word.sound, stored_skeleton(word))] = None
    return list(found)


# What stands in where someone lives without being the name of a place.
_NO_PLACE_TEXT = """
rue avenue boulevard place chez foyer le la les de du des sur sous lez et au aux en dans un une son sa ses the
exemple par pres nulle part soeur frere mere pere ami amie tante oncle cousin cousine
"""
_NO_PLACE = frozenset(_NO_PLACE_TEXT.split())


def is_small_word(word: str) -> bool:
    """Whether a folded word only joins others in the name of a place: the "sur" of "Vitry-sur-Seine"."""
    return word in _NO_PLACE


@lru_cache(maxsize=20_000)
def place_words(text: str) -> tuple[str, ...]:
    """The words of where someone lives, folded: ``"St-Denis (93)"`` → ``("saint", "denis")``; eight at most."""
    words = ("saint" if word == "st" else "sainte" if word == "ste" else word for word in fold(text).split())
    return tuple(dict.fromkeys(word for word in words if len(word) >= 3 and word not in _NO_PLACE))[:8]


# Said of someone without a home, who is met now here, now there.
_NO_HOME_TEXT = "sdf sans domicile abri dehors squat hotel camp campement errance"
_NO_HOME = frozenset(_NO_HOME_TEXT.split())


@lru_cache(maxsize=20_000)
def is_elsewhere(one: str, other: str) -> bool:
    """Whether two texts of where someone lives surely tell of two places: no word of them is alike.

    Nothing is said of who has no home: another town is no sign of another person.
    """
    words, others = place_words(one), place_words(other)
    if not words or not others or _NO_HOME & {*fold(one).split(), *fold(other).split()}:
        return False
    if JaroWinkler.similarity("".join(words), "".join(others)) >= 0.85:
        return False
    return not any(JaroWinkler.similarity(word, each) >= 0.85 for word in words for each in others)
