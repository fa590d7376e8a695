"""``bagage import_offers``."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone, translation

from bagage.common.errors import BusinessError
from bagage.connection.catalogue_words import column_words, programme_fault_words
from bagage.connection.domain.sheet import read_day
from bagage.connection.queries.catalogue import import_plan
from bagage.connection.services.catalogue_imports import confirm_import, read_import
from bagage.trail.domain.actor import Actor


class Command(BaseCommand):
    help = "Read a file of offers (JSON, CSV or XLSX) and tell what it would change; write it with --write."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", metavar="FILE", help="a programme file, or a table as export_offers writes it"
        )
        parser.add_argument(
            "--from", dest="begins_on", default="", metavar="DAY", help="from which day it holds (today)"
        )
        parser.add_argument("--write", action="store_true", help="write it; without, nothing changes")

    def handle(self, *args: Any, file: str, begins_on: str, write: bool, **options: Any) -> None:
        day = read_day(begins_on) if begins_on else timezone.localdate()
        if day is None:
            raise CommandError(f"--from: a date is written 2026-11-24, not {begins_on!r}", returncode=2)
        try:
            content = Path(file).read_bytes()
        except OSError as error:
            raise CommandError(f"FILE {file!r}: {error.strerror}", returncode=2) from error
        actor = Actor.system("import_offers")
        with translation.override("en"):
            try:
                batch = read_import(Path(file).name, content, begins_on=day, by=actor)
            except BusinessError as error:
                raise CommandError(f"FILE {file!r}: {error}", returncode=2) from error
            for fault in batch.problems:
                where = f"row {fault['row']}" if fault["row"] else fault["place"]
                said = programme_fault_words(fault)
                self.stderr.write(
                    f"{file}: {where}: {column_words(fault['column'])}: {said} ({fault['value']!r})"
                )
            plan = import_plan(batch)
            rules = plan.rules
            self.stdout.write(
                f"{len(rules.added)} new, {len(rules.replaced)} replaced, {len(rules.verified)} verified, "
                f"{len(plan.ended)} ended, {rules.same} the same, {len(batch.programme['aside'])} set aside."
            )
            if not write:
                self.stdout.write("Nothing was written. Add --write to write it.")
                batch.delete()
                return
            try:
                confirm_import(batch, by=actor)
            except BusinessError as error:
                raise CommandError(f"FILE {file!r}: {error}", returncode=2) from error
        self.stdout.write("Written. It can be taken back as a whole on the page of imports.")
