"""Loads the demonstration network: the same services as the screens, at invented moments, so the same rules hold.

Deterministic: the same seed and the same moment give the same network. Dated from the moment it is loaded.
"""

from __future__ import annotations

import random
import uuid
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from bagage.accounts.models import Installation, User
from bagage.common.errors import BusinessError
from bagage.demo.advices import give_advices
from bagage.demo.beyond import Beyond
from bagage.demo.catalogue import load_catalogue
from bagage.demo.counter import Counter
from bagage.demo.devices import Workshop
from bagage.demo.ground import HISTORY, Ground, Place, openings_of
from bagage.demo.lines import Lines
from bagage.demo.lives import Lives
from bagage.demo.names import (
    ORIGINS,
    QUEUE_TOPICS,
)
from bagage.demo.network import (
    ROLE_ACCOUNTS,
)
from bagage.demo.sessions import Classes
from bagage.demo.tour import Tour
from bagage.messaging.models import Channel, Message, State, Transport
from bagage.people import services as people
from bagage.people.models import Merge, Person
from bagage.permanences import services as permanences
from bagage.permanences.models import NamelessHelp

PERSONS = 300


def load_demonstration(
    *, seed: int = 2014, now: datetime | None = None, persons: int = PERSONS
) -> Installation:
    """Fill an empty database with the demonstration network, all or nothing.

    ``persons`` is how many are invented (300 by default). Raises :class:`BusinessError` when the database already
    holds accounts: a demonstration never mixes with real persons.
    """
    if User.objects.exists():
        raise BusinessError(
            "this home already holds accounts: the demonstration network is loaded into an empty one (set BAGAGE_HOME)"
        )
    with transaction.atomic():
        return _Loader(random.Random(seed), now or timezone.now(), persons).load()


class _Loader:
    """All of it: the ground, the agenda of half a year, then what stands on the day itself."""

    def __init__(self, rng: random.Random, now: datetime, persons: int) -> None:
        self.ground = Ground(rng, now, min(1.0, persons / PERSONS))
        self.persons = persons
        self.rng, self.now, self.today = rng, now, self.ground.today
        self.agenda = self.ground.agenda
        self.lines = Lines(self.ground)
        self.counter = Counter(self.ground, self.lines)
        self.workshop = Workshop(self.ground, self.counter)
        self.beyond = Beyond(self.ground, self.counter)
        self.twins: set[int] = set()

    def load(self) -> Installation:
        """The whole network, in the order in which it came to be."""
        Transport.objects.create(pk=1, kind="console", changed_at=self.now - HISTORY)
        self.ground.build_network()
        load_catalogue(by=User.objects.get(username="lina"), now=self.now)
        self.ground.open_blocks()
        self.lines.load()
        logistics = User.objects.get(username="omar")
        self.counter.set_up(User.objects.get(username="lucie"), logistics)
        self.workshop.set_up(logistics)
        self.beyond.set_up()
        classes = Classes(self.ground)
        classes.set_up()
        self.lives = Lives(self.ground, self.lines, self.counter, self.workshop, classes, self.beyond)
        self._mornings()
        for _ in range(self.persons):
            self.lives.live(self.lives.invent())
        Tour(self.lives).set_up()
        self.lives.fill_today()
        self._spell_some_again()
        self.agenda.run()
        self._queue_and_help()
        give_advices(self.ground)
        self._settle_messages()
        installation, _ = Installation.objects.update_or_create(
            pk=1,
            defaults={
                "name": "Réseau de démonstration",
                "set_up_at": self.now,
                "is_demonstration": True,
                "loaded_on": self.today,
                "set_up_answers": {"demo_accounts": list(ROLE_ACCOUNTS)},
            },
        )
        return installation

    def _mornings(self) -> None:
        """What the scheduler does early, each day."""
        for back in range(HISTORY.days, -1, -1):
            day = self.today - timedelta(days=back)
            self.agenda.note(self.ground.moment(day, 6, 10), self._morning)

    def _morning(self, at: datetime) -> None:
        self.lines.morning(at)
        self.workshop.morning(at)
        self.beyond.remind(at)

    # ---------- the same woman, written another way ----------
    def _spell_some_again(self) -> None:
        """Six files that look like one person: three marked as one (one separated again), the rest to be looked at."""
        for position in range(6):
            at = self.now - timedelta(days=self.rng.randint(3, 40), hours=self.rng.randint(0, 4))
            self.agenda.note(at, self._spell_again, position)

    def _spell_again(self, at: datetime, position: int) -> None:
        candidates = [
            (place, person)
            for place in self.ground.places
            for person in place.known
            if person.family_name and person.pk not in self.twins
        ]
        if not candidates:
            return
        place, person = self.rng.choice(candidates)
        origin = next((each for each in ORIGINS if person.family_name in each.families), ORIGINS[0])
        other = next((b for a, b in origin.spellings if a == person.chosen_name), person.chosen_name)
        swapped = position % 3 == 2
        twin = people.open_file(
            chosen_name=person.family_name if swapped else other,
            family_name=other if swapped else person.family_name,
            birth_year=person.birth_year,
            languages=person.languages,
            where=person.where,
            node=place.node,
            by=place.reception,
            at=at,
        )
        self.twins.add(person.pk)
        if position < 3:
            self.agenda.note(at + timedelta(days=1), self._mark, person, twin, place, position == 2)

    def _mark(self, at: datetime, person: Person, twin: Person, place: Place, is_undone: bool) -> None:
        merge = people.mark_as_same(person, twin, reasons="même nom, même année", by=place.advisers[0], at=at)
        if is_undone:
            self.agenda.note(at + timedelta(hours=3), self._separate, merge, place)

    def _separate(self, at: datetime, merge: Merge, place: Place) -> None:
        people.separate(merge, by=place.advisers[-1], at=at)

    # ---------- today ----------
    def _queue_and_help(self) -> None:
        for place in self.ground.places:
            waiting = 4 if place.demo.key == "riquet" else self.rng.randint(0, 2)
            for position in range(waiting):
                who = self.lives.invent()
                permanences.join_queue(
                    place.site,
                    who.chosen_name,
                    topic=QUEUE_TOPICS[position % len(QUEUE_TOPICS)],
                    key=f"demo-{place.demo.key}-{position}",
                    by=place.reception,
                    at=self.now - timedelta(minutes=(18, 11, 6, 1)[position]),
                )
            self._nameless_help(place)

    def _nameless_help(self, place: Place) -> None:
        topics = NamelessHelp.Topic.values
        open_days = openings_of(place.site.hours)
        rows = []
        for back in range(HISTORY.days):
            day = self.today - timedelta(days=back)
            if day.weekday() not in open_days:
                continue
            for _ in range(self.rng.choice([0, 1, 1, 2, 3, 5]) * (2 if place.demo.weight > 15 else 1)):
                at = self.ground.working_moment(day)
                if at > self.now:
                    continue
                rows.append(
                    NamelessHelp(
                        site=place.site,
                        topic=self.rng.choices(topics, [5, 4, 3, 3, 3, 4, 1])[0],
                        minutes=self.rng.choice([5, 10, 10, 15, 20]),
                        at=at,
                        key=str(uuid.UUID(int=self.rng.getrandbits(128), version=4)),
                        written_by=place.reception.full_name,
                    )
                )
        NamelessHelp.objects.bulk_create(rows, batch_size=500)

    def _settle_messages(self) -> None:
        """What had to leave has left; what had to be told has been told, but for the last three days."""
        Message.objects.filter(state=State.QUEUED, channel=Channel.EMAIL).update(
            state=State.ACCEPTED, settled_at=F("created_at"), attempts=1
        )
        Message.objects.filter(
            state=State.QUEUED, channel=Channel.PAPER, created_at__lt=self.now - timedelta(days=3)
        ).update(state=State.DELIVERED, settled_at=F("created_at"), told_by="accueil")
