"""The whole answer for a tiny programme: every line by ``brute`` and ``plans``, everything else spelled out.

Where the question leaves a choice, the choice is said here:

- a plan's purchases are its months within the horizon; what a commitment still asks for after it is in the total;
- of the calendars with the fewest purchases the cheapest is told, then the one that costs less on day 0;
- an offer that misses nothing is closed by ``max_payment`` when it can't be bought on the day that costs least (a plan:
  the SIM and its price; a top-up: its price), a plan by ``monthly_cap`` when its price and what was already bought are
  more than that;
- an open line that can't serve: ``max_payment`` when the SIM alone is more than that; the resources that nothing on it
  serves within the horizon (of a plan, of another, of the top-ups together: the least set); the limit without which it
  would serve; both when only lifting both helps;
- today's cost over the horizon is rounded half up.

Calendars may differ in days where costs are equal, so ``answer`` gives what is unique: totals, day 0, numbers of
purchases.
"""

from collections.abc import Iterable
from fractions import Fraction
from itertools import combinations, permutations
from math import factorial
from typing import Any

from tests.connection.reference.brute import Tiny
from tests.connection.reference.plans import plan_cost
from tests.connection.reference.reading import MONTH, OBSTACLES, cents, euros, half_up, missing, needs

PAYMENT = "max_payment"
CAP = "monthly_cap"

Course = tuple[int, int, int]  # total, day 0, purchases


def answer(programme: dict[str, Any], person: dict[str, Any], *, limit: int = 12_000) -> dict[str, Any]:
    """The answer in the shape of the engine's, with ``purchases`` as a number. Raises brute.TooLarge."""
    question = _Question(programme, person, limit)
    return question.answer()


class _Question:
    def __init__(self, programme: dict[str, Any], person: dict[str, Any], limit: int) -> None:
        self.lines = programme["lines"]
        self.person = person
        self.limit = limit
        self.horizon = person.get("horizon_days", 90)
        self.has = frozenset(person.get("has", []))
        self.most = cents(person.get("max_payment"))
        self.already = cents(person.get("already_bought", "0.00")) or 0
        self.known: dict[Any, list[Course]] = {}

    def answer(self) -> dict[str, Any]:
        ranking: list[tuple[Course, int]] = []
        unserved: list[dict[str, str]] = []
        for rank, line in enumerate(self.lines):
            if not self.open(line, self.has, self.most):
                continue
            courses = self.courses(line, self.has, self.most)
            if courses:
                ranking.append((min(courses, key=lambda c: c), rank))
            else:
                unserved += self.reasons(line)
        ranking.sort()
        best = None
        if ranking:
            best = self.best(self.lines[ranking[0][1]])
        total = ranking[0][0][0] if ranking else None
        mainstream = self.mainstream(frozenset())
        return {
            "best": best,
            "ranking": [
                {"line": self.lines[rank]["id"], "total": euros(course[0]), "proven": True}
                for course, rank in ranking
            ],
            "closed": self.closed(),
            "unserved": unserved,
            "to_check": [
                {"offer": offer["id"], "unknown": offer["unknown"]}
                for line in self.lines
                for offer in line["offers"]
                if offer.get("unknown")
            ],
            "premium": self.premium(),
            "saving": None if total is None or mainstream is None else euros(mainstream - total),
            "against_today": self.against_today(total),
        }

    # ---------- what is open ----------

    def limit_of(self, line: dict[str, Any], offer: dict[str, Any], most: int | None) -> str | None:
        price = cents(offer["price"]) or 0
        is_plan = offer["kind"] == "plan"
        if most is not None and price + ((cents(line["sim_price"]) or 0) if is_plan else 0) > most:
            return PAYMENT
        cap = cents(line.get("monthly_cap"))
        if is_plan and cap is not None and price + self.already > cap:
            return CAP
        return None

    def open(self, line: dict[str, Any], has: Iterable[str], most: int | None) -> list[dict[str, Any]]:
        return [
            offer
            for offer in line["offers"]
            if not offer.get("unknown")
            and not missing(offer, has)
            and self.limit_of(line, offer, most) is None
        ]

    def closed(self) -> list[dict[str, Any]]:
        told: list[dict[str, Any]] = []
        for line in self.lines:
            for offer in line["offers"]:
                if offer.get("unknown"):
                    continue
                lacking = missing(offer, self.has)
                limit = self.limit_of(line, offer, self.most)
                if lacking:
                    told.append({"offer": offer["id"], "missing": lacking})
                elif limit:
                    told.append({"offer": offer["id"], "limit": limit})
        return told

    # ---------- what a line costs ----------

    def courses(
        self, line: dict[str, Any], has: Iterable[str], most: int | None, percent: int = 100
    ) -> list[Course]:
        """Every way worth knowing to be served on a line: that of each plan, and the calendars of the top-ups.

        Holds the least in (total, day 0, purchases), and the least in (purchases, total, day 0) within 5 %.
        """
        offers = self.open(line, has, most)
        cap = cents(line.get("monthly_cap"))
        key = (line["id"], tuple(offer["id"] for offer in offers), most, cap, percent)
        if key not in self.known:
            self.known[key] = self._courses(line, offers, most, percent)
        return self.known[key]

    def _courses(
        self, line: dict[str, Any], offers: list[dict[str, Any]], most: int | None, percent: int
    ) -> list[Course]:
        sim = cents(line["sim_price"]) or 0
        need = needs(self.person, percent)
        if not offers or (most is not None and sim > most):
            return []
        if not need:
            return [(sim, sim, 0)]
        courses: list[Course] = []
        for offer in offers:
            if offer["kind"] == "plan":
                cost, months, price, _ = plan_cost(offer, need, self.horizon)
                if cost is not None:
                    courses.append((sim + cost, sim + price, months))
        top_ups = [offer for offer in offers if offer["kind"] == "top_up"]
        if top_ups:
            tiny = Tiny(
                line,
                top_ups,
                need,
                horizon=self.horizon,
                max_payment=most,
                already_bought=self.already,
                limit=self.limit,
            )
            courses += [(sim + found.cost, sim + found.first, found.count) for found in tiny.search()]
        return courses

    def best(self, line: dict[str, Any]) -> dict[str, Any]:
        courses = self.courses(line, self.has, self.most)
        best = min(courses)
        within = [course for course in courses if course[0] * 100 <= best[0] * 105]
        fewest = min(within, key=lambda course: (course[2], course[0], course[1]))
        more = self.courses(line, self.has, self.most, 130)
        return {
            "line": line["id"],
            **self.told(best),
            "fewest": self.told(fewest),
            "if_usage_130": euros(min(more)[0]) if more else None,
        }

    def told(self, course: Course) -> dict[str, Any]:
        return {
            "total": euros(course[0]),
            "proven": True,
            "per_month": euros(half_up(Fraction(course[0] * MONTH, self.horizon))),
            "day_0": euros(course[1]),
            "purchases": course[2],
        }

    # ---------- why not ----------

    def reasons(self, line: dict[str, Any]) -> list[dict[str, str]]:
        sim = cents(line["sim_price"]) or 0
        if self.most is not None and sim > self.most:
            return [{"line": line["id"], "limit": PAYMENT}]
        need = needs(self.person)
        offers = self.open(line, self.has, self.most)
        failing: list[list[str]] = []
        for offer in offers:
            if offer["kind"] == "plan":
                failing.append(
                    [name for name in need if plan_cost(offer, {name: need[name]}, self.horizon)[0] is None]
                )
        top_ups = [offer for offer in offers if offer["kind"] == "top_up"]
        if top_ups:
            tiny = Tiny(line, top_ups, need, horizon=self.horizon, max_payment=None)
            failing.append(tiny.unsourced())
        if all(failing):
            return [{"line": line["id"], "resource": name} for name in min(failing, key=len)]
        uncapped = {**line, "monthly_cap": None}
        if line.get("monthly_cap") is not None and self._courses(uncapped, offers, self.most, 100):
            return [{"line": line["id"], "limit": CAP}]
        if self.most is not None and self._courses(line, offers, None, 100):
            return [{"line": line["id"], "limit": PAYMENT}]
        return [{"line": line["id"], "limit": CAP}, {"line": line["id"], "limit": PAYMENT}]

    # ---------- what the obstacles cost ----------

    def mainstream(self, lifted: frozenset[str]) -> int | None:
        has = self.has | lifted
        most = None if PAYMENT in lifted else self.most
        totals = [
            min(courses)[0]
            for line in self.lines
            if not line.get("solidarity")
            for courses in [self.courses(line, has, most)]
            if courses
        ]
        return min(totals, default=None)

    def premium(self) -> dict[str, Any]:
        lacks = [each for each in OBSTACLES if each not in self.has]
        if self.most is not None:
            lacks.append(PAYMENT)
        subsets = [
            frozenset(chosen) for size in range(len(lacks) + 1) for chosen in combinations(lacks, size)
        ]
        costs = {lifted: self.mainstream(lifted) for lifted in subsets}
        now = costs[frozenset()]
        if now is None:
            opening = [lifted for lifted in subsets if costs[lifted] is not None]
            least = min(map(len, opening), default=0)
            return {
                "total": None,
                "obstacles": [{"condition": each, "alone": None, "share": None} for each in lacks],
                "opens_with": [
                    [each for each in lacks if each in lifted] for lifted in opening if len(lifted) == least
                ],
            }
        known = {lifted: cost for lifted, cost in costs.items() if cost is not None}
        assert len(known) == len(costs), "an obstacle lifted closed something"
        shares = _largest_remainder(_shapley(lacks, known), now - known[frozenset(lacks)])
        return {
            "total": euros(now - known[frozenset(lacks)]),
            "obstacles": [
                {"condition": each, "alone": euros(now - known[frozenset([each])]), "share": euros(share)}
                for each, share in zip(lacks, shares, strict=True)
            ],
            "opens_with": [],
        }

    def against_today(self, total: int | None) -> dict[str, Any] | None:
        current = self.person.get("current")
        if current is None:
            return None
        if total is None:
            return {"keep": True, "saving": None}
        today = half_up(Fraction((cents(current["pays_per_month"]) or 0) * self.horizon, MONTH))
        saving = today - total - (cents(current.get("commitment_owed", "0.00")) or 0)
        return {"keep": saving <= 0, "saving": euros(saving)}


def _shapley(players: list[str], costs: dict[frozenset[str], int]) -> list[Fraction]:
    """The mean, over every order in which the obstacles can be lifted, of what each lifts off the cost."""
    sums = dict.fromkeys(players, 0)
    for order in permutations(players):
        lifted: frozenset[str] = frozenset()
        for each in order:
            sums[each] += costs[lifted] - costs[lifted | {each}]
            lifted |= {each}
    return [Fraction(sums[each], factorial(len(players))) for each in players]


def _largest_remainder(exact: list[Fraction], total: int) -> list[int]:
    """Cents that sum to ``total``: each rounded down, the rest by the largest remainders (the first of equals)."""
    floors = [share.numerator // share.denominator for share in exact]
    left = total - sum(floors)
    order = sorted(range(len(exact)), key=lambda index: (floors[index] - exact[index], index))
    return [floor + (1 if index in order[:left] else 0) for index, floor in enumerate(floors)]
