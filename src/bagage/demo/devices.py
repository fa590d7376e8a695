"""The devices of the demonstration: lots that come in, the workshop, who they are kept for, what comes back.

Each act by the services that the screens call. Donors, serial numbers and measures are invented; models are common.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.utils import timezone

from bagage.accounts.models import User
from bagage.demo.counter import Counter
from bagage.demo.ground import Ground, Place
from bagage.equipment import services as equipment
from bagage.equipment.models import Device, Handover, Kind, Reservation, State
from bagage.equipment.words import CHECKS_OF
from bagage.people.models import Person
from bagage.trail.domain.actor import Actor


@dataclass(frozen=True)
class Model:
    """A model as it usually comes: memory and storage in GB, price in cents once it is ready."""

    kind: str
    brand: str
    name: str
    memory: float
    storage: int
    disk: str
    speed: int
    system: str
    price: int


PHONE, LAPTOP, TABLET, DESKTOP = Kind.SMARTPHONE, Kind.LAPTOP, Kind.TABLET, Kind.DESKTOP
A14 = Model(PHONE, "Samsung", "Galaxy A14", 4, 64, "flash", 240, "android", 3000)
A13 = Model(PHONE, "Samsung", "Galaxy A13", 4, 64, "flash", 180, "android", 3000)
REDMI = Model(PHONE, "Xiaomi", "Redmi 9", 3, 32, "flash", 190, "android", 2000)
MOTO = Model(PHONE, "Motorola", "Moto G9", 4, 64, "flash", 185, "android", 2500)
IPHONE = Model(PHONE, "Apple", "iPhone 8", 2, 64, "flash", 260, "ios", 4000)
XCOVER = Model(PHONE, "Samsung", "Galaxy XCover 5", 4, 64, "flash", 150, "android", 1000)
LATITUDE = Model(LAPTOP, "Dell", "Latitude 5490", 8, 256, "ssd", 6100, "windows_11", 12000)
T480 = Model(LAPTOP, "Lenovo", "ThinkPad T480", 8, 256, "nvme", 5900, "windows_11", 12000)
X250 = Model(LAPTOP, "Lenovo", "ThinkPad X250", 8, 128, "ssd", 2600, "linux", 7000)
ELITE = Model(LAPTOP, "HP", "EliteBook 840", 8, 256, "ssd", 3600, "linux", 9000)
TAB = Model(TABLET, "Samsung", "Galaxy Tab A7", 3, 32, "flash", 140, "android", 4000)
OPTIPLEX = Model(DESKTOP, "Dell", "OptiPlex 3050", 8, 256, "hdd", 4900, "windows_10", 6000)

METROPOLE, TELECOM = "Métropole (exemple)", "Opérateur partenaire (exemple)"
BANK, PERSON = "Banque de quartier (exemple)", "Don d’une personne"
# Days ago, where, what, how many, from whom.
LOTS: tuple[tuple[int, str, Model, int, str], ...] = (
    (180, "riquet", A13, 8, TELECOM),
    (180, "saint-denis", A13, 5, TELECOM),
    (178, "riquet", X250, 3, METROPOLE),
    (176, "marseille", MOTO, 3, TELECOM),
    (174, "alesia", REDMI, 3, TELECOM),
    (172, "lyon", MOTO, 2, TELECOM),
    (171, "grenoble", REDMI, 2, TELECOM),
    (170, "lille", REDMI, 2, TELECOM),
    (169, "reuilly", MOTO, 2, TELECOM),
    (132, "riquet", MOTO, 7, TELECOM),
    (130, "saint-denis", REDMI, 4, TELECOM),
    (128, "riquet", ELITE, 4, BANK),
    (126, "marseille", A13, 3, TELECOM),
    (124, "saint-denis", X250, 2, BANK),
    (96, "alesia", A13, 3, TELECOM),
    (95, "grenoble", XCOVER, 2, METROPOLE),
    (94, "lyon", A13, 2, TELECOM),
    (92, "lille", MOTO, 1, TELECOM),
    (88, "riquet", REDMI, 6, TELECOM),
    (84, "reuilly", REDMI, 2, TELECOM),
    (80, "riquet", OPTIPLEX, 2, BANK),
    (61, "riquet", A14, 6, TELECOM),
    (60, "saint-denis", A14, 3, TELECOM),
    (58, "marseille", A14, 2, TELECOM),
    (52, "riquet", LATITUDE, 3, METROPOLE),
    (50, "alesia", LATITUDE, 1, METROPOLE),
    (36, "riquet", TAB, 2, BANK),
    (33, "riquet", A14, 5, TELECOM),
    (31, "lyon", A14, 2, TELECOM),
    (30, "grenoble", A14, 2, TELECOM),
    (21, "riquet", A14, 4, TELECOM),
    (15, "saint-denis", MOTO, 3, TELECOM),
    (12, "marseille", REDMI, 2, TELECOM),
    (9, "riquet", IPHONE, 1, PERSON),
    (5, "riquet", T480, 4, METROPOLE),
    (3, "saint-denis", T480, 2, METROPOLE),
    (2, "riquet", A14, 3, TELECOM),
)
FAULTS = {
    "works": ("", 82),
    "small_fault": ("haut-parleur faible", 9),
    "to_repair": ("ne charge plus", 6),
    "dead": ("ne s’allume pas", 3),
}
LOOKS = {"as_new": ("", 12), "clean": ("", 50), "worn": ("coin rayé", 30), "damaged": ("coque fendue", 8)}
STROKES = (
    "M60 70L90 40L120 86L150 48L182 84L214 52L250 80L300 60",
    "M120 40L280 100M120 100L280 40",
    "M70 90L80 44L104 88L128 46L150 90M170 70L240 66L320 74",
)
MENDED = "Connecteur de charge changé."


class Workshop:
    """All devices of the network."""

    def __init__(self, ground: Ground, counter: Counter) -> None:
        self.ground, self.rng, self.agenda = ground, ground.rng, ground.agenda
        self.now, self.today = ground.now, ground.today
        self.counter = counter
        self.serials = iter(ground.rng.sample(range(10_000_000, 99_999_999), 400))

    # ---------- without a person ----------
    def set_up(self, logistics: User) -> None:
        """Note the lots that come."""
        self.logistics = logistics
        places = {place.demo.key: place for place in self.ground.places}
        for back, key, model, pieces, donor in LOTS:
            day = self.ground.open_day(places[key], self.today - timedelta(days=back))
            at = self.ground.moment(day, 10, self.rng.randint(0, 50))
            for piece in range(pieces):
                if (key != "riquet" or back > 40) and self.rng.random() > self.ground.share:
                    continue  # fewer persons, fewer devices
                self.agenda.note(at + timedelta(minutes=piece), self._receive, places[key], model, donor, day)

    def _receive(self, at: datetime, place: Place, model: Model, donor: str, day: date) -> None:
        number = next(self.serials)
        details: dict[str, Any] = {
            "brand": model.brand,
            "serial": f"{model.brand[0]}{number}",
            "donor": donor,
            "lot": f"lot du {day.day}/{day.month}",
        }
        if model.kind == PHONE:
            details["imei"] = f"35{number:08d}{number % 100_000:05d}"
        device = equipment.receive_device(
            site=place.site,
            kind=model.kind,
            model=model.name,
            received_on=day,
            key=self.ground.key(),
            by=self.logistics,
            at=at,
            **details,
        )
        later = timedelta(days=self.rng.randint(1, 11), hours=self.rng.randint(0, 5))
        self.agenda.note(self._workday(at + later), self._open, device, model, place)

    def _workday(self, moment: datetime) -> datetime:
        while moment.weekday() > 4:
            moment += timedelta(days=1)
        return moment

    def _open(self, at: datetime, device: Device, model: Model, place: Place) -> None:
        """In the workshop it is measured, so that it has a grade."""
        self._lead(at, device, State.IN_WORKSHOP)
        technical = self.rng.choices(list(FAULTS), [share for _, share in FAULTS.values()])[0]
        look = self.rng.choices(list(LOOKS), [share for _, share in LOOKS.values()])[0]
        worn = technical != "works" or look in {"worn", "damaged"}
        equipment.change_device(
            device,
            {
                "memory": model.memory,
                "storage": model.storage,
                "storage_kind": model.disk,
                "cpu_mark": model.speed,
                "system": model.system,
                "battery": self.rng.randint(68, 84) if worn else self.rng.randint(80, 97),
                "technical": technical,
                "technical_note": FAULTS[technical][0],
                "look": look,
                "look_note": LOOKS[look][0],
                "price": model.price // 2 // 500 * 500 if worn else model.price,
            },
            by=self.logistics,
            at=at + timedelta(minutes=20),
        )
        later = self._workday(at + timedelta(days=self.rng.randint(1, 6), hours=1))
        if technical == "dead":
            self.agenda.note(later, self._lead, device, State.NOT_REUSABLE, FAULTS[technical][0])
        elif technical == "to_repair":
            mended = self._workday(later + timedelta(days=self.rng.randint(12, 40)))
            self.agenda.note(mended, self._mend, device)
        elif place.demo.key == "riquet" and self.rng.random() < 0.16:
            self.agenda.note(later, self._lead, device, State.READY_TO_ORDER)
            self._send_on(later, device)
        else:
            self.agenda.note(later, self._lead, device, State.READY)

    def _mend(self, at: datetime, device: Device) -> None:
        equipment.change_device(
            device, {"technical": "works", "technical_note": MENDED}, by=self.logistics, at=at
        )
        self._lead(at, device, State.READY)

    def _send_on(self, at: datetime, device: Device) -> None:
        """A device of Riquet's workshop goes to a permanence that has fewer."""
        target = self.rng.choice([place for place in self.ground.places if place.demo.key != "riquet"])
        leaves = self._workday(at + timedelta(days=self.rng.randint(3, 12)))
        self.agenda.note(leaves, self._lead, device, State.IN_DELIVERY)
        self.agenda.note(self._workday(leaves + timedelta(days=3)), self._arrive, device, target)

    def _arrive(self, at: datetime, device: Device, target: Place) -> None:
        equipment.change_device(device, {"site": target.site}, by=self.logistics, at=at)
        self._lead(at, device, State.READY)

    def _lead(self, at: datetime, device: Device, state: str, reason: str = "") -> None:
        with self.ground.as_it_may():
            equipment.change_device_state(
                device, state, reason=reason, key=self.ground.key(), by=self.logistics, at=at
            )

    def morning(self, at: datetime) -> None:
        """The job of each morning: a reservation whose last day is over lets its device go."""
        past = Reservation.objects.past(timezone.localdate(at)).filter(paid_at=None).order_by("pk")
        for reservation in past:
            equipment.lapse_reservation(reservation, by=Actor.system("lapse_reservations"), at=at)

    # ---------- with a person ----------
    def want(
        self,
        at: datetime,
        person: Person,
        place: Place,
        wants: str,
        then: Callable[[datetime], None],
        left: int = 4,
    ) -> None:
        """Keep one for her as soon as one is ready here; ``then`` is called once it is handed over."""
        free = Device.objects.free().filter(site=place.site)
        computers = [LAPTOP, DESKTOP, TABLET]
        kinds = computers if wants == "computer" else [PHONE]
        device = free.filter(kind__in=kinds).order_by("state_since", "pk").first()
        if device is None:
            if left:
                again = self.ground.open_day(place, (at + timedelta(days=8)).date())
                moment = max(at + timedelta(hours=1), self.ground.working_moment(again))
                self.agenda.note(moment, self.want, person, place, wants, then, left - 1)
            return
        with self.ground.as_it_may():
            reservation = equipment.reserve_device(
                device, person, site=place.site, key=self.ground.key(), by=self._who(place), at=at
            )
            if self.rng.random() < 0.35:
                fetched = at + timedelta(minutes=25)
            else:
                day = self.ground.open_day(place, (at + timedelta(days=self.rng.randint(1, 6))).date())
                fetched = max(at + timedelta(minutes=25), self.ground.working_moment(day))
            if self.rng.random() > 0.06:  # the others do not come, and it lapses
                self.agenda.note(fetched, self._pay, reservation, person, place, then)

    def _pay(
        self,
        at: datetime,
        reservation: Reservation,
        person: Person,
        place: Place,
        then: Callable[[datetime], None],
    ) -> None:
        if reservation.price and self.counter.sell(at, person, place, [], reservation=reservation) is None:
            return
        self.agenda.note(at + timedelta(minutes=12), self._fetched, reservation, person, place, then)

    def _fetched(
        self,
        at: datetime,
        reservation: Reservation,
        person: Person,
        place: Place,
        then: Callable[[datetime], None],
    ) -> None:
        with self.ground.as_it_may():
            handover = self.hand_over(at, reservation, person, place)
            then(at)
            fate = self.rng.random()
            day = self.ground.open_day(place, (at + timedelta(days=self.rng.randint(6, 70))).date())
            later = self.ground.moment(day, 15, self.rng.randint(0, 59))
            if fate < 0.15:
                self.agenda.note(later, self._take_back, handover, "repair", place)
            elif fate < 0.23:
                reason = self.rng.choice(["stolen", "lost", "broken", "returned"])
                self.agenda.note(later, self._take_back, handover, reason, place)

    def hand_over(self, at: datetime, reservation: Reservation, person: Person, place: Place) -> Handover:
        """She says yes in her way, and it is hers."""
        rng, device = self.rng, reservation.device
        consent = rng.choices(["screen", "paper", "witness"], [56, 34, 10])[0]
        by = self._who(place)
        reader = rng.choice([one for one in place.staff if one.pk != by.pk])
        return equipment.hand_over_device(
            reservation,
            consent=consent,
            signature=rng.choice(STROKES) if consent == "screen" else "",
            witnesses=(by.full_name, reader.full_name) if consent == "witness" else (),
            language="en" if "anglais" in person.languages else "fr",
            checks=CHECKS_OF[Kind(device.kind)][: rng.choice([2, 3, 4])],
            key=self.ground.key(),
            by=by,
            at=at,
        )

    def _take_back(self, at: datetime, handover: Handover, reason: str, place: Place) -> None:
        notes = {"repair": "Ne charge plus.", "stolen": "Volé dans le métro.", "broken": "Écran cassé."}
        with self.ground.as_it_may():
            equipment.take_back_device(
                handover,
                reason=reason,
                note=notes.get(reason, ""),
                site=place.site,
                key=self.ground.key(),
                by=self._who(place),
                at=at,
            )
            if reason == "repair":
                mended = self._workday(at + timedelta(days=self.rng.randint(9, 34)))
                self.agenda.note(mended, self._give_back, handover, place)

    def _give_back(self, at: datetime, handover: Handover, place: Place) -> None:
        with self.ground.as_it_may():
            equipment.give_back_repaired(
                handover, note=MENDED, key=self.ground.key(), by=self._who(place), at=at
            )

    def _who(self, place: Place) -> User:
        return self.rng.choice(place.staff)
