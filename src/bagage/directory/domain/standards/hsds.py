"""HSDS 3 (Open Referral): a place is an organization at one location, what it gives are services at that location.

Source: the Human Services Data Specification 3.0, its JSON Schemas and its tables (CC BY-SA 4.0). Ids are our public
ids; what derives from them (a location, a schedule) has a UUID made of theirs, so that every reading gives the same.
What HSDS has no field for (needs, publics, ways in, kinds) are terms of taxonomies, told as attributes.
"""

from __future__ import annotations

import csv
import io
import json
import re
import uuid
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, time
from functools import cache
from pathlib import Path
from typing import IO, Any

from bagage.common.hours import UnreadableHours, usual_week
from bagage.directory.domain import needs, places
from bagage.directory.domain.cells import day_of, long_text, mail_of, phone_of, text_of, web_of
from bagage.directory.domain.hours_in import osm_of, written_week
from bagage.directory.domain.needs import Cost, Need
from bagage.directory.domain.places import Place, PlaceService, SetAside
from bagage.directory.domain.standards.data_inclusion import needs_of, service_name

FORMAT = "hsds"
VERSION = "3.0"
NAMESPACE = uuid.UUID("6f2d7f0a-6d0b-5a56-9c9b-3c5e0f3a8a11")
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
Object = dict[str, Any]

# ---------- taxonomies ----------
NEEDS, THEMES, PUBLICS, CARE, MODES, ACCESS, KINDS, COSTS, LABELS = (
    "needs", "themes", "publics", "care", "modes", "access", "kinds", "costs", "labels",
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
_KIND_NAMES = {
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
_COST_NAMES = {
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
def _names() -> dict[str, dict[str, str]]:
    from bagage.directory.domain.standards import vocabulary

    titles = {code: title for title, code in needs.TITLES_OF_THEMES.items()}
    return {
        NEEDS: {str(need): words for words, need in needs.LABELS.items()},
        THEMES: {code: titles.get(code, code) for code in sorted(vocabulary.THEMES)},
        PUBLICS: {**{code: words for words, code in needs.PUBLICS.items()}, "everyone": "Tout public"},
        CARE: {code: words for words, code in needs.CARE.items()},
        MODES: {**{code: words for words, code in needs.MODES.items()}, "on_site": "Sur place"},
        ACCESS: {code: words for words, code in needs.ACCESS.items()},
        KINDS: dict(_KIND_NAMES),
        COSTS: {str(cost): words for cost, words in _COST_NAMES.items()},
    }


def terms(taxonomy: str = "") -> list[Object]:
    """The terms of one taxonomy, or of all."""
    return [
        term(name, code)
        for name, known in _names().items()
        if not taxonomy or taxonomy in {name, taxonomy_id(name)}
        for code in known
    ]


def term(taxonomy: str, code: str) -> Object:
    """One term; a code that no list knows is its own name."""
    title = _names()[taxonomy].get(code, code)
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
    for name, known in _names().items():
        for code in known:
            if term_id(name, code) == identifier:
                return name, code
    return None


def _attribute(link: str, entity: str, taxonomy: str, code: str) -> Object:
    return {
        "id": derived("attribute", link, taxonomy, code),
        "link_id": link,
        "link_entity": entity,
        "taxonomy_term_id": term_id(taxonomy, code),
        "value": code,
        "taxonomy_term": term(taxonomy, code),
    }


# ---------- out: objects ----------
def location_id(place: Place) -> str:
    """The id of the location of a place."""
    return derived("location", place.uuid)


def service_at_location_id(service: PlaceService) -> str:
    """The id of a service at its place: its own, since it is given at one place alone."""
    return service.uuid


def _filled(found: Mapping[str, Any]) -> Object:
    return {name: value for name, value in found.items() if value not in (None, "", [], {})}


def _more(place_or_service: Place | PlaceService, name: str) -> Object:
    found = place_or_service.more.get(FORMAT, {}).get(name, {})
    return dict(found) if isinstance(found, Mapping) else {}


def organization_object(place: Place, *, uri: str = "") -> Object:
    """The organization that a place is, without its services and locations."""
    own = {
        "id": place.uuid,
        "name": place.name,
        "description": place.description or place.presentation or place.name,
        "email": place.email,
        "website": place.website,
        "uri": uri,
    }
    identifiers = []
    if place.pivot:
        scheme = "FR-SIRET" if re.fullmatch(r"\d{14}", place.pivot) else "FR-RNA"
        identifiers.append((scheme, place.pivot))
    identifiers.append((place.source, place.source_id))
    return {
        **_more(place, "organization"),
        **_filled(own),
        "organization_identifiers": [
            {
                "id": derived("identifier", place.uuid, scheme),
                "organization_id": place.uuid,
                "identifier_scheme": scheme,
                "identifier_type": scheme,
                "identifier": value,
            }
            for scheme, value in identifiers
            if value
        ],
        "attributes": [_attribute(place.uuid, "organization", KINDS, place.kind)],
        "metadata": _metadata(place),
    }


def _metadata(place: Place) -> list[Object]:
    """Where it comes from: the source, its licence and its day, as the last thing done to the record."""
    day = place.source_date or (place.changed_at.date() if place.changed_at else None)
    return [
        {
            "id": derived("metadata", place.uuid),
            "resource_id": place.uuid,
            "resource_type": "organization",
            "last_action_date": day.isoformat() if day else "",
            "last_action_type": "import",
            "field_name": "source",
            "previous_value": "",
            "replacement_value": place.source,
            "updated_by": f"{place.source} ({place.licence})" if place.licence else place.source,
        }
    ]


def location_object(place: Place) -> Object:
    """Where it is, with its address, telephone, hours and accessibility."""
    here = location_id(place)
    own: Object = {
        "id": here,
        "location_type": "physical",
        "organization_id": place.uuid,
        "name": place.name,
        "description": place.address_more,
        "latitude": place.latitude if place.position == places.EXACT else None,
        "longitude": place.longitude if place.position == places.EXACT else None,
        "external_identifier": place.commune_code,
        "external_identifier_type": "FR-INSEE" if place.commune_code else "",
    }
    found = {**_more(place, "location"), **_filled(own)}
    if place.city or place.address:
        found["addresses"] = [
            {
                "id": derived("address", place.uuid),
                "location_id": here,
                "address_1": place.address,
                **({"address_2": place.address_more} if place.address_more else {}),
                "city": place.city,
                "state_province": _department(place),
                "postal_code": place.postcode,
                "country": "FR",
                "address_type": "physical",
            }
        ]
    if place.phone:
        found["phones"] = [{"id": derived("phone", place.uuid), "location_id": here, "number": place.phone}]
    if place.accessibility:
        url = web_of(place.accessibility)
        found["accessibility"] = [
            _filled(
                {
                    "id": derived("accessibility", place.uuid),
                    "location_id": here,
                    "description": "Acceslibre" if url else place.accessibility,
                    "url": url,
                }
            )
        ]
    found["schedules"] = schedules(place.hours, "location_id", here, place.closed_until)
    return found


def _department(place: Place) -> str:
    code = place.commune_code or place.postcode
    return code[:3] if code[:2] in {"97", "98"} else code[:2]


def schedules(hours: str, link: str, identifier: str, closed_until: date | None = None) -> list[Object]:
    """Hours as weekly rules, one for each span of the day; ``notes`` hold them whole, in OpenStreetMap form."""
    if not hours:
        return []
    spans: dict[tuple[time, time], list[str]] = {}
    try:
        for day, found in enumerate(usual_week(hours)):
            for begins, ends in found:
                spans.setdefault((begins, ends), []).append(DAYS[day])
    except UnreadableHours:
        return [{"id": derived("schedule", identifier, "words"), link: identifier, "description": hours}]
    rules = [
        {
            "id": derived("schedule", identifier, f"{begins:%H%M}{ends:%H%M}"),
            link: identifier,
            "freq": "WEEKLY",
            "wkst": "MO",
            "byday": ",".join(days),
            "opens_at": f"{begins:%H:%M}",
            "closes_at": f"{ends:%H:%M}",
            "notes": hours,
            **({"valid_from": closed_until.isoformat()} if closed_until else {}),
        }
        for (begins, ends), days in sorted(spans.items())
    ]
    return rules or [{"id": derived("schedule", identifier, "words"), link: identifier, "notes": hours}]


def service_object(place: Place, service: PlaceService) -> Object:
    """What a place gives, without its organization and location."""
    here = service.uuid
    names = _names()
    changed = place.changed_at.astimezone(UTC).isoformat() if place.changed_at else ""
    own: Object = {
        "id": here,
        "organization_id": place.uuid,
        "name": service.name or service_name(service),
        "description": service.description or place.presentation,
        "url": place.booking_url or place.website,
        "email": place.email,
        "status": "temporarily closed" if place.closed_until else "active",
        "interpretation_services": ", ".join(service.languages),
        "application_process": ", ".join(names[ACCESS].get(code, code) for code in service.access),
        "fees_description": service.cost_words or names[COSTS].get(service.cost, ""),
        "eligibility_description": ", ".join(names[PUBLICS].get(code, code) for code in service.publics),
        "assured_date": (service.source_date or place.source_date or "")
        and (
            (service.source_date or place.source_date).isoformat()  # type: ignore[union-attr]
        ),
        "licenses": place.licence,
        "last_modified": changed,
    }
    attributes = [
        *(_attribute(here, "service", NEEDS, code) for code in service.all_needs),
        *(_attribute(here, "service", THEMES, code) for code in service.themes),
        *(_attribute(here, "service", PUBLICS, code) for code in service.publics),
        *(_attribute(here, "service", CARE, code) for code in service.care),
        *(_attribute(here, "service", MODES, code) for code in service.modes),
        *(_attribute(here, "service", ACCESS, code) for code in service.access),
        *([_attribute(here, "service", COSTS, service.cost)] if service.cost != Cost.UNKNOWN else []),
    ]
    found = {**_more(service, "service"), **_filled(own), "attributes": attributes}
    if service.cost != Cost.UNKNOWN:
        found["cost_options"] = [
            _filled(
                {
                    "id": derived("cost", here),
                    "service_id": here,
                    "option": service.cost,
                    "amount_description": service.cost_words,
                    **({"currency": "EUR", "amount": 0} if service.cost == Cost.FREE else {}),
                }
            )
        ]
        if service.cost == Cost.FREE:
            found["cost_options"][0]["amount"] = 0
    if service.languages:
        found["languages"] = [
            {"id": derived("language", here, code), "service_id": here, "name": code, "code": code}
            for code in service.languages
        ]
    if service.hours:
        found["schedules"] = schedules(service.hours, "service_id", here)
    return found


def service_at_location_object(place: Place, service: PlaceService, *, whole: bool = True) -> Object:
    """A service where it is given; with its service and its location when it is ``whole``."""
    found: Object = {
        "id": service_at_location_id(service),
        "service_id": service.uuid,
        "location_id": location_id(place),
    }
    if whole:
        found["location"] = location_object(place)
        found["service"] = service_object(place, service)
    return found


def whole_service(place: Place, service: PlaceService, *, uri: str = "") -> Object:
    """A service with its organization, and where it is given."""
    return {
        **service_object(place, service),
        "organization": organization_object(place, uri=uri),
        "service_at_locations": [
            {**service_at_location_object(place, service, whole=False), "location": location_object(place)}
        ],
    }


def whole_organization(place: Place, *, uri: str = "", full_service: bool = False) -> Object:
    """An organization with its location and its services; only their ids unless ``full_service``."""
    given = [service_object(place, service) for service in place.services]
    return {
        **organization_object(place, uri=uri),
        "locations": [location_object(place)],
        "services": given if full_service else [_short(service) for service in given],
    }


def _short(service: Object) -> Object:
    return {name: service[name] for name in ("id", "name", "status") if name in service}


# ---------- out: tables ----------
TABLES: dict[str, tuple[str, ...]] = {
    "organizations": ("id", "name", "alternate_name", "description", "email", "website", "tax_status", "tax_id",
                      "year_incorporated", "legal_status", "logo", "uri", "parent_organization_id"),
    "organization_identifiers": ("id", "organization_id", "identifier_scheme", "identifier_type", "identifier"),
    "services": ("id", "organization_id", "program_id", "name", "alternate_name", "description", "url", "email",
                 "status", "interpretation_services", "application_process", "fees_description", "wait_time", "fees",
                 "accreditations", "eligibility_description", "minimum_age", "maximum_age", "assured_date",
                 "assurer_email", "licenses", "alert", "last_modified"),
    "locations": ("id", "location_type", "url", "organization_id", "name", "alternate_name", "description",
                  "transportation", "latitude", "longitude", "external_identifier", "external_identifier_type"),
    "service_at_location": ("id", "service_id", "location_id", "description"),
    "addresses": ("id", "location_id", "attention", "address_1", "address_2", "city", "region", "state_province",
                  "postal_code", "country", "address_type"),
    "phones": ("id", "location_id", "service_id", "organization_id", "contact_id", "service_at_location_id", "number",
               "extension", "type", "description"),
    "schedules": ("id", "service_id", "location_id", "service_at_location_id", "valid_from", "valid_to", "dtstart",
                  "timezone", "until", "count", "wkst", "freq", "interval", "byday", "byweekno", "bymonthday",
                  "byyearday", "description", "opens_at", "closes_at", "schedule_link", "attending_type", "notes"),
    "accessibility": ("id", "location_id", "description", "details", "url"),
    "languages": ("id", "service_id", "location_id", "phone_id", "name", "code", "note"),
    "cost_options": ("id", "service_id", "valid_from", "valid_to", "option", "currency", "amount",
                     "amount_description"),
    "attributes": ("id", "link_id", "taxonomy_term_id", "link_type", "link_entity", "value"),
    "taxonomies": ("id", "name", "description", "uri", "version"),
    "taxonomy_terms": ("id", "code", "name", "description", "parent_id", "taxonomy", "language", "taxonomy_id",
                       "term_uri"),
    "metadata": ("id", "resource_id", "resource_type", "last_action_date", "last_action_type", "field_name",
                 "previous_value", "replacement_value", "updated_by"),
}  # fmt: skip
# The lists that objects hold, and the table of each.
_NESTED = {
    "organization_identifiers": "organization_identifiers",
    "addresses": "addresses",
    "phones": "phones",
    "schedules": "schedules",
    "accessibility": "accessibility",
    "languages": "languages",
    "cost_options": "cost_options",
    "attributes": "attributes",
    "metadata": "metadata",
    "locations": "locations",
    "services": "services",
    "service_at_locations": "service_at_location",
}
_ONE = {"organization": "organizations", "location": "locations", "service": "services"}


def write_file(found: Iterable[Place], out: IO[bytes]) -> tuple[int, int]:
    """The tables of HSDS in a zip, described by a ``datapackage.json``; how many organizations, how many services."""
    texts = {name: io.StringIO(newline="") for name in TABLES}
    writers = {name: csv.DictWriter(texts[name], columns, extrasaction="ignore", lineterminator="\n")
               for name, columns in TABLES.items()}  # fmt: skip
    for writer in writers.values():
        writer.writeheader()
    for row in taxonomies():
        writers["taxonomies"].writerow(row)
    for row in terms():
        writers["taxonomy_terms"].writerow(row)
    written = given = 0
    for place in found:
        written += 1
        given += len(place.services)
        for name, row in rows_of(place):
            writers[name].writerow(row)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("datapackage.json", json.dumps(_package(), indent=1))
        for name, text in texts.items():
            archive.writestr(f"{name}.csv", text.getvalue())
    return written, given


def rows_of(place: Place) -> Iterator[tuple[str, Object]]:
    """The rows of a place, each with its table."""
    objects = [("organizations", organization_object(place)), ("locations", location_object(place))]
    for service in place.services:
        objects.append(("services", service_object(place, service)))
        objects.append(("service_at_location", service_at_location_object(place, service, whole=False)))
    for name, found in objects:
        yield name, found
        for nested, table in _NESTED.items():
            for row in found.get(nested) or ():
                yield table, row


def _package() -> Object:
    return {
        "name": "human_services_data",
        "title": f"HSDS {VERSION}",
        "resources": [
            {
                "name": name,
                "path": f"{name}.csv",
                "schema": {"fields": [{"name": column} for column in columns]},
            }
            for name, columns in TABLES.items()
        ],
    }


# ---------- in ----------
def read_records(source: Any) -> Iterator[tuple[int, str, Object]]:
    """Each location with its organization, its services and what belongs to them, from a zip or a folder of tables, or
    from JSON with nested objects. An organization without a location is a place without an address.

    Raises :class:`~bagage.directory.domain.standards.reading.Unreadable`.
    """
    from bagage.directory.domain.standards import reading

    tables = _tables_of(source)
    if not tables.get("organizations") and not tables.get("services"):
        raise reading.Unreadable("no_rows")
    by = {
        name: _grouped(tables.get(name, []), link)
        for name, link in (
            ("addresses", "location_id"),
            ("accessibility", "location_id"),
            ("organization_identifiers", "organization_id"),
            ("attributes", "link_id"),
            ("cost_options", "service_id"),
            ("metadata", "resource_id"),
        )
    }
    for name in ("phones", "schedules", "languages"):
        for link in ("location_id", "service_id", "organization_id", "service_at_location_id"):
            by[f"{name}:{link}"] = _grouped(tables.get(name, []), link)
    terms_by_id = {row.get("id", ""): row for row in tables.get("taxonomy_terms", [])}
    organizations = {row["id"]: row for row in tables.get("organizations", []) if row.get("id")}
    services = {row["id"]: row for row in tables.get("services", []) if row.get("id")}
    given: dict[tuple[str, str], list[tuple[Object, str]]] = {}
    placed = set()
    for row in tables.get("service_at_location", []):
        service = services.get(row.get("service_id", ""))
        if service is not None:
            placed.add(service["id"])
            given.setdefault((service.get("organization_id", ""), row.get("location_id", "")), []).append(
                (service, row.get("id", ""))
            )
    for service in services.values():
        if service["id"] not in placed:
            given.setdefault((service.get("organization_id", ""), ""), []).append((service, ""))
    locations = {row["id"]: row for row in tables.get("locations", []) if row.get("id")}
    for row in locations.values():
        owner = row.get("organization_id", "")
        if owner and (owner, row["id"]) not in given:
            given[owner, row["id"]] = []
    for owner in organizations:
        if not any(key[0] == owner for key in given):
            given[owner, ""] = []
    # Services that are given nowhere belong to the only place of their organization, when there is one.
    for (owner, here), found in list(given.items()):
        others = [key for key in given if key[0] == owner and key[1]]
        if not here and len(others) == 1:
            given[others[0]].extend(found)
            del given[owner, here]
    several = _several(given)
    for number, ((owner, here), found) in enumerate(given.items(), start=1):
        location = locations.get(here, {})
        record: Object = {
            "organization": {
                **organizations.get(owner, {}),
                "organization_identifiers": by["organization_identifiers"].get(owner, []),
                "attributes": by["attributes"].get(owner, []),
                "metadata": by["metadata"].get(owner, []),
                "phones": by["phones:organization_id"].get(owner, []),
            },
            "location": {
                **location,
                **{name: by[name].get(here, []) for name in ("addresses", "accessibility")},
                **{
                    name: by[f"{name}:location_id"].get(here, [])
                    for name in ("phones", "schedules", "languages")
                },
            },
            "services": [
                {
                    **service,
                    "attributes": [
                        {
                            **row,
                            "taxonomy_term": terms_by_id.get(
                                row.get("taxonomy_term_id", ""), row.get("taxonomy_term")
                            ),
                        }
                        for row in by["attributes"].get(service["id"], [])
                    ],
                    "cost_options": by["cost_options"].get(service["id"], []),
                    "languages": by["languages:service_id"].get(service["id"], []),
                    "phones": by["phones:service_id"].get(service["id"], []),
                    "schedules": by["schedules:service_id"].get(service["id"], [])
                    or by["schedules:service_at_location_id"].get(at, []),
                }
                for service, at in found
            ],
        }
        key = here if owner in several and here else owner or here
        yield number, key[:120] or f"#{number}", record


def _several(given: Mapping[tuple[str, str], Any]) -> set[str]:
    """Organizations that are at more than one place: each is named by its location."""
    seen: dict[str, int] = {}
    for owner, _here in given:
        seen[owner] = seen.get(owner, 0) + 1
    return {owner for owner, count in seen.items() if count > 1}


def _grouped(rows: Sequence[Object], link: str) -> dict[str, list[Object]]:
    found: dict[str, list[Object]] = {}
    for row in rows:
        if row.get(link):
            found.setdefault(str(row[link]), []).append(row)
    return found


def _tables_of(source: Any) -> dict[str, list[Object]]:
    from bagage.directory.domain.standards import reading

    if isinstance(source, Path) and source.is_dir():
        return {
            path.stem: _rows(path.read_bytes())
            for path in sorted(source.glob("*.csv"))
            if path.stem in TABLES
        }
    content = reading.content_of(source)
    if content.startswith(b"PK\x03\x04"):
        try:
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                if sum(each.file_size for each in archive.infolist()) > 2_000_000_000:
                    raise reading.Unreadable("too_large")
                return {
                    Path(each).stem: _rows(archive.read(each))
                    for each in archive.namelist()
                    if each.endswith(".csv") and Path(each).stem in TABLES
                }
        except (zipfile.BadZipFile, KeyError) as error:
            raise reading.Unreadable("broken") from error
    tables: dict[str, list[Object]] = {}
    found = reading.json_of(content)
    if isinstance(found, dict) and isinstance(found.get("contents"), list):
        found = found["contents"]
    for each in found if isinstance(found, list) else [found]:
        if isinstance(each, dict):
            _unnest(
                each,
                "services" if "status" in each or "service_at_locations" in each else "organizations",
                tables,
            )
    return tables


def _rows(content: bytes) -> list[Object]:
    text = content.decode("utf-8-sig", errors="replace")
    return [
        {str(name): value for name, value in row.items() if name and value not in (None, "")}
        for row in csv.DictReader(io.StringIO(text, newline=""))
    ]


def _unnest(found: Object, table: str, tables: dict[str, list[Object]]) -> None:
    """An object with others in it, as rows that point at each other."""
    row = {
        name: value
        for name, value in found.items()
        if name not in _NESTED and name not in _ONE and name != "taxonomy_term"
    }
    if isinstance(found.get("taxonomy_term"), dict):
        row["taxonomy_term"] = found["taxonomy_term"]
    link = {"organizations": "organization_id", "services": "service_id", "locations": "location_id",
            "service_at_location": "service_at_location_id"}.get(table, "")  # fmt: skip
    for name, into in _ONE.items():
        if isinstance(found.get(name), dict):
            row.setdefault(f"{name}_id", found[name].get("id"))
            _unnest(found[name], into, tables)
    for name, into in _NESTED.items():
        for each in found.get(name) or ():
            if not isinstance(each, dict):
                continue
            owner = "link_id" if into == "attributes" else "resource_id" if into == "metadata" else link
            if into == "attributes":
                each = {"link_entity": table, **each}
            _unnest({owner: found.get("id"), **each} if owner else each, into, tables)
    rows = tables.setdefault(table, [])
    if table in {"organizations", "locations", "services"}:
        old = (
            next((each for each in rows if each.get("id") == row.get("id")), None)
            if len(rows) < 2000
            else None
        )
        if old is not None:
            old.update(row)
            return
    rows.append(row)


def read(record: Mapping[str, Any], source: str = FORMAT) -> Place:
    """A record as a place. Raises :class:`~bagage.directory.domain.places.SetAside`."""
    organization, location = dict(record.get("organization") or {}), dict(record.get("location") or {})
    name = text_of(location.get("name")) or text_of(organization.get("name"))
    if not name:
        raise SetAside(places.NO_NAME, field="location.name" if location else "organization.name")
    defects: list[str] = []
    fields_from: dict[str, str] = {}
    address = dict(next(iter(location.get("addresses") or ()), {}))
    code = (
        text_of(location.get("external_identifier"))
        if location.get("external_identifier_type") == "FR-INSEE"
        else ""
    )
    city, postcode = text_of(address.get("city")), text_of(address.get("postal_code"))
    if not code and (city or postcode):
        from bagage.directory.domain.standards.table import commune_code

        code = commune_code("", postcode, city, fields_from)
    north, east, position = places.position_of(
        text_of(location.get("latitude")), text_of(location.get("longitude")), code, defects
    )
    phones = [*(location.get("phones") or ()), *(organization.get("phones") or ())]
    for service in record.get("services") or ():
        phones += service.get("phones") or ()
    phone = next((found for row in phones if (found := phone_of(text_of(row.get("number"))))), "")
    identifiers = {
        text_of(row.get("identifier_scheme") or row.get("identifier_type")): text_of(row.get("identifier"))
        for row in organization.get("organization_identifiers") or ()
    }
    kind = next(
        (code for taxonomy, code in _codes(organization) if taxonomy == KINDS and code in _KIND_NAMES), ""
    )
    access = dict(next(iter(location.get("accessibility") or ()), {}))
    services = tuple(_read_service(each) for each in record.get("services") or ())
    if not services:
        defects.append(places.NO_SERVICE)
    given = record.get("services") or ()
    days = [day_of(each.get("assured_date") or each.get("last_modified")) for each in given]
    source_date = max((day for day in days if day), default=None)
    if source_date is None:
        source_date = next(
            (day_of(row.get("last_action_date")) for row in organization.get("metadata") or ()), None
        )
    if source_date is None:
        defects.append(places.NO_DATE_SAID)
    description = long_text(organization.get("description"))
    return Place(
        source=source[:60],
        source_id=text_of(organization.get("id") or location.get("id"))[:120],
        licence=next((text_of(each["licenses"]) for each in given if each.get("licenses")), "")[:80],
        name=name[:200],
        kind=kind or places.kind_in_name(name, fields_from) or places.UNKNOWN,
        parent=text_of(organization.get("name"))[:120] if text_of(organization.get("name")) != name else "",
        address=text_of(address.get("address_1"))[:200],
        address_more=text_of(address.get("address_2"))[:120],
        postcode=places.postcode_of(postcode, code, defects),
        city=city[:80],
        commune_code=code,
        latitude=north,
        longitude=east,
        position=position,
        phone=phone,
        email=mail_of(organization.get("email")),
        website=web_of(organization.get("website")),
        hours=hours_of(location.get("schedules") or ())[:300],
        description="" if description == name else description,
        pivot=places.pivot_of(identifiers.get("FR-SIRET") or identifiers.get("FR-RNA") or ""),
        accessibility=web_of(access.get("url")) or text_of(access.get("description"))[:300],
        source_url=web_of(organization.get("uri")),
        source_date=source_date,
        fields_from=fields_from,
        services=services,
        defects=tuple(defects),
        more=_kept(
            organization=_beyond(organization, ("alternate_name", "tax_status", "tax_id", "year_incorporated",
                                                "legal_status", "logo", "parent_organization_id")),
            location=_beyond(location, ("url", "alternate_name", "transportation")),
        ),
    )  # fmt: skip


def _beyond(found: Mapping[str, Any], names: Sequence[str]) -> Object:
    return {name: found[name] for name in names if found.get(name) not in (None, "")}


def _kept(**found: Object) -> Object:
    said = {name: value for name, value in found.items() if value}
    return {FORMAT: said} if said else {}


def _codes(found: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The taxonomy and the code of each attribute; ``""`` for one of a taxonomy that is not ours."""
    codes = []
    for row in found.get("attributes") or ():
        known = code_of_term(text_of(row.get("taxonomy_term_id")))
        if known is not None:
            codes.append(known)
            continue
        term_of = row.get("taxonomy_term") or {}
        said = text_of(term_of.get("code") or row.get("value") or term_of.get("name"))
        ours = next(
            (name for name, (title, _words) in TAXONOMIES.items() if title == term_of.get("taxonomy")), ""
        )
        if said:
            codes.append((ours or (THEMES if needs.is_theme(said) else ""), said))
    return codes


def _read_service(found: Mapping[str, Any]) -> PlaceService:
    codes: dict[str, list[str]] = {}
    for taxonomy, code in _codes(found):
        codes.setdefault(taxonomy, []).append(code)
    name, description = text_of(found.get("name")), long_text(found.get("description"))
    given = [code for code in codes.get(NEEDS, []) if code in set(Need)]
    if not given:
        named = [need for words in (*codes.get("", []), name) for need in needs.needs_named(words)[:1]]
        given = named or [
            str(need) for need in needs_of(tuple(codes.get(THEMES, [])), f"{name} {description}")
        ]
    given = list(dict.fromkeys(given))
    cost_row = dict(next(iter(found.get("cost_options") or ()), {}))
    cost = next((Cost(code) for code in codes.get(COSTS, []) if code in set(Cost)), Cost.UNKNOWN)
    words = text_of(cost_row.get("amount_description") or found.get("fees_description"))
    if cost is Cost.UNKNOWN:
        amount = text_of(cost_row.get("amount"))
        cost = Cost.FREE if amount in {"0", "0.0"} else Cost.PAID if amount else Cost.UNKNOWN
    if cost is Cost.UNKNOWN and words:
        from bagage.directory.domain.standards.table import cost_in

        cost = cost_in(words)[0]
    if words == _COST_NAMES.get(cost):
        words = ""
    languages = [text_of(row.get("code") or row.get("name")) for row in found.get("languages") or ()]
    return PlaceService(
        need=given[0],
        needs=tuple(given) if len(given) > 1 else (),
        source_id=text_of(found.get("id"))[:120],
        name=name[:200],
        description=description,
        themes=tuple(codes.get(THEMES, [])),
        cost=cost,
        cost_words=words[:120],
        languages=tuple(code for code in languages if code),
        publics=tuple(codes.get(PUBLICS, [])),
        care=tuple(codes.get(CARE, [])),
        modes=tuple(codes.get(MODES, [])),
        access=tuple(codes.get(ACCESS, [])),
        hours=hours_of(found.get("schedules") or ())[:300],
        source_date=day_of(found.get("assured_date") or found.get("last_modified")),
        more=_kept(
            service=_beyond(found, ("alternate_name", "wait_time", "fees", "accreditations", "minimum_age",
                                    "maximum_age", "assurer_email", "alert", "program_id", "eligibility_description",
                                    "application_process", "url")),
        ),
    )  # fmt: skip


def hours_of(rows: Iterable[Mapping[str, Any]]) -> str:
    """Weekly rules in OpenStreetMap form; as they are written where the notes hold that form already."""
    week: dict[int, list[str]] = {}
    for row in rows:
        notes = text_of(row.get("notes"))
        if notes and osm_of(notes) == notes:
            return notes
        opens, closes = (
            re.match(r"(\d{2}):?(\d{2})", text_of(row.get(name))) for name in ("opens_at", "closes_at")
        )
        if (
            not opens
            or not closes
            or row.get("freq") not in (None, "", "WEEKLY")
            or text_of(row.get("interval")) not in ("", "1")
        ):
            continue
        for day in text_of(row.get("byday")).split(","):
            if day.strip()[-2:] in DAYS:
                span = f"{opens[1]}:{opens[2]}-{closes[1]}:{closes[2]}"
                if span not in week.setdefault(DAYS.index(day.strip()[-2:]), []):
                    week[DAYS.index(day.strip()[-2:])].append(span)
    return written_week(week)
