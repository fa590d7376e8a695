"""Which skill a request speaks of."""

import pytest

from bagage.journeys.domain.topics import plain, topic_of


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
