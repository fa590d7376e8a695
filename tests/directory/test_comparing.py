"""Likely doubles of a large reading are looked for afterwards, in pieces, and none is missed."""

import pytest

from bagage.directory import services, tasks
from bagage.directory.models import Feed, LikelySame, Structure
from bagage.directory.services import comparing, feeds, held
from tests.directory.factories import AT, make_place
from tests.directory.test_feeds import BY, load, row

# The job holds a lock of the home, which the processes of one run share.
pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("compare_places")]
TOWNS = {
    "75119": ("Paris", "75019"),
    "59350": ("Lille", "59000"),
    "2A004": ("Ajaccio", "20000"),
    "23096": ("Guéret", "23000"),
}


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(feeds, "COMPARED", 3)
    monkeypatch.setattr(comparing, "COMMUNES", 1)
    monkeypatch.setattr(held, "WAIT", 0.05)


@pytest.fixture
def feed():
    return services.make_feed(slug="essai", name="Essai", format="mediation", by=BY)


def doubles(**changed):
    """A row in each of four towns; a place of the same name and address stands in each."""
    for code, (city, postcode) in TOWNS.items():
        make_place(
            f"Médiathèque {city}", address="3 rue Haxo", city=city, postcode=postcode, commune_code=code
        )
    return [
        row(number, nom=f"Mediatheque {city}", adresse="3 rue Haxo", code_insee=code, code_postal=postcode,
            commune=city, latitude="", longitude="", **changed)
        for number, (code, (city, postcode)) in enumerate(TOWNS.items(), start=1)
    ]  # fmt: skip


def pairs():
    return sorted(LikelySame.objects.values_list("first__commune_code", flat=True))


def test_more_than_the_most_are_compared_by_the_job(feed):
    report = load(feed, *doubles())
    assert (report.compared_later, report.possible_duplicates, pairs()) == (True, [], [])
    assert tasks.compare_places() == 4
    assert pairs() == sorted(TOWNS)
    assert Feed.objects.filter(compare_since__isnull=False).count() == 0
    assert tasks.compare_places() is None


def test_fewer_are_compared_at_once_and_nothing_waits(feed):
    report = load(feed, *doubles()[:3])
    assert (report.compared_later, len(report.possible_duplicates), len(pairs())) == (False, 3, 3)
    assert Feed.objects.get().compare_since is None


def test_it_goes_on_where_it_was_cut_off(feed, monkeypatch):
    load(feed, *doubles())
    real, asked = comparing.pairs_in, []

    def dies(communes, fresh):
        asked.append(list(communes))
        if len(asked) == 3:
            raise KeyboardInterrupt
        return real(communes, fresh)

    monkeypatch.setattr(comparing, "pairs_in", dies)
    with pytest.raises(KeyboardInterrupt):
        tasks.compare_places()
    assert len(pairs()) == 2
    assert tasks.compare_places() == 2
    assert sorted(pairs()) == sorted(TOWNS)
    # The piece that was cut off, and no other, is looked at again.
    assert asked[2] == asked[3]
    assert len(asked) == 5


def test_one_turn_ends_in_its_time(feed):
    load(feed, *doubles())
    assert comparing.compare_waiting(seconds=0) == 0
    assert Feed.objects.get().compare_since is not None


def test_what_a_reading_that_was_cut_off_wrote_is_compared_too(feed, monkeypatch):
    rows = doubles()

    def dies(*_rest, **_more):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(feeds, "_finish", dies)
        with pytest.raises(KeyboardInterrupt):
            load(feed, *rows)
    assert Structure.objects.filter(feed=feed).count() == 4
    # The next reading finds nothing new, and so compares nothing.
    assert load(feed, *rows).unchanged == 4
    assert tasks.compare_places() == 4


def test_a_reading_that_begins_meanwhile_has_it_begin_again(feed, monkeypatch):
    rows = doubles()
    load(feed, *rows)
    real, asked = comparing.pairs_in, []

    def read_meanwhile(communes, fresh):
        if not asked:
            load(feed, *[{**each, "telephone": "+33142009999"} for each in rows])
        asked.append(list(communes))
        return real(communes, fresh)

    monkeypatch.setattr(comparing, "pairs_in", read_meanwhile)
    tasks.compare_places()
    assert asked[0] == asked[1]
    assert len(asked) == 5
    assert pairs() == sorted(TOWNS)


def test_a_source_that_is_being_read_waits(feed):
    load(feed, *doubles())
    with services.reading_of(feed):
        assert tasks.compare_places() is None
    assert tasks.compare_places() == 4


def test_what_was_decided_is_not_asked_again(feed):
    load(feed, *doubles())
    tasks.compare_places()
    one = LikelySame.objects.order_by("pk").first()
    services.part(one.first, one.second, by=BY)
    comparing.wait_for_comparison(feed, AT)
    tasks.compare_places()
    assert list(LikelySame.objects.order_by("state").values_list("state", flat=True)) == [
        "apart", "proposed", "proposed", "proposed",
    ]  # fmt: skip
