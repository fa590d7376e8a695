"""Opening a back-up: what it holds, and whether it is whole."""

import json
import sqlite3
import tarfile
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from bagage.common import sealing
from bagage.common.backups.files import CHECKSUM, digest_of, private, work_folder
from bagage.common.backups.making import FORMAT
from bagage.common.backups.postgresql import run_client
from bagage.common.installation import held


@dataclass
class Checked:
    """What was verified of a back-up, in sentences; ``manifest`` is empty when no key was given."""

    said: list[str] = field(default_factory=list)
    manifest: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Opened:
    """A back-up laid out in a folder: its database, the files of the home it brings, what it says of itself."""

    database: Path
    home: Path | None
    manifest: Mapping[str, Any]


def check(source: Path, keys: sealing.Identities = ()) -> Checked:
    """Verify a back-up: its checksum; with the key, each of its files, and that its database is whole.

    CommandError that says what is wrong.
    """
    must_be_file(source)
    found = Checked()
    note = source.with_name(source.name + CHECKSUM)
    if note.exists():
        if note.read_text().split()[:1] != [digest_of(source)]:
            raise CommandError(f"FILE: {source} is damaged: it is not what was written.", returncode=2)
        found.said.append("The file is what was written.")
    else:
        found.said.append("No checksum lies beside it.")
    if sealing.is_sealed(source) and not keys:
        found.said.append("It is sealed: say --key FILE to look inside.")
        return found
    with held("backup", wait=600) as lock:
        if lock is None:
            raise CommandError("A back-up is being made: wait for it.")
        with work_folder() as work:
            opened = lay_out(source, keys, work)
            found.manifest = dict(opened.manifest)
    files = sum(1 for name in found.manifest.get("contents", ()) if name.startswith("home/"))
    found.said.append(f"The database is whole; {files} files of the home are with it.")
    return found


def must_be_file(source: Path) -> None:
    if not source.is_file():
        raise CommandError(f"FILE: {source} does not exist.", returncode=2)


def lay_out(source: Path, keys: sealing.Identities, work: Path) -> Opened:
    """Open a back-up into ``work`` and verify it. CommandError when it is none, damaged, or of a newer version."""
    must_be_file(source)
    if not sealing.is_sealed(source):
        return _plain(source)
    archive = work / "archive.tar.gz"
    with source.open("rb") as read, private(archive) as written:
        sealing.open_sealed(read, written, keys)
    out = work / "out"
    out.mkdir(mode=0o700)
    try:
        with tarfile.open(archive, mode="r:gz") as tar:
            tar.extractall(out, filter="data")
        manifest = json.loads((out / "manifest.json").read_text())
        _verify(manifest, out)
    except (tarfile.TarError, OSError, ValueError, KeyError, EOFError) as error:
        raise CommandError(f"FILE: {source} is not a back-up of Bagage ({error}).", returncode=2) from error
    archive.unlink()
    if manifest["vendor"] != connection.vendor:
        names = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
        raise CommandError(
            f"FILE: {source} is of an installation on {names[manifest['vendor']]}, and this one is on "
            f"{names[connection.vendor]}: set DATABASE_URL to the same kind.",
            returncode=2,
        )
    _refuse_newer(source, {(app, name) for app, name in manifest["migrations"]})
    database = out / ("database.sqlite3" if manifest["vendor"] == "sqlite" else "database.dump")
    if manifest["vendor"] == "sqlite":
        _check_sqlite(database, source)
    return Opened(database, out / "home", manifest)


def _verify(manifest: Mapping[str, Any], out: Path) -> None:
    """ValueError when a file of the archive is missing or is not what its manifest says."""
    if manifest["format"] > FORMAT:
        raise ValueError("it was written by a newer version of Bagage")
    for name, said in manifest["contents"].items():
        if digest_of(out / name) != said["sha256"]:
            raise ValueError(f"{name} is damaged")


def _plain(source: Path) -> Opened:
    """A back-up of an older version: a database alone, not sealed."""
    with source.open("rb") as file:
        is_dump = file.read(5) == b"PGDMP"
    vendor = "postgresql" if is_dump else "sqlite"
    if vendor == "sqlite":
        _check_sqlite(source, source)
    elif connection.vendor == "postgresql":
        text = run_client("pg_restore", "--data-only", "--table=django_migrations", "--file=-", str(source))
        rows = [line.split("\t") for line in text.splitlines() if line.count("\t") == 3]
        _refuse_newer(source, {(row[1], row[2]) for row in rows})
    if vendor != connection.vendor:
        kind = "PostgreSQL" if is_dump else "SQLite"
        raise CommandError(
            f"FILE: {source} is of an installation on {kind}: set DATABASE_URL to the same kind.",
            returncode=2,
        )
    return Opened(source, None, {"vendor": vendor, "contents": {}})


def _check_sqlite(database: Path, source: Path) -> None:
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as read:
            if read.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise CommandError(f"FILE: {source} is damaged.", returncode=2)
            applied = set(read.execute("SELECT app, name FROM django_migrations"))
    except sqlite3.Error as error:
        raise CommandError(f"FILE: {source} is not a back-up of Bagage ({error}).", returncode=2) from error
    _refuse_newer(source, applied)


def _refuse_newer(source: Path, applied: set[tuple[str, str]]) -> None:
    if not applied:
        raise CommandError(f"FILE: {source} is an empty database.", returncode=2)
    unknown = sorted(applied - set(MigrationLoader(None).disk_migrations))
    if unknown:
        raise CommandError(
            f"FILE: {source} was written by a newer version of Bagage ({'.'.join(unknown[0])}).", returncode=2
        )
