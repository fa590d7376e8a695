"""The catalogue: what is sold, to whom, since when; what a file would change; what changed between two days."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
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
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts.models import User
from bagage.common.errors import BusinessError
from bagage.common.exports import csv_response, xlsx_response
from bagage.common.tables import Column, Filter, Table
from bagage.common.words import day_short
from bagage.connection import words
from bagage.connection.catalogue_words import (
    KIND_LABELS,
    column_words,
    field_words,
    fields_words,
    programme_fault_words,
    sheet_table,
)
from bagage.connection.domain.catalogue import Change, LineChange, compare
from bagage.connection.domain.programme import CONDITIONS, programme_as_json
from bagage.connection.domain.programme import Line as SoldLine
from bagage.connection.domain.programme import Offer as SoldOffer
from bagage.connection.domain.sheet import COLUMNS, write_rows
from bagage.connection.forms.catalogue import CompareForm, EndForm, ImportForm, LineForm, OfferForm
from bagage.connection.models import CatalogueImport, Line, Offer
from bagage.connection.permissions import can_keep_catalogue, can_read_catalogue
from bagage.connection.queries import catalogue as queries
from bagage.connection.services import catalogue as services
from bagage.connection.services import catalogue_imports as imports
from bagage.connection.services.catalogue_history import load_offer_history

MONTH = timedelta(days=30)


# ---------- who ----------


def _reader(request: HttpRequest) -> User:
    """Staff; 403 for who only refers."""
    user = request.user
    assert isinstance(user, User)
    if not can_read_catalogue(user):
        raise PermissionDenied
    return user


def _keeper(request: HttpRequest) -> User:
    """Who keeps the catalogue; 403 for all others."""
    user = _reader(request)
    if not can_keep_catalogue(user):
        raise PermissionDenied
    return user


# ---------- how an offer reads ----------


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an offer stands: an icon, a word, a colour, and whether it asks for something."""

    icon: str
    word: str
    css: str = ""

    @property
    def html(self) -> str:
        """Shape, word, colour."""
        from bagage.common.templatetags.bagage import icon

        return format_html('<span class="state {}">{}{}</span>', self.css, icon(self.icon), self.word)


def standing(offer: Offer, today: date) -> Standing:
    """One standing, the most telling one: history, ended, to come, unknown, not verified for long, verified."""
    if offer.is_history:
        return Standing("history", _("histoire"))
    if offer.ends_on and offer.ends_on <= today:
        if offer.ends_on == offer.begins_on:
            return Standing("circle-x", _("corrigée le jour même"))
        return Standing("circle-x", _("retirée le %(day)s") % {"day": _short(offer.ends_on, today)})
    if offer.begins_on and offer.begins_on > today:
        return Standing(
            "calendar-clock", _("à partir du %(day)s") % {"day": _short(offer.begins_on, today)}, "on"
        )
    if offer.unknown:
        return Standing("circle-help", _("à vérifier"), "ask")
    if offer.verified_on is None:
        return Standing("clock", _("jamais vérifiée"), "ask")
    if offer.verified_on < queries.verified_before(today):
        days = (today - offer.verified_on).days
        return Standing("clock", _("vérifiée il y a %(count)s jours") % {"count": days}, "ask")
    return Standing(
        "circle-check", _("vérifiée le %(day)s") % {"day": _short(offer.verified_on, today)}, "ok"
    )


def _short(day: date, today: date) -> str:
    return day_short(day, year=day.year != today.year)


def _price(offer: Offer | SoldOffer) -> str:
    """``"10,00 €"``, ``"4,00 € par mois"``."""
    if offer.price is None or "price" in offer.unknown:
        return _("prix non connu")
    price = words.euros(offer.price)
    return _("%(price)s par mois") % {"price": price} if offer.kind == "plan" else price


def _validity(offer: Offer | SoldOffer) -> str:
    if offer.kind == "plan" and "commitment_months" in offer.unknown:
        return _("engagement non connu")
    if offer.kind == "plan":
        months = offer.commitment_months
        if not months:
            return _("sans engagement")
        return ngettext("engagement de %(count)s mois", "engagement de %(count)s mois", months) % {
            "count": months
        }
    if offer.validity_days is None:
        return _("durée non connue")
    return ngettext("%(count)s jour", "%(count)s jours", offer.validity_days) % {"count": offer.validity_days}


def _beyond(offer: Offer | SoldOffer) -> str:
    """What using more costs, for a plan."""
    if offer.kind != "plan" or (not offer.overage and getattr(offer, "is_history", False)):
        return ""
    if "overage" in offer.unknown:
        return _("au-delà : on ne sait pas")
    if not offer.overage:
        return _("bloqué au-delà")
    return _("au-delà : %(prices)s") % {"prices": unit_words(offer.overage)}


def unit_words(prices: dict[str, int] | Any) -> str:
    """``"0,30 € la minute, 0,10 € le SMS"``."""
    said = {
        "voice_min": _("%(price)s la minute"),
        "sms": _("%(price)s le SMS"),
        "data_mb": _("%(price)s le Mo"),
    }
    return ", ".join(
        said[key] % {"price": words.unit_euros(price)} for key, price in prices.items() if key in said
    )


def needs(requires: Iterable[Any]) -> str:
    """The conditions in words, or that there is none."""
    items = [item if isinstance(item, str) else sorted(item) for item in requires]
    return words.needs_words(items) if items else _("sans condition")


def _given(offer: Offer | SoldOffer) -> str:
    return words.given_words(offer.allowances, offer.credit) or _("contenu non connu")


@dataclass(frozen=True, slots=True)
class ShownOffer:
    """An offer as a page shows it."""

    offer: Offer
    price: str
    validity: str
    given: str
    beyond: str
    needs: str
    unknown: str
    standing: Standing
    sold: str
    is_open: bool
    asks: bool


def shown(offer: Offer, today: date) -> ShownOffer:
    """All the words of one offer."""
    return ShownOffer(
        offer=offer,
        price=_price(offer),
        validity=_validity(offer),
        given=_given(offer),
        beyond=_beyond(offer),
        needs=needs(offer.requires),
        unknown=fields_words(offer.unknown),
        standing=standing(offer, today),
        sold=_sold(offer, today),
        is_open=not offer.is_history and offer.ends_on is None,
        asks=standing(offer, today).icon == "clock",
    )


def _sold(offer: Offer, today: date) -> str:
    """From when to when it is sold."""
    if offer.begins_on is None:
        return offer.as_of
    begins = _short(offer.begins_on, today)
    if offer.ends_on is None:
        return (
            _("depuis le %(day)s") % {"day": begins}
            if offer.begins_on <= today
            else _("à partir du %(day)s") % {"day": begins}
        )
    return _("du %(first)s au %(last)s") % {"first": begins, "last": _short(offer.ends_on, today)}


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
    user = _reader(request)
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
                "without", _("Sans demander"), _("Toutes les conditions"),
                [(code, _("Sans : %(condition)s") % {"condition": words.condition_label(code)}) for code in CONDITIONS],
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
    context = {
        "table": table,
        "figures": figures,
        "is_empty": not (figures.sold or figures.history) and not Offer.objects.exists(),
        "may_keep": keeper,
        "verify_days": settings.CATALOGUE_VERIFY_DAYS,
        "lines": queries.lines_on(today),
        "about": queries.about(),
        "today": today,
        "imports": queries.recent_imports(3) if keeper else [],
    }
    return render(request, "connection/catalogue.html", context)


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
            "price", _("Prix"), lambda o: _price(o), sort=("price",), css="r num", sub=_validity, only="screen",
        ),
        Column(
            "price_eur", _("Prix en euros"), lambda o: None if o.price is None else _decimal(o.price), only="export",
        ),
        Column("validity", _("Durée"), _validity, only="export"),
        Column("given", _("Ce qu’elle apporte"), _given, sub=lambda o: _beyond(o)),
        Column("requires", _("Ce qu’il faut"), lambda o: needs(o.requires)),
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
    user = _reader(request)
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
        "current": [each for each in offers if _is_current(each.offer, today)],
        "coming": [each for each in offers if _is_coming(each.offer, today)],
        "past": [each for each in offers if _is_past(each.offer, today)],
        "history": [each for each in offers if each.offer.is_history],
        "may_keep": can_keep_catalogue(user),
        "is_open": any(each.ends_on is None for each in terms),
        "today": today,
    }
    return render(request, "connection/catalogue_line.html", context)


def _is_current(offer: Offer, today: date) -> bool:
    return not offer.is_history and not _is_coming(offer, today) and not _is_past(offer, today)


def _is_coming(offer: Offer, today: date) -> bool:
    return bool(offer.begins_on and offer.begins_on > today)


def _is_past(offer: Offer, today: date) -> bool:
    return bool(not offer.is_history and offer.ends_on and offer.ends_on <= today)


@require_http_methods(["GET", "HEAD", "POST"])
def catalogue_line_add(request: HttpRequest) -> HttpResponse:
    """Another line, before its offers."""
    user = _keeper(request)
    form = LineForm(request.POST or None, initial={"begins_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid() and form.sold:
        try:
            line = services.add_line(form.sold, begins_on=form.cleaned_data["begins_on"], by=user)
        except BusinessError as error:
            _say(form, error, {"code": "name"})
        else:
            messages.success(request, _("La gamme est là. Ajoutez-lui ses offres."))
            return redirect("connection:catalogue_line", uuid=line.uuid)
    return _form_page(request, "connection/catalogue_line_add.html", {"form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def catalogue_line_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Other terms from a day on; the ones before it stay in its history."""
    user = _keeper(request)
    line = _line(uuid)
    today = timezone.localdate()
    terms = line.terms.order_by("-begins_on", "-pk").first()
    form = LineForm(request.POST or None, line=line, initial=LineForm.initial_of(line, terms, today))
    if request.method == "POST" and form.is_valid() and form.sold:
        try:
            services.change_line(line, form.sold, begins_on=form.cleaned_data["begins_on"], by=user)
        except BusinessError as error:
            _say(form, error)
        else:
            messages.success(request, _("C’est noté. Les conditions d’avant restent dans son histoire."))
            return redirect("connection:catalogue_line", uuid=line.uuid)
    context = {"form": form, "line": line, "is_open": bool(terms and terms.ends_on is None)}
    return _form_page(request, "connection/catalogue_line_change.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def catalogue_line_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Nobody can have it any more: its offers end with it."""
    user = _keeper(request)
    line = _line(uuid)
    form = EndForm(request.POST or None, initial={"ends_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            services.end_line(line, ends_on=form.cleaned_data["ends_on"], by=user)
        except BusinessError as error:
            _say(form, error)
        else:
            messages.success(request, _("La gamme et ses offres sont retirées. Leur histoire reste."))
            return redirect("connection:catalogue_line", uuid=line.uuid)
    count = Offer.objects.filter(line=line, is_history=False, ends_on=None).count()
    return _form_page(
        request, "connection/catalogue_line_end.html", {"form": form, "line": line, "count": count}
    )


# ---------- an offer ----------


def _offer(uuid: UUID) -> Offer:
    return get_object_or_404(Offer.objects.select_related("line"), uuid=uuid)


@require_safe
def catalogue_offer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One offer: what it says, who says so, what it was before and after."""
    user = _reader(request)
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
        "may_verify": not offer.is_history and not _is_past(offer, today) and offer.verified_on != today,
        "verify_days": settings.CATALOGUE_VERIFY_DAYS,
        "today": today,
    }
    return render(request, "connection/catalogue_offer.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def catalogue_offer_add(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Another offer on this line."""
    user = _keeper(request)
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
            _say(form, error, {"code": "name"})
        else:
            messages.success(request, _("L’offre est dans le catalogue."))
            return redirect("connection:catalogue_line", uuid=line.uuid)
    return _form_page(request, "connection/catalogue_offer_add.html", {"form": form, "line": line})


@require_http_methods(["GET", "HEAD", "POST"])
def catalogue_offer_replace(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The offer changes: this one ends, another begins."""
    user = _keeper(request)
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
            _say(form, error)
        else:
            messages.success(request, _("C’est noté. L’offre d’avant reste dans son histoire."))
            return redirect("connection:catalogue_offer", uuid=made.uuid)
    context = {"form": form, "line": offer.line, "offer": offer, "is_open": offer.ends_on is None}
    return _form_page(request, "connection/catalogue_offer_replace.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def catalogue_offer_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """It is not sold any more."""
    user = _keeper(request)
    offer = _offer(uuid)
    if offer.is_history:
        raise Http404
    form = EndForm(request.POST or None, initial={"ends_on": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        try:
            services.end_offer(offer, ends_on=form.cleaned_data["ends_on"], by=user)
        except BusinessError as error:
            _say(form, error)
        else:
            messages.success(request, _("L’offre est retirée. Son histoire reste."))
            return redirect("connection:catalogue_offer", uuid=offer.uuid)
    return _form_page(request, "connection/catalogue_offer_end.html", {"form": form, "offer": offer})


@require_POST
def catalogue_offer_verify(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Someone has looked at the source today: it holds."""
    user = _keeper(request)
    offer = services.verify_offer(_offer(uuid), by=user)
    messages.success(request, _("« %(name)s » est vérifiée aujourd’hui.") % {"name": offer.name})
    if request.POST.get("next") == "line":
        return redirect("connection:catalogue_line", uuid=offer.line.uuid)
    return redirect("connection:catalogue_offer", uuid=offer.uuid)


# ---------- files in ----------


@require_http_methods(["GET", "HEAD", "POST"])
def catalogue_import(request: HttpRequest) -> HttpResponse:
    """Hand in a file: it is read and shown, nothing is written."""
    user = _keeper(request)
    form = ImportForm(
        request.POST or None, request.FILES or None, initial={"begins_on": timezone.localdate()}
    )
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            batch = imports.read_import(
                file.name or "", file.read(), begins_on=form.cleaned_data["begins_on"], by=user
            )
        except BusinessError as error:
            _say(form, error)
        else:
            return redirect("connection:catalogue_import_preview", uuid=batch.uuid)
    context = {"form": form, "batches": queries.recent_imports()}
    return _form_page(request, "connection/catalogue_import.html", context)


@dataclass(frozen=True, slots=True)
class Step:
    """One change that a file would make, or that two days differ by."""

    title: str
    sub: str
    icon: str
    details: list[str]
    price: str = ""


def _step(line: SoldLine, offer: SoldOffer, icon: str) -> Step:
    return Step(
        offer.name or offer.id, _title(line), icon, [_given(offer), needs(offer.requires)], _price(offer)
    )


def _title(line: SoldLine) -> str:
    return ", ".join(part for part in (line.operator, line.name) if part) or line.id


def _changed(change: Change) -> Step:
    """What differs, each with what it was and what it is."""
    step = change.price_step
    icon = "arrow-up" if step > 0 else "arrow-down" if step < 0 else "pencil"
    details = [_difference(change.before, change.after, name) for name in change.fields]
    return Step(
        change.after.name or change.after.id, _title(change.line), icon, details, _price(change.after)
    )


def _line_changed(change: LineChange) -> Step:
    details = [_difference(change.before, change.after, name) for name in change.fields]
    return Step(_title(change.after), _("la gamme"), "pencil", details)


def _difference(before: Any, after: Any, name: str) -> str:
    """``"prix : 5,00 € devient 6,00 €"``."""
    said = [_value(each, name) for each in (before, after)]
    return _("%(field)s : %(before)s devient %(after)s") % {
        "field": field_words(name),
        "before": said[0],
        "after": said[1],
    }


def _value(thing: Any, name: str) -> str:
    value = getattr(thing, name)
    if name in {"price", "sim_price", "credit", "monthly_cap"}:
        if name == "price":
            return _price(thing)
        return _("aucun") if value is None else words.euros(value)
    if name in {"unit_prices", "overage"}:
        return unit_words(value) or _("aucun")
    if name == "allowances":
        return words.given_words(value) or _("rien")
    if name == "requires":
        return needs(value)
    if name == "unknown":
        return fields_words(value) or _("rien")
    if name == "kind":
        return str(KIND_LABELS.get(value, value))
    if name in {"validity_days", "commitment_months"}:
        return _validity(thing)
    if isinstance(value, bool):
        return _("oui") if value else _("non")
    return str(value) or _("rien")


def _batch(uuid: UUID) -> CatalogueImport:
    return get_object_or_404(CatalogueImport, uuid=uuid)


@require_safe
def catalogue_import_preview(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What a file would change, what is set aside and why; once confirmed, what it changed and how to take it back."""
    _keeper(request)
    batch = _batch(uuid)
    preview = batch.state == CatalogueImport.State.PREVIEW
    context: dict[str, Any] = {
        "batch": batch,
        "is_preview": preview,
        "faults": [
            {**fault, "column_words": column_words(fault["column"]), "says": programme_fault_words(fault)}
            for fault in batch.problems
        ],
        "aside": len(batch.programme.get("aside", [])),
        "ignored": batch.programme.get("ignored", []),
        "encoding": batch.programme.get("encoding", ""),
        "uses": imports.uses_of_import(batch) if batch.state == CatalogueImport.State.DONE else [],
        "today": timezone.localdate(),
    }
    if preview:
        plan = queries.import_plan(batch)
        rules = plan.rules
        context |= {
            "plan": plan,
            "writes": len(rules.added) + len(rules.replaced) + len(rules.verified) + len(plan.ended),
            "new_lines": rules.new_lines,
            "added": [_step(line, offer, "plus") for line, offer in rules.added],
            "replaced": [_changed(each) for each in rules.replaced],
            "changed_lines": [_line_changed(each) for each in rules.changed_lines],
            "verified": [_step(line, offer, "check") for line, offer in rules.verified],
            "ended": [{"name": row.name, "line": row.line.title, "day": ends} for row, ends in plan.ended],
            "left": [_step(line, offer, "ban") for line, offer in rules.aside],
            "same": rules.same,
        }
    return render(request, "connection/catalogue_import_preview.html", context)


@require_POST
def catalogue_import_confirm(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write what the preview shows."""
    user = _keeper(request)
    batch = imports.confirm_import(_batch(uuid), by=user)
    messages.success(request, _("C’est écrit. L’import se défait en un geste, tant que rien n’en a servi."))
    return redirect("connection:catalogue_import_preview", uuid=batch.uuid)


@require_POST
def catalogue_import_undo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take back the whole of an import."""
    user = _keeper(request)
    batch = imports.undo_import(_batch(uuid), by=user)
    messages.success(request, _("L’import est défait : le catalogue est comme avant lui."))
    return redirect("connection:catalogue_import_preview", uuid=batch.uuid)


@require_safe
def catalogue_import_rest(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """The rows that were set aside, as they were written, with what is wrong: to mend and hand in again."""
    _keeper(request)
    batch = _batch(uuid)
    aside: list[dict[str, str]] = batch.programme.get("aside", [])
    if not aside:
        raise Http404
    reasons: dict[str, list[str]] = {}
    for fault in batch.problems:
        said = f"{column_words(fault['column'])} : {programme_fault_words(fault)}"
        reasons.setdefault(str(fault["row"] or fault["offer"]), []).append(said)
    columns = [name for name in COLUMNS if any(row.get(name) for row in aside)]
    columns = columns or sorted({name for row in aside for name in row} - {"row"})
    rows: list[list[Any]] = [[_("À corriger"), *(column_words(name) for name in columns)]]
    for row in aside:
        why = " ".join(reasons.get(row.get("row", row.get("id", "")), []))
        rows.append([why, *(row.get(name, "") for name in columns)])
    return csv_response("bagage-offres-a-corriger", rows)


@require_POST
def catalogue_example(request: HttpRequest) -> HttpResponse:
    """Load the invented example into a catalogue where nothing was ever sold."""
    user = _keeper(request)
    if Offer.objects.filter(is_history=False).exists():
        raise BusinessError(_("Le catalogue a déjà des offres : l’exemple ne s’y mélange pas."))
    batch = imports.load_example(by=user)
    messages.success(
        request, _("L’exemple est chargé. Tout y est inventé : défaites-le avant de conseiller quelqu’un.")
    )
    return redirect("connection:catalogue_import_preview", uuid=batch.uuid)


@require_POST
def catalogue_history(request: HttpRequest) -> HttpResponse:
    """Add the 62 offers of other times that come with Bagage."""
    user = _keeper(request)
    added = load_offer_history(by=user)
    said = ngettext("%(count)s offre d’autrefois est là.", "%(count)s offres d’autrefois sont là.", added)
    messages.success(request, said % {"count": added} if added else _("L’histoire était déjà là."))
    return redirect(reverse("connection:catalogue") + "?state=history")


# ---------- files out ----------


@require_safe
def catalogue_export(request: HttpRequest, kind: str) -> HttpResponseBase:
    """What is sold on a day (today unless told): a programme file, or a table that can be handed in again."""
    _reader(request)
    if kind not in {"json", "csv", "xlsx"}:
        raise Http404
    day = _day(request.GET.get("day", "")) or timezone.localdate()
    programme = queries.catalogue_on(day)
    name = f"bagage-catalogue-{day.isoformat()}"
    if kind == "json":
        text = json.dumps(programme_as_json(programme), ensure_ascii=False, indent=1)
        response = HttpResponse(text + "\n", content_type="application/json; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{name}.json"'
        return response
    rows = sheet_table(write_rows(programme, queries.extras_on(day)))
    if kind == "xlsx":
        return xlsx_response(
            name, rows, title=_("Catalogue"), fixed_at=timezone.now(),
            filters=[_("en vente le %(day)s") % {"day": day_short(day, year=True)}],
        )  # fmt: skip
    return csv_response(name, rows)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


# ---------- two days ----------


@require_safe
def catalogue_compare(request: HttpRequest) -> HttpResponse:
    """What began, ended, became dearer or cheaper between two days."""
    _reader(request)
    today = timezone.localdate()
    asked = {name: request.GET.get(name) or default for name, default in _usual_days(today).items()}
    form = CompareForm(asked)
    context: dict[str, Any] = {"form": form, "comparison": None}
    if form.is_valid():
        first, last = sorted((form.cleaned_data["before"], form.cleaned_data["after"]))
        found = compare(queries.catalogue_on(first), queries.catalogue_on(last))
        context |= {
            "comparison": found,
            "first": first,
            "last": last,
            "groups": [
                (_("Plus chères"), "arrow-up", [_changed(each) for each in found.dearer]),
                (_("Moins chères"), "arrow-down", [_changed(each) for each in found.cheaper]),
                (_("Nouvelles"), "plus", [_step(*pair, "plus") for pair in found.began]),
                (_("Retirées"), "circle-x", [_step(*pair, "circle-x") for pair in found.ended]),
                (_("Changées, au même prix"), "pencil", [_changed(each) for each in found.otherwise]),
                (_("Gammes changées"), "card-sim", [_line_changed(each) for each in found.lines]),
            ],
            "same": found.same,
        }
    return render(request, "connection/catalogue_compare.html", context)


def _usual_days(today: date) -> dict[str, str]:
    return {"before": (today - 2 * MONTH).isoformat(), "after": today.isoformat()}


# ---------- forms ----------


def _say(form: Any, error: BusinessError, names: dict[str, str] | None = None) -> None:
    """A refusal beside its field, or above the form."""
    field = (names or {}).get(error.field, error.field)
    form.add_error(field if field in form.fields else None, str(error))


def _form_page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    return render(request, template, context, status=422 if context["form"].errors else 200)
