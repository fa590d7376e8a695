"""The fifty lines asked of the whole panorama: how good the first ten are, how often a right answer is among three."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from bagage.directory.queries import search_services
from tests.directory.relevance.judging import Said, grades, has_right_answer, ndcg, read_all
from tests.directory.relevance.queries import HELD, TUNED

# A Monday morning on which places are open.
NOW = datetime(2026, 11, 23, 9, 30, tzinfo=ZoneInfo("Europe/Paris"))
HALVES = {"tuned": TUNED, "held": HELD}


def measured(lines: Sequence[tuple[str, dict[str, Any]]], rows: Sequence[Said]) -> dict[str, Any]:
    """The mean nDCG@10, the share of lines with a right answer in the first three, and the figures of each line."""
    each = []
    for text, meant in lines:
        grade_of = grades(meant, rows)
        shown = [
            [
                (row.structure.source, row.structure.source_id),
                *((also.source, also.source_id) for also in row.also),
            ]
            for row in search_services(text=text, limit=10, now=NOW)
        ]
        each.append((text, ndcg(shown, grade_of), has_right_answer(shown, grade_of)))
    return {
        "ndcg": sum(value for _text, value, _right in each) / len(each),
        "right": sum(right for _text, _value, right in each) / len(each),
        "lines": each,
    }


def all_measured() -> dict[str, dict[str, Any]]:
    """Both halves, on the places that are loaded."""
    rows = read_all()
    return {name: measured(lines, rows) for name, lines in HALVES.items()}
