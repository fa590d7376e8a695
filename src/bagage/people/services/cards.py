"""Codes that are printed for her."""

from collections.abc import Iterable
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from bagage.accounts.models import User
from bagage.common.codes import new_code
from bagage.common.errors import BusinessError, Conflict
from bagage.people.models import CardCode, Person
from bagage.people.queries import identity_ids
from bagage.people.services._common import locked, note
from bagage.trail.domain.actor import Actor


def free_code() -> str:
    """A code that no card and no file has yet."""
    while True:
        code = new_code()
        if not CardCode.objects.filter(code=code).exists() and not Person.objects.filter(code=code).exists():
            return code


@transaction.atomic
def add_card_code(person: Person, code: str, *, by: User | Actor, at: datetime | None = None) -> CardCode:
    """A code on a paper she already has (a referral's slip) opens her file too. Known already: nothing changes."""
    at = at or timezone.now()
    if not code:
        raise BusinessError(gettext("Ce code ne peut pas être lu."), field="code")
    known = CardCode.objects.filter(code=code).select_related("person").first()
    if known is not None:
        if known.person_id == person.pk:
            return known
        raise Conflict(gettext("Ce code est déjà celui d’une autre personne."), field="code")
    try:
        with transaction.atomic():
            card = CardCode.objects.create(person=person, code=code, issued_at=at)
    except IntegrityError as error:
        raise Conflict(gettext("Ce code est déjà celui d’une autre personne."), field="code") from error
    note(by, "add_card_code", person, at=at)
    return card


@transaction.atomic
def replace_card(
    person: Person, *, found_by: Iterable[str] = (), by: User | Actor, at: datetime | None = None
) -> str:
    """A new card: all codes she had stop opening her file, and a new one is made. Returns the new code.

    So do those of the files that are hers too: the card that she lost may be that of the file that was merged.
    ``found_by`` names the questions by which she was found without her card ("name", "birth"): the trail keeps them.
    """
    at = at or timezone.now()
    person = locked(person)
    CardCode.objects.filter(person__in=identity_ids(person), ended_at=None).update(ended_at=at)
    person.code = free_code()
    person.save(update_fields=["code"])
    CardCode.objects.create(person=person, code=person.code, issued_at=at)
    note(by, "replace_card", person, at=at, fields=["code", *(f"found_by_{name}" for name in found_by)])
    return person.code
