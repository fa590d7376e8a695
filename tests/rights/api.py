"""The interfaces for programs: what is published opens to anyone; elsewhere whoever is unknown is told so, not sent to
the sign-in page."""

from typing import Any

from bagage.directory.domain.standards import hsds
from bagage.directory.models import Structure
from tests.directory.factories import make_place
from tests.rights import Row
from tests.rights.world import World

UNKNOWN = {"anonymous": 401, "closed": 401}
OPEN = Row(public=True, expected={"everyone": 200})


def _known() -> Structure:
    return Structure.objects.filter(name="Espace des droits").first() or make_place(
        "Espace des droits", ("learn_basics",)
    )


def _place(world: World) -> dict[str, Any]:
    return {"uuid": _known().uuid}


def _organization(world: World) -> dict[str, Any]:
    return {"uuid": _known().uuid}


def _service(world: World) -> dict[str, Any]:
    found = _known()
    service = found.services.first() or found.services.create(need="learn_basics")
    return {"uuid": service.uuid}


ROWS: dict[str, Row | list[Row]] = {
    "api:api-root": Row(expected={"anonymous": 404, "closed": 404, "everyone": 404}),
    "api:openapi-json": OPEN,
    "api:services": OPEN,
    "api:places": OPEN,
    "api:place_changes": OPEN,
    "api:place": Row(public=True, kwargs=_place, expected={"everyone": 200}),
    "api:sessions": OPEN,
    "programs": OPEN,
    "hsds:api-root": Row(public=True, expected={"everyone": 200}),
    "hsds:openapi-json": OPEN,
    "hsds:root": OPEN,
    "hsds:services": OPEN,
    "hsds:service": Row(public=True, kwargs=_service, expected={"everyone": 200}),
    "hsds:organizations": OPEN,
    "hsds:organization": Row(public=True, kwargs=_organization, expected={"everyone": 200}),
    "hsds:service_at_locations": OPEN,
    "hsds:service_at_location": Row(public=True, kwargs=_service, expected={"everyone": 200}),
    "hsds:taxonomies": OPEN,
    "hsds:taxonomy": Row(
        public=True, kwargs=lambda world: {"uuid": hsds.taxonomy_id("needs")}, expected={"everyone": 200}
    ),
    "hsds:taxonomy_terms": OPEN,
    "hsds:taxonomy_term": Row(
        public=True,
        kwargs=lambda world: {"uuid": hsds.term_id("needs", "get_device")},
        expected={"everyone": 200},
    ),
    # A form is not JSON: who may ask is told so.
    "api:connection_advice": [
        Row(method="post", expected=UNKNOWN | {"referrer": 403, "everyone": 415}),
        Row(expected={"anonymous": 405, "closed": 405, "everyone": 405}),
    ],
}
