"""An invitation: printed by who invites, used once by its owner."""

from allauth.account.utils import perform_login
from django.contrib.auth import logout
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from bagage.accounts import services
from bagage.accounts.forms import CodeForm, NewPasswordForm
from bagage.accounts.models import Invitation
from bagage.common.codes import read_code
from bagage.common.errors import BusinessError
from bagage.common.ratelimit import limit

# By address, and over all addresses together: 25 to the 12th codes cannot be tried at this pace.
TRIES = "10/5m/ip,600/h/key"


class NoInvitation(BusinessError):
    """A code or a link that opens nothing, shown as the page of dead links."""

    status = 404
    template = "accounts/invitation_dead.html"


def _waiting(request: HttpRequest, code: str) -> Invitation:
    """The invitation that waits under this code; else :class:`NoInvitation` says why. Wrong tries are counted."""
    invitation = services.find_invitation(code)
    if invitation is None:
        limit(request, "invitation", TRIES, key="all")
        raise NoInvitation(_("Ce code n’est pas celui d’une invitation. Vérifiez chaque signe."))
    try:
        services.refuse_stale(invitation, timezone.now())
    except BusinessError as error:
        raise NoInvitation(str(error)) from error
    return invitation


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest) -> HttpResponse:
    """Where the code of a printed invitation is typed."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        code = read_code(form.cleaned_data["code"])
        try:
            _waiting(request, code)
        except BusinessError as error:
            form.add_error("code" if isinstance(error, NoInvitation) else None, str(error))
            return render(request, "accounts/invitation.html", {"form": form}, status=error.status)
        return redirect("accounts:invitation_accept", code)
    return render(request, "accounts/invitation.html", {"form": form}, status=422 if form.errors else 200)


@login_not_required
@sensitive_post_parameters("password", "again")
@require_http_methods(["GET", "HEAD", "POST"])
def invitation_accept(request: HttpRequest, code: str) -> HttpResponse:
    """Its owner chooses a user name and a password, and is signed in."""
    found = _waiting(request, code)
    form = NewPasswordForm(request.POST or None, initial={"username": found.user.username})
    if request.method == "POST" and form.is_valid():
        try:
            user = services.accept_invitation(
                code, username=form.cleaned_data["username"], password=form.cleaned_data["password"]
            )
        except BusinessError as error:
            form.add_error(error.field if error.field in form.fields else None, str(error))
        else:
            logout(request)  # someone else's session on a shared desk ends here
            response: HttpResponse = perform_login(request, user)
            return response
    return render(
        request,
        "accounts/invitation_accept.html",
        {"form": form, "person": found.user, "roles": found.user.current_memberships},
        # Not 422: a refusal is logged with its address, and this address holds the code.
    )
