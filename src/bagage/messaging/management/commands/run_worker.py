"""``bagage run_worker``: sends what the outbox holds, until stopped; started by ``bagage serve``."""

import logging
import signal
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections, connection

from bagage.common.heartbeat import beat
from bagage.messaging.services import note_lost_claims
from bagage.messaging.smtp import Answer
from bagage.messaging.tasks import new_worker_name, note_gone_workers, send_due

logger = logging.getLogger("bagage.mail")

TURN = 1.0
# After a server that could not be reached, or a database that did not answer.
PAUSE = 15.0
LOST_CLAIMS_EVERY = 60.0


class Command(BaseCommand):
    help = "Send the mails of the outbox as they come, until stopped."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        worker = new_worker_name()

        def should_stop() -> bool:
            beat("worker")
            return stopping.is_set()

        next_look = 0.0
        while not should_stop():
            wait = TURN
            close_old_connections()
            try:
                if time.monotonic() >= next_look:
                    next_look = time.monotonic() + LOST_CLAIMS_EVERY
                    note_gone_workers(worker)
                    note_lost_claims()
                if send_due(worker, should_stop=should_stop)[Answer.UNREACHED.value]:
                    wait = PAUSE
            except DatabaseError:
                logger.exception("the outbox cannot be read; trying again in %d s", PAUSE)
                connection.close()
                wait = PAUSE
            stopping.wait(wait)
