"""The life of a line through its services: dates, ends, double presses, undoing, what follows above."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from bagage.common.errors import BusinessError, Conflict
from bagage.connection.models import HeldLine, LineEvent
from bagage.connection.services import lines
from bagage.connection.tasks import lapse_lines, remind_lapsing_lines
from bagage.journeys.models import Evidence
from bagage.journeys.queries import baggages
from bagage.journeys.services import record_evidence
from bagage.messaging.models import Message
from bagage.people import services as people
from bagage.people.models import Agreement, Following
from bagage.trail.models import Entry
from tests.connection.line_factories import hold, key, make_offer, make_range
from tests.permanences.factories import make_installation, make_person, make_site, make_user

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 26)
NUMBER = "+33639984127"


def days(count: int) -> timedelta:
    return timedelta(days=count)


@pytest.fixture(autouse=True)
def _set_up(now):
    make_installation(now)


@pytest.fixture
def site():
    return make_site(phone="+33199000210")


@pytest.fixture
def moussa(site):
    return make_user(site)


@pytest.fixture
def mariam(site):
    return make_person(site, "Mariam")


@pytest.fixture
def card():
    return make_range()


def kinds(held: HeldLine) -> list[str]:
    return list(held.events.order_by("pk").values_list("kind", flat=True))


def pocket(person) -> str:
    return baggages([person], today=TODAY)[person.pk].connection.state


def answers(person) -> list[tuple[str, str, date, str]]:
    found = Evidence.objects.filter(person=person).order_by("pk")
    return list(found.values_list("item", "answer", "observed_on", "note"))


# ---------- opened, topped up ----------
def test_activate_line_lives_for_the_days_of_its_offer(mariam, moussa, card):
    offer = make_offer(card, days=7)
    held = hold(mariam, moussa, TODAY - days(2), line=card, offer=offer, number=NUMBER)
    assert (held.state, held.since, held.live_until) == ("active", TODAY - days(2), TODAY + days(4))
    event = held.events.get()
    assert (event.price, event.live_until, event.written_by) == (500, TODAY + days(4), moussa.full_name)
    entry = Entry.objects.get(verb="line.activate")
    assert (entry.thing, entry.person) == (f"held_line:{held.uuid}", str(mariam.uuid))


def test_activate_line_by_a_plan_has_no_end(mariam, moussa, card):
    plan = make_offer(card, "Forfait", kind="plan", days=None)
    held = hold(mariam, moussa, TODAY, line=card, offer=plan)
    assert (held.live_until, held.has_no_end) == (None, True)


def test_activate_line_of_an_operator_that_the_catalogue_has_not(mariam, moussa):
    held = hold(mariam, moussa, TODAY, words="  Opérateur   du coin ")
    assert (held.line, held.title, held.live_until) == (None, "Opérateur du coin", None)


def test_activate_line_needs_a_name(mariam, moussa):
    with pytest.raises(BusinessError) as error:
        lines.activate_line(mariam, on=TODAY, key=key(), by=moussa)
    assert error.value.field == "line"
    assert HeldLine.objects.count() == 0


def test_activate_line_pressed_twice_counts_once(mariam, moussa):
    one = lines.activate_line(mariam, words="Essai", on=TODAY, key="same", by=moussa)
    two = lines.activate_line(mariam, words="Essai", on=TODAY, key="same", by=moussa)
    assert one.pk == two.pk
    assert (HeldLine.objects.count(), LineEvent.objects.count()) == (1, 1)


def test_activate_line_refuses_an_offer_of_another_range(mariam, moussa, card):
    other = make_offer(make_range("Autre"))
    with pytest.raises(BusinessError) as error:
        hold(mariam, moussa, TODAY, line=card, offer=other)
    assert error.value.field == "offer"


def test_activate_line_refuses_a_day_to_come(mariam, moussa):
    with pytest.raises(BusinessError) as error:
        hold(mariam, moussa, TODAY + days(1))
    assert error.value.field == "on"
    assert HeldLine.objects.count() == 0


def test_a_number_lives_on_one_line(site, mariam, moussa):
    hold(mariam, moussa, TODAY, number=NUMBER)
    with pytest.raises(BusinessError) as error:
        hold(make_person(site, "Awa"), moussa, TODAY, number=NUMBER)
    assert error.value.field == "number"
    assert "Mariam" not in str(error.value)
    assert HeldLine.objects.count() == 1


def test_a_number_lives_on_one_line_says_the_database_too(mariam, moussa, now):
    hold(mariam, moussa, TODAY, number=NUMBER)
    with pytest.raises(IntegrityError), transaction.atomic():
        HeldLine.objects.create(
            person=mariam, words="Essai", number=NUMBER, state="lapsed", opened_at=now, changed_at=now
        )


def test_a_number_of_a_line_that_ended_may_live_again(mariam, moussa):
    old = hold(mariam, moussa, TODAY - days(9), number=NUMBER)
    lines.note_ported(old, to="Autre", on=TODAY - days(1), key=key(), by=moussa)
    assert hold(mariam, moussa, TODAY, number=NUMBER).state == "active"


def test_record_top_up_moves_the_last_day(mariam, moussa, card):
    held = hold(mariam, moussa, TODAY - days(10), until=TODAY + days(1), line=card)
    offer = make_offer(card, days=30, price=1000)
    held = lines.record_top_up(held, offer=offer, on=TODAY, key="again", by=moussa)
    again = lines.record_top_up(held, offer=offer, on=TODAY, key="again", by=moussa)
    assert (again.live_until, kinds(held)) == (TODAY + days(29), ["activated", "topped_up"])


def test_record_top_up_says_what_was_bought(mariam, moussa):
    held = hold(mariam, moussa, TODAY)
    with pytest.raises(BusinessError) as error:
        lines.record_top_up(held, on=TODAY, key=key(), by=moussa)
    assert error.value.field == "offer"


def test_record_top_up_refuses_a_plan(mariam, moussa, card):
    held = hold(mariam, moussa, TODAY, line=card)
    plan = make_offer(card, "Forfait", kind="plan", days=None)
    with pytest.raises(BusinessError) as error:
        lines.record_top_up(held, offer=plan, on=TODAY, key=key(), by=moussa)
    assert error.value.field == "offer"


def test_record_top_up_refuses_a_day_before_the_line_was(mariam, moussa):
    held = hold(mariam, moussa, TODAY - days(2))
    with pytest.raises(BusinessError) as error:
        lines.record_top_up(held, what="5 €", on=TODAY - days(3), key=key(), by=moussa)
    assert error.value.field == "on"
    assert kinds(held) == ["activated"]


def test_record_top_up_refuses_a_last_day_before_it(mariam, moussa):
    held = hold(mariam, moussa, TODAY - days(9))
    with pytest.raises(BusinessError) as error:
        lines.record_top_up(held, on=TODAY, live_until=TODAY - days(1), key=key(), by=moussa)
    assert error.value.field == "live_until"


def test_record_top_up_of_a_line_that_ended_is_refused(mariam, moussa):
    held = hold(mariam, moussa, TODAY - days(9))
    lines.note_lost(held, on=TODAY - days(1), key=key(), by=moussa)
    with pytest.raises(Conflict):
        lines.record_top_up(held, what="5 €", on=TODAY, key=key(), by=moussa)


def test_an_end_dated_before_what_was_bought_is_refused(mariam, moussa):
    held = hold(mariam, moussa, TODAY - days(9))
    lines.record_top_up(held, what="5 €", on=TODAY - days(2), key=key(), by=moussa)
    with pytest.raises(Conflict):
        lines.note_lost(held, on=TODAY - days(5), key=key(), by=moussa)
    assert HeldLine.objects.get().state == "active"


def test_set_number_of_a_live_line(site, mariam, moussa):
    held = hold(mariam, moussa, TODAY)
    assert lines.set_number(held, NUMBER, by=moussa).number == NUMBER
    assert Entry.objects.get(verb="line.number").fields == "number"
    other = hold(make_person(site, "Awa"), moussa, TODAY)
    with pytest.raises(BusinessError) as error:
        lines.set_number(other, NUMBER, by=moussa)
    assert error.value.field == "number"
    lines.note_lost(other, on=TODAY, key=key(), by=moussa)
    with pytest.raises(Conflict):
        lines.set_number(other, "+33639980000", by=moussa)


# ---------- lapsed ----------
def test_lapse_lines_notes_those_whose_last_day_is_over(mariam, moussa, clock):
    ends_today = hold(mariam, moussa, TODAY - days(9), until=TODAY, words="A")
    no_end = hold(mariam, moussa, TODAY - days(9), has_no_end=True, words="B")
    assert lapse_lines() is None
    clock.move(days=1)
    assert lapse_lines() == 1
    assert lapse_lines() is None
    ends_today.refresh_from_db()
    no_end.refresh_from_db()
    assert (ends_today.state, ends_today.since) == ("lapsed", TODAY + days(1))
    assert no_end.state == "active"
    assert Entry.objects.get(verb="line.lapse").actor == "system:lapse_lines"


def test_a_line_written_down_late_has_lapsed_at_once(mariam, moussa):
    held = hold(mariam, moussa, TODAY - days(40), until=TODAY - days(11))
    assert (held.state, held.since, kinds(held)) == ("lapsed", TODAY - days(10), ["activated", "lapsed"])


def test_a_lapsed_line_lives_again_when_topped_up(mariam, moussa):
    held = hold(mariam, moussa, TODAY - days(40), until=TODAY - days(11))
    held = lines.record_top_up(held, live_until=TODAY + days(6), on=TODAY, key=key(), by=moussa)
    assert (held.state, held.live_until) == ("active", TODAY + days(6))


# ---------- ends, undoing ----------
def test_note_left_for_plan_is_an_end_with_its_operator(mariam, moussa):
    held = hold(mariam, moussa, TODAY - days(40), until=TODAY)
    held = lines.note_left_for_plan(
        held, to="Opérateur Deux", kept_number=True, price=200, on=TODAY, key=key(), by=moussa
    )
    event = held.events.get(kind="left_for_plan")
    assert (held.state, event.what, event.price, event.kept_number) == (
        "left_for_plan", "Opérateur Deux", 200, True,
    )  # fmt: skip


@pytest.mark.parametrize("act", [lines.note_left_for_plan, lines.note_ported])
def test_leaving_says_for_where(act, mariam, moussa):
    held = hold(mariam, moussa, TODAY)
    with pytest.raises(BusinessError) as error:
        act(held, to=" ", on=TODAY, key=key(), by=moussa)
    assert error.value.field == "to"


def test_close_line_ends_it(mariam, moussa):
    held = hold(mariam, moussa, TODAY)
    assert lines.close_line(held, on=TODAY, key=key(), by=moussa).state == "closed"


def test_correct_event_leads_back(mariam, moussa):
    held = hold(mariam, moussa, TODAY - days(9), until=TODAY + days(3))
    lines.note_lost(held, on=TODAY, key=key(), by=moussa)
    lost = held.events.get(kind="lost")
    held = lines.correct_event(lost, key="undo", by=moussa)
    lines.correct_event(lost, key="undo", by=moussa)
    assert (held.state, held.live_until) == ("active", TODAY + days(3))
    assert kinds(held) == ["activated", "lost", "corrected"]


def test_correct_event_takes_back_only_the_last(mariam, moussa):
    held = hold(mariam, moussa, TODAY - days(9))
    lines.record_top_up(held, what="5 €", on=TODAY, key=key(), by=moussa)
    with pytest.raises(Conflict):
        lines.correct_event(held.events.get(kind="activated"), key=key(), by=moussa)
    lines.correct_event(held.events.get(kind="topped_up"), key=key(), by=moussa)
    held = lines.correct_event(held.events.get(kind="activated"), key=key(), by=moussa)
    assert held.state == "void"
    assert HeldLine.objects.of_persons([mariam.pk]).count() == 0


def test_correct_event_is_refused_when_the_number_lives_elsewhere(mariam, moussa):
    old = hold(mariam, moussa, TODAY - days(9), number=NUMBER)
    lines.note_ported(old, to="Autre", on=TODAY, key=key(), by=moussa)
    hold(mariam, moussa, TODAY, number=NUMBER)
    with pytest.raises(BusinessError):
        lines.correct_event(old.events.get(kind="ported"), key=key(), by=moussa)
    old.refresh_from_db()
    assert old.state == "ported"


# ---------- the pocket ----------
def test_the_pocket_follows_the_line(mariam, moussa, clock, card):
    assert pocket(mariam) == "unknown"
    held = hold(mariam, moussa, TODAY - days(9), until=TODAY, line=card)
    assert pocket(mariam) == "half"
    assert answers(mariam) == [
        ("C1", "yes", TODAY - days(9), "Opérateur Essai, La Carte, jusqu’au 26 novembre.")
    ]
    clock.move(days=1)
    lapse_lines()
    assert baggages([mariam])[mariam.pk].connection.state == "lost"
    clock.move(minutes=1)
    lines.record_top_up(held, live_until=TODAY + days(9), on=TODAY + days(1), key=key(), by=moussa)
    assert baggages([mariam])[mariam.pk].connection.state == "half"


def test_the_pocket_knows_that_she_was_told_and_kept_her_number(mariam, moussa):
    held = hold(mariam, moussa, TODAY - days(9), until=TODAY, was_told=True)
    lines.note_left_for_plan(held, to="Deux", kept_number=True, on=TODAY, key=key(), by=moussa)
    assert pocket(mariam) == "full"
    assert answers(mariam)[-2:] == [("C1", "yes", TODAY, "Forfait chez Deux."), ("C3", "yes", TODAY, "")]


def test_the_pocket_is_lost_with_the_number_and_comes_back_when_that_is_undone(mariam, moussa, clock):
    record_evidence(mariam, "C3", "yes", observed_on=TODAY - days(20), by=moussa)
    held = hold(mariam, moussa, TODAY - days(9), until=TODAY + days(3), was_told=True)
    assert pocket(mariam) == "full"
    lines.note_lost(held, on=TODAY, key=key(), by=moussa)
    assert pocket(mariam) == "lost"
    clock.move(minutes=1)
    lines.correct_event(held.events.get(kind="lost"), key=key(), by=moussa)
    assert pocket(mariam) == "full"


def test_a_line_written_by_mistake_gives_way_to_what_was_known(mariam, moussa, clock):
    record_evidence(mariam, "C1", "no", observed_on=TODAY - days(20), by=moussa)
    held = hold(mariam, moussa, TODAY)
    assert pocket(mariam) == "half"
    clock.move(minutes=1)
    lines.correct_event(held.events.get(), key=key(), by=moussa)
    assert pocket(mariam) == "empty"


def test_a_line_written_by_mistake_of_whom_nothing_was_known(mariam, moussa, clock):
    held = hold(mariam, moussa, TODAY)
    clock.move(minutes=1)
    lines.correct_event(held.events.get(), key=key(), by=moussa)
    assert pocket(mariam) == "unknown"


def test_a_line_that_ends_tells_nothing_while_another_lives(mariam, moussa):
    old = hold(mariam, moussa, TODAY - days(9), until=TODAY + days(1), words="A")
    hold(mariam, moussa, TODAY - days(1), until=TODAY + days(20), words="B")
    lines.close_line(old, on=TODAY, key=key(), by=moussa)
    assert pocket(mariam) == "half"


def test_what_was_seen_later_is_not_covered_by_an_end_written_down_late(mariam, moussa):
    held = hold(mariam, moussa, TODAY - days(30))
    record_evidence(mariam, "C1", "yes", observed_on=TODAY - days(2), by=moussa)
    lines.note_lost(held, on=TODAY - days(10), key=key(), by=moussa)
    assert pocket(mariam) == "half"


# ---------- telling her ----------
def told() -> list[tuple[str, str]]:
    return list(Message.objects.order_by("pk").values_list("to", "body"))


def test_remind_lapsing_lines_tells_once_for_each_last_day(mariam, moussa, site, clock):
    people.add_contact_way(mariam, kind="sms", phone=NUMBER, by=moussa)
    hold(mariam, moussa, TODAY - days(9), until=TODAY + days(6))
    assert remind_lapsing_lines() is None
    clock.move(days=1)
    assert remind_lapsing_lines() == 1
    clock.move(hours=1)
    assert remind_lapsing_lines() is None
    message = Message.objects.get()
    assert message.to.replace("\u00a0", " ") == "Mariam, SMS au 06 39 98 41 27"
    assert message.body.splitlines()[:2] == [
        "Votre ligne s’arrête mercredi 2 décembre, le soir.",
        "Pour continuer, achetez une recharge.",
    ]
    assert message.place == str(site.organisation.uuid)
    entry = Entry.objects.get(verb="line.remind")
    assert (entry.actor, entry.segment.place) == ("system:remind_lapsing_lines", str(site.organisation.uuid))


def test_remind_lapsing_lines_is_discreet_on_a_shared_phone(mariam, moussa):
    people.add_contact_way(mariam, kind="sms", phone=NUMBER, is_shared=True, by=moussa)
    hold(mariam, moussa, TODAY - days(9), until=TODAY + days(4), words="Opérateur Secret")
    remind_lapsing_lines()
    [(to, body)] = told()
    assert to.replace("\u00a0", " ") == "Mariam, SMS au 06 39 98 41 27 (téléphone partagé : rester discret)"
    assert body.replace("\u00a0", " ") == "Un message pour Mariam : merci de rappeler au 01 99 00 02 10."


@pytest.mark.parametrize(
    ("way", "whom"),
    [
        ({"kind": "call", "phone": NUMBER}, "Mariam, appel au 06 39 98 41 27"),
        ({"kind": "referrer", "through": "Mme Aubry"}, "Mariam, Mme Aubry"),
        ({"kind": "referrer"}, "Mariam, par qui l’oriente"),
    ],
)
def test_remind_lapsing_lines_goes_the_way_she_asked_for(mariam, moussa, way, whom):
    people.add_contact_way(mariam, by=moussa, **way)
    hold(mariam, moussa, TODAY - days(9), until=TODAY + days(4))
    remind_lapsing_lines()
    [(to, _body)] = told()
    assert to.replace("\u00a0", " ") == whom


def test_remind_lapsing_lines_on_paper_for_who_has_no_way(mariam, moussa):
    people.add_contact_way(mariam, kind="paper", by=moussa)
    hold(mariam, moussa, TODAY - days(9), until=TODAY + days(1))
    remind_lapsing_lines()
    [(to, body)] = told()
    assert to == "Mariam, à son prochain passage"
    assert body.startswith("Votre ligne s’arrête vendredi 27 novembre, le soir.")


def test_remind_lapsing_lines_tells_nothing_to_who_refused(mariam, moussa):
    hold(mariam, moussa, TODAY - days(9), until=TODAY + days(4))
    people.record_agreement(mariam, Agreement.Kind.INFORMED, Agreement.Answer.AGREED, by=moussa)
    people.record_agreement(mariam, Agreement.Kind.INFORMED, Agreement.Answer.WITHDRAWN, by=moussa)
    assert remind_lapsing_lines() is None
    assert told() == []


def test_remind_lapsing_lines_tells_nothing_where_nobody_follows_her(mariam, moussa, now):
    hold(mariam, moussa, TODAY - days(9), until=TODAY + days(4))
    Following.objects.filter(person=mariam).update(ended_at=now)
    assert remind_lapsing_lines() is None
    assert told() == []


def test_a_top_up_takes_the_message_back_and_undoing_it_tells_again(mariam, moussa, clock):
    held = hold(mariam, moussa, TODAY - days(9), until=TODAY + days(4))
    remind_lapsing_lines()
    lines.record_top_up(held, live_until=TODAY + days(30), on=TODAY, key=key(), by=moussa)
    assert list(Message.objects.values_list("state", flat=True)) == ["cancelled"]
    clock.move(minutes=5)
    lines.correct_event(held.events.get(kind="topped_up"), key=key(), by=moussa)
    assert remind_lapsing_lines() == 1
    assert sorted(Message.objects.values_list("state", flat=True)) == ["cancelled", "queued"]


def test_remind_lapsing_lines_follows_the_setting(mariam, moussa, settings):
    settings.LINE_REMINDER_DAYS = 2
    hold(mariam, moussa, TODAY - days(9), until=TODAY + days(3))
    assert remind_lapsing_lines() is None
    settings.LINE_REMINDER_DAYS = 3
    assert remind_lapsing_lines() == 1
