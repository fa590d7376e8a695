"""A session for what she asks; what many ask without a session."""

from __future__ import annotations

from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.common.errors import BusinessError
from bagage.common.tables import Column, Filter, Table
from bagage.common.words import is_french
from bagage.journeys.forms.requests import BookForm, TopicForm
from bagage.journeys.models import Pocket, Request, RequestBooking
from bagage.journeys.permissions import can_book_request, can_see_demand
from bagage.journeys.queries.sessions import (
    choices_for,
    links_of,
    others_asking,
    others_words,
    unanswered_demand,
    wishes,
)
from bagage.journeys.services import book_request, set_topic, unbook_request
from bagage.journeys.views.opening import Opened, opened, show_refusal, status_of
from bagage.permanences.models import Session
from bagage.permanences.queries import current_site, sites_for
from bagage.skills.models import Item
from bagage.skills.queries import asked_items


def _found(request: HttpRequest, uuid: UUID) -> tuple[Request, Opened]:
    found = (
        Request.objects.select_related("about", "journey__node", "journey__person__merged_into")
        .filter(uuid=uuid)
        .first()
    )
    if found is None:
        raise Http404
    return found, opened(request, found.journey.person, can_book_request)


def _plan_url(user: User) -> str:
    """Where a session is planned, for who may; ``""`` for others."""
    return reverse("permanences:session_new") if user.can(Ability.PLAN_SESSIONS) else ""


@require_http_methods(["GET", "HEAD", "POST"])
def request_sessions(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The coming sessions that could answer one request; a place is booked from here."""
    asked, her = _found(request, uuid)
    form = BookForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        session = Session.objects.filter(uuid=form.cleaned_data["session"]).first()
        if session is None:
            raise Http404
        try:
            link = book_request(asked, session, key=form.cleaned_data["key"], by=her.user)
        except BusinessError as error:
            show_refusal(form, error)
        else:
            if link.booking.state == "waiting":
                text = _(
                    "La séance est complète : c’est noté sur la liste d’attente."
                    " La première place qui se libère va à qui attend depuis le plus longtemps."
                )
            else:
                text = _("La place est prise pour cette demande.")
            messages.success(request, text)
            return redirect(f"{reverse('desk:person', args=[her.person.uuid])}#h-req")
    nodes = her.user.node_ids(Ability.READ_FILE)
    count = others_asking(asked, nodes)
    return render(
        request,
        "journeys/request_sessions.html",
        {
            "person": her.person,
            "asked": asked,
            "choices": choices_for(asked, files=her.files, near=current_site(request), now=her.now),
            "links": links_of(asked),
            "others": others_words(count),
            "topic_form": TopicForm(
                initial={"about": asked.about.code if asked.about else ""}, items=asked_items()
            ),
            "counts": asked.about is not None or asked.pocket == Pocket.SKILLS,
            "is_wanted": asked.state in {Request.State.OPEN, Request.State.UNDER_WAY},
            "plan_url": _plan_url(her.user),
            "form": form,
            "key": uuid4().hex,
        },
        status=status_of(form),
    )


@require_POST
def request_topic(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What it is about, so that the same thing is found in the words of others."""
    asked, her = _found(request, uuid)
    form = TopicForm(request.POST, items=asked_items())
    if form.is_valid():
        code = form.cleaned_data["about"]
        item = Item.objects.filter(code=code, is_current=True).first() if code else None
        set_topic(asked, item, by=her.user)
        messages.success(request, _("C’est noté. Ses mots restent comme ils ont été dits."))
    else:
        messages.error(request, _("Ce sujet n’existe pas. Choisissez-en un dans la liste."))
    return redirect("journeys:request_sessions", asked.uuid)


@require_POST
def request_unbook(request: HttpRequest, uuid: UUID, link: UUID) -> HttpResponse:
    """That session does not answer it after all; her place is given back when nothing else needs it."""
    asked, her = _found(request, uuid)
    found = RequestBooking.objects.filter(uuid=link, request=asked).first()
    if found is None:
        raise Http404
    try:
        unbook_request(found, by=her.user)
    except BusinessError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("C’est détaché. La demande attend de nouveau une séance."))
    return redirect("journeys:request_sessions", asked.uuid)


@require_safe
def demand(request: HttpRequest) -> HttpResponseBase:
    """What is asked without a session, by how many, since when."""
    user = request.user
    assert isinstance(user, User)
    if not can_see_demand(user):
        raise PermissionDenied
    now = timezone.now()
    sites = {str(site.uuid): site for site in sites_for(user, Ability.PLAN_SESSIONS)}
    chosen = sites.get(request.GET.get("site", ""))
    nodes = [chosen.organisation_id] if chosen else list(user.node_ids(Ability.PLAN_SESSIONS))
    table = Table(
        request,
        unanswered_demand(nodes, now, language=request.GET.get("language", "").strip()[:60]),
        name="demandes",
        title=_("Demandes sans séance"),
        columns=[
            Column(
                "item",
                _("Ce qui est demandé"),
                lambda one: one.title_fr if is_french() else one.title_en,
                sort=("position",),
            ),
            Column("asking", _("Personnes"), lambda one: one.asking, sort=("asking",), css="r"),
            Column("oldest", _("Depuis le"), lambda one: one.oldest, sort=("oldest",)),
            Column("coming", _("Séances prévues"), lambda one: one.coming, sort=("coming",), css="r"),
        ],
        filters=[
            Filter(
                "site",
                _("Permanence"),
                _("Toutes les permanences"),
                [(uuid, site.organisation.name) for uuid, site in sites.items()],
                lambda rows, value: rows,
            ),
            Filter(
                "lack",
                _("Séances"),
                _("Avec ou sans séance prévue"),
                [
                    ("none", _("Aucune séance prévue")),
                    ("full", _("Des séances prévues, mais pas de place prise")),
                ],
                lambda rows, value: rows.filter(coming=0) if value == "none" else rows.filter(coming__gt=0),
            ),
        ],
        search=lambda rows, text: (
            rows.filter(title_fr__icontains=text) | rows.filter(title_en__icontains=text)
        ),
        search_hint=_("Un sujet"),
        nouns=lambda n: ngettext("%(count)s sujet", "%(count)s sujets", n),
        empty_icon="graduation-cap",
        empty_title=_("Aucune demande n’attend une séance."),
        empty_text=_("Ce qui est demandé, sans place encore à une séance, vient ici."),
    )
    if table.export:
        return table.response()
    return render(
        request,
        "journeys/demand.html",
        {
            "table": table,
            "wishes": wishes(nodes),
            "plan_url": _plan_url(user),
        },
    )
