"""The data folder as a whole: who serves it, which version wrote it, its static files."""

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader

from bagage import __version__


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
