"""What kinds of files share when they meet something that is known already: told side by side, or used elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import models
from django.utils.translation import gettext
from rapidfuzz import fuzz

from bagage.imports.domain.tables import folded
from bagage.imports.kinds import Line


def linked_pks(
    model: type[models.Model], pks: Sequence[int], apart: Sequence[type[models.Model]]
) -> set[int]:
    """Which of these rows a row of another table points at, but for tables ``apart``. One query a table."""
    found: set[int] = set()
    for relation in model._meta.related_objects:
        other = relation.related_model
        if isinstance(other, str) or other in apart:
            continue
        name = relation.field.name
        rows = other._base_manager.filter(**{f"{name}__in": pks}).order_by()
        found.update(rows.values_list(name, flat=True).distinct())
    return found


def is_linked(row: models.Model, apart: Sequence[type[models.Model]]) -> bool:
    """Whether a row of another table points at this one."""
    return bool(linked_pks(type(row), [row.pk], apart))


def same_line(label: str, ours: str, theirs: str) -> Line | None:
    """What a row and what is known say of one thing; ``None`` when neither says it."""
    if not ours and not theirs:
        return None
    unknown = gettext("on ne sait pas")
    if folded(ours) == folded(theirs):
        gap, said = "same", gettext("pareil")
    elif not theirs:
        gap, said = "fills", gettext("complète")
    elif not ours:
        gap, said = "unknown", gettext("rien de plus")
    else:
        gap, said = (
            "near" if fuzz.ratio(folded(ours), folded(theirs)) >= 80 else "other",
            gettext("différent"),
        )
    return Line(label, ((ours or unknown, False),), ((theirs or unknown, False),), gap, said)
