"""The questions of the interview as they stand for one person, with what is known already and by whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from bagage.common.words import day_short, local_date
from bagage.journeys.models import Evidence, EvidenceItem, Interview
from bagage.journeys.queries.words import headings
from bagage.people.models import Answer, Obstacle, Person, SituationFact
from bagage.skills.models import Observation
from bagage.skills.queries import AskedItem, positioning, step_words


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that can be tapped; ``key`` is what is written for it on the paper form."""

    value: str
    label: str
    css: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Question:
    """One question: what it offers, what is known (``value``), and a mark that says from whom or when."""

    name: str
    label: str
    choices: list[Choice]
    value: str = ""
    icon: str = ""
    code: str = ""
    mark: str = ""
    mark_icon: str = ""

    @property
    def is_known(self) -> bool:
        """Whether there is an answer that is not "on ne sait pas"."""
        return self.value not in {"", "unknown"}


@dataclass(frozen=True, slots=True)
class QuestionGroup:
    """Questions under one heading; ``parts`` are the sub-headings of the skills."""

    name: str
    title: str
    parts: list[tuple[str, list[Question]]] = field(default_factory=list)

    @property
    def questions(self) -> list[Question]:
        """All of them."""
        return [question for _title, questions in self.parts for question in questions]

    @property
    def known(self) -> int:
        """How many have an answer."""
        return sum(question.is_known for question in self.questions)

    @property
    def total(self) -> int:
        """How many there are."""
        return len(self.questions)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the interview is: answers known, and those that are not."""

    known: int
    unknown: int


def progress_of(groups: list[QuestionGroup], extra: tuple[int, int] = (0, 0)) -> Progress:
    """The sum of the groups; ``extra`` is (known, total) of what stands beside them."""
    known = sum(group.known for group in groups) + extra[0]
    total = sum(group.total for group in groups) + extra[1]
    return Progress(known, total - known)


def current_interview(person_ids: list[int]) -> Interview | None:
    """The open interview of a person (her files together), else the one finished last."""
    found = list(
        Interview.objects.filter(person_id__in=person_ids).select_related("led_by", "appointment", "node")
    )
    still_open = [one for one in found if one.finished_at is None]
    finished = sorted((one for one in found if one.finished_at), key=lambda one: (one.finished_at, one.pk))
    return still_open[0] if still_open else finished[-1] if finished else None


def unknown_choice() -> Choice:
    """The honest one, always last."""
    return Choice("unknown", _("on ne sait pas"), "q", "?")


def three_questions(person: Person, interview: Interview | None) -> list[Question]:
    """The two questions with choices asked at reception; the third is ``interview.wants``."""
    alone = headings(person)["alone"]
    word = {"she": _("seule"), "he": _("seul")}.get(person.grammar, _("sans aide"))
    return [
        Question(
            "connected_today",
            _("Avez-vous de quoi vous connecter aujourd’hui ?"),
            [
                Choice("yes", _("oui"), key=pgettext("letter", "O")),
                Choice("lent", _("prêté"), key=pgettext("letter", "P")),
                Choice("no", _("non"), key=pgettext("letter", "N")),
                unknown_choice(),
            ],
            interview.connected_today if interview else "",
        ),
        Question(
            "last_time",
            alone,
            [
                Choice("alone", word, key=pgettext("letter", "S")),
                Choice("helped", _("avec aide"), key=pgettext("letter", "A")),
                Choice("never", _("jamais"), key=pgettext("letter", "J")),
                unknown_choice(),
            ],
            interview.last_time if interview else "",
        ),
    ]


def evidence_labels(person: Person) -> dict[str, tuple[str, str]]:
    """Icon and label of E1–C3."""
    if person.grammar == Person.Grammar.SHE:
        labels = {item.value: str(item.label) for item in EvidenceItem}
    else:
        labels = {
            "E1": _("Un appareil à soi, qui marche"),
            "E2": _("Un chargeur, une batterie qui tient"),
            "E3": _("Savoir où le faire réparer"),
            "C1": _("Une ligne active, que l’on peut payer"),
            "C2": _("Savoir quand la ligne s’arrête"),
            "C3": _("On peut joindre au même numéro"),
        }
    icons = {"E1": "smartphone", "E2": "plug", "E3": "wrench", "C1": "card-sim", "C2": "clock", "C3": "phone"}
    return {item: (icons[item], label) for item, label in labels.items()}


OBSTACLE_ICONS = {
    Obstacle.BANK_ACCOUNT: "landmark",
    Obstacle.FIXED_ADDRESS: "map-pin",
    Obstacle.MAILBOX: "mail",
    Obstacle.PAPERS: "id-card",
    Obstacle.READING: "book-open",
}


def _mark(
    how: str, source: str, written_by: str, on: date, *, interview: Interview | None, today: date
) -> tuple[str, str]:
    """(icon, words) that say where an answer comes from; nothing for what was said in this interview."""
    if source.startswith("referral:"):
        return "pen-line", _("écrit par %(name)s") % {"name": written_by} if written_by else _(
            "écrit dans l’orientation"
        )
    mine = interview is not None and source == f"interview:{interview.uuid}"
    if how == "seen":
        return "eye", _("vu aujourd’hui") if on == today else _("vu le %(day)s") % {"day": day_short(on)}
    if mine:
        return "", ""
    return "history", _("dit le %(day)s") % {"day": day_short(on)}


def interview_groups(
    person: Person,
    *,
    files: list[int],
    interview: Interview | None,
    items: list[AskedItem],
    today: date,
) -> list[QuestionGroup]:
    """Equipment and connection, skills, obstacles, each with what is known today; three queries.

    ``items`` are the skills that are asked, ``files`` the ids of her files together.
    """
    newest: dict[str, Evidence] = {}
    for fact in Evidence.objects.filter(person_id__in=files, observed_on__lte=today).order_by(
        "observed_on", "written_at", "pk"
    ):
        newest[fact.item] = fact
    situation: dict[str, SituationFact] = {}
    for said in SituationFact.objects.filter(person_id__in=files).order_by("said_on", "written_at", "pk"):
        situation[said.obstacle] = said
    steps = positioning(files, until=today)
    return [
        QuestionGroup(
            "things",
            _("Appareil et connexion"),
            [
                (
                    "",
                    [
                        _evidence_question(item, person, newest.get(item), interview, today)
                        for item in EvidenceItem.values
                    ],
                )
            ],
        ),
        QuestionGroup(
            "skills", headings(person)["can"], _skill_parts(person, items, steps, interview, today)
        ),
        QuestionGroup(
            "obstacles",
            _("Ce qui bloque"),
            [("", [_obstacle_question(one, situation.get(one.value), interview, today) for one in Obstacle])],
        ),
    ]


def _evidence_question(
    item: str, person: Person, fact: Evidence | None, interview: Interview | None, today: date
) -> Question:
    icon, label = evidence_labels(person)[item]
    choices = [Choice("yes", _("oui"), key=pgettext("letter", "O"))]
    if item in {"E1", "C1"}:
        choices.append(
            Choice("lent", _("prêté") if item == "E1" else _("prêtée"), key=pgettext("letter", "P"))
        )
    choices.append(Choice("no", _("non"), key=pgettext("letter", "N")))
    if item in {"E1", "C1"}:
        choices.append(
            Choice("lost", _("perdu") if item == "E1" else _("perdue"), key=pgettext("letter", "X"))
        )
    choices.append(unknown_choice())
    mark_icon, mark = (
        _mark(fact.how, fact.source, fact.written_by, fact.observed_on, interview=interview, today=today)
        if fact
        else ("", "")
    )
    return Question(item, label, choices, fact.answer if fact else "", icon, "", mark, mark_icon)


def _skill_parts(
    person: Person,
    items: list[AskedItem],
    steps: dict[str, Observation],
    interview: Interview | None,
    today: date,
) -> list[tuple[str, list[Question]]]:
    words = step_words(person.grammar)
    choices = [Choice(str(step), words[str(step)], f"p{step}", str(step)) for step in range(4)]
    choices.append(Choice("unknown", words["unknown"], "pu", "?"))
    parts: list[tuple[str, list[Question]]] = []
    for item in items:
        one = steps.get(item.code)
        value = "" if one is None else "unknown" if one.step is None else str(one.step)
        mark_icon, mark = (
            _mark(one.how, one.source, one.written_by, one.observed_on, interview=interview, today=today)
            if one
            else ("", "")
        )
        question = Question(item.code, item.title, choices, value, "", item.competences, mark, mark_icon)
        if not parts or parts[-1][0] != item.group_title:
            parts.append((item.group_title, []))
        parts[-1][1].append(question)
    return parts


def _obstacle_question(
    obstacle: Obstacle, said: SituationFact | None, interview: Interview | None, today: date
) -> Question:
    is_reading = obstacle == Obstacle.READING
    choices = [Choice("yes", _("facile") if is_reading else _("oui"), key=pgettext("letter", "O"))]
    answer = said.answer if said else ""
    if is_reading or answer == Answer.PARTLY:
        choices.append(Choice("partly", _("un peu"), key=pgettext("letter", "P")))
    choices += [Choice("no", _("non"), key=pgettext("letter", "N")), unknown_choice()]
    mark_icon, mark = (
        _mark(
            "said", said.source, said.written_by, local_date(said.said_on), interview=interview, today=today
        )
        if said
        else ("", "")
    )
    return Question(
        obstacle.value, str(obstacle.label), choices, answer, OBSTACLE_ICONS[obstacle], "", mark, mark_icon
    )
