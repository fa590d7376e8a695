"""Her card: a code and a QR on paper, and what a stranger sees who scans it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.common import words
from bagage.common.codes import read_code, shown_code
from bagage.common.middleware import is_htmx
from bagage.common.pdf import icon_file, render_pdf, sign_file
from bagage.common.qr import qr_file, qr_svg
from bagage.common.ratelimit import limit
from bagage.common.row_security import wide
from bagage.desk.identity_forms import LostCardForm
from bagage.desk.views.look_up import (
    SESSION_KEY,
    Candidate,
    candidates_of,
    file_to_change,
    looked_up,
    signed_in,
    who_looks_up,
)
from bagage.people import permissions, services
from bagage.people.domain.languages import printed_language
from bagage.people.models import CardCode, Person
from bagage.people.queries import Hit, whole_person
from bagage.people.queries.facts import sites_that_follow
from bagage.permanences.models import Site
from bagage.referrals.models import Referral
from bagage.referrals.queries import sites_to_answer


@dataclass(frozen=True, slots=True)
class Card:
    """The words of a card, one sentence a line, in ``lang``."""

    lang: str
    hello: str
    code: str
    url: str
    place: str
    lines: list[str]
    phone: str


def card_of(person: Person) -> Card:
    """Her card: what she is called, where to come, the code; nothing that says why she comes.

    In her language when it is one of ours, else in that of the screen.
    """
    with words.printed_for(printed_language(person.languages)):
        return _card_as_written(person)


def _card_as_written(person: Person) -> Card:
    nodes = sites_that_follow(person, timezone.now())
    site = (
        Site.objects.filter(organisation=nodes[0]).select_related("organisation").first() if nodes else None
    )
    lines: list[str] = []
    if site is not None:
        address = ", ".join(part for part in (site.address, site.city) if part)
        lines.append(gettext("C’est au %(address)s.") % {"address": address})
        if site.way_there:
            lines.append(f"{site.way_there.rstrip('.')}.")
    return Card(
        lang=(get_language() or "fr")[:2],
        hello=gettext("Bonjour %(name)s") % {"name": person.chosen_name},
        code=shown_code(person.code),
        url=settings.PUBLIC_URL + reverse("desk:card_scan", args=[person.code]),
        place=site.organisation.name if site is not None else "",
        lines=lines,
        phone=words.phone(site.phone) if site is not None and site.phone else "",
    )


@require_safe
def person_card(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The card before it is printed."""
    person = file_to_change(signed_in(request), uuid)
    card = card_of(person)
    with words.printed_for(card.lang):
        qr = qr_svg(card.url, gettext("Code à scanner à la permanence"))
    return render(request, "desk/person_card.html", {"person": person, "card": card, "qr": qr})


@require_safe
def person_card_pdf(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The card as a file."""
    person = file_to_change(signed_in(request), uuid)
    card = card_of(person)
    with words.printed_for(card.lang):
        pdf = render_pdf(
            "desk/person_card.typ",
            {
                "hello": card.hello,
                "code": card.code,
                "place": card.place,
                "lines": card.lines,
                "phone": card.phone,
                "lang": card.lang,
                "title": gettext("Votre carte"),
                "keep": [
                    gettext("Gardez ce papier."),
                    gettext("Montrez-le quand vous venez."),
                    gettext("Si vous le perdez, dites-le : nous en faisons un autre."),
                ],
                "where": gettext("La permanence"),
                "call": gettext("Appelez le"),
                "your_code": gettext("Votre code"),
                "nobody": gettext("Ce code ne dit rien de vous."),
            },
            files={
                "qr.svg": qr_file(card.url),
                "sac.svg": sign_file("full", "full", "full", size="s"),
                "card.svg": icon_file("ticket"),
                "pin.svg": icon_file("map-pin"),
            },
        )
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="carte-{person.code}.pdf"'
    return response


@require_POST
def person_card_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The card was lost: the old codes end, a new one is made."""
    user = signed_in(request)
    person = file_to_change(user, uuid)
    found_by = [name for name in LostCardForm.FACTS if name in request.POST.getlist("found_by")]
    code = services.replace_card(person, found_by=found_by, by=user)
    messages.success(
        request,
        gettext("Nouvelle carte : %(code)s. L’ancienne ne sert plus.") % {"code": shown_code(code)},
    )
    return redirect("desk:person_card", uuid=person.uuid)


@dataclass(frozen=True, slots=True)
class Found:
    """Someone whom the answers may be of: how many of them agree, and whether that is enough for a new card."""

    candidate: Candidate
    agreeing: int
    is_enough: bool


@require_http_methods(["GET", "HEAD", "POST"])
def card_lost(request: HttpRequest) -> HttpResponse:
    """Her card is lost: two or three questions, and how sure one may be. Counted and noted as a look-up is."""
    user = who_looks_up(request)
    found: list[Found] = []
    facts: dict[str, Any] = {"was_asked": False, "told": [], "elsewhere": []}
    if request.method == "POST":
        form = LostCardForm(request.POST)
        if form.is_valid():
            hits = looked_up(request, user, form.question(), is_typing=False)
            agreeing = {hit.person.pk: _agreeing(hit, form.told) for hit in hits.hits}
            for candidate in candidates_of(hits.hits[:5]):
                count = agreeing[candidate.hit.person.pk]
                found.append(Found(candidate, count, count >= 2))
            facts = {"was_asked": True, "told": form.told, "elsewhere": hits.elsewhere}
    else:
        form = LostCardForm()
    status = 422 if form.errors and is_htmx(request) else 200
    return render(request, "desk/card_lost.html", {"form": form, "found": found, **facts}, status=status)


def _agreeing(hit: Hit, told: list[str]) -> int:
    """How many of the answers agree with her file."""
    return len({"where" if fact == "place" else fact for fact in hit.facts} & set(told))


@login_not_required
@require_safe
@wide("card_scan")
def card_scan(request: HttpRequest, code: str) -> HttpResponse:
    """What the QR opens: her file for who may, and for anyone else the same page whatever the code, without a fact."""
    limit(request, "card_scan", "60/m/ip")
    user, code = request.user, read_code(code)
    if code and isinstance(user, User) and user.is_active and permissions.can_look_up(user):
        card = CardCode.objects.filter(code=code, ended_at=None).select_related("person__merged_into").first()
        if card is not None and card.person.erased_at is None:
            person = whole_person(card.person)
            if permissions.can_open_file(user, person):
                return redirect("desk:person", uuid=person.uuid)
        else:
            sites = sites_to_answer(user) if user.can(Ability.RECEIVE) else []
            referral = Referral.objects.filter(code=code, site__in=sites, person=None).first()
            if referral is not None:
                return redirect("referrals:detail", uuid=referral.uuid)
        request.session[SESSION_KEY] = [code, timezone.now().timestamp()]
        return redirect("desk:look_up")
    sites = list(
        Site.objects.filter(organisation__is_open=True)
        .exclude(phone="")
        .select_related("organisation")
        .order_by("organisation__name", "pk")
    )
    return render(request, "desk/card_scan.html", {"sites": sites})
