"""``kill -9`` a hundred times during sales and handovers: nothing half-done, nothing acknowledged lost."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import timedelta

import pytest
from django.db.models import F, Sum
from django.utils import timezone

from bagage.connection.models import HeldLine, LineEvent
from bagage.equipment.models import Device, DeviceEvent, Handover, Reservation
from bagage.journeys.models import Evidence
from bagage.shop import services as shop
from bagage.shop.models import AccessRight, Sale, SaleLine, StockMovement, Till
from bagage.trail.models import Entry
from tests.histories.ground import KEEPER, key
from tests.permanences.factories import make_person, make_site
from tests.processes import ROOT, environment

KILLS, PERSONS = 100, 140
ALWAYS = "Mo-Su 00:00-24:00"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_killed_a_hundred_times_in_the_middle_of_sales_and_handovers():
    now = timezone.now()
    today = timezone.localdate(now)
    site = make_site(hours=ALWAYS)
    persons = [make_person(site, f"Nom{number}") for number in range(PERSONS)]
    AccessRight.objects.bulk_create(
        AccessRight(
            person=person, node=site.organisation, source="decision", begins_on=today - timedelta(days=1),
            ends_on=today + timedelta(days=90), key=key(), opened_at=now,
        )
        for person in persons
    )  # fmt: skip
    till = shop.open_till(site, float_amount=1000, key=key(), by=KEEPER)
    sim = shop.add_product(kind="sim", name="Carte SIM", price=250, days=30, key=key(), by=KEEPER)
    shop.receive_stock(sim, site=site, quantity=PERSONS, key=key(), by=KEEPER)
    devices = Device.objects.bulk_create(
        Device(
            number=f"S-{number:04d}", kind="smartphone", model="Galaxy A14", state="ready", state_since=now,
            site=site, price=0, received_on=today, changed_at=now,
        )
        for number in range(PERSONS)
    )  # fmt: skip
    reservations = Reservation.objects.bulk_create(
        Reservation(
            device=device,
            person=person,
            site=site,
            price=0,
            until=today + timedelta(days=7),
            reserved_at=now,
            key=key(),
        )
        for device, person in zip(devices, persons, strict=True)
    )
    wanted = [("sale", person.pk, f"sale-{person.pk}") for person in persons]
    wanted += [("handover", one.pk, f"handover-{one.pk}") for one in reservations]
    wanted = [one for pair in zip(wanted[:PERSONS], wanted[PERSONS:], strict=True) for one in pair]

    done = subprocess.run(
        [sys.executable, "-m", "tests.histories.cut_off", str(KILLS)],
        input=json.dumps(wanted), capture_output=True, text=True, env=environment(), cwd=ROOT, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    *acknowledged, lives = done.stdout.split("\n")[:-1]

    assert lives == f"lives {KILLS + 1}"
    # Each was acknowledged once in the end, whatever had been written before the life that did it was cut off.
    assert sorted(acknowledged) == sorted(form for _kind, _thing, form in wanted)
    # Sales: each whole, each once.
    assert set(Sale.objects.values_list("key", flat=True)) == {f"sale-{person.pk}" for person in persons}
    assert Sale.objects.count() == SaleLine.objects.count() == HeldLine.objects.count() == PERSONS
    assert LineEvent.objects.filter(kind="activated").count() == PERSONS
    assert StockMovement.objects.aggregate(n=Sum("quantity"))["n"] == 0
    assert StockMovement.objects.filter(quantity=-1).count() == PERSONS
    assert sorted(Sale.objects.values_list("number", flat=True)) == list(range(1, PERSONS + 1))
    assert Sale.objects.filter(till=till).aggregate(n=Sum("total"))["n"] == 250 * PERSONS
    assert Till.objects.filter(closed_at=None).count() == 1
    assert SaleLine.objects.aggregate(n=Sum(F("unit_price") * F("quantity")))["n"] == 250 * PERSONS
    assert Entry.objects.filter(verb="sale.sell").count() == PERSONS
    # Handovers: the device, its history, her pocket, the trail, all or nothing.
    assert Handover.objects.filter(state="open").count() == Handover.objects.count() == PERSONS
    assert Device.objects.filter(state="handed_over").count() == PERSONS
    assert Reservation.objects.filter(state="used").count() == PERSONS
    assert DeviceEvent.objects.filter(kind="handed_over").count() == PERSONS
    assert Evidence.objects.filter(item="E1", answer="yes").count() == PERSONS
    assert Entry.objects.filter(verb="device.hand_over").count() == PERSONS
