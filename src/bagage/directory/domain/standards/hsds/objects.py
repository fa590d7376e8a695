"""Places and what they give as objects of HSDS."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, time
from typing import Any

from bagage.common.hours import UnreadableHours, usual_week
from bagage.directory.domain import places
from bagage.directory.domain.cells import web_of
from bagage.directory.domain.needs import Cost
from bagage.directory.domain.places import Place, PlaceService
from bagage.directory.domain.standards.data_inclusion import service_name
from bagage.directory.domain.standards.hsds.taxonomies import (
    ACCESS,
    CARE,
    COSTS,
    DAYS,
    FORMAT,
    KINDS,
    MODES,
    NEEDS,
    PUBLICS,
    THEMES,
    Object,
    attribute,
    derived,
    names_of_terms,
)


def location_id(place: Place) -> str:
    """The id of the location of a place."""
    return derived("location", place.uuid)


def service_at_location_id(service: PlaceService) -> str:
    """The id of a service at its place: its own, since it is given at one place alone."""
    return service.uuid


def filled(found: Mapping[str, Any]) -> Object:
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
        **filled(own),
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
        "attributes": [attribute(place.uuid, "organization", KINDS, place.kind)],
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
    found = {**_more(place, "location"), **filled(own)}
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
            filled(
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
    names = names_of_terms()
    changed = place.changed_at.astimezone(UTC).isoformat() if place.changed_at else ""
    assured = service.source_date or place.source_date
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
        "assured_date": assured.isoformat() if assured else "",
        "licenses": place.licence,
        "last_modified": changed,
    }
    attributes = [
        *(attribute(here, "service", NEEDS, code) for code in service.all_needs),
        *(attribute(here, "service", THEMES, code) for code in service.themes),
        *(attribute(here, "service", PUBLICS, code) for code in service.publics),
        *(attribute(here, "service", CARE, code) for code in service.care),
        *(attribute(here, "service", MODES, code) for code in service.modes),
        *(attribute(here, "service", ACCESS, code) for code in service.access),
        *([attribute(here, "service", COSTS, service.cost)] if service.cost != Cost.UNKNOWN else []),
    ]
    found = {**_more(service, "service"), **filled(own), "attributes": attributes}
    if service.cost != Cost.UNKNOWN:
        found["cost_options"] = [
            filled(
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
