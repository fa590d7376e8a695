"""What became of a referral, for whoever sent it: by her account, or by the signed link of who has none."""

from __future__ import annotations

import uuid as uuids
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts.models import User
from bagage.common.codes import shown_code
from bagage.common.errors import BusinessError
from bagage.common.middleware import back_url
from bagage.common.pdf import icon_file, render_pdf, sign_file
from bagage.common.qr import qr_file, qr_svg
from bagage.common.ratelimit import limit
from bagage.common.words import printed_for
from bagage.people.domain.fields import Field
from bagage.permanences.models import Appointment
from bagage.referrals import queries, services, words
from bagage.referrals.domain.lifecycle import LINK_LIFE, may_go
from bagage.referrals.forms.referrals import AnswerForm, QuestionForm
from bagage.referrals.models import Referral
from bagage.referrals.permissions import can_answer_referrals, can_follow_referral, can_print_slip, can_refer
from bagage.referrals.services import By
from bagage.trail.domain.actor import Actor

WITH_ALL = ("site__organisation", "organisation", "appointment__adviser", "person", "referrer")


@dataclass(frozen=True)
class Visit:
    """Someone who follows one referral, and the way she came."""

    referral: Referral
    by: By
    token: str = ""

    @property
    def is_signed(self) -> bool:
        """Whether she came by a signed link."""
        return bool(self.token)

    @property
    def base(self) -> str:
        """The frame of her pages."""
        return "bare.html" if self.is_signed else "base.html"

    def url(self, action: str) -> str:
        """The address of a page of this referral, by the way she came."""
        if not self.is_signed:
            return reverse(f"referrals:{action}", kwargs={"uuid": self.referral.uuid})
        name = "signed" if action == "follow" else f"signed_{action}"
        return reverse(f"referrals:{name}", kwargs={"token": self.token})

    @property
    def urls(self) -> dict[str, str]:
        """All of them, for a template."""
        actions = ["follow", "sent", "calendar", "answer", "ask", "withdraw", "slip", "slip_pdf"]
        addresses = {action: self.url(action) for action in actions}
        if self.is_signed:
            addresses["give_back"] = reverse("referrals:give_back", kwargs={"token": self.token})
        return addresses


def _own(request: HttpRequest, uuid: uuids.UUID) -> Visit:
    """The referral of this account; 404 for anyone else's."""
    assert isinstance(request.user, User)
    if not can_refer(request.user):
        raise PermissionDenied
    referral = get_object_or_404(Referral.objects.sent_by(request.user).select_related(*WITH_ALL), uuid=uuid)
    if not can_follow_referral(request.user, referral):
        raise PermissionDenied
    return Visit(referral, request.user)


def _by_token(request: HttpRequest, token: str) -> Visit:
    """The referral of a signed link; 404 with a way to get another when it opens nothing."""
    limit(request, "referral_signed", "240/m/ip")
    referral = queries.referral_by_token(token)
    return Visit(referral, Actor.link(str(referral.uuid)), token)


# ---------- what became of her ----------
@require_safe
def follow(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """The page of an account."""
    return _follow(request, _own(request, uuid))


@login_not_required
@require_safe
def signed(request: HttpRequest, token: str) -> HttpResponse:
    """The page of a signed link."""
    return _follow(request, _by_token(request, token))


def _follow(
    request: HttpRequest,
    visit: Visit,
    *,
    answer_form: AnswerForm | None = None,
    question_form: QuestionForm | None = None,
) -> HttpResponse:
    now = timezone.now()
    referral = visit.referral
    seen = queries.followed(referral, now)
    hears = visit.is_signed or queries.sight_of_referrer(referral).shows(Field.NEWS)
    if not hears:
        sent = [step for step in seen.milestones if step.state == "sent"]
        seen = replace(seen, milestones=sent, step_words="", next_appointment=None, news=[])
    if seen.question and answer_form is None:
        answer_form = AnswerForm(initial={"key": str(uuids.uuid4())}, choices=seen.question.choice_list)
    if question_form is None:
        question_form = QuestionForm(initial={"key": str(uuids.uuid4())})
    failed = bool(question_form.errors or (answer_form and answer_form.errors))
    context = {
        "base": visit.base,
        "visit": visit,
        "urls": visit.urls,
        "referral": referral,
        "seen": seen,
        "hears": hears,
        "headline": words.headline(referral, now) if hears else words.silent_words(),
        "detail": words.detail(referral, seen.step_words, now) if hears else "",
        "site_name": words.site_name(referral.site),
        "address": words.address(referral.site),
        "way": words.way_to_her(referral),
        "answer_form": answer_form,
        "question_form": question_form,
        "asks": bool(question_form.errors),
        "may_withdraw": may_go(referral.state, "withdrawn"),
        "open_until": referral.sent_at + LINK_LIFE,
    }
    return render(request, "referrals/follow.html", context, status=422 if failed else 200)


@require_safe
def sent(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """The page after sending, for an account."""
    return _sent(request, _own(request, uuid))


@login_not_required
@require_safe
def signed_sent(request: HttpRequest, token: str) -> HttpResponse:
    """The page after sending, for a link."""
    return _sent(request, _by_token(request, token))


def _sent(request: HttpRequest, visit: Visit) -> HttpResponse:
    """It left: the slip to print, what happens next. Opened twice it says the same."""
    referral = visit.referral
    context = {
        "base": visit.base,
        "visit": visit,
        "urls": visit.urls,
        "referral": referral,
        "site_name": words.site_name(referral.site),
        "way": words.way_to_her(referral),
        "email": referral.referrer.email if referral.referrer else referral.referrer_email,
        "open_until": referral.sent_at + LINK_LIFE,
        "another_url": _another_url(request, visit),
    }
    return render(request, "referrals/sent.html", context)


def _another_url(request: HttpRequest, visit: Visit) -> str:
    """Where the next person is referred: the form of the account, or the organisation's link that she comes from.

    Nobody keeps the secret of a link: it is read in the address of the form that was just sent. ``""`` without it.
    """
    if not visit.is_signed:
        return reverse("referrals:refer")
    try:
        match = resolve(urlsplit(back_url(request)).path)
    except Resolver404:
        return ""
    return (
        reverse("referrals:refer_by_link", kwargs=match.kwargs)
        if match.view_name == "referrals:refer_by_link"
        else ""
    )


# ---------- her slip ----------
def _for_slip(request: HttpRequest, uuid: uuids.UUID) -> Visit:
    """Whoever sent it, or the permanence that answers it."""
    assert isinstance(request.user, User)
    if not (can_refer(request.user) or can_answer_referrals(request.user)):
        raise PermissionDenied
    referral = get_object_or_404(Referral.objects.select_related(*WITH_ALL), uuid=uuid)
    if not can_print_slip(request.user, referral):
        raise Http404
    return Visit(referral, request.user)


@require_safe
def slip(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """Her slip, on screen before it is printed."""
    return _slip(request, _for_slip(request, uuid))


@login_not_required
@require_safe
def signed_slip(request: HttpRequest, token: str) -> HttpResponse:
    """The same by a signed link."""
    return _slip(request, _by_token(request, token))


def _slip(request: HttpRequest, visit: Visit) -> HttpResponse:
    referral = visit.referral
    is_own = visit.is_signed or referral.referrer == visit.by
    back = visit.url("follow") if is_own else reverse("referrals:detail", kwargs={"uuid": referral.uuid})
    written = words.slip(referral, _appointment_seen(visit), card_url(referral))
    with printed_for(written.lang):
        qr = qr_svg(written.url, _("Code à scanner"))
    context = {
        "referral": referral,
        "slip": written,
        "back": back,
        "pdf_url": visit.url("slip_pdf"),
        "qr": qr,
    }
    return render(request, "referrals/slip.html", context)


def _appointment_seen(visit: Visit) -> Appointment | None:
    """Her next appointment; none for whoever referred her, once she agrees no more that it is told."""
    referral = visit.referral
    is_own = visit.is_signed or referral.referrer == visit.by
    if is_own and not queries.lets_referrer_know(referral):
        return None
    return queries.next_appointment(referral, timezone.now())


def card_url(referral: Referral) -> str:
    """What the QR of a slip opens: the page of a card, which tells a stranger nothing of her."""
    return f"{settings.PUBLIC_URL}/c/{referral.code}/"


@require_safe
def slip_pdf(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """Her slip as a PDF file, A5."""
    return _slip_pdf(_for_slip(request, uuid))


@login_not_required
@require_safe
def signed_slip_pdf(request: HttpRequest, token: str) -> HttpResponse:
    """The same by a signed link."""
    return _slip_pdf(_by_token(request, token))


def _slip_pdf(visit: Visit) -> HttpResponse:
    referral = visit.referral
    written = words.slip(referral, _appointment_seen(visit), card_url(referral))
    with printed_for(written.lang):
        data = {
            **asdict(written),
            "unable": _("Si vous ne pouvez pas venir") if written.has_appointment else _("Une question"),
            "call": _("Appelez le"),
            "your_code": _("Votre code"),
            "scan": _("Montrez ce code en arrivant."),
            "nobody": _("Il ne dit rien de vous."),
        }
    pdf = render_pdf(
        "referrals/slip.typ",
        data,
        files={
            "qr.svg": qr_file(written.url),
            "sign.svg": sign_file("full", "full", "full", size="s"),
            "calendar.svg": icon_file("calendar-check" if written.has_appointment else "map-pin"),
            "phone.svg": icon_file("phone"),
        },
    )
    response = HttpResponse(pdf, content_type="application/pdf")
    # No name in a file name either: it stays in a folder of downloads.
    response["Content-Disposition"] = f'inline; filename="coupon-{referral.code}.pdf"'
    return response


# ---------- her appointment in a calendar ----------
@require_safe
def calendar(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """The next appointment as a calendar file."""
    return _calendar(_own(request, uuid))


@login_not_required
@require_safe
def signed_calendar(request: HttpRequest, token: str) -> HttpResponse:
    """The same by a signed link."""
    return _calendar(_by_token(request, token))


def _calendar(visit: Visit) -> HttpResponse:
    now = timezone.now()
    appointment = _appointment_seen(visit)
    if appointment is None:
        raise Http404
    response = HttpResponse(
        calendar_file(visit.referral, appointment, now), content_type="text/calendar; charset=utf-8"
    )
    response["Content-Disposition"] = f'attachment; filename="rendez-vous-{visit.referral.code}.ics"'
    return response


def calendar_file(referral: Referral, appointment: Appointment, now: datetime) -> str:
    """An iCalendar event (RFC 5545): code and place, no name, since calendars are shared."""

    def stamp(moment: datetime) -> str:
        return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")

    def text(value: str) -> str:
        escaped = value.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
        return escaped.replace("\r\n", "\\n").replace("\n", "\\n")

    def folded(line: str) -> str:
        parts, rest = [], line
        while len(rest.encode()) > 74:
            cut = 74
            while len(rest[:cut].encode()) > 74:
                cut -= 1
            parts.append(rest[:cut])
            rest = f" {rest[cut:]}"
        return "\r\n".join([*parts, rest])

    summary = _("Rendez-vous %(code)s, %(site)s") % {
        "code": shown_code(referral.code),
        "site": words.site_name(referral.site),
    }
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Bagage//FR",
        "CALSCALE:GREGORIAN",
        "BEGIN:VEVENT",
        f"UID:{appointment.uuid}@bagage",
        f"DTSTAMP:{stamp(now)}",
        f"DTSTART:{stamp(appointment.starts_at)}",
        f"DTEND:{stamp(appointment.ends_at)}",
        f"SUMMARY:{text(summary)}",
        f"LOCATION:{text(words.address(referral.site))}",
        "CLASS:PRIVATE",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return "\r\n".join(folded(line) for line in lines) + "\r\n"


# ---------- questions, answers, taking back ----------
@require_http_methods(["GET", "HEAD", "POST"])
def answer(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """Answer the question of the permanence."""
    return _answer(request, _own(request, uuid))


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def signed_answer(request: HttpRequest, token: str) -> HttpResponse:
    """The same by a signed link."""
    return _answer(request, _by_token(request, token))


def _answer(request: HttpRequest, visit: Visit) -> HttpResponse:
    if request.method != "POST":
        return redirect(visit.url("follow"))
    seen = queries.followed(visit.referral, timezone.now())
    if seen.question is None:
        # Already answered, maybe by a second press: the page shows what was said.
        return redirect(visit.url("follow"))
    form = AnswerForm(request.POST, choices=seen.question.choice_list)
    if form.is_valid():
        try:
            services.answer(
                seen.question,
                form.cleaned_data["whole"],
                author=visit.referral.referrer_name,
                by=visit.by,
                key=form.cleaned_data["key"],
            )
        except BusinessError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, _("Votre réponse est partie."))
            return redirect(visit.url("follow"))
    return _follow(request, visit, answer_form=form)


@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """Ask the permanence something."""
    return _ask(request, _own(request, uuid))


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def signed_ask(request: HttpRequest, token: str) -> HttpResponse:
    """The same by a signed link."""
    return _ask(request, _by_token(request, token))


def _ask(request: HttpRequest, visit: Visit) -> HttpResponse:
    if request.method != "POST":
        return redirect(visit.url("follow"))
    limit(request, "referral_ask", "20/h/key", key=str(visit.referral.uuid))
    form = QuestionForm(request.POST)
    if form.is_valid():
        try:
            services.ask(
                visit.referral,
                form.cleaned_data["text"],
                from_referrer=True,
                author=visit.referral.referrer_name,
                by=visit.by,
                key=form.cleaned_data["key"],
            )
        except BusinessError as error:
            form.add_error(error.field or None, str(error))
        else:
            messages.success(request, _("Votre question est partie. La réponse arrive ici, et par mail."))
            return redirect(visit.url("follow"))
    return _follow(request, visit, question_form=form)


@require_POST
def withdraw(request: HttpRequest, uuid: uuids.UUID) -> HttpResponse:
    """Take the referral back."""
    visit = _own(request, uuid)
    services.withdraw_referral(visit.referral, by=visit.by)
    messages.success(request, _("L’orientation est reprise. La permanence ne contacte plus cette personne."))
    return redirect(visit.url("follow"))


@login_not_required
@require_POST
def signed_withdraw(request: HttpRequest, token: str) -> HttpResponse:
    """The same by a signed link, which ends with it."""
    visit = _by_token(request, token)
    services.withdraw_referral(visit.referral, by=visit.by)
    text = _(
        "L’orientation est reprise. La permanence ne contacte plus cette personne, et ce lien est éteint."
    )
    return render(request, "referrals/done.html", {"text": text})


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def give_back(request: HttpRequest, token: str) -> HttpResponse:
    """ "This link is not for me": asked once, then the link is out."""
    visit = _by_token(request, token)
    if request.method != "POST":
        # What the page holds is not shown to someone who says that it is not for her.
        return render(request, "referrals/give_back.html", {"urls": visit.urls})
    services.give_back_link(visit.referral, by=visit.by)
    text = _("Merci. Ce lien est éteint, et la permanence sait qu’il était arrivé chez quelqu’un d’autre.")
    return render(request, "referrals/done.html", {"text": text})
