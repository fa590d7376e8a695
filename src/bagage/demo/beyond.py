"""What lies beyond the permanence: places around, the end of a journey, news some months later, coming back.

Each act by the services that the screens call. Places are the real ones that come with the package; nothing is ever
sent to them: the demonstration has no way out, and every address it writes to ends in ``.invalid``.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from django.utils import timezone

from bagage.demo.counter import Counter
from bagage.demo.ground import Ground, Place
from bagage.directory.models import Structure
from bagage.directory.services import load_shipped_places
from bagage.journeys import services as journeys
from bagage.journeys.models import ExitReason, FollowUp, Journey, JourneyExit, JourneyStep
from bagage.journeys.queries import baggages
from bagage.people.models import Person
from bagage.people.queries import identity_ids
from bagage.permanences.models import AHEAD_SEATS, Appointment, SessionBooking
from bagage.referrals import services as referrals
from bagage.referrals.models import Onward
from bagage.referrals.queries import silent_days
from bagage.trail.domain.actor import Actor

# Places within so many kilometres of a permanence are loaded.
AROUND_KM = 6.0
ELSEWHERE = "accueil@lieu.invalid"
# Needs that one is sent on for, by how often, and why.
NEEDS = {
    "online_procedures": (34, "Veut finir une démarche près de chez elle, à son rythme."),
    "learn_basics": (30, "Veut continuer à apprendre, en petit groupe."),
    "use_computer_here": (20, "Cherche un poste en libre accès, le soir."),
    "find_work": (10, "Cherche du travail, veut refaire son CV."),
    "get_device": (6, "Voudrait un ordinateur, il n’y en a pas ici avant un mois."),
}
CANNOT = ("Plus de place avant janvier.", "Notre atelier est fermé cet hiver.")
DESPITE = "La première fois, c’était trop loin de chez elle."
REASONS = {
    ExitReason.MOVED: 24,
    ExitReason.NO_TIME: 28,
    ExitReason.NO_NEWS: 26,
    ExitReason.STOPS: 14,
    ExitReason.ELSEWHERE: 8,
}
BACK = {
    JourneyStep.Back.ASKED: "Je veux apprendre à payer mes factures sur internet.",
    JourneyStep.Back.LOST: "On m’a repris mon téléphone, il m’en faut un autre.",
}


class Beyond:
    """Orientations onward, exits, follow-ups and returns."""

    def __init__(self, ground: Ground, counter: Counter) -> None:
        self.ground, self.rng, self.agenda = ground, ground.rng, ground.agenda
        self.now, self.today = ground.now, ground.today
        self.counter = counter
        # Set once the lives are there: what comes of an appointment.
        self.expect: Callable[[Appointment], None] = lambda appointment: None
        self.near: dict[tuple[int, str], list[Structure]] = {}

    def set_up(self) -> None:
        """Load the places around each permanence."""
        load_shipped_places(
            by=Actor.system("load_places"),
            at=self.now - timedelta(days=185),
            near=[(place.demo.latitude, place.demo.longitude) for place in self.ground.places],
            radius_km=AROUND_KM,
        )
        for place in self.ground.places:
            lat, lon = place.demo.latitude, place.demo.longitude
            for need in NEEDS:
                around = Structure.objects.current().within(lat - 0.05, lat + 0.05, lon - 0.075, lon + 0.075)
                found = around.filter(services__need=need).order_by("source", "source_id").distinct()
                self.near[place.site.pk, need] = list(found[:8])

        first = self.ground.places[0]
        for back in (34, 16):
            day = self.ground.open_day(first, self.today - timedelta(days=back))
            self.agenda.note(self.ground.moment(day, 11, 35), self._silent, first)

    def _silent(self, at: datetime, place: Place) -> None:
        """A place that was written to, reminded, and never answered: Today asks to call it."""
        around = self.near.get((place.site.pk, "learn_basics"), [])
        if place.known and around:
            with self.ground.as_it_may():
                referrals.send_onward(
                    self.rng.choice(place.known),
                    structure=around[0],
                    need="learn_basics",
                    reason=NEEDS["learn_basics"][1],
                    agreed="spoken",
                    shares=("first_name",),
                    by_way="email",
                    email=ELSEWHERE,
                    despite_reason=DESPITE,
                    node=place.node,
                    key=self.ground.key(),
                    by=place.advisers[0],
                    at=at,
                )

    def remind(self, at: datetime) -> None:
        """The job of each morning: places that were written to and are silent are reminded once."""
        silent = Onward.objects.to_remind(at, silent_days()).order_by("asked_at", "pk")
        for onward in silent:
            referrals.remind_place(onward, by=Actor.system("remind_places"), at=at)

    # ---------- onward ----------
    def send_on(self, at: datetime, person: Person, place: Place, again: bool = False) -> None:
        """Sent on to a place nearby, as she agrees; what becomes of it."""
        rng = self.rng
        need = rng.choices(list(NEEDS), [share for share, _ in NEEDS.values()])[0]
        around = self.near.get((place.site.pk, need), [])
        if not around:
            return
        way = rng.choices(["email", "paper", "phone"], [52, 30, 18])[0]
        agreed = rng.choices(["spoken", "signed", "refused"], [70, 22, 8])[0]
        by = rng.choice(place.advisers)
        with self.ground.as_it_may():
            onward = referrals.send_onward(
                person,
                structure=rng.choice(around),
                need=need,
                reason=NEEDS[need][1],
                agreed=agreed,
                shares=() if agreed == "refused" else ("first_name", "languages"),
                by_way="paper" if agreed == "refused" else way,
                email=ELSEWHERE,
                despite_reason=DESPITE if again else "",
                node=place.node,
                key=self.ground.key(),
                by=by,
                at=at,
            )
            self._hear(at, onward, place)

    def _hear(self, at: datetime, onward: Onward, place: Place) -> None:
        fate = self.rng.random()
        if onward.is_refused or fate > 0.78:
            return  # the place stays silent
        answer = "arrived" if fate < 0.56 else "not_come" if fate < 0.69 else "place_cannot"
        later = self.ground.soon(at + timedelta(days=self.rng.randint(2, 18)), 1, 6)
        self.agenda.note(later, self._answer, onward, place, answer)

    def _answer(self, at: datetime, onward: Onward, place: Place, answer: str) -> None:
        words = self.rng.choice(CANNOT) if answer == "place_cannot" else ""
        with self.ground.as_it_may():
            if onward.by_way == "email":
                referrals.confirm_arrival(onward, answer=answer, words=words, by=Actor.system("place"), at=at)
            else:
                referrals.note_answer(onward, answer=answer, words=words, by=place.advisers[0], at=at)
            if answer != "arrived" and self.rng.random() < 0.6:
                later = self.ground.soon(at, 4, 30)
                self.agenda.note(later, self._seen, onward, place)

    def _seen(self, at: datetime, onward: Onward, place: Place) -> None:
        referrals.note_seen(onward, by=place.advisers[0], at=at)
        if self.rng.random() < 0.5:
            self.send_on(at, onward.person, place, again=True)

    # ---------- the end of a journey ----------
    def leave(self, at: datetime, person: Person, place: Place, *, may_wait: int = 2) -> None:
        """She leaves with a full bag, or not yet with a reason; or her journey goes on."""
        journey = Journey.objects.filter(person=person, closed_at=None).first()
        if journey is None:
            return
        files = identity_ids(person)
        if self._is_expected(files, at):
            if may_wait:
                later = self.ground.open_day(place, (at + timedelta(days=12)).date())
                self.agenda.note(
                    self.ground.moment(later, 16, 20), self._leave_later, person, place, may_wait - 1
                )
            return
        is_full = baggages(Person.objects.filter(pk=person.pk))[person.pk].is_full
        if not is_full and self.rng.random() > 0.32:
            return
        reason = "" if is_full else self.rng.choices(list(REASONS), list(REASONS.values()))[0]
        with self.ground.as_it_may():
            left = journeys.exit_journey(
                journey,
                kind="complete" if is_full else "not_yet",
                reason=reason,
                release=True,
                follow_up=self.rng.random() < 0.9,
                key=self.ground.key(),
                by=self.rng.choice(place.advisers),
                at=at,
            )
            self._after(at, left, person, place)

    def _leave_later(self, at: datetime, person: Person, place: Place, may_wait: int) -> None:
        self.leave(at, person, place, may_wait=may_wait)

    def _is_expected(self, files: list[int], at: datetime) -> bool:
        return (
            Appointment.objects.holding().filter(person__in=files, starts_at__gt=at).exists()
            or SessionBooking.objects.filter(
                person__in=files, state__in=AHEAD_SEATS, session__starts_at__gt=at
            ).exists()
        )

    def _after(self, at: datetime, left: JourneyExit, person: Person, place: Place) -> None:
        if left.reason == ExitReason.MOVED:
            self.counter.end_right(at + timedelta(minutes=3), person, place, "Déménagement")
        for one in FollowUp.objects.filter(exit=left).order_by("due_on"):
            due = self.ground.moment(
                one.due_on + timedelta(days=self.rng.randint(0, 9)), 11, self.rng.randint(0, 50)
            )
            self.agenda.note(due, self._ask_for_news, one, place)
        if left.reason != ExitReason.MOVED and self.rng.random() < 0.16:
            day = self.ground.open_day(place, (at + timedelta(days=self.rng.randint(15, 75))).date())
            self.agenda.note(self.ground.working_moment(day), self._come_back, left, place)

    def _ask_for_news(self, at: datetime, follow_up: FollowUp, place: Place) -> None:
        rng, by = self.rng, self.rng.choice(place.advisers)
        follow_up.refresh_from_db()
        if follow_up.state != FollowUp.State.DUE or rng.random() < 0.22:
            return  # called off, or still to be asked
        with self.ground.as_it_may():
            if rng.random() < 0.28:
                journeys.note_try(follow_up, words="Message laissé.", key=self.ground.key(), by=by, at=at)
                self.agenda.note(
                    self.ground.soon(at + timedelta(days=4), 1, 8), self._ask_for_news, follow_up, place
                )
                return
            journeys.answer_follow_up(
                follow_up,
                who=rng.choices(["herself", "referrer", "relative"], [76, 16, 8])[0],
                device=rng.choices(["yes", "no", "unknown"], [80, 10, 10])[0],
                connection=rng.choices(["yes", "no", "unknown"], [72, 16, 12])[0],
                skills=rng.choices(["yes", "unknown"], [80, 20])[0],
                by=by,
                at=at,
            )

    # ---------- coming back ----------
    def _come_back(self, at: datetime, left: JourneyExit, place: Place) -> None:
        journey = left.journey
        reason = self.rng.choice(list(BACK))
        with self.ground.as_it_may():
            again = journeys.reopen_journey(
                journey, reason=reason, key=self.ground.key(), by=place.reception, at=at
            )
            journeys.add_request(
                again,
                words=BACK[reason],
                said_on=timezone.localdate(at),
                by=place.reception,
                at=at + timedelta(minutes=2),
            )
            appointment = self.ground.book(
                place,
                journey.person,
                at + timedelta(days=1),
                subject="Elle revient",
                at=at + timedelta(minutes=4),
            )
            if appointment is not None:
                self.expect(appointment)
