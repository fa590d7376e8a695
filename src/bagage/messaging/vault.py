"""Seals the password of the mail server under the secret key of the installation."""

import base64
import hashlib

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings


def _lock() -> Fernet:
    key = hashlib.sha256(b"bagage.messaging.transport:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


def seal(text: str) -> str:
    """What may be written into the database; ``""`` for nothing."""
    return _lock().encrypt(text.encode()).decode() if text else ""


def unseal(sealed: str) -> str | None:
    """The text again; None when it was sealed under another secret key."""
    if not sealed:
        return ""
    try:
        return _lock().decrypt(sealed.encode()).decode()
    except (InvalidToken, ValueError):
        return None
