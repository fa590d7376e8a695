"""Adding to the trail, inside the transaction of the act itself."""

from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from bagage.trail.domain.actor import Actor
from bagage.trail.domain.chain import entry_hash
from bagage.trail.models import Entry, Segment

READING_WINDOW = timedelta(minutes=15)
NETWORK = "network"


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
) -> Entry:
    """Append one entry to the chain of ``place`` for the month of ``at`` (UTC).

    Must be called inside a transaction, last: it locks the segment until the act commits, so that
    the trail and the act are kept or lost together. ``place`` and ``person`` are uuids; ``thing`` is
    ``"kind:uuid"``. Raises :class:`RuntimeError` outside a transaction.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("the trail is written in the transaction of the act, not after it")
    at = at or timezone.now()
    month = at.astimezone(timezone.get_fixed_timezone(0)).strftime("%Y-%m")
    segment = _locked_segment(str(place), month)
    entry = Entry(
        segment=segment,
        seq=segment.last_seq + 1,
        at=at,
        actor=str(actor),
        verb=verb,
        person=str(person or ""),
        thing=thing,
        fields=",".join(fields),
        reason=reason[:300],
        previous=segment.last_hash,
    )
    entry.hash = entry_hash(
        previous=entry.previous, place=segment.place, month=segment.month, seq=entry.seq, at=at,
        actor=entry.actor, verb=entry.verb, person=entry.person, thing=entry.thing, fields=entry.fields, reason=entry.reason,
    )  # fmt: skip
    entry.save(force_insert=True)
    segment.last_seq, segment.last_hash = entry.seq, entry.hash
    segment.save(update_fields=["last_seq", "last_hash"])
    return entry


def record_reading(
    actor: Actor, verb: str, *, at: datetime | None = None, place: object = NETWORK, person: object, thing: str = "", reason: str = ""
) -> Entry | None:
    """Note that a file was read; repeated openings by the same reader within 15 minutes make one row."""
    at = at or timezone.now()
    with transaction.atomic():
        seen = Entry.objects.filter(
            actor=str(actor), person=str(person), verb=verb, at__gt=at - READING_WINDOW, at__lte=at
        ).exists()
        if seen:
            return None
        return record(actor, verb, at=at, place=place, person=person, thing=thing, reason=reason)


def _locked_segment(place: str, month: str) -> Segment:
    """The open segment of a place and month, its row locked until the transaction ends."""
    Segment.objects.bulk_create([Segment(place=place, month=month)], ignore_conflicts=True)
    return Segment.objects.select_for_update().get(place=place, month=month)
