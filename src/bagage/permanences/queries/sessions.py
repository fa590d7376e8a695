"""Sessions: which come, who is in them, who waits, what asks attention, and what was lived of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from bagage.accounts.domain.roles import Ability, roles_with
from bagage.accounts.models import Membership, User
from bagage.common import words as common_words
from bagage.common.hours import UnreadableHours, spans_of_day
from bagage.common.school import zone_of
from bagage.directory.domain.communes import distance_km
from bagage.people.models import ContactWay, Person, kept_file
from bagage.permanences.domain import sessions as rules
from bagage.permanences.models import (
    AHEAD_SEATS,
    Appointment,
    Closure,
    OpeningBlock,
    Session,
    SessionBooking,
    Site,
)
from bagage.permanences.queries.places import closed_days, day_bounds
from bagage.permanences.words import item_title
from bagage.skills.models import Observation

# How far ahead a session is proposed for a request.
SUGGESTED_WITHIN = timedelta(days=42)
# Places further than this are not "near".
NEAR_KM = 30.0


# ---------- which sessions ----------
def coming_sessions(
    where: Site | Iterable[int],
    now: datetime,
    *,
    until: datetime | None = None,
    items: Iterable[str] = (),
    level: str = "",
    limit: int | None = None,
) -> list[Session]:
    """Sessions still to come of a site, or of the sites of these nodes, the next first, with their counts. Two queries.

    ``items`` keeps those where one of these can be observed, ``level`` those for it or for everyone.
    """
    found = Session.objects.shown().filter(state="planned", starts_at__gt=now)
    found = found.filter(site=where) if isinstance(where, Site) else found.at_nodes(where)
    if until is not None:
        found = found.filter(starts_at__lt=until)
    codes = list(items)
    if codes:
        with_item = Session.items.through.objects.filter(session=OuterRef("pk"), item__code__in=codes)
        found = found.filter(Exists(with_item))
    if level:
        found = found.filter(level__in=["", level])
    return list(found.order_by("starts_at", "pk")[:limit])


def day_sessions(site: Site, day: date) -> list[Session]:
    """Sessions of that day at a site, in order of time, those called off left out, with their counts. Two queries."""
    start, end = day_bounds(day)
    return list(
        Session.objects.shown()
        .between(start, end)
        .filter(site=site)
        .exclude(state="cancelled")
        .order_by("starts_at", "pk")
    )


def sessions_on_closed_days(site: Site, now: datetime) -> list[Session]:
    """Sessions still to come of a site on days that were closed since. One query."""
    shut = Closure.objects.filter(
        site=OuterRef("site"), first_day__lte=OuterRef("on"), last_day__gte=OuterRef("on")
    )
    return list(
        Session.objects.filter(site=site, state="planned", starts_at__gt=now)
        .annotate(on=TruncDate("starts_at"))
        .filter(Exists(shut))
        .order_by("starts_at", "pk")
    )


def bookings_in(session: Session) -> list[SessionBooking]:
    """All places of a session with their persons, in the order in which they were asked. One query."""
    return list(
        SessionBooking.objects.filter(session=session).select_related("person").order_by("booked_at", "pk")
    )


def wall_names(bookings: Iterable[SessionBooking]) -> dict[int, str]:
    """By ``booking.pk``, the short name others may read; two alike get the end of the code on their card."""
    bookings = list(bookings)
    alike = Counter(one.short_name for one in bookings)
    return {
        one.pk: f"{one.short_name} {one.person.code[-3:]}"
        if alike[one.short_name] > 1 and one.person is not None
        else one.short_name
        for one in bookings
    }


def leaders_at(*sites: Site) -> list[User]:
    """Who can lead a session at one of these sites: a role that says so on it or above it. One query."""
    above = set()
    for site in sites:
        path, step = site.organisation.path, site.organisation.steplen
        above |= {path[:length] for length in range(step, len(path) + 1, step)}
    members = (
        Membership.objects.current()
        .with_roles(roles_with(Ability.LEAD_SESSION))
        .filter(organisation__path__in=above, user__is_active=True)
        .select_related("user")
        .order_by("user__first_name", "user__last_name", "user_id")
    )
    return list({member.user_id: member.user for member in members}.values())


def steps_seen_in(session: Session) -> dict[tuple[int, str], int | None]:
    """What was noted of each at this session: (person, item code) → step, the newest. One query."""
    # From those who are in it to what was seen of them: the databases go by the index of persons.
    hers = SessionBooking.objects.filter(session=session, person__isnull=False).values(root=kept_file())
    rows = (
        Observation.objects.filter(person__in=hers, source=f"session:{session.uuid}")
        .order_by("written_at", "pk")
        .values_list("person_id", "item__code", "step")
    )
    return {(person, code): step for person, code, step in rows}


# ---------- her time ----------
def seat_at(
    files: Iterable[int], starts_at: datetime, ends_at: datetime, *, but: Session | None = None
) -> SessionBooking | None:
    """A place in another session that shares a moment with [starts_at, ends_at), booked or waited for."""
    found = SessionBooking.objects.filter(
        person__in=list(files),
        state__in=AHEAD_SEATS,
        session__state="planned",
        session__starts_at__lt=ends_at,
        session__ends_at__gt=starts_at,
    )
    if but is not None:
        found = found.exclude(session=but)
    return found.select_related("session__site__organisation").order_by("session__starts_at").first()


def appointment_at(files: Iterable[int], starts_at: datetime, ends_at: datetime) -> Appointment | None:
    """An appointment ahead of her that shares a moment with [starts_at, ends_at)."""
    return (
        Appointment.objects.filter(
            person__in=list(files),
            state__in=["booked", "arrived", "under_way"],
            starts_at__lt=ends_at,
            ends_at__gt=starts_at,
        )
        .select_related("site__organisation")
        .order_by("starts_at")
        .first()
    )


def session_warnings(session: Session) -> list[str]:
    """What is unusual and allowed: outside the hours of the site, nobody to lead, who leads receives at that hour.

    At most three queries.
    """
    found = []
    starts, ends = timezone.localtime(session.starts_at), timezone.localtime(session.ends_at)
    day = starts.date()
    if closed_days([session.site], day, day):
        found.append(gettext("La permanence est fermée ce jour-là : changez le jour, ou annulez la séance."))
    if session.site.hours:
        try:
            spans = spans_of_day(session.site.hours, day, zone_of(session.site.postcode))
        except UnreadableHours:
            spans = ()
        if not _is_within(spans, starts.time(), ends.time()):
            found.append(gettext("C’est en dehors des heures d’ouverture : quelqu’un devra ouvrir."))
    if session.leader is None:
        found.append(gettext("Personne ne l’anime encore."))
    elif OpeningBlock.objects.filter(
        adviser=session.leader,
        withdrawn_at=None,
        starts_at__lt=session.ends_at,
        ends_at__gt=session.starts_at,
    ).exists():
        found.append(
            gettext("%(name)s reçoit aussi sur rendez-vous à cette heure.")
            % {"name": session.leader.first_name}
        )
    return found


def _is_within(spans: Sequence[tuple[time, time]], begin: time, end: time) -> bool:
    return any(opens <= begin and end <= shuts for opens, shuts in spans)


# ---------- who can be told ----------
def ways_to_tell(persons: Iterable[Person]) -> dict[int, ContactWay | None]:
    """By ``person.pk``, the newest way to tell her anything, paper left out, over all files that are hers.

    Two queries whatever the number.
    """
    persons = list(persons)
    roots = {person.pk: person.merged_into_id or person.pk for person in persons}
    same = Person.objects.filter(merged_into__in=set(roots.values())).values_list("pk", "merged_into_id")
    root_of = {root: root for root in roots.values()} | {pk: root for pk, root in same if root}
    newest: dict[int, ContactWay] = {}
    for way in (
        ContactWay.objects.filter(person__in=root_of, ended_at=None)
        .exclude(kind="paper")
        .order_by("started_at", "pk")
    ):
        newest[root_of[way.person_id]] = way
    return {pk: newest.get(root) for pk, root in roots.items()}


def telling_in_words(persons: Iterable[Person]) -> str:
    """Who would be told and how: ``"4 par SMS, 2 par appel, 1 par Mme Aubry"``; ``""`` for nobody. Two queries."""
    ways = ways_to_tell(persons)
    counts: Counter[str] = Counter()
    for way in ways.values():
        if way is None:
            counts[gettext("à prévenir sur place")] += 1
        elif way.kind == ContactWay.Kind.SMS:
            counts[gettext("par SMS")] += 1
        elif way.kind == ContactWay.Kind.CALL:
            counts[gettext("par appel")] += 1
        else:
            counts[gettext("par %(name)s") % {"name": way.through or gettext("qui l’oriente")}] += 1
    return common_words.joined([f"{count} {how}" for how, count in counts.most_common()])


# ---------- which session answers what is asked ----------
@dataclass(frozen=True, slots=True)
class Suggestion:
    """A session that answers a request: how well (points, only to compare), and why, in words."""

    session: Session
    points: int
    km: float | None
    why: list[str] = field(default_factory=list)


def sessions_for(
    *,
    items: Iterable[str] = (),
    words: str = "",
    level: str = "",
    language: str = "",
    near: Site | None = None,
    nodes: Iterable[int] | None = None,
    now: datetime,
    limit: int = 5,
) -> list[Suggestion]:
    """Sessions of the coming six weeks that answer a request, the best first, then the soonest. Two queries.

    ``items`` are codes of skills, ``words`` what she asked in her words, ``language`` those she speaks. ``nodes``
    keeps the sites of these permanences; ``near`` counts for its own sessions and says how far the others are.
    """
    codes = list(items)
    coming = (
        Session.objects.shown()
        .filter(
            state="planned",
            starts_at__gt=now,
            starts_at__lt=now + SUGGESTED_WITHIN,
            site__organisation__is_open=True,
        )
        .order_by("starts_at", "pk")
    )
    if nodes is not None:
        coming = coming.at_nodes(nodes)
    found = []
    for session in coming:
        offered_codes = frozenset(item.code for item in session.items.all())
        km = _km(near, session.site)
        if km is not None and km > NEAR_KM:
            continue
        points = rules.agreement(
            rules.Offered(
                offered_codes,
                session.topic,
                session.level,
                session.language,
                session.seats_left,
                near is not None and session.site_id == near.pk,
            ),
            items=codes,
            words=words,
            level=level,
            language=language,
        )
        if points:
            found.append(Suggestion(session, points, km, _why(session, codes, language)))
    found.sort(key=lambda one: (-one.points, one.session.starts_at, one.session.pk))
    return found[:limit]


def _km(near: Site | None, site: Site) -> float | None:
    if near is None:
        return None
    if near.pk == site.pk:
        return 0.0
    places = (near.latitude, near.longitude, site.latitude, site.longitude)
    if None in places:
        return None
    return distance_km(*places)  # type: ignore[arg-type]


def _why(session: Session, codes: Sequence[str], language: str) -> list[str]:
    """What agrees, in words."""
    why = []
    seen = [item_title(item) for item in session.items.all() if item.code in codes]

    if seen:
        why.append(common_words.joined(seen))
    if session.language and language.strip() and rules.speaks(language, session.language):
        why.append(gettext("en %(language)s") % {"language": session.language})
    why.append(seats_in_words(session))
    return why


def seats_in_words(session: Session) -> str:
    """``"2 places libres sur 8"``, ``"complet, 3 attendent"``; needs ``with_counts``."""
    if session.seats_left:
        return ngettext(
            "%(left)s place libre sur %(seats)s", "%(left)s places libres sur %(seats)s", session.seats_left
        ) % {"left": session.seats_left, "seats": session.seats}
    waiting: int = session.waiting_count  # type: ignore[attr-defined]
    if not waiting:
        return gettext("complet")
    return ngettext(
        "complet, %(count)s personne attend", "complet, %(count)s personnes attendent", waiting
    ) % {"count": waiting}


# ---------- who sees whom for a while ----------
def in_a_session_led_by(user: User, now: datetime) -> Q:
    """Condition on a person: in a session that this user leads, from the day before to the day after."""
    if not user.is_active or not user.can(Ability.LEAD_SESSION):
        return Q(pk__in=[])
    today = timezone.localdate(now)
    start, end = day_bounds(today - timedelta(days=1))[0], day_bounds(today + timedelta(days=1))[1]
    seats = SessionBooking.objects.filter(
        session__leader=user,
        session__starts_at__gte=start,
        session__starts_at__lt=end,
        session__site__organisation__in=user.node_ids(Ability.LEAD_SESSION),
    ).exclude(state__in=["left", "called_off"])
    merged = Person.objects.filter(merged_into=OuterRef("pk"), pk__in=seats.values("person"))
    return Q(Exists(seats.filter(person=OuterRef("pk")))) | Q(Exists(merged))
