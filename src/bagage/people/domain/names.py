"""Names in any script and any spelling, made comparable.

Three readings of one word, from the strictest to the loosest:

* :func:`fold`: plain small Latin letters ("Фатума" → "fatuma", "Traoré" → "traore");
* :func:`sound`: how a French ear hears it ("Mohamed", "Muhammad", "Mouhammed" → "momad");
* :func:`skeleton`: its consonants, for scripts that write no vowels ("يوسف" and "Youssef" → "sf").

None of them says that two words are the same name: they say whom to look at, and :mod:`likeness` says why.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from anyascii import anyascii

WORD_LENGTH, SOUND_LENGTH, SKELETON_LENGTH = 60, 20, 12

# Arabic and Hebrew blocks: written without most vowels.
_VOWELLESS = re.compile("[\u0590-\u06ff\u0750-\u077f\u08a0-\u08ff\ufb1d-\ufdff\ufe70-\ufeff]")

# Names said for one another among the persons who come; each line is one name. Small on purpose: what a
# rule of sound already brings together is not here. Source: names as given by the network's own receptionists.
_SAID_FOR = """
fatoumata fatouma fatou fatim fatima fatimata fatma
mohamed momo mohand
mamadou mamad doudou
aissatou aissata aicha aissa
mariama mariam maryam meriem myriam miriam
kadiatou kadidiatou kadidia kadi kady khadija hadja
aminata aminatou amina ami mina
abdoulaye abdou abdallah abdullah ablaye
aboubacar boubacar boubakar bakary abou
ibrahima ibrahim brahim ibra
ousmane ous osman othmane
souleymane soule suleiman slimane
youssouf youssoufou youssef yusuf yousuf
oumou oumoukoulsoum oumoul
ramatoulaye rama ramata
alexandre alexander aleksandr oleksandr alex sacha sasha
alexandra oleksandra sacha sasha
ekaterina kateryna katia katya
tatiana tetiana tania tanya
anastasia anastasiia nastia nastya
svetlana svitlana sveta
vladimir volodymyr vova volodia
dimitri dmitri dmytro dima
natalia nataliia natacha natasha
evgenia yevhenia genia jenia
elisabeth elizabeth elisa lisa babeth betty
catherine cathy katy
christophe chris christian
christine chris chrystelle
nicolas nico
joseph jo jose josef
jean johnny
emmanuel manu
gabriel gaby gabriela
isabelle isa
veronique vero
michel mickael michael miguel
maria marie mimi
"""


def _said_for() -> dict[str, frozenset[int]]:
    table: dict[str, set[int]] = {}
    for number, line in enumerate(_SAID_FOR.split("\n")):
        for word in line.split():
            table.setdefault(word, set()).add(number)
    return {word: frozenset(numbers) for word, numbers in table.items()}


_GROUPS = _said_for()
_MEMBERS: dict[int, tuple[str, ...]] = {
    number: tuple(line.split()) for number, line in enumerate(_SAID_FOR.split("\n"))
}


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a name: as it was written, and its three readings."""

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


@lru_cache(maxsize=50_000)
def skeleton(word: str) -> str:
    """The consonants of a folded word as they sound, at most 12; ``w`` and ``y`` count as vowels, ``h`` as nothing."""
    heard = re.sub(r"(.)\1+", r"\1", word)
    for pattern, reading in _SOUNDS[:9]:
        heard = pattern.sub(reading, heard)
    return re.sub("[aeiouywh]", "", heard).lower()[:SKELETON_LENGTH]


@lru_cache(maxsize=20_000)
def name_words(text: str) -> tuple[Word, ...]:
    """The words of a name in their order, each with its readings; a letter alone is left out."""
    found: list[Word] = []
    for written in re.split(r"[\s\-‐‑–_.,;/()«»\"]+", text):
        for folded in fold(written).split():
            if len(folded) < 2:
                continue
            found.append(
                Word(
                    written=written,
                    folded=folded[:WORD_LENGTH],
                    sound=sound(folded),
                    skeleton=skeleton(folded),
                    is_vowelless=bool(_VOWELLESS.search(written)),
                )
            )
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


def is_said_for(one: str, other: str) -> bool:
    """Whether two folded words are forms of one name ("fatou", "fatoumata")."""
    return one != other and bool(_GROUPS.get(one, frozenset()) & _GROUPS.get(other, frozenset()))


def other_forms(word: str) -> tuple[str, ...]:
    """The other forms of a folded word, from the small table."""
    return tuple(
        dict.fromkeys(
            form for number in sorted(_GROUPS.get(word, ())) for form in _MEMBERS[number] if form != word
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
    """``(word, sound, stored skeleton)`` of every distinct word of some names: the rows of :class:`NameKey`."""
    return list(
        dict.fromkeys(
            (word.folded, word.sound, stored_skeleton(word)) for text in texts for word in name_words(text)
        )
    )
