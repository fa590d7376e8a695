"""What is done with a referral, what it writes, and who is told."""

import re
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from bagage.common.errors import BusinessError, Conflict
from bagage.journeys.models import Journey
from bagage.messaging.models import Message
from bagage.people import services as people
from bagage.people.models import Person
from bagage.permanences import services as permanences
from bagage.referrals import queries, services
from bagage.referrals.models import Referral
from bagage.trail.models import Entry
from tests.referrals.factories import (
    Town,
    make_block,
    make_draft,
    make_link_referral,
    make_referral,
    make_town,
    make_user,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def town(now) -> Town:
    return make_town()


def states(referral: Referral) -> list[str]:
    return list(referral.steps.values_list("state", flat=True))


def mails(referral: Referral) -> list[str]:
    """The line of each mail to whoever referred, in order, those taken back left out."""
    rows = Message.objects.filter(about=f"referral:{referral.uuid}", channel="email").exclude(
        state="cancelled"
    )
    return [row.body.split("\n\n")[1] for row in rows.order_by("pk")]


# ---------- sending ----------
def test_send_referral_writes_step_trail_and_message(town):
    referral, created = services.send_referral(make_draft(town), by=town.samira)
    assert created
    assert states(referral) == ["sent"]
    assert (referral.referrer, referral.obstacle_list) == (town.samira, ["bank_account", "fixed_address"])
    entry = Entry.objects.get(thing=f"referral:{referral.uuid}")
    assert (entry.verb, entry.actor, entry.person) == ("referral.send", str(town.samira.actor), "")
    told = Message.objects.get(about=f"referral:{referral.uuid}")
    assert (told.channel, told.place) == ("paper", str(town.riquet.organisation.uuid))
    assert "06\u00a039\u00a098\u00a041\u00a027" in told.to


def test_send_referral_discreet_on_a_shared_phone(town):
    told = Message.objects.get(about=f"referral:{make_referral(town).uuid}")
    assert "Riquet, Paris" in told.body
    assert "ermanence" not in told.body
    assert "demande" not in told.body


def test_send_referral_own_phone_names_the_service(town):
    referral = make_referral(town, is_phone_shared=False)
    assert "La permanence Riquet" in Message.objects.get(about=f"referral:{referral.uuid}").body


@pytest.mark.parametrize("reach", ["referrer", "paper"])
def test_send_referral_without_phone_tells_nobody_by_phone(town, reach):
    referral = make_referral(town, reach=reach, phone="")
    assert Message.objects.filter(about=f"referral:{referral.uuid}").count() == 0


def test_send_referral_twice_with_one_key_makes_one(town):
    draft = make_draft(town)
    first = services.send_referral(draft, by=town.samira)
    second = services.send_referral(draft, by=town.samira)
    assert (second[0].pk, second[1]) == (first[0].pk, False)
    assert Referral.objects.count() == 1
    assert Message.objects.count() == 1


def test_send_referral_with_the_key_of_a_colleague_refused(town):
    draft = make_draft(town)
    services.send_referral(draft, by=town.samira)
    colleague = make_user(town.siao, "referrer", "Lina")
    with pytest.raises(Conflict):
        services.send_referral(draft, by=colleague)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"has_agreed": False}, "has_agreed"),
        ({"needs": []}, "needs"),
        ({"needs": ["money"]}, "needs"),
        ({"chosen_name": " "}, "chosen_name"),
        ({"phone": ""}, "phone"),
        ({"reach": "pigeon"}, "reach"),
    ],
)
def test_send_referral_refused_writes_nothing(town, fields, field):
    with pytest.raises(BusinessError) as refusal:
        make_referral(town, **fields)
    assert refusal.value.field == field
    assert (Referral.objects.count(), Message.objects.count()) == (0, 0)


def test_send_referral_to_a_closed_permanence_refused(town):
    town.riquet.organisation.is_open = False
    town.riquet.organisation.save()
    with pytest.raises(BusinessError) as refusal:
        make_referral(town)
    assert refusal.value.field == "site"


def test_send_referral_for_another_organisation_refused(town):
    with pytest.raises(BusinessError):
        make_referral(town, organisation=town.network)


def test_send_referral_by_link_mails_the_signed_link(town, now):
    referral = make_link_referral(town)
    message = Message.objects.get(about=f"referral:{referral.uuid}", channel="email")
    assert message.to == "aubry@siao.example"
    assert re.fullmatch(r"Bagage : des nouvelles de votre orientation \w{3} \w{3}", message.subject)
    token = re.search(r"/f/([^/\s]+)/", message.body)[1]
    assert queries.referral_by_token(token) == referral


# ---------- receiving, accepting ----------
def test_receive_referral_is_told_once(town, clock):
    referral = make_referral(town)
    clock.move(minutes=28)
    services.receive_referral(referral, by=town.reception)
    services.receive_referral(referral, by=town.adviser)
    referral.refresh_from_db()
    assert (referral.state, states(referral)) == ("received", ["sent", "received"])
    assert mails(referral) == ["Riquet, Paris a reçu votre orientation."]


def test_accept_referral_opens_a_file_with_all_that_was_written(town):
    referral = make_referral(town)
    person = services.accept_referral(referral, by=town.reception)
    referral.refresh_from_db()
    assert referral.person == person
    assert (person.code, person.full_name, person.languages) == (referral.code, "Fanta Diallo", "soninké")
    way = person.contact_ways.get()
    assert (way.kind, way.phone, way.is_shared) == ("sms", "+33639984127", True)
    facts = sorted(person.situation.values_list("obstacle", "answer", "source", "written_by"))
    source = f"referral:{referral.uuid}"
    assert facts == [
        ("bank_account", "no", source, "Samira Lenoir"),
        ("fixed_address", "no", source, "Samira Lenoir"),
    ]
    agreements = sorted(person.agreements.values_list("kind", "answer", "with_whom"))
    assert agreements == [
        ("share_referral", "agreed", "Samira Lenoir, SIAO de Paris"),
        ("tell_referrer", "agreed", "Samira Lenoir, SIAO de Paris"),
    ]
    requests = sorted(Journey.objects.get(person=person).requests.values_list("words", "pocket"))
    assert requests == [
        ("Je veux que la préfecture puisse m’appeler.", ""),
        ("Un appareil", "device"),
        ("Une connexion", "connection"),
    ]
    assert person in Person.objects.visible_to(town.reception)
    assert queries.referral_behind(person) == referral


def test_accept_referral_twice_gives_the_same_person(town):
    referral = make_referral(town)
    person = services.accept_referral(referral, by=town.reception)
    assert services.accept_referral(referral, by=town.adviser) == person
    assert Person.objects.count() == 1


def test_accept_referral_as_someone_known_keeps_her_file(town):
    known = people.open_file(chosen_name="Fanta", node=town.riquet.organisation, by=town.reception)
    referral = make_referral(town)
    assert services.accept_referral(referral, person=known, by=town.reception) == known
    assert sorted(known.card_codes.values_list("code", flat=True)) == sorted([known.code, referral.code])
    other = people.open_file(chosen_name="Awa", node=town.riquet.organisation, by=town.reception)
    with pytest.raises(Conflict):
        services.accept_referral(referral, person=other, by=town.reception)


def test_accept_referral_withdrawn_refused(town):
    referral = make_referral(town)
    services.withdraw_referral(referral, by=town.samira)
    with pytest.raises(Conflict):
        services.accept_referral(referral, by=town.reception)
    assert Person.objects.count() == 0


# ---------- appointments ----------
def booked(town: Town, referral: Referral):
    block = make_block(town)
    services.welcome_referral(
        referral, person=None, block=block, starts_at=block.starts_at, by=town.reception
    )
    referral.refresh_from_db()
    return referral.appointment


def test_welcome_referral_with_a_slot_tells_the_appointment_alone(town):
    referral = make_referral(town)
    appointment = booked(town, referral)
    assert (referral.state, appointment.subject) == ("appointment", "Premier entretien")
    assert states(referral) == ["sent", "received", "appointment"]
    assert mails(referral) == [
        "Fanta a rendez-vous vendredi 27 novembre, 9\u00a0h, 14 rue Riquet, Paris. "
        "Fanta peut acheter à prix solidaire jusqu’au 25 août 2027."
    ]
    to_her = Message.objects.get(key=f"referral:{referral.uuid}:person:appointment:1")
    assert "Rendez-vous vendredi 27 novembre, 9\u00a0h, 14 rue Riquet, Paris." in to_her.body


def test_welcome_referral_slot_taken_writes_nothing(town):
    one, two = make_referral(town), make_referral(town, chosen_name="Awa", phone="+33639984128")
    block = make_block(town)
    services.welcome_referral(one, person=None, block=block, starts_at=block.starts_at, by=town.reception)
    with pytest.raises(Conflict):
        services.welcome_referral(two, person=None, block=block, starts_at=block.starts_at, by=town.reception)
    two.refresh_from_db()
    assert (two.person, two.state) == (None, "sent")


def test_give_referral_appointment_needs_a_person(town):
    block = make_block(town)
    with pytest.raises(BusinessError):
        services.give_referral_appointment(
            make_referral(town), block=block, starts_at=block.starts_at, by=town.reception
        )


def test_referral_follows_its_appointment_to_the_end(town, clock):
    referral = make_referral(town)
    appointment = booked(town, referral)
    clock.set(appointment.starts_at - timedelta(minutes=4))
    permanences.note_arrival(appointment, by=town.reception)
    clock.move(minutes=4)
    permanences.start_appointment(appointment, by=town.adviser)
    clock.move(minutes=40)
    permanences.finish_appointment(appointment, by=town.adviser)
    services.tell_left_with(referral, "un téléphone et une ligne.", by=town.adviser)
    referral.refresh_from_db()
    assert states(referral) == ["sent", "received", "appointment", "came", "under_way", "left_with"]
    assert mails(referral)[1:] == [
        "Riquet, Paris a reçu Fanta.",
        "Riquet, Paris a reçu Fanta, l’aide a commencé.",
        "Fanta repart avec\u00a0: un téléphone et une ligne",
    ]


def test_referral_of_someone_who_did_not_come(town, clock):
    referral = make_referral(town)
    appointment = booked(town, referral)
    clock.set(appointment.ends_at + timedelta(minutes=1))
    permanences.note_no_show(appointment, by=town.reception)
    referral.refresh_from_db()
    assert (referral.state, states(referral)[-1]) == ("not_come", "not_come")
    assert mails(referral)[-1].startswith("On n’a pas vu Fanta")


def test_referral_arrival_undone_at_once_is_never_told(town, clock):
    referral = make_referral(town)
    appointment = booked(town, referral)
    clock.set(appointment.starts_at)
    permanences.note_arrival(appointment, by=town.reception)
    clock.move(minutes=1)
    permanences.undo_last_step(appointment, by=town.reception)
    referral.refresh_from_db()
    assert referral.state == "appointment"
    assert "came" not in states(referral)
    assert [line for line in mails(referral) if "venue" in line] == []


def test_referral_arrival_undone_after_the_mail_left_is_corrected(town, clock):
    referral = make_referral(town)
    appointment = booked(town, referral)
    clock.set(appointment.starts_at)
    permanences.note_arrival(appointment, by=town.reception)
    Message.objects.filter(key=f"referral:{referral.uuid}:came:1").update(state="accepted")
    clock.move(minutes=10)
    permanences.undo_last_step(appointment, by=town.reception)
    assert mails(referral)[-1].startswith("Correction")


def test_referral_appointment_cancelled_and_given_again(town, clock):
    referral = make_referral(town)
    appointment = booked(town, referral)
    permanences.cancel_appointment(appointment, by=town.reception)
    referral.refresh_from_db()
    assert (referral.state, referral.appointment) == ("received", None)
    assert mails(referral)[-1].startswith("Le rendez-vous de Fanta est annulé")
    block = appointment.block
    services.give_referral_appointment(
        referral, block=block, starts_at=block.starts_at + timedelta(minutes=30), by=town.reception
    )
    referral.refresh_from_db()
    assert referral.state == "appointment"
    assert mails(referral)[-1].startswith("Fanta a rendez-vous vendredi 27 novembre, 9\u00a0h\u00a030")


def test_referral_appointment_moved_tells_the_new_moment(town):
    referral = make_referral(town)
    appointment = booked(town, referral)
    moved = permanences.move_appointment(
        appointment,
        block=appointment.block,
        starts_at=appointment.starts_at + timedelta(hours=1),
        by=town.reception,
    )
    referral.refresh_from_db()
    assert (referral.state, referral.appointment) == ("appointment", moved)
    assert mails(referral)[-1].startswith("Fanta a rendez-vous vendredi 27 novembre, 10\u00a0h")


def test_second_appointment_does_not_lead_back(town, clock):
    referral = make_referral(town)
    appointment = booked(town, referral)
    clock.set(appointment.starts_at)
    permanences.start_appointment(appointment, by=town.adviser)
    again = permanences.give_appointment(
        block=appointment.block,
        starts_at=appointment.starts_at + timedelta(hours=1),
        person=appointment.person,
        by=town.adviser,
    )
    referral.refresh_from_db()
    assert (referral.state, referral.appointment) == ("under_way", appointment)
    assert queries.next_appointment(referral, clock.now()) == again


def test_appointment_elsewhere_tells_the_referrer_nothing(town):
    referral = make_referral(town)
    person = services.accept_referral(referral, by=town.reception)
    before = mails(referral)
    block = make_block(town)
    block.site, block.adviser = town.saint_denis, town.elsewhere
    block.save()
    permanences.give_appointment(block=block, starts_at=block.starts_at, person=person, by=town.elsewhere)
    referral.refresh_from_db()
    assert (referral.state, mails(referral)) == ("received", before)


def test_she_changes_her_mind_and_nothing_more_is_told(town, clock):
    referral = make_link_referral(town)
    appointment = booked(town, referral)
    token = queries.follow_token(referral, clock.now())
    clock.move(minutes=1)
    people.record_agreement(referral.person, "tell_referrer", "withdrawn", by=town.adviser)
    clock.set(appointment.starts_at)
    before = mails(referral)
    permanences.note_arrival(appointment, by=town.reception)
    assert mails(referral) == before
    with pytest.raises(queries.LinkClosed):
        queries.referral_by_token(token)


def test_what_she_agreed_to_until_a_day_ends_with_that_day(town, clock):
    referral = make_link_referral(town)
    booked(town, referral)
    clock.move(minutes=1)
    last = timezone.localdate(clock.now()) + timedelta(days=2)
    people.record_agreement(referral.person, "tell_referrer", "agreed", until=last, by=town.adviser)
    clock.move(days=2)
    assert queries.lets_referrer_know(referral)
    clock.move(days=1)
    assert not queries.lets_referrer_know(referral)


# ---------- declining, withdrawing ----------
@pytest.mark.parametrize("reason", ["", "  ", "ab"])
def test_decline_referral_without_a_reason_refused(town, reason):
    referral = make_referral(town)
    with pytest.raises(BusinessError) as refusal:
        services.decline_referral(referral, reason=reason, by=town.reception)
    referral.refresh_from_db()
    assert (refusal.value.field, referral.state) == ("reason", "sent")


def test_decline_referral_tells_the_reason(town):
    referral = make_referral(town)
    services.decline_referral(referral, reason="Plus de place avant janvier.", by=town.reception)
    referral.refresh_from_db()
    assert (referral.state, referral.declined_reason) == ("declined", "Plus de place avant janvier.")
    assert mails(referral) == [
        "Riquet, Paris ne peut pas recevoir cette personne. La raison\u00a0: Plus de place avant janvier."
    ]
    to_her = Message.objects.get(key=f"referral:{referral.uuid}:person:declined:1")
    assert "ermanence" not in to_her.body


def test_decline_referral_twice_refused(town):
    referral = make_referral(town)
    services.decline_referral(referral, reason="Plus de place.", by=town.reception)
    with pytest.raises(Conflict):
        services.decline_referral(referral, reason="Autre raison.", by=town.reception)


def test_withdraw_referral_takes_back_what_was_to_be_told(town):
    referral = make_referral(town)
    services.withdraw_referral(referral, by=town.samira)
    assert list(Message.objects.values_list("state", flat=True)) == ["cancelled"]


def test_withdraw_referral_after_she_came_refused(town, clock):
    referral = make_referral(town)
    appointment = booked(town, referral)
    clock.set(appointment.starts_at)
    permanences.note_arrival(appointment, by=town.reception)
    with pytest.raises(Conflict):
        services.withdraw_referral(referral, by=town.samira)


def test_tell_left_with_before_she_came_refused(town):
    with pytest.raises(Conflict):
        services.tell_left_with(make_referral(town), "un téléphone", by=town.adviser)


# ---------- questions ----------
def test_question_of_the_permanence_and_its_answer(town):
    referral = make_referral(town)
    question = services.ask(
        referral,
        "A-t-elle un récépissé ?",
        choices=["Oui, un récépissé", "Non, rien", "", "Non, rien"],
        from_referrer=False,
        author="Hélène, Riquet",
        by=town.adviser,
        key="q1",
    )
    assert question.choice_list == ["Oui, un récépissé", "Non, rien"]
    assert mails(referral) == ["Hélène, Riquet vous pose une question\u00a0: A-t-elle un récépissé ?"]
    again = services.ask(referral, "Autre", from_referrer=False, author="Hélène", by=town.adviser, key="q1")
    assert again == question
    reply = services.answer(question, "Oui, un récépissé", author="Samira", by=town.samira, key="a1")
    assert services.answer(question, "Non", author="Samira", by=town.samira, key="a1") == reply
    with pytest.raises(Conflict):
        services.answer(question, "Non", author="Samira", by=town.samira, key="a2")


def test_answer_of_the_permanence_is_mailed(town):
    referral = make_referral(town)
    question = services.ask(
        referral,
        "Peut-elle venir avec sa sœur ?",
        from_referrer=True,
        author="Samira",
        by=town.samira,
        key="q1",
    )
    assert mails(referral) == []
    services.answer(question, "Oui, bien sûr.", author="Inès, Riquet", by=town.reception, key="a1")
    assert mails(referral) == ["Inès, Riquet vous répond\u00a0: Oui, bien sûr."]


# ---------- who follows ----------
def test_link_given_back_is_dead_and_nobody_is_mailed(town, clock):
    referral = make_link_referral(town)
    token = queries.follow_token(referral, clock.now())
    services.give_back_link(referral, by=town.samira.actor)
    with pytest.raises(queries.LinkClosed):
        queries.referral_by_token(token)
    services.receive_referral(referral, by=town.reception)
    assert mails(referral) == []
    services.send_new_link(referral, by=town.reception)
    referral.refresh_from_db()
    assert mails(referral)[-1].startswith("Voici un nouveau lien")
    assert queries.referral_by_token(queries.follow_token(referral, clock.now())) == referral
    with pytest.raises(queries.LinkClosed):
        queries.referral_by_token(token)


def test_signed_link_ends_after_three_months(town, clock, monkeypatch):
    referral = make_link_referral(town)
    token = queries.follow_token(referral, clock.now())
    # A token counts by the clock of the machine.
    late = time.time() + timedelta(days=93).total_seconds()
    monkeypatch.setattr("bagage.common.links.time.time", lambda: late)
    with pytest.raises(Exception, match="éteint"):
        queries.referral_by_token(token)


def test_referrer_without_email_is_told_on_paper(town):
    colleague = make_user(town.siao, "referrer", "Lina")
    referral = make_referral(town, by=colleague, referrer_name="Lina Lenoir")
    services.receive_referral(referral, by=town.reception)
    told = Message.objects.get(key=f"referral:{referral.uuid}:received:1")
    assert (told.channel, told.to) == ("paper", "Lina Lenoir, SIAO de Paris")


def test_account_closing_hands_open_referrals_over(town):
    from bagage.accounts.events import account_closing, account_closing_foreseen
    from bagage.accounts.models import User

    colleague = make_user(town.siao, "referrer", "Lina", email="lina@siao.example")
    mine, done = make_referral(town), make_referral(town, chosen_name="Awa")
    services.decline_referral(done, reason="Plus de place.", by=town.reception)
    said = [
        text
        for _receiver, texts in account_closing_foreseen.send(sender=User, user=town.samira)
        for text in texts or []
    ]
    assert "1 orientation en cours passe à la personne choisie." in said
    from django.db import transaction
    from django.utils import timezone

    with transaction.atomic():
        account_closing.send(
            sender=User, user=town.samira, handed_to=colleague, by=town.officer.actor, at=timezone.now()
        )
    mine.refresh_from_db()
    done.refresh_from_db()
    assert (mine.referrer, mine.referrer_name) == (colleague, "Lina Lenoir")
    assert done.referrer == town.samira
    services.receive_referral(mine, by=town.reception)
    assert Message.objects.get(key=f"referral:{mine.uuid}:received:1").to == "lina@siao.example"


# ---------- what waits ----------
def test_late_referrals_after_two_days(town, clock):
    referral = make_referral(town)
    answered = make_referral(town, chosen_name="Awa")
    services.accept_referral(answered, by=town.reception)
    elsewhere = make_referral(town, chosen_name="Léa", site=town.saint_denis)
    assert list(queries.waiting_referrals(town.riquet, clock.now())) == [referral]
    clock.move(days=2)
    assert list(queries.late_referrals(town.riquet, clock.now())) == []
    clock.move(seconds=1)
    assert list(queries.late_referrals(town.riquet, clock.now())) == [referral]
    assert list(queries.late_referrals(town.saint_denis, clock.now())) == [elsewhere]


# ---------- an organisation's link ----------
def test_organisation_link_only_for_who_refers(town):
    with pytest.raises(BusinessError) as refusal:
        services.create_organisation_link(town.riquet.organisation, by=town.officer)
    assert refusal.value.field == "organisation"


@pytest.mark.parametrize("domains", ["siao", "a@b.c@d", "@"])
def test_organisation_link_domains_checked(town, domains):
    if domains == "@":
        link, _secret = services.create_organisation_link(town.siao, email_domains=[domains], by=town.officer)
        assert link.domain_list == []
        return
    with pytest.raises(BusinessError) as refusal:
        services.create_organisation_link(town.siao, email_domains=[domains], by=town.officer)
    assert refusal.value.field == "email_domains"


def test_organisation_link_secret_is_not_kept(town):
    link, secret = services.create_organisation_link(
        town.siao, email_domains=["@siao.example"], by=town.officer
    )
    assert secret not in str(vars(link))
    assert queries.organisation_link(secret) == link
    services.end_organisation_link(link, by=town.officer)
    with pytest.raises(queries.OrganisationLinkEnded, match="01\u00a099\u00a000\u00a012\u00a034"):
        queries.organisation_link(secret)


def test_of_what_waits_to_be_told_her_only_the_newest_is_told(town):
    referral = make_referral(town)
    about = f"referral:{referral.uuid}"
    mine = Message.objects.filter(channel="paper", about=about, key__contains=":person:").order_by("pk")
    assert [(one.key.split(":")[3], one.state) for one in mine] == [("sent", "queued")]
    booked(town, referral)
    told = [(one.key.split(":")[3], one.state) for one in mine.all()]
    assert told == [("sent", "cancelled"), ("appointment", "queued")]
