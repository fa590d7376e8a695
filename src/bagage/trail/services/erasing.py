"""Erasing persons for good: what is personal in every declared table goes, the rows stay, so that counts stay true."""

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Case, Value, When
from django.utils import timezone
from django.utils.translation import gettext

from bagage.common.codes import new_code
from bagage.common.errors import Conflict
from bagage.trail.domain.actor import Actor, HasActor, actor_of
from bagage.trail.domain.retention import months_earlier
from bagage.trail.models import NETWORK, ErasedPerson
from bagage.trail.queries.held import (
    chunks,
    expired_files,
    files_together,
    held_back,
    persons,
    privacy_rules,
    references_of,
    written_too_long,
)
from bagage.trail.registry import MARK, PERSON, Declaration, Erase, all_declarations, of_persons
from bagage.trail.services.recording import record

ERASED_FILE = "erased.jsonl"
# Her wish, the time that was set, an erasure made again after a back-up was put back.
REASONS = ("wish", "retention", "replay")


@dataclass(slots=True)
class Erased:
    """What an erasure took: ``files`` that were erased (with those marked as the same), rows of each table.

    ``written`` are rows whose texts went before their file, for the house keeps them less long.
    ``held_back`` persons had something to settle first, ``left`` are for the next run.
    """

    files: int = 0
    persons: int = 0
    rows: dict[str, int] = field(default_factory=dict)
    strays: dict[str, int] = field(default_factory=dict)
    written: dict[str, int] = field(default_factory=dict)
    held_back: int = 0
    left: int = 0

    def add(self, other: "Erased") -> None:
        """Counts the other one in."""
        self.files += other.files
        self.persons += other.persons
        for model, count in other.rows.items():
            self.rows[model] = self.rows.get(model, 0) + count


@transaction.atomic
def erase_persons(
    files: Iterable[int],
    *,
    reason: str,
    by: HasActor | Actor,
    at: datetime | None = None,
    place: object = NETWORK,
    whatever_waits: bool = False,
) -> Erased:
    """Erase these persons, with every file that was marked as theirs. It cannot be undone; done twice it is once.

    ``reason`` is one of :data:`REASONS`. Raises :class:`Conflict` while something must be settled first (a frozen file,
    an appointment to come), unless ``whatever_waits``. Their ids are kept, here and in the home, so that a back-up that
    is put back does not bring them back.
    """
    if reason not in REASONS:
        raise ValueError(f"not a reason to erase: {reason!r}")
    at = at or timezone.now()
    together = files_together(files)
    held = list(persons().select_for_update(of=("self",)).filter(pk__in=together).order_by("pk"))
    going = [person for person in held if person.erased_at is None]
    if not going:
        return Erased()
    ids = [person.pk for person in going]
    if not whatever_waits and (waiting := held_back(ids, at)):
        raise Conflict(
            gettext("Ce dossier ne peut pas être effacé maintenant : %(what)s. Réglez cela d’abord.")
            % {"what": ", ".join(each.words for each in waiting)}
        )
    done = Erased(files=len(ids), persons=sum(person.merged_into_id is None for person in going))
    things = references_of(ids)
    for each in of_persons():
        count = _erase_rows(each, each.rows_of(ids, things), at)
        if count:
            done.rows[each.model] = count
    uuids = [person.uuid for person in going]
    ErasedPerson.objects.bulk_create(
        [ErasedPerson(uuid=uuid, erased_at=at) for uuid in uuids], ignore_conflicts=True
    )
    for uuid in uuids:
        record(actor_of(by), "erase_file", at=at, place=place, person=uuid, reason=reason)
    transaction.on_commit(lambda: _after_commit(uuids, at))
    return done


def erase_expired(
    *,
    by: HasActor | Actor,
    at: datetime | None = None,
    months: int | None = None,
    most: int | None = None,
) -> Erased:
    """Erase every file whose time is over, some at a time, and rows older than that which belong to nobody known.

    What holds a file back leaves it for the next run, and is counted; so does ``most`` persons in one run, the longest
    forgotten first. Safe to stop and to run again.
    """
    at = at or timezone.now()
    months = months or privacy_rules().months
    total = Erased()
    waiting = expired_files(at, months=months)
    flat = [pk for files in waiting for pk in files]
    stopped = {pk for each in held_back(flat, at) for pk in each.files}
    due = [files for files in waiting if stopped.isdisjoint(files)]
    total.held_back = len(waiting) - len(due)
    if most is not None:
        due, total.left = due[:most], max(0, len(due) - most)
    for start in range(0, len(due), 50):
        part = [pk for files in due[start : start + 50] for pk in files]
        total.add(erase_persons(part, reason="retention", by=by, at=at))
    total.strays = _erase_strays(by=by, at=at, months=months)
    total.written = _erase_written(by=by, at=at)
    return total


@transaction.atomic
def _erase_written(*, by: HasActor | Actor, at: datetime) -> dict[str, int]:
    found = {}
    for each in written_too_long(at, privacy_rules()):
        count = 0
        for part in chunks(each.ids):
            rows = each.declaration.table._base_manager.filter(pk__in=part)
            count += _erase_rows(each.declaration, rows, at)
        found[each.declaration.model] = count
        record(actor_of(by), "erase_written", at=at, fields=[each.declaration.model], reason=str(count))
    return found


@transaction.atomic
def _erase_strays(*, by: HasActor | Actor, at: datetime, months: int) -> dict[str, int]:
    before = months_earlier(at, months)
    found = {}
    for each in all_declarations():
        if not each.strays:
            continue
        count = _erase_rows(each, each.stray_rows(before).filter(each.still_written()), at)
        if count:
            found[each.model] = count
            record(actor_of(by), "erase_strays", at=at, fields=[each.model], reason=str(count))
    return found


@transaction.atomic
def erase_leftovers(*, at: datetime | None = None, days: int = 7) -> int:
    """Take out again what is personal around whoever was erased in the last ``days``; how many rows there were.

    What someone was writing at that very moment may have come after. Safe to run at any time.
    """
    at = at or timezone.now()
    recent = persons().filter(erased_at__gt=at - timedelta(days=days)).order_by("pk")
    found = 0
    for part in chunks(list(recent.values_list("pk", flat=True))):
        things = references_of(part)
        for each in of_persons():
            if each.model == PERSON:
                continue
            rows = each.rows_of(part, things)
            written = each.still_written()
            if each.deleted or written:
                found += _erase_rows(each, rows if each.deleted else rows.filter(written), at)
    if found:
        record(Actor.system("erase_leftovers"), "erase_leftovers", at=at, reason=str(found))
    return found


def replay_erasures(*, at: datetime | None = None) -> int:
    """Erase again whoever came back with an old back-up; returns how many files. Called by ``bagage restore``."""
    at = at or timezone.now()
    known = dict(ErasedPerson.objects.values_list("uuid", "erased_at"))
    told = _told_by_file()
    ErasedPerson.objects.bulk_create(
        [ErasedPerson(uuid=uuid, erased_at=when) for uuid, when in told.items() if uuid not in known],
        ignore_conflicts=True,
    )
    back = list(
        persons().filter(uuid__in=known | told, erased_at=None).order_by("pk").values_list("pk", flat=True)
    )
    erased = 0
    for part in chunks(back):
        done = erase_persons(
            part, reason="replay", by=Actor.system("replay_erasures"), at=at, whatever_waits=True
        )
        erased += done.files
    tell_file()
    return erased


def tell_file() -> int:
    """Write into the home the ids that are not in its file yet (a stop came between); returns how many."""
    told = _told_by_file()
    missing = [
        (uuid, when)
        for uuid, when in ErasedPerson.objects.order_by("pk").values_list("uuid", "erased_at")
        if uuid not in told
    ]
    _append(missing)
    return len(missing)


# ---------- one table ----------


def _erase_rows(declaration: Declaration, rows: Any, at: datetime) -> int:
    """Take what is personal out of these rows; how many there were."""
    # By their ids from here on: what is erased may be what they were found by.
    ids = list(rows.values_list("pk", flat=True))
    if not ids:
        return 0
    table = declaration.table
    for part in chunks(ids):
        chosen = table._base_manager.filter(pk__in=part)
        if declaration.after is not None:
            declaration.after(chosen, at)
        if declaration.deleted:
            chosen.delete()
            continue
        changes = _changes(declaration)
        if declaration.model == PERSON:
            changes["erased_at"] = at
        if changes:
            chosen.update(**changes)
        _change_one_by_one(declaration, chosen)
    return len(ids)


def _changes(declaration: Declaration) -> dict[str, Any]:
    """What every row of the table gets."""
    changes: dict[str, Any] = {}
    for name in declaration.personal:
        how = declaration.erase.get(name)
        if callable(how) or how == Erase.RENEW:
            continue
        place: Any = declaration.table._meta.get_field(name)
        if how == Erase.EMPTY or not _is_text(place):
            changes[name] = _empty(place)
        else:
            changes[name] = Case(When(**{name: ""}, then=Value("")), default=Value(MARK), output_field=place)
    return changes


def _change_one_by_one(declaration: Declaration, rows: Any) -> None:
    """Codes that stay unique, and what a function says of each row."""
    single = {
        name: how
        for name in declaration.personal
        if callable(how := declaration.erase.get(name)) or how == Erase.RENEW
    }
    if not single:
        return
    for row in rows:
        for name, how in single.items():
            length: Any = declaration.table._meta.get_field(name).max_length  # type: ignore[union-attr]
            setattr(row, name, how(row) if callable(how) else new_code(length))
        row.save(update_fields=list(single))


def _is_text(place: Any) -> bool:
    return isinstance(place, models.CharField | models.TextField)


def _empty(place: Any) -> Any:
    """Nothing, as the column takes it."""
    if place.null:
        return None
    if _is_text(place):
        return ""
    return place.get_default()


# ---------- what outlives a back-up ----------


def _after_commit(uuids: Sequence[UUID], at: datetime) -> None:
    _append([(uuid, at) for uuid in uuids])
    if connection.vendor == "sqlite" and not connection.in_atomic_block:
        # What was there before stands in the write-ahead log until it is written over.
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def erased_file() -> Path:
    """Where the ids are kept beside the database, one JSON object a line."""
    return Path(settings.BAGAGE_HOME) / ERASED_FILE


def _append(erased: Sequence[tuple[UUID, datetime]]) -> None:
    if not erased:
        return
    text = "".join(json.dumps({"uuid": str(uuid), "erased_at": at.isoformat()}) + "\n" for uuid, at in erased)
    descriptor = os.open(erased_file(), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _told_by_file() -> dict[UUID, datetime]:
    """What the file says; a last line that was cut short is left out."""
    told: dict[UUID, datetime] = {}
    try:
        text = erased_file().read_text(encoding="utf-8")
    except FileNotFoundError:
        return told
    for line in text.splitlines():
        try:
            row = json.loads(line)
            told[UUID(row["uuid"])] = datetime.fromisoformat(row["erased_at"])
        except (ValueError, KeyError, TypeError):
            continue
    return told
