"""One person at the counter: what remains, until when, what she bought; her rights opened, renewed, ended."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import Organisation
from bagage.common.errors import BusinessError
from bagage.common.words import day_short
from bagage.connection.words import euros
from bagage.people.queries import identity_ids, place_of, whole_person
from bagage.people.queries.facts import sites_that_follow
from bagage.shop import words
from bagage.shop.forms import KeyForm, RightEndForm, RightOpenForm
from bagage.shop.models import AccessRight, Sale
from bagage.shop.permissions import can_grant_right, can_sell, can_sell_to
from bagage.shop.queries.file import rights_ending as rights_that_end
from bagage.shop.queries.rights import last_right_of, left_in_cap, rights_of, shop_rules
from bagage.shop.services import end_right, open_right, renew_right
from bagage.shop.views.shared import (
    Opened,
    address_of,
    opened_person,
    seen_person,
    show_refusal,
    site_for,
    status_of,
    who,
)
from bagage.trail.services import record_reading

SHOWN = 50


@require_safe
def person_purchases(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What remains, until when, her purchases, her rights."""
    opened = opened_person(request, uuid)
    record_reading(
        opened.user.actor,
        "read_purchases",
        at=opened.now,
        place=place_of(opened.person, opened.user, opened.now),
        person=opened.person.uuid,
    )
    return render(request, "shop/person_purchases.html", _page(opened, RightOpenForm(today=opened.today)))


def _page(opened: Opened, form: RightOpenForm) -> dict[str, Any]:
    rules = shop_rules()
    right = last_right_of(opened.files, opened.today)
    left = left_in_cap(opened.files, opened.today, rules)
    sales = list(
        Sale.objects.of_persons(opened.files)
        .select_related("site__organisation", "refunds")
        .prefetch_related("lines")
        .order_by("-sold_at", "-pk")[: SHOWN + 1]
    )
    rights = rights_of(opened.files)
    may_grant = can_grant_right(opened.user, opened.person, opened.now)
    lives = right is not None and right.lives_on(opened.today)
    follower = any(one.renews_id == right.pk for one in rights) if right is not None else False
    may_renew = (
        may_grant
        and right is not None
        and right.ended_on is None
        and not follower
        and words.renewals_left(right, rules) > 0
    )
    return {
        "person": opened.person,
        "file_url": address_of("desk:person", opened.person.uuid),
        "rules": rules,
        "right": right,
        "right_lives": lives,
        "right_words": words.right_words(right, opened.today),
        "left": left,
        "period": words.period_name(left, rules.period),
        "per_period": words.per_period(rules.period),
        "more_words": words.more_words(left),
        "left_words": _("%(used)s achetés sur %(cap)s") % {"used": euros(left.used), "cap": euros(left.cap)},
        "rights": [
            (one, words.right_words(one, opened.today), words.source_words(one.source)) for one in rights
        ],
        "sales": [
            (
                sale,
                words.what_words([line.name for line in sale.lines.all()]),
                can_sell(opened.user, sale.site),
            )
            for sale in sales[:SHOWN]
        ],
        "has_more": len(sales) > SHOWN,
        "icons": words.SALE_ICONS,
        "may_grant": may_grant,
        "may_renew": may_renew,
        "no_more": words.no_more_renewal_words(rules)
        if lives and right is not None and not words.renewals_left(right, rules)
        else "",
        "may_open": may_grant and not lives,
        "may_sell": can_sell_to(opened.user, opened.person, opened.now),
        "form": form,
        "renew_form": KeyForm(),
    }


def _node(opened: Opened) -> Organisation:
    """The node for which a right is opened: one that follows her and where this user opens rights."""
    mine = opened.user.node_ids(Ability.GRANT_RIGHTS)
    return next(node for node in sites_that_follow(opened.person, opened.now) if node.pk in mine)


@require_http_methods(["GET", "HEAD", "POST"])
def right_open(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A voucher with its number, or a decision."""
    opened = opened_person(request, uuid)
    if not can_grant_right(opened.user, opened.person, opened.now):
        raise PermissionDenied
    form = RightOpenForm(request.POST or None, today=opened.today)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            right = open_right(
                opened.person,
                node=_node(opened),
                source=form.source,
                begins_on=data["begins_on"],
                key=data["key"],
                by=opened.user,
            )
        except BusinessError as error:
            show_refusal(form, error)
        else:
            values = {"day": day_short(right.ends_on, year=True)}
            if right.key == data["key"]:
                messages.success(request, _("Ses droits sont ouverts jusqu’au %(day)s.") % values)
            else:
                messages.info(request, _("Ses droits étaient déjà ouverts, jusqu’au %(day)s.") % values)
            return redirect("shop:person_purchases", opened.person.uuid)
    return render(
        request, "shop/right_open.html", {"person": opened.person, "form": form}, status=status_of(form)
    )


def _right(request: HttpRequest, uuid: UUID) -> AccessRight:
    """A right of a person in scope whose rights one may change."""
    right = (
        AccessRight.objects.select_related("person__merged_into", "node", "renews").filter(uuid=uuid).first()
    )
    if right is None:
        raise Http404
    user, now = who(request), timezone.now()
    her = seen_person(user, right.person.uuid, now)
    if not can_grant_right(user, her, now):
        raise PermissionDenied
    return right


@require_POST
def right_renew(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """One window more."""
    right = _right(request, uuid)
    form = KeyForm(request.POST)
    key = form.cleaned_data["key"] if form.is_valid() else f"renew:{right.uuid.hex}"
    renewal = renew_right(right, key=key, by=who(request))
    messages.success(
        request,
        _("Ses droits sont renouvelés, jusqu’au %(day)s.") % {"day": day_short(renewal.ends_on, year=True)},
    )
    return redirect("shop:person_purchases", whole_person(right.person).uuid)


@require_http_methods(["GET", "HEAD", "POST"])
def right_end(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """It holds no more."""
    right = _right(request, uuid)
    person = whole_person(right.person)
    form = RightEndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            end_right(right, reason=data["reason"], is_mistake=data["is_mistake"], by=who(request))
        except BusinessError as error:
            show_refusal(form, error)
        else:
            messages.success(request, _("Ses droits sont fermés. Ses achats restent dans l’histoire."))
            return redirect("shop:person_purchases", person.uuid)
    return render(
        request,
        "shop/right_end.html",
        {
            "person": person,
            "right": right,
            "right_words": words.right_words(right, timezone.localdate()),
            "has_bought": Sale.objects.of_persons(identity_ids(person))
            .filter(on__gte=right.begins_on)
            .exists(),
            "form": form,
        },
        status=status_of(form),
    )


@require_safe
def rights_ending(request: HttpRequest) -> HttpResponse:
    """Whose rights end soon, of those whom this site follows."""
    site = site_for(request, Ability.GRANT_RIGHTS)
    if site is None:
        return render(request, "shop/counter_none.html")
    found = rights_that_end(site, timezone.now())
    return render(
        request,
        "shop/rights_ending.html",
        {
            "here": site,
            "rules": shop_rules(),
            "rows": [
                (
                    right,
                    whole_person(right.person),
                    reverse("shop:person_purchases", args=[right.person.uuid]),
                )
                for right in found
            ],
        },
    )
