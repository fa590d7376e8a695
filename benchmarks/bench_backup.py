"""Seconds to back an installation up, and to restore it on a bare machine; beside a plain copy of the same database."""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.harness import ROOT, Bench, Size, machine, report


def bagage(environment: dict[str, str], *arguments: str) -> tuple[float, str]:
    """How long a command takes, and what it printed."""
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "bagage", *arguments],
        env=environment,
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"bagage {arguments[0]}: {done.stderr.strip()}")
    return time.perf_counter() - started, done.stdout


def run(bench: Bench, sizes: list[Size]) -> None:
    if os.environ.get("DATABASE_URL", "").startswith("postgres"):
        raise SystemExit("a bare machine on PostgreSQL is a database of its own: see tests/safety")
    for size in sizes:
        home = bench.home(size)
        environment = bench.environment(home)
        conditions = f"{size.persons} persons, {machine()}"
        with tempfile.TemporaryDirectory(prefix="bagage-bench-", dir=bench.folder) as place:
            measure(Path(place), home, environment, conditions)


def measure(place: Path, home: Path, environment: dict[str, str], conditions: str) -> None:
    started = time.perf_counter()
    shutil.copyfile(home / "bagage.sqlite3", place / "copy.sqlite3")
    with (place / "copy.sqlite3").open("rb") as file:
        os.fsync(file.fileno())
    copied = time.perf_counter() - started
    reference = {"figure": "plain copy of the database, flushed", "value": copied, "unit": "s"}
    weight = (home / "bagage.sqlite3").stat().st_size
    (place / "copy.sqlite3").unlink()

    made, said = bagage(environment, "backup")
    path = Path(said.split()[0])
    report("backup", "bagage backup", made, "s", reference=reference, conditions=conditions)
    report(
        "backup",
        "size of a back-up",
        path.stat().st_size / 1e6,
        "MB",
        reference={"figure": "the database", "value": weight / 1e6, "unit": "MB"},
        conditions=conditions,
    )
    bare = place / "bare"
    bare.mkdir()
    key = place / "key"
    shutil.copyfile(home / "backup_key", key)
    restored, _ = bagage({**environment, "BAGAGE_HOME": str(bare)}, "restore", str(path), "--key", str(key))
    report(
        "backup",
        "bagage restore on a bare machine (10 min at most for 100,000 persons)",
        restored,
        "s",
        reference=reference,
        conditions=conditions,
    )
    path.unlink()
    path.with_name(f"{path.name}.sha256").unlink()
