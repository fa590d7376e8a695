"""The tables of HSDS: a zip of CSV files with its data package."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections.abc import Iterable, Iterator
from typing import IO

from bagage.directory.domain.places import Place
from bagage.directory.domain.standards.hsds.objects import (
    location_object,
    organization_object,
    service_at_location_object,
    service_object,
)
from bagage.directory.domain.standards.hsds.taxonomies import (
    VERSION,
    Object,
    taxonomies,
    terms,
)

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
NESTED = {
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
ONE = {"organization": "organizations", "location": "locations", "service": "services"}


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
        for nested, table in NESTED.items():
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
