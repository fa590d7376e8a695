"""What a screen and a paper show of an answer: its parts, in words and in whole cents. No query, no rule."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from bagage.connection.domain.money import half_up, read_money

MONTH = 30


def cents(text: object) -> int | None:
    """ "10.83" or "-0.05" as cents; ``None`` stays unknown."""
    if text is None:
        return None
    told = str(text)
    return -read_money(told[1:]) if told.startswith("-") else read_money(told)


def per_month(total: int, horizon: int) -> int:
    """A total over the horizon as cents for 30 days, halves up."""
    return half_up(total * MONTH, horizon)


# ---------- what to buy, and when ----------
@dataclass(frozen=True, slots=True)
class Step:
    """What is paid on one day."""

    on: date
    when: str
    total: int
    what: str


@dataclass(frozen=True, slots=True)
class Calendar:
    """Dated purchases, and what they come to; ``overage`` (use beyond a plan) and ``owed`` (months of a commitment past
    the horizon) are part of the total."""

    kind: str
    total: int
    per_month: int
    day_0: int
    steps: tuple[Step, ...]
    until: date
    ends: str
    count: int
    overage: int
    owed: int
    proven: bool
    at_least: int | None


@dataclass(frozen=True, slots=True)
class Given:
    """One offer of the answer and what it brings."""

    name: str
    gives: str
    lasts: str
    is_plan: bool


@dataclass(frozen=True, slots=True)
class Best:
    """The line that serves best: the calendar one can live with first, the cheapest beside it when it differs."""

    line: str
    operator: str
    name: str
    is_solidarity: bool
    offers: tuple[Given, ...]
    without: str
    fewest: Calendar
    optimum: Calendar | None
    if_usage_130: int | None


@dataclass(frozen=True, slots=True)
class Ranked:
    """A line, and what it costs; without a total, only ``least_per_month`` is known, which is rounded down."""

    line: str
    title: str
    total: int | None
    per_month: int | None
    more: int | None
    proven: bool
    least_per_month: int | None


# ---------- what it costs to lack ----------
@dataclass(frozen=True, slots=True)
class Bar:
    """One price beside the fair one; widths out of 100, written as a drawing reads them ("" for none)."""

    label: str
    cents: int
    fair: str
    over: str
    says: str
    is_here: bool = False


@dataclass(frozen=True, slots=True)
class Lacking:
    """One obstacle, its share of the premium, what lifting it alone saves, and how it is lifted.

    ``opens``: lifted alone, it gives an answer where there is none.
    """

    code: str
    label: str
    icon: str
    share: int | None
    alone: int | None
    percent: str
    how: str
    opens: bool


@dataclass(frozen=True, slots=True)
class Premium:
    """The double penalty over the horizon and a month. ``total`` is None when a price does not exist, or, when it is
    not ``proven``, was not found yet."""

    total: int | None
    month: int | None
    saving: int | None
    saving_month: int | None
    bars: tuple[Bar, ...]
    rows: tuple[Lacking, ...]
    opens_with: tuple[str, ...]
    proven: bool = True


# ---------- what is left out ----------
@dataclass(frozen=True, slots=True)
class LeftOut:
    """An offer or a line that is not ranked, and why."""

    name: str
    line: str
    why: str


@dataclass(frozen=True, slots=True)
class Against:
    """Her present bill: keep it or change, and what that saves over the horizon."""

    keep: bool
    saving: int | None
    pays: int
    owed: int

    @property
    def more(self) -> int:
        """What changing would cost more over the horizon, when it is better to keep."""
        return max(-(self.saving or 0), 0)


@dataclass(frozen=True, slots=True)
class Shown:
    """The whole answer in words. ``is_hurried``: given while someone waits, so that a longer look may tell more;
    ``is_undecided``: no line is known to serve, and of one at least it is not known.
    """

    horizon: int
    span: str
    best: Best | None
    ranking: tuple[Ranked, ...]
    premium: Premium
    against: Against | None
    warnings: tuple[tuple[str, str], ...]
    closed: tuple[LeftOut, ...]
    unserved: tuple[LeftOut, ...]
    to_check: tuple[LeftOut, ...]
    checked_on: date | None
    about: str
    is_hurried: bool = False
    is_undecided: bool = False
    left_out: int = field(default=0)
