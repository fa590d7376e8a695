"""A source of places is fetched from its address: only when it changed, never from inside one's own network.

Conditional requests (ETag, Last-Modified); bounds on size and on time, of each step and of the whole. What comes goes
into a file without a name in the home, gone with its process. An address that leads to this machine or to a private
network is refused, redirections included, unless the settings allow it: what is connected to is the very address that
was looked at, so that a name that answers otherwise the second time leads nowhere else. The certificate is still asked
of the name.
"""

from __future__ import annotations

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from types import TracebackType
from typing import IO, Any
from urllib.parse import urljoin, urlsplit

import httpcore
import httpx
from django.conf import settings

from bagage.common.installation import folder

LARGEST = 400_000_000
# What is smaller stays in memory.
SMALL = 1_000_000
# Without anything coming; and for all of it, redirections included.
SECONDS = 60.0
LONGEST = 15 * 60.0
REDIRECTIONS = 5


class Unanswered(ValueError):
    """The address gave nothing that can be read; the words say why."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """What an address answered, to be closed by who asked; ``content`` is ``None`` when nothing changed since."""

    content: IO[bytes] | None
    etag: str = ""
    last_modified: str = ""

    def __enter__(self) -> Fetched:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.content is not None:
            self.content.close()


def fetch(url: str, *, etag: str = "", last_modified: str = "") -> Fetched:
    """Ask an address. Raises :class:`Unanswered`."""
    asked = {"User-Agent": "Bagage", "Accept": "*/*"}
    if etag:
        asked["If-None-Match"] = etag
    if last_modified:
        asked["If-Modified-Since"] = last_modified
    until = time.monotonic() + LONGEST
    try:
        with httpx.Client(
            transport=_Transport(until), timeout=SECONDS, follow_redirects=False, trust_env=False
        ) as client:
            for _step in range(REDIRECTIONS + 1):
                refuse_other_schemes(url)
                with client.stream("GET", url, headers=asked) as answer:
                    if answer.is_redirect and answer.headers.get("Location"):
                        url = urljoin(url, answer.headers["Location"])
                        continue
                    return _read(answer)
    except httpx.TimeoutException:
        if time.monotonic() >= until:
            raise Unanswered(f"more than {LONGEST / 60:.0f} min") from None
        raise Unanswered(f"nothing within {SECONDS:.0f} s") from None
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise Unanswered(str(error) or type(error).__name__) from None
    raise Unanswered(f"more than {REDIRECTIONS} redirections")


def _read(answer: httpx.Response) -> Fetched:
    if answer.status_code == 304:
        return Fetched(None, answer.headers.get("ETag", ""), answer.headers.get("Last-Modified", ""))
    if answer.status_code != 200:
        raise Unanswered(f"HTTP {answer.status_code}")
    kept = SpooledTemporaryFile(max_size=SMALL, dir=str(folder("run")))  # noqa: SIM115 (closed by who asked)
    try:
        size = 0
        for piece in answer.iter_bytes():
            size += len(piece)
            if size > LARGEST:
                raise Unanswered(f"more than {LARGEST // 1_000_000} MB")
            kept.write(piece)
        kept.seek(0)
    except BaseException:
        kept.close()
        raise
    return Fetched(kept, answer.headers.get("ETag", "")[:200], answer.headers.get("Last-Modified", "")[:60])


# ---------- where one may go ----------
def refuse_other_schemes(url: str) -> None:
    """Refuse an address that is no web address."""
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise Unanswered("it is no web address")


def addresses_of(host: str, port: int) -> list[str]:
    """Where a name leads, in numbers. Raises :class:`Unanswered` when one of them is inside."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unanswered("its name leads nowhere") from None
    addresses = list(dict.fromkeys(str(address[0]) for *_rest, address in found))
    if not settings.FETCH_PRIVATE:
        for address in addresses:
            if not ipaddress.ip_address(address.partition("%")[0]).is_global:
                raise Unanswered("it leads to a private network")
    return addresses


# ---------- the way there ----------
def trusted() -> ssl.SSLContext:
    """Whose certificates are believed: the usual authorities, whatever the environment says."""
    return httpx.create_ssl_context(trust_env=False)


class _Transport(httpx.HTTPTransport):
    """That of httpx, over :class:`_Network`."""

    def __init__(self, until: float) -> None:
        # Its own pool would look names up by itself; it is never connected.
        super().__init__(verify=False, trust_env=False)
        self._pool.close()
        self._pool = httpcore.ConnectionPool(
            ssl_context=trusted(), max_connections=1, network_backend=_Network(until)
        )


class _Network(httpcore.NetworkBackend):
    """Connects to the addresses that were looked at, and to no other; ``until`` is of ``time.monotonic()``."""

    def __init__(self, until: float) -> None:
        self._plain = httpcore.SyncBackend()
        self._until = until

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first of them that takes one."""
        refusal: Exception = httpcore.ConnectError("it leads nowhere")
        for address in addresses_of(host, port):
            left = _left(self._until, timeout, httpcore.ConnectTimeout)
            try:
                found = self._plain.connect_tcp(address, port, left, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                refusal = error
                continue
            return _Stream(found, self._until)
        raise refusal


class _Stream(httpcore.NetworkStream):
    """A connection on which nothing is waited for beyond ``until``: an answer that trickles in ends too."""

    def __init__(self, inner: httpcore.NetworkStream, until: float) -> None:
        self._inner, self._until = inner, until

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What came."""
        return self._inner.read(max_bytes, _left(self._until, timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Say something."""
        self._inner.write(buffer, _left(self._until, timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """End it."""
        self._inner.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """The same, sealed; the certificate is that of the name."""
        left = _left(self._until, timeout, httpcore.ConnectTimeout)
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, left), self._until)

    def get_extra_info(self, info: str) -> Any:
        """What is known of it."""
        return self._inner.get_extra_info(info)


def _left(until: float, timeout: float | None, late: type[httpcore.TimeoutException]) -> float:
    """How long one may wait for a step, in seconds. Raises ``late`` when all of the time is over."""
    left = until - time.monotonic()
    if left <= 0:
        raise late("the time is over")
    return left if timeout is None else min(timeout, left)
