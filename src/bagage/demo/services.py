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
from bagage.demo.catalogue import load_catalogue
from bagage.demo.ground import HISTORY, Place, openings_of
from bagage.demo.lines import give_lines
from bagage.demo.lives import Lives
from bagage.demo.names import (
    ORIGINS,
    QUEUE_TOPICS,
    SUBJECTS,
)
from bagage.demo.network import (
    ROLE_ACCOUNTS,
)
from bagage.messaging.models import Channel, Message, State, Transport
from bagage.people import services as people
from bagage.people.models import Person
from bagage.permanences import services as permanences
from bagage.permanences.models import Appointment, NamelessHelp

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
        return _Loader(random.Random(seed), now or timezone.now()).load(persons)


class _Loader(Lives):
    """All of it in order, ending with a day that stands where the hour says."""

    def load(self, count: int) -> Installation:
        """The whole network, in the order in which it came to be."""
        Transport.objects.create(pk=1, kind="console", changed_at=self.now - HISTORY)
        self.build_network()
        load_catalogue(by=User.objects.get(username="lina"), now=self.now)
        self.open_blocks()
        for _ in range(count):
            self.live(self.invent())
        self._spell_some_again()
        self._fill_today()
        self._queue_and_help()
        give_lines(self)
        give_advices(self)
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

    # ---------- the same woman, written another way ----------
    def _spell_some_again(self) -> None:
        """Six files that look like one person: three marked as one (one separated again), the rest to be looked at."""
        candidates = list(Person.objects.whole().exclude(family_name="").order_by("pk")[:240])
        self.rng.shuffle(candidates)
        for position, person in enumerate(candidates[:6]):
            place = next(each for each in self.places if person.followings.filter(node=each.node).exists())
            origin = next((each for each in ORIGINS if person.family_name in each.families), ORIGINS[0])
            other = next((b for a, b in origin.spellings if a == person.chosen_name), person.chosen_name)
            at = self.now - timedelta(days=self.rng.randint(2, 40), hours=self.rng.randint(0, 4))
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
            if position < 3:
                merge = people.mark_as_same(
                    person,
                    twin,
                    reasons="même nom, même année",
                    by=place.advisers[0],
                    at=at + timedelta(days=1),
                )
                if position == 2:
                    people.separate(merge, by=place.advisers[-1], at=at + timedelta(days=1, hours=3))

    # ---------- today ----------
    def _fill_today(self) -> None:
        """Part of what is still free today is taken, and all of today stands where the hour says."""
        start, end = self._at(self.today, 0), self._at(self.today, 23, 59)
        for place in self.places:
            slots = [slot for slot in place.free if start <= slot[0] <= end]
            share = 0.35 if place.demo.key == "riquet" else 0.25
            known = list(
                Person.objects.whole()
                .filter(followings__node=place.node, followings__ended_at=None)
                .order_by("pk")
            )
            busy = set(
                Appointment.objects.filter(starts_at__range=(start, end)).values_list("person_id", flat=True)
            )
            known = [person for person in known if person.pk not in busy]
            self.rng.shuffle(known)
            for slot_start, block in slots:
                if not known or self.rng.random() > share:
                    continue
                person = known.pop()
                place.free.remove((slot_start, block))
                at = max(
                    person.created_at + timedelta(minutes=10),
                    slot_start - timedelta(days=self.rng.randint(1, 9)),
                )
                if at >= slot_start:
                    continue
                try:
                    permanences.give_appointment(
                        block=block,
                        starts_at=slot_start,
                        person=person,
                        subject=self.rng.choice(SUBJECTS),
                        language=self._interpreted(person),
                        by=place.reception,
                        at=at,
                    )
                except BusinessError:
                    continue
            for appointment in (
                Appointment.objects.holding()
                .filter(site=place.site, starts_at__range=(start, end), state="booked")
                .select_related("adviser")
                .order_by("starts_at")
            ):
                self._bring_to_now(appointment, place)

    def _bring_to_now(self, appointment: Appointment, place: Place) -> None:
        ahead = appointment.starts_at - self.now
        if ahead > timedelta(minutes=30):
            return
        if ahead > timedelta(0):
            if self.rng.random() < 0.5:
                permanences.note_arrival(appointment, by=place.reception, at=self.now - timedelta(minutes=3))
            return
        if appointment.ends_at > self.now:
            if self.rng.random() < 0.75:
                self._come(appointment, place)
            return
        if self.rng.random() < 0.12:
            permanences.note_no_show(
                appointment, by=place.reception, at=appointment.starts_at + timedelta(minutes=20)
            )
            return
        self._come(appointment, place)
        permanences.finish_appointment(appointment, by=appointment.adviser, at=appointment.ends_at)

    def _queue_and_help(self) -> None:
        for place in self.places:
            waiting = 4 if place.demo.key == "riquet" else self.rng.randint(0, 2)
            for position in range(waiting):
                who = self.invent()
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
                at = self._working_moment(day)
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
