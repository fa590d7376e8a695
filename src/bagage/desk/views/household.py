"""Who lives with her: one appointment for several, a computer for a child, one telephone for all."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.common.errors import BusinessError
from bagage.common.row_security import wide
from bagage.desk.identity_forms import ChildForm, LivesWithForm
from bagage.desk.views.look_up import candidates_of, file_to_change, looked_up, node_here, signed_in
from bagage.people import permissions, services
from bagage.people.models import ContactWay, HouseholdMember, Person
from bagage.people.queries import identity_ids
from bagage.people.queries.households import lives_with, others_of


@require_http_methods(["GET", "HEAD", "POST"])
def person_household(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Those with whom she lives; add one who has a file, open one for a child, or note that someone left."""
    user = signed_in(request)
    person = file_to_change(user, uuid)
    facts: dict[str, Any] = {}
    if request.method == "POST":
        do = request.POST.get("do", "")
        done = {"leave": _leave, "join": _join, "child": _child}.get(do)
        if done is not None:
            answer = done(request, user, person, facts)
            if answer is not None:
                return answer
        else:
            asked = " ".join(request.POST.get("q", "").split())[:200]
            hits = [
                hit for hit in looked_up(request, user, asked, is_typing=True).hits if hit.person != person
            ]
            facts |= {"asked": asked, "was_asked": True, "candidates": candidates_of(hits)}
    return _page(request, user, person, facts)


def _page(request: HttpRequest, user: User, person: Person, facts: dict[str, Any]) -> HttpResponse:
    return render(
        request,
        "desk/person_household.html",
        {
            "person": person,
            "others": those_seen(user, person),
            "same_phone": _same_phone(user, person),
            "child_form": ChildForm(auto_id="child_%s"),
            "asked": "",
            "was_asked": False,
            "candidates": [],
            "refused": "",
            **facts,
        },
        status=422 if facts.get("is_refused") else 200,
    )


@wide("household")
def those_seen(user: User, person: Person) -> list[tuple[HouseholdMember, bool]]:
    """Each who lives with her, and whether this user may open that file; of the others not even a name is shown."""
    return _seen(user, lives_with(person))


@wide("household")
def those_seen_of(user: User, files: list[int]) -> list[tuple[HouseholdMember, bool]]:
    """The same, from the ids of her files. One query, two when someone lives with her."""
    return _seen(user, others_of(files))


def _seen(user: User, members: list[HouseholdMember]) -> list[tuple[HouseholdMember, bool]]:
    if not members:
        return []
    seen = set(
        Person.objects.filter(pk__in=[member.person_id for member in members])
        .visible_to(user)
        .values_list("pk", flat=True)
    )
    return [(member, member.person_id in seen) for member in members]


def _same_phone(user: User, person: Person) -> list[Person]:
    """Others, followed where she looks persons up, who are reached by a telephone of hers and not noted with her."""
    files = identity_ids(person)
    phones = ContactWay.objects.filter(person__in=files, ended_at=None).exclude(phone="").values("phone")
    noted = [member.person_id for member in lives_with(person)]
    others = ContactWay.objects.filter(phone__in=phones, ended_at=None).exclude(person__in=[*files, *noted])
    found = Person.objects.whole().followed_in(user.node_ids(Ability.LOOK_UP), timezone.now())
    return list(found.filter(pk__in=others.values("person")).order_by("chosen_name", "pk")[:4])


def _join(request: HttpRequest, user: User, person: Person, facts: dict[str, Any]) -> HttpResponse | None:
    form = LivesWithForm(request.POST)
    if not form.is_valid():
        messages.error(request, gettext("Choisissez une personne, et adulte ou enfant."))
        return redirect("desk:person_household", uuid=person.uuid)
    other = file_to_change(user, form.cleaned_data["other"])
    try:
        services.say_they_live_together(person, other, kind=form.cleaned_data["kind"], by=user)
    except BusinessError as error:
        facts |= {"refused": str(error), "is_refused": True}
        return None
    messages.success(request, gettext("Noté : %(name)s vit avec elle.") % {"name": other.chosen_name})
    return redirect("desk:person_household", uuid=person.uuid)


def _child(request: HttpRequest, user: User, person: Person, facts: dict[str, Any]) -> HttpResponse | None:
    """A file for a child who has none: a first name is enough; language and place are not asked again."""
    form = ChildForm(request.POST, auto_id="child_%s")
    node = node_here(request, user)
    if form.is_valid() and node is not None:
        year = form.cleaned_data["birth"]
        try:
            with transaction.atomic():
                child = services.open_file(
                    chosen_name=form.cleaned_data["chosen_name"],
                    birth_year=year.value if year else None,
                    is_birth_year_about=bool(year and year.is_about),
                    birth_date=year.on if year else None,
                    languages=person.languages,
                    where=person.where,
                    node=node,
                    by=user,
                    key=f"child:{person.uuid}:{form.cleaned_data['key']}",
                )
                services.say_they_live_together(person, child, kind=HouseholdMember.Kind.CHILD, by=user)
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(
                request,
                gettext("Un dossier est ouvert pour %(name)s, avec elle.") % {"name": child.chosen_name},
            )
            return redirect("desk:person_household", uuid=person.uuid)
    facts |= {"child_form": form, "is_refused": True}
    return None


@wide("household")
def _leave(request: HttpRequest, user: User, person: Person, facts: dict[str, Any]) -> HttpResponse | None:
    members = HouseholdMember.objects.filter(
        household__members__person__in=identity_ids(person), household__members__left_at=None
    ).distinct()
    member = get_object_or_404(members, uuid=request.POST.get("member") or None)
    if not permissions.can_open_file(user, member.person):
        return redirect("desk:person_household", uuid=person.uuid)
    services.leave_household(member, by=user)
    messages.success(request, gettext("Noté : elles ne vivent plus ensemble."))
    return redirect("desk:person_household", uuid=person.uuid)
