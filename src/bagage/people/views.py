"""Files that another site opened with a written reason: this site reads it, and says whether it was right."""

from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from bagage.accounts.domain.roles import Ability
from bagage.accounts.models import User
from bagage.people import permissions, services
from bagage.people.models import AccessRequest
from bagage.people.queries import access_requests_waiting


def _who_answers(request: HttpRequest) -> User:
    user = request.user
    if not isinstance(user, User) or not permissions.can_look_up(user):
        raise PermissionDenied
    return user


@require_safe
def access_requests(request: HttpRequest) -> HttpResponse:
    """What waits to be read by the sites where one works."""
    user = _who_answers(request)
    waiting = access_requests_waiting(user.node_ids(Ability.LOOK_UP), timezone.now())
    return render(request, "people/access_requests.html", {"waiting": waiting})


@require_POST
def access_answer(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """It was right, or it was not and the file closes again for who asked."""
    user = _who_answers(request)
    asked = get_object_or_404(AccessRequest.objects.select_related("person", "for_node"), uuid=uuid)
    if not permissions.can_answer_access(user, asked.person):
        raise Http404
    # Who asked does not answer herself, unless she leads both sites.
    if asked.for_node_id in user.node_ids(Ability.LOOK_UP) and asked not in access_requests_waiting(
        user.node_ids(Ability.LOOK_UP) - {asked.for_node_id}
    ):
        raise PermissionDenied
    if request.POST.get("answer") == "refuse":
        services.refuse_access(asked, by=user)
        messages.success(
            request, gettext("Refusé : le dossier est refermé pour %(site)s.") % {"site": asked.for_node.name}
        )
    else:
        services.grant_access(asked, by=user)
        messages.success(request, gettext("Noté : c’était juste."))
    return redirect("people:access_requests")
