"""Orientations onward as they are read: a place's link, a list, a person's file, Today, the paper of an exit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import Organisation, User
from bagage.common import links, words
from bagage.common.happenings import Attention, Happened
from bagage.common.hour_words import hours_in_words
from bagage.common.links import LinkForged, LinkRefused
from bagage.common.prepared import prepared
from bagage.common.together import Asking, together
from bagage.directory.domain.communes import distance_km
from bagage.directory.models import Structure
from bagage.journeys.models import Request
from bagage.people.models import Agreement, ContactWay, Following, Person, followed_by
from bagage.people.queries import contact_ways_now, identity_ids, whole_person
from bagage.permanences.models import Site
from bagage.referrals import onward_words
from bagage.referrals.domain import onward_lifecycle as rules
from bagage.referrals.models import Onward, OnwardState, OnwardStep
from bagage.referrals.onward_words import Shared

ARRIVAL = "onward"
# A line of Today names the person while there is one alone.
NAMED = 1


def silent_days() -> int:
    """After how many days without an answer something is done (``BAGAGE_ONWARD_REMINDER_DAYS``)."""
    return int(settings.ONWARD_REMINDER_DAYS)


# ---------- before it is sent ----------
def what_can_be_shared(person: Person, request: Request | None) -> Shared:
    """What of her a place could be told; empty where nobody knows it."""
    way = next(
        (
            way
            for way in contact_ways_now(person)
            if way.phone and way.kind in {ContactWay.Kind.SMS, ContactWay.Kind.CALL}
        ),
        None,
    )
    return Shared(
        first_name=person.chosen_name,
        family_name=person.family_name,
        languages=person.languages,
        phone=way.phone if way else "",
        is_phone_shared=way.is_shared if way else False,
        asks=request.words if request else "",
    )


def requests_to_send(files: list[int]) -> list[Request]:
    """Her requests that are still wanted, in the order in which she said them."""
    return list(
        Request.objects.filter(journey__person_id__in=files)
        .exclude(state__in=[Request.State.DROPPED, Request.State.MET])
        .select_related("journey")
        .order_by("said_on", "written_at", "pk")
    )


def earlier_onwards(files: Iterable[int], need: str) -> list[Onward]:
    """Those for the same need, over all sites and all her files, the newest first; without those called off."""
    return list(
        Onward.objects.of_persons(files)
        .filter(need=need)
        .exclude(state=OnwardState.CALLED_OFF)
        .select_related("structure", "node")
        .order_by("-created_at", "-pk")
    )


def sent_by_form(key: str, files: Iterable[int], structure: Structure) -> Onward | None:
    """What this very form sent already: a second press leads to it."""
    if not key:
        return None
    return Onward.objects.of_persons(files).filter(key=key, structure=structure).first()


def nodes_that_follow(files: Iterable[int], now: datetime) -> list[Organisation]:
    """The nodes that follow her now, the newest first."""
    followings = (
        Following.objects.current(now)
        .filter(person_id__in=list(files))
        .select_related("node")
        .order_by("-started_at", "-pk")
    )
    return list(dict.fromkeys(following.node for following in followings))


def lets_place_know(onward: Onward) -> bool:
    """Whether she still agrees that the place hears of her: her newest word about it, in any of her files."""
    if onward.is_refused:
        return False
    newest = (
        Agreement.objects.filter(
            Q(about="") | Q(about=f"onward:{onward.uuid}"),
            person__in=identity_ids(onward.person),
            kind=Agreement.Kind.SHARE_ONWARD,
        )
        .order_by("-said_at", "-pk")
        .first()
    )
    return newest is None or newest.holds_on(timezone.localdate())


# ---------- the link of the place ----------
def arrival_token(onward: Onward, now: datetime) -> str:
    """The token of the place's link: which orientation, which of its links. Open three months from the telling."""
    remaining = onward.asked_at + rules.LINK_LIFE - now
    return links.make_token(ARRIVAL, [str(onward.uuid), onward.link_number], remaining)


def arrival_url(onward: Onward, now: datetime) -> str:
    """The whole address, for a mail or the square of a paper."""
    path = reverse("referrals:arrival", kwargs={"token": arrival_token(onward, now)})
    return f"{settings.PUBLIC_URL}{path}"


class PlaceLinkClosed(LinkRefused):
    """The link was good and is no more: another was sent, it was called off, or she no longer agrees."""

    def __init__(self) -> None:
        super().__init__(
            gettext_lazy("Ce lien est éteint : il n’y a plus rien à répondre par ici. Merci d’avoir regardé.")
        )


def onward_by_token(token: str) -> Onward:
    """The orientation that a place's link opens; raises :class:`~bagage.common.links.LinkRefused` (404) otherwise."""
    payload = links.read_token(ARRIVAL, token)
    try:
        uuid, number = payload
    except (TypeError, ValueError) as error:
        raise LinkForged from error
    onward = (
        Onward.objects.filter(uuid=uuid).select_related("person__merged_into", "node", "structure").first()
    )
    if onward is None or onward.link_number != number or onward.state == OnwardState.CALLED_OFF:
        raise PlaceLinkClosed
    if onward.person.erased_at or not lets_place_know(onward):
        raise PlaceLinkClosed
    return onward


# ---------- who sees which ----------
def onwards_seen_by(user: User, now: datetime) -> QuerySet[Onward]:
    """Those of persons whom she follows where she sends persons on; a file she cannot open has none for her."""
    return Onward.objects.filter(followed_by(user.node_ids(Ability.ORIENT), now, "person")).select_related(
        "person__merged_into", "structure", "node"
    )


def sites_that_send(user: User) -> list[Site]:
    """The permanences in whose name this account sends persons on."""
    return list(
        Site.objects.filter(organisation__in=user.node_ids(Ability.ORIENT))
        .select_related("organisation")
        .order_by("organisation__name")
    )


# ---------- places ----------
@dataclass(frozen=True, slots=True)
class AnswerDelay:
    """How a place answers: the usual number of days (``None``: never did), of how many answers; how many wait."""

    days: int | None
    answers: int
    waiting: int

    @property
    def in_words(self) -> str:
        return onward_words.delay_words(self.days, self.answers)


def answer_delays(structures: Iterable[int]) -> dict[int, AnswerDelay]:
    """Of each place (by key), how long it takes to say what became of someone; those never written to are absent."""
    waits, waiting = _waits(structures)
    return {
        structure: AnswerDelay(
            rules.typical_days(waits[structure]), len(waits[structure]), waiting[structure]
        )
        for structure in {*waits, *waiting}
    }


def answering_words(places: Sequence[Sequence[int]]) -> list[str]:
    """Of each place (the keys of all its rows), how long it usually takes to answer; ``""`` of too few answers.

    For the panorama, which asks for a whole page at once: one query.
    """
    waits, _waiting = _waits(structure for rows in places for structure in rows)
    found = []
    for rows in places:
        told = [wait for structure in rows for wait in waits.get(structure, ())]
        days = rules.typical_days(told) if len(told) >= rules.ENOUGH_ANSWERS else None
        found.append("" if days is None else onward_words.usual_words(days, len(told)))
    return found


def _waits(structures: Iterable[int]) -> tuple[dict[int, list[timedelta]], dict[int, int]]:
    """By the key of a place, how long each of its own answers took, and how many are waited for; one query."""
    waits: dict[int, list[timedelta]] = defaultdict(list)
    waiting: dict[int, int] = defaultdict(int)
    told = Onward.objects.filter(structure_id__in=list(structures)).exclude(state=OnwardState.CALLED_OFF)
    for structure, state, by_place, asked, answered in told.values_list(
        "structure_id", "state", "answered_by_place", "asked_at", "answered_at"
    ):
        if by_place and answered:
            waits[structure].append(answered - asked)
        elif state == OnwardState.SENT:
            waiting[structure] += 1
    return waits, waiting


@dataclass(frozen=True, slots=True)
class PlaceToGo:
    """A place that she was sent on to, for the paper of her exit: all in words, empty where nobody knows."""

    name: str
    address: str
    phone: str
    hours: str
    need: str


def places_for_summary(files: Iterable[int]) -> list[PlaceToGo]:
    """Where she can go next: the places she was sent on to and that can receive her, the newest first; one query."""
    found = (
        Onward.objects.of_persons(files)
        .filter(state__in=[OnwardState.PREPARED, OnwardState.SENT, OnwardState.ARRIVED])
        .select_related("structure")
        .order_by("-created_at", "-pk")
    )
    places: dict[int, PlaceToGo] = {}
    for onward in found:
        structure = onward.structure
        places.setdefault(
            structure.pk,
            PlaceToGo(
                structure.name,
                onward_words.place_line(structure),
                words.phone(structure.phone) if structure.phone else "",
                hours_in_words(structure.hours),
                onward_words.need_words(onward.need),
            ),
        )
    return list(places.values())


def km_between(site: Site | None, structure: Structure) -> float | None:
    """How far a place is from the permanence, as the crow flies; ``None`` where a point is not known exactly."""
    if site is None or structure.position != Structure.Position.EXACT:
        return None
    if site.latitude is None or site.longitude is None:
        return None
    if structure.latitude is None or structure.longitude is None:
        return None
    return distance_km(site.latitude, site.longitude, structure.latitude, structure.longitude)


# ---------- for the person's file and Today ----------
@dataclass(frozen=True, slots=True)
class OnwardRow:
    """One place of hers, as her file shows it."""

    onward: Onward
    css: str
    icon: str
    state: str
    sub: str


@dataclass(frozen=True, slots=True)
class OnwardPanel:
    """The places she was sent on to, the newest first."""

    rows: list[OnwardRow]
    more: int


SHOWN = 4


@prepared
def _sent_on(files: Iterable[int]) -> QuerySet[Onward]:
    return (
        Onward.objects.of_persons(files)
        .exclude(state=OnwardState.CALLED_OFF)
        .select_related("structure")
        .order_by("-created_at", "-pk")
    )


@prepared
def _steps_of(files: Iterable[int]) -> QuerySet[OnwardStep]:
    return (
        OnwardStep.objects.filter(onward__person_id__in=files)
        .select_related("onward__structure")
        .order_by("at", "pk")
    )


@together
def person_panel(files: Iterable[int], today: date) -> Asking[OnwardPanel | None]:
    """Where she was sent on to, and what became of it; ``None`` when she was not. One query."""
    now = timezone.now()
    days = silent_days()
    found = yield from _sent_on.asking(files)
    if not found:
        return None
    rows = []
    for onward in found[:SHOWN]:
        css, icon = onward_words.MARKS[onward.state]
        state = onward_words.short_state(onward)
        if onward.silence(now, days).todo == "call":
            css, icon, state = "ask", "phone-outgoing", onward_words.silence_words(onward, now)
        rows.append(
            OnwardRow(onward, css, icon, _capital(state), _capital(onward_words.need_words(onward.need)))
        )
    return OnwardPanel(rows, max(0, len(found) - SHOWN))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


@together
def happened(files: Iterable[int], *, details: bool) -> Asking[list[Happened]]:
    """What happened with the places she was sent on to; one query. ``details`` adds what a place wrote."""
    lines = []
    for step in (yield from _steps_of.asking(files)):
        onward = step.onward
        place = {"place": onward.structure.name}
        strong, text = {
            "prepared": (_("Orientée vers %(place)s") % place, _("un papier qu’elle emporte")),
            "sent": (_("Orientée vers %(place)s") % place, _("le lieu est prévenu")),
            "sent_again": (_("Lieu prévenu à nouveau"), onward.structure.name),
            "reminded": (_("Lieu relancé"), onward.structure.name),
            "arrived": (
                _("Arrivée à %(place)s") % place,
                _("le %(day)s") % {"day": words.day_short(step.on)} if step.on else "",
            ),
            "not_come": (_("N’est pas allée à %(place)s") % place, ""),
            "place_cannot": (_("%(place)s ne peut pas la recevoir") % place, ""),
            "called_off": (_("Orientation reprise"), onward.structure.name),
        }[step.kind]
        if details and step.words:
            text = f"{text}, {words.quoted(step.words)}" if text else words.quoted(step.words)
        who = _("dit par le lieu") if step.is_from_place else step.by
        lines.append(
            Happened(
                at=step.at,
                icon=onward_words.ICONS[step.kind],
                strong=strong,
                text=text,
                who=who,
                url=reverse("referrals:onward", kwargs={"uuid": onward.uuid}),
            )
        )
    return lines


@prepared
def _silent(node: int, long_ago: datetime) -> QuerySet[Onward]:
    silent = Onward.objects.filter(node_id=node).to_call(long_ago)
    return silent.select_related("person", "structure").order_by("asked_at", "pk")


@prepared
def _refused(node: int) -> QuerySet[Onward]:
    refused = Onward.objects.filter(node_id=node).to_think_again()
    return refused.select_related("person", "structure").order_by("answered_at", "pk")


@together
def attention(user: User, site: Site, now: datetime) -> Asking[list[Attention]]:
    """Places that do not answer, and those that said no: for who sends persons on at this site. Two queries."""
    if not user.can(Ability.ORIENT, site.organisation):
        return []
    node = site.organisation_id
    address = f"{reverse('referrals:onward_list')}?site={site.uuid}"
    lines = []
    silent, refused = yield [_silent.of(node, now - timedelta(days=silent_days())), _refused.of(node)]
    if silent:
        text = (
            _("%(place)s n’a pas répondu pour %(name)s, %(since)s")
            % {
                "place": silent[0].structure.name,
                "name": silent[0].person.short_name,
                "since": words.since(silent[0].asked_at, now),
            }
            if len(silent) <= NAMED
            else ngettext(
                "%(count)s orientation vers ailleurs sans réponse",
                "%(count)s orientations vers ailleurs sans réponse",
                len(silent),
            )
            % {"count": len(silent)}
        )
        url = _one_or_list(silent, f"{address}&state=silent")
        lines.append(Attention("phone-outgoing", text, _("Appeler"), url, len(silent)))
    if refused:
        text = (
            f"{refused[0].person.short_name}, {refused[0].structure.name} : {onward_words.short_state(refused[0])}"
            if len(refused) <= NAMED
            else ngettext(
                "%(count)s personne n’a pas été reçue ailleurs",
                "%(count)s personnes n’ont pas été reçues ailleurs",
                len(refused),
            )
            % {"count": len(refused)}
        )
        url = _one_or_list(refused, f"{address}&state=again")
        lines.append(Attention("route", text, _("Chercher ailleurs"), url, len(refused)))
    return lines


def _one_or_list(found: list[Onward], address: str) -> str:
    return reverse("referrals:onward", kwargs={"uuid": found[0].uuid}) if len(found) == 1 else address


def whole(onward: Onward) -> Person:
    """The file that is kept of whom it is about."""
    return whole_person(onward.person)
