"""What other files call persons."""

from collections.abc import Iterable

from bagage.people.models import Person, PersonReference


def references_of(persons: Iterable[Person]) -> dict[int, str]:
    """By key of the file: the newest identifier that another file gives her, hers first, then that of a marked file."""
    ids = [person.pk for person in persons]
    root_of = {pk: pk for pk in ids}
    marked = Person.objects.filter(merged_into__in=ids).values_list("pk", "merged_into_id")
    root_of |= {pk: root for pk, root in marked if root is not None}
    rows = PersonReference.objects.filter(person__in=root_of).values_list(
        "person_id", "added_at", "pk", "reference"
    )
    found: dict[int, tuple[bool, object, int, str]] = {}
    for pk, added_at, key, reference in rows:
        root = root_of[pk]
        mine = (pk == root, added_at, key, reference)
        if root not in found or mine[:3] > found[root][:3]:
            found[root] = mine
    return {root: row[3] for root, row in found.items()}
