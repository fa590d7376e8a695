"""Everything that must hold, in one go: ``python -m tests`` (what ``make test`` runs).

Style, layers, types; then all tests on SQLite; then on a throw-away PostgreSQL all but the browser tests, of which the
ones marked ``smoke`` are run there too, and but for what no database can make different (see ``conftest.py``). Nothing
stops at the first failure, all that was started is stopped, the last line counts, and the exit code is 0 only when
nothing failed.
"""

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

from tests.databases import migrated
from tests.servers import NoPostgreSQL, postgresql

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent
# Typed strictly: what decides and what writes. Screens and forms are held by their tests.
TYPED = (
    "*/domain",
    "*/services.py",
    "*/services",
    "*/queries.py",
    "*/queries",
    "*/permissions.py",
    "common/backups",
    "common/heartbeat.py",
    "common/installation.py",
    "common/jobs.py",
    "common/keeping.py",
    "common/sealing.py",
    "common/supervisor.py",
    "config/home.py",
    "config/health.py",
    "config/wsgi.py",
    "__main__.py",
)
COUNTED = ("passed", "failed", "skipped")


def typed_files() -> list[str]:
    """The files and folders of :data:`TYPED` that exist."""
    source = ROOT / "src" / "bagage"
    return sorted(str(path.relative_to(ROOT)) for pattern in TYPED for path in source.glob(pattern))


def run(title: str, command: Sequence[str], environment: dict[str, str]) -> tuple[int, str]:
    """Run one step, its output shown as it comes; return its exit code and its last lines."""
    print(f"\n── {title}", flush=True)
    started = time.monotonic()
    tail: list[str] = []
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        assert process.stdout
        try:
            for line in process.stdout:
                sys.stdout.write(line)
                sys.stdout.flush()
                tail = [*tail[-9:], line]
        except BaseException:
            process.terminate()
            raise
    print(
        f"   {title}: {'ok' if process.returncode == 0 else 'FAILED'} in {time.monotonic() - started:.0f} s",
        flush=True,
    )
    return process.returncode, "".join(tail)


def run_beside(command: Sequence[str], environment: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run one step while others show what they do; its output is kept."""
    return subprocess.run(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def told(title: str, done: Future[subprocess.CompletedProcess[str]], counts: Counter[str]) -> None:
    """Show what a step did beside the others, and count it."""
    result = done.result()
    print(f"\n── {title}\n{result.stdout}   {title}: {'FAILED' if result.returncode else 'ok'}", flush=True)
    counts["failed" if result.returncode else "passed"] += 1


def check(title: str, command: Sequence[str], environment: dict[str, str], counts: Counter[str]) -> None:
    """A step that passes or fails as one."""
    code, _ = run(title, command, environment)
    counts["failed" if code else "passed"] += 1


def tests(title: str, options: Sequence[str], environment: dict[str, str], counts: Counter[str]) -> None:
    """A run of pytest; what its last line counts is added."""
    # Two more than there are processors: a walk in a browser, a server or another process often waits.
    jobs = min(6, (os.cpu_count() or 2) + 2)
    home = tempfile.mkdtemp(prefix="bagage-test-")
    environment = {**environment, "BAGAGE_HOME": home}
    command = [
        str(BIN / "python"),
        "-m",
        "pytest",
        "-q",
        "-n",
        str(jobs),
        "--dist",
        "loadgroup",
        "--durations=8",
        *options,
    ]
    try:
        if migrated(jobs, environment):
            command.append("--reuse-db")
        code, tail = run(title, command, environment)
    finally:
        shutil.rmtree(home, ignore_errors=True)
    summary = tail.strip().rpartition("\n")[2]
    found = Counter({word: int(number) for number, word in re.findall(r"(\d+) ([a-z]+)", summary)})
    found["failed"] += found["error"] + found["errors"]
    if code and not found["failed"]:
        # It could not even count: stopped, or nothing was collected.
        found["failed"] = 1
    counts.update({word: found[word] for word in COUNTED})


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests", description=__doc__.splitlines()[0])
    parser.add_argument("--only", choices=["lint", "sqlite", "postgresql"], help="one part alone")
    chosen, options = parser.parse_known_args()
    # Asked to stop, it still stops what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    # What is compiled is kept: else each of the hundreds of processes that the tests start compiles Bagage anew, and
    # each that collects tests rewrites all of them.
    for name in ("DATABASE_URL", "BAGAGE_HOME", "DJANGO_SETTINGS_MODULE", "PYTHONDONTWRITEBYTECODE"):
        environment.pop(name, None)
    counts: Counter[str] = Counter()
    with ThreadPoolExecutor(1) as beside:
        types: Future[subprocess.CompletedProcess[str]] | None = None
        if chosen.only in {None, "lint"}:
            check("style", [str(BIN / "ruff"), "check", "."], environment, counts)
            check("format", [str(BIN / "ruff"), "format", "--check", "."], environment, counts)
            check("layers", [str(BIN / "lint-imports")], environment, counts)
            # A minute of one processor, while tests wait for browsers.
            types = beside.submit(
                run_beside, [str(BIN / "python"), "-m", "mypy", *typed_files()], environment
            )
        if chosen.only in {None, "sqlite"}:
            tests("tests on SQLite", options, environment, counts)
        if types is not None:
            told("types", types, counts)
    if chosen.only in {None, "postgresql"}:
        try:
            with postgresql() as url:
                options = ["-m", "not e2e or smoke", *options]
                tests("tests on PostgreSQL", options, {**environment, "DATABASE_URL": url}, counts)
        except NoPostgreSQL as error:
            print(f"{error} Debian: apt-get install postgresql.")
            counts["failed"] += 1
    print("\n" + ", ".join(f"{counts[word]} {word}" for word in COUNTED))
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
