"""What is held of persons, said by each activity about its own tables: what, why, how long, what is given to her, what
goes when she is erased.

An activity declares in its ``privacy.py``, which is read when the first question is asked::

    declare(
        Processing("people", title=_("Accueil et suivi"), purpose=…, basis=…, recipients=…),
        Declaration("people.ContactWay", person="person", processing="people", what=_("Les façons de la joindre"),
                    personal=("phone", "through"), export={"kind": _("Comment"), "phone": _("Numéro")}),
        Declaration("permanences.Room", processing="places", what=_("Les salles"), plain=("name",)),
    )

Read by the erasure, the export, the papers of the house and the second wall of PostgreSQL. A test holds every table
and every text field of the project against it.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any

from django.apps import apps
from django.db import models
from django.utils import timezone
from django.utils.functional import Promise

from bagage.common.discovery import discover

Words = str | Promise
Rows = models.QuerySet[Any]

# The table of persons, named so that this activity, which stands below it, need not import it.
PERSON = "people.Person"
# What stands where something was written; what was empty stays empty, so that counts stay true.
MARK = "—"
# Fields that name who of the staff wrote a row, or that only a machine reads, whatever the table.
STAFF_FIELDS = frozenset(
    {
        "booked_by",
        "changed_by",
        "claimed_by",
        "closed_by",
        "decided_by",
        "ended_by",
        "handed_over_by",
        "linked_by",
        "opened_by",
        "planned_by",
        "read_by",
        "reserved_by",
        "returned_by",
        "reviewed_by",
        "sold_by",
        "told_by",
        "written_by",
    }
)
MACHINE_FIELDS = frozenset({"key", "source"})
# Amounts, in whole cents wherever they stand.
MONEY_FIELDS = frozenset({"chosen_total", "paid", "price", "total", "unit_price"})


class Erase(StrEnum):
    """What becomes of a personal field when its person is erased."""

    MARK = "mark"  # text: :data:`MARK` where something was written
    EMPTY = "empty"  # "", no value, an empty list
    RENEW = "renew"  # another drawn code: the printed one opens nothing, and unique stays unique


@dataclass(frozen=True, slots=True)
class Processing:
    """One purpose for which data is held: a line of the register of processing (article 30 of the GDPR).

    ``recipients`` are abilities (``accounts/domain/roles.py``): who may read it. ``kept`` is how long, in words; empty
    for the common rule (so long after the last contact).
    """

    name: str
    title: Words
    purpose: Words
    basis: Words
    recipients: tuple[str, ...] = ()
    concerned: Words = ""
    kept: Words = ""


@dataclass(frozen=True, slots=True)
class Declaration:
    """One table.

    ``person`` is the path from a row to the person ("journey__person"; "pk" for the person's own row; "" when it holds
    none), ``also`` the paths to others whom it is about as well. ``about`` names fields that hold an opaque reference
    ("referral:<uuid>") instead of a path; ``thing`` is the word by which such references call this table. ``what`` and
    ``why`` are sentences; ``kept`` how long, empty for the rule of its processing.

    ``personal`` are the fields that go when she is erased, as :class:`Erase` says in ``erase`` (text is marked, the
    rest emptied); ``deleted`` rows go whole. ``plain`` are texts that say nothing of her. ``export`` gives the
    fields handed to her with their words. ``group`` is the group of facts (``people/domain/fields.py``) that says
    who reads them, ``groups`` that of fields that stand in another one. ``contact`` is the date of a row that is a
    contact with her: from the newest one on, retention counts. ``strays`` is the date by which rows without a
    person are erased by themselves. ``holds_back`` are the rows that must be settled first (an appointment to
    come), ``held_words`` says so with ``%(count)s``; ``freezes`` when nothing at all may go while such a row
    stands. ``after`` is called with the rows, before anything is changed, for what lies elsewhere (a file on disk).
    ``pages`` are the addresses ("referrals:detail") whose ``uuid`` is that of a row of this table, each a reading
    of her file.
    """

    model: str
    person: str = ""
    also: tuple[str, ...] = ()
    processing: str = ""
    what: Words = ""
    why: Words = ""
    kept: Words = ""
    personal: tuple[str, ...] = ()
    erase: Mapping[str, Erase | Callable[[Any], Any]] = field(default_factory=dict)
    plain: tuple[str, ...] = ()
    export: Mapping[str, Words] = field(default_factory=dict)
    group: str = ""
    groups: Mapping[str, str] = field(default_factory=dict)
    deleted: bool = False
    about: tuple[str, ...] = ()
    pages: tuple[str, ...] = ()
    thing: str = ""
    contact: str = ""
    dated: str = ""
    strays: str = ""
    holds_back: Callable[[Rows, datetime], Rows] | None = None
    held_words: Words = ""
    freezes: bool = False
    after: Callable[[Rows, datetime], None] | None = None

    @property
    def table(self) -> type[models.Model]:
        """The model itself."""
        return apps.get_model(self.model)

    @property
    def concerns_persons(self) -> bool:
        """Whether rows of it can belong to a person."""
        return bool(self.person or self.about)

    def group_of(self, name: str) -> str:
        """The group of facts in which one of its fields stands."""
        return self.groups.get(name, self.group)

    def rows_of(self, files: Sequence[int], things: Sequence[str] = ()) -> Rows:
        """The rows of the persons of these ids; ``things`` are the references by which the others are found."""
        rows = self.table._base_manager.all()
        if self.person:
            hers = models.Q()
            for path in (self.person, *self.also):
                hers |= models.Q(**{f"{path}__in": list(files)})
            return rows.filter(hers)
        if self.about:
            named = models.Q()
            for name in self.about:
                named |= models.Q(**{f"{name}__in": list(things)})
            return rows.filter(named)
        return rows.none()

    def rows_past(self, before: datetime) -> Rows:
        """Rows whose own date is earlier than that, and which still say something; of a table with such a date."""
        rows = self.table._base_manager.all()
        if not self.dated:
            return rows.none()
        place = self.table._meta.get_field(self.dated)
        is_day = isinstance(place, models.DateField) and not isinstance(place, models.DateTimeField)
        limit = timezone.localdate(before) if is_day else before
        return rows.filter(self.still_written(), **{f"{self.dated}__lt": limit})

    def still_written(self) -> models.Q:
        """The rows in which a personal text still says something."""
        written = models.Q()
        for name in self.personal:
            place = self.table._meta.get_field(name)
            if isinstance(place, models.CharField | models.TextField) and self.erase.get(name) is None:
                written |= ~models.Q(**{f"{name}__in": ["", MARK]})
        return written

    def stray_rows(self, before: datetime) -> Rows:
        """Rows that belong to nobody known and are older than that."""
        rows = self.table._base_manager.all()
        if not self.strays:
            return rows.none()
        rows = rows.filter(**{f"{self.strays}__lt": before})
        return rows.filter(**{self.person: None}) if self.person and self.person != "pk" else rows


@dataclass(frozen=True, slots=True)
class House:
    """What the papers say of the association: its name, and where one writes to it."""

    name: str = ""
    contact: str = ""
    dated: str = ""


# Said by an activity above: who holds an ability, and whose house this is.
_said: dict[str, Callable[..., Any]] = {}


def say(*, readers: Callable[[Iterable[str]], list[str]], house: Callable[[], House]) -> None:
    """Tell the papers how roles are called that hold some abilities, and whose house this is."""
    _said.update(readers=readers, house=house)


def readers_of(abilities: Iterable[str]) -> list[str]:
    """The roles, in words, of who may read what asks for one of these abilities."""
    discover("privacy")
    found: list[str] = _said["readers"](abilities)
    return found


def this_house() -> House:
    """Whose installation this is."""
    discover("privacy")
    found: House = _said["house"]()
    return found


_declarations: dict[str, Declaration] = {}
_processings: dict[str, Processing] = {}


def declare(*things: Declaration | Processing) -> None:
    """Add what an activity says of its tables. Raises :class:`ValueError` for a table said twice."""
    for thing in things:
        if isinstance(thing, Processing):
            known = _processings.setdefault(thing.name, thing)
            if known != thing:
                raise ValueError(f"two processings are called {thing.name}")
        elif thing.model in _declarations:
            raise ValueError(f"{thing.model} is declared twice")
        else:
            _declarations[thing.model] = thing


def all_declarations() -> list[Declaration]:
    """Every table that is declared, by its name."""
    discover("privacy")
    return [_declarations[model] for model in sorted(_declarations)]


def all_processings() -> list[Processing]:
    """Every purpose that is declared, by its name."""
    discover("privacy")
    return [_processings[name] for name in sorted(_processings)]


def of_persons() -> list[Declaration]:
    """The tables whose rows can belong to a person, her own file last: the others are found through it."""
    found = [each for each in all_declarations() if each.concerns_persons]
    return sorted(found, key=lambda each: (each.model == PERSON, each.model))


def declaration_of(model: str) -> Declaration | None:
    """What is said of one table; ``None`` for nothing."""
    discover("privacy")
    return _declarations.get(model)


def page_of(view_name: str) -> Declaration | None:
    """The table whose row an address shows; ``None`` for an address that shows no person's file, or notes it itself."""
    return _pages().get(view_name)


@cache
def _pages() -> dict[str, Declaration]:
    return {page: each for each in all_declarations() for page in each.pages}


def text_fields(model: type[models.Model]) -> list[str]:
    """The fields of a table into which words can be written: text without a closed list, JSON, files."""
    free = (models.CharField, models.TextField, models.JSONField, models.FileField)
    return [
        each.name
        for each in model._meta.concrete_fields
        if isinstance(each, free) and not getattr(each, "choices", None)
    ]


def unsaid(model: type[models.Model]) -> Iterable[str]:
    """The text fields of a table of which nothing is said."""
    said = declaration_of(model._meta.label)
    known: set[str] = set(STAFF_FIELDS | MACHINE_FIELDS)
    if said is not None:
        known |= {*said.personal, *said.plain}
        if said.deleted:
            return []
    return [name for name in text_fields(model) if name not in known]
