"""The baggage: what stands in each of the three pockets, computed from dated facts and from nothing else.

The whole rule (decision record ``docs/decisions/0010-baggage.md``):

- Of the facts about one item, the newest holds: by the day it was observed, then by when it was written.
- *Device* hangs on E1 (a device of her own that works), *connection* on C1 (a line that lives and that she can pay).
  That item lost: the pocket is lost. Not so, or someone else's: empty. So: full when the two other items of the pocket
  are so too, else half. Not known: the pocket is unknown, whatever is known of the two others.
- *Skills*: :func:`bagage.skills.domain.positioning.pocket_state`, with her requests to learn.
- "On ne sait pas" is a fact like another: the newest one that says so makes the item unknown again. It never counts as
  "no".

Given ``today``, facts of later days are left out: the bag of any day can be computed again.

Sentences are kept as French source text with values; :func:`bagage.journeys.queries.in_words` translates them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol

from bagage.skills.domain import positioning

DEVICE = ("E1", "E2", "E3")
CONNECTION = ("C1", "C2", "C3")
SKILLS = "skills"
KNOWN_ANSWERS = ("yes", "lent", "no", "lost")


class EvidenceFact(Protocol):
    """One fact about E1–C3; the rows of ``journeys.Evidence`` are such."""

    @property
    def item(self) -> str: ...
    @property
    def answer(self) -> str: ...
    @property
    def note(self) -> str: ...
    @property
    def observed_on(self) -> date: ...
    @property
    def written_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Fact:
    """An :class:`EvidenceFact` without a database."""

    item: str
    answer: str
    observed_on: date
    written_at: datetime
    note: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """One observation of one skill: its step 0 to 3, or ``None`` for "on ne sait pas"."""

    item: str
    step: int | None
    observed_on: date
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, with the states it reached: (day, when it was written, ``open under_way met dropped``)."""

    pocket: str
    said_on: date
    steps: tuple[tuple[date, datetime, str], ...] = ()

    def state_on(self, today: date) -> str:
        """Where it stood on that day; ``""`` when it had not been said yet."""
        if self.said_on > today:
            return ""
        reached = [step for step in self.steps if step[0] <= today]
        return max(reached)[2] if reached else "open"


@dataclass(frozen=True, slots=True)
class Line:
    """A sentence: French source text, and what fills it. Dates stay dates until they are shown."""

    text: str
    values: Mapping[str, object] = field(default_factory=dict)


def _(text: str) -> str:
    """Marks a sentence for translation; it is translated where it is shown."""
    return text


@dataclass(frozen=True, slots=True)
class PocketView:
    """One pocket: ``state`` is ``unknown``, ``empty``, ``half``, ``full`` or ``lost``; ``as_of`` its newest known fact.

    ``lines`` say what is so, ``missing`` what a full pocket still needs, ``to_ask`` what nobody knows yet.
    """

    state: str
    lines: tuple[Line, ...] = ()
    missing: tuple[Line, ...] = ()
    to_ask: tuple[Line, ...] = ()
    as_of: date | None = None

    def __str__(self) -> str:
        return self.state


@dataclass(frozen=True, slots=True)
class Baggage:
    """The bag, in the order that never changes."""

    device: PocketView
    connection: PocketView
    skills: PocketView

    @property
    def is_full(self) -> bool:
        """Whether the three pockets are."""
        return all(pocket.state == "full" for pocket in (self.device, self.connection, self.skills))

    @property
    def is_unknown(self) -> bool:
        """Whether nothing at all is known."""
        return all(pocket.state == "unknown" for pocket in (self.device, self.connection, self.skills))


WORDS: dict[tuple[str, str], str] = {
    ("E1", "yes"): _("Un appareil personnel, qui marche."),
    ("E1", "lent"): _("L’appareil est à quelqu’un d’autre."),
    ("E1", "no"): _("Pas d’appareil personnel."),
    ("E1", "lost"): _("Appareil perdu, volé ou cassé."),
    ("E2", "yes"): _("Chargeur et batterie en état."),
    ("E3", "yes"): _("Sait où le faire réparer."),
    ("C1", "yes"): _("Une ligne active et payable."),
    ("C1", "lent"): _("La ligne est à quelqu’un d’autre."),
    ("C1", "no"): _("Pas de ligne personnelle."),
    ("C1", "lost"): _("Ligne coupée ou perdue."),
    ("C2", "yes"): _("Sait quand la ligne s’arrête."),
    ("C3", "yes"): _("Se joint toujours au même numéro."),
}
MISSING = {
    "E1": _("un appareil personnel qui marche"),
    "E2": _("un chargeur, une batterie qui tient"),
    "E3": _("savoir où le faire réparer"),
    "C1": _("une ligne active et payable"),
    "C2": _("savoir quand la ligne s’arrête"),
    "C3": _("un numéro qui reste le même"),
}


def newest_evidence(facts: Iterable[EvidenceFact], today: date) -> dict[str, EvidenceFact]:
    """Of each item, the fact that holds on that day.

    Two facts of one item written at the very same instant about the same day: the one that knows least holds, so that
    the order in which rows come never decides.
    """
    found: dict[str, EvidenceFact] = {}
    for fact in facts:
        if fact.observed_on > today:
            continue
        before = found.get(fact.item)
        if before is None or _evidence_rank(fact) > _evidence_rank(before):
            found[fact.item] = fact
    return found


def _evidence_rank(fact: EvidenceFact) -> tuple[date, datetime, int, str]:
    caution = ("yes", "lent", "no", "lost", "unknown")
    return fact.observed_on, fact.written_at, caution.index(fact.answer), fact.note


def newest_steps(observations: Iterable[Seen], today: date) -> dict[str, Seen]:
    """Of each skill, the observation that holds on that day; see :func:`newest_evidence` for ties."""
    found: dict[str, Seen] = {}
    for one in observations:
        if one.observed_on > today:
            continue
        before = found.get(one.item)
        if before is None or _step_rank(one) > _step_rank(before):
            found[one.item] = one
    return found


def _step_rank(one: Seen) -> tuple[date, datetime, int]:
    return one.observed_on, one.written_at, 4 if one.step is None else 3 - one.step


def compute(
    evidence: Iterable[EvidenceFact],
    observations: Iterable[Seen],
    today: date,
    *,
    requests: Iterable[Asked] = (),
    item_count: int = 15,
) -> Baggage:
    """The bag on ``today`` (a day in the time zone of the installation)."""
    held = newest_evidence(evidence, today)
    return Baggage(
        device=_hung_pocket(DEVICE, held),
        connection=_hung_pocket(CONNECTION, held),
        skills=_skills_pocket(newest_steps(observations, today), list(requests), today, item_count),
    )


def _hung_pocket(items: tuple[str, ...], held: Mapping[str, EvidenceFact]) -> PocketView:
    """A pocket that hangs on its first item."""
    answers = {
        item: held[item].answer for item in items if item in held and held[item].answer in KNOWN_ANSWERS
    }
    heart = items[0]
    if heart not in answers:
        state = "unknown"
    elif answers[heart] == "lost":
        state = "lost"
    elif answers[heart] != "yes":
        state = "empty"
    else:
        state = "full" if all(answers.get(item) == "yes" for item in items) else "half"
    # Without its heart the rest of a pocket is of no use: a charger for a stolen telephone is not said.
    said = items if state in {"half", "full"} else items[:1]
    lines = []
    for item in said:
        words = WORDS.get((item, answers.get(item, "")))
        if words:
            lines.append(Line(words))
            if held[item].note:
                lines.append(Line("%(note)s", {"note": held[item].note}))
    return PocketView(
        state=state,
        lines=tuple(lines),
        missing=tuple(Line(MISSING[item]) for item in said if item in answers and answers[item] != "yes"),
        to_ask=tuple(Line(MISSING[item]) for item in said if item not in answers),
        as_of=max((held[item].observed_on for item in answers), default=None),
    )


def _skills_pocket(
    held: Mapping[str, Seen], requests: list[Asked], today: date, item_count: int
) -> PocketView:
    """The pocket of skills."""
    steps = {item: one.step for item, one in held.items()}
    known = positioning.known_steps(steps)
    states = [state for one in requests if one.pocket == SKILLS and (state := one.state_on(today))]
    wanted = [state for state in states if state != "dropped"]
    met = wanted.count("met")
    lines = []
    if wanted:
        lines.append(
            Line(_("Demandes réussies : %(met)s sur %(asked)s."), {"met": met, "asked": len(wanted)})
        )
    if known:
        alone = sum(step == positioning.ALONE for step in known.values())
        lines.append(
            Line(_("Se fait sans aide : %(alone)s sur %(known)s."), {"alone": alone, "known": len(known)})
        )
    days = [one.observed_on for item, one in held.items() if item in known]
    for one in requests:
        if one.pocket == SKILLS:
            days += [day for day, _at, state in one.steps if state == "met" and day <= today]
    left = max(item_count - len(known), 0)
    to_ask = Line(_("Reste à demander : %(left)s sur %(total)s."), {"left": left, "total": item_count})
    return PocketView(
        state=positioning.pocket_state(steps, asked=len(wanted), met=met),
        lines=tuple(lines),
        missing=tuple(Line("%(item)s", {"item": code}) for code in positioning.missing_base(steps)),
        to_ask=(to_ask,) if left else (),
        as_of=max(days, default=None),
    )
