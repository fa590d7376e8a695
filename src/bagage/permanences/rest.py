"""What the permanences publish for calendars: the sessions to come, without any name."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils import timezone
from icalendar import Calendar, Event
from ninja import Router

from bagage.directory import parameters
from bagage.permanences.models import Session, SessionState

router = Router(tags=["sessions"])
DAYS = 60
ASKED = (
    parameters.Asked(
        "site", {"type": "string", "format": "uuid"}, parameters.identifier, "Of that permanence alone."
    ),
)
_PROBLEM = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}


@router.get(
    "/sessions.ics",
    auth=None,
    url_name="sessions",
    summary="Sessions to come, as a calendar",
    openapi_extra={
        "parameters": parameters.described(ASKED),
        "responses": {
            200: {
                "description": "iCalendar (RFC 5545)",
                "content": {"text/calendar": {"schema": {"type": "string"}}},
            },
            401: {"description": "A key was sent, and it opens nothing", **_PROBLEM},
            422: {"description": "Breaks a rule", **_PROBLEM},
            429: {"description": "Asked too often", **_PROBLEM},
        },
    },
)
def sessions(request: HttpRequest) -> HttpResponseBase:
    """What is learnt where and when in the next 60 days: topic, level, language, address. Nobody is named."""
    if (held := parameters.held_back(request)) is not None:
        return held
    asked, wrong = parameters.read_all(request.GET, ASKED)
    if wrong:
        return parameters.refused(wrong)
    response = HttpResponse(calendar(asked.get("site")), content_type="text/calendar; charset=utf-8")
    response["Cache-Control"] = "public, max-age=300"
    response["Access-Control-Allow-Origin"] = "*"
    return response


def calendar(site: UUID | None = None) -> bytes:
    """The calendar of the sessions that are planned, of one permanence or of all. Two queries."""
    now = timezone.now()
    rows = (
        Session.objects.between(now, now + timedelta(days=DAYS))
        .filter(state=SessionState.PLANNED)
        .select_related("site__organisation")
        .order_by("starts_at", "pk")
    )
    if site is not None:
        rows = rows.filter(site__organisation__uuid=site)
    found = Calendar()
    found.add("prodid", "-//Bagage//Permanences//FR")
    found.add("version", "2.0")
    found.add("name", "Permanences connectées")
    for row in rows:
        found.add_component(_event(row))
    return bytes(found.to_ical())


def _event(session: Session) -> Any:
    site = session.site
    event = Event()
    event.add("uid", f"{session.uuid}@bagage")
    event.add("dtstamp", session.changed_at)
    event.add("dtstart", session.starts_at)
    event.add("dtend", session.ends_at)
    event.add("summary", session.topic)
    words = [session.get_level_display() if session.level else "", session.language]
    event.add("description", ", ".join(word for word in words if word))
    event.add(
        "location", ", ".join(part for part in (site.organisation.name, site.address, site.city) if part)
    )
    return event
