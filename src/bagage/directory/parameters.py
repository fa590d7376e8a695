"""What may be asked of the panorama: the parameters of its addresses, read and described in one place."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.utils import timezone

from bagage.accounts.services import user_of_api_token
from bagage.common.middleware import problem
from bagage.common.ratelimit import PUBLIC, address_of
from bagage.directory.domain import needs as known_needs
from bagage.directory.domain.communes import commune, find_communes
from bagage.directory.domain.needs import Cost, is_theme, needs_named
from bagage.directory.models import Structure

DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
MOST_TEXT = 200
MOST_PAGE = 100
# With a key one may ask so many times as often.
WITH_KEY = 10
CODE = re.compile(r"[\w\-]{1,60}")


class Wrong(ValueError):
    """A value that breaks the rule of its parameter; the words say the rule."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One parameter: its name, its JSON Schema, how its text becomes a value, whether it may stand several times."""

    name: str
    schema: Mapping[str, Any]
    read: Callable[[str], Any]
    description: str
    many: bool = False

    def described(self) -> dict[str, Any]:
        """As OpenAPI says it."""
        schema = (
            {"type": "array", "items": dict(self.schema), "maxItems": 20} if self.many else dict(self.schema)
        )
        return {
            "name": self.name,
            "in": "query",
            "required": False,
            "description": self.description,
            "schema": schema,
            **({"style": "form", "explode": True} if self.many else {}),
        }


def described(asked: Sequence[Asked]) -> list[dict[str, Any]]:
    """The parameters of an address, as OpenAPI says them."""
    return [each.described() for each in asked]


def read_all(query: QueryDict, asked: Sequence[Asked]) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """The values of a query by name, and what is wrong with it: the name of each parameter, and its rule."""
    values: dict[str, Any] = {}
    wrong = []
    for each in asked:
        texts = query.getlist(each.name)
        if not texts:
            continue
        if len(texts) > (20 if each.many else 1):
            wrong.append(
                {"parameter": each.name, "rule": "at most 20 values" if each.many else "once at most"}
            )
            continue
        try:
            if any("\x00" in text for text in texts):
                raise Wrong("no NUL character")
            found = [each.read(text) for text in texts]
        except Wrong as error:
            wrong.append({"parameter": each.name, "rule": str(error)})
            continue
        values[each.name] = found if each.many else found[0]
    return values, wrong


def refused(wrong: Sequence[Mapping[str, str]]) -> HttpResponseBase:
    """422: each parameter that breaks its rule, with the rule."""
    detail = "; ".join(f"{each['parameter']}: {each['rule']}" for each in wrong)
    return problem(422, "The question breaks a rule.", detail=detail, problems=list(wrong))


def held_back(request: HttpRequest) -> HttpResponseBase | None:
    """401 for a key that opens nothing, 429 for who asks too often; ``None`` when the question may be answered.

    Anyone may ask, so many times a minute (``PUBLIC_API_RATE``, by address); a key may ten times as often.
    """
    said = request.headers.get("Authorization", "")
    rate = int(settings.PUBLIC_API_RATE)
    if said:
        # Wrong keys are tried no more often than a good one may ask.
        waits = PUBLIC.take(f"tries:{address_of(request)}", rate * WITH_KEY)
        if waits:
            return _wait(waits)
        scheme, _space, secret = said.partition(" ")
        user = user_of_api_token(secret.strip()) if scheme.lower() == "bearer" else None
        if user is None:
            response = problem(
                401, "This key opens nothing.", detail="Ask without a key, or with one that is live."
            )
            response["WWW-Authenticate"] = 'Bearer realm="Bagage"'
            return response
        waits = PUBLIC.take(f"key:{user.uuid}", rate * WITH_KEY)
    else:
        waits = PUBLIC.take(f"address:{address_of(request)}", rate)
    return _wait(waits) if waits else None


def _wait(waits: int) -> HttpResponseBase:
    response = problem(429, "Asked too often.", detail=f"Ask again in {waits} s, or with a key.")
    response["Retry-After"] = str(waits)
    return response


# ---------- how values are written ----------
def text(value: str) -> str:
    """Free words."""
    if len(value) > MOST_TEXT:
        raise Wrong(f"at most {MOST_TEXT} characters")
    return value.strip()


def point(value: str) -> tuple[float, float] | None:
    """A point in degrees, latitude first: ``"48.88,2.37"``; ``None`` for what is written otherwise."""
    said = re.fullmatch(r"(-?\d{1,2}(?:\.\d{1,20})?),\s?(-?\d{1,3}(?:\.\d{1,20})?)", value.strip(), re.ASCII)
    if said is None:
        return None
    north, east = float(said[1]), float(said[2])
    if abs(north) > 90 or abs(east) > 180:
        raise Wrong("a point is latitude,longitude in degrees")
    return north, east


def near(value: str) -> tuple[float, float] | str:
    """A point, or the INSEE code of the commune that a postcode, a code or a name means."""
    said = value.strip()
    if len(said) > MOST_TEXT:
        raise Wrong(f"at most {MOST_TEXT} characters")
    there = point(said)
    if there is not None:
        return there
    # Five digits are a postcode before they are a code.
    found = next(iter(find_communes(said, limit=1)), None) if said else None
    if found is None and said:
        found = commune(said)
    if found is None:
        raise Wrong("no commune is known by that: an INSEE code, a postcode, a name, or latitude,longitude")
    return found.code


def need(value: str) -> str:
    """A need, by any of its names."""
    if not needs_named(value) and not is_theme(value):
        raise Wrong("one of our codes, a service of the national standard, or a theme of data·inclusion")
    return value


def when(value: str) -> datetime:
    """The next time that it is that day and hour, here: ``Th 14:00``; or a moment in ISO 8601."""
    said = value.strip()
    if found := re.fullmatch(r"(Mo|Tu|We|Th|Fr|Sa|Su) ([01]?\d|2[0-3]):([0-5]\d)", said, re.ASCII):
        now = timezone.localtime()
        day = now.date() + timedelta(days=(DAYS.index(found[1]) - now.weekday()) % 7)
        moment = datetime.combine(day, time(int(found[2]), int(found[3])), now.tzinfo)
        return moment if moment >= now.replace(second=0, microsecond=0) else moment + timedelta(days=7)
    if said == "now":
        return timezone.now()
    raise Wrong("a day and an hour, 'Th 14:00' (Mo Tu We Th Fr Sa Su), or 'now'")


def since(value: str) -> datetime:
    """A moment in ISO 8601; without a time zone it is UTC."""
    try:
        found = datetime.fromisoformat(value.strip())
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        return found.astimezone(UTC)
    except (ValueError, OverflowError):
        raise Wrong("a moment in ISO 8601: 2026-11-28T10:00:00Z") from None


def whole(lowest: int, highest: int) -> Callable[[str], int]:
    """A whole number between two others."""

    def read(value: str) -> int:
        if not re.fullmatch(r"\d{1,9}", value.strip(), re.ASCII) or not lowest <= int(value) <= highest:
            raise Wrong(f"a whole number from {lowest} to {highest}")
        return int(value)

    return read


def number(lowest: float, highest: float) -> Callable[[str], float]:
    """A number between two others."""

    def read(value: str) -> float:
        if (
            not re.fullmatch(r"\d{1,6}(?:\.\d{1,6})?", value.strip(), re.ASCII)
            or not lowest <= float(value) <= highest
        ):
            raise Wrong(f"a number from {lowest:g} to {highest:g}")
        return float(value)

    return read


def one_of(*known: str) -> Callable[[str], str]:
    """One of these words."""

    def read(value: str) -> str:
        if value not in known:
            raise Wrong(f"one of {', '.join(known)}")
        return value

    return read


def code(value: str) -> str:
    """A short code."""
    if not CODE.fullmatch(value):
        raise Wrong("a short code")
    return value


def identifier(value: str) -> UUID:
    """One of our identifiers."""
    if not re.fullmatch(r"[0-9a-fA-F]{8}-?(?:[0-9a-fA-F]{4}-?){3}[0-9a-fA-F]{12}", value, re.ASCII):
        raise Wrong("an identifier (UUID)")
    return UUID(value)


# ---------- the parameters of the search ----------
COSTS = tuple(str(cost) for cost in (Cost.FREE,))
PUBLICS = (*known_needs.PUBLICS.values(), "everyone")
SEARCH: tuple[Asked, ...] = (
    Asked("text", {"type": "string", "maxLength": MOST_TEXT}, text,
          "Free words; they may hold the place, the need, the day, misspelt."),
    Asked("near", {"type": "string", "maxLength": MOST_TEXT, "examples": ["75119", "38000", "48.8882,2.3735"]}, near,
          "INSEE code, postcode or name of a commune, or latitude,longitude in degrees."),
    Asked("radius_km", {"type": "number", "minimum": 0.1, "maximum": 100}, number(0.1, 100),
          "How far around `near`, in km; widened by itself when it is not said."),
    Asked("need", {"type": "string", "examples": ["learn_basics"]}, need,
          "What someone comes for: our code, a service of the national standard, a theme of data·inclusion.",
          many=True),
    Asked("when", {"type": "string", "examples": ["Th 14:00", "now"]}, when,
          "Open on that day at that hour; who does not say its hours stays in."),
    Asked("cost", {"type": "string", "enum": list(COSTS)}, one_of(*COSTS),
          "`free` leaves out who says that one pays."),
    Asked("language", {"type": "string", "pattern": r"^[\w\-]{1,60}$"}, code, "Spoken there (ISO 639-1).", many=True),
    Asked("public", {"type": "string", "enum": list(PUBLICS)}, one_of(*PUBLICS), "Whom it is for.", many=True),
    Asked("access", {"type": "string", "enum": list(known_needs.ACCESS.values())},
          one_of(*known_needs.ACCESS.values()), "How one comes: come, call, mail, book…", many=True),
    Asked("care", {"type": "string", "enum": list(known_needs.CARE.values())}, one_of(*known_needs.CARE.values()),
          "A particular need that is met there.", many=True),
    Asked("kind", {"type": "string", "enum": list(Structure.Kind.values)}, one_of(*Structure.Kind.values),
          "What the place is.", many=True),
    Asked("size", {"type": "integer", "minimum": 1, "maximum": MOST_PAGE, "default": 20}, whole(1, MOST_PAGE),
          "How many places."),
    Asked("offset", {"type": "integer", "minimum": 0, "maximum": 2000, "default": 0}, whole(0, 2000),
          "How many to pass over: `next` says the one that follows."),
)  # fmt: skip
