"""Tokens with which a program asks in one's name: on one's own account."""

from datetime import timedelta
from uuid import UUID

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from bagage.accounts import permissions, queries, services
from bagage.accounts.forms import TokenForm
from bagage.accounts.models import ApiToken, User
from bagage.common.errors import BusinessError

DAYS = 90


@reauthentication_required
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """One's tokens, and a new one. Its secret is on the answer to the form, and nowhere else afterwards."""
    user = request.user
    assert isinstance(user, User)
    if not permissions.can_make_api_token(user):
        raise PermissionDenied
    empty = {"ends_on": timezone.localdate() + timedelta(days=DAYS)}
    form = TokenForm(request.POST or None, initial=empty)
    made = None
    if request.method == "POST" and form.is_valid():
        try:
            made = services.make_api_token(user, by=user, **form.cleaned_data)
        except BusinessError as error:
            form.add_error(error.field or None, str(error))
        else:
            form = TokenForm(initial=empty)
    return render(
        request,
        "accounts/tokens.html",
        {"form": form, "made": made, "tokens": queries.live_api_tokens(user)},
        status=422 if form.errors else 200,
    )


@require_POST
def token_revoke(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """A token of one's own opens nothing any more; of someone else's there is nothing to find here."""
    user = request.user
    assert isinstance(user, User)
    token = get_object_or_404(ApiToken.objects.filter(user=user), uuid=uuid)
    services.revoke_api_token(token, by=user)
    messages.success(request, _("La clé « %(name)s » n’ouvre plus rien.") % {"name": token.name})
    return redirect("accounts:tokens")
