"""The counters of the demonstration: windows of access, what is sold, stock that comes and runs low, tills, refunds.

Each act by the services that the screens call. What a person buys stays within her cap because the counter refuses
what does not; a line that was sold lives as long as its holder comes back to top it up.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from bagage.accounts.models import User
from bagage.common.errors import BusinessError
from bagage.connection.models import HeldLine, Line, Offer
from bagage.demo.ground import HISTORY, Ground, Place
from bagage.demo.lines import Holder, Lines
from bagage.equipment.models import Reservation
from bagage.people.models import Person
from bagage.people.queries import identity_ids
from bagage.shop import services as shop
from bagage.shop.models import AccessRight, Product, Sale, Till
from bagage.shop.queries.rights import left_in_cap, right_of
from bagage.shop.queries.tills import cash_in
from bagage.shop.services.stock import quantity_at

# kind, name, range and offer of the example catalogue, price in cents, level at which the stock is low.
PRODUCTS: tuple[tuple[str, str, str, str, int, int], ...] = (
    ("sim", "Carte SIM solidaire", "passerelle-ligne", "", 250, 8),
    ("top_up", "Recharge 3 Go", "passerelle-ligne", "passerelle-3go", 1000, 6),
    ("top_up", "Recharge Appels", "passerelle-ligne", "passerelle-appels", 500, 6),
    ("top_up", "Recharge Semaine", "passerelle-ligne", "passerelle-semaine", 300, 6),
    ("top_up", "Recharge 10 Go", "passerelle-ligne", "passerelle-10go", 2000, 3),
    # Dearer than a month allows: it shows what the counter says then.
    ("top_up", "Recharge 40 Go", "passerelle-ligne", "", 3500, 0),
    ("accessory", "Chargeur USB-C", "", "", 300, 4),
    ("accessory", "Écouteurs", "", "", 200, 4),
)
SIM, BIG = "Carte SIM solidaire", "Recharge 40 Go"
TOP_UPS = {"Recharge 3 Go": 46, "Recharge Appels": 26, "Recharge Semaine": 16, "Recharge 10 Go": 12}
# How many pieces come to a counter each time, for one unit of its weight.
DELIVERED = {
    SIM: 1.1,
    "Recharge 3 Go": 1.7,
    "Recharge Appels": 1.2,
    "Recharge Semaine": 1.3,
    "Recharge 10 Go": 0.6,
    BIG: 0.2,
    "Chargeur USB-C": 0.7,
    "Écouteurs": 0.5,
}
DELIVERIES = (178, 132, 86, 41)  # days ago
SHORT, LENT_TO = "riquet", "saint-denis"  # where cards run low, for they were lent to a colleague
KEPT = 6
LEFT_OPEN = "alesia"  # where nobody closed the till the evening before
FLOAT = 5000
GAPS = ((-200, "Une pièce de 2 € manque, rendue en trop."), (100, "Un euro de trop, on ne sait pas d’où."))
TAKEN_BACK = (
    ("correction", "Payée deux fois."),
    ("refund", "La carte SIM ne s’active pas."),
    ("correction", "Mauvaise recharge choisie."),
    ("refund", "N’en veut plus, la recharge n’a pas servi."),
    ("correction", "Tapé pour quelqu’un d’autre."),
)
# What becomes of a line that was sold, each time that it should be topped up.
STAYS = 0.82
ENDS = {"lapses": 60, "left": 24, "lost": 10, "ported": 4, "closed": 2}


@dataclass
class Served:
    """Someone with a line that a counter sold her: she comes back for it."""

    holder: Holder
    place: Place


class Counter:
    """All counters of the network."""

    def __init__(self, ground: Ground, lines: Lines) -> None:
        self.ground, self.rng, self.agenda = ground, ground.rng, ground.agenda
        self.now, self.today = ground.now, ground.today
        self.lines = lines
        self.products: dict[str, Product] = {}
        self.tills: dict[int, Till] = {}
        self.taken_back = iter(TAKEN_BACK)
        self.sold = 0
        self.numbers = iter(range(1041, 9999, 7))

    # ---------- what is sold, and its stock ----------
    def set_up(self, lead: User, logistics: User) -> None:
        """Write the products down, and note when stock comes. The rules stay the examples that they are."""
        begun = self.now - HISTORY - timedelta(days=12)
        for kind, name, line, offer, price, low in PRODUCTS:
            self.products[name] = shop.add_product(
                kind=kind,
                name=name,
                price=price,
                line=Line.objects.get(code=line) if line else None,
                offer=Offer.objects.filter(code=offer).order_by("-begins_on", "-pk").first()
                if offer
                else None,
                days=30 if name == BIG else None,
                counts_in_cap=kind != "accessory",
                needs_right=kind != "accessory",
                low_level=low,
                key=f"demo-product-{name}"[:64],
                by=lead,
                at=begun,
            )
        for number, back in enumerate(DELIVERIES):
            for place in self.ground.places:
                day = self.ground.open_day(place, self.today - timedelta(days=back))
                self.agenda.note(self.ground.moment(day, 9, 40), self._deliver, place, number, logistics)
        day = self.ground.open_day(self.ground.places[0], self.today - timedelta(days=2))
        self.agenda.note(self.ground.moment(day, 17, 5), self._lend)
        for place in self.ground.places:
            counted_on = self.ground.open_day(place, self.today - timedelta(days=self.rng.randint(8, 30)))
            self.agenda.note(self.ground.moment(counted_on, 9, 5), self._count, place)

    def _deliver(self, at: datetime, place: Place, number: int, by: User) -> None:
        for name, share in DELIVERED.items():
            pieces = max(4, round(share * place.demo.weight))
            shop.receive_stock(
                self.products[name],
                site=place.site,
                quantity=pieces,
                key=f"demo-stock-{place.demo.key}-{number}-{name}"[:80],
                by=by,
                at=at,
            )

    def _lend(self, at: datetime) -> None:
        """Cards go to a permanence that has none left: Today says that the stock is low here."""
        sites = {place.demo.key: place for place in self.ground.places}
        source, product = sites[SHORT], self.products[SIM]
        spare = self.quantity(product, source) - KEPT
        if spare > 0:
            shop.move_stock(
                product,
                source=source.site,
                target=sites[LENT_TO].site,
                quantity=spare,
                reason="Prêtées à Saint-Denis.",
                key=self.ground.key(),
                by=source.reception,
                at=at,
            )

    def _count(self, at: datetime, place: Place) -> None:
        """Earphones are what goes missing."""
        product = self.products["Écouteurs"]
        here = self.quantity(product, place)
        missing = 1 if here > 1 and self.rng.random() < 0.4 else 0
        shop.count_stock(
            product,
            site=place.site,
            counted=here - missing,
            reason="Une boîte était vide." if missing else "",
            key=self.ground.key(),
            by=place.reception,
            at=at,
        )

    def quantity(self, product: Product, place: Place) -> int:
        """What lies at a counter."""
        found = product.places.filter(site=place.site).first()
        return quantity_at(found) if found else 0

    # ---------- rights ----------
    def open_right(self, at: datetime, person: Person, place: Place, *, referral: str = "") -> None:
        """Her window of access: by who sent her, or by a voucher, which may be some months old."""
        if referral:
            source, begins = f"referral:{referral}", None
        elif self.rng.random() < 0.85:
            source = f"voucher:BO-{next(self.numbers)}"
            begins = timezone.localdate(at) - timedelta(days=self.rng.choice([0, 3, 12, 90, 190, 240]))
        else:
            source, begins = "decision", None
        right = shop.open_right(
            person,
            node=place.node,
            source=source,
            begins_on=begins,
            key=self.ground.key(),
            by=place.reception,
            at=at,
        )
        last = self.ground.moment(self.ground.open_day(place, right.ends_on - timedelta(days=6)), 11, 20)
        if self.rng.random() < 0.75:
            self.agenda.note(last, self._renew, right, place)

    def _renew(self, at: datetime, right: AccessRight, place: Place) -> None:
        with self.ground.as_it_may():
            shop.renew_right(right, key=self.ground.key(), by=place.reception, at=at)

    def end_right(self, at: datetime, person: Person, place: Place, reason: str) -> None:
        """She moved away: what is open closes."""
        right = right_of(identity_ids(person), timezone.localdate(at))
        if right is not None:
            with self.ground.as_it_may():
                shop.end_right(right, reason=reason, by=place.reception, at=at)

    # ---------- sales ----------
    def connect(self, at: datetime, person: Person, place: Place) -> Sale | None:
        """A SIM with a first top-up; then she comes back for it as long as she does."""
        number = self.lines.number_for(person)
        top_up = self._affordable(at, person, but=self.products[SIM].price)
        basket = [(self.products[SIM], 1), *([(top_up, 1)] if top_up else [])]
        sale = self.sell(at, person, place, basket, number=number)
        if sale is None:
            return None
        held = HeldLine.objects.live().filter(person=sale.person).order_by("-pk").first()
        if held is not None:
            self._next_time(Served(Holder(person, place, held), place), held)
        return sale

    def _next_time(self, served: Served, held: HeldLine) -> None:
        """The day on which she comes for more, or on which it ends."""
        if held.live_until is None:
            return
        fate = "stays"
        if self.rng.random() > STAYS:
            fate = self.rng.choices(list(ENDS), list(ENDS.values()))[0]
        if fate == "lapses":
            return
        back = timedelta(days=self.rng.choice([0, 0, 1, 2, 4]))
        day = self.ground.open_day(served.place, held.live_until - back)
        at = self.ground.working_moment(day)
        if fate == "stays":
            self.agenda.note(at, self._top_up, served)
        else:
            self.agenda.note(at, self.lines.end, served.holder, fate)

    def _top_up(self, at: datetime, served: Served) -> None:
        person, held = served.holder.person, served.holder.held
        if held is None or not HeldLine.objects.live().filter(pk=held.pk).exists():
            return
        top_up = self._affordable(at, person)
        if top_up is None:
            return
        basket = [(top_up, 1)]
        if self.rng.random() < 0.05:
            basket.append((self.products[self.rng.choice(["Chargeur USB-C", "Écouteurs"])], 1))
        if self.sell(at, person, served.place, basket, held_line=held) is not None:
            held.refresh_from_db()
            self._next_time(served, held)

    def _affordable(self, at: datetime, person: Person, but: int = 0) -> Product | None:
        """A top-up that her cap still holds, besides ``but`` cents; ``None`` when there is none, or no right."""
        files = identity_ids(person)
        if right_of(files, timezone.localdate(at)) is None:
            return None
        left = left_in_cap(files, timezone.localdate(at)).left - but
        wanted = {name: share for name, share in TOP_UPS.items() if self.products[name].price <= left}
        if not wanted:
            return None
        return self.products[self.rng.choices(list(wanted), list(wanted.values()))[0]]

    def sell(
        self,
        at: datetime,
        person: Person,
        place: Place,
        basket: list[tuple[Product, int]],
        *,
        reservation: Reservation | None = None,
        **more: Any,
    ) -> Sale | None:
        """Sell, if the rules let it be sold; now and then it is taken back a moment later."""
        till = self._till(at, place)
        payment = self.rng.choices(["cash", "card", "voucher"], [78, 14, 8])[0]
        total = sum(product.price * count for product, count in basket) + (
            reservation.price if reservation else 0
        )
        notes = [note for note in (500, 1000, 2000, 5000, 10_000, 20_000) if note >= total]
        by = self.rng.choice(place.staff)
        try:
            sale = shop.sell(
                person,
                site=place.site,
                basket=basket,
                reservation=reservation,
                payment=payment,
                payment_note=f"BA-{self.rng.randint(200, 990)}" if payment == "voucher" else "",
                given=notes[0] if payment == "cash" and notes and self.rng.random() < 0.8 else None,
                key=self.ground.key(),
                by=by,
                at=at,
                **more,
            )
        except BusinessError:
            return None
        self.sold += 1
        if self.sold % 41 == 17 and reservation is None:
            self.agenda.note(at + timedelta(minutes=5), self._take_back, sale, till, by)
        return sale

    def _take_back(self, at: datetime, sale: Sale, till: Till, by: User) -> None:
        kind, reason = next(self.taken_back, ("", ""))
        if kind:
            with self.ground.as_it_may():
                shop.refund_sale(sale, reason=reason, kind=kind, key=self.ground.key(), by=by, at=at)

    # ---------- the till ----------
    def _till(self, at: datetime, place: Place) -> Till:
        """The one that is open; opened for the first sale of the day, closed in the evening."""
        till = self.tills.get(place.site.pk)
        if till is not None:
            return till
        till = shop.open_till(
            place.site, float_amount=FLOAT, key=self.ground.key(), by=place.reception, at=at
        )
        self.tills[place.site.pk] = till
        day = timezone.localdate(at)
        is_forgotten = place.demo.key == LEFT_OPEN and self.today - timedelta(days=4) < day < self.today
        if not is_forgotten:
            evening = max(at + timedelta(minutes=30), self.ground.moment(day, 17, 40))
            self.agenda.note(evening, self._close, till, place)
        return till

    def _close(self, at: datetime, till: Till, place: Place) -> None:
        gap, word = self.rng.choice(GAPS) if self.rng.random() < 0.06 else (0, "")
        expected = cash_in(till)
        counted = max(0, expected + gap)
        shop.close_till(
            till, counted=counted, word=word if counted != expected else "", by=place.reception, at=at
        )
        del self.tills[place.site.pk]
