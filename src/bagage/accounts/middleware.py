"""What each request passes: a desk left alone closes; an empty installation leads to its first start."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import SESSION_KEY, logout
from django.contrib.auth.middleware import LoginRequiredMiddleware
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import ngettext

from bagage.accounts import queries
from bagage.common.middleware import PROGRAMS

GetResponse = Callable[[HttpRequest], HttpResponseBase]

LAST_SEEN = "last_seen"
# The moment of the last click is written at most once a minute: a page costs no write.
WRITTEN_EVERY = 60


def came_from(request: HttpRequest) -> str:
    """The page of this installation on which the person is: path and query, or ``""``."""
    address = request.headers.get("HX-Current-URL") or ""
    if not address and request.method in {"GET", "HEAD"}:
        address = request.get_full_path()
    address = address or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}, request.is_secure()):
        return ""
    parts = urlsplit(address)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def sign_in_again(request: HttpRequest) -> HttpResponse:
    """To the sign-in page, and back afterwards."""
    address = reverse(settings.LOGIN_URL)
    page = came_from(request)
    if page:
        address = f"{address}?{urlencode({'next': page})}"
    if request.headers.get("HX-Request"):
        response = HttpResponse(status=204)
        response["HX-Redirect"] = address
        return response
    return HttpResponseRedirect(address)


class SignInMiddleware(LoginRequiredMiddleware):
    """Closed by default; who signs in comes back to a page that can be opened, never to where a form was sent.

    A session also ends without :class:`IdleMiddleware`: signed out in another tab, a phone that closed its browser.
    """

    def handle_no_permission(
        self, request: HttpRequest, view_func: Callable[..., Any]
    ) -> HttpResponseRedirect | HttpResponse:
        if request.method in {"GET", "HEAD"} and not request.headers.get("HX-Request"):
            return super().handle_no_permission(request, view_func)
        return sign_in_again(request)


class IdleMiddleware:
    """Ends a session after ``IDLE_MINUTES`` without a click, since desks are shared.

    A page that refreshes itself says so with ``poll`` in its query, and does not count as a click.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], arguments: Any, keywords: Any
    ) -> HttpResponseBase | None:
        if SESSION_KEY not in request.session:
            return None
        now, seen = int(time.time()), request.session.get(LAST_SEEN)
        if seen is not None and now - seen > settings.IDLE_MINUTES * 60:
            logout(request)
            messages.info(
                request,
                ngettext(
                    "%(count)s minute sans rien faire : Bagage s’est fermé. Ce que vous avez tapé est gardé.",
                    "%(count)s minutes sans rien faire : Bagage s’est fermé. Ce que vous avez tapé est gardé.",
                    settings.IDLE_MINUTES,
                )
                % {"count": settings.IDLE_MINUTES},
            )
            return sign_in_again(request) if getattr(view, "login_required", True) else None
        if "poll" not in request.GET and (seen is None or now - seen >= WRITTEN_EVERY):
            request.session[LAST_SEEN] = now
        return None


class FirstStartMiddleware:
    """While there is neither an account nor an organisation, every page leads to the first start.

    Pages of the house itself (help, languages, health, small files) stay open; programs are answered that there is
    nothing, not sent to a page.
    """

    OPEN = ("bagage.common.", "bagage.config.", "bagage.desk.views.first_start")

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response
        # What has begun is never empty again while this process lives: it is asked until then.
        self.has_begun = False

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], arguments: Any, keywords: Any
    ) -> HttpResponseBase | None:
        is_open = getattr(view, "__module__", "").startswith(self.OPEN) or request.path.startswith(PROGRAMS)
        if is_open or self.has_begun or SESSION_KEY in request.session:
            return None
        self.has_begun = not queries.is_empty()
        return None if self.has_begun else redirect("desk:first_start")
