"""The engine of fair connection: how long an answer takes, how it grows, what it proves in time, what memory it needs.

Each part runs in a process of its own, with the default installation. The reference is a plain loop of Python taken
beside each measure; for the integer programme, the same instances solved by HiGHS. Catalogues, persons and instances
come from tests/connection/reference/generator.py, the same for every run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from benchmarks.harness import DEMO, ROOT, Bench, Size, machine, milliseconds, note, percentile, report

DEMONSTRATION = ROOT / "src" / "bagage" / "connection" / "data" / "demo_catalogue.json"
# What an installation gives one question, and of it the lines that cannot be the best; nothing here waits longer.
BUDGET = 2.0
REST = 0.4
PERSONS = 60
CATALOGUES = 9
LINES = 400
ROUNDS = 5
LIMITS_MS = {"demonstration": 50, "generated": 600}


def run(bench: Bench, sizes: list[Size]) -> None:
    if DEMO not in sizes:
        return
    home = bench.folder / "connection"
    for part in PARTS:
        bench.module(home, "benchmarks.bench_connection", part)


def conditions(more: str) -> str:
    return f"{more}, {machine().partition(', ')[2]}"


def plain_loop() -> None:
    """The reference: 100,000 additions into a dictionary of integers."""
    held = dict.fromkeys(range(64), 0)
    for number in range(100_000):
        held[number & 63] += number


def beside(measures: Iterable[Callable[[], object]]) -> tuple[list[float], float]:
    """Milliseconds of the processor of each call, and the median of the reference taken between them."""
    spent, plain = [], []
    for number, measure in enumerate(measures):
        if number % 5 == 0:
            plain.append(milliseconds(plain_loop)[1])
        spent.append(milliseconds(measure)[1])
    return spent, percentile(plain, 0.5)


def say(figure: str, value: float, unit: str, plain: float | None, more: str) -> None:
    reference = (
        {"figure": "100,000 additions into a dictionary", "value": plain, "unit": "ms"} if plain else None
    )
    report("connection", figure, value, unit, reference=reference, conditions=conditions(more))


def over(figure: str, value: float, limit: float) -> None:
    if value > limit:
        note(f"over {limit:g} ms: {figure}, {value:.0f} ms")


# ---------- the parts ----------
def answers() -> None:
    """Full answers: the demonstration with five obstacles, a generated catalogue with none."""
    from bagage.common.deadline import either, out_of_time_after
    from bagage.connection.domain.advise import advise
    from bagage.connection.domain.programme import read_person, read_programme
    from tests.connection.reference import generator

    demonstration = read_programme(json.loads(DEMONSTRATION.read_text()))
    persons = [read_person(generator.person(seed, everything=False)) for seed in range(PERSONS)]
    proven: list[bool] = []
    decided: list[bool] = []
    lines: list[tuple[int, int]] = []

    def answer(programme: Any, person: Any) -> None:
        whole = out_of_time_after(BUDGET)
        found = advise(
            programme,
            person,
            out_of_time=whole,
            start_the_rest=lambda: either(whole, out_of_time_after(REST)),
        )
        told = sum(each.proven for each in found.ranking)
        lines.append((told, len(found.ranking) + len(found.undecided)))
        proven.append(told == lines[-1][1])
        best = found.best is None or found.best.proven
        decided.append(best and found.is_fewest_proven and found.is_130_proven and found.premium.proven)

    for person in persons[:5]:
        answer(demonstration, person)
    proven.clear()
    spent, plain = beside((lambda each=each: answer(demonstration, each)) for each in persons)
    more = f"12 lines, 47 offers, 90 days, {PERSONS} persons without five of the obstacles (32 subsets)"
    for label, share in (("p50", 0.5), ("p95", 0.95), ("longest", 1)):
        say(
            f"full answer on the demonstration catalogue, {label}",
            percentile(spent, share),
            "ms",
            plain,
            more,
        )
    say(
        "full answers on the demonstration catalogue, proven",
        100 * sum(proven) / len(proven),
        "%",
        None,
        more,
    )
    over("the demonstration catalogue", percentile(spent, 0.5), LIMITS_MS["demonstration"])

    generated = [
        (read_programme(generator.catalogue(seed)), read_person(generator.person(seed)))
        for seed in range(CATALOGUES)
    ]
    proven.clear()
    decided.clear()
    lines.clear()
    spent, plain = beside((lambda pair=pair: answer(*pair)) for pair in generated)
    more = f"{CATALOGUES} catalogues of 100 lines with 4 offers, 90 days, all conditions met"
    for label, share in (("p50", 0.5), ("longest", 1)):
        say(f"full answer on a generated catalogue, {label}", percentile(spent, share), "ms", plain, more)
    for what, shown in (
        ("the best, its ties, fewest purchases, + 30 % and the premium", decided),
        ("every line", proven),
    ):
        say(
            f"answers on a generated catalogue, proven: {what}",
            100 * sum(shown) / len(shown),
            "%",
            None,
            more,
        )
    share = 100 * sum(told for told, _ in lines) / sum(all_of_them for _, all_of_them in lines)
    say("lines of a generated catalogue proven in their answer", share, "%", None, more)
    over("a generated catalogue", percentile(spent, 0.5), LIMITS_MS["generated"])


def one_line_programmes(count: int, offers: int) -> list[Any]:
    """Programmes of one generated line each."""
    from bagage.connection.domain.programme import Programme, read_programme
    from tests.connection.reference import generator

    lines = read_programme(generator.catalogue(1000 + offers, lines=count, offers=offers)).lines
    return [Programme((line,)) for line in lines]


def growth() -> None:
    """Lines asked alone: how the time grows with offers and days, and how many are proven within 100 ms."""
    from bagage.common.deadline import out_of_time_after
    from bagage.connection.domain.advise import advise
    from bagage.connection.domain.programme import read_person
    from tests.connection.reference import generator

    def each_line(
        count: int, offers: int, horizon: int, budget: float
    ) -> tuple[list[float], float, float, float]:
        told, totals = [], []

        def ask(number: int, programme: Any) -> None:
            person = read_person(generator.person(number, horizon=horizon))
            found = advise(programme, person, out_of_time=out_of_time_after(budget))
            told.append(all(one.proven for one in found.ranking) and not found.undecided)
            totals.append(all(one.at_least == one.total for one in found.ranking) and not found.undecided)

        spent, plain = beside(
            (lambda number=number, programme=programme: ask(number, programme))
            for number, programme in enumerate(one_line_programmes(count, offers))
        )
        return spent, plain, 100 * sum(told) / len(told), 100 * sum(totals) / len(totals)

    for offers in (2, 4, 6, 8):
        spent, plain, _, _ = each_line(LINES // 4, offers, 90, BUDGET)
        more = f"{LINES // 4} generated lines with {offers} offers, 90 days, full answer for the line alone"
        say(f"one line with {offers} offers, p50", percentile(spent, 0.5), "ms", plain, more)
        say(f"one line with {offers} offers, p95", percentile(spent, 0.95), "ms", plain, more)
    for horizon in (30, 90, 180, 360):
        spent, plain, proven, total = each_line(LINES, 4, horizon, 0.1)
        more = f"{LINES} generated lines with 4 offers, {horizon} days, all conditions met"
        say(f"one line over {horizon} days, p50", percentile(spent, 0.5), "ms", plain, more)
        say(f"one line over {horizon} days, p95", percentile(spent, 0.95), "ms", plain, more)
        say(f"lines proven within 100 ms over {horizon} days, ties too", proven, "%", None, more)
        say(f"lines whose total is proven within 100 ms over {horizon} days", total, "%", None, more)


def programme() -> None:
    """The engine and the integer programme on the same lines."""
    from bagage.common.deadline import out_of_time_after
    from bagage.connection.domain.advise import advise
    from bagage.connection.domain.programme import read_person, read_programme
    from tests.connection.reference import generator

    try:
        from tests.connection.reference import milp
    except ImportError as error:
        note(f"connection: no integer programme to compare with ({error})")
        return
    for horizon, count in ((30, 30), (60, 12)):
        engine, solver = [], []
        for seed in range(count):
            instance = generator.month(seed, horizon)
            line, told = instance["line"], instance["person"]
            line = {**line, "offers": [{**offer, "requires": []} for offer in line["offers"]]}
            ask = partial(
                advise,
                read_programme({"lines": [line]}),
                read_person(told),
                out_of_time=out_of_time_after(BUDGET),
            )
            engine.append(milliseconds(ask)[1])
            with quiet():
                solver.append(milliseconds(partial(milp.solve, line, told, seconds=10.0))[0])
        reference = {
            "figure": f"the engine's full answer for the line, {horizon} days, p50",
            "value": percentile(engine, 0.5),
            "unit": "ms",
        }
        report(
            "connection",
            f"the integer programme (HiGHS) on one line made to be hard, {horizon} days, p50",
            percentile(solver, 0.5),
            "ms",
            reference=reference,
            conditions=conditions(f"{count} instances, the solver for its total alone, at most 10 s each"),
        )


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing on the standard output, whatever a library writes there: ours holds one JSON object a line."""
    sys.stdout.flush()
    kept, nowhere = os.dup(1), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    try:
        yield
    finally:
        os.dup2(kept, 1)
        os.close(kept)
        os.close(nowhere)


def memory() -> None:
    """The most memory of a process that answers once on a generated catalogue, beside one that only starts."""
    bare = peak("pass")
    whole = peak(
        "from tests.connection.reference import generator\n"
        "from bagage.common.deadline import out_of_time_after\n"
        "from bagage.connection.domain.advise import advise\n"
        "from bagage.connection.domain.programme import read_person, read_programme\n"
        "for seed in range(3):\n"
        "    advise(read_programme(generator.catalogue(seed)), read_person(generator.person(seed)),"
        f" out_of_time=out_of_time_after({BUDGET}))\n"
    )
    reference = {"figure": "Python alone", "value": bare, "unit": "MB"}
    report(
        "connection",
        "most memory, Python included",
        whole,
        "MB",
        reference=reference,
        conditions=conditions("3 catalogues of 100 lines with 4 offers, 90 days"),
    )


def peak(code: str) -> float:
    """The largest resident size of a fresh process that runs this, in MB."""
    ask = "\nimport resource\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"
    done = subprocess.run([sys.executable, "-c", code + ask], check=True, capture_output=True, cwd=ROOT)
    # Linux counts in kilobytes, macOS in bytes.
    return float(done.stdout) / (1024 if sys.platform != "darwin" else 1024**2)


def command() -> None:
    """Seconds of ``bagage advise_connection`` from its start to its end, for one person of the demonstration."""
    from tests.connection.reference import generator

    person = json.dumps(generator.person(1, everything=False)).encode()
    asked = [sys.executable, "-m", "bagage", "advise_connection", str(DEMONSTRATION), "-", "--json"]
    spent, plain = [], []
    for _ in range(ROUNDS):
        for values, arguments in ((spent, asked), (plain, [sys.executable, "-c", "import django.conf"])):
            started = time.perf_counter()
            subprocess.run(arguments, input=person, check=True, stdout=subprocess.DEVNULL)
            values.append(time.perf_counter() - started)
    reference = {
        "figure": "Python with Django's settings imported",
        "value": percentile(plain, 0.5),
        "unit": "s",
    }
    report(
        "connection",
        "bagage advise_connection, start to end, p50",
        percentile(spent, 0.5),
        "s",
        reference=reference,
        conditions=conditions("demonstration catalogue, one person without five of the obstacles"),
    )


PARTS: dict[str, Callable[[], None]] = {
    "answers": answers,
    "growth": growth,
    "programme": programme,
    "memory": memory,
    "command": command,
}

if __name__ == "__main__":
    PARTS[sys.argv[1]]()
