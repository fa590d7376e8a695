"""The panorama searched: by fit, then by distance; an unknown never hides; what is left out is counted."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from bagage.directory.domain.matching import Fit, State
from bagage.directory.models import Service, Structure
from bagage.directory.queries import Found, row_of, search_services
from bagage.directory.shown import result_json
from tests.directory.factories import AT, HERE, make_place

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
THURSDAY = datetime(2026, 11, 26, 10, 0, tzinfo=PARIS)


def names(found: Found) -> list[str]:
    return [row.structure.name for row in found]


def search(**asked: object) -> Found:
    return search_services(**{"near": HERE, "now": THURSDAY, **asked})


def test_ranked_by_fit_then_by_distance():
    make_place("Tout, loin", ("use_computer_here", "learn_basics"), north_km=1.5)
    make_place("Tout, près", ("use_computer_here", "learn_basics"), north_km=0.9)
    make_place("Un des deux", ("learn_basics",), north_km=0.2)
    make_place("Rien de dit", north_km=0.1)
    make_place("Autre chose", ("find_work",), north_km=0.05)
    found = search(needs=("use_computer_here", "learn_basics"))
    assert names(found) == ["Tout, près", "Tout, loin", "Un des deux", "Rien de dit"]
    assert [row.fit for row in found] == [Fit.ALL, Fit.ALL, Fit.SOME, Fit.NOT_SAID]
    assert [row.distance_m for row in found] == [900, 1500, 200, 100]
    assert (found.total, found.saying, found.out) == (4, 3, {"others": 1})


def test_matched_needs_come_first_and_say_why():
    make_place("Espace", ("learn_basics", "use_computer_here", "get_device"), cost="free")
    (row,) = search(needs=("use_computer_here",))
    assert [service.need for service in row.matched] == ["use_computer_here"]
    assert [service.need for service in row.services] == ["use_computer_here", "learn_basics", "get_device"]
    assert row.costs == ("free",)


def test_to_get_a_device_is_not_to_use_one_there():
    make_place("Bibliothèque", ("use_computer_here",))
    make_place("Atelier solidaire", ("get_device",))
    assert names(search(needs=("get_device",))) == ["Atelier solidaire"]


def test_what_is_left_out_comes_back_when_asked_and_last():
    make_place("Autre chose", ("find_work",), north_km=0.1)
    make_place("Atelier", ("get_device",), north_km=1)
    found = search(needs=("get_device",), also=("others",))
    assert [(row.structure.name, row.out) for row in found] == [("Atelier", ""), ("Autre chose", "others")]
    assert found.out == {}


def test_open_at_leaves_out_who_is_closed_and_keeps_who_does_not_say():
    make_place("Fermé", ("learn_basics",), hours="Mo 09:00-12:00", north_km=0.1)
    make_place("Ne dit pas", ("learn_basics",), north_km=0.2)
    make_place("Illisible", ("learn_basics",), hours="le matin", north_km=0.3)
    make_place("Ouvert", ("learn_basics",), hours="Mo-Fr 09:00-17:00", north_km=0.4)
    found = search(needs=("learn_basics",), open_at=THURSDAY)
    assert [(row.structure.name, row.opening.state) for row in found] == [
        ("Ouvert", State.OPEN),
        ("Ne dit pas", State.UNKNOWN),
        ("Illisible", State.UNKNOWN),
    ]
    assert found.out == {"closed": 1}
    monday = search(needs=("learn_basics",), open_at=THURSDAY + timedelta(days=4))
    assert names(monday) == ["Fermé", "Ouvert", "Ne dit pas", "Illisible"]


def test_open_is_told_in_local_time():
    make_place("Matin", hours="Th 09:00-10:30")
    (row,) = search(now=datetime(2026, 11, 26, 9, 10, tzinfo=ZoneInfo("UTC")))
    assert (row.opening.state, row.opening.until) == (State.SOON, datetime(2026, 11, 26, 10, 30))


def test_free_leaves_out_who_asks_for_money_and_keeps_who_does_not_say():
    make_place("Payant", ("learn_basics",), cost="paid", north_km=0.1)
    make_place("Sous conditions", ("learn_basics",), cost="free_under_conditions", north_km=0.2)
    make_place("Ne dit pas", ("learn_basics",), north_km=0.3)
    make_place("Gratuit", ("learn_basics",), cost="free", north_km=0.4)
    found = search(needs=("learn_basics",), cost="free")
    assert (names(found), found.out) == (["Gratuit", "Ne dit pas"], {"paid": 2})


def test_with_someone_leaves_out_where_one_is_alone():
    make_place("Seule", ("learn_basics",), modes=["alone"])
    make_place("Accompagnée", ("learn_basics",), modes=["alone", "individual"])
    found = search(needs=("learn_basics",), with_someone=True)
    assert (names(found), found.out) == (["Accompagnée"], {"alone": 1})


def test_radius_is_a_circle_not_a_square():
    make_place("Au bord", north_km=1.99)
    make_place("Dehors", north_km=2.01)
    corner = make_place("Au coin", north_km=1.9)
    Structure.objects.filter(pk=corner.pk).update(longitude=HERE[1] + 0.02)
    assert names(search(radius_km=2)) == ["Au bord"]


def test_a_place_that_ended_is_not_found():
    make_place("Fini", ended_at=THURSDAY)
    assert names(search()) == []


def test_near_a_commune_measures_from_its_middle():
    make_place("Espace", latitude=48.887, longitude=2.385)
    (row,) = search(near="75119")
    assert row.distance_m < 100


def test_near_a_commune_without_a_point_finds_by_its_code():
    make_place("À Celles", latitude=None, longitude=None, position="unknown", commune_code="15031")
    make_place("Ici")
    found = search(near="15031")
    assert ([(row.structure.name, row.distance_m) for row in found], found.point) == (
        [("À Celles", None)],
        None,
    )


def test_words_are_found_without_accents_in_name_street_and_town():
    make_place("Médiathèque André-Malraux", north_km=300)
    make_place("Espace Essai")
    assert names(search(near=None, words="mediatheque ANDRE")) == ["Médiathèque André-Malraux"]
    assert names(search(near=None, words="médiathèque introuvable")) == []


def test_unplaced_are_counted_and_found_by_name():
    make_place("Sans lieu", latitude=None, longitude=None, position="unknown")
    make_place("Ici")
    found = search()
    assert (names(found), found.unplaced) == (["Ici"], 1)
    assert names(search(near=None, words="sans lieu")) == ["Sans lieu"]


def test_an_empty_panorama_is_not_an_empty_answer():
    assert search().is_empty is True
    make_place("Loin", north_km=500)
    found = search()
    assert (found.is_empty, found.total) == (False, 0)


def test_rows_of_one_place_are_shown_once_with_all_that_they_say():
    make_place("Emmaüs", ("learn_basics",), hours="Mo-Fr 09:00-17:00", north_km=0.1)
    make_place("EMMAUS", ("get_device",), phone="+33140000000", source="libraries", north_km=0.2)
    make_place("Emmaüs", ("find_work",), north_km=1.5)
    found = search()
    assert [(row.structure.name, len(row.also)) for row in found] == [("Emmaüs", 1), ("Emmaüs", 0)]
    first = found.rows[0]
    assert {service.need for service in first.services} == {"learn_basics", "get_device"}
    assert (first.opening.state, first.phone) == (State.OPEN, "+33140000000")


def test_namesakes_of_two_communes_stay_apart():
    make_place("Mairie", commune_code="75119")
    make_place("Mairie", commune_code="75118", north_km=0.1)
    assert len(search()) == 2


def test_what_is_unknown_is_told():
    make_place("Bibliothèque", weekly_hours=20.0)
    make_place(
        "Espace", ("learn_basics",), cost="free", modes=["individual"], hours="Mo-Fr 09:00-17:00", north_km=1
    )
    rows = {row.structure.name: row.unknown for row in search()}
    assert rows == {"Bibliothèque": ("need", "hours", "cost", "help", "access"), "Espace": ("access",)}


def test_limit_keeps_the_total():
    for _number in range(3):
        make_place()
    found = search(limit=2)
    assert (len(found), found.total) == (2, 3)


@pytest.mark.parametrize("count", [1, 3])
def test_one_query_then_two_for_what_is_looked_at_however_many_are_found(count):
    for _number in range(count):
        make_place("", ("learn_basics", "get_device"), hours="Mo-Fr 09:00-17:00")
    search()
    with CaptureQueriesContext(connection) as queries:
        found = search(needs=("learn_basics",), open_at=THURSDAY)
        assert [row.fit for row in found] == [Fit.ALL] * count
        assert [row.unknown for row in found] == [("cost", "help", "access")] * count
        assert len(queries) == 1
        assert [len(row.services) for row in found] == [2] * count
        assert len(queries) == 3
    with CaptureQueriesContext(connection) as queries:
        assert [len(result_json(row)["services"]) for row in found] == [2] * count
    assert len(queries) == 1


@pytest.mark.parametrize("count", [1, 3])
def test_row_of_one_place_takes_three_queries_at_most(count):
    places = [make_place("Espace", ("learn_basics",)) for _number in range(count)]
    place = Structure.objects.get(pk=places[0].pk)
    with CaptureQueriesContext(connection) as queries:
        assert len(row_of(place, now=THURSDAY).also) == count - 1
    assert len(queries) == (2 if count == 1 else 3)


# ---------- what the database refuses ----------
@pytest.mark.parametrize(
    "fields",
    [
        {"name": ""},
        {"kind": "castle"},
        {"latitude": None},
        {"position": "unknown"},
        {"latitude": 91.0},
        {"longitude": -181.0},
        {"weekly_hours": 0.0},
        {"weekly_hours": 169.0},
    ],
)
def test_structure_the_database_refuses(fields):
    place = make_place("Espace")
    with pytest.raises(IntegrityError), transaction.atomic():
        Structure.objects.filter(pk=place.pk).update(**fields)


def test_one_row_a_source_and_one_service_a_need():
    place = make_place("Espace", ("learn_basics",))
    with pytest.raises(IntegrityError), transaction.atomic():
        make_place("Encore", source=place.source, source_id=place.source_id)
    with pytest.raises(IntegrityError), transaction.atomic():
        Service.objects.create(structure=place, need="learn_basics")
    for fields in ({"need": "magic"}, {"cost": "cheap"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            place.services.update(**fields)


def test_closed_in_the_school_holidays_of_its_own_zone():
    later = AT + timedelta(days=1)
    hours = "Mo-Fr 09:00-12:00; SH off"
    make_place("Paris", ("learn_basics",), hours=hours)
    make_place(
        "Ailleurs", ("learn_basics",), hours=hours, north_km=0.5, commune_code="29019", postcode="29200"
    )
    # 9 February 2027: holidays in zone C (Paris), not in B (Brest).
    moment = datetime(2027, 2, 9, 10, 0, tzinfo=PARIS)
    found = search(needs=("learn_basics",), open_at=moment, now=moment)
    assert (names(found), found.out) == (["Ailleurs"], {"closed": 1})
    assert found.rows[0].hours == hours
    found = search(needs=("learn_basics",), open_at=moment, now=moment, also=("closed",))
    assert [row.opening.state for row in found] == [State.OPEN, State.CLOSED]
    assert row_of(Structure.objects.get(name="Paris"), now=moment).opening.state is State.CLOSED
    # Without the code of its commune, the postcode tells the zone.
    make_place("Sans code", ("learn_basics",), hours=hours, north_km=0.9, commune_code="", changed_at=later)
    assert search(needs=("learn_basics",), open_at=moment, now=moment).out == {"closed": 2}
    assert row_of(Structure.objects.get(name="Paris"), now=THURSDAY).opening.state is State.OPEN
