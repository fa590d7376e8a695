"""The engine asked of today's catalogue, the figures of the house, and what was kept in a person's file."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from math import inf
from threading import Lock
from time import monotonic
from typing import Any

from django.conf import settings
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.common.prepared import prepared
from bagage.common.together import Asking, together
from bagage.connection import words
from bagage.connection.domain.advise import advise
from bagage.connection.domain.programme import Programme, read_person, read_programme
from bagage.connection.domain.usage import EXAMPLE, USES
from bagage.connection.models import Advice, Bill, LineEvent, UsageFigure
from bagage.connection.queries.catalogue import catalogue_stamp, programme_on
from bagage.connection.queries.shown import MONTH, cents, per_month
from bagage.people.models import Agreement, Answer, Obstacle, Person
from bagage.people.queries import agreements_now, identity_ids, situation_now

# What a file says of her, as the engine calls it.
FROM_SITUATION = {
    Obstacle.BANK_ACCOUNT.value: "bank_account",
    Obstacle.FIXED_ADDRESS.value: "fixed_address",
    Obstacle.MAILBOX.value: "email",
    Obstacle.PAPERS.value: "identity_document",
}
REMEMBERED_ANSWERS = 256
UNPROVEN_SECONDS = 300


# ---------- the engine, asked once a question ----------
def programme_today(today: date) -> Programme:
    """The catalogue of the day; read again only when it changed. One query when it did not."""
    return _programme(str(catalogue_stamp()), today)


@lru_cache(maxsize=4)
def _programme(stamp: str, today: date) -> Programme:
    return programme_on(today)


def answer_today(asked: Mapping[str, Any], today: date) -> dict[str, Any]:
    """The engine's answer on the catalogue of the day, within the time budget of the installation: to keep and print.

    The same question asked again while the catalogue stands is not computed again. An answer whose proof was cut short
    is remembered for a few minutes only. It is not to be changed.
    """
    return _answered(asked, today, settings.ADVICE_BUDGET_SECONDS)[0]


def answer_at_once(asked: Mapping[str, Any], today: date) -> tuple[dict[str, Any], bool]:
    """The answer as a screen gives it while someone waits, and whether :func:`answer_today` may still tell more."""
    whole = settings.ADVICE_BUDGET_SECONDS
    answer, budget = _answered(asked, today, min(settings.ADVICE_SCREEN_SECONDS, whole))
    return answer, budget < whole and not is_proven(answer)


def _answered(asked: Mapping[str, Any], today: date, budget: float) -> tuple[dict[str, Any], float]:
    """The answer, and the seconds that it was given; one that was given less serves again only when it is proven."""
    stamp = str(catalogue_stamp())
    question = (stamp, today, json.dumps(asked, sort_keys=True))
    begun = monotonic()
    with _remembering:
        found, until, given = _remembered.get(question, (None, 0.0, 0.0))
        if found is not None and begun < until and (given >= budget or until == inf):
            _remembered.move_to_end(question)
            return found, given
    answer: dict[str, Any] = advise(
        _programme(stamp, today), read_person(asked), out_of_time=lambda: monotonic() > begun + budget
    ).as_json()
    with _remembering:
        until = inf if is_proven(answer) else monotonic() + UNPROVEN_SECONDS
        _remembered[question] = (answer, until, budget)
        _remembered.move_to_end(question)
        while len(_remembered) > REMEMBERED_ANSWERS:
            _remembered.popitem(last=False)
    return answer, budget


_Question = tuple[str, date, str]
_remembered: OrderedDict[_Question, tuple[dict[str, Any] | None, float, float]] = OrderedDict()
_remembering = Lock()


def is_proven(answer: Mapping[str, Any]) -> bool:
    """Whether every figure of an answer is the optimum."""
    best = answer.get("best") or {}
    parts = [best, best.get("fewest") or {}, answer.get("premium") or {}, *(answer.get("ranking") or [])]
    return bool(best.get("if_usage_130_proven", True)) and all(part.get("proven", True) for part in parts)


# ---------- what the house has set ----------
@dataclass(frozen=True, slots=True)
class Figure:
    """How much one use takes each time, and who says so."""

    use: str
    figure: int
    source: str
    is_usual: bool


def figures_of_the_house() -> list[Figure]:
    """One a use, in the order of the screen; one query."""
    own = {one.use: one for one in UsageFigure.objects.all()}
    return [
        Figure(use.key, own[use.key].figure, own[use.key].source, False)
        if use.key in own
        else Figure(use.key, use.figure, EXAMPLE, True)
        for use in USES
    ]


# ---------- what her file says ----------
@dataclass(frozen=True, slots=True)
class Known:
    """What is ticked before anything is asked: conditions she has, those she has not, and since when it is known."""

    has: frozenset[str]
    lacks: frozenset[str]
    said_on: date | None


def known_conditions(person: Person) -> Known:
    """From the obstacles of her file, the newest fact of each; partly having something is not having it.

    Who agreed to be referred was referred: that is her social referral, unless she changed her mind.
    """
    referred = [one for one in agreements_now(person) if one.kind == Agreement.Kind.SHARE_REFERRAL]
    facts = [
        (FROM_SITUATION[name], fact) for name, fact in situation_now(person).items() if name in FROM_SITUATION
    ]
    return Known(
        has=frozenset(
            [code for code, fact in facts if fact.answer == Answer.YES]
            + ["social_referral" for one in referred[:1] if one.holds_on(timezone.localdate())]
        ),
        lacks=frozenset(code for code, fact in facts if fact.answer in {Answer.NO, Answer.PARTLY}),
        said_on=max((fact.said_on for _code, fact in facts), default=None),
    )


# ---------- what was kept ----------
def advices_of(files: Iterable[int]) -> list[Advice]:
    """All that was advised her, the newest first; one query."""
    return list(Advice.objects.filter(person_id__in=list(files)).order_by("-kept_at", "-pk"))


def last_advice(person: Person) -> Advice | None:
    """The newest that was kept in her file or in one that is hers."""
    return Advice.objects.filter(person_id__in=identity_ids(person)).order_by("-kept_at", "-pk").first()


def bills_of(files: Iterable[int]) -> list[Bill]:
    """What she paid, the newest first; one query."""
    return list(
        Bill.objects.filter(person_id__in=list(files)).select_related("advice").order_by("-first_day", "-pk")
    )


def kept_programme(advice: Advice) -> Programme:
    """The lines of the photograph; an advice that named none has an empty one."""
    if not advice.programme.get("lines"):
        return Programme(())
    return read_programme(advice.programme)


def advised_per_month(advice: Advice) -> int | None:
    """Cents for 30 days: of what she chose, else of the calendar one can live with; None when nothing served."""
    if advice.choice == Advice.Choice.KEEP:
        return cents((advice.asked.get("current") or {}).get("pays_per_month"))
    if advice.chosen_total is not None:
        return per_month(advice.chosen_total, advice.horizon_days)
    best = advice.answer.get("best")
    if not best:
        return None
    total = cents((best.get("fewest") or best)["total"])
    return None if total is None else per_month(total, advice.horizon_days)


def premium_per_month(advice: Advice) -> int | None:
    """The double penalty as it was computed, cents for 30 days."""
    total = cents((advice.answer.get("premium") or {}).get("total"))
    return None if total is None else per_month(total, advice.horizon_days)


@dataclass(frozen=True, slots=True)
class Compared:
    """A bill beside what was advised for as many days; ``more`` is negative when she paid less."""

    bill: Bill
    advised: int | None
    more: int | None
    says: str


def compared_bills(bills: Iterable[Bill]) -> list[Compared]:
    """Each bill with what its advice foresaw for its days."""
    rows = []
    for bill in bills:
        month = advised_per_month(bill.advice) if bill.advice else None
        advised = None if month is None else (2 * month * bill.days + MONTH) // (2 * MONTH)
        more = None if advised is None else bill.paid - advised
        rows.append(Compared(bill, advised, more, _difference(more)))
    return rows


def _difference(more: int | None) -> str:
    """A difference of less than a euro is none."""
    if more is None:
        return _("Rien à comparer.")
    if abs(more) < 100:
        return _("Comme prévu.")
    if more > 0:
        return _("%(money)s de plus que prévu.") % {"money": words.euros(more)}
    return _("%(money)s de moins que prévu.") % {"money": words.euros(-more)}


@dataclass(frozen=True, slots=True)
class Bought:
    """What was noted on her lines since an advice, beside what it foresaw up to the same day."""

    count: int
    paid: int
    foreseen: int | None
    says: str


def bought_since(advice: Advice, files: Iterable[int], today: date) -> Bought:
    """Openings and top-ups of her lines from the day of the advice on, those without a price left out; one query."""
    taken_back = LineEvent.objects.filter(corrects=OuterRef("pk"))
    prices = list(
        LineEvent.objects.filter(
            ~Exists(taken_back),
            line__person_id__in=list(files),
            kind__in=[LineEvent.Kind.ACTIVATED, LineEvent.Kind.TOPPED_UP],
            on__range=(advice.advised_on, today),
            price__isnull=False,
        ).values_list("price", flat=True)
    )
    paid = sum(price or 0 for price in prices)
    foreseen = _foreseen(advice, (today - advice.advised_on).days)
    return Bought(len(prices), paid, foreseen, _difference(None if foreseen is None else paid - foreseen))


def _foreseen(advice: Advice, days: int) -> int | None:
    """Cents that the chosen calendar, else the one can live with, pays up to that day; None past its end."""
    best = advice.answer.get("best")
    if not best or advice.choice in {Advice.Choice.LINE, Advice.Choice.KEEP} or days >= advice.horizon_days:
        return None
    told = best if advice.choice == Advice.Choice.BEST else best.get("fewest") or best
    later = sum(cents(each["price"]) or 0 for each in told["purchases"] if 0 < int(each["day"]) <= days)
    return (cents(told.get("day_0")) or 0) + later


# ---------- the panel of a person's file ----------
@dataclass(frozen=True, slots=True)
class AdvicePanel:
    """The last advice as a file shows it."""

    advice: Advice | None
    name: str
    month: int | None
    premium: int | None
    choice: str
    count: int


@prepared
def _newest_kept(files: Iterable[int]) -> QuerySet[Advice]:
    return Advice.objects.filter(person_id__in=files).order_by("-kept_at", "-pk")[:1]


@together
def advice_panel(files: Iterable[int]) -> Asking[AdvicePanel]:
    """Two queries, one when nothing was kept."""
    kept = Advice.objects.filter(person_id__in=list(files))
    advice = next(iter((yield from _newest_kept.asking(files))), None)
    if advice is None:
        return AdvicePanel(None, "", None, None, "", 0)
    return AdvicePanel(
        advice=advice,
        name=chosen_name(advice),
        month=advised_per_month(advice),
        premium=premium_per_month(advice),
        choice=str(advice.get_choice_display()),
        count=kept.count(),
    )


def chosen_name(advice: Advice) -> str:
    """The line that was chosen or advised, as it was called on the day; "" when nothing served."""
    if advice.choice == Advice.Choice.KEEP:
        return _("Garder ce qui est là")
    best = advice.answer.get("best")
    code = advice.chosen_line or (best["line"] if best else "")
    for line in advice.programme.get("lines") or []:
        if line["id"] == code:
            return ", ".join(part for part in (line.get("operator"), line.get("name")) if part)
    return str(code)
