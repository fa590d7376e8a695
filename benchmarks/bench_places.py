"""100,000 places from one file of the national standard: how long, how much memory; then the same file once more.

The rows are the real ones that come with Bagage, copied under other identifiers; the command is the one that is run by
hand, in a process of its own whose memory is watched. ``BAGAGE_BENCH_ROWS`` reads fewer. Both databases:
``DATABASE_URL`` names an empty one.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from itertools import count
from pathlib import Path

from benchmarks.harness import ROOT, Bench, Size, machine, report

ROWS = int(os.environ.get("BAGAGE_BENCH_ROWS", "100000"))
# What the file may cost: seconds to write, to read again without change, megabytes at the most.
MOST = {"written": 60.0, "again": 15.0, "memory": 500.0}
WATCHED = "import resource, subprocess, sys; code = subprocess.run(sys.argv[1:]).returncode; " \
    "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, file=sys.stderr); sys.exit(code)"  # fmt: skip


def write_file(path: Path, rows: int = ROWS) -> None:
    """A file of so many places: the real rows again and again, each copy with an identifier and a name of its own."""
    from bagage.directory.domain.places import MEDIATION, shipped_rows
    from bagage.directory.domain.standards.mediation import COLUMNS

    real = [row for shape, row in shipped_rows() if shape == MEDIATION]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, extrasaction="ignore", restval="")
        writer.writeheader()
        number = 0
        for copy in count():
            for row in real:
                if number == rows:
                    return
                number += 1
                writer.writerow(
                    {**row, "id": f"{row['id']}-{copy}", "nom": f"{row['nom']} {copy or ''}".strip()}
                )


def run(bench: Bench, sizes: list[Size]) -> None:
    home = Path(tempfile.mkdtemp(prefix="places-", dir=bench.folder))
    conditions = f"{ROWS} rows of the national standard, {machine()}"
    try:
        bench.bagage(home, "migrate")
        path = home / "lieux.csv"
        write_file(path)
        for name, figure in (("written", "read and written"), ("again", "read again, nothing new")):
            seconds, megabytes, told = _import(bench, home, path)
            assert told["read"] == ROWS, told
            assert told["created" if name == "written" else "unchanged"] + told["set_aside"] == ROWS, told
            for label, value, unit, most in (
                (figure, seconds, "s", MOST[name]),
                (f"memory, {figure}", megabytes, "MB", MOST["memory"]),
            ):
                reference = {"figure": "what it may cost", "value": most, "unit": unit}
                report("places", label, value, unit, reference=reference, conditions=conditions)
    finally:
        shutil.rmtree(home)


def _import(bench: Bench, home: Path, path: Path) -> tuple[float, float, dict[str, int]]:
    """Seconds, megabytes at the most, and what the command tells."""
    command = [sys.executable, "-m", "bagage", "import_places", str(path), "--json"]
    started = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", WATCHED, *command],
        env=bench.environment(home),
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    seconds = time.perf_counter() - started
    if done.returncode:
        raise SystemExit(f"import_places failed:\n{done.stderr[-2000:]}")
    return seconds, int(done.stderr.split()[-1]) / 1000, json.loads(done.stdout)
