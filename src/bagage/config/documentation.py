"""A page that says what programs may ask, made of the descriptions of the interfaces themselves; no script."""

from __future__ import annotations

import json
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from bagage.config.rest import api, hsds


@require_safe
@login_not_required
def page(request: HttpRequest) -> HttpResponse:
    """Each address with its parameters and its answers, and where the OpenAPI documents are."""
    interfaces = [
        {
            "title": each.title,
            "words": each.description,
            "openapi": reverse(f"{each.urls_namespace}:openapi-json"),
            "addresses": addresses(each.get_openapi_schema()),
        }
        for each in (api, hsds)
    ]
    return render(request, "common/programs.html", {"interfaces": interfaces})


def addresses(schema: Any) -> list[dict[str, Any]]:
    """The addresses of an OpenAPI document, in its order, as a page shows them."""
    found = []
    for path, methods in schema["paths"].items():
        for method, said in methods.items():
            found.append(
                {
                    "method": method.upper(),
                    "path": path,
                    "summary": said.get("summary", ""),
                    "words": said.get("description", ""),
                    "is_open": not said.get("security"),
                    "parameters": [_parameter(each) for each in said.get("parameters", [])],
                    "answers": [
                        {"status": status, "words": answer.get("description", "")}
                        for status, answer in said.get("responses", {}).items()
                    ],
                }
            )
    return found


def _parameter(said: dict[str, Any]) -> dict[str, Any]:
    schema = said.get("schema", {})
    many = schema.get("type") == "array"
    inner = schema.get("items", {}) if many else schema
    example = next(iter(inner.get("examples", [])), None)
    return {
        "name": said["name"],
        "words": said.get("description", ""),
        "type": inner.get("format") or inner.get("type", ""),
        "is_many": many,
        "is_required": said.get("required", False),
        "choices": inner.get("enum", []),
        "example": example if example is None or isinstance(example, str) else json.dumps(example),
        "default": schema.get("default"),
    }
