"""``python -m benchmarks [--only NAME] [--size demonstration|large] [--folder DIR]``."""

import argparse
import importlib
import pkgutil
from pathlib import Path

import benchmarks
from benchmarks.harness import ROOT, SIZES, Bench, note

NAMES = sorted(
    module.name.removeprefix("bench_")
    for module in pkgutil.iter_modules(benchmarks.__path__)
    if module.name.startswith("bench_")
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", choices=NAMES, action="append", help="one bench alone; may be repeated")
    parser.add_argument(
        "--size", choices=sorted(SIZES), action="append", help="one size alone; may be repeated"
    )
    parser.add_argument(
        "--folder", type=Path, default=ROOT / "var" / "bench", help="where homes are kept (var/bench)"
    )
    chosen = parser.parse_args()
    chosen.folder.mkdir(parents=True, exist_ok=True)
    bench = Bench(chosen.folder.resolve())
    sizes = [SIZES[name] for name in chosen.size or SIZES]
    failed = 0
    for name in chosen.only or NAMES:
        try:
            importlib.import_module(f"benchmarks.bench_{name}").run(bench, sizes)
        except SystemExit as error:
            note(f"{name}: {error}")
            failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main())
