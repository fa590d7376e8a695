"""The panorama searched: who around answers a need, why, when, and what nobody knows of it."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Aggregate, OuterRef, Subquery, TextField, Value
from django.db.models.functions import Cast, Concat
from django.utils import timezone

from bagage.directory.domain.asking import Understood
from bagage.directory.domain.communes import commune, distance_km, folded
from bagage.directory.domain.matching import (
    LEFT_OUT,
    OTHERS,
    Fit,
    Opening,
    State,
    box_around,
    fit_of,
    is_same_place,
    left_out,
    opening_at,
)
from bagage.directory.domain.needs import WITH_SOMEONE, Cost, needs_named
from bagage.directory.models import Service, Structure, StructureQuerySet
from bagage.directory.search.reasons import Reason

RADIUS_KM = 2.0
LIMIT = 12
# Further than this a list is no panorama any more; the answer says that it was cut.
READ_AT_MOST = 4000
WORDS_AT_MOST = 6

Near = tuple[float, float] | str | None


class Candidate(NamedTuple):
    """The little of a place that tells whether it answers and where it stands in the list.

    Thousands are compared for the dozen that is shown: only those become models. ``given`` holds a line for each
    service: its need, its cost and its modes (JSON), a tab between them.
    """

    pk: int
    name: str
    commune_code: str
    city: str
    latitude: float | None
    longitude: float | None
    position: str
    hours: str
    phone: str
    dated: str | None  # of the source, as ISO 8601
    folded: str
    given: str | None


class Answer(NamedTuple):
    """What the services of a place answer: ``matched`` of the needs; costs and modes of these services, else of all."""

    fit: Fit
    matched: int
    costs: tuple[str, ...]
    modes: tuple[str, ...]


class Ranked(NamedTuple):
    """A place of the answer before it is loaded. ``group`` are its rows, the one that says most first."""

    rank: tuple[Any, ...]
    group: list[Candidate]
    distance_m: int | None
    out: str


class Lines(Aggregate):
    """Texts one under the other."""

    function = "GROUP_CONCAT"
    template = "%(function)s(%(expressions)s, CHAR(10))"
    output_field = TextField()

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """The same, as PostgreSQL names it."""
        return self.as_sql(
            compiler,
            connection,
            function="STRING_AGG",
            template="%(function)s(%(expressions)s, CHR(10))",
            **more,
        )


@dataclass(frozen=True, slots=True)
class Row:
    """One place of the answer. ``also`` are other rows of the files that speak of the same place.

    ``services`` is what is said to be given, those that were asked first; ``matched`` are the asked ones among them.
    ``distance_m`` is as the crow flies, in metres; ``None`` when there is no point to measure from. ``out`` says why
    it would have been left out, when one asked to see it all the same.
    """

    structure: Structure
    also: tuple[Structure, ...]
    services: tuple[Service, ...]
    matched: tuple[Service, ...]
    fit: Fit
    distance_m: int | None
    opening: Opening
    out: str = ""
    why: tuple[Reason, ...] = ()

    @property
    def hours(self) -> str:
        """The hours that are said of the place, by whichever row says them."""
        return _hours((self.structure, *self.also))

    @property
    def weekly_hours(self) -> float | None:
        """How many hours a week it opens, by whichever row says it."""
        return next(
            (each.weekly_hours for each in (self.structure, *self.also) if each.weekly_hours is not None),
            None,
        )

    @property
    def phone(self) -> str:
        """A number to call, by whichever row says one."""
        return next((each.phone for each in (self.structure, *self.also) if each.phone), "")

    @property
    def costs(self) -> tuple[str, ...]:
        """What is said of the price, unknown left out; of the matched services where there are some."""
        said = [service.cost for service in self.matched or self.services if service.cost != Cost.UNKNOWN]
        return tuple(dict.fromkeys(said))

    @property
    def modes(self) -> tuple[str, ...]:
        """How one is helped there, as codes."""
        return tuple(
            dict.fromkeys(mode for service in self.matched or self.services for mode in service.modes)
        )

    @property
    def accessibility(self) -> str:
        """What is said of how one gets in, or the address that says it."""
        return next((service.accessibility for service in self.services if service.accessibility), "")

    @property
    def unknown(self) -> tuple[str, ...]:
        """What nobody says of it: ``"need"``, ``"hours"``, ``"cost"``, ``"help"``, ``"access"``."""
        asked = {
            "need": self.fit in {Fit.NOT_SAID, Fit.OTHERS_ONLY}
            or not any(each.is_known for each in self.services),
            "hours": self.opening.state is State.UNKNOWN,
            "cost": not self.costs,
            "help": not WITH_SOMEONE.intersection(self.modes) and "alone" not in self.modes,
            "access": not self.accessibility,
        }
        return tuple(name for name, is_unknown in asked.items() if is_unknown)


@dataclass(frozen=True, slots=True)
class Found:
    """The answer. ``total`` places may answer, of which ``rows`` are the first; ``out`` counts those left out, by why.

    ``saying`` of them say that they give what is asked, some of it at least; of the others nobody says what they give.
    ``point`` is what distances are measured from. ``unplaced``: places nobody knows where to put, in no answer around a
    point. ``is_empty``: the panorama itself holds nothing. ``is_cut``: there was more than one answer may hold.
    """

    rows: tuple[Row, ...]
    total: int
    saying: int = 0
    out: dict[str, int] = field(default_factory=dict)
    point: tuple[float, float] | None = None
    unplaced: int = 0
    is_empty: bool = False
    is_cut: bool = False
    understood: Understood = field(default_factory=Understood)

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def search_services(
    *,
    needs: Sequence[str] = (),
    near: Near = None,
    radius_km: float = RADIUS_KM,
    words: str = "",
    open_at: datetime | None = None,
    cost: str | None = None,
    with_someone: bool = False,
    also: Collection[str] = (),
    limit: int = LIMIT,
    now: datetime | None = None,
    text: str = "",
    languages: Sequence[str] = (),
    publics: Sequence[str] = (),
    access: Sequence[str] = (),
    care: Sequence[str] = (),
    kinds: Sequence[str] = (),
    offset: int = 0,
) -> Found:
    """The places that answer, the best first: by fit, then by distance. Four queries however many are found.

    ``near`` is a point in degrees, or the INSEE code of a commune; ``None`` searches the whole country by ``words``.
    ``open_at`` leaves out who is closed at that moment, ``cost="free"`` who asks for money, ``with_someone`` where one
    is left alone; who does not say stays in. ``also`` brings back those left out, by why (``"closed"``, ``"paid"``,
    ``"alone"``, ``"others"``). Open or closed is told for ``open_at``, else for ``now``.
    """
    words = f"{words} {text}".strip()
    now = now or timezone.now()
    moment = timezone.localtime(open_at or now).replace(tzinfo=None)
    point, narrowed = _narrowed(near, radius_km)
    for word in folded(words).split()[:WORDS_AT_MOST]:
        narrowed = narrowed.filter(folded__contains=word)
    # Ordered here and not by the database, which would else walk the whole table by its key up to the limit.
    candidates = sorted(map(Candidate._make, _candidates(narrowed)[: READ_AT_MOST + 1]))
    unplaced = Structure.objects.current().filter(latitude=None).count()
    ranked: list[Ranked] = []
    out: Counter[str] = Counter()
    must_be_free = cost == Cost.FREE
    needs = tuple(dict.fromkeys(code for name in needs for code in needs_named(name)))
    # Most places say the same as many others, or nothing.
    answers: dict[tuple[str | None, ...], Answer] = {}
    for group, distance_m in _places(candidates[:READ_AT_MOST], point, radius_km):
        given = tuple(each.given for each in group)
        answer = answers.get(given) or answers.setdefault(given, _answer(given, needs))
        # Hours cost most to work out: of the whole answer only when that decides, else of what is shown.
        is_asked = open_at is not None and (answer.fit is not Fit.OTHERS_ONLY or OTHERS in also)
        state = opening_at(_hours(group), moment).state if is_asked else None
        reason = left_out(
            fit=answer.fit,
            state=state,
            costs=answer.costs,
            modes=answer.modes,
            must_be_free=must_be_free,
            with_someone=with_someone,
        )
        if reason and reason not in also:
            out[reason] += 1
            continue
        # What was asked and answered, before what nobody says; then by distance, then by name.
        rank = (
            bool(reason),
            answer.fit,
            -answer.matched,
            state is State.UNKNOWN,
            must_be_free and not answer.costs,
            distance_m or 0,
            group[0].folded,
            group[0].pk,
        )
        ranked.append(Ranked(rank, group, distance_m, reason))
    ranked.sort()
    return Found(
        _loaded(ranked[offset : offset + limit], needs, moment),
        len(ranked),
        sum(place.rank[1] <= Fit.SOME for place in ranked),
        {reason: out[reason] for reason in LEFT_OUT if out[reason]},
        point,
        unplaced,
        not candidates and not unplaced and not Structure.objects.current().exists(),
        len(candidates) > READ_AT_MOST,
        Understood(text=text, rest=text),
    )


def _narrowed(near: Near, radius_km: float) -> tuple[tuple[float, float] | None, StructureQuerySet]:
    """The point that is meant, and the places in reach of it."""
    if near is None:
        return None, Structure.objects.current_anywhere()
    current = Structure.objects.current()
    if isinstance(near, str):
        there = commune(near)
        if there is None or there.latitude is None or there.longitude is None:
            return None, current.filter(commune_code=near)
        near = (there.latitude, there.longitude)
    return near, current.within(*box_around(near[0], near[1], radius_km))


def _candidates(structures: StructureQuerySet) -> Any:
    """What is compared of these places, by one query: the fields of :class:`Candidate`, in its order."""
    line = Concat(
        "need", Value("\t"), "cost", Value("\t"), Cast("modes", TextField()), output_field=TextField()
    )
    given = (
        Service.objects.filter(structure=OuterRef("pk"))
        .order_by()
        .values("structure")
        .annotate(lines=Lines(line))
        .values("lines")
    )
    # A date as text: thousands of them are not made.
    dated = Cast("source_date", TextField())
    return structures.annotate(given=Subquery(given), dated=dated).values_list(*Candidate._fields)


def _places(
    candidates: Sequence[Candidate], point: tuple[float, float] | None, radius_km: float
) -> Iterator[tuple[list[Candidate], int | None]]:
    """Each place once: its rows, the one that says most of it first, and how far that one is, in metres."""
    far = _metres_from(point)
    by_commune: dict[str, list[tuple[Candidate, int | None]]] = {}
    for each in candidates:
        metres = far(each.latitude or 0.0, each.longitude or 0.0) if far else None
        if metres is None or metres <= radius_km * 1000:
            by_commune.setdefault(each.commune_code or each.city, []).append((each, metres))
    for there in by_commune.values():
        if len(there) == 1:
            yield [there[0][0]], there[0][1]
            continue
        metres_of = {each.pk: metres for each, metres in there}
        by_name: dict[str, list[list[Candidate]]] = {}
        for each, _metres in there:
            same_name = by_name.setdefault(folded(each.name), [])
            for group in same_name:
                if _speak_of_one(group[0], each):
                    group.append(each)
                    break
            else:
                same_name.append([each])
        for same_name in by_name.values():
            for group in same_name:
                if len(group) > 1:
                    group.sort(key=lambda row: _says(row, _known(row), row.dated or ""), reverse=True)
                yield group, metres_of[group[0].pk]


def _metres_from(point: tuple[float, float] | None) -> Callable[[float, float], int] | None:
    """How far a place is from the point, as the crow flies."""
    if point is None:
        return None
    latitude, longitude = point
    return lambda north, east: round(distance_km(latitude, longitude, north, east) * 1000)


def _speak_of_one(one: Candidate | Structure, other: Candidate | Structure) -> bool:
    return is_same_place(
        (one.latitude, one.longitude),
        (other.latitude, other.longitude),
        both_exact=one.position == other.position == Structure.Position.EXACT,
    )


def _says(row: Candidate | Structure, known: int, dated: str) -> tuple[object, ...]:
    """How much a row says: an exact point, services (``known`` of them), hours; the newest of equals (ISO 8601)."""
    return (
        row.position == Structure.Position.EXACT,
        known,
        bool(row.hours),
        bool(row.phone),
        dated,
        row.pk,
    )


def _known(row: Candidate) -> int:
    return sum(not line.startswith("unknown\t") for line in row.given.split("\n")) if row.given else 0


def _answer(given: tuple[str | None, ...], needs: tuple[str, ...]) -> Answer:
    """What these services, of one row after the other, answer."""
    by_need: dict[str, tuple[str, str]] = {}
    for lines in given:
        for line in lines.split("\n") if lines else ():
            need, cost, modes = line.split("\t", 2)
            by_need.setdefault(need, (cost, modes))
    if len(by_need) > 1:
        by_need.pop("unknown", None)
    matched = [by_need[need] for need in needs if need in by_need]
    said = matched or by_need.values()
    return Answer(
        fit_of(needs, by_need),
        len(matched),
        tuple(cost for cost, _modes in said if cost != Cost.UNKNOWN),
        tuple(mode for _cost, modes in said for mode in json.loads(modes)),
    )


def _hours(rows: Iterable[Candidate | Structure]) -> str:
    return next((each.hours for each in rows if each.hours), "")


def _loaded(places: Sequence[Ranked], needs: Sequence[str], moment: datetime) -> tuple[Row, ...]:
    """What is shown of the answer, with all that is said of it. Two queries."""
    pks = [each.pk for place in places for each in place.group]
    by_pk = {each.pk: each for each in Structure.objects.filter(pk__in=pks).prefetch_related("services")}
    rows = []
    for place in places:
        structure, *others = (by_pk[each.pk] for each in place.group)
        rows.append(replace(_row(structure, others, place.distance_m, needs, moment), out=place.out))
    return tuple(rows)


def _row(
    structure: Structure,
    others: Sequence[Structure],
    distance_m: int | None,
    needs: Sequence[str],
    moment: datetime,
) -> Row:
    by_need: dict[str, Service] = {}
    for each in (structure, *others):
        for service in each.services.all():
            by_need.setdefault(service.need, service)
    if len(by_need) > 1:
        by_need.pop("unknown", None)
    matched = tuple(by_need[need] for need in dict.fromkeys(needs) if need in by_need)
    rest = tuple(service for service in by_need.values() if service not in matched)
    return Row(
        structure,
        tuple(others),
        (*matched, *rest),
        matched,
        fit_of(tuple(needs), by_need),
        distance_m,
        opening_at(_hours((structure, *others)), moment),
    )


def row_of(structure: Structure, *, now: datetime | None = None) -> Row:
    """One place alone, with what all rows of it say, and whether it is open now. Three queries at most."""
    moment = timezone.localtime(now or timezone.now()).replace(tzinfo=None)
    name = folded(structure.name)
    namesakes = (
        Structure.objects.current()
        .filter(commune_code=structure.commune_code, folded__startswith=name)
        .exclude(pk=structure.pk)
        .prefetch_related("services")
        .order_by("pk")
        if structure.commune_code
        else []
    )
    others = [other for other in namesakes if folded(other.name) == name and _speak_of_one(structure, other)]
    others.sort(
        key=lambda other: _says(
            other, sum(service.is_known for service in other.services.all()), f"{other.source_date or ''}"
        ),
        reverse=True,
    )
    return _row(structure, others, None, (), moment)
