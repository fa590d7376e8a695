"""The bag of an exit, and what a follow-up tells."""

import json
from datetime import date, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bagage.journeys.domain import lifecycle
from bagage.journeys.domain.baggage import Fact, Seen, compute
from bagage.journeys.domain.devices import answers_of
from bagage.journeys.domain.exits import Still, bag_of_photograph, evidence_told, not_full, photograph
from bagage.journeys.domain.follow_ups import due_days, months_later
from bagage.skills.domain.positioning import BASE

TODAY = date(2026, 11, 26)
NOON = datetime(2026, 11, 26, 12)


def full() -> list[Fact]:
    return [Fact(item, "yes", TODAY, NOON, "Un essai.") for item in ("E1", "E2", "E3", "C1", "C2", "C3")]


def test_bag_that_is_full_misses_nothing() -> None:
    seen = [Seen(code, 3, TODAY, NOON) for code in BASE]
    assert not_full(compute(full(), seen, TODAY)) == []
    assert not_full(compute(full()[1:], seen, TODAY)) == ["device"]
    assert not_full(compute([], [], TODAY)) == ["device", "connection", "skills"]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.sampled_from([*full(), Fact("E1", "lost", TODAY, NOON), Fact("C1", "no", TODAY, NOON)])),
    st.lists(
        st.builds(Seen, st.sampled_from(BASE), st.sampled_from([None, 0, 3]), st.just(TODAY), st.just(NOON))
    ),
)
def test_photograph_gives_back_the_same_bag(facts, seen) -> None:
    bag = compute(facts, seen, TODAY)
    kept = json.loads(json.dumps(photograph(bag)))
    again = bag_of_photograph(kept)
    assert again == bag


def test_photograph_that_lacks_a_pocket_says_unknown() -> None:
    assert bag_of_photograph({}).is_unknown


@pytest.mark.parametrize(
    ("still", "had", "told"),
    [
        (("yes", "yes", "yes"), "full", {"E1": "yes", "C1": "yes"}),
        (("no", "no", "yes"), "full", {"E1": "lost", "C1": "lost"}),
        (("no", "no", "yes"), "half", {"E1": "lost", "C1": "lost"}),
        (("no", "no", "no"), "empty", {"E1": "no", "C1": "no"}),
        (("unknown", "unknown", "no"), "full", {}),
    ],
)
def test_evidence_told_by_a_follow_up(still, had, told) -> None:
    assert evidence_told(Still(*still), {"device": had, "connection": had}) == told


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2026, 11, 26), 3, date(2027, 2, 26)),
        (date(2026, 11, 30), 3, date(2027, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 1), 12, date(2027, 12, 1)),
    ],
)
def test_months_later_stays_in_the_month(day, months, later) -> None:
    assert months_later(day, months) == later


def test_due_days_once_each_the_nearest_first() -> None:
    assert due_days(TODAY, [6, 3, 3, 0]) == [(3, date(2027, 2, 26)), (6, date(2027, 5, 26))]


@pytest.mark.parametrize(
    ("what", "looked_at", "answers"),
    [
        ("handed_over", ["powers_on", "charger", "works"], {"E1": "yes", "E2": "yes", "E3": "yes"}),
        ("handed_over", ["powers_on", "charger"], {"E1": "yes", "E3": "yes"}),
        ("repaired", [], {"E1": "yes", "E3": "yes"}),
        ("returned", ["powers_on", "charger", "works"], {"E1": "no"}),
        ("lost", [], {"E1": "lost"}),
        ("broken", [], {"E1": "lost"}),
        ("undone", ["charger"], {}),
        ("reserved", [], {}),
    ],
)
def test_answers_of_a_device(what, looked_at, answers) -> None:
    assert answers_of(what, looked_at) == answers


def test_lifecycle_of_follow_ups_and_journeys() -> None:
    assert lifecycle.can_journey_go("open", "closed")
    assert not lifecycle.can_journey_go("open", "open")
    assert lifecycle.can_follow_up_go("not_reached", "answered")
    assert not lifecycle.can_follow_up_go("answered", "called_off")
    assert not lifecycle.can_follow_up_go("called_off", "answered")
