"""Who she is: opening a file, correcting it, her names, ways to reach her, agreements; the list of persons."""

from __future__ import annotations

import uuid as uuids
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts.domain.roles import Ability
from bagage.common import words
from bagage.common.codes import shown_code
from bagage.common.errors import BusinessError
from bagage.common.tables import Column, Filter, Table
from bagage.desk.identity_forms import (
    AgreementForm,
    ContactForm,
    IdentityForm,
    NameForm,
    NewPersonForm,
    birth_text,
)
from bagage.desk.views.household import those_seen
from bagage.desk.views.look_up import (
    candidates_of,
    file_to_change,
    kept_question,
    looked_up,
    node_here,
    signed_in,
    who_looks_up,
)
from bagage.people import services
from bagage.people.domain.asking import understand
from bagage.people.domain.fields import Field
from bagage.people.domain.likeness import Known
from bagage.people.models import ContactWay, Person, PersonName
from bagage.people.permissions import listed_fields, sight_of
from bagage.people.queries import (
    agreements_now,
    contact_ways_now,
    identity_ids,
    persons_followed,
    place_of,
    possible_duplicates,
)
from bagage.people.queries.finding import hit_of
from bagage.people.words import birth_words
from bagage.trail.services import record, record_reading


# ---------- opening a file ----------
@require_http_methods(["GET", "HEAD", "POST"])
def person_new(request: HttpRequest) -> HttpResponse:
    """Opens a file: a first name is enough. Who it may already be is shown before, never decided."""
    user = who_looks_up(request)
    node = node_here(request, user)
    if node is None:
        raise PermissionDenied
    proposals: dict[str, Any] = {"candidates": [], "elsewhere": []}
    if request.method == "POST":
        form = NewPersonForm(request.POST)
        if form.is_valid():
            if "sure" not in request.POST:
                proposals = _proposals(request, form)
            if not proposals["candidates"] and not proposals["elsewhere"]:
                try:
                    person = _opened(form, node, user)
                except BusinessError as error:
                    form.add_error(error.field if error.field in form.fields else None, str(error))
                else:
                    messages.success(
                        request,
                        gettext("Dossier ouvert. Son code : %(code)s.") % {"code": shown_code(person.code)},
                    )
                    return redirect("desk:person", uuid=person.uuid)
    else:
        form = NewPersonForm(initial={"key": uuids.uuid4().hex, **_already_typed(kept_question(request))})
    return render(request, "desk/person_new.html", {"form": form, "node": node, **proposals})


def _opened(form: NewPersonForm, node: Any, user: Any) -> Person:
    with transaction.atomic():
        person = services.open_file(node=node, by=user, key=form.cleaned_data["key"], **form.identity())
        if form.cleaned_data["phone"]:
            services.add_contact_way(
                person,
                kind="sms",
                phone=form.cleaned_data["phone"],
                is_shared=form.cleaned_data["is_shared"],
                by=user,
            )
    return person


def _proposals(request: HttpRequest, form: NewPersonForm) -> dict[str, Any]:
    """Files that may already be hers, when few others would agree as well: a warning often wrong is not read."""
    data = form.cleaned_data
    birth = data["birth"]
    year = ""
    if birth is not None:
        year = birth.on.isoformat() if birth.on else f"{'vers ' if birth.is_about else ''}{birth.value}"
    text = " ".join([data["chosen_name"], data["family_name"], year, data["phone"]])
    user = signed_in(request)
    found = looked_up(request, user, text, is_typing=False)
    known = Known(
        names=(f"{data['chosen_name']} {data['family_name']}".strip(),),
        birth_year=birth.value if birth else None,
        is_birth_year_about=bool(birth and birth.is_about),
        birth_date=birth.on if birth else None,
        phones=(data["phone"],) if data["phone"] else (),
        where=data["where"],
        given=data["chosen_name"] if data["family_name"] else "",
    )
    near = possible_duplicates(known, scope=user.node_ids(Ability.LOOK_UP), limit=4)
    return {
        "candidates": candidates_of([hit_of(person, likeness) for person, likeness in near]),
        "elsewhere": [line for line in found.elsewhere if line.is_likely],
    }


def _already_typed(asked: str) -> dict[str, str]:
    """What was typed to look her up is not typed again."""
    understood = understand(asked, timezone.localdate())
    first, _, rest = understood.name.partition(" ")
    initial = {"chosen_name": _capitals(first), "family_name": _capitals(rest)}
    if understood.year is not None:
        year = understood.year
        initial["birth"] = (
            year.on.strftime("%d/%m/%Y") if year.on else f"{'vers ' if year.is_about else ''}{year.value}"
        )
    if understood.phone:
        initial["phone"] = words.phone(understood.phone)
    return initial


def _capitals(name: str) -> str:
    return " ".join(part[:1].upper() + part[1:] for part in name.split())


# ---------- who she is ----------
def _identity_page(request: HttpRequest, person: Person, status: int = 200, **forms: Any) -> HttpResponse:
    files = identity_ids(person)
    initial = {
        "chosen_name": person.chosen_name,
        "family_name": person.family_name,
        "birth": birth_text(person),
        "grammar": person.grammar,
        "languages": person.languages,
        "where": person.where,
    }
    noted = list(PersonName.noted.filter(person__in=files).order_by("added_at", "pk"))
    facts = {
        "person": person,
        "sees": sight_of(signed_in(request), person).fields,
        "birth": birth_words(person),
        "names": [name for name in noted if name.removed_at is None],
        "removed_names": [name for name in noted if name.removed_at is not None],
        "today": timezone.localdate(),
        "ways": contact_ways_now(person),
        "ended_ways": list(
            ContactWay.objects.filter(person__in=files).exclude(ended_at=None).order_by("-ended_at")[:5]
        ),
        "agreements": agreements_now(person),
        "household": those_seen(signed_in(request), person),
        "form": IdentityForm(initial=initial),
        "name_form": NameForm(auto_id="name_%s"),
        "contact_form": ContactForm(auto_id="contact_%s"),
        "agreement_form": AgreementForm(auto_id="agreement_%s"),
    }
    return render(request, "desk/person_identity.html", {**facts, **forms}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def person_identity(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Names, birth, languages, where; other names, ways to reach her, what she agreed to."""
    user = signed_in(request)
    person = file_to_change(user, uuid)
    if request.method == "POST":
        form = IdentityForm(request.POST)
        if form.is_valid():
            try:
                services.correct_identity(person, by=user, **form.identity())
            except BusinessError as error:
                form.add_error(error.field if error.field in form.fields else None, str(error))
            else:
                messages.success(
                    request, gettext("Enregistré. L’ancien nom, s’il change, la retrouve toujours.")
                )
                return redirect("desk:person_identity", uuid=person.uuid)
        return _identity_page(request, person, form=form)
    record_reading(user.actor, "read_file", place=_place(person, user), person=person.uuid)
    return _identity_page(request, person)


def _place(person: Person, user: Any) -> str:
    return place_of(person, user)


@require_POST
def person_name_add(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Another spelling, script or nickname."""
    user = signed_in(request)
    person = file_to_change(user, uuid)
    form = NameForm(request.POST, auto_id="name_%s")
    if not form.is_valid():
        return _identity_page(request, person, name_form=form)
    services.add_name(person, form.cleaned_data["text"], form.cleaned_data["kind"], by=user)
    messages.success(request, gettext("Noté : ce nom la retrouve aussi."))
    return redirect("desk:person_identity", uuid=person.uuid)


@require_POST
def person_name_remove(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A name noted by mistake, or put back: named by its text, which is never in an address."""
    user = signed_in(request)
    person = file_to_change(user, uuid)
    names = PersonName.noted.filter(person__in=identity_ids(person)).select_related("person")
    found = names.filter(text=request.POST.get("text", "")).order_by("-removed_at", "pk")
    is_back = "back" in request.POST
    name = found.exclude(removed_at=None).first() if is_back else found.filter(removed_at=None).first()
    if name is None:
        # Pressed twice, or taken out elsewhere: what was wanted is already so.
        name = get_object_or_404(found[:1])
    try:
        if is_back:
            services.put_name_back(name, by=user)
            messages.success(request, gettext("Ce nom la retrouve de nouveau."))
        else:
            services.remove_name(name, by=user)
            messages.success(request, gettext("Retiré : ce nom ne la retrouve plus. Il peut être remis."))
    except BusinessError as error:
        messages.error(request, str(error))
    return redirect("desk:person_identity", uuid=person.uuid)


@require_POST
def person_contact_add(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A way to reach her; the one before of the same kind ends."""
    user = signed_in(request)
    person = file_to_change(user, uuid)
    form = ContactForm(request.POST, auto_id="contact_%s")
    if form.is_valid():
        data = dict(form.cleaned_data)
        if data["kind"] not in {"sms", "call"}:
            data["phone"], data["is_shared"] = "", False
        if data["kind"] != "referrer":
            data["through"] = ""
        try:
            services.add_contact_way(person, **data, by=user)
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, gettext("Noté."))
            return redirect("desk:person_identity", uuid=person.uuid)
    return _identity_page(request, person, contact_form=form)


@require_POST
def person_contact_end(request: HttpRequest, uuid: UUID, way: UUID) -> HttpResponse:
    """This way does not reach her any more."""
    user = signed_in(request)
    person = file_to_change(user, uuid)
    found = get_object_or_404(ContactWay, uuid=way, person__in=identity_ids(person))
    services.end_contact_way(found, by=user)
    messages.success(request, gettext("Noté : on ne la joint plus ainsi."))
    return redirect("desk:person_identity", uuid=person.uuid)


@require_POST
def person_agreement_add(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What she was told, agreed to, refused, or took back."""
    user = signed_in(request)
    person = file_to_change(user, uuid)
    form = AgreementForm(request.POST, auto_id="agreement_%s")
    if form.is_valid():
        try:
            services.record_agreement(person, **form.cleaned_data, by=user)
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, gettext("Noté, avec la date."))
            return redirect("desk:person_identity", uuid=person.uuid)
    return _identity_page(request, person, status=422, agreement_form=form)


# ---------- the list ----------
@require_safe
def people(request: HttpRequest) -> HttpResponseBase:
    """Persons followed where she looks persons up; nobody else's."""
    user = who_looks_up(request)
    scope = user.node_ids(Ability.LOOK_UP)
    now = timezone.now()
    rows = persons_followed(scope, now)
    sees = listed_fields(user, scope)
    columns = [
        (
            Field.CALLED,
            Column(
                "name",
                gettext("Nom"),
                lambda person: person.full_name if Field.NAME in sees else person.short_name,
                sort=("chosen_name", "family_name"),
                url=lambda person: reverse("desk:person", args=[person.uuid]),
            ),
        ),
        (Field.CARD, Column("code", gettext("Code"), lambda person: shown_code(person.code))),
        (
            Field.BIRTH,
            Column("birth", gettext("Naissance"), birth_words, sort=("birth_year",), css="hide-phone"),
        ),
        (
            Field.LANGUAGES,
            Column("languages", gettext("Langues"), lambda person: person.languages, css="hide-phone"),
        ),
        (
            Field.WHERE,
            Column("where", gettext("Où elle vit"), lambda person: person.where, css="hide-phone"),
        ),
        (
            Field.STEPS,
            Column(
                "opened",
                gettext("Dossier ouvert"),
                lambda person: timezone.localdate(person.created_at),
                sort=("created_at",),
            ),
        ),
    ]
    table = Table(
        request,
        rows,
        name="people",
        title=gettext("Personnes suivies"),
        columns=[column for field, column in columns if field in sees],
        filters=[
            Filter(
                "opened",
                gettext("Ouvert"),
                gettext("Depuis toujours"),
                [("7", gettext("Ces 7 derniers jours")), ("30", gettext("Ces 30 derniers jours"))],
                lambda found, value: found.filter(created_at__gte=now - timedelta(days=int(value))),
            )
        ],
        default_sort="-opened",
        counted=1_000,
        nouns=lambda count: ngettext("%(count)s personne", "%(count)s personnes", count),
        empty_icon="users",
        empty_title=gettext("Personne n’est encore suivi ici."),
        empty_text=gettext("Un dossier s’ouvre depuis une orientation, ou en cherchant une personne."),
    )
    if table.export:
        node = node_here(request, user)
        with transaction.atomic():
            record(
                user.actor,
                "export_people",
                place=node.uuid if node else "network",
                thing=f"table:{table.export}",
            )
        return table.response()
    return render(request, "desk/people.html", {"table": table})
