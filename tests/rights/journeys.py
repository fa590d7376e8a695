"""Exit, news, coming back: advisers and leads where she is followed; a session for a request: reception too."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from bagage.journeys.models import FollowUp, JourneyExit, Request, RequestBooking
from bagage.journeys.services import add_request, book_request, exit_journey
from bagage.permanences.models import Room, Session
from bagage.trail.domain.actor import Actor
from tests.rights import Row, Status
from tests.rights.world import HER_WORDS, World

WRITER = Actor.system("rights")
# A volunteer sees her today, since she may be booked with her: her name, never her file.


def _closes(status: int) -> dict[str, Status]:
    """Advisers and programme leads where she is followed; others there see her file, or nothing at all."""
    return {
        "adviser_here": status,
        "programme_lead_here": status,
        "receptionist_here": 403,
        "here": 404,
        "elsewhere": 404,
        "programme_lead_network": status,
        "administrator_network": 404,
    }


def _books(status: int) -> dict[str, Status]:
    """Whoever writes requests down where she is followed."""
    return {**_closes(status), "receptionist_here": status}


def _person(world: World) -> dict[str, Any]:
    return {"uuid": world.person.uuid}


def _request(world: World) -> Request:
    found = Request.objects.filter(journey=world.journey).first()
    return found or add_request(
        world.journey,
        words=HER_WORDS,
        said_on=timezone.localdate(world.now),
        by=WRITER,
        at=world.now,
    )


def _session(world: World) -> Session:
    found = Session.objects.filter(key="rights-journeys").first()
    if found is not None:
        return found
    room = Room.objects.create(site=world.site_a, name="Salle des droits", seats=4, computers=4)
    return Session.objects.create(
        site=world.site_a,
        room=room,
        topic="Écrire un mail",
        starts_at=world.now + timedelta(days=2),
        ends_at=world.now + timedelta(days=2, hours=1),
        key="rights-journeys",
        planned_at=world.now,
        changed_at=world.now,
    )


def _of_request(world: World) -> dict[str, Any]:
    return {"uuid": _request(world).uuid}


def _link(world: World) -> dict[str, Any]:
    request = _request(world)
    link = RequestBooking.objects.filter(request=request).first() or book_request(
        request, _session(world), key="rights-journeys-seat", by=WRITER, at=world.now
    )
    return {"uuid": request.uuid, "link": link.uuid}


def _exit(world: World) -> JourneyExit:
    found = JourneyExit.objects.filter(key="rights-journeys").first()
    return found or exit_journey(
        world.journey,
        kind="not_yet",
        reason="moved",
        release=True,
        key="rights-journeys",
        by=WRITER,
        at=world.now,
    )


def _of_exit(world: World) -> dict[str, Any]:
    return {"uuid": _exit(world).uuid}


def _left(world: World) -> dict[str, Any]:
    _exit(world)
    return _person(world)


def _follow_up(world: World) -> dict[str, Any]:
    return {"uuid": FollowUp.objects.get(exit=_exit(world), months=3).uuid}


ROWS: dict[str, Row | list[Row]] = {
    "journeys:request_sessions": [
        Row(kwargs=_of_request, expected=_books(200)),
        Row(
            method="post",
            kwargs=_of_request,
            data=lambda world: {"session": _session(world).uuid, "key": uuid4().hex},
            expected=_books(302),
        ),
    ],
    "journeys:request_topic": Row(
        method="post", kwargs=_of_request, data=lambda world: {"about": "K7"}, expected=_books(302)
    ),
    "journeys:request_unbook": Row(method="post", kwargs=_link, expected=_books(302)),
    "journeys:demand": Row(expected={"adviser": 200, "programme_lead": 200, "everyone": 403}),
    "journeys:exit": [
        Row(kwargs=_person, expected=_closes(200)),
        Row(
            method="post",
            kwargs=_person,
            data=lambda world: {
                "kind": "not_yet",
                "reason": "moved",
                "release": "on",
                "follow_up": "on",
                "key": "rights-exit",
            },
            expected=_closes(302),
        ),
    ],
    "journeys:come_back": [
        Row(kwargs=_left, expected=_closes(200)),
        Row(
            method="post",
            kwargs=_left,
            data=lambda world: {"reason": "asked", "key": "rights-back"},
            expected=_closes(302),
        ),
    ],
    "journeys:exit_summary": Row(kwargs=_of_exit, expected=_closes(200)),
    "journeys:exit_summary_pdf": Row(kwargs=_of_exit, expected=_closes(200)),
    "journeys:follow_ups": Row(expected={"adviser": 200, "programme_lead": 200, "everyone": 403}),
    "journeys:follow_up": [
        Row(kwargs=_follow_up, expected=_closes(200)),
        Row(
            method="post",
            kwargs=_follow_up,
            data=lambda world: {
                "who": "herself",
                "device": "yes",
                "connection": "no",
                "skills": "unknown",
            },
            expected=_closes(302),
        ),
    ],
    "journeys:follow_up_try": Row(
        method="post", kwargs=_follow_up, data=lambda world: {"key": "rights-try"}, expected=_closes(302)
    ),
}
