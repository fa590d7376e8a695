"""Other processes on the database of the test that starts them: for what only real processes can show."""

import os
import subprocess
import sys
import time
from collections.abc import Collection, Mapping
from pathlib import Path

from django.db import connection

ROOT = Path(__file__).resolve().parent.parent


def environment(**more: str) -> dict[str, str]:
    """The environment of a process that works on the database of this test."""
    settings = connection.settings_dict
    if connection.vendor == "sqlite":
        url = f"sqlite:///{settings['NAME']}"
    else:
        user = f"{settings['USER']}:{settings['PASSWORD']}"
        url = f"postgres://{user}@{settings['HOST']}:{settings['PORT']}/{settings['NAME']}"
    return {
        **os.environ,
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "bagage.config.settings_test",
        "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT)]),
        **more,
    }


def start_code(code: str, *arguments: str, more: Mapping[str, str] | None = None) -> "subprocess.Popen[str]":
    """Start a process that sets Django up and runs ``code``, with ``sys.argv[1:]`` as given."""
    return _start(["-c", f"import django\ndjango.setup()\n{code}", *arguments], more)


def start_command(*arguments: str, more: Mapping[str, str] | None = None) -> "subprocess.Popen[str]":
    """Start ``bagage`` with these arguments."""
    return _start(["-m", "bagage", *arguments], more)


def _start(arguments: list[str], more: Mapping[str, str] | None) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, *arguments],
        env=environment(**(more or {})),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def finish(
    *processes: "subprocess.Popen[str]", timeout: float = 60, ends: Collection[int] = (0,)
) -> list[str]:
    """Wait for all to end well, with one of the codes ``ends``; return what each wrote."""
    try:
        told = [process.communicate(timeout=timeout) for process in processes]
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
                process.communicate()
    for process, (_, err) in zip(processes, told, strict=True):
        assert process.returncode in ends, err
    return [out for out, _ in told]


def settled(timeout: float = 30) -> None:
    """Wait until nothing that a killed process had asked of the database is still being done.

    SQLite does nothing by itself. A server ends the statement that it has received, its commit included, before it sees
    that whoever asked is gone: two reads after the kill could stand on either side of that.
    """
    if connection.vendor == "sqlite":
        return
    until = time.monotonic() + timeout
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state IN ('active', 'idle in transaction')"
            )
            if cursor.fetchone() == (0,):
                return
        time.sleep(0.01)
    raise AssertionError(f"a killed process was still served after {timeout} s")
