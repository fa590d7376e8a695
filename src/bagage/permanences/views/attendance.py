"""The attendance of a session on one screen: who is there, what each can do, closing; and its sheet on paper."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts.models import User
from bagage.common.errors import BusinessError
from bagage.common.middleware import is_htmx
from bagage.people.models import Person
from bagage.people.permissions import can_look_up
from bagage.permanences.domain.sessions import OBSERVED_STEPS
from bagage.permanences.forms.sessions import AttendanceForm
from bagage.permanences.models import Session, SessionBooking
from bagage.permanences.permissions import can_lead_session
from bagage.permanences.queries.sessions import bookings_in, steps_seen_in, telling_in_words, wall_names
from bagage.permanences.services import reopen_session, say_who_came, take_attendance
from bagage.permanences.services.attendance import Attendance
from bagage.permanences.views.sessions import (
    booking_in_scope,
    looked_up_here,
    person_in_scope,
    session_in_scope,
    the_user,
)
from bagage.permanences.words import item_title

# On one screen, what can be said of each is a tap; of more than so many, the rest is one press further.
SHOWN_AT_FIRST = 9


@dataclass(frozen=True, slots=True)
class Name:
    """One name on the wall. ``note`` says what else is known: excused, absent, in line."""

    booking: SessionBooking
    name: str
    is_ticked: bool
    note: str = ""

    @property
    def can_be_ticked(self) -> bool:
        """Whether a tap notes her as present; who let us know, or left, is noted below the wall."""
        return self.booking.state in {"booked", "waiting", "present", "absent"}


@dataclass(frozen=True, slots=True)
class Choice:
    """One of the three words, for one person and one item."""

    value: int
    word: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Can:
    """One person under one item: the name of the radios, and the words."""

    booking: SessionBooking
    name: str
    field_name: str
    choices: list[Choice]

    @property
    def is_said(self) -> bool:
        """Whether one of the words is chosen."""
        return any(choice.is_chosen for choice in self.choices)


@dataclass(frozen=True, slots=True)
class CanList:
    """One item, and those of whom it can be said."""

    code: str
    title: str
    lines: list[Can]
    more: int = 0
    said: int = 0


@dataclass
class Wall:
    """All that the page shows of one session."""

    names: list[Name]
    unknown: list[Name] = field(default_factory=list)
    cans: list[CanList] = field(default_factory=list)

    @property
    def present(self) -> int:
        """How many are noted as present."""
        return sum(name.booking.state == "present" for name in self.names)

    @property
    def excused(self) -> int:
        """How many let us know."""
        return sum(name.booking.state == "excused" for name in self.names)

    @property
    def expected(self) -> int:
        """How many names count: those with a seat, or who came."""
        return sum(name.booking.state in {"booked", "present", "absent", "excused"} for name in self.names)

    @property
    def to_mark(self) -> list[SessionBooking]:
        """Those with a seat of whom nothing is noted yet."""
        return [name.booking for name in self.names if name.booking.state == "booked"]

    @property
    def not_there(self) -> list[Person]:
        """Those to whom a word is to be said once it is closed: absent, or about to be noted so."""
        bookings = [name.booking for name in self.names if name.booking.state in {"booked", "absent"}]
        return [one.person for one in bookings if one.person is not None]

    @property
    def may_come_after_all(self) -> list[Name]:
        """Those who let us know or gave their seat back."""
        return [name for name in self.names if name.booking.state in {"excused", "left"}]


@require_http_methods(["GET", "HEAD", "POST"])
def attendance(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A wall of names to tick, someone unexpected, what each can do, closing.

    One form: every button sends all of it, so nothing that was ticked is lost; sending it twice changes nothing.
    With a script, each tap is sent by itself and only the figures come back.
    """
    user = the_user(request)
    found = session_to_lead(user, uuid)
    if found.state == "cancelled":
        return redirect("permanences:session", uuid=found.uuid)
    if request.method != "POST":
        return _page(request, found)
    form = AttendanceForm(request.POST, codes=[item.code for item in found.items.all()])
    asked = request.POST.get("do", "")
    if not form.is_valid():
        return _page(
            request, found, refusal=gettext("La feuille est incomplète : rechargez la page."), status=422
        )
    marks = form.marks(rest_is_absent=asked == "absent")
    if not asked:
        # Sent by a tap: what is being typed, or chosen in a list, is not sent yet.
        marks["present"] -= {form.cleaned_data["came"]} - set(request.POST.getlist("present"))
        marks["excused"] = set()
    there = marks["present"]
    if found.state == "held" and not {"present", "was_present"} & set(request.POST):
        # The wall of a closed session is shown, not sent: only what each can do is.
        there = {str(uuid) for uuid in found.bookings.filter(state="present").values_list("uuid", flat=True)}
    try:
        done = take_attendance(
            found,
            **marks,
            arrivals=form.arrivals() if asked else [],
            observed=_news(found, form, there),
            closes=asked == "close",
            key=form.cleaned_data["key"],
            by=user,
        )
    except BusinessError as error:
        if is_htmx(request):
            raise  # said beside the page, which keeps what was tapped
        return _page(request, found, refusal=str(error), status=error.status)
    if is_htmx(request):
        return _page(request, found, is_fragment=True)
    return _after(request, found, asked, done)


def _after(request: HttpRequest, found: Session, asked: str, done: Attendance) -> HttpResponse:
    """Where a button leads once all is written."""
    page = reverse("permanences:attendance", args=[found.uuid])
    if asked == "close":
        messages.success(request, gettext("La séance est fermée."))
        return redirect("permanences:session", uuid=found.uuid)
    if asked.startswith("who-"):
        place = found.bookings.filter(uuid=_uuid(asked.removeprefix("who-"))).first()
        if place is not None:
            return redirect("permanences:session_seat_who", uuid=place.uuid)
    if asked == "more":
        return redirect(f"{page}?all=1#h-can")
    if done.added:
        said = ngettext("%(count)s arrivée notée.", "%(count)s arrivées notées.", done.added)
        messages.success(request, said % {"count": done.added})
    elif asked in {"save", "absent"}:
        messages.success(request, gettext("C’est noté."))
    return redirect(f"{page}?all=1" if "all" in request.GET else page)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _news(found: Session, form: AttendanceForm, present: set[str]) -> dict[str, Any]:
    """Of what each can do, only what is not written yet: most of a form says again what is known."""
    said = form.observed(present)
    if not said:
        return {}
    seen = steps_seen_in(found)
    owners = {
        str(uuid): (person, kept)
        for uuid, person, kept in found.bookings.values_list("uuid", "person_id", "person__merged_into_id")
    }
    news: dict[str, Any] = {}
    for place, steps in said.items():
        person, kept = owners.get(place, (None, None))
        if person is None:
            continue
        fresh = {code: step for code, step in steps.items() if seen.get((kept or person, code)) != step}
        if fresh:
            news[place] = fresh
    return news


def _page(
    request: HttpRequest,
    found: Session,
    *,
    refusal: str = "",
    status: int = 200,
    is_fragment: bool = False,
) -> HttpResponse:
    """The page, or what changes on it after a tap. What was ticked and refused stays ticked."""
    now = timezone.now()
    sent = request.POST if refusal else None
    wall = _wall(
        found, ticked=set(sent.getlist("present")) if sent is not None else None, all_="all" in request.GET
    )
    has_begun = found.starts_at <= now
    return render(
        request,
        "permanences/attendance.html#changed" if is_fragment else "permanences/attendance.html",
        {
            "found": found,
            "wall": wall,
            "key": sent.get("key", "") if sent is not None and sent.get("key") else uuid4().hex,
            "arrival": sent.get("arrival", "") if sent is not None else "",
            "refusal": refusal,
            "may_look_up": can_look_up(the_user(request)),
            "can_mark": found.is_planned and timezone.localdate(found.starts_at) <= timezone.localdate(now),
            "has_begun": has_begun,
            "is_open": found.is_planned,
            "told": telling_in_words(wall.not_there),
            "missing_seats": max(0, wall.present - found.seats),
            "oob": is_fragment,
            "saved_at": now if is_fragment else None,
        },
        status=status,
    )


def _wall(found: Session, *, ticked: set[str] | None, all_: bool) -> Wall:
    bookings = [
        one
        for one in bookings_in(found)
        if one.state != "called_off" and not (one.is_unplanned and one.state == "left")
    ]
    shown = wall_names(bookings)
    # Of a place given back and taken again, only the one that holds is on the wall.
    again = {one.person_id for one in bookings if one.state in {"booked", "waiting", "present", "absent"}}
    names = []
    for one in bookings:
        if one.state in {"excused", "left"} and one.person_id in again:
            continue
        note = "" if one.state in {"booked", "present"} else one.state_word.lower()
        if one.state == "waiting":
            note = gettext("attend")
        is_ticked = one.state == "present" if ticked is None else str(one.uuid) in ticked
        names.append(Name(one, shown[one.pk], is_ticked, note))
    names.sort(key=lambda name: (name.booking.state == "waiting", name.name.casefold(), name.booking.pk))
    there = [name for name in names if name.booking.state == "present"]
    wall = Wall(names, unknown=[name for name in there if name.booking.person is None])
    seen = steps_seen_in(found)
    known = [name for name in there if name.booking.person is not None]
    for item in found.items.all():
        lines = [_can(name, item.code, seen) for name in known]
        said = sum(line.is_said for line in lines)
        few = lines if all_ or len(lines) <= SHOWN_AT_FIRST + 2 else lines[:SHOWN_AT_FIRST]
        wall.cans.append(CanList(item.code, item_title(item), few, len(lines) - len(few), said))
    return wall


def _can(name: Name, code: str, seen: dict[tuple[int, str], int | None]) -> Can:
    person = name.booking.person
    assert person is not None
    step = seen.get((person.merged_into_id or person.pk, code))
    alone = {"she": gettext("seule"), "he": gettext("seul")}.get(person.grammar, gettext("sans aide"))
    words = (gettext("pas encore"), gettext("avec aide"), alone)
    choices = [Choice(value, word, value == step) for value, word in zip(OBSERVED_STEPS, words, strict=True)]
    return Can(name.booking, name.name, f"can.{name.booking.uuid}.{code}", choices)


@require_safe
def session_sheet(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The attendance sheet on A4, to fill by hand: short names, a box each, empty lines for who comes unplanned."""
    user = the_user(request)
    found = session_to_lead(user, uuid)
    bookings = [one for one in bookings_in(found) if one.state in {"booked", "present", "absent"}]
    names = wall_names(bookings)
    waiting = [one for one in bookings_in(found) if one.state == "waiting"]
    line_names = wall_names(waiting)
    return render(
        request,
        "permanences/session_sheet.html",
        {
            "found": found,
            "names": sorted((names[one.pk] for one in bookings), key=str.casefold),
            "waiting": [line_names[one.pk] for one in waiting],
            "items": [item_title(item) for item in found.items.all()],
            "empty": range(4),
        },
    )


@require_POST
def session_reopen(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Open a closed session again."""
    user = the_user(request)
    found = session_to_lead(user, uuid)
    try:
        reopen_session(found, by=user)
    except BusinessError as error:
        messages.error(request, str(error))
        return redirect("permanences:session", uuid=found.uuid)
    messages.success(request, gettext("La séance est rouverte. Ce qui était déjà dit reste dit."))
    return redirect("permanences:attendance", uuid=found.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def session_seat_who(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Who arrived unplanned: look for her file, and say that it is hers."""
    user = the_user(request)
    booking = booking_in_scope(user, uuid)
    if not can_lead_session(user, booking.session):
        raise PermissionDenied
    if not booking.is_unplanned:
        raise Http404
    looked_up, refusal, status = None, "", 200
    if request.method == "POST" and "person" in request.POST:
        person = person_in_scope(user, request.POST["person"])
        try:
            say_who_came(booking, person, by=user)
        except BusinessError as error:
            refusal, status = str(error), error.status
        else:
            messages.success(request, gettext("C’est noté dans son dossier."))
            return redirect("permanences:attendance", uuid=booking.session.uuid)
    elif request.method == "POST":
        asked = " ".join(request.POST.get("q", "").split())[:200]
        looked_up = looked_up_here(request, user, booking.session.site, asked) if asked else None
    return render(
        request,
        "permanences/session_seat_who.html",
        {
            "booking": booking,
            "found": booking.session,
            "hits": looked_up.hits if looked_up else [],
            "was_asked": looked_up is not None,
            "refusal": refusal,
            "may_look_up": can_look_up(user),
        },
        status=status,
    )


def session_to_lead(user: User, uuid: UUID) -> Session:
    """A session whose attendance this user may take: 404 out of her scope, 403 otherwise."""
    found = session_in_scope(user, uuid)
    if not can_lead_session(user, found):
        raise PermissionDenied
    return found
