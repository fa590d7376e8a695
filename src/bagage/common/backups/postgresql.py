"""PostgreSQL through its own programs: a copy of the database, and one put in its place."""

import os
import shutil
import subprocess
from pathlib import Path

from django.core.management.base import CommandError
from django.db import connection

from bagage.common.backups.files import BLOCK, private

# Read by the policies of row-level security, if they are on: a back-up reads every row, or fails.
WIDE = "-c bagage.reads=everything"


def program(name: str) -> str:
    """Where one of PostgreSQL's programs is. CommandError that says what to install."""
    found = shutil.which(name)
    if found is None:
        raise CommandError(
            f"{name} is not installed on this machine: install PostgreSQL's client programs of the server's version"
            " or a newer one (Debian: apt-get install postgresql-client)."
        )
    return found


def client_environment() -> dict[str, str]:
    """What PostgreSQL's programs need to reach this database; the password is in no command line."""
    database = connection.get_connection_params()
    environment = {**os.environ, "PGOPTIONS": WIDE}
    names = {
        "PGHOST": "host",
        "PGPORT": "port",
        "PGUSER": "user",
        "PGPASSWORD": "password",
        "PGDATABASE": "dbname",
        "PGSSLMODE": "sslmode",
    }
    for variable, name in names.items():
        if database.get(name):
            environment[variable] = str(database[name])
    return environment


def run_client(name: str, *arguments: str) -> str:
    """Run one of PostgreSQL's programs on this database; return what it printed. CommandError when it fails."""
    done = subprocess.run(
        [program(name), *arguments], env=client_environment(), capture_output=True, text=True
    )
    if done.returncode:
        raise CommandError(f"{name} said: {done.stderr.strip()[-600:]}")
    return done.stdout


def dump_postgresql(target: Path) -> None:
    private(target).close()
    run_client("pg_dump", "--format=custom", "--compress=1", "--enable-row-security", f"--file={target}")


# What stood there is put beside and dropped in the same transaction that brings the back-up: all of it, or nothing.
_BEFORE = """\\set ON_ERROR_STOP on
BEGIN;
SET LOCAL lock_timeout = '10s';
DROP SCHEMA IF EXISTS bagage_replaced CASCADE;
ALTER SCHEMA public RENAME TO bagage_replaced;
CREATE SCHEMA public;
DO $$ DECLARE one text; BEGIN
  FOR one IN SELECT extname FROM pg_extension x JOIN pg_namespace n ON n.oid = x.extnamespace
    WHERE n.nspname = 'bagage_replaced'
  LOOP EXECUTE format('ALTER EXTENSION %I SET SCHEMA public', one); END LOOP; END $$;
"""
_AFTER = """
DROP SCHEMA bagage_replaced CASCADE;
COMMIT;
"""


def put_postgresql(dump: Path, aside: Path) -> None:
    psql, pg_restore = program("psql"), program("pg_restore")
    others = run_client(
        "psql",
        "--no-psqlrc",
        "--tuples-only",
        "--no-align",
        "--command=SELECT count(*) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )
    if others.strip() != "0":
        raise CommandError("The database is in use: stop Bagage first, then restore.")
    tables = run_client(
        "psql",
        "--no-psqlrc",
        "--tuples-only",
        "--no-align",
        "--command=SELECT count(*) FROM pg_tables WHERE schemaname = 'public'",
    )
    if tables.strip() != "0":
        dump_postgresql(aside / "database.dump")
    with (
        subprocess.Popen(
            [pg_restore, "--no-owner", "--no-privileges", "--schema=public", "--file=-", str(dump)],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        ) as reading,
        subprocess.Popen(
            [psql, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"],
            env=client_environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as writing,
    ):
        assert reading.stdout
        assert reading.stderr
        assert writing.stdin
        assert writing.stderr
        is_whole = False
        try:
            writing.stdin.write(_BEFORE.encode())
            shutil.copyfileobj(reading.stdout, writing.stdin, BLOCK)
            is_whole = reading.wait() == 0
            if is_whole:
                writing.stdin.write(_AFTER.encode())
            writing.stdin.close()
        except BrokenPipeError:
            is_whole = False
        why = writing.stderr.read().decode(errors="replace").strip()
        unread = reading.stderr.read().decode(errors="replace").strip() if not is_whole else ""
        code = writing.wait()
    if code or not is_whole:
        said = "; ".join(part for part in (why, unread) if part)[-600:]
        raise CommandError(f"Nothing was changed. PostgreSQL said: {said}")
