"""The paper list, the outbox, and how mail leaves."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from itertools import groupby
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.common.ratelimit import limit
from bagage.common.tables import Column, Filter, Rows, Table
from bagage.messaging import queries, services
from bagage.messaging.domain.lifecycle import CANCELLABLE, RESENDABLE
from bagage.messaging.forms import ToldForm, TransportForm, TrialForm
from bagage.messaging.models import Channel, Message, State
from bagage.messaging.permissions import (
    can_read_message,
    can_run_transport,
    can_see_outbox,
    can_tell,
    outbox_places,
    told_places,
)
from bagage.messaging.smtp import Answer, Mail, Mailer
from bagage.messaging.vault import unseal
from bagage.trail.queries import actor_names

# What a page shows at once; what waits beyond comes once these are told.
SHOWN = 200

LOOKS = {
    State.QUEUED: ("clock", ""),
    State.SENDING: ("send", "on"),
    State.ACCEPTED: ("check", "ok"),
    State.DELIVERED: ("check-check", "ok"),
    State.FAILED: ("mail-x", "bad"),
    State.UNCERTAIN: ("circle-help", "ask"),
    State.CANCELLED: ("ban", ""),
}


# ---------- on paper ----------


@require_safe
def paper_list(request: HttpRequest) -> HttpResponseBase:
    """What has to be told or posted, by site; and what was in the last day."""
    user: Any = request.user
    if not can_tell(user):
        raise PermissionDenied
    places = told_places(user)
    chosen = request.GET.get("place", "")
    asked = [chosen] if chosen in places and chosen else list(places)
    now = timezone.now()
    waiting = queries.paper_list(asked, now=now)
    shown = list(waiting[: SHOWN + 1])
    told = list(queries.told_lately(asked, now=now)[:SHOWN])
    names = actor_names(one.told_by for one in told)
    total = len(shown) if len(shown) <= SHOWN else waiting.count()
    sites = [
        {"name": places[place] or _("Sans lieu"), "place": place or "none", "messages": list(group)}
        for place, group in groupby(shown[:SHOWN], key=lambda one: one.place)
    ]
    return render(
        request,
        "messaging/paper_list.html",
        {
            "sites": sorted(sites, key=lambda site: list(places).index(site["place"].replace("none", ""))),
            "total": total,
            "more": max(total - SHOWN, 0),
            "oldest": min((one.not_before for one in shown), default=None),
            "told": [{"message": one, "name": names.get(one.told_by, "")} for one in told],
            "choices": place_options(places),
            "chosen": chosen,
            "printed_at": now,
        },
    )


@require_POST
def tell(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """She was told, or it was posted."""
    message = told_message_or_404(request, uuid)
    form = ToldForm(request.POST)
    how = form.cleaned_data["how"] if form.is_valid() else "said"
    services.tell_message(message, how=how, by=request.user)  # type: ignore[arg-type]
    messages.success(
        request,
        _("Noté : dit. Il reste un jour pour défaire, en bas de la page.")
        if how == "said"
        else _("Noté : posté. Il reste un jour pour défaire, en bas de la page."),
    )
    return redirect(paper_list_url(request))


@require_POST
def untell(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """It was ticked by mistake."""
    message = told_message_or_404(request, uuid)
    services.untell_message(message, by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("Ce message est de nouveau à dire."))
    return redirect(paper_list_url(request))


def told_message_or_404(request: HttpRequest, uuid: UUID) -> Message:
    user: Any = request.user
    if not can_tell(user):
        raise PermissionDenied
    return get_object_or_404(Message.objects.at_places(told_places(user)), uuid=uuid, channel=Channel.PAPER)


def paper_list_url(request: HttpRequest) -> str:
    """The paper list, at the site that was looked at."""
    place = request.POST.get("place", "")
    return reverse("messaging:paper_list") + (f"?place={place}" if is_uuid(place) else "")


def is_uuid(text: str) -> bool:
    try:
        UUID(text)
    except ValueError:
        return False
    return True


def place_options(places: Mapping[str, str]) -> list[tuple[str, str]]:
    return [(place, name) for place, name in places.items() if place]


# ---------- the outbox ----------


@require_safe
def outbox(request: HttpRequest) -> HttpResponseBase:
    """All messages of her places: which left, which did not, which may have."""
    user: Any = request.user
    if not can_see_outbox(user):
        raise PermissionDenied
    places = outbox_places(user)
    told = told_places(user)
    rows = queries.outbox(places)
    table = Table(
        request,
        rows,
        name="messages",
        title=_("Messages"),
        columns=[
            Column(
                "created_at",
                _("Écrit"),
                lambda one: one.created_at,
                sort=("created_at",),
                url=lambda one: reverse("messaging:message", args=[one.uuid]),
            ),
            Column("to", _("Pour"), lambda one: shown_recipient(one, told)),
            Column("subject", _("Objet"), lambda one: one.subject or _("à dire ou à poster")),
            Column("place", _("Lieu"), lambda one: places[one.place] or _("Réseau")),
            Column(
                "state",
                _("État"),
                lambda one: str(State(one.state).label),
                html=lambda one: state_html(one),
            ),
            Column("settled_at", _("Depuis"), lambda one: one.settled_at or one.not_before, css="hide-phone"),
            Column("last_error", _("Réponse du serveur"), lambda one: one.last_error, only="export"),
            Column("attempts", _("Essais"), lambda one: one.attempts, only="export"),
        ],
        filters=[
            Filter("state", _("État"), _("Tous les états"), State.choices, by_state),
            Filter("channel", _("Par"), _("Mail et papier"), Channel.choices, by_channel),
            Filter("period", _("Période"), _("Tout"), list(PERIODS.items()), by_period),
            Filter("place", _("Lieu"), _("Tous les lieux"), place_options(places), by_place),
        ],
        search=lambda found, text: by_text(found, text, told),
        search_hint=_("Adresse ou objet"),
        nouns=lambda count: ngettext("%(count)s message", "%(count)s messages", count),
        empty_icon="mail",
        empty_title=_("Aucun message n’a été écrit."),
        empty_text=_("Quand une orientation est reçue ou un rendez-vous donné, le message vient ici."),
    )
    if table.export:
        return table.response()
    return render(
        request,
        "messaging/outbox.html",
        {
            "table": table,
            "counts": counts(rows),
            "can_run_transport": can_run_transport(user),
            "can_tell": can_tell(user),
        },
    )


PERIODS = {
    "1": gettext_lazy("depuis hier"),
    "7": gettext_lazy("depuis 7 jours"),
    "31": gettext_lazy("depuis 31 jours"),
}


def counts(rows: Rows) -> dict[str, int]:
    """How many wait to leave by mail, wait to be told, did not leave, may have left. One query."""
    from django.db.models import Count, Q

    mail = Q(channel=Channel.EMAIL)
    found: dict[str, int] = rows.order_by().aggregate(
        waiting=Count("pk", filter=mail & Q(state__in=[State.QUEUED, State.SENDING])),
        to_tell=Count("pk", filter=Q(channel=Channel.PAPER, state=State.QUEUED)),
        failed=Count("pk", filter=Q(state=State.FAILED)),
        uncertain=Count("pk", filter=Q(state=State.UNCERTAIN)),
    )
    return found


def by_state(rows: Rows, state: str) -> Rows:
    return rows.filter(state=state)


def by_channel(rows: Rows, channel: str) -> Rows:
    return rows.filter(channel=channel)


def by_place(rows: Rows, place: str) -> Rows:
    return rows.filter(place=place)


def by_period(rows: Rows, days: str) -> Rows:
    return rows.filter(created_at__gte=timezone.now() - timedelta(days=int(days)))


def by_text(rows: Rows, text: str, told: Iterable[str]) -> Rows:
    """By subject; by recipient only where she may read whom it is for."""
    from django.db.models import Q

    return rows.filter(Q(subject__icontains=text) | Q(to__icontains=text, place__in=list(told)))


def shown_recipient(message: Message, told: Mapping[str, str]) -> str:
    """Who it is for, for who tells the messages of that place; for others only what kind of address."""
    if not message.to:
        return _("effacé après 30 jours")
    if message.place in told:
        return message.to
    if message.channel == Channel.EMAIL:
        return "…@" + message.to.rpartition("@")[2]
    return _("quelqu’un, de vive voix")


def state_html(message: Message) -> str:
    icon, css = LOOKS[State(message.state)]
    return render_to_string(
        "messaging/outbox.html#state", {"icon": icon, "css": css, "word": State(message.state).label}
    )


@require_safe
def message(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One message: where it stands, what the server said, and what can be done."""
    user: Any = request.user
    one = outbox_message_or_404(request, uuid)
    places = outbox_places(user)
    can_read = can_read_message(user, one.place)
    icon, css = LOOKS[State(one.state)]
    names = actor_names([one.told_by])
    return render(
        request,
        "messaging/message.html",
        {
            "message": one,
            "place": places[one.place] or _("Réseau"),
            "to": shown_recipient(one, told_places(user)),
            "icon": icon,
            "css": css,
            "word": State(one.state).label,
            "is_paper": one.channel == Channel.PAPER,
            "is_due": one.state == State.QUEUED and one.not_before <= timezone.now(),
            "body": one.body if can_read and not one.is_secret else "",
            "why_no_body": why_no_body(one, can_read=can_read),
            "told_by": names.get(one.told_by, ""),
            "can_resend": one.state in RESENDABLE and bool(one.body or one.html),
            "can_cancel": one.state in CANCELLABLE,
        },
    )


def why_no_body(message: Message, *, can_read: bool) -> str:
    if message.is_secret:
        return _("Ce message contient un lien ou un code pour se connecter : personne ne le lit ici.")
    if not can_read:
        return _("Le texte se lit seulement à la permanence qui l’envoie.")
    return "" if message.body else _("Le texte est effacé 30 jours après le départ.")


@require_POST
def resend(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Have it leave once more."""
    one = services.resend_message(outbox_message_or_404(request, uuid), by=request.user)  # type: ignore[arg-type]
    messages.success(
        request,
        _("Il part de nouveau. S’il était déjà arrivé, il arrivera deux fois.")
        if one.channel == Channel.EMAIL
        else _("Rien ne part par mail ici : il est maintenant à dire ou à poster."),
    )
    return redirect("messaging:message", uuid=uuid)


@require_POST
def cancel(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Take it back."""
    services.cancel_message(outbox_message_or_404(request, uuid), by=request.user)  # type: ignore[arg-type]
    messages.success(request, _("Ce message ne partira pas."))
    return redirect("messaging:message", uuid=uuid)


def outbox_message_or_404(request: HttpRequest, uuid: UUID) -> Message:
    user: Any = request.user
    if not can_see_outbox(user):
        raise PermissionDenied
    return get_object_or_404(Message.objects.at_places(outbox_places(user)), uuid=uuid)


# ---------- how mail leaves ----------


@require_http_methods(["GET", "HEAD", "POST"])
def transport(request: HttpRequest) -> HttpResponse:
    """How mail leaves this installation; the environment wins, and then nothing is changed here."""
    user: Any = request.user
    if not can_run_transport(user):
        raise PermissionDenied
    kept = queries.kept_transport()
    try:
        from_environment, wrong = queries.route_from_environment(), ""
    except ImproperlyConfigured as error:
        from_environment, wrong = None, str(error)
    is_fixed = from_environment is not None or bool(wrong)
    initial = {
        name: getattr(kept, name)
        for name in ("kind", "host", "port", "security", "username", "sender")
        if kept is not None
    } or {"kind": "paper", "port": 587, "security": "starttls"}
    form = TransportForm(
        request.POST or None, initial=initial, has_password=bool(kept is not None and kept.password)
    )
    if request.method == "POST" and not is_fixed and form.is_valid():
        services.set_transport(**form.cleaned_data, by=user)
        messages.success(request, _("Enregistré. Envoyez un essai pour en être sûr."))
        return redirect("messaging:transport")
    return render(
        request,
        "messaging/transport.html",
        {
            "form": form,
            "trial_form": TrialForm(initial={"address": getattr(user, "email", "")}),
            "is_fixed": is_fixed,
            "route": from_environment,
            "wrong": wrong,
            "is_password_lost": kept is not None and unseal(kept.password) is None,
            "leaves": not wrong and queries.current_route().kind == "smtp",
        },
        status=422 if form.is_bound and form.errors else 200,
    )


@require_POST
def transport_try(request: HttpRequest) -> HttpResponse:
    """Send one mail at once, outside the outbox, and say what the server answered."""
    user: Any = request.user
    if not can_run_transport(user):
        raise PermissionDenied
    form = TrialForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Ce n’est pas une adresse : rien n’est parti."))
        return redirect("messaging:transport")
    limit(request, "mail_trial", "10/10m/user")
    route = queries.current_route()
    if route.kind == "paper":
        messages.warning(request, _("Tout est sur papier ici : aucun mail ne part."))
        return redirect("messaging:transport")
    with Mailer(route) as mailer:
        outcome = mailer.send(
            Mail(
                number=str(uuid4()),
                to=form.cleaned_data["address"],
                subject=_("Essai de Bagage"),
                body=_("Ce mail montre que les messages de Bagage arrivent. Il n’y a rien à faire."),
            )
        )
    said = {"address": form.cleaned_data["address"], "answer": outcome.words}
    if outcome.answer is Answer.ACCEPTED:
        messages.success(
            request,
            _(
                "Le serveur a pris le mail pour %(address)s. Regardez s’il arrive, aussi dans les indésirables."
            )
            % said,
        )
    elif outcome.answer is Answer.UNKNOWN:
        messages.warning(
            request, _("On ne sait pas s’il est parti : le serveur s’est tu (%(answer)s).") % said
        )
    else:
        messages.error(request, _("Le mail n’est pas parti. Le serveur répond : %(answer)s") % said)
    return redirect("messaging:transport")
