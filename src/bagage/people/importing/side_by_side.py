"""A row and a file that is known, or two rows, side by side: what is the same, near, missing."""

from __future__ import annotations

from dataclasses import replace

from django.utils.translation import gettext, ngettext

from bagage.common import words
from bagage.imports.domain.values import (
    plain,
)
from bagage.imports.kinds import (
    Line,
)
from bagage.people.domain.likeness import Known, compare, sought_of
from bagage.people.domain.phones import phone_slip, shown_phone
from bagage.people.models import Person
from bagage.people.queries import contact_ways_now
from bagage.people.services.bulk import NewFile


def file_of(person: Person) -> NewFile:
    """A file that is known, as a row would tell it."""
    return NewFile(
        chosen_name=person.chosen_name,
        family_name=person.family_name,
        birth_year=person.birth_year,
        is_birth_year_about=person.is_birth_year_about,
        birth_date=person.birth_date,
        languages=person.languages,
        where=person.where,
        phones=tuple(dict.fromkeys(way.phone for way in contact_ways_now(person) if way.phone)),
        names=tuple((name.text, name.kind) for name in person.names.order_by("pk")),
    )


def _line(label: str, ours: str, theirs: str) -> Line | None:
    if not ours and not theirs:
        return None
    unknown = gettext("on ne sait pas")
    if not theirs:
        gap, said = "fills", gettext("complète")
    elif not ours:
        gap, said = "unknown", gettext("rien de plus")
    elif plain(ours) == plain(theirs):
        gap, said = "same", gettext("pareil")
    elif is_proposed_word(ours, theirs):
        gap, said = "near", gettext("proche")
    else:
        gap, said = "other", gettext("différent")
    return Line(label, ((ours or unknown, False),), ((theirs or unknown, False),), gap, said)


def is_proposed_word(one: str, other: str) -> bool:
    """Whether two names are near enough to be said so."""
    found = compare(sought_of(Known(names=(one,))), Known(names=(other,)))
    return found.score >= 0.6


def _birth_line(ours: NewFile, theirs: NewFile) -> Line | None:
    one, other = _birth_text(ours), _birth_text(theirs)
    line = _line(gettext("Naissance"), one, other)
    if line is None or line.gap not in {"near", "other"}:
        return line
    apart = abs((ours.birth_year or 0) - (theirs.birth_year or 0))
    about = ours.is_birth_year_about or theirs.is_birth_year_about
    dates = ours.birth_date and theirs.birth_date and ours.birth_date != theirs.birth_date
    if (apart == 0 and not dates) or (about and apart <= 2):
        return replace(line, gap="same", words=gettext("compatible"))
    years = ngettext("%(count)s an", "%(count)s ans", apart) % {"count": apart}
    return replace(
        line, gap="near" if apart <= 1 else "other", words=years if apart else gettext("un autre jour")
    )


def _birth_text(file: NewFile) -> str:
    if file.birth_date:
        return words.day_short(file.birth_date, year=True)
    if file.birth_year is None:
        return ""
    return (
        gettext("vers %(year)s") % {"year": file.birth_year}
        if file.is_birth_year_about
        else str(file.birth_year)
    )


def _phone_line(ours: NewFile, theirs: NewFile) -> Line | None:
    one = ours.phones[0] if ours.phones else ""
    others = [phone for phone in theirs.phones if phone_slip(one, phone)] if one else []
    other = (others or list(theirs.phones) or [""])[0]
    line = _line(gettext("Téléphone"), shown_phone(one) if one else "", shown_phone(other) if other else "")
    if line is None or not one or not other:
        return line
    slip = phone_slip(one, other)
    if slip == "same":
        return replace(line, gap="same", words=gettext("pareil"))
    if slip:
        said = gettext("deux chiffres échangés") if slip == "swapped" else gettext("1 chiffre")
        return replace(line, ours=_marked(line.ours[0][0], line.theirs[0][0]),
                       theirs=_marked(line.theirs[0][0], line.ours[0][0]), gap="near", words=said)  # fmt: skip
    return replace(line, gap="other", words=gettext("différent"))


def _marked(text: str, other: str) -> tuple[tuple[str, bool], ...]:
    """The text in pieces, those that differ from the other marked."""
    if len(text) != len(other):
        return ((text, False),)
    pieces: list[tuple[str, bool]] = []
    for one, two in zip(text, other, strict=True):
        differs = one != two
        if pieces and pieces[-1][1] == differs:
            pieces[-1] = (pieces[-1][0] + one, differs)
        else:
            pieces.append((one, differs))
    return tuple(pieces)


def lines_of(ours: NewFile, theirs: NewFile) -> list[Line]:
    """The lines of both, ours first, in which at least one says something."""
    lines = [
        _line(gettext("Prénom"), ours.chosen_name, theirs.chosen_name),
        _line(gettext("Nom"), ours.family_name, theirs.family_name),
        _birth_line(ours, theirs),
        _phone_line(ours, theirs),
        _line(gettext("Langue"), ours.languages, theirs.languages),
        _line(gettext("Commune"), ours.where, theirs.where),
    ]
    return [line for line in lines if line is not None]
