"""What a person's file shows of sessions: her places, those to come and those that are past."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext

from bagage.common import words as common_words
from bagage.common.happenings import Happened
from bagage.common.prepared import prepared
from bagage.common.together import Asking, together
from bagage.permanences.domain import sessions as rules
from bagage.permanences.models import (
    SessionBooking,
)
from bagage.permanences.queries.places import day_bounds
from bagage.permanences.words import item_title
from bagage.skills.models import Observation
from bagage.skills.queries import step_sentences


# How far ahead a session is proposed for a request, and how far ahead trouble is shown.
@prepared
def sessions_of(files: Iterable[int]) -> QuerySet[SessionBooking]:
    """All places these files have or had in sessions, the newest session first, with session and site."""
    return (
        SessionBooking.objects.filter(person__in=files)
        .select_related("session__site__organisation", "person")
        .order_by("-session__starts_at", "-pk")
    )


@dataclass(frozen=True, slots=True)
class Seat:
    """One place of hers as it is shown: the state in words, and her place in line while she waits (0 otherwise)."""

    booking: SessionBooking
    place: int = 0

    @property
    def text(self) -> str:
        """``"Attend une place, 2e de la liste"``, ``"Inscrite"``."""
        if not self.place:
            return self.booking.state_word
        if self.place == 1:
            return gettext("Attend une place, en tête de liste")
        return gettext("Attend une place, %(place)se de la liste") % {"place": self.place}

    @property
    def icon(self) -> str:
        """The icon of its state."""
        return SEAT_ICONS[self.booking.state]


SEAT_ICONS = {
    "booked": "calendar-check",
    "waiting": "clock",
    "present": "circle-check",
    "absent": "circle-x",
    "excused": "message-square-text",
    "left": "log-out",
    "called_off": "calendar-x",
}


@dataclass(frozen=True, slots=True)
class PersonPanel:
    """Her sessions: those to come, the next first, and the last three that are past."""

    coming: list[Seat]
    past: list[Seat]


@together
def person_panel(
    files: Sequence[int], *, today: date, seats: list[SessionBooking] | None = None
) -> Asking[PersonPanel | None]:
    """What her file shows of sessions; ``None`` when she was never in one. Two queries.

    ``seats`` are those of :func:`sessions_of`, where they were read already: one query less.
    """
    seats = (yield from sessions_of.asking(files)) if seats is None else seats
    if not seats:
        return None
    start = day_bounds(today)[0]
    ahead = [one for one in seats if one.state in {"booked", "waiting"} and one.session.starts_at >= start]
    waited = [one.session_id for one in ahead if one.state == "waiting"]
    lines: dict[int, list[int]] = {}
    if waited:
        rows = (
            SessionBooking.objects.filter(session__in=waited, state="waiting")
            .order_by("booked_at", "pk")
            .values_list("session_id", "pk")
        )
        for session_id, pk in rows:
            lines.setdefault(session_id, []).append(pk)
    coming = [
        Seat(one, rules.place_in_line(lines.get(one.session_id, []), one.pk)) for one in reversed(ahead)
    ]
    past = [Seat(one) for one in seats if one not in ahead and one.state not in {"left", "called_off"}][:3]
    return PersonPanel(coming, past)


@prepared
def _observed_in_sessions(files: Iterable[int]) -> QuerySet[Observation]:
    return (
        Observation.objects.filter(person__in=files, source__startswith="session:", how="seen")
        .select_related("item", "person")
        .order_by("observed_on", "written_at", "pk")
    )


@together
def happened(
    files: Sequence[int], *, details: bool, seats: list[SessionBooking] | None = None
) -> Asking[list[Happened]]:
    """Her timeline: places asked, sessions attended or missed; what she could do only with ``details``. Two queries.

    ``seats`` are those of :func:`sessions_of`, where they were read already: one query less.
    """
    lines = []
    for seat in (yield from sessions_of.asking(files)) if seats is None else seats:
        session = seat.session
        text = gettext("%(topic)s, %(moment)s, à %(site)s.") % {
            "topic": common_words.quoted(session.topic),
            "moment": session.when,
            "site": session.site,
        }
        # What was lived is told at the hour of the session; what was asked or given back, when it was.
        at = session.starts_at if seat.state in {"present", "absent"} else seat.changed_at
        lines.append(
            Happened(
                at=at,
                icon=SEAT_ICONS[seat.state],
                strong=_happened_words(seat),
                text=text,
                who=seat.booked_by if seat.state in {"booked", "waiting"} else "",
                url=reverse("permanences:session", args=[session.uuid]),
            )
        )
    if not details:
        return lines
    for one in (yield from _observed_in_sessions.asking(files)):
        steps = step_sentences(one.person.grammar)
        lines.append(
            Happened(
                at=one.written_at,
                icon="pointer",
                strong=item_title(one.item),
                text=gettext("vu en séance : %(step)s.")
                % {"step": steps["unknown" if one.step is None else str(one.step)]},
                who=one.written_by,
            )
        )
    return lines


def _happened_words(seat: SessionBooking) -> str:
    """What is told of a place, before the session's name."""
    if seat.state == "called_off":
        if seat.session.state == "cancelled":
            return gettext("Séance annulée")
        return gettext("Pas de place à la séance")
    return {
        "booked": gettext("Place prise à la séance"),
        "waiting": gettext("Liste d’attente de la séance"),
        "present": gettext("Présence à la séance"),
        "absent": gettext("Absence à la séance"),
        "excused": gettext("A prévenu de son absence à la séance"),
        "left": gettext("A laissé sa place à la séance"),
    }[seat.state]
