"""She leaves, with what; the paper she takes; she comes back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bagage.common.errors import BusinessError
from bagage.common.words import day_short
from bagage.journeys import papers
from bagage.journeys.domain.follow_ups import due_days
from bagage.journeys.forms.exits import ComeBackForm, ExitForm
from bagage.journeys.models import JourneyExit
from bagage.journeys.permissions import can_close_journey
from bagage.journeys.queries import (
    bag_of,
    baggages,
    exit_words,
    journey_of,
    person_panel,
    pocket_words,
)
from bagage.journeys.queries.ahead import things_ahead
from bagage.journeys.queries.summary import Summary, places_of, summary_of
from bagage.journeys.services import exit_journey, follow_up_months, reopen_journey
from bagage.journeys.views.opening import Opened, opened, show_refusal, status_of
from bagage.people.models import Person
from bagage.people.queries import place_of
from bagage.permanences.models import Site
from bagage.skills.queries import item_titles
from bagage.trail.services import record_reading


def _her(request: HttpRequest, uuid: UUID) -> Opened:
    person = Person.objects.filter(uuid=uuid, erased_at=None).select_related("merged_into").first()
    return opened(request, person, can_close_journey)


def _file_url(her: Opened) -> str:
    return reverse("desk:person", args=[her.person.uuid])


@require_http_methods(["GET", "HEAD", "POST"])
def exit(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What is in her bag today and what is missing; with what she leaves, and what follows."""
    her = _her(request, uuid)
    journey = journey_of(her.files)
    if journey is None:
        messages.info(
            request, _("Le parcours n’a pas commencé : il s’ouvre avec une demande ou un entretien.")
        )
        return redirect(_file_url(her))
    if not journey.is_open and request.method != "POST":
        return redirect("journeys:come_back", her.person.uuid)
    bag = baggages([her.person], today=her.today, files={her.person.pk: her.files})[her.person.pk]
    ahead = things_ahead(her.files, her.now)
    form = ExitForm(request.POST or None, is_full=bag.is_full, ahead=ahead)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            left = exit_journey(
                journey,
                kind=data["kind"],
                reason=data["reason"],
                words=data["words"],
                release=data.get("release", False),
                follow_up=data["follow_up"],
                key=data["key"],
                by=her.user,
            )
        except BusinessError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("La sortie est notée. Voici le papier à lui donner."))
            return redirect("journeys:exit_summary", left.uuid)
    return render(
        request,
        "journeys/exit.html",
        {
            "person": her.person,
            "journey": journey,
            "baggage": bag,
            "pockets": pocket_words(bag, details=True, titles=item_titles()),
            "ahead": ahead,
            "form": form,
            "due": [
                (months, day_short(day, year=True)) for months, day in due_days(her.today, follow_up_months())
            ],
        },
        status=status_of(form),
    )


def _exit(request: HttpRequest, uuid: UUID) -> tuple[JourneyExit, Opened]:
    left = (
        JourneyExit.objects.select_related("journey__person__merged_into", "node").filter(uuid=uuid).first()
    )
    if left is None:
        raise Http404
    her = opened(request, left.journey.person, can_close_journey)
    record_reading(
        her.user.actor,
        "read_exit",
        at=her.now,
        place=place_of(her.person, her.user, her.now),
        person=her.person.uuid,
        thing=f"exit:{left.uuid}",
    )
    return left, her


def _summary(left: JourneyExit, her: Opened) -> Summary:
    site = Site.objects.filter(organisation=left.node).select_related("organisation").first()
    waiting = [one for one in left.follow_ups.all() if one.state == "due" and one.due_on > her.today]
    return summary_of(left, places=places_of(her.files), site=site, follow_ups=waiting)


@require_safe
def exit_summary(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One exit: the paper that she takes, the news that will be asked for, the way back."""
    left, her = _exit(request, uuid)
    journey = journey_of(her.files)
    return render(
        request,
        "journeys/exit_summary.html",
        {
            "person": her.person,
            "left": left,
            "words": exit_words(left),
            "baggage": bag_of(left),
            "summary": _summary(left, her),
            "panel": person_panel(her.files, her.today),
            "is_open": journey is not None and journey.is_open,
        },
    )


@require_safe
def exit_summary_pdf(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The same paper as an A5 slip."""
    left, her = _exit(request, uuid)
    pdf = papers.exit_paper(left, _summary(left, her))
    day = timezone.localdate(left.exited_at).isoformat()
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="bagage-sortie-{day}.pdf"'
    return response


@require_http_methods(["GET", "HEAD", "POST"])
def come_back(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """She comes back: her journey goes on with its history."""
    her = _her(request, uuid)
    journey = journey_of(her.files)
    if journey is None or (journey.is_open and request.method != "POST"):
        return redirect(_file_url(her))
    form = ComeBackForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            reopen_journey(journey, reason=data["reason"], words=data["words"], key=data["key"], by=her.user)
        except BusinessError as error:
            show_refusal(form, error)
        else:
            messages.success(
                request, _("Le parcours est rouvert. Ce qui s’est passé avant la sortie est toujours là.")
            )
            return redirect(_file_url(her))
    return render(
        request,
        "journeys/come_back.html",
        {"person": her.person, "panel": person_panel(her.files, her.today), "form": form},
        status=status_of(form),
    )
