"""Seats in a session: taken, waited for, left, given to the first in line."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext

from bagage.accounts.models import User, actor_of, name_of
from bagage.common.errors import BusinessError, Conflict, FormUsed
from bagage.common.words import day_short, written_for
from bagage.messaging.services import cancel_messages
from bagage.people.models import Person
from bagage.people.queries import identity_ids
from bagage.permanences import words
from bagage.permanences.domain import lifecycle
from bagage.permanences.events import booking_changed
from bagage.permanences.models import LIVE_SEATS, TAKEN_SEATS, Closure, Session, SessionBooking
from bagage.permanences.queries.sessions import appointment_at, seat_at
from bagage.permanences.services.telling import tell_of_session
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

By = User | Actor
VERBS = {
    "booked": "seat.give",
    "waiting": "seat.wait",
    "present": "seat.present",
    "absent": "seat.absent",
    "excused": "seat.excuse",
    "left": "seat.leave",
    "called_off": "seat.call_off",
}


@transaction.atomic
def book_seat(
    session: Session, person: Person, *, key: str, by: By, at: datetime | None = None
) -> SessionBooking:
    """A seat for her, or the end of the line when there is none; the state of what is given back says which.

    The session is locked, seats are counted, then her file is locked: the last seat is given once, and one person is
    never in two places at one hour. Sending the form twice books once. Raises :class:`BusinessError` for a session
    that has begun, is closed or called off, :class:`Conflict` when she is in it already or elsewhere at that hour,
    :class:`FormUsed` when the form booked something else, or someone else.
    """
    at = at or timezone.now()
    kept = locked_session(session)
    known = SessionBooking.objects.filter(key=key).select_related("session", "person").first()
    if known is not None:
        if known.session_id != kept.pk or known.person_id not in identity_ids(person):
            raise FormUsed(gettext("Ce formulaire a déjà servi. Rouvrez la page et recommencez."))
        return known
    _refuse_unless_open(kept, at)
    root = person.merged_into_id or person.pk
    Person.objects.select_for_update(no_key=True).get(pk=root)
    files = identity_ids(person)
    _refuse_if_there(kept, person, files)
    refuse_if_elsewhere(person, files, kept.starts_at, kept.ends_at, but=kept)
    # Whoever waits comes first, should a seat have come free that nobody gave yet.
    give_free_seats(kept, by=by, at=at)
    is_waiting = count_taken(kept) >= kept.seats or kept.bookings.filter(state="waiting").exists()
    try:
        with transaction.atomic():
            booking = SessionBooking.objects.create(
                session=kept,
                person=person,
                state="waiting" if is_waiting else "booked",
                key=key,
                booked_at=at,
                booked_by=name_of(by)[:80],
                seated_at=None if is_waiting else at,
                changed_at=at,
            )
    except IntegrityError as error:  # the same form or the same person, at the same instant
        raise Conflict(gettext("C’est déjà noté : regardez la liste de nouveau.")) from error
    say_changed(booking, booking.state, by, at, old_state="")
    return booking


@transaction.atomic
def leave_session(
    booking: SessionBooking, *, reason: str = "", by: By, at: datetime | None = None
) -> SessionBooking:
    """She gives her seat back, or leaves the line; the seat goes to the first in line."""
    return _give_back(booking, "left", reason, by, at or timezone.now())


@transaction.atomic
def note_excused(
    booking: SessionBooking, *, reason: str = "", by: By, at: datetime | None = None
) -> SessionBooking:
    """She let us know that she cannot come; before the session begins, the seat goes to the first in line."""
    return _give_back(booking, "excused", reason, by, at or timezone.now())


def _give_back(booking: SessionBooking, state: str, reason: str, by: By, at: datetime) -> SessionBooking:
    session = locked_session(booking.session)
    found = SessionBooking.objects.select_related("person").get(pk=booking.pk)
    found.session = session
    if found.state == state:
        raise Conflict(gettext("C’est déjà noté."))
    if session.state != "planned":
        raise Conflict(
            gettext("Cette séance est annulée : sa place est déjà rendue.")
            if session.state == "cancelled"
            else gettext("Cette séance est fermée : rouvrez-la pour changer ce qui est noté.")
        )
    if not lifecycle.can_seat_go(found.state, state) or (state == "left" and found.state == "present"):
        raise Conflict(gettext("Cela a changé entre-temps : « %(state)s ».") % {"state": found.state_word})
    found.reason = " ".join(reason.split())[:200]
    say_changed(found, state, by, at)
    # A seat that she was told of and gave back is no longer hers to be told of.
    cancel_messages(f"seat:{found.uuid}", at=at)
    give_free_seats(session, by=by, at=at)
    booking.state, booking.reason, booking.changed_at = found.state, found.reason, found.changed_at
    return found


def give_free_seats(session: Session, *, by: By, at: datetime) -> list[SessionBooking]:
    """Seats that are free go to those who waited longest, and each is told. The session is locked by the caller.

    Once it has begun nobody is called any more: who stands there is noted as present.
    """
    if session.state != "planned" or session.starts_at <= at:
        return []
    waiting = session.bookings.filter(state="waiting").select_related("person").order_by("booked_at", "pk")
    free = session.seats - count_taken(session)
    called = list(waiting[:free]) if free > 0 else []
    for booking in called:
        booking.session = session
        booking.seated_at = at
        say_changed(booking, "booked", by, at)
    if called:
        with written_for():
            body = gettext(
                "Une place est libre pour vous à la séance « %(topic)s », %(moment)s."
                " Si vous ne venez pas, dites-le-nous : elle servira à quelqu’un d’autre."
            ) % {"topic": session.topic, "moment": words.moment(session.starts_at)}
        tell_of_session(session, called, "seat", body, at)
    return called


# ---------- what the other services of sessions share ----------
def locked_session(session: Session) -> Session:
    """The row as it stands now, held until the end, with site, room and leader."""
    return (
        Session.objects.select_for_update(of=("self",))
        .select_related("site__organisation", "room", "leader")
        .get(pk=session.pk)
    )


def count_taken(session: Session) -> int:
    """How many seats someone has."""
    return session.bookings.filter(state__in=TAKEN_SEATS).count()


def say_changed(
    booking: SessionBooking, state: str, by: By, at: datetime, *, old_state: str | None = None
) -> None:
    """Writes the new state of a place (unless it was just made), tells activities above, and leaves its trail."""
    before = booking.state if old_state is None else old_state
    if old_state is None:
        if not lifecycle.can_seat_go(booking.state, state):
            raise Conflict(
                gettext("Cela a changé entre-temps : « %(state)s ».") % {"state": booking.state_word}
            )
        booking.state, booking.changed_at = state, at
        if state in {"excused", "left"}:
            # Her seat may be someone else's by now: should this be taken back, she is in line.
            booking.seated_at = None
        booking.save(update_fields=["state", "changed_at", "seated_at", "reason"])
    booking_changed.send(
        sender=SessionBooking, booking=booking, old_state=before, new_state=state, by=by, at=at
    )
    record(
        actor_of(by),
        VERBS[state] if before in {"", "waiting"} or state not in {"booked", "waiting"} else "seat.unmark",
        at=at,
        place=booking.session.site.organisation.uuid,
        person=booking.person.uuid if booking.person is not None else "",
        thing=f"session:{booking.session.uuid}",
        fields=["state"],
    )


def refuse_if_elsewhere(
    person: Person,
    files: list[int],
    starts_at: datetime,
    ends_at: datetime,
    *,
    but: Session | None = None,
    checks_appointments: bool = True,
) -> None:
    """Raises :class:`Conflict` with both hours when she is in another session or expected at an appointment then."""
    facts = {"name": person.chosen_name, "this": words.moment(starts_at)}
    seat = seat_at(files, starts_at, ends_at, but=but)
    if seat is not None:
        facts |= {
            "topic": seat.session.topic,
            "other": words.moment(seat.session.starts_at),
            "site": str(seat.session.site),
        }
        raise Conflict(
            gettext(
                "%(name)s attend une place à la séance « %(topic)s », %(other)s, à %(site)s. Ce serait en même temps,"
                " %(this)s : elle se libère en quittant la liste."
            )
            % facts
            if seat.state == "waiting"
            else gettext(
                "%(name)s a une place à la séance « %(topic)s », %(other)s, à %(site)s. Ce serait en même temps,"
                " %(this)s."
            )
            % facts
        )
    appointment = appointment_at(files, starts_at, ends_at) if checks_appointments else None
    if appointment is not None:
        facts |= {"other": words.moment(appointment.starts_at), "site": str(appointment.site)}
        raise Conflict(
            gettext(
                "%(name)s a un rendez-vous %(other)s, à %(site)s. Ce serait en même temps, %(this)s :"
                " déplacez-le d’abord, ou choisissez une autre séance."
            )
            % facts
        )


def _refuse_unless_open(session: Session, at: datetime) -> None:
    if session.state == "cancelled":
        raise BusinessError(gettext("Cette séance est annulée : choisissez-en une autre."))
    if session.state == "held" or session.ends_at <= at:
        raise BusinessError(gettext("Cette séance a eu lieu : choisissez-en une autre."))
    if session.starts_at <= at:
        raise BusinessError(gettext("Cette séance a commencé : notez qui est là en la pointant."))
    if not session.site.organisation.is_open:
        raise BusinessError(gettext("Cette permanence est fermée : choisissez une séance ailleurs."))
    day = timezone.localdate(session.starts_at)
    if Closure.objects.filter(site=session.site_id, first_day__lte=day, last_day__gte=day).exists():
        raise BusinessError(
            gettext("La permanence est fermée le %(day)s : choisissez une autre séance.")
            % {"day": day_short(day)}
        )


def _refuse_if_there(session: Session, person: Person, files: list[int]) -> None:
    there = session.bookings.filter(person__in=files, state__in=LIVE_SEATS).first()
    if there is None:
        return
    if there.state == "waiting":
        raise Conflict(
            gettext("%(name)s attend déjà une place à cette séance.") % {"name": person.chosen_name}
        )
    raise Conflict(gettext("%(name)s a déjà une place à cette séance.") % {"name": person.chosen_name})
