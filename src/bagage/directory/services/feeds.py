"""A source of places is read: what is new is written, what changed is renewed, what vanished ends, bad rows wait.

Places are written a thousand at a time, each with all that it gives, in one transaction: cut off, the next reading
goes on from there, since what stands already is passed over. A file that lost more than half of its places ends none of
them: that is an outage more often than a closing.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from django.core import serializers
from django.db import transaction
from django.utils import timezone
from django.utils.text import slugify

from bagage.accounts.models import User, actor_of
from bagage.directory.domain import standards
from bagage.directory.domain.places import Place, SetAside
from bagage.directory.domain.standards.reading import Source
from bagage.directory.models import Feed, FeedRow, FeedRun, Structure
from bagage.directory.services.comparing import wait_for_comparison
from bagage.directory.services.held import reading_of
from bagage.directory.services.likely import propose_same
from bagage.directory.services.writing import write_places
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

By = User | Actor
Told = Callable[[int], None]
PIECE = 1_000
# Changed when places are read otherwise: all are then read anew.
READER = "1"
# Of more places than this, a source that lost over half ends none.
FEW = 20
# Of so many new or changed places, likely doubles are looked for at once; of more, by the job ``compare_places``.
COMPARED = 20_000
TWICE = "twice"
# How each rule is told, and the way out; ``{here}`` is the column where it is known, ``{said}`` what stands there.
HOW = {
    "no_name": "The place has no name: write one{here}.",
    "no_id": "The record has no identifier: write one{here}.",
    "no_structure": "Its structure{said} is not in the file: add it, or correct it{here}.",
    "office": "The address of an administration, not of a place that opens{here}: nothing to do.",
    "closed": "Its source says{here} that it no longer is: nothing to do.",
    "twice": "Another row has this identifier{said}: give each its own{here}.",
    "no_columns": "No column says the name: give a mapping.",
    "too_long": "An identifier has at most 120 characters: shorten it{here}.",
}
# The column of the identifier, in formats that have one.
ID_COLUMN = {"mediation": "id", "data_inclusion": "id", "libraries": "code_bib"}
# A value is told up to this many characters.
TOLD = 200


@dataclass(slots=True)
class Report:
    """What a reading did, in places. ``rows`` are those set aside: row, key, field, rule, value, how to mend it;
    ``field`` is the column at fault and ``value`` what stands there, ``""`` where the reader does not know.

    ``kept`` counts places that vanished from a file that lost too many to be believed. ``possible_duplicates`` name two
    places each, with the score and the reasons.
    """

    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    ended: int = 0
    kept: int = 0
    set_aside: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    possible_duplicates: list[dict[str, Any]] = field(default_factory=list)
    format: str = ""
    dry_run: bool = False
    compared_later: bool = False

    @property
    def counts(self) -> dict[str, int]:
        """The numbers alone."""
        names = ("read", "created", "updated", "unchanged", "ended", "kept", "set_aside")
        return {name: getattr(self, name) for name in names}

    def as_json(self) -> dict[str, Any]:
        """All of it."""
        return {
            **self.counts,
            "rows": self.rows,
            "possible_duplicates": self.possible_duplicates,
            "format": self.format,
            "dry_run": self.dry_run,
            "compared_later": self.compared_later,
        }


@transaction.atomic
def make_feed(
    *,
    slug: str,
    name: str,
    format: str,
    by: By,
    url: str = "",
    licence: str = "",
    mapping: Mapping[str, Any] | None = None,
    every_hours: int | None = None,
    at: datetime | None = None,
) -> Feed:
    """A source that will be read, or the one of that slug with what is said now."""
    at = at or timezone.now()
    feed, is_new = Feed.objects.get_or_create(
        slug=slugify(slug)[:60] or "source", defaults={"name": name[:120], "format": format, "created_at": at}
    )
    feed.name, feed.format = name[:120] or feed.name, format
    feed.url, feed.licence, feed.every_hours = (
        url or feed.url,
        licence or feed.licence,
        every_hours or feed.every_hours,
    )
    if mapping:
        feed.mapping = dict(mapping)
    feed.stopped_at = None
    feed.save()
    record(
        actor_of(by),
        "directory.make_feed" if is_new else "directory.change_feed",
        at=at,
        thing=f"feed:{feed.uuid}",
    )
    return feed


@transaction.atomic
def change_feed(feed: Feed, *, by: By, at: datetime | None = None, **fields: Any) -> Feed:
    """Its name, address, format, licence or hours are others from now on; it is read again if it was stopped."""
    at = at or timezone.now()
    held = Feed.objects.select_for_update(of=("self",)).get(pk=feed.pk)
    changed = [name for name, value in fields.items() if getattr(held, name) != value]
    if "url" in changed:
        # Another address has another state.
        held.etag = held.last_modified = ""
    for name in changed:
        setattr(held, name, fields[name])
    held.stopped_at = None
    held.save()
    record(actor_of(by), "directory.change_feed", at=at, thing=f"feed:{held.uuid}", fields=sorted(changed))
    return held


@transaction.atomic
def stop_feed(feed: Feed, *, by: By, at: datetime | None = None) -> None:
    """It is read no more by itself; what it brought stays."""
    at = at or timezone.now()
    held = Feed.objects.select_for_update(of=("self",)).get(pk=feed.pk)
    if held.stopped_at is not None:
        return
    held.stopped_at, held.failing_since, held.failure = at, None, ""
    held.save(update_fields=["stopped_at", "failing_since", "failure"])
    record(actor_of(by), "directory.stop_feed", at=at, thing=f"feed:{held.uuid}")


def load_feed(
    feed: Feed,
    source: Source,
    *,
    by: By,
    at: datetime | None = None,
    dry_run: bool = False,
    told: Told | None = None,
) -> Report:
    """Read a file of a source. Raises :class:`~bagage.directory.domain.standards.Unreadable` when nothing can be read,
    and :class:`~bagage.directory.services.held.BeingRead` while someone else reads it.

    With ``dry_run`` nothing is written: the report says what would be. Without ``at`` each piece is stamped when it is
    written, so that who follows the changes meanwhile passes over none.
    """
    if dry_run:
        return _read(feed, source, None, by=by, at=at, told=told)
    with reading_of(feed):
        return load_held(feed, source, by=by, at=at, told=told)


def load_held(
    feed: Feed,
    source: Source,
    *,
    by: By,
    run: FeedRun | None = None,
    at: datetime | None = None,
    told: Told | None = None,
) -> Report:
    """The same, for who holds the source already (:func:`~bagage.directory.services.held.reading_of`).

    ``run`` is the reading, when it was noted before: whoever noted it also notes how it failed.
    """
    if run is not None:
        return _read(feed, source, run, by=by, at=at, told=told)
    begun = at or timezone.now()
    run = FeedRun.objects.create(feed=feed, started_at=begun, moved_at=begun)
    try:
        return _read(feed, source, run, by=by, at=at, told=told)
    except standards.Unreadable as error:
        end_run(run, FeedRun.State.FAILED, str(error))
        raise
    except Exception as error:
        end_run(run, FeedRun.State.FAILED, type(error).__name__)
        raise


def end_run(run: FeedRun, state: FeedRun.State, failure: str = "") -> None:
    """A reading is over, without having brought anything more."""
    now = max(timezone.now(), run.started_at)
    run.state, run.failure, run.ended_at, run.moved_at = state, failure[:200], now, now
    run.save(update_fields=["state", "failure", "ended_at", "moved_at"])


def _read(
    feed: Feed, source: Source, run: FeedRun | None, *, by: By, at: datetime | None, told: Told | None
) -> Report:
    """Without ``run`` nothing is written."""
    begun = at or timezone.now()
    report = Report(format=feed.format, dry_run=run is None)
    known = _known(feed)
    mended = _mended(feed)
    records = standards.read_records(feed.format, source, feed.mapping)
    first = _first(records)
    reading = _Reading(feed, known, mended, _left(feed), report)
    others_wait: bool | None = None
    for piece in _pieces(_chained(first, records)):
        places = reading.places_of(piece)
        if run is not None:
            with transaction.atomic():
                if places and others_wait is None:
                    # Cut off from here on, what it wrote is compared by the job.
                    others_wait = wait_for_comparison(feed, begun)
                _write(feed, places, reading.aside, run, at or timezone.now(), report.read)
        reading.note(places)
        if told is not None:
            told(report.read)
    gone = [pk for pk, (_print, ended) in known.by_pk.items() if pk not in reading.seen and not ended]
    if len(gone) * 2 > len(known.by_pk) and len(known.by_pk) > FEW:
        report.kept, gone = len(gone), []
    report.ended = len(gone)
    if run is None:
        return report
    report.compared_later = report.created + report.updated > COMPARED
    if not report.compared_later:
        report.possible_duplicates = propose_same(reading.changed, at=begun)
    _finish(feed, run, report, gone, by=by, at=at or timezone.now())
    if others_wait is False and not report.compared_later:
        Feed.objects.filter(pk=feed.pk).update(compare_since=None)
    return report


@transaction.atomic
def _finish(feed: Feed, run: FeedRun, report: Report, gone: Sequence[int], *, by: By, at: datetime) -> None:
    for start in range(0, len(gone), PIECE):
        Structure.objects.filter(pk__in=gone[start : start + PIECE]).update(ended_at=at, changed_at=at)
    now = max(timezone.now(), run.started_at)
    changed = report.created + report.updated + report.ended
    state = FeedRun.State.DONE if changed or report.set_aside else FeedRun.State.UNCHANGED
    run.state, run.ended_at, run.moved_at, run.counts = state, now, now, report.counts
    run.save()
    Feed.objects.filter(pk=feed.pk).update(loaded_at=at, failing_since=None, failure="")
    if changed:
        counts = report.counts
        record(
            actor_of(by),
            "directory.load_feed",
            at=at,
            thing=f"feed:{feed.uuid}",
            reason=", ".join(
                f"{counts[name]} {name}" for name in ("created", "updated", "ended", "set_aside")
            ),
        )


@transaction.atomic
def note_loaded(
    feed: Feed, *, by: By, at: datetime, created: int = 0, updated: int = 0, ended: int = 0
) -> None:
    """Note what a list that was brought in by hand did to its source: a reading of it, and a row of the trail."""
    counts = {"read": created + updated, "created": created, "updated": updated, "ended": ended}
    now = max(timezone.now(), at)
    FeedRun.objects.create(
        feed=feed, state=FeedRun.State.DONE, started_at=at, ended_at=now, moved_at=now, counts=counts
    )
    Feed.objects.filter(pk=feed.pk).update(loaded_at=at)
    said = ", ".join(f"{count} {name}" for name, count in counts.items() if count and name != "read")
    record(actor_of(by), "directory.load_feed", at=at, thing=f"feed:{feed.uuid}", reason=said)


@transaction.atomic
def take_back(structure: Structure, before: Sequence[Mapping[str, Any]], *, at: datetime) -> None:
    """A place as it stood (``before``: its row and those of its services, as Django's serializer gives them).

    Without ``before`` it was not there: it ends, so that who follows the changes is told. Whoever calls it notes it.
    """
    if not before:
        structure.ended_at = structure.changed_at = at
        structure.same_as = None
        structure.save(update_fields=["ended_at", "changed_at", "same_as"])
        return
    rows = list(serializers.deserialize("python", before))
    kept = [row.object.pk for row in rows[1:]]
    structure.services.exclude(pk__in=kept).delete()
    for row in rows:
        row.save()
    Structure.objects.filter(pk=structure.pk).update(changed_at=at)


# ---------- what is known ----------
@dataclass(slots=True)
class _Known:
    by_print: dict[str, int]
    by_key: dict[tuple[str, str], int]
    by_pk: dict[int, tuple[str, bool]]
    by_id: dict[str, list[int]]
    key_of: dict[int, tuple[str, str]]


def _known(feed: Feed) -> _Known:
    known = _Known({}, {}, {}, {}, {})
    if feed.pk is None:
        # Only tried: nothing came from it yet.
        return known
    rows = Structure.objects.filter(feed=feed).values_list(
        "pk", "source", "source_id", "fingerprint", "ended_at"
    )
    for pk, source, source_id, fingerprint, ended_at in rows.iterator(chunk_size=5_000):
        known.by_pk[pk] = fingerprint, ended_at is not None
        known.by_key[source, source_id] = pk
        known.key_of[pk] = source, source_id
        known.by_id.setdefault(source_id, []).append(pk)
        if ended_at is None:
            known.by_print[fingerprint] = pk
    return known


def _mended(feed: Feed) -> dict[str, dict[str, Any]]:
    rows = FeedRow.objects.filter(feed_id=feed.pk, state=FeedRow.State.MENDED).values_list("key", "mended")
    return dict(rows)


def _left(feed: Feed) -> dict[str, dict[str, Any]]:
    rows = FeedRow.objects.filter(feed_id=feed.pk, state=FeedRow.State.LEFT).values_list("key", "values")
    return dict(rows)


def print_of(feed: Feed, record_: Mapping[str, Any]) -> str:
    """The same as long as the row, its mapping and the way it is read are the same: SHA-256, in hexadecimal."""
    said = [READER, feed.format, feed.mapping, record_]
    return hashlib.sha256(
        json.dumps(said, ensure_ascii=False, default=str, sort_keys=True).encode()
    ).hexdigest()


# ---------- rows ----------
Row = tuple[int, str, dict[str, Any]]


@dataclass(slots=True)
class _Reading:
    """One reading: each row as a place, or aside with its reason; what stands already is only noted."""

    feed: Feed
    known: _Known
    mended: dict[str, dict[str, Any]]
    left: dict[str, dict[str, Any]]
    report: Report
    seen: set[int] = field(default_factory=set)
    keys: dict[tuple[str, str], int] = field(default_factory=dict)
    aside: list[FeedRow] = field(default_factory=list)
    changed: list[tuple[str, str]] = field(default_factory=list)

    def places_of(self, piece: Sequence[Row]) -> list[tuple[Place, str, int]]:
        """The places of a piece that are to be written, with their print; the others are counted."""
        self.aside = []
        found: list[tuple[Place, str, int]] = []
        for number, key, row in piece:
            self.report.read += 1
            if key in self.mended:
                row = {**row, **self.mended[key]}
            fingerprint = print_of(self.feed, row)
            if (pk := self.known.by_print.get(fingerprint)) is not None and pk not in self.seen:
                self.seen.add(pk)
                # Another row of its identifier is told, whichever of them stood first.
                self.keys[self.known.key_of[pk]] = number
                self.report.unchanged += 1
                continue
            try:
                place = place_of_row(self.feed, row)
                if key.startswith("~"):
                    # Named by what it says, with its number among rows that say the same.
                    place = replace(place, source_id=key)
                if place.source_id and len(place.source_id) > 120:
                    raise SetAside("too_long", field=self._id_column(row), value=place.source_id)
                identity = (place.source, place.source_id or key)
                if identity in self.keys:
                    raise SetAside(TWICE, field=self._id_column(row), value=place.source_id)
            except SetAside as error:
                self._set_aside(number, key, row, error)
                continue
            self.keys[identity] = number
            place = place if place.source_id else replace(place, source_id=key)
            old = self.known.by_key.get(identity)
            if old is not None:
                self.seen.add(old)
            found.append((place, fingerprint, number))
        return found

    def _id_column(self, row: Mapping[str, Any]) -> str:
        known = self.feed.mapping.get("columns", {})
        named = next((str(heading) for heading, name in known.items() if name == "id" and heading in row), "")
        return ID_COLUMN.get(self.feed.format, named)

    def _set_aside(self, number: int, key: str, row: dict[str, Any], error: SetAside) -> None:
        reason, value = error.reason, error.value[:TOLD]
        self.report.set_aside += 1
        # A place that stands is not taken for vanished because its row went bad.
        self.seen.update(self.known.by_id.get(key, ()))
        fault = {"field": error.field, "code": reason, "value": value, "proposed": ""}
        self.report.rows.append(
            {
                "row": number,
                "key": key,
                "field": error.field,
                "rule": reason,
                "value": value,
                "how": how_to_mend(reason, error.field, value),
            }
        )
        stored = (key if reason != TWICE else f"{key}#{number}"[-120:])[:120]
        values = json.loads(json.dumps(row, default=str))
        # What someone left stays left as long as it says the same.
        state = FeedRow.State.LEFT if self.left.get(stored) == values else FeedRow.State.ASIDE
        self.aside.append(
            FeedRow(feed=self.feed, key=stored, number=number, values=values, faults=[fault], state=state)
        )

    def note(self, places: Sequence[tuple[Place, str, int]]) -> None:
        """What was written, or would have been."""
        for place, _print, _number in places:
            key = (place.source, place.source_id)
            if key in self.known.by_key:
                self.report.updated += 1
            else:
                self.report.created += 1
            if len(self.changed) <= COMPARED:
                self.changed.append(key)


def how_to_mend(rule: str, field: str = "", value: str = "") -> str:
    """What is wrong and the way out, in English, for a command: ``"The place has no name: write one in nom."``."""
    return HOW.get(rule, rule).format(here=f" in {field}" if field else "", said=f" {value}" if value else "")


def place_of_row(feed: Feed, row: Mapping[str, Any]) -> Place:
    """A row of a source as a place; who produced it is said, or is the source itself. Raises :class:`SetAside`."""
    place = standards.to_place(feed.format, row, {**feed.mapping, "source": feed.slug})
    if place.source in {"mediation", "data_inclusion"}:
        place = replace(place, source=f"{place.source}:{feed.slug}"[:60])
    return replace(place, licence=place.licence or feed.licence)


def _write(
    feed: Feed,
    places: Sequence[tuple[Place, str, int]],
    aside: Sequence[FeedRow],
    run: FeedRun,
    at: datetime,
    read: int,
) -> None:
    """One piece: places with what they give, rows that wait; rows that waited and are read now are forgotten."""
    if places:
        write_places([(place, fingerprint, feed.pk) for place, fingerprint, _number in places], at=at)
    for row in aside:
        row.run, row.moved_at = run, at
    FeedRow.objects.bulk_create(
        aside,
        update_conflicts=True,
        unique_fields=["feed", "key"],
        update_fields=["number", "values", "faults", "run", "moved_at", "state"],
    )
    keys = [place.source_id for place, _print, _number in places]
    if keys:
        waiting = FeedRow.objects.filter(feed=feed, state=FeedRow.State.ASIDE, key__in=keys)
        waiting.exclude(key__in=[row.key for row in aside]).delete()
    # How far it has come is shown meanwhile.
    FeedRun.objects.filter(pk=run.pk).update(moved_at=timezone.now(), counts={"read": read})


def _first(records: Iterator[Row]) -> list[Row]:
    """The first row: what cannot be read at all is told before anything is noted."""
    for row in records:
        return [row]
    raise standards.Unreadable("no_rows")


def _chained(first: list[Row], records: Iterable[Row]) -> Iterator[Row]:
    yield from first
    yield from records


def _pieces(rows: Iterable[Row]) -> Iterator[list[Row]]:
    piece: list[Row] = []
    for row in rows:
        piece.append(row)
        if len(piece) == PIECE:
            yield piece
            piece = []
    if piece:
        yield piece


# ---------- a row is mended ----------
def mend_row(row: FeedRow, values: Mapping[str, Any], *, by: By, at: datetime | None = None) -> Place:
    """Read a row that waits with these values instead, and write it. Raises :class:`SetAside` when it is bad still."""
    # A reading that goes on knows nothing of it, and would set the row aside again.
    with reading_of(row.feed):
        return _mend(row, values, by, at or timezone.now())


@transaction.atomic
def _mend(row: FeedRow, values: Mapping[str, Any], by: By, at: datetime) -> Place:
    held = FeedRow.objects.select_for_update(of=("self",)).select_related("feed").get(pk=row.pk)
    mended = {**held.mended, **values}
    whole = {**held.values, **mended}
    place = place_of_row(held.feed, whole)
    place = place if place.source_id else replace(place, source_id=held.key)
    write_places([(place, print_of(held.feed, whole), held.feed_id)], at=at)
    held.mended, held.state, held.moved_at = dict(mended), FeedRow.State.MENDED, at
    held.save(update_fields=["mended", "state", "moved_at"])
    record(actor_of(by), "directory.mend_row", at=at, thing=f"feed:{held.feed.uuid}", fields=sorted(values))
    return place


def leave_row(row: FeedRow, *, by: By, at: datetime | None = None) -> None:
    """Nothing will be done of a row as it is: it waits no more, until its source says something else."""
    with reading_of(row.feed):
        _leave(row, by, at or timezone.now())


@transaction.atomic
def _leave(row: FeedRow, by: By, at: datetime) -> None:
    FeedRow.objects.filter(pk=row.pk).update(state=FeedRow.State.LEFT, moved_at=at)
    record(actor_of(by), "directory.leave_row", at=at, thing=f"feed:{row.feed.uuid}")
