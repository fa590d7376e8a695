"""The panorama: public places, for all who welcome, read files or work with organisations; not who only refers."""

from typing import Any

from bagage.directory.models import Feed, Structure
from bagage.directory.services.proposals import link_token
from tests.directory.factories import AT, make_place
from tests.rights import Row
from tests.rights.world import World

SEES: dict[str, int | set[int] | frozenset[int]] = {"referrer": 403, "logistics": 403, "everyone": 200}


def _place(world: World) -> dict[str, Any]:
    found = Structure.objects.filter(name="Espace des droits").first() or make_place("Espace des droits")
    return {"uuid": found.uuid}


def _for_her(world: World) -> dict[str, Any]:
    _place(world)
    return {"near": "48.89,2.37", "person": str(world.person.uuid)}


# With her uuid: only who may open her file learns her name; for all others the page does not exist.
FOR_HER: dict[str, int | set[int] | frozenset[int]] = {
    "receptionist_here": 200,
    "volunteer_here": 404,
    "adviser_here": 200,
    "programme_lead_here": 200,
    "programme_lead_network": 200,
    "referrer": 403,
    "logistics": 403,
    "everyone": 404,
}


def _token(world: World) -> dict[str, Any]:
    return {"token": link_token(Structure.objects.get(uuid=_place(world)["uuid"]))}


def _feed(world: World) -> dict[str, Any]:
    found, _new = Feed.objects.get_or_create(
        slug="droits", defaults={"name": "Droits", "format": "mediation", "created_at": AT}
    )
    return {"uuid": found.uuid}


def _nothing(world: World) -> dict[str, Any]:
    return {"uuid": "00000000-0000-0000-0000-000000000000"}


KEEPERS = ("local_officer", "programme_lead", "administrator")
KEEPS: dict[str, int | set[int] | frozenset[int]] = {**dict.fromkeys(KEEPERS, 200), "everyone": 403}
KEEPS_NOTHING: dict[str, int | set[int] | frozenset[int]] = {**dict.fromkeys(KEEPERS, 404), "everyone": 403}

ROWS = {
    "directory:panorama": [
        Row(query=lambda world: {"near": "48.89,2.37"}, expected=SEES),
        Row(query=_for_her, expected=FOR_HER),
        Row(query=lambda world: {**_for_her(world), "export": "csv"}, expected=FOR_HER),
    ],
    "directory:own": Row(public=True, kwargs=_token, expected={"everyone": 200}),
    "directory:own_link": Row(method="post", kwargs=_place, expected=KEEPS),
    "directory:own_link_end": Row(
        method="post", kwargs=_place, expected={**dict.fromkeys(KEEPERS, 302), "everyone": 403}
    ),
    "directory:proposals": Row(expected=KEEPS),
    "directory:proposal_decide": Row(method="post", kwargs=_nothing, expected=KEEPS_NOTHING),
    "directory:sources": Row(expected=KEEPS),
    "directory:source_new": Row(expected=KEEPS),
    "directory:source": Row(kwargs=_feed, expected=KEEPS),
    "directory:source_change": Row(kwargs=_feed, expected=KEEPS),
    "directory:part_again": Row(method="post", kwargs=_nothing, expected=KEEPS_NOTHING),
    "directory:source_read": Row(method="post", kwargs=_nothing, expected=KEEPS_NOTHING),
    "directory:row_mend": Row(method="post", kwargs=_nothing, expected=KEEPS_NOTHING),
    "directory:likely": Row(expected=KEEPS),
    "directory:likely_decide": Row(method="post", kwargs=_nothing, expected=KEEPS_NOTHING),
    "directory:places": Row(public=True, query=lambda world: {"place": "75019"}, expected={"everyone": 200}),
    "directory:embedded": Row(
        public=True, query=lambda world: {"place": "75019"}, expected={"everyone": 200}
    ),
    "directory:place": Row(public=True, kwargs=_place, expected={"everyone": 200}),
    "directory:structure": [
        Row(kwargs=_place, expected=SEES),
        Row(kwargs=_place, query=_for_her, expected=FOR_HER),
    ],
}
