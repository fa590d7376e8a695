"""Writing down what someone was seen, or said, to do."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import User, name_of
from bagage.common.errors import BusinessError
from bagage.people.models import Person
from bagage.skills.models import Item, Observation, Step
from bagage.trail.domain.actor import Actor


def record_observation(
    person: Person,
    item_code: str,
    step: int | None,
    *,
    how: str = "said",
    observed_on: date,
    source: str = "",
    by: User | Actor,
    at: datetime | None = None,
) -> Observation | None:
    """Add one observation, as :func:`record_observations` does; ``None`` when nothing was added."""
    added = record_observations(
        person, {item_code: step}, how=how, observed_on=observed_on, source=source, by=by, at=at
    )
    return added[0] if added else None


@transaction.atomic
def record_observations(
    person: Person,
    steps: Mapping[str, int | None],
    *,
    how: str = "said",
    observed_on: date,
    source: str = "",
    by: User | Actor,
    at: datetime | None = None,
) -> list[Observation]:
    """Add what was observed of several items, by their codes; ``None`` is "on ne sait pas". Three queries in all.

    Nothing is added for an item whose newest observation, from the same source and on that day, already says so.
    The one that is replaced, if any, is named by ``corrects``. The caller writes the trail: an interview makes one
    row of it.
    Raises :class:`BusinessError` for an item or a step that does not exist, or for a day that has not come yet.
    """
    at = at or timezone.now()
    items = {item.code: item for item in Item.objects.filter(code__in=list(steps), is_current=True)}
    for code, step in steps.items():
        if code not in items or (step is not None and step not in Step.values) or how not in {"said", "seen"}:
            raise BusinessError(_("Cette réponse n’existe pas."), field=code)
    if observed_on > timezone.localdate(at):
        raise BusinessError(_("Cette date n’est pas encore passée."), field="observed_on")
    newest: dict[int, Observation] = {}
    for known in Observation.objects.filter(person=person, item__in=items.values()).order_by(
        "observed_on", "written_at", "pk"
    ):
        newest[known.item_id] = known
    added = []
    for code, step in steps.items():
        before = newest.get(items[code].pk)
        if before and (before.step, before.how, before.source, before.observed_on) == (
            step,
            how,
            source,
            observed_on,
        ):
            continue
        added.append(
            Observation(
                person=person,
                item=items[code],
                step=step,
                how=how,
                observed_on=observed_on,
                source=source,
                written_by=name_of(by),
                written_at=at,
                corrects=before if before and before.source == source else None,
            )
        )
    return Observation.objects.bulk_create(added)
