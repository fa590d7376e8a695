"""A device or a line that she gets is what she asked for: her requests of that pocket are met by it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.db import transaction

from bagage.accounts.models import User
from bagage.journeys.models import Request
from bagage.journeys.services.requests import change_request
from bagage.trail.domain.actor import Actor

By = User | Actor


def _locked_requests(files: Iterable[int], pocket: str) -> list[Request]:
    rows = Request.objects.select_for_update(of=("self",)).filter(
        journey__person_id__in=list(files), pocket=pocket
    )
    return list(rows.prefetch_related("steps").order_by("pk"))


@transaction.atomic
def meet_by_thing(
    files: Iterable[int], pocket: str, *, source: str, day: date, by: By, at: datetime
) -> list[Request]:
    """What she asked for in that pocket, until ``day``, is met by ``source``: ``"line:<uuid>"``, ``"handover:<uuid>"``.

    A request that she wants no more stays so. Whoever speaks with her may open one again: this speaks once.
    """
    met = []
    for request in _locked_requests(files, pocket):
        if request.state in {Request.State.OPEN, Request.State.UNDER_WAY} and request.said_on <= day:
            met.append(change_request(request, state=Request.State.MET, on=day, source=source, by=by, at=at))
    return met


@transaction.atomic
def unmeet_by_thing(files: Iterable[int], pocket: str, *, source: str, by: By, at: datetime) -> list[Request]:
    """``source`` was a mistake: what it had met, and nobody has spoken of since, stands where it stood before."""
    opened = []
    for request in _locked_requests(files, pocket):
        steps = sorted(request.steps.all(), key=lambda step: (step.written_at, step.pk))
        if request.state != Request.State.MET or not steps or steps[-1].source != source:
            continue
        before = steps[-2].state if len(steps) > 1 else Request.State.OPEN.value
        opened.append(change_request(request, state=before, source=source, by=by, at=at))
    return opened
