"""Random histories of rights, sales, refunds, devices, seats and exits: what must hold, holds after each act.

Every act is one service, as a screen calls it; one that is refused must have changed nothing. What must hold is
computed here from the rows alone, by rules written a second time. ``make prove`` plays thousands more.
"""

from __future__ import annotations

import os
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.db.models import Sum
from django.db.models.functions import Coalesce
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from bagage.common.errors import BusinessError
from bagage.connection.models import HeldLine
from bagage.equipment import services as equipment
from bagage.equipment.models import Device, Handover, Reservation
from bagage.journeys.models import Evidence, Journey, JourneyExit
from bagage.journeys.queries import baggages
from bagage.journeys.services import exit_journey, record_evidence, reopen_journey
from bagage.permanences import services as permanences
from bagage.permanences.models import Room, Session, SessionBooking
from bagage.shop import services as shop
from bagage.shop.models import (
    AccessRight,
    Product,
    Sale,
    SaleLine,
    ShopRules,
    StockMovement,
    StockPlace,
    Till,
)
from tests.histories.ground import CAP, KEEPER, START, Ground, key, lay_out

HISTORIES = int(os.environ.get("BAGAGE_HISTORIES", "20"))
ACTS = 30
PERSON = st.integers(0, 3)
SITE = st.integers(0, 1)
TAKEN = ("booked", "present", "absent")


class Histories(RuleBasedStateMachine):
    """One history: it is written inside a transaction that is undone at its end."""

    ground: Ground

    def __init__(self) -> None:
        super().__init__()
        self.now = START
        self.acts = 0
        self.has_changed = True
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        # What lies in stock, counted a second time: (product, site) → pieces.
        self.pieces: Counter[tuple[int, int]] = Counter()
        # The most seats that were ever held at once beyond the computers that work (one broke after they were given).
        self.held_before: dict[int, int] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    @initialize(period=st.sampled_from(["calendar_month", "rolling_30"]), rights=st.integers(0, 15))
    def begin(self, period: str, rights: int) -> None:
        self.period = period
        ShopRules.objects.update(period=period)
        for number, person in enumerate(self.ground.persons):
            if rights >> number & 1:
                self.act(shop.open_right, person, node=self.ground.sites[0].organisation, key=key())
        for where in (0, 1):
            self.plan_session(where, 2)
        for product in self.ground.products:
            for site in self.ground.sites:
                self.pieces[product.pk, site.pk] = 3

    def act(self, service: Callable[..., Any], *args: Any, **how: Any) -> Any:
        """One act at this moment; ``None`` when it was refused, and then nothing has changed."""
        self.acts += 1
        self.has_changed = True
        self.now += timedelta(seconds=1)  # no two acts at the same instant
        # Looking at everything is slow: one act in six is looked at.
        before = _everything() if self.acts % 6 == 0 else None
        try:
            return service(*args, by=how.pop("by", KEEPER), at=self.now, **how)
        except BusinessError:
            assert before is None or _everything() == before
            return None

    # ---------- time ----------
    @rule(hours=st.integers(1, 30))
    def time_passes(self, hours: int) -> None:
        self.now = _open_moment(self.now + timedelta(hours=hours))

    @rule(days=st.integers(2, 45))
    def days_pass(self, days: int) -> None:
        self.now = _open_moment(self.now + timedelta(days=days))

    # ---------- rights ----------
    @rule(who=PERSON, where=SITE)
    def open_right(self, who: int, where: int) -> None:
        node = self.ground.sites[where].organisation
        self.act(shop.open_right, self.ground.persons[who], node=node, key=key())

    @rule(pick=st.integers(0, 9), ends=st.booleans())
    def renew_or_end_right(self, pick: int, ends: bool) -> None:
        right = _pick(AccessRight.objects.all(), pick)
        if right and ends:
            self.act(shop.end_right, right, reason="elle n’en a plus besoin")
        elif right:
            self.act(shop.renew_right, right, key=key())

    # ---------- the counter ----------
    @rule(who=PERSON, where=SITE, what=st.integers(0, 3), times=st.integers(1, 2), twice=st.booleans())
    def sell(self, who: int, where: int, what: int, times: int, twice: bool) -> None:
        person, site, product = self.ground.persons[who], self.ground.sites[where], self.ground.products[what]
        form = key()
        how = {"site": site, "basket": [(product, times)], "payment": "cash", "key": form}
        sale = self.act(shop.sell, person, **how)
        if sale is None:
            return
        self.pieces[product.pk, site.pk] -= times
        assert not product.needs_right or self.has_right(person)
        if twice:
            assert self.act(shop.sell, person, **how) == sale

    @rule(pick=st.integers(0, 30), back=st.booleans())
    def refund(self, pick: int, back: bool) -> None:
        sale = _pick(Sale.objects.filter(kind="sale"), pick)
        if sale is None:
            return
        entry = self.act(shop.refund_sale, sale, reason="rendu", back_in_stock=back, key=key())
        if entry is None:
            return
        for line in entry.lines.all():
            if line.product_id and back:
                self.pieces[line.product_id, entry.site_id] -= line.quantity

    @rule(what=st.integers(0, 3), where=SITE, quantity=st.integers(1, 3))
    def receive_stock(self, what: int, where: int, quantity: int) -> None:
        product, site = self.ground.products[what], self.ground.sites[where]
        if self.act(shop.receive_stock, product, site=site, quantity=quantity, key=key()):
            self.pieces[product.pk, site.pk] += quantity

    @rule(what=st.integers(0, 3), where=SITE, quantity=st.integers(1, 2))
    def move_stock(self, what: int, where: int, quantity: int) -> None:
        product, sites = self.ground.products[what], self.ground.sites
        source, target = sites[where], sites[1 - where]
        if self.act(shop.move_stock, product, source=source, target=target, quantity=quantity, key=key()):
            self.pieces[product.pk, source.pk] -= quantity
            self.pieces[product.pk, target.pk] += quantity

    # ---------- devices ----------
    @rule(who=PERSON, which=st.integers(0, 2))
    def reserve(self, who: int, which: int) -> None:
        device = Device.objects.get(pk=self.ground.devices[which].pk)
        self.act(equipment.reserve_device, device, self.ground.persons[who], site=device.site, key=key())

    @rule(pick=st.integers(0, 9))
    def release(self, pick: int) -> None:
        reservation = _pick(Reservation.objects.filter(state="held"), pick)
        if reservation:
            self.act(equipment.release_reservation, reservation)

    @rule(pick=st.integers(0, 9))
    def pay_device(self, pick: int) -> None:
        reservation = _pick(Reservation.objects.filter(state="held"), pick)
        if reservation:
            self.act(
                shop.sell, reservation.person, site=reservation.site, basket=[], reservation=reservation,
                payment="cash", key=key(),
            )  # fmt: skip

    @rule(pick=st.integers(0, 9), checks=st.sets(st.sampled_from(["powers_on", "charger"])))
    def hand_over(self, pick: int, checks: set[str]) -> None:
        reservation = _pick(Reservation.objects.all(), pick)
        if reservation is None:
            return
        handover = self.act(
            equipment.hand_over_device, reservation, consent="witness", witnesses=["Moussa", "Inès"],
            checks=sorted(checks), key=key(),
        )  # fmt: skip
        if handover:
            reservation.refresh_from_db()
            assert not reservation.price or reservation.paid_at is not None

    @rule(pick=st.integers(0, 9))
    def undo_handover(self, pick: int) -> None:
        handover = _pick(Handover.objects.all(), pick)
        if handover:
            self.act(equipment.undo_handover, handover, key=key())

    @rule(pick=st.integers(0, 9), reason=st.sampled_from(["returned", "broken", "repair", "lost", "stolen"]))
    def take_back(self, pick: int, reason: str) -> None:
        handover = _pick(Handover.objects.filter(state="open"), pick)
        if handover:
            self.act(equipment.take_back_device, handover, reason=reason, key=key())

    @rule(pick=st.integers(0, 2))
    def make_ready_again(self, pick: int) -> None:
        device = Device.objects.get(pk=self.ground.devices[pick].pk)
        if device.state == "to_process":
            self.act(equipment.change_device_state, device, "ready", reason="vérifié", key=key())

    # ---------- sessions ----------
    @rule(where=SITE, days=st.integers(1, 4))
    def plan_session(self, where: int, days: int) -> None:
        starts_at = _open_moment(self.now + timedelta(days=days)).replace(hour=14)
        self.act(
            permanences.plan_session, site=self.ground.sites[where], room=self.ground.rooms[where],
            topic="Son compte santé", items=["K4"], starts_at=starts_at,
            ends_at=starts_at + timedelta(hours=2), key=key(),
        )  # fmt: skip

    @rule(pick=st.integers(0, 5), who=PERSON)
    def book(self, pick: int, who: int) -> None:
        session = _pick(Session.objects.filter(state="planned"), pick, newest=True)
        if session:
            self.act(permanences.book_seat, session, self.ground.persons[who], key=key())

    @rule(pick=st.integers(0, 9), excused=st.booleans())
    def give_seat_back(self, pick: int, excused: bool) -> None:
        booking = _pick(SessionBooking.objects.filter(state__in=["booked", "waiting"]), pick)
        if booking:
            service = permanences.note_seat_excused if excused else permanences.leave_session
            self.act(service, booking, reason="")

    @rule(pick=st.integers(0, 5))
    def cancel_session(self, pick: int) -> None:
        session = _pick(Session.objects.filter(state="planned"), pick)
        if session:
            self.act(permanences.cancel_session, session, reason="salle fermée")

    @rule(where=SITE, computers=st.integers(0, 3))
    def computers_break_or_are_mended(self, where: int, computers: int) -> None:
        room = self.ground.rooms[where]
        Room.objects.filter(pk=room.pk).update(computers=computers)

    @rule(pick=st.integers(0, 5), mask=st.integers(0, 15), closes=st.booleans())
    def take_attendance(self, pick: int, mask: int, closes: bool) -> None:
        session = _pick(Session.objects.exclude(state="cancelled"), pick)
        if session is None:
            return
        self.now = max(self.now, session.starts_at + timedelta(minutes=20))
        here = [
            str(one.uuid)
            for number, one in enumerate(
                session.bookings.filter(state__in=["booked", "present"]).order_by("pk")
            )
            if mask >> number & 1
        ]
        self.act(permanences.take_attendance, session, present=here, closes=closes, key=key())

    @rule(pick=st.integers(0, 9), step=st.sampled_from([1, 2, 3]))
    def observe(self, pick: int, step: int) -> None:
        booking = _pick(SessionBooking.objects.filter(state="present"), pick)
        if booking:
            self.act(permanences.observe, booking, {"K4": step})

    # ---------- the journey ----------
    @rule(
        who=st.integers(0, 2),
        item=st.sampled_from(["E1", "E2", "E3", "C1", "C2", "C3"]),
        answer=st.sampled_from(["yes", "no", "lost", "unknown"]),
    )
    def say(self, who: int, item: str, answer: str) -> None:
        day = timezone.localdate(self.now)
        self.act(record_evidence, self.ground.persons[who], item, answer, observed_on=day)

    @rule(who=st.integers(0, 2), complete=st.booleans(), release=st.booleans())
    def leave(self, who: int, complete: bool, release: bool) -> None:
        person = self.ground.persons[who]
        journey = Journey.objects.get(pk=self.ground.journeys[person.pk].pk)
        how = {"kind": "complete"} if complete else {"kind": "not_yet", "reason": "moved"}
        left = self.act(exit_journey, journey, release=release, key=key(), **how)
        if left and complete:
            assert (left.device, left.connection, left.skills) == ("full", "full", "full")

    @rule(who=st.integers(0, 2))
    def come_back(self, who: int) -> None:
        journey = Journey.objects.get(pk=self.ground.journeys[self.ground.persons[who].pk].pk)
        self.act(reopen_journey, journey, reason="asked", key=key())

    # ---------- what must hold, from the rows alone ----------
    @invariant()
    def what_must_hold_holds(self) -> None:
        if not self.has_changed:
            return
        self.has_changed = False
        self.no_cap_is_exceeded()
        self.stock_equals_movements()
        self.receipts_run_without_a_gap()
        self.a_device_has_one_person()
        self.no_seat_twice_and_none_over_the_computers()
        self.the_baggage_equals_its_evidence()
        self.who_left_is_gone()

    def has_right(self, person: Any) -> bool:
        today = timezone.localdate(self.now)
        rights = AccessRight.objects.filter(person__in=self.ground.files_of(person), is_mistake=False)
        return any(
            one.begins_on <= today <= one.ends_on and (one.ended_on is None or today < one.ended_on)
            for one in rights
        )

    def no_cap_is_exceeded(self) -> None:
        spent: dict[tuple[int, ...], Counter[date]] = defaultdict(Counter)
        for line in SaleLine.objects.filter(counts_in_cap=True).select_related("sale__person"):
            spent[tuple(self.ground.files_of(line.sale.person))][line.counts_on] += (
                line.unit_price * line.quantity
            )
        for days in spent.values():
            months: Counter[tuple[int, int]] = Counter()
            for day, cents in days.items():
                months[day.year, day.month] += cents
                assert cents >= 0
            if self.period == "calendar_month":
                assert max(months.values()) <= CAP
            else:
                windows = [
                    sum(c for d, c in days.items() if timedelta(0) <= last - d < timedelta(days=30))
                    for last in days
                ]
                assert max(windows) <= CAP

    def stock_equals_movements(self) -> None:
        found = {
            (product, site): pieces
            for product, site, pieces in StockPlace.objects.annotate(
                pieces=Coalesce(Sum("movements__quantity"), 0)
            ).values_list("product", "site", "pieces")
        }
        assert all(pieces >= 0 for pieces in found.values())
        assert found == dict(self.pieces)

    def receipts_run_without_a_gap(self) -> None:
        numbers: dict[tuple[int, int], list[int]] = defaultdict(list)
        for site, year, number in Sale.objects.values_list("site", "year", "number"):
            numbers[site, year].append(number)
        for found in numbers.values():
            assert sorted(found) == list(range(1, len(found) + 1))

    def a_device_has_one_person(self) -> None:
        held = Counter(Reservation.objects.filter(state="held").values_list("device", flat=True))
        opened = Counter(Handover.objects.filter(state="open").values_list("device", flat=True))
        assert max([0, *held.values()]) <= 1
        assert max([0, *opened.values()]) <= 1
        assert not set(held) & set(opened)
        for device in Device.objects.all():
            assert (device.state in {"handed_over", "after_sales"}) == (device.pk in opened)
        of_person: Counter[tuple[int, ...]] = Counter()
        for handover in Handover.objects.filter(state="open").select_related("person"):
            of_person[tuple(self.ground.files_of(handover.person))] += 1
        assert max([0, *of_person.values()]) <= 1

    def no_seat_twice_and_none_over_the_computers(self) -> None:
        for session in Session.objects.select_related("room").prefetch_related("bookings"):
            bookings = list(session.bookings.all())
            taken = sum(one.state in TAKEN for one in bookings)
            limit = max(session.room.computers, self.held_before.get(session.pk, 0))
            assert taken <= limit
            self.held_before[session.pk] = taken
            live = [self.file_of(one) for one in bookings if one.state in {*TAKEN, "waiting"}]
            assert len(live) == len(set(live))
            waiting = sorted((one.booked_at, one.pk) for one in bookings if one.state == "waiting")
            given = [(one.booked_at, one.pk) for one in bookings if one.state == "booked" and one.seated_at]
            if session.state == "planned" and session.starts_at > self.now and waiting and given:
                # Nobody who came later has a seat while someone who came before waits.
                assert max(given) < waiting[0]

    def file_of(self, booking: SessionBooking) -> tuple[int, ...]:
        assert booking.person is not None
        return tuple(self.ground.files_of(booking.person))

    def the_baggage_equals_its_evidence(self) -> None:
        today = timezone.localdate(self.now)
        persons = self.ground.persons[:3]
        bags = baggages(persons, today=today, files={one.pk: self.ground.files_of(one) for one in persons})
        all_facts = list(
            Evidence.objects.filter(observed_on__lte=today).order_by("observed_on", "written_at", "pk")
        )
        with_device = set(
            Handover.objects.filter(state="open", device__state="handed_over").values_list(
                "person", flat=True
            )
        )
        for person in persons:
            files = self.ground.files_of(person)
            bag = bags[person.pk]
            facts = [one for one in all_facts if one.person_id in files]
            newest = {one.item: one for one in facts}
            for pocket, items in ((bag.device, ("E1", "E2", "E3")), (bag.connection, ("C1", "C2", "C3"))):
                answers = [newest[item].answer if item in newest else "unknown" for item in items]
                if answers[0] in {"unknown", "lost"}:
                    state = answers[0]
                elif answers[0] != "yes":
                    state = "empty"
                else:
                    state = "full" if answers == ["yes"] * 3 else "half"
                assert str(pocket) == state
            has_device = bool(with_device & set(files))
            by_hand = [one for one in facts if one.item == "E1" and not one.source.startswith("handover:")]
            if has_device and not by_hand:
                assert bag.device.state in {"half", "full"}
            if not by_hand and not has_device:
                assert bag.device.state in {"unknown", "lost", "empty"}

    def who_left_is_gone(self) -> None:
        for journey in Journey.objects.prefetch_related("steps"):
            newest = max(journey.steps.all(), key=lambda one: (one.at, one.pk), default=None)
            assert (journey.closed_at is not None) == (newest is not None and newest.kind == "exited")


def _pick(found: Any, number: int, *, newest: bool = False) -> Any:
    rows = list(found.order_by("-pk" if newest else "pk")[:40])
    return rows[number % len(rows)] if rows else None


def _open_moment(at: Any) -> Any:
    """The same moment, or the next one within opening hours: Monday to Friday, ten to four."""
    at = timezone.localtime(at)
    at = at.replace(hour=min(max(at.hour, 10), 16))
    if at.hour == 13:
        at = at.replace(hour=14)
    while at.weekday() > 4:
        at += timedelta(days=1)
    return at


def _everything() -> tuple[Any, ...]:
    """What a refused act must leave as it was."""
    models = (AccessRight, Sale, SaleLine, StockMovement, Till, Product, Reservation, Handover, Device, HeldLine,
              Session, SessionBooking, Evidence, Journey, JourneyExit)  # fmt: skip
    return tuple(tuple(model.objects.order_by("pk").values_list()) for model in models)


@pytest.mark.slow
@pytest.mark.django_db
def test_whatever_happens_what_must_hold_holds():
    Histories.ground = lay_out(at=START)
    run_state_machine_as_test(
        Histories,
        settings=settings(
            max_examples=HISTORIES,
            stateful_step_count=ACTS,
            deadline=None,
            derandomize="BAGAGE_HISTORIES" not in os.environ,
            database=None,
            suppress_health_check=list(HealthCheck),
            # The whole history is shown as it was; making it shorter takes minutes.
            phases=[Phase.generate],
        ),
    )
