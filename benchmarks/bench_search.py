"""The search of places as programs ask it: one theme and five filters, 20 results, on 18,700 structures and 150,000
services made of the real files; then on ten times as many; and how much it means (nDCG, right answers).

``BAGAGE_BENCH_PLACES`` measures on fewer. Both databases: ``DATABASE_URL`` names an empty one.
"""

from __future__ import annotations

import http.client
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from typing import Any
from urllib.parse import urlencode

from benchmarks.harness import ROOT, Bench, Size, machine, note, percentile, report

PLACES = int(os.environ.get("BAGAGE_BENCH_PLACES", "18700"))
TIMES = tuple(int(each) for each in os.environ.get("BAGAGE_BENCH_TIMES", "1,10").split(","))
SERVICES = 8
SEED = 11
ASKED = int(os.environ.get("BAGAGE_BENCH_ASKED", "400"))
SECONDS = 10.0
CLIENTS = 8


def run(bench: Bench, sizes: list[Size]) -> None:
    for times in TIMES:
        home = bench.folder / f"places-{PLACES * times}-{time.strftime('%Y%m%d')}"
        if not (home / "filled").exists():
            note(f"filling {home} …")
            bench.bagage(home, "migrate")
            bench.module(home, "benchmarks.bench_search", "fill", str(times))
            (home / "filled").write_text("")
        bench.module(home, "benchmarks.bench_search", "measure", str(times))
        measure_clients(bench, home, times)


def fill(times: int) -> None:
    """Real places, each with eight services of plausible kinds; the copies stand a few hundred metres aside."""
    from dataclasses import replace

    from django.db import transaction
    from django.utils import timezone

    from bagage.accounts.models import Installation, Organisation
    from bagage.common.tasks import tend_database
    from bagage.directory.domain.needs import Cost, Need
    from bagage.directory.domain.places import Place, PlaceService, SetAside, read_row, shipped_rows
    from bagage.directory.services.writing import write_places

    rng = random.Random(SEED)
    now = timezone.now()
    Installation.objects.update_or_create(pk=1, defaults={"name": "Bench", "set_up_at": now})
    Organisation.objects.add_root(create_kwargs={"name": "Bench", "kind": "network"})
    real: list[Place] = []
    for shape, row in shipped_rows():
        try:
            real.append(read_row(shape, row))
        except SetAside:
            continue
    rng.shuffle(real)
    needs = [need for need in Need if need not in {Need.UNKNOWN, Need.OTHER}]
    for copy in range(times):
        piece: list[tuple[Place, str, int | None]] = []
        for place in real[:PLACES]:
            given = tuple(
                PlaceService(
                    need=str(rng.choice([*needs, Need.OTHER])),
                    source_id=f"{place.source_id}-{copy}-{number}",
                    name=f"Service {number}",
                    cost=rng.choice([Cost.FREE, Cost.FREE, Cost.CONDITIONS, Cost.PAID, Cost.UNKNOWN]),
                    publics=tuple(
                        rng.sample(("everyone", "young", "seniors", "families", "women"), rng.randint(0, 2))
                    ),
                    modes=tuple(rng.sample(("individual", "workshop", "alone", "remote"), rng.randint(0, 2))),
                    access=tuple(rng.sample(("come", "call", "mail", "book"), rng.randint(0, 2))),
                    languages=tuple(rng.sample(("fr", "ar", "en", "pt"), rng.randint(0, 2))),
                )
                for number in range(SERVICES)
            )
            moved: dict[str, Any] = {}
            if copy and place.latitude is not None and place.longitude is not None:
                moved = {
                    "latitude": place.latitude + rng.uniform(-0.004, 0.004),
                    "longitude": place.longitude + rng.uniform(-0.004, 0.004),
                    "name": f"{place.name} {copy}",
                    "source_id": f"{place.source_id}-{copy}",
                }
            elif copy:
                moved = {"source_id": f"{place.source_id}-{copy}", "name": f"{place.name} {copy}"}
            hours = place.hours or rng.choice(["", "Mo-Fr 09:00-12:00,14:00-17:00", "Tu-Sa 10:00-18:00"])
            made = replace(place, services=given, hours=hours, **moved)
            piece.append((made, made.fingerprint, None))
        for start in range(0, len(piece), 2_000):
            with transaction.atomic():
                write_places(piece[start : start + 2_000], at=now)
    tend_database()


def questions(count: int) -> list[str]:
    """One theme and five filters around a commune, as addresses; each commune once in a while."""
    rng = random.Random(SEED)
    towns = [
        "75119",
        "93066",
        "38185",
        "13055",
        "69383",
        "59350",
        "31555",
        "67482",
        "49007",
        "87085",
        "35238",
        "06088",
    ]
    themes = [
        "numerique--maitriser-les-fondamentaux-du-numerique", "numerique--acceder-a-des-services-en-ligne",
        "learn_basics", "get_device", "use_computer_here",
    ]  # fmt: skip
    return [
        "/api/v1/services?"
        + urlencode(
            {
                "near": rng.choice(towns),
                "need": rng.choice(themes),
                "cost": "free",
                "public": rng.choice(["young", "seniors", "everyone"]),
                "language": rng.choice(["fr", "ar", "en"]),
                "access": rng.choice(["come", "call"]),
                "when": f"{rng.choice(['Mo', 'Tu', 'We', 'Th', 'Fr'])} 14:00",
                "size": 20,
            }
        )
        for _ in range(count)
    ]


def measure(times: int) -> None:
    """The whole answer, one after the other, in this process; a bare view with one SELECT among them."""
    from django.test import Client, override_settings

    conditions = f"{PLACES * times} structures, {PLACES * times * SERVICES} services, {machine()}"
    bare, client = Client(), Client()
    with override_settings(ROOT_URLCONF="benchmarks.urls", PUBLIC_API_RATE=10_000_000, ALLOWED_HOSTS=["*"]):
        asked = questions(ASKED)
        started = time.perf_counter()
        client.get(asked[0])
        report("search", "first answer, the index read", time.perf_counter() - started, "s", reference=None,
               conditions=conditions)  # fmt: skip
        for address in asked[:40]:
            client.get(address)
            bare.get("/bench/bare/")
        spent, plain = [], []
        for address in asked:
            started = time.perf_counter()
            answer = client.get(address)
            spent.append((time.perf_counter() - started) * 1000)
            assert answer.status_code == 200, answer.content
            started = time.perf_counter()
            bare.get("/bench/bare/")
            plain.append((time.perf_counter() - started) * 1000)
    for share, label in ((0.5, "p50"), (0.95, "p95")):
        reference = {
            "figure": f"a bare page with one SELECT, {label}",
            "value": percentile(plain, share),
            "unit": "ms",
        }
        report("search", f"one theme and five filters, {label}", percentile(spent, share), "ms", reference=reference,
               conditions=conditions)  # fmt: skip


def measure_clients(bench: Bench, home: Any, times: int) -> None:
    """Searches a second with eight clients, from the server as it is run."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "bagage", "serve", "--port", str(port)],
        env={**bench.environment(home), "BAGAGE_PUBLIC_API_RATE": "1000000"},
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    asked = questions(ASKED)
    counts = [0] * CLIENTS
    failures: list[int] = []
    try:
        for _attempt in range(600):
            try:
                caller = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
                caller.request("GET", asked[0])
                if caller.getresponse().status == 200:
                    break
            except OSError:
                time.sleep(0.2)
        _until_all_have_read(port, asked)
        until = time.perf_counter() + SECONDS + 3
        begins = time.perf_counter() + 3

        def client(number: int) -> None:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
            at = number * 37
            while (now := time.perf_counter()) < until:
                connection.request("GET", asked[at % len(asked)])
                answer = connection.getresponse()
                answer.read()
                if answer.status != 200:
                    failures.append(answer.status)
                if now >= begins:
                    counts[number] += 1
                at += 1

        threads = [threading.Thread(target=client, args=(number,)) for number in range(CLIENTS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    conditions = f"{PLACES * times} structures, {CLIENTS} clients on the same machine, {machine()}"
    if failures:
        note(f"search: {len(failures)} answers were refused ({failures[0]})")
    report("search", "searches a second", sum(counts) / SECONDS, "/s", reference=None, conditions=conditions)


def _until_all_have_read(port: int, asked: list[str]) -> None:
    """Each process of the server reads the panorama once: until no answer waits for that."""
    quick, ends = 0, time.monotonic() + 120
    while quick < 100 and time.monotonic() < ends:
        started = time.perf_counter()
        caller = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        caller.request("GET", asked[quick % len(asked)])
        caller.getresponse().read()
        caller.close()
        quick = quick + 1 if time.perf_counter() - started < 0.1 else 0


if __name__ == "__main__":
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bagage.config.settings")
    django.setup()
    {"fill": fill, "measure": measure}[sys.argv[1]](int(sys.argv[2]))
