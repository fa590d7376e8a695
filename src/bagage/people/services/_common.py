"""What the acts on a file share."""

from datetime import datetime

from bagage.accounts.models import Organisation, User, actor_of
from bagage.people.models import Person
from bagage.people.queries import place_of
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record


def note(
    by: User | Actor,
    verb: str,
    person: Person,
    *,
    at: datetime,
    node: Organisation | None = None,
    thing: str = "",
    fields: tuple[str, ...] | list[str] = (),
    reason: str = "",
) -> None:
    """The row of the trail of an act on ``person``, at the node where it was done."""
    place = str(node.uuid) if node is not None else place_of(person, by if isinstance(by, User) else None, at)
    record(
        actor_of(by), verb, at=at, place=place, person=person.uuid, thing=thing, fields=fields, reason=reason
    )


def locked(person: Person) -> Person:
    """The row, held until the act is done."""
    return Person.objects.select_for_update().get(pk=person.pk)
