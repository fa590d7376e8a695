"""How refusals are told, and that no page is left in a browser's or a proxy's cache."""

import json
from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from bagage.common.errors import BusinessError

GetResponse = Callable[[HttpRequest], HttpResponseBase]


# The interfaces for programs, and all below them.
PROGRAMS = ("/api/v1/", "/hsds/")


def is_htmx(request: HttpRequest) -> bool:
    """Whether htmx asked for a fragment."""
    return bool(request.headers.get("HX-Request"))


def wants_json(request: HttpRequest) -> bool:
    """Whether a program asked: it is answered with a problem document (RFC 9457)."""
    accept = request.headers.get("Accept", "")
    return request.path.startswith(PROGRAMS) or "json" in accept.split(",")[0]


def problem(status: int, title: str, *, detail: str = "", field: str = "", **more: object) -> JsonResponse:
    """An RFC 9457 problem document; ``more`` are its extension members."""
    body: dict[str, object] = {"type": "about:blank", "title": title, "status": status}
    if detail:
        body["detail"] = detail
    if field:
        body["errors"] = [{"pointer": f"#/{field}", "detail": detail}]
    body.update(more)
    return JsonResponse(body, status=status, content_type="application/problem+json")


def toast_header(message: str, level: str = "success") -> str:
    """The value of ``HX-Trigger`` that shows a toast; JSON escapes keep the header in ASCII."""
    return json.dumps({"toast": {"message": message, "level": level}})


def toast_response(message: str, *, status: int = 204, level: str = "success") -> HttpResponse:
    """An answer to htmx that changes nothing on the page and shows a toast."""
    response = HttpResponse(status=status)
    response["HX-Trigger"] = toast_header(message, level)
    response["HX-Reswap"] = "none"
    return response


def back_url(request: HttpRequest) -> str:
    """Where the person came from, if it is a page of this installation; else ``""``."""
    referer = request.headers.get("Referer", "")
    if referer and url_has_allowed_host_and_scheme(
        referer, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return referer
    return ""


class BusinessErrorMiddleware:
    """Shows a :class:`BusinessError` that no view caught: a toast, a problem document, or a page with the way back.

    So is an address opened by itself that only takes a form.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code == 405 and request.method == "GET" and not is_htmx(request):
            return self._page_of_a_form(request, response)
        return response

    def _page_of_a_form(self, request: HttpRequest, refused: HttpResponseBase) -> HttpResponseBase:
        """An address that only takes a form, opened by itself: a page with the way back, not the browser's own."""
        if wants_json(request):
            return refused
        message = _("Cette adresse sert seulement à envoyer un formulaire. Rouvrez la page où il était.")
        page = render(
            request, "errors/refused.html", {"message": message, "back": back_url(request)}, status=405
        )
        page["Allow"] = refused.headers["Allow"]
        return page

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, BusinessError):
            return None
        message = str(exception)
        if is_htmx(request):
            response = toast_response(message, status=exception.status, level="danger")
        elif wants_json(request):
            response = problem(exception.status, message, detail=message, field=exception.field)
        else:
            template = getattr(exception, "template", "errors/refused.html")
            response = render(
                request, template, {"message": message, "back": back_url(request)}, status=exception.status
            )
        retry_after = getattr(exception, "retry_after", 0)
        if retry_after:
            response["Retry-After"] = str(retry_after)
        return response


class NulMiddleware:
    """400 for an address or a form that holds the character NUL: nobody types it, and PostgreSQL keeps it nowhere.

    After the CSRF check, which has read the form. Programs are told by the interfaces themselves, each by its rules.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: dict[str, object]
    ) -> None:
        """Raises :class:`BadRequest`, for the page of the house."""
        if request.path.startswith(PROGRAMS):
            return
        # Files are no part of these; a body that is no form has none.
        for sent in (request.GET, request.POST):
            for name, values in sent.lists():
                if "\0" in name or any("\0" in str(value) for value in values):
                    raise BadRequest("a NUL character in what was sent")
        if any("\0" in str(value) for value in kwargs.values()):
            raise BadRequest("a NUL character in the address")


class CrossedLocksMiddleware:
    """Two desks that lock the same rows in another order: PostgreSQL ends one of the two, and its act is done again.

    What was ended wrote nothing, for an act is one transaction, and a form that is sent twice counts once; so the view
    is asked again, with the same request, twice at most. On SQLite one writes at a time: this never happens.
    """

    MOST = 2

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponseBase | None:
        """The answer of the same view, asked again; ``None`` leaves every other error as it is."""
        match = request.resolver_match
        for _again in range(self.MOST):
            if match is None or not is_crossed_locks(exception):
                return None
            try:
                answer: HttpResponseBase = match.func(request, *match.args, **match.kwargs)
            except OperationalError as error:
                exception = error
            except BusinessError as refusal:  # whoever was first has what was wanted
                return BusinessErrorMiddleware(self.get_response).process_exception(request, refusal)
            else:
                return answer
        return None


def is_crossed_locks(error: Exception) -> bool:
    """Whether PostgreSQL ended a transaction because it and another waited for each other (SQLSTATE 40P01)."""
    return isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", "") == "40P01"


class PrivateCacheMiddleware:
    """Nothing is kept by a browser or a proxy unless its view said otherwise.

    A desk is shared, and a signed link shows a person's facts without any session: after signing out, "back" must
    not show a file.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            response["Cache-Control"] = "private, no-store"
        return response
