"""What is held of one person: handed to her, frozen, erased. How long files are kept, and whose time is over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.common import words
from bagage.common.errors import BusinessError
from bagage.common.ratelimit import limit
from bagage.common.row_security import wide
from bagage.desk import permissions
from bagage.desk.privacy_forms import EraseForm, FreezeForm, LiftForm, PrivacyRulesForm
from bagage.desk.views.look_up import signed_in
from bagage.people.domain.fields import Field
from bagage.people.domain.languages import printed_language
from bagage.people.models import Freeze, Person
from bagage.people.permissions import can_open_file, sight_of
from bagage.people.queries import identity_ids, place_of, whole_person
from bagage.people.queries.freezes import current_freeze, freezes_of
from bagage.people.services.freezing import freeze_file, lift_freeze
from bagage.trail.papers import everything_pdf
from bagage.trail.queries import expired_files, held_back, held_rows, privacy_rules, written_too_long
from bagage.trail.queries.everything import all_held, all_readings, for_programs
from bagage.trail.services import change_privacy_rules, erase_expired, erase_persons, record

# So many files go in one run from the screen; the command and the daily job take them all.
MOST_AT_ONCE = 100
# Who answers for privacy may read no file, and yet says what goes: what she may is asked here, not of the database.
PRIVACY = "privacy is looked after by who may not read files"


@dataclass(frozen=True, slots=True)
class Her:
    """A person whose data one may look after here."""

    user: User
    person: Person
    files: list[int]
    keeps: bool


@wide(PRIVACY)
def her_file(request: HttpRequest, uuid: UUID) -> Her:
    """The kept file of that address: 404 out of scope; 403 for a role that may neither change who she is nor answer
    for privacy."""
    user = signed_in(request)
    person = get_object_or_404(Person.objects.select_related("merged_into").filter(erased_at=None), uuid=uuid)
    kept = whole_person(person)
    keeps = permissions.can_keep_privacy(user, kept)
    if not keeps and not can_open_file(user, kept) and not can_open_file(user, person):
        raise Http404
    if not keeps and not permissions.can_freeze_file(user, kept):
        raise PermissionDenied
    return Her(user, kept, identity_ids(kept), keeps)


@require_safe
@wide(PRIVACY)
def person_privacy(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What is held of her, in counts; what can be done with it."""
    return _shown(request, her_file(request, uuid))


def _shown(
    request: HttpRequest, her: Her, form: forms.Form | None = None, *, status: int = 200
) -> HttpResponse:
    freeze = current_freeze(her.person)
    return render(
        request,
        "desk/privacy_person.html",
        {
            "person": her.person,
            "held": held_rows(her.files),
            "freeze": freeze,
            "freezes": [one for one in freezes_of(her.files) if one.lifted_at is not None],
            "form": form or (LiftForm() if freeze else FreezeForm()),
            "gives": permissions.can_give_everything(her.user, her.person),
            "keeps": her.keeps,
            "reads": can_open_file(her.user, her.person),
            "rules": privacy_rules(),
        },
        status=status,
    )


@require_POST
@wide(PRIVACY)
def person_freeze(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """She contests what is written."""
    her = her_file(request, uuid)
    form = FreezeForm(request.POST)
    if form.is_valid():
        try:
            freeze_file(her.person, words=form.cleaned_data["words"], by=her.user)
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(
                request, gettext("Le dossier est gelé : on le lit, on n’y change rien. L’aide continue.")
            )
            return redirect("desk:person_privacy", her.person.uuid)
    return _shown(request, her, form, status=422)


@require_POST
@wide(PRIVACY)
def person_freeze_lift(request: HttpRequest, uuid: UUID, freeze: UUID) -> HttpResponse:
    """It is settled."""
    her = her_file(request, uuid)
    if not her.keeps:
        raise PermissionDenied
    found = get_object_or_404(Freeze.objects.select_related("person"), uuid=freeze, person_id__in=her.files)
    form = LiftForm(request.POST)
    if form.is_valid():
        try:
            lift_freeze(found, answer=form.cleaned_data["answer"], by=her.user)
        except BusinessError as error:
            messages.error(request, str(error))
            return redirect("desk:person_privacy", her.person.uuid)
        messages.success(request, gettext("Le dossier est dégelé. La réponse y reste."))
        return redirect("desk:person_privacy", her.person.uuid)
    return _shown(request, her, form, status=422)


# ---------- everything, handed to her ----------


def _everything(request: HttpRequest, uuid: UUID, form: str) -> tuple[Her, Any, Any]:
    her = her_file(request, uuid)
    if not permissions.can_give_everything(her.user, her.person):
        raise PermissionDenied
    limit(request, "export_person", "30/h/user")
    now = timezone.now()
    with transaction.atomic():
        record(
            her.user.actor,
            "export_person",
            at=now,
            place=place_of(her.person, her.user, now),
            person=her.person.uuid,
            fields=[form],
            is_reading=True,
        )
    uuids = list(Person.objects.filter(pk__in=her.files).values_list("uuid", flat=True))
    sight = sight_of(her.user, her.person, now)
    held = all_held(her.files, sees=lambda group: sight.shows(Field(group)))
    return her, held, all_readings(uuids)


@require_safe
def person_export(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """All that is held of her, for a program."""
    her, held, readings = _everything(request, uuid, "json")
    response = JsonResponse(
        for_programs(held, readings, at=timezone.now()),
        json_dumps_params={"ensure_ascii": False, "indent": 2},
    )
    response["Content-Disposition"] = f'attachment; filename="dossier-{her.person.code}.json"'
    return response


@require_safe
def person_export_pdf(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """All that is held of her, to read: in her language when it is one of ours."""
    person = her_file(request, uuid).person
    with words.printed_for(printed_language(person.languages)):
        her, held, readings = _everything(request, uuid, "pdf")
        content = everything_pdf(
            name=her.person.full_name, code=her.person.code, held=held, readings=readings, at=timezone.now()
        )
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="dossier-{her.person.code}.pdf"'
    return response


# ---------- erased, as she wishes ----------


@require_http_methods(["GET", "HEAD", "POST"])
@wide(PRIVACY)
def person_erase(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """What would go, then gone."""
    her = her_file(request, uuid)
    if not her.keeps:
        raise PermissionDenied
    form = EraseForm(request.POST if request.method == "POST" else None, code=her.person.code)
    if request.method == "POST" and form.is_valid():
        now = timezone.now()
        try:
            erase_persons(
                her.files, reason="wish", by=her.user, at=now, place=place_of(her.person, her.user, now)
            )
        except BusinessError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, gettext("Le dossier est effacé. Les bilans comptent comme avant."))
            return redirect("desk:people" if her.user.can(Ability.LOOK_UP) else "desk:privacy")
    return render(
        request,
        "desk/privacy_erase.html",
        {
            "person": her.person,
            "held": held_rows(her.files),
            "waiting": held_back(her.files, timezone.now()),
            "form": form,
        },
        status=422 if form.errors else 200,
    )


# ---------- the house ----------


def who_answers(request: HttpRequest) -> User:
    """Who answers for privacy somewhere; 403 otherwise."""
    user = signed_in(request)
    if not user.can(Ability.KEEP_PRIVACY):
        raise PermissionDenied
    return user


@require_safe
@wide(PRIVACY)
def privacy(request: HttpRequest) -> HttpResponse:
    """How long files are kept, whose time is over, and the way to the papers and to the readings."""
    user = who_answers(request)
    rules, now = privacy_rules(), timezone.now()
    for_all = permissions.answers_for_all(user)
    expired = expired_files(now, months=rules.months) if for_all else []
    flat = [pk for files in expired for pk in files]
    waiting = held_back(flat, now) if flat else []
    stopped = {pk for each in waiting for pk in each.files}
    due = [files for files in expired if stopped.isdisjoint(files)]
    return render(
        request,
        "desk/privacy.html",
        {
            "rules": rules,
            "for_all": for_all,
            "due": len(due),
            "would_go": held_rows([pk for files in due for pk in files]) if due else [],
            "held": len(expired) - len(due),
            "waiting": waiting,
            "written": written_too_long(now, rules) if for_all else [],
            "at_once": min(len(due), MOST_AT_ONCE),
            "reads_trail": user.can(Ability.READ_TRAIL),
        },
    )


@require_POST
@wide(PRIVACY)
def privacy_run(request: HttpRequest) -> HttpResponse:
    """Erase the files whose time is over, some at a time."""
    user = who_answers(request)
    if not permissions.answers_for_all(user):
        raise PermissionDenied
    done = erase_expired(by=user, most=MOST_AT_ONCE)
    said = ngettext("%(count)s dossier effacé.", "%(count)s dossiers effacés.", done.persons) % {
        "count": done.persons
    }
    if texts := sum(done.written.values()):
        said += " " + ngettext(
            "%(count)s ligne vidée de ce qui y était écrit.",
            "%(count)s lignes vidées de ce qui y était écrit.",
            texts,
        ) % {"count": texts}
    if done.left:
        said += " " + ngettext(
            "Il en reste %(count)s : recommencez.", "Il en reste %(count)s : recommencez.", done.left
        ) % {"count": done.left}
    messages.success(request, said)
    return redirect("desk:privacy")


@require_http_methods(["GET", "HEAD", "POST"])
def privacy_rules_page(request: HttpRequest) -> HttpResponse:
    """The rules: examples until they are confirmed."""
    user = who_answers(request)
    if not permissions.answers_for_all(user):
        raise PermissionDenied
    rules = privacy_rules()
    form = PrivacyRulesForm(request.POST if request.method == "POST" else None, rules=rules)
    if request.method == "POST" and form.is_valid():
        try:
            change_privacy_rules(by=user, written_by=user.full_name, **form.rules())
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            messages.success(request, gettext("C’est noté : ces durées et ces seuils sont les vôtres."))
            return redirect("desk:privacy")
    return render(
        request,
        "desk/privacy_rules.html",
        {"form": form, "rules": rules},
        status=422 if form.errors else 200,
    )
