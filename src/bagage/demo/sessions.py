"""The sessions of the demonstration: built from what people ask, booked through their requests, waited for, missed.

A topic comes back week after week at each permanence, the more often the more people ask for it there.
"""

from __future__ import annotations

from collections import Counter as Tally
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils import timezone

from bagage.accounts.models import User
from bagage.demo.ground import HISTORY, Ground, Place, openings_of
from bagage.journeys import services as journeys
from bagage.journeys.models import Journey, Request
from bagage.people.models import Person
from bagage.permanences import services as permanences
from bagage.permanences.models import TAKEN_SEATS, Room, Session, SessionBooking


@dataclass(frozen=True)
class Topic:
    """What a session is about: the skills that can be seen there, and for whom it is."""

    name: str
    items: tuple[str, ...]
    level: str
    needs_computer: bool = True


TOPICS = (
    Topic("Mes démarches", ("K11", "K12"), "some"),
    Topic("Prendre en main son téléphone", ("K1", "K2", "K4"), "first", needs_computer=False),
    Topic("Une boîte mail à soi", ("K7", "K9"), "some"),
    Topic("La souris et le clavier", ("K2", "K3"), "first"),
    Topic("Les arnaques", ("K10", "K15"), ""),
    Topic("Envoyer un papier", ("K13", "K8"), "some", needs_computer=False),
    Topic("Garder ses photos", ("K14",), "some", needs_computer=False),
    Topic("Chercher sur Internet", ("K5", "K6"), ""),
)
# How many days lie between two sessions of a permanence, by its weight: the largest has one every six days.
EVERY = ((20, 6), (14, 9), (9, 14), (0, 20))
LONG = timedelta(minutes=90)
ANNOUNCED = timedelta(days=17)
UNPLANNED = ("Adama", "Binta", "Sorin", "Lina", "Moussa", "Zahra", "Rose", "Wei")
CANCELLED = "L’animatrice est malade."


class Classes:
    """All sessions of the network."""

    def __init__(self, ground: Ground) -> None:
        self.ground, self.rng, self.agenda = ground, ground.rng, ground.agenda
        self.now, self.today = ground.now, ground.today
        self.asked: dict[int, Tally[str]] = {place.site.pk: Tally() for place in ground.places}
        self.coming: dict[int, list[Session]] = {place.site.pk: [] for place in ground.places}
        self.held = 0

    def set_up(self) -> None:
        """Note when each session is announced, past ones and those of the two weeks to come."""
        for place in self.ground.places:
            rooms = list(Room.objects.filter(site=place.site).order_by("pk"))
            openings = openings_of(place.site.hours)
            every = next(days for least, days in EVERY if place.demo.weight >= least)
            every = round(every / max(0.25, self.ground.share))
            day = self.today - HISTORY + timedelta(days=self.rng.randint(24, 34))
            turn = 0
            while day <= self.today + timedelta(days=15):
                if day.weekday() in openings and day != self.today:
                    start, end = openings[day.weekday()][-1]
                    first = self.ground.moment(day, start.hour, start.minute)
                    if datetime.combine(day, start) + LONG <= datetime.combine(day, end):
                        self._announce(place, rooms[turn % len(rooms)], first)
                        turn += 1
                    day += timedelta(days=every)
                else:
                    day += timedelta(days=1)
        self._today_at_riquet()
        self._full_one_to_come()

    def _today_at_riquet(self) -> None:
        """One today at the tour's permanence, under way or to come if there is an hour left for it."""
        place = self.ground.places[0]
        openings = openings_of(place.site.hours).get(self.today.weekday(), [])
        if not openings:
            return
        local = timezone.localtime(self.now)
        start = datetime.combine(self.today, openings[-1][0])
        for begins, ends in openings:
            # Begun a quarter of an hour ago, where the hours allow it.
            at = datetime.combine(self.today, time(local.hour, local.minute // 15 * 15)) - timedelta(
                minutes=15
            )
            if datetime.combine(self.today, begins) <= at and at + LONG <= datetime.combine(self.today, ends):
                start = at
        room = Room.objects.filter(site=place.site).order_by("pk").first()
        assert room is not None
        self._announce(
            place,
            room,
            timezone.make_aware(start),
            topic=TOPICS[0],
            leader=place.volunteers[0],
            is_todays=True,
        )

    def _full_one_to_come(self) -> None:
        """What most people ask for, in the small room: full, with someone who waits."""
        place = self.ground.places[0]
        room = Room.objects.filter(site=place.site).order_by("computers").first()
        openings = openings_of(place.site.hours)
        assert room is not None
        for ahead in range(3, 10):
            day = self.today + timedelta(days=ahead)
            if day.weekday() == 3:
                start = openings[3][0][0]
                self._announce(
                    place, room, self.ground.moment(day, start.hour, start.minute + 30), topic=TOPICS[0]
                )
                return

    def _announce(
        self,
        place: Place,
        room: Room,
        starts_at: datetime,
        *,
        topic: Topic | None = None,
        leader: User | None = None,
        is_todays: bool = False,
    ) -> None:
        at = self.ground.moment(self.ground.open_day(place, (starts_at - ANNOUNCED).date()), 16, 10)
        self.agenda.note(at, self._plan, place, room, starts_at, topic, leader, is_todays)

    def _plan(
        self,
        at: datetime,
        place: Place,
        room: Room,
        starts_at: datetime,
        topic: Topic | None,
        leader: User | None,
        is_todays: bool,
    ) -> None:
        topic = topic or self._wanted(place)
        with self.ground.as_it_may():
            session = permanences.plan_session(
                site=place.site,
                room=room,
                topic=topic.name,
                items=topic.items,
                level=topic.level,
                needs_computer=topic.needs_computer,
                starts_at=starts_at,
                ends_at=starts_at + LONG,
                leader=leader or self.rng.choice([*place.volunteers, *place.advisers]),
                key=self.ground.key(),
                by=place.advisers[0],
                at=at,
            )
            self.coming[place.site.pk].append(session)
            if topic is TOPICS[0]:
                self.agenda.note(at + timedelta(days=4), self._fill, place, session)
            self.agenda.note(starts_at - timedelta(days=2), self._fill, place, session)
            if is_todays:
                return  # it is there to be pointed
            self.held += 1
            if self.held % 37 == 20:
                self.agenda.note(starts_at - timedelta(hours=20), self._cancel, place, session)
            else:
                self.agenda.note(starts_at + timedelta(minutes=12), self._mark, place, session)

    def _wanted(self, place: Place) -> Topic:
        """What most people asked for here since it was last taught."""
        asked = self.asked[place.site.pk]
        best = max(
            TOPICS,
            key=lambda topic: (sum(asked[item] for item in topic.items) + self.rng.random(), topic.name),
        )
        for item in best.items:
            asked[item] = 0
        return best

    # ---------- places ----------
    def enrol(self, at: datetime, person: Person, place: Place) -> None:
        """A place for each thing that she asks to learn, in a session here that is about it."""
        asked = Request.objects.filter(journey__person=person, pocket="skills", state="open")
        for request in asked.select_related("about", "journey__person").order_by("pk"):
            code = request.about.code if request.about else ""
            self.asked[place.site.pk][code or "K1"] += 1
            for session in self._coming(at, place):
                items = next(topic.items for topic in TOPICS if topic.name == session.topic)
                if code in items or (not code and self.rng.random() < 0.3):
                    self._book(at, request, session, place)
                    break

    def _coming(self, at: datetime, place: Place) -> list[Session]:
        coming = [one for one in self.coming[place.site.pk] if one.starts_at > at + timedelta(hours=20)]
        self.coming[place.site.pk] = [one for one in self.coming[place.site.pk] if one.starts_at > at]
        return coming

    def _book(self, at: datetime, request: Request, session: Session, place: Place) -> None:
        with self.ground.as_it_may():
            journeys.book_request(
                request, session, key=self.ground.key(), by=self.rng.choice(place.staff), at=at
            )
            fate = self.rng.random()
            if fate < 0.05:
                self._later(at, session, permanences.leave_session, request, place)
            elif fate < 0.14:
                self._later(at, session, permanences.note_seat_excused, request, place)

    def _later(self, at: datetime, session: Session, act: object, request: Request, place: Place) -> None:
        moment = at + (session.starts_at - at) * self.rng.uniform(0.2, 0.95)
        self.agenda.note(moment, self._give_back, session, act, request, place)

    def _give_back(self, at: datetime, session: Session, act: object, request: Request, place: Place) -> None:
        booking = session.bookings.filter(
            person=request.journey.person, state__in=["booked", "waiting"]
        ).first()
        if booking is not None and callable(act):
            with self.ground.as_it_may():
                act(booking, by=place.reception, at=at)

    def _fill(self, at: datetime, place: Place, session: Session) -> None:
        """Those who are known here and would like to come; a popular one fills up, and some wait."""
        taken = session.bookings.filter(state__in=TAKEN_SEATS).count()
        share = 1.25 if session.topic == TOPICS[0].name else self.rng.uniform(0.3, 0.8)
        known = self._still_here(place.known[-60:])
        wanted = min(round(session.seats * share) - taken, len(known))
        for person in self.rng.sample(
            known, max(0, min(wanted, 5 if session.topic == TOPICS[0].name else 2))
        ):
            with self.ground.as_it_may():
                permanences.book_seat(
                    session, person, key=self.ground.key(), by=self.rng.choice(place.staff), at=at
                )

    def _still_here(self, known: list[Person]) -> list[Person]:
        """Those whose journey has not ended."""
        of_known = Journey.objects.filter(person__in=known).values_list("person_id", "closed_at")
        ended = {pk for pk, closed_at in of_known if closed_at is not None}
        ended -= {pk for pk, closed_at in of_known if closed_at is None}
        return [person for person in known if person.pk not in ended]

    # ---------- the hour itself ----------
    def _cancel(self, at: datetime, place: Place, session: Session) -> None:
        with self.ground.as_it_may():
            permanences.cancel_session(session, reason=CANCELLED, by=place.advisers[0], at=at)

    def _mark(self, at: datetime, place: Place, session: Session) -> None:
        rng = self.rng
        booked = list(session.bookings.filter(state="booked").order_by("pk"))
        here = [one for one in booked if rng.random() < 0.82]
        permanences.take_attendance(
            session,
            present=[str(one.uuid) for one in here],
            absent=[str(one.uuid) for one in booked if one not in here],
            arrivals=[rng.choice(UNPLANNED)] if rng.random() < 0.25 else [],
            key=self.ground.key(),
            by=self._leader(session, place),
            at=at,
        )
        self.agenda.note(session.ends_at + timedelta(minutes=6), self._close, place, session, here)

    def _close(self, at: datetime, place: Place, session: Session, here: list[SessionBooking]) -> None:
        items = next(topic.items for topic in TOPICS if topic.name == session.topic)
        steps = {
            str(one.uuid): {item: self.rng.choices([1, 2, 3], [14, 36, 50])[0] for item in items}
            for one in here
            if self.rng.random() < 0.85
        }
        permanences.take_attendance(
            session,
            observed=steps,
            closes=True,
            key=self.ground.key(),
            by=self._leader(session, place),
            at=at,
        )

    def _leader(self, session: Session, place: Place) -> User:
        return session.leader or place.advisers[0]
