"""Whoever referred hears of each step that was agreed, once, in one line; never of what is hers alone."""

from datetime import date, timedelta

import pytest

from bagage.connection.services import lines
from bagage.equipment import services as equipment
from bagage.journeys.events import journey_changed
from bagage.journeys.models import Journey, JourneyExit
from bagage.messaging import services as messaging
from bagage.messaging.models import Message
from bagage.people import services as people
from bagage.permanences.events import booking_changed
from bagage.permanences.models import SessionBooking
from bagage.referrals import queries, services
from bagage.referrals.models import Referral, ReferralNews
from bagage.referrals.services import hearing
from bagage.shop import services as shop
from bagage.shop.models import AccessRight
from bagage.trail.domain.actor import Actor
from tests.equipment.factories import give, make_device
from tests.permanences.factories import make_seat, make_session
from tests.referrals.factories import (
    Town,
    make_block,
    make_link_referral,
    make_referral,
    make_town,
    make_user,
)
from tests.referrals.onward_factories import make_library, make_onward

pytestmark = pytest.mark.django_db
PLACE = Actor.link("00000000-0000-4000-8000-000000000000")


@pytest.fixture
def town(now) -> Town:
    return make_town()


@pytest.fixture
def referral(town) -> Referral:
    """Fanta, referred by Samira and expected at Riquet."""
    referral = make_referral(town)
    services.accept_referral(referral, by=town.reception)
    referral.refresh_from_db()
    return referral


def told(referral: Referral) -> list[str]:
    """The line of each mail to whoever referred, in order, those taken back left out."""
    rows = Message.objects.filter(about=f"referral:{referral.uuid}", channel="email").exclude(
        state="cancelled"
    )
    return [row.body.split("\n\n")[1] for row in rows.order_by("pk")]


def states(referral: Referral) -> list[str]:
    return list(referral.steps.values_list("state", flat=True))


def leave(referral: Referral) -> None:
    """All that was written to her left by now."""
    Message.objects.filter(about=f"referral:{referral.uuid}", state="queued").update(state="accepted")


# ---------- her right ----------
def test_acceptance_opens_her_right_and_one_mail_says_both(town, referral):
    right = AccessRight.objects.get()
    assert (right.source, right.person_id, right.node_id, right.begins_on) == (
        f"referral:{referral.uuid}",
        referral.person_id,
        town.riquet.organisation_id,
        date(2026, 11, 26),
    )
    assert told(referral) == [
        "Riquet, Paris attend Fanta. Un rendez-vous suivra. "
        "Fanta peut acheter à prix solidaire jusqu’au 25 août 2027."
    ]


def test_acceptance_with_an_appointment_is_one_mail_too(town):
    referral = make_referral(town)
    block = make_block(town)
    services.welcome_referral(
        referral, person=None, block=block, starts_at=block.starts_at, by=town.reception
    )
    (line,) = told(referral)
    assert line.startswith("Fanta a rendez-vous vendredi 27 novembre")
    assert line.endswith("Fanta peut acheter à prix solidaire jusqu’au 25 août 2027.")


def test_acceptance_again_opens_no_second_right(town, referral):
    services.accept_referral(referral, by=town.reception)
    second = make_referral(town)
    services.accept_referral(second, person=referral.person, by=town.reception)
    assert AccessRight.objects.count() == 1
    assert told(second) == ["Riquet, Paris attend Fanta. Un rendez-vous suivra."]


def test_right_renewed_is_told_to_whose_referral_opened_it(town, referral, clock):
    right = AccessRight.objects.get()
    clock.move(days=270)
    shop.renew_right(right, key="renew", by=town.adviser)
    assert told(referral)[-1] == "Fanta peut acheter à prix solidaire jusqu’au 25 mai 2028."


def test_right_by_decision_is_not_the_referrers(town):
    referral = make_referral(town)
    person = people.open_file(chosen_name="Fanta", node=town.riquet.organisation, by=town.adviser)
    shop.open_right(person, node=town.riquet.organisation, key="decision", by=town.adviser)
    services.accept_referral(referral, person=person, by=town.reception)
    assert ReferralNews.objects.count() == 0


# ---------- a device ----------
def test_device_handed_over_is_told_a_little_later_and_she_is_under_way(town, referral, clock):
    services.receive_referral(referral, by=town.reception)
    give(make_device(town.riquet, "laptop"), referral.person, town.adviser)
    referral.refresh_from_db()
    message = Message.objects.filter(about=f"referral:{referral.uuid}").last()
    assert told(referral)[-1] == "Fanta a reçu un ordinateur portable."
    assert message.not_before == clock.now() + timedelta(minutes=5)
    assert (referral.state, states(referral)) == ("under_way", ["sent", "received", "under_way"])


def test_device_undone_at_once_was_never_told(town, referral, clock):
    handover = give(make_device(town.riquet), referral.person, town.adviser)
    clock.move(minutes=1)
    equipment.undo_handover(handover, reason="Ce n’était pas elle", key="undo", by=town.adviser)
    referral.refresh_from_db()
    assert "Fanta a reçu un téléphone." not in told(referral)
    assert (referral.state, queries.followed(referral, clock.now()).news[0].kind) == ("received", "right")


def test_device_undone_after_it_was_told_is_corrected(town, referral, clock):
    handover = give(make_device(town.riquet), referral.person, town.adviser)
    leave(referral)
    clock.move(minutes=30)
    equipment.undo_handover(handover, reason="Ce n’était pas elle", key="undo", by=town.adviser)
    assert told(referral)[-2:] == [
        "Fanta a reçu un téléphone.",
        "Correction\u00a0: «\u00a0Fanta a reçu un téléphone\u00a0» ne tient plus, c’était noté trop tôt.",
    ]


# ---------- a line ----------
def open_line(town: Town, referral: Referral, **fields):
    return lines.activate_line(
        referral.person,
        **{
            "words": "Une carte SIM",
            "on": date(2026, 11, 26),
            "live_until": date(2026, 12, 26),
            "key": "line",
            "by": town.adviser,
            **fields,
        },
    )


def test_line_opened_is_told_once_and_its_top_ups_never(town, referral):
    held = open_line(town, referral)
    lines.record_top_up(
        held,
        what="Recharge 10 €",
        price=1000,
        live_until=date(2027, 1, 20),
        on=date(2026, 11, 26),
        key="top-up",
        by=town.adviser,
    )
    assert told(referral)[1:] == ["Fanta a une ligne de téléphone."]


def test_line_written_by_mistake_is_taken_back(town, referral, clock):
    held = open_line(town, referral)
    clock.move(minutes=1)
    lines.correct_event(held.events.get(), key="undo", by=town.adviser)
    assert told(referral)[1:] == []


# ---------- a session ----------
def attend(booking: SessionBooking, old: str, new: str, town: Town, at) -> None:
    booking.state = new
    booking.save()
    booking_changed.send(
        sender=SessionBooking, booking=booking, old_state=old, new_state=new, by=town.adviser, at=at
    )


def test_session_attended_is_told_without_its_topic(town, referral, clock):
    booking = make_seat(make_session(town.riquet, clock.now(), topic="Son dossier de dette"), referral.person)
    attend(booking, "", "booked", town, clock.now())
    assert told(referral)[1:] == []
    attend(booking, "booked", "present", town, clock.now())
    assert told(referral)[1:] == ["Fanta a suivi une séance, jeudi 26 novembre."]
    referral.refresh_from_db()
    assert referral.state == "under_way"


def test_session_marked_by_mistake_then_again_is_told_once(town, referral, clock):
    booking = make_seat(make_session(town.riquet, clock.now()), referral.person)
    attend(booking, "booked", "present", town, clock.now())
    attend(booking, "present", "absent", town, clock.move(minutes=1))
    referral.refresh_from_db()
    assert (told(referral)[1:], referral.state) == ([], "received")
    attend(booking, "absent", "present", town, clock.move(minutes=1))
    assert told(referral)[1:] == ["Fanta a suivi une séance, jeudi 26 novembre."]
    assert ReferralNews.objects.filter(kind="session").count() == 1


# ---------- another place ----------
def test_arrival_elsewhere_is_told_and_the_place_named_only_if_she_said_so(town, referral):
    quiet = make_onward(town, referral.person, make_library())
    services.confirm_arrival(quiet, answer="arrived", by=PLACE)
    named = make_onward(
        town,
        referral.person,
        make_library("Espace Curial"),
        need="print_scan",
        shares=["first_name", "referrer"],
    )
    services.confirm_arrival(named, answer="arrived", by=PLACE)
    assert told(referral)[1:] == [
        "Un autre lieu a reçu Fanta, sur notre orientation.",
        "Espace Curial a reçu Fanta, sur notre orientation.",
    ]


def test_arrival_taken_back_by_the_place_is_taken_back_here(town, referral):
    onward = make_onward(town, referral.person, make_library())
    services.confirm_arrival(onward, answer="arrived", by=PLACE)
    services.confirm_arrival(onward, answer="not_come", by=PLACE)
    assert told(referral)[1:] == []


# ---------- the end, and coming back ----------
def exited(referral: Referral, town: Town, at, **states) -> Journey:
    journey = Journey.objects.get(person=referral.person)
    values = {"device": "full", "connection": "full", "skills": "half", **states}
    JourneyExit.objects.create(
        journey=journey,
        node=town.riquet.organisation,
        kind="not_yet",
        reason="moved",
        exited_at=at,
        key=f"exit-{at.timestamp()}",
        **values,
    )
    journey_changed.send(sender=Journey, journey=journey, what="exited", by=town.adviser, at=at)
    return journey


def came_back(journey: Journey, town: Town, at) -> None:
    journey_changed.send(sender=Journey, journey=journey, what="reopened", by=town.adviser, at=at)


def test_exit_ends_the_road_with_what_is_in_her_bag(town, referral, clock):
    give(make_device(town.riquet), referral.person, town.adviser)
    exited(referral, town, clock.move(days=30))
    referral.refresh_from_db()
    assert (referral.state, referral.steps.last().words) == (
        "left_with",
        "un téléphone et une ligne, pas encore tout",
    )
    assert told(referral)[-1] == "Fanta repart avec\u00a0: un téléphone et une ligne, pas encore tout"


def test_exit_tells_nothing_of_why(town, referral, clock):
    exited(referral, town, clock.move(days=30), device="empty", connection="lost", skills="unknown")
    assert told(referral)[-1] == "Fanta repart avec\u00a0: rien de complet pour l’instant, elle peut revenir"


def test_coming_back_is_under_way_again(town, referral, clock):
    journey = exited(referral, town, clock.move(days=30))
    leave(referral)
    came_back(journey, town, clock.move(days=60))
    referral.refresh_from_db()
    assert (referral.state, states(referral)) == ("under_way", ["sent", "received", "left_with", "under_way"])
    assert told(referral)[-1] == "Fanta est de retour à Riquet, Paris, l’aide reprend."


def test_exit_by_mistake_reopened_at_once_was_never_told_and_can_be_told_later(town, referral, clock):
    before = states(referral)
    journey = exited(referral, town, clock.now())
    came_back(journey, town, clock.move(minutes=2))
    referral.refresh_from_db()
    assert (referral.state, states(referral), told(referral)[1:]) == ("received", before, [])
    exited(referral, town, clock.move(days=9))
    assert told(referral)[1:] == ["Fanta repart avec\u00a0: un appareil et une ligne, pas encore tout"]


@pytest.mark.parametrize(
    ("states_now", "kind", "text"),
    [
        (("full", "full", "full"), "", "un appareil, une ligne et les bases du numérique"),
        (("full", "full", "full"), "tablet", "une tablette, une ligne et les bases du numérique"),
        (("half", "full", "empty"), "laptop", "une ligne, pas encore tout"),
        (("unknown", "lost", "half"), "", "rien de complet pour l’instant, elle peut revenir"),
    ],
)
def test_leaves_with_claims_nothing_half(states_now, kind, text):
    bag = dict(zip(("device", "connection", "skills"), states_now, strict=True))
    assert hearing.leaves_with(bag, kind) == text


# ---------- who hears ----------
def test_nobody_hears_once_she_disagrees(town, referral, clock):
    clock.move(minutes=1)
    people.record_agreement(
        referral.person, "tell_referrer", "withdrawn", about=f"referral:{referral.uuid}", by=town.adviser
    )
    give(make_device(town.riquet), referral.person, town.adviser)
    open_line(town, referral)
    exited(referral, town, clock.move(days=3))
    assert told(referral)[1:] == []
    assert ReferralNews.objects.filter(kind__in=["device", "line"]).count() == 0


def test_agreeing_to_be_referred_does_not_undo_that_nothing_is_told(town, referral, clock):
    words = [
        ("tell_referrer", "withdrawn", False),
        ("share_referral", "agreed", False),
        ("tell_referrer", "withdrawn", False),
        ("tell_referrer", "agreed", True),
        ("share_referral", "withdrawn", False),
        ("share_referral", "agreed", True),
    ]
    for kind, answer, hears in words:
        clock.move(minutes=1)
        people.record_agreement(referral.person, kind, answer, by=town.adviser)
        assert queries.lets_referrer_know(referral) is hears, (kind, answer)


def test_a_word_taken_back_again_the_same_day_is_written_again(town, referral, clock):
    about = f"referral:{referral.uuid}"
    for answer, where in (("withdrawn", ""), ("agreed", about), ("withdrawn", ""), ("withdrawn", "")):
        clock.move(minutes=1)
        people.record_agreement(referral.person, "tell_referrer", answer, about=where, by=town.adviser)
    said = referral.person.agreements.filter(kind="tell_referrer").order_by("pk")
    assert [(one.answer, one.about) for one in said][-3:] == [
        ("withdrawn", ""),
        ("agreed", about),
        ("withdrawn", ""),
    ]
    assert not queries.lets_referrer_know(referral)


def test_what_waits_for_whoever_referred_her_does_not_leave_once_she_disagrees(town, referral, clock):
    leave(referral)
    open_line(town, referral)
    hers = messaging.queue_paper(
        to="Fanta",
        body="Bonjour.",
        key=f"referral:{referral.uuid}:person:appointment:9",
        about=f"referral:{referral.uuid}",
        place=str(town.riquet.organisation.uuid),
        at=clock.now(),
    )
    before = hers.state
    assert len(told(referral)) == 2
    clock.move(minutes=1)
    people.record_agreement(referral.person, "tell_referrer", "withdrawn", by=town.adviser)
    assert len(told(referral)) == 1
    hers.refresh_from_db()
    assert (hers.state, before) == (before, "queued")


def test_of_two_referrals_by_one_sender_the_newest_hears_of_two_senders_each(town, referral):
    colleague = make_user(town.siao, "referrer", "Lina", email="lina@siao.example")
    second = make_referral(town)
    third = make_referral(town, by=colleague)
    for one in (second, third):
        services.accept_referral(one, person=referral.person, by=town.reception)
    open_line(town, referral)
    assert [told(one)[1:] for one in (referral, second, third)] == [
        [],
        ["Fanta a une ligne de téléphone."],
        ["Fanta a une ligne de téléphone."],
    ]


def test_without_account_the_mail_outlives_its_link(town, clock):
    referral = make_link_referral(town)
    services.accept_referral(referral, by=town.reception)
    referral.refresh_from_db()
    clock.move(days=100)
    open_line(town, referral, on=date(2027, 3, 1), live_until=date(2027, 4, 1))
    body = Message.objects.filter(about=f"referral:{referral.uuid}").last().body
    assert body.split("\n\n")[1:3] == [
        "Fanta a une ligne de téléphone.",
        "Votre lien a servi ses trois mois. Pour en parler, appelez la permanence.",
    ]


def test_referrer_without_email_hears_on_paper(town):
    colleague = make_user(town.siao, "referrer", "Lina")
    referral = make_referral(town, by=colleague, referrer_name="Lina Lenoir")
    services.accept_referral(referral, by=town.reception)
    referral.refresh_from_db()
    open_line(town, referral)
    message = Message.objects.filter(about=f"referral:{referral.uuid}").last()
    assert (message.channel, message.body) == ("paper", "Fanta a une ligne de téléphone.")


def test_an_appointment_undone_and_noted_again_is_told_again(town, clock):
    """What was taken back in time does not keep the next telling from leaving."""
    from bagage.permanences import services as permanences

    referral = make_referral(town)
    block = make_block(town)
    services.welcome_referral(
        referral, person=None, block=block, starts_at=block.starts_at, by=town.reception
    )
    referral.refresh_from_db()
    clock.set(block.starts_at)
    permanences.note_arrival(referral.appointment, by=town.reception)
    clock.move(minutes=1)
    permanences.undo_last_step(referral.appointment, by=town.reception)
    clock.move(minutes=1)
    permanences.note_arrival(referral.appointment, by=town.reception)
    assert told(referral)[-1] == "Riquet, Paris a reçu Fanta."
