"""The grade of a device: points for what was measured, by thresholds, with the line that explains each.

Nothing is guessed: as long as one measure is missing, there is no grade, and what is to be measured is named.

Source of the thresholds for computers: the rules that Emmaüs Connect published with its audit tool
(``skills_and_equipment.md`` §6): memory, disk and processor give 0 to 4 points each, then the technical and the outer
state, then modifiers and ceilings; D 0-3, C 4-5, B 6-7, A 8-10, Premium from 11. For telephones and tablets the same
source gives the form only (points of memory, storage and index, weighted by the state): the thresholds here, and the
points of both states, are **example values**, all of them in :data:`COMPUTER` and :data:`HANDHELD`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

SMARTPHONE, LAPTOP, TABLET, DESKTOP = "smartphone", "laptop", "tablet", "desktop"
COMPUTERS = frozenset({LAPTOP, DESKTOP})
SSD, NVME, HDD, FLASH = "ssd", "nvme", "hdd", "flash"

# The measures, by the names that a line of explanation carries.
MEMORY, STORAGE, PROCESSOR, TECHNICAL, LOOK, SYSTEM = (
    "memory",
    "storage",
    "processor",
    "technical",
    "look",
    "system",
)
# What is a sum, a bonus or a ceiling; lines of these names carry a code in ``detail``.
FAST_DISK, CEILING, WEIGHT = "fast_disk", "ceiling", "weight"

WORKS, SMALL_FAULT, LOCKED, TO_REPAIR, DEAD = "works", "small_fault", "locked", "to_repair", "dead"
AS_NEW, CLEAN, WORN, DAMAGED = "as_new", "clean", "worn", "damaged"
WINDOWS_10 = "windows_10"


@dataclass(frozen=True, slots=True)
class ComputerRules:
    """Thresholds give one point each: from the first one on 1 point, from the last one on as many as there are."""

    tolerance: int = 6  # per cent: a memory of 16 GB shows as 15.3
    memory: tuple[int, ...] = (4, 5, 8, 16)  # GB
    ssd: tuple[int, ...] = (64, 128, 200, 500)  # GB
    hdd: tuple[int, ...] = (160, 257)  # GB
    processor: tuple[int, ...] = (2000, 3500, 5000, 7000)  # CPU mark
    slow_processor: int = 2500
    fast_disk_bonus: int = 1
    hdd_slow_ceiling: int = 5
    ssd_slow_ceiling: int = 7
    hdd_ceiling: int = 7
    windows_10_ceiling: int = 7
    # Example values: the source names both notes without their points.
    technical: Mapping[str, int] = field(
        default_factory=lambda: {WORKS: 1, SMALL_FAULT: 0, LOCKED: -1, TO_REPAIR: -2, DEAD: -4}
    )
    look: Mapping[str, int] = field(
        default_factory=lambda: {AS_NEW: 1, CLEAN: 0, WORN: -1, DAMAGED: -2},
    )
    grades: tuple[tuple[int, str], ...] = ((11, "Premium"), (8, "A"), (6, "B"), (4, "C"), (0, "D"))


@dataclass(frozen=True, slots=True)
class HandheldRules:
    """The same for a telephone or a tablet; ``weights`` are per cent taken off for the state. All example values."""

    tolerance: int = 6
    memory: tuple[int, ...] = (2, 3, 4, 6)  # GB
    storage: tuple[int, ...] = (16, 32, 64, 128)  # GB
    index: tuple[int, ...] = (80, 150, 250, 400)  # index of speed, in thousands of AnTuTu points
    weights: Mapping[str, int] = field(
        default_factory=lambda: {WORKS: 0, SMALL_FAULT: -5, LOCKED: -20, TO_REPAIR: -50, DEAD: -100}
    )
    grades: tuple[tuple[int, str], ...] = ((11, "Premium"), (9, "A"), (6, "B"), (3, "C"), (0, "D"))


COMPUTER = ComputerRules()
HANDHELD = HandheldRules()


@dataclass(frozen=True, slots=True)
class Measures:
    """What was measured; ``None`` and ``""`` are what nobody has measured yet.

    ``memory`` and ``storage`` are in GB, memory in tenths too; ``processor`` is the CPU mark of a computer, the index
    of speed of a telephone.
    """

    kind: str
    memory: float | None = None
    storage: int | None = None
    storage_kind: str = ""
    processor: int | None = None
    technical: str = ""
    look: str = ""
    system: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the explanation: what was measured, its value as it was given, the points it gives.

    For a ceiling ``points`` is the most that is left, for a weight the per cent taken off; ``detail`` says why.
    """

    name: str
    value: str = ""
    points: int = 0
    detail: str = ""

    def as_dict(self) -> dict[str, str | int]:
        """For the row that keeps it."""
        return {"name": self.name, "value": self.value, "points": self.points, "detail": self.detail}


@dataclass(frozen=True, slots=True)
class Graded:
    """The grade (``""`` when something is to be measured), its points, its lines, and what is missing."""

    grade: str
    points: int | None
    lines: tuple[Line, ...]
    missing: tuple[str, ...]


def grade_of(
    measures: Measures, *, computer: ComputerRules = COMPUTER, handheld: HandheldRules = HANDHELD
) -> Graded:
    """The grade of what was measured."""
    if measures.kind in COMPUTERS:
        return _grade_computer(measures, computer)
    return _grade_handheld(measures, handheld)


def missing_measures(measures: Measures) -> tuple[str, ...]:
    """What is still to be measured before there is a grade."""
    absent = []
    if measures.memory is None:
        absent.append(MEMORY)
    if measures.storage is None or (measures.kind in COMPUTERS and not measures.storage_kind):
        absent.append(STORAGE)
    if measures.processor is None:
        absent.append(PROCESSOR)
    if not measures.technical:
        absent.append(TECHNICAL)
    if measures.kind in COMPUTERS:
        if not measures.look:
            absent.append(LOOK)
        if not measures.system:
            absent.append(SYSTEM)
    return tuple(absent)


def points_for(value: float, thresholds: tuple[int, ...], tolerance: int = 0) -> int:
    """How many thresholds are reached; a value may stay under one by as many per cent."""
    return sum(value * 100 >= threshold * (100 - tolerance) for threshold in thresholds)


def grade_for(points: int, grades: tuple[tuple[int, str], ...]) -> str:
    """The grade of a sum of points."""
    return next((grade for least, grade in grades if points >= least), grades[-1][1])


def span_of(grade: str, kind: str) -> tuple[int, int | None]:
    """From how many points to how many a grade goes; ``None``: no upper end."""
    grades = COMPUTER.grades if kind in COMPUTERS else HANDHELD.grades
    position = next(number for number, (_least, name) in enumerate(grades) if name == grade)
    return grades[position][0], grades[position - 1][0] - 1 if position else None


def better_memory(measures: Measures) -> tuple[int, str] | None:
    """The next size of memory that would give a better grade, and that grade; ``None`` when none would."""
    now = grade_of(measures)
    if not now.grade or measures.memory is None:
        return None
    rules = COMPUTER if measures.kind in COMPUTERS else HANDHELD
    for size in rules.memory:
        if points_for(measures.memory, (size,), rules.tolerance):
            continue
        then = grade_of(
            Measures(
                kind=measures.kind,
                memory=float(size),
                storage=measures.storage,
                storage_kind=measures.storage_kind,
                processor=measures.processor,
                technical=measures.technical,
                look=measures.look,
                system=measures.system,
            )
        )
        if then.grade != now.grade:
            return size, then.grade
    return None


def _grade_computer(measures: Measures, rules: ComputerRules) -> Graded:
    lines: list[Line] = []
    if measures.memory is not None:
        points = points_for(measures.memory, rules.memory, rules.tolerance)
        lines.append(Line(MEMORY, f"{measures.memory:g}", points))
    if measures.storage is not None and measures.storage_kind:
        is_disk = measures.storage_kind == HDD
        points = points_for(measures.storage, rules.hdd if is_disk else rules.ssd, rules.tolerance)
        lines.append(Line(STORAGE, str(measures.storage), points, measures.storage_kind))
        if measures.storage_kind == NVME:
            lines.append(Line(FAST_DISK, "", rules.fast_disk_bonus))
    if measures.processor is not None:
        lines.append(
            Line(PROCESSOR, str(measures.processor), points_for(measures.processor, rules.processor))
        )
    if measures.technical:
        lines.append(Line(TECHNICAL, measures.technical, rules.technical[measures.technical]))
    if measures.look:
        lines.append(Line(LOOK, measures.look, rules.look[measures.look]))
    missing = missing_measures(measures)
    if missing:
        return Graded("", None, tuple(lines), missing)
    total = sum(line.points for line in lines)
    for ceiling, why in _ceilings(measures, rules):
        if total > ceiling:
            lines.append(Line(CEILING, "", ceiling, why))
            total = ceiling
    total = max(0, total)
    return Graded(grade_for(total, rules.grades), total, tuple(lines), ())


def _ceilings(measures: Measures, rules: ComputerRules) -> list[tuple[int, str]]:
    """The ceilings that hold, with the code of why, the lowest first."""
    is_slow = measures.processor is not None and measures.processor < rules.slow_processor
    found = []
    if measures.storage_kind == HDD:
        found.append((rules.hdd_ceiling, "hdd"))
        if is_slow:
            found.append((rules.hdd_slow_ceiling, "hdd_slow"))
    elif is_slow:
        found.append((rules.ssd_slow_ceiling, "ssd_slow"))
    if measures.system == WINDOWS_10:
        found.append((rules.windows_10_ceiling, WINDOWS_10))
    return sorted(found)


def _grade_handheld(measures: Measures, rules: HandheldRules) -> Graded:
    lines: list[Line] = []
    if measures.memory is not None:
        points = points_for(measures.memory, rules.memory, rules.tolerance)
        lines.append(Line(MEMORY, f"{measures.memory:g}", points))
    if measures.storage is not None:
        points = points_for(measures.storage, rules.storage, rules.tolerance)
        lines.append(Line(STORAGE, str(measures.storage), points, measures.storage_kind))
    if measures.processor is not None:
        lines.append(Line(PROCESSOR, str(measures.processor), points_for(measures.processor, rules.index)))
    missing = missing_measures(measures)
    total = sum(line.points for line in lines)
    if measures.technical:
        weight = rules.weights[measures.technical]
        lines.append(Line(WEIGHT, measures.technical, weight))
        # The half point is not given: 7.6 points are 7.
        total = total * (100 + weight) // 100
    if missing:
        return Graded("", None, tuple(lines), missing)
    return Graded(grade_for(total, rules.grades), total, tuple(lines), ())
