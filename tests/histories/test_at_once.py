"""16 processes, 200 attempts each at the last seat, device, SIM and euros of a cap: exactly one wins each."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest
from django.db.models import F, Sum
from django.utils import timezone

from bagage.equipment import services as equipment
from bagage.equipment.models import Reservation
from bagage.permanences import services as permanences
from bagage.permanences.models import SessionBooking
from bagage.shop import services as shop
from bagage.shop.models import AccessRight, SaleLine, ShopRules, StockMovement
from bagage.trail.models import Entry
from tests.histories.ground import KEEPER, key
from tests.permanences.factories import make_person, make_room, make_site
from tests.processes import ROOT, environment

PROCESSES, ATTEMPTS = 16, 200
ALWAYS = "Mo-Su 00:00-24:00"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_last_of_each_thing_goes_to_exactly_one():
    now = timezone.now()
    today = timezone.localdate(now)
    site = make_site(hours=ALWAYS)
    room = make_room(site, computers=1, seats=1)
    persons = [make_person(site, f"Nom{number}") for number in range(ATTEMPTS)]
    spender = make_person(site, "Awa")
    AccessRight.objects.bulk_create(
        AccessRight(
            person=person,
            node=site.organisation,
            source="decision",
            begins_on=today - timedelta(days=1),
            ends_on=today + timedelta(days=90),
            key=key(),
            opened_at=now,
        )
        for person in [*persons, spender]
    )
    ShopRules.objects.update_or_create(pk=1, defaults={"cap": 3000})
    shop.open_till(site, float_amount=0, key=key(), by=KEEPER)
    sim = shop.add_product(kind="sim", name="Carte SIM", price=250, days=30, key=key(), by=KEEPER)
    large = shop.add_product(kind="top_up", name="10 Go", price=2000, days=30, key=key(), by=KEEPER)
    # What remains of her cap pays this one exactly once.
    small = shop.add_product(kind="top_up", name="2 Go", price=750, days=30, key=key(), by=KEEPER)
    for product, pieces in ((sim, 1), (large, 1), (small, ATTEMPTS)):
        shop.receive_stock(product, site=site, quantity=pieces, key=key(), by=KEEPER)
    shop.sell(spender, site=site, basket=[(sim, 1)], payment="card", key=key(), by=KEEPER)
    shop.sell(spender, site=site, basket=[(large, 1)], payment="card", key=key(), by=KEEPER)
    shop.receive_stock(sim, site=site, quantity=1, key=key(), by=KEEPER)
    device = equipment.receive_device(
        site=site, kind="smartphone", model="Galaxy A14", state="ready", price=0, key=key(), by=KEEPER
    )
    starts_at = (now + timedelta(days=1)).replace(hour=12, minute=0, second=0, microsecond=0)
    session = permanences.plan_session(
        site=site, room=room, topic="Le clavier", starts_at=starts_at, ends_at=starts_at + timedelta(hours=1),
        key=key(), by=KEEPER,
    )  # fmt: skip

    tries = [
        (kind, thing.pk, (spender if kind == "cap" else person).pk, f"race-{kind}-{person.pk}")
        for person in persons
        for kind, thing in (("seat", session), ("device", device), ("sim", sim), ("cap", small))
    ]
    done = subprocess.run(
        [sys.executable, "-m", "tests.histories.racer", str(PROCESSES)],
        input=json.dumps(tries), capture_output=True, text=True, env=environment(), cwd=ROOT, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr

    words = Counter(done.stdout.split())
    expected = {f"{kind}:won": 1 for kind in ("seat", "device", "sim", "cap")}
    expected |= {f"{kind}:refused": ATTEMPTS - 1 for kind in ("seat", "device", "sim", "cap")}
    assert words == expected
    # What the rows say, whatever was answered.
    assert SessionBooking.objects.filter(session=session, state="booked").count() == 1
    assert SessionBooking.objects.filter(session=session, state="waiting").count() == ATTEMPTS - 1
    assert Reservation.objects.filter(device=device, state="held").count() == 1
    in_stock = StockMovement.objects.filter(place__product=sim).aggregate(n=Sum("quantity"))["n"]
    assert in_stock == 0
    spent = SaleLine.objects.filter(sale__person=spender).aggregate(n=Sum(F("unit_price") * F("quantity")))[
        "n"
    ]
    assert spent == 3000
    assert Entry.objects.filter(verb="sale.sell").count() == 4
