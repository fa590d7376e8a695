"""What other files call persons."""

from collections.abc import Iterable

from django.utils import timezone

from bagage.accounts.models import User
from bagage.common.codes import read_code
from bagage.people.models import CardCode, Person, PersonReference
from bagage.people.queries.facts import whole_person

PIECE = 400


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


def persons_named(texts: Iterable[str], source: str, user: User | None) -> dict[str, Person]:
    """The kept files that these identifiers or card codes name, among those that ``user`` may open (``None``: all).

    Where two sources give one identifier, that of ``source`` counts. Two queries for each four hundred.
    """
    found: dict[str, Person] = {}
    scope = Person.objects.filter(erased_at=None)
    if user is not None:
        scope = scope.visible_to(user, timezone.now())
    wanted = sorted(set(texts) - {""})
    for start in range(0, len(wanted), PIECE):
        piece = wanted[start : start + PIECE]
        rows = PersonReference.objects.filter(reference__in=piece, person__in=scope)
        for row in rows.select_related("person__merged_into").order_by("added_at", "pk"):
            if row.reference not in found or row.source == source:
                found[row.reference] = whole_person(row.person)
        codes = {code: text for text in piece if (code := read_code(text)) and text not in found}
        cards = CardCode.objects.filter(code__in=codes, ended_at=None, person__in=scope)
        for card in cards.select_related("person__merged_into"):
            found[codes[card.code]] = whole_person(card.person)
    return found
