"""A row of a list of persons, read: names, birth, telephones, where she lives, and what is wrong with them."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any

from django.utils import timezone

from bagage.imports.domain.values import (
    Birth,
    Wrong,
    is_unknown,
    plain,
    read_age,
    read_birth,
    read_languages,
    read_past_day,
    read_yes_no,
)
from bagage.imports.kinds import (
    Fault,
    Ground,
    Reading,
)
from bagage.people.domain.likeness import Known
from bagage.people.domain.phones import PhoneProblem, digits_of, read_phone
from bagage.people.models import Answer, Obstacle, Person
from bagage.people.services.bulk import NewFile

# How a commune is found from what was written; an activity above, which knows communes, says it: text -> (code, name).
COMMUNE_FINDERS: list[Callable[[str], tuple[str, str] | None]] = []
_PHONE_FIELDS = ("phone", "other_phone")
_OBSTACLES = tuple(Obstacle.values)
_SHE = {
    "f",
    "femme",
    "feminin",
    "mme",
    "madame",
    "mlle",
    "mademoiselle",
    "elle",
    "female",
    "fem",
    "dame",
    "woman",
}
_HE = {"h", "homme", "masculin", "m", "monsieur", "mr", "il", "male", "masc", "man"}
_PARTLY = frozenset({"un peu", "partiel", "partiellement", "en cours", "parfois", "a moitie"})


@dataclass(frozen=True, slots=True)
class Incoming:
    """A person as a row tells her, made ready to be written."""

    file: NewFile

    @property
    def known(self) -> Known:
        """The same for the comparison with others."""
        file = self.file
        texts = [f"{file.chosen_name} {file.family_name}".strip(), *(text for text, _kind in file.names)]
        return Known(
            names=tuple(dict.fromkeys(texts)),
            birth_year=file.birth_date.year if file.birth_date else file.birth_year,
            is_birth_year_about=file.is_birth_year_about,
            birth_date=file.birth_date,
            phones=file.phones,
            where=file.where,
            given=file.chosen_name if file.family_name else "",
        )


class RowReader:
    """Reads the cells of one row, and notes what is wrong."""

    def __init__(self, reading: Reading, ground: Ground) -> None:
        self.reading, self.cells, self.ground = reading, reading.cells, ground

    def fault(self, name: str, code: str, value: str = "", proposed: str = "", **facts: Any) -> None:
        self.reading.faults.append(Fault(name, code, value, proposed, facts))

    def text(self, name: str, most: int) -> str:
        value = self.cells.get(name, "")
        if is_unknown(value):
            return ""
        if len(value) > most:
            self.fault(name, "too_long", value[:200], most=most)
        return value[:most]

    def names(self) -> tuple[str, str]:
        """What she is called and her family name; the one that there is, when there is one."""
        given, family = _written(self.text("chosen_name", 80)), _written(self.text("family_name", 80))
        whole = self.text("full_name", 160)
        if whole and not (given and family):
            one, other = _parted(whole, family_first=bool(self.ground.kept.get("family_first")))
            given, family = given or _written(one), family or _written(other)
        if not given and family:
            given, family = family, ""
        if not given:
            self.fault("chosen_name", "no_name")
        elif not any(sign.isalpha() for sign in given):
            self.fault("chosen_name", "not_a_name", given)
        return given[:80], family[:80]

    def birth(self) -> Birth | None:
        """Her birth, from whatever column tells it best: a day before a year, a year before an age."""
        found: list[Birth] = []
        for name in ("birth_date", "birth_year", "age"):
            value = self.cells.get(name, "")
            try:
                birth = (
                    read_age(value, self.ground.today)
                    if name == "age"
                    else read_birth(value, self.ground.today, order=self.ground.order(name))
                )
            except Wrong as wrong:
                self.reading.faults.append(Fault.of(name, wrong, value))
                continue
            if birth is not None:
                found.append(birth)
        if not found:
            return None
        exact = [birth for birth in found if not birth.is_about]
        if len(exact) == 2 and exact[0].year != exact[1].year:
            self.fault("birth_year", "years_differ", self.cells.get("birth_year", ""), str(exact[0].year),
                       year=exact[1].year, other=exact[0].year)  # fmt: skip
        return next((birth for birth in found if birth.on), None) or (exact or found)[0]

    def phones(self) -> tuple[str, ...]:
        """Her numbers, each once, in international form."""
        found: dict[str, None] = {}
        for name in _PHONE_FIELDS:
            value = self.cells.get(name, "")
            if is_unknown(value) or plain(value) in {"aucun", "pas de telephone", "pas de tel", "0", "neant"}:
                continue
            if re.fullmatch(r"\d[.,]\d+E\+?\d+", value, re.IGNORECASE):
                self.fault(name, "phone_rounded", value)
                continue
            for part in _phone_parts(value):
                try:
                    found[read_phone(part)] = None
                except PhoneProblem as problem:
                    self.fault(name, f"phone_{problem.code}", value, count=problem.count)
        return tuple(found)

    def situation(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in _OBSTACLES:
            value = self.cells.get(name, "")
            if plain(value) in _PARTLY:
                found[name] = Answer.PARTLY.value
                continue
            answer = self.yes_no(name)
            if answer is not None:
                found[name] = (Answer.YES if answer else Answer.NO).value
        return found

    def yes_no(self, name: str) -> bool | None:
        value = self.cells.get(name, "")
        if not value:
            return None
        try:
            return read_yes_no(value)
        except Wrong as wrong:
            self.reading.faults.append(Fault.of(name, wrong, value))
            return None

    def day(self, name: str) -> date | None:
        value = self.cells.get(name, "")
        if not value:
            return None
        try:
            return read_past_day(value, self.ground.today, order=self.ground.order(name))
        except Wrong as wrong:
            self.reading.faults.append(Fault.of(name, wrong, value))
            return None

    def where(self) -> tuple[str, str]:
        """Where she lives as it was written, and the commune's code when it is known for sure."""
        commune, postcode, place = (self.text(name, 160) for name in ("commune", "postcode", "where"))
        town = " ".join(part for part in (postcode, commune) if part)
        code = ""
        if town:
            code, name = _commune(town) or ("", "")
            commune = commune or name
        return ", ".join(dict.fromkeys(part for part in (place, commune or postcode) if part))[:160], code


@lru_cache(maxsize=4_000)
def _commune(text: str) -> tuple[str, str] | None:
    for finder in COMMUNE_FINDERS:
        if found := finder(text):
            return found
    return None


def _phone_parts(value: str) -> list[str]:
    """Several numbers in one cell: "06 12 34 56 78 / 07 …"."""
    parts = [part.strip() for part in re.split(r"[/;,|]|\bou\b|\bet\b", value) if part.strip()]
    whole = [part for part in parts if len(digits_of(part)) >= 8]
    # "06/12/34/56/78" is one number.
    return parts if len(parts) == len(whole) else [re.sub(r"[/;,|]", " ", value)]


def _written(name: str) -> str:
    """A name as one writes it: capitals or small letters throughout become "Diarra", "N'Diaye", "Jean-Marc"."""
    name = " ".join(name.split())
    if len(name) > 2 and (name.isupper() or name.islower()):
        return re.sub(r"[^\W\d_]+", lambda found: found[0][:1].upper() + found[0][1:].lower(), name)
    return name


def _parted(whole: str, *, family_first: bool) -> tuple[str, str]:
    """Given and family name out of one text: "Diarra, Fatou", "DIARRA Fatou", "Fatou Diarra"."""
    if "," in whole:
        family, _comma, given = whole.partition(",")
        return given.strip(), family.strip()
    parts = whole.split()
    loud = [part for part in parts if len(part) > 1 and part.isupper()]
    if loud and len(loud) < len(parts):
        return " ".join(part for part in parts if part not in loud), " ".join(loud)
    if len(parts) < 2:
        return whole, ""
    if family_first:
        return " ".join(parts[1:]), parts[0]
    return parts[0], " ".join(parts[1:])


def _grammar(text: str) -> str:
    said = plain(text).strip(" .")
    return (
        Person.Grammar.SHE if said in _SHE else Person.Grammar.HE if said in _HE else Person.Grammar.UNKNOWN
    )


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


def read_row(number: int, cells: Mapping[str, str], ground: Ground) -> Reading:
    """A row, its person made ready to be written (:class:`Incoming`) and its faults beside."""
    reading = Reading(number, dict(cells))
    read = RowReader(reading, ground)
    given, family = read.names()
    birth = read.birth()
    phones = read.phones()
    situation = read.situation()
    first, last = read.day("first_seen"), read.day("last_seen")
    seen = max(filter(None, (first, last)), default=None)
    where, commune_code = read.where()
    reference = read.text("reference", 80)
    if reference.endswith(".0") and reference[:-2].isdigit():
        reference = reference[:-2]
    other = read.text("other_name", 160)
    shared = read.yes_no("is_phone_shared")
    note = read.text("note", 2_000)
    if referrer := read.text("referrer", 160):
        # Kept in the language of the house: it is a fact of her file, not a word of the screen.
        note = f"Orientation : {referrer}.\n{note}".strip()
    reading.values = Incoming(
        NewFile(
            chosen_name=given,
            family_name=family,
            grammar=_grammar(cells.get("grammar", "")),
            birth_year=birth.year if birth else None,
            is_birth_year_about=bool(birth and birth.is_about),
            birth_date=birth.on if birth else None,
            languages=read_languages(cells.get("languages", "")),
            where=where,
            commune_code=commune_code,
            note=note,
            phones=phones,
            is_phone_shared=bool(shared),
            names=((other, "spelling"),) if other and other != f"{given} {family}".strip() else (),
            reference=reference,
            situation=situation,
            last_contact_at=_noon(seen) if seen else None,
        )
    )
    return reading
