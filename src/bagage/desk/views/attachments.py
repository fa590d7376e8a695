"""The papers of a person's file: kept, taken out again, removed."""

from __future__ import annotations

import uuid as uuids
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from bagage.common.errors import BusinessError
from bagage.common.ratelimit import limit
from bagage.desk.attachment_forms import AttachmentForm
from bagage.desk.views.look_up import file_to_change, signed_in
from bagage.people.models import Attachment, Person
from bagage.people.queries import identity_ids
from bagage.people.queries.attachments import attachments_of
from bagage.people.services import attachments as services

# What a paper may do when a browser opens it all the same: nothing.
SANDBOX = "sandbox; default-src 'none'; frame-ancestors 'none'"
RATE = "60/m/user"


@require_http_methods(["GET", "HEAD", "POST"])
def attachment_list(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Her papers, and the form that keeps one more."""
    user = signed_in(request)
    person = file_to_change(user, uuid)
    form = AttachmentForm(initial={"key": uuids.uuid4().hex, "keep": "366"})
    if request.method == "POST":
        limit(request, "attachments", RATE)
        form = AttachmentForm(request.POST, request.FILES)
        if form.is_valid() and _kept(form, person, request):
            return redirect("desk:attachments", uuid=person.uuid)
    return render(
        request,
        "desk/attachments.html",
        {
            "person": person,
            "papers": attachments_of(identity_ids(person)),
            "form": form,
            "most": settings.ATTACHMENT_MEGABYTES,
            "today": timezone.localdate(),
        },
        status=422 if form.is_bound else 200,
    )


def _kept(form: AttachmentForm, person: Person, request: HttpRequest) -> bool:
    """Keep what was given; whether it could be, and if not the form says why."""
    given = form.given
    most = settings.ATTACHMENT_MEGABYTES * 1024 * 1024
    try:
        services.add_attachment(
            person,
            # One byte more than may be kept is enough to refuse it.
            content=given.read(most + 1),
            name=given.name or "",
            kind=form.cleaned_data["kind"],
            keep_until=form.keep_until(timezone.localdate()),
            by=signed_in(request),
            key=form.cleaned_data["key"],
        )
    except BusinessError as error:
        field = "photo" if error.field == "file" and form.cleaned_data.get("photo") else error.field
        form.add_error(field if field in form.fields else None, str(error))
        return False
    messages.success(request, gettext("Le papier est gardé dans son dossier."))
    return True


def _paper(request: HttpRequest, uuid: UUID, paper: UUID) -> Attachment:
    """A paper of one of her files, for who may change her identity: 404 out of scope, 403 for another role."""
    person = file_to_change(signed_in(request), uuid)
    found: Attachment = get_object_or_404(
        Attachment.objects.select_related("person"), uuid=paper, person_id__in=identity_ids(person)
    )
    return found


@require_safe
def attachment_open(request: HttpRequest, uuid: UUID, paper: UUID) -> HttpResponse:
    """The paper as a file: always taken out, never shown by the browser as a page of ours."""
    found = _paper(request, uuid, paper)
    content = services.read_attachment(found, by=signed_in(request))
    response = HttpResponse(content, content_type=found.media_type)
    response["Content-Disposition"] = str(content_disposition_header(True, found.name))
    response["Content-Security-Policy"] = SANDBOX
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response


@require_POST
def attachment_remove(request: HttpRequest, uuid: UUID, paper: UUID) -> HttpResponse:
    """Take it out before its day."""
    found = _paper(request, uuid, paper)
    services.remove_attachment(found, by=signed_in(request))
    messages.success(request, gettext("Le papier est retiré. Ce qui a été fait avec reste."))
    return redirect("desk:attachments", uuid=uuid)
