"""A person's file: her line, her bag, what she asks for, what comes next, what happened, who read it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.common.errors import BusinessError
from bagage.common.prepared import prepared
from bagage.common.together import Asking, nothing, side_by_side
from bagage.connection.line_words import soon_words
from bagage.connection.queries.kept import advice_panel
from bagage.connection.queries.lines import LineShown, lines_shown
from bagage.connection.services.lines import reminder_days
from bagage.desk.forms import RequestForm
from bagage.desk.queries import (
    SHORT_TIMELINE,
    appointment_when,
    contact_ways_of,
    line_about,
    moment_words,
    next_appointment,
    referral_of,
    situation_of,
    timeline,
    way_to_reach,
)
from bagage.desk.queries.activities import in_two, next_session, panels_of, read_alike, told_of
from bagage.desk.views.household import those_seen_of
from bagage.imports.queries import brought_in
from bagage.journeys.models import Interview, Request
from bagage.journeys.permissions import FileView, file_view, reading_role
from bagage.journeys.queries import (
    baggages,
    evidence_history,
    files_of,
    headings,
    pocket_words,
    request_rows,
)
from bagage.journeys.services import add_request, change_request, open_journey
from bagage.people.domain.fields import Field
from bagage.people.models import Person, is_visible_to
from bagage.people.queries.freezes import freeze_of
from bagage.permanences.models import Appointment, AppointmentState, Site
from bagage.permanences.queries import appointments_of
from bagage.skills.queries import asked_items, item_titles
from bagage.trail.queries import readings_of
from bagage.trail.services import record_reading
from bagage.trail.words import words_of


@dataclass(frozen=True, slots=True)
class OpenFile:
    """A file that was opened in scope: the person, the ids of her files together, and what this reader may see."""

    person: Person
    files: list[int]
    view: FileView
    user: User
    now: datetime


def open_file(request: HttpRequest, uuid: UUID) -> OpenFile:
    """The file of that address, if this reader may see it (404 if not). A file marked as another's gives that one."""
    user = request.user
    assert isinstance(user, User)
    now = timezone.now()
    person = Person.objects.filter(uuid=uuid, erased_at=None).select_related("merged_into").first()
    if person is None:
        raise Http404
    if not is_visible_to(user, person.pk, now):
        kept_pk = person.merged_into_id
        if kept_pk is None or not is_visible_to(user, kept_pk, now):
            raise Http404
    kept = person
    while kept.merged_into is not None:
        kept = kept.merged_into
    files = files_of([kept.pk])[kept.pk]
    return OpenFile(kept, files, file_view(user, kept, files=files, now=now), user, now)


def address_of(name: str, *args: object) -> str:
    """The address of a page of another activity, or ``""`` when this installation has not got it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


@prepared
def _appointments(files: Iterable[int]) -> QuerySet[Appointment]:
    return appointments_of(files).select_related(None).select_related("site__organisation", "adviser")


@prepared
def _interviews(files: Iterable[int]) -> QuerySet[Interview]:
    return Interview.objects.filter(person_id__in=files).select_related("led_by").order_by("started_at")


@require_safe
def person(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The file. What this reader may not see is not in the page; the reading is noted."""
    opened = open_file(request, uuid)
    if opened.person.uuid != uuid:
        messages.info(
            request,
            _("Ce dossier a été réuni avec celui-ci. Rien n’est perdu, les deux peuvent être séparés."),
        )
        return redirect("desk:person", opened.person.uuid)
    her, files, view, user, now = opened.person, opened.files, opened.view, opened.user, opened.now
    today = timezone.localdate(now)
    record_reading(user.actor, "read_file", at=now, place=view.place, person=her.uuid)

    titles = item_titles() if view.diagnosis else {}

    def shown(field: Field, asking: Asking[Any]) -> Asking[Any]:
        return asking if view.shows(field) else nothing()

    days, advised = reminder_days(), view.shows(Field.ADVICE)
    known = [
        baggages.asking([her], today=today, files={her.pk: files}),
        _appointments.asking(files),
        request_rows.asking(her, files, now=now),
        shown(Field.LINES, lines_shown.asking(files, today=today, warn_days=days, with_advice=advised)),
        shown(Field.STEPS, _interviews.asking(files)),
        shown(Field.STEPS, referral_of.asking(files)),
        shown(Field.STEPS, read_alike.asking(files)),
        shown(Field.OBSTACLES, situation_of.asking(files)),
        shown(Field.REACH, contact_ways_of.asking(files)),
        shown(Field.ADVICE, advice_panel.asking(files)),
        shown(Field.FROZEN, freeze_of.asking(files)),
    ]
    bags, appointments, rows, lines, interviews, referral, alike, situation, ways, advice, frozen = (
        side_by_side(known, of_one=True)
    )
    baggage = bags[her.pk]
    happened, panels = side_by_side(
        [
            timeline.asking(
                her,
                files,
                view=view,
                appointments=appointments,
                interviews=interviews,
                requests=rows,
                referral=referral or None,
                told=told_of.asking(files, alike, view=view) if alike else nothing(),
                now=now,
            ),
            panels_of.asking(files, today, alike, view=view) if alike else nothing(),
        ],
        of_one=True,
    )
    show_all = request.GET.get("all") == "1"
    coming = next_appointment(appointments, view=view, now=now)
    session = next_session(panels, now=now)
    if session and coming and coming.starts_at <= session.starts_at:
        session = None
    open_interview = next((one for one in interviews if one.finished_at is None), None)
    return render(
        request,
        "desk/person.html",
        {
            "person": her,
            "shown_name": her.full_name if view.shows(Field.NAME) else her.short_name,
            "view": view,
            "about": line_about(her, situation or {}, view=view, today=today),
            "reach": way_to_reach(her, ways, view=view),
            "headings": headings(her),
            "baggage": baggage,
            "pockets": pocket_words(baggage, details=view.diagnosis, titles=titles),
            "lines": lines,
            "line_due": _line_due(opened, lines),
            "panels": in_two(panels),
            "session": session,
            "session_when": moment_words(session.starts_at) if session else "",
            "advice_panel": advice or None,
            "requests": rows,
            "request_form": RequestForm() if view.requests else None,
            "coming": coming,
            "coming_when": appointment_when(coming) if coming else "",
            "coming_today": bool(coming and timezone.localdate(coming.starts_at) == today),
            "open_interview": open_interview,
            "is_interviewed": any(one.finished_at for one in interviews),
            "happened": happened if show_all else happened[:SHORT_TIMELINE],
            "happened_count": len(happened),
            "show_all": show_all or len(happened) <= SHORT_TIMELINE,
            "referral": referral or None,
            "referral_url": address_of("referrals:detail", referral.uuid)
            if referral and view.receive
            else "",
            "role": reading_role(user, view),
            "links": _links(opened, has_line=bool(lines)),
            "household": those_seen_of(user, files) if view.shows(Field.HOUSEHOLD) else [],
            "may_change_household": view.in_scope and user.can(Ability.LOOK_UP),
            "freeze": frozen or None,
            "move_url": _move_url(opened, coming),
            "appointment_url": address_of("desk:appointment", coming.uuid) if coming and view.receive else "",
            "give_url": _give_url(opened),
        },
    )


def _line_due(opened: OpenFile, lines: list[LineShown]) -> tuple[str, str, bool] | None:
    """What comes next when her line is about to stop: (when, where it is topped up, whether at the counter)."""
    today = timezone.localdate(opened.now)
    node = opened.view.working_node()
    sells = node is not None and opened.user.can(Ability.SELL, node)
    for shown in lines:
        if opened.view.receive and shown.state.css == "ask" and shown.held.live_until is not None:
            url = address_of("connection:line_top_up", shown.held.uuid)
            if sells:
                url = f"{reverse('shop:counter')}?person={opened.person.uuid}"
            return soon_words(shown.held.live_until, today), url, sells
    return None


def _move_url(opened: OpenFile, coming: Appointment | None) -> str:
    """Where her appointment is moved, for who may, while it is only booked."""
    if coming is None or not opened.view.receive or coming.state != AppointmentState.BOOKED:
        return ""
    return address_of("desk:appointment_move", coming.uuid)


def _give_url(opened: OpenFile) -> str:
    """Where an appointment is given to her, for who may."""
    url = address_of("desk:appointment_new") if opened.view.receive else ""
    return f"{url}?person={opened.person.uuid}" if url else ""


def _links(opened: OpenFile, *, has_line: bool) -> list[tuple[str, str, str]]:
    """The rest of the file, one click away: (icon, words, address)."""
    her, view = opened.person, opened.view
    links: list[tuple[str, str, str]] = []
    if not view.in_scope:
        return links
    if view.receive and not has_line:
        links.append(("card-sim", _("Noter sa ligne"), address_of("connection:line_activate", her.uuid)))
    if view.receive:
        links.append(("coins", _("Ses achats"), address_of("shop:person_purchases", her.uuid)))
        links.append(("smartphone", _("Ses appareils"), address_of("equipment:person_devices", her.uuid)))
        sessions = address_of("permanences:session_list")
        links.append(("graduation-cap", _("Ses séances"), f"{sessions}?for={her.uuid}" if sessions else ""))
        links.append(("route", _("Orienter ailleurs"), _panorama_url(opened)))
    links.append(("id-card", _("Identité et contacts"), address_of("desk:person_identity", her.uuid)))
    if view.shows(Field.EVIDENCE):
        links.append(
            ("list-checks", _("Les preuves, une par une"), reverse("desk:person_evidence", args=[her.uuid]))
        )
    if view.interview:
        links.append(("message-square", _("L’entretien"), reverse("desk:interview", args=[her.uuid])))
        links.append(("luggage", _("Sa sortie"), address_of("journeys:exit", her.uuid)))
    if view.shows(Field.PAPERS):
        links.append(("paperclip", _("Ses papiers"), address_of("desk:attachments", her.uuid)))
    links.append(("qr-code", _("Sa carte"), address_of("desk:person_card", her.uuid)))
    links.append(("eye", _("Qui a lu ce dossier"), reverse("desk:person_readings", args=[her.uuid])))
    if opened.user.can(Ability.LOOK_UP) or opened.user.can(Ability.KEEP_PRIVACY):
        links.append(("shield-check", _("Ce qui est gardé"), reverse("desk:person_privacy", args=[her.uuid])))
    return [link for link in links if link[2]]


def _panorama_url(opened: OpenFile) -> str:
    """The places around the permanence that follows her, looked at for her."""
    url = address_of("directory:panorama")
    node = opened.view.working_node()
    site = Site.objects.filter(organisation=node).first() if node else None
    near = f"&near={site.latitude},{site.longitude}" if site and site.latitude and site.longitude else ""
    return f"{url}?person={opened.person.uuid}{near}" if url else ""


@require_safe
def person_evidence(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """All facts of the bag, one by one, with corrections beside what they replaced."""
    opened = open_file(request, uuid)
    if not opened.view.shows(Field.EVIDENCE):
        raise PermissionDenied
    record_reading(
        opened.user.actor, "read_evidence", at=opened.now, place=opened.view.place, person=opened.person.uuid
    )
    sections = evidence_history(opened.person, opened.files, asked_items())
    return render(
        request,
        "desk/person_evidence.html",
        {
            "person": opened.person,
            "view": opened.view,
            "sections": sections,
            "is_empty": not any(facts for _title, facts in sections),
        },
    )


@require_safe
def person_readings(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Who read this file: she may ask to see it."""
    opened = open_file(request, uuid)
    if not opened.view.shows(Field.FOLLOWED):
        raise PermissionDenied
    uuids = Person.objects.filter(pk__in=opened.files).values_list("uuid", flat=True)
    return render(
        request,
        "desk/person_readings.html",
        {
            "person": opened.person,
            "brought_in": brought_in(list(uuids)),
            "readings": [(one, words_of(one.verb)) for one in readings_of(list(uuids), limit=100)],
        },
    )


@require_POST
def person_request_add(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write down what she asks for."""
    opened = open_file(request, uuid)
    node = opened.view.working_node()
    if not opened.view.requests or node is None:
        raise PermissionDenied
    form = RequestForm(request.POST)
    if form.is_valid():
        try:
            journey = open_journey(opened.person, node, by=opened.user)
            add_request(
                journey,
                words=form.cleaned_data["words"],
                pocket=form.cleaned_data["pocket"],
                said_on=timezone.localdate(),
                by=opened.user,
            )
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Demande écrite, avec ses mots."))
            return redirect(f"{reverse('desk:person', args=[opened.person.uuid])}#h-req")
    return render(
        request,
        "desk/person_request.html",
        {"person": opened.person, "form": form, "asked": None, "headings": headings(opened.person)},
    )


@require_http_methods(["GET", "HEAD", "POST"])
def person_request(request: HttpRequest, uuid: UUID, request_uuid: UUID) -> HttpResponse:
    """Where one request stands, its words, its pocket."""
    opened = open_file(request, uuid)
    asked = Request.objects.filter(uuid=request_uuid, journey__person_id__in=opened.files).first()
    if asked is None:
        raise Http404
    if not opened.view.requests:
        raise PermissionDenied
    words = headings(opened.person)
    form = RequestForm(
        request.POST or None,
        initial={"words": asked.words, "pocket": asked.pocket, "state": asked.state},
        state_words={"met": words["met"], "dropped": words["dropped"]},
    )
    if request.method == "POST" and form.is_valid():
        try:
            change_request(
                asked,
                state=form.cleaned_data["state"],
                words=form.cleaned_data["words"],
                pocket=form.cleaned_data["pocket"],
                by=opened.user,
            )
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("C’est noté. L’état d’avant reste dans l’histoire."))
            return redirect(f"{reverse('desk:person', args=[opened.person.uuid])}#h-req")
    return render(
        request,
        "desk/person_request.html",
        {"person": opened.person, "form": form, "asked": asked, "headings": words},
    )
