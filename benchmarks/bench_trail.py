"""Seconds to verify a million rows of the trail; whether a changed, a removed and an added row are each named."""

import shutil

from benchmarks.harness import LARGE, Bench, Size, note

ROWS = 1_000_000


def run(bench: Bench, sizes: list[Size]) -> None:
    """Once, on a home of its own; only with the large size."""
    if LARGE not in sizes:
        return
    home = bench.folder / "trail"
    shutil.rmtree(home, ignore_errors=True)
    bench.bagage(home, "migrate")
    note(f"filling {home} with {ROWS} rows …")
    try:
        bench.module(home, "benchmarks.trail", str(ROWS))
    finally:
        shutil.rmtree(home, ignore_errors=True)
