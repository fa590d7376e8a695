"""The grade: the published thresholds, tolerance, bonus, ceilings; nothing is guessed."""

from dataclasses import replace

import pytest

from bagage.equipment.domain.grading import (
    COMPUTER,
    Line,
    Measures,
    better_memory,
    grade_of,
    missing_measures,
    points_for,
    span_of,
)

T480 = Measures(
    kind="laptop",
    memory=8.0,
    storage=256,
    storage_kind="ssd",
    processor=4120,
    technical="works",
    look="clean",
    system="linux",
)
A14 = Measures(kind="smartphone", memory=4.0, storage=64, processor=200, technical="works")


def test_a_computer_of_nine_points_is_an_a():
    graded = grade_of(T480)
    assert (graded.grade, graded.points, graded.missing) == ("A", 9, ())
    assert graded.lines == (
        Line("memory", "8", 3),
        Line("storage", "256", 3, "ssd"),
        Line("processor", "4120", 2),
        Line("technical", "works", 1),
        Line("look", "clean", 0),
    )


@pytest.mark.parametrize(
    ("memory", "points"),
    [(3.7, 0), (3.76, 1), (4, 1), (5, 2), (7.52, 3), (8, 3), (15.0, 3), (15.3, 4), (16, 4)],
)
def test_memory_gives_a_point_a_threshold_with_six_per_cent_of_tolerance(memory, points):
    assert points_for(memory, COMPUTER.memory, COMPUTER.tolerance) == points


@pytest.mark.parametrize(
    ("mark", "points"), [(1999, 0), (2000, 1), (3499, 1), (3500, 2), (5000, 3), (7000, 4)]
)
def test_processor_has_no_tolerance(mark, points):
    assert points_for(mark, COMPUTER.processor) == points


@pytest.mark.parametrize(
    ("storage", "kind", "points"),
    [
        (120, "ssd", 1),
        (121, "ssd", 2),
        (240, "ssd", 3),
        (480, "ssd", 4),
        (120, "hdd", 0),
        (160, "hdd", 1),
        (500, "hdd", 2),
    ],
)
def test_disks_have_thresholds_of_their_own(storage, kind, points):
    graded = grade_of(replace(T480, storage=storage, storage_kind=kind))
    assert [line.points for line in graded.lines if line.name == "storage"] == [points]


def test_nvme_adds_one():
    graded = grade_of(replace(T480, storage_kind="nvme"))
    assert (graded.grade, graded.points) == ("A", 10)
    assert Line("fast_disk", "", 1) in graded.lines


def test_a_hard_disk_is_a_b_at_most():
    graded = grade_of(replace(T480, memory=16.0, storage=1000, storage_kind="hdd", processor=7000))
    assert (graded.grade, graded.points) == ("B", 7)
    assert graded.lines[-1] == Line("ceiling", "", 7, "hdd")


def test_a_hard_disk_with_a_slow_processor_is_a_c_at_most():
    graded = grade_of(replace(T480, memory=16.0, storage=1000, storage_kind="hdd", processor=2400))
    assert (graded.grade, graded.points) == ("C", 5)
    assert graded.lines[-1] == Line("ceiling", "", 5, "hdd_slow")


def test_a_slow_processor_is_a_b_at_most():
    graded = grade_of(replace(T480, memory=16.0, storage=512, processor=2400))
    assert (graded.grade, graded.points) == ("B", 7)
    assert graded.lines[-1] == Line("ceiling", "", 7, "ssd_slow")


def test_windows_10_is_a_b_at_most():
    graded = grade_of(replace(T480, system="windows_10"))
    assert (graded.grade, graded.points) == ("B", 7)


def test_a_ceiling_that_takes_nothing_is_not_told():
    graded = grade_of(replace(T480, memory=4.0, storage=64, processor=3500, system="windows_10"))
    assert (graded.grade, graded.points) == ("C", 5)
    assert [line.name for line in graded.lines if line.name == "ceiling"] == []


def test_points_are_never_below_none():
    poor = replace(T480, memory=1.0, storage=16, processor=500, technical="dead", look="damaged")
    assert (grade_of(poor).grade, grade_of(poor).points) == ("D", 0)


@pytest.mark.parametrize(
    ("absent", "missing"),
    [
        ({"memory": None}, ("memory",)),
        ({"storage": None}, ("storage",)),
        ({"storage_kind": ""}, ("storage",)),
        ({"processor": None}, ("processor",)),
        ({"technical": ""}, ("technical",)),
        ({"look": ""}, ("look",)),
        ({"system": ""}, ("system",)),
        ({"memory": None, "look": ""}, ("memory", "look")),
    ],
)
def test_a_computer_with_a_measure_missing_has_no_grade(absent, missing):
    graded = grade_of(replace(T480, **absent))
    assert (graded.grade, graded.points, graded.missing) == ("", None, missing)


def test_a_telephone_needs_neither_look_nor_system():
    assert missing_measures(A14) == ()
    assert (grade_of(A14).grade, grade_of(A14).points) == ("B", 8)


@pytest.mark.parametrize(
    ("technical", "points", "grade"),
    [("works", 8, "B"), ("small_fault", 7, "B"), ("locked", 6, "B"), ("to_repair", 4, "C"), ("dead", 0, "D")],
)
def test_the_state_of_a_telephone_weighs_its_points(technical, points, grade):
    graded = grade_of(replace(A14, technical=technical))
    assert (graded.points, graded.grade) == (points, grade)


def test_more_memory_would_make_it_better():
    assert better_memory(T480) is None  # 10 points are still an A
    assert better_memory(replace(T480, storage_kind="nvme")) == (16, "Premium")
    assert better_memory(replace(T480, memory=None)) is None


@pytest.mark.parametrize(
    ("grade", "kind", "span"),
    [
        ("A", "laptop", (8, 10)),
        ("Premium", "laptop", (11, None)),
        ("D", "desktop", (0, 3)),
        ("A", "smartphone", (9, 10)),
    ],
)
def test_span_of_a_grade(grade, kind, span):
    assert span_of(grade, kind) == span
