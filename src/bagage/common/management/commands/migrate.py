"""``bagage migrate``: Django's, after a back-up of what is there."""

import os
from typing import Any

from django.core.management import call_command
from django.core.management.base import CommandError, CommandParser
from django.core.management.commands.migrate import Command as DjangoCommand

from bagage.common import backups, installation, row_security, sealing


class Command(DjangoCommand):
    help = "Bring the database up to this version of Bagage, after a back-up of it."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument(
            "--without-backup",
            action="store_true",
            default=os.environ.get("BAGAGE_WITHOUT_BACKUP") == "1",
            help="Go on when no back-up can be made first (also: BAGAGE_WITHOUT_BACKUP=1).",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # The tests' runner syncs its own throw-away database; the others change nothing.
        is_ours = not (options["run_syncdb"] or options["plan"] or options["check_unapplied"])
        # A named target may lead backwards: that loses columns, so it is saved first as well.
        is_change = options["app_label"] or installation.unapplied_migrations()
        if is_ours and is_change and not installation.is_database_empty():
            self.back_up(without=options["without_backup"])
        if is_ours and is_change:
            # A column that a policy reads cannot be changed.
            row_security.remove()
        super().handle(*args, **options)
        if is_ours:
            call_command("createcachetable", database=options["database"], verbosity=0)
            if not options["app_label"]:
                installation.note_version()
                sealing.first_key()
                row_security.settle()

    def back_up(self, *, without: bool) -> None:
        try:
            path = backups.back_up(label="upgrade").path
        except CommandError as error:
            if not without:
                raise CommandError(
                    f"{error} Make one yourself, then say --without-backup (or BAGAGE_WITHOUT_BACKUP=1).",
                    returncode=2,
                ) from error
            self.stderr.write(f"{error} Going on without, as asked.")
        else:
            self.stdout.write(f"Back-up made first: {path}")
