"""The panorama searched: who around answers a need, why, when, and what nobody knows of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from itertools import compress

from django.db.models import Count, Min
from django.utils import timezone

from bagage.common.hours import out_of_zone
from bagage.common.school import zone_of
from bagage.directory.domain.asking import Understood
from bagage.directory.domain.communes import folded
from bagage.directory.domain.matching import LEFT_OUT, Fit, Opening, State, fit_of, is_same_place, opening_at
from bagage.directory.domain.needs import WITH_SOMEONE, Cost, Need
from bagage.directory.models import Feed, FeedRow, LikelySame, Proposal, Service, Structure
from bagage.directory.search import reasons
from bagage.directory.search.asked import Question, question_of
from bagage.directory.search.index import panorama
from bagage.directory.search.ranking import Answer, answer_to
from bagage.directory.search.reasons import Reason
from bagage.directory.search.state import Panorama
from bagage.directory.search.told import PlaceTold, ServiceTold, Told
from bagage.directory.search.vocabulary import KIND_BIT, NEED_BIT

RADIUS_KM = 2.0
LIMIT = 12
# An export holds no more places than this.
READ_AT_MOST = 4000

Near = tuple[float, float] | str | None

# Activities above say how places answer whom they are sent, in words: for each place (the keys of all its rows) a
# sentence, or "". One query for all of them. ``bagage.referrals`` does.
ANSWERING: list[Callable[[Sequence[Sequence[int]]], Sequence[str]]] = []


def answering_of(places: Sequence[Sequence[int]]) -> list[str]:
    """How each of these places answers, as activities above know it: ``"Répond d’habitude en 3 jours…"`` or ``""``."""
    told = [tell(places) for tell in ANSWERING]
    return [" ".join(said for said in each if said) for each in zip(*told, strict=True)] or [""] * len(places)


class Page:
    """The places that are shown, read from the tables together when one of them is first looked at."""

    def __init__(self, pks: Sequence[int], told: Told | None = None) -> None:
        """``told``: what programs were told of places already, as current as the answer."""
        self.pks = pks
        self._told = told or Told()

    @cached_property
    def loaded(self) -> dict[int, Structure]:
        """The models, with what they give, by key. Two queries."""
        found = Structure.objects.filter(pk__in=self.pks).prefetch_related("services")
        return {each.pk: each for each in found}

    @cached_property
    def told(self) -> dict[int, PlaceTold]:
        """What programs are told of them, by key. One query at most, for this and for what they give."""
        return self._told.of(self.pks)


@dataclass(frozen=True)
class Row:
    """One place of the answer. ``also`` are other rows of the files that speak of the same place.

    ``services`` is what is said to be given, those that were asked first; ``matched`` are the asked ones among them.
    ``distance_m`` is as the crow flies, in metres; ``None`` when there is no point to measure from. ``out`` says why
    it would have been left out, when one asked to see it all the same. ``why`` are the things asked that it says.
    ``until`` ends the time from ``moment`` on within which it has to be open, where one was asked. ``zone`` is that of
    its school holidays. The models are read when one of them is first looked at, for all rows of the answer together.
    """

    pks: tuple[int, ...]
    page: Page
    needs: tuple[str, ...]
    fit: Fit
    distance_m: int | None
    moment: datetime
    said_hours: str = ""
    out: str = ""
    why: tuple[Reason, ...] = ()
    themes: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    closed_until: date | None = None
    until: datetime | None = None
    zone: str = ""

    @cached_property
    def structure(self) -> Structure:
        """The row that says most of the place."""
        return self.page.loaded[self.pks[0]]

    @cached_property
    def also(self) -> tuple[Structure, ...]:
        """Other rows that speak of it."""
        return tuple(self.page.loaded[pk] for pk in self.pks[1:] if pk in self.page.loaded)

    @cached_property
    def opening(self) -> Opening:
        """Whether it is open at :attr:`told_at`."""
        return _opening(self.said_hours, self.closed_until, self.told_at, self.zone)

    @cached_property
    def told_at(self) -> datetime:
        """The moment that is asked, else now; of a longer time, the first moment of it at which it is open."""
        first = _opening(self.said_hours, self.closed_until, self.moment, self.zone)
        if first.state is not State.CLOSED or first.opens_at is None or self.until is None:
            return self.moment
        return first.opens_at if first.opens_at < self.until else self.moment

    @cached_property
    def services(self) -> tuple[Service, ...]:
        """What it gives, each once: a need that two rows say is said by the one that says most."""
        given = _given((self.structure, *self.also))
        matched = [service for service in given if self._is_asked(service)]
        order = {need: number for number, need in enumerate(self.needs)}
        matched.sort(key=lambda service: min(order.get(need, len(order)) for need in service.all_needs))
        return (*matched, *(service for service in given if service not in matched))

    @cached_property
    def matched(self) -> tuple[Service, ...]:
        """Those of its services that were asked for."""
        return tuple(service for service in self.services if self._is_asked(service))

    def _is_asked(self, service: Service) -> bool:
        return any(need in self.needs for need in service.all_needs) or any(
            theme in self.themes for theme in service.themes
        )

    @property
    def hours(self) -> str:
        """The hours that are said of the place, by whichever row says them."""
        return self.said_hours

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
        places = [each.accessibility for each in (self.structure, *self.also)]
        said = [*places, *(each.accessibility for each in self.services)]
        return next((each for each in said if each), "")

    @cached_property
    def told(self) -> tuple[PlaceTold, ...]:
        """Its rows as programs are told of them, the one that says most first."""
        return tuple(self.page.told[pk] for pk in self.pks if pk in self.page.told)

    @property
    def services_told(self) -> tuple[tuple[PlaceTold, ServiceTold], ...]:
        """Its services as programs are told of them, those that were asked first, each with the row that says it."""
        found: list[tuple[PlaceTold, ServiceTold]] = []
        seen: set[str] = set()
        for place in self.told:
            for service in place.services:
                if not service.source_id:
                    if service.need in seen:
                        continue
                    seen.add(service.need)
                found.append((place, service))
        if len(found) > 1:
            found = [each for each in found if each[1].need != Need.UNKNOWN or each[1].source_id] or found
        found.sort(key=lambda each: each[1].need not in self.needs)
        return tuple(found)


@dataclass(frozen=True, slots=True)
class Found:
    """The answer. ``total`` places may answer, of which ``rows`` are some; ``out`` counts those left out, by why.

    ``saying`` of them say that they give what is asked, some of it at least; of the others nobody says what they give.
    ``point`` is what distances are measured from. ``unplaced``: places nobody knows where to put, in no answer around a
    point. ``is_empty``: the panorama itself holds nothing. ``is_cut``: there was more than one answer may hold.
    ``understood`` is what the text was read as. ``wanted``: the publics, languages, ways (``access``) and particular
    needs (``care``) that were asked for, by the conditions or by the text, as codes.
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
    wanted: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # Whether a source does not answer: :func:`failing` says which.
    some_fail: bool = False

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)


def search_services(
    *,
    needs: Sequence[str] = (),
    near: Near = None,
    radius_km: float | None = None,
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
    home: tuple[float, float] | None = None,
) -> Found:
    """The places that answer, the best first: by fit, then by distance.

    ``needs`` are named as :func:`~bagage.directory.domain.needs.needs_named` knows them, or themes of data·inclusion.
    ``near`` is a point in degrees, or the INSEE code of a commune; ``None`` searches the whole country. Without
    ``radius_km`` the reach goes from 5 to 20 and 50 km, as long as too few answer. ``words`` must all be written of a
    place; ``text`` is free, and is read for all the rest (where, what, when, for whom); what is said by itself holds
    over it. ``open_at`` leaves out who is closed at that moment, ``cost="free"`` who asks for money, ``with_someone``
    where one is left alone; who does not say stays in. ``languages`` (ISO 639-1), ``publics``, ``access``, ``care`` put
    first who says them. ``kinds`` keeps to places of these kinds, and to others that give all that is asked. ``also``
    brings back those left out, by why (``"closed"``, ``"paid"``, ``"alone"``, ``"others"``). Open or closed is told for
    the moment asked, else for ``now``. ``home``: the nearest of namesakes is meant. One query, and those of what is
    looked at in the rows: two for all their models, one for all that programs are told.
    """
    here = timezone.localtime(now or timezone.now()).replace(tzinfo=None)
    question, understood = question_of(
        text=text,
        needs=needs,
        near=near,
        radius_km=radius_km,
        words=words,
        open_at=timezone.localtime(open_at).replace(tzinfo=None) if open_at else None,
        cost=cost,
        with_someone=with_someone,
        publics=publics,
        languages=languages,
        access=access,
        care=care,
        kinds=kinds,
        also=also,
        now=here,
        home=home,
    )
    known, some_fail = panorama()
    answer = answer_to(question, known, offset=offset, limit=limit)
    return Found(
        _rows(question, known, answer, understood),
        answer.total,
        answer.saying,
        answer.counted_out,
        question.point,
        known.unplaced,
        known.size == 0,
        False,
        understood,
        {name: getattr(question, name) for name in ("publics", "languages", "access", "care")},
        some_fail,
    )


def _rows(question: Question, known: Panorama, answer: Answer, understood: Understood) -> tuple[Row, ...]:
    """What is told of the places of the answer without loading any of them."""
    pks = known.part.places["pk"]
    of_each = [
        tuple(pks[known.rows[known.starts[group] : known.starts[group + 1]]].tolist())
        for group in answer.groups
    ]
    page = Page([pk for some in of_each for pk in some], known.told)
    themes = tuple(asked.theme for asked in question.needs if asked.theme)
    communes = frozenset(question.communes)
    unknown = _unknown(known, answer, question.moment)
    found = []
    for at, group in enumerate(answer.groups.tolist()):
        fit = Fit(int(answer.fit[at]))
        closed = int(known.closed[group])
        hours, zone = out_of_zone(known.words.hours.texts[known.hours[group]])
        found.append(
            Row(
                of_each[at],
                page,
                question.all_needs,
                fit,
                int(answer.metres[at]) if answer.metres is not None else None,
                question.moment,
                hours,
                LEFT_OUT[answer.out[at] - 1] if answer.out[at] else "",
                _why(question, known, answer, at, communes, understood),
                themes,
                unknown[at],
                date.fromordinal(closed) if closed else None,
                question.ends,
                zone,
            )
        )
    return tuple(found)


def _why(
    question: Question,
    known: Panorama,
    answer: Answer,
    at: int,
    communes: frozenset[str],
    understood: Understood,
) -> tuple[Reason, ...]:
    """The things asked that a place says."""
    group = int(answer.groups[at])
    given = int(known.needs[group])
    found = [Reason(reasons.NEED, need) for need in question.all_needs if NEED_BIT[need] & given]
    said = {name for name, flags in answer.said.items() if flags[at]}
    if "kind" in said:
        bits = int(known.kinds[group])
        found += [Reason(reasons.KIND, kind) for kind in question.kinds if KIND_BIT.get(kind, 0) & bits]
    if "label" in said:
        found += [Reason(reasons.LABEL, label) for label in question.labels]
    if "name" in said:
        found.append(Reason(reasons.NAME, understood.rest))
    code = known.words.communes.texts[known.commune[group]]
    if code and code in communes:
        found.append(Reason(reasons.PLACE, code))
    if "open" in said:
        found.append(Reason(reasons.OPEN))
    if "cost" in said:
        found.append(Reason(reasons.COST, question.cost))
    if "with_someone" in said:
        found.append(Reason(reasons.SOMEONE))
    for name, code_of, asked, bits_of in (
        ("publics", reasons.PUBLIC, question.publics, known.words.publics),
        ("languages", reasons.LANGUAGE, question.languages, known.words.languages),
        ("access", reasons.ACCESS, question.access, known.words.access),
        ("care", reasons.CARE, question.care, known.words.care),
    ):
        if name in said:
            first, last = known.given[group], known.given[group + 1]
            held = 0
            for bits_said in known.services[name][first:last].tolist():
                held |= bits_said
            found += [Reason(code_of, value) for value in asked if bits_of.bit(value) & held]
    return tuple(found)


UNKNOWN = ("need", "hours", "cost", "help", "access")


def _unknown(known: Panorama, answer: Answer, moment: datetime) -> list[tuple[str, ...]]:
    """What nobody says of each place of an answer: some of :data:`UNKNOWN`."""
    groups = answer.groups
    modes = known.words.modes
    helped = sum({modes.bit(mode) for mode in (*WITH_SOMEONE, "alone")})
    is_shut = known.closed[groups] >= moment.toordinal()
    flags = (
        (answer.fit >= Fit.NOT_SAID) | ((known.needs[groups] & ~NEED_BIT[Need.UNKNOWN]) == 0),
        ~is_shut & (known.words.open_at(known.hours[groups], moment, moment) == -1),
        known.costs[groups] == 0,
        (known.modes[groups] & helped) == 0,
        ~known.has_access[groups],
    )
    return [tuple(compress(UNKNOWN, row)) for row in zip(*(each.tolist() for each in flags), strict=True)]


def _opening(hours: str, closed_until: date | None, moment: datetime, zone: str) -> Opening:
    if closed_until is not None and closed_until >= moment.date():
        return Opening(State.CLOSED)
    return opening_at(hours, moment, zone)


def _given(rows: Sequence[Structure]) -> list[Service]:
    """What all rows of a place give, the first to say a need first; help nobody says which is told when it is all."""
    found: list[Service] = []
    seen: set[str] = set()
    for each in rows:
        for service in each.services.all():
            if not service.source_id:
                if service.need in seen:
                    continue
                seen.add(service.need)
            found.append(service)
    return [service for service in found if service.is_known or service.source_id] or found


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
    others = [
        other
        for other in namesakes
        if folded(other.name) == name
        and is_same_place(
            (structure.latitude, structure.longitude),
            (other.latitude, other.longitude),
            both_exact=structure.position == other.position == Structure.Position.EXACT,
        )
    ]
    others.sort(key=_says, reverse=True)
    rows = (structure, *others)
    page = Page([each.pk for each in rows])
    page.__dict__["loaded"] = {each.pk: each for each in rows}
    given = _given(rows)
    hours = next((each.hours for each in rows if each.hours), "")
    zone = zone_of(structure.commune_code or structure.postcode)
    closed = max((each.closed_until for each in rows if each.closed_until), default=None)
    fit = fit_of((), [service.need for service in given])
    modes = {mode for service in given for mode in service.modes}
    asked = {
        "need": not any(service.is_known for service in given),
        "hours": _opening(hours, closed, moment, zone).state is State.UNKNOWN,
        "cost": all(service.cost == Cost.UNKNOWN for service in given),
        "help": not modes & (WITH_SOMEONE | {"alone"}),
        "access": not any(each.accessibility for each in rows)
        and not any(each.accessibility for each in given),
    }
    return Row(
        tuple(page.pks),
        page,
        (),
        fit,
        None,
        moment,
        hours,
        unknown=tuple(name for name, is_unknown in asked.items() if is_unknown),
        closed_until=closed,
        zone=zone,
    )


def _says(row: Structure) -> tuple[object, ...]:
    """How much a row says: an exact point, known services, hours, a phone; the newest of equals."""
    return (
        row.position == Structure.Position.EXACT,
        sum(service.is_known for service in row.services.all()),
        bool(row.hours),
        bool(row.phone),
        f"{row.source_date or ''}",
        row.pk,
    )


def failing() -> list[dict[str, str]]:
    """The sources that do not answer, and since when: something may be missing. One query."""
    rows = Feed.objects.filter(stopped_at=None, failing_since__isnull=False).order_by("slug")
    return [
        {"source": feed.slug, "since": feed.failing_since.isoformat()} for feed in rows if feed.failing_since
    ]


# ---------- what waits for who keeps it ----------
# Rows of which nothing is to be done: an administration's address, a place that is no more.
FOR_NOBODY = ("office", "closed")


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for who keeps the panorama.

    ``failing`` are the sources that do not answer, the longest first. ``aside`` are the rows set aside of which
    something can be done, ``aside_of`` their source when they are all of one.
    """

    failing: list[Feed]
    aside: int
    aside_of: Feed | None
    proposals: int
    oldest_proposal: datetime | None
    likely: int


def what_waits() -> Waiting:
    """What waits for who keeps the panorama. Four queries, whatever waits."""
    failing = Feed.objects.filter(failing_since__isnull=False, stopped_at=None)
    aside = list(
        FeedRow.objects.filter(state=FeedRow.State.ASIDE)
        .exclude(faults__0__code__in=FOR_NOBODY)
        .values("feed__uuid", "feed__name")
        .annotate(count=Count("pk"))
        .order_by("feed__name")
    )
    said = Proposal.objects.filter(state=Proposal.State.WAITING).aggregate(
        count=Count("pk"), oldest=Min("created_at")
    )
    return Waiting(
        failing=list(failing.order_by("failing_since", "name")),
        aside=sum(each["count"] for each in aside),
        aside_of=Feed(uuid=aside[0]["feed__uuid"], name=aside[0]["feed__name"]) if len(aside) == 1 else None,
        proposals=said["count"],
        oldest_proposal=said["oldest"],
        likely=LikelySame.objects.filter(state=LikelySame.State.PROPOSED).count(),
    )
