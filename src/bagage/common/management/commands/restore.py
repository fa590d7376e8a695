"""``bagage restore FILE``."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from bagage.common import installation


class Command(BaseCommand):
    help = (
        "Put a back-up (SQLite) in the place of the database; the replaced one is kept beside the back-ups."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="a back-up made by bagage backup")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        try:
            kept = installation.restore(file)
        except CommandError as error:
            error.returncode = 2
            raise
        if kept:
            self.stdout.write(f"The replaced database is kept: {kept}")
        call_command("migrate", verbosity=0)
        self.stdout.write(f"Restored from {file}.")
