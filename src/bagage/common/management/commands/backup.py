"""``bagage backup``."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from bagage.common import backups, sealing


class Command(BaseCommand):
    help = "Make a sealed copy of the database and of the files of the home, while they are in use; or check one."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--check", metavar="FILE", type=Path, help="make none: verify this one (with --key, all of it)"
        )
        parser.add_argument("--key", metavar="FILE", type=Path, help="the key that was noted, to look inside")

    def handle(self, *args: Any, check: Path | None, key: Path | None, **options: Any) -> None:
        if check is not None:
            for said in backups.check(check, sealing.keys_from(key)).said:
                self.stdout.write(said)
            return
        made = backups.back_up()
        self.stdout.write(f"{made.path}")
        if made.second is not None:
            self.stdout.write(f"{made.second}")
        if made.second_error:
            self.stderr.write(f"No second copy: {made.second_error}.")
        if sealing.key_that_waits():
            self.stderr.write(
                "The key that opens it lies in this home still: note it with bagage backup_key."
            )
