"""What devices give to the screens above: her pocket, her timeline, what asks attention."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from bagage.accounts.domain.roles import Role
from bagage.equipment import services
from bagage.equipment.queries import attention, happened, person_panel, reserved_for
from bagage.people.queries import identity_ids
from tests.equipment.factories import give, key, make_device, reserve
from tests.permanences.factories import make_installation, make_person, make_site, make_user

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 26)


@pytest.fixture(autouse=True)
def _set_up(now):
    make_installation(now)


@pytest.fixture
def site():
    return make_site()


@pytest.fixture
def helene(site):
    return make_user(site)


@pytest.fixture
def awa(site):
    return make_person(site, "Awa", "Sylla")


def test_reserved_for_gives_what_the_counter_takes(site, helene, awa):
    kept = reserve(make_device(site, price=3000), awa, helene)
    give(make_device(site), make_person(site), helene)
    with CaptureQueriesContext(connection) as queries:
        found = reserved_for(identity_ids(awa))
        told = [(one.device.number, one.price, one.is_to_pay, str(one.site)) for one in found]
    assert told == [("S-0001", 3000, True, "Permanence Canal")]
    assert len(queries) == 2  # one for her files, one for all that is told
    services.release_reservation(kept, by=helene)
    assert reserved_for(identity_ids(awa)) == []


def test_person_panel_is_nothing_for_who_never_had_a_device(awa):
    assert person_panel([awa.pk], today=TODAY) is None


@pytest.mark.parametrize("count", [1, 3])
def test_person_panel_costs_two_queries(site, helene, awa, count):
    services.change_rules({"devices_per_person": 9}, by=helene)
    for _ in range(count):
        give(make_device(site), awa, helene)
        reserve(make_device(site), awa, helene)
    back = give(make_device(site), awa, helene)
    services.take_back_device(back, reason="returned", key=key(), by=helene)
    with CaptureQueriesContext(connection) as queries:
        panel = person_panel([awa.pk], today=TODAY)
    assert (len(panel.reservations), len(panel.handovers), panel.before, len(queries)) == (count, count, 1, 2)


def test_person_panel_does_not_tell_of_what_was_undone(site, helene, awa):
    given = give(make_device(site), awa, helene)
    services.undo_handover(given, key=key(), by=helene)
    panel = person_panel([awa.pk], today=TODAY)
    assert (len(panel.reservations), panel.handovers, panel.before) == (1, [], 0)


def test_happened_tells_her_timeline_newest_first(site, helene, awa, clock):
    given = give(make_device(site, price=3000), awa, helene)
    clock.move(days=2)
    services.take_back_device(given, reason="repair", note="écran cassé", key=key(), by=helene)
    lines = happened([awa.pk], details=True)
    assert [(one.strong, one.text, one.who) for one in lines] == [
        ("Galaxy A14", "revenu pour réparation, écran cassé", helene.full_name),
        ("Galaxy A14", "remis", helene.full_name),
        ("Galaxy A14", "réservé pour elle", helene.full_name),
    ]
    assert {one.url for one in lines} == {reverse("equipment:person_devices", args=[awa.uuid])}
    assert happened([awa.pk], details=False)[0].text == "revenu pour réparation"


@pytest.mark.parametrize("count", [1, 3])
def test_happened_costs_one_query(site, helene, awa, count):
    for _ in range(count):
        given = give(make_device(site), awa, helene)
        services.take_back_device(given, reason="returned", key=key(), by=helene)
    with CaptureQueriesContext(connection) as queries:
        lines = happened([awa.pk], details=True)
    assert (len(lines), len(queries)) == (3 * count, 1)


def asked(user, site, now):
    return [(one.text, one.count) for one in attention(user, site, now)]


def test_attention_of_who_hands_over_is_what_lapses(site, helene, awa, now):
    reserve(make_device(site), awa, helene, until=TODAY + timedelta(days=1))
    reserve(make_device(site), make_person(site), helene, until=TODAY + timedelta(days=2))
    paid = reserve(make_device(site, price=100), make_person(site), helene, until=TODAY)
    services.note_paid(paid, receipt="2026-0001", by=helene)
    assert asked(helene, site, now) == [("1 réservation d’appareil tombe ce soir ou demain.", 1)]


def test_attention_of_who_keeps_the_stock(site, now, clock):
    omar = make_user(site, Role.LOGISTICS)
    assert asked(omar, site, now) == []
    make_device(site, state="to_process", at=now - timedelta(days=31))
    make_device(site, state="to_process", at=now - timedelta(days=29))
    make_device(site)
    found = attention(omar, site, now)
    assert [(one.text, one.count) for one in found] == [
        ("1 appareil attend d’être traité depuis plus de 30 jours.", 1),
        ("Il reste 1 appareil prêt et libre.", 1),
    ]
    address = reverse("equipment:device_list")
    assert found[0].url == f"{address}?site={site.uuid}&state=to_process&sort=since"


def test_attention_is_for_who_may_act_there(site, now):
    make_device(site, state="to_process", at=now - timedelta(days=31))
    assert asked(make_user(site, Role.VOLUNTEER), site, now) == []
    assert asked(make_user(make_site("Permanence Gare"), Role.LOGISTICS), site, now) == []


@pytest.mark.parametrize("count", [1, 3])
def test_attention_costs_three_queries(site, now, count):
    lucie = make_user(site, Role.PROGRAMME_LEAD)
    for _ in range(count):
        make_device(site, state="to_process", at=now - timedelta(days=31))
    lucie.can(next(iter(lucie.abilities)), site.organisation)
    with CaptureQueriesContext(connection) as queries:
        attention(lucie, site, now)
    assert len(queries) == 3
