"""Erased: every mark of hers is gone, every row still counts, and a back-up does not bring her back."""

import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from django.db import transaction

from bagage.common.errors import Conflict
from bagage.journeys.queries.sessions import unanswered
from bagage.people.models import Freeze, Person
from bagage.trail.models import Entry, ErasedPerson
from bagage.trail.queries import expired_files, held_rows
from bagage.trail.registry import MARK, all_declarations, of_persons
from bagage.trail.services import (
    erase_expired,
    erase_leftovers,
    erase_persons,
    erased_file,
    replay_erasures,
)
from tests.privacy.planting import SIGN, Planter, found_in_database, write_files


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings) -> Path:
    settings.BAGAGE_HOME = tmp_path
    settings.MEDIA_ROOT = tmp_path / "files"
    return tmp_path


@pytest.fixture
def planter(db: None, now: datetime) -> Planter:
    return Planter(now)


def counts() -> dict[str, int]:
    return {each.model: each.table._base_manager.count() for each in all_declarations() if not each.deleted}


def test_a_mark_is_planted_in_every_table_of_persons(planter: Planter):
    person = planter.plant()
    held = {each.declaration.model for each in held_rows([person.pk])}
    assert sorted({each.model for each in of_persons()} - held) == []
    columns = set(found_in_database())
    expected = {
        f"{each.table._meta.db_table}.{place.column}"
        for each in of_persons()
        for place in each.table._meta.concrete_fields
        if place.name in each.personal
        and place.get_internal_type() in {"CharField", "TextField", "JSONField", "EmailField"}
        and not place.choices
    }
    # Constraints of the tables say that these are empty here.
    expected -= {"shop_sale.reason", "journeys_followup.who"}
    assert sorted(expected - columns) == []


def test_nothing_of_hers_is_left(planter: Planter, django_capture_on_commit_callbacks):
    person = planter.plant()
    papers = write_files(person, planter)
    assert len(found_in_database()) > 60
    assert [path.exists() for path in papers] == [True] * len(papers)
    assert papers != []
    with django_capture_on_commit_callbacks(execute=True):
        erase_persons([person.pk], reason="wish", by=planter.user)
    assert found_in_database() == []
    assert [path.exists() for path in papers] == [False] * len(papers)


def test_every_row_still_counts(planter: Planter):
    person = planter.plant()
    before = counts()
    erase_persons([person.pk], reason="wish", by=planter.user)
    after = counts()
    assert after.pop("trail.Entry") == before.pop("trail.Entry") + 1
    assert after.pop("trail.ErasedPerson") == before.pop("trail.ErasedPerson") + 1
    # The month of the trail in which it is noted may be new.
    after.pop("trail.Segment"), before.pop("trail.Segment")
    assert after == before


def test_what_was_written_is_marked_and_what_was_empty_stays_empty(planter: Planter):
    person = planter.plant()
    words, empty = (
        planter.made["journeys.Request"],
        planter.make("journeys.FollowUpTry", keep=False, words=""),
    )
    erase_persons([person.pk], reason="wish", by=planter.user)
    words.refresh_from_db(), empty.refresh_from_db()
    assert (words.words, empty.words) == (MARK, "")


def test_who_she_was_is_reduced_to_about_her_age(planter: Planter, now: datetime):
    person = planter.plant()
    code = person.code
    erase_persons([person.pk], reason="wish", by=planter.user, at=now)
    person.refresh_from_db()
    assert (person.chosen_name, person.family_name, person.birth_date, person.note) == ("", "", None, "")
    assert (person.birth_year, person.is_birth_year_about) == (1980, True)
    assert person.erased_at == now
    assert person.code != code


def test_lists_of_what_was_done_say_that_she_was_erased(planter: Planter):
    person = planter.plant()
    erase_persons([person.pk], reason="wish", by=planter.user)
    person.refresh_from_db()
    assert (person.full_name, person.short_name) == ("personne effacée", "personne effacée")
    assert (
        planter.made["referrals.Referral"]
        .__class__.objects.get(pk=planter.made["referrals.Referral"].pk)
        .short_name
        == MARK
    )


def test_what_she_asked_for_is_work_for_nobody(planter: Planter):
    person = planter.plant()
    item = planter.make("skills.Item")
    asked = planter.made["journeys.Request"]
    asked.__class__.objects.filter(pk=asked.pk).update(pocket="skills", state="open", about=item)
    asked.bookings.all().delete()
    assert list(unanswered([planter.node.pk])) == [asked]
    erase_persons([person.pk], reason="wish", by=planter.user)
    assert list(unanswered([planter.node.pk])) == []


def test_amounts_that_were_advised_keep_the_days_they_are_for(planter: Planter):
    person = planter.plant()
    advice = planter.made["connection.Advice"]
    advice.asked = {"horizon_days": 180, "usage": f"{SIGN}777"}
    advice.answer = {"best": {"total": 2400}}
    advice.save()
    erase_persons([person.pk], reason="wish", by=planter.user)
    advice.refresh_from_db()
    assert (advice.asked, advice.said, advice.answer) == (
        {"horizon_days": 180}, {}, {"best": {"total": 2400}},
    )  # fmt: skip


def test_her_neighbour_is_left_alone(planter: Planter, now: datetime):
    person = planter.plant()
    other = Person.objects.create(
        code="OTHER1",
        chosen_name="Awa",
        family_name="Ba",
        note="à rappeler",
        created_at=now,
        last_contact_at=now,
    )
    way = other.contact_ways.create(kind="sms", phone="+33639980001", started_at=now)
    erase_persons([person.pk], reason="wish", by=planter.user)
    other.refresh_from_db(), way.refresh_from_db()
    assert (other.chosen_name, other.note, other.erased_at, way.phone) == (
        "Awa", "à rappeler", None, "+33639980001",
    )  # fmt: skip


def test_files_marked_as_the_same_go_together(planter: Planter, now: datetime):
    person = planter.plant()
    merged = Person.objects.create(
        code="SAME01", chosen_name="Fata", merged_into=person, created_at=now, last_contact_at=now
    )
    done = erase_persons([merged.pk], reason="wish", by=planter.user)
    assert (done.persons, done.files) == (1, 2)
    assert list(Person.objects.filter(erased_at=None)) == [planter.neighbour()]


def test_erasing_twice_is_erasing_once(planter: Planter):
    person = planter.plant()
    erase_persons([person.pk], reason="wish", by=planter.user)
    again = erase_persons([person.pk], reason="wish", by=planter.user)
    assert (again.files, again.rows) == (0, {})
    assert Entry.objects.filter(verb="erase_file").count() == 1


def test_the_trail_says_who_erased_and_nothing_of_whom(planter: Planter):
    person = planter.plant()
    erase_persons([person.pk], reason="wish", by=planter.user)
    entry = Entry.objects.get(verb="erase_file")
    assert (entry.actor, entry.person, entry.reason, entry.fields) == (
        f"user:{planter.user.uuid}", str(person.uuid), "wish", "",
    )  # fmt: skip


def test_a_message_that_had_not_left_does_not_leave(planter: Planter):
    person = planter.plant()
    erase_persons([person.pk], reason="wish", by=planter.user)
    table = next(each.table for each in of_persons() if each.model == "messaging.Message")
    assert set(table._base_manager.values_list("state", flat=True)) == {"cancelled"}


def test_what_was_being_written_at_that_moment_goes_too(planter: Planter, now: datetime):
    person = planter.plant()
    erase_persons([person.pk], reason="wish", by=planter.user, at=now)
    late = person.contact_ways.create(kind="sms", phone=f"{SIGN}900", started_at=now)
    person.names.create(text=f"{SIGN}901", kind="spelling", added_at=now)
    assert erase_leftovers(at=now + timedelta(hours=1)) == 2
    late.refresh_from_db()
    person.refresh_from_db()
    assert (late.phone, person.names.count(), person.erased_at) == (MARK, 0, now)
    assert found_in_database() == []
    assert erase_leftovers(at=now + timedelta(hours=1)) == 0


# ---------- what holds it back ----------


def test_an_appointment_to_come_holds_her_file_back(planter: Planter, now: datetime):
    person = planter.plant()
    planter.make(
        "permanences.Appointment", keep=False, state="booked",
        starts_at=now + timedelta(days=1), ends_at=now + timedelta(days=1, hours=1),
    )  # fmt: skip
    with pytest.raises(Conflict) as refused:
        erase_persons([person.pk], reason="wish", by=planter.user)
    assert str(refused.value) == (
        "Ce dossier ne peut pas être effacé maintenant : 1 rendez-vous à venir. Réglez cela d’abord."
    )
    person.refresh_from_db()
    assert person.erased_at is None


def test_a_frozen_file_is_not_erased(planter: Planter, now: datetime):
    person = planter.plant()
    Freeze.objects.create(person=person, frozen_at=now)
    with pytest.raises(Conflict):
        erase_persons([person.pk], reason="wish", by=planter.user)
    assert Person.objects.get(pk=person.pk).erased_at is None


def test_a_failure_half_way_leaves_everything(planter: Planter, monkeypatch: pytest.MonkeyPatch):
    person = planter.plant()
    before = sorted(found_in_database())

    def fail(*args: object, **kwargs: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr("bagage.trail.services.erasing.record", fail)
    with pytest.raises(OSError, match="no space"), transaction.atomic():
        erase_persons([person.pk], reason="wish", by=planter.user)
    assert sorted(found_in_database()) == before
    assert not erased_file().exists()


# ---------- after a back-up was put back ----------


def test_who_comes_back_with_a_back_up_is_erased_again(planter: Planter, django_capture_on_commit_callbacks):
    person = planter.plant()
    with django_capture_on_commit_callbacks(execute=True):
        erase_persons([person.pk], reason="wish", by=planter.user)
    told = [json.loads(line) for line in erased_file().read_text().splitlines()]
    assert [each["uuid"] for each in told] == [str(person.uuid)]
    assert erased_file().stat().st_mode & 0o777 == 0o600
    # The database as it was before: she is there, and nothing in it knows that she was erased.
    ErasedPerson.objects.all().delete()
    Person.objects.filter(pk=person.pk).update(chosen_name=f"{SIGN}999", erased_at=None)
    assert replay_erasures() == 1
    assert found_in_database() == []
    assert ErasedPerson.objects.get().uuid == person.uuid
    assert replay_erasures() == 0


# ---------- when the time is over ----------


def old(planter: Planter, moment: datetime, code: str = "OLD001") -> Person:
    return Person.objects.create(code=code, chosen_name="Ancienne", created_at=moment, last_contact_at=moment)


def test_a_file_goes_two_years_after_the_last_contact(planter: Planter, now: datetime):
    gone, kept = (
        old(planter, now.replace(year=2024, month=11, day=25)),
        old(planter, now.replace(year=2024, month=11, day=27), "OLD002"),
    )
    assert expired_files(now, months=24) == [[gone.pk]]
    done = erase_expired(by=planter.user, at=now)
    assert done.files == 1
    gone.refresh_from_db(), kept.refresh_from_db()
    assert (gone.erased_at, kept.erased_at) == (now, None)


@pytest.mark.parametrize(
    ("model", "field"),
    [("shop.Sale", "sold_at"), ("journeys.FollowUp", "answered_at"), ("journeys.Interview", "held_on")],
)
def test_any_contact_counts_not_only_those_that_are_appointments(
    planter: Planter, now: datetime, model: str, field: str
):
    person = planter.plant()
    long_ago = now - timedelta(days=1200)
    for each in of_persons():
        if each.contact:
            dated = each.rows_of([person.pk]).exclude(**{each.contact: None})
            dated.update(**{each.contact: long_ago})
    Person.objects.filter(pk=person.pk).update(last_contact_at=long_ago)
    assert expired_files(now, months=24) == [[person.pk]]
    table = next(each.table for each in of_persons() if each.model == model)
    answered = {"state": "answered", "device": "yes", "connection": "yes", "skills": "yes"}
    changes = answered if model == "journeys.FollowUp" else {}
    table.objects.update(**changes, **{field: now - timedelta(days=3)})
    assert expired_files(now, months=24) == []


def test_one_of_two_files_marked_as_the_same_keeps_both(planter: Planter, now: datetime):
    first = old(planter, now - timedelta(days=1000))
    second = old(planter, now - timedelta(days=10), "OLD002")
    Person.objects.filter(pk=second.pk).update(merged_into=first)
    assert expired_files(now, months=24) == []


def test_a_frozen_file_outlives_its_time(planter: Planter, now: datetime):
    frozen = old(planter, now - timedelta(days=1000))
    Freeze.objects.create(person=frozen, frozen_at=now)
    assert erase_expired(by=planter.user, at=now).files == 0


def test_an_orientation_that_nobody_answered_goes_too(planter: Planter, now: datetime):
    planter.plant()
    stray = planter.make("referrals.Referral", keep=False, person=None, sent_at=now - timedelta(days=1000))
    recent = planter.make("referrals.Referral", keep=False, person=None, sent_at=now - timedelta(days=10))
    done = erase_expired(by=planter.user, at=now)
    stray.refresh_from_db(), recent.refresh_from_db()
    assert done.strays == {"referrals.Referral": 1}
    assert (stray.chosen_name, stray.phone) == (MARK, MARK)
    assert recent.chosen_name.startswith(SIGN)
    assert erase_expired(by=planter.user, at=now).strays == {}


def test_counting_what_would_go_asks_as_much_for_three_as_for_one(
    planter: Planter, now: datetime, django_assert_num_queries
):
    person = planter.plant()
    others = [old(planter, now, f"OLD00{number}") for number in range(2)]
    with django_assert_num_queries(QUERIES):
        held_rows([person.pk])
    with django_assert_num_queries(QUERIES):
        held_rows([person.pk, *(other.pk for other in others)])


# One for each table of persons, one for each word by which a table is called.
QUERIES = len(of_persons()) + len([each for each in of_persons() if each.thing])


# Not of a person: that she is no longer followed, asked for news of, written to; that a paper went.
SETTLED = {
    "people.Person": {"erased_at"},
    "people.Following": {"ended_at"},
    "people.Attachment": {"removed_at"},
    "journeys.FollowUp": {"state"},
    "messaging.Message": {"state", "settled_at"},
    "imports.Batch": {"columns"},
}


def what_figures_are_made_of() -> dict[str, list[tuple[object, ...]]]:
    """Every column that is not personal, of every row of every table that stays."""
    found = {}
    for each in all_declarations():
        if each.deleted or each.processing == "trail":
            continue
        names = [
            place.name
            for place in each.table._meta.concrete_fields
            if place.name not in each.personal and place.name not in SETTLED.get(each.model, set())
        ]
        found[each.model] = list(each.table._base_manager.order_by("pk").values_list(*names))
    return found


def test_whatever_figures_are_made_of_stays_as_it_was(planter: Planter):
    person = planter.plant()
    before = what_figures_are_made_of()
    erase_persons([person.pk], reason="wish", by=planter.user)
    after = what_figures_are_made_of()
    assert {model: rows for model, rows in after.items() if rows != before[model]} == {}
