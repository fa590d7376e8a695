"""What the frame of every page needs to know about who looks at it."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def house(request: HttpRequest) -> dict[str, Any]:
    """The menu of the role, the site one works at, and the notices of the installation.

    ``menu``: entries with ``label icon url current badge wide end``; ``site``: the permanence one works at, or
    ``None``; ``sites_url``: where to change it; ``search_url``: where the search box of the top bar goes;
    ``me``: ``name role url`` of who is signed in; ``demonstration``: persons are invented; ``idle_minutes``.
    """
    return {
        "menu": [],
        "site": None,
        "sites_url": "",
        "search_url": "",
        "me": None,
        "demonstration": False,
        "home_url": "/",
        "idle_minutes": settings.IDLE_MINUTES,
    }
