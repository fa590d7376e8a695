"""A device by itself: its page, what comes in, its sheet, its state, its label; the rules."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from bagage.accounts.domain.roles import Ability
from bagage.common.errors import BusinessError
from bagage.common.qr import qr_svg
from bagage.equipment import papers, services, words
from bagage.equipment.domain import lifecycle
from bagage.equipment.forms.stock import AddForm, ChangeForm, RulesForm, SeveralForm, StateForm
from bagage.equipment.models import Device, Kind
from bagage.equipment.permissions import (
    can_change_rules,
    can_hand_over_to,
    can_keep_devices,
    can_read_devices_of,
    can_reserve_at,
    can_see_devices,
)
from bagage.equipment.queries import devices_seen, history_of, sites_of
from bagage.equipment.queries.board import holder_of, names_for
from bagage.equipment.queries.persons import handover_shown
from bagage.equipment.views._shared import device_in_scope, pdf, show, signed_in, status_of
from bagage.equipment.views.board import site_where_one_keeps
from bagage.permanences.queries import current_site

SEVERAL_LABELS = 24


@require_safe
def device(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Where it stands, why it has its grade, its label, its history."""
    user, found = device_in_scope(request, uuid)
    now = timezone.now()
    today = timezone.localdate(now)
    person = holder_of(found)
    holder = names_for(user, [person], now).get(person.pk) if person is not None else None
    kept = next(iter(found.kept), None)  # type: ignore[attr-defined]
    given = next(iter(found.given), None)  # type: ignore[attr-defined]
    if given is not None:
        given.device = found
    may_read_her = person is not None and can_read_devices_of(user, person, now)
    return render(
        request,
        "equipment/device.html",
        {
            "device": found,
            "icon_name": words.KIND_ICONS[Kind(found.kind)],
            "state_icon": words.STATE_ICONS[found.state],  # type: ignore[index]
            "about": words.measures(found),
            "facts": _facts(found),
            "holder": holder,
            "person": person if may_read_her else None,
            "kept": kept,
            "kept_words": words.reservation_words(kept, today) if kept is not None else None,
            "given": handover_shown(given, today=today) if given is not None else None,
            "grade_lines": words.grade_lines(found),
            "missing": words.missing_words(found),
            "span": words.grade_span(found) if found.grade else "",
            "points": words.points_words(found.grade_points) if found.grade_points is not None else "",
            "better": words.better_words(found),
            "qr": qr_svg(
                papers.device_url(found),
                _("Code à scanner pour ouvrir la fiche %(number)s") % {"number": found.number},
            ),
            "label": papers.label_words(found),
            "history": history_of(found, user, now),
            "keeps": can_keep_devices(user, found.site),
            "may_reserve": can_reserve_at(user, found.site)
            and kept is None
            and found.state == lifecycle.READY,
            "may_hand_over": person is not None and can_hand_over_to(user, person, now),
            "can_move": bool(lifecycle.WAYS[found.state]) and kept is None,
        },
    )


def _facts(found: Device) -> list[tuple[str, str]]:
    """The sheet: what is known, what is to be measured is said so."""
    unknown = _("à mesurer")
    facts = [
        (_("Mémoire"), words.memory(found.memory) or unknown),
        (_("Stockage"), words.storage(found.storage, found.storage_kind) or unknown),
        (
            _("Indice du processeur"),
            words.grouped(found.cpu_mark) if found.cpu_mark is not None else unknown,
        ),
        (_("Système"), words.system(found.system) or unknown),
    ]
    if found.kind != Kind.DESKTOP:
        facts.append((_("Batterie"), f"{found.battery}\u00a0%" if found.battery is not None else unknown))
    facts += [
        (
            _("Il marche"),
            ", ".join(part for part in (found.get_technical_display(), found.technical_note) if part)
            or unknown,
        ),
        (
            _("Aspect"),
            ", ".join(part for part in (found.get_look_display(), found.look_note) if part) or unknown,
        ),
        (_("Numéro de série"), found.serial or _("on ne sait pas")),
    ]
    if found.kind in {Kind.SMARTPHONE, Kind.TABLET}:
        facts.append((_("Numéro IMEI"), words.imei(found.imei) or _("on ne sait pas")))
    facts += [
        (_("Prix"), words.price(found.price)),
        (_("Reçu le"), words.common.day_short(found.received_on, year=True)),
        (_("Vient de"), ", ".join(part for part in (found.lot, found.donor) if part) or _("on ne sait pas")),
        (_("Permanence"), str(found.site)),
    ]
    return facts


@require_http_methods(["GET", "HEAD", "POST"])
def device_add(request: HttpRequest) -> HttpResponse:
    """One device comes in."""
    user = signed_in(request)
    if not can_keep_devices(user):
        raise PermissionDenied
    sites = sites_of(user, Ability.KEEP_STOCK)
    form = AddForm(
        request.POST or None,
        sites=sites,
        site=site_where_one_keeps(request, sites),
        today=timezone.localdate(),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            found = services.receive_device(
                kind=data["kind"],
                state=data["state"],
                received_on=data["received_on"],
                key=data["key"],
                by=user,
                **form.details(),
            )
        except BusinessError as error:
            show(form, error)
        else:
            messages.success(
                request, _("%(number)s est entré. Collez son étiquette.") % {"number": found.number}
            )
            return redirect("equipment:device", found.uuid)
    return render(
        request, "equipment/device_add.html", {"form": form, "sites": sites}, status=status_of(form)
    )


@require_http_methods(["GET", "HEAD", "POST"])
def devices_add(request: HttpRequest) -> HttpResponse:
    """Several of one model come in at once."""
    user = signed_in(request)
    if not can_keep_devices(user):
        raise PermissionDenied
    sites = sites_of(user, Ability.KEEP_STOCK)
    form = SeveralForm(
        request.POST or None,
        sites=sites,
        site=site_where_one_keeps(request, sites),
        today=timezone.localdate(),
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            found = services.receive_devices(
                data["serials"],
                kind=data["kind"],
                state=data["state"],
                received_on=data["received_on"],
                key=data["key"],
                by=user,
                **form.details(),
            )
        except BusinessError as error:
            show(form, error)
        else:
            messages.success(
                request,
                ngettext(
                    "%(count)s appareil est entré : %(first)s.",
                    "%(count)s appareils sont entrés, de %(first)s à %(last)s.",
                    len(found),
                )
                % {"count": len(found), "first": found[0].number, "last": found[-1].number},
            )
            return redirect("equipment:device_list")
    return render(
        request, "equipment/devices_add.html", {"form": form, "sites": sites}, status=status_of(form)
    )


@require_http_methods(["GET", "HEAD", "POST"])
def device_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Its sheet, and its grade with it."""
    user, found = device_in_scope(request, uuid)
    if not can_keep_devices(user, found.site):
        raise PermissionDenied
    sites = sites_of(user, Ability.KEEP_STOCK)
    form = ChangeForm(request.POST or None, sites=sites, device=found)
    if request.method == "POST" and form.is_valid():
        try:
            changed = services.change_device(found, form.details(), by=user)
        except BusinessError as error:
            show(form, error)
        else:
            messages.success(request, _graded_words(changed))
            return redirect("equipment:device", changed.uuid)
    return render(
        request, "equipment/device_change.html", {"form": form, "device": found}, status=status_of(form)
    )


def _graded_words(changed: Device) -> str:
    if changed.grade:
        return _("C’est noté. Grade %(grade)s, %(points)s.") % {
            "grade": changed.grade,
            "points": words.points_words(changed.grade_points or 0),
        }
    return _("C’est noté. Pour le grade, il reste à mesurer : %(missing)s.") % {
        "missing": words.missing_words(changed)
    }


@require_http_methods(["GET", "HEAD", "POST"])
def device_state(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """It passes to another state, and why."""
    user, found = device_in_scope(request, uuid)
    if not can_keep_devices(user, found.site):
        raise PermissionDenied
    form = StateForm(request.POST or None, device=found)
    refused: BusinessError | None = None
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            services.change_device_state(
                found, data["state"], reason=data["reason"], key=data["key"], by=user
            )
        except BusinessError as error:
            refused = error
            show(form, error)
        else:
            messages.success(request, _("C’est noté."))
            return redirect("equipment:device", found.uuid)
    return render(
        request,
        "equipment/device_state.html",
        {"form": form, "device": found},
        status=status_of(form, refused),
    )


@require_safe
def device_label(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Its label, 62 by 29 mm."""
    _user, found = device_in_scope(request, uuid)
    return pdf(papers.labels_paper([found]), f"etiquette-{found.number}")


@require_safe
def device_labels(request: HttpRequest) -> HttpResponse:
    """The labels of what came in last at the permanence where one works, on one roll."""
    user = signed_in(request)
    if not can_keep_devices(user):
        raise PermissionDenied
    found = devices_seen(user)
    here = current_site(request)
    if here is not None and can_keep_devices(user, here):
        found = found.filter(site=here)
    rows = list(found.order_by("-received_on", "-pk")[:SEVERAL_LABELS])
    if not rows:
        messages.info(request, _("Aucun appareil ici : il n’y a pas d’étiquette à imprimer."))
        return redirect("equipment:device_list")
    return pdf(papers.labels_paper(rows), "etiquettes")


@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """How many devices, for how long; the values given at first are examples."""
    user = signed_in(request)
    if not can_change_rules(user):
        raise PermissionDenied
    now = services.rules_now()
    form = RulesForm(request.POST or None, rules=now)
    if request.method == "POST" and form.is_valid():
        services.change_rules(form.cleaned_data, by=user)
        messages.success(request, _("C’est noté. Ce qui a été remis avant ne change pas."))
        return redirect("equipment:rules")
    context = {"form": form, "rules": now, "sees_board": can_see_devices(user)}
    return render(request, "equipment/rules.html", context, status=status_of(form))
