"""Back-ups and restoring, on files of their own; the whole drill is in tests/safety."""

import os
import sqlite3
import time
from contextlib import closing
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from django.core.management.base import CommandError

from bagage.common import backups, installation, sealing, tasks
from bagage.common.backups import making, opening, postgresql, restoring

PARIS = ZoneInfo("Europe/Paris")


@pytest.fixture
def home(tmp_path, settings, monkeypatch) -> Path:
    """A home whose SQLite database holds one migration of ours and one word, and to which someone gave a bill."""
    settings.BAGAGE_HOME = tmp_path / "home"
    settings.BAGAGE_HOME.mkdir()
    database = settings.BAGAGE_HOME / "bagage.sqlite3"
    write(database, "first")
    (settings.BAGAGE_HOME / "files").mkdir()
    (settings.BAGAGE_HOME / "files" / "bill").write_text("a bill")
    (settings.BAGAGE_HOME / "secret_key").write_text("only for tests")
    fake = SimpleNamespace(vendor="sqlite", settings_dict={"NAME": database}, close=lambda: None)
    use(fake, monkeypatch)
    monkeypatch.setattr(making, "applied_migrations", lambda: [("accounts", "0001_initial")])
    return settings.BAGAGE_HOME


def use(database: object, monkeypatch) -> None:
    for module in (making, opening, postgresql, restoring):
        monkeypatch.setattr(module, "connection", database)


@pytest.fixture
def disk(tmp_path, settings) -> Path:
    """A second folder."""
    settings.BACKUP_DIR = str(tmp_path / "disk")
    (tmp_path / "disk").mkdir()
    return tmp_path / "disk"


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


def keys():
    return sealing.keys_from(None)


def aged(path: Path, **age: float) -> Path:
    """The file, as if it had been made so long ago."""
    moment = time.time() - timedelta(**age).total_seconds()
    os.utime(path, (moment, moment))
    return path


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


# ---------- making one ----------


def test_a_back_up_is_sealed_for_its_owner_alone_and_lies_beside_its_checksum(home):
    path = backups.back_up().path
    assert oct(path.stat().st_mode & 0o777) == "0o600"
    assert names(path.parent) == [path.name, f"{path.name}.sha256"]
    assert path.read_bytes().startswith(b"age-encryption.org/v1")
    assert [word for word in (b"first", b"a bill", b"only for tests") if word in path.read_bytes()] == []


def test_a_back_up_copies_a_database_in_use(home):
    with closing(sqlite3.connect(home / "bagage.sqlite3")) as in_use:
        in_use.execute("INSERT INTO words VALUES ('unsaved')")
        path = backups.back_up().path
    backups.restore(path, keys())
    assert words(home / "bagage.sqlite3") == ["first"]


def test_a_back_up_is_named_after_the_version_that_wrote_the_data(home):
    (home / "version").write_text("0.0.9\n")
    assert backups.back_up().path.name.startswith("bagage-0.0.9-20")


def test_a_back_up_holds_neither_the_key_that_opens_it_nor_what_is_made_anew(home):
    (home / "static").mkdir()
    (home / "static" / "page.css").write_text("")
    contents = backups.check(backups.back_up().path, keys()).manifest["contents"]
    assert list(contents) == [
        "database.sqlite3",
        "home/backup_recipients",
        "home/files/bill",
        "home/secret_key",
    ]


def test_a_back_up_that_fails_leaves_nothing_half_written_and_says_why(home):
    (home / "bagage.sqlite3").write_bytes(b"not a database at all, by far" * 40)
    with pytest.raises(CommandError, match="No back-up could be made"):
        backups.back_up()
    assert names(home / "backups") == []
    assert names(home / "run") == ["backup.json", "backup.lock"]
    assert "not a database" in backups.last_words()["error"]


def test_a_back_up_is_copied_to_a_second_folder(home, disk):
    made = backups.back_up()
    assert made.second is not None
    assert made.second.read_bytes() == made.path.read_bytes()
    assert names(disk) == names(home / "backups")


def test_a_second_folder_that_is_not_there_is_said_and_never_made(home, disk):
    disk.rmdir()
    made = backups.back_up()
    assert made.path.exists()
    assert made.second_error == f"{disk}: this folder does not exist"
    assert not disk.exists()


def test_a_second_folder_that_comes_back_is_given_the_last_one_alone(home, disk):
    disk.rmdir()
    with pytest.raises(OSError, match="no second copy"):
        tasks.back_up_when_due()
    made = backups.newest(home / "backups")
    disk.mkdir()
    assert tasks.back_up_when_due() == made.path.name
    assert names(disk) == names(home / "backups") == [made.path.name, f"{made.path.name}.sha256"]


def test_postgresql_without_pg_dump_says_what_to_install(home, monkeypatch):
    use(SimpleNamespace(vendor="postgresql"), monkeypatch)
    monkeypatch.setattr(postgresql.shutil, "which", lambda name: None)
    with pytest.raises(CommandError, match="apt-get install postgresql-client"):
        backups.back_up()


# ---------- keeping ----------


def test_what_the_rule_keeps_stays_and_the_rest_goes_with_its_checksum(home, settings):
    settings.BACKUP_DAILY, settings.BACKUP_WEEKLY, settings.BACKUP_MONTHLY = 2, 0, 0
    made = [aged(backups.back_up().path, days=days) for days in (3, 2, 1)]
    last = backups.back_up().path
    kept = [made[2], last]
    assert names(home / "backups") == sorted(
        [path.name for path in kept] + [f"{path.name}.sha256" for path in kept]
    )


def test_copies_made_before_an_upgrade_are_kept_beside_the_rule(home):
    made = [aged(backups.back_up(label="upgrade").path, minutes=9 - number) for number in range(7)]
    usual = backups.back_up().path
    assert [one.path for one in backups.backups_in(home / "backups")] == [usual, *reversed(made[2:])]


def test_plain_back_ups_of_older_versions_go_by_the_same_rule(home, settings):
    settings.BACKUP_DAILY, settings.BACKUP_WEEKLY, settings.BACKUP_MONTHLY = 1, 0, 0
    (home / "backups").mkdir()
    old = home / "backups" / "bagage-0.1.0-20261101-020000.sqlite3"
    old.write_bytes(b"plain")
    aged(old, days=20)
    backups.back_up()
    assert not old.exists()


# ---------- when ----------


def at_hour(hour: int) -> datetime:
    return datetime.now(PARIS).replace(hour=hour, minute=30) + timedelta(days=2)


@pytest.mark.parametrize(
    ("hour", "age", "is_due"),
    [(14, 13, False), (14, 23.9, False), (14, 24, True), (3, 11.9, False), (3, 13, True), (5, 13, False)],
)
def test_a_back_up_is_due_after_a_day_or_in_the_night_before(home, hour, age, is_due):
    path, now = backups.back_up().path, at_hour(hour)
    moment = (now - timedelta(hours=age)).timestamp()
    os.utime(path, (moment, moment))
    assert backups.is_due(now) is is_due


def test_the_first_back_up_is_due_at_once(home):
    assert backups.is_due(datetime.now(PARIS)) is True
    assert tasks.back_up_when_due() is not None
    assert tasks.back_up_when_due() is None


def test_a_new_installation_has_26_hours_for_its_first(home):
    now = datetime.now(PARIS)
    sealing.first_key()
    assert [backups.state(now).is_well, backups.state(now).is_new] == [True, True]
    aged(home / "backup_recipients", hours=26.1)
    assert [backups.state(now).is_well, backups.state(now).is_new] == [False, False]


def test_26_hours_without_a_back_up_are_too_long(home):
    path, now = backups.back_up().path, datetime.now(PARIS)
    aged(path, hours=25.9)
    assert backups.state(now).is_well is True
    aged(path, hours=26.1)
    assert backups.state(now).is_well is False


def test_a_second_folder_without_the_last_one_is_too_long_as_well(home, disk):
    made, now = backups.back_up(), datetime.now(PARIS)
    assert backups.state(now).is_well is True
    aged(made.second, hours=27)
    assert backups.state(now).is_well is False


def test_what_a_restore_replaced_is_no_back_up_of_the_house(home):
    path = backups.back_up().path
    path.rename(path.with_stem(f"{path.stem}-replaced"))
    assert backups.newest(home / "backups") is None


# ---------- opening one ----------


def test_check_without_the_key_compares_the_checksum(home):
    path = backups.back_up().path
    assert backups.check(path).said == [
        "The file is what was written.",
        "It is sealed: say --key FILE to look inside.",
    ]
    content = bytearray(path.read_bytes())
    content[-20] ^= 1
    path.write_bytes(content)
    with pytest.raises(CommandError, match="is damaged: it is not what was written"):
        backups.check(path)


def test_check_with_the_key_looks_inside(home):
    assert backups.check(backups.back_up().path, keys()).said == [
        "The file is what was written.",
        "The database is whole; 3 files of the home are with it.",
    ]


# ---------- restoring ----------


def test_restore_puts_all_back_and_keeps_what_it_replaced(home):
    path = backups.back_up().path
    write(home / "bagage.sqlite3", "second")
    (home / "files" / "bill").write_text("another bill")
    (home / "files" / "letter").write_text("a letter")
    aside = backups.restore(path, keys())
    assert aside is not None
    assert words(home / "bagage.sqlite3") == ["first"]
    assert {file.name: file.read_text() for file in (home / "files").iterdir()} == {"bill": "a bill"}
    assert words(aside / "bagage.sqlite3") == ["first", "second"]
    assert names(aside / "files") == ["bill", "letter"]
    assert [name for name in names(home) if name.startswith("bagage.sqlite3")] == ["bagage.sqlite3"]


def test_restore_on_a_bare_machine_brings_the_home(home, tmp_path, settings):
    path, key = backups.back_up().path, keys()
    bare = tmp_path / "bare"
    bare.mkdir()
    settings.BAGAGE_HOME = bare
    making.connection.settings_dict["NAME"] = bare / "bagage.sqlite3"
    assert backups.restore(path, key) is None
    assert names(bare) == ["backup_recipients", "bagage.sqlite3", "files", "run", "secret_key"]
    assert words(bare / "bagage.sqlite3") == ["first"]


def test_restore_forgets_no_one_who_was_erased_since(home, disk):
    (home / backups.ERASED).write_text('{"uuid": "a"}\n')
    path = aged(backups.back_up().path, days=1)
    aged(disk / path.name, days=1)
    (home / backups.ERASED).write_text('{"uuid": "a"}\n{"uuid": "b"}\n')
    backups.back_up()  # the second folder hears of b
    (home / backups.ERASED).unlink()
    backups.restore(disk / path.name, keys())
    assert (home / backups.ERASED).read_text() == '{"uuid": "a"}\n{"uuid": "b"}\n'


def test_restore_over_a_file_that_is_no_database_any_more(home):
    path = backups.back_up().path
    (home / "bagage.sqlite3").write_bytes(b"not a database at all, by far" * 40)
    aside = backups.restore(path, keys())
    assert words(home / "bagage.sqlite3") == ["first"]
    assert aside is not None
    assert (aside / "bagage.sqlite3").read_bytes().startswith(b"not a database")


def test_restore_takes_a_plain_back_up_of_an_older_version(home):
    plain = home / "old.sqlite3"
    write(plain, "older")
    backups.restore(plain)
    assert words(home / "bagage.sqlite3") == ["older"]
    assert (home / "files" / "bill").read_text() == "a bill"


def test_what_a_restore_replaced_goes_after_a_month(home):
    path = backups.back_up().path
    aside = backups.restore(path, keys())
    backups.prune()
    assert aside is not None
    assert aside.exists()
    aged(aside, days=31)
    backups.prune()
    assert not aside.exists()


def test_restore_is_refused_while_the_database_is_open(home):
    path = backups.back_up().path
    with closing(sqlite3.connect(home / "bagage.sqlite3")) as in_use:
        in_use.execute("SELECT * FROM words").fetchall()
        with pytest.raises(CommandError, match="in use"):
            backups.restore(path, keys())
    assert [name for name in names(home) if name.startswith(("bagage.sqlite3.incoming", "replaced-"))] == []


def test_restore_is_refused_while_the_home_is_served(home):
    path = backups.back_up().path
    with installation.held("serve") as lock, pytest.raises(CommandError, match="being served"):
        backups.restore(path, keys())
    assert lock is not None


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"", "is not a back-up of Bagage"),
        (b"hello" * 400, "is not a back-up of Bagage"),
        (b"PGDMP" * 400, "is of an installation on PostgreSQL"),
        (b"age-encryption.org/v1\nhello", "is damaged"),
        (None, "does not exist"),
    ],
)
def test_restore_refuses_what_is_no_back_up(home, content, rule):
    given = home / "given.age"
    sealing.first_key()
    if content is not None:
        given.write_bytes(content)
    with pytest.raises(CommandError, match=rule):
        backups.restore(given, keys())
    assert words(home / "bagage.sqlite3") == ["first"]


def test_restore_refuses_a_sealed_file_without_its_key(home):
    path = backups.back_up().path
    sealing.forget_key()
    with pytest.raises(CommandError, match="say --key FILE"):
        backups.restore(path, keys())
    sealing.new_key()
    with pytest.raises(CommandError, match="sealed for another key"):
        backups.restore(path, keys())


def test_restore_refuses_a_file_of_a_newer_version(home, monkeypatch):
    monkeypatch.setattr(making, "applied_migrations", lambda: [("people", "9999_from_the_future")])
    path = backups.back_up().path
    with pytest.raises(CommandError, match=r"newer version of Bagage \(people\.9999_from_the_future\)"):
        backups.restore(path, keys())


def test_restore_refuses_a_damaged_file(home):
    path = backups.back_up().path
    content = bytearray(path.read_bytes())
    content[-200:-100] = os.urandom(100)
    path.write_bytes(content)
    with pytest.raises(CommandError, match="ends too soon, or was changed"):
        backups.restore(path, keys())
    assert words(home / "bagage.sqlite3") == ["first"]


def test_restore_refuses_a_back_up_of_another_kind_of_database(home, monkeypatch):
    path = backups.back_up().path
    monkeypatch.setattr(opening.connection, "vendor", "postgresql")
    with pytest.raises(CommandError, match="is of an installation on SQLite, and this one is on PostgreSQL"):
        backups.restore(path, keys())
