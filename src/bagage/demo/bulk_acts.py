"""What many invented persons did, written straight into the tables: purchases, devices, sessions, exits, places around.

The constraints of the database hold, and the rules that stand in no constraint too: no one is over her cap, no session
over its seats, no device with two persons, what lies in stock is never below zero.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, datetime, timedelta
from itertools import count
from uuid import UUID

from django.db.models import Max
from django.utils import timezone

from bagage.common.errors import BusinessError
from bagage.directory.models import Structure
from bagage.equipment.models import Device, DeviceCounter, DeviceEvent, Handover, Reservation
from bagage.journeys.domain.follow_ups import due_days
from bagage.journeys.models import FollowUp, Journey, JourneyExit, JourneyStep
from bagage.people.models import Person
from bagage.permanences.models import Session, SessionBooking, Site
from bagage.referrals.models import Onward, OnwardStep
from bagage.shop.domain.rights import last_day
from bagage.shop.models import AccessRight, Product, Sale, SaleLine, StockMovement, StockPlace, Till

Where = list[tuple[Person, Site]]
WRITTEN_BY = "Banc d’essai"
MODELS = (("Samsung", "Galaxy A13"), ("Xiaomi", "Redmi 9"), ("Motorola", "Moto G9"))
DEVICES, SALES, SEATS, EXITS, ONWARDS = 0.4, 0.6, 0.8, 0.35, 0.15
SEATS_TAKEN = 6


class Acts:
    """One batch of persons after the other; what runs on from batch to batch is kept here."""

    def __init__(self, rng: random.Random, now: datetime, new_code: Callable[[], str]) -> None:
        self.rng, self.now, self.new_code = rng, now, new_code
        self.today = timezone.localdate(now)
        self.products = list(Product.objects.on_sale().filter(kind="top_up", price__lte=1000).order_by("pk"))
        self.structures = list(Structure.objects.current().filter(services__isnull=False).distinct()[:200])
        if not self.products or not self.structures:
            raise BusinessError("this demonstration sells nothing, or knows no place around: load it again")
        self.places = {
            (place.product_id, place.site_id): place
            for place in StockPlace.objects.filter(product__in=self.products)
        }
        self.receipts: dict[tuple[int, int], int] = defaultdict(int)
        for site, year, number in Sale.objects.values_list("site", "year").annotate(Max("number")):
            self.receipts[site, year] = number
        self.counter = DeviceCounter.objects.get_or_create(kind="smartphone")[0]
        # Each session at its own minute, long ago: no room is taken twice.
        self.minutes = count(1)

    def _uuid(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128), version=4)

    def _key(self) -> str:
        return f"{self.rng.getrandbits(128):032x}"

    def _some(self, where: Where, share: float) -> Where:
        return [pair for pair in where if self.rng.random() < share]

    def _later(self, person: Person) -> datetime:
        """A moment between the day she came and now."""
        return person.created_at + (self.now - person.created_at) * self.rng.uniform(0.02, 0.9)

    def add(self, where: Where, journeys: list[Journey]) -> None:
        """All of it, for one batch of persons."""
        self._rights(where)
        self._sales(self._some(where, SALES))
        self._devices(self._some(where, DEVICES))
        self._sessions(self._some(where, SEATS))
        self._exits([journey for journey in journeys if self.rng.random() < EXITS])
        self._onwards(self._some(where, ONWARDS))

    # ---------- the counter ----------
    def _rights(self, where: Where) -> None:
        rows = []
        for person, site in where:
            begins = timezone.localdate(person.created_at)
            rows.append(
                AccessRight(
                    uuid=self._uuid(),
                    person=person,
                    node=site.organisation,
                    source="decision",
                    begins_on=begins,
                    ends_on=last_day(begins, 9),
                    key=self._key(),
                    opened_by=WRITTEN_BY,
                    opened_at=person.created_at,
                )
            )
        AccessRight.objects.bulk_create(rows)

    def _sales(self, where: Where) -> None:
        """One purchase each, within her right and far below her cap."""
        tills = self._tills({site for _, site in where})
        sales, lines, sold = [], [], Counter[tuple[int, int]]()
        movements = []
        for person, site in where:
            last = min(self.now, person.created_at + timedelta(days=240))
            at = person.created_at + (last - person.created_at) * self.rng.random()
            product, on = self.rng.choice(self.products), timezone.localdate(at)
            self.receipts[site.pk, on.year] += 1
            sale = Sale(
                uuid=self._uuid(),
                person=person,
                site=site,
                till=tills[site.pk],
                year=on.year,
                number=self.receipts[site.pk, on.year],
                on=on,
                total=product.price,
                payment="cash",
                key=self._key(),
                sold_by=WRITTEN_BY,
                sold_at=at,
            )
            line = SaleLine(
                uuid=self._uuid(),
                sale=sale,
                product=product,
                name=product.name,
                unit_price=product.price,
                quantity=1,
                counts_in_cap=True,
                counts_on=on,
            )
            sales.append(sale)
            lines.append(line)
            sold[product.pk, site.pk] += 1
            movements.append(
                StockMovement(
                    uuid=self._uuid(),
                    place=self._place(product, site),
                    kind="sold",
                    quantity=-1,
                    sale_line=line,
                    key=self._key(),
                    written_by=WRITTEN_BY,
                    written_at=at,
                )
            )
        Sale.objects.bulk_create(sales)
        SaleLine.objects.bulk_create(lines)
        received = [
            StockMovement(
                uuid=self._uuid(),
                place=self.places[spot],
                kind="received",
                quantity=pieces,
                key=self._key(),
                written_by=WRITTEN_BY,
                written_at=self.now - timedelta(days=900),
            )
            for spot, pieces in sold.items()
        ]
        StockMovement.objects.bulk_create(received + movements)

    def _place(self, product: Product, site: Site) -> StockPlace:
        spot = (product.pk, site.pk)
        if spot not in self.places:
            self.places[spot] = StockPlace.objects.create(product=product, site=site)
        return self.places[spot]

    def _tills(self, sites: set[Site]) -> dict[int, Till]:
        at = self.now - timedelta(days=800)
        made = [
            Till(
                uuid=self._uuid(),
                site=site,
                float_amount=5000,
                opened_by=WRITTEN_BY,
                opened_at=at,
                counted=5000,
                word="Banc d’essai",
                closed_by=WRITTEN_BY,
                closed_at=at + timedelta(hours=8),
                key=self._key(),
            )
            for site in sorted(sites, key=lambda site: site.pk)
        ]
        Till.objects.bulk_create(made)
        return {till.site_id: till for till in made}

    # ---------- devices ----------
    def _devices(self, where: Where) -> None:
        """One telephone each, handed over; now and then it came back."""
        devices, reservations, handovers, events = [], [], [], []
        for person, site in where:
            at = self._later(person)
            brand, model = self.rng.choice(MODELS)
            self.counter.last += 1
            is_back = self.rng.random() < 0.1
            device = Device(
                uuid=self._uuid(),
                number=f"S-{self.counter.last:04d}",
                kind="smartphone",
                brand=brand,
                model=model,
                state="to_process" if is_back else "handed_over",
                state_since=at,
                site=site,
                received_on=timezone.localdate(at - timedelta(days=20)),
                changed_at=at,
            )
            reservation = Reservation(
                uuid=self._uuid(),
                device=device,
                person=person,
                site=site,
                state="used",
                until=timezone.localdate(at),
                reserved_at=at - timedelta(hours=1),
                reserved_by=WRITTEN_BY,
                ended_at=at,
                ended_by=WRITTEN_BY,
                key=self._key(),
            )
            back = at + (self.now - at) * 0.5
            devices.append(device)
            reservations.append(reservation)
            handovers.append(
                Handover(
                    uuid=self._uuid(),
                    device=device,
                    person=person,
                    reservation=reservation,
                    site=site,
                    state="ended" if is_back else "open",
                    handed_over_at=at,
                    handed_over_by=WRITTEN_BY,
                    terms_version="2026-11",
                    language="fr",
                    consent="paper",
                    checks=["powers_on", "charger"],
                    returned_at=back if is_back else None,
                    returned_by=WRITTEN_BY if is_back else "",
                    return_reason="returned" if is_back else "",
                    key=self._key(),
                )
            )
            for kind, moment in (("received", at - timedelta(days=20)), ("handed_over", at)):
                events.append(
                    DeviceEvent(
                        uuid=self._uuid(),
                        device=device,
                        kind=kind,
                        at=moment,
                        written_by=WRITTEN_BY,
                        person=person if kind == "handed_over" else None,
                        site=site,
                        key=self._key(),
                    )
                )
        Device.objects.bulk_create(devices)
        Reservation.objects.bulk_create(reservations)
        Handover.objects.bulk_create(handovers)
        DeviceEvent.objects.bulk_create(events)
        self.counter.save(update_fields=["last"])

    # ---------- sessions ----------
    def _sessions(self, where: Where) -> None:
        """Held ones of six persons at most, fewer than any room of the demonstration seats but the smallest."""
        by_site: dict[Site, list[Person]] = defaultdict(list)
        for person, site in where:
            by_site[site].append(person)
        sessions, bookings = [], []
        for site, persons in by_site.items():
            room = max(site.rooms.all(), key=lambda room: room.seats)
            for first in range(0, len(persons), SEATS_TAKEN):
                start = self.now - timedelta(days=1200, minutes=next(self.minutes) * 5)
                session = Session(
                    uuid=self._uuid(),
                    site=site,
                    room=room,
                    topic="Mes démarches",
                    needs_computer=False,
                    starts_at=start,
                    ends_at=start + timedelta(minutes=5),
                    state="held",
                    key=self._key(),
                    planned_at=start,
                    changed_at=start,
                    closed_at=start + timedelta(minutes=5),
                )
                sessions.append(session)
                for person in persons[first : first + SEATS_TAKEN]:
                    bookings.append(
                        SessionBooking(
                            uuid=self._uuid(),
                            session=session,
                            person=person,
                            state="present" if self.rng.random() < 0.8 else "absent",
                            key=self._key(),
                            booked_at=start,
                            booked_by=WRITTEN_BY,
                            seated_at=start,
                            changed_at=start,
                        )
                    )
        Session.objects.bulk_create(sessions)
        SessionBooking.objects.bulk_create(bookings)

    # ---------- beyond ----------
    def _exits(self, journeys: list[Journey]) -> None:
        exits, steps, follow_ups = [], [], []
        for journey in journeys:
            at = journey.opened_at + (self.now - journey.opened_at) * self.rng.uniform(0.2, 0.9)
            is_complete = self.rng.random() < 0.5
            journey.closed_at = at
            states = ["full"] * 3 if is_complete else ["half", "half", "unknown"]
            left = JourneyExit(
                uuid=self._uuid(),
                journey=journey,
                node=journey.node,
                kind="complete" if is_complete else "not_yet",
                reason="" if is_complete else "no_news",
                device=states[0],
                connection=states[1],
                skills=states[2],
                exited_at=at,
                key=self._key(),
                written_by=WRITTEN_BY,
            )
            exits.append(left)
            steps.append(
                JourneyStep(
                    journey=journey, kind="exited", exit=left, at=at, key=self._key(), written_by=WRITTEN_BY
                )
            )
            for months, due_on in due_days(timezone.localdate(at)):
                follow_ups.append(self._follow_up(left, months, due_on))
        JourneyExit.objects.bulk_create(exits)
        JourneyStep.objects.bulk_create(steps)
        FollowUp.objects.bulk_create(follow_ups)
        Journey.objects.bulk_update(journeys, ["closed_at"], batch_size=500)

    def _follow_up(self, left: JourneyExit, months: int, due_on: date) -> FollowUp:
        """One in fifty of those that are due waits to be answered."""
        row = FollowUp(uuid=self._uuid(), journey_id=left.journey_id, exit=left, months=months, due_on=due_on)
        if due_on < self.today and self.rng.random() < 0.98:
            row.state, row.who, row.written_by = "answered", "herself", WRITTEN_BY
            row.device, row.connection, row.skills = "yes", self.rng.choice(["yes", "no"]), "unknown"
            row.answered_at = self.now - timedelta(days=(self.today - due_on).days)
        return row

    def _onwards(self, where: Where) -> None:
        rows, steps = [], []
        for person, site in where:
            at = self._later(person)
            row = Onward(
                uuid=self._uuid(),
                key=self._key(),
                code=self.new_code(),
                person=person,
                node=site.organisation,
                structure=self.rng.choice(self.structures),
                need="learn_basics",
                reason="Veut continuer à apprendre.",
                agreement="spoken",
                shares="first_name",
                by_way="phone",
                state="arrived",
                state_at=at,
                created_at=at,
                asked_at=at,
                answered_at=at,
                answered_by_place=True,
                arrived_on=timezone.localdate(at),
                written_by=WRITTEN_BY,
            )
            rows.append(row)
            steps += [
                OnwardStep(onward=row, kind=kind, at=at, on=on, by=WRITTEN_BY)
                for kind, on in (("sent", None), ("arrived", row.arrived_on))
            ]
        Onward.objects.bulk_create(rows)
        OnwardStep.objects.bulk_create(steps)
