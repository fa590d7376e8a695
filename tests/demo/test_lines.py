"""The demonstration's lines stand at every stage, by the rules of the screens."""

from collections import Counter
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from bagage.connection.domain.lifecycle import life_of
from bagage.connection.models import Advice, HeldLine, LineEvent
from bagage.demo.services import load_demonstration
from bagage.messaging.models import Message
from bagage.trail.queries import verification

pytestmark = pytest.mark.django_db
TUESDAY = datetime(2026, 11, 24, 9, 12, tzinfo=UTC)
TODAY = date(2026, 11, 24)


class TakenBack(Exception):
    """Rolls the network back, so that it can be loaded again."""


def test_load_demo_gives_lines_at_every_stage_by_the_rules() -> None:
    load_demonstration(now=TUESDAY, persons=110)

    held_lines = list(HeldLine.objects.prefetch_related("events"))
    states = Counter(held.state for held in held_lines)
    assert 25 <= len(held_lines) <= 60
    assert states["active"] > len(held_lines) / 2
    assert states["left_for_plan"] > 0
    for held in held_lines:
        life = life_of(held.events.all())
        assert (held.state, held.live_until, held.has_no_end) == (
            life.state,
            life.live_until,
            life.has_no_end,
        )
    assert HeldLine.objects.past(TODAY).count() == 0
    assert LineEvent.objects.filter(on__gt=TODAY).count() == 0
    assert LineEvent.objects.filter(written_at__gt=TUESDAY).count() == 0
    assert LineEvent.objects.filter(kind="corrected").count() == 1
    nearing = HeldLine.objects.filter(state="active", live_until__lte=TODAY + timedelta(days=5))
    assert nearing.count() > 0
    assert nearing.filter(reminder="").count() == 0
    told = {":".join(about.split(":")[:3]) for about in Message.objects.values_list("about", flat=True)}
    assert {f"held_line:{held.uuid}:{held.live_until}" for held in nearing} - told == set()
    assert verification().breaks == []
    advices = list(Advice.objects.select_related("kept_by"))
    assert len(advices) > 0
    assert all(date(2026, 11, 6) < one.advised_on <= TODAY and one.answer["best"] for one in advices)


def test_load_demo_with_one_seed_gives_the_same_lines() -> None:
    stories = []
    for _ in range(2):
        with suppress(TakenBack), transaction.atomic():
            load_demonstration(now=TUESDAY, persons=15)
            stories.append(list(LineEvent.objects.order_by("pk").values_list("kind", "on", "price")))
            raise TakenBack
    assert len(stories[0]) > 1
    assert stories[0] == stories[1]
