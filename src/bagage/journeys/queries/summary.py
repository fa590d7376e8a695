"""What a person takes with her when she leaves, in plain words: one sentence a line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Protocol

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from bagage.common.words import day, day_short, phone, quoted
from bagage.connection.models import HeldLine, LineState
from bagage.equipment.models import Handover
from bagage.journeys.domain.exits import bag_of_photograph
from bagage.journeys.models import FollowUp, JourneyExit, Pocket, Request
from bagage.journeys.queries.baggage import in_words
from bagage.permanences.models import Site
from bagage.skills.domain.positioning import ALONE
from bagage.skills.queries import item_titles, positioning

# A paper that is read: more lines than this are not.
MOST = 6
MOST_PLACES = 3


class PlaceToGo(Protocol):
    """A place that can take her further, all in words; ``""`` for what nobody knows."""

    @property
    def name(self) -> str: ...
    @property
    def address(self) -> str: ...
    @property
    def phone(self) -> str: ...
    @property
    def hours(self) -> str: ...


# Activities above add where she was sent on to: the ids of her files → places. ``bagage.referrals`` does.
PLACES: list[Callable[[list[int]], Sequence[PlaceToGo]]] = []


def places_of(files: list[int]) -> list[PlaceToGo]:
    """The places where she may go on, as activities above know them."""
    return [place for told in PLACES for place in told(files)]


@dataclass(frozen=True, slots=True)
class Place:
    """A place on the paper. Each of ``lines`` is one sentence: where it is, its telephone, when it is open."""

    name: str
    lines: list[str]


def facts_of(files: Sequence[int], today: date) -> dict[str, Any]:
    """What the paper of an exit says beside the bag, kept with it: device, line, what she can do, what she managed.

    Days as ``2026-11-26``; skills by their codes. Four queries.
    """
    handover = (
        Handover.objects.open().of_persons(files).select_related("device").order_by("-handed_over_at").first()
    )
    line = (
        HeldLine.objects.of_persons(files)
        .filter(state__in=[LineState.ACTIVE, LineState.LEFT_FOR_PLAN, LineState.PORTED])
        .select_related("line")
        .prefetch_related("events")
        .order_by("state", "-opened_at", "-pk")
        .first()
    )
    steps = positioning(files, until=today)
    met = Request.objects.filter(journey__person_id__in=files, state=Request.State.MET, pocket=Pocket.SKILLS)
    facts: dict[str, Any] = {
        "can": [code for code, one in steps.items() if one.step == ALONE],
        "met": list(met.order_by("changed_on", "pk").values_list("words", flat=True)),
    }
    if handover is not None:
        facts["device"] = handover.device.name
        if handover.warranty_until is not None:
            facts["warranty_until"] = handover.warranty_until.isoformat()
    if line is not None:
        facts["line"] = line.title
        facts["line_state"] = line.state
        if line.live_until is not None and line.state == LineState.ACTIVE:
            facts["live_until"] = line.live_until.isoformat()
    return facts


@dataclass(frozen=True, slots=True)
class Summary:
    """The paper: each list is one sentence a line."""

    intro: list[str]
    bag: list[str]
    device: list[str]
    line: list[str]
    skills: list[str]
    missing: list[str]
    places: list[Place]
    back: list[str]
    end: list[str] = field(default_factory=list)


def summary_of(
    left: JourneyExit, *, places: Sequence[PlaceToGo], site: Site | None, follow_ups: Sequence[FollowUp]
) -> Summary:
    """The words of one exit, for her; ``site`` is where she can come back. One query, for the titles of skills."""
    facts = left.bag.get("facts") or {}
    bag = bag_of_photograph(left.bag)
    titles = item_titles()
    complete = left.kind == JourneyExit.Kind.COMPLETE
    missing = [] if complete else _missing(bag, titles)
    return Summary(
        intro=[
            _("Bonjour %(name)s.") % {"name": left.journey.person.chosen_name},
            _("Votre bagage numérique est complet.")
            if complete
            else _("Votre bagage numérique n’est pas encore complet."),
            *([_("Bravo pour ce chemin.")] if complete else []),
            *([_("Ce que vous avez déjà reste à vous.")] if not complete and _has_something(left) else []),
        ],
        bag=[
            _(_POCKET["device", left.device]),
            _(_POCKET["connection", left.connection]),
            _(_POCKET["skills", left.skills]),
        ],
        device=_device(facts),
        line=_line(facts),
        skills=_skills(facts, titles),
        missing=missing,
        places=[_place(one) for one in places[:MOST_PLACES]],
        back=_back(site, follow_ups),
        end=[
            _("Ce papier date du %(day)s.") % {"day": day(left.exited_at, year=True)},
            _("Il est écrit selon des règles de langage clair."),
        ],
    )


_POCKET: dict[tuple[str, str], str] = {
    ("device", "full"): gettext_noop("Votre appareil : la poche est pleine."),
    ("device", "half"): gettext_noop("Votre appareil : la poche est à moitié pleine."),
    ("device", "empty"): gettext_noop("Votre appareil : la poche est vide."),
    ("device", "lost"): gettext_noop("Votre appareil est perdu."),
    ("device", "unknown"): gettext_noop("Votre appareil : on ne sait pas."),
    ("connection", "full"): gettext_noop("Votre ligne : la poche est pleine."),
    ("connection", "half"): gettext_noop("Votre ligne : la poche est à moitié pleine."),
    ("connection", "empty"): gettext_noop("Votre ligne : la poche est vide."),
    ("connection", "lost"): gettext_noop("Votre ligne est coupée ou perdue."),
    ("connection", "unknown"): gettext_noop("Votre ligne : on ne sait pas."),
    ("skills", "full"): gettext_noop("Ce que vous savez faire : la poche est pleine."),
    ("skills", "half"): gettext_noop("Ce que vous savez faire : la poche est à moitié pleine."),
    ("skills", "empty"): gettext_noop("Ce que vous savez faire : la poche est vide."),
    ("skills", "unknown"): gettext_noop("Ce que vous savez faire : on ne sait pas."),
}


def _place(place: PlaceToGo) -> Place:
    told = (
        (_("L’adresse : %(what)s."), place.address),
        (_("Le téléphone : %(what)s."), place.phone),
        (_("Les horaires : %(what)s."), place.hours),
    )
    return Place(place.name, [text % {"what": what.rstrip(".")} for text, what in told if what])


def _has_something(left: JourneyExit) -> bool:
    return bool({left.device, left.connection, left.skills} & {"half", "full"})


def _device(facts: dict[str, Any]) -> list[str]:
    if not facts.get("device"):
        return []
    lines = [_("Vous avez un appareil : %(device)s.") % {"device": facts["device"]}]
    if facts.get("warranty_until"):
        until = date.fromisoformat(facts["warranty_until"])
        lines.append(
            _("Jusqu’au %(day)s, la réparation est gratuite.") % {"day": day_short(until, year=True)}
        )
    lines.append(_("En cas de panne, venez nous voir."))
    return lines


def _line(facts: dict[str, Any]) -> list[str]:
    if not facts.get("line"):
        return []
    if facts.get("line_state") in {LineState.LEFT_FOR_PLAN, LineState.PORTED}:
        return [
            _("Votre numéro est chez un autre opérateur."),
            _("Vous payez chaque mois."),
            _("En cas de problème, venez nous voir."),
        ]
    lines = [_("Votre ligne s’appelle %(line)s.") % {"line": facts["line"]}]
    if facts.get("live_until"):
        until = date.fromisoformat(facts["live_until"])
        lines += [
            _("Elle marche jusqu’au %(day)s.") % {"day": day(until, year=True)},
            _("Pour continuer, achetez une recharge avant ce jour."),
        ]
    return lines


def _skills(facts: dict[str, Any], titles: dict[str, str]) -> list[str]:
    met = [
        _("Vous y arrivez : %(words)s.") % {"words": quoted(words.rstrip(" ."))}
        for words in facts.get("met") or []
    ]
    can = [f"{titles[code]}." for code in facts.get("can") or [] if code in titles]
    return [*met, *can][:MOST]


def _missing(bag: Any, titles: dict[str, str]) -> list[str]:
    found = [
        in_words(line, titles)
        for pocket in (bag.device, bag.connection, bag.skills)
        if pocket.state != "full"
        for line in pocket.missing
    ]
    return [f"{text[:1].upper()}{text[1:]}." for text in found][:MOST]


def _back(site: Site | None, follow_ups: Sequence[FollowUp]) -> list[str]:
    lines = [_("Vous pouvez revenir quand vous voulez.")]
    if site is not None:
        lines.append(_("C’est ici : %(address)s.") % {"address": site.full_address})
        if site.phone:
            lines.append(_("Le téléphone est le %(phone)s.") % {"phone": phone(site.phone)})
    due = sorted(one.due_on for one in follow_ups)
    if due:
        lines.append(
            _("Nous vous demanderons des nouvelles vers le %(day)s.") % {"day": day_short(due[0], year=True)}
        )
    return lines
