"""What is read of sessions: those to come, those that answer a request, her timeline, what asks attention."""

from datetime import timedelta

import pytest
from django.utils import timezone

from bagage.accounts.domain.roles import Ability, Role
from bagage.people.models import Person, is_visible_to
from bagage.permanences.domain import sessions as rules
from bagage.permanences.domain.lifecycle import SEAT_WAYS, SESSION_WAYS, unmarked_state
from bagage.permanences.models import Closure, SeatState, SessionState
from bagage.permanences.queries import (
    attention,
    coming_sessions,
    happened,
    person_panel,
    sessions_for,
    sessions_of,
)
from bagage.permanences.queries.sessions import telling_in_words
from bagage.permanences.services import observe
from bagage.trail.domain.actor import Actor
from tests.permanences.factories import (
    make_person,
    make_phone,
    make_room,
    make_seat,
    make_session,
    make_site,
    make_user,
)

BY = Actor.system("tests")


# ---------- rules ----------
def test_every_state_has_its_ways():
    assert set(SEAT_WAYS) == set(SeatState.values)
    assert set(SESSION_WAYS) == set(SessionState.values)
    assert {new for ways in SEAT_WAYS.values() for new in ways} <= set(SEAT_WAYS)


def test_mark_taken_back_leads_where_it_was():
    assert unmarked_state(is_unplanned=True, had_seat=False) == "left"
    assert unmarked_state(is_unplanned=False, had_seat=True) == "booked"
    assert unmarked_state(is_unplanned=False, had_seat=False) == "waiting"


def offered(**fields):
    return rules.Offered(
        **{
            "items": frozenset({"K12"}), "topic": "Son compte santé", "level": "", "language": "français",
            "seats_left": 2, "is_near": True, **fields,
        }
    )  # fmt: skip


def test_session_answers_by_item_or_by_words_only():
    assert rules.agreement(offered(), items=["K12"]) == 12
    assert rules.agreement(offered(), words="ouvrir mon compte de santé") == 10
    assert rules.agreement(offered(), items=["K1"], words="écrire un mail", language="français") == 0


def test_level_and_language_weigh_but_hide_nothing():
    asked = {"items": ["K12"], "level": "first", "language": "dari, un peu de français"}
    assert rules.agreement(offered(level="first"), **asked) == 16
    assert rules.agreement(offered(level="further", language="anglais"), **asked) == 6
    assert rules.agreement(offered(seats_left=0, is_near=False), **asked) == 12


# ---------- lists ----------
@pytest.fixture
def site(db):
    return make_site()


@pytest.mark.parametrize("count", [1, 3])
def test_coming_sessions_with_their_seats(site, now, count, django_assert_num_queries):
    for number in range(count):
        session = make_session(
            site, now + timedelta(days=number + 1), room=make_room(site, f"S{number}", computers=2)
        )
        make_seat(session, make_person(site))
        make_seat(session, make_person(site), "excused")
    make_session(site, now - timedelta(days=1))
    make_session(site, now + timedelta(days=1), state="cancelled")
    with django_assert_num_queries(2):
        found = coming_sessions(site, now)
        assert [(one.seats_left, len(one.items.all())) for one in found] == [(1, 1)] * count


def test_coming_sessions_of_nodes_by_item_and_level(site, now):
    one = make_session(site, now + timedelta(days=1), items=["K1"], level="first")
    make_session(site, now + timedelta(days=2), items=["K2"])
    make_session(make_site("Ailleurs"), now + timedelta(days=1), items=["K1"])
    nodes = [site.organisation_id]
    assert coming_sessions(nodes, now, items=["K1"]) == [one]
    assert len(coming_sessions(nodes, now, level="first")) == 2
    assert len(coming_sessions(nodes, now, level="further")) == 1


def test_sessions_that_answer_a_request(site, now, django_assert_num_queries):
    best = make_session(site, now + timedelta(days=9), items=["K12"], level="first")
    by_words = make_session(site, now + timedelta(days=2), items=[], topic="Compte de santé")
    make_session(site, now + timedelta(days=1), items=["K1"], topic="La souris")
    far = make_site("Loin", latitude=43.3, longitude=5.4)
    make_session(far, now + timedelta(days=1), items=["K12"])
    site.latitude, site.longitude = 48.88, 2.37
    site.save()
    with django_assert_num_queries(2):
        found = sessions_for(items=["K12"], words="mon compte santé", level="first", near=site, now=now)
    assert [one.session for one in found] == [best, by_words]
    assert found[0].why == ["Se connecter à un service public", "8 places libres sur 8"]


@pytest.mark.parametrize("count", [1, 3])
def test_her_timeline(site, now, count, django_assert_num_queries):
    awa = make_person(site, "Awa", grammar="she")
    for number in range(count):
        past = make_session(site, now - timedelta(days=number + 1))
        place = make_seat(past, awa, "present")
        observe(place, {"K11": 3}, by=BY)
    with django_assert_num_queries(1):
        plain = happened([awa.pk], details=False)
    with django_assert_num_queries(2):
        whole = happened([awa.pk], details=True)
    assert (len(plain), len(whole)) == (count, 2 * count)
    assert plain[0].strong == "Présence à la séance"
    assert plain[0].text == "«\xa0Son compte santé\xa0», mercredi 25 novembre à 10\xa0h, à Permanence Canal."
    seen = [one for one in whole if one.icon == "pointer"]
    assert (seen[0].strong, seen[0].text) == ("Remplir un formulaire en ligne", "vu en séance : seule.")


def test_her_panel_says_her_place_in_line(site, now):
    awa, binta = make_person(site, "Awa"), make_person(site, "Binta")
    session = make_session(site, now + timedelta(days=1))
    make_seat(session, binta, "waiting")
    make_seat(session, awa, "waiting")
    make_seat(make_session(site, now - timedelta(days=3)), awa, "absent")
    panel = person_panel([awa.pk], today=timezone.localdate(now))
    assert [seat.text for seat in panel.coming] == ["Attend une place, 2e de la liste"]
    assert [seat.text for seat in panel.past] == ["Absence"]
    assert person_panel([make_person(site).pk], today=timezone.localdate(now)) is None
    assert [one.state for one in sessions_of([awa.pk])] == ["waiting", "absent"]


def test_who_is_told_in_words(site):
    awa, binta, carlos = (make_person(site, name) for name in ("Awa", "Binta", "Carlos"))
    make_phone(awa)
    make_phone(binta, "", kind="referrer", through="Mme Aubry")
    assert telling_in_words([awa, binta, carlos]) == "1 par SMS, 1 par Mme Aubry et 1 à prévenir sur place"
    assert telling_in_words([]) == ""


# ---------- who sees whom, what asks attention ----------
def test_who_leads_sees_them_from_the_day_before_to_the_day_after(site, now):
    kadi, other = make_user(site, Role.VOLUNTEER, "Kadi"), make_user(site, Role.VOLUNTEER, "Paul")
    awa = make_person(site, "Awa")
    for days, seen in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        session = make_session(site, now + timedelta(days=days), leader=kadi)
        make_seat(session, awa)
        assert Person.objects.visible_to(kadi, now).filter(pk=awa.pk).exists() is seen
        assert Person.objects.visible_to(other, now).filter(pk=awa.pk).exists() is False
        session.bookings.all().delete()
        session.delete()


def test_is_visible_to_says_what_visible_to_says(site, now, django_assert_num_queries):
    adviser, kadi = make_user(site, Role.ADVISER, "Nadia"), make_user(site, Role.VOLUNTEER, "Kadi")
    awa, elsewhere = make_person(site, "Awa"), make_person(make_site("Ailleurs"), "Binta")
    make_seat(make_session(site, now, leader=kadi), awa)
    make_seat(make_session(site, now, leader=adviser), elsewhere)
    marked, kept = make_person(site, "Carla"), make_person(make_site("Plus loin"), "Carla")
    Person.objects.filter(pk=marked.pk).update(merged_into=kept)
    for user, person, seen in (
        (adviser, awa, True), (adviser, elsewhere, True), (adviser, kept, True),
        (kadi, awa, True), (kadi, elsewhere, False), (kadi, kept, False),
    ):  # fmt: skip
        assert Person.objects.filter(pk=person.pk).visible_to(user, now).exists() is seen
        assert is_visible_to(user, person.pk, now) is seen
    adviser.node_ids(Ability.READ_FILE)
    with django_assert_num_queries(1):
        assert is_visible_to(adviser, awa.pk, now)


def test_who_gave_her_seat_back_is_no_longer_seen(site, now):
    kadi = make_user(site, Role.VOLUNTEER, "Kadi")
    session = make_session(site, now, leader=kadi)
    make_seat(session, make_person(site, "Awa"), "left")
    assert Person.objects.visible_to(kadi, now).count() == 0


def test_what_asks_attention(site, now, django_assert_num_queries):
    helene = make_user(site)
    today = make_session(site, now - timedelta(minutes=5), leader=helene)
    make_seat(today, make_person(site))
    make_session(site, now - timedelta(days=1), topic="Hier", leader=helene)
    make_session(site, now - timedelta(days=1, hours=5), topic="Fermée", state="held", closed_at=now)
    short = make_session(
        site, now + timedelta(days=1), topic="Panne", leader=helene, room=make_room(site, "Une", computers=1)
    )
    for _number in range(3):
        make_seat(short, make_person(site))
    make_session(site, now + timedelta(days=2), topic="Seule")
    make_session(site, now + timedelta(days=4), topic="Fériée", leader=helene)
    make_session(site, now + timedelta(days=5), topic="Tout va bien", leader=helene)
    Closure.objects.create(site=site, first_day="2026-11-30", last_day="2026-11-30")
    helene.abilities  # noqa: B018 - her roles are read once a request
    helene.can("lead_session", site.organisation)
    with django_assert_num_queries(2):
        lines = attention(helene, site, now)
    assert [line.text for line in lines] == [
        "Hier, mercredi 25 novembre à 10\xa0h : la séance n’est pas fermée, 0 à pointer.",
        "Son compte santé, 9\xa0h\xa055 : 1 à pointer.",
        "Panne, vendredi 27 novembre à 10\xa0h : 3 personnes, 1 ordinateur en état.",
        "Seule, samedi 28 novembre à 10\xa0h : personne ne l’anime.",
        "Fériée, lundi 30 novembre à 10\xa0h : la permanence est fermée ce jour-là.",
    ]
    kadi = make_user(site, Role.VOLUNTEER, "Kadi")
    assert len(attention(kadi, site, now)) == 2
    assert attention(make_user(site, Role.LOGISTICS, "Léo"), site, now) == []
