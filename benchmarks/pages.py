"""The staff pages that are measured, each as the role that opens it most.

``kwargs`` finds in the network what the page shows: the first one will do. A page whose URL does not exist is an error:
this list follows the product.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bagage.accounts.domain.roles import Role


@dataclass(frozen=True)
class Page:
    """One address as one role sees it. ``name`` is what ``reverse`` takes."""

    name: str
    role: Role
    kwargs: Callable[[], dict[str, Any]] = dict
    query: str = ""


PAGES: list[Page] = []
