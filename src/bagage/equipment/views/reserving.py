"""Her devices, what is ready for her, what is kept for her."""

from __future__ import annotations

from uuid import UUID, uuid4, uuid5

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts.domain.roles import Ability
from bagage.common.errors import BusinessError, Conflict
from bagage.equipment import services, words
from bagage.equipment.domain import lifecycle
from bagage.equipment.forms.persons import ReserveForm
from bagage.equipment.models import Device, Kind, Reservation
from bagage.equipment.permissions import can_hand_over_to, can_reserve_at
from bagage.equipment.queries import handovers_shown, ready_at, ready_by_kind, reservations_shown
from bagage.equipment.queries.persons import limit_told
from bagage.equipment.views._shared import (
    Opened,
    address_of,
    counter_of,
    device_in_scope,
    opened,
    person_of,
    reservation_of,
    show,
    status_of,
    uuid_in,
    working_site,
)
from bagage.people.models import Person
from bagage.people.permissions import can_look_up
from bagage.people.queries import identity_ids, look_up, place_of
from bagage.trail.services import record_reading

# The cheapest ones; a kind that is chosen shows the others.
SHOWN, MOST = 12, 100


# ---------- hers ----------
@require_safe
def person_devices(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What she has, what is kept for her, what is ready for her here."""
    found = opened(request, person_of(uuid))
    return _devices_page(request, found)


def _devices_page(
    request: HttpRequest,
    found: Opened,
    *,
    form: ReserveForm | None = None,
    error: BusinessError | None = None,
) -> HttpResponse:
    files = identity_ids(found.person)
    record_reading(
        found.user.actor,
        "read_devices",
        at=found.now,
        place=place_of(found.person, found.user, found.now),
        person=found.person.uuid,
    )
    site = working_site(request, Ability.HAND_OVER) if found.may_change else None
    rules = services.rules_now()
    kind = request.GET.get("kind", "")
    kind = kind if kind in Kind.values else ""
    limit = ""
    ready: list[Device] = []
    counts: dict[str, int] = {}
    if site is not None:
        limit = limit_told(found.person, files, site, limit=rules.devices_per_person, held_on=found.today)
        if not limit:
            counts = ready_by_kind(site)
            ready = list(ready_at(site, kind)[: SHOWN if not kind else MOST])
    until = lifecycle.last_day_held(found.today, rules.reservation_days)
    return render(
        request,
        "equipment/person_devices.html",
        {
            "person": found.person,
            "file_url": address_of("desk:person", found.person.uuid),
            "reservations": reservations_shown(files, today=found.today),
            "handovers": handovers_shown(files, today=found.today),
            "counter_url": counter_of(found.person),
            "may_change": found.may_change,
            "site_here": site,
            "ready": [(one, words.KIND_ICONS[Kind(one.kind)], words.measures(one)) for one in ready],
            "total": counts.get(kind, 0) if kind else sum(counts.values()),
            "kinds": [
                ("", _("Tous"), sum(counts.values())),
                *((one.value, one.label, counts[one.value]) for one in Kind if counts.get(one.value)),
            ],
            "kind": kind,
            "limit": limit,
            "form": form or ReserveForm(until=until),
            "refused": str(error) if error is not None else "",
        },
        status=status_of(form, error) if form is not None else 200,
    )


@require_POST
def person_reserve(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One of those that are ready here is kept for her."""
    found = opened(request, person_of(uuid), to_change=True)
    _user, device = device_in_scope(request, uuid_in(request.POST.get("device", "")))
    if not can_reserve_at(found.user, device.site):
        raise PermissionDenied
    rules = services.rules_now()
    form = ReserveForm(request.POST, until=lifecycle.last_day_held(found.today, rules.reservation_days))
    refused: BusinessError | None = None
    if form.is_valid():
        data = form.cleaned_data
        try:
            kept = services.reserve_device(
                device,
                found.person,
                site=device.site,
                until=data["until"],
                key=_key_of(data["key"], device.uuid),
                by=found.user,
            )
        except BusinessError as error:
            refused = error
            show(form, error)
        else:
            _say_reserved(request, kept)
            return redirect("equipment:person_devices", found.person.uuid)
    # What was sent is not sent again as it is: a fresh key for the next choice.
    form.data = form.data.copy()
    form.data["key"] = uuid4().hex
    return _devices_page(request, found, form=form, error=refused)


def _key_of(key: str, pressed: UUID) -> str:
    """The key of one button among those of a form: pressed twice it counts once, and never for another button."""
    return uuid5(pressed, key).hex


def _say_reserved(request: HttpRequest, kept: Reservation) -> None:
    until = words.common.day(kept.until)
    if kept.is_to_pay:
        text = _("%(number)s est gardé pour elle jusqu’au %(day)s. Reste à encaisser : %(price)s.") % {
            "number": kept.device.number,
            "day": until,
            "price": words.euros(kept.price),
        }
    else:
        text = _("%(number)s est gardé pour elle jusqu’au %(day)s.") % {
            "number": kept.device.number,
            "day": until,
        }
    messages.success(request, text)


@require_http_methods(["GET", "HEAD", "POST"])
def device_reserve(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """From a device: for whom it is kept. She is looked for among those whose file one may read."""
    user, device = device_in_scope(request, uuid)
    if not can_reserve_at(user, device.site) or not can_look_up(user):
        raise PermissionDenied
    now = timezone.now()
    rules = services.rules_now()
    until = lifecycle.last_day_held(timezone.localdate(now), rules.reservation_days)
    asked = request.POST.get("q", "").replace("\x00", "").strip()[:100]
    chosen = request.POST.get("person", "")
    form = ReserveForm(request.POST if chosen else None, until=until)
    refused: BusinessError | None = None
    if chosen and form.is_valid():
        found = opened(request, person_of(uuid_in(chosen)), to_change=True)
        data = form.cleaned_data
        try:
            kept = services.reserve_device(
                device,
                found.person,
                site=device.site,
                until=data["until"],
                key=_key_of(data["key"], found.person.uuid),
                by=user,
            )
        except BusinessError as error:
            refused = error
            show(form, error)
        else:
            _say_reserved(request, kept)
            return redirect("equipment:person_devices", found.person.uuid)
    hits: list[Person] = []
    if asked:
        hits = [
            hit.person
            for hit in look_up(asked, user=user, now=now, is_typing=True).hits
            if can_hand_over_to(user, hit.person, now)
        ]
    free = []
    if isinstance(refused, Conflict):
        free = list(ready_at(device.site, device.kind)[:3])
    return render(
        request,
        "equipment/device_reserve.html",
        {
            "device": device,
            "form": form,
            "asked": asked,
            "hits": hits,
            "free": free,
            "is_free": device.state == lifecycle.READY and not device.kept,  # type: ignore[attr-defined]
        },
        status=status_of(form, refused),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def reservation_release(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """It is no longer kept for her."""
    kept, found = reservation_of(request, uuid)
    error: BusinessError | None = None
    if request.method == "POST":
        try:
            services.release_reservation(kept, reason=request.POST.get("reason", ""), by=found.user)
        except BusinessError as refusal:
            error = refusal
        else:
            messages.success(request, _("%(number)s est libre de nouveau.") % {"number": kept.device.number})
            return redirect("equipment:person_devices", found.person.uuid)
    return render(
        request,
        "equipment/reservation_release.html",
        {
            "kept": kept,
            "person": found.person,
            "refused": str(error) if error is not None else "",
            "counter_url": counter_of(found.person) if kept.paid_at is not None else "",
        },
        status=error.status if error is not None else 200,
    )
