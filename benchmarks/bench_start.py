"""Seconds from ``bagage serve`` to its first answer, for a home that has been served before; and filling the home."""

import http.client
import signal
import socket
import subprocess
import sys
import time

from benchmarks.harness import DEMO, ROOT, Bench, Size, machine, percentile, report

ROUNDS = 3


def answered(port: int) -> bool:
    caller = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        caller.request("GET", "/health/")
        caller.getresponse().read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        caller.close()
    return True


def start_once(bench: Bench, home: object) -> float:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "bagage", "serve", "--port", str(port)],
        env=bench.environment(home),  # type: ignore[arg-type]
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while not answered(port):
            if process.poll() is not None or time.perf_counter() - started > 60:
                raise SystemExit("bagage serve did not answer")
            time.sleep(0.02)
        return time.perf_counter() - started
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)


def run(bench: Bench, sizes: list[Size]) -> None:
    if DEMO not in sizes:
        return
    home = bench.home(DEMO)
    conditions = f"demonstration network, {machine()}"
    filled = float((home / "filled").read_text())
    report("start", "bagage load_demo", filled, "s", reference=None, conditions=conditions)
    start_once(bench, home)
    spent = [start_once(bench, home) for _ in range(ROUNDS)]
    plain = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-c", "import django.core.handlers.wsgi"], check=True)
        plain.append(time.perf_counter() - started)
    reference = {
        "figure": "Python with Django's handler imported",
        "value": percentile(plain, 0.5),
        "unit": "s",
    }
    report(
        "start",
        "bagage serve, second start, p50",
        percentile(spent, 0.5),
        "s",
        reference=reference,
        conditions=conditions,
    )
