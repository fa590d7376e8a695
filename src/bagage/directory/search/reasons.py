"""Why a place is in an answer: codes for programs, words for who reads."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from django.utils.translation import get_language, gettext

from bagage.directory.domain.communes import commune
from bagage.directory.domain.needs import LABELS

NEED = "need"
KIND = "kind"
LABEL = "label"
NAME = "name"
PLACE = "place"
OPEN = "open"
COST = "cost"
SOMEONE = "with_someone"
PUBLIC = "public"
LANGUAGE = "language"
ACCESS = "access"
CARE = "care"
CODES = (NEED, KIND, LABEL, NAME, PLACE, OPEN, COST, SOMEONE, PUBLIC, LANGUAGE, ACCESS, CARE)
_WORDS_OF_NEEDS = {str(need): label for label, need in LABELS.items()}


class Reason(NamedTuple):
    """One thing asked that the place says. ``value`` is the code of it: of the need, of the commune, of the cost…"""

    code: str
    value: str = ""

    @property
    def words(self) -> str:
        """It in the language of the reader: ``"Obtenir un appareil"``, ``"À Grenoble"``, ``"Gratuit"``."""
        return words_of(self.code, self.value, get_language())


@lru_cache(maxsize=4096)
def words_of(code: str, value: str, language: str | None) -> str:
    """A reason in the language spoken now, which ``language`` names: an answer says few, many times."""
    # The tables of words stand above: they are read when they are needed.
    from bagage.directory import words

    if code == NEED:
        return gettext(_WORDS_OF_NEEDS[value]) if value in _WORDS_OF_NEEDS else value
    if code == KIND:
        from bagage.directory.models import Structure

        return str(Structure.Kind(value).label)
    if code == PLACE:
        there = commune(value)
        return gettext("À %(city)s") % {"city": there.name if there else value}
    if code == NAME:
        return gettext("Son nom : « %(words)s »") % {"words": value}
    if code == OPEN:
        return gettext("Ouvert à ce moment")
    if code == SOMEONE:
        return gettext("Quelqu’un aide")
    tables: dict[str, Mapping[Any, object]] = {
        COST: words.COSTS,
        PUBLIC: words.PUBLICS,
        LANGUAGE: words.LANGUAGES,
        ACCESS: words.ACCESS,
        CARE: words.CARE,
    }
    return str(tables.get(code, {}).get(value, value))
