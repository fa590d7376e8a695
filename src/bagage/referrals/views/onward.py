"""Sending someone on to a place around: the form with what leaves word for word, what became of it, her paper."""

from __future__ import annotations

import uuid as uuids
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts.models import User
from bagage.common.codes import new_code, read_code
from bagage.common.errors import BusinessError
from bagage.common.middleware import is_htmx
from bagage.common.pdf import icon_file, render_pdf, sign_file
from bagage.common.qr import qr_file, qr_svg
from bagage.common.tables import Column, Filter, Table
from bagage.common.words import printed_for
from bagage.directory.models import Service, Structure
from bagage.journeys.models import Request
from bagage.people.models import Person
from bagage.people.queries import identity_ids, whole_person
from bagage.referrals import onward_words, queries, services
from bagage.referrals.domain import onward_lifecycle as rules
from bagage.referrals.forms.onward import (
    AgainForm,
    CallOffForm,
    NotedAnswerForm,
    OnwardForm,
    digest_of,
    usual,
)
from bagage.referrals.models import Onward, OnwardState
from bagage.referrals.onward_words import OnwardSlip
from bagage.referrals.permissions import can_send_onward, can_send_onwards
from bagage.referrals.services.telling_place import site_of
from bagage.referrals.views.search import kept_search
from bagage.referrals.words import capital, site_name
from bagage.trail.services import record_reading

WAY_ICONS = {rules.EMAIL: "mail", rules.PHONE: "phone-outgoing", rules.PAPER: "file-text"}
AGREED_ICONS = {"spoken": "message-circle", "signed": "signature", "refused": "file-text"}
STATES = [
    ("waiting", gettext_lazy("Sans réponse")),
    ("silent", gettext_lazy("À appeler")),
    ("again", gettext_lazy("À chercher ailleurs")),
    *[(state.value, state.label) for state in OnwardState],
]


# Whom her places follow is asked row by row: beyond these, "more than" says enough.
COUNTED = 300


def _sender(request: HttpRequest) -> User:
    """Whoever sends persons on somewhere; 403 otherwise."""
    assert isinstance(request.user, User)
    if not can_send_onwards(request.user):
        raise PermissionDenied
    return request.user


def _person(request: HttpRequest, uuid: uuids.UUID) -> tuple[User, Person, datetime]:
    """A person whose file she sees (404 if not) and whom she may send on (403 if not)."""
    assert isinstance(request.user, User)
    now = timezone.now()
    found = Person.objects.filter(uuid=uuid, erased_at=None).select_related("merged_into").first()
    if found is None:
        raise Http404
    person = whole_person(found)
    if not Person.objects.visible_to(request.user, now).filter(pk=person.pk).exists():
        raise Http404
    if not can_send_onward(request.user, person, now):
        raise PermissionDenied
    return request.user, person, now


def _in_scope(request: HttpRequest, uuid: uuids.UUID) -> tuple[User, Onward, datetime]:
    """An orientation of someone whom she follows; 404 for any other."""
    assert isinstance(request.user, User)
    now = timezone.now()
    onward = (
        Onward.objects.select_related(
            "person__merged_into", "structure", "node", "request", "despite__structure"
        )
        .filter(uuid=uuid)
        .first()
    )
    if onward is None:
        raise Http404
    person = whole_person(onward.person)
    if person.erased_at or not Person.objects.visible_to(request.user, now).filter(pk=person.pk).exists():
        raise Http404
    if not can_send_onward(request.user, person, now):
        raise PermissionDenied
    return request.user, onward, now


def panorama_url(person: Person, need: str = "") -> str:
    """Where a place is chosen for her; ``""`` without a panorama."""
    try:
        address = reverse("directory:panorama")
    except NoReverseMatch:
        return ""
    return f"{address}?person={person.uuid}" + (f"&need={need}" if need else "")


def structure_url(structure: Structure) -> str:
    try:
        return reverse("directory:structure", kwargs={"uuid": structure.uuid})
    except NoReverseMatch:
        return ""


# ---------- the list ----------
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
    context = {
        "table": table,
        "search": search,
        "waiting": seen.waiting().count(),
        "silent": seen.to_call(now - timedelta(days=days)).count(),
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


# ---------- sending ----------
@dataclass(frozen=True)
class Sending:
    """What the form is about."""

    user: User
    person: Person
    structure: Structure
    files: list[int]
    requests: list[Request]
    now: datetime

    def request_of(self, uuid: str) -> Request | None:
        return next((one for one in self.requests if str(one.uuid) == uuid), None)


@require_http_methods(["GET", "HEAD", "POST"])
def onward_new(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """Three taps from the panorama: the place and the need are known; ask her, read what leaves, send."""
    user, person, now = _person(request, uuid)
    structure = _structure(request)
    if structure is None:
        return render(
            request,
            "referrals/onward_where.html",
            {"person": person, "panorama": panorama_url(person)},
            status=200 if request.method != "POST" else 422,
        )
    files = identity_ids(person)
    sending = Sending(user, person, structure, files, queries.requests_to_send(files), now)
    renews = "refresh" in request.POST
    sent = queries.sent_by_form(request.POST.get("key", "")[:64], files, structure)
    if sent is not None and not renews:
        return redirect("referrals:onward", uuid=sent.uuid)
    form = _form(request, sending, check=not renews)
    if request.method == "POST" and not renews and form.is_valid():
        data = form.cleaned_data
        letter = _letter(form, sending)
        if request.POST.get("seen", "") == digest_of(letter, data["by_way"], data["email"]):
            done = _send(request, form, sending)
            if done is not None:
                return done
        else:
            messages.info(request, _("Relisez ce qui part : il vient de changer. Puis orientez."))
    return _show(request, form, sending)


def _structure(request: HttpRequest) -> Structure | None:
    asked = request.POST.get("structure") or request.GET.get("structure", "")
    try:
        uuid = uuids.UUID(asked)
    except ValueError:
        return None
    return Structure.objects.prefetch_related("services").filter(uuid=uuid).first()


def _form(request: HttpRequest, sending: Sending, *, check: bool) -> OnwardForm:
    structure = sending.structure
    need = request.POST.get("need") or request.GET.get("need", "")
    options: dict[str, Any] = {
        "structure": structure,
        "requests": sending.requests,
        "shared": queries.what_can_be_shared(sending.person, None),
        "tells_referrer": _tells_referrer(sending.person),
        "is_again": bool(queries.earlier_onwards(sending.files, need)),
    }
    if request.method == "POST":
        data = request.POST.copy()
        # The proposed reason follows the need as long as nobody changed it.
        if not check and data.get("reason", "") == usual(data.get("need_before", "")):
            data["reason"] = usual(need)
        return OnwardForm(data, check=check, **options)
    given = [service.need for service in structure.services.all()]
    need = need if need in Service.NeedChoice.values else next(iter(given), Service.NeedChoice.UNKNOWN.value)
    options["is_again"] = bool(queries.earlier_onwards(sending.files, need))
    asked = request.GET.get("request", "")
    request_uuid = asked if sending.request_of(asked) else ""
    if not request_uuid and len(sending.requests) == 1:
        request_uuid = str(sending.requests[0].uuid)
    initial = {
        "key": str(uuids.uuid4()),
        "code": new_code(),
        "need": need,
        "request": request_uuid,
        "reason": usual(need),
        "shares": list(rules.USUAL_SHARES),
        "by_way": rules.EMAIL if structure.email else rules.PHONE if structure.phone else rules.PAPER,
        "email": structure.email,
    }
    return OnwardForm(initial=initial, **options)


def _tells_referrer(person: Person) -> bool:
    """Whether someone who referred her still hears of her."""
    behind = queries.referral_behind(person)
    return behind is not None and behind.state != "declined" and queries.lets_referrer_know(behind)


def _letter(form: OnwardForm, sending: Sending) -> str:
    """What would leave, as the form stands; ``""`` when she refused."""
    if form.typed("agreed") == rules.REFUSED:
        return ""
    nodes = queries.nodes_that_follow(sending.files, sending.now)
    mine = [node for node in nodes if node.pk in _orient_nodes(sending.user)]
    need = form.typed("need")
    return services.letter_of(
        sending.person,
        node=(mine or nodes)[0],
        need=need if need in Service.NeedChoice.values else Service.NeedChoice.UNKNOWN.value,
        reason=" ".join(form.typed("reason").split()),
        code=form.typed("code"),
        request=sending.request_of(form.typed("request")),
        ticked=form.typed_list("shares"),
    )


def _orient_nodes(user: User) -> set[int]:
    from bagage.accounts.domain.roles import Ability

    return set(user.node_ids(Ability.ORIENT))


def _send(request: HttpRequest, form: OnwardForm, sending: Sending) -> HttpResponse | None:
    data = form.cleaned_data
    try:
        onward = services.send_onward(
            sending.person,
            structure=sending.structure,
            need=data["need"],
            reason=data["reason"],
            agreed=data["agreed"],
            shares=data["shares"],
            by_way=data["by_way"],
            email=data["email"],
            request=sending.request_of(data.get("request", "")),
            despite_reason=data.get("despite_reason", ""),
            code=data["code"],
            key=data["key"],
            by=sending.user,
        )
    except BusinessError as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return None
    messages.success(request, _done_words(onward))
    return redirect("referrals:onward", uuid=onward.uuid)


def _done_words(onward: Onward) -> str:
    name = {"name": onward.person.chosen_name}
    if onward.by_way == rules.EMAIL:
        return _("Le lieu est prévenu. Donnez son papier à %(name)s.") % name
    if onward.by_way == rules.PHONE:
        return _("C’est noté. Donnez son papier à %(name)s.") % name
    return _("Son papier est prêt : donnez-le à %(name)s.") % name


def _show(request: HttpRequest, form: OnwardForm, sending: Sending) -> HttpResponse:
    structure, need = sending.structure, form.typed("need")
    letter = _letter(form, sending)
    by_way, email = form.typed("by_way"), form.typed("email")
    if form.typed("agreed") == rules.REFUSED:
        by_way = rules.PAPER
    earlier = queries.earlier_onwards(sending.files, need)
    context = {
        "person": sending.person,
        "structure": structure,
        "structure_url": structure_url(structure),
        "form": form,
        "need": need,
        "letter": letter,
        "by_way": by_way,
        "email": email,
        "is_refused": form.typed("agreed") == rules.REFUSED,
        "seen": digest_of(letter, by_way, email),
        "earlier": [(one, onward_words.outcome(one)) for one in earlier],
        "same": next((one for one in earlier if one.structure_id == structure.pk and one.is_waiting), None),
        "hours": onward_words.hour_lines(structure),
        "delay": queries.answer_delays([structure.pk]).get(structure.pk),
        "way_icons": WAY_ICONS,
        "agreed_icons": AGREED_ICONS,
        "panorama": panorama_url(sending.person, need),
    }
    if is_htmx(request) and "refresh" in request.POST:
        return render(request, "referrals/onward_new.html#beside", context)
    return render(request, "referrals/onward_new.html", context, status=422 if form.errors else 200)


# ---------- one orientation ----------
@require_safe
def onward(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """Where it stands, what was said to the place, what can be done."""
    user, found, now = _in_scope(request, uuid)
    record_reading(
        user.actor,
        "read_onward",
        at=now,
        place=found.node.uuid,
        person=whole_person(found.person).uuid,
        thing=f"onward:{found.uuid}",
    )
    return _page(request, user, found, now)


def _page(
    request: HttpRequest,
    user: User,
    found: Onward,
    now: datetime,
    *,
    answer_form: NotedAnswerForm | None = None,
    again_form: AgainForm | None = None,
    off_form: CallOffForm | None = None,
) -> HttpResponse:
    days = queries.silent_days()
    person = whole_person(found.person)
    may_tell = found.may_go(OnwardState.SENT) and not found.is_refused and queries.lets_place_know(found)
    failed = any(form is not None and form.errors for form in (answer_form, again_form, off_form))
    may_answer = any(found.may_go(answer) for answer in rules.ANSWERS)
    if answer_form is None and may_answer:
        answer_form = NotedAnswerForm(initial={"on": timezone.localdate(now)})
    if again_form is None and may_tell:
        again_form = AgainForm(
            initial={
                "key": str(uuids.uuid4()),
                "by_way": rules.EMAIL if found.email or found.structure.email else rules.PHONE,
                "email": found.email or found.structure.email,
            }
        )
    context = {
        "onward": found,
        "person": person,
        "structure_url": structure_url(found.structure),
        "headline": onward_words.headline(found),
        "detail": onward_words.detail(found, now),
        "silence": found.silence(now, days).todo,
        "asks_again": found.state in {OnwardState.NOT_COME, OnwardState.PLACE_CANNOT}
        and found.answered_by_place
        and found.seen_at is None,
        "need": capital(onward_words.need_words(found.need)),
        "steps": [
            (onward_words.ICONS[step.kind], step.at, onward_words.step_words(step), step.by)
            for step in found.steps.all()
        ],
        "answer_form": answer_form,
        "again_form": again_form if may_tell or again_form else None,
        "off_form": off_form or CallOffForm(),
        "may_call_off": found.may_go(OnwardState.CALLED_OFF),
        "is_answered": found.answered_at is not None,
        "lets_know": found.is_refused or queries.lets_place_know(found),
        "delay": queries.answer_delays([found.structure_id]).get(found.structure_id),
        "panorama": panorama_url(person, found.need),
        "way_icons": WAY_ICONS,
    }
    return render(request, "referrals/onward.html", context, status=422 if failed else 200)


@require_http_methods(["GET", "HEAD", "POST"])
def onward_answer(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """What the place said by phone, or what she told herself."""
    user, found, now = _in_scope(request, uuid)
    if request.method != "POST":
        return redirect("referrals:onward", uuid=found.uuid)
    form = NotedAnswerForm(request.POST)
    if form.is_valid():
        try:
            services.note_answer(
                found,
                answer=form.cleaned_data["answer"],
                on=form.day(timezone.localdate(now)),
                words=form.cleaned_data["words"],
                by=user,
            )
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("C’est noté."))
            return redirect("referrals:onward", uuid=found.uuid)
    return _page(request, user, found, now, answer_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def onward_again(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """Tell the place once more."""
    user, found, now = _in_scope(request, uuid)
    if request.method != "POST":
        return redirect("referrals:onward", uuid=found.uuid)
    form = AgainForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        try:
            services.tell_place_again(
                found, by_way=data["by_way"], email=data["email"], key=data["key"], by=user
            )
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            text = (
                _("La lettre repart, avec un nouveau lien. Le précédent est éteint.")
                if data["by_way"] == rules.EMAIL
                else _("C’est noté : le lieu est prévenu par téléphone.")
            )
            messages.success(request, text)
            return redirect("referrals:onward", uuid=found.uuid)
    return _page(request, user, found, now, again_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def onward_call_off(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """It is off."""
    user, found, now = _in_scope(request, uuid)
    if request.method != "POST":
        return redirect("referrals:onward", uuid=found.uuid)
    form = CallOffForm(request.POST)
    if form.is_valid():
        try:
            services.call_off_onward(found, reason=form.cleaned_data["reason"], by=user)
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Cette orientation est reprise. Le lien du lieu est éteint."))
            return redirect("referrals:onward", uuid=found.uuid)
    return _page(request, user, found, now, off_form=form)


@require_POST
def onward_seen(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """Someone sees to it."""
    user, found, _now = _in_scope(request, uuid)
    services.note_seen(found, by=user)
    messages.success(request, _("C’est vu. « Aujourd’hui » ne le demande plus."))
    return redirect("referrals:onward", uuid=found.uuid)


# ---------- her paper ----------
def _paper(found: Onward, now: datetime) -> tuple[OnwardSlip, str]:
    """Her paper in her language, and what its square opens: nothing when nothing of her may be told."""
    scans = not found.is_refused and found.state != OnwardState.CALLED_OFF and queries.lets_place_know(found)
    site = site_of(found)
    with printed_for(onward_words.language_of(whole_person(found.person).languages)):
        written = onward_words.slip(
            found, site=site, km=queries.km_between(site, found.structure), scans=scans
        )
    return written, queries.arrival_url(found, now) if scans else ""


@require_safe
def onward_slip(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """Her paper on screen before it is printed."""
    _user, found, now = _in_scope(request, uuid)
    written, url = _paper(found, now)
    with printed_for(written.lang):
        qr = qr_svg(url, _("Code à scanner")) if url else ""
    return render(request, "referrals/onward_slip.html", {"onward": found, "slip": written, "qr": qr})


@require_safe
def onward_slip_pdf(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """The same as a PDF file, A5."""
    _user, found, now = _in_scope(request, uuid)
    written, url = _paper(found, now)
    files = {
        "sign.svg": sign_file("full", "full", "full", size="s"),
        "map-pin.svg": icon_file("map-pin"),
        "clock.svg": icon_file("clock"),
        "phone.svg": icon_file("phone"),
    }
    if url:
        files["qr.svg"] = qr_file(url)
    pdf = render_pdf("referrals/onward_slip.typ", asdict(written), files=files)
    response = HttpResponse(pdf, content_type="application/pdf")
    # No name in a file name either: it stays in a folder of downloads.
    response["Content-Disposition"] = f'inline; filename="orientation-{found.code}.pdf"'
    return response
