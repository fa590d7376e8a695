"""Which of the fifteen skills a request speaks of, guessed from her words.

The guess lets the same thing be found again in the words of others; who knows better corrects it, and her words stay as
she said them. A request that speaks of none of the fifteen has no topic: that is no fault of hers.
"""

from __future__ import annotations

import re
import unicodedata

# The first that fits holds, so what is precise stands before what is wide. Beginnings of words, without accents; words
# of one line stand in that order, others may stand between them. Ours, from what is asked in permanences.
WORDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("K10", ("arnaque", "piege", "escroc", "faux message", "faux site", "fraude", "scam")),
    ("K9", ("mot passe", "mots passe", "password")),
    ("K8", ("piece jointe", "pieces jointe", "fichier joint", "envoyer cv", "envoyer document", "envoyer fichier")),
    ("K13", ("photographi", "scanner", "photo papier", "photo document", "envoyer papier")),
    ("K7", ("mail", "courriel", "e-mail", "messagerie", "email")),
    (
        "K12",
        (
            "caf", "ameli", "cpam", "franceconnect", "impot", "france travail", "pole emploi", "prefecture",
            "titre sejour", "carte sejour", "anef", "service public", "securite sociale", "doctolib", "ants",
        ),
    ),
    ("K11", ("formulaire", "demarche", "demande logement", "logement social", "inscri", "dossier ligne")),
    ("K14", ("ranger", "garder photo", "sauvegard", "retrouver fichier", "retrouver photo", "dossiers fichiers")),
    ("K4", ("wifi", "wi-fi", "donnees mobiles", "4g", "5g")),
    ("K2", ("souris", "ecran tactile", "toucher ecran")),
    ("K3", ("clavier", "taper", "accents")),
    ("K1", ("allumer", "eteindre", "verrouiller", "deverrouiller", "code pin")),
    ("K6", ("chercher", "recherche", "trouver information", "google", "itineraire", "horaires")),
    ("K15", ("demander aide", "qui aide", "qui demander")),
    ("K5", ("internet", "navigateur", "site")),
)  # fmt: skip


def plain(text: str) -> str:
    """Small letters without accents, apostrophes as spaces."""
    folded = unicodedata.normalize("NFKD", text.casefold())
    kept = "".join(one for one in folded if not unicodedata.combining(one))
    return " ".join(re.sub(r"[^a-z0-9@-]+", " ", kept).split())


def topic_of(words: str) -> str:
    """The code of the skill that these words speak of, or ``""``."""
    text = plain(words)
    for code, beginnings in WORDS:
        for one in beginnings:
            if re.search(r"\b.*?\b".join(_beginning(part) for part in one.split()), text):
                return code
    return ""


def _beginning(part: str) -> str:
    """The pattern of a word that begins so; a short one must be whole, or every "café" would speak of the CAF."""
    end = r"[a-z0-9@-]*" if len(part) > 4 else "s?"
    return rf"\b{re.escape(part)}{end}\b"
