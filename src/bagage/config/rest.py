"""The interfaces for programs: ``/api/v1/``, and ``/hsds/`` in the words of HSDS 3; how refusals are told.

What is published (places, sessions) opens to anyone; nothing else opens without an account: a token in the header, or a
session. Refusals are RFC 9457 problem documents.
"""

from http import HTTPStatus
from typing import Any

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
from bagage.directory.hsds_rest import router as hsds_places
from bagage.directory.rest import router as places
from bagage.permanences.rest import router as sessions


def unknown() -> HttpResponseBase:
    """401: nobody, or a token that opens nothing; the two are not told apart."""
    response = problem(401, "A token, or a session, is needed.")
    response["WWW-Authenticate"] = 'Bearer realm="Bagage"'
    return response


# The library's own page of documentation needs scripts from elsewhere: ``config/documentation.py`` is ours.
api = NinjaAPI(
    title="Bagage",
    version=__version__,
    description="Refusals are RFC 9457 problem documents.",
    urls_namespace="api",
    auth=WHO,
    docs_url=None,
)
api.add_router("/connection", connection)
api.add_router("", places)
api.add_router("", sessions)
hsds = NinjaAPI(
    title="Bagage, HSDS 3",
    version="3.0",
    description="Places in the words of the Human Services Data Specification 3.0, open to anyone.",
    urls_namespace="hsds",
    docs_url=None,
)
hsds.add_router("", hsds_places)


@api.exception_handler(AuthenticationError)
def _unknown(request: HttpRequest, error: AuthenticationError) -> HttpResponseBase:
    return unknown()


@api.exception_handler(HttpError)
def _refused(request: HttpRequest, error: HttpError) -> HttpResponseBase:
    return problem(error.status_code, str(error))


@api.exception_handler(PermissionDenied)
def _forbidden(request: HttpRequest, error: PermissionDenied) -> HttpResponseBase:
    return problem(403, str(error) or HTTPStatus(403).phrase)


def _addresses(of: NinjaAPI, name: str) -> tuple[list[Any], str, str]:
    patterns, _app_name, namespace = of.urls
    for pattern in patterns:
        # They answer who is unknown themselves, by a problem document instead of the sign-in page.
        login_not_required(pattern.callback)
    return patterns, name, namespace


urls = _addresses(api, "api")
hsds_urls = _addresses(hsds, "hsds")
