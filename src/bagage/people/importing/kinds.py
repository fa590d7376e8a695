"""Persons from the spreadsheets of an association: compared with the base and with each other, written, taken back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import Organisation, User
from bagage.common.errors import BusinessError
from bagage.imports.domain.lifecycle import RowState
from bagage.imports.domain.values import (
    plain,
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
)
from bagage.imports.models import Batch, Row
from bagage.people import services
from bagage.people.domain.blocking import blocks_of
from bagage.people.domain.likeness import Known, Likeness, compare, either_way, sought_of
from bagage.people.domain.phones import PhoneProblem, shown_phone
from bagage.people.importing.fields import FIELDS, SHOWS
from bagage.people.importing.reading import Incoming, read_row
from bagage.people.importing.side_by_side import file_of, lines_of
from bagage.people.importing.twice import MOST_ALIKE, twice_among
from bagage.people.models import ContactWay, Person, PersonName, PersonReference
from bagage.people.permissions import listed_fields
from bagage.people.queries import contact_ways_now, situation_now
from bagage.people.queries.duplicates import (
    IN_ONE_LIST,
    possible_duplicates,
    possible_duplicates_of_many,
)
from bagage.people.services.bulk import NewFile, files_used, note_brought_in, open_files, take_back_files
from bagage.people.words import Why, phone_trouble, whys
from bagage.trail.domain.actor import Actor

# Whose identifiers a list holds that names no source: those of the house.
COMMON_SOURCE = "import"
# Up to so many rows, each is asked for by itself; of more, all files are read once.
FEW = 40


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
        return read_row(number, cells, ground)

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
                [(readings[at].number, likeness) for at, likeness in found] for found in twice_among(rows)
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
                asked = (sought_of(rows[at]), theirs), (sought_of(theirs), rows[at])
                likeness = either_way(asked, most=IN_ONE_LIST)
                if likeness is not None:
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
            theirs = None if person is None else file_of(person)
        if theirs is None:
            return []
        return lines_of(ours, theirs)

    def _known_of(self, other: str | Reading) -> Known | None:
        if isinstance(other, Reading):
            return other.values.known  # type: ignore[no-any-return]
        person = self._person(other)
        return None if person is None else Incoming(file_of(person)).known

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
        if (
            plain(name) != plain(person.full_name)
            and not PersonName.noted.filter(person=person, text=name).exists()
        ):
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


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def _unplain(name: str, value: Any) -> Any:
    return date.fromisoformat(value) if name == "birth_date" and isinstance(value, str) else value


def _year_out(person: Person) -> str | int:
    if person.birth_year is None:
        return ""
    return f"vers {person.birth_year}" if person.is_birth_year_about else person.birth_year
