"""Fair connection for programs: the same answers and the same refusals as the command. Nothing is kept."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from ninja import Router

from bagage.accounts.models import User
from bagage.common.deadline import either, out_of_time_after
from bagage.common.middleware import problem
from bagage.common.ratelimit import limit
from bagage.connection.domain.advise import advise
from bagage.connection.domain.exchange import read_json, write_answer
from bagage.connection.domain.programme import (
    CONDITIONS,
    RESOURCES,
    Problem,
    Programme,
    Refused,
    read_person,
    read_programme,
)
from bagage.connection.permissions import can_read_catalogue
from bagage.connection.queries.kept import programme_today

LARGEST_BODY = 1_000_000
RATE = "120/m/key"

router = Router(tags=["connection"])

MONEY = {"type": "string", "pattern": r"^-?\d+\.\d{2}$", "examples": ["10.83"]}
MAYBE_MONEY = {"oneOf": [MONEY, {"type": "null"}]}
AMOUNT = {"type": "integer", "minimum": 0}
BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/json": {
            "schema": {
                "type": "object",
                "required": ["person"],
                "additionalProperties": False,
                "properties": {
                    "offers": {
                        "type": "object",
                        "description": "A programme file; without it, the catalogue of this installation on this day.",
                    },
                    "person": {
                        "type": "object",
                        "required": ["usage"],
                        "additionalProperties": False,
                        "properties": {
                            "usage": {
                                "type": "object",
                                "description": "What she uses in 30 days.",
                                "properties": dict.fromkeys(RESOURCES, AMOUNT),
                            },
                            "has": {"type": "array", "items": {"enum": list(CONDITIONS)}},
                            "max_payment": MAYBE_MONEY,
                            "already_bought": MONEY,
                            "current": {
                                "oneOf": [
                                    {
                                        "type": "object",
                                        "required": ["pays_per_month"],
                                        "properties": {"pays_per_month": MONEY, "commitment_owed": MONEY},
                                    },
                                    {"type": "null"},
                                ]
                            },
                            "horizon_days": {
                                "type": "integer",
                                "minimum": 1,
                                "maximum": 360,
                                "default": 90,
                            },
                        },
                    },
                },
            }
        }
    },
}
PROBLEM = {"content": {"application/problem+json": {"schema": {"type": "object"}}}}
RESPONSES = {
    200: {
        "description": "The answer",
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": [
                        "best", "ranking", "closed", "unserved", "to_check", "premium", "saving", "against_today",
                    ],
                    "properties": {
                        "best": {"oneOf": [{"type": "object"}, {"type": "null"}]},
                        **{
                            name: {"type": "array", "items": {"type": "object"}}
                            for name in ("ranking", "closed", "unserved", "to_check")
                        },
                        "premium": {"type": "object"},
                        "saving": MAYBE_MONEY,
                        "against_today": {"oneOf": [{"type": "object"}, {"type": "null"}]},
                    },
                }
            }
        },
    },
    400: {"description": "Not JSON", **PROBLEM},
    401: {"description": "No account", **PROBLEM},
    403: {"description": "Not for this account", **PROBLEM},
    413: {"description": "Larger than 1 MB", **PROBLEM},
    415: {"description": "Not application/json", **PROBLEM},
    422: {"description": "Breaks a rule: `problems` names the place and the rule of each", **PROBLEM},
    429: {"description": "Asked too often; Retry-After says when to ask again", **PROBLEM},
}  # fmt: skip


@router.post(
    "/advice",
    url_name="connection_advice",
    summary="What a person can really have, and what it costs her",
    openapi_extra={"requestBody": BODY, "responses": RESPONSES},
)
def connection_advice(request: HttpRequest) -> HttpResponse:
    """The answer for one person on the programme that is sent, or on the catalogue of this installation today.

    Nothing is kept. Where the optimum is not proven in time, `proven` is false and `at_least` a proven bound.
    """
    # Set by the library on the request, which Django's type does not know.
    user: User = request.auth  # type: ignore[attr-defined]
    if not can_read_catalogue(user):
        raise PermissionDenied("This account has no role that reads the catalogue.")
    limit(request, "api_advice", RATE, key=str(user.uuid))
    if request.content_type != "application/json":
        return problem(415, "The body must be application/json.")
    # Said before the body is read; without a length the server reads none.
    length = str(request.META.get("CONTENT_LENGTH") or "0")
    if not length.isdecimal() or int(length) > LARGEST_BODY:
        return problem(413, f"The body is larger than {LARGEST_BODY // 10**6} MB.")
    try:
        data = read_json(request.body, where="body")
    except Refused as refused:
        return broken(400, "The body cannot be read as JSON.", refused)
    try:
        programme, person = read_question(data)
    except Refused as refused:
        return broken(422, "The question breaks a rule.", refused)
    whole = out_of_time_after(settings.ADVICE_BUDGET_SECONDS)
    answer = advise(
        programme,
        person,
        out_of_time=whole,
        start_the_rest=lambda: either(whole, out_of_time_after(settings.ADVICE_REST_SECONDS)),
    )
    return HttpResponse(write_answer(answer.as_json()), content_type="application/json")


def read_question(data: object) -> tuple[Programme, Any]:
    """The programme and the person of a body. Refused: every problem of both."""
    if not isinstance(data, dict):
        raise Refused([Problem("body", "", "object", "an object with named values is needed")])
    problems = [
        Problem("body", key, "unknown_key", "unknown key; known are offers, person")
        for key in data
        if key not in {"offers", "person"}
    ]
    programme = person = None
    try:
        programme = installed_programme() if data.get("offers") is None else read_programme(data["offers"])
    except Refused as refused:
        problems += refused.problems
    try:
        person = read_person(data.get("person"))
    except Refused as refused:
        problems += refused.problems
    if problems or programme is None or person is None:
        raise Refused(problems)
    return programme, person


def installed_programme() -> Programme:
    """What is on sale today in the catalogue of this installation. Refused when nothing is."""
    programme = programme_today(timezone.localdate())
    if not programme.lines:
        raise Refused(
            [Problem("offers", "", "empty", "the catalogue of this installation has nothing on sale")]
        )
    return programme


def broken(status: int, title: str, refused: Refused) -> HttpResponse:
    """The problem document that names each broken rule and its place."""
    named = [
        {"where": each.where, "place": each.place, "rule": each.rule, "code": each.code}
        for each in refused.problems
    ]
    return problem(status, title, detail=str(refused), problems=named)
