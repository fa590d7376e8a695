"""The search for files of one person among all files, beside Splink, which learns from the files by itself: would it
find more, at how many wrong pairs? On the FEBRL sets and on invented files of which a known part is entered twice.

Splink is no part of Bagage: it is put into an environment of its own. Where its weight has to be cut is chosen on other
files than those that are reported: another seed, or the other FEBRL sets. ``BAGAGE_BENCH_FILES`` measures on fewer.
"""

from __future__ import annotations

import csv
import json
import os
import resource
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import bench_febrl
from benchmarks.harness import Bench, Size, machine, note, python_with, report

LIBRARY = ("splink==5.0.0", "duckdb==2.0.1")
FILES = int(os.environ.get("BAGAGE_BENCH_FILES", "20000"))
# So many of all files are the second one of a person.
SECONDS = 0.1
# The cut is chosen on the first and reported on the second; no other bench draws from these seeds.
CHOOSING, REPORTED = ("invented, to choose", 21), ("invented", 22)
INVENTED = dict((CHOOSING, REPORTED))
# Set apart: Splink is told the names as they are written, without what Bagage hears in them.
RAW = ", as written"
# A list that someone goes through bears so many more wrong pairs, of a thousand files.
BORNE = 1.0

Pair = frozenset[int]


def run(bench: Bench, sizes: list[Size]) -> None:
    folder = bench.folder / "splink"
    folder.mkdir(exist_ok=True)
    python = python_with(folder, LIBRARY)
    if python is None:
        return
    febrl = bench_febrl.prepared(bench)
    sets = [*(bench_febrl.SETS if febrl else ()), *INVENTED]
    bench.module(folder, "benchmarks.bench_splink", "write", str(folder), str(febrl or ""))
    for name in sets:
        # Each in a process of its own, one after the other: for the memory that it takes.
        for kind in ("", RAW) if name in INVENTED else ("",):
            done = subprocess.run(
                [
                    python,
                    Path(__file__).with_name("splink_pairs.py"),
                    folder / f"{name}{kind}.jsonl",
                    folder / f"{name}{kind}-splink.csv",
                    "bagage" if name in INVENTED else "febrl",
                ],
                capture_output=True,
                text=True,
            )
            if done.returncode:
                note(f"splink: left out, it did not run on {name}{kind}: {done.stderr.strip()[-400:]}")
                return
            (folder / f"{name}{kind}-splink.json").write_text(done.stdout)
        bench.module(folder, "benchmarks.bench_splink", "list", str(folder), name)
        if name in INVENTED:
            home = bench.folder / f"splink-{INVENTED[name]}-{FILES}-{time.strftime('%Y%m%d')}"
            if not (home / "filled").exists():
                note(f"filling {home} …")
                bench.bagage(home, "migrate")
                bench.module(home, "benchmarks.bench_splink", "fill", str(folder), name)
                (home / "filled").write_text("")
            bench.module(home, "benchmarks.bench_splink", "search", str(folder), name)
    bench.module(folder, "benchmarks.bench_splink", "compare", str(folder), *sets)


# ---------- the files, as both take them ----------
@dataclass(frozen=True)
class Row:
    """A file: given and family name apart, what the comparison of Bagage takes, and what else Splink is told."""

    given: str
    family: str
    known: Any
    more: dict[str, str]


def invented_rows(name: str) -> tuple[list[Row], list[tuple[int, int, str]]]:
    """The invented files of one seed, and the true pairs as places in the list, each with its kind of error."""
    from benchmarks.bench_look_up import known_of_entry
    from benchmarks.invented_persons import base_with_seconds

    entries = base_with_seconds(INVENTED[name], FILES, SECONDS)
    rows = [
        Row(each.given, each.family, known_of_entry(each), {"phone": each.phone, "commune": each.commune})
        for each in entries
    ]
    first = {each.of: at for at, each in enumerate(entries) if each.kind == "new"}
    true = [(first[each.of], at, each.kind) for at, each in enumerate(entries) if each.kind != "new"]
    return rows, true


def febrl_rows(folder: Path, name: str) -> tuple[list[Row], list[tuple[int, int, str]], list[str]]:
    """The records of one FEBRL set, its true pairs, and the file that each record stands in."""
    records = bench_febrl.records_of(folder, name)
    places = {row["rec_id"]: at for at, (_, row) in enumerate(records)}
    rows = [
        Row(
            row["given_name"],
            row["surname"],
            bench_febrl.known_of(row),
            {"suburb": row["suburb"], "street": row["address_1"]},
        )
        for _, row in records
    ]
    true = [
        (*sorted(places[each] for each in pair), "")
        for pair in map(tuple, bench_febrl.true_pairs(folder, name))
    ]
    return rows, true, [file for file, _ in records]


def readings(part: str, text: str) -> dict[str, Any]:
    """One name for Splink: in all readings that Bagage makes of it."""
    from bagage.people.domain.names import joined_words, name_words, other_forms, rough, script_of

    words = name_words(text)
    folded = "".join(word.folded for word in words)
    forms = {
        min((word.folded, *forms))
        for word in (*words, *(one for _, _, one in joined_words(words)))
        if (forms := other_forms(word.folded))
    }
    return {
        f"{part}_folded": folded or None,
        f"{part}_sound": "".join(word.sound for word in words) or None,
        f"{part}_skeleton": "".join(word.skeleton for word in words),
        f"{part}_rough": rough(folded),
        f"{part}_script": script_of(text),
        f"{part}_words": sorted({word.folded for word in words}),
        f"{part}_forms": sorted(forms),
    }


def as_written(part: str, text: str) -> dict[str, Any]:
    """The same columns, of a name in small letters: no reading says more than what is written."""
    small = text.strip().lower()
    readings = {
        f"{part}_{reading}": small or None for reading in ("folded", "sound", "skeleton", "rough", "script")
    }
    return {**readings, f"{part}_words": sorted(set(small.split())), f"{part}_forms": [small]}


def write(folder: Path, febrl: Path | None) -> None:
    """The files of each set as Splink reads them, one a line; beside them the true pairs."""
    from bagage.people.domain.blocking import blocks_of
    from bagage.people.domain.names import fold
    from bagage.people.queries.duplicates import CROWD

    for name in (*(bench_febrl.SETS if febrl else ()), *INVENTED):
        if name in INVENTED:
            rows, true = invented_rows(name)
            sources = [""] * len(rows)
        else:
            rows, true, sources = febrl_rows(febrl, name)
        blocks = [set(blocks_of(row.known)) for row in rows]
        crowds = Counter(block for each in blocks for block in each)
        for kind, told in (("", readings), (RAW, as_written)) if name in INVENTED else (("", readings),):
            with (folder / f"{name}{kind}.jsonl").open("w") as lines:
                for at, (row, mine) in enumerate(zip(rows, blocks, strict=True)):
                    born = row.known.birth_date
                    line = {
                        "unique_id": at,
                        **told("given", row.given),
                        **told("family", row.family),
                        "birth": born.isoformat() if born else None,
                        "birth_year": row.known.birth_year,
                        "about": row.known.is_birth_year_about,
                        **{
                            field: (text if field == "phone" else fold(text)) or None
                            for field, text in row.more.items()
                        },
                        # What Bagage itself compares, or only those of one day of birth.
                        "blocks": sorted(
                            block
                            for block in mine
                            if crowds[block] <= CROWD and (not kind or block[0] == "d")
                        ),
                    }
                    lines.write(json.dumps(line) + "\n")
        (folder / f"{name}-true.json").write_text(json.dumps({"true": true, "sources": sources}))


# ---------- ours ----------
def megabytes() -> float:
    """The most memory that this process took."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def search_a_list(folder: Path, name: str, febrl: Path) -> None:
    """The rule for a list that someone goes through, in memory: ``duplicates_among``."""
    from bagage.people.queries.duplicates import duplicates_among

    rows = [row.known for row in (invented_rows(name) if name in INVENTED else febrl_rows(febrl, name))[0]]
    started = time.perf_counter()
    found = duplicates_among(rows, limit=10)
    spent = time.perf_counter() - started
    pairs = [(other, at) for at, likely in enumerate(found) for other, _ in likely]
    (folder / f"{name}-list.json").write_text(
        json.dumps({"pairs": pairs, "seconds": spent, "megabytes": megabytes()})
    )


def fill(name: str) -> None:
    """A base of these files; the code of a file is its place in the list."""
    from benchmarks.bench_look_up import fill_base
    from benchmarks.invented_persons import base_with_seconds

    entries = base_with_seconds(INVENTED[name], FILES, SECONDS)
    fill_base([(f"{at:08d}", each) for at, each in enumerate(entries)])


def search_all_files(folder: Path, name: str) -> None:
    """The batch search as the installation runs it, from the first file to the last: ``search_alike``."""
    from bagage.people.models import AlikePair, AlikeSearch
    from bagage.people.services.alike import search_alike

    AlikePair.objects.all().delete()
    AlikeSearch.objects.all().delete()
    started = time.perf_counter()
    while not search_alike().is_whole:
        pass
    spent = time.perf_counter() - started
    pairs = [
        (int(one), int(other)) for one, other in AlikePair.objects.values_list("one__code", "other__code")
    ]
    (folder / f"{name}-search.json").write_text(
        json.dumps({"pairs": pairs, "seconds": spent, "megabytes": megabytes()})
    )


# ---------- the comparison ----------
@dataclass(frozen=True)
class Found:
    """One set: how many files, its true pairs by kind of error, the pairs of each of ours, and those of Splink with
    their weights, heaviest first; ``spent`` has seconds and megabytes of each.
    """

    files: int
    true: dict[Pair, str]
    ours: dict[str, set[Pair]]
    weighed: list[tuple[float, Pair]]
    spent: dict[str, dict[str, float]]

    def splink(self, cut: float) -> set[Pair]:
        return {pair for weight, pair in self.weighed if weight >= cut}

    def figures(self, guessed: set[Pair]) -> dict[str, float]:
        """Precision, recall and F1 (0 to 1), and wrong pairs in a thousand files."""
        right = len(guessed & self.true.keys())
        return {
            "precision": right / max(1, len(guessed)),
            "recall": right / len(self.true),
            "F1": 2 * right / (len(guessed) + len(self.true)),
            "wrong pairs in 1,000 files": 1000 * (len(guessed) - right) / self.files,
        }


SEARCH, LIST = "all files searched", "the rule for lists"
TOLD_LESS = "Splink, names as written"


def found_in(folder: Path, name: str, kind: str = "") -> Found:
    known = json.loads((folder / f"{name}-true.json").read_text())
    sources = known["sources"]
    two_files = len(set(sources)) == 2

    def is_asked(one: int, other: int) -> bool:
        return not two_files or sources[one] != sources[other]

    ours, spent = {}, {"Splink": json.loads((folder / f"{name}{kind}-splink.json").read_text())}
    for label, which in ((SEARCH, "search"), (LIST, "list")):
        if (path := folder / f"{name}-{which}.json").exists():
            said = json.loads(path.read_text())
            ours[label] = {frozenset(pair) for pair in said.pop("pairs") if is_asked(*pair)}
            spent[label] = said
    with (folder / f"{name}{kind}-splink.csv").open(newline="") as lines:
        rows = [
            (float(row["weight"]), int(row["unique_id_l"]), int(row["unique_id_r"]))
            for row in csv.DictReader(lines)
        ]
    weighed = [(weight, frozenset((one, other))) for weight, one, other in rows if is_asked(one, other)]
    weighed.sort(key=lambda item: -item[0])
    true = {frozenset((one, other)): kind for one, other, kind in known["true"]}
    return Found(len(sources), true, ours, weighed, spent)


def best_cut(sets: Iterable[Found], beside: str = "") -> float:
    """The weight from which on Splink's pairs, with those of ours ``beside``, have the best F1 on average."""
    told = []
    for each in sets:
        before = each.ours.get(beside, set())
        added = [(weight, pair in each.true) for weight, pair in each.weighed if pair not in before]
        told.append((len(before), len(before & each.true.keys()), len(each.true), added))

    def mean(cut: float) -> float:
        total = 0.0
        for guessed, right, true, added in told:
            over = [is_right for weight, is_right in added if weight >= cut]
            total += 2 * (right + sum(over)) / (guessed + len(over) + true)
        return total

    return max((number / 4 for number in range(-24, 161)), key=mean)


def cut_that_adds(found: Found, wrong: float, beside: str = "") -> float:
    """The lowest weight at which Splink adds to ours ``beside`` no more than so many wrong pairs in 1,000 files."""
    borne, cut = wrong * found.files / 1000, found.weighed[0][0]
    for weight, pair in found.weighed:
        borne -= pair not in found.true and pair not in found.ours.get(beside, set())
        if borne < 0:
            break
        cut = weight
    return cut


def compare(folder: Path, sets: list[str]) -> None:
    packages = folder / "venv" / "lib"
    apart = ("pip", "setuptools", "pkg_resources", "_distutils_hack", "__pycache__")
    size = sum(
        path.stat().st_size
        for site in packages.glob("*/site-packages")
        for each in site.iterdir()
        if not each.name.startswith(apart)
        for path in ([each] if each.is_file() else each.rglob("*"))
        if path.is_file()
    )
    report("splink", "the extra on the disk", size / 1e6, "MB", reference=None, conditions=", ".join(LIBRARY))
    found = {name: found_in(folder, name) for name in sets}
    for name, each in found.items():
        if name not in INVENTED:
            others = [found[other] for other in sets if other not in INVENTED and other != name]
            cut, cut_beside = best_cut(others), best_cut(others, LIST)
            guessed = {
                LIST: each.ours[LIST],
                "Splink": each.splink(cut),
                f"{LIST} and Splink": each.ours[LIST] | each.splink(cut_beside),
            }
            _report(name, each, guessed, LIST, {"Splink": cut, f"{LIST} and Splink": cut_beside})
    chosen, reported = found[CHOOSING[0]], found[REPORTED[0]]
    as_few = cut_that_adds(chosen, chosen.figures(chosen.ours[SEARCH])["wrong pairs in 1,000 files"])
    as_list = cut_that_adds(chosen, chosen.figures(chosen.ours[LIST])["wrong pairs in 1,000 files"])
    raw_chosen, raw = (found_in(folder, name, RAW) for name, _ in (CHOOSING, REPORTED))
    cuts = {
        "Splink": best_cut([chosen]),
        "Splink, as few wrong as all files searched": as_few,
        "Splink, as few wrong as the rule for lists": as_list,
    }
    beside = {
        f"{SEARCH} and Splink": (SEARCH, best_cut([chosen], SEARCH)),
        f"{SEARCH} and Splink, {BORNE:g} wrong more": (SEARCH, cut_that_adds(chosen, BORNE, SEARCH)),
        f"{LIST} and Splink": (LIST, best_cut([chosen], LIST)),
        f"{LIST} and Splink, {BORNE:g} wrong more": (LIST, cut_that_adds(chosen, BORNE, LIST)),
    }
    guessed = {
        **reported.ours,
        **{label: reported.splink(cut) for label, cut in cuts.items()},
        TOLD_LESS: raw.splink(best_cut([raw_chosen])),
        **{label: reported.ours[with_] | reported.splink(cut) for label, (with_, cut) in beside.items()},
    }
    _report(REPORTED[0], reported, guessed, SEARCH, cuts | {label: cut for label, (_, cut) in beside.items()})


def _report(
    name: str, found: Found, guessed: dict[str, set[Pair]], reference: str, cuts: dict[str, float]
) -> None:
    conditions = f"{name}, {found.files} files, {len(found.true)} pairs, {machine()}"
    figures = {label: found.figures(pairs) for label, pairs in guessed.items()}
    for label, each in figures.items():
        at = f", cut at weight {cuts[label]:.2f}" if label in cuts else ""
        for figure, value in each.items():
            told = (
                {"figure": reference, "value": figures[reference][figure], "unit": figure}
                if label != reference
                else None
            )
            report(
                "splink",
                f"{figure}, {name}, {label}",
                value,
                figure,
                reference=told,
                conditions=conditions + at,
            )
    for label, spent in found.spent.items():
        for figure, unit in (("seconds", "s"), ("megabytes", "MB")):
            report(
                "splink",
                f"{figure}, {name}, {label}",
                spent[figure],
                unit,
                reference=None,
                conditions=conditions,
            )
    counts = Counter(found.true.values())
    for kind in sorted(counts) if len(counts) > 1 else ():
        of_kind = {pair for pair, its in found.true.items() if its == kind}
        for label in (SEARCH, LIST, "Splink", TOLD_LESS, f"{SEARCH} and Splink"):
            pairs = guessed[label]
            value = 100 * len(pairs & of_kind) / len(of_kind)
            told = {
                "figure": reference,
                "value": 100 * len(guessed[reference] & of_kind) / len(of_kind),
                "unit": "%",
            }
            report(
                "splink",
                f"pairs found, {kind}, {label}",
                value,
                "%",
                reference=told if label != reference else None,
                conditions=f"{len(of_kind)} pairs of this kind, {conditions}",
            )


if __name__ == "__main__":
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "bagage.config.settings"
    django.setup()
    act, where, *rest = sys.argv[1:]
    here = Path(where)
    if act == "write":
        write(here, Path(rest[0]) if rest[0] else None)
    elif act == "list":
        search_a_list(here, rest[0], here.parent / "febrl")
    elif act == "fill":
        fill(rest[0])
    elif act == "search":
        search_all_files(here, rest[0])
    else:
        compare(here, rest)
