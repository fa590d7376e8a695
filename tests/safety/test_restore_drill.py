"""The drill: what was backed up comes back on a bare machine, table by table, on the database of this run."""

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection, connections, transaction

from bagage.common import backups, sealing
from bagage.common.backups.postgresql import WIDE
from bagage.messaging.models import Message
from bagage.people.models import Person
from bagage.trail.domain.actor import Actor
from bagage.trail.services import erase_persons, record
from tests import processes
from tests.rights.world import SECRETS, build_world

pytestmark = pytest.mark.django_db(transaction=True)

# Emptied by a restore: sessions end, limits and turns begin anew.
EMPTIED = {"django_session", "cache"}


@dataclass
class House:
    """A home and its database, elsewhere than those of the test."""

    home: Path
    url: str

    def bagage(self, *arguments: str, code: int = 0) -> str:
        """Run a command there; return what it said."""
        done = subprocess.run(
            [sys.executable, "-m", "bagage", *arguments],
            env=processes.environment(
                BAGAGE_HOME=str(self.home),
                DATABASE_URL=self.url,
                DJANGO_SETTINGS_MODULE="bagage.config.settings",
            ),
            capture_output=True,
            text=True,
            cwd=processes.ROOT,
        )
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    def rows(self) -> dict[str, list[str]]:
        """Every row of every table."""
        return rows_of(self.url)

    def execute(self, statement: str) -> None:
        with closing(opened(self.url)) as database:
            database.execute(statement)
            database.commit()


def opened(url: str) -> Any:
    if url.startswith("sqlite"):
        return sqlite3.connect(url.removeprefix("sqlite:///"))
    return psycopg.connect(url, options=WIDE)


def rows_of(url: str) -> dict[str, list[str]]:
    """Every row of every table but those that a restore empties, as text, in an order of its own."""
    with closing(opened(url)) as database:
        names = database.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
            if url.startswith("sqlite")
            else "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        return {
            name: sorted(repr(row) for row in database.execute(f'SELECT * FROM "{name}"').fetchall())
            for (name,) in sorted(names)
            if name not in EMPTIED
        }


@pytest.fixture
def home(tmp_path, settings) -> Path:
    """The home of the installation under test, to which a bill was given."""
    settings.BAGAGE_HOME = tmp_path / "first"
    (tmp_path / "first" / "files").mkdir(parents=True)
    (tmp_path / "first" / "files" / "bill").write_text("a bill")
    return tmp_path / "first"


@pytest.fixture
def bare(tmp_path) -> Iterator[House]:
    """A machine with nothing on it."""
    (tmp_path / "bare").mkdir()
    if connection.vendor == "sqlite":
        yield House(tmp_path / "bare", f"sqlite:///{tmp_path}/bare/bagage.sqlite3")
        return
    here = connection.settings_dict
    name = f"{here['NAME']}_drill"
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}"')
        cursor.execute(f'CREATE DATABASE "{name}"')
    user = f"{here['USER']}:{here['PASSWORD']}"
    yield House(tmp_path / "bare", f"postgres://{user}@{here['HOST']}:{here['PORT']}/{name}")
    with connection.cursor() as cursor:
        cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def url_here() -> str:
    return processes.environment()["DATABASE_URL"]


def test_all_comes_back_on_a_bare_machine_and_over_what_is_there(home, bare, now, tmp_path):
    world = build_world(now)
    with transaction.atomic():
        for verb in ("read_file", "replace_card"):
            record(world.users["adviser_here"].actor, verb, at=now, person=world.person.uuid)
    path = backups.back_up().path
    key = tmp_path / "key"
    key.write_text(sealing.key_that_waits())
    before = rows_of(url_here())
    assert len(before["people_person"]) == 1

    said = bare.bagage("restore", str(path), "--key", str(key))
    assert said == f"Restored from {path}.\n"
    assert bare.rows() == before
    assert (bare.home / "files" / "bill").read_text() == "a bill"
    assert (bare.home / "secret_key").exists() is (home / "secret_key").exists()
    assert (bare.home / "backup_recipients").read_text() == (home / "backup_recipients").read_text()
    assert not (bare.home / "backup_key").exists()
    assert "2 entries in 1 segments read, 0 segments dropped: the chain holds." in bare.bagage("verify_trail")

    # Life goes on there; the back-up is put over it, and what stood there can be put back in turn.
    bare.execute("UPDATE people_person SET chosen_name = 'Someone else'")
    bare.execute("DELETE FROM people_contactway")
    meanwhile = bare.rows()
    own = bare.bagage("backup").splitlines()[0]
    said = bare.bagage("restore", str(path), "--key", str(key))
    assert "What it replaced is kept for 30 days" in said
    assert bare.rows() == before
    bare.bagage("restore", own, "--key", str(key))
    assert bare.rows() == meanwhile


def test_a_restore_ends_sessions_and_sends_no_mail_twice(home, bare, now, tmp_path, client):
    build_world(now)
    for number, state in enumerate(["queued", "accepted"]):
        Message.objects.create(
            channel="email", key=f"drill:{number}", to="aubry@example.org", body="Bonjour", state=state,
            not_before=now, created_at=now,
        )  # fmt: skip
    client.get("/accounts/login/")
    path = backups.back_up().path
    key = tmp_path / "key"
    key.write_text(sealing.key_that_waits())
    bare.bagage("restore", str(path), "--key", str(key))
    with closing(opened(bare.url)) as database:
        assert database.execute("SELECT count(*) FROM django_session").fetchone() == (0,)
        assert database.execute("SELECT key, state FROM messaging_message ORDER BY key").fetchall() == [
            ("drill:0", "uncertain"),
            ("drill:1", "accepted"),
        ]


def test_another_key_and_a_damaged_file_change_nothing(home, bare, now, tmp_path):
    build_world(now)
    path = backups.back_up().path
    key = tmp_path / "key"
    key.write_text(sealing.key_that_waits())
    bare.bagage("restore", str(path), "--key", str(key))
    before = bare.rows()
    sealing.new_key()
    other = tmp_path / "other"
    other.write_text(sealing.key_that_waits())
    assert "sealed for another key" in bare.bagage("restore", str(path), "--key", str(other), code=2)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert "was changed" in bare.bagage("restore", str(path), "--key", str(key), code=2)
    assert "is damaged" in bare.bagage("backup", "--check", str(path), code=2)
    assert bare.rows() == before


# The process says so when it is in the middle, then waits to be killed.
STOPPED_WHILE_SEALING = """
import sys, time
from bagage.common import backups, sealing
def half(source, target):
    target.write(source.read(1000)); target.flush()
    print("half", flush=True)
    time.sleep(60)
sealing.seal = half
backups.back_up()
"""


def test_a_back_up_that_is_killed_leaves_no_half_file(home, now):
    build_world(now)
    killed = processes.start_code(STOPPED_WHILE_SEALING, more={"BAGAGE_HOME": str(home)})
    assert killed.stdout is not None
    assert killed.stdout.readline() == "half\n"
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    assert list((home / "backups").iterdir()) == []
    path = backups.back_up().path
    assert backups.check(path, sealing.keys_from(None)).said[0] == "The file is what was written."
    assert sorted(one.name for one in (home / "run").iterdir()) == ["backup.json", "backup.lock"]


STOPPED_WHILE_RESTORING = """
import sys, time
from pathlib import Path
from bagage.common import backups, sealing
from bagage.common.backups import postgresql, restoring
class Shutil:
    def __getattr__(self, name):
        import shutil
        return getattr(shutil, name)
    def copyfileobj(self, source, target, block):
        target.write(source.read(2000)); target.flush()
        print("half", flush=True)
        time.sleep(60)
postgresql.shutil = restoring.shutil = Shutil()
backups.restore(Path(sys.argv[1]), sealing.keys_from(None))
"""


def test_a_restore_that_is_killed_leaves_what_was_there(home, bare, now, tmp_path):
    build_world(now)
    path = backups.back_up().path
    key = tmp_path / "key"
    key.write_text(sealing.key_that_waits())
    bare.bagage("restore", str(path), "--key", str(key))
    bare.execute("UPDATE people_person SET chosen_name = 'Someone else'")
    before = bare.rows()
    sealing.write_private(bare.home / "backup_key", key.read_text())
    killed = processes.start_code(
        STOPPED_WHILE_RESTORING,
        str(path),
        more={
            "BAGAGE_HOME": str(bare.home),
            "DATABASE_URL": bare.url,
            "DJANGO_SETTINGS_MODULE": "bagage.config.settings",
        },
    )
    assert killed.stdout is not None
    assert killed.stdout.readline() == "half\n"
    os.kill(killed.pid, signal.SIGKILL)
    killed.communicate()
    assert bare.rows() == before
    bare.bagage("restore", str(path), "--key", str(key))
    connections.close_all()
    assert bare.rows()["people_person"] == rows_of(url_here())["people_person"]
    assert Person.objects.count() == 1


def test_who_was_erased_since_stays_erased(home, bare, now, tmp_path, settings):
    settings.MEDIA_ROOT = home / "files"
    settings.BACKUP_DIR = str(tmp_path / "disk")
    (tmp_path / "disk").mkdir()
    world = build_world(now)
    world.queue_entry.delete()  # a first name in the queue, tied to no file: it goes by its age
    person = world.person
    key = tmp_path / "key"
    made = backups.back_up()
    key.write_text(sealing.key_that_waits())
    assert made.second is not None
    early = made.second.rename(tmp_path / "disk" / "early.age")
    erase_persons([person.pk], reason="wish", by=Actor.system("test"), at=now, whatever_waits=True)
    backups.back_up()  # the next night: the disk hears who was erased
    said = bare.bagage("restore", str(early), "--key", str(key))
    assert "Restored from" in said
    rows = bare.rows()
    assert len(rows["people_person"]) == 1
    everything = " ".join(row for table in rows.values() for row in table)
    assert [secret for secret in SECRETS if secret in everything] == []
