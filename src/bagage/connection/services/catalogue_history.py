"""Offers of other times, as their sources tell them: never ranked, kept to be looked at."""

from __future__ import annotations

import csv
from datetime import datetime
from importlib.resources import files

from django.db import transaction
from django.utils import timezone

from bagage.accounts.models import User, actor_of
from bagage.connection.domain.history import HistoricOffer, read_history
from bagage.connection.models import Line, Offer
from bagage.connection.services.catalogue import lock_catalogue, touch
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record


def history_rows() -> list[HistoricOffer]:
    """What comes with Bagage: ``data/history.csv``, read."""
    text = files("bagage.connection").joinpath("data/history.csv").read_text(encoding="utf-8")
    return read_history(csv.DictReader(text.splitlines()))


@transaction.atomic
def load_offer_history(*, by: User | Actor, at: datetime | None = None) -> int:
    """Write down the offers of other times that are not there yet; return how many were added.

    Each keeps the very words of its source; what they leave out is named in ``unknown``.
    """
    at = at or timezone.now()
    catalogue = lock_catalogue()
    known = set(Offer.objects.history().values_list("code", flat=True))
    lines = {line.code: line for line in Line.objects.filter(code__startswith="history-")}
    rows = [row for row in history_rows() if row.code not in known]
    if not rows:
        return 0
    for row in rows:
        if row.line not in lines:
            # After all that is sold: history is at the end of the catalogue.
            lines[row.line] = Line.objects.create(
                code=row.line, operator=row.operator, position=1_000_000, created_at=at
            )
    Offer.objects.bulk_create(_offer(row, lines[row.line], position, at) for position, row in enumerate(rows))
    touch(catalogue)
    record(actor_of(by), "catalogue.load_history", at=at)
    return len(rows)


def _offer(row: HistoricOffer, line: Line, position: int, at: datetime) -> Offer:
    return Offer(
        line=line,
        code=row.code,
        name=row.name,
        kind=row.kind,
        price=row.price,
        validity_days=row.validity_days,
        allowances=dict(row.allowances),
        credit=row.credit,
        overage=dict(row.overage),
        requires=list(row.requires),
        source=row.source,
        as_of=row.as_of,
        unknown=list(row.unknown),
        note=row.note,
        is_history=True,
        as_written={"row": dict(row.row), "unit_prices": dict(row.unit_prices)},
        position=position,
        created_at=at,
    )
