"""Opening a file, saying who she is, and the keys by which she is found."""

import uuid
from collections.abc import Iterable
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from bagage.accounts.models import Organisation, User, actor_of
from bagage.common.errors import BusinessError, Conflict
from bagage.people.domain.names import keys_of, place_words
from bagage.people.domain.years import FIRST_YEAR
from bagage.people.models import CardCode, Following, NameKey, Person, PersonName
from bagage.people.services._common import locked, note
from bagage.people.services.cards import free_code
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record, record_reading

IDENTITY_FIELDS = (
    "chosen_name",
    "family_name",
    "grammar",
    "birth_year",
    "is_birth_year_about",
    "birth_date",
    "languages",
    "where",
    "commune_code",
    "note",
)
_FILE_KEYS = uuid.UUID("3b8c7f52-6a0e-5d0b-9a57-6f1c6f0a7d11")


def name_keys_for(person: Person, texts: Iterable[str]) -> list[NameKey]:
    """The rows by which look-up finds her by these names, and by where she lives; not yet written."""
    year = person.birth_year
    rows = [
        NameKey(person=person, word=word, sound=sound, skeleton=skeleton, birth_year=year)
        for word, sound, skeleton in keys_of(texts)
    ]
    rows += [
        NameKey(person=person, word=word, is_place=True, birth_year=year)
        for word in place_words(person.where)
    ]
    return rows


def rebuild_name_keys(person: Person) -> None:
    """Writes again the keys of one person from all that is known of her."""
    texts = [person.full_name, *PersonName.objects.filter(person=person).values_list("text", flat=True)]
    NameKey.objects.filter(person=person).delete()
    NameKey.objects.bulk_create(name_keys_for(person, texts))


@transaction.atomic
def open_file(
    *,
    chosen_name: str,
    node: Organisation,
    by: User | Actor,
    at: datetime | None = None,
    family_name: str = "",
    grammar: str = "",
    birth_year: int | None = None,
    is_birth_year_about: bool = False,
    birth_date: date | None = None,
    languages: str = "",
    where: str = "",
    commune_code: str = "",
    code: str = "",
    source: str = "",
    key: str = "",
) -> Person:
    """Opens the file of a person: what she wants to be called is enough. ``node`` follows her from then on.

    ``code`` is one already printed for her. The same ``key`` by the same actor opens one file, however often it
    is sent; the first one is given back.
    """
    at = at or timezone.now()
    chosen_name, family_name = " ".join(chosen_name.split()), " ".join(family_name.split())
    _check_identity(chosen_name, birth_year, birth_date, at)
    public_id = uuid.uuid5(_FILE_KEYS, f"{actor_of(by)}:{key}") if key else uuid.uuid4()
    if key and (known := Person.objects.filter(uuid=public_id).first()):
        return known
    person = Person(
        uuid=public_id,
        code=code or free_code(),
        chosen_name=chosen_name,
        family_name=family_name,
        grammar=grammar,
        birth_year=birth_date.year if birth_date else birth_year,
        is_birth_year_about=is_birth_year_about and birth_date is None and birth_year is not None,
        birth_date=birth_date,
        languages=languages.strip(),
        where=where.strip(),
        commune_code=commune_code,
        created_at=at,
        last_contact_at=at,
    )
    try:
        with transaction.atomic():
            person.save(force_insert=True)
            CardCode.objects.create(person=person, code=person.code, issued_at=at)
    except IntegrityError as error:
        if key and (known := Person.objects.filter(uuid=public_id).first()):
            return known
        raise BusinessError(gettext("Ce code est déjà celui d’une autre personne."), field="code") from error
    NameKey.objects.bulk_create(name_keys_for(person, [person.full_name]))
    Following.objects.create(person=person, node=node, started_at=at)
    filled = [name for name in IDENTITY_FIELDS if getattr(person, name) not in ("", None, False)]
    note(by, "open_file", person, at=at, node=node, thing=source, fields=filled)
    return person


@transaction.atomic
def correct_identity(
    person: Person, *, by: User | Actor, at: datetime | None = None, **fields: object
) -> Person:
    """Changes what is known of who she is; only what differs is written, and the trail names those fields.

    A name that changes stays in her file as a former one, and still finds her.
    """
    at = at or timezone.now()
    if unknown := set(fields) - set(IDENTITY_FIELDS):
        raise TypeError(f"not a field of her identity: {sorted(unknown)}")
    person = locked(person)
    former = person.full_name
    wanted = {
        name: " ".join(value.split()) if isinstance(value, str) and name != "note" else value
        for name, value in fields.items()
    }
    if isinstance(born := wanted.get("birth_date"), date):
        wanted |= {"birth_year": born.year, "is_birth_year_about": False}
    if "birth_year" in wanted and wanted["birth_year"] is None:
        wanted["is_birth_year_about"] = False
    changed = [name for name, value in wanted.items() if getattr(person, name) != value]
    if not changed:
        return person
    for name in changed:
        setattr(person, name, wanted[name])
    _check_identity(person.chosen_name, person.birth_year, person.birth_date, at)
    person.save(update_fields=changed)
    is_new = person.full_name != former and not PersonName.objects.filter(person=person, text=former).exists()
    if is_new:
        PersonName.objects.create(person=person, text=former, kind="former", added_at=at)
    if {"chosen_name", "family_name", "birth_year", "where"} & set(changed):
        rebuild_name_keys(person)
    note(by, "correct_identity", person, at=at, fields=sorted(changed))
    return person


@transaction.atomic
def add_name(
    person: Person, text: str, kind: str = "spelling", *, by: User | Actor, at: datetime | None = None
) -> PersonName:
    """Another spelling, script or nickname; the same one twice is one."""
    at = at or timezone.now()
    text = " ".join(text.split())
    if not text:
        raise BusinessError(gettext("Écrivez ce nom."), field="text")
    known = PersonName.noted.filter(person=person, text=text).order_by("-removed_at").last()
    if known is not None:
        return put_name_back(known, by=by, at=at) if known.removed_at else known
    name = PersonName.objects.create(person=person, text=text[:160], kind=kind, added_at=at)
    rebuild_name_keys(person)
    note(by, "add_name", person, at=at, fields=["names"])
    return name


@transaction.atomic
def remove_name(name: PersonName, *, by: User | Actor, at: datetime | None = None) -> PersonName:
    """A name that was noted by mistake finds her no more; it can be put back. Removing it twice is once.

    Her own name is corrected where it stands, never removed: :class:`Conflict`.
    """
    at = at or timezone.now()
    locked(name.person)
    name.refresh_from_db()
    if name.removed_at is not None:
        return name
    if name.text == name.person.full_name:
        raise Conflict(gettext("C’est son nom d’aujourd’hui : corrigez-le là où il est écrit."))
    name.removed_at = at
    name.save(update_fields=["removed_at"])
    rebuild_name_keys(name.person)
    note(by, "remove_name", name.person, at=at, fields=["names"])
    return name


@transaction.atomic
def put_name_back(name: PersonName, *, by: User | Actor, at: datetime | None = None) -> PersonName:
    """A name that was removed finds her again. Twice is once."""
    at = at or timezone.now()
    locked(name.person)
    name.refresh_from_db()
    if name.removed_at is None:
        return name
    name.removed_at = None
    name.save(update_fields=["removed_at"])
    rebuild_name_keys(name.person)
    note(by, "put_name_back", name.person, at=at, fields=["names"])
    return name


def note_look_up(
    by: User, *, node: Organisation | None, told: Iterable[str] = (), at: datetime | None = None
) -> None:
    """Notes that someone looked a person up, never what was typed, and of whom it was told that a file may exist.

    Repeated within 15 minutes by one user, it is one row.
    """
    at = at or timezone.now()
    place = str(node.uuid) if node is not None else "network"
    record_reading(by.actor, "look_up", at=at, place=place, person="")
    for person_uuid in told:
        record_reading(by.actor, "told_a_file_may_exist", at=at, place=place, person=person_uuid)


@transaction.atomic
def note_look_up_by_command(count: int, *, at: datetime | None = None) -> None:
    """Notes that ``count`` questions were asked of the whole network on the command line, never what was asked.

    One row for each act, unlike a look-up on screen: whoever asks in thousands is seen.
    """
    record(
        Actor.system("look_up"),
        "look_up_by_command",
        at=at or timezone.now(),
        place="network",
        reason=ngettext("%(count)s recherche", "%(count)s recherches", count) % {"count": count},
    )


def _check_identity(chosen_name: str, birth_year: int | None, birth_date: date | None, at: datetime) -> None:
    today = timezone.localdate(at)
    if not chosen_name:
        raise BusinessError(
            gettext("Un prénom ou un surnom suffit : comment veut-elle être appelée ?"), field="chosen_name"
        )
    if birth_date is not None and not date(FIRST_YEAR, 1, 1) <= birth_date <= today:
        raise BusinessError(gettext("Cette date de naissance n’est pas possible."), field="birth_date")
    if birth_year is not None and not FIRST_YEAR <= birth_year <= today.year:
        raise BusinessError(
            gettext("L’année est entre %(first)s et %(last)s.") % {"first": FIRST_YEAR, "last": today.year},
            field="birth_year",
        )
