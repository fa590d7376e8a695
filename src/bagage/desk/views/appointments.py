"""One appointment: giving it, what can be noted of it, moving it, calling it off."""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.common.errors import BusinessError
from bagage.desk.views.household import those_seen
from bagage.desk.views.today import can_undo, proposals, steps_of, today_answer, visible_person
from bagage.journeys.queries import baggages
from bagage.people.models import Person
from bagage.people.permissions import name_for
from bagage.people.queries import identity_ids
from bagage.permanences import words as permanence_words
from bagage.permanences.models import Appointment, OpeningBlock, Site
from bagage.permanences.permissions import can_receive, can_see_person_of_appointment
from bagage.permanences.queries import HORIZON, WEEK, appointments_of, free_slots, sites_for, slots_by_day
from bagage.permanences.services import (
    cancel_appointment,
    finish_appointment,
    give_appointment,
    move_appointment,
    note_arrival,
    note_excused,
    note_no_show,
    start_appointment,
    undo_last_step,
)
from bagage.referrals.models import Referral
from bagage.referrals.services import give_referral_appointment

MOVABLE = {"booked", "arrived"}


@require_safe
def appointment(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One appointment whole, and all that can be done with it."""
    found = _appointment(request, uuid)
    return render(request, "desk/appointment.html", _facts(_user(request), found))


@require_POST
def appointment_step(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One press: she arrived, it begins, she leaves, she did not come, she let us know, it is called off, or undo."""
    found = _appointment(request, uuid)
    user = _user(request)
    step = request.POST.get("step", "")
    name = found.person.chosen_name
    reason = request.POST.get("reason", "")
    if step in {"excuse", "cancel"} and not can_receive(user, found.site):
        raise PermissionDenied
    if step == "arrive":
        note_arrival(found, by=user)
    elif step == "start":
        start_appointment(found, by=user)
    elif step == "finish":
        finish_appointment(found, by=user)
    elif step == "no_show":
        note_no_show(found, by=user)
    elif step == "excuse":
        note_excused(found, reason=reason, by=user)
    elif step == "cancel":
        cancel_appointment(found, reason=reason, by=user)
    elif step == "undo":
        keeps = permanence_words.undo_keeps(found.state)
        undo_last_step(found, by=user)
        said = gettext("%(name)s : défait. %(keeps)s") % {"name": name, "keeps": keeps}
        return today_answer(request, found.site, said, timezone.localdate(found.starts_at))
    else:
        raise Http404
    said = gettext("%(name)s : %(state)s.") % {
        "name": name,
        "state": permanence_words.state_word(found.state, found.person.grammar).lower(),
    }
    return today_answer(request, found.site, said, timezone.localdate(found.starts_at))


@require_http_methods(["GET", "HEAD", "POST"])
def appointment_move(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Choose another free slot in place of this one."""
    found = _appointment(request, uuid)
    user = _user(request)
    if not can_receive(user, found.site):
        raise PermissionDenied
    refused = ""
    status = 200
    if request.method == "POST":
        try:
            block, starts_at = _chosen_slot(request, [found.site])
            moved = move_appointment(found, block=block, starts_at=starts_at, by=user)
        except BusinessError as error:
            refused, status = str(error), error.status
        else:
            messages.success(
                request,
                gettext(
                    "%(name)s est attendue %(moment)s, avec %(adviser)s. Cela se défait pendant 4 heures."
                )
                % {
                    "name": moved.person.chosen_name,
                    "moment": permanence_words.moment(moved.starts_at),
                    "adviser": moved.adviser.first_name,
                },
            )
            return redirect("desk:appointment", uuid=moved.uuid)
    facts = {
        "found": found,
        "refused": refused,
        "is_movable": found.state in MOVABLE,
        "baggage": baggages([found.person]).get(found.person_id),
        **_slots(request, found.site),
    }
    return render(request, "desk/appointment_move.html", facts, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def appointment_new(request: HttpRequest) -> HttpResponse:
    """Give an appointment: to whom (from the look-up, her file or a referral), then when.

    Until a person is named the page is the look-up; a name is only ever sent by POST.
    """
    user = _user(request)
    sites = sites_for(user, Ability.RECEIVE)
    if not sites:
        raise PermissionDenied
    referral = _referral(request, sites)
    person = _person(request, user, referral)
    if person is None:
        asked = request.POST.get("q", "")
        return render(
            request,
            "desk/appointment_who.html",
            {"asked": asked, "referral": referral, **proposals(request, asked)},
        )
    site = _site_of(request, sites, referral)
    refused = ""
    status = 200
    if request.method == "POST" and "slot" in request.POST:
        try:
            given = _give(request, user, sites, person, referral)
        except BusinessError as error:
            refused, status = str(error), error.status
        else:
            messages.success(
                request,
                gettext("%(name)s a rendez-vous %(moment)s, avec %(adviser)s.")
                % {
                    "name": person.chosen_name,
                    "moment": permanence_words.moment(given.starts_at),
                    "adviser": given.adviser.first_name,
                },
            )
            return redirect("desk:appointment", uuid=given.uuid)
    facts = {
        "person": person,
        "referral": referral,
        "baggage": baggages([person]).get(person.pk),
        "coming": [
            row
            for row in appointments_of(identity_ids(person))
            if row.state == "booked" and row.starts_at > timezone.now()
        ],
        "lives_with": [member for member, is_seen in those_seen(user, person) if is_seen],
        "sites": sites,
        "refused": refused,
        "subject": request.POST.get(
            "subject", request.GET.get("subject", gettext("Premier entretien") if referral else "")
        ),
        "language": request.POST.get("language", person.languages),
        **_slots(request, site),
    }
    return render(request, "desk/appointment_new.html", facts, status=status)


def _give(
    request: HttpRequest, user: User, sites: list[Site], person: Person, referral: Referral | None
) -> Appointment:
    block, starts_at = _chosen_slot(request, sites)
    subject, language = request.POST.get("subject", ""), request.POST.get("language", "")
    if referral is not None and referral.site_id == block.site_id:
        given = give_referral_appointment(referral, block=block, starts_at=starts_at, by=user)
        return given if isinstance(given, Appointment) else referral.appointment  # type: ignore[return-value]
    return give_appointment(
        block=block, starts_at=starts_at, person=person, subject=subject, language=language, by=user
    )


def _facts(user: User, found: Appointment) -> dict[str, Any]:
    now = timezone.now()
    receives = can_receive(user, found.site)
    first, more = steps_of(found, now, receives)
    moved_to = Appointment.objects.filter(moved_from=found).select_related("adviser").first()
    return {
        "found": found,
        "name": name_for(user, found.person, now),
        "word": permanence_words.state_word(found.state, found.person.grammar),
        "baggage": baggages([found.person]).get(found.person_id),
        "steps": [*first, *[step for step in more if step[0] not in {"undo", "excuse"}]],
        "receives": receives,
        "can_cancel": receives and found.state in MOVABLE,
        "can_excuse": receives and found.state == "booked",
        "can_undo": can_undo(found, now),
        "undo_keeps": permanence_words.undo_keeps(found.state),
        "moved_to": moved_to,
        "is_past": found.ends_at < now,
    }


def _slots(request: HttpRequest, site: Site) -> dict[str, Any]:
    """The free slots of a week: from the day asked for, or from the next free one of the six weeks after it."""
    now = timezone.now()
    try:
        start = max(now, timezone.make_aware(datetime.fromisoformat(request.GET.get("from", ""))))
    except (ValueError, OverflowError):
        start = now
    if start.year > 2100:  # weeks cannot be added to the last day of all years
        start = now
    coming = free_slots(site, start=start, end=start + WEEK, now=now) or free_slots(
        site, start=start, end=start + HORIZON, now=now
    )
    end = (coming[0].starts_at if coming else start + HORIZON - WEEK) + WEEK
    end = timezone.localtime(end).replace(hour=0, minute=0, second=0, microsecond=0)
    found = [slot for slot in coming if slot.starts_at < end]
    return {
        "site_shown": site,
        "days": slots_by_day(found),
        "slot_count": len(found),
        "slots_from": start,
        "slots_until": end - timedelta(days=1),
        "slots_next": end,
        "has_earlier": start > now,
    }


def _chosen_slot(request: HttpRequest, sites: list[Site]) -> tuple[OpeningBlock, datetime]:
    """The slot that was pressed, "<block uuid> <ISO moment>"; a form that says anything else is refused."""
    identity, _space, moment = request.POST.get("slot", "").partition(" ")
    try:
        starts_at = parse_datetime(moment)
        block = OpeningBlock.objects.filter(uuid=UUID(identity), site__in=[site.pk for site in sites]).first()
    except ValueError:
        starts_at, block = None, None
    if block is None or starts_at is None or timezone.is_naive(starts_at):
        raise BusinessError(gettext("Choisissez un créneau dans la liste."))
    return block, starts_at


def _referral(request: HttpRequest, sites: list[Site]) -> Referral | None:
    """The referral for which an appointment is given, if the address or the form names one of these sites'."""
    asked = request.POST.get("referral", request.GET.get("referral", ""))
    if not asked:
        return None
    try:
        identity = UUID(asked)
    except ValueError as error:
        raise Http404 from error
    return get_object_or_404(
        Referral.objects.select_related("person", "site__organisation", "organisation"),
        uuid=identity,
        site__in=[site.pk for site in sites],
    )


def _person(request: HttpRequest, user: User, referral: Referral | None) -> Person | None:
    asked = request.POST.get("person", request.GET.get("person", ""))
    if asked:
        return visible_person(user, asked)
    if referral is not None and referral.person is not None:
        return visible_person(user, str(referral.person.uuid))
    return None


def _site_of(request: HttpRequest, sites: list[Site], referral: Referral | None) -> Site:
    """Where: the site asked for, that of the referral, the one she works at, else the first."""
    asked = request.POST.get("site", request.GET.get("site", ""))
    named = asked or (str(referral.site.uuid) if referral else request.session.get("site", ""))
    return next((site for site in sites if str(site.uuid) == named), sites[0])


def _appointment(request: HttpRequest, uuid: UUID) -> Appointment:
    """An appointment of a permanence where this user welcomes, if she may read who comes."""
    user = _user(request)
    if not user.can(Ability.WELCOME):
        raise PermissionDenied
    found = get_object_or_404(
        Appointment.objects.select_related(
            "site__organisation", "adviser", "person", "block", "moved_from"
        ).filter(site__organisation__in=user.node_ids(Ability.WELCOME)),
        uuid=uuid,
    )
    if not can_see_person_of_appointment(user, found):
        raise Http404
    return found


def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user
