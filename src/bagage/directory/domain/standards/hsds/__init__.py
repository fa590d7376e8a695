"""HSDS 3 (Open Referral): a place is an organization at one location, what it gives are services at that location.

Source: the Human Services Data Specification 3.0, its JSON Schemas and its tables (CC BY-SA 4.0). Ids are our public
ids; what derives from them (a location, a schedule) has a UUID made of theirs, so that every reading gives the same.
What HSDS has no field for (needs, publics, ways in, kinds) are terms of taxonomies, told as attributes.
"""

from bagage.directory.domain.standards.hsds.objects import (
    organization_object,
    service_at_location_object,
    service_object,
    whole_organization,
    whole_service,
)
from bagage.directory.domain.standards.hsds.reading import read, read_records
from bagage.directory.domain.standards.hsds.tables import write_file
from bagage.directory.domain.standards.hsds.taxonomies import (
    ACCESS,
    CARE,
    COSTS,
    FORMAT,
    KINDS,
    MODES,
    NEEDS,
    PUBLICS,
    TAXONOMIES,
    THEMES,
    VERSION,
    code_of_term,
    taxonomies,
    taxonomy_id,
    term_id,
    terms,
)

__all__ = [
    "ACCESS",
    "CARE",
    "COSTS",
    "FORMAT",
    "KINDS",
    "MODES",
    "NEEDS",
    "PUBLICS",
    "TAXONOMIES",
    "THEMES",
    "VERSION",
    "code_of_term",
    "organization_object",
    "read",
    "read_records",
    "service_at_location_object",
    "service_object",
    "taxonomies",
    "taxonomy_id",
    "term_id",
    "terms",
    "whole_organization",
    "whole_service",
    "write_file",
]
