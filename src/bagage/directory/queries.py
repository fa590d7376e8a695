"""The panorama searched: who around answers a need, why, when, and what nobody knows of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from django.db.models import Count, Q
from django.utils import timezone

from bagage.directory.domain.communes import commune, distance_km, folded
from bagage.directory.domain.matching import (
    LEFT_OUT,
    Fit,
    Opening,
    State,
    box_around,
    fit_of,
    is_same_place,
    left_out,
    opening_at,
)
from bagage.directory.domain.needs import WITH_SOMEONE, Cost
from bagage.directory.models import Service, Structure, StructureQuerySet

RADIUS_KM = 2.0
LIMIT = 12
# Further than this a list is no panorama any more; the answer says that it was cut.
READ_AT_MOST = 4000
WORDS_AT_MOST = 6

Near = tuple[float, float] | str | None


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

    @property
    def hours(self) -> str:
        """The hours that are said of the place, by whichever row says them."""
        return next((each.hours for each in (self.structure, *self.also) if each.hours), "")

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
) -> Found:
    """The places that answer, the best first: by fit, then by distance. Three queries whatever is found.

    ``near`` is a point in degrees, or the INSEE code of a commune; ``None`` searches the whole country by ``words``.
    ``open_at`` leaves out who is closed at that moment, ``cost="free"`` who asks for money, ``with_someone`` where one
    is left alone; who does not say stays in. ``also`` brings back those left out, by why (``"closed"``, ``"paid"``,
    ``"alone"``, ``"others"``). Open or closed is told for ``open_at``, else for ``now``.
    """
    now = now or timezone.now()
    moment = timezone.localtime(open_at or now).replace(tzinfo=None)
    point, narrowed = _narrowed(near, radius_km)
    for word in folded(words).split()[:WORDS_AT_MOST]:
        narrowed = narrowed.filter(folded__contains=word)
    # Ordered here and not by the database, which would else walk the whole table by its key up to the limit.
    structures = sorted(narrowed.prefetch_related("services")[: READ_AT_MOST + 1], key=lambda each: each.pk)
    is_cut = len(structures) > READ_AT_MOST
    counts = Structure.objects.current().aggregate(
        known=Count("pk"), unplaced=Count("pk", filter=Q(latitude=None))
    )
    rows: list[Row] = []
    out: Counter[str] = Counter()
    for structure, others, distance_m in _places(structures[:READ_AT_MOST], point, radius_km):
        row = _row(structure, others, distance_m, needs, moment, is_open_asked=open_at is not None)
        reason = left_out(
            fit=row.fit,
            state=row.opening.state if open_at is not None else None,
            costs=row.costs,
            modes=row.modes,
            must_be_free=cost == Cost.FREE,
            with_someone=with_someone,
        )
        if reason and reason not in also:
            out[reason] += 1
            continue
        rows.append(replace(row, out=reason))
    rows.sort(key=lambda row: _rank(row, is_open_asked=open_at is not None, must_be_free=cost == Cost.FREE))
    shown = tuple(_opened(row, moment) for row in rows[:limit])
    return Found(
        shown,
        len(rows),
        sum(row.fit in {Fit.ALL, Fit.SOME} for row in rows),
        {reason: out[reason] for reason in LEFT_OUT if out[reason]},
        point,
        counts["unplaced"],
        counts["known"] == 0,
        is_cut,
    )


def _narrowed(near: Near, radius_km: float) -> tuple[tuple[float, float] | None, StructureQuerySet]:
    """The point that is meant, and the places in reach of it."""
    current = Structure.objects.current()
    if near is None:
        return None, current
    if isinstance(near, str):
        there = commune(near)
        if there is None or there.latitude is None or there.longitude is None:
            return None, current.filter(commune_code=near)
        near = (there.latitude, there.longitude)
    return near, current.within(*box_around(near[0], near[1], radius_km))


def _places(
    structures: Sequence[Structure], point: tuple[float, float] | None, radius_km: float
) -> Iterator[tuple[Structure, list[Structure], int | None]]:
    """Each place once: the row that says most of it, the others that speak of it, how far it is."""
    groups: dict[tuple[str, str], list[list[Structure]]] = {}
    for structure in structures:
        if point is not None and _metres(structure, point) > radius_km * 1000:
            continue
        same_name = groups.setdefault((folded(structure.name), structure.commune_code or structure.city), [])
        for group in same_name:
            if _speak_of_one(group[0], structure):
                group.append(structure)
                break
        else:
            same_name.append([structure])
    for same_name in groups.values():
        for group in same_name:
            best, *others = sorted(group, key=_says, reverse=True)
            yield best, others, _metres(best, point) if point is not None else None


def _speak_of_one(one: Structure, other: Structure) -> bool:
    return is_same_place(
        (one.latitude, one.longitude),
        (other.latitude, other.longitude),
        both_exact=one.position == other.position == Structure.Position.EXACT,
    )


def _metres(structure: Structure, point: tuple[float, float]) -> int:
    return round(distance_km(*point, structure.latitude or 0.0, structure.longitude or 0.0) * 1000)


def _says(structure: Structure) -> tuple[object, ...]:
    """How much a row says: an exact point, hours, services; the newest of equals."""
    return (
        structure.position == Structure.Position.EXACT,
        sum(service.is_known for service in structure.services.all()),
        bool(structure.hours),
        bool(structure.phone),
        structure.source_date.toordinal() if structure.source_date else 0,
        structure.pk,
    )


def _row(
    structure: Structure,
    others: Sequence[Structure],
    distance_m: int | None,
    needs: Sequence[str],
    moment: datetime,
    *,
    is_open_asked: bool,
) -> Row:
    by_need: dict[str, Service] = {}
    for each in (structure, *others):
        for service in each.services.all():
            by_need.setdefault(service.need, service)
    if len(by_need) > 1:
        by_need.pop("unknown", None)
    matched = tuple(by_need[need] for need in dict.fromkeys(needs) if need in by_need)
    rest = tuple(service for service in by_need.values() if service not in matched)
    row = Row(
        structure,
        tuple(others),
        (*matched, *rest),
        matched,
        fit_of(tuple(needs), by_need),
        distance_m,
        Opening(State.UNKNOWN),
    )
    # Hours cost most to work out: of the whole answer only when that decides, else of what is shown.
    return _opened(row, moment) if is_open_asked else row


def _opened(row: Row, moment: datetime) -> Row:
    return replace(row, opening=opening_at(row.hours, moment))


def _rank(row: Row, *, is_open_asked: bool, must_be_free: bool) -> tuple[object, ...]:
    """By fit: what was asked and answered, before what nobody says; then by distance, then by name."""
    return (
        bool(row.out),
        row.fit,
        -len(row.matched),
        is_open_asked and row.opening.state is State.UNKNOWN,
        must_be_free and not row.costs,
        row.distance_m if row.distance_m is not None else 0,
        row.structure.folded,
        row.structure.pk,
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
    return _opened(
        _row(structure, sorted(others, key=_says, reverse=True), None, (), moment, is_open_asked=False),
        moment,
    )
