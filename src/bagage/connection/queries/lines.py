"""The lines that a person holds, as her file shows them, and those of a site that are about to stop."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Prefetch, QuerySet

from bagage.common.prepared import prepared
from bagage.common.together import Asking, together
from bagage.connection import line_words
from bagage.connection.domain import lifecycle
from bagage.connection.domain.money import read_money
from bagage.connection.line_words import StateWords, bought_words, event_words, state_words
from bagage.connection.models import Advice, HeldLine, Line, LineEvent, LineTerms, Offer
from bagage.people.models import followed_by
from bagage.permanences.models import Site


@dataclass(frozen=True, slots=True)
class NextPurchase:
    """What the kept advice says to buy next on this line; ``on`` is never past. ``price`` is in cents."""

    name: str
    price: int
    on: date
    is_due: bool


@dataclass(frozen=True, slots=True)
class LineShown:
    """One line of hers as her file shows it."""

    held: HeldLine
    state: StateWords
    bought: str
    days: str
    coming: NextPurchase | None

    @property
    def asks(self) -> bool:
        """Whether something is to be done soon: it stops, or has stopped and can still be brought back."""
        return self.state.css == "ask" or self.held.state == lifecycle.LAPSED


@dataclass(frozen=True, slots=True)
class EventShown:
    """One line of the history."""

    event: LineEvent
    icon: str
    text: str
    is_taken_back: bool
    can_be_undone: bool


@prepared
def _lines_of(files: Iterable[int]) -> QuerySet[HeldLine]:
    lines = HeldLine.objects.of_persons(files).select_related("person", "line")
    return lines.prefetch_related(Prefetch("events", LineEvent.objects.select_related("offer")))


@prepared
def _newest_advice(files: Iterable[int]) -> QuerySet[Advice]:
    return Advice.objects.filter(person_id__in=files).order_by("-kept_at", "-pk")[:1]


@together
def lines_shown(
    files: Iterable[int], *, today: date, warn_days: int, with_advice: bool = True
) -> Asking[list[LineShown]]:
    """Her lines, those that live first, then the newest; four queries, one when she holds none.

    Without ``with_advice`` nothing is said of what was advised to her, for who may not read it.
    """
    ids = list(files)
    held_lines = sorted(
        (yield from _lines_of.asking(ids)),
        key=lambda held: (held.is_live, held.opened_at, held.pk),
        reverse=True,
    )
    if not held_lines:
        return []
    advice = next(iter((yield from _newest_advice.asking(ids))), None) if with_advice else None
    return [line_shown(held, advice, today=today, warn_days=warn_days) for held in held_lines]


def newest_advice(files: Iterable[int]) -> Advice | None:
    """The advice that was kept last."""
    return next(iter(_newest_advice(files)), None)


def line_shown(held: HeldLine, advice: Advice | None, *, today: date, warn_days: int) -> LineShown:
    """One line; no query where its events are there already."""
    last = last_purchase(held)
    return LineShown(
        held,
        state_words(held, today=today, warn_days=warn_days),
        bought_words(last, today) if last else "",
        line_words.days_words(held, today),
        next_purchase(held, advice, last, today=today) if held.is_live else None,
    )


def in_force(held: HeldLine) -> list[LineEvent]:
    """The events that hold, in the order of their days."""
    events = list(held.events.all())
    taken_back = {one.corrects_id for one in events}
    kept = [one for one in events if one.pk not in taken_back and one.kind != LineEvent.Kind.CORRECTED]
    return sorted(kept, key=lambda one: (one.on, one.pk))


def last_purchase(held: HeldLine) -> LineEvent | None:
    """What was bought last on it, the opening included."""
    bought = [one for one in in_force(held) if one.kind in {lifecycle.ACTIVATED, lifecycle.TOPPED_UP}]
    return bought[-1] if bought else None


def history_of(held: HeldLine) -> list[EventShown]:
    """All that was written of a line, the newest first; what was taken back stays, with its counter-entry."""
    events = sorted(held.events.all(), key=lambda one: one.pk, reverse=True)
    by_pk = {one.pk: one for one in events}
    taken_back = {one.corrects_id for one in events}
    last = lifecycle.life_of(events).last
    return [
        EventShown(
            one,
            line_words.ICONS[one.kind],
            event_words(one, by_pk.get(one.corrects_id) if one.corrects_id else None),
            one.pk in taken_back,
            one.pk == last,
        )
        for one in events
    ]


def next_purchase(
    held: HeldLine, advice: Advice | None, last: LineEvent | None, *, today: date
) -> NextPurchase | None:
    """The next top-up of the advised calendar, when the advice is about this very line and still speaks of these days.

    The calendar is the one that was chosen, else the one with few purchases. What was bought since counts: the next is
    the first one after it.
    """
    if advice is None or held.line is None or advice.choice == Advice.Choice.KEEP:
        return None
    best = advice.answer.get("best") or {}
    if best.get("line") != held.line.code or advice.chosen_line not in {"", held.line.code}:
        return None
    calendar = best if advice.choice == Advice.Choice.BEST else best.get("fewest") or best
    offers = {
        offer["id"]: offer
        for line in advice.programme.get("lines") or []
        if line["id"] == held.line.code
        for offer in line["offers"]
    }
    since = last.on if last is not None and last.on >= advice.advised_on else None
    for purchase in calendar.get("purchases") or []:
        on = advice.advised_on + timedelta(days=purchase["day"])
        offer = offers.get(purchase["offer"])
        if offer is None or offer.get("kind") != "top_up" or (since is not None and on <= since):
            continue
        return NextPurchase(
            offer.get("name") or purchase["offer"],
            read_money(purchase["price"]),
            max(on, today),
            on <= today,
        )
    return None


@together
def lines_about_to_lapse(site: Site, *, now: datetime, today: date, days: int) -> Asking[list[HeldLine]]:
    """The lines that stop today or within ``days`` days, of those whom this site follows; the nearest first."""
    return (yield from _lapsing.asking(site.organisation_id, now, today, today + timedelta(days=days)))


@prepared
def _lapsing(node: int, now: datetime, first: date, last: date) -> QuerySet[HeldLine]:
    return (
        HeldLine.objects.about_to_lapse(first, last)
        .filter(followed_by([node], now, "person"))
        .select_related("person")
    )


# ---------- what the forms propose ----------
@dataclass(frozen=True, slots=True)
class RangeOnSale:
    """One range of the catalogue with what is sold on it today."""

    line: Line
    offers: tuple[Offer, ...]


def ranges_on_sale(today: date) -> list[RangeOnSale]:
    """The ranges on sale today, in the order of the catalogue; two queries."""
    on_sale = LineTerms.objects.on(today).values_list("line_id", flat=True)
    lines = list(Line.objects.filter(pk__in=list(on_sale)))
    offers: dict[int, list[Offer]] = {line.pk: [] for line in lines}
    for offer in Offer.objects.on(today).filter(line_id__in=list(offers)):
        offers[offer.line_id].append(offer)
    return [RangeOnSale(line, tuple(offers[line.pk])) for line in lines]


def top_ups_of(held: HeldLine, today: date) -> list[Offer]:
    """What can be bought on it today; none where the catalogue does not have its range."""
    if held.line_id is None:
        return []
    return list(Offer.objects.on(today).filter(line_id=held.line_id, kind=Offer.Kind.TOP_UP))
