"""A small plan without tiles: where the places of a list are around a point, drawn by the server.

Positions are in units of the drawing (``WIDTH`` × ``HEIGHT``), y downwards; the circle asked for fits its width.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from bagage.directory.domain.communes import KM_A_DEGREE, Commune

WIDTH = 520
HEIGHT = 560
MARGIN = 34
# Two pins nearer than this would hide each other's number.
PIN_APART = 26.0
NAMES = 14
LETTER = 7.6  # the width of a letter of a name


@dataclass(frozen=True, slots=True)
class Mark:
    """Something at a position: a pin with its number and state, or a name."""

    x: float
    y: float
    text: str
    css: str = ""


@dataclass(frozen=True, slots=True)
class Ring:
    """A circle around the point, and the distance that it stands for, in metres."""

    r: float
    metres: int


@dataclass(frozen=True, slots=True)
class Plan:
    """What is drawn. ``left`` and ``top`` of the point that all is around."""

    x: float
    y: float
    rings: tuple[Ring, ...]
    names: tuple[Mark, ...]
    pins: tuple[Mark, ...]


def plan_around(
    latitude: float,
    longitude: float,
    radius_km: float,
    places: Sequence[tuple[float, float, str, str]],
    communes: Iterable[Commune] = (),
) -> Plan:
    """The plan around a point. ``places`` are latitude, longitude, number and state; ``communes`` largest first."""
    scale = (WIDTH / 2 - MARGIN) / radius_km
    across = KM_A_DEGREE * math.cos(math.radians(latitude))

    def at(north: float, east: float) -> tuple[float, float]:
        return (
            WIDTH / 2 + (east - longitude) * across * scale,
            HEIGHT / 2 - (north - latitude) * KM_A_DEGREE * scale,
        )

    pins: list[Mark] = []
    for north, east, number, state in places:
        x, y = _apart(*at(north, east), pins)
        pins.append(Mark(round(x, 1), round(y, 1), number, state))
    names: list[Mark] = []
    for place in communes:
        if len(names) == NAMES:
            break
        if place.latitude is None or place.longitude is None:
            continue
        x, y = at(place.latitude, place.longitude)
        for lower in (0, 16, -16, 30):
            if _is_free(x, y + lower, place.name, names, pins):
                names.append(Mark(round(x, 1), round(y + lower, 1), place.name))
                break
    rings = tuple(
        Ring(round(part * radius_km * scale, 1), round(part * radius_km * 1000)) for part in (0.5, 1.0)
    )
    # Drawn from the last to the first, so that the best are on top.
    return Plan(WIDTH / 2, HEIGHT / 2, rings, tuple(names), tuple(reversed(pins)))


def _is_free(x: float, y: float, name: str, names: Sequence[Mark], pins: Sequence[Mark]) -> bool:
    """Whether a name can be read there: inside the drawing, on no pin, on no other name, not on the point itself."""
    half = LETTER * len(name) / 2
    if not (half + 6 <= x <= WIDTH - half - 6 and 20 <= y <= HEIGHT - 12):
        return False
    others = [(other.x, other.y, LETTER * len(other.text) / 2, 10.0) for other in names]
    # A pin stands on its position and is 47 high; the point has its name above it.
    others += [(pin.x, pin.y - 20, 18.0, 28.0) for pin in pins]
    others.append((WIDTH / 2, HEIGHT / 2 - 12, 60.0, 32.0))
    return all(abs(x - left) >= half + wide or abs(y - top) >= 8 + high for left, top, wide, high in others)


def _apart(x: float, y: float, pins: Sequence[Mark]) -> tuple[float, float]:
    """The position itself, or the nearest one around it where no pin is yet."""
    for ring in range(5):
        for turn in range(8 if ring else 1):
            angle = turn * math.pi / 4
            there = x + ring * PIN_APART * math.cos(angle), y + ring * PIN_APART * math.sin(angle)
            if all(math.hypot(there[0] - pin.x, there[1] - pin.y) >= PIN_APART for pin in pins):
                return _inside(*there)
    return _inside(x, y)


def _inside(x: float, y: float) -> tuple[float, float]:
    return min(max(x, 22.0), WIDTH - 22.0), min(max(y, 44.0), HEIGHT - 4.0)
