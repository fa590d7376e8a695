"""Opening hours as people write them in French, put in OpenStreetMap form when that can be done surely.

"Du lundi au vendredi de 9h00 à 12h30 et de 13h30 à 17h" is ``Mo-Fr 09:00-12:30,13:30-17:00``; "sur rendez-vous", "toute
la journée" or a season are not hours of a week: then nothing is said, and the words stay words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from bagage.common.hours import UnreadableHours, parsed
from bagage.directory.domain.communes import folded

DAYS = {"lundi": 0, "mardi": 1, "mercredi": 2, "jeudi": 3, "vendredi": 4, "samedi": 5, "dimanche": 6,
        "lun": 0, "mar": 1, "mer": 2, "jeu": 3, "ven": 4, "sam": 5, "dim": 6}  # fmt: skip
CODES = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_DAY = r"(?:lundi|mardi|mercredi|jeudi|vendredi|samedi|dimanche|lun|mar|mer|jeu|ven|sam|dim)s?"
_TIME = r"(\d{1,2})\s*(?:h|:|heures?)\s*(\d{2})?(?!\d)"
_SPAN = re.compile(rf"(?:de\s+)?(?:{_TIME}|(\d{{1,2}}))\s*(?:a|-|–|jusqu a|/)\s*{_TIME}")
# What makes hours of no usual week: nothing is put in OpenStreetMap form then.
_UNSURE = re.compile(
    r"\b(?:semaines? (?:im)?paires?|un \w+ sur deux|1er|premier|deuxieme|troisieme|dernier|2eme|3eme|vacances|"
    r"scolaire|ete|hiver|juillet|aout|septembre|octobre|novembre|decembre|janvier|fevrier|mars|avril|mai|juin|"
    r"variables?|selon|sauf|toutes les|tous les (?:\d+|quinze|deux|trois)|ou bien|fin de journee|"
    r"toute la journee|matin|apres midi|midi|soir|mois)\b"
)
_EVERY_DAY = re.compile(r"\b(?:tous les jours|7j ?/ ?7|7 jours sur 7)\b")


def osm_of(text: str) -> str:
    """The hours of a text in OpenStreetMap form; as they are when they have that form; ``""`` when it is not sure.

    >>> osm_of("Le mardi de 9h à 12h30 et de 14h à 17h, le jeudi de 9h à 12h30")
    'Tu 09:00-12:30,14:00-17:00; Th 09:00-12:30'
    """
    said = " ".join(text.split())
    if not said:
        return ""
    if re.match(r"(?:Mo|Tu|We|Th|Fr|Sa|Su|PH|24/7)\b", said):
        return said if _is_readable(said) else ""
    plain = _plain(said)
    if _UNSURE.search(plain):
        return ""
    plain = re.sub(r"\b(?:en|la) semaine\b", "du lundi au vendredi", plain)
    week: dict[int, list[str]] = {}
    for days, words in _pieces(plain):
        spans = _spans(words)
        if re.search(r"\d", _SPAN.sub(" ", words)):
            return ""
        if re.search(r"\bferme", words) and not spans:
            continue
        if not spans or not days:
            return ""
        for day in days:
            for span in spans:
                if span not in week.setdefault(day, []):
                    week[day].append(span)
    return written_week(week)


def written_week(week: Mapping[int, list[str]]) -> str:
    """The days of a week (Monday is 0) with their spans (``"09:00-12:30"``), in OpenStreetMap form."""
    groups: list[tuple[list[int], str]] = []
    for day in sorted(week):
        said = ",".join(sorted(week[day]))
        if not said:
            continue
        if groups and groups[-1][1] == said and groups[-1][0][-1] == day - 1:
            groups[-1][0].append(day)
        else:
            groups.append(([day], said))
    merged: dict[str, list[list[int]]] = {}
    for days, said in groups:
        merged.setdefault(said, []).append(days)
    found = "; ".join(f"{','.join(_run(days) for days in runs)} {said}" for said, runs in merged.items())
    return found if found and _is_readable(found) else ""


def _run(days: list[int]) -> str:
    if len(days) == 1:
        return CODES[days[0]]
    return f"{CODES[days[0]]}{'-' if len(days) > 2 else ','}{CODES[days[-1]]}"


def _is_readable(hours: str) -> bool:
    try:
        parsed(hours)
    except UnreadableHours:
        return False
    return True


def _plain(text: str) -> str:
    """Small letters without accents; signs that part times and days stay."""
    marked = re.sub(r"[àâ]", "a", text.lower())
    kept = re.sub(r"[^\w:/,;.\-–\s]", " ", marked)
    plain = "".join(folded(part) if part.isalpha() else part for part in re.split(r"(\s+|[^\w])", kept))
    return re.sub(r"\s+", " ", plain)


def _pieces(plain: str) -> list[tuple[list[int], str]]:
    """Each run of days with the words that follow it, up to the next run of days."""
    if _EVERY_DAY.search(plain):
        return [(list(range(7)), _EVERY_DAY.sub(" ", plain))]
    run = re.compile(
        rf"(?:(?:du|le|les|de)\s+)?\b{_DAY}\b(?:(?:\s*(?:,|-|–|/|et|au|a|&|\+)\s*|\s+)(?:(?:le|les|au|du)\s+)?\b{_DAY}\b)*"
    )
    found = list(run.finditer(plain))
    pieces = []
    for at, match in enumerate(found):
        end = found[at + 1].start() if at + 1 < len(found) else len(plain)
        pieces.append((_days(match[0]), plain[match.end() : end]))
    if found and found[0].start() > 0 and _SPAN.search(plain[: found[0].start()]):
        # Hours before the days: "de 9h à 12h le lundi".
        return [
            (_days(match[0]), plain[(found[at - 1].end() if at else 0) : match.start()])
            for at, match in enumerate(found)
        ]
    return pieces


def _days(words: str) -> list[int]:
    days = [(match.start(), DAYS[match[0].removesuffix("s")]) for match in re.finditer(rf"\b{_DAY}\b", words)]
    found: list[int] = []
    for at, (start, day) in enumerate(days):
        between = words[days[at - 1][0] : start] if at else ""
        if at and re.search(r"\b(?:au|a)\b|[-–]", between) and day > found[-1]:
            if len(days) > 2 and not re.search(r"\b(?:au|a)\b", between):
                # "Mardi-jeudi et vendredi": from one to the other, or both.
                return []
            found.extend(range(found[-1] + 1, day + 1))
        elif day not in found:
            found.append(day)
    return found


def _spans(words: str) -> list[str]:
    spans = []
    for hour, minute, bare, until, until_minute in _SPAN.findall(words):
        begins, ends = int(hour or bare), int(until)
        first, last = f"{begins:02}:{int(minute or 0):02}", f"{ends:02}:{int(until_minute or 0):02}"
        if begins > 23 or ends > 24 or int(minute or 0) > 59 or int(until_minute or 0) > 59 or first >= last:
            return []
        spans.append(f"{first}-{last}")
    return spans
