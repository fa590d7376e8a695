"""The demonstration network keeps the rules, is the same for the same seed, and never meets real data."""

from contextlib import suppress
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from bagage.accounts.models import User
from bagage.common.errors import BusinessError
from bagage.connection.models import LineEvent
from bagage.demo.bulk import add_many_persons
from bagage.demo.services import load_demonstration
from bagage.equipment.models import DeviceEvent, Handover
from bagage.journeys.models import JourneyStep
from bagage.people.models import Person
from bagage.permanences.models import Appointment, SessionBooking
from bagage.referrals.models import Onward, OnwardStep
from bagage.shop.models import Sale, SaleLine, StockPlace, quantity_of

pytestmark = pytest.mark.django_db
TUESDAY = datetime(2026, 11, 24, 9, 12, tzinfo=UTC)


class TakenBack(Exception):
    """Rolls the network back, so that it can be loaded again."""


def told_story() -> list[list[tuple[object, ...]]]:
    """What happened, without the codes and ids that are drawn anew each time."""
    return [
        list(rows)
        for rows in (
            Appointment.objects.order_by("starts_at", "adviser__username", "pk").values_list(
                "person__chosen_name", "adviser__username", "state", "starts_at"
            ),
            LineEvent.objects.order_by("pk").values_list("kind", "on", "price"),
            Sale.objects.order_by("pk").values_list("person__chosen_name", "total", "sold_at", "number"),
            DeviceEvent.objects.order_by("pk").values_list("device__number", "kind", "at"),
            SessionBooking.objects.order_by("pk").values_list("session__topic", "state", "booked_at"),
            JourneyStep.objects.order_by("pk").values_list("kind", "reason", "at"),
            OnwardStep.objects.order_by("pk").values_list("kind", "at", "onward__structure__name"),
        )
    ]


def test_load_demo_with_one_seed_tells_one_story() -> None:
    stories = []
    for _ in range(2):
        with suppress(TakenBack), transaction.atomic():
            load_demonstration(now=TUESDAY, persons=12)
            stories.append(told_story())
            raise TakenBack
    assert min(len(rows) for rows in stories[0][:5]) > 4
    assert stories[0] == stories[1]


def test_load_demo_refuses_a_home_with_accounts() -> None:
    User.objects.create_user("real", first_name="Réelle")
    with pytest.raises(BusinessError, match="empty one"):
        load_demonstration(now=TUESDAY, persons=1)
    assert Person.objects.count() == 0


def test_load_demo_command_twice_loads_once(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("load_demo", "--persons", "3")
    call_command("load_demo", "--persons", "3")
    assert "already loaded" in capsys.readouterr().out
    assert User.objects.filter(username="samira").count() == 1


@pytest.mark.parametrize("persons", ["0", "5001"])
def test_load_demo_command_refuses_numbers_out_of_range(persons: str) -> None:
    with pytest.raises(CommandError, match="--persons takes a whole number from 1 to 5000"):
        call_command("load_demo", "--persons", persons)


def test_load_bulk_adds_what_is_missing_and_only_in_a_demonstration() -> None:
    with pytest.raises(BusinessError, match="only a demonstration"):
        add_many_persons(10)
    load_demonstration(now=TUESDAY, persons=3)
    before = Person.objects.count()
    assert add_many_persons(before + 60, now=TUESDAY) == 60
    assert add_many_persons(before + 60, now=TUESDAY) == 0
    assert Person.objects.count() == before + 60
    assert Person.objects.filter(followings=None, merged_into=None).count() == 0
    assert Handover.objects.open().values("device").distinct().count() == Handover.objects.open().count()
    assert [place for place in StockPlace.objects.annotate(here=quantity_of()) if place.here < 0] == []
    assert SaleLine.objects.filter(sale__sold_by="Banc d’essai").count() > 0
    assert Onward.objects.filter(written_by="Banc d’essai").count() > 0
