"""What someone writes in one line, told apart: where, what for, when, at what price, for whom, in which language.

Written as a social worker writes in a hurry: accents, capitals, small words and some letters may be missing. Words
that nothing here explains are left: they may be a name, or a street.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import time, timedelta
from functools import cache, lru_cache
from importlib import resources

from rapidfuzz.distance import OSA

from bagage.directory.domain.communes import Commune, DepartmentName, department_named, folded, place_among
from bagage.directory.domain.needs import Cost, Need

LONGEST = 300  # characters that are read
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
MORNING = (time(8), time(12))
NOON = (time(12), time(14))
AFTERNOON = (time(13, 30), time(18))
EVENING = (time(18), time(22))
ALL_DAY = (time(8), time(20))
# "Maintenant": now, or soon after.
NOW_LASTS = timedelta(minutes=30)
# A need that stands for all digital ones: someone helps, with whatever it is.
ANY_DIGITAL = "numerique"


@dataclass(frozen=True, slots=True)
class When:
    """Some day, from an hour to another; equal ones are one moment, and ``None`` is the hour that it is.

    ``day`` is that of the week (Monday is 0), or ``in_days`` says how many days ahead: 0 is today.
    """

    day: int | None = None
    begins: time | None = None
    ends: time | None = None
    in_days: int | None = None


@dataclass(frozen=True, slots=True)
class Understood:
    """What a text was read as. ``rest`` are the words that nothing else explains: a name, a street.

    ``place_words`` are those that name ``place``, as they were written. ``department`` is its number. Each of
    ``needs`` is a name that :func:`~bagage.directory.domain.needs.needs_named` knows; one that is for several is
    answered by any of them. ``labels`` are national programmes, as the standard writes them;
    ``kind_words`` are those that told ``kinds``: what is called so comes first.
    """

    text: str = ""
    place: Commune | None = None
    place_words: str = ""
    department: str = ""
    needs: tuple[str, ...] = ()
    when: When | None = None
    cost: str = ""
    publics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    care: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    kind_words: str = ""
    labels: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    with_someone: bool = False
    rest: str = ""


# ---------- the words ----------
_SMALL_WORDS = (
    "a au aux avec ce ces cet cette chez d dans de des du elle en est et il je l la le les leur lui ma mes mon n ne ni "
    "nos notre on ou par pas pour qu que qui sa sans se ses si son sur ta te tes ton un une vers y s j m c"
)
_SMALL = frozenset(_SMALL_WORDS.split())


def _stem(word: str) -> str:
    """A word without the mark of the plural: enough to find "ateliers" by "atelier"."""
    return word[:-1] if len(word) > 3 and word[-1] in "sx" and not word.isdigit() else word


@cache
def _phrases() -> dict[tuple[str, ...], list[tuple[str, str]]]:
    found: dict[tuple[str, ...], list[tuple[str, str]]] = {}
    lines = resources.files("bagage.directory").joinpath("data/asked_words.txt").read_text(encoding="utf-8")
    for line in lines.splitlines():
        if not line.startswith("#"):
            facet, value, phrases = (part.strip() for part in line.split("|"))
            for phrase in phrases.split(";"):
                found.setdefault(tuple(phrase.split()), []).append((facet, value))
    return found


@cache
def _longest() -> int:
    return max(map(len, _phrases()))


@cache
def _known_words() -> dict[str, list[str]]:
    """Words long enough that a slip in them can be told, by their first letter."""
    found: dict[str, list[str]] = {}
    for word in sorted({word for phrase in _phrases() for word in phrase if len(word) >= 5}):
        found.setdefault(word[0], []).append(word)
    return found


def _mended(word: str) -> str:
    """The known word that a misspelt one may be, or itself: one slip, two in long ones."""
    if len(word) < 5 or word.isdigit():
        return word
    most = 1 if len(word) < 8 else 2
    best, least = word, most + 1
    for known in _known_words().get(word[0], ()):
        if abs(len(known) - len(word)) <= most:
            slips = OSA.distance(word, known, score_cutoff=most)
            if slips < least:
                best, least = known, slips
    if best == word and len(word) >= 5:
        starts = [known for known in _known_words().get(word[0], ()) if known.startswith(word)]
        best = min(starts, key=len) if starts else word
    return best


# ---------- reading ----------
_HOUR = re.compile(
    r"\b(?:a |à |vers )?([01]?\d|2[0-3])\s?(?:h|heures?|:)\s?([0-5]\d)?\b(?!\s?par)", re.IGNORECASE
)
_HOURS = re.compile(
    r"\b(?:de |entre )?([01]?\d|2[0-3])\s?h\s?([0-5]\d)?\s?(?:-|à|a|et)\s?([01]?\d|2[0-3])\s?h\s?([0-5]\d)?\b",
    re.IGNORECASE,
)
_POSTCODE = re.compile(r"\b(\d{5}|\d{2} \d{3})\b(?! ?euros?)")
_AGE = re.compile(r"\b(\d{1,2}) ?ans\b", re.IGNORECASE)
_DEPARTMENT = re.compile(
    r"\b(?:dans le |departement |département |dep\.? |dpt\.? )?\(?\b(2[abAB]|97\d|\d{2})\b\)?"
)


@lru_cache(maxsize=4096)
def understand(text: str, home: tuple[float, float] | None = None) -> Understood:
    """What a line of text asks for. ``home`` (degrees) tells namesakes apart: the nearest is meant.

    >>> understand("apprendre la souris jeudi après-midi 38000").needs
    ('learn_basics',)
    """
    rest = text[:LONGEST].replace("’", "'")
    when, rest = _when(rest)
    found: dict[str, list[str]] = {}
    ages = [int(each) for each in _AGE.findall(rest)]
    if ages:
        rest = _AGE.sub(" ", rest)
        if max(ages) >= 60:
            found["public"] = ["seniors"]
        elif max(ages) <= 25:
            found["public"] = ["young"]
    postcode = _POSTCODE.search(rest)
    if postcode:
        rest = f"{rest[: postcode.start()]} {rest[postcode.end() :]}"
    words = folded(rest).split()
    stems = [_stem(word) for word in words]
    used = [False] * len(words)
    # What is written right is read first, then the place, then what is nearly right.
    _read_phrases(stems, used, found)
    digits = postcode[1].replace(" ", "") if postcode else ""
    place, span, department = _placed(words, used, digits, home, is_exact=True)
    if span:
        used[span[0] : span[1]] = [True] * (span[1] - span[0])
    mended = [
        stem if used[at] or word in _SMALL else _mended(stem)
        for at, (word, stem) in enumerate(zip(words, stems, strict=True))
    ]
    if mended != stems:
        _read_phrases(mended, used, found)
    if place is None and not department:
        place, span, department = _placed(words, used, digits, home, is_exact=False)
        if span:
            used[span[0] : span[1]] = [True] * (span[1] - span[0])
    place_words = " ".join([*([digits] if digits else []), *(words[span[0] : span[1]] if span else [])])
    left = [
        word
        for word, is_used in zip(words, used, strict=True)
        if not is_used and word not in _SMALL and len(word) > 1
    ]
    return _gathered(
        Understood(
            text=text,
            place=place,
            place_words=place_words if place or department else "",
            department=department if place is None else "",
            when=when,
            rest=" ".join(left),
        ),
        found,
    )


def _read_phrases(stems: Sequence[str], used: list[bool], found: dict[str, list[str]]) -> None:
    """Notes what the phrases say, the longest first, and marks their words."""
    phrases = _phrases()
    for length in range(min(_longest(), len(stems)), 0, -1):
        for start in range(len(stems) - length + 1):
            if any(used[start : start + length]):
                continue
            said = phrases.get(tuple(stems[start : start + length]))
            if said:
                used[start : start + length] = [True] * length
                if any(facet == "kind" for facet, _value in said):
                    found.setdefault("kind words", []).extend(stems[start : start + length])
                for facet, value in said:
                    values = found.setdefault(facet, [])
                    if value not in values:
                        values.append(value)


def _placed(
    words: Sequence[str],
    used: Sequence[bool],
    postcode: str,
    home: tuple[float, float] | None,
    *,
    is_exact: bool,
) -> tuple[Commune | None, tuple[int, int] | None, str]:
    """The commune that is meant, which words name it, and the number of its département where only that is said."""
    free = [None if is_used else word for word, is_used in zip(words, used, strict=True)]
    department: DepartmentName | None = department_named(free)
    place, span = place_among(
        free,
        postcode=postcode,
        department=department.number if department else "",
        home=home,
        is_exact=is_exact,
    )
    if place is None and department is not None:
        return None, (department.start, department.end), department.number
    if place is not None and span and department is not None:
        # "Saint-Pierre de la Réunion": the words of both are read.
        span = (min(span[0], department.start), max(span[1], department.end))
    return place, span, ""


def _when(text: str) -> tuple[When | None, str]:
    """The day and the hours of a text, and the rest of it."""
    plain = text
    day: int | None = None
    in_days: int | None = None
    begins: time | None = None
    ends: time | None = None
    for number, name in enumerate(DAYS):
        pattern = re.compile(rf"\b(?:le |les |ce |tous les )?{name}s?\b", re.IGNORECASE)
        if pattern.search(plain):
            day, plain = number, pattern.sub(" ", plain)
            break
    for name, ahead in (
        (r"aujourd'?\s?hui", 0),
        (r"maintenant", 0),
        (r"après[- ]?demain|apres[- ]?demain", 2),
        (r"demain", 1),
    ):
        pattern = re.compile(rf"\b(?:{name})\b", re.IGNORECASE)
        if pattern.search(plain):
            in_days, plain = ahead, pattern.sub(" ", plain)
            break
    is_now = bool(re.search(r"\bmaintenant\b|\bouverte?s? en ce moment\b", text, re.IGNORECASE))
    hours = _HOURS.search(plain)
    hour = _HOUR.search(plain)
    if hours:
        begins = time(int(hours[1]), int(hours[2] or 0))
        ends = time(int(hours[3]), int(hours[4] or 0))
        plain = plain[: hours.start()] + " " + plain[hours.end() :]
        if ends < begins:
            begins = ends
    elif hour:
        begins = ends = time(int(hour[1]), int(hour[2] or 0))
        plain = plain[: hour.start()] + " " + plain[hour.end() :]
    for pattern_text, span in (
        (r"(?:l')?(?:après|apres|aprs)[- ]?midi|\baprem\b|\bapm\b", AFTERNOON),
        (r"\b(?:le )?matin(?:ée|ee)?s?\b", MORNING),
        (r"\b(?:le )?soir(?:ée|ee)?s?\b", EVENING),
        (r"\b(?:le |entre )?midi(?: et deux)?\b", NOON),
    ):
        pattern = re.compile(pattern_text, re.IGNORECASE)
        if pattern.search(plain):
            plain = pattern.sub(" ", plain)
            if begins is None:
                begins, ends = span
            break
    if re.search(r"\bweek[- ]?end\b", plain, re.IGNORECASE):
        plain = re.sub(r"\b(?:le )?week[- ]?end\b", " ", plain, flags=re.IGNORECASE)
        day = 5 if day is None else day
    if day is None and in_days is None and begins is None:
        return None, plain
    if begins is None and not is_now:
        begins, ends = ALL_DAY
    return When(day, begins, ends, in_days if day is None else None), plain


def _gathered(read: Understood, found: dict[str, list[str]]) -> Understood:
    """The needs that things and deeds make together, and the rest as it was found."""
    needs = list(found.get("need", ()))
    things, has = found.get("thing", []), found.__contains__
    rest = read.rest
    wants_thing = has("get") or has("cheap")
    if things and wants_thing and "find_work" not in needs:
        needs.append(Need.GET_DEVICE)
    elif things and has("learn"):
        needs.append(Need.LEARN_BASICS)
    elif ("computer" in things and not needs) or (
        "computer" in things and has("use") and not has("learn") and "find_work" not in needs
    ):
        needs.append(Need.USE_COMPUTER_HERE)
    elif ("phone" in things and not needs) or (has("learn") and not needs):
        needs.append(Need.LEARN_BASICS)
    if "use_computer_here" in needs and Need.GET_DEVICE in needs and not has("get"):
        needs.remove(Need.USE_COMPUTER_HERE)
    if not needs and has("cheap") and has("any"):
        needs.append(Need.GET_CONNECTION)
    kinds = found.get("kind", [])
    labels = found.get("label", [])
    if not needs and not kinds and not labels and (has("any") or has("mode") or has("someone")):
        needs.append(ANY_DIGITAL)
    publics = list(found.get("public", ()))
    if "raise_children" in needs and "families" in publics:
        publics.remove("families")
    languages = tuple(found.get("language", ()))
    care = list(found.get("care", ()))
    if languages:
        care += [
            code
            for code in {"english" if each == "en" else "languages" for each in languages}
            if code not in care
        ]
    elif has("foreign"):
        care.append("languages")
    modes = tuple(found.get("mode", ()))
    access = tuple(found.get("access", ()))
    return replace(
        read,
        needs=tuple(dict.fromkeys(str(need) for need in needs)),
        cost=str(Cost.FREE) if has("cost") else "",
        publics=tuple(publics),
        languages=languages,
        access=access,
        care=tuple(dict.fromkeys(care)),
        kinds=tuple(kinds),
        kind_words=" ".join(word for word in found.get("kind words", ()) if word not in _SMALL),
        labels=tuple(labels),
        modes=modes,
        with_someone=has("someone") or any(mode in {"individual", "workshop"} for mode in modes),
        rest=rest,
    )
