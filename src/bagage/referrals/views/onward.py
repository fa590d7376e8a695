"""One orientation: what became of it, what the place said by telephone, telling it again, her paper."""

from __future__ import annotations

import uuid as uuids
from dataclasses import asdict
from datetime import datetime

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts.models import User
from bagage.common.errors import BusinessError
from bagage.common.pdf import icon_file, render_pdf, sign_file
from bagage.common.qr import qr_file, qr_svg
from bagage.common.words import printed_for
from bagage.people.models import is_visible_to
from bagage.people.queries import whole_person
from bagage.referrals import onward_words, queries, services
from bagage.referrals.domain import onward_lifecycle as rules
from bagage.referrals.forms.onward import (
    AgainForm,
    CallOffForm,
    NotedAnswerForm,
)
from bagage.referrals.models import Onward, OnwardState
from bagage.referrals.onward_words import OnwardSlip
from bagage.referrals.permissions import can_send_onward
from bagage.referrals.services.telling_place import site_of
from bagage.referrals.views.onward_new import WAY_ICONS, panorama_url, structure_url
from bagage.referrals.words import capital
from bagage.trail.services import record_reading


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
    if person.erased_at or not is_visible_to(request.user, person.pk, now):
        raise Http404
    if not can_send_onward(request.user, person, now):
        raise PermissionDenied
    return request.user, onward, now


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
