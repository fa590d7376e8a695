"""Rows that may speak of one place: found with their reasons, joined by a pointer, parted as easily."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from rapidfuzz import fuzz

from bagage.accounts.models import User, actor_of
from bagage.common.errors import BusinessError
from bagage.directory.domain.communes import distance_km, folded
from bagage.directory.models import LikelySame, Structure
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

By = User | Actor
# From here two rows are shown to someone; a name alone, in one commune, is enough when it is nearly the same.
SHOWN = 0.75
NEAR_KM = 0.25
FAR_KM = 3.0
MOST = 200
PIECE = 500
# Words that say the kind of a place, not which one it is.
_COMMON = frozenset(
    {"de", "du", "des", "la", "les", "aux", "mediatheque", "bibliotheque", "municipale", "espace", "public",
     "numerique", "maison", "services", "france", "centre", "social", "mairie", "association", "ville", "point"}
)  # fmt: skip


class Line(NamedTuple):
    """What is compared of a place."""

    pk: int
    source: str
    name: str
    commune_code: str
    latitude: float | None
    longitude: float | None
    position: str
    phone: str
    pivot: str
    address: str


def compared(one: Line, other: Line) -> tuple[float, list[str]]:
    """How surely two rows speak of one place, 0 to 1, and why."""
    reasons = []
    score = 0.0
    first, second = folded(one.name), folded(other.name)
    if first == second:
        score, reasons = 0.6, ["same_name"]
    else:
        likeness = fuzz.token_sort_ratio(first, second)
        own = _own(first) & _own(second)
        if likeness >= 88 and (own or likeness >= 96):
            score, reasons = 0.5, ["near_name"]
        elif own and fuzz.token_set_ratio(first, second) >= 95:
            score, reasons = 0.4, ["part_of_name"]
    if one.pivot and one.pivot == other.pivot:
        score += 0.25
        reasons.append("same_number")
    if one.phone and one.phone == other.phone:
        score += 0.25
        reasons.append("same_phone")
    if one.address and folded(one.address) == folded(other.address):
        score += 0.3
        reasons.append("same_address")
    if one.position == other.position == Structure.Position.EXACT and None not in (
        one.latitude,
        other.latitude,
    ):
        far = distance_km(one.latitude or 0, one.longitude or 0, other.latitude or 0, other.longitude or 0)
        if far <= NEAR_KM:
            score += 0.25
            reasons.append("near")
        elif far > FAR_KM:
            score -= 0.4
    return round(max(0.0, min(1.0, score)), 3), reasons


def _own(name: str) -> set[str]:
    return {word for word in name.split() if word not in _COMMON and len(word) > 2}


_COLUMNS = Line._fields
# By the keys of both rows, the lower first: how surely, and why.
Pairs = dict[tuple[int, int], tuple[float, list[str]]]


def propose_same(keys: Sequence[tuple[str, str]], *, at: datetime) -> list[dict[str, Any]]:
    """Of these places (source, identifier), those that another row seems to speak of too; what was decided stays.

    Only rows of one commune are compared. Gives at most 200 of them, surest first; all are kept.
    """
    if not keys:
        return []
    wanted = set(keys)
    fresh: set[int] = set()
    communes: set[str] = set()
    for start in range(0, len(keys), PIECE):
        piece = keys[start : start + PIECE]
        rows = Structure.objects.filter(
            source__in={source for source, _id in piece}, source_id__in=[key for _source, key in piece]
        ).values_list("pk", "source", "source_id", "commune_code")
        for pk, source, source_id, code in rows:
            if (source, source_id) in wanted:
                fresh.add(pk)
                communes.add(code)
    communes.discard("")
    pairs: Pairs = {}
    codes = sorted(communes)
    for start in range(0, len(codes), PIECE):
        pairs.update(pairs_in(codes[start : start + PIECE], fresh))
    keep(pairs, at)
    return _told(pairs)


def likely_among(
    fresh: Sequence[Line], others: Sequence[Line] = ()
) -> dict[int, list[tuple[int, str, float, list[str]]]]:
    """Of rows that are not written yet, each named by a ``pk`` below 0: what each may be, surest first.

    Compared with what is listed in their communes, with each other and with ``others``. Gives ``(pk, thing, score,
    reasons)``; ``thing`` is ``"structure:…"`` for what is listed, else ``""``. Of two fresh rows the later one is told.
    """
    by_commune: dict[str, list[Line]] = {}
    for line in (*fresh, *others):
        by_commune.setdefault(line.commune_code, []).append(line)
    keys = {line.pk for line in fresh}
    uuids: dict[int, str] = {}
    found: dict[int, list[tuple[int, str, float, list[str]]]] = {}
    codes = sorted(by_commune.keys() - {""})
    for start in range(0, len(codes), PIECE):
        rows = Structure.objects.filter(
            ended_at=None, same_as=None, commune_code__in=codes[start : start + PIECE]
        ).values_list("uuid", *_COLUMNS)
        for uuid, *values in rows.iterator(chunk_size=5_000):
            line = Line._make(values)
            uuids[line.pk] = f"structure:{uuid}"
            by_commune[line.commune_code].append(line)
    for lines in by_commune.values():
        for (one, other), (score, reasons) in _pairs(lines, keys):
            # Numbers of rows count down: the first of a pair is the later row.
            mine, theirs = (one, other) if one in keys else (other, one)
            found.setdefault(mine, []).append((theirs, uuids.get(theirs, ""), score, reasons))
    for each in found.values():
        each.sort(key=lambda one: (-one[2], one[0]))
    return found


def pairs_in(communes: Collection[str], fresh: Collection[int]) -> Pairs:
    """The likely pairs of these communes of which one at least is among ``fresh``. One query."""
    rows_of: dict[str, list[Line]] = {}
    rows = Structure.objects.filter(ended_at=None, same_as=None, commune_code__in=communes)
    for line in map(Line._make, rows.values_list(*_COLUMNS).iterator(chunk_size=5_000)):
        rows_of.setdefault(line.commune_code, []).append(line)
    return {key: said for lines in rows_of.values() for key, said in _pairs(lines, fresh)}


def _pairs(
    lines: list[Line], fresh: Collection[int]
) -> Iterable[tuple[tuple[int, int], tuple[float, list[str]]]]:
    """The likely pairs of one commune: only rows that share a word of their name, a telephone or a number."""
    shelves: dict[str, list[Line]] = {}
    for line in lines:
        words = _own(folded(line.name)) or {folded(line.name)}
        for shelf in {*words, *(f"={value}" for value in (line.phone, line.pivot) if value)}:
            shelves.setdefault(shelf, []).append(line)
    tried: set[tuple[int, int]] = set()
    for stood in shelves.values():
        if len(stood) > 200:
            continue
        for at, one in enumerate(stood):
            for other in stood[at + 1 :]:
                key = (min(one.pk, other.pk), max(one.pk, other.pk))
                if key in tried or not (one.pk in fresh or other.pk in fresh):
                    continue
                tried.add(key)
                score, reasons = compared(one, other)
                if score >= SHOWN:
                    yield key, (score, reasons)


@transaction.atomic
def keep(pairs: Pairs, at: datetime) -> None:
    """Have these pairs decided by someone; what was proposed or decided already stays."""
    LikelySame.objects.bulk_create(
        [
            LikelySame(first_id=one, second_id=other, score=score, reasons=reasons, created_at=at)
            for (one, other), (score, reasons) in pairs.items()
        ],
        ignore_conflicts=True,
        batch_size=PIECE,
    )


def _told(pairs: Pairs) -> list[dict[str, Any]]:
    best = sorted(pairs.items(), key=lambda pair: (-pair[1][0], pair[0]))[:MOST]
    pks = {pk for key, _said in best for pk in key}
    rows = {
        row.pk: row
        for row in Structure.objects.filter(pk__in=pks).only("uuid", "name", "city", "source", "source_id")
    }
    return [
        {
            "places": [
                {"id": str(rows[pk].uuid), "name": rows[pk].name, "city": rows[pk].city, "source": rows[pk].source,
                 "source_id": rows[pk].source_id}
                for pk in key
            ],
            "score": score,
            "reasons": reasons,
        }
        for key, (score, reasons) in best
    ]  # fmt: skip


@transaction.atomic
def join(kept: Structure, other: Structure, *, by: By, at: datetime | None = None) -> None:
    """``other`` speaks of the same place as ``kept``: it is left out of lists, nothing of either is moved."""
    at = at or timezone.now()
    first, second = _held(kept, other)
    if first.pk == second.pk:
        raise BusinessError(_("C’est la même fiche."))
    if first.same_as_id is not None:
        raise BusinessError(_("La fiche gardée est elle-même jointe à une autre : gardez celle-là."))
    Structure.objects.filter(same_as=second).update(same_as=first, changed_at=at)
    second.same_as, second.changed_at = first, at
    second.save(update_fields=["same_as", "changed_at"])
    _decide(first, second, LikelySame.State.SAME, by, at)
    record(actor_of(by), "directory.join", at=at, thing=f"structure:{second.uuid}")


@transaction.atomic
def part(one: Structure, other: Structure, *, by: By, at: datetime | None = None) -> None:
    """They are two places; a pointer between them is cleared, and nobody is asked again."""
    at = at or timezone.now()
    for held, against in ((h, a) for h, a in (_held(one, other), _held(other, one))):
        if held.same_as_id == against.pk:
            held.same_as, held.changed_at = None, at
            held.save(update_fields=["same_as", "changed_at"])
    _decide(one, other, LikelySame.State.APART, by, at)
    record(actor_of(by), "directory.part", at=at, thing=f"structure:{other.uuid}")


def _held(one: Structure, other: Structure) -> tuple[Structure, Structure]:
    rows = {
        row.pk: row
        for row in Structure.objects.select_for_update(of=("self",))
        .filter(pk__in=[one.pk, other.pk])
        .order_by("pk")
    }
    return rows[one.pk], rows[other.pk]


def _decide(one: Structure, other: Structure, state: str, by: By, at: datetime) -> None:
    first, second = sorted((one.pk, other.pk))
    LikelySame.objects.update_or_create(
        first_id=first,
        second_id=second,
        defaults={"state": state, "decided_at": at, "decided_by": by if isinstance(by, User) else None},
        create_defaults={
            "state": state,
            "decided_at": at,
            "decided_by": by if isinstance(by, User) else None,
            "score": 1.0,
            "created_at": at,
        },
    )
