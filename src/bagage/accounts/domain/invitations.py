"""The secret of an invitation: read aloud, typed from paper or followed as a link."""

import hashlib
import hmac
from datetime import datetime, timedelta
from enum import StrEnum

LIFETIME = timedelta(days=14)
# 12 signs of 25: 55 bits. Guessing is bounded by the rate limit, and by a key that is not in the database.
CODE_LENGTH = 12


class InvitationState(StrEnum):
    """Where an invitation stands."""

    WAITING = "waiting"
    USED = "used"
    ENDED = "ended"  # by a newer one, or because the account closed
    EXPIRED = "expired"


def secret_hash(code: str, key: str) -> str:
    """What is kept of a code: HMAC-SHA-256 under the key of the installation, in hexadecimal (64 signs)."""
    return hmac.new(f"invitation:{key}".encode(), code.encode(), hashlib.sha256).hexdigest()


def state_of(
    *, used_at: datetime | None, ended_at: datetime | None, expires_at: datetime, now: datetime
) -> InvitationState:
    """Used wins over ended, ended over expired."""
    if used_at is not None:
        return InvitationState.USED
    if ended_at is not None:
        return InvitationState.ENDED
    return InvitationState.EXPIRED if expires_at <= now else InvitationState.WAITING
