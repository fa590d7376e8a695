"""Which skill a request speaks of."""

import pytest

from bagage.journeys.domain.topics import answers, plain, speaks_of_the_same, topic_of


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("Je veux faire ma demande de logement moi-même.", "K11"),
        ("Je veux garder mes photos si je perds le téléphone.", "K14"),
        ("Lire mes mails", "K7"),
        ("J’ai oublié mon mot de passe", "K9"),
        ("Savoir utiliser la CAF", "K12"),
        ("Envoyer mon CV", "K8"),
        ("Reconnaître les arnaques par SMS", "K10"),
        ("Voir ma fille en vidéo, elle est à Bamako", ""),
        ("Boire un café", ""),  # a short word must be whole
        ("", ""),
    ],
)
def test_topic_of_her_words(words: str, code: str) -> None:
    assert topic_of(words) == code


def test_plain_text_has_no_accents_nor_apostrophes() -> None:
    assert plain("L’École à Évry") == "l ecole a evry"


def test_words_speak_of_the_same_by_what_tells() -> None:
    assert speaks_of_the_same("Le logement social", "Faire sa demande de logement")
    assert not speaks_of_the_same("Je veux apprendre à faire", "Apprendre à faire ses photos")


@pytest.mark.parametrize(
    ("about", "topic", "items", "why"),
    [
        ("K7", "Mes premiers pas", ["K7", "K8"], "items"),
        ("K7", "Lire ses mails", [], "words"),
        ("", "Mails et photos", [], "words"),
        ("K7", "Tableur", ["K14"], ""),
    ],
)
def test_session_answers_a_request_by_skill_or_by_words(about, topic, items, why) -> None:
    assert answers("Lire mes mails", about, topic=topic, items=items) == why
