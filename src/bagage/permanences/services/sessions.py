"""Sessions: planned, changed, called off, given to someone else to lead."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User, actor_of, name_of
from bagage.common.errors import BusinessError, Conflict
from bagage.common.words import day_short, joined, written_for
from bagage.messaging.services import cancel_messages
from bagage.people.models import Person
from bagage.permanences import words
from bagage.permanences.models import Closure, Level, Room, Session, SessionBooking, Site
from bagage.permanences.queries.sessions import appointment_at, seat_at
from bagage.permanences.services.seats import count_taken, give_free_seats, locked_session, say_changed
from bagage.permanences.services.telling import tell_of_session
from bagage.skills.models import Item
from bagage.trail.domain.actor import Actor
from bagage.trail.services import record

By = User | Actor
LONGEST_SESSION = timedelta(hours=8)
AHEAD = timedelta(days=366)


@transaction.atomic
def plan_session(
    *,
    site: Site,
    room: Room,
    topic: str,
    items: Iterable[str] = (),
    level: str = "",
    language: str = "",
    needs_computer: bool = True,
    starts_at: datetime,
    ends_at: datetime,
    leader: User | None = None,
    key: str,
    by: By,
    at: datetime | None = None,
) -> Session:
    """A session is planned; sending the form twice plans one. ``items`` are codes of what can be observed there.

    The room is locked, then who leads: no two sessions share a moment in one room, nor for one who leads. Refused on a
    closed day; outside the usual hours it is allowed. Raises :class:`BusinessError` naming the field at fault.
    """
    at = at or timezone.now()
    # Locked before the key is asked for: of two forms sent at once, the second finds what the first one made.
    Room.objects.select_for_update().filter(pk=room.pk).first()
    known = Session.objects.filter(key=key).first()
    if known is not None:
        return known
    fields = _checked_words(topic, level, language)
    found = _found_items(items)
    place = _checked_place(site, room, starts_at, ends_at, needs_computer=needs_computer, at=at)
    leader = _checked_leader(site, leader, starts_at, ends_at)
    session = Session.objects.create(
        site=site,
        room=place,
        needs_computer=needs_computer,
        starts_at=starts_at,
        ends_at=ends_at,
        leader=leader,
        key=key,
        planned_at=at,
        planned_by=name_of(by)[:80],
        changed_at=at,
        **fields,
    )
    session.items.set(found)
    _trail(session, "session.plan", by, at)
    return session


@transaction.atomic
def change_session(
    session: Session,
    *,
    room: Room,
    topic: str,
    items: Iterable[str] = (),
    level: str = "",
    language: str = "",
    needs_computer: bool = True,
    starts_at: datetime,
    ends_at: datetime,
    leader: User | None = None,
    by: By,
    at: datetime | None = None,
) -> Session:
    """Change a session that is still to come; those in it are told of another hour or room.

    Refused when those who have a seat would not all find one, or when one of them is elsewhere at the new hour. More
    seats go to the first in line at once.
    """
    at = at or timezone.now()
    fields = _checked_words(topic, level, language)
    found = _found_items(items)
    before = Session.objects.select_related("site__organisation", "room").get(pk=session.pk)
    place = _checked_place(
        before.site, room, starts_at, ends_at, needs_computer=needs_computer, at=at, but=before
    )
    leader = _checked_leader(before.site, leader, starts_at, ends_at, but=before)
    kept = locked_session(session)
    _refuse_unless_to_come(kept, at)
    old_when, old_room = kept.starts_at, kept.room
    values: dict[str, object] = {
        **fields,
        "room": place,
        "needs_computer": needs_computer,
        "starts_at": starts_at,
        "ends_at": ends_at,
        "leader": leader,
    }
    changed = [name for name, value in values.items() if getattr(kept, name) != value]
    if {item.pk for item in found} != set(kept.items.values_list("pk", flat=True)):
        changed.append("items")
    if not changed:
        return kept
    for name, value in values.items():
        setattr(kept, name, value)
    taken = count_taken(kept)
    if taken > kept.seats and ({"room", "needs_computer"} & set(changed)):
        raise Conflict(
            gettext(
                "%(taken)s personnes ont une place, et la salle en a %(seats)s : choisissez-en une autre."
            )
            % {"taken": taken, "seats": kept.seats}
        )
    if {"starts_at", "ends_at"} & set(changed):
        _refuse_if_someone_is_elsewhere(kept)
    kept.changed_at = at
    kept.save(update_fields=[*(name for name in changed if name != "items"), "changed_at"])
    if "items" in changed:
        kept.items.set(found)
    if "starts_at" in changed or "room" in changed:
        _tell_of_change(kept, old_when, old_room, at)
    give_free_seats(kept, by=by, at=at)
    _trail(kept, "session.change", by, at, fields=sorted(changed))
    return kept


@transaction.atomic
def cancel_session(session: Session, *, reason: str, by: By, at: datetime | None = None) -> Session:
    """The session does not take place: everyone in it and in line is called off and told. Refused once it was held."""
    at = at or timezone.now()
    reason = " ".join(reason.split())[:200]
    kept = locked_session(session)
    if kept.state == "cancelled":
        raise Conflict(gettext("Cette séance est déjà annulée."))
    if kept.state == "held":
        raise Conflict(gettext("Cette séance a eu lieu : elle ne s’annule plus."))
    if not reason:
        raise BusinessError(gettext("Écrivez pourquoi, en quelques mots : l’équipe le lira."), field="reason")
    if kept.bookings.filter(state="present").exists():
        raise Conflict(
            gettext("Des personnes y sont notées présentes : fermez la séance plutôt que de l’annuler.")
        )
    kept.state, kept.reason, kept.changed_at = "cancelled", reason, at
    kept.save(update_fields=["state", "reason", "changed_at"])
    # What was to be told of this session and has not been told yet is no longer true.
    cancel_messages(key_prefix=f"session:{kept.uuid}:", at=at)
    bookings = list(
        kept.bookings.filter(state__in=["booked", "waiting", "absent"])
        .select_related("person")
        .order_by("pk")
    )
    with written_for():
        body = gettext(
            "La séance « %(topic)s » du %(moment)s est annulée. Rappelez-nous pour en choisir une autre."
        ) % {"topic": kept.topic, "moment": words.moment(kept.starts_at)}
    for booking in bookings:
        booking.session = kept
        say_changed(booking, "called_off", by, at)
    tell_of_session(kept, bookings, "cancelled", body, at)
    _trail(kept, "session.cancel", by, at, fields=["state"])
    session.state, session.reason, session.changed_at = kept.state, kept.reason, kept.changed_at
    return kept


@transaction.atomic
def hand_over_sessions(
    leaver: User, colleague: User | None, *, by: By, at: datetime | None = None
) -> tuple[list[Session], list[Session]]:
    """The sessions that someone who leaves would have led: (given to the colleague, left with nobody to lead them)."""
    at = at or timezone.now()
    given: list[Session] = []
    orphaned: list[Session] = []
    coming = (
        Session.objects.select_for_update(of=("self",))
        .filter(leader=leaver, state="planned", ends_at__gt=at)
        .select_related("site__organisation", "room")
        .order_by("pk")
    )
    for session in coming:
        new = None
        if colleague is not None:
            try:
                new = _checked_leader(session.site, colleague, session.starts_at, session.ends_at)
            except BusinessError:
                new = None
        session.leader, session.changed_at = new, at
        session.save(update_fields=["leader", "changed_at"])
        (given if new else orphaned).append(session)
        _trail(session, "session.hand_over", by, at, fields=["leader"])
    return given, orphaned


# ---------- how it is checked ----------
def _checked_words(topic: str, level: str, language: str) -> dict[str, str]:
    topic = " ".join(topic.split())
    if not topic:
        raise BusinessError(
            gettext("Dites en quelques mots de quoi il s’agit : « Son compte santé »."), field="topic"
        )
    if len(topic) > 120:
        raise BusinessError(gettext("Le sujet tient en 120 lettres."), field="topic")
    if level not in Level.values:
        raise BusinessError(gettext("Ce niveau n’existe pas."), field="level")
    return {"topic": topic, "level": level, "language": " ".join(language.split())[:60]}


def _found_items(codes: Iterable[str]) -> list[Item]:
    wanted = set(codes)
    found = list(Item.objects.filter(code__in=wanted, is_current=True))
    if len(found) != len(wanted):
        raise BusinessError(gettext("Ce savoir-faire n’est pas dans la liste."), field="items")
    return found


def _checked_place(
    site: Site,
    room: Room,
    starts_at: datetime,
    ends_at: datetime,
    *,
    needs_computer: bool,
    at: datetime,
    but: Session | None = None,
) -> Room:
    """The locked room, if a session can take place there then."""
    place = Room.objects.select_for_update().filter(pk=room.pk, site=site).first()
    if place is None:
        raise BusinessError(gettext("Choisissez une salle de cette permanence."), field="room")
    if not site.organisation.is_open:
        raise BusinessError(gettext("Cette permanence est fermée."))
    if ends_at <= starts_at:
        raise BusinessError(gettext("La fin vient avant le début."), field="ends")
    if ends_at - starts_at > LONGEST_SESSION:
        raise BusinessError(gettext("Une séance dure 8 heures au plus."), field="ends")
    if starts_at <= at:
        raise BusinessError(gettext("Ce moment est passé : choisissez-en un à venir."), field="day")
    if starts_at > at + AHEAD:
        raise BusinessError(gettext("C’est dans plus d’un an : choisissez un jour plus proche."), field="day")
    day = timezone.localdate(starts_at)
    closure = Closure.objects.filter(site=site, first_day__lte=day, last_day__gte=day).first()
    if closure is not None:
        why = f" ({closure.reason})" if closure.reason else ""
        raise BusinessError(
            gettext("La permanence est fermée le %(day)s%(why)s : choisissez un autre jour.")
            % {"day": day_short(day), "why": why},
            field="day",
        )
    seats = place.computers if needs_computer else place.seats
    if not seats:
        raise BusinessError(
            gettext(
                "« %(room)s » n’a aucun ordinateur en état. Une autre salle, ou une séance sans ordinateur."
            )
            % {"room": place.name}
            if needs_computer
            else gettext("« %(room)s » n’a aucune place écrite : écrivez-les dans la permanence.")
            % {"room": place.name},
            field="room",
        )
    others = Session.objects.filter(room=place, starts_at__lt=ends_at, ends_at__gt=starts_at)
    others = others.exclude(state="cancelled")
    if but is not None:
        others = others.exclude(pk=but.pk)
    other = others.order_by("starts_at").first()
    if other is not None:
        raise Conflict(
            gettext("« %(room)s » est prise %(moment)s par « %(topic)s ».")
            % {"room": place.name, "moment": words.moment(other.starts_at), "topic": other.topic},
            field="room",
        )
    return place


def _checked_leader(
    site: Site,
    leader: User | None,
    starts_at: datetime,
    ends_at: datetime,
    *,
    but: Session | None = None,
) -> User | None:
    """Who leads, her account locked, if she can lead there and leads nothing else then."""
    if leader is None:
        return None
    found = User.objects.select_for_update().get(pk=leader.pk)
    if not found.is_active or not found.can(Ability.LEAD_SESSION, site.organisation):
        raise BusinessError(
            gettext("%(name)s n’anime pas de séance ici : c’est son rôle qui le dit.")
            % {"name": found.first_name},
            field="leader",
        )
    others = Session.objects.filter(leader=found, starts_at__lt=ends_at, ends_at__gt=starts_at)
    others = others.exclude(state="cancelled")
    if but is not None:
        others = others.exclude(pk=but.pk)
    other = others.select_related("site__organisation").order_by("starts_at").first()
    if other is not None:
        raise Conflict(
            gettext("%(name)s anime déjà « %(topic)s » %(moment)s, à %(site)s.")
            % {
                "name": found.first_name,
                "topic": other.topic,
                "moment": words.moment(other.starts_at),
                "site": other.site,
            },
            field="leader",
        )
    return found


def _refuse_unless_to_come(session: Session, at: datetime) -> None:
    if session.state != "planned":
        raise Conflict(
            gettext("Cette séance est annulée : elle ne change plus.")
            if session.state == "cancelled"
            else gettext("Cette séance est fermée : elle ne change plus.")
        )
    if session.starts_at <= at:
        raise Conflict(gettext("Cette séance a commencé : pointez-la, puis fermez-la."))


def _refuse_if_someone_is_elsewhere(session: Session) -> None:
    """Raises when one who has a seat or waits for one is elsewhere at the new hour; their files are locked."""
    bookings = list(
        session.bookings.filter(state__in=["booked", "waiting"], person__isnull=False).select_related(
            "person"
        )
    )
    persons = [booking.person for booking in bookings if booking.person is not None]
    roots = sorted({person.merged_into_id or person.pk for person in persons})
    list(Person.objects.select_for_update(no_key=True).filter(pk__in=roots).order_by("pk"))
    same = list(Person.objects.filter(merged_into__in=roots).values_list("pk", "merged_into_id"))
    elsewhere = []
    for person in persons:
        root = person.merged_into_id or person.pk
        files = [root, *(pk for pk, kept in same if kept == root)]
        if seat_at(files, session.starts_at, session.ends_at, but=session) or appointment_at(
            files, session.starts_at, session.ends_at
        ):
            elsewhere.append(person.short_name)
    if elsewhere:
        raise Conflict(
            ngettext(
                "%(count)s personne inscrite est prise ailleurs à cette heure (%(names)s)."
                " Choisissez une autre heure, ou rendez d’abord sa place.",
                "%(count)s personnes inscrites sont prises ailleurs à cette heure (%(names)s)."
                " Choisissez une autre heure, ou rendez d’abord leur place.",
                len(elsewhere),
            )
            % {"count": len(elsewhere), "names": joined(_few(elsewhere))},
            field="begins",
        )


def _few(names: Sequence[str]) -> list[str]:
    return [*names[:4], "…"] if len(names) > 4 else list(names)


def _tell_of_change(session: Session, old_when: datetime, old_room: Room | None, at: datetime) -> None:
    """Those in it and in line hear of another hour, those who have a seat of another room."""
    bookings: list[SessionBooking] = list(
        session.bookings.filter(state__in=["booked", "waiting"]).select_related("person").order_by("pk")
    )
    cancel_messages(key_prefix=f"session:{session.uuid}:moved:", at=at)
    with written_for():
        facts = {
            "topic": session.topic,
            "old": words.moment(old_when),
            "new": words.moment(session.starts_at),
            "room": session.room or "",
        }
        if old_when != session.starts_at:
            body = (
                gettext("La séance « %(topic)s » du %(old)s est déplacée au %(new)s, salle « %(room)s ».")
                % facts
            )
        else:
            bookings = [booking for booking in bookings if booking.state == "booked"]
            body = (
                gettext("La séance « %(topic)s » du %(new)s est dans une autre salle : « %(room)s ».") % facts
            )
    tell_of_session(session, bookings, "moved", body, at)


def _trail(session: Session, verb: str, by: By, at: datetime, *, fields: Sequence[str] = ()) -> None:
    record(
        actor_of(by),
        verb,
        at=at,
        place=session.site.organisation.uuid,
        thing=f"session:{session.uuid}",
        fields=list(fields),
    )
