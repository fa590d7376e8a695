"""What the acts on a file share."""

from datetime import datetime

from django.utils.translation import gettext

from bagage.accounts.models import Organisation, User, actor_of
from bagage.common import words
from bagage.common.errors import Conflict
from bagage.people.models import Person
from bagage.people.queries import place_of
from bagage.people.queries.freezes import current_freeze
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

# What changes who she is or what is said of her. The rest goes on while her file is frozen: she is helped, a lost
# card is replaced, and what she agrees to or refuses is always written.
CHANGES_HER_FILE = frozenset(
    {
        "add_contact_way",
        "add_name",
        "correct_identity",
        "end_contact_way",
        "join_household",
        "leave_household",
        "mark_as_same",
        "put_name_back",
        "record_situation",
        "remove_name",
        "separate",
    }
)


def refuse_frozen(person: Person) -> None:
    """Raises :class:`Conflict` while she contests what is written of her."""
    freeze = current_freeze(person)
    if freeze is not None:
        raise Conflict(
            gettext(
                "Ce dossier est gelé depuis le %(day)s : la personne conteste ce qui y est écrit. "
                "Répondez d’abord, puis dégelez-le."
            )
            % {"day": words.day_short(freeze.frozen_at, year=True)}
        )


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
    """The row of the trail of an act on ``person``, at the node where it was done; refused where her file is frozen."""
    if verb in CHANGES_HER_FILE:
        refuse_frozen(person)
    place = str(node.uuid) if node is not None else place_of(person, by if isinstance(by, User) else None, at)
    record(
        actor_of(by), verb, at=at, place=place, person=person.uuid, thing=thing, fields=fields, reason=reason
    )


def locked(person: Person) -> Person:
    """The row, held until the act is done."""
    return Person.objects.select_for_update().get(pk=person.pk)
