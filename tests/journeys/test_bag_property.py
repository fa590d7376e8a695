"""Random histories: whatever happened in whatever order, the bag says what its evidence says, and nothing else.

What is checked after each act is worked out here anew, in the plainest way, from the rows alone.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bagage.common.errors import BusinessError
from bagage.connection.services import lines
from bagage.equipment import services as equipment
from bagage.equipment.models import Handover
from bagage.journeys import services
from bagage.journeys.models import Evidence, FollowUp, Journey, JourneyExit, Request, RequestBooking
from bagage.journeys.queries import bag_of, baggages
from bagage.permanences import services as permanences
from bagage.permanences.models import Session, SessionBooking
from bagage.skills.domain.positioning import BASE
from bagage.skills.models import Observation
from bagage.skills.services import record_observations
from tests.equipment.factories import make_device
from tests.journeys.exit_factories import fill, key
from tests.permanences.factories import (
    make_installation,
    make_person,
    make_room,
    make_session,
    make_site,
    make_user,
)

pytestmark = pytest.mark.django_db
START = datetime(2026, 11, 26, 10, tzinfo=ZoneInfo("Europe/Paris"))
WORDS = ("Lire mes mails", "Mon mot de passe", "Voir ma fille en vidéo")
ACTS = (
    "ask", "book", "unbook", "cancel", "leave", "present", "absent", "observe", "change_by_hand",
    "hand_over", "take_back", "lose", "undo", "line", "lose_line", "close_line", "correct_line",
    "say", "fill", "exit", "exit_full", "come_back", "open", "answer", "call",
)  # fmt: skip


class History:
    """One person, one site, and the acts that may happen; each takes a number that chooses among what there is."""

    def __init__(self) -> None:
        self.now = START
        self.site = make_site()
        self.by = make_user(self.site)
        self.person = make_person(self.site, "Mariam", grammar="she")
        self.rooms = [make_room(self.site, "Salle 1", computers=1), make_room(self.site, "Salle 2")]

    @property
    def at(self) -> datetime:
        return self.now

    @property
    def today(self):
        return timezone.localdate(self.now)

    def one(self, rows, number: int):
        found = list(rows)
        return found[number % len(found)] if found else None

    def journey(self) -> Journey:
        return services.open_journey(self.person, self.site.organisation, by=self.by, at=self.at)

    def do(self, act: str, number: int) -> None:
        """One act, some hours after the one before; what a rule refuses does not happen."""
        self.now += timedelta(hours=1 + number % 30)
        with suppress(BusinessError), transaction.atomic():
            getattr(self, act)(number)

    # ---------- requests and sessions ----------
    def ask(self, number: int) -> None:
        services.add_request(
            self.journey(),
            words=WORDS[number % 3],
            pocket="skills",
            said_on=self.today,
            by=self.by,
            at=self.at,
        )

    def book(self, number: int) -> None:
        request = self.one(Request.objects.order_by("pk"), number)
        if request is None:
            return
        session = self.one(
            Session.objects.filter(state="planned", starts_at__gt=self.at).order_by("pk"), number
        )
        if session is None:
            room = self.rooms[number % 2]
            session = make_session(
                self.site,
                self.at + timedelta(hours=20),
                room=room,
                items=("K7", "K9"),
                topic=WORDS[number % 3],
            )
        services.book_request(request, session, key=key(), by=self.by, at=self.at)

    def unbook(self, number: int) -> None:
        link = self.one(RequestBooking.objects.filter(unlinked_at=None).order_by("pk"), number)
        if link is not None:
            services.unbook_request(link, by=self.by, at=self.at)

    def cancel(self, number: int) -> None:
        session = self.one(Session.objects.filter(state="planned").order_by("pk"), number)
        if session is not None:
            permanences.cancel_session(session, reason="Un essai", by=self.by, at=self.at)

    def leave(self, number: int) -> None:
        booking = self.one(
            SessionBooking.objects.filter(state__in=["booked", "waiting"]).order_by("pk"), number
        )
        if booking is not None:
            permanences.leave_session(booking, by=self.by, at=self.at)

    def _mark(self, number: int, **marks: str) -> None:
        booking = self.one(
            SessionBooking.objects.filter(state__in=["booked", "present", "absent"]).order_by("pk"), number
        )
        if booking is not None:
            self.now = max(self.now, booking.session.starts_at + timedelta(minutes=30))
            sets = {name: [str(booking.uuid)] for name in marks}
            permanences.take_attendance(booking.session, key=key(), by=self.by, at=self.at, **sets)

    def present(self, number: int) -> None:
        self._mark(number, present="")

    def absent(self, number: int) -> None:
        self._mark(number, absent="")

    def observe(self, number: int) -> None:
        booking = self.one(SessionBooking.objects.filter(state="present").order_by("pk"), number)
        if booking is not None:
            steps = {"K7": 3 if number % 2 else 2, "K9": 3 if number % 3 else None}
            permanences.observe(booking, steps, by=self.by, at=self.at)

    def change_by_hand(self, number: int) -> None:
        request = self.one(Request.objects.order_by("pk"), number)
        if request is not None:
            state = ("open", "under_way", "met", "dropped")[number % 4]
            services.change_request(request, state=state, by=self.by, at=self.at)

    # ---------- device and line ----------
    def hand_over(self, number: int) -> None:
        device = make_device(self.site, at=self.at)
        kept = equipment.reserve_device(
            device, self.person, site=self.site, key=key(), by=self.by, at=self.at
        )
        equipment.hand_over_device(
            kept,
            consent="paper",
            checks=["powers_on", "charger"] if number % 2 else [],
            key=key(),
            by=self.by,
            at=self.at,
        )

    def _back(self, reason: str) -> None:
        handover = Handover.objects.open().first()
        if handover is not None:
            equipment.take_back_device(
                handover, reason=reason, site=self.site, key=key(), by=self.by, at=self.at
            )

    def take_back(self, number: int) -> None:
        self._back("returned" if number % 2 else "broken")

    def lose(self, number: int) -> None:
        self._back("lost")

    def undo(self, number: int) -> None:
        handover = Handover.objects.open().first()
        if handover is not None:
            equipment.undo_handover(handover, key=key(), by=self.by, at=self.at)

    def line(self, number: int) -> None:
        lines.activate_line(
            self.person,
            words="Opérateur Essai",
            live_until=self.today + timedelta(days=number % 40),
            on=self.today,
            was_told=bool(number % 2),
            key=key(),
            by=self.by,
            at=self.at,
        )

    def _line(self):
        return self.person.lines.filter(state__in=["active", "lapsed"]).order_by("pk").last()

    def lose_line(self, number: int) -> None:
        if self._line() is not None:
            lines.note_lost(self._line(), on=self.today, key=key(), by=self.by, at=self.at)

    def close_line(self, number: int) -> None:
        if self._line() is not None:
            lines.close_line(self._line(), on=self.today, key=key(), by=self.by, at=self.at)

    def correct_line(self, number: int) -> None:
        held = self.person.lines.exclude(state="void").order_by("pk").last()
        if held is not None:
            event = held.events.exclude(kind="corrected").order_by("pk").last()
            lines.correct_event(event, key=key(), by=self.by, at=self.at)

    # ---------- evidence by hand, exits ----------
    def say(self, number: int) -> None:
        item = ("E1", "E2", "E3", "C1", "C2", "C3")[number % 6]
        answer = ("yes", "lent", "no", "lost", "unknown")[number % 5]
        services.record_evidence(self.person, item, answer, observed_on=self.today, by=self.by, at=self.at)
        record_observations(
            self.person, {BASE[number % 7]: number % 4}, observed_on=self.today, by=self.by, at=self.at
        )

    def fill(self, number: int) -> None:
        fill(self.person, self.today, self.by, self.at)

    def _exit(self, kind: str, reason: str, number: int) -> None:
        journey = Journey.objects.first()
        if journey is not None:
            services.exit_journey(
                journey,
                kind=kind,
                reason=reason,
                release=bool(number % 2),
                key=key(),
                by=self.by,
                at=self.at,
            )

    def exit(self, number: int) -> None:
        self._exit("not_yet", "moved", number)

    def exit_full(self, number: int) -> None:
        if number % 3:
            fill(self.person, self.today, self.by, self.at)
        self._exit("complete", "", number)

    def come_back(self, number: int) -> None:
        journey = Journey.objects.first()
        if journey is not None:
            services.reopen_journey(journey, reason="asked", key=key(), by=self.by, at=self.at)

    def open(self, number: int) -> None:
        self.journey()

    def answer(self, number: int) -> None:
        due = self.one(FollowUp.objects.order_by("pk"), number)
        if due is not None:
            answers = ("yes", "no", "unknown")
            services.answer_follow_up(
                due,
                who="herself",
                device=answers[number % 3],
                connection=answers[number // 3 % 3],
                skills=answers[number // 9 % 3],
                by=self.by,
                at=self.at,
            )

    def call(self, number: int) -> None:
        due = self.one(FollowUp.objects.order_by("pk"), number)
        if due is not None:
            services.note_try(due, key=key(), by=self.by, at=self.at)


# ---------- the same, worked out in the plainest way ----------
def newest(rows, name: str) -> dict[str, object]:
    """The last row of each item, in the order of days, then of writing."""
    found = {}
    for row in sorted(rows, key=lambda one: (one.observed_on, one.written_at, one.pk)):
        found[getattr(row, name) if name == "item" else row.item.code] = row
    return found


def hung(items: list[str], held: dict) -> str:
    heart = held[items[0]].answer if items[0] in held else "unknown"
    if heart in {"unknown", "lost"}:
        return heart
    if heart != "yes":
        return "empty"
    return "full" if all(item in held and held[item].answer == "yes" for item in items) else "half"


def bag_from_rows(person) -> tuple[str, str, str]:
    held = newest(Evidence.objects.filter(person=person), "item")
    seen = newest(Observation.objects.filter(person=person).select_related("item"), "code")
    steps = {code: row.step for code, row in seen.items() if row.step is not None}
    asked = list(Request.objects.filter(journey__person=person, pocket="skills").exclude(state="dropped"))
    met = [one for one in asked if one.state == "met"]
    base = all(code in steps for code in BASE)
    if base and all(steps[code] >= 2 for code in BASE) and len(met) == len(asked):
        skills = "full"
    elif met or any(step > 0 for step in steps.values()):
        skills = "half"
    else:
        skills = "empty" if base else "unknown"
    return hung(["E1", "E2", "E3"], held), hung(["C1", "C2", "C3"], held), skills


def states(bag) -> tuple[str, str, str]:
    return bag.device.state, bag.connection.state, bag.skills.state


def check(history: History) -> None:
    person = history.person
    assert states(baggages([person], today=history.today)[person.pk]) == bag_from_rows(person)
    assert Journey.objects.filter(person=person).count() <= 1
    for request in Request.objects.all():
        last = request.steps.order_by("on", "written_at", "pk").last()
        assert request.state == (last.state if last else "open")
        assert request.changed_on == (last.on if last else request.said_on)
    for link in RequestBooking.objects.select_related("booking"):
        if link.unlinked_at is None:
            assert link.booking.state in {"booked", "waiting", "present"}
    for left in JourneyExit.objects.all():
        assert states(bag_of(left)) == (left.device, left.connection, left.skills)
        if left.kind == "complete":
            assert (left.device, left.connection, left.skills) == ("full", "full", "full")
        open_ones = left.follow_ups.filter(state__in=["due", "not_reached"]).exists()
        assert not (open_ones and left.journey.closed_at is None)
    # While nobody wrote it by hand, the device pocket follows what the equipment says.
    spoken = Evidence.objects.filter(person=person, item="E1").exclude(source__startswith="handover:")
    if not spoken.exists() and Evidence.objects.filter(person=person, item="E1").exists():
        held = newest(Evidence.objects.filter(person=person), "item")["E1"]
        assert (held.answer == "yes") == Handover.objects.open().filter(person=person).exists()


acts = st.lists(st.tuples(st.sampled_from(ACTS), st.integers(0, 200)), min_size=1, max_size=20)


@pytest.mark.slow
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts)
def test_bag_equals_what_its_evidence_says_after_any_history(history_acts) -> None:
    with transaction.atomic():
        make_installation(START)
        history = History()
        for act, number in history_acts:
            history.do(act, number)
            check(history)
        transaction.set_rollback(True)
