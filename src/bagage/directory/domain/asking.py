"""What someone writes in one line, told apart: where, what for, when, at what price, for whom, in which language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time

from bagage.directory.domain.communes import Commune


@dataclass(frozen=True, slots=True)
class When:
    """A day of the week (Monday is 0, ``None``: today) from an hour to another; equal ones are one moment."""

    day: int | None
    begins: time
    ends: time


@dataclass(frozen=True, slots=True)
class Understood:
    """What a text was read as. ``rest`` are the words that nothing else explains: a name, a street.

    ``place_words`` are those that name ``place``, as they were written.
    """

    text: str = ""
    place: Commune | None = None
    place_words: str = ""
    needs: tuple[str, ...] = ()
    when: When | None = None
    cost: str = ""
    publics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    care: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    with_someone: bool = False
    rest: str = ""
