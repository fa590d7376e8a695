"""The open standards, in and out: what comes in goes out again, files pass the official schemas, tables are read."""

import io
import json
import re
import uuid
from collections import Counter
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from frictionless import Resource, Schema
from jsonschema import Draft202012Validator, FormatChecker

from bagage.directory import writing
from bagage.directory.domain import standards
from bagage.directory.domain.cells import phone_of, web_of
from bagage.directory.domain.hours_in import osm_of
from bagage.directory.domain.needs import Cost
from bagage.directory.domain.places import MEDIATION, Place, SetAside, shipped_rows
from bagage.directory.domain.standards import data_inclusion, hsds, mediation, table, vocabulary
from tests.directory.factories import make_place

DATA = Path(__file__).parent / "data"
ROWS = [row for shape, row in shipped_rows() if shape == MEDIATION]


@pytest.fixture(scope="module")
def read() -> list[tuple[dict[str, str], Place]]:
    """Every packaged row of the national standard with its place."""
    return [(row, mediation.read(row)) for row in ROWS]


def named(place: Place) -> Place:
    """A place with the identifiers that its rows would have."""
    return replace(
        place,
        uuid=str(uuid.uuid4()),
        services=tuple(replace(service, uuid=str(uuid.uuid4())) for service in place.services),
    )


# ---------- the national standard ----------
def test_real_rows_come_out_as_they_came_in_where_the_standard_takes_them(read):
    differ: Counter[str] = Counter()
    for row, place in read:
        written = mediation.write(place)
        for name in mediation.COLUMNS:
            came = row.get(name, "")
            if name == "pivot" and not came:
                came = mediation.NO_PIVOT
            if came != written[name]:
                assert not mediation.carries(name, came) or name == "autres_formations_labels", (name, came)
                differ[name] += 1
    assert set(differ) <= {"formations_labels", "autres_formations_labels", "telephone", "code_postal"}
    assert sum(differ.values()) < 300


def test_what_is_written_passes_the_official_table_schema(read):
    out = io.BytesIO()
    dated = (replace(place, source_date=place.source_date or date(2026, 1, 1)) for _row, place in read[::10])
    writing._write_table(
        filter(lambda record: not mediation.missing(record), map(mediation.write, dated)), out
    )
    schema = Schema(json.loads((DATA / "mediation-places-v1.0.2.json").read_text()))
    report = Resource(data=out.getvalue(), format="csv", schema=schema).validate()
    assert report.valid, report.flatten(["rowNumber", "fieldName", "note"])[:5]
    assert report.tasks[0].stats["rows"] > 300


def test_a_corrected_field_goes_out_and_what_came_beside_it_stays(read):
    row, place = next((row, place) for row, place in read if "site_web" in place.more.get("mediation", {}))
    moved = replace(place, phone="+33199000000", website="https://autre.example.org/")
    written = mediation.write(moved)
    assert (written["telephone"], written["site_web"]) == ("+33199000000", "https://autre.example.org/")
    assert written["nom"] == row["nom"]


def test_words_of_2022_and_semicolons_are_read():
    place = mediation.read(
        {
            "id": "1",
            "nom": "Espace",
            "commune": "Reims",
            "services": "Accéder à du matériel;Créer avec le numérique",
        }
    )
    assert [service.need for service in place.services] == ["use_computer_here", "use_wifi_here", "create"]


# ---------- data·inclusion ----------
def test_structures_and_services_pass_the_official_schemas(read):
    structures = Draft202012Validator(vocabulary.schema("structure"), format_checker=FormatChecker())
    services = Draft202012Validator(vocabulary.schema("service"), format_checker=FormatChecker())
    count = 0
    for _row, place in read[::25]:
        written = data_inclusion.write(replace(place, source_date=place.source_date or date(2026, 1, 1)))
        given = written.pop("services")
        assert list(structures.iter_errors(written)) == []
        for service in given:
            assert list(services.iter_errors(service)) == []
            count += 1
    assert count > 300


def test_a_record_of_data_inclusion_comes_out_as_it_came_in():
    structure = {
        "source": "dora", "id": "dora--1", "nom": "Maison des solidarités", "date_maj": "2026-03-01",
        "siret": "12345678901234", "adresse": "1 rue Haxo", "commune": "Paris", "code_postal": "75020",
        "code_insee": "75120", "latitude": 48.87, "longitude": 2.4, "telephone": "01 42 00 00 00",
        "reseaux_porteurs": ["ccas-cias", "aidants-connect"], "horaires_accueil": "Mo-Fr 09:00-17:00",
    }  # fmt: skip
    service = {
        "source": "dora", "structure_id": "dora--1", "id": "dora--s1", "nom": "Ordinateurs en libre accès",
        "description": "Trois ordinateurs à utiliser sur place.", "date_maj": "2026-03-01", "type": "aide-materielle",
        "thematiques": ["numerique--acquerir-un-equipement"], "frais": "gratuit",
        "frais_precisions": "Gratuit pour les adhérents", "publics": ["jeunes", "personnes-exilees"],
        "zone_eligibilite": ["75"], "modes_accueil": ["en-presentiel"], "modes_mobilisation": ["telephoner"],
        "mobilisable_par": ["usagers"], "nombre_semaines": 3,
    }  # fmt: skip
    place = data_inclusion.read({**structure, "services": [service]})
    assert place.phone == "+33142000000"
    (one,) = place.services
    # To use a computer there is not to be given one, though the theme says both.
    assert (one.need, one.cost, one.publics) == (
        "use_computer_here",
        Cost.CONDITIONS,
        ("young", "personnes-exilees"),
    )
    written = data_inclusion.write(place)
    assert {name: written[name] for name in structure} == structure
    assert {name: written["services"][0][name] for name in service} == service


def test_its_spreadsheet_is_read_with_its_traps():
    book = (DATA / "data-inclusion-template.xlsx").read_bytes()
    assert standards.detect_format(book, "modele.xlsx") == "data_inclusion"
    ((number, key, record),) = standards.read_records("data_inclusion", book)
    place = standards.to_place("data_inclusion", record)
    assert (number, key[:8], place.name) == (4, "005d3060", "AGENCE ACTION LOGEMENT.")
    assert (place.phone, place.website, place.source_date) == ("+33970800800", "", date(2026, 2, 23))
    assert [service.need for service in place.services] == ["other", "other"]


def test_a_service_without_its_structure_waits():
    records = list(
        standards.read_records("data_inclusion", json.dumps([{"id": "s", "structure_id": "x"}]).encode())
    )
    assert [key for _number, key, _record in records] == ["service:s"]
    with pytest.raises(SetAside, match="no_structure"):
        standards.to_place("data_inclusion", records[0][2])


# ---------- HSDS ----------
def test_tables_of_hsds_come_in_as_they_went_out(read):
    places = [named(place) for _row, place in read[:600]]
    out = io.BytesIO()
    assert hsds.write_file(places, out)[0] == 600
    back = {
        key: standards.to_place("hsds", record)
        for _n, key, record in standards.read_records("hsds", out.getvalue())
    }
    assert len(back) == 600
    same = ("name", "kind", "address", "postcode", "city", "commune_code", "latitude", "longitude", "phone", "email",
            "pivot", "accessibility", "licence")  # fmt: skip
    for place in places:
        again = back[place.uuid]
        assert [getattr(again, name) for name in same] == [getattr(place, name) for name in same]
        assert {s.need: (s.cost, s.publics, s.modes, s.access, s.care) for s in again.services} == {
            s.need: (s.cost, s.publics, s.modes, s.access, s.care) for s in place.services
        }


def test_services_of_hsds_in_json_are_read():
    found = {
        "id": "11111111-1111-4111-8111-111111111111",
        "name": "Free computer classes",
        "status": "active",
        "organization": {
            "id": "22222222-2222-4222-8222-222222222222",
            "name": "Library",
            "description": "A library",
        },
        "service_at_locations": [
            {
                "id": "33333333-3333-4333-8333-333333333333",
                "location": {
                    "id": "44444444-4444-4444-8444-444444444444",
                    "location_type": "physical",
                    "latitude": 48.87,
                    "longitude": 2.4,
                    "addresses": [
                        {"id": "5", "address_1": "1 rue Haxo", "city": "Paris", "postal_code": "75020"}
                    ],
                    "schedules": [
                        {
                            "id": "6",
                            "freq": "WEEKLY",
                            "byday": "MO,TU",
                            "opens_at": "09:00",
                            "closes_at": "12:00",
                        }
                    ],
                },
            }
        ],
        "cost_options": [{"id": "7", "amount": 0}],
    }
    ((_number, _key, record),) = standards.read_records("hsds", json.dumps([found]).encode())
    place = standards.to_place("hsds", record)
    assert (place.name, place.commune_code, place.hours) == ("Library", "75120", "Mo,Tu 09:00-12:00")
    assert [(service.name, service.cost) for service in place.services] == [
        ("Free computer classes", Cost.FREE)
    ]


# ---------- tables as territories hand them in ----------
@pytest.mark.parametrize("path", sorted((DATA / "raw").iterdir()), ids=lambda path: path.stem)
def test_each_territory_is_read_without_a_mapping(path):
    rows = list(table.read_records(path, {}))
    columns = table.guessed_columns([row for _number, _key, row in rows])
    assert {"name", "latitude" if "x" not in columns.values() else "x"} <= set(columns.values())
    places, aside = [], []
    for _number, _key, row in rows:
        try:
            places.append(standards.to_place("table", row, {"columns": columns, "source": path.stem}))
        except SetAside as error:
            aside.append(error.reason)
    assert set(aside) <= {"closed", "no_name"}
    assert len(places) >= 8
    assert sum(place.position == "exact" for place in places) >= len(places) - 1
    assert len({key for _number, key, _row in rows}) == len(rows)


def test_lambert_93_is_put_in_degrees():
    # The cathedral of Paris, as the IGN's converter gives it.
    north, east = table.from_lambert_93(652_469.0, 6_862_035.0)
    assert (round(north, 3), round(east, 3)) == (48.857, 2.352)


@pytest.mark.parametrize(
    ("said", "hours"),
    [
        ("Du lundi au vendredi de 9h00 à 12h30 et de 13h30 à 17h", "Mo-Fr 09:00-12:30,13:30-17:00"),
        ("Les mardi et jeudi de 8h30 à 17h00", "Tu,Th 08:30-17:00"),
        ("mercredi de 14 à 18h", "We 14:00-18:00"),
        ("9h-12h30 / 13h30-17h du lundi au vendredi", "Mo-Fr 09:00-12:30,13:30-17:00"),
        ("La semaine de 8h30 à 12h00 et le samedi de 9h à 11h30", "Mo-Fr 08:30-12:00; Sa 09:00-11:30"),
        ("Mo-Fr 09:00-12:00; PH off", "Mo-Fr 09:00-12:00; PH off"),
        ("Un mercredi sur deux de 9h00 à 12h00", ""),
        ("Le deuxième mardi du mois de 09h00 à 12h00", ""),
        ("Du lundi au vendredi de 9h à 12h sauf le mercredi", ""),
        ("MARDI-JEUDI ET VENDREDI 9H00-12H00", ""),
        ("lundi 10-12h/14-18h30", "Mo 10:00-12:00,14:00-18:30"),
        ("vendredi 10-12/14h-18h30", ""),
        ("Voir avec Hélène 06 75 92 99 25", ""),
        ("lundi de 17h à 9h", ""),
        ("", ""),
    ],
)
def test_french_hours_are_put_in_form_when_that_is_sure(said, hours):
    assert osm_of(said) == hours


@pytest.mark.parametrize(
    ("said", "phone"),
    [
        ("01 42 00 00 00", "+33142000000"), ("+33 (0)1 42 00 00 00", "+33142000000"), ("33630392518", "+33630392518"),
        ("630392518", "+33630392518"), ("0262 97 25 02 00", ""), ("0692 97 25 02", "+262692972502"),
        ("39 49", "3949"), ("sur place", ""), ("0033142000000", "+33142000000"),
    ],
)  # fmt: skip
def test_telephones_as_people_write_them(said, phone):
    assert phone_of(said) == phone


def test_addresses_of_the_web_that_a_browser_opens():
    assert web_of("www.ads-reunion.com") == "https://www.ads-reunion.com"
    assert web_of("https://a.example.org|https://b.example.org") == "https://a.example.org"
    assert web_of("javascript:alert(1)") == ""


@pytest.mark.django_db
def test_the_panorama_goes_out_whole_in_each_format():
    make_place("Espace Curial", ("learn_basics",), cost="free", pivot="12345678901234")
    make_place("Sans adresse", ("get_device",), address="")
    out = io.BytesIO()
    done = writing.write_file("mediation", writing.current_structures(), out)
    assert (done.written, dict(done.left_out)) == (1, {"adresse": 1})
    assert re.match(rb"id,pivot,nom", out.getvalue())
    out = io.BytesIO()
    done = writing.write_file("data_inclusion", writing.current_structures(), out)
    whole = json.loads(out.getvalue())
    assert (done.written, len(whole["structures"]), len(whole["services"])) == (2, 2, 2)
    out = io.BytesIO()
    assert writing.write_file("hsds", writing.current_structures(), out).written == 2
