"""The lines of the demonstration's persons, at every stage of their life: opened, topped up, about to stop, ended.

Each act by the services that the screens call, on the day it is said to have happened. A hundred or so of three
hundred hold one: those of whom it is known that they have a line, and some who had lost theirs.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from bagage.accounts.models import User
from bagage.connection.models import HeldLine, Line, Offer
from bagage.connection.services import lines
from bagage.demo.ground import Ground, Place
from bagage.journeys.models import Evidence
from bagage.people.models import ContactWay, Following, Person
from bagage.trail.domain.actor import Actor

# How lines end or live on, by weight.
FATES = {"lives": 54, "nears": 12, "lapsed": 11, "left": 13, "lost": 5, "ported": 3, "closed": 2}
# Ranges of the example catalogue, by weight: where a permanence gave the line, and where she found it herself.
GIVEN = {"passerelle-ligne": 70, "canal-ligne": 30}
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
SHARE = 0.82
SHARE_OF_THE_OTHERS = 0.14


@dataclass
class Holder:
    """Someone who holds a line: since when it can be told, and whether a permanence gave it."""

    person: Person
    since: date
    was_given: bool
    place: Place


def give_lines(ground: Ground) -> None:
    """Give lines to those who have one, and have those told whose line is about to stop."""
    _Lines(ground).give()


class _Lines:
    def __init__(self, ground: Ground) -> None:
        self.ground, self.rng = ground, ground.rng
        self.now, self.today = ground.now, ground.today
        self.ranges = {line.code: line for line in Line.objects.all()}
        self.offers: dict[int, list[Offer]] = defaultdict(list)
        for offer in Offer.objects.on(self.today).order_by("position", "pk"):
            self.offers[offer.line_id].append(offer)
        self.phones: dict[int, str] = {}
        for way in ContactWay.objects.filter(kind="sms", is_shared=False, ended_at=None).order_by("pk"):
            self.phones[way.person_id] = way.phone
        self.taken: set[str] = set()
        self.has_corrected = False

    def give(self) -> None:
        """One line each; one top-up is corrected, so that the history shows how that looks."""
        for holder in self._holders():
            self._live(holder)
        # The jobs run early in the morning.
        for held in HeldLine.objects.past(self.today).order_by("pk"):
            if held.live_until is not None:
                stopped = self._at(held.live_until + timedelta(days=1), 6, 10)
                lines.note_lapsed(held, by=Actor.system("lapse_lines"), at=stopped)
        days = lines.reminder_days()
        for held in HeldLine.objects.about_to_lapse(self.today, days):
            if held.live_until is not None:
                at = self._at(held.live_until - timedelta(days=days), 6, 40)
                at = min(self.now, max(at, held.changed_at + timedelta(minutes=50)))
                lines.remind_of_lapse(held, by=Actor.system("remind_lapsing_lines"), at=at)

    def _holders(self) -> list[Holder]:
        newest: dict[int, Evidence] = {}
        for fact in Evidence.objects.filter(item="C1").order_by("observed_on", "written_at", "pk"):
            newest[fact.person_id] = fact
        by_node = {place.node.pk: place for place in self.ground.places}
        places = {
            following.person_id: by_node[following.node_id]
            for following in Following.objects.filter(ended_at=None).order_by("pk")
            if following.node_id in by_node
        }
        found = []
        for person in Person.objects.whole().filter(pk__in=list(newest)).order_by("pk"):
            fact = newest[person.pk]
            share = SHARE if fact.answer == "yes" else SHARE_OF_THE_OTHERS
            is_chosen = self.rng.random() < share
            if is_chosen and person.pk in places and fact.observed_on < self.today - timedelta(days=1):
                was_given = fact.answer != "yes" or fact.source == "visit"
                found.append(Holder(person, fact.observed_on, was_given, places[person.pk]))
        return found

    # ---------- one line ----------
    def _live(self, holder: Holder) -> None:
        rng = self.rng
        shares = GIVEN if holder.was_given else FOUND
        code = rng.choices(list(shares), list(shares.values()))[0]
        fate = rng.choices(list(FATES), list(FATES.values()))[0]
        on_sale = self.offers[self.ranges[code].pk] if code in self.ranges else []
        plans = [offer for offer in on_sale if offer.kind == Offer.Kind.PLAN]
        # A pack of a week is always about to stop: few have one.
        shortest = 12 if fate == "lives" else 6
        top_ups = [
            offer
            for offer in on_sale
            if offer.kind == Offer.Kind.TOP_UP and (offer.validity_days or 0) >= shortest
        ]
        if not plans and not top_ups:
            self._open(holder, None, None, self._day(holder.since, holder.since))
            return
        if plans:
            self._open(holder, self.ranges[code], rng.choice(plans), self._day(holder.since, holder.since))
            return
        offer = rng.choice(top_ups)
        days = offer.validity_days or 30
        ends = fate in {"left", "lost", "ported", "closed"}
        if ends:
            first = max(holder.since + timedelta(days=2), self.today - timedelta(days=75))
            last = self._day(min(first, self.today - timedelta(days=1)), self.today - timedelta(days=1))
            bought = self._day(last - timedelta(days=min(days - 1, 20)), last - timedelta(days=1))
        else:
            last = None
            least, most = {
                "lives": (6, max(7, min(28, days - 1))),
                "nears": (0, 5),
                "lapsed": (-20, -1),
            }[fate]
            bought = self._bought(days, least, most)
        # At most two purchases before the last one: what was earlier is not told.
        before = min(2, max(0, (bought - holder.since).days // days))
        held = None
        for back in range(before, -1, -1):
            on = self._day(bought - timedelta(days=back * days), bought - timedelta(days=back * days))
            if held is None:
                held = self._open(holder, self.ranges[code], offer, on)
            else:
                held = self._top_up(held, holder, offer, on)
        if held is None:
            return
        if fate == "lives" and not self.has_corrected:
            self.has_corrected = True
            twice = self._top_up(held, holder, offer, bought)
            event = twice.events.filter(kind="topped_up").latest("pk")
            lines.correct_event(
                event,
                note="Noté deux fois.",
                key=self._key(),
                by=holder.place.reception,
                at=event.written_at + timedelta(minutes=6),
            )
        if last is not None:
            self._end(held, holder, fate, last)

    def _open(self, holder: Holder, line: Line | None, offer: Offer | None, on: date) -> HeldLine:
        return lines.activate_line(
            holder.person,
            line=line,
            words="" if line else OTHER_OPERATOR,
            number=self._number(holder.person),
            offer=offer,
            on=on,
            was_told=offer is not None and self.rng.random() < 0.6,
            key=self._key(),
            by=self._who(holder.place),
            at=self._moment(on),
        )

    def _top_up(self, held: HeldLine, holder: Holder, offer: Offer, on: date) -> HeldLine:
        return lines.record_top_up(
            held,
            offer=offer,
            on=on,
            was_told=self.rng.random() < 0.6,
            key=self._key(),
            by=self._who(holder.place),
            at=self._moment(on),
        )

    def _end(self, held: HeldLine, holder: Holder, fate: str, on: date) -> None:
        by, at, key = self._who(holder.place), self._moment(on), self._key()
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

    # ---------- days, hours, names ----------
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

    def _at(self, day: date, hour: int, minute: int) -> datetime:
        return timezone.make_aware(datetime(day.year, day.month, day.day, hour, minute))

    def _moment(self, day: date) -> datetime:
        return min(
            self._at(day, self.rng.randint(9, 16), self.rng.randint(0, 59)), self.now - timedelta(minutes=20)
        )

    def _number(self, person: Person) -> str:
        if self.rng.random() < 0.2:
            return ""
        number = self.phones.get(person.pk, "")
        while not number or number in self.taken:
            # 06 39 98 is a range kept for fiction.
            number = f"+3363998{next(self.ground.phones) // 10:04d}"
        self.taken.add(number)
        return number

    def _key(self) -> str:
        return uuid.UUID(int=self.rng.getrandbits(128), version=4).hex

    def _who(self, place: Place) -> User:
        return self.rng.choice([*place.advisers, place.reception])
