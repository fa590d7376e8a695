"""Secrets that are shown or sent once, of which only a hash is kept."""

import hashlib
import hmac
import secrets
from datetime import timedelta

CODE_DIGITS = 6
CODE_LIFE = timedelta(minutes=10)
CODE_TRIES = 5


def new_secret() -> str:
    """The secret of a link: 144 bits, in letters that an address takes as they are."""
    return secrets.token_urlsafe(18)


def new_digits() -> str:
    """A code of six digits."""
    return f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}d}"


def hashed(secret: str) -> str:
    """The hash under which a secret of full length is found again (SHA-256, hexadecimal)."""
    return hashlib.sha256(secret.encode()).hexdigest()


def hashed_code(code: str, salt: str, key: str) -> str:
    """The hash of a short code: keyed, since six digits alone would be guessed from a plain hash."""
    return hmac.new(key.encode(), f"{salt}:{code}".encode(), hashlib.sha256).hexdigest()


def domain_of(email: str) -> str:
    """The part after the @, in lower case."""
    return email.rpartition("@")[2].strip().lower()


def read_domains(text: str) -> list[str]:
    """The domains that someone typed, one a line or with commas: "siao-paris.example, @ville.example"."""
    parts = text.replace(",", " ").replace(";", " ").split()
    return list(dict.fromkeys(part.lstrip("@").lower() for part in parts if part.strip("@")))


def is_address_taken(email: str, domains: list[str]) -> bool:
    """Whether an address may be used: any, or one of the domains or of their sub-domains."""
    domain = domain_of(email)
    return not domains or any(domain == one or domain.endswith(f".{one}") for one in domains)
