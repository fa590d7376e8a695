"""Adding to the trail, inside the transaction of the act itself; sealing and dropping what is past."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from bagage.common.prepared import prepared
from bagage.trail.domain.actor import Actor
from bagage.trail.domain.chain import month_of, months_before, next_month
from bagage.trail.models import NETWORK, Entry, Segment

__all__ = [
    "NETWORK",
    "drop_segments",
    "record",
    "record_many",
    "record_reading",
    "seal_segments",
    "was_read",
]

READING_WINDOW = timedelta(minutes=15)
# A month is sealed once it is over for this long: an act written down a little late still finds its month open.
SEALED_AFTER = timedelta(days=5)


def record(
    actor: Actor,
    verb: str,
    *,
    at: datetime | None = None,
    place: object = NETWORK,
    person: object = "",
    thing: str = "",
    fields: tuple[str, ...] | list[str] = (),
    reason: str = "",
    is_reading: bool = False,
) -> Entry:
    """Append one entry to the chain of ``place`` for the month of ``at`` (UTC).

    Must be called inside a transaction, last: it locks the segment until the act commits, so that
    the trail and the act are kept or lost together. ``place`` and ``person`` are uuids; ``thing`` is
    ``"kind:uuid"``. When that month is sealed already, the entry goes, with its own time, into the first month
    from the present one on that is open. Raises :class:`RuntimeError` outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("the trail is written in the transaction of the act, not after it")
    at = at or timezone.now()
    segment = _open_segment(str(place), at)
    entry = Entry(
        segment=segment,
        seq=segment.last_seq + 1,
        at=at,
        actor=str(actor),
        verb=verb,
        person=str(person or ""),
        thing=thing,
        fields=_names(fields),
        reason=reason[:300],
        is_reading=is_reading,
        previous=segment.last_hash,
    )
    entry.hash = entry.expected_hash(segment)
    entry.save(force_insert=True)
    segment.last_seq, segment.last_hash = entry.seq, entry.hash
    Segment.objects.filter(pk=segment.pk).update(last_seq=entry.seq, last_hash=entry.hash)
    return entry


def record_many(
    actor: Actor,
    verb: str,
    *,
    at: datetime | None = None,
    place: object = NETWORK,
    persons: Iterable[object],
    thing: str = "",
    fields: tuple[str, ...] | list[str] = (),
) -> int:
    """Append one entry for each of these persons to the chain of ``place``: what :func:`record` does, for hundreds.

    Returns how many. The same is asked of the caller: inside a transaction, last.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("the trail is written in the transaction of the act, not after it")
    told = [str(person) for person in persons]
    if not told:
        return 0
    at = at or timezone.now()
    segment = _open_segment(str(place), at)
    # The database lets the chain grow by one entry at a time; worded once, this costs a tenth of saving each.
    places = [each for each in Entry._meta.concrete_fields if not each.primary_key]
    quote = connection.ops.quote_name
    insert = (
        f"INSERT INTO {quote(Entry._meta.db_table)} ({', '.join(quote(str(each.column)) for each in places)}) "
        f"VALUES ({', '.join(['%s'] * len(places))})"
    )
    move = f"UPDATE {quote(Segment._meta.db_table)} SET last_seq = %s, last_hash = %s WHERE id = %s"
    with connection.cursor() as cursor:
        for person in told:
            entry = Entry(
                segment=segment,
                seq=segment.last_seq + 1,
                at=at,
                actor=str(actor),
                verb=verb,
                person=person,
                thing=thing,
                fields=_names(fields),
                previous=segment.last_hash,
            )
            entry.hash = entry.expected_hash(segment)
            segment.last_seq, segment.last_hash = entry.seq, entry.hash
            cursor.execute(
                insert, [each.get_db_prep_save(getattr(entry, each.attname), connection) for each in places]
            )
            cursor.execute(move, [entry.seq, entry.hash, segment.pk])
    return len(told)


def record_reading(
    actor: Actor,
    verb: str,
    *,
    at: datetime | None = None,
    place: object = NETWORK,
    person: object,
    thing: str = "",
    reason: str = "",
) -> Entry | None:
    """Note that a file was read; repeated openings by the same reader within 15 minutes make one row."""
    at = at or timezone.now()
    same = _same_reading(actor, verb, at=at, person=person, thing=thing)
    # Asked before a lock is taken, for most openings end here, and again under it.
    if same.exists():
        return None
    with transaction.atomic():
        _open_segment(str(place), at)
        if same.exists():
            return None
        return record(
            actor, verb, at=at, place=place, person=person, thing=thing, reason=reason, is_reading=True
        )


def was_read(actor: Actor, verb: str, *, at: datetime, person: object, thing: str = "") -> bool:
    """Whether this reading was noted within the last 15 minutes; one query."""
    return _same_reading(actor, verb, at=at, person=person, thing=thing).exists()


def _same_reading(actor: Actor, verb: str, *, at: datetime, person: object, thing: str) -> "QuerySet[Entry]":
    return Entry.objects.filter(
        actor=str(actor),
        person=str(person or ""),
        verb=verb,
        thing=thing,
        at__gt=at - READING_WINDOW,
        at__lte=at,
    )


def seal_segments(*, at: datetime | None = None) -> int:
    """Close the chains of the months past; return how many.

    Each sealing is an entry of the network's chain that carries the last hash, so that a whole segment that was
    made anew, or is missing, shows as well. Safe to run again.
    """
    at = at or timezone.now()
    open_month = month_of(at - SEALED_AFTER)
    sealed = 0
    for pk in Segment.objects.filter(sealed_at=None, month__lt=open_month).values_list("pk", flat=True):
        with transaction.atomic():
            segment = Segment.objects.select_for_update().get(pk=pk)
            if segment.sealed_at is not None:
                continue
            segment.sealed_at = at
            segment.save(update_fields=["sealed_at"])
            _record_about(segment, "trail.seal", at)
        sealed += 1
    return sealed


def drop_segments(*, older_than_months: int, at: datetime | None = None) -> int:
    """Delete the entries of whole sealed segments whose month is more than ``older_than_months`` ago; return how many.

    The segment itself stays with its last hash, and dropping it is an entry of the network's chain.
    """
    if older_than_months < 1:
        raise ValueError("the trail is kept for one month at least")
    at = at or timezone.now()
    oldest_kept = months_before(month_of(at), older_than_months)
    old = Segment.objects.filter(sealed_at__isnull=False, dropped_at=None, month__lt=oldest_kept)
    dropped = 0
    for pk in old.values_list("pk", flat=True):
        with transaction.atomic():
            segment = Segment.objects.select_for_update().get(pk=pk)
            if segment.dropped_at is not None:
                continue
            segment.dropped_at = at
            segment.save(update_fields=["dropped_at"])
            segment.entries.all().delete()
            _record_about(segment, "trail.drop", at)
        dropped += 1
    return dropped


def _record_about(segment: Segment, verb: str, at: datetime) -> None:
    record(
        Actor.system("trail"),
        verb,
        at=at,
        place=NETWORK,
        thing=f"segment:{segment.place}/{segment.month}",
        reason=segment.last_hash,
    )


def _names(fields: tuple[str, ...] | list[str]) -> str:
    """Comma-separated; what does not fit the column is left out whole and shown by an ellipsis."""
    text = ",".join(fields)
    return text if len(text) <= 400 else text[:398].rpartition(",")[0] + ",…"


def _open_segment(place: str, at: datetime) -> Segment:
    """The segment in which an act of this time is written, its row locked until the transaction ends."""
    month = month_of(at)
    segment = _locked_segment(place, month)
    if segment.sealed_at is not None:
        month = max(month, month_of(timezone.now()))
        segment = _locked_segment(place, month)
    while segment.sealed_at is not None:
        month = next_month(month)
        segment = _locked_segment(place, month)
    return segment


@prepared
def _segments(place: str, month: str) -> QuerySet[Segment]:
    # Asked for each act that is written.
    return Segment.objects.select_for_update().filter(place=place, month=month).order_by("pk")


def _locked_segment(place: str, month: str) -> Segment:
    found = _segments(place, month)
    if not found:
        Segment.objects.bulk_create([Segment(place=place, month=month)], ignore_conflicts=True)
        found = _segments(place, month)
    [segment] = found
    return segment
