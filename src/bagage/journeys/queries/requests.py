"""What she asks for, the history of facts, and what one may mention."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from bagage.common.prepared import prepared
from bagage.common.together import Asking, together
from bagage.common.words import day_short
from bagage.journeys.models import Evidence, Pocket, Request
from bagage.journeys.queries.interview import evidence_labels
from bagage.journeys.queries.sessions import answers_of
from bagage.journeys.queries.words import headings
from bagage.people.models import Obstacle, Person, SituationFact
from bagage.skills.domain.positioning import suggestions
from bagage.skills.queries import AskedItem, observations_of, step_sentences

POCKET_ICONS = {"device": "smartphone", "connection": "wifi", "skills": "pointer", "": "circle-help"}


@dataclass(frozen=True, slots=True)
class RequestRow:
    """One request as a list shows it."""

    request: Request
    state_label: str
    state_css: str
    state_icon: str
    sub: str
    pocket_icon: str
    pocket_label: str

    @property
    def may_find(self) -> bool:
        """Whether a session can still be looked for: something to learn, or nobody knows yet what it is about."""
        wanted = self.request.state in {Request.State.OPEN, Request.State.UNDER_WAY}
        return wanted and self.request.pocket in {"", Pocket.SKILLS}


@prepared
def _requests_of(files: Iterable[int]) -> QuerySet[Request]:
    return Request.objects.filter(journey__person_id__in=files).order_by("said_on", "written_at", "pk")


@together
def request_rows(
    person: Person, files: list[int], *, now: datetime | None = None
) -> Asking[list[RequestRow]]:
    """Her requests, those still wanted first, in the order in which she said them; one query.

    With ``now``, a request that a coming session answers says so ("Séance jeudi"): one more query.
    """
    words = headings(person)
    looks = {
        Request.State.OPEN.value: (_("Pas commencé"), "", "circle-dashed"),
        Request.State.UNDER_WAY.value: (_("En cours"), "on", "footprints"),
        Request.State.MET.value: (words["met"], "ok", "circle-check"),
        Request.State.DROPPED.value: (words["dropped"], "", "circle-minus"),
    }
    found = yield from _requests_of.asking(files)
    answers = answers_of(found, now) if now is not None and found else {}
    rows = []
    for request in sorted(found, key=lambda one: one.state == Request.State.DROPPED):
        label, css, icon = looks[request.state]
        answer = answers.get(request.pk)
        if answer is not None and request.state == Request.State.UNDER_WAY:
            label, css, icon = answer.words, "on", "clock" if answer.is_waiting else "calendar-check"
        rows.append(
            RequestRow(
                request=request,
                state_label=label,
                state_css=css,
                state_icon=icon,
                sub=_request_sub(request),
                pocket_icon=POCKET_ICONS[request.pocket],
                pocket_label=str(Pocket(request.pocket).label) if request.pocket else "",
            )
        )
    return rows


def _request_sub(request: Request) -> str:
    said = {"day": day_short(request.said_on), "name": request.written_by}
    if request.source.startswith("referral:"):
        first = (
            _("Écrit par %(name)s le %(day)s") % said
            if request.written_by
            else _("Écrit dans l’orientation du %(day)s") % said
        )
    else:
        first = _("Demandé le %(day)s") % said
    changed = {"day": day_short(request.changed_on)}
    if request.state == Request.State.MET:
        return f"{first}, " + _("réussi le %(day)s") % changed
    if request.state == Request.State.UNDER_WAY:
        return f"{first}, " + _("commencé le %(day)s") % changed
    if request.state == Request.State.DROPPED:
        return f"{first}, " + _("laissé le %(day)s") % changed
    return first


def suggested_items(
    steps: dict[str, int | None], items: list[AskedItem], *, has_no_mailbox: bool
) -> list[str]:
    """Titles of at most two things one may mention; never a plan."""
    titles = {item.code: item.title for item in items}
    found = suggestions(steps, has_no_mailbox=has_no_mailbox)
    return [titles[code] for code in found if code in titles]


@dataclass(frozen=True, slots=True)
class HistoryFact:
    """One fact of the history: what about, what was said, when, how, by whom. The first of a list holds."""

    label: str
    answer: str
    on: date
    how: str
    written_by: str


def evidence_history(
    person: Person, files: list[int], items: list[AskedItem]
) -> list[tuple[str, list[tuple[str, list[HistoryFact]]]]]:
    """All facts, by pocket then by item, the newest first: corrections beside what they replaced; three queries."""
    how = {"said": _("dit"), "seen": _("vu")}
    labels = {item: label for item, (_icon, label) in evidence_labels(person).items()}
    # The line is "une ligne"; the device and its charger are not.
    in_feminine = {"lent": _("prêtée"), "lost": _("perdue")}
    facts: dict[str, list[HistoryFact]] = {}
    for fact in Evidence.objects.filter(person_id__in=files).order_by("-observed_on", "-written_at", "-pk"):
        shown = in_feminine.get(fact.answer) if fact.item == "C1" else None
        answer = (shown or str(fact.get_answer_display())) + (f", {fact.note}" if fact.note else "")
        facts.setdefault(fact.item, []).append(
            HistoryFact(
                labels[fact.item],
                answer,
                fact.observed_on,
                how[fact.how],
                fact.written_by,
            )
        )
    sentences = step_sentences(person.grammar)
    titles = {item.code: item.title for item in items}
    for one in reversed(observations_of(files)):
        code = one.item.code
        facts.setdefault(code, []).append(
            HistoryFact(
                titles.get(code, one.item.title_fr),
                sentences["unknown" if one.step is None else str(one.step)],
                one.observed_on,
                how[one.how],
                one.written_by,
            )
        )
    for said in SituationFact.objects.filter(person_id__in=files).order_by("-said_on", "-written_at", "-pk"):
        facts.setdefault(said.obstacle, []).append(
            HistoryFact(
                str(said.get_obstacle_display()),
                str(said.get_answer_display()),
                said.said_on,
                how["said"],
                said.written_by,
            )
        )
    sections = [
        (_("Appareil"), ["E1", "E2", "E3"]),
        (_("Connexion"), ["C1", "C2", "C3"]),
        (_("Compétences"), [item.code for item in items]),
        (_("Ce qui bloque"), Obstacle.values),
    ]
    return [
        (title, [(facts[code][0].label, facts[code]) for code in codes if code in facts])
        for title, codes in sections
    ]
