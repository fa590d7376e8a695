"""The chain: appended in the act's own transaction, refused any change by the database, verified."""

import json
from datetime import datetime, timedelta
from io import StringIO
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from bagage.trail import guards
from bagage.trail.domain.actor import Actor
from bagage.trail.domain.chain import month_of, months_before, next_month
from bagage.trail.models import Entry, Segment
from bagage.trail.queries import Break, verification
from bagage.trail.services import drop_segments, record, record_reading, seal_segments
from tests.conftest import trail_unlocked
from tests.processes import finish, start_code

ANNA = Actor("user", "00000000-0000-0000-0000-00000000000a")
PLACE = "11111111-1111-1111-1111-111111111111"


def write(count: int = 1, *, place: str = PLACE, at: datetime | None = None, verb: str = "thing.change"):
    with transaction.atomic():
        return [
            record(ANNA, verb, place=place, at=at, thing=f"thing:{number}", fields=("words", "state"))
            for number in range(count)
        ]


def raw(sql: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


# ---------- months ----------


@pytest.mark.parametrize(
    ("month", "following", "three_before"),
    [("2026-11", "2026-12", "2026-08"), ("2026-12", "2027-01", "2026-09"), ("2026-02", "2026-03", "2025-11")],
)
def test_months_follow_each_other(month, following, three_before):
    assert (next_month(month), months_before(month, 3)) == (following, three_before)


def test_month_of_an_act_is_that_of_utc():
    assert month_of(datetime(2026, 12, 1, 0, 30, tzinfo=ZoneInfo("Europe/Paris"))) == "2026-11"


# ---------- writing ----------


def test_record_outside_a_transaction_is_refused(transactional_db):
    with pytest.raises(RuntimeError, match="in the transaction of the act"):
        record(ANNA, "thing.change")


def test_record_chains_the_entries_of_a_place_and_month(db, now):
    first, second = write(2, at=now)
    segment = Segment.objects.get()
    assert (segment.place, segment.month) == (PLACE, "2026-11")
    assert (first.seq, first.previous, second.seq, second.previous) == (1, "", 2, first.hash)
    assert (segment.last_seq, segment.last_hash) == (2, second.hash)
    assert (second.fields, second.is_reading) == ("words,state", False)


def test_record_that_rolls_back_leaves_nothing(transactional_db, now):
    write(1, at=now)
    with transaction.atomic():
        record(ANNA, "thing.change", place=PLACE, at=now)
        transaction.set_rollback(True)
    write(1, at=now)
    assert list(Entry.objects.order_by("pk").values_list("seq", flat=True)) == [1, 2]
    assert verification().breaks == []


def test_record_of_too_many_fields_keeps_whole_names(db, now):
    with transaction.atomic():
        entry = record(ANNA, "thing.change", at=now, fields=[f"field_{number:03}" for number in range(60)])
    assert len(entry.fields) <= 400
    assert entry.fields.endswith("field_038,…")


def test_record_costs_three_queries(db, now, django_assert_num_queries):
    write(1, at=now)
    with transaction.atomic(), django_assert_num_queries(3):
        record(ANNA, "thing.change", place=PLACE, at=now)


def test_reading_repeated_within_15_minutes_makes_one_entry(db, clock):
    person = uuid4()
    assert record_reading(ANNA, "person.read", place=PLACE, person=person).is_reading
    clock.move(minutes=14)
    assert record_reading(ANNA, "person.read", place=PLACE, person=person) is None
    assert record_reading(Actor("user", str(uuid4())), "person.read", place=PLACE, person=person)
    assert record_reading(ANNA, "person.read", place=PLACE, person=uuid4())
    clock.move(minutes=1)
    assert record_reading(ANNA, "person.read", place=PLACE, person=person)
    assert Entry.objects.count() == 4


# ---------- what the database refuses ----------

REFUSED = {
    "changing a word": "UPDATE trail_entry SET reason = 'other' WHERE seq = 1",
    "changing without a change": "UPDATE trail_entry SET seq = seq",
    "deleting the last": "DELETE FROM trail_entry WHERE seq = 2",
    "moving the head back": "UPDATE trail_segment SET last_seq = 1",
    "another hash": "UPDATE trail_segment SET last_hash = 'f00'",
    "jumping ahead": "UPDATE trail_segment SET last_seq = 4",
    "a head without its entry": "UPDATE trail_segment SET last_seq = 3, last_hash = 'f00'",
    "another place": "UPDATE trail_segment SET place = 'x'",
    "another month": "UPDATE trail_segment SET month = '2020-01'",
    "deleting a segment": "DELETE FROM trail_segment",
}


@pytest.mark.parametrize("sql", REFUSED.values(), ids=REFUSED)
def test_database_refuses(sql, db, now):
    write(2, at=now)
    before = (list(Entry.objects.values()), list(Segment.objects.values()))
    with pytest.raises(DatabaseError, match="of the trail"), transaction.atomic():
        raw(sql)
    assert (list(Entry.objects.values()), list(Segment.objects.values())) == before


@pytest.mark.parametrize("change", [{"seq": 4}, {"seq": 2}, {"previous": "f00"}, {"previous": ""}])
def test_database_refuses_an_entry_that_is_not_at_the_end(change, db, now):
    _, last = write(2, at=now)
    values = {
        "seq": 3,
        "previous": last.hash,
        "hash": "h",
        "at": now,
        "actor": "user:x",
        "verb": "v",
    } | change
    with pytest.raises(DatabaseError), transaction.atomic():
        Entry.objects.create(segment=last.segment, **values)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE trail_segment SET sealed_at = NULL WHERE sealed_at IS NOT NULL",
        "UPDATE trail_segment SET sealed_at = '2020-01-01 00:00:00+00:00' WHERE sealed_at IS NOT NULL",
        "UPDATE trail_segment SET last_seq = 3, last_hash = 'f00' WHERE sealed_at IS NOT NULL",
    ],
)
def test_database_refuses_to_touch_a_sealed_segment(sql, db, now):
    write(2, at=now - timedelta(days=60))
    assert seal_segments(at=now) == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        raw(sql)


def test_database_refuses_an_entry_in_a_sealed_segment(db, now):
    _, last = write(2, at=now - timedelta(days=60))
    seal_segments(at=now)
    with pytest.raises(DatabaseError), transaction.atomic():
        Entry.objects.create(
            segment=last.segment, seq=3, previous=last.hash, hash="h", at=now, actor="user:x", verb="v"
        )


def test_database_refuses_to_restore_a_dropped_segment(db, now):
    write(2, at=now - timedelta(days=400))
    seal_segments(at=now)
    assert drop_segments(older_than_months=12, at=now) == 1
    with pytest.raises(DatabaseError), transaction.atomic():
        raw("UPDATE trail_segment SET dropped_at = NULL WHERE dropped_at IS NOT NULL")


# ---------- sealing and dropping ----------


def test_seal_segments_closes_the_months_past_and_notes_their_hash(db, now):
    old = write(2, at=now - timedelta(days=60))[-1]
    write(1, at=now)
    assert seal_segments(at=now) == 1
    assert seal_segments(at=now) == 0
    sealed = Segment.objects.get(month="2026-09")
    noted = Entry.objects.get(verb="trail.seal")
    assert (noted.segment.place, noted.thing, noted.reason) == (
        "network", f"segment:{PLACE}/2026-09", old.hash,
    )  # fmt: skip
    assert (sealed.sealed_at, sealed.last_hash) == (now, old.hash)
    assert verification().breaks == []


def test_seal_segments_leaves_the_month_that_ended_less_than_five_days_ago(db):
    fourth = datetime(2026, 12, 4, 12, tzinfo=ZoneInfo("UTC"))
    write(1, at=fourth - timedelta(days=10))
    assert seal_segments(at=fourth) == 0
    assert seal_segments(at=fourth + timedelta(days=2)) == 1


def test_record_of_a_late_act_goes_into_the_present_month(db, now):
    write(1, at=now - timedelta(days=60))
    seal_segments(at=now)
    (late,) = write(1, at=now - timedelta(days=60))
    assert (late.segment.month, late.at) == ("2026-11", now - timedelta(days=60))
    assert verification().breaks == []


def test_drop_segments_drops_whole_old_months_and_keeps_their_hash(db, now):
    old = write(3, at=now - timedelta(days=400))[-1]
    young = write(1, at=now - timedelta(days=60))[-1]
    seal_segments(at=now)
    assert drop_segments(older_than_months=12, at=now) == 1
    assert drop_segments(older_than_months=12, at=now) == 0
    dropped = Segment.objects.get(pk=old.segment_id)
    assert (dropped.dropped_at, dropped.last_seq, dropped.last_hash) == (now, 3, old.hash)
    assert list(Entry.objects.filter(segment__place=PLACE)) == [young]
    assert list(Entry.objects.filter(verb="trail.drop").values_list("thing", "reason")) == [
        (f"segment:{PLACE}/2025-10", old.hash)
    ]
    found = verification()
    assert (found.breaks, found.dropped) == ([], 1)


def test_drop_segments_leaves_what_is_not_sealed(db, now):
    write(1, at=now - timedelta(days=400))
    assert drop_segments(older_than_months=12, at=now) == 0
    assert Entry.objects.count() == 1


def test_drop_segments_keeps_at_least_a_month(db):
    with pytest.raises(ValueError, match="one month at least"):
        drop_segments(older_than_months=0)


# ---------- verifying ----------

TAMPERED = {
    "a word": ("UPDATE trail_entry SET reason = 'other' WHERE seq = 2", [(2, "hash")]),
    "the actor": ("UPDATE trail_entry SET actor = 'user:other' WHERE seq = 2", [(2, "hash")]),
    "a reading hidden": ("UPDATE trail_entry SET is_reading = (1 = 1) WHERE seq = 2", [(2, "hash")]),
    "the first gone": ("DELETE FROM trail_entry WHERE seq = 1", [(1, "gap")]),
    "the middle gone": ("DELETE FROM trail_entry WHERE seq = 2", [(2, "gap")]),
    "the last gone": ("DELETE FROM trail_entry WHERE seq = 3", [(3, "head")]),
    "a hash": ("UPDATE trail_entry SET hash = 'f00' WHERE seq = 2", [(2, "hash"), (3, "previous")]),
    "the head": ("UPDATE trail_segment SET last_hash = 'f00'", [(3, "head")]),
    "the head moved back": ("UPDATE trail_segment SET last_seq = 2", [(3, "head")]),
    "all gone": ("DELETE FROM trail_entry", [(3, "head")]),
}


@pytest.mark.parametrize(("sql", "expected"), TAMPERED.values(), ids=TAMPERED)
def test_verification_says_where_it_breaks(sql, expected, transactional_db, now):
    write(3, at=now)
    assert verification().breaks == []
    with trail_unlocked():
        raw(sql)
    assert verification().breaks == [Break(PLACE, "2026-11", seq, why) for seq, why in expected]
    assert verification([PLACE]).breaks != []
    assert verification(["network"]).breaks == []


def test_verification_sees_a_sealed_segment_made_anew(transactional_db, now):
    write(2, at=now - timedelta(days=60))
    seal_segments(at=now)
    with trail_unlocked():
        raw(
            "DELETE FROM trail_entry WHERE seq = 2"
            " AND segment_id IN (SELECT id FROM trail_segment WHERE sealed_at IS NOT NULL)"
        )
        first = Entry.objects.get(segment__place=PLACE)
        Segment.objects.filter(place=PLACE).update(last_seq=1, last_hash=first.hash)
    assert verification().breaks == [Break(PLACE, "2026-09", 0, "sealed")]


def test_verification_sees_a_sealed_segment_gone(transactional_db, now):
    write(2, at=now - timedelta(days=60))
    seal_segments(at=now)
    with trail_unlocked():
        Entry.objects.filter(segment__place=PLACE).delete()
        Segment.objects.filter(place=PLACE).delete()
    assert verification().breaks == [Break(PLACE, "2026-09", 0, "missing")]


def test_verification_says_which_trigger_is_missing(transactional_db):
    with trail_unlocked():
        assert [each.place for each in verification().breaks] == list(guards.NAMES)
    assert verification().breaks == []


def test_verification_leaves_out_whole_segments_beyond_a_limit(db, now):
    write(3, at=now)
    write(3, at=now - timedelta(days=60))
    found = verification(most_entries=5)
    assert (found.entries, found.segments, found.not_read) == (3, 1, 1)


def test_verify_trail_command_says_that_the_chain_holds(db, now):
    write(3, at=now)
    out = StringIO()
    call_command("verify_trail", stdout=out)
    assert out.getvalue() == "3 entries in 1 segments read, 0 segments dropped: the chain holds.\n"


def test_verify_trail_command_says_where_it_breaks_and_leaves_with_1(transactional_db, now):
    last = write(3, at=now)[-1]
    with trail_unlocked():
        raw("UPDATE trail_entry SET reason = 'other' WHERE seq = 2")
    out = StringIO()
    with pytest.raises(SystemExit) as left:
        call_command("verify_trail", stdout=out)
    assert left.value.code == 1
    assert out.getvalue().splitlines()[0] == f"{PLACE} 2026-11 #2: the entry was changed"
    out = StringIO()
    with pytest.raises(SystemExit):
        call_command("verify_trail", "--json", stdout=out)
    assert json.loads(out.getvalue()) == {
        "whole": False,
        "segments": 1,
        "entries": 3,
        "dropped": 0,
        "breaks": [{"place": PLACE, "month": "2026-11", "seq": 2, "why": "hash"}],
        "heads": [{"place": PLACE, "month": "2026-11", "seq": 3, "hash": last.hash, "state": "open"}],
    }


# ---------- many at once ----------

WRITER = """
import sys
from django.db import transaction
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record
for number in range(int(sys.argv[2])):
    with transaction.atomic():
        record(Actor("user", sys.argv[1]), "thing.change", place=sys.argv[3], thing=f"thing:{number}")
"""


@pytest.mark.django_db(transaction=True)
def test_many_processes_on_one_segment_leave_no_gap_and_no_fork():
    finish(*(start_code(WRITER, f"writer-{number}", "25", PLACE) for number in range(6)))
    assert list(Entry.objects.order_by("seq").values_list("seq", flat=True)) == list(range(1, 151))
    found = verification()
    assert (found.breaks, found.entries) == ([], 150)


@pytest.mark.django_db(transaction=True)
def test_verification_beside_writers_sees_no_break():
    writers = [start_code(WRITER, f"writer-{number}", "60", PLACE) for number in range(2)]
    while any(writer.poll() is None for writer in writers):
        assert verification().breaks == []
    finish(*writers)
    assert verification().entries == 120
