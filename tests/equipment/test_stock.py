"""A device comes in, is measured, passes from one state to another."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from bagage.common.errors import BusinessError, Conflict
from bagage.equipment import services
from bagage.equipment.models import Device, DeviceEvent, EquipmentRules
from bagage.trail.models import Entry
from tests.equipment.factories import KEEPER, LAPTOP, give, key, make_device, reserve
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
def moussa(site):
    return make_user(site)


def kinds(device):
    return list(device.events.order_by("pk").values_list("kind", flat=True))


# ---------- received ----------
def test_receive_device_gives_the_next_number_of_its_kind(site):
    made = [make_device(site, kind) for kind in ("smartphone", "laptop", "smartphone", "tablet", "desktop")]
    assert [device.number for device in made] == ["S-0001", "P-0001", "S-0002", "T-0001", "F-0001"]


def test_receive_device_is_graded_and_trailed(site):
    device = make_device(site, "laptop", "Latitude 5490", brand="Dell")
    assert (device.grade, device.grade_points, device.graded_on) == ("A", 9, TODAY)
    assert (device.name, device.received_on, kinds(device)) == ("Dell Latitude 5490", TODAY, ["received"])
    entry = Entry.objects.get(verb="device.receive")
    assert (entry.thing, entry.person) == (f"device:{device.uuid}", "")


def test_receive_device_without_a_measure_has_no_grade(site):
    device = make_device(site, cpu_mark=None)
    assert (device.grade, device.grade_points, device.graded_on) == ("", None, None)


def test_receive_device_pressed_twice_counts_once(site):
    one = make_device(site, key="same")
    two = make_device(site, key="same")
    assert (one.pk, Device.objects.count()) == (two.pk, 1)


def test_receive_device_refuses_a_serial_number_that_is_known_and_says_where(site):
    other = make_site("Permanence Gare")
    make_device(other, serial="ab 12")
    with pytest.raises(BusinessError) as error:
        make_device(site, serial="AB  12")
    assert error.value.field == "serial"
    assert str(error.value) == "Ce numéro de série est déjà celui de S-0001, à Permanence Gare."


def test_receive_device_refuses_an_imei_that_is_known(site):
    make_device(site, imei="35 693803 564380 9")
    with pytest.raises(BusinessError) as error:
        make_device(site, imei="356938035643809")
    assert error.value.field == "imei"


def test_two_devices_without_serial_number_stand_beside_each_other(site):
    make_device(site)
    make_device(site)
    assert Device.objects.count() == 2


def test_receive_device_refuses_a_day_to_come(site):
    with pytest.raises(BusinessError) as error:
        make_device(site, received_on=TODAY + timedelta(days=1))
    assert error.value.field == "received_on"


def test_receive_device_refuses_a_closed_site(site):
    site.organisation.is_open = False
    site.organisation.save()
    with pytest.raises(BusinessError) as error:
        make_device(site)
    assert "est fermée" in str(error.value)


def test_receive_devices_all_or_none(site):
    with pytest.raises(BusinessError) as error, transaction.atomic():
        services.receive_devices(
            ["A1", "A2", "a1"], site=site, kind="laptop", model="T480", key=key(), by=KEEPER
        )
    assert str(error.value) == "Ligne 3 : le numéro A1 est déjà écrit plus haut."
    assert Device.objects.count() == 0


def test_receive_devices_one_for_each_line(site):
    made = services.receive_devices(
        ["A1", "A2"], site=site, kind="laptop", model="T480", key="same", by=KEEPER, lot="Lot du 23"
    )
    again = services.receive_devices(
        ["A1", "A2"], site=site, kind="laptop", model="T480", key="same", by=KEEPER, lot="Lot du 23"
    )
    assert [(one.number, one.serial, one.lot) for one in made] == [
        ("P-0001", "A1", "Lot du 23"),
        ("P-0002", "A2", "Lot du 23"),
    ]
    assert [one.pk for one in again] == [one.pk for one in made]


# ---------- changed ----------
def test_change_device_grades_it_again(site):
    device = make_device(site, "laptop", **{**LAPTOP, "cpu_mark": None})
    changed = services.change_device(device, {"cpu_mark": 4120}, by=KEEPER)
    assert (changed.grade, kinds(changed)) == ("A", ["received", "changed", "graded"])
    assert Entry.objects.get(verb="device.change").fields == "cpu_mark"


def test_change_device_that_changes_nothing_writes_nothing(site):
    device = make_device(site, look_note="coin rayé")
    services.change_device(device, {"look_note": " coin  rayé ", "memory": 4}, by=KEEPER)
    assert kinds(device) == ["received"]


def test_change_device_keeps_the_price_of_a_reservation(site, moussa):
    device = make_device(site, price=3000)
    kept = reserve(device, make_person(site), moussa)
    services.change_device(device, {"price": 9000}, by=KEEPER)
    kept.refresh_from_db()
    device.refresh_from_db()
    assert (kept.price, device.price) == (3000, 9000)


def test_change_device_does_not_move_what_is_kept_for_someone(site, moussa):
    device = make_device(site)
    reserve(device, make_person(site), moussa)
    with pytest.raises(Conflict):
        services.change_device(device, {"site": make_site("Permanence Gare")}, by=KEEPER)
    device.refresh_from_db()
    assert device.site == site


# ---------- states ----------
def test_change_device_state_is_told_with_its_reason(site):
    device = make_device(site, state="to_process")
    services.change_device_state(device, "in_workshop", reason="écran", key=key(), by=KEEPER)
    event = DeviceEvent.objects.get(kind="state")
    assert (event.old_state, event.new_state, event.note) == ("to_process", "in_workshop", "écran")


def test_change_device_state_never_leads_to_a_person(site):
    device = make_device(site)
    with pytest.raises(Conflict):
        services.change_device_state(device, "handed_over", key=key(), by=KEEPER)
    device.refresh_from_db()
    assert device.state == "ready"


def test_change_device_state_of_what_someone_has_is_refused(site, moussa):
    device = give(make_device(site), make_person(site), moussa).device
    with pytest.raises(Conflict) as error:
        services.change_device_state(device, "to_process", key=key(), by=KEEPER)
    assert str(error.value) == "Quelqu’un l’a : notez d’abord son retour."


def test_change_device_state_of_what_is_kept_is_refused(site, moussa):
    device = make_device(site)
    reserve(device, make_person(site), moussa)
    with pytest.raises(Conflict) as error:
        services.change_device_state(device, "in_workshop", key=key(), by=KEEPER)
    assert str(error.value) == "Il est réservé jusqu’au jeudi 3 décembre : libérez d’abord cette réservation."


def test_change_device_state_for_good_needs_a_reason(site):
    device = make_device(site)
    with pytest.raises(BusinessError) as error:
        services.change_device_state(device, "not_reusable", reason=" ", key=key(), by=KEEPER)
    assert error.value.field == "reason"


# ---------- rules ----------
def test_rules_are_examples_until_they_are_looked_at(site):
    assert (services.rules_now().devices_per_person, services.rules_now().is_example) == (1, True)
    services.change_rules({"devices_per_person": 2}, by=KEEPER)
    assert (services.rules_now().devices_per_person, services.rules_now().is_example) == (2, False)
    assert EquipmentRules.objects.count() == 1


# ---------- the database ----------
@pytest.mark.parametrize("field", ["serial", "imei"])
def test_the_database_keeps_one_device_for_one_number(site, field):
    make_device(site, **{field: "AAAA1111"})
    other = make_device(site)
    with pytest.raises(IntegrityError), transaction.atomic():
        Device.objects.filter(pk=other.pk).update(**{field: "AAAA1111"})
