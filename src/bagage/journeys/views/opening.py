"""What the screens of journeys share: a person opened in scope."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.utils import timezone

from bagage.accounts.models import User
from bagage.common.errors import BusinessError
from bagage.people.models import Person, is_visible_to
from bagage.people.queries import identity_ids, whole_person


@dataclass(frozen=True, slots=True)
class Opened:
    """A person in scope: the file that is kept, the ids of her files together, who reads, and when."""

    user: User
    person: Person
    files: list[int]
    now: datetime

    @property
    def today(self) -> date:
        """The day in the time zone of the installation."""
        return timezone.localdate(self.now)


def opened(
    request: HttpRequest, person: Person | None, may: Callable[[User, Person, datetime], bool]
) -> Opened:
    """The reader and the person, if she may see her at all (404 if not) and ``may`` do this (403 if not)."""
    user = request.user
    assert isinstance(user, User)
    now = timezone.now()
    if person is None:
        raise Http404
    her = whole_person(person)
    if her.erased_at or not is_visible_to(user, her.pk, now):
        raise Http404
    if not may(user, her, now):
        raise PermissionDenied
    return Opened(user, her, identity_ids(her), now)


def show_refusal(form: forms.Form, error: BusinessError) -> None:
    """A refused rule beside the field at fault; nothing that was typed is lost."""
    form.add_error(error.field if error.field in form.fields else None, str(error))


def status_of(form: forms.Form) -> int:
    """422 when the form was sent and is not right."""
    return 422 if form.is_bound and form.errors else 200
