"""What someone typed in the one search field, told apart: a name, a year, a phone, the code of a card."""

import re
from dataclasses import dataclass
from datetime import date
from itertools import pairwise

from bagage.people.domain.likeness import Sought
from bagage.people.domain.names import name_words
from bagage.people.domain.phones import digits_of, sought_phone
from bagage.people.domain.years import Year, find_year

CODE_LENGTH = 6
# The signs of :mod:`bagage.common.codes`; a test holds the two together.
CODE_SIGNS = "ABCDEFGHJKMNPQRTWXY346789"

_PHONE = re.compile(r"\+?\d[\d .\-()/]{6,}\d")
# Ten digits of a French number, wherever they stand among other figures.
_FRENCH = re.compile(r"(?<![\d+])0[1-9](?:[ .\-]?\d\d){4}(?!\d)")
_A_DAY = re.compile(r"\d{1,2}[/.\-]\d{1,2}[/.\-]\d{4}|\d{4}-\d\d-\d\d")
_A_YEAR_FIRST = re.compile(r"(?:19|20)\d\d\s+")
_IDLE = re.compile(
    r"\b(?:n[ée]e?s?|en|le|vers|environ|env|madame|mme|monsieur|mr|mlle|mademoiselle|code|carte"
    r"|t[ée]l|t[ée]l[ée]phone)\b\.?",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Understood:
    """A question as it was understood. ``code`` holds a digit; ``codes`` adds words that could be one."""

    name: str = ""
    year: Year | None = None
    phone: str = ""
    code: str = ""
    codes: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing to look for."""
        return not (name_words(self.name) or self.phone or self.codes)

    @property
    def sought(self) -> Sought:
        """For the comparison."""
        return Sought(words=name_words(self.name), year=self.year, phone=self.phone, codes=self.codes)


def _codes_in(text: str) -> list[tuple[str, str]]:
    """``(code, as it was typed)`` for each word, or two neighbours, that could be the code of a card."""
    tokens = re.findall(r"[^\W_]+", text)
    pairs = [(token.upper(), token) for token in tokens]
    pairs += [
        ((first + second).upper(), f"{first} {second}")
        for first, second in pairwise(tokens)
        if len(first) == len(second) == CODE_LENGTH // 2
    ]
    return [
        (code, typed)
        for code, typed in pairs
        if len(code) == CODE_LENGTH and all(sign in CODE_SIGNS for sign in code)
    ]


def _phone_in(text: str) -> str:
    """The part of a text that is a telephone number, as it was typed; ``""`` without one."""
    if match := _FRENCH.search(text):
        return match.group()
    for match in _PHONE.finditer(text):
        typed = match.group()
        if _A_DAY.fullmatch(typed.strip()):
            continue
        rest = _A_YEAR_FIRST.sub("", typed, count=1) if _A_YEAR_FIRST.match(typed) else typed
        typed = rest if len(digits_of(rest)) >= 8 else typed
        if len(digits_of(typed)) >= 8:
            return typed
    return ""


def understand(text: str, today: date) -> Understood:
    """Tells a free text apart.

    ``"fatouma diara 85"`` is a name and "about 1985"; ``"06 39 98 41 27"`` a phone, even with a digit too few;
    ``"b7k 4m6"`` a code. A word of six letters that could be a code stays a name, and is tried as a code too.
    """
    text = " ".join(text.split())[:200]
    codes: list[str] = []
    sure = ""
    for code, typed in _codes_in(text):
        codes.append(code)
        if not sure and any(sign.isdigit() for sign in code) and not code.isdigit():
            sure = code
            text = re.sub(re.escape(typed).replace(r"\ ", r"\W+"), " ", text, count=1)
    phone = _phone_in(text)
    if phone:
        text = text.replace(phone, " ", 1)
    year, text = find_year(text, today)
    name = " ".join(_IDLE.sub(" ", re.sub(r"[\d+]+", " ", text)).split(" "))
    name = " ".join(part for part in name.split() if part.strip("-'’.,;"))
    return Understood(
        name=name,
        year=year,
        phone=sought_phone(phone) if phone else "",
        code=sure,
        codes=tuple(dict.fromkeys(codes)),
    )
