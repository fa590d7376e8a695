"""All files gone through for those that may be one person's, and the list that comes of it."""

from datetime import date

import pytest

from bagage.accounts.domain.roles import Ability, Role
from bagage.people import services
from bagage.people.models import AlikePair, AlikeSearch, PersonName
from bagage.people.queries import alike_pairs, why_alike
from tests.people.factories import make_network, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def net(now):
    return make_network()


@pytest.fixture
def adviser(net):
    return make_user(net.riquet)


@pytest.fixture
def lead(net):
    return make_user(net.root, Role.PROGRAMME_LEAD)


@pytest.fixture
def pair(net, adviser):
    one = make_person(net.riquet, "Fatoumata Diarra", by=adviser, birth_year=1985, phone="+33639984127")
    other = make_person(net.riquet, "Diarra Fatou", by=adviser, phone="+33639984127")
    make_person(net.riquet, "Moussa Camara", by=adviser, phone="+33639984127")
    make_person(net.riquet, "Aminata Diarra", by=adviser, birth_year=1985)
    return one, other


def found(user):
    return [(each.one, each.other) for each in alike_pairs(user.node_ids(Ability.LOOK_UP))]


def test_search_alike_finds_the_pair_and_keeps_a_couple_and_a_family_apart(adviser, pair):
    gone = services.search_alike()
    assert (gone.files, gone.is_whole) == (4, True)
    assert found(adviser) == [pair]
    (each,) = alike_pairs(adviser.node_ids(Ability.LOOK_UP))
    assert {reason.kind for reason in why_alike([each])[each.pk].reasons} >= {"said_for", "same_phone"}


def test_search_alike_finds_who_married_and_keeps_twins_and_a_mother_and_her_daughter_apart(net, adviser):
    """She keeps her given name, telephone and year; twins share all but the given name, those two all but the year."""
    day = date(1985, 3, 12)
    one = make_person(net.riquet, "Oksana Moroz", by=adviser, birth_date=day, phone="+33639984127")
    other = make_person(net.riquet, "Oxana Rudenko", by=adviser, birth_year=1985, phone="+33639984127")
    make_person(net.riquet, "Halyna Moroz", by=adviser, birth_date=day, phone="+33639984127")
    make_person(net.riquet, "Oksana Moroz", by=adviser, birth_year=2009, phone="+33639984127")
    services.search_alike()
    assert found(adviser) == [(one, other)]


def test_search_alike_finds_who_has_no_home_and_moved(net, adviser):
    day = date(1985, 3, 12)
    files = [
        make_person(net.riquet, "Moussa Camara", by=adviser, birth_date=day, where=where)
        for where in ("Paris", "Montreuil, sans domicile")
    ]
    services.search_alike()
    assert found(adviser) == [tuple(files)]


def test_search_alike_goes_on_where_it_stopped_and_begins_anew(net, adviser, pair):
    assert (services.search_alike(limit=1).files, AlikePair.objects.count()) == (1, 1)
    assert services.search_alike(limit=1).is_whole is False
    assert services.search_alike(limit=5) == services.alike.Gone(2, True)
    assert (AlikeSearch.objects.get().up_to, found(adviser)) == (0, [pair])
    services.search_alike()
    assert AlikePair.objects.count() == 1


def test_a_pair_leaves_the_list_when_someone_spoke_or_a_name_was_corrected(adviser, pair):
    one, other = pair
    services.search_alike()
    merge = services.mark_as_same(one, other, by=adviser)
    assert found(adviser) == []
    services.separate(merge, by=adviser)
    assert found(adviser) == [pair]
    services.say_not_the_same(other, one, by=adviser)
    assert found(adviser) == []
    services.take_back_not_the_same(one, other, by=adviser)
    assert found(adviser) == [pair]
    services.correct_identity(other, by=adviser, chosen_name="Oksana", family_name="Moroz")
    services.search_alike()
    # Her former name still finds her: the pair stays, as long as nobody says otherwise.
    assert found(adviser) == [pair]
    PersonName.objects.filter(person=other).delete()
    services.rebuild_name_keys(other)
    services.search_alike()
    assert found(adviser) == []


def test_a_pair_of_two_sites_is_seen_only_by_who_sees_both(net, adviser, lead):
    there = make_user(net.saint_denis)
    one = make_person(net.riquet, "Zéphyrine Oyélaran", by=adviser, birth_year=1985)
    other = make_person(net.saint_denis, "Zefirine Oyelaran", by=there, birth_year=1985)
    services.search_alike()
    assert (found(adviser), found(there), found(lead)) == ([], [], [(one, other)])


def test_alike_pairs_ask_as_much_for_three_as_for_one(net, adviser, django_assert_num_queries):
    def add(name):
        make_person(net.riquet, name, by=adviser, birth_year=1985)
        make_person(net.riquet, name, by=adviser, birth_year=1985)

    def read():
        pairs = list(alike_pairs(nodes))
        return len(why_alike(pairs)) == len(pairs), len(pairs)

    nodes = adviser.node_ids(Ability.LOOK_UP)
    add("Zéphyrine Oyélaran")
    services.search_alike()
    read()
    with django_assert_num_queries(5):
        assert read() == (True, 1)
    add("Oksana Moroz")
    add("Murugan Sivakumar")
    services.search_alike()
    read()
    with django_assert_num_queries(5):
        assert read() == (True, 3)
