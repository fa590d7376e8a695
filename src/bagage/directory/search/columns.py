"""Places as columns of numbers."""

from __future__ import annotations

from array import array
from typing import Any

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.int64]
Flags = NDArray[np.bool_]

# The sphere, in metres.
EARTH_M = 6_371_000.0
# One row a place: name of the column, and its type.
PLACE_TYPES: dict[str, str] = {
    "pk": "i8",
    "latitude": "f8",
    "longitude": "f8",
    "commune": "i4",
    "name": "i4",
    "kinds": "i4",
    "is_exact": "?",
    "hours": "i4",
    "has_phone": "?",
    "has_access": "?",
    "labels": "i8",
    "closed": "i4",
    "dated": "i4",
    "same_as": "i8",
    "named": "i4",  # how many of its words are of its name
    "changed": "i4",
}
SERVICE_TYPES: dict[str, str] = {
    "needs": "i4",
    "themes": "i4",
    "cost": "i1",
    "languages": "i8",
    "publics": "i8",
    "care": "i8",
    "modes": "i8",
    "access": "i8",
    "hours": "i4",
    "has_access": "?",
}


class Part:
    """Some places as columns: those of the whole panorama, or those that changed.

    ``given`` and ``spelt`` say where the services and the words of each place begin; one more than there are places.
    """

    def __init__(
        self,
        places: dict[str, NDArray[Any]],
        services: dict[str, NDArray[Any]],
        tokens: Numbers,
        given: Numbers,
        spelt: Numbers,
    ) -> None:
        self.places, self.services, self.tokens = places, services, tokens
        self.given, self.spelt = given, spelt

    def __len__(self) -> int:
        return len(self.places["pk"])

    @classmethod
    def of_lists(
        cls,
        places: dict[str, list[Any]],
        services: dict[str, list[Any]],
        tokens: array[int],
        given: list[int],
        spelt: list[int],
    ) -> Part:
        """The same from what was gathered place after place."""
        return cls(
            {name: np.array(places[name], dtype=kind) for name, kind in PLACE_TYPES.items()},
            {name: np.array(services[name], dtype=kind) for name, kind in SERVICE_TYPES.items()},
            np.array(tokens, dtype="i8"),
            np.array(given, dtype="i8"),
            np.array(spelt, dtype="i8"),
        )

    def without(self, keep: Flags) -> Part:
        """Only the places that are kept."""
        services = np.repeat(keep, np.diff(self.given))
        words = np.repeat(keep, np.diff(self.spelt))
        return Part(
            {name: column[keep] for name, column in self.places.items()},
            {name: column[services] for name, column in self.services.items()},
            self.tokens[words],
            starts_of(np.diff(self.given)[keep]),
            starts_of(np.diff(self.spelt)[keep]),
        )

    def joined(self, other: Part) -> Part:
        """Both, one after the other."""
        return Part(
            {name: np.concatenate([column, other.places[name]]) for name, column in self.places.items()},
            {name: np.concatenate([column, other.services[name]]) for name, column in self.services.items()},
            np.concatenate([self.tokens, other.tokens]),
            np.concatenate([self.given, other.given[1:] + self.given[-1]]),
            np.concatenate([self.spelt, other.spelt[1:] + self.spelt[-1]]),
        )


def starts_of(counts: Numbers) -> Numbers:
    """Where each begins, and where the last one ends."""
    return np.concatenate([np.zeros(1, dtype="i8"), np.cumsum(counts, dtype="i8")])


def spread(starts: Numbers, chosen: Numbers) -> tuple[Numbers, Numbers]:
    """The rows that belong to each of the chosen ones, and to which of them (its place in ``chosen``)."""
    counts = starts[chosen + 1] - starts[chosen]
    owner = np.repeat(np.arange(len(chosen)), counts)
    first = np.cumsum(counts) - counts
    return np.repeat(starts[chosen] - first, counts) + np.arange(int(counts.sum())), owner


def metres_from(
    latitude: float, longitude: float, north: NDArray[np.float64], east: NDArray[np.float64]
) -> NDArray[np.float64]:
    """How far points are, as the crow flies, in metres; coordinates in degrees (haversine)."""
    one, two = np.radians(latitude), np.radians(north)
    half = (
        np.sin((two - one) / 2) ** 2
        + np.cos(one) * np.cos(two) * np.sin(np.radians(east - longitude) / 2) ** 2
    )
    found: NDArray[np.float64] = 2 * EARTH_M * np.arcsin(np.sqrt(np.minimum(half, 1.0)))
    return found
