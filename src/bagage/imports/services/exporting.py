"""Lists that leave."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from bagage.accounts.models import Organisation, User
from bagage.imports.kinds import Kind
from bagage.trail.services import NETWORK, record


@transaction.atomic
def note_export(user: User, kind: Kind, nodes: Sequence[Organisation], *, at: datetime | None = None) -> None:
    """Notes that someone took a whole list with her: which kind, at which place, never what was in it."""
    place = nodes[0].uuid if len(nodes) == 1 else NETWORK
    record(
        user.actor, "import.export", at=at or timezone.now(), place=place, fields=[kind.name], is_reading=True
    )
