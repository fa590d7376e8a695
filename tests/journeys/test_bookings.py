"""A session answers a request, and the request follows what becomes of it."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from bagage.common.errors import Conflict
from bagage.journeys.models import RequestBooking, RequestStep
from bagage.journeys.queries import request_rows, unanswered_demand
from bagage.journeys.queries.sessions import choices_for, others_asking, unanswered, wishes
from bagage.journeys.services import (
    add_request,
    book_request,
    change_request,
    set_topic,
    unbook_request,
)
from bagage.permanences.models import SessionBooking
from bagage.permanences.services import (
    cancel_session,
    leave_session,
    observe,
    take_attendance,
)
from bagage.skills.models import Item
from tests.journeys.exit_factories import key, leave, start
from tests.permanences.factories import (
    make_installation,
    make_person,
    make_room,
    make_seat,
    make_session,
    make_site,
    make_user,
)

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 26)


@pytest.fixture(autouse=True)
def _set_up(now):
    make_installation(now)


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def helene(site):
    return make_user(site)


@pytest.fixture
def mariam(site):
    return make_person(site, "Mariam")


@pytest.fixture
def asked(mariam, site, helene):
    return ask(mariam, site, helene, "Faire ma demande de logement")


@pytest.fixture
def session(site, now):
    return make_session(site, now + timedelta(days=1), topic="Mes démarches", items=("K11", "K12"))


def ask(person, site, by, words: str, **fields):
    return add_request(start(person, site, by), words=words, said_on=TODAY, by=by, **fields)


def book(request, session, by) -> RequestBooking:
    return book_request(request, session, key=key(), by=by)


def steps(request) -> list[tuple[str, str]]:
    return [
        (one.state, one.source.split(":")[0])
        for one in RequestStep.objects.filter(request=request).order_by("written_at", "pk")
    ]


def state(request) -> str:
    request.refresh_from_db()
    return request.state


# ---------- a place for a request ----------
def test_book_request_takes_a_place_and_puts_it_under_way(asked, session, mariam, helene) -> None:
    link = book(asked, session, helene)
    again = book(asked, session, helene)
    assert (again, link.booking.state, link.booking.person) == (link, "booked", mariam)
    assert SessionBooking.objects.count() == 1
    assert (state(asked), steps(asked)) == ("under_way", [("under_way", "session")])


def test_book_request_waits_when_the_session_is_full(asked, site, helene, now) -> None:
    small = make_session(site, now + timedelta(days=1), room=make_room(site, "Petite", computers=1))
    make_seat(small, make_person(site, "Awa"))
    assert book(asked, small, helene).booking.state == "waiting"
    assert state(asked) == "under_way"


def test_book_request_one_place_answers_several(asked, session, mariam, site, helene) -> None:
    other = ask(mariam, site, helene, "Aller sur le site des impôts")
    first, second = book(asked, session, helene), book(other, session, helene)
    assert first.booking == second.booking
    unbook_request(first, by=helene)
    second.booking.refresh_from_db()
    assert (state(asked), state(other), second.booking.state) == ("open", "under_way", "booked")
    unbook_request(second, by=helene)
    second.booking.refresh_from_db()
    assert (state(other), second.booking.state) == ("open", "left")


@pytest.mark.parametrize("state", ["met", "dropped"])
def test_book_request_that_is_over_is_refused(asked, session, helene, state) -> None:
    change_request(asked, state=state, by=helene)
    with pytest.raises(Conflict):
        book(asked, session, helene)
    assert SessionBooking.objects.count() == 0


def test_book_request_links_once_in_the_database_too(asked, session, helene, now) -> None:
    link = book(asked, session, helene)
    with pytest.raises(IntegrityError), transaction.atomic():
        RequestBooking.objects.create(request=asked, booking=link.booking, linked_at=now)


# ---------- what becomes of it ----------
def test_cancelled_session_reopens_its_requests_and_another_may_be_booked(
    asked, session, site, helene, clock, now
) -> None:
    link = book(asked, session, helene)
    clock.move(minutes=1)
    cancel_session(session, reason="Salle inondée", by=helene)
    link.refresh_from_db()
    assert (state(asked), link.why) == ("open", "called_off")
    clock.move(minutes=1)
    book(asked, make_session(site, now + timedelta(days=3), items=("K11",)), helene)
    assert steps(asked) == [("under_way", "session"), ("open", "session"), ("under_way", "session")]


def test_left_place_reopens_it_unless_another_session_answers(
    asked, session, site, helene, clock, now
) -> None:
    first = book(asked, session, helene)
    clock.move(minutes=1)
    book(asked, make_session(site, now + timedelta(days=4), items=("K11",)), helene)
    leave_session(first.booking, by=helene)
    assert state(asked) == "under_way"


def test_observed_alone_is_met_else_under_way(asked, session, helene, clock) -> None:
    link = book(asked, session, helene)
    clock.set(session.starts_at + timedelta(minutes=30))
    take_attendance(session, present=[str(link.booking.uuid)], key=key(), by=helene)
    assert state(asked) == "under_way"
    clock.move(minutes=1)
    observe(link.booking, {"K11": 2, "K12": 3}, by=helene)
    assert state(asked) == "under_way"
    clock.move(minutes=1)
    observe(link.booking, {"K11": 3}, by=helene)
    assert state(asked) == "met"
    assert asked.changed_on == TODAY + timedelta(days=1)
    assert steps(asked) == [("under_way", "session"), ("met", "session")]


def test_absence_reopens_it_and_a_corrected_mark_ties_it_again(asked, session, helene, clock) -> None:
    link = book(asked, session, helene)
    clock.set(session.starts_at + timedelta(minutes=30))
    mark = str(link.booking.uuid)
    take_attendance(session, absent=[mark], key=key(), by=helene)
    assert state(asked) == "open"
    clock.move(minutes=1)
    take_attendance(session, present=[mark], key=key(), by=helene)
    assert state(asked) == "under_way"
    clock.move(minutes=1)
    assert RequestBooking.objects.filter(request=asked, unlinked_at=None).count() == 1


def test_what_was_written_by_hand_since_holds(asked, session, helene, clock) -> None:
    book(asked, session, helene)
    clock.move(minutes=1)
    change_request(asked, state="met", by=helene)
    clock.move(minutes=1)
    cancel_session(session, reason="Salle inondée", by=helene)
    assert (state(asked), steps(asked)) == ("met", [("under_way", "session"), ("met", "")])


# ---------- which sessions, and what has none ----------
def test_topic_is_guessed_corrected_and_kept_when_the_words_change(asked, helene) -> None:
    assert asked.about.code == "K11"
    set_topic(asked, Item.objects.get(code="K12"), by=helene)
    change_request(asked, words="Faire ma demande de logement et mes mails", by=helene)
    asked.refresh_from_db()
    assert asked.about.code == "K12"


def test_topic_that_nobody_corrected_follows_the_words(asked, helene) -> None:
    change_request(asked, words="Lire mes mails", by=helene)
    asked.refresh_from_db()
    assert asked.about.code == "K7"


def test_choices_put_the_session_of_the_topic_first(asked, session, mariam, site, now) -> None:
    make_session(site, now + timedelta(days=2), topic="Tableur", items=("K14",))
    found = choices_for(asked, files=[mariam.pk], near=site, now=now)
    assert [one.session.pk for one in found] == [session.pk]
    assert (found[0].is_full, found[0].line, found[0].booking) == (False, 0, None)


def test_choices_count_who_waits_and_show_where_she_is_already(asked, mariam, site, now) -> None:
    small = make_session(site, now + timedelta(days=1), room=make_room(site, "Petite", computers=1))
    make_seat(small, make_person(site, "Awa"))
    make_seat(small, make_person(site, "Fatou"), "waiting")
    tables = make_session(site, now + timedelta(days=5), topic="Tableur", items=("K14",))
    seat = make_seat(tables, mariam)
    found = choices_for(asked, files=[mariam.pk], near=site, now=now)
    assert [(one.session.pk, one.line, one.booking) for one in found] == [
        (small.pk, 1, None),
        (tables.pk, 0, seat),
    ]


def test_demand_counts_persons_without_a_session(asked, mariam, site, helene, session, now) -> None:
    awa, fatou = make_person(site, "Awa"), make_person(site, "Fatou")
    ask(awa, site, helene, "Une demande de logement")
    ask(awa, site, helene, "Remplir un formulaire")
    ask(fatou, site, helene, "Voir ma fille en vidéo", pocket="skills")
    ask(fatou, site, helene, "Parler à ma fille")  # nobody knows yet what it needs
    ask(fatou, site, helene, "Avoir un téléphone", pocket="device")
    elsewhere = make_site("Permanence Port")
    ask(make_person(elsewhere, "Inès"), elsewhere, helene, "Une demande de logement")
    nodes = [site.organisation_id]
    rows = list(unanswered_demand(nodes, now))
    assert [(one.code, one.asking, one.oldest, one.coming) for one in rows] == [("K11", 2, TODAY, 1)]
    assert [(one.words, one.asking) for one in wishes(nodes)] == [("Voir ma fille en vidéo", 1)]
    assert others_asking(asked, nodes) == 1
    book(asked, session, helene)
    assert [one.asking for one in unanswered_demand(nodes, now)] == [1]


def test_demand_leaves_out_who_left(asked, site, helene) -> None:
    leave(asked.journey, helene)
    assert unanswered([site.organisation_id]).count() == 0


def test_request_rows_say_the_session_that_comes(asked, session, mariam, helene, now) -> None:
    book(asked, session, helene)
    row = request_rows(mariam, [mariam.pk], now=now)[0]
    assert (row.state_label, row.state_icon) == ("Séance vendredi", "calendar-check")
    assert request_rows(mariam, [mariam.pk])[0].state_label == "En cours"
