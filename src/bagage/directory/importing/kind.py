"""Places from any table, by the wizard of imports: compared with the panorama, written as a source, taken back.

Files of the same headings brought to the same node are one source: what came before is renewed, not written twice. A
row that was taken back ends, as a place that its source lists no more: who follows the changes is told.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.core import serializers
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import Organisation, User
from bagage.directory import services, words
from bagage.directory.domain.communes import folded
from bagage.directory.domain.places import Place, SetAside
from bagage.directory.domain.standards import mediation, table
from bagage.directory.importing.fields import FIELDS
from bagage.directory.models import Correction, Feed, LikelySame, Service, Structure
from bagage.directory.services.likely import Line as Compared
from bagage.directory.writing import current_structures, place_of
from bagage.imports.domain.lifecycle import RowState
from bagage.imports.domain.tables import Table
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
from bagage.imports.known import linked_pks, same_line
from bagage.imports.models import Batch, Row
from bagage.trail.domain.actor import Actor

# Changed when rows are read otherwise: what stands is then written anew.
READER = "1"
MOST_ALIKE = 3
PIECE = 500
# What was left aside of a row keeps its heading behind this, apart from the names of fields.
LEFT = "+"
# From so sure a likeness on, two rows surely are one place.
SURE = 0.9
# What a place has of its own; anything else that points at it was added since.
_OWN = (Service, LikelySame, Correction)


@dataclass(frozen=True, slots=True)
class Read:
    """A row as a place, with the print of its cells: the same as long as the row says the same."""

    place: Place
    fingerprint: str

    @property
    def key(self) -> str:
        """Its identifier in its source."""
        return self.place.source_id


class Places(Kind):
    """Places where someone is helped."""

    name = "places"
    label = _("Lieux du panorama")
    says = _(
        "Nom, adresse, téléphone, horaires, ce qu’on y propose : le tableau d’une ville ou d’un département."
    )
    icon = "map-pinned"
    ability = Ability.RUN_REFERRERS
    node_kinds = ("antenna", "network")
    fields = FIELDS

    # ---------- words ----------
    def count(self, number: int) -> str:
        return ngettext("%(count)s lieu", "%(count)s lieux", number) % {"count": number}

    def who(self, cells: Mapping[str, str]) -> str:
        return ", ".join(part for part in (cells.get("name", ""), cells.get("city", "")) if part)[:80]

    def fault_words(self, fault: Mapping[str, Any]) -> str:
        return {
            "no_name": gettext("Il manque le nom du lieu."),
            "closed": gettext("Ce tableau dit que le lieu n’est plus ouvert."),
            "too_long": gettext("Un identifiant a 120 lettres au plus."),
            "id_of_other": gettext(
                "Cet identifiant est déjà celui d’un autre lieu de ce tableau. Changez-le, ou laissez-le vide."
            ),
            "changed": gettext("Ce lieu a changé depuis : il reste."),
            "linked": gettext("Quelqu’un y a été orienté depuis : il reste."),
        }.get(str(fault["code"]), "")

    def reason_words(self, reading: Reading, other: str | Reading) -> list[Any]:
        mine = _compared(-reading.number, reading.values.place)
        if isinstance(other, Reading):
            theirs: Compared | None = _compared(-other.number, other.values.place)
        else:
            structure = _structure(other)
            theirs = None if structure is None else _compared(structure.pk, place_of(structure))
        if theirs is None:
            return []
        _score, reasons = services.compared(mine, theirs)
        return [words.LIKELY_REASONS.get(reason, reason) for reason in reasons]

    def same_words(self) -> str:
        return gettext("Le même lieu, montré une fois")

    def apart_words(self) -> str:
        return gettext("Deux lieux")

    def name_of_thing(self, thing: str, user: User) -> str:
        structure = _structure(thing)
        if structure is None:
            return ""
        # Several sources may list it under one name.
        return f"{words.calm(structure.name)} ({words.source_words(structure.source)})"

    def url_of_thing(self, thing: str) -> str:
        uuid = _uuid(thing)
        return reverse("directory:structure", args=[uuid]) if uuid else ""

    def references(self, things: Sequence[str]) -> dict[str, str]:
        found: dict[str, str] = {}
        for piece in iterate(sorted(set(things)), PIECE):
            rows = Structure.objects.filter(uuid__in=_uuids(piece))
            found |= {f"structure:{uuid}": key for uuid, key in rows.values_list("uuid", "source_id")}
        return found

    # ---------- reading ----------
    def arrange(self, table_: Table) -> Table:
        """Columns of the seven days become hours, "Tag 1", "Tag 2"… one list."""
        rows = [dict(zip(table_.headings, cells, strict=False)) for _number, cells in table_.rows]
        flat = table.flattened(rows)
        if not flat or tuple(flat[0]) == table_.headings:
            return table_
        numbers = [number for number, _cells in table_.rows]
        headings = tuple(flat[0])
        return replace(
            table_,
            headings=headings,
            rows=[
                (number, [row[name] for name in headings]) for number, row in zip(numbers, flat, strict=True)
            ],
        )

    def cells(self, batch: Batch, values: Sequence[str]) -> dict[str, str]:
        """Columns that are left aside too, by their heading: every word of a source is kept beside its place."""
        return {
            column["field"] or f"{LEFT}{column['heading']}": value
            for column, value in zip(batch.columns, values, strict=False)
        }

    def ground(self, batch: Batch, at: datetime) -> Ground:
        ground = super().ground(batch, at)
        ground.kept["slug"] = _slug(batch)
        ground.kept["headings"] = {
            column["field"]: column["heading"] for column in batch.columns if column["field"]
        }
        return ground

    def read(self, number: int, cells: Mapping[str, str], ground: Ground) -> Reading:
        reading = Reading(number, {name: value for name, value in cells.items() if not name.startswith(LEFT)})
        try:
            place = table.read_cells(reading.cells, source=ground.kept["slug"])
            if len(key := reading.cells.get("id", "")) > 120:
                raise SetAside("too_long", field="id", value=key)
        except SetAside as error:
            reading.faults.append(Fault(error.field, error.reason, error.value[:200]))
            return reading
        headings = ground.kept["headings"]
        kept = {
            name.removeprefix(LEFT) if name.startswith(LEFT) else headings.get(name, name): value
            for name, value in cells.items()
            if value
        }
        said = json.dumps([READER, table.FORMAT, reading.cells, kept], ensure_ascii=False, sort_keys=True)
        reading.values = Read(
            replace(place, more={table.FORMAT: kept}), hashlib.sha256(said.encode()).hexdigest()
        )
        return reading

    # ---------- what is known ----------
    def known(
        self, readings: Sequence[Reading], ground: Ground, earlier: Sequence[Reading] = ()
    ) -> list[Verdict]:
        verdicts = [Verdict() for _reading in readings]
        there = _there(ground.kept["slug"], [reading.values.key for reading in readings])
        first = {each.values.key: each.number for each in earlier if not each.faults}
        for reading, verdict in zip(readings, verdicts, strict=True):
            key = reading.values.key
            if first.setdefault(key, reading.number) != reading.number:
                name = "id" if reading.cells.get("id") else "name"
                verdict.faults.append(
                    Fault(name, "twice_in_file", reading.cells[name][:200], facts={"row": first[key]})
                )
            elif (structure := there.get(key)) is not None:
                if _is_other(structure, reading.values.place):
                    verdict.faults.append(Fault("id", "id_of_other", reading.cells.get("id", "")[:200]))
                elif structure.fingerprint == reading.values.fingerprint and structure.ended_at is None:
                    verdict.there = f"structure:{structure.uuid}"
        fresh = [
            reading
            for reading, verdict in zip(readings, verdicts, strict=True)
            if not (verdict.there or verdict.faults or reading.values.key in there)
        ]
        by_number = {reading.number: verdict for reading, verdict in zip(readings, verdicts, strict=True)}
        others = [_compared(-one.number, one.values.place) for one in earlier if not one.faults]
        for number, found in services.likely_among(
            [_compared(-one.number, one.values.place) for one in fresh], others
        ).items():
            by_number[-number].alike = [
                Alike(
                    score,
                    "sure" if score >= SURE else "possible",
                    tuple(reasons),
                    thing=thing,
                    row=max(0, -pk),
                )
                for pk, thing, score, reasons in found[:MOST_ALIKE]
            ]
        return verdicts

    def side_by_side(self, reading: Reading, other: str | Reading) -> list[Line]:
        if isinstance(other, Reading):
            theirs: Place | None = other.values.place
        else:
            structure = _structure(other)
            theirs = None if structure is None else place_of(structure)
        if theirs is None:
            return []
        ours: Place = reading.values.place
        lines = [
            same_line(gettext("Nom"), words.calm(ours.name), words.calm(theirs.name)),
            same_line(gettext("Adresse"), ours.address, theirs.address),
            same_line(gettext("Commune"), _town(ours), _town(theirs)),
            same_line(gettext("Téléphone"), ours.phone, theirs.phone),
            same_line(gettext("Horaires"), ours.hours, theirs.hours),
            same_line(gettext("Ce qu’on y propose"), _given(ours), _given(theirs)),
        ]
        return [line for line in lines if line is not None]

    # ---------- writing ----------
    def write(self, todo: Sequence[Todo], ground: Ground, *, by: User | Actor, at: datetime) -> list[Outcome]:
        batch = ground.batch
        slug = ground.kept["slug"]
        feed = Feed.objects.filter(slug=slug, stopped_at=None).first() or services.make_feed(
            slug=slug,
            name=batch.file_name,
            format=table.FORMAT,
            mapping={"columns": {each["heading"]: each["field"] for each in batch.columns}},
            by=by,
            at=at,
        )
        before = _there(slug, [each.reading.values.key for each in todo])
        was = _as_kept(list(before.values()))
        pks = services.write_places(
            [(each.reading.values.place, each.reading.values.fingerprint, feed.pk) for each in todo], at=at
        )
        rows = Structure.objects.in_bulk(list(pks.values()))
        outcomes = []
        for each in todo:
            structure = rows[pks[slug, each.reading.values.key]]
            said = {"at": structure.changed_at.isoformat(), "before": was.get(structure.pk, [])}
            other = _structure(each.same_as) if each.same_as else None
            if other is not None and other.pk != structure.pk:
                services.join(other.same_as or other, structure, by=by, at=at)
            outcomes.append(Outcome(RowState.WRITTEN, f"structure:{structure.uuid}", said))
        services.note_loaded(feed, created=len(todo) - len(before), updated=len(before), by=by, at=at)
        return outcomes

    def undo(self, rows: Sequence[Row], ground: Ground, *, by: User | Actor, at: datetime) -> list[Outcome]:
        held = {
            structure.uuid: structure
            for structure in Structure.objects.select_for_update(of=("self",))
            .filter(uuid__in=_uuids(row.thing for row in rows))
            .order_by("pk")
        }
        why = _why_kept(list(held.values()), {row.thing: row.written.get("at", "") for row in rows})
        outcomes = []
        for row in rows:
            if row.thing in why:
                outcomes.append(Outcome(RowState.KEPT, errors=[Fault("", why[row.thing])]))
                continue
            uuid = _uuid(row.thing)
            if uuid in held:
                services.take_back(held[uuid], row.written.get("before") or [], at=at)
            outcomes.append(Outcome(RowState.UNDONE))
        feed = Feed.objects.filter(slug=ground.kept["slug"]).first()
        if feed is not None:
            undone = [
                row for row, outcome in zip(rows, outcomes, strict=True) if outcome.state == RowState.UNDONE
            ]
            restored = sum(bool(row.written.get("before")) for row in undone)
            services.note_loaded(feed, updated=restored, ended=len(undone) - restored, by=by, at=at)
        return outcomes

    def foreseen_kept(self, things: Sequence[str], ground: Ground) -> dict[str, str]:
        rows = ground.batch.rows.filter(state=RowState.WRITTEN).values_list("thing", "written")
        said = {thing: written.get("at", "") for thing, written in rows}
        found: dict[str, str] = {}
        for piece in iterate(list(things), PIECE):
            found |= _why_kept(list(Structure.objects.filter(uuid__in=_uuids(piece))), said)
        return found

    # ---------- files out ----------
    def rows_out(self, nodes: Sequence[Organisation], at: datetime, *, by: User) -> Iterator[Sequence[Any]]:
        """The whole panorama in the columns of the national standard: places belong to no node."""
        yield list(mediation.COLUMNS)
        for structure in current_structures():
            record = mediation.write(place_of(structure))
            yield [record[name] for name in mediation.COLUMNS]


def _uuid(thing: str) -> UUID | None:
    try:
        return UUID(thing.removeprefix("structure:"))
    except ValueError:
        return None


def _uuids(things: Iterable[str]) -> list[UUID]:
    return [uuid for thing in things if (uuid := _uuid(thing))]


def _structure(thing: str) -> Structure | None:
    uuid = _uuid(thing)
    return Structure.objects.filter(uuid=uuid).prefetch_related("services").first() if uuid else None


def _slug(batch: Batch) -> str:
    """One source for the files of the same headings that a node brings in."""
    said = json.dumps([str(batch.node.uuid), *(folded(column["heading"]) for column in batch.columns)])
    return f"{words.BROUGHT_IN}{hashlib.sha256(said.encode()).hexdigest()[:16]}"


def _there(source: str, keys: Sequence[str]) -> dict[str, Structure]:
    found: dict[str, Structure] = {}
    for piece in iterate(sorted(set(keys)), PIECE):
        rows = Structure.objects.filter(source=source, source_id__in=piece)
        found |= {structure.source_id: structure for structure in rows}
    return found


def _is_other(structure: Structure, place: Place) -> bool:
    """Whether an identifier now names another place: neither its name nor its commune is what it was."""
    same_town = structure.commune_code == place.commune_code or folded(structure.city) == folded(place.city)
    return not same_town and folded(structure.name) != folded(place.name)


def _compared(pk: int, place: Place) -> Compared:
    return Compared(
        pk,
        place.source,
        place.name,
        place.commune_code,
        place.latitude,
        place.longitude,
        place.position,
        place.phone,
        place.pivot,
        place.address,
    )


def _town(place: Place) -> str:
    return f"{place.postcode} {words.calm(place.city)}".strip()


def _given(place: Place) -> str:
    labels = dict(Service.NeedChoice.choices)
    needs = dict.fromkeys(
        need for service in place.services for need in service.all_needs if need != "unknown"
    )
    return ", ".join(str(labels.get(need, need)) for need in needs)


def _as_kept(structures: Sequence[Structure]) -> dict[int, list[dict[str, Any]]]:
    """Each place with what it gives as it stands, to be put back if the batch is taken back."""
    kept: dict[int, list[dict[str, Any]]] = {
        structure.pk: json.loads(serializers.serialize("json", [structure])) for structure in structures
    }
    given = Service.objects.filter(structure__in=list(kept)).order_by("pk")
    for service in given:
        kept[service.structure_id] += json.loads(serializers.serialize("json", [service]))
    return kept


def _why_kept(structures: Sequence[Structure], written_at: Mapping[str, str]) -> dict[str, str]:
    """Of places that a batch wrote, those that stay, with why: changed, corrected or used since.

    Both are by thing; ``written_at`` is when each was written, in ISO form.
    """
    pks = [structure.pk for structure in structures]
    corrected = set(
        Correction.objects.filter(structure__in=pks, ended_at=None).values_list("structure_id", flat=True)
    )
    linked = linked_pks(Structure, pks, _OWN)
    found = {}
    for structure in structures:
        thing = f"structure:{structure.uuid}"
        at = written_at.get(thing, "")
        if not at or structure.changed_at != datetime.fromisoformat(at) or structure.pk in corrected:
            found[thing] = "changed"
        elif structure.pk in linked:
            found[thing] = "linked"
    return found
