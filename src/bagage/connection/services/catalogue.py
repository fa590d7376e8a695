"""Keeping the catalogue: lines and offers begin, end and are replaced; nothing is edited.

Every act locks the one row of :class:`Catalogue` and gives it a new stamp, so that two people at once wait for each
other and whoever keeps a copy of the catalogue reads it again.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import User, actor_of
from bagage.common.errors import BusinessError, Conflict
from bagage.common.words import day_short
from bagage.connection.domain.catalogue import TERMS_FIELDS, changed_fields, changed_line_fields
from bagage.connection.domain.programme import Line as SoldLine
from bagage.connection.domain.programme import Offer as SoldOffer
from bagage.connection.models import Catalogue, CatalogueImport, Line, LineTerms, Offer
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

By = User | Actor


def lock_catalogue() -> Catalogue:
    """The row that whoever changes the catalogue holds until the act is over."""
    Catalogue.objects.get_or_create(pk=1)
    return Catalogue.objects.select_for_update().get(pk=1)


def touch(catalogue: Catalogue) -> None:
    """Say that the catalogue is another one."""
    catalogue.stamp = uuid.uuid4()
    catalogue.save(update_fields=["stamp", "about"])


# ---------- lines ----------


@transaction.atomic
def add_line(line: SoldLine, *, begins_on: date, by: By, at: datetime | None = None) -> Line:
    """A line of an operator, with what its SIM costs. Refused: an id that another line has."""
    at = at or timezone.now()
    catalogue = lock_catalogue()
    if Line.objects.filter(code=line.id).exists():
        raise BusinessError(_("Une autre gamme porte déjà ce code."), field="code")
    made = create_line(line, begins_on=begins_on, at=at)
    touch(catalogue)
    record(actor_of(by), "catalogue.add_line", at=at, thing=f"line:{made.uuid}")
    return made


@transaction.atomic
def change_line(line: Line, sold: SoldLine, *, begins_on: date, by: By, at: datetime | None = None) -> Line:
    """Other names, or other terms from a day on; the terms before it end there. An ended line comes back.

    Refused: a day before the present terms began, and a change that changes nothing.
    """
    at = at or timezone.now()
    catalogue = lock_catalogue()
    now = line.terms.order_by("-begins_on", "-pk").first()
    before = now.as_sold() if now and now.ends_on is None else None
    fields = changed_line_fields(before, sold) if before else TERMS_FIELDS
    if not fields:
        raise BusinessError(_("Rien n’a changé."))
    if now and begins_on < (now.ends_on or now.begins_on):
        raise BusinessError(
            _("Les conditions d’avant valent depuis le %(day)s : choisissez ce jour ou un jour d’après.")
            % {"day": day_short(now.ends_on or now.begins_on, year=True)},
            field="begins_on",
        )
    write_line(line, sold, begins_on=begins_on, at=at)
    touch(catalogue)
    record(actor_of(by), "catalogue.change_line", at=at, thing=f"line:{line.uuid}", fields=fields)
    return line


@transaction.atomic
def end_line(line: Line, *, ends_on: date, by: By, at: datetime | None = None) -> None:
    """No one can have this line any more from ``ends_on`` on: its terms and all its offers end.

    Who holds it keeps it: a held line lives its own life. Refused: a line that has ended already.
    """
    at = at or timezone.now()
    catalogue = lock_catalogue()
    open_terms = line.terms.filter(ends_on=None).first()
    if open_terms is None:
        raise Conflict(_("Cette gamme est déjà retirée."))
    if ends_on < open_terms.begins_on:
        raise BusinessError(_("La fin vient après le début."), field="ends_on")
    LineTerms.objects.filter(pk=open_terms.pk).update(ends_on=ends_on)
    running = Q(ends_on=None) | Q(ends_on__gt=ends_on)
    offers = Offer.objects.filter(running, line=line, is_history=False)
    # One that had not begun by then never does.
    for offer in offers:
        Offer.objects.filter(pk=offer.pk).update(ends_on=max(ends_on, offer.begins_on or ends_on))
    touch(catalogue)
    record(actor_of(by), "catalogue.end_line", at=at, thing=f"line:{line.uuid}", fields=["ends_on"])


# ---------- offers ----------


@transaction.atomic
def add_offer(
    line: Line, offer: SoldOffer, *, begins_on: date, note: str = "", by: By, at: datetime | None = None
) -> Offer:
    """An offer on a line, from a day on. Refused: an id that something sold then or later has, an ended line."""
    at = at or timezone.now()
    catalogue = lock_catalogue()
    if not line.terms.filter(ends_on=None).exists():
        raise BusinessError(_("Cette gamme est retirée : donnez-lui d’abord de nouvelles conditions."))
    refuse_taken_code(offer.id, begins_on)
    made = create_offer(line, offer, begins_on=begins_on, note=note, at=at)
    touch(catalogue)
    record(actor_of(by), "catalogue.add_offer", at=at, thing=f"offer:{made.uuid}")
    return made


@transaction.atomic
def replace_offer(
    old: Offer,
    offer: SoldOffer,
    *,
    begins_on: date,
    note: str | None = None,
    by: By,
    at: datetime | None = None,
) -> Offer:
    """The offer changes from a day on: the old row ends there, another begins under the same code.

    Refused: an offer that ended or was replaced already, a day before it began, and a change that changes nothing.
    """
    at = at or timezone.now()
    catalogue = lock_catalogue()
    old = still_open(old)
    note = old.note if note is None else note
    fields = changed_fields(old.as_sold, offer) + (("note",) if note != old.note else ())
    if not fields:
        raise BusinessError(_("Rien n’a changé. Si l’offre tient toujours, notez qu’elle est vérifiée."))
    if old.begins_on and begins_on < old.begins_on:
        raise BusinessError(
            _("Elle est vendue ainsi depuis le %(day)s : choisissez ce jour ou un jour d’après.")
            % {"day": day_short(old.begins_on, year=True)},
            field="begins_on",
        )
    Offer.objects.filter(pk=old.pk).update(ends_on=begins_on)
    made = create_offer(old.line, offer, begins_on=begins_on, note=note, at=at, replaces=old)
    touch(catalogue)
    record(actor_of(by), "catalogue.replace_offer", at=at, thing=f"offer:{made.uuid}", fields=fields)
    return made


@transaction.atomic
def end_offer(offer: Offer, *, ends_on: date | None, by: By, at: datetime | None = None) -> Offer:
    """It is not sold any more from ``ends_on`` on; while that day is to come it can be another one, or none.

    Refused: an offer that is over or was replaced, a day before it began, no end while its code is taken later.
    """
    at = at or timezone.now()
    catalogue = lock_catalogue()
    offer = _locked(offer)
    today = timezone.localdate(at)
    if offer.is_history or offer.is_past(today) or offer.replaced_by.exists():
        raise Conflict(_("Cette offre a déjà une fin : une autre l’a peut-être remplacée."))
    if ends_on and offer.begins_on and ends_on < offer.begins_on:
        raise BusinessError(_("La fin vient après le début."), field="ends_on")
    others = Offer.objects.filter(code=offer.code, is_history=False).exclude(pk=offer.pk)
    later = others.filter(begins_on__gte=offer.begins_on, ends_on=None).first()
    if later and (ends_on is None or ends_on > (later.begins_on or ends_on)):
        raise BusinessError(
            _("Une autre offre prend sa suite le %(day)s.")
            % {"day": day_short(later.begins_on or today, year=True)},
            field="ends_on",
        )
    if ends_on is None and not offer.line.terms.filter(ends_on=None).exists():
        raise BusinessError(_("Cette gamme est retirée : donnez-lui d’abord de nouvelles conditions."))
    offer.ends_on = ends_on
    offer.save(update_fields=["ends_on"])
    touch(catalogue)
    record(actor_of(by), "catalogue.end_offer", at=at, thing=f"offer:{offer.uuid}", fields=["ends_on"])
    return offer


@transaction.atomic
def verify_offer(offer: Offer, *, by: By, at: datetime | None = None) -> Offer:
    """Someone has looked today at its source, and it holds. Refused: what is only history, or has ended."""
    at = at or timezone.now()
    catalogue = lock_catalogue()
    offer = _locked(offer)
    today = timezone.localdate(at)
    if offer.is_history or (offer.ends_on and offer.ends_on <= today):
        raise Conflict(_("Cette offre n’est plus vendue : il n’y a rien à vérifier."))
    offer.verified_on = today
    offer.save(update_fields=["verified_on"])
    touch(catalogue)
    record(actor_of(by), "catalogue.verify_offer", at=at, thing=f"offer:{offer.uuid}", fields=["verified_on"])
    return offer


# ---------- the rows themselves, for these acts and for imports ----------


def create_line(
    line: SoldLine, *, begins_on: date, at: datetime, batch: CatalogueImport | None = None
) -> Line:
    """A new line at the end of the catalogue, with its first terms."""
    made = Line.objects.create(
        code=line.id,
        operator=line.operator,
        name=line.name,
        is_solidarity=line.solidarity,
        position=_next_position(Line.objects.all()),
        created_at=at,
        imported_by=batch,
    )
    create_terms(made, line, begins_on=begins_on, at=at, batch=batch)
    return made


def create_terms(
    line: Line, sold: SoldLine, *, begins_on: date, at: datetime, batch: CatalogueImport | None = None
) -> LineTerms:
    """Terms of a line from a day on, without an end."""
    return LineTerms.objects.create(
        line=line,
        sim_price=sold.sim_price,
        monthly_cap=sold.monthly_cap,
        unit_prices=dict(sold.unit_prices),
        begins_on=begins_on,
        created_at=at,
        imported_by=batch,
    )


def write_line(
    line: Line, sold: SoldLine, *, begins_on: date, at: datetime, batch: CatalogueImport | None = None
) -> None:
    """Its names as told; its terms end on that day and others begin when they differ."""
    line.operator, line.name, line.is_solidarity = sold.operator, sold.name, sold.solidarity
    line.save(update_fields=["operator", "name", "is_solidarity"])
    now = line.terms.filter(ends_on=None).select_related("line").first()
    if now is None or set(changed_line_fields(now.as_sold(), sold)) & set(TERMS_FIELDS):
        line.terms.filter(ends_on=None).update(ends_on=begins_on)
        create_terms(line, sold, begins_on=begins_on, at=at, batch=batch)


def offer_row(
    line: Line,
    offer: SoldOffer,
    *,
    position: int,
    begins_on: date,
    ends_on: date | None = None,
    note: str = "",
    at: datetime,
    replaces: Offer | None = None,
    batch: CatalogueImport | None = None,
) -> Offer:
    """One row, not written yet."""
    return Offer(
        line=line,
        code=offer.id,
        name=offer.name,
        kind=offer.kind,
        price=None if "price" in offer.unknown else offer.price,
        validity_days=offer.validity_days,
        allowances=dict(offer.allowances),
        credit=offer.credit,
        overage=dict(offer.overage),
        commitment_months=offer.commitment_months,
        requires=[next(iter(item)) if len(item) == 1 else sorted(item) for item in offer.requires],
        source=offer.source,
        as_of=offer.as_of,
        verified_on=date.fromisoformat(offer.verified_on) if offer.verified_on else None,
        unknown=list(offer.unknown),
        note=note,
        begins_on=begins_on,
        ends_on=ends_on,
        replaces=replaces,
        position=position,
        created_at=at,
        imported_by=batch,
    )


def create_offer(
    line: Line,
    offer: SoldOffer,
    *,
    begins_on: date,
    ends_on: date | None = None,
    note: str = "",
    at: datetime,
    replaces: Offer | None = None,
    batch: CatalogueImport | None = None,
) -> Offer:
    """One row at the end of its line; what replaces another stands at its place in the catalogue."""
    made = offer_row(
        line,
        offer,
        position=replaces.position if replaces else _next_position(line.offers.all()),
        begins_on=begins_on,
        ends_on=ends_on,
        note=note,
        at=at,
        replaces=replaces,
        batch=batch,
    )
    made.save(force_insert=True)
    return made


def still_open(offer: Offer) -> Offer:
    """The row as it is now, locked. Refused: one that has an end already, or that is only history."""
    offer = _locked(offer)
    if offer.is_history or offer.ends_on is not None:
        raise Conflict(_("Cette offre a déjà une fin : une autre l’a peut-être remplacée."))
    return offer


def _locked(offer: Offer) -> Offer:
    found: Offer = Offer.objects.select_for_update(of=("self",)).select_related("line").get(pk=offer.pk)
    return found


def refuse_taken_code(code: str, begins_on: date) -> None:
    """Refused: a code under which something is sold on that day or later."""
    running = Q(ends_on=None) | Q(ends_on__gt=begins_on)
    if Offer.objects.filter(running, code=code, is_history=False).exists():
        raise BusinessError(_("Une offre vendue porte déjà ce code."), field="code")


def _next_position(rows: object) -> int:
    highest: int | None = rows.aggregate(highest=Max("position"))["highest"]  # type: ignore[attr-defined]
    return (highest or 0) + 1
