"""Handing a mail over to a server, and telling apart "no", "not now", "not reached" and "we cannot know"."""

import logging
import smtplib
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parseaddr
from enum import Enum
from typing import Any

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.smtp import EmailBackend

from bagage.messaging.domain.transport import MailRoute

logger = logging.getLogger("bagage.mail")

# Seconds for each step of the conversation with a server.
TIMEOUT = 20


class Answer(Enum):
    """What became of one mail."""

    ACCEPTED = "accepted"
    NOT_NOW = "not_now"  # the server said so (4xx), or hung up before it had the text
    UNREACHED = "unreached"  # no conversation could be opened: the next mail would fare no better
    REFUSED = "refused"  # for good (5xx), or the mail cannot be written
    UNKNOWN = "unknown"  # the server had the text, or part of it, and its answer did not come


@dataclass(frozen=True)
class Outcome:
    """The answer, and the server's words for it."""

    answer: Answer
    words: str = ""


@dataclass(frozen=True)
class Mail:
    """One mail as it is handed over; ``number`` is its uuid and makes its Message-ID."""

    number: str
    to: str
    subject: str
    body: str
    html: str = ""


def watched(base: type[smtplib.SMTP]) -> type[smtplib.SMTP]:
    """The class of a conversation that remembers whether the text began to leave."""

    class Watched(base):  # type: ignore[misc, valid-type]
        text_began = False

        def data(self, msg: Any) -> tuple[int, bytes]:
            self.text_began = True
            answer: tuple[int, bytes] = super().data(msg)
            return answer

    return Watched


class WatchedBackend(EmailBackend):
    """Django's SMTP backend, on a conversation that can be asked how far it came."""

    @property
    def connection_class(self) -> type[smtplib.SMTP]:
        return watched(smtplib.SMTP_SSL if self.use_ssl else smtplib.SMTP)


class Mailer:
    """Hands mails over by one route; keeps the conversation open between them. Use it in a ``with`` block."""

    def __init__(self, route: MailRoute) -> None:
        self.route = route
        self.sender = route.sender or settings.DEFAULT_FROM_EMAIL
        self.backend: WatchedBackend | None = None

    def __enter__(self) -> "Mailer":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def close(self) -> None:
        """End the conversation; what the server says to that does not matter any more."""
        if self.backend is not None:
            _quietly(self.backend.close)
            self.backend = None

    def send(self, mail: Mail) -> Outcome:
        """Hand one mail over. Never raises for what a server or the network does."""
        try:
            written = self._written(mail)
            written.message()
        except (ValueError, UnicodeError) as error:
            return Outcome(Answer.REFUSED, str(error))
        if self.route.kind == "console":
            logger.warning("A mail that is not sent, only shown here:\n%s", written.message().as_string())
            return Outcome(Answer.ACCEPTED)
        if self.route.kind != "smtp":
            return Outcome(Answer.UNREACHED, "no mail server")
        return self._handed_over(written)

    def _written(self, mail: Mail) -> EmailMultiAlternatives:
        domain = parseaddr(self.sender)[1].rpartition("@")[2] or "localhost"
        message = EmailMultiAlternatives(
            subject=mail.subject,
            body=mail.body,
            from_email=self.sender,
            to=[mail.to],
            headers={"Message-ID": f"<{mail.number}@{domain}>", "Auto-Submitted": "auto-generated"},
        )
        if mail.html:
            message.attach_alternative(mail.html, "text/html")
        return message

    def _handed_over(self, message: EmailMultiAlternatives) -> Outcome:
        is_new = self.backend is None
        if self.backend is None:
            backend = WatchedBackend(
                host=self.route.host,
                port=self.route.port,
                username=self.route.username,
                password=self.route.password,
                use_tls=self.route.security == "starttls",
                use_ssl=self.route.security == "tls",
                timeout=TIMEOUT,
                fail_silently=False,
            )
            try:
                backend.open()
            except (smtplib.SMTPException, OSError, ValueError, UnicodeError) as error:
                _quietly(backend.close)
                return Outcome(Answer.UNREACHED, words_of(error))
            self.backend = backend
        conversation = self.backend.connection
        conversation.text_began = False
        try:
            self.backend.send_messages([message])
        except smtplib.SMTPResponseException as error:
            self.close()
            answer = Answer.REFUSED if error.smtp_code >= 500 else Answer.NOT_NOW
            return Outcome(answer, words_of(error))
        except smtplib.SMTPRecipientsRefused as error:
            self.close()
            code, said = next(iter(error.recipients.values()))
            answer = Answer.REFUSED if code >= 500 else Answer.NOT_NOW
            return Outcome(answer, _line(code, said))
        except (smtplib.SMTPException, OSError, ValueError, UnicodeError) as error:
            self.close()
            if conversation.text_began:
                return Outcome(Answer.UNKNOWN, words_of(error))
            if isinstance(error, ValueError | UnicodeError | smtplib.SMTPNotSupportedError):
                return Outcome(Answer.REFUSED, words_of(error))
            if not is_new and isinstance(error, smtplib.SMTPServerDisconnected):
                # The server ended a conversation that had been idle: nothing of this mail left. Once more, anew.
                return self._handed_over(message)
            return Outcome(Answer.NOT_NOW, words_of(error))
        return Outcome(Answer.ACCEPTED)


def _quietly(act: Callable[[], object]) -> None:
    with suppress(smtplib.SMTPException, OSError):
        act()


def _line(code: int, said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else str(said)
    return f"{code} {' '.join(text.split())}"


def words_of(error: BaseException) -> str:
    """What went wrong, in one line for the screen; never the password."""
    if isinstance(error, smtplib.SMTPResponseException):
        return _line(error.smtp_code, error.smtp_error)
    if isinstance(error, ssl.SSLError):
        return f"TLS: {error.reason or error}"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return str(error) or type(error).__name__
