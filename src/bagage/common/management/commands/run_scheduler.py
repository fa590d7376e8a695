"""``bagage run_scheduler``: runs the recurring jobs; started by ``bagage serve``."""

import signal
import threading
import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from bagage.common.heartbeat import beat
from bagage.common.jobs import Schedule, all_jobs

TURN = 2.0


class Command(BaseCommand):
    help = "Run the recurring jobs when their time has come, until stopped."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--once", action="store_true", help="run what is due and stop")

    def handle(self, *args: Any, once: bool, **options: Any) -> None:
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        schedule = Schedule(all_jobs().values())
        while not stopping.is_set():
            beat("scheduler")
            schedule.run_due(time.time())
            if once:
                return
            stopping.wait(TURN)
