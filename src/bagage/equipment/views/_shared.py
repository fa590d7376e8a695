"""What the pages share: who is signed in, what is in scope, the address of a page of another activity."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.common.errors import BusinessError
from bagage.equipment.models import Device, Reservation
from bagage.equipment.permissions import can_hand_over_to, can_read_devices_of, can_see_devices
from bagage.equipment.queries import devices_seen, sites_of
from bagage.people.models import Person, is_visible_to
from bagage.people.queries import whole_person
from bagage.permanences.models import Site
from bagage.permanences.queries import current_site


def signed_in(request: HttpRequest) -> User:
    """Who asks."""
    assert isinstance(request.user, User)
    return request.user


def address_of(name: str, *args: object) -> str:
    """The address of a page of another activity, or ``""`` when this installation has not got it."""
    try:
        return reverse(name, args=args)
    except NoReverseMatch:
        return ""


def counter_of(person: Person) -> str:
    """The counter, opened for her; ``""`` where there is none."""
    address = address_of("shop:counter")
    return f"{address}?person={person.uuid}" if address else ""


def device_in_scope(request: HttpRequest, uuid: UUID) -> tuple[User, Device]:
    """A device of a site where she sees devices (404 if not); 403 for who sees none at all."""
    user = signed_in(request)
    if not can_see_devices(user):
        raise PermissionDenied
    device = devices_seen(user).filter(uuid=uuid).first()
    if device is None:
        raise Http404
    return user, device


@dataclass(frozen=True, slots=True)
class Opened:
    """A person whose devices were opened in scope."""

    user: User
    person: Person
    now: datetime
    may_change: bool

    @property
    def today(self) -> date:
        """The day, here."""
        return timezone.localdate(self.now)


def opened(request: HttpRequest, person: Person | None, *, to_change: bool = False) -> Opened:
    """The reader and the person, if she may see her at all (404 if not) and reads, or changes, her file (403)."""
    user, now = signed_in(request), timezone.now()
    if person is None:
        raise Http404
    her = whole_person(person)
    if her.erased_at or not is_visible_to(user, her.pk, now):
        raise Http404
    if not can_read_devices_of(user, her, now):
        raise PermissionDenied
    may_change = can_hand_over_to(user, her, now)
    if to_change and not may_change:
        raise PermissionDenied
    return Opened(user, her, now, may_change)


def person_of(uuid: UUID) -> Person | None:
    """The file of that address, with the one that is kept."""
    return Person.objects.filter(uuid=uuid, erased_at=None).select_related("merged_into").first()


def working_site(request: HttpRequest, ability: Ability) -> Site | None:
    """The permanence one works at, if she may do this there; else the first one where she may."""
    here = current_site(request)
    user = signed_in(request)
    if here is not None and user.can(ability, here.organisation):
        return here
    sites = sites_of(user, ability)
    return sites[0] if sites else None


def show(form: forms.Form, error: BusinessError) -> None:
    """A refused rule beside the field at fault; nothing that was typed is lost."""
    form.add_error(error.field if error.field in form.fields else None, str(error))


def status_of(form: forms.Form, error: BusinessError | None = None) -> int:
    """409 when someone was faster, 422 when something is to be mended, else 200."""
    if error is not None:
        return error.status
    return 422 if form.is_bound and form.errors else 200


def pdf(content: bytes, name: str) -> HttpResponse:
    """A paper, shown in the browser."""
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return response


def reservation_of(request: HttpRequest, uuid: UUID) -> tuple[Reservation, Opened]:
    kept = (
        Reservation.objects.select_related(
            "device__site__organisation", "site__organisation", "person__merged_into"
        )
        .filter(uuid=uuid)
        .first()
    )
    found = opened(request, kept.person if kept is not None else None, to_change=True)
    assert kept is not None
    kept.person = found.person
    return kept, found


def uuid_in(text: str) -> UUID:
    """What a form names; 404 when it names nothing."""
    try:
        return UUID(text)
    except ValueError:
        raise Http404 from None
