"""The catalogue of the demonstration: the invented example, with a past of its own, and the offers of other times."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from bagage.accounts.models import User
from bagage.connection.domain.programme import read_programme
from bagage.connection.models import Line, Offer
from bagage.connection.services.catalogue import add_offer, end_offer, replace_offer
from bagage.connection.services.catalogue_history import load_offer_history
from bagage.connection.services.catalogue_imports import confirm_import, example_content, read_import
from bagage.trail.domain.actor import Actor

# The catalogue was entered so many days ago; since then prices moved, one offer came and one went.
ENTERED, DEARER, CAME, CHEAPER, WENT = 200, 47, 40, 33, 20
EARLIER_PRICES = {
    "soleil-semaine": ("5.50", DEARER),
    "kiosque-1go": ("7.00", DEARER),
    "azur-20go": ("9.99", CHEAPER),
}
NEW_OFFER = "grand-large-guichet"
GONE: dict[str, Any] = {
    "id": "soleil-week-end",
    "name": "Pack Week-end",
    "kind": "top_up",
    "price": "3.00",
    "validity_days": 2,
    "allowances": {"voice_min": 20, "sms": "unlimited", "data_mb": 500},
    "credit": "0.00",
    "requires": ["identity_document"],
    "source": "exemple inventé",
    "as_of": "2026-04",
}


def load_catalogue(*, by: User | Actor, now: datetime) -> None:
    """Enter the example as it would have been, then let it change as catalogues do."""
    today = timezone.localdate(now)

    def ago(days: int) -> datetime:
        return now - timedelta(days=days)

    data = json.loads(example_content(today))
    as_it_is = {offer.id: offer for line in read_programme(data).lines for offer in line.offers}
    for line in data["lines"]:
        line["offers"] = [offer for offer in line["offers"] if offer["id"] != NEW_OFFER]
        for offer in line["offers"]:
            if offer["id"] in EARLIER_PRICES:
                offer["price"] = EARLIER_PRICES[offer["id"]][0]
        if line["id"] == "soleil-packs":
            line["offers"].append(GONE)
    batch = read_import(
        "demo_catalogue.json", json.dumps(data).encode(), begins_on=today - timedelta(days=ENTERED), by=by,
        at=ago(ENTERED),
    )  # fmt: skip
    confirm_import(batch, by=by, at=ago(ENTERED))
    load_offer_history(by=by, at=ago(ENTERED))
    for code, (_price, days) in EARLIER_PRICES.items():
        replace_offer(
            Offer.objects.get(code=code), as_it_is[code], begins_on=today - timedelta(days=days), by=by,
            at=ago(days),
        )  # fmt: skip
    add_offer(
        Line.objects.get(code="grand-large-boutique"), as_it_is[NEW_OFFER],
        begins_on=today - timedelta(days=CAME), by=by, at=ago(CAME),
    )  # fmt: skip
    end_offer(Offer.objects.get(code=GONE["id"]), ends_on=today - timedelta(days=WENT), by=by, at=ago(WENT))
