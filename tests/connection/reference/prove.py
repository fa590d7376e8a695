"""``make prove``: make the frozen instances anew, each with the optimum that HiGHS proved.

    python -m tests.connection.reference.prove [--jobs N] [--seconds S] [--days 30:1400 --days 60:600] [--check]

Seeds are taken in order; one that the solver does not finish within ``--seconds`` is left out, one that it proves
impossible is kept as such. What is done is written to ``var/proof`` as it comes: stopped, it goes on from there. At the
end the instances are written to ``tests/connection/frozen/instances.jsonl.gz``, one a line:
``{"days", "seed", "kind", "line", "person", "total", "calendar"}``, total and calendar null for an impossible one.
``--check`` proves the frozen instances again and writes nothing.
"""

import argparse
import gzip
import json
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

from tests.connection.reference.generator import month
from tests.connection.reference.milp import solve
from tests.connection.reference.reading import euros

ROOT = Path(__file__).resolve().parents[3]
FROZEN = ROOT / "tests" / "connection" / "frozen" / "instances.jsonl.gz"
DONE = ROOT / "var" / "proof"
WANTED = {30: 1400, 60: 600}


def frozen() -> list[dict[str, Any]]:
    """The instances as they are kept."""
    with gzip.open(FROZEN, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def prove(days: int, seed: int, seconds: float) -> dict[str, Any]:
    """One instance; ``status`` is proven, infeasible or open."""
    instance = month(seed, days)
    started = time.perf_counter()
    answer = solve(instance["line"], instance["person"], seconds=seconds)
    return {
        "days": days,
        "seed": seed,
        "status": answer.status,
        "note": answer.note,
        "seconds": round(time.perf_counter() - started, 3),
        "total": None if answer.status != "proven" else euros(answer.total or 0),
        "calendar": None if answer.status != "proven" else [list(each) for each in answer.purchases],
    }


def _wanted(text: str) -> tuple[int, int]:
    days, count = text.split(":")
    return int(days), int(count)


def _done(path: Path) -> dict[int, dict[str, Any]]:
    if not path.exists():
        return {}
    rows = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.endswith("}")]
    return {row["seed"]: row for row in rows}


def _answers(days: int, count: int, seconds: float, jobs: int) -> Iterator[dict[str, Any]]:
    """Rows in the order of their seeds, until ``count`` of them are decided."""
    path = DONE / f"{days}.jsonl"
    done = _done(path)
    decided = 0
    seed = 0
    began = time.monotonic()
    with ProcessPoolExecutor(jobs) as pool, path.open("a", encoding="utf-8") as journal:
        while decided < count:
            batch = range(seed, seed + 8 * jobs)
            todo = [each for each in batch if each not in done]
            for row in pool.map(prove, [days] * len(todo), todo, [seconds] * len(todo)):
                done[row["seed"]] = row
                journal.write(json.dumps(row) + "\n")
                journal.flush()
            for each in batch:
                if done[each]["status"] != "open" and decided < count:
                    decided += 1
                    yield done[each]
            seed = batch.stop
            if todo:
                print(
                    f"{days} days: {decided} of {count} decided among {seed} seeds,"
                    f" {time.monotonic() - began:.0f} s",
                    flush=True,
                )


def _write(rows: list[dict[str, Any]]) -> None:
    FROZEN.parent.mkdir(parents=True, exist_ok=True)
    text = "".join(
        json.dumps(
            {
                "days": row["days"],
                "seed": row["seed"],
                **month(row["seed"], row["days"]),
                "total": row["total"],
                "calendar": row["calendar"],
            },
            separators=(",", ":"),
        )
        + "\n"
        for row in rows
    )
    with FROZEN.open("wb") as file, gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as packed:
        packed.write(text.encode())
    print(f"{len(rows)} instances, {FROZEN.stat().st_size // 1024} KB: {FROZEN.relative_to(ROOT)}")


def _check(seconds: float) -> int:
    differing = undecided = 0
    rows = frozen()
    for number, row in enumerate(rows, 1):
        answer = solve(row["line"], row["person"], seconds=seconds)
        if answer.status == "open":
            undecided += 1
        elif row["total"] != (None if answer.total is None else euros(answer.total)):
            differing += 1
            print(f"{row['days']} days, seed {row['seed']}: {row['total']} frozen, {answer}")
        if number % 50 == 0 or number == len(rows):
            print(f"{number} of {len(rows)}: {differing} differ, {undecided} undecided", flush=True)
    return 1 if differing else 0


def main() -> int:
    parser = argparse.ArgumentParser(prog="make prove", description=__doc__)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--seconds", type=float, default=3.0, help="what the solver gets for one instance")
    parser.add_argument("--days", type=_wanted, action="append", help="DAYS:COUNT; may be repeated")
    parser.add_argument("--check", action="store_true")
    chosen = parser.parse_args()
    if chosen.check:
        return _check(chosen.seconds)
    DONE.mkdir(parents=True, exist_ok=True)
    rows: list[dict[str, Any]] = []
    for days, count in (dict(chosen.days) if chosen.days else WANTED).items():
        rows += _answers(days, count, chosen.seconds, chosen.jobs)
    _write(rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
