"""Writing down what is so of her device and of her connection."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import User, name_of
from bagage.common.errors import BusinessError
from bagage.journeys.models import Evidence, EvidenceItem
from bagage.people.models import Person
from bagage.trail.domain.actor import Actor


def record_evidence(
    person: Person,
    item: str,
    answer: str,
    *,
    how: str = "said",
    note: str = "",
    observed_on: date,
    source: str = "",
    by: User | Actor,
    at: datetime | None = None,
) -> Evidence | None:
    """Add one fact about E1–C3, as :func:`record_evidences` does; ``None`` when nothing was added."""
    added = record_evidences(
        person, {item: answer}, how=how, note=note, observed_on=observed_on, source=source, by=by, at=at
    )
    return added[0] if added else None


@transaction.atomic
def record_evidences(
    person: Person,
    answers: Mapping[str, str],
    *,
    how: str = "said",
    note: str = "",
    observed_on: date,
    source: str = "",
    by: User | Actor,
    at: datetime | None = None,
) -> list[Evidence]:
    """Add facts about several of E1–C3; two queries, however many.

    Nothing is added where the newest fact, of the same source and day, already says so. The caller writes the trail: an
    interview makes one row of it. Raises :class:`BusinessError` for an answer that does not exist or a day to come.
    """
    at = at or timezone.now()
    for item, answer in answers.items():
        if (
            item not in EvidenceItem.values
            or answer not in Evidence.Answer.values
            or how not in {"said", "seen"}
        ):
            raise BusinessError(_("Cette réponse n’existe pas."), field=item)
    if observed_on > timezone.localdate(at):
        raise BusinessError(_("Cette date n’est pas encore passée."), field="observed_on")
    newest: dict[str, Evidence] = {}
    for known in Evidence.objects.filter(person=person, item__in=list(answers)).order_by(
        "observed_on", "written_at", "pk"
    ):
        newest[known.item] = known
    added = []
    for item, answer in answers.items():
        before = newest.get(item)
        same = (answer, how, note, source, observed_on)
        if before and (before.answer, before.how, before.note, before.source, before.observed_on) == same:
            continue
        added.append(
            Evidence(
                person=person,
                item=item,
                answer=answer,
                how=how,
                note=note[:200],
                observed_on=observed_on,
                source=source,
                written_by=name_of(by),
                written_at=at,
            )
        )
    return Evidence.objects.bulk_create(added)
