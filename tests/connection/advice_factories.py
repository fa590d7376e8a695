"""A small catalogue in which each obstacle matters, and an answer of the engine written by hand."""

from datetime import datetime
from typing import Any

from bagage.connection.domain.programme import Programme, read_programme
from tests.connection.factories import make_line, make_offer

MARIAM = {
    "calls": "often",
    "sms": "often",
    "video_calls": "often",
    "messages": "daily",
    "sites": "often",
    "has": ["identity_document", "social_referral"],
    "max_payment": "15,00",
}


def make_catalogue(at: datetime) -> None:
    """A solidarity line (10 € a month), a card of the shops (18 €), a plan for who has everything (4 €)."""
    solidarity = make_line(
        "solidaire", operator="Passerelle", name="Ligne solidaire", sim_price=250, solidarity=True, at=at
    )
    make_offer(
        solidarity,
        "recharge-3go",
        name="Recharge 3 Go",
        price=1000,
        validity_days=30,
        allowances={"voice_min": 120, "sms": None, "data_mb": 3000},
        requires=(frozenset({"social_referral"}),),
        at=at,
    )
    card = make_line("carte", operator="Soleil", name="La Carte", sim_price=1000, at=at)
    make_offer(
        card,
        "pack-semaine",
        name="Pack Quinzaine",
        price=900,
        validity_days=15,
        allowances={"voice_min": 60, "sms": None, "data_mb": 1500},
        at=at,
    )
    plans = make_line("plume", operator="Plume", name="Forfaits", sim_price=100, at=at)
    make_offer(
        plans,
        "plume-5go",
        name="Forfait 5 Go",
        kind="plan",
        price=400,
        validity_days=None,
        allowances={"voice_min": 150, "sms": None, "data_mb": 5000},
        requires=(
            frozenset({"bank_account"}),
            frozenset({"fixed_address", "social_referral"}),
            frozenset({"email"}),
        ),
        at=at,
    )


def programme() -> Programme:
    """Two lines with the traps of the field: a plan that is not blocked and binds, a top-up nobody verified."""
    return read_programme(
        {
            "about": "Exemple inventé",
            "lines": [
                {
                    "id": "card",
                    "operator": "Soleil",
                    "name": "La Carte",
                    "sim_price": "10.00",
                    "offers": [
                        {
                            "id": "week",
                            "name": "Pack Semaine",
                            "kind": "top_up",
                            "price": "6.00",
                            "validity_days": 7,
                            "allowances": {"voice_min": 30, "sms": "unlimited", "data_mb": 600},
                            "requires": ["identity_document"],
                        },
                        {
                            "id": "month",
                            "name": "Pack Mois",
                            "kind": "top_up",
                            "price": "22.00",
                            "validity_days": 30,
                            "credit": "5.00",
                            "allowances": {"data_mb": 5000},
                            "requires": ["identity_document"],
                            "verified_on": "2026-09-02",
                        },
                    ],
                },
                {
                    "id": "plan",
                    "operator": "Plume",
                    "sim_price": "1.00",
                    "offers": [
                        {
                            "id": "p2",
                            "name": "Forfait 2 h",
                            "kind": "plan",
                            "price": "2.00",
                            "commitment_months": 12,
                            "allowances": {"voice_min": 120, "sms": "unlimited", "data_mb": 50},
                            "overage": {"data_mb": "0.05"},
                            "requires": ["bank_account", ["fixed_address", "social_referral"]],
                            "verified_on": "2026-11-16",
                        },
                        {
                            "id": "odd",
                            "name": "Carte du monde",
                            "kind": "top_up",
                            "price": "12.00",
                            "allowances": {"data_mb": 20000},
                            "unknown": ["validity_days"],
                        },
                    ],
                },
            ],
        }
    )


def asked(**values: Any) -> dict[str, Any]:
    """The question, as the engine reads it."""
    return {
        "usage": {"voice_min": 60, "sms": 30, "data_mb": 500},
        "has": ["identity_document"],
        "max_payment": None,
        "already_bought": "0.00",
        "current": None,
        "horizon_days": 60,
        **values,
    }


def answer(**values: Any) -> dict[str, Any]:
    """An answer over 60 days: the card, in two ways; a premium of 30 € in two obstacles."""
    return {
        "best": {
            "line": "card",
            "total": "58.00",
            "proven": True,
            "per_month": "29.00",
            "day_0": "16.00",
            "purchases": [
                {"day": day, "offer": "week", "price": "6.00"} for day in (0, 7, 14, 21, 28, 35, 42, 49)
            ],
            "fewest": {
                "total": "60.00",
                "proven": True,
                "per_month": "30.00",
                "day_0": "32.00",
                "purchases": [
                    {"day": 0, "offer": "month", "price": "22.00"},
                    {"day": 30, "offer": "month", "price": "22.00"},
                    {"day": 30, "offer": "week", "price": "6.00"},
                ],
            },
            "if_usage_130": "70.00",
        },
        "ranking": [
            {"line": "card", "total": "58.00", "proven": True},
            {"line": "plan", "total": None, "proven": False, "at_least": "80.00"},
        ],
        "closed": [
            {"offer": "p2", "missing": ["bank_account", ["fixed_address", "social_referral"]]},
            {"offer": "month", "limit": "max_payment"},
            {"offer": "week", "limit": "monthly_cap"},
        ],
        "unserved": [{"line": "plan", "resource": "data_mb"}, {"line": "card", "limit": "monthly_cap"}],
        "to_check": [{"offer": "odd", "unknown": ["validity_days"]}],
        "premium": {
            "total": "30.00",
            "obstacles": [
                {"condition": "email", "alone": "0.00", "share": "7.50"},
                {"condition": "bank_account", "alone": "12.00", "share": "22.50"},
            ],
            "opens_with": [],
        },
        "saving": "0.00",
        "against_today": None,
        **values,
    }
