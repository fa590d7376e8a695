"""Writing down what someone was seen, or said, to do."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import User, name_of
from bagage.common.errors import BusinessError
from bagage.people.models import Person
from bagage.skills.models import Item, Observation, Step
from bagage.trail.domain.actor import Actor


@transaction.atomic
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
    """Add one observation; ``step`` ``None`` is "on ne sait pas".

    Nothing is added (``None``) when the newest one from the same source, on that day, already says so. The one it
    replaces, if any, is named by ``corrects``. The caller writes the trail: an interview makes one row of it.
    Raises :class:`BusinessError` for an item or a step that does not exist, or for a day that has not come yet.
    """
    at = at or timezone.now()
    item = Item.objects.filter(code=item_code, is_current=True).first()
    if item is None or (step is not None and step not in Step.values) or how not in {"said", "seen"}:
        raise BusinessError(_("Cette réponse n’existe pas."), field=item_code)
    if observed_on > timezone.localdate(at):
        raise BusinessError(_("Cette date n’est pas encore passée."), field="observed_on")
    before = (
        Observation.objects.filter(person=person, item=item)
        .order_by("-observed_on", "-written_at", "-pk")
        .first()
    )
    if before and (before.step, before.how, before.source, before.observed_on) == (
        step,
        how,
        source,
        observed_on,
    ):
        return None
    return Observation.objects.create(
        person=person,
        item=item,
        step=step,
        how=how,
        observed_on=observed_on,
        source=source,
        written_by=name_of(by),
        written_at=at,
        corrects=before if before and before.source == source else None,
    )
