"""The calendar of least weight of one line, limits kept: the search, asked in the order that finds it soonest."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from bagage.connection.domain.bound import NEVER
from bagage.connection.domain.days import never_out_of_time
from bagage.connection.domain.search import Calendar, Search
from bagage.connection.domain.task import MONTH, Task
from bagage.connection.domain.weighing import Weighing, by_price


@dataclass
class Remembered:
    """Of one question: calendars proven without limits, and searches that time cut short."""

    without_limits: dict[object, Calendar] = field(default_factory=dict)
    unfinished: dict[object, Search] = field(default_factory=dict)


def least_calendar(
    task: Task,
    weigh: Callable[[Task], Weighing],
    *,
    most_cents: int | None = None,
    below: int = NEVER,
    cents_suffice: bool = False,
    most_looks: int = NEVER,
    out_of_time: Callable[[], bool] = never_out_of_time,
    remembered: Remembered | None = None,
) -> Calendar:
    """The calendar of least weight, limits kept; ``remembered`` holds what was found and what was left unfinished.

    ``cents_suffice``: whether to stop, ties undecided and unproven, once no calendar can cost less.

    Limits are dear to search under and seldom in the way: first without them; if that calendar breaks one, then with
    them but without buying ahead; and if that one weighs more, buying ahead too, between the two.
    """
    memory = remembered or Remembered()
    if task.month_limit is not None:
        # All months together bound the whole.
        most = -(-task.horizon // MONTH) * task.month_limit - task.bought
        below = min(below, weigh(task).of(most + 1, 0, 0)) if weigh is by_price else below
        most_cents = most if most_cents is None else min(most, most_cents)

    def search(task: Task, below: int, *, ahead: bool = True) -> Calendar:
        own = (key, task.day_limit, task.month_limit, ahead)
        searching = memory.unfinished.pop(own, None)
        if searching is None or searching.asked_below < below:
            searching = Search(task, weigh(task), most_cents=most_cents, below=below, ahead_of_limits=ahead)
        found = searching.go_on(below, most_looks, out_of_time, cents_suffice=cents_suffice)
        if not found.proven:
            memory.unfinished[own] = searching
        return found

    key = (weigh, task.use, task.horizon, tuple(item.offer.id for item in task.items), most_cents)
    free = memory.without_limits.get(key)
    if free is None:
        free = search(replace(task, day_limit=None, month_limit=None), below)
        if free.purchases is not None and free.proven:
            memory.without_limits[key] = free
    elif free.weight >= below:
        return Calendar(None, 0, True, free.cents)
    if free.purchases is None:
        return free
    if keeps_limits(task, free.purchases):
        return free
    floor = free.weight if free.proven else None
    strict = search(task, below, ahead=False)
    if strict.purchases is not None and strict.weight == floor:
        return strict
    found = search(task, below if strict.purchases is None else strict.weight)
    if found.purchases is not None:
        return found
    if strict.purchases is not None:
        proven = found.proven
        return replace(
            strict, proven=proven, at_least=strict.cents if proven else max(found.at_least, free.at_least)
        )
    return found if found.proven else replace(found, at_least=max(found.at_least, free.at_least))


def keeps_limits(task: Task, purchases: tuple[tuple[int, int], ...]) -> bool:
    """Whether no day costs more than its limit, SIM included on day 0, and no month more than its own."""
    days: Counter[int] = Counter({0: task.sim})
    months: Counter[int] = Counter({0: task.bought})
    for day, place in purchases:
        days[day] += task.items[place].price
        months[day // MONTH] += task.items[place].price
    return (task.day_limit is None or max(days.values()) <= task.day_limit) and (
        task.month_limit is None or max(months.values()) <= task.month_limit
    )
