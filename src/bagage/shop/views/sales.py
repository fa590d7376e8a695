"""A sale, its receipt, its counter-entries; the sales of a site."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q, Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.common.errors import BusinessError
from bagage.common.row_security import wide
from bagage.common.tables import Column, Filter, Rows, Table
from bagage.common.words import day_short, hour
from bagage.connection.words import euros
from bagage.equipment.models import Handover
from bagage.equipment.permissions import can_hand_over_to
from bagage.permanences.models import Site
from bagage.permanences.queries import day_bounds, sites_for
from bagage.shop import words
from bagage.shop.forms import RefundForm
from bagage.shop.models import Sale, SaleLine, Till
from bagage.shop.papers import receipt_paper
from bagage.shop.permissions import can_read_purchases, can_sell
from bagage.shop.queries.counter import sales_seen_by
from bagage.shop.queries.tills import open_till_of
from bagage.shop.services import refund_sale
from bagage.shop.views.counter import Step
from bagage.shop.views.shared import show_refusal, site_for, status_of, who

LAST_TILLS = 12
# Up to here the list says how many there are; above, that there are more.
COUNTED = 1_000


def _sale(request: HttpRequest, uuid: UUID) -> Sale:
    """A sale of a site where one sells: 403 for who sells nowhere, 404 for one of another site."""
    user = who(request)
    if not user.can(Ability.SELL):
        raise PermissionDenied
    found = Sale.objects.select_related(
        "site__organisation", "person__merged_into", "refunds", "till"
    ).filter(uuid=uuid)
    sale = found.first()
    if sale is None or not can_sell(user, sale.site):
        raise Http404
    return sale


def _left_of(sale: Sale, key: str = "") -> list[tuple[SaleLine, int]]:
    """Its lines with how many pieces of each were not taken back.

    With the ``key`` of a form: as before what this form took back, so that pressed twice it is read as it was.
    """
    lines = sale.lines.select_related("product", "held_line").prefetch_related("taken_back_by")
    written = sale.counter_entries.filter(key=key).values_list("pk", flat=True).first() if key else None
    return [
        (
            line,
            line.quantity + sum(one.quantity for one in line.taken_back_by.all() if one.sale_id != written),
        )
        for line in lines
    ]


def _knows(user: User, sale: Sale) -> bool:
    """Whether this user may know who bought."""
    person = sale.person.merged_into or sale.person
    return sale.person.erased_at is None and can_read_purchases(user, person)


def _with_her(left: list[tuple[SaleLine, int]]) -> list[Handover]:
    """Handovers of what was sold whose device is still out: its return is noted before the money goes back."""
    paid = [line.reservation_id for line, count in left if count > 0 and line.reservation_id]
    return list(Handover.objects.open().filter(reservation__in=paid).select_related("device")) if paid else []


@require_safe
def receipt(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Just sold: what is given back, the receipt, the next one."""
    sale = _sale(request, uuid)
    lines = list(sale.lines.select_related("held_line", "reservation__device"))
    held = next((line.held_line for line in reversed(lines) if line.held_line is not None), None)
    is_known = _knows(who(request), sale)
    paid = [line.reservation for line in lines if line.reservation is not None and line.reservation.is_held]
    person = sale.person.merged_into or sale.person
    is_giver = is_known and can_hand_over_to(who(request), person, timezone.now())
    without = request.GET.get("receipt") == "none"
    steps = [
        Step(_("Personne"), sale.person.full_name if is_known else "", "done"),
        Step(_("Produit"), ", ".join(line.name for line in lines), "done"),
        Step(_("Paiement"), f"{sale.get_payment_display()}, {euros(sale.total)}", "done"),
        Step(_("Reçu"), _("Sans reçu") if without else sale.receipt, "now"),
    ]
    return render(
        request,
        "shop/receipt.html",
        {
            "sale": sale,
            "lines": lines,
            "steps": steps,
            "held": held,
            "to_hand_over": paid if is_giver else [],
            "is_known": is_known,
            "without": without,
            "change": sale.change,
        },
    )


@require_safe
def receipt_pdf(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The receipt on paper, A6."""
    sale = _sale(request, uuid)
    response = HttpResponse(receipt_paper(sale), content_type="application/pdf")
    # No name in a file name either: it stays in a folder of downloads.
    response["Content-Disposition"] = f'inline; filename="recu-{sale.receipt}.pdf"'
    return response


@require_safe
def sale(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One sale with all that followed from it."""
    found = _sale(request, uuid)
    left = _left_of(found) if found.is_sale else []
    return render(
        request,
        "shop/sale.html",
        {
            "sale": found,
            "title": words.sale_title(found),
            "lines": list(found.lines.select_related("product", "held_line")),
            "counter_entries": list(found.counter_entries.order_by("pk").prefetch_related("lines")),
            "is_known": _knows(who(request), found),
            "can_be_taken_back": any(count for _line, count in left),
        },
    )


@require_http_methods(["GET", "HEAD", "POST"])
def sale_refund(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take it back, wholly or in part, by a counter-entry."""
    found = _sale(request, uuid)
    left = _left_of(found, request.POST.get("key", "")) if found.is_sale else []
    with_her = _with_her(left)
    form = RefundForm(request.POST or None, left=left, with_her=[one.reservation_id for one in with_her])
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            counter = refund_sale(
                found,
                lines=form.taken_back,
                reason=data["reason"],
                kind=data["kind"],
                back_in_stock=data["back_in_stock"],
                key=data["key"],
                by=who(request),
            )
        except BusinessError as error:
            show_refusal(form, error)
        else:
            messages.success(
                request,
                _("C’est fait : %(money)s à rendre, %(how)s.")
                % {"money": euros(-counter.total), "how": counter.get_payment_display().lower()},
            )
            return redirect("shop:sale", counter.uuid)
    return render(
        request,
        "shop/sale_refund.html",
        {
            "sale": found,
            "form": form,
            "is_known": _knows(who(request), found),
            "is_stocked": any(line.product is not None and line.product.is_stocked for line, _n in form.left),
            "till": open_till_of(found.site),
            "with_her": with_her,
        },
        status=status_of(form),
    )


# ---------- the list ----------
def _days(today: date) -> dict[str, tuple[date, date]]:
    return {
        "today": (today, today),
        "yesterday": (today - timedelta(days=1), today - timedelta(days=1)),
        "week": (today - timedelta(days=6), today),
        "month": (today.replace(day=1), today),
    }


def _between(rows: Rows, first: date, last: date) -> Rows:
    return rows.filter(sold_at__gte=day_bounds(first)[0], sold_at__lt=day_bounds(last)[1])


def _search(rows: Rows, text: str) -> Rows:
    """By receipt or by what was sold; never by a name, which would stand in the address."""
    year, _dash, number = text.partition("-")
    condition = Q(lines__name__icontains=text)
    if _is_number(year) and _is_number(number):
        condition |= Q(year=int(year[:4]), number=int(number[:8]))
    elif _is_number(text):
        condition |= Q(number=int(text[:8]))
    return rows.filter(pk__in=Sale.objects.filter(condition).values("pk"))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit()


def _who(row: Any) -> str:
    return row.person.short_name if row.is_known else _("Une personne suivie ailleurs")


def _what(row: Any) -> str:
    text = words.what_words([line.name for line in row.lines.all()])
    return f"{text[:1].upper()}{text[1:]}"


def _kind(row: Any) -> Any:
    if row.is_sale:
        return _what(row)
    return format_html(
        '{}<br><span class="xs soft">{} : {}</span>', _what(row), row.get_kind_display(), row.reason
    )


def _columns() -> list[Column]:
    return [
        Column(
            "receipt", _("Reçu"), lambda row: row.receipt, sort=("year", "number"),
            url=lambda row: reverse("shop:sale", args=[row.uuid]),
        ),
        Column("at", _("Quand"), lambda row: row.sold_at, sort=("sold_at",)),
        Column("who", _("Personne"), _who, only="screen"),
        Column("code", _("Code"), lambda row: row.person.code if row.is_known else "", only="export"),
        Column("what", _("Quoi"), _what, html=_kind),
        Column("kind", _("Sorte"), lambda row: row.get_kind_display(), only="export"),
        Column("payment", _("Paiement"), lambda row: row.get_payment_display()),
        Column("total", _("Montant"), lambda row: Decimal(row.total) / 100, sort=("total",), css="r num"),
        Column("reason", _("Pourquoi"), lambda row: row.reason, only="export"),
        Column("by", _("Par"), lambda row: row.sold_by, css="hide-phone"),
    ]  # fmt: skip


def _nouns(count: int) -> str:
    return ngettext("%(count)s ligne", "%(count)s lignes", count)


def _tills(site: Site) -> Iterable[tuple[str, str]]:
    return [
        (
            str(till.uuid),
            _("%(day)s, %(hour)s") % {"day": day_short(till.opened_at), "hour": hour(till.opened_at)},
        )
        for till in Till.objects.filter(site=site).order_by("-opened_at", "-pk")[:LAST_TILLS]
    ]


@require_safe
def sale_list(request: HttpRequest) -> HttpResponseBase:
    """The sales of a site: searched, filtered, totalled, as a file."""
    user = who(request)
    site = site_for(request, Ability.SELL)
    if site is None:
        return render(request, "shop/counter_none.html")
    days = _days(timezone.localdate())
    table = Table(
        request,
        sales_seen_by(user, site),
        name="ventes",
        title=_("Ventes"),
        columns=_columns(),
        filters=[
            Filter(
                "day", _("Jour"), _("Tous les jours"),
                [
                    ("today", _("Aujourd’hui")),
                    ("yesterday", _("Hier")),
                    ("week", _("7 derniers jours")),
                    ("month", _("Ce mois-ci")),
                ],
                lambda rows, value: _between(rows, *days[value]),
            ),
            Filter(
                "till", _("Caisse"), _("Toutes les caisses"), list(_tills(site)),
                lambda rows, value: rows.filter(till__uuid=value),
            ),
            Filter(
                "payment", _("Paiement"), _("Tous les paiements"), Sale.Payment.choices,
                lambda rows, value: rows.filter(payment=value),
            ),
            Filter(
                "kind", _("Sorte"), _("Ventes et reprises"), Sale.Kind.choices,
                lambda rows, value: rows.filter(kind=value),
            ),
        ],
        search=_search,
        search_hint=_("Reçu ou produit"),
        default_sort="-at",
        nouns=_nouns,
        counted=COUNTED,
        empty_icon="receipt-euro",
        empty_title=_("Rien n’a encore été vendu ici."),
        empty_text=_("La première vente se fait au comptoir."),
    )  # fmt: skip
    if table.export:
        return table.response()
    summed = table.narrowed if table.is_filtered else _between(table.source, *days["today"])
    with wide("sums"):
        sums = {
            row["payment"]: row["sum"]
            for row in summed.order_by().values("payment").annotate(sum=Sum("total"))
        }
    return render(
        request,
        "shop/sale_list.html",
        {
            "table": table,
            "here": site,
            "others": [one for one in sites_for(user, Ability.SELL) if one.pk != site.pk],
            "total": sum(sums.values()),
            "sums": [(label, sums[value]) for value, label in Sale.Payment.choices if value in sums],
        },
    )
