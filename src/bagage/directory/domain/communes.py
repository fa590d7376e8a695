"""Where communes are, and how far apart: found by name, postcode or half a name, as people write them.

The packaged list holds the communes of France and the arrondissements of Paris, Lyon and Marseille (INSEE code, name,
postcodes, population, coordinates in degrees; about a hundred overseas rows have none). It is read once, on first use.
"""

import gzip
import math
import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
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


def arrondissements_of(code: str) -> tuple[str, ...]:
    """The arrondissements of Paris, Lyon and Marseille, by the code of the whole; else none."""
    if code not in _WITH_ARRONDISSEMENTS:
        return ()
    first, count = {"75056": (75101, 20), "69123": (69381, 9), "13055": (13201, 16)}[code]
    return tuple(str(first + number) for number in range(count))


# ---------- a place among other words ----------
# A department counts as a place when it is said so: "dans le 93", "Creuse", "Seine-Saint-Denis".
DEPARTMENTS = {
    "01": "ain", "02": "aisne", "03": "allier", "04": "alpes de haute provence", "05": "hautes alpes",
    "06": "alpes maritimes", "07": "ardeche", "08": "ardennes", "09": "ariege", "10": "aube", "11": "aude",
    "12": "aveyron", "13": "bouches du rhone", "14": "calvados", "15": "cantal", "16": "charente",
    "17": "charente maritime", "18": "cher", "19": "correze", "2A": "corse du sud", "2B": "haute corse",
    "21": "cote d or", "22": "cotes d armor", "23": "creuse", "24": "dordogne", "25": "doubs", "26": "drome",
    "27": "eure", "28": "eure et loir", "29": "finistere", "30": "gard", "31": "haute garonne", "32": "gers",
    "33": "gironde", "34": "herault", "35": "ille et vilaine", "36": "indre", "37": "indre et loire", "38": "isere",
    "39": "jura", "40": "landes", "41": "loir et cher", "42": "loire", "43": "haute loire", "44": "loire atlantique",
    "45": "loiret", "46": "lot", "47": "lot et garonne", "48": "lozere", "49": "maine et loire", "50": "manche",
    "51": "marne", "52": "haute marne", "53": "mayenne", "54": "meurthe et moselle", "55": "meuse", "56": "morbihan",
    "57": "moselle", "58": "nievre", "59": "nord", "60": "oise", "61": "orne", "62": "pas de calais",
    "63": "puy de dome", "64": "pyrenees atlantiques", "65": "hautes pyrenees", "66": "pyrenees orientales",
    "67": "bas rhin", "68": "haut rhin", "69": "rhone", "70": "haute saone", "71": "saone et loire", "72": "sarthe",
    "73": "savoie", "74": "haute savoie", "76": "seine maritime", "77": "seine et marne", "78": "yvelines",
    "79": "deux sevres", "80": "somme", "81": "tarn", "82": "tarn et garonne", "83": "var", "84": "vaucluse",
    "85": "vendee", "86": "vienne", "87": "haute vienne", "88": "vosges", "89": "yonne", "90": "territoire de belfort",
    "91": "essonne", "92": "hauts de seine", "93": "seine saint denis", "94": "val de marne", "95": "val d oise",
    "971": "guadeloupe", "972": "martinique", "973": "guyane", "974": "la reunion", "976": "mayotte",
}  # fmt: skip
_BY_DEPARTMENT_NAME = {name: number for number, name in DEPARTMENTS.items()} | {"reunion": "974"}
# Small words before a place: what follows them is likely one.
_BEFORE_PLACES = frozenset(["a", "au", "aux", "en", "sur", "de", "vers", "dans", "d"])
_NOT_PLACES = frozenset(
    [
        "rue",
        "port",
        "centre",
        "ville",
        "est",
        "sud",
        "ouest",
        "bois",
        "mer",
        "gare",
        "eglise",
        "pont",
        "chez",
        "mais",
        "plus",
        "aide",
    ]
)
# A namesake, or a longer name, is meant rather than the exact name when so many times more people live there.
MUCH_LARGER = 5
OVERSEAS_WEIGHT = 0.5


@dataclass(frozen=True, slots=True)
class DepartmentName:
    """A département among words, and where it stands."""

    number: str
    start: int
    end: int


def department_named(words: Sequence[str | None]) -> DepartmentName | None:
    """The département that words name, by its name or by its number; ``None`` words are already explained."""
    for length in range(min(4, len(words)), 0, -1):
        for start in range(len(words) - length + 1):
            some = words[start : start + length]
            if None in some:
                continue
            name = " ".join(word for word in some if word)
            if name in _BY_DEPARTMENT_NAME:
                return DepartmentName(_BY_DEPARTMENT_NAME[name], start, start + length)
    for at, word in enumerate(words):
        if word and word.upper() in DEPARTMENTS and (len(word) == 3 or not _is_arrondissement(words, at)):
            return DepartmentName(word.upper(), at, at + 1)
    return None


def _is_arrondissement(words: Sequence[str | None], at: int) -> bool:
    return at > 0 and words[at - 1] in {"paris", "lyon", "marseille"}


def place_among(
    words: Sequence[str | None],
    *,
    postcode: str = "",
    department: str = "",
    home: tuple[float, float] | None = None,
    is_exact: bool = True,
) -> tuple[Commune | None, tuple[int, int] | None]:
    """The commune that some of these words name, and which ones; ``None`` words are already explained.

    A postcode decides, the words then choose among its communes. Else the longest exact name wins, then the most
    people; without ``is_exact``, the beginning of a name and a misspelt one are read too. ``department`` keeps to one;
    ``home`` takes the nearest namesake. Overseas communes count half their people: who means one says so more often.
    """
    runs = [
        (start, end, _arrondissement(" ".join(word for word in words[start:end] if word)))
        for start in range(len(words))
        for end in range(start + 1, min(start + 6, len(words)) + 1)
        if None not in words[start:end]
    ]
    index = _index()
    if postcode:
        there = index.by_postcode.get(postcode, ())
        if len(there) > 1:
            there = tuple(place for place in there if _read(place).code not in _WITH_ARRONDISSEMENTS)
        for start, end, name in sorted(runs, key=lambda run: run[0] - run[1]):
            named = [place for place in there if _key(place) == name]
            if named:
                return _read(named[0]), (start, end)
        if there:
            spans = [
                (start, end)
                for start, end, name in runs
                if name in index.by_name or any(_key(place).startswith(f"{name} ") for place in there)
            ]
            best = max(spans, key=lambda span: span[1] - span[0], default=None)
            return _read(_likeliest(there, "", home)), best
    exact = [
        (end - start, _people(place), place, (start, end))
        for start, end, name in runs
        if len(name) > 2 and name not in _NOT_PLACES
        for place in [_chosen(index.by_name.get(name, ()), name, department, home)]
        if place is not None
    ]
    exact = [
        each for each in exact if each[1] >= 200 or _is_after_preposition(words, each[3][0]) or each[0] > 1
    ]
    if exact:
        _length, people, place, span = max(exact)
        if people >= 2000 or not is_exact:
            return _read(place), span
    if is_exact:
        return None, None
    guessed = [
        (_people(place), place, (start, end))
        for start, end, name in runs
        if len(name) > 3 and name not in _NOT_PLACES
        for place in [_guessed(name, department, home)]
        if place is not None
    ]
    if guessed:
        _people_there, place, span = max(guessed)
        return _read(place), span
    return None, None


def _is_after_preposition(words: Sequence[str | None], at: int) -> bool:
    return at > 0 and words[at - 1] in _BEFORE_PLACES


def _people(position: int) -> float:
    there = _read(position)
    return there.population * (OVERSEAS_WEIGHT if there.code.startswith("97") else 1.0)


def _in_department(positions: Iterable[int], department: str) -> list[int]:
    return [place for place in positions if not department or _read(place).code.startswith(department)]


def _likeliest(positions: Sequence[int], department: str, home: tuple[float, float] | None) -> int:
    some = _in_department(positions, department) or list(positions)
    return _ordered(some, home)[0] if home else max(some, key=_people)


def _chosen(
    positions: Sequence[int], name: str, department: str, home: tuple[float, float] | None
) -> int | None:
    """Of the communes of that very name the likeliest; of a much larger one whose name goes on, that one."""
    some = _in_department(positions, department)
    if not some:
        return None
    best = _likeliest(some, department, home)
    longer = [
        place
        for other in _starting_with(f"{name} ")
        for place in _in_department(_index().by_name[other], department)
    ]
    if longer:
        largest = max(longer, key=_people)
        if _people(largest) > MUCH_LARGER * _people(best) and _people(largest) > 20_000:
            return largest
    return best


def _guessed(name: str, department: str, home: tuple[float, float] | None) -> int | None:
    """The commune whose name begins so, or is nearly so: the one with most people."""
    index = _index()
    begins = [
        place for other in _starting_with(name) for place in _in_department(index.by_name[other], department)
    ]
    if begins:
        best = _likeliest(begins, department, home)
        if _people(best) >= 2000:
            return best
    close = process.extract(
        name, _names_by_letter()[name[0]], scorer=fuzz.ratio, score_cutoff=LIKENESS, limit=12
    )
    near: list[tuple[float, int]] = []
    for other, score, _position in close:
        for place in _in_department(index.by_name[other], department):
            # A large town is misspelt more often than a village is meant.
            near.append((score + 3 * math.log10(_people(place) + 1), place))
    if not near:
        return None
    _score, place = max(near)
    return place if _people(place) >= 500 else None


@cache
def _names_by_letter() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {letter: [] for letter in "abcdefghijklmnopqrstuvwxyz0123456789"}
    for name in _names():
        found.setdefault(name[:1], []).append(name)
    return found
