"""Whoever is shown a page of someone's file is noted as its reader, also where the page itself does not think of it."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from bagage.accounts.models import User
from bagage.common.row_security import wide
from bagage.people.models import Person
from bagage.people.queries import place_of
from bagage.trail.registry import page_of
from bagage.trail.services import NETWORK, record, record_reading, was_read

# Lists whose page writes its own row when they are taken away.
NOTE_THEMSELVES = {"desk:people", "trail:log"}


class ReadingsMiddleware:
    """The pages that the activities declare (``pages`` in their ``privacy.py``): two queries, a row once in 15 minutes.

    Pages that note their own reading are not declared. A list that is taken away as a file is noted too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """The answer; its reading is noted once it was given."""
        response = self.get_response(request)
        if request.method == "GET" and response.status_code == 200 and isinstance(request.user, User):
            if "export" in request.GET and response.headers.get("Content-Disposition"):
                _note_export(request, request.user)
            else:
                _note(request, response, request.user)
        return response


def _note_export(request: HttpRequest, user: User) -> None:
    """A list that was taken away as a file: which one, never of whom it speaks."""
    match = request.resolver_match
    if match is None or match.view_name in NOTE_THEMSELVES:
        return
    held = user.current_memberships
    with transaction.atomic():
        record(
            user.actor,
            "export_list",
            place=held[0].organisation.uuid if held else NETWORK,
            thing=f"page:{match.view_name}",
            is_reading=True,
        )


@wide("whom a page was about is noted, whatever else its reader may see")
def _note(request: HttpRequest, response: HttpResponseBase, user: User) -> None:
    match = request.resolver_match
    shown = page_of(match.view_name) if match else None
    if match is None or shown is None:
        return
    path = f"{shown.person}__uuid" if shown.person != "pk" else "uuid"
    found: Any = shown.table._base_manager.filter(uuid=match.kwargs["uuid"]).values_list(path, flat=True)
    uuid = found.first()
    if uuid is None:
        return
    is_paper = response.headers.get("Content-Type", "").startswith("application/pdf")
    verb, now = "print_paper" if is_paper else "read_page", timezone.now()
    if was_read(user.actor, verb, at=now, person=uuid):
        return
    person = Person.objects.select_related("merged_into").get(uuid=uuid)
    record_reading(user.actor, verb, at=now, place=place_of(person, user, now), person=uuid)
