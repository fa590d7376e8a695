"""What is held of persons, counted through the declarations; whose file is past its time."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Max
from django.utils import timezone

from bagage.trail.domain.retention import months_earlier
from bagage.trail.models import PrivacyRules
from bagage.trail.registry import PERSON, Declaration, declaration_of, of_persons

# So many persons are asked about at once: SQLite takes some thousands of values in one question.
CHUNK = 400


@dataclass(frozen=True, slots=True)
class HeldRows:
    """How many rows of one table belong to some persons."""

    declaration: Declaration
    rows: int


@dataclass(frozen=True, slots=True)
class HeldBack:
    """Rows that must be settled before someone is erased: ``files`` are the ids of those whom they are about."""

    declaration: Declaration
    rows: int
    files: frozenset[int]

    @property
    def words(self) -> str:
        """``"2 rendez-vous à venir"``."""
        held: Any = self.declaration.held_words
        return str(held % {"count": self.rows})


def privacy_rules() -> PrivacyRules:
    """The rules of the house; what comes with Bagage, marked as an example, until someone confirmed them."""
    return PrivacyRules.objects.filter(pk=1).first() or PrivacyRules(pk=1)


def persons() -> Any:
    """The table of persons."""
    said = declaration_of(PERSON)
    assert said is not None
    return said.table._base_manager.all()


def files_together(files: Iterable[int]) -> list[int]:
    """These files and all that were marked as the same persons, kept ones first; two queries a chunk."""
    found: dict[int, None] = {}
    for part in chunks(list(files)):
        pairs = persons().filter(pk__in=part).values_list("pk", "merged_into_id")
        kept = {merged_into or pk for pk, merged_into in pairs}
        found |= dict.fromkeys(sorted(kept))
        same = persons().filter(merged_into__in=kept).order_by("pk").values_list("pk", flat=True)
        found |= dict.fromkeys(same)
    return list(found)


def references_of(files: Sequence[int]) -> list[str]:
    """The opaque references ("referral:<uuid>") of all that belongs to these files: messages name them so."""
    found: list[str] = []
    for each in of_persons():
        if each.thing:
            uuids = each.rows_of(files).values_list("uuid", flat=True)
            found += [f"{each.thing}:{uuid}" for uuid in uuids]
    return found


def held_rows(files: Sequence[int]) -> list[HeldRows]:
    """How many rows of each table belong to these files, who she is first, those without any left out.

    One query a table, and one for each word by which a table is called.
    """
    counts: dict[str, int] = {}
    for part in chunks(list(files)):
        things = references_of(part)
        for each in of_persons():
            counts[each.model] = counts.get(each.model, 0) + each.rows_of(part, things).count()
    shown = sorted(of_persons(), key=lambda each: (each.model != PERSON, each.processing != "people"))
    return [HeldRows(each, counts[each.model]) for each in shown if counts.get(each.model)]


def held_back(files: Sequence[int], now: datetime) -> list[HeldBack]:
    """What must be settled before these files go; one query a table that says so."""
    found = []
    for each in of_persons():
        if each.holds_back is None:
            continue
        owners: list[int] = []
        for part in chunks(list(files)):
            owners += each.holds_back(each.rows_of(part), now).values_list(each.person, flat=True)
        if owners:
            found.append(HeldBack(each, len(owners), frozenset(owners)))
    return found


def last_contacts(files: Sequence[int]) -> dict[int, datetime]:
    """When each file last had a contact: what it says itself, or a later row of a table declared as one."""
    newest: dict[int, datetime] = {}
    for part in chunks(list(files)):
        for pk, at in persons().filter(pk__in=part).values_list("pk", "last_contact_at"):
            newest[pk] = at
        for each in of_persons():
            if not each.contact or each.model == PERSON:
                continue
            last = each.rows_of(part).values(each.person).annotate(last=Max(each.contact)).order_by()
            for row in last:
                if row["last"] is not None:
                    newest[row[each.person]] = max(newest[row[each.person]], _moment(row["last"]))
    return newest


def expired_files(now: datetime, *, months: int) -> list[list[int]]:
    """The files whose last contact is more than ``months`` ago, each with those marked as the same person.

    One that had a contact keeps all that belong together. Frozen files are left out; what else holds one back is not
    looked at here.
    """
    before = months_earlier(now, months)
    old = list(
        persons()
        .filter(erased_at=None, merged_into=None, last_contact_at__lt=before)
        .order_by("last_contact_at", "pk")
        .values_list("pk", flat=True)
    )
    expired: list[list[int]] = []
    for part in chunks(old):
        groups: dict[int, list[int]] = {pk: [pk] for pk in part}
        same = persons().filter(merged_into__in=part).order_by("pk")
        for pk, kept in same.values_list("pk", "merged_into_id"):
            groups[kept].append(pk)
        members = [pk for files in groups.values() for pk in files]
        newest = last_contacts(members)
        frozen = _frozen(members, now)
        expired += [
            files
            for files in groups.values()
            if all(newest[pk] < before for pk in files) and frozen.isdisjoint(files)
        ]
    return expired


@dataclass(frozen=True, slots=True)
class Written:
    """What was written in rows of one table, and goes before the file: their ids."""

    declaration: Declaration
    months: int
    ids: tuple[int, ...]

    @property
    def rows(self) -> int:
        """How many."""
        return len(self.ids)


def written_too_long(now: datetime, rules: PrivacyRules) -> list[Written]:
    """What was written longer ago than the house keeps it for its purpose; frozen files are left out.

    One query a table of such a purpose, and one for each table by which a file is frozen.
    """
    shorter = [each for each in of_persons() if each.dated and rules.shorter.get(each.processing)]
    if not shorter:
        return []
    frozen = files_together(
        pk
        for each in of_persons()
        if each.freezes and each.holds_back is not None
        for pk in each.holds_back(each.table._base_manager.all(), now).values_list(each.person, flat=True)
    )
    found = []
    for each in shorter:
        months = rules.shorter[each.processing]
        rows = each.rows_past(months_earlier(now, months))
        for path in (each.person, *each.also) if frozen and each.person else ():
            rows = rows.exclude(**{f"{path}__in": frozen})
        if ids := tuple(rows.order_by("pk").values_list("pk", flat=True)):
            found.append(Written(each, months, ids))
    return found


def _frozen(files: Sequence[int], now: datetime) -> set[int]:
    found: set[int] = set()
    for each in of_persons():
        if each.freezes and each.holds_back is not None:
            found |= set(each.holds_back(each.rows_of(files), now).values_list(each.person, flat=True))
    return found


def chunks(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """The ids, some hundreds at a time."""
    for start in range(0, len(ids), CHUNK):
        yield ids[start : start + CHUNK]


def _moment(value: date | datetime) -> datetime:
    """A day counts to its end."""
    if isinstance(value, datetime):
        return value
    return timezone.make_aware(datetime.combine(value, time.max))
