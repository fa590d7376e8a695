"""The page of a place that someone was sent on to: it says what became of her, without an account."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from bagage.common.errors import BusinessError
from bagage.common.ratelimit import limit
from bagage.referrals import onward_words, queries, services
from bagage.referrals.domain import onward_lifecycle as rules
from bagage.referrals.forms.onward import PlaceAnswerForm
from bagage.referrals.services.telling_place import site_of
from bagage.trail.domain.actor import Actor

ANSWER_ICONS = {rules.ARRIVED: "circle-check", rules.NOT_COME: "calendar-x", rules.PLACE_CANNOT: "circle-x"}


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def arrival(request: HttpRequest, token: str) -> HttpResponse:
    """She came, she did not, or we cannot: one gesture. Opened again, it shows the answer and takes another."""
    limit(request, "onward_arrival", "240/m/ip")
    onward = queries.onward_by_token(token)
    now = timezone.now()
    today = timezone.localdate(now)
    form = PlaceAnswerForm(
        request.POST if request.method == "POST" else None,
        initial={
            "answer": onward.state if onward.state in rules.ANSWERS else "",
            "on": onward.arrived_on or today,
            "words": onward.answer_words,
        },
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.confirm_arrival(
                onward,
                answer=form.cleaned_data["answer"],
                on=form.day(today),
                words=form.cleaned_data["words"],
                by=Actor.link(str(onward.uuid)),
            )
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, _("Merci, c’est noté. La permanence le sait."))
            return redirect("referrals:arrival", token=token)
    context = {
        "onward": onward,
        "lines": onward.letter.splitlines(),
        "form": form,
        "answer_icons": ANSWER_ICONS,
        "is_answered": onward.state in rules.ANSWERS,
        "answered": onward_words.answer_of_place(onward),
        "site": site_of(onward),
        "open_until": onward.asked_at + rules.LINK_LIFE,
        "token": token,
    }
    return render(request, "referrals/arrival.html", context, status=422 if form.errors else 200)
