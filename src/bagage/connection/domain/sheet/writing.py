"""A programme as a table."""

from __future__ import annotations

from collections.abc import Mapping

from bagage.connection.domain.money import write_money, write_unit_price
from bagage.connection.domain.programme import UNLIMITED, Line, Offer, Programme
from bagage.connection.domain.sheet.columns import Extra


def write_rows(programme: Programme, extras: Mapping[str, Extra]) -> list[dict[str, str]]:
    """The table of a programme: a row an offer, one for a line that has none."""
    rows = []
    for line in programme.lines:
        head = _line_cells(line)
        for offer in line.offers:
            extra = extras.get(offer.id, Extra())
            own = {"begins_on": extra.begins_on, "ends_on": extra.ends_on, "note": extra.note}
            rows.append(head | _offer_cells(offer) | own)
        if not line.offers:
            rows.append(head)
    return rows


def _line_cells(line: Line) -> dict[str, str]:
    return {
        "line_id": line.id,
        "operator": line.operator,
        "line_name": line.name,
        "solidarity": "yes" if line.solidarity else "no",
        "sim_price": write_money(line.sim_price),
        "monthly_cap": "" if line.monthly_cap is None else write_money(line.monthly_cap),
        **{f"unit_{resource}": write_unit_price(price) for resource, price in line.unit_prices.items()},
    }


def _offer_cells(offer: Offer) -> dict[str, str]:
    return {
        "offer_id": offer.id,
        "offer_name": offer.name,
        "kind": offer.kind,
        "price": "" if "price" in offer.unknown else write_money(offer.price),
        "validity_days": "" if offer.validity_days is None else str(offer.validity_days),
        **{key: UNLIMITED if amount is None else str(amount) for key, amount in offer.allowances.items()},
        "credit": write_money(offer.credit) if offer.credit else "",
        **{f"over_{key}": write_unit_price(price) for key, price in offer.overage.items()},
        "commitment_months": str(offer.commitment_months) if offer.commitment_months else "",
        "requires": ", ".join(" | ".join(sorted(item)) for item in offer.requires),
        "source": offer.source,
        "as_of": offer.as_of,
        "verified_on": offer.verified_on,
        "unknown": ", ".join(offer.unknown),
    }
