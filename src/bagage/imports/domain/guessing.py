"""Which column is what: guessed from its heading and from its values, each guess with its reason.

A heading that is known decides; values decide where the heading says nothing, and speak against a heading that they
contradict. A field is given to one column at most, the likeliest. Nothing is certain: a screen shows it with three
values, and someone corrects it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as field_of
from datetime import date

from rapidfuzz.distance import OSA

from bagage.imports.domain.tables import folded
from bagage.imports.domain.values import (
    DMY,
    LANGUAGE_OF,
    MDY,
    Wrong,
    is_unknown,
    month_first,
    plain,
    read_birth,
    read_day,
    read_yes_no,
)

SAMPLE = 400
SHOWN = 3
# From here a heading is taken for the name of a field; below, values have to agree.
SURE = 0.75


@dataclass(frozen=True, slots=True)
class Wanted:
    """A field that columns can become: its folded headings, best first, and what its values ``looks`` like.

    ``looks`` is a name of :data:`LOOKS`, or ``""``; by ``by_values``, another of them, a column may become it whatever
    its heading.
    """

    name: str
    headings: tuple[str, ...]
    looks: str = ""
    by_values: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """What was guessed of one column. ``field`` is ``""`` when nothing was; ``why`` is heading, values, both, none.

    ``facts`` count what a screen says beside it: ``about`` (years said roughly), ``twice`` (values that stand more than
    once), ``different``, ``scripts``, ``filled``. ``order`` is that of its days.
    """

    heading: str
    values: tuple[str, ...]
    field: str = ""
    why: str = "none"
    order: str = DMY
    facts: Mapping[str, int] = field_of(default_factory=dict)


def _looks_like_phone(text: str) -> bool:
    digits = sum(sign.isdigit() for sign in text)
    return (
        8 <= digits <= 30
        and not re.search(r"[^\d+().\-/\s;,ou]", text.lower())
        and not _looks_like_date(text)
    )


def _looks_like_date(text: str) -> bool:
    return bool(
        re.fullmatch(r"\d{1,2}[/.\- ]\d{1,2}[/.\- ](?:\d{4}|\d{2})", text)
        or re.fullmatch(r"\d{4}-\d{2}-\d{2}(?: \d\d:\d\d)?", text)
        or re.search(r"\d\s+[a-zéû]{3,9}\.?\s+\d{2,4}$", text.lower())
    )


def _looks_like_birth(text: str) -> bool:
    try:
        birth = read_birth(text, _FAR)
    except Wrong:
        return False
    return birth is not None and 1910 <= birth.year <= 2030 and not re.fullmatch(r"\d{2}|\d{5}", text)


def _looks_like_old_birth(text: str) -> bool:
    """A birth rather than a visit: most who come are grown up."""
    try:
        birth = read_birth(text, _FAR)
    except Wrong:
        return False
    return birth is not None and 1920 <= birth.year <= 2012 and not re.fullmatch(r"\d{2}|\d{5}", text)


def _looks_like_year(text: str) -> bool:
    return bool(re.fullmatch(r"(?:vers |environ |~)?(?:19[1-9]\d|20[0-3]\d)", plain(text)))


def _looks_like_day(text: str) -> bool:
    try:
        return read_day(text, _FAR) is not None and not re.fullmatch(r"\d{5}", text)
    except Wrong:
        return False


def _looks_like_yes_no(text: str) -> bool:
    try:
        return read_yes_no(text) is not None
    except Wrong:
        return False


def _looks_like_language(text: str) -> bool:
    parts = [plain(part.strip(" .")) for part in re.split(r"[,;/+&|]|\bet\b", text) if part.strip(" .")]
    return bool(parts) and all(part in LANGUAGE_OF for part in parts)


def _looks_like_name(text: str) -> bool:
    return not any(sign.isdigit() for sign in text) and "@" not in text and len(text) <= 60


# Only to judge how values look: what a value means is read with the real day.
_FAR = date(2035, 12, 31)
LOOKS: dict[str, Callable[[str], bool]] = {
    "phone": _looks_like_phone,
    "birth": _looks_like_birth,
    "old_birth": _looks_like_old_birth,
    "year": _looks_like_year,
    "day": _looks_like_day,
    "yes_no": _looks_like_yes_no,
    "language": _looks_like_language,
    "name": _looks_like_name,
    "email": lambda text: bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", text.lower())),
    "postcode": lambda text: bool(re.fullmatch(r"\d{5}", text.replace(" ", ""))),
    "number": lambda text: bool(re.fullmatch(r"\d{1,6}", text)),
    "age": lambda text: bool(re.fullmatch(r"1?\d?\d(?: ?ans?)?", text)),
}


def heading_worth(heading: str, wanted: Wanted) -> float:
    """How well a heading names a field, 0 to 1."""
    text = folded(heading)
    if not text:
        return 0.0
    best = 0.0
    words = text.split()
    for rank, known in enumerate(wanted.headings):
        worth = 0.0
        if text == known:
            worth = 1.0 - 0.002 * min(rank, 40)
        elif len(known) >= 4 and f" {known} " in f" {text} ":
            # "Nom de la personne": the longer the part that is known, the surer.
            worth = 0.72 + 0.2 * len(known.split()) / len(words)
        elif len(known) >= 5 and OSA.distance(text, known, score_cutoff=2) <= (1 if len(known) < 9 else 2):
            worth = 0.78
        best = max(best, worth)
    return best


def guess_columns(
    headings: Sequence[str], rows: Sequence[Sequence[str]], wanted: Sequence[Wanted]
) -> list[Column]:
    """A guess for each column of a table, in its order."""
    samples = [_sample(rows, at) for at in range(len(headings))]
    shares: dict[tuple[int, str], float] = {}

    def share(at: int, looks: str) -> float:
        if (at, looks) not in shares:
            values = samples[at]
            shares[at, looks] = sum(map(LOOKS[looks], values)) / len(values) if values else 0.0
        return shares[at, looks]

    offers: list[tuple[float, int, int, str]] = []
    for at, heading in enumerate(headings):
        for rank, each in enumerate(wanted):
            by_heading = heading_worth(heading, each)
            if by_heading >= 0.7:
                worth, why = by_heading, "heading"
                if each.looks and samples[at]:
                    agrees = share(at, each.looks)
                    if agrees < 0.25:
                        # Odd names are names all the same; no letters are a telephone.
                        worth -= 0.2 if each.looks == "name" else 0.45
                    else:
                        worth += 0.15 * agrees
                        why = "both" if each.looks != "name" else "heading"
                if worth >= 0.6:
                    offers.append((worth, -at, -rank, why))
            elif each.by_values and len(samples[at]) >= 2 and share(at, each.by_values) >= 0.8:
                offers.append((0.5 * share(at, each.by_values), -at, -rank, "values"))
    offers.sort(key=lambda offer: (-offer[0], -offer[1], -offer[2]))
    taken: dict[int, tuple[str, str]] = {}
    given: set[str] = set()
    for _worth, at, rank, why in offers:
        name = wanted[-rank].name
        if -at not in taken and name not in given:
            taken[-at] = (name, why)
            given.add(name)
    return [
        describe_column(heading, rows, at, *taken.get(at, ("", "none")))
        for at, heading in enumerate(headings)
    ]


def describe_column(
    heading: str, rows: Sequence[Sequence[str]], at: int, name: str = "", why: str = "none"
) -> Column:
    """A column with three of its values and what can be counted of it."""
    values = [row[at] for row in rows if at < len(row) and row[at]]
    counted = Counter(values)
    order = MDY if month_first(values[:5000]) else DMY
    return Column(
        heading=heading,
        values=_three(values, counted),
        field=name,
        why=why,
        order=order,
        facts={
            "filled": len(values),
            "different": len(counted),
            "twice": sum(1 for count in counted.values() if count > 1),
            "about": sum(1 for value in values if re.match(r"(?:vers|environ|env|~)", value.lower())),
            "scripts": len({_script(value) for value in list(counted)[:2000]} - {""}),
        },
    )


def _sample(rows: Sequence[Sequence[str]], at: int) -> list[str]:
    """Some values of a column from its whole length, those that say "not known" left out."""
    step = max(1, len(rows) // SAMPLE)
    found = [row[at] for row in rows[::step] if at < len(row) and row[at] and not is_unknown(row[at])]
    if len(found) < 5 and step > 1:
        found = [row[at] for row in rows if at < len(row) and row[at] and not is_unknown(row[at])][:SAMPLE]
    return found[:SAMPLE]


def _three(values: Sequence[str], counted: Counter[str]) -> tuple[str, ...]:
    """The first value and two that are written otherwise: they show best what a column holds."""
    chosen: list[str] = []
    shapes: set[str] = set()
    for value in list(counted)[:300]:
        shape = re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", value))[:20] + _script(value)
        if shape not in shapes:
            shapes.add(shape)
            chosen.append(value)
    chosen += [value for value in list(counted)[: SHOWN + 3] if value not in chosen]
    chosen += [value for value in values[: SHOWN + 3] if len(counted) < SHOWN]
    return tuple(value[:60] for value in chosen[:SHOWN])


def _script(text: str) -> str:
    for sign in text:
        if sign.isalpha():
            if "\u0400" <= sign <= "\u052f":
                return "cyrillic"
            if "\u0590" <= sign <= "\u06ff":
                return "arabic"
            if sign < "\u0250" or "\u1e00" <= sign <= "\u1eff":
                return "latin"
            return "other"
    return ""
