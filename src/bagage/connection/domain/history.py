"""Offers of other times, as their sources tell them: what is clear is read, what is not is unknown, nothing is guessed.

Each row of ``data/history.csv`` is in the words of whoever noted it: ``"9 (if all credit spent on calls)"``,
``"no (inferred)"``, ``"2.50-13"``. Only what the source says is taken: an amount that was inferred stays unknown.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from bagage.connection.domain.money import CENTS, HUNDREDTHS_OF_A_CENT, read_money
from bagage.connection.domain.programme import PLAN, TOP_UP

COLUMNS = (
    "operator",
    "offer",
    "kind",
    "price_eur",
    "validity_days",
    "calls_min",
    "sms",
    "data_mb",
    "unit_rates",
    "engagement",
    "requires_bank_account",
    "requires_address",
    "requires_email",
    "requires_id",
    "notes",
    "source",
    "date",
)
_AMOUNTS = {"voice_min": "calls_min", "sms": "sms", "data_mb": "data_mb"}
_CONDITIONS = {
    "bank_account": "requires_bank_account",
    "fixed_address": "requires_address",
    "email": "requires_email",
    "identity_document": "requires_id",
}
_UNITS = {"voice_min": r"min", "sms": r"SMS", "data_mb": r"MB"}


@dataclass(frozen=True)
class HistoricOffer:
    """One row, read. Prices are cents, unit prices hundredths of a cent; an amount of ``None`` is unlimited."""

    code: str
    line: str  # the code of its line
    operator: str
    name: str
    kind: str
    price: int | None
    validity_days: int | None
    allowances: Mapping[str, int | None]
    credit: int
    overage: Mapping[str, int]
    unit_prices: Mapping[str, int]
    requires: tuple[str, ...]
    unknown: tuple[str, ...]
    note: str
    source: str
    as_of: str
    row: Mapping[str, str]


def read_history(rows: Iterable[Mapping[str, Any]]) -> list[HistoricOffer]:
    """The rows in their order; a row whose source is "same as above" has that of the row before it."""
    offers = []
    source = ""
    for number, cells in enumerate(rows, start=1):
        row = {column: str(cells.get(column) or "").strip() for column in COLUMNS}
        source = source if row["source"] == "same as above" else row["source"]
        offers.append(_offer(number, row, source))
    return offers


def _offer(number: int, row: dict[str, str], source: str) -> HistoricOffer:
    unknown: list[str] = []
    kind = _kind(row)
    price = _number(row["price_eur"], CENTS)
    if price is None:
        unknown.append("price")
    validity = _whole(row["validity_days"]) if kind == TOP_UP else None
    if kind == TOP_UP and not validity:
        unknown.append("validity_days")
    rates = _rates(row["unit_rates"])
    credit = _credit(row) if kind == TOP_UP else 0
    allowances: dict[str, int | None] = {}
    paid_from_credit = False
    for resource, column in _AMOUNTS.items():
        told = row[column]
        if told == "unlimited":
            allowances[resource] = None
        elif _whole(told) is not None:
            if _whole(told):
                allowances[resource] = _whole(told)
        elif kind == TOP_UP and _is_credit(told):
            paid_from_credit = True
        else:
            unknown.append(f"allowances.{resource}")
    if kind == TOP_UP and paid_from_credit and credit is None:
        unknown.append("credit")
    if kind == TOP_UP and paid_from_credit:
        unknown += [
            f"unit_prices.{resource}"
            for resource, column in _AMOUNTS.items()
            if _is_credit(row[column]) and resource not in rates
        ]
    if kind == PLAN and row["engagement"] != "none":
        unknown.append("commitment_months")
    requires, doubts = _requires(row)
    unknown += doubts
    line = f"history-{_slug(row['operator'])}"
    return HistoricOffer(
        code=f"history-{number:03d}",
        line=line[:80],
        operator=row["operator"],
        name=row["offer"],
        kind=kind,
        price=price,
        validity_days=validity or None,
        allowances=allowances,
        credit=credit or 0,
        overage=rates if kind == PLAN and _goes_beyond(row["unit_rates"]) else {},
        unit_prices=rates if kind == TOP_UP else {},
        requires=requires,
        unknown=tuple(unknown),
        note="; ".join(part for part in (row["unit_rates"], row["notes"]) if part),
        source=source,
        as_of=row["date"],
        row=row,
    )


def _kind(row: Mapping[str, str]) -> str:
    if row["kind"] == "prepaid":
        return TOP_UP
    if row["kind"] == "subscription":
        return PLAN
    # Social tariffs are paid monthly; cards and recharges of programmes when they are wanted.
    return PLAN if row["validity_days"] == "30" else TOP_UP


def _number(text: str, decimals: int) -> int | None:
    try:
        return read_money(text, decimals)
    except ValueError:
        return None


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch(r"\d{1,9}", text) else None


def _is_credit(text: str) -> bool:
    """Whether the source says that it is paid from the credit, whatever someone computed from it since."""
    return bool(re.search(r"\bcredit\b|if all|on the first", text))


def _credit(row: Mapping[str, str]) -> int | None:
    """Cents of credit, where one sum stands: in the rates, in the name or beside the minutes."""
    for text in (row["unit_rates"], row["offer"], row["calls_min"]):
        found = re.search(r"credit (\d+(?:\.\d\d)?) EUR|(\d+(?:\.\d\d)?) EUR credit", text)
        if found:
            return _number(found[1] or found[2], CENTS)
    return None


def _rates(text: str) -> dict[str, int]:
    """Prices a unit, for the resources of which one price alone is told, and no fee beside it."""
    rates = {}
    for resource, unit in _UNITS.items():
        found = re.findall(rf"(\d+\.\d+)(?: EUR)?/{unit}\b", text)
        named = re.search(rf"\b{unit} \d", text)
        if len(found) == 1 and not named and f"/{unit} +" not in text and "smaller plan" not in text:
            price = _number(found[0], HUNDREDTHS_OF_A_CENT)
            if price:
                rates[resource] = price
    return rates


def _goes_beyond(text: str) -> bool:
    return "beyond" in text


def _requires(row: Mapping[str, str]) -> tuple[tuple[str, ...], list[str]]:
    """The conditions that the source states, and those about which it says nothing sure."""
    requires: list[str] = []
    doubts: list[str] = []
    for condition, column in _CONDITIONS.items():
        told = row[column]
        if told.startswith("yes") and "unknown" not in told:
            requires.append(condition)
        elif told != "no":
            doubts.append(f"requires.{condition}")
    if row["requires_address"].startswith("resident of"):
        requires.append("local_residence")
        doubts.remove("requires.fixed_address")
    if row["requires_email"].startswith("online only"):
        requires.append("internet_access")
    if "RSA" in row["requires_id"]:
        requires.append("income_proof")
    if re.search(r"orientation by (a )?social worker", row["notes"], re.IGNORECASE):
        requires.append("social_referral")
    return tuple(requires), doubts


def _slug(text: str) -> str:
    plain = "".join(
        sign for sign in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(sign)
    )
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
