"""The panorama for programs, open to anyone: the search, each place, all places, what changed.

Open data: who is welcomed nowhere is in it. A source that does not answer is said in each answer (``sources_failing``),
so that nobody takes an outage for "nothing found".
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils import timezone, translation
from ninja import Router

from bagage.common.middleware import problem
from bagage.directory import parameters, shown
from bagage.directory.models import Service, Structure
from bagage.directory.parameters import Asked
from bagage.directory.queries import failing, search_services

router = Router(tags=["places"])

PROBLEM = {
    "content": {"application/problem+json": {"schema": {"type": "object", "required": ["title", "status"]}}}
}
REFUSALS = {
    401: {"description": "A key was sent, and it opens nothing", **PROBLEM},
    422: {"description": "Breaks a rule: `problems` names each parameter and its rule", **PROBLEM},
    429: {"description": "Asked too often; Retry-After says when to ask again", **PROBLEM},
}
NOT_FOUND = {404: {"description": "No such place", **PROBLEM}}
_TEXT = {"type": "string"}
_MAYBE = {"type": ["string", "null"]}
IDENTIFIERS = {
    "type": "array",
    "items": {"type": "object", "required": ["source", "id"], "properties": {"source": _TEXT, "id": _TEXT}},
}
RESULT = {
    "type": "object",
    "required": ["id", "name", "city", "distance_m", "identifiers", "services", "why", "unknown", "fit"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "name": _TEXT,
        "city": _TEXT,
        "distance_m": {"type": ["integer", "null"]},
        "identifiers": IDENTIFIERS,
        "services": {"type": "array", "items": {"type": "object"}},
        "why": {"type": "array", "items": {"type": "object"}},
        "unknown": {"type": "array", "items": _TEXT},
        "fit": {"enum": ["all", "some", "not_said", "others_only"]},
    },
}
SERVICE = {
    "type": "object",
    "required": ["id", "need", "needs", "cost"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "need": _TEXT,
        "needs": {"type": "array", "items": _TEXT},
        "cost": _TEXT,
    },
}
PLACE = {
    "type": "object",
    "required": ["id", "name", "kind", "source", "services", "changed_at"],
    "properties": {
        "id": {"type": "string", "format": "uuid"},
        "name": _TEXT,
        "kind": _TEXT,
        "latitude": {"type": ["number", "null"]},
        "longitude": {"type": ["number", "null"]},
        "hours": _TEXT,
        "source": {"type": "object", "required": ["name", "id", "licence"]},
        "services": {"type": "array", "items": SERVICE},
        "changed_at": {"type": "string", "format": "date-time"},
        "ended_at": _MAYBE,
    },
}


def _listing(items: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "required": ["results", "next"],
        "properties": {"results": {"type": "array", "items": items}, "next": _MAYBE, **more},
    }


def _answers(schema: dict[str, Any], **others: Any) -> dict[int, Any]:
    return {
        200: {"description": "The answer", "content": {"application/json": {"schema": schema}}},
        **REFUSALS,
        **{int(name.removeprefix("_")): value for name, value in others.items()},
    }


# ---------- the search ----------
@router.get(
    "/services",
    auth=None,
    url_name="services",
    summary="Who around answers a need",
    openapi_extra={
        "parameters": parameters.described(parameters.SEARCH),
        "responses": _answers(
            _listing(
                RESULT,
                total={"type": "integer"},
                understood={"type": "object"},
                left_out={"type": "object"},
                sources_failing={"type": "array", "items": {"type": "object"}},
            )
        ),
    },
)
def services(request: HttpRequest) -> HttpResponseBase:
    """Places that answer, the best first: by what they give, then by distance.

    What nobody says of a place is in `unknown`, and never hides it. `left_out` counts those that were left out, by why.
    """
    if (held := parameters.held_back(request)) is not None:
        return held
    asked, wrong = parameters.read_all(request.GET, parameters.SEARCH)
    if wrong:
        return parameters.refused(wrong)
    size, offset = asked.get("size", 20), asked.get("offset", 0)
    with translation.override("fr"):
        found = search_services(
            text=asked.get("text", ""),
            needs=asked.get("need", ()),
            near=asked.get("near"),
            radius_km=asked.get("radius_km"),
            open_at=asked.get("when"),
            cost=asked.get("cost"),
            languages=asked.get("language", ()),
            publics=asked.get("public", ()),
            access=asked.get("access", ()),
            care=asked.get("care", ()),
            kinds=asked.get("kind", ()),
            limit=size,
            offset=offset,
        )
        results = [shown.result_json(row) for row in found]
    body: dict[str, Any] = {
        "results": results,
        "total": found.total,
        "next": _next(request, offset=offset + size) if offset + size < found.total else None,
        "left_out": dict(found.out),
        "sources_failing": failing() if found.some_fail else [],
    }
    understood = getattr(found, "understood", None)
    if understood is not None:
        body["understood"] = shown.understood_json(understood)
    return shown.answered(body)


def _next(request: HttpRequest, **changed: object) -> str:
    query = request.GET.copy()
    for name, value in changed.items():
        query[name] = str(value)
    return f"{request.path}?{query.urlencode()}"


# ---------- places ----------
def place_json(structure: Structure) -> dict[str, Any]:
    """All that is published of a place; ``""``, ``None`` and empty lists are what nobody said."""
    is_exact = structure.position == Structure.Position.EXACT
    return {
        "id": str(structure.uuid),
        "name": structure.name,
        "kind": structure.kind,
        "parent": structure.parent,
        "address": structure.address,
        "address_more": structure.address_more,
        "postcode": structure.postcode,
        "city": structure.city,
        "commune_code": structure.commune_code,
        "latitude": structure.latitude if is_exact else None,
        "longitude": structure.longitude if is_exact else None,
        "is_mobile": structure.is_mobile,
        "phone": structure.phone,
        "email": structure.email,
        "website": structure.website,
        "booking_url": structure.booking_url,
        "hours": structure.hours,
        "closed_until": structure.closed_until.isoformat() if structure.closed_until else None,
        "presentation": structure.presentation,
        "description": structure.description,
        "accessibility": structure.accessibility,
        "labels": structure.labels,
        "source": {
            "name": structure.source,
            "id": structure.source_id,
            "url": structure.source_url,
            "licence": structure.licence,
            "date": structure.source_date.isoformat() if structure.source_date else None,
        },
        "fields_from": structure.fields_from,
        "services": [service_json(service) for service in structure.services.all()],
        "changed_at": structure.changed_at.astimezone(UTC).isoformat(),
        "ended_at": structure.ended_at.astimezone(UTC).isoformat() if structure.ended_at else None,
        "same_as": str(structure.same_as.uuid) if structure.same_as else None,
    }


def service_json(service: Service) -> dict[str, Any]:
    """All that is published of what a place gives."""
    return {
        "id": str(service.uuid),
        "source_id": service.source_id,
        "need": service.need,
        "needs": service.all_needs,
        "name": service.name or service.words,
        "description": service.description,
        "themes": service.themes,
        "cost": service.cost,
        "cost_words": service.cost_words,
        "languages": service.languages,
        "publics": service.publics,
        "care": service.care,
        "modes": service.modes,
        "access": service.access,
        "accessibility": service.accessibility,
        "hours": service.hours,
    }


def _rows() -> Any:
    return Structure.objects.select_related("same_as").prefetch_related("services")


SIZE = Asked(
    "size",
    {"type": "integer", "minimum": 1, "maximum": parameters.MOST_PAGE, "default": 50},
    parameters.whole(1, parameters.MOST_PAGE),
    "How many.",
)
EACH = (
    SIZE,
    Asked(
        "after",
        {"type": "string", "format": "uuid"},
        parameters.identifier,
        "The last identifier of the page before.",
    ),
)


@router.get(
    "/places",
    auth=None,
    url_name="places",
    summary="All places that are listed today",
    openapi_extra={
        "parameters": parameters.described(EACH),
        "responses": _answers(_listing(PLACE)),
    },
)
def places(request: HttpRequest) -> HttpResponseBase:
    """Page after page in the order of their identifiers: none is passed over or given twice while a source is read."""
    if (held := parameters.held_back(request)) is not None:
        return held
    asked, wrong = parameters.read_all(request.GET, EACH)
    if wrong:
        return parameters.refused(wrong)
    size = asked.get("size", 50)
    rows = _rows().filter(ended_at=None, same_as=None).order_by("uuid")
    if "after" in asked:
        rows = rows.filter(uuid__gt=asked["after"])
    found = list(rows[: size + 1])
    more = len(found) > size
    body = {
        "results": [place_json(each) for each in found[:size]],
        "next": _next(request, after=found[size - 1].uuid) if more else None,
    }
    return shown.answered(body)


HELD_BACK = timedelta(seconds=30)
CHANGES = (
    SIZE,
    Asked("since", {"type": "string", "format": "date-time", "examples": ["2026-11-01T00:00:00Z"]}, parameters.since,
          "Only what changed from that moment on (ISO 8601)."),
    Asked("after", {"type": "string", "maxLength": 200}, lambda value: _cursor(value), "`after` of the page before."),
)  # fmt: skip


def _cursor(value: str) -> tuple[datetime, UUID]:
    try:
        moment, _bar, name = (
            base64.urlsafe_b64decode(value.encode("ascii") + b"==").decode("ascii").partition("|")
        )
        return parameters.since(moment), parameters.identifier(name)
    except (ValueError, binascii.Error):
        raise parameters.Wrong("the `after` of a page before") from None


@router.get(
    "/places/changes",
    auth=None,
    url_name="place_changes",
    summary="What changed, in order",
    openapi_extra={
        "parameters": parameters.described(CHANGES),
        "responses": _answers(
            _listing({"type": "object", "required": ["change", "at", "place"]}, after=_TEXT)
        ),
    },
)
def changes(request: HttpRequest) -> HttpResponseBase:
    """Places that were created, changed, ended or joined to another, the oldest change first; each once, as it is.

    Keep `after` of the last page, and ask again from there tomorrow: what changed in between follows.
    """
    if (held := parameters.held_back(request)) is not None:
        return held
    asked, wrong = parameters.read_all(request.GET, CHANGES)
    if wrong:
        return parameters.refused(wrong)
    size = asked.get("size", 50)
    # What is being written now is given once it surely stands: a row is stamped a little before it can be seen.
    rows = _rows().filter(changed_at__lte=timezone.now() - HELD_BACK).order_by("changed_at", "pk")
    if "since" in asked:
        rows = rows.filter(changed_at__gte=asked["since"])
    if "after" in asked:
        moment, name = asked["after"]
        last = Structure.objects.filter(uuid=name).values_list("pk", flat=True).first() or 0
        rows = rows.filter(Q(changed_at__gt=moment) | Q(changed_at=moment, pk__gt=last))
    found: Sequence[Structure] = list(rows[: size + 1])
    page = found[:size]
    after = _cursor_of(page[-1]) if page else request.GET.get("after", "")
    body = {
        "results": [
            {
                "change": _change(each),
                "at": each.changed_at.astimezone(UTC).isoformat(),
                "place": place_json(each),
            }
            for each in page
        ],
        "next": _next(request, after=after) if len(found) > size else None,
        "after": after,
    }
    return shown.answered(body)


def _cursor_of(structure: Structure) -> str:
    said = f"{structure.changed_at.astimezone(UTC).isoformat()}|{structure.uuid}"
    return base64.urlsafe_b64encode(said.encode()).decode().rstrip("=")


def _change(structure: Structure) -> str:
    if structure.ended_at is not None:
        return "ended"
    if structure.same_as_id is not None:
        return "joined"
    return "created" if structure.created_at == structure.changed_at else "changed"


@router.get(
    "/places/{uuid:uuid}",
    auth=None,
    url_name="place",
    summary="One place",
    openapi_extra={"responses": _answers(PLACE, _404=NOT_FOUND[404])},
)
def place(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """All that is published of it, also once its source lists it no more (`ended_at`)."""
    if (held := parameters.held_back(request)) is not None:
        return held
    found = _rows().filter(uuid=uuid).first()
    if found is None:
        return problem(404, "No such place.")
    body = place_json(found)
    body["links"] = {"hsds": reverse("hsds:organization", kwargs={"uuid": found.uuid})}
    return shown.answered(body)
