"""What people type in the cells of their lists, understood: days, births, yes and no, languages, whole numbers.

Each reader gives a value or raises :class:`Wrong` with a code that a screen says in words, and with what was meant
when that is likely. "?" and "inconnu" are no mistakes: they say that it is not known, and read as nothing.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

OLDEST = 120  # years: nobody is older
FIRST_YEAR = 1900
_UNKNOWN_WORDS = (
    "? ?? ??? - -- --- _ / . x xx xxx nc n/c n.c n.c. nd na n/a nr ns nsp inconnu inconnue non_connu "
    "non_renseigné non_renseigne non_renseignée non_communiqué non_communique ne_sait_pas on_ne_sait_pas sans "
    "pas_renseigné rien vide null none unknown #n/a #ref! #valeur! #value!"
)
_UNKNOWN = frozenset(_UNKNOWN_WORDS.split())
_MONTHS = {
    name: number
    for number, names in enumerate(
        (
            "janvier janv jan january",
            "fevrier fevr fev february feb",
            "mars mar march",
            "avril avr april apr",
            "mai may",
            "juin june jun",
            "juillet juil jul july",
            "aout august aou aug",
            "septembre sept sep september",
            "octobre oct october",
            "novembre nov november",
            "decembre dec december",
        ),
        start=1,
    )
    for name in names.split()
}
_ABOUT = re.compile(
    r"^(?:vers|environ|env\.?|autour de|circa|ca\.?|approx\.?|about|around|~|≈)\s*", re.IGNORECASE
)
_DAY = re.compile(
    r"(\d{1,2})\s*[/.\- ]\s*(\d{1,2})\s*[/.\- ]\s*(\d{4}|\d{2})(?:\s+\d{1,2}[:h]\d{2}(?::\d{2})?)?"
)
_ISO = re.compile(r"(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2})(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)?")
_WORDS = re.compile(r"(?:le\s+)?(?:(\d{1,2})(?:er)?\s+)?([a-z]{3,9})\.?\s+(\d{4}|\d{2})")
_COMPACT = re.compile(r"(\d{2})(\d{2})(\d{4})")
_MONTH_YEAR = re.compile(r"(\d{1,2})[/.\-](\d{4})")
_SERIAL = re.compile(r"\d{5}(?:\.0+)?")
_AGE = re.compile(r"(\d{1,3})\s*(?:ans?|years?)?", re.IGNORECASE)
_YES = {"oui", "o", "yes", "y", "vrai", "true", "1", "x", "ok", "✓", "✔", "v"}
_NO = {"non", "n", "no", "faux", "false", "0", "✗", "✘"}
# A spreadsheet counts days from here when a date has lost its form.
_SERIAL_ZERO = date(1899, 12, 30)

DMY, MDY = "dmy", "mdy"


class Wrong(ValueError):
    """A cell that breaks a rule: ``code`` names it, ``proposed`` is what was likely meant, ``facts`` make the words."""

    def __init__(self, code: str, proposed: str = "", **facts: int | str) -> None:
        super().__init__(code)
        self.code, self.proposed, self.facts = code, proposed, facts


@dataclass(frozen=True, slots=True)
class Birth:
    """A year of birth, said roughly or not, and the day when it is known."""

    year: int
    is_about: bool = False
    on: date | None = None


def plain(text: str) -> str:
    """Small letters without accents, otherwise as typed."""
    text = unicodedata.normalize("NFKD", text.lower())
    return " ".join("".join(sign for sign in text if not unicodedata.combining(sign)).split())


def is_unknown(text: str) -> bool:
    """Nothing, or a word for "not known"."""
    return not text or text.strip().lower().replace(" ", "_").strip("'\"()") in _UNKNOWN


def whole_year(two_digits: int, today: date, *, youngest: int) -> int:
    """``85`` is 1985, ``05`` is 2005: the latest year that is at least ``youngest`` years ago."""
    century = today.year // 100 * 100
    year = century + two_digits
    return year if year <= today.year - youngest else year - 100


def _made(year: int, month: int, day: int) -> date:
    try:
        return date(year, month, day)
    except ValueError:
        raise Wrong(
            "day_impossible" if 1 <= month <= 12 else "month_impossible", day=day, month=month
        ) from None


def read_day(text: str, today: date, *, order: str = DMY, youngest: int = 0) -> date | None:
    """A day as people write it; ``None`` when it is not known.

    ``12/03/1985``, ``12.3.85``, ``1985-03-12``, ``12 mars 1985``, ``1er janvier 2020``, ``12031985``, or the number of
    days that a spreadsheet counts (31118). ``order`` says whether the day or the month comes first; where it cannot
    be so (13 as a month), it is the other way round. Raises :class:`Wrong`.
    """
    if is_unknown(text):
        return None
    said = plain(text).strip(" .,;")
    if match := _ISO.fullmatch(said):
        return _made(*(int(part) for part in match.groups()))
    if match := _DAY.fullmatch(said):
        first, second, year = match.groups()
        number = int(year) if len(year) == 4 else whole_year(int(year), today, youngest=youngest)
        day, month = (int(first), int(second)) if order == DMY else (int(second), int(first))
        if month > 12 >= day:
            day, month = month, day
        return _made(number, month, day)
    if (match := _WORDS.fullmatch(said)) and match[2] in _MONTHS and match[1]:
        year = match[3]
        number = int(year) if len(year) == 4 else whole_year(int(year), today, youngest=youngest)
        return _made(number, _MONTHS[match[2]], int(match[1]))
    if match := _COMPACT.fullmatch(said):
        return _made(int(match[3]), int(match[2]), int(match[1]))
    if _SERIAL.fullmatch(said) and 3_000 <= float(said) <= 80_000:
        return _SERIAL_ZERO + timedelta(days=int(float(said)))
    raise Wrong("not_a_day")


def read_past_day(text: str, today: date, *, order: str = DMY) -> date | None:
    """A day that is over or today: of a visit, of a help. Raises :class:`Wrong` for a day to come or before 1990."""
    day = read_day(text, today, order=order)
    if day is not None and day > today:
        raise Wrong("day_to_come")
    if day is not None and day.year < 1990:
        raise Wrong("day_too_old", year=day.year)
    return day


def read_birth(text: str, today: date, *, order: str = DMY) -> Birth | None:
    """A birth as people write it: a day, a year, ``vers 1985``, ``85``, ``mars 1985``, ``41 ans``; ``None`` if unknown.

    Raises :class:`Wrong`: a day that does not exist, one to come, more than 120 years.
    """
    if is_unknown(text):
        return None
    said = plain(text).strip(" .,;")
    said = re.sub(r"^(?:nee?|ne\(e\))\s+(?:le\s+|en\s+)?", "", said)
    said = re.sub(r"^(?:en|le)\s+", "", said)
    is_about = False
    if match := _ABOUT.match(said):
        said, is_about = said[match.end() :], True
    elif said.endswith(("?", "env", "environ")):
        said, is_about = re.sub(r"\s*(?:\?+|env\.?|environ)$", "", said), True
    said = said.strip("() .")
    if re.fullmatch(r"(?:\d{4}|\d{2})(?:\.0)?", said):
        digits = said.removesuffix(".0")
        if len(digits) == 2:
            return _checked(Birth(whole_year(int(digits), today, youngest=3), is_about), today)
        return _checked(Birth(int(digits), is_about), today)
    if match := re.fullmatch(r"(\d{4})\s*[-/]\s*(\d{4})", said):
        return _checked(Birth((int(match[1]) + int(match[2])) // 2, True), today)
    if (match := _WORDS.fullmatch(said)) and match[2] in _MONTHS and not match[1]:
        year = int(match[3]) if len(match[3]) == 4 else whole_year(int(match[3]), today, youngest=3)
        return _checked(Birth(year, is_about), today)
    if match := re.fullmatch(r"(?:00|xx|\?\?)[/.\-](?:00|xx|\?\?)[/.\-](\d{4})", said):
        return _checked(Birth(int(match[1]), is_about), today)
    if match := _MONTH_YEAR.fullmatch(said):
        return _checked(Birth(int(match[2]), is_about), today)
    if re.fullmatch(r"\d{1,3}\s*(?:ans?|years?)", said):
        return read_age(said, today)
    day = read_day(said, today, order=order, youngest=3)
    if day is None:
        return None
    return _checked(Birth(day.year, False, day) if not is_about else Birth(day.year, True), today)


def read_year(text: str, today: date) -> Birth | None:
    """A year of birth, or whatever else :func:`read_birth` understands."""
    return read_birth(text, today)


def read_age(text: str, today: date) -> Birth | None:
    """``41`` or ``41 ans``: born about so many years ago."""
    if is_unknown(text):
        return None
    match = _AGE.fullmatch(plain(text).removesuffix(".0"))
    if match is None:
        raise Wrong("not_an_age")
    age = int(match[1])
    if age > OLDEST:
        raise Wrong("too_old", year=today.year - age, proposed=_likely(today.year - age))
    return Birth(today.year - age, True)


def _checked(birth: Birth, today: date) -> Birth:
    if (birth.on is not None and birth.on > today) or birth.year > today.year:
        likely = birth.year - 100
        raise Wrong(
            "birth_to_come", proposed=_redated(birth, likely) if likely >= FIRST_YEAR else "", year=birth.year
        )
    if birth.year < today.year - OLDEST or birth.year < FIRST_YEAR:
        likely_text = _likely(birth.year)
        raise Wrong(
            "too_old", proposed=_redated(birth, int(likely_text)) if likely_text else "", year=birth.year
        )
    return birth


def _likely(year: int) -> str:
    """1885 for 1985, 0985 for 1985: a century that slipped."""
    if 1800 <= year < FIRST_YEAR:
        return str(year + 100)
    if 0 < year < 100:
        return ""
    return str(year + 1000) if FIRST_YEAR <= year + 1000 <= 2100 else ""


def _redated(birth: Birth, year: int) -> str:
    if birth.on is None:
        return str(year)
    try:
        return f"{birth.on.replace(year=year):%d/%m/%Y}"
    except ValueError:
        return str(year)


def month_first(texts: Iterable[str]) -> bool:
    """Whether the days of one column are written month first: some could only be so, none only the other way."""
    could = cannot = 0
    for text in texts:
        if match := _DAY.fullmatch(plain(text)):
            could += int(match[2]) > 12 >= int(match[1])
            cannot += int(match[1]) > 12 >= int(match[2])
    return could > 0 and cannot == 0


def read_yes_no(text: str) -> bool | None:
    """Oui, non, O, N, X, 1, 0, vrai, faux; ``None`` when it is not known. Raises :class:`Wrong`."""
    said = plain(text).strip(" .")
    if said in _YES:
        return True
    if said in _NO:
        return False
    if is_unknown(text):
        return None
    raise Wrong("not_yes_no")


def read_number(text: str, *, lowest: int, highest: int) -> int | None:
    """A whole number in bounds; ``None`` when nothing is said. Raises :class:`Wrong`."""
    if is_unknown(text):
        return None
    digits = re.sub(r"\s", "", text).removesuffix(".0").removesuffix(",0")
    if not re.fullmatch(r"\d{1,9}", digits):
        raise Wrong("not_a_number")
    if not lowest <= int(digits) <= highest:
        raise Wrong("out_of_bounds", lowest=lowest, highest=highest)
    return int(digits)


# Codes (ISO 639-1 and -2) and short forms that lists use, with the usual French word.
_LANGUAGES = {
    "français": "fr fra fre francais french fran",
    "anglais": "en eng ang angl english",
    "arabe": "ar ara arab arabic",
    "espagnol": "es spa esp espag spanish",
    "portugais": "pt por port portug portuguese",
    "roumain": "ro ron rum roum romanian",
    "bulgare": "bg bul bulg bulgarian",
    "russe": "ru rus russian",
    "ukrainien": "uk ukr ua ukrainian",
    "dari": "prs",
    "farsi": "fa fas per persan persian",
    "pachto": "ps pus pachtou pashto pashtou",
    "ourdou": "ur urd urdu",
    "bengali": "bn ben bangla",
    "tamoul": "ta tam tamil",
    "chinois": "zh zho chi mandarin chinese",
    "vietnamien": "vi vie viet vietnamese",
    "turc": "tr tur turkish",
    "kurde": "ku kur kurdish",
    "albanais": "sq sqi alb albanian",
    "serbe": "sr srp",
    "géorgien": "ka kat geo georgien georgian",
    "arménien": "hy hye arm armenien armenian",
    "bambara": "bm bam bamb",
    "soninké": "snk soninke sarakole",
    "peul": "ff ful poular pulaar peulh foulani",
    "wolof": "wo wol",
    "malinké": "malinke mandingue mandinka",
    "lingala": "ln lin ling",
    "swahili": "sw swa",
    "somali": "so som",
    "tigrinya": "ti tir tigrigna",
    "amharique": "am amh amharic",
    "kabyle": "kab",
    "berbère": "ber tamazight berbere",
    "italien": "it ita italian",
    "allemand": "de deu ger all german",
    "polonais": "pl pol polish",
    "hindi": "hi hin",
    "népalais": "ne nep nepalais",
    "tibétain": "bo tib tibetain tibetan",
    "langue des signes": "lsf signes",
    "romani": "rom romanes rromani",
    "créole": "creole creol",
    "comorien": "swb",
    "malgache": "mg mlg",
}
LANGUAGE_OF = {form: name for name, forms in _LANGUAGES.items() for form in (plain(name), *forms.split())}


def read_languages(text: str) -> str:
    """Languages in the words of the house: ``"ukr. / russe"`` is ``"ukrainien, russe"``; unknown ones as they stand."""
    if is_unknown(text):
        return ""
    found = []
    for part in re.split(r"[,;/+&|]|\bet\b", text):
        said = part.strip(" .")
        if said:
            found.append(
                LANGUAGE_OF.get(plain(said), said if len(said) > 3 and not said.isupper() else said.lower())
            )
    return ", ".join(dict.fromkeys(found))[:120]
