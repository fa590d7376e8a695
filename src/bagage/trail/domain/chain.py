"""The chain: each entry's hash covers the one before it, so that a change anywhere shows."""

import hashlib
import json
from datetime import UTC, datetime

# Made once: a million rows are read again in half a minute.
_as_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def entry_hash(
    *,
    previous: str,
    place: str,
    month: str,
    seq: int,
    at: datetime,
    actor: str,
    verb: str,
    person: str,
    thing: str,
    fields: str,
    reason: str,
    is_reading: bool,
) -> str:
    """SHA-256, in hexadecimal, over the previous hash and the row as canonical JSON (time in UTC, microseconds)."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    row = [previous, place, month, seq, moment, actor, verb, person, thing, fields, reason, is_reading]
    return hashlib.sha256(_as_json(row).encode()).hexdigest()


def month_of(at: datetime) -> str:
    """The month, in UTC, in whose segment an act belongs: ``"2026-11"``."""
    return at.astimezone(UTC).strftime("%Y-%m")


def next_month(month: str) -> str:
    """``"2026-12"`` gives ``"2027-01"``."""
    year, number = int(month[:4]), int(month[5:])
    return f"{year + number // 12:04d}-{number % 12 + 1:02d}"


def months_before(month: str, count: int) -> str:
    """The month ``count`` months earlier: ``("2026-02", 3)`` gives ``"2025-11"``."""
    index = int(month[:4]) * 12 + int(month[5:]) - 1 - count
    return f"{index // 12:04d}-{index % 12 + 1:02d}"
