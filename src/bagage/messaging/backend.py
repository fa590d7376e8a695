"""Django's own mails, and those of its libraries, go through the outbox too."""

from collections.abc import Sequence
from uuid import uuid4

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from bagage.messaging.models import SECRET
from bagage.messaging.services import queue_email


class OutboxBackend(BaseEmailBackend):
    """Writes each mail into the outbox, one message an address.

    What Django and allauth send lets someone in (a link, a code): unless the mail has a ``X-Bagage-Key``, its key
    makes it a secret. ``X-Bagage-About`` and ``X-Bagage-Place`` fill the columns of those names.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """The number of mails written."""
        count = 0
        for mail in email_messages:
            headers = mail.extra_headers
            key = headers.get("X-Bagage-Key") or f"{SECRET}{uuid4()}"
            recipients = mail.recipients()
            for number, address in enumerate(recipients):
                queue_email(
                    to=address,
                    subject=mail.subject,
                    body=mail.body,
                    html=_html(mail),
                    key=key if number == 0 else f"{key}:{number}",
                    about=headers.get("X-Bagage-About", ""),
                    place=headers.get("X-Bagage-Place", ""),
                )
            count += bool(recipients)
        return count


def _html(mail: EmailMessage) -> str:
    for content, kind in getattr(mail, "alternatives", ()):
        if kind == "text/html":
            return str(content)
    return ""
