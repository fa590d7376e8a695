"""20,000 persons from one file, 5 rows in 100 bad, 3 in 100 of someone who stands in it already: how long, how much
memory, how much of what was planted is told; then all of it is taken back.

The file is made of invented persons (:mod:`benchmarks.invented_persons`); the command is the one that an administrator
runs, in a process of its own whose memory is watched.
"""

from __future__ import annotations

import csv
import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.harness import DEMO, ROOT, Bench, Size, machine, report
from benchmarks.invented_persons import Inventor, entry_of

ROWS, BAD, AGAIN = 20_000, 0.05, 0.03
SEED = 20_007
HEADINGS = (
    "Identifiant", "Prénom", "Nom", "Année de naissance", "Date de naissance", "Téléphone", "Langue", "Commune",
    "Orienté par",
)  # fmt: skip
LANGUAGES = ("français", "bambara", "soninké", "arabe", "dari", "anglais", "ukr.", "")
REFERRERS = ("CCAS 19", "Mme Aubry", "SIAO 75", "Secours populaire", "")
# What the file may cost: seconds to write, to take back, megabytes at the most.
MOST = {"written": 60.0, "undone": 30.0, "memory": 500.0}


@dataclass
class Planted:
    """What stands in the file: how many rows are bad, and whose rows stand twice (later identifier to first)."""

    rows: int
    bad: set[str]
    again: dict[str, str]


def write_file(path: Path, rows: int = ROWS, seed: int = SEED) -> Planted:
    """A file as associations keep them, with what is wrong in it known."""
    rng = random.Random(seed)
    inventor = Inventor(seed)
    persons = list(inventor.persons(round(rows * (1 - AGAIN))))
    entries = [(f"P{person.number:05d}", entry_of(rng, person, "new")) for person in persons]
    again: dict[str, str] = {}
    for number, person in enumerate(rng.sample(persons, rows - len(persons)), start=1):
        reference = f"D{number:05d}"
        again[reference] = f"P{person.number:05d}"
        entries.append((reference, entry_of(rng, person, "again")))
    rng.shuffle(entries)
    bad = set(rng.sample(range(rows), round(rows * BAD)))
    planted = Planted(rows, set(), again)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADINGS)
        for at, (reference, one) in enumerate(entries):
            day = f"{one.day[3:]}/{one.day[:2]}/{one.year}" if one.day and one.year else ""
            year = f"vers {one.year}" if one.is_about and one.year else (one.year or "")
            phone = f"0{one.phone[3:]}" if one.phone else ""
            cells = [reference, one.given, one.family, year, day, phone, rng.choice(LANGUAGES), one.commune,
                     rng.choice(REFERRERS)]  # fmt: skip
            if at in bad:
                planted.bad.add(reference)
                column, value = rng.choice(
                    [(5, "06 39 98 1"), (4, "31/02/1980"), (3, "1785"), (5, "appeler le soir"), (1, "")]
                )
                cells[column] = value
                if column == 1:
                    cells[2] = ""
            writer.writerow(cells)
    return planted


class Watched:
    """A command of ours, its time, its peak memory (megabytes, children included), what it printed."""

    def __init__(self, environment: dict[str, str], *arguments: str) -> None:
        started = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "bagage", *arguments],
            env=environment, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )  # fmt: skip
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        self.peak = 0.0
        watcher = threading.Thread(target=self._watch, args=(process.pid,), daemon=True)
        watcher.start()
        self.out, err = process.communicate()
        self.seconds = time.perf_counter() - started
        # Of the processor alone: the same on a machine that others use.
        self.processor = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before
        watcher.join(1)
        if process.returncode:
            raise SystemExit(f"bagage {' '.join(arguments)} failed:\n{err}")

    def _watch(self, pid: int) -> None:
        for kilobytes in _peaks(pid):
            self.peak = max(self.peak, kilobytes / 1024)
            time.sleep(0.05)


def _peaks(pid: int) -> Iterator[int]:
    status = Path(f"/proc/{pid}/status")
    while True:
        try:
            lines = status.read_text().splitlines()
        except OSError:
            return
        yield next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def run(bench: Bench, sizes: list[Size]) -> None:
    """On the database of the environment, each time in a home of its own that is thrown away."""
    for size in sizes:
        if size is not DEMO and os.environ.get("DATABASE_URL"):
            continue
        measure(bench, size)


def measure(bench: Bench, size: Size) -> None:
    with tempfile.TemporaryDirectory(dir=bench.folder) as folder:
        home = Path(folder) / "home"
        if os.environ.get("DATABASE_URL"):
            home.mkdir()
            bench.bagage(home, "migrate")
            bench.bagage(home, "load_demo")
        else:
            shutil.copytree(bench.home(size), home)
        path = Path(folder) / "personnes.csv"
        planted = write_file(path)
        environment = bench.environment(home)
        conditions = (
            f"{planted.rows} rows, {len(planted.bad)} bad, {len(planted.again)} twice, "
            f"beside {size.persons} files, {machine()}"
        )
        written = Watched(environment, "import_persons", str(path), "--json")
        told = json.loads(written.out)
        undone = Watched(environment, "import_persons", "--undo", told["batch"], "--json")
        taken = json.loads(undone.out)
        read = baseline(path)

        def say(figure: str, value: float, unit: str, reference: dict[str, object] | None = None) -> None:
            report("imports", figure, value, unit, reference=reference, conditions=conditions)

        plain = {
            "figure": "the same file read by csv and written to a bare table",
            "value": read,
            "unit": "s",
        }
        say(f"written (limit {MOST['written']:g} s)", written.seconds, "s", plain)
        say(f"undone (limit {MOST['undone']:g} s)", undone.seconds, "s", plain)
        say("written, of the processor", written.processor, "s", plain)
        say("undone, of the processor", undone.processor, "s", plain)
        say(f"memory at most (limit {MOST['memory']:g} MB)", max(written.peak, undone.peak), "MB")
        aside = {one["row"] for one in told["set_aside"]}
        say("rows set aside, of those that are bad", len(aside) / len(planted.bad) * 100, "%")
        found = {
            one["own_reference"]
            for one in told["possible_duplicates"]
            if _is_planted(one["own_reference"], one["reference"], planted)
        }
        # The first of the two to stand in the file is the earlier one: either may name the other. Those whose own row,
        # or whose first, is bad cannot be told.
        tellable = {
            late
            for late, first in planted.again.items()
            if late not in planted.bad and first not in planted.bad
        }
        pairs = {late if late in planted.again else _late_of(late, planted) for late in found}
        say("told, of those who stand twice", len(pairs & tellable) / len(tellable) * 100, "%")
        wrong = {
            one["row"]
            for one in told["possible_duplicates"]
            if not _is_planted(one["own_reference"], one["reference"], planted) and one["other_row"]
        }
        say("told wrongly, of all rows", len(wrong) / planted.rows * 100, "%")
        say("taken back, of what was written", taken["undone"] / told["created"] * 100, "%")
        if written.processor > MOST["written"] or undone.processor > MOST["undone"]:
            raise SystemExit("slower than the limit")
        if max(written.peak, undone.peak) > MOST["memory"]:
            raise SystemExit("more memory than the limit")


def _is_planted(one: str, other: str, planted: Planted) -> bool:
    return planted.again.get(one) == other or planted.again.get(other) == one


def _late_of(first: str, planted: Planted) -> str:
    return next((late for late, of in planted.again.items() if of == first), "")


def baseline(path: Path) -> float:
    """Seconds for the least that could be done: each row read by Python's csv, and kept in one bare SQLite table."""
    import sqlite3

    started = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        base = sqlite3.connect(Path(folder) / "bare.sqlite3")
        base.execute(f"CREATE TABLE bare ({', '.join(f'c{at}' for at in range(len(HEADINGS)))})")
        with path.open(encoding="utf-8-sig", newline="") as file:
            marks = ", ".join("?" * len(HEADINGS))
            base.executemany(f"INSERT INTO bare VALUES ({marks})", csv.reader(file, delimiter=";"))
        base.commit()
        base.close()
    return time.perf_counter() - started
