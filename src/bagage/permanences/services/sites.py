"""Sites, their rooms and closures, and the blocks in which people receive."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import Organisation, User, actor_of
from bagage.common import hours as hours_rules
from bagage.common.errors import BusinessError, Conflict
from bagage.permanences import words
from bagage.permanences.models import Appointment, Closure, OpeningBlock, Room, Session, Site
from bagage.permanences.services.appointments import move_appointment
from bagage.permanences.services.seats import give_free_seats, locked_session
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

By = User | Actor

# What may be told of a site; anything else is a mistake of the caller.
FIELDS = frozenset(
    {
        "address", "postcode", "city", "commune_code", "latitude", "longitude", "way_there", "phone", "hours",
        "offers_device", "offers_connection", "offers_skills", "device_wait_days", "languages", "access",
        "computers", "appointment_minutes",
    }
)  # fmt: skip


@dataclass
class OpenedBlocks:
    """What a repeated opening made, and the days that were left out, with why."""

    opened: list[OpeningBlock] = field(default_factory=list)
    left_out: list[tuple[date, str]] = field(default_factory=list)


@dataclass
class HandOver:
    """What became of the blocks of someone who leaves."""

    handed: list[OpeningBlock] = field(default_factory=list)
    withdrawn: list[OpeningBlock] = field(default_factory=list)
    moved: list[Appointment] = field(default_factory=list)
    to_move: list[Appointment] = field(default_factory=list)


# ---------- sites ----------
@transaction.atomic
def create_site(*, organisation: Organisation, by: By, at: datetime | None = None, **fields: object) -> Site:
    """The physical place of a permanence, one a node; ``fields`` are those of :data:`FIELDS`."""
    at = at or timezone.now()
    if organisation.kind != Organisation.Kind.PERMANENCE:
        raise BusinessError(gettext("Seule une permanence a un lieu."))
    if Site.objects.filter(organisation=organisation).exists():
        raise Conflict(gettext("Cette permanence a déjà un lieu."))
    site = Site(organisation=organisation, **_checked(fields))
    site.save(force_insert=True)
    record(
        actor_of(by),
        "site.create",
        at=at,
        place=organisation.uuid,
        thing=f"site:{site.uuid}",
        fields=sorted(fields),
    )
    return site


@transaction.atomic
def change_site(site: Site, *, by: By, at: datetime | None = None, **fields: object) -> Site:
    """Change what is told of a site; only what differs is written. Opening blocks and bookings stay as they are."""
    at = at or timezone.now()
    found = Site.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=site.pk)
    changed = [name for name, value in _checked(fields).items() if getattr(found, name) != value]
    for name in changed:
        setattr(found, name, fields[name])
        setattr(site, name, fields[name])
    if changed:
        found.save(update_fields=changed)
        record(
            actor_of(by),
            "site.change",
            at=at,
            place=found.organisation.uuid,
            thing=f"site:{found.uuid}",
            fields=sorted(changed),
        )
    return found


def _checked(fields: Mapping[str, object]) -> dict[str, object]:
    unknown = set(fields) - FIELDS
    if unknown:
        raise TypeError(f"not told of a site: {', '.join(sorted(unknown))}")
    hours = str(fields.get("hours", "") or "")
    if hours:
        try:
            hours_rules.parsed(hours)
        except hours_rules.UnreadableHours as error:
            raise BusinessError(gettext("Ces horaires sont illisibles."), field="hours") from error
    return dict(fields)


@transaction.atomic
def set_rooms(
    site: Site, rooms: Iterable[tuple[str, int, int]], *, by: By, at: datetime | None = None
) -> list[Room]:
    """The rooms of a site, each (name, seats, computers in working order); those no longer named are gone."""
    at = at or timezone.now()
    Site.objects.select_for_update(of=("self",)).get(pk=site.pk)
    kept = []
    for name, seats, computers in rooms:
        room, _created = Room.objects.update_or_create(
            site=site, name=name.strip()[:60], defaults={"seats": seats, "computers": computers}
        )
        kept.append(room)
    gone = Room.objects.filter(site=site).exclude(pk__in=[room.pk for room in kept])
    for room in gone:
        coming = room.sessions.filter(state="planned").count()
        if coming:
            raise BusinessError(
                ngettext(
                    "« %(room)s » a %(count)s séance qui n’est pas fermée : changez-la de salle d’abord.",
                    "« %(room)s » a %(count)s séances qui ne sont pas fermées : changez-les de salle d’abord.",
                    coming,
                )
                % {"room": room.name, "count": coming},
                field="rooms",
            )
    gone.delete()
    # A computer more is a seat for the first in line.
    waited = Session.objects.filter(
        room__in=kept, state="planned", starts_at__gt=at, bookings__state="waiting"
    ).distinct()
    for session in waited.order_by("pk"):
        give_free_seats(locked_session(session), by=by, at=at)
    record(
        actor_of(by),
        "site.rooms",
        at=at,
        place=site.organisation.uuid,
        thing=f"site:{site.uuid}",
        fields=["rooms"],
    )
    return kept


@transaction.atomic
def add_closure(
    site: Site, *, first_day: date, last_day: date, reason: str = "", by: By, at: datetime | None = None
) -> tuple[Closure, int]:
    """Close a site for some days. Gives back how many appointments now have to be moved; they stay until then."""
    at = at or timezone.now()
    if last_day < first_day:
        raise BusinessError(gettext("Le dernier jour vient avant le premier."), field="last_day")
    if (last_day - first_day).days > 366:
        raise BusinessError(gettext("Une fermeture dure un an au plus."), field="last_day")
    if first_day.year < 2000 or last_day.year > 2100:  # no day comes after the last of all years
        raise BusinessError(gettext("Une date, comme 26/11/2026."), field="first_day")
    closure = Closure.objects.create(
        site=site, first_day=first_day, last_day=last_day, reason=reason.strip()[:120]
    )
    zone = timezone.get_current_timezone()
    waiting = Appointment.objects.filter(
        site=site,
        state="booked",
        starts_at__gte=max(at, datetime.combine(first_day, time(), tzinfo=zone)),
        starts_at__lt=datetime.combine(last_day + timedelta(days=1), time(), tzinfo=zone),
    ).count()
    record(
        actor_of(by), "site.close_days", at=at, place=site.organisation.uuid, thing=f"site:{site.uuid}",
        fields=["closures"],
    )  # fmt: skip
    return closure, waiting


@transaction.atomic
def remove_closure(closure: Closure, *, by: By, at: datetime | None = None) -> None:
    """The site opens on those days after all."""
    at = at or timezone.now()
    site = closure.site
    closure.delete()
    record(
        actor_of(by), "site.open_days", at=at, place=site.organisation.uuid, thing=f"site:{site.uuid}",
        fields=["closures"],
    )  # fmt: skip


# ---------- opening blocks ----------
@transaction.atomic
def open_block(
    *,
    site: Site,
    adviser: User,
    starts_at: datetime,
    ends_at: datetime,
    slot_minutes: int | None = None,
    by: By,
    at: datetime | None = None,
) -> OpeningBlock:
    """Someone receives from one hour to another, in slots of ``slot_minutes`` (the site's own length unless told).

    Refused when she cannot be booked at that site, or already receives somewhere at that time: her account's row is
    locked, so that two blocks of one person never overlap.
    """
    at = at or timezone.now()
    block = _open(site, adviser, starts_at, ends_at, slot_minutes or site.appointment_minutes, at)
    record(actor_of(by), "block.open", at=at, place=site.organisation.uuid, thing=f"block:{block.uuid}")
    return block


@transaction.atomic
def open_weekly_blocks(
    *,
    site: Site,
    adviser: User,
    weekdays: Iterable[int],
    begins: time,
    ends: time,
    first_day: date,
    weeks: int,
    slot_minutes: int | None = None,
    by: By,
    at: datetime | None = None,
) -> OpenedBlocks:
    """The same hours, week after week. Days that are past, closed, or already hers are left out and told."""
    at = at or timezone.now()
    if not 1 <= weeks <= 52:
        raise BusinessError(gettext("De 1 à 52 semaines."), field="weeks")
    zone = timezone.get_current_timezone()
    result = OpenedBlocks()
    days = set(weekdays)
    last_day = first_day + timedelta(weeks=weeks) - timedelta(days=1)
    closures = list(Closure.objects.filter(site=site, first_day__lte=last_day, last_day__gte=first_day))
    for number in range(weeks * 7):
        day = first_day + timedelta(days=number)
        if day.weekday() not in days:
            continue
        if any(closure.first_day <= day <= closure.last_day for closure in closures):
            result.left_out.append((day, gettext("la permanence est fermée")))
            continue
        try:
            with transaction.atomic():
                block = _open(
                    site,
                    adviser,
                    datetime.combine(day, begins, tzinfo=zone),
                    datetime.combine(day, ends, tzinfo=zone),
                    slot_minutes or site.appointment_minutes,
                    at,
                )
        except Conflict as refusal:
            result.left_out.append((day, str(refusal)))
            continue
        result.opened.append(block)
    if not result.opened:
        raise BusinessError(
            gettext("Aucune plage n’est ouverte : %(why)s")
            % {"why": result.left_out[0][1] if result.left_out else gettext("choisissez au moins un jour.")}
        )
    record(
        actor_of(by), "block.open", at=at, place=site.organisation.uuid,
        thing=f"block:{result.opened[0].uuid}", reason=f"{len(result.opened)} blocks",
    )  # fmt: skip
    return result


def _open(
    site: Site, adviser: User, starts_at: datetime, ends_at: datetime, slot_minutes: int, at: datetime
) -> OpeningBlock:
    """One block, checked; the adviser's row is locked until the end of the transaction."""
    adviser = User.objects.select_for_update().get(pk=adviser.pk)
    if not adviser.is_active or not adviser.can(Ability.BE_BOOKED, site.organisation):
        raise BusinessError(
            gettext("%(name)s ne reçoit pas sur rendez-vous ici : c’est son rôle qui le dit.")
            % {"name": adviser.first_name},
            field="adviser",
        )
    if not 5 <= slot_minutes <= 240:
        raise BusinessError(gettext("Un créneau dure de 5 minutes à 4 heures."), field="slot_minutes")
    if ends_at - starts_at < timedelta(minutes=slot_minutes):
        raise BusinessError(
            gettext("Entre le début et la fin, il n’y a pas la place d’un créneau."), field="ends"
        )
    if ends_at - starts_at > timedelta(hours=14):
        raise BusinessError(gettext("Une plage dure 14 heures au plus."), field="ends")
    if starts_at < at:
        raise Conflict(gettext("c’est passé"))
    other = (
        OpeningBlock.objects.filter(
            adviser=adviser, withdrawn_at=None, starts_at__lt=ends_at, ends_at__gt=starts_at
        )
        .select_related("site__organisation")
        .first()
    )
    if other:
        raise Conflict(
            gettext("%(name)s reçoit déjà %(moment)s, à %(site)s.")
            % {"name": adviser.first_name, "moment": words.moment(other.starts_at), "site": other.site}
        )
    return OpeningBlock.objects.create(
        site=site, adviser=adviser, starts_at=starts_at, ends_at=ends_at, slot_minutes=slot_minutes
    )


@transaction.atomic
def withdraw_block(block: OpeningBlock, *, by: By, at: datetime | None = None) -> list[Appointment]:
    """No new appointment is given in this block. Gives back those already given: they stay, and are to be moved."""
    at = at or timezone.now()
    found = (
        OpeningBlock.objects.select_for_update(of=("self",))
        .select_related("site__organisation")
        .get(pk=block.pk)
    )
    if found.withdrawn_at is not None:
        raise Conflict(gettext("Cette plage est déjà retirée."))
    found.withdrawn_at = block.withdrawn_at = at
    found.save(update_fields=["withdrawn_at"])
    waiting = list(
        Appointment.objects.filter(block=found, state="booked", starts_at__gte=at)
        .select_related("person", "adviser", "site__organisation", "block")
        .order_by("starts_at")
    )
    record(
        actor_of(by), "block.withdraw", at=at, place=found.site.organisation.uuid, thing=f"block:{found.uuid}"
    )
    return waiting


@transaction.atomic
def hand_over_blocks(leaver: User, colleague: User | None, *, by: By, at: datetime | None = None) -> HandOver:
    """What someone who leaves would have received goes to a colleague who is free then; the rest is to be moved.

    Each coming block is withdrawn. When the colleague can be booked at that site and receives nobody at that time, she
    gets the same block and the appointments move to it at the same hour (so nobody has to be told of another hour).
    Otherwise the appointments stay expected, and Today lists them as to be moved.
    """
    at = at or timezone.now()
    result = HandOver()
    blocks = list(
        OpeningBlock.objects.select_for_update(of=("self",))
        .filter(adviser=leaver, withdrawn_at=None, ends_at__gt=at)
        .select_related("site__organisation")
        .order_by("pk")
    )
    for block in blocks:
        block.withdrawn_at = at
        block.save(update_fields=["withdrawn_at"])
    for block in blocks:
        booked = list(
            Appointment.objects.filter(block=block, state="booked", starts_at__gte=at)
            .select_related("person", "adviser", "site__organisation", "block")
            .order_by("starts_at")
        )
        # What has begun keeps its past: the colleague takes it from the next slot on.
        starts_at = block.starts_at
        while starts_at < at:
            starts_at += timedelta(minutes=block.slot_minutes)
        new = None
        if colleague is not None:
            try:
                with transaction.atomic():
                    new = _open(block.site, colleague, starts_at, block.ends_at, block.slot_minutes, at)
            except BusinessError:
                new = None
        if new is None:
            result.withdrawn.append(block)
            result.to_move += booked
            continue
        result.handed.append(new)
        for appointment in booked:
            try:
                with transaction.atomic():
                    result.moved.append(
                        move_appointment(
                            appointment,
                            block=new,
                            starts_at=appointment.starts_at,
                            by=by,
                            at=at,
                            tells_her=False,
                        )
                    )
            except BusinessError:
                result.to_move.append(appointment)
    for site in {block.site for block in blocks}:
        record(
            actor_of(by), "block.hand_over", at=at, place=site.organisation.uuid, thing=f"user:{leaver.uuid}"
        )
    return result
