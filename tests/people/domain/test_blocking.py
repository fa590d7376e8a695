"""Which files are compared at all, on invented persons: nothing that would be proposed is passed over."""

import random
from datetime import date

import pytest

from bagage.people.domain.blocking import blocks_of
from bagage.people.domain.likeness import Known, can_agree, compare, is_proposed, sought_of
from benchmarks.invented_persons import Entry, Inventor, entry_of


def known_of(entry: Entry) -> Known:
    return Known(
        names=(f"{entry.given} {entry.family}",),
        birth_year=entry.year,
        is_birth_year_about=entry.is_about,
        birth_date=date.fromisoformat(f"{entry.year}-{entry.day}") if entry.day and entry.year else None,
        phones=(entry.phone,) if entry.phone else (),
        where=entry.commune,
    )


@pytest.fixture(scope="module")
def pairs() -> list[tuple[Known, Known]]:
    rng = random.Random(5)
    persons = list(Inventor(5).persons(400))
    return [
        (known_of(entry_of(rng, person, "new")), known_of(entry_of(rng, person, "again")))
        for person in persons
    ]


def test_what_is_passed_over_would_not_be_proposed(pairs):
    """Each against each of forty, and each against herself said another day."""
    some = [*pairs[:40], *((one, other) for one, _ in pairs[:40] for _, other in pairs[:40])]
    passed = [(one, other) for one, other in some if not can_agree(sought_of(one), other)]
    assert len(passed) > 1_000
    assert [pair for pair in passed if is_proposed(compare(sought_of(pair[0]), pair[1]))] == []


def test_nearly_all_who_are_one_person_share_a_block(pairs):
    shared = [bool(set(blocks_of(one)) & set(blocks_of(other))) for one, other in pairs]
    assert sum(shared) / len(shared) >= 0.97


def test_most_who_are_one_person_are_proposed_and_hardly_any_other(pairs):
    right = [is_proposed(compare(sought_of(one), other)) for one, other in pairs]
    assert sum(right) / len(right) >= 0.85
    wrong = [
        is_proposed(compare(sought_of(one), other))
        for at, (one, _) in enumerate(pairs[:60])
        for number, (_, other) in enumerate(pairs[:60])
        if at != number
    ]
    assert sum(wrong) <= 2
