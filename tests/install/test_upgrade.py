"""``bagage migrate`` on data that is there: never without a copy, unless asked."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from django.conf import settings

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("install")]
Bagage = Callable[..., tuple[int, str, str]]
ON_POSTGRESQL = settings.DATABASES["default"]["ENGINE"] == "django.db.backends.postgresql"


def server() -> str:
    """The server of the tests, as an address without a database."""
    known = settings.DATABASES["default"]
    return f"{known['USER']}:{known['PASSWORD']}@{known['HOST']}:{known['PORT']}"


@contextmanager
def database(template: str = "template1") -> Iterator[str]:
    """The name of a database of its own on the server of the tests; empty on SQLite, whose file is in the home."""
    if not ON_POSTGRESQL:
        yield ""
        return
    name = f"upgrade_{uuid4().hex[:12]}"
    with psycopg.connect(f"postgresql://{server()}/postgres", autocommit=True) as opened:
        opened.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        yield name
        opened.execute(f"DROP DATABASE {name} WITH (FORCE)")


def bagage_in(home: Path, name: str) -> Bagage:
    """The command, on a home and a database: ``(exit code, output, errors)``."""
    environment = {
        "PATH": os.environ["PATH"],
        "BAGAGE_HOME": str(home),
        "PYTHONPATH": ":".join(sys.path),
        **({"DATABASE_URL": f"postgres://{server()}/{name}"} if name else {}),
    }

    def run(*arguments: str, **more: str) -> tuple[int, str, str]:
        done = subprocess.run(
            [sys.executable, "-m", "bagage", *arguments],
            env={**environment, **more},
            capture_output=True,
            text=True,
        )
        return done.returncode, done.stdout, done.stderr

    return run


@pytest.fixture(scope="module")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """A home and a database that were migrated for the first time."""
    home = tmp_path_factory.mktemp("begun") / "home"
    with database() as name:
        assert bagage_in(home, name)("migrate", "--verbosity=0") == (0, "", "")
        yield home, name


@pytest.fixture
def bagage(begun: tuple[Path, str], tmp_path: Path) -> Iterator[Bagage]:
    """The command on a copy of them."""
    home, template = begun
    shutil.copytree(home, tmp_path / "home")
    with database(template) as name:
        yield bagage_in(tmp_path / "home", name)


def copies(tmp_path: Path) -> list[Path]:
    return sorted((tmp_path / "home" / "backups").glob("bagage-*.age"))


def test_first_migration_makes_no_copy(begun):
    home, _ = begun
    assert copies(home.parent) == []
    assert (home / "version").exists()


def test_upgrade_makes_a_copy_first_and_nothing_to_do_makes_none(bagage, tmp_path):
    assert bagage("migrate", "--verbosity=0") == (0, "", "")
    assert copies(tmp_path) == []
    bagage("migrate", "trail", "0001", "--verbosity=0")
    before = copies(tmp_path)
    code, said, errors = bagage("migrate", "--verbosity=0")
    [made] = set(copies(tmp_path)) - set(before)
    assert (code, said, errors) == (0, f"Back-up made first: {made}\n", "")
    assert made.stat().st_size > 10_000


def without_pg_dump(tmp_path: Path) -> str:
    """A PATH on which there is no pg_dump."""
    folder = tmp_path / "bin"
    folder.mkdir()
    assert shutil.which("pg_dump", path=str(folder)) is None
    return str(folder)


@pytest.mark.skipif(not ON_POSTGRESQL, reason="SQLite needs no program to be copied")
def test_upgrade_that_cannot_be_copied_is_refused_until_asked(bagage, tmp_path):
    bagage("migrate", "trail", "0001", "--verbosity=0")
    path = without_pg_dump(tmp_path)
    code, _, errors = bagage("migrate", "--verbosity=0", PATH=path)
    missing = (
        "pg_dump is not installed on this machine: install PostgreSQL's client programs of the server's version"
        " or a newer one (Debian: apt-get install postgresql-client)."
    )
    assert (code, errors) == (
        2,
        f"bagage migrate: {missing} Make one yourself, then say --without-backup (or BAGAGE_WITHOUT_BACKUP=1).\n",
    )
    code, _, errors = bagage("migrate", "--verbosity=0", "--without-backup", PATH=path)
    assert (code, errors) == (0, f"{missing} Going on without, as asked.\n")


def test_backup_then_restore_brings_the_data_back(bagage, tmp_path):
    code, said, errors = bagage("backup")
    copy = Path(said.strip())
    assert (code, copy.parent) == (0, tmp_path / "home" / "backups")
    assert "note it with bagage backup_key" in errors
    code, said, errors = bagage("restore", str(copy))
    [kept] = (tmp_path / "home").glob("replaced-*")
    assert (code, errors) == (0, "")
    assert said == f"What it replaced is kept for 30 days: {kept}\nRestored from {copy}.\n"


@pytest.mark.skipif(not ON_POSTGRESQL, reason="for PostgreSQL")
def test_restore_of_a_file_that_is_not_there_says_so(bagage):
    code, _, errors = bagage("restore", "some.dump")
    assert (code, errors) == (2, "bagage restore: FILE: some.dump does not exist.\n")
