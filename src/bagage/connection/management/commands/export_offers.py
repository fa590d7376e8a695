"""``bagage export_offers``."""

import json
import shutil
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from bagage.common.exports import csv_lines, xlsx_file
from bagage.connection.catalogue_words import sheet_table
from bagage.connection.domain.programme import programme_as_json
from bagage.connection.domain.sheet import read_day, write_rows
from bagage.connection.queries.catalogue import catalogue_on, extras_on


class Command(BaseCommand):
    help = "Write the offers on sale on a day: a programme file that advise_connection reads, or a table."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "file", metavar="FILE", help="where to write; its ending says what: .json, .csv, .xlsx"
        )
        parser.add_argument("--day", default="", metavar="DAY", help="on which day (today)")

    def handle(self, *args: Any, file: str, day: str, **options: Any) -> None:
        on = read_day(day) if day else timezone.localdate()
        if on is None:
            raise CommandError(f"--day: a date is written 2026-11-24, not {day!r}", returncode=2)
        target = Path(file)
        programme = catalogue_on(on)
        try:
            if target.suffix == ".json":
                text = json.dumps(programme_as_json(programme), ensure_ascii=False, indent=1)
                target.write_text(text + "\n", encoding="utf-8")
            elif target.suffix in {".csv", ".xlsx"}:
                rows = sheet_table(write_rows(programme, extras_on(on)))
                if target.suffix == ".csv":
                    target.write_text("".join(csv_lines(rows)), encoding="utf-8", newline="")
                else:
                    with (
                        xlsx_file(rows, title="Catalogue", fixed_at=timezone.now(), filters=[]) as source,
                        target.open("wb") as out,
                    ):
                        shutil.copyfileobj(source, out)
            else:
                raise CommandError(f"FILE {file!r}: it ends with .json, .csv or .xlsx", returncode=2)
        except OSError as error:
            raise CommandError(f"FILE {file!r}: {error.strerror}", returncode=2) from error
        count = sum(len(line.offers) for line in programme.lines)
        self.stdout.write(f"{count} offers were written to {file}.")
