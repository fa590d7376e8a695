"""The handover of a device, its papers, its undoing; the way back."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts.domain.roles import Ability
from bagage.common.errors import BusinessError
from bagage.equipment import papers, services, words
from bagage.equipment.domain import lifecycle, terms
from bagage.equipment.domain.signature import clean_signature
from bagage.equipment.forms.persons import HandOverForm, ReturnForm
from bagage.equipment.models import Handover, Kind
from bagage.equipment.queries.persons import handover_shown
from bagage.equipment.views._shared import (
    Opened,
    counter_of,
    opened,
    pdf,
    reservation_of,
    show,
    status_of,
    working_site,
)
from bagage.people.domain.languages import printed_language
from bagage.people.models import Person


# ---------- the handover ----------
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The left half is hers: she reads, she listens, she chooses how to say yes."""
    kept, found = reservation_of(request, uuid)
    if request.method != "POST" and not kept.is_held:
        if kept.state == lifecycle.USED:
            given = kept.handovers.exclude(state=lifecycle.UNDONE).first()
            if given is not None:
                return redirect("equipment:handover", given.uuid)
        messages.info(request, words.not_held(kept))
        return redirect("equipment:person_devices", found.person.uuid)
    language = _language(request, found.person)
    rules = services.rules_now()
    form = HandOverForm(
        request.POST or None,
        device=kept.device,
        language=language,
        reader=found.user.first_name,
        months=rules.warranty_months,
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
                shown_months=data["shown_months"],
                key=data["key"],
                by=found.user,
            )
        except BusinessError as error:
            refused = error
            show(form, error)
            if error.field == "shown_months":
                # The page now shows the new terms, and asks her yes to these.
                sent = request.POST.copy()
                sent["shown_months"] = str(rules.warranty_months)
                form.data = sent
        else:
            messages.success(
                request,
                _("%(device)s est à %(name)s. Imprimez ses papiers : elle les emporte.")
                % {"device": kept.device.name, "name": found.person.chosen_name},
            )
            return redirect("equipment:handover", given.uuid)
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
            "the_model": words.the_model(device.model),
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
    kept, found = reservation_of(request, uuid)
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
