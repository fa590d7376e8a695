"""Sending someone on to a place: what leaves, what comes back, who is asked again, and what is refused."""

import re
import time
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from bagage.common.errors import BusinessError, Conflict, FormUsed
from bagage.common.links import LinkExpired, LinkForged
from bagage.journeys.queries.summary import places_of
from bagage.messaging.models import Message
from bagage.people import services as people
from bagage.people.models import Agreement
from bagage.people.services import mark_as_same
from bagage.referrals import queries, services
from bagage.referrals.models import Onward, OnwardState, OnwardStep
from bagage.referrals.tasks import remind_places
from bagage.trail.domain.actor import Actor
from bagage.trail.models import Entry
from tests.referrals.factories import Town, make_town
from tests.referrals.onward_factories import make_library, make_mariam, make_onward, make_request

pytestmark = pytest.mark.django_db
PLACE = Actor.link("00000000-0000-4000-8000-000000000000")


@pytest.fixture
def town(now) -> Town:
    return make_town()


@pytest.fixture
def mariam(town):
    return make_mariam(town)


@pytest.fixture
def library(now):
    return make_library()


def letters(onward: Onward) -> list[Message]:
    """The messages about it that were not taken back, in order."""
    return list(
        Message.objects.filter(about=f"onward:{onward.uuid}").exclude(state="cancelled").order_by("pk")
    )


def kinds(onward: Onward) -> list[str]:
    return list(onward.steps.values_list("kind", flat=True))


# ---------- sending ----------
def test_send_onward_writes_letter_step_agreement_and_trail(town, mariam, library):
    request = make_request(town, mariam)
    onward = make_onward(
        town,
        mariam,
        library,
        shares=["first_name", "asks", "phone", "languages"],
        request=request,
        code="K7M4QD",
    )
    assert onward.letter.splitlines() == [
        "Permanence Riquet oriente vers vous une personne\u00a0: Mariam.",
        "Elle vient pour\u00a0: utiliser un ordinateur sur place.",
        "Pourquoi chez vous\u00a0: Elle veut s’entraîner sur place.",
        "Ce qu’elle demande, avec ses mots\u00a0: «\u00a0Je veux imprimer mon CV\u00a0»",
        "Elle parle\u00a0: bambara, français.",
        "Son téléphone\u00a0: 06\u00a039\u00a098\u00a001\u00a042.",
        "Elle vous montrera ce code\u00a0: K7M\u00a04QD.",
        "Elle est d’accord pour que vous sachiez ceci.",
    ]
    assert (onward.state, kinds(onward), onward.node) == ("sent", ["sent"], town.riquet.organisation)
    (mail,) = letters(onward)
    assert (mail.to, mail.subject) == (
        "contact@mediatheque.example",
        "Bagage : une personne vient chez vous, code K7M 4QD",
    )
    assert mail.body.startswith(f"Bonjour,\n\n{onward.letter}\n\n")
    assert mail.body.endswith("Permanence Riquet\n01\u00a099\u00a000\u00a012\u00a034")
    said = Agreement.objects.get(about=f"onward:{onward.uuid}")
    assert (said.kind, said.answer, said.with_whom) == ("share_onward", "agreed", "Médiathèque du Bassin")
    entry = Entry.objects.get(verb="onward.send")
    assert (entry.person, entry.segment.place, entry.fields) == (
        str(mariam.uuid),
        str(town.riquet.organisation.uuid),
        "email,spoken,first_name,asks,languages,phone",
    )


def test_send_onward_tells_only_what_she_ticked(town, mariam, library):
    onward = make_onward(town, mariam, library, shares=[], code="K7M4QD")
    assert onward.letter.splitlines() == [
        "Permanence Riquet oriente vers vous une personne.",
        "Elle vient pour\u00a0: utiliser un ordinateur sur place.",
        "Pourquoi chez vous\u00a0: Elle veut s’entraîner sur place.",
        "Elle vous montrera ce code\u00a0: K7M\u00a04QD.",
        "Elle est d’accord pour que vous sachiez ceci.",
    ]


def test_send_onward_a_reason_that_only_repeats_the_need_is_not_written_twice(town, mariam, library):
    onward = make_onward(
        town, mariam, library, reason="Elle veut utiliser un ordinateur sur place.", shares=[]
    )
    assert [line for line in onward.letter.splitlines() if "ordinateur" in line] == [
        "Elle vient pour\u00a0: utiliser un ordinateur sur place."
    ]


def test_send_onward_a_shared_phone_asks_for_discretion(town, mariam, library):
    people.add_contact_way(mariam, kind="sms", phone="+33639980142", is_shared=True, by=town.adviser)
    onward = make_onward(town, mariam, library, shares=["phone"])
    assert (
        "D’autres lisent ce téléphone\u00a0: ne dites ni qui vous êtes, ni pourquoi."
        in onward.letter.splitlines()
    )


def test_send_onward_refused_is_a_paper_and_nothing_else(town, mariam, library):
    onward = make_onward(town, mariam, library, agreed="refused", by_way="paper", shares=["first_name"])
    assert (onward.state, onward.letter, onward.shares, letters(onward)) == ("prepared", "", "", [])
    assert Agreement.objects.get(about=f"onward:{onward.uuid}").answer == "refused"
    with pytest.raises(queries.PlaceLinkClosed):
        queries.onward_by_token(queries.arrival_token(onward, onward.created_at))


@pytest.mark.parametrize("by_way", ["email", "phone"])
def test_send_onward_refused_by_mail_or_phone_is_refused(town, mariam, library, by_way):
    with pytest.raises(BusinessError) as refusal:
        make_onward(town, mariam, library, agreed="refused", by_way=by_way)
    assert refusal.value.field == "by_way"
    assert (Onward.objects.count(), Message.objects.count()) == (0, 0)


def test_refusal_holds_in_the_database_too(town, mariam, library):
    onward = make_onward(town, mariam, library)
    with pytest.raises(IntegrityError), transaction.atomic():
        Onward.objects.filter(pk=onward.pk).update(agreement="refused")


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"reason": " "}, "reason"),
        ({"need": "money"}, "need"),
        ({"agreed": ""}, "agreed"),
        ({"by_way": "pigeon"}, "by_way"),
        ({"email": "pas une adresse"}, "email"),
        ({"shares": ["diagnosis"]}, "shares"),
    ],
)
def test_send_onward_bad_input_names_the_field_and_writes_nothing(town, mariam, library, fields, field):
    with pytest.raises(BusinessError) as refusal:
        make_onward(town, mariam, library, **fields)
    assert refusal.value.field == field
    assert (Onward.objects.count(), Message.objects.count()) == (0, 0)


def test_send_onward_without_a_mail_of_the_place_is_refused(town, mariam):
    with pytest.raises(BusinessError) as refusal:
        make_onward(town, mariam, make_library(email=""))
    assert refusal.value.field == "email"


def test_send_onward_to_a_place_that_is_gone_is_refused(town, mariam, library, now):
    library.ended_at = now
    library.save()
    with pytest.raises(BusinessError) as refusal:
        make_onward(town, mariam, library)
    assert refusal.value.field == "structure"


def test_send_onward_from_a_closed_permanence_is_refused(town, mariam, library):
    node = town.riquet.organisation
    node.is_open = False
    node.save()
    with pytest.raises(BusinessError, match="fermée"):
        make_onward(town, mariam, library)


def test_send_onward_with_the_request_of_someone_else_is_refused(town, mariam, library):
    other = make_request(town, make_mariam(town, chosen_name="Awa"))
    with pytest.raises(BusinessError) as refusal:
        make_onward(town, mariam, library, request=other)
    assert refusal.value.field == "request"


def test_send_onward_twice_with_one_key_sends_once(town, mariam, library):
    first = make_onward(town, mariam, library, key="twice")
    second = make_onward(town, mariam, library, key="twice")
    assert (first.pk, Onward.objects.count(), len(letters(first))) == (second.pk, 1, 1)


def test_send_onward_with_a_used_key_for_another_place_is_refused(town, mariam, library):
    make_onward(town, mariam, library, key="twice")
    with pytest.raises(FormUsed):
        make_onward(town, mariam, make_library("Autre"), key="twice")


def test_send_onward_to_the_same_place_again_while_it_waits_is_refused(town, mariam, library):
    make_onward(town, mariam, library)
    with pytest.raises(Conflict, match="déjà orientée vers Médiathèque du Bassin, depuis le 26 novembre"):
        make_onward(town, mariam, library, despite_reason="Elle insiste")


def test_one_waiting_for_a_place_and_a_need_holds_in_the_database_too(town, mariam, library):
    onward = make_onward(town, mariam, library)
    onward.pk, onward.key, onward.code = None, "other", "AAA333"
    onward.uuid = "00000000-0000-4000-8000-000000000001"
    with pytest.raises(IntegrityError), transaction.atomic():
        onward.save(force_insert=True)


# ---------- a second one for the same need ----------
def test_a_second_one_for_the_same_need_asks_why(town, mariam, library):
    services.confirm_arrival(
        make_onward(town, mariam, library), answer="place_cannot", words="Complet", by=PLACE
    )
    other = make_library("Espace Curial")
    with pytest.raises(BusinessError) as refusal:
        make_onward(town, mariam, other)
    assert refusal.value.field == "despite_reason"
    assert str(refusal.value) == (
        "Elle a déjà été orientée pour cela, vers Médiathèque du Bassin\u00a0: le lieu ne pouvait pas\u00a0: "
        "«\u00a0Complet\u00a0». Si ce chemin est le bon, cochez «\u00a0quand même\u00a0» et dites pourquoi."
    )
    second = make_onward(town, mariam, other, despite_reason="Il y a de la place le soir")
    assert (second.despite, second.despite_reason) == (
        Onward.objects.get(structure=library),
        "Il y a de la place le soir",
    )


def test_a_second_one_stands_out_in_a_file_marked_as_hers_and_from_another_site(town, mariam, library):
    twin = make_mariam(town, chosen_name="Maryam")
    make_onward(town, twin, library)
    mark_as_same(kept=mariam, merged=twin, reasons="même téléphone", by=town.adviser)
    with pytest.raises(BusinessError) as refusal:
        make_onward(town, mariam, make_library("Autre"), node=town.saint_denis.organisation)
    assert refusal.value.field == "despite_reason"


def test_another_need_or_one_called_off_asks_nothing(town, mariam, library):
    services.call_off_onward(
        make_onward(town, mariam, library), reason="Elle préfère attendre", by=town.adviser
    )
    assert make_onward(town, mariam, library).despite is None
    assert make_onward(town, mariam, library, need="print_scan").despite is None


# ---------- the place answers ----------
def token_in(message: Message) -> str:
    return re.search(r"/o/([^/\s]+)/", message.body)[1]


def test_confirm_arrival_by_the_link_of_the_mail(town, mariam, library, clock):
    onward = make_onward(town, mariam, library)
    found = queries.onward_by_token(token_in(letters(onward)[0]))
    now = clock.move(days=3)
    services.confirm_arrival(found, answer="arrived", words="Elle revient mardi", by=PLACE)
    onward.refresh_from_db()
    assert (onward.state, onward.arrived_on, onward.answered_by_place, onward.answered_at) == (
        "arrived",
        date(2026, 11, 29),
        True,
        now,
    )
    assert kinds(onward) == ["sent", "arrived"]
    assert Entry.objects.get(verb="onward.arrived").actor == str(PLACE)


def test_confirm_arrival_twice_changes_nothing(town, mariam, library):
    onward = make_onward(town, mariam, library)
    services.confirm_arrival(onward, answer="arrived", by=PLACE)
    services.confirm_arrival(onward, answer="arrived", by=PLACE)
    assert (kinds(onward), Entry.objects.filter(verb="onward.arrived").count()) == (["sent", "arrived"], 1)


def test_confirm_arrival_can_be_corrected(town, mariam, library):
    onward = make_onward(town, mariam, library)
    services.confirm_arrival(onward, answer="arrived", by=PLACE)
    corrected = services.confirm_arrival(onward, answer="not_come", by=PLACE)
    assert (corrected.state, corrected.arrived_on, kinds(onward)) == (
        "not_come",
        None,
        ["sent", "arrived", "not_come"],
    )


@pytest.mark.parametrize(
    ("answer", "fields", "field"),
    [
        ("maybe", {}, "answer"),
        ("arrived", {"on": date(2026, 11, 27)}, "on"),
        ("arrived", {"on": date(2026, 11, 25)}, "on"),
        ("place_cannot", {"words": " "}, "words"),
    ],
)
def test_confirm_arrival_bad_input_names_the_field(town, mariam, library, answer, fields, field):
    onward = make_onward(town, mariam, library)
    with pytest.raises(BusinessError) as refusal:
        services.confirm_arrival(onward, answer=answer, by=PLACE, **fields)
    onward.refresh_from_db()
    assert (refusal.value.field, onward.state) == (field, "sent")


def test_confirm_arrival_of_what_was_called_off_is_refused(town, mariam, library):
    onward = services.call_off_onward(make_onward(town, mariam, library), reason="Elle part", by=town.adviser)
    with pytest.raises(Conflict):
        services.confirm_arrival(onward, answer="arrived", by=PLACE)


def test_link_forged_cut_or_of_another_kind_is_refused(town, mariam, library, now):
    token = queries.arrival_token(make_onward(town, mariam, library), now)
    from tests.referrals.factories import make_link_referral

    for wrong in (token[:-1], f"x{token}", queries.follow_token(make_link_referral(town), now)):
        with pytest.raises(LinkForged):
            queries.onward_by_token(wrong)


def test_link_ends_after_three_months(town, mariam, library, now, monkeypatch):
    token = queries.arrival_token(make_onward(town, mariam, library), now)
    # A token counts by the clock of the machine.
    late = time.time() + timedelta(days=93).total_seconds()
    monkeypatch.setattr("bagage.common.links.time.time", lambda: late)
    with pytest.raises(LinkExpired):
        queries.onward_by_token(token)


def test_link_ends_when_she_changes_her_mind(town, mariam, library, clock):
    onward = make_onward(town, mariam, library)
    token = queries.arrival_token(onward, clock.now())
    clock.move(minutes=1)
    people.record_agreement(
        mariam, "share_onward", "withdrawn", about=f"onward:{onward.uuid}", by=town.adviser
    )
    with pytest.raises(queries.PlaceLinkClosed):
        queries.onward_by_token(token)
    with pytest.raises(Conflict, match="changé d’avis"):
        services.tell_place_again(onward, by_way="email", key="again", by=town.adviser)


def test_letter_that_waits_does_not_leave_once_she_changes_her_mind(town, mariam, library, clock):
    onward = make_onward(town, mariam, library)
    letter = Message.objects.get(about=f"onward:{onward.uuid}", channel="email")
    assert letter.state == "queued"
    clock.move(minutes=1)
    people.record_agreement(mariam, "share_onward", "refused", about=f"onward:{onward.uuid}", by=town.adviser)
    letter.refresh_from_db()
    assert letter.state == "cancelled"


def test_link_ends_with_the_day_until_which_she_agreed(town, mariam, library, clock):
    onward = make_onward(town, mariam, library)
    token = queries.arrival_token(onward, clock.now())
    clock.move(minutes=1)
    people.record_agreement(
        mariam, "share_onward", "agreed", until=timezone.localdate(clock.now()), by=town.adviser
    )
    assert queries.onward_by_token(token) == onward
    clock.move(days=1)
    with pytest.raises(queries.PlaceLinkClosed):
        queries.onward_by_token(token)


def test_link_before_another_letter_is_out(town, mariam, library, clock):
    onward = make_onward(town, mariam, library)
    token = queries.arrival_token(onward, clock.now())
    services.tell_place_again(onward, by_way="email", key="again", by=town.adviser)
    with pytest.raises(queries.PlaceLinkClosed):
        queries.onward_by_token(token)


# ---------- asking again ----------
def test_tell_place_again_writes_a_new_letter_once(town, mariam, library, clock):
    onward = make_onward(town, mariam, library)
    clock.move(days=2)
    for _press in range(2):
        services.tell_place_again(
            onward, by_way="email", email="accueil@mediatheque.example", key="again", by=town.adviser
        )
    onward.refresh_from_db()
    assert [message.to for message in letters(onward)] == ["accueil@mediatheque.example"]
    assert (kinds(onward), onward.link_number, onward.asked_at) == (["sent", "sent_again"], 2, clock.now())


def test_tell_place_again_after_a_paper_is_the_first_telling(town, mariam, library):
    onward = make_onward(town, mariam, library, by_way="paper")
    services.tell_place_again(onward, by_way="phone", key="again", by=town.adviser)
    onward.refresh_from_db()
    assert (onward.state, kinds(onward), letters(onward)) == ("sent", ["prepared", "sent"], [])


def test_tell_place_again_of_a_refusal_is_refused(town, mariam, library):
    onward = make_onward(town, mariam, library, agreed="refused", by_way="paper")
    with pytest.raises(BusinessError, match="orientez-la à nouveau"):
        services.tell_place_again(onward, by_way="phone", key="again", by=town.adviser)


@pytest.mark.parametrize("by_way", ["email", "phone"])
def test_tell_place_again_of_a_place_that_is_gone_is_refused(town, mariam, library, clock, by_way):
    onward = make_onward(town, mariam, library)
    before = [message.pk for message in letters(onward)]
    library.ended_at = clock.now()
    library.save(update_fields=["ended_at"])
    with pytest.raises(BusinessError, match="n’est plus dans les listes"):
        services.tell_place_again(onward, by_way=by_way, key="again", by=town.adviser)
    assert ([message.pk for message in letters(onward)], kinds(onward)) == (before, ["sent"])


def test_remind_places_never_writes_to_one_that_is_gone(town, mariam, library, clock):
    onward = make_onward(town, mariam, library)
    library.ended_at = clock.now()
    library.save(update_fields=["ended_at"])
    clock.move(days=30)
    assert (remind_places(), kinds(onward)) == (None, ["sent"])


def test_remind_places_once_after_seven_days(town, mariam, library, clock):
    onward = make_onward(town, mariam, library)
    clock.move(days=6, hours=23)
    assert remind_places() is None
    clock.move(hours=1)
    assert (remind_places(), remind_places()) == (1, None)
    onward.refresh_from_db()
    assert (onward.reminded_at, kinds(onward)) == (clock.now(), ["sent", "reminded"])
    assert letters(onward)[1].body.split("\n\n")[1] == (
        "Nous vous avons écrit le 26 novembre. Nous ne savons pas si elle est venue."
    )
    assert queries.onward_by_token(token_in(letters(onward)[1])) == onward


def test_remind_places_leaves_out_who_has_no_mail_answered_or_was_called_off(town, mariam, clock):
    make_onward(town, mariam, make_library("Par téléphone"), by_way="phone")
    answered = make_onward(town, mariam, make_library("Répond"), need="print_scan")
    services.confirm_arrival(answered, answer="arrived", by=PLACE)
    services.call_off_onward(
        make_onward(town, mariam, make_library("Reprise"), need="create"), reason="Elle part", by=town.adviser
    )
    clock.move(days=30)
    assert remind_places() is None


def test_reminder_days_are_a_setting(town, mariam, library, clock, settings):
    settings.ONWARD_REMINDER_DAYS = 3
    make_onward(town, mariam, library)
    clock.move(days=3)
    assert remind_places() == 1


# ---------- answers noted here, calling off, seen ----------
def test_note_answer_by_phone_is_not_the_word_of_the_place(town, mariam, library):
    onward = services.note_answer(make_onward(town, mariam, library), answer="not_come", by=town.reception)
    step = OnwardStep.objects.get(kind="not_come")
    assert (onward.answered_by_place, step.is_from_place, step.by) == (False, False, town.reception.full_name)
    assert queries.attention(town.reception, town.riquet, onward.state_at) == []


def test_call_off_takes_back_a_letter_that_did_not_leave(town, mariam, library):
    onward = services.call_off_onward(make_onward(town, mariam, library), reason="Elle part", by=town.adviser)
    assert (onward.state, letters(onward), kinds(onward)) == ("called_off", [], ["sent", "called_off"])


def test_call_off_tells_a_place_that_had_the_letter(town, mariam, library):
    onward = make_onward(town, mariam, library, code="K7M4QD")
    Message.objects.filter(about=f"onward:{onward.uuid}").update(state="accepted")
    services.call_off_onward(onward, reason="Elle part", by=town.adviser)
    assert letters(onward)[-1].body.split("\n\n")[1] == (
        "La personne au code K7M 4QD ne viendra pas. Il n’y a rien à faire, merci."
    )


def test_call_off_needs_a_reason_and_no_arrival(town, mariam, library):
    onward = make_onward(town, mariam, library)
    with pytest.raises(BusinessError) as refusal:
        services.call_off_onward(onward, reason=" ", by=town.adviser)
    assert refusal.value.field == "reason"
    services.confirm_arrival(onward, answer="arrived", by=PLACE)
    with pytest.raises(Conflict):
        services.call_off_onward(onward, reason="Trop tard", by=town.adviser)


# ---------- what is read ----------
def test_attention_of_a_silent_place_names_it_then_counts(town, mariam, library, clock):
    first = make_onward(town, mariam, library, by_way="phone")
    now = clock.move(days=12)
    (one,) = queries.attention(town.reception, town.riquet, now)
    assert (one.text, one.action, one.url, one.count) == (
        "Médiathèque du Bassin n’a pas répondu pour Mariam T., depuis 12 jours",
        "Appeler",
        f"/referrals/onward/{first.uuid}/",
        1,
    )
    make_onward(town, mariam, library, by_way="phone", need="create", at=now - timedelta(days=9))
    (both,) = queries.attention(town.reception, town.riquet, now)
    assert (both.text, both.count, both.url) == (
        "2 orientations vers ailleurs sans réponse",
        2,
        f"/referrals/onward/?site={town.riquet.uuid}&state=silent",
    )


def test_attention_of_a_place_that_cannot_until_someone_sees_to_it(town, mariam, library, clock):
    onward = make_onward(town, mariam, library)
    services.confirm_arrival(onward, answer="place_cannot", words="Travaux", by=PLACE)
    (line,) = queries.attention(town.adviser, town.riquet, clock.now())
    assert (line.text, line.action) == (
        "Mariam T., Médiathèque du Bassin\u00a0: le lieu ne peut pas",
        "Chercher ailleurs",
    )
    services.note_seen(onward, by=town.adviser)
    assert queries.attention(town.adviser, town.riquet, clock.now()) == []


def test_attention_ends_when_she_is_sent_elsewhere_for_the_same_need(town, mariam, library, clock):
    services.confirm_arrival(make_onward(town, mariam, library), answer="not_come", by=PLACE)
    make_onward(town, mariam, make_library("Autre"), despite_reason="Plus près d’elle")
    assert queries.attention(town.adviser, town.riquet, clock.now()) == []


def test_attention_is_for_who_sends_persons_on_there(town, mariam, library, clock):
    make_onward(town, mariam, library, by_way="phone")
    now = clock.move(days=12)
    assert queries.attention(town.elsewhere, town.riquet, now) == []
    assert queries.attention(town.samira, town.riquet, now) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_attention_panel_and_timeline_ask_the_same_number_of_queries(
    town, mariam, rows, clock, django_assert_num_queries
):
    needs = ["use_computer_here", "print_scan", "create"]
    for need in needs[:rows]:
        make_onward(town, mariam, make_library(need), by_way="phone", need=need)
    now = clock.move(days=12)
    town.adviser.node_ids("orient")
    with django_assert_num_queries(2):
        queries.attention(town.adviser, town.riquet, now)
    with django_assert_num_queries(1):
        assert len(queries.person_panel([mariam.pk], now.date()).rows) == rows
    with django_assert_num_queries(1):
        assert len(queries.happened([mariam.pk], details=True)) == rows
    with django_assert_num_queries(1):
        assert len(queries.places_for_summary([mariam.pk])) == rows


def test_happened_leaves_out_what_a_place_wrote_without_details(town, mariam, library):
    onward = make_onward(town, mariam, library)
    services.confirm_arrival(onward, answer="place_cannot", words="Elle a crié", by=PLACE)
    told = [(line.strong, line.text, line.who) for line in queries.happened([mariam.pk], details=False)]
    assert told == [
        ("Orientée vers Médiathèque du Bassin", "le lieu est prévenu", town.adviser.full_name),
        ("Médiathèque du Bassin ne peut pas la recevoir", "", "dit par le lieu"),
    ]
    assert queries.happened([mariam.pk], details=True)[1].text == "«\u00a0Elle a crié\u00a0»"


def test_person_panel_is_nothing_without_places_and_says_the_state(town, mariam, library, clock):
    today = clock.now().date()
    assert queries.person_panel([mariam.pk], today) is None
    make_onward(town, mariam, library)
    clock.move(days=14)
    remind_places()
    clock.move(days=7)
    (row,) = queries.person_panel([mariam.pk], today).rows
    assert (row.css, row.state, row.sub) == (
        "ask",
        "Pas de réponse depuis le 26 novembre",
        "Utiliser un ordinateur sur place",
    )


def test_places_for_summary_leaves_out_those_that_cannot(town, mariam, library):
    make_onward(town, mariam, library)
    cannot = make_onward(town, mariam, make_library("Complet"), need="create")
    services.confirm_arrival(cannot, answer="place_cannot", words="Complet", by=PLACE)
    (place,) = queries.places_for_summary([mariam.pk])
    assert (place.name, place.address, place.phone, place.hours, place.need) == (
        "Médiathèque du Bassin",
        "8 quai de la Loire, 75019 Paris",
        "01\u00a099\u00a000\u00a045\u00a012",
        "du mardi au samedi de 10\u00a0h à 19\u00a0h.",
        "utiliser un ordinateur sur place",
    )


def test_paper_of_an_exit_names_where_she_was_sent_on_to(town, mariam, library):
    make_onward(town, mariam, library)
    assert [place.name for place in places_of([mariam.pk])] == ["Médiathèque du Bassin"]


def test_answer_delays_are_of_what_places_said_themselves(town, library, clock):
    persons = [make_mariam(town, chosen_name=name) for name in ("Mariam", "Awa", "Fanta", "Nour")]
    sent = [make_onward(town, person, library) for person in persons]
    clock.move(days=2)
    services.confirm_arrival(sent[0], answer="arrived", by=PLACE)
    clock.move(days=2)
    services.confirm_arrival(sent[1], answer="not_come", by=PLACE)
    services.note_answer(sent[2], answer="arrived", by=town.adviser)
    delay = queries.answer_delays([library.pk])[library.pk]
    assert (delay.days, delay.answers, delay.waiting) == (3, 2, 1)
    assert delay.in_words == "Répond en 3 jours en général, 2 réponses."
    assert queries.answer_delays([make_library("Jamais").pk]) == {}


def test_usual_time_of_a_place_is_told_from_three_answers_on(town, library, clock, django_assert_num_queries):
    persons = [make_mariam(town, chosen_name=name) for name in ("Mariam", "Awa", "Fanta", "Nour")]
    other_row = make_library("Médiathèque du Bassin")
    unasked = make_library("Jamais")
    sent = [make_onward(town, person, library) for person in persons[:2]]
    sent += [make_onward(town, person, other_row) for person in persons[2:]]
    whole, part = [library.pk, other_row.pk], [library.pk]
    for number, onward in enumerate(sent[:3]):
        clock.move(days=2)
        services.confirm_arrival(onward, answer=("arrived", "not_come", "arrived")[number], by=PLACE)
    with django_assert_num_queries(1):
        told = queries.answering_words([whole, part, [unasked.pk]])
    assert told == ["Répond d’habitude en 4\u00a0jours (3\u00a0orientations)", "", ""]


def test_usual_time_of_a_place_that_answers_at_once(town, library):
    for name in ("Mariam", "Awa", "Fanta"):
        onward = make_onward(town, make_mariam(town, chosen_name=name), library)
        services.confirm_arrival(onward, answer="arrived", by=PLACE)
    assert queries.answering_words([[library.pk]]) == ["Répond d’habitude le jour même (3\u00a0orientations)"]


def test_onward_states_are_those_of_the_table():
    from bagage.referrals.domain.onward_lifecycle import WAYS

    assert sorted(OnwardState.values) == sorted(WAYS)
