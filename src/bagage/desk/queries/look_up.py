"""What the look-up shows of those it found: when each was last seen; of two files, what each says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from bagage.common.prepared import prepared
from bagage.common.together import Asking, together
from bagage.people.models import ContactWay, NotTheSame
from bagage.permanences.models import Appointment, AppointmentState

# Someone was there: she waits, she is seen, she was seen.
SEEN = (AppointmentState.DONE, AppointmentState.UNDER_WAY, AppointmentState.ARRIVED)


@prepared
def _seen(files: Iterable[int]) -> QuerySet[Appointment]:
    rows = Appointment.objects.filter(person_id__in=files, state__in=SEEN)
    return rows.select_related("adviser").order_by("starts_at", "pk")


@prepared
def _visits(files: Iterable[int]) -> QuerySet[Appointment, tuple[int, int]]:
    rows = Appointment.objects.filter(person_id__in=files, state__in=SEEN).order_by()
    return rows.values_list("person_id").annotate(count=Count("pk"))


@prepared
def _phones(files: Iterable[int]) -> QuerySet[ContactWay, tuple[int, str]]:
    rows = ContactWay.objects.filter(person_id__in=files, ended_at=None).exclude(phone="")
    return rows.order_by("-started_at", "-pk").values_list("person_id", "phone")


@prepared
def _said_apart(ones: Iterable[int], others: Iterable[int]) -> QuerySet[NotTheSame]:
    rows = NotTheSame.objects.filter(Q(one__in=ones, other__in=others) | Q(one__in=others, other__in=ones))
    return rows.select_related("said_by").order_by("pk")[:1]


@together
def last_seen(files: Sequence[int]) -> Asking[dict[int, Appointment]]:
    """The newest time that each was there, by the key of the file it is written in; one query."""
    return {row.person_id: row for row in (yield _seen.of(files))} if files else {}


@dataclass(frozen=True, slots=True)
class Told:
    """What two files say: of each its phones that hold, newest first, and its visits; who said they are two persons."""

    phones: tuple[list[str], list[str]]
    visits: tuple[int, int]
    apart: NotTheSame | None


@together
def told_by(ones: Sequence[int], others: Sequence[int]) -> Asking[Told]:
    """What two persons' files say, each told by the keys of all that are hers; three queries."""
    visits, ways, apart = yield [
        _visits.of([*ones, *others]), _phones.of([*ones, *others]), _said_apart.of(ones, others)
    ]  # fmt: skip
    count = dict(visits)
    phones: dict[int, list[str]] = defaultdict(list)
    first = set(ones)
    for pk, phone in ways:
        phones[pk not in first].append(phone)
    return Told(
        phones=(list(dict.fromkeys(phones[False])), list(dict.fromkeys(phones[True]))),
        visits=(sum(count.get(pk, 0) for pk in ones), sum(count.get(pk, 0) for pk in others)),
        apart=next(iter(apart), None),
    )
