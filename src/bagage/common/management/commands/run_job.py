"""``bagage run_job NAME``, for which ``bagage NAME`` is short."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bagage.common.jobs import all_jobs, run_now


class Command(BaseCommand):
    help = "Run one recurring job now, whether or not its time has come."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("name", metavar="NAME", choices=sorted(all_jobs()), help="one of: %(choices)s")

    def handle(self, *args: Any, name: str, **options: Any) -> None:
        if not run_now(all_jobs()[name]):
            raise CommandError(f"The job {name} failed: see the messages above.")
