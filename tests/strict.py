"""A test client that refuses pages no browser should get: inline code, unrendered templates, names in addresses."""

import re
from html.parser import HTMLParser
from typing import Any

from django.http.response import HttpResponseBase
from django.test import Client

# Attributes that hold code, and elements whose content is code: our Content-Security-Policy would block them all.
_EVENT = re.compile(r"^on[a-z]+$")
_SCRIPT_ADDRESS = re.compile(r"^\s*javascript:", re.IGNORECASE)
_UNRENDERED = re.compile(r"\{\{|\}\}|\{%|%\}|\{#")
# A translation whose variable was lost.
_LOST_VARIABLE = re.compile(r"%\([a-z_]+\)[sd]")
# Data for a script is not code.
_DATA_TYPES = {"application/json", "application/ld+json"}


class _Page(HTMLParser):
    """Collects what is wrong with a page."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []
        self._inside = ""
        self._ids: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self._inside = ""
        if len(values) != len(attrs):
            self.wrong.append(f"<{tag}> has an attribute twice: {[name for name, _ in attrs]}")
        if tag == "script" and "src" not in values and values.get("type") not in _DATA_TYPES:
            self.wrong.append("an inline <script>")
        if tag == "style":
            self.wrong.append("a <style> element")
        if tag in {"script", "style"}:
            self._inside = tag
        for name, value in attrs:
            if name == "style":
                self.wrong.append(f"<{tag} style={value!r}>")
            if _EVENT.match(name) or (name.startswith("hx-on")):
                self.wrong.append(f"<{tag} {name}=…>")
            if name in {"href", "src", "action"} and _SCRIPT_ADDRESS.match(value or ""):
                self.wrong.append(f"<{tag} {name}={value!r}>")
            if value and (_UNRENDERED.search(value) or _LOST_VARIABLE.search(value)):
                self.wrong.append(f"<{tag} {name}={value!r}> was not rendered")
        identity = values.get("id")
        if identity:
            if identity in self._ids:
                self.wrong.append(f"id={identity!r} twice")
            self._ids.add(identity)

    def handle_endtag(self, tag: str) -> None:
        self._inside = ""

    def handle_data(self, data: str) -> None:
        if not self._inside and (_UNRENDERED.search(data) or _LOST_VARIABLE.search(data)):
            self.wrong.append(f"was not rendered: {data.strip()[:120]!r}")


def problems(html: str) -> list[str]:
    """What a strict browser or a reader would stumble on in a page or a fragment; empty when all is well."""
    page = _Page()
    page.feed(html)
    page.close()
    return page.wrong


class StrictClient(Client):
    """Django's test client; every HTML answer is looked at."""

    def request(self, **request: Any) -> HttpResponseBase:  # type: ignore[override]
        response = super().request(**request)
        if response.headers.get("Content-Type", "").startswith("text/html") and not response.streaming:
            wrong = problems(response.content.decode(response.charset))
            assert not wrong, f"{request.get('PATH_INFO')}: " + "; ".join(wrong)
        return response
