"""Places are loaded once, renewed when their file changes, and never lost without a word."""

import io
import json
from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command

from bagage.directory.domain.places import LIBRARIES, MEDIATION
from bagage.directory.models import Service, Structure
from bagage.directory.services import load_shipped_places, loading
from bagage.trail.domain.actor import Actor
from bagage.trail.models import Entry
from tests.directory.test_places import library_row, place_row

pytestmark = pytest.mark.django_db
BY = Actor.system("test")


@pytest.fixture
def files(monkeypatch):
    """Two places of mediation, one library and one office, instead of the shipped files."""
    rows = [
        (
            MEDIATION,
            place_row(id="one", nom="Espace Essai", services="Accès internet et matériel informatique"),
        ),
        (MEDIATION, place_row(id="two", nom="Espace Essai", latitude="", longitude="", horaires="We 08:00")),
        (LIBRARIES, library_row()),
        (LIBRARIES, library_row(code_bib="9.0", type_adresse="Adresse administrative")),
    ]
    monkeypatch.setattr(loading, "shipped_rows", lambda: iter(rows))
    return rows


def figures(done) -> dict[str, int]:
    return {
        name: getattr(done, name)
        for name in ("read", "created", "updated", "unchanged", "ended", "elsewhere")
    }


def test_load_writes_each_place_with_its_services_and_counts_defects(files, now):
    done = load_shipped_places(by=BY, at=now)
    assert figures(done) == {
        "read": 4,
        "created": 3,
        "updated": 0,
        "unchanged": 0,
        "ended": 0,
        "elsewhere": 0,
    }
    assert (dict(done.set_aside), dict(done.defects), done.namesakes) == (
        {"office": 1},
        {"no_point": 1, "unreadable_hours": 1},
        2,
    )
    assert sorted(Structure.objects.values_list("source", "source_id", "position")) == [
        ("libraries", "8724", "exact"),
        ("mediation:essai", "one", "exact"),
        ("mediation:essai", "two", "commune"),
    ]
    assert sorted(Service.objects.filter(structure__source_id="one").values_list("need", flat=True)) == [
        "use_computer_here",
        "use_wifi_here",
    ]
    assert Service.objects.filter(structure__source_id="8724").count() == 0
    assert Entry.objects.filter(verb="directory.load_places").values_list("reason", flat=True).get() == (
        "3 created, 0 updated, 0 ended"
    )


def test_load_again_changes_nothing_and_writes_no_trail(files, now):
    load_shipped_places(by=BY, at=now)
    before = list(Structure.objects.order_by("pk").values())
    done = load_shipped_places(by=BY, at=now + timedelta(days=1))
    assert figures(done) == {
        "read": 4,
        "created": 0,
        "updated": 0,
        "unchanged": 3,
        "ended": 0,
        "elsewhere": 0,
    }
    assert list(Structure.objects.order_by("pk").values()) == before
    assert Entry.objects.filter(verb="directory.load_places").count() == 1


def test_load_renews_what_changed_and_keeps_public_ids(files, now):
    load_shipped_places(by=BY, at=now)
    place = Structure.objects.get(source_id="one")
    computer = place.services.get(need="use_computer_here")
    files[0] = (
        MEDIATION,
        place_row(
            id="one",
            services="Accès internet et matériel informatique|Aide aux démarches administratives",
            frais_a_charge="Gratuit",
            telephone="+33140000000",
        ),
    )
    done = load_shipped_places(by=BY, at=now + timedelta(days=1))
    assert (done.created, done.updated, done.unchanged) == (0, 1, 2)
    renewed = Structure.objects.get(source_id="one")
    assert (renewed.uuid, renewed.created_at, renewed.phone) == (place.uuid, place.created_at, "+33140000000")
    assert (renewed.services.count(), renewed.services.get(need="use_computer_here").uuid) == (
        3,
        computer.uuid,
    )
    assert set(renewed.services.values_list("cost", flat=True)) == {"free"}


def test_load_takes_away_what_a_place_no_longer_gives(files, now):
    load_shipped_places(by=BY, at=now)
    files[0] = (MEDIATION, place_row(id="one", services="Aide aux démarches administratives"))
    load_shipped_places(by=BY, at=now)
    needs = Service.objects.filter(structure__source_id="one").values_list("need", flat=True)
    assert list(needs) == ["online_procedures"]


def test_load_ends_a_place_that_left_its_file_and_takes_it_back(files, now):
    load_shipped_places(by=BY, at=now)
    gone = files.pop(1)
    later = now + timedelta(days=1)
    done = load_shipped_places(by=BY, at=later)
    assert (done.ended, Structure.objects.get(source_id="two").ended_at) == (1, later)
    assert load_shipped_places(by=BY, at=later).ended == 0
    files.append(gone)
    done = load_shipped_places(by=BY, at=later + timedelta(days=1))
    assert (done.updated, Structure.objects.get(source_id="two").ended_at) == (1, None)


def test_load_leaves_places_of_other_sources_alone(files, now):
    kept = Structure.objects.create(
        name="Ailleurs", source="by hand", source_id="1", created_at=now, changed_at=now
    )
    load_shipped_places(by=BY, at=now)
    kept.refresh_from_db()
    assert kept.ended_at is None


def test_load_near_keeps_what_is_around_and_ends_nothing(files, now):
    load_shipped_places(by=BY, at=now)
    files.append((MEDIATION, place_row(id="far", code_insee="13201", latitude="43.29", longitude="5.37")))
    del files[0]
    done = load_shipped_places(by=BY, at=now, near=[(45.76, 4.83), (48.9, 2.4)], radius_km=10)
    assert (done.elsewhere, done.ended, done.unchanged) == (1, 0, 2)
    assert Structure.objects.filter(ended_at=None).count() == 3


def test_load_near_leaves_out_a_place_without_a_point(files, now):
    files[1] = (MEDIATION, place_row(id="two", code_insee="", latitude="", longitude=""))
    done = load_shipped_places(by=BY, at=now, near=[(48.89, 2.37)])
    assert (done.created, done.elsewhere) == (2, 1)


def test_load_places_says_it_in_one_line(files):
    out = io.StringIO()
    call_command("load_places", stdout=out)
    assert out.getvalue() == (
        "4 read, 3 created, 0 updated, 0 unchanged, 0 ended, 1 set aside (1 office); "
        "kept with a defect: 2 namesakes, 1 no point, 1 unreadable hours.\n"
    )


def test_load_places_says_it_as_json(files):
    out = io.StringIO()
    call_command("load_places", "--json", "--near", "48.89,2.37", "--radius", "5", stdout=out)
    assert json.loads(out.getvalue()) == {
        "read": 4,
        "created": 3,
        "updated": 0,
        "unchanged": 0,
        "ended": 0,
        "elsewhere": 0,
        "namesakes": 2,
        "set_aside": {"office": 1},
        "defects": {"no_point": 1, "unreadable_hours": 1},
    }


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--near", "Paris"], "--near: a point is written 48.88,2.37, not 'Paris'"),
        (["--near", "99,2"], "--near: a point is written 48.88,2.37, not '99,2'"),
        (["--radius", "0"], "--radius: from above 0 to 1000 km, not 0"),
    ],
)
def test_load_places_refuses_what_it_cannot_read(arguments, said):
    with pytest.raises(CommandError) as refused:
        call_command("load_places", *arguments)
    assert (str(refused.value), refused.value.returncode) == (said, 2)


def test_shipped_places_around_a_permanence_can_be_loaded():
    done = load_shipped_places(
        by=BY, at=datetime.fromisoformat("2026-11-26T10:00:00+01:00"), near=[(48.8903, 2.3735)], radius_km=2
    )
    assert done.created == Structure.objects.count() > 15
    assert done.created + done.elsewhere + sum(done.set_aside.values()) == done.read == 21319
