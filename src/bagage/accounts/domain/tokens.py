"""Tokens with which a program asks in someone's name: shown once, kept as a hash, ended by a date or by hand."""

import hashlib
import hmac
import re
import secrets
from datetime import date, timedelta
from enum import StrEnum

# Said in front, so that a token that lies about in a file or a log is recognised for what it is.
PREFIX = "bagage_"
# 32 random bytes: nothing to guess, so that one quick hash is enough.
SHAPE = re.compile(rf"{PREFIX}[A-Za-z0-9_-]{{43}}")
LONGEST = timedelta(days=366)
MOST_AT_ONCE = 10


class TokenState(StrEnum):
    """Where a token stands."""

    LIVE = "live"
    REVOKED = "revoked"
    ENDED = "ended"


def new_secret() -> str:
    """A fresh token: :data:`PREFIX` and 43 signs."""
    return PREFIX + secrets.token_urlsafe(32)


def token_hash(secret: str, key: str) -> str:
    """What is kept of a token: HMAC-SHA-256 under the key of the installation, in hexadecimal (64 signs)."""
    return hmac.new(f"api-token:{key}".encode(), secret.encode(), hashlib.sha256).hexdigest()


def state_of(*, ends_on: date, is_revoked: bool, today: date) -> TokenState:
    """Revoked wins over ended; a token still opens on its last day."""
    if is_revoked:
        return TokenState.REVOKED
    return TokenState.LIVE if today <= ends_on else TokenState.ENDED
