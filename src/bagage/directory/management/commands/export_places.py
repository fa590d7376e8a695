"""``bagage export_places``: the panorama as a file of an open standard."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bagage.directory import writing
from bagage.directory.domain import standards


class Command(BaseCommand):
    """Write the places that are listed today, in the national standard, data·inclusion or HSDS 3."""

    help = (
        "Write the places of the panorama as a file: the national standard of places of digital mediation v1.0.2 "
        "(CSV), data·inclusion v1 (JSON), HSDS 3 (a zip of tables). Without --output, to standard output."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What is asked."""
        parser.add_argument(
            "--format", required=True, metavar="FORMAT", help="mediation, data-inclusion or hsds"
        )
        parser.add_argument(
            "--output", type=Path, metavar="PATH", help="the file to write; replaced whole or not at all"
        )
        parser.add_argument(
            "--json", action="store_true", help="say what was written as JSON, on standard error"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Write, then say how many."""
        try:
            format = standards.format_named(options["format"])
        except KeyError:
            format = ""
        if format not in writing.EXPORTED:
            raise CommandError("--format is mediation, data-inclusion or hsds.")
        path: Path | None = options["output"]
        if path is None:
            done = writing.write_file(format, writing.current_structures(), sys.stdout.buffer)
            sys.stdout.buffer.flush()
        else:
            done = self._to_file(path, format)
        said = {"written": done.written, "services": done.services, "left_out": dict(done.left_out)}
        if options["json"]:
            self.stderr.write(json.dumps(said))
            return
        self.stderr.write(f"{done.written} places written.")
        for name, count in done.left_out.most_common():
            self.stderr.write(f"{count} left out: the standard wants {name}, which nobody said.")

    def _to_file(self, path: Path, format: str) -> writing.Written:
        if not path.parent.is_dir():
            raise CommandError(f"{path.parent} is no folder.")
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as out:
                done = writing.write_file(format, writing.current_structures(), out)
            umask = os.umask(0)
            os.umask(umask)
            os.chmod(name, 0o666 & ~umask)
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
        return done
