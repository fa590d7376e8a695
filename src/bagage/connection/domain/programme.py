"""The catalogue and the person as the engine reads them, from JSON, with every rule checked at the door.

Amounts of usage are whole numbers (minutes, messages, megabytes) for 30 days; prices are cents, unit prices hundredths
of a cent. What breaks a rule is gathered, all of it, into one ``Refused`` that names file, place and rule.
"""

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

from bagage.connection.domain.money import (
    CENTS,
    HUNDREDTHS_OF_A_CENT,
    read_money,
    write_money,
    write_unit_price,
)

RESOURCES = ("voice_min", "sms", "data_mb")
OBSTACLES = (
    "bank_account",
    "fixed_address",
    "email",
    "identity_document",
    "internet_access",
    "smartphone",
)
ELIGIBILITY = ("social_referral", "local_residence", "income_proof")
CONDITIONS = OBSTACLES + ELIGIBILITY
MAX_PAYMENT = "max_payment"
PLAN, TOP_UP = "plan", "top_up"
UNLIMITED = "unlimited"

LONGEST_HORIZON = 360
USUAL_HORIZON = 90
LARGEST_AMOUNT = 10**9
LONGEST_VALIDITY = 3650
LONGEST_COMMITMENT = 60


@dataclass(frozen=True)
class Problem:
    """One broken rule: ``where`` is the file, ``place`` the path in it, ``code`` its name, ``rule`` its words."""

    where: str
    place: str
    code: str
    rule: str
    value: object = None

    def __str__(self) -> str:
        return f"{self.where}: {self.place}: {self.rule}" if self.place else f"{self.where}: {self.rule}"


class Refused(ValueError):
    """What was read breaks rules; ``problems`` names each, in the order of the file."""

    def __init__(self, problems: "tuple[Problem, ...] | list[Problem]") -> None:
        super().__init__("\n".join(str(each) for each in problems))
        self.problems = tuple(problems)


@dataclass(frozen=True)
class Offer:
    """A plan or a top-up.

    ``allowances`` are amounts, or None for unlimited; ``requires`` is a tuple of sets of alternatives, all to be met.
    """

    id: str
    name: str
    kind: str
    price: int
    validity_days: int | None = None
    allowances: Mapping[str, int | None] = field(default_factory=dict)
    credit: int = 0
    overage: Mapping[str, int] = field(default_factory=dict)
    commitment_months: int = 0
    requires: tuple[frozenset[str], ...] = ()
    source: str = ""
    as_of: str = ""
    verified_on: str = ""
    unknown: tuple[str, ...] = ()

    def missing(self, has: frozenset[str]) -> tuple[frozenset[str], ...]:
        """The items of ``requires`` that she does not meet."""
        return tuple(item for item in self.requires if not item & has)


@dataclass(frozen=True)
class Line:
    """One SIM of one operator's range, with the offers sold on it. ``solidarity``: the programme's own."""

    id: str
    operator: str
    name: str
    sim_price: int
    offers: tuple[Offer, ...]
    monthly_cap: int | None = None
    solidarity: bool = False
    unit_prices: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Programme:
    """A catalogue: the lines, in the order that settles the last ties; ``about`` says what it is."""

    lines: tuple[Line, ...]
    about: str = ""


@dataclass(frozen=True)
class Current:
    """What she pays today: cents a month, and cents still owed if she leaves."""

    pays_per_month: int
    commitment_owed: int = 0


@dataclass(frozen=True)
class Person:
    """Her usage in 30 days, what she has, and how much she can pay at once (cents; None: no limit)."""

    usage: Mapping[str, int]
    has: frozenset[str] = frozenset()
    max_payment: int | None = None
    already_bought: int = 0
    current: Current | None = None
    horizon_days: int = USUAL_HORIZON

    @property
    def lacks(self) -> tuple[str, ...]:
        """Her obstacles, in the order in which they are always told."""
        lacking = tuple(each for each in OBSTACLES if each not in self.has)
        return lacking if self.max_payment is None else (*lacking, MAX_PAYMENT)


def read_programme(data: object, *, where: str = "offers") -> Programme:
    """The catalogue of a programme file. Refused: every problem, with its place (``lines[0].offers[2].price``)."""
    reader = _Reader(where)
    root = reader.mapping(data, "", {"lines", "about"})
    lines = [reader.line(each, f"lines[{number}]") for number, each in reader.items(root, "", "lines")]
    reader.once([(line.id, f"lines[{number}].id") for number, line in enumerate(lines)], "line")
    reader.once(
        [
            (offer.id, f"lines[{number}].offers[{rank}].id")
            for number, line in enumerate(lines)
            for rank, offer in enumerate(line.offers)
        ],
        "offer",
    )
    if not reader.problems and not any(line.offers for line in lines):
        reader.say("lines", "empty", "the catalogue holds no offer", None)
    reader.done()
    return Programme(tuple(lines), about=reader.text(root, "", "about"))


def read_person(data: object, *, where: str = "person") -> Person:
    """A person file. Refused: every problem, with its place such as ``usage.voice_min``."""
    reader = _Reader(where)
    root = reader.mapping(
        data, "", {"usage", "has", "max_payment", "already_bought", "current", "horizon_days"}
    )
    if root.get("usage") is None and not reader.problems:
        reader.say("usage", "required", "what she uses in 30 days is needed", None)
    usage = reader.amounts(root.get("usage"), "usage", RESOURCES, reader.whole)
    has = {
        reader.condition(each, f"has[{number}]")
        for number, each in reader.items(root, "", "has", needed=False)
    }
    current = None
    if root.get("current") is not None:
        told = reader.mapping(root["current"], "current", {"pays_per_month", "commitment_owed"})
        current = Current(
            reader.price(told, "current", "pays_per_month", needed=True),
            reader.price(told, "current", "commitment_owed"),
        )
    horizon = reader.whole(root.get("horizon_days", USUAL_HORIZON), "horizon_days")
    if not 1 <= horizon <= LONGEST_HORIZON and not reader.problems:
        reader.say("horizon_days", "horizon", f"the horizon is from 1 to {LONGEST_HORIZON} days", horizon)
    limit = None
    if root.get("max_payment") is not None:
        limit = reader.price(root, "", "max_payment")
    bought = reader.price(root, "", "already_bought")
    reader.done()
    return Person(
        {resource: usage.get(resource, 0) for resource in RESOURCES},
        frozenset(has),
        limit,
        bought,
        current,
        horizon,
    )


def programme_as_json(programme: Programme) -> dict[str, object]:
    """The programme file that reads back as the same catalogue."""
    root: dict[str, object] = {"about": programme.about} if programme.about else {}
    root["lines"] = [
        {
            "id": line.id,
            "operator": line.operator,
            "name": line.name,
            "sim_price": write_money(line.sim_price),
            "monthly_cap": None if line.monthly_cap is None else write_money(line.monthly_cap),
            "solidarity": line.solidarity,
            "unit_prices": {key: write_unit_price(price) for key, price in line.unit_prices.items()},
            "offers": [_offer_as_json(offer) for offer in line.offers],
        }
        for line in programme.lines
    ]
    return root


def _offer_as_json(offer: Offer) -> dict[str, object]:
    written: dict[str, object] = {"id": offer.id, "name": offer.name, "kind": offer.kind}
    if "price" not in offer.unknown:
        written["price"] = write_money(offer.price)
    if offer.kind == TOP_UP and offer.validity_days is not None:
        written["validity_days"] = offer.validity_days
    written["allowances"] = {
        key: UNLIMITED if amount is None else amount for key, amount in offer.allowances.items()
    }
    if offer.kind == TOP_UP:
        written["credit"] = write_money(offer.credit)
    else:
        written["overage"] = {key: write_unit_price(price) for key, price in offer.overage.items()}
        written["commitment_months"] = offer.commitment_months
    written["requires"] = [next(iter(item)) if len(item) == 1 else sorted(item) for item in offer.requires]
    for key in ("source", "as_of", "verified_on"):
        if getattr(offer, key):
            written[key] = getattr(offer, key)
    if offer.unknown:
        written["unknown"] = list(offer.unknown)
    return written


# What a source says of an offer, or may leave out.
OFFER_FACTS = (
    "name",
    "price",
    "validity_days",
    "allowances",
    "credit",
    "overage",
    "commitment_months",
    "requires",
    "source",
    "as_of",
    "verified_on",
)
_LINE_KEYS = {"id", "operator", "name", "sim_price", "monthly_cap", "solidarity", "unit_prices", "offers"}
_OFFER_KEYS = {"id", "kind", *OFFER_FACTS, "unknown"}


Amount = TypeVar("Amount")


class _Reader:
    """Reads values and gathers what breaks a rule, going on with a harmless value so that all is told at once."""

    def __init__(self, where: str) -> None:
        self.where = where
        self.problems: list[Problem] = []

    def say(self, place: str, code: str, rule: str, value: object) -> None:
        self.problems.append(Problem(self.where, place, code, rule, value))

    def done(self) -> None:
        if self.problems:
            raise Refused(self.problems)

    def mapping(self, value: object, place: str, known: set[str]) -> Mapping[str, object]:
        if not isinstance(value, Mapping):
            self.say(place, "object", "an object with named values is needed", value)
            return {}
        for key in value:
            if key not in known:
                at = f"{place}.{key}" if place else str(key)
                self.say(at, "unknown_key", f"unknown key; known are {', '.join(sorted(known))}", key)
        return value

    def items(
        self, root: Mapping[str, object], place: str, key: str, *, needed: bool = True
    ) -> Iterator[tuple[int, object]]:
        value = root.get(key)
        at = f"{place}.{key}" if place else key
        if value is None and (not needed or self.problems):
            return
        if not isinstance(value, list | tuple):
            self.say(at, "list", "a list is needed", value)
            return
        if not value and needed and key == "lines":
            self.say(at, "empty", "the catalogue holds no line", None)
        yield from enumerate(value)

    def once(self, ids: list[tuple[str, str]], noun: str) -> None:
        seen: set[str] = set()
        for identifier, place in ids:
            if identifier and identifier in seen:
                self.say(place, "twice", f"another {noun} has this id: {identifier}", identifier)
            seen.add(identifier)

    def text(self, root: Mapping[str, object], place: str, key: str, *, needed: bool = False) -> str:
        value = root.get(key)
        at = f"{place}.{key}" if place else key
        if value is None and not needed:
            return ""
        if not isinstance(value, str) or (needed and not value.strip()):
            self.say(at, "text", "a text is needed", value)
            return ""
        if len(value) > 2000:
            self.say(at, "long", "at most 2000 letters", None)
        return value

    def whole(self, value: object, place: str, largest: int = LARGEST_AMOUNT) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            self.say(place, "whole", "a whole number is needed", value)
            return 0
        if not 0 <= value <= largest:
            self.say(place, "range", f"from 0 to {largest}", value)
            return 0
        return value

    def money(self, value: object, place: str, decimals: int = CENTS) -> int:
        try:
            return read_money(value, decimals)
        except ValueError as error:
            self.say(place, "money", str(error), value)
            return 0

    def price(
        self,
        root: Mapping[str, object],
        place: str,
        key: str,
        *,
        needed: bool = False,
        above_zero: bool = False,
    ) -> int:
        value = root.get(key)
        at = f"{place}.{key}" if place else key
        if value is None:
            if needed:
                self.say(at, "required", "an amount of euros is needed", None)
            return 0
        before = len(self.problems)
        cents = self.money(value, at)
        if above_zero and not cents and len(self.problems) == before:
            self.say(at, "above_zero", "a price is above zero", value)
        return cents

    def unit_price(self, value: object, place: str) -> int:
        before = len(self.problems)
        price = self.money(value, place, HUNDREDTHS_OF_A_CENT)
        if not price and len(self.problems) == before:
            self.say(place, "above_zero", "a unit price is above zero", value)
        return price

    def amount(self, value: object, place: str) -> int | None:
        return None if value == UNLIMITED else self.whole(value, place)

    def amounts(
        self, value: object, place: str, known: tuple[str, ...], read: Callable[[object, str], Amount]
    ) -> dict[str, Amount]:
        told = self.mapping({} if value is None else value, place, set(known))
        return {key: read(told[key], f"{place}.{key}") for key in known if key in told}

    def condition(self, value: object, place: str) -> str:
        if value not in CONDITIONS:
            self.say(place, "condition", f"unknown condition; known are {', '.join(CONDITIONS)}", value)
            return ""
        return str(value)

    def requirement(self, value: object, place: str) -> frozenset[str]:
        if not isinstance(value, list | tuple):
            return frozenset({self.condition(value, place)})
        if not value:
            self.say(place, "alternatives", "a list of alternatives holds at least one", value)
        return frozenset(self.condition(each, f"{place}[{rank}]") for rank, each in enumerate(value))

    def line(self, value: object, place: str) -> Line:
        root = self.mapping(value, place, _LINE_KEYS)
        solidarity = root.get("solidarity") or False
        if not isinstance(solidarity, bool):
            self.say(f"{place}.solidarity", "yes_or_no", "true or false", solidarity)
        cap = None
        if root.get("monthly_cap") is not None:
            cap = self.price(root, place, "monthly_cap")
        return Line(
            id=self.text(root, place, "id", needed=True),
            operator=self.text(root, place, "operator"),
            name=self.text(root, place, "name"),
            sim_price=self.price(root, place, "sim_price"),
            offers=tuple(
                self.offer(each, f"{place}.offers[{rank}]")
                for rank, each in self.items(root, place, "offers")
            ),
            monthly_cap=cap,
            solidarity=bool(solidarity),
            unit_prices=self.amounts(
                root.get("unit_prices"), f"{place}.unit_prices", RESOURCES, self.unit_price
            ),
        )

    def offer(self, value: object, place: str) -> Offer:
        root = self.mapping(value, place, _OFFER_KEYS)
        kind = root.get("kind")
        if kind not in (PLAN, TOP_UP):
            self.say(f"{place}.kind", "kind", "the kind is plan or top_up", kind)
        unknown = tuple(
            self.field_name(each, f"{place}.unknown[{rank}]")
            for rank, each in self.items(root, place, "unknown", needed=False)
        )
        validity = root.get("validity_days")
        if validity is None:
            if kind == TOP_UP and "validity_days" not in unknown:
                self.say(f"{place}.validity_days", "required", "a top-up is valid for a number of days", None)
        else:
            validity = self.whole(validity, f"{place}.validity_days", LONGEST_VALIDITY)
            if kind == PLAN and validity != 30:
                self.say(
                    f"{place}.validity_days",
                    "plan",
                    "a plan has no validity: it starts afresh every 30 days",
                    validity,
                )
            elif not validity:
                self.say(f"{place}.validity_days", "range", f"from 1 to {LONGEST_VALIDITY}", validity)
        credit = self.price(root, place, "credit")
        overage = self.amounts(root.get("overage"), f"{place}.overage", RESOURCES, self.unit_price)
        commitment = self.whole(
            root.get("commitment_months") or 0, f"{place}.commitment_months", LONGEST_COMMITMENT
        )
        if kind == PLAN and credit:
            self.say(f"{place}.credit", "plan", "a plan brings no credit", credit)
        if kind == TOP_UP and overage:
            self.say(f"{place}.overage", "top_up", "a top-up has no overage", None)
        if kind == TOP_UP and commitment:
            self.say(f"{place}.commitment_months", "top_up", "a top-up has no commitment", commitment)
        verified_on = self.text(root, place, "verified_on")
        if verified_on:
            try:
                dt.date.fromisoformat(verified_on)
            except ValueError:
                self.say(f"{place}.verified_on", "date", "a date is written 2026-11-24", verified_on)
        return Offer(
            id=self.text(root, place, "id", needed=True),
            name=self.text(root, place, "name"),
            kind=str(kind),
            price=self.price(
                root, place, "price", needed="price" not in unknown, above_zero="price" not in unknown
            ),
            validity_days=validity if kind == TOP_UP and isinstance(validity, int) else None,
            allowances=self.amounts(root.get("allowances"), f"{place}.allowances", RESOURCES, self.amount),
            credit=credit,
            overage=overage,
            commitment_months=commitment,
            requires=tuple(
                self.requirement(each, f"{place}.requires[{rank}]")
                for rank, each in self.items(root, place, "requires", needed=False)
            ),
            source=self.text(root, place, "source"),
            as_of=self.text(root, place, "as_of"),
            verified_on=verified_on,
            unknown=unknown,
        )

    def field_name(self, value: object, place: str) -> str:
        if not isinstance(value, str) or value not in OFFER_FACTS:
            self.say(place, "field", "a field of an offer is named here", value)
        return str(value)
