"""The day at a glance: one lane for each person who receives, drawn with attributes only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext, ngettext

from bagage.accounts.models import User
from bagage.common import words
from bagage.permanences.models import Appointment, OpeningBlock

LEFT, RIGHT, WIDTH = 92.0, 1100.0, 1120
LANE, TOP = 28, 26
LETTER = 7.0  # the mean width of a letter at 12.5 px


@dataclass(frozen=True, slots=True)
class Tick:
    """An hour."""

    x: str
    label: str


@dataclass(frozen=True, slots=True)
class Bar:
    """An appointment, or the outline of hours in which someone receives."""

    x: str
    y: str
    width: str
    text_x: str
    text_y: str
    css: str
    text: str


@dataclass(frozen=True, slots=True)
class Lane:
    """One person's day."""

    name: str
    y: str
    bars: list[Bar] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Strip:
    """All that the picture shows, and the sentence for who cannot see it."""

    height: int
    ticks: list[Tick]
    lanes: list[Lane]
    now_x: str
    now_tag_x: str
    now_label: str
    sentence: str


def number(value: float) -> str:
    """A figure as SVG reads it, whatever the language."""
    return f"{value:.1f}"


def day_strip(
    appointments: Sequence[Appointment],
    blocks: Iterable[OpeningBlock],
    now: datetime,
    hidden: Iterable[int] = (),
) -> Strip | None:
    """The picture of a day; ``None`` when nobody receives. ``hidden``: appointments whose person is not shown."""
    shown = [appointment for appointment in appointments if appointment.state not in {"cancelled", "excused"}]
    advisers: dict[int, User] = {}
    spans: list[tuple[datetime, datetime]] = []
    for row in [*blocks, *shown]:
        advisers.setdefault(row.adviser_id, row.adviser)
        spans.append((timezone.localtime(row.starts_at), timezone.localtime(row.ends_at)))
    if not spans:
        return None
    first = min(span[0] for span in spans).replace(minute=0, second=0, microsecond=0)
    last = max(span[1] for span in spans)
    if last.minute or last.second:
        last = last.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    total = max((last - first).total_seconds(), 3600.0)

    def x(moment: datetime) -> float:
        return LEFT + (RIGHT - LEFT) * (moment - first).total_seconds() / total

    step = 1 if total <= 10 * 3600 else 2
    ticks = []
    local_now = timezone.localtime(now)
    is_on = first <= local_now <= last
    for count in range(0, int(total // 3600) + 1, step):
        moment = first + timedelta(hours=count)
        covered = is_on and abs(x(moment) - x(local_now)) < 48
        ticks.append(Tick(number(x(moment)), "" if covered else words.hour(moment)))
    order = sorted(advisers.values(), key=lambda adviser: (adviser.first_name, adviser.pk))
    unseen = set(hidden)
    lanes = []
    for position, adviser in enumerate(order):
        top = TOP + LANE * position
        lane = Lane(shortened(adviser.first_name, 84), str(top + 15))
        for appointment in shown:
            if appointment.adviser_id != adviser.pk:
                continue
            begin, end = x(appointment.starts_at), x(appointment.ends_at)
            is_past = appointment.state in {"done", "no_show"} or appointment.ends_at <= now
            css = "n" if appointment.state == "under_way" else "p" if is_past else ""
            name = "" if appointment.pk in unseen else appointment.person.chosen_name
            lane.bars.append(
                Bar(
                    number(begin + 1),
                    str(top),
                    number(max(end - begin - 3, 4)),
                    number(begin + 7),
                    str(top + 15),
                    css,
                    shortened(name, end - begin - 9),
                )
            )
        lanes.append(lane)
    names = words.joined([adviser.first_name for adviser in order])
    sentence = ngettext(
        "De %(begin)s à %(end)s : %(count)s rendez-vous, avec %(names)s.",
        "De %(begin)s à %(end)s : %(count)s rendez-vous, avec %(names)s.",
        len(shown),
    ) % {"begin": words.hour(first), "end": words.hour(last), "count": len(shown), "names": names}
    if is_on:
        sentence += " " + gettext("Il est %(hour)s.") % {"hour": words.hour(local_now)}
    now_x = x(local_now) if is_on else 0.0
    return Strip(
        height=TOP + LANE * len(order) + 2,
        ticks=ticks,
        lanes=lanes,
        now_x=number(now_x) if is_on else "",
        now_tag_x=number(now_x - 26),
        now_label=words.hour(local_now, full=True),
        sentence=sentence,
    )


def shortened(text: str, width: float) -> str:
    """As many letters as fit ``width`` units; ``""`` when not even two do."""
    letters = int(width / LETTER)
    if len(text) <= letters:
        return text
    return f"{text[: letters - 1]}…" if letters > 2 else ""
