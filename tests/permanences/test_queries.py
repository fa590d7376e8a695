from datetime import date, timedelta

import pytest

from bagage.permanences.models import Closure
from bagage.permanences.queries import (
    advisers_at,
    day_bounds,
    free_slots,
    nearest_sites,
    next_free_slots,
    slots_by_day,
)
from tests.permanences.factories import make_appointment, make_block, make_person, make_site, make_user

pytestmark = pytest.mark.django_db


def test_day_has_23_hours_when_summer_begins():
    start, end = day_bounds(date(2026, 3, 29))
    assert end.timestamp() - start.timestamp() == 23 * 3600


def test_free_slots_are_block_by_duration_minus_bookings(now):
    site = make_site()
    helene, ines = make_user(site), make_user(site, first_name="Inès")
    first = make_block(site, helene, now, hours=1.4)
    make_block(site, ines, now + timedelta(minutes=30), hours=1, slot_minutes=60)
    make_appointment(first, make_person(site), now)
    gone = make_block(site, make_user(site, first_name="Kadi"), now)
    gone.withdrawn_at = now
    gone.save()
    slots = free_slots(site, start=now, end=now + timedelta(days=1), now=now)
    assert [(slot.adviser.first_name, slot.starts_at - now) for slot in slots] == [
        ("Hélène", timedelta(minutes=30)),
        ("Inès", timedelta(minutes=30)),
    ]
    assert [
        (line.day, [adviser.first_name for adviser, _slots in line.advisers]) for line in slots_by_day(slots)
    ] == [(date(2026, 11, 26), ["Hélène", "Inès"])]


def test_slots_come_in_order_of_time_whatever_the_blocks(now):
    site = make_site()
    make_block(site, make_user(site), now, hours=3, slot_minutes=60)
    make_block(
        site, make_user(site, first_name="Inès"), now + timedelta(minutes=30), hours=3, slot_minutes=60
    )
    slots = free_slots(site, start=now, end=now + timedelta(days=1), now=now)
    assert [slot.starts_at for slot in slots] == sorted(slot.starts_at for slot in slots)
    assert len(slots) == 6


@pytest.mark.parametrize("count", [1, 3])
def test_next_free_slots_cost_the_same_whatever_the_sites(now, count, django_assert_num_queries):
    sites = [make_site(f"Site {number}") for number in range(count)]
    for site in sites:
        block = make_block(site, make_user(site), now)
        make_appointment(block, make_person(site), now)
    with django_assert_num_queries(4):
        found = next_free_slots(sites, now)
    assert {slot.starts_at for slot in found.values()} == {now + timedelta(minutes=30)}


def test_next_free_slot_leaps_over_a_closure_and_may_be_none(now):
    site, empty = make_site(), make_site("Vide")
    adviser = make_user(site)
    make_block(site, adviser, now)
    later = make_block(site, adviser, now + timedelta(days=7))
    Closure.objects.create(site=site, first_day=now.date(), last_day=now.date())
    found = next_free_slots([site, empty], now)
    assert (found[site.pk].starts_at, found[empty.pk]) == (later.starts_at, None)


def test_nearest_sites_put_those_that_help_first_and_leave_none_out(now):
    near_but_cannot = make_site("Proche", latitude=48.88, longitude=2.37, offers_device=False)
    far_and_can = make_site("Loin", latitude=45.76, longitude=4.83, device_wait_days=12, access="yes")
    nowhere = make_site("Sans adresse")
    found = nearest_sites(latitude=48.87, longitude=2.37, needs={"device", "skills"}, now=now)
    assert [near.site for near in found] == [far_and_can, nowhere, near_but_cannot]
    assert (found[0].can_help, found[0].waits, found[0].unknowns) == (
        ["device", "skills"],
        {"device": 12},
        ["slot"],
    )
    assert (found[1].km, found[1].unknowns) == (None, ["distance", "slot", "device_wait", "access"])
    assert found[2].can_help == ["skills"]
    assert 380 < found[0].km < 400


@pytest.mark.parametrize("count", [1, 3])
def test_nearest_sites_cost_the_same_whatever_their_number(now, count, django_assert_num_queries):
    for number in range(count):
        site = make_site(f"Site {number}", latitude=48.8, longitude=2.3)
        make_block(site, make_user(site), now)
    with django_assert_num_queries(5):
        assert len(nearest_sites(latitude=48.8, longitude=2.3, needs=["skills"], now=now)) == count


def test_advisers_are_those_with_a_role_here_or_above():
    site, other = make_site(), make_site("Autre")
    helene = make_user(site)
    make_user(other, first_name="Inès")
    gone = make_user(site, first_name="Partie")
    gone.is_active = False
    gone.save()
    assert advisers_at(site) == [helene]
