"""The guided set-up of an empty installation: five questions, each kept as it is answered, left and taken up again."""

import ipaddress
import logging
from typing import Any

from allauth.account.utils import perform_login
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from bagage import __version__
from bagage.accounts import queries as accounts
from bagage.accounts import services as accounts_services
from bagage.accounts.domain.roles import Ability, Role
from bagage.accounts.models import ROLE_NAMES, Installation, Organisation, User
from bagage.accounts.sheets import keep_sheet, kept_code
from bagage.common import hours as hours_rules
from bagage.common import words
from bagage.common.errors import BusinessError
from bagage.common.hour_words import hours_in_words
from bagage.common.middleware import is_htmx
from bagage.common.ratelimit import limit
from bagage.desk import first_start as asked
from bagage.messaging.models import Transport
from bagage.messaging.services import set_transport
from bagage.permanences import services as permanences
from bagage.permanences.models import Site

logger = logging.getLogger("bagage.first_start")

# Blocks in which advisers receive are opened for this long; the permanence's page opens more.
WEEKS = 4


@login_not_required
@sensitive_post_parameters("password", "again", "key")
@require_http_methods(["GET", "HEAD", "POST"])
def first_start(request: HttpRequest) -> HttpResponse:
    """One page for the five questions; ``step`` names the one that is open."""
    here = accounts.installation()
    if accounts.is_empty():
        return _open(request)
    user = request.user
    if not isinstance(user, User):
        return redirect_to_login(request.get_full_path())
    if not user.can(Ability.RUN_HOUSE):
        raise PermissionDenied
    if here.set_up_at is not None:
        return redirect("desk:home")
    answers = here.set_up_answers
    step = request.POST.get("step") or request.GET.get("step") or asked.next_step(answers) or "messages"
    if step not in asked.STEPS or not asked.is_reachable(step, answers):
        return redirect("desk:first_start")
    return _answer(request, user, here, step)


def _open(request: HttpRequest) -> HttpResponse:
    """Question 1 of an empty installation: whoever answers it administers everything, so from afar a key is asked."""
    asks_key = not _is_local(request)
    if asks_key:
        logger.warning("First start from another machine: its key is %s", asked.setup_key())
    form = asked.FirstAccountForm(request.POST or None, asks_key=asks_key)
    if request.method == "POST":
        if asks_key:
            limit(request, "setup_key", "10/10m/ip,100/h/key", key="setup_key")
        if form.is_valid():
            data = form.cleaned_data
            try:
                with transaction.atomic():
                    node, user = accounts_services.open_installation(
                        association=data["name"],
                        city=data["city"],
                        first_name=data["first_name"],
                        last_name=data["last_name"],
                        username=data["username"],
                        password=data["password"],
                        email=data["email"],
                    )
                    accounts_services.keep_answers("association", {"uuid": str(node.uuid)})
            except BusinessError as error:
                _note(form, error)
            else:
                asked.key_path().unlink(missing_ok=True)
                response: HttpResponse = perform_login(
                    request, user, redirect_url=request.build_absolute_uri(request.path)
                )
                return response
    return _page(request, {}, "association", form, site=None)


def _is_local(request: HttpRequest) -> bool:
    """Whether the visitor sits at this machine: a loopback address, no proxy between."""
    if settings.ALLAUTH_TRUSTED_PROXY_COUNT or any(
        name in request.headers
        for name in ("X-Forwarded-For", "X-Forwarded-Host", "X-Real-Ip", "Forwarded", "Via")
    ):
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def _answer(request: HttpRequest, user: User, here: Installation, step: str) -> HttpResponse:
    """Show one question, or keep its answer and go on to the next."""
    answers = here.set_up_answers
    site = asked.site_of(answers)
    form = _form(request, step, answers, site)
    extra: dict[str, Any] = {}
    if step == "people":
        posted = request.POST if request.method == "POST" else None
        extra["lines"] = asked.PeopleFormSet(posted, prefix="people")
        if posted is not None and "more" in posted:
            extra["lines"] = asked.PeopleFormSet(_with_more_lines(posted), prefix="people")
            return _page(request, answers, step, form, site=site, **extra)
        extra["team"] = _team(request, site)
    if request.method == "POST" and "preview" in request.POST:
        template = "desk/first_start.html#say" if is_htmx(request) else "desk/first_start.html"
        return _page(request, answers, step, form, site=site, template=template, **extra)
    if request.method == "POST" and form.is_valid() and (step != "people" or extra["lines"].is_valid()):
        try:
            _keep(request, user, step, form, site, extra.get("lines"))
        except BusinessError as error:
            _note(form, error)
        else:
            return _go_on(request, user)
    return _page(request, answers, step, form, site=site, **extra)


def _go_on(request: HttpRequest, user: User) -> HttpResponse:
    """The next question, or the day once there is none."""
    rest = asked.next_step(accounts.installation().set_up_answers)
    if rest:
        return redirect("desk:first_start")
    accounts_services.finish_set_up(by=user)
    messages.success(request, _("Tout est prêt. Le premier rendez-vous peut être donné."))
    return redirect("desk:home")


def _note(form: BaseForm, error: BusinessError) -> None:
    field = "town" if error.field == "city" else error.field
    form.add_error(field if field in form.fields else None, str(error))


def _with_more_lines(posted: Any) -> Any:
    """The same lines, as typed, and three more."""
    data = posted.copy()
    total = data.get("people-TOTAL_FORMS", "")
    count = int(total) if total.isascii() and total.isdigit() and len(total) < 4 else asked.LINES
    data["people-TOTAL_FORMS"] = str(min(count + asked.LINES, asked.MOST_LINES))
    return data


# ---------- forms as they are known ----------


def _form(request: HttpRequest, step: str, answers: dict[str, Any], site: Site | None) -> Any:
    """The form of a question, filled with what is known."""
    posted = request.POST if request.method == "POST" else None
    if step == "association":
        node = asked.network_of(answers)
        return asked.AssociationForm(posted, initial={"name": node.name, "city": node.city} if node else {})
    if step == "site":
        return asked.SiteForm(posted, initial=_site_initial(site) if site else {})
    if step == "hours":
        return asked.HoursForm(posted, initial=asked.hours_initial(site.hours if site else ""))
    if step == "people":
        return asked.MeToo(
            posted, initial={"also_me": "people" not in answers or answers["people"].get("also_me")}
        )
    kept = Transport.objects.filter(pk=1).first()
    names = ("kind", "host", "port", "security", "username", "sender")
    return asked.MessagesForm(
        posted, initial={name: getattr(kept, name) for name in names} if kept else {"kind": "paper"}
    )


def _site_initial(site: Site) -> dict[str, Any]:
    return {
        "name": site.organisation.name,
        "address": site.address,
        "town": f"{site.postcode} {site.city}".strip(),
        "way_there": site.way_there,
        "phone": words.phone(site.phone),
        "computers": site.computers,
    }


# ---------- keeping an answer ----------


@transaction.atomic
def _keep(request: HttpRequest, user: User, step: str, form: Any, site: Site | None, lines: Any) -> None:
    """Real rows, and what the question was told."""
    data = form.cleaned_data
    if step == "association":
        node = asked.network_of(accounts.installation().set_up_answers)
        assert node is not None
        accounts_services.change_organisation(node, name=data["name"], city=data["city"], by=user)
        accounts_services.rename_installation(data["name"], by=user)
        kept: dict[str, Any] = {"uuid": str(node.uuid)}
    elif step == "site":
        kept = {"uuid": str(_keep_site(user, form, site).uuid)}
    elif step == "hours":
        assert site is not None
        hours = hours_rules.written(data["week"])
        permanences.change_site(site, hours=hours, by=user)
        kept = {"hours": hours}
    elif step == "people":
        assert site is not None
        kept = _keep_people(request, user, data["also_me"], lines, site)
    else:
        if data["kind"] == "smtp":
            set_transport(
                kind="smtp",
                host=data["host"],
                port=data["port"] or 587,
                security=data["security"] or "starttls",
                username=data["username"],
                password=data["password"],
                sender=data["sender"],
                by=user,
            )
        else:
            set_transport(kind="paper", by=user)
        kept = {"kind": data["kind"]}
    accounts_services.keep_answers(step, kept)
    if step in {"hours", "people"}:
        _open_blocks(user, accounts.installation().set_up_answers)


def _keep_site(user: User, form: Any, site: Site | None) -> Site:
    """The permanence and its place, new or changed."""
    data = form.cleaned_data
    commune = form.commune
    postcode = next(
        (code for code in commune.postcodes if code in data["town"]),
        commune.postcodes[0] if commune.postcodes else "",
    )
    place: dict[str, Any] = {
        "address": data["address"].strip(),
        "postcode": postcode,
        "city": commune.name,
        "commune_code": commune.code,
        "latitude": commune.latitude,
        "longitude": commune.longitude,
        "way_there": data["way_there"].strip(),
        "phone": data["phone"],
        "computers": data["computers"] or 0,
    }
    node_details = {
        "name": data["name"],
        "city": commune.name,
        "address": place["address"],
        "phone": place["phone"],
    }
    if site is not None:
        accounts_services.change_organisation(site.organisation, by=user, **node_details)
        return permanences.change_site(site, by=user, **place)
    network = asked.network_of(accounts.installation().set_up_answers)
    node = accounts_services.add_organisation(network, kind="permanence", by=user, **node_details)
    return permanences.create_site(organisation=node, by=user, **place)


def _keep_people(request: HttpRequest, user: User, also_me: bool, lines: Any, site: Site) -> dict[str, Any]:
    """Invitations for each line, and the adviser's role for who sets up if she receives too."""
    if also_me:
        accounts_services.give_role(user, Role.ADVISER, site.organisation, by=user)
        accounts_services.forget_roles(user)
    uuids = list(accounts.installation().set_up_answers.get("people", {}).get("uuids", []))
    for line in lines:
        data = line.cleaned_data
        if not data.get("first_name"):
            continue
        invited = accounts_services.invite(
            first_name=data["first_name"],
            role=Role(data["role"]),
            node=site.organisation,
            email=data["email"],
            by=user,
        )
        keep_sheet(request, invited)
        uuids.append(str(invited.user.uuid))
    if not uuids and not also_me:
        raise BusinessError(
            _("Il faut au moins une personne pour recevoir : vous, ou quelqu’un que vous invitez.")
        )
    return {"uuids": uuids, "also_me": also_me}


def _open_blocks(user: User, answers: dict[str, Any]) -> None:
    """Weekly blocks over the opening hours for those who receive and have none yet, so that slots can be given."""
    site = asked.site_of(answers)
    if site is None or not site.hours or "people" not in answers:
        return
    receiving = User.objects.filter(
        memberships__organisation=site.organisation,
        memberships__role=Role.ADVISER,
        memberships__ended_at=None,
        is_active=True,
        blocks=None,
    ).distinct()
    week = hours_rules.groups(hours_rules.usual_week(site.hours))
    for adviser in receiving:
        for group in week:
            for begins, ends in group.spans:
                try:
                    permanences.open_weekly_blocks(
                        site=site,
                        adviser=adviser,
                        weekdays=group.days,
                        begins=begins,
                        ends=ends,
                        first_day=timezone.localdate(),
                        weeks=WEEKS,
                        by=user,
                    )
                except BusinessError as error:
                    # A span shorter than a slot opens nothing; the rest does.
                    logger.info("No block opened at a first start: %s", error)


# ---------- the page ----------


def _team(request: HttpRequest, site: Site | None) -> list[dict[str, Any]]:
    """Who works at the first permanence so far, with the invitation that can still be printed."""
    if site is None:
        return []
    held = site.organisation.memberships.filter(ended_at=None).select_related("user").order_by("pk")
    return [
        {
            "user": each.user,
            "role": ROLE_NAMES[Role(each.role)],
            "may_print": bool(kept_code(request, each.user)),
        }
        for each in held
    ]


def _told(answers: dict[str, Any], site: Site | None) -> dict[str, str]:
    """What was answered, each in a line."""
    told: dict[str, str] = {}
    network = asked.network_of(answers)
    if network:
        told["association"] = words.joined([network.name, network.city], last=",").replace(" , ", ", ")
    if site and "site" in answers:
        computers = ngettext("%(count)s ordinateur", "%(count)s ordinateurs", site.computers) % {
            "count": site.computers
        }
        told["site"] = f"{site.organisation.name}, {site.address}, {site.postcode} {site.city}. {computers}."
    if site and "hours" in answers:
        sentence = hours_in_words(site.hours)
        told["hours"] = sentence[:1].upper() + sentence[1:]
    if site and "people" in answers:
        people: list[Organisation | str] = [
            f"{each.user.first_name} ({ROLE_NAMES[Role(each.role)]})"
            for each in site.organisation.memberships.filter(ended_at=None)
            .select_related("user")
            .order_by("pk")
        ]
        told["people"] = words.joined(people)
    if "messages" in answers:
        told["messages"] = (
            _("Par mail") if answers["messages"].get("kind") == "smtp" else _("Sur papier seulement")
        )
    return told


def _page(
    request: HttpRequest,
    answers: dict[str, Any],
    step: str,
    form: Any,
    *,
    site: Site | None,
    template: str = "desk/first_start.html",
    **extra: Any,
) -> HttpResponse:
    user = request.user
    lines = extra.get("lines")
    failed = request.method == "POST" and "preview" not in request.POST and "more" not in request.POST
    wrong = bool(form.errors) or bool(lines is not None and lines.is_bound and not lines.is_valid())
    done = sum(1 for key in asked.STEPS if key in answers)
    return render(
        request,
        template,
        {
            "form": form,
            "step": step,
            "steps": asked.steps(answers, step, _told(answers, site)),
            "first_name": user.first_name if isinstance(user, User) else "",
            "done": done,
            "total": len(asked.STEPS),
            "minutes": asked.minutes_left(answers),
            "ready": asked.ready_list(answers, step),
            "first_appointment": asked.first_appointment(site, timezone.now()),
            "version": __version__,
            "lines": lines,
            "team": extra.get("team", []),
            "is_new": not answers,
        },
        status=422 if failed and wrong else 200,
    )
