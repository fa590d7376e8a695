"""What an invented person lives through, from the day she is sent, or walks in, to where she stands now."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from bagage.accounts.models import User
from bagage.common.errors import BusinessError
from bagage.demo.ground import HISTORY, Ground, Place
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
from bagage.journeys import services as journeys
from bagage.journeys.models import Request
from bagage.people import services as people
from bagage.people.models import Agreement, Person
from bagage.permanences import services as permanences
from bagage.permanences.models import Appointment
from bagage.referrals import services as referrals
from bagage.referrals.models import Referral
from bagage.skills.services import record_observations


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


class Lives(Ground):
    """Persons, each step by the services that the screens call, at the moment it is said to have happened."""

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

    def live(self, who: Invented) -> None:
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
