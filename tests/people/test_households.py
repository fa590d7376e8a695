"""Who lives with whom: said once, undone, one household at a time, nothing told of one with the other's file."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from bagage.common.errors import BusinessError, Conflict
from bagage.people import services
from bagage.people.models import Household, HouseholdMember
from bagage.people.queries.households import lives_with
from bagage.trail.models import Entry
from tests.people.factories import make_network, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def net(now):
    return make_network()


@pytest.fixture
def adviser(net):
    return make_user(net.riquet)


@pytest.fixture
def three(net, adviser):
    return [
        make_person(net.riquet, name, by=adviser)
        for name in ("Fatoumata Diarra", "Awa Diarra", "Moussa Camara")
    ]


def names(person):
    return [(member.person.chosen_name, member.kind) for member in lives_with(person)]


def test_household_is_seen_from_each_of_its_files(adviser, three):
    mother, child, father = three
    services.say_they_live_together(mother, child, kind="child", by=adviser)
    services.say_they_live_together(mother, father, by=adviser)
    assert names(mother) == [("Moussa", "adult"), ("Awa", "child")]
    assert names(child) == [("Fatoumata", "adult"), ("Moussa", "adult")]
    assert Household.objects.count() == 1
    assert Entry.objects.filter(verb="join_household").count() == 3


def test_household_said_twice_or_from_the_other_side_is_said_once(adviser, three):
    mother, child, _ = three
    first = services.say_they_live_together(mother, child, kind="child", by=adviser)
    assert services.say_they_live_together(mother, child, kind="child", by=adviser) == first
    services.say_they_live_together(child, mother, by=adviser)
    assert HouseholdMember.objects.count() == 2


def test_household_takes_in_who_joins_from_her_own_file(adviser, three):
    mother, child, father = three
    services.say_they_live_together(mother, child, kind="child", by=adviser)
    services.say_they_live_together(father, mother, by=adviser)
    assert names(father) == [("Fatoumata", "adult"), ("Awa", "child")]


def test_household_is_refused_with_oneself_in_another_one_and_of_no_known_kind(net, adviser, three):
    mother, child, father = three
    other = make_person(net.riquet, "Binta Ba", by=adviser)
    services.say_they_live_together(mother, child, by=adviser)
    services.say_they_live_together(father, other, by=adviser)
    with pytest.raises(Conflict, match="Binta vit déjà dans un autre foyer"):
        services.say_they_live_together(mother, other, by=adviser)
    with pytest.raises(BusinessError, match="elle-même"):
        services.say_they_live_together(mother, mother, by=adviser)
    with pytest.raises(BusinessError, match="adulte ou enfant"):
        services.say_they_live_together(mother, child, kind="cousin", by=adviser)
    services.mark_as_same(mother, other, by=adviser)
    with pytest.raises(BusinessError, match="elle-même"):
        services.say_they_live_together(other, mother, by=adviser)


def test_leaving_ends_it_and_the_last_one_is_alone(adviser, three, now):
    mother, child, father = three
    services.say_they_live_together(mother, child, by=adviser)
    member = services.say_they_live_together(mother, father, by=adviser)
    services.leave_household(member, by=adviser)
    services.leave_household(member, by=adviser)
    assert (names(father), names(mother)) == ([], [("Awa", "adult")])
    services.leave_household(HouseholdMember.objects.get(person=child), by=adviser)
    assert HouseholdMember.objects.filter(left_at=None).count() == 0
    services.say_they_live_together(father, child, by=adviser, at=now + timedelta(days=1))
    assert names(father) == [("Awa", "adult")]


def test_one_household_at_a_time_is_held_by_the_database(adviser, three, now):
    mother, child, _ = three
    services.say_they_live_together(mother, child, by=adviser)
    other = Household.objects.create(created_at=now)
    with pytest.raises(IntegrityError), transaction.atomic():
        HouseholdMember.objects.create(household=other, person=child, joined_at=now)


def test_lives_with_asks_as_much_for_three_as_for_one(net, adviser, three, django_assert_num_queries):
    mother, child, father = three
    services.say_they_live_together(mother, child, by=adviser)
    with django_assert_num_queries(2):
        assert len(lives_with(mother)) == 1
    services.say_they_live_together(mother, father, by=adviser)
    services.say_they_live_together(mother, make_person(net.riquet, "Binta Ba", by=adviser), by=adviser)
    with django_assert_num_queries(2):
        assert len(lives_with(mother)) == 3
