"""The lines of one person: one line with its history, and what can be noted of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts.models import User
from bagage.common.errors import BusinessError
from bagage.common.words import phone as shown_phone
from bagage.connection.forms.lines import (
    ActForm,
    ActivateForm,
    EndForm,
    LeaveForm,
    NumberForm,
    PortForm,
    TopUpForm,
)
from bagage.connection.models import HeldLine, LineEvent
from bagage.connection.permissions import can_advise, can_change_lines, can_read_lines
from bagage.connection.queries.lines import (
    history_of,
    last_purchase,
    line_shown,
    newest_advice,
    ranges_on_sale,
    top_ups_of,
)
from bagage.connection.services import lines as services
from bagage.people.models import Person, is_visible_to
from bagage.people.queries import identity_ids, place_of, whole_person
from bagage.trail.services import record_reading


@dataclass(frozen=True, slots=True)
class Opened:
    """A line, or a person without one yet, that was opened in scope."""

    user: User
    person: Person
    now: datetime

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)


def _opened(request: HttpRequest, person: Person | None) -> Opened:
    """The reader and the person, if she may see her at all (404 if not) and reads her file there (403 if not)."""
    user = request.user
    assert isinstance(user, User)
    now = timezone.now()
    if person is None:
        raise Http404
    her = whole_person(person)
    if her.erased_at or not is_visible_to(user, her.pk, now):
        raise Http404
    if not can_read_lines(user, her, now):
        raise PermissionDenied
    return Opened(user, her, now)


def _held(request: HttpRequest, uuid: UUID) -> tuple[HeldLine, Opened]:
    held = (
        HeldLine.objects.select_related("person__merged_into", "line")
        .prefetch_related("events__offer")
        .filter(uuid=uuid)
        .first()
    )
    if held is None:
        raise Http404
    return held, _opened(request, held.person)


def _may_change(opened: Opened) -> None:
    if not can_change_lines(opened.user, opened.person, opened.now):
        raise PermissionDenied


def _say_date(held: HeldLine) -> str:
    """What was written, with the new last day."""
    shown = line_shown(held, None, today=timezone.localdate(), warn_days=services.reminder_days())
    return _("C’est noté. %(line)s : %(state)s.") % {
        "line": held.title,
        "state": f"{shown.state.text[:1].lower()}{shown.state.text[1:]}",
    }


@require_safe
def line(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One line: where it stands, what to buy next, and all that was written of it."""
    held, opened = _held(request, uuid)
    record_reading(
        opened.user.actor,
        "read_line",
        at=opened.now,
        place=place_of(opened.person, opened.user, opened.now),
        person=opened.person.uuid,
        thing=f"held_line:{held.uuid}",
    )
    advice = (
        newest_advice(identity_ids(opened.person))
        if can_advise(opened.user, opened.person, opened.now)
        else None
    )
    changes = can_change_lines(opened.user, opened.person, opened.now)
    return render(
        request,
        "connection/line.html",
        {
            "person": opened.person,
            "held": held,
            "shown": line_shown(held, advice, today=opened.today, warn_days=services.reminder_days()),
            "history": history_of(held),
            "changes": changes,
            "key": uuid4().hex,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def line_activate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A line of hers, new or not written down yet."""
    opened = _opened(
        request, Person.objects.filter(uuid=uuid, erased_at=None).select_related("merged_into").first()
    )
    _may_change(opened)
    form = ActivateForm(request.POST or None, today=opened.today, ranges=ranges_on_sale(opened.today))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            held = services.activate_line(
                opened.person,
                line=form.line,
                words=data["words"],
                number=data["number"],
                offer=form.offer,
                price=data["price"],
                live_until=data["live_until"],
                has_no_end=data["has_no_end"],
                on=data["on"],
                note=data["note"],
                was_told=data["was_told"],
                key=data["key"],
                by=opened.user,
            )
        except BusinessError as error:
            _show(form, error)
        else:
            messages.success(request, _say_date(held))
            return redirect(f"{reverse('desk:person', args=[opened.person.uuid])}#h-line")
    return render(
        request,
        "connection/line_activate.html",
        {"person": opened.person, "form": form},
        status=_status(form),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def line_top_up(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """She topped it up."""
    held, opened = _held(request, uuid)
    _may_change(opened)
    last = last_purchase(held)
    form = TopUpForm(
        request.POST or None,
        today=opened.today,
        offers=top_ups_of(held, opened.today),
        before=last.offer.code if last and last.offer else "",
    )

    def save(data: dict[str, Any]) -> HeldLine:
        return services.record_top_up(
            held,
            offer=form.bought,
            what=data["what"],
            price=data["price"],
            live_until=data["live_until"],
            on=data["on"],
            note=data["note"],
            was_told=data["was_told"],
            key=data["key"],
            by=opened.user,
        )

    return _act(request, "connection/line_top_up.html", held, opened, form, save)


@require_http_methods(["GET", "HEAD", "POST"])
def line_number(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Its number, known at last or read again."""
    held, opened = _held(request, uuid)
    _may_change(opened)
    form = NumberForm(request.POST or None, initial={"number": shown_phone(held.number)})
    if request.method == "POST" and form.is_valid():
        try:
            held = services.set_number(held, form.cleaned_data["number"], by=opened.user)
        except BusinessError as error:
            _show(form, error)
        else:
            messages.success(request, _("C’est noté."))
            return redirect("connection:line", held.uuid)
    return render(
        request,
        "connection/line_number.html",
        {"person": opened.person, "held": held, "form": form},
        status=_status(form),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def line_left_for_plan(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """She left it for a plan of her own: the exit that we hope for."""
    held, opened = _held(request, uuid)
    _may_change(opened)
    form = LeaveForm(request.POST or None, today=opened.today)

    def save(data: dict[str, Any]) -> HeldLine:
        return services.note_left_for_plan(
            held,
            to=data["to"],
            kept_number=data["kept_number"],
            price=data["price"],
            on=data["on"],
            note=data["note"],
            key=data["key"],
            by=opened.user,
        )

    return _act(request, "connection/line_left_for_plan.html", held, opened, form, save)


@require_http_methods(["GET", "HEAD", "POST"])
def line_ported(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Her number moved to another line."""
    held, opened = _held(request, uuid)
    _may_change(opened)
    form = PortForm(request.POST or None, today=opened.today)

    def save(data: dict[str, Any]) -> HeldLine:
        return services.note_ported(
            held, to=data["to"], on=data["on"], note=data["note"], key=data["key"], by=opened.user
        )

    return _act(request, "connection/line_ported.html", held, opened, form, save)


@require_http_methods(["GET", "HEAD", "POST"])
def line_lost(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The number is lost."""
    held, opened = _held(request, uuid)
    _may_change(opened)
    form = EndForm(request.POST or None, today=opened.today)

    def save(data: dict[str, Any]) -> HeldLine:
        return services.note_lost(held, on=data["on"], note=data["note"], key=data["key"], by=opened.user)

    return _act(request, "connection/line_lost.html", held, opened, form, save)


@require_http_methods(["GET", "HEAD", "POST"])
def line_close(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """She gave the SIM back."""
    held, opened = _held(request, uuid)
    _may_change(opened)
    form = EndForm(request.POST or None, today=opened.today)

    def save(data: dict[str, Any]) -> HeldLine:
        return services.close_line(held, on=data["on"], note=data["note"], key=data["key"], by=opened.user)

    return _act(request, "connection/line_close.html", held, opened, form, save)


@require_POST
def line_undo(request: HttpRequest, uuid: UUID, event: UUID) -> HttpResponse:
    """What was written last does not hold."""
    held, opened = _held(request, uuid)
    _may_change(opened)
    found = LineEvent.objects.select_related("line").filter(uuid=event, line=held).first()
    if found is None:
        raise Http404
    held = services.correct_event(found, key=request.POST.get("key") or uuid4().hex, by=opened.user)
    if held.state == "void":
        messages.success(request, _("Défait : cette ligne ne compte plus. Son histoire reste au journal."))
        return redirect("desk:person", opened.person.uuid)
    messages.success(request, _("Défait. Ce qui était noté reste dans l’histoire."))
    return redirect("connection:line", held.uuid)


# ---------- what these views share ----------
def _act(
    request: HttpRequest,
    template: str,
    held: HeldLine,
    opened: Opened,
    form: ActForm,
    save: Callable[[dict[str, Any]], HeldLine],
) -> HttpResponse:
    """One act on one line: the form, the service, the line as it now is."""
    if request.method == "POST" and form.is_valid():
        try:
            held = save(form.cleaned_data)
        except BusinessError as error:
            _show(form, error)
        else:
            messages.success(request, _say_date(held))
            return redirect("connection:line", held.uuid)
    return render(
        request,
        template,
        {
            "person": opened.person,
            "held": held,
            "shown": line_shown(held, None, today=opened.today, warn_days=services.reminder_days()),
            "form": form,
        },
        status=_status(form),
    )


def _show(form: forms.Form, error: BusinessError) -> None:
    """A refused rule beside the field at fault; nothing that was typed is lost."""
    field = {"line": "choice"}.get(error.field, error.field)
    form.add_error(field if field in form.fields else None, str(error))


def _status(form: forms.Form) -> int:
    return 422 if form.is_bound and form.errors else 200
