"""Years of birth as people say them."""

import re
from dataclasses import dataclass
from datetime import date

FIRST_YEAR = 1900


@dataclass(frozen=True, slots=True)
class Year:
    """A year of birth; ``is_about`` when said roughly ("vers 1985", "85", "41 ans"); ``on`` when the day is known."""

    value: int
    is_about: bool = False
    on: date | None = None


_DATE = re.compile(r"\b(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})\b|\b(\d{4})-(\d{2})-(\d{2})\b")
_MONTHS = (
    "janvier january", "fevrier february", "mars march", "avril april", "mai may", "juin june", "juillet july",
    "aout august", "septembre september", "octobre october", "novembre november", "decembre december",
)  # fmt: skip
_MONTH_OF = {name: number for number, names in enumerate(_MONTHS, 1) for name in names.split()}
_DAY = re.compile(r"\b(?:(\d{1,2})(?:er|st|nd|rd|th)?\s+)?([a-zéûA-ZÉÛ]{3,9})\.?\s+((?:19|20)\d\d)\b")
_AGE = re.compile(r"\b(\d{1,3})\s*(?:ans|an|y/?o|years?)\b", re.IGNORECASE)
_YEAR = re.compile(
    r"(?P<about>\b(?:vers|environ|env\.?|autour de|about|around|circa)\s+|~\s*)?\b(?P<year>(?:19|20)\d\d)\b",
    re.IGNORECASE,
)
_SHORT = re.compile(
    r"(?:(?:vers|environ|env\.?|en|about|around)\s+|~\s*|')?\b(?P<year>\d\d)\b", re.IGNORECASE
)


def whole_year(two_digits: int, today: date) -> int:
    """``85`` → 1985, ``05`` → 2005: the latest year that makes her at least five."""
    century = today.year // 100 * 100
    return century + two_digits if century + two_digits <= today.year - 5 else century - 100 + two_digits


def find_year(text: str, today: date) -> tuple[Year | None, str]:
    """The year of birth that a text tells, and the text without it.

    Understands a day ("12/03/1985", "1985-03-12", "12 mars 1985"), a month ("mars 1985"), an age ("41 ans"), a year
    ("1985", "vers 1985") and its two last digits ("85"). A year outside 1900 to today is none.
    """
    if match := _DATE.search(text):
        day, month, year, iso_year, iso_month, iso_day = match.groups()
        try:
            if iso_year:
                on = date(int(iso_year), int(iso_month), int(iso_day))
            else:
                number = int(year) if len(year) == 4 else whole_year(int(year), today)
                on = date(number, int(month), int(day))
        except ValueError:
            pass
        else:
            if on.year >= FIRST_YEAR and on <= today:
                return Year(on.year, on=on), _without(text, match)
    if (match := _DAY.search(text)) and (month := _MONTH_OF.get(_plain(match.group(2)))):
        number = int(match.group(3))
        day = _day(number, month, int(match.group(1))) if match.group(1) else None
        if FIRST_YEAR <= number <= today.year and (day is None or day <= today):
            return Year(number, on=day), _without(text, match)
    if match := _AGE.search(text):
        year_of_birth = today.year - int(match.group(1))
        if FIRST_YEAR <= year_of_birth <= today.year:
            return Year(year_of_birth, is_about=True), _without(text, match)
    if match := _YEAR.search(text):
        number = int(match.group("year"))
        if FIRST_YEAR <= number <= today.year:
            return Year(number, is_about=bool(match.group("about"))), _without(text, match)
    if match := _SHORT.search(text):
        return Year(whole_year(int(match.group("year")), today), is_about=True), _without(text, match)
    return None, text


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _plain(word: str) -> str:
    return word.lower().replace("é", "e").replace("û", "u")


def _without(text: str, match: re.Match[str]) -> str:
    return f"{text[: match.start()]} {text[match.end() :]}"
