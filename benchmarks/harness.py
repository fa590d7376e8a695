"""What the benches share: their homes, their clock, their lines."""

import json
import os
import platform
import subprocess
import sys
import time
import venv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Size:
    """A network to measure on: the demonstration, or one with many more persons."""

    name: str
    persons: int


DEMO = Size("demonstration", 300)
LARGE = Size("large", 100_000)
SIZES = {size.name: size for size in (DEMO, LARGE)}


def percentile(values: Sequence[float], share: float) -> float:
    """The value below which ``share`` (0 to 1) of them lie, by the nearest rank."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, max(0, round(share * len(ordered) + 0.5) - 1))]


def milliseconds(act: Callable[[], object]) -> tuple[float, float]:
    """How long one call takes: on the clock, and of the processor alone (the same on a machine busy with others)."""
    started, processor = time.perf_counter(), time.thread_time()
    act()
    return (time.perf_counter() - started) * 1000, (time.thread_time() - processor) * 1000


def report(
    bench: str, figure: str, value: float, unit: str, *, reference: dict[str, Any] | None, conditions: str
) -> None:
    """Print one line; the ratio to the reference is added."""
    if reference and reference.get("value"):
        reference = {
            **reference,
            "value": round(reference["value"], 3),
            "ratio": round(value / reference["value"], 2),
        }
    line = {
        "bench": bench,
        "figure": figure,
        "value": round(value, 3),
        "unit": unit,
        "reference": reference or {},
        "conditions": conditions,
    }
    print(json.dumps(line, ensure_ascii=False), flush=True)


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def python_with(folder: Path, libraries: Sequence[str]) -> Path | None:
    """A Python with libraries that Bagage does not need, in an environment of its own below ``folder``.

    ``None``, and a note, when the first of them cannot be installed.
    """
    python = folder / "venv" / "bin" / "python"
    if not python.exists():
        venv.create(folder / "venv", with_pip=True)
    done = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *libraries],
        capture_output=True,
        text=True,
    )
    if done.returncode:
        note(f"{folder.name}: left out, {libraries[0]} cannot be installed: {done.stderr.strip()[-200:]}")
        return None
    return python


def machine() -> str:
    """The conditions that every line shares."""
    kind = "PostgreSQL" if os.environ.get("DATABASE_URL", "").startswith("postgres") else "SQLite"
    return f"{kind}, Python {platform.python_version()}, {os.cpu_count()} cores, {platform.machine()}"


class Bench:
    """A folder for homes, and the means to fill and to question them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def environment(self, home: Path) -> dict[str, str]:
        return {
            **os.environ,
            "BAGAGE_HOME": str(home),
            "PYTHONPATH": f"{ROOT / 'src'}:{ROOT}",
            "BAGAGE_LOG": "ERROR",
        }

    def bagage(self, home: Path, *arguments: str) -> None:
        """Run one command on a home; its output is kept from ours."""
        done = subprocess.run(
            [sys.executable, "-m", "bagage", *arguments],
            env=self.environment(home),
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        if done.returncode:
            raise SystemExit(f"bagage {' '.join(arguments)} failed:\n{done.stdout}")

    def module(self, home: Path, *arguments: str) -> None:
        """Run one of our modules in a process of its own, on a home; its lines are printed."""
        done = subprocess.run([sys.executable, "-m", *arguments], env=self.environment(home), cwd=ROOT)
        if done.returncode:
            raise SystemExit(f"{' '.join(arguments)} failed")

    def home(self, size: Size) -> Path:
        """A home that holds a network of this size; filled on first use, kept for the next run of the same day."""
        home = self.folder / f"{size.name}-{time.strftime('%Y%m%d')}"
        if not (home / "filled").exists():
            note(f"filling {home} …")
            self.bagage(home, "migrate")
            started = time.perf_counter()
            self.bagage(home, "load_demo")
            spent = time.perf_counter() - started
            if size is not DEMO:
                self.bagage(home, "load_bulk", "--persons", str(size.persons))
            (home / "filled").write_text(f"{spent:.3f}\n")
        return home
