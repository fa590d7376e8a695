"""She contests what is written of her: until it is settled, nothing in her file is changed or erased."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from bagage.accounts.models import User
from bagage.common.errors import BusinessError, Conflict
from bagage.people.models import Freeze, Person
from bagage.people.queries import whole_person
from bagage.people.queries.freezes import current_freeze
from bagage.people.services._common import locked, note, refuse_frozen

__all__ = ["freeze_file", "lift_freeze", "refuse_frozen"]


@transaction.atomic
def freeze_file(person: Person, *, words: str, by: User, at: datetime | None = None) -> Freeze:
    """From now on her file is only read; ``words`` is what she contests, in hers. Frozen already: that one is given.

    Help goes on: appointments, sessions, purchases, a lost card, and what she agrees to or refuses.
    """
    at = at or timezone.now()
    words = " ".join(words.split())
    if not words:
        raise BusinessError(
            gettext("Écrivez ce qui est contesté, avec ses mots : c’est à cela qu’il faudra répondre."),
            field="words",
        )
    person = locked(whole_person(person))
    if person.erased_at is not None:
        raise Conflict(gettext("Ce dossier est effacé."))
    known = current_freeze(person)
    if known is not None:
        return known
    freeze = Freeze.objects.create(person=person, words=words[:600], frozen_at=at, frozen_by=by)
    note(by, "freeze_file", person, at=at, thing=f"freeze:{freeze.uuid}")
    return freeze


@transaction.atomic
def lift_freeze(freeze: Freeze, *, answer: str, by: User, at: datetime | None = None) -> Freeze:
    """It is settled: her file can be corrected again. ``answer`` is what she was told, and stays in her file."""
    at = at or timezone.now()
    answer = " ".join(answer.split())
    if not answer:
        raise BusinessError(
            gettext("Écrivez ce qui a été répondu : la personne peut demander à le relire."), field="answer"
        )
    person = locked(freeze.person)
    changed = Freeze.objects.filter(pk=freeze.pk, lifted_at=None).update(
        lifted_at=at, lifted_by=by, answer=answer[:600]
    )
    if not changed:
        raise Conflict(gettext("Ce dossier n’est plus gelé."))
    freeze.refresh_from_db()
    note(by, "lift_freeze", person, at=at, thing=f"freeze:{freeze.uuid}")
    return freeze
