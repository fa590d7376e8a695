"""Terms of taxonomies for what HSDS has no field for: needs, publics, ways in, kinds, costs."""

from __future__ import annotations

import uuid
from functools import cache
from typing import Any

from bagage.directory.domain import needs, places
from bagage.directory.domain.needs import Cost

FORMAT = "hsds"
VERSION = "3.0"
NAMESPACE = uuid.UUID("6f2d7f0a-6d0b-5a56-9c9b-3c5e0f3a8a11")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
Object = dict[str, Any]

NEEDS, THEMES, PUBLICS, CARE, MODES, ACCESS, KINDS, COSTS = (
    "needs", "themes", "publics", "care", "modes", "access", "kinds", "costs",
)  # fmt: skip
TAXONOMIES = {
    NEEDS: (
        "Besoins numériques",
        "Ce que l’on vient chercher : utiliser un ordinateur sur place, en obtenir un…",
    ),
    THEMES: ("Thématiques de data·inclusion", "Thématiques du schéma v1 de data·inclusion."),
    PUBLICS: ("Publics", "À qui l’aide s’adresse."),
    CARE: ("Prises en charge", "Besoins particuliers pris en charge, au sens du standard national v1.0.2."),
    MODES: ("Façons d’aider", "Seul, accompagné, en atelier, à distance."),
    ACCESS: ("Façons de venir", "Se présenter, téléphoner, écrire, prendre rendez-vous."),
    KINDS: ("Sortes de lieux", "Bibliothèque, espace public numérique, association…"),
    COSTS: ("Prix", "Gratuit, gratuit sous conditions, payant."),
}
KIND_NAMES = {
    places.LIBRARY: "Bibliothèque",
    places.DIGITAL_SPACE: "Espace public numérique",
    places.FRANCE_SERVICES: "France Services",
    places.ASSOCIATION: "Association",
    places.TOWN_SERVICE: "Service de la commune",
    places.SOCIAL_CENTRE: "Centre social",
    places.EMPLOYMENT: "Service pour l’emploi",
    places.YOUTH: "Lieu pour les jeunes",
    places.THIRD_PLACE: "Tiers-lieu",
    places.POST_OFFICE: "Bureau de poste",
    places.STATE_SERVICE: "Service public",
    places.PERMANENCE: "Permanence connectée",
    places.UNKNOWN: "Lieu d’aide",
}
COST_NAMES = {
    Cost.FREE: "Gratuit",
    Cost.CONDITIONS: "Gratuit sous conditions",
    Cost.PAID: "Payant",
}


def derived(*parts: str) -> str:
    """A UUID that is always the same for the same parts."""
    return str(uuid.uuid5(NAMESPACE, "/".join(parts)))


def taxonomy_id(name: str) -> str:
    """The id of a taxonomy."""
    return derived("taxonomy", name)


def term_id(taxonomy: str, code: str) -> str:
    """The id of a term of a taxonomy."""
    return derived("term", taxonomy, code)


def taxonomies() -> list[Object]:
    """All taxonomies, in one order."""
    return [
        {"id": taxonomy_id(name), "name": title, "description": words, "version": "1"}
        for name, (title, words) in TAXONOMIES.items()
    ]


@cache
def names_of_terms() -> dict[str, dict[str, str]]:
    from bagage.directory.domain.standards import vocabulary

    titles = {code: title for title, code in needs.TITLES_OF_THEMES.items()}
    return {
        NEEDS: {str(need): words for words, need in needs.LABELS.items()},
        THEMES: {code: titles.get(code, code) for code in sorted(vocabulary.THEMES)},
        PUBLICS: {**{code: words for words, code in needs.PUBLICS.items()}, "everyone": "Tout public"},
        CARE: {code: words for words, code in needs.CARE.items()},
        MODES: {**{code: words for words, code in needs.MODES.items()}, "on_site": "Sur place"},
        ACCESS: {code: words for words, code in needs.ACCESS.items()},
        KINDS: dict(KIND_NAMES),
        COSTS: {str(cost): words for cost, words in COST_NAMES.items()},
    }


def terms(taxonomy: str = "") -> list[Object]:
    """The terms of one taxonomy, or of all."""
    return [
        term(name, code)
        for name, known in names_of_terms().items()
        if not taxonomy or taxonomy in {name, taxonomy_id(name)}
        for code in known
    ]


def term(taxonomy: str, code: str) -> Object:
    """One term; a code that no list knows is its own name."""
    title = names_of_terms()[taxonomy].get(code, code)
    return {
        "id": term_id(taxonomy, code),
        "code": code,
        "name": title,
        "description": title,
        "taxonomy": TAXONOMIES[taxonomy][0],
        "language": "fr",
        "taxonomy_id": taxonomy_id(taxonomy),
    }


@cache
def code_of_term(identifier: str) -> tuple[str, str] | None:
    """The taxonomy and the code of a term that is in the lists."""
    for name, known in names_of_terms().items():
        for code in known:
            if term_id(name, code) == identifier:
                return name, code
    return None


def attribute(link: str, entity: str, taxonomy: str, code: str) -> Object:
    return {
        "id": derived("attribute", link, taxonomy, code),
        "link_id": link,
        "link_entity": entity,
        "taxonomy_term_id": term_id(taxonomy, code),
        "value": code,
        "taxonomy_term": term(taxonomy, code),
    }
