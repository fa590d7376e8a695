"""What is read of files that came in."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.common.prepared import prepared
from bagage.imports.domain.lifecycle import BatchState, RowState
from bagage.imports.kinds import kind_named, kinds_for
from bagage.imports.models import Batch, Row
from bagage.imports.words import fault_words
from bagage.trail.models import Entry
from bagage.trail.queries.reading import actor_names

BROUGHT_IN = "import.brought_in"


@dataclass(frozen=True, slots=True)
class Counts:
    """How many rows of a batch stand where."""

    read: int = 0
    to_write: int = 0
    alike: int = 0
    set_aside: int = 0
    written: int = 0
    skipped: int = 0
    undone: int = 0
    kept: int = 0

    @property
    def total(self) -> int:
        """All rows of the file."""
        return sum(getattr(self, state.value) for state in RowState)

    @property
    def looked_at(self) -> int:
        """Rows whose cells were read."""
        return self.total - self.read

    @property
    def brought(self) -> int:
        """Rows that wrote something, taken back since or not."""
        return self.written + self.undone + self.kept


def batches_seen_by(user: User) -> QuerySet[Batch]:
    """The batches of the kinds and nodes that someone may bring in, newest first."""
    names = [kind.name for kind in kinds_for(user)]
    return (
        Batch.objects.at_nodes(user.node_ids(Ability.IMPORT_DATA))
        .filter(kind__in=names)
        .select_related("node", "read_by")
        .order_by("-read_at", "-pk")
    )


def counts_of(batches: Sequence[Batch]) -> dict[int, Counts]:
    """How many rows of each batch stand where; one query for all."""
    found: dict[int, dict[str, int]] = {batch.pk: {} for batch in batches}
    rows = (
        Row.objects.filter(batch__in=list(found))
        .order_by()
        .values_list("batch_id", "state")
        .annotate(count=Count("pk"))
    )
    for pk, state, count in rows:
        found[pk][state] = count
    return {pk: Counts(**states) for pk, states in found.items()}


def recent_batches(user: User, limit: int = 20) -> list[tuple[Batch, Counts]]:
    """The newest batches with their counts, those given up before they were written left out. Two queries."""
    batches = list(batches_seen_by(user).exclude(state=BatchState.DROPPED)[:limit])
    counts = counts_of(batches)
    return [(batch, counts[batch.pk]) for batch in batches]


def rows_in(batch: Batch, *states: RowState) -> QuerySet[Row]:
    """The rows of a batch in these states, in the order of the file."""
    return Row.objects.filter(batch=batch, state__in=states).order_by("number")


def rows_alike(batch: Batch) -> QuerySet[Row]:
    """The rows that are like someone known and not written yet, in the order of the file."""
    return rows_in(batch, RowState.ALIKE)


def why_set_aside(batch: Batch) -> Counter[str]:
    """How many rows were set aside for each first reason."""
    return Counter(
        errors[0]["code"]
        for errors in rows_in(batch, RowState.SET_ASIDE).values_list("errors", flat=True).iterator()
        if errors
    )


def kept_rows(batch: Batch) -> list[Row]:
    """The rows that undoing left, in the order of the file."""
    return list(rows_in(batch, RowState.KEPT))


def things_written(batch: Batch) -> list[str]:
    """What a batch wrote and did not take back."""
    return list(rows_in(batch, RowState.WRITTEN).values_list("thing", flat=True))


def set_aside_rows(batch: Batch) -> Iterator[list[Any]]:
    """Headings, then the rows that were set aside as they stand, each led by what is wrong: to mend and bring again."""
    kind = kind_named(batch.kind)
    yield [_("À corriger"), _("Ligne"), *(column["heading"] for column in batch.columns)]
    for row in rows_in(batch, RowState.SET_ASIDE).iterator(chunk_size=500):
        said = [
            f"{kind.label_of(fault['field'])} : {words}" if fault["field"] else words
            for fault in row.errors
            if (words := kind.fault_words(fault) or fault_words(fault))
        ]
        values = [*row.values, *[""] * (len(batch.columns) - len(row.values))]
        yield [" ".join(said), row.number, *values]


def who(batch: Batch, row: Row) -> str:
    """How a row is named beside its number."""
    kind = kind_named(batch.kind)
    return kind.who(kind.cells(batch, row.values))


# ---------- a person who came in by a file ----------
@dataclass(frozen=True, slots=True)
class BroughtIn:
    """A file of a person that an import opened: when, from which spreadsheet, by whom."""

    at: datetime
    file_name: str
    by: str

    @property
    def words(self) -> str:
        """In a sentence."""
        if self.file_name:
            return _("Dossier entré par l’import du fichier « %(file)s ».") % {"file": self.file_name}
        return _("Dossier entré par un import.")


@prepared
def _entries_that_brought_in(uuids: Iterable[str]) -> QuerySet[Entry]:
    return Entry.objects.filter(person__in=uuids, verb=BROUGHT_IN, fields="file").order_by("-at", "-pk")


def brought_in(uuids: Iterable[UUID | str]) -> list[BroughtIn]:
    """How the files of these ids came in, newest first: those that an import opened. One query, three when one did."""
    entries = list(_entries_that_brought_in([str(each) for each in uuids]))
    if not entries:
        return []
    batches = {
        one.thing: one.file_name
        for one in Batch.objects.filter(uuid__in=[entry.thing.partition(":")[2] for entry in entries])
    }
    names = actor_names(entry.actor for entry in entries)
    return [
        BroughtIn(entry.at, batches.get(entry.thing, ""), names.get(entry.actor, "")) for entry in entries
    ]
