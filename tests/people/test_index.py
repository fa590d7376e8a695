"""The words of all names in memory: new ones are read, those that never came to be forgotten, late ones found."""

import pytest
from django.conf import settings
from django.db import OperationalError, transaction

from bagage.people import services
from bagage.people.domain.names import name_words
from bagage.people.models import NameKey
from bagage.people.queries import index as index_module
from bagage.people.queries.index import NameIndex, _Newest
from tests.people.factories import make_network, make_person, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def net(now):
    return make_network()


@pytest.fixture
def adviser(net):
    return make_user(net.riquet)


@pytest.fixture
def index(net):
    found = NameIndex()
    found.refresh()
    return found


def bearers(index, text, **kwargs):
    index.refresh()
    return index.candidates(name_words(text), limit=50, **kwargs)


def test_index_reads_what_is_new_in_one_query(net, adviser, index, django_assert_num_queries):
    one = make_person(net.riquet, "Zéphyrine Oyélaran", by=adviser)
    assert bearers(index, "zefirine") == [one.pk]
    two = make_person(net.riquet, "Zéphyrine Brunet", by=adviser)
    with django_assert_num_queries(1):
        index.refresh()
    assert sorted(bearers(index, "zefirine")) == [one.pk, two.pk]
    with django_assert_num_queries(1):
        assert bearers(index, "brunet") == [two.pk]


def test_index_forgets_what_was_rolled_back(net, adviser, index):
    make_person(net.riquet, "Awa Sow", by=adviser)
    index.refresh()
    with transaction.atomic():
        make_person(net.riquet, "Zéphyrine Oyélaran", by=adviser)
        index.refresh()
        transaction.set_rollback(True)
    other = make_person(net.riquet, "Oksana Moroz", by=adviser)
    assert bearers(index, "oksana") == [other.pk]


def test_index_knows_years_and_places_and_who_was_corrected(net, adviser, index):
    one = make_person(net.riquet, "Fatou Diarra", by=adviser, birth_year=1985, where="Saint-Denis")
    two = make_person(net.riquet, "Fatou Diarra", by=adviser, birth_year=1962)
    assert bearers(index, "fatou", year=1985, must_be_born_near=True) == [one.pk]
    assert bearers(index, "fatou stdenis", allowed={two.pk}) == [two.pk]
    services.correct_identity(two, by=adviser, birth_year=1986)
    assert sorted(bearers(index, "fatou", year=1985, must_be_born_near=True)) == [one.pk, two.pk]


def test_index_counts_how_common_a_name_is(net, adviser, index):
    for name in ("Fatou Diarra", "Fatou Diara", "Zéphyrine Diarra"):
        make_person(net.riquet, name, by=adviser)
    index.refresh()
    (fatou, diarra), (zephyrine,) = name_words("Fatou Diarra"), name_words("Zéphyrine")
    assert [index.count(word) for word in (fatou, diarra, zephyrine)] == [2, 3, 1]
    assert index.common.weight(zephyrine) > index.common.weight(fatou) > index.common.weight(diarra)


@pytest.mark.skipif(
    settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"),
    reason="one writer at a time: keys come in their order",
)
def test_index_finds_rows_that_came_late(net, adviser, index, monkeypatch):
    monkeypatch.setattr(_Newest, "OVERLAP", 0)
    monkeypatch.setattr(_Newest, "COUNTED_EVERY", -1.0)
    person = make_person(net.riquet, "Awa Sow", by=adviser)
    first = NameKey.objects.filter(person=person).earliest("pk").pk
    make_person(net.riquet, "Oksana Moroz", by=adviser)
    NameKey.objects.filter(pk=first).delete()
    index.refresh()
    NameKey.objects.create(pk=first, person=person, word="zephyrine", sound="safirin", skeleton="sfrn")
    NameKey.objects.create(person=person, word="brunet", sound="bronat", skeleton="brnt")
    index.refresh()
    make_person(net.riquet, "Binta Ba", by=adviser)
    assert bearers(index, "zephyrine") == [person.pk]


def test_index_of_an_empty_base_finds_nobody(db):
    index = NameIndex()
    assert bearers(index, "fatou") == []


def test_reading_ahead_fills_the_index_of_the_process_and_says_nothing_without_a_database(
    net, adviser, monkeypatch
):
    person = make_person(net.riquet, "Zéphyrine Oyélaran", by=adviser)
    monkeypatch.setattr(index_module, "_indexes", {})
    index_module.read_names()
    assert index_module.name_index().candidates(name_words("zefirine"), limit=5) == [person.pk]

    def no_table(self):
        raise OperationalError

    monkeypatch.setattr(NameIndex, "refresh", no_table)
    assert index_module.read_names() is None
