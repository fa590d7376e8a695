"""Places in words: calm names, distances as one says them, openings, dates."""

from datetime import date, datetime

import pytest

from bagage.directory import words
from bagage.directory.domain.matching import Opening, State

NOW = datetime(2026, 11, 26, 10, 0)


@pytest.mark.parametrize(
    ("text", "calm"),
    [
        ("MAIRIE DE FLAYOSC", "Mairie de Flayosc"),
        ("29 bis RUE BERLIOZ", "29 Bis Rue Berlioz"),
        ("CCAS DE L'ÎLE-SAINT-DENIS", "CCAS de l'Île-Saint-Denis"),
        ("CCAS", "CCAS"),
        ("LA POSTE", "La Poste"),
        ("Bibliothèque Václav-Havel", "Bibliothèque Václav-Havel"),
        ("", ""),
    ],
)
def test_calm(text, calm):
    assert words.calm(text) == calm


@pytest.mark.parametrize(
    ("metres", "rough", "said"),
    [
        (None, False, ""),
        (0, False, "10 m, environ 1 min à pied"),
        (450, False, "450 m, environ 8 min à pied"),
        (1000, False, "1 km, environ 18 min à pied"),
        (3240, False, "3,2 km"),
        (14400, False, "14 km"),
        (120, True, "environ 500 m"),
    ],
)
def test_distance(metres, rough, said):
    assert words.distance_words(metres, is_rough=rough).replace("\u00a0", " ") == said


@pytest.mark.parametrize(
    ("opening", "said"),
    [
        (Opening(State.UNKNOWN), "Ouvert ou non : on ne sait pas"),
        (Opening(State.OPEN, until=datetime(2026, 11, 26, 19)), "Ouvert, jusqu’à 19 h"),
        (Opening(State.SOON, until=datetime(2026, 11, 26, 10, 18)), "Ferme dans 18 min"),
        (
            Opening(State.SOON, until=datetime(2026, 11, 26, 10, 18), opens_at=datetime(2026, 11, 26, 14)),
            "Ferme dans 18 min, rouvre à 14 h",
        ),
        (Opening(State.CLOSED, opens_at=datetime(2026, 11, 27, 9)), "Fermé, rouvre demain à 9 h"),
        (Opening(State.CLOSED, opens_at=datetime(2026, 12, 1, 9)), "Fermé, rouvre mardi 1er décembre à 9 h"),
        (Opening(State.CLOSED), "Fermé, on ne sait pas quand cela rouvre"),
    ],
)
def test_opening(opening, said):
    assert words.opening_words(opening, NOW).replace("\u00a0", " ") == said


def test_hours_are_words_or_kept_as_they_are_written():
    assert (
        words.hours_words("Mo-Fr 09:00-12:00", None).replace("\u00a0", " ")
        == "Du lundi au vendredi de 9 h à 12 h."
    )
    assert words.hours_words("We 08:00", None) == "We 08:00"
    assert words.hours_words("", 12.5) == "Ouvre 12,5 h par semaine, on ne sait pas quand."
    assert words.hours_words("", None) == ""


def test_costs():
    assert words.cost_words(()) == ""
    assert words.cost_words(("free",)) == "Gratuit"
    assert words.cost_words(("free", "paid")) == "Gratuit ou payant, selon le service"


def test_dates_say_the_year_when_it_is_another():
    today = date(2026, 11, 26)
    assert words.dated_words(date(2026, 11, 12), date(2022, 6, 16), today) == "Vérifié le 12 novembre"
    assert words.dated_words(None, date(2022, 6, 16), today) == "Noté le 16 juin 2022"
    assert words.dated_words(None, None, today) == "Date : on ne sait pas"


def test_sources():
    assert words.source_words("mediation:conseiller-numerique").replace("\u00a0", " ") == (
        "Lieux de médiation numérique : Conseillers numériques (ANCT)"
    )
    assert words.source_words("libraries") == "Adresses des bibliothèques publiques, ministère de la Culture"
    assert words.source_words("ailleurs") == "ailleurs"


@pytest.mark.parametrize(
    ("noted", "said"),
    [
        ("", ""),
        ("other_file", "Ce n’est ni un tableau ni du JSON."),
        ("broken line 3, column 5", "Le fichier est abîmé."),
        ("HTTP 404", "Son serveur répond par l’erreur 404."),
        ("nothing within 60 s", "Rien n’est venu en 60 s."),
        ("more than 15 min", "Elle dépasse 15 min."),
        ("more than 400 MB", "Elle dépasse 400 Mo."),
        ("it leads to a private network", "Son adresse mène dans un réseau privé."),
        ("[Errno 111] Connection refused", "[Errno 111] Connection refused"),
    ],
)
def test_why_a_source_could_not_be_read_is_told_in_words(noted, said):
    assert words.failure_words(noted).replace("\u00a0", " ") == said
