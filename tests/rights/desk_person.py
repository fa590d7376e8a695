"""The file of a person and her interview: who opens them, who may write."""

from django.utils import timezone

from bagage.journeys.services import add_request
from tests.rights import Row
from tests.rights.world import World


def _person(world: World) -> dict[str, object]:
    return {"uuid": world.person.uuid}


def _request(world: World) -> dict[str, object]:
    if "person_request" not in world.made:
        world.made["person_request"] = add_request(
            world.journey,
            words="Je voudrais écrire à ma tante Philomène, bientôt",
            said_on=timezone.localdate(world.now),
            by=world.users["adviser_here"],
            at=world.now,
        )
    return {"uuid": world.person.uuid, "request_uuid": world.made["person_request"].uuid}


# Who reads her file where she is followed; a volunteer sees her only when she is booked with her.
READS = {
    "everyone": 404,
    "receptionist_here": 200,
    "adviser_here": 200,
    "programme_lead_here": 200,
    "programme_lead_network": 200,
}
ADVISES = {**READS, "receptionist_here": 403}
INTERVIEWS = {**ADVISES, "programme_lead_here": 403, "programme_lead_network": 403}


def _sent(expected: dict[str, int]) -> dict[str, int]:
    return {persona: 302 if status == 200 else status for persona, status in expected.items()}


ROWS = {
    "desk:person": Row(kwargs=_person, expected=READS),
    "desk:person_evidence": Row(kwargs=_person, expected=ADVISES),
    "desk:person_readings": Row(kwargs=_person, expected=READS),
    "desk:person_request_add": Row(
        kwargs=_person, method="post", data=lambda world: {"words": "Lire mes mails"}, expected=_sent(READS)
    ),
    "desk:person_request": [
        Row(kwargs=_request, expected=READS),
        Row(
            kwargs=_request,
            method="post",
            data=lambda world: {"words": "Lire mes mails", "pocket": "", "state": "met"},
            expected=_sent(READS),
        ),
    ],
    "desk:interview": [
        Row(kwargs=_person, expected=READS),
        Row(kwargs=_person, method="post", data=lambda world: {"last_time": "helped"}, expected=_sent(READS)),
        Row(kwargs=_person, method="post", data=lambda world: {"E1": "yes"}, expected=_sent(INTERVIEWS)),
    ],
    "desk:interview_paper": Row(kwargs=_person, expected=INTERVIEWS),
    "desk:interview_entry": [
        Row(kwargs=_person, expected=INTERVIEWS),
        Row(
            kwargs=_person,
            method="post",
            data=lambda world: {"held_on": timezone.localdate(world.now).isoformat(), "K1": "3"},
            expected=_sent(INTERVIEWS),
        ),
    ],
    "desk:interview_blank": Row(expected={"everyone": 403, "adviser": 200}),
    "desk:interview_sheets": [
        Row(expected={"everyone": 403, "adviser": 200}),
        Row(
            method="post",
            data=lambda world: {"code": world.person.code},
            expected={"everyone": 403, "adviser": 200},
        ),
    ],
}
