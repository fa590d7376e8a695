"""Appointments: given, moved, called off, noted as they go, and each step undone."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext

from bagage.accounts.models import User, actor_of, name_of
from bagage.common.errors import BusinessError, Conflict
from bagage.common.prepared import prepared
from bagage.common.words import written_for
from bagage.messaging.services import cancel_messages
from bagage.people.models import ContactWay, Person
from bagage.people.queries import identity_ids
from bagage.permanences import words
from bagage.permanences.domain import lifecycle
from bagage.permanences.domain import slots as rules
from bagage.permanences.events import appointment_changed
from bagage.permanences.models import (
    HOLDING,
    Appointment,
    AppointmentState,
    Closure,
    OpeningBlock,
)
from bagage.permanences.queries import HORIZON, free_slots
from bagage.permanences.services.seats import refuse_if_elsewhere
from bagage.permanences.services.telling import tell_person
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

By = User | Actor
# The states in which someone still takes the time of her adviser, or is about to.
AHEAD = ["booked", "arrived", "under_way"]


# ---------- giving, moving, cancelling ----------
@transaction.atomic
def give_appointment(
    *,
    block: OpeningBlock,
    starts_at: datetime,
    person: Person,
    subject: str = "",
    language: str = "",
    by: By,
    at: datetime | None = None,
) -> Appointment:
    """Give one slot of a block to a person.

    Locks the block, then checks that the slot is of its grid, not past, not withdrawn, not on a closed day, and that
    neither the adviser nor the person is elsewhere. Raises :class:`BusinessError`, or :class:`Conflict` with the next
    free slot when someone else was faster.
    """
    at = at or timezone.now()
    appointment = _take_slot(
        block, starts_at, person, subject=subject, language=language, booked_by=name_of(by), at=at
    )
    _tell_above(appointment, "", by, at)
    _trail(appointment, "appointment.give", by, at, fields=["starts_at", "adviser"])
    return appointment


@transaction.atomic
def move_appointment(
    appointment: Appointment,
    *,
    block: OpeningBlock,
    starts_at: datetime,
    by: By,
    at: datetime | None = None,
    tells_her: bool = True,
) -> Appointment:
    """Give another slot in place of this one; gives back the new appointment, the old one stays as moved.

    Her word to come is no longer at that hour: unless ``tells_her`` is false, who tells her on paper is told to.
    """
    at = at or timezone.now()
    old = _locked(appointment)
    old_state = old.state
    if old_state not in {"booked", "arrived"}:
        _refuse_step(old, "moved")
    _change(old, "moved", at)
    new = _take_slot(
        block,
        starts_at,
        old.person,
        subject=old.subject,
        language=old.language,
        booked_by=name_of(by),
        at=at,
        moved_from=old,
    )
    if tells_her:
        with written_for():
            body = gettext("Votre rendez-vous du %(old)s est déplacé au %(new)s.") % {
                "old": words.moment(old.starts_at),
                "new": words.moment(new.starts_at),
            }
        _queue_to_tell(new, "moved", body, at)
    _tell_above(old, old_state, by, at)
    _tell_above(new, "", by, at)
    _trail(new, "appointment.move", by, at, fields=["starts_at", "adviser"])
    _copy(old, appointment)
    return new


@transaction.atomic
def cancel_appointment(
    appointment: Appointment, *, reason: str = "", by: By, at: datetime | None = None
) -> Appointment:
    """The permanence calls it off; the slot is free again. She is to be told, when there is a way to reach her."""
    at = at or timezone.now()
    found = _step(appointment, "cancelled", at, reason=reason.strip()[:200])
    with written_for():
        body = gettext(
            "Votre rendez-vous du %(moment)s est annulé. Rappelez-nous pour en prendre un autre."
        ) % {"moment": words.moment(found.starts_at)}
    _queue_to_tell(found, "cancelled", body, at)
    return _told(found, appointment, "appointment.cancel", by, at)


# ---------- the day itself ----------
@transaction.atomic
def note_arrival(appointment: Appointment, *, by: By, at: datetime | None = None) -> Appointment:
    """She is here."""
    at = at or timezone.now()
    found = _step(appointment, "arrived", at, arrived_at=at)
    Person.objects.filter(pk=found.person_id, last_contact_at__lt=at).update(last_contact_at=at)
    return _told(found, appointment, "appointment.arrive", by, at)


@transaction.atomic
def start_appointment(appointment: Appointment, *, by: By, at: datetime | None = None) -> Appointment:
    """It begins, whether or not reception noted that she had arrived."""
    at = at or timezone.now()
    found = _step(appointment, "under_way", at, started_at=at)
    Person.objects.filter(pk=found.person_id, last_contact_at__lt=at).update(last_contact_at=at)
    return _told(found, appointment, "appointment.start", by, at)


@transaction.atomic
def finish_appointment(appointment: Appointment, *, by: By, at: datetime | None = None) -> Appointment:
    """She leaves."""
    at = at or timezone.now()
    return _told(_step(appointment, "done", at, done_at=at), appointment, "appointment.finish", by, at)


@transaction.atomic
def note_no_show(appointment: Appointment, *, by: By, at: datetime | None = None) -> Appointment:
    """She did not come and did not say so. Refused before the hour has come."""
    at = at or timezone.now()
    if appointment.starts_at > at:
        raise BusinessError(
            gettext("Il n’est pas encore l’heure : attendez, ou notez qu’elle s’est excusée.")
        )
    return _told(_step(appointment, "no_show", at), appointment, "appointment.no_show", by, at)


@transaction.atomic
def note_excused(
    appointment: Appointment, *, by: By, at: datetime | None = None, reason: str = ""
) -> Appointment:
    """She let us know that she cannot come; the slot is free again."""
    at = at or timezone.now()
    found = _step(appointment, "excused", at, reason=reason.strip()[:200])
    return _told(found, appointment, "appointment.excuse", by, at)


@transaction.atomic
def undo_last_step(appointment: Appointment, *, by: By, at: datetime | None = None) -> Appointment:
    """Go back one step, within four hours; :func:`bagage.permanences.words.undo_keeps` says what stays.

    A slot that was free again is taken back if nobody has it; undoing a move cancels the new hour. Messages that
    wait to be told are called off; those that were told stay told.
    """
    at = at or timezone.now()
    found = _locked(appointment)
    old_state = found.state
    target = lifecycle.state_before(
        old_state, has_arrived=found.arrived_at is not None, has_started=found.started_at is not None
    )
    if not target:
        raise Conflict(gettext("Il n’y a plus rien à défaire."))
    if at - found.changed_at > lifecycle.UNDO_WINDOW:
        raise BusinessError(gettext("C’était il y a plus de 4 heures : cela ne se défait plus."))
    if old_state == "moved":
        _undo_move(found, by, at)
    if old_state not in HOLDING:
        _take_back(found, at)
    cleared = {"arrived": "arrived_at", "under_way": "started_at", "done": "done_at"}.get(old_state)
    if cleared:
        setattr(found, cleared, None)
    found.reason = ""
    _change(found, target, at)
    _call_off_messages(found)
    return _told(found, appointment, "appointment.undo", by, at, old_state=old_state)


# ---------- how it is done ----------
@prepared
def _held(pk: int) -> QuerySet[Appointment]:
    return (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("site__organisation", "adviser", "person", "block")
        .filter(pk=pk)
    )


def _locked(appointment: Appointment) -> Appointment:
    """The row as it stands now, held until the end: nobody decides on an old state."""
    found = _held(appointment.pk)
    if not found:
        raise Appointment.DoesNotExist
    return found[0]


def _locked_block(block: OpeningBlock) -> OpeningBlock:
    return (
        OpeningBlock.objects.select_for_update(of=("self",))
        .select_related("site__organisation", "adviser")
        .get(pk=block.pk)
    )


def _take_slot(
    block: OpeningBlock,
    starts_at: datetime,
    person: Person,
    *,
    subject: str,
    language: str,
    booked_by: str,
    at: datetime,
    moved_from: Appointment | None = None,
) -> Appointment:
    """One slot of the locked block becomes an appointment, or a refusal that says which slot is next."""
    block = _locked_block(block)
    if not rules.is_on_grid(block.starts_at, block.ends_at, block.slot_minutes, starts_at):
        raise BusinessError(gettext("Cette heure n’est pas un créneau de cette plage."))
    ends_at = starts_at + timedelta(minutes=block.slot_minutes)
    if starts_at < at:
        raise BusinessError(gettext("Ce créneau est passé.") + _next_free(block, at))
    if block.withdrawn_at is not None or not block.adviser.is_active:
        raise BusinessError(gettext("Cette plage a été retirée.") + _next_free(block, at))
    if not block.site.organisation.is_open:
        raise BusinessError(gettext("Cette permanence est fermée."))
    day = timezone.localdate(starts_at)
    if Closure.objects.filter(site=block.site_id, first_day__lte=day, last_day__gte=day).exists():
        raise BusinessError(gettext("La permanence est fermée ce jour-là.") + _next_free(block, at))
    if Appointment.objects.filter(
        adviser=block.adviser_id, state__in=HOLDING, starts_at__lt=ends_at, ends_at__gt=starts_at
    ).exists():
        raise _taken(block, at)
    # Her file is locked before one looks: nothing else is given to her at that hour meanwhile. Rows may still point at
    # it: only who gives her something waits.
    Person.objects.select_for_update(no_key=True).get(pk=person.merged_into_id or person.pk)
    files = identity_ids(person)
    same = (
        Appointment.objects.filter(
            person__in=files, state__in=AHEAD, starts_at__lt=ends_at, ends_at__gt=starts_at
        )
        .select_related("site__organisation")
        .first()
    )
    if same:
        raise Conflict(
            gettext("%(name)s a déjà un rendez-vous %(moment)s, à %(site)s.")
            % {"name": person.chosen_name, "moment": words.moment(same.starts_at), "site": same.site}
        )
    refuse_if_elsewhere(person, files, starts_at, ends_at, checks_appointments=False)
    try:
        with transaction.atomic():
            return Appointment.objects.create(
                site=block.site,
                block=block,
                adviser=block.adviser,
                person=person,
                starts_at=starts_at,
                ends_at=ends_at,
                subject=subject.strip()[:120],
                language=language.strip()[:60],
                moved_from=moved_from,
                booked_at=at,
                booked_by=booked_by[:80],
                changed_at=at,
            )
    except IntegrityError as error:  # another block of the same adviser, given at the same instant
        raise _taken(block, at) from error


def _taken(block: OpeningBlock, at: datetime) -> Conflict:
    return Conflict(gettext("Ce créneau vient d’être pris.") + _next_free(block, at))


def _next_free(block: OpeningBlock, at: datetime) -> str:
    """A sentence with the next free slot of the site, or that there is none in the coming weeks."""
    slots = free_slots(block.site, start=at, end=at + HORIZON, now=at)
    if not slots:
        return " " + gettext("Aucun autre n’est ouvert dans les 6 semaines.")
    return " " + gettext("Le prochain libre : %(moment)s, avec %(adviser)s.") % {
        "moment": words.moment(slots[0].starts_at),
        "adviser": slots[0].adviser.first_name,
    }


def _refuse_step(found: Appointment, new_state: str) -> None:
    """Raises: this step cannot follow the present state."""
    if found.state == new_state:
        raise Conflict(gettext("C’est déjà noté."))
    raise Conflict(
        gettext("Ce rendez-vous a changé entre-temps : il est « %(state)s ».")
        % {"state": AppointmentState(found.state).label}
    )


def _change(found: Appointment, state: str, at: datetime, **fields: object) -> None:
    found.state, found.changed_at = state, at
    for name, value in fields.items():
        setattr(found, name, value)
    found.save(
        update_fields=["state", "changed_at", "arrived_at", "started_at", "done_at", "reason", "moved_from"]
    )


def _step(appointment: Appointment, new_state: str, at: datetime, **fields: object) -> Appointment:
    """One step along the table of ways, on the locked row."""
    found = _locked(appointment)
    if not lifecycle.can_go(found.state, new_state):
        _refuse_step(found, new_state)
    found._old_state = found.state  # type: ignore[attr-defined]
    _change(found, new_state, at, **fields)
    return found


def _told(
    found: Appointment, given: Appointment, verb: str, by: By, at: datetime, *, old_state: str = ""
) -> Appointment:
    """The end of a step: activities above, the trail, and the object the caller holds."""
    _tell_above(found, old_state or found._old_state, by, at)  # type: ignore[attr-defined]
    _trail(found, verb, by, at, fields=["state"])
    _copy(found, given)
    return found


def _copy(found: Appointment, given: Appointment) -> None:
    """What the caller holds says what is now in the database."""
    for name in ("state", "changed_at", "arrived_at", "started_at", "done_at", "reason", "moved_from_id"):
        setattr(given, name, getattr(found, name))


def _tell_above(appointment: Appointment, old_state: str, by: By, at: datetime) -> None:
    appointment_changed.send(
        sender=Appointment,
        appointment=appointment,
        old_state=old_state,
        new_state=appointment.state,
        by=actor_of(by),
        at=at,
    )


def _trail(appointment: Appointment, verb: str, by: By, at: datetime, *, fields: list[str]) -> None:
    record(
        actor_of(by),
        verb,
        at=at,
        place=appointment.site.organisation.uuid,
        person=appointment.person.uuid,
        thing=f"appointment:{appointment.uuid}",
        fields=fields,
    )


def _undo_move(old: Appointment, by: By, at: datetime) -> None:
    """The new hour of a moved appointment is given back; refused once she has come at that hour."""
    new = (
        Appointment.objects.select_for_update(of=("self",))
        .select_related("site__organisation", "person")
        .filter(moved_from=old)
        .first()
    )
    if new is None:
        raise Conflict(gettext("La nouvelle heure n’existe plus : cela ne se défait plus."))
    if new.state != "booked":
        raise Conflict(gettext("Le nouveau rendez-vous a déjà changé : défaites-le d’abord."))
    new.moved_from = None
    _change(new, "cancelled", at)
    _call_off_messages(new)
    _tell_above(new, "booked", by, at)


def _take_back(found: Appointment, at: datetime) -> None:
    """A slot that was given back is taken again, if nobody has it now."""
    block = _locked_block(found.block)
    if (
        Appointment.objects.filter(
            adviser=found.adviser_id,
            state__in=HOLDING,
            starts_at__lt=found.ends_at,
            ends_at__gt=found.starts_at,
        )
        .exclude(pk=found.pk)
        .exists()
    ):
        raise Conflict(gettext("Ce créneau a été donné à quelqu’un d’autre depuis.") + _next_free(block, at))


# ---------- telling her ----------
def _queue_to_tell(appointment: Appointment, what: str, body: str, at: datetime) -> None:
    """A line on the paper list of the site, when there is a number or someone through whom she can be told."""
    way = (
        ContactWay.objects.filter(person=appointment.person_id, ended_at=None)
        .exclude(kind="paper")
        .order_by("-started_at", "-pk")
        .first()
    )
    tell_person(
        appointment.person,
        way,
        site=appointment.site,
        body=body,
        key=f"appointment:{appointment.uuid}:{what}:{int(at.timestamp())}",
        about=f"appointment:{appointment.uuid}",
        at=at,
    )


def _call_off_messages(appointment: Appointment) -> None:
    """What was to be told of this appointment and has not been told yet is no longer true."""
    cancel_messages(f"appointment:{appointment.uuid}")
