"""The grade of each place for each line, by the rule of RULE.md, from what the files say; the search plays no part."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from opening_hours import OpeningHours

from bagage.directory.domain.communes import commune, distance_km, folded
from bagage.directory.models import Structure

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
# A usual week: Monday 23 November 2026.
MONDAY = datetime(2026, 11, 23)
KIND_WORDS = {
    "library": ("mediatheque", "bibliotheque"),
    "france_services": ("france services", "france service"),
    "digital_space": ("espace public numerique", "epn", "cyber base", "cyberbase", "espace numerique"),
    "town_service": ("mairie", "ccas", "hotel de ville"),
    "social_centre": ("centre social", "centre socioculturel"),
    "youth": ("mjc", "maison des jeunes"),
    "third_place": ("tiers lieu", "fablab", "fab lab"),
}
ARRONDISSEMENTS = {"75056": "751", "69123": "6938", "13055": "132"}


@dataclass(frozen=True)
class Said:
    """One row of the files, with the little that is judged."""

    key: tuple[str, str]
    name: str
    kind: str
    labels: frozenset[str]
    code: str
    point: tuple[float, float] | None
    hours: Any
    services: tuple[tuple[str, str, frozenset[str], frozenset[str], frozenset[str]], ...]


def read_all() -> list[Said]:
    """All current rows of the panorama."""
    return [
        Said(
            (each.source, each.source_id),
            f" {folded(each.name)} ",
            each.kind,
            frozenset(each.labels),
            each.commune_code,
            (each.latitude, each.longitude)
            if each.latitude is not None and each.longitude is not None
            else None,
            _readable(each.hours),
            tuple(
                (
                    service.need,
                    service.cost,
                    frozenset(service.publics),
                    frozenset(service.care),
                    frozenset(service.modes),
                )
                for service in each.services.all()
            ),
        )
        for each in Structure.objects.current().prefetch_related("services").order_by("pk")
    ]


def _readable(hours: str) -> OpeningHours | None:
    try:
        return OpeningHours(hours, country="FR") if hours else None
    except Exception:
        return None


def grades(meant: dict[str, Any], rows: Iterable[Said]) -> dict[tuple[str, str], int]:
    """The grade of each row that has one above 0, by source and identifier."""
    found: dict[tuple[str, str], tuple[int, float]] = {}
    for row in rows:
        far = _far(row, meant["near"])
        if far is None or far > 50 or not (grade := _grade(row, meant)):
            continue
        found[row.key] = (grade, far)
    close = sum(grade - (far > 5) >= 2 for grade, far in found.values() if far <= 20)
    reach = 50 if close < 3 else 20
    graded = {key: grade - (far > 5) for key, (grade, far) in found.items() if far <= reach}
    return {key: grade for key, grade in graded.items() if grade > 0}


def _far(row: Said, near: Sequence[str]) -> float | None:
    """Kilometres from what is meant; 0 in it."""
    for code in near:
        if len(code) < 4:
            return 0.0 if row.code.startswith(code) else None
        if row.code == code or (code in ARRONDISSEMENTS and row.code.startswith(ARRONDISSEMENTS[code])):
            return 0.0
    if row.point is None:
        return None
    middles = [there for code in near if (there := commune(code)) and there.latitude is not None]
    return min((distance_km(*row.point, there.latitude, there.longitude) for there in middles), default=None)


def _grade(row: Said, meant: dict[str, Any]) -> int:
    needs = meant.get("needs", [])
    given = {need for need, *_ in row.services if need != "unknown"}
    hit = [bool(given.intersection(group)) for group in needs]
    grade = 3 if all(hit) else 2 if any(hit) else 0 if given else 1
    if not grade:
        return 0
    if not _is_what_is_meant(row, meant):
        grade = 1 if needs and all(hit) else 0
    states = [
        state for name in ("cost", "when", "publics", "care", "modes") if (state := _state(row, meant, name))
    ]
    if not grade or "no" in states:
        return 0
    return max(1, grade - 1) if "unknown" in states else grade


def _is_what_is_meant(row: Said, meant: dict[str, Any]) -> bool:
    if "name" in meant:
        return all(f" {word}" in row.name for word in folded(meant["name"]).split())
    if "labels" in meant:
        return bool(row.labels.intersection(meant["labels"])) or any(
            f" {folded(label).removesuffix('s')}" in row.name for label in meant["labels"]
        )
    return "kinds" not in meant or any(
        row.kind == kind or any(f" {word}" in row.name for word in KIND_WORDS[kind])
        for kind in meant["kinds"]
    )


def _state(row: Said, meant: dict[str, Any], name: str) -> str:
    """``""`` when it is not meant, else ``"yes"``, ``"no"`` or ``"unknown"``."""
    if name not in meant:
        return ""
    asked = {need for group in meant.get("needs", []) for need in group}
    answering = [each for each in row.services if each[0] in asked] or list(row.services)
    if name == "when":
        if row.hours is None:
            return "unknown"
        begins, ends = _span(meant["when"])
        is_open = row.hours.is_open(begins) or (
            begins < ends and (row.hours.next_change(begins) or ends) < ends
        )
        return "yes" if is_open else "no"
    if name == "cost":
        said = {cost for _, cost, *_ in answering if cost != "unknown"}
        return "unknown" if not said else "yes" if "free" in said else "no"
    at = {"publics": 2, "care": 3, "modes": 4}[name]
    words = {word for each in answering for word in each[at]}
    if words.intersection(meant[name]):
        return "yes"
    return "no" if name == "modes" and words == {"alone"} else "unknown"


def _span(text: str) -> tuple[datetime, datetime]:
    day, hours = text.split(" ")
    begins, _dash, ends = hours.partition("-")
    start = MONDAY + timedelta(days=DAYS.index(day))
    at = [start.replace(hour=int(each[:2]), minute=int(each[3:])) for each in (begins, ends or begins)]
    return at[0], at[1]


def ndcg(
    shown: Sequence[Sequence[tuple[str, str]]], grade_of: dict[tuple[str, str], int], at: int = 10
) -> float:
    """How much of the best order that the panorama allows; each place of the answer given by the keys of its rows."""
    got = [max((grade_of.get(key, 0) for key in keys), default=0) for keys in shown[:at]]
    together = {key: number for number, keys in enumerate(shown) for key in keys}
    best: dict[object, int] = {}
    for key, grade in grade_of.items():
        place = together.get(key, key)
        best[place] = max(best.get(place, 0), grade)
    ideal = sorted(best.values(), reverse=True)[:at]
    return _gain(got) / _gain(ideal) if ideal else 1.0


def _gain(values: Sequence[int]) -> float:
    return sum((2**grade - 1) / math.log2(place + 2) for place, grade in enumerate(values))


def has_right_answer(
    shown: Sequence[Sequence[tuple[str, str]]], grade_of: dict[tuple[str, str], int], at: int = 3
) -> bool:
    """Whether one of the first is right: of 2 or more, or of the best grade that there is."""
    enough = min(2, max(grade_of.values(), default=2))
    return any(grade_of.get(key, 0) >= enough for keys in shown[:at] for key in keys)
