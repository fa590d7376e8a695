"""Which facts of a person are shown to whom: the table itself, and what a reader is to a person."""

from datetime import timedelta

import pytest

from bagage.accounts.domain.roles import ABILITIES, Ability, Role
from bagage.accounts.models import Membership
from bagage.people.domain.fields import OPENED_BY, Field, Sight, Tie, Why, sight_of_role
from bagage.people.models import Following, Person
from bagage.people.permissions import can_read, listed_fields, sight_of
from bagage.permanences.models import Appointment, OpeningBlock, Site
from bagage.trail.registry import all_declarations, of_persons
from tests.people.factories import Network, make_network, make_person, make_user

READERS = {Role.RECEPTIONIST, Role.ADVISER, Role.PROGRAMME_LEAD}
ADVISERS = {Role.ADVISER, Role.PROGRAMME_LEAD}
PRIVACY = {Role.PROGRAMME_LEAD, Role.ADMINISTRATOR}
# The table, as the roles see it: who reads what where she is followed, without any other tie.
SEEN_BY = {
    Field.CALLED: READERS | PRIVACY | {Role.VOLUNTEER},
    Field.NAME: READERS | PRIVACY,
    Field.CARD: READERS | PRIVACY | {Role.LOGISTICS},
    Field.BIRTH: READERS,
    Field.LANGUAGES: READERS,
    Field.WHERE: READERS,
    Field.NAMES: READERS,
    Field.REACH: READERS,
    Field.PHONE: READERS,
    Field.HOUSEHOLD: READERS,
    Field.AGREEMENTS: READERS,
    Field.OBSTACLES: ADVISERS,
    Field.NOTE: ADVISERS,
    Field.FROZEN: READERS | PRIVACY,
    Field.PAPERS: READERS,
    Field.FOLLOWED: READERS,
    Field.REQUESTS: READERS,
    Field.BAG: READERS,
    Field.EVIDENCE: ADVISERS,
    Field.WELCOME: READERS,
    Field.STEPS: READERS,
    Field.COMING: READERS,
    Field.APPOINTMENTS: READERS,
    Field.EXIT: ADVISERS,
    Field.REFERRAL: READERS,
    Field.NEWS: READERS,
    Field.ONWARD: READERS,
    Field.LINES: READERS,
    Field.ADVICE: ADVISERS,
    Field.PURCHASES: READERS,
    Field.DEVICES: READERS,
    Field.DEVICE_NOTES: READERS | {Role.LOGISTICS},
    Field.STOCK_NOTES: READERS | {Role.LOGISTICS},
    Field.MESSAGES: READERS,
    Field.IMPORTED: READERS,
}


def test_every_fact_is_in_the_table():
    assert set(OPENED_BY) == set(Field)
    assert set(SEEN_BY) == set(Field)


@pytest.mark.parametrize("field", Field)
def test_a_fact_is_shown_to_these_roles_and_no_other(field: Field):
    assert {role for role in Role if sight_of_role(role).shows(field)} == SEEN_BY[field]


def test_who_is_booked_with_her_sees_four_things():
    assert Sight(ties=frozenset({Tie.FOR_A_WHILE})).fields == {
        Field.CALLED,
        Field.COMING,
        Field.REQUESTS,
        Field.BAG,
    }


def test_who_referred_her_hears_only_while_she_agrees():
    refused = Sight(ties=frozenset({Tie.REFERRED}))
    agreed = Sight(ties=frozenset({Tie.REFERRED, Tie.HEARS}))
    assert agreed.fields - refused.fields == {Field.NEWS}
    assert refused.fields == {Field.CALLED, Field.REFERRAL}
    assert [sight.why(Field.NEWS) for sight in (refused, agreed)] == [Why.NOT_AGREED, Why.TIE]


def test_it_says_why():
    nobody, adviser, reception = Sight(), sight_of_role(Role.ADVISER), sight_of_role(Role.RECEPTIONIST)
    assert [sight.why(Field.OBSTACLES) for sight in (nobody, adviser, reception)] == [
        Why.NOT_FOLLOWED,
        Why.ROLE,
        Why.NOT_THIS_ROLE,
    ]


def test_every_fact_that_is_handed_to_her_has_its_group():
    unknown = [
        f"{each.model}.{name}"
        for each in of_persons()
        for name in {*each.export, *each.personal}
        if each.group_of(name) not in set(Field)
    ]
    assert sorted(unknown) == []
    assert [each.model for each in all_declarations() if set(each.groups) - set(each.export)] == []


# ---------- a reader and a person ----------
@pytest.fixture
def network(db: None) -> Network:
    return make_network()


@pytest.mark.parametrize("role", Role)
def test_a_reader_sees_what_the_table_says(role: Role, network: Network, now):
    person = make_person(network.riquet, "Fanta Diallo", by=make_user(network.riquet))
    user = make_user(network.riquet, role, "Alix")
    assert sight_of(user, person, now).abilities == ABILITIES[role]
    assert {field for field in Field if can_read(user, person, field, now)} == {
        field for field in Field if role in SEEN_BY[field]
    }
    assert listed_fields(user, [network.riquet.pk]) == sight_of_role(role).fields


def test_a_role_elsewhere_shows_nothing(network: Network, now):
    person = make_person(network.riquet, "Fanta Diallo", by=make_user(network.riquet))
    user = make_user(network.saint_denis, Role.ADVISER, "Alix")
    assert sight_of(user, person, now) == Sight()
    assert listed_fields(user, [network.riquet.pk]) == frozenset()


def test_a_place_that_follows_her_no_more_shows_nothing(network: Network, now):
    person = make_person(network.riquet, "Fanta Diallo", by=make_user(network.riquet))
    Following.objects.filter(person=person).update(ended_at=now - timedelta(hours=1))
    assert sight_of(make_user(network.riquet, Role.ADVISER, "Alix"), person, now) == Sight()


def test_a_list_of_two_places_says_what_is_shown_at_both(network: Network):
    user = make_user(network.riquet, Role.ADVISER, "Alix")
    Membership.objects.create(user=user, organisation=network.saint_denis, role=Role.RECEPTIONIST)
    both = listed_fields(user, [network.riquet.pk, network.saint_denis.pk])
    assert both == sight_of_role(Role.RECEPTIONIST).fields
    assert listed_fields(user, []) == frozenset()


def test_who_is_booked_with_her_sees_her_for_a_while(network: Network, now):
    person = make_person(network.riquet, "Fanta Diallo", by=make_user(network.riquet))
    user = make_user(network.riquet, Role.VOLUNTEER, "Alix")
    site, _made = Site.objects.get_or_create(
        organisation=network.riquet, defaults={"address": "1 rue A", "postcode": "75019", "city": "Paris"}
    )
    hour = timedelta(hours=1)
    block = OpeningBlock.objects.create(site=site, adviser=user, starts_at=now, ends_at=now + hour)
    Appointment.objects.create(
        site=site, block=block, adviser=user, person=person, starts_at=now, ends_at=now + hour,
        booked_at=now, changed_at=now,
    )  # fmt: skip
    sight = sight_of(user, Person.objects.get(pk=person.pk), now)
    assert sight.ties == {Tie.FOR_A_WHILE}
    assert sight.fields == {Field.CALLED, Field.COMING, Field.REQUESTS, Field.BAG}
    assert sight.why(Field.REQUESTS) == Why.TIE
    assert Ability.READ_FILE not in sight.abilities
