"""All that were sent on from where one works: searched, sorted by what asks for something, exported."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from bagage.accounts.models import User
from bagage.common.codes import read_code
from bagage.common.row_security import wide
from bagage.common.tables import Column, Filter, Table
from bagage.directory.models import Service
from bagage.referrals import onward_words, queries
from bagage.referrals.models import OnwardState
from bagage.referrals.permissions import can_send_onwards
from bagage.referrals.views.search import kept_search
from bagage.referrals.words import capital, site_name

STATES = [
    ("waiting", gettext_lazy("Sans réponse")),
    ("silent", gettext_lazy("À appeler")),
    ("again", gettext_lazy("À chercher ailleurs")),
    *[(state.value, state.label) for state in OnwardState],
]
# Whom her places follow is asked row by row: beyond these, "more than" says enough.
COUNTED = 100


def _sender(request: HttpRequest) -> User:
    """Whoever sends persons on somewhere; 403 otherwise."""
    assert isinstance(request.user, User)
    if not can_send_onwards(request.user):
        raise PermissionDenied
    return request.user


@require_http_methods(["GET", "HEAD", "POST"])
def onward_list(request: HttpRequest) -> HttpResponseBase:
    """Whom one's permanences sent on, and what became of it; the newest first."""
    user = _sender(request)
    search = kept_search(request, "onward")
    if search.is_new:
        return redirect("referrals:onward_list")
    now, days = timezone.now(), queries.silent_days()
    rows = queries.onwards_seen_by(user, now).order_by("-created_at", "-pk")
    if search.text:
        rows = rows.filter(_matching(search.text))
    sites = {str(one.uuid): one for one in queries.sites_that_send(user)}

    def in_state(found: Any, value: str) -> Any:
        special = {
            "waiting": lambda: found.waiting(),
            "silent": lambda: found.to_call(now - timedelta(days=days)),
            "again": lambda: found.to_think_again(),
        }
        return special[value]() if value in special else found.filter(state=value)

    columns = [
        Column(
            "name",
            gettext_lazy("Personne"),
            lambda onward: onward.person.short_name,
            url=lambda onward: reverse("referrals:onward", kwargs={"uuid": onward.uuid}),
            sub=lambda onward: capital(onward_words.need_words(onward.need)),
        ),
        Column(
            "place",
            gettext_lazy("Lieu"),
            lambda onward: onward.structure.name,
            sort=("structure__name",),
            sub=lambda onward: onward.structure.city,
        ),
        Column("sent", gettext_lazy("Orientée"), lambda onward: onward.created_at, sort=("created_at",)),
        Column(
            "state",
            gettext_lazy("État"),
            lambda onward: onward.get_state_display(),
            sort=("state",),
            html=lambda onward: onward_words.state_mark(onward, now, days),
        ),
        Column(
            "need",
            gettext_lazy("Pour quoi"),
            lambda onward: onward.need_label,
            only="export",
        ),
        Column("way", gettext_lazy("Comment"), lambda onward: onward.get_by_way_display(), only="export"),
        Column("arrived", gettext_lazy("Arrivée le"), lambda onward: onward.arrived_on, only="export"),
        Column(
            "site",
            gettext_lazy("Permanence"),
            lambda onward: onward.node.name,
            only="" if len(sites) > 1 else "export",
        ),
    ]
    filters = [
        Filter("state", gettext_lazy("État"), gettext_lazy("Tous les états"), STATES, in_state),
        Filter(
            "need",
            gettext_lazy("Pour quoi"),
            gettext_lazy("Pour tout"),
            list(Service.NeedChoice.choices),
            lambda found, value: found.filter(need=value),
        ),
    ]
    if len(sites) > 1:
        filters.append(
            Filter(
                "site",
                gettext_lazy("Permanence"),
                gettext_lazy("Toutes les permanences"),
                [(uuid, site_name(site)) for uuid, site in sites.items()],
                lambda found, value: found.filter(node=sites[value].organisation_id),
            )
        )
    table = Table(
        request,
        rows,
        name="orientations-ailleurs",
        title=_("Orientations vers d’autres lieux"),
        columns=columns,
        filters=filters,
        nouns=lambda count: ngettext("%(count)s orientation", "%(count)s orientations", count),
        counted=COUNTED,
        empty_icon="route",
        empty_title=gettext_lazy("Personne n’a encore été orienté vers un autre lieu."),
        empty_text=gettext_lazy(
            "Dans un dossier, ouvrez le panorama : chaque lieu a un bouton pour l’y orienter."
        ),
    )
    if table.export:
        return table.response()
    seen = queries.onwards_seen_by(user, now)
    with wide("numbers"):
        waiting, silent = seen.waiting().count(), seen.to_call(now - timedelta(days=days)).count()
    context = {
        "table": table,
        "search": search,
        "waiting": waiting,
        "silent": silent,
        "days": days,
    }
    return render(request, "referrals/onward_list.html", context)


def _matching(text: str) -> Q:
    """Those whose person, place or code hold each word of what is searched."""
    condition = Q()
    code = read_code(text)
    for word in text.split()[:5]:
        condition &= (
            Q(person__chosen_name__icontains=word)
            | Q(person__family_name__icontains=word)
            | Q(structure__name__icontains=word)
            | Q(structure__city__icontains=word)
        )
    return condition | Q(code=code) if code else condition
