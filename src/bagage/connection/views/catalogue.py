"""The catalogue: what is sold, to whom, since when; what a file would change; what changed between two days."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts.models import User
from bagage.common.errors import BusinessError
from bagage.common.tables import Column, Filter, Table
from bagage.common.words import quoted
from bagage.connection import words
from bagage.connection.catalogue_words import (
    KIND_LABELS,
    fields_words,
)
from bagage.connection.domain.programme import CONDITIONS
from bagage.connection.forms.catalogue import EndForm, LineForm, OfferForm
from bagage.connection.models import Line, Offer
from bagage.connection.offer_words import (
    beyond_words,
    brings_words,
    needs_words,
    price_words,
    shown,
    standing,
    unit_words,
    validity_words,
)
from bagage.connection.permissions import can_keep_catalogue, can_read_catalogue
from bagage.connection.queries import catalogue as queries
from bagage.connection.services import catalogue as services

# ---------- who ----------


def reader(request: HttpRequest) -> User:
    """Staff; 403 for who only refers."""
    user = request.user
    assert isinstance(user, User)
    if not can_read_catalogue(user):
        raise PermissionDenied
    return user


def keeper(request: HttpRequest) -> User:
    """Who keeps the catalogue; 403 for all others."""
    user = reader(request)
    if not can_keep_catalogue(user):
        raise PermissionDenied
    return user


# ---------- forms ----------


def say(form: Any, error: BusinessError, names: dict[str, str] | None = None) -> None:
    """A refusal beside its field, or above the form."""
    field = (names or {}).get(error.field, error.field)
    form.add_error(field if field in form.fields else None, str(error))


def form_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, context, status=422 if context["form"].errors else 200)


# ---------- the list ----------


def _states(today: date) -> dict[str, Q]:
    on_sale = Q(is_history=False, begins_on__lte=today) & (Q(ends_on=None) | Q(ends_on__gt=today))
    before = queries.verified_before(today)
    return {
        "verify": on_sale & (Q(verified_on=None) | Q(verified_on__lt=before)),
        "check": on_sale & ~Q(unknown=[]),
        "coming": Q(is_history=False, begins_on__gt=today),
        "ended": Q(is_history=False, ends_on__lte=today),
        "history": Q(is_history=True),
    }


STATE_LABELS = [
    ("verify", gettext_lazy("À vérifier de nouveau")),
    ("check", gettext_lazy("Source incomplète")),
    ("coming", gettext_lazy("À venir")),
    ("ended", gettext_lazy("Retirées")),
    ("history", gettext_lazy("Histoire")),
]


def _search(rows: QuerySet[Offer], text: str) -> QuerySet[Offer]:
    for word in text.split()[:8]:
        rows = rows.filter(
            Q(name__icontains=word)
            | Q(code__icontains=word)
            | Q(line__operator__icontains=word)
            | Q(line__name__icontains=word)
        )
    return rows


@require_safe
def catalogue(request: HttpRequest) -> HttpResponseBase:
    """What is sold; what has ended, what is to come and what is only history are a filter away."""
    user = reader(request)
    today = timezone.localdate()
    states = _states(today)
    rows = Offer.objects.select_related("line")
    if request.GET.get("state") not in states:
        rows = rows.on(today)
    table = Table(
        request,
        rows,
        name="offres",
        title=_("Offres"),
        columns=_columns(today),
        filters=[
            Filter("state", _("État"), _("En vente"), STATE_LABELS, lambda rows, value: rows.filter(states[value])),
            Filter(
                "kind", _("Sorte"), _("Toutes les sortes"), Offer.Kind.choices,
                lambda rows, value: rows.filter(kind=value),
            ),
            Filter(
                "line", _("Gammes"), _("Toutes les gammes"),
                [("solidarity", _("Solidaires")), ("shop", _("Du commerce"))],
                lambda rows, value: rows.filter(line__is_solidarity=value == "solidarity"),
            ),
            Filter(
                "without", _("Conditions"), _("Toutes les conditions"),
                [(code, _without(code)) for code in CONDITIONS],
                lambda rows, value: rows.exclude(requires__icontains=f'"{value}"'),
            ),
        ],
        search=_search,
        search_hint=_("Offre ou opérateur"),
        default_sort="",
        nouns=lambda n: ngettext("%(count)s offre", "%(count)s offres", n),
        empty_icon="card-sim",
        empty_title=_("Aucune offre en vente."),
        empty_text=_("Changez de filtre pour voir celles qui ont été retirées, et l’histoire."),
    )  # fmt: skip
    if not table.sort:
        table.source = table.source.order_by("line__position", "line_id", "position", "pk")
    if table.export:
        return table.response()
    keeper = can_keep_catalogue(user)
    figures = queries.catalogue_figures(today)
    lines = queries.listed_lines(today)
    context = {
        "table": table,
        "figures": figures,
        "is_empty": not (lines or figures.sold or figures.history or Offer.objects.exists()),
        "may_keep": keeper,
        "verify_days": settings.CATALOGUE_VERIFY_DAYS,
        "lines": lines,
        "about": queries.about(),
        "today": today,
        "imports": queries.recent_imports(3) if keeper else [],
    }
    return render(request, "connection/catalogue.html", context)


def _without(condition: str) -> str:
    return _("Sans %(condition)s") % {"condition": quoted(words.condition_label(condition))}


def _columns(today: date) -> list[Column]:
    return [
        Column(
            "name", _("Offre"), lambda o: o.name, sort=("name",),
            url=lambda o: reverse("connection:catalogue_offer", args=[o.uuid]), sub=lambda o: o.line.title,
        ),
        Column("line", _("Gamme"), lambda o: o.line.title, sort=("line__operator", "line__name"), only="export"),
        Column("code", _("Code de l’offre"), lambda o: o.code, only="export"),
        Column("kind", _("Sorte"), lambda o: str(KIND_LABELS[o.kind]), only="export"),
        Column(
            "price", _("Prix"), price_words, sort=("price",), css="r num", sub=validity_words, only="screen",
        ),
        Column(
            "price_eur", _("Prix en euros"), lambda o: None if o.price is None else _decimal(o.price), only="export",
        ),
        Column("validity", _("Durée"), validity_words, only="export"),
        Column("given", _("Ce qu’elle apporte"), brings_words, sub=beyond_words),
        Column("requires", _("Ce qu’il faut"), lambda o: needs_words(o.requires)),
        Column("unknown", _("Ce que la source ne dit pas"), lambda o: fields_words(o.unknown), only="export"),
        Column(
            "verified_on", _("Vérifiée"), lambda o: standing(o, today).word, sort=("verified_on",),
            html=lambda o: standing(o, today).html, only="screen",
        ),
        Column("verified", _("Vérifiée le"), lambda o: o.verified_on, only="export"),
        Column("begins_on", _("Vendue à partir du"), lambda o: o.begins_on, sort=("begins_on",), only="export"),
        Column("ends_on", _("Retirée le"), lambda o: o.ends_on, only="export"),
        Column("source", _("Source"), lambda o: o.source, only="export"),
        Column("as_of", _("Date de la source"), lambda o: o.as_of, only="export"),
    ]  # fmt: skip


def _decimal(cents: int) -> Any:
    from decimal import Decimal

    return Decimal(cents) / 100


# ---------- a line ----------


def _line(uuid: UUID) -> Line:
    return get_object_or_404(Line, uuid=uuid)


@require_safe
def catalogue_line(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One line: what its SIM costs, what is sold on it, what was sold before."""
    user = reader(request)
    line = _line(uuid)
    today = timezone.localdate()
    terms = list(line.terms.order_by("-begins_on", "-pk"))
    now = next(
        (
            each
            for each in terms
            if each.begins_on <= today and (each.ends_on is None or each.ends_on > today)
        ),
        None,
    )
    offers = [shown(offer, today) for offer in queries.offers_of(line)]
    context = {
        "line": line,
        "terms": now,
        "unit_prices": unit_words(now.unit_prices) if now else "",
        "past_terms": [
            {"terms": each, "unit_prices": unit_words(each.unit_prices)} for each in terms if each is not now
        ],
        "current": [each for each in offers if each.offer.is_sold(today)],
        "coming": [each for each in offers if each.offer.is_coming(today)],
        "past": [each for each in offers if each.offer.is_past(today)],
        "history": [each for each in offers if each.offer.is_history],
        "may_keep": can_keep_catalogue(user),
        "is_open": any(each.ends_on is None for each in terms),
        "today": today,
    }
    return render(request, "connection/catalogue_line.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def catalogue_line_add(request: HttpRequest) -> HttpResponse:
    """Another line, before its offers."""
    user = keeper(request)
    form = LineForm(request.POST or None, initial={"begins_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid() and form.sold:
        try:
            line = services.add_line(form.sold, begins_on=form.cleaned_data["begins_on"], by=user)
        except BusinessError as error:
            say(form, error, {"code": "name"})
        else:
            messages.success(request, _("La gamme est là. Ajoutez-lui ses offres."))
            return redirect("connection:catalogue_line", uuid=line.uuid)
    return form_page(request, "connection/catalogue_line_add.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def catalogue_line_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Other terms from a day on; the ones before it stay in its history."""
    user = keeper(request)
    line = _line(uuid)
    today = timezone.localdate()
    terms = line.terms.order_by("-begins_on", "-pk").first()
    form = LineForm(request.POST or None, line=line, initial=LineForm.initial_of(line, terms, today))
    if request.method == "POST" and form.is_valid() and form.sold:
        try:
            services.change_line(line, form.sold, begins_on=form.cleaned_data["begins_on"], by=user)
        except BusinessError as error:
            say(form, error)
        else:
            messages.success(request, _("C’est noté. Les conditions d’avant restent dans son histoire."))
            return redirect("connection:catalogue_line", uuid=line.uuid)
    context = {"form": form, "line": line, "is_open": bool(terms and terms.ends_on is None)}
    return form_page(request, "connection/catalogue_line_change.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def catalogue_line_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Nobody can have it any more: its offers end with it."""
    user = keeper(request)
    line = _line(uuid)
    form = EndForm(request.POST or None, initial={"ends_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            services.end_line(line, ends_on=form.cleaned_data["ends_on"], by=user)
        except BusinessError as error:
            say(form, error)
        else:
            messages.success(request, _("La gamme et ses offres sont retirées. Leur histoire reste."))
            return redirect("connection:catalogue_line", uuid=line.uuid)
    count = Offer.objects.filter(line=line, is_history=False, ends_on=None).count()
    return form_page(
        request, "connection/catalogue_line_end.html", {"form": form, "line": line, "count": count}
    )


# ---------- an offer ----------


def _offer(uuid: UUID) -> Offer:
    found: Offer = get_object_or_404(Offer.objects.select_related("line"), uuid=uuid)
    return found


@require_safe
def catalogue_offer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One offer: what it says, who says so, what it was before and after."""
    user = reader(request)
    offer = _offer(uuid)
    today = timezone.localdate()
    written = offer.as_written.get("row", {}) if offer.is_history else {}
    context = {
        "line": offer.line,
        "shown": shown(offer, today),
        "offer": offer,
        "others": [shown(each, today) for each in queries.other_versions(offer)],
        "written": [(name, value) for name, value in written.items() if value],
        "unit_prices": unit_words(offer.as_written.get("unit_prices", {})) if offer.is_history else "",
        "is_link": offer.source.startswith(("https://", "http://")) and " " not in offer.source,
        "may_keep": can_keep_catalogue(user),
        "may_end": not offer.is_history and not offer.is_past(today) and not offer.replaced_by.exists(),
        "may_verify": not offer.is_history and not offer.is_past(today) and offer.verified_on != today,
        "verify_days": settings.CATALOGUE_VERIFY_DAYS,
        "today": today,
    }
    return render(request, "connection/catalogue_offer.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def catalogue_offer_add(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Another offer on this line."""
    user = keeper(request)
    line = _line(uuid)
    form = OfferForm(
        request.POST or None, line=line, initial={"begins_on": timezone.localdate(), "is_verified": True}
    )
    if request.method == "POST" and form.is_valid() and form.sold:
        try:
            services.add_offer(
                line,
                form.sold,
                begins_on=form.cleaned_data["begins_on"],
                note=form.cleaned_data["note"],
                by=user,
            )
        except BusinessError as error:
            say(form, error, {"code": "name"})
        else:
            messages.success(request, _("L’offre est dans le catalogue."))
            return redirect("connection:catalogue_line", uuid=line.uuid)
    return form_page(request, "connection/catalogue_offer_add.html", {"form": form, "line": line})


@require_http_methods(["GET", "HEAD", "POST"])
def catalogue_offer_replace(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The offer changes: this one ends, another begins."""
    user = keeper(request)
    offer = _offer(uuid)
    today = timezone.localdate()
    if offer.is_history:
        raise Http404
    form = OfferForm(
        request.POST or None, line=offer.line, offer=offer, initial=OfferForm.initial_of(offer, today)
    )
    if request.method == "POST" and form.is_valid() and form.sold:
        try:
            made = services.replace_offer(
                offer,
                form.sold,
                begins_on=form.cleaned_data["begins_on"],
                note=form.cleaned_data["note"],
                by=user,
            )
        except BusinessError as error:
            say(form, error)
        else:
            messages.success(request, _("C’est noté. L’offre d’avant reste dans son histoire."))
            return redirect("connection:catalogue_offer", uuid=made.uuid)
    context = {"form": form, "line": offer.line, "offer": offer, "is_open": offer.ends_on is None}
    return form_page(request, "connection/catalogue_offer_replace.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def catalogue_offer_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """It is not sold any more; while its last day is to come, another one, or none."""
    user = keeper(request)
    offer = _offer(uuid)
    if offer.is_history:
        raise Http404
    announced = offer.ends_on is not None
    initial = {"ends_on": offer.ends_on or timezone.localdate()}
    form = EndForm(request.POST or None, may_be_none=announced, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            services.end_offer(offer, ends_on=form.cleaned_data["ends_on"], by=user)
        except BusinessError as error:
            say(form, error)
        else:
            if form.cleaned_data["ends_on"]:
                messages.success(request, _("L’offre est retirée. Son histoire reste."))
            else:
                messages.success(request, _("L’offre reste en vente."))
            return redirect("connection:catalogue_offer", uuid=offer.uuid)
    context = {"form": form, "offer": offer, "announced": announced}
    return form_page(request, "connection/catalogue_offer_end.html", context)


@require_POST
def catalogue_offer_verify(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Someone has looked at the source today: it holds."""
    user = keeper(request)
    offer = services.verify_offer(_offer(uuid), by=user)
    messages.success(request, _("« %(name)s » est vérifiée aujourd’hui.") % {"name": offer.name})
    if request.POST.get("next") == "line":
        return redirect("connection:catalogue_line", uuid=offer.line.uuid)
    return redirect("connection:catalogue_offer", uuid=offer.uuid)
