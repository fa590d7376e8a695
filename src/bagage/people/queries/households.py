"""Who lives with whom."""

from collections.abc import Iterable

from django.db.models import QuerySet

from bagage.common.prepared import prepared
from bagage.people.models import HouseholdMember, Person
from bagage.people.queries.facts import identity_ids


def membership_of(person: Person) -> HouseholdMember | None:
    """Her place in the household where she lives now."""
    return (
        HouseholdMember.objects.filter(person__in=identity_ids(person), left_at=None)
        .select_related("household")
        .order_by("-joined_at", "-pk")
        .first()
    )


@prepared
def _others_of(files: Iterable[int]) -> QuerySet[HouseholdMember]:
    here = HouseholdMember.objects.filter(person_id__in=files, left_at=None).values("household")
    return (
        HouseholdMember.objects.filter(household__in=here, left_at=None, person__erased_at=None)
        .select_related("person", "person__merged_into")
        .order_by("kind", "joined_at", "pk")
    )


def others_of(files: list[int]) -> list[HouseholdMember]:
    """Those with whom the person of these files lives now; adults first, then as they came. One query."""
    return [member for member in _others_of(files) if member.person_id not in files]


def lives_with(person: Person) -> list[HouseholdMember]:
    """Those with whom she lives now, herself left out; adults first, then as they came. Two queries, three with one."""
    files = identity_ids(person)
    here = HouseholdMember.objects.filter(person__in=files, left_at=None).values("household")
    return list(
        HouseholdMember.objects.filter(household__in=here, left_at=None)
        .exclude(person__in=files)
        .filter(person__erased_at=None)
        .select_related("person", "person__merged_into")
        .order_by("kind", "joined_at", "pk")
    )
