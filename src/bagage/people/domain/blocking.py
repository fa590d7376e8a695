"""Which of many files are worth comparing two by two: those that share a block.

A block is a short text made of what two files of one person nearly always have in common. Comparing each with each
would take days; two files that share no block are not compared.
"""

from collections.abc import Iterator
from itertools import combinations

from bagage.people.domain.likeness import Known
from bagage.people.domain.names import Word, joined_words, name_words, other_forms, rough

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
    """The blocks of a file: each telephone; its day of birth and a word; two of its words; a word and the year.

    A pair of words and a word with a year agree when the words are heard alike, whatever the order and the script.
    """
    for phone in known.phones:
        yield f"p{phone}"
    for text in known.names:
        words = name_words(text)
        heard = [
            _readings(word) for word in (*words[:MOST_WORDS], *(one for _, _, one in joined_words(words)))
        ]
        for one, other in combinations(heard[:MOST_WORDS], 2):
            for first in one:
                for second in other:
                    yield "n" + "|".join(sorted((first, second)))
        if known.birth_year is not None:
            for readings in heard:
                for each in readings:
                    yield f"y{each}|{known.birth_year}"
        if known.birth_date is not None:
            for word in words[:MOST_WORDS]:
                yield f"d{word.folded[:1]}|{known.birth_date:%Y%m%d}"
        elif len(words) == 1 and known.birth_year is None:
            yield f"s{words[0].sound}"
