"""The engine's answer beside the references': the only place that knows both. Imports Bagage; the references do not."""

from collections.abc import Callable
from typing import Any

from bagage.connection.domain.advise import advise
from bagage.connection.domain.programme import read_person, read_programme
from tests.connection.reference.brute import Found, Tiny
from tests.connection.reference.reading import cents, needs
from tests.connection.reference.replay import replay

Course = tuple[int, int, int]  # total, day 0, purchases


def engine(
    programme: dict[str, Any], person: dict[str, Any], out_of_time: Callable[[], bool] | None = None
) -> dict[str, Any]:
    """What the engine answers, as JSON."""
    return advise(read_programme(programme), read_person(person), out_of_time=out_of_time).as_json()


def course(told: dict[str, Any]) -> Course:
    return cents(told["total"]), cents(told["day_0"]), len(told["purchases"])


def line_by_engine(line: dict[str, Any], person: dict[str, Any]) -> tuple[Course, Course] | None:
    """(best, fewest) of one line, both replayed day by day and proven; None when it can't serve."""
    best = engine({"lines": [line]}, person)["best"]
    if best is None:
        return None
    for told in (best, best["fewest"]):
        assert told["proven"] is True
        assert replay(line, person, told["purchases"]) == course(told)
    return course(best), course(best["fewest"])


def tiny_of(instance: dict[str, Any], **options: Any) -> Tiny:
    """The brute force of an instance of ``generator.tiny``."""
    line, person = instance["line"], instance["person"]
    return Tiny(
        line,
        line["offers"],
        needs(person),
        horizon=person["horizon_days"],
        max_payment=cents(person["max_payment"]),
        already_bought=cents(person["already_bought"]),
        **options,
    )


def line_by_brute(instance: dict[str, Any], **options: Any) -> tuple[Course, Course] | None:
    """(best, fewest) of one line, by trying everything."""
    tiny = tiny_of(instance, **options)
    found = tiny.search()
    if not found:
        return None

    def told(each: Found) -> Course:
        return tiny.sim + each.cost, tiny.sim + each.first, each.count

    return told(found[0]), told(min(found, key=lambda each: (each.count, each.cost, each.first)))
