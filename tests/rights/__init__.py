"""Who gets what at every address: personas × URL names, each tried, nothing left out.

How to add a row
----------------
Each activity has ``tests/rights/<app>.py`` with ``ROWS``: the name of a URL (as ``reverse`` takes it) to a
:class:`Row`, or to a list of them (GET and POST, another object). A URL without a row fails. ::

    from tests.rights import Row

    ROWS = {
        # The file of the person of the world: its permanence's readers, and those who lead the network.
        "people:person": Row(
            kwargs=lambda world: {"uuid": world.person.uuid},
            expected={
                "here": 200, "volunteer_here": 404, "referrer_here": 404, "logistics_here": 403,
                "elsewhere": 404, "network": 200,
            },
        ),
        # A page for anyone.
        "common:help": Row(public=True, expected={"everyone": 200}),
        # A form that is sent.
        "permanences:walk_in": Row(
            method="post",
            data=lambda world: {"site": world.site_a.uuid, "first_name": "Aïcha", "key": "rights"},
            expected={"here": 302, "referrer_here": 403, "logistics_here": 403, "elsewhere": 404, "network": 302},
        ),
    }

``expected`` is read from the most precise key to the widest: the persona (``"adviser_here"``), the role wherever
(``"adviser"``), the place (``"here"``, ``"elsewhere"``, ``"network"``), ``"everyone"``. A value is a status or a set.
Without a key of their own, ``"anonymous"`` and ``"closed"`` are expected to be sent to the sign-in page (302,
or 204 and a header for htmx), unless the row is ``public``; then they are part of ``"everyone"``. A persona that no
key covers fails.

Each persona tries the row on the world as it was: what one writes is rolled back. ``kwargs``, ``data`` and ``query``
get the :class:`~tests.rights.world.World` (its person is followed at permanence A, "here") and may write what they
need: it is made once, before the first persona. Roll call: :data:`~tests.rights.world.PERSONAS`.

Whatever the status, an answer to someone ``elsewhere``, anonymous or with a closed account may hold none of the
person's names, phone or words (:data:`~tests.rights.world.SECRETS`), nor may a refusal to anybody. ``may_name`` lists
the personas for whom that is meant all the same (a signed link, held by who has no account).
"""

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from tests.rights.world import ANONYMOUS, CLOSED, World, place_of

Status = int | set[int] | frozenset[int]


def _nothing(world: World) -> dict[str, Any]:
    return {}


@dataclass(frozen=True)
class Row:
    """What one request gives to each persona; see the module."""

    expected: Mapping[str, Status]
    kwargs: Callable[[World], dict[str, Any]] = _nothing
    data: Callable[[World], dict[str, Any]] = _nothing
    query: Callable[[World], dict[str, Any]] = _nothing
    method: str = "get"
    headers: Mapping[str, str] = field(default_factory=dict)
    public: bool = False
    may_name: frozenset[str] | set[str] = frozenset()

    def status_for(self, persona: str) -> frozenset[int] | None:
        """The statuses expected for a persona; None when no key covers her."""
        keys = [persona, persona.rpartition("_")[0], place_of(persona), "everyone"]
        if persona in {ANONYMOUS, CLOSED}:
            keys = [persona, *(["everyone"] if self.public else [])]
            if not self.public and persona not in self.expected:
                # htmx cannot follow a redirect out of its fragment: it is told to open the sign-in page.
                return frozenset({204 if "hx-request" in self.headers else 302})
        for key in keys:
            if key and key in self.expected:
                status = self.expected[key]
                return frozenset({status}) if isinstance(status, int) else frozenset(status)
        return None


def all_rows() -> dict[str, list[Row]]:
    """The table, from every module beside this one that holds ``ROWS``."""
    table: dict[str, list[Row]] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name == "world" or module.name.startswith("test_"):
            continue
        rows = importlib.import_module(f"{__name__}.{module.name}").ROWS
        for name, row in rows.items():
            assert name not in table, f"{name} is in two files of tests/rights"
            table[name] = list(row) if isinstance(row, list | tuple) else [row]
    return table


# Redirections that allauth keeps for addresses of its older versions.
LEGACY = {"social/login/cancelled/", "social/login/error/", "social/signup/", "social/connections/"}


def url_names(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Every URL with its full name; a URL without a name comes as its pattern in ``<>``."""
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            inner = ":".join(part for part in (namespace, entry.namespace) if part)
            yield from url_names(entry, inner)
        elif f"{namespace}{entry.pattern}" not in LEGACY:
            name = entry.name or f"<{entry.pattern}>"
            yield (f"{namespace}:{name}" if namespace else name), entry
