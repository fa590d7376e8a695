"""What every page is given: the menu of the role, the site, the search, the ribbon of the demonstration."""

from typing import Any

from django.http import HttpRequest


def house(request: HttpRequest) -> dict[str, Any]:
    """Menu, current site, where search goes, whether this is the demonstration network."""
    return {"menu": [], "site": None, "sites": [], "search_url": "", "demonstration": False, "home_url": "/"}
