"""The interface for programs, ``/api/v1/``: which activities answer there, how refusals are told.

Nothing opens without an account: a token in the header, or a session. Refusals are RFC 9457 problem documents.
"""

from collections.abc import Callable
from functools import wraps
from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError

from bagage import __version__
from bagage.accounts.rest import WHO
from bagage.common.middleware import problem
from bagage.connection.rest import router as connection

View = Callable[..., HttpResponseBase]


def unknown() -> HttpResponseBase:
    """401: nobody, or a token that opens nothing; the two are not told apart."""
    response = problem(401, "A token, or a session, is needed.")
    response["WWW-Authenticate"] = 'Bearer realm="Bagage"'
    return response


def for_accounts(view: View) -> View:
    """A page of the interface itself, opened like what it describes."""

    @wraps(view)
    def opened(request: HttpRequest, **keywords: object) -> HttpResponseBase:
        try:
            known = any(way(request) for way in WHO)
        except HttpError as error:
            return problem(error.status_code, str(error))
        return view(request, **keywords) if known else unknown()

    return opened


# No page of documentation: the library's own needs scripts from elsewhere; docs/guide/programmes.md is the text.
api = NinjaAPI(
    title="Bagage",
    version=__version__,
    description="Refusals are RFC 9457 problem documents.",
    urls_namespace="api",
    auth=WHO,
    docs_url=None,
    docs_decorator=for_accounts,
)
api.add_router("/connection", connection)


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponseBase:
    return unknown()


@api.exception_handler(HttpError)
def _refused(request: HttpRequest, error: HttpError) -> HttpResponseBase:
    return problem(error.status_code, str(error))


@api.exception_handler(PermissionDenied)
def _forbidden(request: HttpRequest, error: PermissionDenied) -> HttpResponseBase:
    return problem(403, str(error) or HTTPStatus(403).phrase)


patterns, _app_name, namespace = api.urls
for pattern in patterns:
    # They answer who is unknown themselves, by a problem document instead of the sign-in page.
    login_not_required(pattern.callback)
urls = (patterns, "api", namespace)
