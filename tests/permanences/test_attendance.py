"""Attendance: marks that can be sent twice, arrivals, what each can do, closing and opening again."""

from datetime import timedelta

import pytest

from bagage.common.errors import BusinessError, Conflict
from bagage.messaging.models import Message
from bagage.permanences.events import booking_changed, booking_observed
from bagage.permanences.models import SessionBooking
from bagage.permanences.services import (
    book_seat,
    close_session,
    observe,
    reopen_session,
    say_who_came,
    take_attendance,
)
from bagage.skills.models import Observation
from bagage.trail.domain.actor import Actor
from bagage.trail.models import Entry
from tests.permanences.factories import (
    make_person,
    make_phone,
    make_room,
    make_seat,
    make_session,
    make_site,
)

pytestmark = pytest.mark.django_db
BY = Actor.system("tests")


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def session(site, now):
    """A session that began a quarter of an hour ago, in a room of three computers."""
    return make_session(
        site, now - timedelta(minutes=15), room=make_room(site, computers=3), items=["K11", "K12"]
    )


@pytest.fixture
def heard():
    told = []

    def changed(sender, booking, old_state, new_state, by, at, **kwargs):
        told.append((booking.short_name, old_state, new_state))

    def observed(sender, booking, steps, by, at, **kwargs):
        told.append((booking.short_name, steps))

    booking_changed.connect(changed, weak=False, dispatch_uid="test.changed")
    booking_observed.connect(observed, weak=False, dispatch_uid="test.observed")
    yield told
    booking_changed.disconnect(dispatch_uid="test.changed")
    booking_observed.disconnect(dispatch_uid="test.observed")


def seats(session, site, *words, state="booked"):
    return [make_seat(session, make_person(site, word), state) for word in words]


def mark(session, key="form", **sets):
    arrivals = sets.pop("arrivals", ())
    rest = {name: sets.pop(name) for name in ("observed", "closes") if name in sets}
    named = {name: [str(one.uuid) for one in places] for name, places in sets.items()}
    return take_attendance(session, **named, **rest, arrivals=arrivals, key=key, by=BY)


def states(session):
    return [
        (one.short_name.split()[0], one.state)
        for one in session.bookings.select_related("person").order_by("pk")
    ]


# ---------- marks ----------
def test_marks_sent_twice_change_once(site, session, heard):
    awa, binta, carlos = seats(session, site, "Awa", "Binta", "Carlos")
    done = mark(session, present=[awa, binta], excused=[carlos])
    assert (done.changed, done.added) == (3, 0)
    assert states(session) == [("Awa", "present"), ("Binta", "present"), ("Carlos", "excused")]
    again = mark(session, present=[awa, binta], excused=[carlos])
    assert (again.changed, again.added) == (0, 0)
    assert heard == [
        ("Awa D.", "booked", "present"),
        ("Binta D.", "booked", "present"),
        ("Carlos D.", "booked", "excused"),
    ]
    assert Entry.objects.count() == 3


def test_mark_is_taken_back_to_what_it_was(site, session):
    (awa,) = seats(session, site, "Awa")
    (binta,) = seats(session, site, "Binta", state="waiting")
    mark(session, present=[awa, binta], arrivals=["Ibrahima"])
    ibrahima = session.bookings.get(first_name="Ibrahima")
    mark(session, unmarked=[awa, binta, ibrahima])
    assert states(session) == [("Awa", "booked"), ("Binta", "waiting"), ("Ibrahima", "left")]


def test_taking_back_says_less_than_an_excuse(site, session):
    (awa,) = seats(session, site, "Awa", state="excused")
    mark(session, unmarked=[awa], key="a")
    mark(session, absent=[awa], key="b")
    assert states(session) == [("Awa", "excused")]


def test_the_rest_is_absent_but_not_who_waits(site, session):
    awa, binta = seats(session, site, "Awa", "Binta")
    (carlos,) = seats(session, site, "Carlos", state="waiting")
    mark(session, present=[awa], absent=[binta, carlos])
    assert states(session) == [("Awa", "present"), ("Binta", "absent"), ("Carlos", "waiting")]


def test_arrival_counts_once_a_form(site, session, heard):
    mark(session, arrivals=["Ibrahima", "  "], key="form")
    mark(session, arrivals=["Ibrahima"], key="form")
    mark(session, arrivals=["Ibrahima"], key="next form")
    assert states(session) == [("Ibrahima", "present"), ("Ibrahima", "present")]
    assert heard[0] == ("Ibrahima", "", "present")


def test_presence_is_noted_even_without_a_seat(site, session):
    mark(session, arrivals=["Un", "Deux", "Trois", "Quatre"])
    assert session.bookings.filter(state="present").count() == 4
    assert session.seats == 3


def test_one_person_in_two_sets_is_refused(site, session):
    (awa,) = seats(session, site, "Awa")
    with pytest.raises(BusinessError) as refused:
        mark(session, present=[awa], absent=[awa])
    assert str(refused.value) == "Une même personne est notée de deux façons : gardez-en une."
    assert states(session) == [("Awa", "booked")]


def test_place_of_another_session_is_refused(site, session, now):
    other = make_session(site, now - timedelta(hours=5))
    (awa,) = seats(other, site, "Awa")
    with pytest.raises(BusinessError):
        mark(session, present=[awa])
    assert states(other) == [("Awa", "booked")]


def test_nothing_is_marked_before_the_day_and_nobody_is_absent_before_the_hour(site, now):
    tomorrow = make_session(site, now + timedelta(days=1))
    (awa,) = seats(tomorrow, site, "Awa")
    with pytest.raises(BusinessError) as refused:
        mark(tomorrow, present=[awa])
    assert str(refused.value) == (
        "La séance est vendredi 27 novembre à 10\xa0h : on pointe à partir de ce jour-là."
    )
    soon = make_session(site, now + timedelta(hours=1))
    (binta,) = seats(soon, site, "Binta")
    with pytest.raises(BusinessError):
        mark(soon, absent=[binta])
    mark(soon, present=[binta])
    assert states(soon) == [("Binta", "present")]


def test_excuse_on_the_day_before_the_hour_calls_the_next(site, now):
    soon = make_session(site, now + timedelta(hours=1), room=make_room(site, "Petite", computers=1))
    (awa,) = seats(soon, site, "Awa")
    (binta,) = seats(soon, site, "Binta", state="waiting")
    mark(soon, excused=[awa])
    assert states(soon) == [("Awa", "excused"), ("Binta", "booked")]
    # Once it has begun nobody is called any more.
    assert binta.pk


def test_who_excused_herself_and_comes_after_all_is_in_line_if_unmarked(site, now):
    soon = make_session(site, now + timedelta(hours=1), room=make_room(site, "Petite", computers=1))
    awa = book_seat(soon, make_person(site, "Awa"), key="a", by=BY)
    binta = book_seat(soon, make_person(site, "Binta"), key="b", by=BY)
    mark(soon, excused=[awa])
    mark(soon, present=[awa], key="2")
    mark(soon, unmarked=[awa], key="3")
    assert states(soon) == [("Awa", "waiting"), ("Binta", "booked")]
    assert binta.pk


def test_presence_is_her_last_contact(site, session, now):
    (awa,) = seats(session, site, "Awa")
    mark(session, present=[awa])
    awa.person.refresh_from_db()
    assert awa.person.last_contact_at == now


# ---------- who came unplanned ----------
def test_arrival_is_found_to_be_someone(site, session, heard):
    mark(session, arrivals=["Ibrahima"])
    arrival = session.bookings.get()
    ibrahima = make_person(site, "Ibrahima", "Sow")
    say_who_came(arrival, ibrahima, by=BY)
    say_who_came(arrival, ibrahima, by=BY)
    assert session.bookings.get().person == ibrahima
    assert heard == [("Ibrahima", "", "present"), ("Ibrahima S.", "", "present")]
    with pytest.raises(Conflict) as refused:
        say_who_came(arrival, make_person(site, "Autre"), by=BY)
    assert str(refused.value) == "Cette arrivée est déjà notée au nom de « Ibrahima S. »."


def test_arrival_is_not_someone_who_is_on_the_list(site, session):
    (awa,) = seats(session, site, "Awa")
    mark(session, arrivals=["Awa"])
    with pytest.raises(Conflict) as refused:
        say_who_came(session.bookings.get(is_unplanned=True), awa.person, by=BY)
    assert str(refused.value) == (
        "Awa est déjà dans la liste : cochez son nom, et retirez l’arrivée imprévue."
    )


# ---------- what each can do ----------
def test_what_she_could_do_is_seen_on_the_day_of_the_session(site, session, heard, now, clock):
    (awa,) = seats(session, site, "Awa", state="present")
    later = clock.move(days=1)
    assert observe(awa, {"K11": 3, "K12": 1}, by=BY, at=later) is True
    assert observe(awa, {"K11": 3, "K12": 1}, by=BY, at=later) is False
    found = Observation.objects.order_by("item__code").values_list(
        "item__code", "step", "how", "source", "observed_on"
    )
    day = now.date()
    assert list(found) == [
        ("K11", 3, "seen", f"session:{session.uuid}", day),
        ("K12", 1, "seen", f"session:{session.uuid}", day),
    ]
    assert heard == [("Awa D.", {"K11": 3, "K12": 1})]
    assert Entry.objects.get(verb="seat.observe").fields == "K11,K12"


def test_other_word_corrects_the_first(site, session):
    (awa,) = seats(session, site, "Awa", state="present")
    observe(awa, {"K11": 2}, by=BY)
    observe(awa, {"K11": 3}, by=BY)
    first, second = Observation.objects.order_by("pk")
    assert (first.step, second.step, second.corrects) == (2, 3, first)


def test_only_who_is_there_and_known_and_only_of_this_session(site, session):
    (awa,) = seats(session, site, "Awa")
    with pytest.raises(BusinessError) as refused:
        observe(awa, {"K11": 3}, by=BY)
    assert str(refused.value) == "Awa D. n’est pas dans les présents : cochez d’abord son nom."
    mark(session, present=[awa], arrivals=["Ibrahima"])
    with pytest.raises(BusinessError) as refused:
        observe(session.bookings.get(first_name="Ibrahima"), {"K11": 3}, by=BY)
    assert str(refused.value) == "On ne sait pas encore qui est Ibrahima : cherchez d’abord son dossier."
    with pytest.raises(BusinessError):
        observe(awa, {"K1": 3}, by=BY)
    with pytest.raises(BusinessError):
        observe(awa, {"K11": 7}, by=BY)
    assert Observation.objects.count() == 0


def test_marks_and_words_on_one_form(site, session):
    (awa,) = seats(session, site, "Awa")
    done = mark(session, present=[awa], observed={str(awa.uuid): {"K11": 2}})
    assert (done.changed, done.observed) == (1, 1)


# ---------- closing ----------
def test_closing_marks_the_rest_absent_and_tells_them(site, session, heard):
    awa, binta = seats(session, site, "Awa", "Binta")
    (carlos,) = seats(session, site, "Carlos", state="waiting")
    for place in (awa, binta, carlos):
        make_phone(place.person)
    mark(session, present=[awa], closes=True)
    assert states(session) == [("Awa", "present"), ("Binta", "absent"), ("Carlos", "called_off")]
    assert session.state == "held"
    assert [message.body.splitlines()[0] for message in Message.objects.order_by("pk")] == [
        "Nous vous attendions à la séance « Son compte santé » du jeudi 26 novembre à 9\xa0h\xa045."
        " Rappelez-nous si vous voulez en choisir une autre.",
        "Il n’y a pas eu de place pour vous à la séance « Son compte santé » du jeudi 26 novembre à 9\xa0h\xa045."
        " Rappelez-nous pour en choisir une autre.",
    ]
    heard.clear()
    # The same form, pressed twice: nothing more is told.
    mark(session, present=[awa], closes=True)
    assert heard == []
    assert Message.objects.count() == 2


def test_closed_session_changes_only_once_it_is_open_again(site, session):
    awa, _binta = seats(session, site, "Awa", "Binta")
    close_session(session, by=BY)
    with pytest.raises(Conflict) as refused:
        mark(session, present=[awa])
    assert str(refused.value) == "Cette séance est fermée : rouvrez-la pour changer qui était là."
    with pytest.raises(Conflict):
        mark(session, arrivals=["Ibrahima"], key="late")
    with pytest.raises(Conflict):
        close_session(session, by=BY)
    assert states(session) == [("Awa", "absent"), ("Binta", "absent")]


def test_closing_waits_for_the_hour(site, now):
    soon = make_session(site, now + timedelta(hours=1))
    with pytest.raises(BusinessError) as refused:
        close_session(soon, by=BY)
    assert str(refused.value) == "La séance commence jeudi 26 novembre à 11\xa0h : on la ferme après."


def test_opened_again_within_a_week(site, session, clock):
    awa, binta, carlos = seats(session, site, "Awa", "Binta", "Carlos")
    for place in (binta, carlos):
        make_phone(place.person)
    mark(session, present=[awa], absent=[carlos])
    clock.move(minutes=30)
    close_session(session, by=BY)
    assert Message.objects.filter(state="queued").count() == 2
    reopen_session(session, by=BY)
    # Carlos was noted absent by someone; Binta only by closing.
    assert states(session) == [("Awa", "present"), ("Binta", "booked"), ("Carlos", "absent")]
    assert Message.objects.filter(state="queued").count() == 0
    clock.move(minutes=1)
    mark(session, present=[binta], closes=True)
    clock.move(days=8)
    with pytest.raises(BusinessError) as refused:
        reopen_session(session, by=BY)
    assert str(refused.value) == "Elle est fermée depuis plus de 7 jours : elle ne se rouvre plus."


def test_words_can_be_added_to_a_closed_session(site, session):
    (awa,) = seats(session, site, "Awa")
    mark(session, present=[awa], closes=True)
    assert mark(session, present=[awa], observed={str(awa.uuid): {"K11": 3}}).observed == 1
    assert SessionBooking.objects.get().state == "present"


def test_who_was_noted_absent_is_told_once(site, session, clock):
    awa, binta = seats(session, site, "Awa", "Binta")
    for place in (awa, binta):
        make_phone(place.person)
    mark(session, absent=[awa, binta])
    clock.move(minutes=5)
    close_session(session, by=BY)
    first = Message.objects.get(about=f"seat:{awa.uuid}")
    assert Message.objects.filter(state="queued").count() == 2
    Message.objects.filter(pk=first.pk).update(state="delivered")
    reopen_session(session, by=BY)
    clock.move(minutes=5)
    close_session(session, by=BY)
    assert Message.objects.filter(about=f"seat:{awa.uuid}").count() == 1
    assert Message.objects.filter(about=f"seat:{binta.uuid}", state="queued").count() == 1
