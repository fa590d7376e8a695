"""A file comes in: it is read, its columns are guessed, its rows are looked at. Nothing of it is written yet."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import Organisation, User, actor_of
from bagage.common.errors import BusinessError, Conflict
from bagage.imports.domain.guessing import Column, describe_column, guess_columns
from bagage.imports.domain.lifecycle import BatchState, RowState, may_become
from bagage.imports.domain.tables import Table, Unreadable, folded, read_table
from bagage.imports.kinds import Ground, Kind, Reading, Verdict, iterate, kind_named
from bagage.imports.models import Batch, Row
from bagage.imports.models import Mapping as SavedMapping
from bagage.imports.words import unreadable_words
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

By = User | Actor
CHUNK = 1_000
WAIT, CREATE = "wait", "create"


def fingerprint_of(kind: str, headings: Sequence[str]) -> str:
    """The same for files of one kind with the same headings in the same order."""
    text = json.dumps([kind, *(folded(heading) for heading in headings)], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def propose_mapping(kind: Kind, table: Table, *, chosen: Mapping[str, str] | None = None) -> list[Column]:
    """What each column becomes: as someone chose, else as for the last file with these headings, else as guessed.

    ``chosen`` gives the name (or the label) of a field for a heading; a heading that it does not name is guessed.
    """
    rows = [cells for _number, cells in table.rows]
    guessed = guess_columns(table.headings, rows, [each.wanted for each in kind.fields])
    for at, name in kind.settle(guessed, rows).items():
        guessed[at] = describe_column(table.headings[at], rows, at, name, "both" if name else "none")
    saved = SavedMapping.objects.filter(
        kind=kind.name, fingerprint=fingerprint_of(kind.name, table.headings)
    ).first()
    names = {each.name for each in kind.fields}
    if saved is not None and len(saved.columns) == len(guessed):
        guessed = [
            describe_column(column.heading, rows, at, name if name in names else "", "saved")
            for at, (column, name) in enumerate(zip(guessed, saved.columns, strict=True))
        ]
    if chosen:
        said = {folded(heading): name for heading, name in chosen.items()}
        taken = {name for name in said.values() if name}
        guessed = [
            describe_column(column.heading, rows, at, said[folded(column.heading)], "chosen")
            if folded(column.heading) in said
            # A guess never takes a field that was given to another column.
            else (describe_column(column.heading, rows, at) if column.field in taken else column)
            for at, column in enumerate(guessed)
        ]
    return guessed


@transaction.atomic
def read_file(
    content: bytes,
    file_name: str,
    *,
    kind: str,
    node: Organisation,
    sheet: str = "",
    chosen: Mapping[str, str] | None = None,
    source: str = "import",
    on_alike: str = WAIT,
    by: By,
    at: datetime | None = None,
) -> Batch:
    """Read a file into a batch whose rows are then looked at by :func:`check_batch`.

    ``chosen`` names fields by headings; ``source`` says whose identifiers it holds; ``on_alike`` is ``wait`` or
    ``create``. Raises :class:`BusinessError` for a file that cannot be read.
    """
    at = at or timezone.now()
    found = kind_named(kind)
    try:
        table = found.arrange(read_table(content, found.headings, sheet=sheet))
    except Unreadable as error:
        raise BusinessError(unreadable_words(error.code, error.detail), field="file") from error
    columns = propose_mapping(found, table, chosen=chosen)
    batch = Batch.objects.create(
        kind=kind,
        node=node,
        file_name=file_name.replace("\x00", "").strip()[-160:] or "fichier",
        sheet=table.sheet[:80],
        other_sheets=list(table.other_sheets)[:20],
        encoding=table.encoding,
        digest=hashlib.sha256(content).hexdigest(),
        columns=[column_as_json(column) for column in columns],
        options={"source": source[:60] or "import", "on_alike": on_alike, "has_headings": table.has_headings},
        read_at=at,
        read_by=by if isinstance(by, User) else None,
        moved_at=at,
    )
    Row.objects.bulk_create(
        (Row(batch=batch, number=number, values=cells) for number, cells in table.rows), batch_size=CHUNK
    )
    record(actor_of(by), "import.read", at=at, place=node.uuid, thing=batch.thing, fields=[kind])
    return batch


def column_as_json(column: Column) -> dict[str, Any]:
    """A column as it is kept with its batch."""
    return {
        "heading": column.heading,
        "field": column.field,
        "why": column.why,
        "order": column.order,
        "values": list(column.values),
        "facts": dict(column.facts),
    }


# ---------- looking at rows ----------
def check_batch(batch: Batch, *, at: datetime | None = None) -> bool:
    """Read the cells of all rows, and say who is known already; whether it is shown now.

    All is read and compared first, which locks nothing; then it is written at once. Cut off, it is done again. Nothing
    is written when the columns were changed meanwhile.
    """
    at = at or timezone.now()
    batch = Batch.objects.select_related("node", "read_by").get(pk=batch.pk)
    if batch.state != BatchState.CHECKING:
        return batch.state == BatchState.PREVIEW
    # Said first: nobody else takes it up meanwhile for having been left.
    Batch.objects.filter(pk=batch.pk).update(moved_at=timezone.now())
    kind = kind_named(batch.kind)
    ground = kind.ground(batch, at)
    rows = list(Row.objects.filter(batch=batch, state=RowState.READ).order_by("number"))
    readings = [kind.read(row.number, kind.cells(batch, row.values), ground) for row in rows]
    good = [reading for reading in readings if not reading.faults]
    verdicts = dict(zip((reading.number for reading in good), kind.known(good, ground), strict=True))
    creates = batch.options.get("on_alike") == CREATE
    for row, reading in zip(rows, readings, strict=True):
        place_row(row, reading, verdicts.get(row.number, Verdict()), creates=creates)
    with transaction.atomic():
        held = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        if held.state != BatchState.CHECKING or held.columns != batch.columns:
            return held.state == BatchState.PREVIEW
        write_places(held, rows)
        held.state, held.checked_at, held.moved_at = BatchState.PREVIEW, at, timezone.now()
        held.save(update_fields=["state", "checked_at", "moved_at"])
    batch.state, batch.checked_at = held.state, at
    return True


def write_places(batch: Batch, rows: Sequence[Row]) -> None:
    """Where each row stands; the many of which nothing more is to be said are written together."""
    plain = [row.pk for row in rows if row.state == RowState.TO_WRITE and not row.alike]
    for piece in iterate(plain, CHUNK):
        Row.objects.filter(pk__in=piece).update(state=RowState.TO_WRITE, errors=[], alike=[], thing="")
    others = [row for row in rows if row.state != RowState.TO_WRITE or row.alike]
    save_rows(others, "state", "errors", "alike", "thing")


def save_rows(rows: Sequence[Row], *fields: str) -> None:
    """Writes these fields of many rows: what ``bulk_update`` does, ten times as fast."""
    Row.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["id"], update_fields=list(fields), batch_size=500
    )


def _readings(kind: Kind, ground: Ground, rows: Any) -> list[Reading]:
    return [
        kind.read(number, kind.cells(ground.batch, values), ground)
        for number, values in rows.values_list("number", "values").iterator(chunk_size=CHUNK)
    ]


def place_row(row: Row, reading: Reading, verdict: Verdict, *, creates: bool) -> None:
    """The state of one row; a decision that someone made about it holds."""
    faults = [*reading.faults, *verdict.faults]
    row.errors = [fault.as_json() for fault in faults]
    row.alike = [each.as_json() for each in verdict.alike]
    row.thing = verdict.there
    if faults:
        row.state = RowState.SET_ASIDE
    elif verdict.there:
        row.state = RowState.SKIPPED
    elif row.alike and not row.decision and not creates:
        row.state = RowState.ALIKE
    else:
        row.state = RowState.TO_WRITE


# ---------- what someone changes in the preview ----------
def _open(batch: Batch, *states: BatchState) -> Batch:
    """The batch, held, in one of these states."""
    held = Batch.objects.select_for_update(of=("self",)).select_related("node").get(pk=batch.pk)
    if held.state not in states:
        raise Conflict(_("Ce fichier n’en est plus là : sa page montre où il en est."))
    return held


@transaction.atomic
def set_columns(batch: Batch, fields: Sequence[str], *, by: By, at: datetime | None = None) -> Batch:
    """Say what each column becomes; all rows are looked at again, and the next file with these headings will know.

    Raises :class:`BusinessError` when one field is given twice.
    """
    at = at or timezone.now()
    held = _open(batch, BatchState.PREVIEW, BatchState.CHECKING)
    kind = kind_named(held.kind)
    names = {each.name for each in kind.fields}
    wanted = [name if name in names else "" for name in fields]
    if len(wanted) != len(held.columns):
        raise BusinessError(_("Il manque des colonnes : rechargez la page."))
    for at_column, name in enumerate(wanted):
        if name and name in wanted[:at_column]:
            raise BusinessError(
                _("« %(field)s » est donné à deux colonnes : « %(one)s » et « %(other)s ». Gardez-en une.")
                % {
                    "field": kind.label_of(name),
                    "one": held.columns[wanted.index(name)]["heading"],
                    "other": held.columns[at_column]["heading"],
                },
                field=f"column-{at_column}",
            )
    changed = False
    for column, name in zip(held.columns, wanted, strict=True):
        if column["field"] != name:
            column["field"], column["why"], changed = name, "chosen", True
    _keep_mapping(held, by=by, at=at)
    if changed:
        held.state, held.moved_at = BatchState.CHECKING, at
        Row.objects.filter(batch=held).update(state=RowState.READ, errors=[], alike=[], thing="")
    held.save(update_fields=["columns", "state", "moved_at"])
    return held


def _keep_mapping(batch: Batch, *, by: By, at: datetime) -> None:
    headings = [column["heading"] for column in batch.columns]
    SavedMapping.objects.update_or_create(
        kind=batch.kind,
        fingerprint=fingerprint_of(batch.kind, headings),
        defaults={
            "headings": headings,
            "columns": batch.fields,
            "saved_at": at,
            "saved_by": by if isinstance(by, User) else None,
        },
    )


@transaction.atomic
def mend_rows(
    batch: Batch, values: Mapping[int, Mapping[str, str]], *, by: By, at: datetime | None = None
) -> tuple[int, int]:
    """Other values for fields of some rows, which are looked at again: how many are now good, how many are still aside.

    A field that no column of the file holds gets a column of its own. Also after the others were written.
    """
    at = at or timezone.now()
    held = _open(batch, BatchState.PREVIEW, BatchState.WRITTEN)
    kind = kind_named(held.kind)
    fields = held.fields
    missing = {name for given in values.values() for name in given} - set(fields)
    for name in sorted(missing & {each.name for each in kind.fields}):
        held.columns.append(
            {
                "heading": kind.label_of(name),
                "field": name,
                "why": "chosen",
                "order": "dmy",
                "values": [],
                "facts": {},
            }
        )
        fields.append(name)
    held.moved_at = at
    held.save(update_fields=["columns", "moved_at"])
    rows = list(
        Row.objects.filter(
            batch=held,
            number__in=list(values),
            state__in=[RowState.SET_ASIDE, RowState.SKIPPED, RowState.ALIKE],
        ).order_by("number")
    )
    for row in rows:
        row.values = [*row.values, *[""] * (len(fields) - len(row.values))]
        for name, value in values[row.number].items():
            if name in fields:
                row.values[fields.index(name)] = value[:2_000]
    save_rows(rows, "values")
    ground = kind.ground(held, at)
    others = Row.objects.filter(batch=held).exclude(pk__in=[row.pk for row in rows])
    others = others.exclude(state__in=[RowState.SKIPPED, RowState.SET_ASIDE, RowState.UNDONE])
    readings = [kind.read(row.number, kind.cells(held, row.values), ground) for row in rows]
    good = [reading for reading in readings if not reading.faults]
    earlier = _readings(kind, ground, others) if good else []
    verdicts = dict(zip((one.number for one in good), kind.known(good, ground, earlier), strict=True))
    creates = held.options.get("on_alike") == CREATE
    for row, reading in zip(rows, readings, strict=True):
        place_row(row, reading, verdicts.get(row.number, Verdict()), creates=creates)
    write_places(held, rows)
    aside = sum(row.state == RowState.SET_ASIDE for row in rows)
    return len(rows) - aside, aside


@transaction.atomic
def decide_row(
    batch: Batch, number: int, decision: str, *, same_as: str = "", by: By, at: datetime | None = None
) -> None:
    """Of a row like someone known: ``new`` (two persons), ``same`` (``same_as`` is her), ``skip``, or ``later``."""
    at = at or timezone.now()
    held = _open(batch, BatchState.PREVIEW, BatchState.WRITTEN)
    row = (
        Row.objects.select_for_update()
        .filter(batch=held, number=number, state__in=[RowState.ALIKE, RowState.TO_WRITE, RowState.SKIPPED])
        .first()
    )
    if row is None or not row.alike:
        raise Conflict(_("Cette ligne est déjà écrite, ou mise de côté."))
    offered = {each["thing"] or f"row:{each['row']}" for each in row.alike}
    if decision == "same" and same_as not in offered:
        raise BusinessError(_("Choisissez de qui il s’agit."), field="same_as")
    row.decision = decision if decision in {"new", "same"} else ""
    row.same_as = same_as if decision == "same" else ""
    row.state = {"later": RowState.ALIKE, "skip": RowState.SKIPPED}.get(decision, RowState.TO_WRITE)
    row.save(update_fields=["decision", "same_as", "state"])


@transaction.atomic
def decide_all(batch: Batch, decision: str, *, by: By, at: datetime | None = None) -> int:
    """The same answer for every row that still waits for one: ``new`` or ``skip``. How many there were."""
    held = _open(batch, BatchState.PREVIEW, BatchState.WRITTEN)
    waiting = Row.objects.filter(batch=held, state=RowState.ALIKE)
    if decision == "skip":
        return waiting.update(state=RowState.SKIPPED)
    return waiting.update(state=RowState.TO_WRITE, decision="new", same_as="")


@transaction.atomic
def skip_row(batch: Batch, number: int, *, by: By, at: datetime | None = None) -> None:
    """Leave out a row that was set aside."""
    held = _open(batch, BatchState.PREVIEW, BatchState.WRITTEN)
    Row.objects.filter(batch=held, number=number, state__in=[RowState.SET_ASIDE, RowState.ALIKE]).update(
        state=RowState.SKIPPED
    )


@transaction.atomic
def drop_batch(batch: Batch, *, by: By, at: datetime | None = None) -> Batch:
    """Give a file up before anything is written: what it held is forgotten at once."""
    at = at or timezone.now()
    held = Batch.objects.select_for_update(of=("self",)).select_related("node").get(pk=batch.pk)
    if not may_become(held.state, BatchState.DROPPED):
        raise Conflict(_("Ce fichier est déjà écrit : défaites-le plutôt."))
    held.state, held.moved_at, held.emptied_at = BatchState.DROPPED, at, at
    empty(held)
    held.rows.all().delete()
    held.save(update_fields=["state", "moved_at", "emptied_at", "columns"])
    record(actor_of(by), "import.drop", at=at, place=held.node.uuid, thing=held.thing)
    return held


def empty(batch: Batch) -> None:
    """Take the values that are shown as examples out of a batch; the caller saves it."""
    for column in batch.columns:
        column["values"] = []
