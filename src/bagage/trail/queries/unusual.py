"""Reading that is out of the ordinary: not a fault, but something that the programme lead looks at."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q
from django.db.models.functions import ExtractHour, ExtractIsoWeekDay, TruncDate
from django.utils import timezone

from bagage.trail.models import Entry, PrivacyRules
from bagage.trail.queries.reading import actor_names

DAYS = 31
SUNDAY = 7


@dataclass(frozen=True, slots=True)
class UnusualReading:
    """What someone did on a day.

    ``why`` is ``"many"`` (files read in a day), ``"hours"`` (files read outside the hours or on a Sunday) or
    ``"elsewhere"`` (files of other sites opened in 31 days; ``on`` is then the last of those days).
    """

    actor: str
    name: str
    on: date
    why: str
    count: int


def unusual_readings(places: Iterable[str], rules: PrivacyRules, now: datetime) -> list[UnusualReading]:
    """What stands out in the last 31 days at these places, newest first. Four queries, whatever is found."""
    since = now - timedelta(days=DAYS)
    zone = timezone.get_current_timezone()
    there = Entry.objects.filter(
        at__gte=since, at__lte=now, segment__place__in=list(places), actor__startswith="user:"
    ).exclude(person="")
    read = (
        there.filter(is_reading=True)
        .annotate(
            on=TruncDate("at", tzinfo=zone),
            hour=ExtractHour("at", tzinfo=zone),
            weekday=ExtractIsoWeekDay("at", tzinfo=zone),
        )
        .order_by()
    )
    many = (
        read.values("actor", "on")
        .annotate(count=Count("person", distinct=True))
        .filter(count__gte=rules.files_a_day)
    )
    late = (
        read.filter(Q(hour__lt=rules.day_begins) | Q(hour__gte=rules.day_ends) | Q(weekday=SUNDAY))
        .values("actor", "on")
        .annotate(count=Count("person", distinct=True))
    )
    found = [(row["actor"], row["on"], "many", row["count"]) for row in many]
    found += [(row["actor"], row["on"], "hours", row["count"]) for row in late]
    opened: dict[str, set[str]] = defaultdict(set)
    last: dict[str, date] = {}
    elsewhere = there.filter(verb="open_elsewhere").order_by("at").values_list("actor", "person", "at")
    for actor, person, at in elsewhere:
        opened[actor].add(person)
        last[actor] = timezone.localdate(at)
    found += [
        (actor, last[actor], "elsewhere", len(files))
        for actor, files in opened.items()
        if len(files) >= rules.elsewhere_a_month
    ]
    names = actor_names(actor for actor, *_ in found)
    shown = [UnusualReading(actor, names.get(actor, ""), on, why, count) for actor, on, why, count in found]
    return sorted(shown, key=lambda each: (each.on, each.count, each.name, each.why), reverse=True)
