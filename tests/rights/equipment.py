"""Devices: the board for who sees devices, her devices for who reads her file, a handover for who may hand over."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone

from bagage.equipment import services
from bagage.equipment.models import Device, Handover, Reservation
from bagage.trail.domain.actor import Actor
from tests.rights import Row
from tests.rights.world import World

MAKER = Actor.system("rights")
Expected = dict[str, int | set[int] | frozenset[int]]


def _device(world: World, name: str) -> Device:
    """A device of permanence A, made once; each of its own model."""
    found = Device.objects.filter(model=name).first()
    return found or services.receive_device(
        site=world.site_a,
        kind="smartphone",
        model=name,
        state="ready",
        key=f"rights-{name}",
        by=MAKER,
        at=world.now,
    )


def _free(world: World) -> Device:
    return _device(world, "Libre")


def _allow_many(world: World) -> None:
    services.change_rules({"devices_per_person": 9}, by=MAKER, at=world.now)


def _kept(world: World, name: str = "Gardé") -> Reservation:
    _allow_many(world)
    return services.reserve_device(
        _device(world, name),
        world.person,
        site=world.site_a,
        key=f"rights-kept-{name}",
        by=world.users["adviser_here"],
        at=world.now,
    )


def _given(world: World, name: str = "Remis") -> Handover:
    return services.hand_over_device(
        _kept(world, name),
        consent="paper",
        key=f"rights-given-{name}",
        by=world.users["adviser_here"],
        at=world.now,
    )


def _in_repair(world: World) -> Handover:
    given = _given(world, "Réparé")
    return services.take_back_device(
        given, reason="repair", key="rights-repair", by=world.users["adviser_here"], at=world.now
    )


def _of_free(world: World) -> dict[str, Any]:
    return {"uuid": _free(world).uuid}


def _of_kept(world: World) -> dict[str, Any]:
    return {"uuid": _kept(world).uuid}


def _of_given(world: World) -> dict[str, Any]:
    return {"uuid": _given(world).uuid}


def _of_repair(world: World) -> dict[str, Any]:
    return {"uuid": _in_repair(world).uuid}


def _of_her(world: World) -> dict[str, Any]:
    return {"uuid": world.person.uuid}


def _sheet(world: World) -> dict[str, Any]:
    return {
        "kind": "smartphone",
        "model": "Essai",
        "state": "to_process",
        "received_on": timezone.localdate(world.now).isoformat(),
        "site": str(world.site_a.uuid),
        "key": "rights-new",
    }


def _until(world: World) -> dict[str, Any]:
    return {"until": timezone.localdate(world.now).isoformat(), "key": "rights-reserve"}


# Who sees the board somewhere; the others, and who is out of scope, differ by page.
SEES_BOARD: Expected = {
    "receptionist": 200,
    "adviser": 200,
    "logistics": 200,
    "programme_lead": 200,
    "everyone": 403,
}


def _at_a(status: int, *roles: str, rest: int = 403) -> Expected:
    """The page of a device of permanence A: 404 for who sees devices elsewhere, 403 for who sees none."""
    found: Expected = {}
    for role in ("receptionist", "adviser", "logistics", "programme_lead"):
        found[f"{role}_here"] = status if role in roles else rest
        found[f"{role}_elsewhere"] = 404
    found["programme_lead_network"] = status if "programme_lead" in roles else rest
    return {**found, "everyone": 403}


ALL_FOUR = ("receptionist", "adviser", "logistics", "programme_lead")
KEEPS = ("logistics", "programme_lead")
HANDS = ("receptionist", "adviser", "programme_lead")


def _keeps_somewhere(status: int, elsewhere: int) -> Expected:
    """A device is brought in at one's own sites: the form refuses another one."""
    return {
        "logistics_here": status,
        "programme_lead_here": status,
        "programme_lead_network": status,
        "logistics_elsewhere": elsewhere,
        "programme_lead_elsewhere": elsewhere,
        "everyone": 403,
    }


# A volunteer is not booked with her here; whoever reads no file there does not know of her.
def _hers(status: int) -> Expected:
    return {**{f"{role}_here": status for role in HANDS}, "programme_lead_network": status, "everyone": 404}


def _act(
    kwargs: Callable[[World], dict[str, Any]], data: Callable[[World], dict[str, Any]], status: int = 302
) -> list[Row]:
    return [
        Row(kwargs=kwargs, expected=_hers(200)),
        Row(method="post", kwargs=kwargs, data=data, expected=_hers(status)),
    ]


ROWS: dict[str, Row | list[Row]] = {
    "equipment:device_list": [
        Row(expected=SEES_BOARD),
        Row(
            query=lambda world: {"state": "handed_over", "site": str(world.site_a.uuid)}, expected=SEES_BOARD
        ),
        # A list with her device in it: her name is in no file.
        Row(query=lambda world: {"export": str(_given(world) and "csv")}, expected=SEES_BOARD),
    ],
    "equipment:device_add": [
        Row(expected={"logistics": 200, "programme_lead": 200, "everyone": 403}),
        Row(method="post", data=_sheet, expected=_keeps_somewhere(302, 422)),
    ],
    "equipment:devices_add": [
        Row(expected={"logistics": 200, "programme_lead": 200, "everyone": 403}),
        Row(
            method="post",
            data=lambda world: {**_sheet(world), "serials": "AA11\nAA12"},
            expected=_keeps_somewhere(302, 422),
        ),
    ],
    "equipment:device_labels": Row(
        query=lambda world: {"made": _free(world).number},
        expected={
            "logistics_elsewhere": 302,
            "programme_lead_elsewhere": 302,
            "logistics": 200,
            "programme_lead": 200,
            "everyone": 403,
        },
    ),
    "equipment:rules": [
        Row(expected={"programme_lead": 200, "administrator": 200, "everyone": 403}),
        Row(
            method="post",
            data=lambda world: {
                "devices_per_person": "1",
                "warranty_months": "6",
                "reservation_days": "7",
                "undo_hours": "24",
                "slow_days": "30",
                "low_ready": "3",
            },
            expected={"programme_lead": 302, "administrator": 302, "everyone": 403},
        ),
    ],
    "equipment:device": [
        Row(kwargs=_of_free, expected=_at_a(200, *ALL_FOUR)),
        # Hers: who keeps the stock reads her code, never her name.
        Row(kwargs=lambda world: {"uuid": _given(world).device.uuid}, expected=_at_a(200, *ALL_FOUR)),
        Row(kwargs=lambda world: {"uuid": _kept(world).device.uuid}, expected=_at_a(200, *ALL_FOUR)),
    ],
    "equipment:device_change": [
        Row(kwargs=_of_free, expected=_at_a(200, *KEEPS)),
        Row(method="post", kwargs=_of_free, data=_sheet, expected=_at_a(302, *KEEPS)),
    ],
    "equipment:device_state": [
        Row(kwargs=_of_free, expected=_at_a(200, *KEEPS)),
        Row(
            method="post",
            kwargs=_of_free,
            data=lambda world: {"state": "in_workshop", "key": "rights-state"},
            expected=_at_a(302, *KEEPS),
        ),
    ],
    "equipment:device_label": Row(kwargs=_of_free, expected=_at_a(200, *ALL_FOUR)),
    "equipment:device_reserve": [
        Row(kwargs=_of_free, expected=_at_a(200, *HANDS)),
        Row(
            method="post",
            kwargs=_of_free,
            data=lambda world: {**_until(world), "person": str(world.person.uuid)},
            expected=_at_a(302, *HANDS),
        ),
    ],
    "equipment:person_devices": Row(kwargs=_of_her, expected=_hers(200)),
    "equipment:person_reserve": Row(
        method="post",
        kwargs=_of_her,
        data=lambda world: {**_until(world), "device": str(_free(world).uuid)},
        expected=_hers(302),
    ),
    "equipment:reservation_release": _act(_of_kept, lambda world: {"reason": ""}),
    "equipment:hand_over": _act(
        _of_kept, lambda world: {"consent": "paper", "language": "fr", "key": "rights-hand-over"}
    ),
    "equipment:hand_over_terms": Row(kwargs=_of_kept, expected=_hers(200)),
    "equipment:handover": Row(kwargs=_of_given, expected=_hers(200)),
    "equipment:handover_paper": Row(kwargs=_of_given, expected=_hers(200)),
    "equipment:handover_return": _act(
        _of_given, lambda world: {"reason": "returned", "key": "rights-return"}
    ),
    "equipment:handover_repaired": Row(
        method="post", kwargs=_of_repair, data=lambda world: {"key": "rights-repaired"}, expected=_hers(302)
    ),
    "equipment:handover_undo": Row(
        method="post", kwargs=_of_given, data=lambda world: {"key": "rights-undo"}, expected=_hers(302)
    ),
}
