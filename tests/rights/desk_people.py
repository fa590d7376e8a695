"""Who looks persons up, changes who they are, prints their cards, and answers another site."""

from bagage.people import services
from bagage.people.models import AccessRequest, ContactWay, Person
from tests.rights import Row
from tests.rights.world import World

# Reception, advisers and the programme lead, wherever they work; each sees there what is in her own scope.
LOOKS_UP = {
    "receptionist": 200,
    "adviser": 200,
    "programme_lead": 200,
    "everyone": 403,
}
# Her file, where she is followed. A volunteer with whom she is booked may open it, not change it.
CHANGES = {
    "receptionist_here": 200,
    "adviser_here": 200,
    "programme_lead_here": 200,
    "programme_lead_network": 200,
    "everyone": 404,
}
# The same for pages on which one looks up first.
COMPARES = {
    **CHANGES,
    "receptionist": 404,
    "adviser": 404,
    "programme_lead": 404,
    "everyone": 403,
}


def sent(expected: dict[str, int]) -> dict[str, int]:
    return {persona: 302 if status == 200 else status for persona, status in expected.items()}


def her(world: World) -> dict[str, object]:
    return {"uuid": world.person.uuid}


def _other(world: World) -> Person:
    if "people_other" not in world.made:
        world.made["people_other"] = services.open_file(
            chosen_name="Zéphyrine", node=world.node_a, by=world.users["adviser_here"], at=world.now
        )
    found = world.made["people_other"]
    assert isinstance(found, Person)
    return found


def _other_name(world: World) -> dict[str, object]:
    services.add_name(world.person, "Zefi", "nickname", by=world.users["adviser_here"])
    return {"text": "Zefi"}


def _way(world: World) -> dict[str, object]:
    return {
        "uuid": world.person.uuid,
        "way": ContactWay.objects.filter(person=world.person).earliest("pk").uuid,
    }


def _asked(world: World) -> dict[str, object]:
    """The network's lead opened it for B, with a reason: A reads it."""
    if "people_asked" not in world.made:
        world.made["people_asked"] = AccessRequest.objects.create(
            person=world.person,
            asked_by=world.users["adviser_elsewhere"],
            for_node=world.node_b,
            reason="Son téléphone est cassé, elle vient demain.",
            asked_at=world.now,
        )
    asked = world.made["people_asked"]
    assert isinstance(asked, AccessRequest)
    return {"uuid": asked.uuid}


ROWS = {
    "desk:people": Row(expected=LOOKS_UP),
    "desk:look_up": [
        Row(expected=LOOKS_UP),
        Row(method="post", data=lambda world: {"q": "zefirine oyelaran 85"}, expected=sent(LOOKS_UP)),
    ],
    "desk:look_up_elsewhere": Row(
        method="post",
        data=lambda world: {"token": "forged"},
        expected={**dict.fromkeys(("receptionist", "adviser", "programme_lead"), 404), "everyone": 403},
    ),
    "desk:person_new": [
        Row(expected=LOOKS_UP),
        Row(
            method="post",
            data=lambda world: {"chosen_name": "Awa", "key": "rights", "sure": "1"},
            expected=sent(LOOKS_UP),
        ),
    ],
    "desk:duplicates": [
        Row(expected=LOOKS_UP),
        Row(method="post", expected=sent(LOOKS_UP)),
    ],
    "desk:card_lost": [
        Row(expected=LOOKS_UP),
        Row(
            method="post",
            data=lambda world: {"name": "zefirine oyelaran", "birth": "1985"},
            expected=LOOKS_UP,
        ),
    ],
    "desk:person_household": [
        Row(kwargs=her, expected=CHANGES),
        Row(
            kwargs=her,
            method="post",
            data=lambda world: {"do": "child", "chosen_name": "Awa", "key": "rights"},
            expected=sent(CHANGES) | {"programme_lead_network": {302, 422}},
        ),
    ],
    "desk:person_identity": [
        Row(kwargs=her, expected=CHANGES),
        Row(kwargs=her, method="post", data=lambda world: {"chosen_name": "Zéphy"}, expected=sent(CHANGES)),
    ],
    "desk:person_name_add": Row(
        kwargs=her,
        method="post",
        data=lambda world: {"text": "Zefi", "kind": "nickname"},
        expected=sent(CHANGES),
    ),
    "desk:person_name_remove": Row(kwargs=her, method="post", data=_other_name, expected=sent(CHANGES)),
    "desk:person_contact_add": Row(
        kwargs=her, method="post", data=lambda world: {"kind": "paper"}, expected=sent(CHANGES)
    ),
    "desk:person_contact_end": Row(kwargs=_way, method="post", expected=sent(CHANGES)),
    "desk:person_agreement_add": Row(
        kwargs=her,
        method="post",
        data=lambda world: {"kind": "informed", "answer": "agreed"},
        expected=sent(CHANGES),
    ),
    "desk:person_same": Row(kwargs=her, expected=COMPARES),
    "desk:person_merge": [
        Row(kwargs=lambda world: {**her(world), "other": _other(world).uuid}, expected=COMPARES),
        Row(
            kwargs=lambda world: {**her(world), "other": _other(world).uuid},
            method="post",
            data=lambda world: {"do": "merge"},
            expected=sent(COMPARES),
        ),
    ],
    "desk:person_card": Row(kwargs=her, expected=CHANGES),
    "desk:person_card_pdf": Row(kwargs=her, expected=CHANGES),
    "desk:person_card_new": Row(kwargs=her, method="post", expected=sent(CHANGES)),
    # The same page for anyone; who looks up is led to the file, or to the look-up.
    "desk:card_scan": Row(
        kwargs=lambda world: {"code": "ABC346"},
        public=True,
        expected={"receptionist": 302, "adviser": 302, "programme_lead": 302, "everyone": 200},
    ),
    "people:access_requests": Row(expected=LOOKS_UP),
    "people:access_answer": Row(
        kwargs=_asked,
        method="post",
        data=lambda world: {"answer": "grant"},
        expected={
            "receptionist_here": 302,
            "adviser_here": 302,
            "programme_lead_here": 302,
            "programme_lead_network": {302, 403},
            "receptionist": 404,
            "adviser": 404,
            "programme_lead": 404,
            "everyone": 403,
        },
    ),
}
