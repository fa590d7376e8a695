"""Where communes are, and how far apart: found by name, postcode or half a name, as people write them.

The packaged list holds the communes of France and the arrondissements of Paris, Lyon and Marseille (INSEE code, name,
postcodes, population, coordinates in degrees; about a hundred overseas rows have none). It is read once, on first use.
"""

import gzip
import math
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from importlib import resources

from rapidfuzz import fuzz, process

# Below this likeness (0 to 100) a misspelt name is not guessed at.
LIKENESS = 84
EARTH_KM = 6371.0
KM_A_DEGREE = 111.195  # of latitude


@dataclass(frozen=True, slots=True)
class Commune:
    """One commune or arrondissement; ``name`` as it is said ("Paris 18e"). Coordinates may be unknown."""

    code: str
    name: str
    postcodes: tuple[str, ...]
    latitude: float | None
    longitude: float | None
    population: int


@dataclass(frozen=True, slots=True)
class _Index:
    """The list, and what it is searched by; positions are those of ``rows``, largest population first."""

    rows: list[str]
    by_code: dict[str, int]
    by_name: dict[str, tuple[int, ...]]
    by_postcode: dict[str, tuple[int, ...]]


_NOT_LETTERS = re.compile(r"[^a-z0-9]+")
_ORDINAL = re.compile(r"\b(\d{1,2})\s?(?:er|ere|eme|ieme|e|nd|nde)?\b(?:\s(?:arrondissement|arrdt|arr))?")
_ROMAN = re.compile(r"\b(x{0,2}(?:ix|iv|v?i{0,3}))(?:e|eme|er)\b")
_ROMAN_VALUES = {"i": 1, "v": 5, "x": 10}
# Paris, Lyon and Marseille: their arrondissements share their postcodes and say more.
_WITH_ARRONDISSEMENTS = {"75056", "69123", "13055"}
_POSTCODE = re.compile(r"\b(\d{5})\b|\b(\d{2}) (\d{3})\b")


def folded(text: str) -> str:
    """Lower case without accents or signs, "st" written out, arrondissements as "paris 18"."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("œ", "oe").replace("æ", "ae"))
    plain = plain.encode("ascii", "ignore").decode() if not plain.isascii() else plain
    plain = _NOT_LETTERS.sub(" ", plain).strip()
    if " " in plain or plain.startswith("s"):
        words = ["saint" if word == "st" else "sainte" if word == "ste" else word for word in plain.split()]
        plain = " ".join(words)
    return plain


def _arrondissement(plain: str) -> str:
    """ "paris 18e arrondissement", "paris xviii e" and "lyon 3eme" as "paris 18", "lyon 3"."""
    plain = _ROMAN.sub(lambda found: str(_roman(found[1])) if found[1] else found[0], plain)
    return re.sub(r"\s+", " ", _ORDINAL.sub(lambda found: f"{int(found[1])}", plain)).strip()


def _roman(text: str) -> int:
    values = [_ROMAN_VALUES[letter] for letter in text]
    return sum(
        -value if value < max(values[place:], default=0) else value for place, value in enumerate(values)
    )


@cache
def _index() -> _Index:
    packed = resources.files("bagage.directory").joinpath("data/communes.csv.gz").read_bytes()
    rows = gzip.decompress(packed).decode().splitlines()
    by_code: dict[str, int] = {}
    by_name: dict[str, tuple[int, ...]] = {}
    by_postcode: dict[str, tuple[int, ...]] = {}
    for position, row in enumerate(rows):
        code, key, _name, postcodes, _rest = row.split(";", 4)
        by_code[code] = position
        # Tuples of numbers: the garbage collector stops looking at them, at forty thousand lists it would each time.
        by_name[key] = (*by_name.get(key, ()), position)
        for postcode in postcodes.split("|"):
            by_postcode[postcode] = (*by_postcode.get(postcode, ()), position)
    return _Index(rows, by_code, by_name, by_postcode)


@cache
def _names() -> list[str]:
    return list(_index().by_name)


@cache
def _names_in_order() -> list[str]:
    return sorted(_names())


def _starting_with(piece: str) -> list[str]:
    names = _names_in_order()
    # No name has a letter beyond z.
    return names[bisect_left(names, piece) : bisect_left(names, f"{piece}{{")]


def _read(position: int) -> Commune:
    code, _key, name, postcodes, latitude, longitude, population = _index().rows[position].split(";")
    return Commune(
        code,
        name,
        tuple(postcodes.split("|")) if postcodes else (),
        float(latitude) if latitude else None,
        float(longitude) if longitude else None,
        int(population or 0),
    )


def commune(code: str) -> Commune | None:
    """The commune of an INSEE code, or ``None``."""
    position = _index().by_code.get(code)
    return None if position is None else _read(position)


@cache
def _points() -> list[tuple[float, float, int]]:
    """Where each commune is, with its position in the list, from south to north; those without a point are left out."""
    found = []
    for position, row in enumerate(_index().rows):
        _code, _key, _name, _postcodes, latitude, longitude, _population = row.split(";")
        if latitude and longitude and _code not in _WITH_ARRONDISSEMENTS:
            found.append((float(latitude), float(longitude), position))
    return sorted(found)


def communes_around(latitude: float, longitude: float, radius_km: float) -> Iterator[Commune]:
    """The communes and arrondissements whose middle is at most ``radius_km`` away, largest population first.

    There may be a thousand, of which a plan names a dozen: each is read when it is asked for.
    """
    height = radius_km / KM_A_DEGREE
    width = height / max(math.cos(math.radians(latitude)), 0.01)
    points = _points()
    # A hair more than the height: the distance decides.
    start = bisect_left(points, (latitude - height * 1.001,))
    end = bisect_left(points, (latitude + height * 1.001,))
    found = [
        position
        for north, east, position in points[start:end]
        if abs(east - longitude) <= width and distance_km(latitude, longitude, north, east) <= radius_km
    ]
    return map(_read, sorted(found))


def nearest_commune(latitude: float, longitude: float) -> Commune | None:
    """The commune or arrondissement whose middle is nearest, at most 30 km away."""
    around = list(communes_around(latitude, longitude, 5.0))
    around = around or list(communes_around(latitude, longitude, 30.0))

    def far(place: Commune) -> float:
        return distance_km(latitude, longitude, place.latitude or 0.0, place.longitude or 0.0)

    return min(around, key=far, default=None)


def find_communes(text: str, limit: int = 5, *, near: tuple[float, float] | None = None) -> list[Commune]:
    """The communes that ``text`` may name, likeliest first; empty when nothing looks like one.

    ``text`` is what someone wrote of a place: "Paris 18e, porte de la Chapelle", "93200", "St Denis",
    "Grenobel". A postcode decides first, then an exact name in any part of the text, then the beginning of a
    name, then a name that is nearly so. Namesakes come by population, or nearest to ``near`` (degrees).
    """
    index = _index()
    parts = [part for part in re.split(r"[,;()/\n]|\s[-–—]\s", text) if part.strip()]
    whole = _arrondissement(folded(text))
    pieces = list(dict.fromkeys([whole, *(_arrondissement(folded(part)) for part in parts)]))
    found: list[int] = []

    postcode = _POSTCODE.search(text)
    if postcode:
        digits = postcode[1] or f"{postcode[2]}{postcode[3]}"
        there = index.by_postcode.get(digits, ())
        if len(there) > 1:
            there = tuple(place for place in there if _read(place).code not in _WITH_ARRONDISSEMENTS)
        named = [place for place in there if f" {_key(place)} " in f" {whole} "]
        found += _ordered(named, near) + _ordered([place for place in there if place not in named], near)
        pieces = [_arrondissement(folded(_POSTCODE.sub(" ", part))) for part in [text, *parts]]
    # A postcode outside the list is not a street number either: what is left is read as a name.
    pieces = [piece for piece in pieces if piece and not piece.isdigit()]
    for piece in pieces:
        found += _ordered(index.by_name.get(piece, ()), near)
    if not found:
        for piece in pieces:
            found += _ordered(_inside(piece), near)
    if len(found) < limit and pieces and not postcode:
        for piece in pieces:
            if len(piece) > 2:
                start = [place for name in _starting_with(piece) for place in index.by_name[name]]
                found += _ordered(start, near)
    if not found:
        for piece in pieces:
            if len(piece) > 3:
                close = process.extract(
                    piece, _names(), scorer=fuzz.ratio, score_cutoff=LIKENESS, limit=limit
                )
                for name, _score, _position in close:
                    found += _ordered(index.by_name[name], near)
    return [_read(position) for position in list(dict.fromkeys(found))[:limit]]


def _key(position: int) -> str:
    return _index().rows[position].split(";", 2)[1]


def _inside(piece: str) -> tuple[int, ...]:
    """Names that stand inside a longer text ("12 rue X Saint Denis"); the longest wins."""
    words = piece.split()
    for length in range(min(len(words), 6), 0, -1):
        # From the end: people write the street first.
        for start in range(len(words) - length, -1, -1):
            name = " ".join(words[start : start + length])
            if len(name) > 3 and name in _index().by_name:
                return _index().by_name[name]
    return ()


def _ordered(positions: Iterable[int], near: tuple[float, float] | None) -> list[int]:
    if near is None:
        return sorted(positions)
    there = near

    def far(position: int) -> float:
        place = _read(position)
        if place.latitude is None or place.longitude is None:
            return math.inf
        return distance_km(there[0], there[1], place.latitude, place.longitude)

    return sorted(positions, key=far)


def distance_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    """As the crow flies, in kilometres; coordinates in degrees (haversine)."""
    one, two = math.radians(latitude), math.radians(other_latitude)
    half = (
        math.sin((two - one) / 2) ** 2
        + math.cos(one) * math.cos(two) * math.sin(math.radians(other_longitude - longitude) / 2) ** 2
    )
    return 2 * EARTH_KM * math.asin(min(1.0, math.sqrt(half)))
