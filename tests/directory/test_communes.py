"""Places are found as people write them, and distances are right."""

import pytest

from bagage.directory.domain.communes import commune, distance_km, find_communes


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("Paris 18e, porte de la Chapelle", "75118"),
        ("paris XVIIIe", "75118"),
        ("Paris 18ème arrondissement", "75118"),
        ("Paris XXe", "75120"),
        ("Paris 1er", "75101"),
        ("75018", "75118"),
        ("12 rue Riquet 75019 Paris", "75119"),
        ("Lyon 3ème", "69383"),
        ("93200", "93066"),
        ("93 200 St Denis", "93066"),
        ("Grenobel", "38185"),
        ("grenoble", "38185"),
        ("Aubervilier", "93001"),
        ("L'Abergement-Clémenciat", "01001"),
        ("Évry-Courcouronnes", "91228"),
        ("Foyer, 93400 Saint-Ouen", "93070"),
        ("chez sa sœur à Lille", "59350"),
    ],
)
def test_find_communes_as_people_write(text, code):
    assert find_communes(text, 1)[0].code == code


@pytest.mark.parametrize("text", ["", "  ", "zzzzqq", "1", "00000", ",;()"])
def test_find_communes_nothing_like_it(text):
    assert find_communes(text) == []


def test_find_communes_namesakes_nearest_first():
    assert find_communes("Saint-Denis", 1, near=(48.88, 2.37))[0].code == "93066"
    assert find_communes("Saint-Denis", 1)[0].code == "97411"


def test_find_communes_beginning_of_a_name_largest_first():
    assert find_communes("Marsei", 1)[0].name == "Marseille"


def test_commune_unknown_code():
    assert commune("99999") is None


def test_commune_without_coordinates_is_kept():
    celles = commune("15031")
    assert celles is not None
    assert (celles.name, celles.latitude, celles.longitude) == ("Celles", None, None)


def test_distance_paris_lyon():
    assert round(distance_km(48.8566, 2.3522, 45.7640, 4.8357)) == 391
    assert distance_km(48.8566, 2.3522, 48.8566, 2.3522) == 0
