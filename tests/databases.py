"""Databases that are migrated once for a run of the tests, and copied for each of its processes."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path
from zlib import crc32

import psycopg

ROOT = Path(__file__).resolve().parent.parent
MIGRATED = "bagage_migrated"


def migrated(jobs: int, environment: dict[str, str]) -> bool:
    """Make the databases that ``pytest -n jobs --reuse-db`` looks for, each as ``bagage migrate`` leaves one.

    ``environment`` has the ``BAGAGE_HOME`` of the run, and ``DATABASE_URL`` on PostgreSQL. Ten seconds once, instead of
    once for each process. ``False`` when it cannot be done: each process then makes its own, which tells what is wrong.
    """
    workers = [f"gw{number}" for number in range(jobs)]
    home = Path(environment["BAGAGE_HOME"])
    url = environment.get("DATABASE_URL", "")
    first = Path(tempfile.mkdtemp(prefix="bagage-migrated-"))
    made = {**environment, "BAGAGE_HOME": str(first), "DJANGO_SETTINGS_MODULE": "bagage.config.settings_test"}
    try:
        if url:
            _ask(url, f"CREATE DATABASE {MIGRATED}")
            made["DATABASE_URL"] = f"{url.rpartition('/')[0]}/{MIGRATED}"
        done = subprocess.run(
            [sys.executable, "-m", "bagage", "migrate"],
            cwd=ROOT,
            env=made,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        if done.returncode:
            return False
        # As config/settings_test.py names them, and pytest-django after it.
        if url:
            name = f"test_bagage_{crc32(os.fsencode(home)):08x}"
            _ask(url, *(f"CREATE DATABASE {name}_{worker} TEMPLATE {MIGRATED}" for worker in workers))
        else:
            with sqlite3.connect(first / "bagage.sqlite3") as whole:
                for worker in workers:
                    with sqlite3.connect(home / f"test.sqlite3_{worker}") as copy:
                        whole.backup(copy)
                        copy.execute("PRAGMA journal_mode=WAL")
        return True
    finally:
        shutil.rmtree(first, ignore_errors=True)


def _ask(url: str, *questions: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for question in questions:
            connection.execute(question)  # type: ignore[call-overload]
