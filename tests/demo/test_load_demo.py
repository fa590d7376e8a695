"""The demonstration network keeps the rules, is the same for the same seed, and never meets real data."""

from collections import Counter
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction

from bagage.accounts.models import User
from bagage.accounts.queries import demonstration_accounts
from bagage.common.errors import BusinessError
from bagage.demo.bulk import add_many_persons
from bagage.demo.services import load_demonstration
from bagage.journeys.queries import baggages
from bagage.messaging.models import Message
from bagage.people.models import Person
from bagage.permanences.models import HOLDING, Appointment, QueueEntry, Site
from bagage.referrals.models import Referral
from bagage.trail.queries import verification

pytestmark = pytest.mark.django_db
TUESDAY = datetime(2026, 11, 24, 9, 12, tzinfo=UTC)


class TakenBack(Exception):
    """Rolls the network back, so that it can be loaded again."""


def told_story() -> list[tuple[str, str, str, datetime]]:
    """What happened, without the codes and ids that are drawn anew each time."""
    return list(
        Appointment.objects.order_by("starts_at", "adviser__username", "pk").values_list(
            "person__chosen_name", "adviser__username", "state", "starts_at"
        )
    )


def test_load_demo_makes_every_stage_by_the_rules() -> None:
    load_demonstration(now=TUESDAY, persons=60)

    assert Site.objects.count() == 8
    assert [account.username for account in demonstration_accounts()] == [
        "samira", "nadia", "karim", "helene", "omar", "elise", "lucie", "admin",
    ]  # fmt: skip
    taken = Counter(Appointment.objects.filter(state__in=HOLDING).values_list("adviser_id", "starts_at"))
    assert max(taken.values()) == 1
    late = [a for a in Appointment.objects.filter(state="booked") if a.ends_at < TUESDAY - timedelta(days=1)]
    assert late == []
    assert Appointment.objects.filter(state="done", ends_at__gt=TUESDAY).count() == 0
    states = set(Referral.objects.values_list("state", flat=True))
    assert {"sent", "appointment", "under_way", "left_with"} <= states
    assert (
        QueueEntry.objects.filter(site__organisation__name="Riquet, Paris 19e", state="waiting").count() == 4
    )
    assert Message.objects.filter(state="queued", channel="email").count() == 0
    pockets = {bag.device.state for bag in baggages(Person.objects.whole()).values()}
    assert {"full", "empty"} <= pockets
    assert verification().breaks == []
    assert Person.objects.exclude(merged_into=None).count() == 2


def test_load_demo_with_one_seed_tells_one_story() -> None:
    stories = []
    for _ in range(2):
        with suppress(TakenBack), transaction.atomic():
            load_demonstration(now=TUESDAY, persons=12)
            stories.append(told_story())
            raise TakenBack
    assert len(stories[0]) > 8
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
    assert add_many_persons(before + 40, now=TUESDAY) == 40
    assert add_many_persons(before + 40, now=TUESDAY) == 0
    assert Person.objects.count() == before + 40
    assert Person.objects.filter(followings=None, merged_into=None).count() == 0
