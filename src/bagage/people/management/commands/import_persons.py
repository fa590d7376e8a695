"""``bagage import_persons``: a list of persons from a spreadsheet, as an administrator at the machine."""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import translation

from bagage.accounts.models import Organisation
from bagage.common.errors import BusinessError
from bagage.imports import services
from bagage.imports.domain.lifecycle import BatchState, RowState
from bagage.imports.domain.tables import LARGEST_FILE
from bagage.imports.kinds import Reading, kind_named
from bagage.imports.models import Batch, Row
from bagage.imports.queries import counts_of, rows_in
from bagage.imports.words import fault_words
from bagage.trail.domain.actor import Actor

KIND = "persons"
ACTOR = Actor.system("import_persons")


class Command(BaseCommand):
    help = (
        "Read a list of persons (CSV, XLSX, XLS or ODS) and open a file for each; what breaks a rule is set aside, "
        "who may be known already is told. Nothing is merged by itself, and a batch is undone as a whole."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", nargs="?", metavar="FILE", help="the spreadsheet; - reads standard input")
        parser.add_argument(
            "--mapping",
            metavar="FILE",
            help='what the columns are, as JSON: {"columns": {"Tél": "phone"}, "source": "…", "duplicates": "create"}; '
            "not needed for the usual headings",
        )
        parser.add_argument(
            "--sheet", default="", metavar="NAME", help="the sheet to read; the largest unless told"
        )
        parser.add_argument(
            "--node", default="", metavar="NAME", help="the permanence that follows them: its name or its id"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="tell what would be written, and write nothing"
        )
        parser.add_argument("--json", action="store_true", help="print the report as JSON")
        parser.add_argument("--undo", metavar="BATCH", help="take back the batch of this id")
        parser.add_argument("--resume", metavar="BATCH", help="go on with a batch that was cut off")

    def handle(
        self,
        *args: Any,
        file: str | None,
        mapping: str | None,
        sheet: str,
        node: str,
        dry_run: bool,
        json: bool,
        undo: str | None,
        resume: str | None,
        **options: Any,
    ) -> None:
        if [file, undo, resume].count(None) != 2:
            raise CommandError("give a FILE, or --undo BATCH, or --resume BATCH.", returncode=2)
        # What a file makes lives until its end: looking for garbage among it took an eighth of the time.
        gc.set_threshold(100_000, 50, 50)
        # Reasons are told in the source language, whoever runs it.
        with translation.override("fr"):
            try:
                if undo:
                    batch = self.batch(undo)
                    services.undo_batch(batch, by=ACTOR)
                    report = undone(batch)
                elif resume:
                    report = self.write(self.batch(resume), dry_run=dry_run)
                else:
                    report = self.read(str(file), mapping, sheet, node, dry_run=dry_run)
            except BusinessError as error:
                raise CommandError(str(error), returncode=2) from error
        self.stdout.write(as_json(report) if json else in_words(report))

    def read(self, file: str, mapping: str | None, sheet: str, node: str, *, dry_run: bool) -> dict[str, Any]:
        """A file, read, compared, and written unless it is a dry run."""
        chosen, settings = chosen_in(mapping)
        content, name = content_of(file)
        batch = services.read_file(
            content,
            name,
            kind=KIND,
            node=node_named(node or str(settings.get("node", ""))),
            sheet=sheet or str(settings.get("sheet", "")),
            chosen=chosen,
            source=str(settings.get("source", "import")),
            on_alike=on_alike_of(settings),
            by=ACTOR,
        )
        return self.write(batch, dry_run=dry_run)

    def write(self, batch: Batch, *, dry_run: bool) -> dict[str, Any]:
        """Compares and writes what was not yet; a dry run forgets the batch again."""
        if batch.state == BatchState.UNDOING:
            services.undo_batch(batch, by=ACTOR)
            return undone(batch)
        services.check_batch(batch)
        batch = Batch.objects.get(pk=batch.pk)
        if dry_run:
            told = report_of(batch, dry_run=True)
            services.drop_batch(batch, by=ACTOR)
            return told
        if (
            batch.state in {BatchState.WRITING, BatchState.PREVIEW}
            and rows_in(batch, RowState.TO_WRITE).exists()
        ):
            services.write_batch(batch, by=ACTOR)
        return report_of(batch, dry_run=False)

    def batch(self, text: str) -> Batch:
        """The batch of an id."""
        try:
            found = Batch.objects.filter(kind=KIND, uuid=UUID(text)).first()
        except ValueError:
            found = None
        if found is None:
            raise CommandError(f"{text!r}: there is no such batch of persons.", returncode=2)
        return found


# ---------- what is given ----------
def content_of(file: str) -> tuple[bytes, str]:
    """The bytes of the file, and its name. CommandError says why it cannot be read."""
    if file == "-":
        return sys.stdin.buffer.read(LARGEST_FILE + 1), "standard input"
    path = Path(file)
    try:
        if path.is_file() and path.stat().st_size > LARGEST_FILE:
            raise CommandError(f"{file}: larger than {LARGEST_FILE // 10**6} MB", returncode=2)
        return path.read_bytes(), path.name
    except (OSError, ValueError) as error:
        raise CommandError(f"{file}: {getattr(error, 'strerror', None) or error}", returncode=2) from error


def chosen_in(mapping: str | None) -> tuple[dict[str, str], dict[str, Any]]:
    """The fields by heading, and the other settings of a mapping file. CommandError names what is wrong.

    The file is either ``{"columns": {heading: field}, ...}`` or plainly ``{heading: field}``. A field is named as in
    the code (``family_name``) or as on screen (``Nom``); ``""`` and ``null`` leave a column aside.
    """
    if mapping is None:
        return {}, {}
    try:
        data = json.loads(Path(mapping).read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise CommandError(
            f"--mapping {mapping}: {getattr(error, 'strerror', None) or error}", returncode=2
        ) from error
    if not isinstance(data, Mapping):
        raise CommandError(f"--mapping {mapping}: an object is needed: heading, field", returncode=2)
    columns = data.get("columns", data)
    if not isinstance(columns, Mapping):
        raise CommandError(f"--mapping {mapping}: columns: an object is needed: heading, field", returncode=2)
    settings = {name: value for name, value in data.items() if name != "columns"} if "columns" in data else {}
    kind = kind_named(KIND)
    chosen: dict[str, str] = {}
    for heading, said in columns.items():
        name = kind.field_named(str(said)) if said else ""
        if said and not name:
            known = ", ".join(each.name for each in kind.fields)
            raise CommandError(f"--mapping {mapping}: {said!r} is no field; there are: {known}", returncode=2)
        if name and name in chosen.values():
            raise CommandError(f"--mapping {mapping}: two columns are {name}", returncode=2)
        chosen[str(heading)] = name
    return chosen, settings


def on_alike_of(settings: Mapping[str, Any]) -> str:
    """What becomes of who may be known: a file of her own ("create", the usual), or a decision on screen ("wait")."""
    said = str(settings.get("duplicates", services.CREATE))
    if said not in {services.CREATE, services.WAIT}:
        raise CommandError(f"--mapping: duplicates: create or wait, not {said!r}", returncode=2)
    return said


def node_named(text: str) -> Organisation:
    """The place of that name or id; else the first permanence, or where there is none the first of the network."""
    inside = Organisation.objects.filter(is_open=True, kind__in=["permanence", "antenna", "network"])
    places = sorted(inside.order_by("path"), key=lambda node: node.kind != "permanence")
    if text:
        named = [node for node in places if text.casefold() in (node.name.casefold(), str(node.uuid))]
        if len(named) != 1:
            known = ", ".join(node.name for node in places[:20]) or "none yet"
            raise CommandError(f"--node: {text!r} is no place; there are: {known}", returncode=2)
        return named[0]
    if not places:
        raise CommandError(
            "there is no permanence yet: open Bagage in a browser for its first start, or run bagage load_demo.",
            returncode=2,
        )
    return places[0]


# ---------- what is told ----------
def report_of(batch: Batch, *, dry_run: bool) -> dict[str, Any]:
    """What was read, created, set aside, and who may be known already, row by row."""
    batch = Batch.objects.select_related("node", "read_by").get(pk=batch.pk)
    counts = counts_of([batch])[batch.pk]
    duplicates = duplicates_in(batch)
    return {
        "batch": "" if dry_run else str(batch.uuid),
        "file": batch.file_name,
        "sheet": batch.sheet,
        "dry_run": dry_run,
        "node": batch.node.name,
        "columns": {column["heading"]: column["field"] for column in batch.columns},
        "read": counts.total,
        "created": counts.to_write if dry_run else counts.written,
        "waiting": counts.alike,
        "skipped": counts.skipped,
        "rows_with_possible_duplicates": len({each["row"] for each in duplicates}),
        "possible_duplicates": duplicates,
        "set_aside": [
            {
                "row": row.number,
                "reasons": [said(batch, fault) for fault in row.errors],
                "fields": [fault["field"] for fault in row.errors],
            }
            for row in rows_in(batch, RowState.SET_ASIDE)
        ],
    }


def said(batch: Batch, fault: Mapping[str, Any]) -> str:
    """One reason, led by the field."""
    kind = kind_named(batch.kind)
    text = kind.fault_words(fault) or fault_words(fault)
    return f"{kind.label_of(fault['field'])}: {text}" if fault["field"] else text


def duplicates_in(batch: Batch) -> list[dict[str, Any]]:
    """Each row with each file or earlier row that may be of the same person, best first."""
    kind = kind_named(batch.kind)
    ground = kind.ground(batch, batch.read_at)
    states = (RowState.TO_WRITE, RowState.ALIKE, RowState.WRITTEN, RowState.SKIPPED)
    alike = [row for row in rows_in(batch, *states).iterator() if row.alike]
    numbers = {each["row"] for row in alike for each in row.alike if each["row"]}
    others: dict[int, tuple[Reading, str]] = {}
    wanted = sorted(numbers)
    for start in range(0, len(wanted), 500):
        for row in Row.objects.filter(batch=batch, number__in=wanted[start : start + 500]):
            others[row.number] = (kind.read(row.number, kind.cells(batch, row.values), ground), row.thing)
    references = kind.references([each["thing"] for row in alike for each in row.alike if each["thing"]])
    told = []
    for row in alike:
        reading = kind.read(row.number, kind.cells(batch, row.values), ground)
        for each in row.alike:
            other, thing = others[each["row"]] if each["row"] else (each["thing"], each["thing"])
            reference = (
                other.values.file.reference if isinstance(other, Reading) else references.get(other, "")
            )
            told.append(
                {
                    "row": row.number,
                    "own_reference": reading.values.file.reference,
                    "id": thing.removeprefix("person:"),
                    "reference": reference,
                    "other_row": each["row"] or None,
                    "score": each["score"],
                    "reasons": [str(reason) for reason in kind.reason_words(reading, other)],
                }
            )
    return told


def undone(batch: Batch) -> dict[str, Any]:
    """What undoing took back, and what it left with the reason."""
    batch = Batch.objects.get(pk=batch.pk)
    counts = counts_of([batch])[batch.pk]
    return {
        "batch": str(batch.uuid),
        "undone": counts.undone,
        "kept": [
            {
                "row": row.number,
                "id": row.thing.removeprefix("person:"),
                "reasons": [said(batch, fault) for fault in row.errors],
            }
            for row in rows_in(batch, RowState.KEPT)
        ],
    }


def as_json(report: Mapping[str, Any]) -> str:
    """One line."""
    return json.dumps(report, ensure_ascii=False)


def in_words(report: Mapping[str, Any]) -> str:
    """The report for someone who reads it."""
    if "undone" in report:
        lines = [f"{report['undone']} files taken back, {len(report['kept'])} kept since they have served."]
        lines += [f"  row {one['row']}: {one['id']}: {' '.join(one['reasons'])}" for one in report["kept"]]
        return "\n".join(lines)
    verb = "would be created" if report["dry_run"] else "created"
    lines = [
        f"{report['read']} rows read, {report['created']} {verb} at {report['node']}, "
        f"{report['rows_with_possible_duplicates']} may be known already, {len(report['set_aside'])} set aside"
        + (f", {report['skipped']} there already" if report["skipped"] else "")
        + (f", {report['waiting']} wait for a decision on screen" if report["waiting"] else "")
        + "."
    ]
    lines += [f"  {heading}: {field or 'left aside'}" for heading, field in report["columns"].items()]
    for one in report["possible_duplicates"]:
        whom = one["id"] or f"row {one['other_row']}"
        label = f" ({one['reference']})" if one["reference"] else ""
        lines.append(
            f"  row {one['row']}: maybe {whom}{label}, {one['score']:.2f}: {', '.join(one['reasons'])}"
        )
    lines += [f"  row {one['row']}: set aside: {' '.join(one['reasons'])}" for one in report["set_aside"]]
    if report["batch"]:
        lines.append(f"Batch {report['batch']}: --undo {report['batch']} takes it back.")
    else:
        lines.append("Nothing was written.")
    return "\n".join(lines)
