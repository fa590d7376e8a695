"""Making a back-up."""

import errno
import gzip
import io
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.utils import timezone

from bagage import __version__
from bagage.common import sealing
from bagage.common.backups.files import (
    BLOCK,
    ERASED,
    SUFFIX,
    digest_of,
    free_name,
    merge_lines,
    private,
    put,
    work_folder,
)
from bagage.common.backups.postgresql import dump_postgresql
from bagage.common.backups.there import newest, prune, say, second_folder
from bagage.common.installation import data_version, folder, held
from bagage.common.supervisor import SUPERVISED_BY

FORMAT = 1
# In the home, but not in a back-up: what is made anew at each start, and what must not lie beside what it opens.
LEFT_OUT = {"backups", "run", "static", "version", "static.version", sealing.IDENTITY}


@dataclass
class Made:
    """A back-up that was just made: its path, the second copy if a second folder is set, and what went wrong there."""

    path: Path
    second: Path | None = None
    second_error: str = ""


def back_up(*, label: str = "") -> Made:
    """Copy the database as it stands, while it is in use, and the files of the home into ``BAGAGE_HOME/backups`` and
    into the second folder; keep what the rule keeps.

    SQLite: its online back-up. PostgreSQL: ``pg_dump`` when it is installed. CommandError when none could be made;
    nothing is left half written. A second folder that fails does not undo the first: it is said, and ``/health/``
    tells it after 26 hours.
    """
    started = time.monotonic()
    with held("backup", wait=600) as lock:
        if lock is None:
            raise CommandError("Another back-up is being made: wait for it.")
        try:
            made = _make(label)
        except CommandError as error:
            say(error=str(error))
            raise
        except (OSError, sqlite3.Error, DatabaseError) as error:
            say(error=str(error))
            raise CommandError(f"No back-up could be made in {folder('backups')}: {error}.") from error
        say(error="", second_error=made.second_error, seconds=round(time.monotonic() - started, 1))
        prune()
    return made


def _make(label: str) -> Made:
    sealing.first_key()
    moment = timezone.localtime().strftime("%Y%m%d-%H%M%S")
    stem = "-".join(part for part in ("bagage", data_version(), moment, label) if part)
    target = free_name(folder("backups") / f"{stem}{SUFFIX}")
    with work_folder() as work:
        database = work / ("database.sqlite3" if connection.vendor == "sqlite" else "database.dump")
        (_copy_sqlite if connection.vendor == "sqlite" else dump_postgresql)(database)
        archive = work / "archive.tar.gz"
        _pack(archive, database)
        database.unlink()
        sealed = work / target.name
        with archive.open("rb") as source, private(sealed) as written:
            sealing.seal(source, written)
        archive.unlink()
        digest = digest_of(sealed)
        put(sealed, target, digest, os.replace)
        made = Made(target)
    _copy(made)
    return made


def start() -> None:
    """Have a process of its own make one now; :func:`is_running` says until when. For a page that cannot wait."""
    environment = {name: value for name, value in os.environ.items() if name != SUPERVISED_BY}
    process = subprocess.Popen(
        settings.BACKUP_COMMAND,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    # Waited for, so that it does not stay among the processes once it has ended.
    threading.Thread(target=process.wait, name="backup", daemon=True).start()


def copy_again() -> Made | None:
    """Copy the last one to the second folder, which could not take it before; None when there is nothing to copy."""
    last = newest(folder("backups"))
    if last is None or second_folder() is None:
        return None
    with held("backup", wait=600) as lock:
        if lock is None:
            raise CommandError("Another back-up is being made: wait for it.")
        made = Made(last.path)
        _copy(made)
        say(error="", second_error=made.second_error)
        prune()
    return made


def _copy(made: Made) -> None:
    place = second_folder()
    if place is None:
        return
    try:
        made.second = _copy_to(place, made.path, digest_of(made.path))
    except OSError as error:
        made.second_error = f"{place}: {error.strerror or error}"


def _copy_sqlite(target: Path) -> None:
    private(target).close()
    with (
        closing(sqlite3.connect(str(connection.settings_dict["NAME"]))) as read,
        closing(sqlite3.connect(target)) as written,
    ):
        read.backup(written)
        # A single file, without companions that a copy by hand would forget.
        written.execute("PRAGMA journal_mode=DELETE")


def _home_files() -> Iterator[tuple[str, Path]]:
    """What of the home goes into a back-up: name in it, path."""
    home = Path(settings.BAGAGE_HOME)
    database = Path(str(connection.settings_dict["NAME"])) if connection.vendor == "sqlite" else None
    for top in sorted(home.iterdir()):
        if top.name in LEFT_OUT or top.name.startswith(("replaced-", "incoming-")):
            continue
        if top.suffix == ".partial" or top.name.startswith("bagage.sqlite3"):
            continue
        if database is not None and top.name.startswith(database.name) and top.parent == database.parent:
            continue
        paths = [top] if top.is_file() else sorted(top.rglob("*"))
        for path in paths:
            if path.is_file() and not path.is_symlink():
                yield path.relative_to(home).as_posix(), path


def _pack(archive: Path, database: Path) -> None:
    contents: dict[str, dict[str, object]] = {}
    with (
        private(archive) as raw,
        gzip.GzipFile(fileobj=raw, mode="wb", compresslevel=1, mtime=0) as zipped,
        tarfile.open(fileobj=zipped, mode="w", format=tarfile.PAX_FORMAT) as tar,
    ):
        _add(tar, database.name, database, contents)
        for name, path in _home_files():
            try:
                _add(tar, f"home/{name}", path, contents)
            except FileNotFoundError:  # removed while we were looking: its row says so, or will
                continue
        manifest = {
            "format": FORMAT,
            "bagage": __version__,
            "data": data_version(),
            "vendor": connection.vendor,
            "made_at": timezone.now().isoformat(),
            "migrations": applied_migrations(),
            "contents": contents,
        }
        text = json.dumps(manifest).encode()
        entry = tarfile.TarInfo("manifest.json")
        entry.size, entry.mtime = len(text), int(time.time())
        tar.addfile(entry, io.BytesIO(text))


def applied_migrations() -> list[tuple[str, str]]:
    """What the database has seen: ``[("people", "0001_initial"), …]``."""
    return sorted(MigrationLoader(connection).applied_migrations)


def _add(tar: tarfile.TarFile, name: str, path: Path, contents: dict[str, dict[str, object]]) -> None:
    digest = digest_of(path)
    entry = tarfile.TarInfo(name)
    status = path.stat()
    entry.size, entry.mtime, entry.mode = status.st_size, int(status.st_mtime), 0o600
    with path.open("rb") as file:
        tar.addfile(entry, file)
    contents[name] = {"sha256": digest, "size": status.st_size}


def _copy_to(place: Path, source: Path, digest: str) -> Path:
    """The same file in the second folder, read again from there before it is believed."""
    # Never made by us: a disk that is not there would be an empty folder on the first one.
    if not place.is_dir():
        raise FileNotFoundError(errno.ENOENT, "this folder does not exist")
    for left in place.glob("*.partial"):
        left.unlink()
    target, partial = place / source.name, place / f"{source.name}.partial"
    try:
        with source.open("rb") as read, private(partial) as written:
            shutil.copyfileobj(read, written, BLOCK)
        shutil.copystat(source, partial)
        if digest_of(partial) != digest:
            raise OSError("what was written there is not what was sent")
        put(partial, target, digest, os.replace)
    finally:
        partial.unlink(missing_ok=True)
    erased = Path(settings.BAGAGE_HOME) / ERASED
    if erased.exists():
        merge_lines(place / ERASED, erased.read_text().splitlines())
    return target
