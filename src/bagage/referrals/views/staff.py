"""Referrals as the permanence answers them."""

from __future__ import annotations

import uuid as uuids
from datetime import UTC, date, datetime, timedelta

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from bagage.accounts.models import User
from bagage.common import words as plain
from bagage.common.errors import BusinessError
from bagage.common.row_security import wide
from bagage.common.tables import Column, Filter, Table
from bagage.people.models import Person
from bagage.people.queries import Hit, LookUp, look_up
from bagage.people.services import note_look_up
from bagage.permanences.models import OpeningBlock
from bagage.permanences.queries import free_slots
from bagage.referrals import queries, services, words
from bagage.referrals.domain.lifecycle import HELPED, LATE_AFTER, may_go
from bagage.referrals.forms.referrals import (
    OBSTACLES,
    AcceptForm,
    AnswerForm,
    DeclineForm,
    LeftWithForm,
    QuestionForm,
)
from bagage.referrals.models import WAITING_STATES, Referral, ReferralState
from bagage.referrals.permissions import can_answer_referral, can_answer_referrals, can_send_onwards
from bagage.referrals.views.refer import matching
from bagage.referrals.views.search import kept_search

SLOTS_SHOWN = 40
SLOTS_WITHIN = timedelta(days=14)
STATES = [
    ("waiting", gettext_lazy("À répondre")),
    ("late", gettext_lazy("Plus de 2 jours")),
    *[(state.value, state.label) for state in ReferralState],
]


def _answerer(request: HttpRequest) -> User:
    """Whoever answers referrals somewhere; 403 otherwise."""
    assert isinstance(request.user, User)
    if not can_answer_referrals(request.user):
        raise PermissionDenied
    return request.user


def _in_scope(request: HttpRequest, uuid: uuids.UUID) -> tuple[User, Referral]:
    """A referral sent to a permanence of hers; 404 for any other."""
    user = _answerer(request)
    referral = queries.referral_to_answer(user, uuid)
    if referral is None:
        raise Http404
    if not can_answer_referral(user, referral):
        raise PermissionDenied
    return user, referral


# ---------- the list ----------
@require_http_methods(["GET", "HEAD", "POST"])
def inbox(request: HttpRequest) -> HttpResponseBase:
    """What was sent to one's permanences: to answer, the oldest on top; below, those answered, the newest on top."""
    user = _answerer(request)
    search = kept_search(request, "inbox")
    if search.is_new:
        return redirect("referrals:inbox")
    now = timezone.now()
    waiting = Q(state__in=WAITING_STATES, answered_at=None)
    rows = queries.with_questions(Referral.objects.to_answer_by(user), from_referrer=True).select_related(
        "site__organisation", "organisation", "appointment__adviser"
    )
    if search.text:
        rows = rows.filter(matching(search.text))
    sites = {str(one.uuid): one for one in queries.sites_to_answer(user)}

    def in_state(rows, value):  # type: ignore[no-untyped-def]
        if value == "waiting":
            return rows.filter(waiting)
        if value == "late":
            return rows.filter(waiting, sent_at__lt=now - LATE_AFTER)
        return rows.filter(state=value)

    columns = [
        Column(
            "name",
            gettext_lazy("Personne"),
            lambda referral: referral.short_name,
            sort=("chosen_name", "family_name"),
            url=lambda referral: reverse("referrals:detail", kwargs={"uuid": referral.uuid}),
            sub=lambda referral: words.capital(words.needs_words(referral.needs)),
        ),
        Column(
            "organisation",
            gettext_lazy("Orientée par"),
            lambda referral: referral.referrer_name,
            sort=("organisation__name",),
            sub=lambda referral: referral.organisation.name,
        ),
        Column(
            "sent",
            gettext_lazy("Envoyée"),
            lambda referral: referral.sent_at,
            sort=("sent_at",),
            html=lambda referral: words.sent_mark(referral, now),
        ),
        Column(
            "state",
            gettext_lazy("État"),
            lambda referral: referral.get_state_display(),
            sort=("state",),
            html=lambda referral: words.state_mark(referral, now, asks=_("Question")),
        ),
        Column(
            "site", gettext_lazy("Permanence"), lambda referral: words.site_name(referral.site), only="export"
        ),
    ]
    filters = [Filter("state", gettext_lazy("État"), gettext_lazy("Tous les états"), STATES, in_state)]
    if len(sites) > 1:
        columns[-1] = Column(
            "site", gettext_lazy("Permanence"), lambda referral: words.site_name(referral.site)
        )
        filters.append(
            Filter(
                "site",
                gettext_lazy("Permanence"),
                gettext_lazy("Toutes les permanences"),
                [(uuid, words.site_name(site)) for uuid, site in sites.items()],
                lambda rows, value: rows.filter(site=sites[value]),
            )
        )
    table = Table(
        request,
        rows,
        name="orientations",
        title=_("Orientations"),
        columns=columns,
        filters=filters,
        # Those to answer, the one that waits longest first; then those answered, the newest first.
        parts=[
            lambda rows: rows.filter(waiting).order_by("sent_at", "-pk"),
            lambda rows: rows.exclude(waiting).order_by("-sent_at", "-pk"),
        ],
        nouns=lambda count: ngettext("%(count)s orientation", "%(count)s orientations", count),
        empty_icon="inbox",
        empty_title=gettext_lazy("Personne n’a encore été orienté ici."),
        empty_text=gettext_lazy(
            "Les organisations qui orientent ont un compte, ou le lien que leur donne le développement local."
        ),
    )
    if table.export:
        return table.response()
    counts = Referral.objects.to_answer_by(user)
    with wide("numbers"):
        waiting_count, late_count = counts.waiting().count(), counts.late(now).count()
    context = {
        "table": table,
        "search": search,
        "waiting": waiting_count,
        "late": late_count,
        "sends_on": can_send_onwards(user),
    }
    return render(request, "referrals/inbox.html", context)


# ---------- one referral ----------
@require_http_methods(["GET", "HEAD"])
def detail(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """One referral; opened for the first time by the permanence, it is received, and whoever sent it is told."""
    user, referral = _in_scope(request, uuid)
    if request.method == "GET" and referral.state == ReferralState.SENT:
        services.receive_referral(referral, by=user)
        referral = _in_scope(request, uuid)[1]
    return _detail(request, user, referral)


def _detail(
    request: HttpRequest,
    user: User,
    referral: Referral,
    *,
    accept_form: AcceptForm | None = None,
    decline_form: DeclineForm | None = None,
    question_form: QuestionForm | None = None,
    reply_form: AnswerForm | None = None,
    left_form: LeftWithForm | None = None,
) -> HttpResponse:
    now = timezone.now()
    seen = queries.followed(referral, now)
    theirs = queries.open_question(seen.exchanges, from_referrer=True)
    takes_answer = referral.person is None and not referral.is_closed
    takes_slot = (
        not referral.is_closed and seen.next_appointment is None and may_go(referral.state, "appointment")
    )
    found = _who_may_it_be(user, referral, now) if takes_answer else None
    if (takes_answer or takes_slot) and accept_form is None:
        accept_form = _accept_form(referral, found, now)
    if theirs and reply_form is None:
        reply_form = AnswerForm(initial={"key": str(uuids.uuid4())}, choices=theirs.choice_list)
    forms = {
        "decline_form": decline_form or DeclineForm(),
        "question_form": question_form or QuestionForm(initial={"key": str(uuids.uuid4())}),
        "left_form": left_form or LeftWithForm(),
        "accept_form": accept_form,
        "reply_form": reply_form,
    }
    failed = any(form is not None and form.errors for form in forms.values())
    context = {
        **forms,
        "referral": referral,
        "seen": seen,
        "theirs": theirs,
        "found": found,
        "proposals": _proposals(accept_form, found) if takes_answer and accept_form else [],
        "takes_answer": takes_answer,
        "takes_slot": takes_slot,
        "may_decline": may_go(referral.state, "declined") and referral.person is None,
        "may_leave": referral.state in HELPED and referral.state != "left_with",
        "is_late": referral.is_late(now),
        "headline": words.headline(referral, now),
        "detail": words.staff_detail(referral, seen.step_words, now),
        "needs": words.capital(words.needs_words(referral.needs)),
        "way": words.way_words(referral),
        "reach": referral.get_reach_display(),
        "obstacles": _obstacles(referral),
    }
    return render(request, "referrals/detail.html", context, status=422 if failed else 200)


def _obstacles(referral: Referral) -> str:
    """ "Pas de compte, pas de boîte mail"; empty when nothing is ticked."""
    ticked = [str(label) for value, label in OBSTACLES if value in referral.obstacle_list]
    return words.capital(", ".join(f"{one[:1].lower()}{one[1:]}" for one in ticked))


def _who_may_it_be(user: User, referral: Referral, now: datetime) -> LookUp:
    """The files that may be hers, with the reasons; of other sites only that one may exist."""
    asked = f"{referral.chosen_name} {referral.family_name} {referral.phone}".strip()
    found = look_up(asked, user=user, now=now, limit=4)
    note_look_up(
        user, node=referral.site.organisation, told=[other.person_uuid for other in found.elsewhere], at=now
    )
    return found


def _hits(found: LookUp | None) -> list[Hit]:
    return list(found.hits) if found else []


def _accept_form(referral: Referral, found: LookUp | None, now: datetime, data: object = None) -> AcceptForm:
    """The form that accepts: the files proposed, the first free slots; on a file that is known, the slots alone."""
    persons = {str(hit.person.uuid): hit.person.full_name for hit in _hits(found)}
    persons["new"] = _("Un nouveau dossier")
    slots: dict[str, dict[str, str]] = {}
    days: dict[date, str] = {}
    for slot in free_slots(referral.site, start=now, end=now + SLOTS_WITHIN, now=now, limit=SLOTS_SHOWN):
        on = timezone.localdate(slot.starts_at)
        if on not in days:
            days[on] = words.capital(plain.day(on))
        day = slots.setdefault(days[on], {})
        day[f"{slot.block.uuid}|{int(slot.starts_at.timestamp())}"] = _("%(hour)s, %(adviser)s") % {
            "hour": plain.hour(slot.starts_at),
            "adviser": slot.adviser.first_name,
        }
    initial = {"slot": "", "person": "new" if len(persons) == 1 else ""}
    return AcceptForm(
        data,
        persons=persons,
        slots=slots,
        with_person=referral.person is None,
        initial=initial,
    )


def _proposals(form: AcceptForm, found: LookUp | None) -> list[tuple[object, Hit | None]]:
    """Each choice of the form beside the file that it stands for, so that its reasons are shown."""
    by_uuid = {str(hit.person.uuid): hit for hit in _hits(found)}
    return [(choice, by_uuid.get(str(choice.data["value"]))) for choice in form["person"]]


@require_http_methods(["GET", "HEAD", "POST"])
def accept(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """She is expected: as someone known or new, with an appointment or without; or, known already, with one."""
    user, referral = _in_scope(request, uuid)
    back = redirect("referrals:detail", uuid=referral.uuid)
    if request.method != "POST":
        return back
    now = timezone.now()
    found = _who_may_it_be(user, referral, now) if referral.person is None else None
    form = _accept_form(referral, found, now, request.POST)
    if form.is_valid():
        chosen = str(form.cleaned_data.get("person", ""))
        person = (
            Person.objects.visible_to(user).filter(uuid=chosen).first() if chosen not in {"", "new"} else None
        )
        if chosen not in {"", "new"} and person is None:
            raise Http404
        block, starts_at = _slot(form.cleaned_data["slot"])
        try:
            if referral.person is not None and block is not None and starts_at is not None:
                services.give_referral_appointment(referral, block=block, starts_at=starts_at, by=user)
            else:
                services.welcome_referral(referral, person=person, block=block, starts_at=starts_at, by=user)
        except BusinessError as error:
            form.add_error("slot" if error.status == 409 else None, str(error))
        else:
            if starts_at:
                text = _("Rendez-vous %(day)s. Qui oriente est prévenu.") % {
                    "day": words.day_and_hour(starts_at)
                }
            else:
                text = _("Elle est attendue. Qui oriente est prévenu.")
            messages.success(request, text)
            return back
    return _detail(request, user, referral, accept_form=form)


def _slot(value: str) -> tuple[OpeningBlock | None, datetime | None]:
    """The block and the moment of a slot that the form proposed."""
    if not value:
        return None, None
    uuid, _bar, moment = value.partition("|")
    return OpeningBlock.objects.get(uuid=uuid), datetime.fromtimestamp(int(moment), UTC)


@require_http_methods(["GET", "HEAD", "POST"])
def decline(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """It cannot be answered here; the reason is told."""
    user, referral = _in_scope(request, uuid)
    if request.method != "POST":
        return redirect("referrals:detail", uuid=referral.uuid)
    form = DeclineForm(request.POST)
    if form.is_valid():
        try:
            services.decline_referral(referral, reason=form.cleaned_data["whole"], by=user)
        except BusinessError as error:
            form.add_error(error.field or None, str(error))
        else:
            messages.success(request, _("Refusée. La raison est envoyée à qui oriente."))
            return redirect("referrals:detail", uuid=referral.uuid)
    return _detail(request, user, referral, decline_form=form)


def _author(user: User, referral: Referral) -> str:
    return f"{user.first_name}, {words.short_site(referral.site)}"


@require_http_methods(["GET", "HEAD", "POST"])
def question(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """Ask whoever referred something, with answers to choose from."""
    user, referral = _in_scope(request, uuid)
    if request.method != "POST":
        return redirect("referrals:detail", uuid=referral.uuid)
    form = QuestionForm(request.POST)
    if form.is_valid():
        try:
            services.ask(
                referral,
                form.cleaned_data["text"],
                choices=form.cleaned_data["choices"].splitlines(),
                from_referrer=False,
                author=_author(user, referral),
                by=user,
                key=form.cleaned_data["key"],
            )
        except BusinessError as error:
            form.add_error(error.field or None, str(error))
        else:
            messages.success(request, _("La question est partie. La réponse arrive ici."))
            return redirect("referrals:detail", uuid=referral.uuid)
    return _detail(request, user, referral, question_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def reply(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """Answer the question of whoever referred."""
    user, referral = _in_scope(request, uuid)
    back = redirect("referrals:detail", uuid=referral.uuid)
    if request.method != "POST":
        return back
    theirs = queries.open_question(queries.followed(referral, timezone.now()).exchanges, from_referrer=True)
    if theirs is None:
        return back
    form = AnswerForm(request.POST, choices=theirs.choice_list)
    if form.is_valid():
        try:
            services.answer(
                theirs,
                form.cleaned_data["whole"],
                author=_author(user, referral),
                by=user,
                key=form.cleaned_data["key"],
            )
        except BusinessError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Votre réponse est partie."))
            return back
    return _detail(request, user, referral, reply_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def left_with(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """Say with what she left."""
    user, referral = _in_scope(request, uuid)
    if request.method != "POST":
        return redirect("referrals:detail", uuid=referral.uuid)
    form = LeftWithForm(request.POST)
    if form.is_valid():
        try:
            services.tell_left_with(referral, form.cleaned_data["words"], by=user)
        except BusinessError as error:
            form.add_error(error.field or None, str(error))
        else:
            messages.success(request, _("C’est noté. Qui oriente est prévenu."))
            return redirect("referrals:detail", uuid=referral.uuid)
    return _detail(request, user, referral, left_form=form)


@require_POST
def new_link(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """Send whoever referred without an account a new link."""
    user, referral = _in_scope(request, uuid)
    services.send_new_link(referral, by=user)
    messages.success(request, _("Un nouveau lien part à l’adresse confirmée. Les autres sont éteints."))
    return redirect("referrals:detail", uuid=referral.uuid)
