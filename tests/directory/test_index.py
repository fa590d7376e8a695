"""The panorama in memory follows the tables; what is kept of a place is never older than the search that names it."""

from contextlib import suppress
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from bagage.directory.models import Service, Structure
from bagage.directory.queries import search_services
from bagage.directory.search import index, told
from bagage.directory.services.corrections import correct
from bagage.directory.shown import result_json
from bagage.trail.domain.actor import Actor
from tests.directory.factories import AT, HERE, make_place

pytestmark = pytest.mark.django_db


def answers() -> list[dict[str, object]]:
    return [result_json(row) for row in search_services(near=HERE, needs=("learn_basics",))]


def told_names() -> list[str]:
    return [str(each["name"]) for each in answers()]


def rename(place: Structure, name: str, *, days: int = 1) -> None:
    Structure.objects.filter(pk=place.pk).update(name=name, changed_at=AT + timedelta(days=days))


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The changes of this test are counted at each search, as they are once a minute."""
    monkeypatch.setattr(index, "COUNTED_EVERY", -1.0)


def test_what_was_told_is_not_read_again():
    make_place("Espace", ("learn_basics",))
    first = answers()
    with CaptureQueriesContext(connection) as queries:
        assert answers() == first
    assert len(queries) == 1


def test_a_place_that_changed_is_told_anew_and_the_others_are_kept():
    make_place("Autre", ("learn_basics",), north_km=0.1)
    place = make_place("Espace", ("learn_basics",))
    assert told_names() == ["Espace", "Autre"]
    rename(place, "Espace nouveau")
    assert told_names() == ["Espace nouveau", "Autre"]
    state, _ = index.panorama()
    assert set(state.told.kept) == set(Structure.objects.values_list("pk", flat=True))


def test_services_mended_by_hand_are_told():
    place = make_place("Espace", ("learn_basics", "get_device"))
    (first,) = answers()
    assert [each["need"] for each in first["services"]] == ["learn_basics", "get_device"]
    correct(place, "services", ["learn_basics"], by=Actor.system("test"), at=AT + timedelta(days=2))
    (then,) = answers()
    assert [each["need"] for each in then["services"]] == ["learn_basics"]


def test_a_change_that_never_came_to_be_is_not_told():
    place = make_place("Espace", ("learn_basics",))
    assert told_names() == ["Espace"]
    with suppress(ZeroDivisionError), transaction.atomic():
        rename(place, "Jamais")
        assert told_names() == ["Jamais"]
        raise ZeroDivisionError
    assert told_names() == ["Espace"]


def test_a_place_brought_late_is_found_once_changes_are_counted(later):
    place = make_place("Espace", ("learn_basics",))
    rename(place, "Espace", days=9)
    assert told_names() == ["Espace"]
    # Committed after another that changed later.
    make_place("Retard", ("learn_basics",), north_km=0.1)
    assert told_names() == ["Espace", "Retard"]


def test_a_place_that_is_no_more_is_not_told(later):
    make_place("Espace", ("learn_basics",))
    gone = make_place("Parti", ("learn_basics",), north_km=0.1)
    assert told_names() == ["Espace", "Parti"]
    Service.objects.filter(structure=gone).delete()
    gone.delete()
    assert told_names() == ["Espace"]


def test_what_is_kept_has_an_end(monkeypatch):
    monkeypatch.setattr(told, "KEPT", 3)
    for number in range(7):
        make_place(f"Lieu {number}", ("learn_basics",), north_km=number / 10)
    state, _ = index.panorama()
    for offset in range(0, 7, 2):
        found = search_services(near=HERE, needs=("learn_basics",), limit=2, offset=offset)
        assert [result_json(row)["name"] for row in found] == [
            f"Lieu {number}" for number in range(offset, min(7, offset + 2))
        ]
        assert len(index.panorama()[0].told.kept) <= 3
    assert state is index.panorama()[0]
