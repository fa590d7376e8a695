"""Back-ups and restoring, on files of their own beside the database of the tests."""

import os
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management.base import CommandError
from django.db import connection

from bagage.common import installation


@pytest.fixture
def home(tmp_path, settings, monkeypatch) -> Path:
    """A home whose SQLite database holds one migration of ours and one word."""
    settings.BAGAGE_HOME = tmp_path
    database = tmp_path / "bagage.sqlite3"
    write(database, "first")
    monkeypatch.setitem(settings.DATABASES["default"], "NAME", database)
    monkeypatch.setattr(installation, "connection", SimpleNamespace(vendor="sqlite", close=lambda: None))
    return tmp_path


def write(database: Path, word: str) -> None:
    with closing(sqlite3.connect(database)) as opened:
        opened.execute("PRAGMA journal_mode=WAL")
        opened.execute("CREATE TABLE IF NOT EXISTS django_migrations (app, name)")
        opened.execute("CREATE TABLE IF NOT EXISTS words (word)")
        opened.execute("INSERT INTO django_migrations VALUES ('accounts', '0001_initial')")
        opened.execute("INSERT INTO words VALUES (?)", [word])
        opened.commit()


def words(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as opened:
        return [word for (word,) in opened.execute("SELECT word FROM words ORDER BY rowid")]


def test_back_up_copies_a_database_in_use(home):
    with closing(sqlite3.connect(home / "bagage.sqlite3")) as in_use:
        in_use.execute("INSERT INTO words VALUES ('unsaved')")
        path = installation.back_up()
    assert words(path) == ["first"]


def test_back_up_is_for_its_owner_alone_and_a_single_file(home):
    path = installation.back_up()
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_back_up_is_named_after_the_version_that_wrote_the_data(home):
    (home / "version").write_text("0.0.9\n")
    assert installation.back_up().name.startswith("bagage-0.0.9-20")


def test_back_up_keeps_the_last_ten(home):
    made = [installation.back_up() for _ in range(12)]
    assert sorted((home / "backups").iterdir()) == sorted(made[2:])


def test_back_up_that_fails_leaves_nothing_half_written(home):
    (home / "bagage.sqlite3").write_bytes(b"not a database at all, by far" * 40)
    with pytest.raises(CommandError, match="No back-up could be made"):
        installation.back_up()
    assert list((home / "backups").iterdir()) == []


def test_restore_puts_the_copy_back_and_keeps_what_it_replaced(home):
    copy = installation.back_up()
    write(home / "bagage.sqlite3", "second")
    kept = installation.restore(copy)
    assert words(home / "bagage.sqlite3") == ["first"]
    assert kept is not None
    assert words(kept) == ["first", "second"]
    assert sorted(each.name for each in home.glob("bagage.sqlite3*")) == ["bagage.sqlite3"]


def test_restore_is_refused_while_the_database_is_open(home):
    copy = installation.back_up()
    with closing(sqlite3.connect(home / "bagage.sqlite3")) as in_use:
        in_use.execute("SELECT * FROM words").fetchall()
        with pytest.raises(CommandError, match="in use"):
            installation.restore(copy)
    assert not list(home.glob("*.incoming"))


def test_restore_is_refused_while_the_home_is_served(home):
    copy = installation.back_up()
    with installation.held("serve") as lock, pytest.raises(CommandError, match="being served"):
        installation.restore(copy)
    assert lock is not None


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "is not a back-up of Bagage"),
        (b"hello" * 400, "is not a back-up of Bagage"),
        (None, "does not exist"),
    ],
)
def test_restore_refuses_what_is_no_back_up(home, content, rule):
    given = home / "given.sqlite3"
    if content is not None:
        given.write_bytes(content)
    with pytest.raises(CommandError, match=rule):
        installation.restore(given)
    assert words(home / "bagage.sqlite3") == ["first"]


def test_restore_refuses_a_file_of_a_newer_version(home):
    copy = installation.back_up()
    with closing(sqlite3.connect(copy)) as opened:
        opened.execute("INSERT INTO django_migrations VALUES ('people', '9999_from_the_future')")
        opened.commit()
    with pytest.raises(CommandError, match=r"newer version of Bagage \(people\.9999_from_the_future\)"):
        installation.restore(copy)


def test_restore_refuses_a_damaged_file(home):
    copy = installation.back_up()
    content = bytearray(copy.read_bytes())
    content[4096:4300] = os.urandom(204)
    copy.write_bytes(content)
    with pytest.raises(CommandError, match=r"FILE: .* is (damaged|not a back-up of Bagage)"):
        installation.restore(copy)
    assert words(home / "bagage.sqlite3") == ["first"]


def test_postgresql_without_pg_dump_says_that_none_was_made(home, monkeypatch):
    monkeypatch.setattr(installation, "connection", SimpleNamespace(vendor="postgresql"))
    monkeypatch.setattr(installation.shutil, "which", lambda name: None)
    with pytest.raises(CommandError, match="pg_dump is not installed"):
        installation.back_up()


@pytest.mark.django_db
@pytest.mark.skipif(connection.vendor != "postgresql", reason="for PostgreSQL")
def test_postgresql_is_dumped(tmp_path, settings):
    settings.BAGAGE_HOME = tmp_path
    path = installation.back_up()
    listed = subprocess.run(["pg_restore", "--list", path], capture_output=True, text=True, check=True)
    assert "TABLE DATA public accounts_user" in listed.stdout


def test_held_is_taken_by_one_at_a_time(home):
    with installation.held("serve") as first, installation.held("serve") as second:
        assert first is not None
        assert second is None
    with installation.held("serve") as again:
        assert again is not None
