"""What a group learns together: the three words of an observation, and which session answers what is asked."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# One tap a person at the end of a session. "Pas encore" is step 1, guided step by step, not 0: she was there and did
# it with someone beside her, so "never done" would be false. "Avec aide" is 2 (guided at times), "seule" is 3.
NOT_YET, WITH_HELP, ALONE = 1, 2, 3
OBSERVED_STEPS = (NOT_YET, WITH_HELP, ALONE)

# Words that say nothing of what is asked.
_EMPTY = frozenset(
    {
        "a", "au", "aux", "avec", "ce", "de", "des", "du", "elle", "en", "et", "faire", "il", "je", "la",
        "le", "les", "lui", "ma", "me", "mes", "mon", "on", "ou", "pour", "que", "sa", "se", "ses", "son",
        "sur", "un", "une", "veut", "voudrais", "voudrait", "the", "to", "of", "my", "and", "with", "for",
    }
)  # fmt: skip


def folded(text: str) -> str:
    """Small letters without accents."""
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter))


def telling_words(text: str) -> frozenset[str]:
    """The words of a request or a topic that say what it is about, folded, without plural."""
    found = re.findall(r"[^\W_]+", folded(text))
    return frozenset(word.rstrip("s") for word in found if word not in _EMPTY and len(word) > 1)


def speaks(languages: str, language: str) -> bool:
    """Whether ``language`` is among the languages someone is said to speak; nothing said agrees with everything."""
    if not languages.strip() or not language.strip():
        return True
    return folded(language).strip() in folded(languages)


@dataclass(frozen=True, slots=True)
class Offered:
    """What is compared of a session."""

    items: frozenset[str]
    topic: str
    level: str
    language: str
    seats_left: int
    is_near: bool


def agreement(
    offered: Offered, *, items: Iterable[str] = (), words: str = "", level: str = "", language: str = ""
) -> int:
    """How well a session answers a request; 0 when it does not.

    Ten points for each item asked that is seen there, four for each telling word of the topic; only then one each for
    level, language, the same place and a free seat, two for what is said and agrees. A session in a language that she
    is not said to speak, or of another level than asked, loses three, so that it comes last but is not hidden.
    """
    points = 10 * len(offered.items & frozenset(items))
    points += 4 * len(telling_words(words) & telling_words(offered.topic))
    if not points:
        return 0
    if level and offered.level:
        points += 2 if level == offered.level else -3
    if language.strip() and offered.language.strip():
        points += 2 if speaks(language, offered.language) else -3
    points += offered.is_near + (offered.seats_left > 0)
    return max(points, 1)


def place_in_line(order: Sequence[int], who: int) -> int:
    """From 1, the place of ``who`` in a line; 0 when not in it."""
    return order.index(who) + 1 if who in order else 0
