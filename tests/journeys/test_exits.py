"""Leaving with a full bag or not yet, coming back."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from bagage.common.errors import BusinessError, Conflict
from bagage.equipment.models import Reservation
from bagage.journeys.events import journey_changed
from bagage.journeys.models import FollowUp, Journey, JourneyExit, JourneyStep, Request
from bagage.journeys.queries import bag_of, baggages
from bagage.journeys.queries.ahead import things_ahead
from bagage.journeys.services import (
    add_request,
    enter_paper_interview,
    open_journey,
    record_evidence,
    reopen_journey,
    start_interview,
)
from bagage.people.services import mark_as_same
from bagage.referrals.services import accept_referral
from bagage.trail.models import Entry
from tests.equipment.factories import make_device, reserve
from tests.journeys.exit_factories import fill, key, leave, start
from tests.permanences.factories import (
    make_appointment,
    make_block,
    make_installation,
    make_person,
    make_seat,
    make_session,
    make_site,
    make_user,
)
from tests.referrals.factories import make_referral, make_town

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
def journey(mariam, site, helene):
    return start(mariam, site, helene)


@pytest.fixture
def heard():
    told = []

    def listen(sender, *, journey, what, by, at, **_rest):
        told.append((journey.pk, what))

    journey_changed.connect(listen)
    yield told
    journey_changed.disconnect(listen)


# ---------- leaving ----------
def test_exit_complete_keeps_the_bag_of_that_day(journey, mariam, helene, clock, heard) -> None:
    fill(mariam, TODAY, helene)
    left = leave(journey, helene, kind="complete", reason="")
    clock.move(days=2)
    record_evidence(mariam, "E1", "lost", observed_on=TODAY + timedelta(days=2), by=helene)
    left.refresh_from_db()
    journey.refresh_from_db()
    assert (left.device, left.connection, left.skills) == ("full", "full", "full")
    assert bag_of(left).is_full
    assert baggages([mariam])[mariam.pk].device.state == "lost"
    assert journey.closed_at == left.exited_at
    assert list(FollowUp.objects.order_by("due_on").values_list("months", "due_on", "state")) == [
        (3, date(2027, 2, 26), "due"),
        (6, date(2027, 5, 26), "due"),
    ]
    assert heard == [(journey.pk, "exited")]
    assert Entry.objects.filter(verb="exit_journey").get().fields == "kind"


def test_exit_complete_is_refused_with_what_is_missing(journey, mariam, helene) -> None:
    record_evidence(mariam, "E1", "yes", observed_on=TODAY, by=helene)
    record_evidence(mariam, "C1", "lost", observed_on=TODAY, by=helene)
    with pytest.raises(BusinessError) as refusal:
        leave(journey, helene, kind="complete", reason="")
    assert str(refusal.value) == (
        "Le bagage n’est pas complet : appareil à moitié, connexion perdue et compétences à demander."
        " Notez « pas encore », avec la raison."
    )
    assert refusal.value.field == "kind"
    assert JourneyExit.objects.count() == 0


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "done"}, "kind"),
        ({"reason": ""}, "reason"),
        ({"reason": "bored"}, "reason"),
        ({"reason": "other"}, "words"),
        ({"reason": "moved", "words": "x" * 301}, "words"),
    ],
)
def test_exit_not_yet_says_why(journey, helene, fields, field) -> None:
    with pytest.raises(BusinessError) as refusal:
        leave(journey, helene, **fields)
    assert refusal.value.field == field
    assert JourneyExit.objects.count() == 0


def test_exit_without_wish_for_news_asks_for_none(journey, helene) -> None:
    left = leave(journey, helene, reason="stops", follow_up=False)
    assert left.follow_ups.count() == 0


def test_exit_months_are_one_setting(journey, helene, settings) -> None:
    settings.FOLLOW_UP_MONTHS = (1, 12)
    left = leave(journey, helene)
    assert list(left.follow_ups.order_by("months").values_list("months", flat=True)) == [1, 12]


def test_exit_twice_is_once(journey, helene) -> None:
    left = leave(journey, helene, key="one")
    assert leave(journey, helene, key="one") == left
    with pytest.raises(Conflict, match="déjà notée, le 26 novembre 2026"):
        leave(journey, helene, key="two")
    assert JourneyStep.objects.count() == 1
    assert FollowUp.objects.count() == 2


def test_exit_waits_for_what_is_ahead_or_frees_it(journey, mariam, site, helene, now) -> None:
    block = make_block(site, helene, now + timedelta(days=1))
    appointment = make_appointment(block, mariam)
    session = make_session(site, now + timedelta(days=2))
    seat = make_seat(session, mariam)
    device = make_device(site)
    reserve(device, mariam, helene)
    make_seat(make_session(site, now - timedelta(days=3)), mariam, "present")
    ahead = things_ahead([mariam.pk], now)
    assert [one.words for one in ahead] == [
        "un rendez-vous le 27 novembre à 10\u00a0h",
        "la séance « Son compte santé » du 28 novembre",
        f"un appareil réservé, {device.number}",
    ]
    with pytest.raises(Conflict) as refusal:
        leave(journey, helene)
    assert refusal.value.field == "release"
    assert "un rendez-vous le 27 novembre" in str(refusal.value)
    leave(journey, helene, release=True)
    appointment.refresh_from_db()
    seat.refresh_from_db()
    assert (appointment.state, seat.state) == ("cancelled", "left")
    assert Reservation.objects.get().state == "released"
    assert things_ahead([mariam.pk], now) == []


def test_exit_closes_the_journeys_of_files_marked_as_one(journey, mariam, site, helene) -> None:
    other = make_person(site, "Mariama")
    second = start(other, site, helene)
    mark_as_same(mariam, other, by=helene)
    leave(journey, helene)
    assert Journey.objects.filter(closed_at=None).count() == 0
    assert JourneyStep.objects.filter(kind="exited").count() == 2
    assert open_journey(mariam, site.organisation, by=helene).pk in {journey.pk, second.pk}
    assert Journey.objects.filter(closed_at=None).count() == 1


def test_exit_rows_refuse_what_the_rule_refuses(journey, helene, now) -> None:
    facts = {"journey": journey, "node": journey.node, "exited_at": now}
    for wrong in (
        {"kind": "complete", "device": "half", "connection": "full", "skills": "full"},
        {"kind": "not_yet", "device": "half", "connection": "full", "skills": "full"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            JourneyExit.objects.create(key=key(), **facts, **wrong)


# ---------- coming back ----------
def test_come_back_reopens_the_same_journey_with_its_history(journey, mariam, helene, clock, heard) -> None:
    asked = add_request(journey, words="Lire mes mails", said_on=TODAY, by=helene)
    leave(journey, helene)
    clock.move(days=40)
    back = reopen_journey(journey, reason="lost", words="Téléphone volé", key="back", by=helene)
    assert reopen_journey(journey, reason="lost", key="back", by=helene).is_open
    assert (back.pk, back.is_open) == (journey.pk, True)
    assert list(JourneyStep.objects.order_by("at").values_list("kind", "reason")) == [
        ("exited", ""),
        ("reopened", "lost"),
    ]
    assert set(FollowUp.objects.values_list("state", flat=True)) == {"called_off"}
    assert Request.objects.get(pk=asked.pk).journey_id == journey.pk
    assert [what for _pk, what in heard] == ["exited", "reopened"]


@pytest.mark.parametrize(
    ("fields", "field"), [({"reason": "cake"}, "reason"), ({"reason": "other"}, "words")]
)
def test_come_back_says_what_brought_her(journey, helene, fields, field) -> None:
    leave(journey, helene)
    with pytest.raises(BusinessError) as refusal:
        reopen_journey(journey, key="back", by=helene, **fields)
    assert refusal.value.field == field


def test_open_journey_reopens_rather_than_opening_a_second(journey, mariam, site, helene, clock) -> None:
    leave(journey, helene)
    clock.move(days=1)
    start_interview(mariam, node=site.organisation, by=helene)
    assert Journey.objects.count() == 1
    assert JourneyStep.objects.order_by("at").last().reason == "interview"
    leave(journey, helene)
    clock.move(days=1)
    assert open_journey(mariam, site.organisation, by=helene).is_open
    assert JourneyStep.objects.count() == 4


def test_open_journey_for_an_old_paper_brings_nobody_back(journey, mariam, site, helene, clock) -> None:
    clock.move(days=5)
    leave(journey, helene)
    clock.move(days=1)
    enter_paper_interview(
        mariam, {"E1": "no"}, node=site.organisation, held_on=TODAY, requests=["Lire mes mails"], by=helene
    )
    journey.refresh_from_db()
    assert not journey.is_open
    assert journey.requests.get().words == "Lire mes mails"


def test_referral_accepted_brings_her_back_and_says_so(now, clock) -> None:
    town = make_town()
    person = accept_referral(make_referral(town), by=town.reception)
    leave(Journey.objects.get(person=person), town.adviser, release=True)
    clock.move(days=30)
    accept_referral(make_referral(town, key="again"), person=person, by=town.reception)
    assert Journey.objects.get(person=person).is_open
    assert JourneyStep.objects.get(kind="reopened").reason == "referred"
