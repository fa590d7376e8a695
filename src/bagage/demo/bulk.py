"""Many more invented persons, written straight into the tables: for measuring speed, not for showing.

They get what pages and look-up read: names and their keys, a card, a way to reach them, a following, a journey with a
request, facts for the three pockets, a past appointment, half of them a referral; and what they bought, were given,
came to and left with (``bulk_acts.py``). No trail and no message is written.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import count, islice
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from bagage.accounts.models import Installation, Membership
from bagage.common.codes import ALPHABET, LENGTH
from bagage.common.errors import BusinessError
from bagage.common.tasks import tend_database
from bagage.demo.bulk_acts import Acts
from bagage.demo.names import ORIGINS, WORDS_CONNECTION, WORDS_DEVICE, WORDS_SKILLS
from bagage.journeys.models import Evidence, Journey, Request
from bagage.people.models import CardCode, ContactWay, Following, NameKey, Person, PersonName, SituationFact
from bagage.people.services.files import name_keys_for
from bagage.permanences.models import Appointment, OpeningBlock, Site
from bagage.referrals.models import Referral, ReferralStep
from bagage.skills.models import Item, Observation

BATCH = 2_000


def add_many_persons(persons: int, *, seed: int = 100_000, now: datetime | None = None) -> int:
    """Add invented persons until the demonstration network holds at least ``persons``; how many were added.

    Raises :class:`BusinessError` in a home that is not a demonstration: real persons are never diluted.
    """
    if not Installation.objects.filter(is_demonstration=True).exists():
        raise BusinessError(
            "only a demonstration network can be filled: run load_demo in an empty home first"
        )
    now = now or timezone.now()
    missing = max(0, persons - Person.objects.count())
    crowd = _Crowd(random.Random(seed), now)
    for done in range(0, missing, BATCH):
        with transaction.atomic():
            crowd.add(min(BATCH, missing - done))
    tend_database()
    return missing


class _Crowd:
    def __init__(self, rng: random.Random, now: datetime) -> None:
        self.rng = rng
        self.now = now
        self.sites = list(
            Site.objects.select_related("organisation").prefetch_related("rooms").order_by("pk")
        )
        self.blocks = {site.pk: [] for site in self.sites}  # type: dict[int, list[OpeningBlock]]
        for block in OpeningBlock.objects.filter(ends_at__lt=now).order_by("pk"):
            self.blocks[block.site_id].append(block)
        self.items = list(Item.objects.filter(is_current=True))
        self.referrers = [
            (membership.user, membership.organisation)
            for membership in Membership.objects.filter(role="referrer")
            .select_related("user", "organisation")
            .order_by("pk")
        ]  # type: list[tuple[User, Organisation]]
        self.codes = self._free_codes()
        # One appointment at most for one adviser at one time: far in the past, each at its own minute.
        self.minutes = count(1)
        self.acts = Acts(rng, now, lambda: next(self.codes))

    def _free_codes(self) -> Iterator[str]:
        taken = set(CardCode.objects.values_list("code", flat=True)) | set(
            Referral.objects.values_list("code", flat=True)
        )
        while True:
            code = "".join(self.rng.choice(ALPHABET) for _ in range(LENGTH))
            if code not in taken:
                taken.add(code)
                yield code

    def _uuid(self) -> UUID:
        return UUID(int=self.rng.getrandbits(128), version=4)

    def add(self, number: int) -> None:
        """One batch, every table at once."""
        rng, now = self.rng, self.now
        persons: list[Person] = []
        for code in islice(self.codes, number):
            origin = rng.choice(ORIGINS)
            first = rng.choice(origin.women + origin.men)
            for usual, other in origin.spellings:
                if usual == first and rng.random() < 0.3:
                    first = other
            family = rng.choice(rng.choice(ORIGINS).families)
            since = now - timedelta(days=rng.randint(1, 700), minutes=rng.randint(0, 500))
            persons.append(
                Person(
                    uuid=self._uuid(),
                    code=code,
                    chosen_name=first,
                    family_name=family,
                    languages=rng.choice(origin.languages),
                    birth_year=rng.randint(1940, 2006),
                    where="exemple",
                    created_at=since,
                    last_contact_at=since,
                )
            )
        Person.objects.bulk_create(persons)
        where = [(person, rng.choice(self.sites)) for person in persons]
        PersonName.objects.bulk_create(
            [
                PersonName(person=person, text=person.full_name, kind="main", added_at=person.created_at)
                for person in persons
            ]
        )
        NameKey.objects.bulk_create(
            [key for person in persons for key in name_keys_for(person, [person.full_name])]
        )
        CardCode.objects.bulk_create(
            [CardCode(person=person, code=person.code, issued_at=person.created_at) for person in persons]
        )
        Following.objects.bulk_create(
            [
                Following(person=person, node=site.organisation, started_at=person.created_at)
                for person, site in where
            ]
        )
        ContactWay.objects.bulk_create(
            [
                ContactWay(
                    uuid=self._uuid(),
                    person=person,
                    kind="sms",
                    phone=f"+3363998{rng.randint(0, 9999):04d}",
                    started_at=person.created_at,
                )
                for person in persons
                if rng.random() < 0.7
            ]
        )
        self._facts(persons)
        journeys = self._journeys(where)
        self._appointments(where)
        self._referrals(where)
        self.acts.add(where, journeys)

    def _facts(self, persons: list[Person]) -> None:
        rng = self.rng
        evidence, observations, situation = [], [], []
        for person in persons:
            day = timezone.localdate(person.created_at)
            for item in ("E1", "E2", "C1", "C2", "C3"):
                evidence.append(
                    Evidence(
                        person=person,
                        item=item,
                        answer=rng.choice(["yes", "no", "unknown"]),
                        observed_on=day,
                        written_at=person.created_at,
                    )
                )
            for item in rng.sample(self.items, 5):
                observations.append(
                    Observation(
                        person=person,
                        item=item,
                        step=rng.randint(0, 3),
                        observed_on=day,
                        written_at=person.created_at,
                    )
                )
            situation.append(
                SituationFact(
                    person=person,
                    obstacle="bank_account",
                    answer=rng.choice(["yes", "no"]),
                    said_on=day,
                    written_at=person.created_at,
                )
            )
        Evidence.objects.bulk_create(evidence)
        Observation.objects.bulk_create(observations)
        SituationFact.objects.bulk_create(situation)

    def _journeys(self, where: list[tuple[Person, Site]]) -> list[Journey]:
        journeys = [
            Journey(uuid=self._uuid(), person=person, node=site.organisation, opened_at=person.created_at)
            for person, site in where
        ]
        Journey.objects.bulk_create(journeys)
        words = WORDS_DEVICE + WORDS_CONNECTION + WORDS_SKILLS
        Request.objects.bulk_create(
            [
                Request(
                    uuid=self._uuid(),
                    journey=journey,
                    words=self.rng.choice(words),
                    said_on=timezone.localdate(journey.opened_at),
                    changed_on=timezone.localdate(journey.opened_at),
                    written_at=journey.opened_at,
                )
                for journey in journeys
            ]
        )
        return journeys

    def _appointments(self, where: list[tuple[Person, Site]]) -> None:
        rows = []
        for person, site in where:
            block = self.rng.choice(self.blocks[site.pk])
            start = self.now - timedelta(days=800, minutes=15 * next(self.minutes))
            rows.append(
                Appointment(
                    uuid=self._uuid(),
                    site=site,
                    block=block,
                    adviser_id=block.adviser_id,
                    person=person,
                    starts_at=start,
                    ends_at=start + timedelta(minutes=15),
                    state="done",
                    subject="Premier entretien",
                    booked_at=start,
                    changed_at=start,
                )
            )
        Appointment.objects.bulk_create(rows)

    def _referrals(self, where: list[tuple[Person, Site]]) -> None:
        rows = []
        for (person, site), code in zip(where[::2], self.codes, strict=False):
            user, organisation = self.rng.choice(self.referrers)
            rows.append(
                Referral(
                    uuid=self._uuid(),
                    key=str(self._uuid()),
                    code=code,
                    organisation=organisation,
                    referrer=user,
                    referrer_name=user.full_name,
                    site=site,
                    person=person,
                    chosen_name=person.chosen_name,
                    family_name=person.family_name,
                    needs_connection=True,
                    reach="paper",
                    languages=person.languages,
                    has_agreed=True,
                    state="left_with",
                    state_at=person.created_at,
                    sent_at=person.created_at,
                    answered_at=person.created_at,
                )
            )
        Referral.objects.bulk_create(rows)
        ReferralStep.objects.bulk_create(
            [ReferralStep(referral=row, state=row.state, at=row.state_at) for row in rows]
        )
