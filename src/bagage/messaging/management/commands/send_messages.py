"""``bagage send_messages``: one turn of the worker, for a cron instead of ``run_worker``."""

from typing import Any

from django.core.management.base import BaseCommand

from bagage.messaging.tasks import new_worker_name, note_gone_workers, send_due


class Command(BaseCommand):
    help = "Send the mails that are due, once, and say how many had which answer."
    requires_system_checks = ()

    def handle(self, *args: Any, **options: Any) -> None:
        worker = new_worker_name()
        lost = note_gone_workers(worker)
        answers = send_due(worker)
        if lost:
            answers["interrupted before"] = lost
        told = ", ".join(f"{count} {answer}" for answer, count in sorted(answers.items()))
        self.stdout.write(told or "nothing is due")
