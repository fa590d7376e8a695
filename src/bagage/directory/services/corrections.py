"""What someone here knows better than a source, laid over it until it is ended."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.models import User, actor_of
from bagage.common.errors import BusinessError
from bagage.directory.models import Correction, Proposal, Structure
from bagage.directory.services.overlay import value_of, with_value
from bagage.directory.services.writing import search_text, write_services
from bagage.directory.writing import place_of
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

By = User | Actor
FIELDS = (
    "name", "address", "address_more", "postcode", "city", "phone", "email", "website", "booking_url", "hours",
    "presentation", "services", "closed_until",
)  # fmt: skip


@transaction.atomic
def correct(
    structure: Structure,
    field: str,
    value: Any,
    *,
    by: By,
    proposal: Proposal | None = None,
    at: datetime | None = None,
) -> Correction:
    """A field of a place is as someone here says: it stays so when its source is read again.

    ``value`` is a text; for ``services`` a list of needs; for ``closed_until`` a day (ISO 8601) or ``None``.
    """
    at = at or timezone.now()
    if field not in FIELDS:
        raise BusinessError(_("Ce champ ne se corrige pas ici."), field=field)
    held = _held(structure)
    said = value_said(held, field)
    now_open = Correction.objects.filter(structure=held, field=field, ended_at=None).first()
    source_value = now_open.source_value if now_open else said
    Correction.objects.filter(structure=held, field=field, ended_at=None).update(ended_at=at)
    correction = Correction.objects.create(
        structure=held,
        field=field,
        value=value,
        source_value=source_value,
        proposal=proposal,
        written_by=by if isinstance(by, User) else None,
        created_at=at,
    )
    _lay(held, field, value, at)
    record(actor_of(by), "directory.correct", at=at, thing=f"structure:{held.uuid}", fields=[field])
    return correction


@transaction.atomic
def end_correction(correction: Correction, *, by: By, at: datetime | None = None) -> None:
    """What the source says holds again."""
    at = at or timezone.now()
    held = (
        Correction.objects.select_for_update(of=("self",)).select_related("structure").get(pk=correction.pk)
    )
    if held.ended_at is not None:
        return
    held.ended_at = at
    held.save(update_fields=["ended_at"])
    _lay(_held(held.structure), held.field, held.source_value, at)
    record(
        actor_of(by),
        "directory.end_correction",
        at=at,
        thing=f"structure:{held.structure.uuid}",
        fields=[held.field],
    )


def _held(structure: Structure) -> Structure:
    return Structure.objects.select_for_update(of=("self",)).get(pk=structure.pk)


def value_said(structure: Structure, field: str) -> Any:
    """What the record of a place says in a field, as JSON takes it."""
    if field == "closed_until":
        return structure.closed_until.isoformat() if structure.closed_until else None
    return value_of(place_of(structure), field)


def _lay(structure: Structure, field: str, value: Any, at: datetime) -> None:
    """Write a value where the place is read from, and say that it moved."""
    if field == "services":
        write_services({structure.pk: with_value(place_of(structure), field, value).services})
    elif field == "closed_until":
        structure.closed_until = date.fromisoformat(value) if value else None
    else:
        setattr(structure, field, value or "")
    structure.folded = search_text(structure)
    structure.changed_at = at
    structure.save()
