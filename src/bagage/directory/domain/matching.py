"""How well a place answers what is asked, what is not known of it, and which rows speak of one place.

An unknown never hides a place: who says nothing comes after who says yes. Who says other things only is counted, and
shown when one asks for it. Closed, paid and unaccompanied places are left out only when that was asked, and counted.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from functools import lru_cache

from bagage.common.hours import Openness, UnreadableHours, openness
from bagage.directory.domain.communes import KM_A_DEGREE, distance_km
from bagage.directory.domain.needs import WITH_SOMEONE, Cost

# Two rows of the same name in the same commune, nearer than this, speak of one place.
SAME_PLACE_KM = 0.25
CLOSES_SOON = timedelta(minutes=30)


class Fit(IntEnum):
    """How well what a place says answers the needs; a smaller one is a better one."""

    ALL = 0
    SOME = 1
    NOT_SAID = 2  # nobody says what is given there
    OTHERS_ONLY = 3  # other things are said, none of those asked


class State(StrEnum):
    """Whether a place is open at a moment."""

    OPEN = "open"
    SOON = "soon"  # open, and closes within half an hour
    CLOSED = "closed"
    UNKNOWN = "unknown"


# Why a place is left out of a list: what was asked that it does not answer.
CLOSED = "closed"
PAID = "paid"
ALONE = "alone"
OTHERS = "others"
LEFT_OUT = (CLOSED, PAID, ALONE, OTHERS)


@dataclass(frozen=True, slots=True)
class Opening:
    """Whether it is open at a moment, until when, when it opens next; moments are naive and local."""

    state: State
    until: datetime | None = None
    opens_at: datetime | None = None


def opening_at(hours: str, moment: datetime, zone: str = "") -> Opening:
    """What hours in OpenStreetMap form say of a moment (naive, local); unreadable or absent ones say nothing.

    ``zone`` is that of the school holidays.
    """
    if not hours.strip():
        return Opening(State.UNKNOWN)
    # Nothing opens or closes within a minute.
    return _opening_in_minute(hours, moment.replace(second=0, microsecond=0), zone)


@lru_cache(maxsize=2048)
def _opening_in_minute(hours: str, moment: datetime, zone: str) -> Opening:
    try:
        found: Openness = openness(hours, moment, zone=zone)
        if found.is_open and found.until is not None:
            if found.until - moment <= CLOSES_SOON:
                again = openness(hours, found.until, zone=zone)
                return Opening(State.SOON, until=found.until, opens_at=again.opens_at)
            return Opening(State.OPEN, until=found.until)
    except UnreadableHours:
        return Opening(State.UNKNOWN)
    return Opening(State.CLOSED, opens_at=found.opens_at)


def fit_of(needs: Sequence[str], given: Iterable[str]) -> Fit:
    """How well what is given answers the needs; without needs all do."""
    said = {need for need in given if need != "unknown"}
    if not needs or said.issuperset(needs):
        return Fit.ALL
    if said.intersection(needs):
        return Fit.SOME
    return Fit.OTHERS_ONLY if said else Fit.NOT_SAID


def left_out(
    *,
    fit: Fit,
    state: State | None,
    costs: Iterable[str],
    modes: Iterable[str],
    must_be_free: bool,
    with_someone: bool,
) -> str:
    """Why a place does not answer what is asked, or ``""``. ``state`` is ``None`` when it need not be open."""
    if fit is Fit.OTHERS_ONLY:
        return OTHERS
    if state is State.CLOSED:
        return CLOSED
    if (
        must_be_free
        and (known := {cost for cost in costs if cost != Cost.UNKNOWN})
        and Cost.FREE not in known
    ):
        return PAID
    if with_someone and (said := set(modes)) and not said & WITH_SOMEONE:
        return ALONE
    return ""


def box_around(latitude: float, longitude: float, radius_km: float) -> tuple[float, float, float, float]:
    """South, north, west and east of a square that holds the circle, in degrees."""
    height = radius_km / KM_A_DEGREE
    width = height / max(math.cos(math.radians(latitude)), 0.01)
    return latitude - height, latitude + height, longitude - width, longitude + width


def is_same_place(
    one: tuple[float | None, float | None], other: tuple[float | None, float | None], *, both_exact: bool
) -> bool:
    """Whether two rows of one name in one commune speak of one place; a rough point cannot deny it."""
    if not both_exact or None in (*one, *other):
        return True
    return distance_km(one[0] or 0.0, one[1] or 0.0, other[0] or 0.0, other[1] or 0.0) <= SAME_PLACE_KM
