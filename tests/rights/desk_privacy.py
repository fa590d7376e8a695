"""What is held of her, and of everyone: who looks after it."""

from bagage.people.models import Freeze
from tests.rights import Row
from tests.rights.world import World


def _person(world: World) -> dict[str, object]:
    return {"uuid": world.person.uuid}


def _freeze(world: World) -> dict[str, object]:
    if "freeze" not in world.made:
        world.made["freeze"] = Freeze.objects.create(
            person=world.person, words="Ce n’est pas vrai", frozen_at=world.now
        )
    return {"uuid": world.person.uuid, "freeze": world.made["freeze"].uuid}


# Who may change who she is where she is followed, and who answers for privacy there or for all.
LOOKS_AFTER = {
    "everyone": 404,
    "receptionist_here": 200,
    "adviser_here": 200,
    "programme_lead_here": 200,
    "administrator_here": 200,
    "programme_lead_network": 200,
    "administrator_network": 200,
}
# Who reads all of it already.
GIVES = {**LOOKS_AFTER, "receptionist_here": 403, "administrator_here": 403, "administrator_network": 403}
# Who answers for privacy.
ANSWERS = {**LOOKS_AFTER, "receptionist_here": 403, "adviser_here": 403}
FOR_ALL = {"everyone": 403, "programme_lead_network": 200, "administrator_network": 200}
SOMEWHERE = {"everyone": 403, "programme_lead": 200, "administrator": 200}


def _sent(expected: dict[str, int], status: int = 302) -> dict[str, int]:
    return {persona: status if code == 200 else code for persona, code in expected.items()}


ROWS = {
    "desk:person_privacy": Row(kwargs=_person, expected=LOOKS_AFTER),
    "desk:person_freeze": Row(
        kwargs=_person, method="post", data=lambda world: {"words": "C’est faux"}, expected=_sent(LOOKS_AFTER)
    ),
    "desk:person_freeze_lift": Row(
        kwargs=_freeze, method="post", data=lambda world: {"answer": "Corrigé"}, expected=_sent(ANSWERS)
    ),
    "desk:person_erase": [
        Row(kwargs=_person, expected=ANSWERS),
        # She has an appointment today: it has to be settled first, whoever asks.
        Row(
            kwargs=_person,
            method="post",
            data=lambda world: {"wish": "on", "code": world.person.code},
            expected=_sent(ANSWERS, 422),
        ),
    ],
    "desk:person_export": Row(kwargs=_person, expected=GIVES),
    "desk:person_export_pdf": Row(kwargs=_person, expected=GIVES),
    "desk:privacy": Row(expected=SOMEWHERE),
    "desk:privacy_run": Row(method="post", expected=_sent(FOR_ALL)),
    "desk:privacy_rules": [
        Row(expected=FOR_ALL),
        Row(
            method="post",
            data=lambda world: {
                "months": "24",
                "files_a_day": "40",
                "elsewhere_a_month": "5",
                "day_begins": "7",
                "day_ends": "20",
            },
            expected=_sent(FOR_ALL),
        ),
    ],
}
