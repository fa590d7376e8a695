"""Today: who is expected, who waits, what needs attention; and the queue and the helps without a name."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.common import words
from bagage.common.errors import BusinessError
from bagage.common.middleware import is_htmx, toast_header
from bagage.common.together import Asking, beside, nothing, side_by_side, together
from bagage.connection.line_words import soon_words
from bagage.connection.queries.catalogue import offers_to_verify
from bagage.connection.queries.lines import lines_about_to_lapse
from bagage.connection.services.lines import reminder_days
from bagage.desk.context_processors import address
from bagage.desk.queries.activities import attention_of
from bagage.desk.views.day_strip import day_strip
from bagage.desk.views.look_up import looked_up, signed_in
from bagage.directory.models import Feed
from bagage.directory.permissions import can_keep_panorama
from bagage.directory.queries import what_waits
from bagage.journeys.queries import baggages
from bagage.messaging.queries import paper_list
from bagage.people.models import Person, is_visible_to
from bagage.people.permissions import shown_name, sight_at
from bagage.people.queries import access_requests_count
from bagage.permanences import words as permanence_words
from bagage.permanences.domain import lifecycle
from bagage.permanences.models import Appointment, NamelessHelp, QueueEntry, Site
from bagage.permanences.permissions import (
    can_receive,
    can_see_name_in_queue,
    can_see_person_of_appointment,
    can_welcome,
)
from bagage.permanences.queries import (
    absences_to_call,
    appointments_to_move,
    closed_days,
    current_site,
    day_appointments,
    day_blocks,
    day_nameless_help,
    day_queue,
    openness_of,
)
from bagage.permanences.services import (
    call_from_queue,
    count_nameless_help,
    finish_queue_entry,
    join_queue,
    leave_queue,
    say_who,
    undo_nameless_help,
    undo_queue_step,
)
from bagage.referrals.queries import late_referrals

MINUTES = (5, 10, 20, 40)
TOPIC_ICONS = {
    "print": "printer", "top_up": "card-sim", "phone": "smartphone", "mail": "mail",
    "procedure": "file-text", "information": "info", "other": "ellipsis",
}  # fmt: skip
STATE_ICONS = {
    "booked": "circle-dashed", "arrived": "user-round", "under_way": "message-square", "done": "circle-check",
    "no_show": "circle-x", "excused": "phone-incoming", "cancelled": "x",
}  # fmt: skip
# Who left the queue stays in sight for so long, to be undone.
RECENT = timedelta(minutes=30)


@dataclass(slots=True)
class Row:
    """One appointment as a row shows it."""

    appointment: Appointment
    state: str
    icon: str
    css: str
    row_css: str
    is_hidden: bool
    can_note: bool
    can_arrange: bool
    name: str = ""
    steps: list[tuple[str, str]] = field(default_factory=list)
    more: list[tuple[str, str]] = field(default_factory=list)
    baggage: object = None


@dataclass(frozen=True, slots=True)
class Waiting:
    """One person of the queue as a row shows her."""

    entry: QueueEntry
    name: str
    is_hidden: bool
    since: str


@dataclass(frozen=True, slots=True)
class Ask:
    """One line of "À voir"."""

    icon: str
    title: str
    text: str
    count: int
    url: str = ""
    link: str = ""
    lines: list[tuple[str, str]] = field(default_factory=list)


# ---------- the page ----------
@require_safe
def today(request: HttpRequest) -> HttpResponse:
    """The day of the permanence one works at; ``?day=2026-11-26`` shows another day.

    Who works at none and keeps the panorama finds what waits there, and in the catalogue.
    """
    if not request.GET and current_site(request) is None and can_keep_panorama(_user(request)):
        return render(request, "desk/today_keeper.html", keeper_facts(_user(request), timezone.now()))
    site = _site(request)
    if is_htmx(request) and request.GET.get("part") == "queue":
        now = timezone.now()
        queue = day_queue(site, timezone.localdate(now))
        return render(request, "desk/today.html#queue_list", _queue_facts(request, site, now, queue))
    return render(request, "desk/today.html", day_facts(request, site, _asked_day(request)))


@require_safe
def today_sheet(request: HttpRequest) -> HttpResponse:
    """The day on one sheet of paper, for when the network is down."""
    site = _site(request)
    day = _asked_day(request)
    user = _user(request)
    rows = appointment_rows(user, site, day_appointments(site, day), timezone.now())
    return render(
        request,
        "desk/today_sheet.html",
        {
            "site_shown": site,
            "day": day,
            "rows": [row for row in rows if row.appointment.state not in {"cancelled", "excused"}],
            "blank": range(8),
            "printed_at": timezone.now(),
        },
    )


def keeper_facts(user: User, now: datetime) -> dict[str, Any]:
    """The page of who keeps the panorama and works at no permanence."""
    return {"day": timezone.localdate(now), "asks": [*offers_to_see(user, now), *sources_to_see(user, now)]}


def day_facts(request: HttpRequest, site: Site, day: date) -> dict[str, Any]:
    """All that the page of a day shows."""
    user, now = _user(request), timezone.now()
    this_day = timezone.localdate(now)
    is_today = day == this_day
    receives = can_receive(user, site)
    last = max(day, this_day) + timedelta(days=31)
    appointments, blocks, days, asks, queue, helps = side_by_side(
        [
            day_appointments.asking(site, day),
            day_blocks.asking(site, day),
            closed_days.asking([site], min(day, this_day), last),
            asks_of.asking(user, site, now) if is_today and receives else nothing(),
            day_queue.asking(site, this_day) if is_today else nothing(),
            day_nameless_help.asking(site, day) if day <= this_day else nothing(),
        ],
        of_one=True,
    )
    rows = appointment_rows(user, site, appointments, now)
    closed = days.get(site.pk, {})
    openness = openness_of(site, now, closed)
    expected = [row for row in rows if row.appointment.state not in {"cancelled", "excused"}]
    facts: dict[str, Any] = {
        "site_shown": site,
        "day": day,
        "is_today": is_today,
        "is_past": day < this_day,
        "before": day - timedelta(days=1),
        "after": day + timedelta(days=1),
        "this_day": this_day,
        "opening": permanence_words.openness_in_words(openness, timezone.localtime(now).replace(tzinfo=None))
        if is_today and openness
        else "",
        "closed_for": (closed[day] or gettext("fermeture")) if day in closed else "",
        "receives": receives,
        "rows": rows,
        "expected_count": len(expected),
        "strip": day_strip(appointments, blocks, now, [row.appointment.pk for row in rows if row.is_hidden]),
        "asks": asks,
        "key": uuid4().hex,
    }
    if is_today:
        facts |= _queue_facts(request, site, now, queue)
    if day <= this_day:
        facts |= _help_facts(helps)
    return facts


# ---------- appointments ----------
def appointment_rows(user: User, site: Site, appointments: Iterable[Appointment], now: datetime) -> list[Row]:
    """The rows of a day; of whom this user may not see, only that the time is taken."""
    receives = can_receive(user, site)
    rows = []
    sight = sight_at(user, [site.organisation])
    for appointment in appointments:
        appointment.site = site
        seen = can_see_person_of_appointment(user, appointment)
        late = appointment.state == "booked" and appointment.starts_at < now
        word = permanence_words.state_word(appointment.state, appointment.person.grammar if seen else "")
        css = {"booked": "", "done": "ok", "no_show": "bad", "arrived": "on", "under_way": "on"}.get(
            appointment.state, ""
        )
        is_same_day = timezone.localdate(appointment.starts_at) == timezone.localdate(now)
        if late and is_same_day:
            css = "ask"
            word = gettext("%(state)s, %(span)s") % {
                "state": word,
                "span": words.span(now - appointment.starts_at),
            }
        row = Row(
            appointment,
            word,
            "clock" if css == "ask" else STATE_ICONS[appointment.state],
            css,
            "now"
            if appointment.state == "under_way" or (css == "ask")
            else "past"
            if appointment.state in {"done", "no_show", "excused", "cancelled"}
            else "",
            is_hidden=not seen,
            can_note=seen,
            can_arrange=receives,
            name=shown_name(appointment.person, sight) if seen else "",
        )
        if seen:
            row.steps, row.more = steps_of(appointment, now, receives)
        rows.append(row)
    bags = baggages([row.appointment.person for row in rows if not row.is_hidden])
    for row in rows:
        row.baggage = bags.get(row.appointment.person_id) if not row.is_hidden else None
    return rows


def steps_of(
    appointment: Appointment, now: datetime, receives: bool
) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """What can be noted of it with one press: the steps shown first, and those behind "Autre"."""
    state = appointment.state
    has_come = appointment.starts_at <= now
    is_same_day = timezone.localdate(appointment.starts_at) == timezone.localdate(now)
    first: list[tuple[str, str]] = []
    more: list[tuple[str, str]] = []
    if state == "booked" and is_same_day:
        first.append(("arrive", gettext("Arrivée")))
        more.append(("start", gettext("Commencer")))
    elif state == "arrived":
        first.append(("start", gettext("Commencer")))
        more.append(("finish", gettext("Départ")))
    elif state == "under_way":
        first.append(("finish", gettext("Départ")))
    elif state == "no_show" and is_same_day:
        more.append(("arrive", gettext("Arrivée après tout")))
    if state == "booked":
        if has_come:
            more.append(("no_show", gettext("Absence")))
        if receives:
            more.append(("excuse", gettext("A prévenu")))
    if can_undo(appointment, now):
        more.append(("undo", gettext("Défaire")))
    return first, more


def can_undo(appointment: Appointment, now: datetime) -> bool:
    """Whether its last step can still be undone."""
    return appointment.state != "booked" and now - appointment.changed_at <= lifecycle.UNDO_WINDOW


# ---------- what needs attention ----------
@together
def asks_of(user: User, site: Site, now: datetime) -> Asking[list[Ask]]:
    """What needs attention today at this site, each with what to do; a line without anything is left out."""
    asks: list[Ask] = []
    late, to_move, absent, lines, attention, asked = yield from beside(
        [
            late_referrals.asking(site, now),
            appointments_to_move.asking(site, now),
            absences_to_call.asking(site, now),
            lines_to_see.asking(user, site, now),
            attention_of.asking(user, site, now),
            access_requests_count.asking(site.organisation_id, now),
        ]
    )
    if late:
        oldest = late[0]
        asks.append(
            Ask(
                "send",
                gettext("Orientations sans réponse"),
                gettext("depuis plus de 2 jours. La plus ancienne : %(who)s, %(day)s.")
                % {"who": oldest.organisation.name, "day": words.day(oldest.sent_at)},
                len(late),
                address("referrals:inbox"),
                gettext("Répondre aux prescripteurs"),
            )
        )
    if to_move:
        asks.append(
            Ask(
                "calendar-x",
                gettext("Rendez-vous à déplacer"),
                gettext("L’heure n’est plus ouverte ; la personne l’attend encore."),
                len(to_move),
                lines=[
                    (
                        f"{row.person.chosen_name}, {permanence_words.moment(row.starts_at)}",
                        reverse("desk:appointment_move", kwargs={"uuid": row.uuid}),
                    )
                    for row in to_move[:4]
                ],
            )
        )
    if absent:
        asks.append(
            Ask(
                "phone-outgoing",
                ngettext("Une personne à rappeler", "Personnes à rappeler", len(absent)),
                gettext("Pas venues, sans nouveau rendez-vous."),
                len(absent),
                lines=[
                    (
                        f"{row.person.chosen_name}, {words.day(row.starts_at)}",
                        f"{reverse('desk:appointment_new')}?person={row.person.uuid}",
                    )
                    for row in absent[:4]
                ],
            )
        )
    if user.can(Ability.TELL, site.organisation):
        told = paper_list([str(site.organisation.uuid)], now=now).count()
        if told:
            asks.append(
                Ask(
                    "printer",
                    gettext("Messages à dire"),
                    gettext("en personne, par téléphone ou par la poste."),
                    told,
                    address("messaging:paper_list"),
                    gettext("Voir la liste"),
                )
            )
    asks += lines
    asks += [Ask(one.icon, one.text, "", one.count, one.url, one.action) for one in attention]
    asks += offers_to_see(user, now)
    asks += sources_to_see(user, now)
    if asked:
        asks.append(
            Ask(
                "folder-open",
                gettext("Dossier demandé par une autre permanence"),
                "",
                asked,
                address("people:access_requests"),
                gettext("Répondre"),
            )
        )
    return asks


@together
def lines_to_see(user: User, site: Site, now: datetime) -> Asking[list[Ask]]:
    """The lines that stop these days, by name, for who reads the files of this site."""
    if not user.can(Ability.READ_FILE, site.organisation):
        return []
    today, days = timezone.localdate(now), reminder_days()
    nearing = yield from lines_about_to_lapse.asking(site, now=now, today=today, days=days)
    if not nearing:
        return []
    return [
        Ask(
            "card-sim",
            ngettext("Ligne qui va s’arrêter", "Lignes qui vont s’arrêter", len(nearing)),
            gettext("d’ici le %(day)s. Avant, une recharge garde le numéro.")
            % {"day": words.day(today + timedelta(days=days))},
            len(nearing),
            lines=[
                (
                    gettext("%(name)s, %(when)s")
                    % {"name": row.person.short_name, "when": soon_words(row.live_until, today)},
                    reverse("connection:line", kwargs={"uuid": row.uuid}),
                )
                for row in nearing[:8]
                if row.live_until is not None
            ],
        )
    ]


def offers_to_see(user: User, now: datetime) -> list[Ask]:
    """How many offers nobody has verified for too long, for who keeps the catalogue."""
    if not user.can(Ability.KEEP_CATALOGUE):
        return []
    stale = offers_to_verify(timezone.localdate(now)).count()
    if not stale:
        return []
    return [
        Ask(
            "file-check",
            ngettext("Offre à vérifier", "Offres à vérifier", stale),
            gettext("depuis plus de %(count)s jours. Un prix a pu changer.")
            % {"count": settings.CATALOGUE_VERIFY_DAYS},
            stale,
            f"{reverse('connection:catalogue')}?state=verify",
            gettext("Voir les offres"),
        )
    ]


def sources_to_see(user: User, now: datetime) -> list[Ask]:
    """What waits in the panorama, for who keeps it: sources that fail, rows set aside, corrections, likely doubles."""
    if not can_keep_panorama(user):
        return []
    waiting = what_waits()
    year = timezone.localdate(now).year
    asks = []
    if waiting.failing:
        count = len(waiting.failing)
        asks.append(
            Ask(
                "cloud-off",
                ngettext("Source de lieux qui ne répond pas", "Sources de lieux qui ne répondent pas", count),
                gettext("Ce qui a été lu avant reste dans le panorama."),
                count,
                lines=[
                    (
                        _failing_words(feed, year),
                        reverse("directory:source", kwargs={"uuid": feed.uuid}),
                    )
                    for feed in waiting.failing[:4]
                ],
            )
        )
    if waiting.aside:
        where = waiting.aside_of
        asks.append(
            Ask(
                "file-x",
                ngettext("Ligne mise de côté", "Lignes mises de côté", waiting.aside),
                gettext("Le lieu n’y est pas lisible : corriger la ligne, ou la laisser."),
                waiting.aside,
                reverse("directory:source", kwargs={"uuid": where.uuid}) if where else reverse("directory:sources"),
                where.name if where else gettext("Voir les sources"),
            )
        )  # fmt: skip
    if waiting.proposals and waiting.oldest_proposal:
        asks.append(
            Ask(
                "message-square",
                ngettext("Correction d’un lieu à relire", "Corrections de lieux à relire", waiting.proposals),
                ngettext(
                    "Elle est du %(day)s. Elle paraît une fois relue.",
                    "La plus ancienne est du %(day)s. Elles paraissent une fois relues.",
                    waiting.proposals,
                )
                % {"day": _short(waiting.oldest_proposal, year)},
                waiting.proposals,
                reverse("directory:proposals"),
                gettext("Relire"),
            )
        )
    if waiting.likely:
        asks.append(
            Ask(
                "copy",
                ngettext("Paire de fiches du même lieu ?", "Paires de fiches du même lieu ?", waiting.likely),
                gettext("Dire si c’est un seul lieu, ou deux."),
                waiting.likely,
                reverse("directory:likely"),
                gettext("Décider"),
            )
        )
    return asks


def _failing_words(feed: Feed, year: int) -> str:
    """``"Carto 59, depuis le 12 novembre ; lieux lus le 3 novembre"``."""
    since = _short(feed.failing_since, year) if feed.failing_since else ""
    if feed.loaded_at is None:
        return gettext("%(name)s, depuis le %(day)s ; jamais lue encore") % {"name": feed.name, "day": since}
    return gettext("%(name)s, depuis le %(day)s ; lieux lus le %(loaded)s") % {
        "name": feed.name,
        "day": since,
        "loaded": _short(feed.loaded_at, year),
    }


def _short(moment: datetime, year: int) -> str:
    return words.day_short(moment, year=timezone.localdate(moment).year != year)


# ---------- the queue ----------
def _queue_facts(request: HttpRequest, site: Site, now: datetime, queue: list[QueueEntry]) -> dict[str, Any]:
    user = _user(request)
    sight = sight_at(user, [site.organisation])
    waiting, called, gone = [], [], []
    for entry in queue:
        entry.site = site
        seen = can_see_name_in_queue(user, entry)
        name = shown_name(entry.person, sight) if entry.person else entry.first_name
        shown = Waiting(
            entry,
            name if seen else gettext("Une personne"),
            not seen,
            words.span(
                now - (entry.called_at if entry.state == "called" and entry.called_at else entry.came_at)
            ),
        )
        if entry.state == "waiting":
            waiting.append(shown)
        elif entry.state == "called":
            called.append(shown)
        elif seen and entry.left_at and now - entry.left_at <= RECENT:
            gone.append(shown)
    return {"waiting": waiting, "called": called, "gone": gone, "receives": can_receive(user, site)}


@require_POST
def queue_join(request: HttpRequest) -> HttpResponse:
    """Someone comes without an appointment: a first name is enough."""
    site = _site(request)
    try:
        entry = join_queue(
            site,
            request.POST.get("first_name", ""),
            topic=request.POST.get("topic", ""),
            key=_key(request),
            by=_user(request),
        )
    except BusinessError as error:
        return _today_again(request, site, error)
    return today_answer(request, site, gettext("%(name)s est dans la file.") % {"name": entry.first_name})


@require_POST
def queue_step(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Call, help and let go, or undo the last of these."""
    entry = _entry(request, uuid)
    user = _user(request)
    step = request.POST.get("step", "")
    if step == "call":
        found = call_from_queue(entry, by=user)
        said = gettext("Vous avez appelé %(name)s.") % {"name": found.first_name}
    elif step == "finish":
        if not can_see_name_in_queue(user, entry):
            raise PermissionDenied
        found = finish_queue_entry(entry, by=user)
        said = gettext("%(name)s : départ noté.") % {"name": found.first_name}
    elif step == "leave":
        found = leave_queue(entry, by=user)
        said = gettext("Départ sans attendre noté.")
    elif step == "undo":
        if not can_see_name_in_queue(user, entry):
            raise PermissionDenied
        undo_queue_step(entry, by=user)
        said = gettext("Défait : la place dans la file est gardée.")
    else:
        raise Http404
    return today_answer(request, entry.site, said)


@require_http_methods(["GET", "HEAD", "POST"])
def queue_who(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Say who the one in the queue is: a look-up from her first name, by POST so that no address names her."""
    entry = _entry(request, uuid)
    user = _user(request)
    if not can_receive(user, entry.site) or not user.can(Ability.LOOK_UP):
        raise PermissionDenied
    if request.method == "POST" and "person" in request.POST:
        if request.POST["person"] == "nobody":
            say_who(entry, None, by=user)
            return today_answer(request, entry.site, gettext("On ne sait de nouveau plus qui c’est."))
        person = visible_person(user, request.POST["person"])
        say_who(entry, person, by=user)
        return today_answer(
            request, entry.site, gettext("%(name)s : son dossier est lié.") % {"name": person.chosen_name}
        )
    asked = request.POST.get("q", entry.first_name)
    return render(
        request,
        "desk/queue_who.html",
        {"entry": entry, "asked": asked, **proposals(request, asked)},
    )


def proposals(request: HttpRequest, asked: str) -> dict[str, Any]:
    """Who it may be, with the reasons and the sign of each, for the pages on which a person is chosen.

    A look-up like any other: counted, and noted in the trail.
    """
    asked = asked.strip()
    if not asked:
        return {"hits": [], "elsewhere": [], "was_asked": False}
    found = looked_up(request, signed_in(request), asked, is_typing=False)
    hits = found.hits[:6]
    bags = baggages([hit.person for hit in hits])
    return {
        "hits": [(hit, bags.get(hit.person.pk)) for hit in hits],
        "elsewhere": list(found.elsewhere),
        "was_asked": True,
    }


def visible_person(user: User, uuid: str) -> Person:
    """The person of that public id, if this user may open her file; 404 otherwise."""
    try:
        identity = UUID(uuid)
    except ValueError as error:
        raise Http404 from error
    person = get_object_or_404(Person.objects.filter(erased_at=None), uuid=identity)
    if not is_visible_to(user, person.pk):
        raise Http404
    return person


# ---------- help without a name ----------
def _help_facts(counted: list[NamelessHelp]) -> dict[str, Any]:
    now = timezone.now()
    last = counted[0] if counted and now - counted[0].at <= lifecycle.UNDO_WINDOW else None
    by_topic: dict[str, int] = {}
    for each in counted:
        label = each.get_topic_display()
        by_topic[label] = by_topic.get(label, 0) + 1
    return {
        "help_topics": [(value, label, TOPIC_ICONS[value]) for value, label in NamelessHelp.Topic.choices],
        "help_minutes": MINUTES,
        "help_count": len(counted),
        "help_total": sum(each.minutes for each in counted),
        "help_by_topic": list(by_topic.items()),
        "help_last": last,
        "help_key": uuid4().hex,
    }


@require_POST
def help_count(request: HttpRequest) -> HttpResponse:
    """Someone was helped for some minutes and gave no name."""
    site = _site(request)
    try:
        minutes = int(request.POST.get("minutes", ""))
    except ValueError:
        minutes = 0
    try:
        count_nameless_help(
            site, request.POST.get("topic", ""), minutes, key=_key(request), by=_user(request)
        )
    except BusinessError as error:
        return _today_again(request, site, error)
    return today_answer(request, site, gettext("Compté, sans nom."))


@require_POST
def help_undo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """It was counted by mistake."""
    site = _site(request)
    counted = get_object_or_404(NamelessHelp, uuid=uuid, site=site)
    undo_nameless_help(counted, by=_user(request))
    return today_answer(request, site, gettext("Décompté."))


# ---------- what these views share ----------
def _user(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def _site(request: HttpRequest) -> Site:
    """The permanence one works at; refused to whoever welcomes nowhere."""
    site = current_site(request)
    if site is None:
        raise PermissionDenied
    return site


def _entry(request: HttpRequest, uuid: UUID) -> QueueEntry:
    """Someone in the queue of a permanence where this user welcomes."""
    user = _user(request)
    if not user.can(Ability.WELCOME):
        raise PermissionDenied
    entry = get_object_or_404(
        QueueEntry.objects.select_related("site__organisation", "person", "helper").filter(
            site__organisation__in=user.node_ids(Ability.WELCOME)
        ),
        uuid=uuid,
    )
    if not can_welcome(user, entry.site):
        raise Http404
    return entry


def _key(request: HttpRequest) -> str:
    """The key of the form that was sent: sending it twice writes once."""
    return (request.POST.get("key", "") or uuid4().hex)[:40]


def _asked_day(request: HttpRequest) -> date:
    asked = request.GET.get("day", "")
    if not asked:
        return timezone.localdate()
    try:
        day = date.fromisoformat(asked)
    except ValueError as error:
        raise Http404 from error
    if not 2000 <= day.year <= 2100:
        raise Http404
    return day


def _today_again(request: HttpRequest, site: Site, error: BusinessError) -> HttpResponse:
    """The page with what was typed and what is wrong with it."""
    if is_htmx(request):
        raise error
    facts = day_facts(request, site, timezone.localdate())
    facts |= {
        "refused": str(error),
        "typed_name": request.POST.get("first_name", ""),
        "typed_topic": request.POST.get("topic", ""),
    }
    return render(request, "desk/today.html", facts, status=error.status)


def today_answer(request: HttpRequest, site: Site, said: str, day: date | None = None) -> HttpResponse:
    """After an act: the day as it now is for htmx, else the page again with a word."""
    day = day or timezone.localdate()
    if is_htmx(request):
        response = render(request, "desk/today.html#body", day_facts(request, site, day))
        response["HX-Trigger"] = toast_header(said)
        return response
    messages.success(request, said)
    target = reverse("desk:today")
    return redirect(target if day == timezone.localdate() else f"{target}?day={day.isoformat()}")
