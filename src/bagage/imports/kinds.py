"""What a file can bring: each activity says it in its ``importing.py``, which is read when the first kind is asked for.

A kind names its fields with the headings that people use, reads the cells of a row, says who is known already, writes
rows and takes them back. All of it works on many rows at once: a file may hold 20,000. ::

    class Places(Kind):
        name = "places"
        ...

    register(Places())
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.utils import timezone, translation
from django.utils.functional import Promise
from django.utils.translation import gettext

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import Organisation, User
from bagage.common.discovery import discover
from bagage.imports.domain.guessing import Wanted
from bagage.imports.domain.tables import Table, folded
from bagage.imports.domain.values import DMY, Wrong
from bagage.trail.domain.actor import Actor

if TYPE_CHECKING:
    from bagage.imports.models import Batch, Row

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Field:
    """What a column can become. ``headings`` are those that people use, folded; the label is one of them."""

    name: str
    label: Words
    headings: tuple[str, ...] = ()
    looks: str = ""
    by_values: str = ""

    @property
    def wanted(self) -> Wanted:
        """For the guessing."""
        own = {folded(str(self.label))}
        with translation.override("fr"):
            own.add(folded(str(self.label)))
        return Wanted(
            self.name, (*self.headings, *sorted(own - set(self.headings))), self.looks, self.by_values
        )


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row: the field (``""``: the whole row), the code of the rule, what was written, what was
    likely meant."""

    field: str
    code: str
    value: str = ""
    proposed: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, name: str, wrong: Wrong, value: str) -> Fault:
        """The fault of a cell that could not be read."""
        return cls(name, wrong.code, value, wrong.proposed, wrong.facts)

    def as_json(self) -> dict[str, Any]:
        """As it is kept with the row."""
        return {
            "field": self.field,
            "code": self.code,
            "value": self.value,
            "proposed": self.proposed,
            "facts": dict(self.facts),
        }


@dataclass(slots=True)
class Reading:
    """One row as it was understood: its cells by field, its ``values`` (the kind says what they are), its faults."""

    number: int
    cells: dict[str, str]
    values: Any = None
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Alike:
    """Someone or something that a row may be: ``thing`` in the base, or ``row``, an earlier one of the file.

    ``reasons`` are their kinds alone: nothing of who is known is copied into a row, words are made when it is shown.
    """

    score: float
    band: str
    reasons: tuple[str, ...] = ()
    thing: str = ""
    row: int = 0

    def as_json(self) -> dict[str, Any]:
        """As it is kept with the row."""
        return {
            "thing": self.thing,
            "row": self.row,
            "score": round(self.score, 3),
            "band": self.band,
            "reasons": list(self.reasons),
        }


@dataclass(slots=True)
class Verdict:
    """What is known already: those that a row may be, best first, or ``there``: the thing that it certainly is."""

    alike: list[Alike] = field(default_factory=list)
    there: str = ""
    faults: list[Fault] = field(default_factory=list)


@dataclass(slots=True)
class Todo:
    """A row to write; ``same_as`` is the thing it was said to be, or ``""``."""

    number: int
    reading: Reading
    same_as: str = ""


@dataclass(slots=True)
class Outcome:
    """What became of a row: its new state, its thing, what has to be known to take it back, why it was refused."""

    state: str
    thing: str = ""
    written: dict[str, Any] = field(default_factory=dict)
    errors: list[Fault] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of two records side by side. ``gap`` is same, near, other, fills or unknown; ``words`` say it.

    ``ours`` and ``theirs`` are ``(text, is_marked)`` pieces: marked ones differ.
    """

    label: str
    ours: tuple[tuple[str, bool], ...]
    theirs: tuple[tuple[str, bool], ...]
    gap: str
    words: str


@dataclass(slots=True)
class Ground:
    """What one run over a batch shares: its place, its day, how days are written in each field, what was looked up."""

    batch: Batch
    node: Organisation
    at: datetime
    orders: dict[str, str] = field(default_factory=dict)
    kept: dict[str, Any] = field(default_factory=dict)

    @property
    def today(self) -> date:
        """The day of the run."""
        return timezone.localdate(self.at)

    def order(self, name: str) -> str:
        """Whether days of this field are written day first or month first."""
        return self.orders.get(name, DMY)

    @property
    def source(self) -> str:
        """Whose identifiers the file holds."""
        return str(self.batch.options.get("source") or "import")


class Kind:
    """One kind of file. The methods here are for a kind that knows nobody twice and writes nothing yet."""

    name: ClassVar[str]
    label: ClassVar[Words]
    says: ClassVar[Words]
    icon: ClassVar[str] = "file-spreadsheet"
    ability: ClassVar[Ability]
    # On which nodes of the tree it can be brought.
    node_kinds: ClassVar[tuple[str, ...]] = ("permanence",)
    fields: ClassVar[tuple[Field, ...]] = ()

    # ---------- words ----------
    def count(self, number: int) -> str:
        """ "62 personnes"."""
        raise NotImplementedError

    def who(self, cells: Mapping[str, str]) -> str:
        """How a row is named beside its number; ``""`` when it says nothing."""
        return ""

    def fault_words(self, fault: Mapping[str, Any]) -> str:
        """What is wrong and the way out, for codes of this kind alone; ``""`` leaves it to the common words."""
        return ""

    def reason_words(self, reading: Reading, other: str | Reading) -> list[Any]:
        """Why a row may be someone, a thing in the base or another row; each reason with ``text`` and ``icon``."""
        return []

    def label_of(self, name: str) -> str:
        """What a field is called on screen."""
        return next((str(each.label) for each in self.fields if each.name == name), name)

    def side_by_side(self, reading: Reading, other: str | Reading) -> list[Line]:
        """A row and what it may be, line by line; a thing only for who may see it."""
        return []

    def references(self, things: Sequence[str]) -> dict[str, str]:
        """What other files call these things."""
        return {}

    def name_of_thing(self, thing: str, user: User) -> str:
        """What a thing is called for someone who may see it, else ``""``."""
        return ""

    def url_of_thing(self, thing: str) -> str:
        """Where it is shown; ``""`` where it has no page."""
        return ""

    def same_words(self) -> str:
        """What joining a row to what is known is called."""
        return gettext("La même, compléter ce qui manque")

    def apart_words(self) -> str:
        """What keeping both is called."""
        return gettext("Deux différentes")

    # ---------- work ----------
    def arrange(self, table: Table) -> Table:
        """The table as this kind reads it, before its columns are guessed."""
        return table

    def cells(self, batch: Batch, values: Sequence[str]) -> dict[str, str]:
        """The cells of a row by the field of their column; columns that are left aside are left out."""
        return {name: value for name, value in zip(batch.fields, values, strict=False) if name}

    def settle(self, columns: Sequence[Any], rows: Sequence[Sequence[str]]) -> dict[int, str]:
        """A second look at the guessed columns as a whole: the fields of those that become another. None by itself."""
        return {}

    def ground(self, batch: Batch, at: datetime) -> Ground:
        """What a run over this batch shares."""
        orders = {column["field"]: column.get("order", DMY) for column in batch.columns if column["field"]}
        return Ground(batch, batch.node, at, orders)

    def read(self, number: int, cells: Mapping[str, str], ground: Ground) -> Reading:
        """What a row says. Never raises: what is wrong is in ``faults``."""
        raise NotImplementedError

    def known(
        self, readings: Sequence[Reading], ground: Ground, earlier: Sequence[Reading] = ()
    ) -> list[Verdict]:
        """For each row, in order, whom it may be: in the base, among ``earlier`` rows, among those before it here."""
        return [Verdict() for _reading in readings]

    def write(self, todo: Sequence[Todo], ground: Ground, *, by: User | Actor, at: datetime) -> list[Outcome]:
        """Write rows, in the transaction of the caller; one outcome for each."""
        raise NotImplementedError

    def undo(self, rows: Sequence[Row], ground: Ground, *, by: User | Actor, at: datetime) -> list[Outcome]:
        """Take back what was written, in the transaction of the caller: ``undone``, or ``kept`` with the reason."""
        raise NotImplementedError

    def foreseen_kept(self, things: Sequence[str], ground: Ground) -> dict[str, str]:
        """Of these things, those that undoing would keep, with the code of the reason."""
        return {}

    # ---------- files out ----------
    def rows_out(self, nodes: Sequence[Organisation], at: datetime, *, by: User) -> Iterator[Sequence[Any]]:
        """What these nodes hold of it, headings first, as a file that can be brought in again.

        ``by`` takes it out: what she may not read of a person is not in it.
        """
        raise NotImplementedError

    @property
    def headings(self) -> frozenset[str]:
        """All that its fields are called, folded."""
        return frozenset(
            heading for each in self.fields for heading in (*each.headings, folded(str(each.label)))
        )

    def field_named(self, text: str) -> str:
        """The name of the field that ``text`` names: its name or its label, whatever its capitals; ``""`` when none."""
        said = folded(text)
        for each in self.fields:
            if said in (folded(each.name), folded(str(each.label))):
                return each.name
        return next((each.name for each in self.fields if said in each.headings), "")


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Make a kind known."""
    if kind.name in _kinds and type(_kinds[kind.name]) is not type(kind):
        raise ValueError(f"two kinds of import are called {kind.name}")
    _kinds[kind.name] = kind
    return kind


def all_kinds() -> dict[str, Kind]:
    """Every kind by its name, in the order of the activities."""
    discover("importing")
    order = ("persons", "organisations", "staff", "rights", "help", "places")
    known = [name for name in order if name in _kinds]
    return {name: _kinds[name] for name in (*known, *(each for each in _kinds if each not in order))}


def kind_named(name: str) -> Kind:
    """The kind of that name; ``KeyError`` when there is none."""
    return all_kinds()[name]


def kinds_for(user: User) -> list[Kind]:
    """The kinds that someone may bring in: she brings in data, and may do by hand what the kind writes."""
    return [kind for kind in all_kinds().values() if user.can(Ability.IMPORT_DATA) and user.can(kind.ability)]


def iterate(values: Iterable[Any], size: int) -> Iterator[list[Any]]:
    """In pieces of ``size``."""
    piece: list[Any] = []
    for value in values:
        piece.append(value)
        if len(piece) == size:
            yield piece
            piece = []
    if piece:
        yield piece
