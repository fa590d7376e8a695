"""Who was at a session and what each could do there: marks, arrivals, observations, closing and opening again."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext

from bagage.accounts.models import User, actor_of, name_of
from bagage.common.errors import BusinessError, Conflict
from bagage.common.words import written_for
from bagage.messaging.models import Message, State
from bagage.messaging.services import cancel_messages
from bagage.people.models import Person
from bagage.people.queries import identity_ids, whole_person
from bagage.permanences import words
from bagage.permanences.domain import lifecycle
from bagage.permanences.events import booking_observed
from bagage.permanences.models import LIVE_SEATS, Session, SessionBooking
from bagage.permanences.services.seats import give_free_seats, locked_session, say_changed
from bagage.permanences.services.telling import tell_of_session
from bagage.skills.services import record_observations
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

By = User | Actor
Steps = Mapping[str, int | None]
# Arrivals on one form: more is a mistake of the keyboard.
MOST_ARRIVALS = 60


@dataclass
class Attendance:
    """What taking attendance did: places whose mark changed, arrivals added, persons observed."""

    session: Session
    changed: int = 0
    added: int = 0
    observed: int = 0


@transaction.atomic
def take_attendance(
    session: Session,
    *,
    present: Collection[str] = (),
    absent: Collection[str] = (),
    excused: Collection[str] = (),
    unmarked: Collection[str] = (),
    arrivals: Iterable[str] = (),
    observed: Mapping[str, Steps] | None = None,
    closes: bool = False,
    key: str,
    by: By,
    at: datetime | None = None,
) -> Attendance:
    """Note who is there, in one go; the sets hold uuids of bookings, ``arrivals`` first names of who came unplanned.

    Marks are states, not steps: sending the same ones twice changes nothing, and an arrival counts once a ``key``.
    ``unmarked`` takes a mark back. ``observed`` says what each could do, as :func:`observe` takes it; ``closes`` closes
    the session at the end. From the day of the session until it is closed; presence is noted even when there are more
    persons than seats, for it is what is seen. Raises :class:`BusinessError` for a place that is not in this session.
    """
    at = at or timezone.now()
    kept = locked_session(session)
    done = Attendance(kept)
    places = {str(one.uuid): one for one in kept.bookings.select_related("person").order_by("pk")}
    marks = _marks(places, present=present, absent=absent, excused=excused, unmarked=unmarked)
    changes = [(one, state) for one, state in marks if one.state != state]
    names = _new_arrivals(kept, arrivals, key)
    if changes or names:
        _refuse_unless_markable(kept, at)
    if kept.starts_at > at and any(state == "absent" for _one, state in changes):
        raise BusinessError(
            gettext("La séance commence %(moment)s : personne n’est encore absent.")
            % {"moment": words.moment(kept.starts_at)}
        )
    for one, state in changes:
        one.session = kept
        _refuse_second_place(one, state, places.values())
        say_changed(one, state, by, at)
    done.changed = len(changes)
    for number, name in names:
        booking = SessionBooking.objects.create(
            session=kept,
            first_name=name,
            is_unplanned=True,
            state="present",
            key=f"{key}:{number}",
            booked_at=at,
            booked_by=name_of(by)[:80],
            changed_at=at,
        )
        say_changed(booking, "present", by, at, old_state="")
        done.added += 1
    came = [one.person_id for one, state in changes if state == "present" and one.person_id]
    if came:
        Person.objects.filter(pk__in=came, last_contact_at__lt=at).update(last_contact_at=at)
    if any(state == "excused" for _one, state in changes):
        give_free_seats(kept, by=by, at=at)
    for uuid, steps in (observed or {}).items():
        done.observed += _observe(_place(places, uuid), kept, steps, by, at)
    if closes and kept.state != "held":
        _close(kept, by, at)
    session.state, session.closed_at, session.changed_at = kept.state, kept.closed_at, kept.changed_at
    return done


@transaction.atomic
def observe(booking: SessionBooking, steps: Steps, *, by: By, at: datetime | None = None) -> bool:
    """What she was seen doing at the session: item code → step (``None`` is "on ne sait pas"); whether it is new.

    Written as seen on the day of the session, with the source ``"session:<uuid>"``. Only for who was there, has a file,
    and for items of that session. Saying the same again writes nothing.
    """
    at = at or timezone.now()
    kept = locked_session(booking.session)
    found = SessionBooking.objects.select_related("person__merged_into").get(pk=booking.pk)
    return _observe(found, kept, steps, by, at)


@transaction.atomic
def say_who_came(
    booking: SessionBooking, person: Person, *, by: By, at: datetime | None = None
) -> SessionBooking:
    """The one who arrived unplanned is this person: from now on it stands in her file."""
    at = at or timezone.now()
    kept = locked_session(booking.session)
    found = SessionBooking.objects.select_related("person").get(pk=booking.pk)
    found.session = kept
    if found.person is not None:
        if found.person.pk in identity_ids(person):
            return found
        raise Conflict(
            gettext("Cette arrivée est déjà notée au nom de « %(name)s ».")
            % {"name": found.person.short_name}
        )
    if not found.is_unplanned or found.state != "present":
        raise Conflict(gettext("Cette arrivée n’est plus notée : regardez la liste de nouveau."))
    there = kept.bookings.filter(person__in=identity_ids(person), state__in=LIVE_SEATS).first()
    if there is not None:
        raise Conflict(
            gettext("%(name)s est déjà dans la liste : cochez son nom, et retirez l’arrivée imprévue.")
            % {"name": person.chosen_name}
        )
    found.person = person
    found.save(update_fields=["person"])
    Person.objects.filter(pk=person.pk, last_contact_at__lt=found.booked_at).update(
        last_contact_at=found.booked_at
    )
    # Activities above hear of her presence now: before, nobody knew whose it was.
    say_changed(found, "present", by, at, old_state="")
    booking.person = person
    return found


@transaction.atomic
def close_session(session: Session, *, by: By, at: datetime | None = None) -> Session:
    """Whoever is not marked was absent, and is told, as those who waited in vain. Refused before the hour has come."""
    at = at or timezone.now()
    kept = locked_session(session)
    if kept.state == "held":
        raise Conflict(gettext("Cette séance est déjà fermée."))
    _close(kept, by, at)
    session.state, session.closed_at, session.changed_at = kept.state, kept.closed_at, kept.changed_at
    return kept


@transaction.atomic
def reopen_session(session: Session, *, by: By, at: datetime | None = None) -> Session:
    """Open a closed session again, within a week: marks stay, those that closing made are to be made again.

    What was to be told of an absence and has not been told yet is called off; what was told stays told.
    """
    at = at or timezone.now()
    kept = locked_session(session)
    if kept.state != "held" or kept.closed_at is None:
        raise Conflict(gettext("Cette séance n’est pas fermée."))
    if at - kept.closed_at > lifecycle.REOPEN_WINDOW:
        raise BusinessError(gettext("Elle est fermée depuis plus de 7 jours : elle ne se rouvre plus."))
    closed_at, kept.closed_at = kept.closed_at, None
    kept.state, kept.changed_at = "planned", at
    kept.save(update_fields=["state", "closed_at", "changed_at"])
    for one in kept.bookings.filter(state="absent", changed_at=closed_at).select_related("person"):
        one.session = kept
        say_changed(one, "booked", by, at)
    cancel_messages(key_prefix=f"session:{kept.uuid}:absent:", at=at)
    _trail(kept, "session.reopen", by, at)
    session.state, session.closed_at, session.changed_at = kept.state, kept.closed_at, kept.changed_at
    return kept


# ---------- how it is done ----------
def _place(places: Mapping[str, SessionBooking], uuid: str) -> SessionBooking:
    if uuid not in places:
        raise BusinessError(
            gettext("Quelqu’un de cette liste n’est pas dans la séance : regardez-la de nouveau.")
        )
    return places[uuid]


def _marks(places: Mapping[str, SessionBooking], **sets: Collection[str]) -> list[tuple[SessionBooking, str]]:
    """Each place that is marked, with the state it is to have; a mark that says less than is known is passed over."""
    asked: dict[str, str] = {}
    for mark, uuids in sets.items():
        for uuid in uuids:
            if asked.get(str(uuid), mark) != mark:
                raise BusinessError(
                    gettext("Une même personne est notée de deux façons : gardez-en une."), field="present"
                )
            asked[str(uuid)] = mark
    found = []
    for uuid, mark in asked.items():
        place = _place(places, uuid)
        state = mark
        if mark == "unmarked":
            # Only a mark is taken back: who let us know, or left meanwhile, stays so.
            if place.state not in {"present", "absent"}:
                continue
            state = lifecycle.unmarked_state(
                is_unplanned=place.is_unplanned, had_seat=place.seated_at is not None
            )
        elif mark == "absent" and place.state not in {"booked", "present", "absent"}:
            continue
        found.append((place, state))
    return found


def _new_arrivals(session: Session, arrivals: Iterable[str], key: str) -> list[tuple[int, str]]:
    """First names not yet written under this key, each with its number on the form."""
    names = [name for name in (" ".join(one.split()) for one in arrivals) if name]
    if len(names) > MOST_ARRIVALS:
        raise BusinessError(gettext("Notez 60 arrivées au plus à la fois."), field="arrivals")
    if any(len(name) > 80 for name in names):
        raise BusinessError(
            gettext("Un prénom tient en 80 lettres : gardez le plus court."), field="arrivals"
        )
    known = set(
        SessionBooking.objects.filter(
            key__in=[f"{key}:{number}" for number in range(len(names))]
        ).values_list("key", flat=True)
    )
    return [(number, name) for number, name in enumerate(names) if f"{key}:{number}" not in known]


def _refuse_unless_markable(session: Session, at: datetime) -> None:
    if session.state == "cancelled":
        raise Conflict(gettext("Cette séance est annulée : personne n’y est attendu."))
    if session.state == "held":
        raise Conflict(gettext("Cette séance est fermée : rouvrez-la pour changer qui était là."))
    if timezone.localdate(session.starts_at) > timezone.localdate(at):
        raise BusinessError(
            gettext("La séance est %(moment)s : on pointe à partir de ce jour-là.")
            % {"moment": words.moment(session.starts_at)}
        )


def _refuse_second_place(place: SessionBooking, state: str, others: Iterable[SessionBooking]) -> None:
    """She gave her seat back, came back on the list, and now both would be hers."""
    if state not in LIVE_SEATS or place.state in LIVE_SEATS or place.person_id is None:
        return
    for other in others:
        if other.pk != place.pk and other.person_id == place.person_id and other.state in LIVE_SEATS:
            raise Conflict(
                gettext("%(name)s a une autre place dans cette séance : cochez celle-là.")
                % {"name": place.short_name}
            )


def _observe(place: SessionBooking, session: Session, steps: Steps, by: By, at: datetime) -> bool:
    if not steps:
        return False
    if session.state == "cancelled":
        raise Conflict(gettext("Cette séance est annulée : rien ne s’y observe."))
    if place.state != "present":
        raise BusinessError(
            gettext("%(name)s n’est pas notée présente : cochez d’abord son nom.")
            % {"name": place.short_name}
            if place.person is not None and place.person.grammar == "she"
            else gettext("%(name)s n’est pas dans les présents : cochez d’abord son nom.")
            % {"name": place.short_name}
        )
    if place.person is None:
        raise BusinessError(
            gettext("On ne sait pas encore qui est %(name)s : cherchez d’abord son dossier.")
            % {"name": place.first_name}
        )
    unknown = set(steps) - set(session.items.values_list("code", flat=True))
    if unknown:
        raise BusinessError(gettext("Cette séance n’observe pas cela."))
    place.session = session
    added = record_observations(
        whole_person(place.person),
        steps,
        how="seen",
        observed_on=timezone.localdate(session.starts_at),
        source=f"session:{session.uuid}",
        by=by,
        at=at,
    )
    if not added:
        return False
    written = {one.item.code: one.step for one in added}
    booking_observed.send(sender=SessionBooking, booking=place, steps=written, by=by, at=at)
    record(
        actor_of(by),
        "seat.observe",
        at=at,
        place=session.site.organisation.uuid,
        person=place.person.uuid,
        thing=f"session:{session.uuid}",
        fields=sorted(written),
    )
    return True


def _close(session: Session, by: By, at: datetime) -> None:
    """The rest is absent, who waited in vain is called off; both are told. The session is locked by the caller."""
    if session.state == "cancelled":
        raise Conflict(gettext("Cette séance est annulée : elle ne se ferme pas."))
    if session.starts_at > at:
        raise BusinessError(
            gettext("La séance commence %(moment)s : on la ferme après.")
            % {"moment": words.moment(session.starts_at)}
        )
    rest = list(
        session.bookings.filter(state__in=["booked", "waiting"]).select_related("person").order_by("pk")
    )
    # A seat or an hour that nobody heard of in time is no longer worth telling.
    cancel_messages(key_prefix=f"session:{session.uuid}:", at=at)
    missed = [one for one in rest if one.state == "booked"]
    missed += _absent_and_not_told(session)
    waited = [one for one in rest if one.state == "waiting"]
    for one in rest:
        one.session = session
        say_changed(one, "absent" if one.state == "booked" else "called_off", by, at)
    session.state, session.closed_at, session.changed_at = "held", at, at
    session.save(update_fields=["state", "closed_at", "changed_at"])
    with written_for():
        facts = {"topic": session.topic, "moment": words.moment(session.starts_at)}
        absent = (
            gettext(
                "Nous vous attendions à la séance « %(topic)s » du %(moment)s."
                " Rappelez-nous si vous voulez en choisir une autre."
            )
            % facts
        )
        no_place = (
            gettext(
                "Il n’y a pas eu de place pour vous à la séance « %(topic)s » du %(moment)s."
                " Rappelez-nous pour en choisir une autre."
            )
            % facts
        )
    tell_of_session(session, missed, "absent", absent, at)
    tell_of_session(session, waited, "no_place", no_place, at)
    _trail(session, "session.close", by, at)


def _absent_and_not_told(session: Session) -> list[SessionBooking]:
    """Those noted absent before closing, but for who heard of it when the session was closed a first time."""
    told = set(
        Message.objects.filter(key__startswith=f"session:{session.uuid}:absent:")
        .exclude(state=State.CANCELLED)
        .values_list("about", flat=True)
    )
    noted = session.bookings.filter(state="absent").select_related("person").order_by("pk")
    return [one for one in noted if f"seat:{one.uuid}" not in told]


def _trail(session: Session, verb: str, by: By, at: datetime) -> None:
    record(
        actor_of(by),
        verb,
        at=at,
        place=session.site.organisation.uuid,
        thing=f"session:{session.uuid}",
        fields=["state"],
    )
