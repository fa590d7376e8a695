"""Permanences: where they are, when they open, who receives there and when."""

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.common import hour_words
from bagage.common import words as common_words
from bagage.common.errors import BusinessError
from bagage.permanences import words
from bagage.permanences.forms.sites import BlockForm, ClosureForm, SiteForm, sessions_words, waiting_words
from bagage.permanences.models import HOLDING, Closure, OpeningBlock, Site
from bagage.permanences.permissions import can_open_block_for, can_receive, can_run_site, can_welcome
from bagage.permanences.queries import (
    LONGEST,
    advisers_at,
    appointments_to_move,
    closed_days,
    next_free_slots,
    openness_of,
)
from bagage.permanences.queries.sessions import sessions_on_closed_days
from bagage.permanences.services import (
    add_closure,
    change_site,
    open_weekly_blocks,
    remove_closure,
    set_rooms,
    withdraw_block,
)

OFFERS = (
    ("offers_device", "smartphone"),
    ("offers_connection", "wifi"),
    ("offers_skills", "pointer"),
)
WEEKS_SHOWN = 2


@require_safe
def site_list(request: HttpRequest) -> HttpResponse:
    """All permanences of the network: open now or not, hours in words, what they can help with, next free slot.

    For everyone who signs in, referrers too: it names places and hours, never a person.
    """
    user = _user(request)
    now = timezone.now()
    sites = list(
        Site.objects.filter(organisation__is_open=True)
        .select_related("organisation")
        .order_by("organisation__name", "pk")
    )
    today = timezone.localdate(now)
    closed = closed_days(sites, today, today + timedelta(days=31))
    slots = next_free_slots(sites, now)
    lines = [
        {
            "site": site,
            "openness": _openness_words(site, now, closed.get(site.pk, {})),
            "is_open": _is_open(site, now, closed.get(site.pk, {})),
            "offers": _offers(site),
            "slot": slots[site.pk],
            "may_open": user.can(Ability.WELCOME, site.organisation) or can_run_site(user, site),
        }
        for site in sites
    ]
    return render(
        request,
        "permanences/site_list.html",
        {"lines": lines, "open_count": sum(bool(line["is_open"]) for line in lines)},
    )


@require_safe
def site(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One permanence whole: hours in words, rooms, closures to come, who receives."""
    user = _user(request)
    found = _site(uuid)
    now = timezone.now()
    today = timezone.localdate(now)
    slot = next_free_slots([found], now)[found.pk]
    return render(
        request,
        "permanences/site.html",
        {
            "found": found,
            "openness": _openness_words(found, now, None),
            "offers": _offers(found),
            "rooms": list(found.rooms.order_by("name")),
            "closures": list(found.closures.filter(last_day__gte=today).order_by("first_day")),
            "slot": slot,
            "may_run": can_run_site(user, found),
            "may_see_blocks": _may_see_blocks(user, found),
            "may_see_sessions": can_welcome(user, found),
            "closure_form": ClosureForm(),
            "today": today,
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def site_edit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Hours, place, offers, rooms and computers."""
    user = _user(request)
    found = _run_site(user, uuid)
    form = SiteForm(request.POST if request.method == "POST" else None, site=found)
    if request.method == "POST" and form.is_valid():
        try:
            change_site(found, by=user, **form.site_fields())
            set_rooms(found, form.cleaned_data["rooms"], by=user)
        except BusinessError as error:
            form.add_error(None, str(error))
        else:
            messages.success(
                request,
                gettext("Enregistré. Le public lira : %(hours)s")
                % {"hours": hour_words.hours_in_words(form.hours()) or gettext("horaires non communiqués.")},
            )
            return redirect("permanences:site", uuid=found.uuid)
    says = (
        hour_words.hours_in_words(form.hours()) if form.is_bound and form.is_valid() else found.hours_in_words
    )
    return render(
        request,
        "permanences/site_edit.html",
        {"found": found, "form": form, "says": says},
        status=_status(form),
    )


@require_POST
def closure_add(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Close for some days; says how many appointments are then to be moved."""
    user = _user(request)
    found = _run_site(user, uuid)
    form = ClosureForm(request.POST)
    if form.is_valid():
        try:
            _closure, waiting = add_closure(found, by=user, **form.cleaned_data)
        except BusinessError as error:
            form.add_error(None, str(error))
        else:
            said = " ".join(
                [
                    gettext("Fermeture notée."),
                    waiting_words(waiting),
                    sessions_words(len(sessions_on_closed_days(found, timezone.now()))),
                ]
            )
            messages.success(request, said.strip())
            return redirect("permanences:site", uuid=found.uuid)
    now = timezone.now()
    today = timezone.localdate(now)
    return render(
        request,
        "permanences/site.html",
        {
            "found": found,
            "openness": _openness_words(found, now, None),
            "offers": _offers(found),
            "rooms": list(found.rooms.order_by("name")),
            "closures": list(found.closures.filter(last_day__gte=today).order_by("first_day")),
            "slot": next_free_slots([found], now)[found.pk],
            "may_run": True,
            "may_see_blocks": True,
            "may_see_sessions": can_welcome(user, found),
            "closure_form": form,
            "today": today,
        },
        status=422,
    )


@require_POST
def closure_remove(request: HttpRequest, uuid: UUID, first: str) -> HttpResponse:
    """The site opens after all on the days of the closure that begins that day."""
    user = _user(request)
    found = _run_site(user, uuid)
    try:
        day = date.fromisoformat(first)
    except ValueError as error:
        raise Http404 from error
    closure = Closure.objects.filter(site=found, first_day=day).order_by("pk").first()
    if closure is None:
        raise Http404
    remove_closure(closure, by=user)
    messages.success(request, gettext("Fermeture retirée."))
    return redirect("permanences:site", uuid=found.uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def blocks(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Who receives on appointment and when, two weeks at a time; open the same hours week after week."""
    user = _user(request)
    found = _site(uuid)
    if not _may_see_blocks(user, found):
        if user.can(Ability.WELCOME) or user.can(Ability.RUN_SITE):
            raise Http404
        raise PermissionDenied
    start = _from(request)
    advisers = [adviser for adviser in advisers_at(found) if can_open_block_for(user, found, adviser)]
    if request.method == "POST" and not advisers:
        raise PermissionDenied
    form = BlockForm(request.POST if request.method == "POST" else None, site=found, advisers=advisers)
    if request.method == "POST" and form.is_valid():
        try:
            result = open_weekly_blocks(site=found, by=user, **form.block_fields())
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            said = ngettext(
                "%(count)s plage est ouverte.", "%(count)s plages sont ouvertes.", len(result.opened)
            ) % {"count": len(result.opened)}
            if result.left_out:
                said += " " + gettext("Pas ouverte : %(days)s.") % {
                    "days": ", ".join(
                        f"{common_words.day_short(day)} ({why})" for day, why in result.left_out[:5]
                    )
                    + ("…" if len(result.left_out) > 5 else "")
                }
            messages.success(request, said)
            return redirect("permanences:blocks", uuid=found.uuid)
    return render(
        request,
        "permanences/blocks.html",
        {
            "found": found,
            "form": form,
            "advisers": advisers,
            "weeks": _weeks(user, found, start),
            "start": start,
            "has_earlier": start > timezone.now(),
            "later": start + timedelta(weeks=WEEKS_SHOWN),
            "to_move": len(appointments_to_move(found, timezone.now())) if can_receive(user, found) else 0,
        },
        status=_status(form),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def block_withdraw(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """No new appointment in this block; says first which were given, and leaves them to be moved."""
    user = _user(request)
    nodes = user.node_ids(Ability.RUN_SITE) | user.node_ids(Ability.BE_BOOKED)
    if not nodes:
        raise PermissionDenied
    block = get_object_or_404(
        OpeningBlock.objects.select_related("site__organisation", "adviser").filter(
            site__organisation__in=nodes
        ),
        uuid=uuid,
    )
    if not can_open_block_for(user, block.site, block.adviser):
        raise PermissionDenied
    now = timezone.now()
    waiting = block.appointments.filter(state="booked", starts_at__gte=now).count()
    if request.method == "POST":
        withdraw_block(block, by=user)
        said = gettext("Plage retirée.")
        messages.success(request, f"{said} {waiting_words(waiting)}".strip())
        return redirect("permanences:blocks", uuid=block.site.uuid)
    return render(
        request,
        "permanences/block_withdraw.html",
        {"shown": block, "waiting": waiting, "waiting_words": waiting_words(waiting)},
    )


# ---------- what these views share ----------
def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _from(request: HttpRequest) -> datetime:
    """The moment from which blocks are shown: the day asked for, never the past; now for an unreadable one."""
    now = timezone.now()
    try:
        start = max(now, timezone.make_aware(datetime.fromisoformat(request.GET.get("from", ""))))
    except (ValueError, OverflowError):
        return now
    # Weeks cannot be added to the last day of all years.
    return start if start.year <= 2100 else now


def _status(form: Any) -> int:
    return 422 if form.is_bound and form.errors else 200


def _site(uuid: UUID) -> Site:
    return get_object_or_404(
        Site.objects.select_related("organisation").filter(organisation__is_open=True), uuid=uuid
    )


def _run_site(user: User, uuid: UUID) -> Site:
    """A site that this user runs: 404 out of her scope, 403 when her role does not run it."""
    found = _site(uuid)
    if can_run_site(user, found):
        return found
    if user.can(Ability.RUN_SITE):
        raise Http404
    raise PermissionDenied


def _may_see_blocks(user: User, found: Site) -> bool:
    return can_welcome(user, found) or can_run_site(user, found)


def _offers(found: Site) -> list[tuple[str, str]]:
    """What it can help with now, each with its icon."""
    labels = {
        "offers_device": gettext("un appareil"),
        "offers_connection": gettext("une connexion"),
        "offers_skills": gettext("apprendre"),
    }
    return [(icon, labels[name]) for name, icon in OFFERS if getattr(found, name)]


def _is_open(found: Site, now: Any, closed: dict[date, str] | None) -> bool:
    openness = openness_of(found, now, closed)
    return bool(openness and openness.is_open)


def _openness_words(found: Site, now: Any, closed: dict[date, str] | None) -> str:
    openness = openness_of(found, now, closed)
    if openness is None:
        return gettext("Horaires : on ne sait pas")
    return words.openness_in_words(openness, timezone.localtime(now).replace(tzinfo=None))


def _weeks(user: User, found: Site, start: datetime) -> list[dict[str, Any]]:
    """The blocks of two weeks, by week then by day, each with how many slots are taken. One query."""
    now = timezone.now()
    monday = timezone.localdate(now) - timedelta(days=timezone.localdate(now).weekday())
    rows = (
        OpeningBlock.objects.filter(
            site=found,
            withdrawn_at=None,
            ends_at__gt=start,
            starts_at__gt=start - LONGEST,
            starts_at__lt=start + timedelta(weeks=WEEKS_SHOWN),
        )
        .select_related("adviser")
        .annotate(taken=Count("appointments", filter=Q(appointments__state__in=HOLDING)))
        .order_by("starts_at", "adviser__first_name", "pk")
    )
    weeks: dict[date, dict[date, list[dict[str, Any]]]] = {}
    for block in rows:
        day = timezone.localdate(block.starts_at)
        first = day - timedelta(days=day.weekday())
        weeks.setdefault(first, {}).setdefault(day, []).append(
            {
                "block": block,
                "slots": int((block.ends_at - block.starts_at).total_seconds() // (60 * block.slot_minutes)),
                "may_withdraw": can_open_block_for(user, found, block.adviser),
            }
        )
    return [
        {"first": first, "is_this_week": first == monday, "days": list(days.items())}
        for first, days in weeks.items()
    ]
