"""Sessions and their seats: planned, booked, waited for, given to the first in line, left, called off."""

from datetime import timedelta

import pytest
from django.urls import reverse

from bagage.accounts.domain.roles import Role
from bagage.common.errors import BusinessError, Conflict, FormUsed
from bagage.messaging.models import Message
from bagage.people.services import mark_as_same
from bagage.permanences.events import booking_changed
from bagage.permanences.models import Closure, Session, SessionBooking
from bagage.permanences.services import (
    book_seat,
    cancel_appointment,
    cancel_session,
    change_session,
    give_appointment,
    hand_over_sessions,
    leave_session,
    note_seat_excused,
    plan_session,
    set_rooms,
)
from bagage.trail.domain.actor import Actor
from bagage.trail.models import Entry
from tests.permanences.factories import (
    make_appointment,
    make_block,
    make_installation,
    make_person,
    make_phone,
    make_room,
    make_seat,
    make_session,
    make_site,
    make_user,
)

pytestmark = pytest.mark.django_db
BY = Actor.system("tests")


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def room(site):
    return make_room(site, computers=2, seats=12)


@pytest.fixture
def tomorrow(now):
    return now + timedelta(days=1)


@pytest.fixture
def session(site, room, tomorrow):
    return make_session(site, tomorrow, room=room)


@pytest.fixture
def heard():
    """What booking_changed told: (short name, old state, new state)."""
    told = []

    def listen(sender, booking, old_state, new_state, by, at, **kwargs):
        told.append((booking.short_name, old_state, new_state))

    booking_changed.connect(listen, weak=False, dispatch_uid="test.heard")
    yield told
    booking_changed.disconnect(dispatch_uid="test.heard")


def names(*words):
    return [f"{word} D." for word in words]


def persons(site, *words):
    return [make_person(site, word) for word in words]


def take(session, *people):
    return [book_seat(session, person, key=f"k{person.pk}", by=BY) for person in people]


def states(session):
    return [
        (one.short_name.split()[0], one.state)
        for one in session.bookings.select_related("person").order_by("booked_at", "pk")
    ]


def plan(site, room, starts_at, **fields):
    return plan_session(
        **{
            "site": site,
            "room": room,
            "topic": "Son compte santé",
            "items": ["K11"],
            "language": "français",
            "starts_at": starts_at,
            "ends_at": starts_at + timedelta(hours=2),
            "key": "plan",
            "by": BY,
            **fields,
        }
    )


# ---------- planning ----------
def test_session_planned_twice_with_one_form_is_one(site, room, tomorrow):
    leader = make_user(site, Role.VOLUNTEER, "Kadi")
    one = plan(site, room, tomorrow, leader=leader)
    again = plan(site, room, tomorrow, leader=leader)
    assert one.pk == again.pk
    assert (one.topic, one.seats, one.state, one.leader) == ("Son compte santé", 2, "planned", leader)
    assert [item.code for item in one.items.all()] == ["K11"]
    assert Entry.objects.filter(verb="session.plan").count() == 1


def test_seats_are_computers_or_chairs(site, room, tomorrow):
    assert make_session(site, tomorrow, room=room).seats == 2
    assert make_session(site, tomorrow + timedelta(hours=3), room=room, needs_computer=False).seats == 12


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"topic": "  "}, "topic"),
        ({"topic": "x" * 121}, "topic"),
        ({"level": "expert"}, "level"),
        ({"items": ["K99"]}, "items"),
        ({"hours": 0}, "ends"),
        ({"hours": 9}, "ends"),
        ({"days": -2}, "day"),
        ({"days": 400}, "day"),
    ],
)
def test_session_that_cannot_be_planned_names_the_field(site, room, tomorrow, change, field):
    starts_at = tomorrow + timedelta(days=change.pop("days", 0))
    ends_at = starts_at + timedelta(hours=change.pop("hours", 2))
    with pytest.raises(BusinessError) as refused:
        plan(site, room, starts_at, ends_at=ends_at, **change)
    assert refused.value.field == field
    assert Session.objects.count() == 0


def test_no_two_sessions_in_one_room_at_once(site, room, session, tomorrow):
    with pytest.raises(Conflict) as refused:
        plan(site, room, tomorrow + timedelta(hours=1))
    assert str(refused.value) == (
        "« Grande salle » est prise vendredi 27 novembre à 10\xa0h par « Son compte santé »."
    )
    # Right after it, and in another room, both go.
    assert plan(site, room, tomorrow + timedelta(hours=2), key="after").pk
    assert plan(site, make_room(site, "Petite salle"), tomorrow, key="beside").pk


def test_called_off_session_leaves_its_room(site, room, session, tomorrow):
    cancel_session(session, reason="Salle inondée", by=BY)
    assert plan(site, room, tomorrow).state == "planned"


def test_no_session_on_a_closed_day(site, room, tomorrow):
    Closure.objects.create(site=site, first_day="2026-11-27", last_day="2026-11-27", reason="travaux")
    with pytest.raises(BusinessError) as refused:
        plan(site, room, tomorrow)
    assert str(refused.value) == (
        "La permanence est fermée le 27 novembre (travaux) : choisissez un autre jour."
    )


def test_room_without_a_working_computer_is_refused_unless_none_is_needed(site, tomorrow):
    bare = make_room(site, "Salle claire", computers=0, seats=6)
    with pytest.raises(BusinessError) as refused:
        plan(site, bare, tomorrow)
    assert refused.value.field == "room"
    assert plan(site, bare, tomorrow, needs_computer=False).seats == 6


def test_room_of_another_site_is_refused(site, tomorrow):
    with pytest.raises(BusinessError) as refused:
        plan(site, make_room(make_site("Ailleurs")), tomorrow)
    assert refused.value.field == "room"


def test_leader_must_lead_there_and_nothing_else_then(site, room, tomorrow):
    kadi = make_user(site, Role.VOLUNTEER, "Kadi")
    with pytest.raises(BusinessError) as refused:
        plan(site, room, tomorrow, leader=make_user(make_site("Ailleurs"), Role.ADVISER, "Paul"))
    assert refused.value.field == "leader"
    make_session(site, tomorrow + timedelta(hours=1), leader=kadi, topic="La souris")
    with pytest.raises(Conflict) as refused:
        plan(site, room, tomorrow, leader=kadi)
    assert str(refused.value) == (
        "Kadi anime déjà « La souris » vendredi 27 novembre à 11\xa0h, à Permanence Canal."
    )


# ---------- seats ----------
def test_last_seat_then_the_line(site, session, heard):
    for person, state in zip(
        persons(site, "Awa", "Binta", "Carlos", "Daouda"),
        ["booked", "booked", "waiting", "waiting"],
        strict=True,
    ):
        assert take(session, person)[0].state == state
    assert heard == [
        ("Awa D.", "", "booked"),
        ("Binta D.", "", "booked"),
        ("Carlos D.", "", "waiting"),
        ("Daouda D.", "", "waiting"),
    ]
    assert list(Entry.objects.filter(verb__startswith="seat.").order_by("pk").values_list("verb", flat=True)) == [
        "seat.give", "seat.give", "seat.wait", "seat.wait",
    ]  # fmt: skip


def test_same_form_twice_books_once(site, session):
    awa = make_person(site, "Awa")
    one = book_seat(session, awa, key="form", by=BY)
    again = book_seat(session, awa, key="form", by=BY)
    assert one.pk == again.pk
    assert SessionBooking.objects.count() == 1


def test_form_that_booked_someone_or_something_else_is_refused(site, room, session, tomorrow):
    awa = make_person(site, "Awa")
    book_seat(session, awa, key="form", by=BY)
    later = make_session(site, tomorrow + timedelta(hours=4), room=room)
    with pytest.raises(FormUsed):
        book_seat(session, make_person(site, "Fanta"), key="form", by=BY)
    with pytest.raises(FormUsed):
        book_seat(later, awa, key="form", by=BY)
    assert SessionBooking.objects.count() == 1


def test_one_person_has_one_place_whichever_file_is_named(site, session):
    awa, same = persons(site, "Awa", "Hawa")
    mark_as_same(same, awa, by=make_user(site))
    take(session, awa)
    same.refresh_from_db()
    with pytest.raises(Conflict) as refused:
        book_seat(session, same, key="other", by=BY)
    assert str(refused.value) == "Hawa a déjà une place à cette séance."


def test_seat_left_goes_to_who_waited_longest_and_she_is_told(site, session, heard):
    awa, binta, carlos, daouda = persons(site, "Awa", "Binta", "Carlos", "Daouda")
    make_phone(carlos)
    first, *_rest = take(session, awa, binta, carlos, daouda)
    heard.clear()
    leave_session(first, by=BY)
    assert states(session) == [
        ("Awa", "left"), ("Binta", "booked"), ("Carlos", "booked"), ("Daouda", "waiting"),
    ]  # fmt: skip
    assert heard == [("Awa D.", "booked", "left"), ("Carlos D.", "waiting", "booked")]
    message = Message.objects.get()
    assert message.to == "Carlos, 06\xa039\xa098\xa001\xa042"
    assert message.body == (
        "Une place est libre pour vous à la séance « Son compte santé », vendredi 27 novembre à 10\xa0h."
        " Si vous ne venez pas, dites-le-nous : elle servira à quelqu’un d’autre."
        "\nPermanence Canal, 3 quai des Essais, 75019 Paris"
    )
    assert message.about == f"seat:{session.bookings.get(person=carlos).uuid}"


def test_shared_phone_hears_nothing_of_the_session(site, session):
    awa, binta, carlos = persons(site, "Awa", "Binta", "Carlos")
    make_phone(carlos, is_shared=True)
    first, *_rest = take(session, awa, binta, carlos)
    leave_session(first, by=BY)
    message = Message.objects.get()
    assert message.body == "Un message pour Carlos : merci de rappeler."
    assert "séance" not in message.to


def test_seat_given_back_calls_off_its_message(site, session):
    awa, binta, carlos = persons(site, "Awa", "Binta", "Carlos")
    make_phone(carlos)
    first, _second, third = take(session, awa, binta, carlos)
    leave_session(first, by=BY)
    leave_session(third, by=BY)
    assert Message.objects.get().state == "cancelled"


def test_excuse_frees_the_seat_and_leaving_the_line_frees_none(site, session):
    awa, binta, carlos, daouda = persons(site, "Awa", "Binta", "Carlos", "Daouda")
    first, _second, third, _fourth = take(session, awa, binta, carlos, daouda)
    leave_session(third, by=BY)
    assert states(session)[3] == ("Daouda", "waiting")
    note_seat_excused(first, reason="Rendez-vous médical", by=BY)
    assert states(session) == [
        ("Awa", "excused"), ("Binta", "booked"), ("Carlos", "left"), ("Daouda", "booked"),
    ]  # fmt: skip
    first.refresh_from_db()
    assert first.reason == "Rendez-vous médical"


def test_giving_back_twice_is_told(site, session):
    (booking,) = take(session, make_person(site))
    leave_session(booking, by=BY)
    with pytest.raises(Conflict) as refused:
        leave_session(booking, by=BY)
    assert str(refused.value) == "C’est déjà noté."


def test_who_left_can_come_back_at_the_end_of_the_line(site, session):
    awa, binta, carlos = persons(site, "Awa", "Binta", "Carlos")
    first, *_rest = take(session, awa, binta, carlos)
    leave_session(first, by=BY)
    assert book_seat(session, awa, key="again", by=BY).state == "waiting"


def test_one_computer_more_is_a_seat_for_the_first_in_line(site, room, session):
    take(session, *persons(site, "Awa", "Binta", "Carlos", "Daouda"))
    set_rooms(site, [("Grande salle", 12, 3)], by=BY)
    assert [state for _name, state in states(session)] == ["booked", "booked", "booked", "waiting"]


def test_one_computer_less_takes_no_seat_and_gives_none(site, room, session):
    take(session, *persons(site, "Awa", "Binta"))
    set_rooms(site, [("Grande salle", 12, 1)], by=BY)
    first = session.bookings.order_by("pk").first()
    waiting = take(session, make_person(site, "Carlos"))[0]
    leave_session(first, by=BY)
    waiting.refresh_from_db()
    assert [state for _name, state in states(session)] == ["left", "booked", "waiting"]


def test_room_with_sessions_is_not_removed(site, room, session):
    with pytest.raises(BusinessError) as refused:
        set_rooms(site, [("Petite salle", 4, 4)], by=BY)
    assert str(refused.value) == (
        "« Grande salle » a 1 séance qui n’est pas fermée : changez-la de salle d’abord."
    )


def test_seat_free_in_the_meantime_goes_to_the_line_before_a_newcomer(site, session):
    awa, binta, carlos = persons(site, "Awa", "Binta", "Carlos")
    make_seat(session, awa)
    make_seat(session, binta, "waiting")
    assert take(session, carlos)[0].state == "waiting"
    assert [state for _name, state in states(session)] == ["booked", "booked", "waiting"]


@pytest.mark.parametrize(
    ("fields", "moment", "said"),
    [
        ({"state": "cancelled"}, 1, "Cette séance est annulée : choisissez-en une autre."),
        ({}, -1 / 24, "Cette séance a commencé : notez qui est là en la pointant."),
        ({}, -1, "Cette séance a eu lieu : choisissez-en une autre."),
    ],
)
def test_closed_doors_say_why(site, room, now, fields, moment, said):
    session = make_session(site, now + timedelta(days=moment), room=room, **fields)
    with pytest.raises(BusinessError) as refused:
        take(session, make_person(site))
    assert str(refused.value) == said


def test_no_seat_on_a_day_closed_since(site, session):
    Closure.objects.create(site=site, first_day="2026-11-27", last_day="2026-11-27")
    with pytest.raises(BusinessError) as refused:
        take(session, make_person(site))
    assert str(refused.value) == "La permanence est fermée le 27 novembre : choisissez une autre séance."


# ---------- one person, one place at a time ----------
def test_not_in_two_sessions_at_one_hour(site, session, tomorrow):
    awa = make_person(site, "Awa")
    take(session, awa)
    other = make_session(site, tomorrow + timedelta(hours=1), topic="La souris")
    with pytest.raises(Conflict) as refused:
        book_seat(other, awa, key="other", by=BY)
    assert str(refused.value) == (
        "Awa a une place à la séance « Son compte santé », vendredi 27 novembre à 10\xa0h, à Permanence Canal."
        " Ce serait en même temps, vendredi 27 novembre à 11\xa0h."
    )
    # One that begins when the other ends is no trouble.
    assert (
        take(
            make_session(site, tomorrow + timedelta(hours=2)),
            make_person(site),
        )[0].state
        == "booked"
    )


def test_not_in_a_session_and_at_an_appointment_at_one_hour(site, session, tomorrow):
    awa = make_person(site, "Awa")
    block = make_block(site, make_user(site), tomorrow + timedelta(hours=1))
    appointment = make_appointment(block, awa)
    with pytest.raises(Conflict) as refused:
        take(session, awa)
    assert str(refused.value) == (
        "Awa a un rendez-vous vendredi 27 novembre à 11\xa0h, à Permanence Canal. Ce serait en même temps,"
        " vendredi 27 novembre à 10\xa0h : déplacez-le d’abord, ou choisissez une autre séance."
    )
    cancel_appointment(appointment, by=BY)
    assert take(session, awa)[0].state == "booked"


def test_no_appointment_while_she_is_in_a_session(site, session, tomorrow):
    awa = make_person(site, "Awa")
    (seat,) = take(session, awa)
    block = make_block(site, make_user(site), tomorrow + timedelta(hours=1))
    with pytest.raises(Conflict) as refused:
        give_appointment(block=block, starts_at=block.starts_at, person=awa, by=BY)
    assert "Son compte santé" in str(refused.value)
    leave_session(seat, by=BY)
    assert give_appointment(block=block, starts_at=block.starts_at, person=awa, by=BY).state == "booked"


# ---------- changing ----------
def change(session, **fields):
    return change_session(
        session,
        **{
            "room": session.room,
            "topic": session.topic,
            "items": ["K11"],
            "language": session.language,
            "starts_at": session.starts_at,
            "ends_at": session.ends_at,
            "by": BY,
            **fields,
        },
    )


def test_another_hour_is_told_to_all_in_it(site, session, tomorrow):
    awa, binta, carlos = persons(site, "Awa", "Binta", "Carlos")
    for person in (awa, carlos):
        make_phone(person)
    take(session, awa, binta, carlos)
    changed = change(session, starts_at=tomorrow + timedelta(hours=4), ends_at=tomorrow + timedelta(hours=6))
    assert changed.starts_at == tomorrow + timedelta(hours=4)
    assert sorted(Message.objects.values_list("to", flat=True)) == [
        "Awa, 06\xa039\xa098\xa001\xa042",
        "Carlos, 06\xa039\xa098\xa001\xa042",
    ]
    assert Message.objects.first().body.splitlines()[0] == (
        "La séance « Son compte santé » du vendredi 27 novembre à 10\xa0h est déplacée au"
        " vendredi 27 novembre à 14\xa0h, salle « Grande salle »."
    )
    assert Entry.objects.get(verb="session.change").fields == "ends_at,starts_at"


def test_nothing_changed_writes_nothing(session):
    change(session)
    assert Entry.objects.count() == 0


def test_smaller_room_is_refused_when_seats_are_missing(site, session):
    take(session, *persons(site, "Awa", "Binta"))
    with pytest.raises(Conflict) as refused:
        change(session, room=make_room(site, "Petite salle", computers=1))
    assert str(refused.value) == "2 personnes ont une place, et la salle en a 1 : choisissez-en une autre."


def test_larger_room_calls_the_line(site, session):
    take(session, *persons(site, "Awa", "Binta", "Carlos"))
    change(session, room=make_room(site, "Très grande salle", computers=9))
    assert [state for _name, state in states(session)] == ["booked", "booked", "booked"]


def test_hour_at_which_someone_is_elsewhere_is_refused(site, session, tomorrow):
    awa = make_person(site, "Awa")
    take(session, awa)
    make_seat(make_session(site, tomorrow + timedelta(hours=4)), awa)
    with pytest.raises(Conflict) as refused:
        change(session, starts_at=tomorrow + timedelta(hours=4), ends_at=tomorrow + timedelta(hours=6))
    assert str(refused.value) == (
        "1 personne inscrite est prise ailleurs à cette heure (Awa D.)."
        " Choisissez une autre heure, ou rendez d’abord sa place."
    )
    session.refresh_from_db()
    assert session.starts_at == tomorrow


# ---------- calling off ----------
def test_called_off_tells_everyone_and_frees_them(site, session, heard, tomorrow):
    awa, binta, carlos = persons(site, "Awa", "Binta", "Carlos")
    make_phone(awa)
    make_phone(carlos)
    take(session, awa, binta, carlos)
    heard.clear()
    cancel_session(session, reason="Formatrice malade", by=BY)
    assert [state for _name, state in states(session)] == ["called_off"] * 3
    assert heard == [
        ("Awa D.", "booked", "called_off"),
        ("Binta D.", "booked", "called_off"),
        ("Carlos D.", "waiting", "called_off"),
    ]
    assert Message.objects.count() == 2
    assert Message.objects.first().body.splitlines()[0] == (
        "La séance « Son compte santé » du vendredi 27 novembre à 10\xa0h est annulée."
        " Rappelez-nous pour en choisir une autre."
    )
    assert (session.state, session.reason) == ("cancelled", "Formatrice malade")
    other = make_session(site, tomorrow)
    assert book_seat(other, awa, key="other", by=BY).state == "booked"
    with pytest.raises(Conflict) as refused:
        cancel_session(session, reason="Encore", by=BY)
    assert str(refused.value) == "Cette séance est déjà annulée."


def test_calling_off_needs_a_reason_and_nobody_there(site, session, clock, tomorrow):
    with pytest.raises(BusinessError) as refused:
        cancel_session(session, reason=" ", by=BY)
    assert refused.value.field == "reason"
    make_seat(session, make_person(site), "present")
    with pytest.raises(Conflict):
        cancel_session(session, reason="Panne", by=BY)


# ---------- who leads leaves ----------
def test_sessions_of_a_leaver_pass_to_who_is_free(site, session, tomorrow):
    kadi, paul = make_user(site, Role.VOLUNTEER, "Kadi"), make_user(site, Role.VOLUNTEER, "Paul")
    session.leader = kadi
    session.save()
    later = make_session(site, tomorrow + timedelta(days=1), leader=kadi)
    make_session(site, tomorrow + timedelta(days=1, hours=1), leader=paul)
    past = make_session(site, tomorrow - timedelta(days=3), leader=kadi)
    given, orphaned = hand_over_sessions(kadi, paul, by=BY)
    assert ([one.pk for one in given], [one.pk for one in orphaned]) == ([session.pk], [later.pk])
    past.refresh_from_db()
    assert past.leader == kadi


def test_closed_day_says_which_sessions_are_to_be_changed(client, site, session, now):
    lead = make_user(site, Role.PROGRAMME_LEAD, "Samira")
    make_installation(now)
    client.force_login(lead, backend="allauth.account.auth_backends.AuthenticationBackend")
    address = reverse("permanences:closure_add", args=[site.uuid])
    client.post(address, {"first_day": "2026-11-27", "last_day": "2026-11-27"})
    shown = client.get(reverse("permanences:site", args=[site.uuid])).content.decode()
    assert "Fermeture notée." in shown
    assert "1 séance est à changer ou à annuler." in shown
