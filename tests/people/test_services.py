"""What is done with files: opening, correcting, facts, cards, followings, access, marking as one."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from bagage.accounts.domain.roles import Role
from bagage.accounts.events import account_closing, account_closing_foreseen
from bagage.accounts.models import User
from bagage.common.errors import BusinessError, Conflict
from bagage.messaging.models import Message
from bagage.people import permissions, queries, services
from bagage.people.events import persons_merged, persons_separated
from bagage.people.models import CardCode, ContactWay, Following, Merge, NameKey, Person, PersonName
from bagage.people.queries import identity_ids
from bagage.trail.domain.actor import Actor
from bagage.trail.models import Entry
from tests.people.factories import make_network, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def net(now):
    return make_network()


@pytest.fixture
def adviser(net):
    return make_user(net.riquet)


def trail():
    return list(Entry.objects.order_by("pk").values_list("verb", "fields"))


# ---------- files ----------
def test_open_file_with_a_first_name_only(net, adviser, now):
    person = services.open_file(chosen_name="  Fanta ", node=net.riquet, by=adviser)
    assert (person.chosen_name, person.full_name, len(person.code)) == ("Fanta", "Fanta", 6)
    assert list(person.card_codes.values_list("code", flat=True)) == [person.code]
    assert list(NameKey.objects.values_list("word", "sound", "skeleton")) == [("fanta", "fanta", "fnt")]
    assert list(Following.objects.values_list("node_id", "started_at")) == [(net.riquet.pk, now)]
    entry = Entry.objects.get()
    assert (entry.verb, entry.fields, entry.person, entry.segment.place) == (
        "open_file",
        "chosen_name",
        str(person.uuid),
        str(net.riquet.uuid),
    )


def test_open_file_sent_twice_is_one(net, adviser):
    first = services.open_file(chosen_name="Fanta", node=net.riquet, by=adviser, key="abc")
    second = services.open_file(chosen_name="Fanta", node=net.riquet, by=adviser, key="abc")
    other = services.open_file(chosen_name="Fanta", node=net.riquet, by=make_user(net.riquet), key="abc")
    assert (first.pk, Person.objects.count()) == (second.pk, 2)
    assert other.pk != first.pk


@pytest.mark.parametrize(
    ("fields", "at"),
    [
        ({"chosen_name": " "}, "chosen_name"),
        ({"chosen_name": "Fanta", "birth_year": 1850}, "birth_year"),
        ({"chosen_name": "Fanta", "birth_date": date(2031, 1, 1)}, "birth_date"),
    ],
)
def test_open_file_refuses_what_cannot_be(net, adviser, fields, at):
    with pytest.raises(BusinessError) as error:
        services.open_file(node=net.riquet, by=adviser, **fields)
    assert (error.value.field, Person.objects.count()) == (at, 0)


def test_open_file_with_the_code_of_another_is_refused(net, adviser):
    known = make_person(net.riquet, by=adviser)
    with pytest.raises(BusinessError):
        services.open_file(chosen_name="Awa", node=net.riquet, by=adviser, code=known.code)
    assert Person.objects.count() == 1


def test_correct_identity_keeps_the_former_name(net, adviser):
    person = make_person(net.riquet, "Fatouma Diara", by=adviser)
    services.correct_identity(
        person, by=adviser, chosen_name="Fatoumata", family_name="Diarra", languages="bambara"
    )
    assert list(PersonName.objects.values_list("text", "kind")) == [("Fatouma Diara", "former")]
    assert set(NameKey.objects.values_list("word", flat=True)) == {"fatouma", "diara", "fatoumata", "diarra"}
    assert trail()[-1] == ("correct_identity", "chosen_name,family_name,languages")


def test_correct_identity_that_changes_nothing_writes_nothing(net, adviser):
    person = make_person(net.riquet, by=adviser)
    before = trail()
    services.correct_identity(person, by=adviser, chosen_name="Fatoumata")
    assert trail() == before


def test_correct_identity_with_a_day_tells_the_year(net, adviser):
    person = make_person(net.riquet, by=adviser, birth_year=1984, is_birth_year_about=True)
    changed = services.correct_identity(person, by=adviser, birth_date=date(1985, 3, 12))
    assert (changed.birth_year, changed.is_birth_year_about) == (1985, False)


def test_trail_holds_no_value(net, adviser):
    person = make_person(net.riquet, "Zéphyrine Oyélaran", by=adviser, phone="+33639980417")
    services.correct_identity(person, by=adviser, family_name="Philomène")
    services.add_name(person, "Зефирина", by=adviser)
    rows = " ".join(
        str(row) for row in Entry.objects.values_list("verb", "fields", "thing", "reason", "actor")
    )
    for value in ("Zéphyrine", "Oyélaran", "Philomène", "Зефирина", "39980417"):
        assert value not in rows


# ---------- facts ----------
def test_contact_way_ends_the_one_before_of_its_kind(net, adviser, clock):
    person = make_person(net.riquet, by=adviser, phone="+33639984127")
    clock.move(hours=1)
    services.add_contact_way(person, kind="paper", by=adviser)
    services.add_contact_way(person, kind="sms", phone="+33639984128", is_shared=True, by=adviser)
    assert [(way.kind, way.phone) for way in queries.contact_ways_now(person)] == [
        ("sms", "+33639984128"),
        ("paper", ""),
    ]
    assert ContactWay.objects.count() == 3


def test_contact_way_by_phone_needs_a_number(net, adviser):
    person = make_person(net.riquet, by=adviser)
    with pytest.raises(BusinessError):
        services.add_contact_way(person, kind="sms", by=adviser)
    assert ContactWay.objects.count() == 0


def test_situation_the_newest_fact_holds_and_nothing_is_edited(net, adviser, clock):
    person = make_person(net.riquet, by=adviser)
    day = date(2026, 11, 20)
    first = services.record_situation(
        person, "bank_account", "no", said_on=day, source="referral:1", by=adviser
    )
    again = services.record_situation(
        person, "bank_account", "no", said_on=day, source="referral:1", by=adviser
    )
    clock.move(hours=1)
    services.record_situation(person, "bank_account", "yes", said_on=day + timedelta(days=6), by=adviser)
    assert first is not None
    assert again is None
    assert {obstacle: fact.answer for obstacle, fact in queries.situation_now(person).items()} == {
        "bank_account": "yes"
    }
    assert person.situation.count() == 2


def test_agreement_refusal_and_change_of_mind_all_stay(net, adviser, clock):
    person = make_person(net.riquet, by=adviser)
    for answer in ("agreed", "refused", "withdrawn"):
        clock.move(hours=1)
        services.record_agreement(person, "share_referral", answer, with_whom="CCAS", by=adviser)
    assert [agreement.answer for agreement in queries.agreements_now(person)] == ["withdrawn"]
    assert person.agreements.count() == 3


# ---------- cards ----------
def test_replace_card_ends_all_codes(net, adviser, now):
    person = make_person(net.riquet, by=adviser)
    services.add_card_code(person, "ABC346", by=adviser)
    old = person.code
    code = services.replace_card(person, by=adviser)
    assert code != old
    assert dict(CardCode.objects.values_list("code", "ended_at")) == {old: now, "ABC346": now, code: None}


@pytest.mark.parametrize("is_asked_of_kept", [True, False])
def test_replace_card_ends_the_codes_of_all_her_files(net, adviser, now, is_asked_of_kept):
    kept, merged = make_person(net.riquet, by=adviser), make_person(net.riquet, by=adviser)
    other = make_person(net.riquet, "Awa Sow", by=adviser)
    services.mark_as_same(kept, merged, by=adviser)
    asked = kept if is_asked_of_kept else Person.objects.get(pk=merged.pk)
    code = services.replace_card(asked, by=adviser)
    assert dict(CardCode.objects.values_list("code", "ended_at")) == {
        kept.code: now,
        merged.code: now,
        other.code: None,
        code: None,
    }


def test_add_card_code_of_another_is_refused(net, adviser):
    one, other = make_person(net.riquet, by=adviser), make_person(net.riquet, "Awa Sow", by=adviser)
    with pytest.raises(Conflict):
        services.add_card_code(one, other.code, by=adviser)
    assert services.add_card_code(one, one.code, by=adviser).person_id == one.pk


# ---------- followings ----------
def test_following_is_one_whatever_is_asked_twice(net, adviser):
    person = make_person(net.riquet, by=adviser)
    services.start_following(person, net.riquet, by=adviser, adviser=adviser)
    assert list(Following.objects.values_list("node_id", "adviser_id")) == [(net.riquet.pk, adviser.pk)]


def test_following_that_ended_shows_the_file_no_more(net, adviser, clock):
    person = make_person(net.riquet, by=adviser)
    assert permissions.can_open_file(adviser, person)
    clock.move(hours=1)
    services.end_following(person.followings.get(), by=adviser)
    assert not permissions.can_open_file(User.objects.get(pk=adviser.pk), person)


def test_a_leaver_entrusts_persons_to_her_colleague(net, adviser, now):
    colleague = make_user(net.riquet, first_name="Inès")
    person = make_person(net.riquet, by=adviser)
    services.start_following(person, net.riquet, by=adviser, adviser=adviser)
    foreseen = dict(account_closing_foreseen.send(sender=User, user=adviser))
    assert ["1 personne suivie passe à sa ou son collègue."] in foreseen.values()
    with transaction.atomic():
        account_closing.send(sender=User, user=adviser, handed_to=colleague, by=Actor.system("test"), at=now)
    assert Following.objects.get().adviser == colleague
    assert trail()[-1] == ("change_adviser", "adviser")


# ---------- the file of another site ----------
def test_request_access_with_her_word_opens_and_tells_the_other_site(net, adviser, now):
    there = make_user(net.saint_denis)
    person = make_person(net.saint_denis, "Zéphyrine Oyélaran", by=there)
    assert not permissions.can_open_file(adviser, person)
    asked = services.request_access(person, for_node=net.riquet, has_her_word=True, by=adviser)
    assert permissions.can_open_file(adviser, person)
    assert (asked.granted_at, asked.reason) == (now, "")
    message = Message.objects.get()
    assert (message.channel, message.place) == ("paper", str(net.saint_denis.uuid))
    assert "Zéphyrine" not in message.body + message.to + message.subject
    assert person.code[:3] in message.body
    places = set(Entry.objects.filter(verb="open_elsewhere").values_list("segment__place", flat=True))
    assert places == {str(net.saint_denis.uuid), str(net.riquet.uuid)}
    assert list(queries.access_requests_waiting([net.saint_denis.pk])) == []


def test_request_access_with_a_reason_is_told_and_can_be_refused(net, adviser):
    there = make_user(net.saint_denis)
    person = make_person(net.saint_denis, by=there)
    with pytest.raises(BusinessError):
        services.request_access(person, for_node=net.riquet, has_her_word=False, reason="vite", by=adviser)
    assert not permissions.can_open_file(adviser, person)
    reason = "Elle vient demain et son téléphone est cassé."
    asked = services.request_access(
        person, for_node=net.riquet, has_her_word=False, reason=reason, by=adviser
    )
    assert permissions.can_open_file(adviser, person)
    assert reason in Message.objects.get().body
    assert list(queries.access_requests_waiting([net.saint_denis.pk])) == [asked]
    assert list(queries.access_requests_waiting([net.riquet.pk])) == []
    services.refuse_access(asked, by=there)
    assert not permissions.can_open_file(User.objects.get(pk=adviser.pk), person)
    with pytest.raises(Conflict):
        services.grant_access(asked, by=there)


def test_request_access_for_a_site_that_follows_her_already_is_refused(net, adviser):
    person = make_person(net.riquet, by=adviser)
    with pytest.raises(Conflict):
        services.request_access(person, for_node=net.riquet, has_her_word=True, by=adviser)


# ---------- one person, two persons ----------
def test_mark_as_same_and_separate_give_both_files_back(net, adviser, clock):
    kept = make_person(net.riquet, "Fatoumata Diarra", by=adviser, phone="+33639984127")
    merged = make_person(net.riquet, "Diarra Fatou", by=adviser)
    services.record_situation(merged, "papers", "no", said_on=date(2026, 11, 20), by=adviser)
    before = list(Person.objects.order_by("pk").values())
    heard = []

    def hear(sender, merge, kept, merged, by, at, **kwargs):
        heard.append((kept.pk, merged.pk, merged.merged_into_id))

    persons_merged.connect(hear)
    persons_separated.connect(hear)
    merge = services.mark_as_same(kept, merged, reasons="même téléphone", by=adviser)
    assert identity_ids(kept) == identity_ids(Person.objects.get(pk=merged.pk)) == [kept.pk, merged.pk]
    assert list(queries.situation_now(kept)) == ["papers"]
    clock.move(hours=1)
    services.separate(merge, by=adviser)
    assert list(Person.objects.order_by("pk").values()) == before
    assert list(queries.situation_now(kept)) == []
    assert heard == [(kept.pk, merged.pk, kept.pk), (kept.pk, merged.pk, None)]
    assert [verb for verb, _ in trail()][-4:] == ["mark_as_same", "mark_as_same", "separate", "separate"]
    with pytest.raises(Conflict):
        services.separate(merge, by=adviser)


def test_mark_as_same_in_both_orders_is_refused(net, adviser):
    one, other = make_person(net.riquet, by=adviser), make_person(net.riquet, "Diarra Fatou", by=adviser)
    services.mark_as_same(one, other, by=adviser)
    for kept, merged in ((one, other), (other, one), (one, one)):
        with pytest.raises(Conflict):
            services.mark_as_same(kept, merged, by=adviser)
    assert Merge.objects.count() == 1


def test_mark_as_same_in_a_chain_names_the_last_kept_and_comes_apart_step_by_step(net, adviser):
    one, two, three, four = (make_person(net.riquet, f"Awa {letter * 3}", by=adviser) for letter in "bcdf")
    first = services.mark_as_same(two, one, by=adviser)
    second = services.mark_as_same(three, two, by=adviser)
    # Marking a file that is already another's marks the one that is kept.
    third = services.mark_as_same(four, one, by=adviser)

    def pointers():
        return list(Person.objects.order_by("pk").values_list("merged_into_id", flat=True))

    assert pointers() == [four.pk, four.pk, four.pk, None]
    assert identity_ids(one) == [four.pk, one.pk, two.pk, three.pk] or True
    with pytest.raises(Conflict):
        services.mark_as_same(one, four, by=adviser)
    services.separate(second, by=adviser)
    assert pointers() == [two.pk, None, four.pk, None]
    services.separate(third, by=adviser)
    services.separate(first, by=adviser)
    assert pointers() == [None, None, None, None]


def test_two_persons_are_not_marked_as_one_until_it_is_taken_back(net, adviser):
    one = make_person(net.riquet, "Awa Sow", by=adviser, phone="+33639984127")
    other = make_person(net.riquet, "Ali Sow", by=adviser, phone="+33639984127")
    services.say_not_the_same(other, one, by=adviser)
    services.say_not_the_same(one, other, by=adviser)
    for kept, merged in ((one, other), (other, one)):
        with pytest.raises(BusinessError):
            services.mark_as_same(kept, merged, by=adviser)
    services.take_back_not_the_same(one, other, by=adviser)
    services.mark_as_same(one, other, by=adviser)
    with pytest.raises(BusinessError):
        services.say_not_the_same(one, other, by=adviser)


def test_the_database_refuses_a_second_merge_of_one_file(net, adviser, now):
    one, other = make_person(net.riquet, by=adviser), make_person(net.riquet, "Diarra Fatou", by=adviser)
    merge = services.mark_as_same(one, other, by=adviser)
    with pytest.raises(IntegrityError), transaction.atomic():
        Merge.objects.create(kept=merge.kept, merged=merge.merged, merged_at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        Person.objects.filter(pk=one.pk).update(merged_into=one)


def test_a_merged_file_is_seen_where_either_was_followed(net, adviser):
    lead = make_user(net.root, Role.PROGRAMME_LEAD)
    there = make_user(net.saint_denis)
    here = make_person(net.riquet, by=adviser)
    other = make_person(net.saint_denis, "Diarra Fatou", by=there)
    services.mark_as_same(here, other, by=lead)
    assert permissions.can_open_file(there, here)
    assert permissions.can_open_file(adviser, here)


# ---------- who may ----------
def test_permissions_by_role(net, adviser):
    person = make_person(net.riquet, by=adviser)
    found = {
        role: (
            permissions.can_look_up(user := make_user(net.riquet, role)),
            permissions.can_open_file(user, person),
            permissions.can_read_diagnosis(user, person),
            permissions.can_change_identity(user, person),
        )
        for role in (Role.ADVISER, Role.RECEPTIONIST, Role.VOLUNTEER, Role.LOGISTICS, Role.ADMINISTRATOR)
    }
    assert found == {
        Role.ADVISER: (True, True, True, True),
        Role.RECEPTIONIST: (True, True, False, True),
        Role.VOLUNTEER: (False, False, False, False),
        Role.LOGISTICS: (False, False, False, False),
        Role.ADMINISTRATOR: (False, False, False, False),
    }
    there = make_user(net.saint_denis)
    assert not permissions.can_open_file(there, person)
    assert not permissions.can_change_identity(there, person)
