"""The board of devices: columns by state, who has what in the words that the reader may see."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime

from django.db.models import Count, Exists, F, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.common import words as common
from bagage.common.codes import shown_code
from bagage.common.prepared import Many, prepared
from bagage.common.together import asked
from bagage.equipment import words
from bagage.equipment.models import Device, DeviceEvent, Handover, Kind, Reservation, State
from bagage.equipment.words import StateWords
from bagage.people.models import Person
from bagage.permanences.models import Site

# The columns, as the mock has them: ready for handing over counts those that are on their way.
COLUMNS = (State.TO_PROCESS, State.IN_WORKSHOP, State.READY, State.HANDED_OVER, State.AFTER_SALES)
SHOWN = 3
# A repair that nobody spoke of for as long asks attention. Example value.
SILENT_REPAIR_DAYS = 10


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has a device or for whom it is kept: her name for those who may read her file, her code for the others."""

    text: str
    is_name: bool


@dataclass(frozen=True, slots=True)
class Card:
    """One device on the board."""

    device: Device
    icon: str
    about: str
    holder: Holder | None
    note: StateWords | None


@dataclass(frozen=True, slots=True)
class Column:
    """The devices of one state: how many, the first ones, how many more."""

    state: str
    label: str
    icon: str
    count: int
    cards: list[Card] = field(default_factory=list)

    @property
    def more(self) -> int:
        """How many are not shown."""
        return self.count - len(self.cards)


def sites_of(user: User, ability: Ability = Ability.SEE_DEVICES) -> list[Site]:
    """The sites whose devices she sees, by name. One query."""
    return list(
        Site.objects.filter(organisation_id__in=user.node_ids(ability))
        .select_related("organisation")
        .order_by("organisation__name", "pk")
    )


def devices_seen(user: User, sites: list[Site] | None = None) -> QuerySet[Device]:
    """The devices of the sites where she sees them, with who has them now: three queries for a page.

    Whoever knows these ``sites`` already gives them: so many devices are counted without looking up the site of each.
    """
    seen = Device.objects.at_nodes(user.node_ids(Ability.SEE_DEVICES))
    return (
        (seen if sites is None else Device.objects.filter(site__among=sites))
        .select_related("site__organisation")
        .prefetch_related(*holders_prefetch())
    )


def holders_prefetch() -> list[Prefetch[str]]:
    """The reservation that holds and the handover that is open of each device, as ``kept`` and ``given``."""
    return [
        Prefetch(
            "reservations",
            queryset=Reservation.objects.held().select_related("person__merged_into"),
            to_attr="kept",
        ),
        Prefetch(
            "handovers",
            queryset=Handover.objects.open().select_related("person__merged_into"),
            to_attr="given",
        ),
    ]


def holder_of(device: Device) -> Person | None:
    """Who has a device, or for whom it is kept; the file that is kept."""
    given: list[Handover] = getattr(device, "given", [])
    kept: list[Reservation] = getattr(device, "kept", [])
    if not given and not kept:
        return None
    person = given[0].person if given else kept[0].person
    return person.merged_into or person


def names_for(user: User, persons: Iterable[Person], now: datetime) -> dict[int, Holder]:
    """By the key of a file, how this reader is told of her. One query, none when there is nobody."""
    by_key = {person.pk: person for person in persons}
    if not by_key:
        return {}
    readable = set(
        Person.objects.visible_to(user, now)
        .filter(pk__in=by_key, erased_at=None)
        .values_list("pk", flat=True)
    )
    return {
        key: Holder(person.full_name, True) if key in readable else Holder(shown_code(person.code), False)
        for key, person in by_key.items()
    }


@dataclass(frozen=True, slots=True)
class Counts:
    """How many devices of each state, states without any absent; and how many of the ready are kept for someone."""

    by_state: dict[str, int]
    kept: int


@prepared
def _by_state(sites: Many, kinds: list[str]) -> QuerySet[Device, tuple[str, int]]:
    found = Device.objects.filter(site__among=sites, kind__in=kinds).order_by()
    return found.values("state").annotate(count=Count("pk")).values_list("state", "count")


@prepared
def _by_state_of_any_kind(sites: Many) -> QuerySet[Device, tuple[str, int]]:
    # Without the kind an index tells it all.
    found = Device.objects.filter(site__among=sites).order_by()
    return found.values("state").annotate(count=Count("pk")).values_list("state", "count")


@prepared
def _kept(sites: Many, kinds: list[str]) -> QuerySet[Reservation, int]:
    # From the few that are kept, never through all devices.
    kept = Reservation.objects.held().filter(device__site__among=sites, device__kind__in=kinds).order_by()
    return kept.values("state").annotate(count=Count("pk")).values_list("count", flat=True)


def counts_of(sites: Iterable[Site], kind: str) -> Counts:
    """What is counted of these sites, of one kind or (``""``) of all. Two queries."""
    keys, kinds = Many(site.pk for site in sites), _kinds(kind)
    states, kept = asked(
        [_by_state.of(keys, kinds) if kind else _by_state_of_any_kind.of(keys), _kept.of(keys, kinds)]
    )
    return Counts(dict(states), sum(kept))


def _kinds(kind: str) -> list[str]:
    return [kind] if kind else list(Kind.values)


@prepared
def _last_put(sites: Many, kinds: list[str], state: str) -> QuerySet[Device, int]:
    found = Device.objects.filter(site__among=sites, kind__in=kinds, state=state)
    return found.order_by("-state_since", "-pk").values_list("pk", flat=True)[:SHOWN]


@prepared
def _longest_put(sites: Many, kinds: list[str], state: str) -> QuerySet[Device, int]:
    found = Device.objects.filter(site__among=sites, kind__in=kinds, state=state)
    return found.order_by("state_since", "pk").values_list("pk", flat=True)[:SHOWN]


@prepared
def _first_kept(sites: Many, kinds: list[str], state: str) -> QuerySet[Device, int]:
    held = Reservation.objects.held().filter(device=OuterRef("pk")).values("until")[:1]
    found = Device.objects.filter(site__among=sites, kind__in=kinds, state=state)
    found = found.annotate(kept_until=Subquery(held))
    order = F("kept_until").asc(nulls_last=True), "-state_since", "-pk"
    return found.order_by(*order).values_list("pk", flat=True)[:SHOWN]


# Which of a state stand first in its column, where it is not those that were put there last.
_ORDERS = {State.READY: _first_kept, State.AFTER_SALES: _longest_put}


def board(
    sites: Iterable[Site], kind: str, user: User, *, now: datetime, counts: dict[str, int], slow_days: int
) -> list[Column]:
    """The columns with the devices that were put there last; among the ready, what is kept first, by its last day.

    ``counts`` are those of the same sites and kind (``""`` for all). One query for each column that has some, four
    for what they show.
    """
    today = timezone.localdate(now)
    sites = list(sites)
    where = Many(site.pk for site in sites), _kinds(kind)
    some_in = [state for state in COLUMNS if counts.get(state)]
    found = asked([_ORDERS.get(state, _last_put).of(*where, state) for state in some_in])
    keys: dict[State, list[int]] = {state: [] for state in COLUMNS}
    keys.update(zip(some_in, found, strict=True))
    shown = devices_seen(user, sites).filter(pk__among=[key for some in found for key in some])
    by_key = {device.pk: device for device in shown}
    rows = {state: [by_key[key] for key in some if key in by_key] for state, some in keys.items()}
    people = [holder_of(device) for found in rows.values() for device in found]
    names = names_for(user, [person for person in people if person is not None], now)
    return [
        Column(
            state,
            column_label(state),
            words.STATE_ICONS[state],
            counts.get(state, 0),
            [card_of(device, names, today=today, slow_days=slow_days) for device in rows[state]],
        )
        for state in COLUMNS
    ]


def column_label(state: State) -> str:
    """The head of a column: "Prêts", "Remis"."""
    return {
        State.READY: _("Prêts"),
        State.HANDED_OVER: _("Remis"),
    }.get(state, str(state.label))


def card_of(device: Device, names: dict[int, Holder], *, today: date, slow_days: int) -> Card:
    """One device on the board, in words."""
    her = holder_of(device)
    about = [device.number]
    note: StateWords | None = None
    given: list[Handover] = getattr(device, "given", [])
    kept: list[Reservation] = getattr(device, "kept", [])
    days = (today - timezone.localtime(device.state_since).date()).days
    if device.state == State.TO_PROCESS:
        about.append(_lot_words(device))
        if days >= slow_days:
            note = StateWords(_("depuis %(count)s jours") % {"count": days}, "clock", "ask")
        elif days > 1:
            note = StateWords(common.since(device.state_since), "")
    elif device.state == State.HANDED_OVER and given:
        about.append(words.warranty_short(given[0].warranty_until, today))
    elif device.state == State.AFTER_SALES:
        about.append(device.technical_note)
        if days >= SILENT_REPAIR_DAYS:
            note = StateWords(_("Sans nouvelles, %(count)s j") % {"count": days}, "clock", "ask")
        else:
            note = StateWords(common.since(device.state_since), "")
    else:
        about.append(words.measures_short(device))
        if kept:
            note = words.reservation_words(kept[0], today, short=True)
    return Card(
        device,
        words.KIND_ICONS[device.kind],  # type: ignore[index]
        ", ".join(part for part in about if part),
        names.get(her.pk) if her is not None else None,
        note,
    )


def _lot_words(device: Device) -> str:
    if device.lot:
        return device.lot
    if device.donor:
        return _("don de %(donor)s") % {"donor": device.donor}
    return _("entré le %(day)s") % {"day": common.day_short(device.received_on)}


def searched(devices: QuerySet[Device], text: str, user: User, now: datetime) -> QuerySet[Device]:
    """Those whose number, model, serial number, lot or holder is like ``text``.

    A holder is found by her code, and by her name only by those who may read her file.
    """
    compact = "".join(sign for sign in text.upper() if sign.isalnum())
    condition = (
        Q(number__icontains=text)
        | Q(model__icontains=text)
        | Q(brand__icontains=text)
        | Q(serial__icontains=text)
        | Q(lot__icontains=text)
        | Q(donor__icontains=text)
    )
    if len(compact) >= 8:
        condition |= Q(imei__startswith=compact)
    coded = Q(person__code=compact) | Q(person__merged_into__code=compact)
    named = Q(person__chosen_name__icontains=text) | Q(person__family_name__icontains=text)
    readable = Person.objects.visible_to(user, now).filter(pk=OuterRef("person"))
    who = coded | (named & Exists(readable))
    holding = Handover.objects.open().filter(who, device=OuterRef("pk"))
    keeping = Reservation.objects.held().filter(who, device=OuterRef("pk"))
    return devices.filter(condition | Exists(holding) | Exists(keeping))


def ready_at(site: Site, kind: str = "") -> QuerySet[Device]:
    """What is ready at a site and kept for nobody, the cheapest first."""
    found = Device.objects.free().filter(site=site).select_related("site__organisation")
    if kind:
        found = found.filter(kind=kind)
    return found.order_by("price", "number")


def ready_by_kind(site: Site) -> dict[str, int]:
    """How many of each kind are ready at a site and kept for nobody. One query."""
    found = Device.objects.free().filter(site=site).order_by()
    return dict(found.values("kind").annotate(count=Count("pk")).values_list("kind", "count"))


@dataclass(frozen=True, slots=True)
class EventShown:
    """One line of a device's history; ``who_for`` is for whom it was, as this reader may know."""

    event: DeviceEvent
    icon: str
    text: str
    who_for: Holder | None
    note: str


def history_of(device: Device, user: User, now: datetime) -> list[EventShown]:
    """All that happened to a device, the newest first. Two queries."""
    events = list(device.events.select_related("person__merged_into").order_by("-at", "-pk"))
    persons = {event.pk: event.person.merged_into or event.person for event in events if event.person}
    names = names_for(user, persons.values(), now)
    return [
        EventShown(
            event,
            words.EVENT_ICONS[event.kind],
            words.event_words(event),
            names.get(persons[event.pk].pk) if event.pk in persons else None,
            words.event_note(event),
        )
        for event in events
    ]
