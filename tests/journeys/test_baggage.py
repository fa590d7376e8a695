"""The rule of the bag, without a database."""

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bagage.journeys.domain.baggage import Asked, Fact, Seen, compute
from bagage.skills.domain.positioning import BASE

TODAY = date(2026, 11, 26)
NOON = datetime(2026, 11, 26, 12)


def fact(item: str, answer: str, days_ago: int = 0, minute: int = 0, note: str = "") -> Fact:
    return Fact(item, answer, TODAY - timedelta(days=days_ago), NOON + timedelta(minutes=minute), note)


def seen(item: str, step: int | None, days_ago: int = 0, minute: int = 0) -> Seen:
    return Seen(item, step, TODAY - timedelta(days=days_ago), NOON + timedelta(minutes=minute))


def states(evidence: list[Fact], observations: list[Seen] = (), **rest: object) -> tuple[str, str, str]:
    bag = compute(evidence, observations, TODAY, **rest)
    return bag.device.state, bag.connection.state, bag.skills.state


def test_bag_without_facts_is_unknown() -> None:
    assert states([]) == ("unknown", "unknown", "unknown")


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ({"E1": "unknown"}, "unknown"),
        ({"E2": "no", "E3": "no"}, "unknown"),  # nobody said whether she has a device
        ({"E1": "no"}, "empty"),
        ({"E1": "lent", "E2": "yes"}, "empty"),
        ({"E1": "lost"}, "lost"),
        ({"E1": "yes"}, "half"),
        ({"E1": "yes", "E2": "yes", "E3": "no"}, "half"),
        ({"E1": "yes", "E2": "yes", "E3": "unknown"}, "half"),
        ({"E1": "yes", "E2": "yes", "E3": "yes"}, "full"),
    ],
)
def test_device_pocket_by_its_three_items(answers: dict[str, str], state: str) -> None:
    assert states([fact(item, answer) for item, answer in answers.items()]) == (state, "unknown", "unknown")


def test_connection_pocket_says_what_is_missing_and_what_to_ask() -> None:
    bag = compute([fact("C1", "yes"), fact("C2", "no", days_ago=3)], [], TODAY)
    assert bag.connection.state == "half"
    assert [line.text for line in bag.connection.missing] == ["savoir quand la ligne s’arrête"]
    assert [line.text for line in bag.connection.to_ask] == ["un numéro qui reste le même"]
    assert bag.connection.as_of == TODAY


def test_device_pocket_newest_fact_wins_by_day_then_by_writing() -> None:
    assert states([fact("E1", "yes", days_ago=9), fact("E1", "lost", days_ago=2)])[0] == "lost"
    assert states([fact("E1", "no", minute=1), fact("E1", "yes", minute=2)])[0] == "half"
    # Entered later, but about an earlier day: what was observed since then holds.
    assert states([fact("E1", "yes", days_ago=9, minute=5), fact("E1", "lost", days_ago=2)])[0] == "lost"


def test_bag_of_an_earlier_day_leaves_out_what_came_later() -> None:
    facts = [fact("E1", "yes", days_ago=9), fact("E1", "lost", days_ago=2)]
    assert compute(facts, [], TODAY - timedelta(days=5)).device.state == "half"
    assert compute(facts, [], TODAY - timedelta(days=30)).device.state == "unknown"


@pytest.mark.parametrize(
    ("steps", "state"),
    [
        ({}, "unknown"),
        ({"K1": None}, "unknown"),
        ({"K1": 0, "K11": 0}, "unknown"),  # the rest of the base was not asked: not empty
        (dict.fromkeys(BASE, 0), "empty"),
        ({**dict.fromkeys(BASE, 0), "K13": 1}, "half"),
        ({"K1": 3}, "half"),
        (dict.fromkeys(BASE, 2), "full"),
        ({**dict.fromkeys(BASE, 3), "K10": None}, "half"),
        ({**dict.fromkeys(BASE, 3), "K10": 1}, "half"),
    ],
)
def test_skills_pocket_by_steps(steps: dict[str, int | None], state: str) -> None:
    assert states([], [seen(item, step) for item, step in steps.items()])[2] == state


def test_skills_pocket_is_full_only_when_what_she_asked_to_learn_is_met() -> None:
    base = [seen(item, 3) for item in BASE]
    day = TODAY - timedelta(days=4)
    met = Asked("skills", day, ((TODAY, NOON, "met"),))
    still = Asked("skills", day, ((day, NOON, "under_way"),))
    dropped = Asked("skills", day, ((TODAY, NOON, "dropped"),))
    other_pocket, no_pocket = Asked("device", day), Asked("", day)
    assert states([], base, requests=[met, dropped, other_pocket, no_pocket])[2] == "full"
    assert states([], base, requests=[met, still])[2] == "half"
    assert states([], [], requests=[met])[2] == "half"
    bag = compute([], base, TODAY, requests=[met, still, dropped])
    assert bag.skills.lines[0].values == {"met": 1, "asked": 2}
    assert compute([], base, day, requests=[met]).skills.state == "unknown"


ITEMS = ["E1", "E2", "E3", "C1", "C2", "C3"]
facts = st.builds(
    fact,
    st.sampled_from(ITEMS),
    st.sampled_from(["yes", "lent", "no", "lost", "unknown"]),
    st.integers(0, 5),
    st.integers(0, 3),
)
observations = st.builds(
    seen,
    st.sampled_from([*BASE, "K5", "K13"]),
    st.sampled_from([None, 0, 1, 2, 3]),
    st.integers(0, 5),
    st.integers(0, 3),
)


@given(st.lists(facts), st.lists(observations), st.randoms())
def test_bag_does_not_depend_on_the_order_of_facts(
    evidence: list[Fact], skills: list[Seen], random: object
) -> None:
    before = compute(evidence, skills, TODAY)
    random.shuffle(evidence)  # type: ignore[attr-defined]
    random.shuffle(skills)  # type: ignore[attr-defined]
    assert compute(evidence, skills, TODAY) == before


@given(st.lists(facts), st.lists(observations), st.sampled_from([*ITEMS, *BASE, "K5"]))
def test_bag_an_unknown_never_makes_a_pocket_empty_or_lost(
    evidence: list[Fact], skills: list[Seen], item: str
) -> None:
    before = compute(evidence, skills, TODAY)
    if item.startswith("K"):
        after = compute(evidence, [*skills, seen(item, None, minute=9)], TODAY)
        # Only a stated "never" on each base item makes it empty, and an unknown takes one of them away.
        if item in BASE:
            assert after.skills.state != "empty"
    else:
        after = compute([*evidence, fact(item, "unknown", minute=9)], skills, TODAY)
        for pocket in ("device", "connection"):
            now = getattr(after, pocket).state
            assert now == getattr(before, pocket).state or now in {"unknown", "half"}


@given(st.lists(facts), st.lists(observations), facts)
def test_bag_a_fact_for_one_pocket_leaves_the_others(
    evidence: list[Fact], skills: list[Seen], new: Fact
) -> None:
    before, after = compute(evidence, skills, TODAY), compute([*evidence, new], skills, TODAY)
    assert after.skills == before.skills
    if new.item.startswith("E"):
        assert after.connection == before.connection
    else:
        assert after.device == before.device


@given(st.lists(facts), st.lists(observations))
def test_bag_of_unknowns_alone_is_unknown(evidence: list[Fact], skills: list[Seen]) -> None:
    evidence = [replace(one, answer="unknown") for one in evidence]
    skills = [replace(one, step=None) for one in skills]
    assert compute(evidence, skills, TODAY).is_unknown
