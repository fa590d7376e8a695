"""How a refusal is told to a browser, to htmx and to a program; what may stay in a cache."""

import json

import pytest
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.test import RequestFactory
from django.urls import ResolverMatch

from bagage.common import links
from bagage.common.errors import BusinessError, Conflict, TooMany
from bagage.common.middleware import (
    BusinessErrorMiddleware,
    CrossedLocksMiddleware,
    PrivateCacheMiddleware,
    back_url,
    toast_response,
)
from bagage.common.ratelimit import AskedTooOften
from tests.strict import problems

pytestmark = pytest.mark.django_db

MESSAGE = "Vente impossible : le plafond de 30 € est atteint."


def refused(error: Exception, **headers: str) -> HttpResponse:
    """What a view that raises the error answers."""
    request = RequestFactory().post("/sell/", headers=headers)
    answer = BusinessErrorMiddleware(lambda _request: HttpResponse()).process_exception(request, error)
    assert answer is not None
    return answer


@pytest.mark.parametrize(
    ("error", "status"),
    [(BusinessError(MESSAGE), 422), (Conflict(MESSAGE), 409), (TooMany(MESSAGE), 429)],
)
def test_refusal_to_htmx_is_a_toast_and_swaps_nothing(error: BusinessError, status: int) -> None:
    answer = refused(error, hx_request="true")
    assert answer.status_code == status
    assert answer["HX-Reswap"] == "none"
    assert answer["HX-Trigger"].isascii()
    assert json.loads(answer["HX-Trigger"]) == {"toast": {"message": MESSAGE, "level": "danger"}}


def test_refusal_to_a_program_is_a_problem_document() -> None:
    answer = refused(BusinessError(MESSAGE, field="amount"), accept="application/json")
    assert answer["Content-Type"] == "application/problem+json"
    assert json.loads(answer.content) == {
        "type": "about:blank",
        "title": MESSAGE,
        "status": 422,
        "detail": MESSAGE,
        "errors": [{"pointer": "#/amount", "detail": MESSAGE}],
    }


def test_address_of_a_form_opened_by_itself_is_a_page_with_the_way_back() -> None:
    def opened(method: str = "get", **headers: str) -> HttpResponse:
        request = getattr(RequestFactory(), method)("/sell/", headers=headers)
        return BusinessErrorMiddleware(lambda _request: HttpResponseNotAllowed(["POST"]))(request)  # type: ignore[return-value]

    answer = opened(referer="http://testserver/people/")
    page = answer.content.decode()
    assert (answer.status_code, answer["Allow"]) == (405, "POST")
    assert "sert seulement à envoyer un formulaire" in page
    assert 'href="http://testserver/people/"' in page
    assert problems(page) == []
    assert opened(accept="application/json").content == b""
    assert opened(hx_request="true").content == b""
    assert opened("put").content == b""


def test_refusal_to_a_browser_is_a_page_with_the_way_back() -> None:
    answer = refused(Conflict(MESSAGE), referer="http://testserver/people/")
    page = answer.content.decode()
    assert answer.status_code == 409
    assert MESSAGE in page
    assert 'href="http://testserver/people/"' in page
    assert problems(page) == []


def test_refusal_says_when_to_try_again() -> None:
    answer = refused(AskedTooOften(150))
    assert answer["Retry-After"] == "150"
    assert "Réessayez dans 2 min." in answer.content.decode()


def test_refused_link_has_a_page_of_its_own() -> None:
    answer = refused(links.LinkExpired())
    assert answer.status_code == 404
    assert "Ce lien n’est plus valable" in answer.content.decode()


@pytest.mark.parametrize(
    "referer", ["https://elsewhere.example/people/", "//elsewhere.example/", "javascript:x", ""]
)
def test_back_never_leads_elsewhere(referer: str) -> None:
    assert back_url(RequestFactory().get("/", headers={"referer": referer})) == ""


@pytest.mark.parametrize("error", [ValueError(MESSAGE), Http404(MESSAGE)])
def test_other_errors_are_left_alone(error: Exception) -> None:
    middleware = BusinessErrorMiddleware(lambda _request: HttpResponse())
    assert middleware.process_exception(RequestFactory().get("/"), error) is None


def test_toast_response_changes_nothing_on_the_page() -> None:
    answer = toast_response("Yusuf est appelé.")
    assert (answer.status_code, answer["HX-Reswap"]) == (204, "none")
    assert json.loads(answer["HX-Trigger"])["toast"] == {"message": "Yusuf est appelé.", "level": "success"}


def test_nothing_is_kept_unless_the_view_says_so() -> None:
    def plain(request: HttpRequest) -> HttpResponse:
        return HttpResponse()

    def public(request: HttpRequest) -> HttpResponse:
        return HttpResponse(headers={"Cache-Control": "public, max-age=60"})

    request = RequestFactory().get("/")
    assert PrivateCacheMiddleware(plain)(request)["Cache-Control"] == "private, no-store"
    assert PrivateCacheMiddleware(public)(request)["Cache-Control"] == "public, max-age=60"


# ---------- crossed locks ----------
class Ended(Exception):
    """What psycopg raises when PostgreSQL ends one of two transactions that wait for each other."""

    sqlstate = "40P01"


def crossed(*, times: int, sqlstate: str = "40P01") -> tuple[list[str], HttpResponse | None]:
    """A view that is ended ``times`` times, as the middleware meets it: what was asked of it, what it answered."""
    asked: list[str] = []

    def ended() -> OperationalError:
        error = OperationalError("deadlock detected")
        error.__cause__ = type("Ended", (Ended,), {"sqlstate": sqlstate})()
        return error

    def view(request: HttpRequest, code: str) -> HttpResponse:
        asked.append(code)
        if len(asked) < times:
            raise ended()
        return HttpResponse(f"{code} {request.POST['key']}")

    request = RequestFactory().post("/sell/", {"key": "once"})
    request.resolver_match = ResolverMatch(view, (), {"code": "B7K"})
    answer = CrossedLocksMiddleware(lambda _request: HttpResponse()).process_exception(request, ended())
    return asked, answer


def test_an_act_that_crossed_another_is_done_again() -> None:
    asked, answer = crossed(times=1)
    assert asked == ["B7K"]
    assert answer is not None
    assert answer.content == b"B7K once"
    asked, answer = crossed(times=2)
    assert asked == ["B7K", "B7K"]
    assert answer is not None


def test_an_act_that_crosses_again_and_again_is_an_error() -> None:
    assert crossed(times=9) == (["B7K", "B7K"], None)


def test_another_error_of_the_database_is_left_as_it_is() -> None:
    assert crossed(times=1, sqlstate="57014") == ([], None)


def test_an_act_that_crossed_another_and_came_second_is_refused_as_ever() -> None:
    def view(request: HttpRequest) -> HttpResponse:
        raise Conflict(MESSAGE)

    request = RequestFactory().post("/sell/", headers={"hx-request": "true"})
    request.resolver_match = ResolverMatch(view, (), {})
    error = OperationalError("deadlock detected")
    error.__cause__ = Ended()
    answer = CrossedLocksMiddleware(lambda _request: HttpResponse()).process_exception(request, error)
    assert answer is not None
    assert answer.status_code == 409
