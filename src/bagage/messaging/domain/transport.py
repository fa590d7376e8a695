"""How mail leaves: read from one address such as ``smtp://user:password@host:587``."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit


@dataclass(frozen=True)
class MailRoute:
    """What is needed to hand a mail over. ``kind`` is ``smtp``, ``console`` or ``paper``; ``security`` is
    ``starttls``, ``tls`` or ``none``. ``sender`` is empty for the default of the installation.
    """

    kind: str
    host: str = ""
    port: int = 587
    security: str = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    sender: str = ""


RULE = (
    "BAGAGE_MAIL_URL must be paper:, console:, smtp://user:password@host:587 (STARTTLS), "
    "smtps://user:password@host:465 (TLS) or smtp+plain://host:25 (not encrypted)"
)
_SECURITY = {"smtp": ("starttls", 587), "smtps": ("tls", 465), "smtp+plain": ("none", 25)}


def read_mail_url(text: str) -> MailRoute:
    """The route that an address describes; ValueError, without the address since it may hold a password."""
    parts = urlsplit(text.strip())
    if parts.scheme in {"paper", "console"}:
        return MailRoute(parts.scheme)
    if parts.scheme not in _SECURITY:
        raise ValueError(RULE)
    security, default_port = _SECURITY[parts.scheme]
    try:
        port = parts.port
    except ValueError as error:
        raise ValueError(RULE) from error
    if not parts.hostname or parts.path not in {"", "/"}:
        raise ValueError(RULE)
    return MailRoute(
        "smtp",
        host=parts.hostname,
        port=default_port if port is None else port,
        security=security,
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
    )
