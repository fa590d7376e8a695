"""The baggage of one or many persons, and its words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from bagage.common.prepared import prepared
from bagage.common.together import Asking, together
from bagage.common.words import day_short, listed
from bagage.journeys.domain.baggage import Asked, Baggage, Fact, Line, PocketView, Seen, compute
from bagage.journeys.models import Evidence, Request, RequestStep
from bagage.people.models import Person
from bagage.skills.models import Observation

Key = TypeVar("Key")


@prepared
def _marked_as(files: Iterable[int]) -> QuerySet[Person, tuple[int, int | None]]:
    return Person.objects.filter(merged_into_id__in=files).values_list("pk", "merged_into_id")


def files_of(person_ids: Iterable[int]) -> dict[int, list[int]]:
    """Of each person, the ids of her file and of all files marked as hers; one query, one more a level of merges."""
    ids = list(dict.fromkeys(person_ids))
    owner = {pk: pk for pk in ids}
    level = ids
    while level:
        found = _marked_as(level)
        level = []
        for pk, kept in found:
            if pk not in owner and kept is not None:
                owner[pk] = owner[kept]
                level.append(pk)
    files: dict[int, list[int]] = {pk: [] for pk in ids}
    for pk, root in owner.items():
        files[root].append(pk)
    return files


@together
def baggages(
    persons: Iterable[Person], *, today: date | None = None, files: dict[int, list[int]] | None = None
) -> Asking[dict[int, Baggage]]:
    """The baggage of each person, by ``pk``; five queries however many they are.

    The facts of files marked as hers count as hers. ``today`` computes the bag of an earlier day again.
    """
    groups = files if files is not None else files_of(person.pk for person in persons)
    return (yield from bags_of.asking(groups, today=today))


# Plain values: a day's list reads hundreds of facts, and making rows of them would take longer than reading them.
@prepared
def _facts(files: Iterable[int]) -> QuerySet[Evidence, tuple[int, str, str, date, datetime, str]]:
    return Evidence.objects.filter(person_id__in=files).values_list(
        "person_id", "item", "answer", "observed_on", "written_at", "note"
    )


@prepared
def _seen(
    files: Iterable[int], today: date
) -> QuerySet[Observation, tuple[int, str, int | None, date, datetime]]:
    return Observation.objects.filter(person_id__in=files, observed_on__lte=today).values_list(
        "person_id", "item__code", "step", "observed_on", "written_at"
    )


@prepared
def _reached(files: Iterable[int]) -> QuerySet[RequestStep, tuple[int, date, datetime, str]]:
    return RequestStep.objects.filter(request__journey__person_id__in=files).values_list(
        "request_id", "on", "written_at", "state"
    )


@prepared
def _asked(files: Iterable[int]) -> QuerySet[Request, tuple[int, int, str, date]]:
    return Request.objects.filter(journey__person_id__in=files).values_list(
        "pk", "journey__person_id", "pocket", "said_on"
    )


@together
def bags_of(groups: Mapping[Key, Sequence[int]], *, today: date | None = None) -> Asking[dict[Key, Baggage]]:
    """The baggage that the facts of some files make together, by group; a file may be in several. Four queries."""
    today = today or timezone.localdate()
    files = {pk for pks in groups.values() for pk in pks}
    if not files:
        return {}
    facts, observed, steps, requests = yield [
        _facts.of(files), _seen.of(files, today), _reached.of(files), _asked.of(files)
    ]  # fmt: skip
    evidence: dict[int, list[Fact]] = defaultdict(list)
    for person_id, item, answer, on, at, note in facts:
        evidence[person_id].append(Fact(item, answer, on, at, note))
    seen: dict[int, list[Seen]] = defaultdict(list)
    for person_id, code, step, on, at in observed:
        seen[person_id].append(Seen(code, step, on, at))
    asked: dict[int, list[Asked]] = defaultdict(list)
    reached: dict[int, list[tuple[date, datetime, str]]] = defaultdict(list)
    for request_id, on, at, state in steps:
        reached[request_id].append((on, at, state))
    for pk, person_id, pocket, on in requests:
        asked[person_id].append(Asked(pocket, on, tuple(reached[pk])))
    return {
        key: compute(
            [fact for pk in pks for fact in evidence[pk]],
            [one for pk in pks for one in seen[pk]],
            today,
            requests=[one for pk in pks for one in asked[pk]],
        )
        for key, pks in groups.items()
    }


def in_words(line: Line, titles: dict[str, str] | None = None) -> str:
    """A line of the rule in the reader's language; ``titles`` names the skills by their codes."""
    values = {
        name: day_short(value) if isinstance(value, date) else (titles or {}).get(str(value), value)
        for name, value in line.values.items()
    }
    return gettext(line.text) % values


@dataclass(frozen=True, slots=True)
class PocketWords:
    """One pocket as a screen shows it."""

    pocket: str
    icon: str
    title: str
    state: str
    lines: list[str]
    missing: list[str]
    to_ask: list[str]
    as_of: date | None

    @property
    def missing_words(self) -> str:
        """What is missing, in one line: names of skills hold commas."""
        return listed(self.missing)


def pocket_words(
    baggage: Baggage, *, details: bool, titles: dict[str, str] | None = None
) -> list[PocketWords]:
    """The three pockets with their words; without ``details`` only their states, for who may not read answers."""
    named: list[tuple[str, str, str, PocketView]] = [
        ("device", "smartphone", gettext("Appareil"), baggage.device),
        ("connection", "wifi", gettext("Connexion"), baggage.connection),
        ("skills", "pointer", gettext("Compétences"), baggage.skills),
    ]
    return [
        PocketWords(
            pocket=pocket,
            icon=icon,
            title=title,
            state=view.state,
            lines=[in_words(line, titles) for line in view.lines] if details else [],
            missing=[
                in_words(line, titles).lower() if pocket == "skills" else in_words(line, titles)
                for line in view.missing
            ]
            if details
            else [],
            to_ask=[in_words(line, titles) for line in view.to_ask] if details else [],
            as_of=view.as_of if details else None,
        )
        for pocket, icon, title, view in named
    ]
