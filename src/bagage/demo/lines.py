"""The lines of the demonstration's persons, at every stage of their life: opened, topped up, about to stop, ended.

Each act by the services that the screens call, on the day it is said to have happened. A hundred or so of three
hundred hold one: those of whom it is known that they have a line, and some who had lost theirs.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from bagage.accounts.models import User
from bagage.connection.models import HeldLine, Line, Offer
from bagage.connection.services import lines
from bagage.demo.ground import Ground, Place
from bagage.people.models import ContactWay, Person
from bagage.trail.domain.actor import Actor

# How lines end or live on, by weight.
FATES = {"lives": 54, "nears": 12, "lapsed": 11, "left": 13, "lost": 5, "ported": 3, "closed": 2}
ENDINGS = frozenset({"left", "lost", "ported", "closed"})
# Ranges of the example catalogue, by weight: where she found it herself.
FOUND = {
    "kiosque-carte": 30, "soleil-packs": 26, "passerelle-ligne": 16, "horizon-monde": 10, "plume-mobile": 8,
    "azur-forfaits": 6, "": 4,
}  # fmt: skip
OTHER_OPERATOR = "Opérateur d’une amie (exemple)"
# Where they leave for, and what a month costs there, in cents.
PLANS = [
    ("Plume Mobile (exemple)", 200),
    ("Plume Mobile (exemple)", 400),
    ("Azur (exemple)", 799),
    ("Nouvelle Vague (exemple)", 300),
]
LOST = ["Téléphone volé dans le métro.", "SIM perdue avec le téléphone.", "Numéro repris par l’opérateur."]


@dataclass
class Holder:
    """Someone who holds a line, or is about to."""

    person: Person
    place: Place
    held: HeldLine | None = None


class Lines:
    """Lines that persons hold besides those the counter sold them: found elsewhere, or from before."""

    def __init__(self, ground: Ground) -> None:
        self.ground, self.rng, self.agenda = ground, ground.rng, ground.agenda
        self.now, self.today = ground.now, ground.today
        self.taken: set[str] = set()
        self.has_corrected = False

    def load(self) -> None:
        """Read the catalogue, once it is there."""
        self.ranges = {line.code: line for line in Line.objects.all()}
        self.offers: dict[int, list[Offer]] = defaultdict(list)
        for offer in Offer.objects.on(self.today).order_by("position", "pk"):
            self.offers[offer.line_id].append(offer)

    def morning(self, at: datetime) -> None:
        """Lines that stopped are noted, and who holds one that is about to stop is told."""
        today = timezone.localdate(at)
        for held in HeldLine.objects.past(today).order_by("pk"):
            lines.note_lapsed(held, by=Actor.system("lapse_lines"), at=at)
        for held in HeldLine.objects.about_to_lapse(today, today + timedelta(days=lines.reminder_days())):
            if held.reminder.startswith(f"held_line:{held.uuid}:{held.live_until}:"):
                continue  # told already
            lines.remind_of_lapse(held, by=Actor.system("remind_lapsing_lines"), at=at)

    # ---------- one line ----------
    def tell(self, at: datetime, person: Person, place: Place) -> None:
        """She says that she has a line; it is noted on that day, or at her next top-up, with what follows."""
        rng, since = self.rng, timezone.localdate(at)
        code = rng.choices(list(FOUND), list(FOUND.values()))[0]
        fate = rng.choices(list(FATES), list(FATES.values()))[0]
        line = self.ranges.get(code)
        on_sale = self.offers[line.pk] if line else []
        plans = [offer for offer in on_sale if offer.kind == Offer.Kind.PLAN]
        # A pack of a week is always about to stop: few have one.
        shortest = 12 if fate == "lives" else 6
        top_ups = [
            offer
            for offer in on_sale
            if offer.kind == Offer.Kind.TOP_UP and (offer.validity_days or 0) >= shortest
        ]
        holder = Holder(person, place)
        if plans or not top_ups:
            self._open(at, holder, line if plans else None, rng.choice(plans) if plans else None)
            return
        offer = rng.choice(top_ups)
        days = offer.validity_days or 30
        last = None
        if fate in ENDINGS:
            first = max(since + timedelta(days=2), self.today - timedelta(days=75))
            last = self._day(min(first, self.today - timedelta(days=1)), self.today - timedelta(days=1))
            bought = self._day(last - timedelta(days=min(days - 1, 20)), last - timedelta(days=1))
        else:
            bought = self._bought(days, *stretch(fate, days))
        bought = max(bought, since)
        # At most two purchases before the last one: what was earlier is not told.
        before = min(2, (bought - since).days // days)
        first_on, *later = [bought - timedelta(days=back * days) for back in range(before, -1, -1)]
        self.agenda.note(self._moment(first_on), self._open, holder, line, offer)
        moments = [self._moment(on) for on in later]
        for moment in moments:
            self.agenda.note(moment, self._top_up, holder, offer)
        if fate == "lives" and moments and not self.has_corrected:
            self.has_corrected = True
            self.agenda.note(moments[-1] + timedelta(minutes=4), self._note_twice, holder, offer)
        if last is not None:
            self.agenda.note(self._moment(last), self.end, holder, fate)

    def _open(self, at: datetime, holder: Holder, line: Line | None, offer: Offer | None) -> None:
        holder.held = lines.activate_line(
            holder.person,
            line=line,
            words="" if line else OTHER_OPERATOR,
            number=self.number_for(holder.person),
            offer=offer,
            on=timezone.localdate(at),
            was_told=offer is not None and self.rng.random() < 0.6,
            key=self.ground.key(),
            by=self._who(holder.place),
            at=at,
        )

    def _top_up(self, at: datetime, holder: Holder, offer: Offer) -> None:
        if holder.held is None or not self._is_live(holder.held):
            return
        holder.held = lines.record_top_up(
            holder.held,
            offer=offer,
            on=timezone.localdate(at),
            was_told=self.rng.random() < 0.6,
            key=self.ground.key(),
            by=self._who(holder.place),
            at=at,
        )

    def _note_twice(self, at: datetime, holder: Holder, offer: Offer) -> None:
        self._top_up(at, holder, offer)
        if holder.held is not None:
            self.agenda.note(at + timedelta(minutes=6), self._correct, holder)

    def _correct(self, at: datetime, holder: Holder) -> None:
        assert holder.held is not None
        event = holder.held.events.filter(kind="topped_up").latest("pk")
        lines.correct_event(
            event, note="Noté deux fois.", key=self.ground.key(), by=holder.place.reception, at=at
        )

    def end(self, at: datetime, holder: Holder, fate: str) -> None:
        """Her line ends as ``fate`` says: left for a plan, ported, lost, closed."""
        held = holder.held
        if held is None or not self._is_live(held):
            return
        by, on, key = self._who(holder.place), timezone.localdate(at), self.ground.key()
        if fate == "left":
            to, price = self.rng.choice(PLANS)
            kept = self.rng.random() < 0.7
            lines.note_left_for_plan(held, to=to, price=price, kept_number=kept, on=on, key=key, by=by, at=at)
        elif fate == "ported":
            lines.note_ported(held, to=self.rng.choice(PLANS)[0], on=on, key=key, by=by, at=at)
        elif fate == "lost":
            lines.note_lost(held, on=on, note=self.rng.choice(LOST), key=key, by=by, at=at)
        else:
            lines.close_line(held, on=on, note="Carte SIM rendue.", key=key, by=by, at=at)

    def _is_live(self, held: HeldLine) -> bool:
        return HeldLine.objects.live().filter(pk=held.pk).exists()

    # ---------- days, hours, numbers ----------
    def _bought(self, days: int, least: int, most: int) -> date:
        """A working day on which a purchase of so many days makes the line end in ``least`` to ``most`` days."""
        ends = [self.today + timedelta(days=left) for left in range(least, most + 1)]
        starts = [end - timedelta(days=days - 1) for end in ends]
        past = [day for day in starts if day < self.today]
        working = [day for day in past if day.weekday() < 5]
        return self.rng.choice(working or past or [self.today - timedelta(days=1)])

    def _day(self, first: date, last: date) -> date:
        """A day between the two, moved back from a week-end."""
        day = first + timedelta(days=self.rng.randint(0, max(0, (last - first).days)))
        return day - timedelta(days=max(0, day.weekday() - 4))

    def _moment(self, day: date) -> datetime:
        return self.ground.moment(day, self.rng.randint(9, 16), self.rng.randint(0, 59))

    def number_for(self, person: Person) -> str:
        """A number that no line has: hers where she can be reached by it; now and then nobody noted it."""
        if self.rng.random() < 0.2:
            return ""
        ways = ContactWay.objects.filter(person=person, kind="sms", is_shared=False, ended_at=None)
        number = ways.order_by("-pk").values_list("phone", flat=True).first() or ""
        while not number or number in self.taken:
            # 06 39 98 is a range kept for fiction.
            number = f"+3363998{next(self.ground.phones) // 10:04d}"
        self.taken.add(number)
        return number

    def _who(self, place: Place) -> User:
        return self.rng.choice(place.staff)


def stretch(fate: str, days: int) -> tuple[int, int]:
    """In how many days, at least and at most, a line of this fate stops, when a purchase lasts ``days``."""
    return {"lives": (6, max(7, min(28, days - 1))), "nears": (0, 5), "lapsed": (-20, -1)}[fate]
