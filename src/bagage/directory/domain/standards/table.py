"""Any other table of places: its columns are named by someone, or guessed, and its words understood as far as they go.

Territories hand in what they have: one column a tag, hours in seven columns, coordinates of a national projection,
"Souvent" for yes. What is understood becomes a field; every word stays beside it in ``more``.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from bagage.directory.domain import needs, places
from bagage.directory.domain.cells import day_of, listed, long_text, mail_of, phone_of, text_of, web_of
from bagage.directory.domain.communes import find_communes, folded
from bagage.directory.domain.hours_in import CODES, osm_of, written_week
from bagage.directory.domain.needs import Cost, Need
from bagage.directory.domain.places import Place, PlaceService, SetAside
from bagage.directory.domain.standards.mediation import OLD_SERVICES

FORMAT = "table"
NO_COLUMNS = "no_columns"
NO_PLACE = "no_place"


@dataclass(frozen=True, slots=True)
class TableField:
    """What a column can become, the headings that people use (folded, best first), and what its values look like."""

    name: str
    headings: tuple[str, ...]
    looks: str = ""


FIELDS: tuple[TableField, ...] = (
    TableField("id", ("identifiant", "id", "id lieumed", "reference", "ref", "numero de structure", "code bib")),
    TableField("name", ("nom du lieu", "nom", "nom structure", "nom de la structure", "nomdelastructure", "structure",
                        "nom de l organisation", "libelle1", "lieu", "name", "denomination", "raison sociale")),
    TableField("kind", ("type de lieu", "typologie", "ss cat", "type", "categorie", "nature", "statut")),
    TableField("parent", ("structure parente", "organisme gestionnaire", "reseau", "porteur", "gestionnaire")),
    TableField("pivot", ("siret", "pivot", "rna", "numero siret")),
    TableField("street_number", ("n de rue", "n", "numero dans la rue", "numero de voie", "no")),
    TableField("address", ("adresse", "rue", "voie", "adressenumeronomdelavoie", "adresse postale", "address")),
    TableField("address_more", ("complement d adresse", "complement adresse", "comp adresse",
                                "complementdadresseexquartier", "localisation")),
    TableField("postcode", ("code postal", "cp", "codepostal", "postcode"), "postcode"),
    TableField("city", ("commune", "ville", "localite", "city")),
    TableField("commune_code", ("code insee", "insee", "code commune", "result citycode")),
    TableField("latitude", ("latitude", "lat")),
    TableField("longitude", ("longitude", "long", "lon", "lng")),
    TableField("point", ("coordonnees", "pointgeo", "coordonnees finales", "geo point", "geolocalisation")),
    TableField("x", ("x", "x lambert", "lambert x", "coord x")),
    TableField("y", ("y", "y lambert", "lambert y", "coord y")),
    TableField("phone", ("telephone", "n de telephone", "num tel", "tel", "fixe", "telephone fixe", "phone")),
    TableField("phone_more", ("mobile", "portable", "telephone mobile", "autre telephone")),
    TableField("email", ("courriel", "adresse e mail", "adressemail", "email", "mail", "mail struc", "courriels",
                         "e mail")),
    TableField("website", ("site internet", "site web", "siteweb", "site", "url", "website")),
    TableField("booking", ("prise de rendez vous en ligne", "prise rdv", "rdv en ligne")),
    TableField("hours", ("horaires", "horaires d ouverture", "leshorairesdemastructure", "heures d ouverture",
                         "opening hours", "horaire")),
    TableField("presentation", ("presentation", "presentation resume", "description courte")),
    TableField("description", ("description", "presentation detail", "description longue",
                               "jedecrislesactionsdinclusionnumeriquedemastructureenquelquesmots")),
    TableField("services", ("services", "activites proposees", "activites", "tags", "tag",
                            "monaccompagnementactiviteprincipaleuneseulereponse", "offre", "accompagnements")),
    TableField("equipment", ("materiel mis a disposition", "materiel", "equipements", "equipement")),
    TableField("cost", ("prix", "frais a charge", "lestarifsdemastructure", "tarifs", "tarif", "cout", "pbc adh")),
    TableField("publics", ("publics", "publics specifiquement adresses", "publics accueillis", "typedepublics",
                           "public", "precisezsiaccueildepublicspecifique")),
    TableField("modes", ("facons d aider", "modalites accompagnement", "modalites d accompagnement")),
    TableField("access", ("facons de venir", "modalites acces", "modalites d acces")),
    TableField("labels", ("labels", "labels nationaux", "dispositif programmes nationaux", "formations labels")),
    TableField("date", ("date de mise a jour", "date maj", "dat maj", "mis a jour le", "maj", "updated")),
    TableField("is_mobile", ("itinerant", "itinerance", "enitinerance")),
    TableField("is_shown", ("ouvert", "affichage", "actif", "accueil")),
    TableField("accessibility", ("accessibilite", "fiche acces libre", "acces handicape")),
    TableField("gives_computer", ("ordinateur sur place", "ordinateurs", "accesadesequipementsetuneconnexioninternet",
                                  "acces a des equipements")),
    TableField("gives_wifi", ("internet sur place", "internet", "wifi", "acces internet")),
    TableField("gives_device", ("materiel a emporter", "vente de materiel", "don de materiel")),
    TableField("gives_basics", ("initiation", "initiationaunumeriqueformationapprentissageperfectionnement",
                                "formation", "initiation au numerique")),
    TableField("gives_procedures", ("demarches administratives", "demarchesadministratives", "dem gen",
                                    "aide aux demarches")),
    TableField("gives_other_procedures", ("demarches particulieres", "dem spe")),
    TableField("gives_home", ("a domicile", "adomicilesouscertainesconditions")),
    TableField("mode_alone", ("libre acces", "enlibreacces", "en libre acces", "autonomie")),
    TableField("mode_individual", ("individuellement", "accompagnement individuel")),
    TableField("mode_workshop", ("collectivement", "ateliers", "atelier collectif")),
    TableField("mode_booked", ("sur rendez vous", "surrendezvousinscription", "sur inscription")),
    TableField("public_everyone", ("tout public", "pbc tout", "tous publics")),
    TableField("public_young", ("jeunes", "pbc jeunes")),
    TableField("public_seniors", ("seniors", "pbc senior")),
)  # fmt: skip
NAMES = frozenset(each.name for each in FIELDS)
_GIVES = {
    "gives_computer": Need.USE_COMPUTER_HERE,
    "gives_wifi": Need.USE_WIFI_HERE,
    "gives_device": Need.GET_DEVICE,
    "gives_basics": Need.LEARN_BASICS,
    "gives_procedures": Need.ONLINE_PROCEDURES,
    "gives_other_procedures": Need.ONLINE_PROCEDURES,
    "gives_home": Need.HELPED_AT_HOME,
}
_MODES = {"mode_alone": "alone", "mode_individual": "individual", "mode_workshop": "workshop"}
# What stands for yes in a column of yes and no: a word that is not one for no.
_NO = frozenset(
    {"", "non", "no", "n", "0", "false", "faux", "pas du tout", "-", "?", "nr", "jamais", "aucun"}
)

# Free words and what someone can come for; the first that fits a word decides.
_WORDS: tuple[tuple[str, tuple[Need, ...]], ...] = (
    (r"imprim|scan|photocop", (Need.PRINT_SCAN,)),
    (r"(?:vente|don|prix solidaire|acquisition|reconditionne|s equiper)\b.*", (Need.GET_DEVICE,)),
    (r"demarche|impot|administrat|droits|caf\b|services en ligne|service public", (Need.ONLINE_PROCEDURES,)),
    (r"emploi|\bcv\b|recherche d emploi|metiers|professionnel|entreprise|co ?working", (Need.FIND_WORK,)),
    (r"parent|enfant|education|jeux video", (Need.RAISE_CHILDREN,)),
    (r"securis|proteger|traces|donnees|alternatives|librement", (Need.STAY_SAFE,)),
    (r"3d\b|photo|video|montage|decoup|creati|loisir|wikipedia|cartographi|diaporama", (Need.CREATE,)),
    (r"comprendre|culture|citoyen|connaitre les usages|veille|numerique libre", (Need.UNDERSTAND,)),
    (r"atelier|formation|initiation|souris|clavier|prise en main|bureautique|mail|messagerie|naviguer|utiliser|"
     r"accompagnement|decouvrir|reseaux sociaux|apprendre|approprier|gerer|classer|communiquer|cours",
     (Need.LEARN_BASICS,)),
    (r"wi ?fi|connexion|internet", (Need.USE_WIFI_HERE,)),
    (r"ordinateur|tablette|materiel|poste|libre acces|equipement", (Need.USE_COMPUTER_HERE,)),
)  # fmt: skip
_THINGS: tuple[tuple[str, Need], ...] = (
    (r"ordinateur|tablette|poste|pc\b", Need.USE_COMPUTER_HERE),
    (r"internet|wi ?fi|connexion", Need.USE_WIFI_HERE),
    (r"imprim|scan|photocop", Need.PRINT_SCAN),
)


# ---------- a file as records ----------
def flattened(rows: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Rows with one text a column. Columns that differ by a number only ("Tag 1", "Tag 2"…) become one list; columns
    of the seven days become hours in OpenStreetMap form."""
    names = list(dict.fromkeys(str(name) for row in rows for name in row))
    numbered: dict[str, list[str]] = {}
    for name in names:
        if match := re.fullmatch(r"(.*[^\d\s])\s*\d{1,2}", name):
            numbered.setdefault(match[1].strip(), []).append(name)
    joined = {stem: columns for stem, columns in numbered.items() if len(columns) >= 3}
    in_lists = {name for columns in joined.values() for name in columns}
    weekly = [name for name in names if _weekly(name) is not None]
    has_week = len({day for name in weekly if (found := _weekly(name)) for day in [found[0]]}) >= 3
    flat = []
    for row in rows:
        cells = {
            name: text_of(row.get(name))
            if not isinstance(row.get(name), list)
            else "|".join(listed(row.get(name)))
            for name in names
            if name not in in_lists and not (has_week and name in weekly)
        }
        for stem, columns in joined.items():
            cells[stem] = "|".join(
                dict.fromkeys(text for name in columns if (text := text_of(row.get(name))))
            )
        if has_week:
            cells.setdefault("Horaires", _hours_of_week(row, weekly))
        flat.append(cells)
    return flat


_DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")


def _weekly(name: str) -> tuple[int, str, bool] | None:
    """Which day a column speaks of, whether of the morning, whether it says when it closes; "" is the day itself."""
    plain = folded(name)
    day = next((at for at, word in enumerate(_DAYS) if re.search(rf"\b{word}\b", plain)), None)
    if day is None:
        return None
    if plain == _DAYS[day]:
        return day, "", False
    if not re.search(r"ouverture|fermeture|debut|fin\b", plain):
        return None
    part = "pm" if re.search(r"apres midi|soir", plain) and "matin" not in plain else "am"
    return day, part, re.search(r"fermeture|fin\b", plain) is not None


def _hours_of_week(row: Mapping[str, Any], columns: Sequence[str]) -> str:
    ends: dict[tuple[int, str, bool], str] = {}
    for name in columns:
        found = _weekly(name)
        said = text_of(row.get(name))
        if found is not None and found[1] and (match := re.match(r"(\d{1,2})[h:](\d{2})?", said)):
            ends[found] = f"{int(match[1]):02}:{match[2] or '00'}"
    week: dict[int, list[str]] = {}
    for day in range(len(CODES)):
        first, noon = ends.get((day, "am", False)), ends.get((day, "am", True))
        again, last = ends.get((day, "pm", False)), ends.get((day, "pm", True))
        if first and noon and first < noon:
            week.setdefault(day, []).append(f"{first}-{noon}")
        if again and last and again < last:
            week.setdefault(day, []).append(f"{again}-{last}")
        elif first and last and not noon and not again and first < last:
            week.setdefault(day, []).append(f"{first}-{last}")
    return written_week(week)


def key_of(cells: Mapping[str, str]) -> str:
    """What names a row of a table from one reading to the next: its identifier, else its name and where it is."""
    if cells.get("id"):
        return cells["id"][:120]
    said = "|".join(folded(cells.get(name, "")) for name in ("name", "address", "postcode", "city"))
    return f"~{hashlib.sha256(said.encode()).hexdigest()[:16]}"


def cells_of(record: Mapping[str, Any], columns: Mapping[str, str]) -> dict[str, str]:
    """The cells of a row by the field of their column; two columns of one field are joined."""
    cells: dict[str, str] = {}
    for heading, name in columns.items():
        said = text_of(record.get(heading))
        if name and said:
            cells[name] = f"{cells[name]}|{said}" if name in cells else said
    return cells


def columns_of(mapping: Mapping[str, Any], headings: Sequence[str]) -> dict[str, str]:
    """The field of each column, by a mapping ``{"columns": {heading: field}}``; headings are compared folded.

    Raises ``KeyError`` with the first field that is none.
    """
    said = mapping.get("columns", mapping)
    wanted = {
        folded(str(heading)): str(name or "") for heading, name in said.items() if isinstance(name, str)
    }
    for name in wanted.values():
        if name and name not in NAMES:
            raise KeyError(name)
    return {heading: name for heading in headings if (name := wanted.get(folded(heading), ""))}


# ---------- a row as a place ----------
def read(record: Mapping[str, Any], mapping: Mapping[str, Any]) -> Place:
    """A row as a place, its columns as the mapping says. Raises :class:`~bagage.directory.domain.places.SetAside`."""
    columns = columns_of(mapping, [str(name) for name in record])
    try:
        place = read_cells(cells_of(record, columns), source=str(mapping.get("source") or FORMAT),
                           licence=str(mapping.get("licence") or ""))  # fmt: skip
    except SetAside as error:
        # Told by the heading of its column: nobody here knows our names of fields.
        heading = next((heading for heading, name in columns.items() if name == error.field), "")
        raise SetAside(error.reason, field=heading, value=error.value) from None
    kept = {str(name): text_of(value) for name, value in record.items() if text_of(value)}
    return replace(place, more={FORMAT: kept})


def read_cells(cells: Mapping[str, str], *, source: str = FORMAT, licence: str = "") -> Place:
    """A row whose cells are named. Raises :class:`~bagage.directory.domain.places.SetAside`."""
    name = text_of(cells.get("name"))
    if not name:
        raise SetAside(places.NO_NAME, field="name", value=cells.get("name"))
    if cells.get("is_shown") and folded(cells["is_shown"]) in {"inactif", "ferme", "non", "supprime"}:
        raise SetAside(places.CLOSED, field="is_shown", value=cells["is_shown"])
    defects: list[str] = []
    fields_from: dict[str, str] = {}
    postcode = re.sub(r"\D", "", cells.get("postcode", ""))[:5]
    postcode = f"0{postcode}" if len(postcode) == 4 else postcode
    address, inside = _address(cells)
    if not postcode and inside:
        postcode = inside[0]
    city = text_of(cells.get("city")) or (inside[1] if inside else "")
    code = commune_code(cells.get("commune_code", ""), postcode, city, fields_from)
    latitude, longitude = _point(cells)
    north, east, position = places.position_of(latitude, longitude, code, defects)
    said_phone = cells.get("phone", "") or cells.get("phone_more", "")
    phone = next(
        (found for part in re.split(r"[|,/]| ou | et ", said_phone) if (found := phone_of(part))), ""
    )
    if said_phone and not phone:
        defects.append(places.UNREADABLE_PHONE)
    hours = osm_of(cells.get("hours", ""))
    if cells.get("hours") and not hours:
        defects.append(places.UNREADABLE_HOURS)
    kind = _kind(cells.get("kind", ""), name, fields_from)
    labels = listed(cells.get("labels", ""), "|;,")
    services = _services(cells)
    if all(service.need == Need.UNKNOWN for service in services):
        defects.append(places.NO_SERVICE)
    date = day_of(cells.get("date"))
    if date is None:
        defects.append(places.NO_DATE_SAID)
    description = long_text(cells.get("description"))
    if not hours and cells.get("hours"):
        # Words that could not be put in form are told as they are.
        description = f"{description}\n\nHoraires : {cells['hours']}".strip()
    return Place(
        source=source[:60],
        source_id=key_of(cells),
        licence=licence[:80],
        name=name[:200],
        kind=kind,
        kind_words=text_of(cells.get("kind"))[:80],
        parent=text_of(cells.get("parent"))[:120],
        address=address[:200],
        address_more=text_of(cells.get("address_more"))[:120],
        postcode=places.postcode_of(postcode, code, defects),
        city=city[:80],
        commune_code=code,
        latitude=north,
        longitude=east,
        position=position,
        is_mobile=True if _is_yes(cells.get("is_mobile")) else None,
        phone=phone,
        email=mail_of(cells.get("email")),
        website=web_of(cells.get("website")),
        booking_url=web_of(cells.get("booking")),
        hours=hours[:300],
        presentation=text_of(cells.get("presentation"))[:280],
        description=description,
        pivot=places.pivot_of(text_of(cells.get("pivot"))),
        accessibility=web_of(cells.get("accessibility")) or text_of(cells.get("accessibility"))[:300],
        labels=tuple(labels),
        source_date=date,
        fields_from=fields_from,
        services=services,
        defects=tuple(defects),
    )


def _is_yes(value: str | None) -> bool:
    return folded(value or "") not in _NO and (value or "").strip() not in _NO


def _address(cells: Mapping[str, str]) -> tuple[str, tuple[str, str] | None]:
    """The street, and the postcode and commune when they stand at the end of it."""
    said = text_of(cells.get("address"))
    if number := text_of(cells.get("street_number")):
        said = f"{number} {said}".strip()
    if match := re.search(r"[\s,]+(\d{5})\s+([A-Za-zÀ-ÿ][\w'’\- ]{2,60})$", said):
        return said[: match.start()].rstrip(" ,"), (match[1], match[2].strip().title())
    return said, None


def commune_code(said: str, postcode: str, city: str, fields_from: dict[str, str]) -> str:
    """The INSEE code of a commune: said, or found by its postcode and its name; ``""`` when none surely is it."""
    plain = said.strip().upper()
    if re.fullmatch(r"\d{4}", plain):
        plain = f"0{plain}"
    if re.fullmatch(r"[0-9][0-9AB]\d{3}", plain):
        return plain
    if not city and not postcode:
        return ""
    found = find_communes(f"{postcode} {city}".strip(), limit=3) or find_communes(city, limit=3)
    wanted = folded(city)
    # Of Paris and its twentieth arrondissement, 75020 is the second: it has fewer postcodes.
    there = sorted(
        (each for each in found if postcode in each.postcodes), key=lambda each: len(each.postcodes)
    )
    match = next((each for each in there if wanted and folded(each.name).startswith(wanted)), None)
    match = match or next((each for each in found if not postcode and folded(each.name) == wanted), None)
    match = match or next((each for each in found if postcode and postcode in each.postcodes), None)
    if match is None:
        return ""
    fields_from["commune_code"] = "city"
    return match.code


def _point(cells: Mapping[str, str]) -> tuple[str, str]:
    """Latitude and longitude in degrees, as text: said, or of a pair, or of Lambert 93."""
    latitude, longitude = (cells.get(name, "").replace(",", ".") for name in ("latitude", "longitude"))
    if latitude and longitude:
        return latitude, longitude
    pair = re.fullmatch(r"\s*(-?\d+\.\d+)\s*[,; ]\s*(-?\d+\.\d+)\s*", cells.get("point", ""))
    if pair:
        return pair[1], pair[2]
    try:
        x, y = (float(cells.get(name, "").replace(",", ".").replace(" ", "")) for name in ("x", "y"))
    except ValueError:
        return "", ""
    north, east = from_lambert_93(x, y)
    return repr(round(north, 6)), repr(round(east, 6))


def from_lambert_93(x: float, y: float) -> tuple[float, float]:
    """Latitude and longitude in degrees (RGF93, which is WGS 84 to a metre) of a point in metres of Lambert 93.

    Source: IGN, NTG 71, algorithms 2 and 4: the inverse of a conic projection with two parallels (44° and 49° N).
    """
    exponent, constant = 0.7256077650, 11754255.426
    x_pole, y_pole = 700_000.0, 12655612.050
    eccentricity, origin = 0.08181919106, math.radians(3.0)
    radius = math.hypot(x - x_pole, y - y_pole)
    longitude = origin + math.atan((x - x_pole) / (y_pole - y)) / exponent
    isometric = -math.log(radius / constant) / exponent
    latitude = 2 * math.atan(math.exp(isometric)) - math.pi / 2
    for _again in range(12):
        sine = eccentricity * math.sin(latitude)
        latitude = (
            2 * math.atan(((1 + sine) / (1 - sine)) ** (eccentricity / 2) * math.exp(isometric)) - math.pi / 2
        )
    return math.degrees(latitude), math.degrees(longitude)


_KIND_WORDS: tuple[tuple[str, str], ...] = (
    (r"bibliotheque|mediatheque|ludotheque", places.LIBRARY),
    (r"france services?|msap", places.FRANCE_SERVICES),
    (r"espace public numerique|epn|cyber|espace numerique", places.DIGITAL_SPACE),
    (r"centre social|socio ?culturel|vie sociale", places.SOCIAL_CENTRE),
    (r"mission locale|jeunesse|mjc|pij|bij|crij", places.YOUTH),
    (r"emploi|france travail", places.EMPLOYMENT),
    (r"collectivite|mairie|commune|ccas|cias|municipal", places.TOWN_SERVICE),
    (r"tiers ?lieu|fab ?lab|coworking", places.THIRD_PLACE),
    (r"poste\b", places.POST_OFFICE),
    (r"association|asso\b|formation", places.ASSOCIATION),
    (r"departement|etat\b|service public|caf\b|cpam|prefecture", places.STATE_SERVICE),
)


def _kind(words: str, name: str, fields_from: dict[str, str]) -> str:
    codes = [code for code in re.split(r"[|;, ]+", words) if code in places.KIND_OF_CODE]
    if codes:
        return places.KIND_OF_CODE[codes[0]]
    plain = folded(words)
    for pattern, kind in _KIND_WORDS:
        if plain and re.search(rf"\b(?:{pattern})", plain):
            return kind
    return places.kind_in_name(name, fields_from) or places.UNKNOWN


def _services(cells: Mapping[str, str]) -> tuple[PlaceService, ...]:
    found: dict[str, list[str]] = {}
    for words in listed(cells.get("services", ""), "|;\n"):
        today = OLD_SERVICES.get(words, words)
        given = needs.OF_STANDARD.get(today) or needs.needs_named(today)
        if not given or len(given) > 3:
            plain = folded(words)
            given = next((given for pattern, given in _WORDS if re.search(pattern, plain)), ())
        for need in given or (Need.UNKNOWN,):
            found.setdefault(str(need), []).append(today)
    plain = folded(cells.get("equipment", ""))
    for pattern, need in _THINGS:
        if re.search(pattern, plain):
            found.setdefault(str(need), []).append(text_of(cells["equipment"]))
    for name, need in _GIVES.items():
        if _is_yes(cells.get(name)):
            found.setdefault(str(need), [])
    if len(found) > 1:
        # Words that nobody understood stay in ``more``.
        found.pop(str(Need.UNKNOWN), None)
    cost, cost_words = cost_in(cells.get("cost", ""))
    modes = [needs.MODES[word] for word in listed(cells.get("modes", ""), "|;") if word in needs.MODES]
    if folded(cells.get("modes", "")).startswith("dans un atelier"):
        modes.append("workshop")
    modes += [code for name, code in _MODES.items() if _is_yes(cells.get(name))]
    publics = [needs.PUBLICS.get(word, "") for word in listed(cells.get("publics", ""), "|;,")]
    plain = folded(cells.get("publics", ""))
    publics += [
        code
        for pattern, code in (
            (r"tous|tout public", "everyone"),
            (r"senior|retraite|agee", "seniors"),
            (r"jeune|ados?\b", "young"),
            (r"famille|enfant", "families"),
            (r"etudiant", "students"),
            (r"\bfemmes?\b", "women"),
        )
        if re.search(pattern, plain)
    ]
    publics += [
        name.removeprefix("public_")
        for name in ("public_everyone", "public_young", "public_seniors")
        if _is_yes(cells.get(name))
    ]
    access = [needs.ACCESS[word] for word in listed(cells.get("access", ""), "|;") if word in needs.ACCESS]
    if _is_yes(cells.get("mode_booked")):
        access.append("book")
    return tuple(
        PlaceService(
            need=need,
            words="|".join(dict.fromkeys(words))[:200],
            cost=cost,
            cost_words=cost_words,
            publics=tuple(dict.fromkeys(code for code in publics if code)),
            modes=tuple(dict.fromkeys(modes)),
            access=tuple(dict.fromkeys(access)),
            accessibility=web_of(cells.get("accessibility")) or text_of(cells.get("accessibility"))[:300],
        )
        for need, words in (found or {str(Need.UNKNOWN): []}).items()
    )


def cost_in(text: str) -> tuple[Cost, str]:
    """What free words say of a price, and these words."""
    words = text_of(text)
    plain = folded(words)
    if not plain:
        return Cost.UNKNOWN, ""
    parts = listed(words, "|;")
    if all(part in {"Gratuit", "Gratuit sous condition", "Payant"} for part in parts):
        return needs.cost_of(parts), words[:120]
    is_free = re.search(r"gratuit|100 financ|libre", plain) is not None
    has_price = (
        re.search(
            r"\d+ ?(?:€|euro|eur)|\d+ €|adhesion|adherent|cotisation|payant|tarif", plain + words.lower()
        )
        is not None
    )
    if (is_free and has_price) or re.search(r"sous condition", plain) or re.fullmatch(r"adherents?", plain):
        return Cost.CONDITIONS, words[:120]
    if is_free:
        return Cost.FREE, words[:120]
    return (Cost.PAID if has_price else Cost.UNKNOWN), words[:120]


def read_records(source: Any, mapping: Mapping[str, Any]) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """The rows of a table (CSV, XLSX, XLS, ODS, JSON), flattened, each with its key.

    Raises :class:`~bagage.directory.domain.standards.reading.Unreadable`.
    """
    from bagage.directory.domain.standards import reading
    from bagage.imports.domain import tables

    content = reading.content_of(source)
    if content.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] in (b"[", b"{"):
        rows = list(enumerate(flattened(reading._objects(reading.json_of(content))), start=1))
    else:
        known = {heading for each in FIELDS for heading in each.headings}
        try:
            table = tables.read_table(content, known)
        except tables.Unreadable as error:
            raise reading.Unreadable(error.code, error.detail) from error
        numbers = [number for number, _cells in table.rows]
        flat = flattened([dict(zip(table.headings, cells, strict=False)) for _number, cells in table.rows])
        rows = list(zip(numbers, flat, strict=True))
    headings = list(rows[0][1]) if rows else []
    columns = (
        columns_of(mapping, headings)
        if mapping.get("columns")
        else guessed_columns([row for _n, row in rows])
    )
    if "name" not in columns.values():
        raise reading.Unreadable(NO_COLUMNS)
    seen: Counter[str] = Counter()
    for number, row in rows:
        key = key_of(cells_of(row, columns))
        seen[key] += 1
        # Two rows without an identifier, of one name at one address, are two rows all the same.
        yield number, key if seen[key] == 1 else f"{key}+{seen[key]}", row


def guessed_columns(rows: Sequence[Mapping[str, str]]) -> dict[str, str]:
    """The field of each column, guessed from its heading and its values; a column that says nothing is left out."""
    from bagage.imports.domain.guessing import Wanted, guess_columns

    headings = list(rows[0]) if rows else []
    cells = [[row.get(heading, "") for heading in headings] for row in rows]
    wanted = [Wanted(each.name, each.headings, each.looks) for each in FIELDS]
    return {column.heading: column.field for column in guess_columns(headings, cells, wanted) if column.field}
