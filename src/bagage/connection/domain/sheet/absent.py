"""What a table does not say, for it lacks the column, stays as it is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import TypeVar

from bagage.connection.domain.programme import RESOURCES, Line, Offer
from bagage.connection.domain.sheet.columns import NAMES


def with_what_is_absent(line: Line, current: Line, columns: Collection[str]) -> Line:
    """The line of a file, completed by the present one where the file has no such column. Offers likewise."""
    kept = {
        name: getattr(current, name)
        for column, name in (*NAMES.items(), ("solidarity", "solidarity"))
        if column not in columns
    }
    prices = _kept_amounts(line.unit_prices, current.unit_prices, "unit_", columns)
    known = {offer.id: offer for offer in current.offers}
    offers = tuple(
        _completed(offer, known[offer.id], columns) if offer.id in known else offer for offer in line.offers
    )
    return replace(line, **kept, unit_prices=prices, offers=offers)


def _completed(offer: Offer, current: Offer, columns: Collection[str]) -> Offer:
    simple = {"offer_name": "name"} | {
        name: name
        for name in (
            "validity_days",
            "credit",
            "commitment_months",
            "requires",
            "source",
            "as_of",
            "verified_on",
            "unknown",
        )
    }
    kept = {name: getattr(current, name) for column, name in simple.items() if column not in columns}
    if offer.kind != current.kind:
        kept.pop("validity_days", None)
        kept.pop("credit", None)
        kept.pop("commitment_months", None)
    return replace(
        offer,
        **kept,
        allowances=_kept_amounts(offer.allowances, current.allowances, "", columns),
        overage=_kept_amounts(offer.overage, current.overage, "over_", columns)
        if offer.kind == current.kind
        else offer.overage,
    )


Amount = TypeVar("Amount")


def _kept_amounts(
    told: Mapping[str, Amount], current: Mapping[str, Amount], prefix: str, columns: Collection[str]
) -> dict[str, Amount]:
    """In the order of the resources: what the file says, else what is there when the file has no such column."""
    absent = {key: current[key] for key in current if f"{prefix}{key}" not in columns}
    both = {**absent, **told}
    return {key: both[key] for key in RESOURCES if key in both}
