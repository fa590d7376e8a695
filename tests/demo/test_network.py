"""The demonstration's half a year is plausible as a whole: checked by the rules that the screens go by."""

import re
from collections import Counter, defaultdict
from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.db.models import Sum
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from bagage.accounts.domain.roles import Role
from bagage.accounts.models import User
from bagage.accounts.queries import demonstration_accounts
from bagage.connection.domain.lifecycle import life_of
from bagage.connection.models import Advice, HeldLine, LineEvent
from bagage.demo.network import PASSWORD
from bagage.equipment.models import Device, DeviceEvent, EquipmentRules, Handover, Reservation
from bagage.journeys.models import FollowUp, Journey, JourneyExit, JourneyStep, RequestBooking
from bagage.journeys.queries import baggages
from bagage.journeys.queries.ahead import things_ahead
from bagage.messaging.models import Message
from bagage.people.models import Person
from bagage.people.queries import identity_ids
from bagage.permanences.models import (
    HOLDING,
    TAKEN_SEATS,
    Appointment,
    QueueEntry,
    Session,
    SessionBooking,
    Site,
)
from bagage.referrals.models import Onward, OnwardStep, Referral
from bagage.shop.domain.period import Use, most_used_with
from bagage.shop.models import AccessRight, Sale, SaleLine, StockPlace, Till
from bagage.shop.queries.rights import right_of, shop_rules
from bagage.shop.queries.tills import cash_in
from bagage.trail.models import Entry
from bagage.trail.queries import verification

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.usefixtures("network"),
    pytest.mark.xdist_group("demo_network"),
]
RIQUET = "Riquet, Paris 19e"


def person(chosen_name: str, family_name: str) -> Person:
    return Person.objects.get(chosen_name=chosen_name, family_name=family_name)


# ---------- who works there ----------
def test_load_demo_gives_one_account_to_each_role() -> None:
    names = [account.username for account in demonstration_accounts()]
    assert names == ["samira", "nadia", "karim", "helene", "omar", "elise", "lucie", "admin"]
    held = User.objects.filter(username__in=names).values_list("memberships__role", flat=True)
    assert sorted(held) == sorted(Role)


def test_load_demo_makes_every_stage_by_the_rules(network: datetime) -> None:
    assert Site.objects.count() == 8
    taken = Counter(Appointment.objects.filter(state__in=HOLDING).values_list("adviser_id", "starts_at"))
    assert max(taken.values()) == 1
    late = [a for a in Appointment.objects.filter(state="booked") if a.ends_at < network - timedelta(days=1)]
    assert late == []
    assert Appointment.objects.filter(state="done", ends_at__gt=network).count() == 0
    states = set(Referral.objects.values_list("state", flat=True))
    assert {"sent", "under_way", "left_with"} - states == set()
    assert QueueEntry.objects.filter(site__organisation__name=RIQUET, state="waiting").count() == 4
    assert Message.objects.filter(state="queued", channel="email").count() == 0
    pockets = {bag.device.state for bag in baggages(Person.objects.whole()).values()}
    assert {"full", "half", "empty"} - pockets == set()
    assert Person.objects.exclude(merged_into=None).count() == 2
    assert verification().breaks == []


def test_load_demo_writes_nothing_of_days_to_come(network: datetime) -> None:
    today = timezone.localdate(network)
    assert Entry.objects.filter(at__gt=network).count() == 0
    assert Sale.objects.filter(sold_at__gt=network).count() == 0
    assert DeviceEvent.objects.filter(at__gt=network).count() == 0
    assert OnwardStep.objects.filter(at__gt=network).count() == 0
    assert JourneyStep.objects.filter(at__gt=network).count() == 0
    assert LineEvent.objects.filter(on__gt=today).count() == 0
    assert SessionBooking.objects.filter(booked_at__gt=network).count() == 0


def test_load_demo_tells_figures_that_differ_by_site() -> None:
    def by_site(rows: list[str]) -> list[int]:
        found = Counter(rows)
        return [
            found[name] for name in (RIQUET, "Saint-Denis, Caquet", "Marseille, Belsunce", "Lille, Wazemmes")
        ]

    done = Appointment.objects.filter(state="done").values_list("site__organisation__name", flat=True)
    sold = Sale.objects.values_list("site__organisation__name", flat=True)
    devices = Device.objects.values_list("site__organisation__name", flat=True)
    for figures in (by_site(list(done)), by_site(list(sold)), by_site(list(devices))):
        assert len(set(figures)) >= 3
        assert figures[0] > figures[-1]


# ---------- the counter ----------
def test_load_demo_sells_nobody_more_than_her_cap_in_any_period() -> None:
    rules = shop_rules()
    bought: dict[int, list[Use]] = defaultdict(list)
    for line in SaleLine.objects.filter(counts_in_cap=True).select_related("sale__person"):
        her = line.sale.person
        bought[her.merged_into_id or her.pk].append(Use(line.counts_on, line.amount))
    over = [
        (who, use.on)
        for who, uses in bought.items()
        for use in uses
        if most_used_with(uses, use.on, rules.period) > rules.cap
    ]
    assert len(bought) > 20
    assert over == []


def test_load_demo_sells_only_to_whom_a_right_lives() -> None:
    sales = Sale.objects.filter(kind="sale", lines__product__needs_right=True).distinct()
    without = [
        sale.receipt
        for sale in sales
        # One that was ended on the very day may have been used in its morning.
        if not AccessRight.objects.of_persons(identity_ids(sale.person))
        .filter(begins_on__lte=sale.on, ends_on__gte=sale.on)
        .exclude(ended_on__lt=sale.on)
        .exists()
    ]
    assert sales.count() > 40
    assert without == []
    assert AccessRight.objects.filter(source="renewal").count() > 0


def test_load_demo_numbers_receipts_without_a_gap_in_the_order_of_time() -> None:
    by_site: dict[tuple[int, int], list[int]] = defaultdict(list)
    for site, year, number in Sale.objects.order_by("sold_at", "pk").values_list("site", "year", "number"):
        by_site[site, year].append(number)
    assert len(by_site) >= 6
    for numbers in by_site.values():
        assert numbers == list(range(1, len(numbers) + 1))


def test_load_demo_keeps_stock_above_nothing_at_every_moment() -> None:
    places = StockPlace.objects.prefetch_related("movements")
    below = []
    for place in places:
        here = 0
        for movement in sorted(place.movements.all(), key=lambda one: one.pk):
            here += movement.quantity
            if here < 0:
                below.append(place)
    assert places.count() == 8 * 8
    assert below == []
    assert Sale.objects.exclude(kind="sale").count() >= 1


def test_load_demo_closes_tills_with_what_must_be_there_or_a_word(network: datetime) -> None:
    tills = list(Till.objects.select_related("site__organisation"))
    closed = [till for till in tills if till.closed_at is not None]
    assert [till for till in closed if till.counted != cash_in(till) and not till.word] == []
    early = timezone.localdate(network) - timedelta(days=4)
    still_open = {till.site.organisation.name: till.opened_at for till in tills if till.closed_at is None}
    assert [name for name, at in still_open.items() if timezone.localdate(at) < early] == []


# ---------- lines ----------
def test_load_demo_gives_lines_at_every_stage_by_the_rules(network: datetime) -> None:
    today = timezone.localdate(network)
    held_lines = list(HeldLine.objects.prefetch_related("events"))
    states = Counter(held.state for held in held_lines)
    assert states["active"] > len(held_lines) / 2
    for held in held_lines:
        life = life_of(held.events.all())
        assert (held.state, held.live_until, held.has_no_end) == (
            life.state,
            life.live_until,
            life.has_no_end,
        )
    assert HeldLine.objects.past(today).count() == 0
    nearing = HeldLine.objects.filter(state="active", live_until__lte=today + timedelta(days=5))
    assert nearing.count() > 0
    assert nearing.filter(reminder="").count() == 0
    assert SaleLine.objects.filter(product__kind="sim", held_line=None, quantity__gt=0).count() == 0
    advices = list(Advice.objects.all())
    assert len(advices) > 0
    assert [one for one in advices if one.advised_on > today or not one.answer["best"]] == []


# ---------- devices ----------
def test_load_demo_gives_a_device_to_one_person_and_a_person_as_many_as_the_rules_say() -> None:
    has = Handover.objects.open().values_list("device_id", flat=True)
    assert len(has) == len(set(has)) > 10
    by_person = Counter(
        one.person.merged_into_id or one.person_id for one in Handover.objects.open().select_related("person")
    )
    assert max(by_person.values()) <= EquipmentRules().devices_per_person
    unpaid = Handover.objects.filter(price__gt=0, receipt="").count()
    assert unpaid == 0
    overlaps = []
    for device in Device.objects.prefetch_related("handovers"):
        ends = None
        for one in sorted(device.handovers.all(), key=lambda one: one.handed_over_at):
            if ends is not None and one.handed_over_at < ends:
                overlaps.append(device.number)
            ends = one.returned_at or one.undone_at or datetime.max.replace(tzinfo=one.handed_over_at.tzinfo)
    assert overlaps == []


def test_load_demo_fills_the_board_of_devices() -> None:
    states = set(Device.objects.values_list("state", flat=True))
    assert {"to_process", "in_workshop", "ready", "handed_over"} - states == set()
    grades = set(Device.objects.exclude(grade="").values_list("grade", flat=True))
    assert {"A", "B", "C"} - grades == set()
    processed = Device.objects.filter(state__in=["ready", "handed_over"])
    assert processed.filter(grade="").count() == 0


# ---------- sessions ----------
def test_load_demo_takes_no_more_than_the_seats_of_a_session(network: datetime) -> None:
    sessions = list(Session.objects.select_related("room").prefetch_related("bookings"))
    over = [
        session
        for session in sessions
        if sum(one.state in TAKEN_SEATS and not one.is_unplanned for one in session.bookings.all())
        > session.seats
    ]
    assert len(sessions) > 10
    assert over == []
    late = [one for one in sessions if one.state == "planned" and one.ends_at < network - timedelta(days=1)]
    assert late == []
    assert [one for one in sessions if one.state == "planned" and one.starts_at > network] != []
    assert RequestBooking.objects.count() > 0


def test_load_demo_keeps_no_seat_for_who_has_left(network: datetime) -> None:
    ended = Journey.objects.exclude(closed_at=None).values("person")
    still = Journey.objects.filter(closed_at=None).values("person")
    left = Person.objects.filter(pk__in=ended).exclude(pk__in=still)
    assert left.count() > 0
    ahead = SessionBooking.objects.filter(session__starts_at__gt=network, state__in=["booked", "waiting"])
    assert ahead.count() > 0
    assert ahead.filter(person__in=left).count() == 0


def test_load_demo_books_nobody_twice_at_one_hour() -> None:
    seats = SessionBooking.objects.filter(state__in=["booked", "present"], person__isnull=False)
    twice = Counter(seats.values_list("person_id", "session__starts_at"))
    assert max(twice.values()) == 1


# ---------- beyond ----------
def test_load_demo_lets_persons_leave_with_and_without_a_full_bag() -> None:
    assert set(JourneyExit.objects.values_list("kind", flat=True)) == {"complete", "not_yet"}
    assert FollowUp.objects.count() > 0
    assert {"arrived", "sent"} - set(Onward.objects.values_list("state", flat=True)) == set()
    assert Message.objects.filter(channel="email").exclude(to__endswith="invalid").count() == 0


# ---------- the tour ----------
def test_the_tour_finds_fanta_waiting_for_an_answer(network: datetime) -> None:
    hers = Referral.objects.get(
        chosen_name="Fanta", family_name="Doumbia", sent_at__gt=network - timedelta(hours=2)
    )
    assert (hers.state, hers.referrer.username) == ("sent", "samira")
    assert hers.site.organisation.name == RIQUET


def test_the_tour_finds_awa_with_a_right_a_telephone_to_pay_and_no_line(network: datetime) -> None:
    awa = person("Awa", "Sylla")
    kept = Reservation.objects.held().get(person=awa)
    assert (kept.is_to_pay, kept.device.kind) == (True, "smartphone")
    assert right_of([awa.pk], timezone.localdate(network)) is not None
    assert HeldLine.objects.filter(person=awa).count() == 0
    assert awa.referrals.get().referrer.username == "samira"


def test_the_tour_finds_mariam_with_a_full_bag_and_nothing_ahead(network: datetime) -> None:
    mariam = person("Mariam", "Traoré")
    assert baggages(Person.objects.filter(pk=mariam.pk))[mariam.pk].is_full
    assert things_ahead([mariam.pk], network) == []
    assert JourneyExit.objects.filter(journey__person=mariam).count() == 0
    assert mariam.referrals.get().referrer.username == "samira"
    assert Sale.objects.filter(person=mariam).aggregate(sum=Sum("total"))["sum"] > 0


def test_the_tour_finds_a_session_of_today_to_be_pointed(network: datetime) -> None:
    day = timezone.localdate(network)
    session = Session.objects.get(starts_at__date=day, site__organisation__name=RIQUET)
    assert session.leader is not None
    assert (session.state, session.leader.username) == ("planned", "karim")
    assert session.bookings.filter(state="booked").count() >= 4


STEPS = [
    ("samira", "referrals:refer"),
    ("nadia", "referrals:inbox"),
    ("helene", "desk:look_up"),
    ("nadia", "shop:counter"),
    ("karim", "permanences:session_list"),
    ("helene", "desk:look_up"),
    ("samira", "referrals:mine"),
]


def test_the_tour_is_proposed_on_the_sign_in_page_step_by_step(client: Client) -> None:
    page = client.get(reverse("account_login")).content.decode()
    tour = page[page.index('<ol class="tour">') : page.index("</ol>", page.index('<ol class="tour">'))]
    told = re.findall(r'name="next" value="([^"]+)"><input type="hidden" name="login" value="([^"]+)"', tour)
    assert told == [(reverse(name), who) for who, name in STEPS]


@pytest.mark.parametrize(("who", "name"), sorted(set(STEPS)))
def test_the_tour_opens_each_step_as_who_works_there(client: Client, who: str, name: str) -> None:
    cache.clear()
    form = {"login": who, "password": PASSWORD, "next": reverse(name)}
    response = client.post(reverse("account_login"), form)
    assert (response.status_code, response.headers["Location"]) == (302, reverse(name))
    assert client.get(reverse(name)).status_code == 200
