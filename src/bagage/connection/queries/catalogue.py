"""The catalogue as it was, is and will be."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.conf import settings
from django.db.models import Q

from bagage.connection.domain.catalogue import Plan, plan_import
from bagage.connection.domain.programme import Line as SoldLine
from bagage.connection.domain.programme import Programme, read_programme
from bagage.connection.domain.sheet import Extra, with_what_is_absent
from bagage.connection.models import Catalogue, CatalogueImport, Line, LineTerms, Offer
from bagage.connection.models.catalogue import OfferQuerySet


def catalogue_stamp() -> str:
    """Changes whenever the catalogue does: what was read under the same stamp, for the same day, still holds.

    ``""`` while there is no catalogue. One query.
    """
    stamp = Catalogue.objects.filter(pk=1).values_list("stamp", flat=True).first()
    return str(stamp or "")


def about() -> str:
    """What the catalogue says of itself, or ``""``."""
    return Catalogue.objects.filter(pk=1).values_list("about", flat=True).first() or ""


def programme_on(day: date) -> Programme:
    """What the engine ranks: the offers on sale on this day, by line, in the order of the catalogue. Three queries.

    Lines without an offer, and what is only history, are left out. Offers of which something is unknown are there:
    the engine lists them as to be checked.
    """
    return _programme(day, with_empty=False)


def catalogue_on(day: date) -> Programme:
    """The same with the lines on which nothing is sold: what is exported, and what an import is compared with."""
    return _programme(day, with_empty=True)


def _programme(day: date, *, with_empty: bool) -> Programme:
    terms = LineTerms.objects.on(day).select_related("line").order_by("line__position", "line_id")
    sold: dict[int, list[Offer]] = defaultdict(list)
    for offer in Offer.objects.on(day).order_by("position", "pk"):
        sold[offer.line_id].append(offer)
    lines: list[SoldLine] = []
    for each in terms:
        offers = tuple(offer.as_sold for offer in sold[each.line_id])
        if offers or with_empty:
            lines.append(each.as_sold(offers))
    return Programme(tuple(lines), about=about())


def extras_on(day: date) -> dict[str, Extra]:
    """What a spreadsheet keeps of each offer on sale beside what the engine reads, by code."""
    return {
        offer.code: Extra(
            begins_on=offer.begins_on.isoformat() if offer.begins_on else "",
            ends_on=offer.ends_on.isoformat() if offer.ends_on else "",
            note=offer.note,
        )
        for offer in Offer.objects.on(day)
    }


def announced_codes(day: date) -> set[str]:
    """The codes of offers that begin after this day."""
    return set(Offer.objects.filter(is_history=False, begins_on__gt=day).values_list("code", flat=True))


# ---------- what asks attention ----------


def verified_before(today: date) -> date:
    """The day before which a verification is too old (``BAGAGE_VERIFY_DAYS``, 60 by default)."""
    return today - timedelta(days=settings.CATALOGUE_VERIFY_DAYS)


def offers_to_verify(today: date) -> OfferQuerySet:
    """Offers on sale that nobody has verified for 60 days (a setting) or ever, the oldest first, with their line."""
    stale = Q(verified_on=None) | Q(verified_on__lt=verified_before(today))
    return (
        Offer.objects.on(today).filter(stale).select_related("line").order_by("verified_on", "position", "pk")
    )


@dataclass(frozen=True, slots=True)
class CatalogueFigures:
    """How many offers, by what they ask of who keeps them."""

    lines: int
    sold: int
    to_verify: int
    to_check: int
    history: int


def catalogue_figures(today: date) -> CatalogueFigures:
    """The figures above the list."""
    sold = Offer.objects.on(today)
    return CatalogueFigures(
        lines=LineTerms.objects.on(today).values("line").distinct().count(),
        sold=sold.count(),
        to_verify=offers_to_verify(today).count(),
        to_check=sold.exclude(unknown=[]).count(),
        history=Offer.objects.history().count(),
    )


# ---------- one line ----------


@dataclass(frozen=True, slots=True)
class OfferPast:
    """The offers that were sold under one code, newest first."""

    code: str
    offers: list[Offer]

    @property
    def newest(self) -> Offer:
        """The one that holds, or that held last."""
        return self.offers[0]


def offers_of(line: Line) -> list[Offer]:
    """All that was, is or will be sold on a line, in the order of the catalogue, newest first within a code."""
    return list(line.offers.order_by("position", "code", "-begins_on", "-pk"))


def pasts_of(offers: Iterable[Offer]) -> list[OfferPast]:
    """These offers by code."""
    by_code: dict[str, list[Offer]] = {}
    for offer in offers:
        by_code.setdefault(offer.code, []).append(offer)
    return [OfferPast(code, found) for code, found in by_code.items()]


def other_versions(offer: Offer) -> list[Offer]:
    """What was sold under the same code before and after, newest first."""
    return list(
        Offer.objects.filter(code=offer.code, is_history=offer.is_history)
        .exclude(pk=offer.pk)
        .order_by("-begins_on", "-pk")
    )


def listed_lines(today: date) -> list[Line]:
    """The lines that one can have on this day or later, in the order of the catalogue."""
    running = LineTerms.objects.filter(Q(ends_on=None) | Q(ends_on__gt=today))
    return list(Line.objects.filter(pk__in=running.values("line")))


# ---------- imports ----------


@dataclass(frozen=True)
class ImportPlan:
    """What confirming an import would do now. ``rows`` are the offers on sale by code."""

    rules: Plan
    ended: tuple[tuple[Offer, date], ...]
    rows: Mapping[str, Offer]
    extras: Mapping[str, Extra]
    about: str

    @property
    def is_empty(self) -> bool:
        """Whether nothing would be written."""
        return self.rules.is_empty and not self.ended


def import_plan(batch: CatalogueImport) -> ImportPlan:
    """Compare what a file holds with the catalogue on the day from which it is to hold."""
    day = batch.begins_on
    kept = batch.programme["programme"]
    file = read_programme(kept) if kept.get("lines") else Programme(())
    extras = {code: Extra(**values) for code, values in batch.programme["extras"].items()}
    rows = {offer.code: offer for offer in Offer.objects.on(day).select_related("line")}
    current = catalogue_on(day)
    columns = batch.programme.get("columns")
    if columns is not None:
        known = {line.id: line for line in current.lines}
        completed = (
            with_what_is_absent(line, known[line.id], columns) if line.id in known else line
            for line in file.lines
        )
        file = replace(file, lines=tuple(completed))
    rules = plan_import(current, announced_codes(day), file)
    replaced = {each.after.id for each in rules.replaced} | {offer.id for _line, offer in rules.added}
    ended = []
    for line in file.lines:
        for offer in line.offers:
            told = extras.get(offer.id, Extra()).ends_on
            row = rows.get(offer.id)
            if not told or row is None or offer.id in replaced or row.line.code != line.id:
                continue
            ends_on = date.fromisoformat(told)
            if ends_on != row.ends_on and row.begins_on and ends_on >= row.begins_on:
                ended.append((row, ends_on))
    return ImportPlan(rules, tuple(ended), rows, extras, file.about)


def recent_imports(limit: int = 10) -> list[CatalogueImport]:
    """The last files that were read, newest first."""
    return list(CatalogueImport.objects.order_by("-read_at", "-pk")[:limit])
