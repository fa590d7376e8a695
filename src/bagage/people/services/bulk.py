"""Many files opened at once, and taken back: for what an association brings in from its own lists.

What one file at a time does (:func:`bagage.people.services.files.open_file`), in a handful of queries for hundreds. The
caller writes the trail: one line for its act, not one for each person.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db import models, transaction
from django.utils import timezone

from bagage.accounts.models import Organisation, User, actor_of, name_of
from bagage.common.codes import new_code
from bagage.imports.queries import BROUGHT_IN
from bagage.people.models import (
    CardCode,
    ContactWay,
    Following,
    NameKey,
    Person,
    PersonName,
    PersonReference,
    SituationFact,
)
from bagage.people.services.files import name_keys_for
from bagage.trail.domain.actor import Actor
from bagage.trail.models import Entry
from bagage.trail.services import record_many

PIECE = 500
# What opening many files writes beside them. Anything else that points at a file was added since.
OWN = (CardCode, ContactWay, Following, NameKey, PersonName, PersonReference, SituationFact)


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to open. ``phones`` in international form; ``names`` are ``(text, kind)``; ``situation`` by obstacle."""

    chosen_name: str
    family_name: str = ""
    grammar: str = ""
    birth_year: int | None = None
    is_birth_year_about: bool = False
    birth_date: date | None = None
    languages: str = ""
    where: str = ""
    commune_code: str = ""
    note: str = ""
    phones: tuple[str, ...] = ()
    is_phone_shared: bool = False
    names: tuple[tuple[str, str], ...] = ()
    reference: str = ""
    situation: Mapping[str, str] = field(default_factory=dict)
    last_contact_at: datetime | None = None


@transaction.atomic
def open_files(
    files: Sequence[NewFile],
    *,
    node: Organisation,
    by: User | Actor,
    at: datetime | None = None,
    reference_source: str = "import",
    source: str = "",
) -> list[Person]:
    """Opens these files at ``node``, which follows each of them from then on; in their order.

    Names and years are taken as they are: the caller has checked them. ``source`` is what facts of situations name.
    """
    at = at or timezone.now()
    today = timezone.localdate(at)
    persons = Person.objects.bulk_create(
        [
            Person(
                code=code,
                chosen_name=each.chosen_name[:80],
                family_name=each.family_name[:80],
                grammar=each.grammar,
                birth_year=each.birth_date.year if each.birth_date else each.birth_year,
                is_birth_year_about=each.is_birth_year_about
                and each.birth_date is None
                and each.birth_year is not None,
                birth_date=each.birth_date,
                languages=each.languages[:120],
                where=each.where[:160],
                commune_code=each.commune_code[:5],
                note=each.note,
                created_at=at,
                last_contact_at=min(each.last_contact_at or at, at),
            )
            for each, code in zip(files, free_codes(len(files)), strict=True)
        ],
        batch_size=PIECE,
    )
    pairs = list(zip(persons, files, strict=True))
    CardCode.objects.bulk_create(
        (CardCode(person=person, code=person.code, issued_at=at) for person in persons), batch_size=PIECE
    )
    Following.objects.bulk_create(
        (Following(person=person, node=node, started_at=at) for person in persons), batch_size=PIECE
    )
    PersonName.objects.bulk_create(
        (
            PersonName(person=person, text=text[:160], kind=kind, added_at=at)
            for person, each in pairs
            for text, kind in each.names
        ),
        batch_size=PIECE,
    )
    NameKey.objects.bulk_create(
        (
            key
            for person, each in pairs
            for key in name_keys_for(person, [person.full_name, *(text for text, _kind in each.names)])
        ),
        batch_size=2 * PIECE,
    )
    ContactWay.objects.bulk_create(
        (
            ContactWay(
                person=person,
                kind=ContactWay.Kind.SMS if _is_mobile(phone) else ContactWay.Kind.CALL,
                phone=phone,
                is_shared=each.is_phone_shared,
                started_at=at,
            )
            for person, each in pairs
            for phone in each.phones
        ),
        batch_size=PIECE,
    )
    PersonReference.objects.bulk_create(
        (
            PersonReference(person=person, source=reference_source, reference=each.reference, added_at=at)
            for person, each in pairs
            if each.reference
        ),
        batch_size=PIECE,
    )
    SituationFact.objects.bulk_create(
        (
            SituationFact(
                person=person,
                obstacle=obstacle,
                answer=answer,
                said_on=today,
                source=source,
                written_by=name_of(by),
                written_at=at,
            )
            for person, each in pairs
            for obstacle, answer in each.situation.items()
        ),
        batch_size=PIECE,
    )
    return persons


def note_brought_in(
    persons: Iterable[Person],
    *,
    thing: str,
    node: Organisation,
    fields: Sequence[str] = (),
    by: User | Actor,
    at: datetime,
) -> int:
    """The rows of the trail of an import, one for each person whose file it opened or in which it wrote: how many.

    ``thing`` is the batch ("import:<uuid>"). Called last in the transaction, as the trail asks.
    """
    once = dict.fromkeys(person.uuid for person in persons)
    return record_many(
        actor_of(by), BROUGHT_IN, at=at, place=node.uuid, persons=once, thing=thing, fields=list(fields)
    )


def free_codes(count: int) -> list[str]:
    """So many codes that no card and no file has; two queries for each five hundred."""
    found: dict[str, None] = {}
    while len(found) < count:
        drawn = {new_code() for _ in range(min(PIECE, count - len(found)))} - found.keys()
        drawn -= set(CardCode.objects.filter(code__in=drawn).values_list("code", flat=True))
        drawn -= set(Person.objects.filter(code__in=drawn).values_list("code", flat=True))
        found |= dict.fromkeys(drawn)
    return list(found)


def _is_mobile(phone: str) -> bool:
    """French numbers in 06 and 07 take a text; one of another country is taken for one that does."""
    return not phone.startswith("+33") or phone[3:4] in {"6", "7"}


# ---------- taking back ----------
def files_used(
    persons: Iterable[Person], *, moments: Collection[datetime], apart: Collection[str] = ()
) -> dict[int, str]:
    """Of files that were opened together, those that have served since: key to why.

    ``moments`` are those of the act that opened them, and of what belongs to it: what was written then does not count.

    ``acted``: someone did something with it (the trail says so; readings do not count, nor what belongs to the things
    ``apart``); ``linked``: a row of another table names it. Asked of every table that points at a file, whichever
    activity holds it.
    """
    found = {person.pk: person for person in persons}
    ids = list(found)
    used: dict[int, str] = {}
    by_uuid = {str(person.uuid): pk for pk, person in found.items()}
    acts = Entry.objects.filter(person__in=list(by_uuid), is_reading=False)
    # What an import wrote is found below as long as it stands.
    acts = acts.exclude(thing__in=list(apart)).exclude(at__in=list(moments)).exclude(verb=BROUGHT_IN)
    for uuid in acts.values_list("person", flat=True).distinct():
        used.setdefault(by_uuid[uuid], "acted")
    for relation in Person._meta.related_objects:
        model = relation.related_model
        if not isinstance(relation, models.ManyToOneRel) or isinstance(model, str):
            continue
        name = relation.field.name
        rows = model._base_manager.filter(**{f"{name}__in": ids})
        if model in OWN:
            newer = _when(model)
            if newer is None:
                continue
            rows = rows.exclude(**{f"{newer}__in": list(moments)})
        for pk in rows.values_list(f"{name}_id", flat=True).distinct():
            used.setdefault(pk, "linked")
    return used


def _when(model: type[models.Model]) -> str | None:
    """The field that says when a row beside a file was written."""
    return {
        CardCode: "issued_at",
        ContactWay: "started_at",
        Following: "started_at",
        PersonName: "added_at",
        PersonReference: "added_at",
        SituationFact: "written_at",
    }.get(model)


@transaction.atomic
def take_back_files(persons: Sequence[Person]) -> None:
    """Deletes files that were opened by mistake and have served nobody, with what was written when they were opened.

    The caller has asked :func:`files_used`. A file that something else names all the same is refused by the database.
    """
    ids = [person.pk for person in persons]
    for model in OWN:
        rows = model._base_manager.filter(person__in=ids)
        rows._raw_delete(rows.db)
    gone = Person.objects.filter(pk__in=ids)
    gone._raw_delete(gone.db)
