"""Which of many files are worth comparing two by two: those that share a block.

A block is a short text made of what two files of one person nearly always have in common. Comparing each with each
would take days; two files that share no block are not compared.
"""

from collections.abc import Iterator
from itertools import combinations

from bagage.people.domain.likeness import ADDRESS, Known
from bagage.people.domain.names import (
    WHOLE,
    Word,
    joined_words,
    name_words,
    other_forms,
    place_words,
    rough,
)

# Words of one file that make pairs; a name of more is shortened.
MOST_WORDS = 5


def _readings(word: Word) -> set[str]:
    """How a word may be heard: its rough consonants, and those of the first of its forms, the same for all of them."""
    heard = {rough(word.folded) or word.sound}
    forms = other_forms(word.folded)
    if forms:
        heard.add("=" + min((word.folded, *forms)))
    return heard


def blocks_of(known: Known) -> Iterator[str]:
    """The blocks of a file: its day of birth; each telephone; two of its words; a word
    and the year; where an address is written, that, and a word with where it begins.

    A pair of words and a word with a year agree when the words are heard alike, whatever the order and the script.
    """
    if known.birth_date is not None and (known.birth_date.month, known.birth_date.day) != (1, 1):
        yield f"d{known.birth_date:%Y%m%d}"
    places = place_words(known.where)
    address = "".join(places) if len(places) >= ADDRESS else ""
    if address:
        yield f"a{address}"
    for phone in known.phones:
        yield f"p{phone}"
    for text in known.names:
        words = name_words(text)
        heard = [
            _readings(word)
            for word in (*words[:MOST_WORDS], *(one for _, _, one in joined_words(words, WHOLE)))
        ]
        for one, other in combinations(heard[:MOST_WORDS], 2):
            for first in one:
                for second in other:
                    yield "n" + "|".join(sorted((first, second)))
        for each in {each for readings in heard for each in readings}:
            if known.birth_year is not None:
                yield f"y{each}|{known.birth_year}"
            if address:
                yield from (f"w{each}|{place}" for place in places[:2])
        if len(words) == 1 and known.birth_year is None:
            yield f"s{words[0].sound}"
