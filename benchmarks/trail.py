"""``python -m benchmarks.trail N``: N rows in the trail of ``BAGAGE_HOME``, verified, then broken in three places."""

import os
import sys
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bagage.config.settings")
django.setup()

from django.db import connection, transaction  # noqa: E402

from bagage.trail import guards  # noqa: E402
from bagage.trail.domain.chain import entry_hash, month_of  # noqa: E402
from bagage.trail.models import Entry, Segment  # noqa: E402
from bagage.trail.queries import verification  # noqa: E402
from benchmarks.harness import machine, report  # noqa: E402

PLACES = 12
MONTHS = 10


def guarded(statements: list[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def set_up() -> list[str]:
    return guards.sqlite_guards() if connection.vendor == "sqlite" else guards.postgresql_guards()


def fill(rows: int) -> None:
    """Chains of equal length, as the services would have written them; without the triggers, for it is the reading that
    is measured."""
    guarded(guards.removed_guards(connection.vendor))
    each = rows // (PLACES * MONTHS)
    with transaction.atomic():
        for place_number in range(PLACES):
            place = str(UUID(int=place_number + 1))
            for month_number in range(MONTHS):
                at = datetime(2026, month_number + 1, 2, 8, tzinfo=UTC)
                segment = Segment.objects.create(place=place, month=month_of(at))
                previous, batch = "", []
                for seq in range(1, each + 1):
                    at += timedelta(seconds=20)
                    entry = Entry(
                        segment=segment,
                        seq=seq,
                        at=at,
                        actor=f"user:{UUID(int=seq % 40)}",
                        verb="read_file",
                        person=str(UUID(int=seq * 7919)),
                        fields="chosen_name,family_name" if seq % 3 == 0 else "",
                        is_reading=seq % 3 != 0,
                        previous=previous,
                    )
                    entry.hash = previous = entry.expected_hash(segment)
                    batch.append(entry)
                Entry.objects.bulk_create(batch, batch_size=2000)
                Segment.objects.filter(pk=segment.pk).update(last_seq=each, last_hash=previous)
    guarded(set_up())


def break_three() -> list[tuple[str, int, str]]:
    """A changed row, a removed one, an added one, each in a chain of its own; where each must be named."""
    guarded(guards.removed_guards(connection.vendor))
    first, second, third = Segment.objects.order_by("pk")[:3]
    Entry.objects.filter(segment=first, seq=17).update(actor="user:someone-else")
    Entry.objects.filter(segment=second, seq=23).delete()
    last = Entry.objects.get(segment=third, seq=third.last_seq)
    added = Entry(
        segment=third, seq=last.seq + 1, at=last.at, actor=last.actor, verb="read_file", previous=last.hash
    )
    added.hash = entry_hash(
        previous=added.previous, place=third.place, month=third.month, seq=added.seq, at=added.at,
        actor=added.actor, verb=added.verb, person="", thing="", fields="", reason="", is_reading=False,
    )  # fmt: skip
    added.save(force_insert=True)
    guarded(set_up())
    return [
        (f"{first.place} {first.month}", 17, "hash"),
        (f"{second.place} {second.month}", 23, "gap"),
        (f"{third.place} {third.month}", added.seq, "head"),
    ]


def main() -> int:
    rows = int(sys.argv[1])
    if not Entry.objects.exists():
        fill(rows)
    started, processor = time.perf_counter(), time.process_time()
    found = verification()
    spent, worked = time.perf_counter() - started, time.process_time() - processor
    assert found.is_whole, found.breaks
    conditions = f"{machine()}, {found.entries} rows in {found.segments} chains, target 30 s"
    report("trail", "verify_seconds", spent, "s", reference=None, conditions=conditions)
    report("trail", "verify_processor_seconds", worked, "s", reference=None, conditions=conditions)
    expected = break_three()
    told = [(f"{each.place} {each.month}", each.seq, each.why) for each in verification().breaks]
    named = sum(one in told for one in expected)
    report("trail", "breaks_named", named, "of 3", reference=None, conditions=f"{machine()}, {told}")
    return 0 if spent < 30 and named == 3 else 1


if __name__ == "__main__":
    sys.exit(main())
