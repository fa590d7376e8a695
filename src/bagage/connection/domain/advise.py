"""What a person can really have: the question of fair connection, answered whole.

``advise`` ranks the lines that are open to her by what her use costs on them, tells the calendar of the best, what is
closed and why, what her obstacles cost her, and whether to keep what she has. It asks no clock: ``out_of_time`` is
asked now and then, and what is not proven by then is told as a bound.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from bagage.connection.domain.answer import (
    Advice,
    AgainstToday,
    Closed,
    Course,
    LineAnswer,
    Premium,
    Purchase,
    Unserved,
)
from bagage.connection.domain.bound import NEVER
from bagage.connection.domain.calendar import Remembered, least_calendar
from bagage.connection.domain.days import never_out_of_time
from bagage.connection.domain.money import half_up
from bagage.connection.domain.plans import PlanCost, lacking, plan_cost
from bagage.connection.domain.premium import poverty_premium
from bagage.connection.domain.programme import (
    MAX_PAYMENT,
    OBSTACLES,
    PLAN,
    RESOURCES,
    Line,
    Offer,
    Person,
    Programme,
)
from bagage.connection.domain.search import Calendar, Search
from bagage.connection.domain.task import MONTH, USUAL_SCALE, Task, read_task
from bagage.connection.domain.weighing import by_count, by_price, by_price_and_ties

MONTHLY_CAP = "monthly_cap"
WITHIN_PERCENT = 5
MORE_USAGE_PERCENT = 130
# Lines that cannot be the best are looked at in turn, each time for longer, so that a hard one does not keep the others
# from being told: a calendar for each first, then its proof.
_LOOKS_IN_TURN = (60, 1500, NEVER)
_LOOKS_FOR_A_REASON = 1500


def advise(
    programme: Programme,
    person: Person,
    *,
    out_of_time: Callable[[], bool] | None = None,
    start_the_rest: Callable[[], Callable[[], bool]] | None = None,
) -> Advice:
    """The answer for one person on one catalogue; exact, or told as a bound where time ran out.

    What she decides on comes first: the best line with its ties, its fewest purchases, + 30 %, the premium. Then the
    rest of the ranking, lines that cannot be the best: ``start_the_rest`` is called there, and gives what is asked
    instead of ``out_of_time`` from then on.
    """
    return _Adviser(programme, person, out_of_time or never_out_of_time, start_the_rest).advice()


_Key = tuple[str, tuple[str, ...], int | None]


@dataclass(frozen=True)
class _Open:
    """The offers of a line that some set of conditions opens, and the limit of a day's payments."""

    line: Line
    plans: tuple[Offer, ...]
    top_ups: tuple[Offer, ...]
    day_limit: int | None

    @property
    def key(self) -> _Key:
        """What its cost depends on."""
        return (self.line.id, tuple(offer.id for offer in (*self.plans, *self.top_ups)), self.day_limit)


class _Adviser:
    """One question; what a line costs with the same offers open is asked once."""

    def __init__(
        self,
        programme: Programme,
        person: Person,
        out_of_time: Callable[[], bool],
        start_the_rest: Callable[[], Callable[[], bool]] | None,
    ) -> None:
        self.programme = programme
        self.person = person
        self.out_of_time = out_of_time
        self.start_the_rest = start_the_rest
        self.usage = {resource: person.usage.get(resource, 0) for resource in RESOURCES}
        self.uses_nothing = not any(self.usage.values())
        self.known: dict[_Key, LineAnswer | None] = {}
        self.floors: dict[_Key, int] = {}
        self.likeliest: _Key | None = None
        self.remembered = Remembered()

    def advice(self) -> Advice:
        person = self.person
        opened: list[_Open] = []
        closed: list[Closed] = []
        for line in self.programme.lines:
            here, shut = self.open_offers(line, person.has, person.max_payment)
            closed += shut
            if here.plans or here.top_ups:
                opened.append(here)
        self.find_the_best(opened)
        answers = [(here, self.known[here.key]) for here in opened]
        ranking = self.ranked([(here, each) for here, each in answers if each and each.total is not None])
        best, fewest, more = None, None, None
        fewest_proven = more_proven = True
        if ranking:
            here, best = ranking[0]
            best = self.with_course(here, best)
            fewest, fewest_proven = self.fewest(here, best)
            more, more_proven = self.with_more_usage(here)
        premium = self.premium()
        if self.start_the_rest is not None:
            self.out_of_time = self.start_the_rest()
        self.prove_the_rest(opened)
        answers = [(here, self.known[here.key]) for here in opened]
        ranking = self.ranked([(here, each) for here, each in answers if each and each.total is not None])
        undecided = tuple(each for _, each in answers if each and each.total is None)
        if best is not None and ranking:
            ranking = [(here, best if each.line is best.line else each) for here, each in ranking]
            others = [each.at_least for _, each in ranking if each is not best]
            others += [each.at_least for each in undecided]
            assert best.total is not None
            if min(others, default=best.total) < best.total:
                best = replace(best, proven=False, at_least=min(best.at_least, *others))
        total = best.total if best else None
        saving = None
        if total is not None and premium.with_obstacles is not None:
            saving = premium.with_obstacles - total
        return Advice(
            horizon=person.horizon_days,
            best=best,
            fewest=fewest,
            is_fewest_proven=fewest_proven,
            if_usage_130=more,
            is_130_proven=more_proven,
            ranking=tuple(answer for _, answer in ranking),
            undecided=undecided,
            closed=tuple(closed),
            unserved=tuple(
                reason for here, answer in answers if answer is None for reason in self.why_unserved(here)
            ),
            to_check=tuple(
                (line, offer) for line in self.programme.lines for offer in line.offers if offer.unknown
            ),
            premium=premium,
            saving=saving,
            against_today=self.against_today(total),
        )

    # -- what is open ---------------------------------------------------------------------------------------------

    def open_offers(
        self, line: Line, has: frozenset[str], day_limit: int | None
    ) -> tuple[_Open, list[Closed]]:
        """What these conditions open on a line, and what they leave closed. Offers to be checked are in neither."""
        plans, top_ups, closed = [], [], []
        for offer in line.offers:
            if offer.unknown:
                continue
            missing = offer.missing(has)
            limit = "" if missing else self.limit_broken(line, offer, day_limit)
            if missing or limit:
                closed.append(Closed(line, offer, missing, limit))
            elif offer.kind == PLAN:
                plans.append(offer)
            else:
                top_ups.append(offer)
        return _Open(line, tuple(plans), tuple(top_ups), day_limit), closed

    def limit_broken(self, line: Line, offer: Offer, day_limit: int | None) -> str:
        """The limit that closes an offer by its price alone; empty when none does."""
        at_once = offer.price + (line.sim_price if offer.kind == PLAN else 0)
        if day_limit is not None and at_once > day_limit:
            return MAX_PAYMENT
        cap = line.monthly_cap
        if offer.kind == PLAN and cap is not None and offer.price + self.person.already_bought > cap:
            return MONTHLY_CAP
        return ""

    # -- what a line costs ----------------------------------------------------------------------------------------

    def find_the_best(self, opened: list[_Open]) -> None:
        """What her use costs at the least on each line that may be the best, ties included; of the others, a bound.

        The cheapest first, as far as the bound can tell.
        """
        lowest = NEVER
        for floor, place in self.by_floor(opened):
            here = opened[place]
            self.likeliest = self.likeliest or here.key
            known = self.known.get(here.key)
            if here.key not in self.known:
                known = self.learn(here, self.found(here, most_looks=1500 if floor <= lowest else 0))
            if known is not None and known.total is not None:
                lowest = min(lowest, known.total)
        for _, place in self.by_floor(opened):
            here = opened[place]
            known = self.known[here.key]
            if known is not None and not known.proven and known.at_least <= lowest:
                known = self.learn(here, self.found(here))
                if known is not None and known.total is not None:
                    lowest = min(lowest, known.total)

    def prove_the_rest(self, opened: list[_Open]) -> None:
        """The lines that cannot be the best, each for a while in turn, then for longer."""
        for looks in _LOOKS_IN_TURN:
            for _, place in self.by_floor(opened):
                here = opened[place]
                known = self.known[here.key]
                if known is None or known.proven:
                    continue
                if self.out_of_time():
                    return
                self.learn(here, self.found(here, most_looks=looks))

    def by_floor(self, opened: list[_Open]) -> list[tuple[int, int]]:
        """``(floor, place)`` of each line, the cheapest first as far as a quick bound can tell."""
        return sorted((self.floor(here), place) for place, here in enumerate(opened))

    def learn(self, here: _Open, found: LineAnswer | None) -> LineAnswer | None:
        """Remember the answer of a line; one that time cut short does not push out a better one."""
        known = self.known.get(here.key)
        if known is not None and found is not None and not found.proven:
            at_least = max(known.at_least, found.at_least)
            if found.total is None or (known.total is not None and known.total <= found.total):
                found = known
            found = replace(found, at_least=at_least, proven=found.total == at_least)
        self.known[here.key] = found
        return found

    def floor(self, here: _Open) -> int:
        """A quick bound on the cost of a line; NEVER when it cannot serve. Asked once."""
        if here.key not in self.floors:
            self.floors[here.key] = self._floor(here)
        return self.floors[here.key]

    def _floor(self, here: _Open) -> int:
        if self.uses_nothing:
            return here.line.sim_price
        plan = self.best_plan(here, self.usage, USUAL_SCALE)
        floor = plan.total if plan else NEVER
        task = self.task(here, self.usage, USUAL_SCALE)
        if task is None:
            return floor
        search = Search(task, by_price(task))
        return min(floor, here.line.sim_price + search.at_least())

    def found(
        self,
        here: _Open,
        *,
        scale: int = USUAL_SCALE,
        usage: Mapping[str, int] | None = None,
        below: int = NEVER,
        most_looks: int = NEVER,
    ) -> LineAnswer | None:
        """The answer of a line; with ``below``, only a total below counts, what is not may be told as None."""
        usage = usage or self.usage
        line, limit = here.line, here.day_limit
        if limit is not None and line.sim_price > limit:
            return None
        if self.uses_nothing:
            return LineAnswer(line, line.sim_price, True, line.sim_price)
        plan = self.best_plan(here, usage, scale)
        total = plan.total if plan else None
        task = self.task(here, usage, scale)
        if task is None:
            return None if total is None else LineAnswer(line, total, True, total, draft=plan)
        draft = plan
        ceiling = min(below, NEVER if total is None else total)
        # Of the line that looks cheapest the ties are wanted too, most likely: one search for both.
        is_likely = below == NEVER and scale == USUAL_SCALE and here.key == self.likeliest
        weigh = by_price_and_ties if is_likely else by_price
        calendar = least_calendar(
            task,
            weigh,
            below=NEVER if ceiling == NEVER else weigh(task).of(max(0, ceiling - line.sim_price), 0, 0),
            cents_suffice=True,
            most_looks=most_looks,
            out_of_time=self.out_of_time,
            remembered=self.remembered,
        )
        if calendar.purchases is not None:
            draft = _of_calendar(line, task, calendar)
            total = draft.total
        floor = line.sim_price + calendar.at_least
        if total is None:
            return None if calendar.proven else LineAnswer(line, None, False, floor)
        if calendar.proven and calendar.purchases is None:
            # No top-ups cost less than what was asked for: a plan that costs more is not known to be the least.
            floor = max(floor, ceiling)
        at_least = total if calendar.proven and calendar.purchases is not None else min(total, floor)
        return LineAnswer(line, total, at_least == total, at_least, draft=draft)

    def best_plan(self, here: _Open, usage: Mapping[str, int], scale: int) -> Course | None:
        courses = []
        for offer in here.plans:
            cost = plan_cost(
                offer, usage, sim=here.line.sim_price, horizon=self.person.horizon_days, scale=scale
            )
            if cost is not None:
                courses.append(_of_plan(offer, cost))
        return min(courses, key=lambda course: course.rank, default=None)

    def task(self, here: _Open, usage: Mapping[str, int], scale: int) -> Task | None:
        """The question of the top-ups; None when there are none, or a resource that none of them can ever serve."""
        if not here.top_ups:
            return None
        task = read_task(
            here.line,
            here.top_ups,
            usage,
            horizon=self.person.horizon_days,
            scale=scale,
            day_limit=here.day_limit,
            bought=self.person.already_bought,
        )
        return None if unserved_by(task) else task

    # -- the best line, in full -----------------------------------------------------------------------------------

    def ranked(self, answers: list[tuple[_Open, LineAnswer]]) -> list[tuple[_Open, LineAnswer]]:
        """By total; among equals, by what is paid on day 0, then by purchases, then as the catalogue has them."""
        totals = Counter(answer.total for _, answer in answers)
        told = [
            (here, self.with_course(here, answer) if totals[answer.total] > 1 else answer)
            for here, answer in answers
        ]
        return sorted(told, key=lambda pair: pair[1].course.rank if pair[1].course else (pair[1].total or 0,))

    def with_course(self, here: _Open, answer: LineAnswer) -> LineAnswer:
        """The answer with its purchases, the ties decided."""
        if answer.course is not None:
            return answer
        line, total = here.line, answer.total
        assert total is not None
        if self.uses_nothing:
            return replace(answer, course=Course(total, total, ()))
        plan = self.best_plan(here, self.usage, USUAL_SCALE)
        task = self.task(here, self.usage, USUAL_SCALE)
        course = plan if plan and plan.total == total else None
        proven = answer.proven
        if task is not None:
            weighing = by_price_and_ties(task)
            below = weighing.of(total - line.sim_price + 1, 0, 0)
            if course is not None:
                sim = line.sim_price
                own = weighing.of(course.total - sim, course.day_0 - sim, len(course.purchases))
                below = min(below, own)
            calendar = least_calendar(
                task,
                by_price_and_ties,
                below=below,
                out_of_time=self.out_of_time,
                remembered=self.remembered,
            )
            proven = proven and calendar.proven
            if calendar.purchases is not None:
                course = _of_calendar(line, task, calendar)
        # Out of time between the total and its ties: the course that gave the total.
        course = course or answer.draft
        if course is None:
            return replace(answer, proven=False)
        return replace(answer, total=course.total, course=course, proven=proven)

    def fewest(self, here: _Open, best: LineAnswer) -> tuple[Course | None, bool]:
        """The course with the fewest purchases within 5 % of the best total of the line, and whether it is proven."""
        if best.course is None or best.total is None:
            return None, False
        most = best.total * (100 + WITHIN_PERCENT) // 100
        chosen, proven = best.course, True
        for offer in here.plans if not self.uses_nothing else ():
            cost = plan_cost(
                offer,
                self.usage,
                sim=here.line.sim_price,
                horizon=self.person.horizon_days,
                scale=USUAL_SCALE,
            )
            if cost is not None and cost.total <= most:
                chosen = min(chosen, _of_plan(offer, cost), key=_by_count)
        task = None if self.uses_nothing else self.task(here, self.usage, USUAL_SCALE)
        if task is not None:
            weighing = by_count(task)
            sim = here.line.sim_price
            calendar = least_calendar(
                task,
                by_count,
                most_cents=most - sim,
                below=weighing.of(chosen.total - sim, chosen.day_0 - sim, len(chosen.purchases)),
                out_of_time=self.out_of_time,
            )
            proven = calendar.proven
            if calendar.purchases is not None:
                chosen = _of_calendar(here.line, task, calendar)
        return chosen, proven

    def with_more_usage(self, here: _Open) -> tuple[int | None, bool]:
        """What 30 % more use costs on the line, and whether it is proven."""
        usage = {resource: amount * MORE_USAGE_PERCENT // 10 for resource, amount in self.usage.items()}
        answer = self.found(here, scale=USUAL_SCALE * 10, usage=usage)
        return (None, True) if answer is None else (answer.total, answer.proven)

    # -- why not --------------------------------------------------------------------------------------------------

    def why_unserved(self, here: _Open) -> list[Unserved]:
        """What fails on an open line: the resources that nothing there serves, else the limit that is in the way."""
        line = here.line
        if here.day_limit is not None and line.sim_price > here.day_limit:
            return [Unserved(line, limit=MAX_PAYMENT)]
        horizon = self.person.horizon_days
        failing = [lacking(offer, self.usage, horizon=horizon, scale=USUAL_SCALE) for offer in here.plans]
        if here.top_ups:
            task = read_task(here.line, here.top_ups, self.usage, horizon=horizon)
            failing.append(unserved_by(task))
        if failing and all(failing):
            return [Unserved(line, resource=resource) for resource in min(failing, key=len)]
        # Without a limit, enough copies every day would serve; so a limit that stands alone is the reason.
        if here.day_limit is None:
            return [Unserved(line, limit=MONTHLY_CAP)]
        if line.monthly_cap is None:
            return [Unserved(line, limit=MAX_PAYMENT)]
        if (
            self.found(replace(here, line=replace(line, monthly_cap=None)), most_looks=_LOOKS_FOR_A_REASON)
            is not None
        ):
            return [Unserved(line, limit=MONTHLY_CAP)]
        if self.found(replace(here, day_limit=None), most_looks=_LOOKS_FOR_A_REASON) is not None:
            return [Unserved(line, limit=MAX_PAYMENT)]
        return [Unserved(line, limit=MONTHLY_CAP), Unserved(line, limit=MAX_PAYMENT)]

    # -- what the obstacles cost ----------------------------------------------------------------------------------

    def premium(self) -> Premium:
        """The poverty premium on mainstream lines, by obstacle; eligibility keeps its true value."""
        person = self.person
        lines = [line for line in self.programme.lines if not line.solidarity]
        named = {
            condition
            for line in lines
            for offer in line.offers
            if not offer.unknown
            for item in offer.requires
            for condition in item
        }
        acting = [each for each in person.lacks if each == MAX_PAYMENT or each in named]
        asked: dict[_Key, int] = {}
        return poverty_premium(
            person.lacks, acting, lambda lifted, cost: self.mainstream(lines, lifted, cost, asked)
        )

    def mainstream(
        self, lines: list[Line], lifted: frozenset[str], cost: int | None, asked: dict[_Key, int]
    ) -> tuple[int | None, bool]:
        """The best cost on mainstream lines with these obstacles lifted, ``cost`` being had with fewer; and its proof.

        ``asked`` remembers up to which cost a set of open offers was found to have nothing to give.
        """
        person = self.person
        has = person.has | (lifted & frozenset(OBSTACLES))
        limit = None if MAX_PAYMENT in lifted else person.max_payment
        proven = True
        opened = []
        for line in lines:
            here, _ = self.open_offers(line, has, limit)
            if here.plans or here.top_ups:
                opened.append(here)
                known = self.known.get(here.key)
                if known is not None and known.total is not None and (cost is None or known.total < cost):
                    cost = known.total
        # The cheapest first: what they cost spares the others most of the search.
        for here in sorted(opened, key=self.floor):
            answer = self.known.get(here.key)
            if here.key not in self.known or (answer is not None and not answer.proven):
                below = NEVER if cost is None else cost
                if asked.get(here.key, -1) >= below:
                    continue
                answer = self.found(here, below=below)
                if answer is not None and (answer.proven or here.key in self.known):
                    answer = self.learn(here, answer)
                asked[here.key] = below if answer is None or answer.total is None else answer.total
            if answer is None:
                continue
            if answer.total is not None and (cost is None or answer.total < cost):
                cost = answer.total
            proven = proven and (answer.proven or (cost is not None and answer.at_least >= cost))
        return cost, proven

    def against_today(self, total: int | None) -> AgainstToday | None:
        current = self.person.current
        if current is None:
            return None
        if total is None:
            return AgainstToday(True, None)
        today = half_up(current.pays_per_month * self.person.horizon_days, MONTH)
        saving = today - total - current.commitment_owed
        return AgainstToday(saving <= 0, saving)


def unserved_by(task: Task) -> tuple[str, ...]:
    """The resources that no top-up of the task serves, by an allowance or by credit at a unit price."""
    has_credit = any(item.credit for item in task.items)
    return tuple(
        resource
        for place, resource in enumerate(task.resources)
        if not any(item.gives[place] for item in task.items) and not (has_credit and task.unit[place])
    )


def _of_plan(offer: Offer, cost: PlanCost) -> Course:
    purchases = tuple(Purchase(day, offer) for day in cost.days)
    return Course(cost.total, cost.day_0, purchases, cost.overage, cost.owed_after)


def _of_calendar(line: Line, task: Task, calendar: Calendar) -> Course:
    purchases = tuple(Purchase(day, task.items[place].offer) for day, place in calendar.purchases or ())
    return Course(
        line.sim_price + sum(each.price for each in purchases),
        line.sim_price + sum(each.price for each in purchases if each.day == 0),
        purchases,
    )


def _by_count(course: Course) -> tuple[int, int, int]:
    return (len(course.purchases), course.total, course.day_0)
