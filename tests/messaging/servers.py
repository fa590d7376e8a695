"""A real mail server for the tests, that answers as it is told."""

import asyncio
import socket
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.message import Message as Mail
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


class Handler:
    """Keeps what it accepts; ``answers`` gives another answer for an address, ``slow`` seconds before each answer."""

    def __init__(self) -> None:
        self.mails: list[Mail] = []
        self.answers: dict[str, str] = {}
        self.data_answers: dict[str, str] = {}
        self.hang_up_in_data: set[str] = set()
        self.slow = 0.0

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.answers:
            return self.answers[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.slow:
            await asyncio.sleep(self.slow)
        address = envelope.rcpt_tos[0]
        if address in self.hang_up_in_data:
            server.transport.abort()
            return "421 gone"
        if address in self.data_answers:
            return self.data_answers[address]
        self.mails.append(message_from_bytes(envelope.content or b""))
        return "250 taken"

    @property
    def times(self) -> Counter[str]:
        """How often each Message-ID was accepted."""
        return Counter(str(mail["Message-ID"]) for mail in self.mails)

    @property
    def recipients(self) -> list[str]:
        return [str(mail["To"]) for mail in self.mails]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: Any) -> AuthResult:
    return AuthResult(success=(data.login, data.password) == (b"bagage", b"right"), handled=False)


@contextmanager
def mail_server(*, with_password: bool = False, port: int | None = None) -> Iterator[tuple[Handler, str]]:
    """A server for the length of a ``with`` block: its handler, and its ``BAGAGE_MAIL_URL``."""
    handler = Handler()
    port = port or free_port()
    more: dict[str, Any] = {"authenticator": _check, "auth_require_tls": False} if with_password else {}
    controller = Controller(handler, hostname="127.0.0.1", port=port, **more)
    controller.start()
    try:
        yield handler, f"smtp+plain://127.0.0.1:{port}"
    finally:
        controller.stop(no_assert=True)
