"""``bagage restore FILE``."""

from pathlib import Path
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from bagage.common import backups, sealing


class Command(BaseCommand):
    help = (
        "Put a back-up in the place of the database and of the files of the home; what it replaces is kept."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", metavar="FILE", type=Path, help="a back-up made by bagage backup")
        parser.add_argument(
            "--key",
            metavar="FILE",
            type=Path,
            help="the key that was noted (bagage backup_key), in a file; not needed while it is in the home",
        )

    def handle(self, *args: Any, file: Path, key: Path | None, **options: Any) -> None:
        try:
            aside = backups.restore(file, sealing.keys_from(key))
        except CommandError as error:
            error.returncode = 2
            raise
        if aside:
            self.stdout.write(f"What it replaced is kept for 30 days: {aside}")
        call_command("migrate", verbosity=0, without_backup=True)
        backups.after_restore()
        self.stdout.write(f"Restored from {file}.")
