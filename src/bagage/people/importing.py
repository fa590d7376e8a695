"""Persons from the lists that an association has: what they say of her, and who is known already."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from functools import lru_cache
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from rapidfuzz import fuzz

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import Organisation, User
from bagage.common import words
from bagage.common.errors import BusinessError
from bagage.imports.domain.lifecycle import RowState
from bagage.imports.domain.values import (
    Birth,
    Wrong,
    is_unknown,
    plain,
    read_age,
    read_birth,
    read_languages,
    read_past_day,
    read_yes_no,
)
from bagage.imports.kinds import (
    Alike,
    Fault,
    Ground,
    Kind,
    Line,
    Outcome,
    Reading,
    Todo,
    Verdict,
    iterate,
    register,
)
from bagage.imports.models import Batch, Row
from bagage.people import services
from bagage.people.domain.blocking import blocks_of
from bagage.people.domain.likeness import Known, Likeness, compare, is_proposed, sought_of
from bagage.people.domain.names import name_words, script_of
from bagage.people.domain.phones import PhoneProblem, digits_of, phone_slip, read_phone, shown_phone
from bagage.people.importing_fields import FIELDS, SHOWS
from bagage.people.models import Answer, ContactWay, Obstacle, Person, PersonName, PersonReference
from bagage.people.permissions import listed_fields
from bagage.people.queries import contact_ways_now, situation_now
from bagage.people.queries.duplicates import (
    IN_ONE_LIST,
    common_of,
    pairs_worth_comparing,
    possible_duplicates,
    possible_duplicates_of_many,
)
from bagage.people.services.bulk import NewFile, files_used, note_brought_in, open_files, take_back_files
from bagage.people.words import Why, phone_trouble, whys
from bagage.trail.domain.actor import Actor

# How a commune is found from what was written; an activity above, which knows communes, says it: text -> (code, name).
COMMUNE_FINDERS: list[Callable[[str], tuple[str, str] | None]] = []
MOST_ALIKE = 3
# Whose identifiers a list holds that names no source: those of the house.
COMMON_SOURCE = "import"
# Up to so many rows, each is asked for by itself; of more, all files are read once.
FEW = 40
# Of a hundred: names that look less alike are not compared. The least alike of one person had 84, of 510 measured.
UNLIKE = 66
_PHONE_FIELDS = ("phone", "other_phone")
_OBSTACLES = tuple(Obstacle.values)
_SHE = {
    "f",
    "femme",
    "feminin",
    "mme",
    "madame",
    "mlle",
    "mademoiselle",
    "elle",
    "female",
    "fem",
    "dame",
    "woman",
}
_HE = {"h", "homme", "masculin", "m", "monsieur", "mr", "il", "male", "masc", "man"}
_PARTLY = frozenset({"un peu", "partiel", "partiellement", "en cours", "parfois", "a moitie"})


@dataclass(frozen=True, slots=True)
class Incoming:
    """A person as a row tells her, made ready to be written."""

    file: NewFile

    @property
    def known(self) -> Known:
        """The same for the comparison with others."""
        file = self.file
        texts = [f"{file.chosen_name} {file.family_name}".strip(), *(text for text, _kind in file.names)]
        return Known(
            names=tuple(dict.fromkeys(texts)),
            birth_year=file.birth_date.year if file.birth_date else file.birth_year,
            is_birth_year_about=file.is_birth_year_about,
            birth_date=file.birth_date,
            phones=file.phones,
            where=file.where,
        )


class Persons(Kind):
    """Persons welcomed."""

    name = "persons"
    label = _("Personnes accueillies")
    says = _("Prénom, nom, naissance, téléphone, langue, commune, qui l’a orientée. Un prénom suffit.")
    icon = "users"
    ability = Ability.LOOK_UP
    fields = FIELDS

    # ---------- words ----------
    def count(self, number: int) -> str:
        return ngettext("%(count)s personne", "%(count)s personnes", number) % {"count": number}

    def who(self, cells: Mapping[str, str]) -> str:
        given = cells.get("chosen_name") or cells.get("full_name") or ""
        return " ".join(f"{given} {cells.get('family_name', '')}".split())[:80]

    def same_words(self) -> str:
        return gettext("Même personne, compléter ce qui manque")

    def apart_words(self) -> str:
        return gettext("Deux personnes")

    def fault_words(self, fault: Mapping[str, Any]) -> str:
        code, facts = str(fault["code"]), dict(fault.get("facts") or {})
        if code.startswith("phone_") and code != "phone_rounded":
            return phone_trouble(PhoneProblem(code.removeprefix("phone_"), int(facts.get("count", 0))))
        said = {
            "no_name": gettext("Ni prénom ni nom. Un prénom ou un surnom suffit."),
            "not_a_name": gettext("Ce n’est pas un nom : il n’y a aucune lettre."),
            "phone_rounded": gettext("Le tableur a arrondi ce numéro. Recopiez-le, ou laissez vide."),
            "years_differ": gettext("L’année dit %(year)s, la date dit %(other)s. Gardez la bonne."),
            "reference_of_other": gettext(
                "Cet identifiant est déjà celui de quelqu’un d’autre dans Bagage. Changez-le, ou laissez-le vide."
            ),
            "acted": gettext("Son dossier a servi depuis : il reste."),
            "linked": gettext("Quelque chose de son dossier a été écrit depuis : il reste."),
            "gone": gettext("Ce dossier n’existe plus."),
        }.get(code, "")
        return said % facts if "%(" in said else said

    def reason_words(self, reading: Reading, other: str | Reading) -> list[Why]:
        known = self._known_of(other)
        if known is None:
            return []
        grammar = "" if isinstance(other, Reading) else self._person(other).grammar  # type: ignore[union-attr]
        return list(whys(compare(sought_of(reading.values.known), known).reasons, grammar))

    def name_of_thing(self, thing: str, user: User) -> str:
        person = self._person(thing)
        if person is None or not Person.objects.filter(pk=person.pk).visible_to(user).exists():
            return ""
        return person.full_name

    def url_of_thing(self, thing: str) -> str:
        try:
            return reverse("desk:person", args=[UUID(thing.removeprefix("person:"))])
        except (NoReverseMatch, ValueError):
            return ""

    def references(self, things: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for piece in iterate(sorted({thing.removeprefix("person:") for thing in things}), 500):
            rows = PersonReference.objects.filter(person__uuid__in=piece).order_by("added_at", "pk")
            for uuid, reference in rows.values_list("person__uuid", "reference"):
                found[f"person:{uuid}"] = reference
        return found

    # ---------- reading ----------
    def settle(self, columns: Sequence[Any], rows: Sequence[Sequence[str]]) -> dict[int, str]:
        """A column "Nom" alone whose values are two words or more holds whole names."""
        fields = [column.field for column in columns]
        if "family_name" in fields and not {"chosen_name", "full_name"} & set(fields):
            at = fields.index("family_name")
            values = [row[at] for row in rows[:500] if at < len(row) and row[at]]
            if sum(len(value.split()) > 1 for value in values) > 0.5 * len(values):
                return {at: "full_name"}
        return {}

    def ground(self, batch: Batch, at: datetime) -> Ground:
        ground = super().ground(batch, at)
        heading = next((each["heading"] for each in batch.columns if each["field"] == "full_name"), "")
        ground.kept["family_first"] = plain(heading).startswith("nom") and "prenom" in plain(heading)
        return ground

    def read(self, number: int, cells: Mapping[str, str], ground: Ground) -> Reading:
        reading = Reading(number, dict(cells))
        read = _Reader(reading, ground)
        given, family = read.names()
        birth = read.birth()
        phones = read.phones()
        situation = read.situation()
        first, last = read.day("first_seen"), read.day("last_seen")
        seen = max(filter(None, (first, last)), default=None)
        where, commune_code = read.where()
        reference = read.text("reference", 80)
        if reference.endswith(".0") and reference[:-2].isdigit():
            reference = reference[:-2]
        other = read.text("other_name", 160)
        shared = read.yes_no("is_phone_shared")
        note = read.text("note", 2_000)
        if referrer := read.text("referrer", 160):
            # Kept in the language of the house: it is a fact of her file, not a word of the screen.
            note = f"Orientation : {referrer}.\n{note}".strip()
        reading.values = Incoming(
            NewFile(
                chosen_name=given,
                family_name=family,
                grammar=_grammar(cells.get("grammar", "")),
                birth_year=birth.year if birth else None,
                is_birth_year_about=bool(birth and birth.is_about),
                birth_date=birth.on if birth else None,
                languages=read_languages(cells.get("languages", "")),
                where=where,
                commune_code=commune_code,
                note=note,
                phones=phones,
                is_phone_shared=bool(shared),
                names=((other, "spelling"),) if other and other != f"{given} {family}".strip() else (),
                reference=reference,
                situation=situation,
                last_contact_at=_noon(seen) if seen else None,
            )
        )
        return reading

    # ---------- who is known ----------
    def known(
        self, readings: Sequence[Reading], ground: Ground, earlier: Sequence[Reading] = ()
    ) -> list[Verdict]:
        verdicts = [Verdict() for _reading in readings]
        self._by_reference(readings, ground, earlier, verdicts)
        # Who is certainly known, and what has to be mended first, is not compared.
        open_ones = [at for at, verdict in enumerate(verdicts) if not (verdict.there or verdict.faults)]
        rows = [readings[at].values.known for at in open_ones]
        scope = _scope(ground)
        if len(rows) <= FEW:
            base = [possible_duplicates(known, scope=scope, limit=MOST_ALIKE) for known in rows]
        else:
            base = possible_duplicates_of_many(rows, scope=scope, limit=MOST_ALIKE)
        inside = self._inside([readings[at] for at in open_ones], rows, earlier)
        for at, of_base, of_file in zip(open_ones, base, inside, strict=True):
            found = [_alike(likeness, thing=f"person:{person.uuid}") for person, likeness in of_base]
            found += [_alike(likeness, row=number) for number, likeness in of_file]
            found.sort(key=lambda each: (-each.score, each.row))
            verdicts[at].alike = found[:MOST_ALIKE]
        return verdicts

    def _inside(
        self, readings: Sequence[Reading], rows: Sequence[Known], earlier: Sequence[Reading]
    ) -> list[list[tuple[int, Likeness]]]:
        """For each row, the numbers of other rows of the file that it may be."""
        if not earlier:
            return [
                [(readings[at].number, likeness) for at, likeness in found] for found in _twice_among(rows)
            ]
        by_block: dict[str, list[int]] = {}
        for at, known in enumerate(rows):
            for block in set(blocks_of(known)):
                by_block.setdefault(block, []).append(at)
        found: list[dict[int, Likeness]] = [{} for _known in rows]
        for other in earlier:
            if other.faults:
                continue
            theirs = other.values.known
            near = {at for block in set(blocks_of(theirs)) for at in by_block.get(block, ())}
            for at in near:
                likeness = compare(sought_of(rows[at]), theirs)
                if is_proposed(likeness, most=IN_ONE_LIST):
                    found[at][other.number] = likeness
        return [sorted(each.items(), key=lambda item: (-item[1].score, item[0])) for each in found]

    def _by_reference(
        self,
        readings: Sequence[Reading],
        ground: Ground,
        earlier: Sequence[Reading],
        verdicts: Sequence[Verdict],
    ) -> None:
        """The same identifier names the same person: a row that came in already is not written again.

        An identifier of someone whose name is another, or that stands twice in the file, is a mistake to be mended.
        """
        first: dict[str, int] = {
            each.values.file.reference: each.number for each in earlier if not each.faults
        }
        for reading, verdict in zip(readings, verdicts, strict=True):
            reference = reading.values.file.reference
            if reference and reference in first and first[reference] != reading.number:
                verdict.faults.append(
                    Fault("reference", "twice_in_file", reference, facts={"row": first[reference]})
                )
            first.setdefault(reference, reading.number)
        places: dict[str, int] = {}
        for at, reading in enumerate(readings):
            places.setdefault(reading.values.file.reference, at)
        for reference, one in _named(sorted(places.keys() - {""}), ground).items():
            at = places[reference]
            self._said_known(verdicts[at], readings[at], one, is_own=one.source == ground.source)

    def _said_known(self, verdict: Verdict, reading: Reading, one: PersonReference, *, is_own: bool) -> None:
        theirs = Known(names=(one.person.full_name,))
        if "name" in compare(sought_of(replace(reading.values.known, phones=())), theirs).facts:
            verdict.there = f"person:{one.person.uuid}"
        elif is_own:
            verdict.faults.append(Fault("reference", "reference_of_other", one.reference))

    # ---------- side by side ----------
    def side_by_side(self, reading: Reading, other: str | Reading) -> list[Line]:
        ours = reading.values.file
        theirs: NewFile | None
        if isinstance(other, Reading):
            theirs = other.values.file
        else:
            person = self._person(other)
            theirs = None if person is None else _file_of(person)
        if theirs is None:
            return []
        lines = [
            _line(gettext("Prénom"), ours.chosen_name, theirs.chosen_name),
            _line(gettext("Nom"), ours.family_name, theirs.family_name),
            _birth_line(ours, theirs),
            _phone_line(ours, theirs),
            _line(gettext("Langue"), ours.languages, theirs.languages),
            _line(gettext("Commune"), ours.where, theirs.where),
        ]
        return [line for line in lines if line is not None]

    def _known_of(self, other: str | Reading) -> Known | None:
        if isinstance(other, Reading):
            return other.values.known  # type: ignore[no-any-return]
        person = self._person(other)
        return None if person is None else Incoming(_file_of(person)).known

    def _person(self, thing: str) -> Person | None:
        try:
            uuid = UUID(thing.removeprefix("person:"))
        except ValueError:
            return None
        return Person.objects.filter(uuid=uuid, erased_at=None).first()

    # ---------- writing ----------
    def write(self, todo: Sequence[Todo], ground: Ground, *, by: User | Actor, at: datetime) -> list[Outcome]:
        new = [each for each in todo if not each.same_as]
        # Written meanwhile by another file with the same identifiers: not twice.
        named = _named([each.reading.values.file.reference for each in new], ground)
        taken = {
            reference: one.person.uuid for reference, one in named.items() if one.source == ground.source
        }
        fresh = [each for each in new if each.reading.values.file.reference not in taken]
        persons = open_files(
            [each.reading.values.file for each in fresh],
            node=ground.node,
            by=by,
            at=at,
            reference_source=ground.source,
            source=ground.batch.thing,
        )
        made = {each.number: person for each, person in zip(fresh, persons, strict=True)}
        outcomes = []
        for each in todo:
            if each.same_as:
                outcomes.append(self._join(each, ground, by=by, at=at))
            elif each.number in made:
                outcomes.append(
                    Outcome(RowState.WRITTEN, f"person:{made[each.number].uuid}", {"at": at.isoformat()})
                )
            else:
                uuid = taken[each.reading.values.file.reference]
                outcomes.append(Outcome(RowState.SKIPPED, f"person:{uuid}"))
        note_brought_in(persons, thing=ground.batch.thing, node=ground.node, fields=["file"], by=by, at=at)
        return outcomes

    def _join(self, one: Todo, ground: Ground, *, by: User | Actor, at: datetime) -> Outcome:
        """Completes a file that is known with what a row says beside it; nothing that it holds is changed."""
        person = self._person(one.same_as)
        if person is None:
            return Outcome(RowState.SET_ASIDE, errors=[Fault("", "gone")])
        if person.merged_into is not None:
            person = person.merged_into
        file: NewFile = one.reading.values.file
        done: dict[str, Any] = {"joined": True, "at": at.isoformat()}
        fills: dict[str, Any] = {}
        for name in ("family_name", "grammar", "languages", "where", "commune_code", "note"):
            if getattr(file, name) and not getattr(person, name):
                fills[name] = getattr(file, name)
        if (
            person.birth_date is None
            and file.birth_date
            and (
                person.birth_year is None
                or person.birth_year == file.birth_date.year
                or person.is_birth_year_about
            )
        ):
            fills["birth_date"] = file.birth_date
        elif person.birth_year is None and file.birth_year:
            fills |= {"birth_year": file.birth_year, "is_birth_year_about": file.is_birth_year_about}
        if fills:
            before = {name: getattr(person, name) for name in (*fills, "birth_year", "is_birth_year_about")}
            services.correct_identity(person, by=by, at=at, **fills)
            done["filled"] = {name: _plain(value) for name, value in fills.items()}
            done["before"] = {name: _plain(value) for name, value in before.items()}
        name = f"{file.chosen_name} {file.family_name}".strip()
        if plain(name) != plain(person.full_name) and not person.names.filter(text=name).exists():
            services.add_name(person, name, by=by, at=at)
            done["name"] = name
        held = {way.phone for way in contact_ways_now(person)}
        ways = [
            services.add_contact_way(
                person,
                kind=ContactWay.Kind.SMS,
                phone=phone,
                is_shared=file.is_phone_shared,
                by=by,
                at=at,
                keep=True,
            )
            for phone in file.phones
            if phone not in held
        ]
        done["ways"] = [str(way.uuid) for way in ways]
        missing = {
            obstacle: answer
            for obstacle, answer in file.situation.items()
            if obstacle not in situation_now(person)
        }
        if missing:
            services.record_situations(
                person, missing, said_on=timezone.localdate(at), source=ground.batch.thing, by=by, at=at
            )
            done["situation"] = sorted(missing)
        if file.reference:
            _reference, is_new = PersonReference.objects.get_or_create(
                source=ground.source, reference=file.reference, defaults={"person": person, "added_at": at}
            )
            done["reference"] = file.reference if is_new else ""
        return Outcome(RowState.WRITTEN, f"person:{person.uuid}", done)

    # ---------- taking back ----------
    def undo(self, rows: Sequence[Row], ground: Ground, *, by: User | Actor, at: datetime) -> list[Outcome]:
        # What rows completed goes first: it may have completed a file that this very batch opened.
        apart = {
            row.number: self._take_apart(row, ground, by=by, at=at)
            for row in rows
            if row.written.get("joined")
        }
        opened = [row for row in rows if row.number not in apart]
        uuids = [row.thing.removeprefix("person:") for row in opened]
        # Held until the end: nobody adds to a file while it is looked at and taken back.
        persons = {
            f"person:{person.uuid}": person
            for person in Person.objects.select_for_update(of=("self",)).filter(uuid__in=uuids).order_by("pk")
        }
        used = self._used(persons, opened, ground, at)
        take_back_files([person for thing, person in persons.items() if thing not in used])
        outcomes = []
        for row in rows:
            if row.number in apart:
                outcomes.append(apart[row.number])
            elif row.thing in used:
                outcomes.append(Outcome(RowState.KEPT, errors=[Fault("", used[row.thing])]))
            else:
                outcomes.append(Outcome(RowState.UNDONE))
        return outcomes

    def _used(
        self, persons: Mapping[str, Person], rows: Sequence[Row], ground: Ground, undone_at: datetime | None
    ) -> dict[str, str]:
        """Those whose file has served since it was written, with the code of the reason."""
        found = files_used(
            [persons[row.thing] for row in rows if row.thing in persons],
            moments=self._moments(ground, undone_at),
            apart=[ground.batch.thing],
        )
        things = {person.pk: thing for thing, person in persons.items()}
        return {things[pk]: why for pk, why in found.items()}

    def _moments(self, ground: Ground, undone_at: datetime | None) -> list[datetime]:
        """When rows of the batch were written: once, or once more for each time that it was taken up again.

        Where rows completed files, taking that back is told by the trail too: its moment belongs to them.
        """
        if "moments" not in ground.kept:
            rows = Row.objects.filter(batch=ground.batch, state__in=[RowState.WRITTEN, RowState.UNDONE])
            written = [done for done in rows.values_list("written", flat=True).iterator() if done]
            moments = {datetime.fromisoformat(str(done["at"])) for done in written}
            if undone_at is not None and any(done.get("joined") for done in written):
                moments.add(undone_at)
            ground.kept["moments"] = sorted(moments)
        return ground.kept["moments"]  # type: ignore[no-any-return]

    def foreseen_kept(self, things: Sequence[str], ground: Ground) -> dict[str, str]:
        kept: dict[str, str] = {}
        rows = Row.objects.filter(batch=ground.batch, state=RowState.WRITTEN).order_by("number")
        for piece in iterate(rows.iterator(chunk_size=500), 500):
            opened = [row for row in piece if not row.written.get("joined")]
            uuids = [row.thing.removeprefix("person:") for row in opened]
            persons = {f"person:{one.uuid}": one for one in Person.objects.filter(uuid__in=uuids)}
            kept |= self._used(persons, opened, ground, None)
        return kept

    def _take_apart(self, row: Row, ground: Ground, *, by: User | Actor, at: datetime) -> Outcome:
        """What a row completed in a file that was known goes again, where nobody has changed it since."""
        person = self._person(row.thing)
        if person is None:
            return Outcome(RowState.UNDONE)
        done = row.written
        back = {
            name: _unplain(name, done["before"].get(name))
            for name, value in done.get("filled", {}).items()
            if _plain(getattr(person, name)) == value
        }
        if "birth_date" in back:
            back |= {name: done["before"].get(name) for name in ("birth_year", "is_birth_year_about")}
        try:
            with transaction.atomic():
                if back:
                    services.correct_identity(person, by=by, at=at, **back)
                if done.get("name"):
                    PersonName.objects.filter(person=person, text=done["name"]).delete()
                    services.rebuild_name_keys(person)
                for way in ContactWay.objects.filter(uuid__in=done.get("ways", []), ended_at=None):
                    services.end_contact_way(way, by=by, at=at)
                if done.get("situation"):
                    person.situation.filter(source=ground.batch.thing).delete()
                if done.get("reference"):
                    PersonReference.objects.filter(
                        person=person, source=ground.source, reference=done["reference"]
                    ).delete()
        except BusinessError as error:
            return Outcome(RowState.KEPT, errors=[Fault("", "refused", facts={"words": str(error)})])
        return Outcome(RowState.UNDONE)

    # ---------- files out ----------
    def rows_out(self, nodes: Sequence[Organisation], at: datetime, *, by: User) -> Iterator[Sequence[Any]]:
        names = (
            "reference", "chosen_name", "family_name", "other_name", "grammar", "birth_year", "birth_date", "phone",
            "is_phone_shared", "languages", "commune", "last_seen",
        )  # fmt: skip
        node_ids = [node.pk for node in nodes]
        sees = listed_fields(by, node_ids)
        shown = [name for name in names if SHOWS[name] in sees]
        yield [self.label_of(name) for name in shown]
        followed = Person.objects.whole().followed_in(node_ids, at).order_by("pk")
        for piece in iterate(followed.iterator(chunk_size=500), 500):
            ids = [person.pk for person in piece]
            references: dict[int, str] = {}
            rows = PersonReference.objects.filter(person__in=ids).order_by("added_at", "pk")
            for pk, reference in rows.values_list("person_id", "reference"):
                references[pk] = reference
            ways: dict[int, ContactWay] = {}
            held = ContactWay.objects.filter(person__in=ids, ended_at=None).exclude(phone="")
            for way in held.order_by("-started_at", "-pk"):
                ways.setdefault(way.person_id, way)
            others: dict[int, str] = {}
            for pk, text in (
                PersonName.objects.filter(person__in=ids)
                .exclude(kind="main")
                .values_list("person_id", "text")
            ):
                others.setdefault(pk, text)
            for person in piece:
                way_of = ways.get(person.pk)
                cells = (
                    references.get(person.pk, ""),
                    person.chosen_name,
                    person.family_name,
                    others.get(person.pk, ""),
                    {"she": "F", "he": "M"}.get(person.grammar, ""),
                    _year_out(person),
                    person.birth_date,
                    shown_phone(way_of.phone) if way_of else "",
                    ("oui" if way_of.is_shared else "") if way_of else "",
                    person.languages,
                    person.where,
                    timezone.localdate(person.last_contact_at),
                )
                row = dict(zip(names, cells, strict=True))
                yield [row[name] for name in shown]


def _twice_among(rows: Sequence[Known]) -> list[list[tuple[int, Likeness]]]:
    """What ``duplicates_among`` finds; pairs that share a given name and a year and no more are passed over first.

    They are three of four of a long list, and that is seen a hundred times as fast.
    """
    sought = [sought_of(known) for known in rows]
    common = common_of(rows)
    names = [_plain_name(known) for known in rows]
    found: list[list[tuple[int, Likeness]]] = [[] for _known in rows]
    for one, other in pairs_worth_comparing(rows):
        if _is_unlike(names[one], names[other]) and not _share_more(rows[one], rows[other]):
            continue
        likeness = compare(sought[other], rows[one], common)
        if is_proposed(likeness, most=IN_ONE_LIST):
            found[other].append((one, likeness))
    return [sorted(each, key=lambda item: (-item[1].score, item[0]))[:MOST_ALIKE] for each in found]


def _plain_name(known: Known) -> tuple[str, str]:
    """The words of her only name, plain and as they sound; none when she has several, or one in another script."""
    if len(known.names) != 1 or script_of(known.names[0]) != "latin":
        return "", ""
    found = name_words(known.names[0])
    return " ".join(word.folded for word in found), " ".join(word.sound for word in found)


def _is_unlike(one: tuple[str, str], other: tuple[str, str]) -> bool:
    """Whether two names look like nothing of each other, whatever the order of their words."""
    if not (one[0] and other[0]):
        return False
    return not (
        fuzz.token_set_ratio(one[0], other[0], score_cutoff=UNLIKE)
        or fuzz.ratio(one[0], other[0], score_cutoff=UNLIKE)
        or fuzz.token_sort_ratio(one[1], other[1], score_cutoff=UNLIKE)
    )


def _share_more(one: Known, other: Known) -> bool:
    """A telephone, or a day of birth that is not the first of January: a name may have changed."""
    if one.phones and not set(one.phones).isdisjoint(other.phones):
        return True
    day = one.birth_date
    return day is not None and day == other.birth_date and (day.month, day.day) != (1, 1)


class _Reader:
    """Reads the cells of one row, and notes what is wrong."""

    def __init__(self, reading: Reading, ground: Ground) -> None:
        self.reading, self.cells, self.ground = reading, reading.cells, ground

    def fault(self, name: str, code: str, value: str = "", proposed: str = "", **facts: Any) -> None:
        self.reading.faults.append(Fault(name, code, value, proposed, facts))

    def text(self, name: str, most: int) -> str:
        value = self.cells.get(name, "")
        if is_unknown(value):
            return ""
        if len(value) > most:
            self.fault(name, "too_long", value[:200], most=most)
        return value[:most]

    def names(self) -> tuple[str, str]:
        """What she is called and her family name; the one that there is, when there is one."""
        given, family = _written(self.text("chosen_name", 80)), _written(self.text("family_name", 80))
        whole = self.text("full_name", 160)
        if whole and not (given and family):
            one, other = _parted(whole, family_first=bool(self.ground.kept.get("family_first")))
            given, family = given or _written(one), family or _written(other)
        if not given and family:
            given, family = family, ""
        if not given:
            self.fault("chosen_name", "no_name")
        elif not any(sign.isalpha() for sign in given):
            self.fault("chosen_name", "not_a_name", given)
        return given[:80], family[:80]

    def birth(self) -> Birth | None:
        """Her birth, from whatever column tells it best: a day before a year, a year before an age."""
        found: list[Birth] = []
        for name in ("birth_date", "birth_year", "age"):
            value = self.cells.get(name, "")
            try:
                birth = (
                    read_age(value, self.ground.today)
                    if name == "age"
                    else read_birth(value, self.ground.today, order=self.ground.order(name))
                )
            except Wrong as wrong:
                self.reading.faults.append(Fault.of(name, wrong, value))
                continue
            if birth is not None:
                found.append(birth)
        if not found:
            return None
        exact = [birth for birth in found if not birth.is_about]
        if len(exact) == 2 and exact[0].year != exact[1].year:
            self.fault("birth_year", "years_differ", self.cells.get("birth_year", ""), str(exact[0].year),
                       year=exact[1].year, other=exact[0].year)  # fmt: skip
        return next((birth for birth in found if birth.on), None) or (exact or found)[0]

    def phones(self) -> tuple[str, ...]:
        """Her numbers, each once, in international form."""
        found: dict[str, None] = {}
        for name in _PHONE_FIELDS:
            value = self.cells.get(name, "")
            if is_unknown(value) or plain(value) in {"aucun", "pas de telephone", "pas de tel", "0", "neant"}:
                continue
            if re.fullmatch(r"\d[.,]\d+E\+?\d+", value, re.IGNORECASE):
                self.fault(name, "phone_rounded", value)
                continue
            for part in _phone_parts(value):
                try:
                    found[read_phone(part)] = None
                except PhoneProblem as problem:
                    self.fault(name, f"phone_{problem.code}", value, count=problem.count)
        return tuple(found)

    def situation(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for name in _OBSTACLES:
            value = self.cells.get(name, "")
            if plain(value) in _PARTLY:
                found[name] = Answer.PARTLY.value
                continue
            answer = self.yes_no(name)
            if answer is not None:
                found[name] = (Answer.YES if answer else Answer.NO).value
        return found

    def yes_no(self, name: str) -> bool | None:
        value = self.cells.get(name, "")
        if not value:
            return None
        try:
            return read_yes_no(value)
        except Wrong as wrong:
            self.reading.faults.append(Fault.of(name, wrong, value))
            return None

    def day(self, name: str) -> date | None:
        value = self.cells.get(name, "")
        if not value:
            return None
        try:
            return read_past_day(value, self.ground.today, order=self.ground.order(name))
        except Wrong as wrong:
            self.reading.faults.append(Fault.of(name, wrong, value))
            return None

    def where(self) -> tuple[str, str]:
        """Where she lives as it was written, and the commune's code when it is known for sure."""
        commune, postcode, place = (self.text(name, 160) for name in ("commune", "postcode", "where"))
        town = " ".join(part for part in (postcode, commune) if part)
        code = ""
        if town:
            code, name = _commune(town) or ("", "")
            commune = commune or name
        return ", ".join(dict.fromkeys(part for part in (place, commune or postcode) if part))[:160], code


@lru_cache(maxsize=4_000)
def _commune(text: str) -> tuple[str, str] | None:
    for finder in COMMUNE_FINDERS:
        if found := finder(text):
            return found
    return None


def _phone_parts(value: str) -> list[str]:
    """Several numbers in one cell: "06 12 34 56 78 / 07 …"."""
    parts = [part.strip() for part in re.split(r"[/;,|]|\bou\b|\bet\b", value) if part.strip()]
    whole = [part for part in parts if len(digits_of(part)) >= 8]
    # "06/12/34/56/78" is one number.
    return parts if len(parts) == len(whole) else [re.sub(r"[/;,|]", " ", value)]


def _written(name: str) -> str:
    """A name as one writes it: capitals or small letters throughout become "Diarra", "N'Diaye", "Jean-Marc"."""
    name = " ".join(name.split())
    if len(name) > 2 and (name.isupper() or name.islower()):
        return re.sub(r"[^\W\d_]+", lambda found: found[0][:1].upper() + found[0][1:].lower(), name)
    return name


def _parted(whole: str, *, family_first: bool) -> tuple[str, str]:
    """Given and family name out of one text: "Diarra, Fatou", "DIARRA Fatou", "Fatou Diarra"."""
    if "," in whole:
        family, _comma, given = whole.partition(",")
        return given.strip(), family.strip()
    parts = whole.split()
    loud = [part for part in parts if len(part) > 1 and part.isupper()]
    if loud and len(loud) < len(parts):
        return " ".join(part for part in parts if part not in loud), " ".join(loud)
    if len(parts) < 2:
        return whole, ""
    if family_first:
        return " ".join(parts[1:]), parts[0]
    return parts[0], " ".join(parts[1:])


def _grammar(text: str) -> str:
    said = plain(text).strip(" .")
    return (
        Person.Grammar.SHE if said in _SHE else Person.Grammar.HE if said in _HE else Person.Grammar.UNKNOWN
    )


def _noon(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(12)))


def _scope(ground: Ground) -> frozenset[int] | None:
    """The nodes whose files may be told of: those of who brings the file in; all, for one at the machine itself."""
    user = ground.batch.read_by
    return None if user is None else user.node_ids(Ability.LOOK_UP)


def _named(references: Sequence[str], ground: Ground) -> dict[str, PersonReference]:
    """Whom these identifiers name: those of this very list, and of lists brought in at the machine whom one may see."""
    found: dict[str, PersonReference] = {}
    user = ground.batch.read_by
    for piece in iterate(sorted(set(references) - {""}), 500):
        rows = PersonReference.objects.filter(reference__in=piece, person__erased_at=None)
        own = rows.filter(source=ground.source).select_related("person")
        common = rows.filter(source=COMMON_SOURCE).select_related("person")
        if user is not None:
            common = common.filter(person__in=Person.objects.visible_to(user))
        found |= {one.reference: one for one in (*common, *own)}
    return found


def _alike(likeness: Likeness, *, thing: str = "", row: int = 0) -> Alike:
    kinds = tuple(dict.fromkeys(reason.kind for reason in likeness.reasons))
    return Alike(likeness.score, likeness.band.value, kinds, thing, row)


def _file_of(person: Person) -> NewFile:
    """A file that is known, as a row would tell it."""
    return NewFile(
        chosen_name=person.chosen_name,
        family_name=person.family_name,
        birth_year=person.birth_year,
        is_birth_year_about=person.is_birth_year_about,
        birth_date=person.birth_date,
        languages=person.languages,
        where=person.where,
        phones=tuple(dict.fromkeys(way.phone for way in contact_ways_now(person) if way.phone)),
        names=tuple((name.text, name.kind) for name in person.names.order_by("pk")),
    )


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _unplain(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name == "birth_date" and isinstance(value, str) else value


def _year_out(person: Person) -> str | int:
    if person.birth_year is None:
        return ""
    return f"vers {person.birth_year}" if person.is_birth_year_about else person.birth_year


# ---------- two records side by side ----------
def _line(label: str, ours: str, theirs: str) -> Line | None:
    if not ours and not theirs:
        return None
    unknown = gettext("on ne sait pas")
    if not theirs:
        gap, said = "fills", gettext("complète")
    elif not ours:
        gap, said = "unknown", gettext("rien de plus")
    elif plain(ours) == plain(theirs):
        gap, said = "same", gettext("pareil")
    elif is_proposed_word(ours, theirs):
        gap, said = "near", gettext("proche")
    else:
        gap, said = "other", gettext("différent")
    return Line(label, ((ours or unknown, False),), ((theirs or unknown, False),), gap, said)


def is_proposed_word(one: str, other: str) -> bool:
    """Whether two names are near enough to be said so."""
    found = compare(sought_of(Known(names=(one,))), Known(names=(other,)))
    return found.score >= 0.6


def _birth_line(ours: NewFile, theirs: NewFile) -> Line | None:
    one, other = _birth_text(ours), _birth_text(theirs)
    line = _line(gettext("Naissance"), one, other)
    if line is None or line.gap not in {"near", "other"}:
        return line
    apart = abs((ours.birth_year or 0) - (theirs.birth_year or 0))
    about = ours.is_birth_year_about or theirs.is_birth_year_about
    dates = ours.birth_date and theirs.birth_date and ours.birth_date != theirs.birth_date
    if (apart == 0 and not dates) or (about and apart <= 2):
        return replace(line, gap="same", words=gettext("compatible"))
    years = ngettext("%(count)s an", "%(count)s ans", apart) % {"count": apart}
    return replace(
        line, gap="near" if apart <= 1 else "other", words=years if apart else gettext("un autre jour")
    )


def _birth_text(file: NewFile) -> str:
    if file.birth_date:
        return words.day_short(file.birth_date, year=True)
    if file.birth_year is None:
        return ""
    return (
        gettext("vers %(year)s") % {"year": file.birth_year}
        if file.is_birth_year_about
        else str(file.birth_year)
    )


def _phone_line(ours: NewFile, theirs: NewFile) -> Line | None:
    one = ours.phones[0] if ours.phones else ""
    others = [phone for phone in theirs.phones if phone_slip(one, phone)] if one else []
    other = (others or list(theirs.phones) or [""])[0]
    line = _line(gettext("Téléphone"), shown_phone(one) if one else "", shown_phone(other) if other else "")
    if line is None or not one or not other:
        return line
    slip = phone_slip(one, other)
    if slip == "same":
        return replace(line, gap="same", words=gettext("pareil"))
    if slip:
        said = gettext("deux chiffres échangés") if slip == "swapped" else gettext("1 chiffre")
        return replace(line, ours=_marked(line.ours[0][0], line.theirs[0][0]),
                       theirs=_marked(line.theirs[0][0], line.ours[0][0]), gap="near", words=said)  # fmt: skip
    return replace(line, gap="other", words=gettext("différent"))


def _marked(text: str, other: str) -> tuple[tuple[str, bool], ...]:
    """The text in pieces, those that differ from the other marked."""
    if len(text) != len(other):
        return ((text, False),)
    pieces: list[tuple[str, bool]] = []
    for one, two in zip(text, other, strict=True):
        differs = one != two
        if pieces and pieces[-1][1] == differs:
            pieces[-1] = (pieces[-1][0] + one, differs)
        else:
            pieces.append((one, differs))
    return tuple(pieces)


register(Persons())
