"""Refer a person in one page, with an account or by an organisation's link; and one's own referrals."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from bagage.accounts.models import Organisation, User
from bagage.common.codes import read_code
from bagage.common.errors import BusinessError, FormUsed
from bagage.common.middleware import is_htmx
from bagage.common.ratelimit import limit
from bagage.common.tables import Column, Filter, Table
from bagage.people.models import ContactWay
from bagage.permanences.queries import NearSite
from bagage.referrals import queries, services, words
from bagage.referrals.forms.referrals import LANGUAGES, CodeForm, EmailForm, ReferForm
from bagage.referrals.models import EmailConfirmation, OrganisationLink, Referral, ReferralState
from bagage.referrals.permissions import can_refer
from bagage.referrals.services import By, ReferralDraft
from bagage.referrals.views.search import kept_search
from bagage.trail.domain.actor import Actor

PENDING = "referrals.pending"
CONFIRMED = "referrals.confirmed"
# A confirmed address stays so for a working day on this browser.
CONFIRMED_FOR = timedelta(hours=10)


NEED_ICONS = {"device": "smartphone", "connection": "wifi", "skills": "pointer"}
REACH_ICONS = {"sms": "message-square", "call": "phone", "referrer": "user-round", "paper": "ticket"}


@dataclass(frozen=True)
class Sender:
    """Whoever refers on this page: an account, or a confirmed address behind an organisation's link."""

    by: By
    name: str
    title: str
    email: str
    organisations: list[Organisation]
    link: OrganisationLink | None
    recent: QuerySet[Referral]
    base: str
    all_url: str

    @property
    def recent_shown(self) -> int:
        """How many of her referrals stand beside the form: without an account, there is no other list of them."""
        return 20 if self.link else 3

    def follow_url(self, referral: Referral) -> str:
        """Where she follows it."""
        return queries.follow_path(referral, timezone.now())

    def sent_url(self, referral: Referral) -> str:
        """The page after sending."""
        return f"{self.follow_url(referral)}sent/"


# ---------- with an account ----------
@require_http_methods(["GET", "HEAD", "POST"])
def refer(request: HttpRequest) -> HttpResponse:
    """The page of an account that refers."""
    assert isinstance(request.user, User)
    if not can_refer(request.user):
        raise PermissionDenied
    organisations = queries.organisations_to_refer_from(request.user)
    if not organisations:
        raise BusinessError(_("Votre organisation n’oriente plus par ici. Appelez la permanence."))
    user = request.user
    sender = Sender(
        by=user,
        name=user.full_name,
        title=user.title,
        email=user.email,
        organisations=organisations,
        link=None,
        recent=queries.referrals_of(user),
        base="base.html",
        all_url=reverse("referrals:mine"),
    )
    return _refer(request, sender)


def _refer(request: HttpRequest, sender: Sender) -> HttpResponse:
    """The one form, for both ways in."""
    now = timezone.now()
    renews = "refresh" in request.POST
    if request.method == "POST":
        form = ReferForm(request.POST, organisations=sender.organisations, check=not renews)
    else:
        form = ReferForm(initial={"key": str(uuid.uuid4())}, organisations=sender.organisations)
    if request.method == "POST" and not renews and form.is_valid():
        try:
            referral, _created = services.send_referral(_draft(request, form, sender), by=sender.by, at=now)
        except BusinessError as error:
            if isinstance(error, FormUsed):
                form = _with_new_key(request, sender)
            form.add_error(error.field or None, str(error))
        else:
            return redirect(sender.sent_url(referral))
    # A permanence that was only proposed gives way to a nearer one; one that was chosen stays.
    site = form.typed("site")
    chose = _chose(request, site)
    if renews:
        site = chose
    nearest = queries.nearest(
        where=form.typed("where"),
        home=sender.organisations[0].city,
        needs=form.typed_list("needs"),
        now=now,
        chosen=site,
    )
    chosen = next((near for near in nearest.sites if str(near.site.uuid) == site), None)
    chose = chose if chosen else ""
    chosen = chosen or next(iter(nearest.sites), None)
    reach = form.typed("reach")
    context = {
        "base": sender.base,
        "sender": sender,
        "form": form,
        "nearest": nearest,
        "wanted": form.typed_list("needs"),
        "chosen": chosen,
        "chose": chose,
        "message": _preview(form, chosen, reach) if chosen else None,
        "languages": LANGUAGES,
        "need_icons": NEED_ICONS,
        "reach_icons": REACH_ICONS,
        "note": _("Lien de %(organisation)s") % {"organisation": sender.organisations[0].name},
    }
    if is_htmx(request) and renews:
        return render(request, "referrals/refer.html#beside", context)
    recent = list(queries.with_questions(sender.recent, from_referrer=False)[: sender.recent_shown])
    silent = queries.silent_among(sender.recent)
    context["recent"] = [
        (one, sender.follow_url(one), words.silent_words() if one.pk in silent else words.in_short(one, now))
        for one in recent
    ]
    context["count"] = sender.recent.count()
    return render(request, "referrals/refer.html", context, status=422 if form.errors else 200)


def _chose(request: HttpRequest, site: str) -> str:
    """The permanence that she chose herself, now or before the list was last drawn; empty where one was proposed."""
    is_untouched = site == request.POST.get("site_proposed", "")
    return request.POST.get("site_chosen", "") if is_untouched else site


def _with_new_key(request: HttpRequest, sender: Sender) -> ReferForm:
    """The same answers under a new key: this form had been sent for someone else."""
    data = request.POST.copy()
    data["key"] = str(uuid.uuid4())
    form = ReferForm(data, organisations=sender.organisations)
    form.is_valid()
    return form


def _draft(request: HttpRequest, form: ReferForm, sender: Sender) -> ReferralDraft:
    data = form.cleaned_data
    place = next(iter(queries.communes_of(data["where"])), None)
    return ReferralDraft(
        key=data["key"],
        organisation=data["organisation"],
        site=data["site"],
        is_site_chosen=_chose(request, str(data["site"].uuid)) != "",
        referrer_name=sender.name,
        referrer_title=sender.title,
        referrer_email=sender.email,
        link=sender.link,
        chosen_name=data["chosen_name"],
        family_name=data["family_name"],
        needs=data["needs"],
        words=data["words"],
        reach=data["reach"],
        phone=data["phone"],
        is_phone_shared=data["is_phone_shared"],
        where=data["where"],
        commune_code=place.code if place else "",
        languages=data["languages"],
        obstacles=data["obstacles"],
        has_agreed=data["has_agreed"],
    )


@dataclass(frozen=True)
class Preview:
    """The message that she will get, before it is written."""

    title: str
    text: str
    size: str
    notes: list[str]


def _preview(form: ReferForm, chosen: NearSite, reach: str) -> Preview | None:
    """What she will be told once this is sent, and honestly by which way."""
    is_shared = bool(form["is_phone_shared"].value())
    if reach not in {ContactWay.Kind.SMS, ContactWay.Kind.CALL}:
        return None
    text = words.message_to_person(
        name=form.typed("chosen_name").strip() or _("Prénom"),
        site=chosen.site,
        state="sent",
        is_discreet=is_shared,
    )
    text += " " + _("Code : celui du coupon.")
    notes = []
    if is_shared:
        notes.append(_("Discret : ni le service, ni le motif."))
    if reach == ContactWay.Kind.CALL:
        notes.append(_("La permanence l’appelle et lui dit ceci."))
        return Preview(_("Ce qu’on lui dira"), text, "", notes)
    notes.append(_("Les SMS ne partent pas encore tout seuls : la permanence l’envoie à la main."))
    return Preview(_("Le SMS qu’elle recevra"), text, words.sms_size(text), notes)


# ---------- one's own referrals ----------
MINE_STATES = [(state.value, state.label) for state in ReferralState]


@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponseBase:
    """All the referrals that this account sent, and no colleague's."""
    assert isinstance(request.user, User)
    if not can_refer(request.user):
        raise PermissionDenied
    search = kept_search(request, "mine")
    if search.is_new:
        return redirect("referrals:mine")
    now = timezone.now()
    rows = queries.with_questions(queries.referrals_of(request.user), from_referrer=False)
    if search.text:
        rows = rows.filter(matching(search.text))
    silent = queries.silent_among(Referral.objects.sent_by(request.user))
    if silent:
        # Where a row stands says when it changed, and to what: those that are silent stand where they were sent.
        rows = rows.annotate(
            shown_at=Case(When(pk__in=silent, then=F("sent_at")), default=F("state_at")),
            shown_state=Case(When(pk__in=silent, then=Value("")), default=F("state")),
        )
    table = Table(
        request,
        rows,
        name="orientations",
        title=_("Mes orientations"),
        columns=[
            Column(
                "name",
                gettext_lazy("Personne"),
                lambda referral: referral.short_name,
                sort=("chosen_name", "family_name"),
                url=lambda referral: reverse("referrals:follow", kwargs={"uuid": referral.uuid}),
                sub=lambda referral: words.capital(words.needs_words(referral.needs)),
            ),
            Column("site", gettext_lazy("Permanence"), lambda referral: words.site_name(referral.site)),
            Column("sent", gettext_lazy("Envoyée"), lambda referral: referral.sent_at, sort=("sent_at",)),
            Column(
                "state",
                gettext_lazy("Où elle en est"),
                lambda referral: (
                    words.silent_words() if referral.pk in silent else referral.get_state_display()
                ),
                sort=("shown_state",) if silent else ("state",),
                html=lambda referral: (
                    words.silent_mark() if referral.pk in silent else words.mark_with_news(referral, now)
                ),
            ),
            Column(
                "news",
                gettext_lazy("Dernière nouvelle"),
                lambda referral: "" if referral.pk in silent else referral.newest_news or "",
                only="export",
            ),
            Column(
                "since",
                gettext_lazy("Depuis"),
                lambda referral: referral.sent_at if referral.pk in silent else referral.state_at,
                sort=("shown_at",) if silent else ("state_at",),
            ),
        ],
        filters=[
            Filter(
                "state",
                gettext_lazy("État"),
                gettext_lazy("Tous les états"),
                MINE_STATES,
                lambda rows, value: rows.filter(state=value).exclude(pk__in=silent),
            )
        ],
        default_sort="-sent",
        nouns=lambda count: ngettext("%(count)s orientation", "%(count)s orientations", count),
        empty_icon="send",
        empty_title=gettext_lazy("Vous n’avez encore orienté personne."),
        empty_text=gettext_lazy("Quatre réponses suffisent, et vous saurez ce qu’elle devient."),
    )
    if table.export:
        return table.response()
    return render(request, "referrals/mine.html", {"table": table, "search": search})


def matching(text: str) -> Q:
    """Referrals whose person, code or place hold each word of what is searched."""
    condition = Q()
    code = read_code(text)
    for word in text.split()[:5]:
        condition &= Q(chosen_name__icontains=word) | Q(family_name__icontains=word)
    if code and len(code) == 6:
        condition |= Q(code=code)
    return condition


# ---------- by an organisation's link ----------
def _confirmed(request: HttpRequest, link: OrganisationLink) -> EmailConfirmation | None:
    """The address that this browser confirmed for this link, if that was today."""
    kept = request.session.get(CONFIRMED, {})
    if not isinstance(kept, dict) or str(link.uuid) not in kept:
        return None
    return (
        EmailConfirmation.objects.filter(
            uuid=kept[str(link.uuid)], link=link, confirmed_at__gt=timezone.now() - CONFIRMED_FOR
        )
        .select_related("link__organisation")
        .first()
    )


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def enter(request: HttpRequest, secret: str) -> HttpResponse:
    """The door of an organisation's link: her name, her work e-mail. It never says whether an address is known."""
    limit(request, "referral_link", "120/m/ip")
    link = queries.organisation_link(secret)
    if request.method != "POST" and _confirmed(request, link):
        return redirect("referrals:refer_by_link", secret=secret)
    form = EmailForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            limit(request, "referral_code", "60/h/ip,3/10m/key", key=data["email"].lower())
            confirmation = services.send_confirmation_code(
                link, data["email"], name=data["name"], title=data["title"]
            )
        except BusinessError as error:
            form.add_error(error.field or None, str(error))
        else:
            request.session[PENDING] = {**_kept(request, PENDING), str(link.uuid): str(confirmation.uuid)}
            return redirect("referrals:enter_code", secret=secret)
    context = {"form": form, "link": link, "secret": secret, "is_code": False, "email": ""}
    return render(request, "referrals/enter.html", context, status=422 if form.errors else 200)


def _kept(request: HttpRequest, name: str) -> dict[str, str]:
    kept = request.session.get(name, {})
    return dict(kept) if isinstance(kept, dict) else {}


@login_not_required
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def enter_code(request: HttpRequest, secret: str) -> HttpResponse:
    """The six digits of the mail."""
    limit(request, "referral_link", "120/m/ip")
    link = queries.organisation_link(secret)
    pending = _kept(request, PENDING).get(str(link.uuid), "")
    confirmation = EmailConfirmation.objects.filter(uuid=pending, link=link).first() if pending else None
    if confirmation is None:
        return redirect("referrals:enter", secret=secret)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        limit(request, "referral_code_try", "60/10m/ip")
        try:
            services.confirm_email(confirmation, form.cleaned_data["code"])
        except BusinessError as error:
            form.add_error("code", str(error))
        else:
            request.session.cycle_key()
            kept = _kept(request, PENDING)
            kept.pop(str(link.uuid), None)
            request.session[PENDING] = kept
            request.session[CONFIRMED] = {**_kept(request, CONFIRMED), str(link.uuid): str(confirmation.uuid)}
            return redirect("referrals:refer_by_link", secret=secret)
    context = {"form": form, "link": link, "secret": secret, "is_code": True, "email": confirmation.email}
    return render(request, "referrals/enter.html", context, status=422 if form.errors else 200)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def refer_by_link(request: HttpRequest, secret: str) -> HttpResponse:
    """The same page, once her address is confirmed."""
    limit(request, "referral_link", "120/m/ip")
    link = queries.organisation_link(secret)
    confirmation = _confirmed(request, link)
    if confirmation is None:
        return redirect("referrals:enter", secret=secret)
    sender = Sender(
        by=Actor.link(str(link.uuid)),
        name=confirmation.name,
        title=confirmation.title,
        email=confirmation.email,
        organisations=[link.organisation],
        link=link,
        recent=queries.referrals_by_link(confirmation),
        base="bare.html",
        all_url="",
    )
    return _refer(request, sender)
