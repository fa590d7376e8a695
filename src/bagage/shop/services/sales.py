"""A sale is written whole or not at all: lines, stock, her line, the reserved device, the receipt, the trail.

What was written is never changed: a refund and a correction are counter-entries with a receipt of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.db.models import Max, Sum
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import User, actor_of, name_of
from bagage.common.errors import BusinessError, Conflict, FormUsed
from bagage.connection.models import HeldLine, LineEvent
from bagage.connection.services import lines as held_lines
from bagage.connection.words import euros
from bagage.equipment.models import Reservation
from bagage.equipment.services import note_paid, note_unpaid
from bagage.people.models import Person
from bagage.people.queries import identity_ids, place_of
from bagage.permanences.models import Site
from bagage.shop import words
from bagage.shop.domain.cap import fitting
from bagage.shop.events import sale_written
from bagage.shop.models import Product, Sale, SaleLine, StockMovement, StockPlace
from bagage.shop.queries.lines import last_day_of, lines_for, offer_of
from bagage.shop.queries.rights import last_right_of, left_in_cap, right_of, shop_rules
from bagage.shop.queries.tills import cash_in
from bagage.shop.services.locks import locked_person, locked_places, locked_till
from bagage.shop.services.stock import quantity_at, write_movement
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

By = User | Actor
Basket = Iterable[tuple[Product, int]]
MOST_PIECES = 20
VERBS = {Sale.Kind.SALE: "sale.sell", Sale.Kind.REFUND: "sale.refund", Sale.Kind.CORRECTION: "sale.correct"}


@transaction.atomic
def sell(
    person: Person,
    *,
    site: Site,
    basket: Basket,
    reservation: Reservation | None = None,
    payment: str,
    payment_note: str = "",
    given: int | None = None,
    held_line: HeldLine | None = None,
    number: str = "",
    shown_total: int | None = None,
    key: str,
    by: By,
    at: datetime | None = None,
) -> Sale:
    """Sell ``basket`` (products with how many of each) and, with ``reservation``, the device kept for her.

    ``payment`` is cash, card or voucher (``payment_note``: its number); ``given`` the cash handed over, in cents;
    ``held_line`` the line that a top-up is for when she holds several; ``number`` that of a new SIM, in international
    form; ``shown_total`` what the screen said it costs, so that nothing is sold at a price she has not seen. The same
    ``key`` sells once.

    Raises :class:`BusinessError` when nothing is chosen, no right lives, the cap does not hold it, it is not in stock,
    no line can be topped up, the cash is not enough, no till is open; :class:`Conflict` when the price has changed, the
    device is paid or no longer kept for her, or the key served for another sale. Each says what can be done instead.
    """
    at = at or timezone.now()
    today = timezone.localdate(at)
    if not key:
        raise ValueError("a sale needs a key, so that pressing twice sells once")
    basket = list(basket)
    known = _known(key, person, site)
    if known is not None:
        return _sold_before(known, basket, reservation, held_line, shown_total)
    her = locked_person(person)
    files = identity_ids(her)
    till = locked_till(site)
    known = _known(key, person, site)  # written while the locks were waited for
    if known is not None:
        return _sold_before(known, basket, reservation, held_line, shown_total)
    wanted = _wanted(basket)
    if not wanted and reservation is None:
        raise BusinessError(_("Choisissez au moins un produit."), field="p")
    kept = _kept_for_her(reservation, files)
    total = sum(product.price * count for product, count in wanted) + (kept.price if kept else 0)
    if shown_total is not None and shown_total != total:
        raise Conflict(
            _("Un prix a changé : cela coûte maintenant %(money)s. Dites-le-lui, puis encaissez.")
            % {"money": euros(total)}
        )
    _check_right(wanted, files, today)
    _check_cap(wanted, files, today)
    places = locked_places(site, [product for product, _count in wanted if product.is_stocked])
    for product, count in wanted:
        if product.is_stocked:
            _check_stock(product, count, places[product.pk])
    given = _check_payment(payment, given, total)
    top_ups = _lines_to_top_up(wanted, files, held_line)

    sale = _written(
        Sale(
            kind=Sale.Kind.SALE,
            person=her,
            site=site,
            till=till,
            on=today,
            total=total,
            payment=payment,
            payment_note=" ".join(payment_note.split())[:60] if payment == Sale.Payment.VOUCHER else "",
            given=given,
            key=key[:64],
            sold_by=name_of(by),
            sold_at=at,
        )
    )
    opened: HeldLine | None = None
    for product, count in wanted:
        for pieces in [1] * count if product.touches_a_line else [count]:
            line = SaleLine(
                sale=sale,
                product=product,
                name=product.name,
                unit_price=product.price,
                quantity=pieces,
                counts_in_cap=product.counts_in_cap,
                counts_on=today,
            )
            if product.kind == Product.Kind.SIM:
                opened = _activate(product, her, line, number=number, today=today, by=by, at=at)
            elif product.kind == Product.Kind.TOP_UP:
                held = top_ups[product.pk] or opened
                assert held is not None
                _top_up(product, held, line, today=today, by=by, at=at)
            line.save(force_insert=True)
            if product.is_stocked:
                write_movement(
                    places[product.pk],
                    StockMovement.Kind.SOLD,
                    -pieces,
                    sale_line=line,
                    key=f"sold:{line.uuid.hex}",
                    by=by,
                    at=at,
                )
    if kept is not None:
        SaleLine.objects.create(
            sale=sale,
            reservation=kept,
            name=f"{kept.device.name}, {kept.device.number}"[:160],
            unit_price=kept.price,
            quantity=1,
            counts_in_cap=False,
            counts_on=today,
        )
        note_paid(kept, receipt=sale.receipt, by=by, at=at)
    _finish(sale, by=by, at=at)
    return sale


@transaction.atomic
def refund_sale(
    sale: Sale,
    *,
    lines: Iterable[tuple[SaleLine, int]] | None = None,
    reason: str,
    kind: str = Sale.Kind.REFUND,
    back_in_stock: bool = True,
    key: str,
    by: By,
    at: datetime | None = None,
) -> Sale:
    """Take a sale back by a counter-entry: wholly, or ``lines`` of it with how many pieces of each.

    Money goes back the way it came, from the till that is open there now. The cap is given back for the day of the
    sale; what is ``back_in_stock`` can be sold again; what was written on her line is undone; a device is to be paid
    again. ``kind`` is refund, or correction for what was written by mistake.

    Raises :class:`BusinessError` without a reason, for a counter-entry, for more than was sold, when the till has not
    the cash; :class:`Conflict` when nothing is left to take back, when her line has changed since, or when the device
    was handed over; :class:`FormUsed` when the key served for anything else.
    """
    at = at or timezone.now()
    reason = " ".join(reason.split())[:200]
    if not key:
        raise ValueError("a counter-entry needs a key, so that pressing twice writes once")
    lines = None if lines is None else list(lines)
    known = _known(key, sale.person, sale.site)
    if known is not None:
        return _taken_back_before(known, sale, lines)
    locked_person(sale.person)
    till = locked_till(sale.site)
    known = _known(key, sale.person, sale.site)
    if known is not None:
        return _taken_back_before(known, sale, lines)
    if kind not in {Sale.Kind.REFUND, Sale.Kind.CORRECTION}:
        raise ValueError(f"no such counter-entry: {kind}")
    if not sale.is_sale:
        raise BusinessError(_("C’est déjà une contre-écriture : elle ne se rembourse pas. Vendez à nouveau."))
    if not reason:
        raise BusinessError(_("Écrivez pourquoi : cela reste sur le reçu."), field="reason")
    back = _to_take_back(sale, lines)
    stocked = [one.line.product for one in back if one.line.product is not None and one.was_in_stock]
    places = locked_places(sale.site, stocked if back_in_stock else [])
    total = sum(one.line.unit_price * one.count for one in back)
    if sale.payment == Sale.Payment.CASH and total > cash_in(till):
        raise BusinessError(
            _(
                "La caisse n’a que %(cash)s en espèces : il faut %(money)s. "
                "Ajoutez de quoi rendre à la prochaine ouverture."
            )
            % {"cash": euros(cash_in(till)), "money": euros(total)},
            field="till",
        )
    counter = _written(
        Sale(
            kind=kind,
            person=sale.person,
            site=sale.site,
            till=till,
            on=timezone.localdate(at),
            total=-total,
            payment=sale.payment,
            payment_note=sale.payment_note,
            refunds=sale,
            reason=reason,
            key=key[:64],
            sold_by=name_of(by),
            sold_at=at,
        )
    )
    # The other way round: what was written last on her line is undone first.
    for one in reversed(back):
        line = SaleLine.objects.create(
            sale=counter,
            product=one.line.product,
            reservation=one.line.reservation,
            name=one.line.name,
            unit_price=one.line.unit_price,
            quantity=-one.count,
            counts_in_cap=one.line.counts_in_cap,
            counts_on=one.line.counts_on,
            takes_back=one.line,
            held_line=one.line.held_line,
        )
        if back_in_stock and one.was_in_stock and one.line.product_id is not None:
            write_movement(
                places[one.line.product_id],
                StockMovement.Kind.REFUNDED,
                one.count,
                sale_line=line,
                reason=reason,
                key=f"back:{line.uuid.hex}",
                by=by,
                at=at,
            )
        if one.line.line_event is not None:
            _undo_on_line(one.line.line_event, line, counter, by=by, at=at)
        if one.line.reservation is not None:
            note_unpaid(one.line.reservation, by=by, at=at)
    _finish(counter, by=by, at=at)
    return counter


# ---------- what is asked before ----------
def _known(key: str, person: Person, site: Site) -> Sale | None:
    known = Sale.objects.filter(key=key[:64]).select_related("person", "site").first()
    if known is not None and (known.site_id != site.pk or known.person_id not in identity_ids(person)):
        raise FormUsed(_("Cette page a déjà servi. Envoyez à nouveau : ce que vous avez tapé est gardé."))
    return known


def _sold_before(
    known: Sale,
    basket: Basket,
    reservation: Reservation | None,
    held_line: HeldLine | None,
    shown_total: int | None,
) -> Sale:
    """The sale that this very form wrote; refused when the form now asks for another one: that is not sold."""
    wanted: Counter[int] = Counter()
    for product, count in basket:
        wanted[product.pk] += count
    sold: Counter[int] = Counter()
    kept, topped_up = set(), set()
    for line in known.lines.select_related("product"):
        if line.product is not None:
            sold[line.product.pk] += line.quantity
            if line.product.kind == Product.Kind.TOP_UP:
                topped_up.add(line.held_line_id)
        if line.reservation_id is not None:
            kept.add(line.reservation_id)
    is_same = (
        known.is_sale
        and wanted == sold
        and kept == ({reservation.pk} if reservation is not None else set())
        and shown_total in {None, known.total}
        and (held_line is None or not topped_up or topped_up == {held_line.pk})
    )
    if not is_same:
        raise FormUsed(_wrote(known))
    return known


def _taken_back_before(known: Sale, sale: Sale, lines: Sequence[tuple[SaleLine, int]] | None) -> Sale:
    """The counter-entry that this very form wrote; refused when it took back another sale, or something else of it."""
    took = {line.takes_back_id: -line.quantity for line in known.lines.all()}
    if lines is not None:
        asked = {line.pk: count for line, count in lines}
    else:  # all that was left then
        earlier = sale.lines.prefetch_related("taken_back_by")
        left = {
            line.pk: line.quantity
            + sum(one.quantity for one in line.taken_back_by.all() if one.sale_id < known.pk)
            for line in earlier
        }
        asked = {pk: count for pk, count in left.items() if count}
    if known.refunds_id != sale.pk or took != asked:
        raise FormUsed(_wrote(known))
    return known


def _wrote(known: Sale) -> str:
    return _(
        "Cette page a déjà écrit le reçu %(receipt)s, %(money)s. Pour autre chose, envoyez à nouveau : ce que vous "
        "avez choisi est gardé."
    ) % {"receipt": known.receipt, "money": euros(known.total)}


def _wanted(basket: Basket) -> list[tuple[Product, int]]:
    """The products as they are now, once each; a SIM before the top-ups that go on it."""
    counts: dict[int, int] = {}
    for product, count in basket:
        counts[product.pk] = counts.get(product.pk, 0) + count
    for count in counts.values():
        if not 1 <= count <= MOST_PIECES:
            raise BusinessError(_("Un nombre entre 1 et %(most)s.") % {"most": MOST_PIECES}, field="p")
    products = list(
        Product.objects.select_related("line", "offer").filter(pk__in=list(counts)).order_by("position", "pk")
    )
    for product in products:
        if not product.is_on_sale:
            raise BusinessError(
                _("%(name)s ne se vend plus. Choisissez un autre produit.") % {"name": product.name},
                field="p",
            )
        if product.kind == Product.Kind.SIM and counts[product.pk] > 1:
            raise BusinessError(
                _("Une carte SIM à la fois : chacune a son numéro. Faites deux ventes."), field="p"
            )
    if sum(1 for product in products if product.kind == Product.Kind.SIM) > 1:
        raise BusinessError(
            _("Une carte SIM à la fois : chacune a son numéro. Faites deux ventes."), field="p"
        )
    products.sort(key=lambda product: product.kind != Product.Kind.SIM)
    return [(product, counts[product.pk]) for product in products]


def _kept_for_her(reservation: Reservation | None, files: Sequence[int]) -> Reservation | None:
    if reservation is None:
        return None
    kept = Reservation.objects.select_related("device").get(pk=reservation.pk)
    if kept.person_id not in files or not kept.is_held:
        raise Conflict(
            _(
                "Cet appareil n’est plus réservé à cette personne. Rouvrez son dossier : un autre l’attend peut-être."
            ),
            field="reservation",
        )
    if kept.paid_at is not None:
        raise Conflict(
            _("Cet appareil est déjà payé, reçu %(receipt)s. Il reste à le remettre.")
            % {"receipt": kept.paid_receipt},
            field="reservation",
        )
    if not kept.price:
        raise BusinessError(
            _("Cet appareil est gratuit : il se remet sans passer à la caisse."), field="reservation"
        )
    return kept


def _check_right(wanted: Sequence[tuple[Product, int]], files: Sequence[int], today: date) -> None:
    if not any(product.needs_right for product, _count in wanted) or right_of(files, today) is not None:
        return
    last = last_right_of(files, today)
    raise BusinessError(
        " ".join([words.right_words(last, today), words.right_ways(last, shop_rules())]), field="person"
    )


def _check_cap(wanted: Sequence[tuple[Product, int]], files: Sequence[int], today: date) -> None:
    amount = sum(product.price * count for product, count in wanted if product.counts_in_cap)
    if not amount:
        return
    rules = shop_rules()
    left = left_in_cap(files, today, rules)
    if amount <= left.left:
        return
    kinds = {product.kind for product, _count in wanted}
    others = Product.objects.on_sale().filter(kind__in=kinds, counts_in_cap=True, price__gt=0)
    cheaper = fitting(left.left, [(one, one.price) for one in others])
    raise BusinessError(
        " ".join(
            part
            for part in (
                words.cap_words(left, amount, rules.period),
                words.cheaper_words(cheaper),
                words.more_words(left),
            )
            if part
        ),
        field="p",
    )


def _check_stock(product: Product, count: int, place: StockPlace) -> None:
    here = quantity_at(place)
    if count <= here:
        return
    elsewhere = (
        StockPlace.objects.filter(product=product, site__organisation__is_open=True)
        .exclude(pk=place.pk)
        .select_related("site__organisation")
        .annotate(here=Sum("movements__quantity"))
        .filter(here__gt=0)
        .order_by("-here")
    )
    parts = [
        _("%(name)s : %(stock)s.") % {"name": product.name, "stock": words.stock_words(here).lower()},
        words.elsewhere_words([(str(one.site), one.here) for one in elsewhere[:3]]),
        _("Choisissez un autre produit, ou faites compter le stock."),
    ]
    raise BusinessError(" ".join(part for part in parts if part), field="p")


def _check_payment(payment: str, given: int | None, total: int) -> int | None:
    if payment not in Sale.Payment.values:
        raise BusinessError(_("Choisissez comment cela est payé."), field="payment")
    if payment != Sale.Payment.CASH:
        return None
    if given is not None and given < total:
        raise BusinessError(
            _("Il manque %(missing)s pour payer %(total)s.")
            % {"missing": euros(total - given), "total": euros(total)},
            field="given",
        )
    return given


def _lines_to_top_up(
    wanted: Sequence[tuple[Product, int]], files: Sequence[int], chosen: HeldLine | None
) -> dict[int, HeldLine | None]:
    """For each top-up the line that it goes on; ``None`` for the one that this very sale opens."""
    top_ups = [product for product, _count in wanted if product.kind == Product.Kind.TOP_UP]
    if not top_ups:
        return {}
    sims = [product for product, _count in wanted if product.kind == Product.Kind.SIM]
    live = list(HeldLine.objects.of_persons(files).live().select_related("line", "person__merged_into"))
    found: dict[int, HeldLine | None] = {}
    for product in top_ups:
        if chosen is None and any(product.line_id in {None, sim.line_id} for sim in sims):
            found[product.pk] = None
            continue
        fit = lines_for(product, live)
        if chosen is not None:
            fit = [line for line in fit if line.pk == chosen.pk]
        if not fit:
            raise BusinessError(
                _(
                    "%(name)s : aucune ligne de cette personne ne peut la recevoir. "
                    "Vendez d’abord la carte SIM, ou notez sa ligne dans son dossier."
                )
                % {"name": product.name},
                field="held_line",
            )
        if len(fit) > 1:
            raise BusinessError(
                _("%(name)s : choisissez la ligne à recharger.") % {"name": product.name}, field="held_line"
            )
        found[product.pk] = fit[0]
    return found


# ---------- what is written ----------
def _written(sale: Sale) -> Sale:
    """With the next number of its site and year: under the lock of the till, none is left out or given twice."""
    sale.year = sale.on.year
    last = Sale.objects.filter(site=sale.site, year=sale.year).aggregate(last=Max("number"))["last"] or 0
    sale.number = last + 1
    try:
        with transaction.atomic():
            sale.save(force_insert=True)
    except IntegrityError as error:  # the same form, sent twice at the same moment from two files
        raise Conflict(_("C’est déjà noté.")) from error
    return sale


def _activate(
    product: Product, her: Person, line: SaleLine, *, number: str, today: date, by: By, at: datetime
) -> HeldLine:
    offer = offer_of(product, today)
    key = f"sale:{line.uuid.hex}"
    held = held_lines.activate_line(
        her,
        line=product.line,
        words=product.name,
        number=number,
        offer=offer,
        what=product.name,
        price=product.price,
        live_until=last_day_of(product, today, offer),
        on=today,
        key=key,
        by=by,
        at=at,
    )
    line.held_line, line.line_event = held, LineEvent.objects.get(key=key)
    return held


def _top_up(product: Product, held: HeldLine, line: SaleLine, *, today: date, by: By, at: datetime) -> None:
    # A line that is named by words has no range in the catalogue: nor can what is bought on it.
    offer = offer_of(product, today) if held.line_id == product.line_id else None
    key = f"sale:{line.uuid.hex}"
    held_lines.record_top_up(
        held,
        offer=offer,
        what=product.name,
        price=product.price,
        live_until=last_day_of(product, today, offer),
        on=today,
        key=key,
        by=by,
        at=at,
    )
    line.held_line, line.line_event = held, LineEvent.objects.get(key=key)


@dataclass(frozen=True, slots=True)
class _Back:
    """A line of a sale, how many of its pieces are taken back, and whether they had left the stock."""

    line: SaleLine
    count: int
    was_in_stock: bool


def _to_take_back(sale: Sale, lines: Iterable[tuple[SaleLine, int]] | None) -> list[_Back]:
    """Under the lock of the person: what of the sale is left, or what was asked of it."""
    sold = list(
        sale.lines.select_related(
            "product", "reservation__device", "held_line", "line_event__line"
        ).prefetch_related("taken_back_by", "movements")
    )
    left = {line.pk: line.quantity + sum(one.quantity for one in line.taken_back_by.all()) for line in sold}
    if not any(left.values()):
        raise Conflict(_("Cette vente est déjà reprise en entier."))
    if lines is None:
        asked = dict(left)
    else:
        asked = {line.pk: count for line, count in lines}
        if not asked:
            raise BusinessError(_("Choisissez ce qui est repris."), field="lines")
        for key, count in asked.items():
            if key not in left or not 1 <= count <= left[key]:
                raise BusinessError(
                    _("Plus qu’il n’a été vendu, ou déjà repris. Relisez la vente."), field="lines"
                )
    return [
        _Back(line, asked[line.pk], any(line.movements.all())) for line in sold if asked.get(line.pk, 0) > 0
    ]


def _undo_on_line(event: LineEvent, line: SaleLine, counter: Sale, *, by: By, at: datetime) -> None:
    """Take back what the sale wrote on her line, unless someone did it there already."""
    if LineEvent.objects.filter(corrects=event).exists():
        return
    try:
        held_lines.correct_event(
            event,
            note=_("%(kind)s, reçu %(receipt)s")
            % {"kind": counter.get_kind_display(), "receipt": counter.receipt},
            key=f"back:{line.uuid.hex}",
            by=by,
            at=at,
        )
    except Conflict as conflict:
        raise Conflict(
            _(
                "Sa ligne a changé depuis cette vente. Reprenez d’abord ce qui a suivi, une recharge plus récente "
                "par exemple, puis celle-ci."
            )
        ) from conflict


def _finish(sale: Sale, *, by: By, at: datetime) -> None:
    sale_written.send(sender=Sale, sale=sale, by=by, at=at)
    record(
        actor_of(by),
        VERBS[Sale.Kind(sale.kind)],
        at=at,
        # The same as what is written of her line, so that one act waits for one segment of the trail.
        place=place_of(sale.person, by if isinstance(by, User) else None, at),
        person=sale.person.uuid,
        thing=f"sale:{sale.uuid}",
    )
