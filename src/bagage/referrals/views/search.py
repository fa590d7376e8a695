"""A search among persons' names: sent by POST and kept in the session, since a name is never in an address."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest


@dataclass(frozen=True)
class KeptSearch:
    """What is searched at present on a page; ``is_new`` when it was just sent, and the page is to be read again."""

    text: str
    is_new: bool


def kept_search(request: HttpRequest, name: str) -> KeptSearch:
    """Read or keep what is searched on the page ``name``; an empty search takes it away."""
    place = f"referrals.search.{name}"
    if request.method == "POST":
        text = request.POST.get("q", "").replace("\x00", "").strip()[:100]
        if text:
            request.session[place] = text
        else:
            request.session.pop(place, None)
        return KeptSearch(text, True)
    return KeptSearch(str(request.session.get(place, "")), False)
