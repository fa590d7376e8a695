"""A source of places is fetched from its address: only when it changed, never from inside one's own network.

Conditional requests (ETag, Last-Modified); bounds on time and size; an address that leads to this machine or to a
private network is refused, redirections included, unless the settings allow it.
"""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

import httpx
from django.conf import settings

LARGEST = 400_000_000
SECONDS = 60.0
REDIRECTIONS = 5


class Unanswered(ValueError):
    """The address gave nothing that can be read; the words say why."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address answered; ``content`` is ``None`` when nothing changed since."""

    content: bytes | None
    etag: str = ""
    last_modified: str = ""


def fetch(url: str, *, etag: str = "", last_modified: str = "") -> Fetched:
    """Ask an address. Raises :class:`Unanswered`."""
    asked = {"User-Agent": "Bagage", "Accept": "*/*"}
    if etag:
        asked["If-None-Match"] = etag
    if last_modified:
        asked["If-Modified-Since"] = last_modified
    try:
        with httpx.Client(timeout=SECONDS, follow_redirects=False, trust_env=False) as client:
            for _step in range(REDIRECTIONS + 1):
                refuse_private(url)
                with client.stream("GET", url, headers=asked) as answer:
                    if answer.is_redirect and answer.headers.get("Location"):
                        url = urljoin(url, answer.headers["Location"])
                        continue
                    return _read(answer)
    except httpx.TimeoutException:
        raise Unanswered(f"nothing within {SECONDS:.0f} s") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unanswered(str(error) or type(error).__name__) from None
    raise Unanswered(f"more than {REDIRECTIONS} redirections")


def _read(answer: httpx.Response) -> Fetched:
    if answer.status_code == 304:
        return Fetched(None, answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", ""))
    if answer.status_code != 200:
        raise Unanswered(f"HTTP {answer.status_code}")
    pieces = []
    size = 0
    for piece in answer.iter_bytes():
        size += len(piece)
        if size > LARGEST:
            raise Unanswered(f"more than {LARGEST // 1_000_000} MB")
        pieces.append(piece)
    return Fetched(
        b"".join(pieces), answer.headers.get("ETag", "")[:200], answer.headers.get("Last-Modified", "")[:60]
    )


def refuse_private(url: str) -> None:
    """Refuse an address that is no web address, or that leads to this machine or a private network."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Unanswered("it is no web address")
    if settings.FETCH_PRIVATE:
        return
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 443, type=socket.SOCK_STREAM)
    except OSError:
        raise Unanswered("its name leads nowhere") from None
    for *_rest, address in found:
        if not ipaddress.ip_address(str(address[0]).partition("%")[0]).is_global:
            raise Unanswered("it leads to a private network")
