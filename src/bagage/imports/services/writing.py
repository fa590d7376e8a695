"""What was shown is written, in pieces, and can be taken back in one act. Cut off, it goes on where it stopped.

Each piece is one transaction: the rows, what they became, and their line in the trail are kept or lost together.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import User, actor_of
from bagage.common.errors import BusinessError, Conflict
from bagage.imports.domain.lifecycle import FINISHED, BatchState, RowState, may_become
from bagage.imports.kinds import Fault, Ground, Kind, Outcome, Todo, kind_named
from bagage.imports.models import Batch, Row
from bagage.imports.services.reading import empty, save_rows
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

By = User | Actor
Told = Callable[[int], None]
PIECE = 500


# ---------- writing ----------
@transaction.atomic
def start_writing(batch: Batch, *, by: By, at: datetime | None = None) -> Batch:
    """From now on its good rows are being written. Pressed twice, or pressed again after a stop, it goes on."""
    at = at or timezone.now()
    held = Batch.objects.select_for_update(of=("self",)).select_related("node").get(pk=batch.pk)
    if held.state == BatchState.WRITING:
        return held
    if not may_become(held.state, BatchState.WRITING):
        raise Conflict(_("Ce fichier n’en est plus là : sa page montre où il en est."))
    if not Row.objects.filter(batch=held, state=RowState.TO_WRITE).exists():
        raise BusinessError(
            _("Il n’y a rien à écrire : corrigez une ligne, ou décidez des lignes en attente.")
        )
    held.state, held.moved_at = BatchState.WRITING, at
    held.save(update_fields=["state", "moved_at"])
    record(actor_of(by), "import.write", at=at, place=held.node.uuid, thing=held.thing, fields=[held.kind])
    return held


def write_batch(
    batch: Batch,
    *,
    by: By,
    at: datetime | None = None,
    seconds: float | None = None,
    told: Told | None = None,
) -> bool:
    """Write the good rows of a batch; whether all are written. With ``seconds``, it stops after them.

    A row that the base refuses after all is set aside with the reason, and the others are written.
    """
    at = at or timezone.now()
    until = None if seconds is None else time.monotonic() + seconds
    batch = start_writing(batch, by=by, at=at)
    kind = kind_named(batch.kind)
    ground = kind.ground(batch, at)
    return _piece_by_piece(lambda: _write_piece(batch, kind, ground, by=by, at=at), told=told, until=until)


def _piece_by_piece(piece: Callable[[], int | None], *, told: Told | None, until: float | None) -> bool:
    """Each piece in a transaction of its own, until none is left (true) or the time is over (false)."""
    done = 0
    while (count := piece()) is not None:
        done += count
        if told is not None:
            told(done)
        if until is not None and time.monotonic() > until:
            return False
    return True


@transaction.atomic
def _write_piece(batch: Batch, kind: Kind, ground: Ground, *, by: By, at: datetime) -> int | None:
    """The next rows; ``None`` when none was left and the batch is finished."""
    held = Batch.objects.select_for_update(of=("self",)).select_related("node").get(pk=batch.pk)
    if held.state != BatchState.WRITING:
        return None
    waiting = Row.objects.filter(batch=held, state=RowState.TO_WRITE).order_by("number")
    # Rows that are someone of this very file come after those that they are.
    rows = list(waiting.exclude(decision="same")[:PIECE]) or list(waiting[:PIECE])
    if not rows:
        held.state, held.moved_at = BatchState.WRITTEN, at
        held.written_at = held.written_at or at
        held.save(update_fields=["state", "moved_at", "written_at"])
        record(
            actor_of(by), "import.written", at=at, place=held.node.uuid, thing=held.thing, fields=[held.kind]
        )
        return None
    todo: list[tuple[Row, Todo]] = []
    for row, same_as in zip(rows, _same_things(held, rows), strict=True):
        reading = kind.read(row.number, kind.cells(held, row.values), ground)
        if reading.faults:
            row.state, row.errors = RowState.SET_ASIDE, [fault.as_json() for fault in reading.faults]
        elif same_as is None:
            row.state, row.errors = RowState.SET_ASIDE, [Fault("", "other_row_not_written").as_json()]
        else:
            todo.append((row, Todo(row.number, reading, same_as)))
    outcomes = _outcomes(kind, [each for _row, each in todo], ground, by=by, at=at)
    for (row, _todo), outcome in zip(todo, outcomes, strict=True):
        row.state, row.thing, row.written = outcome.state, outcome.thing or row.thing, outcome.written
        row.errors = [fault.as_json() for fault in outcome.errors]
    save_rows(rows, "state", "thing", "written", "errors")
    Batch.objects.filter(pk=held.pk).update(moved_at=timezone.now())
    return len(rows)


def _same_things(batch: Batch, rows: Sequence[Row]) -> list[str | None]:
    """For each row the thing that it was said to be, ``""`` when none, ``None`` when that row was not written."""
    numbers = {int(row.same_as[4:]) for row in rows if row.same_as.startswith("row:")}
    things: dict[int, str] = {}
    if numbers:
        others = Row.objects.filter(
            batch=batch, number__in=numbers, state__in=[RowState.WRITTEN, RowState.SKIPPED]
        )
        things = dict(others.values_list("number", "thing"))
    return [
        (things.get(int(row.same_as[4:])) or None if row.same_as.startswith("row:") else row.same_as)
        if row.decision == "same"
        else ""
        for row in rows
    ]


def _outcomes(kind: Kind, todo: Sequence[Todo], ground: Ground, *, by: By, at: datetime) -> list[Outcome]:
    """All at once; when the base refuses one of them, each by itself."""
    if not todo:
        return []
    try:
        with transaction.atomic():
            return kind.write(todo, ground, by=by, at=at)
    except (BusinessError, IntegrityError):
        pass
    outcomes = []
    for one in todo:
        try:
            with transaction.atomic():
                outcomes += kind.write([one], ground, by=by, at=at)
        except BusinessError as error:
            said = Fault("", "refused", facts={"words": str(error)})
            outcomes.append(Outcome(RowState.SET_ASIDE, errors=[said]))
        except IntegrityError:
            outcomes.append(Outcome(RowState.SET_ASIDE, errors=[Fault("", "refused_by_base")]))
    return outcomes


# ---------- taking back ----------
@transaction.atomic
def start_undoing(batch: Batch, *, by: By, at: datetime | None = None) -> Batch:
    """From now on what the batch wrote is being taken back; a writing that was cut off may be too."""
    at = at or timezone.now()
    held = Batch.objects.select_for_update(of=("self",)).select_related("node").get(pk=batch.pk)
    if held.state == BatchState.UNDOING:
        return held
    if not may_become(held.state, BatchState.UNDOING):
        raise Conflict(_("Ce fichier n’est pas écrit, ou est déjà défait."))
    if held.emptied_at is not None:
        raise BusinessError(
            _("Ce fichier est fini depuis plus de %(days)s jours : ce qu’il a apporté vit maintenant sa vie.")
            % {"days": rows_days()}
        )
    held.state, held.moved_at = BatchState.UNDOING, at
    # One moment for the whole of it, however often it is taken up again.
    held.options["undo_at"] = at.isoformat()
    held.save(update_fields=["state", "moved_at", "options"])
    record(actor_of(by), "import.undo", at=at, place=held.node.uuid, thing=held.thing, fields=[held.kind])
    return held


def undo_batch(
    batch: Batch,
    *,
    by: By,
    at: datetime | None = None,
    seconds: float | None = None,
    told: Told | None = None,
) -> bool:
    """Take back what a batch wrote, newest row first; whether all is done. What was used since stays, and says why."""
    at = at or timezone.now()
    until = None if seconds is None else time.monotonic() + seconds
    batch = start_undoing(batch, by=by, at=at)
    at = datetime.fromisoformat(batch.options["undo_at"])
    kind = kind_named(batch.kind)
    ground = kind.ground(batch, at)
    return _piece_by_piece(lambda: _undo_piece(batch, kind, ground, by=by, at=at), told=told, until=until)


@transaction.atomic
def _undo_piece(batch: Batch, kind: Kind, ground: Ground, *, by: By, at: datetime) -> int | None:
    held = Batch.objects.select_for_update(of=("self",)).select_related("node").get(pk=batch.pk)
    if held.state != BatchState.UNDOING:
        return None
    rows = list(Row.objects.filter(batch=held, state=RowState.WRITTEN).order_by("-number")[:PIECE])
    if not rows:
        held.state, held.moved_at, held.undone_at = BatchState.UNDONE, at, at
        held.save(update_fields=["state", "moved_at", "undone_at"])
        record(
            actor_of(by), "import.undone", at=at, place=held.node.uuid, thing=held.thing, fields=[held.kind]
        )
        return None
    for row, outcome in zip(rows, kind.undo(rows, ground, by=by, at=at), strict=True):
        row.state, row.errors = outcome.state, [fault.as_json() for fault in outcome.errors]
    save_rows(rows, "state", "errors")
    Batch.objects.filter(pk=held.pk).update(moved_at=timezone.now())
    return len(rows)


# ---------- what is left behind ----------
def rows_days() -> int:
    """How many days the rows of a finished batch are kept: the setting ``IMPORT_ROWS_DAYS``."""
    return int(settings.IMPORT_ROWS_DAYS)


def batches_left(now: datetime, *, after: timedelta) -> list[Batch]:
    """Batches at work that have not moved for so long: someone left, or the process was stopped."""
    left = Batch.objects.filter(state__in=[BatchState.CHECKING, BatchState.WRITING, BatchState.UNDOING])
    return list(left.filter(moved_at__lt=now - after).select_related("node", "read_by").order_by("moved_at"))


def empty_old_batches(*, at: datetime | None = None) -> int:
    """Forget the rows of batches that were finished, or left in their preview, so many days ago; how many batches.

    What they wrote stays; the batch itself stays with its counts of what was written, without any value.
    """
    at = at or timezone.now()
    before = at - timedelta(days=rows_days())
    old = Batch.objects.filter(
        emptied_at=None, moved_at__lt=before, state__in=[*FINISHED, BatchState.PREVIEW]
    )
    emptied = 0
    for pk in old.values_list("pk", flat=True):
        with transaction.atomic():
            batch = Batch.objects.select_for_update(of=("self",)).select_related("node").get(pk=pk)
            if batch.emptied_at is not None:
                continue
            if batch.state == BatchState.PREVIEW:
                batch.state = BatchState.DROPPED
                batch.rows.all().delete()
            batch.rows.update(values=[], alike=[], errors=[], written={})
            empty(batch)
            batch.emptied_at = at
            batch.save(update_fields=["emptied_at", "columns", "state"])
            record(
                Actor.system("empty_imports"), "import.empty", at=at, place=batch.node.uuid, thing=batch.thing
            )
        emptied += 1
    return emptied
