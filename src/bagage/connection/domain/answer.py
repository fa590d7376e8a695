"""The answer to the question of fair connection, and its JSON."""

from collections.abc import Iterable
from dataclasses import dataclass

from bagage.connection.domain.money import half_up, write_money
from bagage.connection.domain.programme import MAX_PAYMENT, OBSTACLES, Line, Offer
from bagage.connection.domain.task import MONTH


@dataclass(frozen=True)
class Purchase:
    """One payment of a calendar: the day (0 is today), the offer, its price in cents."""

    day: int
    offer: Offer

    @property
    def price(self) -> int:
        return self.offer.price


@dataclass(frozen=True)
class Course:
    """One way to be served on a line: cents in all and on day 0, SIM included, and what is bought when.

    ``overage`` and ``owed_after`` (months of commitment beyond the horizon) are part of the total of a plan.
    """

    total: int
    day_0: int
    purchases: tuple[Purchase, ...]
    overage: int = 0
    owed_after: int = 0

    @property
    def rank(self) -> tuple[int, int, int]:
        return (self.total, self.day_0, len(self.purchases))


@dataclass(frozen=True)
class LineAnswer:
    """What a line costs; ``total`` is None when not known in time, ``at_least`` is proven, ``course`` on demand.

    ``draft`` is a course that costs the total, its ties not decided.
    """

    line: Line
    total: int | None
    proven: bool
    at_least: int
    course: Course | None = None
    draft: Course | None = None


@dataclass(frozen=True)
class Closed:
    """An offer that she cannot have: the items of ``requires`` that she does not meet, or the limit that it breaks."""

    line: Line
    offer: Offer
    missing: tuple[frozenset[str], ...] = ()
    limit: str = ""


@dataclass(frozen=True)
class Unserved:
    """An open line that cannot serve her: the resource that fails, or the limit."""

    line: Line
    resource: str = ""
    limit: str = ""


@dataclass(frozen=True)
class ObstaclePrice:
    """Cents: what lifting it ``alone`` saves on mainstream lines, and its Shapley ``share`` of the premium."""

    condition: str
    alone: int | None
    share: int | None


@dataclass(frozen=True)
class Premium:
    """The poverty premium over the horizon, by obstacle; or the smallest sets whose lifting gives an answer."""

    total: int | None
    obstacles: tuple[ObstaclePrice, ...]
    opens_with: tuple[frozenset[str], ...] = ()
    with_obstacles: int | None = None
    without_obstacles: int | None = None
    proven: bool = True


@dataclass(frozen=True)
class AgainstToday:
    """Keep what she has, or change; ``saving`` in cents over the horizon, below zero when changing costs more."""

    keep: bool
    saving: int | None


@dataclass(frozen=True)
class Advice:
    """The whole answer. Amounts are cents over ``horizon`` days."""

    horizon: int
    best: LineAnswer | None
    fewest: Course | None
    is_fewest_proven: bool
    if_usage_130: int | None
    is_130_proven: bool
    ranking: tuple[LineAnswer, ...]
    closed: tuple[Closed, ...]
    unserved: tuple[Unserved, ...]
    to_check: tuple[tuple[Line, Offer], ...]
    premium: Premium
    saving: int | None
    against_today: AgainstToday | None
    undecided: tuple[LineAnswer, ...] = ()

    def as_json(self) -> dict[str, object]:
        """The answer as the command and the interface print it (the shape is that of the README of this activity)."""
        return {
            "best": self._best(),
            "ranking": [_ranked(each) for each in (*self.ranking, *self.undecided)],
            "closed": [_closed(each) for each in self.closed],
            "unserved": [
                {"line": each.line.id, "resource": each.resource}
                if each.resource
                else {"line": each.line.id, "limit": each.limit}
                for each in self.unserved
            ],
            "to_check": [{"offer": offer.id, "unknown": list(offer.unknown)} for _, offer in self.to_check],
            "premium": {
                "total": _money(self.premium.total),
                "obstacles": [
                    {"condition": each.condition, "alone": _money(each.alone), "share": _money(each.share)}
                    for each in self.premium.obstacles
                ],
                "opens_with": [_in_order(each) for each in self.premium.opens_with],
                **({} if self.premium.proven else {"proven": False}),
            },
            "saving": _money(self.saving),
            "against_today": None
            if self.against_today is None
            else {"keep": self.against_today.keep, "saving": _money(self.against_today.saving)},
        }

    def _best(self) -> dict[str, object] | None:
        best = self.best
        if best is None or best.course is None:
            return None
        return {
            "line": best.line.id,
            **self._course(best.course, best.proven),
            **({} if best.proven else {"at_least": write_money(best.at_least)}),
            "fewest": None if self.fewest is None else self._course(self.fewest, self.is_fewest_proven),
            "if_usage_130": _money(self.if_usage_130),
            **({} if self.is_130_proven else {"if_usage_130_proven": False}),
        }

    def _course(self, course: Course, proven: bool) -> dict[str, object]:
        extra = {"overage": course.overage, "owed_after": course.owed_after}
        return {
            "total": write_money(course.total),
            "proven": proven,
            "per_month": write_money(half_up(course.total * MONTH, self.horizon)),
            "day_0": write_money(course.day_0),
            "purchases": [
                {"day": each.day, "offer": each.offer.id, "price": write_money(each.price)}
                for each in course.purchases
            ],
            **{key: write_money(cents) for key, cents in extra.items() if cents},
        }


def _money(cents: int | None) -> str | None:
    return None if cents is None else write_money(cents)


def _ranked(answer: LineAnswer) -> dict[str, object]:
    told: dict[str, object] = {
        "line": answer.line.id,
        "total": _money(answer.total),
        "proven": answer.proven,
    }
    return told if answer.proven else {**told, "at_least": write_money(answer.at_least)}


def _closed(closed: Closed) -> dict[str, object]:
    if closed.limit:
        return {"offer": closed.offer.id, "limit": closed.limit}
    items = [next(iter(item)) if len(item) == 1 else sorted(item) for item in closed.missing]
    return {"offer": closed.offer.id, "missing": items}


def _in_order(conditions: Iterable[str]) -> list[str]:
    return sorted(conditions, key=(*OBSTACLES, MAX_PAYMENT).index)
