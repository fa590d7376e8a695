"""The persons of the tour: each stands where a step of it begins, whatever the hour at which the network is loaded.

Fanta waits for an answer to her referral; Awa is to get a line and a telephone today; Mariam's bag is full, and she can
go; Yusuf waits for too long. The session to be pointed is planned with the others (``sessions.py``). All were sent by
the tour's referrer.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

from django.utils import timezone

from bagage.accounts.models import User
from bagage.demo.agenda import Act
from bagage.demo.counter import SIM
from bagage.demo.ground import Place, Slot
from bagage.demo.lives import Invented, Life, Lives
from bagage.demo.names import ORIGINS
from bagage.equipment import services as equipment
from bagage.equipment.models import Device, Kind
from bagage.journeys import services as journeys
from bagage.journeys.models import Request
from bagage.people import services as people
from bagage.permanences import services as permanences
from bagage.permanences.models import Appointment
from bagage.referrals import services as referrals
from bagage.skills.domain.positioning import BASE
from bagage.skills.services import record_observations

PHOTOS = "Je veux garder mes photos si je perds le téléphone."
DAUGHTER = "Je veux voir ma fille en vidéo, elle est à Bamako."
MARIAM = {"device": "Je veux que l’école puisse m’appeler.", "connection": "Ma recharge part en trois jours."}
AWA = {
    "device": "On m’a volé mon téléphone à la gare.",
    "connection": "Je veux que la préfecture puisse m’appeler.",
}
YUSUF = {"connection": "Ils ont coupé ma ligne, je n’ai pas compris pourquoi."}
FANTA = {"device": "Mon téléphone est cassé.", "skills": "Je veux comprendre les messages de l’école."}

Then = Callable[[datetime, Life], None]


class Tour:
    """Those of Riquet whom the tour meets, and the days on which things happened to them."""

    def __init__(self, lives: Lives) -> None:
        self.lives, self.ground, self.agenda = lives, lives.ground, lives.agenda
        self.rng, self.now, self.today = lives.rng, lives.now, lives.today
        self.place: Place = self.ground.places[0]
        self.samira: User = self.place.referrers[0]
        self.helene: User = self.place.advisers[0]

    def set_up(self) -> None:
        """Note where each of them begins."""
        mariam = self._life("Mariam", "Traoré", 1989, "+33639980417", MARIAM, is_shared=True)
        awa = self._life("Awa", "Sylla", 1997, "", AWA)
        fanta = self._life("Fanta", "Doumbia", 1984, "+33639982233", FANTA)
        self._note(52, 10, self._sent, mariam, self._with_mariam)
        self._note(9, 15, self._sent, awa, self._with_awa)
        self.agenda.note(self.now - timedelta(minutes=95), self._sent, fanta, None)
        # One that has waited for longer than two days: Today says so.
        yusuf = self._life("Yusuf", "Haddad", 1978, "+33639985120", YUSUF)
        self._note(4, 11, self._sent, yusuf, None)
        # Whoever has no account there refers by a link that the local officer gave.
        for referrer, domain in zip(self.place.referrers[:2], ("exemple.invalid", ""), strict=False):
            self._note(30, 9, self._link, referrer, domain)

    def _link(self, at: datetime, referrer: User, domain: str) -> None:
        organisation = referrer.current_memberships[0].organisation
        elise = User.objects.get(username="elise")
        referrals.create_organisation_link(
            organisation, email_domains=[domain] if domain else [], by=elise, at=at
        )

    def _life(
        self,
        first: str,
        family: str,
        born: int,
        phone: str,
        words: dict[str, str],
        *,
        is_shared: bool = False,
    ) -> Life:
        who = Invented(
            chosen_name=first,
            family_name=family,
            grammar="he" if first == "Yusuf" else "she",
            languages="arabe et français" if first == "Yusuf" else "bambara et français",
            birth_year=born,
            is_about=False,
            reach="sms" if phone else "referrer",
            phone=phone,
            is_shared=is_shared,
            obstacles=["bank_account", "fixed_address", "mailbox"],
            needs=sorted(words),
            words=words,
            origin=ORIGINS[1],
        )
        return Life(who, self.place, visits=0, fate=0.8, is_thorough=True)

    def _day(self, back: int) -> date:
        day = self.today - timedelta(days=back)
        while day.weekday() > 4:
            day -= timedelta(days=1)
        return day

    def _note(self, back: int, hour: int, act: Act, *args: object) -> None:
        self.agenda.note(self.ground.moment(self._day(back), hour, 12), act, *args)

    # ---------- sent, accepted, received ----------
    def _sent(self, at: datetime, life: Life, then: Then | None) -> None:
        life.referral = self.lives.send(life.who, self.place, at, by=self.samira)
        if then is not None:
            self.agenda.note(at + timedelta(minutes=40), self._accepted, life, then)

    def _accepted(self, at: datetime, life: Life, then: Then) -> None:
        assert life.referral is not None
        reception = self.place.reception
        referrals.receive_referral(life.referral, by=reception, at=at)
        later = at + timedelta(minutes=9)
        life.person = referrals.accept_referral(life.referral, person=None, by=reception, at=later)
        self.lives.know_better(life.person, life.who, self.place, later)
        if not life.who.phone:
            people.correct_identity(life.person, birth_year=life.who.birth_year, by=reception, at=later)
        start = self._first_slot(later + timedelta(hours=14))
        if start is None:
            return
        referrals.give_referral_appointment(
            life.referral, block=start[1], starts_at=start[0], by=reception, at=later
        )
        life.referral.refresh_from_db()
        appointment = life.referral.appointment
        assert appointment is not None
        life.is_known = True  # the interview is told here, with what she says
        self.agenda.note(appointment.starts_at - timedelta(minutes=4), self._comes, appointment, life, then)

    def _first_slot(self, after: datetime) -> Slot | None:
        free = self.place.free
        for slot in free:
            if slot[0] >= after and slot[1].adviser_id == self.helene.pk:
                free.remove(slot)
                return slot
        return None

    def _comes(self, at: datetime, appointment: Appointment, life: Life, then: Then) -> None:
        permanences.note_arrival(appointment, by=self.place.reception, at=at)
        start = appointment.starts_at
        permanences.start_appointment(appointment, by=self.helene, at=start)
        interview = journeys.start_interview(
            life.her,
            node=self.place.node,
            appointment=appointment,
            by=self.helene,
            at=start + timedelta(minutes=2),
        )
        answers = {
            "connected_today": "lent",
            "last_time": "helped",
            "E1": "lost" if then == self._with_awa else "no",
            "E2": "no",
            "E3": "no",
            "C1": "lost",
            "C2": "no",
            "C3": "no",
            "bank_account": "no",
            "fixed_address": "no",
            "mailbox": "no",
            "papers": "yes",
            "reading": "partly",
            **{f"K{number}": "1" for number in range(1, 16)},
        }
        journeys.answer_interview(interview, answers, by=self.helene, at=start + timedelta(minutes=15))
        journeys.finish_interview(interview, by=self.helene, at=start + timedelta(minutes=21))
        permanences.finish_appointment(appointment, by=self.helene, at=appointment.ends_at)
        then(appointment.ends_at, life)

    # ---------- Mariam: a telephone, a line, what she asked; her bag is full ----------
    def _with_mariam(self, at: datetime, life: Life) -> None:
        journey = journeys.open_journey(life.her, self.place.node, by=self.helene, at=at)
        for words in (DAUGHTER, PHOTOS):
            journeys.add_request(
                journey, words=words, pocket="skills", said_on=timezone.localdate(at), by=self.helene, at=at
            )
        self._note(40, 11, self._gets_all, life)
        self._note(26, 10, self._learns, life, 2)
        self._note(13, 10, self._learns, life, 3)
        self._note(12, 14, self._tops_up, life)

    def _gets_all(self, at: datetime, life: Life) -> None:
        device = self._telephone()
        counter, products = self.lives.counter, self.lives.counter.products
        reservation = None
        if device is not None:
            reservation = equipment.reserve_device(
                device, life.her, site=self.place.site, key=self.ground.key(), by=self.helene, at=at
            )
        basket = [(products[SIM], 1), (products["Recharge 3 Go"], 1)]
        to_pay = reservation if reservation is not None and reservation.price else None
        sale = counter.sell(
            at + timedelta(minutes=6), life.her, self.place, basket, reservation=to_pay, number="+33639981742"
        )
        if sale is not None and reservation is not None:
            self.lives.workshop.hand_over(at + timedelta(minutes=20), reservation, life.her, self.place)
        for item in ("E1", "E2", "E3", "C2", "C3"):
            journeys.record_evidence(
                life.her,
                item,
                "yes",
                how="seen",
                observed_on=timezone.localdate(at),
                source="visit",
                by=self.helene,
                at=at + timedelta(minutes=30),
            )
        self._met(at + timedelta(minutes=30), life, ["device", "connection", ""])

    def _learns(self, at: datetime, life: Life, step: int) -> None:
        steps: dict[str, int | None] = dict.fromkeys((*BASE, "K11", "K14"), step)
        record_observations(
            life.her,
            steps,
            how="seen",
            observed_on=timezone.localdate(at),
            source="visit",
            by=self.helene,
            at=at,
        )
        if step == 3:
            self._met(at, life, ["skills"])

    def _tops_up(self, at: datetime, life: Life) -> None:
        product = self.lives.counter.products["Recharge 3 Go"]
        self.lives.counter.sell(at, life.her, self.place, [(product, 1)])

    def _met(self, at: datetime, life: Life, pockets: list[str]) -> None:
        asked = Request.objects.filter(
            journey__person=life.her, pocket__in=pockets, state__in=["open", "under_way"]
        )
        for request in asked.order_by("pk"):
            journeys.change_request(request, state="met", by=self.helene, at=at)

    # ---------- Awa: a telephone is kept for her, to be paid and handed over today ----------
    def _with_awa(self, at: datetime, life: Life) -> None:
        self._note(1, 16, self._is_kept, life)

    def _is_kept(self, at: datetime, life: Life) -> None:
        device = self._telephone()
        if device is not None:
            equipment.reserve_device(
                device, life.her, site=self.place.site, key=self.ground.key(), by=self.helene, at=at
            )
        first, last = self.ground.moment(self.today, 0), self.ground.moment(self.today, 23, 59)
        later = [slot for slot in self.place.free if max(self.now, first) <= slot[0] <= last]
        if later:
            start, block = later[0]
            self.place.free.remove(later[0])
            permanences.give_appointment(
                block=block,
                starts_at=start,
                person=life.her,
                subject="Téléphone volé",
                by=self.place.reception,
                at=at + timedelta(minutes=4),
            )

    def _telephone(self) -> Device | None:
        free = Device.objects.free().filter(site=self.place.site, kind=Kind.SMARTPHONE)
        return free.order_by("-price", "number").first()
