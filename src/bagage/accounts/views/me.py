"""One's own account."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from bagage.accounts import permissions, queries, services
from bagage.accounts.adapter import set_language_cookie
from bagage.accounts.domain.roles import Ability
from bagage.accounts.forms import MeForm
from bagage.accounts.models import User
from bagage.common.errors import BusinessError

FIELDS = ("first_name", "last_name", "title", "spoken_languages", "language")


@require_safe
def here(request: HttpRequest) -> HttpResponse:
    """Someone is there, typing: the session stays open (see the middleware), nothing is shown."""
    return HttpResponse(status=204)


@require_http_methods(["GET", "HEAD", "POST"])
def me(request: HttpRequest) -> HttpResponse:
    """Name, languages, password, second step, sessions, and the roles one has."""
    user = request.user
    assert isinstance(user, User)
    form = MeForm(request.POST or None, initial={name: getattr(user, name) for name in FIELDS})
    if request.method == "POST" and form.is_valid():
        try:
            services.change_account(user, by=user, **form.cleaned_data)
        except BusinessError as error:
            form.add_error(error.field or None, str(error))
        else:
            # In the language that was just chosen.
            with override(form.cleaned_data["language"] or get_language()):
                messages.success(request, _("C’est noté."))
            response = redirect("accounts:me")
            if form.cleaned_data["language"]:
                set_language_cookie(response, form.cleaned_data["language"])
            return response
    protection = queries.protection_of(user)
    return render(
        request,
        "accounts/me.html",
        {
            "form": form,
            "person": user,
            "protection": protection,
            "may_make_tokens": permissions.can_make_api_token(user),
            "tokens": queries.live_api_tokens(user).count(),
            "sessions": queries.open_sessions(user),
            "roles": user.current_memberships,
            "advise_second_step": user.can(Ability.RUN_STAFF) and not protection.is_on,
        },
        status=200 if not form.errors else 422,
    )
