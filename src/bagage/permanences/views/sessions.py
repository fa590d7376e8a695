"""Sessions: which come, who is in them, who waits; planning, calling off; a seat given and given back."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.common.errors import BusinessError
from bagage.common.ratelimit import limit
from bagage.common.tables import Column, Filter, Table
from bagage.common.words import day, hour
from bagage.people.models import Person, is_visible_to
from bagage.people.permissions import can_look_up, name_for
from bagage.people.queries import LookUp, look_up, whole_person
from bagage.people.services import note_look_up
from bagage.permanences.domain.lifecycle import REOPEN_WINDOW
from bagage.permanences.forms.sessions import CancelForm, SessionForm
from bagage.permanences.models import Level, Room, Session, SessionBooking, Site
from bagage.permanences.permissions import can_book_seat, can_lead_session, can_plan_sessions
from bagage.permanences.queries import current_site, leaders_at, sites_for
from bagage.permanences.queries.sessions import (
    bookings_in,
    seats_in_words,
    session_warnings,
    telling_in_words,
    wall_names,
)
from bagage.permanences.services import (
    book_seat,
    cancel_session,
    change_session,
    leave_session,
    note_seat_excused,
    plan_session,
)
from bagage.permanences.words import item_title
from bagage.skills.models import Item

# As in the look-up of persons: the two count together.
RATE_LOOK_UP = "30/m/user,300/h/user"


# ---------- the list ----------
@require_safe
def session_list(request: HttpRequest) -> HttpResponseBase:
    """Sessions to come (or past ones), of every site where one welcomes; no person is named."""
    user = the_user(request)
    nodes = user.node_ids(Ability.WELCOME)
    if not nodes:
        raise PermissionDenied
    now = timezone.now()
    is_past = request.GET.get("when") == "past"
    rows = Session.objects.at_nodes(nodes).shown()
    rows = (
        rows.filter(Q(starts_at__lte=now) | ~Q(state="planned"))
        if is_past
        else rows.filter(starts_at__gt=now, state="planned")
    )
    sites = sites_for(user, Ability.WELCOME)
    wanted = _person_asked_for(request, user)
    table = Table(
        request,
        rows,
        name="sessions",
        title=gettext("Séances"),
        columns=_columns(is_past=is_past, wanted=wanted, has_sites=len(sites) > 1),
        filters=_filters(sites, nodes, is_past=is_past),
        search=lambda found, text: found.filter(
            Q(topic__icontains=text) | Q(language__icontains=text) | Q(leader__first_name__icontains=text)
        ),
        search_hint=_("Sujet, langue, qui anime"),
        default_sort="-when" if is_past else "when",
        nouns=lambda n: ngettext("%(count)s séance", "%(count)s séances", n),
        empty_icon="graduation-cap",
        empty_title=_("Aucune séance passée.") if is_past else _("Aucune séance n’est prévue."),
        empty_text="" if is_past else _("Une séance se prévoit à partir de ce que les personnes demandent."),
    )
    if table.export:
        return table.response()
    return render(
        request,
        "permanences/session_list.html",
        {
            "table": table,
            "is_past": is_past,
            "wanted": wanted,
            "wanted_name": name_for(user, wanted) if wanted else "",
            "may_plan": any(can_plan_sessions(user, site) for site in sites),
        },
    )


def _columns(*, is_past: bool, wanted: Person | None, has_sites: bool) -> list[Column]:
    query = f"?for={wanted.uuid}" if wanted is not None else ""

    def address(session: Session) -> str:
        return reverse("permanences:session", args=[session.uuid]) + query

    columns = [
        Column("topic", _("Sujet"), lambda s: s.topic, sort=("topic",), url=address),
        Column(
            "when",
            _("Quand"),
            lambda s: timezone.localtime(s.starts_at),
            sort=("starts_at",),
            html=_when_html,
        ),
        Column("until", _("Jusqu’à"), lambda s: hour(s.ends_at), only="export"),
    ]
    if has_sites:
        columns.append(
            Column("site", _("Permanence"), lambda s: str(s.site), sort=("site__organisation__name",))
        )
    columns += [
        Column("room", _("Salle"), lambda s: s.room.name if s.room else "", css="md"),
        Column("level", _("Pour qui"), lambda s: str(Level(s.level).label), css="md"),
        Column("language", _("Langue"), lambda s: s.language, sort=("language",)),
        Column(
            "leader",
            _("Anime"),
            lambda s: s.leader.full_name if s.leader else "",
            html=lambda s: s.leader.full_name if s.leader else gettext("personne encore"),
            css="md",
        ),
    ]
    if is_past:
        columns += [
            Column("state", _("État"), lambda s: s.get_state_display(), html=_past_state),
            Column("present", _("Présents"), lambda s: s.present_count, css="r"),
        ]
    else:
        columns.append(Column("places", _("Places"), seats_in_words, only="screen"))
    columns += [
        Column("seats", _("Places en tout"), lambda s: s.seats, only="export"),
        Column("taken", _("Places prises"), lambda s: s.taken_count, only="export"),
        Column("waiting", _("En attente"), lambda s: s.waiting_count, only="export"),
    ]
    return columns


def _when_html(session: Session) -> str:
    return gettext("%(day)s, %(begins)s à %(ends)s") % {
        "day": day(session.starts_at),
        "begins": hour(session.starts_at),
        "ends": hour(session.ends_at),
    }


def _past_state(session: Session) -> str:
    if session.state == "planned":
        return gettext("à fermer")
    return str(session.get_state_display())


def _filters(sites: list[Site], nodes: Iterable[int], *, is_past: bool) -> list[Filter]:
    def languages() -> list[tuple[str, str]]:
        found = Session.objects.at_nodes(nodes).exclude(language="").order_by("language")
        return [(name, name) for name in found.values_list("language", flat=True).distinct()[:40]]

    def with_item(rows: QuerySet[Any], code: str) -> QuerySet[Any]:
        return rows.filter(
            Exists(Session.items.through.objects.filter(session=OuterRef("pk"), item__code=code))
        )

    filters = []
    if len(sites) > 1:
        filters.append(
            Filter(
                "site",
                _("Permanence"),
                _("Toutes les permanences"),
                [(str(site.uuid), str(site)) for site in sites],
                lambda rows, value: rows.filter(site__uuid=value),
            )
        )
    filters += [
        Filter(
            "item",
            _("On y observe"),
            _("Tous les savoir-faire"),
            lambda: [(item.code, item_title(item)) for item in Item.objects.filter(is_current=True)],
            with_item,
        ),
        Filter(
            "level",
            _("Pour qui"),
            _("Tous les niveaux"),
            [(value, label) for value, label in Level.choices if value],
            lambda rows, value: rows.filter(level__in=["", value]),
        ),
        Filter(
            "language",
            _("Langue"),
            _("Toutes les langues"),
            languages,
            lambda rows, value: rows.filter(language=value),
        ),
    ]
    if not is_past:
        filters.append(
            Filter(
                "free",
                _("Places"),
                _("Avec ou sans place"),
                [("yes", _("avec une place libre"))],
                lambda rows, value: rows.annotate(
                    room_seats=Case(
                        When(needs_computer=True, then=F("room__computers")), default=F("room__seats")
                    )
                ).filter(taken_count__lt=F("room_seats")),
            )
        )
    return filters


# ---------- one session ----------
@require_safe
def session(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Who is in it, who waits and in which place, who gave a seat back."""
    user = the_user(request)
    found = session_in_scope(user, uuid)
    return _session_page(request, user, found)


def _session_page(
    request: HttpRequest,
    user: User,
    found: Session,
    *,
    looked_up: LookUp | None = None,
    refusal: str = "",
    status: int = 200,
) -> HttpResponse:
    now = timezone.now()
    bookings = bookings_in(found)
    names = wall_names(bookings)
    openable = set(
        Person.objects.visible_to(user, now)
        .filter(pk__in=[one.person_id for one in bookings if one.person_id])
        .values_list("pk", flat=True)
    )
    lines = [
        {
            "booking": one,
            "name": names[one.pk],
            "url": _file_of(one.person) if one.person_id in openable and one.person else "",
        }
        for one in bookings
    ]

    def of(*states: str) -> list[dict[str, Any]]:
        return [line for line in lines if line["booking"].state in states]  # type: ignore[attr-defined]

    seated = sorted(of("booked", "present", "absent"), key=lambda line: str(line["name"]).casefold())
    waiting = of("waiting")
    is_to_come = found.is_planned and found.starts_at > now
    may_book = can_book_seat(user, found.site) and is_to_come
    wanted = _person_asked_for(request, user) if may_book else None
    return render(
        request,
        "permanences/session.html",
        {
            "found": found,
            "items": [item_title(item) for item in found.items.all()],
            "level": Level(found.level).label,
            "seats_words": seats_in_words(found),
            "warnings": session_warnings(found) if is_to_come else [],
            "seated": seated,
            "waiting": waiting,
            "gone": of("excused", "left", "called_off"),
            "is_to_come": is_to_come,
            "is_today": timezone.localdate(found.starts_at) == timezone.localdate(now),
            "may_mark": can_lead_session(user, found)
            and found.state != "cancelled"
            and timezone.localdate(found.starts_at) <= timezone.localdate(now),
            "may_lead": can_lead_session(user, found),
            "may_plan": can_plan_sessions(user, found.site),
            "may_give_back": can_book_seat(user, found.site) and found.is_planned,
            "may_book": may_book,
            "may_reopen": can_lead_session(user, found)
            and found.closed_at is not None
            and now - found.closed_at <= REOPEN_WINDOW,
            "may_look_up": can_look_up(user),
            "wanted": wanted,
            "hits": looked_up.hits if looked_up else [],
            "was_asked": looked_up is not None,
            "key": uuid4().hex,
            "refusal": refusal,
        },
        status=status,
    )


@require_POST
def session_book(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A seat for a person, or the end of the line; without one yet, who it may be (``q`` is never in an address)."""
    user = the_user(request)
    found = session_in_scope(user, uuid)
    if not can_book_seat(user, found.site):
        raise PermissionDenied
    asked = " ".join(request.POST.get("q", "").split())[:200]
    if "person" not in request.POST:
        if not asked:
            messages.info(request, gettext("Écrivez un nom, un code ou un téléphone."))
            return redirect("permanences:session", uuid=found.uuid)
        return _session_page(request, user, found, looked_up=looked_up_here(request, user, found.site, asked))
    person = person_in_scope(user, request.POST["person"])
    try:
        booking = book_seat(found, person, key=request.POST.get("key", "")[:64] or uuid4().hex, by=user)
    except BusinessError as error:
        return _session_page(request, user, found, refusal=str(error), status=error.status)
    messages.success(request, _booked_words(booking))
    return redirect("permanences:session", uuid=found.uuid)


def _booked_words(booking: SessionBooking) -> str:
    assert booking.person is not None
    name = booking.person.chosen_name
    if booking.state != "waiting":
        return gettext("%(name)s a une place.") % {"name": name}
    ahead = SessionBooking.objects.filter(
        session=booking.session_id, state="waiting", booked_at__lt=booking.booked_at
    ).count()
    if not ahead:
        return gettext("C’est complet : %(name)s attend, en tête de liste.") % {"name": name}
    return ngettext(
        "C’est complet : %(name)s attend, %(count)s personne est devant.",
        "C’est complet : %(name)s attend, %(count)s personnes sont devant.",
        ahead,
    ) % {"name": name, "count": ahead}


@require_POST
def session_seat_leave(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A seat is given back, or the line is left; says who has the seat now."""
    return _give_back(request, uuid, is_excused=False)


@require_POST
def session_seat_excuse(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """She let us know that she cannot come."""
    return _give_back(request, uuid, is_excused=True)


def _give_back(request: HttpRequest, uuid: UUID, *, is_excused: bool) -> HttpResponse:
    user = the_user(request)
    booking = booking_in_scope(user, uuid)
    found = booking.session
    if not can_book_seat(user, found.site):
        raise PermissionDenied
    waiting = set(found.bookings.filter(state="waiting").values_list("pk", flat=True))
    try:
        if is_excused:
            note_seat_excused(booking, by=user)
        else:
            leave_session(booking, by=user)
    except BusinessError as error:
        found = session_in_scope(user, found.uuid)
        return _session_page(request, user, found, refusal=str(error), status=error.status)
    said = gettext("C’est noté.")
    called = found.bookings.filter(pk__in=waiting, state="booked").select_related("person").first()
    if called is not None:
        said += " " + gettext("La place va à %(name)s : un message est à lui dire.") % {
            "name": called.short_name
        }
    messages.success(request, said)
    return redirect("permanences:session", uuid=found.uuid)


# ---------- planning ----------
@require_http_methods(["GET", "HEAD", "POST"])
def session_new(request: HttpRequest) -> HttpResponse:
    """Plan a session; ``?like=`` takes another as a model, a week later."""
    user = the_user(request)
    sites = sites_for(user, Ability.PLAN_SESSIONS)
    if not sites:
        raise PermissionDenied
    here = current_site(request)
    sites.sort(key=lambda site: here is None or site.pk != here.pk)
    like = _model(user, request.GET.get("like", ""))
    form = _session_form(request, sites, like=like, is_copy=True)
    if request.method == "POST" and form.is_valid():
        try:
            planned = plan_session(
                site=form.chosen_room.site,
                key=form.cleaned_data["key"],
                by=user,
                **form.session_fields(),
            )
        except BusinessError as error:
            _show(form, error)
        else:
            messages.success(request, gettext("La séance est prévue %(moment)s.") % {"moment": planned.when})
            return redirect("permanences:session", uuid=planned.uuid)
    return render(
        request,
        "permanences/session_form.html",
        {"form": form, "found": None, "has_rooms": bool(form.fields["room"].choices), "sites": sites},  # type: ignore[attr-defined]
        status=_status(form),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def session_change(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Change a session; says first how many persons will be told of another hour or room."""
    user = the_user(request)
    found = _session_to_plan(user, uuid)
    form = _session_form(request, [found.site], like=found, is_copy=False)
    if request.method == "POST" and form.is_valid():
        try:
            change_session(found, by=user, **form.session_fields())
        except BusinessError as error:
            _show(form, error)
        else:
            messages.success(request, gettext("C’est changé."))
            return redirect("permanences:session", uuid=found.uuid)
    return render(
        request,
        "permanences/session_form.html",
        {
            "form": form,
            "found": found,
            "has_rooms": True,
            "sites": [found.site],
            "told": telling_in_words(_in_or_in_line(found)),
        },
        status=_status(form),
    )


@require_http_methods(["GET", "HEAD", "POST"])
def session_cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Call a session off; says first who is told and how."""
    user = the_user(request)
    found = _session_to_plan(user, uuid)
    form = CancelForm(request.POST if request.method == "POST" else None, auto_id="id_%s")
    if request.method == "POST" and form.is_valid():
        try:
            cancel_session(found, reason=form.cleaned_data["reason"], by=user)
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(
                request, gettext("La séance est annulée. Les messages sont dans la liste à dire.")
            )
            return redirect("permanences:session", uuid=found.uuid)
    persons = _in_or_in_line(found)
    return render(
        request,
        "permanences/session_cancel.html",
        {"form": form, "found": found, "count": len(persons), "told": telling_in_words(persons)},
        status=_status(form),
    )


def _in_or_in_line(found: Session) -> list[Person]:
    return [
        one.person
        for one in bookings_in(found)
        if one.state in {"booked", "waiting"} and one.person is not None
    ]


def _session_form(
    request: HttpRequest, sites: list[Site], *, like: Session | None, is_copy: bool
) -> SessionForm:
    order = {site.pk: number for number, site in enumerate(sites)}
    rooms = list(Room.objects.filter(site__in=sites).select_related("site__organisation").order_by("name"))
    rooms.sort(key=lambda room: order[room.site_id])
    if like is not None and is_copy:
        like.starts_at += timedelta(days=7)
        like.ends_at += timedelta(days=7)
    return SessionForm(
        request.POST if request.method == "POST" else None,
        rooms=rooms,
        leaders=leaders_at(*sites),
        items=list(Item.objects.filter(is_current=True)),
        like=like,
        today=timezone.localdate(),
    )


def _model(user: User, uuid: str) -> Session | None:
    """The session to take as a model, if it is one of hers to see."""
    try:
        wanted = UUID(uuid)
    except ValueError:
        return None
    return Session.objects.shown().at_nodes(user.node_ids(Ability.WELCOME)).filter(uuid=wanted).first()


def _session_to_plan(user: User, uuid: UUID) -> Session:
    """A session that this user may change: 404 out of her scope, 403 when her role does not plan."""
    found = session_in_scope(user, uuid)
    if not can_plan_sessions(user, found.site):
        raise PermissionDenied
    return found


# ---------- what the views of sessions share ----------
def the_user(request: HttpRequest) -> User:
    """Who is signed in."""
    assert isinstance(request.user, User)
    return request.user


def session_in_scope(user: User, uuid: UUID) -> Session:
    """A session of a site where one welcomes, or that one leads: 404 otherwise, 403 for who welcomes nowhere."""
    nodes = user.node_ids(Ability.WELCOME)
    if not nodes and not user.can(Ability.LEAD_SESSION):
        raise PermissionDenied
    return get_object_or_404(
        Session.objects.shown().filter(Q(site__organisation__in=nodes) | Q(leader=user)), uuid=uuid
    )


def booking_in_scope(user: User, uuid: UUID) -> SessionBooking:
    """A place in a session that this user may see."""
    if not user.can(Ability.WELCOME) and not user.can(Ability.LEAD_SESSION):
        raise PermissionDenied
    booking = get_object_or_404(SessionBooking.objects.select_related("person"), uuid=uuid)
    booking.session = session_in_scope(
        user, Session.objects.values_list("uuid", flat=True).get(pk=booking.session_id)
    )
    return booking


def person_in_scope(user: User, uuid: str) -> Person:
    """The kept file of that id, if this user may open it; 404 otherwise."""
    try:
        wanted = UUID(uuid)
    except ValueError as error:
        raise Http404 from error
    person = whole_person(
        get_object_or_404(Person.objects.select_related("merged_into").filter(erased_at=None), uuid=wanted)
    )
    if not is_visible_to(user, person.pk):
        raise Http404
    return person


def looked_up_here(request: HttpRequest, user: User, site: Site, asked: str) -> LookUp:
    """Who it may be among the files in scope: counted and noted as any look-up."""
    if not can_look_up(user):
        raise PermissionDenied
    limit(request, "look_up", RATE_LOOK_UP)
    found = look_up(asked, user=user, limit=6, is_typing=True)
    if not found.understood.is_empty:
        note_look_up(user, node=site.organisation)
    return found


def _person_asked_for(request: HttpRequest, user: User) -> Person | None:
    """The person for whom a session is sought (``?for=``), if this user may see her."""
    try:
        return person_in_scope(user, request.GET.get("for", ""))
    except Http404:
        return None


def _file_of(person: Person) -> str:
    """The address of her file; ``""`` when this installation has no such page."""
    try:
        return reverse("desk:person", args=[person.uuid])
    except NoReverseMatch:
        return ""


def _show(form: forms.Form, error: BusinessError) -> None:
    form.add_error(error.field if error.field in form.fields else None, str(error))


def _status(form: forms.Form) -> int:
    return 422 if form.is_bound and form.errors else 200
