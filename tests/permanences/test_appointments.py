import threading
from datetime import timedelta

import pytest
from django.db import connection

from bagage.accounts.domain.roles import Role
from bagage.common.errors import BusinessError, Conflict
from bagage.messaging.models import Message
from bagage.people import services as people
from bagage.permanences import services
from bagage.permanences.events import appointment_changed
from bagage.permanences.models import Appointment, Closure
from bagage.permanences.queries import absences_to_call, appointments_to_move, free_slots
from bagage.trail.models import Entry
from tests.permanences.factories import (
    make_appointment,
    make_block,
    make_person,
    make_phone,
    make_site,
    make_user,
)

pytestmark = pytest.mark.django_db
HALF = timedelta(minutes=30)


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def helene(site):
    return make_user(site)


@pytest.fixture
def block(site, helene, now):
    return make_block(site, helene, now + timedelta(hours=1))


@pytest.fixture
def fanta(site):
    return make_person(site)


@pytest.fixture
def heard():
    """What activities above hear, as (old state, new state)."""
    told = []

    def hear(sender, *, old_state, new_state, **kwargs):
        told.append((old_state, new_state))

    appointment_changed.connect(hear)
    yield told
    appointment_changed.disconnect(hear)


def give(block, person, by, number=0):
    return services.give_appointment(
        block=block, starts_at=block.starts_at + number * HALF, person=person, by=by
    )


def test_give_appointment_takes_its_slot_and_is_trailed(block, fanta, helene, site, now, heard):
    before = free_slots(site, start=now, end=now + timedelta(days=1), now=now)
    appointment = give(block, fanta, helene)
    after = free_slots(site, start=now, end=now + timedelta(days=1), now=now)
    assert [slot.starts_at for slot in before][1:] == [slot.starts_at for slot in after]
    assert len(before) == 6
    entry = Entry.objects.get(verb="appointment.give")
    assert (entry.person, entry.thing) == (str(fanta.uuid), f"appointment:{appointment.uuid}")
    assert heard == [("", "booked")]


def test_give_appointment_twice_tells_the_next_free_slot(block, fanta, helene, site):
    give(block, fanta, helene)
    with pytest.raises(
        Conflict,
        match=r"^Ce créneau vient d’être pris\. Le prochain libre : jeudi 26 novembre à 11.h.30, avec Hélène\.$",
    ):
        give(block, make_person(site, "Awa"), helene)
    assert Appointment.objects.count() == 1


def test_give_appointment_off_the_grid_is_refused(block, fanta, helene):
    with pytest.raises(BusinessError, match="pas un créneau"):
        services.give_appointment(
            block=block, starts_at=block.starts_at + timedelta(minutes=7), person=fanta, by=helene
        )


def test_give_appointment_in_the_past_is_refused(site, helene, fanta, now):
    block = make_block(site, helene, now - timedelta(hours=2))
    with pytest.raises(BusinessError, match="passé"):
        give(block, fanta, helene)


def test_give_appointment_in_a_withdrawn_block_is_refused(block, fanta, helene):
    services.withdraw_block(block, by=helene)
    with pytest.raises(BusinessError, match="retirée"):
        give(block, fanta, helene)


def test_give_appointment_on_a_closed_day_is_refused(block, fanta, helene, site, now):
    Closure.objects.create(site=site, first_day=now.date(), last_day=now.date())
    with pytest.raises(BusinessError, match="fermée ce jour-là"):
        give(block, fanta, helene)
    assert free_slots(site, start=now, end=now + timedelta(days=1), now=now) == []


def test_give_appointment_when_the_adviser_is_elsewhere_is_refused(block, fanta, helene, now):
    elsewhere = make_site("Permanence Rivage")
    other = make_block(elsewhere, helene, block.starts_at - timedelta(minutes=15))
    make_appointment(other, make_person(elsewhere, "Awa"))
    with pytest.raises(Conflict, match="Ce créneau vient d’être pris"):
        give(block, fanta, helene)


def test_give_appointment_when_she_has_one_then_is_refused(block, fanta, helene, site):
    give(block, fanta, helene)
    ines = make_user(site, first_name="Inès")
    with pytest.raises(Conflict, match="Fanta a déjà un rendez-vous"):
        give(make_block(site, ines, block.starts_at), fanta, helene)


def test_give_appointment_when_a_file_marked_as_hers_has_one_then_is_refused(block, fanta, helene, site):
    other = make_person(site, "Fatou")
    give(block, other, helene)
    people.mark_as_same(fanta, other, by=helene)
    ines = make_user(site, first_name="Inès")
    with pytest.raises(Conflict, match="a déjà un rendez-vous"):
        give(make_block(site, ines, block.starts_at), fanta, helene)


@pytest.mark.django_db(transaction=True)
def test_of_several_who_give_her_one_hour_at_once_one_does(site, fanta, helene, block):
    """Three colleagues press at the same instant, each for the slot of another adviser."""
    blocks = [
        make_block(site, make_user(site, first_name=name), block.starts_at) for name in ("Ana", "Bo", "Cy")
    ]
    start, outcomes = threading.Barrier(len(blocks)), []

    def press(one) -> None:
        try:
            start.wait()
            give(one, fanta, helene)
            outcomes.append("given")
        except Conflict:
            outcomes.append("refused")
        finally:
            connection.close()

    for number in range(5):
        threads = [threading.Thread(target=press, args=(one,)) for one in blocks]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(outcomes) == ["given", "refused", "refused"], number
        outcomes.clear()
        Appointment.objects.all().delete()


def test_closed_account_receives_nobody(block, fanta, helene, site):
    by = make_user(site)
    helene.is_active = False
    helene.save()
    with pytest.raises(BusinessError, match="retirée"):
        give(block, fanta, by)


def test_move_keeps_the_old_row_and_frees_its_slot(block, fanta, helene, site, now, heard):
    old = give(block, fanta, helene)
    make_phone(fanta)
    new = services.move_appointment(old, block=block, starts_at=block.starts_at + HALF, by=helene)
    assert (old.state, new.state, new.moved_from_id) == ("moved", "booked", old.pk)
    assert heard == [("", "booked"), ("booked", "moved"), ("", "booked")]
    assert block.starts_at in [
        slot.starts_at for slot in free_slots(site, start=now, end=now + timedelta(days=1), now=now)
    ]
    message = Message.objects.get()
    assert message.to == "Fanta, 06 39 98 01 42".replace(" ", "\u00a0").replace(",\u00a0", ", ")
    assert "déplacé" in message.body


def test_move_to_a_taken_slot_changes_nothing(block, fanta, helene, site):
    old = give(block, fanta, helene)
    give(block, make_person(site, "Awa"), helene, 1)
    with pytest.raises(Conflict):
        services.move_appointment(old, block=block, starts_at=block.starts_at + HALF, by=helene)
    old.refresh_from_db()
    assert old.state == "booked"


def test_undo_of_a_move_takes_the_old_hour_back_and_frees_the_new(block, fanta, helene, heard):
    make_phone(fanta)
    old = give(block, fanta, helene)
    new = services.move_appointment(old, block=block, starts_at=block.starts_at + HALF, by=helene)
    heard.clear()
    services.undo_last_step(old, by=helene)
    new.refresh_from_db()
    assert (old.state, new.state) == ("booked", "cancelled")
    assert heard == [("booked", "cancelled"), ("moved", "booked")]
    assert [message.state for message in Message.objects.all()] == ["cancelled"]
    again = services.move_appointment(old, block=block, starts_at=block.starts_at + HALF, by=helene)
    assert again.state == "booked"


def test_cancel_tells_her_on_paper_discreetly_when_the_phone_is_shared(block, fanta, helene):
    make_phone(fanta, is_shared=True)
    appointment = give(block, fanta, helene)
    services.cancel_appointment(appointment, reason="Grève", by=helene)
    message = Message.objects.get()
    assert "rendez-vous" not in message.body
    assert "Permanence" not in message.body
    assert appointment.state == "cancelled"


def test_cancel_tells_nobody_when_she_cannot_be_reached(block, fanta, helene):
    services.cancel_appointment(give(block, fanta, helene), by=helene)
    assert Message.objects.count() == 0


def test_undo_of_a_cancelled_one_is_refused_once_the_slot_is_given(block, fanta, helene, site):
    appointment = give(block, fanta, helene)
    services.cancel_appointment(appointment, by=helene)
    give(block, make_person(site, "Awa"), helene)
    with pytest.raises(Conflict, match="donné à quelqu’un d’autre"):
        services.undo_last_step(appointment, by=helene)


def test_day_goes_step_by_step_and_back(block, fanta, helene, clock):
    appointment = give(block, fanta, helene)
    clock.set(block.starts_at)
    services.note_arrival(appointment, by=helene)
    clock.move(minutes=5)
    services.start_appointment(appointment, by=helene)
    clock.move(minutes=30)
    services.finish_appointment(appointment, by=helene)
    assert (appointment.state, appointment.arrived_at, appointment.done_at) == (
        "done", block.starts_at, block.starts_at + timedelta(minutes=35),
    )  # fmt: skip
    fanta.refresh_from_db()
    assert fanta.last_contact_at == block.starts_at + timedelta(minutes=5)
    states = []
    for _step in range(3):
        services.undo_last_step(appointment, by=helene)
        states.append(appointment.state)
    assert states == ["under_way", "arrived", "booked"]
    assert appointment.arrived_at is None
    with pytest.raises(Conflict, match="plus rien à défaire"):
        services.undo_last_step(appointment, by=helene)


def test_undo_after_four_hours_is_refused(block, fanta, helene, clock):
    appointment = give(block, fanta, helene)
    clock.set(block.starts_at)
    services.note_arrival(appointment, by=helene)
    clock.move(hours=4, minutes=1)
    with pytest.raises(BusinessError, match="plus de 4 heures"):
        services.undo_last_step(appointment, by=helene)


def test_no_show_before_the_hour_is_refused(block, fanta, helene):
    with pytest.raises(BusinessError, match="pas encore l’heure"):
        services.note_no_show(give(block, fanta, helene), by=helene)


def test_same_step_twice_is_told(block, fanta, helene):
    appointment = give(block, fanta, helene)
    services.note_arrival(appointment, by=helene)
    with pytest.raises(Conflict, match="déjà noté"):
        services.note_arrival(appointment, by=helene)


def test_stale_page_cannot_finish_what_was_cancelled(block, fanta, helene):
    appointment = give(block, fanta, helene)
    stale = Appointment.objects.get(pk=appointment.pk)
    services.cancel_appointment(appointment, by=helene)
    with pytest.raises(Conflict, match="Annulé"):
        services.start_appointment(stale, by=helene)


def test_absence_is_to_be_called_until_she_has_another(block, fanta, helene, site, clock):
    appointment = give(block, fanta, helene)
    now = clock.set(block.starts_at + timedelta(minutes=20))
    services.note_no_show(appointment, by=helene)
    assert list(absences_to_call(site, now)) == [appointment]
    give(block, fanta, helene, 2)
    assert list(absences_to_call(site, now)) == []


def test_withdrawn_block_leaves_its_bookings_to_be_moved(block, fanta, helene, site, now):
    appointment = give(block, fanta, helene)
    assert services.withdraw_block(block, by=helene) == [appointment]
    assert list(appointments_to_move(site, now)) == [appointment]
    with pytest.raises(Conflict):
        services.withdraw_block(block, by=helene)


def test_closure_leaves_bookings_to_be_moved(block, fanta, helene, site, now):
    appointment = give(block, fanta, helene)
    _closure, waiting = services.add_closure(site, first_day=now.date(), last_day=now.date(), by=helene)
    assert waiting == 1
    assert list(appointments_to_move(site, now)) == [appointment]


def test_role_of_the_adviser_is_read_before_a_block_is_opened(site, now):
    receptionist = make_user(site, Role.RECEPTIONIST)
    with pytest.raises(BusinessError, match="ne reçoit pas"):
        services.open_block(
            site=site, adviser=receptionist, starts_at=now, ends_at=now + timedelta(hours=2), by=receptionist
        )
