"""Putting a back-up in the place of what is there."""

import os
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from django.utils import timezone
from django.utils.module_loading import import_string

from bagage.common import sealing
from bagage.common.backups.files import BLOCK, ERASED, flush, free_name, merge_lines, private, work_folder
from bagage.common.backups.opening import lay_out, must_be_file
from bagage.common.backups.postgresql import put_postgresql
from bagage.common.installation import held

# What must be done again after a restore, by name; one that this installation has not got is left out.
AFTER_RESTORE = [
    "bagage.trail.services.replay_erasures",
    "bagage.messaging.services.doubt_what_waited",
]


def restore(source: Path, keys: sealing.Identities = ()) -> Path | None:
    """Put a back-up in the place of the database and of the files of the home; return the folder in which what it
    replaced is kept, if there was something.

    CommandError, and nothing changed, when the file is no sound back-up of this version or an older one, was sealed
    for another key, or while any process has the database open. Afterwards the database is to be migrated, then
    :func:`after_restore` called.
    """
    must_be_file(source)
    connection.close()
    with held("serve") as serving, held("backup", wait=5) as lock:
        if serving is None:
            raise CommandError("This installation is being served: stop it first, then restore.")
        if lock is None:
            raise CommandError("A back-up is being made: wait for it, then restore.")
        with work_folder() as work:
            opened = lay_out(source, keys, work)
            moment = timezone.localtime().strftime("%Y%m%d-%H%M%S")
            aside = free_name(Path(settings.BAGAGE_HOME) / f"replaced-{moment}")
            aside.mkdir(mode=0o700)
            try:
                if connection.vendor == "sqlite":
                    _put_sqlite(opened.database, aside)
                else:
                    put_postgresql(opened.database, aside)
                if opened.home is not None:
                    _put_home(opened.home, aside)
                beside = source.resolve().parent / ERASED
                if beside.exists():
                    merge_lines(Path(settings.BAGAGE_HOME) / ERASED, beside.read_text().splitlines())
            finally:
                is_empty = not any(aside.iterdir())
                if is_empty:
                    aside.rmdir()
        return None if is_empty else aside


def _put_sqlite(incoming: Path, aside: Path) -> None:
    database = Path(str(connection.settings_dict["NAME"]))
    ready = database.with_name(database.name + ".incoming")
    try:
        with incoming.open("rb") as read, private(ready) as written:
            shutil.copyfileobj(read, written, BLOCK)
        flush(ready)
        if database.exists():
            _close_journal(database)
            try:
                os.link(database, aside / database.name)
            except OSError:  # the database lies on another disk than the home
                shutil.copy2(database, aside / database.name)
            for companion in ("-wal", "-shm", "-journal"):
                path = database.with_name(database.name + companion)
                if path.exists():
                    shutil.move(path, aside / path.name)
        ready.replace(database)
        flush(database.parent)
    finally:
        ready.unlink(missing_ok=True)


def _close_journal(database: Path) -> None:
    """Bring the write-ahead log into the file; fails while another process has the database open.

    A file that is no database any more is let through: restoring is what it needs.
    """
    try:
        with closing(sqlite3.connect(database, timeout=1, isolation_level=None)) as opened:
            opened.execute("PRAGMA locking_mode=EXCLUSIVE")
            opened.execute("BEGIN EXCLUSIVE")
            opened.execute("COMMIT")
            opened.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            opened.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if "locked" in str(error) or "busy" in str(error):
            raise CommandError("The database is in use: stop Bagage first, then restore.") from error
    except sqlite3.DatabaseError:
        return


def _put_home(incoming: Path, aside: Path) -> None:
    """Bring the files of the home; what stood in their place goes aside, ids of erased persons are added to."""
    home = Path(settings.BAGAGE_HOME)
    for top in sorted(incoming.iterdir()):
        if top.name == ERASED:
            merge_lines(home / ERASED, top.read_text().splitlines())
            continue
        place = home / top.name
        if place.exists():
            shutil.move(place, aside / top.name)
        if top.name == sealing.RECIPIENTS and (home / sealing.IDENTITY).exists():
            # The key that waits here opens nothing that is sealed from now on.
            shutil.move(home / sealing.IDENTITY, aside / sealing.IDENTITY)
        shutil.move(top, place)


def after_restore() -> None:
    """What must be done again once the database is up to date: sessions end, erased persons are erased again,
    messages that may have left since are not sent by themselves."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_session")
        cursor.execute("DELETE FROM cache")
    for name in AFTER_RESTORE:
        try:
            act = import_string(name)
        except ImportError:
            continue
        act()
