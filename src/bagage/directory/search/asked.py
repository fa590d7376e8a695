"""What a search asks for, once its words and its conditions are brought together."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from bagage.directory.domain.asking import NOW_LASTS, Understood, When, understand
from bagage.directory.domain.communes import Commune, arrondissements_of, commune, folded
from bagage.directory.domain.needs import is_theme, needs_named

Point = tuple[float, float]
WORDS_AT_MOST = 6


@dataclass(frozen=True, slots=True)
class NeedAsked:
    """One thing that is looked for: any of the needs answers it, and so does the theme of data·inclusion."""

    name: str
    needs: tuple[str, ...]
    theme: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """All that is asked. ``code`` is the commune that ``point`` is the middle of; ``department``: only that is said.

    ``radius_km`` is ``None`` when the reach follows what is found. ``begins`` and ``ends`` (naive, local) are ``None``
    when it need not be open; ``moment`` is what open or closed is told for. ``words`` must all be written of a place,
    ``rest`` are words that may be its name. ``also`` brings those left out back.
    """

    moment: datetime
    needs: tuple[NeedAsked, ...] = ()
    point: Point | None = None
    code: str = ""
    department: str = ""
    radius_km: float | None = None
    words: tuple[str, ...] = ()
    rest: tuple[str, ...] = ()
    begins: datetime | None = None
    ends: datetime | None = None
    cost: str = ""
    with_someone: bool = False
    publics: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    access: tuple[str, ...] = ()
    care: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    kind_words: tuple[str, ...] = ()
    labels: tuple[str, ...] = ()
    also: frozenset[str] = frozenset()

    @property
    def communes(self) -> tuple[str, ...]:
        """The codes of the commune asked for, its arrondissements included."""
        return (self.code, *arrondissements_of(self.code)) if self.code else ()

    @property
    def all_needs(self) -> tuple[str, ...]:
        """Every need that would answer something, each once."""
        return tuple(dict.fromkeys(need for asked in self.needs for need in asked.needs))


def question_of(
    *,
    text: str,
    needs: Sequence[str],
    near: Point | str | None,
    radius_km: float | None,
    words: str,
    open_at: datetime | None,
    cost: str | None,
    with_someone: bool,
    publics: Sequence[str],
    languages: Sequence[str],
    access: Sequence[str],
    care: Sequence[str],
    kinds: Sequence[str],
    also: Collection[str],
    now: datetime,
    home: Point | None = None,
) -> tuple[Question, Understood]:
    """The question that these make (``open_at`` and ``now`` naive and local), and what the text was read as.

    What is said by itself holds over what the text says: the place, the moment, the price.
    """
    read = understand(text, home) if text.strip() else Understood(text=text)
    point, code, department = _where(near, read)
    begins = ends = None
    if open_at is not None:
        begins = ends = _minute(open_at)
    elif read.when is not None:
        begins, ends = next_span(read.when, now)
    asked_needs = [_need(name) for name in dict.fromkeys((*needs, *read.needs))]
    return (
        Question(
            moment=begins or _minute(now),
            needs=tuple(each for each in asked_needs if each.needs or each.theme),
            point=point,
            code=code,
            department=department,
            radius_km=radius_km,
            words=tuple(folded(words).split()[:WORDS_AT_MOST]),
            rest=tuple(read.rest.split()[:WORDS_AT_MOST]),
            begins=begins,
            ends=ends,
            cost=cost or read.cost,
            with_someone=with_someone or read.with_someone,
            publics=_both(publics, read.publics),
            languages=_both(languages, read.languages),
            access=_both(access, read.access),
            care=_both(care, read.care),
            modes=read.modes,
            kinds=_both(kinds, read.kinds),
            kind_words=tuple(read.kind_words.split()),
            labels=read.labels,
            also=frozenset(also),
        ),
        read,
    )


def _need(name: str) -> NeedAsked:
    return NeedAsked(name, needs_named(name), name if is_theme(name) else "")


def _both(said: Sequence[str], read: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys((*said, *read)))


def _minute(moment: datetime) -> datetime:
    return moment.replace(second=0, microsecond=0)


def _where(near: Point | str | None, read: Understood) -> tuple[Point | None, str, str]:
    """The point that distances are measured from, the commune, the département."""
    if isinstance(near, str):
        there = commune(near)
        return _point(there), near, ""
    if near is not None:
        return near, "", ""
    if read.place is not None:
        return _point(read.place), read.place.code, ""
    return None, "", read.department


def _point(there: Commune | None) -> Point | None:
    if there is None or there.latitude is None or there.longitude is None:
        return None
    return there.latitude, there.longitude


def next_span(when: When, now: datetime) -> tuple[datetime, datetime]:
    """The next time that it is so, from ``now`` on (naive, local): its beginning and its end.

    A span that has begun today is today's, from now on; a moment that has passed is that of the next week.
    """
    if when.begins is None:
        return _minute(now), _minute(now) + NOW_LASTS
    begins, ends = when.begins, when.ends or when.begins
    if when.day is None:
        day = now.date() + timedelta(days=when.in_days or 0)
        if when.in_days is None and datetime.combine(day, ends) < _minute(now):
            day += timedelta(days=1)
    else:
        day = now.date() + timedelta(days=(when.day - now.weekday()) % 7)
        if datetime.combine(day, ends) < _minute(now):
            day += timedelta(days=7)
    return _span(day, begins, ends, now)


def _span(day: date, begins: time, ends: time, now: datetime) -> tuple[datetime, datetime]:
    start, end = datetime.combine(day, begins), datetime.combine(day, ends)
    if start < now < end:
        start = _minute(now)
    return start, end
