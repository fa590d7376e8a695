"""A session answers what she asks: a place is booked for a request, and the request follows what becomes of it.

Locks are taken in one order everywhere: the session first (by its own service), then requests.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import User, actor_of, name_of
from bagage.common.errors import Conflict
from bagage.common.words import local_date
from bagage.journeys.domain.requests import ANSWERING, ENDED, Answer, Written, may_tell, state_told
from bagage.journeys.models import Request, RequestBooking
from bagage.journeys.services.requests import change_request
from bagage.people.queries import identity_ids, whole_person
from bagage.permanences.models import Session, SessionBooking
from bagage.permanences.services import book_seat, leave_session
from bagage.skills.models import Observation
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

By = User | Actor


@transaction.atomic
def book_request(
    request: Request, session: Session, *, key: str, by: By, at: datetime | None = None
) -> RequestBooking:
    """A place in that session answers this request; she is booked there if she is not yet, or waits when it is full.

    Asked twice, it is once; several requests may be answered by one place. Raises :class:`Conflict` when the request is
    met or dropped, and whatever :func:`bagage.permanences.services.book_seat` refuses.
    """
    at = at or timezone.now()
    person = whole_person(request.journey.person)
    files = identity_ids(person)
    booking = (
        SessionBooking.objects.filter(session=session, person_id__in=files, state__in=sorted(ANSWERING))
        .order_by("pk")
        .first()
    )
    if booking is None:
        _check_wanted(request)
        booking = book_seat(session, person, key=key, by=by, at=at)
    request = _locked(request)
    _check_wanted(request)
    link = RequestBooking.objects.filter(request=request, booking=booking, unlinked_at=None).first()
    if link is not None:
        return link
    link = RequestBooking.objects.create(
        request=request, booking=booking, linked_at=at, linked_by=name_of(by)
    )
    follow_session(request, booking, since=at, by=by, at=at)
    _trail(request, "book_request", by=by, at=at)
    return link


@transaction.atomic
def unbook_request(
    link: RequestBooking, *, leave: bool = True, by: By, at: datetime | None = None
) -> RequestBooking:
    """That session does not answer this request after all.

    With ``leave`` her place is given back, unless it answers another request of hers, or the session has begun.
    """
    at = at or timezone.now()
    link = RequestBooking.objects.select_related("booking__session", "request__journey__person").get(
        pk=link.pk
    )
    if link.unlinked_at is not None:
        return link
    booking = link.booking
    others = booking.requests.filter(unlinked_at=None).exclude(pk=link.pk).exists()
    is_ahead = booking.state in {"booked", "waiting"} and booking.session.starts_at > at
    if leave and is_ahead and not others:
        leave_session(booking, by=by, at=at)
        link.refresh_from_db()
        if link.unlinked_at is not None:  # the reaction to leaving has untied it
            return link
    request = _locked(link.request)
    link.unlinked_at, link.why = at, RequestBooking.Why.TAKEN_BACK
    link.save(update_fields=["unlinked_at", "why"])
    follow_session(request, booking, since=at, by=by, at=at)
    _trail(request, "unbook_request", by=by, at=at)
    return link


@transaction.atomic
def follow_booking(booking: SessionBooking, *, by: By, at: datetime) -> None:
    """What became of a place ties and unties the requests that it answers, and tells where they stand.

    A place that ended (called off, left, excused, not come) answers nothing more; one that is hers again after all
    answers again what it did.
    """
    links = list(
        RequestBooking.objects.select_for_update(of=("self",))
        .filter(booking=booking)
        .order_by("linked_at", "pk")
    )
    if not links:
        return
    live = [one for one in links if one.unlinked_at is None]
    if booking.state in ENDED:
        for one in live:
            one.unlinked_at, one.why = at, booking.state
            one.save(update_fields=["unlinked_at", "why"])
    elif booking.state in ANSWERING:
        tied = {one.request_id for one in live}
        newest = {one.request_id: one for one in links}
        for request_id, one in sorted(newest.items()):
            if request_id not in tied and one.why != RequestBooking.Why.TAKEN_BACK:
                RequestBooking.objects.create(
                    request_id=request_id, booking=booking, linked_at=at, linked_by=name_of(by)
                )
    first = {one.request_id: one.linked_at for one in reversed(links)}
    for request in _all_locked(first):
        follow_session(request, booking, since=first[request.pk], by=by, at=at)


def follow_session(
    request: Request, booking: SessionBooking, *, since: datetime, by: By, at: datetime
) -> None:
    """Write where the request stands, as all sessions that answer it tell, ``booking`` being what spoke now.

    Called with the request locked. What someone wrote by hand after ``since`` holds; see
    :func:`bagage.journeys.domain.requests.may_tell`.
    """
    links = RequestBooking.objects.filter(request=request, unlinked_at=None).select_related(
        "booking__session"
    )
    told = state_told(Answer(one.booking.state, _steps_seen(request, one.booking)) for one in links)
    steps = [Written(one.state, one.on, one.written_at, one.source) for one in request.steps.all()]
    if not may_tell(told, request.state, steps, since):
        return
    today = timezone.localdate(at)
    day = today
    if booking.state == "present":
        day = min(today, local_date(booking.session.starts_at))
    change_request(request, state=told, on=day, source=f"session:{booking.session.uuid}", by=by, at=at)


def _steps_seen(request: Request, booking: SessionBooking) -> dict[str, int | None]:
    """The newest step of each skill that was seen of her at that session."""
    if booking.state != "present":
        return {}
    seen = Observation.objects.filter(
        person_id__in=identity_ids(request.journey.person), source=f"session:{booking.session.uuid}"
    ).order_by("observed_on", "written_at", "pk")
    return dict(seen.values_list("item__code", "step"))


def _check_wanted(request: Request) -> None:
    if request.state == Request.State.MET:
        raise Conflict(_("Cette demande est déjà réussie. Pour aller plus loin, écrivez-en une autre."))
    if request.state == Request.State.DROPPED:
        raise Conflict(_("Cette demande n’est plus voulue. Rouvrez-la d’abord dans le dossier."))


def _locked(request: Request) -> Request:
    return _all_locked([request.pk])[0]


def _all_locked(pks: Iterable[int]) -> list[Request]:
    return list(
        Request.objects.select_for_update(of=("self",))
        .select_related("journey__node", "journey__person__merged_into")
        .filter(pk__in=list(pks))
        .order_by("pk")
    )


def _trail(request: Request, verb: str, *, by: By, at: datetime) -> None:
    record(
        actor_of(by),
        verb,
        at=at,
        place=request.journey.node.uuid,
        person=whole_person(request.journey.person).uuid,
        thing=f"request:{request.uuid}",
    )
