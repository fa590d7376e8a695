"""data·inclusion v1: a structure with its services read as a place, a place written as a structure and its services.

Source: gip-inclusion/data-inclusion-schema v1.0.8 (Licence Ouverte 2.0). A record here is a structure with its
``services`` in a list. Words of v0 that are still in files are read too. What the standard flattens ("Accéder à une
connexion", "Acquérir un équipement") is read as what it says, unless the service says in its own words that one uses
something on the spot.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from bagage.directory.domain import places
from bagage.directory.domain.cells import (
    day_of,
    listed,
    long_text,
    mail_of,
    phone_of,
    text_of,
    web_of,
)
from bagage.directory.domain.communes import folded
from bagage.directory.domain.needs import Cost, Need
from bagage.directory.domain.places import Place, PlaceService, SetAside
from bagage.directory.domain.standards import vocabulary
from bagage.directory.domain.standards.lossless import kept_beside, restored
from bagage.directory.domain.standards.mediation import SERVICE_OF_NEED

FORMAT = "data_inclusion"
LICENCE = "Licence Ouverte 2.0"
STRUCTURE = (
    "source", "id", "nom", "date_maj", "lien_source", "siret", "description", "adresse", "complement_adresse",
    "commune", "code_postal", "code_insee", "latitude", "longitude", "telephone", "courriel", "site_web",
    "horaires_accueil", "accessibilite_lieu", "reseaux_porteurs",
)  # fmt: skip
SERVICE = (
    "source", "structure_id", "id", "nom", "description", "date_maj", "lien_source", "type", "thematiques", "frais",
    "frais_precisions", "publics", "publics_precisions", "conditions_acces", "telephone", "courriel",
    "contact_nom_prenom", "modes_accueil", "adresse", "complement_adresse", "commune", "code_postal", "code_insee",
    "latitude", "longitude", "zone_eligibilite", "modes_mobilisation", "mobilisable_par", "lien_mobilisation",
    "mobilisation_precisions", "horaires_accueil", "volume_horaire_hebdomadaire", "nombre_semaines",
)  # fmt: skip
LISTS = frozenset(
    {
        "reseaux_porteurs",
        "thematiques",
        "publics",
        "modes_accueil",
        "zone_eligibilite",
        "modes_mobilisation",
        "mobilisable_par",
    }
)
# What a theme says that a service gives; other themes are no digital aid.
GIVES: dict[str, tuple[Need, ...]] = {
    "numerique--acceder-a-des-services-en-ligne": (Need.ONLINE_PROCEDURES,),
    "numerique--acceder-a-une-connexion-internet": (Need.GET_CONNECTION,),
    "numerique--acquerir-un-equipement": (Need.GET_DEVICE,),
    "numerique--maitriser-les-fondamentaux-du-numerique": (Need.LEARN_BASICS,),
    "numerique--acceder-a-du-materiel": (Need.USE_COMPUTER_HERE,),
    "numerique--accompagner-les-demarches-de-sante": (Need.ONLINE_PROCEDURES,),
    "numerique--approfondir-ma-culture-numerique": (Need.UNDERSTAND,),
    "numerique--creer-avec-le-numerique": (Need.CREATE,),
    "numerique--creer-et-developper-mon-entreprise": (Need.FIND_WORK,),
    "numerique--devenir-autonome-dans-les-demarches-administratives": (Need.ONLINE_PROCEDURES,),
    "numerique--favoriser-mon-insertion-professionnelle": (Need.FIND_WORK,),
    "numerique--prendre-en-main-un-ordinateur": (Need.LEARN_BASICS,),
    "numerique--prendre-en-main-un-smartphone-ou-une-tablette": (Need.LEARN_BASICS,),
    "numerique--promouvoir-la-citoyennete-numerique": (Need.UNDERSTAND,),
    "numerique--realiser-des-demarches-administratives-avec-un-accompagnement": (Need.ONLINE_PROCEDURES,),
    "numerique--s-equiper-en-materiel-informatique": (Need.GET_DEVICE,),
    "numerique--soutenir-la-parentalite-et-l-education-avec-le-numerique": (Need.RAISE_CHILDREN,),
    "numerique--utiliser-le-numerique-au-quotidien": (Need.LEARN_BASICS,),
}
# In a service's own words: something used on the spot; something one leaves with.
_HERE = re.compile(r"\b(?:libre acces|sur place|mis a disposition|mise a disposition|wi ?fi|acces libre)\b")
_TO_KEEP = re.compile(
    r"\b(?:don|dons|vente|pret|prets|prix solidaire|reconditionne\w*|acquerir|acheter|equiper)\b"
)
_DIGITAL = re.compile(r"numeri|informati|ordinateur|internet|smartphone|tablette|en ligne")
_CONDITIONS = re.compile(r"\b(?:sous condition\w*|adhesion|adherent\w*|quotient|cotisation)\b")
# The theme of v1 for each need, for what only our fields say.
THEME_OF_NEED: dict[str, str] = {
    Need.USE_COMPUTER_HERE: "numerique--acquerir-un-equipement",
    Need.GET_DEVICE: "numerique--acquerir-un-equipement",
    Need.USE_WIFI_HERE: "numerique--acceder-a-une-connexion-internet",
    Need.GET_CONNECTION: "numerique--acceder-a-une-connexion-internet",
    Need.LEARN_BASICS: "numerique--maitriser-les-fondamentaux-du-numerique",
    Need.UNDERSTAND: "numerique--maitriser-les-fondamentaux-du-numerique",
    Need.STAY_SAFE: "numerique--maitriser-les-fondamentaux-du-numerique",
    Need.CREATE: "numerique--maitriser-les-fondamentaux-du-numerique",
    Need.ONLINE_PROCEDURES: "numerique--acceder-a-des-services-en-ligne",
    Need.PRINT_SCAN: "numerique--acceder-a-des-services-en-ligne",
    Need.FIND_WORK: "preparer-sa-candidature--organiser-ses-demarches-de-recherche-demploi",
    Need.RAISE_CHILDREN: "famille--soutien-a-la-parentalite-et-a-leducation",
    Need.HELPED_AT_HOME: "numerique--maitriser-les-fondamentaux-du-numerique",
}
COSTS = {
    "gratuit": Cost.FREE,
    "payant": Cost.PAID,
    "gratuit-sous-conditions": Cost.CONDITIONS,
    "adhesion": Cost.CONDITIONS,
    "pass-numerique": Cost.CONDITIONS,
}
EVERYONE = "everyone"
PUBLICS = {
    "jeunes": "young",
    "etudiants": "students",
    "familles": "families",
    "seniors": "seniors",
    "femmes": "women",
    "tous-publics": EVERYONE,
    # of v0
    "jeunes-16-26": "young",
    "familles-enfants": "families",
    "seniors-65": "seniors",
    "retraites": "seniors",
}
_V0_PUBLICS = frozenset({"jeunes-16-26", "familles-enfants", "seniors-65", "retraites"})
MODES = {"a-distance": "remote", "en-presentiel": "on_site"}
MODES_OF_TYPE = {"atelier": "workshop", "formation": "workshop", "accompagnement": "individual"}
ACCESS = {
    "se-presenter": "come",
    "telephoner": "call",
    "envoyer-un-courriel": "mail",
    "utiliser-lien-mobilisation": "book",
    # of v0
    "envoyer-un-mail": "mail",
    "envoyer-un-mail-avec-une-fiche-de-prescription": "prescribe",
    "prendre-rdv": "book",
}
_ACCESS_OUT = {
    "come": "se-presenter",
    "call": "telephoner",
    "mail": "envoyer-un-courriel",
    "prescribe": "envoyer-un-courriel",
    "book": "utiliser-lien-mobilisation",
}
KIND_OF_NETWORK = {
    "france-service": places.FRANCE_SERVICES,
    "msap": places.FRANCE_SERVICES,
    "ccas-cias": places.TOWN_SERVICE,
    "communes": places.TOWN_SERVICE,
    "espaces-publics-numeriques": places.DIGITAL_SPACE,
    "fcsf": places.SOCIAL_CENTRE,
    "mission-locale": places.YOUTH,
    "mjc": places.YOUTH,
    "reseau-information-jeunesse": places.YOUTH,
    "france-travail": places.EMPLOYMENT,
    "cap-emploi-reseau-cheops": places.EMPLOYMENT,
    "la-poste": places.POST_OFFICE,
    "caf": places.STATE_SERVICE,
    "cpam": places.STATE_SERVICE,
    "departements": places.STATE_SERVICE,
    "maisons-des-solidarites": places.STATE_SERVICE,
    "mdph": places.STATE_SERVICE,
    "points-justice": places.STATE_SERVICE,
    "emmaus": places.ASSOCIATION,
    "croix-rouge": places.ASSOCIATION,
    "secours-populaire": places.ASSOCIATION,
    "restos-du-coeur": places.ASSOCIATION,
    "fabrique-de-territoire": places.THIRD_PLACE,
}
NETWORK_OF_LABEL = {
    "Aidants Connect": "aidants-connect",
    "Conseillers numériques": "conseillers-numeriques",
    "France Services": "france-service",
    "Grande école du numérique": "grandes-ecoles-du-numerique",
    "La Croix Rouge": "croix-rouge",
    "Emmaüs Connect": "emmaus",
    "Fabriques de Territoire": "fabrique-de-territoire",
}
_LABEL_OF_NETWORK = {code: label for label, code in NETWORK_OF_LABEL.items()}

# ---------- why a record is set aside ----------
NO_ID = "no_id"
NO_STRUCTURE = "no_structure"


def read(record: Mapping[str, Any]) -> Place:
    """A structure with its ``services`` as a place. Raises :class:`~bagage.directory.domain.places.SetAside`."""
    if "id" not in record and "structure_id" in record:
        raise SetAside(NO_STRUCTURE, field="structure_id", value=record.get("structure_id"))
    name = text_of(record.get("nom"))
    source_id = text_of(record.get("id"))
    if not name:
        raise SetAside(places.NO_NAME, field="nom", value=record.get("nom"))
    if not source_id:
        raise SetAside(NO_ID, field="id", value=record.get("id"))
    defects: list[str] = []
    fields_from: dict[str, str] = {}
    networks = _codes(record.get("reseaux_porteurs"))
    labels = tuple(_LABEL_OF_NETWORK.get(code, code) for code in networks)
    kind = next((KIND_OF_NETWORK[code] for code in networks if code in KIND_OF_NETWORK), "")
    code = text_of(record.get("code_insee"))
    latitude, longitude, position = places.position_of(
        text_of(record.get("latitude")), text_of(record.get("longitude")), code, defects
    )
    producer = text_of(record.get("source"))
    phone = text_of(record.get("telephone"))
    if phone and not phone_of(phone):
        defects.append(places.UNREADABLE_PHONE)
    if text_of(record.get("site_web")) and not web_of(record.get("site_web")):
        defects.append(places.UNREADABLE_ADDRESS)
    hours = text_of(record.get("horaires_accueil"))
    places.note_hours(hours, defects)
    source_date = day_of(record.get("date_maj"))
    if source_date is None:
        defects.append(places.NO_DATE_SAID)
    by_id: dict[str, PlaceService] = {}
    for each in record.get("services") or ():
        if key := text_of(each.get("id"))[:120]:
            # Said twice: the first one stands.
            by_id.setdefault(key, _service(each))
    services = tuple(by_id.values())
    if not services:
        defects.append(places.NO_SERVICE)
    place = Place(
        source=f"{FORMAT}:{producer}"[:60] if producer else FORMAT,
        source_id=source_id[:120],
        licence=LICENCE,
        name=name[:200],
        kind=kind or places.kind_in_name(name, fields_from) or places.UNKNOWN,
        kind_words="|".join(networks)[:80],
        address=text_of(record.get("adresse"))[:200],
        address_more=text_of(record.get("complement_adresse"))[:120],
        postcode=places.postcode_of(text_of(record.get("code_postal")), code, defects),
        city=text_of(record.get("commune"))[:80],
        commune_code=code[:5],
        latitude=latitude,
        longitude=longitude,
        position=position,
        phone=phone_of(phone),
        email=mail_of(record.get("courriel")),
        website=web_of(record.get("site_web")),
        hours=hours[:300],
        description=long_text(record.get("description")),
        pivot=places.pivot_of(text_of(record.get("siret"))),
        accessibility=web_of(record.get("accessibilite_lieu")),
        source_url=web_of(record.get("lien_source")),
        labels=labels,
        source_date=source_date,
        fields_from=fields_from,
        services=services,
        defects=tuple(defects),
    )
    came = {field: _plain(field, value) for field, value in record.items() if field != "services"}
    beside = kept_beside(came, written(place))
    return replace(place, more={FORMAT: beside}) if beside else place


def _codes(value: Any) -> list[str]:
    """A list of codes; in a spreadsheet they are written with commas."""
    return listed(value, ",;|")


def _plain(name: str, value: Any) -> Any:
    """A value as JSON holds it: lists for lists, days as text, whole numbers of a spreadsheet whole."""
    if name in LISTS:
        return _codes(value)
    if isinstance(value, date):
        return value.isoformat()[:10]
    if isinstance(value, float) and value.is_integer() and name not in {"latitude", "longitude"}:
        return int(value)
    return value


def _service(record: Mapping[str, Any]) -> PlaceService:
    themes = tuple(_codes(record.get("thematiques")))
    name, description = text_of(record.get("nom")), long_text(record.get("description"))
    found = needs_of(themes, f"{name} {description}")
    words = text_of(record.get("frais_precisions"))
    cost = COSTS.get(next(iter(_codes(record.get("frais"))), ""), Cost.UNKNOWN)
    if cost is Cost.FREE and words and _CONDITIONS.search(folded(words)):
        cost = Cost.CONDITIONS
    kind = text_of(record.get("type"))
    modes = [MODES.get(code, code) for code in _codes(record.get("modes_accueil"))]
    if kind in MODES_OF_TYPE:
        modes.append(MODES_OF_TYPE[kind])
    access = [ACCESS.get(code, code) for code in _codes(record.get("modes_mobilisation"))]
    if not access:
        access = [
            ACCESS[code] for code in _codes(record.get("modes_orientation_beneficiaire")) if code in ACCESS
        ]
    publics = _codes(record.get("publics") or record.get("profils"))
    service = PlaceService(
        need=found[0],
        needs=tuple(str(need) for need in found) if len(found) > 1 else (),
        source_id=text_of(record.get("id"))[:120],
        name=name[:200],
        description=description,
        themes=themes,
        cost=cost,
        cost_words=words[:120],
        publics=tuple(dict.fromkeys(PUBLICS.get(code, code) for code in publics)),
        modes=tuple(dict.fromkeys(modes)),
        access=tuple(dict.fromkeys(access)),
        hours=text_of(record.get("horaires_accueil"))[:300],
        source_date=day_of(record.get("date_maj")),
    )
    came = {field: _plain(field, value) for field, value in record.items()}
    beside = kept_beside(came, _written_service(service))
    for field in ("source", "structure_id"):
        beside.pop(field, None)
    return replace(service, more={FORMAT: beside}) if beside else service


def needs_of(themes: tuple[str, ...], words: str) -> list[Need]:
    """What a service gives, by its themes and by what it says of itself; the first one is the main one."""
    plain = folded(words)
    is_here = _HERE.search(plain) is not None and _TO_KEEP.search(plain) is None
    found: dict[Need, None] = {}
    for theme in themes:
        for need in GIVES.get(theme, ()):
            if is_here and need is Need.GET_DEVICE:
                need = Need.USE_COMPUTER_HERE
            elif is_here and need is Need.GET_CONNECTION:
                need = Need.USE_WIFI_HERE
            found[need] = None
    if found:
        return list(found)
    if any(theme == "numerique" or theme.startswith("numerique--") for theme in themes) or (
        not themes and _DIGITAL.search(plain)
    ):
        return [Need.UNKNOWN]
    return [Need.OTHER]


# ---------- out ----------
def written(place: Place) -> dict[str, Any]:
    """A structure as our fields say it; ``None`` for what nobody said."""
    is_ours = place.source.startswith(FORMAT)
    is_exact = place.position == places.EXACT
    return {
        "source": place.source.partition(":")[2] or place.source,
        "id": place.source_id if is_ours else f"{place.source.replace(':', '-')}--{place.source_id}",
        "nom": _title(place.name),
        "date_maj": place.source_date.isoformat() if place.source_date else None,
        "lien_source": place.source_url or None,
        "siret": place.pivot if re.fullmatch(r"\d{14}", place.pivot) else None,
        "description": _said(place.description or place.presentation),
        "adresse": place.address or None,
        "complement_adresse": place.address_more or None,
        "commune": place.city or None,
        "code_postal": place.postcode or None,
        "code_insee": place.commune_code or None,
        "latitude": place.latitude if is_exact else None,
        "longitude": place.longitude if is_exact else None,
        "telephone": place.phone or None,
        "courriel": place.email or None,
        "site_web": place.website or None,
        "horaires_accueil": place.hours or None,
        "accessibilite_lieu": place.accessibility or None,
        "reseaux_porteurs": _networks(place) or None,
    }


def _networks(place: Place) -> list[str]:
    known = (NETWORK_OF_LABEL.get(label, label) for label in place.labels)
    return list(dict.fromkeys(code for code in known if code in vocabulary.NETWORKS))


def _title(name: str) -> str:
    """Three letters to 150, without a full stop at the end, as the standard wants a name."""
    short = name if len(name) <= 150 else f"{name[:149].rstrip()}…"
    return short if len(short) >= 3 else short.ljust(3, "·")


def _said(text: str) -> str | None:
    """A description that the standard takes: 5 to 10,000 signs."""
    return text[:10_000] if len(text) >= 5 else None


def _written_service(service: PlaceService) -> dict[str, Any]:
    themes = [theme for theme in service.themes if theme in vocabulary.THEMES] or list(
        dict.fromkeys(THEME_OF_NEED[need] for need in service.all_needs if need in THEME_OF_NEED)
    )
    said = {ours: theirs for theirs, ours in PUBLICS.items() if theirs not in _V0_PUBLICS}
    publics = [said.get(code, code) for code in service.publics]
    publics = [code for code in dict.fromkeys(publics) if code in vocabulary.PUBLICS]
    access = [_ACCESS_OUT[code] for code in service.access if code in _ACCESS_OUT]
    places_of = [code for code, ours in MODES.items() if ours in service.modes]
    if not places_of and service.modes:
        places_of = ["en-presentiel"]
    cost = {Cost.FREE: "gratuit", Cost.CONDITIONS: "gratuit", Cost.PAID: "payant"}
    words = service.cost_words
    if service.cost == Cost.CONDITIONS and not words:
        words = "Gratuit sous condition"
    return {
        "id": service.source_id or service.need,
        "nom": _title(service.name or service_name(service)),
        "description": _said(service.description),
        "date_maj": service.source_date.isoformat() if service.source_date else None,
        "type": next((name for name, mode in MODES_OF_TYPE.items() if mode in service.modes), None),
        "thematiques": themes or None,
        "frais": cost.get(Cost(service.cost)),
        "frais_precisions": words or None,
        "publics": ["tous-publics"] if "tous-publics" in publics else publics or None,
        "modes_accueil": places_of or None,
        "modes_mobilisation": list(dict.fromkeys(access)) or None,
        "horaires_accueil": service.hours or None,
    }


def service_name(service: PlaceService) -> str:
    """How a service that has no name is called: in the words of its source, else of the national standard."""
    return service.words.partition("|")[0] or SERVICE_OF_NEED.get(service.need, "Aide au numérique")


def write(place: Place) -> dict[str, Any]:
    """A structure with its ``services``: as they came where the schema takes it, else as we say it."""
    record = restored(written(place), place.more.get(FORMAT, {}), vocabulary.carries_structure)
    where = ("adresse", "complement_adresse", "commune", "code_postal", "code_insee", "latitude", "longitude")
    services = []
    for service in place.services:
        # A place that says of itself what is not known yet has no service to tell of.
        if service.need == Need.UNKNOWN and not (service.source_id or service.words):
            continue
        beside = service.more.get(FORMAT, {})
        said = restored(_written_service(service), beside, vocabulary.carries_service)
        if not service.source_id:
            said["id"] = f"{record['id']}--{service.need.replace('_', '-')}"
            said.update({name: record[name] for name in where if said.get(name) is None})
        said["source"], said["structure_id"] = record["source"], record["id"]
        said["date_maj"] = said.get("date_maj") or record["date_maj"]
        said["description"] = said.get("description") or f"{said['nom']}, {place.name}"[:10_000]
        services.append({name: said.get(name) for name in SERVICE})
    return {**{name: record.get(name) for name in STRUCTURE}, "services": services}
