"""Her fair connection: asked and answered on one screen, kept, chosen, compared, printed; how an obstacle is lifted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts.models import User
from bagage.common.errors import BusinessError
from bagage.common.middleware import is_htmx
from bagage.connection.forms.advice import (
    AdviceForm,
    BillForm,
    ChoiceForm,
)
from bagage.connection.models import Advice
from bagage.connection.papers import advice_paper
from bagage.connection.permissions import can_advise, can_change_lines, can_keep_texts
from bagage.connection.queries.advice import shown_answer
from bagage.connection.queries.kept import (
    advices_of,
    advised_per_month,
    answer_at_once,
    answer_today,
    bills_of,
    bought_since,
    chosen_name,
    compared_bills,
    figures_of_the_house,
    kept_programme,
    known_conditions,
    last_advice,
    premium_per_month,
    programme_today,
)
from bagage.connection.queries.lifting import BANK_REFUSAL, Lifting, lifting_texts
from bagage.connection.queries.shown import Shown
from bagage.connection.services.advice import (
    choose_offer,
    keep_advice,
    note_printed,
    record_bill,
)
from bagage.connection.words import amount_words
from bagage.people.models import Person, is_visible_to
from bagage.people.queries import identity_ids, place_of, whole_person
from bagage.trail.services import record_reading


@dataclass(frozen=True, slots=True)
class Opened:
    """A file opened by someone who reads its diagnosis."""

    person: Person
    user: User
    now: datetime

    @property
    def today(self) -> date:
        """The day here."""
        return timezone.localdate(self.now)


def _user(request: HttpRequest) -> User:
    user = request.user
    assert isinstance(user, User)
    return user


def open_person(request: HttpRequest, uuid: UUID) -> Opened:
    """The file of that address: 404 out of scope, 403 for who does not read its diagnosis."""
    user, now = _user(request), timezone.now()
    found = Person.objects.filter(uuid=uuid, erased_at=None).select_related("merged_into").first()
    if found is None or not is_visible_to(user, found.pk, now):
        raise Http404
    person = whole_person(found)
    if person.pk != found.pk and not is_visible_to(user, person.pk, now):
        raise Http404
    if not can_advise(user, person, now):
        raise PermissionDenied
    return Opened(person, user, now)


def _read(opened: Opened) -> None:
    place = place_of(opened.person, opened.user, opened.now)
    record_reading(opened.user.actor, "read_advice", at=opened.now, place=place, person=opened.person.uuid)


def address_of(name: str, *args: object) -> str:
    """The address of a page, or ``""`` when this installation has not got it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


# ---------- the screen ----------
@require_http_methods(["GET", "HEAD", "POST"])
def advice(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The question at left, the answer at right. It is asked by POST, so that nothing of her is in an address.

    htmx gets the answer and the figures beside each use; without JavaScript the button gives the whole page again.
    What is not proven at once htmx asks again by itself, with ``whole``, when nothing was touched for a moment.
    """
    opened = open_person(request, uuid)
    if not is_htmx(request):
        _read(opened)
    form, before, known_on = _form(request, opened)
    is_whole = is_htmx(request) and "whole" in request.POST
    context = _screen(opened, form, is_whole=is_whole)
    if is_htmx(request):
        # Without the request: a fragment has no frame, so nothing is read for one.
        return HttpResponse(
            render_to_string("connection/advice.html#renewed", {**context, "oob": True, "is_whole": is_whole})
        )
    return render(
        request,
        "connection/advice.html",
        {**context, "oob": False, "before": before, "known_on": known_on},
    )


def _form(request: HttpRequest, opened: Opened) -> tuple[AdviceForm, Advice | None, date | None]:
    """The form as it was sent, or begun from the last advice and from her file."""
    figures = figures_of_the_house()
    if request.method == "POST":
        form = AdviceForm(request.POST, person=opened.person, figures=figures)
        form.is_valid()
        if is_htmx(request):
            return form, None, None
        return form, last_advice(opened.person), None
    known = known_conditions(opened.person)
    before = last_advice(opened.person)
    is_newer = bool(before and known.said_on and known.said_on > before.advised_on)
    initial = AdviceForm.initial_of(before.said if before else {}, known.has, known.lacks, is_newer=is_newer)
    form = AdviceForm(None, person=opened.person, figures=figures, initial=initial)
    return form, before, known.said_on


def _screen(opened: Opened, form: AdviceForm, *, is_whole: bool = False) -> dict[str, Any]:
    """What the page and its fragment show; ``is_whole`` takes all the time that an advice may take."""
    today = opened.today
    programme = programme_today(today)
    has_offers = any(line.offers for line in programme.lines)
    is_wrong = form.is_bound and not form.is_valid()
    shown: Shown | None = None
    texts = lifting_texts()
    if has_offers and not is_wrong and not form.is_empty():
        asked = form.asked()
        answer, is_hurried = (answer_today(asked, today), False) if is_whole else answer_at_once(asked, today)
        shown = shown_answer(
            answer,
            programme=programme,
            asked=asked,
            person=opened.person,
            today=today,
            how=_how(texts),
            stale_days=settings.CATALOGUE_VERIFY_DAYS,
            is_hurried=is_hurried,
        )
    usage = form.usage() if not is_wrong else {}
    return {
        "person": opened.person,
        "form": form,
        "rows": form.rows(),
        "boxes": form.boxes(),
        "is_wrong": is_wrong,
        "is_empty": form.is_empty(),
        "has_offers": has_offers,
        "about": programme.about,
        "shown": shown,
        "month": ", ".join(amount_words(resource, amount) for resource, amount in usage.items() if amount),
        "unasked": sum(not row.is_asked for row in form.rows()),
        "examples": [code for code in _how(texts) if texts[code].is_example],
        "on": None,
        "catalogue_url": address_of("connection:catalogue"),
        "can_keep_catalogue": can_keep_texts(opened.user),
    }


def _how(texts: dict[str, Lifting]) -> dict[str, str]:
    return {code: str(text.summary) for code, text in texts.items() if code != BANK_REFUSAL}


@require_POST
def advice_keep(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Keep the advice of the form as it stands; what she chooses is asked next."""
    opened = open_person(request, uuid)
    form, before, known_on = _form(request, opened)
    if form.is_valid() and not form.is_empty():
        programme, asked = programme_today(opened.today), form.asked()
        if any(line.offers for line in programme.lines):
            try:
                kept = keep_advice(
                    opened.person,
                    said=form.said(),
                    asked=asked,
                    answer=answer_today(asked, opened.today),
                    programme=programme,
                    key=form.cleaned_data["key"] or uuid4().hex,
                    by=opened.user,
                )
            except BusinessError as error:
                form.add_error(None, str(error))
            else:
                messages.success(request, _("Conseil gardé, avec sa date."))
                return redirect("connection:kept_advice", kept.uuid)
    elif form.is_valid():
        form.add_error(None, _("Dites d’abord ce qui est fait en une semaine, ou ce que dit la facture."))
    return render(
        request,
        "connection/advice.html",
        {**_screen(opened, form), "oob": False, "before": before, "known_on": known_on},
    )


@require_POST
def advice_print(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The advice of the form as it stands, on paper, in plain words."""
    opened = open_person(request, uuid)
    form, before, known_on = _form(request, opened)
    context = _screen(opened, form, is_whole=True)
    if context["shown"] is None:
        if form.is_valid():
            form.add_error(None, _("Il n’y a pas encore de réponse à imprimer."))
        return render(
            request,
            "connection/advice.html",
            {**context, "oob": False, "before": before, "known_on": known_on},
        )
    note_printed(opened.person, "advice", by=opened.user)
    return pdf_answer(advice_paper(opened.person, context["shown"], on=opened.today), "connexion.pdf")


def pdf_answer(content: bytes, name: str) -> HttpResponse:
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}"'
    return response


# ---------- what was kept ----------
@dataclass(frozen=True, slots=True)
class KeptRow:
    """One advice of a list."""

    advice: Advice
    name: str
    month: int | None
    premium: int | None


@require_safe
def advices(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """All that was advised her, and what she paid since."""
    opened = open_person(request, uuid)
    _read(opened)
    return render(request, "connection/advices.html", _history(opened, BillForm(initial=_new_bill())))


def _new_bill() -> dict[str, Any]:
    return {"key": uuid4().hex}


def _history(opened: Opened, form: BillForm) -> dict[str, Any]:
    files = identity_ids(opened.person)
    kept = advices_of(files)
    return {
        "person": opened.person,
        "kept": [
            KeptRow(one, chosen_name(one), advised_per_month(one), premium_per_month(one)) for one in kept
        ],
        "bills": compared_bills(bills_of(files)),
        "bill_form": form,
    }


@require_POST
def bill_add(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write down what she paid; it is compared with the newest advice that was given before the period ended."""
    opened = open_person(request, uuid)
    form = BillForm(request.POST)
    if form.is_valid():
        told = form.cleaned_data
        given = advices_of(identity_ids(opened.person))
        matching = next((one for one in given if one.advised_on <= told["last_day"]), None)
        try:
            record_bill(
                opened.person,
                paid=told["paid"],
                first_day=told["first_day"],
                last_day=told["last_day"],
                kind=told["kind"],
                note=told["note"],
                advice=matching,
                key=told["key"],
                by=opened.user,
            )
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Noté, et comparé au conseil."))
            return redirect(f"{reverse('connection:advices', args=[opened.person.uuid])}#h-bills")
    return render(request, "connection/advices.html", _history(opened, form))


def _kept(request: HttpRequest, uuid: UUID) -> tuple[Opened, Advice]:
    """An advice, through the file it stands in."""
    found = get_object_or_404(Advice.objects.select_related("person"), uuid=uuid)
    return open_person(request, found.person.uuid), found


def _shown_again(opened: Opened, kept: Advice) -> Shown:
    return shown_answer(
        kept.answer,
        programme=kept_programme(kept),
        asked=kept.asked,
        person=opened.person,
        today=kept.advised_on,
        how=_how(lifting_texts()),
        stale_days=settings.CATALOGUE_VERIFY_DAYS,
        is_live=False,
    )


@require_safe
def kept_advice(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One advice as it was on its day, what was chosen, what was paid since."""
    opened, kept = _kept(request, uuid)
    _read(opened)
    return render(request, "connection/kept_advice.html", _kept_page(opened, kept))


def _kept_page(opened: Opened, kept: Advice, refused: str = "") -> dict[str, Any]:
    shown, files = _shown_again(opened, kept), identity_ids(opened.person)
    return {
        "person": opened.person,
        "kept": kept,
        "shown": shown,
        "on": kept.advised_on,
        "refused": refused,
        "choices": _choices(kept, shown),
        "chosen": f"line:{kept.chosen_line}" if kept.choice == Advice.Choice.LINE else kept.choice,
        "chosen_name": chosen_name(kept) if kept.choice else "",
        "bills": compared_bills(bills_of(files)),
        "bought": bought_since(kept, files, opened.today),
        "examples": [code for code, text in lifting_texts().items() if text.is_example],
        "can_keep_catalogue": can_keep_texts(opened.user),
        "about": shown.about,
        "line_url": _line_url(opened, kept),
    }


def _line_url(opened: Opened, kept: Advice) -> str:
    """Where the line that she chose is written down once she holds it."""
    if kept.choice in {"", Advice.Choice.KEEP} or not can_change_lines(
        opened.user, opened.person, opened.now
    ):
        return ""
    return reverse("connection:line_activate", args=[opened.person.uuid])


def _choices(kept: Advice, shown: Shown) -> list[tuple[str, str, int]]:
    """(value, words, cents over the horizon) of what she may choose."""
    rows: list[tuple[str, str, int]] = []
    if shown.best:
        rows.append(("fewest", shown.best.name, shown.best.fewest.total))
        if shown.best.optimum:
            rows.append(
                ("best", _("%(name)s, le moins cher") % {"name": shown.best.name}, shown.best.optimum.total)
            )
        rows += [
            (f"line:{row.line}", row.title, row.total)
            for row in shown.ranking
            if row.line != shown.best.line and row.total is not None
        ]
    if shown.against:
        horizon = shown.horizon
        rows.append(("keep", _("Garder ce qui est là"), (shown.against.pays * horizon + 15) // 30))
    return rows


@require_POST
def advice_choose(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What she chose, dated."""
    opened, kept = _kept(request, uuid)
    form = ChoiceForm(request.POST)
    if form.is_valid():
        choice, line = form.parts()
        try:
            choose_offer(kept, choice=choice, line=line, by=opened.user)
        except BusinessError as error:
            return render(request, "connection/kept_advice.html", _kept_page(opened, kept, str(error)))
        messages.success(request, _("Choix noté."))
        return redirect("connection:kept_advice", kept.uuid)
    refused = _("Choisissez une ligne, ou laissez pour plus tard.")
    return render(request, "connection/kept_advice.html", _kept_page(opened, kept, refused))


@require_safe
def kept_advice_pdf(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A kept advice on paper."""
    opened, kept = _kept(request, uuid)
    note_printed(opened.person, "advice", by=opened.user)
    return pdf_answer(
        advice_paper(opened.person, _shown_again(opened, kept), on=kept.advised_on), "connexion.pdf"
    )
