"""The search of one line: stopped and gone on with, asked for less, and what lets it drop a state."""

from collections.abc import Callable

import pytest

from bagage.connection.domain import stock
from bagage.connection.domain.bound import NEVER, Cover
from bagage.connection.domain.calendar import Remembered, least_calendar
from bagage.connection.domain.programme import read_person, read_programme
from bagage.connection.domain.task import Task, read_task
from bagage.connection.domain.weighing import Weighing, by_count, by_price, by_price_and_ties
from tests.connection.reference import generator

# Lines over 30 days that take the search some hundred looks.
SEEDS = (11, 13, 20, 38, 98, 101, 119, 137, 191, 209, 245, 275, 380, 398)


def task_of(seed: int) -> Task:
    instance = generator.month(seed, 30)
    line = read_programme(
        {
            "lines": [
                {
                    **instance["line"],
                    "offers": [{**offer, "requires": []} for offer in instance["line"]["offers"]],
                }
            ]
        }
    ).lines[0]
    person = read_person(instance["person"])
    return read_task(
        line,
        line.offers,
        person.usage,
        horizon=person.horizon_days,
        day_limit=person.max_payment,
        bought=person.already_bought,
    )


@pytest.mark.parametrize("weigh", [by_price, by_price_and_ties, by_count])
def test_search_that_is_stopped_again_and_again_finds_the_same(weigh: Callable[[Task], Weighing]) -> None:
    stops = 0
    for seed in SEEDS:
        task = task_of(seed)
        whole = least_calendar(task, weigh)
        memory = Remembered()
        looks = 20
        found = least_calendar(task, weigh, most_looks=looks, remembered=memory)
        while not found.proven:
            assert found.at_least <= whole.cents
            stops += 1
            looks += 20
            found = least_calendar(task, weigh, most_looks=looks, remembered=memory)
        assert (seed, found.cents, found.weight) == (seed, whole.cents, whole.weight)
    assert stops > 20


def test_what_was_asked_for_less_is_not_taken_for_an_answer() -> None:
    """Stopped, asked for less than it costs, then asked without a bound: the least, not what was left over."""
    told = 0
    for seed in SEEDS:
        task = task_of(seed)
        whole = least_calendar(task, by_price)
        if whole.purchases is None:
            continue
        memory = Remembered()
        least_calendar(task, by_price, most_looks=20, remembered=memory)
        least_calendar(task, by_price, most_looks=20, below=whole.weight, remembered=memory)
        less = least_calendar(task, by_price, below=whole.weight, remembered=Remembered())
        assert (seed, less.purchases, less.proven) == (seed, None, True)
        again = least_calendar(task, by_price, remembered=memory)
        assert (seed, again.cents, again.proven) == (seed, whole.cents, True)
        told += 1
    assert told > 8


def test_ties_wait_when_cents_suffice() -> None:
    """First no fewer cents, then, gone on with, the ties."""
    undecided = 0
    for seed in SEEDS:
        task = task_of(seed)
        whole = least_calendar(task, by_price_and_ties)
        if whole.purchases is None:
            continue
        memory = Remembered()
        first = least_calendar(task, by_price_and_ties, cents_suffice=True, remembered=memory)
        assert (seed, first.cents, first.at_least) == (seed, whole.cents, whole.cents)
        undecided += not first.proven
        found = least_calendar(task, by_price_and_ties, remembered=memory)
        assert (seed, found.weight, found.proven) == (seed, whole.weight, True)
    assert undecided > 3


def test_bound_of_one_state_is_not_that_of_another_with_the_same_needs() -> None:
    """A floor holds for who asks; whoever asks after is told what the needs say."""
    for seed in SEEDS:
        task = task_of(seed)
        weighing = by_price(task)
        alone, asked = Cover(task, weighing.of_items), Cover(task, weighing.of_items)
        needs = alone.needs([use * task.horizon for use in task.use], 0)
        least, _ = alone.least(needs)
        if least >= NEVER:
            continue
        assert asked.least(needs, least + 1000)[0] == least + 1000
        assert asked.least(needs)[0] == least


def test_stock_that_serves_until_its_end_forgets_what_ends_before() -> None:
    held = stock.add(((5, 20),), 100, 10, 0, 10)
    assert held == ((10, 100),)
    assert stock.lasts(held, 7, 0, 10)
    assert not stock.lasts(held, 11, 0, 10)
    assert not stock.lasts(((10, 99),), 7, 0, 10)
    # What lives beyond stays apart.
    assert stock.add(((5, 50), (20, 30)), 100, 10, 0, 10) == ((10, 130), (20, 30))


def test_credit_stands_for_what_allowances_lack() -> None:
    assert stock.lacking(((5, 30),), ((5, 30), (9, 10))) == 10
    assert stock.lacking(((9, 30),), ((5, 30), (9, 10))) == 0
    assert stock.covers_with(((9, 20),), ((9, 10),), 10, 9)
    assert not stock.covers_with(((9, 19),), ((9, 10),), 10, 9)
    assert not stock.covers_with(((8, 20),), ((8, 10),), 10, 9)
    assert stock.covers_with(((8, 20), (12, 10)), ((12, 10),), 10, 8)
    assert not stock.covers_with((), (), 1, 5)
