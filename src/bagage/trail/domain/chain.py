"""The chain: each entry's hash covers the one before it, so that a change anywhere shows."""

import hashlib
import json
from datetime import UTC, datetime


def entry_hash(
    *, previous: str, place: str, month: str, seq: int, at: datetime, actor: str, verb: str, person: str, thing: str, fields: str, reason: str
) -> str:  # fmt: skip
    """SHA-256, in hexadecimal, over the previous hash and the row as canonical JSON (time in UTC, microseconds)."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    row = [previous, place, month, seq, moment, actor, verb, person, thing, fields, reason]
    return hashlib.sha256(json.dumps(row, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
