"""What an invented person lives through, from the day she is sent, or walks in, to where she stands now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.utils import timezone

from bagage.accounts.models import User
from bagage.demo.beyond import Beyond
from bagage.demo.counter import Counter
from bagage.demo.devices import Workshop
from bagage.demo.ground import HISTORY, Ground, Place, Slot
from bagage.demo.lines import Lines
from bagage.demo.names import (
    DECLINED,
    LEFT_WITH,
    ORIGINS,
    SUBJECTS,
    WORDS_CONNECTION,
    WORDS_DEVICE,
    WORDS_SKILLS,
    Origin,
)
from bagage.demo.sessions import Classes
from bagage.journeys import services as journeys
from bagage.journeys.models import Interview, Request
from bagage.journeys.queries import baggages
from bagage.people import services as people
from bagage.people.models import Agreement, Person
from bagage.permanences import services as permanences
from bagage.permanences.models import Appointment
from bagage.referrals import services as referrals
from bagage.referrals.models import Referral
from bagage.skills.domain.positioning import BASE
from bagage.skills.services import record_observations

# Of those who say that they have a line, how many have it noted: whose, and until when.
SHARE_WITH_A_LINE = 0.82


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


@dataclass
class Life:
    """Where an invented person stands: what is still hers to get, and how far she goes with the permanence."""

    who: Invented
    place: Place
    visits: int
    fate: float
    is_thorough: bool
    person: Person | None = None
    referral: Referral | None = None
    is_known: bool = False  # the welcome interview was held

    @property
    def her(self) -> Person:
        """Her file, which is open."""
        assert self.person is not None
        return self.person


class Lives:
    """Persons, each step by the services that the screens call, at the moment it is said to have happened."""

    def __init__(
        self,
        ground: Ground,
        lines: Lines,
        counter: Counter,
        workshop: Workshop,
        classes: Classes,
        beyond: Beyond,
    ) -> None:
        self.ground, self.rng, self.agenda = ground, ground.rng, ground.agenda
        self.now, self.today = ground.now, ground.today
        self.lines, self.counter = lines, counter
        self.workshop, self.classes, self.beyond = workshop, classes, beyond
        beyond.expect = self.expect

    # ---------- a person ----------
    def invent(self) -> Invented:
        rng = self.rng
        origin = rng.choices(ORIGINS, [each.weight for each in ORIGINS])[0]
        is_she = rng.random() < 0.56
        first = rng.choice(origin.women if is_she else origin.men)
        for usual, other in origin.spellings:
            if first == usual and rng.random() < 0.3:
                first = other
        reach = rng.choices(["sms", "sms_shared", "call", "referrer", "paper"], [46, 14, 11, 11, 18])[0]
        has_phone = reach in {"sms", "sms_shared", "call"}
        number = f"{next(self.ground.phones):05d}"
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

    def live(self, who: Invented) -> None:
        """Note the day on which she is sent, or walks in; all else follows from there."""
        rng, ground = self.rng, self.ground
        place = rng.choices(ground.places, [each.demo.weight for each in ground.places])[0]
        is_recent = rng.random() < 0.14  # so that the inbox is never empty on the day it is loaded
        days_ago = rng.randint(0, 6) if is_recent else int(rng.triangular(0, HISTORY.days - 1, 120))
        arrival = ground.working_moment(self.today - timedelta(days=days_ago))
        while arrival.weekday() > 4 or arrival > self.now - timedelta(minutes=20):
            arrival -= timedelta(days=1)
        is_thorough = rng.random() < 0.32
        visits = rng.choices([1, 2, 3], [36, 57, 7] if is_thorough else [66, 27, 7])[0]
        life = Life(who, place, visits, fate=rng.random(), is_thorough=is_thorough)
        is_sent = is_recent or rng.random() < 0.7
        self.agenda.note(arrival, self._be_referred if is_sent else self._walk_in, life)

    # ---------- sent ----------
    def _be_referred(self, at: datetime, life: Life) -> None:
        life.referral = self.send(life.who, life.place, at)
        if self.now - at < timedelta(days=6) and life.fate < 0.45:
            return  # still waiting for an answer; some of them for more than two days
        self.agenda.note(self.ground.soon(at, 2, 30), self._received, life)

    def _received(self, at: datetime, life: Life) -> None:
        referral = _there(life.referral)
        referrals.receive_referral(referral, by=life.place.reception, at=at)
        if life.fate > 0.95:
            reason = self.rng.choice(DECLINED)
            referrals.decline_referral(referral, reason=reason, by=life.place.advisers[0], at=at)
        elif life.fate <= 0.90 or self.now - at > timedelta(days=20):
            self.agenda.note(self.ground.soon(at, 0.1, 20), self._accepted, life)
        # the others are received and not answered yet

    def _accepted(self, at: datetime, life: Life) -> None:
        place, referral = life.place, _there(life.referral)
        life.person = referrals.accept_referral(referral, person=None, by=place.reception, at=at)
        self.know_better(life.person, life.who, place, at)
        place.known.append(life.person)
        slot = self.ground.free_after(place, at + timedelta(hours=20), spread=16)
        if slot is None:
            return
        start, block = slot
        with self.ground.as_it_may():
            referrals.give_referral_appointment(
                referral, block=block, starts_at=start, by=place.reception, at=at
            )
            referral.refresh_from_db()
            if referral.appointment is not None:
                self.expect(referral.appointment, life)

    def send(self, who: Invented, place: Place, at: datetime, by: User | None = None) -> Referral:
        """She is sent by one of those who send persons there."""
        user = by or self.rng.choice(place.referrers)
        if by is None and place.demo.key == "riquet" and self.rng.random() < 0.3:
            user = place.referrers[0]  # the account that the tour signs in with has many
        organisation = user.current_memberships[0].organisation
        draft = referrals.ReferralDraft(
            key=self.ground.key(),
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

    # ---------- walks in ----------
    def _walk_in(self, at: datetime, life: Life) -> None:
        who, place = life.who, life.place
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
        life.person = person
        place.known.append(person)
        if who.reach != "referrer":
            people.add_contact_way(
                person, kind=who.reach, phone=who.phone, is_shared=who.is_shared, by=place.reception, at=at
            )
        people.record_agreement(
            person, Agreement.Kind.INFORMED, Agreement.Answer.AGREED, by=place.reception, at=at
        )
        self.counter.open_right(at, person, place)
        journey = journeys.open_journey(person, place.node, by=place.reception, at=at)
        for need, words in who.words.items():
            journeys.add_request(
                journey, words=words, pocket=need, said_on=timezone.localdate(at), by=place.reception, at=at
            )
        appointment = self.ground.book(
            place, person, at + timedelta(hours=1), subject="Premier entretien", at=at
        )
        if appointment:
            self.expect(appointment, life)

    def know_better(self, person: Person, who: Invented, place: Place, at: datetime) -> None:
        """What reception writes besides what the referral said."""
        details: dict[str, object] = {"grammar": who.grammar}
        if who.birth_year and self.rng.random() < 0.7:
            details |= {"birth_year": who.birth_year, "is_birth_year_about": who.is_about}
        people.correct_identity(person, by=place.reception, at=at, **details)
        for usual, written in who.origin.script:
            if who.chosen_name == usual:
                people.add_name(person, written, "spelling", by=place.reception, at=at)

    # ---------- what happens to her ----------
    def expect(self, appointment: Appointment, life: Life | None = None) -> None:
        """She comes, or not; without a life it is an appointment like another, with nothing after it."""
        came = self.rng.random()
        start = appointment.starts_at
        if came < 0.11:
            self.agenda.note(start + timedelta(minutes=25), self._stays_away, appointment, life)
        elif came < 0.16:
            self.agenda.note(start - timedelta(hours=3), self._is_excused, appointment, life)
        else:
            early = self.rng.choice([-25, -12, -6, -3, 0, 2, 4])
            self.agenda.note(start + timedelta(minutes=early), self.arrives, appointment, life)

    def _place(self, appointment: Appointment) -> Place:
        return next(each for each in self.ground.places if each.site.pk == appointment.site_id)

    def _stays_away(self, at: datetime, appointment: Appointment, life: Life | None) -> None:
        permanences.note_no_show(appointment, by=self._place(appointment).reception, at=at)
        if life and self.rng.random() >= 0.4:
            self._see_again(at, life)

    def _is_excused(self, at: datetime, appointment: Appointment, life: Life | None) -> None:
        permanences.note_excused(appointment, by=self._place(appointment).reception, at=at)
        if life:
            self._see_again(at, life)

    def arrives(self, at: datetime, appointment: Appointment, life: Life | None) -> None:
        """She comes, is received, and leaves when her time is over."""
        permanences.note_arrival(appointment, by=self._place(appointment).reception, at=at)
        self.agenda.note(max(at, appointment.starts_at), self._begins, appointment, life)

    def _begins(self, at: datetime, appointment: Appointment, life: Life | None) -> None:
        permanences.start_appointment(appointment, by=appointment.adviser, at=at)
        if life and not life.is_known:
            self._interview(at + timedelta(minutes=2), life, appointment)
        self.agenda.note(appointment.ends_at, self._ends, appointment, life)

    def _ends(self, at: datetime, appointment: Appointment, life: Life | None) -> None:
        permanences.finish_appointment(appointment, by=appointment.adviser, at=at)
        if life is None:
            return
        if not life.is_known:
            life.is_known = True
            self.classes.enrol(at, life.her, life.place)
        else:
            self._progress(at, life, appointment.adviser)
        if life.visits:
            self._see_again(at, life)
        else:
            self._last_visit(at, life)
            if life.referral is not None and self.rng.random() < 0.12:
                self.agenda.note(at + timedelta(hours=1), self._left_with, life)

    def _see_again(self, at: datetime, life: Life) -> None:
        if not life.visits:
            return
        life.visits -= 1
        following = self.ground.book(
            life.place,
            life.her,
            at + timedelta(days=self.rng.choice([2, 5, 6, 7, 9])),
            subject=self.rng.choice(SUBJECTS[1:]) if life.is_known else SUBJECTS[0],
            at=at,
            spread=14,
        )
        if following is not None:
            self.expect(following, life)

    def _left_with(self, at: datetime, life: Life) -> None:
        with self.ground.as_it_may():
            referrals.tell_left_with(
                _there(life.referral), self.rng.choice(LEFT_WITH), by=life.place.advisers[0], at=at
            )

    def _interview(self, at: datetime, life: Life, appointment: Appointment) -> None:
        rng, who, adviser = self.rng, life.who, appointment.adviser
        interview = journeys.start_interview(
            life.her, node=life.place.node, appointment=appointment, by=adviser, at=at
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
            self.agenda.note(at + timedelta(minutes=9), self._answers, interview, answers, adviser)
            return
        self.agenda.note(at + timedelta(minutes=16), self._answers, interview, answers, adviser)
        self.agenda.note(at + timedelta(minutes=21), self._finishes, interview, adviser)
        if answers["C1"] == "yes" and rng.random() < SHARE_WITH_A_LINE:
            self.agenda.note(at + timedelta(minutes=24), self.lines.tell, life.her, life.place)

    def _answers(self, at: datetime, interview: Interview, answers: dict[str, str], adviser: User) -> None:
        journeys.answer_interview(interview, answers, by=adviser, at=at)

    def _finishes(self, at: datetime, interview: Interview, adviser: User) -> None:
        journeys.finish_interview(interview, by=adviser, at=at)

    def _progress(self, at: datetime, life: Life, adviser: User) -> None:
        """A later visit: a device, a line, something she now does, a request met, or something lost."""
        rng, person, who, place = self.rng, life.her, life.who, life.place
        if "device" in who.needs and rng.random() < 0.8:
            who.needs.remove("device")
            wants = "computer" if "ordinateur" in who.words.get("device", "") else "phone"
            then = partial(self._has_device, life=life)
            self.agenda.note(at + timedelta(minutes=3), self.workshop.want, person, place, wants, then)
        if "connection" in who.needs and rng.random() < 0.8:
            who.needs.remove("connection")
            self.agenda.note(at + timedelta(minutes=9), self._gets_line, life)
        self._see_what_she_does(at, life, adviser)
        self.classes.enrol(at, person, place)
        if rng.random() < 0.03:
            lost = rng.choice(["E1", "C1"])
            day = timezone.localdate(at)
            journeys.record_evidence(person, lost, "lost", observed_on=day, source="visit", by=adviser, at=at)

    def _see_what_she_does(self, at: datetime, life: Life, adviser: User) -> None:
        items = [f"K{number}" for number in self.rng.sample(range(1, 16), 6)]
        choices = [2, 3, 3]
        if life.is_thorough:
            items = sorted({*BASE, *items})
        steps: dict[str, int | None] = {item: self.rng.choice(choices) for item in items}
        record_observations(
            life.her,
            steps,
            how="seen",
            observed_on=timezone.localdate(at),
            source="visit",
            by=adviser,
            at=at,
        )

    def _has_device(self, at: datetime, life: Life) -> None:
        self._is_met(at + timedelta(minutes=2), life, "device")
        if self.rng.random() < (0.95 if life.is_thorough else 0.5):
            self._note_known(at + timedelta(minutes=2), life, ["E2", "E3"])

    def _gets_line(self, at: datetime, life: Life) -> None:
        if self.counter.connect(at, life.her, life.place) is None:
            return
        self._is_met(at + timedelta(minutes=3), life, "connection")
        told = ["C2", "C3"] if life.is_thorough else [i for i in ("C2", "C3") if self.rng.random() < 0.7]
        self._note_known(at + timedelta(minutes=3), life, told)

    def _note_known(self, at: datetime, life: Life, items: list[str]) -> None:
        by, day = self.rng.choice(life.place.staff), timezone.localdate(at)
        for item in items:
            journeys.record_evidence(life.her, item, "yes", observed_on=day, source="visit", by=by, at=at)

    def _is_met(self, at: datetime, life: Life, pocket: str) -> None:
        asked = Request.objects.filter(
            journey__person=life.her, pocket=pocket, state__in=["open", "under_way"]
        )
        for request in asked.order_by("pk"):
            journeys.change_request(request, state="met", by=self.rng.choice(life.place.staff), at=at)

    def _last_visit(self, at: datetime, life: Life) -> None:
        """After the last appointment: what she asked to learn is looked at again, places around, the end."""
        rng, place = self.rng, life.place
        if rng.random() < 0.42:
            self.agenda.note(at + timedelta(minutes=5), self.beyond.send_on, life.her, place)
        later = self.ground.open_day(place, (at + timedelta(days=rng.randint(9, 30))).date())
        moment = self.ground.moment(later, 15, rng.randint(0, 59))
        if life.is_thorough:
            self.agenda.note(moment, self._settle, life)
        self.agenda.note(moment + timedelta(minutes=10), self.beyond.leave, life.her, place)

    def _settle(self, at: datetime, life: Life) -> None:
        """She manages what she asked for; those who looked after her to the end write it down."""
        asked = Request.objects.filter(
            journey__person=life.her, pocket="skills", state__in=["open", "under_way"]
        )
        for request in asked.order_by("pk"):
            journeys.change_request(request, state="met", by=life.place.advisers[0], at=at)
        self._see_what_she_does(at, life, life.place.advisers[0])
        bag = baggages(Person.objects.filter(pk=life.her.pk))[life.her.pk]
        halves = (("E2", bag.device), ("E3", bag.device), ("C2", bag.connection), ("C3", bag.connection))
        self._note_known(at, life, [item for item, pocket in halves if pocket.state == "half"])

    # ---------- today ----------
    def fill_today(self) -> None:
        """Part of what would stay free today is given away, in the nine days before."""
        first, last = self.ground.moment(self.today, 0), self.ground.moment(self.today, 23, 59)
        for place in self.ground.places:
            share = 0.4 if place.demo.key == "riquet" else 0.25
            for slot in [slot for slot in place.free if first <= slot[0] <= last]:
                day = self.today - timedelta(days=self.rng.randint(1, 9))
                while day.weekday() > 4:
                    day -= timedelta(days=1)
                if self.rng.random() < share:
                    self.agenda.note(self.ground.working_moment(day), self._give_today, place, slot)

    def _give_today(self, at: datetime, place: Place, slot: Slot) -> None:
        if slot not in place.free or not place.known:
            return
        start, block = slot
        person = self.rng.choice(place.known)
        if Appointment.objects.holding().filter(person=person, starts_at__gte=at).exists():
            return
        place.free.remove(slot)
        with self.ground.as_it_may():
            appointment = permanences.give_appointment(
                block=block,
                starts_at=start,
                person=person,
                subject=self.rng.choice(SUBJECTS[1:]),
                language=self.ground.interpreted(person),
                by=place.reception,
                at=at,
            )
            self.expect(appointment)


def _there(referral: Referral | None) -> Referral:
    assert referral is not None
    return referral
