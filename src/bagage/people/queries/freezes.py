"""Whether she contests what is written in her file."""

from django.db.models import QuerySet

from bagage.common.prepared import prepared
from bagage.common.together import Asking, together
from bagage.people.models import Freeze, Person
from bagage.people.queries.facts import identity_ids


def current_freeze(person: Person) -> Freeze | None:
    """What she contests and nobody has settled yet, in any of her files; two queries."""
    return freeze_of(identity_ids(person))


@together
def freeze_of(files: list[int]) -> Asking[Freeze | None]:
    """The same, for who knows the files that are hers; one query."""
    return next(iter((yield from _not_lifted.asking(files))), None)


@prepared
def _not_lifted(files: list[int]) -> QuerySet[Freeze]:
    return (
        Freeze.objects.filter(person_id__in=files, lifted_at=None)
        .select_related("frozen_by", "person")
        .order_by("frozen_at", "pk")[:1]
    )


def freezes_of(files: list[int]) -> list[Freeze]:
    """All that she ever contested, the newest first; one query."""
    return list(
        Freeze.objects.filter(person_id__in=files)
        .select_related("frozen_by", "lifted_by")
        .order_by("-frozen_at", "-pk")
    )
