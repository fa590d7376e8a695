"""Rows of one list that tell of the same person."""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz import fuzz

from bagage.people.domain.likeness import Known, Likeness, either_way, sought_of
from bagage.people.domain.names import name_words, script_of
from bagage.people.queries.duplicates import (
    IN_ONE_LIST,
    common_of,
    pairs_worth_comparing,
)

MOST_ALIKE = 3
# Of a hundred: names that look less alike are not compared. The least alike of one person had 84, of 510 measured.
UNLIKE = 66


def twice_among(rows: Sequence[Known]) -> list[list[tuple[int, Likeness]]]:
    """What ``duplicates_among`` finds; pairs that share a given name and a year and no more are passed over first.

    They are three of four of a long list, and that is seen a hundred times as fast.
    """
    sought = [sought_of(known) for known in rows]
    common = common_of(rows)
    names = [_plain_name(known) for known in rows]
    found: list[list[tuple[int, Likeness]]] = [[] for _known in rows]
    for one, other in pairs_worth_comparing(rows):
        if _is_unlike(names[one], names[other]) and not _share_more(rows[one], rows[other]):
            continue
        asked = (sought[other], rows[one]), (sought[one], rows[other])
        likeness = either_way(asked, common, IN_ONE_LIST)
        if likeness is not None:
            found[other].append((one, likeness))
    return [sorted(each, key=lambda item: (-item[1].score, item[0]))[:MOST_ALIKE] for each in found]


def _plain_name(known: Known) -> tuple[str, str]:
    """The words of her only name, plain and as they sound; none when she has several, or one in another script."""
    if len(known.names) != 1 or script_of(known.names[0]) != "latin":
        return "", ""
    found = name_words(known.names[0])
    return " ".join(word.folded for word in found), " ".join(word.sound for word in found)


def _is_unlike(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two names look like nothing of each other, whatever the order of their words."""
    if not (one[0] and other[0]):
        return False
    return not (
        fuzz.token_set_ratio(one[0], other[0], score_cutoff=UNLIKE)
        or fuzz.ratio(one[0], other[0], score_cutoff=UNLIKE)
        or fuzz.token_sort_ratio(one[1], other[1], score_cutoff=UNLIKE)
    )


def _share_more(one: Known, other: Known) -> bool:
    """A telephone, or a day of birth that is not the first of January: a name may have changed."""
    if one.phones and not set(one.phones).isdisjoint(other.phones):
        return True
    day = one.birth_date
    return day is not None and day == other.birth_date and (day.month, day.day) != (1, 1)
