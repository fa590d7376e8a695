"""A row of a public file, read as a place: what it says, what it leaves open, what was wrong with it.

Two shapes are read: the national standard of places of digital mediation v1.0.2 (lists with a vertical bar, hours in
OpenStreetMap form), and the public libraries of the Ministère de la Culture. What a row does not say stays unknown; a
library is a library, nothing is supposed of what is found in it. Coordinates are degrees (WGS 84).
"""

import csv
import gzip
import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from importlib import resources
from typing import Any

from bagage.common.hours import UnreadableHours, parsed
from bagage.directory.domain.cells import long_text, phone_of
from bagage.directory.domain.communes import KM_A_DEGREE, commune, distance_km, folded
from bagage.directory.domain.needs import ACCESS, CARE, MODES, OF_STANDARD, PUBLICS, Cost, Need, cost_of

MEDIATION = "mediation"
LIBRARIES = "libraries"
LICENCE_OUVERTE = "Licence Ouverte 2.0"
OPEN_DATA = "open data"

# Further than this from the middle of its commune, a point is not that of the place.
FAR_KM = 40.0
# What a date says when it was never filled in.
NO_DATE = date(1970, 1, 1)

# ---------- kinds ----------
LIBRARY = "library"
DIGITAL_SPACE = "digital_space"
FRANCE_SERVICES = "france_services"
ASSOCIATION = "association"
TOWN_SERVICE = "town_service"
SOCIAL_CENTRE = "social_centre"
EMPLOYMENT = "employment"
YOUTH = "youth"
THIRD_PLACE = "third_place"
POST_OFFICE = "post_office"
STATE_SERVICE = "state_service"
PERMANENCE = "permanence"
UNKNOWN = "unknown"
# The source of our own permanences; their identifier is that of their node.
OURS = "bagage"

KIND_OF_CODE = {
    "BIB": LIBRARY,
    "EPN": DIGITAL_SPACE,
    "EPI": DIGITAL_SPACE,
    "ENM": DIGITAL_SPACE,
    "RFS": FRANCE_SERVICES,
    "MSAP": FRANCE_SERVICES,
    "ASSO": ASSOCIATION,
    "MUNI": TOWN_SERVICE,
    "CCAS": TOWN_SERVICE,
    "CIAS": TOWN_SERVICE,
    "CC": TOWN_SERVICE,
    "MQ": TOWN_SERVICE,
    "CS": SOCIAL_CENTRE,
    "CSC": SOCIAL_CENTRE,
    "EVS": SOCIAL_CENTRE,
    "MJC": YOUTH,
    "ML": YOUTH,
    "PIJ_BIJ": YOUTH,
    "FT": EMPLOYMENT,
    "CAP_EMPLOI": EMPLOYMENT,
    "TIERS_LIEUX": THIRD_PLACE,
    "FABLAB": THIRD_PLACE,
    "LA_POSTE": POST_OFFICE,
    "CAF": STATE_SERVICE,
    "CPAM": STATE_SERVICE,
    "CD": STATE_SERVICE,
    "MDS": STATE_SERVICE,
    "PAD": STATE_SERVICE,
}
# Nine rows in ten say no kind. A name that says what the place is may be believed; that the name said it is told too.
KIND_IN_NAME: tuple[tuple[str, str], ...] = (
    (r"\b(?:mediatheque|bibliotheque|ludotheque)\b", LIBRARY),
    (r"\b(?:france services?|maison de services au public|msap)\b", FRANCE_SERVICES),
    (
        r"\b(?:espace public numerique|espace numerique|cyber ?base|cyber ?espace|cyber ?centre|epn)\b",
        DIGITAL_SPACE,
    ),
    (r"\b(?:centre social|centre socio ?culturel|espace de vie sociale)\b", SOCIAL_CENTRE),
    (r"\b(?:mission locale|mjc|maison des jeunes|point information jeunesse|info jeunes)\b", YOUTH),
    (
        r"\b(?:mairie|hotel de ville|ccas|centre communal d action sociale|maison de quartier|commune de)\b",
        TOWN_SERVICE,
    ),
    (r"\b(?:pole emploi|france travail|cap emploi)\b", EMPLOYMENT),
    (r"\b(?:la poste|bureau de poste)\b", POST_OFFICE),
    (r"\b(?:association|emmaus|croix rouge|secours populaire)\b", ASSOCIATION),
    (r"\b(?:tiers lieu|fab ?lab)\b", THIRD_PLACE),
)

# ---------- where a point comes from ----------
EXACT = "exact"
COMMUNE = "commune"
NOWHERE = "unknown"

# ---------- what was wrong with a row ----------
NO_POINT = "no_point"  # placed in the middle of its commune
FAR_POINT = "far_point"  # the point was in another part of the country: placed in the middle of its commune
TURNED_POINT = "turned_point"  # latitude and longitude had changed places
UNREADABLE_HOURS = "unreadable_hours"  # kept as they are written
UNREADABLE_PHONE = "unreadable_phone"  # left out
UNREADABLE_ADDRESS = "unreadable_address"  # of the web; left out
BAD_POSTCODE = "bad_postcode"  # mended from the commune
NO_SERVICE = "no_service"
NO_DATE_SAID = "no_date"
# ---------- why a row is set aside ----------
NO_NAME = "no_name"
OFFICE = "office"  # the address of an administration, not of a library that opens
CLOSED = "closed"  # its source says that it no longer is


class SetAside(ValueError):
    """The row is no place that someone could go to; ``reason`` is one of the words above.

    ``field`` is the column at fault, as its file calls it, and ``value`` what stands there, where that is known.
    """

    def __init__(self, reason: str, *, field: str = "", value: object = "") -> None:
        super().__init__(reason)
        self.reason, self.field = reason, field
        self.value = "" if value is None else str(value).strip()


@dataclass(frozen=True, slots=True)
class PlaceService:
    """One thing that the place gives. ``words`` and ``cost_words`` are the source's own.

    Sources that name services one by one give ``source_id`` and what follows it; ``needs`` are all that it answers,
    ``need`` being the first, ``themes`` codes of data·inclusion.
    """

    need: str
    words: str = ""
    cost: str = Cost.UNKNOWN
    cost_words: str = ""
    languages: tuple[str, ...] = ()
    publics: tuple[str, ...] = ()
    care: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    accessibility: str = ""
    source_id: str = ""
    name: str = ""
    description: str = ""
    needs: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    hours: str = ""
    source_date: date | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    # Of our row, once there is one.
    uuid: str = field(default="", repr=False, compare=False)

    @property
    def all_needs(self) -> tuple[str, ...]:
        """Every need that it answers, the first one first."""
        return self.needs or (self.need,)


@dataclass(frozen=True, slots=True)
class Place:
    """One row as read; empty text, ``None`` and empty tuples are what it does not say.

    ``more`` is, for each format, what the source says and no field holds: exports in that format give it back.
    """

    source: str
    source_id: str
    licence: str
    name: str
    kind: str = UNKNOWN
    kind_words: str = ""
    parent: str = ""
    address: str = ""
    address_more: str = ""
    postcode: str = ""
    city: str = ""
    commune_code: str = ""
    latitude: float | None = None
    longitude: float | None = None
    position: str = NOWHERE
    is_mobile: bool | None = None
    phone: str = ""
    email: str = ""
    website: str = ""
    booking_url: str = ""
    hours: str = ""
    weekly_hours: float | None = None
    presentation: str = ""
    description: str = ""
    pivot: str = ""
    accessibility: str = ""
    source_url: str = ""
    labels: tuple[str, ...] = ()
    source_date: date | None = None
    more: Mapping[str, Any] = field(default_factory=dict)
    fields_from: Mapping[str, str] = field(default_factory=dict)
    services: tuple[PlaceService, ...] = ()
    defects: tuple[str, ...] = ()
    # Of our row, once there is one: its public id, when it last changed, the last day that it is closed for a while.
    uuid: str = field(default="", repr=False, compare=False)
    changed_at: datetime | None = field(default=None, repr=False, compare=False)
    closed_until: date | None = field(default=None, repr=False, compare=False)

    @property
    def fingerprint(self) -> str:
        """The same as long as all that was read is the same: SHA-256, in hexadecimal."""
        return hashlib.sha256(repr(self).encode()).hexdigest()


# ---------- the files that come with the package ----------
def shipped_rows() -> Iterator[tuple[str, dict[str, str]]]:
    """Each row of the two packaged files, with what it is: :data:`MEDIATION` or :data:`LIBRARIES`."""
    for shape, name in ((MEDIATION, "mediation_places.csv.gz"), (LIBRARIES, "public_libraries.csv.gz")):
        packed = resources.files("bagage.directory").joinpath(f"data/{name}").read_bytes()
        for row in csv.DictReader(io.StringIO(gzip.decompress(packed).decode(), newline="")):
            yield shape, row


def read_row(shape: str, row: Mapping[str, str]) -> Place:
    """A row of a file of that shape. Raises :class:`SetAside`."""
    return read_mediation_place(row) if shape == MEDIATION else read_library(row)


def can_be_near(
    shape: str, row: Mapping[str, str], near: Sequence[tuple[float, float]], radius_km: float
) -> bool:
    """Whether a row may be read as a place at most ``radius_km`` from one of the points; told without reading it.

    A point further than :data:`FAR_KM` from the middle of its commune is not believed: a commune that is further than
    both together holds nothing near.
    """
    there = commune(_text(row, "code_insee" if shape == MEDIATION else "INSEE"))
    if there is None or there.latitude is None or there.longitude is None:
        return True
    reach = radius_km + FAR_KM
    return any(
        abs(latitude - there.latitude) * KM_A_DEGREE <= reach
        and distance_km(latitude, longitude, there.latitude, there.longitude) <= reach
        for latitude, longitude in near
    )


def read_mediation_place(row: Mapping[str, str]) -> Place:
    """A row of the national standard. Raises :class:`SetAside` without a name."""
    defects: list[str] = []
    name = _text(row, "nom")
    if not name:
        raise SetAside(NO_NAME, field="nom", value=row.get("nom"))
    fields_from: dict[str, str] = {}
    labels = [
        *_listed(row, "dispositif_programmes_nationaux"),
        *_listed(row, "formations_labels"),
        *_listed(row, "autres_formations_labels"),
    ]
    kind = _kind(_listed(row, "typologie"), labels, name, _text(row, "source"), fields_from)
    code = _text(row, "code_insee")
    latitude, longitude, position = position_of(row.get("latitude"), row.get("longitude"), code, defects)
    hours = _text(row, "horaires")
    note_hours(hours, defects)
    source_date = _date(_text(row, "date_maj"))
    if source_date is None:
        defects.append(NO_DATE_SAID)
    services = _services(row)
    if not _listed(row, "services"):
        defects.append(NO_SERVICE)
    producer = _text(row, "source")
    return Place(
        source=f"{MEDIATION}:{producer}" if producer else MEDIATION,
        source_id=_text(row, "id"),
        licence=LICENCE_OUVERTE,
        name=name[:200],
        kind=kind,
        kind_words="|".join(_listed(row, "typologie"))[:80],
        parent=_text(row, "structure_parente")[:120],
        address=_text(row, "adresse")[:200],
        address_more=_text(row, "complement_adresse")[:120],
        postcode=postcode_of(_text(row, "code_postal"), code, defects),
        city=_text(row, "commune")[:80],
        commune_code=code,
        latitude=latitude,
        longitude=longitude,
        position=position,
        is_mobile={"Itinérant": True, "Fixe": False}.get(_text(row, "itinerance")),
        phone=_phone(_text(row, "telephone"), defects),
        email=_first(row, "courriels", r"[^@\s]+@[^@\s]+\.[^@\s]+")[:254],
        website=_web(row, "site_web", defects),
        booking_url=_web(row, "prise_rdv", defects),
        hours=hours[:300],
        presentation=_text(row, "presentation_resume"),
        description=long_text(row.get("presentation_detail")),
        pivot=pivot_of(_text(row, "pivot")),
        accessibility=_first(row, "fiche_acces_libre", r"https?://[^\s<>\"']{3,}")[:300],
        labels=tuple(labels),
        source_date=source_date,
        fields_from=fields_from,
        services=services,
        defects=tuple(defects),
    )


def read_library(row: Mapping[str, str]) -> Place:
    """A row of the public libraries. Raises :class:`SetAside` for an office, or without a name.

    How many hours a week it opens is told, never when; what it offers and the day it was noted are in no row at all.
    """
    defects: list[str] = []
    name = _text(row, "Libelle1")
    if not name:
        raise SetAside(NO_NAME, field="Libelle1", value=row.get("Libelle1"))
    if _text(row, "type_adresse") == "Adresse administrative":
        raise SetAside(OFFICE, field="type_adresse", value=_text(row, "type_adresse"))
    code = _text(row, "INSEE")
    point = _text(row, "coordonnees_finales").split(",")
    latitude, longitude, position = position_of(point[0], point[1] if len(point) == 2 else "", code, defects)
    hours = _text(row, "amplitude_horaire")
    more = [text for text in (_text(row, "Libelle2"), _text(row, "Localisation")) if text and text != name]
    return Place(
        source=LIBRARIES,
        source_id=_text(row, "code_bib").removesuffix(".0"),
        licence=OPEN_DATA,
        name=name[:200],
        kind=LIBRARY,
        kind_words=_text(row, "Statut")[:80],
        address=_text(row, "voie")[:200],
        address_more=", ".join(dict.fromkeys(more))[:120],
        postcode=postcode_of(_text(row, "CP"), code, defects),
        city=_text(row, "Ville")[:80] or (there.name if (there := commune(code)) else ""),
        commune_code=code,
        latitude=latitude,
        longitude=longitude,
        position=position,
        weekly_hours=float(hours)
        if re.fullmatch(r"\d+(\.\d+)?", hours) and 0 < float(hours) <= 168
        else None,
        defects=tuple(defects),
    )


# ---------- one field after the other ----------
def _text(row: Mapping[str, str], name: str) -> str:
    said = row.get(name)
    return " ".join(said.replace("\x00", "").split()) if said else ""


def _listed(row: Mapping[str, str], name: str) -> list[str]:
    return list(dict.fromkeys(part for each in _text(row, name).split("|") if (part := each.strip())))


def _first(row: Mapping[str, str], name: str, pattern: str) -> str:
    return next((part for part in re.split(r"[|\s]+", _text(row, name)) if re.fullmatch(pattern, part)), "")


def _web(row: Mapping[str, str], name: str, defects: list[str]) -> str:
    """The first address that a browser opens; others of the list are left out."""
    said = _text(row, name)
    found = _first(row, name, r"https?://[^\s<>\"']{3,}")
    if said and not found:
        defects.append(UNREADABLE_ADDRESS)
    return found if len(found) <= 300 else ""


def _phone(text: str, defects: list[str]) -> str:
    if not text:
        return ""
    found = phone_of(text)
    if not found:
        defects.append(UNREADABLE_PHONE)
    return found


def pivot_of(text: str) -> str:
    """A SIRET or a number of the register of associations; zeros are what files write for none."""
    plain = text.replace(" ", "")
    return plain if re.fullmatch(r"[a-zA-Z0-9]{9,14}", plain) and plain.strip("0") else ""


def _date(text: str) -> date | None:
    try:
        found = date.fromisoformat(text[:10])
    except ValueError:
        return None
    return None if found == NO_DATE else found


def postcode_of(text: str, code: str, defects: list[str]) -> str:
    """Five digits; a postcode with a sign too many is cut when the commune has it, else the commune's only one."""
    if re.fullmatch(r"\d{5}", text):
        return text
    if text:
        defects.append(BAD_POSTCODE)
    there = commune(code)
    known = there.postcodes if there else ()
    return text[:5] if text[:5] in known else known[0] if len(known) == 1 else ""


def position_of(
    latitude: str | None, longitude: str | None, code: str, defects: list[str]
) -> tuple[float | None, float | None, str]:
    """The point of the place, or the middle of its commune, or nothing; with which of them it is."""
    there = commune(code)
    middle = (
        (there.latitude, there.longitude)
        if there and there.latitude is not None and there.longitude is not None
        else None
    )
    try:
        point = (float(latitude or ""), float(longitude or ""))
    except ValueError:
        point = None
    if point is not None and not _is_near(point, middle, code):
        turned = (point[1], point[0])
        if _is_near(turned, middle, code):
            point = turned
            defects.append(TURNED_POINT)
        else:
            point = None
            defects.append(FAR_POINT)
    elif point is None:
        defects.append(NO_POINT)
    if point is not None:
        return round(point[0], 6), round(point[1], 6), EXACT
    if middle is not None:
        return middle[0], middle[1], COMMUNE
    return None, None, NOWHERE


# Overseas, where the list of communes has no points: latitudes from, to, longitudes from, to.
OVERSEAS = {
    "971": (15.8, 16.6, -61.9, -60.9),
    "972": (14.3, 14.9, -61.3, -60.7),
    "973": (2.0, 6.0, -55.0, -51.5),
    "974": (-21.5, -20.8, 55.1, 55.9),
    "975": (46.7, 47.2, -56.5, -56.0),
    "976": (-13.1, -12.6, 44.9, 45.4),
    "977": (17.8, 18.0, -63.0, -62.7),
    "978": (18.0, 18.2, -63.2, -62.9),
}


def _is_near(point: tuple[float, float], middle: tuple[float, float] | None, code: str) -> bool:
    """Whether a point can be that of a place of this commune; one that cannot be compared is believed."""
    if abs(point[0]) > 90 or abs(point[1]) > 180:
        return False
    if middle is not None:
        return distance_km(*point, *middle) <= FAR_KM
    box = OVERSEAS.get(code[:3])
    if box is not None:
        return box[0] <= point[0] <= box[1] and box[2] <= point[1] <= box[3]
    return point != (0.0, 0.0)


def _kind(codes: list[str], labels: list[str], name: str, producer: str, fields_from: dict[str, str]) -> str:
    for code in codes:
        if code in KIND_OF_CODE:
            return KIND_OF_CODE[code]
    if codes:
        return UNKNOWN
    if kind := kind_in_name(name, fields_from):
        return kind
    if producer == "france-services" or "France Services" in labels:
        fields_from["kind"] = "label"
        return FRANCE_SERVICES
    if producer == "france-tiers-lieux":
        fields_from["kind"] = "label"
        return THIRD_PLACE
    return UNKNOWN


def kind_in_name(name: str, fields_from: dict[str, str]) -> str:
    """What a name says that the place is, noted as coming from there; ``""`` when it says nothing."""
    plain = folded(name)
    for pattern, kind in KIND_IN_NAME:
        if re.search(pattern, plain):
            fields_from["kind"] = "name"
            return kind
    return ""


def note_hours(hours: str, defects: list[str]) -> None:
    """Hours that nothing can evaluate are kept as they are written, and noted."""
    if hours:
        try:
            parsed(hours)
        except UnreadableHours:
            defects.append(UNREADABLE_HOURS)


def _services(row: Mapping[str, str]) -> tuple[PlaceService, ...]:
    """What the place gives. The standard says cost, publics and ways in for the place: each service carries them."""
    costs = _listed(row, "frais_a_charge")
    shared = PlaceService(
        need=Need.UNKNOWN,
        cost=cost_of(costs),
        cost_words="|".join(costs)[:120],
        publics=tuple(PUBLICS.get(word, word) for word in _listed(row, "publics_specifiquement_adresses")),
        care=tuple(CARE.get(word, word) for word in _listed(row, "prise_en_charge_specifique")),
        modes=tuple(MODES.get(word, word) for word in _listed(row, "modalites_accompagnement")),
        access=tuple(ACCESS.get(word, word) for word in _listed(row, "modalites_acces")),
        accessibility=_first(row, "fiche_acces_libre", r"https?://[^\s<>\"']{3,}")[:300],
    )
    found: dict[str, PlaceService] = {}
    others = []
    for words in _listed(row, "services"):
        needs = OF_STANDARD.get(words, ())
        if not needs:
            others.append(words)
        for need in needs:
            found[need] = _with(shared, need, words)
    if others or not found:
        found[Need.UNKNOWN] = _with(shared, Need.UNKNOWN, "|".join(others)[:200])
    return tuple(found.values())


def _with(shared: PlaceService, need: str, words: str) -> PlaceService:
    return PlaceService(
        need,
        words,
        shared.cost,
        shared.cost_words,
        shared.languages,
        shared.publics,
        shared.care,
        shared.modes,
        shared.access,
        shared.accessibility,
    )
