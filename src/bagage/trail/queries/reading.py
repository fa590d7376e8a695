"""Reading the trail: its entries in someone's scope, who read a file, and whether the chains hold."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import QuerySet

from bagage.trail import guards
from bagage.trail.domain.chain import entry_hash
from bagage.trail.models import Entry, Segment

SEGMENT_THING = "segment:"
# What a hash covers, and the hash: read as plain rows, a million of them in half a minute.
_CHAINED = (
    "seq",
    "at",
    "actor",
    "verb",
    "person",
    "thing",
    "fields",
    "reason",
    "is_reading",
    "previous",
    "hash",
)


# ---------- who did what ----------


@dataclass(frozen=True)
class Reading:
    """Someone opened a file: when, who (her name now; "" for none known), which actor, from which place."""

    at: datetime
    name: str
    actor: str
    verb: str
    place: str
    reason: str


def entries_at(places: Iterable[str]) -> "QuerySet[Entry]":
    """The entries of these places (uuids of nodes, or "network"), newest first."""
    return (
        Entry.objects.filter(segment__place__in=list(places)).select_related("segment").order_by("-at", "-pk")
    )


def readings_of(person_uuids: Iterable[UUID | str], *, limit: int = 50) -> list[Reading]:
    """Who opened the file of a person (all her uuids, merged files too), newest first. Two queries."""
    found = list(
        Entry.objects.filter(person__in=[str(each) for each in person_uuids], is_reading=True)
        .select_related("segment")
        .order_by("-at", "-pk")[:limit]
    )
    names = actor_names(entry.actor for entry in found)
    return [
        Reading(
            at=entry.at,
            name=names.get(entry.actor, ""),
            actor=entry.actor,
            verb=entry.verb,
            place=entry.segment.place,
            reason=entry.reason,
        )
        for entry in found
    ]


def actor_names(actors: Iterable[str]) -> dict[str, str]:
    """The names, as they are today, of the staff among these references; one query, none without staff."""
    uuids = {}
    for actor in actors:
        kind, _, identity = actor.partition(":")
        if kind == "user":
            try:
                uuids[UUID(identity)] = actor
            except ValueError:
                continue
    if not uuids:
        return {}
    users: Any = get_user_model()
    return {uuids[user.uuid]: str(user) for user in users.objects.filter(uuid__in=uuids)}


def all_actor_names() -> dict[str, str]:
    """The names of all staff by their reference, for a list of any length; one query."""
    users: Any = get_user_model()
    return {f"user:{user.uuid}": str(user) for user in users.objects.all()}


# ---------- whether the chains hold ----------


@dataclass(frozen=True)
class Break:
    """Where a chain does not hold, and why.

    ``why`` is ``"hash"`` (the row was changed), ``"gap"`` (one is missing or there twice), ``"previous"`` (it does not
    follow the one before), ``"head"`` (the segment does not end where it says), ``"dropped"`` (entries remain in a
    dropped segment), ``"sealed"`` (the hash is not the one noted when it was sealed or dropped), ``"missing"`` (a
    sealed segment is gone) or ``"guard"`` (the database does not refuse changes any more; ``place`` is the trigger).
    """

    place: str
    month: str
    seq: int
    why: str


@dataclass
class Verification:
    """What a verification found; ``heads`` gives the last hash of each segment, to compare with an earlier one."""

    breaks: list[Break]
    segments: int = 0
    entries: int = 0
    dropped: int = 0
    not_read: int = 0

    @property
    def is_whole(self) -> bool:
        """Whether nothing is broken in what was read."""
        return not self.breaks


def verification(places: Iterable[str] | None = None, *, most_entries: int | None = None) -> Verification:
    """Compute every chain again, or those of some ``places``; newest months first.

    Runs beside acts that go on being written. With ``most_entries``, segments that would go beyond are left
    out whole and counted in ``not_read``.
    """
    found = Verification([Break(name, "", 0, "guard") for name in missing_guards()])
    segments = Segment.objects.order_by("-month", "place")
    if places is not None:
        segments = segments.filter(place__in=list(places))
    for segment in segments:
        if segment.dropped_at is not None:
            found.dropped += 1
            if segment.entries.exists():
                found.breaks.append(Break(segment.place, segment.month, 1, "dropped"))
            continue
        if most_entries is not None and found.entries + segment.last_seq > most_entries:
            found.not_read += 1
            continue
        found.segments += 1
        found.entries += _verify_segment(segment, found.breaks)
    if places is None:
        found.breaks += _breaks_against_seals()
    return found


def _verify_segment(segment: Segment, breaks: list[Break]) -> int:
    """Read one chain from its start; add where it breaks; return how many entries were read.

    After a gap the chain is taken up again from the row found, so that one missing row makes one break.
    """

    def broken(seq: int, why: str) -> None:
        breaks.append(Break(segment.place, segment.month, seq, why))

    seq, previous, count = 0, "", 0
    rows = segment.entries.order_by("seq").values_list(*_CHAINED)
    for number, at, actor, verb, person, thing, fields, reason, is_reading, before, found in rows.iterator(
        chunk_size=5000
    ):
        count += 1
        if number != seq + 1:
            broken(seq + 1, "gap")
        elif before != previous:
            broken(number, "previous")
        expected = entry_hash(
            previous=before,
            place=segment.place,
            month=segment.month,
            seq=number,
            at=at,
            actor=actor,
            verb=verb,
            person=person,
            thing=thing,
            fields=fields,
            reason=reason,
            is_reading=is_reading,
        )
        if found != expected:
            broken(number, "hash")
        seq, previous = number, found
    # Read after the entries: what was added meanwhile is behind the head, never before it.
    head = Segment.objects.get(pk=segment.pk)
    if (head.last_seq, head.last_hash) == (seq, previous):
        return count
    went_on = (
        head.last_seq > seq
        and segment.entries.filter(seq=seq + 1, previous=previous).exists()
        and segment.entries.filter(seq=head.last_seq, hash=head.last_hash).exists()
    )
    if not went_on:
        broken(max(head.last_seq, seq), "head")
    return count


def _breaks_against_seals() -> list[Break]:
    """Segments whose last hash is not the one that the network's chain noted, or that are gone."""
    known: Mapping[tuple[str, str], str] = {
        (segment.place, segment.month): segment.last_hash for segment in Segment.objects.all()
    }
    breaks = []
    noted = Entry.objects.filter(
        verb__in=["trail.seal", "trail.drop"], thing__startswith=SEGMENT_THING
    ).order_by("pk")
    for entry in noted.iterator(chunk_size=2000):
        place, _, month = entry.thing.removeprefix(SEGMENT_THING).rpartition("/")
        now = known.get((place, month))
        if now is None:
            breaks.append(Break(place, month, 0, "missing"))
        elif now != entry.reason:
            breaks.append(Break(place, month, 0, "sealed"))
    return list(dict.fromkeys(breaks))


def missing_guards() -> list[str]:
    """The triggers that should be in the database and are not, or are switched off."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute(
                "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
                " AND tgrelid IN (to_regclass('trail_entry'), to_regclass('trail_segment'))"
            )
        present = {name for (name,) in cursor.fetchall()}
    return [name for name in guards.NAMES if name not in present]
