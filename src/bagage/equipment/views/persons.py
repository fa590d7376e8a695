"""A device and a person: what is hers, what is kept for her, the handover, its papers, the way back."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts.domain.roles import Ability
from bagage.common.errors import BusinessError, Conflict
from bagage.equipment import papers, services, words
from bagage.equipment.domain import lifecycle, terms
from bagage.equipment.domain.signature import clean_signature
from bagage.equipment.forms.persons import HandOverForm, ReserveForm, ReturnForm
from bagage.equipment.models import Device, Handover, Kind, Reservation
from bagage.equipment.permissions import can_hand_over_to, can_reserve_at
from bagage.equipment.queries import handovers_shown, ready_at, reservations_shown
from bagage.equipment.queries.persons import handover_shown, limit_told
from bagage.equipment.views._shared import (
    Opened,
    address_of,
    counter_of,
    device_in_scope,
    opened,
    pdf,
    person_of,
    show,
    status_of,
    working_site,
)
from bagage.people.domain.languages import printed_language
from bagage.people.models import Person
from bagage.people.permissions import can_look_up
from bagage.people.queries import identity_ids, look_up, place_of
from bagage.trail.services import record_reading

SHOWN = 60


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
    if site is not None:
        limit = limit_told(found.person, files, site, limit=rules.devices_per_person, held_on=found.today)
        ready = list(ready_at(site, kind)[: SHOWN + 1])
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
            "ready": [(one, words.KIND_ICONS[Kind(one.kind)], words.measures(one)) for one in ready[:SHOWN]],
            "more": len(ready) > SHOWN,
            "kinds": [("", _("Tous")), *Kind.choices],
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
    _user, device = device_in_scope(request, _uuid(request.POST.get("device", "")))
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
                key=data["key"],
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
        found = opened(request, person_of(_uuid(chosen)), to_change=True)
        data = form.cleaned_data
        try:
            kept = services.reserve_device(
                device, found.person, site=device.site, until=data["until"], key=data["key"], by=user
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
    kept, found = _reservation(request, uuid)
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


# ---------- the handover ----------
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The left half is hers: she reads, she listens, she chooses how to say yes."""
    kept, found = _reservation(request, uuid)
    if request.method != "POST" and not kept.is_held:
        if kept.state == lifecycle.USED:
            given = kept.handovers.exclude(state=lifecycle.UNDONE).first()
            if given is not None:
                return redirect("equipment:handover", given.uuid)
        messages.info(request, words.not_held(kept))
        return redirect("equipment:person_devices", found.person.uuid)
    language = _language(request, found.person)
    form = HandOverForm(
        request.POST or None, device=kept.device, language=language, reader=found.user.first_name
    )
    refused: BusinessError | None = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            given = services.hand_over_device(
                kept,
                consent=data["consent"],
                signature=data["signature"],
                witnesses=[data["reader"], data["witness"]],
                language=data["language"],
                checks=data["checks"],
                key=data["key"],
                by=found.user,
            )
        except BusinessError as error:
            refused = error
            show(form, error)
        else:
            messages.success(
                request,
                _("%(device)s est à %(name)s. Imprimez ses papiers : elle les emporte.")
                % {"device": kept.device.name, "name": found.person.chosen_name},
            )
            return redirect("equipment:handover", given.uuid)
    rules = services.rules_now()
    device = kept.device
    return render(
        request,
        "equipment/hand_over.html",
        {
            "kept": kept,
            "device": device,
            "person": found.person,
            "form": form,
            "a_device": words.the_kind(device.kind),
            "icon_name": words.KIND_ICONS[Kind(device.kind)],
            "about": words.measures(device),
            "imei": words.imei(device.imei),
            "price": words.price(kept.price),
            "to_pay": words.to_pay(kept) if kept.is_to_pay else "",
            "counter_url": counter_of(found.person),
            "terms": papers.terms_before(
                kept, months=rules.warranty_months, language=language, today=found.today
            ),
            "title": terms.TITLES[language],
            "plain": terms.PLAIN[language],
            "listen": terms.LISTEN[language],
            "languages": [(code, name, code == language) for code, name in terms.LANGUAGES.items()],
            "language": language,
            "drawn": clean_signature(request.POST.get("signature", "")),
        },
        status=status_of(form, refused),
    )


def _language(request: HttpRequest, person: Person) -> str:
    """That which was chosen on the page, else the one that she is said to speak, else French."""
    asked = request.POST.get("language") or request.GET.get("language", "")
    if asked in terms.LANGUAGES:
        return asked
    spoken = printed_language(person.languages)
    return spoken if spoken in terms.LANGUAGES else terms.FRENCH


@require_safe
def hand_over_terms(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The page A5 to sign."""
    kept, found = _reservation(request, uuid)
    if not kept.is_held:
        messages.info(request, words.not_held(kept))
        return redirect("equipment:person_devices", found.person.uuid)
    paper = papers.terms_paper(
        kept,
        months=services.rules_now().warranty_months,
        language=_language(request, found.person),
        today=found.today,
    )
    return pdf(paper, f"conditions-{kept.device.number}")


@require_safe
def handover(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One handover: what she got, what she accepted and how, until when it can be undone."""
    given, found = _handover(request, uuid)
    ends = services.undo_ends(given)
    return render(
        request,
        "equipment/handover.html",
        {
            "given": given,
            "device": given.device,
            "person": found.person,
            "shown": handover_shown(given, today=found.today),
            "icon_name": words.KIND_ICONS[Kind(given.device.kind)],
            "price": words.price(given.price),
            "imei": words.imei(given.device.imei),
            "checks": words.check_words(given.checks),
            "terms": papers.terms_accepted(given),
            "title": terms.TITLES[given.language],
            "language_name": terms.LANGUAGES[given.language],
            "may_change": found.may_change,
            "undo_ends": ends
            if found.may_change
            and given.is_open
            and given.device.state == lifecycle.HANDED_OVER
            and found.now <= ends
            else None,
            "key": uuid4().hex,
        },
    )


@require_safe
def handover_paper(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What she takes home."""
    given, _found = _handover(request, uuid)
    return pdf(papers.handover_paper(given), f"remise-{given.device.number}")


@require_POST
def handover_undo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """It was noted by mistake."""
    given, found = _handover(request, uuid, to_change=True)
    services.undo_handover(
        given,
        reason=request.POST.get("reason", ""),
        key=request.POST.get("key") or uuid4().hex,
        by=found.user,
    )
    messages.success(
        request,
        _("Défait : %(number)s est de nouveau gardé pour elle. Ce qui a été noté reste dans l’histoire.")
        % {"number": given.device.number},
    )
    return redirect("equipment:person_devices", found.person.uuid)


# ---------- it comes back ----------
@require_http_methods(["GET", "HEAD", "POST"])
def handover_return(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """It comes back, is to be repaired, or is lost."""
    given, found = _handover(request, uuid, to_change=True)
    if request.method != "POST" and not given.is_open:
        messages.info(request, _("Son retour est déjà noté."))
        return redirect("equipment:handover", given.uuid)
    form = ReturnForm(request.POST or None, handover=given)
    refused: BusinessError | None = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        site = working_site(request, Ability.HAND_OVER)
        try:
            services.take_back_device(
                given, reason=data["reason"], note=data["note"], site=site, key=data["key"], by=found.user
            )
        except BusinessError as error:
            refused = error
            show(form, error)
        else:
            messages.success(request, _("C’est noté."))
            return redirect("equipment:person_devices", found.person.uuid)
    return render(
        request,
        "equipment/handover_return.html",
        {
            "given": given,
            "device": given.device,
            "person": found.person,
            "form": form,
            "is_warranted": given.is_warranted(found.today),
            "shown": handover_shown(given, today=found.today),
            "site_here": working_site(request, Ability.HAND_OVER),
        },
        status=status_of(form, refused),
    )


@require_POST
def handover_repaired(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """It is mended and hers again."""
    given, found = _handover(request, uuid, to_change=True)
    services.give_back_repaired(
        given,
        note=request.POST.get("note", ""),
        key=request.POST.get("key") or uuid4().hex,
        by=found.user,
    )
    messages.success(
        request, _("%(number)s est réparé, de nouveau chez elle.") % {"number": given.device.number}
    )
    return redirect("equipment:handover", given.uuid)


# ---------- inside ----------
def _reservation(request: HttpRequest, uuid: UUID) -> tuple[Reservation, Opened]:
    kept = (
        Reservation.objects.select_related(
            "device__site__organisation", "site__organisation", "person__merged_into"
        )
        .filter(uuid=uuid)
        .first()
    )
    found = opened(request, kept.person if kept is not None else None, to_change=True)
    assert kept is not None
    kept.person = found.person
    return kept, found


def _handover(request: HttpRequest, uuid: UUID, *, to_change: bool = False) -> tuple[Handover, Opened]:
    given = (
        Handover.objects.select_related(
            "device__site__organisation", "site__organisation", "person__merged_into", "reservation"
        )
        .filter(uuid=uuid)
        .first()
    )
    found = opened(request, given.person if given is not None else None, to_change=to_change)
    assert given is not None
    given.person = found.person
    return given, found


def _uuid(text: str) -> UUID:
    """What a form names; 404 when it names nothing."""
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
