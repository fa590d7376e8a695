"""The data folder as a whole: who serves it, which version wrote it, its back-ups, its static files."""

import fcntl
import hashlib
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from bagage import __version__

KEPT_BACKUPS = 10


def folder(name: str) -> Path:
    """A folder of the home, for its owner alone."""
    path = Path(settings.BAGAGE_HOME) / name
    path.mkdir(mode=0o700, exist_ok=True)
    return path


# ---------- one server a home ----------


@contextmanager
def held(name: str, *, wait: float = 0.0) -> Iterator[int | None]:
    """Hold a lock of the home; yields its file descriptor, or None when another process has it after ``wait`` seconds.

    A child that inherits the descriptor holds the lock too, until it ends.
    """
    descriptor = os.open(folder("run") / f"{name}.lock", os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + wait
    try:
        while True:
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() >= deadline:
                    yield None
                    return
                time.sleep(0.1)
                continue
            yield descriptor
            return
    finally:
        os.close(descriptor)


# ---------- versions ----------


def data_version() -> str:
    """The version of Bagage that last migrated this home; ``"new"`` when none did."""
    try:
        return (Path(settings.BAGAGE_HOME) / "version").read_text().strip() or "new"
    except FileNotFoundError:
        return "new"


def note_version() -> None:
    (Path(settings.BAGAGE_HOME) / "version").write_text(__version__ + "\n")


def unapplied_migrations() -> int:
    """How many migrations of the code the database has not seen."""
    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def is_database_empty() -> bool:
    """Whether nothing was ever migrated into the database."""
    return not MigrationLoader(connection).applied_migrations


# ---------- back-ups ----------


def back_up(*, label: str = "") -> Path:
    """Copy the database as it stands, while it is in use, into ``BAGAGE_HOME/backups``; keep the last ten.

    SQLite: its online back-up. PostgreSQL: ``pg_dump`` (custom format) when it is installed. CommandError when no copy
    could be made; nothing is left half written.
    """
    moment = datetime.now().astimezone().strftime("%Y%m%d-%H%M%S")
    stem = "-".join(part for part in ("bagage", data_version(), moment, label) if part)
    if connection.vendor == "sqlite":
        path = _free_name(folder("backups") / f"{stem}.sqlite3")
        _copy_sqlite(Path(settings.DATABASES["default"]["NAME"]), path)
    else:
        path = _free_name(folder("backups") / f"{stem}.dump")
        _dump_postgresql(path)
    prune_backups()
    return path


def _free_name(path: Path) -> Path:
    """The path, with a number when a back-up of the same second is there."""
    number, free = 1, path
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free


def _copy_sqlite(source: Path, target: Path) -> None:
    partial = target.with_suffix(".partial")
    partial.unlink(missing_ok=True)
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        with closing(sqlite3.connect(source)) as read, closing(sqlite3.connect(partial)) as written:
            read.backup(written)
            # A single file, without companions that a copy by hand would forget.
            written.execute("PRAGMA journal_mode=DELETE")
        _flush(partial)
        partial.replace(target)
    except (sqlite3.Error, OSError) as error:
        raise CommandError(f"No back-up could be made in {target.parent}: {error}.") from error
    finally:
        partial.unlink(missing_ok=True)


def _dump_postgresql(target: Path) -> None:
    program = shutil.which("pg_dump")
    if program is None:
        raise CommandError("No back-up was made: pg_dump is not installed on this machine.")
    partial = target.with_suffix(".partial")
    database = connection.get_connection_params()
    environment = {**os.environ}
    for variable, name in {
        "PGHOST": "host",
        "PGPORT": "port",
        "PGUSER": "user",
        "PGPASSWORD": "password",
        "PGDATABASE": "dbname",
        "PGSSLMODE": "sslmode",
    }.items():
        if database.get(name):
            environment[variable] = str(database[name])
    os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
    try:
        done = subprocess.run(
            [program, "--format=custom", f"--file={partial}"],
            env=environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        if done.returncode:
            raise CommandError(f"No back-up was made: pg_dump said: {done.stderr.strip()}")
        _flush(partial)
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)


def _flush(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def prune_backups() -> None:
    """Remove the oldest back-ups, down to the ten newest."""
    made = [path for suffix in ("sqlite3", "dump") for path in folder("backups").glob(f"bagage-*.{suffix}")]
    made.sort(key=lambda path: (path.stat().st_mtime_ns, path.name))
    for path in made[:-KEPT_BACKUPS]:
        path.unlink()


def restore(source: Path) -> Path | None:
    """Put an SQLite back-up in the place of the database; return the copy kept of the replaced one, if there was one.

    CommandError, and nothing changed, when the file is no sound back-up of this version or an older one, or while any
    process has the database open.
    """
    if connection.vendor != "sqlite":
        raise CommandError(
            "This installation is on PostgreSQL: stop Bagage, then restore with "
            f"pg_restore --clean --if-exists --dbname=… {source}."
        )
    _check_backup(source)
    connection.close()
    with held("serve") as lock:
        if lock is None:
            raise CommandError("This installation is being served: stop it first, then restore.")
        database = Path(settings.DATABASES["default"]["NAME"])
        incoming = database.with_name(database.name + ".incoming")
        kept = None
        try:
            _copy_sqlite(source, incoming)
            if database.exists():
                _close_journal(database)
                kept = back_up(label="replaced")
            incoming.replace(database)
        finally:
            incoming.unlink(missing_ok=True)
        return kept


def _check_backup(source: Path) -> None:
    if not source.is_file():
        raise CommandError(f"FILE: {source} does not exist.")
    try:
        with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as read:
            if read.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise CommandError(f"FILE: {source} is damaged.")
            applied = set(read.execute("SELECT app, name FROM django_migrations"))
    except sqlite3.Error as error:
        raise CommandError(f"FILE: {source} is not a back-up of Bagage ({error}).") from error
    unknown = sorted(applied - set(MigrationLoader(None).disk_migrations))
    if not applied:
        raise CommandError(f"FILE: {source} is an empty database.")
    if unknown:
        raise CommandError(
            f"FILE: {source} was written by a newer version of Bagage ({'.'.join(unknown[0])})."
        )


def _close_journal(database: Path) -> None:
    """Bring the write-ahead log into the file; fails while another process has the database open."""
    try:
        with closing(sqlite3.connect(database, timeout=1, isolation_level=None)) as opened:
            opened.execute("PRAGMA locking_mode=EXCLUSIVE")
            opened.execute("BEGIN EXCLUSIVE")
            opened.execute("COMMIT")
            opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            opened.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        raise CommandError("The database is in use: stop Bagage first, then restore.") from error


# ---------- before serving ----------


def collect_static_files() -> bool:
    """Copy the static files into the home when they changed since the last time; whether they did."""
    mark = Path(settings.BAGAGE_HOME) / "static.version"
    found = hashlib.sha256(__version__.encode())
    for finder in get_finders():
        for path, storage in finder.list([]):
            file = os.stat(storage.path(path))
            found.update(f"{path}\0{file.st_size}\0{file.st_mtime_ns}\n".encode())
    if mark.exists() and mark.read_text() == found.hexdigest():
        return False
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    mark.write_text(found.hexdigest())
    return True
