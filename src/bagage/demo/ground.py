"""The ground on which the demonstration lives: the network, who works there, and the time that can be booked."""

from __future__ import annotations

import random
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from anyascii import anyascii
from django.contrib.auth.hashers import make_password
from django.utils import timezone

from bagage.accounts.domain.roles import Role
from bagage.accounts.models import Membership, Organisation, User
from bagage.common.errors import BusinessError
from bagage.demo.agenda import Agenda
from bagage.demo.network import (
    ADMIN,
    ELISE,
    LUCIE,
    OFFICERS,
    OMAR,
    PASSWORD,
    REFERRER_NAMES,
    SAMIRA,
    SITES,
    DemoSite,
)
from bagage.people.models import Person
from bagage.permanences import services as permanences
from bagage.permanences.models import Appointment, OpeningBlock, Room, Site

Slot = tuple[datetime, OpeningBlock]
HISTORY = timedelta(days=182)
AHEAD_WEEKS = 4
SLOT_MINUTES = 30


@dataclass
class Place:
    """One permanence of the demonstration, with who works there and what is still free."""

    demo: DemoSite
    node: Organisation
    site: Site
    reception: User
    advisers: list[User] = field(default_factory=list)
    volunteers: list[User] = field(default_factory=list)
    referrers: list[User] = field(default_factory=list)
    free: list[Slot] = field(default_factory=list)
    known: list[Person] = field(default_factory=list)

    @property
    def staff(self) -> list[User]:
        """Who stands at the counter and at the desk: advisers and reception."""
        return [*self.advisers, self.reception]


class Ground:
    """A network of places with their people and their free slots, and a moment that is now.

    ``share`` is how much of a whole network is told: fewer devices come and fewer sessions are held for fewer persons.
    """

    def __init__(self, rng: random.Random, now: datetime, share: float = 1.0) -> None:
        self.rng = rng
        self.share = share
        self.now = now
        self.today = timezone.localdate(now)
        self.places: list[Place] = []
        self.phones = iter(rng.sample(range(100_000), 90_000))
        self.agenda = Agenda(now - HISTORY - timedelta(days=30), now)

    # ---------- the network ----------
    def build_network(self) -> None:
        self.hash = make_password(PASSWORD)
        network = Organisation.objects.add_root(
            create_kwargs={"kind": "network", "name": "Réseau de démonstration"}
        )
        antennas: dict[str, Organisation] = {}
        referrer_names = iter(REFERRER_NAMES)
        for demo in SITES:
            if demo.antenna not in antennas:
                antennas[demo.antenna] = Organisation.objects.add_child(
                    network,
                    create_kwargs={
                        "kind": "antenna",
                        "name": f"Antenne de {demo.antenna}",
                        "city": demo.antenna,
                    },
                )
            antenna = antennas[demo.antenna]
            antenna.refresh_from_db()
            node = Organisation.objects.add_child(
                antenna,
                create_kwargs={
                    "kind": "permanence",
                    "name": demo.name,
                    "city": demo.city,
                    "address": demo.address,
                    "phone": demo.phone,
                },
            )
            place = Place(
                demo,
                node,
                self._site(demo, node),
                self._user(*demo.reception, roles=[(Role.RECEPTIONIST, node)]),
            )
            place.advisers = [self._user(*who, roles=[(Role.ADVISER, node)]) for who in demo.advisers]
            place.volunteers = [self._user(*who, roles=[(Role.VOLUNTEER, node)]) for who in demo.volunteers]
            for position, (name, city) in enumerate(demo.referrers):
                antenna.refresh_from_db()
                organisation = Organisation.objects.add_child(
                    antenna, create_kwargs={"kind": "referring", "name": name, "city": city}
                )
                if demo.key == "riquet" and position == 0:
                    username, first, last, title = SAMIRA
                else:
                    first, last = next(referrer_names)
                    username = anyascii(f"{first[0]}.{last}").lower().replace(" ", "").replace("'", "")
                    title = "travailleuse sociale"
                user = self._user(username, first, last, title=title, roles=[(Role.REFERRER, organisation)])
                place.referrers.append(user)
            self.places.append(place)
        network.refresh_from_db()
        for (username, first, last, title), role, node in (
            (OMAR, Role.LOGISTICS, network),
            (ELISE, Role.LOCAL_OFFICER, antennas["Paris"]),
            (LUCIE, Role.PROGRAMME_LEAD, network),
            (ADMIN, Role.ADMINISTRATOR, network),
        ):
            self._user(username, first, last, title=title, roles=[(role, node)])
        for city, (username, first, last) in OFFICERS.items():
            self._user(
                username,
                first,
                last,
                title=f"développement local, {city}",
                roles=[(Role.LOCAL_OFFICER, antennas[city])],
            )

    def _site(self, demo: DemoSite, node: Organisation) -> Site:
        hours = demo.hours
        if self.today.weekday() == 6 and demo.key == "riquet":
            hours += "; Su 09:30-12:30"  # so that a demonstration loaded on a Sunday is not a closed door
        site = Site.objects.create(
            organisation=node,
            address=demo.address,
            postcode=demo.postcode,
            city=demo.city,
            commune_code=demo.commune,
            latitude=demo.latitude,
            longitude=demo.longitude,
            way_there=demo.way_there,
            phone=demo.phone,
            hours=hours,
            device_wait_days=demo.device_wait_days,
            languages=demo.languages,
            access=demo.access,
            computers=demo.computers,
            appointment_minutes=SLOT_MINUTES,
        )
        Room.objects.bulk_create(
            [
                Room(site=site, name=name, seats=seats, computers=computers)
                for name, seats, computers in demo.rooms
            ]
        )
        return site

    def _user(
        self, username: str, first: str, last: str, *, title: str = "", roles: list[tuple[Role, Organisation]]
    ) -> User:
        titles = {Role.RECEPTIONIST: "accueil", Role.ADVISER: "conseil", Role.VOLUNTEER: "bénévole"}
        user = User.objects.create(
            username=username,
            first_name=first,
            last_name=last,
            password=self.hash,
            title=title or titles.get(roles[0][0], ""),
            email=f"{username}@exemple.invalid" if roles[0][0] is not Role.VOLUNTEER else "",
        )
        Membership.objects.bulk_create(
            [Membership(user=user, organisation=node, role=role) for role, node in roles]
        )
        return user

    # ---------- time ----------
    def moment(self, day: date, hour: int, minute: int = 0) -> datetime:
        return timezone.make_aware(datetime.combine(day, time(hour, minute)))

    def open_blocks(self) -> None:
        """Half days of each adviser (four or five a week) and volunteer (one), past and to come."""
        blocks: list[OpeningBlock] = []
        first = self.today - HISTORY - timedelta(days=self.today.weekday())
        days = [first + timedelta(days=n) for n in range((self.today - first).days + 1 + AHEAD_WEEKS * 7)]
        for place in self.places:
            openings = openings_of(place.site.hours)
            staff = [(user, 0.8) for user in place.advisers] + [(user, 0.2) for user in place.volunteers]
            for index, (user, share) in enumerate(staff):
                # The same half days every week, so that people know when she is there.
                kept = {
                    (weekday, start)
                    for weekday, hours in openings.items()
                    for start, _ in hours
                    if self.rng.random() < share
                }
                if share > 0.5 and not kept:
                    kept = {(weekday, hours[0][0]) for weekday, hours in openings.items()}
                for day in days:
                    for start, end in openings.get(day.weekday(), []):
                        if (day.weekday(), start) in kept or (day == self.today and index < 3):
                            blocks.append(
                                OpeningBlock(
                                    site=place.site,
                                    adviser=user,
                                    slot_minutes=SLOT_MINUTES,
                                    starts_at=timezone.make_aware(datetime.combine(day, start)),
                                    ends_at=timezone.make_aware(datetime.combine(day, end)),
                                )
                            )
        OpeningBlock.objects.bulk_create(blocks, batch_size=500)
        by_site = {place.site.pk: place for place in self.places}
        for block in blocks:
            moment = block.starts_at
            while moment + timedelta(minutes=SLOT_MINUTES) <= block.ends_at:
                by_site[block.site_id].free.append((moment, block))
                moment += timedelta(minutes=SLOT_MINUTES)
        for place in self.places:
            place.free.sort(key=lambda slot: (slot[0], slot[1].pk))

    def book(
        self, place: Place, person: Person, after: datetime, *, subject: str, at: datetime, spread: int = 14
    ) -> Appointment | None:
        """One of the free slots in the days that follow, given at ``at``; none when the place is full."""
        until = after + timedelta(days=spread)
        choices = [slot for slot in place.free if after <= slot[0] <= until]
        if not choices:
            return None
        start, block = choices[min(int(self.rng.expovariate(3.0) * len(choices)), len(choices) - 1)]
        place.free.remove((start, block))
        try:
            return permanences.give_appointment(
                block=block,
                starts_at=start,
                person=person,
                subject=subject,
                language=self.interpreted(person),
                by=place.reception,
                at=at,
            )
        except BusinessError:
            return (
                None  # she is elsewhere at that hour, or the site is closed that day: the rules hold here too
            )

    def open_day(self, place: Place, day: date) -> date:
        """That day, or the last one before it on which the place is open."""
        days = openings_of(place.site.hours)
        while day.weekday() not in days:
            day -= timedelta(days=1)
        return day

    def as_it_may(self) -> suppress:
        """What follows may be refused: the rules hold here as on the screens."""
        return suppress(BusinessError)

    def key(self) -> str:
        """What a form would carry, so that it counts once."""
        return uuid.UUID(int=self.rng.getrandbits(128), version=4).hex

    def interpreted(self, person: Person) -> str:
        return (
            "" if "français" in person.languages or not person.languages else person.languages.split(" ")[0]
        )

    def working_moment(self, day: date) -> datetime:
        return self.moment(
            day, self.rng.randint(9, 16), self.rng.choice([2, 5, 11, 18, 24, 32, 37, 41, 50, 55])
        )

    def free_after(self, place: Place, after: datetime, spread: int) -> Slot | None:
        choices = [slot for slot in place.free if after <= slot[0] <= after + timedelta(days=spread)]
        if not choices:
            return None
        slot = choices[min(int(self.rng.expovariate(3.0) * len(choices)), len(choices) - 1)]
        place.free.remove(slot)
        return slot

    def soon(self, moment: datetime, least_hours: float, most_hours: float) -> datetime:
        """Some working hours later; never at night nor on a Sunday."""
        later = timezone.localtime(moment + timedelta(hours=self.rng.uniform(least_hours, most_hours)))
        if later.hour >= 18 or later.hour < 9:
            later = timezone.make_aware(
                datetime.combine(
                    later.date() + timedelta(days=1 if later.hour >= 18 else 0),
                    time(9, self.rng.randint(5, 55)),
                )
            )
        while later.weekday() > 4:
            later += timedelta(days=1)
        return later


def openings_of(hours: str) -> dict[int, list[tuple[time, time]]]:
    """The half days of the example hours, by weekday; reads the plain forms that ``network.py`` uses."""
    names = ["Mo", "Tu", "We", "Th", "Fr", "Sa", "Su"]
    found: dict[int, list[tuple[time, time]]] = {}
    for rule in hours.split(";"):
        days, ranges = rule.strip().split(" ")
        weekdays: list[int] = []
        for part in days.split(","):
            if "-" in part:
                first, last = (names.index(each) for each in part.split("-"))
                weekdays += range(first, last + 1)
            else:
                weekdays.append(names.index(part))
        for stretch in ranges.split(","):
            start, end = (time.fromisoformat(each) for each in stretch.split("-"))
            for weekday in weekdays:
                found.setdefault(weekday, []).append((start, end))
    return found
