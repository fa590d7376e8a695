"""``bagage import_places``: places of a file or of an address come into the panorama."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError, CommandParser

from bagage.common.errors import BusinessError
from bagage.common.installation import folder
from bagage.directory import fetching
from bagage.directory.domain import standards
from bagage.directory.domain.standards import table
from bagage.directory.domain.standards.reading import HEAD
from bagage.directory.models import Feed
from bagage.directory.services import BeingRead, Report, load_feed, load_held, make_feed, reading_of
from bagage.trail.domain.actor import Actor

NAMES = "mediation, data-inclusion, hsds, libraries or table"
BY = Actor.system("import_places")
WORDS = {
    "empty": "it is empty",
    "other_file": "it is no table and no JSON",
    "broken": "it is broken",
    "no_rows": "it holds no row",
    "no_columns": "no column says the name of the places: give --mapping",
    "too_large": "it is too large",
    "locked": "it is locked by a password",
    "too_many_rows": "it holds too many rows",
    "no_sheet": "it has no such sheet",
}


class Command(BaseCommand):
    """Read a source of places once."""

    help = (
        "Bring the places of a file, of a folder of HSDS tables or of an address into the panorama: the national "
        "standard of places of digital mediation (CSV, JSON), data·inclusion v1 (JSON, its spreadsheet), HSDS 3, the "
        "public libraries, or any CSV, XLSX, ODS or JSON whose columns are guessed or named by --mapping. Run again, "
        "it changes what has changed; what its source lists no more ends. Rows that cannot be read are kept aside."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """What is asked."""
        parser.add_argument("source", metavar="FILE_OR_URL")
        parser.add_argument(
            "--format", default="", metavar="FORMAT", help=f"{NAMES}; guessed when it is not said"
        )
        parser.add_argument(
            "--mapping",
            type=Path,
            metavar="FILE",
            help='JSON: {"columns": {"heading": "field"}}; fields are those of the wizard',
        )
        parser.add_argument(
            "--source",
            dest="slug",
            default="",
            metavar="SLUG",
            help="the source that it is; made of the name of the file when it is not said",
        )
        parser.add_argument(
            "--licence",
            default="",
            metavar="WORDS",
            help="the licence of what it holds, when its rows do not say it",
        )
        parser.add_argument("--dry-run", action="store_true", help="say what would be done, and do nothing")
        parser.add_argument("--json", action="store_true", help="print the report as JSON")

    def handle(
        self,
        *args: Any,
        source: str,
        format: str,
        mapping: Path | None,
        slug: str,
        licence: str,
        dry_run: bool,
        **options: Any,
    ) -> None:
        """Read it; 1 when nothing can be read, 2 for a wrong call."""
        is_url = re.match(r"https?://", source) is not None
        named = _mapping(mapping)
        if format:
            try:
                format = standards.format_named(format)
            except KeyError:
                raise CommandError(f"--format is {NAMES}, not {format!r}.", returncode=2) from None
        name = slug or _name(source, is_url)
        feed = Feed.objects.filter(slug=name).first()
        try:
            # Refused before anything is changed of a source that someone else reads.
            with ExitStack() as held:
                if feed is not None and not dry_run:
                    held.enter_context(reading_of(feed))
                content = held.enter_context(_content(source, is_url))
                known = format or (feed.format if feed else "") or _detected(content, source)
                if known == standards.TABLE and not named and feed is None:
                    named = _guessed(content)
                if dry_run:
                    draft = feed or Feed(slug=name, name=name, format=known)
                    draft.format, draft.mapping = known, {**draft.mapping, **named}
                    report = load_feed(draft, content, by=BY, dry_run=True)
                else:
                    kept = make_feed(
                        slug=name,
                        name=feed.name if feed else name,
                        format=known,
                        licence=licence,
                        url=source if is_url else "",
                        mapping=named,
                        by=BY,
                    )
                    if feed is None:
                        held.enter_context(reading_of(kept))
                    report = load_held(kept, content, by=BY, told=None if options["json"] else self._told)
        except BeingRead as error:
            raise CommandError(
                f"The source {name} is being read already: wait until that is done, then run this again."
            ) from error
        except standards.Unreadable as error:
            said = WORDS.get(error.code, error.code)
            raise CommandError(
                f"{source} cannot be read: {said}{f' ({error.detail})' if error.detail else ''}."
            ) from error
        except fetching.Unanswered as error:
            raise CommandError(f"{source} did not answer: {error}. What was read before stays.") from error
        except KeyError as error:
            raise CommandError(
                f"--mapping: {error} is no field; known are {', '.join(sorted(table.NAMES))}.", returncode=2
            ) from error
        except BusinessError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(report.as_json(), ensure_ascii=False))
            return
        self._say(report)

    def _told(self, count: int) -> None:
        self.stderr.write(f"{count} read", ending="\r")

    def _say(self, report: Report) -> None:
        counts = report.counts
        words = ", ".join(
            f"{counts[name]} {name.replace('_', ' ')}"
            for name in ("read", "created", "updated", "unchanged", "ended", "set_aside")
        )
        self.stdout.write(f"{report.format}: {words}.{' Nothing was written.' if report.dry_run else ''}")
        if report.kept:
            self.stdout.write(
                f"{report.kept} places vanished, more than half of what this source had: none was ended."
            )
        for row in report.rows[:50]:
            self.stdout.write(f"  row {row['row']} ({row['key']}): {row['how']}")
        if len(report.rows) > 50:
            self.stdout.write(f"  and {len(report.rows) - 50} others; --json gives them all.")
        if report.compared_later:
            self.stdout.write(
                "They are compared with the other places within the hour (bagage compare_places)."
            )
        if report.possible_duplicates:
            self.stdout.write(f"{len(report.possible_duplicates)} pairs may be one place:")
        for pair in report.possible_duplicates[:20]:
            names = " / ".join(f"{each['name']}, {each['city']}" for each in pair["places"])
            self.stdout.write(f"  {names}: {', '.join(pair['reasons'])}")


def _mapping(path: Path | None) -> dict[str, Any]:
    if path is None:
        return {}
    try:
        found = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CommandError(f"--mapping: {path} cannot be opened.", returncode=2) from error
    except ValueError as error:
        raise CommandError(f"--mapping: {path} is no JSON ({error}).", returncode=2) from error
    if not isinstance(found, dict):
        raise CommandError('--mapping holds {"columns": {"heading": "field"}}.', returncode=2)
    return found if "columns" in found else {"columns": found}


@contextmanager
def _content(source: str, is_url: bool) -> Iterator[Path | IO[bytes]]:
    """A folder, or a file that can be read again from its beginning; not more of it in memory than is asked for."""
    if is_url:
        with fetching.fetch(source) as answer:
            if answer.content is None:
                raise fetching.Unanswered(
                    "nothing was asked to be compared, and it says that nothing changed"
                )
            yield answer.content
        return
    path = Path(source)
    if path.is_dir():
        yield path
        return
    try:
        stream = path.open("rb")
    except OSError as error:
        raise CommandError(f"{source} cannot be opened: {error.strerror}.") from error
    with stream:
        if stream.seekable():
            yield stream
            return
        # A pipe: it tells what it holds only once.
        with TemporaryFile(dir=folder("run")) as whole:
            shutil.copyfileobj(stream, whole)
            whole.seek(0)
            yield whole


def _detected(content: Path | IO[bytes], name: str) -> str:
    if isinstance(content, Path):
        return standards.HSDS
    head = content.read(HEAD)
    if head.startswith(b"PK\x03\x04"):
        # What a book is stands at its end.
        head += content.read()
    content.seek(0)
    return standards.detect_format(head, name) or standards.TABLE


def _guessed(content: Path | IO[bytes]) -> dict[str, Any]:
    """The columns of a table as they are guessed, kept with its source so that the next file is read alike."""
    rows = [row for _number, _key, row in table.read_records(content, {})]
    if not isinstance(content, Path):
        content.seek(0)
    return {"columns": table.guessed_columns(rows)}


def _name(source: str, is_url: bool) -> str:
    if is_url:
        parts = urlsplit(source)
        return re.sub(r"[^a-z0-9]+", "-", f"{parts.hostname}{parts.path}".lower()).strip("-")[:60]
    return re.sub(r"[^a-z0-9]+", "-", Path(source).stem.lower()).strip("-")[:60] or "source"
