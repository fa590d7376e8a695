"""The counter: person, product, payment, receipt."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.common.errors import BusinessError
from bagage.common.middleware import is_htmx
from bagage.common.ratelimit import limit
from bagage.common.words import ago
from bagage.connection.words import euros
from bagage.equipment.models import Reservation
from bagage.people.models import Person
from bagage.people.permissions import can_look_up
from bagage.people.queries import Hit, identity_ids, look_up, place_of
from bagage.permanences.models import Site
from bagage.shop import words
from bagage.shop.domain.money import NOTES, change_of, likely_notes
from bagage.shop.forms import NONE, OTHER, SellForm
from bagage.shop.models import Product, Sale
from bagage.shop.permissions import can_grant_right, can_sell_to
from bagage.shop.queries.counter import Shelf, just_bought, sales_seen_by, shelf
from bagage.shop.queries.tills import open_till_of, till_shown
from bagage.shop.services import sell
from bagage.shop.views.shared import address_of, seen_person, show_refusal, site_for, status_of, who
from bagage.trail.services import record_reading

LAST_SALES = 3
RATE = "240/m/user"


@dataclass(frozen=True, slots=True)
class Step:
    """One of the four steps of a sale."""

    label: str
    when: str
    state: str


@dataclass(frozen=True, slots=True)
class Asked:
    """What is chosen so far, from the address or from the form."""

    products: list[str]
    device: str
    held_line: str
    show_all: bool


def _asked(data: QueryDict) -> Asked:
    return Asked(
        [code for code in data.getlist("p") if code][:20],
        data.get("r", ""),
        data.get("held_line", ""),
        data.get("all") == "1",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def counter(request: HttpRequest) -> HttpResponse:
    """One screen, four taps; without a script each is a page. What is sold is written by one press."""
    user = who(request)
    site = site_for(request, Ability.SELL)
    if site is None:
        return render(request, "shop/counter_none.html")
    now = timezone.now()
    data = request.POST if request.method == "POST" else request.GET
    if request.method == "POST" and "q" in request.POST:
        return _found(request, user, site)
    person = _buyer(user, data.get("person", ""), now) if data.get("person") else None
    if person is None:
        return render(request, "shop/counter.html", _frame(request, user, site, None, None))
    asked = _asked(data)
    if request.method == "POST":
        form = SellForm(request.POST)
        if form.is_valid():
            answer = _sold(request, user, site, person, asked, form)
            if answer is not None:
                return answer
    else:
        form = SellForm(
            initial={
                "payment": data.get("payment", Sale.Payment.CASH)
                if data.get("payment") in Sale.Payment.values
                else Sale.Payment.CASH,
                "given": data.get("given", ""),
                "given_other": data.get("given_other", "")[:14],
                "payment_note": data.get("payment_note", "")[:60],
                "receipt": data.get("receipt", "paper"),
            }
        )
    if not is_htmx(request):
        record_reading(
            user.actor,
            "read_purchases",
            at=now,
            place=place_of(person, user, now),
            person=person.uuid,
        )
    shown = _shelf(user, site, person, asked, now)
    context = _frame(request, user, site, person, shown) | _paying(form, shown, data)
    template = "shop/counter.html"
    if is_htmx(request) and request.method != "POST":
        template = "shop/counter.html#chosen"
        context["oob"] = True
    return render(request, template, context, status=status_of(form) if request.method == "POST" else 200)


def _buyer(user: User, uuid: str, now: Any) -> Person:
    """Whom one sells to: 404 out of scope, 403 for who does not sell where she is followed."""
    person = seen_person(user, uuid, now)
    if not can_sell_to(user, person, now):
        raise PermissionDenied
    return person


def _shelf(user: User, site: Site, person: Person, asked: Asked, now: Any) -> Shelf:
    return shelf(
        person,
        identity_ids(person),
        site=site,
        today=timezone.localdate(now),
        chosen=asked.products,
        device=asked.device,
        held_line=asked.held_line,
        show_all=asked.show_all,
        may_grant=can_grant_right(user, person, now),
    )


def _found(request: HttpRequest, user: User, site: Site) -> HttpResponse:
    """Who it may be, of those in scope; what was typed stands in no address."""
    text = request.POST.get("q", "")[:200]
    hits: list[Hit] = []
    if can_look_up(user) and text.strip():
        limit(request, "look_up_typed", RATE)
        hits = look_up(text, user=user, is_typing=True).hits
    context = _frame(request, user, site, None, None) | {
        "asked": text,
        "hits": hits,
        "was_asked": bool(text.strip()),
        "anywhere_url": address_of("desk:look_up"),
    }
    return render(request, "shop/counter.html#found" if is_htmx(request) else "shop/counter.html", context)


def _sold(
    request: HttpRequest, user: User, site: Site, person: Person, asked: Asked, form: SellForm
) -> HttpResponse | None:
    """The sale, or ``None`` when a rule refuses it: the form then says why."""
    shown = _shelf(user, site, person, asked, timezone.now())
    wanted = {str(tile.product.uuid): tile.product for tile in shown.tiles}
    basket = [(wanted[code], 1) for code in dict.fromkeys(asked.products) if code in wanted]
    device = shown.basket.device
    is_short = len(basket) < len(set(asked.products)) or (asked.device and device is None)
    if is_short and Sale.objects.filter(key=form.cleaned_data["key"]).exists():
        basket, device = _as_sent(asked)
    elif is_short:
        # It went while the page was open: to someone else, out of sale, or her cap was used elsewhere.
        form.add_error(
            None, _("Ce qui était choisi ne peut plus être vendu. « Impossible aujourd’hui » dit pourquoi.")
        )
        return None
    data = form.cleaned_data
    try:
        sale = sell(
            person,
            site=site,
            basket=basket,
            reservation=device,
            payment=data["payment"],
            payment_note=data["payment_note"],
            given=data["given"],
            held_line=next((line for line in shown.lines if str(line.uuid) == asked.held_line), None),
            number=data["number"],
            shown_total=data["total"],
            key=data["key"],
            by=user,
        )
    except BusinessError as error:
        show_refusal(form, error, given="given_other", till="")
        return None
    messages.success(request, _("Encaissé : %(money)s.") % {"money": euros(sale.total)})
    address = reverse("shop:receipt", args=[sale.uuid])
    return redirect(f"{address}?receipt=none" if data["receipt"] == NONE else address)


def _as_sent(asked: Asked) -> tuple[list[tuple[Product, int]], Reservation | None]:
    """What the form asks for, on the shelf or not: the sale that it wrote may have taken the last piece."""
    products = Product.objects.filter(uuid__in=_uuids(asked.products))
    device = Reservation.objects.filter(uuid__in=_uuids([asked.device])).first()
    return [(product, 1) for product in products], device


def _uuids(codes: list[str]) -> list[UUID]:
    found = []
    for code in codes:
        with suppress(ValueError):
            found.append(UUID(code))
    return found


# ---------- what the page shows ----------
def _frame(
    request: HttpRequest, user: User, site: Site, person: Person | None, shown: Shelf | None
) -> dict[str, Any]:
    till = open_till_of(site)
    last = list(sales_seen_by(user, site)[:LAST_SALES])
    basket = shown.basket if shown else None
    names = words.what_words(basket.names) if basket else ""
    is_chosen = basket is not None and not basket.is_empty
    steps = [
        Step(_("Personne"), person.full_name if person else _("À choisir"), "done" if person else "now"),
        Step(
            _("Produit"),
            f"{names[:1].upper()}{names[1:]}" or _("À choisir"),
            "done" if is_chosen else "now" if person else "todo",
        ),
        Step(
            _("Paiement"), euros(basket.total) if basket and is_chosen else "", "now" if is_chosen else "todo"
        ),
        Step(_("Reçu"), "", "todo"),
    ]
    return {
        "here": site,
        "till": till_shown(till) if till else None,
        "is_of_today": till is not None and timezone.localdate(till.opened_at) == timezone.localdate(),
        "person": person,
        "shown": shown,
        "steps": steps,
        "last_sales": last,
        "sold_today": [sale for sale in last if timezone.localdate(sale.sold_at) == timezone.localdate()],
        "asked": "",
        "hits": [],
        "was_asked": False,
        "anywhere_url": "",
        "file_url": address_of("desk:person", person.uuid) if person else "",
        "just": _just_sold(person) if person else None,
    }


def _just_sold(person: Person) -> dict[str, Any] | None:
    """What she bought a moment ago, so that nobody sells it a second time without knowing."""
    now = timezone.now()
    sale = just_bought(identity_ids(person), now)
    if sale is None:
        return None
    what = words.what_words([line.name for line in sale.lines.all()])
    return {"sale": sale, "what": f"{what[:1].upper()}{what[1:]}", "when": ago(sale.sold_at, now)}


def _paying(form: SellForm, shown: Shelf, data: QueryDict) -> dict[str, Any]:
    """The side of the page: what remains, how it is paid, what is given back."""
    total = shown.basket.total
    given_text = data.get("given", "")[:8]
    given: int | None = int(given_text) if given_text.isascii() and given_text.isdigit() else None
    if given_text == OTHER:
        try:
            given = form.fields["given_other"].clean(data.get("given_other", ""))
        except ValidationError:
            given = None
    payment = data.get("payment") or Sale.Payment.CASH
    is_note = total in NOTES
    notes = likely_notes(total, 3 if is_note else 2)
    query = [("person", data.get("person", ""))]
    query += [("p", str(product.uuid)) for product in shown.basket.products]
    return {
        "form": form,
        "right_words": words.right_words(shown.right, timezone.localdate()),
        "period": words.period_name(shown.left, shown.rules.period),
        "per_period": words.per_period(shown.rules.period),
        "payment": payment,
        "payments": [
            (value, label, words.PAYMENT_ICONS[value], value == payment)
            for value, label in Sale.Payment.choices
        ],
        "notes": [(note, words.note_words(note), note == given and given_text != OTHER) for note in notes],
        "may_be_exact": not is_note,
        "given_other": given_text == OTHER,
        "given_text": data.get("given_other", "")[:14],
        "change": change_of(total, given) if given is not None and given >= total else None,
        "short": total - given if given is not None and given < total else None,
        "receipt": data.get("receipt") or "paper",
        "held_line": data.get("held_line", ""),
        "all_url": f"{reverse('shop:counter')}?{urlencode([*query, ('all', '1')])}",
    }
