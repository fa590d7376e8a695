"""The national standard of places of digital mediation v1.0.2: a row read as a place, a place written as a row.

Source: LaMednum/standard-mediation-num, ``schema.json`` (Table Schema, Licence Ouverte 2.0): 32 columns, lists with a
vertical bar. Files of 2022 use other words and a semicolon: they are read too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bagage.directory.domain import needs, places
from bagage.directory.domain.places import Place
from bagage.directory.domain.standards.lossless import kept_beside, restored

FORMAT = "mediation"
COLUMNS = (
    "id", "pivot", "nom", "commune", "code_postal", "code_insee", "adresse", "complement_adresse", "latitude",
    "longitude", "typologie", "telephone", "courriels", "site_web", "horaires", "presentation_resume",
    "presentation_detail", "source", "itinerance", "structure_parente", "date_maj", "services",
    "publics_specifiquement_adresses", "prise_en_charge_specifique", "frais_a_charge",
    "dispositif_programmes_nationaux", "formations_labels", "autres_formations_labels", "modalites_acces",
    "modalites_accompagnement", "fiche_acces_libre", "prise_rdv",
)  # fmt: skip
REQUIRED = ("id", "pivot", "nom", "commune", "code_postal", "adresse", "date_maj")
# What stands where a place has no number in either register, as published files write it.
NO_PIVOT = "00000000000000"
SHORT = 280

PROGRAMMES = (
    "Aidants Connect", "Bibliothèques numérique de référence", "Certification PIX", "Conseillers numériques",
    "Emmaüs Connect", "France Services", "Grande école du numérique", "La Croix Rouge",
    "Point d'accès numérique CAF", "Promeneurs du net", "Relais numérique (Emmaüs Connect)",
)  # fmt: skip
LABELS = (
    "Formé à « Mon Espace Santé »", "Formé à « DUPLEX » (illettrisme)",
    "Arnia/MedNum BFC (Bourgogne-Franche-Comté)", "Collectif ressources et acteurs réemploi (Normandie)",
    "Étapes numériques(La Poste)", "Fabriques de Territoire", "Les Éclaireurs du numérique (Drôme)",
    "Mes Papiers (Métropole de Lyon)", "ORDI 3.0", "SUD LABS (PACA)",
)  # fmt: skip
COSTS = ("Gratuit", "Gratuit sous condition", "Payant")
COST_WORDS = {
    needs.Cost.FREE: "Gratuit",
    needs.Cost.CONDITIONS: "Gratuit sous condition",
    needs.Cost.PAID: "Payant",
}
MOVES = {True: "Itinérant", False: "Fixe"}
CODE_OF_KIND = {
    places.LIBRARY: "BIB",
    places.DIGITAL_SPACE: "EPN",
    places.FRANCE_SERVICES: "RFS",
    places.ASSOCIATION: "ASSO",
    places.PERMANENCE: "ASSO",
    places.TOWN_SERVICE: "MUNI",
    places.SOCIAL_CENTRE: "CS",
    places.YOUTH: "MJC",
    places.EMPLOYMENT: "FT",
    places.THIRD_PLACE: "TIERS_LIEUX",
    places.POST_OFFICE: "LA_POSTE",
}
# Words of the files of 2022, and the service of v1.0.2 that each became.
OLD_SERVICES = {
    "Utiliser le numérique au quotidien": "Maîtrise des outils numériques du quotidien",
    "Prendre en main un ordinateur": "Maîtrise des outils numériques du quotidien",
    "Prendre en main un smartphone ou une tablette": "Maîtrise des outils numériques du quotidien",
    "Approfondir ma culture numérique": "Compréhension du monde numérique",
    "Promouvoir la citoyenneté numérique": "Compréhension du monde numérique",
    "Comprehension du monde numérique": "Compréhension du monde numérique",
    "Accéder à du matériel": "Accès internet et matériel informatique",
    "Accéder à une connexion internet": "Accès internet et matériel informatique",
    "Devenir autonome dans les démarches administratives": "Aide aux démarches administratives",
    "Réaliser des démarches administratives avec un accompagnement": "Aide aux démarches administratives",
    "Créer avec le numérique": "Loisirs et créations numériques",
    "Favoriser mon insertion professionnelle": "Insertion professionnelle via le numérique",
    "Créer et développer mon entreprise": "Insertion professionnelle via le numérique",
    "Accompagner les démarches de santé": "Aide aux démarches administratives",
    "S’équiper en matériel informatique": "Acquisition de matériel informatique à prix solidaire",
    "S'équiper en matériel informatique": "Acquisition de matériel informatique à prix solidaire",
    "Soutenir la parentalité et l'éducation avec le numérique": "Parentalité et éducation avec le numérique",
    "Soutenir la parentalité et l’éducation avec le numérique": "Parentalité et éducation avec le numérique",
}
# The words of the standard for what someone comes for, where it has some.
SERVICE_OF_NEED: dict[str, str] = {
    str(need): words for words, found in needs.OF_STANDARD.items() for need in found
}
_LISTS = {
    "services": tuple(needs.OF_STANDARD),
    "publics_specifiquement_adresses": tuple(needs.PUBLICS),
    "prise_en_charge_specifique": tuple(needs.CARE),
    "frais_a_charge": COSTS,
    "dispositif_programmes_nationaux": PROGRAMMES,
    "formations_labels": LABELS,
    "modalites_acces": tuple(needs.ACCESS),
    "modalites_accompagnement": tuple(needs.MODES),
    "itinerance": ("Itinérant", "Fixe"),
}
_PATTERNS = {
    "pivot": re.compile(r"[a-zA-Z0-9]{9,14}"),
    "code_postal": re.compile(r"\d{5}"),
    "code_insee": re.compile(r"([013-9]\d|2[AB1-9])\d{3}"),
    "telephone": re.compile(r"(\+33|\+590|\+594|\+262|\+596|\+269|\+687|\+689|\+508|\+681)(\d){6,9}"),
    "date_maj": re.compile(r"\d{4}-\d\d-\d\d"),
    "latitude": re.compile(r"-?\d{1,2}(\.\d+)?"),
    "longitude": re.compile(r"-?\d{1,3}(\.\d+)?"),
}


def carries(name: str, value: Any) -> bool:
    """Whether the standard takes that value in that column."""
    if name not in COLUMNS:
        return False
    text = str(value)
    if name in _LISTS:
        return all(part in _LISTS[name] for part in text.split("|"))
    if name == "presentation_resume":
        return len(text) <= SHORT
    pattern = _PATTERNS.get(name)
    return pattern is None or pattern.fullmatch(text) is not None


def read(record: Mapping[str, Any]) -> Place:
    """A row as a place. Raises :class:`~bagage.directory.domain.places.SetAside` when nobody could go there."""
    row = {
        str(name): value if isinstance(value, str) else _cell(value) for name, value in record.items() if name
    }
    place = places.read_mediation_place(_in_words_of_today(row))
    came = {name: row[name] for name in COLUMNS if row.get(name) and row[name] != NO_PIVOT}
    beside = kept_beside(came, written(place))
    others = {name: [value, None] for name, value in row.items() if value and name not in COLUMNS}
    return replace(place, more={FORMAT: {**beside, **others}}) if beside or others else place


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, list | tuple):
        return "|".join(str(part) for part in value)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


def _in_words_of_today(row: dict[str, str]) -> dict[str, str]:
    """A row whose lists have a semicolon, or words of 2022, as one of today."""
    changed = dict(row)
    for name in _LISTS:
        said = row.get(name) or ""
        if ";" in said and "|" not in said:
            changed[name] = "|".join(part.strip() for part in said.split(";"))
    parts = [part.strip() for part in (changed.get("services") or "").split("|") if part.strip()]
    if any(part in OLD_SERVICES for part in parts):
        changed["services"] = "|".join(dict.fromkeys(OLD_SERVICES.get(part, part) for part in parts))
    return changed


def written(place: Place) -> dict[str, str]:
    """The 32 columns of a place as our fields say them, all text; ``""`` for what nobody said."""
    services = place.services
    known = dict.fromkeys(
        word
        for service in services
        for word in (_words(service) if service.need not in (needs.Need.UNKNOWN, needs.Need.OTHER) else ())
    )
    listed_others = [label for label in place.labels if label not in PROGRAMMES and label not in LABELS]
    is_exact = place.position == places.EXACT
    return {
        "id": place.source_id
        if place.source.startswith(places.MEDIATION)
        else f"{place.source}--{place.source_id}",
        "pivot": place.pivot,
        "nom": place.name,
        "commune": place.city,
        "code_postal": place.postcode,
        "code_insee": place.commune_code,
        "adresse": place.address,
        "complement_adresse": place.address_more,
        "latitude": _number(place.latitude) if is_exact else "",
        "longitude": _number(place.longitude) if is_exact else "",
        "typologie": place.kind_words
        if place.source.startswith(places.MEDIATION) and place.kind_words
        else ("" if "kind" in place.fields_from else CODE_OF_KIND.get(place.kind, "")),
        "telephone": place.phone,
        "courriels": place.email,
        "site_web": place.website,
        "horaires": place.hours,
        "presentation_resume": place.presentation,
        "presentation_detail": place.description,
        "source": place.source.partition(":")[2]
        or ("" if place.source == places.MEDIATION else place.source),
        "itinerance": MOVES.get(place.is_mobile, "") if place.is_mobile is not None else "",
        "structure_parente": place.parent,
        "date_maj": place.source_date.isoformat() if place.source_date else "",
        "services": "|".join(known),
        "publics_specifiquement_adresses": _joined(services, "publics", needs.PUBLICS),
        "prise_en_charge_specifique": _joined(services, "care", needs.CARE),
        "frais_a_charge": _costs(place),
        "dispositif_programmes_nationaux": "|".join(label for label in place.labels if label in PROGRAMMES),
        "formations_labels": "|".join(label for label in place.labels if label in LABELS),
        "autres_formations_labels": "|".join(listed_others),
        "modalites_acces": _joined(services, "access", needs.ACCESS),
        "modalites_accompagnement": _joined(services, "modes", needs.MODES),
        "fiche_acces_libre": place.accessibility,
        "prise_rdv": place.booking_url,
    }


def write(place: Place) -> dict[str, str]:
    """The row of a place: as it came where the standard takes it, else as we say it; always one that the standard
    takes, but for what it wants and nobody said (:func:`missing`)."""
    record = restored(written(place), place.more.get(FORMAT, {}), carries)
    record["pivot"] = record["pivot"] or NO_PIVOT
    if len(record["presentation_resume"]) > SHORT:
        record["presentation_detail"] = record["presentation_detail"] or record["presentation_resume"]
        record["presentation_resume"] = f"{record['presentation_resume'][: SHORT - 1].rstrip()}…"
    for name, value in record.items():
        if value and not carries(name, value):
            kept = [part for part in value.split("|") if part in _LISTS.get(name, ())]
            record[name] = "|".join(kept)
    return record


def missing(record: Mapping[str, str]) -> list[str]:
    """The columns that the standard wants and that say nothing."""
    return [name for name in REQUIRED if not record.get(name)]


def _words(service: places.PlaceService) -> list[str]:
    said = [part for part in service.words.split("|") if part in needs.OF_STANDARD]
    return said or [SERVICE_OF_NEED[need] for need in service.all_needs if need in SERVICE_OF_NEED]


def _joined(services: tuple[places.PlaceService, ...], name: str, words: Mapping[str, str]) -> str:
    said = {code: word for word, code in words.items()}
    codes = dict.fromkeys(code for service in services for code in getattr(service, name))
    return "|".join(said[code] for code in codes if code in said)


def _costs(place: Place) -> str:
    words = dict.fromkeys(
        part for service in place.services for part in service.cost_words.split("|") if part in COSTS
    )
    if not words:
        words = dict.fromkeys(
            COST_WORDS[needs.Cost(service.cost)] for service in place.services if service.cost in COST_WORDS
        )
    return "|".join(words)


def _number(value: float | None) -> str:
    return "" if value is None else repr(value)
