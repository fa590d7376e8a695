"""The news asked for after an exit: who is to be asked, and what was answered."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest
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
from bagage.common.tables import Column, Filter, Rows, Table
from bagage.common.words import before_colon
from bagage.journeys.domain import lifecycle
from bagage.journeys.domain.follow_ups import TRIES
from bagage.journeys.forms.exits import FollowUpForm, TryForm
from bagage.journeys.models import FollowUp, Request
from bagage.journeys.permissions import can_close_journey, can_see_follow_ups
from bagage.journeys.queries import bag_of, exit_words, follow_ups_in
from bagage.journeys.queries.exits import follow_up_words, lowered, still_words
from bagage.journeys.services import answer_follow_up, note_try
from bagage.journeys.views.opening import Opened, opened, show_refusal, status_of
from bagage.people.models import followed_by
from bagage.people.queries import contact_ways_now, whole_person
from bagage.permanences.queries import sites_for

# Whom her places follow is asked row by row: beyond these, "more than" says enough.
COUNTED = 100
TRY_ID = "id_try_%s"  # two forms on one page


@require_safe
def follow_ups(request: HttpRequest) -> HttpResponseBase:
    """The news to ask for, of those whom her places follow; what is due first."""
    user = request.user
    assert isinstance(user, User)
    if not can_see_follow_ups(user):
        raise PermissionDenied
    now, today = timezone.now(), timezone.localdate()
    sites = {str(site.uuid): site for site in sites_for(user, Ability.CLOSE_JOURNEY)}

    def at_site(rows: Rows, value: str) -> Rows:
        return rows.filter(followed_by([sites[value].organisation_id], now, "journey__person"))

    def in_state(rows: Rows, value: str) -> Rows:
        if value == "now":
            return rows.filter(state=lifecycle.DUE, due_on__lte=today)
        if value == "later":
            return rows.filter(state=lifecycle.DUE, due_on__gt=today)
        return rows if value == "all" else rows.filter(state=value)

    rows = follow_ups_in(user.node_ids(Ability.CLOSE_JOURNEY), now).order_by("due_on", "pk")
    if request.GET.get("state", "") in {"", "now", "later"}:
        rows = rows.filter(state=lifecycle.DUE)

    def who(one: FollowUp) -> str:
        return whole_person(one.journey.person).full_name

    def answers(one: FollowUp) -> str:
        return ", ".join(
            f"{before_colon(name)} {answer}" for _icon, name, answer, _css in still_words(one) if answer
        )

    table = Table(
        request,
        rows,
        name="nouvelles",
        title=_("Nouvelles après la sortie"),
        columns=[
            Column(
                "person",
                _("Personne"),
                who,
                sort=("journey__person__chosen_name",),
                url=lambda one: reverse("journeys:follow_up", args=[one.uuid]),
                sub=lambda one: exit_words(one.exit),
            ),
            Column(
                "months",
                _("Après"),
                lambda one: _("%(count)s mois") % {"count": one.months},
                sort=("months",),
            ),
            Column("due", _("À demander le"), lambda one: one.due_on, sort=("due_on",)),
            Column("state", _("Où cela en est"), lambda one: follow_up_words(one, today)),
            Column("tries", _("Essais"), lambda one: one.try_count, sort=("try_count",), css="r hide-phone"),
            Column("answers", _("Réponses"), answers, only="export"),
            Column("site", _("Suivie à"), lambda one: one.journey.node.name, css="hide-phone"),
        ],
        filters=[
            Filter(
                "state",
                _("Où cela en est"),
                _("Tout ce qui est à demander"),
                [
                    ("now", _("À demander maintenant")),
                    ("later", _("Plus tard")),
                    (lifecycle.ANSWERED, _("Répondu")),
                    (lifecycle.NOT_REACHED, _("Pas de réponse")),
                    (lifecycle.CALLED_OFF, _("Sans objet")),
                    ("all", _("Tout, avec ce qui est fait")),
                ],
                in_state,
            ),
            Filter(
                "site",
                _("Permanence"),
                _("Toutes les permanences"),
                [(uuid, site.organisation.name) for uuid, site in sites.items()],
                at_site,
            ),
        ],
        search=lambda rows, text: rows.filter(
            Q(journey__person__chosen_name__icontains=text) | Q(journey__person__family_name__icontains=text)
        ),
        search_hint=_("Un nom"),
        counted=COUNTED,
        nouns=lambda n: ngettext("%(count)s nouvelle à prendre", "%(count)s nouvelles à prendre", n),
        empty_icon="luggage",
        empty_title=_("Personne à rappeler."),
        empty_text=_("Quand une sortie est notée, les dates où l’on demande des nouvelles viennent ici."),
    )
    if table.export:
        return table.response()
    return render(request, "journeys/follow_ups.html", {"table": table})


def _found(request: HttpRequest, uuid: UUID) -> tuple[FollowUp, Opened]:
    found = (
        FollowUp.objects.select_related("exit", "journey__node", "journey__person__merged_into")
        .prefetch_related("tries")
        .filter(uuid=uuid)
        .first()
    )
    if found is None:
        raise Http404
    return found, opened(request, found.journey.person, can_close_journey)


def _page(
    request: HttpRequest, found: FollowUp, her: Opened, form: FollowUpForm, try_form: TryForm
) -> HttpResponseBase:
    return render(
        request,
        "journeys/follow_up.html",
        {
            "person": her.person,
            "follow_up": found,
            "words": follow_up_words(found, her.today),
            "exit_words": exit_words(found.exit),
            "baggage": bag_of(found.exit),
            "answers": still_words(found) if found.state == lifecycle.ANSWERED else [],
            "tries": sorted(found.tries.all(), key=lambda one: (one.at, one.pk)),
            "try_limit": TRIES,
            "who": lowered(str(found.get_who_display())),
            "may_answer": lifecycle.can_follow_up_go(found.state, lifecycle.ANSWERED),
            "may_try": found.state == lifecycle.DUE,
            "is_early": found.due_on > her.today,
            "ways": contact_ways_now(her.person),
            "form": form,
            "try_form": try_form,
        },
        status=max(status_of(form), status_of(try_form)),
    )


def _met(her: Opened) -> list[Request]:
    met = Request.objects.filter(journey__person_id__in=her.files, state=Request.State.MET)
    return list(met.order_by("changed_on", "pk"))


@require_http_methods(["GET", "HEAD", "POST"])
def follow_up(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Is it all still there? One answer a pocket."""
    found, her = _found(request, uuid)
    form = FollowUpForm(request.POST or None, met=_met(her))
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            answer_follow_up(
                found,
                who=data["who"],
                device=data["device"],
                connection=data["connection"],
                skills=data["skills"],
                no_more=form.named,
                words=data["words"],
                by=her.user,
            )
        except BusinessError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("C’est noté, et le bagage suit ce qui a été dit."))
            return redirect("journeys:follow_up", found.uuid)
    return _page(request, found, her, form, TryForm(auto_id=TRY_ID))


@require_POST
def follow_up_try(request: HttpRequest, uuid: UUID) -> HttpResponseBase:
    """Nobody answered."""
    found, her = _found(request, uuid)
    form = TryForm(request.POST, auto_id=TRY_ID)
    if form.is_valid():
        try:
            done = note_try(
                found, words=form.cleaned_data["words"], key=form.cleaned_data["key"], by=her.user
            )
        except BusinessError as error:
            show_refusal(form, error)
        else:
            messages.success(
                request,
                _("C’est noté. Après %(count)s essais, on cesse de chercher.") % {"count": TRIES}
                if done.state == lifecycle.NOT_REACHED
                else _("C’est noté. Il reste sur la liste, pour un autre jour."),
            )
            return redirect("journeys:follow_up", found.uuid)
    return _page(request, found, her, FollowUpForm(met=_met(her)), form)
