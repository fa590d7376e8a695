"""Sending someone on to a place: reason, agreement, what is told and how, the letter word for word."""

from __future__ import annotations

import uuid as uuids
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bagage.accounts.models import User
from bagage.common.codes import new_code
from bagage.common.errors import BusinessError
from bagage.common.middleware import is_htmx
from bagage.directory.models import Service, Structure
from bagage.journeys.models import Request
from bagage.people.models import Person, is_visible_to
from bagage.people.queries import identity_ids, whole_person
from bagage.referrals import onward_words, queries, services
from bagage.referrals.domain import onward_lifecycle as rules
from bagage.referrals.forms.onward import (
    OnwardForm,
    digest_of,
    usual,
)
from bagage.referrals.models import Onward
from bagage.referrals.permissions import can_send_onward

WAY_ICONS = {rules.EMAIL: "mail", rules.PHONE: "phone-outgoing", rules.PAPER: "file-text"}
AGREED_ICONS = {"spoken": "message-circle", "signed": "signature", "refused": "file-text"}


def sent_person(request: HttpRequest, uuid: uuids.UUID) -> tuple[User, Person, datetime]:
    """A person whose file she sees (404 if not) and whom she may send on (403 if not)."""
    assert isinstance(request.user, User)
    now = timezone.now()
    found = Person.objects.filter(uuid=uuid, erased_at=None).select_related("merged_into").first()
    if found is None:
        raise Http404
    person = whole_person(found)
    if not is_visible_to(request.user, person.pk, now):
        raise Http404
    if not can_send_onward(request.user, person, now):
        raise PermissionDenied
    return request.user, person, now


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
    user, person, now = sent_person(request, uuid)
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
