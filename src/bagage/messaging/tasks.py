"""The worker of the outbox, and what comes back by itself."""

import logging
import os
import secrets
import socket
from collections import Counter
from collections.abc import Callable
from datetime import timedelta

from bagage.common.jobs import job
from bagage.messaging import services
from bagage.messaging.models import Message, State
from bagage.messaging.queries import current_route
from bagage.messaging.smtp import Answer, Mail, Mailer

logger = logging.getLogger("bagage.mail")


def new_worker_name() -> str:
    """Who claims: machine, process, and a mark that a later process of the same number does not have."""
    return f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(4)}"


def is_gone(worker: str, *, me: str = "") -> bool:
    """Whether a worker of this machine is known to have ended; one of another machine is never known to."""
    host, process, _ = worker.rsplit(":", 2) if worker.count(":") >= 2 else ("", "0", "")
    if host != socket.gethostname()[:30] or worker == me:
        return False
    if int(process) == os.getpid():
        return True
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        pass
    return False


def note_gone_workers(me: str) -> int:
    """Say "uncertain" of what workers of this machine had claimed when they were stopped; return how many."""
    claimants = (
        Message.objects.filter(state=State.SENDING).order_by().values_list("claimed_by", flat=True).distinct()
    )
    gone = [worker for worker in claimants if is_gone(worker, me=me)]
    return services.note_lost_claims(by_workers=gone) if gone else 0


def send_due(worker: str, *, should_stop: Callable[[], bool] = lambda: False) -> Counter[str]:
    """Send what is due, one mail after the other; return how many had which answer.

    Ends when nothing is due, when it should stop, or when the server cannot be reached: then the rest waits.
    """
    answers: Counter[str] = Counter()
    route = current_route()
    if route.kind == "paper":
        moved = services.move_mail_to_paper()
        return Counter({"paper": moved} if moved else {})
    with Mailer(route) as mailer:
        while not should_stop():
            message = services.claim_message(worker)
            if message is None:
                break
            answer = send_one(message, mailer)
            answers[answer.value] += 1
            if answer is Answer.UNREACHED:
                break
    return answers


def send_one(message: Message, mailer: Mailer) -> Answer:
    """Hand a claimed message over and write down the answer."""
    outcome = mailer.send(
        Mail(
            number=str(message.uuid),
            to=message.to,
            subject=message.subject,
            body=message.body,
            html=message.html,
        )
    )
    if outcome.answer is Answer.ACCEPTED:
        services.note_accepted(message)
    elif outcome.answer is Answer.REFUSED:
        services.note_refused(message, outcome.words)
    elif outcome.answer is Answer.UNKNOWN:
        services.note_uncertain(message, outcome.words)
    else:
        services.note_put_off(message, outcome.words)
    if outcome.answer is not Answer.ACCEPTED:
        logger.warning("message %s: %s (%s)", message.uuid, outcome.answer.value, outcome.words)
    return outcome.answer


@job("note_lost_messages", every=timedelta(minutes=5))
def note_lost_messages() -> int | None:
    """Say "uncertain" of mails whose sending was interrupted; they are not sent again by themselves."""
    return services.note_lost_claims() or None


@job("blank_messages", every=timedelta(hours=6))
def blank_messages() -> int | None:
    """Blank the text and address of messages settled for 30 days, and links that sign someone in once they left."""
    return services.blank_messages() or None
