"""The read interface of HSDS 3 under ``/hsds/``: services, organizations, services at locations, taxonomies.

Source: the OpenAPI document of HSDS 3.0 (Open Referral, CC BY-SA 4.0). Pages are its own (``page``, ``per_page``); who
wants everything without drift asks ``modified_after``, or the change feed of ``/api/v1/places/changes``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import Router

from bagage.common.middleware import problem
from bagage.directory import parameters
from bagage.directory.domain.communes import folded
from bagage.directory.domain.matching import box_around
from bagage.directory.domain.standards import hsds
from bagage.directory.models import Service, Structure
from bagage.directory.parameters import Asked, Wrong
from bagage.directory.rest import NOT_FOUND, REFUSALS
from bagage.directory.shown import answered
from bagage.directory.writing import place_of, service_of

router = Router(tags=["hsds"])
PER_PAGE = 50
PROFILE = "https://docs.openreferral.org/en/3.0/"


def _flag(value: str) -> bool:
    return parameters.one_of("true", "false")(value) == "true"


def _proximity(value: str) -> tuple[float, float, float]:
    found = re.fullmatch(
        r"(-?\d{1,2}(?:\.\d{1,12})?),(-?\d{1,3}(?:\.\d{1,12})?)(?:,(\d{1,3}(?:\.\d{1,3})?))?", value, re.ASCII
    )
    if not found or abs(float(found[1])) > 90 or abs(float(found[2])) > 180:
        raise Wrong("latitude,longitude in degrees, or latitude,longitude,kilometres")
    return float(found[1]), float(found[2]), float(found[3] or 10)


def _postcode(value: str) -> str:
    if not re.fullmatch(r"\d{5}", value, re.ASCII):
        raise Wrong("five digits")
    return value


_BOOLEAN = {"type": "boolean"}
_UUID = {"type": "string", "format": "uuid"}
SEARCH = Asked(
    "search", {"type": "string", "maxLength": parameters.MOST_TEXT}, parameters.text, "Words of the name."
)
PAGES = (
    Asked("page", {"type": "integer", "minimum": 1, "maximum": 100_000, "default": 1}, parameters.whole(1, 100_000),
          "Which page."),
    Asked("per_page", {"type": "integer", "minimum": 1, "maximum": parameters.MOST_PAGE, "default": PER_PAGE},
          parameters.whole(1, parameters.MOST_PAGE), "How many on a page."),
    Asked("format", {"type": "string", "enum": ["json"]}, parameters.one_of("json"), "JSON alone."),
)  # fmt: skip
FILTERS = (
    Asked("taxonomy_term_id", _UUID, parameters.identifier, "A term of `/hsds/taxonomy_terms`."),
    Asked("taxonomy_id", _UUID, parameters.identifier, "A taxonomy: those that have any of its terms."),
    Asked("organization_id", _UUID, parameters.identifier, "Of that organization."),
    Asked("modified_after", {"type": "string", "format": "date-time"}, parameters.since,
          "Changed after that moment (ISO 8601)."),
    Asked("full", _BOOLEAN, _flag, "With its organization and locations."),
)  # fmt: skip
SERVICES = (SEARCH, *PAGES, *FILTERS, Asked("minimal", _BOOLEAN, _flag, "Identifiers and names alone."))
PLACED = (
    SEARCH,
    *PAGES,
    *FILTERS,
    Asked("postcode", {"type": "string", "pattern": r"^\d{5}$"}, _postcode, "In that postcode."),
    Asked("proximity", {"type": "string", "examples": ["48.8882,2.3735,2"]}, _proximity,
          "Around a point: latitude,longitude or latitude,longitude,kilometres (10)."),
)  # fmt: skip
ORGANIZATIONS = (
    SEARCH,
    *PAGES,
    Asked("full", _BOOLEAN, _flag, "With locations."),
    Asked("full_service", _BOOLEAN, _flag, "With its services whole."),
)
TERMS = (
    SEARCH,
    *PAGES,
    Asked("taxonomy_id", _UUID, parameters.identifier, "Of that taxonomy."),
    Asked("top_only", _BOOLEAN, _flag, "All are at the top."),
    Asked("parent_id", _UUID, parameters.identifier, "None has a parent."),
)
ONE = (Asked("full_service", _BOOLEAN, _flag, "With its services whole."),)
_OBJECT = {"type": "object", "required": ["id"], "properties": {"id": _UUID}}
PAGE_SCHEMA = {
    "type": "object",
    "required": [
        "total_items",
        "total_pages",
        "page_number",
        "size",
        "first_page",
        "last_page",
        "empty",
        "contents",
    ],
    "properties": {
        "total_items": {"type": "integer"},
        "total_pages": {"type": "integer"},
        "page_number": {"type": "integer"},
        "size": {"type": "integer"},
        "first_page": _BOOLEAN,
        "last_page": _BOOLEAN,
        "empty": _BOOLEAN,
        "contents": {"type": "array", "items": _OBJECT},
    },
}


def _described(asked: Sequence[Asked], schema: dict[str, Any], *, one: bool = False) -> dict[str, Any]:
    """The parameters and the answers of an address, as OpenAPI says them; ``one``: it may not exist."""
    answer = {"description": "The answer", "content": {"application/json": {"schema": schema}}}
    return {
        **({"parameters": parameters.described(asked)} if asked else {}),
        "responses": {200: answer, **REFUSALS, **(NOT_FOUND if one else {})},
    }


def _asked(request: HttpRequest, known: Sequence[Asked]) -> dict[str, Any] | HttpResponseBase:
    if (held := parameters.held_back(request)) is not None:
        return held
    values, wrong = parameters.read_all(request.GET, known)
    return parameters.refused(wrong) if wrong else values


def _page(asked: dict[str, Any], rows: QuerySet[Any], shown: Callable[[Any], Any]) -> HttpResponse:
    """One page of rows; a page beyond the last is empty. Two queries, and those of what is prefetched."""
    number, size = asked.get("page", 1), asked.get("per_page", PER_PAGE)
    total = rows.count()
    return _page_of(number, size, total, [shown(row) for row in rows[(number - 1) * size : number * size]])


def _page_of(number: int, size: int, total: int, contents: list[Any]) -> HttpResponse:
    pages = -(-total // size)
    return answered(
        {
            "total_items": total,
            "total_pages": pages,
            "page_number": number,
            "size": len(contents),
            "first_page": number == 1,
            "last_page": number >= pages,
            "empty": not contents,
            "contents": contents,
        }
    )


# ---------- what is asked of the tables ----------
def _services() -> QuerySet[Service]:
    return (
        Service.objects.filter(structure__ended_at=None, structure__same_as=None)
        .select_related("structure")
        .order_by("uuid")
    )


def _structures() -> QuerySet[Structure]:
    return Structure.objects.filter(ended_at=None, same_as=None).order_by("uuid")


_COLUMNS = {
    hsds.PUBLICS: "publics",
    hsds.CARE: "care",
    hsds.MODES: "modes",
    hsds.ACCESS: "access",
    hsds.THEMES: "themes",
}


def _with_term(rows: QuerySet[Service], taxonomy: str, code: str) -> QuerySet[Service]:
    if taxonomy == hsds.NEEDS:
        return rows.filter(Q(need=code) | Q(needs__icontains=f'"{code}"'))
    if taxonomy == hsds.COSTS:
        return rows.filter(cost=code)
    if taxonomy == hsds.KINDS:
        return rows.filter(structure__kind=code)
    # Lists are JSON text on one database, JSON on the other: as text both hold the code in quotes.
    return rows.filter(**{f"{_COLUMNS[taxonomy]}__icontains": f'"{code}"'})


def _filtered(rows: QuerySet[Service], asked: dict[str, Any]) -> QuerySet[Service]:
    for word in folded(asked.get("search", "")).split()[:6]:
        rows = rows.filter(Q(structure__folded__contains=word) | Q(name__icontains=word))
    if "taxonomy_term_id" in asked:
        known = hsds.code_of_term(str(asked["taxonomy_term_id"]))
        rows = _with_term(rows, *known) if known else rows.none()
    if "taxonomy_id" in asked:
        name = next(
            (each for each in hsds.TAXONOMIES if hsds.taxonomy_id(each) == str(asked["taxonomy_id"])), ""
        )
        if name in _COLUMNS:
            rows = rows.exclude(**{_COLUMNS[name]: []})
        elif name == hsds.COSTS:
            rows = rows.exclude(cost="unknown")
        elif not name:
            rows = rows.none()
    if "organization_id" in asked:
        rows = rows.filter(structure__uuid=asked["organization_id"])
    if "modified_after" in asked:
        rows = rows.filter(structure__changed_at__gt=asked["modified_after"])
    if "postcode" in asked:
        rows = rows.filter(structure__postcode=asked["postcode"])
    if "proximity" in asked:
        south, north, west, east = box_around(*asked["proximity"])
        rows = rows.filter(
            structure__latitude__range=(south, north), structure__longitude__range=(west, east)
        )
    return rows


def _place(service: Service) -> Any:
    """The place of a service alone, its other services left aside."""
    structure = service.structure
    structure._prefetched_objects_cache = {"services": []}  # type: ignore[attr-defined]
    return place_of(structure)


# ---------- addresses ----------
@router.get(
    "/",
    auth=None,
    url_name="root",
    summary="Which version this is",
    openapi_extra=_described((), {"type": "object", "required": ["version", "profile", "openapi_url"]}),
)
def root(request: HttpRequest) -> HttpResponseBase:
    """The version of HSDS, its profile, and where this interface is described."""
    if (held := parameters.held_back(request)) is not None:
        return held
    return answered(
        {
            "version": hsds.VERSION,
            "profile": PROFILE,
            "openapi_url": request.build_absolute_uri("openapi.json"),
        }
    )


@router.get("/services", auth=None, url_name="services", summary="Services",
            openapi_extra=_described(SERVICES, PAGE_SCHEMA))  # fmt: skip
def services(request: HttpRequest) -> HttpResponseBase:
    """What places give, page after page."""
    asked = _asked(request, SERVICES)
    if not isinstance(asked, dict):
        return asked
    rows = _filtered(_services(), asked)

    def shown(service: Service) -> dict[str, Any]:
        place, given = _place(service), service_of(service)
        if asked.get("minimal"):
            return {"id": given.uuid, "name": hsds.service_object(place, given)["name"]}
        return hsds.whole_service(place, given) if asked.get("full") else hsds.service_object(place, given)

    return _page(asked, rows, shown)


@router.get("/services/{uuid:uuid}", auth=None, url_name="service", summary="A service",
            openapi_extra=_described((), _OBJECT, one=True))  # fmt: skip
def service(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """One service with its organization, and where it is given."""
    if (held := parameters.held_back(request)) is not None:
        return held
    found = Service.objects.select_related("structure").filter(uuid=uuid).first()
    if found is None:
        return problem(404, "No such service.")
    return answered(hsds.whole_service(_place(found), service_of(found)))


@router.get("/organizations", auth=None, url_name="organizations", summary="Organizations",
            openapi_extra=_described(ORGANIZATIONS, PAGE_SCHEMA))  # fmt: skip
def organizations(request: HttpRequest) -> HttpResponseBase:
    """The places themselves, page after page."""
    asked = _asked(request, ORGANIZATIONS)
    if not isinstance(asked, dict):
        return asked
    rows = _structures().prefetch_related("services")
    for word in folded(asked.get("search", "")).split()[:6]:
        rows = rows.filter(folded__contains=word)

    def shown(structure: Structure) -> dict[str, Any]:
        place = place_of(structure)
        if asked.get("full") or asked.get("full_service"):
            return hsds.whole_organization(place, full_service=bool(asked.get("full_service")))
        return hsds.organization_object(place)

    return _page(asked, rows, shown)


@router.get("/organizations/{uuid:uuid}", auth=None, url_name="organization", summary="An organization",
            openapi_extra=_described(ONE, _OBJECT, one=True))  # fmt: skip
def organization(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """One place with its location and what it gives."""
    asked = _asked(request, ONE)
    if not isinstance(asked, dict):
        return asked
    found = Structure.objects.prefetch_related("services").filter(uuid=uuid).first()
    if found is None:
        return problem(404, "No such organization.")
    return answered(hsds.whole_organization(place_of(found), full_service=bool(asked.get("full_service"))))


@router.get("/service_at_locations", auth=None, url_name="service_at_locations", summary="Services at locations",
            openapi_extra=_described(PLACED, PAGE_SCHEMA))  # fmt: skip
def service_at_locations(request: HttpRequest) -> HttpResponseBase:
    """What is given where, page after page."""
    asked = _asked(request, PLACED)
    if not isinstance(asked, dict):
        return asked
    return _page(
        asked,
        _filtered(_services(), asked),
        lambda row: hsds.service_at_location_object(_place(row), service_of(row)),
    )


@router.get("/service_at_locations/{uuid:uuid}", auth=None, url_name="service_at_location",
            summary="A service at its location", openapi_extra=_described((), _OBJECT, one=True))  # fmt: skip
def service_at_location(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """One service where it is given. A service is given at one place: it has the identifier of the service."""
    if (held := parameters.held_back(request)) is not None:
        return held
    found = Service.objects.select_related("structure").filter(uuid=uuid).first()
    if found is None:
        return problem(404, "No such service at a location.")
    return answered(hsds.service_at_location_object(_place(found), service_of(found)))


@router.get("/taxonomies", auth=None, url_name="taxonomies", summary="Taxonomies",
            openapi_extra=_described((SEARCH, *PAGES), PAGE_SCHEMA))  # fmt: skip
def taxonomies(request: HttpRequest) -> HttpResponseBase:
    """The lists that attributes point at."""
    asked = _asked(request, (SEARCH, *PAGES))
    return asked if not isinstance(asked, dict) else _page_of_list(asked, hsds.taxonomies())


@router.get("/taxonomies/{uuid:uuid}", auth=None, url_name="taxonomy", summary="A taxonomy",
            openapi_extra=_described((), _OBJECT, one=True))  # fmt: skip
def taxonomy(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """One list."""
    return _one(request, uuid, hsds.taxonomies(), "No such taxonomy.")


@router.get("/taxonomy_terms", auth=None, url_name="taxonomy_terms", summary="Terms",
            openapi_extra=_described(TERMS, PAGE_SCHEMA))  # fmt: skip
def taxonomy_terms(request: HttpRequest) -> HttpResponseBase:
    """The words of the lists."""
    asked = _asked(request, TERMS)
    if not isinstance(asked, dict):
        return asked
    wanted = str(asked.get("taxonomy_id", ""))
    known = [] if "parent_id" in asked else hsds.terms(wanted)
    return _page_of_list(asked, known)


@router.get("/taxonomy_terms/{uuid:uuid}", auth=None, url_name="taxonomy_term", summary="A term",
            openapi_extra=_described((), _OBJECT, one=True))  # fmt: skip
def taxonomy_term(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """One word of a list."""
    return _one(request, uuid, hsds.terms(), "No such term.")


def _one(request: HttpRequest, uuid: UUID, known: list[dict[str, Any]], missing: str) -> HttpResponseBase:
    if (held := parameters.held_back(request)) is not None:
        return held
    found = next((each for each in known if each["id"] == str(uuid)), None)
    return answered(found) if found else problem(404, missing)


def _page_of_list(asked: dict[str, Any], known: list[dict[str, Any]]) -> HttpResponse:
    words = folded(asked.get("search", "")).split()
    found = [each for each in known if all(word in folded(each["name"]) for word in words)]
    number, size = asked.get("page", 1), asked.get("per_page", PER_PAGE)
    return _page_of(number, size, len(found), found[(number - 1) * size : number * size])
