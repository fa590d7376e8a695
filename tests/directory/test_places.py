"""Rows of public files are read as they are: what they say, what they leave open, what is wrong with them."""

from datetime import date

import pytest

from bagage.directory.domain.needs import Cost, Need, cost_of
from bagage.directory.domain.places import (
    BAD_POSTCODE,
    COMMUNE,
    EXACT,
    FAR_POINT,
    LIBRARIES,
    MEDIATION,
    NO_DATE_SAID,
    NO_NAME,
    NO_POINT,
    NO_SERVICE,
    NOWHERE,
    OFFICE,
    TURNED_POINT,
    UNREADABLE_ADDRESS,
    UNREADABLE_HOURS,
    UNREADABLE_PHONE,
    SetAside,
    can_be_near,
    read_library,
    read_mediation_place,
    shipped_rows,
)


def place_row(**fields: str) -> dict[str, str]:
    """A row of the national standard: a place in Paris 19e with nothing wrong."""
    return {
        "id": "essai--1",
        "nom": "Espace Essai",
        "commune": "Paris",
        "code_postal": "75019",
        "code_insee": "75119",
        "adresse": "1 rue Riquet",
        "latitude": "48.8903",
        "longitude": "2.3735",
        "source": "essai",
        "date_maj": "2022-06-16",
        "services": "Accès internet et matériel informatique",
        **fields,
    }


def library_row(**fields: str) -> dict[str, str]:
    """A row of the public libraries."""
    return {
        "Libelle1": "Médiathèque Essai",
        "voie": "1 rue Riquet",
        "CP": "75019",
        "Ville": "Paris",
        "INSEE": "75119",
        "coordonnees_finales": "48.8903,2.3735",
        "code_bib": "8724.0",
        "Statut": "Bibliothèque municipale",
        "type_adresse": "Bibliothèque ouverte au public",
        **fields,
    }


def test_computer_on_the_spot_is_not_a_computer_to_take_away():
    here = read_mediation_place(place_row())
    away = read_mediation_place(place_row(services="Acquisition de matériel informatique à prix solidaire"))
    assert [service.need for service in here.services] == [Need.USE_COMPUTER_HERE, Need.USE_WIFI_HERE]
    assert [service.need for service in away.services] == [Need.GET_DEVICE]


def test_what_is_not_said_stays_unknown():
    place = read_mediation_place(place_row(services=""))
    (service,) = place.services
    assert (service.need, service.cost, service.modes, service.publics) == (
        Need.UNKNOWN,
        Cost.UNKNOWN,
        (),
        (),
    )
    assert (place.hours, place.phone, place.kind, place.is_mobile) == ("", "", "unknown", None)
    assert place.defects == (NO_SERVICE,)


def test_words_outside_the_standard_are_kept():
    place = read_mediation_place(
        place_row(
            services="Réparation|Aide aux démarches administratives", modalites_accompagnement="En visio"
        )
    )
    assert [(service.need, service.words, service.modes) for service in place.services] == [
        (Need.ONLINE_PROCEDURES, "Aide aux démarches administratives", ("En visio",)),
        (Need.UNKNOWN, "Réparation", ("En visio",)),
    ]


@pytest.mark.parametrize(
    ("words", "cost"),
    [
        ([], Cost.UNKNOWN),
        (["Gratuit"], Cost.FREE),
        (["Gratuit sous condition"], Cost.CONDITIONS),
        (["Gratuit", "Gratuit sous condition"], Cost.CONDITIONS),
        (["Payant"], Cost.PAID),
        (["Gratuit", "Payant"], Cost.UNKNOWN),
        (["Pas cher"], Cost.UNKNOWN),
    ],
)
def test_cost_is_never_better_than_what_is_said(words, cost):
    assert cost_of(words) == cost


def test_cost_words_are_kept_beside_a_cost_that_is_not_known():
    (service, _other) = read_mediation_place(place_row(frais_a_charge="Gratuit|Payant")).services
    assert (service.cost, service.cost_words) == (Cost.UNKNOWN, "Gratuit|Payant")


@pytest.mark.parametrize(
    ("fields", "kind", "fields_from"),
    [
        ({"typologie": "ASSO"}, "association", {}),
        ({"typologie": "AI"}, "unknown", {}),
        ({"nom": "Médiathèque du Bassin"}, "library", {"kind": "name"}),
        ({"nom": "MAIRIE DE FLAYOSC"}, "town_service", {"kind": "name"}),
        ({"nom": "La Passerelle", "source": "france-tiers-lieux"}, "third_place", {"kind": "label"}),
        (
            {"nom": "Le Pont", "dispositif_programmes_nationaux": "France Services"},
            "france_services",
            {"kind": "label"},
        ),
        ({"nom": "Anonymal"}, "unknown", {}),
    ],
)
def test_kind_says_where_it_comes_from(fields, kind, fields_from):
    place = read_mediation_place(place_row(**fields))
    assert (place.kind, place.fields_from) == (kind, fields_from)


@pytest.mark.parametrize(
    ("fields", "point", "position", "defects"),
    [
        ({}, (48.8903, 2.3735), EXACT, ()),
        ({"latitude": "", "longitude": ""}, (48.887, 2.385), COMMUNE, (NO_POINT,)),
        ({"latitude": "2.3735", "longitude": "48.8903"}, (48.8903, 2.3735), EXACT, (TURNED_POINT,)),
        ({"latitude": "43.29", "longitude": "5.36"}, (48.887, 2.385), COMMUNE, (FAR_POINT,)),
        ({"latitude": "nan", "longitude": "2.37"}, (48.887, 2.385), COMMUNE, (FAR_POINT,)),
        ({"latitude": "", "longitude": "", "code_insee": ""}, (None, None), NOWHERE, (NO_POINT,)),
        # Mamoudzou, whose commune has no point in the list: the box of its island tells that the two are turned.
        (
            {
                "code_insee": "97608",
                "code_postal": "97600",
                "latitude": "45.222211",
                "longitude": "-12.770927",
            },
            (-12.770927, 45.222211),
            EXACT,
            (TURNED_POINT,),
        ),
    ],
)
def test_point_of_a_place(fields, point, position, defects):
    place = read_mediation_place(place_row(**fields))
    middle = (
        (round(place.latitude, 3), round(place.longitude, 3))
        if position == COMMUNE
        else (place.latitude, place.longitude)
    )
    assert (middle, place.position, place.defects) == (point, position, defects)


def test_unreadable_values_are_counted_and_hours_kept():
    place = read_mediation_place(
        place_row(
            telephone="+014",
            site_web="Facebook : essai",
            horaires="We 08:00",
            date_maj="1970-01-01",
            code_postal="750190",
        )
    )
    assert (place.phone, place.website, place.hours, place.source_date, place.postcode) == (
        "",
        "",
        "We 08:00",
        None,
        "75019",
    )
    assert sorted(place.defects) == sorted(
        [UNREADABLE_PHONE, UNREADABLE_ADDRESS, UNREADABLE_HOURS, NO_DATE_SAID, BAD_POSTCODE]
    )


def test_website_that_a_browser_would_run_is_left_out():
    assert read_mediation_place(place_row(site_web="javascript:alert(1)")).website == ""
    assert read_mediation_place(place_row(site_web="x|https://essai.example.org/")).website == (
        "https://essai.example.org/"
    )


@pytest.mark.parametrize(
    ("fields", "can_be"),
    [
        ({}, True),
        # Its point is in Marseille, its commune is here: the point is not believed.
        ({"latitude": "43.29", "longitude": "5.36"}, True),
        ({"code_insee": ""}, True),
        ({"code_insee": "13201"}, False),
        ({"code_insee": "59350"}, False),
    ],
)
def test_row_that_can_be_near(fields, can_be):
    assert can_be_near(MEDIATION, place_row(**fields), [(43.6, 1.44), (48.89, 2.37)], 30.0) is can_be


def test_row_without_a_name_is_set_aside():
    with pytest.raises(SetAside) as found:
        read_mediation_place(place_row(nom="  "))
    assert found.value.reason == NO_NAME


def test_library_says_that_it_exists_and_no_more():
    place = read_library(library_row(amplitude_horaire="20.0"))
    assert (place.source, place.source_id, place.kind, place.services) == (LIBRARIES, "8724", "library", ())
    assert (place.hours, place.weekly_hours, place.position, place.defects) == ("", 20.0, EXACT, ())


@pytest.mark.parametrize("hours", ["", "0.0", "200", "souvent"])
def test_library_hours_that_no_week_has_are_not_known(hours):
    assert read_library(library_row(amplitude_horaire=hours)).weekly_hours is None


def test_library_office_is_set_aside():
    with pytest.raises(SetAside) as found:
        read_library(library_row(type_adresse="Adresse administrative"))
    assert found.value.reason == OFFICE


def test_fingerprint_follows_what_was_read():
    one, same = read_mediation_place(place_row()), read_mediation_place(place_row(pivot="whatever"))
    other = read_mediation_place(place_row(telephone="+33140000000"))
    assert one.fingerprint == same.fingerprint
    assert one.fingerprint != other.fingerprint


def test_source_date_is_read():
    assert read_mediation_place(place_row()).source_date == date(2022, 6, 16)


def test_shipped_files_hold_what_the_notice_says_and_no_mobile_number():
    rows = list(shipped_rows())
    assert sum(shape == MEDIATION for shape, _row in rows) == 5540
    assert sum(shape == LIBRARIES for shape, _row in rows) == 15779
    phones = [row["telephone"] for shape, row in rows if shape == MEDIATION and row["telephone"]]
    assert [phone for phone in phones if phone.startswith(("+336", "+337"))] == []
    assert len(phones) > 3000
