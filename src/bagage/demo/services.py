"""Loads the demonstration network: the same services as the screens, at invented moments, so the same rules hold.

Deterministic: the same seed and the same moment give the same network. Dated from the moment it is loaded.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from anyascii import anyascii
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.utils import timezone

from bagage.accounts.domain.roles import Role
from bagage.accounts.models import Installation, Membership, Organisation, User
from bagage.common.errors import BusinessError
from bagage.demo.names import (
    DECLINED,
    LEFT_WITH,
    ORIGINS,
    QUEUE_TOPICS,
    SUBJECTS,
    WORDS_CONNECTION,
    WORDS_DEVICE,
    WORDS_SKILLS,
    Origin,
)
from bagage.demo.network import (
    ADMIN,
    ELISE,
    LUCIE,
    OFFICERS,
    OMAR,
    PASSWORD,
    REFERRER_NAMES,
    ROLE_ACCOUNTS,
    SAMIRA,
    SITES,
    DemoSite,
)
from bagage.journeys import services as journeys
from bagage.journeys.models import Request
from bagage.messaging.models import Channel, Message, State, Transport
from bagage.people import services as people
from bagage.people.models import Agreement, Person
from bagage.permanences import services as permanences
from bagage.permanences.models import Appointment, NamelessHelp, OpeningBlock, Room, Site
from bagage.referrals import services as referrals
from bagage.referrals.models import Referral
from bagage.skills.services import record_observations
from bagage.trail.domain.actor import Actor

PERSONS = 300
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
    free: list[tuple[datetime, OpeningBlock]] = field(default_factory=list)


@dataclass
class Invented:
    """An invented person before she is anyone in the base."""

    chosen_name: str
    family_name: str
    grammar: str
    languages: str
    birth_year: int | None
    is_about: bool
    reach: str
    phone: str
    is_shared: bool
    obstacles: list[str]
    needs: list[str]
    words: dict[str, str]
    origin: Origin


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


class _Loader:
    def __init__(self, rng: random.Random, now: datetime) -> None:
        self.rng = rng
        self.now = now
        self.today = timezone.localdate(now)
        self.places: list[Place] = []
        self.by_link = Actor.link("demonstration")
        self.phones = iter(rng.sample(range(100_000), 90_000))

    def load(self, count: int) -> Installation:
        """The whole network, in the order in which it came to be."""
        Transport.objects.create(pk=1, kind="console", changed_at=self.now - HISTORY)
        self._build_network()
        self._open_blocks()
        for _ in range(count):
            self._live(self._invent())
        self._spell_some_again()
        self._fill_today()
        self._queue_and_help()
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

    # ---------- the network ----------
    def _build_network(self) -> None:
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
    def _at(self, day: date, hour: int, minute: int = 0) -> datetime:
        return timezone.make_aware(datetime.combine(day, time(hour, minute)))

    def _open_blocks(self) -> None:
        """Half days of each adviser (four or five a week) and volunteer (one), past and to come."""
        blocks: list[OpeningBlock] = []
        first = self.today - HISTORY - timedelta(days=self.today.weekday())
        days = [first + timedelta(days=n) for n in range((self.today - first).days + 1 + AHEAD_WEEKS * 7)]
        for place in self.places:
            openings = _openings(place.site.hours)
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

    def _book(
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
                language=self._interpreted(person),
                by=place.reception,
                at=at,
            )
        except BusinessError:
            return (
                None  # she is elsewhere at that hour, or the site is closed that day: the rules hold here too
            )

    def _interpreted(self, person: Person) -> str:
        return (
            "" if "français" in person.languages or not person.languages else person.languages.split(" ")[0]
        )

    def _working_moment(self, day: date) -> datetime:
        return self._at(day, self.rng.randint(9, 16), self.rng.choice([2, 5, 11, 18, 24, 32, 37, 41, 50, 55]))

    # ---------- a person ----------
    def _invent(self) -> Invented:
        rng = self.rng
        origin = rng.choices(ORIGINS, [each.weight for each in ORIGINS])[0]
        is_she = rng.random() < 0.56
        first = rng.choice(origin.women if is_she else origin.men)
        for usual, other in origin.spellings:
            if first == usual and rng.random() < 0.3:
                first = other
        reach = rng.choices(["sms", "sms_shared", "call", "referrer", "paper"], [46, 14, 11, 11, 18])[0]
        has_phone = reach in {"sms", "sms_shared", "call"}
        number = f"{next(self.phones):05d}"
        needs = [
            need
            for need, odds in (("device", 0.55), ("connection", 0.6), ("skills", 0.5))
            if rng.random() < odds
        ]
        needs = needs or [rng.choice(["device", "connection", "skills"])]
        texts = {"device": WORDS_DEVICE, "connection": WORDS_CONNECTION, "skills": WORDS_SKILLS}
        return Invented(
            chosen_name=first,
            family_name=rng.choice(origin.families) if rng.random() < 0.86 else "",
            grammar=("she" if is_she else "he") if rng.random() < 0.9 else "",
            languages=rng.choice(origin.languages),
            birth_year=rng.choice([None, *[int(rng.triangular(1940, 2005, 1982)) for _ in range(5)]]),
            is_about=rng.random() < 0.2,
            reach="sms" if reach == "sms_shared" else reach,
            # 06 39 98 is a range kept for fiction.
            phone=f"+3363998{number[:4]}" if has_phone else "",
            is_shared=reach == "sms_shared",
            obstacles=[
                name
                for name, odds in (
                    ("bank_account", 0.41),
                    ("fixed_address", 0.35),
                    ("mailbox", 0.4),
                    ("papers", 0.15),
                    ("reading", 0.25),
                )
                if rng.random() < odds
            ],
            needs=needs,
            words={need: rng.choice(texts[need]) for need in needs},
            origin=origin,
        )

    def _live(self, who: Invented) -> None:
        """One person from the day she is sent, or walks in, to where she stands now."""
        place = self.rng.choices(self.places, [each.demo.weight for each in self.places])[0]
        is_recent = self.rng.random() < 0.14  # so that the inbox is never empty on the day it is loaded
        days_ago = self.rng.randint(0, 6) if is_recent else int(self.rng.triangular(0, HISTORY.days - 1, 40))
        day = self.today - timedelta(days=days_ago)
        arrival = self._working_moment(day)
        while arrival.weekday() > 4 or arrival > self.now - timedelta(minutes=20):
            arrival -= timedelta(days=1)
        if is_recent or self.rng.random() < 0.7:
            self._be_referred(who, place, arrival)
        else:
            self._walk_in(who, place, arrival)

    def _be_referred(self, who: Invented, place: Place, sent_at: datetime) -> None:
        rng = self.rng
        referral = self._send(who, place, sent_at)
        fate = rng.random()
        age = self.now - sent_at
        if age < timedelta(days=6) and fate < 0.45:
            return  # still waiting for an answer; some of them for more than two days
        received_at = self._soon(sent_at, 2, 30)
        if received_at > self.now:
            return
        referrals.receive_referral(referral, by=place.reception, at=received_at)
        if fate > 0.95:
            referrals.decline_referral(
                referral, reason=rng.choice(DECLINED), by=place.advisers[0], at=received_at
            )
            return
        if fate > 0.90 and age < timedelta(days=20):
            return  # received, not answered yet
        answered_at = self._soon(received_at, 0.1, 20)
        if answered_at > self.now:
            return
        person = referrals.accept_referral(referral, person=None, by=place.reception, at=answered_at)
        self._know_better(person, who, place, answered_at)
        slot = self._free_after(place, answered_at + timedelta(hours=20), spread=16)
        if slot is None:
            return
        start, block = slot
        try:
            referrals.give_referral_appointment(
                referral, block=block, starts_at=start, by=place.reception, at=answered_at
            )
        except BusinessError:
            return
        referral.refresh_from_db()
        if referral.appointment is not None:
            self._journey(person, who, place, referral.appointment, referral)

    def _free_after(self, place: Place, after: datetime, spread: int) -> tuple[datetime, OpeningBlock] | None:
        choices = [slot for slot in place.free if after <= slot[0] <= after + timedelta(days=spread)]
        if not choices:
            return None
        slot = choices[min(int(self.rng.expovariate(3.0) * len(choices)), len(choices) - 1)]
        place.free.remove(slot)
        return slot

    def _send(self, who: Invented, place: Place, at: datetime) -> Referral:
        user = self.rng.choice(place.referrers)
        if place.demo.key == "riquet" and self.rng.random() < 0.3:
            user = place.referrers[0]  # the account that the tour signs in with has many
        organisation = user.current_memberships[0].organisation
        draft = referrals.ReferralDraft(
            key=str(uuid.UUID(int=self.rng.getrandbits(128), version=4)),
            organisation=organisation,
            site=place.site,
            referrer_name=user.full_name,
            referrer_title=user.title,
            referrer_email=user.email,
            chosen_name=who.chosen_name,
            family_name=who.family_name,
            needs=tuple(sorted(who.needs)),
            words=" ".join(who.words.values()) if self.rng.random() < 0.8 else "",
            reach=who.reach,
            phone=who.phone,
            is_phone_shared=who.is_shared,
            where=f"{place.demo.city}",
            commune_code=place.demo.commune,
            languages=who.languages,
            obstacles=tuple(who.obstacles),
            has_agreed=True,
        )
        referral, _ = referrals.send_referral(draft, by=user, at=at)
        return referral

    def _walk_in(self, who: Invented, place: Place, at: datetime) -> None:
        person = people.open_file(
            chosen_name=who.chosen_name,
            family_name=who.family_name,
            grammar=who.grammar,
            birth_year=who.birth_year,
            is_birth_year_about=who.is_about and who.birth_year is not None,
            languages=who.languages,
            where=place.demo.city,
            commune_code=place.demo.commune,
            node=place.node,
            by=place.reception,
            at=at,
        )
        if who.reach != "referrer":
            people.add_contact_way(
                person, kind=who.reach, phone=who.phone, is_shared=who.is_shared, by=place.reception, at=at
            )
        people.record_agreement(
            person, Agreement.Kind.INFORMED, Agreement.Answer.AGREED, by=place.reception, at=at
        )
        journey = journeys.open_journey(person, place.node, by=place.reception, at=at)
        for need, words in who.words.items():
            journeys.add_request(
                journey, words=words, pocket=need, said_on=timezone.localdate(at), by=place.reception, at=at
            )
        appointment = self._book(place, person, at + timedelta(hours=1), subject="Premier entretien", at=at)
        if appointment:
            self._journey(person, who, place, appointment, None)

    def _know_better(self, person: Person, who: Invented, place: Place, at: datetime) -> None:
        details: dict[str, object] = {"grammar": who.grammar}
        if who.birth_year and self.rng.random() < 0.7:
            details |= {"birth_year": who.birth_year, "is_birth_year_about": who.is_about}
        people.correct_identity(person, by=place.reception, at=at, **details)
        for usual, written in who.origin.script:
            if who.chosen_name == usual:
                people.add_name(person, written, "spelling", by=place.reception, at=at)

    # ---------- what happens to her ----------
    def _journey(
        self, person: Person, who: Invented, place: Place, appointment: Appointment, referral: Referral | None
    ) -> None:
        """Appointment after appointment, until now."""
        rng = self.rng
        had_interview = False
        visits = rng.choices([1, 2, 3], [38, 38, 24])[0]
        for left in reversed(range(visits)):
            if appointment.ends_at > self.now:
                return  # still expected: today's page tells the rest
            adviser = appointment.adviser
            came = rng.random()
            if came < 0.11:
                permanences.note_no_show(
                    appointment, by=place.reception, at=appointment.starts_at + timedelta(minutes=25)
                )
                if rng.random() < 0.4:
                    return
            elif came < 0.16:
                permanences.note_excused(
                    appointment, by=place.reception, at=appointment.starts_at - timedelta(hours=3)
                )
            else:
                self._come(appointment, place)
                if not had_interview:
                    self._interview(person, who, place, appointment)
                    had_interview = True
                else:
                    self._progress(person, who, place, adviser, appointment.ends_at)
                permanences.finish_appointment(appointment, by=adviser, at=appointment.ends_at)
            if not left:
                break
            following = self._book(
                place,
                person,
                appointment.ends_at + timedelta(days=rng.choice([2, 6, 7, 9, 14])),
                subject=rng.choice(SUBJECTS[1:]) if had_interview else SUBJECTS[0],
                at=appointment.ends_at,
                spread=21,
            )
            if following is None:
                break
            appointment = following
        if appointment.ends_at > self.now or not had_interview:
            return
        if referral is not None and rng.random() < 0.6:
            at = min(appointment.ends_at + timedelta(hours=1), self.now)
            referrals.tell_left_with(referral, rng.choice(LEFT_WITH), by=place.advisers[0], at=at)

    def _come(self, appointment: Appointment, place: Place) -> None:
        arrived = appointment.starts_at + timedelta(minutes=self.rng.choice([-12, -6, -3, 0, 2, 4]))
        permanences.note_arrival(appointment, by=place.reception, at=arrived)
        permanences.start_appointment(
            appointment, by=appointment.adviser, at=max(arrived, appointment.starts_at)
        )

    def _interview(self, person: Person, who: Invented, place: Place, appointment: Appointment) -> None:
        rng = self.rng
        adviser = appointment.adviser
        start = appointment.starts_at + timedelta(minutes=4)
        interview = journeys.start_interview(
            person, node=place.node, appointment=appointment, by=adviser, at=start
        )
        has_device = "device" not in who.needs
        has_line = "connection" not in who.needs
        skill = rng.choice([0, 0, 1, 1, 2])
        answers: dict[str, str] = {
            "connected_today": "yes" if has_device and has_line else rng.choice(["lent", "no"]),
            "last_time": ["never", "helped", "alone"][skill],
            "E1": "yes" if has_device else rng.choice(["no", "lent", "lost"]),
            "E2": rng.choice(["yes", "no", "unknown"]) if has_device else "no",
            "E3": rng.choice(["yes", "no", "no", "unknown"]),
            "C1": "yes" if has_line else rng.choice(["no", "no", "lost"]),
            "C2": rng.choice(["yes", "no", "unknown"]),
            "C3": "yes" if who.phone and not who.is_shared else "no",
        }
        if who.words and rng.random() < 0.5:
            answers["wants"] = next(iter(who.words.values()))
        for number in range(1, 16):
            level = min(3, max(0, skill + rng.choice([-1, 0, 0, 1])))
            answers[f"K{number}"] = "unknown" if rng.random() < 0.18 else str(level)
        for obstacle in ("bank_account", "fixed_address", "mailbox", "papers"):
            answers[obstacle] = "no" if obstacle in who.obstacles else rng.choice(["yes", "yes", "unknown"])
        answers["reading"] = (
            rng.choice(["no", "partly"])
            if "reading" in who.obstacles
            else rng.choice(["yes", "partly", "unknown"])
        )
        if rng.random() < 0.08:
            # Stopped on the way: it can be taken up again.
            answers = dict(list(answers.items())[: rng.randint(5, 14)])
            journeys.answer_interview(interview, answers, by=adviser, at=start + timedelta(minutes=9))
            return
        journeys.answer_interview(interview, answers, by=adviser, at=start + timedelta(minutes=18))
        journeys.finish_interview(interview, by=adviser, at=start + timedelta(minutes=22))

    def _progress(self, person: Person, who: Invented, place: Place, adviser: User, at: datetime) -> None:
        """A later visit: a device, a line, something she now does, a request met, or something lost."""
        rng = self.rng
        day = timezone.localdate(at)
        source = "visit"
        step = rng.random()
        if "device" in who.needs and step < 0.45:
            journeys.record_evidence(
                person,
                "E1",
                "yes",
                how="seen",
                note="Téléphone reconditionné",
                observed_on=day,
                source=source,
                by=adviser,
                at=at,
            )
            journeys.record_evidence(
                person, "E2", "yes", how="seen", observed_on=day, source=source, by=adviser, at=at
            )
            if rng.random() < 0.6:
                journeys.record_evidence(
                    person, "E3", "yes", observed_on=day, source=source, by=adviser, at=at
                )
            who.needs.remove("device")
        if "connection" in who.needs and rng.random() < 0.45:
            journeys.record_evidence(
                person,
                "C1",
                "yes",
                how="seen",
                note="Ligne solidaire",
                observed_on=day,
                source=source,
                by=adviser,
                at=at,
            )
            for item in ("C2", "C3"):
                if rng.random() < 0.75:
                    journeys.record_evidence(
                        person, item, "yes", observed_on=day, source=source, by=adviser, at=at
                    )
            who.needs.remove("connection")
        steps: dict[str, int | None] = {
            f"K{number}": rng.choice([2, 3, 3]) for number in rng.sample(range(1, 16), 6)
        }
        record_observations(person, steps, how="seen", observed_on=day, source=source, by=adviser, at=at)
        if rng.random() < 0.06:
            lost = rng.choice(["E1", "C1"])
            journeys.record_evidence(person, lost, "lost", observed_on=day, source=source, by=adviser, at=at)
        asked = list(
            Request.objects.filter(journey__person=person, state__in=["open", "under_way"]).order_by("pk")
        )
        if asked and rng.random() < 0.7:
            journeys.change_request(
                rng.choice(asked), state=rng.choice(["under_way", "met", "met"]), by=adviser, at=at
            )

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
                who = self._invent()
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
        open_days = _openings(place.site.hours)
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
            state=State.ACCEPTED, settled_at=self.now, attempts=1
        )
        Message.objects.filter(
            state=State.QUEUED, channel=Channel.PAPER, created_at__lt=self.now - timedelta(days=3)
        ).update(state=State.DELIVERED, settled_at=self.now, told_by="accueil")

    def _soon(self, moment: datetime, least_hours: float, most_hours: float) -> datetime:
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


def _openings(hours: str) -> dict[int, list[tuple[time, time]]]:
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
