"""Where one stands at the counter, and what its pages share."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.common.errors import BusinessError, FormUsed
from bagage.people.models import Person, is_visible_to
from bagage.people.queries import identity_ids, whole_person
from bagage.permanences.models import Site
from bagage.permanences.queries import current_site, sites_for
from bagage.shop.permissions import can_read_purchases


@dataclass(frozen=True, slots=True)
class Opened:
    """A person that was opened in scope."""

    user: User
    person: Person
    files: list[int]
    now: datetime

    @property
    def today(self) -> date:
        return timezone.localdate(self.now)


def who(request: HttpRequest) -> User:
    """Who asks."""
    assert isinstance(request.user, User)
    return request.user


def site_for(request: HttpRequest, ability: Ability) -> Site | None:
    """The site at which this is done: the one asked by ``site`` (404 when out of scope), the current one, the first.

    403 for who does this nowhere; ``None`` in an installation without an open permanence.
    """
    user = who(request)
    if not user.can(ability):
        raise PermissionDenied
    sites = sites_for(user, ability)
    asked = request.GET.get("site") or request.POST.get("site") or ""
    if asked:
        found = next((site for site in sites if str(site.uuid) == asked), None)
        if found is None:
            raise Http404
        return found
    here = current_site(request)
    if here is not None and here.pk in {site.pk for site in sites}:
        return here
    return sites[0] if sites else None


def stock_ability(user: User) -> Ability:
    """By what one sees stock: selling, or else keeping it."""
    return Ability.SELL if user.can(Ability.SELL) else Ability.KEEP_STOCK


def seen_person(user: User, uuid: UUID | str, now: datetime) -> Person:
    """The kept file of that id, if this user may see it at all; 404 otherwise."""
    try:
        found = (
            Person.objects.filter(uuid=UUID(str(uuid)), erased_at=None).select_related("merged_into").first()
        )
    except ValueError as error:
        raise Http404 from error
    if found is None:
        raise Http404
    her = whole_person(found)
    if her.erased_at or not is_visible_to(user, her.pk, now):
        raise Http404
    return her


def opened_person(request: HttpRequest, uuid: UUID) -> Opened:
    """A person whose purchases are read: 404 out of scope, 403 for who may not read them."""
    user, now = who(request), timezone.now()
    her = seen_person(user, uuid, now)
    if not can_read_purchases(user, her, now):
        raise PermissionDenied
    return Opened(user, her, identity_ids(her), now)


def address_of(name: str, *args: object) -> str:
    """The address of a page of an activity above, or ``""`` in an installation that has not got it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def show_refusal(form: forms.Form, error: BusinessError, **fields: str) -> None:
    """A refused rule beside the field at fault (``fields`` rename it); nothing that was typed is lost.

    A form that served before for something else gets a key of its own, so that the next press does what it says.
    """
    field = fields.get(error.field, error.field)
    form.add_error(field if field in form.fields else None, str(error))
    if isinstance(error, FormUsed):
        sent: Any = copy(form.data)
        sent["key"] = uuid4().hex
        form.data = sent


def status_of(form: forms.Form) -> int:
    """422 when something is wrong with what was typed."""
    return 422 if form.is_bound and form.errors else 200
